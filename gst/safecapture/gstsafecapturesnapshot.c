/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "gstsafecapturesnapshot.h"

#include "gstsafecaptureschema.h"

/* Sums; of the lags and utilisations the largest, of the rest the smallest. */
typedef struct
{
  GValue elements, queues;      /* GST_TYPE_ARRAY */
  GString *reasons;
  guint64 lost, written, backlog, lag, space_left, time_left;
  gdouble success_rate, utilisation;
} Snapshot;

/* ---- who is there ---- */

static void
add_element (const GValue * item, gpointer elements)
{
  g_ptr_array_add (elements, g_value_dup_object (item));
}

static GPtrArray *
list_elements (GstElement * pipeline)
{
  GPtrArray *elements = g_ptr_array_new_with_free_func (gst_object_unref);
  GstIterator *iterator;

  if (!GST_IS_BIN (pipeline)) {
    g_ptr_array_add (elements, gst_object_ref (pipeline));
    return elements;
  }
  iterator = gst_bin_iterate_recurse (GST_BIN (pipeline));
  while (gst_iterator_foreach (iterator, add_element, elements)
      == GST_ITERATOR_RESYNC) {
    g_ptr_array_set_size (elements, 0);
    gst_iterator_resync (iterator);
  }
  gst_iterator_free (iterator);
  return elements;
}

static GstStructure *
new_entry (const gchar * what, GstObject * object, const gchar * factory)
{
  gchar *path = gst_object_get_path_string (object);
  gchar *name = gst_object_get_name (object);
  GstStructure *entry = gst_structure_new (what,
      "name", G_TYPE_STRING, name, "path", G_TYPE_STRING, path,
      "factory", G_TYPE_STRING, factory, NULL);

  g_free (name);
  g_free (path);
  return entry;
}

static void
append (GValue * array, GstStructure * entry)
{
  GValue value = G_VALUE_INIT;

  g_value_init (&value, GST_TYPE_STRUCTURE);
  g_value_take_boxed (&value, entry);
  gst_value_array_append_and_take_value (array, &value);
}

/* ---- our elements ---- */

static guint64
count (const GstStructure * stats, const gchar * field, guint64 otherwise)
{
  guint64 value = otherwise;

  (void) gst_structure_get_uint64 (stats, field, &value);
  return value;
}

static gdouble
figure (const GstStructure * stats, const gchar * field, gdouble otherwise)
{
  gdouble value = otherwise;

  (void) gst_structure_get_double (stats, field, &value);
  return value;
}

static void
add_reasons (Snapshot * self, const gchar * name, const gchar * reasons)
{
  gchar **each = g_strsplit (reasons, ",", -1);

  for (guint i = 0; each[i] != NULL; i++)
    g_string_append_printf (self->reasons, "%s%s:%s",
        self->reasons->len > 0 ? "," : "", name, each[i]);
  g_strfreev (each);
}

static void
add_figures (Snapshot * self, const GstStructure * stats)
{
  /* tieredqueue has a count of losses for each reason, the others one. */
  if (gst_structure_has_field (stats, "buffers-dropped-full"))
    self->lost += count (stats, "buffers-dropped-full", 0)
        + count (stats, "buffers-dropped-timeout", 0)
        + count (stats, "buffers-dropped-gop", 0);
  else
    self->lost += count (stats, "buffers-dropped", 0);
  self->written += count (stats, "bytes-written", 0);
  self->backlog += count (stats, "backlog-bytes", 0);
  self->lag = MAX (self->lag, count (stats, "durable-lag", 0));
  self->space_left = MIN (self->space_left,
      count (stats, "space-left", G_MAXUINT64));
  self->time_left = MIN (self->time_left,
      count (stats, "time-left", G_MAXUINT64));
  self->success_rate = MIN (self->success_rate,
      figure (stats, "success-rate", 1.0));
  self->utilisation = MAX (self->utilisation,
      figure (stats, "utilisation", 0.0));
}

static void
add_ours (Snapshot * self, GstElement * element, const gchar * factory)
{
  GstStructure *entry = new_entry ("element", GST_OBJECT (element), factory);
  const gchar *reasons;
  GstStructure *stats;

  g_object_get (element, "stats", &stats, NULL);
  reasons = gst_structure_get_string (stats, "health-reasons");
  if (reasons != NULL)
    add_reasons (self, gst_structure_get_string (entry, "name"), reasons);
  add_figures (self, stats);
  gst_structure_set (entry, "stats", GST_TYPE_STRUCTURE, stats, NULL);
  gst_structure_free (stats);
  append (&self->elements, entry);
}

/* ---- the stock queues ---- */

static gdouble
fullest (const guint64 levels[3], const guint64 limits[3])
{
  gdouble most = 0.0;

  for (guint i = 0; i < 3; i++)
    if (limits[i] > 0)
      most = MAX (most, (gdouble) levels[i] / (gdouble) limits[i]);
  return most;
}

