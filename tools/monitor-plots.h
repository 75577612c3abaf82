/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which figures of a snapshot are plotted, on which plot, under which name.
 */
#ifndef MONITOR_PLOTS_H
#define MONITOR_PLOTS_H

#include "monitor-table.h"

typedef enum
{
  MONITOR_PLOT_LEVELS,
  MONITOR_PLOT_POOLS,
  MONITOR_PLOT_QUEUE_LATENCY,
  MONITOR_PLOT_WRITE_LATENCY,
  MONITOR_PLOT_SYNC_LATENCY,
  MONITOR_PLOT_DURABLE,
  MONITOR_PLOT_LAG,
  MONITOR_PLOT_DROPS,
  MONITOR_PLOT_THROUGHPUT,
  MONITOR_N_PLOTS,
} MonitorPlot;

typedef struct
{
  const gchar *id;
  const gchar *title;
  const gchar *unit;            /* "ratio", "s", "bytes", "bytes/s", "buffers" */
  const gchar *note;
  gboolean logarithmic;
} MonitorPlotText;

extern const MonitorPlotText monitor_plot_texts[MONITOR_N_PLOTS];

typedef struct
{
  MonitorPlot plot;
  gchar *name;                  /* in the legend */
  gchar *column;                /* of the table */
} MonitorPlotSeries;

/* A level to be drawn across a plot. */
typedef struct
{
  MonitorPlot plot;
  gchar *name;
  gdouble value;
} MonitorPlotMark;

typedef struct _MonitorPlots MonitorPlots;

/* @rows: as of monitor_table_new() */
MonitorPlots *monitor_plots_new (guint rows);
void monitor_plots_free (MonitorPlots * self);

/* @time: seconds, not before that of the snapshot before. */
void monitor_plots_look (MonitorPlots * self, const GstStructure * snapshot,
    gdouble time);

/* (transfer none) */
const MonitorTable *monitor_plots_table (const MonitorPlots * self);
guint monitor_plots_count (const MonitorPlots * self);
const MonitorPlotSeries *monitor_plots_get (const MonitorPlots * self,
    guint index);
guint monitor_plots_count_marks (const MonitorPlots * self);
const MonitorPlotMark *monitor_plots_get_mark (const MonitorPlots * self,
    guint index);

#endif
