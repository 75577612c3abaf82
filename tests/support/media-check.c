/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "media-check.h"

#include "sc-crc32c.h"

#include <string.h>

#define PATIENCE (30 * GST_SECOND)

typedef struct
{
  MediaReport *report;
  GstElement *demuxer;
  gboolean holds_back;          /* each stream's first buffer, until the seek */
  GstPad *pads[MEDIA_STREAMS];
  gulong holds[MEDIA_STREAMS];
  GCond changed;                /* with the report's lock: */
  gboolean complete;            /* no more streams will come */
  guint held;
} Player;

typedef struct
{
  MediaReport *report;
  guint stream;
  GstSegment segment;
} Tap;

void
media_stream_init (MediaStream * stream, const GstCaps * caps)
{
  gchar **words = g_strsplit (gst_structure_get_name (gst_caps_get_structure
          (caps, 0)), "/", 2);

  stream->kind = g_strdup (words[0]);
  stream->units = g_array_new (FALSE, FALSE, sizeof (MediaUnit));
  stream->end = 0;
  g_strfreev (words);
}

void
media_stream_take (MediaStream * stream, const GstSegment * segment,
    GstBuffer * buffer)
{
  MediaUnit unit = {
    .size = gst_buffer_get_size (buffer),
    .key = !GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DELTA_UNIT),
    .time = gst_segment_to_running_time (segment, GST_FORMAT_TIME,
        GST_BUFFER_PTS (buffer))
  };
  GstMapInfo map;

  if (gst_buffer_map (buffer, &map, GST_MAP_READ)) {
    unit.crc = sc_crc32c (0, map.data, map.size);
    gst_buffer_unmap (buffer, &map);
  }
  g_array_append_val (stream->units, unit);
  if (GST_CLOCK_TIME_IS_VALID (unit.time))
    stream->end = MAX (stream->end, unit.time
        + (GST_BUFFER_DURATION_IS_VALID (buffer)
            ? GST_BUFFER_DURATION (buffer) : 0));
}

void
media_stream_clear (MediaStream * stream)
{
  g_free (stream->kind);
  g_array_free (stream->units, TRUE);
}

/* What came before a seek does not count. */
static void
forget (Tap * tap)
{
  MediaStream *stream = &tap->report->streams[tap->stream];

  g_mutex_lock (&tap->report->lock);
  g_array_set_size (stream->units, 0);
  stream->end = 0;
  g_mutex_unlock (&tap->report->lock);
}

static GstPadProbeReturn
look (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  Tap *tap = user_data;

  if (GST_PAD_PROBE_INFO_TYPE (info) & GST_PAD_PROBE_TYPE_BUFFER) {
    g_mutex_lock (&tap->report->lock);
    media_stream_take (&tap->report->streams[tap->stream], &tap->segment,
        GST_PAD_PROBE_INFO_BUFFER (info));
    g_mutex_unlock (&tap->report->lock);
  } else if (GST_EVENT_TYPE (GST_PAD_PROBE_INFO_EVENT (info))
      == GST_EVENT_FLUSH_STOP)
    forget (tap);
  else if (GST_EVENT_TYPE (GST_PAD_PROBE_INFO_EVENT (info))
      == GST_EVENT_SEGMENT)
    gst_event_copy_segment (GST_PAD_PROBE_INFO_EVENT (info), &tap->segment);
  return GST_PAD_PROBE_OK;
}

static GstPadProbeReturn
hold (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  Player *self = user_data;

  g_mutex_lock (&self->report->lock);
  self->held++;
  g_cond_signal (&self->changed);
  g_mutex_unlock (&self->report->lock);
  return GST_PAD_PROBE_OK;
}

static void
complete (GstElement * demuxer, gpointer user_data)
{
  Player *self = user_data;

  g_mutex_lock (&self->report->lock);
  self->complete = TRUE;
  g_cond_signal (&self->changed);
  g_mutex_unlock (&self->report->lock);
}

static void
add_stream (GstElement * demuxer, GstPad * pad, gpointer user_data)
{
  Player *self = user_data;
  MediaReport *report = self->report;
  GstObject *pipeline = gst_object_get_parent (GST_OBJECT (demuxer));
  GstElement *sink = gst_element_factory_make ("fakesink", NULL);
  GstPad *sink_pad = gst_element_get_static_pad (sink, "sink");
  GstCaps *caps = gst_pad_query_caps (pad, NULL);
  Tap *tap = g_new0 (Tap, 1);

  g_mutex_lock (&report->lock);
  tap->report = report;
  g_assert (report->stream_count < MEDIA_STREAMS);
  tap->stream = report->stream_count++;
  media_stream_init (&report->streams[tap->stream], caps);
  g_mutex_unlock (&report->lock);
  g_object_set (sink, "sync", FALSE, "async", FALSE, NULL);
  gst_pad_add_probe (sink_pad, GST_PAD_PROBE_TYPE_BUFFER
      | GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM | GST_PAD_PROBE_TYPE_EVENT_FLUSH,
      look, tap, g_free);
  if (self->holds_back) {
    self->pads[tap->stream] = pad;
    self->holds[tap->stream] = gst_pad_add_probe (pad,
        GST_PAD_PROBE_TYPE_BLOCK | GST_PAD_PROBE_TYPE_BUFFER, hold, self,
        NULL);
  }
  gst_bin_add (GST_BIN (pipeline), sink);
  gst_element_sync_state_with_parent (sink);
  if (GST_PAD_LINK_FAILED (gst_pad_link (pad, sink_pad)))
    g_error ("a stream cannot be linked");
  gst_caps_unref (caps);
  gst_object_unref (sink_pad);
  gst_object_unref (pipeline);
}

