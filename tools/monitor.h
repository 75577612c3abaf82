/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What safecapture monitor is asked for. */
#ifndef MONITOR_H
#define MONITOR_H

#include <gst/gst.h>

typedef struct
{
  gdouble interval;             /* seconds between two snapshots */
  gboolean plain;               /* lines, also on a terminal */
  gboolean json;                /* lines of JSON */
  gchar *prometheus, *statsd;   /* (nullable): where figures go */
  gchar *metrics_location;      /* (nullable): file of lines of JSON */
  gchar *report;                /* (nullable): the page to be written */
  gdouble linger;               /* seconds */
  gchar **words;                /* the pipeline */
} MonitorOptions;

#endif
