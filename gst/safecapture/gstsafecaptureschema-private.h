/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How the tables of the schema are written.  A table is a group of fields; a
 * structure has one or more groups, since several share most of theirs.
 */
#ifndef GST_SAFECAPTURE_SCHEMA_PRIVATE_H
#define GST_SAFECAPTURE_SCHEMA_PRIVATE_H

#include "gstsafecaptureschema.h"

G_BEGIN_DECLS

typedef struct
{
  const GstSafecaptureField *fields;
  guint count;
} GstSafecaptureGroup;

#define GST_SAFECAPTURE_MAX_GROUPS 5

/* In `contains`: the statistics of any of the elements, as their name says. */
#define GST_SAFECAPTURE_CONTAINS_STATS "stats"

typedef struct
{
  const gchar *name;
  const GstSafecaptureGroup *groups[GST_SAFECAPTURE_MAX_GROUPS];
} GstSafecaptureRecord;

#define DEFINE_GROUP(name) \
  const GstSafecaptureGroup gst_safecapture_group_##name = { \
    name##_fields, G_N_ELEMENTS (name##_fields) \
  }

/* NULL-ended by name. */
extern const GstSafecaptureRecord gst_safecapture_records[];

extern const GstSafecaptureGroup gst_safecapture_group_version;
extern const GstSafecaptureGroup gst_safecapture_group_warning;
extern const GstSafecaptureGroup gst_safecapture_group_health;
extern const GstSafecaptureGroup gst_safecapture_group_sink_health;
extern const GstSafecaptureGroup gst_safecapture_group_unhealthy;
extern const GstSafecaptureGroup gst_safecapture_group_metrics_log;
extern const GstSafecaptureGroup gst_safecapture_group_snapshot;
extern const GstSafecaptureGroup gst_safecapture_group_place;
extern const GstSafecaptureGroup gst_safecapture_group_element;
extern const GstSafecaptureGroup gst_safecapture_group_queue;
extern const GstSafecaptureGroup gst_safecapture_group_state;
extern const GstSafecaptureGroup gst_safecapture_group_offer;
extern const GstSafecaptureGroup gst_safecapture_group_pool;
extern const GstSafecaptureGroup gst_safecapture_group_tier;
extern const GstSafecaptureGroup gst_safecapture_group_class;
extern const GstSafecaptureGroup gst_safecapture_group_source;
extern const GstSafecaptureGroup gst_safecapture_group_trends;
extern const GstSafecaptureGroup gst_safecapture_group_exhausted;
extern const GstSafecaptureGroup gst_safecapture_group_not_locked;
extern const GstSafecaptureGroup gst_safecapture_group_partial;
extern const GstSafecaptureGroup gst_safecapture_group_misuse;
extern const GstSafecaptureGroup gst_safecapture_group_outstanding;
extern const GstSafecaptureGroup gst_safecapture_group_buffer;
extern const GstSafecaptureGroup gst_safecapture_group_limit;
extern const GstSafecaptureGroup gst_safecapture_group_channels;
extern const GstSafecaptureGroup gst_safecapture_group_channel_name;
extern const GstSafecaptureGroup gst_safecapture_group_channel_limits;
extern const GstSafecaptureGroup gst_safecapture_group_channel;
extern const GstSafecaptureGroup gst_safecapture_group_backpressure;
extern const GstSafecaptureGroup gst_safecapture_group_dropped;
extern const GstSafecaptureGroup gst_safecapture_group_refused;
extern const GstSafecaptureGroup gst_safecapture_group_sink;
extern const GstSafecaptureGroup gst_safecapture_group_published;
extern const GstSafecaptureGroup gst_safecapture_group_switched;
extern const GstSafecaptureGroup gst_safecapture_group_left_out;
extern const GstSafecaptureGroup gst_safecapture_group_recovered;
extern const GstSafecaptureGroup gst_safecapture_group_slow;
extern const GstSafecaptureGroup gst_safecapture_group_behind;
extern const GstSafecaptureGroup gst_safecapture_group_no_direct;
extern const GstSafecaptureGroup gst_safecapture_group_mismatch;
extern const GstSafecaptureGroup gst_safecapture_group_space_low;
extern const GstSafecaptureGroup gst_safecapture_group_used_up;
extern const GstSafecaptureGroup gst_safecapture_group_stopped;
extern const GstSafecaptureGroup gst_safecapture_group_unfinished;
extern const GstSafecaptureGroup gst_safecapture_group_unrecovered;

#define FIELD(n, t, k, u, m, c, o) \
  { n, t, GST_SAFECAPTURE_KIND_##k, u, m, c, o }

#define COUNTER(name, unit, meaning) \
  FIELD (name, "guint64", COUNTER, unit, meaning, NULL, FALSE)
#define GAUGE(name, unit, meaning) \
  FIELD (name, "guint64", GAUGE, unit, meaning, NULL, FALSE)
#define RATIO(name, meaning) \
  FIELD (name, "gdouble", GAUGE, "ratio", meaning, NULL, FALSE)
#define RATE(name, unit, meaning) \
  FIELD (name, "gdouble", GAUGE, unit, meaning, NULL, FALSE)
#define MAYBE_RATE(name, unit, meaning) \
  FIELD (name, "gdouble", GAUGE, unit, meaning, NULL, TRUE)
#define FLAG(name, meaning) \
  FIELD (name, "gboolean", GAUGE, "", meaning, NULL, FALSE)
#define TEXT(name, meaning) \
  FIELD (name, "gchararray", TEXT, "", meaning, NULL, FALSE)
#define MAYBE_TEXT(name, meaning) \
  FIELD (name, "gchararray", TEXT, "", meaning, NULL, TRUE)
#define ARRAY(name, what, meaning) \
  FIELD (name, "GstValueArray", STRUCTURE, "", meaning, what, FALSE)
#define MAYBE_STRUCTURE(name, what, meaning) \
  FIELD (name, "GstStructure", STRUCTURE, "", meaning, what, TRUE)

#define OFFERED_POOL \
  MAYBE_STRUCTURE ("pool", "pool", \
      "the memory offered to the element upstream")

#define QUANTILE(name, which, meaning, maybe) \
  FIELD (name "-" which, "guint64", GAUGE, "ns", meaning, NULL, maybe)
#define LATENCY(name, of, maybe) \
  QUANTILE (name, "p50", "median of the time of " of, maybe), \
  QUANTILE (name, "p95", "95 % of them took at most so long", maybe), \
  QUANTILE (name, "p99", "99 % of them took at most so long", maybe), \
  QUANTILE (name, "p999", "99.9 % of them took at most so long", maybe), \
  QUANTILE (name, "max", "the longest of them", maybe)
#define BUCKETS(name, maybe) \
  FIELD (name "-buckets", "GstValueArray", HISTOGRAM, "ns", \
      "how many of them took less than each [bound](#histograms)", NULL, \
      maybe), \
  FIELD (name "-sum", "guint64", COUNTER, "ns", "of all of them", NULL, maybe)

G_END_DECLS

#endif
