/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-check.h"
#include "sc-ring.h"

#include <errno.h>
#include <pthread.h>

enum { SMALL = 8, ITEMS = 200000 };

static ScRing ring;
static void *segments[32];
static int segment_count;

static void *
new_segment (uint32_t slots)
{
  size_t size = sc_ring_segment_size (slots);
  void *memory = aligned_alloc (SC_CACHE_LINE,
      (size + SC_CACHE_LINE - 1) / SC_CACHE_LINE * SC_CACHE_LINE);

  ck_assert_ptr_nonnull (memory);
  segments[segment_count++] = memory;
  return memory;
}

static void
setup_ring (uint32_t slots)
{
  segment_count = 0;
  ck_assert_int_eq (sc_ring_init (&ring, new_segment (slots), slots), 0);
}

static void
free_ring (void)
{
  while (segment_count > 0)
    free (segments[--segment_count]);
}

static void *
item (uint64_t n)
{
  return (void *) (uintptr_t) ((n + 1) * 8);
}

static int
push (uint64_t n, uint64_t bytes)
{
  ScRingLevel weight = { 1, bytes, (int64_t) (n + 1) * 10 };

  return sc_ring_push (&ring, item (n), &weight);
}

START_TEST (test_items_come_out_in_order_and_a_full_ring_says_so)
{
  ScRingCursor cursor = { 0 };
  ScRingItem out;

  setup_ring (SMALL);
  for (int lap = 0; lap < 5; lap++) {
    for (uint64_t i = 0; i < SMALL; i++)
      ck_assert_int_eq (push (i, 1), 0);
    ck_assert_int_eq (push (99, 1), -EAGAIN);
    for (uint64_t i = 0; i < SMALL; i++) {
      ck_assert (sc_ring_pop (&ring, &cursor, &out));
      ck_assert_ptr_eq (out.item, item (i));
    }
    ck_assert (!sc_ring_pop (&ring, &cursor, &out));
    ck_assert (sc_ring_is_empty (&ring, &cursor));
  }
  free_ring ();
}
END_TEST

START_TEST (test_bad_sizes_and_alignment_are_refused)
{
  static _Alignas (SC_CACHE_LINE) char memory[1024];

  ck_assert_uint_eq (sc_ring_segment_size (0), 0);
  ck_assert_uint_eq (sc_ring_segment_size (1), 0);
  ck_assert_uint_eq (sc_ring_segment_size (6), 0);
  ck_assert_uint_eq (sc_ring_segment_size (1u << 31 | 2), 0);
  ck_assert_int_eq (sc_ring_init (&ring, NULL, 8), -EINVAL);
  ck_assert_int_eq (sc_ring_init (&ring, memory + 8, 8), -EINVAL);
  ck_assert_int_eq (sc_ring_init (&ring, memory, 7), -EINVAL);
}
END_TEST

START_TEST (test_levels_are_exact_after_every_push_and_claim)
{
  uint64_t seed = sc_random_seed ("ring levels");
  uint64_t queued[SMALL], first = 0, count = 0, pushed = 0;
  ScRingCursor cursor = { 0 };

  setup_ring (SMALL);
  for (int step = 0; step < 10000; step++) {
    ScRingLevel level, third;
    uint64_t bytes = 0;

    if (sc_random (&seed) % 2 && count < SMALL) {
      queued[(first + count++) % SMALL] = sc_random (&seed) % 5000;
      ck_assert_int_eq (push (pushed++, queued[(first + count - 1) % SMALL]),
          0);
    } else {
      ScRingItem out;

      ck_assert (sc_ring_pop (&ring, &cursor, &out) == (count > 0));
      first += count > 0;
      count -= count > 0;
    }
    for (uint64_t i = 0; i < count; i++)
      bytes += queued[(first + i) % SMALL];
    sc_ring_producer_level (&ring, &level);
    sc_ring_level (&ring, &third);
    ck_assert_uint_eq (level.buffers, count);
    ck_assert_uint_eq (level.bytes, bytes);
    ck_assert_int_eq (level.time, (int64_t) count * 10);
    ck_assert_uint_eq (third.buffers, level.buffers);
    ck_assert_uint_eq (third.bytes, level.bytes);
    ck_assert_int_eq (third.time, level.time);
  }
  free_ring ();
}
END_TEST

