/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A two-threshold comparator (Schmitt trigger) for fill levels: it turns active
 * at or above the high watermark and inactive again only below the low one, so
 * that a level that hovers around one value does not report at every buffer.
 *
 * Caller-owned; one thread updates, no atomics: share what it returns instead.
 */
#ifndef SC_WATERMARK_H
#define SC_WATERMARK_H

#include <stdbool.h>
#include <stdint.h>

typedef struct
{
  double low;                   /* fraction of the capacity, 0.0 to 1.0 */
  double high;                  /* fraction of the capacity, low to 1.0 */
  bool active;
  uint64_t triggers;            /* times it has turned active */
  uint64_t since;               /* clock value of the last change */
  uint64_t total;               /* summed length of the ended active periods */
} ScWatermark;

typedef enum
{
  SC_WATERMARK_SAME,
  SC_WATERMARK_RAISED,
  SC_WATERMARK_CLEARED,
} ScWatermarkEdge;

/**
 * sc_watermark_init:
 * @low: fraction of the capacity below which it clears, 0.0 to @high
 * @high: fraction of the capacity from which it raises, up to 1.0
 *
 * Returns: 0, or -EINVAL if the fractions are out of order (the watermark is
 * then left alone)
 */
int sc_watermark_init (ScWatermark * self, double low, double high);

/**
 * sc_watermark_update:
 * @level: the level in 0.0 to 1.0 of its capacity (above 1.0 is taken as full)
 * @now: a monotonic clock's value, in any unit; times come out in that unit
 *
 * Returns: whether this level changed the state
 */
ScWatermarkEdge sc_watermark_update (ScWatermark * self, double level,
    uint64_t now);

#endif
