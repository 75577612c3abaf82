/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * record FILE [BLOCKS]: records a sound device into a WAV file, in memory that
 * is there before the recording begins.
 *
 *   device -> block of floats -> block of 16 bits -> bufpoolsrc -> ... -> file
 *             our own arena      bufpoolsrc's arena
 *
 * Of our own arena the device's blocks come through a pool, and the working
 * memory directly, by size and class.  The device is a sine, to have an example
 * that runs anywhere: put yours in read_device().
 *
 *   cc record.c $(pkg-config --cflags --libs gstreamer-safecapture-1.0) -lm
 */
#include <math.h>
#include <stdlib.h>

#include <gst/safecapture/safecapture.h>

#define RATE 48000
#define CHANNELS 2
#define SAMPLES 480             /* in a block, of each channel: 10 ms */
#define FLOAT_BYTES (SAMPLES * CHANNELS * sizeof (gfloat))
#define STREAM_BYTES (SAMPLES * CHANNELS * sizeof (gint16))

typedef struct
{
  GstElement *pipeline;
  GstElement *source;
  GstBus *bus;
  GstTieredAllocator *arena;
  GstBufferPool *pool;
  gfloat peak;
  gboolean ended;               /* the pipeline is done, */
  gboolean failed;              /* with an error */
} Recorder;

/* ---- the device ---- */

static void
read_device (gfloat * samples, guint64 position)
{
  for (guint i = 0; i < SAMPLES; i++)
    for (guint channel = 0; channel < CHANNELS; channel++)
      samples[i * CHANNELS + channel] =
          0.5f * (gfloat) sin (2 * G_PI * 1000 * (double) (position + i) / RATE);
}

/* ---- memory of our own ---- */

static gboolean
open_arena (Recorder * self)
{
  GstStructure *config;

  self->arena = gst_tiered_allocator_new ();
  g_object_set (self->arena, "tiers", "2048x4,4096x8", NULL);
  self->pool = gst_tiered_pool_new (self->arena);
  config = gst_buffer_pool_get_config (self->pool);
  gst_buffer_pool_config_set_params (config, NULL, FLOAT_BYTES, 0, 8);
  return gst_buffer_pool_set_config (self->pool, config)
      && gst_buffer_pool_set_active (self->pool, TRUE);
}

static void
close_arena (Recorder * self)
{
  gst_buffer_pool_set_active (self->pool, FALSE);
  gst_object_unref (self->pool);
  gst_object_unref (self->arena);
}

/* A block from the device, with what is known of it in its slot's header. */
static GstBuffer *
capture_block (Recorder * self, guint64 number)
{
  GstTieredSlotHeader values = { 0, };
  GstBuffer *block;
  GstMapInfo map;

  if (gst_tiered_pool_acquire (GST_TIERED_POOL (self->pool), FLOAT_BYTES,
          &block) != GST_FLOW_OK)
    return NULL;
  gst_buffer_map (block, &map, GST_MAP_WRITE);
  read_device ((gfloat *) map.data, number * SAMPLES);
  gst_buffer_unmap (block, &map);

  values.sequence = number;
  values.timestamp = gst_util_uint64_scale (number * SAMPLES, GST_SECOND, RATE);
  values.duration = gst_util_uint64_scale (SAMPLES, GST_SECOND, RATE);
  values.capture_time = GST_CLOCK_TIME_NONE;
  values.processing_start = GST_CLOCK_TIME_NONE;
  values.sample_rate = RATE;
  values.channels = CHANNELS;
  values.sample_bits = 32;
  values.samples = SAMPLES;
  values.data_size = FLOAT_BYTES;
  gst_tiered_slot_meta_update (gst_buffer_get_tiered_slot_meta (block),
      &values);
  return block;
}

/* The peak of all channels mixed, in working memory that is given back at
 * once. */
