/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The eventcount, alone and between the two sides of a ring: no wake-up is
 * lost, which would be a thread that waits for ever.  See model-main.h.
 *
 * The source is included, so that each of its operations is there once. */
#include "model-main.h"
#include "model-ring.h"

#include "sc-eventcount.c"

static ScEventcount changed, room;
static ScRing ring;
static ScRingCursor cursor;
static _Atomic uint32_t flag;
static _Atomic uint64_t due;
static unsigned pushed, taken;

static void
begin (void)
{
  mc_assert (sc_eventcount_init (&changed) == 0);
  mc_assert (sc_eventcount_init (&room) == 0);
  mc_ring_at (&ring, mc_segments[0], MC_BASE);
  cursor = (ScRingCursor) { 0 };
  atomic_init (&flag, 0);
  atomic_init (&due, 0);
  pushed = taken = 0;
}

static void
begin_with_one (void)
{
  begin ();
  mc_assert (mc_push (&ring, pushed++, 0) == 0);
}

static void
begin_full (void)
{
  begin_with_one ();
  mc_assert (mc_push (&ring, pushed++, 0) == 0);
}

static void
all_is_taken (void)
{
  mc_assert (taken == pushed);
}

/* The flag is relaxed: the eventcount alone makes the change seen. */
static void
wait_for (uint32_t wanted)
{
  while (atomic_load_explicit (&flag, memory_order_relaxed) < wanted) {
    uint32_t key = sc_eventcount_prepare (&changed);

    if (atomic_load_explicit (&flag, memory_order_relaxed) >= wanted) {
      sc_eventcount_cancel (&changed);
      return;
    }
    mc_assert (sc_eventcount_wait (&changed, key, SC_WAIT_FOREVER) == 0);
  }
}

static void
wait_for_one (void)
{
  wait_for (1);
}

static void
wait_for_two (void)
{
  wait_for (2);
}

static void
raise_flag (void)
{
  atomic_fetch_add_explicit (&flag, 1, memory_order_relaxed);
  sc_eventcount_notify (&changed);
}

static void
raise_flag_twice (void)
{
  raise_flag ();
  raise_flag ();
}

/* The queue's two sides. */
static void
push_one (void)
{
  while (mc_push (&ring, pushed, 0) != 0) {
    uint32_t key = sc_eventcount_prepare (&room);

    if (mc_push (&ring, pushed, 0) == 0) {
      sc_eventcount_cancel (&room);
      break;
    }
    mc_assert (sc_eventcount_wait (&room, key, SC_WAIT_FOREVER) == 0);
  }
  pushed++;
  sc_eventcount_notify (&changed);
}

static void
push_two (void)
{
  push_one ();
  push_one ();
}

static void
push_three (void)
{
  push_two ();
  push_one ();
}

static void
take_one (void)
{
  ScRingItem item;

  while (!sc_ring_pop (&ring, &cursor, &item)) {
    uint32_t key = sc_eventcount_prepare (&changed);

    if (!sc_ring_is_empty (&ring, &cursor)) {
      sc_eventcount_cancel (&changed);
      continue;
    }
    mc_assert (sc_eventcount_wait (&changed, key, SC_WAIT_FOREVER) == 0);
  }
  mc_own_slot (&cursor, &item);
  mc_assert (mc_take (item.item) == taken);
  taken++;
  sc_eventcount_notify (&room);
}

static void
take_two (void)
{
  take_one ();
  take_one ();
}

static void
take_three (void)
{
  take_two ();
  take_one ();
}

/* A nap, as of plugin/tieredqueue-wait.c: a sleep of limited length, in which
 * the consumer is only woken when @due items have come in.  Then it sleeps. */
static void
nap (uint64_t until)
{
  uint32_t key;

  atomic_store_explicit (&due, until, memory_order_relaxed);
  key = sc_eventcount_prepare (&changed);
  (void) sc_eventcount_wait (&changed, key, 1);
}

static void
nap_and_take_one (void)
{
  nap (MC_BASE + 2);
  atomic_store_explicit (&due, 0, memory_order_relaxed);
  take_one ();
}

static void
nap_and_forget (void)
{
  nap (MC_BASE + 2);
  take_one ();
}

