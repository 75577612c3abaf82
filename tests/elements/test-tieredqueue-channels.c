/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The channels of tieredqueue: what goes through them, their figures, and what a
 * release does to a channel that is in use. */
#include "tieredqueue-channels-check.h"

/* ---- data ---- */

GST_START_TEST (test_data_come_out_of_the_channel_they_went_into)
{
  GstElement *queue = make_queue ();
  GstHarness *h[3];

  for (guint i = 0; i < 3; i++)
    h[i] = harness_of (queue, i);
  for (guint n = 0; n < 50; n++)
    for (guint i = 0; i < 3; i++)
      gst_harness_push (h[i], buffer_of (1 + i));
  for (guint n = 0; n < 50; n++)
    for (guint i = 0; i < 3; i++) {
      GstBuffer *buffer = gst_harness_pull (h[i]);

      fail_unless_equals_int (gst_buffer_get_size (buffer), 1 + i);
      gst_buffer_unref (buffer);
    }
  fail_unless_equals_uint64 (stat_of (queue, "buffers-in"), 150);
  fail_unless_equals_uint64 (stat_of (queue, "bytes-out"), 50 + 100 + 150);
  for (guint i = 0; i < 3; i++)
    gst_harness_teardown (h[i]);
  gst_object_unref (queue);
}

GST_END_TEST;

static gchar *
linked_inside (GstElement * queue, const gchar * name)
{
  GstPad *pad = gst_element_get_static_pad (queue, name);
  GstIterator *links = gst_pad_iterate_internal_links (pad);
  GValue value = G_VALUE_INIT;
  gchar *found;

  fail_unless (gst_iterator_next (links, &value) == GST_ITERATOR_OK);
  found = gst_pad_get_name (GST_PAD (g_value_get_object (&value)));
  g_value_unset (&value);
  fail_unless (gst_iterator_next (links, &value) == GST_ITERATOR_DONE);
  gst_iterator_free (links);
  gst_object_unref (pad);
  return found;
}

GST_START_TEST (test_the_pads_of_a_channel_are_linked_with_each_other_only)
{
  static const gchar *const pairs[][2] = {
    {"sink", "src"}, {"src", "sink"}, {"sink_0", "src_0"},
    {"src_0", "sink_0"}, {"src_1", "sink_1"}
  };
  GstElement *queue = make_queue ();
  GstPad *zero = request (queue, "sink_%u", "sink_0");
  GstPad *one = request (queue, "sink_%u", "sink_1");

  for (guint i = 0; i < G_N_ELEMENTS (pairs); i++) {
    gchar *found = linked_inside (queue, pairs[i][0]);

    fail_unless_equals_string (found, pairs[i][1]);
    g_free (found);
  }
  release (queue, zero);
  release (queue, one);
  gst_object_unref (queue);
}

GST_END_TEST;

GST_START_TEST (test_eos_and_a_flush_stay_in_their_channel)
{
  GstElement *queue = make_queue ();
  GstHarness *a = harness_of (queue, 0), *b = harness_of (queue, 1);
  GstSegment segment;

  gst_harness_push_event (a, gst_event_new_eos ());
  while (TRUE) {
    GstEvent *event = gst_harness_pull_event (a);
    gboolean is_eos = GST_EVENT_TYPE (event) == GST_EVENT_EOS;

    gst_event_unref (event);
    if (is_eos)
      break;
  }
  fail_unless (gst_harness_push (a, buffer_of (1)) == GST_FLOW_EOS);
  fail_unless (gst_harness_push (b, buffer_of (1)) == GST_FLOW_OK);
  gst_buffer_unref (gst_harness_pull (b));

  gst_harness_push_event (a, gst_event_new_flush_start ());
  fail_unless (gst_harness_push (a, buffer_of (1)) == GST_FLOW_FLUSHING);
  fail_unless (gst_harness_push (b, buffer_of (1)) == GST_FLOW_OK);
  gst_buffer_unref (gst_harness_pull (b));
  gst_harness_push_event (a, gst_event_new_flush_stop (TRUE));
  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_harness_push_event (a, gst_event_new_segment (&segment));
  fail_unless (gst_harness_push (a, buffer_of (1)) == GST_FLOW_OK);
  gst_buffer_unref (gst_harness_pull (a));
  gst_harness_teardown (a);
  gst_harness_teardown (b);
  gst_object_unref (queue);
}

