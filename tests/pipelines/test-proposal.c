/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Sources and decoders that know nothing of the pool get their memory from a
 * tieredqueue, and the stream is byte for byte, buffer for buffer, what it is
 * without.  (Of video the pixels are compared: what pads the lines is whatever
 * was in the memory.)
 */
#include "pipeline-check.h"

#include <glib/gstdio.h>
#include <gst/safecapture/safecapture.h>
#include <gst/video/video.h>

#include <unistd.h>

typedef enum
{
  ALL,                          /* every buffer is in a slot */
  SOME,                         /* more are held than there are slots */
  NONE,                         /* upstream takes memory of its own */
} Share;

typedef struct
{
  const gchar *name;
  const gchar *media;           /* (nullable): writes the file to decode */
  const gchar *source;          /* up to the queue */
  const gchar *rest;            /* the queue's properties, what is behind it */
  Share share;
  const gchar *const *needs;
} Case;

#define NEEDS(...) (const gchar *const[]) { __VA_ARGS__, NULL }
/* However slow the other end is, the slots last. */
#define FEW "max-size-buffers=5 ! fakesink"
#define STEREO "audio/x-raw,format=S16LE,rate=44100,channels=2"

static const Case cases[] = {
  {"audiotestsrc", NULL, "audiotestsrc num-buffers=300 ! " STEREO, FEW,
      ALL, NEEDS ("audiotestsrc")},
  {"short-buffers", NULL, "audiotestsrc num-buffers=300 samplesperbuffer=160 ! "
        "audio/x-raw,format=F32LE,rate=8000,channels=1", FEW, ALL,
      NEEDS ("audiotestsrc")},
  {"audioconvert", NULL, "audiotestsrc num-buffers=200 ! " STEREO " ! "
        "audioconvert ! audio/x-raw,format=F64LE", FEW, ALL,
      NEEDS ("audiotestsrc", "audioconvert")},
  {"videotestsrc", NULL, "videotestsrc num-buffers=60 ! "
        "video/x-raw,format=I420,width=320,height=240", FEW, ALL,
      NEEDS ("videotestsrc")},
  {"odd-strides", NULL, "videotestsrc num-buffers=30 pattern=smpte ! "
        "video/x-raw,format=RGB,width=175,height=99", FEW, ALL,
      NEEDS ("videotestsrc")},
  {"videoconvert", NULL, "videotestsrc num-buffers=30 ! "
        "video/x-raw,format=I420,width=175,height=99 ! videoconvert ! "
        "video/x-raw,format=BGRx", FEW, ALL,
      NEEDS ("videotestsrc", "videoconvert")},
  {"held-back", NULL, "videotestsrc num-buffers=40 ! "
        "video/x-raw,format=I420,width=640,height=480",
      "min-threshold-buffers=21 ! fakesink", SOME, NEEDS ("videotestsrc")},
  {"vorbis", "audiotestsrc num-buffers=200 ! vorbisenc ! oggmux",
      "decodebin", FEW, ALL, NEEDS ("vorbisenc", "oggmux", "vorbisdec",
          "decodebin")},
  {"opus", "audiotestsrc num-buffers=200 ! opusenc ! oggmux",
      "decodebin", FEW, ALL, NEEDS ("opusenc", "oggmux", "opusdec",
          "decodebin")},
  {"theora", "videotestsrc num-buffers=60 ! theoraenc ! oggmux",
      "decodebin", FEW, ALL, NEEDS ("theoraenc", "oggmux", "theoradec",
          "decodebin")},
  {"flac", "audiotestsrc num-buffers=200 ! flacenc", "decodebin", FEW,
      NONE, NEEDS ("flacenc", "flacdec", "decodebin")},
  {"wav", "audiotestsrc num-buffers=200 ! wavenc", "decodebin", FEW,
      NONE, NEEDS ("wavenc", "wavparse", "decodebin")},
  {"jpeg", "videotestsrc num-buffers=40 ! video/x-raw,width=333,height=111 ! "
        "jpegenc ! avimux", "decodebin", FEW, ALL, NEEDS ("jpegenc",
          "avimux", "avidemux", "jpegdec", "decodebin")},
};

/* The one that the command line names. */
static const Case *chosen;

