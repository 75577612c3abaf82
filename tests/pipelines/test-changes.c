/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Pipelines that change while they run, and what has to find its way through a
 * queue for that: caps and the wish for others, gaps, lists, latency, links that
 * come and go.  Each is run with the stock queue and with ours.
 */
#include <gst/video/video.h>

#include "pipeline-check.h"

static const gchar *const factories[] = { "queue", "tieredqueue" };

/* Of a loop test. */
#define FACTORY (factories[__i__])

static const gchar *const needs[] = { "videotestsrc", "audiotestsrc",
  "rtpvrawpay", NULL
};

/* What has come to a pad. */
typedef struct
{
  GMutex lock;
  GCond changed;
  GString *story;               /* b, g, e: buffers, gaps, custom events */
  GstVideoInfo info;
  guint buffers;
  guint lists;
  GChecksum *bytes;
} Seen;

static Seen *
seen_new (void)
{
  Seen *seen = g_new0 (Seen, 1);

  g_mutex_init (&seen->lock);
  g_cond_init (&seen->changed);
  gst_video_info_init (&seen->info);
  seen->story = g_string_new (NULL);
  seen->bytes = g_checksum_new (G_CHECKSUM_SHA256);
  return seen;
}

static void
seen_free (Seen * seen)
{
  g_mutex_clear (&seen->lock);
  g_cond_clear (&seen->changed);
  g_string_free (seen->story, TRUE);
  g_checksum_free (seen->bytes);
  g_free (seen);
}

static gboolean
see_bytes (GstBuffer ** buffer, guint index, gpointer user_data)
{
  Seen *seen = user_data;
  GstMapInfo map;

  fail_unless (gst_buffer_map (*buffer, &map, GST_MAP_READ));
  g_checksum_update (seen->bytes, map.data, (gssize) map.size);
  /* Each buffer comes under its own caps. */
  if (GST_VIDEO_INFO_FORMAT (&seen->info) != GST_VIDEO_FORMAT_UNKNOWN)
    fail_unless_equals_uint64 (map.size, GST_VIDEO_INFO_SIZE (&seen->info));
  gst_buffer_unmap (*buffer, &map);
  seen->buffers++;
  g_string_append_c (seen->story, 'b');
  return TRUE;
}

static void
see_event (Seen * seen, GstEvent * event)
{
  GstCaps *caps;

  if (GST_EVENT_TYPE (event) == GST_EVENT_GAP) {
    g_string_append_c (seen->story, 'g');
  } else if (GST_EVENT_TYPE (event) == GST_EVENT_CUSTOM_DOWNSTREAM) {
    g_string_append_c (seen->story, 'e');
  } else if (GST_EVENT_TYPE (event) == GST_EVENT_CAPS) {
    gst_event_parse_caps (event, &caps);
    if (!gst_video_info_from_caps (&seen->info, caps))
      gst_video_info_init (&seen->info);
  }
}

static GstPadProbeReturn
see (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  Seen *seen = user_data;
  GstBuffer *buffer;

  g_mutex_lock (&seen->lock);
  if (GST_PAD_PROBE_INFO_TYPE (info) & GST_PAD_PROBE_TYPE_BUFFER) {
    buffer = GST_PAD_PROBE_INFO_BUFFER (info);
    see_bytes (&buffer, 0, seen);
  } else if (GST_PAD_PROBE_INFO_TYPE (info) & GST_PAD_PROBE_TYPE_BUFFER_LIST) {
    seen->lists++;
    gst_buffer_list_foreach (GST_PAD_PROBE_INFO_BUFFER_LIST (info), see_bytes,
        seen);
  } else {
    see_event (seen, GST_PAD_PROBE_INFO_EVENT (info));
  }
  g_cond_broadcast (&seen->changed);
  g_mutex_unlock (&seen->lock);
  return GST_PAD_PROBE_OK;
}

static GstPad *
pad_of (GstElement * pipeline, const gchar * element, const gchar * name)
{
  GstElement *found = gst_bin_get_by_name (GST_BIN (pipeline), element);
  GstPad *pad = gst_element_get_static_pad (found, name);

  gst_object_unref (found);
  gst_object_unref (pad);       /* the pipeline keeps it */
  return pad;
}

static Seen *
watch (GstElement * pipeline, const gchar * sink)
{
  Seen *seen = seen_new ();

  gst_pad_add_probe (pad_of (pipeline, sink, "sink"),
      GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST |
      GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, see, seen, NULL);
  return seen;
}

static GstElement *
open_pipeline (const gchar * format, const gchar * factory)
{
  gchar **parts = g_strsplit (format, "%s", -1);
  gchar *launch = g_strjoinv (factory, parts);
  GstElement *pipeline = parse (launch);

  g_free (launch);
  g_strfreev (parts);
  return pipeline;
}

