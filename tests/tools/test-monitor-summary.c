/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The summary says what was in the messages and the last snapshot. */
#include <gst/check/gstcheck.h>

#include "monitor-summary.h"
#include "tool.h"

#include <string.h>

static const gchar *const no_reasons[] = { NULL };

static void
take_entry (GValue * array, GstStructure * entry)
{
  GValue value = G_VALUE_INIT;

  g_value_init (&value, GST_TYPE_STRUCTURE);
  g_value_take_boxed (&value, entry);
  gst_value_array_append_and_take_value (array, &value);
}

static GstStructure *
element (const gchar * factory, const gchar * name, GstStructure * stats)
{
  GstStructure *entry = gst_structure_new ("element",
      "name", G_TYPE_STRING, name, "factory", G_TYPE_STRING, factory,
      "stats", GST_TYPE_STRUCTURE, stats, NULL);

  gst_structure_free (stats);
  return entry;
}

#define U64(value) G_TYPE_UINT64, (guint64) (value)

static GstStructure *
queue_stats (guint channels)
{
  GstStructure *stats = gst_structure_new ("stats",
      "latency-samples", U64 (10), "latency-p50", U64 (1500),
      "latency-p99", U64 (2 * GST_MSECOND), "latency-max",
      U64 (3 * GST_SECOND), NULL);
  GValue array = G_VALUE_INIT;

  g_value_init (&array, GST_TYPE_ARRAY);
  for (guint i = 0; i < channels; i++) {
    gchar *name = g_strdup_printf ("mic_%u", i);

    take_entry (&array, gst_structure_new ("channel",
            "channel", G_TYPE_STRING, name, "buffers-dropped", U64 (i * 5),
            "buffers-dropped-full", U64 (i * 3), "buffers-dropped-gop",
            U64 (i * 2), "bytes-dropped", U64 (i * 1024), NULL));
    g_free (name);
  }
  gst_structure_take_value (stats, "channels", &array);
  return stats;
}

static GstStructure *
snapshot (guint channels, guint64 written, guint64 durable, guint64 space)
{
  GstStructure *structure = gst_structure_new ("safecapture-snapshot",
      "bytes-written", U64 (written), "space-left", U64 (space),
      "time-left", U64 (90 * GST_SECOND), NULL);
  GValue elements = G_VALUE_INIT;

  g_value_init (&elements, GST_TYPE_ARRAY);
  take_entry (&elements, element ("tieredqueue", "q",
          queue_stats (channels)));
  take_entry (&elements, element ("safefilesink", "rec",
          gst_structure_new ("stats", "bytes-written", U64 (written),
              "file-size", U64 (written), "durable-offset", U64 (durable),
              "durable-lag", U64 (written / 1000), "writes", U64 (1), NULL)));
  gst_structure_take_value (structure, "elements", &elements);
  return structure;
}

static void
tell (MonitorFacts * facts, GstStructure * structure)
{
  GstElement *rec = gst_bin_new ("rec");
  GstMessage *message;

  gst_structure_set (structure, "schema", G_TYPE_UINT, 1, NULL);
  message = gst_message_new_element (GST_OBJECT (rec), structure);
  monitor_facts_message (facts, message);
  gst_message_unref (message);
  gst_object_unref (rec);
}

static void
look (MonitorFacts * facts, GstStructure * structure)
{
  monitor_facts_snapshot (facts, structure);
  gst_structure_free (structure);
}

static gchar *
summary (const MonitorFacts * facts, gint code, const gchar * const *reasons)
{
  gchar **lines = monitor_summary_lines (facts, code, reasons,
      100 * GST_SECOND);
  gchar *text = g_strjoinv ("\n", lines);

  g_strfreev (lines);
  return text;
}

static void
expect (const gchar * text, const gchar * line)
{
  fail_unless (strstr (text, line) != NULL, "no \"%s\" in\n%s", line, text);
}

GST_START_TEST (test_it_says_what_was_recorded_and_what_was_not)
{
  static const gchar *const reasons[] = { "q: 25 buffers were lost", NULL };
  MonitorFacts *facts = monitor_facts_new ();
  gchar *text;

  look (facts, snapshot (3, 0, 0, 0));
  look (facts, snapshot (3, 2048000, 1024000, 5 * 1024 * 1024));
  look (facts, snapshot (3, 4096000, 4096000, 9 * 1024 * 1024));
  tell (facts, gst_structure_new ("safefilesink-warning", "code",
          G_TYPE_STRING, "space-low", NULL));
  tell (facts, gst_structure_new ("safefilesink-warning", "code",
          G_TYPE_STRING, "space-low", NULL));
  tell (facts, gst_structure_new ("safefilesink-published", "location",
          G_TYPE_STRING, "/rec/take.mkv", "size", U64 (4096000), "durable",
          G_TYPE_BOOLEAN, TRUE, "parts", U64 (2), NULL));
  text = summary (facts, SC_EXIT_REPAIRED, reasons);
  expect (text, "Recorded, but not without incident:\n"
      "  - q: 25 buffers were lost\n"
      "  Recording      /rec/take.mkv, 3.9 MiB, in 2 parts");
  expect (text, "  Duration       0:01:40\n"
      "  Written        3.9 MiB (4096000 bytes), 41.0 kB/s on average\n");
  expect (text, "  Durable        all of 3.9 MiB; 4.1 us behind at worst\n");
  expect (text, "  Dropped        q/mic_1: 3 full, 2 gop (1.0 KiB)\n"
      "                 q/mic_2: 6 full, 4 gop (2.0 KiB)\n");
  expect (text, "half below 1.5 us, 99 % below 2.0 ms, at worst 3.0 s");
  /* Of the first look, when no file was open, nothing. */
  expect (text, "never less than 5.0 MiB left");
  expect (text, "  Warnings       space-low (2 times)");
  g_free (text);
  monitor_facts_free (facts);
}

