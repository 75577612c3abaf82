/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * SECTION:element-bufpoolsrc
 * @title: bufpoolsrc
 * @short_description: source whose buffers come from a static tiered pool
 *
 * Test signals, or raw bytes from a file, FIFO, device node, standard input or
 * descriptor, in buffers of a pool that is reserved once, at start: while it
 * runs it allocates nothing.  Every buffer carries a #GstTieredSlotMeta with its
 * sequence number.
 *
 * ## Examples
 * |[
 * gst-launch-1.0 -m bufpoolsrc num-buffers=1000 ! tieredqueue ! fakesink
 * arecord -f S16_LE -r 48000 -c 2 -t raw | gst-launch-1.0 bufpoolsrc mode=file location=- caps=audio/x-raw,format=S16LE,rate=48000,channels=2,layout=interleaved ! wavenc ! filesink location=test.wav
 * ]|
 */
/*
 * Contract
 *   One buffer: pace (live only), acquire, fill, stamp.  Each of these can wait,
 *   and unlock ends every wait.
 *
 *   bufpoolsrc-pattern.c  test signals
 *   bufpoolsrc-file.c     reading descriptors
 *   bufpoolsrc-pace.c     waiting for the clock
 *   bufpoolsrc-caps.c     what is negotiated, and its sizes
 *   bufpoolsrc-settings.c properties that are plain values
 *   bufpoolsrc-report.c   counters, statistics and messages
 *
 *   The data thread's own state is not locked: start and stop, which also write
 *   it, run while there is no data thread.
 */
#include "gstbufpoolsrc.h"

#include <gst/audio/audio.h>
#include <gst/safecapture/safecapture.h>

#include "bufpoolsrc-caps.h"
#include "bufpoolsrc-file.h"
#include "bufpoolsrc-pace.h"
#include "bufpoolsrc-pattern.h"
#include "bufpoolsrc-report.h"
#include "bufpoolsrc-settings.h"

#include <errno.h>

GST_DEBUG_CATEGORY_STATIC (bufpoolsrc_debug);
#define GST_CAT_DEFAULT bufpoolsrc_debug

struct _GstBufpoolSrc
{
  GstPushSrc parent;

  BufpoolsrcSettings settings;  /* under the object lock */
  GstTieredAllocator *allocator;
  BufpoolsrcReport report;

  /* From start to stop; the data thread's. */
  BufpoolsrcSettings now;       /* the settings of this run */
  GstBufferPool *pool;
  BufpoolsrcFile file;
  BufpoolsrcPace pace;
  gboolean live, do_timestamp;

  /* From negotiation on. */
  BufpoolsrcStream stream;
  BufpoolsrcSignal signal;
  guint8 *scratch;              /* where dropped data is read to */

  /* The next buffer's. */
  guint64 sequence;
  guint64 position;             /* samples, or bytes if not audio */
  guint64 origin_position;      /* position and time since the caps changed */
  GstClockTime origin_time;
  GstClockTime live_offset;     /* running time of the first buffer */
  gboolean discont;
  gboolean dropping;            /* is to be dropped */

  /* What a read that was interrupted has got; the next create goes on. */
  GstBuffer *partial;
  gsize filled;
};

enum
{
  /* From 1 on: the settings. */
  PROP_IS_LIVE = BUFPOOLSRC_N_SETTINGS,
  PROP_PROFILE,
  PROP_TIERS,
  PROP_LOCK_MEMORY,
  PROP_STATS,                   /* and the two that follow: the reporter's */
};

static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE ("src",
    GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);

G_DEFINE_FINAL_TYPE_WITH_CODE (GstBufpoolSrc, gst_bufpool_src,
    GST_TYPE_PUSH_SRC,
    GST_DEBUG_CATEGORY_INIT (bufpoolsrc_debug, "bufpoolsrc", 0,
        "static pool source"));
GST_ELEMENT_REGISTER_DEFINE (bufpoolsrc, "bufpoolsrc", GST_RANK_NONE,
    GST_TYPE_BUFPOOL_SRC);

/* ---- helpers ---- */

static const gchar *
file_name (GstBufpoolSrc * self)
{
  if (self->now.location == NULL)
    return "fd";
  return g_str_equal (self->now.location, "-") ? "standard input"
      : self->now.location;
}

