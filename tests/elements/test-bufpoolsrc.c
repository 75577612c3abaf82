/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <fcntl.h>
#include <glib/gstdio.h>
#include <gst/safecapture/safecapture.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bufpoolsrc-check.h"

static gchar *folder;

static gchar *
path_of (const gchar * name)
{
  return g_build_filename (folder, name, NULL);
}

GST_START_TEST (test_counter_buffers_carry_their_number_in_data_and_header)
{
  GstHarness *h = start_source ("bufpoolsrc pattern=counter num-buffers=1000 "
      "! " S16_STEREO);

  for (guint64 i = 0; i < 1000; i++) {
    GstBuffer *buffer = gst_harness_pull (h);
    GstTieredSlotMeta *meta = gst_buffer_get_tiered_slot_meta (buffer);
    GstMapInfo map;

    fail_unless (gst_buffer_map (buffer, &map, GST_MAP_READ));
    fail_unless_equals_int (map.size, 512);
    fail_unless_equals_uint64 (GST_READ_UINT64_LE (map.data), i);
    fail_unless_equals_uint64 (GST_READ_UINT64_LE (map.data + 504), i);
    gst_buffer_unmap (buffer, &map);
    fail_unless (gst_tiered_slot_meta_is_intact (meta));
    fail_unless_equals_uint64 (meta->header->sequence, i);
    fail_unless_equals_int (meta->header->sample_rate, 48000);
    fail_unless_equals_int (meta->header->channels, 2);
    fail_unless_equals_int (meta->header->sample_bits, 16);
    fail_unless_equals_int (meta->header->samples, 128);
    fail_unless_equals_uint64 (meta->header->timestamp,
        GST_BUFFER_PTS (buffer));
    gst_buffer_unref (buffer);
  }
  gst_harness_teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_times_do_not_drift_at_an_odd_rate)
{
  GstHarness *h = start_source ("bufpoolsrc samples-per-buffer=7 "
      "num-buffers=44100 ! audio/x-raw,rate=44100,channels=1");
  GstClockTime end = 0;

  for (guint64 i = 0; i < 44100; i++) {
    GstBuffer *buffer = gst_harness_pull (h);

    fail_unless_equals_uint64 (GST_BUFFER_PTS (buffer), end);
    fail_unless_equals_uint64 (GST_BUFFER_OFFSET (buffer), i * 7);
    end += GST_BUFFER_DURATION (buffer);
    gst_buffer_unref (buffer);
  }
  fail_unless_equals_uint64 (end, 7 * GST_SECOND);
  gst_harness_teardown (h);
}

GST_END_TEST;

static gsize
write_file (const gchar * path, gsize size)
{
  guint8 *data = g_malloc (size);

  for (gsize i = 0; i < size; i++)
    data[i] = (guint8) (i * 7 + i / 251);
  fail_unless (g_file_set_contents (path, (const gchar *) data, (gssize) size,
          NULL));
  g_free (data);
  return size;
}

/* Pulls until EOS and compares with the file's first @size bytes. */
static void
check_content (GstHarness * h, const gchar * path, gsize size)
{
  gchar *data;
  gsize length, at = 0;
  GstBuffer *buffer;

  fail_unless (g_file_get_contents (path, &data, &length, NULL));
  fail_unless (length >= size);
  while (at < size) {
    buffer = gst_harness_pull (h);
    fail_unless (buffer != NULL);
    fail_unless (at + gst_buffer_get_size (buffer) <= size);
    fail_unless_equals_int (gst_buffer_memcmp (buffer, 0, data + at,
            gst_buffer_get_size (buffer)), 0);
    at += gst_buffer_get_size (buffer);
    gst_buffer_unref (buffer);
  }
  for (;;) {
    GstEvent *event = gst_harness_pull_event (h);
    gboolean eos = GST_EVENT_TYPE (event) == GST_EVENT_EOS;

    gst_event_unref (event);
    if (eos)
      break;
  }
  fail_unless_equals_int (gst_harness_buffers_in_queue (h), 0);
  g_free (data);
}

