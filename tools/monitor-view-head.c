/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The head of the view, its last events, and the view in one line. */
#include "monitor-view-private.h"

#include "monitor-fields.h"
#include "monitor-format.h"

#define NARROW 60

static gboolean
is_recording (const GstStructure * snapshot)
{
  for (guint i = 0; i < monitor_array_size (snapshot, "elements"); i++)
    if (monitor_is (monitor_array_get (snapshot, "elements", i),
            "safefilesink"))
      return TRUE;
  return FALSE;
}

static const gchar *
phase_word (const MonitorView * view, MonitorPhase phase)
{
  static const gchar *const words[] = {
    [MONITOR_STARTING] = "STARTING",
    [MONITOR_PLAYING] = "PLAYING",
    [MONITOR_ENDING] = "ENDING",
    [MONITOR_STOPPING] = "STOPPING",
    [MONITOR_STOPPED] = "STOPPED",
  };

  return phase == MONITOR_PLAYING && is_recording (view->snapshot)
      ? "RECORDING" : words[phase];
}

/* ---- the head ---- */

static gchar *
dup_reasons (const MonitorView * view)
{
  gchar **reasons = g_strsplit (monitor_word (view->snapshot,
          "health-reasons"), ",", -1);
  gchar *list = g_strjoinv (", ", reasons), *safe = monitor_format_safe (list);

  g_free (list);
  g_strfreev (reasons);
  return safe;
}

/* With a row of its own where there is one. */
static guint
want_head (const MonitorDrawing * drawing)
{
  return monitor_flag (drawing->view->snapshot, "healthy") ? 1 : 2;
}

static MonitorStyle
phase_style (const MonitorDrawing * drawing)
{
  if (drawing->moment->phase != MONITOR_PLAYING)
    return MONITOR_ON_NOTE;
  return monitor_flag (drawing->view->snapshot, "healthy") ? MONITOR_ON_GOOD
      : MONITOR_ON_WARN;
}

static void
add_phase (MonitorLine * line, const MonitorDrawing * drawing)
{
  const gchar *word = phase_word (drawing->view, drawing->moment->phase);

  monitor_line_take (line, phase_style (drawing),
      g_strdup_printf (drawing->screen->colour ? " %s " : "[%s]", word));
}

static void
add_health (MonitorLine * line, const MonitorDrawing * drawing,
    gboolean with_reasons)
{
  if (monitor_flag (drawing->view->snapshot, "healthy")) {
    monitor_line_add (line, MONITOR_GOOD, drawing->screen->utf8
        ? "● healthy" : "healthy");
    return;
  }
  monitor_line_add (line, MONITOR_BAD, drawing->screen->utf8
      ? "▲ not healthy" : "NOT HEALTHY");
  if (with_reasons)
    monitor_line_take (line, MONITOR_WARN, g_strconcat (": ",
            dup_reasons (drawing->view), NULL));
}

static gchar *
time_of_day (gint64 us)
{
  GDateTime *time = g_date_time_new_from_unix_local (us / G_USEC_PER_SEC);
  gchar *text = time != NULL ? g_date_time_format (time, "%H:%M:%S")
      : g_strdup ("");

  g_clear_pointer (&time, g_date_time_unref);
  return text;
}

/* Ends two columns before @column, if there is room. */
static void
add_before (MonitorLine * line, guint column, MonitorStyle style,
    const gchar * text)
{
  guint width = monitor_line_measure (line->screen, text) + 2;

  if (line->width + width >= column)
    return;
  monitor_line_space_to (line, column - width);
  monitor_line_add (line, style, text);
}

static void
add_right (MonitorLine * line, const MonitorDrawing * drawing)
{
  guint64 lost = monitor_count (drawing->view->snapshot, "buffers-lost");
  gchar *clock = time_of_day (drawing->moment->now);
  gchar *count = monitor_format_count (lost);
  gchar *text = g_strdup_printf ("lost %s", count);
  guint columns = drawing->screen->columns;
  guint behind = monitor_line_measure (drawing->screen, clock) + 2;

  if (line->width + monitor_line_measure (drawing->screen, text) + behind + 4
      > columns)
    behind = 0;
  add_before (line, columns - behind, lost > 0 ? MONITOR_BAD
      : MONITOR_DIM, text);
  if (behind > 0)
    add_before (line, columns, MONITOR_DIM, clock);
  g_free (text);
  g_free (count);
  g_free (clock);
}

