/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Looking things up in the tables of the schema. */
#include "gstsafecaptureschema-private.h"

#include "sc-histogram.h"

#define STATS_PREFIX "application/x-"
#define STATS_SUFFIX "-stats"

static const GstSafecaptureRecord *
find_record (const gchar * name)
{
  for (const GstSafecaptureRecord * r = gst_safecapture_records;
      r->name != NULL; r++)
    if (g_str_equal (r->name, name))
      return r;
  return NULL;
}

/* What the schema calls @structure. */
static gchar *
record_name (const GstStructure * structure)
{
  const gchar *name = gst_structure_get_name (structure);
  const gchar *code = gst_structure_get_string (structure, "code");
  gchar *inner, *found;

  if (g_str_has_suffix (name, "-warning"))
    return g_strconcat (name, "/", code != NULL ? code : "", NULL);
  if (!g_str_has_prefix (name, STATS_PREFIX)
      || !g_str_has_suffix (name, STATS_SUFFIX))
    return g_strdup (name);
  inner = g_strndup (name + strlen (STATS_PREFIX), strlen (name)
      - strlen (STATS_PREFIX) - strlen (STATS_SUFFIX));
  found = g_strconcat (inner, "-metrics", NULL);
  /* An allocator posts nothing, a pad only with its element. */
  if (find_record (found) == NULL) {
    g_free (found);
    found = find_record (inner) != NULL ? g_strdup (inner)
        : g_strconcat (inner, STATS_SUFFIX, NULL);
  }
  g_free (inner);
  return found;
}

/**
 * gst_safecapture_schema_get_version:
 *
 * What the field `schema` of messages and statistics says. All functions of the
 * schema can be called from any thread, and before gst_init().
 *
 * Returns: %GST_SAFECAPTURE_SCHEMA_VERSION of the library that is there
 */
guint
gst_safecapture_schema_get_version (void)
{
  return GST_SAFECAPTURE_SCHEMA_VERSION;
}

static gpointer
make_list (gpointer unused)
{
  GPtrArray *names = g_ptr_array_new ();

  for (const GstSafecaptureRecord * r = gst_safecapture_records;
      r->name != NULL; r++)
    g_ptr_array_add (names, (gpointer) r->name);
  g_ptr_array_add (names, NULL);
  return g_ptr_array_free (names, FALSE);
}

/**
 * gst_safecapture_schema_list_structures:
 *
 * The names of all structures: messages (`tieredqueue-metrics`, which the
 * property `stats` has too), one for each code of a warning
 * (`safefilesink-warning/slow-storage`), statistics of other objects
 * (`tieredqueue-channel`: of a pad; `tieredallocator-stats`), and structures
 * inside these (`channel`, `pool`, `tier`, `class`, `buffer`).
 *
 * Returns: (array zero-terminated=1) (transfer none): the names
 */
const gchar *const *
gst_safecapture_schema_list_structures (void)
{
  static GOnce once = G_ONCE_INIT;

  return g_once (&once, make_list, NULL);
}

/**
 * gst_safecapture_schema_count_fields:
 * @structure: a name of gst_safecapture_schema_list_structures()
 *
 * How many fields a structure can have.
 *
 * Returns: their number; 0 if there is no such structure
 */
guint
gst_safecapture_schema_count_fields (const gchar * structure)
{
  const GstSafecaptureRecord *record;
  guint count = 0;

  g_return_val_if_fail (structure != NULL, 0);

  record = find_record (structure);
  for (guint i = 0; record != NULL && i < GST_SAFECAPTURE_MAX_GROUPS
      && record->groups[i] != NULL; i++)
    count += record->groups[i]->count;
  return count;
}

/**
 * gst_safecapture_schema_get_field:
 * @structure: a name of gst_safecapture_schema_list_structures()
 * @index: from 0 on
 *
 * The fields of a structure one by one, in the order of the documentation.
 *
 * Returns: (transfer none) (nullable): the field of that place, or %NULL if
 *   there is none
 */
const GstSafecaptureField *
gst_safecapture_schema_get_field (const gchar * structure, guint index)
{
  const GstSafecaptureRecord *record;

  g_return_val_if_fail (structure != NULL, NULL);

  record = find_record (structure);
  for (guint i = 0; record != NULL && i < GST_SAFECAPTURE_MAX_GROUPS
      && record->groups[i] != NULL; i++) {
    if (index < record->groups[i]->count)
      return &record->groups[i]->fields[index];
    index -= record->groups[i]->count;
  }
  return NULL;
}

/**
 * gst_safecapture_schema_find_field:
 * @structure: a name of gst_safecapture_schema_list_structures()
 * @name: of a field
 *
 * The field of a structure that has a name.
 *
 * Returns: (transfer none) (nullable): that field, or %NULL if there is none
 */
const GstSafecaptureField *
gst_safecapture_schema_find_field (const gchar * structure,
    const gchar * name)
{
  const GstSafecaptureField *field;

  g_return_val_if_fail (structure != NULL, NULL);
  g_return_val_if_fail (name != NULL, NULL);

  for (guint i = 0; (field = gst_safecapture_schema_get_field (structure, i))
      != NULL; i++)
    if (g_str_equal (field->name, name))
      return field;
  return NULL;
}

