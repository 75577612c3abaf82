/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * drop-policy=gop: what comes out never has a delta unit without its key unit and
 * all the delta units between.  SC_TEST_SEED repeats a random run, as far as
 * threads can be repeated.
 */
#include <gst/video/video-event.h>

#include "tieredqueue-check.h"

/* A unit's place: the number of its group, and its position there. */
static GstBuffer *
unit (guint group, guint position)
{
  GstBuffer *buffer = numbered ((guint64) group << 16 | position);

  GST_BUFFER_PTS (buffer) = GST_CLOCK_TIME_NONE;
  GST_BUFFER_DTS (buffer) = group * GST_MSECOND;
  GST_BUFFER_DURATION (buffer) = GST_CLOCK_TIME_NONE;
  if (position > 0)
    GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_DELTA_UNIT);
  return buffer;
}

static void
push_units (GstHarness * h, guint group, guint from, guint to)
{
  for (guint i = from; i <= to; i++)
    fail_unless_equals_int (gst_harness_push (h, unit (group, i)),
        GST_FLOW_OK);
}

static void
pull_unit (GstHarness * h, guint group, guint position, gboolean discont)
{
  GstBuffer *buffer = gst_harness_pull (h);

  fail_unless_equals_uint64 (GST_BUFFER_OFFSET (buffer) >> 16, group);
  fail_unless_equals_uint64 (GST_BUFFER_OFFSET (buffer) & 0xffff, position);
  fail_unless_equals_int (GST_BUFFER_FLAG_IS_SET (buffer,
          GST_BUFFER_FLAG_DISCONT), discont);
  gst_buffer_unref (buffer);
}

static guint
requests_for_a_key_unit (GstHarness * h)
{
  GstEvent *event;
  guint count = 0;

  while ((event = gst_harness_try_pull_upstream_event (h)) != NULL) {
    count += gst_video_event_is_force_key_unit (event);
    gst_event_unref (event);
  }
  return count;
}

/* One buffer is on its way out, and held there. */
static GstHarness *
held_queue (Held * held, guint size, gint leaky)
{
  GstHarness *h = new_harness ("tieredqueue", "max-size-buffers", size,
      "leaky", leaky, "max-size-time", (guint64) 0, NULL);

  gst_util_set_object_arg (G_OBJECT (h->element), "drop-policy", "gop");
  *held = hold_downstream (h);
  gst_harness_push (h, unit (0, 0));
  wait_until_level (h, 0);
  return h;
}

/* ---- each rule ---- */

