/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sync-channels: which item of which channel may go out when.  What arrives is
 * noted in one list for all channels.  Nothing here waits for time to pass but
 * where a channel is dead: elsewhere max-interleave is so long that a wait which
 * does not end hangs.
 */
#include <gst/check/gstcheck.h>

#define CHANNELS 2
#define LONG (1000 * GST_SECOND)
#define MS GST_MSECOND

typedef struct
{
  guint channel;
  GstClockTime time;
} Arrival;

static GstElement *queue;
static GstPad *upstream[CHANNELS];
static GstPad *downstream[CHANNELS];
static GMutex lock;
static GCond arrived;
static GArray *arrivals;        /* under the lock */
static guint n_lists;           /* likewise */
static guint64 waits_to_begin[CHANNELS];
static GstFlowReturn answers[CHANNELS];

static GstFlowReturn
note (GstPad * pad, GstObject * parent, GstBuffer * buffer)
{
  Arrival arrival = { GPOINTER_TO_UINT (gst_pad_get_element_private (pad)),
    GST_BUFFER_PTS (buffer)
  };

  g_mutex_lock (&lock);
  g_array_append_val (arrivals, arrival);
  g_cond_broadcast (&arrived);
  g_mutex_unlock (&lock);
  gst_buffer_unref (buffer);
  return answers[arrival.channel];
}

static GstFlowReturn
note_list (GstPad * pad, GstObject * parent, GstBufferList * list)
{
  for (guint i = 0; i < gst_buffer_list_length (list); i++)
    note (pad, parent, gst_buffer_ref (gst_buffer_list_get (list, i)));
  g_mutex_lock (&lock);
  n_lists++;
  g_mutex_unlock (&lock);
  gst_buffer_list_unref (list);
  return GST_FLOW_OK;
}

static void
link_channel (guint i)
{
  gchar *name = g_strdup_printf ("sink_%u", i);
  GstPad *sink = gst_element_request_pad_simple (queue, name);
  GstPad *src;

  g_free (name);
  name = g_strdup_printf ("src_%u", i);
  src = gst_element_get_static_pad (queue, name);
  g_free (name);
  upstream[i] = gst_pad_new (NULL, GST_PAD_SRC);
  downstream[i] = gst_pad_new (NULL, GST_PAD_SINK);
  gst_pad_set_element_private (downstream[i], GUINT_TO_POINTER (i));
  gst_pad_set_chain_function (downstream[i], note);
  gst_pad_set_chain_list_function (downstream[i], note_list);
  gst_pad_set_active (upstream[i], TRUE);
  gst_pad_set_active (downstream[i], TRUE);
  fail_unless_equals_int (gst_pad_link (upstream[i], sink), GST_PAD_LINK_OK);
  fail_unless_equals_int (gst_pad_link (src, downstream[i]), GST_PAD_LINK_OK);
  gst_object_unref (sink);
  gst_object_unref (src);
}

static void
begin_stream (guint i, gdouble rate)
{
  GstSegment segment;

  gst_segment_init (&segment, GST_FORMAT_TIME);
  segment.rate = rate;
  segment.stop = rate < 0 ? 3600 * GST_SECOND : GST_CLOCK_TIME_NONE;
  gst_pad_push_event (upstream[i], gst_event_new_stream_start ("test"));
  gst_pad_push_event (upstream[i], gst_event_new_segment (&segment));
}

static void
setup (GstClockTime max_interleave)
{
  arrivals = g_array_new (FALSE, FALSE, sizeof (Arrival));
  n_lists = 0;
  for (guint i = 0; i < CHANNELS; i++)
    answers[i] = GST_FLOW_OK;
  queue = gst_object_ref_sink (gst_element_factory_make ("tieredqueue", NULL));
  g_object_set (queue, "sync-channels", TRUE, "max-interleave", max_interleave,
      "max-size-time", (guint64) 0, NULL);
  for (guint i = 0; i < CHANNELS; i++)
    link_channel (i);
  gst_element_set_state (queue, GST_STATE_PLAYING);
  for (guint i = 0; i < CHANNELS; i++)
    begin_stream (i, 1.0);
}

