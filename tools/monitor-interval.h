/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What happened between two snapshots, of counters and histograms that only grow.
 * One that has fallen has begun anew.
 */
#ifndef MONITOR_INTERVAL_H
#define MONITOR_INTERVAL_H

#include <gst/gst.h>

typedef struct _MonitorInterval MonitorInterval;

MonitorInterval *monitor_interval_new (void);
void monitor_interval_free (MonitorInterval * self);

/**
 * monitor_interval_rate:
 * @key: whose counter it is
 * @time: seconds
 *
 * Returns: a second, since the call before for this key; NAN at the first
 */
gdouble monitor_interval_rate (MonitorInterval * self, const gchar * key,
    gdouble time, guint64 count);

typedef struct
{
  gdouble median, p99, longest; /* seconds */
} MonitorLatency;

/**
 * monitor_interval_latency:
 * @stats: with the fields `<name>-buckets` and `<name>-max`
 *
 * Quantiles of what came since the call before for this key.  They are read off the
 * buckets, whose bounds are powers of two: right to a factor of two; `longest` is exact
 * where it is the longest of all so far.
 *
 * Returns: whether anything came
 */
gboolean monitor_interval_latency (MonitorInterval * self, const gchar * key,
    const GstStructure * stats, const gchar * name, MonitorLatency * latency);

#endif