GST_END_TEST;

GST_START_TEST (test_queries_and_events_from_downstream_stay_in_their_channel)
{
  GstElement *queue = make_queue ();
  GstHarness *a = harness_of (queue, 0), *b = harness_of (queue, 1);
  GstPad *src = gst_element_get_static_pad (queue, "src_0");
  GstCaps *caps;
  guint before;

  gst_harness_set_upstream_latency (a, 10 * GST_MSECOND);
  gst_harness_set_upstream_latency (b, 70 * GST_MSECOND);
  fail_unless_equals_uint64 (gst_harness_query_latency (a),
      10 * GST_MSECOND);
  fail_unless_equals_uint64 (gst_harness_query_latency (b),
      70 * GST_MSECOND);

  gst_harness_set_src_caps_str (a, "application/x-a");
  gst_harness_set_src_caps_str (b, "application/x-b");
  gst_harness_push (a, buffer_of (1));
  gst_buffer_unref (gst_harness_pull (a));
  caps = gst_pad_get_current_caps (src);
  fail_unless (gst_structure_has_name (gst_caps_get_structure (caps, 0),
          "application/x-a"));
  gst_caps_unref (caps);

  before = gst_harness_upstream_events_received (b);
  gst_harness_push_upstream_event (a, gst_event_new_reconfigure ());
  fail_unless (gst_harness_upstream_events_in_queue (a) > 0);
  fail_unless_equals_int (gst_harness_upstream_events_received (b), before);
  gst_object_unref (src);
  gst_harness_teardown (a);
  gst_harness_teardown (b);
  gst_object_unref (queue);
}

GST_END_TEST;

GST_START_TEST (test_channels_go_up_and_down_with_the_element)
{
  GstElement *queue = make_queue ();
  GstHarness *h = harness_of (queue, 0);
  GstPad *late;

  for (guint i = 0; i < 3; i++) {
    gst_element_set_state (queue, GST_STATE_NULL);
    fail_unless (gst_harness_push (h, buffer_of (1)) == GST_FLOW_FLUSHING);
    late = request (queue, "sink_%u", NULL);
    fail_if (gst_pad_is_active (late));
    gst_element_set_state (queue, GST_STATE_PLAYING);
    fail_unless (gst_pad_is_active (late));
    fail_unless_equals_uint64 (stat_of (queue, "buffers-in"), 0);
    gst_harness_push_event (h, gst_event_new_stream_start ("s"));
    gst_harness_set_src_caps_str (h, "application/x-test");
    fail_unless (gst_harness_push (h, buffer_of (1)) == GST_FLOW_OK);
    gst_buffer_unref (gst_harness_pull (h));
    release (queue, late);
  }
  gst_harness_teardown (h);
  gst_object_unref (queue);
}

GST_END_TEST;

/* ---- figures ---- */

/* Holds back what comes to a pad. */
typedef struct
{
  GMutex lock;
  GCond moved;
  gboolean reached;
  gulong probe;
} Block;

static GstPadProbeReturn
note_block (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  Block *block = user_data;

  g_mutex_lock (&block->lock);
  block->reached = TRUE;
  g_cond_signal (&block->moved);
  g_mutex_unlock (&block->lock);
  return GST_PAD_PROBE_OK;
}

static void
block_pad (Block * block, GstPad * pad)
{
  g_mutex_init (&block->lock);
  g_cond_init (&block->moved);
  block->reached = FALSE;
  block->probe = gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BLOCK
      | GST_PAD_PROBE_TYPE_BUFFER, note_block, block, NULL);
}

