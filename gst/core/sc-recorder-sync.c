/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A lane's sync thread: the policy, the mark, and the target's end. */
#include "sc-recorder-private.h"

#include "sc-clock.h"

/* A sync of fewer bytes says little about how fast the disk is. */
#define TELLING_SYNC (1u << 20)

/* How long until a sync is due: 0 = now.  @since: the oldest byte that may be
 * unsynced was written at this time, at the earliest. */
static uint64_t
time_to_sync (ScRecorder * self, uint64_t since)
{
  uint64_t synced = atomic_load_explicit (&self->synced, memory_order_relaxed);
  uint64_t written = sc_byte_ring_written_position (&self->ring);
  uint64_t requested = atomic_load_explicit (&self->requested,
      memory_order_acquire);
  uint64_t now;

  if (requested > synced && written >= requested)
    return 0;
  if (written == synced || self->config.policy == SC_SYNC_NONE)
    return SC_WAIT_FOREVER;
  /* In every policy: memory must come free before the ring is full, and the
   * writer go on. */
  if (sc_byte_ring_half_unreleased (&self->ring)
      || sc_byte_ring_unreleased (&self->ring) >= sc_recorder_window (self))
    return 0;
  if (self->config.policy == SC_SYNC_ON_REQUEST)
    return SC_WAIT_FOREVER;
  if (self->config.policy == SC_SYNC_BYTES)
    return sc_byte_ring_unreleased (&self->ring) >= self->config.sync_bytes
        ? 0 : SC_WAIT_FOREVER;
  now = sc_clock_now ();
  return now - since >= self->config.sync_interval ? 0
      : self->config.sync_interval - (now - since);
}

static bool
writer_is_done (const ScLane * lane)
{
  /* Acquire: pairs with the release at the writer's end: its writes are made. */
  return atomic_load_explicit (&lane->writer_done, memory_order_acquire);
}

/* Sleeps until a sync is due or the writer has ended; false where the lane is
 * retired.  @since: (inout) */
static bool
wait_until_due (ScRecorder * self, ScLane * lane, uint64_t * since)
{
  for (;;) {
    uint32_t key = sc_eventcount_prepare (&self->sync_wake);
    bool idle = sc_byte_ring_written_position (&self->ring)
        == atomic_load_explicit (&self->synced, memory_order_relaxed);
    uint64_t wait = sc_lane_has_target (lane) ? time_to_sync (self, *since)
        : SC_WAIT_FOREVER;
    bool retired = sc_lane_is_retired (lane);

    if (wait == 0 || retired || writer_is_done (lane)) {
      sc_eventcount_cancel (&self->sync_wake);
      return !retired;
    }
    (void) sc_eventcount_wait (&self->sync_wake, key, wait);
    if (idle)
      *since = sc_clock_now ();
  }
}

static void
publish_mark (ScRecorder * self, ScLane * lane, uint64_t position,
    uint64_t durable)
{
  if (lane->target.config.sync)
    /* Release: pairs with the acquire in sc_recorder_durable(): whoever reads
     * the mark knows that the syncs it stands for have ended. */
    atomic_store_explicit (&self->durable, lane->base + durable,
        memory_order_release);
  atomic_store_explicit (&self->synced, position, memory_order_release);
  sc_eventcount_notify (&self->progress);
}

/* What is durable need not stay in memory; verified, where that is asked for. */
static bool
release (ScRecorder * self, ScLane * lane, uint64_t position)
{
  if (self->config.policy == SC_SYNC_NONE)
    return true;
  if (self->config.verify && !sc_recorder_verify (self, lane, position))
    return false;
  sc_byte_ring_release (&self->ring, position);
  sc_eventcount_notify (&self->ring.data_ready);        /* it may hold back */
  return true;
}

/* The operating system gets no more at a time than this disk, as fast as it was
 * just now, syncs in a quarter of write_timeout: else a slow disk that was given
 * a whole ring at once would look like one that hangs. */
