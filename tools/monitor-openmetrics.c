/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "monitor-openmetrics.h"

#include <math.h>

#include <gst/safecapture/safecapture.h>

#include "monitor-samples.h"

/* All samples of a name stand together, behind what is said of them. */
typedef struct
{
  GHashTable *by_name;          /* of GString, which it owns */
  GPtrArray *families;          /* the same, in the order they came */
} Text;

/* ---- units ---- */

static const struct
{
  const gchar *unit, *suffix;
} units[] = {
  {"bytes", "bytes"}, {"ns", "seconds"}, {"ratio", "ratio"}, {"Hz", "hertz"},
};

/* "" where the unit has no name of its own: buffers, times, slots. */
static const gchar *
suffix_of (const gchar * unit)
{
  for (guint i = 0; i < G_N_ELEMENTS (units); i++)
    if (g_str_equal (units[i].unit, unit))
      return units[i].suffix;
  return "";
}

static gboolean
is_time (const gchar * unit)
{
  return g_str_equal (unit, "ns") || g_str_has_prefix (unit, "ns/");
}

/* ---- writing ---- */

/* Of labels and of help alike.  What is in a structure is UTF-8. */
static void
append_escaped (GString * out, const gchar * text)
{
  for (const gchar * c = text; *c != '\0'; c++)
    if (*c == '\n')
      g_string_append (out, "\\n");
    else if (*c == '\\' || *c == '"')
      g_string_append_printf (out, "\\%c", *c);
    else
      g_string_append_c (out, *c);
}

/* Without the targets of links: "[Health](#health)". */
static void
append_meaning (GString * out, const gchar * markdown)
{
  GString *text = g_string_new (NULL);
  gboolean is_link = FALSE;

  for (const gchar * c = markdown; *c != '\0'; c++) {
    const gchar *end = *c == '(' && text->len > 0 && c[-1] == ']'
        ? strchr (c, ')') : NULL;

    if (end != NULL)
      c = end;
    else if (*c == '[')
      is_link = TRUE;
    else if (*c == ']' && is_link)
      is_link = FALSE;
    else
      g_string_append_c (text, *c);
  }
  append_escaped (out, text->str);
  g_string_free (text, TRUE);
}

static void
append_label (GString * out, gboolean is_first, const gchar * name,
    const gchar * value)
{
  g_string_append_printf (out, "%c%s=\"", is_first ? '{' : ',', name);
  append_escaped (out, value);
  g_string_append_c (out, '"');
}

static void
append_name (GString * out, const gchar * family, const gchar * suffix,
    const MonitorSample * sample, const gchar * label, const gchar * value)
{
  g_string_append (out, family);
  g_string_append (out, suffix);
  for (guint i = 0; i < sample->n_labels; i++)
    append_label (out, i == 0, sample->labels[i].name,
        sample->labels[i].value);
  if (label != NULL)
    append_label (out, sample->n_labels == 0, label, value);
  if (sample->n_labels > 0 || label != NULL)
    g_string_append_c (out, '}');
  g_string_append_c (out, ' ');
}

static void
append_seconds (GString * out, guint64 ns)
{
  g_string_append_printf (out, "%" G_GUINT64_FORMAT ".%09" G_GUINT64_FORMAT,
      ns / GST_SECOND, ns % GST_SECOND);
}

static void
append_real (GString * out, gdouble value)
{
  gchar text[G_ASCII_DTOSTR_BUF_SIZE];

  if (isnan (value))
    g_string_append (out, "NaN");
  else if (isinf (value))
    g_string_append (out, value > 0 ? "+Inf" : "-Inf");
  else
    g_string_append (out, g_ascii_dtostr (text, sizeof (text), value));
}

static void
append_value (GString * out, const MonitorSample * sample)
{
  gboolean time = is_time (sample->unit);

  if (sample->is_real)
    append_real (out, time ? sample->real / GST_SECOND : sample->real);
  else if (time)
    append_seconds (out, sample->count);
  else
    g_string_append_printf (out, "%" G_GUINT64_FORMAT, sample->count);
  g_string_append_c (out, '\n');
}

/* ---- families ---- */

static const gchar *const types[] = {
  [MONITOR_SAMPLE_COUNTER] = "counter",
  [MONITOR_SAMPLE_GAUGE] = "gauge",
  [MONITOR_SAMPLE_STATE] = "stateset",
  [MONITOR_SAMPLE_HISTOGRAM] = "histogram",
};

