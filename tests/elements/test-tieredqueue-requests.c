/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The pads of tieredqueue on request: their names and properties, and where they
 * are as those of multiqueue. */
#include "tieredqueue-channels-check.h"

/* ---- requests ---- */

GST_START_TEST (test_a_request_for_either_pad_makes_both)
{
  GstElement *queue = make_queue ();
  GstPad *sink = request (queue, "sink_%u", "sink_3");
  GstPad *src = request (queue, "src_%u", "src_5");

  fail_unless (has_pad (queue, "src_3") && has_pad (queue, "sink_5"));
  check_channels (queue, "sink_3 sink_5");
  release (queue, sink);
  release (queue, src);
  check_channels (queue, "sink");
  fail_if (has_pad (queue, "sink_3") || has_pad (queue, "src_3"));
  fail_if (has_pad (queue, "sink_5") || has_pad (queue, "src_5"));
  gst_object_unref (queue);
}

GST_END_TEST;

GST_START_TEST (test_a_request_without_a_number_gets_the_lowest_free_one)
{
  GstElement *queue = make_queue ();
  GstPad *one = request (queue, "sink_%u", "sink_1");
  GstPad *zero = request (queue, "sink_%u", NULL);
  GstPad *two = request (queue, "sink_%u", NULL);

  fail_unless_equals_string (GST_PAD_NAME (zero), "sink_0");
  fail_unless_equals_string (GST_PAD_NAME (two), "sink_2");
  release (queue, zero);
  zero = request (queue, "sink_%u", NULL);
  fail_unless_equals_string (GST_PAD_NAME (zero), "sink_0");
  release (queue, zero);
  release (queue, two);
  release (queue, one);
  gst_object_unref (queue);
}

GST_END_TEST;

GST_START_TEST (test_a_source_pad_on_request_is_that_of_the_first_free_channel)
{
  GstElement *queue = make_queue ();
  GstPad *one = request (queue, "sink_%u", "sink_1");
  GstPad *zero = request (queue, "sink_%u", "sink_0");
  GstPad *src[3];

  for (guint i = 0; i < 3; i++) {
    gchar *name = g_strdup_printf ("src_%u", i);

    src[i] = request (queue, "src_%u", NULL);
    fail_unless_equals_string (GST_PAD_NAME (src[i]), name);
    g_free (name);
  }
  check_channels (queue, "sink_1 sink_0 sink_2");
  release (queue, src[2]);
  release (queue, one);
  release (queue, zero);
  gst_object_unref (src[0]);
  gst_object_unref (src[1]);
  gst_object_unref (queue);
}

GST_END_TEST;

GST_START_TEST (test_a_request_with_a_bad_number_is_refused_with_a_reason)
{
  static const gchar *const names[] = { "sink_07", "sink_4294967295",
    "sink_ 1"
  };
  GstElement *queue = make_queue ();
  GstBus *bus = bus_for (queue);

  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    fail_unless (request (queue, "sink_%u", names[i]) == NULL);
    check_refused (bus, names[i]);
  }
  check_channels (queue, "sink");
  gst_object_unref (queue);
  drop_bus (bus);
}

GST_END_TEST;

GST_START_TEST (test_a_channel_keeps_its_name_when_the_new_one_is_refused)
{
  static const gchar *const bad[] = { "", "a b", "a/b", "\303\244", NULL };
  GstElement *queue = make_queue ();
  GstBus *bus = bus_for (queue);
  GstPad *zero = request (queue, "sink_%u", "sink_0");
  GstPad *one = request (queue, "sink_%u", "sink_1");
  gchar *longest = g_strnfill (64, 'x'), *longer = g_strnfill (65, 'x');
  gchar *name;

  g_object_set (zero, "channel", "capture_left", NULL);
  for (guint i = 0; bad[i] != NULL; i++) {
    g_object_set (zero, "channel", bad[i], NULL);
    check_refused (bus, "is not a name");
  }
  g_object_set (zero, "channel", longer, NULL);
  check_refused (bus, "is not a name");
  g_object_set (one, "channel", "capture_left", NULL);
  check_refused (bus, "another channel is named capture_left");
  g_object_set (one, "channel", "sink", NULL);
  check_refused (bus, "another channel is named sink");
  check_channels (queue, "capture_left sink_1");

  g_object_set (one, "channel", "sink_1", "channel", longest, NULL);
  g_object_get (one, "channel", &name, NULL);
  fail_unless_equals_string (name, longest);
  g_free (name);
  fail_if (gst_bus_have_pending (bus));
  g_free (longest);
  g_free (longer);
  release (queue, zero);
  release (queue, one);
  gst_object_unref (queue);
  drop_bus (bus);
}

