/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Holds docs/metrics.md against the schema, and the schema against the elements.
 * With SAFECAPTURE_WRITE_DOCS in the environment the page's tables are written.
 */
#include <gst/check/gstcheck.h>
#include <gst/safecapture/safecapture.h>

#include <glib/gstdio.h>

#define PAGE DOCS "/metrics.md"
#define BEGIN "<!-- schema: "
#define END "<!-- end -->"

/* ---- the page ---- */

static gchar *
type_of (const GstSafecaptureField * field)
{
  if (g_str_equal (field->type, "gchararray"))
    return g_strdup ("string");
  if (field->kind == GST_SAFECAPTURE_KIND_HISTOGRAM)
    return g_strdup ("array of guint64");
  if (g_str_equal (field->type, "GstValueArray"))
    return g_strdup_printf ("array of `%s`", field->contains);
  if (g_str_equal (field->type, "GstStructure"))
    return g_strdup_printf ("structure `%s`", field->contains);
  return g_strdup (field->type);
}

static void
add_row (GString * table, const GstSafecaptureField * field)
{
  static const gchar *const kinds[] = {
    [GST_SAFECAPTURE_KIND_COUNTER] = "counter",
    [GST_SAFECAPTURE_KIND_GAUGE] = "gauge",
    [GST_SAFECAPTURE_KIND_TEXT] = "text",
    [GST_SAFECAPTURE_KIND_STRUCTURE] = "structure",
    [GST_SAFECAPTURE_KIND_HISTOGRAM] = "histogram",
  };
  gchar *type = type_of (field);

  g_string_append_printf (table, "| `%s` | %s | %s%s | %s | %s |\n",
      field->name, type, kinds[field->kind],
      field->optional ? ", optional" : "", field->unit, field->meaning);
  g_free (type);
}

/* What every message, or every warning, has is said once, in words. */
static gboolean
is_said (const gchar * structure, const gchar * field)
{
  return g_str_equal (field, "schema") || (strchr (structure, '/') != NULL
      && (g_str_equal (field, "code") || g_str_equal (field, "text")));
}

static gchar *
table_of (const gchar * structure)
{
  GString *table = g_string_new ("| Field | Type | Kind | Unit | Meaning |\n"
      "|---|---|---|---|---|\n");
  const GstSafecaptureField *field;

  fail_unless (gst_safecapture_schema_count_fields (structure) > 0,
      "there is no structure %s", structure);
  for (guint i = 0; (field = gst_safecapture_schema_get_field (structure, i))
      != NULL; i++)
    if (!is_said (structure, field->name))
      add_row (table, field);
  return g_string_free (table, FALSE);
}

/* The table that all of @names have, which are separated by spaces. */
static gchar *
table_of_all (const gchar * names, GHashTable * told)
{
  gchar **each = g_strsplit (names, " ", -1);
  gchar *table = table_of (each[0]);

  for (guint i = 0; each[i] != NULL; i++) {
    gchar *other = table_of (each[i]);

    fail_unless_equals_string (table, other);
    g_hash_table_add (told, g_strdup (each[i]));
    g_free (other);
  }
  g_strfreev (each);
  return table;
}

/* @page with the tables that the schema says; @told gets their names. */
static gchar *
with_tables (const gchar * page, GHashTable * told)
{
  GString *out = g_string_new (NULL);
  const gchar *begin, *end;

  while ((begin = strstr (page, BEGIN)) != NULL) {
    const gchar *names = begin + strlen (BEGIN);
    const gchar *after = strstr (names, " -->\n");
    gchar *list, *table;

    fail_unless (after != NULL);
    end = strstr (after, END);
    fail_unless (end != NULL, "no end of %.40s", begin);
    list = g_strndup (names, (gsize) (after - names));
    table = table_of_all (list, told);
    g_string_append_len (out, page, after + strlen (" -->\n") - page);
    g_string_append (out, table);
    g_free (table);
    g_free (list);
    page = end;
  }
  g_string_append (out, page);
  return g_string_free (out, FALSE);
}