GST_START_TEST (test_what_needs_a_buffer_that_leaked_upstream_goes_with_it)
{
  Held held;
  GstHarness *h = held_queue (&held, 3, 1);

  push_units (h, 1, 0, 4);      /* 3 is too many, and 4 needs it */
  fail_unless_equals_uint64 (stat_of (h, "buffers-dropped-full"), 1);
  fail_unless_equals_uint64 (stat_of (h, "buffers-dropped-gop"), 1);
  release_downstream (held);
  wait_until_level (h, 0);
  push_units (h, 1, 5, 6);      /* there is room, but no use for it */
  push_units (h, 2, 0, 1);
  fail_unless_equals_uint64 (stat_of (h, "buffers-dropped-gop"), 3);
  pull_unit (h, 0, 0, FALSE);
  for (guint i = 0; i < 3; i++)
    pull_unit (h, 1, i, FALSE);
  pull_unit (h, 2, 0, TRUE);
  pull_unit (h, 2, 1, FALSE);
  assert_accounts_balance (h);
  gst_harness_teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_what_needs_a_buffer_that_timed_out_goes_without_a_wait)
{
  Held held;
  GstHarness *h = held_queue (&held, 1, 0);

  g_object_set (h->element, "put-timeout", GST_MSECOND, NULL);
  push_units (h, 1, 0, 1);
  g_object_set (h->element, "put-timeout", (guint64) 0, NULL);
  push_units (h, 1, 2, 9);      /* would wait without end */
  fail_unless_equals_uint64 (stat_of (h, "buffers-dropped-timeout"), 1);
  fail_unless_equals_uint64 (stat_of (h, "buffers-dropped-gop"), 8);
  release_downstream (held);
  gst_harness_teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_the_old_end_is_dropped_up_to_the_next_key_unit)
{
  Held held;
  GstHarness *h = held_queue (&held, 4, 2);

  push_units (h, 1, 0, 2);
  push_units (h, 2, 0, 1);
  fail_unless_equals_uint64 (stat_of (h, "buffers-dropped-full"), 1);
  fail_unless_equals_uint64 (stat_of (h, "buffers-dropped-gop"), 2);
  fail_unless_equals_int (requests_for_a_key_unit (h), 0);
  release_downstream (held);
  pull_unit (h, 0, 0, FALSE);
  pull_unit (h, 2, 0, TRUE);
  pull_unit (h, 2, 1, FALSE);
  assert_accounts_balance (h);
  gst_harness_teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_without_a_key_unit_in_the_queue_all_goes_until_one_comes)
{
  Held held;
  GstHarness *h = held_queue (&held, 4, 2);

  push_units (h, 1, 0, 6);
  fail_unless_equals_uint64 (stat_of (h, "level-buffers"), 0);
  fail_unless_equals_uint64 (stat_of (h, "buffers-dropped-full"), 1);
  fail_unless_equals_uint64 (stat_of (h, "buffers-dropped-gop"), 6);
  push_units (h, 2, 0, 1);
  release_downstream (held);
  pull_unit (h, 0, 0, FALSE);
  pull_unit (h, 2, 0, TRUE);
  pull_unit (h, 2, 1, FALSE);
  assert_accounts_balance (h);
  gst_harness_teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_a_group_that_is_broken_off_in_the_middle_ends_there)
{
  Held held;
  GstHarness *h = held_queue (&held, 3, 2);

  push_units (h, 0, 1, 5);      /* the key unit is out already */
  push_units (h, 3, 0, 0);
  release_downstream (held);
  pull_unit (h, 0, 0, FALSE);
  pull_unit (h, 3, 0, TRUE);
  gst_harness_teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_upstream_is_asked_for_a_key_unit_once_for_each_gap)
{
  Held held;
  GstHarness *h = held_queue (&held, 2, 1);

  requests_for_a_key_unit (h);
  for (guint group = 1; group <= 3; group++) {
    push_units (h, group, 0, 1);
    fail_unless_equals_int (requests_for_a_key_unit (h), 0);
    push_units (h, group, 2, 9);
    fail_unless_equals_int (requests_for_a_key_unit (h), 1);
    release_downstream (held);
    wait_until_level (h, 0);
    push_units (h, group, 10, 12);
    fail_unless_equals_int (requests_for_a_key_unit (h), 0);
    held = hold_downstream (h);
    push_units (h, group + 10, 0, 0);
    wait_until_level (h, 0);
  }
  release_downstream (held);
  gst_harness_teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_raw_media_are_dropped_one_by_one_and_nobody_is_asked)
{
  for (gint leaky = 1; leaky <= 2; leaky++) {
    Held held;
    GstHarness *h = held_queue (&held, 3, leaky);

    requests_for_a_key_unit (h);
    for (guint i = 1; i <= 10; i++)
      push_units (h, i, 0, 0);
    fail_unless_equals_uint64 (stat_of (h, "buffers-dropped-full"), 7);
    fail_unless_equals_uint64 (stat_of (h, "buffers-dropped-gop"), 0);
    fail_unless_equals_uint64 (stat_of (h, "level-buffers"), 3);
    fail_unless_equals_int (requests_for_a_key_unit (h), 0);
    release_downstream (held);
    gst_harness_teardown (h);
  }
}

GST_END_TEST;

static GstBufferList *
list_of (guint group, guint first, guint length)
{
  GstBufferList *list = gst_buffer_list_new ();

  for (guint i = 0; i < length; i++)
    gst_buffer_list_add (list, unit (group, first + i));
  return list;
}

