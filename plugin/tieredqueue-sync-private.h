/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the files of the group share: its members one by one, and how they change.
 *
 *   tieredqueue-sync-members.c  the group and its members, made and given back
 *   tieredqueue-sync-look.c     positions, who holds up whom, who is to be woken
 *   tieredqueue-sync.c          what owners, producers and settings do with it
 *
 * The contract is in tieredqueue-sync.h.
 */
#ifndef TIEREDQUEUE_SYNC_PRIVATE_H
#define TIEREDQUEUE_SYNC_PRIVATE_H

#include "tieredqueue-sync.h"

#include <stddef.h>

#define TIEREDQUEUE_SYNC_CHUNK 32
/* In place of a need: of nobody who waits. */
#define TIEREDQUEUE_SYNC_NOBODY INT64_MAX

#define LOAD(cell) atomic_load_explicit (&(cell), memory_order_relaxed)
#define STORE(cell, value) \
  atomic_store_explicit (&(cell), (value), memory_order_relaxed)
/* For a cell with one writer. */
#define ADD(cell, value) STORE ((cell), LOAD (cell) + (value))

struct TieredQueueSyncChunk
{
  TieredQueueSyncMember members[TIEREDQUEUE_SYNC_CHUNK];
  _Atomic (TieredQueueSyncChunk *) next;
};

typedef struct
{
  TieredQueueSyncChunk *chunk;
  unsigned index;
} TieredQueueSyncWalk;

/* The next member, in use or not, or NULL. */
static inline TieredQueueSyncMember *
tieredqueue_sync_walk_on (TieredQueueSyncWalk * walk)
{
  while (walk->chunk != NULL) {
    if (walk->index < TIEREDQUEUE_SYNC_CHUNK)
      return &walk->chunk->members[walk->index++];
    /* Acquire: pairs with add's release, so that a chunk is seen filled in. */
    walk->chunk = atomic_load_explicit (&walk->chunk->next,
        memory_order_acquire);
    walk->index = 0;
  }
  return NULL;
}

#define FOR_EACH(group, member) \
  for (TieredQueueSyncWalk walk_ = { atomic_load_explicit (&(group)->chunks, \
              memory_order_acquire), 0 }; \
      ((member) = tieredqueue_sync_walk_on (&walk_)) != NULL;)

static inline TieredQueueSyncPart
tieredqueue_sync_part_of (TieredQueueSyncMember * self)
{
  /* Acquire: pairs with join's release, so that the position it has joined with
   * is seen and not one from before. */
  return atomic_load_explicit (&self->part, memory_order_acquire);
}

static inline bool
tieredqueue_sync_change_part (TieredQueueSyncMember * self,
    TieredQueueSyncPart from, TieredQueueSyncPart to)
{
  return atomic_compare_exchange_strong_explicit (&self->part, &from, to,
      memory_order_acq_rel, memory_order_relaxed);
}

/* Release: pairs with the acquire in enter, so that who finds no change may
 * still rely on what it has seen of the members. */
static inline void
tieredqueue_sync_note_change (TieredQueueSync * self)
{
  atomic_fetch_add_explicit (&self->changes, 1, memory_order_release);
}

static inline bool
tieredqueue_sync_is_waiting (TieredQueueSyncMember * self)
{
  return LOAD (self->need) != TIEREDQUEUE_SYNC_NOBODY;
}

/* After a change that may let those pass who wait. */
void tieredqueue_sync_wake_waiting (TieredQueueSync * self);

/* Back from being late.  The owner, or who has just called it late. */
void tieredqueue_sync_come_back (TieredQueueSyncMember * self);

/* Moves, and wakes those that this lets pass.  The owner only. */
void tieredqueue_sync_set_position (TieredQueueSyncMember * self,
    int64_t position);

/* Whether it waits for data that can only come from a thread which waits itself for
 * room in a channel that the group holds back.  Any thread. */
bool tieredqueue_sync_cannot_be_fed (TieredQueueSyncMember * self);

/**
 * tieredqueue_sync_arrive:
 * @time: (inout): running time at which the item begins, clamped
 *
 * The first half of enter: moves to where the item begins, if that cannot be left
 * until it is pushed.  The owner only.
 *
 * Returns: whether the member takes part; again, if it has been late
 */
bool tieredqueue_sync_arrive (TieredQueueSyncMember * self, int64_t * time);

/**
 * tieredqueue_sync_may_pass:
 * @time: from tieredqueue_sync_arrive()
 * @deadline: (out): when FALSE, until when at the most, on the group's clock
 *
 * The second half of enter, without the wait.  The owner only.
 *
 * Returns: whether the item may pass
 */
bool tieredqueue_sync_may_pass (TieredQueueSyncMember * self, int64_t time,
    uint64_t * deadline);

#endif
