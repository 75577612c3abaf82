/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* bufpoolsrc with mode=app: what the application's threads see. */
#include <gst/check/gstcheck.h>
#include <gst/check/gstharness.h>
#include <gst/safecapture/safecapture.h>

#define CAPS "audio/x-raw,format=S16LE,rate=48000,channels=2," \
    "layout=interleaved"
#define SIZE 512                /* 128 frames */
#define FRAMES 128

typedef struct
{
  GstHarness *h;
  GstElement *source;
} App;

static void
app_prepare (App * self, const gchar * settings)
{
  gchar *line = g_strdup_printf ("bufpoolsrc name=src mode=app %s ! identity",
      settings);

  self->h = gst_harness_new_parse (line);
  self->source = gst_harness_find_element (self->h, "bufpoolsrc");
  g_free (line);
}

static void
app_start (App * self, const gchar * settings)
{
  app_prepare (self, settings);
  gst_harness_play (self->h);
}

static void
app_stop (App * self)
{
  gst_object_unref (self->source);
  gst_harness_teardown (self->h);
}

static GstBuffer *
acquire (GstElement * source, guint64 size)
{
  GstBuffer *buffer = NULL;

  g_signal_emit_by_name (source, "acquire-buffer", size, &buffer);
  return buffer;
}

static GstFlowReturn
result_of (GstElement * source)
{
  GstFlowReturn result = GST_FLOW_ERROR;

  g_object_get (source, "acquire-result", &result, NULL);
  return result;
}

/* Takes over @buffer. */
static GstFlowReturn
push (GstElement * source, GstBuffer * buffer)
{
  GstFlowReturn ret = GST_FLOW_ERROR;

  g_signal_emit_by_name (source, "push-buffer", buffer, &ret);
  gst_buffer_unref (buffer);
  return ret;
}

static GstFlowReturn
end (GstElement * source)
{
  GstFlowReturn ret = GST_FLOW_ERROR;

  g_signal_emit_by_name (source, "end-of-stream", &ret);
  return ret;
}

static void
push_filled (GstElement * source, guint8 byte)
{
  GstBuffer *buffer = acquire (source, SIZE);

  fail_unless (buffer != NULL);
  gst_buffer_memset (buffer, 0, byte, SIZE);
  fail_unless_equals_int (push (source, buffer), GST_FLOW_OK);
}

static guint64
stat_of (GstElement * source, const gchar * field)
{
  guint64 value = G_MAXUINT64;
  GstStructure *stats;

  g_object_get (source, "stats", &stats, NULL);
  fail_unless (gst_structure_get_uint64 (stats, field, &value), "%s", field);
  gst_structure_free (stats);
  return value;
}

static void
wait_for_eos (GstHarness * h)
{
  gboolean eos = FALSE;

  while (!eos) {
    GstEvent *event = gst_harness_pull_event (h);

    fail_unless (event != NULL);
    eos = GST_EVENT_TYPE (event) == GST_EVENT_EOS;
    gst_event_unref (event);
  }
}

GST_START_TEST (test_before_the_start_and_after_the_stop_all_is_flushing)
{
  App app;

  app_prepare (&app, "caps=" CAPS);
  for (int i = 0; i < 3; i++) {
    fail_unless (acquire (app.source, SIZE) == NULL);
    fail_unless_equals_int (result_of (app.source), GST_FLOW_FLUSHING);
    fail_unless_equals_int (push (app.source, gst_buffer_new_allocate (NULL, 4,
                NULL)), GST_FLOW_FLUSHING);
    fail_unless_equals_int (end (app.source), GST_FLOW_FLUSHING);
    gst_element_set_state (app.source, GST_STATE_PAUSED);
    push_filled (app.source, 1);
    gst_element_set_state (app.source, GST_STATE_READY);
  }
  app_stop (&app);
}

GST_END_TEST;

