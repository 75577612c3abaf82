/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The group and its members. */
#include "tieredqueue-sync-private.h"

#include "sc-clock.h"

#include <stdlib.h>
#include <string.h>

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
  for (unsigned i = 0; i < TIEREDQUEUE_SYNC_CHUNK; i++)
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
  for (unsigned i = 0; i < TIEREDQUEUE_SYNC_CHUNK; i++) {
    TieredQueueSyncMember *member = &chunk->members[i];

    member->group = self;
    atomic_init (&member->need, TIEREDQUEUE_SYNC_NOBODY);
    atomic_init (&member->wanted, TIEREDQUEUE_SYNC_NOBODY);
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
    for (unsigned i = 0; i < TIEREDQUEUE_SYNC_CHUNK; i++) {
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
