/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "metrics-exact.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct _Exact
{
  const GstStructure *structure;
  const gchar *schema;
  GHashTable *asserted;         /* field: GPtrArray of GValue that are wrong */
  GString *problem;             /* empty while none */
  gboolean planted;             /* what is inside has been compared before */
};

/* ---- what is asserted, and what would be wrong ---- */

static void
free_value (gpointer data)
{
  g_value_unset (data);
  g_free (data);
}

static GPtrArray *
note_asserted (Exact * e, const gchar * field)
{
  GPtrArray *wrong = g_hash_table_lookup (e->asserted, field);

  if (wrong == NULL) {
    wrong = g_ptr_array_new_with_free_func (free_value);
    g_hash_table_insert (e->asserted, g_strdup (field), wrong);
  }
  return wrong;
}

static GValue *
add_wrong (Exact * e, const gchar * field, GType type)
{
  GValue *value = g_new0 (GValue, 1);

  g_value_init (value, type);
  g_ptr_array_add (note_asserted (e, field), value);
  return value;
}

static void G_GNUC_PRINTF (3, 4)
complain (Exact * e, const gchar * field, const gchar * format, ...)
{
  va_list args;

  g_string_append_printf (e->problem, "%s: field %s ", e->schema, field);
  va_start (args, format);
  g_string_append_vprintf (e->problem, format, args);
  va_end (args);
  g_string_append_c (e->problem, '\n');
}

static const GValue *
value_of (Exact * e, const gchar * field, GType type)
{
  const GValue *value = gst_structure_get_value (e->structure, field);

  (void) note_asserted (e, field);
  if (value != NULL && G_VALUE_HOLDS (value, type))
    return value;
  complain (e, field, "is no %s", g_type_name (type));
  return NULL;
}

/* ---- fields ---- */

static void
between_uint (Exact * e, const gchar * field, guint64 low, guint64 high)
{
  const GValue *value = value_of (e, field, G_TYPE_UINT);

  if (value != NULL && (g_value_get_uint (value) < low
          || g_value_get_uint (value) > high))
    complain (e, field, "is %u", g_value_get_uint (value));
  g_value_set_uint (add_wrong (e, field, G_TYPE_UINT), (guint) high + 1);
}

void
exact_between (Exact * e, const gchar * field, guint64 low, guint64 high)
{
  const GValue *value = gst_structure_get_value (e->structure, field);
  guint64 told;

  if (value != NULL && G_VALUE_HOLDS_UINT (value)) {
    between_uint (e, field, low, high);
    return;
  }
  value = value_of (e, field, G_TYPE_UINT64);
  if (value == NULL)
    return;
  told = g_value_get_uint64 (value);
  if (told < low || told > high)
    complain (e, field, "is %" G_GUINT64_FORMAT ", not %" G_GUINT64_FORMAT
        " to %" G_GUINT64_FORMAT, told, low, high);
  if (low > 0)
    g_value_set_uint64 (add_wrong (e, field, G_TYPE_UINT64), low - 1);
  if (high < G_MAXUINT64)
    g_value_set_uint64 (add_wrong (e, field, G_TYPE_UINT64), high + 1);
}

void
exact_count (Exact * e, const gchar * field, guint64 expected)
{
  exact_between (e, field, expected, expected);
}

void
exact_signed (Exact * e, const gchar * field, gint64 expected)
{
  const GValue *value = gst_structure_get_value (e->structure, field);
  GType type = value != NULL && G_VALUE_HOLDS_INT (value) ? G_TYPE_INT
      : G_TYPE_INT64;
  gint64 told;

  value = value_of (e, field, type);
  if (value == NULL)
    return;
  told = type == G_TYPE_INT ? g_value_get_int (value)
      : g_value_get_int64 (value);
  if (told != expected)
    complain (e, field, "is %" G_GINT64_FORMAT ", not %" G_GINT64_FORMAT,
        told, expected);
  if (type == G_TYPE_INT)
    g_value_set_int (add_wrong (e, field, type), (gint) expected + 1);
  else
    g_value_set_int64 (add_wrong (e, field, type), expected + 1);
}

