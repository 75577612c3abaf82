/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* safefilesink where the room for its file ends. */
#include "sink-check.h"

#include <sys/stat.h>

static gboolean
is_warning (GstMessage * message, const gchar * code)
{
  return gst_message_has_name (message, "safefilesink-warning")
      && g_strcmp0 (gst_structure_get_string (gst_message_get_structure
          (message), "code"), code) == 0;
}

/* Without a source to ask, the flow ends where the room does. */
GST_START_TEST (test_a_stream_ends_at_max_bytes_and_the_file_is_published)
{
  SinkCheck c;
  GStatBuf st;
  GstFlowReturn flow = GST_FLOW_OK;

  sink_check_init (&c);
  g_object_set (c.sink, "max-bytes", G_GUINT64_CONSTANT (100000), "reserve",
      G_GUINT64_CONSTANT (0), NULL);
  sink_check_play (&c);
  for (guint i = 0; i < 200 && flow == GST_FLOW_OK; i++)
    flow = sink_check_push (&c, 1000, 'a');
  fail_unless_equals_int (flow, GST_FLOW_EOS);
  fail_unless (gst_harness_push_event (c.h, gst_event_new_eos ()));
  fail_unless_equals_int (g_stat (c.name, &st), 0);
  fail_unless_equals_int (st.st_size, 100000);
  sink_check_clear (&c);
}
GST_END_TEST;

/* What was refused once is not followed by what comes later, but a header may
 * still be completed. */
GST_START_TEST (test_behind_what_was_refused_nothing_is_taken)
{
  SinkCheck c;

  sink_check_init (&c);
  g_object_set (c.sink, "max-bytes", G_GUINT64_CONSTANT (16000), NULL);
  sink_check_play (&c);
  fail_unless_equals_int (sink_check_push (&c, 14000, 'a'), GST_FLOW_OK);
  fail_unless_equals_int (sink_check_push (&c, 1500, 'b'), GST_FLOW_EOS);
  /* Below the limit. */
  fail_unless_equals_int (sink_check_push (&c, 500, 'c'), GST_FLOW_EOS);
  sink_check_seek (&c, 0);
  fail_unless_equals_int (sink_check_push (&c, 500, 'd'), GST_FLOW_OK);
  sink_check_clear (&c);
}
GST_END_TEST;

/* Behind queues and within bins; what was taken before the end is there. */
GST_START_TEST (test_sources_are_asked_for_eos_through_bins)
{
  SinkCheck c;
  GstElement *pipeline = gst_parse_launch ("bin.( audiotestsrc "
      "wave=white-noise ! queue ) ! queue ! wavenc ! safefilesink name=out",
      NULL), *out = gst_bin_get_by_name (GST_BIN (pipeline), "out");
  GstBus *bus = gst_element_get_bus (pipeline);
  gboolean warned = FALSE, ended = FALSE;
  gchar *data;
  gsize size;

  sink_check_init (&c);
  g_object_set (out, "location", c.name, "max-bytes",
      G_GUINT64_CONSTANT (3000000), "reserve", G_GUINT64_CONSTANT (1000000),
      "buffer-size", 100000, NULL);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  while (!ended) {
    GstMessage *message = gst_bus_timed_pop_filtered (bus,
        GST_CLOCK_TIME_NONE, GST_MESSAGE_EOS | GST_MESSAGE_ERROR
        | GST_MESSAGE_ELEMENT);

    fail_unless (GST_MESSAGE_TYPE (message) != GST_MESSAGE_ERROR);
    warned |= is_warning (message, "space-used-up");
    ended = GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS;
    gst_message_unref (message);
  }
  fail_unless (warned);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  fail_unless (g_file_get_contents (c.name, &data, &size, NULL));
  fail_unless (size > 2000000 && size <= 3000000);
  /* wavenc has completed its header. */
  fail_unless_equals_uint64 (GST_READ_UINT32_LE (data + 4), size - 8);
  g_free (data);
  gst_object_unref (bus);
  gst_object_unref (out);
  gst_object_unref (pipeline);
  sink_check_clear (&c);
}
GST_END_TEST;

