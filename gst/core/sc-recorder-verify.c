/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Verification by a lane's sync thread.  Rolling: what has just been made durable
 * is read back from the disk and compared with the ring, where it still is.  A
 * record that was rewritten since, or is being rewritten, is left to the record
 * that did it.  What is wrong is written once more from memory, synced and read
 * again.
 */
#include "sc-recorder-private.h"

#include "sc-clock.h"
#include "sc-recovery.h"

#include <fcntl.h>
#include <string.h>

#define BLOCK UINT64_C (4096)

/* What was read last. */
typedef struct
{
  uint8_t *data;
  uint64_t offset;
  uint64_t size;
} Window;

static int
open_reader (ScTarget * target)
{
  const ScTargetConfig *config = &target->config;
  const ScFileOps *ops = config->ops;
  int fd = ops->open (ops, config->path, O_RDONLY | O_DIRECT, 0);

  target->reads_direct = fd >= 0;
  return fd >= 0 ? fd : ops->open (ops, config->path, O_RDONLY, 0);
}

/* Whole blocks, from the disk.  Past the page cache, or after it was told to
 * forget them. */
static int
fill (ScTarget * target, Window * window, uint64_t offset)
{
  const ScFileOps *ops = target->config.ops;
  ssize_t got;

  window->offset = offset / BLOCK * BLOCK;
  window->size = 0;
  if (!target->reads_direct)
    (void) sc_file_drop_cache (ops, target->read_fd, window->offset,
        SC_VERIFY_BUFFER);
  got = ops->pread (ops, target->read_fd, window->data, SC_VERIFY_BUFFER,
      window->offset);
  if (got < 0)
    return (int) got;
  window->size = (uint64_t) got;
  return 0;
}

/* 1: as in memory, 0: not, or -errno */
static int
is_right (ScTarget * target, Window * window, const ScByteRun * run,
    uint64_t offset, uint64_t skip)
{
  for (int i = 0; i < run->iov_count; i++) {
    const uint8_t *bytes = run->iov[i].iov_base;
    uint64_t size = run->iov[i].iov_len, from = skip < size ? skip : size;

    skip -= from;
    bytes += from;
    size -= from;
    while (size > 0) {
      uint64_t at = offset - window->offset, step;
      int ret = 0;

      if (offset < window->offset || at >= window->size) {
        ret = fill (target, window, offset);
        at = offset - window->offset;
      }
      if (ret < 0)
        return ret;
      if (at >= window->size)
        return 0;               /* the file is shorter */
      step = window->size - at < size ? window->size - at : size;
      if (memcmp (window->data + at, bytes, step) != 0)
        return 0;
      bytes += step;
      offset += step;
      size -= step;
    }
  }
  return 1;
}

/* Whether a later record touches the same bytes, put so far. */
static bool
is_rewritten (ScRecorder * self, uint64_t position, const ScByteRun * run)
{
  uint64_t head = sc_byte_ring_head (&self->ring);
  ScByteRun later;

  for (uint64_t p = position + 1; p < head; p++) {
    sc_byte_ring_look (&self->ring, p, &later);
    if (later.offset < run->offset + run->size
        && run->offset < later.offset + later.size)
      return true;
  }
  return false;
}

static int
write_again (ScTarget * target, const ScByteRun * run, uint64_t offset,
    uint64_t skip)
{
  const ScFileOps *ops = target->config.ops;
  struct iovec skipped[2];
  ScByteRun rest = *run;
  int ret;

  (void) sc_byte_run_cut (&rest, skip, skipped);
  ret = sc_file_write_all (ops, target->fd, rest.iov, rest.iov_count, offset);
  return ret < 0 ? ret : ops->datasync (ops, target->fd);
}

static int
fail (ScFault * fault, int error, uint64_t offset)
{
  *fault = (ScFault) {.kind = SC_FAULT_VERIFY,.error = error,.offset = offset };
  return error;
}

