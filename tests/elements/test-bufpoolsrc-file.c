/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* bufpoolsrc with mode=file: seeks, queries, and the corners of descriptors. */
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "bufpoolsrc-player.h"

#define RATE 44100
#define FRAMES (3 * RATE)
#define CAPS "audio/x-raw,format=S16LE,rate=44100,channels=2,layout=interleaved"

static gchar *folder, *path;

/* A file whose frames hold their numbers. */
static void
write_frames (const gchar * name, guint32 from, guint32 count, int flags)
{
  guint32 *data = g_new (guint32, count);
  gssize size = (gssize) count * FRAME_BYTES;
  int fd = open (name, O_WRONLY | O_CREAT | flags, 0600);

  for (guint32 i = 0; i < count; i++)
    data[i] = GUINT32_TO_LE (from + i);
  /* Also called outside of the tests. */
  g_assert_cmpint (fd, !=, -1);
  g_assert_cmpint (write (fd, data, (gsize) size), ==, size);
  g_assert_cmpint (close (fd), ==, 0);
  g_free (data);
}

static void
player_open_file (Player * self)
{
  gchar *source = g_strdup_printf ("location=%s caps=" CAPS, path);

  player_open (self, source);
  g_free (source);
}

static gboolean
seek (Player * self, GstFormat format, GstSeekFlags flags, GstSeekType t1,
    gint64 start, GstSeekType t2, gint64 stop)
{
  return gst_element_seek (self->pipeline, 1.0, format, flags, t1, start, t2,
      stop);
}

static void
check_seek (GstFormat format, GstSeekType t1, gint64 start, GstSeekType t2,
    gint64 stop, guint32 from, guint32 to)
{
  Player player;

  player_open_file (&player);
  player_pause (&player);
  fail_unless (seek (&player, format, GST_SEEK_FLAG_FLUSH
          | GST_SEEK_FLAG_ACCURATE, t1, start, t2, stop));
  player_run_to (&player, GST_MESSAGE_EOS);
  check_frames (&player, from, to);
  if (to > from)
    fail_unless_equals_uint64 (player.first_pts,
        gst_util_uint64_scale (from, GST_SECOND, RATE));
  player_close (&player);
}

GST_START_TEST (test_a_seek_begins_and_ends_at_the_very_frame)
{
  const GstSeekType none = GST_SEEK_TYPE_NONE, set = GST_SEEK_TYPE_SET,
      end = GST_SEEK_TYPE_END;

  check_seek (GST_FORMAT_TIME, set, GST_SECOND, none, 0, RATE, FRAMES);
  check_seek (GST_FORMAT_TIME, set, GST_SECOND / 2, set, 5 * GST_SECOND / 4,
      RATE / 2, 55125);
  /* 22,675 ns is frame 1's time; 1 ns later the next is frame 2. */
  check_seek (GST_FORMAT_TIME, set, 22675, set, 22676, 1, 2);
  check_seek (GST_FORMAT_TIME, set, 22676, none, 0, 2, FRAMES);
  check_seek (GST_FORMAT_TIME, end, -(gint64) GST_SECOND / 2, none, 0,
      FRAMES - RATE / 2, FRAMES);
  check_seek (GST_FORMAT_DEFAULT, set, 1234, set, 2345, 1234, 2345);
  check_seek (GST_FORMAT_DEFAULT, end, -10, none, 0, FRAMES - 10, FRAMES);
  check_seek (GST_FORMAT_BYTES, set, 4000, set, 8000, 1000, 2000);
  check_seek (GST_FORMAT_BYTES, end, -400, none, 0, FRAMES - 100, FRAMES);
}

GST_END_TEST;