static gchar *
family_name (const MonitorSample * sample)
{
  const gchar *unit = suffix_of (sample->unit);
  GString *name = g_string_new ("safecapture");

  if (sample->place[0] != '\0')
    g_string_append_printf (name, "_%s", sample->place);
  g_string_append_printf (name, "_%s", sample->name);
  g_strdelimit (name->str, "-", '_');
  if (unit[0] != '\0' && !g_str_has_suffix (name->str, unit))
    g_string_append_printf (name, "_%s", unit);
  return g_string_free (name, FALSE);
}

static void
append_metadata (GString * out, const gchar * name,
    const MonitorSample * sample)
{
  const gchar *unit = suffix_of (sample->unit);

  g_string_append_printf (out, "# TYPE %s %s\n", name, types[sample->kind]);
  if (unit[0] != '\0')
    g_string_append_printf (out, "# UNIT %s %s\n", name, unit);
  g_string_append_printf (out, "# HELP %s %s %s: ", name,
      sample->place[0] != '\0' ? sample->place : "pipeline", sample->field);
  append_meaning (out, sample->meaning);
  g_string_append_c (out, '\n');
}

static void
free_string (gpointer string)
{
  g_string_free (string, TRUE);
}

static GString *
lookup_family (Text * self, const gchar * name, const MonitorSample * sample)
{
  GString *family = g_hash_table_lookup (self->by_name, name);

  if (family == NULL) {
    family = g_string_new (NULL);
    append_metadata (family, name, sample);
    g_hash_table_insert (self->by_name, g_strdup (name), family);
    g_ptr_array_add (self->families, family);
  }
  return family;
}

/* ---- samples ---- */

/* A bound that counts what is below it counts what is at most it, less 1 ns. */
static void
append_histogram (GString * out, const gchar * name,
    const MonitorSample * sample)
{
  guint count;
  const guint64 *bounds = gst_safecapture_schema_get_bucket_bounds (&count);
  guint64 all = 0;

  for (guint i = 0; i < count; i++) {
    gchar le[G_ASCII_DTOSTR_BUF_SIZE] = "+Inf";

    if (i < count - 1)
      g_ascii_formatd (le, sizeof (le), "%.15g",
          (gdouble) bounds[i] / GST_SECOND);
    all = g_value_get_uint64 (gst_value_array_get_value (sample->buckets, i));
    append_name (out, name, "_bucket", sample, "le", le);
    g_string_append_printf (out, "%" G_GUINT64_FORMAT "\n", all);
  }
  append_name (out, name, "_count", sample, NULL, NULL);
  g_string_append_printf (out, "%" G_GUINT64_FORMAT "\n", all);
  append_name (out, name, "_sum", sample, NULL, NULL);
  append_seconds (out, sample->count);
  g_string_append_c (out, '\n');
}

static void
add_sample (const MonitorSample * sample, gpointer text)
{
  gchar *name = family_name (sample);
  GString *out = lookup_family (text, name, sample);

  switch (sample->kind) {
    case MONITOR_SAMPLE_HISTOGRAM:
      append_histogram (out, name, sample);
      break;
    case MONITOR_SAMPLE_STATE:
      append_name (out, name, "", sample, name, sample->state);
      append_value (out, sample);
      break;
    default:
      append_name (out, name,
          sample->kind == MONITOR_SAMPLE_COUNTER ? "_total" : "", sample, NULL,
          NULL);
      append_value (out, sample);
  }
  g_free (name);
}

/* ---- all of it ---- */

static void
append_info (GString * out, const GstStructure * snapshot)
{
  guint schema = 0;

  (void) gst_structure_get_uint (snapshot, "schema", &schema);
  g_string_append_printf (out, "# TYPE safecapture info\n"
      "# HELP safecapture The program that tells all this.\n"
      "safecapture_info{schema=\"%u\",version=\"" PACKAGE_VERSION "\"} 1\n",
      schema);
}

GBytes *
monitor_openmetrics_text (const GstStructure * snapshot)
{
  Text self = {
    .by_name = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
        free_string),
    .families = g_ptr_array_new (),
  };
  GString *out = g_string_new (NULL);

  append_info (out, snapshot);
  monitor_samples_each (snapshot, add_sample, &self);
  for (guint i = 0; i < self.families->len; i++) {
    const GString *family = g_ptr_array_index (self.families, i);

    g_string_append_len (out, family->str, (gssize) family->len);
  }
  g_string_append (out, "# EOF\n");
  g_ptr_array_unref (self.families);
  g_hash_table_unref (self.by_name);
  return g_string_free_to_bytes (out);
}