static void
wait_for (GstElement * pipeline, GstMessageType type)
{
  GstBus *bus = gst_element_get_bus (pipeline);
  GstMessage *message = gst_bus_timed_pop_filtered (bus, 60 * GST_SECOND,
      type | GST_MESSAGE_ERROR);

  fail_unless (message != NULL, "nothing came");
  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR) {
    GError *error;
    gchar *debug;

    gst_message_parse_error (message, &error, &debug);
    fail ("%s (%s)", error->message, debug);
  }
  gst_message_unref (message);
  gst_object_unref (bus);
}

static void
stop (GstElement * pipeline)
{
  fail_unless_equals_int (gst_element_set_state (pipeline, GST_STATE_NULL),
      GST_STATE_CHANGE_SUCCESS);
  gst_object_unref (pipeline);
}

/* What came into a queue. */
typedef struct
{
  GChecksum *checksum;
  guint in_slots;
  guint elsewhere;
  /* The n-th buffer changes the caps of a filter. */
  guint change_at;
  GstElement *filter;
  const gchar *caps;
} Stream;

static void
add_memory (Stream * self, GstMemory * memory)
{
  GstMapInfo map;

  fail_unless (gst_memory_map (memory, &map, GST_MAP_READ));
  g_checksum_update (self->checksum, map.data, (gssize) map.size);
  gst_memory_unmap (memory, &map);
}

/* Without what is between the lines, which nobody writes. */
static void
add_pixels (Stream * self, GstBuffer * buffer, const GstVideoInfo * info)
{
  GstVideoFrame frame;

  fail_unless (gst_video_frame_map (&frame, (GstVideoInfo *) info, buffer,
          GST_MAP_READ));
  for (guint i = 0; i < GST_VIDEO_FRAME_N_COMPONENTS (&frame); i++) {
    const guint8 *line = GST_VIDEO_FRAME_COMP_DATA (&frame, i);
    gint pixel = GST_VIDEO_FRAME_COMP_PSTRIDE (&frame, i);

    /* Packed: the first component begins the pixel. */
    if (pixel > 1 && GST_VIDEO_FRAME_N_PLANES (&frame) == 1)
      line = GST_VIDEO_FRAME_PLANE_DATA (&frame, 0);
    for (gint y = 0; y < GST_VIDEO_FRAME_COMP_HEIGHT (&frame, i); y++) {
      g_checksum_update (self->checksum, line,
          GST_VIDEO_FRAME_COMP_WIDTH (&frame, i) * pixel);
      line += GST_VIDEO_FRAME_COMP_STRIDE (&frame, i);
    }
  }
  gst_video_frame_unmap (&frame);
}

static GstPadProbeReturn
look (GstPad * pad, GstPadProbeInfo * probe, gpointer user_data)
{
  Stream *self = user_data;
  GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER (probe);
  guint64 facts[] = { gst_buffer_get_size (buffer), GST_BUFFER_PTS (buffer),
    GST_BUFFER_DURATION (buffer)
  };
  GstCaps *caps = gst_pad_get_current_caps (pad);
  GstVideoInfo info;

  g_checksum_update (self->checksum, (guchar *) facts, sizeof (facts));
  if (gst_memory_is_type (gst_buffer_peek_memory (buffer, 0),
          GST_TIERED_MEMORY_TYPE))
    self->in_slots++;
  else
    self->elsewhere++;
  if (gst_structure_has_name (gst_caps_get_structure (caps, 0), "video/x-raw")) {
    fail_unless (gst_video_info_from_caps (&info, caps));
    add_pixels (self, buffer, &info);
  } else {
    for (guint i = 0; i < gst_buffer_n_memory (buffer); i++)
      add_memory (self, gst_buffer_peek_memory (buffer, i));
  }
  gst_caps_unref (caps);
  if (self->filter != NULL
      && self->in_slots + self->elsewhere == self->change_at)
    gst_util_set_object_arg (G_OBJECT (self->filter), "caps", self->caps);
  return GST_PAD_PROBE_OK;
}

static void
watch (GstElement * pipeline, Stream * self)
{
  GstElement *queue = gst_bin_get_by_name (GST_BIN (pipeline), "queue");
  GstPad *pad = gst_element_get_static_pad (queue, "sink");

  self->checksum = g_checksum_new (G_CHECKSUM_SHA256);
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, look, self, NULL);
  gst_object_unref (pad);
  gst_object_unref (queue);
}

static void
clear (Stream * self)
{
  g_checksum_free (self->checksum);
  gst_clear_object (&self->filter);
}

