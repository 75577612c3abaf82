/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Positions: who holds up whom, and who is to be woken. */
#include "tieredqueue-sync-private.h"

void
tieredqueue_sync_wake_waiting (TieredQueueSync * self)
{
  TieredQueueSyncMember *member;

  /* Pairs with the fence of sc_eventcount_prepare in wait_for_others: either its
   * need is seen here, or it sees the change. */
  atomic_thread_fence (memory_order_seq_cst);
  FOR_EACH (self, member) {
    if (tieredqueue_sync_is_waiting (member))
      sc_eventcount_notify (&member->moved);
  }
}

/* Back from being late.  The others have left it out of what they know. */
void
tieredqueue_sync_come_back (TieredQueueSyncMember * self)
{
  STORE (self->since, 0);
  if (tieredqueue_sync_change_part (self, TIEREDQUEUE_SYNC_LATE,
          TIEREDQUEUE_SYNC_IN))
    tieredqueue_sync_note_change (self->group);
}

/* Lowers `wanted`. */
static void
want (TieredQueueSyncMember * self, int64_t need)
{
  int64_t wanted = LOAD (self->wanted);

  /* Acquire and release: see tell_waiting. */
  while (need < wanted
      && !atomic_compare_exchange_weak_explicit (&self->wanted, &wanted, need,
          memory_order_acq_rel, memory_order_relaxed));
}

/* Wakes those that @position lets pass, as far as this member goes. */
static void
tell_waiting (TieredQueueSyncMember * self, int64_t position)
{
  uint64_t none = 0, now = self->group->now ();
  TieredQueueSyncMember *other;
  bool still_wanted = false;

  if (position < LOAD (self->wanted)) {
    STORE (self->since, now);
    return;
  }
  /* In this order: who asks after the exchange finds no time and begins to count;
   * the acquire half lets the needs of who has asked before it be seen. */
  STORE (self->since, 0);
  atomic_exchange_explicit (&self->wanted, TIEREDQUEUE_SYNC_NOBODY,
      memory_order_acq_rel);
  /* Pairs with the one of prepare: who still found the old `wanted`, and so left
   * it alone, has shown its need before. */
  atomic_thread_fence (memory_order_seq_cst);
  FOR_EACH (self->group, other) {
    int64_t need = LOAD (other->need);

    if (need <= position) {
      sc_eventcount_notify (&other->moved);
    } else if (need != TIEREDQUEUE_SYNC_NOBODY) {
      want (self, need);
      still_wanted = true;
    }
  }
  if (still_wanted)
    atomic_compare_exchange_strong_explicit (&self->since, &none, now,
        memory_order_relaxed, memory_order_relaxed);
}

void
tieredqueue_sync_set_position (TieredQueueSyncMember * self, int64_t position)
{
  /* Release: what is known of a position is not known before the push. */
  atomic_store_explicit (&self->position, position, memory_order_release);
  /* Pairs with the fences in ask and in call_late: either who waits, or who calls
   * it late, sees the new position, or it is seen here. */
  atomic_thread_fence (memory_order_seq_cst);
  if (LOAD (self->part) == TIEREDQUEUE_SYNC_LATE)
    tieredqueue_sync_come_back (self);
  if (LOAD (self->wanted) != TIEREDQUEUE_SYNC_NOBODY)
    tell_waiting (self, position);
}

/* ---- looking over the members ---- */

static bool
is_behind (int64_t position, int64_t need)
{
  return position == TIEREDQUEUE_SYNC_NONE || position < need;
}

/* Another member than @self whose feeder waits for room in a channel that the
 * group holds back, and is @self's. */
bool
tieredqueue_sync_cannot_be_fed (TieredQueueSyncMember * self)
{
  uintptr_t feeder = LOAD (self->feeder);
  TieredQueueSyncMember *other;

  if (feeder == 0 || !LOAD (self->idle))
    return false;
  FOR_EACH (self->group, other) {
    if (other != self && LOAD (other->is_blocked)
        && tieredqueue_sync_is_waiting (other)
        && LOAD (other->feeder) == feeder)
      return true;
  }
  return false;
}

