/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-check.h"
#include "sc-channel-ring.h"

#include <errno.h>
#include <pthread.h>

enum { SLOTS = 4, CARRY = 1024, ITEMS = 200000 };

static ScChannelRing ring;
static void *main_memory, *carry_memory;

static void *
aligned (uint32_t slots)
{
  size_t size = sc_ring_segment_size (slots);

  return aligned_alloc (SC_CACHE_LINE, (size + 63) / 64 * 64);
}

static void
setup_ring (uint32_t carry_slots)
{
  main_memory = aligned (SLOTS);
  carry_memory = aligned (carry_slots);
  ck_assert_int_eq (sc_channel_ring_init (&ring, main_memory, SLOTS,
          carry_memory, carry_slots), 0);
}

static void
free_ring (void)
{
  free (main_memory);
  free (carry_memory);
}

static int
push (uint64_t n, bool keep)
{
  const ScRingLevel weight = { 1, 1, 0 };
  uintptr_t pointer = (uintptr_t) (n + 1) * 8;

  return sc_ring_push (&ring.ring, (void *) (pointer | keep), &weight);
}

static uint64_t
number (const void *item)
{
  return (uint64_t) (uintptr_t) sc_item_pointer (item) / 8 - 1;
}

/* The oldest item, which must be there. */
static ScEvictResult
evict (ScRingItem * oldest)
{
  ck_assert (sc_channel_ring_peek_oldest (&ring, oldest));
  return sc_channel_ring_evict_seen (&ring, oldest);
}

START_TEST (test_an_evicted_event_is_delivered_in_its_place)
{
  ScChannelItem out;
  ScRingItem dropped;

  setup_ring (CARRY);
  ck_assert_int_eq (push (0, false), 0);
  ck_assert_int_eq (push (1, true), 0);
  ck_assert_int_eq (push (2, false), 0);
  ck_assert_int_eq (push (3, true), 0);
  ck_assert_int_eq (evict (&dropped), SC_EVICT_DROPPED);
  ck_assert_uint_eq (number (dropped.item), 0);
  ck_assert_int_eq (evict (&dropped), SC_EVICT_CARRIED);
  ck_assert_int_eq (evict (&dropped), SC_EVICT_DROPPED);
  ck_assert_uint_eq (number (dropped.item), 2);

  ck_assert (sc_channel_ring_pop (&ring, &out));
  ck_assert_uint_eq (number (out.item), 1);
  ck_assert_uint_eq (out.skipped, 1);
  ck_assert (sc_channel_ring_pop (&ring, &out));
  ck_assert_uint_eq (number (out.item), 3);
  ck_assert_uint_eq (out.skipped, 1);
  ck_assert (!sc_channel_ring_pop (&ring, &out));
  ck_assert (!sc_channel_ring_peek_oldest (&ring, &dropped));
  free_ring ();
}
END_TEST

START_TEST (test_a_conditional_pop_stops_at_an_event_and_at_a_gap)
{
  ScChannelItem out;
  ScRingItem dropped;

  setup_ring (CARRY);
  ck_assert_int_eq (push (0, false), 0);
  ck_assert_int_eq (push (1, true), 0);
  ck_assert_int_eq (push (2, false), 0);
  ck_assert (sc_channel_ring_pop_next (&ring, SC_ITEM_KEEP, &out));
  ck_assert_uint_eq (number (out.item), 0);
  ck_assert (!sc_channel_ring_pop_next (&ring, SC_ITEM_KEEP, &out));

  ck_assert_int_eq (evict (&dropped), SC_EVICT_CARRIED);
  ck_assert (!sc_channel_ring_pop_next (&ring, SC_ITEM_KEEP, &out));
  ck_assert (sc_channel_ring_pop (&ring, &out));
  ck_assert_uint_eq (number (out.item), 1);
  ck_assert (sc_channel_ring_pop_next (&ring, SC_ITEM_KEEP, &out));
  ck_assert_uint_eq (number (out.item), 2);
  ck_assert (!sc_channel_ring_pop_next (&ring, SC_ITEM_KEEP, &out));
  free_ring ();
}
END_TEST

START_TEST (test_what_stands_behind_an_evicted_event_stays_in_the_level)
{
  ScChannelItem out;
  ScRingItem dropped;
  ScRingLevel level;

  setup_ring (CARRY);
  ck_assert_int_eq (push (0, true), 0);
  ck_assert_int_eq (push (1, false), 0);
  ck_assert_int_eq (evict (&dropped), SC_EVICT_CARRIED);
  ck_assert (sc_channel_ring_pop (&ring, &out));
  ck_assert_uint_eq (number (out.item), 0);
  sc_ring_level (&ring.ring, &level);
  ck_assert_uint_eq (level.buffers, 1);
  ck_assert_int_eq (evict (&dropped), SC_EVICT_DROPPED);
  ck_assert_uint_eq (number (dropped.item), 1);
  free_ring ();
}
END_TEST

