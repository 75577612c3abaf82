/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a drop-in for queue must do: each rule holds for queue and for
 * tieredqueue.  Where the two differ on purpose the difference is asserted.
 */
#include "queue-check.h"

/* ---- what it looks like ---- */

static void
assert_same_enum (GParamSpec * ours, GParamSpec * theirs)
{
  GEnumClass *our_class = G_PARAM_SPEC_ENUM (ours)->enum_class;
  GEnumClass *their_class = G_PARAM_SPEC_ENUM (theirs)->enum_class;

  fail_unless_equals_int (our_class->n_values, their_class->n_values);
  for (guint i = 0; i < our_class->n_values; i++) {
    fail_unless_equals_int (our_class->values[i].value,
        their_class->values[i].value);
    fail_unless_equals_string (our_class->values[i].value_nick,
        their_class->values[i].value_nick);
  }
}

static void
assert_same_property (GParamSpec * ours, GParamSpec * theirs)
{
  const GValue *our_default = g_param_spec_get_default_value (ours);
  const GValue *their_default = g_param_spec_get_default_value (theirs);
  gchar *our_text = g_strdup_value_contents (our_default);
  gchar *their_text = g_strdup_value_contents (their_default);

  fail_unless_equals_int (G_TYPE_FUNDAMENTAL (ours->value_type),
      G_TYPE_FUNDAMENTAL (theirs->value_type));
  fail_unless_equals_int (ours->flags, theirs->flags);
  if (G_IS_PARAM_SPEC_ENUM (ours)) {
    assert_same_enum (ours, theirs);
    fail_unless_equals_int (g_value_get_enum (our_default),
        g_value_get_enum (their_default));
  } else {
    fail_unless_equals_string (our_text, their_text);
  }
  if (G_IS_PARAM_SPEC_UINT (ours)) {
    fail_unless_equals_int (G_PARAM_SPEC_UINT (ours)->maximum,
        G_PARAM_SPEC_UINT (theirs)->maximum);
  } else if (G_IS_PARAM_SPEC_UINT64 (ours)) {
    fail_unless_equals_uint64 (G_PARAM_SPEC_UINT64 (ours)->maximum,
        G_PARAM_SPEC_UINT64 (theirs)->maximum);
  }
  g_free (our_text);
  g_free (their_text);
}

GST_START_TEST (test_every_property_of_queue_is_there_with_its_type_and_default)
{
  GstElement *ours = gst_element_factory_make ("tieredqueue", NULL);
  GstElement *theirs = gst_element_factory_make ("queue", NULL);
  guint n;
  GParamSpec **specs =
      g_object_class_list_properties (G_OBJECT_GET_CLASS (theirs), &n);

  for (guint i = 0; i < n; i++) {
    GParamSpec *spec = g_object_class_find_property
        (G_OBJECT_GET_CLASS (ours), specs[i]->name);

    fail_unless (spec != NULL, "no property %s", specs[i]->name);
    if (specs[i]->owner_type == G_OBJECT_TYPE (theirs))
      assert_same_property (spec, specs[i]);
  }
  g_free (specs);
  gst_object_unref (ours);
  gst_object_unref (theirs);
}

GST_END_TEST;

GST_START_TEST (test_every_signal_of_queue_is_there_with_its_arguments)
{
  GstElement *ours = gst_element_factory_make ("tieredqueue", NULL);
  GstElement *theirs = gst_element_factory_make ("queue", NULL);
  guint n;
  guint *ids = g_signal_list_ids (G_OBJECT_TYPE (theirs), &n);

  fail_unless (n >= 4);
  for (guint i = 0; i < n; i++) {
    GSignalQuery their_signal, our_signal;

    g_signal_query (ids[i], &their_signal);
    g_signal_query (g_signal_lookup (their_signal.signal_name,
            G_OBJECT_TYPE (ours)), &our_signal);
    fail_unless (our_signal.signal_id != 0, "no signal %s",
        their_signal.signal_name);
    fail_unless_equals_int (our_signal.n_params, their_signal.n_params);
    fail_unless_equals_int (our_signal.signal_flags,
        their_signal.signal_flags);
    fail_unless (our_signal.return_type == their_signal.return_type);
  }
  g_free (ids);
  gst_object_unref (ours);
  gst_object_unref (theirs);
}