static GstClockTime
time_of (GstBufpoolSrc * self, guint64 position)
{
  return self->origin_time + gst_util_uint64_scale
      (position - self->origin_position, GST_SECOND, self->stream.rate);
}

static GstClockTime
monotonic_now (void)
{
  return (GstClockTime) g_get_monotonic_time () * GST_USECOND;
}

/* ---- start ---- */

static gboolean
open_file (GstBufpoolSrc * self)
{
  int ret;

  if (self->now.location == NULL && self->now.fd < 0) {
    GST_ELEMENT_ERROR (self, RESOURCE, NOT_FOUND,
        ("mode=file needs something to read."),
        ("Set location to a file, FIFO, device node or \"-\", or set fd."));
    return FALSE;
  }
  ret = bufpoolsrc_file_open (&self->file, self->now.location, self->now.fd);
  if (ret == 0)
    return TRUE;
  if (ret == -ENOENT)
    GST_ELEMENT_ERROR (self, RESOURCE, NOT_FOUND,
        ("\"%s\" does not exist.", file_name (self)),
        ("Check the property location."));
  else if (ret == -EISDIR)
    GST_ELEMENT_ERROR (self, RESOURCE, OPEN_READ,
        ("\"%s\" is a folder.", file_name (self)),
        ("Set location to a file, FIFO or device node."));
  else
    GST_ELEMENT_ERROR (self, RESOURCE, OPEN_READ,
        ("\"%s\" cannot be read: %s.", file_name (self), g_strerror (-ret)),
        ("Check location or fd and the permissions."));
  return FALSE;
}

/* The caps of the bytes: from the property, or what downstream insists on; NULL
 * for bytes of no declared kind.  FALSE if they are raw audio or video, but of
 * which kind is not said exactly: a guess would make noise of them. */
static gboolean
settle_file_caps (GstBufpoolSrc * self)
{
  GstCaps *caps;

  if (self->now.caps != NULL)
    caps = gst_caps_ref (self->now.caps);
  else
    caps = gst_pad_peer_query_caps (GST_BASE_SRC_PAD (self), NULL);
  if (gst_caps_is_any (caps) || (self->now.caps == NULL
          && !gst_caps_is_fixed (caps) && !bufpoolsrc_caps_have_raw (caps)))
    gst_clear_caps (&caps);
  GST_OBJECT_LOCK (self);
  gst_caps_replace (&self->now.caps, caps);
  GST_OBJECT_UNLOCK (self);
  gst_clear_caps (&caps);

  if (self->now.caps == NULL || bufpoolsrc_caps_are_exact (self->now.caps))
    return TRUE;
  GST_ELEMENT_ERROR (self, CORE, NEGOTIATION,
      ("mode=file needs caps that say exactly what the bytes are."),
      ("Set for example caps=audio/x-raw,format=S16LE,rate=48000,channels=2,"
          "layout=interleaved; now: %" GST_PTR_FORMAT, self->now.caps));
  return FALSE;
}

static void
forget_settings (GstBufpoolSrc * self)
{
  GST_OBJECT_LOCK (self);
  bufpoolsrc_settings_clear (&self->now);
  GST_OBJECT_UNLOCK (self);
}

static gboolean
start_pool (GstBufpoolSrc * self)
{
  gboolean drops = self->now.on_exhausted == GST_TIERED_ON_EXHAUSTED_DROP;
  GstStructure *config;
  GError *error = NULL;

  /* The pool's start would only say that it failed; this says why. */
  if (!gst_tiered_allocator_start (self->allocator, &error)) {
    gst_element_message_full (GST_ELEMENT (self), GST_MESSAGE_ERROR,
        error->domain, error->code, g_strdup (error->message),
        g_strdup ("Check the properties profile and tiers."), __FILE__,
        GST_FUNCTION, __LINE__);
    g_error_free (error);
    return FALSE;
  }
  self->pool = gst_tiered_pool_new (self->allocator);
  g_object_set (self->pool, "acquire-timeout", self->now.acquire_timeout, NULL);
  if (drops && self->now.acquire_timeout == GST_CLOCK_TIME_NONE)
    g_object_set (self->pool, "acquire-timeout", (guint64) 0, NULL);

  config = gst_buffer_pool_get_config (self->pool);
  gst_buffer_pool_config_set_params (config, NULL, 0, 0,
      gst_tiered_allocator_count_slots (self->allocator, 0));
  if (!gst_buffer_pool_set_config (self->pool, config)
      || !gst_buffer_pool_set_active (self->pool, TRUE)) {
    GST_ELEMENT_ERROR (self, RESOURCE, FAILED,
        ("The buffer pool could not be activated."), (NULL));
    gst_clear_object (&self->pool);
  }
  /* From here on the pool's own start keeps the arena. */
  (void) gst_tiered_allocator_stop (self->allocator);
  return self->pool != NULL;
}