GST_START_TEST (test_a_seek_to_the_end_or_beyond_is_the_end_of_the_stream)
{
  check_seek (GST_FORMAT_TIME, GST_SEEK_TYPE_SET, 3 * GST_SECOND,
      GST_SEEK_TYPE_NONE, 0, FRAMES, FRAMES);
  check_seek (GST_FORMAT_TIME, GST_SEEK_TYPE_SET, 999 * GST_SECOND,
      GST_SEEK_TYPE_NONE, 0, FRAMES, FRAMES);
  check_seek (GST_FORMAT_TIME, GST_SEEK_TYPE_END, 0, GST_SEEK_TYPE_NONE, 0,
      FRAMES, FRAMES);
}

GST_END_TEST;

GST_START_TEST (test_segment_seeks_that_do_not_flush_follow_without_a_gap)
{
  Player player;

  player_open_file (&player);
  player_pause (&player);
  fail_unless (seek (&player, GST_FORMAT_TIME, GST_SEEK_FLAG_FLUSH
          | GST_SEEK_FLAG_SEGMENT, GST_SEEK_TYPE_SET, 0, GST_SEEK_TYPE_SET,
          GST_SECOND));
  player_run_to (&player, GST_MESSAGE_SEGMENT_DONE);
  check_frames (&player, 0, RATE);
  fail_unless (seek (&player, GST_FORMAT_TIME, GST_SEEK_FLAG_SEGMENT,
          GST_SEEK_TYPE_SET, GST_SECOND, GST_SEEK_TYPE_SET, 2 * GST_SECOND));
  player_run_to (&player, GST_MESSAGE_SEGMENT_DONE);
  check_frames (&player, 0, 2 * RATE);
  fail_unless (seek (&player, GST_FORMAT_TIME, GST_SEEK_FLAG_NONE,
          GST_SEEK_TYPE_SET, 2 * GST_SECOND, GST_SEEK_TYPE_SET, -1));
  player_run_to (&player, GST_MESSAGE_EOS);
  check_frames (&player, 0, FRAMES);
  fail_unless_equals_int (player.flushes, 1);
  player_close (&player);
}

GST_END_TEST;

GST_START_TEST (test_a_seek_queued_before_the_start_is_where_it_starts)
{
  Player player;

  player_open_file (&player);
  gst_element_set_state (player.pipeline, GST_STATE_READY);
  fail_unless (gst_element_send_event (player.source, gst_event_new_seek (1.0,
              GST_FORMAT_TIME, GST_SEEK_FLAG_NONE, GST_SEEK_TYPE_SET,
              GST_SECOND, GST_SEEK_TYPE_NONE, 0)));
  player_run_to (&player, GST_MESSAGE_EOS);
  check_frames (&player, RATE, FRAMES);
  player_close (&player);
}

GST_END_TEST;

static gboolean
seek_element (GstElement * element, gdouble rate, GstFormat format)
{
  return gst_element_send_event (element, gst_event_new_seek (rate, format,
          GST_SEEK_FLAG_FLUSH, GST_SEEK_TYPE_SET, 0, GST_SEEK_TYPE_SET,
          1000000));
}

GST_START_TEST (test_a_seek_that_cannot_be_done_is_refused_without_a_trace)
{
  Player player;
  int ends[2];

  player_open_file (&player);
  player_pause (&player);
  fail_if (seek_element (player.pipeline, -1.0, GST_FORMAT_TIME));
  fail_if (seek_element (player.source, -1.0, GST_FORMAT_TIME));
  fail_if (seek_element (player.pipeline, 1.0, GST_FORMAT_BUFFERS));
  player_run_to (&player, GST_MESSAGE_EOS);
  check_frames (&player, 0, FRAMES);
  fail_unless_equals_int (player.flushes, 0);
  fail_unless_equals_int (player.segments, 1);
  player_close (&player);

  fail_unless_equals_int (pipe (ends), 0);
  player_open (&player, "caps=" CAPS);
  g_object_set (player.source, "fd", ends[0], NULL);
  fail_unless_equals_int (write (ends[1], "abcdefgh", 8), 8);
  close (ends[1]);
  player_pause (&player);
  fail_if (seek_element (player.pipeline, 1.0, GST_FORMAT_TIME));
  fail_if (seek_element (player.source, 1.0, GST_FORMAT_BYTES));
  player_run_to (&player, GST_MESSAGE_EOS);
  fail_unless_equals_int (player.bytes->len, 8);
  fail_unless_equals_int (player.flushes, 0);
  player_close (&player);
  close (ends[0]);
}