GST_START_TEST (test_buffers_go_through_without_a_copy_numbered_and_timed)
{
  gpointer data[20];
  App app;

  app_start (&app, "caps=" CAPS);
  for (guint i = 0; i < 20; i++) {
    GstBuffer *buffer = acquire (app.source, 0);
    GstMapInfo map;

    fail_unless_equals_int (result_of (app.source), GST_FLOW_OK);
    fail_unless (gst_buffer_map (buffer, &map, GST_MAP_WRITE));
    fail_unless_equals_int (map.size, SIZE);
    memset (map.data, (int) i, map.size);
    data[i] = map.data;
    gst_buffer_unmap (buffer, &map);
    fail_unless_equals_int (push (app.source, buffer), GST_FLOW_OK);
  }
  fail_unless_equals_int (end (app.source), GST_FLOW_OK);
  for (guint i = 0; i < 20; i++) {
    GstBuffer *buffer = gst_harness_pull (app.h);
    GstTieredSlotMeta *meta = gst_buffer_get_tiered_slot_meta (buffer);
    GstMapInfo map;

    fail_unless (gst_buffer_map (buffer, &map, GST_MAP_READ));
    fail_unless (map.data == data[i]);
    fail_unless_equals_int (map.data[SIZE - 1], i);
    gst_buffer_unmap (buffer, &map);
    fail_unless (gst_tiered_slot_meta_is_intact (meta));
    fail_unless_equals_uint64 (meta->header->sequence, i);
    fail_unless_equals_int (meta->header->samples, FRAMES);
    fail_unless_equals_int (meta->header->data_size, SIZE);
    fail_unless_equals_uint64 (GST_BUFFER_PTS (buffer),
        gst_util_uint64_scale (i * FRAMES, GST_SECOND, 48000));
    fail_unless_equals_uint64 (meta->header->timestamp,
        GST_BUFFER_PTS (buffer));
    fail_unless_equals_uint64 (GST_BUFFER_OFFSET (buffer), i * FRAMES);
    gst_buffer_unref (buffer);
  }
  wait_for_eos (app.h);
  fail_unless_equals_uint64 (stat_of (app.source, "buffers-out"), 20);
  fail_unless_equals_uint64 (stat_of (app.source, "foreign-buffers"), 0);
  app_stop (&app);
}

GST_END_TEST;

GST_START_TEST (test_what_the_application_fills_in_stays_and_counts_on)
{
  GstBuffer *buffer;
  App app;

  app_start (&app, "caps=" CAPS);
  buffer = acquire (app.source, SIZE);
  GST_BUFFER_PTS (buffer) = 5 * GST_SECOND;
  GST_BUFFER_OFFSET (buffer) = 77;
  fail_unless_equals_int (push (app.source, buffer), GST_FLOW_OK);
  push_filled (app.source, 0);

  buffer = gst_harness_pull (app.h);
  fail_unless_equals_uint64 (GST_BUFFER_PTS (buffer), 5 * GST_SECOND);
  fail_unless_equals_uint64 (GST_BUFFER_OFFSET (buffer), 77);
  gst_buffer_unref (buffer);
  buffer = gst_harness_pull (app.h);
  fail_unless_equals_uint64 (GST_BUFFER_PTS (buffer),
      5 * GST_SECOND + gst_util_uint64_scale (FRAMES, GST_SECOND, 48000));
  fail_unless_equals_uint64 (GST_BUFFER_OFFSET (buffer), FRAMES);
  gst_buffer_unref (buffer);
  app_stop (&app);
}

GST_END_TEST;

GST_START_TEST (test_foreign_and_shared_buffers_are_taken_and_foreign_counted)
{
  GstBuffer *buffer, *shared, *out;
  App app;

  app_start (&app, "caps=" CAPS);
  buffer = gst_buffer_new_allocate (NULL, 403, NULL);
  fail_unless_equals_int (push (app.source, buffer), GST_FLOW_OK);
  out = gst_harness_pull (app.h);
  /* Cut to whole frames. */
  fail_unless_equals_int (gst_buffer_get_size (out), 400);
  fail_unless_equals_uint64 (stat_of (app.source, "partial-bytes"), 3);
  gst_buffer_unref (out);

  /* Pushed twice: each time it is another buffer of the same memory. */
  shared = acquire (app.source, SIZE);
  gst_buffer_memset (shared, 0, 0x42, SIZE);
  for (guint i = 0; i < 2; i++) {
    fail_unless_equals_int (push (app.source, gst_buffer_ref (shared)),
        GST_FLOW_OK);
    out = gst_harness_pull (app.h);
    fail_unless (out != shared);
    fail_unless (gst_buffer_peek_memory (out, 0)
        == gst_buffer_peek_memory (shared, 0));
    fail_unless_equals_uint64 (GST_BUFFER_OFFSET (out), 100 + i * FRAMES);
    gst_buffer_unref (out);
  }
  fail_if (GST_BUFFER_PTS_IS_VALID (shared));
  gst_buffer_unref (shared);
  fail_unless_equals_uint64 (stat_of (app.source, "foreign-buffers"), 1);
  fail_unless_equals_uint64 (stat_of (app.source, "in-use"), 0);
  app_stop (&app);
}

