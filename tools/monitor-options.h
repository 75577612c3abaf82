/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What safecapture monitor is asked for. */
#ifndef MONITOR_OPTIONS_H
#define MONITOR_OPTIONS_H

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

/**
 * monitor_options_parse:
 * @self: all zeros; to be cleared also after an error
 *
 * Ends the process for --help.
 *
 * Returns: FALSE with @error set, of the domain G_OPTION_ERROR or another one
 */
gboolean monitor_options_parse (MonitorOptions * self, gint * argc,
    gchar *** argv, GError ** error);
void monitor_options_clear (MonitorOptions * self);

#endif
