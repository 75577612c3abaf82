/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What bufpoolsrc negotiates: caps, rates, latency. */
#include "bufpoolsrc-check.h"

static void
check_caps (const gchar * filter, const gchar * expected)
{
  gchar *line = g_strdup_printf ("bufpoolsrc num-buffers=3 ! %s", filter);
  GstHarness *h = start_source (line);
  GstCaps *caps, *right = gst_caps_from_string (expected);

  gst_buffer_unref (gst_harness_pull (h));
  caps = gst_pad_get_current_caps (h->sinkpad);
  fail_unless (gst_caps_is_subset (caps, right), "%s gives %" GST_PTR_FORMAT,
      filter, caps);
  gst_caps_unref (caps);
  gst_caps_unref (right);
  gst_harness_teardown (h);
  g_free (line);
}

GST_START_TEST (test_negotiation_takes_what_downstream_wants)
{
  check_caps ("identity", S16_STEREO);
  check_caps ("audio/x-raw,format=S24LE", "audio/x-raw,format=S24LE,"
      "rate=48000,channels=2");
  check_caps ("audio/x-raw,format=S32LE,channels=1,rate=96000",
      "audio/x-raw,format=S32LE,rate=96000,channels=1");
  check_caps ("audio/x-raw,format=F32LE,channels=8", "audio/x-raw,"
      "format=F32LE,rate=48000,channels=8,channel-mask=(bitmask)0xc3f");
  check_caps ("audio/x-raw,rate=[8000,44100]", "audio/x-raw,rate=44100");
}

GST_END_TEST;

#define AES5_TEXT "32000, 44100, 48000, 88200, 96000, 176400 or 192000 Hz"

GST_START_TEST (test_a_rate_that_is_not_of_aes5_is_refused_if_so_set)
{
  check_error ("bufpoolsrc require-aes5=true ! audio/x-raw,rate=22050 ! "
      "fakesink", GST_CORE_ERROR, GST_CORE_ERROR_NEGOTIATION, AES5_TEXT);
  check_error ("bufpoolsrc require-aes5=true mode=file location=/dev/zero "
      "caps=audio/x-raw,format=S16LE,rate=11025,channels=2,"
      "layout=interleaved ! fakesink", GST_CORE_ERROR,
      GST_CORE_ERROR_NEGOTIATION, "11025 Hz");
  check_error ("bufpoolsrc require-aes5=true mode=file location=/dev/zero "
      "caps=audio/x-alaw,rate=8000,channels=1 ! fakesink", GST_CORE_ERROR,
      GST_CORE_ERROR_NEGOTIATION, "8000 Hz");
  check_error ("bufpoolsrc require-aes5=true mode=app "
      "caps=audio/x-raw,format=S16LE,rate=96001,channels=2,"
      "layout=interleaved ! fakesink", GST_CORE_ERROR,
      GST_CORE_ERROR_NEGOTIATION, "96001 Hz");
}

GST_END_TEST;

static void
check_rate (const gchar * line, guint64 rate, gboolean aes5)
{
  GstHarness *h = start_source (line);
  GstElement *source = gst_harness_find_element (h, "bufpoolsrc");
  gboolean is_aes5 = FALSE;
  GstStructure *stats;

  gst_buffer_unref (gst_harness_pull (h));
  fail_unless_equals_uint64 (stat_of (source, "sample-rate"), rate);
  g_object_get (source, "stats", &stats, NULL);
  fail_unless (gst_structure_get_boolean (stats, "aes5", &is_aes5));
  fail_unless_equals_int (is_aes5, aes5);
  gst_structure_free (stats);
  gst_object_unref (source);
  gst_harness_teardown (h);
}

GST_START_TEST (test_the_rate_is_shown_and_one_of_aes5_is_chosen_if_asked_for)
{
  check_rate ("bufpoolsrc ! audio/x-raw,rate=22050", 22050, FALSE);
  check_rate ("bufpoolsrc ! audio/x-raw,rate=88200", 88200, TRUE);
  check_rate ("bufpoolsrc ! audio/x-raw,rate=[8000,40000]", 40000, FALSE);
  check_rate ("bufpoolsrc require-aes5=true ! audio/x-raw,rate=[8000,40000]",
      32000, TRUE);
  check_rate ("bufpoolsrc require-aes5=true ! audio/x-raw,rate=[100000,"
      "300000]", 176400, TRUE);
  check_rate ("bufpoolsrc mode=file location=/dev/zero", 0, FALSE);
}

GST_END_TEST;

static void
check_latency (const gchar * line, gboolean live, GstClockTime min,
    GstClockTime max)
{
  GstElement *pipeline = gst_parse_launch (line, NULL);
  GstElement *source = gst_bin_get_by_name (GST_BIN (pipeline), "src");
  GstBus *bus = gst_element_get_bus (pipeline);
  GstQuery *query = gst_query_new_latency ();
  gboolean is_live = FALSE;
  GstClockTime got_min, got_max;

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  gst_message_unref (gst_bus_timed_pop_filtered (bus, GST_CLOCK_TIME_NONE,
          GST_MESSAGE_EOS));
  fail_unless (gst_element_query (source, query));
  gst_query_parse_latency (query, &is_live, &got_min, &got_max);
  fail_unless_equals_int (is_live, live);
  fail_unless_equals_uint64 (got_min, min);
  fail_unless_equals_uint64 (got_max, max);
  gst_query_unref (query);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (bus);
  gst_object_unref (source);
  gst_object_unref (pipeline);
}

