/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What becomes of the data on the disk: a block for each safefilesink. */
#include "monitor-view-private.h"

#include "monitor-fields.h"
#include "monitor-format.h"

/* ---- the lines of one sink ---- */

static MonitorStyle
state_style (const gchar * state)
{
  if (g_str_equal (state, "error"))
    return MONITOR_BAD;
  if (g_str_equal (state, "backup"))
    return MONITOR_WARN;
  if (g_str_equal (state, "flushing") || g_str_equal (state, "verifying"))
    return MONITOR_NOTE;
  return MONITOR_GOOD;
}

/* `ready` is also what a sink says that waits for more to write. */
static const gchar *
state_word (const GstStructure * stats)
{
  const gchar *state = monitor_word (stats, "state");

  return g_str_equal (state, "ready")
      && monitor_count (stats, "bytes-accepted") > 0 ? "writing" : state;
}

static void
begin (MonitorLine * line, const MonitorDrawing * drawing, const gchar * label)
{
  monitor_line_begin (line, drawing->screen);
  monitor_line_add (line, MONITOR_PLAIN, " ");
  monitor_line_cell (line, MONITOR_DIM, monitor_part_margin (drawing->screen)
      - 2, FALSE, label);
  monitor_line_add (line, MONITOR_PLAIN, " ");
}

static void
end (MonitorLine * line, const MonitorDrawing * drawing)
{
  g_ptr_array_add (drawing->lines, monitor_line_end (line));
}

/* "LABEL FIGURE", the figure so that it is seen; takes @figure */
static void
add_pair (MonitorLine * line, const gchar * label, MonitorStyle style,
    gchar * figure)
{
  monitor_line_add (line, MONITOR_DIM, label);
  monitor_line_take (line, style, figure);
}

static void
draw_written (const MonitorDrawing * drawing, const GstStructure * element,
    const GstStructure * stats)
{
  const MonitorRate *rate = g_hash_table_lookup (drawing->view->rates,
      monitor_word (element, "path"));
  guint64 lag = monitor_count (stats, "durable-lag");
  gboolean late = strstr (monitor_word (stats, "health-reasons"),
      "durable-lag") != NULL;
  MonitorLine line;

  begin (&line, drawing, "written");
  monitor_line_take (&line, MONITOR_STRONG,
      monitor_format_size (monitor_count (stats, "file-size")));
  add_pair (&line, "   durable ", MONITOR_STRONG,
      monitor_format_size (monitor_count (stats, "durable-offset")));
  if (lag > 0) {
    monitor_line_add (&line, MONITOR_DIM, ", ");
    monitor_line_take (&line, late ? MONITOR_BAD : MONITOR_PLAIN,
        monitor_format_latency (lag));
    monitor_line_add (&line, MONITOR_DIM, " behind");
  }
  if (rate != NULL && rate->bytes_per_second > 0.0)
    add_pair (&line, "   ", MONITOR_PLAIN,
        monitor_format_rate (rate->bytes_per_second));
  if (drawing->screen->columns >= MONITOR_PART_WIDE)
    add_pair (&line, "   journal ", MONITOR_PLAIN,
        monitor_format_size (monitor_count (stats, "journal-bytes")));
  end (&line, drawing);
}

static void
draw_memory (const MonitorDrawing * drawing, const GstStructure * stats)
{
  gdouble level = monitor_figure (stats, "utilisation");
  guint64 left = monitor_count (stats, "ring-time-left");
  guint64 waits = monitor_count (stats, "waits");
  gchar *percent = monitor_format_percent (level);
  MonitorBar bar = {
    level, -1.0, -1.0, -1.0,
    level > 0.9 ? MONITOR_BAD : level > 0.5 ? MONITOR_WARN : MONITOR_GOOD
  };
  guint columns = drawing->screen->columns;
  guint cells = monitor_part_cells (drawing->screen);
  MonitorLine line;

  begin (&line, drawing, "memory");
  if (columns > line.width + cells)
    monitor_line_bar (&line, &bar, columns - line.width - cells);
  monitor_line_cell (&line, bar.style == MONITOR_GOOD ? MONITOR_STRONG
      : bar.style, 6, TRUE, percent);
  g_free (percent);
  add_pair (&line, " of ", MONITOR_PLAIN,
      monitor_format_size (monitor_count (stats, "ring-size")));
  if (left != G_MAXUINT64)
    add_pair (&line, ", full in ", MONITOR_BAD, monitor_format_left (left));
  else if (waits > 0)
    add_pair (&line, "  waits ", MONITOR_WARN, monitor_format_count (waits));
  end (&line, drawing);
}

static void
draw_space (const MonitorDrawing * drawing, const GstStructure * stats)
{
  guint64 left = monitor_count (stats, "time-left");
  MonitorStyle style = strstr (monitor_word (stats, "health-reasons"),
      "space-low") != NULL ? MONITOR_BAD : MONITOR_STRONG;
  MonitorLine line;

  begin (&line, drawing, "space");
  monitor_line_take (&line, style,
      g_str_equal (monitor_word (stats, "state"), "init") ? g_strdup ("?")
      : monitor_format_size (monitor_count (stats, "space-left")));
  monitor_line_add (&line, MONITOR_DIM, " left");
  if (left != G_MAXUINT64) {
    add_pair (&line, ", for ", style, monitor_format_left (left));
    monitor_line_add (&line, MONITOR_DIM, " at this rate");
  }
  end (&line, drawing);
}

