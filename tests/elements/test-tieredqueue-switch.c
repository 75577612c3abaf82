/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is switched while data flow: the sink pad off and on again, the way to find
 * room; and a channel that comes in. */
#include "tieredqueue-check.h"

static void
begin_stream (GstHarness * h)
{
  GstCaps *caps = gst_caps_new_empty_simple ("application/x-test");
  GstSegment segment;

  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_harness_push_event (h, gst_event_new_stream_start ("next"));
  gst_harness_push_event (h, gst_event_new_caps (caps));
  gst_harness_push_event (h, gst_event_new_segment (&segment));
  gst_caps_unref (caps);
}

static void
switch_off_and_on (GstHarness * h)
{
  GstPad *pad = gst_element_get_static_pad (h->element, "sink");

  fail_unless (gst_pad_set_active (pad, FALSE));
  fail_unless (gst_pad_set_active (pad, TRUE));
  gst_object_unref (pad);
}

static void
assert_next (GstHarness * h, guint64 number)
{
  GstBuffer *buffer = gst_harness_pull (h);

  fail_unless (buffer != NULL);
  fail_unless_equals_uint64 (GST_BUFFER_OFFSET (buffer), number);
  gst_buffer_unref (buffer);
}

/* ---- the sink pad ---- */

GST_START_TEST (test_a_sink_pad_that_is_switched_off_and_on_goes_on)
{
  GstHarness *h = new_harness ("tieredqueue", "silent", TRUE, NULL);

  switch_off_and_on (h);
  begin_stream (h);
  for (guint i = 1; i < 5; i++)
    fail_unless_equals_int (gst_harness_push (h, numbered (i)), GST_FLOW_OK);
  for (guint i = 1; i < 5; i++)
    assert_next (h, i);
  gst_harness_teardown (h);
}

GST_END_TEST;

/* Its task waits for its turn among the channels, or is on its way out of that wait
 * as the pad is on again. */
GST_START_TEST (test_a_sink_pad_that_is_switched_off_in_a_turn_goes_on)
{
  GstHarness *h = new_harness ("tieredqueue", "sync-channels", TRUE,
      "max-interleave", 20 * GST_SECOND, NULL);
  GstPad *other = gst_element_request_pad_simple (h->element, "sink_0");
  GstPad *src = gst_element_get_static_pad (h->element, "src_0");
  GstPad *silent = gst_pad_new ("silent", GST_PAD_SINK);

  gst_pad_set_active (silent, TRUE);
  gst_pad_link (src, silent);   /* it is waited for from here on */
  for (guint i = 0; i < 300; i++) {
    guint64 waits = stat_of (h, "sync-waits");
    GstBuffer *buffer = NULL;

    begin_stream (h);
    gst_harness_push (h, numbered (1));
    while (stat_of (h, "sync-waits") == waits)
      g_thread_yield ();
    switch_off_and_on (h);
    begin_stream (h);
    gst_harness_push (h, numbered (7));
    g_object_set (h->element, "sync-channels", FALSE, NULL);
    do {
      gst_clear_buffer (&buffer);
      buffer = gst_harness_pull (h);
      fail_unless (buffer != NULL, "stuck at %u", i);
    } while (GST_BUFFER_OFFSET (buffer) != 7);
    gst_clear_buffer (&buffer);
    g_object_set (h->element, "sync-channels", TRUE, NULL);
  }
  gst_pad_unlink (src, silent);
  gst_object_unref (silent);
  gst_object_unref (src);
  gst_object_unref (other);
  gst_harness_teardown (h);
}

GST_END_TEST;

static void
check_nothing_is_left (const gchar * factory)
{
  GstHarness *h = new_harness (factory, "max-size-buffers", 50, NULL);
  Held held = hold_downstream (h);
  GstEvent *event;

  gst_harness_push (h, numbered (1));
  wait_until_level (h, 0);      /* the task is held with it */
  gst_harness_push (h, numbered (2));
  fail_unless (gst_harness_push_event (h, gst_event_new_eos ()));
  switch_off_and_on (h);
  begin_stream (h);
  fail_unless_equals_int (gst_harness_push (h, numbered (3)), GST_FLOW_OK);
  release_downstream (held);
  assert_next (h, 1);
  assert_next (h, 3);
  while ((event = gst_harness_try_pull_event (h)) != NULL) {
    fail_if (GST_EVENT_TYPE (event) == GST_EVENT_EOS, "it ends with %s",
        factory);
    gst_event_unref (event);
  }
  gst_harness_teardown (h);
}

/* Also where the source pad's task cannot come to rest in between. */
GST_START_TEST (test_an_end_from_before_a_switch_off_does_not_come_out)
{
  check_nothing_is_left ("queue");
  check_nothing_is_left ("tieredqueue");
}

GST_END_TEST;

/* ---- leaky ---- */

static gint overruns;

static void
count_overrun (GstElement * queue, gpointer unused)
{
  g_atomic_int_inc (&overruns);
}

static gpointer
push_last (gpointer h)
{
  return GINT_TO_POINTER (gst_harness_push (h, numbered (4)));
}

