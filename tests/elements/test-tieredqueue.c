/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tieredqueue-check.h"

/* ---- order ---- */

static GstEvent *
custom_event (guint number)
{
  return gst_event_new_custom (GST_EVENT_CUSTOM_DOWNSTREAM,
      gst_structure_new ("numbered", "number", G_TYPE_UINT, number, NULL));
}

static gint
number_of_event (GstEvent * event)
{
  guint number;

  if (GST_EVENT_TYPE (event) != GST_EVENT_CUSTOM_DOWNSTREAM
      || !gst_structure_get_uint (gst_event_get_structure (event), "number",
          &number))
    return -1;
  return (gint) number;
}

typedef struct
{
  guint64 next;
  gboolean in_order;
} Order;

/* Numbers run through buffers and events alike. */
static GstPadProbeReturn
check_order (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  Order *order = user_data;
  gint64 number;

  if (GST_PAD_PROBE_INFO_TYPE (info) & GST_PAD_PROBE_TYPE_BUFFER)
    number = (gint64) GST_BUFFER_OFFSET (GST_PAD_PROBE_INFO_BUFFER (info));
  else
    number = number_of_event (GST_PAD_PROBE_INFO_EVENT (info));
  if (number >= 0) {
    if ((guint64) number != order->next)
      order->in_order = FALSE;
    order->next = (guint64) number + 1;
  }
  return GST_PAD_PROBE_OK;
}

GST_START_TEST (test_buffers_and_events_come_out_in_the_order_they_came_in)
{
  GRand *random = g_rand_new_with_seed (printed_seed ("tieredqueue-order"));
  GstHarness *h = new_harness ("tieredqueue", "max-size-buffers", 5, NULL);
  Order order = { 0, TRUE };

  gst_harness_set_drop_buffers (h, TRUE);
  gst_pad_add_probe (src_pad (h), GST_PAD_PROBE_TYPE_BUFFER |
      GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, check_order, &order, NULL);
  for (guint i = 0; i < 20000; i++) {
    if (g_rand_int_range (random, 0, 4) == 0)
      fail_unless (gst_harness_push_event (h, custom_event (i)));
    else
      fail_unless_equals_int (gst_harness_push (h, numbered (i)), GST_FLOW_OK);
  }
  fail_unless (gst_harness_push_event (h, gst_event_new_eos ()));
  while (GST_PAD_LAST_FLOW_RETURN (src_pad (h)) == GST_FLOW_OK
      && order.next < 20000)
    g_thread_yield ();
  fail_unless_equals_uint64 (order.next, 20000);
  fail_unless (order.in_order);
  assert_accounts_balance (h);
  g_rand_free (random);
  gst_harness_teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_a_burst_of_events_beyond_the_slots_makes_the_ring_grow)
{
  GstHarness *h = new_harness ("tieredqueue", "max-size-buffers", 1, NULL);
  Held held = hold_downstream (h);
  Order order = { 0, TRUE };

  gst_pad_add_probe (src_pad (h), GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM,
      check_order, &order, NULL);
  for (guint i = 0; i < 5000; i++)
    fail_unless (gst_harness_push_event (h, custom_event (i)));
  fail_unless (stat_of (h, "growths") > 0);
  release_downstream (held);
  while (order.next < 5000)
    g_thread_yield ();
  fail_unless (order.in_order);
  gst_harness_teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_without_a_limit_on_buffers_the_other_limits_still_hold)
{
  GstHarness *h = new_harness ("tieredqueue", "max-size-buffers", 0,
      "max-size-bytes", 0, "max-size-time", (guint64) 5 * GST_SECOND,
      "leaky", 1, NULL);
  Held held = hold_downstream (h);

  for (guint i = 0; i < 6000; i++)
    fail_unless_equals_int (gst_harness_push (h, numbered (i)), GST_FLOW_OK);
  fail_unless (stat_of (h, "level-buffers") >= 4999);
  fail_unless (stat_of (h, "level-buffers") <= 5000);
  fail_unless (stat_of (h, "growths") > 0);
  assert_accounts_balance (h);
  release_downstream (held);
  for (guint64 i = 0; i < 4999; i++) {
    GstBuffer *buffer = gst_harness_pull (h);

    fail_unless_equals_uint64 (GST_BUFFER_OFFSET (buffer), i);
    gst_buffer_unref (buffer);
  }
  gst_harness_teardown (h);
}

