/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "monitor-json.h"

#include "monitor-events.h"

#include <gst/safecapture/safecapture.h>

gchar *
monitor_json_snapshot (const GstStructure * snapshot)
{
  return gst_safecapture_structure_to_json (snapshot);
}

/* Takes @structure. */
static gchar *
finish (GstStructure * structure, GstMessage * message, guint64 time)
{
  gchar *name = GST_MESSAGE_SRC (message) != NULL
      ? gst_object_get_name (GST_MESSAGE_SRC (message)) : g_strdup ("");
  gchar *line;

  gst_structure_set (structure, "element", G_TYPE_STRING, name,
      "time", G_TYPE_UINT64, time, NULL);
  line = gst_safecapture_structure_to_json (structure);
  gst_structure_free (structure);
  g_free (name);
  return line;
}

static GstStructure *
describe_trouble (GstMessage * message)
{
  gboolean is_error = GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR;
  GstStructure *structure;
  GError *error;
  gchar *text;

  if (is_error)
    gst_message_parse_error (message, &error, NULL);
  else
    gst_message_parse_warning (message, &error, NULL);
  text = g_utf8_make_valid (error->message, -1);
  structure = gst_structure_new (is_error ? "error" : "warning",
      "text", G_TYPE_STRING, text, NULL);
  g_free (text);
  g_error_free (error);
  return structure;
}

gchar *
monitor_json_message (GstMessage * message, guint64 time)
{
  const GstStructure *structure = gst_message_get_structure (message);

  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR
      || GST_MESSAGE_TYPE (message) == GST_MESSAGE_WARNING)
    return finish (describe_trouble (message), message, time);
  if (!monitor_events_is_ours (message)
      || g_str_has_suffix (gst_structure_get_name (structure), "-metrics"))
    return NULL;
  return finish (gst_structure_copy (structure), message, time);
}

gchar *
monitor_json_end (gint code, const gchar * const *reasons)
{
  GstStructure *structure = gst_structure_new ("end", "code", G_TYPE_INT, code,
      NULL);
  GValue list = G_VALUE_INIT;
  gchar *line;

  g_value_init (&list, GST_TYPE_ARRAY);
  for (guint i = 0; reasons[i] != NULL; i++) {
    GValue reason = G_VALUE_INIT;

    g_value_init (&reason, G_TYPE_STRING);
    g_value_set_string (&reason, reasons[i]);
    gst_value_array_append_and_take_value (&list, &reason);
  }
  gst_structure_take_value (structure, "reasons", &list);
  line = gst_safecapture_structure_to_json (structure);
  gst_structure_free (structure);
  return line;
}
