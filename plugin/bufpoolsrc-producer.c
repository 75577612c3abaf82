/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bufpoolsrc-producer.h"

#include <errno.h>
#include <gst/base/gstbasesrc.h>

#include "bufpoolsrc-errors.h"

static GstClockTime
monotonic_now (void)
{
  return (GstClockTime) g_get_monotonic_time () * GST_USECOND;
}

void
bufpoolsrc_producer_init (BufpoolsrcProducer * self, GstElement * element,
    BufpoolsrcReport * report, const BufpoolsrcSettings * settings)
{
  self->element = element;
  self->report = report;
  self->settings = settings;
  self->file = (BufpoolsrcFile) BUFPOOLSRC_FILE_INIT;
  bufpoolsrc_pace_init (&self->pace, element);
  atomic_init (&self->ending, FALSE);
}

/* ---- start ---- */

void
bufpoolsrc_producer_start (BufpoolsrcProducer * self, GstBufferPool * pool,
    const BufpoolsrcStream * stream, GstFormat format)
{
  gboolean live = gst_base_src_is_live (GST_BASE_SRC (self->element));

  GST_OBJECT_LOCK (self->element);
  bufpoolsrc_timeline_init (&self->line, stream);
  self->format = format;
  self->live = live;
  GST_OBJECT_UNLOCK (self->element);
  self->pool = pool;
  self->room = (BufpoolsrcRoom) { 0 };
  self->do_timestamp =
      gst_base_src_get_do_timestamp (GST_BASE_SRC (self->element));
  self->stop_position = G_MAXUINT64;
  self->dropping = FALSE;
  self->filled = 0;
  self->read_error = 0;
  atomic_store_explicit (&self->ending, FALSE, memory_order_relaxed);
}

static void
set_signal (BufpoolsrcProducer * self)
{
  self->signal = (BufpoolsrcSignal) {
    .pattern = self->settings->pattern,
    .format = self->line.stream.format,
    .rate = self->line.stream.rate,
    .channels = self->line.stream.channels,
    .frequency = self->settings->frequency,
    .volume = self->settings->volume,
  };
}

void
bufpoolsrc_producer_set_stream (BufpoolsrcProducer * self,
    const BufpoolsrcStream * stream)
{
  GST_OBJECT_LOCK (self->element);
  bufpoolsrc_timeline_change (&self->line, stream);
  GST_OBJECT_UNLOCK (self->element);
  set_signal (self);
}

void
bufpoolsrc_producer_set_room (BufpoolsrcProducer * self,
    const BufpoolsrcRoom * room)
{
  self->room = *room;
  if (self->settings->on_exhausted != GST_TIERED_ON_EXHAUSTED_DROP)
    return;
  self->scratch = g_realloc (self->scratch, self->line.stream.buffer_bytes);
  if (self->settings->acquire_timeout == GST_CLOCK_TIME_NONE)
    g_object_set (self->pool, "acquire-timeout",
        bufpoolsrc_stream_duration (&self->line.stream), NULL);
}

/* ---- data ---- */

/* Waits until the next buffer's time has come, in a live source of audio. */
static GstFlowReturn
pace (BufpoolsrcProducer * self)
{
  GstClockTime due;

  if (!self->live || self->line.stream.rate == 0)
    return GST_FLOW_OK;
  if (self->line.live_offset == GST_CLOCK_TIME_NONE)
    self->line.live_offset = bufpoolsrc_pace_now (&self->pace);
  if (self->line.live_offset == GST_CLOCK_TIME_NONE)
    return GST_FLOW_OK;         /* no clock */

  due = self->line.live_offset
      + bufpoolsrc_timeline_time_of (&self->line, self->line.position);
  return bufpoolsrc_pace_wait (&self->pace, due) ? GST_FLOW_OK
      : GST_FLOW_FLUSHING;
}