START_TEST (test_a_full_carry_ring_refuses_the_eviction_and_loses_nothing)
{
  ScChannelItem out;
  ScRingItem dropped;

  setup_ring (2);
  for (uint64_t n = 0; n < 3; n++)
    ck_assert_int_eq (push (n, true), 0);
  ck_assert_int_eq (evict (&dropped), SC_EVICT_CARRIED);
  ck_assert_int_eq (evict (&dropped), SC_EVICT_CARRIED);
  ck_assert_int_eq (evict (&dropped), SC_EVICT_CARRY_FULL);
  for (uint64_t n = 0; n < 3; n++) {
    ck_assert (sc_channel_ring_pop (&ring, &out));
    ck_assert_uint_eq (number (out.item), n);
    ck_assert_uint_eq (out.skipped, 0);
  }
  free_ring ();
}
END_TEST

START_TEST (test_what_was_carried_last_needs_no_later_item_to_come_out)
{
  ScChannelItem out;
  ScRingItem dropped;

  setup_ring (CARRY);
  ck_assert (sc_channel_ring_is_empty (&ring));
  ck_assert_int_eq (push (0, false), 0);
  ck_assert_int_eq (push (1, true), 0);
  ck_assert_int_eq (evict (&dropped), SC_EVICT_DROPPED);
  ck_assert_int_eq (evict (&dropped), SC_EVICT_CARRIED);
  ck_assert (!sc_channel_ring_is_empty (&ring));
  ck_assert (sc_channel_ring_pop (&ring, &out));
  ck_assert_uint_eq (number (out.item), 1);
  ck_assert_uint_eq (out.skipped, 1);
  ck_assert (sc_channel_ring_is_empty (&ring));
  ck_assert (!sc_channel_ring_pop (&ring, &out));
  free_ring ();
}
END_TEST

/* The race that the order of append and claim is there for: a producer that
 * drops the oldest all the time against a consumer, with an event every third
 * item on average.  Every event arrives, everything arrives in order, and what
 * is missing is exactly what was dropped. */

static _Atomic bool done;
static uint64_t delivered, skipped_seen;
static uint8_t seen[ITEMS];

static void *
consume (void *unused)
{
  uint64_t last = UINT64_MAX;
  bool producing = true;

  while (producing) {
    ScChannelItem out;

    producing = !atomic_load (&done);   /* before the last pop, not after */
    while (sc_channel_ring_pop (&ring, &out)) {
      uint64_t n = number (out.item);

      ck_assert_uint_eq (out.skipped, n - last - 1);
      skipped_seen += out.skipped;
      last = n;
      seen[n] = 1;
      delivered++;
    }
  }
  return NULL;
}

START_TEST (test_no_event_is_lost_while_the_oldest_are_dropped)
{
  uint64_t seed = sc_random_seed ("channel-ring"), dropped_count = 0;
  pthread_t consumer;
  static uint8_t kept[ITEMS], dropped_items[ITEMS];

  setup_ring (CARRY);
  ck_assert_int_eq (pthread_create (&consumer, NULL, consume, NULL), 0);
  for (uint64_t n = 0; n < ITEMS; n++) {
    kept[n] = sc_random (&seed) % 3 == 0;
    while (push (n, kept[n]) != 0) {
      ScRingItem dropped;

      if (!sc_channel_ring_peek_oldest (&ring, &dropped))
        continue;
      switch (sc_channel_ring_evict_seen (&ring, &dropped)) {
        case SC_EVICT_DROPPED:
          ck_assert_uint_eq (dropped_items[number (dropped.item)]++, 0);
          dropped_count++;
          break;
        case SC_EVICT_CARRY_FULL:
          sched_yield ();       /* here: wait for the consumer */
          break;
        default:
          break;
      }
    }
  }
  atomic_store (&done, true);
  ck_assert_int_eq (pthread_join (consumer, NULL), 0);
  for (uint64_t n = 0; n < ITEMS; n++) {
    ck_assert_uint_eq (seen[n] + dropped_items[n], 1);
    if (kept[n])
      ck_assert_uint_eq (seen[n], 1);
  }
  ck_assert_uint_eq (delivered + dropped_count, ITEMS);
  ck_assert_uint_eq (skipped_seen, dropped_count);
  ck_assert_uint_gt (dropped_count, 0);
  free_ring ();
}
END_TEST

SC_CHECK_MAIN ("channel-ring",
    test_an_evicted_event_is_delivered_in_its_place,
    test_a_conditional_pop_stops_at_an_event_and_at_a_gap,
    test_what_stands_behind_an_evicted_event_stays_in_the_level,
    test_a_full_carry_ring_refuses_the_eviction_and_loses_nothing,
    test_what_was_carried_last_needs_no_later_item_to_come_out,
    test_no_event_is_lost_while_the_oldest_are_dropped)