GST_END_TEST;

/* ---- leaking ---- */

/* Pushes 8 pairs of a buffer and an event into a queue of 3 that is held, lets
 * it go, and counts the events that come out. */
static guint
events_that_survive (const gchar * factory, guint64 * last_buffer)
{
  GstHarness *h = new_harness (factory, "max-size-buffers", 3, "leaky", 2,
      NULL);
  gboolean ended;
  GstEvent *event;
  guint survived = 0;
  Held held = hold_downstream (h);

  gst_harness_push (h, numbered (1000));
  wait_until_level (h, 0);
  for (guint i = 0; i < 8; i++) {
    gst_harness_push (h, numbered (i));
    gst_harness_push_event (h, custom_event (i));
  }
  release_downstream (held);
  gst_harness_push_event (h, gst_event_new_eos ());
  do {
    event = gst_harness_pull_event (h);
    fail_unless (event != NULL);
    survived += number_of_event (event) >= 0;
    ended = GST_EVENT_TYPE (event) == GST_EVENT_EOS;
    gst_event_unref (event);
  } while (!ended);
  while (gst_harness_buffers_in_queue (h) > 0) {
    GstBuffer *buffer = gst_harness_pull (h);

    *last_buffer = GST_BUFFER_OFFSET (buffer);
    gst_buffer_unref (buffer);
  }
  gst_harness_teardown (h);
  return survived;
}

GST_START_TEST (test_no_event_is_lost_when_it_leaks_downstream)
{
  guint64 last;

  fail_unless_equals_int (events_that_survive ("tieredqueue", &last), 8);
  fail_unless_equals_uint64 (last, 7);
  /* The control: the same in a queue that does lose them. */
  fail_unless (events_that_survive ("queue", &last) < 8);
}

GST_END_TEST;

GST_START_TEST (test_leaking_downstream_keeps_the_newest_and_marks_a_discont)
{
  GstHarness *h = new_harness ("tieredqueue", "max-size-buffers", 4, "leaky",
      2, NULL);
  Held held = hold_downstream (h);
  GstBuffer *buffer;

  gst_harness_push (h, numbered (0));
  wait_until_level (h, 0);
  for (guint i = 1; i <= 20; i++)
    fail_unless_equals_int (gst_harness_push (h, numbered (i)), GST_FLOW_OK);
  fail_unless_equals_uint64 (stat_of (h, "buffers-dropped"), 16);
  fail_unless_equals_uint64 (stat_of (h, "bytes-dropped"), 160);
  fail_unless_equals_uint64 (stat_of (h, "buffers-dropped-full"), 16);
  assert_accounts_balance (h);
  release_downstream (held);

  buffer = gst_harness_pull (h);
  fail_unless_equals_uint64 (GST_BUFFER_OFFSET (buffer), 0);
  gst_buffer_unref (buffer);
  for (guint i = 17; i <= 20; i++) {
    buffer = gst_harness_pull (h);
    fail_unless_equals_uint64 (GST_BUFFER_OFFSET (buffer), i);
    fail_unless (GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DISCONT)
        == (i == 17));
    gst_buffer_unref (buffer);
  }
  gst_harness_teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_leaking_upstream_keeps_the_oldest_and_marks_a_discont)
{
  GstHarness *h = new_harness ("tieredqueue", "max-size-buffers", 4, "leaky",
      1, NULL);
  Held held = hold_downstream (h);
  GstBuffer *buffer;

  gst_harness_push (h, numbered (0));
  wait_until_level (h, 0);
  for (guint i = 1; i <= 20; i++)
    fail_unless_equals_int (gst_harness_push (h, numbered (i)), GST_FLOW_OK);
  fail_unless_equals_uint64 (stat_of (h, "buffers-dropped"), 16);
  assert_accounts_balance (h);
  release_downstream (held);
  for (guint i = 0; i <= 4; i++) {
    buffer = gst_harness_pull (h);
    fail_unless_equals_uint64 (GST_BUFFER_OFFSET (buffer), i);
    gst_buffer_unref (buffer);
  }
  gst_harness_push (h, numbered (21));
  buffer = gst_harness_pull (h);
  fail_unless (GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DISCONT));
  gst_buffer_unref (buffer);
  gst_harness_teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_flush_on_eos_drops_the_queued_buffers_and_counts_them)
{
  GstHarness *h = new_harness ("tieredqueue", "flush-on-eos", TRUE, NULL);
  Held held = hold_downstream (h);

  gst_harness_push (h, numbered (0));
  wait_until_level (h, 0);
  for (guint i = 1; i <= 9; i++)
    gst_harness_push (h, numbered (i));
  gst_harness_push_event (h, gst_event_new_eos ());
  fail_unless_equals_uint64 (stat_of (h, "buffers-dropped-eos"), 9);
  release_downstream (held);
  gst_buffer_unref (gst_harness_pull (h));
  assert_accounts_balance (h);
  gst_harness_teardown (h);
}

