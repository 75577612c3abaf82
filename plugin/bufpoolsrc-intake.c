/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bufpoolsrc-intake.h"

#include <errno.h>
#include <gst/base/gstbasesrc.h>

#include "bufpoolsrc-errors.h"

/* GstFlowReturn of the thread's last acquire, as errno is of a system call. */
static GPrivate last_result = G_PRIVATE_INIT (NULL);

void
bufpoolsrc_intake_init (BufpoolsrcIntake * self, GstElement * element,
    BufpoolsrcReport * report, BufpoolsrcPace * pace)
{
  self->element = element;
  self->report = report;
  self->pace = pace;
  /* Cannot fail on Linux; elsewhere only for lack of memory, which GLib does not
   * survive either. */
  if (bufpoolsrc_app_init (&self->queue) < 0)
    g_error ("bufpoolsrc: no memory for a lock");
}

void
bufpoolsrc_intake_clear (BufpoolsrcIntake * self)
{
  bufpoolsrc_app_clear (&self->queue);
}

gboolean
bufpoolsrc_intake_open (BufpoolsrcIntake * self, GstBufferPool * pool,
    const BufpoolsrcSettings * settings, const BufpoolsrcStream * stream)
{
  GstBaseSrc *base = GST_BASE_SRC (self->element);
  GstTieredAllocator *allocator =
      gst_tiered_pool_get_allocator (GST_TIERED_POOL (pool));

  GST_OBJECT_LOCK (self->element);
  self->allocator = GST_ALLOCATOR (allocator);
  self->policy = settings->on_exhausted;
  self->timeout = settings->acquire_timeout;
  if (self->policy == GST_TIERED_ON_EXHAUSTED_DROP
      && self->timeout == GST_CLOCK_TIME_NONE)
    self->timeout = bufpoolsrc_stream_duration (stream);
  else if (self->policy == GST_TIERED_ON_EXHAUSTED_ERROR)
    self->timeout = 0;
  self->default_size = stream->buffer_bytes;
  GST_OBJECT_UNLOCK (self->element);
  g_object_set (pool, "acquire-timeout", self->timeout, NULL);

  bufpoolsrc_app_enter (&self->queue);
  bufpoolsrc_timeline_init (&self->line, stream);
  self->live = gst_base_src_is_live (base);
  self->do_timestamp = gst_base_src_get_do_timestamp (base);
  bufpoolsrc_app_leave (&self->queue);
  if (bufpoolsrc_app_open (&self->queue,
          gst_tiered_allocator_count_slots (allocator, 0)) < 0)
    return FALSE;
  GST_OBJECT_LOCK (self->element);
  self->pool = gst_object_ref (pool);
  self->room = (BufpoolsrcRoom) { 0 };
  GST_OBJECT_UNLOCK (self->element);
  return TRUE;
}

void
bufpoolsrc_intake_set_room (BufpoolsrcIntake * self,
    const BufpoolsrcRoom * room)
{
  GST_OBJECT_LOCK (self->element);
  self->room = *room;
  GST_OBJECT_UNLOCK (self->element);
}

static void
count_dropped (BufpoolsrcIntake * self, gsize size)
{
  BufpoolsrcCounters *counters = &self->report->counters;

  bufpoolsrc_count_shared (&counters->dropped_buffers, 1);
  bufpoolsrc_count_shared (&counters->dropped_bytes, size);
}

static void
drop_queued (void *item, void *data)
{
  count_dropped (data, gst_buffer_get_size (item));
  gst_buffer_unref (item);
}

void
bufpoolsrc_intake_close (BufpoolsrcIntake * self)
{
  GstBufferPool *pool;

  GST_OBJECT_LOCK (self->element);
  pool = g_steal_pointer (&self->pool);
  GST_OBJECT_UNLOCK (self->element);
  bufpoolsrc_app_close (&self->queue, drop_queued, self);
  gst_clear_object (&pool);
}

void
bufpoolsrc_intake_flush (BufpoolsrcIntake * self)
{
  bufpoolsrc_app_enter (&self->queue);
  bufpoolsrc_app_flush (&self->queue, drop_queued, self);
  bufpoolsrc_timeline_restart (&self->line);
  bufpoolsrc_app_leave (&self->queue);
}

/* What finds no place leaves a gap in the numbers and times. */
static void
leave_out (BufpoolsrcIntake * self, gsize size)
{
  count_dropped (self, size);
  bufpoolsrc_app_enter (&self->queue);
  bufpoolsrc_timeline_advance (&self->line, size, TRUE);
  bufpoolsrc_app_leave (&self->queue);
}