GST_END_TEST;

GST_START_TEST (test_a_recording_that_was_left_is_not_called_whole)
{
  MonitorFacts *facts = monitor_facts_new ();
  gchar *text;

  look (facts, snapshot (1, 2048, 1024, G_MAXUINT64));
  text = summary (facts, SC_EXIT_LOSS, no_reasons);
  expect (text, "Failed.\n  Recording      rec: 2.0 KiB, not finished\n");
  expect (text, "  Durable        1.0 KiB of 2.0 KiB; 2 ns behind at worst\n");
  expect (text, "  Dropped        nothing\n");
  fail_unless (strstr (text, "Space") == NULL, "%s", text);
  tell (facts, gst_structure_new ("safefilesink-warning", "code",
          G_TYPE_STRING, "stopped-without-eos", "location", G_TYPE_STRING,
          "/rec/\033[31mred", "size", U64 (2048), NULL));
  g_free (text);
  text = summary (facts, SC_EXIT_LOSS, no_reasons);
  expect (text, "not finished (safecapture recover makes a file of it)");
  fail_unless (strchr (text, '\033') == NULL, "%s", text);
  g_free (text);
  monitor_facts_free (facts);
}

GST_END_TEST;

GST_START_TEST (test_it_stays_on_one_screen)
{
  MonitorFacts *facts = monitor_facts_new ();
  const gchar *reasons[101] = { NULL };
  gchar **lines;

  look (facts, snapshot (64, 1, 1, 1));
  for (guint i = 0; i < 100; i++) {
    gchar *code = g_strdup_printf ("code-%u", i);

    tell (facts, gst_structure_new ("safefilesink-warning", "code",
            G_TYPE_STRING, code, NULL));
    g_free (code);
    reasons[i] = "a reason";
  }
  lines = monitor_summary_lines (facts, SC_EXIT_LOSS, reasons, 0);
  fail_unless (g_strv_length (lines) <= 30, "%u lines",
      g_strv_length (lines));
  g_strfreev (lines);
  monitor_facts_free (facts);
}

GST_END_TEST;

GST_START_TEST (test_without_a_snapshot_there_is_a_verdict)
{
  MonitorFacts *facts = monitor_facts_new ();
  gchar *text = summary (facts, SC_EXIT_CANNOT_READ, no_reasons);

  fail_unless_equals_string (text, "Nothing was recorded.");
  g_free (text);
  monitor_facts_free (facts);
}

GST_END_TEST;

GST_START_TEST (test_what_nobody_recorded_is_not_called_a_recording)
{
  MonitorFacts *facts = monitor_facts_new ();
  GstStructure *structure = snapshot (1, 2048, 1024, G_MAXUINT64);
  GValue elements = G_VALUE_INIT;
  gchar *text;

  g_value_init (&elements, GST_TYPE_ARRAY);
  take_entry (&elements, element ("tieredqueue", "q", queue_stats (1)));
  gst_structure_take_value (structure, "elements", &elements);
  look (facts, structure);
  text = summary (facts, SC_EXIT_WHOLE, no_reasons);
  expect (text, "Played to the end, without a safefilesink");
  fail_if (strstr (text, "Written") != NULL);
  g_free (text);
  monitor_facts_free (facts);
}

GST_END_TEST;

static Suite *
monitor_summary_suite (void)
{
  Suite *suite = suite_create ("monitor-summary");
  TCase *tcase = tcase_create ("monitor-summary");

  suite_add_tcase (suite, tcase);
  tcase_add_test (tcase, test_it_says_what_was_recorded_and_what_was_not);
  tcase_add_test (tcase, test_a_recording_that_was_left_is_not_called_whole);
  tcase_add_test (tcase, test_it_stays_on_one_screen);
  tcase_add_test (tcase, test_without_a_snapshot_there_is_a_verdict);
  tcase_add_test (tcase,
      test_what_nobody_recorded_is_not_called_a_recording);
  return suite;
}

GST_CHECK_MAIN (monitor_summary);
