/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tieredqueue-timeline.h"

static gint64
move_to (TieredQueueTimeline * self, GstClockTime position)
{
  guint64 time;
  gint sign;

  self->segment.position = position;
  sign = gst_segment_to_running_time_full (&self->segment, GST_FORMAT_TIME,
      position, &time);
  /* A position without a running time leaves the level where it was. */
  if (sign != 0)
    self->time = sign > 0 ? (gint64) time : -(gint64) time;
  return self->time;
}

void
tieredqueue_timeline_init (TieredQueueTimeline * self)
{
  gst_segment_init (&self->segment, GST_FORMAT_TIME);
  self->time = 0;
}

gint64
tieredqueue_timeline_segment (TieredQueueTimeline * self, GstEvent * event)
{
  gst_event_copy_segment (event, &self->segment);
  if (self->segment.format != GST_FORMAT_TIME) {
    /* Another format says nothing of time: count from 0 and without an end. */
    self->segment.format = GST_FORMAT_TIME;
    self->segment.start = 0;
    self->segment.stop = GST_CLOCK_TIME_NONE;
    self->segment.time = 0;
    self->segment.position = 0;
  }
  return move_to (self, self->segment.position);
}

gint64
tieredqueue_timeline_gap (TieredQueueTimeline * self, GstEvent * event)
{
  GstClockTime timestamp, duration;

  gst_event_parse_gap (event, &timestamp, &duration);
  if (!GST_CLOCK_TIME_IS_VALID (timestamp))
    return self->time;
  if (GST_CLOCK_TIME_IS_VALID (duration))
    timestamp += duration;
  return move_to (self, timestamp);
}

static GstClockTime
end_of (GstBuffer * buffer, GstClockTime position)
{
  GstClockTime timestamp = GST_BUFFER_DTS_OR_PTS (buffer);

  if (!GST_CLOCK_TIME_IS_VALID (timestamp))
    timestamp = position;
  if (GST_BUFFER_DURATION_IS_VALID (buffer)
      && GST_CLOCK_TIME_IS_VALID (timestamp))
    timestamp += GST_BUFFER_DURATION (buffer);
  return timestamp;
}

gint64
tieredqueue_timeline_buffer (TieredQueueTimeline * self, GstBuffer * buffer)
{
  return move_to (self, end_of (buffer, self->segment.position));
}

gint64
tieredqueue_timeline_list (TieredQueueTimeline * self, GstBufferList * list)
{
  GstClockTime position = self->segment.position;

  for (guint i = 0; i < gst_buffer_list_length (list); i++)
    position = end_of (gst_buffer_list_get (list, i), position);
  return move_to (self, position);
}
