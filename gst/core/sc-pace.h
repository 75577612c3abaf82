/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How fast a stream of items has gone lately: what decides whether a side that has
 * nothing to do naps until several items have come together, or must be woken by
 * the first.
 *
 * Where items come every few hundred nanoseconds, a consumer that keeps up takes
 * each one as it appears.  The line of its slot then travels with every item, and
 * the producer waits for it; a nap lets items gather, so that both sides work on
 * lines of their own and only one in many items costs a wake-up.
 *
 * One thread's own; no atomics.
 */
#ifndef SC_PACE_H
#define SC_PACE_H

#include <stdbool.h>
#include <stdint.h>

/* Shorter than this says nothing, ns. */
#define SC_PACE_WINDOW 20000u
/* Fast is one item in so many ns, or more: a nap of some 70 us (20 us and the 50 us
 * that Linux adds by default) then gathers dozens of items. */
#define SC_PACE_FAST 2000u

typedef struct
{
  uint64_t index;               /* items that had passed at `time` */
  uint64_t time;                /* ns */
  bool fast;
} ScPace;

static inline void
sc_pace_init (ScPace * self)
{
  *self = (ScPace) { 0 };
}

/**
 * sc_pace_is_fast:
 * @index: items that have passed since the beginning
 * @now: a monotonic clock, ns
 */
static inline bool
sc_pace_is_fast (ScPace * self, uint64_t index, uint64_t now)
{
  uint64_t elapsed = now - self->time;

  if (elapsed < SC_PACE_WINDOW)
    return self->fast;
  self->fast = index - self->index >= elapsed / SC_PACE_FAST;
  self->index = index;
  self->time = now;
  return self->fast;
}

#endif
