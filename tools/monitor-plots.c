/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "monitor-plots.h"

#include "monitor-fields.h"
#include "monitor-interval.h"

/* Of all plots together: some 400 KB a hundred rows. */
#define MAX_COLUMNS 320
#define MAX_MARKS 16

const MonitorPlotText monitor_plot_texts[MONITOR_N_PLOTS] = {
  [MONITOR_PLOT_LEVELS] = {"levels", "Queue levels", "ratio",
      "how full the fullest limit of each channel is, and the memory of each "
        "sink", FALSE},
  [MONITOR_PLOT_POOLS] = {"pools", "Pool utilisation", "ratio",
      "how much of each pool's memory is out", FALSE},
  [MONITOR_PLOT_QUEUE_LATENCY] = {"queue-latency", "Queue latency", "s",
      "how long buffers waited in the queue", TRUE},
  [MONITOR_PLOT_WRITE_LATENCY] = {"write-latency", "Write latency", "s",
      "how long single writes to the disk took", TRUE},
  [MONITOR_PLOT_SYNC_LATENCY] = {"sync-latency", "Sync latency", "s",
      "how long it took to make what was written durable", TRUE},
  [MONITOR_PLOT_DURABLE] = {"durable", "Written and durable", "bytes",
      "what is below the durable mark survives a power cut", FALSE},
  [MONITOR_PLOT_LAG] = {"lag", "Durable lag", "s",
      "how old the oldest byte is that a power cut would take", FALSE},
  [MONITOR_PLOT_DROPS] = {"drops", "Dropped buffers", "buffers",
      "since the start", FALSE},
  [MONITOR_PLOT_THROUGHPUT] = {"throughput", "Throughput", "bytes/s",
      "out of each element, to the disk for sinks", FALSE},
};

struct _MonitorPlots
{
  MonitorTable *table;
  MonitorInterval *interval;
  GPtrArray *series;            /* of MonitorPlotSeries */
  GHashTable *known;            /* columns that have a series */
  GPtrArray *marks;             /* of MonitorPlotMark */
  gdouble time;
};

static void
series_free (gpointer data)
{
  MonitorPlotSeries *series = data;

  g_free (series->name);
  g_free (series->column);
  g_free (series);
}

static void
mark_free (gpointer data)
{
  g_free (((MonitorPlotMark *) data)->name);
  g_free (data);
}

MonitorPlots *
monitor_plots_new (guint rows)
{
  MonitorPlots *self = g_new0 (MonitorPlots, 1);

  self->table = monitor_table_new (rows, MAX_COLUMNS);
  self->interval = monitor_interval_new ();
  self->series = g_ptr_array_new_with_free_func (series_free);
  self->known = g_hash_table_new (g_str_hash, g_str_equal);
  self->marks = g_ptr_array_new_with_free_func (mark_free);
  return self;
}

void
monitor_plots_free (MonitorPlots * self)
{
  monitor_table_free (self->table);
  monitor_interval_free (self->interval);
  g_hash_table_unref (self->known);
  g_ptr_array_unref (self->series);
  g_ptr_array_unref (self->marks);
  g_free (self);
}

/* ---- one figure ---- */

static void
put (MonitorPlots * self, MonitorPlot plot, const gchar * name, gdouble value)
{
  gchar *column = g_strdup_printf ("%s %s", monitor_plot_texts[plot].id, name);
  MonitorPlotSeries *series;

  monitor_table_put (self->table, column, value);
  if (g_hash_table_contains (self->known, column)
      || monitor_table_cells (self->table, column) == NULL) {
    g_free (column);
    return;
  }
  series = g_new (MonitorPlotSeries, 1);
  *series = (MonitorPlotSeries) {
  plot, g_strdup (name), column};
  g_hash_table_add (self->known, series->column);
  g_ptr_array_add (self->series, series);
}

/* As @name with @suffix. */
static void
put_as (MonitorPlots * self, MonitorPlot plot, const gchar * name,
    const gchar * suffix, gdouble value)
{
  gchar *full = g_strdup_printf ("%s %s", name, suffix);

  put (self, plot, full, value);
  g_free (full);
}

static void
put_rate (MonitorPlots * self, const gchar * name, guint64 bytes)
{
  put (self, MONITOR_PLOT_THROUGHPUT, name, monitor_interval_rate
      (self->interval, name, self->time, bytes));
}

static void
put_latency (MonitorPlots * self, MonitorPlot plot, const gchar * name,
    const GstStructure * stats, const gchar * field)
{
  gchar *key = g_strdup_printf ("%s %s", name, field);
  MonitorLatency latency;

  if (monitor_interval_latency (self->interval, key, stats, field, &latency)) {
    put_as (self, plot, name, "longest", latency.longest);
    put_as (self, plot, name, "99 %", latency.p99);
    put_as (self, plot, name, "median", latency.median);
  }
  g_free (key);
}

/* Marks of several channels that are the same are one. */
static void
mark (MonitorPlots * self, const gchar * name, gdouble value)
{
  MonitorPlotMark *one;

  for (guint i = 0; i < self->marks->len; i++) {
    one = g_ptr_array_index (self->marks, i);
    if (one->value == value && g_str_equal (one->name, name))
      return;
  }
  if (self->marks->len == MAX_MARKS || value <= 0.0)
    return;
  one = g_new (MonitorPlotMark, 1);
  *one = (MonitorPlotMark) {
  MONITOR_PLOT_LEVELS, g_strdup (name), value};
  g_ptr_array_add (self->marks, one);
}

/* ---- of each element ---- */

