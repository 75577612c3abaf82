/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bufpoolsrc-app.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

_Static_assert (sizeof (ScRing) % SC_CACHE_LINE == 0, "the slots behind it");

int
bufpoolsrc_app_init (BufpoolsrcApp * self)
{
  int ret = -pthread_mutex_init (&self->lock, NULL);

  self->ring = NULL;
  self->places = 0;
  atomic_init (&self->interrupted, false);
  atomic_init (&self->ended, false);
  if (ret == 0)
    ret = sc_eventcount_init (&self->arrived);
  if (ret == 0)
    ret = sc_eventcount_init (&self->room);
  return ret;
}

void
bufpoolsrc_app_clear (BufpoolsrcApp * self)
{
  sc_eventcount_clear (&self->room);
  sc_eventcount_clear (&self->arrived);
  (void) pthread_mutex_destroy (&self->lock);
}

int
bufpoolsrc_app_open (BufpoolsrcApp * self, uint32_t places)
{
  uint32_t slots = 2;
  ScRing *ring;
  size_t size;

  while (slots < places)
    slots *= 2;
  size = (sizeof (ScRing) + sc_ring_segment_size (slots) + SC_CACHE_LINE - 1)
      / SC_CACHE_LINE * SC_CACHE_LINE;
  ring = aligned_alloc (SC_CACHE_LINE, size);
  if (ring == NULL)
    return -ENOMEM;

  bufpoolsrc_app_enter (self);
  /* The size and alignment are right: it cannot fail. */
  (void) sc_ring_init (ring, ring + 1, slots);
  self->ring = ring;
  self->places = places;
  self->cursor = self->flush_cursor = (ScRingCursor) { 0 };
  atomic_store_explicit (&self->ended, false, memory_order_relaxed);
  bufpoolsrc_app_leave (self);
  return 0;
}

void
bufpoolsrc_app_enter (BufpoolsrcApp * self)
{
  /* Fails only where the lock is not one, or is held by the caller. */
  (void) pthread_mutex_lock (&self->lock);
}

void
bufpoolsrc_app_leave (BufpoolsrcApp * self)
{
  (void) pthread_mutex_unlock (&self->lock);
  sc_eventcount_notify (&self->arrived);
}

void
bufpoolsrc_app_flush (BufpoolsrcApp * self,
    void (*drop) (void *item, void *data), void *data)
{
  ScRingItem item;

  if (self->ring == NULL)
    return;
  while (sc_ring_pop (self->ring, &self->flush_cursor, &item))
    drop (item.item, data);
  atomic_store_explicit (&self->ended, false, memory_order_release);
  sc_eventcount_notify (&self->room);
}

void
bufpoolsrc_app_close (BufpoolsrcApp * self,
    void (*drop) (void *item, void *data), void *data)
{
  bufpoolsrc_app_enter (self);
  bufpoolsrc_app_flush (self, drop, data);
  free (self->ring);
  self->ring = NULL;
  bufpoolsrc_app_leave (self);
  /* After the memory: who wakes now finds it closed. */
  sc_eventcount_notify (&self->room);
}

/* Entered: as reserve returns. */
static int
room_now (BufpoolsrcApp * self)
{
  ScRingLevel level;

  if (self->ring == NULL
      || atomic_load_explicit (&self->interrupted, memory_order_seq_cst))
    return -ESHUTDOWN;
  if (atomic_load_explicit (&self->ended, memory_order_relaxed))
    return -ENODATA;
  sc_ring_producer_level (self->ring, &level);
  return level.buffers < self->places ? 0 : -EAGAIN;
}

static uint64_t
now_ns (void)
{
  struct timespec now;

  /* Cannot fail for this clock. */
  (void) clock_gettime (CLOCK_MONOTONIC, &now);
  return (uint64_t) now.tv_sec * 1000000000u + (uint64_t) now.tv_nsec;
}

int
bufpoolsrc_app_reserve (BufpoolsrcApp * self, uint64_t timeout)
{
  uint64_t start = timeout > 0 ? now_ns () : 0;

  for (;;) {
    uint64_t passed;
    uint32_t key;
    int ret;

    /* Announced before the look: room that is made after it ends the wait. */
    key = sc_eventcount_prepare (&self->room);
    bufpoolsrc_app_enter (self);
    ret = room_now (self);
    passed = ret == -EAGAIN && timeout > 0 ? now_ns () - start : 0;
    if (ret != 0)
      (void) pthread_mutex_unlock (&self->lock);
    if (ret != -EAGAIN || passed >= timeout) {
      sc_eventcount_cancel (&self->room);
      return ret;
    }
    (void) sc_eventcount_wait (&self->room, key,
        timeout == SC_WAIT_FOREVER ? timeout : timeout - passed);
  }
}

void
bufpoolsrc_app_put (BufpoolsrcApp * self, void *item)
{
  const ScRingLevel weight = { .buffers = 1 };

  /* There is room: reserve looked, and only putters fill it. */
  (void) sc_ring_push (self->ring, item, &weight);
}

int
bufpoolsrc_app_end (BufpoolsrcApp * self)
{
  int ret;

  bufpoolsrc_app_enter (self);
  ret = room_now (self);
  if (ret != -ESHUTDOWN) {
    ret = 0;
    /* Release: pairs with the acquire in take, which then sees all that was put
     * before the end. */
    atomic_store_explicit (&self->ended, true, memory_order_release);
  }
  bufpoolsrc_app_leave (self);
  sc_eventcount_notify (&self->room);
  return ret;
}

bool
bufpoolsrc_app_has_ended (BufpoolsrcApp * self)
{
  return atomic_load_explicit (&self->ended, memory_order_relaxed);
}

int
bufpoolsrc_app_take (BufpoolsrcApp * self, void **item)
{
  for (;;) {
    /* Before the ring is looked at: empty then means that all was taken. */
    bool ended = atomic_load_explicit (&self->ended, memory_order_acquire);
    ScRingItem got;
    uint32_t key;

    if (atomic_load_explicit (&self->interrupted, memory_order_seq_cst))
      return -ECANCELED;
    if (sc_ring_pop (self->ring, &self->cursor, &got)) {
      *item = got.item;
      sc_eventcount_notify (&self->room);
      return 0;
    }
    if (ended)
      return -ENODATA;

    key = sc_eventcount_prepare (&self->arrived);
    if (!sc_ring_is_empty (self->ring, &self->cursor)
        || atomic_load_explicit (&self->ended, memory_order_seq_cst)
        || atomic_load_explicit (&self->interrupted, memory_order_seq_cst))
      sc_eventcount_cancel (&self->arrived);
    else
      (void) sc_eventcount_wait (&self->arrived, key, SC_WAIT_FOREVER);
  }
}

void
bufpoolsrc_app_interrupt (BufpoolsrcApp * self, bool interrupted)
{
  atomic_store_explicit (&self->interrupted, interrupted,
      memory_order_seq_cst);
  sc_eventcount_notify (&self->arrived);
  sc_eventcount_notify (&self->room);
}

uint32_t
bufpoolsrc_app_level (BufpoolsrcApp * self)
{
  ScRingLevel level = { 0 };

  bufpoolsrc_app_enter (self);
  if (self->ring != NULL)
    sc_ring_level (self->ring, &level);
  (void) pthread_mutex_unlock (&self->lock);
  return level.buffers;
}