/* No slot was free at the first look: what on-exhausted says. */
static GstFlowReturn
acquire_exhausted (BufpoolsrcProducer * self, gsize size, GstBuffer ** buffer)
{
  GstClockTime start = monotonic_now ();
  GstFlowReturn ret;

  bufpoolsrc_count (&self->report->counters.exhausted, 1);
  gst_safecapture_reporter_kick (self->report->reporter);
  if (self->settings->on_exhausted == GST_TIERED_ON_EXHAUSTED_ERROR)
    goto failed;

  ret = gst_tiered_pool_acquire (GST_TIERED_POOL (self->pool), size, buffer);
  bufpoolsrc_count (&self->report->counters.wait_time,
      monotonic_now () - start);
  if (ret != GST_TIERED_POOL_FLOW_EXHAUSTED)
    return ret;
  if (self->settings->on_exhausted == GST_TIERED_ON_EXHAUSTED_DROP)
    return GST_TIERED_POOL_FLOW_DROPPED;

failed:
  bufpoolsrc_error_exhausted (self->element, size);
  return GST_FLOW_ERROR;
}

static GstFlowReturn
acquire (BufpoolsrcProducer * self, GstBuffer ** buffer)
{
  gsize size = self->line.stream.buffer_bytes;
  gsize whole = self->room.prefix + size + self->room.padding;
  GstBufferPoolAcquireParams params = {
    .format = GST_FORMAT_BYTES,
    .stop = (gint64) whole,
    .flags = GST_BUFFER_POOL_ACQUIRE_FLAG_DONTWAIT,
  };
  GstFlowReturn ret;

  if (self->settings->on_exhausted != GST_TIERED_ON_EXHAUSTED_ERROR)
    params.flags |= GST_TIERED_POOL_ACQUIRE_FLAG_PROBE;
  ret = gst_buffer_pool_acquire_buffer (self->pool, buffer, &params);
  if (G_UNLIKELY (ret == GST_FLOW_EOS))
    ret = acquire_exhausted (self, whole, buffer);
  if (ret == GST_FLOW_OK && whole > size)
    gst_buffer_resize (*buffer, (gssize) self->room.prefix, (gssize) size);
  return ret;
}

/* Cuts what was read to whole audio frames. */
static gsize
whole_frames (BufpoolsrcProducer * self, gsize size)
{
  gsize rest = size % self->line.stream.frame_bytes;

  if (rest > 0) {
    bufpoolsrc_count (&self->report->counters.partial_bytes, rest);
    gst_safecapture_reporter_kick (self->report->reporter);
    GST_WARNING_OBJECT (self->element, "%" G_GSIZE_FORMAT " bytes of a cut frame "
        "left out", rest);
  }
  return size - rest;
}

static GstFlowReturn
read_file (BufpoolsrcProducer * self, guint8 * data, gsize * size)
{
  int result = -self->read_error;

  if (result == 0)
    result = bufpoolsrc_file_fill (&self->file, data, *size, &self->filled);
  if (result == -ECANCELED)
    return GST_FLOW_FLUSHING;
  if (result < 0 && self->filled < self->line.stream.frame_bytes) {
    bufpoolsrc_error_read (self->element, self->settings, -result,
        self->line.position * self->line.stream.frame_bytes + self->filled);
    return GST_FLOW_ERROR;
  }
  /* What came before the error goes on; the error follows. */
  if (result < 0)
    self->read_error = -result;
  *size = whole_frames (self, self->filled);
  self->filled = 0;
  return *size > 0 ? GST_FLOW_OK : GST_FLOW_EOS;
}

/* Of @size bytes those before the segment's stop. */
static gsize
clip (BufpoolsrcProducer * self, gsize size)
{
  guint64 left = self->stop_position - MIN (self->line.position,
      self->stop_position);

  if (left >= size / self->line.stream.frame_bytes)
    return size;
  return (gsize) left * self->line.stream.frame_bytes;
}

/* Produces the next @size bytes; less at the end of the file or segment. */
static GstFlowReturn
produce (BufpoolsrcProducer * self, guint8 * data, gsize * size)
{
  *size = clip (self, *size);
  if (*size == 0)
    return GST_FLOW_EOS;
  if (self->settings->mode == BUFPOOLSRC_MODE_FILE)
    return read_file (self, data, size);
  bufpoolsrc_pattern_write (&self->signal, self->line.position,
      self->line.sequence, data, *size / self->line.stream.frame_bytes);
  return GST_FLOW_OK;
}

