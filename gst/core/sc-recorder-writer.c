/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A lane's writer thread: opens the target, then from the ring to the target. */
#include "sc-recorder-private.h"

#include "sc-clock.h"
#include "sc-crc32c.h"

/* One call writes no more into the page cache, as filesink does by default.  The
 * cache takes pages as large as the write; blocks of 128 KiB and more are what a
 * host takes back of a virtual machine's free memory, and touching them again
 * took ten times as long as the copy (docs/performance.md). */
#define WRITE_MAX SC_BYTE_RING_RECORD_MAX

/* A writer that keeps up would be woken for each buffer, and write each by
 * itself: it lets so much come together, for so long at most. */
#define GATHER_BYTES (256u * 1024)
#define GATHER_TIME 5000000u    /* ns */

static uint64_t
below (const ScByteRun * run, uint64_t end)
{
  if (run->offset >= end)
    return 0;
  return run->size < end - run->offset ? run->size : end - run->offset;
}

static uint32_t
checksum (const struct iovec *iov, int count)
{
  uint32_t crc = 0;

  for (int i = 0; i < count; i++)
    crc = sc_crc32c (crc, iov[i].iov_base, iov[i].iov_len);
  return crc;
}

/* What lies below the part's base goes to its journal, what lies below its
 * highest byte is an overwrite, the rest is appended.  What was rewritten on both
 * sides of the base is in the journal as a whole, besides.  @rewritten: (out):
 * bytes that were not appended */
static int
write_run (ScLane * lane, ScByteRun * run, uint64_t * rewritten,
    ScFault * fault)
{
  ScTarget *target = &lane->target;
  uint64_t redo = below (run, lane->base), overlap;
  struct iovec first[2];
  int parts, ret;

  *rewritten = below (run, lane->base
      + atomic_load_explicit (&target->high_water, memory_order_relaxed));
  overlap = *rewritten - redo;
  if (redo > 0) {
    ScByteRun whole = *run;

    parts = sc_byte_run_cut (&whole, *rewritten, first);
    ret = sc_target_redo (target, first, parts, run->offset, fault);
    (void) sc_byte_run_cut (run, redo, first);
    if (ret < 0 || run->size == 0)
      return ret;
  }
  if (overlap > 0) {
    uint64_t offset = run->offset - lane->base;

    parts = sc_byte_run_cut (run, overlap, first);
    ret = sc_target_overwrite (target, first, parts, offset, overlap, fault);
    if (ret < 0 || run->size == 0)
      return ret;
  }
  if (*rewritten > 0)
    run->crc = checksum (run->iov, run->iov_count);
  return sc_target_append (target, run->iov, run->iov_count,
      run->offset - lane->base, run->size, run->crc, fault);
}

/* What a part before has said need not be said again: the base is the end of what
 * was durable there. */
static int
write_gap (ScLane * lane, const ScGap * gap, ScFault * fault)
{
  uint64_t end = gap->offset + gap->size;
  ScGap here = *gap;

  if (end <= lane->base)
    return 0;
  if (here.offset < lane->base)
    here.offset = lane->base;
  here.size = end - here.offset;
  here.offset -= lane->base;
  return sc_target_leave_out (&lane->target, &here, fault);
}

/* The sync thread is woken only where it may have to act, so that it sleeps
 * through the writes of an interval.  @before: the written position before this
 * write */
static bool
sync_thread_wants (ScRecorder * self, uint64_t before)
{
  uint64_t synced, unreleased;

  /* Store-buffer (Dekker) pair with the fence in the sync thread's prepare:
   * either it sees our written position, or we see its `synced` and the request
   * here.  Without it both could miss, and the bytes stay unsynced. */
  atomic_thread_fence (memory_order_seq_cst);
  synced = atomic_load_explicit (&self->synced, memory_order_relaxed);
  if (synced >= before || sc_byte_ring_half_unreleased (&self->ring)
      || atomic_load_explicit (&self->requested, memory_order_relaxed) > synced)
    return true;
  unreleased = sc_byte_ring_unreleased (&self->ring);
  return unreleased >= sc_recorder_window (self)
      || (self->config.policy == SC_SYNC_BYTES
      && unreleased >= self->config.sync_bytes);
}

static void
count_write (ScRecorder * self, const ScLane * lane, bool writes, uint64_t end,
    uint64_t rewritten)
{
  atomic_fetch_add_explicit (&self->writes, writes, memory_order_relaxed);
  if (rewritten > 0) {
    atomic_fetch_add_explicit (&self->overwrites, 1, memory_order_relaxed);
    atomic_fetch_add_explicit (&self->overwritten_bytes, rewritten,
        memory_order_relaxed);
  }
  if (end > atomic_load_explicit (&self->size, memory_order_relaxed))
    atomic_store_explicit (&self->size, end, memory_order_relaxed);
  sc_recorder_note_journal (self, lane);
}