static void
wait_for_block (Block * block)
{
  g_mutex_lock (&block->lock);
  while (!block->reached)
    g_cond_wait (&block->moved, &block->lock);
  g_mutex_unlock (&block->lock);
}

static void
unblock_pad (Block * block, GstPad * pad)
{
  gst_pad_remove_probe (pad, block->probe);
  g_mutex_clear (&block->lock);
  g_cond_clear (&block->moved);
}

GST_START_TEST (test_levels_of_the_element_are_the_sums_of_its_channels)
{
  GstElement *queue = make_queue ();
  GstHarness *h[2];
  Block block[2];
  guint level, bytes;

  for (guint i = 0; i < 2; i++) {
    h[i] = harness_of (queue, i);
    block_pad (&block[i], h[i]->sinkpad);
    gst_harness_push (h[i], buffer_of (1));
    wait_for_block (&block[i]);
    for (guint n = 0; n < 3 + i; n++)
      gst_harness_push (h[i], buffer_of (10));
  }
  g_object_get (queue, "current-level-buffers", &level,
      "current-level-bytes", &bytes, NULL);
  fail_unless_equals_int (level, 7);
  fail_unless_equals_int (bytes, 70);
  g_object_get (GST_PAD_PEER (h[1]->srcpad), "current-level-buffers", &level,
      NULL);
  fail_unless_equals_int (level, 4);
  fail_unless_equals_uint64 (stat_of (queue, "level-buffers"), 7);
  fail_unless_equals_uint64 (stat_of (GST_PAD_PEER (h[0]->sinkpad),
          "level-buffers"), 3);
  for (guint i = 0; i < 2; i++) {
    unblock_pad (&block[i], h[i]->sinkpad);
    gst_harness_teardown (h[i]);
  }
  gst_object_unref (queue);
}

GST_END_TEST;

GST_START_TEST (test_what_a_released_channel_has_counted_stays_in_the_sums)
{
  GstElement *queue = make_queue ();
  GstHarness *kept = harness_of (queue, 0);

  for (guint i = 1; i <= 3; i++) {
    GstHarness *h = harness_of (queue, 1);

    gst_harness_push (h, buffer_of (10));
    gst_buffer_unref (gst_harness_pull (h));
    gst_harness_teardown (h);
    fail_unless_equals_uint64 (stat_of (queue, "buffers-in"), i);
    fail_unless_equals_uint64 (stat_of (queue, "bytes-out"), 10 * i);
  }
  check_channels (queue, "sink_0");
  gst_harness_teardown (kept);
  gst_object_unref (queue);
}

GST_END_TEST;

static const gchar *const signal_names[] =
    { "underrun", "running", "overrun", "pushing" };

enum
{ UNDERRUN, RUNNING, OVERRUN, PUSHING, N_SIGNALS };

static void
count_up (gpointer object, gint * count)
{
  g_atomic_int_inc (count);
}

static void
count_signals (gpointer object, gint counts[N_SIGNALS])
{
  for (guint i = 0; i < N_SIGNALS; i++)
    g_signal_connect (object, signal_names[i], G_CALLBACK (count_up),
        &counts[i]);
}

/* Three buffers into a channel that holds two and leaks. */
static void
run_over (GstHarness * h)
{
  Block block;

  block_pad (&block, h->sinkpad);
  gst_harness_push (h, buffer_of (1));
  wait_for_block (&block);
  for (guint i = 0; i < 3; i++)
    gst_harness_push (h, buffer_of (1));
  unblock_pad (&block, h->sinkpad);
  for (guint i = 0; i < 3; i++)
    gst_buffer_unref (gst_harness_pull (h));
}

enum
{ N_COUNTED = 4, N_USED = 2 };

