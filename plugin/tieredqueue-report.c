/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tieredqueue-report.h"

#define LOAD(cell) atomic_load_explicit (&(cell), memory_order_relaxed)

static guint64
monotonic_now (void)
{
  return (guint64) g_get_monotonic_time () * GST_USECOND;
}

/* The name of the field that counts the drops for @reason. */
static const gchar *
dropped_field (TieredQueueDropReason reason, gchar field[32])
{
  g_snprintf (field, 32, "buffers-dropped-%s",
      tieredqueue_drop_reason_name (reason));
  return field;
}

static void
collect_drops (TieredQueueChannel * channel, GstStructure * stats)
{
  guint64 buffers = 0, bytes = 0;
  TieredQueueDropped dropped;
  gchar field[32];

  for (guint i = 0; i < TIEREDQUEUE_N_DROP_REASONS; i++) {
    tieredqueue_drops_read (&channel->drops, i, &dropped);
    gst_structure_set (stats, dropped_field (i, field), G_TYPE_UINT64,
        dropped.buffers, NULL);
    buffers += dropped.buffers;
    bytes += dropped.bytes;
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
  ScWatermark *watermark = &channel->watermark;

  gst_structure_set (stats,
      "backpressure", G_TYPE_BOOLEAN, sc_watermark_is_active (watermark),
      "backpressure-count", G_TYPE_UINT64, LOAD (watermark->triggers),
      "backpressure-time", G_TYPE_UINT64,
      sc_watermark_total (watermark, monotonic_now ()), NULL);
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
      "duration", G_TYPE_UINT64,
      sc_watermark_duration (&channel->watermark, now),
      "total-duration", G_TYPE_UINT64,
      sc_watermark_total (&channel->watermark, now),
      "count", G_TYPE_UINT64, triggers, NULL);
}

static void
post_dropped (TieredQueueChannel * channel, TieredQueueDropReason reason,
    const gchar * name, GstSafecaptureReporter * reporter,
    TieredQueuePosted * posted)
{
  TieredQueueDropped before = posted->dropped[reason];
  TieredQueueDropped now;

  tieredqueue_drops_read (&channel->drops, reason, &now);
  if (now.buffers == before.buffers)
    return;
  /* Before posting, as above. */
  posted->dropped[reason] = now;
  tieredqueue_drops_begin (&channel->drops, reason);
  gst_safecapture_reporter_post (reporter, "dropped",
      "channel", G_TYPE_STRING, name,
      "reason", G_TYPE_STRING, tieredqueue_drop_reason_name (reason),
      "count", G_TYPE_UINT64, now.buffers - before.buffers,
      "bytes", G_TYPE_UINT64, now.bytes - before.bytes,
      "first-running-time", G_TYPE_INT64, now.first,
      "last-running-time", G_TYPE_INT64, now.last, NULL);
}

static gboolean
has_unposted_drops (TieredQueueChannel * channel, TieredQueuePosted * posted)
{
  TieredQueueDropped dropped;

  for (guint i = 0; i < TIEREDQUEUE_N_DROP_REASONS; i++) {
    tieredqueue_drops_read (&channel->drops, i, &dropped);
    if (dropped.buffers != posted->dropped[i].buffers)
      return TRUE;
  }
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