static GstFlowReturn
acquire_exhausted (BufpoolsrcIntake * self, GstBufferPool * pool, gsize size,
    gsize whole, GstBuffer ** buffer)
{
  BufpoolsrcCounters *counters = &self->report->counters;
  gint64 start = g_get_monotonic_time ();
  GstFlowReturn ret = GST_TIERED_POOL_FLOW_EXHAUSTED;

  bufpoolsrc_count_shared (&counters->exhausted, 1);
  gst_safecapture_reporter_kick (self->report->reporter);
  if (self->policy != GST_TIERED_ON_EXHAUSTED_ERROR)
    ret = gst_tiered_pool_acquire (GST_TIERED_POOL (pool), whole, buffer);
  bufpoolsrc_count_shared (&counters->wait_time,
      (guint64) (g_get_monotonic_time () - start) * GST_USECOND);
  if (ret != GST_TIERED_POOL_FLOW_EXHAUSTED)
    return ret;
  if (self->policy == GST_TIERED_ON_EXHAUSTED_DROP) {
    leave_out (self, size);
    return GST_TIERED_POOL_FLOW_DROPPED;
  }
  bufpoolsrc_error_exhausted (self->element, size);
  return ret;
}

static GstFlowReturn
acquire (BufpoolsrcIntake * self, GstBufferPool * pool,
    const BufpoolsrcRoom * room, guint64 size, GstBuffer ** buffer)
{
  GstBufferPoolAcquireParams params = {
    .format = GST_FORMAT_BYTES,
    .flags = GST_BUFFER_POOL_ACQUIRE_FLAG_DONTWAIT,
  };
  GstFlowReturn ret;
  gsize whole;

  if (bufpoolsrc_app_has_ended (&self->queue))
    return GST_FLOW_EOS;
  if (size == 0)
    size = self->default_size;
  if (size > G_MAXINT32)
    return GST_FLOW_ERROR;
  whole = room->prefix + size + room->padding;
  params.stop = (gint64) whole;
  if (self->policy != GST_TIERED_ON_EXHAUSTED_ERROR)
    params.flags |= GST_TIERED_POOL_ACQUIRE_FLAG_PROBE;
  ret = gst_buffer_pool_acquire_buffer (pool, buffer, &params);
  if (ret == GST_FLOW_EOS)
    ret = acquire_exhausted (self, pool, size, whole, buffer);
  if (ret == GST_FLOW_OK && whole > size)
    gst_buffer_resize (*buffer, (gssize) room->prefix, (gssize) size);
  return ret;
}

GstBuffer *
bufpoolsrc_intake_acquire (BufpoolsrcIntake * self, guint64 size)
{
  GstFlowReturn ret = GST_FLOW_FLUSHING;
  GstBuffer *buffer = NULL;
  GstBufferPool *pool = NULL;
  BufpoolsrcRoom room;

  /* The stop may come at any time: the pool is kept until we are through. */
  GST_OBJECT_LOCK (self->element);
  if (self->pool != NULL)
    pool = gst_object_ref (self->pool);
  room = self->room;
  GST_OBJECT_UNLOCK (self->element);
  if (pool != NULL) {
    ret = acquire (self, pool, &room, size, &buffer);
    gst_object_unref (pool);
  }
  g_private_set (&last_result, GINT_TO_POINTER (ret));
  return ret == GST_FLOW_OK ? buffer : NULL;
}

GstFlowReturn
bufpoolsrc_intake_result (void)
{
  return (GstFlowReturn) GPOINTER_TO_INT (g_private_get (&last_result));
}

static gboolean
is_foreign (BufpoolsrcIntake * self, GstBuffer * buffer)
{
  for (guint i = 0; i < gst_buffer_n_memory (buffer); i++) {
    if (gst_buffer_peek_memory (buffer, i)->allocator != self->allocator)
      return TRUE;
  }
  return FALSE;
}

/* Cuts to whole frames; the bytes that are left. */
static gsize
cut_to_frames (BufpoolsrcIntake * self, GstBuffer * buffer)
{
  gsize size = gst_buffer_get_size (buffer);
  gsize rest = size % self->line.stream.frame_bytes;

  if (rest > 0) {
    bufpoolsrc_count_shared (&self->report->counters.partial_bytes, rest);
    gst_safecapture_reporter_kick (self->report->reporter);
    gst_buffer_set_size (buffer, (gssize) (size - rest));
  }
  return size - rest;
}

