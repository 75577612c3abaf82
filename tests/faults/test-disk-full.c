/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A disk that is full at a random point, with each muxer: with a reserve, and
 * without one being asked for, the published file plays, as long as what went in.
 * With reserve=0 nothing is published,
 * and the file of a muxer that completes it at the end does not play.
 *
 * The disk is a small tmpfs, which only root can mount.  SC_TEST_SEED repeats a
 * run.
 */
#include "media-check.h"

#include <gst/check/gstcheck.h>

#include <errno.h>
#include <glib/gstdio.h>
#include <sys/mount.h>
#include <unistd.h>

#define DISK_MIN (5 * 1024)
#define DISK_MAX (9 * 1024)     /* KiB */
#define RESERVE (1536 * 1024)
#define NOT_SET G_MAXUINT64
#define VIDEO "videotestsrc pattern=snow ! " \
    "video/x-raw,width=160,height=120,framerate=30/1 ! " \
    "x264enc speed-preset=ultrafast tune=zerolatency pass=quant " \
    "quantizer=36 key-int-max=15 ! " \
    "h264parse ! identity name=in ! "
#define NOISE "audiotestsrc wave=white-noise ! audio/x-raw,rate=48000 ! "

typedef struct
{
  const gchar *name;
  const gchar *pipeline;
  const gchar *needs;           /* element that may be absent */
  const gchar *demuxer;
  gboolean plays_unfinished;
} Format;

static const Format formats[] = {
  {"wav", NOISE "identity name=in ! wavenc", "wavenc", "decodebin", TRUE},
  {"flac", NOISE "flacenc ! identity name=in", "flacenc", "decodebin", TRUE},
  {"mkv", VIDEO "matroskamux", "x264enc", "matroskademux", TRUE},
  {"mp4", VIDEO "mp4mux", "x264enc", "qtdemux", FALSE},
  {"robust.mp4", VIDEO "mp4mux reserved-max-duration=600000000000 "
        "reserved-moov-update-period=100000000 "
        "reserved-bytes-per-sec=2000", "x264enc", "qtdemux", TRUE},
  {"fragmented.mp4", VIDEO "mp4mux fragment-duration=500", "x264enc", "qtdemux", TRUE},
  {"ts", VIDEO "mpegtsmux", "x264enc", "tsdemux", TRUE},
  {"ogg", NOISE "flacenc ! flacparse ! identity name=in ! oggmux", "flacenc", "oggdemux", 
      TRUE},
};

static guint32 seed_number;

static void
mount_disk (const gchar * folder, guint kib)
{
  gchar *options = g_strdup_printf ("size=%uk", kib);

  fail_unless (mount ("none", folder, "tmpfs", 0, options) == 0, "%s",
      g_strerror (errno));
  g_free (options);
}

static gboolean
can_mount (void)
{
  gchar *folder = g_dir_make_tmp ("disk-full-XXXXXX", NULL);
  gboolean can = mount ("none", folder, "tmpfs", 0, "size=64k") == 0;

  if (can)
    umount (folder);
  g_rmdir (folder);
  g_free (folder);
  return can;
}

/* Timestamps of what went to the muxer. */
typedef struct
{
  GstClockTime first, last;
} Taken;

static GstPadProbeReturn
note_time (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  GstBuffer *buffer = gst_pad_probe_info_get_buffer (info);
  Taken *taken = user_data;

  if (GST_BUFFER_PTS_IS_VALID (buffer)) {
    taken->first = MIN (taken->first, GST_BUFFER_PTS (buffer));
    taken->last = MAX (taken->last, GST_BUFFER_PTS (buffer));
  }
  return GST_PAD_PROBE_OK;
}

static void
print_error (GstMessage * message)
{
  GError *error;

  gst_message_parse_error (message, &error, NULL);
  g_print ("  %s\n", error->message);
  g_error_free (error);
}

/* Until the disk is full.  Returns the type of the message that ended it. */
static GstMessageType
record (const Format * format, const gchar * location, guint64 reserve,
    Taken * taken)
{
  gchar *text = g_strdup_printf ("%s ! safefilesink name=out", format->pipeline);
  GstElement *pipeline = gst_parse_launch (text, NULL), *out, *in;
  GstBus *bus = gst_element_get_bus (pipeline);
  GstMessage *message;
  GstMessageType type;
  GstPad *pad;

  g_free (text);
  *taken = (Taken) {.first = GST_CLOCK_TIME_NONE };
  in = gst_bin_get_by_name (GST_BIN (pipeline), "in");
  pad = gst_element_get_static_pad (in, "src");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, note_time, taken, NULL);
  gst_object_unref (pad);
  gst_object_unref (in);
  out = gst_bin_get_by_name (GST_BIN (pipeline), "out");
  g_object_set (out, "location", location, NULL);
  if (reserve != NOT_SET)
    g_object_set (out, "buffer-size", 300000, "reserve", reserve, NULL);
  gst_object_unref (out);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  message = gst_bus_timed_pop_filtered (bus, GST_CLOCK_TIME_NONE,
      GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  type = GST_MESSAGE_TYPE (message);
  if (type == GST_MESSAGE_ERROR)
    print_error (message);
  gst_message_unref (message);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (bus);
  gst_object_unref (pipeline);
  return type;
}