GST_END_TEST;

static void
check_end (gboolean by_event)
{
  GstElement *pipeline = gst_parse_launch ("bufpoolsrc name=src mode=app caps="
      CAPS " ! fakesink", NULL);
  GstElement *source = gst_bin_get_by_name (GST_BIN (pipeline), "src");
  GstBus *bus = gst_element_get_bus (pipeline);

  gst_element_set_state (pipeline, GST_STATE_PAUSED);
  for (guint i = 0; i < 50; i++)
    push_filled (source, (guint8) i);
  if (by_event)
    fail_unless (gst_element_send_event (pipeline, gst_event_new_eos ()));
  else
    fail_unless_equals_int (end (source), GST_FLOW_OK);
  fail_unless (acquire (source, SIZE) == NULL);
  fail_unless_equals_int (result_of (source), GST_FLOW_EOS);
  fail_unless_equals_int (push (source, gst_buffer_new_allocate (NULL, 4,
              NULL)), GST_FLOW_EOS);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  gst_message_unref (gst_bus_timed_pop_filtered (bus, GST_CLOCK_TIME_NONE,
          GST_MESSAGE_EOS));
  fail_unless_equals_uint64 (stat_of (source, "buffers-out"), 50);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (bus);
  gst_object_unref (source);
  gst_object_unref (pipeline);
}

GST_START_TEST (test_the_end_of_the_stream_comes_after_all_that_was_pushed)
{
  check_end (FALSE);
  check_end (TRUE);
}

GST_END_TEST;

GST_START_TEST (test_an_exhausted_pool_leaves_out_and_shows_the_gap)
{
  GstBuffer *held[4], *next;
  App app;

  app_start (&app, "caps=" CAPS " tiers=4096x4 on-exhausted=drop");
  for (guint i = 0; i < 4; i++)
    held[i] = acquire (app.source, SIZE);
  for (guint i = 0; i < 3; i++) {
    fail_unless (acquire (app.source, SIZE) == NULL);
    fail_unless_equals_int (result_of (app.source), GST_FLOW_CUSTOM_SUCCESS);
  }
  fail_unless (acquire (app.source, 5000) == NULL);
  fail_unless_equals_int (result_of (app.source), GST_FLOW_ERROR);
  fail_unless_equals_int (push (app.source, held[0]), GST_FLOW_OK);
  next = gst_harness_pull (app.h);
  fail_unless_equals_uint64 (GST_BUFFER_OFFSET (next), 3 * FRAMES);
  fail_unless (GST_BUFFER_FLAG_IS_SET (next, GST_BUFFER_FLAG_DISCONT));
  fail_unless_equals_uint64 (gst_buffer_get_tiered_slot_meta (next)->header->
      sequence, 3);
  gst_buffer_unref (next);
  for (guint i = 1; i < 4; i++)
    gst_buffer_unref (held[i]);
  fail_unless_equals_uint64 (stat_of (app.source, "exhausted"), 3);
  fail_unless_equals_uint64 (stat_of (app.source, "buffers-dropped"), 3);
  fail_unless_equals_uint64 (stat_of (app.source, "bytes-dropped"), 3 * SIZE);
  app_stop (&app);
}

GST_END_TEST;

static void
check_exhausted_error (const gchar * policy)
{
  gchar *line = g_strdup_printf ("bufpoolsrc name=src mode=app caps=" CAPS
      " tiers=4096x2 %s ! fakesink", policy);
  GstElement *pipeline = gst_parse_launch (line, NULL);
  GstElement *source = gst_bin_get_by_name (GST_BIN (pipeline), "src");
  GstBus *bus = gst_element_get_bus (pipeline);
  GstBuffer *held[2];
  GstMessage *message;
  GError *error;

  gst_element_set_state (pipeline, GST_STATE_PAUSED);
  held[0] = acquire (source, SIZE);
  held[1] = acquire (source, SIZE);
  fail_unless (acquire (source, SIZE) == NULL);
  fail_unless_equals_int (result_of (source), GST_FLOW_CUSTOM_ERROR);
  message = gst_bus_timed_pop_filtered (bus, GST_CLOCK_TIME_NONE,
      GST_MESSAGE_ERROR);
  gst_message_parse_error (message, &error, NULL);
  fail_unless (g_error_matches (error, GST_RESOURCE_ERROR,
          GST_RESOURCE_ERROR_NO_SPACE_LEFT));
  g_error_free (error);
  gst_message_unref (message);
  gst_buffer_unref (held[0]);
  gst_buffer_unref (held[1]);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (bus);
  gst_object_unref (source);
  gst_object_unref (pipeline);
  g_free (line);
}

