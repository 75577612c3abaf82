/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * safefilesink behind real muxers: byte for byte what filesink writes.  One
 * muxer feeds both through a tee, so that its random identifiers and its clock
 * are the same on both sides.
 */
#include "../support/factory-check.h"
#include "../support/folder-check.h"

#include <gst/check/gstcheck.h>

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

static gchar *folder;

static void
setup (void)
{
  folder = g_dir_make_tmp ("safefilesink-XXXXXX", NULL);
  fail_unless (folder != NULL);
  umask (022);
}

static void
teardown (void)
{
  folder_check_remove (folder);
  g_free (folder);
}

/* Runs to EOS; @sink (nullable) gets the element named `safe`. */
static void
run (const gchar * description, GstElement ** sink)
{
  GError *error = NULL;
  GstElement *pipeline = gst_parse_launch (description, &error);
  GstBus *bus;
  GstMessage *message;

  fail_unless (error == NULL, "%s", error != NULL ? error->message : "");
  bus = gst_element_get_bus (pipeline);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  message = gst_bus_timed_pop_filtered (bus, 50 * GST_SECOND,
      GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  fail_unless (message != NULL);
  fail_unless (GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS);
  gst_message_unref (message);
  if (sink != NULL)
    *sink = gst_bin_get_by_name (GST_BIN (pipeline), "safe");
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (bus);
  gst_object_unref (pipeline);
}

static void
fail_unless_same (const gchar * a, const gchar * b)
{
  gchar *data[2];
  gsize size[2];

  fail_unless (g_file_get_contents (a, &data[0], &size[0], NULL));
  fail_unless (g_file_get_contents (b, &data[1], &size[1], NULL));
  fail_unless (size[0] > 1000);
  fail_unless_equals_uint64 (size[0], size[1]);
  fail_unless (memcmp (data[0], data[1], size[0]) == 0);
  g_free (data[0]);
  g_free (data[1]);
}

/* @seeks_back: the muxer completes a header at the end */
static void
compare (const gchar * elements, const gchar * source, gboolean seeks_back)
{
  gchar *plain, *safe, *description;
  GstElement *sink;
  GstStructure *stats;
  guint64 overwrites;

  if (!factory_check_have (elements))
    return;
  plain = g_build_filename (folder, "plain", NULL);
  safe = g_build_filename (folder, "safe", NULL);
  description = g_strdup_printf ("%s ! tee name=t ! queue ! filesink "
      "location=%s t. ! queue ! safefilesink name=safe location=%s "
      "sync-interval=1000000", source, plain, safe);
  run (description, &sink);
  fail_unless_same (plain, safe);
  g_object_get (sink, "stats", &stats, NULL);
  fail_unless (gst_structure_get_uint64 (stats, "overwrites", &overwrites));
  fail_unless (seeks_back == (overwrites > 0));
  gst_structure_free (stats);
  gst_object_unref (sink);
  g_free (description);
  g_free (plain);
  g_free (safe);
}

#define AUDIO "audiotestsrc num-buffers=200 ! audioconvert"
#define VIDEO "videotestsrc num-buffers=60 ! video/x-raw,width=160,height=120"

GST_START_TEST (test_wavenc_writes_the_same_file)
{
  compare ("wavenc", AUDIO " ! wavenc", TRUE);
}

GST_END_TEST;

GST_START_TEST (test_flacenc_writes_the_same_file)
{
  compare ("flacenc", AUDIO " ! flacenc", TRUE);
}

GST_END_TEST;

GST_START_TEST (test_matroskamux_writes_the_same_file)
{
  compare ("x264enc matroskamux", VIDEO " ! x264enc ! matroskamux", TRUE);
}

GST_END_TEST;

GST_START_TEST (test_mp4mux_writes_the_same_file_in_each_of_its_ways)
{
  compare ("x264enc mp4mux", VIDEO " ! x264enc ! mp4mux", TRUE);
  compare ("x264enc mp4mux", VIDEO " ! x264enc ! mp4mux "
      "fragment-duration=500", TRUE);
  compare ("x264enc mp4mux", VIDEO " ! x264enc key-int-max=10 ! mp4mux "
      "reserved-max-duration=60000000000 "
      "reserved-moov-update-period=200000000", TRUE);
}

GST_END_TEST;

GST_START_TEST (test_oggmux_writes_the_same_file)
{
  compare ("theoraenc oggmux", VIDEO " ! theoraenc ! oggmux", FALSE);
}

GST_END_TEST;

GST_START_TEST (test_avimux_writes_the_same_file)
{
  compare ("jpegenc avimux", VIDEO " ! jpegenc ! avimux", TRUE);
}

GST_END_TEST;

GST_START_TEST (test_mpegtsmux_writes_the_same_file)
{
  compare ("x264enc mpegtsmux", VIDEO " ! x264enc ! mpegtsmux", FALSE);
}

GST_END_TEST;

/* @async: fragments are finished in the background, by sinks of their own */
static void
split (gboolean async)
{
  gchar *description = g_strdup_printf ("videotestsrc num-buffers=90 ! "
      "video/x-raw,width=160,height=120,framerate=30/1 ! x264enc "
      "key-int-max=10 ! splitmuxsink %s max-size-time=1000000000 "
      "location=%s/%%02d.mkv", async
      ? "async-finalize=true muxer-factory=matroskamux "
      "sink-factory=safefilesink"
      : "muxer=matroskamux sink=safefilesink", folder);
  guint fragments = 0;
  gboolean exists;

  run (description, NULL);
  do {
    gchar *name = g_strdup_printf ("%s/%02u.mkv", folder, fragments);
    gchar *check = g_strdup_printf ("filesrc location=%s ! matroskademux ! "
        "fakesink", name);
    GStatBuf st;

    exists = g_stat (name, &st) == 0;
    if (exists) {
      run (check, NULL);
      /* filesink's would be 0644. */
      fail_unless_equals_int (st.st_mode & 0777, 0600);
      fragments++;
    }
    g_free (check);
    g_free (name);
  } while (exists);
  fail_unless (fragments >= 3);
  g_free (description);
}

GST_START_TEST (test_splitmuxsink_publishes_each_fragment)
{
  if (!factory_check_have ("x264enc matroskamux splitmuxsink"))
    return;
  split (FALSE);
  teardown ();
  setup ();
  split (TRUE);
}

GST_END_TEST;

static Suite *
safefilesink_muxers_suite (void)
{
  Suite *suite = suite_create ("safefilesink-muxers");
  TCase *tcase = tcase_create ("safefilesink-muxers");

  suite_add_tcase (suite, tcase);
  tcase_add_checked_fixture (tcase, setup, teardown);
  tcase_add_test (tcase, test_wavenc_writes_the_same_file);
  tcase_add_test (tcase, test_flacenc_writes_the_same_file);
  tcase_add_test (tcase, test_matroskamux_writes_the_same_file);
  tcase_add_test (tcase,
      test_mp4mux_writes_the_same_file_in_each_of_its_ways);
  tcase_add_test (tcase, test_oggmux_writes_the_same_file);
  tcase_add_test (tcase, test_avimux_writes_the_same_file);
  tcase_add_test (tcase, test_mpegtsmux_writes_the_same_file);
  tcase_add_test (tcase, test_splitmuxsink_publishes_each_fragment);
  return suite;
}

GST_CHECK_MAIN (safefilesink_muxers);