static void
fail_on_error (GstElement * pipeline)
{
  GstBus *bus = gst_element_get_bus (pipeline);
  GstMessage *message = gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR);

  if (message != NULL) {
    GError *error;
    gchar *debug;

    gst_message_parse_error (message, &error, &debug);
    fail ("%s (%s)", error->message, debug);
  }
  gst_object_unref (bus);
}

static void
close_pipeline (GstElement * pipeline)
{
  fail_on_error (pipeline);
  fail_unless_equals_int (gst_element_set_state (pipeline, GST_STATE_NULL),
      GST_STATE_CHANGE_SUCCESS);
  gst_object_unref (pipeline);
}

static void
wait_for_width (Seen * seen, gint width)
{
  guint before;

  g_mutex_lock (&seen->lock);
  while (GST_VIDEO_INFO_WIDTH (&seen->info) != width)
    g_cond_wait (&seen->changed, &seen->lock);
  for (before = seen->buffers; seen->buffers == before;)
    g_cond_wait (&seen->changed, &seen->lock);
  g_mutex_unlock (&seen->lock);
}

/* @more than have come so far. */
static void
wait_for_buffers (Seen * seen, guint more)
{
  guint wanted;

  g_mutex_lock (&seen->lock);
  wanted = seen->buffers + more;
  while (seen->buffers < wanted)
    g_cond_wait (&seen->changed, &seen->lock);
  g_mutex_unlock (&seen->lock);
}

GST_START_TEST (test_other_caps_are_asked_for_and_come_in_the_middle)
{
  static const gint widths[] = { 320, 64, 160 };
  GstElement *pipeline = open_pipeline ("videotestsrc ! %s ! "
      "capsfilter name=filter caps-change-mode=delayed ! %s ! "
      "fakesink name=sink", FACTORY);
  GstElement *filter = gst_bin_get_by_name (GST_BIN (pipeline), "filter");
  Seen *seen = watch (pipeline, "sink");

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  for (guint i = 0; i < 30; i++) {
    gint width = widths[i % G_N_ELEMENTS (widths)];
    GstCaps *caps = gst_caps_new_simple ("video/x-raw", "format",
        G_TYPE_STRING, "I420", "width", G_TYPE_INT, width, "height",
        G_TYPE_INT, 48, NULL);

    g_object_set (filter, "caps", caps, NULL);
    gst_caps_unref (caps);
    wait_for_width (seen, width);
  }
  gst_object_unref (filter);
  close_pipeline (pipeline);
  seen_free (seen);
}

GST_END_TEST;

/* The other branch of the tee goes on meanwhile. */
GST_START_TEST (test_a_branch_is_unlinked_and_linked_again_while_it_runs)
{
  GstElement *pipeline = open_pipeline ("videotestsrc ! "
      "video/x-raw,width=16,height=16 ! tee name=tee "
      "tee. ! %s ! fakesink name=steady "
      "tee. ! %s name=queue ! fakesink name=other", FACTORY);
  Seen *steady = watch (pipeline, "steady");
  Seen *other = watch (pipeline, "other");
  GstPad *src = pad_of (pipeline, "queue", "src");
  GstPad *sink = pad_of (pipeline, "other", "sink");

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  for (guint i = 0; i < 30; i++) {
    wait_for_buffers (other, 3);
    fail_unless (gst_pad_unlink (src, sink));
    /* Half of the time so long that upstream is told. */
    wait_for_buffers (steady, i % 2 ? 1 : 500);
    fail_unless_equals_int (gst_pad_link (src, sink), GST_PAD_LINK_OK);
  }
  wait_for_buffers (other, 3);
  close_pipeline (pipeline);
  seen_free (steady);
  seen_free (other);
}

GST_END_TEST;

static GstBuffer *
small_buffer (void)
{
  return gst_buffer_new_memdup ("data", 4);
}

static GstEvent *
custom_event (void)
{
  return gst_event_new_custom (GST_EVENT_CUSTOM_DOWNSTREAM,
      gst_structure_new_empty ("test"));
}

