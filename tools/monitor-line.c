/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "monitor-line.h"

/* A cell is told in eighths. */
#define EIGHTHS 8

static const gchar *const styles[] = {
  [MONITOR_PLAIN] = "",
  [MONITOR_DIM] = "\033[38;5;245m",
  [MONITOR_STRONG] = "\033[1m",
  [MONITOR_GOOD] = "\033[32m",
  [MONITOR_NOTE] = "\033[36m",
  [MONITOR_WARN] = "\033[33m",
  [MONITOR_BAD] = "\033[1;31m",
  [MONITOR_ON_GOOD] = "\033[1;30;42m",
  [MONITOR_ON_NOTE] = "\033[1;30;46m",
  [MONITOR_ON_WARN] = "\033[1;30;43m",
  [MONITOR_ON_BAD] = "\033[1;37;41m",
};

#define RESET "\033[0m"
/* Behind a bar, so that its partial last cell meets the same ground. */
#define GROUND "\033[48;5;237m"

void
monitor_line_begin (MonitorLine * self, const MonitorScreen * screen)
{
  self->screen = screen;
  self->text = g_string_new (NULL);
  self->width = 0;
}

gchar *
monitor_line_end (MonitorLine * self)
{
  return g_string_free (self->text, FALSE);
}

/* ---- text ---- */

/* What is shown for @c: nothing that a terminal would obey, and no more than it
 * has letters for. */
static gunichar
shown (const MonitorScreen * screen, gunichar c)
{
  return g_unichar_isprint (c) && (c < 0x80 || screen->utf8) ? c : '?';
}

static guint
width_of (gunichar c)
{
  return g_unichar_iszerowidth (c) ? 0 : g_unichar_iswide (c) ? 2 : 1;
}

guint
monitor_line_measure (const MonitorScreen * screen, const gchar * text)
{
  guint width = 0;

  for (; *text != '\0'; text = g_utf8_next_char (text))
    width += width_of (shown (screen, g_utf8_get_char (text)));
  return width;
}

/* Up to @limit columns of @text.  Returns: whether that was all */
static gboolean
add_up_to (MonitorLine * self, const gchar * text, guint limit)
{
  for (; *text != '\0'; text = g_utf8_next_char (text)) {
    gunichar c = shown (self->screen, g_utf8_get_char (text));

    if (self->width + width_of (c) > limit)
      return FALSE;
    g_string_append_unichar (self->text, c);
    self->width += width_of (c);
  }
  return TRUE;
}

static void
set_style (MonitorLine * self, MonitorStyle style)
{
  if (self->screen->colour)
    g_string_append (self->text, styles[style]);
}

static void
reset_style (MonitorLine * self, MonitorStyle style)
{
  if (self->screen->colour && style != MONITOR_PLAIN)
    g_string_append (self->text, RESET);
}

void
monitor_line_add (MonitorLine * self, MonitorStyle style, const gchar * text)
{
  set_style (self, style);
  (void) add_up_to (self, text, self->screen->columns);
  reset_style (self, style);
}

void
monitor_line_take (MonitorLine * self, MonitorStyle style, gchar * text)
{
  monitor_line_add (self, style, text);
  g_free (text);
}

static void
fill_to (MonitorLine * self, guint column, const gchar * text)
{
  column = MIN (column, self->screen->columns);
  while (self->width < column) {
    g_string_append (self->text, text);
    self->width++;
  }
}

void
monitor_line_cell (MonitorLine * self, MonitorStyle style, guint width,
    gboolean right, const gchar * text)
{
  guint end = MIN (self->width + width, self->screen->columns);
  guint wanted = monitor_line_measure (self->screen, text);

  if (right && wanted < width)
    fill_to (self, MIN (self->width + width - wanted, end), " ");
  set_style (self, style);
  if (self->width + wanted <= end) {
    (void) add_up_to (self, text, end);
  } else if (end > self->width) {
    (void) add_up_to (self, text, end - 1);
    g_string_append (self->text, self->screen->utf8 ? "…" : "~");
    self->width++;
  }
  reset_style (self, style);
  fill_to (self, end, " ");
}

void
monitor_line_space_to (MonitorLine * self, guint column)
{
  fill_to (self, column, " ");
}

void
monitor_line_rule_to (MonitorLine * self, guint column)
{
  set_style (self, MONITOR_DIM);
  fill_to (self, column, self->screen->utf8 ? "─" : "-");
  reset_style (self, MONITOR_DIM);
}

/* ---- bars ---- */

typedef struct
{
  guint width;                  /* cells */
  guint eighths;                /* filled */
  gint peak, low, high;         /* the cells of the marks, or -1 */
} Cells;

static gint
cell_of (gdouble fraction, guint width)
{
  if (!(fraction >= 0.0))
    return -1;
  return MIN ((gint) (fraction * width), (gint) width - 1);
}

static void
work_out (Cells * self, const MonitorBar * bar, guint width)
{
  gdouble level = bar->level >= 0.0 ? MIN (bar->level, 1.0) : 0.0;

  self->width = width;
  self->eighths = (guint) (level * width * EIGHTHS + 0.5);
  /* What is not nothing shows. */
  if (level > 0.0 && self->eighths == 0)
    self->eighths = 1;
  self->peak = bar->peak > 0.0 ? cell_of (bar->peak, width) : -1;
  self->low = cell_of (bar->low, width);
  self->high = cell_of (bar->high, width);
}

/* The mark of a cell that is not full, or NULL. */
static const gchar *
mark_of (const Cells * self, guint i, gboolean utf8)
{
  if ((gint) i == self->peak)
    return utf8 ? "▕" : ">";
  if ((gint) i == self->high)
    return utf8 ? "│" : "|";
  if ((gint) i == self->low)
    return utf8 ? "┊" : ":";
  return NULL;
}

static const gchar *
fill_of (const Cells * self, guint i, gboolean utf8)
{
  static const gchar *const blocks[] = {
    "", "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"
  };
  guint filled = self->eighths <= i * EIGHTHS ? 0
      : MIN (self->eighths - i * EIGHTHS, EIGHTHS);

  if (filled == 0)
    return NULL;
  if (utf8)
    return blocks[filled];
  return filled >= EIGHTHS / 2 || i == 0 ? "#" : NULL;
}

/* Returns: the style it is in, of which a run of cells says it once */
static MonitorStyle
add_cell (MonitorLine * self, const Cells * cells, guint i, MonitorStyle style,
    MonitorStyle before)
{
  gboolean utf8 = self->screen->utf8;
  const gchar *text = fill_of (cells, i, utf8);

  if (text == NULL && (text = mark_of (cells, i, utf8)) != NULL) {
    style = (gint) i == cells->peak ? MONITOR_STRONG : MONITOR_DIM;
  } else if (text == NULL) {
    style = MONITOR_PLAIN;
    text = self->screen->colour ? " " : utf8 ? "░" : ".";
  }
  if (self->screen->colour && (style != before || i == 0))
    g_string_append_printf (self->text, "%s%s%s", i == 0 ? "" : RESET, GROUND,
        styles[style]);
  g_string_append (self->text, text);
  self->width++;
  return style;
}

void
monitor_line_bar (MonitorLine * self, const MonitorBar * bar, guint width)
{
  MonitorStyle style = MONITOR_PLAIN;
  Cells cells;

  width = MIN (width, self->screen->columns - self->width);
  work_out (&cells, bar, width);
  for (guint i = 0; i < width; i++)
    style = add_cell (self, &cells, i, bar->style, style);
  if (self->screen->colour && width > 0)
    g_string_append (self->text, RESET);
}
