/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the monitor makes of messages: lines for people, and an exit code. */
#include <gst/check/gstcheck.h>

#include "monitor-events.h"
#include "monitor-format.h"
#include "monitor-outcome.h"
#include "monitor-snapshots.h"
#include "tool.h"

/* ---- events ---- */

static GstElement *source;

static GstMessage *
ours (const gchar * name, const gchar * first, ...)
{
  GstStructure *structure;
  va_list values;

  va_start (values, first);
  structure = gst_structure_new_valist (name, first, values);
  va_end (values);
  return gst_message_new_element (GST_OBJECT (source), structure);
}

static GstMessage *
dropped (const gchar * channel, guint64 count)
{
  return ours ("tieredqueue-dropped", "channel", G_TYPE_STRING, channel,
      "reason", G_TYPE_STRING, "full", "count", G_TYPE_UINT64, count, NULL);
}

/* What the newest event says after @message, which is taken. */
static const gchar *
text_after (MonitorEvents * events, GstMessage * message)
{
  const MonitorEvent *event = monitor_events_message (events, message, 0);

  gst_message_unref (message);
  return event != NULL ? event->text : NULL;
}

static void
setup (void)
{
  source = gst_element_factory_make ("fakesrc", "q");
}

static void
teardown (void)
{
  gst_clear_object (&source);
}

GST_START_TEST (test_each_message_is_a_line_for_people)
{
  MonitorEvents *events = monitor_events_new (20);

  fail_unless_equals_string (text_after (events, dropped ("left", 1)),
      "q/left: dropped 1 buffer (full)");
  fail_unless_equals_string (text_after (events, dropped ("sink", 7)),
      "q: dropped 7 buffers (full)");
  fail_unless_equals_string (text_after (events, ours ("safefilesink-published",
                  "location", G_TYPE_STRING, "a\nb", "size", G_TYPE_UINT64,
                  (guint64) 2048, "parts", G_TYPE_UINT64, (guint64) 1, NULL)),
      "q: published a\\x0ab, 2.0 KiB");
  fail_unless_equals_string (text_after (events, ours ("safefilesink-switched",
                  "location", G_TYPE_STRING, "b", "from", G_TYPE_STRING, "a",
                  "reason", G_TYPE_STRING, "sync", NULL)),
      "q: goes on in b, as a failed (sync)");
  fail_unless_equals_string (text_after (events, ours ("tieredqueue-warning",
                  "code", G_TYPE_STRING, "utilisation", "text", G_TYPE_STRING,
                  "Make it larger.", NULL)), "q: utilisation: Make it larger.");
  fail_unless_equals_int (monitor_events_get (events, 0)->level,
      MONITOR_EVENT_WARNING);
  monitor_events_free (events);
}

GST_END_TEST;

GST_START_TEST (test_what_tells_nothing_is_no_event)
{
  MonitorEvents *events = monitor_events_new (20);

  fail_unless (text_after (events, ours ("tieredqueue-metrics", "level",
              G_TYPE_INT, 1, NULL)) == NULL);
  fail_unless (text_after (events, ours ("level", "peak", G_TYPE_INT, 1,
              NULL)) == NULL);
  fail_unless (text_after (events, ours ("safefilesink-state", "new",
              G_TYPE_STRING, "writing", NULL)) == NULL);
  fail_unless (text_after (events,
          gst_message_new_eos (GST_OBJECT (source))) == NULL);
  fail_unless_equals_int (monitor_events_count (events), 0);
  monitor_events_free (events);
}

GST_END_TEST;

GST_START_TEST (test_channels_that_take_turns_are_one_line_each)
{
  MonitorEvents *events = monitor_events_new (20);

  for (guint64 i = 1; i <= 10; i++) {
    (void) text_after (events, dropped ("left", i));
    (void) text_after (events, dropped ("right", 100));
  }
  fail_unless_equals_int (monitor_events_count (events), 2);
  fail_unless_equals_string (monitor_events_get (events, 0)->text,
      "q/right: dropped 1000 buffers (full), 100 of them just now");
  fail_unless_equals_string (monitor_events_get (events, 1)->text,
      "q/left: dropped 55 buffers (full), 10 of them just now");
  fail_unless_equals_int (monitor_events_get (events, 1)->count, 10);
  monitor_events_free (events);
}

GST_END_TEST;

GST_START_TEST (test_only_the_last_are_kept_the_newest_first)
{
  MonitorEvents *events = monitor_events_new (3);
  gchar *text;

  for (guint i = 0; i < 30; i++) {
    text = g_strdup_printf ("number %u", i);
    (void) monitor_events_add (events, MONITOR_EVENT_INFO, text, i);
    g_free (text);
  }
  fail_unless_equals_int (monitor_events_count (events), 3);
  fail_unless_equals_string (monitor_events_get (events, 0)->text,
      "number 29");
  fail_unless_equals_string (monitor_events_get (events, 2)->text,
      "number 27");
  fail_unless (monitor_events_get (events, 3) == NULL);
  monitor_events_free (events);
}

GST_END_TEST;

/* ---- the outcome ---- */

typedef struct
{
  const gchar *state;           /* of a sink, or NULL for none */
  guint64 wrong, repaired, lost;
  gboolean error, quit, switched, played;
  gint code;
} Case;

static void
add (GstStructure * snapshot, const gchar * factory, GstStructure * stats)
{
  append_structure (snapshot, "elements", gst_structure_new ("element",
          "name", G_TYPE_STRING, factory, "factory", G_TYPE_STRING, factory,
          "stats", GST_TYPE_STRUCTURE, stats, NULL));
  gst_structure_free (stats);
}