static void
stop_pool (GstBufpoolSrc * self)
{
  if (self->pool == NULL)
    return;
  (void) gst_buffer_pool_set_active (self->pool, FALSE);
  gst_clear_object (&self->pool);
}

static gboolean
gst_bufpool_src_start (GstBaseSrc * base)
{
  GstBufpoolSrc *self = GST_BUFPOOL_SRC (base);
  gboolean bytes;

  GST_OBJECT_LOCK (self);
  bufpoolsrc_settings_copy (&self->now, &self->settings);
  GST_OBJECT_UNLOCK (self);
  self->live = gst_base_src_is_live (base);
  self->do_timestamp = gst_base_src_get_do_timestamp (base);
  self->sequence = self->position = self->origin_position = 0;
  self->origin_time = 0;
  self->live_offset = GST_CLOCK_TIME_NONE;
  self->discont = self->dropping = FALSE;
  self->filled = 0;
  self->stream = (BufpoolsrcStream) { 0 };

  if (self->now.mode == BUFPOOLSRC_MODE_FILE
      && (!settle_file_caps (self) || !open_file (self)))
    goto failed;
  if (!start_pool (self))
    goto failed;
  bytes = self->now.mode == BUFPOOLSRC_MODE_FILE
      && !bufpoolsrc_caps_are_raw_audio (self->now.caps);
  gst_base_src_set_format (base, bytes ? GST_FORMAT_BYTES : GST_FORMAT_TIME);
  bufpoolsrc_stream_init_bytes (&self->stream,
      gst_base_src_get_blocksize (base));
  bufpoolsrc_report_start (&self->report);
  return TRUE;

failed:
  bufpoolsrc_file_close (&self->file);
  forget_settings (self);
  return FALSE;
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
    caps = bufpoolsrc_caps_fixate (caps);
  return GST_BASE_SRC_CLASS (gst_bufpool_src_parent_class)->fixate (base,
      caps);
}

static gboolean
fits_into_a_slot (GstBufpoolSrc * self)
{
  gsize size = self->stream.buffer_bytes;
  gsize max_size = gst_tiered_allocator_get_max_size (self->allocator);
  gsize unit = self->stream.frame_bytes;

  if (size <= max_size)
    return TRUE;
  GST_ELEMENT_ERROR (self, RESOURCE, SETTINGS,
      ("A buffer of %" G_GSIZE_FORMAT " bytes does not fit into the largest "
          "slot of the pool, %" G_GSIZE_FORMAT " bytes.", size, max_size),
      ("Set %s to at most %" G_GSIZE_FORMAT ", or larger tiers.",
          self->stream.rate > 0 ? "samples-per-buffer" : "blocksize",
          max_size / unit));
  return FALSE;
}

static void
set_signal (GstBufpoolSrc * self)
{
  self->signal = (BufpoolsrcSignal) {
    .pattern = self->now.pattern,
    .format = self->stream.format,
    .rate = self->stream.rate,
    .channels = self->stream.channels,
    .frequency = self->now.frequency,
    .volume = self->now.volume,
  };
}

static gboolean
gst_bufpool_src_set_caps (GstBaseSrc * base, GstCaps * caps)
{
  GstBufpoolSrc *self = GST_BUFPOOL_SRC (base);
  BufpoolsrcStream stream;

  if (!bufpoolsrc_caps_are_raw_audio (caps))
    return TRUE;
  if (!bufpoolsrc_stream_init_audio (&stream, caps,
          self->now.samples_per_buffer)) {
    GST_ELEMENT_ERROR (self, CORE, NEGOTIATION,
        ("The audio caps cannot be used."),
        ("Interleaved raw audio with format, rate and channels is needed; "
            "these are %" GST_PTR_FORMAT, caps));
    return FALSE;
  }
  /* Times are counted from the last change of the rate, and so do not drift. */
  if (self->stream.rate > 0 && self->stream.rate != stream.rate) {
    self->origin_time = time_of (self, self->position);
    self->origin_position = self->position;
  }
  self->stream = stream;
  set_signal (self);
  return TRUE;
}

