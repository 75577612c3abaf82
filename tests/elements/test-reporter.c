/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gst/check/gstcheck.h>
#include <gst/safecapture/gstsafecapturereporter.h>
#include <gst/safecapture/gstsafecaptureschema.h>

#include <signal.h>

static gint polls, collects;
static GThread *poll_thread;

static void
collect (GstElement * element, GstStructure * stats)
{
  g_atomic_int_inc (&collects);
  gst_structure_set (stats, "answer", G_TYPE_UINT64, (guint64) 42, NULL);
}

static void
poll_pending (GstElement * element)
{
  poll_thread = g_thread_self ();
  g_atomic_int_inc (&polls);
  gst_element_post_message (element, gst_message_new_application
      (GST_OBJECT (element), gst_structure_new_empty ("polled")));
}

static const GstSafecaptureReporterClass klass = {
  .prefix = "tested",
  .collect = collect,
  .poll = poll_pending,
};

typedef struct
{
  GstElement *element;
  GstBus *bus;
  GstSafecaptureReporter *reporter;
} Fixture;

static void
setup (Fixture * f)
{
  /* What is posted here is in no schema, but where that is the subject. */
  g_unsetenv ("SAFECAPTURE_CHECK_SCHEMA");
  f->element = gst_bin_new ("tested");
  f->bus = gst_bus_new ();
  gst_element_set_bus (f->element, f->bus);
  f->reporter = gst_safecapture_reporter_new (f->element, &klass);
  polls = collects = 0;
}

static void
set_interval (Fixture * f, GstClockTime interval)
{
  GValue value = G_VALUE_INIT;

  g_value_init (&value, G_TYPE_UINT64);
  g_value_set_uint64 (&value, interval);
  gst_safecapture_reporter_set_property (f->reporter, 2, &value);
}

static void
teardown (Fixture * f)
{
  gst_safecapture_reporter_free (f->reporter);
  gst_element_set_bus (f->element, NULL);
  gst_object_unref (f->bus);
  gst_object_unref (f->element);
}

static GstMessage *
next_message (Fixture * f, GstMessageType type)
{
  return gst_bus_timed_pop_filtered (f->bus, 20 * GST_SECOND, type);
}

GST_START_TEST (test_metrics_are_posted_at_the_interval_and_once_more_at_stop)
{
  Fixture f;
  guint64 answer;

  setup (&f);
  set_interval (&f, GST_MSECOND);
  gst_safecapture_reporter_start (f.reporter);
  for (int i = 0; i < 3; i++) {
    GstMessage *message = next_message (&f, GST_MESSAGE_ELEMENT);

    fail_unless (message != NULL);
    fail_unless (gst_message_has_name (message, "tested-metrics"));
    fail_unless (gst_structure_get_uint64 (gst_message_get_structure (message),
            "answer", &answer) && answer == 42);
    gst_message_unref (message);
  }
  gst_bus_set_flushing (f.bus, TRUE);
  gst_bus_set_flushing (f.bus, FALSE);
  set_interval (&f, GST_SECOND * 3600);
  gst_bus_set_flushing (f.bus, TRUE);
  gst_bus_set_flushing (f.bus, FALSE);
  gst_safecapture_reporter_stop (f.reporter);
  GstMessage *last = gst_bus_pop_filtered (f.bus, GST_MESSAGE_ELEMENT);
  fail_unless (last != NULL);
  gst_message_unref (last);
  teardown (&f);
}

GST_END_TEST;

GST_START_TEST (test_a_kick_is_polled_from_another_thread_with_metrics_off)
{
  Fixture f;
  GstMessage *message;

  setup (&f);
  set_interval (&f, 0);
  gst_safecapture_reporter_start (f.reporter);
  gst_safecapture_reporter_kick (f.reporter);
  message = next_message (&f, GST_MESSAGE_APPLICATION);
  fail_unless (message != NULL);
  gst_message_unref (message);
  fail_unless (poll_thread != g_thread_self ());
  fail_unless_equals_int (g_atomic_int_get (&collects), 0);
  teardown (&f);
  fail_unless_equals_int (g_atomic_int_get (&collects), 0);
}

GST_END_TEST;

static gboolean busy_is_over;

