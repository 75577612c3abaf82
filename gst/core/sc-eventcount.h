/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * An eventcount (Reed and Kanodia, 1979; in the form of D. Vyukov's): it lets a
 * thread sleep until a lock-free structure changes, while the other side pays
 * only a fence and a load as long as nobody sleeps.
 *
 *   waiter                                      notifier
 *     key = sc_eventcount_prepare (ec);           change the structure
 *     if (condition holds)                        sc_eventcount_notify (ec);
 *       sc_eventcount_cancel (ec);
 *     else
 *       sc_eventcount_wait (ec, key, timeout);
 *
 * The condition must be checked again after prepare: a change made before
 * prepare is seen by that check, one made after it moves the epoch and ends the
 * wait.  Linux: one futex word; elsewhere a mutex and a condition variable.
 */
#ifndef SC_EVENTCOUNT_H
#define SC_EVENTCOUNT_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>

/* A timeout that never comes. */
#define SC_WAIT_FOREVER UINT64_MAX

typedef struct
{
  /* Moves at every notification that found a waiter; the futex word. */
  _Atomic uint32_t epoch;
  /* Threads between prepare and the end of wait or cancel. */
  _Atomic uint32_t waiters;
  /* Notifications that had to wake somebody: a system call each. */
  _Atomic uint64_t wakes;
#ifndef __linux__
  pthread_mutex_t lock;
  pthread_cond_t moved;
#endif
} ScEventcount;

/**
 * sc_eventcount_init:
 *
 * Returns: 0, or -errno where the portable form cannot make its lock
 */
int sc_eventcount_init (ScEventcount * self);

/**
 * sc_eventcount_clear:
 *
 * Frees what init made.  No thread may wait or notify any more.
 */
void sc_eventcount_clear (ScEventcount * self);

/**
 * sc_eventcount_prepare:
 *
 * Announces a waiter.  Must be followed by exactly one cancel or wait.
 *
 * Returns: the key to wait with
 */
uint32_t sc_eventcount_prepare (ScEventcount * self);

/**
 * sc_eventcount_cancel:
 *
 * Takes the announcement back: the condition held after all.
 */
void sc_eventcount_cancel (ScEventcount * self);

/**
 * sc_eventcount_wait:
 * @key: from prepare
 * @timeout_ns: nanoseconds from now, or SC_WAIT_FOREVER
 *
 * Sleeps until a notification after prepare.  May return early without one (a
 * signal, say): callers loop over their condition.
 *
 * Returns: 0, or -ETIMEDOUT
 */
int sc_eventcount_wait (ScEventcount * self, uint32_t key,
    uint64_t timeout_ns);

/**
 * sc_eventcount_notify:
 *
 * Wakes every waiter, after the caller has changed the structure.  Any thread.
 */
void sc_eventcount_notify (ScEventcount * self);

#endif
