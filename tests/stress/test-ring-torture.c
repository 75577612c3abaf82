/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A ring of two slots that wraps all the time, its 32-bit sequence number too:
 * a producer that at random waits for room, drops the oldest or links a
 * segment; a consumer that waits for items; a third thread that flushes now and
 * then; and one that reads levels.
 *
 * What must hold
 *   One owner      each item is taken once, by each thread in order
 *   Publication    the item's memory, written and read in plain, is what the
 *                  producer has written; the taker writes to it too
 *   Levels         are never more than the slots hold
 *   Progress       no wake-up is lost: nobody hangs
 *
 * ThreadSanitizer sees where an order is missing.  The control takes an item
 * without a claim: the same checks must find it.
 *
 * SC_TEST_SEED repeats a run, as far as threads can be repeated;
 * SC_TEST_SECONDS sets how long it is.
 */
#include "sc-eventcount.h"
#include "sc-ring.h"
#include "../unit/sc-check.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>

enum { ITEMS = 20000, LINKS = 3, DEFAULT_SECONDS = 4 };

static ScRing ring;
static ScEventcount items, room;
static void *segments[LINKS + 1];
static uint32_t sizes[LINKS + 1];
static _Atomic uint32_t segment_count;
static uint64_t base;

static uint64_t contents[ITEMS];
static _Atomic uint32_t taken[ITEMS];
static _Atomic bool done, sabotage;
static _Atomic uint64_t wrong, seeds;

static void *
new_segment (uint32_t slots)
{
  uint32_t n = atomic_load (&segment_count);

  ck_assert_int_eq (posix_memalign (&segments[n], SC_CACHE_LINE,
          sc_ring_segment_size (slots)), 0);
  sizes[n] = slots;
  atomic_store (&segment_count, n + 1);
  return segments[n];
}

/* A ring as it is after @base items. */
static void
begin (uint64_t * seed)
{
  atomic_store (&segment_count, 0);
  ck_assert_int_eq (sc_ring_init (&ring, new_segment (2), 2), 0);
  base = ((uint64_t) 1 << 32) * (1 + sc_random (seed) % 4)
      - sc_random (seed) % ITEMS;
  atomic_store (&ring.head, base);
  atomic_store (&ring.tail, base);
  ring.known_head = base;
  for (uint64_t i = base; i < base + 2; i++)
    atomic_store (&ring.first->slots[i % 2].seq, (uint32_t) i);

  ck_assert_int_eq (sc_eventcount_init (&items), 0);
  ck_assert_int_eq (sc_eventcount_init (&room), 0);
  memset (contents, 0, sizeof (contents));
  for (int i = 0; i < ITEMS; i++)
    atomic_store_explicit (&taken[i], 0, memory_order_relaxed);
  atomic_store (&done, false);
  atomic_store (&wrong, 0);
  atomic_store (&seeds, sc_random (seed));
}

static void
end (void)
{
  sc_eventcount_clear (&items);
  sc_eventcount_clear (&room);
  for (uint32_t i = 0; i < atomic_load (&segment_count); i++)
    free (segments[i]);
}

static void
count_wrong (bool good)
{
  if (!good)
    atomic_fetch_add_explicit (&wrong, 1, memory_order_relaxed);
}

/* Each thread's own random numbers. */
static uint64_t
own_seed (void)
{
  return atomic_fetch_add (&seeds, 0x5851f42d4c957f2dull);
}

/* @last: the index after the one that the thread has taken last */
static bool
take (ScRingCursor * cursor, uint64_t * last)
{
  ScRingItem item;
  uint64_t n;

  if (!sc_ring_pop (&ring, cursor, &item))
    return false;
  n = item.index - base;
  count_wrong (n < ITEMS && item.index >= *last
      && item.item == (void *) &contents[n]);
  *last = item.index + 1;
  if (n >= ITEMS)
    return true;
  count_wrong (contents[n] == n + 1);
  contents[n] = 0;
  count_wrong (atomic_fetch_add_explicit (&taken[n], 1,
          memory_order_relaxed) == 0);
  sc_eventcount_notify (&room);
  return true;
}

static int
push (uint64_t n)
{
  const ScRingLevel weight = { 1, 3, (int64_t) (n + 1) * 10 };

  return sc_ring_push (&ring, &contents[n], &weight);
}

static void
wait_for_room_and_push (uint64_t n)
{
  while (push (n) != 0) {
    uint32_t key = sc_eventcount_prepare (&room);

    if (push (n) == 0) {
      sc_eventcount_cancel (&room);
      return;
    }
    sc_eventcount_wait (&room, key, SC_WAIT_FOREVER);
  }
}

