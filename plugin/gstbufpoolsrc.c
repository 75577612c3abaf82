/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * SECTION:element-bufpoolsrc
 * @title: bufpoolsrc
 * @short_description: source whose buffers come from a static tiered pool
 *
 * Test signals, raw bytes from a file, FIFO, device node, standard input or
 * descriptor, or what the application pushes, in buffers of a pool that is
 * reserved once, at start: while it runs it allocates nothing.  Every buffer
 * carries a #GstTieredSlotMeta with its sequence number.
 *
 * ## Examples
 * |[
 * gst-launch-1.0 -m bufpoolsrc num-buffers=1000 ! tieredqueue ! fakesink
 * arecord -f S16_LE -r 48000 -c 2 -t raw | gst-launch-1.0 bufpoolsrc mode=file location=- caps=audio/x-raw,format=S16LE,rate=48000,channels=2,layout=interleaved ! wavenc ! filesink location=test.wav
 * ]|
 */
/*
 * Contract
 *   Properties, states, negotiation, seeks and queries; the data itself comes
 *   from the producer, or from the application through the intake.  Whatever
 *   waits there, unlock ends the wait.
 *
 *   bufpoolsrc-producer.c the buffers of mode=pattern and mode=file
 *   bufpoolsrc-pattern.c  test signals
 *   bufpoolsrc-file.c     reading descriptors
 *   bufpoolsrc-intake.c   what the application's threads do with mode=app
 *   bufpoolsrc-app.c      the queue from them to the data thread
 *   bufpoolsrc-pace.c     waiting for the clock
 *   bufpoolsrc-timeline.c positions, times, and what buffers are stamped with
 *   bufpoolsrc-extent.c   durations, conversions and seeks
 *   bufpoolsrc-caps.c     what is negotiated, and its sizes
 *   bufpoolsrc-aes5.c     the sampling frequencies of AES5
 *   bufpoolsrc-settings.c properties that are plain values
 *   bufpoolsrc-report.c   counters, statistics and messages
 *   bufpoolsrc-pool.c     start and stop of the pool
 *   bufpoolsrc-errors.c   error messages
 *
 *   The data thread's own state is not locked: start, stop and seeks, which also
 *   write it, run while the data thread does not.  What queries read (the
 *   stream's sizes, the file's descriptor) is written under the object lock.
 */
#include "gstbufpoolsrc.h"

#include <gst/audio/audio.h>
#include <gst/safecapture/safecapture.h>

#include "bufpoolsrc-aes5.h"
#include "bufpoolsrc-caps.h"
#include "bufpoolsrc-errors.h"
#include "bufpoolsrc-extent.h"
#include "bufpoolsrc-intake.h"
#include "bufpoolsrc-pool.h"
#include "bufpoolsrc-producer.h"
#include "bufpoolsrc-report.h"
#include "bufpoolsrc-settings.h"

GST_DEBUG_CATEGORY_STATIC (bufpoolsrc_debug);
#define GST_CAT_DEFAULT bufpoolsrc_debug

/* Of the slots' data in all profiles but embedded, where it is 16. */
#define SLOT_ALIGNMENT 64

/* Where blocksize is 0 or -1. */
#define DEFAULT_BLOCKSIZE 4096

struct _GstBufpoolSrc
{
  GstPushSrc parent;

  BufpoolsrcSettings settings;  /* under the object lock */
  GstTieredAllocator *allocator;
  BufpoolsrcReport report;

  /* From start to stop. */
  BufpoolsrcSettings now;       /* the settings of this run */
  GstBufferPool *pool;
  BufpoolsrcProducer producer;  /* of mode=pattern and file; and the sizes */
  BufpoolsrcIntake intake;      /* of mode=app */
};

enum
{
  /* From 1 on: the settings. */
  PROP_IS_LIVE = BUFPOOLSRC_N_SETTINGS,
  PROP_PROFILE,
  PROP_TIERS,
  PROP_LOCK_MEMORY,
  PROP_QUOTAS,
  PROP_METERING,
  PROP_ACQUIRE_RESULT,
  PROP_STATS,                   /* and those that follow: the reporter's */
};