GST_END_TEST;

/* ---- queries ---- */

GST_START_TEST (test_scheduling_is_push_only)
{
  GstHarness *h = new_harness (FACTORY);
  GstQuery *query = gst_query_new_scheduling ();

  fail_unless (gst_pad_query (src_pad (h), query));
  fail_unless (gst_query_has_scheduling_mode (query, GST_PAD_MODE_PUSH));
  fail_if (gst_query_has_scheduling_mode (query, GST_PAD_MODE_PULL));
  gst_query_unref (query);
  gst_harness_teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_caps_are_those_of_the_other_side)
{
  GstHarness *h = gst_harness_new (FACTORY);
  GstCaps *caps, *wanted = gst_caps_from_string ("application/x-test");
  GstQuery *query;
  gboolean accepted;

  gst_harness_set_sink_caps_str (h, "application/x-test");
  caps = gst_pad_peer_query_caps (h->srcpad, NULL);
  fail_unless (gst_caps_is_equal (caps, wanted));
  gst_caps_unref (caps);
  gst_caps_unref (wanted);
  wanted = gst_caps_from_string ("application/x-other");
  query = gst_query_new_accept_caps (wanted);
  fail_unless (gst_pad_peer_query (h->srcpad, query));
  gst_query_parse_accept_caps_result (query, &accepted);
  fail_if (accepted);
  gst_query_unref (query);
  gst_caps_unref (wanted);
  gst_harness_teardown (h);
}

GST_END_TEST;

static gboolean
answer_position (GstPad * pad, GstObject * parent, GstQuery * query)
{
  GstFormat format;

  if (GST_QUERY_TYPE (query) != GST_QUERY_POSITION)
    return gst_pad_query_default (pad, parent, query);
  gst_query_parse_position (query, &format, NULL);
  gst_query_set_position (query, format,
      format == GST_FORMAT_TIME ? 10 * GST_SECOND : 1000);
  return TRUE;
}

GST_START_TEST (test_the_position_is_less_by_what_is_queued_and_never_below_0)
{
  GstHarness *h = new_harness (FACTORY);
  gulong probe = hold_with_one (h);
  gint64 position;

  gst_pad_set_query_function (h->srcpad, answer_position);
  g_object_set (h->element, "max-size-time", (guint64) 0, NULL);
  gst_harness_push (h, buffer_at (0, 3 * GST_SECOND));
  fail_unless (gst_pad_query_position (src_pad (h), GST_FORMAT_TIME,
          &position));
  fail_unless_equals_int64 (position, 7 * GST_SECOND);
  fail_unless (gst_pad_query_position (src_pad (h), GST_FORMAT_BYTES,
          &position));
  fail_unless_equals_int64 (position, 990);
  fail_unless (gst_pad_query_position (src_pad (h), GST_FORMAT_DEFAULT,
          &position));
  fail_unless_equals_int64 (position, 1000);
  gst_harness_push (h, buffer_at (0, 30 * GST_SECOND));
  fail_unless (gst_pad_query_position (src_pad (h), GST_FORMAT_TIME,
          &position));
  fail_unless_equals_int64 (position, 0);
  let_go (h, probe);
  gst_harness_teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_an_allocation_query_is_answered_by_downstream)
{
  GstHarness *h = new_harness (FACTORY);
  GstCaps *caps = gst_caps_from_string ("application/x-test");
  GstQuery *query = gst_query_new_allocation (caps, TRUE);

  gst_harness_add_propose_allocation_meta (h, GST_PROTECTION_META_API_TYPE,
      NULL);
  fail_unless (gst_pad_peer_query (h->srcpad, query));
  fail_unless (gst_query_find_allocation_meta (query,
          GST_PROTECTION_META_API_TYPE, NULL));
  gst_query_unref (query);
  gst_caps_unref (caps);
  gst_harness_teardown (h);
}

GST_END_TEST;

/* ---- levels in time ---- */

