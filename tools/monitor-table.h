/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Figures over time in bounded memory: when the rows are used up, each two become
 * one, which keeps the least and the greatest of what it is made of.  So a spike of
 * one look is still there after a day, only not when exactly it was.
 */
#ifndef MONITOR_TABLE_H
#define MONITOR_TABLE_H

#include <gst/gst.h>

typedef struct _MonitorTable MonitorTable;

typedef struct
{
  gfloat min, max, mean;
  guint count;                  /* of figures; 0: none, and the rest is 0 */
} MonitorCell;

/**
 * monitor_table_new:
 * @rows: the most there will be, even; @columns: likewise; what is put into further
 *   ones is passed over
 */
MonitorTable *monitor_table_new (guint rows, guint columns);
void monitor_table_free (MonitorTable * self);

/* What is put from now on is of @time, in seconds, not before the last one. */
void monitor_table_begin (MonitorTable * self, gdouble time);

/* A column is there once something is put into it.  Not finite: passed over. */
void monitor_table_put (MonitorTable * self, const gchar * column,
    gdouble value);

guint monitor_table_rows (const MonitorTable * self);

/* When the first look of the row was. */
gdouble monitor_table_time (const MonitorTable * self, guint row);

/* (transfer none) (nullable): one for each row; NULL where there is no such */
const MonitorCell *monitor_table_cells (const MonitorTable * self,
    const gchar * column);

/* Whether a column was passed over. */
gboolean monitor_table_is_full (const MonitorTable * self);

#endif
