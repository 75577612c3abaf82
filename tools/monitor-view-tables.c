/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What fills and empties, a bar each: channels, tiers of pools, stock queues.  A
 * bin has what was added last in front: they are listed from the end. */
#include "monitor-view-private.h"

#include "monitor-fields.h"
#include "monitor-format.h"

#define MAX_CELLS 8
#define MIN_BAR 8
#define WIDE MONITOR_PART_WIDE

typedef struct
{
  const gchar *title;
  guint width;
  guint from;                   /* shown on screens so wide and wider */
} Column;

typedef struct
{
  gchar *name;
  MonitorBar bar;
  gdouble urgency;              /* the least urgent are left out */
  struct
  {
    MonitorStyle style;
    gchar *text;
  } cells[MAX_CELLS];
  guint n_cells;
} Row;

typedef struct
{
  const gchar *title;
  const Column *columns;        /* ended by a title of NULL */
  GPtrArray *rows;              /* of Row */
} Table;

/* ---- making ---- */

static void
free_row (gpointer row)
{
  Row *self = row;

  for (guint i = 0; i < self->n_cells; i++)
    g_free (self->cells[i].text);
  g_free (self->name);
  g_free (self);
}

static void
table_init (Table * self, const gchar * title, const Column * columns)
{
  self->title = title;
  self->columns = columns;
  self->rows = g_ptr_array_new_with_free_func (free_row);
}

/* Takes @name. */
static Row *
add_row (Table * self, gchar * name, gdouble level, gdouble peak)
{
  Row *row = g_new0 (Row, 1);

  row->name = name;
  row->bar = (MonitorBar) {
  level, peak, -1.0, -1.0, MONITOR_GOOD};
  /* A peak stays: a row that is shown for a moment cannot be read. */
  row->urgency = MAX (level, peak);
  g_ptr_array_add (self->rows, row);
  return row;
}

/* Takes @text. */
static void
add_cell (Row * self, MonitorStyle style, gchar * text)
{
  self->cells[self->n_cells].style = style;
  self->cells[self->n_cells++].text = text;
}

static void
add_percent (Row * self, MonitorStyle style, gdouble fraction)
{
  add_cell (self, style, monitor_format_percent (fraction));
}

static void
add_losses (Row * self, guint64 count)
{
  add_cell (self, count > 0 ? MONITOR_BAD : MONITOR_DIM,
      monitor_format_count (count));
  if (count > 0)
    self->urgency += 4.0;
}

static void
add_latency (Row * self, MonitorStyle style, const GstStructure * stats,
    const gchar * field)
{
  add_cell (self, style, gst_structure_has_field (stats, field)
      ? monitor_format_latency (monitor_count (stats, field)) : g_strdup (""));
}

/* ---- drawing ---- */

static gboolean
is_shown (const Column * column, const MonitorScreen * screen)
{
  return screen->columns >= column->from;
}

static guint
width_of_cells (const Table * self, const MonitorScreen * screen)
{
  guint width = 0;

  for (const Column * c = self->columns; c->title != NULL; c++)
    if (is_shown (c, screen))
      width += c->width;
  return width;
}

static void
draw_heading (const Table * self, const MonitorDrawing * drawing)
{
  const MonitorScreen *screen = drawing->screen;
  guint cells = width_of_cells (self, screen);
  MonitorLine line;

  monitor_line_begin (&line, screen);
  monitor_line_rule_to (&line, 2);
  monitor_line_add (&line, MONITOR_PLAIN, " ");
  monitor_line_add (&line, MONITOR_STRONG, self->title);
  monitor_line_add (&line, MONITOR_PLAIN, " ");
  if (screen->columns > cells)
    monitor_line_rule_to (&line, screen->columns - cells);
  for (const Column * c = self->columns; c->title != NULL; c++)
    if (is_shown (c, screen))
      monitor_line_cell (&line, MONITOR_DIM, c->width, TRUE, c->title);
  g_ptr_array_add (drawing->lines, monitor_line_end (&line));
}

