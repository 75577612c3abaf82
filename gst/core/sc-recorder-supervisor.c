/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The recorder's supervisor thread: from one target to the next, and the end. */
#include "sc-recorder-private.h"

#include <errno.h>

static void
wake_threads (void *user_data)
{
  ScRecorder *self = user_data;

  sc_eventcount_notify (&self->ring.data_ready);
  sc_eventcount_notify (&self->sync_wake);
}

/* Where in the recording the next target begins.  Without syncs there is no
 * mark: then behind what the one before was given. */
static uint64_t
next_base (ScRecorder * self)
{
  if (sc_recorder_restart_pending (self))
    return 0;
  return self->config.policy == SC_SYNC_NONE
      ? atomic_load_explicit (&self->size, memory_order_relaxed)
      : sc_recorder_durable (self);
}

/* All that is not durable goes to the next target.  No thread of the one before
 * is at the ring any more. */
static void
rewind_ring (ScRecorder * self)
{
  atomic_fetch_add_explicit (&self->replayed,
      sc_byte_ring_unreleased (&self->ring), memory_order_relaxed);
  sc_byte_ring_rewind (&self->ring);
}

/* As if the target had been tried and had failed. */
static void
pass_over (ScRecorder * self, ScLane * lane)
{
  sc_recorder_note_tried (self, lane);
  sc_lane_retire (lane, wake_threads, self);
}

/* @left: (nullable): why the one before was left.  Returns 0 or -errno */
static int
start_lane (ScRecorder * self, ScLane * lane, const ScFault * left)
{
  int ret;

  lane->base = next_base (self);
  if (left != NULL)
    lane->config.left = *left;
  rewind_ring (self);
  sc_recorder_note_tried (self, lane);
  ret = sc_lane_start (lane, sc_recorder_writer_thread,
      sc_recorder_sync_thread);
  if (ret < 0)
    sc_lane_retire (lane, wake_threads, self);
  return ret;
}

/* To all that can still write it.  Returns 0 or -errno */
static int
hand_out_manifest (ScRecorder * self, unsigned lanes, uint64_t * revision)
{
  char *draft = self->lanes[0].draft;
  int length = sc_recorder_compose_manifest (self, draft,
      self->lanes[0].text_max, revision);

  for (unsigned i = 0; length >= 0 && i < lanes; i++)
    sc_lane_give_manifest (&self->lanes[i], draft, (size_t) length, *revision);
  return length < 0 ? length : 0;
}

static void
note_opened (ScRecorder * self, ScLane * lane)
{
  uint64_t revision;

  for (unsigned i = 0; i < lane->index; i++)
    sc_lane_let_go (&self->lanes[i]);
  /* The lane wrote its own before; these make it easier to find. */
  if (lane->config.part > 0)
    (void) hand_out_manifest (self, lane->index, &revision);
  /* Release: pairs with the acquire in open. */
  atomic_store_explicit (&self->opened, true, memory_order_release);
  sc_eventcount_notify (&self->progress);
}

/* Until the lane is done with its files, or left behind.  Returns whether all
 * went well. */
static bool
watch_lane (ScRecorder * self, ScLane * lane, ScFault * fault)
{
  uint64_t timeout = self->config.write_timeout;

  for (;;) {
    switch (sc_lane_watch (lane, timeout, fault)) {
      case SC_LANE_OPENED:
        note_opened (self, lane);
        break;
      case SC_LANE_HUNG:
        sc_lane_retire (lane, wake_threads, self);
        return false;
      default:
        lane->reached = sc_byte_ring_written_position (&self->ring);
        return fault->kind == SC_FAULT_NONE;
    }
  }
}

static void
note_ended (ScRecorder * self, ScLane * lane, bool well,
    const ScFault * fault)
{
  uint64_t size = atomic_load_explicit (&self->size, memory_order_relaxed);
  ScPartResult result = SC_PART_FAILED;

  if (well)
    result = sc_recorder_ending (self) == SC_ENDING_FINISH ? SC_PART_CLOSED
        : SC_PART_RECORDING;
  sc_recorder_note_ended (self, lane, result, fault,
      well || lane->last ? size : next_base (self));
}

