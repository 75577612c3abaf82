/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Why buffers are dropped, how that is counted and told, and how long upstream
 * waits before one is. */
#include "tieredqueue-check.h"

/* A queue of two that is full, with a third buffer on its way out. */
static GstHarness *
full_queue (Held * held, const gchar * first_property, ...)
{
  GstHarness *h = new_harness ("tieredqueue", "max-size-buffers", 2, NULL);
  va_list args;

  *held = hold_downstream (h);
  for (guint i = 0; i < 3; i++) {
    gst_harness_push (h, numbered (i));
    if (i == 0)
      wait_until_level (h, 0);
  }
  va_start (args, first_property);
  g_object_set_valist (G_OBJECT (h->element), first_property, args);
  va_end (args);
  return h;
}

static GstBuffer *
pull_number (GstHarness * h, guint64 number)
{
  GstBuffer *buffer = gst_harness_pull (h);

  fail_unless_equals_uint64 (GST_BUFFER_OFFSET (buffer), number);
  return buffer;
}

static void
pull_and_check (GstHarness * h, guint64 number, gboolean discont)
{
  GstBuffer *buffer = pull_number (h, number);

  fail_unless_equals_int (GST_BUFFER_FLAG_IS_SET (buffer,
          GST_BUFFER_FLAG_DISCONT), discont);
  gst_buffer_unref (buffer);
}

static GstBufferList *
list_of (guint64 first, guint length)
{
  GstBufferList *list = gst_buffer_list_new ();

  for (guint i = 0; i < length; i++)
    gst_buffer_list_add (list, numbered (first + i));
  return list;
}

/* ---- put-timeout ---- */

GST_START_TEST (test_a_full_queue_drops_the_new_buffer_after_the_timeout)
{
  Held held;
  GstHarness *h = full_queue (&held, "put-timeout", 2 * GST_MSECOND, NULL);
  GstClockTime begin = gst_util_get_timestamp ();

  fail_unless_equals_int (gst_harness_push (h, numbered (3)), GST_FLOW_OK);
  fail_unless (gst_util_get_timestamp () - begin >= 2 * GST_MSECOND);
  fail_unless_equals_uint64 (stat_of (h, "buffers-dropped-timeout"), 1);
  fail_unless_equals_uint64 (stat_of (h, "buffers-dropped-full"), 0);
  assert_accounts_balance (h);
  release_downstream (held);
  wait_until_level (h, 0);
  fail_unless_equals_int (gst_harness_push (h, numbered (4)), GST_FLOW_OK);
  pull_and_check (h, 0, FALSE);
  pull_and_check (h, 1, FALSE);
  pull_and_check (h, 2, FALSE);
  pull_and_check (h, 4, TRUE);
  gst_harness_teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_a_buffer_list_that_times_out_goes_as_a_whole)
{
  Held held;
  GstHarness *h = full_queue (&held, "put-timeout", GST_MSECOND, NULL);

  fail_unless_equals_int (gst_pad_push_list (h->srcpad, list_of (3, 5)),
      GST_FLOW_OK);
  fail_unless_equals_uint64 (stat_of (h, "buffers-dropped-timeout"), 5);
  assert_accounts_balance (h);
  release_downstream (held);
  gst_harness_teardown (h);
}

GST_END_TEST;

static gpointer
push_and_return_flow (gpointer h)
{
  return GINT_TO_POINTER (gst_harness_push (h, numbered (3)));
}

GST_START_TEST (test_without_a_timeout_the_buffer_waits_for_room)
{
  Held held;
  GstHarness *h = full_queue (&held, NULL);
  GThread *pusher = g_thread_new ("pusher", push_and_return_flow, h);

  release_downstream (held);
  g_thread_join (pusher);
  for (guint i = 0; i < 4; i++)
    pull_and_check (h, i, FALSE);
  fail_unless_equals_uint64 (stat_of (h, "buffers-dropped"), 0);
  gst_harness_teardown (h);
}

GST_END_TEST;

static gint waking;

static gpointer
wake_all_the_time (gpointer queue)
{
  guint64 timeout;

  /* Every write of a property wakes who waits. */
  while (g_atomic_int_get (&waking)) {
    g_object_get (queue, "put-timeout", &timeout, NULL);
    g_object_set (queue, "put-timeout", timeout, NULL);
  }
  return NULL;
}

