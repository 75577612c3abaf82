/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-lane.h"

#include "sc-clock.h"
#include "sc-lane-ops.h"
#include "sc-manifest-file.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

void
sc_lane_block_unref (ScLaneBlock * block)
{
  void (*release) (void *) = block->release;

  /* Acquire and release: the memory goes after every other user's last touch. */
  if (atomic_fetch_sub_explicit (&block->users, 1, memory_order_acq_rel) == 1
      && release != NULL)
    release (block->start);
}

void
sc_lane_init (ScLane * self, const ScFileOps * real, ScLaneBlock * block,
    char *text, size_t text_max)
{
  pthread_condattr_t monotonic;

  memset (self, 0, sizeof (*self));
  self->ops = sc_lane_ops;
  self->real = real;
  self->block = block;
  self->text = text;
  self->copy = text + text_max;
  self->draft = text + 2 * text_max;
  self->text_max = text_max;
  pthread_mutex_init (&self->lock, NULL);       /* none can fail on Linux */
  pthread_condattr_init (&monotonic);
  pthread_condattr_setclock (&monotonic, CLOCK_MONOTONIC);
  pthread_cond_init (&self->moved, &monotonic);
  pthread_condattr_destroy (&monotonic);
}

/* Under lock.  The thread waits at the lane's lock until its seat is set. */
static int
start_thread (ScLane * self, ScLaneThread who, void *(*body) (void *),
    const char *name)
{
  ScLaneSeat *seat = &self->seats[who];
  int ret;

  atomic_store_explicit (&seat->since, sc_clock_now (), memory_order_relaxed);
  atomic_fetch_add_explicit (&self->block->users, 1, memory_order_relaxed);
  ret = pthread_create (&seat->thread, NULL, body, self);
  if (ret != 0) {
    atomic_fetch_sub_explicit (&self->block->users, 1, memory_order_relaxed);
    return -ret;
  }
  seat->started = true;
  pthread_setname_np (seat->thread, name);      /* a help for debuggers only */
  pthread_detach (seat->thread);
  return 0;
}

/* The threads take no signal: they are the application's, and a file size limit
 * then is an error of the write instead of the end of the process. */
int
sc_lane_start (ScLane * self, void *(*writer) (void *),
    void *(*syncer) (void *))
{
  sigset_t all, before;
  int ret;

  sigfillset (&all);
  ret = pthread_sigmask (SIG_SETMASK, &all, &before);
  if (ret != 0)
    return -ret;
  pthread_mutex_lock (&self->lock);
  ret = start_thread (self, SC_LANE_WRITER, writer, "sc-writer");
  if (ret == 0) {
    ret = start_thread (self, SC_LANE_SYNCER, syncer, "sc-sync");
    if (ret < 0) {
      /* The writer finds it retired at its first step. */
      self->seats[SC_LANE_SYNCER].left = true;
      atomic_store_explicit (&self->retired, true, memory_order_release);
    }
  }
  pthread_mutex_unlock (&self->lock);
  pthread_sigmask (SIG_SETMASK, &before, NULL);
  return ret;
}

bool
sc_lane_begin (ScLane * self, ScLaneThread who)
{
  bool going;

  pthread_mutex_lock (&self->lock);
  going = !sc_lane_is_retired (self);
  self->seats[who].working = going;
  atomic_store_explicit (&self->seats[who].since, sc_clock_now (),
      memory_order_relaxed);
  pthread_mutex_unlock (&self->lock);
  return going;
}

bool
sc_lane_end (ScLane * self, ScLaneThread who)
{
  bool going;

  pthread_mutex_lock (&self->lock);
  going = !sc_lane_is_retired (self);
  /* A retired one stays in its operation for good: it never touches the
   * recorder again. */
  if (going)
    self->seats[who].working = false;
  pthread_mutex_unlock (&self->lock);
  return going;
}

void
sc_lane_say_opened (ScLane * self)
{
  pthread_mutex_lock (&self->lock);
  self->opened = true;
  pthread_cond_broadcast (&self->moved);
  pthread_mutex_unlock (&self->lock);
}

void
sc_lane_fail (ScLane * self, ScLaneThread who, const ScFault * fault)
{
  pthread_mutex_lock (&self->lock);
  if (!sc_lane_has_failed (self)) {
    self->fault = *fault;
    self->failed_by = who;
    atomic_store_explicit (&self->has_failed, true, memory_order_release);
  }
  pthread_cond_broadcast (&self->moved);
  pthread_mutex_unlock (&self->lock);
}

