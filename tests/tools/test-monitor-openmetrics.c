/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a snapshot is in OpenMetrics. */
#include <gst/check/gstcheck.h>
#include <gst/safecapture/safecapture.h>

#include "monitor-openmetrics.h"
#include "monitor-snapshots.h"

static gchar *
text_of (GstStructure * snapshot)
{
  GBytes *bytes = monitor_openmetrics_text (snapshot);
  gchar *text = g_strndup (g_bytes_get_data (bytes, NULL),
      g_bytes_get_size (bytes));

  g_bytes_unref (bytes);
  gst_structure_free (snapshot);
  return text;
}

static void
expect_lines (const gchar * text, const gchar * const *lines)
{
  for (guint i = 0; lines[i] != NULL; i++) {
    gchar *line = g_strconcat ("\n", lines[i], "\n", NULL);

    fail_unless (strstr (text, line) != NULL, "no \"%s\" in\n%s", lines[i],
        text);
    g_free (line);
  }
}

GST_START_TEST (test_a_snapshot_is_this_text)
{
  GstStructure *snapshot = new_snapshot ();
  gchar *text;

  gst_structure_remove_field (snapshot, "state");
  add_element (snapshot, "safefilesink", "s", "/p/s",
      gst_structure_new ("application/x-safefilesink-stats",
          "bytes-written", G_TYPE_UINT64, G_GUINT64_CONSTANT (12345678901234),
          "time-left", G_TYPE_UINT64, G_GUINT64_CONSTANT (61500000001), NULL));
  text = text_of (snapshot);
  *strstr (text, "# TYPE safecapture_health_reason") = '\0';
  fail_unless_equals_string (text,
      "# TYPE safecapture info\n"
      "# HELP safecapture The program that tells all this.\n"
      "safecapture_info{schema=\"1\",version=\"" PACKAGE_VERSION "\"} 1\n"
      "# TYPE safecapture_healthy gauge\n"
      "# HELP safecapture_healthy pipeline healthy: whether all elements of "
      "safecapture are\n"
      "safecapture_healthy 1\n"
      "# TYPE safecapture_safefilesink_written_bytes counter\n"
      "# UNIT safecapture_safefilesink_written_bytes bytes\n"
      "# HELP safecapture_safefilesink_written_bytes safefilesink "
      "bytes-written: given to the operating system\n"
      "safecapture_safefilesink_written_bytes_total{element=\"s\"} "
      "12345678901234\n"
      "# TYPE safecapture_safefilesink_time_left_seconds gauge\n"
      "# UNIT safecapture_safefilesink_time_left_seconds seconds\n"
      "# HELP safecapture_safefilesink_time_left_seconds safefilesink "
      "time-left: how long they last at the rate of the last seconds; 2^64-1: "
      "not known\n"
      "safecapture_safefilesink_time_left_seconds{element=\"s\"} "
      "61.500000001\n");
  g_free (text);
}

GST_END_TEST;

GST_START_TEST (test_it_ends_as_openmetrics_ends)
{
  gchar *text = text_of (new_snapshot ());

  fail_unless (g_str_has_suffix (text, "\n# EOF\n"));
  g_free (text);
}

GST_END_TEST;

static GstStructure *
new_channel (const gchar * name)
{
  GstStructure *channel = gst_structure_new ("channel",
      "channel", G_TYPE_STRING, name,
      "buffers-in", G_TYPE_UINT64, G_GUINT64_CONSTANT (480),
      "buffers-dropped-full", G_TYPE_UINT64, G_GUINT64_CONSTANT (3),
      "buffers-dropped-gop", G_TYPE_UINT64, G_GUINT64_CONSTANT (4),
      "buffers-dropped", G_TYPE_UINT64, G_GUINT64_CONSTANT (7),
      "success-rate", G_TYPE_DOUBLE, 0.25,
      "backpressure-time", G_TYPE_UINT64, G_GUINT64_CONSTANT (1500000000),
      "latency-p99", G_TYPE_UINT64, G_GUINT64_CONSTANT (1000),
      "latency-sum", G_TYPE_UINT64, G_GUINT64_CONSTANT (2000000000), NULL);

  set_buckets (channel, "latency-buckets");
  return channel;
}

static gchar *
text_of_channels (void)
{
  GstStructure *snapshot = new_snapshot ();
  GstStructure *stats = gst_structure_new_empty
      ("application/x-tieredqueue-stats");

  append_structure (stats, "channels", new_channel ("left"));
  append_structure (stats, "channels", new_channel ("right"));
  add_element (snapshot, "tieredqueue", "q", "/p/q", stats);
  return text_of (snapshot);
}

