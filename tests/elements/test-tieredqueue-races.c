/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the torture of tieredqueue has found, each made certain: with a gate, or
 * from a callback at the very place. */
#include <gst/check/gstcheck.h>
#include <gst/check/gstharness.h>

static GstBuffer *
buffer_at (GstClockTime time)
{
  GstBuffer *buffer = gst_buffer_new_and_alloc (10);

  GST_BUFFER_PTS (buffer) = time;
  return buffer;
}

static guint64
counter_of (const GstStructure * stats, const gchar * field)
{
  guint64 value = 0;

  fail_unless (gst_structure_get_uint64 (stats, field, &value));
  return value;
}

/* ---- a refusal with EOS ---- */

static struct
{
  GMutex lock;
  GCond moved;
  gboolean open;
  guint arrived;
  gint n;                       /* of the caps that the last buffer came under */
} gate;

static gint
number_of (GstPad * pad)
{
  GstCaps *caps = gst_pad_get_current_caps (pad);
  gint n = 0;

  gst_structure_get_int (gst_caps_get_structure (caps, 0), "n", &n);
  gst_caps_unref (caps);
  return n;
}

/* Waits, and refuses the first. */
static GstFlowReturn
refuse_first (GstPad * pad, GstObject * parent, GstBuffer * buffer)
{
  guint number;

  gst_buffer_unref (buffer);
  g_mutex_lock (&gate.lock);
  while (!gate.open)
    g_cond_wait (&gate.moved, &gate.lock);
  gate.n = number_of (pad);
  number = ++gate.arrived;
  g_cond_broadcast (&gate.moved);
  g_mutex_unlock (&gate.lock);
  return number == 1 ? GST_FLOW_EOS : GST_FLOW_OK;
}

static void
push_caps (GstHarness * h, gint n)
{
  GstCaps *caps = gst_caps_new_simple ("application/x-test", "n", G_TYPE_INT,
      n, NULL);

  fail_unless (gst_harness_push_event (h, gst_event_new_caps (caps)));
  gst_caps_unref (caps);
}

/* They stand among what downstream lets go when it says EOS; what is behind the
 * next SEGMENT comes under them all the same. */
GST_START_TEST (test_caps_behind_a_refusal_with_eos_are_not_lost)
{
  GstHarness *h = gst_harness_new ("tieredqueue");
  GstSegment segment;

  gst_segment_init (&segment, GST_FORMAT_TIME);
  gate.open = FALSE;
  gate.arrived = 0;
  gst_pad_set_chain_function (h->sinkpad, refuse_first);
  gst_harness_push_event (h, gst_event_new_stream_start ("test"));
  push_caps (h, 1);
  gst_harness_push_event (h, gst_event_new_segment (&segment));
  gst_harness_push (h, buffer_at (1));
  push_caps (h, 2);
  gst_harness_push_event (h, gst_event_new_segment (&segment));
  gst_harness_push (h, buffer_at (2));
  g_mutex_lock (&gate.lock);
  gate.open = TRUE;
  g_cond_broadcast (&gate.moved);
  while (gate.arrived < 2)
    g_cond_wait (&gate.moved, &gate.lock);
  g_mutex_unlock (&gate.lock);
  fail_unless_equals_int (gate.n, 2);
  gst_harness_teardown (h);
}

GST_END_TEST;

/* ---- an error while a buffer comes in ---- */

static GstMiniObjectCopyFunction copy_buffer;
static GstHarness *failing;

/* The second buffer comes when the gate is open, and fails. */
static GstFlowReturn
fail_second (GstPad * pad, GstObject * parent, GstBuffer * buffer)
{
  gst_buffer_unref (buffer);
  g_mutex_lock (&gate.lock);
  gate.arrived++;
  g_cond_broadcast (&gate.moved);
  while (!gate.open)
    g_cond_wait (&gate.moved, &gate.lock);
  gate.open = FALSE;
  g_mutex_unlock (&gate.lock);
  return gate.arrived == 1 ? GST_FLOW_OK : GST_FLOW_ERROR;
}

static void
open_gate (void)
{
  g_mutex_lock (&gate.lock);
  gate.open = TRUE;
  g_cond_broadcast (&gate.moved);
  g_mutex_unlock (&gate.lock);
}

static void
wait_arrived (guint number)
{
  g_mutex_lock (&gate.lock);
  while (gate.arrived < number)
    g_cond_wait (&gate.moved, &gate.lock);
  g_mutex_unlock (&gate.lock);
}

/* The queue makes a buffer writable to mark it with DISCONT: it has let it in, and
 * not yet put it into the ring. */
static GstMiniObject *
fail_meanwhile (const GstMiniObject * object)
{
  GstPad *pad = gst_element_get_static_pad (failing->element, "src");

  open_gate ();
  while (gst_pad_get_task_state (pad) == GST_TASK_STARTED)
    g_thread_yield ();
  GST_PAD_STREAM_LOCK (pad);    /* the task has let go of what it found */
  GST_PAD_STREAM_UNLOCK (pad);
  gst_object_unref (pad);
  return copy_buffer (object);
}