static GstHarness *
start_file (const gchar * path, const gchar * more)
{
  gchar *line = g_strdup_printf ("bufpoolsrc name=src mode=file location=%s %s",
      path, more);
  GstHarness *h = start_source (line);

  g_free (line);
  return h;
}

GST_START_TEST (test_a_file_comes_whole_and_a_cut_frame_is_left_out_and_counted)
{
  gchar *path = path_of ("whole.raw");
  gsize size = write_file (path, 100003);
  GstHarness *h = start_file (path, "caps=" S16_STEREO);
  GstElement *source = gst_harness_find_element (h, "bufpoolsrc");

  check_content (h, path, size - 3);
  fail_unless_equals_uint64 (stat_of (source, "partial-bytes"), 3);
  fail_unless_equals_uint64 (stat_of (source, "bytes-out"), 100000);
  fail_unless_equals_uint64 (stat_of (source, "samples-out"), 25000);
  gst_object_unref (source);
  gst_harness_teardown (h);

  /* Not audio: to the last byte. */
  h = start_file (path, "blocksize=1000 caps=application/x-anything");
  check_content (h, path, size);
  gst_harness_teardown (h);
  h = start_file (path, "");
  check_content (h, path, size);
  gst_harness_teardown (h);
  write_file (path, 0);
  h = start_file (path, "caps=" S16_STEREO);
  check_content (h, path, 0);
  gst_harness_teardown (h);
  g_free (path);
}

GST_END_TEST;

static gpointer
feed_fifo (gpointer fifo)
{
  gchar *path = path_of ("fed.raw"), *data;
  int fd = open (fifo, O_WRONLY);
  gsize size, at = 0, n = 1;

  fail_unless (fd != -1);
  fail_unless (g_file_get_contents (path, &data, &size, NULL));
  for (; at < size; at += n, n = n % 1500 + 13) {
    n = MIN (n, size - at);
    fail_unless_equals_int (write (fd, data + at, n), (gssize) n);
  }
  close (fd);
  g_free (data);
  g_free (path);
  return NULL;
}

GST_START_TEST (test_a_fifo_written_in_odd_pieces_comes_in_whole_buffers)
{
  gchar *fifo = path_of ("fifo"), *path = path_of ("fed.raw");
  gsize size = write_file (path, 300000);
  GstHarness *h;
  GThread *feeder;

  fail_unless_equals_int (mkfifo (fifo, 0600), 0);
  h = start_file (fifo, "caps=" S16_STEREO);
  feeder = g_thread_new ("feeder", feed_fifo, fifo);
  check_content (h, path, size);
  g_thread_join (feeder);
  gst_harness_teardown (h);
  g_remove (fifo);
  g_free (fifo);
  g_free (path);
}

GST_END_TEST;

GST_START_TEST (test_a_read_that_waits_ends_at_once_when_stopped_or_at_eos)
{
  int ends[2];

  fail_unless_equals_int (pipe (ends), 0);
  for (int i = 0; i < 50; i++) {
    GstElement *pipeline = gst_parse_launch ("bufpoolsrc name=src mode=file "
        "caps=" S16_STEREO " ! fakesink", NULL);
    GstElement *source = gst_bin_get_by_name (GST_BIN (pipeline), "src");

    g_object_set (source, "fd", ends[0], NULL);
    gst_element_set_state (pipeline, GST_STATE_PLAYING);
    if (i % 2) {
      GstBus *bus = gst_element_get_bus (pipeline);

      fail_unless_equals_int (write (ends[1], "12345", 5), 5);
      fail_unless (gst_element_send_event (pipeline, gst_event_new_eos ()));
      gst_message_unref (gst_bus_timed_pop_filtered (bus, GST_CLOCK_TIME_NONE,
              GST_MESSAGE_EOS));
      gst_object_unref (bus);
    }
    gst_element_set_state (pipeline, GST_STATE_NULL);
    gst_object_unref (source);
    gst_object_unref (pipeline);
  }
  /* The application's descriptor stays open. */
  fail_unless_equals_int (write (ends[1], "x", 1), 1);
  close (ends[0]);
  close (ends[1]);
}

GST_END_TEST;