static void
teardown (void)
{
  gst_element_set_state (queue, GST_STATE_NULL);
  for (guint i = 0; i < CHANNELS; i++) {
    gst_pad_set_active (upstream[i], FALSE);
    gst_pad_set_active (downstream[i], FALSE);
    gst_object_unref (upstream[i]);
    gst_object_unref (downstream[i]);
  }
  gst_object_unref (queue);
  g_array_unref (arrivals);
}

static GstFlowReturn
push (guint i, GstClockTime time)
{
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, 8, NULL);

  GST_BUFFER_PTS (buffer) = time;
  return gst_pad_push (upstream[i], buffer);
}

static guint
count_locked (guint channel)
{
  guint count = 0;

  for (guint i = 0; i < arrivals->len; i++)
    count += g_array_index (arrivals, Arrival, i).channel == channel;
  return count;
}

static guint
count_arrived (guint channel)
{
  guint count;

  g_mutex_lock (&lock);
  count = count_locked (channel);
  g_mutex_unlock (&lock);
  return count;
}

static void
wait_for_arrivals (guint channel, guint count)
{
  g_mutex_lock (&lock);
  while (count_locked (channel) < count)
    g_cond_wait (&arrived, &lock);
  g_mutex_unlock (&lock);
}

static guint64
stat_of (guint channel, const gchar * field)
{
  gchar *name = g_strdup_printf ("sink_%u", channel);
  GstPad *pad = gst_element_get_static_pad (queue, name);
  GstStructure *stats;
  guint64 value = 0;

  g_object_get (pad, "stats", &stats, NULL);
  fail_unless (gst_structure_get_uint64 (stats, field, &value), "%s", field);
  gst_structure_free (stats);
  gst_object_unref (pad);
  g_free (name);
  return value;
}

/* Lets both stand at 0.  Either may have waited for the other's first. */
static void
begin_both (void)
{
  push (1, 0);
  push (0, 0);
  for (guint i = 0; i < CHANNELS; i++) {
    wait_for_arrivals (i, 1);
    waits_to_begin[i] = stat_of (i, "sync-waits");
  }
}

/* Until the output of @channel waits for the other. */
static void
wait_until_held (guint channel)
{
  while (stat_of (channel, "sync-waits") == waits_to_begin[channel])
    g_thread_yield ();
}

/* Both stand at 0, and an item of the first one an hour on is held back. */
static void
setup_with_one_held_back (void)
{
  setup (LONG);
  begin_both ();
  push (0, 3600 * GST_SECOND);
  wait_until_held (0);
  fail_unless_equals_int (count_arrived (0), 1);
  fail_unless_equals_uint64 (stat_of (0, "buffers-out"), 1);
  fail_unless_equals_uint64 (stat_of (0, "level-buffers"), 1);
}

/* The most that any channel has been ahead of the other. */
static GstClockTimeDiff
largest_spread (void)
{
  GstClockTimeDiff largest = 0;
  GstClockTime last[CHANNELS] = { GST_CLOCK_TIME_NONE, GST_CLOCK_TIME_NONE };

  g_mutex_lock (&lock);
  for (guint i = 0; i < arrivals->len; i++) {
    Arrival *arrival = &g_array_index (arrivals, Arrival, i);

    last[arrival->channel] = arrival->time;
    if (GST_CLOCK_TIME_IS_VALID (last[0]) && GST_CLOCK_TIME_IS_VALID (last[1]))
      largest = MAX (largest, ABS (GST_CLOCK_DIFF (last[0], last[1])));
  }
  g_mutex_unlock (&lock);
  return largest;
}

/* One thread pushes 100 buffers of 100 ms into the first channel, and when it has
 * done what it can, as many into the second. */
static void
push_one_after_the_other (gboolean on)
{
  setup (500 * MS);
  g_object_set (queue, "sync-channels", on, NULL);
  begin_both ();
  if (on)
    g_object_set (queue, "max-interleave", LONG, NULL);
  for (guint i = 1; i < 100; i++)
    push (0, i * 100 * GST_SECOND);
  if (on)
    wait_until_held (0);
  else
    wait_for_arrivals (0, 100);
  for (guint i = 1; i < 100; i++)
    push (1, i * 100 * GST_SECOND);
  wait_for_arrivals (0, 100);
  wait_for_arrivals (1, 100);
}

