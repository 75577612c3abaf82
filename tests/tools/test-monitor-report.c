/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a report gathers, in bounded memory, and the page it is written to. */
#include <gst/check/gstcheck.h>
#include <gst/safecapture/safecapture.h>

#include "monitor-interval.h"
#include "monitor-report.h"
#include "monitor-table.h"
#include "monitor-timeline.h"
#include "sc-histogram.h"
#include "tool.h"

#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- the table ---- */

#define ROWS 100

GST_START_TEST (test_the_least_and_the_greatest_stay_however_long_it_takes)
{
  MonitorTable *table = monitor_table_new (ROWS, 2);
  const MonitorCell *cells;
  gfloat least = 0, greatest = 0;
  gdouble sum = 0, count = 0;

  for (guint i = 0; i < 100000; i++) {
    monitor_table_begin (table, i);
    monitor_table_put (table, "level", i == 33333 ? 1000 : i == 77777 ? -5
        : (gint) i % 10);
    fail_unless (monitor_table_rows (table) <= ROWS);
  }
  fail_unless (monitor_table_rows (table) > ROWS / 2 - 1);
  cells = monitor_table_cells (table, "level");
  for (guint i = 0; i < monitor_table_rows (table); i++) {
    least = MIN (least, cells[i].min);
    greatest = MAX (greatest, cells[i].max);
    sum += (gdouble) cells[i].mean * cells[i].count;
    count += cells[i].count;
    fail_unless (i == 0 || monitor_table_time (table, i)
        > monitor_table_time (table, i - 1));
  }
  fail_unless (least == -5 && greatest == 1000);
  fail_unless (count == 100000);
  /* The mean of 0 to 9, and the two outliers. */
  fail_unless (fabs (sum / count - 4.51) < 0.01, "%f", sum / count);
  /* The spike is where it was. */
  for (guint i = 0; i < monitor_table_rows (table); i++)
    if (cells[i].max == 1000)
      fail_unless (fabs (monitor_table_time (table, i) - 33333) < 2048);
  monitor_table_free (table);
}

GST_END_TEST;

GST_START_TEST (test_columns_come_when_they_come_and_are_bounded)
{
  MonitorTable *table = monitor_table_new (ROWS, 2);

  monitor_table_put (table, "too early", 1);
  for (guint i = 0; i < 3 * ROWS; i++) {
    monitor_table_begin (table, i);
    monitor_table_put (table, "first", 1);
    monitor_table_put (table, "first", NAN);
    monitor_table_put (table, "first", INFINITY);
    if (i >= ROWS)
      monitor_table_put (table, "later", 2);
  }
  fail_if (monitor_table_is_full (table));
  monitor_table_put (table, "one too many", 3);
  fail_unless (monitor_table_is_full (table));
  fail_unless (monitor_table_cells (table, "too early") == NULL);
  fail_unless (monitor_table_cells (table, "one too many") == NULL);
  fail_unless_equals_int (monitor_table_cells (table, "later")[0].count, 0);
  fail_unless (monitor_table_cells (table, "first")[0].max == 1);
  monitor_table_free (table);
}

GST_END_TEST;

/* ---- intervals ---- */

static GstStructure *
histogram_stats (const ScHistogramSnapshot * snapshot)
{
  guint64 steps[SC_HISTOGRAM_STEPS];
  GstStructure *stats = gst_structure_new ("stats", "latency-max",
      G_TYPE_UINT64, snapshot->max, NULL);
  GValue array = G_VALUE_INIT;

  sc_histogram_steps (snapshot, steps);
  g_value_init (&array, GST_TYPE_ARRAY);
  for (guint i = 0; i < SC_HISTOGRAM_STEPS; i++) {
    GValue value = G_VALUE_INIT;

    g_value_init (&value, G_TYPE_UINT64);
    g_value_set_uint64 (&value, steps[i]);
    gst_value_array_append_and_take_value (&array, &value);
  }
  gst_structure_take_value (stats, "latency-buckets", &array);
  return stats;
}

static int
compare (const void *a, const void *b)
{
  gdouble x = *(const gdouble *) a, y = *(const gdouble *) b;

  return (x > y) - (x < y);
}

