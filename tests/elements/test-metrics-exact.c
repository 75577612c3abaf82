/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What compares metrics with what was done sees each wrong figure, each field that
 * nobody asserts, and each assertion that would hold for anything. */
#include "metrics-exact.h"

static GstStructure *
new_dropped (void)
{
  return gst_structure_new ("tieredqueue-dropped", "schema", G_TYPE_UINT,
      GST_SAFECAPTURE_SCHEMA_VERSION, "channel", G_TYPE_STRING, "left",
      "reason", G_TYPE_STRING, "full", "count", G_TYPE_UINT64,
      (guint64) 3, "bytes", G_TYPE_UINT64, (guint64) 300,
      "first-running-time", G_TYPE_INT64, (gint64) - 5,
      "last-running-time", G_TYPE_INT64, (gint64) 7, NULL);
}

static void
compare_most (Exact * e, gconstpointer known)
{
  exact_text (e, "channel", "left");
  exact_text (e, "reason", "full");
  exact_between (e, "count", 2, 4);
  exact_count (e, "bytes", 300);
  exact_signed (e, "first-running-time", -5);
}

static void
compare_all (Exact * e, gconstpointer known)
{
  compare_most (e, known);
  exact_signed (e, "last-running-time", 7);
}

/* Holds for any number of bytes. */
static void
compare_loosely (Exact * e, gconstpointer known)
{
  exact_text (e, "channel", "left");
  exact_text (e, "reason", "full");
  exact_count (e, "count", 3);
  exact_count (e, "bytes", exact_peek (e, "bytes"));
  exact_signed (e, "first-running-time", -5);
  exact_signed (e, "last-running-time", 7);
}

static void
check_says (const GstStructure * structure, ExactCompare compare,
    const gchar * expected)
{
  gchar *problem = exact_problem (structure, "tieredqueue-dropped", compare,
      NULL);

  fail_unless (problem != NULL && strstr (problem, expected) != NULL,
      "%s instead of %s", problem, expected);
  g_free (problem);
}

GST_START_TEST (test_right_figures_are_right)
{
  GstStructure *dropped = new_dropped ();

  exact_check (dropped, "tieredqueue-dropped", compare_all, NULL);
  gst_structure_free (dropped);
}

GST_END_TEST;

GST_START_TEST (test_a_wrong_figure_is_seen)
{
  GstStructure *dropped = new_dropped ();

  gst_structure_set (dropped, "bytes", G_TYPE_UINT64, (guint64) 301, NULL);
  check_says (dropped, compare_all, "field bytes is 301, not 300");
  gst_structure_set (dropped, "bytes", G_TYPE_UINT64, (guint64) 300,
      "count", G_TYPE_UINT64, (guint64) 5, NULL);
  check_says (dropped, compare_all, "field count is 5, not 2 to 4");
  gst_structure_set (dropped, "count", G_TYPE_STRING, "4", NULL);
  check_says (dropped, compare_all, "field count is no guint64");
  gst_structure_set (dropped, "count", G_TYPE_UINT64, (guint64) 4,
      "channel", G_TYPE_STRING, "right", NULL);
  check_says (dropped, compare_all, "field channel is \"right\"");
  gst_structure_remove_field (dropped, "channel");
  check_says (dropped, compare_all, "field channel is no gchararray");
  gst_structure_free (dropped);
}

GST_END_TEST;

GST_START_TEST (test_a_field_that_nobody_asserts_is_seen)
{
  GstStructure *dropped = new_dropped ();

  check_says (dropped, compare_most,
      "field last-running-time is not asserted");
  gst_structure_free (dropped);
}

GST_END_TEST;

GST_START_TEST (test_an_assertion_that_holds_for_anything_is_seen)
{
  GstStructure *dropped = new_dropped ();

  check_says (dropped, compare_loosely,
      "field bytes could be wrong and nobody would see");
  gst_structure_free (dropped);
}

GST_END_TEST;

static Suite *
metrics_exact_suite (void)
{
  Suite *s = suite_create ("metrics-exact");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_right_figures_are_right);
  tcase_add_test (tc, test_a_wrong_figure_is_seen);
  tcase_add_test (tc, test_a_field_that_nobody_asserts_is_seen);
  tcase_add_test (tc, test_an_assertion_that_holds_for_anything_is_seen);
  return s;
}

GST_CHECK_MAIN (metrics_exact);
