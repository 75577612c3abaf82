/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* `batch`: what is pushed as a list, and that nothing else changes by it. */
#include "tieredqueue-check.h"

/* What came out: the size of each push in turn (1 for a buffer), "e" between for an
 * event, and every buffer's number. */
typedef struct
{
  GString *pushes;
  GArray *numbers;
  guint disconts;
  guint discont_at;             /* the number of the last that had the flag */
} Seen;

static Seen seen;

static void
see_buffer (GstBuffer * buffer)
{
  guint64 number = GST_BUFFER_OFFSET (buffer);

  g_array_append_val (seen.numbers, number);
  if (GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DISCONT)) {
    seen.disconts++;
    seen.discont_at = (guint) number;
  }
}

static GstFlowReturn
take_buffer (GstPad * pad, GstObject * parent, GstBuffer * buffer)
{
  g_string_append (seen.pushes, "1 ");
  see_buffer (buffer);
  gst_buffer_unref (buffer);
  return GST_FLOW_OK;
}

static GstFlowReturn
take_list (GstPad * pad, GstObject * parent, GstBufferList * list)
{
  g_string_append_printf (seen.pushes, "%u ", gst_buffer_list_length (list));
  for (guint i = 0; i < gst_buffer_list_length (list); i++)
    see_buffer (gst_buffer_list_get (list, i));
  gst_buffer_list_unref (list);
  return GST_FLOW_OK;
}

static gboolean
take_event (GstPad * pad, GstObject * parent, GstEvent * event)
{
  if (GST_EVENT_TYPE (event) == GST_EVENT_CUSTOM_DOWNSTREAM)
    g_string_append (seen.pushes, "e ");
  return gst_pad_event_default (pad, parent, event);
}

/* A queue whose downstream is held with buffer 1, and notes what it gets. */
static GstHarness *
new_batch_harness (guint batch, gboolean lists, Held * held)
{
  GstHarness *h = new_harness ("tieredqueue", "batch", batch, NULL);

  gst_pad_set_chain_function (h->sinkpad, take_buffer);
  gst_pad_set_event_function (h->sinkpad, take_event);
  if (lists)
    gst_pad_set_chain_list_function (h->sinkpad, take_list);
  seen.pushes = g_string_new (NULL);
  seen.numbers = g_array_new (FALSE, FALSE, sizeof (guint64));
  seen.disconts = 0;
  *held = hold_downstream (h);
  gst_harness_push (h, numbered (1));
  /* An empty queue is not enough: what comes next may go with the first. */
  wait_until_held (h);
  return h;
}

static void
push_numbers (GstHarness * h, guint from, guint to)
{
  for (guint i = from; i <= to; i++)
    fail_unless_equals_int (gst_harness_push (h, numbered (i)), GST_FLOW_OK);
}

/* Lets all go, which makes the end of the stream come out, and checks it. */
static void
assert_pushes (GstHarness * h, Held held, const gchar * pushes)
{
  GstPad *pad = src_pad (h);

  release_downstream (held);
  gst_harness_push_event (h, gst_event_new_eos ());
  while (gst_pad_get_task_state (pad) == GST_TASK_STARTED)
    g_thread_yield ();
  assert_accounts_balance (h);
  fail_unless_equals_uint64 (stat_of (h, "level-buffers"), 0);
  gst_harness_teardown (h);
  fail_unless_equals_string (seen.pushes->str, pushes);
  g_string_free (seen.pushes, TRUE);
}

static void
assert_numbers (guint from, guint to)
{
  fail_unless_equals_int (seen.numbers->len, to - from + 1);
  for (guint i = 0; i < seen.numbers->len; i++)
    fail_unless_equals_uint64 (g_array_index (seen.numbers, guint64, i),
        from + i);
  g_array_unref (seen.numbers);
}

GST_START_TEST (test_what_is_queued_comes_out_in_lists_of_batch_buffers)
{
  Held held;
  GstHarness *h = new_batch_harness (4, TRUE, &held);

  push_numbers (h, 2, 11);
  assert_pushes (h, held, "1 4 4 2 ");
  assert_numbers (1, 11);
}

GST_END_TEST;

