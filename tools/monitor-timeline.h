/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which state something was in, and when: rows of spans, in bounded memory.  What
 * changes too often is kept as one longer span.
 */
#ifndef MONITOR_TIMELINE_H
#define MONITOR_TIMELINE_H

#include <gst/gst.h>

typedef struct
{
  gdouble from, to;             /* seconds */
  gchar *state;
  gboolean merged;              /* of several, with others between them */
} MonitorSpan;

typedef struct
{
  gchar *name;
  GArray *spans;                /* of MonitorSpan, in their order */
} MonitorTimelineRow;

typedef struct _MonitorTimeline MonitorTimeline;

/* @rows, @spans: the most rows, and spans of one row; further rows are passed
 * over. */
MonitorTimeline *monitor_timeline_new (guint rows, guint spans);
void monitor_timeline_free (MonitorTimeline * self);

/**
 * monitor_timeline_set:
 * @state: (nullable): from @time on; NULL for none
 *
 * @time: seconds, not before the last one of this row.
 */
void monitor_timeline_set (MonitorTimeline * self, const gchar * row,
    gdouble time, const gchar * state);

/* What is so now was so until @time. */
void monitor_timeline_end (MonitorTimeline * self, gdouble time);

guint monitor_timeline_count (const MonitorTimeline * self);

/* (transfer none): rows in the order in which they came */
const MonitorTimelineRow *monitor_timeline_get (const MonitorTimeline * self,
    guint index);

#endif