static void
add_latency (MonitorLine * line, const GstStructure * stats,
    const gchar * what, gboolean wide)
{
  gchar *median = g_strconcat (what, "-latency-p50", NULL);
  gchar *tail = g_strconcat (what, "-latency-p99", NULL);
  gchar *most = g_strconcat (what, "-latency-max", NULL);

  monitor_line_add (line, MONITOR_DIM, what);
  if (wide)
    add_pair (line, " p50 ", MONITOR_PLAIN,
        monitor_format_latency (monitor_count (stats, median)));
  add_pair (line, " p99 ", MONITOR_STRONG,
      monitor_format_latency (monitor_count (stats, tail)));
  add_pair (line, " max ", MONITOR_PLAIN,
      monitor_format_latency (monitor_count (stats, most)));
  g_free (most);
  g_free (tail);
  g_free (median);
}

static void
draw_latency (const MonitorDrawing * drawing, const GstStructure * stats)
{
  gboolean wide = drawing->screen->columns >= MONITOR_PART_WIDE;
  MonitorLine line;

  begin (&line, drawing, "latency");
  add_latency (&line, stats, "write", wide);
  monitor_line_add (&line, MONITOR_PLAIN, "   ");
  add_latency (&line, stats, "sync", wide);
  end (&line, drawing);
}

/* All that matters, where there is one row for it. */
static void
draw_short (const MonitorDrawing * drawing, const GstStructure * element)
{
  const GstStructure *stats = monitor_inside (element, "stats");
  gchar *name = monitor_format_safe (monitor_word (element, "name"));
  const gchar *state = state_word (stats);
  MonitorLine line;

  monitor_line_begin (&line, drawing->screen);
  monitor_line_cell (&line, MONITOR_STRONG, MIN (drawing->screen->columns / 5,
          monitor_line_measure (drawing->screen, name)), FALSE, name);
  monitor_line_add (&line, MONITOR_PLAIN, " ");
  monitor_line_add (&line, state_style (state), state);
  add_pair (&line, "  ", MONITOR_STRONG,
      monitor_format_size (monitor_count (stats, "file-size")));
  add_pair (&line, "  durable ", MONITOR_STRONG,
      monitor_format_size (monitor_count (stats, "durable-offset")));
  add_pair (&line, "  memory ", MONITOR_PLAIN,
      monitor_format_percent (monitor_figure (stats, "utilisation")));
  add_pair (&line, "  space ", MONITOR_PLAIN,
      monitor_format_left (monitor_count (stats, "time-left")));
  end (&line, drawing);
  g_free (name);
}

static void
draw_sink (const MonitorDrawing * drawing, const GstStructure * element,
    guint rows)
{
  const GstStructure *stats = monitor_inside (element, "stats");
  const gchar *state = state_word (stats);
  gchar *name, *detail;

  if (rows == 1) {
    draw_short (drawing, element);
    return;
  }
  name = monitor_format_safe (monitor_word (element, "name"));
  detail = g_strdup_printf ("%s: %s", name, state);
  monitor_part_heading (drawing, "DISK", state_style (state), detail,
      monitor_count (stats, "switches") > 0 ? "went on at a backup" : "");
  g_free (detail);
  g_free (name);
  draw_written (drawing, element, stats);
  if (rows > 2)
    draw_memory (drawing, stats);
  if (rows > 3)
    draw_space (drawing, stats);
  if (rows > 4)
    draw_latency (drawing, stats);
}

/* ---- all of them ---- */

#define ROWS_OF_A_SINK 5

static guint
count_sinks (const GstStructure * snapshot)
{
  guint count = 0;

  for (guint i = 0; i < monitor_array_size (snapshot, "elements"); i++)
    count += monitor_is (monitor_array_get (snapshot, "elements", i),
        "safefilesink");
  return count;
}

static guint
want_sinks (const MonitorDrawing * drawing)
{
  return count_sinks (drawing->view->snapshot) * ROWS_OF_A_SINK;
}

/* How little it can be left out: those that are not well come first. */
static gdouble
urgency (const GstStructure * element)
{
  const GstStructure *stats = monitor_inside (element, "stats");

  return (monitor_flag (stats, "healthy") ? 0.0 : 2.0)
      + monitor_figure (stats, "utilisation");
}

static gint
compare_urgency (gconstpointer a, gconstpointer b)
{
  gdouble x = urgency (*(const GstStructure * const *) a);
  gdouble y = urgency (*(const GstStructure * const *) b);

  return (x < y) - (x > y);
}

static GPtrArray *
list_sinks (const GstStructure * snapshot)
{
  GPtrArray *sinks = g_ptr_array_new ();

  /* A bin has what was added last in front. */
  for (guint i = monitor_array_size (snapshot, "elements"); i > 0; i--) {
    const GstStructure *element = monitor_array_get (snapshot, "elements",
        i - 1);

    if (monitor_is (element, "safefilesink"))
      g_ptr_array_add (sinks, (gpointer) element);
  }
  return sinks;
}

static void
draw_more (const MonitorDrawing * drawing, guint count)
{
  MonitorLine line;

  monitor_line_begin (&line, drawing->screen);
  monitor_line_take (&line, MONITOR_DIM, g_strdup_printf
      (" and %u more files", count));
  end (&line, drawing);
}

static void
draw_sinks (const MonitorDrawing * drawing, guint rows)
{
  GPtrArray *sinks = list_sinks (drawing->view->snapshot);
  guint shown = sinks->len, each;

  if (rows < shown) {
    g_ptr_array_sort (sinks, compare_urgency);
    shown = rows > 1 ? rows - 1 : 1;
    each = 1;
  } else {
    each = rows / shown;
  }
  for (guint i = 0; i < shown; i++)
    draw_sink (drawing, g_ptr_array_index (sinks, i), each);
  if (shown < sinks->len && rows > 1)
    draw_more (drawing, sinks->len - shown);
  g_ptr_array_unref (sinks);
}

const MonitorPart monitor_part_sinks = { want_sinks, draw_sinks };