typedef struct
{
  gint all[N_SIGNALS];
  GstPad *sinkpads[N_COUNTED], *srcpads[N_COUNTED];
  gint in[N_COUNTED][N_SIGNALS], out[N_COUNTED][N_SIGNALS];
} Counted;

/* Three channels on request, and the pads that are always there. */
static void
count_all_signals (Counted * self, GstElement * queue)
{
  *self = (Counted) { 0 };
  count_signals (queue, self->all);
  for (guint i = 0; i < N_COUNTED; i++) {
    gboolean always = i == N_COUNTED - 1;

    self->sinkpads[i] = always ? gst_element_get_static_pad (queue, "sink")
        : request (queue, "sink_%u", NULL);
    self->srcpads[i] = always ? gst_element_get_static_pad (queue, "src")
        : request (queue, "src_%u", NULL);
    count_signals (self->sinkpads[i], self->in[i]);
    count_signals (self->srcpads[i], self->out[i]);
  }
}

static void
check_counted (Counted * self)
{
  for (guint s = 0; s < N_SIGNALS; s++) {
    gint sum = 0;

    for (guint i = 0; i < N_COUNTED; i++)
      sum += self->in[i][s] + self->out[i][s];
    fail_unless_equals_int (self->all[s], sum);
    for (guint i = N_USED; i < N_COUNTED; i++) {
      fail_unless_equals_int (self->in[i][s], 0);
      fail_unless (s == UNDERRUN || self->out[i][s] == 0);
    }
  }
  for (guint i = 0; i < N_COUNTED; i++) {
    gst_object_unref (self->sinkpads[i]);
    gst_object_unref (self->srcpads[i]);
  }
}

/* Two of the channels idle: what the others signal is not theirs. */
GST_START_TEST (test_the_signals_of_the_pads_tell_which_channel_they_are_of)
{
  GstElement *queue = make_queue ();
  GstHarness *h[N_USED];
  Counted counted;

  g_object_set (queue, "max-size-buffers", 2, "leaky", 1, NULL);
  count_all_signals (&counted, queue);
  for (guint i = 0; i < N_USED; i++)
    h[i] = harness_of (queue, i);
  run_over (h[1]);
  fail_unless_equals_int (counted.in[0][OVERRUN], 0);
  fail_unless_equals_int (counted.in[1][OVERRUN], 1);
  run_over (h[0]);
  fail_unless_equals_int (counted.in[0][OVERRUN], 1);
  /* Emptied, they wait for what comes. */
  for (guint i = 0; i < N_USED; i++)
    while (g_atomic_int_get (&counted.out[i][UNDERRUN]) == 0)
      g_thread_yield ();
  for (guint i = 0; i < N_USED; i++)
    gst_harness_teardown (h[i]);
  gst_element_set_state (queue, GST_STATE_NULL);
  check_counted (&counted);
  gst_object_unref (queue);
}

GST_END_TEST;

/* How many buffers the next messages tell of, which may do so bit by bit. */
static guint64
dropped_of (GstBus * bus, const gchar * channel, guint64 expected)
{
  guint64 sum = 0, count;

  while (sum < expected) {
    GstMessage *message = message_named (bus, "tieredqueue-dropped");
    const GstStructure *fields = gst_message_get_structure (message);

    fail_unless_equals_string (gst_structure_get_string (fields, "channel"),
        channel);
    fail_unless_equals_string (gst_structure_get_string (fields, "reason"),
        "flush");
    fail_unless (gst_structure_get_uint64 (fields, "count", &count));
    sum += count;
    gst_message_unref (message);
  }
  return sum;
}