static void
draw_row (const Table * self, const MonitorDrawing * drawing, const Row * row)
{
  const MonitorScreen *screen = drawing->screen;
  guint names = monitor_part_margin (screen);
  guint cells = width_of_cells (self, screen);
  MonitorLine line;

  monitor_line_begin (&line, screen);
  monitor_line_add (&line, MONITOR_PLAIN, " ");
  monitor_line_cell (&line, MONITOR_PLAIN, names - 2, FALSE, row->name);
  monitor_line_add (&line, MONITOR_PLAIN, " ");
  if (screen->columns >= names + cells + MIN_BAR)
    monitor_line_bar (&line, &row->bar, screen->columns - names - cells);
  for (guint i = 0; i < row->n_cells; i++)
    if (is_shown (&self->columns[i], screen))
      monitor_line_cell (&line, row->cells[i].style, self->columns[i].width,
          TRUE, row->cells[i].text);
  g_ptr_array_add (drawing->lines, monitor_line_end (&line));
}

static gint
compare_urgency (gconstpointer a, gconstpointer b)
{
  const Row *x = *(const Row * const *) a, *y = *(const Row * const *) b;

  return (x->urgency < y->urgency) - (x->urgency > y->urgency);
}

/* The least urgency of those @count rows that are shown. */
static gdouble
least_shown (const Table * self, guint count)
{
  GPtrArray *sorted = g_ptr_array_copy (self->rows, NULL, NULL);
  gdouble least;

  g_ptr_array_set_free_func (sorted, NULL);
  g_ptr_array_sort (sorted, compare_urgency);
  least = ((const Row *) g_ptr_array_index (sorted, count - 1))->urgency;
  g_ptr_array_unref (sorted);
  return least;
}

/* The most urgent, each in its usual place: a list that is sorted anew all the
 * time cannot be read. */
static void
draw_most_urgent (const Table * self, const MonitorDrawing * drawing,
    guint count)
{
  gdouble least = least_shown (self, count);
  guint above = 0, at_least;

  for (guint i = 0; i < self->rows->len; i++)
    above += ((const Row *) g_ptr_array_index (self->rows, i))->urgency
        > least;
  at_least = count - above;
  for (guint i = 0; i < self->rows->len; i++) {
    const Row *row = g_ptr_array_index (self->rows, i);

    if (row->urgency > least || (row->urgency == least && at_least > 0)) {
      draw_row (self, drawing, row);
      at_least -= row->urgency == least;
    }
  }
}

static void
draw_more (const MonitorDrawing * drawing, guint count)
{
  MonitorLine line;

  monitor_line_begin (&line, drawing->screen);
  monitor_line_take (&line, MONITOR_DIM, g_strdup_printf (" and %u more",
          count));
  g_ptr_array_add (drawing->lines, monitor_line_end (&line));
}

static void
draw_table (const Table * self, const MonitorDrawing * drawing, guint rows)
{
  guint count = self->rows->len;

  if (rows > 1) {
    draw_heading (self, drawing);
    rows--;
  }
  if (count <= rows) {
    for (guint i = 0; i < count; i++)
      draw_row (self, drawing, g_ptr_array_index (self->rows, i));
    return;
  }
  if (rows > 1)
    rows--;
  draw_most_urgent (self, drawing, rows);
  if (drawing->screen->rows > 3 && rows > 1)
    draw_more (drawing, count - rows);
}

static guint
want_table (Table * self)
{
  guint rows = self->rows->len;

  return rows > 0 ? rows + 1 : 0;
}

/* ---- channels ---- */

/* In each table they take monitor_part_cells(). */
static const Column channel_columns[] = {
  {"level", 6, 0}, {"held", 9, WIDE}, {"peak", 7, 64}, {"lost", 9, 36},
  {"p99", 9, 50}, {"max", 9, WIDE}, {"buffers/s", 11, WIDE},
  {"rate", 11, WIDE}, {NULL}
};

static guint
count_queues (const GstStructure * snapshot)
{
  guint count = 0;

  for (guint i = 0; i < monitor_array_size (snapshot, "elements"); i++)
    count += monitor_is (monitor_array_get (snapshot, "elements", i),
        "tieredqueue");
  return count;
}

/* A channel's name, the queue's where it has no other, or both where there are
 * several queues. */
static gchar *
name_of_channel (const MonitorView * view, const GstStructure * element,
    const GstStructure * channel)
{
  const gchar *own = monitor_word (channel, "channel");
  gchar *both, *safe;

  if (g_str_equal (own, "sink"))
    return monitor_format_safe (monitor_word (element, "name"));
  if (count_queues (view->snapshot) == 1)
    return monitor_format_safe (own);
  both = g_strdup_printf ("%s/%s", monitor_word (element, "name"), own);
  safe = monitor_format_safe (both);
  g_free (both);
  return safe;
}