static void
expect_near (gdouble told, gdouble exact)
{
  fail_unless (told >= exact / 2.001 && told <= exact * 2.001, "%g for %g",
      told, exact);
}

GST_START_TEST (test_latencies_of_an_interval_are_right_to_a_factor_of_two)
{
  const gchar *given = g_getenv ("SC_TEST_SEED");
  guint32 seed = given != NULL ? (guint32) g_ascii_strtoull (given, NULL, 0)
      : g_random_int ();
  GRand *random = g_rand_new_with_seed (seed);
  MonitorInterval *interval = monitor_interval_new ();
  ScHistogram *histogram = g_new0 (ScHistogram, 1);
  ScHistogramSnapshot *snapshot = g_new0 (ScHistogramSnapshot, 1);
  gdouble exact[1000];
  guint64 longest = 0;

  g_print ("monitor-report: SC_TEST_SEED=%u\n", seed);
  for (guint round = 0; round < 50; round++) {
    gdouble scale = pow (10, g_rand_double_range (random, 4, 9));
    MonitorLatency latency;
    GstStructure *stats;

    for (guint i = 0; i < 1000; i++) {
      guint64 value = (guint64) (scale * g_rand_double_range (random, 0.1,
              10.0));

      sc_histogram_record (histogram, value);
      exact[i] = (gdouble) value / 1e9;
    }
    qsort (exact, 1000, sizeof (exact[0]), compare);
    sc_histogram_read (histogram, snapshot);
    stats = histogram_stats (snapshot);
    fail_unless (monitor_interval_latency (interval, "q", stats, "latency",
            &latency));
    expect_near (latency.median, exact[499]);
    expect_near (latency.p99, exact[989]);
    expect_near (latency.longest, exact[999]);
    if (snapshot->max > longest)
      fail_unless (latency.longest == (gdouble) snapshot->max / 1e9);
    longest = snapshot->max;
    fail_if (monitor_interval_latency (interval, "q", stats, "latency",
            &latency), "nothing came in between");
    gst_structure_free (stats);
  }
  g_free (snapshot);
  g_free (histogram);
  monitor_interval_free (interval);
  g_rand_free (random);
}

GST_END_TEST;

GST_START_TEST (test_rates_are_of_the_interval_also_after_a_new_beginning)
{
  MonitorInterval *interval = monitor_interval_new ();

  fail_unless (isnan (monitor_interval_rate (interval, "a", 1.0, 500)));
  fail_unless (monitor_interval_rate (interval, "a", 3.0, 700) == 100.0);
  fail_unless (isnan (monitor_interval_rate (interval, "b", 3.0, 700)));
  fail_unless (monitor_interval_rate (interval, "a", 4.0, 50) == 50.0);
  fail_unless (isnan (monitor_interval_rate (interval, "a", 4.0, 60)));
  monitor_interval_free (interval);
}

GST_END_TEST;

/* ---- states ---- */

static const MonitorSpan *
span_of (const MonitorTimeline * timeline, guint row, guint index)
{
  return &g_array_index (monitor_timeline_get (timeline, row)->spans,
      MonitorSpan, index);
}

GST_START_TEST (test_states_are_spans_and_too_many_become_longer_ones)
{
  MonitorTimeline *timeline = monitor_timeline_new (2, 10);
  const MonitorTimelineRow *row;

  monitor_timeline_set (timeline, "rec", 0, "ready");
  monitor_timeline_set (timeline, "rec", 1, "ready");
  monitor_timeline_set (timeline, "rec", 2, "writing");
  monitor_timeline_set (timeline, "rec", 5, NULL);
  monitor_timeline_set (timeline, "rec", 7, "writing");
  for (guint i = 0; i < 1000; i++)
    monitor_timeline_set (timeline, "q", 100 + i, i % 2 ? NULL : "full");
  monitor_timeline_set (timeline, "a third", 0, "state");
  monitor_timeline_end (timeline, 9999);

  fail_unless_equals_int (monitor_timeline_count (timeline), 2);
  row = monitor_timeline_get (timeline, 0);
  fail_unless_equals_int (row->spans->len, 3);
  fail_unless (span_of (timeline, 0, 0)->to == 2);
  fail_unless (span_of (timeline, 0, 1)->to == 5);
  fail_unless (span_of (timeline, 0, 2)->to == 9999);
  fail_unless_equals_string (span_of (timeline, 0, 1)->state, "writing");
  row = monitor_timeline_get (timeline, 1);
  fail_unless_equals_int (row->spans->len, 10);
  fail_unless (span_of (timeline, 1, 0)->from == 100);
  fail_unless (span_of (timeline, 1, 9)->to == 1099);
  for (guint i = 1; i < 10; i++)
    fail_unless (span_of (timeline, 1, i)->from
        >= span_of (timeline, 1, i - 1)->to);
  monitor_timeline_free (timeline);
}