void
exact_about (Exact * e, const gchar * field, gdouble expected, gdouble part)
{
  const GValue *value = value_of (e, field, G_TYPE_DOUBLE);
  gdouble tolerance = part * MAX (fabs (expected), 1e-3);

  if (value != NULL
      && !(fabs (g_value_get_double (value) - expected) <= tolerance))
    complain (e, field, "is %.12g, not %.12g", g_value_get_double (value),
        expected);
  g_value_set_double (add_wrong (e, field, G_TYPE_DOUBLE),
      expected + 3 * tolerance);
  g_value_set_double (add_wrong (e, field, G_TYPE_DOUBLE),
      expected - 3 * tolerance);
}

void
exact_figure (Exact * e, const gchar * field, gdouble expected)
{
  exact_about (e, field, expected, 1e-9);
}

void
exact_flag (Exact * e, const gchar * field, gboolean expected)
{
  const GValue *value = value_of (e, field, G_TYPE_BOOLEAN);

  if (value != NULL && g_value_get_boolean (value) != expected)
    complain (e, field, "is %s", expected ? "false" : "true");
  g_value_set_boolean (add_wrong (e, field, G_TYPE_BOOLEAN), !expected);
}

void
exact_text (Exact * e, const gchar * field, const gchar * expected)
{
  const GValue *value = value_of (e, field, G_TYPE_STRING);

  if (value != NULL && g_strcmp0 (g_value_get_string (value), expected) != 0)
    complain (e, field, "is \"%s\", not \"%s\"", g_value_get_string (value),
        expected);
  g_value_take_string (add_wrong (e, field, G_TYPE_STRING),
      g_strconcat (expected, "?", NULL));
}

void
exact_absent (Exact * e, const gchar * field)
{
  if (gst_structure_has_field (e->structure, field))
    complain (e, field, "is there");
  g_value_set_uint64 (add_wrong (e, field, G_TYPE_UINT64), 1);
}

/* ---- what is inside ---- */

static void
compare_inside (Exact * e, const GstStructure * inside, const gchar * schema,
    ExactCompare compare, gconstpointer known)
{
  gchar *problem;

  if (e->planted)
    return;
  problem = exact_problem (inside, schema, compare, known);
  if (problem != NULL)
    g_string_append (e->problem, problem);
  g_free (problem);
}

void
exact_structure (Exact * e, const gchar * field, const gchar * schema,
    ExactCompare compare, gconstpointer known)
{
  const GValue *value = value_of (e, field, GST_TYPE_STRUCTURE);
  GstStructure *wrong = gst_structure_new_empty ("planted");

  if (value != NULL && gst_structure_has_name (gst_value_get_structure (value),
          "planted"))
    complain (e, field, "is another");
  else if (value != NULL)
    compare_inside (e, gst_value_get_structure (value), schema, compare,
        known);
  gst_value_set_structure (add_wrong (e, field, GST_TYPE_STRUCTURE), wrong);
  gst_structure_free (wrong);
}

void
exact_same (Exact * e, const gchar * field, const GstStructure * expected)
{
  const GValue *value = value_of (e, field, GST_TYPE_STRUCTURE);
  GstStructure *wrong = gst_structure_copy (expected);

  if (value != NULL
      && !gst_structure_is_equal (gst_value_get_structure (value), expected))
    complain (e, field, "is another");
  gst_structure_set (wrong, "planted", G_TYPE_INT, 1, NULL);
  gst_value_set_structure (add_wrong (e, field, GST_TYPE_STRUCTURE), wrong);
  gst_structure_free (wrong);
}