GST_START_TEST (test_a_wake_up_in_between_does_not_begin_the_timeout_anew)
{
  Held held;
  GstHarness *h = full_queue (&held, "put-timeout", 50 * GST_MSECOND, NULL);
  GThread *waker;

  g_atomic_int_set (&waking, 1);
  waker = g_thread_new ("waker", wake_all_the_time, h->element);
  /* Would it begin anew, this would never return. */
  fail_unless_equals_int (gst_harness_push (h, numbered (3)), GST_FLOW_OK);
  g_atomic_int_set (&waking, 0);
  g_thread_join (waker);
  fail_unless_equals_uint64 (stat_of (h, "buffers-dropped-timeout"), 1);
  release_downstream (held);
  gst_harness_teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_a_timeout_that_is_set_during_a_wait_counts_from_its_begin)
{
  Held held;
  GstHarness *h = full_queue (&held, NULL);
  GThread *pusher = g_thread_new ("pusher", push_and_return_flow, h);

  g_object_set (h->element, "put-timeout", GST_MSECOND, NULL);
  g_thread_join (pusher);
  fail_unless_equals_uint64 (stat_of (h, "buffers-dropped-timeout"), 1);
  release_downstream (held);
  gst_harness_teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_a_flush_and_a_stop_end_a_wait_with_a_timeout)
{
  Held held;
  GstHarness *h = full_queue (&held, "put-timeout", G_MAXUINT64 - 1, NULL);
  GThread *pusher = g_thread_new ("pusher", push_and_return_flow, h);

  gst_harness_push_event (h, gst_event_new_flush_start ());
  fail_unless_equals_int (GPOINTER_TO_INT (g_thread_join (pusher)),
      GST_FLOW_FLUSHING);
  release_downstream (held);
  gst_harness_teardown (h);

  h = full_queue (&held, "put-timeout", G_MAXUINT64 - 1, NULL);
  pusher = g_thread_new ("pusher", push_and_return_flow, h);
  gst_element_set_state (h->element, GST_STATE_NULL);
  g_thread_join (pusher);
  fail_unless_equals_uint64 (stat_of (h, "buffers-dropped-timeout"), 0);
  gst_harness_teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_a_leaky_queue_does_not_wait_for_the_timeout)
{
  Held held;
  GstHarness *h = full_queue (&held, "put-timeout", G_MAXUINT64 - 1, "leaky",
      1, NULL);

  fail_unless_equals_int (gst_harness_push (h, numbered (3)), GST_FLOW_OK);
  fail_unless_equals_uint64 (stat_of (h, "buffers-dropped-full"), 1);
  release_downstream (held);
  gst_harness_teardown (h);
}

GST_END_TEST;

/* ---- what is told ---- */

GST_START_TEST (test_a_loss_is_told_as_a_message_of_quality_too)
{
  Held held;
  GstHarness *h = full_queue (&held, "leaky", 1, NULL);
  GstBus *bus = gst_bus_new ();
  guint64 running_time, processed, dropped;
  GstMessage *message;
  GstFormat format;
  gboolean live;

  gst_element_set_bus (h->element, bus);
  gst_harness_push (h, numbered (3));
  message = gst_bus_timed_pop_filtered (bus, 20 * GST_SECOND,
      GST_MESSAGE_QOS);
  fail_unless (message != NULL);
  gst_message_parse_qos (message, &live, &running_time, NULL, NULL, NULL);
  gst_message_parse_qos_stats (message, &format, &processed, &dropped);
  fail_unless (!live && format == GST_FORMAT_BUFFERS);
  fail_unless_equals_uint64 (running_time, 3 * GST_MSECOND);
  fail_unless_equals_uint64 (processed, stat_of (h, "buffers-out"));
  fail_unless_equals_uint64 (dropped, 1);
  gst_message_unref (message);
  gst_element_set_bus (h->element, NULL);
  gst_object_unref (bus);
  gst_harness_teardown (h);
}

GST_END_TEST;

/* What the LATENCY query says on its way through. */
static void
ask_for_latency (GstHarness * h)
{
  GstQuery *query = gst_query_new_latency ();

  fail_unless (gst_pad_peer_query (h->sinkpad, query));
  gst_query_unref (query);
}

GST_START_TEST (test_a_loss_is_of_a_live_stream_if_upstream_is_live)
{
  for (gint is_live = 0; is_live < 2; is_live++) {
    Held held;
    GstHarness *h = full_queue (&held, "leaky", 1, NULL);
    GstBus *bus = gst_bus_new ();
    GstMessage *message;
    gboolean live;

    gst_harness_set_live (h, is_live);
    ask_for_latency (h);
    gst_element_set_bus (h->element, bus);
    gst_harness_push (h, numbered (3));
    message = gst_bus_timed_pop_filtered (bus, 20 * GST_SECOND,
        GST_MESSAGE_QOS);
    fail_unless (message != NULL);
    gst_message_parse_qos (message, &live, NULL, NULL, NULL, NULL);
    fail_unless_equals_int (live, is_live);
    gst_message_unref (message);
    gst_element_set_bus (h->element, NULL);
    gst_object_unref (bus);
    gst_harness_teardown (h);
  }
}

GST_END_TEST;

/* How many element messages of that name are on @bus now. */
static guint
count_messages (GList * messages, const gchar * name)
{
  guint count = 0;

  for (GList * l = messages; l != NULL; l = l->next)
    count += gst_message_has_name (l->data, name);
  return count;
}

static GList *
all_messages (GstBus * bus)
{
  GList *messages = NULL;
  GstMessage *message;

  while ((message = gst_bus_pop_filtered (bus, GST_MESSAGE_ELEMENT)) != NULL)
    messages = g_list_prepend (messages, message);
  return messages;
}

/* Puts it under back-pressure, loses a buffer, asks for a pad that is refused, and
 * stops. */