GST_START_TEST (test_no_channel_runs_ahead_by_more_than_max_interleave)
{
  push_one_after_the_other (TRUE);
  fail_unless (largest_spread () <= (GstClockTimeDiff) LONG);
  fail_unless_equals_int64 (largest_spread (), LONG);
  fail_unless (stat_of (0, "sync-waits") > 0);
  fail_unless (stat_of (0, "sync-wait-time") > 0);
  fail_unless_equals_uint64 (stat_of (1, "sync-lates"), 0);
  teardown ();
}

GST_END_TEST;

GST_START_TEST (test_control_without_it_they_run_apart)
{
  push_one_after_the_other (FALSE);
  fail_unless (largest_spread () > (GstClockTimeDiff) LONG);
  fail_unless_equals_uint64 (stat_of (0, "sync-waits"), 0);
  teardown ();
}

GST_END_TEST;

/* A header, say, in a sink that waits for PLAYING with it. */
GST_START_TEST (test_what_has_begun_is_not_waited_for_within_max_interleave)
{
  setup (LONG);
  push (0, LONG);
  wait_for_arrivals (0, 1);
  fail_unless_equals_int (count_arrived (1), 0);
  teardown ();
}

GST_END_TEST;

GST_START_TEST (test_a_dead_channel_does_not_hold_up_the_others)
{
  setup (LONG);
  begin_both ();
  g_object_set (queue, "max-interleave", 50 * MS, NULL);
  for (guint i = 1; i < 100; i++)
    push (0, i * GST_SECOND);
  wait_for_arrivals (0, 100);
  fail_unless_equals_uint64 (stat_of (1, "sync-lates"), 1);
  fail_unless_equals_uint64 (stat_of (0, "sync-waits"),
      waits_to_begin[0] + 1);
  teardown ();
}

GST_END_TEST;

GST_START_TEST (test_a_flush_ends_the_wait)
{
  setup_with_one_held_back ();
  gst_pad_push_event (upstream[0], gst_event_new_flush_start ());
  gst_pad_push_event (upstream[0], gst_event_new_flush_stop (TRUE));
  fail_unless_equals_int (count_arrived (0), 1);
  fail_unless_equals_uint64 (stat_of (0, "buffers-dropped-flush"), 1);
  fail_unless_equals_uint64 (stat_of (0, "buffers-out"), 1);
  begin_stream (0, 1.0);
  push (0, 0);
  wait_for_arrivals (0, 2);
  teardown ();
}

GST_END_TEST;

GST_START_TEST (test_a_stop_ends_the_wait)
{
  setup_with_one_held_back ();
  fail_unless_equals_int (gst_element_set_state (queue, GST_STATE_NULL),
      GST_STATE_CHANGE_SUCCESS);
  fail_unless_equals_int (count_arrived (0), 1);
  teardown ();
}

GST_END_TEST;

GST_START_TEST (test_releasing_the_channel_ends_the_wait)
{
  GstPad *pad;

  setup_with_one_held_back ();
  pad = gst_element_get_static_pad (queue, "sink_0");
  gst_element_release_request_pad (queue, pad);
  gst_object_unref (pad);
  fail_unless_equals_int (count_arrived (0), 1);
  teardown ();
}

GST_END_TEST;

GST_START_TEST (test_releasing_the_other_channel_ends_the_wait)
{
  GstPad *pad;

  setup_with_one_held_back ();
  pad = gst_element_get_static_pad (queue, "src_1");
  gst_element_release_request_pad (queue, pad);
  gst_object_unref (pad);
  wait_for_arrivals (0, 2);
  teardown ();
}

GST_END_TEST;

GST_START_TEST (test_switching_off_ends_the_wait)
{
  setup_with_one_held_back ();
  g_object_set (queue, "sync-channels", FALSE, NULL);
  wait_for_arrivals (0, 2);
  teardown ();
}

GST_END_TEST;

/* Who waits may not notice; who does has a next item to say where it stands. */
GST_START_TEST (test_switching_off_and_on_again_holds_up_nobody)
{
  for (guint i = 0; i < 20; i++) {
    setup_with_one_held_back ();
    g_object_set (queue, "sync-channels", FALSE, NULL);
    g_object_set (queue, "sync-channels", TRUE, NULL);
    push (0, 3600 * GST_SECOND);
    push (1, LONG);
    wait_for_arrivals (1, 2);
    teardown ();
  }
}