void
exact_each (Exact * e, const gchar * field, const gchar * schema,
    guint count, ExactCompare compare, gconstpointer known, gsize size)
{
  const GValue *array = value_of (e, field, GST_TYPE_ARRAY);
  GValue *wrong, one_more = G_VALUE_INIT;
  guint told;

  if (array == NULL)
    return;
  told = gst_value_array_get_size (array);
  if (told != count)
    complain (e, field, "has %u entries, not %u", told, count);
  for (guint i = 0; i < MIN (told, count); i++)
    compare_inside (e, gst_value_get_structure (gst_value_array_get_value
            (array, i)), schema, compare, (const gchar *) known + i * size);
  wrong = add_wrong (e, field, GST_TYPE_ARRAY);
  g_value_copy (array, wrong);
  g_value_init (&one_more, GST_TYPE_STRUCTURE);
  gst_value_array_append_and_take_value (wrong, &one_more);
}

/* ---- latencies ---- */

static gint
compare_times (gconstpointer a, gconstpointer b)
{
  const ExactTime *x = a, *y = b;

  return (x->time > y->time) - (x->time < y->time);
}

static guint64
count_of (const ExactTime * times, guint count)
{
  guint64 all = 0;

  for (guint i = 0; i < count; i++)
    all += times[i].weight;
  return all;
}

/* Nearest rank: the smallest that so many do not exceed. */
static guint64
quantile_of (const ExactTime * sorted, guint count, guint per_mille)
{
  guint64 all = count_of (sorted, count), seen = 0;
  guint64 rank = MAX ((all * per_mille + 999) / 1000, 1);

  for (guint i = 0; i < count; i++) {
    seen += sorted[i].weight;
    if (seen >= rank)
      return sorted[i].time;
  }
  return 0;
}

void
exact_latency (Exact * e, const gchar * name, const ExactTime * times,
    guint count)
{
  static const struct
  {
    const gchar *suffix;
    guint per_mille;
  } quantiles[] = {
    {"p50", 500}, {"p95", 950}, {"p99", 990}, {"p999", 999}, {"max", 1000},
  };
  ExactTime *sorted = g_memdup2 (times, count * sizeof (*times));

  if (count > 0)
    qsort (sorted, count, sizeof (*sorted), compare_times);
  for (guint i = 0; i < G_N_ELEMENTS (quantiles); i++) {
    gchar *field = g_strconcat (name, "-", quantiles[i].suffix, NULL);
    guint64 exact = quantile_of (sorted, count, quantiles[i].per_mille);

    exact_between (e, field, exact, quantiles[i].per_mille == 1000 ? exact
        : exact + (guint64) (0.032 * (gdouble) exact));
    g_free (field);
  }
  g_free (sorted);
}

static guint64
bucket (const GValue * array, guint i)
{
  return g_value_get_uint64 (gst_value_array_get_value (array, i));
}

/* One bucket too many. */
static void
plant_bucket (Exact * e, const gchar * field, const GValue * array, guint at)
{
  GValue *wrong = add_wrong (e, field, GST_TYPE_ARRAY);

  for (guint i = 0; i < gst_value_array_get_size (array); i++) {
    GValue value = G_VALUE_INIT;

    g_value_init (&value, G_TYPE_UINT64);
    g_value_set_uint64 (&value, bucket (array, i) + (i == at));
    gst_value_array_append_and_take_value (wrong, &value);
  }
}

static void
check_buckets (Exact * e, const gchar * field, const ExactTime * times,
    guint count)
{
  const GValue *array = value_of (e, field, GST_TYPE_ARRAY);
  guint n;
  const guint64 *bounds = gst_safecapture_schema_get_bucket_bounds (&n);

  if (array == NULL || gst_value_array_get_size (array) != n) {
    complain (e, field, "has not one count for each bound");
    return;
  }
  for (guint i = 0; i < n; i++) {
    guint64 below = 0;

    for (guint j = 0; j < count; j++)
      below += times[j].time < bounds[i] ? times[j].weight : 0;
    if (bucket (array, i) != below)
      complain (e, field, "has %" G_GUINT64_FORMAT " below %" G_GUINT64_FORMAT
          " ns, not %" G_GUINT64_FORMAT, bucket (array, i), bounds[i], below);
    plant_bucket (e, field, array, i);
  }
}

