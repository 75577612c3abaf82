/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tieredqueue-sync.h"

#include "sc-clock.h"

#include <stdlib.h>
#include <string.h>

#define CHUNK_MEMBERS 32
#define NOBODY INT64_MAX

/* How long a waiter lets the others get further ahead than it needs, ns.  Woken for
 * each of its items it would pay a wake-up an item. */
#define NAP 1000000

#define LOAD(cell) atomic_load_explicit (&(cell), memory_order_relaxed)
#define STORE(cell, value) \
  atomic_store_explicit (&(cell), (value), memory_order_relaxed)
/* For a cell with one writer. */
#define ADD(cell, value) STORE ((cell), LOAD (cell) + (value))

struct TieredQueueSyncChunk
{
  TieredQueueSyncMember members[CHUNK_MEMBERS];
  _Atomic (TieredQueueSyncChunk *) next;
};

typedef struct
{
  TieredQueueSyncChunk *chunk;
  unsigned index;
} Walk;

/* The next member, in use or not, or NULL. */
static TieredQueueSyncMember *
walk_on (Walk * walk)
{
  while (walk->chunk != NULL) {
    if (walk->index < CHUNK_MEMBERS)
      return &walk->chunk->members[walk->index++];
    /* Acquire: pairs with add's release, so that a chunk is seen filled in. */
    walk->chunk = atomic_load_explicit (&walk->chunk->next,
        memory_order_acquire);
    walk->index = 0;
  }
  return NULL;
}

#define FOR_EACH(group, member) \
  for (Walk walk_ = { atomic_load_explicit (&(group)->chunks, \
              memory_order_acquire), 0 }; \
      ((member) = walk_on (&walk_)) != NULL;)

static TieredQueueSyncPart
part_of (TieredQueueSyncMember * self)
{
  /* Acquire: pairs with join's release, so that the position it has joined with
   * is seen and not one from before. */
  return atomic_load_explicit (&self->part, memory_order_acquire);
}

static bool
change_part (TieredQueueSyncMember * self, TieredQueueSyncPart from,
    TieredQueueSyncPart to)
{
  return atomic_compare_exchange_strong_explicit (&self->part, &from, to,
      memory_order_acq_rel, memory_order_relaxed);
}

/* Release: pairs with the acquire in enter, so that who finds no change may
 * still rely on what it has seen of the members. */
static void
note_change (TieredQueueSync * self)
{
  atomic_fetch_add_explicit (&self->changes, 1, memory_order_release);
}

static bool
is_waiting (TieredQueueSyncMember * self)
{
  return LOAD (self->need) != NOBODY;
}

/* After a change that may let them pass; the notification has the fence. */
static void
wake_waiting (TieredQueueSync * self)
{
  TieredQueueSyncMember *member;

  /* Pairs with the fence of sc_eventcount_prepare in wait_for_others: either its
   * need is seen here, or it sees the change. */
  atomic_thread_fence (memory_order_seq_cst);
  FOR_EACH (self, member) {
    if (is_waiting (member))
      sc_eventcount_notify (&member->moved);
  }
}

/* ---- making it ---- */

TieredQueueSync *
tieredqueue_sync_new (int64_t max_interleave)
{
  TieredQueueSync *self = malloc (sizeof (*self));

  if (self == NULL)
    return NULL;
  atomic_init (&self->references, 1);
  atomic_init (&self->on, false);
  atomic_init (&self->max_interleave, max_interleave);
  atomic_init (&self->changes, 1);
  atomic_init (&self->chunks, NULL);
  self->now = sc_clock_now;
  return self;
}

static void
free_chunk (TieredQueueSyncChunk * chunk)
{
  for (unsigned i = 0; i < CHUNK_MEMBERS; i++)
    sc_eventcount_clear (&chunk->members[i].moved);
  free (chunk);
}

void
tieredqueue_sync_unref (TieredQueueSync * self)
{
  TieredQueueSyncChunk *chunk;

  /* Release and acquire: what others did before they let go comes before. */
  if (atomic_fetch_sub_explicit (&self->references, 1, memory_order_acq_rel)
      > 1)
    return;
  chunk = LOAD (self->chunks);
  while (chunk != NULL) {
    TieredQueueSyncChunk *next = LOAD (chunk->next);

    free_chunk (chunk);
    chunk = next;
  }
  free (self);
}

static TieredQueueSyncChunk *
new_chunk (TieredQueueSync * self)
{
  TieredQueueSyncChunk *chunk;
  void *memory;

  if (posix_memalign (&memory, SC_CACHE_LINE, sizeof (*chunk)) != 0)
    return NULL;
  chunk = memset (memory, 0, sizeof (*chunk));
  for (unsigned i = 0; i < CHUNK_MEMBERS; i++) {
    TieredQueueSyncMember *member = &chunk->members[i];

    member->group = self;
    atomic_init (&member->need, NOBODY);
    atomic_init (&member->wanted, NOBODY);
    if (sc_eventcount_init (&member->moved) != 0) {
      while (i-- > 0)
        sc_eventcount_clear (&chunk->members[i].moved);
      free (chunk);
      return NULL;
    }
  }
  return chunk;
}