/* Comes at the end of every negotiation, also of bytes without caps.  The pool
 * stays our own, whatever downstream proposes. */
static gboolean
gst_bufpool_src_decide_allocation (GstBaseSrc * base, GstQuery * query)
{
  GstBufpoolSrc *self = GST_BUFPOOL_SRC (base);
  gboolean drops = self->now.on_exhausted == GST_TIERED_ON_EXHAUSTED_DROP;

  while (gst_query_get_n_allocation_pools (query) > 0)
    gst_query_remove_nth_allocation_pool (query, 0);
  if (!fits_into_a_slot (self))
    return FALSE;
  if (!drops)
    return TRUE;
  self->scratch = g_realloc (self->scratch, self->stream.buffer_bytes);
  if (self->now.acquire_timeout == GST_CLOCK_TIME_NONE)
    g_object_set (self->pool, "acquire-timeout",
        bufpoolsrc_stream_duration (&self->stream), NULL);
  return TRUE;
}

/* ---- data ---- */

/* Waits until the next buffer's time has come, in a live source of audio. */
static GstFlowReturn
pace (GstBufpoolSrc * self)
{
  GstClockTime due;

  if (!self->live || self->stream.rate == 0)
    return GST_FLOW_OK;
  if (self->live_offset == GST_CLOCK_TIME_NONE)
    self->live_offset = bufpoolsrc_pace_now (&self->pace);
  if (self->live_offset == GST_CLOCK_TIME_NONE)
    return GST_FLOW_OK;         /* no clock */

  due = self->live_offset + time_of (self, self->position);
  return bufpoolsrc_pace_wait (&self->pace, due) ? GST_FLOW_OK
      : GST_FLOW_FLUSHING;
}

static GstFlowReturn
exhausted_error (GstBufpoolSrc * self)
{
  GST_ELEMENT_ERROR (self, RESOURCE, NO_SPACE_LEFT,
      ("The buffer pool is exhausted: every slot for %" G_GSIZE_FORMAT " bytes "
          "is held downstream.", self->stream.buffer_bytes),
      ("Give profile or tiers more slots, let elements downstream hold fewer "
          "buffers, or set on-exhausted to wait or drop and acquire-timeout "
          "longer."));
  return GST_FLOW_ERROR;
}

/* No slot was free at the first look: what on-exhausted says. */
static GstFlowReturn
acquire_exhausted (GstBufpoolSrc * self, GstBuffer ** buffer)
{
  GstClockTime start = monotonic_now ();
  GstFlowReturn ret;

  bufpoolsrc_count (&self->report.counters.exhausted, 1);
  gst_safecapture_reporter_kick (self->report.reporter);
  if (self->now.on_exhausted == GST_TIERED_ON_EXHAUSTED_ERROR)
    return exhausted_error (self);

  ret = gst_tiered_pool_acquire (GST_TIERED_POOL (self->pool),
      self->stream.buffer_bytes, buffer);
  bufpoolsrc_count (&self->report.counters.wait_time,
      monotonic_now () - start);
  if (ret != GST_TIERED_POOL_FLOW_EXHAUSTED)
    return ret;
  if (self->now.on_exhausted == GST_TIERED_ON_EXHAUSTED_DROP)
    return GST_TIERED_POOL_FLOW_DROPPED;
  return exhausted_error (self);
}

static GstFlowReturn
acquire (GstBufpoolSrc * self, GstBuffer ** buffer)
{
  GstBufferPoolAcquireParams params = {
    .format = GST_FORMAT_BYTES,
    .stop = (gint64) self->stream.buffer_bytes,
    .flags = GST_BUFFER_POOL_ACQUIRE_FLAG_DONTWAIT,
  };
  GstFlowReturn ret;

  ret = gst_buffer_pool_acquire_buffer (self->pool, buffer, &params);
  if (G_UNLIKELY (ret == GST_FLOW_EOS))
    ret = acquire_exhausted (self, buffer);
  return ret;
}

