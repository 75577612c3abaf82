/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Random runs of one queue with random actors, see torture.h, until the time is
 * over.  What must hold:
 *
 *   Order      all that comes out is in order, and nothing from before a flush
 *              after it
 *   Loss       no event is missing unless it was flushed, stopped, refused with
 *              EOS or pushed while nothing was linked; a missing buffer is marked
 *              by DISCONT, and each comes under the STREAM_START, CAPS and SEGMENT
 *              that it was sent under
 *   Accounts   whenever all is at rest: in = out + dropped + level, in buffers and
 *              in bytes, and in and out are what the test has counted itself
 *   Leaks      no buffer or event outlives its run
 *   Progress   nobody hangs: a watchdog writes the stacks of all threads and fails
 *
 * The controls plant a fault for each of these: the same checks must find it.
 *
 * SC_TEST_SEED repeats a run, as far as threads can be repeated; SC_TEST_SECONDS
 * sets how long it goes on (10 s when not set).  For long, and on one processor:
 *
 *   SC_TEST_SECONDS=600 CK_DEFAULT_TIMEOUT=0 meson devenv -C build \
 *       tests/stress/stress-tieredqueue-torture
 *   (the same with taskset -c 0 before the program)
 */
#include <gst/check/gstcheck.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "torture.h"
#include "watchdog.h"

#define DEFAULT_SECONDS 10
/* A thread that does nothing for so long hangs, also under a sanitizer. */
#define HANG_SECONDS 30
#define CONTROL_RUNS 20

static guint32
first_seed (void)
{
  const gchar *text = g_getenv ("SC_TEST_SEED");
  guint32 seed = text != NULL
      ? (guint32) g_ascii_strtoull (text, NULL, 10) : g_random_int ();

  g_print ("tieredqueue-torture: SC_TEST_SEED=%u\n", seed);
  return seed;
}

static gint64
end_time (void)
{
  const gchar *text = g_getenv ("SC_TEST_SECONDS");
  gint64 seconds = text != NULL
      ? (gint64) g_ascii_strtoull (text, NULL, 10) : DEFAULT_SECONDS;

  return g_get_monotonic_time () + seconds * G_TIME_SPAN_SECOND;
}

static TorturePlan
choose_plan (GRand * random)
{
  TorturePlan plan = {
    .flushes = g_rand_boolean (random),
    .seeks = g_rand_boolean (random),
    .refusals = g_rand_boolean (random),
    .tunes = g_rand_boolean (random),
    .blocks = g_rand_boolean (random),
    .relinks = g_rand_int_range (random, 0, 4) == 0,
    .restarts = g_rand_int_range (random, 0, 4) == 0,
    .stops_in_the_middle = g_rand_boolean (random),
    .leaky = g_rand_int_range (random, 0, 3),
  };

  if (g_rand_boolean (random))
    plan.requests = (guint) g_rand_int_range (random, 1, TORTURE_LINKS_MOST);
  plan.together = g_rand_boolean (random);
  return plan;
}

GST_START_TEST (test_whatever_the_threads_do_all_is_kept_in_order_and_counted)
{
  guint32 seed = first_seed ();
  gint64 end = end_time ();
  GstElement *queue = gst_element_factory_make ("tieredqueue", NULL);
  guint runs = 0;

  watchdog_start (HANG_SECONDS, STDERR_FILENO, TRUE);
  do {
    GRand *random = g_rand_new_with_seed (seed);
    TorturePlan plan = choose_plan (random);
    gchar *plan_text = g_strdup_printf ("seed %u (flushes %d, seeks %d, "
        "refusals %d, tunes %d, blocks %d, relinks %d, restarts %d, stops %d, "
        "requests %u, leaky %d, together %d)", seed, plan.flushes, plan.seeks,
        plan.refusals, plan.tunes, plan.blocks, plan.relinks, plan.restarts,
        plan.stops_in_the_middle, plan.requests, plan.leaky,
        plan.together);
    gchar *error;

    watchdog_context (plan_text);
    error = torture_run (queue, seed, &plan, (guint) g_rand_int_range (random,
            5, 300));
    fail_unless (error == NULL, "%s: %s", plan_text, error);
    if (g_rand_boolean (random)) {      /* else it is started again */
      gst_object_unref (queue);
      queue = gst_element_factory_make ("tieredqueue", NULL);
    }
    watchdog_context (NULL);
    g_free (plan_text);
    g_rand_free (random);
    seed++;
    runs++;
  } while (g_get_monotonic_time () < end);
  g_print ("%u runs\n", runs);
  gst_object_unref (queue);
  watchdog_stop ();
}

GST_END_TEST;

/* Another check may be the first to find it, now and then. */
static void
check_control (const gchar * factory, TorturePlan plan, const gchar * expected)
{
  GstElement *queue = gst_element_factory_make (factory, NULL);
  gchar *error = NULL;

  plan.plain = TRUE;
  watchdog_start (HANG_SECONDS, STDERR_FILENO, TRUE);
  for (guint32 seed = 1; seed <= CONTROL_RUNS; seed++) {
    g_free (error);
    error = torture_run (queue, seed, &plan, 100);
    if (error != NULL && strstr (error, expected) != NULL)
      break;
  }
  g_print ("found: %s\n", error != NULL ? error : "nothing");
  fail_unless (error != NULL && strstr (error, expected) != NULL);
  g_free (error);
  gst_object_unref (queue);
  watchdog_stop ();
}