GST_START_TEST (test_each_bad_setting_is_an_error_with_its_remedy)
{
  check_error ("bufpoolsrc mode=file ! fakesink", GST_RESOURCE_ERROR,
      GST_RESOURCE_ERROR_NOT_FOUND, "Set location");
  check_error ("bufpoolsrc mode=file location=/does/not/exist ! fakesink",
      GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_NOT_FOUND, "does not exist");
  check_error ("bufpoolsrc mode=file location=/ ! fakesink",
      GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_OPEN_READ, "is a folder");
  check_error ("bufpoolsrc mode=file fd=987654 ! fakesink",
      GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_OPEN_READ, "Check location or fd");
  check_error ("bufpoolsrc mode=file location=/dev/zero caps=audio/x-raw ! "
      "fakesink", GST_CORE_ERROR, GST_CORE_ERROR_NEGOTIATION, "Set for example");
  check_error ("bufpoolsrc mode=file location=/dev/zero ! audioconvert ! "
      "fakesink", GST_CORE_ERROR, GST_CORE_ERROR_NEGOTIATION, "Set for example");
  check_error ("bufpoolsrc mode=file location=/dev/zero caps=audio/x-raw,"
      "format=S16LE,rate=48000,channels=2,layout=non-interleaved ! fakesink",
      GST_CORE_ERROR, GST_CORE_ERROR_NEGOTIATION, "layout=interleaved");
  check_error ("bufpoolsrc tiers=4096 ! fakesink", GST_LIBRARY_ERROR,
      GST_LIBRARY_ERROR_SETTINGS, "at byte 4");
  check_error ("bufpoolsrc profile=custom ! fakesink", GST_LIBRARY_ERROR,
      GST_LIBRARY_ERROR_SETTINGS, "tiers=");
  check_error ("bufpoolsrc tiers=1073741824x16128 ! fakesink",
      GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_NO_SPACE_LEFT, "fewer or smaller");
  check_error ("bufpoolsrc mode=app caps=audio/x-raw ! fakesink",
      GST_CORE_ERROR, GST_CORE_ERROR_NEGOTIATION, "mode=app needs caps");
  check_error ("bufpoolsrc mode=app format=percent ! fakesink",
      GST_LIBRARY_ERROR, GST_LIBRARY_ERROR_SETTINGS, "time or bytes");
  check_error ("bufpoolsrc profile=embedded samples-per-buffer=256 ! "
      "audio/x-raw,format=S32LE,channels=8 ! fakesink", GST_RESOURCE_ERROR,
      GST_RESOURCE_ERROR_SETTINGS, "at most 128");
  check_error ("bufpoolsrc mode=file location=/dev/zero blocksize=5000 "
      "profile=embedded ! fakesink", GST_RESOURCE_ERROR,
      GST_RESOURCE_ERROR_SETTINGS, "blocksize");
}

GST_END_TEST;

/* A harness that keeps what it gets, so that the pool runs empty. */
static GstBuffer *
pull_and_hold (GstHarness * h, GstBuffer ** held, int count)
{
  for (int i = 0; i < count; i++)
    held[i] = gst_harness_pull (h);
  return held[count - 1];
}