static gpointer
make_bounds (gpointer unused)
{
  guint64 *bounds = g_new (guint64, SC_HISTOGRAM_STEPS);

  for (guint i = 0; i < SC_HISTOGRAM_STEPS; i++)
    bounds[i] = sc_histogram_step_bound (i);
  return bounds;
}

/**
 * gst_safecapture_schema_get_bucket_bounds:
 * @count: (out): how many they are
 *
 * What the counts of a %GST_SAFECAPTURE_KIND_HISTOGRAM are below, in ns: powers of
 * two from 1.024 us to 68.7 s. The last is %G_MAXUINT64 and stands for no bound:
 * its count is that of all.
 *
 * Returns: (array length=count) (transfer none): the bounds, rising
 */
const guint64 *
gst_safecapture_schema_get_bucket_bounds (guint * count)
{
  static GOnce once = G_ONCE_INIT;

  g_return_val_if_fail (count != NULL, NULL);

  *count = SC_HISTOGRAM_STEPS;
  return g_once (&once, make_bounds, NULL);
}

/* ---- holding against it ---- */

static gchar *check_as (const GstStructure * structure, const gchar * name);

static gchar *
check_histogram (const GstSafecaptureField * field, const GValue * value)
{
  guint64 before = 0;

  if (gst_value_array_get_size (value) != SC_HISTOGRAM_STEPS)
    return g_strdup_printf ("%s has not one entry for each bound",
        field->name);
  for (guint i = 0; i < SC_HISTOGRAM_STEPS; i++) {
    const GValue *entry = gst_value_array_get_value (value, i);

    if (!G_VALUE_HOLDS_UINT64 (entry))
      return g_strdup_printf ("%s has an entry that is no guint64",
          field->name);
    if (g_value_get_uint64 (entry) < before)
      return g_strdup_printf ("%s falls", field->name);
    before = g_value_get_uint64 (entry);
  }
  return NULL;
}

static gchar *
check_inside (const GstSafecaptureField * field, const GValue * value)
{
  gchar *problem = NULL;

  if (field->kind == GST_SAFECAPTURE_KIND_HISTOGRAM)
    return check_histogram (field, value);
  if (field->contains == NULL)
    return NULL;
  if (g_str_equal (field->contains, GST_SAFECAPTURE_CONTAINS_STATS))
    return gst_safecapture_schema_check (gst_value_get_structure (value));
  if (GST_VALUE_HOLDS_STRUCTURE (value))
    return check_as (gst_value_get_structure (value), field->contains);
  for (guint i = 0; problem == NULL && i < gst_value_array_get_size (value);
      i++) {
    const GValue *entry = gst_value_array_get_value (value, i);

    problem = GST_VALUE_HOLDS_STRUCTURE (entry)
        ? check_as (gst_value_get_structure (entry), field->contains)
        : g_strdup_printf ("%s has an entry that is no structure", field->name);
  }
  return problem;
}

static gchar *
check_field (const gchar * structure, const gchar * name, const GValue * value)
{
  const GstSafecaptureField *field =
      gst_safecapture_schema_find_field (structure, name);

  if (field == NULL)
    return g_strdup_printf ("%s: unknown field %s", structure, name);
  if (!g_str_equal (G_VALUE_TYPE_NAME (value), field->type))
    return g_strdup_printf ("%s: %s is a %s, not a %s", structure, name,
        G_VALUE_TYPE_NAME (value), field->type);
  return check_inside (field, value);
}

static gchar *
check_as (const GstStructure * structure, const gchar * name)
{
  const GstSafecaptureField *field;
  gchar *problem = NULL;

  if (find_record (name) == NULL)
    return g_strdup_printf ("unknown structure %s", name);
  for (gint i = 0; problem == NULL && i < gst_structure_n_fields (structure);
      i++) {
    const gchar *field_name = gst_structure_nth_field_name (structure, i);

    problem = check_field (name, field_name,
        gst_structure_get_value (structure, field_name));
  }
  for (guint i = 0; problem == NULL
      && (field = gst_safecapture_schema_get_field (name, i)) != NULL; i++)
    if (!field->optional && !gst_structure_has_field (structure, field->name))
      problem = g_strdup_printf ("%s: no field %s", name, field->name);
  return problem;
}

/**
 * gst_safecapture_schema_check:
 * @structure: of a message of one of the elements, or statistics
 *
 * Holds a structure against the schema: it has the fields of that name and no
 * others, of their types; so have the structures inside it.
 *
 * Returns: (transfer full) (nullable): what is wrong, or %NULL if nothing is
 */
gchar *
gst_safecapture_schema_check (const GstStructure * structure)
{
  gchar *name, *problem;

  g_return_val_if_fail (structure != NULL, NULL);

  name = record_name (structure);
  problem = check_as (structure, name);
  g_free (name);
  return problem;
}