GST_START_TEST (test_a_list_is_judged_by_its_first_buffer)
{
  Held held;
  GstHarness *h = held_queue (&held, 2, 1);

  gst_pad_push_list (h->srcpad, list_of (1, 0, 3));     /* in */
  gst_pad_push_list (h->srcpad, list_of (1, 3, 3));     /* full */
  release_downstream (held);
  wait_until_level (h, 0);
  gst_pad_push_list (h->srcpad, list_of (1, 6, 3));     /* gop */
  gst_pad_push_list (h->srcpad, list_of (2, 0, 2));
  fail_unless_equals_uint64 (stat_of (h, "buffers-dropped-full"), 3);
  fail_unless_equals_uint64 (stat_of (h, "buffers-dropped-gop"), 3);
  pull_unit (h, 0, 0, FALSE);
  for (guint i = 0; i < 3; i++)
    pull_unit (h, 1, i, FALSE);
  pull_unit (h, 2, 0, TRUE);
  gst_harness_teardown (h);
}

GST_END_TEST;

static GstBuffer *
header (guint number)
{
  GstBuffer *buffer = gst_buffer_new_and_alloc (20);

  GST_BUFFER_OFFSET (buffer) = (guint64) 9 << 16 | number;
  GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_HEADER);
  return buffer;
}

GST_START_TEST (test_stream_headers_stay_when_all_around_them_goes)
{
  for (gint leaky = 1; leaky <= 2; leaky++) {
    Held held;
    GstHarness *h = held_queue (&held, 2, leaky);

    push_units (h, 1, 0, 5);
    for (guint i = 0; i < 3; i++)
      gst_harness_push (h, header (i));
    push_units (h, 2, 0, 9);
    fail_unless (stat_of (h, "level-buffers") >= 3);
    assert_accounts_balance (h);
    release_downstream (held);
    for (guint found = 0; found < 3;) {
      GstBuffer *buffer = gst_harness_pull (h);

      if (GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_HEADER))
        fail_unless_equals_uint64 (GST_BUFFER_OFFSET (buffer) & 0xffff,
            found++);
      gst_buffer_unref (buffer);
      if (leaky == 2 && found < 3)      /* what was kept aside needs a next one */
        gst_harness_push (h, unit (7, 0));
    }
    gst_element_set_state (h->element, GST_STATE_READY);
    assert_accounts_balance (h);
    gst_harness_teardown (h);
  }
}

GST_END_TEST;

GST_START_TEST (test_more_headers_than_a_stream_has_do_not_lift_the_limits)
{
  Held held;
  GstHarness *h = held_queue (&held, 2, 1);

  for (guint i = 0; i < 1000; i++)
    gst_harness_push (h, header (i));
  fail_unless_equals_uint64 (stat_of (h, "level-buffers"), 66);
  assert_accounts_balance (h);
  gst_element_set_state (h->element, GST_STATE_READY);
  assert_accounts_balance (h);
  gst_harness_teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_a_flush_is_a_gap_and_a_new_stream_is_not)
{
  Held held;
  GstHarness *h = held_queue (&held, 9, 1);
  GstSegment segment;

  push_units (h, 1, 0, 3);
  release_downstream (held);
  fail_unless (gst_harness_push_event (h, gst_event_new_flush_start ()));
  fail_unless (gst_harness_push_event (h, gst_event_new_flush_stop (TRUE)));
  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_harness_push_event (h, gst_event_new_segment (&segment));
  push_units (h, 1, 4, 5);
  fail_unless_equals_uint64 (stat_of (h, "buffers-dropped-gop"), 2);
  gst_harness_push_event (h, gst_event_new_stream_start ("another"));
  gst_harness_push_event (h, gst_event_new_segment (&segment));
  push_units (h, 5, 4, 5);
  fail_unless_equals_uint64 (stat_of (h, "buffers-dropped-gop"), 2);
  gst_harness_teardown (h);
}

GST_END_TEST;

/* ---- whatever the pattern ---- */

typedef struct
{
  GRand *random;
  guint64 last;                 /* the unit before */
  guint64 broken;               /* delta units without what they need */
  guint64 unmarked;             /* gaps without DISCONT */
  guint64 spared;               /* dropped for the reason gop */
  guint64 next_event;
  gboolean events_in_order;
  gint asked;
} Viewer;

static gboolean
look_at (Viewer * viewer, GstBuffer * buffer)
{
  guint64 number = GST_BUFFER_OFFSET (buffer);
  gboolean follows = number == viewer->last + 1;
  gboolean key = (number & 0xffff) == 0;

  viewer->broken += !key && !follows;
  viewer->unmarked += !key && !follows
      && !GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DISCONT);
  viewer->last = number;
  return TRUE;
}