GST_START_TEST (test_channels_and_reasons_are_labels)
{
  static const gchar *const lines[] = {
    "safecapture_tieredqueue_channel_in_buffers_total"
        "{element=\"q\",channel=\"left\"} 480",
    "safecapture_tieredqueue_channel_in_buffers_total"
        "{element=\"q\",channel=\"right\"} 480",
    "safecapture_tieredqueue_channel_dropped_buffers_total"
        "{element=\"q\",channel=\"left\",reason=\"full\"} 3",
    "safecapture_tieredqueue_channel_dropped_buffers_total"
        "{element=\"q\",channel=\"left\",reason=\"gop\"} 4",
    "safecapture_tieredqueue_channel_success_rate_ratio"
        "{element=\"q\",channel=\"left\"} 0.25",
    "safecapture_tieredqueue_channel_backpressure_time_seconds_total"
        "{element=\"q\",channel=\"left\"} 1.500000000",
    "safecapture_tieredqueue_channel_latency_p99_seconds"
        "{element=\"q\",channel=\"left\"} 0.000001000",
    NULL
  };
  gchar *text = text_of_channels ();

  expect_lines (text, lines);
  /* Their sum is no reason, and would be counted twice. */
  fail_unless (strstr (text, "dropped_buffers_total"
          "{element=\"q\",channel=\"left\"}") == NULL);
  g_free (text);
}

GST_END_TEST;

GST_START_TEST (test_buckets_are_a_histogram)
{
  static const gchar *const lines[] = {
    "# TYPE safecapture_tieredqueue_channel_latency_seconds histogram",
    "# UNIT safecapture_tieredqueue_channel_latency_seconds seconds",
    "safecapture_tieredqueue_channel_latency_seconds_bucket"
        "{element=\"q\",channel=\"left\",le=\"1.024e-06\"} 1",
    "safecapture_tieredqueue_channel_latency_seconds_bucket"
        "{element=\"q\",channel=\"left\",le=\"1.073741824\"} 21",
    "safecapture_tieredqueue_channel_latency_seconds_bucket"
        "{element=\"q\",channel=\"left\",le=\"68.719476736\"} 27",
    "safecapture_tieredqueue_channel_latency_seconds_bucket"
        "{element=\"q\",channel=\"left\",le=\"+Inf\"} 28",
    "safecapture_tieredqueue_channel_latency_seconds_count"
        "{element=\"q\",channel=\"left\"} 28",
    "safecapture_tieredqueue_channel_latency_seconds_sum"
        "{element=\"q\",channel=\"left\"} 2.000000000",
    NULL
  };
  gchar *text = text_of_channels ();

  expect_lines (text, lines);
  fail_unless (strstr (text, "latency_sum") == NULL);
  g_free (text);
}

GST_END_TEST;

static guint
count_of (const gchar * text, const gchar * part)
{
  guint count = 0;

  for (const gchar * at = text; (at = strstr (at, part)) != NULL; at++)
    count++;
  return count;
}

GST_START_TEST (test_all_samples_of_a_name_stand_together)
{
  gchar *text = text_of_channels ();

  fail_unless_equals_int (count_of (text,
          "# TYPE safecapture_tieredqueue_channel_in_buffers "), 1);
  fail_unless (strstr (text, "\"left\"} 480\n"
          "safecapture_tieredqueue_channel_in_buffers_total"
          "{element=\"q\",channel=\"right\"} 480\n# ") != NULL);
  g_free (text);
}

GST_END_TEST;

static GstStructure *
sink_stats (const gchar * reasons)
{
  return gst_structure_new ("application/x-safefilesink-stats",
      "state", G_TYPE_STRING, "writing",
      "health-reasons", G_TYPE_STRING, reasons,
      "space-left", G_TYPE_UINT64, G_MAXUINT64,
      "ring-size", G_TYPE_UINT64, G_GUINT64_CONSTANT (7), NULL);
}

GST_START_TEST (test_of_the_states_one_is_so_and_reasons_are_those_that_hold)
{
  static const gchar *const lines[] = {
    "# TYPE safecapture_safefilesink_state stateset",
    "safecapture_safefilesink_state{element=\"s\","
        "safecapture_safefilesink_state=\"writing\"} 1",
    "safecapture_safefilesink_state{element=\"s\","
        "safecapture_safefilesink_state=\"error\"} 0",
    "safecapture_state{safecapture_state=\"PLAYING\"} 1",
    "safecapture_state{safecapture_state=\"PAUSED\"} 0",
    "safecapture_health_reason{element=\"s\",factory=\"safefilesink\","
        "reason=\"space-low\"} 1",
    "safecapture_health_reason{element=\"s\",factory=\"safefilesink\","
        "reason=\"durable-lag\"} 1",
    "safecapture_health_reason{element=\"s\",factory=\"safefilesink\","
        "reason=\"failed\"} 0",
    NULL
  };
  GstStructure *snapshot = new_snapshot ();
  gchar *text;

  add_element (snapshot, "safefilesink", "s", "/p/s",
      sink_stats ("durable-lag,space-low"));
  text = text_of (snapshot);
  expect_lines (text, lines);
  fail_unless_equals_int (count_of (text, "_state=\"writing\"} 1"), 1);
  fail_unless_equals_int (count_of (text, "reason=\""), 10);
  g_free (text);
}

GST_END_TEST;

