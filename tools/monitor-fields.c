/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "monitor-fields.h"

#include <math.h>

guint64
monitor_count (const GstStructure * structure, const gchar * field)
{
  guint64 value = 0;

  (void) gst_structure_get_uint64 (structure, field, &value);
  return value;
}

gdouble
monitor_figure (const GstStructure * structure, const gchar * field)
{
  gdouble value = 0.0;

  (void) gst_structure_get_double (structure, field, &value);
  return isfinite (value) ? value : 0.0;
}

gboolean
monitor_flag (const GstStructure * structure, const gchar * field)
{
  gboolean value = FALSE;

  (void) gst_structure_get_boolean (structure, field, &value);
  return value;
}

const gchar *
monitor_word (const GstStructure * structure, const gchar * field)
{
  const gchar *value = gst_structure_get_string (structure, field);

  return value != NULL ? value : "";
}

guint
monitor_array_size (const GstStructure * structure, const gchar * field)
{
  const GValue *array = gst_structure_get_value (structure, field);

  return array != NULL && GST_VALUE_HOLDS_ARRAY (array)
      ? gst_value_array_get_size (array) : 0;
}

const GstStructure *
monitor_array_get (const GstStructure * structure, const gchar * field,
    guint index)
{
  return gst_value_get_structure (gst_value_array_get_value
      (gst_structure_get_value (structure, field), index));
}

const GstStructure *
monitor_inside (const GstStructure * structure, const gchar * field)
{
  const GValue *value = gst_structure_get_value (structure, field);

  return value != NULL && GST_VALUE_HOLDS_STRUCTURE (value)
      ? gst_value_get_structure (value) : NULL;
}

gboolean
monitor_is (const GstStructure * element, const gchar * factory)
{
  return g_str_equal (monitor_word (element, "factory"), factory);
}

guint64
monitor_lost (const GstStructure * stats)
{
  if (!gst_structure_has_field (stats, "buffers-dropped-full"))
    return monitor_count (stats, "buffers-dropped");
  return monitor_count (stats, "buffers-dropped-full")
      + monitor_count (stats, "buffers-dropped-timeout")
      + monitor_count (stats, "buffers-dropped-gop");
}