GST_START_TEST (test_the_time_level_goes_by_dts_before_pts_and_by_durations)
{
  GstHarness *h = new_harness (FACTORY);
  gulong probe = hold_with_one (h);
  GstBuffer *buffer = buffer_at (SECONDS (9), SECONDS (0.25));

  g_object_set (h->element, "max-size-time", (guint64) 0, NULL);
  GST_BUFFER_DTS (buffer) = SECONDS (1);
  gst_harness_push (h, buffer);
  fail_unless_equals_uint64 (time_level (h), SECONDS (1.25));
  /* Without a time it says nothing. */
  gst_harness_push (h, buffer_at (GST_CLOCK_TIME_NONE, GST_CLOCK_TIME_NONE));
  fail_unless_equals_uint64 (time_level (h), SECONDS (1.25));
  gst_harness_push (h, buffer_at (SECONDS (2), GST_CLOCK_TIME_NONE));
  fail_unless_equals_uint64 (time_level (h), SECONDS (2));
  let_go (h, probe);
  gst_harness_teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_gaps_and_buffer_lists_count_in_the_time_level)
{
  GstHarness *h = new_harness (FACTORY);
  gulong probe = hold_with_one (h);
  GstBufferList *list = gst_buffer_list_new ();
  GstPad *sink = gst_element_get_static_pad (h->element, "sink");

  g_object_set (h->element, "max-size-time", (guint64) 0, NULL);
  gst_buffer_list_add (list, buffer_at (SECONDS (0), SECONDS (1)));
  gst_buffer_list_add (list, buffer_at (SECONDS (1), SECONDS (1)));
  fail_unless_equals_int (gst_pad_chain_list (sink, list), GST_FLOW_OK);
  fail_unless_equals_int (level_of (h), 2);
  fail_unless_equals_uint64 (time_level (h), SECONDS (2));
  fail_unless (gst_harness_push_event (h, gst_event_new_gap (SECONDS (2),
              SECONDS (3))));
  fail_unless_equals_uint64 (time_level (h), SECONDS (5));
  fail_unless_equals_int (level_of (h), 2);
  let_go (h, probe);
  gst_object_unref (sink);
  gst_harness_teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_the_time_level_is_in_running_time_at_the_rate)
{
  GstHarness *h = new_harness (FACTORY);
  gulong probe = hold_with_one (h);

  g_object_set (h->element, "max-size-time", (guint64) 0, NULL);
  fail_unless (push_segment (h, 2.0, 0, 0, 0));
  gst_harness_push (h, buffer_at (0, SECONDS (4)));
  fail_unless_equals_uint64 (time_level (h), SECONDS (2));
  let_go (h, probe);
  gst_harness_teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_times_before_the_segment_are_below_0)
{
  GstHarness *h = new_harness (FACTORY);
  gulong probe;

  /* Running time -2 s, and then 1 s. */
  fail_unless (push_segment (h, 1.0, SECONDS (5), 0, 0));
  gst_harness_push (h, buffer_at (SECONDS (3), 0));
  gst_buffer_unref (gst_harness_pull (h));
  probe = hold (h);
  g_object_set (h->element, "max-size-time", (guint64) 0, NULL);
  gst_harness_push (h, buffer_at (SECONDS (3), 0));
  while (level_of (h) > 0)
    g_thread_yield ();
  gst_harness_push (h, buffer_at (SECONDS (6), 0));
  fail_unless_equals_uint64 (time_level (h), SECONDS (3));
  let_go (h, probe);
  gst_harness_teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_without_buffers_the_time_level_is_0)
{
  GstHarness *h = new_harness (FACTORY);

  gst_harness_push (h, buffer_at (SECONDS (1), SECONDS (5)));
  gst_buffer_unref (gst_harness_pull (h));
  fail_unless_equals_uint64 (time_level (h), 0);
  gst_harness_teardown (h);
}

GST_END_TEST;

/* ---- limits ---- */

GST_START_TEST (test_serialised_events_go_into_a_full_queue)
{
  GstHarness *h = new_harness (FACTORY);
  gulong probe = hold_with_one (h);

  g_object_set (h->element, "max-size-buffers", 1, NULL);
  gst_harness_push (h, buffer_at (0, 0));
  for (guint i = 0; i < 500; i++)
    fail_unless (gst_harness_push_event (h, custom_event ()));
  let_go (h, probe);
  gst_harness_teardown (h);
}

