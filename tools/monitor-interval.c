/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "monitor-interval.h"

#include "monitor-fields.h"

#include <gst/safecapture/safecapture.h>
#include <math.h>
#include <string.h>

#define MAX_BUCKETS 64

typedef struct
{
  gdouble time;
  guint64 count;
} Counter;

typedef struct
{
  guint64 counts[MAX_BUCKETS];
  guint64 max;                  /* ns */
} Histogram;

struct _MonitorInterval
{
  GHashTable *counters;         /* key: Counter */
  GHashTable *histograms;       /* key: Histogram */
};

MonitorInterval *
monitor_interval_new (void)
{
  MonitorInterval *self = g_new0 (MonitorInterval, 1);

  self->counters = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
      g_free);
  self->histograms = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
      g_free);
  return self;
}

void
monitor_interval_free (MonitorInterval * self)
{
  g_hash_table_unref (self->counters);
  g_hash_table_unref (self->histograms);
  g_free (self);
}

gdouble
monitor_interval_rate (MonitorInterval * self, const gchar * key,
    gdouble time, guint64 count)
{
  Counter *old = g_hash_table_lookup (self->counters, key);
  gdouble rate = NAN;

  if (old == NULL) {
    old = g_new (Counter, 1);
    g_hash_table_insert (self->counters, g_strdup (key), old);
  } else if (time > old->time) {
    rate = (gdouble) (count >= old->count ? count - old->count : count)
        / (time - old->time);
  }
  *old = (Counter) {
  time, count};
  return rate;
}

/* ---- latencies ---- */

/* Returns: how many buckets there are; 0 where it is no histogram */
static guint
read_counts (const GstStructure * stats, const gchar * name,
    Histogram * histogram)
{
  gchar *field = g_strconcat (name, "-buckets", NULL);
  const GValue *array = gst_structure_get_value (stats, field);
  guint count;

  (void) gst_safecapture_schema_get_bucket_bounds (&count);
  g_free (field);
  if (array == NULL || count > MAX_BUCKETS
      || gst_value_array_get_size (array) != count)
    return 0;
  for (guint i = 0; i < count; i++)
    histogram->counts[i] =
        g_value_get_uint64 (gst_value_array_get_value (array, i));
  field = g_strconcat (name, "-max", NULL);
  histogram->max = monitor_count (stats, field);
  g_free (field);
  return count;
}

/* The bucket of the value of @rank; between its bounds as if they were even on a
 * scale of logarithms.  ns. */
static gdouble
value_of_rank (const guint64 * counts, guint buckets, gdouble rank,
    gdouble most)
{
  const guint64 *bounds = gst_safecapture_schema_get_bucket_bounds (&buckets);
  guint i = 0;
  gdouble below, high, low;

  while (i + 1 < buckets && (gdouble) counts[i] < rank)
    i++;
  below = i == 0 ? 0.0 : (gdouble) counts[i - 1];
  high = i + 1 < buckets ? (gdouble) bounds[i] : most;
  low = i == 0 ? high / 2.0 : (gdouble) bounds[i - 1];
  high = MIN (high, MAX (most, low));
  return low * pow (high / low, (rank - below) / ((gdouble) counts[i]
          - below));
}

static void
read_off (const Histogram * since, guint buckets, gboolean new_max,
    MonitorLatency * latency)
{
  gdouble all = (gdouble) since->counts[buckets - 1];
  gdouble most = (gdouble) since->max;

  latency->median = value_of_rank (since->counts, buckets, all * 0.5, most)
      / 1e9;
  latency->p99 = value_of_rank (since->counts, buckets, all * 0.99, most)
      / 1e9;
  latency->longest = (new_max ? most : value_of_rank (since->counts, buckets,
          all, most)) / 1e9;
}

gboolean
monitor_interval_latency (MonitorInterval * self, const gchar * key,
    const GstStructure * stats, const gchar * name, MonitorLatency * latency)
{
  Histogram *old = g_hash_table_lookup (self->histograms, key), now, since;
  guint buckets = read_counts (stats, name, &now);
  gboolean new_max, fell;

  if (buckets == 0)
    return FALSE;
  if (old == NULL) {
    old = g_new0 (Histogram, 1);
    g_hash_table_insert (self->histograms, g_strdup (key), old);
  }
  fell = now.counts[buckets - 1] < old->counts[buckets - 1];
  new_max = fell || now.max > old->max;
  since.max = now.max;
  for (guint i = 0; i < buckets; i++)
    since.counts[i] = fell ? now.counts[i] : now.counts[i] - old->counts[i];
  *old = now;
  if (since.counts[buckets - 1] == 0)
    return FALSE;
  read_off (&since, buckets, new_max, latency);
  return TRUE;
}