enum
{
  SIGNAL_ACQUIRE_BUFFER,
  SIGNAL_PUSH_BUFFER,
  SIGNAL_END_OF_STREAM,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE ("src",
    GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);

G_DEFINE_FINAL_TYPE_WITH_CODE (GstBufpoolSrc, gst_bufpool_src,
    GST_TYPE_PUSH_SRC,
    GST_DEBUG_CATEGORY_INIT (bufpoolsrc_debug, "bufpoolsrc", 0,
        "static pool source"));
GST_ELEMENT_REGISTER_DEFINE (bufpoolsrc, "bufpoolsrc", GST_RANK_NONE,
    GST_TYPE_BUFPOOL_SRC);

/* ---- helpers ---- */

static BufpoolsrcExtent
get_extent (GstBufpoolSrc * self)
{
  BufpoolsrcExtent extent = { 0 };

  GST_OBJECT_LOCK (self);
  extent.stream = self->producer.line.stream;
  extent.format = self->producer.format;
  /* Not a regular file: neither size nor seeks. */
  if (bufpoolsrc_file_size (&self->producer.file, &extent.bytes) < 0)
    extent.bytes = BUFPOOLSRC_SIZE_UNKNOWN;
  else
    extent.seekable = !self->producer.live;
  GST_OBJECT_UNLOCK (self);
  return extent;
}

/* ---- start ---- */

static gboolean
open_file (GstBufpoolSrc * self)
{
  int ret = -EBADF;

  if (self->now.location != NULL || self->now.fd >= 0)
    ret = bufpoolsrc_file_open (&self->producer.file, self->now.location, self->now.fd);
  if (ret < 0)
    bufpoolsrc_error_open (GST_ELEMENT (self), &self->now, -ret);
  return ret == 0;
}

/* A seek must find a definite end to reach. */
static void
refresh_duration (GstBufpoolSrc * self)
{
  BufpoolsrcExtent extent = get_extent (self);
  gint64 duration = bufpoolsrc_extent_duration (&extent, extent.format);

  GST_OBJECT_LOCK (self);
  GST_BASE_SRC (self)->segment.duration = (guint64) duration;
  GST_OBJECT_UNLOCK (self);
}

/* The caps of the bytes: from the property, or what downstream insists on; NULL
 * for bytes of no declared kind.  FALSE if they are raw audio or video, but of
 * which kind is not said exactly: a guess would make noise of them. */
static gboolean
settle_caps (GstBufpoolSrc * self)
{
  GstCaps *caps;

  if (self->now.caps != NULL)
    caps = gst_caps_ref (self->now.caps);
  else
    caps = gst_pad_peer_query_caps (GST_BASE_SRC_PAD (self), NULL);
  if (gst_caps_is_any (caps) || (self->now.caps == NULL
          && !gst_caps_is_fixed (caps) && !bufpoolsrc_caps_need_raw (caps)))
    gst_clear_caps (&caps);
  GST_OBJECT_LOCK (self);
  gst_caps_replace (&self->now.caps, caps);
  GST_OBJECT_UNLOCK (self);
  gst_clear_caps (&caps);

  if (self->now.caps == NULL || bufpoolsrc_caps_are_exact (self->now.caps))
    return TRUE;
  bufpoolsrc_error_inexact_caps (GST_ELEMENT (self), &self->now);
  return FALSE;
}

static gboolean
format_is_usable (GstBufpoolSrc * self)
{
  if (self->now.mode != BUFPOOLSRC_MODE_APP
      || self->now.format == GST_FORMAT_UNDEFINED
      || self->now.format == GST_FORMAT_TIME
      || self->now.format == GST_FORMAT_BYTES)
    return TRUE;
  GST_ELEMENT_ERROR (self, LIBRARY, SETTINGS,
      ("A stream of mode=app cannot have the format %s.",
          gst_format_get_name (self->now.format)),
      ("Set format to time or bytes."));
  return FALSE;
}

static void
forget_settings (GstBufpoolSrc * self)
{
  GST_OBJECT_LOCK (self);
  bufpoolsrc_settings_clear (&self->now);
  GST_OBJECT_UNLOCK (self);
}

/* The sizes that the caps say; from negotiation on those of a test signal. */
static BufpoolsrcStream
initial_stream (GstBufpoolSrc * self)
{
  guint blocksize = gst_base_src_get_blocksize (GST_BASE_SRC (self));
  BufpoolsrcStream stream;

  if (!bufpoolsrc_caps_are_raw_audio (self->now.caps)
      || !bufpoolsrc_stream_init_audio (&stream, self->now.caps,
          self->now.samples_per_buffer))
    bufpoolsrc_stream_init_bytes (&stream,
        blocksize == 0 || blocksize == G_MAXUINT ? DEFAULT_BLOCKSIZE
        : blocksize);
  return stream;
}

static gboolean
start_source (GstBufpoolSrc * self)
{
  BufpoolsrcStream stream;

  if (!format_is_usable (self))
    return FALSE;
  if (self->now.mode != BUFPOOLSRC_MODE_PATTERN && !settle_caps (self))
    return FALSE;
  if (self->now.mode == BUFPOOLSRC_MODE_FILE && !open_file (self))
    return FALSE;
  self->pool = bufpoolsrc_pool_start (GST_ELEMENT (self), self->allocator,
      &self->now);
  if (self->pool == NULL)
    return FALSE;
  stream = initial_stream (self);
  bufpoolsrc_producer_start (&self->producer, self->pool, &stream,
      bufpoolsrc_settings_segment_format (&self->now));
  bufpoolsrc_report_start (&self->report);
  if (self->now.mode != BUFPOOLSRC_MODE_APP
      || bufpoolsrc_intake_open (&self->intake, self->pool, &self->now,
          &stream))
    return TRUE;
  GST_ELEMENT_ERROR (self, RESOURCE, NO_SPACE_LEFT,
      ("There is no memory for the queue of mode=app."),
      ("Use fewer slots (profile, tiers)."));
  bufpoolsrc_report_stop (&self->report);
  bufpoolsrc_pool_stop (&self->pool);
  return FALSE;
}

static gboolean
gst_bufpool_src_start (GstBaseSrc * base)
{
  GstBufpoolSrc *self = GST_BUFPOOL_SRC (base);

  GST_OBJECT_LOCK (self);
  bufpoolsrc_settings_copy (&self->now, &self->settings);
  GST_OBJECT_UNLOCK (self);
  if (!start_source (self)) {
    bufpoolsrc_producer_stop (&self->producer);
    forget_settings (self);
    return FALSE;
  }
  gst_base_src_set_format (base, self->producer.format);
  gst_base_src_set_dynamic_size (base, self->producer.file.regular);
  refresh_duration (self);
  return TRUE;
}

/* ---- negotiation ---- */

static GstCaps *
gst_bufpool_src_get_caps (GstBaseSrc * base, GstCaps * filter)
{
  GstBufpoolSrc *self = GST_BUFPOOL_SRC (base);
  GstCaps *caps, *result;

  GST_OBJECT_LOCK (self);
  if (self->settings.mode == BUFPOOLSRC_MODE_PATTERN)
    caps = bufpoolsrc_caps_of_patterns ();
  else if (self->now.caps != NULL)
    caps = gst_caps_ref (self->now.caps);
  else if (self->settings.caps != NULL)
    caps = gst_caps_ref (self->settings.caps);
  else
    caps = gst_caps_new_any ();
  GST_OBJECT_UNLOCK (self);

  if (filter == NULL)
    return caps;
  result = gst_caps_intersect_full (filter, caps, GST_CAPS_INTERSECT_FIRST);
  gst_caps_unref (caps);
  return result;
}

static GstCaps *
gst_bufpool_src_fixate (GstBaseSrc * base, GstCaps * caps)
{
  if (GST_BUFPOOL_SRC (base)->now.mode == BUFPOOLSRC_MODE_PATTERN)
    caps = bufpoolsrc_caps_fixate (caps,
        GST_BUFPOOL_SRC (base)->now.require_aes5);
  return GST_BASE_SRC_CLASS (gst_bufpool_src_parent_class)->fixate (base,
      caps);
}

static gboolean
fits_into_a_slot (GstBufpoolSrc * self, const BufpoolsrcRoom * room)
{
  const BufpoolsrcStream *stream = &self->producer.line.stream;
  gsize max_size = gst_tiered_allocator_get_max_size (self->allocator);
  gsize around = room->prefix + room->padding;

  max_size -= MIN (max_size, around);

  if (stream->buffer_bytes <= max_size)
    return TRUE;
  bufpoolsrc_error_too_large (GST_ELEMENT (self), stream->buffer_bytes,
      max_size, stream->rate > 0 ? "samples-per-buffer" : "blocksize",
      max_size / stream->frame_bytes);
  return FALSE;
}

static gboolean
rate_is_allowed (GstBufpoolSrc * self, GstCaps * caps)
{
  guint rate = bufpoolsrc_caps_rate (caps);
  gboolean is_aes5 = bufpoolsrc_aes5_has_rate (rate);

  if (rate == 0)
    return TRUE;
  GST_INFO_OBJECT (self, "%u Hz is %sa sampling frequency of AES5", rate,
      is_aes5 ? "" : "not ");
  if (self->now.require_aes5 && !is_aes5) {
    bufpoolsrc_error_rate (GST_ELEMENT (self), rate);
    return FALSE;
  }
  atomic_store_explicit (&self->report.counters.sample_rate, rate,
      memory_order_relaxed);
  return TRUE;
}

static gboolean
gst_bufpool_src_set_caps (GstBaseSrc * base, GstCaps * caps)
{
  GstBufpoolSrc *self = GST_BUFPOOL_SRC (base);
  BufpoolsrcStream stream;
  GstClockTime duration;

  if (!rate_is_allowed (self, caps))
    return FALSE;
  if (!bufpoolsrc_caps_are_raw_audio (caps))
    return TRUE;
  if (!bufpoolsrc_stream_init_audio (&stream, caps,
          self->now.samples_per_buffer)) {
    bufpoolsrc_error_audio_caps (GST_ELEMENT (self), caps);
    return FALSE;
  }
  duration = bufpoolsrc_stream_duration (&self->producer.line.stream);
  bufpoolsrc_producer_set_stream (&self->producer, &stream);
  if (self->producer.live && duration != bufpoolsrc_stream_duration (&stream))
    gst_element_post_message (GST_ELEMENT (self),
        gst_message_new_latency (GST_OBJECT (self)));
  return TRUE;
}

/* Comes at the end of every negotiation, also of bytes without caps.  The pool
 * stays our own, whatever downstream proposes; room around the data it can
 * have. */
static gboolean
gst_bufpool_src_decide_allocation (GstBaseSrc * base, GstQuery * query)
{
  GstBufpoolSrc *self = GST_BUFPOOL_SRC (base);
  BufpoolsrcRoom room = bufpoolsrc_room_of_query (query, SLOT_ALIGNMENT);

  while (gst_query_get_n_allocation_pools (query) > 0)
    gst_query_remove_nth_allocation_pool (query, 0);
  if (!fits_into_a_slot (self, &room))
    return FALSE;
  if (self->now.mode == BUFPOOLSRC_MODE_APP)
    bufpoolsrc_intake_set_room (&self->intake, &room);
  else
    bufpoolsrc_producer_set_room (&self->producer, &room);
  return TRUE;
}

/* ---- data ---- */

static GstFlowReturn
gst_bufpool_src_create (GstPushSrc * push, GstBuffer ** out)
{
  GstBufpoolSrc *self = GST_BUFPOOL_SRC (push);

  if (self->now.mode == BUFPOOLSRC_MODE_APP)
    return bufpoolsrc_intake_take (&self->intake, out);
  return bufpoolsrc_producer_create (&self->producer, out);
}

/* ---- seeks and queries ---- */

static gboolean
gst_bufpool_src_is_seekable (GstBaseSrc * base)
{
  return get_extent (GST_BUFPOOL_SRC (base)).seekable;
}

static gboolean
gst_bufpool_src_get_size (GstBaseSrc * base, guint64 * size)
{
  *size = get_extent (GST_BUFPOOL_SRC (base)).bytes;
  return *size != BUFPOOLSRC_SIZE_UNKNOWN;
}

static gboolean
gst_bufpool_src_prepare_seek (GstBaseSrc * base, GstEvent * event,
    GstSegment * segment)
{
  BufpoolsrcExtent extent = get_extent (GST_BUFPOOL_SRC (base));

  return bufpoolsrc_extent_prepare_seek (&extent, event, segment);
}

/* Also called at start, for the beginning.  No data thread runs. */
static gboolean
gst_bufpool_src_do_seek (GstBaseSrc * base, GstSegment * segment)
{
  GstBufpoolSrc *self = GST_BUFPOOL_SRC (base);

  if (gst_bufpool_src_is_seekable (base))
    return bufpoolsrc_producer_seek (&self->producer, segment);
  segment->time = segment->start;
  if (segment->position == 0 && segment->start == 0)
    return TRUE;
  bufpoolsrc_error_seek (GST_ELEMENT (self), &self->now);
  return FALSE;
}

static gboolean
allows_seek (GstBufpoolSrc * self, GstEvent * event)
{
  BufpoolsrcExtent extent = get_extent (self);

  refresh_duration (self);
  return bufpoolsrc_extent_allows (&extent, event);
}

static gboolean
gst_bufpool_src_event (GstBaseSrc * base, GstEvent * event)
{
  GstBufpoolSrc *self = GST_BUFPOOL_SRC (base);

  /* Before the base class flushes: it would not restore the segment. */
  if (GST_EVENT_TYPE (event) == GST_EVENT_SEEK && !allows_seek (self, event))
    return FALSE;
  return GST_BASE_SRC_CLASS (gst_bufpool_src_parent_class)->event (base,
      event);
}

/* A live buffer is there when its last sample is; while downstream has not let
 * go of it, as many can follow as there are slots. */
static gboolean
answer_latency (GstBufpoolSrc * self, GstQuery * query)
{
  BufpoolsrcStream stream = get_extent (self).stream;
  GstClockTime duration = bufpoolsrc_stream_duration (&stream);

  if (!self->producer.live || duration == 0)
    return FALSE;
  gst_query_set_latency (query, TRUE, duration, duration
      * gst_tiered_allocator_count_slots (self->allocator,
          stream.buffer_bytes));
  return TRUE;
}

static gboolean
gst_bufpool_src_query (GstBaseSrc * base, GstQuery * query)
{
  GstBufpoolSrc *self = GST_BUFPOOL_SRC (base);
  BufpoolsrcExtent extent = get_extent (self);
  gboolean answered;

  if (GST_QUERY_TYPE (query) == GST_QUERY_LATENCY
      && answer_latency (self, query))
    return TRUE;
  if (bufpoolsrc_extent_query (&extent, query, &answered))
    return answered;
  return GST_BASE_SRC_CLASS (gst_bufpool_src_parent_class)->query (base,
      query);
}

/* ---- unlock and flush ---- */

static gboolean
gst_bufpool_src_unlock (GstBaseSrc * base)
{
  GstBufpoolSrc *self = GST_BUFPOOL_SRC (base);

  bufpoolsrc_app_interrupt (&self->intake.queue, true);
  bufpoolsrc_producer_interrupt (&self->producer, TRUE);
  return TRUE;
}

static gboolean
gst_bufpool_src_unlock_stop (GstBaseSrc * base)
{
  GstBufpoolSrc *self = GST_BUFPOOL_SRC (base);

  bufpoolsrc_producer_interrupt (&self->producer, FALSE);
  bufpoolsrc_app_interrupt (&self->intake.queue, false);
  return TRUE;
}

static gboolean
is_pushing (GstBufpoolSrc * self)
{
  GstPad *pad = GST_BASE_SRC_PAD (self);
  gboolean pushing;

  GST_OBJECT_LOCK (pad);
  pushing = GST_PAD_MODE (pad) == GST_PAD_MODE_PUSH;
  GST_OBJECT_UNLOCK (pad);
  return pushing;
}

/* The base class would leave out what was pushed or read already.  Called under
 * the state lock: start and stop are far. */
static gboolean
end_stream (GstBufpoolSrc * self)
{
  if (self->now.mode == BUFPOOLSRC_MODE_PATTERN || !is_pushing (self))
    return FALSE;
  if (self->now.mode == BUFPOOLSRC_MODE_APP)
    return bufpoolsrc_intake_end (&self->intake) == GST_FLOW_OK;
  bufpoolsrc_producer_end (&self->producer);
  return TRUE;
}

static BufpoolsrcMode
get_mode (GstBufpoolSrc * self)
{
  BufpoolsrcMode mode;

  GST_OBJECT_LOCK (self);
  mode = self->settings.mode;
  GST_OBJECT_UNLOCK (self);
  return mode;
}

/* Events from the application. */
static gboolean
gst_bufpool_src_send_event (GstElement * element, GstEvent * event)
{
  GstBufpoolSrc *self = GST_BUFPOOL_SRC (element);
  gboolean refused = FALSE, done = FALSE;

  switch (GST_EVENT_TYPE (event)) {
    case GST_EVENT_EOS:
      done = end_stream (self);
      break;
    case GST_EVENT_SEEK:
      /* Before the start it waits for that. */
      refused = is_pushing (self) ? !allows_seek (self, event)
          : get_mode (self) != BUFPOOLSRC_MODE_FILE;
      break;
    case GST_EVENT_FLUSH_STOP:
      bufpoolsrc_intake_flush (&self->intake);
      bufpoolsrc_producer_resume (&self->producer);
      break;
    default:
      break;
  }
  if (refused || done) {
    gst_event_unref (event);
    return done;
  }
  return GST_ELEMENT_CLASS (gst_bufpool_src_parent_class)->send_event (element,
      event);
}

/* ---- action signals: any thread of the application ---- */

static GstBuffer *
gst_bufpool_src_acquire_buffer (GstBufpoolSrc * self, guint64 size)
{
  return bufpoolsrc_intake_acquire (&self->intake, size);
}

static GstFlowReturn
gst_bufpool_src_push_buffer (GstBufpoolSrc * self, GstBuffer * buffer)
{
  g_return_val_if_fail (GST_IS_BUFFER (buffer), GST_FLOW_ERROR);

  return bufpoolsrc_intake_push (&self->intake, buffer);
}

static GstFlowReturn
gst_bufpool_src_end_of_stream (GstBufpoolSrc * self)
{
  return bufpoolsrc_intake_end (&self->intake);
}

/* ---- stop ---- */

static gboolean
gst_bufpool_src_stop (GstBaseSrc * base)
{
  GstBufpoolSrc *self = GST_BUFPOOL_SRC (base);

  bufpoolsrc_intake_close (&self->intake);
  bufpoolsrc_producer_stop (&self->producer);
  bufpoolsrc_report_stop (&self->report);
  bufpoolsrc_pool_stop (&self->pool);
  bufpoolsrc_report_closed (&self->report);
  forget_settings (self);
  return TRUE;
}

static GstStateChangeReturn
gst_bufpool_src_change_state (GstElement * element, GstStateChange transition)
{
  GstStateChangeReturn ret = GST_ELEMENT_CLASS (gst_bufpool_src_parent_class)
      ->change_state (element, transition);

  if (transition == GST_STATE_CHANGE_READY_TO_NULL)
    bufpoolsrc_report_gone (&GST_BUFPOOL_SRC (element)->report);
  return ret;
}

/* ---- reports ---- */

static void
collect (GstElement * element, GstStructure * stats)
{
  GstBufpoolSrc *self = GST_BUFPOOL_SRC (element);

  bufpoolsrc_report_collect (&self->report, stats);
  gst_structure_set (stats, "queued-buffers", G_TYPE_UINT64,
      (guint64) bufpoolsrc_app_level (&self->intake.queue), NULL);
}

static void
poll_report (GstElement * element)
{
  GstBufpoolSrc *self = GST_BUFPOOL_SRC (element);
  GEnumClass *policies = g_type_class_ref (GST_TYPE_TIERED_ON_EXHAUSTED);
  GstTieredOnExhausted policy;

  GST_OBJECT_LOCK (self);
  policy = self->settings.on_exhausted;
  GST_OBJECT_UNLOCK (self);
  bufpoolsrc_report_poll (&self->report,
      g_enum_get_value (policies, (gint) policy)->value_nick);
  g_type_class_unref (policies);
}

static const GstSafecaptureReporterClass reporter_class = {
  .prefix = "bufpoolsrc",
  .collect = collect,
  .poll = poll_report,
};

/* ---- properties ---- */

static void
gst_bufpool_src_set_property (GObject * object, guint id,
    const GValue * value, GParamSpec * pspec)
{
  GstBufpoolSrc *self = GST_BUFPOOL_SRC (object);

  if (id >= PROP_STATS) {
    gst_safecapture_reporter_set_property (self->report.reporter,
        id - PROP_STATS, value);
  } else if (id == PROP_IS_LIVE) {
    gst_base_src_set_live (GST_BASE_SRC (self), g_value_get_boolean (value));
  } else if (id >= PROP_PROFILE && id <= PROP_METERING) {
    g_object_set_property (G_OBJECT (self->allocator), pspec->name, value);
  } else {
    GST_OBJECT_LOCK (self);
    bufpoolsrc_settings_set (&self->settings, id, value);
    GST_OBJECT_UNLOCK (self);
  }
}

static void
gst_bufpool_src_get_property (GObject * object, guint id, GValue * value,
    GParamSpec * pspec)
{
  GstBufpoolSrc *self = GST_BUFPOOL_SRC (object);

  if (id >= PROP_STATS) {
    gst_safecapture_reporter_get_property (self->report.reporter,
        id - PROP_STATS, value);
  } else if (id == PROP_IS_LIVE) {
    g_value_set_boolean (value, gst_base_src_is_live (GST_BASE_SRC (self)));
  } else if (id == PROP_ACQUIRE_RESULT) {
    g_value_set_enum (value, bufpoolsrc_intake_result ());
  } else if (id >= PROP_PROFILE && id <= PROP_METERING) {
    g_object_get_property (G_OBJECT (self->allocator), pspec->name, value);
  } else {
    GST_OBJECT_LOCK (self);
    bufpoolsrc_settings_get (&self->settings, id, value);
    GST_OBJECT_UNLOCK (self);
  }
}

static void
gst_bufpool_src_finalize (GObject * object)
{
  GstBufpoolSrc *self = GST_BUFPOOL_SRC (object);

  bufpoolsrc_report_clear (&self->report);
  bufpoolsrc_intake_clear (&self->intake);
  gst_object_unref (self->allocator);
  bufpoolsrc_settings_clear (&self->settings);
  G_OBJECT_CLASS (gst_bufpool_src_parent_class)->finalize (object);
}

static void
gst_bufpool_src_init (GstBufpoolSrc * self)
{
  bufpoolsrc_settings_init (&self->settings);
  self->allocator = gst_tiered_allocator_new ();
  bufpoolsrc_report_init (&self->report, GST_ELEMENT (self), &reporter_class,
      self->allocator);
  bufpoolsrc_producer_init (&self->producer, GST_ELEMENT (self),
      &self->report, &self->now);
  bufpoolsrc_intake_init (&self->intake, GST_ELEMENT (self), &self->report,
      &self->producer.pace);
  gst_base_src_set_format (GST_BASE_SRC (self), GST_FORMAT_TIME);
}

/* ---- class_init ---- */

#define READY (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS \
    | GST_PARAM_MUTABLE_READY)

