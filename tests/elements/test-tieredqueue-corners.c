/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The corners of tieredqueue: streams behind streams, stops in the middle of a
 * callback, and threads that meet at the same point. */
#include <gst/check/gstcheck.h>
#include <gst/check/gstharness.h>

static GstPad *
src_pad (GstHarness * h)
{
  GstPad *pad = gst_element_get_static_pad (h->element, "src");

  gst_object_unref (pad);       /* the element keeps it */
  return pad;
}

static GstBuffer *
buffer_at (GstClockTime time)
{
  GstBuffer *buffer = gst_buffer_new_and_alloc (10);

  GST_BUFFER_PTS (buffer) = time;
  GST_BUFFER_DURATION (buffer) = GST_MSECOND;
  return buffer;
}

static GstEvent *
custom_event (void)
{
  return gst_event_new_custom (GST_EVENT_CUSTOM_DOWNSTREAM,
      gst_structure_new_empty ("custom"));
}

static guint64
stat_of (GstElement * element, const gchar * field)
{
  GstStructure *stats;
  guint64 value = 0;

  g_object_get (element, "stats", &stats, NULL);
  fail_unless (gst_structure_get_uint64 (stats, field, &value),
      "no field %s", field);
  gst_structure_free (stats);
  return value;
}

static void
push_new_stream (GstHarness * h, const gchar * id)
{
  GstSegment segment;

  gst_segment_init (&segment, GST_FORMAT_TIME);
  fail_unless (gst_harness_push_event (h, gst_event_new_stream_start (id)));
  fail_unless (gst_harness_push_event (h, gst_event_new_segment (&segment)));
}

/* ---- a downstream that stops with every buffer and custom event ---- */

static struct
{
  GMutex lock;
  GCond moved;
  guint arrived;
  guint allowed;                /* so many may go on */
  GstPadEventFunction event;
  GstPadChainFunction chain;
} gate;

static void
pass_gate (void)
{
  guint number;

  g_mutex_lock (&gate.lock);
  number = ++gate.arrived;
  g_cond_broadcast (&gate.moved);
  while (gate.allowed < number)
    g_cond_wait (&gate.moved, &gate.lock);
  g_mutex_unlock (&gate.lock);
}

static void
wait_at_gate (guint arrived)
{
  g_mutex_lock (&gate.lock);
  while (gate.arrived < arrived)
    g_cond_wait (&gate.moved, &gate.lock);
  g_mutex_unlock (&gate.lock);
}

static void
open_gate (guint allowed)
{
  g_mutex_lock (&gate.lock);
  gate.allowed = allowed;
  g_cond_broadcast (&gate.moved);
  g_mutex_unlock (&gate.lock);
}

static GstFlowReturn
gated_chain (GstPad * pad, GstObject * parent, GstBuffer * buffer)
{
  pass_gate ();
  return gate.chain (pad, parent, buffer);
}

static gboolean
gated_event (GstPad * pad, GstObject * parent, GstEvent * event)
{
  if (GST_EVENT_TYPE (event) == GST_EVENT_CUSTOM_DOWNSTREAM)
    pass_gate ();
  return gate.event (pad, parent, event);
}

/* The gate is shut; what a stream begins with has gone through. */
static GstHarness *
gated_harness (const gchar * factory)
{
  GstHarness *h = gst_harness_new (factory);

  gst_harness_set_src_caps_str (h, "application/x-test");
  gst_harness_push (h, buffer_at (0));
  gst_buffer_unref (gst_harness_pull (h));
  gate.arrived = gate.allowed = 0;
  gate.chain = GST_PAD_CHAINFUNC (h->sinkpad);
  gate.event = GST_PAD_EVENTFUNC (h->sinkpad);
  gst_pad_set_chain_function (h->sinkpad, gated_chain);
  gst_pad_set_event_function (h->sinkpad, gated_event);
  return h;
}

/* ---- leaking ---- */