static void
measure (Recorder * self, const gfloat * samples)
{
  GstBuffer *scratch;
  GstMapInfo map;
  gfloat *mix;

  if (gst_tiered_allocator_acquire (self->arena, SAMPLES * sizeof (gfloat),
          GST_TIERED_CLASS_SCRATCH, 100 * GST_MSECOND, &scratch) != GST_FLOW_OK)
    return;
  gst_buffer_map (scratch, &map, GST_MAP_WRITE);
  mix = (gfloat *) map.data;
  for (guint i = 0; i < SAMPLES; i++)
    mix[i] = (samples[i * CHANNELS] + samples[i * CHANNELS + 1]) / CHANNELS;
  for (guint i = 0; i < SAMPLES; i++)
    self->peak = MAX (self->peak, fabsf (mix[i]));
  gst_buffer_unmap (scratch, &map);
  gst_buffer_unref (scratch);
}

/* ---- the stream ---- */

/* Fills a slot of bufpoolsrc's and hands it over: no copy is made of it. */
static gboolean
push_block (Recorder * self, GstBuffer * block)
{
  GstFlowReturn flow = GST_FLOW_ERROR;
  GstMapInfo from, to;
  GstBuffer *buffer;

  g_signal_emit_by_name (self->source, "acquire-buffer",
      (guint64) STREAM_BYTES, &buffer);
  if (buffer == NULL)
    return FALSE;
  gst_buffer_map (block, &from, GST_MAP_READ);
  gst_buffer_map (buffer, &to, GST_MAP_WRITE);
  measure (self, (const gfloat *) from.data);
  for (guint i = 0; i < SAMPLES * CHANNELS; i++)
    ((gint16 *) to.data)[i] =
        GINT16_TO_LE ((gint16) (((const gfloat *) from.data)[i] * 32767));
  gst_buffer_unmap (buffer, &to);
  gst_buffer_unmap (block, &from);

  g_signal_emit_by_name (self->source, "push-buffer", buffer, &flow);
  gst_buffer_unref (buffer);
  return flow == GST_FLOW_OK;
}

static gboolean
record_block (Recorder * self, guint64 number)
{
  GstBuffer *block = capture_block (self, number);
  const GstTieredSlotHeader *header;
  gboolean pushed;

  if (block == NULL)
    return FALSE;
  header = gst_buffer_get_tiered_slot_meta (block)->header;
  if (number == 0)
    g_print ("block %" G_GUINT64_FORMAT ": %u bytes of %u in slot %u\n",
        header->sequence, header->data_size, header->capacity,
        header->buffer_id);
  pushed = push_block (self, block);
  gst_buffer_unref (block);
  return pushed;
}

/* ---- the bus ---- */

static void
handle_error (Recorder * self, GstMessage * message)
{
  GError *error;

  gst_message_parse_error (message, &error, NULL);
  g_printerr ("%s\n", error->message);
  g_error_free (error);
  self->ended = self->failed = TRUE;
}

static void
handle (Recorder * self, GstMessage * message)
{
  const GstStructure *fields = gst_message_get_structure (message);
  guint64 number;

  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS)
    self->ended = TRUE;
  else if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR)
    handle_error (self, message);
  else if (gst_message_has_name (message, "bufpoolsrc-metrics")
      && gst_structure_get_uint64 (fields, "buffers-out", &number))
    g_print ("so far: %" G_GUINT64_FORMAT " blocks\n", number);
  else if (gst_message_has_name (message, "bufpoolsrc-exhausted"))
    g_print ("waiting: the pipeline holds every slot\n");
  else if (gst_message_has_name (message, "bufpoolsrc-warning"))
    g_print ("warning: %s\n", gst_structure_get_string (fields, "text"));
  else if (gst_message_has_name (message, "safefilesink-metrics")
      && gst_structure_get_uint64 (fields, "durable-offset", &number))
    g_print ("safe: up to byte %" G_GUINT64_FORMAT "\n", number);
  else if (gst_message_has_name (message, "safefilesink-published"))
    g_print ("published: %s\n", gst_structure_get_string (fields, "location"));
}

/* Handles what comes, until nothing does for @timeout or the pipeline is done. */
static void
handle_messages (Recorder * self, GstClockTime timeout)
{
  GstMessage *message;

  while (!self->ended
      && (message = gst_bus_timed_pop (self->bus, timeout)) != NULL) {
    handle (self, message);
    gst_message_unref (message);
  }
}