GST_END_TEST;

static gint64
duration_of (Player * self, GstFormat format)
{
  gint64 duration = -2;

  fail_unless (gst_element_query_duration (self->pipeline, format, &duration));
  return duration;
}

GST_START_TEST (test_raw_audio_answers_in_time_frames_and_bytes)
{
  gint64 value = 0, position[3];
  gboolean seekable = FALSE;
  GstQuery *query;
  Player player;

  player_open_file (&player);
  player_pause (&player);
  fail_unless_equals_uint64 (duration_of (&player, GST_FORMAT_TIME),
      3 * GST_SECOND);
  fail_unless_equals_int (duration_of (&player, GST_FORMAT_DEFAULT), FRAMES);
  fail_unless_equals_int (duration_of (&player, GST_FORMAT_BYTES),
      FRAMES * FRAME_BYTES);
  fail_unless (gst_element_query_convert (player.source, GST_FORMAT_BYTES,
          4 * RATE, GST_FORMAT_TIME, &value));
  fail_unless_equals_uint64 (value, GST_SECOND);
  fail_unless (gst_element_query_convert (player.source, GST_FORMAT_TIME,
          GST_SECOND, GST_FORMAT_DEFAULT, &value));
  fail_unless_equals_int (value, RATE);
  query = gst_query_new_seeking (GST_FORMAT_DEFAULT);
  fail_unless (gst_element_query (player.source, query));
  gst_query_parse_seeking (query, NULL, &seekable, NULL, &value);
  fail_unless (seekable && value == FRAMES);
  gst_query_unref (query);
  query = gst_query_new_scheduling ();
  fail_unless (gst_element_query (player.source, query));
  fail_unless (gst_query_has_scheduling_mode_with_flags (query,
          GST_PAD_MODE_PUSH, GST_SCHEDULING_FLAG_SEEKABLE));
  fail_if (gst_query_has_scheduling_mode (query, GST_PAD_MODE_PULL));
  gst_query_unref (query);

  player_run_to (&player, GST_MESSAGE_EOS);
  fail_unless (gst_element_query_position (player.source, GST_FORMAT_TIME,
          &position[0]));
  fail_unless (gst_element_query_position (player.source, GST_FORMAT_DEFAULT,
          &position[1]));
  fail_unless (gst_element_query_position (player.source, GST_FORMAT_BYTES,
          &position[2]));
  fail_unless_equals_uint64 (position[0], 3 * GST_SECOND);
  fail_unless_equals_int (position[1], FRAMES);
  fail_unless_equals_int (position[2], FRAMES * FRAME_BYTES);
  player_close (&player);
}

GST_END_TEST;

GST_START_TEST (test_a_file_that_grows_is_longer_and_can_be_sought_in_further)
{
  gchar *growing = g_build_filename (folder, "growing.raw", NULL);
  gchar *source = g_strdup_printf ("location=%s caps=" CAPS, growing);
  Player player;

  write_frames (growing, 0, 1000, O_TRUNC);
  player_open (&player, source);
  player_run_to (&player, GST_MESSAGE_EOS);
  check_frames (&player, 0, 1000);
  write_frames (growing, 1000, 9000, O_APPEND);
  fail_unless_equals_int (duration_of (&player, GST_FORMAT_DEFAULT), 10000);
  fail_unless (seek (&player, GST_FORMAT_DEFAULT, GST_SEEK_FLAG_FLUSH,
          GST_SEEK_TYPE_SET, 5000, GST_SEEK_TYPE_NONE, 0));
  player_run_to (&player, GST_MESSAGE_EOS);
  check_frames (&player, 5000, 10000);
  player_close (&player);
  g_remove (growing);
  g_free (source);
  g_free (growing);
}