GST_START_TEST (test_a_drop_before_an_event_marks_the_buffer_after_it)
{
  GstHarness *h = gated_harness ("tieredqueue");
  GstBuffer *buffer;

  g_object_set (h->element, "max-size-buffers", 2, "leaky", 2, NULL);
  gst_harness_push (h, buffer_at (1));
  wait_at_gate (1);
  gst_harness_push (h, buffer_at (2));  /* is dropped by 5 */
  gst_harness_push_event (h, custom_event ());
  gst_harness_push (h, buffer_at (4));
  gst_harness_push (h, buffer_at (5));
  open_gate (G_MAXUINT);
  gst_buffer_unref (gst_harness_pull (h));
  buffer = gst_harness_pull (h);
  fail_unless_equals_uint64 (GST_BUFFER_PTS (buffer), 4);
  fail_unless (GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DISCONT));
  gst_buffer_unref (buffer);
  buffer = gst_harness_pull (h);
  fail_if (GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DISCONT));
  gst_buffer_unref (buffer);
  gst_harness_teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_accounts_balance_while_an_evicted_event_is_pushed)
{
  GstHarness *h = gated_harness ("tieredqueue");

  g_object_set (h->element, "max-size-buffers", 2, "leaky", 2, NULL);
  gst_harness_push (h, buffer_at (1));
  wait_at_gate (1);
  gst_harness_push_event (h, custom_event ());
  for (guint i = 3; i < 7; i++)
    gst_harness_push (h, buffer_at (i));
  open_gate (1);
  wait_at_gate (2);             /* at the event: 5 and 6 are queued */
  fail_unless_equals_uint64 (stat_of (h->element, "buffers-in"), 6);
  fail_unless_equals_uint64 (stat_of (h->element, "buffers-out"), 2);
  fail_unless_equals_uint64 (stat_of (h->element, "buffers-dropped"), 2);
  fail_unless_equals_uint64 (stat_of (h->element, "level-buffers"), 2);
  open_gate (G_MAXUINT);
  gst_harness_teardown (h);
}

GST_END_TEST;

/* Lets the times of a queue jump back by a second, and tells how many buffers
 * it then holds when it is full in time. */
static guint
level_after_a_jump_back (const gchar * factory)
{
  static const guint times[] = { 999, 0, 60, 80, 100 };
  GstHarness *h = gated_harness (factory);
  guint level;

  g_object_set (h->element, "max-size-time", (guint64) 0, "leaky", 1, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (times); i++) {
    gst_harness_push (h, buffer_at (times[i] * GST_MSECOND));
    wait_at_gate (1);
  }
  open_gate (1);
  wait_at_gate (2);             /* with that of 0: from 1 to 101 are queued */
  g_object_set (h->element, "max-size-time", (guint64) 100 * GST_MSECOND,
      NULL);
  gst_harness_push (h, buffer_at (110 * GST_MSECOND));
  g_object_get (h->element, "current-level-buffers", &level, NULL);
  open_gate (G_MAXUINT);
  gst_harness_teardown (h);
  return level;
}

GST_START_TEST (test_times_that_jump_back_do_not_lift_the_limit_in_time)
{
  fail_unless_equals_int (level_after_a_jump_back ("queue"), 3);
  fail_unless_equals_int (level_after_a_jump_back ("tieredqueue"), 3);
}

GST_END_TEST;

/* ---- streams behind streams ---- */

GST_START_TEST (test_each_of_two_queued_streams_ends)
{
  GstHarness *h = gated_harness ("tieredqueue");
  GstEvent *event;
  guint ends = 0;

  gst_harness_push (h, buffer_at (1));
  wait_at_gate (1);
  fail_unless (gst_harness_push_event (h, gst_event_new_eos ()));
  push_new_stream (h, "second");
  gst_harness_push (h, buffer_at (2));
  fail_unless (gst_harness_push_event (h, gst_event_new_eos ()));
  open_gate (G_MAXUINT);
  while (ends < 2) {
    event = gst_harness_pull_event (h);
    fail_unless (event != NULL, "%u of 2 ends", ends);
    ends += GST_EVENT_TYPE (event) == GST_EVENT_EOS;
    gst_event_unref (event);
  }
  fail_unless_equals_int (gst_harness_buffers_received (h), 3);
  gst_harness_teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_a_serialised_query_after_eos_is_refused)
{
  GstHarness *h = gated_harness ("tieredqueue");
  GstQuery *query = gst_query_new_drain ();

  gst_harness_push (h, buffer_at (1));
  wait_at_gate (1);
  fail_unless (gst_harness_push_event (h, gst_event_new_eos ()));
  open_gate (G_MAXUINT);
  fail_if (gst_pad_peer_query (h->srcpad, query));
  gst_query_unref (query);
  gst_harness_teardown (h);
}

GST_END_TEST;

