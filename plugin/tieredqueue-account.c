/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tieredqueue-account.h"

#include "sc-clock.h"

#include "tieredqueue-fill.h"

#include <gst/safecapture/gstsafecapturelatency.h>

#define LOAD(cell) atomic_load_explicit (&(cell), memory_order_relaxed)

/* ---- reading ---- */

static void
read_drops (TieredQueueAccount * self, TieredQueueChannel * channel)
{
  TieredQueueDropped dropped;

  self->bytes_dropped = 0;
  for (guint i = 0; i < TIEREDQUEUE_N_DROP_REASONS; i++) {
    tieredqueue_drops_read (&channel->drops, i, &dropped);
    self->dropped[i] = dropped.buffers;
    self->bytes_dropped += dropped.bytes;
  }
}

static void
read_backpressure (TieredQueueAccount * self, TieredQueueChannel * channel)
{
  ScWatermark *watermark = &channel->watermark;

  self->backpressure = sc_watermark_is_active (watermark);
  self->backpressure_count = LOAD (watermark->triggers);
  self->backpressure_time = sc_watermark_total (watermark, sc_clock_now ());
}

void
tieredqueue_account_read (TieredQueueAccount * self,
    TieredQueueChannel * channel, TieredQueueOutput * output)
{
  ScRingLevel level;

  tieredqueue_channel_level (channel, &level);
  self->utilisation = tieredqueue_fill_fraction (channel, &level);
  tieredqueue_output_add_level (output, &level);
  self->level_buffers = level.buffers;
  self->level_bytes = level.bytes;
  self->level_time = (guint64) level.time;
  self->buffers_in = LOAD (channel->buffers_in);
  self->bytes_in = LOAD (channel->bytes_in);
  self->buffers_out = LOAD (channel->buffers_out);
  self->bytes_out = LOAD (channel->bytes_out);
  self->peak_buffers = LOAD (channel->peak_buffers);
  self->slots = LOAD (channel->slots);
  self->growths = LOAD (channel->growths);
  self->wakeups = LOAD (channel->items.wakes) + LOAD (channel->space.wakes);
  tieredqueue_rate_look (&channel->rate, sc_clock_now (), self->buffers_out,
      self->bytes_out);
  self->buffers_per_second = channel->rate.buffers_per_second;
  self->bytes_per_second = channel->rate.bytes_per_second;
  read_drops (self, channel);
  read_backpressure (self, channel);
  self->sync_waits = LOAD (output->member->waits);
  self->sync_wait_time = LOAD (output->member->wait_time);
  self->sync_lates = LOAD (output->member->lates);
  sc_histogram_read (&channel->sample.latency, &self->latency);
}

/* ---- adding up ---- */

void
tieredqueue_account_add (TieredQueueAccount * self,
    const TieredQueueAccount * other)
{
  self->buffers_in += other->buffers_in;
  self->bytes_in += other->bytes_in;
  self->buffers_out += other->buffers_out;
  self->bytes_out += other->bytes_out;
  self->level_buffers += other->level_buffers;
  self->level_bytes += other->level_bytes;
  self->level_time = MAX (self->level_time, other->level_time);
  self->peak_buffers = MAX (self->peak_buffers, other->peak_buffers);
  self->slots += other->slots;
  self->growths += other->growths;
  self->wakeups += other->wakeups;
  self->buffers_per_second += other->buffers_per_second;
  self->bytes_per_second += other->bytes_per_second;
  for (guint i = 0; i < TIEREDQUEUE_N_DROP_REASONS; i++)
    self->dropped[i] += other->dropped[i];
  self->bytes_dropped += other->bytes_dropped;
  self->utilisation = MAX (self->utilisation, other->utilisation);
  self->backpressure |= other->backpressure;
  self->backpressure_count += other->backpressure_count;
  self->backpressure_time += other->backpressure_time;
  self->sync_waits += other->sync_waits;
  self->sync_wait_time += other->sync_wait_time;
  self->sync_lates += other->sync_lates;
  sc_histogram_merge (&self->latency, &other->latency);
}