/* Asks it to wake who waits at @need; its position, again. */
static int64_t
ask (TieredQueueSyncMember * self, int64_t need, uint64_t now)
{
  uint64_t none = 0;

  want (self, need);
  atomic_compare_exchange_strong_explicit (&self->since, &none, now,
      memory_order_relaxed, memory_order_relaxed);
  /* Pairs with the fence in set_position. */
  atomic_thread_fence (memory_order_seq_cst);
  return atomic_load_explicit (&self->position, memory_order_acquire);
}

/* FALSE when it has moved after all. */
static bool
call_late (TieredQueueSyncMember * self, int64_t position)
{
  if (!tieredqueue_sync_change_part (self, TIEREDQUEUE_SYNC_IN,
          TIEREDQUEUE_SYNC_LATE))
    return tieredqueue_sync_part_of (self) != TIEREDQUEUE_SYNC_IN;
  /* Pairs with the fence in set_position. */
  atomic_thread_fence (memory_order_seq_cst);
  if (LOAD (self->position) != position) {
    tieredqueue_sync_come_back (self);
    return false;
  }
  atomic_fetch_add_explicit (&self->lates, 1, memory_order_relaxed);
  tieredqueue_sync_wake_waiting (self->group);
  return true;
}

/* Whether @other holds up an item with @need; until when at the most. */
static bool
holds_up (TieredQueueSyncMember * other, int64_t need, int64_t * position,
    uint64_t * deadline)
{
  uint64_t max = (uint64_t) LOAD (other->group->max_interleave);
  uint64_t since, now = other->group->now ();

  *position = ask (other, need, now);
  if (!is_behind (*position, need))
    return false;
  since = LOAD (other->since);
  /* Not told in time that it has moved, or it waits itself: whatever it waits for
   * has a deadline of its own. */
  if (since == 0 || since > now || tieredqueue_sync_is_waiting (other))
    since = now;
  *deadline = since + max;
  return now < *deadline || !call_late (other, *position);
}

/* TRUE when an item at @time may pass; else until when at the most not. */
static bool
look_around (TieredQueueSyncMember * self, int64_t time, uint64_t * deadline)
{
  TieredQueueSync *group = self->group;
  int64_t max = LOAD (group->max_interleave);
  int64_t position, need = time - max, slowest = TIEREDQUEUE_SYNC_MAX_TIME;
  /* Before looking: a change from here on makes what is seen worthless. */
  uint64_t until, changes =
      atomic_load_explicit (&group->changes, memory_order_acquire);
  TieredQueueSyncMember *other;
  bool passes = true, keeps = true;

  *deadline = UINT64_MAX;
  FOR_EACH (group, other) {
    if (other == self
        || tieredqueue_sync_part_of (other) != TIEREDQUEUE_SYNC_IN)
      continue;
    position = atomic_load_explicit (&other->position, memory_order_acquire);
    if (is_behind (position, need)) {
      if (tieredqueue_sync_cannot_be_fed (other)) {
        keeps = false;          /* good for this item only */
        continue;
      }
      if (holds_up (other, need, &position, &until)) {
        passes = false;
        *deadline = until < *deadline ? until : *deadline;
        continue;
      }
      if (is_behind (position, need))
        continue;               /* late */
    }
    slowest = position < slowest ? position : slowest;
  }
  if (passes && keeps) {
    self->limit = slowest + max;
    self->seen = changes;
  }
  return passes;
}

bool
tieredqueue_sync_knows (TieredQueueSyncMember * self, int64_t time)
{
  /* Acquire: pairs with the release of note_change. */
  return atomic_load_explicit (&self->group->changes, memory_order_acquire)
      == self->seen && time <= self->limit;
}

bool
tieredqueue_sync_may_pass (TieredQueueSyncMember * self, int64_t time,
    uint64_t * deadline)
{
  return tieredqueue_sync_knows (self, time)
      || look_around (self, time, deadline);
}