/* Buffers of a thousand bytes: the last that has room, and the one that is held
 * behind the one that has none. */
enum
{ LAST_WITH_ROOM = 10, HELD = LAST_WITH_ROOM + 2 };

typedef struct
{
  gint plays;                   /* buffers may come */
  gint came;                    /* buffers */
  gint let_go;                  /* what is held */
} Hold;

static gboolean
plays (GstElement * element)
{
  gboolean does;

  GST_OBJECT_LOCK (element);
  does = GST_STATE (element) == GST_STATE_PLAYING;
  GST_OBJECT_UNLOCK (element);
  return does;
}

static gboolean
state_lock_is_free (GstElement * element)
{
  if (!GST_STATE_TRYLOCK (element))
    return FALSE;
  GST_STATE_UNLOCK (element);
  return TRUE;
}

static GstPadProbeReturn
hold_back (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  Hold *hold = user_data;
  GstElement *sink = GST_PAD_PARENT (pad);

  while (!g_atomic_int_get (&hold->plays))
    g_thread_yield ();
  if (g_atomic_int_add (&hold->came, 1) + 1 == HELD)
    while (!g_atomic_int_get (&hold->let_go) && plays (sink))
      g_thread_yield ();
  return GST_PAD_PROBE_OK;
}

/* Who asks holds the source's state lock and waits for its thread.  That thread is
 * held until the stop has paused the sink, or cannot begin before who asks is
 * done: in preroll it would wait for the stop, and the stop for who asks. */
GST_START_TEST (test_a_pipeline_may_be_stopped_while_its_source_is_asked)
{
  SinkCheck c;
  GstElement *pipeline = gst_parse_launch ("fakesrc name=src sizetype=fixed "
      "sizemax=1000 ! safefilesink name=out", NULL);
  GstElement *src = gst_bin_get_by_name (GST_BIN (pipeline), "src");
  GstElement *out = gst_bin_get_by_name (GST_BIN (pipeline), "out");
  GstPad *pad = gst_element_get_static_pad (out, "sink");
  Hold hold = { 0 };

  sink_check_init (&c);
  g_object_set (out, "location", c.name, "async", FALSE, "reserve",
      G_GUINT64_CONSTANT (90000), "max-bytes",
      G_GUINT64_CONSTANT (90000) + LAST_WITH_ROOM * 1000, NULL);
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, hold_back, &hold, NULL);
  fail_unless_equals_int (gst_element_set_state (pipeline, GST_STATE_PLAYING),
      GST_STATE_CHANGE_SUCCESS);
  g_atomic_int_set (&hold.plays, TRUE);
  while (g_atomic_int_get (&hold.came) < HELD || state_lock_is_free (src))
    g_thread_yield ();
  g_atomic_int_set (&hold.let_go, !state_lock_is_free (pipeline));
  fail_unless_equals_int (gst_element_set_state (pipeline, GST_STATE_NULL),
      GST_STATE_CHANGE_SUCCESS);
  gst_object_unref (pad);
  gst_object_unref (out);
  gst_object_unref (src);
  gst_object_unref (pipeline);
  sink_check_clear (&c);
}
GST_END_TEST;