static gboolean
look_at_each (GstBuffer ** buffer, guint index, gpointer viewer)
{
  return look_at (viewer, *buffer);
}

static GstPadProbeReturn
view (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  Viewer *viewer = user_data;

  if (info->type & GST_PAD_PROBE_TYPE_BUFFER) {
    look_at (viewer, GST_PAD_PROBE_INFO_BUFFER (info));
  } else if (info->type & GST_PAD_PROBE_TYPE_BUFFER_LIST) {
    gst_buffer_list_foreach (GST_PAD_PROBE_INFO_BUFFER_LIST (info),
        look_at_each, viewer);
  } else if (GST_EVENT_TYPE (GST_PAD_PROBE_INFO_EVENT (info))
      == GST_EVENT_CUSTOM_DOWNSTREAM) {
    guint number;

    gst_structure_get_uint (gst_event_get_structure
        (GST_PAD_PROBE_INFO_EVENT (info)), "number", &number);
    viewer->events_in_order &= number == viewer->next_event++;
  }
  /* Now and then it is slow, as a disk is. */
  if (g_rand_int_range (viewer->random, 0, 20) == 0)
    g_usleep ((gulong) g_rand_int_range (viewer->random, 0, 300));
  return GST_PAD_PROBE_OK;
}

static GstPadProbeReturn
note_request (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  Viewer *viewer = user_data;

  if (gst_video_event_is_force_key_unit (GST_PAD_PROBE_INFO_EVENT (info)))
    g_atomic_int_set (&viewer->asked, TRUE);
  return GST_PAD_PROBE_OK;
}

static void
push_some_of (GstHarness * h, GRand * random, guint group, guint * position)
{
  if (g_rand_int_range (random, 0, 8) == 0) {
    guint length = (guint) g_rand_int_range (random, 1, 5);

    gst_pad_push_list (h->srcpad, list_of (group, *position, length));
    *position += length;
  } else {
    gst_harness_push (h, unit (group, (*position)++));
  }
}

/* Groups of all lengths, among them events; an encoder that obeys at times. */
static void
push_a_film (GstHarness * h, GRand * random, Viewer * viewer)
{
  guint events = 0;

  for (guint group = 1; group <= 3000; group++) {
    guint length = (guint) g_rand_int_range (random, 1, 30);
    guint position = 0;

    while (position < length) {
      push_some_of (h, random, group, &position);
      if (g_rand_int_range (random, 0, 10) == 0)
        gst_harness_push_event (h, gst_event_new_custom
            (GST_EVENT_CUSTOM_DOWNSTREAM, gst_structure_new ("e", "number",
                    G_TYPE_UINT, events++, NULL)));
      if (g_atomic_int_compare_and_exchange (&viewer->asked, TRUE, FALSE)
          && g_rand_boolean (random))
        break;
    }
    if (g_rand_int_range (random, 0, 20) == 0)
      g_object_set (h->element, "max-size-buffers",
          g_rand_int_range (random, 1, 40), NULL);
  }
  gst_harness_push_event (h, gst_event_new_eos ());
  wait_until_level (h, 0);
  while (GST_PAD_LAST_FLOW_RETURN (src_pad (h)) == GST_FLOW_OK
      && viewer->next_event < events)
    g_thread_yield ();
  fail_unless_equals_uint64 (viewer->next_event, events);
}

static Viewer
watch_a_film (guint32 seed, gint leaky, const gchar * policy)
{
  GstHarness *h = new_harness ("tieredqueue", "max-size-buffers", 10,
      "leaky", leaky, "put-timeout", (guint64) GST_USECOND,
      "max-size-time", (guint64) 0, NULL);
  Viewer viewer = {.random = g_rand_new_with_seed (seed + 1),
    .events_in_order = TRUE
  };
  GRand *random = g_rand_new_with_seed (seed);

  gst_util_set_object_arg (G_OBJECT (h->element), "drop-policy", policy);
  gst_harness_set_drop_buffers (h, TRUE);
  gst_pad_add_probe (src_pad (h), GST_PAD_PROBE_TYPE_BUFFER
      | GST_PAD_PROBE_TYPE_BUFFER_LIST | GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM,
      view, &viewer, NULL);
  gst_pad_add_probe (h->srcpad, GST_PAD_PROBE_TYPE_EVENT_UPSTREAM,
      note_request, &viewer, NULL);
  push_a_film (h, random, &viewer);
  assert_accounts_balance (h);
  viewer.spared = stat_of (h, "buffers-dropped-gop");
  g_rand_free (random);
  gst_harness_teardown (h);
  g_rand_free (viewer.random);
  return viewer;
}