GST_END_TEST;

GST_START_TEST (test_bytes_of_no_declared_kind_can_be_sought_in_by_bytes_only)
{
  gchar *source = g_strdup_printf ("location=%s blocksize=700", path);
  Player player;

  player_open (&player, source);
  player_pause (&player);
  fail_unless_equals_int (duration_of (&player, GST_FORMAT_BYTES),
      FRAMES * FRAME_BYTES);
  fail_if (seek_element (player.pipeline, 1.0, GST_FORMAT_TIME));
  fail_unless (seek (&player, GST_FORMAT_BYTES, GST_SEEK_FLAG_FLUSH,
          GST_SEEK_TYPE_SET, 4000, GST_SEEK_TYPE_SET, 12000));
  player_run_to (&player, GST_MESSAGE_EOS);
  check_frames (&player, 1000, 3000);
  player_close (&player);
  g_free (source);
}

GST_END_TEST;

GST_START_TEST (test_the_stream_of_a_descriptor_begins_where_it_stands)
{
  int fd = open (path, O_RDONLY);
  Player player;

  fail_unless (fd != -1);
  fail_unless_equals_int (lseek (fd, 400, SEEK_SET), 400);
  player_open (&player, "caps=" CAPS);
  g_object_set (player.source, "fd", fd, NULL);
  player_run_to (&player, GST_MESSAGE_EOS);
  check_frames (&player, 100, FRAMES);
  fail_unless_equals_int (duration_of (&player, GST_FORMAT_DEFAULT),
      FRAMES - 100);
  fail_unless (seek (&player, GST_FORMAT_DEFAULT, GST_SEEK_FLAG_FLUSH,
          GST_SEEK_TYPE_SET, 0, GST_SEEK_TYPE_SET, 50));
  player_run_to (&player, GST_MESSAGE_EOS);
  check_frames (&player, 100, 150);
  player_close (&player);
  /* Still open, and the application's. */
  fail_unless_equals_int (lseek (fd, 0, SEEK_CUR), 150 * FRAME_BYTES);
  close (fd);
}

GST_END_TEST;

static gpointer
feed_pieces (gpointer end)
{
  int fd = GPOINTER_TO_INT (end);

  for (guint32 i = 0; i < 5000; i++) {
    guint32 frame = GUINT32_TO_LE (i);
    guint8 *bytes = (guint8 *) & frame;

    /* Frames cut in two by the writes. */
    fail_unless_equals_int (write (fd, bytes, 1), 1);
    fail_unless_equals_int (write (fd, bytes + 1, 3), 3);
  }
  close (fd);
  return NULL;
}

GST_START_TEST (test_a_descriptor_that_does_not_block_is_waited_for)
{
  GThread *feeder;
  Player player;
  int ends[2];

  fail_unless_equals_int (pipe (ends), 0);
  fail_unless_equals_int (fcntl (ends[0], F_SETFL, O_NONBLOCK), 0);
  player_open (&player, "caps=" CAPS);
  g_object_set (player.source, "fd", ends[0], NULL);
  feeder = g_thread_new ("feeder", feed_pieces, GINT_TO_POINTER (ends[1]));
  player_run_to (&player, GST_MESSAGE_EOS);
  check_frames (&player, 0, 5000);
  g_thread_join (feeder);
  player_close (&player);
  close (ends[0]);
}

GST_END_TEST;

