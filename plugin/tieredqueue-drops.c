/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tieredqueue-drops.h"

#define LOAD(cell) atomic_load_explicit (&(cell), memory_order_relaxed)
#define STORE(cell, value) \
  atomic_store_explicit (&(cell), (value), memory_order_relaxed)

static const gchar *const names[TIEREDQUEUE_N_DROP_REASONS] = {
  [TIEREDQUEUE_DROP_FULL] = "full",
  [TIEREDQUEUE_DROP_TIMEOUT] = "timeout",
  [TIEREDQUEUE_DROP_GOP] = "gop",
  [TIEREDQUEUE_DROP_FLUSH] = "flush",
  [TIEREDQUEUE_DROP_EOS] = "eos",
};

const gchar *
tieredqueue_drop_reason_name (TieredQueueDropReason reason)
{
  return names[reason];
}

void
tieredqueue_drops_clear (TieredQueueDrops * self)
{
  for (guint i = 0; i < TIEREDQUEUE_N_DROP_REASONS; i++) {
    STORE (self->accounts[i].buffers, 0);
    STORE (self->accounts[i].bytes, 0);
    STORE (self->accounts[i].begin, TRUE);
  }
}

void
tieredqueue_drops_add (TieredQueueDrops * self, TieredQueueDropReason reason,
    guint buffers, guint64 bytes, gint64 time)
{
  TieredQueueDropAccount *account = &self->accounts[reason];

  /* An exchange, as both sides of the queue may drop at once: one of them is
   * first. */
  if (LOAD (account->begin) && atomic_exchange_explicit (&account->begin,
          FALSE, memory_order_relaxed))
    STORE (account->first, time);
  STORE (account->last, time);
  atomic_fetch_add_explicit (&account->bytes, bytes, memory_order_relaxed);
  /* Release: pairs with the acquire in read, so that a count is never seen
   * without its times and bytes. */
  atomic_fetch_add_explicit (&account->buffers, buffers, memory_order_release);
}

void
tieredqueue_drops_read (TieredQueueDrops * self, TieredQueueDropReason reason,
    TieredQueueDropped * dropped)
{
  TieredQueueDropAccount *account = &self->accounts[reason];

  /* Acquire: pairs with the release in add. */
  dropped->buffers = atomic_load_explicit (&account->buffers,
      memory_order_acquire);
  dropped->bytes = LOAD (account->bytes);
  dropped->first = LOAD (account->first);
  dropped->last = LOAD (account->last);
}

void
tieredqueue_drops_begin (TieredQueueDrops * self, TieredQueueDropReason reason)
{
  STORE (self->accounts[reason].begin, TRUE);
}

guint64
tieredqueue_drops_lost (TieredQueueDrops * self)
{
  guint64 lost = 0;

  for (guint i = 0; i < TIEREDQUEUE_N_DROP_REASONS; i++)
    if (tieredqueue_drop_is_loss (i))
      lost += LOAD (self->accounts[i].buffers);
  return lost;
}