/* Cuts what was read to whole audio frames. */
static gsize
whole_frames (GstBufpoolSrc * self, gsize size)
{
  gsize rest = size % self->stream.frame_bytes;

  if (rest > 0) {
    bufpoolsrc_count (&self->report.counters.partial_bytes, rest);
    gst_safecapture_reporter_kick (self->report.reporter);
    GST_WARNING_OBJECT (self, "%" G_GSIZE_FORMAT " bytes of a cut frame "
        "left out", rest);
  }
  return size - rest;
}

static GstFlowReturn
read_file (GstBufpoolSrc * self, guint8 * data, gsize * size)
{
  int result = bufpoolsrc_file_fill (&self->file, data, *size, &self->filled);

  if (result == -ECANCELED)
    return GST_FLOW_FLUSHING;
  if (result < 0) {
    GST_ELEMENT_ERROR (self, RESOURCE, READ,
        ("Reading \"%s\" failed: %s.", file_name (self),
            g_strerror (-result)),
        ("After %" G_GUINT64_FORMAT " %s.", self->position,
            self->stream.rate > 0 ? "samples" : "bytes"));
    return GST_FLOW_ERROR;
  }
  *size = whole_frames (self, self->filled);
  self->filled = 0;
  return *size > 0 ? GST_FLOW_OK : GST_FLOW_EOS;
}

/* Produces the next @size bytes; less at the end of the file. */
static GstFlowReturn
produce (GstBufpoolSrc * self, guint8 * data, gsize * size)
{
  if (self->now.mode == BUFPOOLSRC_MODE_FILE)
    return read_file (self, data, size);
  bufpoolsrc_pattern_write (&self->signal, self->position, self->sequence,
      data, self->stream.samples);
  return GST_FLOW_OK;
}

static GstFlowReturn
fill (GstBufpoolSrc * self, GstBuffer * buffer)
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

static void
stamp_header (GstBufpoolSrc * self, GstBuffer * buffer, gsize size)
{
  GstTieredSlotMeta *meta = gst_buffer_get_tiered_slot_meta (buffer);
  GstTieredSlotHeader header = *meta->header;

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

/* Positions and times of the next @size bytes. */
static void
stamp (GstBufpoolSrc * self, GstBuffer * buffer, gsize size)
{
  guint64 end = self->position + size / self->stream.frame_bytes;
  GstClockTime offset = self->live_offset != GST_CLOCK_TIME_NONE
      ? self->live_offset : 0;

  GST_BUFFER_OFFSET (buffer) = self->position;
  GST_BUFFER_OFFSET_END (buffer) = end;
  if (self->stream.rate > 0) {
    GST_BUFFER_DURATION (buffer) = time_of (self, end)
        - time_of (self, self->position);
    if (!self->do_timestamp)
      GST_BUFFER_PTS (buffer) = offset + time_of (self, self->position);
  }
  if (self->discont)
    GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_DISCONT);
  stamp_header (self, buffer, size);
}

/* Goes past @size bytes, pushed or dropped. */
static void
advance (GstBufpoolSrc * self, gsize size, gboolean dropped)
{
  BufpoolsrcCounters *counters = &self->report.counters;

  self->position += size / self->stream.frame_bytes;
  self->sequence++;
  self->discont = dropped;
  bufpoolsrc_count (dropped ? &counters->dropped_buffers : &counters->buffers,
      1);
  bufpoolsrc_count (dropped ? &counters->dropped_bytes : &counters->bytes,
      size);
  if (!dropped && self->stream.rate > 0)
    bufpoolsrc_count (&counters->samples, size / self->stream.frame_bytes);
}

static GstFlowReturn
drop (GstBufpoolSrc * self)
{
  gsize size = self->stream.buffer_bytes;
  GstFlowReturn ret = produce (self, self->scratch, &size);

  self->dropping = ret == GST_FLOW_FLUSHING;
  if (ret == GST_FLOW_OK)
    advance (self, size, TRUE);
  return ret;
}

/* A buffer for the next data, when its time has come; what finds no slot is
 * dropped on the way, if it may be. */
static GstFlowReturn
next_buffer (GstBufpoolSrc * self, GstBuffer ** buffer)
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