static void
add_channel (Table * table, const MonitorView * view,
    const GstStructure * element, const GstStructure * channel)
{
  gchar *key = monitor_view_channel_key (element, channel);
  const gdouble *peak = g_hash_table_lookup (view->peaks, key);
  gdouble level = monitor_figure (channel, "utilisation");
  gdouble high = monitor_figure (channel, "high-watermark");
  gboolean above = monitor_flag (channel, "backpressure");
  Row *row = add_row (table, name_of_channel (view, element, channel), level,
      peak != NULL ? *peak : level);

  row->bar.low = monitor_figure (channel, "low-watermark");
  row->bar.high = high;
  row->bar.style = above || level >= high ? MONITOR_WARN : MONITOR_GOOD;
  row->urgency += above ? 2.0 : 0.0;
  add_percent (row, above ? MONITOR_WARN : MONITOR_STRONG, level);
  add_latency (row, MONITOR_PLAIN, channel, "level-time");
  add_percent (row, MONITOR_DIM, row->bar.peak);
  add_losses (row, monitor_lost (channel));
  add_latency (row, MONITOR_PLAIN, channel, "latency-p99");
  add_latency (row, MONITOR_DIM, channel, "latency-max");
  add_cell (row, MONITOR_PLAIN, monitor_format_count ((guint64) CLAMP
          (monitor_figure (channel, "buffers-per-second"), 0.0, 1e15)));
  add_cell (row, MONITOR_DIM, monitor_format_rate (monitor_figure (channel,
              "bytes-per-second")));
  g_free (key);
}

static void
make_channels (Table * table, const MonitorView * view)
{
  const GstStructure *snapshot = view->snapshot;

  table_init (table, "QUEUES", channel_columns);
  for (guint i = monitor_array_size (snapshot, "elements"); i > 0; i--) {
    const GstStructure *element = monitor_array_get (snapshot, "elements",
        i - 1);
    const GstStructure *stats = monitor_inside (element, "stats");

    for (guint j = 0; j < monitor_array_size (stats, "channels"); j++)
      add_channel (table, view, element, monitor_array_get (stats, "channels",
              j));
  }
}

/* ---- tiers ---- */

static const Column tier_columns[] = {
  {"level", 6, 0}, {"in use", 9, 58}, {"peak", 9, WIDE}, {"failed", 8, 40},
  {"p99", 8, 64}, {"max", 9, WIDE}, {"hits", 11, WIDE}, {"held", 11, WIDE},
  {NULL}
};

static void
add_tier (Table * table, const gchar * owner, const GstStructure * tier)
{
  guint64 slots = MAX (monitor_count (tier, "slots"), 1);
  guint64 in_use = monitor_count (tier, "in-use");
  gchar *size = monitor_format_size (monitor_count (tier, "slot-size"));
  gdouble level = (gdouble) in_use / (gdouble) slots;
  gdouble peak = (gdouble) monitor_count (tier, "peak") / (gdouble) slots;
  Row *row = add_row (table, g_strdup_printf ("%s %s", owner, size), level,
      peak);

  row->bar.style = level > 0.9 ? MONITOR_WARN : MONITOR_GOOD;
  add_percent (row, MONITOR_STRONG, level);
  add_cell (row, MONITOR_PLAIN, g_strdup_printf ("%" G_GUINT64_FORMAT "/%"
          G_GUINT64_FORMAT, in_use, slots));
  add_percent (row, MONITOR_DIM, peak);
  add_losses (row, monitor_count (tier, "failures"));
  add_latency (row, MONITOR_PLAIN, tier, "acquire-latency-p99");
  add_latency (row, MONITOR_DIM, tier, "acquire-latency-max");
  add_cell (row, MONITOR_DIM, monitor_format_count (monitor_count (tier,
              "hits")));
  add_latency (row, MONITOR_DIM, tier, "mean-hold-time");
  g_free (size);
}

/* Those of @stats, and of the pool that the element has offered upstream. */
static void
add_tiers (Table * table, const gchar * owner, const GstStructure * stats)
{
  const GstStructure *pool = monitor_inside (stats, "pool");

  for (guint i = 0; i < monitor_array_size (stats, "tiers"); i++)
    add_tier (table, owner, monitor_array_get (stats, "tiers", i));
  for (guint i = 0; pool != NULL && i < monitor_array_size (pool, "tiers");
      i++)
    add_tier (table, owner, monitor_array_get (pool, "tiers", i));
}

