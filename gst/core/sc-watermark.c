/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-watermark.h"

#include <errno.h>

#define DEFAULT_LOW 0.7
#define DEFAULT_HIGH 0.9

void
sc_watermark_init (ScWatermark * self)
{
  atomic_init (&self->low, DEFAULT_LOW);
  atomic_init (&self->high, DEFAULT_HIGH);
  atomic_init (&self->state, SC_WATERMARK_INACTIVE);
  atomic_init (&self->triggers, 0);
  atomic_init (&self->since, 0);
  atomic_init (&self->total, 0);
  atomic_init (&self->last, 0);
}

void
sc_watermark_reset (ScWatermark * self)
{
  atomic_store_explicit (&self->state, SC_WATERMARK_INACTIVE,
      memory_order_relaxed);
  atomic_store_explicit (&self->triggers, 0, memory_order_relaxed);
  atomic_store_explicit (&self->since, 0, memory_order_relaxed);
  atomic_store_explicit (&self->total, 0, memory_order_relaxed);
  atomic_store_explicit (&self->last, 0, memory_order_relaxed);
}

int
sc_watermark_set (ScWatermark * self, double low, double high)
{
  /* Written so that a NaN fails too. */
  if (!(low >= 0.0 && low <= high && high <= 1.0))
    return -EINVAL;
  atomic_store_explicit (&self->low, low, memory_order_relaxed);
  atomic_store_explicit (&self->high, high, memory_order_relaxed);
  return 0;
}

bool
sc_watermark_raise (ScWatermark * self, double level, uint64_t now)
{
  if (level < atomic_load_explicit (&self->high, memory_order_relaxed))
    return false;
  /* Acquire: pairs with the release in clear.  Inactive means that the fields
   * are the producer's to write, and that who has cleared has done with them. */
  if (atomic_load_explicit (&self->state, memory_order_acquire)
      != SC_WATERMARK_INACTIVE)
    return false;
  atomic_store_explicit (&self->triggers,
      atomic_load_explicit (&self->triggers, memory_order_relaxed) + 1,
      memory_order_relaxed);
  atomic_store_explicit (&self->since, now, memory_order_relaxed);
  /* Release: hands the fields to who clears. */
  atomic_store_explicit (&self->state, SC_WATERMARK_ACTIVE,
      memory_order_release);
  return true;
}

bool
sc_watermark_clear (ScWatermark * self, double level, uint64_t now)
{
  unsigned expected = SC_WATERMARK_ACTIVE;
  uint64_t length;

  if (!sc_watermark_would_clear (self, level))
    return false;
  /* Acquire: pairs with the release in raise.  Of two threads that clear, one
   * writes the period down, or it would be counted twice. */
  if (!atomic_compare_exchange_strong_explicit (&self->state, &expected,
          SC_WATERMARK_CLEARING, memory_order_acquire, memory_order_relaxed))
    return false;
  length = now - atomic_load_explicit (&self->since, memory_order_relaxed);
  atomic_store_explicit (&self->last, length, memory_order_relaxed);
  atomic_store_explicit (&self->total,
      atomic_load_explicit (&self->total, memory_order_relaxed) + length,
      memory_order_relaxed);
  atomic_store_explicit (&self->since, now, memory_order_relaxed);
  /* Release: hands the fields back to the producer. */
  atomic_store_explicit (&self->state, SC_WATERMARK_INACTIVE,
      memory_order_release);
  return true;
}

/* Of the period that is active; another thread's clock may have been read a
 * little later than ours. */
static uint64_t
length_so_far (ScWatermark * self, uint64_t now)
{
  uint64_t since = atomic_load_explicit (&self->since, memory_order_relaxed);

  return now > since ? now - since : 0;
}

uint64_t
sc_watermark_duration (ScWatermark * self, uint64_t now)
{
  /* Acquire: pairs with the release in clear, so that who sees the period ended
   * also sees its length. */
  if (atomic_load_explicit (&self->state, memory_order_acquire)
      != SC_WATERMARK_INACTIVE)
    return length_so_far (self, now);
  return atomic_load_explicit (&self->last, memory_order_relaxed);
}

uint64_t
sc_watermark_total (ScWatermark * self, uint64_t now)
{
  /* Acquire: as in duration, with the sum. */
  bool active = atomic_load_explicit (&self->state, memory_order_acquire)
      != SC_WATERMARK_INACTIVE;
  uint64_t total = atomic_load_explicit (&self->total, memory_order_relaxed);

  return active ? total + length_so_far (self, now) : total;
}