static void
poll_for_ever (GstElement * element)
{
  /* Has news again as soon as it was polled. */
  if (!g_atomic_int_get (&busy_is_over))
    gst_safecapture_reporter_kick (g_object_get_data (G_OBJECT (element),
            "reporter"));
}

static const GstSafecaptureReporterClass busy_klass = {
  .prefix = "busy",
  .collect = collect,
  .poll = poll_for_ever,
};

GST_START_TEST (test_a_reporter_kicked_all_the_time_does_not_starve_another)
{
  Fixture f;
  GstElement *busy = gst_bin_new ("busy");
  GstSafecaptureReporter *busy_reporter =
      gst_safecapture_reporter_new (busy, &busy_klass);

  g_object_set_data (G_OBJECT (busy), "reporter", busy_reporter);
  gst_safecapture_reporter_start (busy_reporter);
  gst_safecapture_reporter_kick (busy_reporter);
  setup (&f);
  set_interval (&f, GST_MSECOND);
  gst_safecapture_reporter_start (f.reporter);
  for (int i = 0; i < 10; i++) {
    GstMessage *message = next_message (&f, GST_MESSAGE_ELEMENT);

    fail_unless (message != NULL);
    gst_message_unref (message);
  }
  g_atomic_int_set (&busy_is_over, TRUE);
  teardown (&f);
  gst_safecapture_reporter_free (busy_reporter);
  gst_object_unref (busy);
}

GST_END_TEST;

static gpointer
kick_many (gpointer reporter)
{
  for (int i = 0; i < 20000; i++)
    gst_safecapture_reporter_kick (reporter);
  return NULL;
}

GST_START_TEST (test_start_stop_and_kicks_at_once_end_and_serve_nobody_after_stop)
{
  Fixture f;
  GThread *kicker;
  gint after;

  setup (&f);
  set_interval (&f, GST_USECOND);
  kicker = g_thread_new ("kicker", kick_many, f.reporter);
  for (int i = 0; i < 200; i++) {
    gst_safecapture_reporter_start (f.reporter);
    gst_safecapture_reporter_stop (f.reporter);
  }
  g_thread_join (kicker);
  after = g_atomic_int_get (&polls);
  fail_unless (after >= 200);
  gst_safecapture_reporter_kick (f.reporter);
  fail_unless_equals_int (g_atomic_int_get (&polls), after);
  gst_bus_set_flushing (f.bus, TRUE);
  teardown (&f);
}

GST_END_TEST;

GST_START_TEST (test_every_message_says_the_schemas_version)
{
  Fixture f;
  GstMessage *message;
  guint schema = 0;

  setup (&f);
  gst_safecapture_reporter_post_state (f.reporter, "a", "b", "c");
  message = next_message (&f, GST_MESSAGE_ELEMENT);
  fail_unless (gst_structure_get_uint (gst_message_get_structure (message),
          "schema", &schema));
  fail_unless_equals_int (schema, gst_safecapture_schema_get_version ());
  gst_message_unref (message);
  teardown (&f);
}

GST_END_TEST;

GST_START_TEST (test_a_message_that_is_in_no_schema_is_seen_by_the_tests)
{
  Fixture f;

  setup (&f);
  g_setenv ("SAFECAPTURE_CHECK_SCHEMA", "1", TRUE);
  gst_safecapture_reporter_post_state (f.reporter, "a", "b", "c");
  fail ("it was posted");
}

GST_END_TEST;

static Suite *
reporter_suite (void)
{
  Suite *suite = suite_create ("reporter");
  TCase *tcase = tcase_create ("reporter");

  suite_add_tcase (suite, tcase);
  tcase_add_test (tcase,
      test_metrics_are_posted_at_the_interval_and_once_more_at_stop);
  tcase_add_test (tcase,
      test_a_kick_is_polled_from_another_thread_with_metrics_off);
  tcase_add_test (tcase,
      test_a_reporter_kicked_all_the_time_does_not_starve_another);
  tcase_add_test (tcase,
      test_start_stop_and_kicks_at_once_end_and_serve_nobody_after_stop);
  tcase_add_test (tcase, test_every_message_says_the_schemas_version);
  tcase_add_test_raise_signal (tcase,
      test_a_message_that_is_in_no_schema_is_seen_by_the_tests, SIGABRT);
  return suite;
}

GST_CHECK_MAIN (reporter);
