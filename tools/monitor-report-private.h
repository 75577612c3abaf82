/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a report has gathered, for the page that is made of it. */
#ifndef MONITOR_REPORT_PRIVATE_H
#define MONITOR_REPORT_PRIVATE_H

#include "monitor-plots.h"
#include "monitor-report.h"
#include "monitor-timeline.h"

typedef struct
{
  gdouble from, to;             /* seconds: the first and the last of them */
  MonitorEventLevel level;
  guint count;
  gchar *kind;
  gchar *text;
} MonitorReportEvent;

struct _MonitorReport
{
  gchar *pipeline;
  gint64 began;                 /* us of the real-time clock */
  gint64 zero;                  /* the same, us of the monotonic clock */
  MonitorPlots *plots;
  MonitorTimeline *timeline;
  GHashTable *told;             /* rows of the timeline that messages tell of */
  GQueue events;                /* of MonitorReportEvent */
  guint left_out;               /* events, in the middle */
};

/* Returns: (transfer full): the page's data, JSON that may stand inside a script */
gchar *monitor_report_data (MonitorReport * self,
    const MonitorReportEnd * end);

#endif
