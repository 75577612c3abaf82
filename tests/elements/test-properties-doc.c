/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Holds the tables of properties in docs/ against the elements: names, defaults,
 * ranges and the values of enumerations.
 *
 * The first column has the names; one that begins with a dash takes the place of
 * the end of the full one before it.  The second has a default for all of them or one for each,
 * and in brackets the unit and the range as far as it is not that of the type.
 */
#include <gst/check/gstcheck.h>
#include <math.h>

typedef struct
{
  gchar **names;
  gchar **defaults;
  gchar *text;                  /* of the whole row */
} Row;

static void
row_free (Row * row)
{
  g_strfreev (row->names);
  g_strfreev (row->defaults);
  g_free (row->text);
  g_free (row);
}

/* ---- reading a page ---- */

static gchar *
read_page (const gchar * element)
{
  gchar *file = g_strconcat (DOCS, "/", element, ".md", NULL);
  gchar *page;

  fail_unless (g_file_get_contents (file, &page, NULL, NULL), "%s", file);
  g_free (file);
  return page;
}

/* Every `name` of @text. */
static gchar **
quoted_names (const gchar * text)
{
  gchar **parts = g_strsplit (text, "`", -1);
  GPtrArray *names = g_ptr_array_new ();
  const gchar *full = NULL;

  for (guint i = 0; parts[i] != NULL && parts[i + 1] != NULL; i++) {
    if (i % 2 == 0)
      continue;                 /* between two names */
    if (parts[i][0] != '-')
      full = parts[i];
    fail_unless (full != NULL);
    g_ptr_array_add (names, full == parts[i] ? g_strdup (full)
        : g_strdup_printf ("%.*s%s", (int) (strrchr (full, '-') - full), full,
            parts[i]));
  }
  g_ptr_array_add (names, NULL);
  g_strfreev (parts);
  return (gchar **) g_ptr_array_free (names, FALSE);
}

/* The parts of @text between commas, but not those in brackets or in numbers. */
static gchar **
split_defaults (const gchar * text)
{
  GPtrArray *parts = g_ptr_array_new ();
  const gchar *begin = text;
  gint depth = 0;

  for (const gchar * c = text;; c++) {
    depth += (*c == '(') - (*c == ')');
    if (*c != '\0' && (depth > 0 || strncmp (c, ", ", 2) != 0))
      continue;
    g_ptr_array_add (parts, g_strstrip (g_strndup (begin,
                (gsize) (c - begin))));
    if (*c == '\0')
      break;
    begin = c + 1;
  }
  g_ptr_array_add (parts, NULL);
  return (gchar **) g_ptr_array_free (parts, FALSE);
}

static Row *
parse_row (const gchar * line)
{
  gchar **columns = g_strsplit (line, "|", 4);
  gchar **unquoted;
  Row *row = g_new0 (Row, 1);
  gchar *defaults;

  fail_unless_equals_int (g_strv_length (columns), 4);
  row->names = quoted_names (columns[1]);
  unquoted = g_strsplit (columns[2], "`", -1);
  defaults = g_strjoinv ("", unquoted);
  row->defaults = split_defaults (defaults);
  row->text = g_strdup (line);
  g_free (defaults);
  g_strfreev (unquoted);
  g_strfreev (columns);
  return row;
}

/* The rows of the table of properties. */
static GPtrArray *
parse_table (const gchar * page)
{
  const gchar *table = strstr (page, "\n| Property |");
  GPtrArray *rows = g_ptr_array_new_with_free_func ((GDestroyNotify) row_free);
  gchar **lines;

  fail_unless (table != NULL);
  lines = g_strsplit (table + 1, "\n", -1);
  for (guint i = 2; lines[i] != NULL && lines[i][0] == '|'; i++)
    g_ptr_array_add (rows, parse_row (lines[i]));
  g_strfreev (lines);
  return rows;
}

/* ---- numbers ---- */

static gdouble
unit_of (const gchar * name)
{
  static const struct
  {
    const gchar *name;
    gdouble factor;
  } units[] = {
    {"", 1.0}, {"s", 1e9}, {"ms", 1e6}, {"Hz", 1.0},
    {"KiB", 1024.0}, {"MiB", 1024.0 * 1024.0},
  };

  for (guint i = 0; i < G_N_ELEMENTS (units); i++)
    if (g_str_equal (units[i].name, name))
      return units[i].factor;
  return NAN;
}

