/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The min-thresholds of queue: each rule holds for queue and for tieredqueue.
 * Where the two differ on purpose the difference is asserted.
 */
#include "queue-check.h"

GST_START_TEST (test_a_threshold_does_not_hold_back_an_event_or_a_query)
{
  GstHarness *h = new_harness (FACTORY);
  GstQuery *query = gst_query_new_drain ();

  g_object_set (h->element, "min-threshold-buffers", 10, NULL);
  gst_harness_push (h, buffer_at (0, 0));
  gst_pad_peer_query (h->srcpad, query);        /* hangs if it is held back */
  fail_unless_equals_int (gst_harness_buffers_received (h), 2);
  gst_harness_push (h, buffer_at (0, 0));
  gst_harness_push_event (h, custom_event ());
  gst_buffer_unref (gst_harness_pull (h));
  gst_buffer_unref (gst_harness_pull (h));
  gst_query_unref (query);
  gst_harness_teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_a_full_queue_is_not_held_back_by_a_threshold)
{
  GstHarness *h = new_harness (FACTORY);

  g_object_set (h->element, "min-threshold-buffers", 10, "max-size-buffers",
      3, NULL);
  for (guint i = 0; i < 3; i++)
    gst_harness_push (h, buffer_at (0, 0));
  gst_buffer_unref (gst_harness_pull (h));
  gst_harness_teardown (h);
}

GST_END_TEST;

/* ---- after EOS ---- */

/* What is pushed from here on flows in a new stream. */
static void
begin_new_stream (GstHarness * h)
{
  fail_unless (gst_harness_push_event (h, gst_event_new_eos ()));
  while (gst_pad_get_task_state (src_pad (h)) == GST_TASK_STARTED)
    g_thread_yield ();
  fail_unless (gst_harness_push_event (h,
          gst_event_new_stream_start ("second")));
  fail_unless (push_segment (h, 1.0, 0, 0, 0));
}

static GstPadProbeReturn
note_hold (GstPad * pad, GstPadProbeInfo * info, gpointer held)
{
  g_atomic_int_set ((gint *) held, TRUE);
  return GST_PAD_PROBE_OK;      /* stays blocked */
}

static void
note_level (GstElement * element, gint * noted)
{
  guint level;

  g_object_get (element, "current-level-buffers", &level, NULL);
  g_atomic_int_set (noted, (gint) level);
}

/* How many of @number buffers, of 10 bytes and 0.1 s each, are held back when they
 * are all that is queued: the level at which the task finds nothing to push. */
static gint
held_back_of (GstHarness * h, guint number)
{
  gint held = FALSE, level = -1;
  gulong handler, probe = gst_pad_add_probe (src_pad (h),
      GST_PAD_PROBE_TYPE_BLOCK | GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM,
      note_hold, &held, NULL);

  /* No threshold holds back an event: the task stops with it in hand. */
  fail_unless (gst_harness_push_event (h, custom_event ()));
  while (!g_atomic_int_get (&held))
    g_thread_yield ();
  for (guint i = 0; i < number; i++)
    gst_harness_push (h, buffer_at (i * GST_SECOND / 10, GST_SECOND / 10));
  handler = g_signal_connect (h->element, "underrun", G_CALLBACK (note_level),
      &level);
  gst_pad_remove_probe (src_pad (h), probe);
  while (g_atomic_int_get (&level) < 0)
    g_thread_yield ();
  g_signal_handler_disconnect (h->element, handler);
  return level;
}

static void
flush (GstHarness * h)
{
  gst_harness_push_event (h, gst_event_new_flush_start ());
  gst_harness_push_event (h, gst_event_new_flush_stop (TRUE));
  fail_unless (push_segment (h, 1.0, 0, 0, 0));
}

