/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tieredqueue-report.h"

#define LOAD(cell) atomic_load_explicit (&(cell), memory_order_relaxed)

static const gchar *const reason_names[TIEREDQUEUE_N_DROP_REASONS] = {
  [TIEREDQUEUE_DROP_FULL] = "full",
  [TIEREDQUEUE_DROP_FLUSH] = "flush",
  [TIEREDQUEUE_DROP_EOS] = "eos",
};

static const gchar *const dropped_fields[TIEREDQUEUE_N_DROP_REASONS] = {
  [TIEREDQUEUE_DROP_FULL] = "buffers-dropped-full",
  [TIEREDQUEUE_DROP_FLUSH] = "buffers-dropped-flush",
  [TIEREDQUEUE_DROP_EOS] = "buffers-dropped-eos",
};

static guint64
monotonic_now (void)
{
  return (guint64) g_get_monotonic_time () * GST_USECOND;
}

/* Buffers dropped for @reason; what goes with them is current after this. */
static guint64
dropped_buffers (TieredQueueChannel * channel, guint reason)
{
  /* Acquire: pairs with the release in tieredqueue_channel_drop. */
  return atomic_load_explicit (&channel->drops[reason].buffers,
      memory_order_acquire);
}

static void
collect_drops (TieredQueueChannel * channel, GstStructure * stats)
{
  guint64 buffers = 0, bytes = 0;

  for (guint i = 0; i < TIEREDQUEUE_N_DROP_REASONS; i++) {
    guint64 count = dropped_buffers (channel, i);

    gst_structure_set (stats, dropped_fields[i], G_TYPE_UINT64, count, NULL);
    buffers += count;
    bytes += LOAD (channel->drops[i].bytes);
  }
  gst_structure_set (stats,
      "buffers-dropped", G_TYPE_UINT64, buffers,
      "bytes-dropped", G_TYPE_UINT64, bytes, NULL);
}

static void
collect_latency (TieredQueueChannel * channel, GstStructure * stats)
{
  ScHistogramSnapshot *latency = g_new (ScHistogramSnapshot, 1);

  sc_histogram_read (&channel->latency, latency);
  gst_structure_set (stats,
      "latency-samples", G_TYPE_UINT64, latency->count,
      "latency-p50", G_TYPE_UINT64, sc_histogram_quantile (latency, 0.5),
      "latency-p95", G_TYPE_UINT64, sc_histogram_quantile (latency, 0.95),
      "latency-p99", G_TYPE_UINT64, sc_histogram_quantile (latency, 0.99),
      "latency-p999", G_TYPE_UINT64, sc_histogram_quantile (latency, 0.999),
      "latency-max", G_TYPE_UINT64, latency->max, NULL);
  g_free (latency);
}

static void
collect_backpressure (TieredQueueChannel * channel, GstStructure * stats)
{
  gboolean active = sc_watermark_is_active (&channel->watermark);
  guint64 total = LOAD (channel->watermark.total);

  if (active)
    total += monotonic_now () - LOAD (channel->watermark.since);
  gst_structure_set (stats,
      "backpressure", G_TYPE_BOOLEAN, active,
      "backpressure-count", G_TYPE_UINT64, LOAD (channel->watermark.triggers),
      "backpressure-time", G_TYPE_UINT64, total, NULL);
}

void
tieredqueue_report_collect (TieredQueueChannel * channel, GstStructure * stats)
{
  ScRingLevel level;

  tieredqueue_channel_level (channel, &level);
  gst_structure_set (stats,
      "buffers-in", G_TYPE_UINT64, LOAD (channel->buffers_in),
      "bytes-in", G_TYPE_UINT64, LOAD (channel->bytes_in),
      "buffers-out", G_TYPE_UINT64, LOAD (channel->buffers_out),
      "bytes-out", G_TYPE_UINT64, LOAD (channel->bytes_out),
      "level-buffers", G_TYPE_UINT64, (guint64) level.buffers,
      "level-bytes", G_TYPE_UINT64, level.bytes,
      "level-time", G_TYPE_UINT64, (guint64) level.time,
      "level-buffers-peak", G_TYPE_UINT64,
      (guint64) LOAD (channel->peak_buffers),
      "slots", G_TYPE_UINT64, (guint64) LOAD (channel->slots),
      "growths", G_TYPE_UINT64, (guint64) LOAD (channel->growths),
      "wakeups", G_TYPE_UINT64,
      LOAD (channel->items.wakes) + LOAD (channel->space.wakes), NULL);
  collect_drops (channel, stats);
  collect_backpressure (channel, stats);
  collect_latency (channel, stats);
}

