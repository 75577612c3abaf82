/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The report of a recording: a page of HTML that needs nothing but a browser.  Gathers
 * what is plotted while the pipeline runs, in bounded memory.  Knows no clock.
 */
#ifndef MONITOR_REPORT_H
#define MONITOR_REPORT_H

#include "monitor-events.h"
#include "monitor-facts.h"

typedef struct _MonitorReport MonitorReport;

/**
 * monitor_report_check:
 * @path: of the page
 *
 * Before the recording: whether the page can be written, as far as that can be
 * known.
 *
 * Returns: FALSE with @error set
 */
gboolean monitor_report_check (const gchar * path, GError ** error);

/**
 * monitor_report_new:
 * @words: the pipeline, as it was given
 * @now: us of the real-time clock
 * @monotonic: the same moment, us of the monotonic clock; times in the report count
 *   from it
 */
MonitorReport *monitor_report_new (gchar ** words, gint64 now,
    gint64 monotonic);
void monitor_report_free (MonitorReport * self);

/* A structure `safecapture-snapshot`, in their order. */
void monitor_report_snapshot (MonitorReport * self,
    const GstStructure * snapshot);

/* Any message of the bus.  @monotonic: now, us, of the monotonic clock. */
void monitor_report_message (MonitorReport * self, GstMessage * message,
    gint64 monotonic);

/* What monitor-events.h made of it.  @monotonic: likewise. */
void monitor_report_event (MonitorReport * self, const MonitorEvent * event,
    gint64 monotonic);

/* What stands at the end; as of monitor-outcome.h. */
typedef struct
{
  const MonitorFacts *facts;
  gint code;
  const gchar *const *reasons;
  guint64 running;              /* ns */
  gint64 monotonic;             /* now, us */
} MonitorReportEnd;

/* Returns: (transfer full): the page */
gchar *monitor_report_html (MonitorReport * self,
    const MonitorReportEnd * end);

/**
 * monitor_report_write:
 *
 * Writes the page beside @path and gives it its name once it is whole.
 *
 * Returns: FALSE with @error set: then what was at @path is still there
 */
gboolean monitor_report_write (MonitorReport * self, const gchar * path,
    const MonitorReportEnd * end, GError ** error);

#endif