static GHashTable *
new_set (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

static gchar *
read_page (void)
{
  gchar *page;

  fail_unless (g_file_get_contents (PAGE, &page, NULL, NULL));
  return page;
}

GST_START_TEST (test_the_pages_tables_are_those_of_the_schema)
{
  gchar *page = read_page ();
  GHashTable *told = new_set ();
  gchar *expected = with_tables (page, told);
  const gchar *const *names = gst_safecapture_schema_list_structures ();

  if (g_getenv ("SAFECAPTURE_WRITE_DOCS") != NULL)
    fail_unless (g_file_set_contents (PAGE, expected, -1, NULL));
  else
    fail_unless_equals_string (page, expected);
  for (guint i = 0; names[i] != NULL; i++)
    fail_unless (g_hash_table_contains (told, names[i]),
        "docs/metrics.md has no table of %s", names[i]);
  g_hash_table_unref (told);
  g_free (expected);
  g_free (page);
}

GST_END_TEST;

GST_START_TEST (test_a_page_that_says_anything_else_is_seen)
{
  static const gchar *const changes[][2] = {
    {"| `buffers-in` | guint64 ", "| `buffers-in` | gint64 "},
    {"| `durable-offset` |", "| `durable-ofset` |"},
    {"| counter | ns |", "| gauge | ns |"},
  };
  gchar *page = read_page ();

  for (guint i = 0; i < G_N_ELEMENTS (changes); i++) {
    GHashTable *told = new_set ();
    gchar **parts = g_strsplit (page, changes[i][0], 2);
    gchar *changed = g_strjoinv (changes[i][1], parts);
    gchar *expected = with_tables (changed, told);

    fail_unless (g_strv_length (parts) == 2, "\"%s\" is not there",
        changes[i][0]);
    fail_if (g_str_equal (changed, expected));
    g_free (expected);
    g_free (changed);
    g_strfreev (parts);
    g_hash_table_unref (told);
  }
  g_free (page);
}

GST_END_TEST;

/* ---- the elements ---- */

static void
check_structure (const GstStructure * structure)
{
  gchar *problem = gst_safecapture_schema_check (structure);

  fail_unless (problem == NULL, "%s", problem);
}

static GstStructure *
stats_of (gpointer object)
{
  GstStructure *stats;

  g_object_get (object, "stats", &stats, NULL);
  return stats;
}

GST_START_TEST (test_the_statistics_are_as_the_schema_says)
{
  static const gchar *const elements[] = {
    "bufpoolsrc", "tieredqueue", "safefilesink"
  };

  for (guint i = 0; i < G_N_ELEMENTS (elements); i++) {
    GstElement *element = gst_element_factory_make (elements[i], NULL);
    GstStructure *stats = stats_of (element);

    check_structure (stats);
    gst_structure_free (stats);
    gst_object_unref (element);
  }
}

GST_END_TEST;

GST_START_TEST (test_so_are_those_of_a_pad_and_of_an_allocator)
{
  GstElement *queue = gst_element_factory_make ("tieredqueue", NULL);
  GstPad *pad = gst_element_get_static_pad (queue, "sink");
  GstTieredAllocator *allocator = gst_tiered_allocator_new ();
  GstStructure *stats = stats_of (pad);

  check_structure (stats);
  gst_structure_free (stats);
  stats = gst_tiered_allocator_get_stats (allocator);
  check_structure (stats);
  gst_structure_free (stats);
  gst_object_unref (allocator);
  gst_object_unref (pad);
  gst_object_unref (queue);
}

GST_END_TEST;

static void
check_all_are_there (const GstStructure * structure, const gchar * name)
{
  const GstSafecaptureField *field;

  for (guint i = 0; (field = gst_safecapture_schema_get_field (name, i))
      != NULL; i++)
    fail_unless (gst_structure_has_field (structure, field->name),
        "%s has no field %s", name, field->name);
}

static const GstStructure *
first_of (const GstStructure * stats, const gchar * array)
{
  return gst_value_get_structure (gst_value_array_get_value
      (gst_structure_get_value (stats, array), 0));
}

/* Runs until its figures are complete, which takes a snapshot.  The trends are the
 * last to be read: what they are of may have happened since the others were.  So
 * the statistics are complete when those before had trends already; and on a busy
 * machine a millisecond may pass without a request, of which there is no mean. */
static GstStructure *
stats_of_a_running_source (void)
{
  GstElement *pipeline = gst_parse_launch ("bufpoolsrc name=source "
      "metrics-interval=1000000 ! fakesink", NULL);
  GstElement *source = gst_bin_get_by_name (GST_BIN (pipeline), "source");
  GstBus *bus = gst_element_get_bus (pipeline);
  GstStructure *stats = NULL;
  guint complete = 0;

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  do {
    GstMessage *message = gst_bus_timed_pop_filtered (bus, 20 * GST_SECOND,
        GST_MESSAGE_ELEMENT);

    fail_unless (message != NULL);
    gst_message_unref (message);
    g_clear_pointer (&stats, gst_structure_free);
    stats = stats_of (source);
    complete = gst_structure_has_field (stats, "trend-acquire-latency-mean")
        ? complete + 1 : 0;
  } while (complete < 2
      || !gst_structure_has_field (stats, "acquire-latency-mean"));
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (bus);
  gst_object_unref (source);
  gst_object_unref (pipeline);
  return stats;
}

GST_START_TEST (test_a_running_source_has_what_may_be_missing_too)
{
  GstStructure *stats = stats_of_a_running_source ();

  check_structure (stats);
  check_all_are_there (stats, "bufpoolsrc-metrics");
  check_all_are_there (first_of (stats, "tiers"), "tier");
  gst_structure_free (stats);
}

GST_END_TEST;

/* Records to a backup, and holds the messages that come against the schema. */
static guint
check_messages_of_a_switch (const gchar * folder)
{
  gchar *description = g_strdup_printf ("audiotestsrc num-buffers=2 ! wavenc ! "
      "safefilesink location=%s/none/take backup-locations=\"<%s>\"", folder,
      folder);
  GstElement *pipeline = gst_parse_launch (description, NULL);
  GstBus *bus = gst_element_get_bus (pipeline);
  gboolean ended = FALSE;
  guint checked = 0;

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  while (!ended) {
    GstMessage *message = gst_bus_timed_pop_filtered (bus, 20 * GST_SECOND,
        GST_MESSAGE_ELEMENT | GST_MESSAGE_EOS);
    const GstStructure *s;

    fail_unless (message != NULL);
    ended = GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS;
    s = gst_message_get_structure (message);
    if (!ended)
      check_structure (s);
    if (!ended && (gst_structure_has_name (s, "safefilesink-switched")
            || gst_structure_has_name (s, "safefilesink-published")))
      checked++;
    gst_message_unref (message);
  }
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (bus);
  gst_object_unref (pipeline);
  g_free (description);
  return checked;
}

GST_START_TEST (test_the_messages_of_a_switch_are_as_the_schema_says)
{
  gchar *folder = g_dir_make_tmp ("metrics-doc-XXXXXX", NULL);
  gchar *take = g_build_filename (folder, "take", NULL);

  fail_unless_equals_int (check_messages_of_a_switch (folder), 2);
  fail_unless_equals_int (g_remove (take), 0);
  fail_unless_equals_int (g_rmdir (folder), 0);
  g_free (take);
  g_free (folder);
}

GST_END_TEST;

static void
check_problem (GstStructure * structure, const gchar * expected)
{
  gchar *problem = gst_safecapture_schema_check (structure);

  fail_unless_equals_string (problem, expected);
  g_free (problem);
  gst_structure_free (structure);
}

static GstStructure *
dup_with (const GstStructure * structure, const gchar * field, GType type)
{
  GstStructure *copy = gst_structure_copy (structure);
  GValue value = G_VALUE_INIT;

  g_value_init (&value, type);
  gst_structure_take_value (copy, field, &value);
  return copy;
}

GST_START_TEST (test_what_is_not_as_the_schema_says_is_named)
{
  GstElement *queue = gst_element_factory_make ("tieredqueue", NULL);
  GstStructure *stats = stats_of (queue), *copy;

  check_problem (gst_structure_new_empty ("another"),
      "unknown structure another");
  check_problem (gst_structure_new_empty ("tieredqueue-warning"),
      "unknown structure tieredqueue-warning/");
  check_problem (dup_with (stats, "other", G_TYPE_UINT64),
      "tieredqueue-metrics: unknown field other");
  check_problem (dup_with (stats, "bytes-in", G_TYPE_UINT),
      "tieredqueue-metrics: bytes-in is a guint, not a guint64");
  copy = gst_structure_copy (stats);
  gst_structure_remove_field (copy, "bytes-in");
  check_problem (copy, "tieredqueue-metrics: no field bytes-in");
  gst_structure_free (stats);
  gst_object_unref (queue);
}

GST_END_TEST;

GST_START_TEST (test_so_is_what_is_wrong_in_a_structure_inside)
{
  GstElement *queue = gst_element_factory_make ("tieredqueue", NULL);
  GstStructure *stats = stats_of (queue);
  GstStructure *channel = dup_with (first_of (stats, "channels"), "bytes-in",
      G_TYPE_STRING);
  GValue channels = G_VALUE_INIT, value = G_VALUE_INIT;

  g_value_init (&channels, GST_TYPE_ARRAY);
  g_value_init (&value, GST_TYPE_STRUCTURE);
  g_value_take_boxed (&value, channel);
  gst_value_array_append_and_take_value (&channels, &value);
  gst_structure_take_value (stats, "channels", &channels);
  check_problem (stats, "channel: bytes-in is a gchararray, not a guint64");
  gst_object_unref (queue);
}

GST_END_TEST;

static GstStructure *
queue_with_buckets (guint entries, guint64 last)
{
  GstElement *queue = gst_element_factory_make ("tieredqueue", NULL);
  GstStructure *stats = stats_of (queue);
  GValue buckets = G_VALUE_INIT, value = G_VALUE_INIT;

  g_value_init (&buckets, GST_TYPE_ARRAY);
  g_value_init (&value, G_TYPE_UINT64);
  for (guint i = 0; i < entries; i++) {
    g_value_set_uint64 (&value, i + 1 < entries ? 2 : last);
    gst_value_array_append_value (&buckets, &value);
  }
  gst_structure_take_value (stats, "latency-buckets", &buckets);
  gst_object_unref (queue);
  return stats;
}

GST_START_TEST (test_buckets_are_one_for_each_bound_and_never_fall)
{
  GstStructure *stats;
  guint count;
  const guint64 *bounds = gst_safecapture_schema_get_bucket_bounds (&count);

  fail_unless_equals_int (count, 28);
  fail_unless_equals_uint64 (bounds[0], 1024);
  fail_unless_equals_uint64 (bounds[count - 1], G_MAXUINT64);
  stats = queue_with_buckets (count, 3);
  check_structure (stats);
  gst_structure_free (stats);
  check_problem (queue_with_buckets (count - 1, 3),
      "latency-buckets has not one entry for each bound");
  check_problem (queue_with_buckets (count, 1), "latency-buckets falls");
}

GST_END_TEST;

GST_START_TEST (test_no_structure_has_two_fields_of_one_name)
{
  const gchar *const *names = gst_safecapture_schema_list_structures ();
  const GstSafecaptureField *field;

  for (guint n = 0; names[n] != NULL; n++)
    for (guint i = 0; (field = gst_safecapture_schema_get_field (names[n], i))
        != NULL; i++) {
      fail_unless (gst_safecapture_schema_find_field (names[n], field->name)
          == field, "%s has %s twice", names[n], field->name);
      fail_unless (g_type_from_name (field->type) != 0);
      fail_unless (field->contains == NULL
          || g_str_equal (field->contains, "stats")
          || gst_safecapture_schema_count_fields (field->contains) > 0);
      fail_unless ((field->kind == GST_SAFECAPTURE_KIND_STRUCTURE)
          == (field->contains != NULL));
      if (field->kind == GST_SAFECAPTURE_KIND_COUNTER)
        fail_unless_equals_string (field->type, "guint64");
    }
}

GST_END_TEST;

static Suite *
metrics_doc_suite (void)
{
  Suite *suite = suite_create ("metrics-doc");
  TCase *tcase = tcase_create ("metrics-doc");

  suite_add_tcase (suite, tcase);
  tcase_add_test (tcase, test_the_pages_tables_are_those_of_the_schema);
  tcase_add_test (tcase, test_a_page_that_says_anything_else_is_seen);
  tcase_add_test (tcase, test_the_statistics_are_as_the_schema_says);
  tcase_add_test (tcase, test_so_are_those_of_a_pad_and_of_an_allocator);
  tcase_add_test (tcase, test_a_running_source_has_what_may_be_missing_too);
  tcase_add_test (tcase, test_the_messages_of_a_switch_are_as_the_schema_says);
  tcase_add_test (tcase, test_what_is_not_as_the_schema_says_is_named);
  tcase_add_test (tcase, test_so_is_what_is_wrong_in_a_structure_inside);
  tcase_add_test (tcase, test_buckets_are_one_for_each_bound_and_never_fall);
  tcase_add_test (tcase, test_no_structure_has_two_fields_of_one_name);
  return suite;
}

GST_CHECK_MAIN (metrics_doc);