void
tieredqueue_account_close (TieredQueueAccount * self)
{
  self->level_buffers = 0;
  self->level_bytes = 0;
  self->level_time = 0;
  self->slots = 0;
  self->buffers_per_second = 0.0;
  self->bytes_per_second = 0.0;
  self->utilisation = 0.0;
  self->backpressure = FALSE;
}

/* ---- telling ---- */

static void
tell_drops (const TieredQueueAccount * self, GstStructure * stats)
{
  guint64 buffers = 0;
  gchar field[32];

  for (guint i = 0; i < TIEREDQUEUE_N_DROP_REASONS; i++) {
    g_snprintf (field, sizeof (field), "buffers-dropped-%s",
        tieredqueue_drop_reason_name (i));
    gst_structure_set (stats, field, G_TYPE_UINT64, self->dropped[i], NULL);
    buffers += self->dropped[i];
  }
  gst_structure_set (stats,
      "buffers-dropped", G_TYPE_UINT64, buffers,
      "bytes-dropped", G_TYPE_UINT64, self->bytes_dropped, NULL);
}

static gdouble
success_rate (const TieredQueueAccount * self)
{
  guint64 lost = 0;

  for (guint i = 0; i < TIEREDQUEUE_N_DROP_REASONS; i++)
    if (tieredqueue_drop_is_loss (i))
      lost += self->dropped[i];
  /* They are read while they grow. */
  return self->buffers_in == 0 ? 1.0
      : 1.0 - MIN ((gdouble) lost / (gdouble) self->buffers_in, 1.0);
}

static void
tell_latency (const TieredQueueAccount * self, GstStructure * stats)
{
  gst_structure_set (stats,
      "latency-samples", G_TYPE_UINT64, self->latency.count, NULL);
  gst_safecapture_latency_tell (stats, "latency", &self->latency);
  gst_safecapture_latency_tell_buckets (stats, "latency", &self->latency);
}

void
tieredqueue_account_tell (const TieredQueueAccount * self,
    GstStructure * stats)
{
  gst_structure_set (stats,
      "buffers-in", G_TYPE_UINT64, self->buffers_in,
      "bytes-in", G_TYPE_UINT64, self->bytes_in,
      "buffers-out", G_TYPE_UINT64, self->buffers_out,
      "bytes-out", G_TYPE_UINT64, self->bytes_out,
      "level-buffers", G_TYPE_UINT64, self->level_buffers,
      "level-bytes", G_TYPE_UINT64, self->level_bytes,
      "level-time", G_TYPE_UINT64, self->level_time,
      "level-buffers-peak", G_TYPE_UINT64, self->peak_buffers,
      "slots", G_TYPE_UINT64, self->slots,
      "growths", G_TYPE_UINT64, self->growths,
      "wakeups", G_TYPE_UINT64, self->wakeups,
      "wakeups-per-buffer", G_TYPE_DOUBLE, self->buffers_out == 0 ? 0.0
      : (gdouble) self->wakeups / (gdouble) self->buffers_out,
      "buffers-per-second", G_TYPE_DOUBLE, self->buffers_per_second,
      "bytes-per-second", G_TYPE_DOUBLE, self->bytes_per_second, NULL);
  tell_drops (self, stats);
  gst_structure_set (stats,
      "success-rate", G_TYPE_DOUBLE, success_rate (self),
      "utilisation", G_TYPE_DOUBLE, self->utilisation,
      "backpressure", G_TYPE_BOOLEAN, self->backpressure,
      "backpressure-count", G_TYPE_UINT64, self->backpressure_count,
      "backpressure-time", G_TYPE_UINT64, self->backpressure_time,
      "sync-waits", G_TYPE_UINT64, self->sync_waits,
      "sync-wait-time", G_TYPE_UINT64, self->sync_wait_time,
      "sync-lates", G_TYPE_UINT64, self->sync_lates, NULL);
  tell_latency (self, stats);
}
