/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-eventcount.h"

#include <errno.h>
#include <limits.h>
#include <time.h>

#ifdef __linux__
#include <linux/futex.h>
#include <linux/time_types.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

#define NS_PER_S 1000000000ull

int
sc_eventcount_init (ScEventcount * self)
{
  atomic_init (&self->epoch, 0);
  atomic_init (&self->waiters, 0);
  atomic_init (&self->wakes, 0);
#ifndef __linux__
  int ret = pthread_mutex_init (&self->lock, NULL);

  if (ret != 0)
    return -ret;
  ret = pthread_cond_init (&self->moved, NULL);
  if (ret != 0) {
    pthread_mutex_destroy (&self->lock);
    return -ret;
  }
#endif
  return 0;
}

void
sc_eventcount_clear (ScEventcount * self)
{
#ifndef __linux__
  pthread_cond_destroy (&self->moved);
  pthread_mutex_destroy (&self->lock);
#else
  (void) self;
#endif
}

uint32_t
sc_eventcount_prepare (ScEventcount * self)
{
  /* Acquire: pairs with the increment in wake_all, so that a waiter which reads
   * the moved epoch here also sees the change that moved it; and keeps the
   * announcement behind it.  Were that first, a wake between the two could take
   * the announcement and move the epoch before we read it: we would then sleep on
   * the new epoch with nobody knowing. */
  uint32_t key = atomic_load_explicit (&self->epoch, memory_order_acquire);

  atomic_store_explicit (&self->waiters, 1, memory_order_relaxed);
  /* Store-buffer (Dekker) pair with the fence in has_waiter: either that sees our
   * announcement, or our check of the condition, after this, sees its change.
   * Without it both could miss, and the waiter would sleep for ever. */
  atomic_thread_fence (memory_order_seq_cst);
  return key;
}

#ifdef __linux__
static int
sleep_while_equal (ScEventcount * self, uint32_t key, uint64_t timeout_ns)
{
  /* What the call takes.  The C library's may be another: where a long has 32 bits
   * and its time_t 64, half a second would be read as none. */
  struct __kernel_old_timespec relative, *timeout = NULL;
  uint64_t seconds = timeout_ns / NS_PER_S;
  long ret;

  if (timeout_ns != SC_WAIT_FOREVER) {
    relative.tv_sec = seconds < LONG_MAX ? (long) seconds : LONG_MAX;
    relative.tv_nsec = (long) (timeout_ns % NS_PER_S);
    timeout = &relative;
  }
  ret = syscall (SYS_futex, &self->epoch, FUTEX_WAIT_PRIVATE, key, timeout,
      NULL, 0);
  /* EAGAIN: the epoch had moved already; EINTR: a signal.  Both are wake-ups
   * that the caller's loop looks into. */
  return ret == -1 && errno == ETIMEDOUT ? -ETIMEDOUT : 0;
}

static void
wake_all (ScEventcount * self)
{
  /* Release: pairs with the acquire load in prepare. */
  atomic_fetch_add_explicit (&self->epoch, 1, memory_order_release);
  /* Its result is the number of threads woken; it has no error that a valid
   * address could give. */
  (void) syscall (SYS_futex, &self->epoch, FUTEX_WAKE_PRIVATE, INT_MAX, NULL,
      NULL, 0);
}
#else
static int
sleep_while_equal (ScEventcount * self, uint32_t key, uint64_t timeout_ns)
{
  struct timespec until;
  int ret = 0;

  if (timeout_ns != SC_WAIT_FOREVER) {
    clock_gettime (CLOCK_REALTIME, &until);
    until.tv_sec += (time_t) (timeout_ns / NS_PER_S);
    until.tv_nsec += (long) (timeout_ns % NS_PER_S);
    if (until.tv_nsec >= (long) NS_PER_S) {
      until.tv_sec++;
      until.tv_nsec -= (long) NS_PER_S;
    }
  }
  pthread_mutex_lock (&self->lock);
  while (ret == 0
      && atomic_load_explicit (&self->epoch, memory_order_acquire) == key) {
    if (timeout_ns == SC_WAIT_FOREVER)
      ret = pthread_cond_wait (&self->moved, &self->lock);
    else
      ret = pthread_cond_timedwait (&self->moved, &self->lock, &until);
  }
  pthread_mutex_unlock (&self->lock);
  return ret == ETIMEDOUT ? -ETIMEDOUT : 0;
}

static void
wake_all (ScEventcount * self)
{
  pthread_mutex_lock (&self->lock);
  atomic_fetch_add_explicit (&self->epoch, 1, memory_order_release);
  pthread_cond_broadcast (&self->moved);
  pthread_mutex_unlock (&self->lock);
}
#endif

int
sc_eventcount_wait (ScEventcount * self, uint32_t key, uint64_t timeout_ns)
{
  return sleep_while_equal (self, key, timeout_ns);
}

void
sc_eventcount_wake (ScEventcount * self)
{
  /* Acquire: keeps the increment in wake_all behind it.  Whoever announced itself
   * before the exchange has read the epoch before it is moved, and so wakes.  Of
   * several wakers one alone goes on. */
  if (atomic_exchange_explicit (&self->waiters, 0, memory_order_acquire) == 0)
    return;
  atomic_fetch_add_explicit (&self->wakes, 1, memory_order_relaxed);
  wake_all (self);
}