GST_START_TEST (test_control_a_queue_that_loses_events_is_found)
{
  check_control ("queue", (TorturePlan) {
      .leaky = 2,}, "did not come out");
}

GST_END_TEST;

GST_START_TEST (test_control_a_lost_buffer_is_found)
{
  check_control ("tieredqueue", (TorturePlan) {
      .fault = TORTURE_LOSES_A_BUFFER}, "without a mark");
}

GST_END_TEST;

GST_START_TEST (test_control_a_swapped_buffer_is_found)
{
  check_control ("tieredqueue", (TorturePlan) {
      .fault = TORTURE_SWAPS_BUFFERS}, " came out after ");
}

GST_END_TEST;

GST_START_TEST (test_control_lost_caps_are_found)
{
  check_control ("tieredqueue", (TorturePlan) {
      .fault = TORTURE_LOSES_CAPS}, "came under CAPS");
}

GST_END_TEST;

GST_START_TEST (test_control_a_buffer_from_before_a_flush_is_found)
{
  check_control ("tieredqueue", (TorturePlan) {
      .flushes = TRUE,.fault = TORTURE_KEEPS_A_STALE_BUFFER},
      "came out after the flush");
}

GST_END_TEST;

GST_START_TEST (test_control_a_leaked_buffer_is_found)
{
  check_control ("tieredqueue", (TorturePlan) {
      .fault = TORTURE_LEAKS_A_BUFFER}, "outlive the run");
}

GST_END_TEST;

GST_START_TEST (test_control_wrong_accounts_are_found)
{
  check_control ("tieredqueue", (TorturePlan) {
      .fault = TORTURE_MISCOUNTS_IN}, "buffers: in");
  check_control ("tieredqueue", (TorturePlan) {
      .fault = TORTURE_MISCOUNTS_BYTES}, "bytes: in");
  check_control ("tieredqueue", (TorturePlan) {
      .fault = TORTURE_MISCOUNTS_OUT}, "buffers: out");
  check_control ("tieredqueue", (TorturePlan) {
      .fault = TORTURE_MISCOUNTS_LEVEL}, "level");
}

GST_END_TEST;

/* ---- the watchdog ---- */

static GMutex never_given;

/* By name in the stacks: exported. */
gpointer wait_in_vain (gpointer name);

gpointer
wait_in_vain (gpointer name)
{
  guint who = watchdog_enter (name);

  watchdog_at (who, "waiting in vain");
  g_mutex_lock (&never_given);
  g_mutex_unlock (&never_given);
  watchdog_leave (who);
  return NULL;
}

GST_START_TEST (test_control_a_stuck_thread_is_found_with_all_stacks)
{
  gint fd;
  gchar *path, *text;
  GThread *stuck, *other;

  fd = g_file_open_tmp ("watchdog-XXXXXX", &path, NULL);
  fail_unless (fd >= 0);
  g_mutex_lock (&never_given);
  watchdog_start (1, fd, FALSE);
  stuck = g_thread_new ("stuck", wait_in_vain, (gpointer) "the stuck one");
  other = g_thread_new ("other", wait_in_vain, (gpointer) "the other");
  while (!watchdog_has_bitten ())
    g_usleep (1000);
  watchdog_stop ();
  g_mutex_unlock (&never_given);
  g_thread_join (stuck);
  g_thread_join (other);

  fail_unless (g_file_get_contents (path, &text, NULL, NULL));
  fail_unless (strstr (text, " hangs") != NULL);
  fail_unless (strstr (text, "waiting in vain") != NULL);
#ifdef __linux__
  fail_unless (strstr (text, "stuck\n") != NULL, "%s", text);
  fail_unless (strstr (text, "other\n") != NULL, "%s", text);
  fail_unless (strstr (text, "(wait_in_vain") != NULL, "%s", text);
#endif
  g_free (text);
  unlink (path);
  g_free (path);
  close (fd);
}

GST_END_TEST;

static Suite *
tieredqueue_torture_suite (void)
{
  Suite *suite = suite_create ("tieredqueue-torture");
  TCase *tcase = tcase_create ("tieredqueue-torture");

  suite_add_tcase (suite, tcase);
  tcase_add_test (tcase,
      test_whatever_the_threads_do_all_is_kept_in_order_and_counted);
  tcase_add_test (tcase, test_control_a_queue_that_loses_events_is_found);
  tcase_add_test (tcase, test_control_a_lost_buffer_is_found);
  tcase_add_test (tcase, test_control_a_swapped_buffer_is_found);
  tcase_add_test (tcase, test_control_lost_caps_are_found);
  tcase_add_test (tcase, test_control_a_buffer_from_before_a_flush_is_found);
  tcase_add_test (tcase, test_control_a_leaked_buffer_is_found);
  tcase_add_test (tcase, test_control_wrong_accounts_are_found);
  tcase_add_test (tcase,
      test_control_a_stuck_thread_is_found_with_all_stacks);
  return suite;
}

GST_CHECK_MAIN (tieredqueue_torture);