static GstFlowReturn
fill (BufpoolsrcProducer * self, GstBuffer * buffer)
{
  GstFlowReturn ret;
  GstMapInfo map;
  gsize size;

  /* Cannot fail: a slot's memory is always mapped, and ours alone. */
  if (!gst_buffer_map (buffer, &map, GST_MAP_WRITE))
    return GST_FLOW_ERROR;
  size = map.size;
  ret = produce (self, map.data, &size);
  gst_buffer_unmap (buffer, &map);
  if (ret == GST_FLOW_OK)
    gst_buffer_set_size (buffer, (gssize) size);
  return ret;
}

/* Goes past @size bytes, pushed or dropped. */
static void
advance (BufpoolsrcProducer * self, gsize size, gboolean dropped)
{
  BufpoolsrcCounters *counters = &self->report->counters;

  bufpoolsrc_timeline_advance (&self->line, size, dropped);
  bufpoolsrc_count (dropped ? &counters->dropped_buffers : &counters->buffers,
      1);
  bufpoolsrc_count (dropped ? &counters->dropped_bytes : &counters->bytes,
      size);
  if (!dropped && self->line.stream.rate > 0)
    bufpoolsrc_count (&counters->samples, size / self->line.stream.frame_bytes);
}

static gboolean
is_ending (BufpoolsrcProducer * self)
{
  return atomic_load_explicit (&self->ending, memory_order_acquire);
}

static GstFlowReturn
drop (BufpoolsrcProducer * self)
{
  gsize size = self->line.stream.buffer_bytes;
  GstFlowReturn ret = produce (self, self->scratch, &size);

  self->dropping = ret == GST_FLOW_FLUSHING;
  if (ret == GST_FLOW_OK)
    advance (self, size, TRUE);
  return ret;
}

/* A buffer for the next data, when its time has come; what finds no slot is
 * dropped on the way, if it may be. */
static GstFlowReturn
next_buffer (BufpoolsrcProducer * self, GstBuffer ** buffer)
{
  GstFlowReturn ret;

  *buffer = g_steal_pointer (&self->partial);
  if (*buffer != NULL)
    return GST_FLOW_OK;
  do {
    ret = self->dropping ? GST_TIERED_POOL_FLOW_DROPPED : pace (self);
    if (ret == GST_FLOW_OK)
      ret = acquire (self, buffer);
    if (ret == GST_TIERED_POOL_FLOW_DROPPED)
      ret = drop (self);
  } while (ret == GST_FLOW_OK && *buffer == NULL);
  return ret;
}

/* Cuts @buffer to what a read had got; FALSE if that is no whole frame. */
static gboolean
finish_partial (BufpoolsrcProducer * self, GstBuffer * buffer)
{
  gsize size = whole_frames (self, self->filled);

  self->filled = 0;
  gst_buffer_set_size (buffer, (gssize) size);
  return size > 0;
}

/* What was read, of what is to be dropped or is not wanted any more. */
static void
drop_filled (BufpoolsrcProducer * self)
{
  gsize size = self->filled;

  self->filled = 0;
  if (size > 0)
    advance (self, size - size % self->line.stream.frame_bytes, TRUE);
}

static void
stamp (BufpoolsrcProducer * self, GstBuffer * buffer)
{
  gsize size = gst_buffer_get_size (buffer);

  if (self->do_timestamp) {
    GST_BUFFER_PTS (buffer) = bufpoolsrc_pace_now (&self->pace);
    GST_BUFFER_DTS (buffer) = GST_BUFFER_PTS (buffer);
  }
  bufpoolsrc_timeline_stamp (&self->line, buffer, size, !self->do_timestamp);
  advance (self, size, FALSE);
}