/* In an operation. */
static int
verify_record (ScRecorder * self, ScLane * lane, Window * window,
    uint64_t position, ScVerified * verified, ScFault * fault)
{
  ScTarget *target = &lane->target;
  uint64_t skip, offset;
  ScByteRun run;
  int ret;

  sc_byte_ring_look (&self->ring, position, &run);
  skip = run.offset < lane->base ? lane->base - run.offset : 0;
  if (skip >= run.size)
    return 0;                   /* it is in the journal alone */
  offset = run.offset + skip - lane->base;
  ret = is_right (target, window, &run, offset, skip);
  if (ret == 0 && is_rewritten (self, position, &run))
    return 0;
  if (ret == 0) {
    verified->wrong++;
    verified->wrong_offset = run.offset + skip;
    ret = write_again (target, &run, offset, skip);
    window->size = 0;
    if (ret == 0)
      ret = is_right (target, window, &run, offset, skip);
    if (ret == 0 && !is_rewritten (self, position, &run))
      return fail (fault, -EIO, offset);
    verified->repaired += ret == 1;
  }
  if (ret < 0)
    return fail (fault, ret, offset);
  verified->bytes += run.size - skip;
  return 0;
}

static void
count (ScRecorder * self, const ScVerified * verified, uint64_t took)
{
  sc_histogram_record (&self->verify_latency, took);
  atomic_fetch_add_explicit (&self->verified_bytes, verified->bytes,
      memory_order_relaxed);
  if (verified->wrong == 0)
    return;
  atomic_store_explicit (&self->wrong_offset, verified->wrong_offset,
      memory_order_relaxed);
  atomic_fetch_add_explicit (&self->repairs, verified->repaired,
      memory_order_relaxed);
  /* Release: pairs with the acquire of the stats: the offset is there. */
  atomic_fetch_add_explicit (&self->mismatches, verified->wrong,
      memory_order_release);
  sc_recorder_notify (self);
}

bool
sc_recorder_verify (ScRecorder * self, ScLane * lane, uint64_t to)
{
  ScTarget *target = &lane->target;
  uint64_t position = sc_byte_ring_released_position (&self->ring);
  uint64_t began = sc_clock_now ();
  Window window = {.data = (uint8_t *) target->config.memory
        + SC_VERIFY_BUFFER_AT };
  ScVerified verified = { 0 };
  ScFault fault;
  int ret = 0;

  if (position == to)
    return true;
  if (!sc_lane_begin (lane, SC_LANE_SYNCER))
    return false;
  if (target->read_fd < 0)
    target->read_fd = open_reader (target);
  if (target->read_fd < 0)
    ret = fail (&fault, target->read_fd, 0);
  for (; ret == 0 && position < to; position++)
    ret = verify_record (self, lane, &window, position, &verified, &fault);
  if (!sc_lane_end (lane, SC_LANE_SYNCER))
    return false;
  count (self, &verified, sc_clock_now () - began);
  if (ret < 0)
    sc_lane_fail (lane, SC_LANE_SYNCER, &fault);
  return ret == 0;
}

/* By the journal, which is synced: what it vouches for must be on the disk. */
static int
examine (ScLane * lane, ScFault * fault)
{
  const ScTargetConfig *config = &lane->target.config;
  ScRecoveryReport report;
  int ret;

  (void) sc_file_drop_cache (config->ops, lane->target.fd, 0, 0);
  ret = sc_recovery_examine (&report, config->ops, config->path,
      config->journal_path, NULL);
  if (ret < 0)
    return fail (fault, ret, 0);
  if (report.journal_error < 0)
    ret = fail (fault, report.journal_error, 0);
  else if (report.lost_below > 0 || report.lost_above > 0)
    ret = fail (fault, -EIO, report.right_prefix);
  sc_recovery_report_clear (&report);
  return ret;
}

bool
sc_recorder_verify_all (ScRecorder * self, ScLane * lane)
{
  uint64_t began = sc_clock_now ();
  ScFault fault;
  int ret;

  if (lane->target.config.journal_path == NULL)
    return true;
  sc_recorder_apply (self, SC_RECORDER_VERIFY);
  if (!sc_lane_begin (lane, SC_LANE_SYNCER))
    return false;
  ret = examine (lane, &fault);
  if (!sc_lane_end (lane, SC_LANE_SYNCER))
    return false;
  sc_histogram_record (&self->verify_latency, sc_clock_now () - began);
  if (ret < 0)
    sc_lane_fail (lane, SC_LANE_SYNCER, &fault);
  else
    atomic_fetch_add_explicit (&self->verified_bytes,
        atomic_load_explicit (&lane->target.high_water, memory_order_relaxed),
        memory_order_relaxed);
  return ret == 0;
}