static void
post_backpressure (TieredQueueChannel * channel, const gchar * name,
    GstSafecaptureReporter * reporter, TieredQueuePosted * posted)
{
  gboolean active = sc_watermark_is_active (&channel->watermark);
  guint64 triggers = LOAD (channel->watermark.triggers);
  guint64 since = LOAD (channel->watermark.since);
  guint64 now = monotonic_now ();
  ScRingLevel level;

  /* Raised and cleared between two looks is still two changes: the count tells
   * how often. */
  if (active == posted->active && triggers == posted->triggers)
    return;
  /* Before posting: a handler of the message may stop the element, which posts
   * what is left. */
  posted->active = active;
  posted->triggers = triggers;
  tieredqueue_channel_level (channel, &level);
  gst_safecapture_reporter_post (reporter, "backpressure",
      "channel", G_TYPE_STRING, name,
      "active", G_TYPE_BOOLEAN, active,
      "level", G_TYPE_UINT64, (guint64) level.buffers,
      "level-bytes", G_TYPE_UINT64, level.bytes,
      "level-time", G_TYPE_UINT64, (guint64) level.time,
      "duration", G_TYPE_UINT64, active && now > since ? now - since : 0,
      "total-duration", G_TYPE_UINT64, LOAD (channel->watermark.total),
      "count", G_TYPE_UINT64, triggers, NULL);
}

static void
post_dropped (TieredQueueChannel * channel, guint reason, const gchar * name,
    GstSafecaptureReporter * reporter, TieredQueuePosted * posted)
{
  TieredQueueDrops *drops = &channel->drops[reason];
  guint64 buffers = dropped_buffers (channel, reason);
  guint64 bytes = LOAD (drops->bytes);
  guint64 new_buffers = buffers - posted->dropped_buffers[reason];
  guint64 new_bytes = bytes - posted->dropped_bytes[reason];
  gint64 first = LOAD (drops->first), last = LOAD (drops->last);

  if (new_buffers == 0)
    return;
  /* Before posting, as above. */
  posted->dropped_buffers[reason] = buffers;
  posted->dropped_bytes[reason] = bytes;
  atomic_store_explicit (&drops->begin, TRUE, memory_order_relaxed);
  gst_safecapture_reporter_post (reporter, "dropped",
      "channel", G_TYPE_STRING, name,
      "reason", G_TYPE_STRING, reason_names[reason],
      "count", G_TYPE_UINT64, new_buffers,
      "bytes", G_TYPE_UINT64, new_bytes,
      "first-running-time", G_TYPE_INT64, first,
      "last-running-time", G_TYPE_INT64, last, NULL);
}

static gboolean
has_unposted_drops (TieredQueueChannel * channel, TieredQueuePosted * posted)
{
  for (guint i = 0; i < TIEREDQUEUE_N_DROP_REASONS; i++)
    if (dropped_buffers (channel, i) != posted->dropped_buffers[i])
      return TRUE;
  return FALSE;
}

GstClockTime
tieredqueue_report_post (TieredQueueChannel * channel, const gchar * name,
    GstSafecaptureReporter * reporter, TieredQueuePosted * posted,
    gboolean final)
{
  guint64 now = monotonic_now ();

  post_backpressure (channel, name, reporter, posted);
  if (!has_unposted_drops (channel, posted))
    return GST_CLOCK_TIME_NONE;
  if (!final && posted->dropped_time != 0
      && now - posted->dropped_time < TIEREDQUEUE_DROPPED_INTERVAL)
    return posted->dropped_time + TIEREDQUEUE_DROPPED_INTERVAL - now;
  posted->dropped_time = now;
  for (guint i = 0; i < TIEREDQUEUE_N_DROP_REASONS; i++)
    post_dropped (channel, i, name, reporter, posted);
  return GST_CLOCK_TIME_NONE;
}
