/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The recorder's sync thread: the policy, the mark, and the recording's end. */
#include "sc-recorder-private.h"

#include "sc-clock.h"

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
  /* In every policy: memory must come free before the ring is full. */
  if (sc_byte_ring_half_unreleased (&self->ring))
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

/* Sleeps until a sync is due or the writer has ended.  @since: (inout) */
static void
wait_until_due (ScRecorder * self, uint64_t * since)
{
  for (;;) {
    uint32_t key = sc_eventcount_prepare (&self->sync_wake);
    bool idle = sc_byte_ring_written_position (&self->ring)
        == atomic_load_explicit (&self->synced, memory_order_relaxed);
    uint64_t wait = time_to_sync (self, *since);

    if (wait == 0 || sc_recorder_writer_is_done (self)) {
      sc_eventcount_cancel (&self->sync_wake);
      return;
    }
    (void) sc_eventcount_wait (&self->sync_wake, key, wait);
    if (idle)
      *since = sc_clock_now ();
  }
}

static void
publish_mark (ScRecorder * self, uint64_t position, uint64_t durable)
{
  if (self->target.config.sync)
    /* Release: pairs with the acquire in sc_recorder_durable(): whoever reads
     * the mark knows that the syncs it stands for have ended. */
    atomic_store_explicit (&self->durable, durable, memory_order_release);
  atomic_store_explicit (&self->synced, position, memory_order_release);
  if (self->config.policy != SC_SYNC_NONE)
    sc_byte_ring_release (&self->ring, position);
  sc_eventcount_notify (&self->progress);
}

/* Everything written before it begins is durable when it ends. */
static int
sync_once (ScRecorder * self, ScFault * fault)
{
  uint64_t position = sc_byte_ring_written_position (&self->ring);
  uint64_t running_time = atomic_load_explicit (&self->running_time,
      memory_order_relaxed);
  uint64_t began = sc_clock_now (), durable;
  int ret = sc_target_sync (&self->target, running_time, &durable, fault);

  /* Another thread's error stands for the whole target: nothing more is told
   * durable once it is known. */
  if (ret < 0 || sc_recorder_has_failed (self))
    return ret;
  sc_histogram_record (&self->sync_latency, sc_clock_now () - began);
  atomic_fetch_add_explicit (&self->syncs, 1, memory_order_relaxed);
  publish_mark (self, position, durable);
  return 0;
}

static int
finish_target (ScRecorder * self, ScFault * fault)
{
  uint64_t began = sc_clock_now (), durable;
  int ret = sc_target_finish (&self->target,
      atomic_load_explicit (&self->running_time, memory_order_relaxed),
      &durable, fault);

  /* Where the syncs went well and only the publishing failed, the mark is true
   * all the same. */
  if (ret < 0 && durable == 0)
    return ret;
  if (self->target.config.sync) {
    sc_histogram_record (&self->sync_latency, sc_clock_now () - began);
    atomic_fetch_add_explicit (&self->syncs, 1, memory_order_relaxed);
  }
  publish_mark (self, sc_byte_ring_written_position (&self->ring), durable);
  return ret;
}

/* The writer has ended: publish, or leave whole what stays for recovery. */
static void
end_recording (ScRecorder * self)
{
  ScFault fault;
  int ret = 0;

  if (!sc_recorder_has_failed (self)) {
    if (sc_recorder_ending (self) == SC_ENDING_FINISH)
      ret = finish_target (self, &fault);
    else if (self->config.policy != SC_SYNC_NONE
        && sc_byte_ring_head (&self->ring) > 0)
      ret = sync_once (self, &fault);
    if (ret < 0)
      sc_recorder_fail (self, &fault);
    else if (sc_recorder_ending (self) == SC_ENDING_FINISH)
      sc_recorder_apply (self, SC_RECORDER_DONE);
  }
  /* Release: pairs with the acquire in the waits. */
  atomic_store_explicit (&self->finished, true, memory_order_release);
  sc_eventcount_notify (&self->progress);
}

void *
sc_recorder_sync_thread (void *user_data)
{
  ScRecorder *self = user_data;
  uint64_t since = sc_clock_now ();
  ScFault fault;

  for (;;) {
    wait_until_due (self, &since);
    if (sc_recorder_writer_is_done (self))
      break;
    since = sc_clock_now ();
    if (sync_once (self, &fault) < 0) {
      sc_recorder_fail (self, &fault);
      break;
    }
  }
  /* A failed writer may still be about to end. */
  while (!sc_recorder_writer_is_done (self)) {
    uint32_t key = sc_eventcount_prepare (&self->sync_wake);

    if (sc_recorder_writer_is_done (self))
      sc_eventcount_cancel (&self->sync_wake);
    else
      (void) sc_eventcount_wait (&self->sync_wake, key, SC_WAIT_FOREVER);
  }
  end_recording (self);
  return NULL;
}