/* Releases a channel that holds two buffers back. */
static void
check_last_words (const gchar * given, const gchar * expected)
{
  GstElement *queue = make_queue ();
  GstBus *bus = bus_for (queue);
  GstHarness *kept = harness_of (queue, 0), *h = harness_of (queue, 1);
  GstPad *pad = gst_element_get_static_pad (queue, "sink_1");
  Block block;

  if (given != NULL)
    g_object_set (pad, "channel", given, NULL);
  block_pad (&block, h->sinkpad);
  gst_harness_push (h, buffer_of (1));
  wait_for_block (&block);
  gst_harness_push (h, buffer_of (1));
  gst_harness_push (h, buffer_of (1));
  release (queue, pad);
  unblock_pad (&block, h->sinkpad);
  fail_unless_equals_uint64 (dropped_of (bus, expected, 2), 2);
  fail_unless_equals_uint64 (stat_of (queue, "buffers-dropped-flush"), 2);
  gst_harness_teardown (h);
  gst_harness_teardown (kept);
  gst_object_unref (queue);
  drop_bus (bus);
}

GST_START_TEST (test_what_a_release_drops_is_told_with_the_channels_name)
{
  check_last_words (NULL, "sink_1");
  check_last_words ("capture_left", "capture_left");
}

GST_END_TEST;

/* ---- release of a channel in use ---- */

/* Told when an object is finalized. */
typedef struct
{
  GMutex lock;
  GCond moved;
  gboolean gone;
} End;

static void
note_end (gpointer user_data, GObject * object)
{
  End *end = user_data;

  g_mutex_lock (&end->lock);
  end->gone = TRUE;
  g_cond_signal (&end->moved);
  g_mutex_unlock (&end->lock);
}

static void
watch_end (End * end, gpointer object)
{
  g_mutex_init (&end->lock);
  g_cond_init (&end->moved);
  end->gone = FALSE;
  g_object_weak_ref (object, note_end, end);
}

static void
wait_for_end (End * end)
{
  g_mutex_lock (&end->lock);
  while (!end->gone)
    g_cond_wait (&end->moved, &end->lock);
  g_mutex_unlock (&end->lock);
  g_mutex_clear (&end->lock);
  g_cond_clear (&end->moved);
}

GST_START_TEST (test_a_release_does_not_wait_for_a_push_that_does_not_return)
{
  GstElement *queue = make_queue ();
  GstHarness *h = harness_of (queue, 0);
  GstPad *pad = gst_element_get_static_pad (queue, "sink_0");
  Block block;
  End end;

  watch_end (&end, pad);
  block_pad (&block, h->sinkpad);
  gst_harness_push (h, buffer_of (1));
  wait_for_block (&block);
  release (queue, pad);
  check_channels (queue, "sink");
  fail_if (has_pad (queue, "src_0"));
  fail_unless (gst_harness_push (h, buffer_of (1)) == GST_FLOW_NOT_LINKED);
  unblock_pad (&block, h->sinkpad);
  wait_for_end (&end);
  gst_harness_teardown (h);
  gst_object_unref (queue);
}

GST_END_TEST;

static gpointer
push_until_refused (gpointer harness)
{
  GstFlowReturn flow;

  do {
    flow = gst_harness_push (harness, buffer_of (1));
  } while (flow == GST_FLOW_OK);
  return GINT_TO_POINTER (flow);
}

static void
note_overrun (GstElement * queue, gpointer block)
{
  note_block (NULL, NULL, block);
}

GST_START_TEST (test_a_release_ends_the_wait_of_a_producer_for_room)
{
  GstElement *queue = make_queue ();
  GstHarness *h = harness_of (queue, 0);
  Block block, full;
  GThread *producer;
  GstFlowReturn flow;

  g_object_set (queue, "max-size-buffers", 2, NULL);
  block_pad (&block, h->sinkpad);
  g_mutex_init (&full.lock);
  g_cond_init (&full.moved);
  full.reached = FALSE;
  g_signal_connect (queue, "overrun", G_CALLBACK (note_overrun), &full);
  producer = g_thread_new ("producer", push_until_refused, h);
  wait_for_block (&full);
  release (queue, gst_element_get_static_pad (queue, "src_0"));
  flow = GPOINTER_TO_INT (g_thread_join (producer));
  fail_unless (flow == GST_FLOW_FLUSHING || flow == GST_FLOW_NOT_LINKED);
  unblock_pad (&block, h->sinkpad);
  gst_harness_teardown (h);
  gst_object_unref (queue);
}