/* Under lock, which is let go meanwhile. */
static void
write_manifest (ScLane * self, ScLaneSeat * seat)
{
  uint64_t revision = self->text_wanted;
  size_t size = self->text_size;
  int ret;

  memcpy (self->copy, self->text, size);
  seat->working = true;
  atomic_store_explicit (&seat->since, sc_clock_now (), memory_order_relaxed);
  pthread_mutex_unlock (&self->lock);
  ret = sc_manifest_file_write (&self->ops, self->manifest,
      self->config.uuid, self->copy, size, self->config.permissions);
  pthread_mutex_lock (&self->lock);
  seat->working = false;
  self->text_error = ret;
  self->text_written = revision;
  pthread_cond_broadcast (&self->moved);
}

static void
close_target (ScLane * self, ScLaneSeat * seat)
{
  ScFault fault;
  int ret = 0;

  seat->working = true;
  atomic_store_explicit (&seat->since, sc_clock_now (), memory_order_relaxed);
  pthread_mutex_unlock (&self->lock);
  if (sc_lane_has_target (self))
    ret = sc_target_abandon (&self->target,
        self->opened && self->config.part > 0, &fault);
  pthread_mutex_lock (&self->lock);
  seat->working = false;
  if (ret < 0 && !sc_lane_has_failed (self))
    self->fault = fault;
}

/* Under lock. */
static bool
stands_by (const ScLane * self)
{
  return self->opened && sc_lane_has_failed (self)
      && self->failed_by == SC_LANE_SYNCER && !self->let_go
      && !self->dismissed && !sc_lane_is_retired (self);
}

/* Under lock, which is let go meanwhile. */
static void
stand_by (ScLane * self, ScLaneThread who)
{
  while (stands_by (self) && !self->saving)
    pthread_cond_wait (&self->moved, &self->lock);
  if (stands_by (self)) {
    self->seats[who].left = false;      /* it touches the recorder again */
    pthread_mutex_unlock (&self->lock);
    self->save (self, who);
    pthread_mutex_lock (&self->lock);
    self->seats[who].left = true;
  }
  self->let_go = true;
  self->saving = false;
  pthread_cond_broadcast (&self->moved);
}

void
sc_lane_leave (ScLane * self, ScLaneThread who)
{
  ScLaneSeat *seat = &self->seats[who];

  pthread_mutex_lock (&self->lock);
  seat->left = true;
  pthread_cond_broadcast (&self->moved);
  if (self->seats[SC_LANE_WRITER].left && self->seats[SC_LANE_SYNCER].left) {
    stand_by (self, who);
    close_target (self, seat);
    while (!self->dismissed && !sc_lane_is_retired (self)) {
      if (self->text_wanted != self->text_written)
        write_manifest (self, seat);
      else
        pthread_cond_wait (&self->moved, &self->lock);
    }
    self->gone = true;
    pthread_cond_broadcast (&self->moved);
  }
  pthread_mutex_unlock (&self->lock);
  sc_lane_block_unref (self->block);
}

/* Under lock: waits for a change, or until an operation is too old, which it
 * then says. */
static bool
is_late (ScLane * self, uint64_t timeout_ns)
{
  uint64_t now = sc_clock_now (), due = now + timeout_ns;
  struct timespec until;

  if (timeout_ns == 0) {
    pthread_cond_wait (&self->moved, &self->lock);
    return false;
  }
  /* What begins from here on is due later than `due` as it is. */
  for (int i = 0; i < SC_LANE_THREADS; i++) {
    uint64_t since = atomic_load_explicit (&self->seats[i].since,
        memory_order_relaxed);

    if (self->seats[i].working && since + timeout_ns < due)
      due = since + timeout_ns;
  }
  if (due <= now)
    return true;
  until.tv_sec = (time_t) (due / SC_NS_PER_S);
  until.tv_nsec = (long) (due % SC_NS_PER_S);
  pthread_cond_timedwait (&self->moved, &self->lock, &until);
  return false;
}

/* What hung: what the older of the operations was for. */
static ScFault
hung_fault (ScLane * self)
{
  ScLaneSeat *writer = &self->seats[SC_LANE_WRITER];
  ScLaneSeat *syncer = &self->seats[SC_LANE_SYNCER];
  bool writing = writer->working && (!syncer->working
      || atomic_load_explicit (&writer->since, memory_order_relaxed)
      <= atomic_load_explicit (&syncer->since, memory_order_relaxed));
  ScFault fault = {.error = -ETIMEDOUT };

  fault.kind = !self->opened ? SC_FAULT_OPEN
      : writing ? SC_FAULT_WRITE : SC_FAULT_SYNC;
  if (self->opened)
    fault.offset = atomic_load_explicit (&self->target.high_water,
        memory_order_relaxed);
  return fault;
}