/* The next buffer goes beyond the reserve. */
GST_START_TEST (test_a_file_whose_end_does_not_fit_is_not_published)
{
  SinkCheck c;
  GstElement *pipeline = gst_parse_launch ("audiotestsrc samplesperbuffer=10000 "
      "! audio/x-raw,format=S16LE,channels=1 ! wavenc ! safefilesink name=out",
      NULL), *out = gst_bin_get_by_name (GST_BIN (pipeline), "out");
  GstBus *bus = gst_element_get_bus (pipeline);
  GstMessage *message;
  GError *error;

  sink_check_init (&c);
  g_object_set (out, "location", c.name, "max-bytes",
      G_GUINT64_CONSTANT (100000), "reserve", G_GUINT64_CONSTANT (5000), NULL);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  message = gst_bus_timed_pop_filtered (bus, GST_CLOCK_TIME_NONE,
      GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  fail_unless_equals_int (GST_MESSAGE_TYPE (message), GST_MESSAGE_ERROR);
  gst_message_parse_error (message, &error, NULL);
  fail_unless (g_error_matches (error, GST_RESOURCE_ERROR,
          GST_RESOURCE_ERROR_NO_SPACE_LEFT), "%s", error->message);
  g_error_free (error);
  gst_message_unref (message);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  fail_unless (!sink_check_exists (&c, "take.raw"));
  fail_unless (sink_check_exists (&c, "take.raw.part"));
  gst_object_unref (bus);
  gst_object_unref (out);
  gst_object_unref (pipeline);
  sink_check_clear (&c);
}
GST_END_TEST;

GST_START_TEST (test_no_block_behind_the_end_is_kept)
{
  SinkCheck c;
  GStatBuf st;

  sink_check_init (&c);
  g_object_set (c.sink, "reserve", G_GUINT64_CONSTANT (50000000), "journal", 2,
      NULL);
  sink_check_play (&c);
  fail_unless_equals_int (sink_check_push (&c, 1000, 'a'), GST_FLOW_OK);
  fail_unless (gst_harness_push_event (c.h, gst_event_new_eos ()));
  sink_check_drop_sink (&c);
  fail_unless_equals_int (g_stat (c.name, &st), 0);
  fail_unless_equals_int (st.st_size, 1000);
  fail_unless (st.st_blocks * 512 < 100000);
  sink_check_clear (&c);
}
GST_END_TEST;

GST_START_TEST (test_a_disk_without_room_for_the_end_is_refused_at_the_start)
{
  SinkCheck c;
  gchar *text;

  sink_check_init (&c);
  g_object_set (c.sink, "min-free", (guint64) G_MAXINT64, NULL);
  fail_unless_equals_int (gst_element_set_state (c.sink, GST_STATE_PAUSED),
      GST_STATE_CHANGE_FAILURE);
  text = sink_check_error (&c, GST_RESOURCE_ERROR,
      GST_RESOURCE_ERROR_NO_SPACE_LEFT);
  fail_unless (strstr (text, "No room for the end") != NULL, "%s", text);
  g_free (text);
  fail_unless (!sink_check_exists (&c, "take.raw.part"));
  sink_check_clear (&c);
}
GST_END_TEST;

GST_START_TEST (test_the_room_that_is_left_is_told)
{
  SinkCheck c;

  sink_check_init (&c);
  g_object_set (c.sink, "max-bytes", G_GUINT64_CONSTANT (100000), "reserve",
      G_GUINT64_CONSTANT (0), "buffer-size", 65536, NULL);
  fail_unless_equals_uint64 (sink_check_count (&c, "space-left"), G_MAXUINT64);
  sink_check_play (&c);
  fail_unless_equals_uint64 (sink_check_count (&c, "space-left"), 100000);
  sink_check_clear (&c);
}
GST_END_TEST;

static Suite *
safefilesink_room_suite (void)
{
  Suite *s = suite_create ("safefilesink-room");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc,
      test_a_stream_ends_at_max_bytes_and_the_file_is_published);
  tcase_add_test (tc, test_behind_what_was_refused_nothing_is_taken);
  tcase_add_test (tc, test_sources_are_asked_for_eos_through_bins);
  tcase_add_test (tc, test_a_pipeline_may_be_stopped_while_its_source_is_asked);
  tcase_add_test (tc, test_a_file_whose_end_does_not_fit_is_not_published);
  tcase_add_test (tc, test_no_block_behind_the_end_is_kept);
  tcase_add_test (tc,
      test_a_disk_without_room_for_the_end_is_refused_at_the_start);
  tcase_add_test (tc, test_the_room_that_is_left_is_told);
  return s;
}

GST_CHECK_MAIN (safefilesink_room);