/* The time of the push, where the application gave none. */
static void
stamp_now (BufpoolsrcIntake * self, GstBuffer * buffer)
{
  if (!self->do_timestamp || GST_BUFFER_PTS_IS_VALID (buffer)
      || GST_BUFFER_DTS_IS_VALID (buffer))
    return;
  GST_BUFFER_PTS (buffer) = bufpoolsrc_pace_now (self->pace);
  GST_BUFFER_DTS (buffer) = GST_BUFFER_PTS (buffer);
}

/* @buffer is writable.  FALSE if nothing is left of it. */
static gboolean
stamp (BufpoolsrcIntake * self, GstBuffer * buffer)
{
  gboolean was_empty = gst_buffer_get_size (buffer) == 0;
  gsize size = cut_to_frames (self, buffer);

  if (size == 0 && !was_empty)
    return FALSE;
  if (self->live && !GST_CLOCK_TIME_IS_VALID (self->line.live_offset))
    self->line.live_offset = bufpoolsrc_pace_now (self->pace);
  stamp_now (self, buffer);
  bufpoolsrc_timeline_stamp (&self->line, buffer, size, !self->do_timestamp);
  bufpoolsrc_timeline_advance (&self->line, size, FALSE);
  return TRUE;
}

/* There is room, and nobody else puts. */
static void
put (BufpoolsrcIntake * self, GstBuffer * buffer)
{
  /* In place if only the caller has it; else a copy that shares the memory. */
  if (gst_buffer_is_writable (buffer))
    buffer = stamp (self, buffer) ? gst_buffer_ref (buffer) : NULL;
  else {
    buffer = gst_buffer_copy (buffer);
    if (!stamp (self, buffer))
      gst_clear_buffer (&buffer);
  }
  if (buffer != NULL)
    bufpoolsrc_app_put (&self->queue, buffer);
}

static GstFlowReturn
push_full (BufpoolsrcIntake * self, GstBuffer * buffer)
{
  if (self->policy == GST_TIERED_ON_EXHAUSTED_DROP) {
    leave_out (self, gst_buffer_get_size (buffer));
    return GST_TIERED_POOL_FLOW_DROPPED;
  }
  bufpoolsrc_error_queue_full (self->element);
  return GST_TIERED_POOL_FLOW_EXHAUSTED;
}

GstFlowReturn
bufpoolsrc_intake_push (BufpoolsrcIntake * self, GstBuffer * buffer)
{
  GstClockTime timeout;
  gboolean is_open;

  /* Under the lock, as open writes it. */
  GST_OBJECT_LOCK (self->element);
  is_open = self->pool != NULL;
  timeout = self->timeout;
  GST_OBJECT_UNLOCK (self->element);
  if (!is_open)
    return GST_FLOW_FLUSHING;

  switch (bufpoolsrc_app_reserve (&self->queue, timeout)) {
    case 0:
      if (is_foreign (self, buffer))
        bufpoolsrc_count_shared (&self->report->counters.foreign, 1);
      put (self, buffer);
      bufpoolsrc_app_leave (&self->queue);
      return GST_FLOW_OK;
    case -ENODATA:
      return GST_FLOW_EOS;
    case -EAGAIN:
      return push_full (self, buffer);
    default:
      return GST_FLOW_FLUSHING;
  }
}

GstFlowReturn
bufpoolsrc_intake_end (BufpoolsrcIntake * self)
{
  return bufpoolsrc_app_end (&self->queue) == 0 ? GST_FLOW_OK
      : GST_FLOW_FLUSHING;
}

GstFlowReturn
bufpoolsrc_intake_take (BufpoolsrcIntake * self, GstBuffer ** buffer)
{
  BufpoolsrcCounters *counters = &self->report->counters;
  void *item;
  gsize size;
  int ret = bufpoolsrc_app_take (&self->queue, &item);

  if (ret < 0)
    return ret == -ENODATA ? GST_FLOW_EOS : GST_FLOW_FLUSHING;
  *buffer = item;
  size = gst_buffer_get_size (*buffer);
  bufpoolsrc_count (&counters->buffers, 1);
  bufpoolsrc_count (&counters->bytes, size);
  if (self->line.stream.rate > 0)
    bufpoolsrc_count (&counters->samples,
        size / self->line.stream.frame_bytes);
  return GST_FLOW_OK;
}