GST_END_TEST;

/* The first waits at 1.2 and was at 0.5; 0.7 of the other is then before it. */
GST_START_TEST (test_with_a_shorter_max_interleave_they_do_not_wait_for_each_other)
{
  setup (LONG);
  begin_both ();
  push (0, LONG / 2);
  wait_for_arrivals (0, 2);
  push (0, LONG / 5 * 6);
  wait_until_held (0);
  g_object_set (queue, "max-interleave", (guint64) (LONG / 10), NULL);
  push (1, LONG / 10 * 7);
  wait_for_arrivals (1, 2);
  teardown ();
}

GST_END_TEST;

GST_START_TEST (test_a_longer_max_interleave_ends_the_wait)
{
  setup_with_one_held_back ();
  g_object_set (queue, "max-interleave", 4 * LONG, NULL);
  wait_for_arrivals (0, 2);
  teardown ();
}

GST_END_TEST;

GST_START_TEST (test_the_end_of_the_other_stream_ends_the_wait)
{
  setup_with_one_held_back ();
  gst_pad_push_event (upstream[1], gst_event_new_eos ());
  wait_for_arrivals (0, 2);
  teardown ();
}

GST_END_TEST;

GST_START_TEST (test_an_error_behind_the_other_channel_ends_the_wait)
{
  setup_with_one_held_back ();
  answers[1] = GST_FLOW_ERROR;
  push (1, 0);
  wait_for_arrivals (0, 2);
  teardown ();
}

GST_END_TEST;

GST_START_TEST (test_a_flush_ends_the_wait_of_a_gap)
{
  setup (LONG);
  begin_both ();
  gst_pad_push_event (upstream[0], gst_event_new_gap (3600 * GST_SECOND, 1));
  wait_until_held (0);
  gst_pad_push_event (upstream[0], gst_event_new_flush_start ());
  gst_pad_push_event (upstream[0], gst_event_new_flush_stop (TRUE));
  begin_stream (0, 1.0);
  push (0, 0);
  wait_for_arrivals (0, 2);
  teardown ();
}

GST_END_TEST;

GST_START_TEST (test_unlinking_the_other_channel_ends_the_wait)
{
  GstPad *src;

  setup_with_one_held_back ();
  src = gst_element_get_static_pad (queue, "src_1");
  fail_unless (gst_pad_unlink (src, downstream[1]));
  gst_object_unref (src);
  wait_for_arrivals (0, 2);
  teardown ();
}

GST_END_TEST;

GST_START_TEST (test_a_flush_of_the_other_channel_ends_the_wait)
{
  setup_with_one_held_back ();
  gst_pad_push_event (upstream[1], gst_event_new_flush_start ());
  wait_for_arrivals (0, 2);
  gst_pad_push_event (upstream[1], gst_event_new_flush_stop (TRUE));
  teardown ();
}

GST_END_TEST;

GST_START_TEST (test_a_gap_moves_its_channel_on)
{
  setup_with_one_held_back ();
  gst_pad_push_event (upstream[1], gst_event_new_gap (1, 3600 * GST_SECOND));
  wait_for_arrivals (0, 2);
  teardown ();
}

GST_END_TEST;

GST_START_TEST (test_a_gap_far_ahead_waits)
{
  setup (LONG);
  begin_both ();
  gst_pad_push_event (upstream[0], gst_event_new_gap (2 * LONG, 1));
  push (0, 0);                  /* behind it */
  wait_until_held (0);
  fail_unless_equals_int (count_arrived (0), 1);
  push (1, 2 * LONG);           /* what the gap waits for */
  wait_for_arrivals (0, 2);
  fail_unless_equals_uint64 (stat_of (0, "sync-lates"), 0);
  teardown ();
}

GST_END_TEST;

GST_START_TEST (test_buffers_without_a_time_do_not_wait)
{
  setup_with_one_held_back ();
  g_object_set (queue, "sync-channels", FALSE, NULL);
  wait_for_arrivals (0, 2);
  g_object_set (queue, "sync-channels", TRUE, NULL);
  push (0, GST_CLOCK_TIME_NONE);
  wait_for_arrivals (0, 3);
  teardown ();
}

