/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A wait for another thread to get past a few lines: it is either running, or
 * preempted, perhaps by us.  So others are let run, those of a lower priority too,
 * for which yielding is not enough.
 */
#ifndef SC_GIVE_WAY_H
#define SC_GIVE_WAY_H

#include <sched.h>
#include <time.h>

#define SC_GIVE_WAY_YIELDS 64
#define SC_GIVE_WAY_SLEEP_NS 20000

/* @turn: how often the caller has looked in vain */
static inline void
sc_give_way (int turn)
{
  const struct timespec pause = {.tv_nsec = SC_GIVE_WAY_SLEEP_NS };

  if (turn < SC_GIVE_WAY_YIELDS)
    sched_yield ();
  else
    (void) nanosleep (&pause, NULL);    /* woken early: looks again */
}

#endif
