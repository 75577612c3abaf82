/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Holds the table of states in docs/safefilesink.md against the code's. */
#include <gst/check/gstcheck.h>

#include "sc-recorder-state.h"

#include <string.h>

/* The names that follow, each once and in quotes, in the order of the states. */
static gchar *
next_states (ScRecorderState state)
{
  GString *next = g_string_new (NULL);
  gboolean follows[SC_RECORDER_STATES] = { FALSE };

  for (guint event = 0; event < SC_RECORDER_EVENTS; event++) {
    ScRecorderState to = sc_recorder_state_next (state, event);

    if (event != SC_RECORDER_FAILED && event != SC_RECORDER_CLOSED
        && to != SC_RECORDER_REFUSED && to != state)
      follows[to] = TRUE;
  }
  for (guint to = 0; to < SC_RECORDER_STATES; to++)
    if (follows[to])
      g_string_append_printf (next, "`%s`", sc_recorder_state_name (to));
  return g_string_free (next, FALSE);
}

/* The same, of the state's row. */
static gchar *
documented (const gchar * page, ScRecorderState state)
{
  const gchar *table = strstr (page, "\n| State |"), *row;
  gchar *begin = g_strdup_printf ("\n| `%s` |", sc_recorder_state_name (state));
  GString *next = g_string_new (NULL);
  gchar **columns, *line;

  fail_unless (table != NULL);
  row = strstr (table, begin);
  fail_unless (row != NULL, "%s", begin);
  line = g_strndup (row + 1, strcspn (row + 1, "\n"));
  columns = g_strsplit (line, "|", -1);
  fail_unless_equals_int (g_strv_length (columns), 5);
  for (guint to = 0; to < SC_RECORDER_STATES; to++) {
    gchar *name = g_strdup_printf ("`%s`", sc_recorder_state_name (to));

    if (strstr (columns[3], name) != NULL)
      g_string_append (next, name);
    g_free (name);
  }
  g_strfreev (columns);
  g_free (line);
  g_free (begin);
  return g_string_free (next, FALSE);
}

GST_START_TEST (test_each_state_goes_where_the_page_says)
{
  gchar *page;

  fail_unless (g_file_get_contents (DOCS "/safefilesink.md", &page, NULL,
          NULL));
  for (guint state = 0; state < SC_RECORDER_STATES; state++) {
    gchar *expected = next_states (state), *said = documented (page, state);

    fail_unless_equals_string (said, expected);
    g_free (said);
    g_free (expected);
  }
  g_free (page);
}
GST_END_TEST;

static Suite *
states_doc_suite (void)
{
  Suite *suite = suite_create ("states-doc");
  TCase *tcase = tcase_create ("all");

  suite_add_tcase (suite, tcase);
  tcase_add_test (tcase, test_each_state_goes_where_the_page_says);
  return suite;
}

GST_CHECK_MAIN (states_doc);
