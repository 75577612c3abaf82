/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How long items stay in a channel.  One item at a time is timed, and one in eight
 * at most: two clock readings cost 42 ns.
 *
 *   begin   the producer, before it pushes an item
 *   end     the consumer, after it took one
 *   read    any thread, from the histogram
 *
 * The index says whose turn it is: the producer fills the sample when it is free,
 * the consumer records and frees it.
 */
#ifndef TIEREDQUEUE_SAMPLE_H
#define TIEREDQUEUE_SAMPLE_H

#include <glib.h>
#include <stdatomic.h>

#include "sc-clock.h"
#include "sc-histogram.h"

G_BEGIN_DECLS

/* Of the index: no item is being timed. */
#define TIEREDQUEUE_SAMPLE_FREE G_MAXUINT64
#define TIEREDQUEUE_SAMPLE_EVERY 8

typedef struct
{
  _Atomic guint64 index;        /* of the item that is timed */
  guint64 time;                 /* when it came in; CLOCK_MONOTONIC, ns */
  ScHistogram latency;          /* ns in the queue; the consumer writes */
} TieredQueueSample;

/* While neither side runs. */
static inline void
tieredqueue_sample_init (TieredQueueSample * self)
{
  atomic_store_explicit (&self->index, TIEREDQUEUE_SAMPLE_FREE,
      memory_order_relaxed);
  sc_histogram_init (&self->latency);
}

/* Whether the item of @index may be timed. */
static inline gboolean
tieredqueue_sample_is_due (guint64 index)
{
  return index % TIEREDQUEUE_SAMPLE_EVERY == 0;
}

/* Times the item that will have @index, unless another one is being timed. */
static inline void
tieredqueue_sample_begin (TieredQueueSample * self, guint64 index)
{
  /* Acquire: pairs with the consumer's release when it frees the sample. */
  if (atomic_load_explicit (&self->index, memory_order_acquire)
      != TIEREDQUEUE_SAMPLE_FREE)
    return;
  self->time = sc_clock_now ();
  /* Release: the consumer must see the time with the index. */
  atomic_store_explicit (&self->index, index, memory_order_release);
}

/* The item of @index is out: records its time if it is the one. */
static inline void
tieredqueue_sample_end (TieredQueueSample * self, guint64 index)
{
  /* Acquire: pairs with the release in begin. */
  guint64 timed = atomic_load_explicit (&self->index, memory_order_acquire);

  if (index < timed)            /* or none is: FREE is the largest */
    return;
  if (index == timed)
    sc_histogram_record (&self->latency, sc_clock_now () - self->time);
  /* Release: gives the time back to the producer.  A later index means that the
   * timed item was dropped. */
  atomic_store_explicit (&self->index, TIEREDQUEUE_SAMPLE_FREE,
      memory_order_release);
}

G_END_DECLS

#endif
