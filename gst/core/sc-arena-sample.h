/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which acquires are looked at with a clock: a clock costs more than the acquire.
 * Each thread counts down a random number of acquires, SC_SAMPLE_MEAN on average
 * so that no pattern of the application's falls into step with it.  A thread's
 * first acquire is a sample.
 */
#ifndef SC_ARENA_SAMPLE_H
#define SC_ARENA_SAMPLE_H

#include <stdint.h>

#define SC_SAMPLE_MEAN 128u

/* A fixed place in the thread's block: without a call to find it, also in a
 * shared library. */
#if defined(__GNUC__) && !defined(__APPLE__)
#define SC_THREAD_LOCAL _Thread_local __attribute__((tls_model ("initial-exec")))
#else
#define SC_THREAD_LOCAL _Thread_local
#endif

typedef struct
{
  uint32_t countdown;
  uint32_t weight;
  uint32_t random;
} ScSampler;

extern SC_THREAD_LOCAL ScSampler sc_sampler;

/* The sample is due: returns its weight and begins the next countdown. */
uint32_t sc_sample_take (void);

/**
 * sc_sample_due:
 *
 * Returns: 0, or if this acquire is to be measured, how many it stands for: 1 to
 * 2 * SC_SAMPLE_MEAN - 1
 */
static inline uint32_t
sc_sample_due (void)
{
  return --sc_sampler.countdown == 0 ? sc_sample_take () : 0;
}

#endif