GST_END_TEST;

static GstPadProbeReturn
release_channel (GstPad * pad, GstPadProbeInfo * info, gpointer queue)
{
  gst_element_release_request_pad (queue, pad);
  return GST_PAD_PROBE_DROP;
}

GST_START_TEST (test_a_channel_can_be_released_from_its_own_task)
{
  GstElement *queue = make_queue ();
  GstHarness *h = harness_of (queue, 0);
  GstPad *src = gst_element_get_static_pad (queue, "src_0");
  End end;

  watch_end (&end, src);
  gst_pad_add_probe (src, GST_PAD_PROBE_TYPE_BUFFER, release_channel, queue,
      NULL);
  gst_object_unref (src);
  gst_harness_push (h, buffer_of (1));
  wait_for_end (&end);
  check_channels (queue, "sink");
  gst_harness_teardown (h);
  gst_object_unref (queue);
}

GST_END_TEST;

GST_START_TEST (test_a_channel_can_be_released_by_its_producer)
{
  GstElement *queue = make_queue ();
  GstHarness *h = harness_of (queue, 0);
  GstPad *sink = gst_element_get_static_pad (queue, "sink_0");

  gst_pad_add_probe (sink, GST_PAD_PROBE_TYPE_BUFFER, release_channel, queue,
      NULL);
  gst_object_unref (sink);
  gst_harness_push (h, buffer_of (1));
  check_channels (queue, "sink");
  fail_unless (gst_harness_push (h, buffer_of (1)) == GST_FLOW_NOT_LINKED);
  gst_harness_teardown (h);
  gst_object_unref (queue);
}

GST_END_TEST;

GST_START_TEST (test_a_pad_may_outlive_its_channel_and_the_element)
{
  GstElement *queue = make_queue ();
  GstPad *sink = request (queue, "sink_%u", NULL);
  GstPad *src = gst_element_get_static_pad (queue, "src_0");
  gchar *name;

  gst_element_set_state (queue, GST_STATE_PLAYING);
  gst_element_release_request_pad (queue, sink);
  gst_element_set_state (queue, GST_STATE_NULL);
  gst_object_unref (queue);
  fail_unless_equals_uint64 (stat_of (sink, "buffers-in"), 0);
  g_object_set (src, "channel", "too_late", "max-size-buffers", 3, NULL);
  g_object_get (sink, "channel", &name, NULL);
  fail_unless_equals_string (name, "sink_0");
  fail_unless_equals_int (limit_of (sink), 3);
  g_free (name);
  gst_object_unref (sink);
  gst_object_unref (src);
}

GST_END_TEST;

/* ---- pipelines ---- */

GST_START_TEST (test_a_description_can_name_and_set_channels)
{
  GstElement *pipeline = parse ("tieredqueue name=q stage=storage "
      "sink_0::channel=capture_left sink_1::channel=capture_right "
      "src_1::leaky=downstream "
      "fakesrc num-buffers=30 ! q.sink_0  fakesrc num-buffers=20 ! q.sink_1  "
      "q.src_0 ! fakesink  q.src_1 ! fakesink");
  GstElement *queue = gst_bin_get_by_name (GST_BIN (pipeline), "q");
  GstPad *right = gst_element_get_static_pad (queue, "sink_1");
  gint leaky;

  play_to_the_end (pipeline);
  check_channels (queue, "capture_left capture_right");
  g_object_get (right, "leaky", &leaky, NULL);
  fail_unless_equals_int (leaky, 2);
  fail_unless_equals_int (limit_of (right), 250);
  fail_unless_equals_uint64 (stat_of (right, "buffers-in"), 20);
  fail_unless_equals_uint64 (stat_of (queue, "buffers-in"), 50);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (right);
  gst_object_unref (queue);
  gst_object_unref (pipeline);
}

