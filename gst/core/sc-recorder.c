/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-recorder-private.h"

#include "sc-clock.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

void
sc_recorder_notify (ScRecorder * self)
{
  if (self->config.notify != NULL)
    self->config.notify (self->config.user_data);
}

void
sc_recorder_apply (ScRecorder * self, ScRecorderEvent event)
{
  if (sc_recorder_state_log_apply (self->log, event))
    sc_recorder_notify (self);
}

void
sc_recorder_fail (ScRecorder * self, const ScFault * fault)
{
  uint32_t none = SC_FAULT_UNCLAIMED;

  if (!atomic_compare_exchange_strong_explicit (&self->fault_claim, &none,
          SC_FAULT_CLAIMED, memory_order_relaxed, memory_order_relaxed))
    return;
  self->fault = *fault;
  /* Release: pairs with the acquire in has_failed. */
  atomic_store_explicit (&self->fault_claim, SC_FAULT_THERE,
      memory_order_release);
  sc_recorder_apply (self, SC_RECORDER_FAILED);
  sc_byte_ring_break (&self->ring);
  sc_eventcount_notify (&self->ring.data_ready);
  sc_eventcount_notify (&self->sync_wake);
  sc_eventcount_notify (&self->progress);
}

static void
end (ScRecorder * self, ScRecorderEnding how)
{
  /* Release: pairs with the acquire in ending. */
  atomic_store_explicit (&self->ending, how, memory_order_release);
  sc_eventcount_notify (&self->ring.data_ready);
}

static int
start_supervisor (ScRecorder * self, ScFault * fault)
{
  sigset_t all, before;
  int ret;

  /* It takes no signal: they are the application's. */
  sigfillset (&all);
  ret = pthread_sigmask (SIG_SETMASK, &all, &before);
  if (ret == 0) {
    ret = pthread_create (&self->supervisor, NULL,
        sc_recorder_supervisor_thread, self);
    pthread_sigmask (SIG_SETMASK, &before, NULL);
  }
  if (ret == 0)
    pthread_setname_np (self->supervisor, "sc-supervisor");
  else
    *fault = (ScFault) {.kind = SC_FAULT_THREAD,.error = -ret };
  return -ret;
}

static int
make_ring (ScRecorder * self, ScFault * fault)
{
  int ret = sc_byte_ring_init (&self->ring, self->config.region,
      self->config.ring_size);

  if (ret == 0) {
    ret = sc_eventcount_init (&self->sync_wake);
    if (ret == 0) {
      ret = sc_eventcount_init (&self->progress);
      if (ret < 0)
        sc_eventcount_clear (&self->sync_wake);
    }
    if (ret < 0)
      sc_byte_ring_clear (&self->ring);
  }
  if (ret < 0)
    *fault = (ScFault) {.kind = SC_FAULT_THREAD,.error = ret };
  return ret;
}

static void
clear_ring (ScRecorder * self)
{
  sc_eventcount_clear (&self->progress);
  sc_eventcount_clear (&self->sync_wake);
  sc_byte_ring_clear (&self->ring);
}

static int
error_of (const ScRecorder * self)
{
  return sc_recorder_has_failed (self) ? self->fault.error : 0;
}

/* Waits for @condition; an error ends it too. */
static int
wait_until (ScRecorder * self,
    bool (*condition) (const ScRecorder *, uint64_t), uint64_t position,
    uint64_t timeout_ns, bool interruptible)
{
  uint64_t deadline = timeout_ns == SC_WAIT_FOREVER ? 0
      : sc_clock_now () + timeout_ns;

  for (;;) {
    uint32_t key = sc_eventcount_prepare (&self->progress);
    uint64_t now = deadline == 0 ? 0 : sc_clock_now ();
    int ret = 1;

    if (condition (self, position))
      ret = error_of (self);
    else if (sc_recorder_has_failed (self))
      ret = self->fault.error;
    else if (interruptible
        && atomic_load_explicit (&self->interrupted, memory_order_acquire))
      ret = -ECANCELED;
    else if (deadline != 0 && now >= deadline)
      ret = -ETIMEDOUT;
    if (ret <= 0) {
      sc_eventcount_cancel (&self->progress);
      return ret;
    }
    (void) sc_eventcount_wait (&self->progress, key,
        deadline == 0 ? SC_WAIT_FOREVER : deadline - now);
  }
}

static bool
is_open (const ScRecorder * self, uint64_t unused)
{
  /* Acquire: pairs with the supervisor's release. */
  return atomic_load_explicit (&self->opened, memory_order_acquire);
}

