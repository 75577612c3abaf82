/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Keeps the outputs of a queue's channels together: none runs ahead of the
 * slowest by more than max-interleave, and none that is dead holds the others
 * back for longer than that.
 *
 * Each channel is a member of the group.  Its output thread, the owner, calls
 *
 *   bool taking_part = tieredqueue_sync_enter (member, time);   may wait
 *   ... push ...
 *   if (taking_part)
 *     tieredqueue_sync_done (member, time);   not if it was thrown away instead
 *
 * with the running time (ns) at which the item begins; of a buffer list, its last
 * buffer.  An item without a time does not call, so it neither moves the member
 * nor waits.  A GAP enters with its beginning and is done with its end.
 *
 * Position of a member
 *   The beginning of the last item that its downstream has taken: published after
 *   the push, so that what has arrived anywhere is at most max-interleave ahead of
 *   what has arrived at the slowest.  Before the push where that cannot be kept or
 *   would lock up: an item more than max-interleave after the one before (a sparse
 *   stream, a segment that jumps), one before it (a segment that jumps back) and
 *   the first.  A member that joins counts as where the slowest then stands; where
 *   nobody stands anywhere yet, as behind everything until it begins: at its
 *   segment or its first item.
 *
 * Who may pass
 *   An item at `time` waits while a member that takes part is more than
 *   max-interleave behind it.  The member whose next item is the earliest never
 *   waits for one that waits too: its position is at most max-interleave before its
 *   item, so the others have all come within reach.  So the group never locks up.
 *
 * Who takes part (`part`)
 *   event                  OUT     IN         LATE       ABSENT
 *   join (flow OK, linked) IN      -          -          -
 *   leave                  -       OUT        OUT        OUT
 *   holds the others up    -       LATE       -          -
 *   enter, or a new        -       -          IN         -
 *     position
 *   no running time        -       ABSENT     ABSENT     -
 *   running time again     -       -          -          IN, as by join
 *
 *   LATE: others have waited for it for max-interleave of monotonic time, counted
 *   from when the first of them began to or from its last new position, whichever
 *   is later; not while it waits itself.  They pass until it moves again: then it
 *   takes part from its own position, however far behind, and they wait until it
 *   has caught up, or stalls again.
 *   ABSENT: a segment not in time, or played backwards, whose running times say
 *   nothing of the order of its items.
 *
 * A thread that feeds several channels and waits for room in one cannot feed the
 * others meanwhile.  A member that has run dry, and was last fed by such a thread
 * while what it waits for is held back by the group, is not waited for: no new
 * position can come from it before.
 *
 * Every wait ends when its member leaves, when the group is switched off or given
 * another max-interleave (it then looks again), and when those it waits for
 * advance, leave or become late.
 *
 * Threads
 *   begin, enter, knows, done, set_absent, set_idle   the owner
 *   fed, set_blocked             the producer of the member's channel
 *   join, leave                  any thread, one at a time for a member
 *   set_on, set_max              any thread, one at a time for the group
 *   add, remove                  any thread
 *
 * No locks; memory is allocated by new and add only and stays until the group
 * and all its members are gone, so that whoever looks over the members may do so at
 * any time.  Switched off, an item costs one
 * relaxed load; switched on, the members are looked over only when what was found
 * the last time does not let it pass.
 *
 * Plain C.
 */
#ifndef TIEREDQUEUE_SYNC_H
#define TIEREDQUEUE_SYNC_H

#include "sc-eventcount.h"
#include "sc-ring.h"

#include <stdbool.h>
#include <stdint.h>

/* No position yet. */
#define TIEREDQUEUE_SYNC_NONE INT64_MIN
/* Times beyond it (73 years) are taken for it, so that sums cannot overflow. */
#define TIEREDQUEUE_SYNC_MAX_TIME (INT64_MAX / 4)

typedef enum
{
  TIEREDQUEUE_SYNC_OUT,
  TIEREDQUEUE_SYNC_IN,
  TIEREDQUEUE_SYNC_LATE,
  TIEREDQUEUE_SYNC_ABSENT,
} TieredQueueSyncPart;

typedef struct TieredQueueSyncChunk TieredQueueSyncChunk;