static void
put_drops (MonitorPlots * self, const gchar * name,
    const GstStructure * stats)
{
  static const gchar *const reasons[] = {
    "full", "timeout", "gop", "flush", "eos"
  };
  gboolean has_reasons = gst_structure_has_field (stats,
      "buffers-dropped-full");

  for (guint i = 0; has_reasons && i < G_N_ELEMENTS (reasons); i++) {
    gchar *field = g_strconcat ("buffers-dropped-", reasons[i], NULL);
    guint64 count = monitor_count (stats, field);

    if (count > 0)
      put_as (self, MONITOR_PLOT_DROPS, name, reasons[i], (gdouble) count);
    g_free (field);
  }
  if (!has_reasons && monitor_count (stats, "buffers-dropped") > 0)
    put (self, MONITOR_PLOT_DROPS, name, (gdouble) monitor_count (stats,
            "buffers-dropped"));
}

static void
look_at_channel (MonitorPlots * self, const gchar * name,
    const GstStructure * stats)
{
  put (self, MONITOR_PLOT_LEVELS, name, monitor_figure (stats,
          "utilisation"));
  mark (self, "high watermark", monitor_figure (stats,
          "high-watermark"));
  mark (self, "low watermark", monitor_figure (stats,
          "low-watermark"));
  put_drops (self, name, stats);
  put_rate (self, name, monitor_count (stats, "bytes-out"));
}

static void
look_at_queue (MonitorPlots * self, const gchar * name,
    const GstStructure * stats)
{
  guint channels = monitor_array_size (stats, "channels");

  for (guint i = 0; i < channels; i++) {
    const GstStructure *channel = monitor_array_get (stats, "channels", i);
    gchar *full = channels == 1 ? g_strdup (name) : g_strdup_printf ("%s/%s",
        name, monitor_word (channel, "channel"));

    look_at_channel (self, full, channel);
    g_free (full);
  }
  put_latency (self, MONITOR_PLOT_QUEUE_LATENCY, name, stats, "latency");
}

static void
look_at_source (MonitorPlots * self, const gchar * name,
    const GstStructure * stats)
{
  guint tiers = monitor_array_size (stats, "tiers");

  put (self, MONITOR_PLOT_POOLS, name, monitor_figure (stats,
          "utilisation"));
  for (guint i = 0; tiers > 1 && i < tiers; i++) {
    const GstStructure *tier = monitor_array_get (stats, "tiers", i);
    gchar *full = g_strdup_printf ("%s: slots of %" G_GUINT64_FORMAT, name,
        monitor_count (tier, "slot-size"));

    put (self, MONITOR_PLOT_POOLS, full, (gdouble) monitor_count (tier,
            "in-use") / (gdouble) MAX (monitor_count (tier, "slots"),
            1));
    g_free (full);
  }
  put_drops (self, name, stats);
  put_rate (self, name, monitor_count (stats, "bytes-out"));
}

static void
look_at_sink (MonitorPlots * self, const gchar * name,
    const GstStructure * stats)
{
  put_as (self, MONITOR_PLOT_LEVELS, name, "memory",
      monitor_figure (stats, "utilisation"));
  put_as (self, MONITOR_PLOT_DURABLE, name, "written",
      (gdouble) monitor_count (stats, "file-size"));
  put_as (self, MONITOR_PLOT_DURABLE, name, "durable",
      (gdouble) monitor_count (stats, "durable-offset"));
  put (self, MONITOR_PLOT_LAG, name, (gdouble) monitor_count (stats,
          "durable-lag") / 1e9);
  put_latency (self, MONITOR_PLOT_WRITE_LATENCY, name, stats, "write-latency");
  put_latency (self, MONITOR_PLOT_SYNC_LATENCY, name, stats, "sync-latency");
  put_rate (self, name, monitor_count (stats, "bytes-written"));
}

static void
look_at_element (MonitorPlots * self, const GstStructure * entry)
{
  const gchar *name = monitor_word (entry, "name");
  const GstStructure *stats = monitor_inside (entry, "stats");

  if (monitor_is (entry, "tieredqueue"))
    look_at_queue (self, name, stats);
  else if (monitor_is (entry, "bufpoolsrc"))
    look_at_source (self, name, stats);
  else if (monitor_is (entry, "safefilesink"))
    look_at_sink (self, name, stats);
}

static void
look_at_stock_queue (MonitorPlots * self, const GstStructure * entry)
{
  const gchar *element = monitor_word (entry, "element");
  const gchar *name = monitor_word (entry, "name");
  gchar *full = g_str_equal (element, name) ? g_strdup (name)
      : g_strdup_printf ("%s/%s", element, name);

  put (self, MONITOR_PLOT_LEVELS, full, monitor_figure (entry,
          "utilisation"));
  g_free (full);
}

void
monitor_plots_look (MonitorPlots * self, const GstStructure * snapshot,
    gdouble time)
{
  self->time = time;
  monitor_table_begin (self->table, time);
  for (guint i = 0; i < monitor_array_size (snapshot, "elements"); i++)
    look_at_element (self, monitor_array_get (snapshot, "elements", i));
  for (guint i = 0; i < monitor_array_size (snapshot, "queues"); i++)
    look_at_stock_queue (self, monitor_array_get (snapshot, "queues", i));
}

/* ---- what there is ---- */

const MonitorTable *
monitor_plots_table (const MonitorPlots * self)
{
  return self->table;
}

guint
monitor_plots_count (const MonitorPlots * self)
{
  return self->series->len;
}

const MonitorPlotSeries *
monitor_plots_get (const MonitorPlots * self, guint index)
{
  return g_ptr_array_index (self->series, index);
}

guint
monitor_plots_count_marks (const MonitorPlots * self)
{
  return self->marks->len;
}

const MonitorPlotMark *
monitor_plots_get_mark (const MonitorPlots * self, guint index)
{
  return g_ptr_array_index (self->marks, index);
}