static GstFlowReturn
refuse_with_error (GstPad * pad, GstObject * parent, GstBuffer * buffer)
{
  gst_buffer_unref (buffer);
  return GST_FLOW_ERROR;
}

GST_START_TEST (test_a_new_stream_after_an_error_and_eos_flows_again)
{
  GstHarness *h = gated_harness ("tieredqueue");
  GstBus *bus = gst_bus_new ();

  gst_element_set_bus (h->element, bus);
  gst_harness_push (h, buffer_at (1));
  wait_at_gate (1);
  gst_harness_push (h, buffer_at (2));
  fail_unless (gst_harness_push_event (h, gst_event_new_eos ()));
  gst_pad_set_chain_function (h->sinkpad, refuse_with_error);
  open_gate (G_MAXUINT);
  gst_message_unref (gst_bus_timed_pop_filtered (bus, 20 * GST_SECOND,
          GST_MESSAGE_ERROR));
  while (gst_pad_get_task_state (src_pad (h)) == GST_TASK_STARTED)
    g_thread_yield ();
  gst_pad_set_chain_function (h->sinkpad, gate.chain);
  push_new_stream (h, "second");
  fail_unless_equals_int (gst_harness_push (h, buffer_at (3)), GST_FLOW_OK);
  gst_buffer_unref (gst_harness_pull (h));
  gst_element_set_bus (h->element, NULL);
  gst_object_unref (bus);
  gst_harness_teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_an_error_lets_go_of_the_memory_that_is_queued)
{
  GstHarness *h = gated_harness ("tieredqueue");
  GstBufferPool *pool = gst_buffer_pool_new ();
  GstStructure *config = gst_buffer_pool_get_config (pool);
  GstBuffer *buffer;

  gst_buffer_pool_config_set_params (config, NULL, 10, 0, 2);
  fail_unless (gst_buffer_pool_set_config (pool, config));
  fail_unless (gst_buffer_pool_set_active (pool, TRUE));
  gst_harness_push (h, buffer_at (1));
  wait_at_gate (1);
  for (guint i = 0; i < 2; i++) {
    fail_unless_equals_int (gst_buffer_pool_acquire_buffer (pool, &buffer,
            NULL), GST_FLOW_OK);
    fail_unless_equals_int (gst_harness_push (h, buffer), GST_FLOW_OK);
  }
  gst_pad_set_chain_function (h->sinkpad, refuse_with_error);
  open_gate (G_MAXUINT);
  /* Hangs if the two stay in the queue. */
  fail_unless_equals_int (gst_buffer_pool_acquire_buffer (pool, &buffer, NULL),
      GST_FLOW_OK);
  gst_buffer_unref (buffer);
  /* The first of them may have been let go of before the error came back. */
  while (gst_pad_get_task_state (src_pad (h)) == GST_TASK_STARTED)
    g_thread_yield ();
  fail_unless_equals_int (gst_harness_push (h, buffer_at (4)), GST_FLOW_ERROR);
  gst_harness_teardown (h);
  gst_buffer_pool_set_active (pool, FALSE);
  gst_object_unref (pool);
}

GST_END_TEST;

/* ---- starting and stopping ---- */

GST_START_TEST (test_counters_begin_at_zero_at_every_start)
{
  GstHarness *h = gated_harness ("tieredqueue");

  g_object_set (h->element, "max-size-buffers", 2, NULL);
  gst_harness_push (h, buffer_at (1));
  wait_at_gate (1);
  gst_harness_push (h, buffer_at (2));
  gst_harness_push (h, buffer_at (3));
  fail_unless_equals_uint64 (stat_of (h->element, "backpressure-count"), 1);
  open_gate (G_MAXUINT);
  gst_element_set_state (h->element, GST_STATE_READY);
  /* Not until PLAYING: nothing has gone in yet. */
  gst_element_set_state (h->element, GST_STATE_PAUSED);
  fail_unless_equals_uint64 (stat_of (h->element, "buffers-in"), 0);
  fail_unless_equals_uint64 (stat_of (h->element, "backpressure-count"), 0);
  fail_unless_equals_uint64 (stat_of (h->element, "backpressure-time"), 0);
  gst_harness_teardown (h);
}

GST_END_TEST;