GST_END_TEST;

/* ---- the page ---- */

static gchar *words[] = { "fakesrc", "!", "</script><b>", "!", "fakesink",
  NULL
};

static gchar *
page_of (MonitorReport * report, gint64 seconds)
{
  static const gchar *const reasons[] = { "a <!-- reason", NULL };
  MonitorFacts *facts = monitor_facts_new ();
  gchar *html = monitor_report_html (report, &(MonitorReportEnd) {
        facts, SC_EXIT_REPAIRED, reasons, 0, seconds * G_USEC_PER_SEC});

  monitor_facts_free (facts);
  return html;
}

/* What stands in the page's script of data. */
static JsonNode *
data_of (const gchar * html)
{
  const gchar *begin = strstr (html, "id=\"data\">") + strlen ("id=\"data\">");
  gchar *json = g_strndup (begin, (gsize) (strstr (begin, "</script") - begin));
  GError *error = NULL;
  JsonNode *node = json_from_string (json, &error);

  fail_unless (node != NULL, "%s", error != NULL ? error->message : "empty");
  fail_unless (strpbrk (json, "<>&") == NULL);
  g_free (json);
  return node;
}

GST_START_TEST (test_what_is_in_the_page_cannot_end_its_script)
{
  MonitorReport *report = monitor_report_new (words, 0, 0);
  MonitorEvent event = {
    .level = MONITOR_EVENT_WARNING,.count = 1,.kind = (gchar *) "kind",
    .text = (gchar *) "</script>\n\"& caf\xe9 \xe2\x80\xa8"
  };
  gchar *html;
  JsonNode *node;
  JsonObject *data, *told;

  monitor_report_event (report, &event, 2 * G_USEC_PER_SEC);
  html = page_of (report, 3);
  node = data_of (html);
  data = json_node_get_object (node);
  told = json_array_get_object_element (json_object_get_array_member (data,
          "events"), 0);
  fail_unless_equals_string (json_object_get_string_member (data,
          "pipeline"), "fakesrc ! </script><b> ! fakesink");
  fail_unless_equals_string (json_array_get_string_element
      (json_object_get_array_member (data, "reasons"), 0), "a <!-- reason");
  fail_unless_equals_string (json_object_get_string_member (told, "text"),
      "</script>\n\"& caf\357\277\275 \xe2\x80\xa8");
  fail_unless (json_object_get_double_member (told, "from") == 2.0);
  json_node_unref (node);
  g_free (html);
  monitor_report_free (report);
}

GST_END_TEST;

static GstStructure *
take_snapshot (GstElement * pipeline)
{
  GstSafecaptureMonitor *monitor = gst_safecapture_monitor_new (pipeline);
  GstStructure *snapshot = gst_safecapture_monitor_get_snapshot (monitor);

  g_object_unref (monitor);
  return snapshot;
}