static void
measure (ScRecorder * self, uint64_t bytes, uint64_t took)
{
  double window;

  if (self->config.write_timeout == 0 || bytes < TELLING_SYNC)
    return;
  window = (double) bytes / (double) (took + 1)
      * (double) self->config.write_timeout / 4;
  if (window < SC_RECORDER_WINDOW_MIN)
    window = SC_RECORDER_WINDOW_MIN;
  atomic_store_explicit (&self->window, window < (double) (UINT64_MAX / 2)
      ? (uint64_t) window : UINT64_MAX / 2, memory_order_relaxed);
}

typedef int (*SyncCall) (ScTarget *, uint64_t, uint64_t *, ScFault *);

/* Everything written before it begins is durable when it ends.  false: this lane
 * syncs no more */
static bool
sync_once (ScRecorder * self, ScLane * lane, SyncCall call)
{
  uint64_t position = sc_byte_ring_written_position (&self->ring);
  uint64_t bytes = sc_byte_ring_unreleased (&self->ring);
  uint64_t running_time = atomic_load_explicit (&self->running_time,
      memory_order_relaxed);
  uint64_t began = sc_clock_now (), durable, took;
  ScFault fault;
  int ret;

  if (!sc_lane_begin (lane, SC_LANE_SYNCER))
    return false;
  ret = call (&lane->target, running_time, &durable, &fault);
  if (!sc_lane_end (lane, SC_LANE_SYNCER))
    return false;
  /* Where the syncs went well and only the publishing failed, the mark is true
   * all the same. */
  if (ret < 0)
    sc_lane_fail (lane, SC_LANE_SYNCER, &fault);
  if (ret < 0 && durable == 0)
    return false;
  if (call == sc_target_sync || lane->target.config.sync) {
    took = sc_clock_now () - began;
    sc_histogram_record (&self->sync_latency, took);
    atomic_fetch_add_explicit (&self->syncs, 1, memory_order_relaxed);
    measure (self, bytes, took);
  }
  sc_recorder_note_journal (self, lane);
  publish_mark (self, lane, position, durable);
  return release (self, lane, position) && ret == 0;
}

/* What is verified is so before it is published. */
static void
finish_target (ScRecorder * self, ScLane * lane)
{
  bool verify = (self->config.verify || self->config.verify_close)
      && self->config.policy != SC_SYNC_NONE;

  if (verify && !sync_once (self, lane, sc_target_sync))
    return;
  if (verify && self->config.verify_close
      && !sc_recorder_verify_all (self, lane))
    return;
  (void) sync_once (self, lane, sc_target_finish);
}

/* The writer has ended: publish, or leave whole what stays for recovery.  What a
 * failed write left in the operating system is synced too. */
static void
end_target (ScRecorder * self, ScLane * lane)
{
  if (!sc_lane_has_target (lane))
    return;
  if (!sc_lane_has_failed (lane)
      && sc_recorder_ending (self) == SC_ENDING_FINISH)
    finish_target (self, lane);
  else if (self->config.policy != SC_SYNC_NONE
      && atomic_load_explicit (&self->synced, memory_order_relaxed)
      != sc_byte_ring_written_position (&self->ring))
    (void) sync_once (self, lane, sc_target_sync);
}

void *
sc_recorder_sync_thread (void *user_data)
{
  ScLane *lane = user_data;
  ScRecorder *self = lane->recorder;
  uint64_t since = sc_clock_now ();
  bool going = true;

  while ((going = going && wait_until_due (self, lane, &since))
      && !writer_is_done (lane)) {
    since = sc_clock_now ();
    going = sync_once (self, lane, sc_target_sync);
    if (!going && !sc_lane_is_retired (lane))
      sc_eventcount_notify (&self->ring.data_ready);    /* the writer ends too */
  }
  if (going)
    end_target (self, lane);
  sc_lane_leave (lane, SC_LANE_SYNCER);
  return NULL;
}