GST_END_TEST;

GST_START_TEST (test_a_number_whose_name_another_channel_has_is_refused)
{
  GstElement *queue = make_queue ();
  GstBus *bus = bus_for (queue);
  GstPad *zero = request (queue, "sink_%u", "sink_0");

  g_object_set (zero, "channel", "sink_1", NULL);
  fail_unless (request (queue, "sink_%u", "sink_1") == NULL);
  check_refused (bus, "another channel is named sink_1");
  release (queue, zero);
  gst_object_unref (queue);
  drop_bus (bus);
}

GST_END_TEST;

GST_START_TEST (test_the_element_is_the_proxy_of_its_pads)
{
  GstElement *queue = make_queue ();
  GstPad *pad = request (queue, "sink_%u", NULL);
  guint limit;
  gchar *name;

  fail_unless_equals_int (gst_child_proxy_get_children_count
      (GST_CHILD_PROXY (queue)), 4);
  gst_child_proxy_set (GST_CHILD_PROXY (queue), "sink_0::channel", "left",
      "src_0::max-size-buffers", 7, NULL);
  gst_child_proxy_get (GST_CHILD_PROXY (queue), "src_0::channel", &name,
      "sink_0::max-size-buffers", &limit, NULL);
  fail_unless_equals_string (name, "left");
  fail_unless_equals_int (limit, 7);
  g_free (name);
  release (queue, pad);
  gst_object_unref (queue);
}

GST_END_TEST;

/* ---- settings ---- */

GST_START_TEST (test_the_element_sets_all_channels_and_a_pad_its_own)
{
  GstElement *queue = make_queue ();
  GstPad *zero = request (queue, "sink_%u", "sink_0");
  GstPad *always = gst_element_get_static_pad (queue, "sink");
  GstPad *one;

  g_object_set (zero, "max-size-buffers", 10, NULL);
  fail_unless_equals_int (limit_of (zero), 10);
  fail_unless_equals_int (limit_of (always), 200);
  fail_unless_equals_int (limit_of (queue), 200);

  g_object_set (queue, "max-size-buffers", 20, NULL);
  one = request (queue, "sink_%u", "sink_1");
  fail_unless_equals_int (limit_of (zero), 20);
  fail_unless_equals_int (limit_of (one), 20);
  fail_unless_equals_int (limit_of (always), 20);

  g_object_set (always, "max-size-buffers", 30, NULL);
  fail_unless_equals_int (limit_of (queue), 20);
  release (queue, zero);
  release (queue, one);
  gst_object_unref (always);
  gst_object_unref (queue);
}

GST_END_TEST;

GST_START_TEST (test_a_stage_sets_the_buffers_until_they_are_set)
{
  GstElement *queue = make_queue ();
  GstPad *zero = request (queue, "sink_%u", "sink_0");
  GstPad *one;
  guint64 time;

  gst_util_set_object_arg (G_OBJECT (queue), "stage", "processing");
  fail_unless_equals_int (limit_of (zero), 500);
  gst_util_set_object_arg (G_OBJECT (zero), "stage", "capture");
  fail_unless_equals_int (limit_of (zero), 1000);
  gst_util_set_object_arg (G_OBJECT (zero), "stage", "none");
  fail_unless_equals_int (limit_of (zero), 1000);
  gst_util_set_object_arg (G_OBJECT (zero), "stage", "storage");
  fail_unless_equals_int (limit_of (zero), 250);
  g_object_get (zero, "max-size-time", &time, NULL);
  fail_unless_equals_uint64 (time, GST_SECOND);

  g_object_set (queue, "max-size-buffers", 33, NULL);
  one = request (queue, "sink_%u", "sink_1");
  fail_unless_equals_int (limit_of (zero), 33);
  fail_unless_equals_int (limit_of (one), 33);
  release (queue, zero);
  release (queue, one);
  gst_object_unref (queue);
}

GST_END_TEST;

static void
note_change (GObject * object, GParamSpec * spec, GString * notes)
{
  g_string_append_printf (notes, "%s:%s ", GST_OBJECT_NAME (object),
      spec->name);
}

/* What has been noted since, each once, in any order. */
static void
check_notes (GString * notes, const gchar * expected)
{
  gchar **words = g_strsplit (expected, " ", -1);

  for (guint i = 0; words[i] != NULL; i++)
    fail_unless (strstr (notes->str, words[i]) != NULL, "%s: not in %s",
        words[i], notes->str);
  fail_unless_equals_int (notes->len, strlen (expected));
  g_string_truncate (notes, 0);
  g_strfreev (words);
}