static GstFlowReturn
push_into_a_queue_that_was_not_started (GstElement * queue)
{
  GstPad *pad = gst_element_get_static_pad (queue, "sink");
  GstSegment segment;
  GstFlowReturn flow;

  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_pad_set_active (pad, TRUE);
  gst_pad_send_event (pad, gst_event_new_stream_start ("id"));
  gst_pad_send_event (pad, gst_event_new_segment (&segment));
  flow = gst_pad_chain (pad, buffer_at (0));
  gst_object_unref (pad);
  return flow;
}

GST_START_TEST (test_what_is_queued_goes_with_a_queue_that_was_never_started)
{
  GstElement *queue = gst_element_factory_make ("tieredqueue", NULL);

  fail_unless_equals_int (push_into_a_queue_that_was_not_started (queue),
      GST_FLOW_OK);
  gst_object_unref (queue);
}

GST_END_TEST;

GST_START_TEST (test_what_was_queued_before_the_start_comes_out)
{
  GstElement *queue = gst_element_factory_make ("tieredqueue", NULL);
  GstHarness *h;

  fail_unless_equals_int (push_into_a_queue_that_was_not_started (queue),
      GST_FLOW_OK);
  h = gst_harness_new_with_element (queue, NULL, "src");
  gst_harness_play (h);
  gst_buffer_unref (gst_harness_pull (h));
  gst_harness_teardown (h);
  gst_object_unref (queue);
}

GST_END_TEST;

/* ---- a message handler that stops what it hears of ---- */

/* Nobody takes anything out: the fifth buffer is dropped. */
static void
start_without_an_output (GstElement * queue)
{
  GstPad *sink = gst_element_get_static_pad (queue, "sink");
  GstPad *src = gst_element_get_static_pad (queue, "src");

  g_object_set (queue, "max-size-buffers", 4, "leaky", 1, NULL);
  gst_element_set_state (queue, GST_STATE_PLAYING);
  gst_pad_set_active (src, FALSE);
  gst_pad_set_active (sink, FALSE);
  gst_pad_set_active (sink, TRUE);
  gst_object_unref (sink);
  gst_object_unref (src);
}

static guint64 told;

static GstBusSyncReply
stop_at_the_first_drop (GstBus * bus, GstMessage * message, gpointer queue)
{
  guint64 count;

  if (gst_message_has_name (message, "tieredqueue-dropped")) {
    gst_structure_get_uint64 (gst_message_get_structure (message), "count",
        &count);
    told += count;
    gst_element_set_state (queue, GST_STATE_NULL);
  }
  gst_message_unref (message);
  return GST_BUS_DROP;
}

GST_START_TEST (test_a_stop_from_a_message_handler_tells_every_drop_once)
{
  GstElement *queue = gst_element_factory_make ("tieredqueue", NULL);
  GstPad *sink = gst_element_get_static_pad (queue, "sink");
  GstBus *bus = gst_bus_new ();
  GstState state;

  gst_bus_set_sync_handler (bus, stop_at_the_first_drop, queue, NULL);
  gst_element_set_bus (queue, bus);
  start_without_an_output (queue);
  push_into_a_queue_that_was_not_started (queue);
  for (guint i = 1; i < 5; i++)
    gst_pad_chain (sink, buffer_at (i));
  do {
    gst_element_get_state (queue, &state, NULL, 0);
    g_thread_yield ();
  } while (state != GST_STATE_NULL);
  fail_unless_equals_uint64 (stat_of (queue, "buffers-dropped"), told);
  gst_element_set_bus (queue, NULL);
  gst_object_unref (bus);
  gst_object_unref (sink);
  gst_object_unref (queue);
}

GST_END_TEST;

static gint gone;

static void
note_gone (gpointer unused, GObject * where)
{
  g_atomic_int_set (&gone, 1);
}

static GstBusSyncReply
let_go_at_the_first_drop (GstBus * bus, GstMessage * message, gpointer queue)
{
  static gint once = 1;

  if (gst_message_has_name (message, "tieredqueue-dropped")
      && g_atomic_int_dec_and_test (&once)) {
    gst_element_set_state (queue, GST_STATE_NULL);
    gst_object_unref (queue);
  }
  gst_message_unref (message);
  return GST_BUS_DROP;
}