GST_END_TEST;

GST_START_TEST (test_a_stream_played_backwards_takes_no_part)
{
  setup (LONG);
  begin_stream (0, -1.0);
  for (guint i = 0; i < 10; i++)
    push (0, (10 - i) * GST_SECOND);
  wait_for_arrivals (0, 10);
  push (1, 0);
  push (1, 3600 * GST_SECOND);
  wait_for_arrivals (1, 2);
  teardown ();
}

GST_END_TEST;

GST_START_TEST (test_the_last_of_a_list_says_where_it_stands)
{
  GstBufferList *list = gst_buffer_list_new ();

  setup (LONG);
  for (guint i = 0; i < 3; i++) {
    GstBuffer *buffer = gst_buffer_new_allocate (NULL, 8, NULL);

    GST_BUFFER_PTS (buffer) = i * LONG;
    gst_buffer_list_add (list, buffer);
  }
  begin_both ();
  gst_pad_push_list (upstream[0], list);
  wait_until_held (0);
  fail_unless_equals_int (count_arrived (0), 1);
  push (1, LONG);
  wait_for_arrivals (0, 4);
  teardown ();
}

GST_END_TEST;

/* Both stand at 0; 5 of 10 may go out, and the other's next lets the rest go. */
GST_START_TEST (test_a_batch_is_cut_where_the_turn_ends)
{
  setup (LONG);
  begin_both ();
  g_object_set (queue, "batch", 16, "min-threshold-buffers", 10, NULL);
  for (guint i = 1; i <= 10; i++)
    push (0, i * LONG / 5);
  g_object_set (queue, "min-threshold-buffers", 0, NULL);
  wait_until_held (0);
  fail_unless_equals_int (count_arrived (0), 6);
  fail_unless_equals_int (n_lists, 1);
  fail_unless_equals_uint64 (stat_of (0, "level-buffers"), 5);
  push (1, LONG);
  wait_for_arrivals (0, 11);
  teardown ();
}

GST_END_TEST;

GST_START_TEST (test_a_flush_drops_what_a_batch_was_cut_from)
{
  setup (LONG);
  g_object_set (queue, "batch", 16, NULL);
  begin_both ();
  for (guint i = 1; i <= 10; i++)
    push (0, i * LONG / 5);
  wait_until_held (0);
  fail_unless_equals_int (count_arrived (0), 6);
  gst_pad_push_event (upstream[0], gst_event_new_flush_start ());
  gst_pad_push_event (upstream[0], gst_event_new_flush_stop (TRUE));
  fail_unless_equals_int (count_arrived (0), 6);
  fail_unless_equals_uint64 (stat_of (0, "buffers-dropped-flush"), 5);
  fail_unless_equals_uint64 (stat_of (0, "buffers-out"), 6);
  teardown ();
}

GST_END_TEST;

/* As a demuxer downstream does that seeks: the flush comes in the task itself. */
static GstFlowReturn
note_list_and_flush (GstPad * pad, GstObject * parent, GstBufferList * list)
{
  note_list (pad, parent, list);
  gst_pad_set_chain_list_function (pad, note_list);
  gst_pad_push_event (upstream[0], gst_event_new_flush_start ());
  gst_pad_push_event (upstream[0], gst_event_new_flush_stop (TRUE));
  begin_stream (0, 1.0);
  push (0, 1);                  /* a time that no other has */
  return GST_FLOW_OK;
}

GST_START_TEST (test_a_flush_from_downstream_drops_what_a_batch_was_cut_from)
{
  setup (LONG);
  begin_both ();
  gst_pad_set_chain_list_function (downstream[0], note_list_and_flush);
  g_object_set (queue, "batch", 16, "min-threshold-buffers", 10, NULL);
  for (guint i = 1; i <= 10; i++)
    push (0, i * LONG / 5);
  g_object_set (queue, "min-threshold-buffers", 0, NULL);
  wait_for_arrivals (0, 7);
  fail_unless_equals_uint64 (stat_of (0, "buffers-dropped-flush"), 5);
  fail_unless_equals_uint64 (g_array_index (arrivals, Arrival,
          arrivals->len - 1).time, 1);
  fail_unless_equals_uint64 (stat_of (0, "buffers-out"), 7);
  teardown ();
}