static void
check_leaky_ends_wait (const gchar * leaky, guint64 after_1, guint64 last)
{
  GstHarness *h = new_harness ("tieredqueue", "max-size-buffers", 2, NULL);
  Held held = hold_downstream (h);
  GThread *thread;

  overruns = 0;
  g_signal_connect (h->element, "overrun", G_CALLBACK (count_overrun), NULL);
  gst_harness_push (h, numbered (1));
  wait_until_level (h, 0);
  gst_harness_push (h, numbered (2));
  gst_harness_push (h, numbered (3));
  thread = g_thread_new ("push", push_last, h);
  while (g_atomic_int_get (&overruns) == 0)
    g_thread_yield ();
  gst_util_set_object_arg (G_OBJECT (h->element), "leaky", leaky);
  fail_unless_equals_int (GPOINTER_TO_INT (g_thread_join (thread)),
      GST_FLOW_OK);
  fail_unless_equals_uint64 (stat_of (h, "buffers-dropped-full"), 1);
  release_downstream (held);
  assert_next (h, 1);
  assert_next (h, after_1);
  assert_next (h, last);
  gst_harness_teardown (h);
}

GST_START_TEST (test_a_queue_that_begins_to_leak_ends_the_wait_for_room)
{
  check_leaky_ends_wait ("upstream", 2, 3);
  check_leaky_ends_wait ("downstream", 3, 4);
}

GST_END_TEST;

/* ---- a channel that comes in ---- */

static gint created;

static GstBusSyncReply
count_tasks (GstBus * bus, GstMessage * message, gpointer unused)
{
  GstStreamStatusType type;

  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_STREAM_STATUS) {
    gst_message_parse_stream_status (message, &type, NULL);
    if (type == GST_STREAM_STATUS_TYPE_CREATE)
      created++;
  }
  gst_message_unref (message);
  return GST_BUS_DROP;
}

/* By which an application gives a task its priority. */
GST_START_TEST (test_each_task_is_told_as_it_is_made)
{
  GstElement *queue = gst_element_factory_make ("tieredqueue", NULL);
  GstBus *bus = gst_bus_new ();

  created = 0;
  gst_bus_set_sync_handler (bus, count_tasks, NULL, NULL);
  gst_element_set_bus (queue, bus);
  gst_object_unref (gst_element_request_pad_simple (queue, "sink_0"));
  gst_element_set_state (queue, GST_STATE_PLAYING);
  fail_unless_equals_int (created, 2);
  gst_object_unref (gst_element_request_pad_simple (queue, "sink_1"));
  fail_unless_equals_int (created, 3);
  gst_element_set_state (queue, GST_STATE_NULL);
  gst_element_set_bus (queue, NULL);
  gst_object_unref (bus);
  gst_object_unref (queue);
}

GST_END_TEST;

#define KEPT 20

static gint is_over;

static gpointer
request_and_release (gpointer queue)
{
  GPtrArray *kept = g_ptr_array_new_with_free_func (gst_object_unref);

  while (!g_atomic_int_get (&is_over)) {
    GstPad *pad = gst_element_request_pad_simple (queue, "sink_%u");

    if (pad == NULL)
      continue;                 /* it is being stopped */
    if (kept->len < KEPT) {
      g_ptr_array_add (kept, pad);
    } else {
      gst_element_release_request_pad (queue, pad);
      gst_object_unref (pad);
    }
  }
  return kept;
}

/* GStreamer lets one thread activate a pad while another deactivates it. */
GST_START_TEST (test_requests_beside_starts_and_stops_come_to_an_end)
{
  GstElement *queue = gst_element_factory_make ("tieredqueue", NULL);
  GRand *random = g_rand_new_with_seed (printed_seed ("tieredqueue-switch"));

  for (guint round = 0; round < 100; round++) {
    GstState state = GST_STATE_NULL;
    GThread *threads[2];

    is_over = FALSE;
    for (guint i = 0; i < 2; i++)
      threads[i] = g_thread_new ("request", request_and_release, queue);
    for (guint i = 0; i < 8; i++) {
      state = g_rand_boolean (random) ? GST_STATE_PAUSED : GST_STATE_READY;
      gst_element_set_state (queue, state);
      /* So that a start meets a request at any place; nothing waits for it. */
      g_usleep ((gulong) g_rand_int_range (random, 0, 500));
    }
    g_atomic_int_set (&is_over, TRUE);
    for (guint i = 0; i < 2; i++) {
      GPtrArray *kept = g_thread_join (threads[i]);

      for (guint k = 0; k < kept->len; k++) {
        fail_unless_equals_int (gst_pad_is_active (g_ptr_array_index (kept, k)),
            state == GST_STATE_PAUSED);
        gst_element_release_request_pad (queue, g_ptr_array_index (kept, k));
      }
      g_ptr_array_unref (kept);
    }
  }
  gst_element_set_state (queue, GST_STATE_NULL);
  gst_object_unref (queue);
  g_rand_free (random);
}

GST_END_TEST;

static Suite *
tieredqueue_switch_suite (void)
{
  Suite *suite = suite_create ("tieredqueue switch");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_a_sink_pad_that_is_switched_off_and_on_goes_on);
  tcase_add_test (tc, test_a_sink_pad_that_is_switched_off_in_a_turn_goes_on);
  tcase_add_test (tc, test_an_end_from_before_a_switch_off_does_not_come_out);
  tcase_add_test (tc, test_a_queue_that_begins_to_leak_ends_the_wait_for_room);
  tcase_add_test (tc, test_each_task_is_told_as_it_is_made);
  tcase_add_test (tc, test_requests_beside_starts_and_stops_come_to_an_end);
  return suite;
}

GST_CHECK_MAIN (tieredqueue_switch);
