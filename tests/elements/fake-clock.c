/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fake-clock.h"

#include <stdatomic.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define SECOND G_GUINT64_CONSTANT (1000000000)

static _Atomic guint64 stopped_at;      /* 0: it runs */

int
clock_gettime (clockid_t clock, struct timespec *t)
{
  guint64 now = clock == CLOCK_MONOTONIC ? atomic_load (&stopped_at) : 0;

  if (now == 0)
    return (int) syscall (SYS_clock_gettime, clock, t);
  t->tv_sec = (time_t) (now / SECOND);
  t->tv_nsec = (long) (now % SECOND);
  return 0;
}

void
fake_clock_stop (void)
{
  struct timespec t;

  atomic_store (&stopped_at, 0);
  (void) clock_gettime (CLOCK_MONOTONIC, &t);
  atomic_store (&stopped_at, (guint64) t.tv_sec * SECOND
      + (guint64) t.tv_nsec);
}

void
fake_clock_advance (guint64 ns)
{
  atomic_fetch_add (&stopped_at, ns);
}

guint64
fake_clock_now (void)
{
  return atomic_load (&stopped_at);
}
