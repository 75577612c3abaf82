/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Holds docs/metrics.md against the elements: the first table of an element's
 * section lists exactly the fields of its statistics, and those of structures
 * inside them have tables of their own.  So have the messages of safefilesink.
 */
#include <gst/check/gstcheck.h>

#include <glib/gstdio.h>

/* The text from the heading "## @element" to the next heading. */
static gchar *
section_of (const gchar * document, const gchar * element)
{
  gchar *heading = g_strdup_printf ("\n## %s\n", element);
  const gchar *begin = strstr (document, heading);
  const gchar *end;

  fail_unless (begin != NULL, "no section for %s", element);
  begin += strlen (heading);
  end = strstr (begin, "\n## ");
  g_free (heading);
  return end != NULL ? g_strndup (begin, (gsize) (end - begin))
      : g_strdup (begin);
}

/* Adds every `name` of the first column of @row. */
static void
add_names (GHashTable * names, const gchar * row)
{
  gchar **columns = g_strsplit (row, "|", 3);
  gchar **parts = g_strsplit (columns[1], "`", -1);

  for (guint i = 1; parts[i] != NULL && parts[i + 1] != NULL; i += 2)
    g_hash_table_add (names, g_strdup (parts[i]));
  g_strfreev (parts);
  g_strfreev (columns);
}

static GHashTable *
documented_fields (const gchar * section)
{
  GHashTable *names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
      NULL);
  gchar **lines = g_strsplit (section, "\n", -1);
  gboolean in_table = FALSE;

  for (guint i = 0; lines[i] != NULL; i++) {
    if (g_str_has_prefix (lines[i], "|")) {
      in_table = TRUE;
      add_names (names, lines[i]);
    } else if (in_table) {
      break;
    }
  }
  g_strfreev (lines);
  return names;
}

static gboolean
check_field (GQuark field, const GValue * value, gpointer user_data)
{
  GHashTable *names = user_data;

  fail_unless (g_hash_table_remove (names, g_quark_to_string (field)),
      "docs/metrics.md does not tell of %s", g_quark_to_string (field));
  return TRUE;
}

static void
check_structure (const GstStructure * structure, const gchar * section)
{
  GHashTable *names = documented_fields (section);
  GHashTableIter left;
  gpointer name;

  gst_structure_foreach (structure, check_field, names);
  g_hash_table_iter_init (&left, names);
  if (g_hash_table_iter_next (&left, &name, NULL))
    fail ("%s has no field %s", gst_structure_get_name (structure),
        (const gchar *) name);
  g_hash_table_unref (names);
}

static gchar *
read_page (void)
{
  gchar *document;

  fail_unless (g_file_get_contents (DOCS "/metrics.md", &document, NULL, NULL));
  return document;
}

GST_START_TEST (test_the_page_lists_exactly_the_fields_that_there_are)
{
  static const gchar *const elements[] = { "tieredqueue", "safefilesink" };
  gchar *document = read_page ();

  for (guint i = 0; i < G_N_ELEMENTS (elements); i++) {
    GstElement *element = gst_element_factory_make (elements[i], NULL);
    gchar *section = section_of (document, elements[i]);
    GstStructure *stats;

    g_object_get (element, "stats", &stats, NULL);
    check_structure (stats, section);
    gst_structure_free (stats);
    g_free (section);
    gst_object_unref (element);
  }
  g_free (document);
}

GST_END_TEST;

static void
check_first_of (const GstStructure * stats, const gchar * array,
    const gchar * section, const gchar * heading)
{
  const gchar *table = strstr (section, heading);

  fail_unless (table != NULL, "no \"%s\"", heading);
  check_structure (gst_value_get_structure (gst_value_array_get_value
          (gst_structure_get_value (stats, array), 0)), table);
}

/* Runs until its figures are complete, which takes a snapshot.  The trends are the
 * last to be read: what they are of may have happened since the others were.  So
 * the statistics are complete when those before had trends already. */
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
    g_object_get (source, "stats", &stats, NULL);
    complete = gst_structure_has_field (stats, "trend-acquire-latency-mean")
        ? complete + 1 : 0;
  } while (complete < 2);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (bus);
  gst_object_unref (source);
  gst_object_unref (pipeline);
  return stats;
}

GST_START_TEST (test_the_page_lists_the_fields_of_structures_in_structures_too)
{
  GstStructure *stats = stats_of_a_running_source ();
  gchar *document = read_page ();
  gchar *section = section_of (document, "bufpoolsrc");

  check_structure (stats, section);
  check_first_of (stats, "tiers", section, "Each `tier`");
  check_first_of (stats, "classes", section, "Each `class`");
  gst_structure_free (stats);
  g_free (section);
  g_free (document);
}

GST_END_TEST;

GST_START_TEST (test_the_page_lists_the_fields_of_a_channel)
{
  GstElement *element = gst_element_factory_make ("tieredqueue", NULL);
  gchar *document = read_page ();
  gchar *section = section_of (document, "tieredqueue");
  GstStructure *stats;

  g_object_get (element, "stats", &stats, NULL);
  check_first_of (stats, "channels", section, "Each `channel`");
  gst_structure_free (stats);
  g_free (section);
  g_free (document);
  gst_object_unref (element);
}

GST_END_TEST;

/* Records to a backup, and holds the messages it knows against their tables. */
static guint
check_messages_of_a_switch (const gchar * folder, const gchar * section)
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
    gchar *heading;

    fail_unless (message != NULL);
    ended = GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS;
    s = gst_message_get_structure (message);
    if (!ended && (gst_structure_has_name (s, "safefilesink-switched")
            || gst_structure_has_name (s, "safefilesink-published"))) {
      heading = g_strdup_printf ("\n`%s`, ", gst_structure_get_name (s));
      fail_unless (strstr (section, heading) != NULL);
      check_structure (s, strstr (section, heading));
      g_free (heading);
      checked++;
    }
    gst_message_unref (message);
  }
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (bus);
  gst_object_unref (pipeline);
  g_free (description);
  return checked;
}

GST_START_TEST (test_the_page_lists_the_fields_of_the_messages_of_a_switch)
{
  gchar *folder = g_dir_make_tmp ("metrics-doc-XXXXXX", NULL);
  gchar *take = g_build_filename (folder, "take", NULL);
  gchar *document = read_page ();
  gchar *section = section_of (document, "safefilesink");

  fail_unless_equals_int (check_messages_of_a_switch (folder, section), 2);
  fail_unless_equals_int (g_remove (take), 0);
  fail_unless_equals_int (g_rmdir (folder), 0);
  g_free (section);
  g_free (document);
  g_free (take);
  g_free (folder);
}

GST_END_TEST;

static Suite *
metrics_doc_suite (void)
{
  Suite *suite = suite_create ("metrics-doc");
  TCase *tcase = tcase_create ("metrics-doc");

  suite_add_tcase (suite, tcase);
  tcase_add_test (tcase,
      test_the_page_lists_exactly_the_fields_that_there_are);
  tcase_add_test (tcase,
      test_the_page_lists_the_fields_of_structures_in_structures_too);
  tcase_add_test (tcase, test_the_page_lists_the_fields_of_a_channel);
  tcase_add_test (tcase,
      test_the_page_lists_the_fields_of_the_messages_of_a_switch);
  return suite;
}

GST_CHECK_MAIN (metrics_doc);
