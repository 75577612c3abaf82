/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "monitor-samples.h"

#include <gst/safecapture/safecapture.h>

#include "sc-health.h"
#include "sc-pool-state.h"
#include "sc-recorder-state.h"

#define SNAPSHOT "safecapture-snapshot"

typedef struct
{
  MonitorSampleFunc func;
  gpointer user_data;
  GHashTable *names;            /* of elements: how many have it */
  GString *place, *path;
  MonitorLabel labels[MONITOR_SAMPLE_LABELS];
  guint n_labels;
} Walk;

/* ---- where it is ---- */

typedef struct
{
  gsize place, path;
  guint n_labels;
} Mark;

static Mark
mark_of (const Walk * self)
{
  return (Mark) {
  self->place->len, self->path->len, self->n_labels};
}

static void
go_back (Walk * self, Mark mark)
{
  g_string_truncate (self->place, mark.place);
  g_string_truncate (self->path, mark.path);
  self->n_labels = mark.n_labels;
}

static void
enter (Walk * self, const gchar * place)
{
  g_string_append_printf (self->place, "%s%s",
      self->place->len > 0 ? "-" : "", place);
  g_string_append_printf (self->path, "%s%s",
      self->path->len > 0 ? "." : "", place);
}

/* What comes from a user has no dots in a path: they part it. */
static void
append_to_path (Walk * self, const gchar * text)
{
  g_string_append_c (self->path, '.');
  for (; *text != '\0'; text++)
    g_string_append_c (self->path, *text == '.' ? '_' : *text);
}

static void
put_label (Walk * self, const gchar * name, const gchar * value)
{
  g_return_if_fail (self->n_labels < MONITOR_SAMPLE_LABELS);

  self->labels[self->n_labels].name = name;
  self->labels[self->n_labels].value = value;
  self->n_labels++;
}

static void
label (Walk * self, const gchar * name, const gchar * value)
{
  put_label (self, name, value);
  append_to_path (self, value);
}

/* ---- one sample ---- */

static void
give (Walk * self, MonitorSample * sample)
{
  sample->place = self->place->str;
  sample->path = self->path->str;
  memcpy (sample->labels, self->labels, sizeof (self->labels));
  sample->n_labels = self->n_labels;
  self->func (sample, self->user_data);
}

/* "buffers-out" of buffers is "out-buffers": the unit comes last. */
static gchar *
name_of (const gchar * field, const gchar * unit)
{
  gsize length = strlen (unit);

  if (length > 0 && strncmp (field, unit, length) == 0 && field[length] == '-')
    return g_strconcat (field + length + 1, "-", unit, NULL);
  return g_strdup (field);
}

static void
give_figure (Walk * self, const GstSafecaptureField * field,
    const gchar * name, const GValue * value)
{
  MonitorSample sample = {
    .name = name,.field = field->name,.unit = field->unit,
    .meaning = field->meaning,
    .kind = field->kind == GST_SAFECAPTURE_KIND_COUNTER
        ? MONITOR_SAMPLE_COUNTER : MONITOR_SAMPLE_GAUGE,
  };

  if (G_VALUE_HOLDS_DOUBLE (value)) {
    sample.is_real = TRUE;
    sample.real = g_value_get_double (value);
  } else if (G_VALUE_HOLDS_BOOLEAN (value)) {
    sample.count = g_value_get_boolean (value) ? 1 : 0;
  } else if (G_VALUE_HOLDS_UINT64 (value)) {
    sample.count = g_value_get_uint64 (value);
  } else {
    return;
  }
  /* So the schema says "not known". */
  if (sample.count < G_MAXUINT64 || sample.kind == MONITOR_SAMPLE_COUNTER)
    give (self, &sample);
}

#define DROPPED "buffers-dropped-"

/* tieredqueue counts what it drops by reason; the sum of these is no sample. */
static void
give_number (Walk * self, const GstStructure * structure,
    const GstSafecaptureField * field, const GValue * value)
{
  Mark mark = mark_of (self);
  gchar *name;

  if (g_str_equal (field->name, "buffers-dropped")
      && gst_structure_has_field (structure, DROPPED "full"))
    return;
  if (g_str_has_prefix (field->name, DROPPED)) {
    put_label (self, "reason", field->name + strlen (DROPPED));
    name = g_strdup ("dropped-buffers");
  } else {
    name = name_of (field->name, field->unit);
  }
  give_figure (self, field, name, value);
  go_back (self, mark);
  g_free (name);
}

#define BUCKETS "-buckets"
#define SUM "-sum"

