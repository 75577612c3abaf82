/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bufpoolsrc-app.h"
#include "sc-check.h"

#include <errno.h>

#define PLACES 8
#define PUTTERS 4
#define EACH 50000

static BufpoolsrcApp app;

static void
setup (void)
{
  ck_assert_int_eq (bufpoolsrc_app_init (&app), 0);
  ck_assert_int_eq (bufpoolsrc_app_open (&app, PLACES), 0);
}

static void
count_drop (void *item, void *data)
{
  (void) item;
  ++*(unsigned *) data;
}

static unsigned
teardown_counting (void)
{
  unsigned dropped = 0;

  bufpoolsrc_app_close (&app, count_drop, &dropped);
  return dropped;
}

static void
teardown (void)
{
  teardown_counting ();
  bufpoolsrc_app_clear (&app);
}

static int
put (uintptr_t item, uint64_t timeout)
{
  int ret = bufpoolsrc_app_reserve (&app, timeout);

  if (ret == 0) {
    bufpoolsrc_app_put (&app, (void *) item);
    bufpoolsrc_app_leave (&app);
  }
  return ret;
}

static uintptr_t
take (void)
{
  void *item = NULL;

  ck_assert_int_eq (bufpoolsrc_app_take (&app, &item), 0);
  return (uintptr_t) item;
}

START_TEST (test_items_come_in_order_and_no_more_fit_than_there_are_places)
{
  setup ();
  for (uintptr_t i = 1; i <= PLACES; i++)
    ck_assert_int_eq (put (i, 0), 0);
  ck_assert_int_eq (put (99, 0), -EAGAIN);
  ck_assert_int_eq (put (99, 1000), -EAGAIN);
  ck_assert_uint_eq (bufpoolsrc_app_level (&app), PLACES);
  for (uintptr_t i = 1; i <= PLACES; i++)
    ck_assert_uint_eq (take (), i);
  ck_assert_uint_eq (bufpoolsrc_app_level (&app), 0);
  teardown ();
}
END_TEST

START_TEST (test_the_end_comes_after_what_was_put_and_refuses_more)
{
  void *item;

  setup ();
  ck_assert_int_eq (put (1, 0), 0);
  ck_assert_int_eq (bufpoolsrc_app_end (&app), 0);
  ck_assert_int_eq (put (2, SC_WAIT_FOREVER), -ENODATA);
  ck_assert_uint_eq (take (), 1);
  ck_assert_int_eq (bufpoolsrc_app_take (&app, &item), -ENODATA);
  ck_assert_int_eq (bufpoolsrc_app_take (&app, &item), -ENODATA);
  teardown ();
}
END_TEST

START_TEST (test_interrupted_nothing_goes_and_nothing_is_lost)
{
  void *item;

  setup ();
  ck_assert_int_eq (put (1, 0), 0);
  bufpoolsrc_app_interrupt (&app, true);
  ck_assert_int_eq (put (2, SC_WAIT_FOREVER), -ESHUTDOWN);
  ck_assert_int_eq (bufpoolsrc_app_end (&app), -ESHUTDOWN);
  ck_assert_int_eq (bufpoolsrc_app_take (&app, &item), -ECANCELED);
  bufpoolsrc_app_interrupt (&app, false);
  ck_assert_uint_eq (take (), 1);
  teardown ();
}
END_TEST

START_TEST (test_a_flush_and_a_close_hand_back_all_that_was_queued)
{
  unsigned dropped = 0;

  setup ();
  for (uintptr_t i = 1; i <= 5; i++)
    ck_assert_int_eq (put (i, 0), 0);
  ck_assert_int_eq (bufpoolsrc_app_end (&app), 0);
  bufpoolsrc_app_enter (&app);
  bufpoolsrc_app_flush (&app, count_drop, &dropped);
  bufpoolsrc_app_leave (&app);
  ck_assert_uint_eq (dropped, 5);
  /* The end is taken back too. */
  ck_assert_int_eq (put (6, 0), 0);
  ck_assert_uint_eq (take (), 6);
  ck_assert_int_eq (put (7, 0), 0);
  ck_assert_uint_eq (teardown_counting (), 1);
  ck_assert_int_eq (put (8, SC_WAIT_FOREVER), -ESHUTDOWN);
  ck_assert_int_eq (bufpoolsrc_app_end (&app), -ESHUTDOWN);
  teardown ();
}
END_TEST

static void *
take_until_it_fails (void *result)
{
  void *item;

  do
    *(int *) result = bufpoolsrc_app_take (&app, &item);
  while (*(int *) result == 0);
  return NULL;
}

static void *
put_until_it_fails (void *result)
{
  do
    *(int *) result = put (1, SC_WAIT_FOREVER);
  while (*(int *) result == 0);
  return NULL;
}

START_TEST (test_an_interruption_ends_both_waits)
{
  setup ();
  for (int i = 0; i < 500; i++) {
    void *(*const functions[]) (void *) = {
      take_until_it_fails, put_until_it_fails
    };
    int which = i % 2, result = 0;
    pthread_t thread;

    ck_assert_int_eq (pthread_create (&thread, NULL, functions[which],
            &result), 0);
    while (which == 1 && bufpoolsrc_app_level (&app) < PLACES);
    bufpoolsrc_app_interrupt (&app, true);
    ck_assert_int_eq (pthread_join (thread, NULL), 0);
    ck_assert_int_eq (result, which == 0 ? -ECANCELED : -ESHUTDOWN);
    bufpoolsrc_app_interrupt (&app, false);
    while (bufpoolsrc_app_level (&app) > 0)
      take ();
  }
  teardown ();
}
END_TEST

static void *
put_many (void *number)
{
  uintptr_t base = (uintptr_t) number * EACH;

  for (uintptr_t i = 1; i <= EACH; i++)
    ck_assert_int_eq (put (base + i, SC_WAIT_FOREVER), 0);
  return NULL;
}

START_TEST (test_of_many_putters_each_ones_items_come_whole_and_in_order)
{
  uintptr_t last[PUTTERS] = { 0 };
  pthread_t threads[PUTTERS];
  void *item;
  size_t i;

  setup ();
  for (i = 0; i < PUTTERS; i++)
    ck_assert_int_eq (pthread_create (&threads[i], NULL, put_many,
            (void *) i), 0);
  for (i = 0; i < (size_t) PUTTERS * EACH; i++) {
    uintptr_t got = take () - 1;

    ck_assert_uint_lt (got / EACH, PUTTERS);
    ck_assert_uint_eq (got % EACH, last[got / EACH]);
    last[got / EACH]++;
  }
  for (i = 0; i < PUTTERS; i++)
    ck_assert_int_eq (pthread_join (threads[i], NULL), 0);
  ck_assert_int_eq (bufpoolsrc_app_end (&app), 0);
  ck_assert_int_eq (bufpoolsrc_app_take (&app, &item), -ENODATA);
  teardown ();
}
END_TEST

SC_CHECK_MAIN ("bufpoolsrc-app",
    test_items_come_in_order_and_no_more_fit_than_there_are_places,
    test_the_end_comes_after_what_was_put_and_refuses_more,
    test_interrupted_nothing_goes_and_nothing_is_lost,
    test_a_flush_and_a_close_hand_back_all_that_was_queued,
    test_an_interruption_ends_both_waits,
    test_of_many_putters_each_ones_items_come_whole_and_in_order)