/* ---- the statistics ---- */

static guint64
count (const GstStructure * stats, const gchar * field)
{
  guint64 value = 0;

  gst_structure_get_uint64 (stats, field, &value);
  return value;
}

static void
print_statistics (Recorder * self)
{
  GstStructure *stats = gst_tiered_allocator_get_stats (self->arena);

  g_print ("arena: acquired %" G_GUINT64_FORMAT ", released %" G_GUINT64_FORMAT
      ", failures %" G_GUINT64_FORMAT ", in use %" G_GUINT64_FORMAT "\n",
      count (stats, "acquired"), count (stats, "released"),
      count (stats, "failures"), count (stats, "in-use"));
  gst_structure_free (stats);
  g_object_get (self->source, "stats", &stats, NULL);
  g_print ("source: buffers %" G_GUINT64_FORMAT ", dropped %" G_GUINT64_FORMAT
      ", bytes %" G_GUINT64_FORMAT "\n", count (stats, "buffers-out"),
      count (stats, "buffers-dropped"), count (stats, "bytes-out"));
  gst_structure_free (stats);
  if (self->peak > 0)
    g_print ("peak: %.1f dB\n", 20 * log10 (self->peak));
}

/* ---- the program ---- */

static gboolean
open_pipeline (Recorder * self, const gchar * file)
{
  GstElement *sink;
  GError *error = NULL;
  GstCaps *caps;

  self->pipeline = gst_parse_launch ("bufpoolsrc name=source mode=app "
      "tiers=2048x64 ! tieredqueue ! wavenc ! safefilesink name=sink", &error);
  if (self->pipeline == NULL) {
    g_printerr ("%s\n", error->message);
    g_clear_error (&error);
    return FALSE;
  }
  self->bus = gst_element_get_bus (self->pipeline);
  self->source = gst_bin_get_by_name (GST_BIN (self->pipeline), "source");
  caps = gst_caps_new_simple ("audio/x-raw", "format", G_TYPE_STRING, "S16LE",
      "rate", G_TYPE_INT, RATE, "channels", G_TYPE_INT, CHANNELS,
      "layout", G_TYPE_STRING, "interleaved", NULL);
  g_object_set (self->source, "caps", caps, NULL);
  gst_caps_unref (caps);
  sink = gst_bin_get_by_name (GST_BIN (self->pipeline), "sink");
  g_object_set (sink, "location", file, NULL);
  gst_object_unref (sink);
  gst_element_set_state (self->pipeline, GST_STATE_PLAYING);
  return TRUE;                  /* a failure is an error on the bus */
}

static void
close_pipeline (Recorder * self)
{
  if (self->pipeline == NULL)
    return;
  gst_element_set_state (self->pipeline, GST_STATE_NULL);
  gst_object_unref (self->source);
  gst_object_unref (self->bus);
  gst_object_unref (self->pipeline);
}

static void
record (Recorder * self, guint64 blocks)
{
  GstFlowReturn flow;

  for (guint64 i = 0; i < blocks && !self->ended; i++) {
    if (!record_block (self, i))
      break;                    /* the bus says why */
    handle_messages (self, 0);
  }
  g_signal_emit_by_name (self->source, "end-of-stream", &flow);
  handle_messages (self, GST_CLOCK_TIME_NONE);
  print_statistics (self);
}

int
main (int argc, char **argv)
{
  Recorder recorder = { .failed = TRUE };

  gst_init (&argc, &argv);
  if (argc < 2) {
    g_printerr ("Usage: record FILE [BLOCKS]\n");
    return EXIT_FAILURE;
  }
  if (open_arena (&recorder) && open_pipeline (&recorder, argv[1])) {
    recorder.failed = FALSE;
    record (&recorder, argc > 2 ? g_ascii_strtoull (argv[2], NULL, 10) : 500);
  }
  close_pipeline (&recorder);
  close_arena (&recorder);
  return recorder.failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
