/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "gstsafecapturelatency.h"

void
gst_safecapture_latency_tell (GstStructure * stats, const gchar * name,
    const ScHistogramSnapshot * latency)
{
  static const struct
  {
    const gchar *suffix;
    gdouble quantile;
  } quantiles[] = {
    {"p50", 0.5}, {"p95", 0.95}, {"p99", 0.99}, {"p999", 0.999}, {"max", 1.0},
  };

  for (guint i = 0; i < G_N_ELEMENTS (quantiles); i++) {
    gchar *field = g_strconcat (name, "-", quantiles[i].suffix, NULL);

    gst_structure_set (stats, field, G_TYPE_UINT64,
        (guint64) sc_histogram_quantile (latency, quantiles[i].quantile), NULL);
    g_free (field);
  }
}

static void
take_buckets (const ScHistogramSnapshot * latency, GValue * array)
{
  uint64_t steps[SC_HISTOGRAM_STEPS];

  sc_histogram_steps (latency, steps);
  for (guint i = 0; i < SC_HISTOGRAM_STEPS; i++) {
    GValue value = G_VALUE_INIT;

    g_value_init (&value, G_TYPE_UINT64);
    g_value_set_uint64 (&value, steps[i]);
    gst_value_array_append_and_take_value (array, &value);
  }
}

void
gst_safecapture_latency_tell_buckets (GstStructure * stats,
    const gchar * name, const ScHistogramSnapshot * latency)
{
  gchar *buckets = g_strconcat (name, "-buckets", NULL);
  gchar *sum = g_strconcat (name, "-sum", NULL);
  gdouble total = sc_histogram_sum (latency);
  GValue array = G_VALUE_INIT;

  g_value_init (&array, GST_TYPE_ARRAY);
  take_buckets (latency, &array);
  gst_structure_take_value (stats, buckets, &array);
  gst_structure_set (stats, sum, G_TYPE_UINT64,
      total < 0x1p64 ? (guint64) total : G_MAXUINT64, NULL);
  g_free (sum);
  g_free (buckets);
}