static int
open_first (ScRecorder * self, ScFault * fault)
{
  int ret = start_supervisor (self, fault);

  if (ret < 0)
    return ret;
  /* What fails after the opening comes out later.  No interruption: nobody could
   * end what has begun. */
  (void) wait_until (self, is_open, 0, SC_WAIT_FOREVER, false);
  if (is_open (self, 0))
    return 0;
  pthread_join (self->supervisor, NULL);
  *fault = self->targets[0].fault;
  return fault->error;
}

int
sc_recorder_open (ScRecorder * self, const ScRecorderConfig * config,
    ScRecorderStateLog * log, ScFault * fault)
{
  int ret;

  memset (self, 0, sizeof (*self));
  self->config = *config;
  self->log = log;
  atomic_init (&self->running_time, SC_BYTE_RING_NO_TIME);
  atomic_init (&self->limit, SC_SPACE_UNKNOWN);
  atomic_init (&self->wall, SC_SPACE_UNKNOWN);
  atomic_init (&self->space_left, SC_SPACE_UNKNOWN);
  atomic_init (&self->window, config->write_timeout == 0 ? UINT64_MAX
      : SC_RECORDER_WINDOW_MIN);
  sc_drops_init (&self->drops);
  sc_histogram_init (&self->write_latency);
  sc_histogram_init (&self->sync_latency);
  sc_histogram_init (&self->verify_latency);
  pthread_mutex_init (&self->targets_lock, NULL);       /* cannot fail on Linux */
  ret = sc_recorder_make_lanes (self);
  if (ret < 0)
    *fault = (ScFault) {.kind = SC_FAULT_OPEN,.error = ret };
  else
    ret = make_ring (self, fault);
  if (ret == 0) {
    ret = open_first (self, fault);
    if (ret < 0)
      clear_ring (self);
    self->top = sc_recorder_start_size (self);
  }
  if (ret < 0) {
    sc_recorder_apply (self, SC_RECORDER_FAILED);
    sc_lane_block_unref (self->block);
  }
  return ret;
}

int
sc_recorder_write (ScRecorder * self, uint64_t offset, uint64_t running_time,
    const void *data, size_t size, uint64_t timeout_ns, size_t *taken)
{
  uint64_t waits = atomic_load_explicit (&self->ring.waits,
      memory_order_relaxed);
  int ret;

  *taken = 0;
  if (sc_recorder_has_failed (self))
    return self->fault.error;
  if (sc_recorder_ending (self) != SC_ENDING_NO)
    return -EINVAL;
  if (size == 0)
    return 0;
  if (sc_recorder_state_log_current (self->log) == SC_RECORDER_READY)
    sc_recorder_apply (self, SC_RECORDER_DATA);
  ret = sc_recorder_put_gap (self, timeout_ns);
  if (ret == 0)
    ret = sc_byte_ring_put (&self->ring, offset, running_time, data, size,
        timeout_ns, taken);
  if (offset + *taken > self->top)
    self->top = offset + *taken;
  if (waits != atomic_load_explicit (&self->ring.waits, memory_order_relaxed))
    sc_recorder_notify (self);
  return ret == -EPIPE ? error_of (self) : ret;
}

static bool
reached (const ScRecorder * self, uint64_t position)
{
  return atomic_load_explicit (&self->synced, memory_order_acquire) >= position;
}

static bool
is_finished (const ScRecorder * self, uint64_t unused)
{
  return atomic_load_explicit (&self->finished, memory_order_acquire);
}

/* As wait_until; an interruption ends it. */
static int
wait_for (ScRecorder * self, bool (*condition) (const ScRecorder *, uint64_t),
    uint64_t position, uint64_t timeout_ns)
{
  return wait_until (self, condition, position, timeout_ns, true);
}

int
sc_recorder_sync (ScRecorder * self, uint64_t timeout_ns)
{
  uint64_t position;
  int ret = sc_recorder_put_gap (self, timeout_ns);

  if (ret < 0)
    return ret;
  position = sc_byte_ring_head (&self->ring);
  /* Release: pairs with the acquire in time_to_sync.  The sync thread looks
   * again when the writer has come so far. */
  atomic_store_explicit (&self->requested, position, memory_order_release);
  sc_eventcount_notify (&self->sync_wake);
  sc_eventcount_notify (&self->ring.data_ready);        /* it may gather */
  return wait_for (self, reached, position, timeout_ns);
}

int
sc_recorder_finish (ScRecorder * self, uint64_t timeout_ns)
{
  if (sc_recorder_ending (self) == SC_ENDING_NO) {
    int ret = sc_recorder_put_gap (self, timeout_ns);

    if (ret < 0)
      return ret;
    sc_recorder_apply (self, SC_RECORDER_FINISH);
    end (self, SC_ENDING_FINISH);
  }
  return wait_for (self, is_finished, 0, timeout_ns);
}