GST_END_TEST;

static GMutex gate;

static GstFlowReturn
wait_at_gate (GstPad * pad, GstObject * parent, GstBuffer * buffer)
{
  g_mutex_lock (&gate);
  g_mutex_unlock (&gate);
  gst_buffer_unref (buffer);
  return GST_FLOW_OK;
}

/* As the change of rate that a seek may ask for at once. */
GST_START_TEST (test_what_is_not_serialised_overtakes_what_is_queued)
{
  GstHarness *h = new_harness (FACTORY);
  GstEvent *event;

  g_mutex_lock (&gate);
  gst_pad_set_chain_function (h->sinkpad, wait_at_gate);
  for (guint i = 0; i < 3; i++)
    gst_harness_push (h, buffer_at (0, 0));
  while ((event = gst_harness_try_pull_event (h)) != NULL)
    gst_event_unref (event);
  fail_unless (gst_harness_push_event (h,
          gst_event_new_instant_rate_change (2.0, (GstSegmentFlags) 0)));
  event = gst_harness_try_pull_event (h);
  fail_unless (event != NULL
      && GST_EVENT_TYPE (event) == GST_EVENT_INSTANT_RATE_CHANGE);
  gst_event_unref (event);
  g_mutex_unlock (&gate);
  gst_harness_teardown (h);
}

GST_END_TEST;

static void
count (GstElement * element, gint * number)
{
  g_atomic_int_inc (number);
}

GST_START_TEST (test_a_silent_queue_emits_nothing)
{
  for (gint silent = 0; silent < 2; silent++) {
    GstHarness *h = new_harness (FACTORY);
    gulong probe = hold_with_one (h);
    gint overruns = 0;

    g_object_set (h->element, "silent", silent, "leaky", 1,
        "max-size-buffers", 1, NULL);
    g_signal_connect (h->element, "overrun", G_CALLBACK (count), &overruns);
    for (guint i = 0; i < 3; i++)
      gst_harness_push (h, buffer_at (0, 0));
    fail_unless_equals_int (overruns, silent ? 0 : 2);
    let_go (h, probe);
    gst_harness_teardown (h);
  }
}

GST_END_TEST;

static void
note_level (GstElement * element, GParamSpec * spec, guint * highest)
{
  guint level;

  g_object_get (element, spec->name, &level, NULL);
  *highest = MAX (*highest, level);
}

/* Of queue since 1.26. */
GST_START_TEST (test_levels_are_notified_if_wanted)
{
  for (gint wanted = 0; wanted < 2; wanted++) {
    GstHarness *h = new_harness (FACTORY);
    gulong probe;
    guint most_buffers = 0, most_bytes = 0;

    if (g_object_class_find_property (G_OBJECT_GET_CLASS (h->element),
            "notify-levels") == NULL) {
      fail_if (IS_OURS);
      gst_harness_teardown (h);
      return;
    }
    probe = hold_with_one (h);
    g_object_set (h->element, "notify-levels", wanted, NULL);
    g_signal_connect (h->element, "notify::current-level-buffers",
        G_CALLBACK (note_level), &most_buffers);
    g_signal_connect (h->element, "notify::current-level-bytes",
        G_CALLBACK (note_level), &most_bytes);
    gst_harness_push (h, buffer_at (0, 0));
    gst_harness_push (h, buffer_at (0, 0));
    fail_unless_equals_int (most_buffers, wanted ? 2 : 0);
    fail_unless_equals_int (most_bytes, wanted ? 20 : 0);
    let_go (h, probe);
    gst_harness_teardown (h);
  }
}

GST_END_TEST;

/* ---- EOS, errors and flushes ---- */

