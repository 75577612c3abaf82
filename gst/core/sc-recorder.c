/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-recorder-private.h"

#include "sc-clock.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

static void
notify_watcher (ScRecorder * self)
{
  if (self->config.notify != NULL)
    self->config.notify (self->config.user_data);
}

void
sc_recorder_apply (ScRecorder * self, ScRecorderEvent event)
{
  if (sc_recorder_state_log_apply (self->log, event))
    notify_watcher (self);
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

size_t
sc_recorder_region_size (uint64_t ring_size)
{
  return sc_byte_ring_region_size (ring_size) + SC_TARGET_MEMORY;
}

static void
end (ScRecorder * self, ScRecorderEnding how)
{
  /* Release: pairs with the acquire in ending. */
  atomic_store_explicit (&self->ending, how, memory_order_release);
  sc_eventcount_notify (&self->ring.data_ready);
}

/* The threads take no signal: they are the application's, and a file size limit
 * then is an error of the write instead of the end of the process. */
static int
start_thread (pthread_t * thread, void *(*body) (void *), ScRecorder * self,
    const char *name)
{
  sigset_t all, before;
  int ret;

  sigfillset (&all);
  ret = pthread_sigmask (SIG_SETMASK, &all, &before);
  if (ret != 0)
    return ret;
  ret = pthread_create (thread, NULL, body, self);
  pthread_sigmask (SIG_SETMASK, &before, NULL);
  if (ret == 0)
    pthread_setname_np (*thread, name); /* a help for debuggers only */
  return ret;
}

static int
start_threads (ScRecorder * self, ScFault * fault)
{
  int ret = start_thread (&self->writer, sc_recorder_writer_thread, self,
      "sc-writer");

  if (ret == 0) {
    ret = start_thread (&self->syncer, sc_recorder_sync_thread, self,
        "sc-sync");
    if (ret != 0) {
      end (self, SC_ENDING_CLOSE);
      pthread_join (self->writer, NULL);
    }
  }
  if (ret != 0)
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

int
sc_recorder_open (ScRecorder * self, const ScRecorderConfig * config,
    ScRecorderStateLog * log, ScFault * fault)
{
  ScTargetConfig *target = &self->config.target;
  ScFault ignored;
  int ret;

  memset (self, 0, sizeof (*self));
  self->config = *config;
  self->log = log;
  target->sync = config->policy != SC_SYNC_NONE;
  target->memory = (uint8_t *) config->region
      + sc_byte_ring_region_size (config->ring_size);
  atomic_init (&self->running_time, SC_BYTE_RING_NO_TIME);
  sc_histogram_init (&self->write_latency);
  sc_histogram_init (&self->sync_latency);
  ret = make_ring (self, fault);
  if (ret == 0) {
    ret = sc_target_open (&self->target, target, fault);
    if (ret == 0) {
      ret = start_threads (self, fault);
      if (ret < 0)
        (void) sc_target_abandon (&self->target, &ignored);
    }
    if (ret < 0)
      clear_ring (self);
  }
  sc_recorder_apply (self, ret < 0 ? SC_RECORDER_FAILED : SC_RECORDER_OPENED);
  return ret;
}

static int
error_of (const ScRecorder * self)
{
  return sc_recorder_has_failed (self) ? self->fault.error : 0;
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
  ret = sc_byte_ring_put (&self->ring, offset, running_time, data, size,
      timeout_ns, taken);
  if (waits != atomic_load_explicit (&self->ring.waits, memory_order_relaxed))
    notify_watcher (self);
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

/* Waits for @condition; an error or an interruption ends it too. */
static int
wait_for (ScRecorder * self, bool (*condition) (const ScRecorder *, uint64_t),
    uint64_t position, uint64_t timeout_ns)
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
    else if (atomic_load_explicit (&self->interrupted, memory_order_acquire))
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

int
sc_recorder_sync (ScRecorder * self, uint64_t timeout_ns)
{
  uint64_t position = sc_byte_ring_head (&self->ring);

  /* Release: pairs with the acquire in time_to_sync.  The sync thread looks
   * again when the writer has come so far. */
  atomic_store_explicit (&self->requested, position, memory_order_release);
  sc_eventcount_notify (&self->sync_wake);
  return wait_for (self, reached, position, timeout_ns);
}

int
sc_recorder_finish (ScRecorder * self, uint64_t timeout_ns)
{
  if (sc_recorder_ending (self) == SC_ENDING_NO) {
    sc_recorder_apply (self, SC_RECORDER_FINISH);
    end (self, SC_ENDING_FINISH);
  }
  return wait_for (self, is_finished, 0, timeout_ns);
}

int
sc_recorder_restart (ScRecorder * self, uint64_t timeout_ns)
{
  ScFault fault;
  int ret;

  if (sc_recorder_ending (self) != SC_ENDING_NO)
    return -EINVAL;
  /* Afterwards both threads sleep: the ring is empty, and only this thread
   * fills it. */
  ret = sc_recorder_sync (self, timeout_ns);
  if (ret < 0)
    return ret;
  atomic_store_explicit (&self->durable, 0, memory_order_release);
  ret = sc_target_restart (&self->target, &fault);
  if (ret < 0) {
    sc_recorder_fail (self, &fault);
    return ret;
  }
  sc_recorder_apply (self, SC_RECORDER_EMPTIED);
  return 0;
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
  ScFault closing;
  int ret, closed;

  if (sc_recorder_ending (self) == SC_ENDING_NO)
    end (self, SC_ENDING_CLOSE);
  pthread_join (self->writer, NULL);
  pthread_join (self->syncer, NULL);
  closed = sc_target_abandon (&self->target, &closing);
  if (closed < 0)
    sc_recorder_fail (self, &closing);
  *fault = self->fault;
  ret = error_of (self);
  sc_recorder_apply (self, SC_RECORDER_CLOSED);
  clear_ring (self);
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
  stats->size = READ (self->target.high_water);
  stats->backlog = sc_byte_ring_level (&self->ring);
  stats->written = READ (self->ring.written_bytes);
  stats->accepted = READ (self->ring.head_bytes);
  stats->ring_size = self->ring.data_size;
  stats->writes = READ (self->writes);
  stats->syncs = READ (self->syncs);
  stats->overwrites = READ (self->target.overwrites);
  stats->overwritten_bytes = READ (self->target.overwritten_bytes);
  stats->journal_bytes = READ (self->target.journal_bytes);
  stats->waits = READ (self->ring.waits);
  stats->wait_time = READ (self->ring.wait_time);
}