static GstFlowReturn
next_filled (BufpoolsrcProducer * self, GstBuffer ** buffer)
{
  GstFlowReturn ret = next_buffer (self, buffer);

  if (ret != GST_FLOW_OK)
    return ret;
  ret = fill (self, *buffer);
  if (ret == GST_FLOW_FLUSHING)
    self->partial = g_steal_pointer (buffer);
  else if (ret != GST_FLOW_OK)
    gst_clear_buffer (buffer);
  return ret;
}

/* What an interrupted read has got is the last buffer. */
static GstFlowReturn
last_buffer (BufpoolsrcProducer * self, GstBuffer ** buffer)
{
  *buffer = g_steal_pointer (&self->partial);
  if (*buffer == NULL) {
    drop_filled (self);
    return GST_FLOW_EOS;
  }
  if (finish_partial (self, *buffer))
    return GST_FLOW_OK;
  gst_clear_buffer (buffer);
  return GST_FLOW_EOS;
}

GstFlowReturn
bufpoolsrc_producer_create (BufpoolsrcProducer * self, GstBuffer ** out)
{
  GstFlowReturn ret = GST_FLOW_FLUSHING;
  GstBuffer *buffer = NULL;

  if (!is_ending (self))
    ret = next_filled (self, &buffer);
  if (ret == GST_FLOW_FLUSHING && is_ending (self))
    ret = last_buffer (self, &buffer);
  if (ret != GST_FLOW_OK)
    return ret;
  stamp (self, buffer);
  *out = buffer;
  return GST_FLOW_OK;
}

/* ---- seek ---- */

static guint64
position_in (BufpoolsrcProducer * self, guint64 value)
{
  return self->format == GST_FORMAT_TIME && self->line.stream.rate > 0
      ? bufpoolsrc_timeline_position_at (&self->line, value) : value;
}

gboolean
bufpoolsrc_producer_seek (BufpoolsrcProducer * self, GstSegment * segment)
{
  guint64 position = position_in (self, segment->position);
  int ret = bufpoolsrc_file_seek (&self->file,
      position * self->line.stream.frame_bytes);

  if (ret < 0) {
    bufpoolsrc_error_read (self->element, self->settings, -ret,
        position * self->line.stream.frame_bytes);
    return FALSE;
  }
  gst_clear_buffer (&self->partial);
  self->filled = 0;
  self->dropping = FALSE;
  self->read_error = 0;
  bufpoolsrc_producer_resume (self);
  bufpoolsrc_timeline_seek (&self->line, position);
  self->stop_position = segment->stop == GST_CLOCK_TIME_NONE ? G_MAXUINT64
      : position_in (self, segment->stop);
  segment->time = segment->start;
  return TRUE;
}


/* ---- unlock ---- */

void
bufpoolsrc_producer_interrupt (BufpoolsrcProducer * self,
    gboolean interrupted)
{
  bufpoolsrc_pace_interrupt (&self->pace, interrupted);
  if (self->pool != NULL)
    gst_buffer_pool_set_flushing (self->pool, interrupted);
  if (self->file.fd != -1)
    bufpoolsrc_file_interrupt (&self->file, interrupted);
}

void
bufpoolsrc_producer_end (BufpoolsrcProducer * self)
{
  /* Release: the data thread, whose wait ends after this, sees why. */
  atomic_store_explicit (&self->ending, TRUE, memory_order_release);
  bufpoolsrc_producer_interrupt (self, TRUE);
}

void
bufpoolsrc_producer_resume (BufpoolsrcProducer * self)
{
  atomic_store_explicit (&self->ending, FALSE, memory_order_relaxed);
}

/* ---- stop ---- */

void
bufpoolsrc_producer_stop (BufpoolsrcProducer * self)
{
  if (self->partial != NULL || self->dropping)
    drop_filled (self);
  gst_clear_buffer (&self->partial);
  self->pool = NULL;
  bufpoolsrc_pace_clear (&self->pace);
  g_clear_pointer (&self->scratch, g_free);
  GST_OBJECT_LOCK (self->element);
  bufpoolsrc_file_close (&self->file);
  GST_OBJECT_UNLOCK (self->element);
}
