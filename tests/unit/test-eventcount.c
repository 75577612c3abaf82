/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-check.h"
#include "sc-eventcount.h"

#include <errno.h>

enum { HANDOVERS = 50000 };

static ScEventcount to_b, to_a;
static _Atomic int ball;

static void
wait_for_ball (ScEventcount * ec, int wanted)
{
  while (atomic_load_explicit (&ball, memory_order_acquire) != wanted) {
    uint32_t key = sc_eventcount_prepare (ec);

    if (atomic_load_explicit (&ball, memory_order_acquire) == wanted) {
      sc_eventcount_cancel (ec);
      return;
    }
    sc_eventcount_wait (ec, key, SC_WAIT_FOREVER);
  }
}

static void *
player_b (void *unused)
{
  for (int i = 0; i < HANDOVERS; i++) {
    wait_for_ball (&to_b, 2 * i + 1);
    atomic_store_explicit (&ball, 2 * i + 2, memory_order_release);
    sc_eventcount_notify (&to_a);
  }
  return NULL;
}

START_TEST (test_no_wake_up_is_lost_in_many_handovers)
{
  pthread_t b;

  ck_assert_int_eq (sc_eventcount_init (&to_a), 0);
  ck_assert_int_eq (sc_eventcount_init (&to_b), 0);
  ck_assert_int_eq (pthread_create (&b, NULL, player_b, NULL), 0);
  for (int i = 0; i < HANDOVERS; i++) {
    atomic_store_explicit (&ball, 2 * i + 1, memory_order_release);
    sc_eventcount_notify (&to_b);
    wait_for_ball (&to_a, 2 * i + 2);
  }
  ck_assert_int_eq (pthread_join (b, NULL), 0);
  sc_eventcount_clear (&to_a);
  sc_eventcount_clear (&to_b);
}
END_TEST

START_TEST (test_a_wait_ends_at_its_timeout)
{
  ScEventcount ec;
  uint32_t key;

  ck_assert_int_eq (sc_eventcount_init (&ec), 0);
  key = sc_eventcount_prepare (&ec);
  ck_assert_int_eq (sc_eventcount_wait (&ec, key, 1000000), -ETIMEDOUT);
  sc_eventcount_clear (&ec);
}
END_TEST

START_TEST (test_a_notification_between_prepare_and_wait_ends_the_wait)
{
  ScEventcount ec;
  uint32_t key;

  ck_assert_int_eq (sc_eventcount_init (&ec), 0);
  key = sc_eventcount_prepare (&ec);
  sc_eventcount_notify (&ec);
  ck_assert_int_eq (sc_eventcount_wait (&ec, key, SC_WAIT_FOREVER), 0);
  sc_eventcount_clear (&ec);
}
END_TEST

START_TEST (test_nobody_waiting_costs_no_wake)
{
  ScEventcount ec;

  ck_assert_int_eq (sc_eventcount_init (&ec), 0);
  for (int i = 0; i < 1000; i++)
    sc_eventcount_notify (&ec);
  ck_assert_uint_eq (atomic_load (&ec.wakes), 0);
  sc_eventcount_clear (&ec);
}
END_TEST

START_TEST (test_who_has_been_woken_is_not_woken_again_before_it_runs)
{
  ScEventcount ec;
  uint32_t key;

  ck_assert_int_eq (sc_eventcount_init (&ec), 0);
  key = sc_eventcount_prepare (&ec);
  for (int i = 0; i < 1000; i++)
    sc_eventcount_notify (&ec);
  ck_assert_uint_eq (atomic_load (&ec.wakes), 1);
  ck_assert_int_eq (sc_eventcount_wait (&ec, key, SC_WAIT_FOREVER), 0);

  (void) sc_eventcount_prepare (&ec);
  sc_eventcount_cancel (&ec);
  for (int i = 0; i < 1000; i++)
    sc_eventcount_notify (&ec);
  ck_assert_uint_eq (atomic_load (&ec.wakes), 2);
  sc_eventcount_clear (&ec);
}
END_TEST

SC_CHECK_MAIN ("eventcount",
    test_no_wake_up_is_lost_in_many_handovers,
    test_a_wait_ends_at_its_timeout,
    test_a_notification_between_prepare_and_wait_ends_the_wait,
    test_nobody_waiting_costs_no_wake,
    test_who_has_been_woken_is_not_woken_again_before_it_runs)