void
sc_recorder_note_journal (ScRecorder * self, const ScLane * lane)
{
  const _Atomic uint64_t *size = &lane->target.journal_bytes;
  uint64_t bytes;

  /* Both threads of a lane note it, each after it has made the journal grow: who
   * stores last has then seen the last size.  Sequentially consistent, that the
   * store is not behind the second look. */
  do {
    bytes = atomic_load (size);
    atomic_store (&self->journal_bytes, bytes);
  } while (bytes != atomic_load (size));
}

void
sc_recorder_note_room (ScRecorder * self, const ScLane * lane)
{
  const ScSpace *space = &lane->target.space;
  bool known = space->limit != SC_SPACE_UNKNOWN;

  if (lane->config.direct && lane->target.direct.fd < 0)
    atomic_store_explicit (&self->direct_refused, true, memory_order_relaxed);

  atomic_store_explicit (&self->space_left, sc_space_left (space),
      memory_order_relaxed);
  if (!known && sc_recorder_limit (self) == SC_SPACE_UNKNOWN)
    return;
  /* With another target the recording goes on there. */
  if (!lane->last)
    known = false;
  /* What nobody keeps for the end may turn out to be more than was seen. */
  atomic_store_explicit (&self->wall, known && !space->config.modest
      ? lane->base + space->room : SC_SPACE_UNKNOWN, memory_order_relaxed);
  /* Release: pairs with the acquire in sc_recorder_limit. */
  atomic_store_explicit (&self->limit, known ? lane->base + space->limit
      : SC_SPACE_UNKNOWN, memory_order_release);
}

/* Whether the next target has to take what goes beyond the room of this one. */
static bool
is_full (const ScLane * lane, uint64_t end, ScFault * fault)
{
  uint64_t limit = lane->target.space.limit;

  if (lane->last || limit == SC_SPACE_UNKNOWN || end <= lane->base + limit)
    return false;
  *fault = (ScFault) {.kind = SC_FAULT_SPACE,.error = -ENOSPC,.offset = limit };
  return true;
}

/* false: this lane writes no more */
static bool
write_next (ScRecorder * self, ScLane * lane, ScLaneThread who, ScByteRun * run)
{
  uint64_t position = sc_byte_ring_written_position (&self->ring);
  uint64_t began = sc_clock_now (), rewritten = 0;
  bool writes = run->size > 0;
  uint64_t end = run->offset + (writes ? run->size : run->gap.size);
  ScFault fault;
  int ret;

  if (!sc_lane_begin (lane, who))
    return false;
  sc_target_make_room (&lane->target, end > lane->base ? end - lane->base : 0);
  if (is_full (lane, end, &fault))
    ret = fault.error;
  else
    ret = writes ? write_run (lane, run, &rewritten, &fault)
        : write_gap (lane, &run->gap, &fault);
  if (!sc_lane_end (lane, who))
    return false;
  if (ret < 0) {
    sc_lane_fail (lane, who, &fault);
    return false;
  }
  sc_recorder_note_room (self, lane);
  sc_histogram_record (&self->write_latency, sc_clock_now () - began);
  count_write (self, lane, writes, end, rewritten);
  if (run->time != SC_BYTE_RING_NO_TIME)
    atomic_store_explicit (&self->running_time, run->time,
        memory_order_relaxed);
  sc_byte_ring_written (&self->ring, run->records);
  if (self->config.policy == SC_SYNC_NONE)
    sc_byte_ring_release (&self->ring, position + run->records);
  if (sync_thread_wants (self, position))
    sc_eventcount_notify (&self->sync_wake);
  return true;
}

static bool
restart (ScRecorder * self, ScLane * lane)
{
  ScFault fault;
  int ret;

  if (!sc_lane_begin (lane, SC_LANE_WRITER))
    return false;
  ret = sc_target_restart (&lane->target, &fault);
  if (!sc_lane_end (lane, SC_LANE_WRITER))
    return false;
  if (ret < 0) {
    sc_lane_fail (lane, SC_LANE_WRITER, &fault);
    return false;
  }
  lane->base = 0;
  sc_recorder_note_room (self, lane);
  sc_recorder_restarted (self);
  return true;
}

typedef enum
{
  WORK_WAIT,
  WORK_HOLD,                    /* until the disk has synced more */
  WORK_RUN,
  WORK_RESTART,
  WORK_END,
} Work;

typedef enum
{
  REST_NONE,
  REST_NAP,
  REST_SLEEP,
} Rest;