GST_START_TEST (test_an_exhausted_pool_is_an_error_if_so_set_or_at_the_timeout)
{
  check_exhausted_error ("on-exhausted=error");
  check_exhausted_error ("acquire-timeout=1000000");
}

GST_END_TEST;

/* Pushes until it is told that it cannot; the number of buffers pushed. */
static gpointer
push_until_stopped (gpointer source)
{
  guint pushed = 0;
  GstFlowReturn ret;

  do {
    GstBuffer *buffer = acquire (source, SIZE);

    ret = buffer == NULL ? result_of (source) : push (source, buffer);
    pushed += ret == GST_FLOW_OK;
  } while (ret == GST_FLOW_OK);
  fail_unless_equals_int (ret, GST_FLOW_FLUSHING);
  return GUINT_TO_POINTER (pushed);
}

GST_START_TEST (test_a_stop_ends_every_wait_and_what_it_drops_is_counted)
{
  for (int i = 0; i < 30; i++) {
    GThread *threads[3];
    guint64 pushed = 0;
    App app;

    /* In odd rounds nothing comes back: all wait for a slot. */
    app_start (&app, "caps=" CAPS " tiers=4096x8");
    gst_harness_set_drop_buffers (app.h, i % 2 == 0);
    for (guint t = 0; t < 3; t++)
      threads[t] = g_thread_new ("pusher", push_until_stopped, app.source);
    while (stat_of (app.source, i % 2 ? "exhausted" : "buffers-out") < 3)
      g_thread_yield ();
    gst_element_set_state (app.source, GST_STATE_READY);
    for (guint t = 0; t < 3; t++)
      pushed += GPOINTER_TO_UINT (g_thread_join (threads[t]));
    fail_unless_equals_uint64 (stat_of (app.source, "buffers-out")
        + stat_of (app.source, "buffers-dropped"), pushed);
    app_stop (&app);
  }
}

GST_END_TEST;

static gpointer
push_2000 (gpointer source)
{
  for (int i = 0; i < 2000; i++)
    push_filled (source, (guint8) i);
  return NULL;
}

GST_START_TEST (test_what_many_threads_push_comes_whole_and_numbered)
{
  GThread *threads[4];
  App app;

  app_start (&app, "caps=" CAPS);
  for (guint t = 0; t < 4; t++)
    threads[t] = g_thread_new ("pusher", push_2000, app.source);
  for (guint i = 0; i < 8000; i++) {
    GstBuffer *buffer = gst_harness_pull (app.h);
    GstTieredSlotMeta *meta = gst_buffer_get_tiered_slot_meta (buffer);

    fail_unless_equals_uint64 (meta->header->sequence, i);
    fail_unless_equals_uint64 (GST_BUFFER_OFFSET (buffer), i * FRAMES);
    gst_buffer_unref (buffer);
  }
  for (guint t = 0; t < 4; t++)
    g_thread_join (threads[t]);
  fail_unless_equals_uint64 (stat_of (app.source, "queued-buffers"), 0);
  app_stop (&app);
}

GST_END_TEST;

GST_START_TEST (test_a_flush_drops_what_is_queued_and_time_begins_anew)
{
  GstElement *pipeline = gst_parse_launch ("bufpoolsrc name=src mode=app caps="
      CAPS " ! fakesink name=sink", NULL);
  GstElement *source = gst_bin_get_by_name (GST_BIN (pipeline), "src");
  GstElement *sink = gst_bin_get_by_name (GST_BIN (pipeline), "sink");
  GstSample *sample;

  gst_element_set_state (pipeline, GST_STATE_PAUSED);
  push_filled (source, 1);
  gst_element_get_state (pipeline, NULL, NULL, GST_CLOCK_TIME_NONE);
  for (guint i = 0; i < 10; i++)
    push_filled (source, 2);
  fail_unless (gst_element_send_event (source, gst_event_new_flush_start ()));
  fail_unless_equals_int (push (source, gst_buffer_new_allocate (NULL, 4,
              NULL)), GST_FLOW_FLUSHING);
  fail_unless (gst_element_send_event (source,
          gst_event_new_flush_stop (TRUE)));
  fail_unless_equals_uint64 (stat_of (source, "buffers-out")
      + stat_of (source, "buffers-dropped"), 11);
  push_filled (source, 3);
  gst_element_get_state (pipeline, NULL, NULL, GST_CLOCK_TIME_NONE);
  do {
    g_object_get (sink, "last-sample", &sample, NULL);
  } while (sample == NULL);
  fail_unless_equals_uint64 (GST_BUFFER_PTS (gst_sample_get_buffer (sample)),
      0);
  gst_sample_unref (sample);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (sink);
  gst_object_unref (source);
  gst_object_unref (pipeline);
}

