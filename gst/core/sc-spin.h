/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A bounded, adaptive spin before a sleep.  A wake-up through the kernel costs
 * both sides microseconds; where the other side usually comes within less, a
 * short look around saves both.  The budget doubles when spinning has paid and
 * halves when it has not, so that a channel which is paced by the clock spends
 * next to nothing, and it is zero where the process has one processor.
 *
 * One thread's own; no atomics.
 */
#ifndef SC_SPIN_H
#define SC_SPIN_H

#include <stdbool.h>
#include <stdint.h>
#include <unistd.h>

#ifdef __linux__
#include <sched.h>
#endif

/* In pauses.  A pause is 10 to 40 ns on current processors, so that the longest
 * spin is about the cost of one wake-up (7 to 9 us measured). */
#define SC_SPIN_MIN 8u
#define SC_SPIN_MAX 256u

typedef struct
{
  uint32_t budget;
} ScSpin;

static inline void
sc_cpu_relax (void)
{
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause ();
#elif defined(__aarch64__)
  __asm__ volatile ("isb":::"memory");
#else
  __asm__ volatile ("":::"memory");
#endif
}

/* Whether the process may run on more than one: a container or taskset may have
 * left it one of many, and there who looks around keeps the other side from running.
 * What a thread has chosen for itself does not count (but for the main thread). */
static inline bool
sc_has_processors (void)
{
#ifdef __linux__
  cpu_set_t set;

  /* It fails on a machine with more than 1,024, which are more than one. */
  if (sched_getaffinity (getpid (), sizeof (set), &set) == 0)
    return CPU_COUNT (&set) > 1;
#endif
  return sysconf (_SC_NPROCESSORS_ONLN) > 1;
}

static inline void
sc_spin_init (ScSpin * self)
{
  self->budget = sc_has_processors () ? SC_SPIN_MIN : 0;
}

/* Tells how a spin of the current budget has ended. */
static inline void
sc_spin_learn (ScSpin * self, bool paid)
{
  if (paid && self->budget < SC_SPIN_MAX)
    self->budget *= 2;
  else if (!paid && self->budget > SC_SPIN_MIN)
    self->budget /= 2;
}

#endif
