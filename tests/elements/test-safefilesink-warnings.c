/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The warnings of a recording that runs, each with its figures and with what to
 * do about it.  The recorder is only a set of counters here.
 */
#include <gst/check/gstcheck.h>

#include "safefilesink-watch.h"
#include "sc-clock.h"

#include <stdlib.h>
#include <string.h>

typedef struct
{
  GstElement *element;
  GstBus *bus;
  GstSafecaptureReporter *reporter;
  ScRecorder *recorder;
  ScRecorderStateLog log;
  SafefilesinkWatch watch;
} Fixture;

static const GstSafecaptureReporterClass klass = {.prefix = "safefilesink" };

static void
setup (Fixture * f)
{
  f->element = gst_bin_new ("tested");
  f->bus = gst_bus_new ();
  gst_element_set_bus (f->element, f->bus);
  f->reporter = gst_safecapture_reporter_new (f->element, &klass);
  f->recorder = aligned_alloc (_Alignof (ScRecorder), sizeof (ScRecorder));
  fail_unless (f->recorder != NULL);
  memset (f->recorder, 0, sizeof (ScRecorder));
  pthread_mutex_init (&f->recorder->targets_lock, NULL);
  sc_recorder_state_log_init (&f->log);
  f->recorder->log = &f->log;
  atomic_store (&f->recorder->space_left, SC_SPACE_UNKNOWN);
  safefilesink_watch_init (&f->watch);
}

static void
teardown (Fixture * f)
{
  gst_safecapture_reporter_free (f->reporter);
  pthread_mutex_destroy (&f->recorder->targets_lock);
  free (f->recorder);
  gst_element_set_bus (f->element, NULL);
  gst_object_unref (f->bus);
  gst_object_unref (f->element);
}

static void
look (Fixture * f)
{
  safefilesink_watch_look (&f->watch, f->reporter, f->recorder, "/take.wav");
}

/* The next warning has the code, and @word in its text. */
static GstMessage *
warning (Fixture * f, const gchar * code, const gchar * word)
{
  GstMessage *message = gst_bus_pop (f->bus);
  const GstStructure *fields;

  fail_unless (message != NULL, "no warning %s", code);
  fields = gst_message_get_structure (message);
  fail_unless_equals_string (gst_structure_get_name (fields),
      "safefilesink-warning");
  fail_unless_equals_string (gst_structure_get_string (fields, "code"), code);
  fail_unless (strstr (gst_structure_get_string (fields, "text"), word) != NULL,
      "%s", gst_structure_get_string (fields, "text"));
  return message;
}

static void
has_count (GstMessage * message, const gchar * field, guint64 expected)
{
  guint64 value;

  fail_unless (gst_structure_get_uint64 (gst_message_get_structure (message),
          field, &value), "%s", field);
  fail_unless_equals_uint64 (value, expected);
}

static void
told_nothing (Fixture * f)
{
  look (f);
  fail_unless (gst_bus_pop (f->bus) == NULL);
}

GST_START_TEST (test_a_recording_without_trouble_warns_of_nothing)
{
  Fixture f;

  setup (&f);
  told_nothing (&f);
  teardown (&f);
}
GST_END_TEST;

GST_START_TEST (test_a_file_system_that_refuses_direct_is_told_once)
{
  Fixture f;
  GstMessage *message;

  setup (&f);
  atomic_store (&f.recorder->direct_refused, true);
  look (&f);
  message = warning (&f, "direct-refused", "does as interval");
  fail_unless_equals_string (gst_structure_get_string
      (gst_message_get_structure (message), "location"), "/take.wav");
  gst_message_unref (message);
  told_nothing (&f);
  teardown (&f);
}
GST_END_TEST;

GST_START_TEST (test_each_mismatch_is_told_with_its_place)
{
  Fixture f;

  setup (&f);
  for (guint64 i = 1; i < 3; i++) {
    GstMessage *message;

    atomic_store (&f.recorder->wrong_offset, 1000 * i);
    atomic_store (&f.recorder->repairs, 1);
    atomic_store (&f.recorder->mismatches, i);
    look (&f);
    message = warning (&f, "verify-mismatch", "Do not trust this disk");
    has_count (message, "offset", 1000 * i);
    has_count (message, "mismatches", i);
    has_count (message, "repairs", 1);
    gst_message_unref (message);
    told_nothing (&f);
  }
  teardown (&f);
}
GST_END_TEST;

