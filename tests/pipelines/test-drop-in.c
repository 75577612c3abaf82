/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The pipelines that people write, with our elements and with queue and
 * filesink: both must end clean, the files must play, and what is decoded from
 * them must be the same, byte for byte.  (The files themselves may differ:
 * Matroska and Ogg muxers write random numbers into them.)
 */
#include "pipeline-check.h"

#include <glib/gstdio.h>

typedef struct
{
  const gchar *extension;
  const gchar *launch;          /* %s: the queue; %s: the sink */
  const gchar *decoder;
  const gchar *const *needs;
} Case;

static const gchar *const needs_flac[] = { "flacenc", "flacparse", "flacdec",
  NULL
};

static const gchar *const needs_wav[] = { "wavenc", "wavparse", NULL };

static const gchar *const needs_mkv[] = { "x264enc", "matroskamux",
  "matroskademux", "openh264dec", NULL
};

static const gchar *const needs_mp4[] = { "x264enc", "mp4mux", "qtdemux",
  "openh264dec", NULL
};

static const gchar *const needs_ogg[] = { "theoraenc", "oggmux", "oggdemux",
  "theoradec", NULL
};

#define SMALL "video/x-raw,format=I420,width=160,height=120"

static const Case cases[] = {
  {"wav", "audiotestsrc num-buffers=400 wave=saw ! %s ! wavenc ! %s",
      "wavparse", needs_wav},
  {"flac", "audiotestsrc num-buffers=400 ! %s ! flacenc ! %s",
      "flacparse ! flacdec", needs_flac},
  {"mkv", "videotestsrc num-buffers=60 ! " SMALL " ! "
        "x264enc ! video/x-h264,profile=main ! %s ! matroskamux ! %s",
      "matroskademux ! h264parse ! openh264dec", needs_mkv},
  {"mp4", "videotestsrc num-buffers=60 ! " SMALL " ! "
        "x264enc ! video/x-h264,profile=main ! %s ! mp4mux ! %s", "qtdemux ! h264parse ! openh264dec",
      needs_mp4},
  {"ogg", "videotestsrc num-buffers=60 ! " SMALL " ! "
        "theoraenc ! %s ! oggmux ! %s", "oggdemux ! theoradec", needs_ogg},
};

/* The one that the command line names. */
static const Case *test;

static void
record (const gchar * queue, const gchar * sink, const gchar * path)
{
  gchar *sink_with_location = g_strdup_printf ("%s location=%s", sink, path);
  gchar *launch = g_strdup_printf (test->launch, queue, sink_with_location);
  GstElement *pipeline = parse (launch);

  run_to_eos (pipeline);
  gst_object_unref (pipeline);
  g_free (launch);
  g_free (sink_with_location);
}

typedef struct
{
  GChecksum *checksum;
  guint64 bytes;
} Content;

static void
add_to_content (GstElement * sink, GstBuffer * buffer, GstPad * pad,
    Content * content)
{
  GstMapInfo map;

  fail_unless (gst_buffer_map (buffer, &map, GST_MAP_READ));
  g_checksum_update (content->checksum, map.data, (gssize) map.size);
  content->bytes += map.size;
  gst_buffer_unmap (buffer, &map);
}

/* SHA-256 of the decoded media, whatever the cutting into buffers. */
static gchar *
decoded_content (const gchar * path, const gchar * decoder)
{
  gchar *launch = g_strdup_printf ("filesrc location=%s ! %s ! "
      "fakesink name=sink signal-handoffs=true sync=false", path, decoder);
  GstElement *pipeline = parse (launch);
  GstElement *sink = gst_bin_get_by_name (GST_BIN (pipeline), "sink");
  Content content = { g_checksum_new (G_CHECKSUM_SHA256), 0 };
  gchar *digest;

  g_signal_connect (sink, "handoff", G_CALLBACK (add_to_content), &content);
  run_to_eos (pipeline);
  fail_unless (content.bytes > 0, "%s decodes to nothing", path);
  digest = g_strdup (g_checksum_get_string (content.checksum));
  g_checksum_free (content.checksum);
  gst_object_unref (sink);
  gst_object_unref (pipeline);
  g_free (launch);
  return digest;
}

GST_START_TEST (test_recordings_decode_to_the_same_as_with_queue_and_filesink)
{
  gchar *folder, *ours, *theirs, *our_content, *their_content, *part;

  folder = g_dir_make_tmp ("safecapture-XXXXXX", NULL);
  fail_unless (folder != NULL);
  ours = g_strdup_printf ("%s/ours.%s", folder, test->extension);
  theirs = g_strdup_printf ("%s/theirs.%s", folder, test->extension);
  part = g_strconcat (ours, ".part", NULL);

  record ("tieredqueue", "safefilesink", ours);
  record ("queue", "filesink", theirs);
  fail_if (g_file_test (part, G_FILE_TEST_EXISTS));
  our_content = decoded_content (ours, test->decoder);
  their_content = decoded_content (theirs, test->decoder);
  fail_unless_equals_string (our_content, their_content);

  g_free (our_content);
  g_free (their_content);
  g_unlink (ours);
  g_unlink (theirs);
  fail_unless_equals_int (g_rmdir (folder), 0);
  g_free (part);
  g_free (ours);
  g_free (theirs);
  g_free (folder);
}

GST_END_TEST;

GST_START_TEST (test_a_thousand_pool_buffers_go_through_the_queue)
{
  GstElement *pipeline = parse ("bufpoolsrc num-buffers=1000 ! tieredqueue "
      "name=queue ! fakesink");
  GstElement *queue = gst_bin_get_by_name (GST_BIN (pipeline), "queue");
  GstStructure *stats;
  guint64 out = 0;

  run_to_eos (pipeline);
  g_object_get (queue, "stats", &stats, NULL);
  fail_unless (gst_structure_get_uint64 (stats, "buffers-out", &out));
  fail_unless_equals_uint64 (out, 1000);
  gst_structure_free (stats);
  gst_object_unref (queue);
  gst_object_unref (pipeline);
}

GST_END_TEST;

static Suite *
drop_in_suite (void)
{
  Suite *suite = suite_create ("drop-in");
  TCase *tcase = tcase_create ("drop-in");

  suite_add_tcase (suite, tcase);
  if (test != NULL)
    tcase_add_test (tcase,
        test_recordings_decode_to_the_same_as_with_queue_and_filesink);
  else
    tcase_add_test (tcase, test_a_thousand_pool_buffers_go_through_the_queue);
  return suite;
}

/* With the extension of a case: that recording; 77, which is a skip for Meson,
 * where an element for it is missing.  Without: the queue alone. */
int
main (int argc, char **argv)
{
  gst_check_init (&argc, &argv);
  for (guint i = 0; argc > 1 && i < G_N_ELEMENTS (cases); i++)
    if (g_str_equal (cases[i].extension, argv[1]))
      test = &cases[i];
  if (argc > 1 && test == NULL)
    return 64;
  if (test != NULL && !have_elements (test->needs))
    return 77;
  return gst_check_run_suite (drop_in_suite (), "drop-in", __FILE__);
}