void
exact_buckets (Exact * e, const gchar * name, const ExactTime * times,
    guint count)
{
  gchar *buckets = g_strconcat (name, "-buckets", NULL);
  gchar *sum = g_strconcat (name, "-sum", NULL);
  gdouble exact = 0.0;

  check_buckets (e, buckets, times, count);
  for (guint i = 0; i < count; i++)
    exact += (gdouble) times[i].time * (gdouble) times[i].weight;
  exact_between (e, sum, (guint64) (exact * 63 / 64),
      (guint64) ceil (exact * 65 / 64));
  g_free (sum);
  g_free (buckets);
}

/* ---- a whole structure ---- */

guint64
exact_peek (Exact * e, const gchar * field)
{
  guint64 value = 0;

  (void) gst_structure_get_uint64 (e->structure, field, &value);
  return value;
}

GstStructure *
exact_stats (gpointer object)
{
  GstStructure *stats;

  g_object_get (object, "stats", &stats, NULL);
  return stats;
}

static Exact
open_exact (const GstStructure * structure, const gchar * schema,
    gboolean planted)
{
  return (Exact) {
    .structure = structure,
    .schema = schema,
    .asserted = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
        (GDestroyNotify) g_ptr_array_unref),
    .problem = g_string_new (NULL),
    .planted = planted,
  };
}

static void
close_exact (Exact * e)
{
  g_hash_table_unref (e->asserted);
  g_string_free (e->problem, TRUE);
}

static void
run (Exact * e, ExactCompare compare, gconstpointer known)
{
  if (gst_safecapture_schema_find_field (e->schema, "schema") != NULL)
    exact_count (e, "schema", GST_SAFECAPTURE_SCHEMA_VERSION);
  compare (e, known);
}

static void
check_all_are_asserted (Exact * e)
{
  const GstSafecaptureField *field;

  if (gst_safecapture_schema_count_fields (e->schema) == 0)
    g_string_append_printf (e->problem, "no structure %s\n", e->schema);
  for (guint i = 0; (field = gst_safecapture_schema_get_field (e->schema, i))
      != NULL; i++)
    if (!g_hash_table_contains (e->asserted, field->name))
      complain (e, field->name, "is not asserted");
}

/* The comparison must see this figure. */
static void
plant (Exact * e, const gchar * field, const GValue * wrong,
    ExactCompare compare, gconstpointer known)
{
  GstStructure *copy = gst_structure_copy (e->structure);
  gchar *named = g_strdup_printf ("field %s ", field);
  Exact again;

  gst_structure_set_value (copy, field, wrong);
  again = open_exact (copy, e->schema, TRUE);
  run (&again, compare, known);
  if (strstr (again.problem->str, named) == NULL)
    complain (e, field, "could be wrong and nobody would see");
  close_exact (&again);
  g_free (named);
  gst_structure_free (copy);
}

static void
plant_all (Exact * e, ExactCompare compare, gconstpointer known)
{
  GHashTableIter iter;
  gpointer field, wrong;

  g_hash_table_iter_init (&iter, e->asserted);
  while (g_hash_table_iter_next (&iter, &field, &wrong)) {
    GPtrArray *values = wrong;

    if (values->len == 0)
      complain (e, field, "cannot be planted");
    for (guint i = 0; i < values->len; i++)
      plant (e, field, g_ptr_array_index (values, i), compare, known);
  }
}

gchar *
exact_problem (const GstStructure * structure, const gchar * schema,
    ExactCompare compare, gconstpointer known)
{
  Exact e = open_exact (structure, schema, FALSE);
  gchar *problem;

  run (&e, compare, known);
  check_all_are_asserted (&e);
  if (e.problem->len == 0)
    plant_all (&e, compare, known);
  problem = e.problem->len > 0 ? g_strdup (e.problem->str) : NULL;
  close_exact (&e);
  return problem;
}

void
exact_check (const GstStructure * structure, const gchar * schema,
    ExactCompare compare, gconstpointer known)
{
  gchar *problem = exact_problem (structure, schema, compare, known);

  fail_unless (problem == NULL, "%s", problem);
}
