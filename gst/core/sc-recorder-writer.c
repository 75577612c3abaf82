/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The recorder's writer thread: from the ring to the target. */
#include "sc-recorder-private.h"

#include "sc-clock.h"
#include "sc-crc32c.h"

static uint64_t
below (const ScRecorder * self, const ScByteRun * run)
{
  uint64_t end = atomic_load_explicit (&self->target.high_water,
      memory_order_relaxed);

  if (run->offset >= end)
    return 0;
  return run->size < end - run->offset ? run->size : end - run->offset;
}

/* Splits the vector at @size bytes; returns the parts of the first half. */
static int
split (struct iovec *iov, int count, uint64_t size, struct iovec first[2])
{
  int parts = 0;

  for (int i = 0; i < count && size > 0; i++) {
    size_t step = iov[i].iov_len < size ? iov[i].iov_len : (size_t) size;

    first[parts].iov_base = iov[i].iov_base;
    first[parts++].iov_len = step;
    iov[i].iov_base = (char *) iov[i].iov_base + step;
    iov[i].iov_len -= step;
    size -= step;
  }
  return parts;
}

static uint32_t
checksum (const struct iovec *iov, int count)
{
  uint32_t crc = 0;

  for (int i = 0; i < count; i++)
    crc = sc_crc32c (crc, iov[i].iov_base, iov[i].iov_len);
  return crc;
}

/* What lies below the highest byte is an overwrite, the rest is appended. */
static int
write_run (ScRecorder * self, ScByteRun * run, ScFault * fault)
{
  uint64_t overlap = below (self, run);
  struct iovec first[2];
  int parts, ret;

  if (overlap > 0) {
    parts = split (run->iov, run->iov_count, overlap, first);
    ret = sc_target_overwrite (&self->target, first, parts, run->offset,
        overlap, fault);
    if (ret < 0 || overlap == run->size)
      return ret;
    run->crc = checksum (run->iov, run->iov_count);
  }
  return sc_target_append (&self->target, run->iov, run->iov_count,
      run->offset + overlap, run->size - overlap, run->crc, fault);
}

/* The sync thread is woken only where it may have to act, so that it sleeps
 * through the writes of an interval.  @before: the written position before this
 * write */
static bool
sync_thread_wants (ScRecorder * self, uint64_t before)
{
  uint64_t synced;

  /* Store-buffer (Dekker) pair with the fence in the sync thread's prepare:
   * either it sees our written position, or we see its `synced` and the request
   * here.  Without it both could miss, and the bytes stay unsynced. */
  atomic_thread_fence (memory_order_seq_cst);
  synced = atomic_load_explicit (&self->synced, memory_order_relaxed);
  if (synced >= before || sc_byte_ring_half_unreleased (&self->ring)
      || atomic_load_explicit (&self->requested, memory_order_relaxed) > synced)
    return true;
  return self->config.policy == SC_SYNC_BYTES
      && sc_byte_ring_unreleased (&self->ring) >= self->config.sync_bytes;
}

static int
write_next (ScRecorder * self, ScByteRun * run, ScFault * fault)
{
  uint64_t began = sc_clock_now ();
  uint64_t position = sc_byte_ring_written_position (&self->ring);
  int ret = write_run (self, run, fault);

  if (ret < 0)
    return ret;
  sc_histogram_record (&self->write_latency, sc_clock_now () - began);
  atomic_fetch_add_explicit (&self->writes, 1, memory_order_relaxed);
  if (run->time != SC_BYTE_RING_NO_TIME)
    atomic_store_explicit (&self->running_time, run->time,
        memory_order_relaxed);
  sc_byte_ring_written (&self->ring, run->records);
  if (self->config.policy == SC_SYNC_NONE)
    sc_byte_ring_release (&self->ring, position + run->records);
  if (sync_thread_wants (self, position))
    sc_eventcount_notify (&self->sync_wake);
  return 0;
}

/* What is written over is joined only as far as one journal record goes, so that
 * none of the writes in it can be torn. */
static bool
peek (ScRecorder * self, ScByteRun * run)
{
  if (!sc_byte_ring_peek (&self->ring, SC_TARGET_EXTENT_MAX, run))
    return false;
  return below (self, run) <= SC_JOURNAL_OVERWRITE_MAX
      || sc_byte_ring_peek (&self->ring, SC_JOURNAL_OVERWRITE_MAX, run);
}

/* Waits for records; false at the end, when none is left. */
static bool
next_run (ScRecorder * self, ScByteRun * run)
{
  for (;;) {
    uint32_t key = sc_eventcount_prepare (&self->ring.data_ready);
    /* Read before the look into the ring: nothing is put after the end. */
    bool end = sc_recorder_ending (self) != SC_ENDING_NO;
    bool found = !sc_recorder_has_failed (self)
        && peek (self, run);

    if (found || end || sc_recorder_has_failed (self)) {
      sc_eventcount_cancel (&self->ring.data_ready);
      return found;
    }
    (void) sc_eventcount_wait (&self->ring.data_ready, key, SC_WAIT_FOREVER);
  }
}

void *
sc_recorder_writer_thread (void *user_data)
{
  ScRecorder *self = user_data;
  ScByteRun run;
  ScFault fault;

  while (next_run (self, &run)) {
    if (write_next (self, &run, &fault) < 0) {
      sc_recorder_fail (self, &fault);
      break;
    }
  }
  /* Release: pairs with the sync thread's acquire: all writes come before. */
  atomic_store_explicit (&self->writer_done, true, memory_order_release);
  sc_eventcount_notify (&self->sync_wake);
  return NULL;
}