GST_START_TEST (test_by_default_buffers_come_out_one_by_one)
{
  Held held;
  GstHarness *h = new_batch_harness (1, TRUE, &held);

  push_numbers (h, 2, 4);
  assert_pushes (h, held, "1 1 1 1 ");
  assert_numbers (1, 4);
}

GST_END_TEST;

GST_START_TEST (test_a_pad_that_does_not_handle_lists_gets_buffers)
{
  Held held;
  GstHarness *h = new_batch_harness (4, FALSE, &held);

  push_numbers (h, 2, 6);
  assert_pushes (h, held, "1 1 1 1 1 1 ");
  assert_numbers (1, 6);
}

GST_END_TEST;

GST_START_TEST (test_an_event_ends_a_batch_and_keeps_its_place)
{
  Held held;
  GstHarness *h = new_batch_harness (8, TRUE, &held);

  push_numbers (h, 2, 4);
  gst_harness_push_event (h, gst_event_new_custom
      (GST_EVENT_CUSTOM_DOWNSTREAM, gst_structure_new_empty ("test")));
  push_numbers (h, 5, 6);
  assert_pushes (h, held, "1 3 e 2 ");
  assert_numbers (1, 6);
}

GST_END_TEST;

GST_START_TEST (test_a_list_is_not_put_into_another)
{
  GstBufferList *list = gst_buffer_list_new ();
  Held held;
  GstHarness *h = new_batch_harness (8, TRUE, &held);

  push_numbers (h, 2, 3);
  gst_buffer_list_add (list, numbered (4));
  gst_buffer_list_add (list, numbered (5));
  fail_unless_equals_int (gst_pad_push_list (h->srcpad, list), GST_FLOW_OK);
  push_numbers (h, 6, 7);
  assert_pushes (h, held, "1 2 2 2 ");
  assert_numbers (1, 7);
}

GST_END_TEST;

GST_START_TEST (test_the_first_buffer_after_a_drop_tells_it_in_a_batch)
{
  Held held;
  GstHarness *h = new_batch_harness (8, TRUE, &held);

  g_object_set (h->element, "max-size-buffers", 3, NULL);
  gst_util_set_object_arg (G_OBJECT (h->element), "leaky", "downstream");
  push_numbers (h, 2, 7);
  fail_unless_equals_uint64 (stat_of (h, "buffers-dropped-full"), 3);
  assert_pushes (h, held, "1 3 ");
  fail_unless_equals_int (seen.disconts, 1);
  fail_unless_equals_int (seen.discont_at, 5);
  g_array_unref (seen.numbers);
}

GST_END_TEST;

GST_START_TEST (test_a_batch_does_not_go_below_a_threshold)
{
  GstHarness *h;
  Held held;

  h = new_batch_harness (8, TRUE, &held);
  g_object_set (h->element, "min-threshold-buffers", 3, NULL);
  push_numbers (h, 2, 6);
  release_downstream (held);
  /* Five are queued: three may go, the other two are below the threshold. */
  wait_until_level (h, 2);
  held = hold_downstream (h);
  fail_unless_equals_uint64 (stat_of (h, "level-buffers"), 2);
  assert_pushes (h, held, "1 3 2 ");
  assert_numbers (1, 6);
}

GST_END_TEST;

static Suite *
tieredqueue_batch_suite (void)
{
  Suite *s = suite_create ("tieredqueue-batch");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_set_timeout (tc, 60);
  tcase_add_test (tc, test_what_is_queued_comes_out_in_lists_of_batch_buffers);
  tcase_add_test (tc, test_by_default_buffers_come_out_one_by_one);
  tcase_add_test (tc, test_a_pad_that_does_not_handle_lists_gets_buffers);
  tcase_add_test (tc, test_an_event_ends_a_batch_and_keeps_its_place);
  tcase_add_test (tc, test_a_list_is_not_put_into_another);
  tcase_add_test (tc, test_the_first_buffer_after_a_drop_tells_it_in_a_batch);
  tcase_add_test (tc, test_a_batch_does_not_go_below_a_threshold);
  return s;
}

GST_CHECK_MAIN (tieredqueue_batch);