GST_START_TEST (test_the_last_reference_can_go_in_a_message_handler)
{
  GstElement *queue = gst_element_factory_make ("tieredqueue", NULL);
  GstPad *sink = gst_element_get_static_pad (queue, "sink");
  GstBus *bus = gst_bus_new ();

  gst_bus_set_sync_handler (bus, let_go_at_the_first_drop, queue, NULL);
  gst_element_set_bus (queue, bus);
  g_object_weak_ref (G_OBJECT (queue), note_gone, NULL);
  start_without_an_output (queue);
  push_into_a_queue_that_was_not_started (queue);
  for (guint i = 1; i < 10; i++)
    gst_pad_chain (sink, buffer_at (i));
  gst_object_unref (sink);
  while (!g_atomic_int_get (&gone))
    g_thread_yield ();
  gst_object_unref (bus);
}

GST_END_TEST;

/* ---- threads that meet ---- */

static gint meeting;

static gpointer
reconfigure_all_the_time (gpointer pad)
{
  while (g_atomic_int_get (&meeting))
    gst_pad_push_event (pad, gst_event_new_reconfigure ());
  return NULL;
}

/* Comes back when the queue is full, so that the next push waits or is about
 * to. */
static GstFlowReturn
refuse_when_full (GstPad * pad, GstObject * parent, GstBuffer * buffer)
{
  static guint calls;
  GstPad *peer = gst_pad_get_peer (pad);
  GstElement *queue = gst_pad_get_parent_element (peer);
  guint level;

  gst_buffer_unref (buffer);
  do {
    g_object_get (queue, "current-level-buffers", &level, NULL);
    g_thread_yield ();
  } while (level == 0 && g_atomic_int_get (&meeting));
  gst_object_unref (queue);
  gst_object_unref (peer);
  return calls++ % 2 ? GST_FLOW_OK : GST_FLOW_NOT_LINKED;
}

GST_START_TEST (test_a_queue_that_does_not_leak_drops_nothing_when_reconfigured)
{
  GstHarness *h = gated_harness ("tieredqueue");
  GThread *linker;
  guint accepted = 0;

  g_object_set (h->element, "max-size-buffers", 1, NULL);
  gst_pad_set_chain_function (h->sinkpad, refuse_when_full);
  g_atomic_int_set (&meeting, 1);
  linker = g_thread_new ("linker", reconfigure_all_the_time, h->sinkpad);
  while (accepted < 300)
    accepted += gst_harness_push (h, buffer_at (0)) == GST_FLOW_OK;
  g_atomic_int_set (&meeting, 0);
  g_thread_join (linker);
  fail_unless_equals_uint64 (stat_of (h->element, "buffers-dropped"), 0);
  fail_unless_equals_uint64 (stat_of (h->element, "buffers-in"), 1 + accepted);
  gst_harness_teardown (h);
}

GST_END_TEST;

static GstFlowReturn
never_linked (GstPad * pad, GstObject * parent, GstBuffer * buffer)
{
  gst_buffer_unref (buffer);
  return GST_FLOW_NOT_LINKED;
}

GST_START_TEST (test_a_stop_ends_while_it_is_being_reconfigured)
{
  GstHarness *h = gated_harness ("tieredqueue");
  GThread *linker;

  gst_pad_set_chain_function (h->sinkpad, never_linked);
  g_atomic_int_set (&meeting, 1);
  linker = g_thread_new ("linker", reconfigure_all_the_time, h->sinkpad);
  for (guint i = 0; i < 2000; i++) {
    gst_element_set_state (h->element, GST_STATE_READY);
    gst_element_set_state (h->element, GST_STATE_PLAYING);
    push_new_stream (h, "next");
    for (guint n = i % 20; n > 0; n--)
      gst_harness_push (h, buffer_at (n));
  }
  g_atomic_int_set (&meeting, 0);
  gst_element_set_state (h->element, GST_STATE_NULL);
  g_thread_join (linker);
  gst_harness_teardown (h);
}

GST_END_TEST;

/* As a source's: held while it pushes, and by who ends a flush. */
static GMutex streaming;

static gpointer
flush_all_the_time (gpointer harness)
{
  while (g_atomic_int_get (&meeting)) {
    gst_harness_push_event (harness, gst_event_new_flush_start ());
    g_mutex_lock (&streaming);
    gst_harness_push_event (harness, gst_event_new_flush_stop (TRUE));
    g_mutex_unlock (&streaming);
  }
  return NULL;
}

static void
push_some (GstHarness * h)
{
  GstSegment segment;

  gst_segment_init (&segment, GST_FORMAT_TIME);
  g_mutex_lock (&streaming);
  gst_harness_push_event (h, gst_event_new_stream_start ("next"));
  gst_harness_push_event (h, gst_event_new_segment (&segment));
  for (guint n = 0; n < 20; n++) {
    gst_harness_push_event (h, custom_event ());
    gst_harness_push (h, buffer_at (n));
  }
  g_mutex_unlock (&streaming);
}