/* As demuxers do it for subtitles: a sink is ready without a buffer. */
GST_START_TEST (test_a_gap_prerolls_a_sink_and_keeps_its_place)
{
  GstElement *pipeline = open_pipeline ("%s name=queue max-size-time=0 ! "
      "fakesink name=sink",
      FACTORY);
  GstPad *src = gst_pad_new ("src", GST_PAD_SRC);
  Seen *seen = watch (pipeline, "sink");

  gst_pad_set_active (src, TRUE);
  fail_unless_equals_int (gst_pad_link (src, pad_of (pipeline, "queue",
              "sink")), GST_PAD_LINK_OK);
  gst_element_set_state (pipeline, GST_STATE_PAUSED);
  gst_check_setup_events (src, pipeline, NULL, GST_FORMAT_TIME);
  fail_unless (gst_pad_push_event (src, gst_event_new_gap (0, GST_SECOND)));
  fail_unless_equals_int (gst_element_get_state (pipeline, NULL, NULL,
          GST_CLOCK_TIME_NONE), GST_STATE_CHANGE_SUCCESS);
  fail_unless_equals_int (gst_pad_push (src, small_buffer ()), GST_FLOW_OK);
  fail_unless (gst_pad_push_event (src, custom_event ()));
  fail_unless (gst_pad_push_event (src, gst_event_new_gap (GST_SECOND,
              GST_SECOND)));
  fail_unless_equals_int (gst_pad_push (src, small_buffer ()), GST_FLOW_OK);
  fail_unless (gst_pad_push_event (src, gst_event_new_eos ()));
  run_to_eos (pipeline);
  fail_unless_equals_string (seen->story->str, "gbegb");
  gst_pad_set_active (src, FALSE);
  gst_object_unref (src);
  gst_object_unref (pipeline);
  seen_free (seen);
}

GST_END_TEST;

static gchar *
send_packets (const gchar * factory, guint * packets, guint * lists)
{
  GstElement *pipeline = open_pipeline ("videotestsrc num-buffers=30 ! "
      "video/x-raw,format=UYVY,width=160,height=120 ! rtpvrawpay ssrc=1 "
      "seqnum-offset=0 timestamp-offset=0 ! %s ! fakesink name=sink", factory);
  Seen *seen = watch (pipeline, "sink");
  gchar *digest;

  run_to_eos (pipeline);
  gst_object_unref (pipeline);
  *packets = seen->buffers;
  *lists = seen->lists;
  digest = g_strdup (g_checksum_get_string (seen->bytes));
  seen_free (seen);
  return digest;
}

GST_START_TEST (test_the_packets_of_a_payloader_come_in_the_same_lists)
{
  guint packets, lists, other_packets, other_lists;
  gchar *theirs = send_packets ("queue", &packets, &lists);
  gchar *ours = send_packets ("tieredqueue", &other_packets, &other_lists);

  fail_unless (lists > 0 && packets > lists);
  fail_unless_equals_int (other_packets, packets);
  fail_unless_equals_int (other_lists, lists);
  fail_unless_equals_string (ours, theirs);
  g_free (theirs);
  g_free (ours);
}

GST_END_TEST;

static GstClockTime
live_latency (const gchar * factory, GstClockTime * max)
{
  GstElement *pipeline = open_pipeline ("audiotestsrc is-live=true ! "
      "%s max-size-time=300000000 min-threshold-time=20000000 ! "
      "%s leaky=downstream max-size-time=700000000 ! "
      "fakesink name=sink sync=true", factory);
  GstQuery *query = gst_query_new_latency ();
  GstClockTime min;
  gboolean live;

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  fail_unless_equals_int (gst_element_get_state (pipeline, NULL, NULL,
          GST_CLOCK_TIME_NONE), GST_STATE_CHANGE_SUCCESS);
  fail_unless (gst_element_query (pipeline, query));
  gst_query_parse_latency (query, &live, &min, max);
  fail_unless (live);
  gst_query_unref (query);
  close_pipeline (pipeline);
  return min;
}

GST_START_TEST (test_a_live_pipeline_has_the_same_latency)
{
  GstClockTime max, other_max;
  GstClockTime min = live_latency ("queue", &max);

  fail_unless (min >= 20 * GST_MSECOND);
  fail_unless_equals_uint64 (live_latency ("tieredqueue", &other_max), min);
  fail_unless_equals_uint64 (other_max, max);
}

GST_END_TEST;

static Suite *
changes_suite (void)
{
  Suite *suite = suite_create ("changes");
  TCase *tcase = tcase_create ("changes");
  const gint n = G_N_ELEMENTS (factories);

  suite_add_tcase (suite, tcase);
  tcase_add_loop_test (tcase,
      test_other_caps_are_asked_for_and_come_in_the_middle, 0, n);
  tcase_add_loop_test (tcase,
      test_a_branch_is_unlinked_and_linked_again_while_it_runs, 0, n);
  tcase_add_loop_test (tcase, test_a_gap_prerolls_a_sink_and_keeps_its_place,
      0, n);
  tcase_add_test (tcase,
      test_the_packets_of_a_payloader_come_in_the_same_lists);
  tcase_add_test (tcase, test_a_live_pipeline_has_the_same_latency);
  return suite;
}

/* 77, a skip for Meson, where an element is missing. */
int
main (int argc, char **argv)
{
  gst_check_init (&argc, &argv);
  if (!have_elements (needs))
    return 77;
  return gst_check_run_suite (changes_suite (), "changes", __FILE__);
}