static void
wait_for_end (GstElement * pipeline, MediaReport * report)
{
  GstBus *bus = gst_element_get_bus (pipeline);
  GstMessage *message = gst_bus_timed_pop_filtered (bus, PATIENCE,
      GST_MESSAGE_EOS | GST_MESSAGE_ERROR | GST_MESSAGE_WARNING);
  GError *error = NULL;
  gchar *debug = NULL;

  if (message == NULL)
    report->error = g_strdup ("it does not come to its end");
  else if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR)
    gst_message_parse_error (message, &error, &debug);
  else if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_WARNING)
    gst_message_parse_warning (message, &error, &debug);
  if (error != NULL)
    report->error = g_strdup_printf ("%s (%s)", error->message, debug);
  g_clear_error (&error);
  g_free (debug);
  if (message != NULL)
    gst_message_unref (message);
  gst_object_unref (bus);
}

static void
ask (GstElement * pipeline, MediaReport * report)
{
  GstQuery *query = gst_query_new_seeking (GST_FORMAT_TIME);
  gint64 duration;

  report->duration = gst_element_query_duration (pipeline, GST_FORMAT_TIME,
      &duration) && duration >= 0 ? (GstClockTime) duration
      : GST_CLOCK_TIME_NONE;
  if (gst_element_query (pipeline, query))
    gst_query_parse_seeking (query, NULL, &report->seekable, NULL, NULL);
  gst_query_unref (query);
}

/* Waits until the demuxer knows all of its streams and one of them is held,
 * seeks, and lets go. */
static void
seek (Player * self, GstClockTime start)
{
  gint64 deadline = g_get_monotonic_time () + PATIENCE / 1000;
  gboolean ready = TRUE;

  g_mutex_lock (&self->report->lock);
  while (ready && !(self->complete && self->held > 0))
    ready = g_cond_wait_until (&self->changed, &self->report->lock, deadline);
  g_mutex_unlock (&self->report->lock);
  if (!ready)
    self->report->error = g_strdup ("it does not begin");
  else if (!gst_element_seek_simple (self->demuxer, GST_FORMAT_TIME,
          GST_SEEK_FLAG_FLUSH | GST_SEEK_FLAG_KEY_UNIT, (gint64) start))
    self->report->error = g_strdup ("it refuses to seek");
  for (guint i = 0; i < self->report->stream_count; i++)
    gst_pad_remove_probe (self->pads[i], self->holds[i]);
}

void
media_check_play (const gchar * path, const gchar * demuxer,
    GstClockTime start, MediaReport * report)
{
  GstElement *pipeline = gst_pipeline_new (NULL);
  GstElement *source = gst_element_factory_make ("filesrc", NULL);
  Player self = {.report = report,.holds_back = start > 0 };

  memset (report, 0, sizeof (*report));
  report->duration = GST_CLOCK_TIME_NONE;
  g_mutex_init (&report->lock);
  g_cond_init (&self.changed);
  self.demuxer = gst_element_factory_make (demuxer, NULL);
  g_object_set (source, "location", path, NULL);
  gst_bin_add_many (GST_BIN (pipeline), source, self.demuxer, NULL);
  gst_element_link (source, self.demuxer);
  g_signal_connect (self.demuxer, "pad-added", G_CALLBACK (add_stream), &self);
  g_signal_connect (self.demuxer, "no-more-pads", G_CALLBACK (complete), &self);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  if (start > 0)
    seek (&self, start);
  if (report->error == NULL)
    wait_for_end (pipeline, report);
  ask (pipeline, report);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (pipeline);
  g_cond_clear (&self.changed);
  if (report->error == NULL && report->stream_count == 0)
    report->error = g_strdup ("it has no stream");
  for (guint i = 0; report->error == NULL && i < report->stream_count; i++)
    if (report->streams[i].units->len == 0)
      report->error = g_strdup_printf ("no buffer in stream %u", i);
}

const MediaStream *
media_report_stream (const MediaReport * report, const gchar * kind)
{
  for (guint i = 0; i < report->stream_count; i++)
    if (g_str_equal (report->streams[i].kind, kind))
      return &report->streams[i];
  return NULL;
}

GstClockTime
media_report_end (const MediaReport * report)
{
  GstClockTime end = 0;

  for (guint i = 0; i < report->stream_count; i++)
    end = MAX (end, report->streams[i].end);
  return end;
}

void
media_report_clear (MediaReport * report)
{
  g_free (report->error);
  for (guint i = 0; i < report->stream_count; i++)
    media_stream_clear (&report->streams[i]);
  g_mutex_clear (&report->lock);
}