START_TEST (test_growth_keeps_order_and_levels)
{
  ScRingCursor cursor = { 0 };
  ScRingItem out;
  ScRingLevel level;
  uint64_t pushed = 0, popped = 0;

  setup_ring (2);
  for (uint32_t slots = 4; slots <= 4096; slots *= 2) {
    while (push (pushed, 3) == 0)
      pushed++;
    ck_assert_int_eq (sc_ring_link (&ring, new_segment (slots), slots), 0);
    ck_assert (sc_ring_pop (&ring, &cursor, &out));
    ck_assert_ptr_eq (out.item, item (popped));
    popped++;
  }
  sc_ring_producer_level (&ring, &level);
  ck_assert_uint_eq (level.buffers, pushed - popped);
  ck_assert_uint_eq (level.bytes, 3 * (pushed - popped));
  while (sc_ring_pop (&ring, &cursor, &out))
    ck_assert_ptr_eq (out.item, item (popped++));
  ck_assert_uint_eq (popped, pushed);
  free_ring ();
}
END_TEST

/* Several claimers, a tiny ring that wraps all the time, and a producer that
 * links a larger segment now and then. */

static _Atomic uint8_t taken[ITEMS];
static _Atomic uint64_t total_taken;

static void *
claim_many (void *unused)
{
  ScRingCursor cursor = { 0 };
  ScRingItem out;
  uint64_t last = 0;

  while (atomic_load (&total_taken) < ITEMS) {
    uint64_t n;

    if (!sc_ring_pop (&ring, &cursor, &out)) {
      sched_yield ();
      continue;
    }
    n = (uint64_t) (uintptr_t) out.item / 8 - 1;
    ck_assert_uint_eq (n, out.index);
    ck_assert (last == 0 || n > last);
    last = n;
    ck_assert_uint_eq (atomic_fetch_add (&taken[n], 1), 0);
    atomic_fetch_add (&total_taken, 1);
  }
  return NULL;
}

static void *
read_levels (void *unused)
{
  while (atomic_load (&total_taken) < ITEMS) {
    ScRingLevel level;

    /* Each item weighs 10 ns and 2 bytes: a torn reading would not fit. */
    sc_ring_level (&ring, &level);
    ck_assert_uint_le (level.buffers, 2 * 64);
    ck_assert_uint_le (level.bytes, 2 * 2 * 64);
    ck_assert_int_ge (level.time, 0);
    ck_assert_int_le (level.time, 2 * 10 * 64);
  }
  return NULL;
}

START_TEST (test_each_item_is_claimed_exactly_once_by_one_of_three_threads)
{
  pthread_t claimers[3], reader;
  uint32_t slots = 2;

  setup_ring (slots);
  for (int i = 0; i < 3; i++)
    ck_assert_int_eq (pthread_create (&claimers[i], NULL, claim_many, NULL), 0);
  ck_assert_int_eq (pthread_create (&reader, NULL, read_levels, NULL), 0);
  for (uint64_t n = 0; n < ITEMS; n++) {
    if (n % (ITEMS / 6) == ITEMS / 12 && slots < 64) {
      slots *= 2;
      ck_assert_int_eq (sc_ring_link (&ring, new_segment (slots), slots), 0);
    }
    while (push (n, 2) != 0)
      sched_yield ();
  }
  for (int i = 0; i < 3; i++)
    ck_assert_int_eq (pthread_join (claimers[i], NULL), 0);
  ck_assert_int_eq (pthread_join (reader, NULL), 0);
  free_ring ();
}
END_TEST

START_TEST (test_sequence_numbers_survive_the_wrap_of_32_bits)
{
  ScRingCursor cursor = { 0 };
  ScRingItem out;
  const uint64_t base = UINT32_MAX - 20ull;

  /* A ring as it stands after 2^32 - 21 items. */
  setup_ring (SMALL);
  atomic_store (&ring.head, base);
  atomic_store (&ring.tail, base);
  ring.known_head = base;
  for (uint64_t i = base; i < base + SMALL; i++)
    atomic_store (&ring.first->slots[i % SMALL].seq, (uint32_t) i);
  for (uint64_t n = 0; n < 100; n++) {
    ck_assert (!sc_ring_pop (&ring, &cursor, &out));
    ck_assert_int_eq (push (n, 1), 0);
    ck_assert (sc_ring_pop (&ring, &cursor, &out));
    ck_assert_ptr_eq (out.item, item (n));
  }
  free_ring ();
}
END_TEST

SC_CHECK_MAIN ("ring",
    test_items_come_out_in_order_and_a_full_ring_says_so,
    test_bad_sizes_and_alignment_are_refused,
    test_levels_are_exact_after_every_push_and_claim,
    test_growth_keeps_order_and_levels,
    test_each_item_is_claimed_exactly_once_by_one_of_three_threads,
    test_sequence_numbers_survive_the_wrap_of_32_bits)
