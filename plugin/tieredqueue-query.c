/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tieredqueue-query.h"

#include <stdatomic.h>

enum
{
  PENDING,
  CLAIMED,
  DONE,
  CANCELLED,
};

struct _TieredQueueQuery
{
  gatomicrefcount references;
  _Atomic int state;
  GstQuery *query;
  gboolean answered;            /* published by DONE */
};

TieredQueueQuery *
tieredqueue_query_new (GstQuery * query)
{
  TieredQueueQuery *self = g_new0 (TieredQueueQuery, 1);

  g_atomic_ref_count_init (&self->references);
  g_atomic_ref_count_inc (&self->references);
  atomic_init (&self->state, PENDING);
  self->query = query;
  return self;
}

void
tieredqueue_query_unref (TieredQueueQuery * self)
{
  if (g_atomic_ref_count_dec (&self->references))
    g_free (self);
}

static gboolean
leave_pending (TieredQueueQuery * self, int state)
{
  int expected = PENDING;

  /* Relaxed: the one winner is decided by the exchange itself; the query was
   * published by the ring. */
  return atomic_compare_exchange_strong_explicit (&self->state, &expected,
      state, memory_order_relaxed, memory_order_relaxed);
}

GstQuery *
tieredqueue_query_claim (TieredQueueQuery * self)
{
  return leave_pending (self, CLAIMED) ? self->query : NULL;
}

void
tieredqueue_query_finish (TieredQueueQuery * self, gboolean answered)
{
  self->answered = answered;
  /* Release: pairs with the acquire in is_done; the waiter must see what
   * downstream wrote into the query. */
  atomic_store_explicit (&self->state, DONE, memory_order_release);
}

gboolean
tieredqueue_query_cancel (TieredQueueQuery * self)
{
  return leave_pending (self, CANCELLED);
}

gboolean
tieredqueue_query_is_done (TieredQueueQuery * self, gboolean * answered)
{
  if (atomic_load_explicit (&self->state, memory_order_acquire) != DONE)
    return FALSE;
  *answered = self->answered;
  return TRUE;
}