GST_END_TEST;

static void
check_segment (const gchar * settings, GstFormat format)
{
  const GstSegment *segment = NULL;
  GstEvent *event;
  App app;

  app_start (&app, settings);
  fail_unless_equals_int (push (app.source, gst_buffer_new_allocate (NULL, 8,
              NULL)), GST_FLOW_OK);
  gst_buffer_unref (gst_harness_pull (app.h));
  event = gst_pad_get_sticky_event (app.h->sinkpad, GST_EVENT_SEGMENT, 0);
  gst_event_parse_segment (event, &segment);
  fail_unless_equals_int (segment->format, format);
  gst_event_unref (event);
  app_stop (&app);
}

GST_START_TEST (test_the_format_follows_from_the_caps_unless_it_is_set)
{
  check_segment ("caps=" CAPS, GST_FORMAT_TIME);
  check_segment ("caps=video/x-raw,format=GRAY8,width=8,height=1,"
      "framerate=25/1", GST_FORMAT_TIME);
  check_segment ("", GST_FORMAT_BYTES);
  check_segment ("caps=video/x-h264,stream-format=byte-stream,alignment=au",
      GST_FORMAT_BYTES);
  check_segment ("format=time caps=video/x-h264,stream-format=byte-stream,"
      "alignment=au", GST_FORMAT_TIME);
}

GST_END_TEST;

GST_START_TEST (test_do_timestamp_stamps_with_the_time_of_the_push)
{
  GstBuffer *buffer;
  App app;

  app_prepare (&app, "is-live=true do-timestamp=true caps=" CAPS);
  gst_harness_use_testclock (app.h);
  gst_harness_play (app.h);
  gst_harness_set_time (app.h, 3 * GST_SECOND);
  push_filled (app.source, 1);
  gst_harness_set_time (app.h, 7 * GST_SECOND);
  push_filled (app.source, 1);
  buffer = gst_harness_pull (app.h);
  fail_unless_equals_uint64 (GST_BUFFER_PTS (buffer), 3 * GST_SECOND);
  fail_unless_equals_uint64 (gst_buffer_get_tiered_slot_meta (buffer)->header->
      timestamp, 3 * GST_SECOND);
  gst_buffer_unref (buffer);
  buffer = gst_harness_pull (app.h);
  fail_unless_equals_uint64 (GST_BUFFER_PTS (buffer), 7 * GST_SECOND);
  gst_buffer_unref (buffer);
  app_stop (&app);
}

GST_END_TEST;

static Suite *
bufpoolsrc_app_suite (void)
{
  Suite *suite = suite_create ("bufpoolsrc-app");
  TCase *tcase = tcase_create ("bufpoolsrc-app");

  suite_add_tcase (suite, tcase);
  tcase_add_test (tcase,
      test_before_the_start_and_after_the_stop_all_is_flushing);
  tcase_add_test (tcase,
      test_buffers_go_through_without_a_copy_numbered_and_timed);
  tcase_add_test (tcase, test_what_the_application_fills_in_stays_and_counts_on);
  tcase_add_test (tcase,
      test_foreign_and_shared_buffers_are_taken_and_foreign_counted);
  tcase_add_test (tcase,
      test_the_end_of_the_stream_comes_after_all_that_was_pushed);
  tcase_add_test (tcase, test_an_exhausted_pool_leaves_out_and_shows_the_gap);
  tcase_add_test (tcase,
      test_an_exhausted_pool_is_an_error_if_so_set_or_at_the_timeout);
  tcase_add_test (tcase,
      test_a_stop_ends_every_wait_and_what_it_drops_is_counted);
  tcase_add_test (tcase, test_what_many_threads_push_comes_whole_and_numbered);
  tcase_add_test (tcase,
      test_a_flush_drops_what_is_queued_and_time_begins_anew);
  tcase_add_test (tcase,
      test_the_format_follows_from_the_caps_unless_it_is_set);
  tcase_add_test (tcase, test_do_timestamp_stamps_with_the_time_of_the_push);
  return suite;
}

GST_CHECK_MAIN (bufpoolsrc_app);
