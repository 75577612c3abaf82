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
#include <stdbool.h>
#include <stdint.h>

/* A timeout that never comes. */
#define SC_WAIT_FOREVER UINT64_MAX

typedef struct
{
  /* Moves at every notification that found a waiter; the futex word. */
  _Atomic uint32_t epoch;
  /* 1: somebody has announced itself since the last wake, which takes it: while
   * the woken are on their way nobody wakes them again.  Stays after a cancel or a
   * timeout, for one needless wake. */
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
 * The condition held after all.
 */
static inline void
sc_eventcount_cancel (ScEventcount * self)
{
  /* The announcement may be another waiter's too, and stays. */
  (void) self;
}

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
 * sc_eventcount_has_waiter:
 *
 * The first half of notify, for a caller who may leave a waiter asleep that it
 * knows to look by itself later: whether someone waits, after the caller has changed
 * the structure.  Any thread.
 */
static inline bool
sc_eventcount_has_waiter (ScEventcount * self)
{
  /* The other half of the pair described in prepare. */
  atomic_thread_fence (memory_order_seq_cst);
  return atomic_load_explicit (&self->waiters, memory_order_relaxed) != 0;
}

/**
 * sc_eventcount_wake:
 *
 * The second half of notify.
 */
void sc_eventcount_wake (ScEventcount * self);

/**
 * sc_eventcount_notify:
 *
 * Wakes every waiter, after the caller has changed the structure.  Any thread.
 */
static inline void
sc_eventcount_notify (ScEventcount * self)
{
  if (sc_eventcount_has_waiter (self))
    sc_eventcount_wake (self);
}

#endif