/* How often a film is looked at for what must happen in one of them: it is the
 * scheduler that decides how full the queue becomes. */
#define FILMS 30

GST_START_TEST (test_no_delta_unit_comes_without_all_that_it_needs)
{
  guint32 seed = printed_seed ("tieredqueue-gop");

  for (gint leaky = 0; leaky <= 2; leaky++) {
    guint64 spared = 0;

    for (guint i = 0; i == 0 || (spared == 0 && i < FILMS); i++) {
      Viewer viewer = watch_a_film (seed + i, leaky, "gop");

      fail_unless (viewer.broken == 0, "leaky %d, seed %u: %" G_GUINT64_FORMAT
          " delta units without what they need", leaky, seed + i,
          viewer.broken);
      fail_unless (viewer.events_in_order);
      spared += viewer.spared;
    }
    fail_unless (spared > 0);
  }
}

GST_END_TEST;

GST_START_TEST (test_with_the_other_policy_delta_units_do_come_without)
{
  guint32 seed = printed_seed ("tieredqueue-gop");

  for (gint leaky = 0; leaky <= 2; leaky++) {
    guint64 broken = 0;

    for (guint i = 0; broken == 0 && i < FILMS; i++) {
      Viewer viewer = watch_a_film (seed + i, leaky, "buffer");

      broken += viewer.broken;
      fail_unless_equals_uint64 (viewer.unmarked, 0);
      fail_unless_equals_uint64 (viewer.spared, 0);
    }
    fail_unless (broken > 0);
  }
}

GST_END_TEST;

/* ---- real video ---- */

typedef struct
{
  Viewer viewer;
  guint64 next;                 /* number of the encoder's next unit */
  GMutex lock;
  GCond moved;
  guint in, out;                /* units */
  gboolean ended;               /* the encoder */
} Show;

static void
note_input (Show * show, guint units, gboolean ended)
{
  g_mutex_lock (&show->lock);
  show->in += units;
  show->ended |= ended;
  g_cond_signal (&show->moved);
  g_mutex_unlock (&show->lock);
}

static GstPadProbeReturn
number_unit (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  Show *show = user_data;
  GstBuffer *buffer = gst_buffer_make_writable
      (GST_PAD_PROBE_INFO_BUFFER (info));

  if (!GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DELTA_UNIT))
    show->next = ((show->next >> 16) + 1) << 16;
  GST_BUFFER_OFFSET (buffer) = show->next++;
  GST_PAD_PROBE_INFO_DATA (info) = buffer;
  note_input (show, 1, FALSE);
  return GST_PAD_PROBE_OK;
}

static GstPadProbeReturn
note_end (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  if (GST_EVENT_TYPE (GST_PAD_PROBE_INFO_EVENT (info)) == GST_EVENT_EOS)
    note_input (user_data, 0, TRUE);
  return GST_PAD_PROBE_OK;
}

/* So slow that the encoder is always far ahead. */
static GstPadProbeReturn
view_slowly (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  Show *show = user_data;

  g_mutex_lock (&show->lock);
  show->out++;
  while (!show->ended && show->in < 5 * show->out + 25)
    g_cond_wait (&show->moved, &show->lock);
  g_mutex_unlock (&show->lock);
  look_at (&show->viewer, GST_PAD_PROBE_INFO_BUFFER (info));
  return GST_PAD_PROBE_OK;
}

static void
add_probe (GstElement * queue, const gchar * name,
    GstPadProbeType type, GstPadProbeCallback callback, gpointer user_data)
{
  GstPad *pad = gst_element_get_static_pad (queue, name);

  gst_pad_add_probe (pad, type, callback, user_data, NULL);
  gst_object_unref (pad);
}