GST_END_TEST;

/* ---- waiting ---- */

static gpointer
push_until_refused (gpointer harness)
{
  GstFlowReturn flow;
  guint i = 0;

  do
    flow = gst_harness_push (harness, numbered (i++));
  while (flow == GST_FLOW_OK);
  return GINT_TO_POINTER (flow);
}

GST_START_TEST (test_a_flush_ends_the_wait_of_a_full_queue)
{
  GstHarness *h = new_harness ("tieredqueue", "max-size-buffers", 3, NULL);
  GThread *pusher;
  Held held = hold_downstream (h);

  pusher = g_thread_new ("pusher", push_until_refused, h);
  wait_until_level (h, 3);
  fail_unless (gst_harness_push_event (h, gst_event_new_flush_start ()));
  fail_unless_equals_int (GPOINTER_TO_INT (g_thread_join (pusher)),
      GST_FLOW_FLUSHING);
  release_downstream (held);
  fail_unless (gst_harness_push_event (h, gst_event_new_flush_stop (TRUE)));
  fail_unless_equals_uint64 (stat_of (h, "level-buffers"), 0);
  assert_accounts_balance (h);
  gst_harness_teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_a_state_change_ends_the_wait_of_a_full_queue)
{
  GstHarness *h = new_harness ("tieredqueue", "max-size-buffers", 3, NULL);
  GThread *pusher;

  hold_downstream (h);
  pusher = g_thread_new ("pusher", push_until_refused, h);
  wait_until_level (h, 3);
  fail_unless_equals_int (gst_element_set_state (h->element, GST_STATE_NULL),
      GST_STATE_CHANGE_SUCCESS);
  fail_unless_equals_int (GPOINTER_TO_INT (g_thread_join (pusher)),
      GST_FLOW_FLUSHING);
  gst_harness_teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_a_raised_limit_ends_the_wait_of_a_full_queue)
{
  GstHarness *h = new_harness ("tieredqueue", "max-size-buffers", 3, NULL);
  GThread *pusher;

  hold_downstream (h);
  pusher = g_thread_new ("pusher", push_until_refused, h);
  wait_until_level (h, 3);
  g_object_set (h->element, "max-size-buffers", 300, NULL);
  wait_until_level (h, 300);
  fail_unless_equals_int (gst_element_set_state (h->element, GST_STATE_NULL),
      GST_STATE_CHANGE_SUCCESS);
  g_thread_join (pusher);
  gst_harness_teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_a_threshold_keeps_buffers_in_until_it_is_reached_or_eos)
{
  GstHarness *h = new_harness ("tieredqueue", "min-threshold-buffers", 5,
      NULL);

  for (guint i = 0; i < 4; i++)
    gst_harness_push (h, numbered (i));
  wait_until_level (h, 4);
  fail_unless_equals_int (gst_harness_buffers_received (h), 1);
  gst_harness_push_event (h, gst_event_new_eos ());
  for (guint i = 0; i < 4; i++)
    gst_buffer_unref (gst_harness_pull (h));
  gst_harness_teardown (h);
}

GST_END_TEST;

/* ---- queries ---- */

static gpointer
drain_query (gpointer harness)
{
  GstQuery *query = gst_query_new_drain ();
  gboolean ret = gst_pad_peer_query (((GstHarness *) harness)->srcpad, query);

  gst_query_unref (query);
  return GINT_TO_POINTER (ret);
}