static void
draw_head (const MonitorDrawing * drawing, guint rows)
{
  gchar *running = monitor_format_clock (drawing->moment->running);
  gchar *reasons = dup_reasons (drawing->view);
  MonitorLine line;

  monitor_line_begin (&line, drawing->screen);
  add_phase (&line, drawing);
  monitor_line_add (&line, MONITOR_PLAIN, "  ");
  monitor_line_take (&line, MONITOR_STRONG, running);
  monitor_line_add (&line, MONITOR_PLAIN, "  ");
  add_health (&line, drawing, rows == 1);
  add_right (&line, drawing);
  g_ptr_array_add (drawing->lines, monitor_line_end (&line));
  if (rows > 1) {
    monitor_line_begin (&line, drawing->screen);
    monitor_line_cell (&line, MONITOR_WARN, drawing->screen->columns, FALSE,
        reasons);
    g_ptr_array_add (drawing->lines, monitor_line_end (&line));
  }
  g_free (reasons);
}

const MonitorPart monitor_part_head = { want_head, draw_head };

/* ---- what the parts share ---- */

guint
monitor_part_margin (const MonitorScreen * screen)
{
  return CLAMP (screen->columns / 5, 8, 20) + 2;
}

guint
monitor_part_cells (const MonitorScreen * screen)
{
  return screen->columns < 64 ? 16 : screen->columns < MONITOR_PART_WIDE ? 31
      : 71;
}

void
monitor_part_heading (const MonitorDrawing * drawing, const gchar * title,
    MonitorStyle style, const gchar * detail, const gchar * note)
{
  guint columns = drawing->screen->columns;
  guint note_width = monitor_line_measure (drawing->screen, note);
  MonitorLine line;

  monitor_line_begin (&line, drawing->screen);
  monitor_line_rule_to (&line, 2);
  monitor_line_add (&line, MONITOR_PLAIN, " ");
  monitor_line_add (&line, MONITOR_STRONG, title);
  if (detail[0] != '\0') {
    monitor_line_add (&line, MONITOR_PLAIN, "  ");
    monitor_line_add (&line, style, detail);
  }
  monitor_line_add (&line, MONITOR_PLAIN, " ");
  if (note_width > 0 && line.width + note_width + 5 <= columns) {
    monitor_line_rule_to (&line, columns - note_width - 4);
    monitor_line_add (&line, MONITOR_PLAIN, " ");
    monitor_line_add (&line, MONITOR_DIM, note);
    monitor_line_add (&line, MONITOR_PLAIN, " ");
  }
  monitor_line_rule_to (&line, columns);
  g_ptr_array_add (drawing->lines, monitor_line_end (&line));
}

/* ---- the events ---- */

static guint
want_events (const MonitorDrawing * drawing)
{
  return 1 + MAX (monitor_events_count (drawing->events), 1);
}

static void
draw_event (const MonitorDrawing * drawing, const MonitorEvent * event)
{
  static const MonitorStyle event_styles[] = {
    [MONITOR_EVENT_INFO] = MONITOR_PLAIN,
    [MONITOR_EVENT_WARNING] = MONITOR_WARN,
    [MONITOR_EVENT_ERROR] = MONITOR_BAD,
  };
  static const gchar *const marks[] = {
    [MONITOR_EVENT_INFO] = "  ",
    [MONITOR_EVENT_WARNING] = "! ",
    [MONITOR_EVENT_ERROR] = "E ",
  };
  gboolean narrow = drawing->screen->columns < NARROW;
  guint columns = drawing->screen->columns, behind;
  gchar *count = event->count == 1 || event->amount > 0 ? g_strdup ("")
      : g_strdup_printf (drawing->screen->utf8 ? "  ×%u" : "  x%u",
      event->count);
  MonitorLine line;

  monitor_line_begin (&line, drawing->screen);
  monitor_line_add (&line, MONITOR_PLAIN, narrow ? "" : " ");
  monitor_line_take (&line, MONITOR_DIM, time_of_day (event->time));
  monitor_line_add (&line, MONITOR_PLAIN, narrow ? " " : "  ");
  monitor_line_add (&line, event_styles[event->level], marks[event->level]);
  behind = line.width + monitor_line_measure (drawing->screen, count);
  if (behind < columns)
    monitor_line_cell (&line, event_styles[event->level],
        MIN (columns - behind, monitor_line_measure (drawing->screen,
                event->text)), FALSE, event->text);
  monitor_line_take (&line, MONITOR_DIM, count);
  g_ptr_array_add (drawing->lines, monitor_line_end (&line));
}