GST_START_TEST (test_an_exhausted_pool_drops_and_counts_and_shows_the_gap)
{
  GstHarness *h = start_source ("bufpoolsrc pattern=counter tiers=4096x4 "
      "on-exhausted=drop ! " S16_STEREO);
  GstElement *source = gst_harness_find_element (h, "bufpoolsrc");
  GstBuffer *held[4], *next;
  guint64 sequence;

  fail_unless_equals_uint64 (GST_BUFFER_OFFSET (pull_and_hold (h, held, 4)),
      3 * 128);
  while (stat_of (source, "buffers-dropped") < 5)
    g_thread_yield ();
  for (int i = 0; i < 4; i++)
    gst_buffer_unref (held[i]);
  next = gst_harness_pull (h);
  sequence = gst_buffer_get_tiered_slot_meta (next)->header->sequence;
  fail_unless (sequence >= 4 + 5);
  fail_unless_equals_uint64 (GST_BUFFER_OFFSET (next), sequence * 128);
  fail_unless (GST_BUFFER_FLAG_IS_SET (next, GST_BUFFER_FLAG_DISCONT));
  gst_buffer_unref (next);
  fail_unless (stat_of (source, "exhausted") >= 5);
  fail_unless_equals_uint64 (stat_of (source, "bytes-dropped"),
      512 * stat_of (source, "buffers-dropped"));
  gst_object_unref (source);
  gst_harness_teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_a_wait_for_a_slot_that_comes_back_is_no_failure)
{
  GstHarness *h = start_source ("bufpoolsrc tiers=4096x4 ! " S16_STEREO);
  GstElement *source = gst_harness_find_element (h, "bufpoolsrc");
  GstBuffer *held[4];

  pull_and_hold (h, held, 4);
  while (stat_of (source, "waits") < 1)
    g_thread_yield ();
  fail_unless (stat_of (source, "exhausted") >= 1);
  for (int i = 0; i < 4; i++)
    gst_buffer_unref (held[i]);
  gst_buffer_unref (gst_harness_pull (h));
  fail_unless_equals_uint64 (stat_of (source, "failures"), 0);
  gst_object_unref (source);
  gst_harness_teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_an_exhausted_pool_is_an_error_if_so_set_or_at_the_timeout)
{
  check_error ("bufpoolsrc tiers=4096x4 on-exhausted=error ! queue "
      "max-size-buffers=100 min-threshold-buffers=99 ! fakesink",
      GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_NO_SPACE_LEFT, "exhausted");
  check_error ("bufpoolsrc tiers=4096x4 acquire-timeout=1000000 ! queue "
      "max-size-buffers=100 min-threshold-buffers=99 ! fakesink",
      GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_NO_SPACE_LEFT, "exhausted");
}

GST_END_TEST;

static GstMessage *
next_named (GstBus * bus, const gchar * name)
{
  for (;;) {
    GstMessage *message = gst_bus_timed_pop_filtered (bus,
        GST_CLOCK_TIME_NONE, GST_MESSAGE_ELEMENT);

    if (gst_message_has_name (message, name))
      return message;
    gst_message_unref (message);
  }
}

GST_START_TEST (test_exhaustion_is_told_and_a_wait_ends_by_stop)
{
  GstElement *pipeline = gst_parse_launch ("bufpoolsrc tiers=4096x4 "
      "metrics-interval=0 ! queue max-size-buffers=100 "
      "min-threshold-buffers=99 ! fakesink async=false", NULL);
  GstBus *bus = gst_element_get_bus (pipeline);
  GstMessage *message;
  guint64 in_use = 0;

  for (int i = 0; i < 10; i++) {
    gst_element_set_state (pipeline, GST_STATE_PLAYING);
    message = next_named (bus, "bufpoolsrc-exhausted");
    fail_unless (gst_structure_get_uint64 (gst_message_get_structure (message),
            "in-use", &in_use));
    fail_unless_equals_uint64 (in_use, 4);
    fail_unless_equals_string (gst_structure_get_string
        (gst_message_get_structure (message), "policy"), "wait");
    gst_message_unref (message);
    gst_element_set_state (pipeline, GST_STATE_READY);
    gst_bus_set_flushing (bus, TRUE);
    gst_bus_set_flushing (bus, FALSE);
  }
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (bus);
  gst_object_unref (pipeline);
}

GST_END_TEST;