/* Under lock. */
static ScLaneNews
news (ScLane * self)
{
  if (self->opened && !self->told_opened) {
    self->told_opened = true;
    return SC_LANE_OPENED;
  }
  if (self->seats[SC_LANE_WRITER].left && self->seats[SC_LANE_SYNCER].left)
    return SC_LANE_SETTLED;
  return SC_LANE_QUIET;
}

ScLaneNews
sc_lane_watch (ScLane * self, uint64_t timeout_ns, ScFault * fault)
{
  ScLaneNews found;

  pthread_mutex_lock (&self->lock);
  while ((found = news (self)) == SC_LANE_QUIET)
    if (is_late (self, timeout_ns)) {
      found = SC_LANE_HUNG;
      break;
    }
  *fault = found == SC_LANE_HUNG && !sc_lane_has_failed (self)
      ? hung_fault (self) : self->fault;
  pthread_mutex_unlock (&self->lock);
  return found;
}

static bool
touches_recorder (const ScLaneSeat * seat)
{
  return seat->started && !seat->left && !seat->working;
}

void
sc_lane_retire (ScLane * self, void (*wake) (void *), void *user_data)
{
  pthread_mutex_lock (&self->lock);
  /* Release: pairs with the acquire in is_retired. */
  atomic_store_explicit (&self->retired, true, memory_order_release);
  pthread_cond_broadcast (&self->moved);
  pthread_mutex_unlock (&self->lock);
  wake (user_data);
  pthread_mutex_lock (&self->lock);
  while (touches_recorder (&self->seats[SC_LANE_WRITER])
      || touches_recorder (&self->seats[SC_LANE_SYNCER]))
    pthread_cond_wait (&self->moved, &self->lock);
  pthread_mutex_unlock (&self->lock);
}

bool
sc_lane_was_opened (ScLane * self)
{
  bool opened;

  pthread_mutex_lock (&self->lock);
  opened = self->opened;
  pthread_mutex_unlock (&self->lock);
  return opened;
}

bool
sc_lane_stands_by (ScLane * self)
{
  bool does;

  pthread_mutex_lock (&self->lock);
  does = stands_by (self);
  pthread_mutex_unlock (&self->lock);
  return does;
}

int
sc_lane_save (ScLane * self, uint64_t timeout_ns)
{
  int ret = 0;

  pthread_mutex_lock (&self->lock);
  self->saving = true;
  pthread_cond_broadcast (&self->moved);
  while (ret == 0 && self->saving)
    if (is_late (self, timeout_ns))
      ret = -ETIMEDOUT;
  pthread_mutex_unlock (&self->lock);
  return ret;
}

void
sc_lane_let_go (ScLane * self)
{
  pthread_mutex_lock (&self->lock);
  self->let_go = true;
  pthread_cond_broadcast (&self->moved);
  pthread_mutex_unlock (&self->lock);
}

void
sc_lane_give_manifest (ScLane * self, const char *text, size_t size,
    uint64_t revision)
{
  pthread_mutex_lock (&self->lock);
  if (!sc_lane_is_retired (self) && !self->gone
      && self->manifest[0] != '\0' && size <= self->text_max) {
    memcpy (self->text, text, size);
    self->text_size = size;
    self->text_wanted = revision;
    pthread_cond_broadcast (&self->moved);
  }
  pthread_mutex_unlock (&self->lock);
}

int
sc_lane_wait_manifest (ScLane * self, uint64_t revision,
    uint64_t timeout_ns)
{
  int ret = 0;

  pthread_mutex_lock (&self->lock);
  while (ret == 0 && self->text_written != revision)
    if (self->text_wanted != revision || self->gone
        || sc_lane_is_retired (self))
      ret = -ECANCELED;
    else if (is_late (self, timeout_ns))
      ret = -ETIMEDOUT;
  if (ret == 0)
    ret = self->text_error;
  pthread_mutex_unlock (&self->lock);
  return ret;
}

int
sc_lane_dismiss (ScLane * self, uint64_t timeout_ns, ScFault * fault)
{
  int ret = 0;

  pthread_mutex_lock (&self->lock);
  self->dismissed = true;
  pthread_cond_broadcast (&self->moved);
  while (ret == 0 && !self->gone)
    if (is_late (self, timeout_ns))
      ret = -ETIMEDOUT;
  *fault = self->fault;
  pthread_mutex_unlock (&self->lock);
  return ret;
}