static void
give_all_occasions_for_messages (GstHarness * h)
{
  gst_harness_push (h, numbered (3));
  fail_unless (gst_element_request_pad_simple (h->element, "sink_07") == NULL);
  gst_element_set_state (h->element, GST_STATE_NULL);
}

/* The first turns metrics off in two ways, the last leaves them on. */
GST_START_TEST (test_without_metrics_all_other_messages_are_posted)
{
  static const struct
  {
    gboolean post;
    guint64 interval;
    guint metrics;              /* at the stop */
    guint warnings;             /* with the metrics that of the success rate */
  } cases[] = {
    {FALSE, GST_SECOND, 0, 1}, {TRUE, 0, 0, 1}, {FALSE, 0, 0, 1},
    {TRUE, 1000 * GST_SECOND, 1, 2},
  };
  GstBus *bus = gst_bus_new ();
  Held held;
  GstHarness *h = full_queue (&held, "leaky", 1, NULL);
  GList *messages;

  g_object_set (h->element, "post-metrics", cases[__i__].post,
      "metrics-interval", cases[__i__].interval, NULL);
  gst_element_set_bus (h->element, bus);
  give_all_occasions_for_messages (h);
  messages = all_messages (bus);
  fail_unless_equals_int (count_messages (messages, "tieredqueue-metrics"),
      cases[__i__].metrics);
  fail_unless (count_messages (messages, "tieredqueue-backpressure") > 0);
  fail_unless (count_messages (messages, "tieredqueue-dropped") > 0);
  fail_unless_equals_int (count_messages (messages, "tieredqueue-warning"),
      cases[__i__].warnings);
  g_list_free_full (messages, (GDestroyNotify) gst_message_unref);
  gst_element_set_bus (h->element, NULL);
  gst_object_unref (bus);
  gst_harness_teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_what_a_flush_or_a_stop_drops_is_no_loss_of_quality)
{
  Held held;
  GstHarness *h = full_queue (&held, NULL);
  GstBus *bus = gst_bus_new ();

  gst_element_set_bus (h->element, bus);
  gst_element_set_state (h->element, GST_STATE_NULL);
  gst_message_unref (wait_message (bus, "tieredqueue-dropped"));
  fail_unless (gst_bus_pop_filtered (bus, GST_MESSAGE_QOS) == NULL);
  gst_element_set_bus (h->element, NULL);
  gst_object_unref (bus);
  gst_harness_teardown (h);
}

GST_END_TEST;

static gdouble
rate_of (GstHarness * h, const gchar * field)
{
  GstStructure *stats;
  gdouble value;

  g_object_get (h->element, "stats", &stats, NULL);
  fail_unless (gst_structure_get_double (stats, field, &value));
  gst_structure_free (stats);
  return value;
}

GST_START_TEST (test_throughput_and_wake_ups_for_a_buffer_are_told)
{
  GstHarness *h = new_harness ("tieredqueue", NULL, NULL);

  for (guint i = 0; i < 100; i++)
    gst_harness_push (h, numbered (i));
  for (guint i = 0; i < 100; i++)
    gst_buffer_unref (gst_harness_pull (h));
  fail_unless (rate_of (h, "buffers-per-second") > 0.0);
  fail_unless (rate_of (h, "bytes-per-second")
      >= rate_of (h, "buffers-per-second"));
  fail_unless (rate_of (h, "wakeups-per-buffer")
      == (gdouble) stat_of (h, "wakeups") / (gdouble) stat_of (h,
          "buffers-out"));
  gst_harness_teardown (h);
}

GST_END_TEST;

static Suite *
tieredqueue_drops_suite (void)
{
  Suite *suite = suite_create ("tieredqueue-drops");
  TCase *tcase = tcase_create ("tieredqueue-drops");

  suite_add_tcase (suite, tcase);
  tcase_add_test (tcase,
      test_a_full_queue_drops_the_new_buffer_after_the_timeout);
  tcase_add_test (tcase, test_a_buffer_list_that_times_out_goes_as_a_whole);
  tcase_add_test (tcase, test_without_a_timeout_the_buffer_waits_for_room);
  tcase_add_test (tcase,
      test_a_wake_up_in_between_does_not_begin_the_timeout_anew);
  tcase_add_test (tcase,
      test_a_timeout_that_is_set_during_a_wait_counts_from_its_begin);
  tcase_add_test (tcase, test_a_flush_and_a_stop_end_a_wait_with_a_timeout);
  tcase_add_test (tcase, test_a_leaky_queue_does_not_wait_for_the_timeout);
  tcase_add_test (tcase, test_a_loss_is_told_as_a_message_of_quality_too);
  tcase_add_test (tcase, test_a_loss_is_of_a_live_stream_if_upstream_is_live);
  tcase_add_loop_test (tcase,
      test_without_metrics_all_other_messages_are_posted, 0, 4);
  tcase_add_test (tcase,
      test_what_a_flush_or_a_stop_drops_is_no_loss_of_quality);
  tcase_add_test (tcase, test_throughput_and_wake_ups_for_a_buffer_are_told);
  return suite;
}

GST_CHECK_MAIN (tieredqueue_drops);
