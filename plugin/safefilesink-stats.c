/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "safefilesink-stats.h"

#include <gst/safecapture/gstsafecapturelatency.h>

static void
add_latency (GstStructure * stats, const gchar * name,
    const ScHistogram * histogram)
{
  ScHistogramSnapshot *snapshot = g_new0 (ScHistogramSnapshot, 1);

  if (histogram != NULL)
    sc_histogram_read (histogram, snapshot);
  gst_safecapture_latency_tell (stats, name, snapshot);
  gst_safecapture_latency_tell_buckets (stats, name, snapshot);
  g_free (snapshot);
}

void
safefilesink_stats_collect (const ScRecorder * recorder, ScRecorderState state,
    GstStructure * stats)
{
  ScRecorderStats counters = {.space_left = SC_SPACE_UNKNOWN };
  ScGap dropped = { 0 };

  if (recorder != NULL) {
    sc_recorder_stats (recorder, &counters);
    sc_drops_read (&recorder->drops, &dropped);
  }
  gst_structure_set (stats,
      "state", G_TYPE_STRING, sc_recorder_state_name (state),
      "bytes-accepted", G_TYPE_UINT64, (guint64) counters.accepted,
      "bytes-written", G_TYPE_UINT64, (guint64) counters.written,
      "file-size", G_TYPE_UINT64, (guint64) counters.size,
      "durable-offset", G_TYPE_UINT64, (guint64) counters.durable,
      "backlog-bytes", G_TYPE_UINT64, (guint64) counters.backlog,
      "ring-size", G_TYPE_UINT64, (guint64) counters.ring_size,
      "writes", G_TYPE_UINT64, (guint64) counters.writes,
      "syncs", G_TYPE_UINT64, (guint64) counters.syncs,
      "overwrites", G_TYPE_UINT64, (guint64) counters.overwrites,
      "overwritten-bytes", G_TYPE_UINT64,
      (guint64) counters.overwritten_bytes,
      "journal-bytes", G_TYPE_UINT64, (guint64) counters.journal_bytes,
      "waits", G_TYPE_UINT64, (guint64) counters.waits,
      "wait-time", G_TYPE_UINT64, (guint64) counters.wait_time,
      "buffers-dropped", G_TYPE_UINT64, (guint64) dropped.buffers,
      "bytes-dropped", G_TYPE_UINT64, (guint64) dropped.size,
      "verified-bytes", G_TYPE_UINT64, (guint64) counters.verified_bytes,
      "verify-mismatches", G_TYPE_UINT64, (guint64) counters.mismatches,
      "verify-repairs", G_TYPE_UINT64, (guint64) counters.repairs,
      "space-left", G_TYPE_UINT64, (guint64) counters.space_left,
      "switches", G_TYPE_UINT64, recorder != NULL
      ? (guint64) sc_recorder_switches (recorder) : 0, NULL);
  add_latency (stats, "write-latency",
      recorder != NULL ? &recorder->write_latency : NULL);
  add_latency (stats, "sync-latency",
      recorder != NULL ? &recorder->sync_latency : NULL);
  add_latency (stats, "verify-latency",
      recorder != NULL ? &recorder->verify_latency : NULL);
}

void
safefilesink_stats_collect_base (GstBaseSink * sink, GstStructure * stats)
{
  GstStructure *base = gst_base_sink_get_stats (sink);

  for (gint i = 0; i < gst_structure_n_fields (base); i++) {
    const gchar *field = gst_structure_nth_field_name (base, i);

    gst_structure_set_value (stats, field, gst_structure_get_value (base,
            field));
  }
  gst_structure_free (base);
}