GST_START_TEST (test_all_that_show_a_setting_notify_its_change)
{
  GstElement *queue = make_queue ();
  GString *notes = g_string_new (NULL);
  GstPad *src = request (queue, "src_%u", "src_0");
  GstPad *sink = gst_element_get_static_pad (queue, "sink_0");

  g_signal_connect (queue, "notify", G_CALLBACK (note_change), notes);
  g_signal_connect (sink, "notify", G_CALLBACK (note_change), notes);
  g_signal_connect (src, "notify", G_CALLBACK (note_change), notes);
  g_object_set (src, "leaky", 2, NULL);
  check_notes (notes, "sink_0:leaky src_0:leaky ");
  g_object_set (sink, "channel", "left", NULL);
  check_notes (notes, "src_0:channel sink_0:channel ");
  g_object_set (sink, "stage", 1, NULL);
  check_notes (notes, "src_0:stage src_0:max-size-buffers sink_0:stage "
      "sink_0:max-size-buffers ");
  g_object_set (queue, "high-watermark", 0.5, NULL);
  check_notes (notes, "src_0:high-watermark src_0:low-watermark "
      "sink_0:high-watermark sink_0:low-watermark q:high-watermark "
      "q:low-watermark ");
  g_object_set (queue, "batch", 4, NULL);
  check_notes (notes, "q:batch ");
  gst_object_unref (sink);
  release (queue, src);
  gst_object_unref (queue);
  g_string_free (notes, TRUE);
}

GST_END_TEST;

GST_START_TEST (test_a_later_channel_begins_with_watermarks_in_order)
{
  GstElement *queue = make_queue ();
  gdouble low, high;
  GstPad *pad;

  g_object_set (queue, "high-watermark", 0.5, NULL);
  pad = request (queue, "sink_%u", NULL);
  g_object_get (pad, "low-watermark", &low, "high-watermark", &high, NULL);
  fail_unless_equals_float (low, 0.5);
  fail_unless_equals_float (high, 0.5);
  release (queue, pad);
  gst_object_unref (queue);
}

GST_END_TEST;

/* ---- what is told ---- */

static void
push_segment_into (GstPad * sink)
{
  GstSegment segment;

  gst_segment_init (&segment, GST_FORMAT_TIME);
  fail_unless (gst_pad_send_event (sink, gst_event_new_segment (&segment)));
}

GST_START_TEST (test_the_pads_that_are_always_there_are_told_of_when_used)
{
  GstElement *queue = make_queue ();
  GstPad *sink = gst_element_get_static_pad (queue, "sink");
  GstPad *src = gst_element_get_static_pad (queue, "src");
  GstPad *zero = request (queue, "sink_%u", NULL);
  GstPad *other = gst_pad_new ("other", GST_PAD_SINK);

  check_channels (queue, "sink_0");
  fail_unless (gst_pad_link (src, other) == GST_PAD_LINK_OK);
  check_channels (queue, "sink sink_0");
  gst_pad_unlink (src, other);
  check_channels (queue, "sink_0");

  gst_element_set_state (queue, GST_STATE_PAUSED);
  gst_pad_send_event (sink, gst_event_new_stream_start ("test"));
  push_segment_into (sink);
  fail_unless_equals_int (gst_pad_chain (sink, buffer_of (1)), GST_FLOW_OK);
  check_channels (queue, "sink sink_0");
  gst_element_set_state (queue, GST_STATE_NULL);
  release (queue, zero);
  check_channels (queue, "sink");
  gst_object_unref (other);
  gst_object_unref (sink);
  gst_object_unref (src);
  gst_object_unref (queue);
}

GST_END_TEST;

/* ---- as multiqueue does it ---- */

static const gchar *const factories[] = { "multiqueue", "tieredqueue" };

/* A loop test runs once for each. */
static GstElement *
make_either (gint index)
{
  return gst_object_ref_sink (gst_element_factory_make (factories[index], "q"));
}

GST_START_TEST (test_a_pad_that_was_requested_is_not_had_twice)
{
  GstElement *queue = make_either (__i__);
  GstPad *pad = request (queue, "sink_%u", "sink_3"), *again = pad;

  ASSERT_CRITICAL (again = request (queue, "sink_%u", "sink_3"));
  fail_unless (again == NULL);
  release (queue, pad);
  gst_object_unref (queue);
}

GST_END_TEST;

/* multiqueue has none on request, and returns NULL. */
GST_START_TEST (test_the_other_pad_is_had_by_its_name_but_gstreamer_objects)
{
  GstElement *queue = make_queue ();
  GstPad *sink = request (queue, "sink_%u", "sink_3"), *src = NULL;
  GstPad *found = gst_element_get_static_pad (queue, "src_3");

  ASSERT_CRITICAL (src = request (queue, "src_%u", "src_3"));
  fail_unless (src == found);
  ASSERT_CRITICAL (fail_unless (request (queue, "src_%u", "src_3") == NULL));
  gst_object_unref (found);
  gst_object_unref (src);
  release (queue, sink);
  gst_object_unref (queue);
}