static const gchar *
advice (const MonitorDrawing * drawing)
{
  static const gchar *const texts[] = {
    [MONITOR_STARTING] = "Ctrl-C ends it",
    [MONITOR_PLAYING] = "Ctrl-C ends and publishes",
    [MONITOR_ENDING] = "Ctrl-C again stops at once",
    [MONITOR_STOPPING] = "Ctrl-C again does not wait",
    [MONITOR_STOPPED] = "",
  };

  return drawing->moment->phase == MONITOR_PLAYING
      && !is_recording (drawing->view->snapshot) ? texts[MONITOR_STARTING]
      : texts[drawing->moment->phase];
}

static void
draw_none (const MonitorDrawing * drawing)
{
  MonitorLine line;

  monitor_line_begin (&line, drawing->screen);
  monitor_line_add (&line, MONITOR_DIM, " none yet");
  g_ptr_array_add (drawing->lines, monitor_line_end (&line));
}

/* The newest is the last. */
static void
draw_events (const MonitorDrawing * drawing, guint rows)
{
  guint count = monitor_events_count (drawing->events);

  if (rows > 1 || count == 0) {
    monitor_part_heading (drawing, "EVENTS", MONITOR_PLAIN, "",
        advice (drawing));
    rows--;
  }
  if (count == 0 && rows > 0)
    draw_none (drawing);
  for (guint i = MIN (rows, count); i > 0; i--)
    draw_event (drawing, monitor_events_get (drawing->events, i - 1));
}

const MonitorPart monitor_part_events = { want_events, draw_events };

/* ---- one line ---- */

static void
append_sinks (GString * line, const GstStructure * snapshot,
    MonitorPhase phase)
{
  /* Before it starts nobody has looked. */
  guint64 room = phase == MONITOR_STARTING ? G_MAXUINT64
      : monitor_count (snapshot, "space-left");
  gchar *written = monitor_format_size (monitor_count (snapshot,
          "bytes-written"));
  gchar *lag = monitor_format_latency (monitor_count (snapshot,
          "durable-lag"));
  gchar *space = monitor_format_size (room);
  gchar *left = monitor_format_left (monitor_count (snapshot, "time-left"));

  g_string_append_printf (line, "  written %s  durable %s behind  space %s "
      "(%s)", written, lag, space, left);
  g_free (left);
  g_free (space);
  g_free (lag);
  g_free (written);
}

gchar *
monitor_view_line (const MonitorView * self, const MonitorMoment * moment)
{
  gchar *clock = monitor_format_clock (moment->running);
  gchar *phase = g_ascii_strdown (phase_word (self, moment->phase), -1);
  gchar *reasons = dup_reasons (self);
  gchar *fullest = monitor_format_percent (monitor_figure (self->snapshot,
          "utilisation"));
  GString *line = g_string_new (NULL);

  g_string_append_printf (line, "%s  %s  %s%s", clock, phase,
      reasons[0] == '\0' ? "healthy" : "not healthy: ", reasons);
  if (is_recording (self->snapshot))
    append_sinks (line, self->snapshot, moment->phase);
  g_string_append_printf (line, "  fullest %s  lost %" G_GUINT64_FORMAT,
      fullest, monitor_count (self->snapshot, "buffers-lost"));
  g_free (fullest);
  g_free (reasons);
  g_free (phase);
  g_free (clock);
  return g_string_free (line, FALSE);
}
