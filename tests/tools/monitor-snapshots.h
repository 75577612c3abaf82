/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Snapshots with known figures, for the tests of what is told of them. */
#ifndef MONITOR_SNAPSHOTS_H
#define MONITOR_SNAPSHOTS_H

#include <gst/gst.h>

static inline void
append_structure (GstStructure * structure, const gchar * array,
    GstStructure * entry)
{
  const GValue *before = gst_structure_get_value (structure, array);
  GValue entries = G_VALUE_INIT, value = G_VALUE_INIT;

  g_value_init (&entries, GST_TYPE_ARRAY);
  if (before != NULL)
    g_value_copy (before, &entries);
  g_value_init (&value, GST_TYPE_STRUCTURE);
  g_value_take_boxed (&value, entry);
  gst_value_array_append_and_take_value (&entries, &value);
  gst_structure_take_value (structure, array, &entries);
}

/* Counts of 1, 2, 3 and so on below each bound. */
static inline void
set_buckets (GstStructure * structure, const gchar * field)
{
  GValue buckets = G_VALUE_INIT;

  g_value_init (&buckets, GST_TYPE_ARRAY);
  for (guint i = 0; i < 28; i++) {
    GValue count = G_VALUE_INIT;

    g_value_init (&count, G_TYPE_UINT64);
    g_value_set_uint64 (&count, i + 1);
    gst_value_array_append_and_take_value (&buckets, &count);
  }
  gst_structure_take_value (structure, field, &buckets);
}

static inline GstStructure *
new_snapshot (void)
{
  GstStructure *snapshot = gst_structure_new ("safecapture-snapshot",
      "schema", G_TYPE_UINT, 1, "state", G_TYPE_STRING, "PLAYING",
      "healthy", G_TYPE_BOOLEAN, TRUE, NULL);
  GValue none = G_VALUE_INIT;

  g_value_init (&none, GST_TYPE_ARRAY);
  gst_structure_set_value (snapshot, "elements", &none);
  gst_structure_set_value (snapshot, "queues", &none);
  g_value_unset (&none);
  return snapshot;
}

/* Takes @stats. */
static inline void
add_element (GstStructure * snapshot, const gchar * factory,
    const gchar * name, const gchar * path, GstStructure * stats)
{
  append_structure (snapshot, "elements", gst_structure_new ("element",
          "name", G_TYPE_STRING, name, "path", G_TYPE_STRING, path,
          "factory", G_TYPE_STRING, factory,
          "stats", GST_TYPE_STRUCTURE, stats, NULL));
  gst_structure_free (stats);
}

#endif