/* With the sum, which is a field of its own. */
static void
give_histogram (Walk * self, const GstStructure * structure,
    const GstSafecaptureField * field, const GValue * value)
{
  gchar *name = g_strndup (field->name, strlen (field->name)
      - strlen (BUCKETS));
  gchar *sum = g_strconcat (name, SUM, NULL);
  MonitorSample sample = {
    .name = name,.field = field->name,.unit = field->unit,
    .meaning = "how many took at most so long",
    .kind = MONITOR_SAMPLE_HISTOGRAM,.buckets = value,
  };

  (void) gst_structure_get_uint64 (structure, sum, &sample.count);
  give (self, &sample);
  g_free (sum);
  g_free (name);
}

/* ---- states and reasons ---- */

static const gchar *
element_state (guint index)
{
  return index <= GST_STATE_PLAYING - GST_STATE_NULL
      ? gst_element_state_get_name (GST_STATE_NULL + index) : NULL;
}

static const gchar *
sink_state (guint index)
{
  return index < SC_RECORDER_STATES ? sc_recorder_state_name (index) : NULL;
}

static const gchar *
pool_state (guint index)
{
  return index < SC_POOL_STATES ? sc_pool_state_name (index) : NULL;
}

/* All there are, so that none is missing at first and then stays for ever. */
static void
give_states (Walk * self, const gchar * structure,
    const GstSafecaptureField * field, const gchar * now)
{
  const gchar *(*state_of) (guint index) = pool_state;
  const gchar *state;

  if (g_str_equal (structure, SNAPSHOT))
    state_of = element_state;
  else if (g_str_equal (structure, "safefilesink-metrics"))
    state_of = sink_state;
  for (guint i = 0; (state = state_of (i)) != NULL; i++) {
    MonitorSample sample = {
      .name = field->name,.field = field->name,.unit = "",
      .meaning = field->meaning,.kind = MONITOR_SAMPLE_STATE,.state = state,
      .count = g_strcmp0 (state, now) == 0,
    };

    give (self, &sample);
  }
}

static void
give_reasons (Walk * self, const gchar * element, const gchar * factory,
    const gchar * reasons)
{
  gchar **each = g_strsplit (reasons != NULL ? reasons : "", ",", -1);
  Mark mark = mark_of (self);

  put_label (self, "element", element);
  put_label (self, "factory", factory);
  g_string_append (self->path, "health");
  append_to_path (self, element);
  for (guint i = 0; i < SC_HEALTH_REASONS; i++) {
    const gchar *code = sc_health_rule (i)->code;
    MonitorSample sample = {
      .name = "health-reason",.field = "health-reasons",.unit = "",
      .meaning = "whether this reason of not being healthy holds",
      .kind = MONITOR_SAMPLE_GAUGE,
      .count = g_strv_contains ((const gchar * const *) each, code),
    };

    put_label (self, "reason", code);
    give (self, &sample);
    self->n_labels--;
  }
  go_back (self, mark);
  g_strfreev (each);
}

/* ---- structures ---- */

static void walk_structure (Walk * self, const GstStructure * structure,
    const gchar * name);

/* Structures of which there are several, and what tells them apart. */
static const struct
{
  const gchar *structure, *field, *label;
} keys[] = {
  {"channel", "channel", "channel"},
  {"tier", "slot-size", "tier"},
  {"class", "name", "class"},
};

static void
walk_inside (Walk * self, const GValue * value, const gchar * name)
{
  const GstStructure *structure = gst_value_get_structure (value);
  Mark mark = mark_of (self);
  gchar *key = NULL;

  enter (self, name);
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++) {
    const GValue *found;

    if (!g_str_equal (keys[i].structure, name))
      continue;
    found = gst_structure_get_value (structure, keys[i].field);
    key = G_VALUE_HOLDS_STRING (found) ? g_value_dup_string (found)
        : g_strdup_printf ("%" G_GUINT64_FORMAT, g_value_get_uint64 (found));
    label (self, keys[i].label, key);
  }
  walk_structure (self, structure, name);
  go_back (self, mark);
  g_free (key);
}

static void
walk_array (Walk * self, const GValue * value, const gchar * name,
    void (*walk) (Walk * self, const GValue * value, const gchar * name))
{
  if (GST_VALUE_HOLDS_STRUCTURE (value)) {
    walk (self, value, name);
    return;
  }
  for (guint i = 0; i < gst_value_array_get_size (value); i++)
    walk (self, gst_value_array_get_value (value, i), name);
}