GST_START_TEST (test_after_eos_only_a_new_stream_is_let_in)
{
  GstHarness *h = new_harness (FACTORY);

  fail_unless (gst_harness_push_event (h, gst_event_new_eos ()));
  while (gst_pad_get_task_state (src_pad (h)) == GST_TASK_STARTED)
    g_thread_yield ();
  fail_unless_equals_int (gst_harness_push (h, buffer_at (0, 0)),
      GST_FLOW_EOS);
  fail_if (gst_harness_push_event (h, custom_event ()));
  fail_unless (gst_harness_push_event (h,
          gst_event_new_stream_start ("second")));
  fail_unless (push_segment (h, 1.0, 0, 0, 0));
  fail_unless_equals_int (gst_harness_push (h, buffer_at (0, 0)),
      GST_FLOW_OK);
  gst_buffer_unref (gst_harness_pull (h));
  gst_harness_teardown (h);
}

GST_END_TEST;

static GstFlowReturn
fail_to_take (GstPad * pad, GstObject * parent, GstBuffer * buffer)
{
  gst_buffer_unref (buffer);
  return GST_FLOW_ERROR;
}

static void
push_until_the_error_is_known (GstHarness * h)
{
  gst_pad_set_chain_function (h->sinkpad, fail_to_take);
  while (gst_harness_push (h, buffer_at (0, 0)) == GST_FLOW_OK)
    g_thread_yield ();
}

GST_START_TEST (test_after_an_error_sticky_events_are_taken_and_eos_tells_it)
{
  GstHarness *h = new_harness (FACTORY);
  GstBus *bus = gst_bus_new ();
  GstMessage *message;

  gst_element_set_bus (h->element, bus);
  push_until_the_error_is_known (h);
  fail_unless_equals_int (gst_harness_push (h, buffer_at (0, 0)),
      GST_FLOW_ERROR);
  fail_unless (gst_harness_push_event (h,
          gst_event_new_tag (gst_tag_list_new_empty ())));
  fail_if (gst_harness_push_event (h, custom_event ()));
  fail_unless (gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR) == NULL);
  fail_if (gst_harness_push_event (h, gst_event_new_eos ()));
  message = gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR);
  fail_unless (message != NULL);
  gst_message_unref (message);
  gst_element_set_bus (h->element, NULL);
  gst_object_unref (bus);
  gst_harness_teardown (h);
}

GST_END_TEST;

static GstFlowReturn what_downstream_says;

static GstFlowReturn
say_so (GstPad * pad, GstObject * parent, GstBuffer * buffer)
{
  gst_buffer_unref (buffer);
  return what_downstream_says;
}

/* Elements have flow results of their own; they are errors or not by their sign. */
GST_START_TEST (test_whatever_downstream_says_is_told_upstream)
{
  static const GstFlowReturn all[] = { GST_FLOW_CUSTOM_SUCCESS_2,
    GST_FLOW_CUSTOM_SUCCESS_1, GST_FLOW_CUSTOM_SUCCESS, GST_FLOW_NOT_LINKED,
    GST_FLOW_NOT_NEGOTIATED, GST_FLOW_ERROR, GST_FLOW_NOT_SUPPORTED,
    GST_FLOW_CUSTOM_ERROR, GST_FLOW_CUSTOM_ERROR_1, GST_FLOW_CUSTOM_ERROR_2
  };

  for (guint i = 0; i < G_N_ELEMENTS (all); i++) {
    GstHarness *h = new_harness (FACTORY);
    GstBus *bus = gst_bus_new ();
    GstFlowReturn flow;

    gst_element_set_bus (h->element, bus);
    what_downstream_says = all[i];
    gst_pad_set_chain_function (h->sinkpad, say_so);
    do {
      flow = gst_harness_push (h, buffer_at (0, 0));
      g_thread_yield ();
    } while (flow == GST_FLOW_OK);
    fail_unless_equals_int (flow, all[i]);
    fail_unless (gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR) == NULL);
    gst_element_set_bus (h->element, NULL);
    gst_object_unref (bus);
    gst_harness_teardown (h);
  }
}

GST_END_TEST;

