/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is left when buffers have gone without being pushed: the events that stood
 * among them, and the end of back-pressure. */
#include "tieredqueue-check.h"

static GstEvent *
custom_event (void)
{
  return gst_event_new_custom (GST_EVENT_CUSTOM_DOWNSTREAM,
      gst_structure_new_empty ("test"));
}

static void
forget_events (GstHarness * h)
{
  GstEvent *event;

  while ((event = gst_harness_try_pull_event (h)) != NULL)
    gst_event_unref (event);
}

static void
assert_custom_event_comes (GstHarness * h)
{
  gboolean found = FALSE;

  while (!found) {
    GstEvent *event = gst_harness_pull_event (h);

    fail_unless (event != NULL, "the event does not come out");
    found = GST_EVENT_TYPE (event) == GST_EVENT_CUSTOM_DOWNSTREAM;
    gst_event_unref (event);
  }
}

/* One buffer is on its way out, and held there. */
static GstHarness *
held_queue (Held * held, guint size)
{
  GstHarness *h = new_harness ("tieredqueue", "max-size-buffers", size,
      "max-size-time", (guint64) 0, NULL);

  forget_events (h);
  *held = hold_downstream (h);
  gst_harness_push (h, numbered (0));
  wait_until_level (h, 0);
  return h;
}

static void
push_buffers (GstHarness * h, guint from, guint to, GstBufferFlags flags)
{
  for (guint i = from; i <= to; i++) {
    GstBuffer *buffer = numbered (i);

    GST_BUFFER_FLAG_SET (buffer, flags);
    fail_unless_equals_int (gst_harness_push (h, buffer), GST_FLOW_OK);
  }
}

/* Nobody is told to flush, but all that is queued goes. */
static void
drop_all (GstHarness * h)
{
  fail_unless (gst_harness_push_event (h, gst_event_new_flush_stop (FALSE)));
}

static void
drop_groups_of_pictures (GstHarness * h)
{
  gst_util_set_object_arg (G_OBJECT (h->element), "leaky", "downstream");
  gst_util_set_object_arg (G_OBJECT (h->element), "drop-policy", "gop");
}

/* ---- events ---- */

GST_START_TEST (test_an_event_comes_out_when_no_buffer_is_left_behind_it)
{
  Held held;
  GstHarness *h = held_queue (&held, 3);

  drop_groups_of_pictures (h);
  push_buffers (h, 1, 1, 0);
  gst_harness_push_event (h, custom_event ());
  /* The third is one too many, and is of no use without those that make room
   * for it. */
  push_buffers (h, 2, 4, GST_BUFFER_FLAG_DELTA_UNIT);
  wait_until_level (h, 0);
  release_downstream (held);
  assert_custom_event_comes (h);
  gst_harness_teardown (h);
}

GST_END_TEST;

static void
note (GstElement * element, gpointer noted)
{
  g_atomic_int_set ((gint *) noted, TRUE);
}

GST_START_TEST (test_a_threshold_does_not_hold_back_events_without_buffers)
{
  Held held;
  GstHarness *h = held_queue (&held, 10);
  gint underrun = FALSE;

  g_object_set (h->element, "min-threshold-buffers", 5, NULL);
  gst_harness_push_event (h, custom_event ());
  push_buffers (h, 1, 2, 0);
  g_signal_connect (h->element, "underrun", G_CALLBACK (note), &underrun);
  release_downstream (held);
  while (!g_atomic_int_get (&underrun))
    g_thread_yield ();
  /* From here on the task sleeps, or is about to: the flush that nobody has
   * announced does not wake it. */
  drop_all (h);
  assert_custom_event_comes (h);
  gst_harness_teardown (h);
}

GST_END_TEST;

static Suite *
tieredqueue_evicted_suite (void)
{
  Suite *suite = suite_create ("tieredqueue-evicted");
  TCase *tcase = tcase_create ("tieredqueue-evicted");

  suite_add_tcase (suite, tcase);
  tcase_add_test (tcase,
      test_an_event_comes_out_when_no_buffer_is_left_behind_it);
  tcase_add_test (tcase,
      test_a_threshold_does_not_hold_back_events_without_buffers);
  return suite;
}

GST_CHECK_MAIN (tieredqueue_evicted);