/* Whether the operating system holds as much as it can sync in good time. */
static bool
holds_back (ScRecorder * self)
{
  return self->config.policy != SC_SYNC_NONE
      && sc_byte_ring_unreleased (&self->ring) >= sc_recorder_window (self);
}

/* What is written over is joined only as far as one journal record goes, so that
 * none of the writes in it can be torn. */
static bool
peek (ScRecorder * self, const ScLane * lane, ScByteRun * run)
{
  uint64_t end = lane->base + atomic_load_explicit (&lane->target.high_water,
      memory_order_relaxed);
  uint64_t limit = lane->target.direct.fd >= 0 ? SC_TARGET_EXTENT_MAX
      : WRITE_MAX;

  if (!sc_byte_ring_peek (&self->ring, limit, run))
    return false;
  return below (run, end) <= SC_JOURNAL_OVERWRITE_MAX
      || sc_byte_ring_peek (&self->ring, SC_JOURNAL_OVERWRITE_MAX, run);
}

bool
sc_recorder_write_more (ScRecorder * self, ScLane * lane, ScLaneThread who)
{
  ScByteRun run;

  return peek (self, lane, &run) && write_next (self, lane, who, &run);
}

static Work
look_for_work (ScRecorder * self, ScLane * lane, ScByteRun * run)
{
  /* Read before the look into the ring: nothing is put after the end. */
  bool end = sc_recorder_ending (self) != SC_ENDING_NO
      || sc_recorder_has_failed (self);

  if (sc_lane_is_retired (lane) || sc_lane_has_failed (lane))
    return WORK_END;
  if (sc_recorder_restart_pending (self))
    return WORK_RESTART;
  if (holds_back (self))
    return WORK_HOLD;
  if (peek (self, lane, run))
    return WORK_RUN;
  return end ? WORK_END : WORK_WAIT;
}

static uint64_t
enough (const ScRecorder * self)
{
  uint64_t quarter = self->ring.data_size / 4;

  return quarter < GATHER_BYTES ? quarter : GATHER_BYTES;
}

/* Whether what there is may wait for more. */
static bool
may_gather (ScRecorder * self)
{
  /* Acquire, as in time_to_sync: who asks for a sync waits for it. */
  return self->config.policy != SC_SYNC_ON_REQUEST
      && sc_byte_ring_pending (&self->ring) < enough (self)
      && sc_recorder_ending (self) == SC_ENDING_NO
      && atomic_load_explicit (&self->requested, memory_order_acquire)
      <= sc_byte_ring_written_position (&self->ring);
}

/* From work to none the writer first rests for a moment, and is woken early
 * only where enough has come; then it sleeps until the next record, and gathers.
 * @rest: (inout) */
static Work
wait_for_work (ScRecorder * self, ScLane * lane, ScByteRun * run, Rest * rest)
{
  for (;;) {
    bool nap = *rest == REST_NAP;
    uint32_t key;
    Work work;

    sc_byte_ring_wake_at (&self->ring, nap ? enough (self) : 0);
    key = sc_eventcount_prepare (&self->ring.data_ready);
    work = look_for_work (self, lane, run);
    if (work == WORK_HOLD) {
      /* The sync thread says when it goes on, puts need not. */
      sc_byte_ring_wake_at (&self->ring, self->ring.data_size);
      (void) sc_eventcount_wait (&self->ring.data_ready, key, SC_WAIT_FOREVER);
    } else if (work != WORK_WAIT && !(nap && work == WORK_RUN
            && may_gather (self))) {
      sc_eventcount_cancel (&self->ring.data_ready);
      *rest = REST_NONE;
      return work;
    } else if (*rest == REST_NONE) {
      *rest = REST_NAP;         /* said before it looks once more */
    } else {
      (void) sc_eventcount_wait (&self->ring.data_ready, key,
          nap ? GATHER_TIME : SC_WAIT_FOREVER);
      *rest = nap ? REST_SLEEP : REST_NAP;
    }
  }
}

void *
sc_recorder_writer_thread (void *user_data)
{
  ScLane *lane = user_data;
  ScRecorder *self = lane->recorder;
  bool going = sc_recorder_open_lane (self, lane);
  Rest rest = REST_SLEEP;
  ScByteRun run;
  Work work;

  while (going && (work = wait_for_work (self, lane, &run, &rest)) != WORK_END)
    going = work == WORK_RESTART ? restart (self, lane)
        : write_next (self, lane, SC_LANE_WRITER, &run);
  /* Release: pairs with the sync thread's acquire: all writes come before. */
  atomic_store_explicit (&lane->writer_done, true, memory_order_release);
  /* Not retired and in no operation: the recorder waits for this thread. */
  if (!sc_lane_is_retired (lane))
    sc_eventcount_notify (&self->sync_wake);
  sc_lane_leave (lane, SC_LANE_WRITER);
  return NULL;
}
