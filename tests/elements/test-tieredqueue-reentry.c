/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Code of others that runs in the middle of tieredqueue's own may call back into
 * it: what goes with the last reference of a buffer or a pad, and what is
 * notified. */
#include "tieredqueue-check.h"

/* ---- a request pad and its way ---- */

typedef struct
{
  GstElement *queue;
  GstPad *upstream;             /* of ours */
  GstPad *downstream;
  GstPad *sinkpad;              /* of the queue's */
  GstPad *srcpad;
  gint ran;                     /* what calls back: how often */
  GThread *releaser;            /* the first to call back here releases the channel */
} Way;

/* How far those go that call in: loop tests. */
enum
{ LOOKS, RELEASES, N_CALLS };

static GstFlowReturn flow_of_downstream;

static GstStaticPadTemplate any_sink = GST_STATIC_PAD_TEMPLATE ("sink",
    GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);

static GstFlowReturn
swallow (GstPad * pad, GstObject * parent, GstBuffer * buffer)
{
  gst_buffer_unref (buffer);
  return flow_of_downstream;
}

static void
push_caps (Way * way, gint n)
{
  GstCaps *caps = gst_caps_new_simple ("application/x-test", "n", G_TYPE_INT,
      n, NULL);

  gst_pad_push_event (way->upstream, gst_event_new_caps (caps));
  gst_caps_unref (caps);
}

static void
way_init (Way * way)
{
  GstSegment segment;

  flow_of_downstream = GST_FLOW_OK;
  *way = (Way) { 0 };
  way->queue = gst_element_factory_make ("tieredqueue", NULL);
  way->sinkpad = gst_element_request_pad_simple (way->queue, "sink_0");
  gst_object_ref (way->sinkpad);
  way->srcpad = gst_element_get_static_pad (way->queue, "src_0");
  way->upstream = gst_pad_new ("up", GST_PAD_SRC);
  way->downstream = gst_pad_new_from_static_template (&any_sink, "down");
  gst_pad_set_chain_function (way->downstream, swallow);
  gst_pad_set_active (way->upstream, TRUE);
  gst_pad_set_active (way->downstream, TRUE);
  gst_pad_link (way->upstream, way->sinkpad);
  gst_pad_link (way->srcpad, way->downstream);
  gst_element_set_state (way->queue, GST_STATE_PLAYING);
  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_pad_push_event (way->upstream, gst_event_new_stream_start ("test"));
  push_caps (way, 1);
  gst_pad_push_event (way->upstream, gst_event_new_segment (&segment));
}

static void
way_clear (Way * way)
{
  gst_pad_set_active (way->upstream, FALSE);
  gst_element_set_state (way->queue, GST_STATE_NULL);
  gst_pad_set_active (way->downstream, FALSE);
  gst_object_unref (way->sinkpad);
  gst_object_unref (way->srcpad);
  gst_object_unref (way->upstream);
  gst_object_unref (way->downstream);
  gst_clear_object (&way->queue);
}

/* What an application may do that hears of the end of its memory. */
static void
call_in (gpointer user_data)
{
  Way *way = user_data;
  GstStructure *stats;

  g_object_set (way->queue, "max-size-buffers", 7, NULL);
  g_object_get (way->queue, "stats", &stats, NULL);
  gst_structure_free (stats);
  gst_pad_send_event (way->srcpad, gst_event_new_reconfigure ());
  if (way->releaser == g_thread_self ()) {
    way->releaser = NULL;
    gst_element_release_request_pad (way->queue, way->sinkpad);
  }
  g_atomic_int_inc (&way->ran);
}

static GstBuffer *
telling_buffer (Way * way)
{
  return gst_buffer_new_wrapped_full (0, g_malloc0 (8), 8, 0, 8, way, call_in);
}

static void
wait_ran (Way * way, gint times)
{
  while (g_atomic_int_get (&way->ran) < times)
    g_thread_yield ();
}

static gulong
block (GstPad * pad)
{
  return gst_pad_add_probe (pad,
      GST_PAD_PROBE_TYPE_BLOCK | GST_PAD_PROBE_TYPE_BUFFER, hold, NULL, NULL);
}

GST_START_TEST (test_a_buffer_that_goes_in_an_error_may_call_in)
{
  gulong probe;
  Way way;

  way_init (&way);
  probe = block (way.srcpad);
  flow_of_downstream = GST_FLOW_ERROR;
  for (guint i = 0; i < 5; i++)
    gst_pad_push (way.upstream, telling_buffer (&way));
  gst_pad_remove_probe (way.srcpad, probe);
  wait_ran (&way, 5);
  way_clear (&way);
}

GST_END_TEST;

/* Where downstream is not linked all is kept, up to the flush. */
GST_START_TEST (test_a_buffer_that_goes_in_a_flush_may_call_in)
{
  gulong probe;
  Way way;

  way_init (&way);
  way.releaser = __i__ == RELEASES ? g_thread_self () : NULL;
  probe = block (way.srcpad);
  flow_of_downstream = GST_FLOW_NOT_LINKED;
  for (guint i = 0; i < 5; i++)
    gst_pad_push (way.upstream, telling_buffer (&way));
  gst_pad_remove_probe (way.srcpad, probe);
  wait_ran (&way, 1);           /* which was refused */
  gst_pad_push_event (way.upstream, gst_event_new_flush_start ());
  gst_pad_push_event (way.upstream, gst_event_new_flush_stop (TRUE));
  fail_unless_equals_int (g_atomic_int_get (&way.ran), 5);
  way_clear (&way);
}