GST_START_TEST (test_an_eos_event_passes_on_what_has_been_read)
{
  guint32 frames[11];
  int ends[2], left;
  Player player;

  for (guint32 i = 0; i < 11; i++)
    frames[i] = GUINT32_TO_LE (i);
  fail_unless_equals_int (pipe (ends), 0);
  player_open (&player, "caps=" CAPS);
  g_object_set (player.source, "fd", ends[0], NULL);
  gst_element_set_state (player.pipeline, GST_STATE_PLAYING);
  /* Ten frames and a half, of the thousand that a buffer takes. */
  fail_unless_equals_int (write (ends[1], frames, 42), 42);
  do {
    fail_unless_equals_int (ioctl (ends[0], FIONREAD, &left), 0);
  } while (left > 0);
  fail_unless (gst_element_send_event (player.pipeline,
          gst_event_new_eos ()));
  player_run_to (&player, GST_MESSAGE_EOS);
  check_frames (&player, 0, 10);
  player_close (&player);
  close (ends[0]);
  close (ends[1]);
}

GST_END_TEST;

GST_START_TEST (test_an_eos_event_ends_the_wait_for_a_slot_and_a_seek_goes_on)
{
  GstElement *pipeline, *source;
  guint64 waits = 0;
  gchar *line = g_strdup_printf ("bufpoolsrc name=src mode=file location=%s "
      "tiers=4096x4 caps=" CAPS " ! queue max-size-buffers=100 "
      "min-threshold-buffers=99 ! fakesink", path);
  GstBus *bus;

  pipeline = gst_parse_launch (line, NULL);
  source = gst_bin_get_by_name (GST_BIN (pipeline), "src");
  bus = gst_element_get_bus (pipeline);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  for (int i = 0; i < 5; i++) {
    /* The queue keeps all four. */
    while (waits <= (guint64) i) {
      GstStructure *stats;

      g_object_get (source, "stats", &stats, NULL);
      gst_structure_get_uint64 (stats, "exhausted", &waits);
      gst_structure_free (stats);
    }
    fail_unless (gst_element_send_event (pipeline, gst_event_new_eos ()));
    gst_message_unref (gst_bus_timed_pop_filtered (bus, GST_CLOCK_TIME_NONE,
            GST_MESSAGE_EOS));
    fail_unless (seek_element (pipeline, 1.0, GST_FORMAT_BYTES));
  }
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (bus);
  gst_object_unref (source);
  gst_object_unref (pipeline);
  g_free (line);
}

GST_END_TEST;

GST_START_TEST (test_a_read_that_fails_is_an_error_with_the_place)
{
  GError *error = NULL;
  GstMessage *message;
  gchar *debug;
  Player player;

  /* Reading address 0 of our own memory is refused with EIO. */
  player_open (&player, "location=/proc/self/mem caps=" CAPS);
  gst_element_set_state (player.pipeline, GST_STATE_PLAYING);
  message = gst_bus_timed_pop_filtered (player.bus, GST_CLOCK_TIME_NONE,
      GST_MESSAGE_ERROR | GST_MESSAGE_EOS);
  gst_message_parse_error (message, &error, &debug);
  fail_unless (g_error_matches (error, GST_RESOURCE_ERROR,
          GST_RESOURCE_ERROR_READ));
  fail_unless (strstr (error->message, "/proc/self/mem") != NULL);
  fail_unless (strstr (debug, "At byte 0") != NULL);
  g_error_free (error);
  g_free (debug);
  gst_message_unref (message);
  player_close (&player);
}

GST_END_TEST;