GST_END_TEST;

GST_START_TEST (test_both_pads_go_with_one_and_are_not_released_again)
{
  GstElement *queue = make_either (__i__);
  GstPad *sink = request (queue, "sink_%u", "sink_3");
  GstPad *src = gst_element_get_static_pad (queue, "src_3");

  gst_element_release_request_pad (queue, sink);
  fail_if (has_pad (queue, "sink_3") || has_pad (queue, "src_3"));
  ASSERT_CRITICAL (gst_element_release_request_pad (queue, src));
  ASSERT_CRITICAL (gst_element_release_request_pad (queue, sink));
  gst_object_unref (sink);
  gst_object_unref (src);
  gst_object_unref (queue);
}

GST_END_TEST;

static void
play_through (const gchar * description, gint index)
{
  gchar **parts = g_strsplit (description, "QUEUE", -1);
  gchar *text = g_strjoinv (factories[index], parts);
  GstElement *pipeline = parse (text);

  play_to_the_end (pipeline);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (pipeline);
  g_free (text);
  g_strfreev (parts);
}

GST_START_TEST (test_two_queues_are_linked_without_names_of_pads)
{
  play_through ("QUEUE name=a QUEUE name=b "
      "fakesrc num-buffers=9 ! a.  fakesrc num-buffers=9 ! a.  "
      "a. ! b.  a. ! b.  b. ! fakesink  b. ! fakesink", __i__);
}

GST_END_TEST;

GST_START_TEST (test_two_queues_are_linked_before_anything_goes_in)
{
  play_through ("QUEUE name=a QUEUE name=b "
      "a. ! b.  a. ! b.  b. ! fakesink  b. ! fakesink  "
      "fakesrc num-buffers=9 ! a.  fakesrc num-buffers=9 ! a.", __i__);
}

GST_END_TEST;

GST_START_TEST (test_a_queue_is_linked_without_names_with_pads_on_request)
{
  play_through ("QUEUE name=a funnel name=f "
      "fakesrc num-buffers=9 ! a.  fakesrc num-buffers=9 ! a.  "
      "a. ! f.  a. ! f.  f. ! fakesink", __i__);
}

GST_END_TEST;

static Suite *
tieredqueue_requests_suite (void)
{
  Suite *suite = suite_create ("tieredqueue-requests");
  TCase *requests = tcase_create ("requests");
  TCase *both = tcase_create ("as multiqueue");

  suite_add_tcase (suite, requests);
  tcase_add_test (requests, test_a_request_for_either_pad_makes_both);
  tcase_add_test (requests,
      test_a_request_without_a_number_gets_the_lowest_free_one);
  tcase_add_test (requests,
      test_a_source_pad_on_request_is_that_of_the_first_free_channel);
  tcase_add_test (requests,
      test_a_request_with_a_bad_number_is_refused_with_a_reason);
  tcase_add_test (requests,
      test_a_channel_keeps_its_name_when_the_new_one_is_refused);
  tcase_add_test (requests,
      test_a_number_whose_name_another_channel_has_is_refused);
  tcase_add_test (requests, test_the_element_is_the_proxy_of_its_pads);
  tcase_add_test (requests,
      test_the_element_sets_all_channels_and_a_pad_its_own);
  tcase_add_test (requests, test_a_stage_sets_the_buffers_until_they_are_set);
  tcase_add_test (requests, test_all_that_show_a_setting_notify_its_change);
  tcase_add_test (requests,
      test_a_later_channel_begins_with_watermarks_in_order);
  tcase_add_test (requests,
      test_the_pads_that_are_always_there_are_told_of_when_used);

#define FOR_BOTH(test) \
  tcase_add_loop_test (both, test, 0, G_N_ELEMENTS (factories))
  suite_add_tcase (suite, both);
  FOR_BOTH (test_a_pad_that_was_requested_is_not_had_twice);
  tcase_add_test (both,
      test_the_other_pad_is_had_by_its_name_but_gstreamer_objects);
  FOR_BOTH (test_both_pads_go_with_one_and_are_not_released_again);
  FOR_BOTH (test_two_queues_are_linked_without_names_of_pads);
  FOR_BOTH (test_two_queues_are_linked_before_anything_goes_in);
  FOR_BOTH (test_a_queue_is_linked_without_names_with_pads_on_request);
#undef FOR_BOTH
  return suite;
}

GST_CHECK_MAIN (tieredqueue_requests);