static void
push_and_wake_if_due (void)
{
  mc_assert (mc_push (&ring, pushed, 0) == 0);
  pushed++;
  if (sc_eventcount_has_waiter (&changed)
      && MC_BASE + pushed >= atomic_load_explicit (&due, memory_order_relaxed))
    sc_eventcount_wake (&changed);
}

static void
push_two_and_wake_if_due (void)
{
  push_and_wake_if_due ();
  push_and_wake_if_due ();
}

static void
nap_and_take_two (void)
{
  nap_and_take_one ();
  nap_and_take_one ();
}

/* An event comes in and is evicted again: who waits finds it carried. */
static void
begin_channel (void)
{
  begin ();
  mc_channel_only_events ();
}

static void
push_and_evict (void)
{
  mc_channel_push_one ();
  sc_eventcount_notify (&changed);
  mc_channel_evict ();
}

static void
take_event (void)
{
  while (!mc_channel_pop ()) {
    uint32_t key = sc_eventcount_prepare (&changed);

    if (!mc_channel_is_empty ())
      sc_eventcount_cancel (&changed);
    else
      mc_assert (sc_eventcount_wait (&changed, key, SC_WAIT_FOREVER) == 0);
  }
}

/* Wrong: sleeps on an event that is carried. */
static void
take_event_of_ring (void)
{
  while (mc_channel_ring_is_empty ()) {
    uint32_t key = sc_eventcount_prepare (&changed);

    if (!mc_channel_ring_is_empty ())
      sc_eventcount_cancel (&changed);
    else
      mc_assert (sc_eventcount_wait (&changed, key, SC_WAIT_FOREVER) == 0);
  }
}

/* Wrong: what has changed before prepare is not seen, and moves no epoch. */
static void
wait_without_a_second_look (void)
{
  while (atomic_load_explicit (&flag, memory_order_relaxed) == 0) {
    uint32_t key = sc_eventcount_prepare (&changed);

    (void) sc_eventcount_wait (&changed, key, SC_WAIT_FOREVER);
  }
}

static const McScenario scenarios[] = {
  {"a flag", begin, NULL, {wait_for_one, raise_flag}},
  {"a flag of two", begin, NULL,
        {wait_for_two, raise_flag, raise_flag}},
  {"a flag, twice", begin, NULL,
        {wait_for_two, raise_flag_twice}},
  {"two who wait", begin, NULL,
        {wait_for_one, wait_for_one, raise_flag}},
  {"two who wait, two who tell", begin, NULL,
        {wait_for_one, wait_for_two, raise_flag, raise_flag}},
  {"a queue that is empty", begin, all_is_taken, {push_one, take_one}},
  {"a queue with one", begin_with_one, all_is_taken, {push_one, take_two}},
  {"a queue that is full", begin_full, all_is_taken, {push_one, take_three}},
  {"a queue, two items", begin, all_is_taken, {push_two, take_two}},
  {"a queue, three items", begin, all_is_taken, {push_three, take_three}},
  {"a nap", begin, all_is_taken, {push_and_wake_if_due, nap_and_take_one}},
  {"two naps", begin, all_is_taken,
        {push_two_and_wake_if_due, nap_and_take_two}},
  {"an event that is evicted", begin_channel, mc_channel_finish,
        {push_and_evict, take_event}},
  {"control: who waits looks at the ring alone", begin_channel, NULL,
        {push_and_evict, take_event_of_ring},.finding = "waits for ever"},
  {"control: a nap that leaves its due", begin, NULL,
        {push_and_wake_if_due, nap_and_forget},.finding = "waits for ever"},
  {"control: no second look", begin, NULL,
        {wait_without_a_second_look, raise_flag},.finding = "waits for ever"},
};

static const McVerdict verdicts[] = {
  {"sc_eventcount_prepare", "load", 1, "acquire to relaxed", NULL},
  {"sc_eventcount_prepare", "fence", 1, "seq_cst to acq_rel", NULL},
  {"wake_all", "fetch_add", 1, "release to relaxed", NULL},
  {"sc_eventcount_wake", "exchange", 1, "acquire to relaxed",
      "the release in `wake_all` keeps it before the epoch"},
  {"sc_eventcount_has_waiter", "fence", 1, "seq_cst to acq_rel", NULL},
};

MC_MAIN ("eventcount", "sc-eventcount.c sc-eventcount.h", scenarios, verdicts)