/* A queue's entry is that of a pad where it is a multiqueue. */
static gboolean
is_pad (const GstStructure * entry)
{
  const gchar *element = gst_structure_get_string (entry, "element");

  return element != NULL
      && !g_str_equal (element, gst_structure_get_string (entry, "name"));
}

static gchar *
full_name (const GstStructure * entry)
{
  const gchar *name = gst_structure_get_string (entry, "name");

  return is_pad (entry) ? g_strconcat (gst_structure_get_string (entry,
          "element"), ".", name, NULL) : g_strdup (name);
}

static const gchar *
element_name (const Walk * self, const GstStructure * entry)
{
  gchar *full = full_name (entry);
  guint count = GPOINTER_TO_UINT (g_hash_table_lookup (self->names, full));

  g_free (full);
  if (count > 1)
    return gst_structure_get_string (entry, "path");
  return gst_structure_get_string (entry, is_pad (entry) ? "element" : "name");
}

static void
walk_element (Walk * self, const GValue * value, const gchar * unused)
{
  const GstStructure *entry = gst_value_get_structure (value);
  const GstStructure *stats = gst_value_get_structure (gst_structure_get_value
      (entry, "stats"));
  const gchar *factory = gst_structure_get_string (entry, "factory");
  const gchar *element = element_name (self, entry);
  gchar *name = g_strconcat (factory, "-metrics", NULL);
  Mark mark = mark_of (self);

  enter (self, factory);
  label (self, "element", element);
  walk_structure (self, stats, name);
  go_back (self, mark);
  give_reasons (self, element, factory, gst_structure_get_string (stats,
          "health-reasons"));
  g_free (name);
}

static void
walk_queue (Walk * self, const GValue * value, const gchar * name)
{
  const GstStructure *entry = gst_value_get_structure (value);
  Mark mark = mark_of (self);

  enter (self, name);
  label (self, "element", element_name (self, entry));
  put_label (self, "factory", gst_structure_get_string (entry, "factory"));
  if (is_pad (entry))
    label (self, "channel", gst_structure_get_string (entry, "name"));
  walk_structure (self, entry, name);
  go_back (self, mark);
}

static void
walk_field (Walk * self, const GstStructure * structure, const gchar * name,
    const GstSafecaptureField * field)
{
  const GValue *value = gst_structure_get_value (structure, field->name);

  if (value == NULL || g_str_equal (field->name, "schema"))
    return;
  if (g_strcmp0 (field->contains, "element") == 0)
    walk_array (self, value, field->contains, walk_element);
  else if (g_strcmp0 (field->contains, "queue") == 0)
    walk_array (self, value, field->contains, walk_queue);
  else if (field->contains != NULL)
    walk_array (self, value, field->contains, walk_inside);
  else if (field->kind == GST_SAFECAPTURE_KIND_HISTOGRAM)
    give_histogram (self, structure, field, value);
  else if (g_str_equal (field->name, "state"))
    give_states (self, name, field, g_value_get_string (value));
  else if (!g_str_has_suffix (field->name, SUM))
    give_number (self, structure, field, value);
}

static void
walk_structure (Walk * self, const GstStructure * structure,
    const gchar * name)
{
  const GstSafecaptureField *field;

  for (guint i = 0; (field = gst_safecapture_schema_get_field (name, i))
      != NULL; i++)
    walk_field (self, structure, name, field);
}

/* ---- all of it ---- */

static void
count_names (GHashTable * names, const GstStructure * snapshot,
    const gchar * array)
{
  const GValue *entries = gst_structure_get_value (snapshot, array);

  for (guint i = 0; i < gst_value_array_get_size (entries); i++) {
    gchar *name = full_name (gst_value_get_structure
        (gst_value_array_get_value (entries, i)));
    guint count = GPOINTER_TO_UINT (g_hash_table_lookup (names, name));

    g_hash_table_insert (names, name, GUINT_TO_POINTER (count + 1));
  }
}

void
monitor_samples_each (const GstStructure * snapshot, MonitorSampleFunc func,
    gpointer user_data)
{
  Walk self = {
    .func = func,.user_data = user_data,
    .names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL),
    .place = g_string_new (NULL),.path = g_string_new (NULL),
  };

  count_names (self.names, snapshot, "elements");
  count_names (self.names, snapshot, "queues");
  walk_structure (&self, snapshot, SNAPSHOT);
  g_string_free (self.path, TRUE);
  g_string_free (self.place, TRUE);
  g_hash_table_unref (self.names);
}