/* @fault: (out): of kind none where it ended well, which is returned */
static bool
record_at (ScRecorder * self, ScLane * lane, const ScFault * left,
    ScFault * fault)
{
  int ret;

  if (lane->index == 0 && self->config.target_fault.kind != SC_FAULT_NONE) {
    *fault = self->config.target_fault;
    pass_over (self, lane);
    return false;
  }
  ret = start_lane (self, lane, left);
  if (ret == 0)
    return watch_lane (self, lane, fault);
  *fault = (ScFault) {.kind = SC_FAULT_THREAD,.error = ret };
  return false;
}

/* Records at one target after the other.  @tried: (out): how many.  Returns
 * whether the recording ended well */
static bool
record (ScRecorder * self, unsigned *tried, ScFault * fault)
{
  const ScFault *left = NULL;
  ScFault before;

  for (*tried = 0; *tried < self->lane_count;) {
    ScLane *lane = &self->lanes[(*tried)++];
    bool well = record_at (self, lane, left, fault);

    note_ended (self, lane, well, fault);
    if (well)
      return true;
    before = *fault;
    left = &before;
  }
  return false;
}

/* No other target is left: the one that only failed to sync gets all that is in
 * memory.  What it then holds is worth more than nothing, but no promise. */
static void
save (ScRecorder * self, ScLane * lane)
{
  ScFault fault = self->targets[lane->index].fault;

  rewind_ring (self);
  if (sc_lane_save (lane, self->config.write_timeout) < 0)
    sc_lane_retire (lane, wake_threads, self);
  else
    note_ended (self, lane, false, &fault);
}

/* Returns 0 where one of the places at least took it, or -errno */
static int
write_last_manifest (ScRecorder * self, unsigned tried)
{
  uint64_t revision;
  int ret = hand_out_manifest (self, tried, &revision);

  if (ret < 0)
    return ret;
  ret = -ECANCELED;
  for (unsigned i = 0; i < tried; i++) {
    int written = sc_lane_wait_manifest (&self->lanes[i], revision,
        self->config.write_timeout);

    if (ret < 0)
      ret = written;
  }
  return ret;
}

/* Where the last manifest is nowhere the parts are there, but cannot be found by
 * it. */
static void
complete_manifest (ScRecorder * self, unsigned tried, bool well)
{
  int ret = sc_recorder_parts (self) < 2 ? 0 : write_last_manifest (self, tried);

  if (ret < 0 && well)
    sc_recorder_fail (self, &(ScFault) {.kind = SC_FAULT_MANIFEST,.error =
            ret});
}

/* Ends all threads, but leaves those behind that hang. */
static void
dismiss_lanes (ScRecorder * self, unsigned tried, bool well)
{
  for (unsigned i = 0; i < tried; i++) {
    ScLane *lane = &self->lanes[i];
    ScFault fault;

    if (sc_lane_is_retired (lane))
      continue;
    if (sc_lane_dismiss (lane, self->config.write_timeout, &fault) < 0)
      sc_lane_retire (lane, wake_threads, self);
    else if (well && i == tried - 1 && fault.kind != SC_FAULT_NONE)
      sc_recorder_fail (self, &fault);
  }
}

void *
sc_recorder_supervisor_thread (void *user_data)
{
  ScRecorder *self = user_data;
  ScFault fault = {.kind = SC_FAULT_NONE };
  unsigned tried;
  bool well = record (self, &tried, &fault);

  if (!well)
    sc_recorder_fail (self, &fault);
  for (unsigned i = 0; !well && i < tried; i++)
    if (sc_lane_stands_by (&self->lanes[i]))
      save (self, &self->lanes[i]);
  complete_manifest (self, tried, well);
  if (well && sc_recorder_ending (self) == SC_ENDING_FINISH)
    sc_recorder_apply (self, SC_RECORDER_DONE);
  /* Release: pairs with the acquire in the waits. */
  atomic_store_explicit (&self->finished, true, memory_order_release);
  sc_eventcount_notify (&self->progress);
  dismiss_lanes (self, tried, well);
  return NULL;
}