static gboolean
plays_all (const Format * format, const gchar * path, const Taken * taken)
{
  GstClockTime end = taken->last - taken->first;
  MediaReport report;
  gboolean plays;

  media_check_play (path, format->demuxer, 0, &report);
  plays = report.error == NULL
      && media_report_end (&report) + GST_SECOND >= end;
  if (!plays)
    g_printerr ("%s: %s, %" GST_TIME_FORMAT " of %" GST_TIME_FORMAT "\n", path,
        report.error, GST_TIME_ARGS (media_report_end (&report)),
        GST_TIME_ARGS (end));
  media_report_clear (&report);
  return plays;
}

static gboolean
is_there (const Format * format)
{
  GstElementFactory *factory = gst_element_factory_find (format->needs);

  if (factory == NULL) {
    g_print ("%s: skipped, %s is not installed\n", format->name, format->needs);
    return FALSE;
  }
  gst_object_unref (factory);
  return TRUE;
}

static void
try_format (const Format * format, guint64 reserve)
{
  gchar *folder = g_dir_make_tmp ("disk-full-XXXXXX", NULL);
  gchar *location = g_strdup_printf ("%s/take.%s", folder, format->name);
  gchar *part = g_strconcat (location, ".part", NULL);
  GRand *numbers = g_rand_new_with_seed (seed_number
      + (guint32) (format - formats));
  guint kib = (guint) g_rand_int_range (numbers, DISK_MIN, DISK_MAX);
  Taken taken;
  GstMessageType type;

  g_print ("%s, %u KiB, reserve %" G_GINT64_FORMAT "\n", format->name, kib,
      (gint64) reserve);
  g_rand_free (numbers);
  mount_disk (folder, kib);
  type = record (format, location, reserve, &taken);
  if (reserve > 0) {
    fail_unless_equals_int (type, GST_MESSAGE_EOS);
    fail_unless (!g_file_test (part, G_FILE_TEST_EXISTS));
    fail_unless (plays_all (format, location, &taken));
  } else {
    fail_unless_equals_int (type, GST_MESSAGE_ERROR);
    fail_unless (!g_file_test (location, G_FILE_TEST_EXISTS));
    if (!format->plays_unfinished)
      fail_unless (!plays_all (format, part, &taken));
  }
  fail_unless (umount (folder) == 0);
  g_rmdir (folder);
  g_free (part);
  g_free (location);
  g_free (folder);
}

GST_START_TEST (test_with_a_reserve_the_published_file_plays)
{
  if (is_there (&formats[__i__]))
    try_format (&formats[__i__], RESERVE);
}
GST_END_TEST;

GST_START_TEST (test_by_default_the_published_file_plays)
{
  if (is_there (&formats[__i__]))
    try_format (&formats[__i__], NOT_SET);
}
GST_END_TEST;

GST_START_TEST (test_without_a_reserve_nothing_is_published)
{
  if (is_there (&formats[__i__]))
    try_format (&formats[__i__], 0);
}
GST_END_TEST;

static Suite *
disk_full_suite (void)
{
  Suite *s = suite_create ("disk-full");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_loop_test (tc, test_with_a_reserve_the_published_file_plays, 0,
      G_N_ELEMENTS (formats));
  tcase_add_loop_test (tc, test_by_default_the_published_file_plays, 0,
      G_N_ELEMENTS (formats));
  tcase_add_loop_test (tc, test_without_a_reserve_nothing_is_published, 0,
      G_N_ELEMENTS (formats));
  return s;
}

int
main (int argc, char **argv)
{
  const gchar *seed = g_getenv ("SC_TEST_SEED");

  seed_number = seed != NULL ? (guint32) g_ascii_strtoull (seed, NULL, 0)
      : g_random_int ();
  gst_check_init (&argc, &argv);
  if (!can_mount ()) {
    g_print ("skipped: only root can mount a small disk\n");
    return 77;
  }
  g_print ("SC_TEST_SEED=%u\n", seed_number);
  return gst_check_run_suite (disk_full_suite (), "disk-full", __FILE__);
}
