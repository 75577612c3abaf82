/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tieredqueue-output.h"

#define STORE(cell, value) \
  atomic_store_explicit (&(cell), (value), memory_order_relaxed)
#define LOAD(cell) atomic_load_explicit (&(cell), memory_order_relaxed)

gboolean
tieredqueue_output_init (TieredQueueOutput * self, TieredQueueSync * group)
{
  gst_segment_init (&self->segment, GST_FORMAT_UNDEFINED);
  self->member = tieredqueue_sync_add (group);
  return self->member != NULL;
}

void
tieredqueue_output_clear (TieredQueueOutput * self)
{
  tieredqueue_sync_remove (self->member);
}

static GstClockTime
last_time (GstBufferList * list)
{
  GstClockTime time = GST_CLOCK_TIME_NONE;

  for (guint i = gst_buffer_list_length (list);
      i > 0 && !GST_CLOCK_TIME_IS_VALID (time); i--)
    time = GST_BUFFER_DTS_OR_PTS (gst_buffer_list_get (list, i - 1));
  return time;
}

/* FALSE if the segment has no running time for it. */
static gboolean
to_running_time (const GstSegment * segment, GstClockTime time,
    gint64 * running_time)
{
  guint64 distance;
  gint sign;

  if (!GST_CLOCK_TIME_IS_VALID (time))
    return FALSE;
  sign = gst_segment_to_running_time_full (segment, GST_FORMAT_TIME, time,
      &distance);
  distance = MIN (distance, TIEREDQUEUE_SYNC_MAX_TIME);
  *running_time = sign < 0 ? -(gint64) distance : (gint64) distance;
  return sign != 0;
}

/* Where @item stands; FALSE if it has no place. */
static gboolean
place_of (TieredQueueOutput * self, const TieredQueueItem * item,
    TieredQueueTurn * turn)
{
  GstClockTime begin = GST_CLOCK_TIME_NONE, duration = GST_CLOCK_TIME_NONE;

  if (item->kind == TIEREDQUEUE_BUFFER)
    begin = GST_BUFFER_DTS_OR_PTS (GST_BUFFER_CAST (item->object));
  else if (item->kind == TIEREDQUEUE_LIST)
    begin = last_time (item->object);
  else if (item->kind == TIEREDQUEUE_EVENT
      && GST_EVENT_TYPE (item->object) == GST_EVENT_GAP)
    gst_event_parse_gap (item->object, &begin, &duration);
  if (!to_running_time (&self->segment, begin, &turn->begin))
    return FALSE;
  if (!GST_CLOCK_TIME_IS_VALID (duration)
      || !to_running_time (&self->segment, begin + duration, &turn->end))
    turn->end = turn->begin;
  return TRUE;
}

static gboolean
has_times (TieredQueueOutput * self)
{
  return self->segment.format == GST_FORMAT_TIME && self->segment.rate > 0.0;
}

static void
hold (TieredQueueOutput * self, const TieredQueueItem * item)
{
  guint buffers = 0;
  gsize bytes = 0;

  if (tieredqueue_kind_is_data (item->kind))
    tieredqueue_weigh (item->kind, item->object, &buffers, &bytes);
  STORE (self->held_buffers, buffers);
  STORE (self->held_bytes, bytes);
}

void
tieredqueue_output_wait (TieredQueueOutput * self,
    const TieredQueueItem * item, TieredQueueTurn * turn)
{
  gboolean timed;

  turn->takes_part = FALSE;
  if (G_LIKELY (!tieredqueue_sync_is_on (self->member->group)))
    return;
  timed = has_times (self);
  tieredqueue_sync_set_absent (self->member, !timed);
  if (!timed || !place_of (self, item, turn))
    return;
  hold (self, item);
  turn->takes_part = tieredqueue_sync_enter (self->member, turn->begin);
  STORE (self->held_buffers, 0);
  STORE (self->held_bytes, 0);
}

gboolean
tieredqueue_output_joins (TieredQueueOutput * self, GstBuffer * buffer,
    TieredQueueTurn * turn)
{
  gint64 time;

  if (!turn->takes_part || !to_running_time (&self->segment,
          GST_BUFFER_DTS_OR_PTS (buffer), &time))
    return TRUE;
  if (!tieredqueue_sync_knows (self->member, time))
    return FALSE;
  turn->end = time;
  return TRUE;
}

void
tieredqueue_output_add_level (TieredQueueOutput * self, ScRingLevel * level)
{
  level->buffers += LOAD (self->held_buffers);
  level->bytes += LOAD (self->held_bytes);
}

void
tieredqueue_output_segment (TieredQueueOutput * self, GstEvent * event)
{
  gint64 begin;

  gst_event_copy_segment (event, &self->segment);
  if (has_times (self)
      && to_running_time (&self->segment, self->segment.start, &begin))
    tieredqueue_sync_begin (self->member, begin);
}