GST_START_TEST (test_a_device_that_vanishes_is_an_error_after_what_it_gave)
{
  int terminal = posix_openpt (O_RDWR | O_NOCTTY), device;
  guint64 bytes = 0;
  GError *error = NULL;
  GstMessage *message;
  struct termios raw;
  gchar *source;
  Player player;

  fail_unless (terminal != -1 && grantpt (terminal) == 0
      && unlockpt (terminal) == 0);
  device = open (ptsname (terminal), O_RDONLY | O_NOCTTY);
  fail_unless (device != -1);
  fail_unless_equals_int (tcgetattr (device, &raw), 0);
  cfmakeraw (&raw);
  fail_unless_equals_int (tcsetattr (device, TCSANOW, &raw), 0);
  source = g_strdup_printf ("location=%s caps=" CAPS, ptsname (terminal));
  player_open (&player, source);
  g_object_set (player.source, "samples-per-buffer", 2, NULL);
  gst_element_set_state (player.pipeline, GST_STATE_PLAYING);
  fail_unless_equals_int (write (terminal, "12345678", 8), 8);
  /* What is still under way in the terminal would go with it. */
  while (bytes < 8) {
    GstStructure *stats;

    g_object_get (player.source, "stats", &stats, NULL);
    gst_structure_get_uint64 (stats, "bytes-out", &bytes);
    gst_structure_free (stats);
  }
  close (terminal);
  message = gst_bus_timed_pop_filtered (player.bus, GST_CLOCK_TIME_NONE,
      GST_MESSAGE_ERROR | GST_MESSAGE_EOS);
  gst_message_parse_error (message, &error, NULL);
  fail_unless (g_error_matches (error, GST_RESOURCE_ERROR,
          GST_RESOURCE_ERROR_READ));
  g_error_free (error);
  gst_message_unref (message);
  gst_element_set_state (player.pipeline, GST_STATE_READY);
  fail_unless (player.bytes->len == 8
      && memcmp (player.bytes->data, "12345678", 8) == 0);
  player_close (&player);
  close (device);
  g_free (source);
}

GST_END_TEST;

static Suite *
bufpoolsrc_file_suite (void)
{
  Suite *suite = suite_create ("bufpoolsrc-file");
  TCase *tcase = tcase_create ("bufpoolsrc-file");

  suite_add_tcase (suite, tcase);
  tcase_add_test (tcase, test_a_seek_begins_and_ends_at_the_very_frame);
  tcase_add_test (tcase,
      test_a_seek_to_the_end_or_beyond_is_the_end_of_the_stream);
  tcase_add_test (tcase,
      test_segment_seeks_that_do_not_flush_follow_without_a_gap);
  tcase_add_test (tcase,
      test_a_seek_queued_before_the_start_is_where_it_starts);
  tcase_add_test (tcase,
      test_a_seek_that_cannot_be_done_is_refused_without_a_trace);
  tcase_add_test (tcase, test_raw_audio_answers_in_time_frames_and_bytes);
  tcase_add_test (tcase,
      test_a_file_that_grows_is_longer_and_can_be_sought_in_further);
  tcase_add_test (tcase,
      test_bytes_of_no_declared_kind_can_be_sought_in_by_bytes_only);
  tcase_add_test (tcase,
      test_the_stream_of_a_descriptor_begins_where_it_stands);
  tcase_add_test (tcase, test_a_descriptor_that_does_not_block_is_waited_for);
  tcase_add_test (tcase, test_an_eos_event_passes_on_what_has_been_read);
  tcase_add_test (tcase,
      test_an_eos_event_ends_the_wait_for_a_slot_and_a_seek_goes_on);
  tcase_add_test (tcase, test_a_read_that_fails_is_an_error_with_the_place);
  tcase_add_test (tcase,
      test_a_device_that_vanishes_is_an_error_after_what_it_gave);
  return suite;
}

int
main (int argc, char **argv)
{
  int failed;

  gst_check_init (&argc, &argv);
  folder = g_dir_make_tmp ("bufpoolsrc-file-XXXXXX", NULL);
  path = g_build_filename (folder, "frames.raw", NULL);
  write_frames (path, 0, FRAMES, O_TRUNC);
  failed = gst_check_run_suite (bufpoolsrc_file_suite (), "bufpoolsrc-file",
      __FILE__);
  (void) g_remove (path);
  (void) g_rmdir (folder);
  g_free (path);
  g_free (folder);
  return failed;
}