GST_START_TEST (test_waits_for_room_are_told_but_not_each_of_them)
{
  Fixture f;
  GstMessage *message;

  setup (&f);
  atomic_store (&f.recorder->ring.waits, 3);
  atomic_store (&f.recorder->ring.wait_time, 70 * GST_MSECOND);
  look (&f);
  message = warning (&f, "slow-storage", "larger buffer-size");
  has_count (message, "waits", 3);
  has_count (message, "wait-time", 70 * GST_MSECOND);
  gst_message_unref (message);
  atomic_store (&f.recorder->ring.waits, 4);
  told_nothing (&f);
  teardown (&f);
}
GST_END_TEST;

/* A second ago the memory was empty. */
GST_START_TEST (test_a_disk_that_falls_behind_is_told_before_memory_is_full)
{
  Fixture f;
  GstMessage *message;

  setup (&f);
  f.watch.pace.looked = sc_clock_now () - GST_SECOND;
  f.recorder->ring.data_size = 100000000;
  atomic_store (&f.recorder->ring.head_bytes, 80000000);
  look (&f);
  message = warning (&f, "falls-behind", "buffer-size bridges");
  has_count (message, "backlog-bytes", 80000000);
  has_count (message, "ring-size", 100000000);
  gst_message_unref (message);
  told_nothing (&f);
  teardown (&f);
}
GST_END_TEST;

/* At 1 MB a second, which is not measured anew. */
GST_START_TEST (test_a_disk_that_is_full_within_the_minute_is_told)
{
  Fixture f;
  GstMessage *message;

  setup (&f);
  f.watch.pace.rate = 1e6;
  f.watch.pace.measured = 1;
  f.watch.pace.accepted = 1;
  atomic_store (&f.recorder->space_left, 30000000);
  look (&f);
  message = warning (&f, "space-low", "30 s. Free some space");
  has_count (message, "space-left", 30000000);
  has_count (message, "time-left", 30 * GST_SECOND);
  gst_message_unref (message);
  fail_unless_equals_uint64 (safefilesink_watch_time_left (&f.watch),
      30 * GST_SECOND);
  told_nothing (&f);
  teardown (&f);
}
GST_END_TEST;

GST_START_TEST (test_the_end_of_the_room_is_told_and_asked_for_once)
{
  Fixture f;

  setup (&f);
  fail_unless (safefilesink_watch_end (&f.watch));
  fail_unless (!safefilesink_watch_end (&f.watch));
  fail_unless (safefilesink_watch_look (&f.watch, f.reporter, f.recorder, ""));
  gst_message_unref (warning (&f, "space-used-up", "Free some space"));
  fail_unless (!safefilesink_watch_look (&f.watch, f.reporter, f.recorder,
          ""));
  told_nothing (&f);
  teardown (&f);
}
GST_END_TEST;

static Suite *
safefilesink_warnings_suite (void)
{
  Suite *suite = suite_create ("safefilesink-warnings");
  TCase *tcase = tcase_create ("all");

  suite_add_tcase (suite, tcase);
  tcase_add_test (tcase, test_a_recording_without_trouble_warns_of_nothing);
  tcase_add_test (tcase, test_a_file_system_that_refuses_direct_is_told_once);
  tcase_add_test (tcase, test_each_mismatch_is_told_with_its_place);
  tcase_add_test (tcase, test_waits_for_room_are_told_but_not_each_of_them);
  tcase_add_test (tcase,
      test_a_disk_that_falls_behind_is_told_before_memory_is_full);
  tcase_add_test (tcase, test_a_disk_that_is_full_within_the_minute_is_told);
  tcase_add_test (tcase, test_the_end_of_the_room_is_told_and_asked_for_once);
  return suite;
}

GST_CHECK_MAIN (safefilesink_warnings);
