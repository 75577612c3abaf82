/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Known loads, drops and times through a tieredqueue whose clock stands still
 * unless the test moves it: every field of its statistics is what was done.
 */
#include "metrics-exact-queue.h"

/* Until the last of them was one whose time is taken, which is 0. */
static void
push_to_a_sample (GstHarness * h, Known * known)
{
  guint64 samples = 0;

  while (samples == 0) {
    fail_unless_equals_int (push (h, known), GST_FLOW_OK);
    pull (h, known);
    samples = stat_of (h, "latency-samples");
  }
  known->times[known->n_times++] = (ExactTime) { 0, samples };
  known->peak = MAX (known->peak, 1);
}

/* Eight through a gate, the first of them in the task's hand and seven queued for
 * @time: of each eight one time is taken, and the phase is such that it is of one
 * of the seven. */
static void
push_for (GstHarness * h, Known * known, guint64 time)
{
  Held gate = hold_downstream (h);

  push (h, known);
  wait_until_held (h);
  for (guint i = 0; i < 7; i++)
    push (h, known);
  fake_clock_advance (time);
  release_downstream (gate);
  for (guint i = 0; i < 8; i++)
    pull (h, known);
  known->times[known->n_times++] = (ExactTime) { time, 1 };
}

/* All magnitudes from a microsecond to a second alike. */
static guint64
random_time (GRand * random)
{
  return (guint64) (1000.0 * g_rand_double_range (random, 1.0, 2.0)
      * (gdouble) (1 << g_rand_int_range (random, 0, 20)));
}

static void
push_random_times (GstHarness * h, Known * known, guint rounds)
{
  GRand *random = g_rand_new_with_seed (printed_seed ("metrics-exact-queue"));

  push_to_a_sample (h, known);
  for (guint i = 0; i < rounds; i++)
    push_for (h, known, random_time (random));
  known->peak = 7;
  g_rand_free (random);
}

/* ---- the tests ---- */

GST_START_TEST (test_before_the_first_buffer_all_is_zero)
{
  Known known;
  GstHarness *h = start (&known);

  check_stats (h, &known);
  gst_harness_teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_counts_rates_and_times_are_those_of_the_load)
{
  Known known;
  GstHarness *h = start (&known);
  guint64 out, bytes_out, time;

  push_random_times (h, &known, 300);
  fake_clock_advance (GST_SECOND);
  note_rates_since (&known, known.began, 0, 0);
  check_stats (h, &known);

  /* Rates are those since this look, and nothing comes in from now on. */
  time = fake_clock_now ();
  out = known.out;
  bytes_out = known.bytes_out;
  push_for (h, &known, 1500 * GST_MSECOND);
  note_rates_since (&known, time, out, bytes_out);
  check_stats (h, &known);
  time = fake_clock_now ();
  fake_clock_advance (3 * GST_SECOND);
  note_rates_since (&known, time, known.out, known.bytes_out);
  known.idle = 3 * GST_SECOND;
  check_stats (h, &known);
  gst_harness_teardown (h);
}

GST_END_TEST;

static Suite *
metrics_exact_queue_suite (void)
{
  Suite *s = suite_create ("metrics-exact-queue");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_before_the_first_buffer_all_is_zero);
  tcase_add_test (tc, test_counts_rates_and_times_are_those_of_the_load);
  return s;
}

GST_CHECK_MAIN (metrics_exact_queue);