GST_START_TEST (test_a_serialised_query_waits_for_what_is_before_it)
{
  GstHarness *h = new_harness ("tieredqueue", "max-size-buffers", 10, NULL);
  Held held = hold_downstream (h);
  GThread *asker;

  for (guint i = 0; i < 5; i++)
    gst_harness_push (h, numbered (i));
  asker = g_thread_new ("asker", drain_query, h);
  release_downstream (held);
  g_thread_join (asker);
  fail_unless_equals_int (gst_harness_buffers_received (h), 6);
  gst_harness_teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_a_flush_ends_the_wait_for_a_serialised_query)
{
  GstHarness *h = new_harness ("tieredqueue", "max-size-buffers", 10, NULL);
  Held held = hold_downstream (h);
  GThread *asker;

  gst_harness_push (h, numbered (0));
  asker = g_thread_new ("asker", drain_query, h);
  gst_harness_push_event (h, gst_event_new_flush_start ());
  fail_unless (!GPOINTER_TO_INT (g_thread_join (asker)));
  release_downstream (held);
  gst_harness_push_event (h, gst_event_new_flush_stop (TRUE));
  gst_harness_teardown (h);
}

GST_END_TEST;

static void
ask_latency (const gchar * factory, gint leaky, GstClockTime max_time,
    GstClockTime * min, GstClockTime * max)
{
  GstHarness *h = new_harness (factory, "max-size-time", max_time, "leaky",
      leaky, "min-threshold-time", (guint64) GST_SECOND, NULL);
  GstQuery *query = gst_query_new_latency ();

  gst_harness_set_upstream_latency (h, 50 * GST_MSECOND);
  fail_unless (gst_pad_query (src_pad (h), query));
  gst_query_parse_latency (query, NULL, min, max);
  gst_query_unref (query);
  gst_harness_teardown (h);
}

GST_START_TEST (test_the_latency_answer_is_that_of_queue)
{
  static const GstClockTime max_times[] = { 0, 3 * GST_SECOND };

  for (gint leaky = 0; leaky < 3; leaky++) {
    for (guint i = 0; i < G_N_ELEMENTS (max_times); i++) {
      GstClockTime min, max, queue_min, queue_max;

      ask_latency ("tieredqueue", leaky, max_times[i], &min, &max);
      ask_latency ("queue", leaky, max_times[i], &queue_min, &queue_max);
      fail_unless_equals_clocktime (min, GST_SECOND + 50 * GST_MSECOND);
      fail_unless_equals_clocktime (min, queue_min);
      fail_unless_equals_clocktime (max, queue_max);
    }
  }
}

GST_END_TEST;

/* ---- flow results ---- */

static GstFlowReturn
refuse_with_eos (GstPad * pad, GstObject * parent, GstBuffer * buffer)
{
  gst_buffer_unref (buffer);
  return GST_FLOW_EOS;
}

GST_START_TEST (test_eos_from_downstream_is_told_upstream_until_a_new_segment)
{
  GstHarness *h = new_harness ("tieredqueue", "max-size-buffers", 10, NULL);
  GstPadChainFunction accept = GST_PAD_CHAINFUNC (h->sinkpad);
  GstSegment segment;
  GstFlowReturn flow;

  gst_pad_set_chain_function (h->sinkpad, refuse_with_eos);
  do
    flow = gst_harness_push (h, numbered (0));
  while (flow == GST_FLOW_OK);
  fail_unless_equals_int (flow, GST_FLOW_EOS);
  gst_pad_set_chain_function (h->sinkpad, accept);
  gst_segment_init (&segment, GST_FORMAT_TIME);
  fail_unless (gst_harness_push_event (h, gst_event_new_segment (&segment)));
  fail_unless_equals_int (gst_harness_push (h, numbered (7)), GST_FLOW_OK);
  gst_buffer_unref (gst_harness_pull (h));
  assert_accounts_balance (h);
  gst_harness_teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_after_eos_a_new_stream_flows_again)
{
  GstHarness *h = new_harness ("tieredqueue", "max-size-buffers", 10, NULL);
  GstSegment segment;

  gst_segment_init (&segment, GST_FORMAT_TIME);
  for (guint round = 0; round < 500; round++) {
    gchar *id = g_strdup_printf ("stream-%u", round);

    fail_unless_equals_int (gst_harness_push (h, numbered (round)),
        GST_FLOW_OK);
    fail_unless (gst_harness_push_event (h, gst_event_new_eos ()));
    fail_unless_equals_int (gst_harness_push (h, numbered (999)),
        GST_FLOW_EOS);
    /* No wait here: EOS may still be queued when the new stream begins. */
    fail_unless (gst_harness_push_event (h, gst_event_new_stream_start (id)));
    fail_unless (gst_harness_push_event (h, gst_event_new_segment (&segment)));
    g_free (id);
  }
  for (guint round = 0; round < 500; round++) {
    GstBuffer *buffer = gst_harness_pull (h);

    fail_unless (buffer != NULL);
    fail_unless_equals_uint64 (GST_BUFFER_OFFSET (buffer), round);
    gst_buffer_unref (buffer);
  }
  gst_harness_teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_not_linked_keeps_the_items_until_it_is_linked_again)
{
  GstElement *queue = gst_element_factory_make ("tieredqueue", NULL);
  GstHarness *h = gst_harness_new_with_element (queue, "sink", NULL);
  GstFlowReturn flow;

  gst_harness_set_src_caps_str (h, "application/x-test");
  do
    flow = gst_harness_push (h, numbered (0));
  while (flow == GST_FLOW_OK);
  fail_unless_equals_int (flow, GST_FLOW_NOT_LINKED);
  gst_harness_add_element_src_pad (h, src_pad (h));
  while (gst_harness_push (h, numbered (1)) == GST_FLOW_NOT_LINKED)
    g_thread_yield ();
  for (;;) {
    GstBuffer *buffer = gst_harness_pull (h);
    guint64 number = GST_BUFFER_OFFSET (buffer);

    gst_buffer_unref (buffer);
    if (number == 1)
      break;
  }
  gst_object_unref (queue);
  gst_harness_teardown (h);
}