static GstElement *
make_pipeline (const Case * self, const gchar * file, gboolean proposes)
{
  gchar *source = file == NULL ? g_strdup (self->source)
      : g_strdup_printf ("filesrc location=%s ! %s", file, self->source);
  gchar *launch = g_strdup_printf ("%s ! tieredqueue name=queue "
      "propose-allocation=%s %s", source, proposes ? "true" : "false",
      self->rest);
  GstElement *pipeline = parse (launch);

  g_free (launch);
  g_free (source);
  return pipeline;
}

static void
run (const Case * self, const gchar * file, gboolean proposes, Stream * stream)
{
  GstElement *pipeline = make_pipeline (self, file, proposes);

  watch (pipeline, stream);
  fail_unless (gst_element_set_state (pipeline, GST_STATE_PLAYING)
      != GST_STATE_CHANGE_FAILURE);
  wait_for (pipeline, GST_MESSAGE_EOS);
  stop (pipeline);
}

/* (transfer full) (nullable): a file of its media; remove and free it. */
static gchar *
write_media (const Case * self)
{
  GstElement *pipeline;
  gchar *path, *launch;
  gint fd;

  if (self->media == NULL)
    return NULL;
  fd = g_file_open_tmp ("safecapture-XXXXXX.media", &path, NULL);
  fail_unless (fd >= 0);
  fail_unless_equals_int (close (fd), 0);
  launch = g_strdup_printf ("%s ! filesink location=%s", self->media, path);
  pipeline = parse (launch);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  wait_for (pipeline, GST_MESSAGE_EOS);
  stop (pipeline);
  g_free (launch);
  return path;
}

GST_START_TEST (test_the_memory_changes_and_the_stream_does_not)
{
  const Case *self = chosen;
  Stream with = { 0 }, without = { 0 };
  gchar *file = write_media (self);

  run (self, file, TRUE, &with);
  run (self, file, FALSE, &without);

  fail_unless (without.elsewhere > 0, "%s: nothing came", self->name);
  fail_unless_equals_int (without.in_slots, 0);
  fail_unless_equals_int (with.in_slots + with.elsewhere, without.elsewhere);
  fail_unless_equals_string (g_checksum_get_string (with.checksum),
      g_checksum_get_string (without.checksum));
  if (self->share != NONE)
    fail_unless (with.in_slots > 0, "%s: no slots", self->name);
  else
    fail_unless (with.in_slots == 0, "%s: has slots now", self->name);
  if (self->share == ALL)
    fail_unless (with.elsewhere == 0, "%s: %u not in slots", self->name,
        with.elsewhere);
  if (self->share == SOME)
    fail_unless (with.elsewhere > 0, "%s: never out of slots", self->name);
  clear (&with);
  clear (&without);
  if (file != NULL)
    g_unlink (file);
  g_free (file);
}

GST_END_TEST;

/* Frames that grow and shrink, negotiated by changing a filter's caps. */
static void
run_with_change (gboolean proposes, Stream * stream)
{
  GstElement *pipeline;
  gchar *launch = g_strdup_printf ("videotestsrc num-buffers=60 ! "
      "capsfilter name=filter caps=video/x-raw,format=I420,width=160,height=120 "
      "! tieredqueue name=queue propose-allocation=%s " FEW,
      proposes ? "true" : "false");

  pipeline = parse (launch);
  stream->filter = gst_bin_get_by_name (GST_BIN (pipeline), "filter");
  watch (pipeline, stream);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  wait_for (pipeline, GST_MESSAGE_EOS);
  stop (pipeline);
  g_free (launch);
}

GST_START_TEST (test_caps_that_change_midway_change_the_memory_with_them)
{
  static const gchar *const caps[] = {
    "video/x-raw,format=I420,width=640,height=480",
    "video/x-raw,format=I420,width=48,height=32",
  };

  for (guint i = 0; i < G_N_ELEMENTS (caps); i++) {
    Stream with = {.change_at = 30,.caps = caps[i] };
    Stream without = {.change_at = 30,.caps = caps[i] };

    run_with_change (TRUE, &with);
    run_with_change (FALSE, &without);
    fail_unless_equals_int (with.in_slots, 60);
    fail_unless_equals_int (without.in_slots, 0);
    fail_unless_equals_string (g_checksum_get_string (with.checksum),
        g_checksum_get_string (without.checksum));
    clear (&with);
    clear (&without);
  }
}

GST_END_TEST;