GST_START_TEST (test_a_buffer_that_comes_with_an_error_does_not_stay)
{
  GstHarness *h = failing = gst_harness_new ("tieredqueue");
  GstBuffer *buffer = buffer_at (4);
  GstStructure *stats;

  gate.open = FALSE;
  gate.arrived = 0;
  gst_pad_set_chain_function (h->sinkpad, fail_second);
  gst_harness_set_src_caps_str (h, "application/x-test");
  g_object_set (h->element, "max-size-buffers", 1, "leaky", 1, NULL);
  gst_harness_push (h, buffer_at (1));
  wait_arrived (1);
  gst_harness_push (h, buffer_at (2));
  gst_harness_push (h, buffer_at (3));  /* leaks */
  open_gate ();
  wait_arrived (2);

  copy_buffer = GST_MINI_OBJECT_CAST (buffer)->copy;
  GST_MINI_OBJECT_CAST (buffer)->copy = fail_meanwhile;
  fail_unless (gst_harness_push (h, gst_buffer_ref (buffer)) == GST_FLOW_OK);
  fail_unless (gst_harness_push (h, buffer_at (5)) == GST_FLOW_ERROR);
  g_object_get (h->element, "stats", &stats, NULL);
  fail_unless_equals_uint64 (counter_of (stats, "level-buffers"), 0);
  fail_unless_equals_uint64 (counter_of (stats, "buffers-in"), 4);
  fail_unless_equals_uint64 (counter_of (stats, "buffers-dropped-full"), 1);
  fail_unless_equals_uint64 (counter_of (stats, "buffers-dropped-flush"), 1);
  gst_structure_free (stats);
  gst_buffer_unref (buffer);
  gst_harness_teardown (h);
}

GST_END_TEST;

/* ---- asking in a handler ---- */

static GstBusSyncReply
look_at_stats (GstBus * bus, GstMessage * message, gpointer queue)
{
  GstStructure *stats;
  guint level;

  g_object_set (queue, "max-size-buffers", 7, NULL);
  g_object_get (queue, "stats", &stats, "current-level-buffers", &level, NULL);
  gst_structure_free (stats);
  gst_message_unref (message);
  return GST_BUS_DROP;
}

/* GStreamer posts as it starts the task, in the middle of the start. */
GST_START_TEST (test_a_handler_of_stream_status_may_ask_and_set)
{
  GstElement *queue = gst_element_factory_make ("tieredqueue", NULL);
  GstBus *bus = gst_bus_new ();

  gst_bus_set_sync_handler (bus, look_at_stats, queue, NULL);
  gst_element_set_bus (queue, bus);
  fail_unless_equals_int (gst_element_set_state (queue, GST_STATE_PLAYING),
      GST_STATE_CHANGE_SUCCESS);
  gst_element_set_state (queue, GST_STATE_NULL);
  gst_element_set_bus (queue, NULL);
  gst_object_unref (bus);
  gst_object_unref (queue);
}

GST_END_TEST;

/* ---- a number that is being let go ---- */

static void
request_meanwhile (GstElement * queue, GstPad * removed, GstPad ** other)
{
  if (*other == NULL)
    *other = gst_element_request_pad_simple (queue, "sink_%u");
}

/* One pad is out of the element and the other is in it: the number is taken. */
GST_START_TEST (test_a_request_during_a_release_gets_another_number)
{
  GstElement *queue = gst_element_factory_make ("tieredqueue", NULL);
  GstPad *pad = gst_element_request_pad_simple (queue, "sink_%u");
  GstPad *other = NULL;

  g_signal_connect (queue, "pad-removed", G_CALLBACK (request_meanwhile),
      &other);
  gst_element_release_request_pad (queue, pad);
  fail_unless (other != NULL);
  fail_unless_equals_string (GST_PAD_NAME (other), "sink_1");
  fail_unless (GST_OBJECT_PARENT (other) == GST_OBJECT (queue));
  gst_object_unref (other);
  gst_object_unref (pad);
  other = gst_element_request_pad_simple (queue, "sink_%u");
  fail_unless_equals_string (GST_PAD_NAME (other), "sink_0");
  gst_object_unref (other);
  gst_object_unref (queue);
}

GST_END_TEST;

/* A start of the element in another thread may still activate its pads. */
GST_START_TEST (test_a_released_channel_does_not_open_again)
{
  GstElement *queue = gst_element_factory_make ("tieredqueue", NULL);
  GstPad *pad = gst_element_request_pad_simple (queue, "sink_%u");
  GstPad *other = gst_element_get_static_pad (queue, "src_0");
  GstQuery *query = gst_query_new_drain ();

  gst_element_set_state (queue, GST_STATE_PLAYING);
  gst_element_release_request_pad (queue, pad);
  fail_unless (gst_pad_set_active (other, TRUE));
  fail_unless (gst_pad_set_active (pad, TRUE));
  fail_if (gst_pad_query (pad, query));
  gst_query_unref (query);
  gst_pad_set_active (other, FALSE);
  gst_pad_set_active (pad, FALSE);
  gst_object_unref (other);
  gst_object_unref (pad);
  gst_element_set_state (queue, GST_STATE_NULL);
  gst_object_unref (queue);
}

GST_END_TEST;

static Suite *
tieredqueue_races_suite (void)
{
  Suite *suite = suite_create ("tieredqueue-races");
  TCase *tcase = tcase_create ("tieredqueue-races");

  suite_add_tcase (suite, tcase);
  tcase_add_test (tcase, test_caps_behind_a_refusal_with_eos_are_not_lost);
  tcase_add_test (tcase, test_a_buffer_that_comes_with_an_error_does_not_stay);
  tcase_add_test (tcase, test_a_handler_of_stream_status_may_ask_and_set);
  tcase_add_test (tcase, test_a_request_during_a_release_gets_another_number);
  tcase_add_test (tcase, test_a_released_channel_does_not_open_again);
  return suite;
}

GST_CHECK_MAIN (tieredqueue_races);
