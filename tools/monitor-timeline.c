/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "monitor-timeline.h"

typedef struct
{
  MonitorTimelineRow row;       /* first */
  gboolean open;                /* the last span goes on */
} Row;

struct _MonitorTimeline
{
  GPtrArray *rows;              /* of Row */
  guint max_rows, max_spans;
};

static void
clear_span (gpointer span)
{
  g_free (((MonitorSpan *) span)->state);
}

static void
row_free (gpointer data)
{
  Row *row = data;

  g_array_unref (row->row.spans);
  g_free (row->row.name);
  g_free (row);
}

MonitorTimeline *
monitor_timeline_new (guint rows, guint spans)
{
  MonitorTimeline *self = g_new0 (MonitorTimeline, 1);

  self->rows = g_ptr_array_new_with_free_func (row_free);
  self->max_rows = rows;
  self->max_spans = spans;
  return self;
}

void
monitor_timeline_free (MonitorTimeline * self)
{
  g_ptr_array_unref (self->rows);
  g_free (self);
}

static MonitorSpan *
nth (Row * row, guint i)
{
  return &g_array_index (row->row.spans, MonitorSpan, i);
}

/* The two that are closest become one: in front, the state of the longer. */
static void
merge_closest (Row * row)
{
  guint best = 0;
  MonitorSpan *a, *b;

  for (guint i = 0; i + 1 < row->row.spans->len; i++)
    if (nth (row, i + 1)->to - nth (row, i)->from
        < nth (row, best + 1)->to - nth (row, best)->from)
      best = i;
  a = nth (row, best);
  b = nth (row, best + 1);
  if (b->to - b->from > a->to - a->from) {
    gchar *state = a->state;

    a->state = b->state;
    b->state = state;
  }
  a->to = b->to;
  a->merged = TRUE;
  g_array_remove_index (row->row.spans, best + 1);
}

static Row *
row_of (MonitorTimeline * self, const gchar * name)
{
  Row *row;

  for (guint i = 0; i < self->rows->len; i++) {
    row = g_ptr_array_index (self->rows, i);
    if (g_str_equal (row->row.name, name))
      return row;
  }
  if (self->rows->len == self->max_rows)
    return NULL;
  row = g_new0 (Row, 1);
  row->row.name = g_strdup (name);
  row->row.spans = g_array_new (FALSE, TRUE, sizeof (MonitorSpan));
  g_array_set_clear_func (row->row.spans, clear_span);
  g_ptr_array_add (self->rows, row);
  return row;
}

void
monitor_timeline_set (MonitorTimeline * self, const gchar * name,
    gdouble time, const gchar * state)
{
  Row *row = row_of (self, name);
  MonitorSpan *last;

  if (row == NULL)
    return;
  last = row->open ? nth (row, row->row.spans->len - 1) : NULL;
  if (last != NULL)
    last->to = MAX (time, last->from);
  if (last != NULL && g_strcmp0 (last->state, state) == 0)
    return;
  row->open = state != NULL;
  if (state == NULL)
    return;
  if (row->row.spans->len == self->max_spans)
    merge_closest (row);
  g_array_append_val (row->row.spans, ((MonitorSpan) {
          time, time, g_strdup (state), FALSE}));
}

void
monitor_timeline_end (MonitorTimeline * self, gdouble time)
{
  for (guint i = 0; i < self->rows->len; i++) {
    Row *row = g_ptr_array_index (self->rows, i);

    if (row->open)
      nth (row, row->row.spans->len - 1)->to = time;
  }
}

guint
monitor_timeline_count (const MonitorTimeline * self)
{
  return self->rows->len;
}

const MonitorTimelineRow *
monitor_timeline_get (const MonitorTimeline * self, guint index)
{
  return g_ptr_array_index (self->rows, index);
}
