/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Known requests to the pool of a bufpoolsrc, by an application's thread whose clock
 * stands still unless the test moves it: every field of the statistics of the source,
 * of its tiers and of its classes is what was done.
 */
#include "metrics-exact-app.h"

/* Nothing has been looked at: metrics-interval is 0. */
static void
compare_without_trends (Exact * e, gconstpointer user_data)
{
  static const gchar *const figures[] = {
    "success-rate", "utilisation", "acquire-latency"
  };
  const Known *known = user_data;

  compare_source (e, known);
  exact_absent (e, "acquire-latency-mean");
  exact_count (e, "trend-snapshots", 0);
  exact_count (e, "trend-span", 0);
  for (guint i = 0; i < G_N_ELEMENTS (figures); i++) {
    gchar *mean = g_strdup_printf ("trend-%s-mean", figures[i]);
    gchar *slope = g_strdup_printf ("trend-%s-slope", figures[i]);

    exact_absent (e, mean);
    exact_absent (e, slope);
    g_free (slope);
    g_free (mean);
  }
  if (known->advice == NULL)
    exact_absent (e, "advice");
  else
    exact_text (e, "advice", known->advice);
}

static void
check_stats (App * app)
{
  GstStructure *stats = exact_stats (app->source);

  exact_check (stats, "bufpoolsrc-metrics", compare_without_trends,
      &app->known);
  gst_structure_free (stats);
}

/* ---- the tests ---- */

GST_START_TEST (test_before_the_first_request_all_is_zero)
{
  App app;

  start (&app, "metrics-interval=0");
  while (count_of (&app, "sample-rate") == 0)
    g_thread_yield ();          /* its task negotiates */
  app.known.pool.state = "ready";
  app.known.advice = NULL;
  check_stats (&app);
  stop (&app);
}

GST_END_TEST;

GST_START_TEST (test_all_requests_are_counted_where_they_belong)
{
  App app;
  GstBuffer *b[6];

  start (&app, "metrics-interval=0 on-exhausted=drop acquire-timeout=0");
  pass_a_first_buffer (&app);
  b[0] = acquire (&app, 500, 0, FALSE);
  b[1] = acquire (&app, 1000, 0, FALSE);
  b[2] = acquire (&app, 1024, 0, FALSE);
  b[3] = acquire (&app, 10, 0, FALSE);
  b[4] = acquire (&app, 100, 1, TRUE);
  b[5] = acquire (&app, 4000, 1, FALSE);
  acquire_nothing (&app, 100, 0);
  /* Four at once, one lent and one refused, but twice as many as there are, as
   * there was a wait; two; and a margin of a quarter. */
  app.known.advice = "1024x10,4096x5";
  check_stats (&app);

  /* Enough bytes are free, in four small slots. */
  for (guint i = 0; i < 4; i++)
    release (&app, b[i], 0);
  acquire_nothing (&app, 4000, 1);
  app.known.pool.fragmented = 1;
  app.known.advice = "1024x10,4096x5";
  fake_clock_advance (GST_SECOND);
  app.known.reasons = "success-rate,data-lost";
  check_stats (&app);
  for (guint i = 4; i < 6; i++)
    release (&app, b[i], 1);
  check_stats (&app);
  stop (&app);
}

GST_END_TEST;

GST_START_TEST (test_what_is_pushed_is_counted_as_it_is)
{
  App app;
  GstBuffer *b[3];

  start (&app, "metrics-interval=0");
  pass_a_first_buffer (&app);
  shut_the_gate (&app);
  for (guint i = 0; i < 3; i++)
    b[i] = acquire (&app, i < 2 ? 400 : 10, 0, FALSE);
  push (&app, b[0]);
  while (!gst_pad_is_blocking (app.pad))
    g_thread_yield ();
  push (&app, b[1]);
  push (&app, b[2]);            /* two frames and a half */
  push (&app, gst_buffer_new_and_alloc (80));
  app.known.buffers += 1;
  app.known.bytes += 400;
  app.known.queued = 3;
  app.known.partial = 2;
  app.known.foreign = 1;
  app.known.advice = "1024x4,4096x1";
  check_stats (&app);

  gst_pad_remove_probe (app.pad, app.gate);
  for (guint i = 0; i < 3; i++)
    release (&app, gst_harness_pull (app.h), 0);
  gst_buffer_unref (gst_harness_pull (app.h));
  app.known.buffers += 3;
  app.known.bytes += 400 + 8 + 80;
  app.known.queued = 0;
  check_stats (&app);
  stop (&app);
}

GST_END_TEST;

static void
compare_exhausted (Exact * e, gconstpointer user_data)
{
  exact_text (e, "policy", "wait");
  exact_count (e, "count", 1);
  exact_count (e, "wait-time", 0);
  exact_count (e, "buffers-dropped", 0);
  exact_count (e, "bytes-dropped", 0);
  exact_count (e, "slots", 6);
  exact_count (e, "in-use", 6);
}

/* It is posted while the thread still waits. */
static void
check_exhausted (App * app)
{
  GstMessage *message;

  for (;;) {
    message = gst_bus_timed_pop_filtered (app->bus, GST_CLOCK_TIME_NONE,
        GST_MESSAGE_ELEMENT);
    if (gst_message_has_name (message, "bufpoolsrc-exhausted"))
      break;
    gst_message_unref (message);
  }
  exact_check (gst_message_get_structure (message), "bufpoolsrc-exhausted",
      compare_exhausted, NULL);
  gst_message_unref (message);
}

GST_START_TEST (test_a_wait_is_as_long_as_it_was)
{
  App app;
  GstBuffer *b[6];

  start (&app, "metrics-interval=0 on-exhausted=wait");
  pass_a_first_buffer (&app);
  for (guint i = 0; i < 4; i++)
    b[i] = acquire (&app, 1024, 0, FALSE);
  for (guint i = 4; i < 6; i++)
    b[i] = acquire (&app, 4096, 1, FALSE);
  b[0] = acquire_after (&app, 1234567000, b[0], check_exhausted);
  app.known.advice = "1024x10,4096x5";
  app.known.reasons = "utilisation";
  check_stats (&app);
  for (guint i = 0; i < 6; i++)
    release (&app, b[i], i < 4 ? 0 : 1);
  check_stats (&app);
  stop (&app);
}

GST_END_TEST;

static Suite *
metrics_exact_pool_suite (void)
{
  Suite *s = suite_create ("metrics-exact-pool");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_before_the_first_request_all_is_zero);
  tcase_add_test (tc, test_what_is_pushed_is_counted_as_it_is);
  tcase_add_test (tc, test_a_wait_is_as_long_as_it_was);
  tcase_add_test (tc, test_all_requests_are_counted_where_they_belong);
  return s;
}

GST_CHECK_MAIN (metrics_exact_pool);
