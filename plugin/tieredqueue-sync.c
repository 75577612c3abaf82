/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tieredqueue-sync-private.h"

/* How long a waiter lets the others get further ahead than it needs, ns.  Woken for
 * each of its items it would pay a wake-up an item. */
#define NAP 1000000

/* ---- settings ---- */

void
tieredqueue_sync_set_on (TieredQueueSync * self, bool on)
{
  TieredQueueSyncMember *member;

  if (on == LOAD (self->on))
    return;
  if (on) {
    /* Positions are from before it was switched off, if from any time. */
    FOR_EACH (self, member) {
      tieredqueue_sync_change_part (member, TIEREDQUEUE_SYNC_LATE,
          TIEREDQUEUE_SYNC_IN);
      STORE (member->position, TIEREDQUEUE_SYNC_NONE);
      STORE (member->since, 0);
    }
    tieredqueue_sync_note_change (self);
  }
  STORE (self->on, on);
  tieredqueue_sync_wake_waiting (self);
}

void
tieredqueue_sync_set_max (TieredQueueSync * self, int64_t max_interleave)
{
  STORE (self->max_interleave, max_interleave);
  tieredqueue_sync_note_change (self);
  tieredqueue_sync_wake_waiting (self);
}

/* ---- the owner ---- */

static int64_t
clamp (int64_t time)
{
  if (time > TIEREDQUEUE_SYNC_MAX_TIME)
    return TIEREDQUEUE_SYNC_MAX_TIME;
  return time < -TIEREDQUEUE_SYNC_MAX_TIME ? -TIEREDQUEUE_SYNC_MAX_TIME : time;
}

static bool
shares_feeder (TieredQueueSyncMember * self)
{
  uintptr_t feeder = LOAD (self->feeder);
  TieredQueueSyncMember *other;

  if (feeder == 0)
    return false;
  FOR_EACH (self->group, other) {
    if (other != self && LOAD (other->feeder) == feeder
        && LOAD (other->part) == TIEREDQUEUE_SYNC_IN)
      return true;
  }
  return false;
}

/* Sleeps until it is woken, @deadline or, in a nap, its end. */
static void
sleep_until (TieredQueueSyncMember * self, uint32_t key, uint64_t deadline,
    bool naps)
{
  uint64_t now = self->group->now ();

  if (naps && deadline > now + NAP)
    deadline = now + NAP;
  (void) sc_eventcount_wait (&self->moved, key,
      deadline > now ? deadline - now : 1);
}

/* Moves to where the item begins, if that cannot be left until it is pushed. */
static void
announce (TieredQueueSyncMember * self, int64_t time)
{
  int64_t position = LOAD (self->position);

  if (position == TIEREDQUEUE_SYNC_NONE
      || time - position > LOAD (self->group->max_interleave)) {
    tieredqueue_sync_set_position (self, time);
  } else if (time < position) {
    tieredqueue_sync_set_position (self, time);
    tieredqueue_sync_note_change (self->group);
  }
}

static void
wait_for_others (TieredQueueSyncMember * self, int64_t time)
{
  TieredQueueSync *group = self->group;
  uint64_t begin = group->now (), now, deadline;
  bool is_first;

  ADD (self->waits, 1);
  for (is_first = true;; is_first = false) {
    int64_t max = LOAD (group->max_interleave);
    uint32_t key;

    STORE (self->need, time - max + (is_first ? max / 2 : 0));
    key = sc_eventcount_prepare (&self->moved);
    /* It was switched off and on again, or the bound was lowered: its position is
     * none, or too far behind, for others who wait for it. */
    if (!is_first)
      announce (self, time);
    /* Those whom this one keeps from being fed. */
    if (is_first && LOAD (self->is_blocked) && shares_feeder (self))
      tieredqueue_sync_wake_waiting (group);
    if (!tieredqueue_sync_is_on (group)
        || tieredqueue_sync_part_of (self) == TIEREDQUEUE_SYNC_OUT
        || tieredqueue_sync_may_pass (self, time, &deadline)) {
      sc_eventcount_cancel (&self->moved);
      break;
    }
    sleep_until (self, key, deadline, is_first);
  }
  now = group->now ();
  STORE (self->need, TIEREDQUEUE_SYNC_NOBODY);
  /* It has not held up anybody while it waited itself. */
  if (LOAD (self->since) != 0)
    STORE (self->since, now);
  ADD (self->wait_time, now - begin);
}

/* Whether the member takes part; again, if it has been late. */
static bool
show_up (TieredQueueSyncMember * self)
{
  switch (tieredqueue_sync_part_of (self)) {
    case TIEREDQUEUE_SYNC_LATE:
      tieredqueue_sync_come_back (self);
      return true;
    case TIEREDQUEUE_SYNC_IN:
      return true;
    default:
      return false;
  }
}

