/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The data of the page, as JSON.  Series are written by hand: a JSON tree of them
 * would take many times their memory, and six figures are enough for a plot.
 */
#include "monitor-report-private.h"

#include "monitor-format.h"

#include <json-glib/json-glib.h>

/* "text", quoted; takes no names as they are: they may be any bytes. */
static void
add_text (GString * json, const gchar * text)
{
  gchar *valid = g_utf8_make_valid (text, -1);
  JsonNode *node = json_node_init_string (json_node_alloc (), valid);
  gchar *quoted = json_to_string (node, FALSE);

  g_string_append (json, quoted);
  g_free (quoted);
  json_node_unref (node);
  g_free (valid);
}

static void
add_number (GString * json, gdouble value)
{
  gchar text[G_ASCII_DTOSTR_BUF_SIZE];

  g_string_append (json, g_ascii_formatd (text, sizeof (text), "%.6g",
          value));
}

/* Between the entries of an array or of an object. */
static void
add_comma (GString * json)
{
  gchar last = json->str[json->len - 1];

  if (last != '[' && last != '{')
    g_string_append_c (json, ',');
}

/* "name": */
static void
add_name (GString * json, const gchar * name)
{
  add_comma (json);
  g_string_append_printf (json, "\"%s\":", name);
}

static void
add_named_text (GString * json, const gchar * name, const gchar * text)
{
  add_name (json, name);
  add_text (json, text);
}

static void
add_named_number (GString * json, const gchar * name, gdouble value)
{
  add_name (json, name);
  add_number (json, value);
}

/* ---- what it says in words ---- */

static void
add_head (GString * json, const MonitorReport * self,
    const MonitorReportEnd * end)
{
  GDateTime *utc = g_date_time_new_from_unix_utc (self->began / 1000000);
  GDateTime *began = g_date_time_to_local (utc);
  gchar *when = g_date_time_format (began, "%Y-%m-%d %H:%M:%S %Z");

  add_named_text (json, "pipeline", self->pipeline);
  add_named_text (json, "began", when);
  add_named_text (json, "version", PACKAGE_VERSION);
  add_named_number (json, "code", end->code);
  add_named_text (json, "verdict", monitor_facts_verdict (end->facts,
          end->code));
  add_named_number (json, "duration", (gdouble) (end->monotonic - self->zero)
      / 1e6);
  add_named_number (json, "running", (gdouble) end->running / 1e9);
  add_name (json, "reasons");
  g_string_append_c (json, '[');
  for (guint i = 0; end->reasons[i] != NULL; i++) {
    add_comma (json);
    add_text (json, end->reasons[i]);
  }
  g_string_append_c (json, ']');
  g_free (when);
  g_date_time_unref (began);
  g_date_time_unref (utc);
}

static void
add_facts (GString * json, const MonitorReportEnd * end)
{
  GPtrArray *facts = monitor_facts_list (end->facts, end->running);

  add_name (json, "facts");
  g_string_append_c (json, '[');
  for (guint i = 0; i < facts->len; i++) {
    const MonitorFact *fact = g_ptr_array_index (facts, i);

    add_comma (json);
    g_string_append_c (json, '[');
    add_text (json, fact->label);
    g_string_append_c (json, ',');
    add_text (json, fact->value);
    g_string_append_c (json, ']');
  }
  g_string_append_c (json, ']');
  g_ptr_array_unref (facts);
}

/* ---- plots ---- */

static void
add_cells (GString * json, const gchar * name, const MonitorCell * cells,
    guint rows, gsize member)
{
  add_name (json, name);
  g_string_append_c (json, '[');
  for (guint i = 0; i < rows; i++) {
    add_comma (json);
    if (cells[i].count == 0)
      g_string_append (json, "null");
    else
      add_number (json, G_STRUCT_MEMBER (gfloat, &cells[i], member));
  }
  g_string_append_c (json, ']');
}

static gboolean
is_one_a_row (const MonitorCell * cells, guint rows)
{
  for (guint i = 0; i < rows; i++)
    if (cells[i].count > 1)
      return FALSE;
  return TRUE;
}

static void
add_series (GString * json, const MonitorTable * table,
    const MonitorPlotSeries * series)
{
  const MonitorCell *cells = monitor_table_cells (table, series->column);
  guint rows = monitor_table_rows (table);

  add_comma (json);
  g_string_append_c (json, '{');
  add_named_text (json, "name", series->name);
  add_cells (json, "mean", cells, rows, G_STRUCT_OFFSET (MonitorCell, mean));
  if (!is_one_a_row (cells, rows)) {
    add_cells (json, "min", cells, rows, G_STRUCT_OFFSET (MonitorCell, min));
    add_cells (json, "max", cells, rows, G_STRUCT_OFFSET (MonitorCell, max));
  }
  g_string_append_c (json, '}');
}

