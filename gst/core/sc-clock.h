/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The clock that latencies and deadlines are measured with. */
#ifndef SC_CLOCK_H
#define SC_CLOCK_H

#include <stdint.h>
#include <time.h>

#define SC_NS_PER_S 1000000000ull

/**
 * sc_clock_now:
 *
 * Returns: CLOCK_MONOTONIC in ns
 */
static inline uint64_t
sc_clock_now (void)
{
  struct timespec t;

  /* Cannot fail: the clock is mandatory and the address valid. */
  (void) clock_gettime (CLOCK_MONOTONIC, &t);
  return (uint64_t) t.tv_sec * SC_NS_PER_S + (uint64_t) t.tv_nsec;
}

#endif