void
tieredqueue_sync_clear_account (TieredQueueSyncMember * member)
{
  STORE (member->waits, 0);
  STORE (member->wait_time, 0);
  STORE (member->lates, 0);
}

/* FALSE: it is another's. */
static bool
use (TieredQueueSyncMember * member)
{
  /* Acquire: pairs with the release in remove: what the last one has left there
   * must not show after this one's beginning. */
  if (atomic_exchange_explicit (&member->is_used, true, memory_order_acquire))
    return false;
  STORE (member->feeder, 0);
  STORE (member->is_blocked, false);
  STORE (member->idle, false);
  tieredqueue_sync_clear_account (member);
  return true;
}

TieredQueueSyncMember *
tieredqueue_sync_add (TieredQueueSync * self)
{
  _Atomic (TieredQueueSyncChunk *) *last = &self->chunks;

  for (;;) {
    /* Acquire: as in walk_on. */
    TieredQueueSyncChunk *chunk =
        atomic_load_explicit (last, memory_order_acquire);

    if (chunk == NULL) {
      TieredQueueSyncChunk *mine = new_chunk (self);

      if (mine == NULL)
        return NULL;
      /* Release: pairs with the acquire of who walks over the members. */
      if (atomic_compare_exchange_strong_explicit (last, &chunk, mine,
              memory_order_release, memory_order_acquire))
        chunk = mine;
      else
        free_chunk (mine);      /* another was faster */
    }
    for (unsigned i = 0; i < CHUNK_MEMBERS; i++) {
      if (use (&chunk->members[i])) {
        atomic_fetch_add_explicit (&self->references, 1, memory_order_relaxed);
        return &chunk->members[i];
      }
    }
    last = &chunk->next;
  }
}

void
tieredqueue_sync_remove (TieredQueueSyncMember * member)
{
  TieredQueueSync *group = member->group;

  tieredqueue_sync_leave (member);
  atomic_store_explicit (&member->is_used, false, memory_order_release);
  tieredqueue_sync_unref (group);
}

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
      change_part (member, TIEREDQUEUE_SYNC_LATE, TIEREDQUEUE_SYNC_IN);
      STORE (member->position, TIEREDQUEUE_SYNC_NONE);
      STORE (member->since, 0);
    }
    note_change (self);
  }
  STORE (self->on, on);
  wake_waiting (self);
}

void
tieredqueue_sync_set_max (TieredQueueSync * self, int64_t max_interleave)
{
  STORE (self->max_interleave, max_interleave);
  note_change (self);
  wake_waiting (self);
}

/* ---- positions ---- */

static int64_t
clamp (int64_t time)
{
  if (time > TIEREDQUEUE_SYNC_MAX_TIME)
    return TIEREDQUEUE_SYNC_MAX_TIME;
  return time < -TIEREDQUEUE_SYNC_MAX_TIME ? -TIEREDQUEUE_SYNC_MAX_TIME : time;
}

/* Back from being late.  The others have left it out of what they know. */
static void
come_back (TieredQueueSyncMember * self)
{
  STORE (self->since, 0);
  if (change_part (self, TIEREDQUEUE_SYNC_LATE, TIEREDQUEUE_SYNC_IN))
    note_change (self->group);
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
  atomic_exchange_explicit (&self->wanted, NOBODY, memory_order_acq_rel);
  /* Pairs with the one of prepare: who still found the old `wanted`, and so left
   * it alone, has shown its need before. */
  atomic_thread_fence (memory_order_seq_cst);
  FOR_EACH (self->group, other) {
    int64_t need = LOAD (other->need);

    if (need <= position) {
      sc_eventcount_notify (&other->moved);
    } else if (need != NOBODY) {
      want (self, need);
      still_wanted = true;
    }
  }
  if (still_wanted)
    atomic_compare_exchange_strong_explicit (&self->since, &none, now,
        memory_order_relaxed, memory_order_relaxed);
}