GST_START_TEST (test_the_latency_is_a_buffer_and_the_slots_are_the_most)
{
  check_latency ("bufpoolsrc name=src is-live=true tiers=2048x5 num-buffers=1 "
      "samples-per-buffer=480 ! audio/x-raw,rate=48000 ! fakesink", TRUE,
      10 * GST_MSECOND, 50 * GST_MSECOND);
  check_latency ("bufpoolsrc name=src num-buffers=1 ! fakesink", FALSE, 0, 0);
}

GST_END_TEST;

static void
check_room (const gchar * line, gboolean push)
{
  GstAllocationParams params = {.align = 63,.prefix = 40,.padding = 24 };
  GstHarness *h = new_source (line);
  GstElement *source = gst_harness_find_element (h, "bufpoolsrc");
  GstBuffer *buffer;
  GstMemory *memory;
  GstMapInfo map;

  gst_harness_set_propose_allocator (h, NULL, &params);
  gst_harness_play (h);
  /* The second was acquired after the negotiation. */
  for (int i = 0; i < 2; i++) {
    if (push) {
      GstFlowReturn ret = GST_FLOW_ERROR;

      g_signal_emit_by_name (source, "acquire-buffer", (guint64) 0, &buffer);
      g_signal_emit_by_name (source, "push-buffer", buffer, &ret);
      gst_buffer_unref (buffer);
      fail_unless_equals_int (ret, GST_FLOW_OK);
    }
    buffer = gst_harness_pull (h);
    memory = gst_buffer_peek_memory (buffer, 0);
    if (i > 0) {
      fail_unless (memory->offset >= 40);
      fail_unless (memory->maxsize - memory->offset - memory->size >= 24);
    }
    fail_unless (gst_buffer_map (buffer, &map, GST_MAP_READ));
    fail_unless_equals_int (map.size, 512);
    fail_unless_equals_int ((guintptr) map.data % 64, 0);
    gst_buffer_unmap (buffer, &map);
    gst_buffer_unref (buffer);
  }
  gst_object_unref (source);
  gst_harness_teardown (h);
}

GST_START_TEST (test_downstream_gets_the_room_around_the_data_that_it_wants)
{
  check_room ("bufpoolsrc num-buffers=2 ! " S16_STEREO, FALSE);
  check_room ("bufpoolsrc num-buffers=2 mode=file location=/dev/zero caps="
      S16_STEREO, FALSE);
  check_room ("bufpoolsrc mode=app caps=" S16_STEREO, TRUE);
}

GST_END_TEST;

#define FROM_ZERO "bufpoolsrc mode=file location=/dev/zero caps="

GST_START_TEST (test_raw_caps_that_leave_something_open_are_refused)
{
  check_error (FROM_ZERO "video/x-raw,format=I420 ! fakesink", GST_CORE_ERROR,
      GST_CORE_ERROR_NEGOTIATION, "height=");
  check_error (FROM_ZERO "audio/x-raw,format=S16LE,rate=0,channels=2,"
      "layout=interleaved ! fakesink", GST_CORE_ERROR,
      GST_CORE_ERROR_NEGOTIATION, "rate=48000");
  check_error (FROM_ZERO "audio/x-raw,format=S16LE,rate=48000,channels=8,"
      "layout=interleaved ! fakesink", GST_CORE_ERROR,
      GST_CORE_ERROR_NEGOTIATION, "channel-mask=(bitmask)0");
}

GST_END_TEST;

static void
check_end (const gchar * line)
{
  GstElement *pipeline = gst_parse_launch (line, NULL);
  GstBus *bus = gst_element_get_bus (pipeline);
  GstMessage *message;

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  message = gst_bus_timed_pop_filtered (bus, GST_CLOCK_TIME_NONE,
      GST_MESSAGE_ERROR | GST_MESSAGE_EOS);
  fail_unless (GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS, "%s", line);
  gst_message_unref (message);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (bus);
  gst_object_unref (pipeline);
}

GST_START_TEST (test_a_parser_of_raw_data_gets_bytes)
{
  check_end ("bufpoolsrc mode=file location=/dev/zero num-buffers=3 ! "
      "rawaudioparse ! fakesink");
  check_end ("bufpoolsrc mode=file location=/dev/zero num-buffers=30 ! "
      "rawvideoparse width=64 height=64 ! fakesink");
}

GST_END_TEST;

static Suite *
bufpoolsrc_negotiation_suite (void)
{
  Suite *suite = suite_create ("bufpoolsrc-negotiation");
  TCase *tcase = tcase_create ("bufpoolsrc-negotiation");

  suite_add_tcase (suite, tcase);
  tcase_add_test (tcase, test_negotiation_takes_what_downstream_wants);
  tcase_add_test (tcase, test_a_rate_that_is_not_of_aes5_is_refused_if_so_set);
  tcase_add_test (tcase,
      test_the_rate_is_shown_and_one_of_aes5_is_chosen_if_asked_for);
  tcase_add_test (tcase,
      test_the_latency_is_a_buffer_and_the_slots_are_the_most);
  tcase_add_test (tcase,
      test_downstream_gets_the_room_around_the_data_that_it_wants);
  tcase_add_test (tcase, test_raw_caps_that_leave_something_open_are_refused);
  tcase_add_test (tcase, test_a_parser_of_raw_data_gets_bytes);
  return suite;
}

GST_CHECK_MAIN (bufpoolsrc_negotiation);