GST_END_TEST;

GST_START_TEST (test_a_description_need_not_say_which_pads)
{
  GstElement *pipeline = parse ("tieredqueue name=q "
      "fakesrc num-buffers=30 ! q.  q. ! fakesink name=a "
      "fakesrc num-buffers=20 ! q.  q. ! fakesink name=b "
      "fakesrc num-buffers=10 ! q.  q. ! fakesink name=c");
  GstElement *queue = gst_bin_get_by_name (GST_BIN (pipeline), "q");

  play_to_the_end (pipeline);
  check_channels (queue, "sink sink_0 sink_1");
  fail_unless_equals_uint64 (stat_of (queue, "buffers-out"), 60);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (queue);
  gst_object_unref (pipeline);
}

GST_END_TEST;

GST_START_TEST (test_channels_come_and_go_while_another_records)
{
  GstElement *pipeline = parse ("tieredqueue name=q "
      "fakesrc ! q.sink_0  q.src_0 ! fakesink");
  GstElement *queue = gst_bin_get_by_name (GST_BIN (pipeline), "q");
  GstHarness *last = harness_of (queue, 2);     /* stops the element */
  guint64 before;

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  fail_unless (gst_element_get_state (pipeline, NULL, NULL, PATIENCE)
      == GST_STATE_CHANGE_SUCCESS);
  before = stat_of (queue, "buffers-in");
  for (guint i = 0; i < 50; i++) {
    GstHarness *h = harness_of (queue, 1);

    gst_harness_push (h, buffer_of (1));
    gst_buffer_unref (gst_harness_pull (h));
    gst_harness_teardown (h);
  }
  fail_unless (stat_of (queue, "buffers-in") >= before + 50);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_harness_teardown (last);
  gst_object_unref (queue);
  gst_object_unref (pipeline);
}

GST_END_TEST;

static Suite *
tieredqueue_channels_suite (void)
{
  Suite *suite = suite_create ("tieredqueue-channels");
  TCase *data = tcase_create ("data");
  TCase *releases = tcase_create ("releases");
  TCase *pipelines = tcase_create ("pipelines");

  suite_add_tcase (suite, data);
  tcase_add_test (data, test_data_come_out_of_the_channel_they_went_into);
  tcase_add_test (data,
      test_the_pads_of_a_channel_are_linked_with_each_other_only);
  tcase_add_test (data, test_eos_and_a_flush_stay_in_their_channel);
  tcase_add_test (data,
      test_queries_and_events_from_downstream_stay_in_their_channel);
  tcase_add_test (data, test_channels_go_up_and_down_with_the_element);
  tcase_add_test (data,
      test_levels_of_the_element_are_the_sums_of_its_channels);
  tcase_add_test (data,
      test_what_a_released_channel_has_counted_stays_in_the_sums);
  tcase_add_test (data,
      test_the_signals_of_the_pads_tell_which_channel_they_are_of);
  tcase_add_test (data,
      test_what_a_release_drops_is_told_with_the_channels_name);

  suite_add_tcase (suite, releases);
  tcase_add_test (releases,
      test_a_release_does_not_wait_for_a_push_that_does_not_return);
  tcase_add_test (releases,
      test_a_release_ends_the_wait_of_a_producer_for_room);
  tcase_add_test (releases, test_a_channel_can_be_released_from_its_own_task);
  tcase_add_test (releases, test_a_channel_can_be_released_by_its_producer);
  tcase_add_test (releases,
      test_a_pad_may_outlive_its_channel_and_the_element);

  suite_add_tcase (suite, pipelines);
  tcase_add_test (pipelines, test_a_description_can_name_and_set_channels);
  tcase_add_test (pipelines, test_a_description_need_not_say_which_pads);
  tcase_add_test (pipelines, test_channels_come_and_go_while_another_records);
  return suite;
}

GST_CHECK_MAIN (tieredqueue_channels);