static guint64
pool_stat (GstElement * pipeline, const gchar * field)
{
  GstElement *queue = gst_bin_get_by_name (GST_BIN (pipeline), "queue");
  GstStructure *stats, *pool;
  guint64 value;

  g_object_get (queue, "stats", &stats, NULL);
  fail_unless (gst_structure_get (stats, "pool", GST_TYPE_STRUCTURE, &pool,
          NULL));
  fail_unless (gst_structure_get_uint64 (pool, field, &value));
  gst_structure_free (pool);
  gst_structure_free (stats);
  gst_object_unref (queue);
  return value;
}

GST_START_TEST (test_seeks_keep_the_arena_and_lose_no_slot)
{
  const Case *self = &cases[3];
  GstElement *pipeline = make_pipeline (self, NULL, TRUE);
  Stream stream = { 0 };

  watch (pipeline, &stream);
  gst_element_set_state (pipeline, GST_STATE_PAUSED);
  for (int i = 0; i < 30; i++) {
    wait_for (pipeline, GST_MESSAGE_ASYNC_DONE);
    fail_unless (gst_element_seek_simple (pipeline, GST_FORMAT_TIME,
            GST_SEEK_FLAG_FLUSH, (i % 7) * 100 * GST_MSECOND));
  }
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  wait_for (pipeline, GST_MESSAGE_EOS);
  fail_unless_equals_uint64 (pool_stat (pipeline, "arenas"), 1);
  fail_unless_equals_uint64 (pool_stat (pipeline, "fallbacks"), 0);
  /* The sink's last sample. */
  fail_unless (pool_stat (pipeline, "in-use") <= 1);
  fail_unless_equals_int (stream.elsewhere, 0);
  clear (&stream);
  stop (pipeline);
}

GST_END_TEST;

GST_START_TEST (test_a_pipeline_starts_again_and_again)
{
  const Case *self = &cases[0];
  GstElement *pipeline = make_pipeline (self, NULL, TRUE);

  for (int i = 0; i < 20; i++) {
    gst_element_set_state (pipeline, GST_STATE_PLAYING);
    wait_for (pipeline, GST_MESSAGE_EOS);
    fail_unless_equals_uint64 (pool_stat (pipeline, "arenas"), 1);
    fail_unless_equals_uint64 (pool_stat (pipeline, "acquired"), 300);
    gst_element_set_state (pipeline, GST_STATE_NULL);
  }
  stop (pipeline);
}

GST_END_TEST;

GST_START_TEST (test_a_file_sink_alone_offers_memory_too)
{
  GstElement *pipeline;
  gchar *folder, *launch, *path;
  Stream stream = { 0 };

  folder = g_dir_make_tmp ("safecapture-XXXXXX", NULL);
  path = g_build_filename (folder, "raw", NULL);
  launch = g_strdup_printf ("audiotestsrc num-buffers=100 ! identity name=queue "
      "! safefilesink location=%s", path);
  pipeline = parse (launch);
  watch (pipeline, &stream);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  wait_for (pipeline, GST_MESSAGE_EOS);
  fail_unless_equals_int (stream.in_slots, 100);
  clear (&stream);
  stop (pipeline);
  g_unlink (path);
  g_rmdir (folder);
  g_free (path);
  g_free (launch);
  g_free (folder);
}

GST_END_TEST;

static Suite *
proposal_suite (void)
{
  Suite *suite = suite_create ("proposal");
  TCase *tcase = tcase_create ("proposal");

  suite_add_tcase (suite, tcase);
  if (chosen != NULL) {
    tcase_add_test (tcase, test_the_memory_changes_and_the_stream_does_not);
    return suite;
  }
  tcase_add_test (tcase,
      test_caps_that_change_midway_change_the_memory_with_them);
  tcase_add_test (tcase, test_seeks_keep_the_arena_and_lose_no_slot);
  tcase_add_test (tcase, test_a_pipeline_starts_again_and_again);
  tcase_add_test (tcase, test_a_file_sink_alone_offers_memory_too);
  return suite;
}

/* With the name of a case: that stream; 77, which is a skip for Meson, where an
 * element for it is missing.  Without: changes, seeks and restarts. */
int
main (int argc, char **argv)
{
  gst_check_init (&argc, &argv);
  for (guint i = 0; argc > 1 && i < G_N_ELEMENTS (cases); i++)
    if (g_str_equal (cases[i].name, argv[1]))
      chosen = &cases[i];
  if (argc > 1 && chosen == NULL)
    return 64;
  if (chosen != NULL && !have_elements (chosen->needs))
    return 77;
  return gst_check_run_suite (proposal_suite (), "proposal", __FILE__);
}