GST_END_TEST;

GST_START_TEST (test_a_buffer_that_goes_in_a_stop_may_call_in)
{
  Way way;

  way_init (&way);
  way.releaser = __i__ == RELEASES ? g_thread_self () : NULL;
  block (way.srcpad);
  for (guint i = 0; i < 5; i++)
    gst_pad_push (way.upstream, telling_buffer (&way));
  way_clear (&way);
  fail_unless_equals_int (way.ran, 5);
}

GST_END_TEST;

GST_START_TEST (test_a_buffer_that_goes_with_a_switch_off_may_call_in)
{
  gulong probe;
  Way way;

  way_init (&way);
  way.releaser = __i__ == RELEASES ? g_thread_self () : NULL;
  probe = block (way.srcpad);
  for (guint i = 0; i < 5; i++)
    gst_pad_push (way.upstream, telling_buffer (&way));
  while (!gst_pad_is_blocking (way.srcpad))     /* with the first of them */
    g_thread_yield ();
  gst_pad_set_active (way.sinkpad, FALSE);
  /* Who releases leaves some to another thread. */
  fail_unless (__i__ == RELEASES || g_atomic_int_get (&way.ran) == 4);
  gst_pad_remove_probe (way.srcpad, probe);
  wait_ran (&way, 5);
  way_clear (&way);
}

GST_END_TEST;

GST_START_TEST (test_a_buffer_that_leaks_may_call_in)
{
  gulong probe;
  Way way;

  way_init (&way);
  way.releaser = __i__ == RELEASES ? g_thread_self () : NULL;
  probe = block (way.srcpad);
  g_object_set (way.queue, "max-size-buffers", 3, "leaky", 2, NULL);
  for (guint i = 0; i < 20; i++)
    gst_pad_push (way.upstream, telling_buffer (&way));
  fail_unless (g_atomic_int_get (&way.ran) > 5);
  gst_pad_remove_probe (way.srcpad, probe);
  wait_ran (&way, 20);
  way_clear (&way);
}

GST_END_TEST;

/* The caps that a flush leaves on the source pad. */
static void
caps_notified (GstPad * pad, GParamSpec * spec, Way * way)
{
  call_in (way);
}

GST_START_TEST (test_who_hears_of_caps_in_a_flush_may_call_in)
{
  gulong probe;
  Way way;

  way_init (&way);
  probe = block (way.srcpad);
  flow_of_downstream = GST_FLOW_NOT_LINKED;
  gst_pad_push (way.upstream, telling_buffer (&way));
  push_caps (&way, 2);
  gst_pad_remove_probe (way.srcpad, probe);
  wait_ran (&way, 1);           /* the buffer was refused, the caps are behind */
  g_signal_connect (way.srcpad, "notify::caps", G_CALLBACK (caps_notified),
      &way);
  gst_pad_push_event (way.upstream, gst_event_new_flush_start ());
  gst_pad_push_event (way.upstream, gst_event_new_flush_stop (TRUE));
  fail_unless_equals_int (way.ran, 2);
  g_signal_handlers_disconnect_by_data (way.srcpad, &way);
  way_clear (&way);
}

GST_END_TEST;

/* ---- pads ---- */

static void
pad_gone (gpointer user_data, GObject * pad)
{
  if (((Way *) user_data)->queue != NULL)       /* else it goes with the queue */
    call_in (user_data);
}

/* Pads of which both were requested stay until some others have been released:
 * so the last reference of one goes in the release of another. */
GST_START_TEST (test_a_pad_that_goes_may_call_in)
{
  enum
  { N = 40 };
  Way way;

  way_init (&way);
  for (guint i = 0; i < N; i++) {
    GstPad *sinkpad = gst_element_request_pad_simple (way.queue, "sink_%u");

    fail_unless (gst_element_request_pad_simple (way.queue, "src_%u") != NULL);
    g_object_weak_ref (G_OBJECT (sinkpad), pad_gone, &way);
    gst_element_release_request_pad (way.queue, sinkpad);
    gst_object_unref (sinkpad);
  }
  fail_unless (g_atomic_int_get (&way.ran) > 0);
  way_clear (&way);
}

GST_END_TEST;

static Suite *
tieredqueue_reentry_suite (void)
{
  Suite *suite = suite_create ("tieredqueue reentry");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_a_buffer_that_goes_in_an_error_may_call_in);
  tcase_add_loop_test (tc, test_a_buffer_that_goes_in_a_flush_may_call_in, 0,
      N_CALLS);
  tcase_add_loop_test (tc, test_a_buffer_that_goes_in_a_stop_may_call_in, 0,
      N_CALLS);
  tcase_add_loop_test (tc,
      test_a_buffer_that_goes_with_a_switch_off_may_call_in, 0, N_CALLS);
  tcase_add_loop_test (tc, test_a_buffer_that_leaks_may_call_in, 0, N_CALLS);
  tcase_add_test (tc, test_who_hears_of_caps_in_a_flush_may_call_in);
  tcase_add_test (tc, test_a_pad_that_goes_may_call_in);
  return suite;
}

GST_CHECK_MAIN (tieredqueue_reentry);