GST_START_TEST (test_a_live_source_is_paced_by_the_clock)
{
  GstHarness *h = new_source ("bufpoolsrc is-live=true "
      "samples-per-buffer=4800 ! " S16_STEREO);

  GstTestClock *clock;

  gst_harness_use_testclock (h);
  clock = gst_harness_get_testclock (h);
  gst_harness_play (h);
  /* Buffer n is not made before n tenths of a second. */
  for (GstClockTime i = 0; i < 20; i++) {
    GstBuffer *buffer;

    fail_unless (gst_harness_crank_single_clock_wait (h));
    buffer = gst_harness_pull (h);
    fail_unless_equals_uint64 (GST_BUFFER_PTS (buffer), i * GST_SECOND / 10);
    fail_unless_equals_uint64 (gst_clock_get_time (GST_CLOCK (clock)),
        i * GST_SECOND / 10);
    gst_buffer_unref (buffer);
  }
  gst_object_unref (clock);
  gst_harness_teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_what_downstream_keeps_at_stop_stays_valid)
{
  GstHarness *h = start_source ("bufpoolsrc pattern=counter ! " S16_STEREO);
  GstBuffer *held[10];

  pull_and_hold (h, held, 10);
  gst_harness_teardown (h);
  for (int i = 0; i < 10; i++) {
    guint8 word[8];

    fail_unless_equals_int (gst_buffer_extract (held[i], 0, word, 8), 8);
    fail_unless_equals_uint64 (GST_READ_UINT64_LE (word), i);
    gst_buffer_unref (held[i]);
  }
}

GST_END_TEST;

GST_START_TEST (test_200_starts_and_stops_end_as_they_began)
{
  GstElement *pipeline = gst_parse_launch ("bufpoolsrc name=src "
      "profile=embedded pattern=noise ! fakesink", NULL);
  GstElement *source = gst_bin_get_by_name (GST_BIN (pipeline), "src");

  for (int i = 0; i < 200; i++) {
    gst_element_set_state (pipeline, i % 2 ? GST_STATE_PLAYING
        : GST_STATE_PAUSED);
    if (i % 3)
      gst_element_get_state (pipeline, NULL, NULL, GST_CLOCK_TIME_NONE);
    gst_element_set_state (pipeline, GST_STATE_READY);
    fail_unless_equals_uint64 (stat_of (source, "foreign-releases")
        + stat_of (source, "double-releases")
        + stat_of (source, "corrupted-headers"), 0);
  }
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (source);
  gst_object_unref (pipeline);
}

GST_END_TEST;

static Suite *
bufpoolsrc_suite (void)
{
  Suite *suite = suite_create ("bufpoolsrc");
  TCase *tcase = tcase_create ("bufpoolsrc");

  suite_add_tcase (suite, tcase);
  tcase_add_test (tcase,
      test_counter_buffers_carry_their_number_in_data_and_header);
  tcase_add_test (tcase, test_times_do_not_drift_at_an_odd_rate);
  tcase_add_test (tcase,
      test_a_file_comes_whole_and_a_cut_frame_is_left_out_and_counted);
  tcase_add_test (tcase,
      test_a_fifo_written_in_odd_pieces_comes_in_whole_buffers);
  tcase_add_test (tcase,
      test_a_read_that_waits_ends_at_once_when_stopped_or_at_eos);
  tcase_add_test (tcase, test_each_bad_setting_is_an_error_with_its_remedy);
  tcase_add_test (tcase,
      test_an_exhausted_pool_drops_and_counts_and_shows_the_gap);
  tcase_add_test (tcase,
      test_a_wait_for_a_slot_that_comes_back_is_no_failure);
  tcase_add_test (tcase,
      test_an_exhausted_pool_is_an_error_if_so_set_or_at_the_timeout);
  tcase_add_test (tcase, test_exhaustion_is_told_and_a_wait_ends_by_stop);
  tcase_add_test (tcase, test_a_live_source_is_paced_by_the_clock);
  tcase_add_test (tcase, test_what_downstream_keeps_at_stop_stays_valid);
  tcase_add_test (tcase, test_200_starts_and_stops_end_as_they_began);
  return suite;
}

static void
remove_folder (void)
{
  static const gchar *const names[] = { "whole.raw", "fed.raw", "fifo" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    gchar *path = path_of (names[i]);

    (void) g_remove (path);
    g_free (path);
  }
  (void) g_rmdir (folder);
  g_free (folder);
}

int
main (int argc, char **argv)
{
  int failed;

  gst_check_init (&argc, &argv);
  folder = g_dir_make_tmp ("bufpoolsrc-XXXXXX", NULL);
  failed = gst_check_run_suite (bufpoolsrc_suite (), "bufpoolsrc", __FILE__);
  remove_folder ();
  return failed;
}
