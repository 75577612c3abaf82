/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-check.h"
#include "sc-watermark.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>

START_TEST (test_raises_at_high_and_clears_only_below_low)
{
  ScWatermark mark;

  sc_watermark_init (&mark);
  ck_assert (!sc_watermark_raise (&mark, 0.89, 1));
  ck_assert (sc_watermark_raise (&mark, 0.9, 2));
  ck_assert (!sc_watermark_raise (&mark, 1.5, 3));
  ck_assert (!sc_watermark_clear (&mark, 0.7, 4));
  ck_assert (sc_watermark_is_active (&mark));
  ck_assert (sc_watermark_clear (&mark, 0.69, 12));
  ck_assert (!sc_watermark_clear (&mark, 0.0, 13));
  ck_assert (!sc_watermark_is_active (&mark));
  ck_assert_uint_eq (atomic_load (&mark.total), 10);
  ck_assert_uint_eq (atomic_load (&mark.triggers), 1);
}
END_TEST

START_TEST (test_a_level_that_hovers_between_the_marks_reports_once)
{
  ScWatermark mark;
  int edges = 0;

  sc_watermark_init (&mark);
  for (uint64_t i = 0; i < 1000; i++) {
    edges += sc_watermark_raise (&mark, 0.95, i);
    edges += sc_watermark_clear (&mark, 0.75, i);
  }
  ck_assert_int_eq (edges, 1);
}
END_TEST

START_TEST (test_a_reset_clears_the_counts_and_keeps_the_marks)
{
  ScWatermark mark;

  sc_watermark_init (&mark);
  ck_assert_int_eq (sc_watermark_set (&mark, 0.1, 0.2), 0);
  ck_assert (sc_watermark_raise (&mark, 0.3, 1));
  ck_assert (sc_watermark_clear (&mark, 0.0, 5));
  ck_assert (sc_watermark_raise (&mark, 0.3, 9));
  sc_watermark_reset (&mark);
  ck_assert (!sc_watermark_is_active (&mark));
  ck_assert_uint_eq (atomic_load (&mark.triggers), 0);
  ck_assert_uint_eq (atomic_load (&mark.total), 0);
  ck_assert (sc_watermark_raise (&mark, 0.2, 20));
}
END_TEST

START_TEST (test_the_duration_is_of_the_current_period_or_of_the_last)
{
  ScWatermark mark;

  sc_watermark_init (&mark);
  ck_assert_uint_eq (sc_watermark_duration (&mark, 1), 0);
  ck_assert (sc_watermark_raise (&mark, 1.0, 10));
  ck_assert_uint_eq (sc_watermark_duration (&mark, 15), 5);
  ck_assert_uint_eq (sc_watermark_total (&mark, 15), 5);
  ck_assert (sc_watermark_clear (&mark, 0.0, 18));
  ck_assert_uint_eq (sc_watermark_duration (&mark, 30), 8);
  ck_assert_uint_eq (sc_watermark_total (&mark, 30), 8);
  ck_assert (sc_watermark_raise (&mark, 1.0, 40));
  ck_assert_uint_eq (sc_watermark_duration (&mark, 42), 2);
  ck_assert_uint_eq (sc_watermark_total (&mark, 42), 10);
  /* Read by a thread whose clock was a little behind. */
  ck_assert_uint_eq (sc_watermark_duration (&mark, 39), 0);
  ck_assert_uint_eq (sc_watermark_total (&mark, 39), 8);
}
END_TEST

START_TEST (test_a_low_mark_of_zero_clears_when_empty)
{
  ScWatermark mark;

  sc_watermark_init (&mark);
  ck_assert_int_eq (sc_watermark_set (&mark, 0.0, 0.5), 0);
  ck_assert (sc_watermark_raise (&mark, 0.5, 1));
  ck_assert (!sc_watermark_clear (&mark, 0.1, 2));
  ck_assert (sc_watermark_clear (&mark, 0.0, 3));
}
END_TEST

START_TEST (test_marks_out_of_order_are_refused)
{
  ScWatermark mark;

  sc_watermark_init (&mark);
  ck_assert_int_eq (sc_watermark_set (&mark, 0.1, 0.2), 0);
  ck_assert_int_eq (sc_watermark_set (&mark, 0.9, 0.7), -EINVAL);
  ck_assert_int_eq (sc_watermark_set (&mark, -0.1, 0.7), -EINVAL);
  ck_assert_int_eq (sc_watermark_set (&mark, 0.5, 1.1), -EINVAL);
  ck_assert_int_eq (sc_watermark_set (&mark, NAN, 0.7), -EINVAL);
  ck_assert (atomic_load (&mark.low) == 0.1);
  ck_assert (atomic_load (&mark.high) == 0.2);
}
END_TEST

enum { ROUNDS = 100000 };

static ScWatermark shared;
static _Atomic bool finished;

static void *
clear_many (void *cleared)
{
  while (!atomic_load (&finished) || sc_watermark_is_active (&shared))
    *(uint64_t *) cleared += sc_watermark_clear (&shared, 0.0, 7);
  return NULL;
}

/* The producer clears as well, when it drops what is queued. */
START_TEST (test_raises_and_clears_from_several_threads_are_counted_exactly)
{
  pthread_t consumer, other;
  uint64_t raised = 0, cleared = 0, by_other = 0, cleared_here = 0;

  sc_watermark_init (&shared);
  ck_assert_int_eq (pthread_create (&consumer, NULL, clear_many, &cleared), 0);
  ck_assert_int_eq (pthread_create (&other, NULL, clear_many, &by_other), 0);
  for (int i = 0; i < ROUNDS; i++) {
    raised += sc_watermark_raise (&shared, 1.0, 3);
    if (i % 3 == 0)
      cleared_here += sc_watermark_clear (&shared, 0.0, 7);
  }
  atomic_store (&finished, true);
  ck_assert_int_eq (pthread_join (consumer, NULL), 0);
  ck_assert_int_eq (pthread_join (other, NULL), 0);
  ck_assert_uint_gt (raised, 0);
  ck_assert_uint_eq (raised, cleared + by_other + cleared_here);
  ck_assert_uint_eq (atomic_load (&shared.triggers), raised);
  ck_assert_uint_eq (atomic_load (&shared.total), 4 * raised);
}
END_TEST

SC_CHECK_MAIN ("watermark",
    test_raises_at_high_and_clears_only_below_low,
    test_a_level_that_hovers_between_the_marks_reports_once,
    test_a_reset_clears_the_counts_and_keeps_the_marks,
    test_the_duration_is_of_the_current_period_or_of_the_last,
    test_a_low_mark_of_zero_clears_when_empty,
    test_marks_out_of_order_are_refused,
    test_raises_and_clears_from_several_threads_are_counted_exactly)