GST_START_TEST (test_eos_lifts_the_thresholds_until_a_flush)
{
  GstHarness *h = new_harness (FACTORY);

  g_object_set (h->element, "min-threshold-buffers", 100, NULL);
  begin_new_stream (h);
  fail_unless_equals_int (held_back_of (h, 2), 0);
  flush (h);
  fail_unless_equals_int (held_back_of (h, 2), 2);
  gst_harness_teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_a_threshold_that_is_set_after_eos_holds)
{
  static const gchar *const thresholds[] = {
    "min-threshold-buffers", "min-threshold-bytes", "min-threshold-time"
  };
  static const gchar *const values[] = { "3", "30", "300000000" };

  for (guint i = 0; i < G_N_ELEMENTS (thresholds); i++) {
    GstHarness *h = new_harness (FACTORY);

    gst_util_set_object_arg (G_OBJECT (h->element), thresholds[i], "1");
    begin_new_stream (h);
    gst_util_set_object_arg (G_OBJECT (h->element), thresholds[i], values[i]);
    fail_unless_equals_int (held_back_of (h, 2), 2);
    flush (h);
    fail_unless_equals_int (held_back_of (h, 2), 2);
    gst_harness_teardown (h);
  }
}

GST_END_TEST;

GST_START_TEST (test_a_threshold_that_is_set_after_eos_holds_alone)
{
  GstHarness *h = new_harness (FACTORY);

  g_object_set (h->element, "min-threshold-buffers", 100, NULL);
  begin_new_stream (h);
  g_object_set (h->element, "min-threshold-bytes", 30, NULL);
  fail_unless_equals_int (held_back_of (h, 2), 2);
  gst_harness_push (h, buffer_at (0, 0));       /* the third */
  gst_buffer_unref (gst_harness_pull (h));
  gst_harness_teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_a_threshold_that_is_set_behind_eos_keeps_nothing_back)
{
  GstHarness *h = new_harness (FACTORY);
  gulong probe = hold_with_one (h);

  gst_harness_push (h, buffer_at (0, 0));
  fail_unless (gst_harness_push_event (h, gst_event_new_eos ()));
  g_object_set (h->element, "min-threshold-buffers", 10, NULL);
  let_go (h, probe);
  for (guint i = 0; i < 2; i++)
    gst_buffer_unref (gst_harness_pull (h));
  gst_harness_teardown (h);
}

GST_END_TEST;

static GstClockTime
latency_of (GstHarness * h)
{
  GstQuery *query = gst_query_new_latency ();
  GstClockTime min;

  fail_unless (gst_pad_query (src_pad (h), query));
  gst_query_parse_latency (query, NULL, &min, NULL);
  gst_query_unref (query);
  return min;
}

GST_START_TEST (test_a_threshold_that_is_lifted_is_no_latency)
{
  GstHarness *h = new_harness (FACTORY);
  guint64 shown;

  g_object_set (h->element, "min-threshold-time", (guint64) GST_SECOND, NULL);
  fail_unless_equals_clocktime (latency_of (h), GST_SECOND);
  begin_new_stream (h);
  fail_unless_equals_clocktime (latency_of (h), 0);
  g_object_get (h->element, "min-threshold-time", &shown, NULL);
  fail_unless_equals_clocktime (shown, IS_OURS ? GST_SECOND : 0);
  gst_harness_teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_what_flushes_at_eos_keeps_its_thresholds)
{
  GstHarness *h = new_harness (FACTORY);

  g_object_set (h->element, "min-threshold-buffers", 100, "flush-on-eos",
      TRUE, NULL);
  begin_new_stream (h);
  fail_unless_equals_int (held_back_of (h, 2), 2);
  gst_harness_teardown (h);
}

GST_END_TEST;

static Suite *
queue_threshold_rules_suite (void)
{
  Suite *suite = suite_create ("queue-threshold-rules");
  TCase *tcase = tcase_create ("queue-threshold-rules");

#define FOR_BOTH(test) \
  tcase_add_loop_test (tcase, test, 0, G_N_ELEMENTS (factories))
  suite_add_tcase (suite, tcase);
  FOR_BOTH (test_a_threshold_does_not_hold_back_an_event_or_a_query);
  FOR_BOTH (test_a_full_queue_is_not_held_back_by_a_threshold);
  FOR_BOTH (test_eos_lifts_the_thresholds_until_a_flush);
  FOR_BOTH (test_a_threshold_that_is_set_after_eos_holds);
  FOR_BOTH (test_a_threshold_that_is_set_after_eos_holds_alone);
  FOR_BOTH (test_a_threshold_that_is_set_behind_eos_keeps_nothing_back);
  FOR_BOTH (test_a_threshold_that_is_lifted_is_no_latency);
  FOR_BOTH (test_what_flushes_at_eos_keeps_its_thresholds);
#undef FOR_BOTH
  return suite;
}

GST_CHECK_MAIN (queue_threshold_rules);
