/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How full a channel is, and what follows from it: whether there is room, whether
 * it is under back-pressure, whether enough is there to let anything out.
 */
#ifndef TIEREDQUEUE_FILL_H
#define TIEREDQUEUE_FILL_H

#include "tieredqueue-channel.h"

G_BEGIN_DECLS

/**
 * tieredqueue_channel_is_filled:
 *
 * Whether a limit is reached.  The producer.
 */
gboolean tieredqueue_channel_is_filled (TieredQueueChannel * self);

/* Whether there is data in the ring.  The producer. */
gboolean tieredqueue_channel_has_data (TieredQueueChannel * self);

/* Works out the level and the peak.  The producer. */
void tieredqueue_fill_refresh (TieredQueueChannel * self);

/* Begins back-pressure if it is due.  TRUE if it has; the producer. */
gboolean tieredqueue_fill_raise (TieredQueueChannel * self);

gboolean tieredqueue_fill_clear_now (TieredQueueChannel * self);

/* Ends back-pressure if it is due.  TRUE if it has; after the level fell, either
 * side. */
static inline gboolean
tieredqueue_fill_clear (TieredQueueChannel * self)
{
  return G_UNLIKELY (sc_watermark_is_active (&self->watermark))
      && tieredqueue_fill_clear_now (self);
}

/* As clear; the producer, when it has done what it has evicted for.  Not before: where
 * each buffer takes the place of another the level stays. */
gboolean tieredqueue_fill_settle (TieredQueueChannel * self);

gboolean tieredqueue_fill_misses_threshold (TieredQueueChannel * self);

/* Whether a min-threshold holds back what is there.  The consumer. */
static inline gboolean
tieredqueue_fill_is_below_threshold (TieredQueueChannel * self)
{
  TieredQueueLimits *min = &self->min;

  return G_UNLIKELY (
      atomic_load_explicit (&min->buffers, memory_order_relaxed) > 0
      || atomic_load_explicit (&min->bytes, memory_order_relaxed) > 0
      || atomic_load_explicit (&min->time, memory_order_relaxed) > 0)
      && tieredqueue_fill_misses_threshold (self);
}

/**
 * tieredqueue_channel_level:
 *
 * Any thread that keeps the ring's memory from being reserved anew.  Stream
 * headers are in it.  The time is never negative.
 */
void tieredqueue_channel_level (TieredQueueChannel * self,
    ScRingLevel * level);

/* @level of the fullest limit: 1.0 is full.  Any thread. */
gdouble tieredqueue_fill_fraction (TieredQueueChannel * self,
    const ScRingLevel * level);

/**
 * tieredqueue_fill_is_empty:
 *
 * The consumer: TRUE also below a min-threshold, as queue defines it.
 */
gboolean tieredqueue_fill_is_empty (TieredQueueChannel * self);

G_END_DECLS

#endif