GST_START_TEST (test_what_is_not_known_is_left_out)
{
  GstStructure *snapshot = new_snapshot ();
  gchar *text;

  add_element (snapshot, "safefilesink", "s", "/p/s", sink_stats (""));
  text = text_of (snapshot);
  fail_unless (strstr (text, "space_left") == NULL);
  fail_unless (strstr (text, "ring_size_bytes{element=\"s\"} 7\n") != NULL);
  g_free (text);
}

GST_END_TEST;

GST_START_TEST (test_elements_of_one_name_are_told_apart_by_their_paths)
{
  static const gchar *const lines[] = {
    "safecapture_safefilesink_ring_size_bytes{element=\"/p/a/s\"} 7",
    "safecapture_safefilesink_ring_size_bytes{element=\"/p/b/s\"} 7",
    "safecapture_safefilesink_ring_size_bytes{element=\"t\"} 7",
    NULL
  };
  GstStructure *snapshot = new_snapshot ();
  gchar *text;

  add_element (snapshot, "safefilesink", "s", "/p/a/s", sink_stats (""));
  add_element (snapshot, "safefilesink", "s", "/p/b/s", sink_stats (""));
  add_element (snapshot, "safefilesink", "t", "/p/t", sink_stats (""));
  text = text_of (snapshot);
  expect_lines (text, lines);
  g_free (text);
}

GST_END_TEST;

GST_START_TEST (test_names_cannot_break_out_of_their_quotes)
{
  static const gchar *const lines[] = {
    "safecapture_safefilesink_ring_size_bytes{element=\"a\\\"} 9\\n\\\\b\"} 7",
    NULL
  };
  GstStructure *snapshot = new_snapshot ();
  gchar *text;

  add_element (snapshot, "safefilesink", "a\"} 9\n\\b", "/p/t",
      sink_stats (""));
  text = text_of (snapshot);
  expect_lines (text, lines);
  g_free (text);
}

GST_END_TEST;

/* ---- whatever the schema has ---- */

static gboolean
is_told (const gchar * text,
    const gchar * factory, const GstSafecaptureField * field)
{
  gchar *help = g_strdup_printf (" %s %s: ", factory, field->name);
  gboolean told = strstr (text, help) != NULL;

  g_free (help);
  return told;
}

GST_START_TEST (test_every_figure_of_the_schema_is_told)
{
  static const gchar *const factories[] = {
    "bufpoolsrc", "tieredqueue", "safefilesink"
  };

  for (guint i = 0; i < G_N_ELEMENTS (factories); i++) {
    gchar *name = g_strconcat (factories[i], "-metrics", NULL);
    GstStructure *snapshot = new_snapshot (), *stats =
        gst_structure_new_empty ("stats");
    const GstSafecaptureField *field;
    gchar *text;

    for (guint f = 0; (field = gst_safecapture_schema_get_field (name, f))
        != NULL; f++) {
      if (g_str_equal (field->type, "guint64"))
        gst_structure_set (stats, field->name, G_TYPE_UINT64,
            G_GUINT64_CONSTANT (5), NULL);
      else if (g_str_equal (field->type, "gdouble"))
        gst_structure_set (stats, field->name, G_TYPE_DOUBLE, 0.5, NULL);
      else if (g_str_equal (field->type, "gboolean"))
        gst_structure_set (stats, field->name, G_TYPE_BOOLEAN, TRUE, NULL);
      else if (field->kind == GST_SAFECAPTURE_KIND_HISTOGRAM)
        set_buckets (stats, field->name);
    }
    add_element (snapshot, factories[i], "e", "/p/e",
        gst_structure_copy (stats));
    text = text_of (snapshot);
    for (guint f = 0; (field = gst_safecapture_schema_get_field (name, f))
        != NULL; f++)
      if (gst_structure_has_field (stats, field->name)
          && !g_str_has_suffix (field->name, "-sum")
          && !g_str_has_prefix (field->name, "buffers-dropped"))
        fail_unless (is_told (text, factories[i], field), "%s %s",
            name, field->name);
    g_free (text);
    gst_structure_free (stats);
    g_free (name);
  }
}

GST_END_TEST;

static Suite *
monitor_openmetrics_suite (void)
{
  Suite *suite = suite_create ("monitor-openmetrics");
  TCase *tcase = tcase_create ("monitor-openmetrics");

  suite_add_tcase (suite, tcase);
  tcase_add_test (tcase, test_a_snapshot_is_this_text);
  tcase_add_test (tcase, test_it_ends_as_openmetrics_ends);
  tcase_add_test (tcase, test_channels_and_reasons_are_labels);
  tcase_add_test (tcase, test_buckets_are_a_histogram);
  tcase_add_test (tcase, test_all_samples_of_a_name_stand_together);
  tcase_add_test (tcase,
      test_of_the_states_one_is_so_and_reasons_are_those_that_hold);
  tcase_add_test (tcase, test_what_is_not_known_is_left_out);
  tcase_add_test (tcase,
      test_elements_of_one_name_are_told_apart_by_their_paths);
  tcase_add_test (tcase, test_names_cannot_break_out_of_their_quotes);
  tcase_add_test (tcase, test_every_figure_of_the_schema_is_told);
  return suite;
}

GST_CHECK_MAIN (monitor_openmetrics);
