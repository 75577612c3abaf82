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

/* ---- back-pressure ---- */

static gboolean
is_under_back_pressure (GstHarness * h)
{
  GstStructure *stats;
  gboolean active = FALSE;

  g_object_get (h->element, "stats", &stats, NULL);
  fail_unless (gst_structure_get_boolean (stats, "backpressure", &active));
  gst_structure_free (stats);
  return active;
}

static void
assert_back_pressure_is_told (GstBus * bus, gboolean wanted)
{
  GstMessage *message = wait_message (bus, "tieredqueue-backpressure");
  gboolean active = !wanted;

  gst_structure_get_boolean (gst_message_get_structure (message), "active",
      &active);
  fail_unless_equals_int (active, wanted);
  gst_message_unref (message);
}

GST_START_TEST (test_back_pressure_ends_when_a_group_of_pictures_is_dropped)
{
  Held held;
  GstHarness *h = held_queue (&held, 10);
  GstBus *bus = gst_bus_new ();

  gst_element_set_bus (h->element, bus);
  drop_groups_of_pictures (h);
  push_buffers (h, 1, 1, 0);
  push_buffers (h, 2, 10, GST_BUFFER_FLAG_DELTA_UNIT);
  fail_unless (is_under_back_pressure (h));
  assert_back_pressure_is_told (bus, TRUE);
  push_buffers (h, 11, 11, GST_BUFFER_FLAG_DELTA_UNIT);
  fail_if (is_under_back_pressure (h));
  assert_back_pressure_is_told (bus, FALSE);
  release_downstream (held);
  gst_element_set_bus (h->element, NULL);
  gst_object_unref (bus);
  gst_harness_teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_back_pressure_ends_with_a_flush_without_a_start)
{
  Held held;
  GstHarness *h = held_queue (&held, 10);
  GstBus *bus = gst_bus_new ();

  gst_element_set_bus (h->element, bus);
  push_buffers (h, 1, 9, 0);
  assert_back_pressure_is_told (bus, TRUE);
  drop_all (h);
  fail_if (is_under_back_pressure (h));
  assert_back_pressure_is_told (bus, FALSE);
  gst_element_set_bus (h->element, NULL);
  gst_object_unref (bus);
  gst_harness_teardown (h);     /* what is held never goes on */
}

GST_END_TEST;

GST_START_TEST (test_back_pressure_ends_with_a_flush)
{
  Held held;
  GstHarness *h = held_queue (&held, 10);

  push_buffers (h, 1, 9, 0);
  fail_unless (is_under_back_pressure (h));
  gst_harness_push_event (h, gst_event_new_flush_start ());
  gst_harness_push_event (h, gst_event_new_flush_stop (TRUE));
  fail_if (is_under_back_pressure (h));
  release_downstream (held);
  gst_harness_teardown (h);
}

GST_END_TEST;

/* By the element or by a pad. */
static void
raise_limit (GstHarness * h, gboolean of_pad)
{
  GstPad *pad = gst_element_get_static_pad (h->element, "src");

  g_object_set (of_pad ? (gpointer) pad : h->element, "max-size-buffers", 100,
      NULL);
  gst_object_unref (pad);
}

GST_START_TEST (test_back_pressure_ends_with_a_higher_limit)
{
  for (gint of_pad = 0; of_pad < 2; of_pad++) {
    Held held;
    GstHarness *h = held_queue (&held, 10);
    GstBus *bus = gst_bus_new ();

    gst_element_set_bus (h->element, bus);
    push_buffers (h, 1, 9, 0);
    assert_back_pressure_is_told (bus, TRUE);
    raise_limit (h, of_pad);
    fail_if (is_under_back_pressure (h));
    assert_back_pressure_is_told (bus, FALSE);
    release_downstream (held);
    gst_element_set_bus (h->element, NULL);
    gst_object_unref (bus);
    gst_harness_teardown (h);
  }
}

GST_END_TEST;

GST_START_TEST (test_a_buffer_in_the_place_of_another_does_not_end_back_pressure)
{
  Held held;
  GstHarness *h = held_queue (&held, 3);

  gst_util_set_object_arg (G_OBJECT (h->element), "leaky", "downstream");
  push_buffers (h, 1, 20, 0);
  fail_unless_equals_uint64 (stat_of (h, "buffers-dropped-full"), 17);
  fail_unless_equals_uint64 (stat_of (h, "backpressure-count"), 1);
  fail_unless (is_under_back_pressure (h));
  release_downstream (held);
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
  tcase_add_test (tcase,
      test_back_pressure_ends_when_a_group_of_pictures_is_dropped);
  tcase_add_test (tcase, test_back_pressure_ends_with_a_flush_without_a_start);
  tcase_add_test (tcase, test_back_pressure_ends_with_a_flush);
  tcase_add_test (tcase, test_back_pressure_ends_with_a_higher_limit);
  tcase_add_test (tcase,
      test_a_buffer_in_the_place_of_another_does_not_end_back_pressure);
  return suite;
}

GST_CHECK_MAIN (tieredqueue_evicted);