/* Of a snapshot a second, for two hours and for a day. */
GST_START_TEST (test_a_page_of_a_day_is_no_larger_than_one_of_two_hours)
{
  GstElement *pipeline = gst_parse_launch ("bufpoolsrc ! queue ! tieredqueue "
      "! safefilesink", NULL);
  GstStructure *snapshot = take_snapshot (pipeline);
  gsize size[2];

  for (guint i = 0; i < 2; i++) {
    guint seconds = i == 0 ? 7200 : 86400;
    MonitorReport *report = monitor_report_new (words, 0, 0);
    MonitorEvent event = {.level = MONITOR_EVENT_INFO,.count = 1,.kind =
          (gchar *) "kind",.text = (gchar *) "text"
    };
    gchar *html;

    for (guint second = 1; second <= seconds; second++) {
      gst_structure_set (snapshot, "time", G_TYPE_UINT64,
          second * GST_SECOND, NULL);
      monitor_report_snapshot (report, snapshot);
      monitor_report_event (report, &event, second * G_USEC_PER_SEC);
    }
    html = page_of (report, seconds);
    json_node_unref (data_of (html));
    size[i] = strlen (html);
    g_free (html);
    monitor_report_free (report);
  }
  fail_unless (size[1] < 1024 * 1024, "%" G_GSIZE_FORMAT, size[1]);
  fail_unless (size[1] < size[0] + size[0] / 3, "%" G_GSIZE_FORMAT " and %"
      G_GSIZE_FORMAT, size[0], size[1]);
  gst_structure_free (snapshot);
  gst_object_unref (pipeline);
}

GST_END_TEST;

GST_START_TEST (test_a_page_that_cannot_be_written_leaves_the_old_one)
{
  gchar *folder = g_dir_make_tmp ("report-XXXXXX", NULL);
  gchar *path = g_build_filename (folder, "page.html", NULL), *text;
  MonitorReport *report = monitor_report_new (words, 0, 0);
  MonitorFacts *facts = monitor_facts_new ();
  static const gchar *const reasons[] = { NULL };
  MonitorReportEnd end = { facts, SC_EXIT_WHOLE, reasons, 0, 0 };
  GError *error = NULL;

  fail_unless (g_file_set_contents (path, "old", -1, NULL));
  fail_unless (monitor_report_check (path, NULL));
  fail_unless (monitor_report_write (report, path, &end, NULL));
  fail_unless (g_file_get_contents (path, &text, NULL, NULL));
  fail_unless (g_str_has_prefix (text, "<!DOCTYPE html>"));
  g_free (text);

  /* Neither a folder nor a device is taken the place of. */
  fail_if (monitor_report_check (folder, &error));
  g_clear_error (&error);
  fail_if (monitor_report_write (report, "/dev/null", &end, &error));
  fail_unless (error != NULL);
  g_clear_error (&error);
  fail_unless (g_file_test ("/dev/null", G_FILE_TEST_EXISTS)
      && !g_file_test ("/dev/null", G_FILE_TEST_IS_REGULAR));
  fail_if (monitor_report_check ("/nowhere/page.html", &error));
  g_clear_error (&error);
  fail_if (monitor_report_write (report, "/nowhere/page.html", &end, &error));
  g_clear_error (&error);

  monitor_facts_free (facts);
  monitor_report_free (report);
  fail_unless_equals_int (g_unlink (path), 0);
  fail_unless_equals_int (g_rmdir (folder), 0);
  g_free (path);
  g_free (folder);
}

GST_END_TEST;

static Suite *
monitor_report_suite (void)
{
  Suite *suite = suite_create ("monitor-report");
  TCase *tcase = tcase_create ("monitor-report");

  suite_add_tcase (suite, tcase);
  tcase_add_test (tcase,
      test_the_least_and_the_greatest_stay_however_long_it_takes);
  tcase_add_test (tcase, test_columns_come_when_they_come_and_are_bounded);
  tcase_add_test (tcase,
      test_latencies_of_an_interval_are_right_to_a_factor_of_two);
  tcase_add_test (tcase,
      test_rates_are_of_the_interval_also_after_a_new_beginning);
  tcase_add_test (tcase,
      test_states_are_spans_and_too_many_become_longer_ones);
  tcase_add_test (tcase, test_what_is_in_the_page_cannot_end_its_script);
  tcase_add_test (tcase,
      test_a_page_of_a_day_is_no_larger_than_one_of_two_hours);
  tcase_add_test (tcase,
      test_a_page_that_cannot_be_written_leaves_the_old_one);
  return suite;
}

GST_CHECK_MAIN (monitor_report);
