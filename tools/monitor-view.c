/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "monitor-view.h"

#include "monitor-format.h"

struct _MonitorView
{
  GstStructure *snapshot;
};

MonitorView *
monitor_view_new (void)
{
  return g_new0 (MonitorView, 1);
}

void
monitor_view_free (MonitorView * self)
{
  g_clear_pointer (&self->snapshot, gst_structure_free);
  g_free (self);
}

void
monitor_view_look (MonitorView * self, const GstStructure * snapshot)
{
  g_clear_pointer (&self->snapshot, gst_structure_free);
  self->snapshot = gst_structure_copy (snapshot);
}

gchar **
monitor_view_draw (const MonitorView * self, const MonitorEvents * events,
    const MonitorMoment * moment, const MonitorScreen * screen)
{
  return g_new0 (gchar *, 1);
}

/* ---- one line ---- */

static guint64
count (const GstStructure * structure, const gchar * field)
{
  guint64 value = 0;

  (void) gst_structure_get_uint64 (structure, field, &value);
  return value;
}

static void
append_written (GString * line, const GstStructure * snapshot)
{
  gchar *written = monitor_format_size (count (snapshot, "bytes-written"));
  gchar *lag = monitor_format_latency (count (snapshot, "durable-lag"));
  gchar *space = monitor_format_size (count (snapshot, "space-left"));
  gchar *left = monitor_format_left (count (snapshot, "time-left"));

  g_string_append_printf (line, "  written %s  lag %s  space %s (%s)",
      written, lag, space, left);
  g_free (left);
  g_free (space);
  g_free (lag);
  g_free (written);
}

static gboolean
has_sink (const GstStructure * snapshot)
{
  const GValue *elements = gst_structure_get_value (snapshot, "elements");

  for (guint i = 0; i < gst_value_array_get_size (elements); i++)
    if (g_strcmp0 (gst_structure_get_string (gst_value_get_structure
                (gst_value_array_get_value (elements, i)), "factory"),
            "safefilesink") == 0)
      return TRUE;
  return FALSE;
}

static const gchar *const phase_words[] = {
  [MONITOR_STARTING] = "starting",
  [MONITOR_PLAYING] = "recording",
  [MONITOR_ENDING] = "ending",
  [MONITOR_STOPPING] = "stopping",
  [MONITOR_STOPPED] = "stopped",
};

gchar *
monitor_view_line (const MonitorView * self, const MonitorMoment * moment)
{
  gchar *clock = monitor_format_clock (moment->running);
  GString *line = g_string_new (clock);
  gchar *reasons = monitor_format_safe (gst_structure_get_string
      (self->snapshot, "health-reasons"));
  gdouble fullest = 0.0;

  (void) gst_structure_get_double (self->snapshot, "utilisation", &fullest);
  g_string_append_printf (line, "  %s  %s", phase_words[moment->phase],
      reasons[0] == '\0' ? "healthy" : reasons);
  if (has_sink (self->snapshot))
    append_written (line, self->snapshot);
  g_string_append_printf (line, "  fullest %.0f %%  lost %" G_GUINT64_FORMAT,
      fullest * 100.0, count (self->snapshot, "buffers-lost"));
  g_free (reasons);
  g_free (clock);
  return g_string_free (line, FALSE);
}
