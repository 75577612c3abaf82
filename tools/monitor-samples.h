/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A snapshot as single figures with names and labels, for those who keep
 * figures.  Which figures there are, and of what kind, the schema says; so
 * a new field is told without a line of code here.
 *
 * Pure: no thread, no clock, nothing kept.
 */
#ifndef MONITOR_SAMPLES_H
#define MONITOR_SAMPLES_H

#include <gst/gst.h>

typedef enum
{
  MONITOR_SAMPLE_COUNTER,       /* falls only when its element starts anew */
  MONITOR_SAMPLE_GAUGE,
  MONITOR_SAMPLE_STATE,         /* one of several, of which one is so now */
  MONITOR_SAMPLE_HISTOGRAM,
} MonitorSampleKind;

typedef struct
{
  const gchar *name;            /* "channel" */
  const gchar *value;
} MonitorLabel;

#define MONITOR_SAMPLE_LABELS 6

/* All of it lasts as long as the call it is given to. */
typedef struct
{
  const gchar *place;           /* "tieredqueue-channel"; "": the pipeline */
  const gchar *path;            /* "tieredqueue.NAME.channel.left.pool" */
  const gchar *name;            /* "written-bytes": its unit comes last */
  const gchar *field;           /* "bytes-written": as the schema says */
  const gchar *unit;            /* as the schema says: "ns", "bytes" */
  const gchar *meaning;         /* Markdown */
  MonitorSampleKind kind;
  MonitorLabel labels[MONITOR_SAMPLE_LABELS];
  guint n_labels;
  gboolean is_real;             /* whether the figure is `real`, not `count` */
  gdouble real;
  guint64 count;                /* of a state 0 or 1; of a histogram the sum */
  const gchar *state;           /* the name of the state */
  const GValue *buckets;        /* of a histogram, as the schema says */
} MonitorSample;

typedef void (*MonitorSampleFunc) (const MonitorSample * sample,
    gpointer user_data);

/**
 * monitor_samples_each:
 * @snapshot: a structure `safecapture-snapshot`
 *
 * Calls @func with each figure.  Those that are not known are left out.  Labels
 * tell apart all samples of one place and name; an element is called by its
 * path where another has its name too.
 */
void monitor_samples_each (const GstStructure * snapshot,
    MonitorSampleFunc func, gpointer user_data);

#endif