typedef struct
{
  _Atomic unsigned references;
  atomic_bool on;
  _Atomic int64_t max_interleave;       /* ns, 1 or more */
  /* Moves with whatever can hold back an item that could pass before. */
  _Atomic uint64_t changes;
  _Atomic (TieredQueueSyncChunk *) chunks;
  uint64_t (*now) (void);       /* ns; tests have their own clock */
} TieredQueueSync;

typedef struct
{
  /* The owner's, read by all. */
  _Alignas (SC_CACHE_LINE) _Atomic int64_t position;
  _Atomic TieredQueueSyncPart part;
  atomic_bool idle;             /* it has nothing to push */
  /* The owner's: as long as `changes` is `seen`, what begins at `limit` or before
   * may pass. */
  int64_t limit;
  uint64_t seen;
  TieredQueueSync *group;
  atomic_bool is_used;          /* by who has added it */

  /* The owner's while it waits: the position from which on it is to be woken, that
   * from which on its item may pass or a little later; else INT64_MAX. */
  _Alignas (SC_CACHE_LINE) _Atomic int64_t need;
  ScEventcount moved;           /* it sleeps here */

  /* Of those who wait for it: the smallest of their needs, else INT64_MAX; and
   * since when it has held them up, 0 = it has not. */
  _Alignas (SC_CACHE_LINE) _Atomic int64_t wanted;
  _Atomic uint64_t since;

  /* The producer's: the thread that fed it last, 0 = not known, and whether it
   * waits for room here. */
  _Alignas (SC_CACHE_LINE) _Atomic uintptr_t feeder;
  atomic_bool is_blocked;

  /* Statistics; times in ns. */
  _Atomic uint64_t waits;
  _Atomic uint64_t wait_time;
  _Atomic uint64_t lates;       /* times it became late */
} TieredQueueSyncMember;

/* Returns: (transfer full): a group that is off, or NULL: out of memory */
TieredQueueSync *tieredqueue_sync_new (int64_t max_interleave);

/* Each member keeps the group too. */
void tieredqueue_sync_unref (TieredQueueSync * self);

/* Returns: (transfer full): a member that is OUT, or NULL: out of memory */
TieredQueueSyncMember *tieredqueue_sync_add (TieredQueueSync * self);

/* After its owner's and its producer's last call. */
void tieredqueue_sync_remove (TieredQueueSyncMember * member);

/* Switched on, nobody has a position yet. */
void tieredqueue_sync_set_on (TieredQueueSync * self, bool on);

/* @max_interleave: ns, 1 to TIEREDQUEUE_SYNC_MAX_TIME */
void tieredqueue_sync_set_max (TieredQueueSync * self,
    int64_t max_interleave);

/* Its statistics begin anew; nothing flows through it. */
void tieredqueue_sync_clear_account (TieredQueueSyncMember * member);

static inline bool
tieredqueue_sync_is_on (TieredQueueSync * self)
{
  /* Relaxed: nothing is published through it; who switches off wakes all. */
  return atomic_load_explicit (&self->on, memory_order_relaxed);
}

/* Either may be called when it is so already. */
void tieredqueue_sync_join (TieredQueueSyncMember * self);
void tieredqueue_sync_leave (TieredQueueSyncMember * self);

/* Of a member without a position: its stream begins at @time. */
void tieredqueue_sync_begin (TieredQueueSyncMember * self, int64_t time);

/**
 * tieredqueue_sync_enter:
 * @time: running time at which the item begins, ns
 *
 * Waits until the item may pass, or the member has left.
 *
 * Returns: whether the member takes part, so that done follows the push
 */
bool tieredqueue_sync_enter (TieredQueueSyncMember * self, int64_t time);
void tieredqueue_sync_done (TieredQueueSyncMember * self, int64_t time);

/**
 * tieredqueue_sync_knows:
 *
 * Returns: whether an item at @time, right behind one that has entered, may pass
 *   by what the owner has seen last: without looking over the members again
 */
bool tieredqueue_sync_knows (TieredQueueSyncMember * self, int64_t time);

/* Whether its items have running times that order them. */
void tieredqueue_sync_set_absent (TieredQueueSyncMember * self, bool absent);

/* Whether it waits for something to push. */
void tieredqueue_sync_set_idle (TieredQueueSyncMember * self, bool idle);

/* The calling thread feeds it. */
void tieredqueue_sync_fed (TieredQueueSyncMember * self);

/* Whether the calling thread, which feeds it, waits for room. */
void tieredqueue_sync_set_blocked (TieredQueueSyncMember * self, bool blocked);

#endif