/* "10,485,760", "0.7", "0600", "500 ms"; NAN if it is none. */
static gdouble
parse_number (const gchar * text)
{
  gchar **groups = g_strsplit (text, ",", -1);
  gchar *plain = g_strjoinv ("", groups), *end;
  gboolean octal = plain[0] == '0' && g_ascii_isdigit (plain[1]);
  gdouble number = octal ? (gdouble) g_ascii_strtoull (plain, &end, 8)
      : g_ascii_strtod (plain, &end);

  if (end == plain)
    number = NAN;
  number *= unit_of (g_strstrip (end));
  g_free (plain);
  g_strfreev (groups);
  return number;
}

static void
range_of (GParamSpec * spec, gdouble * low, gdouble * high)
{
#define RANGE_OF(TYPE, Type) \
  if (G_IS_PARAM_SPEC_##TYPE (spec)) { \
    *low = (gdouble) ((Type *) spec)->minimum; \
    *high = (gdouble) ((Type *) spec)->maximum; \
  }
  *low = *high = NAN;
  RANGE_OF (INT, GParamSpecInt);
  RANGE_OF (UINT, GParamSpecUInt);
  RANGE_OF (INT64, GParamSpecInt64);
  RANGE_OF (UINT64, GParamSpecUInt64);
  RANGE_OF (DOUBLE, GParamSpecDouble);
#undef RANGE_OF
}

/* "from 1", "to 07777", "0 to 1" in what stands in brackets. */
static void
parse_range (const gchar * text, gdouble * low, gdouble * high)
{
  gchar **parts = g_strsplit (text, ", ", -1);

  *low = *high = NAN;
  for (guint i = 0; parts[i] != NULL; i++) {
    gchar *to = strstr (parts[i], "to ");

    if (to != NULL)
      *high = parse_number (to + 3);
    if (to > parts[i]) {
      *to = '\0';
      *low = parse_number (g_strstrip (parts[i]));
    } else if (g_str_has_prefix (parts[i], "from ")) {
      *low = parse_number (parts[i] + 5);
    }
  }
  g_strfreev (parts);
}

/* ---- one property ---- */

static gboolean
range_is_told (GParamSpec * spec, const gchar * brackets)
{
  gdouble low, high, told_low, told_high;

  range_of (spec, &low, &high);
  parse_range (brackets, &told_low, &told_high);
  if (isnan (told_low) ? low > 0.0 : told_low != low)
    return FALSE;
  return isnan (told_high) ? high >= G_MAXINT : told_high == high;
}

static gboolean
number_is_told (GParamSpec * spec, const gchar * text)
{
  gchar **parts = g_strsplit_set (text, "()", 3);
  GValue value = G_VALUE_INIT;
  gdouble low, high, told;
  gboolean right;

  g_value_init (&value, G_TYPE_DOUBLE);
  g_value_transform (g_param_spec_get_default_value (spec), &value);
  range_of (spec, &low, &high);
  told = g_str_has_prefix (text, "for ever") ? high
      : parse_number (g_strstrip (parts[0]));
  right = told == g_value_get_double (&value)
      && range_is_told (spec, parts[1] != NULL ? parts[1] : "");
  g_strfreev (parts);
  return right;
}

static gboolean
enum_is_told (GParamSpec * spec, const Row * row, const gchar * text)
{
  GEnumClass *klass = G_PARAM_SPEC_ENUM (spec)->enum_class;
  gint initial = G_PARAM_SPEC_ENUM (spec)->default_value;
  gboolean right = TRUE;

  if ((spec->flags & G_PARAM_WRITABLE) != 0
      && !g_str_equal (g_enum_get_value (klass, initial)->value_nick, text))
    return FALSE;
  /* GStreamer's own are told of as far as they are of use. */
  if (spec->value_type == GST_TYPE_FORMAT
      || spec->value_type == GST_TYPE_FLOW_RETURN)
    return TRUE;
  for (guint i = 0; i < klass->n_values; i++) {
    gchar *quoted = g_strdup_printf ("`%s`", klass->values[i].value_nick);

    right &= klass->values[i].value == initial
        || strstr (row->text, quoted) != NULL;
    g_free (quoted);
  }
  return right;
}

