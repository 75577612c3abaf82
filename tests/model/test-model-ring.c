/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The ring beside claimers, level readers and growth, and the channel ring.
 * See model-main.h. */
#include "model-main.h"
#include "model-ring.h"

#include <errno.h>

static ScRing ring;
/* Of this execution: who took which item, in whose order. */
static struct
{
  unsigned items[MC_ITEMS];
  unsigned count;
} taken[MC_THREADS];
static unsigned pushed;
static _Atomic uint32_t told;

static void
take_one (unsigned thread, ScRingCursor * cursor)
{
  ScRingItem item;
  unsigned n;

  if (!sc_ring_pop (&ring, cursor, &item))
    return;
  mc_own_slot (cursor, &item);
  n = mc_take (item.item);
  mc_assert (item.index - MC_BASE == n);
  taken[thread].items[taken[thread].count++] = n;
}

static void
begin_empty (void)
{
  mc_ring_at (&ring, mc_segments[0], MC_BASE);
  mc_uninitialised (mc_segments[1], sizeof (mc_segments[1]));
  for (unsigned t = 0; t < MC_THREADS; t++)
    taken[t].count = 0;
  pushed = 0;
  atomic_init (&told, 0);
}

static void
push_if_room (void)
{
  if (mc_push (&ring, pushed, 0) == 0)
    pushed++;
}

static void
begin_with_one (void)
{
  begin_empty ();
  push_if_room ();
}

static void
begin_full (void)
{
  begin_with_one ();
  push_if_room ();
}

/* What is left comes out in order, and with it every item has been taken once,
 * by each in order. */
static void
each_was_taken_once (void)
{
  ScRingCursor cursor = { 0 };
  unsigned seen = 0;

  for (unsigned i = 0; i < MC_ITEMS; i++)
    take_one (MC_THREADS - 1, &cursor);
  for (unsigned t = 0; t < MC_THREADS; t++) {
    for (unsigned i = 0; i < taken[t].count; i++) {
      mc_assert (i == 0 || taken[t].items[i] > taken[t].items[i - 1]);
      mc_assert ((seen & 1u << taken[t].items[i]) == 0);
      seen |= 1u << taken[t].items[i];
    }
  }
  mc_assert (seen == (1u << pushed) - 1);
}

static void
push_one (void)
{
  push_if_room ();
}

static void
push_two (void)
{
  push_if_room ();
  push_if_room ();
}

static void
push_three (void)
{
  push_two ();
  push_if_room ();
}

static void
take_one_of_1 (void)
{
  ScRingCursor cursor = { 0 };

  take_one (1, &cursor);
}

static void
take_two_of_1 (void)
{
  ScRingCursor cursor = { 0 };

  take_one (1, &cursor);
  take_one (1, &cursor);
}

static void
take_three_of_1 (void)
{
  ScRingCursor cursor = { 0 };

  for (int i = 0; i < 3; i++)
    take_one (1, &cursor);
}

/* Drops the oldest until there is room. */
static void
evict_and_push (void)
{
  ScRingCursor cursor = { 0 };

  while (mc_push (&ring, pushed, 0) == -EAGAIN)
    take_one (0, &cursor);
  pushed++;
}

static void
evict_and_push_two (void)
{
  evict_and_push ();
  evict_and_push ();
}

/* A third claimer. */
static void
flush (void)
{
  ScRingCursor cursor = { 0 };
  unsigned before;

  do {
    before = taken[2].count;
    take_one (2, &cursor);
  } while (taken[2].count > before);
}

static void
take_one_of_2 (void)
{
  ScRingCursor cursor = { 0 };

  take_one (2, &cursor);
}

static void
read_level (void)
{
  ScRingLevel level;

  sc_ring_level (&ring, &level);
  mc_assert_level (&level, MC_ITEMS - 1, MC_SLOTS);
}

static void
read_level_of_grown (void)
{
  ScRingLevel level;

  sc_ring_level (&ring, &level);
  mc_assert_level (&level, MC_ITEMS - 1, 2 * MC_SLOTS);
}

/* Time moves without an item, after one that has been given room by a claim. */
static void
push_and_set_time (void)
{
  push_if_room ();
  if (pushed == 3)
    sc_ring_set_time (&ring, mc_time_after (MC_ITEMS));
}

static void
read_level_with_time (void)
{
  ScRingLevel level;

  sc_ring_level (&ring, &level);
  /* Not from the claimed item on. */
  mc_assert (level.time != mc_time_after (MC_ITEMS));
}

/* The first item is claimed when the second one is there. */
static void
push_two_and_tell (void)
{
  push_two ();
  atomic_store_explicit (&told, 1, memory_order_release);
}

static void
take_one_when_told (void)
{
  if (atomic_load_explicit (&told, memory_order_acquire) == 1)
    take_one_of_1 ();
}

static void
read_level_of_one (void)
{
  ScRingLevel level;

  if (atomic_load_explicit (&ring.head, memory_order_relaxed) == MC_BASE)
    return;
  sc_ring_level (&ring, &level);
  mc_assert (level.buffers == 1 && level.bytes == 2);
}

static void
grow_and_push (void)
{
  mc_assert (sc_ring_link (&ring, mc_segments[1], MC_SLOTS) == 0);
  push_if_room ();
}

static void
grow_and_push_two (void)
{
  grow_and_push ();
  push_if_room ();
}

/* Looks at the level first, which leaves the head that it saw to push. */
static void
push_below_a_level (void)
{
  ScRingLevel level;

  sc_ring_producer_level (&ring, &level);
  mc_assert (level.buffers <= pushed);
  if (level.buffers < MC_SLOTS) {
    push_if_room ();
    mc_assert (pushed == 3);
  }
}

