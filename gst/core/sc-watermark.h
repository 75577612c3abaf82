/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A two-threshold comparator (Schmitt trigger) for the fill level of a queue: it
 * turns active at or above the high mark and inactive again only below the low
 * one, so that a level which hovers around one value does not report at every
 * buffer.
 *
 * The producer alone raises it; whoever lets the level fall clears it: the
 * consumer, and the producer when it drops what is queued.  Each acts only in the
 * state that the other's action leaves, so the state itself says whose turn it is
 * to write.  Of two who would clear, one gets the turn.  Any thread may read.
 *
 *             raise              a clear begins          it ends
 *   INACTIVE --------> ACTIVE ------------------> CLEARING ------> INACTIVE
 */
#ifndef SC_WATERMARK_H
#define SC_WATERMARK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

typedef enum
{
  SC_WATERMARK_INACTIVE,
  SC_WATERMARK_ACTIVE,
  SC_WATERMARK_CLEARING,        /* one thread is writing the period down */
} ScWatermarkState;

typedef struct
{
  _Atomic double low;           /* fractions of the capacity, 0.0 to 1.0 */
  _Atomic double high;
  _Atomic unsigned state;       /* ScWatermarkState */
  _Atomic uint64_t triggers;    /* times it has turned active */
  _Atomic uint64_t since;       /* clock value of the last change */
  _Atomic uint64_t total;       /* summed length of the ended active periods */
  _Atomic uint64_t last;        /* length of the one that ended last */
} ScWatermark;

/**
 * sc_watermark_init:
 *
 * Sets 0.7 and 0.9 as the marks.  Before any other thread knows it.
 */
void sc_watermark_init (ScWatermark * self);

/**
 * sc_watermark_reset:
 *
 * Inactive and with all counts at zero, as after init; the marks stay.  While
 * neither side runs.
 */
void sc_watermark_reset (ScWatermark * self);

/**
 * sc_watermark_set:
 * @low: fraction of the capacity below which it clears, 0.0 to @high
 * @high: fraction of the capacity from which it raises, up to 1.0
 *
 * Any thread; a reader between the two stores may see one old and one new mark.
 *
 * Returns: 0, or -EINVAL if the fractions are out of order (the watermark is
 * then left alone)
 */
int sc_watermark_set (ScWatermark * self, double low, double high);

/**
 * sc_watermark_raise:
 * @level: the level in fractions of its capacity (above 1.0 is taken as full)
 * @now: a monotonic clock's value, in any unit; times come out in that unit
 *
 * The producer only.
 *
 * Returns: whether this level turned it active
 */
bool sc_watermark_raise (ScWatermark * self, double level, uint64_t now);

/**
 * sc_watermark_clear:
 *
 * As raise, the other way; an empty queue always clears.  Any thread.
 *
 * Returns: whether this level turned it inactive
 */
bool sc_watermark_clear (ScWatermark * self, double level, uint64_t now);

/**
 * sc_watermark_would_raise:
 *
 * Whether raise would; for the producer to ask before it reads a clock.
 */
static inline bool
sc_watermark_would_raise (ScWatermark * self, double level)
{
  return level >= atomic_load_explicit (&self->high, memory_order_relaxed)
      && atomic_load_explicit (&self->state, memory_order_relaxed)
      == SC_WATERMARK_INACTIVE;
}

/**
 * sc_watermark_would_clear:
 *
 * Whether clear would; to ask before reading a clock.
 */
static inline bool
sc_watermark_would_clear (ScWatermark * self, double level)
{
  /* Nothing is below a mark of 0: there, empty is what clears. */
  return level <= 0.0
      || level < atomic_load_explicit (&self->low, memory_order_relaxed);
}

/**
 * sc_watermark_is_active:
 *
 * Any thread; to ask before working out a level.
 */
static inline bool
sc_watermark_is_active (ScWatermark * self)
{
  return atomic_load_explicit (&self->state, memory_order_relaxed)
      != SC_WATERMARK_INACTIVE;
}

/**
 * sc_watermark_duration:
 * @now: the clock's value
 *
 * Any thread.  A look that meets a change may tell of the moment before or after
 * it.
 *
 * Returns: how long the current active period has lasted, or the length of the
 * last one
 */
uint64_t sc_watermark_duration (ScWatermark * self, uint64_t now);

/**
 * sc_watermark_total:
 *
 * As duration.
 *
 * Returns: the length of all active periods, the current one included
 */
uint64_t sc_watermark_total (ScWatermark * self, uint64_t now);

#endif
