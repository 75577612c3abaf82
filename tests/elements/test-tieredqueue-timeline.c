/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What moves the time of a channel, by the rules of both kinds of queue: what the
 * level in time is the difference of. */
#include <gst/check/gstcheck.h>

#include "tieredqueue-timeline.h"

static const TieredQueueTimelineRule rules[] = {
  TIEREDQUEUE_FROM_SEGMENT, TIEREDQUEUE_FROM_FIRST
};

/* Of a loop test. */
#define RULE (rules[__i__])
#define IS_FROM_FIRST (RULE == TIEREDQUEUE_FROM_FIRST)

static void
apply_segment (TieredQueueTimeline * timeline, GstFormat format,
    GstClockTime start, GstClockTime base)
{
  GstSegment segment;
  GstEvent *event;

  gst_segment_init (&segment, format);
  segment.start = segment.position = start;
  segment.base = base;
  event = gst_event_new_segment (&segment);
  (void) tieredqueue_timeline_segment (timeline, event);
  gst_event_unref (event);
}

static GstBuffer *
new_buffer (GstClockTime pts, GstClockTime duration)
{
  GstBuffer *buffer = gst_buffer_new ();

  GST_BUFFER_PTS (buffer) = pts;
  GST_BUFFER_DURATION (buffer) = duration;
  return buffer;
}

static gint64
time_after_buffer (TieredQueueTimeline * timeline, GstClockTime pts,
    GstClockTime duration)
{
  GstBuffer *buffer = new_buffer (pts, duration);
  gint64 time = tieredqueue_timeline_buffer (timeline, buffer);

  gst_buffer_unref (buffer);
  return time;
}

static gint64
time_after_gap (TieredQueueTimeline * timeline, GstClockTime at,
    GstClockTime duration)
{
  GstEvent *event = gst_event_new_gap (at, duration);
  gint64 time = tieredqueue_timeline_gap (timeline, event);

  gst_event_unref (event);
  return time;
}

/* As in 1.24's queue: 25 s into the stream one buffer is one second long. */
GST_START_TEST (test_time_counts_from_the_first_timestamp_since_1_24)
{
  TieredQueueTimeline timeline;

  tieredqueue_timeline_init_by (&timeline, RULE);
  apply_segment (&timeline, GST_FORMAT_TIME, 0, 0);
  fail_unless_equals_int64 (timeline.time, 0);
  fail_unless_equals_int64 (time_after_buffer (&timeline, 25 * GST_SECOND,
          GST_SECOND), (IS_FROM_FIRST ? 1 : 26) * GST_SECOND);
  fail_unless_equals_int64 (time_after_buffer (&timeline, 26 * GST_SECOND,
          GST_SECOND), (IS_FROM_FIRST ? 2 : 27) * GST_SECOND);
  /* Told is the running time, by either rule. */
  fail_unless_equals_int64 (timeline.running_time, 27 * GST_SECOND);
  fail_unless_equals_int64 (tieredqueue_timeline_running_time (&timeline,
          timeline.time), 27 * GST_SECOND);
}

GST_END_TEST;

GST_START_TEST (test_a_gap_or_a_list_can_be_what_is_first)
{
  const gint64 offset = IS_FROM_FIRST ? 0 : 10 * GST_SECOND;
  GstBufferList *list = gst_buffer_list_new ();
  TieredQueueTimeline timeline;

  tieredqueue_timeline_init_by (&timeline, RULE);
  fail_unless_equals_int64 (time_after_gap (&timeline, 10 * GST_SECOND,
          2 * GST_SECOND), offset + 2 * GST_SECOND);

  gst_buffer_list_add (list, new_buffer (GST_CLOCK_TIME_NONE,
          GST_CLOCK_TIME_NONE));
  gst_buffer_list_add (list, new_buffer (10 * GST_SECOND, GST_SECOND));
  gst_buffer_list_add (list, new_buffer (11 * GST_SECOND, GST_SECOND));
  tieredqueue_timeline_init_by (&timeline, RULE);
  fail_unless_equals_int64 (tieredqueue_timeline_list (&timeline, list),
      offset + 2 * GST_SECOND);
  gst_buffer_list_unref (list);
}

GST_END_TEST;