static void
evict_and_push_three (void)
{
  evict_and_push_two ();
  evict_and_push ();
}

static void
read_level_twice (void)
{
  read_level ();
  read_level ();
}

static const McScenario scenarios[] = {
  {"producer and consumer", begin_empty, each_was_taken_once,
        {push_three, take_three_of_1}},
  {"overwriting", begin_full, each_was_taken_once,
        {push_two, take_two_of_1}},
  {"growth", begin_full, each_was_taken_once,
        {grow_and_push, take_three_of_1}},
  {"growth twice as full", begin_with_one, each_was_taken_once,
        {grow_and_push_two, take_three_of_1}},
  {"level of the producer", begin_full, each_was_taken_once,
        {push_below_a_level, take_two_of_1}},
  {"level", begin_full, each_was_taken_once,
        {push_one, take_one_of_1, read_level}},
  {"level of an empty ring", begin_empty, each_was_taken_once,
        {push_two, take_one_of_1, read_level}},
  {"level of a ring that wraps", begin_with_one, each_was_taken_once,
        {push_two, take_one_of_1, read_level}},
  {"level after a claim", begin_empty, each_was_taken_once,
        {push_two_and_tell, take_one_when_told, read_level_of_one}},
  {"level and time", begin_full, each_was_taken_once,
        {push_and_set_time, take_one_of_1, read_level_with_time}},
  {"level and growth", begin_full, each_was_taken_once,
        {grow_and_push, take_one_of_1, read_level_of_grown}},
  {"drop oldest", begin_full, each_was_taken_once,
        {evict_and_push_two, take_two_of_1}},
  {"flush", begin_with_one, each_was_taken_once,
        {push_two, take_two_of_1, flush}},
  {"flush, drop oldest", begin_full, each_was_taken_once,
        {evict_and_push, take_one_of_1, flush}},
  {"channel", mc_channel_empty, mc_channel_finish,
        {mc_channel_push_three, mc_channel_pop_three}},
  {"channel, an event first", mc_channel_event_first, mc_channel_finish,
        {mc_channel_push_two, mc_channel_pop_three}},
  {"channel, an event second", mc_channel_event_second, mc_channel_finish,
        {mc_channel_push_two, mc_channel_pop_three}},
  {"channel, all dropped", mc_channel_event_second, mc_channel_finish,
        {mc_channel_evict_two, mc_channel_pop_to_second}},
  {"channel, events only", mc_channel_events, mc_channel_finish,
        {mc_channel_push_one, mc_channel_pop_three}},
  {"drop oldest, three times", begin_full, each_was_taken_once,
        {evict_and_push_three, take_three_of_1}},
  {"control: an event is claimed, then carried", mc_channel_event_first,
        mc_channel_finish, {mc_channel_push_one_wrong, mc_channel_pop_three},
        .finding = "delivered"},
  {"long: flush, drop oldest", begin_full, each_was_taken_once,
        {evict_and_push_two, take_two_of_1, flush}, true},
  {"long: level", begin_with_one, each_was_taken_once,
        {push_three, take_two_of_1, read_level}, true},
  {"two levels", begin_full, each_was_taken_once,
        {push_one, take_one_of_1, read_level_twice}},
  {"growth and flush", begin_full, each_was_taken_once,
        {grow_and_push_two, take_two_of_1, flush}},
  {"channel, longer", mc_channel_event_second, mc_channel_finish,
        {mc_channel_push_three, mc_channel_pop_three}},
  {"long: level, two claimers", begin_full, each_was_taken_once,
        {push_two, take_one_of_1, take_one_of_2, read_level}, true},
};

static const McVerdict verdicts[] = {
  {"segment_of", "load", 1, "acquire to relaxed", NULL},
  {"sc_ring_link", "store", 2, "release to relaxed", NULL},
  {"has_room", "load", 1, "acquire to relaxed", NULL},
  {"sc_ring_push", "store", 1, "release to relaxed", NULL},
  {"sc_ring_push", "store", 2, "release to relaxed", NULL},
  {"sc_ring_push", "store", 3, "release to relaxed", NULL},
  {"sc_ring_push", "store", 5, "release to relaxed", NULL},
  {"sc_ring_push", "store", 6, "release to relaxed", NULL},
  {"sc_ring_push", "store", 7, "release to relaxed", NULL},
  {"sc_ring_push", "store", 8, "release to relaxed", NULL},
  {"sc_ring_peek", "load", 1, "acquire to relaxed", NULL},
  {"sc_ring_peek", "load", 2, "acquire to relaxed", NULL},
  {"sc_ring_claim", "compare_exchange", 1, "release to relaxed", NULL},
  {"read_totals", "load", 1, "acquire to relaxed", NULL},
  {"read_totals", "load", 2, "acquire to relaxed", NULL},
  {"read_totals", "load", 3, "acquire to relaxed", NULL},
  {"read_tail_totals", "load", 1, "acquire to relaxed", NULL},
  {"read_tail_totals", "load", 2, "acquire to relaxed", NULL},
  {"read_tail_totals", "load", 3, "acquire to relaxed", NULL},
  {"sc_ring_level", "load", 1, "acquire to relaxed", NULL},
  {"sc_ring_level", "load", 2, "acquire to relaxed", NULL},
  {"sc_ring_producer_level", "load", 2, "acquire to relaxed", NULL},
  {"sc_ring_set_time", "store", 1, "release to relaxed", NULL},
};

MC_MAIN ("ring", "sc-ring.c sc-channel-ring.c", scenarios, verdicts)