static GstFlowReturn
gst_bufpool_src_create (GstPushSrc * push, GstBuffer ** out)
{
  GstBufpoolSrc *self = GST_BUFPOOL_SRC (push);
  GstBuffer *buffer = NULL;
  GstFlowReturn ret = next_buffer (self, &buffer);
  gsize size;

  if (ret != GST_FLOW_OK)
    return ret;
  ret = fill (self, buffer);
  if (ret == GST_FLOW_FLUSHING) {
    self->partial = buffer;
    return ret;
  }
  if (ret != GST_FLOW_OK) {
    gst_buffer_unref (buffer);
    return ret;
  }
  size = gst_buffer_get_size (buffer);
  stamp (self, buffer, size);
  advance (self, size, FALSE);
  *out = buffer;
  return GST_FLOW_OK;
}

/* ---- unlock and flush ---- */

static gboolean
gst_bufpool_src_unlock (GstBaseSrc * base)
{
  GstBufpoolSrc *self = GST_BUFPOOL_SRC (base);

  bufpoolsrc_pace_interrupt (&self->pace, TRUE);
  if (self->pool != NULL)
    gst_buffer_pool_set_flushing (self->pool, TRUE);
  if (self->file.fd != -1)
    bufpoolsrc_file_interrupt (&self->file, true);
  return TRUE;
}

static gboolean
gst_bufpool_src_unlock_stop (GstBaseSrc * base)
{
  GstBufpoolSrc *self = GST_BUFPOOL_SRC (base);

  bufpoolsrc_pace_interrupt (&self->pace, FALSE);
  if (self->pool != NULL)
    gst_buffer_pool_set_flushing (self->pool, FALSE);
  if (self->file.fd != -1)
    bufpoolsrc_file_interrupt (&self->file, false);
  return TRUE;
}

/* ---- stop ---- */

static gboolean
gst_bufpool_src_stop (GstBaseSrc * base)
{
  GstBufpoolSrc *self = GST_BUFPOOL_SRC (base);

  gst_clear_buffer (&self->partial);
  bufpoolsrc_report_stop (&self->report);
  stop_pool (self);
  bufpoolsrc_file_close (&self->file);
  bufpoolsrc_pace_clear (&self->pace);
  g_clear_pointer (&self->scratch, g_free);
  forget_settings (self);
  return TRUE;
}

/* ---- reports ---- */

static void
collect (GstElement * element, GstStructure * stats)
{
  bufpoolsrc_report_collect (&GST_BUFPOOL_SRC (element)->report, stats);
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
  } else if (id == PROP_PROFILE || id == PROP_TIERS || id == PROP_LOCK_MEMORY) {
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
  } else if (id == PROP_PROFILE || id == PROP_TIERS || id == PROP_LOCK_MEMORY) {
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
  gst_object_unref (self->allocator);
  bufpoolsrc_settings_clear (&self->settings);
  G_OBJECT_CLASS (gst_bufpool_src_parent_class)->finalize (object);
}

static void
gst_bufpool_src_init (GstBufpoolSrc * self)
{
  bufpoolsrc_settings_init (&self->settings);
  self->file = (BufpoolsrcFile) BUFPOOLSRC_FILE_INIT;
  self->allocator = gst_tiered_allocator_new ();
  bufpoolsrc_pace_init (&self->pace, GST_ELEMENT (self));
  bufpoolsrc_report_init (&self->report, GST_ELEMENT (self), &reporter_class,
      self->allocator);
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
          "Act as a live source: raw audio is paced by the clock", FALSE,
          READY));
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
  gst_safecapture_reporter_install_properties (klass, PROP_STATS);
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

  base_class->start = gst_bufpool_src_start;
  base_class->stop = gst_bufpool_src_stop;
  base_class->get_caps = gst_bufpool_src_get_caps;
  base_class->fixate = gst_bufpool_src_fixate;
  base_class->set_caps = gst_bufpool_src_set_caps;
  base_class->decide_allocation = gst_bufpool_src_decide_allocation;
  base_class->unlock = gst_bufpool_src_unlock;
  base_class->unlock_stop = gst_bufpool_src_unlock_stop;
  GST_PUSH_SRC_CLASS (klass)->create = gst_bufpool_src_create;

  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_element_class_set_static_metadata (element_class,
      "Static pool source", "Source/Audio",
      "Test signals or raw bytes in buffers of a static tiered pool: allocates "
      "nothing while it runs", "The safecapture developers");
  gst_type_mark_as_plugin_api (GST_TYPE_TIERED_PROFILE, 0);
}
