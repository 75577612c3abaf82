/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "monitor-report-private.h"

#include "monitor-fields.h"
#include "report-resource.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

/* Rows of the plots, of which a screen shows one a pixel at best. */
#define ROWS 2000
#define TIMELINE_ROWS 64
#define TIMELINE_SPANS 1000
/* Of the events the first and the last so many stay. */
#define EVENTS_AT_EACH_END 500

#define PLACE "@DATA@"

static void
event_free (gpointer data)
{
  MonitorReportEvent *event = data;

  g_free (event->kind);
  g_free (event->text);
  g_free (event);
}

MonitorReport *
monitor_report_new (gchar ** words, gint64 now, gint64 monotonic)
{
  MonitorReport *self = g_new0 (MonitorReport, 1);

  self->pipeline = g_strjoinv (" ", words);
  self->began = now;
  self->zero = monotonic;
  self->plots = monitor_plots_new (ROWS);
  self->timeline = monitor_timeline_new (TIMELINE_ROWS, TIMELINE_SPANS);
  self->told = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_queue_init (&self->events);
  return self;
}

void
monitor_report_free (MonitorReport * self)
{
  g_queue_clear_full (&self->events, event_free);
  g_hash_table_unref (self->told);
  monitor_timeline_free (self->timeline);
  monitor_plots_free (self->plots);
  g_free (self->pipeline);
  g_free (self);
}

static gdouble
seconds_of (const MonitorReport * self, gint64 monotonic)
{
  return (gdouble) MAX (monotonic - self->zero, 0) / 1e6;
}

/* ---- states ---- */

/* What a snapshot says, unless messages do, which know when. */
static void
look_at_state (MonitorReport * self, const gchar * row, gdouble time,
    const gchar * state)
{
  if (!g_hash_table_contains (self->told, row))
    monitor_timeline_set (self->timeline, row, time, state);
}

static void
be_told_state (MonitorReport * self, const gchar * row, gdouble time,
    const gchar * state)
{
  g_hash_table_add (self->told, g_strdup (row));
  monitor_timeline_set (self->timeline, row, time, state);
}

static void
look_at_element (MonitorReport * self, const GstStructure * entry,
    gdouble time)
{
  const GstStructure *stats = monitor_inside (entry, "stats");
  const gchar *name = monitor_word (entry, "name");
  const gchar *reasons = monitor_word (stats, "health-reasons");
  gchar *health = g_strdup_printf ("%s health", name);

  if (gst_structure_has_field (stats, "state"))
    look_at_state (self, name, time, monitor_word (stats, "state"));
  look_at_state (self, health, time, *reasons != '\0' ? reasons : NULL);
  g_free (health);
}

void
monitor_report_snapshot (MonitorReport * self, const GstStructure * snapshot)
{
  gdouble time = seconds_of (self, (gint64) (monitor_count (snapshot,
              "time") / GST_USECOND));

  monitor_plots_look (self->plots, snapshot, time);
  for (guint i = 0; i < monitor_array_size (snapshot, "elements"); i++)
    look_at_element (self, monitor_array_get (snapshot, "elements", i),
        time);
}

void
monitor_report_message (MonitorReport * self, GstMessage * message,
    gint64 monotonic)
{
  const GstStructure *structure = gst_message_get_structure (message);
  gdouble time = seconds_of (self, monotonic);
  gboolean active = FALSE;
  gchar *name, *row;

  if (GST_MESSAGE_TYPE (message) != GST_MESSAGE_ELEMENT || structure == NULL
      || !gst_structure_has_field (structure, "schema"))
    return;
  name = gst_object_get_name (GST_MESSAGE_SRC (message));
  if (gst_structure_has_name (structure, "tieredqueue-backpressure")) {
    (void) gst_structure_get_boolean (structure, "active", &active);
    row = g_strdup_printf ("%s/%s", name, monitor_word (structure,
            "channel"));
    be_told_state (self, row, time, active ? "back-pressure" : NULL);
    g_free (row);
  } else if (g_str_has_suffix (gst_structure_get_name (structure), "-state")) {
    be_told_state (self, name, time, monitor_word (structure, "new"));
  }
  g_free (name);
}

/* ---- events ---- */

void
monitor_report_event (MonitorReport * self, const MonitorEvent * event,
    gint64 monotonic)
{
  gdouble time = seconds_of (self, monotonic);
  MonitorReportEvent *last = g_queue_peek_tail (&self->events), *one;

  if (event->count > 1 && last != NULL
      && g_strcmp0 (last->kind, event->kind) == 0) {
    last->to = time;
    last->count = event->count;
    g_free (last->text);
    last->text = g_strdup (event->text);
    return;
  }
  one = g_new (MonitorReportEvent, 1);
  *one = (MonitorReportEvent) {
    time, time, event->level, event->count, g_strdup (event->kind),
        g_strdup (event->text)
  };
  g_queue_push_tail (&self->events, one);
  if (self->events.length > 2 * EVENTS_AT_EACH_END) {
    event_free (g_queue_pop_nth (&self->events, EVENTS_AT_EACH_END));
    self->left_out++;
  }
}

/* ---- the page ---- */

gchar *
monitor_report_html (MonitorReport * self, const MonitorReportEnd * end)
{
  GBytes *page = g_resource_lookup_data (report_get_resource (),
      "/safecapture/report.html.in", G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
  const gchar *template = g_bytes_get_data (page, NULL);
  const gchar *place = strstr (template, PLACE);
  gchar *data, *html;

  monitor_timeline_end (self->timeline, seconds_of (self, end->monotonic));
  data = monitor_report_data (self, end);
  html = g_strdup_printf ("%.*s%s%s", (int) (place - template), template, data,
      place + strlen (PLACE));
  g_free (data);
  g_bytes_unref (page);
  return html;
}

/* A rename would take the place of a device. */
static gboolean
is_for_a_page (const gchar * path, GError ** error)
{
  GStatBuf st;

  if (g_stat (path, &st) == 0 && !S_ISREG (st.st_mode)) {
    g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
        "it is there and not a file");
    return FALSE;
  }
  return TRUE;
}

gboolean
monitor_report_check (const gchar * path, GError ** error)
{
  gchar *folder = g_path_get_dirname (path);
  gboolean can = is_for_a_page (path, error);

  if (can && g_access (folder, W_OK | X_OK) != 0) {
    can = FALSE;
    g_set_error_literal (error, G_FILE_ERROR, G_FILE_ERROR_FAILED,
        g_strerror (errno));
  }
  g_free (folder);
  return can;
}

gboolean
monitor_report_write (MonitorReport * self, const gchar * path,
    const MonitorReportEnd * end, GError ** error)
{
  gchar *html;
  gboolean written;

  if (!is_for_a_page (path, error))
    return FALSE;
  html = monitor_report_html (self, end);
  written = g_file_set_contents_full (path, html, -1,
      G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0666,
      error);
  g_free (html);
  return written;
}
