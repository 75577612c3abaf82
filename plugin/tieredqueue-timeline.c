/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tieredqueue-timeline.h"

#define ORIGIN(self) \
  atomic_load_explicit (&(self)->origin, memory_order_relaxed)

/* FALSE: @position has none. */
static gboolean
to_running_time (TieredQueueTimeline * self, GstClockTime position,
    gint64 * running_time)
{
  guint64 time;
  gint sign = gst_segment_to_running_time_full (&self->segment,
      GST_FORMAT_TIME, position, &time);

  if (sign != 0)
    *running_time = sign > 0 ? (gint64) time : -(gint64) time;
  return sign != 0;
}

static gint64
move_to (TieredQueueTimeline * self, GstClockTime position)
{
  self->segment.position = position;
  /* A position without a running time leaves the level where it was. */
  if (to_running_time (self, position, &self->running_time))
    self->time = self->running_time - ORIGIN (self);
  return self->time;
}

/* @first: of what comes next; may be none. */
static void
find_origin (TieredQueueTimeline * self, GstClockTime first)
{
  gint64 origin;

  if (G_LIKELY (self->has_origin) || !GST_CLOCK_TIME_IS_VALID (first)
      || !to_running_time (self, first, &origin))
    return;
  self->has_origin = TRUE;
  /* Relaxed: the ring's release publishes it with the first item that it counts
   * for. */
  atomic_store_explicit (&self->origin, origin, memory_order_relaxed);
}

void
tieredqueue_timeline_init_by (TieredQueueTimeline * self,
    TieredQueueTimelineRule rule)
{
  gst_segment_init (&self->segment, GST_FORMAT_TIME);
  self->running_time = self->time = 0;
  self->rule = rule;
  self->has_origin = rule == TIEREDQUEUE_FROM_SEGMENT;
  atomic_store_explicit (&self->origin, 0, memory_order_relaxed);
}

void
tieredqueue_timeline_init (TieredQueueTimeline * self)
{
  guint major, minor, micro, nano;

  gst_version (&major, &minor, &micro, &nano);
  /* 1.23 is what became 1.24. */
  tieredqueue_timeline_init_by (self, minor >= 23
      ? TIEREDQUEUE_FROM_FIRST : TIEREDQUEUE_FROM_SEGMENT);
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
  if (self->rule == TIEREDQUEUE_FROM_SEGMENT)
    return move_to (self, self->segment.position);
  (void) to_running_time (self, self->segment.position, &self->running_time);
  return self->time;
}

gint64
tieredqueue_timeline_gap (TieredQueueTimeline * self, GstEvent * event)
{
  GstClockTime timestamp, duration;

  gst_event_parse_gap (event, &timestamp, &duration);
  if (!GST_CLOCK_TIME_IS_VALID (timestamp))
    return self->time;
  find_origin (self, timestamp);
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

/* Where a buffer without a timestamp is. */
static GstClockTime
position_before (TieredQueueTimeline * self)
{
  return self->rule == TIEREDQUEUE_FROM_FIRST ? GST_CLOCK_TIME_NONE
      : self->segment.position;
}

/* @position: may be none. */
static gint64
move_to_end (TieredQueueTimeline * self, GstClockTime position)
{
  if (!GST_CLOCK_TIME_IS_VALID (position)
      && self->rule == TIEREDQUEUE_FROM_FIRST)
    return self->time;
  return move_to (self, position);
}

gint64
tieredqueue_timeline_buffer (TieredQueueTimeline * self, GstBuffer * buffer)
{
  find_origin (self, GST_BUFFER_DTS_OR_PTS (buffer));
  return move_to_end (self, end_of (buffer, position_before (self)));
}

gint64
tieredqueue_timeline_list (TieredQueueTimeline * self, GstBufferList * list)
{
  GstClockTime position = position_before (self);

  for (guint i = 0; i < gst_buffer_list_length (list); i++) {
    GstBuffer *buffer = gst_buffer_list_get (list, i);

    find_origin (self, GST_BUFFER_DTS_OR_PTS (buffer));
    position = end_of (buffer, position);
  }
  return move_to_end (self, position);
}

gint64
tieredqueue_timeline_outside (TieredQueueTimeline * self,
    GstClockTime timestamp)
{
  gint64 running_time = self->running_time;

  if (GST_CLOCK_TIME_IS_VALID (timestamp))
    (void) to_running_time (self, timestamp, &running_time);
  return running_time;
}

gint64
tieredqueue_timeline_running_time (TieredQueueTimeline * self, gint64 time)
{
  return time + ORIGIN (self);
}