GST_END_TEST;

/* ---- messages ---- */

GST_START_TEST (test_drops_are_told_on_the_bus_with_counts_and_times)
{
  GstHarness *h = new_harness ("tieredqueue", "max-size-buffers", 4, "leaky",
      2, NULL);
  GstBus *bus = gst_bus_new ();
  const GstStructure *s;
  GstMessage *message;
  guint64 count, bytes, sum = 0, byte_sum = 0;
  gint64 begin, end;

  gst_element_set_bus (h->element, bus);
  hold_downstream (h);
  gst_harness_push (h, numbered (0));
  wait_until_level (h, 0);
  for (guint i = 1; i <= 104; i++)
    gst_harness_push (h, numbered (i));
  /* What the rate limit held back comes at the stop, which drops 4 more. */
  fail_unless_equals_int (gst_element_set_state (h->element, GST_STATE_NULL),
      GST_STATE_CHANGE_SUCCESS);
  while (sum < 104) {
    message = wait_message (bus, "tieredqueue-dropped");
    s = gst_message_get_structure (message);
    fail_unless (gst_structure_get (s, "count", G_TYPE_UINT64, &count, "bytes",
            G_TYPE_UINT64, &bytes, "first-running-time", G_TYPE_INT64, &begin,
            "last-running-time", G_TYPE_INT64, &end, NULL));
    fail_unless (begin <= end);
    fail_unless (end <= (gint64) (104 * GST_MSECOND));
    fail_unless_equals_string (gst_structure_get_string (s, "channel"),
        "sink");
    fail_unless_equals_string (gst_structure_get_string (s, "reason"),
        sum < 100 ? "full" : "flush");
    sum += count;
    byte_sum += bytes;
    gst_message_unref (message);
  }
  fail_unless_equals_uint64 (sum, 104);
  fail_unless_equals_uint64 (byte_sum, 1040);
  gst_element_set_bus (h->element, NULL);
  gst_object_unref (bus);
  gst_harness_teardown (h);
}

GST_END_TEST;

typedef struct
{
  gboolean active;
  guint64 level;
  guint64 duration;
  guint64 total;
  guint64 count;
} Pressure;

static Pressure
wait_pressure (GstBus * bus)
{
  GstMessage *message = wait_message (bus, "tieredqueue-backpressure");
  Pressure p;

  fail_unless (gst_structure_get (gst_message_get_structure (message),
          "active", G_TYPE_BOOLEAN, &p.active,
          "level", G_TYPE_UINT64, &p.level,
          "duration", G_TYPE_UINT64, &p.duration,
          "total-duration", G_TYPE_UINT64, &p.total,
          "count", G_TYPE_UINT64, &p.count, NULL));
  gst_message_unref (message);
  return p;
}