static gboolean
default_is_told (GParamSpec * spec, const Row * row, const gchar * text)
{
  if (G_IS_PARAM_SPEC_ENUM (spec))
    return enum_is_told (spec, row, text);
  if ((spec->flags & G_PARAM_WRITABLE) == 0)
    return *text == '\0';
  if (G_IS_PARAM_SPEC_BOOLEAN (spec))
    return g_str_equal (text,
        G_PARAM_SPEC_BOOLEAN (spec)->default_value ? "true" : "false");
  if (G_IS_PARAM_SPEC_STRING (spec) || G_IS_PARAM_SPEC_BOXED (spec)
      || GST_IS_PARAM_SPEC_ARRAY_LIST (spec))
    return *text == '\0';
  return number_is_told (spec, text);
}

/* ---- one page ---- */

/* The first thing that is wrong in @row, or NULL.  Takes its names out of
 * @untold. */
static gchar *
find_wrong_in_row (GObjectClass * klass, const Row * row, GHashTable * untold)
{
  guint defaults = g_strv_length (row->defaults);

  for (guint i = 0; row->names[i] != NULL; i++) {
    GParamSpec *spec = g_object_class_find_property (klass, row->names[i]);
    const gchar *text = row->defaults[defaults > 1 ? MIN (i, defaults - 1) : 0];

    if (spec == NULL)
      return g_strdup_printf ("there is no %s", row->names[i]);
    g_hash_table_remove (untold, row->names[i]);
    /* The page of messages tells of them. */
    if (strstr (row->text, "see [metrics.md]") == NULL
        && !default_is_told (spec, row, text))
      return g_strdup_printf ("%s is not as \"%s\" says", row->names[i],
          row->text);
  }
  return NULL;
}

/* Names of the properties that @type has itself. */
static GHashTable *
own_properties (GObjectClass * klass, GType type)
{
  GHashTable *names = g_hash_table_new (g_str_hash, g_str_equal);
  guint count;
  GParamSpec **specs = g_object_class_list_properties (klass, &count);

  for (guint i = 0; i < count; i++)
    if (specs[i]->owner_type == type)
      g_hash_table_add (names, (gpointer) specs[i]->name);
  g_free (specs);
  return names;
}

static gchar *
find_untold (GHashTable * untold)
{
  GHashTableIter iter;
  gpointer name;

  g_hash_table_iter_init (&iter, untold);
  return g_hash_table_iter_next (&iter, &name, NULL)
      ? g_strdup_printf ("nothing is told of %s", (gchar *) name) : NULL;
}

/* What is wrong in the table of @page, or NULL. */
static gchar *
find_wrong (const gchar * element, const gchar * page)
{
  GstElement *instance = gst_element_factory_make (element, NULL);
  GObjectClass *klass = G_OBJECT_GET_CLASS (instance);
  GHashTable *untold = own_properties (klass, G_OBJECT_TYPE (instance));
  GPtrArray *rows = parse_table (page);
  gchar *wrong = NULL;

  for (guint i = 0; i < rows->len && wrong == NULL; i++)
    wrong = find_wrong_in_row (klass, g_ptr_array_index (rows, i), untold);
  if (wrong == NULL)
    wrong = find_untold (untold);
  g_ptr_array_unref (rows);
  g_hash_table_unref (untold);
  gst_object_unref (instance);
  return wrong;
}

GST_START_TEST (test_the_tables_are_true)
{
  static const gchar *const elements[] = {
    "tieredqueue", "bufpoolsrc", "safefilesink"
  };
  gchar *page = read_page (elements[__i__]);
  gchar *wrong = find_wrong (elements[__i__], page);

  fail_unless (wrong == NULL, "docs/%s.md: %s", elements[__i__], wrong);
  g_free (page);
}

GST_END_TEST;