static bool
is_restarted (const ScRecorder * self, uint64_t wanted)
{
  /* Acquire: pairs with the release in restarted. */
  return atomic_load_explicit (&self->restarts_done, memory_order_acquire)
      == (uint32_t) wanted;
}

void
sc_recorder_restarted (ScRecorder * self)
{
  atomic_store_explicit (&self->size, 0, memory_order_relaxed);
  atomic_store_explicit (&self->restarts_done,
      atomic_load_explicit (&self->restarts_wanted, memory_order_relaxed),
      memory_order_release);
  sc_eventcount_notify (&self->progress);
}

int
sc_recorder_restart (ScRecorder * self, uint64_t timeout_ns)
{
  uint32_t wanted;
  int ret;

  if (sc_recorder_ending (self) != SC_ENDING_NO)
    return -EINVAL;
  /* Afterwards both threads sleep: the ring is empty, and only this thread
   * fills it. */
  ret = sc_recorder_sync (self, timeout_ns);
  if (ret < 0)
    return ret;
  atomic_store_explicit (&self->durable, 0, memory_order_release);
  wanted = atomic_load_explicit (&self->restarts_wanted, memory_order_relaxed)
      + 1;
  /* Release: pairs with the acquire in restart_pending: the mark is 0. */
  atomic_store_explicit (&self->restarts_wanted, wanted, memory_order_release);
  sc_eventcount_notify (&self->ring.data_ready);
  /* No interruption: it cannot be taken back any more.  A target that hangs is
   * left for the next one. */
  ret = wait_until (self, is_restarted, wanted, SC_WAIT_FOREVER, false);
  if (ret == 0) {
    self->top = 0;
    sc_recorder_apply (self, SC_RECORDER_EMPTIED);
  }
  return ret;
}

void
sc_recorder_interrupt (ScRecorder * self, bool interrupted)
{
  /* Release: pairs with the acquire in wait_for. */
  atomic_store_explicit (&self->interrupted, interrupted, memory_order_release);
  sc_byte_ring_interrupt (&self->ring, interrupted);
  if (interrupted)
    sc_eventcount_notify (&self->progress);
}

int
sc_recorder_close (ScRecorder * self, ScFault * fault)
{
  uint64_t timeout = self->config.write_timeout;
  int ret;

  if (sc_recorder_ending (self) == SC_ENDING_NO) {
    (void) sc_recorder_put_gap (self, timeout == 0 ? SC_WAIT_FOREVER : timeout);
    end (self, SC_ENDING_CLOSE);
  }
  pthread_join (self->supervisor, NULL);
  *fault = self->fault;
  ret = error_of (self);
  sc_recorder_apply (self, SC_RECORDER_CLOSED);
  clear_ring (self);
  sc_lane_block_unref (self->block);
  return ret;
}

uint64_t
sc_recorder_durable (const ScRecorder * self)
{
  /* Acquire: pairs with publish_mark. */
  return atomic_load_explicit (&self->durable, memory_order_acquire);
}

bool
sc_recorder_fault (const ScRecorder * self, ScFault * fault)
{
  if (!sc_recorder_has_failed (self))
    return false;
  *fault = self->fault;
  return true;
}

#define READ(field) atomic_load_explicit (&(field), memory_order_relaxed)

void
sc_recorder_stats (const ScRecorder * self, ScRecorderStats * stats)
{
  stats->state = sc_recorder_state_log_current (self->log);
  stats->durable = sc_recorder_durable (self);
  stats->size = READ (self->size);
  stats->backlog = sc_byte_ring_level (&self->ring);
  stats->written = READ (self->ring.written_bytes) + READ (self->replayed);
  stats->accepted = READ (self->ring.head_bytes);
  stats->ring_size = self->ring.data_size;
  stats->writes = READ (self->writes);
  stats->syncs = READ (self->syncs);
  stats->overwrites = READ (self->overwrites);
  stats->overwritten_bytes = READ (self->overwritten_bytes);
  stats->journal_bytes = READ (self->journal_bytes);
  stats->waits = READ (self->ring.waits);
  stats->wait_time = READ (self->ring.wait_time);
  /* Acquire: pairs with the release in count: offset and repairs are there. */
  stats->mismatches = atomic_load_explicit (&self->mismatches,
      memory_order_acquire);
  stats->verified_bytes = READ (self->verified_bytes);
  stats->repairs = READ (self->repairs);
  stats->wrong_offset = READ (self->wrong_offset);
  stats->space_left = READ (self->space_left);
}
