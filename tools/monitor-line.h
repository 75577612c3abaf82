/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One line of the screen: text and bars that never go beyond its last column.
 */
#ifndef MONITOR_LINE_H
#define MONITOR_LINE_H

#include "monitor-view.h"

typedef enum
{
  MONITOR_PLAIN,
  MONITOR_DIM,
  MONITOR_STRONG,
  MONITOR_GOOD,
  MONITOR_NOTE,                 /* neither good nor bad, but to be seen */
  MONITOR_WARN,
  MONITOR_BAD,
  MONITOR_ON_GOOD,              /* the same as a patch of colour */
  MONITOR_ON_NOTE,
  MONITOR_ON_WARN,
  MONITOR_ON_BAD,
} MonitorStyle;

typedef struct
{
  const MonitorScreen *screen;
  GString *text;
  guint width;                  /* columns used */
} MonitorLine;

/* Fractions of the whole, 0.0 to 1.0; a mark below 0.0 is not shown. */
typedef struct
{
  gdouble level;
  gdouble peak;
  gdouble low;
  gdouble high;
  MonitorStyle style;
} MonitorBar;

void monitor_line_begin (MonitorLine * self, const MonitorScreen * screen);

/* Returns: (transfer full): the text */
gchar *monitor_line_end (MonitorLine * self);

/* Columns that @text takes on that screen. */
guint monitor_line_measure (const MonitorScreen * screen, const gchar * text);

/* @text: UTF-8; what goes beyond is cut off, and what is no character is a "?" */
void monitor_line_add (MonitorLine * self, MonitorStyle style,
    const gchar * text);

/* As _add(); takes @text. */
void monitor_line_take (MonitorLine * self, MonitorStyle style, gchar * text);

/* @width columns, which it fills: from the left, or up to the right where
 * @right.  What is cut off shows by its last character. */
void monitor_line_cell (MonitorLine * self, MonitorStyle style, guint width,
    gboolean right, const gchar * text);

/* Spaces, or a horizontal rule, up to that column. */
void monitor_line_space_to (MonitorLine * self, guint column);
void monitor_line_rule_to (MonitorLine * self, guint column);

void monitor_line_bar (MonitorLine * self, const MonitorBar * bar,
    guint width);

#endif
