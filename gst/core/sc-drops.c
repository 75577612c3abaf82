/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-drops.h"

#define LOAD(cell) atomic_load_explicit (&(cell), memory_order_relaxed)
#define STORE(cell, value) \
  atomic_store_explicit (&(cell), (value), memory_order_relaxed)

void
sc_drops_init (ScDrops * self)
{
  atomic_init (&self->buffers, 0);
  atomic_init (&self->bytes, 0);
  atomic_init (&self->offset, 0);
  atomic_init (&self->first, UINT64_MAX);
  atomic_init (&self->last, UINT64_MAX);
  atomic_init (&self->begin, true);
}

void
sc_drops_add (ScDrops * self, const ScGap * dropped)
{
  if (LOAD (self->begin)) {
    STORE (self->begin, false);
    STORE (self->offset, dropped->offset);
    STORE (self->first, dropped->first);
  }
  STORE (self->last, dropped->last);
  STORE (self->bytes, LOAD (self->bytes) + dropped->size);
  /* Release: pairs with the acquire in read: a count is never seen without its
   * times and bytes. */
  atomic_store_explicit (&self->buffers, LOAD (self->buffers)
      + dropped->buffers, memory_order_release);
}

void
sc_drops_read (const ScDrops * self, ScGap * dropped)
{
  /* Acquire: pairs with the release in add. */
  dropped->buffers = atomic_load_explicit (&self->buffers,
      memory_order_acquire);
  dropped->size = LOAD (self->bytes);
  dropped->offset = LOAD (self->offset);
  dropped->first = LOAD (self->first);
  dropped->last = LOAD (self->last);
}

void
sc_drops_begin (ScDrops * self)
{
  STORE (self->begin, true);
}
