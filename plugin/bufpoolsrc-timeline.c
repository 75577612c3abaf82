/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bufpoolsrc-timeline.h"

#include <gst/safecapture/safecapture.h>

void
bufpoolsrc_timeline_init (BufpoolsrcTimeline * self,
    const BufpoolsrcStream * stream)
{
  *self = (BufpoolsrcTimeline) {
    .stream = *stream,
    .live_offset = GST_CLOCK_TIME_NONE,
  };
}

void
bufpoolsrc_timeline_restart (BufpoolsrcTimeline * self)
{
  self->position = self->origin_position = 0;
  self->origin_time = 0;
  self->live_offset = GST_CLOCK_TIME_NONE;
}

GstClockTime
bufpoolsrc_timeline_time_of (const BufpoolsrcTimeline * self, guint64 position)
{
  return self->origin_time + gst_util_uint64_scale
      (position - self->origin_position, GST_SECOND, self->stream.rate);
}

void
bufpoolsrc_timeline_change (BufpoolsrcTimeline * self,
    const BufpoolsrcStream * stream)
{
  if (self->stream.rate > 0 && self->stream.rate != stream->rate) {
    self->origin_time = bufpoolsrc_timeline_time_of (self, self->position);
    self->origin_position = self->position;
  }
  self->stream = *stream;
}

guint64
bufpoolsrc_timeline_position_at (const BufpoolsrcTimeline * self,
    GstClockTime time)
{
  /* Up: time_of() rounds down, and so comes back to the same position. */
  return self->origin_position + gst_util_uint64_scale_ceil
      (time - self->origin_time, self->stream.rate, GST_SECOND);
}

void
bufpoolsrc_timeline_seek (BufpoolsrcTimeline * self, guint64 position)
{
  self->position = position;
  self->discont = FALSE;        /* the base class says so */
}

static void
stamp_header (BufpoolsrcTimeline * self, GstBuffer * buffer, gsize size)
{
  GstTieredSlotMeta *meta = gst_buffer_get_tiered_slot_meta (buffer);
  GstTieredSlotHeader header;

  if (meta == NULL)
    return;
  header = *meta->header;
  header.sequence = self->sequence;
  header.timestamp = GST_BUFFER_PTS (buffer);
  header.duration = GST_BUFFER_DURATION (buffer);
  header.sample_rate = self->stream.rate;
  header.channels = (guint16) self->stream.channels;
  header.sample_bits = (guint16) self->stream.sample_bits;
  header.samples = self->stream.rate > 0
      ? (guint32) (size / self->stream.frame_bytes) : 0;
  header.data_size = (guint32) size;
  gst_tiered_slot_meta_update (meta, &header);
}

static void
stamp_times (BufpoolsrcTimeline * self, GstBuffer * buffer, guint64 end,
    gboolean with_time)
{
  GstClockTime offset = GST_CLOCK_TIME_IS_VALID (self->live_offset)
      ? self->live_offset : 0;

  if (with_time && GST_BUFFER_PTS_IS_VALID (buffer)) {
    self->origin_time = GST_BUFFER_PTS (buffer);
    self->origin_position = self->position;
    self->live_offset = 0;
  } else if (with_time) {
    GST_BUFFER_PTS (buffer) = offset
        + bufpoolsrc_timeline_time_of (self, self->position);
  }
  if (!GST_BUFFER_DURATION_IS_VALID (buffer))
    GST_BUFFER_DURATION (buffer) = bufpoolsrc_timeline_time_of (self, end)
        - bufpoolsrc_timeline_time_of (self, self->position);
}

void
bufpoolsrc_timeline_stamp (BufpoolsrcTimeline * self, GstBuffer * buffer,
    gsize size, gboolean with_time)
{
  guint64 end = self->position + size / self->stream.frame_bytes;

  if (!GST_BUFFER_OFFSET_IS_VALID (buffer)) {
    GST_BUFFER_OFFSET (buffer) = self->position;
    GST_BUFFER_OFFSET_END (buffer) = end;
  }
  if (self->stream.rate > 0)
    stamp_times (self, buffer, end, with_time);
  if (self->discont)
    GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_DISCONT);
  stamp_header (self, buffer, size);
}

void
bufpoolsrc_timeline_advance (BufpoolsrcTimeline * self, gsize size,
    gboolean left_out)
{
  self->position += size / self->stream.frame_bytes;
  self->sequence++;
  self->discont = left_out;
}
