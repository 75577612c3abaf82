/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bufpoolsrc-extent.h"

static gboolean
has_format (const BufpoolsrcExtent * self, GstFormat format)
{
  return format == GST_FORMAT_BYTES || (self->stream.rate > 0
      && (format == GST_FORMAT_TIME || format == GST_FORMAT_DEFAULT));
}

static guint64
to_frames (const BufpoolsrcExtent * self, GstFormat format, guint64 value)
{
  if (format == GST_FORMAT_BYTES)
    return value / self->stream.frame_bytes;
  if (format == GST_FORMAT_TIME)
    return gst_util_uint64_scale_ceil (value, self->stream.rate, GST_SECOND);
  return value;
}

static guint64
from_frames (const BufpoolsrcExtent * self, GstFormat format, guint64 frames)
{
  if (format == GST_FORMAT_BYTES)
    return gst_util_uint64_scale (frames, self->stream.frame_bytes, 1);
  if (format == GST_FORMAT_TIME)
    return gst_util_uint64_scale (frames, GST_SECOND, self->stream.rate);
  return frames;
}

gboolean
bufpoolsrc_extent_convert (const BufpoolsrcExtent * self, GstFormat from,
    gint64 value, GstFormat to, gint64 * result)
{
  guint64 converted;

  *result = value;
  if (from == to || value == -1)
    return TRUE;
  if (value < 0 || !has_format (self, from) || !has_format (self, to))
    return FALSE;
  converted = from_frames (self, to, to_frames (self, from, (guint64) value));
  if (converted > G_MAXINT64)
    return FALSE;
  *result = (gint64) converted;
  return TRUE;
}

gint64
bufpoolsrc_extent_duration (const BufpoolsrcExtent * self, GstFormat format)
{
  gint64 duration = -1;

  if (self->bytes <= G_MAXINT64
      && !bufpoolsrc_extent_convert (self, GST_FORMAT_BYTES,
          (gint64) self->bytes, format, &duration))
    duration = -1;
  return duration;
}

static gboolean
answer_convert (const BufpoolsrcExtent * self, GstQuery * query)
{
  GstFormat from, to;
  gint64 value, result;

  gst_query_parse_convert (query, &from, &value, &to, NULL);
  if (!bufpoolsrc_extent_convert (self, from, value, to, &result))
    return FALSE;
  gst_query_set_convert (query, from, value, to, result);
  return TRUE;
}

/* Not known is an answer too: -1. */
static gboolean
answer_duration (const BufpoolsrcExtent * self, GstQuery * query)
{
  GstFormat format;

  gst_query_parse_duration (query, &format, NULL);
  if (!has_format (self, format))
    return FALSE;
  gst_query_set_duration (query, format,
      bufpoolsrc_extent_duration (self, format));
  return TRUE;
}

static gboolean
answer_seeking (const BufpoolsrcExtent * self, GstQuery * query)
{
  GstFormat format;

  gst_query_parse_seeking (query, &format, NULL, NULL, NULL);
  if (!has_format (self, format))
    return FALSE;
  gst_query_set_seeking (query, format, self->seekable, 0,
      bufpoolsrc_extent_duration (self, format));
  return TRUE;
}

static gboolean
answer_formats (const BufpoolsrcExtent * self, GstQuery * query)
{
  if (self->stream.rate > 0)
    gst_query_set_formats (query, 4, GST_FORMAT_TIME, GST_FORMAT_DEFAULT,
        GST_FORMAT_BYTES, GST_FORMAT_PERCENT);
  else
    gst_query_set_formats (query, 2, GST_FORMAT_BYTES, GST_FORMAT_PERCENT);
  return TRUE;
}

static gboolean
answer_scheduling (const BufpoolsrcExtent * self, GstQuery * query)
{
  gst_query_set_scheduling (query, self->seekable
      ? GST_SCHEDULING_FLAG_SEEKABLE : GST_SCHEDULING_FLAG_SEQUENTIAL, 1, -1,
      0);
  gst_query_add_scheduling_mode (query, GST_PAD_MODE_PUSH);
  return TRUE;
}

gboolean
bufpoolsrc_extent_query (const BufpoolsrcExtent * self, GstQuery * query,
    gboolean * answered)
{
  GstFormat format = GST_FORMAT_UNDEFINED;

  switch (GST_QUERY_TYPE (query)) {
    case GST_QUERY_CONVERT:
      *answered = answer_convert (self, query);
      return TRUE;
    case GST_QUERY_DURATION:
      gst_query_parse_duration (query, &format, NULL);
      *answered = answer_duration (self, query);
      return format != GST_FORMAT_PERCENT;
    case GST_QUERY_SEEKING:
      *answered = answer_seeking (self, query);
      return TRUE;
    case GST_QUERY_FORMATS:
      *answered = answer_formats (self, query);
      return TRUE;
    case GST_QUERY_SCHEDULING:
      *answered = answer_scheduling (self, query);
      return TRUE;
    default:
      return FALSE;
  }
}

gboolean
bufpoolsrc_extent_allows (const BufpoolsrcExtent * self, GstEvent * seek)
{
  GstFormat format;
  gdouble rate;

  gst_event_parse_seek (seek, &rate, &format, NULL, NULL, NULL, NULL, NULL);
  return self->seekable && rate > 0.0 && has_format (self, format);
}

/* One end of the seek as an absolute position in the segment's format. */
static gboolean
convert_end (const BufpoolsrcExtent * self, GstFormat from, GstFormat to,
    GstSeekType * type, gint64 * value)
{
  gint64 duration;

  if (*type == GST_SEEK_TYPE_NONE)
    return TRUE;
  if (*type == GST_SEEK_TYPE_END) {
    duration = bufpoolsrc_extent_duration (self, from);
    if (duration == -1)
      return FALSE;
    *value = MAX (0, duration + *value);
  }
  *type = GST_SEEK_TYPE_SET;
  return bufpoolsrc_extent_convert (self, from, *value, to, value);
}

gboolean
bufpoolsrc_extent_prepare_seek (const BufpoolsrcExtent * self,
    GstEvent * seek, GstSegment * segment)
{
  GstSeekType start_type, stop_type;
  gint64 start, stop;
  GstSeekFlags flags;
  GstFormat format;
  gdouble rate;

  gst_event_parse_seek (seek, &rate, &format, &flags, &start_type, &start,
      &stop_type, &stop);
  return convert_end (self, format, segment->format, &start_type, &start)
      && convert_end (self, format, segment->format, &stop_type, &stop)
      && gst_segment_do_seek (segment, rate, segment->format, flags,
      start_type, (guint64) start, stop_type, (guint64) stop, NULL);
}