/* The list's second buffer continues from its first in any case. */
GST_START_TEST (test_without_a_timestamp_time_stands_still_since_1_24)
{
  GstBufferList *list = gst_buffer_list_new ();
  TieredQueueTimeline timeline;
  gint64 time;

  tieredqueue_timeline_init_by (&timeline, RULE);
  time = time_after_buffer (&timeline, 0, GST_SECOND);
  fail_unless_equals_int64 (time_after_buffer (&timeline, GST_CLOCK_TIME_NONE,
          GST_SECOND), time + (IS_FROM_FIRST ? 0 : GST_SECOND));

  gst_buffer_list_add (list, new_buffer (2 * GST_SECOND, GST_SECOND));
  gst_buffer_list_add (list, new_buffer (GST_CLOCK_TIME_NONE, GST_SECOND));
  fail_unless_equals_int64 (tieredqueue_timeline_list (&timeline, list),
      4 * GST_SECOND);
  gst_buffer_list_unref (list);
}

GST_END_TEST;

GST_START_TEST (test_a_segment_does_not_move_the_time_since_1_24)
{
  TieredQueueTimeline timeline;

  tieredqueue_timeline_init_by (&timeline, RULE);
  apply_segment (&timeline, GST_FORMAT_TIME, 0, 0);
  (void) time_after_buffer (&timeline, 0, GST_SECOND);
  apply_segment (&timeline, GST_FORMAT_TIME, 5 * GST_SECOND, 3 * GST_SECOND);
  fail_unless_equals_int64 (timeline.time,
      (IS_FROM_FIRST ? 1 : 3) * GST_SECOND);
  fail_unless_equals_int64 (timeline.running_time, 3 * GST_SECOND);
  fail_unless_equals_int64 (time_after_buffer (&timeline, 5 * GST_SECOND,
          GST_SECOND), 4 * GST_SECOND);
}

GST_END_TEST;

GST_START_TEST (test_a_segment_of_bytes_counts_from_0)
{
  TieredQueueTimeline timeline;

  tieredqueue_timeline_init_by (&timeline, RULE);
  apply_segment (&timeline, GST_FORMAT_BYTES, 1000, 0);
  fail_unless_equals_int64 (timeline.time, 0);
  fail_unless_equals_int64 (time_after_buffer (&timeline, 0, GST_SECOND),
      GST_SECOND);
}

GST_END_TEST;

GST_START_TEST (test_before_the_segment_time_is_below_0)
{
  TieredQueueTimeline timeline;

  tieredqueue_timeline_init_by (&timeline, RULE);
  apply_segment (&timeline, GST_FORMAT_TIME, 5 * GST_SECOND, 0);
  fail_unless_equals_int64 (time_after_buffer (&timeline, 3 * GST_SECOND, 0),
      IS_FROM_FIRST ? 0 : -2 * GST_SECOND);
  fail_unless_equals_int64 (timeline.running_time, -2 * GST_SECOND);
  fail_unless_equals_int64 (time_after_buffer (&timeline, 6 * GST_SECOND, 0),
      (IS_FROM_FIRST ? 3 : 1) * GST_SECOND);
}

GST_END_TEST;

GST_START_TEST (test_the_rule_is_that_of_the_queue_that_is_installed)
{
  GstPluginFeature *queue = gst_registry_lookup_feature (gst_registry_get (),
      "queue");
  TieredQueueTimeline timeline;

  fail_unless (queue != NULL);
  tieredqueue_timeline_init (&timeline);
  fail_unless_equals_int (timeline.rule,
      gst_plugin_feature_check_version (queue, 1, 23, 0)
      ? TIEREDQUEUE_FROM_FIRST : TIEREDQUEUE_FROM_SEGMENT);
  gst_object_unref (queue);
}

GST_END_TEST;

static Suite *
tieredqueue_timeline_suite (void)
{
  Suite *s = suite_create ("tieredqueue-timeline");
  TCase *tc = tcase_create ("general");
  const gint n = G_N_ELEMENTS (rules);

  suite_add_tcase (s, tc);
  tcase_add_loop_test (tc,
      test_time_counts_from_the_first_timestamp_since_1_24, 0, n);
  tcase_add_loop_test (tc, test_a_gap_or_a_list_can_be_what_is_first, 0, n);
  tcase_add_loop_test (tc,
      test_without_a_timestamp_time_stands_still_since_1_24, 0, n);
  tcase_add_loop_test (tc, test_a_segment_does_not_move_the_time_since_1_24, 0,
      n);
  tcase_add_loop_test (tc, test_a_segment_of_bytes_counts_from_0, 0, n);
  tcase_add_loop_test (tc, test_before_the_segment_time_is_below_0, 0, n);
  tcase_add_test (tc, test_the_rule_is_that_of_the_queue_that_is_installed);
  return s;
}

GST_CHECK_MAIN (tieredqueue_timeline);
