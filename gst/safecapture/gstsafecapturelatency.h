/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How latencies are told in statistics: quantiles, and counts in buckets.
 *
 * Not installed: the elements' own, exported only between library and plugin.
 */
#ifndef GST_SAFECAPTURE_LATENCY_H
#define GST_SAFECAPTURE_LATENCY_H

#include "gstsafecapture-prelude.h"

#include "sc-histogram.h"

G_BEGIN_DECLS

/**
 * gst_safecapture_latency_tell:
 * @stats: gets `<name>-p50`, `-p95`, `-p99`, `-p999` and `-max`
 * @latency: in ns
 */
GST_SAFECAPTURE_API
void gst_safecapture_latency_tell (GstStructure * stats, const gchar * name,
    const ScHistogramSnapshot * latency);

/**
 * gst_safecapture_latency_tell_buckets:
 * @stats: gets `<name>-buckets` and `<name>-sum`
 * @latency: in ns
 */
GST_SAFECAPTURE_API
void gst_safecapture_latency_tell_buckets (GstStructure * stats,
    const gchar * name, const ScHistogramSnapshot * latency);

G_END_DECLS

#endif