/* @place: the element, or a pad of it */
static void
add_levels (Snapshot * self, GstElement * element, gpointer place,
    const gchar * factory)
{
  GstStructure *entry = new_entry ("queue", place, factory);
  gchar *name = gst_object_get_name (GST_OBJECT (element));
  guint buffers, bytes, max_buffers, max_bytes;
  guint64 time, max_time;

  g_object_get (place, "current-level-buffers", &buffers,
      "current-level-bytes", &bytes, "current-level-time", &time, NULL);
  g_object_get (element, "max-size-buffers", &max_buffers,
      "max-size-bytes", &max_bytes, "max-size-time", &max_time, NULL);
  gst_structure_set (entry, "element", G_TYPE_STRING, name,
      "level-buffers", G_TYPE_UINT64, (guint64) buffers,
      "level-bytes", G_TYPE_UINT64, (guint64) bytes,
      "level-time", G_TYPE_UINT64, time,
      "max-buffers", G_TYPE_UINT64, (guint64) max_buffers,
      "max-bytes", G_TYPE_UINT64, (guint64) max_bytes,
      "max-time", G_TYPE_UINT64, max_time,
      "utilisation", G_TYPE_DOUBLE, fullest ((guint64[]) {buffers, bytes, time},
          (guint64[]) {max_buffers, max_bytes, max_time}), NULL);
  g_free (name);
  append (&self->queues, entry);
}

static GPtrArray *
list_sink_pads (GstElement * element)
{
  GPtrArray *pads = g_ptr_array_new_with_free_func (gst_object_unref);

  GST_OBJECT_LOCK (element);
  for (GList * l = element->sinkpads; l != NULL; l = l->next)
    g_ptr_array_add (pads, gst_object_ref (l->data));
  GST_OBJECT_UNLOCK (element);
  return pads;
}

/* Both pads of a channel tell the same levels. */
static void
add_multiqueue (Snapshot * self, GstElement * element, const gchar * factory)
{
  GPtrArray *pads = list_sink_pads (element);

  for (guint i = 0; i < pads->len; i++)
    add_levels (self, element, g_ptr_array_index (pads, i), factory);
  g_ptr_array_unref (pads);
}

/* ---- all of it ---- */

static void
add_one (Snapshot * self, GstElement * element)
{
  GstElementFactory *factory = gst_element_get_factory (element);
  const gchar *name = factory != NULL ? GST_OBJECT_NAME (factory) : "";

  if (g_str_equal (name, "bufpoolsrc") || g_str_equal (name, "tieredqueue")
      || g_str_equal (name, "safefilesink"))
    add_ours (self, element, name);
  else if (g_str_equal (name, "queue") || g_str_equal (name, "queue2"))
    add_levels (self, element, element, name);
  else if (g_str_equal (name, "multiqueue"))
    add_multiqueue (self, element, name);
}

static GstStructure *
finish (Snapshot * self, GstElement * pipeline)
{
  GstState state;
  GstStructure *snapshot;

  GST_OBJECT_LOCK (pipeline);
  state = GST_STATE (pipeline);
  GST_OBJECT_UNLOCK (pipeline);
  snapshot = gst_structure_new ("safecapture-snapshot",
      "schema", G_TYPE_UINT, GST_SAFECAPTURE_SCHEMA_VERSION,
      "time", G_TYPE_UINT64,
      (guint64) g_get_monotonic_time () * GST_USECOND,
      "state", G_TYPE_STRING, gst_element_state_get_name (state),
      "healthy", G_TYPE_BOOLEAN, self->reasons->len == 0,
      "health-reasons", G_TYPE_STRING, self->reasons->str,
      "buffers-lost", G_TYPE_UINT64, self->lost,
      "bytes-written", G_TYPE_UINT64, self->written,
      "backlog-bytes", G_TYPE_UINT64, self->backlog,
      "durable-lag", G_TYPE_UINT64, self->lag,
      "space-left", G_TYPE_UINT64, self->space_left,
      "time-left", G_TYPE_UINT64, self->time_left,
      "success-rate", G_TYPE_DOUBLE, self->success_rate,
      "utilisation", G_TYPE_DOUBLE, self->utilisation, NULL);
  gst_structure_take_value (snapshot, "elements", &self->elements);
  gst_structure_take_value (snapshot, "queues", &self->queues);
  g_string_free (self->reasons, TRUE);
  return snapshot;
}

GstStructure *
gst_safecapture_snapshot_new (GstElement * pipeline)
{
  GPtrArray *elements = list_elements (pipeline);
  Snapshot self = {
    .elements = G_VALUE_INIT,.queues = G_VALUE_INIT,
    .reasons = g_string_new (NULL),
    .space_left = G_MAXUINT64,.time_left = G_MAXUINT64,.success_rate = 1.0,
  };

  g_value_init (&self.elements, GST_TYPE_ARRAY);
  g_value_init (&self.queues, GST_TYPE_ARRAY);
  for (guint i = 0; i < elements->len; i++)
    add_one (&self, g_ptr_array_index (elements, i));
  g_ptr_array_unref (elements);
  return finish (&self, pipeline);
}
