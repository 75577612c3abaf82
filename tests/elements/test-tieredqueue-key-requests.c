/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* When upstream is asked for a key unit, on a clock that is moved by hand. */
#include <gst/check/gstcheck.h>

#include "tieredqueue-gop.h"

static TieredQueueGop gop;

/* A delta unit is dropped at @time: is upstream asked? */
static gboolean
asks_at (GstClockTime time)
{
  return tieredqueue_gop_should_ask (&gop, time);
}

static void
begin_gap (void)
{
  tieredqueue_gop_let_in (&gop, TIEREDQUEUE_UNIT_KEY, 1);
  tieredqueue_gop_let_in (&gop, TIEREDQUEUE_UNIT_DELTA, 2);
  tieredqueue_gop_refused (&gop);
  fail_unless (gop.broken);
}

GST_START_TEST (test_while_a_gap_lasts_upstream_is_asked_every_second)
{
  tieredqueue_gop_init (&gop);
  begin_gap ();
  fail_unless (asks_at (5 * GST_SECOND));
  fail_if (asks_at (5 * GST_SECOND));
  fail_if (asks_at (6 * GST_SECOND - 1));
  fail_unless (asks_at (6 * GST_SECOND));
  fail_if (asks_at (7 * GST_SECOND - 1));
  /* None came in between to ask with: the next second counts from here. */
  fail_unless (asks_at (9 * GST_SECOND));
  fail_if (asks_at (10 * GST_SECOND - 1));
  fail_unless (asks_at (10 * GST_SECOND));
  fail_unless_equals_int (gop.requests, 4);
}

GST_END_TEST;

GST_START_TEST (test_a_new_gap_is_asked_for_at_once)
{
  tieredqueue_gop_init (&gop);
  begin_gap ();
  fail_unless (asks_at (5 * GST_SECOND));
  begin_gap ();
  fail_unless (asks_at (5 * GST_SECOND + 1));
  fail_if (asks_at (5 * GST_SECOND + 2));
  tieredqueue_gop_stream_start (&gop);
  begin_gap ();
  fail_unless (asks_at (5 * GST_SECOND + 3));
  fail_unless_equals_int (gop.requests, 3);
}

GST_END_TEST;

GST_START_TEST (test_a_delta_unit_does_not_end_the_wait_for_the_next_second)
{
  tieredqueue_gop_init (&gop);
  begin_gap ();
  fail_unless (asks_at (0));
  tieredqueue_gop_refused (&gop);
  tieredqueue_gop_flushed (&gop);
  fail_if (asks_at (GST_SECOND - 1));
  fail_unless (asks_at (GST_SECOND));
}

GST_END_TEST;

static Suite *
tieredqueue_key_requests_suite (void)
{
  Suite *suite = suite_create ("tieredqueue-key-requests");
  TCase *tcase = tcase_create ("tieredqueue-key-requests");

  suite_add_tcase (suite, tcase);
  tcase_add_test (tcase, test_while_a_gap_lasts_upstream_is_asked_every_second);
  tcase_add_test (tcase, test_a_new_gap_is_asked_for_at_once);
  tcase_add_test (tcase,
      test_a_delta_unit_does_not_end_the_wait_for_the_next_second);
  return suite;
}

GST_CHECK_MAIN (tieredqueue_key_requests);