static void
set_position (TieredQueueSyncMember * self, int64_t position)
{
  /* Release: what is known of a position is not known before the push. */
  atomic_store_explicit (&self->position, position, memory_order_release);
  /* Pairs with the fences in ask and in call_late: either who waits, or who calls
   * it late, sees the new position, or it is seen here. */
  atomic_thread_fence (memory_order_seq_cst);
  if (LOAD (self->part) == TIEREDQUEUE_SYNC_LATE)
    come_back (self);
  if (LOAD (self->wanted) != NOBODY)
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
static bool
cannot_be_fed (TieredQueueSyncMember * self)
{
  uintptr_t feeder = LOAD (self->feeder);
  TieredQueueSyncMember *other;

  if (feeder == 0 || !LOAD (self->idle))
    return false;
  FOR_EACH (self->group, other) {
    if (other != self && LOAD (other->is_blocked) && is_waiting (other)
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
  if (!change_part (self, TIEREDQUEUE_SYNC_IN, TIEREDQUEUE_SYNC_LATE))
    return part_of (self) != TIEREDQUEUE_SYNC_IN;
  /* Pairs with the fence in set_position. */
  atomic_thread_fence (memory_order_seq_cst);
  if (LOAD (self->position) != position) {
    come_back (self);
    return false;
  }
  atomic_fetch_add_explicit (&self->lates, 1, memory_order_relaxed);
  wake_waiting (self->group);
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
  if (since == 0 || since > now || is_waiting (other))
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
    if (other == self || part_of (other) != TIEREDQUEUE_SYNC_IN)
      continue;
    position = atomic_load_explicit (&other->position, memory_order_acquire);
    if (is_behind (position, need)) {
      if (cannot_be_fed (other)) {
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

/* ---- the owner ---- */

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
    set_position (self, time);
  } else if (time < position) {
    set_position (self, time);
    note_change (self->group);
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
      wake_waiting (group);
    if (!tieredqueue_sync_is_on (group)
        || part_of (self) == TIEREDQUEUE_SYNC_OUT
        || look_around (self, time, &deadline)) {
      sc_eventcount_cancel (&self->moved);
      break;
    }
    sleep_until (self, key, deadline, is_first);
  }
  now = group->now ();
  STORE (self->need, NOBODY);
  /* It has not held up anybody while it waited itself. */
  if (LOAD (self->since) != 0)
    STORE (self->since, now);
  ADD (self->wait_time, now - begin);
}

/* Whether the member takes part; again, if it has been late. */
static bool
show_up (TieredQueueSyncMember * self)
{
  switch (part_of (self)) {
    case TIEREDQUEUE_SYNC_LATE:
      come_back (self);
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
    set_position (self, clamp (time));
}

bool
tieredqueue_sync_knows (TieredQueueSyncMember * self, int64_t time)
{
  /* Acquire: pairs with the release of note_change. */
  return atomic_load_explicit (&self->group->changes, memory_order_acquire)
      == self->seen && time <= self->limit;
}

static bool
may_pass (TieredQueueSyncMember * self, int64_t time, uint64_t * deadline)
{
  return tieredqueue_sync_knows (self, time)
      || look_around (self, time, deadline);
}

bool
tieredqueue_sync_try (TieredQueueSyncMember * self, int64_t time,
    uint64_t * deadline)
{
  if (!tieredqueue_sync_is_on (self->group) || !show_up (self))
    return true;
  time = clamp (time);
  announce (self, time);
  return may_pass (self, time, deadline);
}

bool
tieredqueue_sync_enter (TieredQueueSyncMember * self, int64_t time)
{
  uint64_t deadline;

  if (!tieredqueue_sync_is_on (self->group) || !show_up (self))
    return false;
  time = clamp (time);
  announce (self, time);
  if (!may_pass (self, time, &deadline))
    wait_for_others (self, time);
  return true;
}

void
tieredqueue_sync_done (TieredQueueSyncMember * self, int64_t time)
{
  time = clamp (time);
  if (LOAD (self->position) != time
      || LOAD (self->part) == TIEREDQUEUE_SYNC_LATE)
    set_position (self, time);
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
  if (LOAD (self->wanted) != NOBODY && cannot_be_fed (self))
    wake_waiting (self->group);
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
    wake_waiting (self->group);
}

/* ---- joining and leaving ---- */

static int64_t
where_the_slowest_stands (TieredQueueSyncMember * self)
{
  int64_t position, slowest = INT64_MAX;
  TieredQueueSyncMember *other;

  FOR_EACH (self->group, other) {
    if (other == self || part_of (other) != TIEREDQUEUE_SYNC_IN)
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
  if (change_part (self, from, TIEREDQUEUE_SYNC_IN))
    note_change (self->group);
}

void
tieredqueue_sync_join (TieredQueueSyncMember * self)
{
  if (part_of (self) == TIEREDQUEUE_SYNC_OUT)
    take_part (self, TIEREDQUEUE_SYNC_OUT);
}

void
tieredqueue_sync_leave (TieredQueueSyncMember * self)
{
  if (part_of (self) == TIEREDQUEUE_SYNC_OUT)
    return;
  /* Release: joining again comes after. */
  atomic_store_explicit (&self->part, TIEREDQUEUE_SYNC_OUT,
      memory_order_release);
  sc_eventcount_notify (&self->moved);
  wake_waiting (self->group);
}

void
tieredqueue_sync_set_absent (TieredQueueSyncMember * self, bool absent)
{
  if (absent == (part_of (self) == TIEREDQUEUE_SYNC_ABSENT))
    return;
  if (!absent) {
    take_part (self, TIEREDQUEUE_SYNC_ABSENT);
  } else if (change_part (self, TIEREDQUEUE_SYNC_IN, TIEREDQUEUE_SYNC_ABSENT)
      || change_part (self, TIEREDQUEUE_SYNC_LATE, TIEREDQUEUE_SYNC_ABSENT)) {
    wake_waiting (self->group);
  }
}