static void
install_properties (GObjectClass * klass)
{
  bufpoolsrc_settings_install (klass, READY);
  g_object_class_install_property (klass, PROP_IS_LIVE,
      g_param_spec_boolean ("is-live", "Is live",
          "Act as a live source: raw audio is paced by the clock (with mode=app "
          "by the application)", FALSE, READY));
  g_object_class_install_property (klass, PROP_PROFILE,
      g_param_spec_enum ("profile", "Profile",
          "Which slot sizes, and how many of each, are reserved at start",
          GST_TYPE_TIERED_PROFILE, GST_TIERED_PROFILE_STANDARD, READY));
  g_object_class_install_property (klass, PROP_TIERS,
      g_param_spec_string ("tiers", "Tiers",
          "Slot sizes in bytes and their counts, e.g. \"4096x64,65536x16\"; "
          "setting it selects profile custom", NULL, READY));
  g_object_class_install_property (klass, PROP_LOCK_MEMORY,
      g_param_spec_boolean ("lock-memory", "Lock memory",
          "Lock the slots in memory (mlock) at start, so that they are never "
          "swapped out; a warning is posted if that is refused", FALSE, READY));
  g_object_class_install_property (klass, PROP_QUOTAS,
      g_param_spec_string ("quotas", "Quotas",
          "The most slots that a class of buffers may have at once, e.g. "
          "\"conversion=8,scratch=4\"; classes left out have no quota", NULL,
          READY));
  g_object_class_install_property (klass, PROP_METERING,
      g_param_spec_enum ("metering", "Metering",
          "Record the pool's latencies and history (about 1 MiB)",
          GST_TYPE_TIERED_METERING, GST_TIERED_METERING_AUTO, READY));
  g_object_class_install_property (klass, PROP_ACQUIRE_RESULT,
      g_param_spec_enum ("acquire-result", "Acquire result",
          "How the calling thread's last acquire-buffer ended: ok, flushing "
          "(not started, stopping or flushing), eos (after end-of-stream), "
          "error (larger than every slot), custom-success (left out, as "
          "on-exhausted=drop says), custom-error (exhausted)",
          GST_TYPE_FLOW_RETURN, GST_FLOW_OK,
          G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
  gst_safecapture_reporter_install_properties (klass, PROP_STATS);
}

static void
install_signals (GType type)
{
  /**
   * GstBufpoolSrc::acquire-buffer:
   * @self: the source
   * @size: bytes; 0 for samples-per-buffer of raw audio, else blocksize
   *
   * Gets a buffer of the pool to fill, in mode=app.  Waits as on-exhausted and
   * acquire-timeout say.
   *
   * Returns: (nullable): the buffer, or %NULL: then #GstBufpoolSrc:acquire-result
   * says why to the same thread
   */
  signals[SIGNAL_ACQUIRE_BUFFER] = g_signal_new_class_handler
      ("acquire-buffer", type, G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION,
      G_CALLBACK (gst_bufpool_src_acquire_buffer), NULL, NULL, NULL,
      GST_TYPE_BUFFER, 1, G_TYPE_UINT64);
  /**
   * GstBufpoolSrc::push-buffer:
   * @self: the source
   * @buffer: one from acquire-buffer, or any other; stays the caller's to unref
   *
   * Queues @buffer, in mode=app.  What the application leaves empty of times and
   * offsets is filled in.
   *
   * Returns: %GST_FLOW_OK; %GST_FLOW_FLUSHING when not started or flushing;
   * %GST_FLOW_EOS after the end of the stream; where more buffers than slots are
   * queued, after acquire-timeout, %GST_FLOW_CUSTOM_SUCCESS: left out, as
   * on-exhausted=drop says, or %GST_FLOW_CUSTOM_ERROR
   */
  signals[SIGNAL_PUSH_BUFFER] = g_signal_new_class_handler
      ("push-buffer", type, G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION,
      G_CALLBACK (gst_bufpool_src_push_buffer), NULL, NULL, NULL,
      GST_TYPE_FLOW_RETURN, 1, GST_TYPE_BUFFER | G_SIGNAL_TYPE_STATIC_SCOPE);
  /**
   * GstBufpoolSrc::end-of-stream:
   * @self: the source
   *
   * Ends the stream after what has been pushed, in mode=app.
   *
   * Returns: %GST_FLOW_OK, or %GST_FLOW_FLUSHING when not started or flushing
   */
  signals[SIGNAL_END_OF_STREAM] = g_signal_new_class_handler
      ("end-of-stream", type, G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION,
      G_CALLBACK (gst_bufpool_src_end_of_stream), NULL, NULL, NULL,
      GST_TYPE_FLOW_RETURN, 0);
}

static void
gst_bufpool_src_class_init (GstBufpoolSrcClass * klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  GstBaseSrcClass *base_class = GST_BASE_SRC_CLASS (klass);

  object_class->set_property = gst_bufpool_src_set_property;
  object_class->get_property = gst_bufpool_src_get_property;
  object_class->finalize = gst_bufpool_src_finalize;
  install_properties (object_class);
  install_signals (G_TYPE_FROM_CLASS (klass));
  element_class->send_event = gst_bufpool_src_send_event;

  element_class->change_state = gst_bufpool_src_change_state;
  base_class->start = gst_bufpool_src_start;
  base_class->stop = gst_bufpool_src_stop;
  base_class->get_caps = gst_bufpool_src_get_caps;
  base_class->fixate = gst_bufpool_src_fixate;
  base_class->set_caps = gst_bufpool_src_set_caps;
  base_class->decide_allocation = gst_bufpool_src_decide_allocation;
  base_class->is_seekable = gst_bufpool_src_is_seekable;
  base_class->get_size = gst_bufpool_src_get_size;
  base_class->prepare_seek_segment = gst_bufpool_src_prepare_seek;
  base_class->do_seek = gst_bufpool_src_do_seek;
  base_class->event = gst_bufpool_src_event;
  base_class->query = gst_bufpool_src_query;
  base_class->unlock = gst_bufpool_src_unlock;
  base_class->unlock_stop = gst_bufpool_src_unlock_stop;
  GST_PUSH_SRC_CLASS (klass)->create = gst_bufpool_src_create;

  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_element_class_set_static_metadata (element_class,
      "Static pool source", "Source/Audio",
      "Test signals, raw bytes or the application's data in buffers of a static "
      "tiered pool: allocates nothing while it runs", "The safecapture developers");
  gst_type_mark_as_plugin_api (GST_TYPE_TIERED_PROFILE, 0);
  gst_type_mark_as_plugin_api (GST_TYPE_TIERED_METERING, 0);
}