static void
tell (MonitorOutcome * outcome, const Case * c)
{
  GstStructure *snapshot = gst_structure_new_empty ("safecapture-snapshot");
  GstMessage *message = c->error
      ? gst_message_new_error (GST_OBJECT (source), g_error_new (1, 1, "bad"),
      NULL) : ours ("safefilesink-switched", "part", G_TYPE_INT, 1, NULL);

  add (snapshot, "tieredqueue", gst_structure_new ("stats",
          "buffers-dropped", G_TYPE_UINT64, c->lost + 7,
          "buffers-dropped-full", G_TYPE_UINT64, c->lost,
          "buffers-dropped-flush", G_TYPE_UINT64, (guint64) 7, NULL));
  if (c->state != NULL)
    add (snapshot, "safefilesink", gst_structure_new ("stats",
            "state", G_TYPE_STRING, c->state,
            "bytes-accepted", G_TYPE_UINT64, (guint64) 1,
            "verify-mismatches", G_TYPE_UINT64, c->wrong,
            "verify-repairs", G_TYPE_UINT64, c->repaired, NULL));
  monitor_outcome_snapshot (outcome, snapshot);
  gst_structure_free (snapshot);
  if (c->error || c->switched)
    monitor_outcome_message (outcome, message);
  gst_message_unref (message);
  if (c->quit)
    monitor_outcome_quit (outcome);
  if (c->played)
    monitor_outcome_played (outcome);
}

GST_START_TEST (test_the_exit_code_tells_whether_the_recording_is_whole)
{
  static const Case cases[] = {
    {"published",.played = TRUE,.code = SC_EXIT_WHOLE},
    {NULL,.played = TRUE,.code = SC_EXIT_WHOLE},
    {"published",.quit = TRUE,.played = TRUE,.code = SC_EXIT_WHOLE},
    {NULL,.quit = TRUE,.played = TRUE,.code = SC_EXIT_REPAIRED},
    {"writing",.quit = TRUE,.played = TRUE,.code = SC_EXIT_REPAIRED},
    {"published",.lost = 1,.played = TRUE,.code = SC_EXIT_REPAIRED},
    {"published",.switched = TRUE,.played = TRUE,.code = SC_EXIT_REPAIRED},
    {"published",.wrong = 2,.repaired = 2,.played = TRUE,
        .code = SC_EXIT_REPAIRED},
    {"published",.wrong = 2,.repaired = 1,.played = TRUE,.code = SC_EXIT_LOSS},
    {"published",.error = TRUE,.played = TRUE,.code = SC_EXIT_LOSS},
    {"init",.error = TRUE,.code = SC_EXIT_CANNOT_READ},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    MonitorOutcome *outcome = monitor_outcome_new ();
    const gchar *const *reasons;

    tell (outcome, &cases[i]);
    reasons = monitor_outcome_reasons (outcome);
    fail_unless (monitor_outcome_code (outcome) == cases[i].code,
        "case %u: %d", i, monitor_outcome_code (outcome));
    fail_unless ((reasons[0] == NULL) == (cases[i].code == SC_EXIT_WHOLE),
        "case %u: %s", i, reasons[0]);
    monitor_outcome_free (outcome);
  }
}

GST_END_TEST;

/* ---- figures ---- */

static void
check_text (gchar * text, const gchar * expected)
{
  fail_unless_equals_string (text, expected);
  g_free (text);
}

GST_START_TEST (test_figures_are_short_and_no_unit_reaches_a_thousand)
{
  check_text (monitor_format_size (0), "0 B");
  check_text (monitor_format_size (1023), "1023 B");
  check_text (monitor_format_size (1024), "1.0 KiB");
  check_text (monitor_format_size (1024 * 1024 - 1), "1.0 MiB");
  check_text (monitor_format_size (G_MAXUINT64 - 1), "16.0 EiB");
  check_text (monitor_format_size (G_MAXUINT64), "?");
  check_text (monitor_format_rate (999.6e3), "1.0 MB/s");
  check_text (monitor_format_latency (999), "999 ns");
  check_text (monitor_format_latency (999600), "1.0 ms");
  check_text (monitor_format_latency (125 * GST_SECOND), "2:05");
  check_text (monitor_format_clock (3725 * GST_SECOND), "1:02:05");
  check_text (monitor_format_left (99 * GST_SECOND), "99 s");
  check_text (monitor_format_left (200 * GST_SECOND), "3:20 min");
  check_text (monitor_format_left (7260 * GST_SECOND), "2:01 h");
  check_text (monitor_format_left (72 * 3600 * GST_SECOND), "3 days");
  check_text (monitor_format_left (G_MAXUINT64), "?");
  check_text (monitor_format_count (12345), "12.3 k");
  check_text (monitor_format_percent (0.426), "43 %");
  check_text (monitor_format_safe ("a\033[2Jb"), "a\\x1b[2Jb");
}

GST_END_TEST;

static Suite *
monitor_events_suite (void)
{
  Suite *suite = suite_create ("monitor-events");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, setup, teardown);
  tcase_add_test (tc, test_each_message_is_a_line_for_people);
  tcase_add_test (tc, test_what_tells_nothing_is_no_event);
  tcase_add_test (tc, test_channels_that_take_turns_are_one_line_each);
  tcase_add_test (tc, test_only_the_last_are_kept_the_newest_first);
  tcase_add_test (tc, test_the_exit_code_tells_whether_the_recording_is_whole);
  tcase_add_test (tc,
      test_figures_are_short_and_no_unit_reaches_a_thousand);
  return suite;
}

GST_CHECK_MAIN (monitor_events);
