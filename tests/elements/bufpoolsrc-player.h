/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A pipeline of bufpoolsrc with mode=file, of which all that arrives is kept; its
 * frames of 4 bytes hold their numbers. */
#ifndef BUFPOOLSRC_PLAYER_H
#define BUFPOOLSRC_PLAYER_H

#include <gst/check/gstcheck.h>

#define FRAME_BYTES 4

/* What arrives at the sink since the last flush. */
typedef struct
{
  GstElement *pipeline, *source;
  GstBus *bus;
  GByteArray *bytes;            /* the streaming thread's, until it is at rest */
  GstClockTime first_pts;
  gint flushes, segments;       /* atomic */
} Player;

static inline GstPadProbeReturn
record (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  Player *self = user_data;

  if (info->type & GST_PAD_PROBE_TYPE_BUFFER) {
    GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER (info);
    GstMapInfo map;

    fail_unless (gst_buffer_map (buffer, &map, GST_MAP_READ));
    if (self->bytes->len == 0)
      self->first_pts = GST_BUFFER_PTS (buffer);
    g_byte_array_append (self->bytes, map.data, (guint) map.size);
    gst_buffer_unmap (buffer, &map);
  } else if (GST_EVENT_TYPE (info->data) == GST_EVENT_FLUSH_STOP) {
    g_byte_array_set_size (self->bytes, 0);
    g_atomic_int_inc (&self->flushes);
  } else if (GST_EVENT_TYPE (info->data) == GST_EVENT_SEGMENT) {
    g_atomic_int_inc (&self->segments);
  }
  return GST_PAD_PROBE_OK;
}

static inline void
player_open (Player * self, const gchar * source)
{
  gchar *line = g_strdup_printf ("bufpoolsrc name=src mode=file "
      "samples-per-buffer=1000 %s ! fakesink name=sink", source);
  GstElement *sink;
  GstPad *pad;

  *self = (Player) {.bytes = g_byte_array_new () };
  self->pipeline = gst_parse_launch (line, NULL);
  self->source = gst_bin_get_by_name (GST_BIN (self->pipeline), "src");
  self->bus = gst_element_get_bus (self->pipeline);
  sink = gst_bin_get_by_name (GST_BIN (self->pipeline), "sink");
  pad = gst_element_get_static_pad (sink, "sink");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER
      | GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM | GST_PAD_PROBE_TYPE_EVENT_FLUSH,
      record, self, NULL);
  gst_object_unref (pad);
  gst_object_unref (sink);
  g_free (line);
}

static inline void
player_pause (Player * self)
{
  gst_element_set_state (self->pipeline, GST_STATE_PAUSED);
  gst_element_get_state (self->pipeline, NULL, NULL, GST_CLOCK_TIME_NONE);
}

static inline void
player_run_to (Player * self, GstMessageType end)
{
  GstMessage *message;

  gst_element_set_state (self->pipeline, GST_STATE_PLAYING);
  message = gst_bus_timed_pop_filtered (self->bus, GST_CLOCK_TIME_NONE,
      end | GST_MESSAGE_ERROR);
  fail_unless_equals_int (GST_MESSAGE_TYPE (message), end);
  gst_message_unref (message);
}

static inline guint32
frame_of (Player * self, guint index)
{
  return GST_READ_UINT32_LE (self->bytes->data + index * FRAME_BYTES);
}

static inline void
check_frames (Player * self, guint32 from, guint32 to)
{
  fail_unless_equals_int (self->bytes->len, (to - from) * FRAME_BYTES);
  for (guint32 i = from; i < to; i++)
    fail_unless_equals_int (frame_of (self, i - from), i);
}

static inline void
player_close (Player * self)
{
  gst_element_set_state (self->pipeline, GST_STATE_NULL);
  gst_object_unref (self->bus);
  gst_object_unref (self->source);
  gst_object_unref (self->pipeline);
  g_byte_array_unref (self->bytes);
}

#endif
