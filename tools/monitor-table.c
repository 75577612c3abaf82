/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "monitor-table.h"

#include <math.h>

struct _MonitorTable
{
  guint max_rows, max_columns;
  gboolean full;
  guint rows;
  guint looks;                  /* in the last row */
  guint looks_a_row;            /* a power of two */
  gdouble *times;
  GHashTable *columns;          /* name: MonitorCell[max_rows] */
};

MonitorTable *
monitor_table_new (guint rows, guint columns)
{
  MonitorTable *self = g_new0 (MonitorTable, 1);

  self->max_rows = rows;
  self->max_columns = columns;
  self->looks_a_row = 1;
  self->times = g_new0 (gdouble, rows);
  self->columns = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
      g_free);
  return self;
}

void
monitor_table_free (MonitorTable * self)
{
  g_hash_table_unref (self->columns);
  g_free (self->times);
  g_free (self);
}

static MonitorCell
merge (const MonitorCell * a, const MonitorCell * b)
{
  guint count = a->count + b->count;

  if (a->count == 0 || b->count == 0)
    return a->count == 0 ? *b : *a;
  return (MonitorCell) {
    .min = MIN (a->min, b->min),.max = MAX (a->max, b->max),
    .mean = (gfloat) (((gdouble) a->mean * a->count
            + (gdouble) b->mean * b->count) / count),.count = count
  };
}

/* Each two rows become one. */
static void
halve (MonitorTable * self)
{
  guint left = self->max_rows / 2;
  GHashTableIter iter;
  gpointer cells;

  for (guint i = 0; i < left; i++)
    self->times[i] = self->times[2 * i];
  g_hash_table_iter_init (&iter, self->columns);
  while (g_hash_table_iter_next (&iter, NULL, &cells)) {
    MonitorCell *cell = cells;

    for (guint i = 0; i < left; i++)
      cell[i] = merge (&cell[2 * i], &cell[2 * i + 1]);
    for (guint i = left; i < self->max_rows; i++)
      cell[i] = (MonitorCell) { 0 };
  }
  self->rows = left;
  self->looks_a_row *= 2;
}

void
monitor_table_begin (MonitorTable * self, gdouble time)
{
  if (self->rows > 0 && self->looks < self->looks_a_row) {
    self->looks++;
    return;
  }
  if (self->rows == self->max_rows)
    halve (self);
  self->times[self->rows++] = time;
  self->looks = 1;
}

static MonitorCell *
column_of (MonitorTable * self, const gchar * name)
{
  MonitorCell *cells = g_hash_table_lookup (self->columns, name);

  if (cells == NULL && g_hash_table_size (self->columns)
      >= self->max_columns) {
    self->full = TRUE;
  } else if (cells == NULL) {
    cells = g_new0 (MonitorCell, self->max_rows);
    g_hash_table_insert (self->columns, g_strdup (name), cells);
  }
  return cells;
}

void
monitor_table_put (MonitorTable * self, const gchar * column, gdouble value)
{
  MonitorCell one = {
    .min = (gfloat) value,.max = (gfloat) value,.mean = (gfloat) value,
    .count = 1
  };
  MonitorCell *cells;

  if (self->rows == 0 || !isfinite (value))
    return;
  cells = column_of (self, column);
  if (cells != NULL)
    cells[self->rows - 1] = merge (&cells[self->rows - 1], &one);
}

guint
monitor_table_rows (const MonitorTable * self)
{
  return self->rows;
}

gdouble
monitor_table_time (const MonitorTable * self, guint row)
{
  return self->times[row];
}

const MonitorCell *
monitor_table_cells (const MonitorTable * self, const gchar * column)
{
  return g_hash_table_lookup (self->columns, column);
}

gboolean
monitor_table_is_full (const MonitorTable * self)
{
  return self->full;
}