/* Each makes the table of tieredqueue wrong in one way. */
static const struct
{
  const gchar *right, *wrong, *found;
} errors[] = {
  {"| `max-size-buffers` | 200 |", "| `max-size-buffers` | 100 |",
      "max-size-buffers is not"},
  {"| `max-size-time` | 1 s ", "| `max-size-time` | 1 ms ",
      "max-size-time is not"},
  {"(1 to 1,024)", "(1 to 1,000)", "batch is not"},
  {"(1 to 1,024)", "", "batch is not"},
  {"(ns, from 1)", "(ns)", "max-interleave is not"},
  {"| `flush-on-eos` | false |", "| `flush-on-eos` | true |",
      "flush-on-eos is not"},
  {"| `drop-policy` | buffer |", "| `drop-policy` | gop |",
      "drop-policy is not"},
  {"`upstream`: the new", "upstream: the new", "leaky is not"},
  {"| `silent` |", "| `loud` |", "there is no loud"},
  {"`min-threshold-buffers`, `-bytes`, `-time`",
      "`min-threshold-buffers`, `-bytes`", "nothing is told of min-threshold-time"},
};

GST_START_TEST (test_what_is_wrong_in_a_table_is_found)
{
  gchar *page = read_page ("tieredqueue");
  gchar **parts = g_strsplit (page, errors[__i__].right, 2);
  gchar *changed = g_strjoinv (errors[__i__].wrong, parts), *found;

  fail_unless_equals_int (g_strv_length (parts), 2);
  found = find_wrong ("tieredqueue", changed);
  fail_unless (found != NULL && strstr (found, errors[__i__].found) != NULL,
      "%s", found);
  g_free (found);
  g_free (changed);
  g_strfreev (parts);
  g_free (page);
}

GST_END_TEST;

/* ---- the pads of tieredqueue ---- */

static void
assert_same_setting (GParamSpec * ours, GParamSpec * of_element)
{
  gdouble low, high, element_low, element_high;

  fail_unless (ours->value_type == of_element->value_type);
  fail_unless_equals_int (ours->flags, of_element->flags);
  fail_unless (g_param_values_cmp (ours, g_param_spec_get_default_value (ours),
          g_param_spec_get_default_value (of_element)) == 0);
  range_of (ours, &low, &high);
  range_of (of_element, &element_low, &element_high);
  fail_unless (isnan (low) || (low == element_low && high == element_high));
}

GST_START_TEST (test_a_pad_has_what_the_page_says_as_the_element_has_it)
{
  GstElement *queue = gst_element_factory_make ("tieredqueue", NULL);
  GstPad *pad = gst_element_get_static_pad (queue, "sink");
  GObjectClass *klass = G_OBJECT_GET_CLASS (pad);
  GHashTable *untold = own_properties (klass, G_OBJECT_TYPE (pad));
  gchar *page = read_page ("tieredqueue"), **names, *list;
  const gchar *begin = strstr (page, "Pads have the properties ");

  fail_unless (begin != NULL);
  list = g_strndup (begin, strcspn (begin, ";"));
  names = quoted_names (list);
  for (guint i = 0; names[i] != NULL; i++) {
    GParamSpec *spec = g_object_class_find_property (klass, names[i]);
    GParamSpec *of_element =
        g_object_class_find_property (G_OBJECT_GET_CLASS (queue), names[i]);

    fail_unless (spec != NULL, "no %s", names[i]);
    if (of_element != NULL)
      assert_same_setting (spec, of_element);
    g_hash_table_remove (untold, names[i]);
  }
  fail_unless_equals_int (g_hash_table_size (untold), 0);
  g_strfreev (names);
  g_free (list);
  g_free (page);
  g_hash_table_unref (untold);
  gst_object_unref (pad);
  gst_object_unref (queue);
}

GST_END_TEST;

static Suite *
properties_doc_suite (void)
{
  Suite *suite = suite_create ("properties-doc");
  TCase *tcase = tcase_create ("properties-doc");

  suite_add_tcase (suite, tcase);
  tcase_add_loop_test (tcase, test_the_tables_are_true, 0, 3);
  tcase_add_loop_test (tcase, test_what_is_wrong_in_a_table_is_found, 0,
      G_N_ELEMENTS (errors));
  tcase_add_test (tcase,
      test_a_pad_has_what_the_page_says_as_the_element_has_it);
  return suite;
}

GST_CHECK_MAIN (properties_doc);