GST_START_TEST (test_a_flush_keeps_sticky_events_but_neither_segment_nor_eos)
{
  GstHarness *h = new_harness (FACTORY);
  gulong probe = hold_with_one (h);
  GstTagList *tags = gst_tag_list_new (GST_TAG_TITLE, "a title", NULL);
  GstEvent *event;

  fail_unless (gst_harness_push_event (h, gst_event_new_tag (tags)));
  fail_unless (push_segment (h, 1.0, SECONDS (7), 0, 0));
  fail_unless (gst_harness_push_event (h, gst_event_new_eos ()));
  fail_unless (gst_harness_push_event (h, gst_event_new_flush_start ()));
  let_go (h, probe);
  fail_unless (gst_harness_push_event (h, gst_event_new_flush_stop (TRUE)));
  event = gst_pad_get_sticky_event (src_pad (h), GST_EVENT_TAG, 0);
  fail_unless (event != NULL);
  gst_event_unref (event);
  fail_unless (gst_pad_get_sticky_event (src_pad (h), GST_EVENT_SEGMENT, 0)
      == NULL);
  fail_unless (gst_pad_get_sticky_event (src_pad (h), GST_EVENT_EOS, 0)
      == NULL);
  fail_unless_equals_int (level_of (h), 0);
  gst_harness_teardown (h);
}

GST_END_TEST;

/* ---- on purpose different ---- */

GST_START_TEST (test_flush_on_eos_loses_other_events_in_queue_only)
{
  GstHarness *h = new_harness (FACTORY);
  gulong probe = hold_with_one (h);
  guint events = 0;
  GstEvent *event;

  g_object_set (h->element, "flush-on-eos", TRUE, NULL);
  gst_harness_push (h, buffer_at (0, 0));
  gst_harness_push_event (h, custom_event ());
  gst_harness_push_event (h, gst_event_new_eos ());
  let_go (h, probe);
  while ((event = gst_harness_pull_event (h)) != NULL) {
    GstEventType type = GST_EVENT_TYPE (event);

    events += type == GST_EVENT_CUSTOM_DOWNSTREAM;
    gst_event_unref (event);
    if (type == GST_EVENT_EOS)
      break;
  }
  fail_unless_equals_int (events, IS_OURS ? 1 : 0);
  gst_harness_teardown (h);
}

GST_END_TEST;

static Suite *
queue_rules_suite (void)
{
  Suite *suite = suite_create ("queue-rules");
  TCase *tcase = tcase_create ("queue-rules");

#define FOR_BOTH(test) \
  tcase_add_loop_test (tcase, test, 0, G_N_ELEMENTS (factories))
  suite_add_tcase (suite, tcase);
  tcase_add_test (tcase,
      test_every_property_of_queue_is_there_with_its_type_and_default);
  tcase_add_test (tcase,
      test_every_signal_of_queue_is_there_with_its_arguments);
  FOR_BOTH (test_scheduling_is_push_only);
  FOR_BOTH (test_caps_are_those_of_the_other_side);
  FOR_BOTH (test_the_position_is_less_by_what_is_queued_and_never_below_0);
  FOR_BOTH (test_an_allocation_query_is_answered_by_downstream);
  FOR_BOTH (test_the_time_level_goes_by_dts_before_pts_and_by_durations);
  FOR_BOTH (test_gaps_and_buffer_lists_count_in_the_time_level);
  FOR_BOTH (test_the_time_level_is_in_running_time_at_the_rate);
  FOR_BOTH (test_times_before_the_segment_are_below_0);
  FOR_BOTH (test_without_buffers_the_time_level_is_0);
  FOR_BOTH (test_serialised_events_go_into_a_full_queue);
  FOR_BOTH (test_what_is_not_serialised_overtakes_what_is_queued);
  FOR_BOTH (test_a_silent_queue_emits_nothing);
  FOR_BOTH (test_levels_are_notified_if_wanted);
  FOR_BOTH (test_after_eos_only_a_new_stream_is_let_in);
  FOR_BOTH (test_after_an_error_sticky_events_are_taken_and_eos_tells_it);
  FOR_BOTH (test_whatever_downstream_says_is_told_upstream);
  FOR_BOTH (test_a_flush_keeps_sticky_events_but_neither_segment_nor_eos);
  FOR_BOTH (test_flush_on_eos_loses_other_events_in_queue_only);
  return suite;
}

GST_CHECK_MAIN (queue_rules);
