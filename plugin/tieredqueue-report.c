/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tieredqueue-report.h"

#include "sc-clock.h"

#include "tieredqueue-fill.h"

#define LOAD(cell) atomic_load_explicit (&(cell), memory_order_relaxed)

static void
post_backpressure (TieredQueueChannel * channel, const gchar * name,
    GstSafecaptureReporter * reporter, TieredQueuePosted * posted)
{
  gboolean active = sc_watermark_is_active (&channel->watermark);
  guint64 triggers = LOAD (channel->watermark.triggers);
  guint64 now = sc_clock_now ();
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
  if (tieredqueue_drop_is_loss (reason))
    gst_safecapture_reporter_post_qos (reporter, LOAD (channel->live),
        (GstClockTime) MAX (now.last, 0), LOAD (channel->buffers_out),
        tieredqueue_drops_lost (&channel->drops));
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
  guint64 now = sc_clock_now ();

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
