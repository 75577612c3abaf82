/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What there is to see of a recording, as lines of text: for a screen of any size,
 * or one line.  Knows no terminal and no clock.
 */
#ifndef MONITOR_VIEW_H
#define MONITOR_VIEW_H

#include "monitor-events.h"
#include "monitor-run.h"

typedef struct _MonitorView MonitorView;

MonitorView *monitor_view_new (void);
void monitor_view_free (MonitorView * self);

/**
 * monitor_view_look:
 * @snapshot: a structure `safecapture-snapshot`; copied
 *
 * What is shown from now on; it remembers the peaks.
 */
void monitor_view_look (MonitorView * self, const GstStructure * snapshot);

typedef struct
{
  guint columns;
  guint rows;
  gboolean colour;
  gboolean utf8;                /* else ASCII only */
} MonitorScreen;

typedef struct
{
  MonitorPhase phase;
  guint64 running;              /* ns since it began to play */
  gint64 now;                   /* us of the real-time clock */
} MonitorMoment;

/**
 * monitor_view_draw:
 * @events: the newest are shown
 *
 * Returns: (transfer full): at most `rows` lines of at most `columns` columns,
 *   NULL-ended, without line ends; with colour they have SGR sequences, which end
 *   with the line
 */
gchar **monitor_view_draw (const MonitorView * self,
    const MonitorEvents * events, const MonitorMoment * moment,
    const MonitorScreen * screen);

/* Returns: (transfer full): the same in one line, for a log */
gchar *monitor_view_line (const MonitorView * self,
    const MonitorMoment * moment);

#endif