static void
make_tiers (Table * table, const MonitorView * view)
{
  const GstStructure *snapshot = view->snapshot;

  table_init (table, "POOLS", tier_columns);
  for (guint i = monitor_array_size (snapshot, "elements"); i > 0; i--) {
    const GstStructure *element = monitor_array_get (snapshot, "elements",
        i - 1);
    gchar *owner = monitor_format_safe (monitor_word (element, "name"));

    add_tiers (table, owner, monitor_inside (element, "stats"));
    g_free (owner);
  }
}

/* ---- the stock queues ---- */

static const Column queue_columns[] = {
  {"level", 6, 0}, {"buffers", 8, 40}, {"of", 9, WIDE}, {"bytes", 9, 64},
  {"of", 15, WIDE}, {"held", 8, 56}, {"of", 16, WIDE}, {NULL}
};

/* A pad is no name by itself. */
static gchar *
name_of_queue (const GstStructure * queue)
{
  const gchar *name = monitor_word (queue, "name");
  const gchar *element = monitor_word (queue, "element");
  gchar *both, *safe;

  if (!monitor_is (queue, "multiqueue"))
    return monitor_format_safe (name);
  both = g_strdup_printf ("%s/%s", element, name);
  safe = monitor_format_safe (both);
  g_free (both);
  return safe;
}

/* Takes @text.  0 is no limit. */
static void
add_limit (Row * row, gchar * text)
{
  gboolean none = g_str_has_prefix (text, "0");

  add_cell (row, MONITOR_DIM, none ? g_strdup ("-") : g_strdup (text));
  g_free (text);
}

static void
add_queue (Table * table, const GstStructure * queue)
{
  gdouble level = monitor_figure (queue, "utilisation");
  Row *row = add_row (table, name_of_queue (queue), level, -1.0);

  row->bar.style = level > 0.9 ? MONITOR_WARN : MONITOR_GOOD;
  add_percent (row, MONITOR_STRONG, level);
  add_cell (row, MONITOR_PLAIN, monitor_format_count (monitor_count (queue,
              "level-buffers")));
  add_limit (row, monitor_format_count (monitor_count (queue, "max-buffers")));
  add_cell (row, MONITOR_PLAIN, monitor_format_size (monitor_count (queue,
              "level-bytes")));
  add_limit (row, monitor_format_size (monitor_count (queue, "max-bytes")));
  add_latency (row, MONITOR_PLAIN, queue, "level-time");
  add_limit (row, monitor_format_latency (monitor_count (queue,
              "max-time")));
}

/* The pads of one multiqueue are in their order. */
static guint
first_of_element (const GstStructure * snapshot, guint index)
{
  const gchar *element = monitor_word (monitor_array_get (snapshot, "queues",
          index), "element");

  while (index > 0 && g_str_equal (element, monitor_word (monitor_array_get
              (snapshot, "queues", index - 1), "element")))
    index--;
  return index;
}

static void
make_queues (Table * table, const MonitorView * view)
{
  table_init (table, "OTHER QUEUES", queue_columns);
  for (guint end = monitor_array_size (view->snapshot, "queues"), start;
      end > 0; end = start) {
    start = first_of_element (view->snapshot, end - 1);
    for (guint i = start; i < end; i++)
      add_queue (table, monitor_array_get (view->snapshot, "queues", i));
  }
}

/* ---- the three parts ---- */

#define DEFINE_PART(name) \
static guint \
want_##name (const MonitorDrawing * drawing) \
{ \
  Table table; \
  guint rows; \
  make_##name (&table, drawing->view); \
  rows = want_table (&table); \
  g_ptr_array_unref (table.rows); \
  return rows; \
} \
\
static void \
draw_##name (const MonitorDrawing * drawing, guint rows) \
{ \
  Table table; \
  make_##name (&table, drawing->view); \
  draw_table (&table, drawing, rows); \
  g_ptr_array_unref (table.rows); \
} \
\
const MonitorPart monitor_part_##name = { want_##name, draw_##name }

DEFINE_PART (channels);
DEFINE_PART (tiers);
DEFINE_PART (queues);
