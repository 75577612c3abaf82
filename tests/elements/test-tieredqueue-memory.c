/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A queue that finds no memory to grow.  The program's own posix_memalign() stands
 * before the library's, and gives nothing while `exhausted` is set.
 */
#include <errno.h>
#include <stdlib.h>

#include "tieredqueue-check.h"

static gint exhausted;

int
posix_memalign (void **memory, size_t alignment, size_t size)
{
  /* A cache line: what the ring asks for, and not GLib, which would abort. */
  if (alignment == 64 && g_atomic_int_get (&exhausted))
    return ENOMEM;
  *memory = aligned_alloc (alignment, (size + alignment - 1) / alignment
      * alignment);
  return *memory == NULL ? ENOMEM : 0;
}

static GstEvent *
custom_event (void)
{
  return gst_event_new_custom (GST_EVENT_CUSTOM_DOWNSTREAM,
      gst_structure_new_empty ("custom"));
}

static void
expect_no_space_left (GstBus * bus)
{
  GstMessage *message = gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR);
  GError *error;
  gchar *remedy;

  fail_unless (message != NULL, "no error");
  gst_message_parse_error (message, &error, &remedy);
  fail_unless (g_error_matches (error, GST_RESOURCE_ERROR,
          GST_RESOURCE_ERROR_NO_SPACE_LEFT));
  fail_unless (strstr (remedy, "set a smaller") != NULL);
  g_error_free (error);
  g_free (remedy);
  gst_message_unref (message);
}

/* Held, with a limit in time alone. */
static GstHarness *
unlimited_queue (GstBus * bus, Held * held)
{
  GstHarness *h = new_harness ("tieredqueue", "max-size-buffers", 0,
      "max-size-bytes", 0, "max-size-time", 100 * GST_SECOND, NULL);

  gst_element_set_bus (h->element, bus);
  *held = hold_downstream (h);
  g_atomic_int_set (&exhausted, TRUE);
  return h;
}

static void
end (GstHarness * h, GstBus * bus)
{
  g_atomic_int_set (&exhausted, FALSE);
  gst_element_set_bus (h->element, NULL);
  gst_object_unref (bus);
  gst_harness_teardown (h);
}

GST_START_TEST (test_a_buffer_without_a_slot_is_an_error_and_no_abort)
{
  GstBus *bus = gst_bus_new ();
  Held held;
  GstHarness *h = unlimited_queue (bus, &held);
  GstFlowReturn flow = GST_FLOW_OK;

  for (guint i = 0; i < 5000 && flow == GST_FLOW_OK; i++)
    flow = gst_harness_push (h, numbered (i));
  fail_unless_equals_int (flow, GST_FLOW_ERROR);
  expect_no_space_left (bus);
  g_atomic_int_set (&exhausted, FALSE); /* and with memory it goes on */
  fail_unless_equals_int (gst_harness_push (h, numbered (0)), GST_FLOW_OK);
  release_downstream (held);
  wait_until_level (h, 0);
  fail_unless_equals_uint64 (stat_of (h, "buffers-dropped"), 0);
  end (h, bus);
}

GST_END_TEST;

GST_START_TEST (test_an_event_and_a_query_without_a_slot_are_refused)
{
  GstBus *bus = gst_bus_new ();
  Held held;
  GstHarness *h = unlimited_queue (bus, &held);
  GstQuery *query = gst_query_new_drain ();
  gboolean taken = TRUE;

  for (guint i = 0; i < 5000 && taken; i++)
    taken = gst_harness_push_event (h, custom_event ());
  fail_if (taken);
  expect_no_space_left (bus);
  fail_if (gst_harness_push_event (h, gst_event_new_eos ()));
  expect_no_space_left (bus);
  fail_if (gst_pad_peer_query (h->srcpad, query));
  expect_no_space_left (bus);
  gst_query_unref (query);
  release_downstream (held);
  end (h, bus);
}

GST_END_TEST;

GST_START_TEST (test_a_leak_that_cannot_keep_an_event_aside_is_an_error)
{
  GstBus *bus = gst_bus_new ();
  GstHarness *h = new_harness ("tieredqueue", "max-size-buffers", 1, "leaky",
      2, NULL);
  GstFlowReturn flow = GST_FLOW_OK;
  Held held;

  gst_element_set_bus (h->element, bus);
  held = hold_downstream (h);
  gst_harness_push (h, numbered (0));
  wait_until_level (h, 0);
  for (guint i = 0; i < 2000; i++)
    gst_harness_push_event (h, custom_event ());
  g_atomic_int_set (&exhausted, TRUE);
  for (guint i = 1; i < 4 && flow == GST_FLOW_OK; i++)
    flow = gst_harness_push (h, numbered (i));
  fail_unless_equals_int (flow, GST_FLOW_ERROR);
  expect_no_space_left (bus);
  assert_accounts_balance (h);
  release_downstream (held);
  end (h, bus);
}

GST_END_TEST;

static Suite *
tieredqueue_memory_suite (void)
{
  Suite *suite = suite_create ("tieredqueue-memory");
  TCase *tcase = tcase_create ("tieredqueue-memory");

  suite_add_tcase (suite, tcase);
  tcase_add_test (tcase, test_a_buffer_without_a_slot_is_an_error_and_no_abort);
  tcase_add_test (tcase,
      test_an_event_and_a_query_without_a_slot_are_refused);
  tcase_add_test (tcase,
      test_a_leak_that_cannot_keep_an_event_aside_is_an_error);
  return suite;
}

GST_CHECK_MAIN (tieredqueue_memory);