/* The delta units that came without what they need. */
static guint64
watch_an_encoder (const gchar * leaky, const gchar * policy)
{
  gchar *text = g_strdup_printf ("videotestsrc num-buffers=300 ! "
      "video/x-raw,width=64,height=48 ! x264enc key-int-max=30 "
      "tune=zerolatency ! tieredqueue name=q max-size-buffers=20 leaky=%s "
      "drop-policy=%s ! fakesink async=false", leaky, policy);
  GstElement *pipeline = gst_parse_launch (text, NULL);
  GstElement *queue = gst_bin_get_by_name (GST_BIN (pipeline), "q");
  GstBus *bus = gst_element_get_bus (pipeline);
  Show show = { 0 };
  GstMessage *message;

  g_mutex_init (&show.lock);
  g_cond_init (&show.moved);
  add_probe (queue, "sink", GST_PAD_PROBE_TYPE_BUFFER, number_unit, &show);
  add_probe (queue, "sink", GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, note_end,
      &show);
  add_probe (queue, "src", GST_PAD_PROBE_TYPE_BUFFER, view_slowly, &show);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  message = gst_bus_timed_pop_filtered (bus, 60 * GST_SECOND,
      GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  fail_unless (message != NULL);
  fail_unless_equals_int (GST_MESSAGE_TYPE (message), GST_MESSAGE_EOS);
  gst_message_unref (message);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  g_mutex_clear (&show.lock);
  g_cond_clear (&show.moved);
  gst_object_unref (bus);
  gst_object_unref (queue);
  gst_object_unref (pipeline);
  g_free (text);
  return show.viewer.broken;
}

GST_START_TEST (test_what_an_encoder_makes_comes_out_decodable)
{
  static const gchar *const modes[] = { "upstream", "downstream" };
  GstElementFactory *encoder = gst_element_factory_find ("x264enc");

  if (encoder == NULL) {
    g_print ("no x264enc\n");
    return;
  }
  gst_object_unref (encoder);
  for (guint i = 0; i < G_N_ELEMENTS (modes); i++) {
    fail_unless_equals_uint64 (watch_an_encoder (modes[i], "gop"), 0);
    fail_unless (watch_an_encoder (modes[i], "buffer") > 0);
  }
}

GST_END_TEST;

static Suite *
tieredqueue_gop_suite (void)
{
  Suite *suite = suite_create ("tieredqueue-gop");
  TCase *tcase = tcase_create ("tieredqueue-gop");

  suite_add_tcase (suite, tcase);
  tcase_add_test (tcase,
      test_what_needs_a_buffer_that_leaked_upstream_goes_with_it);
  tcase_add_test (tcase,
      test_what_needs_a_buffer_that_timed_out_goes_without_a_wait);
  tcase_add_test (tcase, test_the_old_end_is_dropped_up_to_the_next_key_unit);
  tcase_add_test (tcase,
      test_without_a_key_unit_in_the_queue_all_goes_until_one_comes);
  tcase_add_test (tcase,
      test_a_group_that_is_broken_off_in_the_middle_ends_there);
  tcase_add_test (tcase,
      test_upstream_is_asked_for_a_key_unit_once_for_each_gap);
  tcase_add_test (tcase,
      test_raw_media_are_dropped_one_by_one_and_nobody_is_asked);
  tcase_add_test (tcase, test_a_list_is_judged_by_its_first_buffer);
  tcase_add_test (tcase, test_stream_headers_stay_when_all_around_them_goes);
  tcase_add_test (tcase,
      test_more_headers_than_a_stream_has_do_not_lift_the_limits);
  tcase_add_test (tcase, test_a_flush_is_a_gap_and_a_new_stream_is_not);
  tcase_add_test (tcase, test_no_delta_unit_comes_without_all_that_it_needs);
  tcase_add_test (tcase,
      test_with_the_other_policy_delta_units_do_come_without);
  tcase_add_test (tcase, test_what_an_encoder_makes_comes_out_decodable);
  return suite;
}

GST_CHECK_MAIN (tieredqueue_gop);