void
tieredqueue_sync_begin (TieredQueueSyncMember * self, int64_t time)
{
  if (tieredqueue_sync_is_on (self->group) && show_up (self)
      && LOAD (self->position) == TIEREDQUEUE_SYNC_NONE)
    tieredqueue_sync_set_position (self, clamp (time));
}

bool
tieredqueue_sync_arrive (TieredQueueSyncMember * self, int64_t * time)
{
  if (!tieredqueue_sync_is_on (self->group) || !show_up (self))
    return false;
  *time = clamp (*time);
  announce (self, *time);
  return true;
}

bool
tieredqueue_sync_enter (TieredQueueSyncMember * self, int64_t time)
{
  uint64_t deadline;

  if (!tieredqueue_sync_arrive (self, &time))
    return false;
  if (!tieredqueue_sync_may_pass (self, time, &deadline))
    wait_for_others (self, time);
  return true;
}

void
tieredqueue_sync_done (TieredQueueSyncMember * self, int64_t time)
{
  time = clamp (time);
  if (LOAD (self->position) != time
      || LOAD (self->part) == TIEREDQUEUE_SYNC_LATE)
    tieredqueue_sync_set_position (self, time);
}

void
tieredqueue_sync_set_idle (TieredQueueSyncMember * self, bool idle)
{
  STORE (self->idle, idle);
  if (!idle || !tieredqueue_sync_is_on (self->group))
    return;
  /* Pairs with the fence in ask: who waits for it sees that it has run dry, or is
   * seen here. */
  atomic_thread_fence (memory_order_seq_cst);
  if (LOAD (self->wanted) != TIEREDQUEUE_SYNC_NOBODY
      && tieredqueue_sync_cannot_be_fed (self))
    tieredqueue_sync_wake_waiting (self->group);
}

/* ---- the producer ---- */

/* The address is the thread's name. */
static _Thread_local char this_thread;

void
tieredqueue_sync_fed (TieredQueueSyncMember * self)
{
  if (LOAD (self->feeder) != (uintptr_t) &this_thread)
    STORE (self->feeder, (uintptr_t) &this_thread);
}

void
tieredqueue_sync_set_blocked (TieredQueueSyncMember * self, bool blocked)
{
  STORE (self->is_blocked, blocked);
  if (!blocked)
    return;
  tieredqueue_sync_fed (self);
  if (tieredqueue_sync_is_on (self->group) && shares_feeder (self))
    tieredqueue_sync_wake_waiting (self->group);
}

/* ---- joining and leaving ---- */

static int64_t
where_the_slowest_stands (TieredQueueSyncMember * self)
{
  int64_t position, slowest = INT64_MAX;
  TieredQueueSyncMember *other;

  FOR_EACH (self->group, other) {
    if (other == self
        || tieredqueue_sync_part_of (other) != TIEREDQUEUE_SYNC_IN)
      continue;
    position = LOAD (other->position);
    if (position != TIEREDQUEUE_SYNC_NONE && position < slowest)
      slowest = position;
  }
  return slowest == INT64_MAX ? TIEREDQUEUE_SYNC_NONE : slowest;
}

static void
take_part (TieredQueueSyncMember * self, TieredQueueSyncPart from)
{
  STORE (self->position, where_the_slowest_stands (self));
  STORE (self->since, 0);
  if (tieredqueue_sync_change_part (self, from, TIEREDQUEUE_SYNC_IN))
    tieredqueue_sync_note_change (self->group);
}

void
tieredqueue_sync_join (TieredQueueSyncMember * self)
{
  if (tieredqueue_sync_part_of (self) == TIEREDQUEUE_SYNC_OUT)
    take_part (self, TIEREDQUEUE_SYNC_OUT);
}

void
tieredqueue_sync_leave (TieredQueueSyncMember * self)
{
  if (tieredqueue_sync_part_of (self) == TIEREDQUEUE_SYNC_OUT)
    return;
  /* Release: joining again comes after. */
  atomic_store_explicit (&self->part, TIEREDQUEUE_SYNC_OUT,
      memory_order_release);
  sc_eventcount_notify (&self->moved);
  tieredqueue_sync_wake_waiting (self->group);
}

void
tieredqueue_sync_set_absent (TieredQueueSyncMember * self, bool absent)
{
  if (absent == (tieredqueue_sync_part_of (self) == TIEREDQUEUE_SYNC_ABSENT))
    return;
  if (!absent) {
    take_part (self, TIEREDQUEUE_SYNC_ABSENT);
  } else if (tieredqueue_sync_change_part (self, TIEREDQUEUE_SYNC_IN,
          TIEREDQUEUE_SYNC_ABSENT)
      || tieredqueue_sync_change_part (self, TIEREDQUEUE_SYNC_LATE,
          TIEREDQUEUE_SYNC_ABSENT)) {
    tieredqueue_sync_wake_waiting (self->group);
  }
}