/* The control's fault. */
static void
take_without_a_claim (ScRingCursor * cursor)
{
  ScRingItem item;

  if (sc_ring_peek (&ring, cursor, &item) && item.index - base < ITEMS)
    atomic_fetch_add_explicit (&taken[item.index - base], 1,
        memory_order_relaxed);
}

static void
drop_until_pushed (uint64_t n, ScRingCursor * cursor, uint64_t * last)
{
  while (push (n) == -EAGAIN) {
    if (atomic_load_explicit (&sabotage, memory_order_relaxed))
      take_without_a_claim (cursor);
    (void) take (cursor, last);
  }
}

static void
produce (uint64_t seed)
{
  ScRingCursor cursor = { 0 };
  uint64_t last = 0;

  for (uint64_t n = 0; n < ITEMS; n++) {
    contents[n] = n + 1;
    if (sc_random (&seed) % (ITEMS / LINKS) == 0
        && atomic_load (&segment_count) <= LINKS) {
      uint32_t slots = 2u << sc_random (&seed) % 2;

      ck_assert_int_eq (sc_ring_link (&ring, new_segment (slots), slots), 0);
    }
    if (n / 64 % 2 == 0)
      drop_until_pushed (n, &cursor, &last);
    else
      wait_for_room_and_push (n);
    sc_eventcount_notify (&items);
  }
  atomic_store (&done, true);
  sc_eventcount_notify (&items);
}

static void *
consume (void *unused)
{
  ScRingCursor cursor = { 0 };
  uint64_t last = 0;

  for (;;) {
    bool ends = atomic_load (&done);    /* before the look, not after */
    uint32_t key;

    if (take (&cursor, &last))
      continue;
    if (ends)
      return NULL;
    key = sc_eventcount_prepare (&items);
    if (sc_ring_is_empty (&ring, &cursor) && !atomic_load (&done))
      sc_eventcount_wait (&items, key, SC_WAIT_FOREVER);
    else
      sc_eventcount_cancel (&items);
  }
}

static void *
flush (void *unused)
{
  uint64_t seed = own_seed (), last = 0;
  ScRingCursor cursor = { 0 };

  while (!atomic_load (&done)) {
    for (uint64_t i = sc_random (&seed) % 50; i > 0; i--)
      sched_yield ();
    while (take (&cursor, &last))
      continue;
  }
  return NULL;
}

static void *
read_levels (void *unused)
{
  while (!atomic_load (&done)) {
    uint32_t most = 0;
    ScRingLevel level;

    sc_ring_level (&ring, &level);
    for (uint32_t i = 0; i < atomic_load (&segment_count); i++)
      most += sizes[i];
    count_wrong (level.buffers <= most && level.bytes <= 3 * most
        && level.time >= 0 && level.time <= 10 * (int64_t) most);
    sched_yield ();
  }
  return NULL;
}

/* Returns how much was wrong. */
static uint64_t
run_round (uint64_t * seed)
{
  void *(*const others[]) (void *) = { consume, flush, read_levels };
  pthread_t threads[3];

  begin (seed);
  for (int i = 0; i < 3; i++)
    ck_assert_int_eq (pthread_create (&threads[i], NULL, others[i], NULL), 0);
  produce (sc_random (seed));
  for (int i = 0; i < 3; i++)
    ck_assert_int_eq (pthread_join (threads[i], NULL), 0);
  for (int i = 0; i < ITEMS; i++)
    count_wrong (atomic_load (&taken[i]) == 1);
  end ();
  return atomic_load (&wrong);
}

START_TEST (test_each_item_is_taken_once_whoever_takes_drops_or_flushes)
{
  const char *text = getenv ("SC_TEST_SECONDS");
  time_t until = time (NULL)
      + (text != NULL ? (time_t) strtoul (text, NULL, 10) : DEFAULT_SECONDS);
  uint64_t seed = sc_random_seed ("ring-torture");
  int rounds = 0;

  atomic_store (&sabotage, false);
  do {
    ck_assert_uint_eq (run_round (&seed), 0);
    rounds++;
  } while (time (NULL) < until);
  printf ("ring-torture: %d rounds of %d items\n", rounds, ITEMS);
}
END_TEST

START_TEST (test_who_takes_without_a_claim_is_found)
{
  uint64_t seed = sc_random_seed ("ring-torture control");

  atomic_store (&sabotage, true);
  ck_assert_uint_gt (run_round (&seed), 0);
}
END_TEST

SC_CHECK_MAIN ("ring-torture",
    test_each_item_is_taken_once_whoever_takes_drops_or_flushes,
    test_who_takes_without_a_claim_is_found)