static void
add_marks (GString * json, const MonitorPlots * plots, MonitorPlot which)
{
  add_name (json, "marks");
  g_string_append_c (json, '[');
  for (guint i = 0; i < monitor_plots_count_marks (plots); i++) {
    const MonitorPlotMark *mark = monitor_plots_get_mark (plots, i);

    if (mark->plot != which)
      continue;
    add_comma (json);
    g_string_append_c (json, '{');
    add_named_text (json, "name", mark->name);
    add_named_number (json, "value", mark->value);
    g_string_append_c (json, '}');
  }
  g_string_append_c (json, ']');
}

static void
add_plot (GString * json, const MonitorPlots * plots, MonitorPlot which)
{
  const MonitorPlotText *text = &monitor_plot_texts[which];

  add_comma (json);
  g_string_append_c (json, '{');
  add_named_text (json, "id", text->id);
  add_named_text (json, "title", text->title);
  add_named_text (json, "unit", text->unit);
  add_named_text (json, "note", text->note);
  add_name (json, "logarithmic");
  g_string_append (json, text->logarithmic ? "true" : "false");
  add_marks (json, plots, which);
  add_name (json, "series");
  g_string_append_c (json, '[');
  for (guint i = 0; i < monitor_plots_count (plots); i++) {
    const MonitorPlotSeries *series = monitor_plots_get (plots, i);

    if (series->plot == which)
      add_series (json, monitor_plots_table (plots), series);
  }
  g_string_append (json, "]}");
}

static void
add_plots (GString * json, const MonitorPlots * plots)
{
  const MonitorTable *table = monitor_plots_table (plots);

  add_name (json, "times");
  g_string_append_c (json, '[');
  for (guint i = 0; i < monitor_table_rows (table); i++) {
    add_comma (json);
    add_number (json, monitor_table_time (table, i));
  }
  g_string_append_c (json, ']');
  add_name (json, "leftOut");
  g_string_append (json, monitor_table_is_full (table) ? "true" : "false");
  add_name (json, "plots");
  g_string_append_c (json, '[');
  for (guint i = 0; i < MONITOR_N_PLOTS; i++)
    add_plot (json, plots, i);
  g_string_append_c (json, ']');
}

/* ---- states and events ---- */

static void
add_row (GString * json, const MonitorTimelineRow * row)
{
  add_comma (json);
  g_string_append_c (json, '{');
  add_named_text (json, "name", row->name);
  add_name (json, "spans");
  g_string_append_c (json, '[');
  for (guint i = 0; i < row->spans->len; i++) {
    const MonitorSpan *span = &g_array_index (row->spans, MonitorSpan, i);

    add_comma (json);
    g_string_append_c (json, '{');
    add_named_number (json, "from", span->from);
    add_named_number (json, "to", span->to);
    add_named_text (json, "state", span->state);
    if (span->merged)
      g_string_append (json, ",\"merged\":true");
    g_string_append_c (json, '}');
  }
  g_string_append (json, "]}");
}

static void
add_timeline (GString * json, const MonitorTimeline * timeline)
{
  add_name (json, "timeline");
  g_string_append_c (json, '[');
  for (guint i = 0; i < monitor_timeline_count (timeline); i++)
    if (monitor_timeline_get (timeline, i)->spans->len > 0)
      add_row (json, monitor_timeline_get (timeline, i));
  g_string_append_c (json, ']');
}

static void
add_events (GString * json, const MonitorReport * self)
{
  add_named_number (json, "eventsLeftOut", self->left_out);
  add_name (json, "events");
  g_string_append_c (json, '[');
  for (GList * l = self->events.head; l != NULL; l = l->next) {
    const MonitorReportEvent *event = l->data;

    add_comma (json);
    g_string_append_c (json, '{');
    add_named_number (json, "from", event->from);
    add_named_number (json, "to", event->to);
    add_named_number (json, "level", event->level);
    add_named_number (json, "count", event->count);
    add_named_text (json, "text", event->text);
    g_string_append_c (json, '}');
  }
  g_string_append_c (json, ']');
}

/* Inside <script> a browser looks for "</script" and "<!--" before it knows what a
 * string is; and the line ends of Unicode are none of JSON's. */
static gchar *
make_inert (const gchar * json)
{
  GString *inert = g_string_sized_new (strlen (json) + 16);

  for (const gchar * c = json; *c != '\0'; c++)
    if (*c == '<' || *c == '>' || *c == '&')
      g_string_append_printf (inert, "\\u%04x", (guint) * c);
    else
      g_string_append_c (inert, *c);
  return g_string_free (inert, FALSE);
}

gchar *
monitor_report_data (MonitorReport * self, const MonitorReportEnd * end)
{
  GString *json = g_string_new ("{");
  gchar *inert;

  add_head (json, self, end);
  add_facts (json, end);
  add_plots (json, self->plots);
  add_timeline (json, self->timeline);
  add_events (json, self);
  g_string_append_c (json, '}');
  inert = make_inert (json->str);
  g_string_free (json, TRUE);
  return inert;
}