GST_END_TEST;

/* As behind a demuxer: one thread, and much of one stream before any of the
 * other.  If the first one's output waited for what this thread cannot push, it
 * would be for ever. */
GST_START_TEST (test_one_thread_may_feed_all_channels)
{
  setup (LONG);
  g_object_set (queue, "max-size-buffers", 5, NULL);
  for (guint round = 0; round < 10; round++) {
    for (guint channel = 0; channel < CHANNELS; channel++) {
      for (guint i = 0; i < 50; i++)
        fail_unless_equals_int (push (channel,
                (round * 50 + i) * 100 * GST_SECOND), GST_FLOW_OK);
    }
  }
  wait_for_arrivals (0, 500);
  wait_for_arrivals (1, 500);
  fail_unless_equals_uint64 (stat_of (0, "sync-lates"), 0);
  fail_unless_equals_uint64 (stat_of (1, "sync-lates"), 0);
  teardown ();
}

GST_END_TEST;

GST_START_TEST (test_nobody_waits_for_pads_that_are_not_linked)
{
  setup (LONG);
  /* The always pads, and a channel whose output goes nowhere. */
  gst_object_unref (gst_element_request_pad_simple (queue, "sink_7"));
  push (1, 0);
  push (0, 0);
  push (0, LONG);
  wait_for_arrivals (0, 2);
  teardown ();
}

GST_END_TEST;

static Suite *
tieredqueue_sync_suite (void)
{
  Suite *suite = suite_create ("tieredqueue-sync");
  TCase *tcase = tcase_create ("sync");

  suite_add_tcase (suite, tcase);
  tcase_add_test (tcase,
      test_no_channel_runs_ahead_by_more_than_max_interleave);
  tcase_add_test (tcase, test_control_without_it_they_run_apart);
  tcase_add_test (tcase,
      test_what_has_begun_is_not_waited_for_within_max_interleave);
  tcase_add_test (tcase, test_a_dead_channel_does_not_hold_up_the_others);
  tcase_add_test (tcase, test_a_flush_ends_the_wait);
  tcase_add_test (tcase, test_a_stop_ends_the_wait);
  tcase_add_test (tcase, test_releasing_the_channel_ends_the_wait);
  tcase_add_test (tcase, test_releasing_the_other_channel_ends_the_wait);
  tcase_add_test (tcase, test_switching_off_ends_the_wait);
  tcase_add_test (tcase, test_switching_off_and_on_again_holds_up_nobody);
  tcase_add_test (tcase,
      test_with_a_shorter_max_interleave_they_do_not_wait_for_each_other);
  tcase_add_test (tcase, test_a_longer_max_interleave_ends_the_wait);
  tcase_add_test (tcase, test_the_end_of_the_other_stream_ends_the_wait);
  tcase_add_test (tcase, test_an_error_behind_the_other_channel_ends_the_wait);
  tcase_add_test (tcase, test_a_flush_ends_the_wait_of_a_gap);
  tcase_add_test (tcase, test_unlinking_the_other_channel_ends_the_wait);
  tcase_add_test (tcase, test_a_flush_of_the_other_channel_ends_the_wait);
  tcase_add_test (tcase, test_a_gap_moves_its_channel_on);
  tcase_add_test (tcase, test_a_gap_far_ahead_waits);
  tcase_add_test (tcase, test_buffers_without_a_time_do_not_wait);
  tcase_add_test (tcase, test_a_stream_played_backwards_takes_no_part);
  tcase_add_test (tcase, test_the_last_of_a_list_says_where_it_stands);
  tcase_add_test (tcase, test_a_batch_is_cut_where_the_turn_ends);
  tcase_add_test (tcase, test_a_flush_drops_what_a_batch_was_cut_from);
  tcase_add_test (tcase,
      test_a_flush_from_downstream_drops_what_a_batch_was_cut_from);
  tcase_add_test (tcase, test_one_thread_may_feed_all_channels);
  tcase_add_test (tcase, test_nobody_waits_for_pads_that_are_not_linked);
  return suite;
}

GST_CHECK_MAIN (tieredqueue_sync);