GST_START_TEST (test_back_pressure_is_told_once_when_it_comes_and_when_it_goes)
{
  GstHarness *h = new_harness ("tieredqueue", "max-size-buffers", 10,
      "metrics-interval", (guint64) 0, NULL);
  GstBus *bus = gst_bus_new ();
  guint64 sum = 0;
  Pressure p;

  gst_element_set_bus (h->element, bus);
  for (guint64 round = 1; round <= 2; round++) {
    Held held = hold_downstream (h);

    gst_harness_push (h, numbered (0));
    wait_until_level (h, 0);
    for (guint i = 1; i <= 9; i++)
      gst_harness_push (h, numbered (i));
    p = wait_pressure (bus);
    fail_unless (p.active && p.count == round);
    fail_unless_equals_uint64 (p.level, 9);
    fail_unless_equals_uint64 (p.total, sum + p.duration);
    release_downstream (held);
    p = wait_pressure (bus);
    fail_unless (!p.active && p.count == round);
    fail_unless (p.duration > 0);
    fail_unless_equals_uint64 (p.total, sum + p.duration);
    fail_unless_equals_uint64 (stat_of (h, "backpressure-time"), p.total);
    sum = p.total;
    wait_until_level (h, 0);
  }
  gst_element_set_bus (h->element, NULL);
  gst_object_unref (bus);
  gst_harness_teardown (h);
}

GST_END_TEST;

/* ---- states ---- */

GST_START_TEST (test_many_starts_and_stops_under_load_end)
{
  GstElement *pipeline = gst_parse_launch
      ("fakesrc sizetype=fixed sizemax=64 ! tieredqueue max-size-buffers=7 ! "
      "tieredqueue leaky=downstream max-size-buffers=3 ! fakesink async=false",
      NULL);

  fail_unless (pipeline != NULL);
  for (guint i = 0; i < 200; i++) {
    gst_element_set_state (pipeline, GST_STATE_PLAYING);
    g_thread_yield ();
    fail_unless_equals_int (gst_element_set_state (pipeline,
            i % 2 ? GST_STATE_NULL : GST_STATE_READY),
        GST_STATE_CHANGE_SUCCESS);
  }
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (pipeline);
}

GST_END_TEST;

static Suite *
tieredqueue_suite (void)
{
  Suite *suite = suite_create ("tieredqueue");
  TCase *tcase = tcase_create ("tieredqueue");

  suite_add_tcase (suite, tcase);
  tcase_add_test (tcase,
      test_buffers_and_events_come_out_in_the_order_they_came_in);
  tcase_add_test (tcase,
      test_a_burst_of_events_beyond_the_slots_makes_the_ring_grow);
  tcase_add_test (tcase,
      test_without_a_limit_on_buffers_the_other_limits_still_hold);
  tcase_add_test (tcase, test_no_event_is_lost_when_it_leaks_downstream);
  tcase_add_test (tcase,
      test_leaking_downstream_keeps_the_newest_and_marks_a_discont);
  tcase_add_test (tcase,
      test_leaking_upstream_keeps_the_oldest_and_marks_a_discont);
  tcase_add_test (tcase,
      test_flush_on_eos_drops_the_queued_buffers_and_counts_them);
  tcase_add_test (tcase, test_a_flush_ends_the_wait_of_a_full_queue);
  tcase_add_test (tcase, test_a_state_change_ends_the_wait_of_a_full_queue);
  tcase_add_test (tcase, test_a_raised_limit_ends_the_wait_of_a_full_queue);
  tcase_add_test (tcase,
      test_a_threshold_keeps_buffers_in_until_it_is_reached_or_eos);
  tcase_add_test (tcase, test_a_serialised_query_waits_for_what_is_before_it);
  tcase_add_test (tcase, test_a_flush_ends_the_wait_for_a_serialised_query);
  tcase_add_test (tcase, test_the_latency_answer_is_that_of_queue);
  tcase_add_test (tcase,
      test_eos_from_downstream_is_told_upstream_until_a_new_segment);
  tcase_add_test (tcase, test_after_eos_a_new_stream_flows_again);
  tcase_add_test (tcase,
      test_not_linked_keeps_the_items_until_it_is_linked_again);
  tcase_add_test (tcase,
      test_drops_are_told_on_the_bus_with_counts_and_times);
  tcase_add_test (tcase,
      test_back_pressure_is_told_once_when_it_comes_and_when_it_goes);
  tcase_add_test (tcase, test_many_starts_and_stops_under_load_end);
  return suite;
}

GST_CHECK_MAIN (tieredqueue);