GST_START_TEST (test_a_flush_that_meets_a_stop_lets_each_item_go_once)
{
  GstHarness *h = gated_harness ("tieredqueue");
  GThread *flusher;

  open_gate (G_MAXUINT);
  gst_harness_set_drop_buffers (h, TRUE);
  g_object_set (h->element, "min-threshold-buffers", 1000, NULL);
  g_atomic_int_set (&meeting, 1);
  flusher = g_thread_new ("flusher", flush_all_the_time, h);
  for (guint i = 0; i < 1000; i++) {
    gst_element_set_state (h->element, GST_STATE_READY);
    gst_element_set_state (h->element, GST_STATE_PLAYING);
    push_some (h);
  }
  g_atomic_int_set (&meeting, 0);
  /* Before the flusher is waited for: as in queue, a FLUSH_START that a whole
   * stop and start has overtaken waits for the task that was started. */
  gst_element_set_state (h->element, GST_STATE_READY);
  g_thread_join (flusher);
  fail_unless_equals_uint64 (stat_of (h->element, "buffers-in"),
      stat_of (h->element, "buffers-out")
      + stat_of (h->element, "buffers-dropped"));
  gst_harness_teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_an_error_that_meets_eos_is_told)
{
  GstHarness *h = gated_harness ("tieredqueue");
  GstBus *bus = gst_bus_new ();

  gst_element_set_bus (h->element, bus);
  gst_pad_set_chain_function (h->sinkpad, refuse_with_error);
  for (guint i = 0; i < 5000; i++) {
    GstMessage *message;

    gst_harness_push (h, buffer_at (i));
    for (guint spin = i % 100; spin > 0; spin--)
      g_atomic_int_get (&meeting);
    gst_harness_push_event (h, gst_event_new_eos ());
    message = gst_bus_timed_pop_filtered (bus, 20 * GST_SECOND,
        GST_MESSAGE_ERROR);
    fail_unless (message != NULL, "no error in round %u", i);
    gst_message_unref (message);
    gst_harness_push_event (h, gst_event_new_flush_start ());
    gst_harness_push_event (h, gst_event_new_flush_stop (TRUE));
    push_new_stream (h, "next");
  }
  gst_element_set_bus (h->element, NULL);
  gst_object_unref (bus);
  gst_harness_teardown (h);
}

GST_END_TEST;

static Suite *
tieredqueue_corners_suite (void)
{
  Suite *suite = suite_create ("tieredqueue-corners");
  TCase *tcase = tcase_create ("tieredqueue-corners");

  suite_add_tcase (suite, tcase);
  tcase_add_test (tcase, test_a_drop_before_an_event_marks_the_buffer_after_it);
  tcase_add_test (tcase,
      test_accounts_balance_while_an_evicted_event_is_pushed);
  tcase_add_test (tcase,
      test_times_that_jump_back_do_not_lift_the_limit_in_time);
  tcase_add_test (tcase, test_each_of_two_queued_streams_ends);
  tcase_add_test (tcase, test_a_serialised_query_after_eos_is_refused);
  tcase_add_test (tcase, test_a_new_stream_after_an_error_and_eos_flows_again);
  tcase_add_test (tcase, test_an_error_lets_go_of_the_memory_that_is_queued);
  tcase_add_test (tcase, test_counters_begin_at_zero_at_every_start);
  tcase_add_test (tcase,
      test_what_is_queued_goes_with_a_queue_that_was_never_started);
  tcase_add_test (tcase, test_what_was_queued_before_the_start_comes_out);
  tcase_add_test (tcase,
      test_a_stop_from_a_message_handler_tells_every_drop_once);
  tcase_add_test (tcase, test_the_last_reference_can_go_in_a_message_handler);
  tcase_add_test (tcase,
      test_a_queue_that_does_not_leak_drops_nothing_when_reconfigured);
  tcase_add_test (tcase, test_a_stop_ends_while_it_is_being_reconfigured);
  tcase_add_test (tcase, test_a_flush_that_meets_a_stop_lets_each_item_go_once);
  tcase_add_test (tcase, test_an_error_that_meets_eos_is_told);
  return suite;
}

GST_CHECK_MAIN (tieredqueue_corners);
