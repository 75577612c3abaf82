/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A gate behind a tieredqueue, and what does not fit: levels, back-pressure and each
 * drop are told as they were, in the statistics and in the messages. */
#include "metrics-exact-queue.h"

/* So many of LIMIT are the high watermark of 0.8. */
#define HIGH 16

typedef struct
{
  GstHarness *h;
  GstBus *bus;
  Held gate;
  Known known;
  guint64 pressed_at;
  gint pushed;                  /* atomic: another thread's push has returned */
} Story;

/* ---- messages ---- */

typedef struct
{
  gboolean active;
  guint64 level, bytes, time;
  guint64 duration, total, count;
} Pressure;

static void
compare_pressure (Exact * e, gconstpointer user_data)
{
  const Pressure *known = user_data;

  exact_text (e, "channel", "sink");
  exact_flag (e, "active", known->active);
  exact_count (e, "level", known->level);
  exact_count (e, "level-bytes", known->bytes);
  exact_count (e, "level-time", known->time);
  exact_count (e, "duration", known->duration);
  exact_count (e, "total-duration", known->total);
  exact_count (e, "count", known->count);
}

typedef struct
{
  const gchar *reason;
  guint64 count, bytes;
  gint64 first, last;
} Dropped;

static void
compare_dropped (Exact * e, gconstpointer user_data)
{
  const Dropped *known = user_data;

  exact_text (e, "channel", "sink");
  exact_text (e, "reason", known->reason);
  exact_count (e, "count", known->count);
  exact_count (e, "bytes", known->bytes);
  exact_signed (e, "first-running-time", known->first);
  exact_signed (e, "last-running-time", known->last);
}

static void
check_message (Story * s, const gchar * name, ExactCompare compare,
    gconstpointer known)
{
  GstMessage *message = wait_message (s->bus, name);

  exact_check (gst_message_get_structure (message), name, compare, known);
  gst_message_unref (message);
}

/* It comes with each message of a loss. */
static void
check_qos (Story * s, gint64 time)
{
  GstMessage *message = gst_bus_timed_pop_filtered (s->bus, 20 * GST_SECOND,
      GST_MESSAGE_QOS);
  guint64 running_time, processed, dropped;
  GstFormat format;

  fail_unless (message != NULL);
  gst_message_parse_qos (message, NULL, &running_time, NULL, NULL, NULL);
  gst_message_parse_qos_stats (message, &format, &processed, &dropped);
  fail_unless_equals_uint64 (running_time, (guint64) time);
  fail_unless_equals_int (format, GST_FORMAT_BUFFERS);
  fail_unless_equals_uint64 (processed, s->known.out);
  fail_unless_equals_uint64 (dropped, s->known.dropped[FULL]
      + s->known.dropped[TIMEOUT] + s->known.dropped[GOP]);
  gst_message_unref (message);
}

/* ---- doing ---- */

/* The events of the beginning are through before the gate is shut. */
static void
begin (Story * s)
{
  s->h = start (&s->known);
  fail_unless_equals_int (push (s->h, &s->known), GST_FLOW_OK);
  pull (s->h, &s->known);
  s->bus = gst_bus_new ();
  gst_element_set_bus (s->h->element, s->bus);
  s->gate = hold_with_one (s->h, &s->known);
}

static void
end (Story * s)
{
  gst_element_set_bus (s->h->element, NULL);
  gst_object_unref (s->bus);
  gst_harness_teardown (s->h);
}

static void
queue_up (Story * s, guint n)
{
  for (guint i = 0; i < n; i++) {
    guint64 before = s->known.bytes_in;

    fail_unless_equals_int (push (s->h, &s->known), GST_FLOW_OK);
    s->known.level++;
    s->known.level_bytes += s->known.bytes_in - before;
    s->known.level_time += GST_MSECOND;
  }
}

/* To the watermark: the message is there, and the clock has not moved since, so that
 * the reporter looks no more (its looks are 5 ms apart). */
static void
queue_up_to_pressure (Story * s)
{
  Pressure pressure = {.active = TRUE,.level = HIGH,.count = 1 };

  queue_up (s, HIGH);
  s->pressed_at = fake_clock_now ();
  s->known.pressed = TRUE;
  s->known.presses = 1;
  pressure.bytes = s->known.level_bytes;
  pressure.time = HIGH * GST_MSECOND;
  check_message (s, "tieredqueue-backpressure", compare_pressure, &pressure);
}

static Dropped
drop (Story * s, guint reason, const gchar * name, guint n)
{
  guint64 before = s->known.bytes_in;
  Dropped dropped = {.reason = name,.count = n };

  dropped.first = (gint64) (s->known.in * GST_MSECOND);
  for (guint i = 0; i < n; i++)
    fail_unless_equals_int (push (s->h, &s->known), GST_FLOW_OK);
  dropped.last = (gint64) ((s->known.in - 1) * GST_MSECOND);
  dropped.bytes = s->known.bytes_in - before;
  s->known.dropped[reason] += n;
  s->known.bytes_dropped += dropped.bytes;
  return dropped;
}

/* @reasons: that hold now */
static void
check_now (Story * s, const gchar * reasons)
{
  s->known.reasons = reasons;
  if (s->known.pressed)
    s->known.pressed_time = fake_clock_now () - s->pressed_at;
  note_rates_since (&s->known, s->known.began, 0, 0);
  check_stats (s->h, &s->known);
}

/* ---- the tests ---- */

GST_START_TEST (test_what_does_not_fit_is_told_as_full)
{
  Story s = { 0 };
  Dropped dropped;

  begin (&s);
  g_object_set (s.h->element, "leaky", 1, NULL);
  queue_up_to_pressure (&s);
  queue_up (&s, LIMIT - HIGH);
  dropped = drop (&s, FULL, "full", 5);
  s.known.peak = LIMIT;
  fake_clock_advance (GST_SECOND);
  check_message (&s, "tieredqueue-dropped", compare_dropped, &dropped);
  check_qos (&s, dropped.last);
  check_now (&s, "success-rate,utilisation,data-lost");
  release_downstream (s.gate);
  end (&s);
}

GST_END_TEST;

/* The drop makes the reporter look, and so not again before the clock moves on. */
GST_START_TEST (test_back_pressure_lasts_as_long_as_it_lasted)
{
  Story s = { 0 };
  Pressure pressure = {.count = 1 };
  Dropped dropped;

  begin (&s);
  g_object_set (s.h->element, "leaky", 1, NULL);
  queue_up_to_pressure (&s);
  queue_up (&s, LIMIT - HIGH);
  fake_clock_advance (700 * GST_MSECOND);
  dropped = drop (&s, FULL, "full", 1);
  check_message (&s, "tieredqueue-dropped", compare_dropped, &dropped);
  release_downstream (s.gate);
  gst_buffer_unref (gst_harness_pull (s.h));    /* that in the task's hand */
  for (guint i = 0; i < LIMIT; i++)
    pull (s.h, &s.known);
  s.known.level = s.known.level_bytes = s.known.level_time = 0;
  s.known.peak = LIMIT;
  /* One of each eight, but one at a time. */
  s.known.times[s.known.n_times++] = (ExactTime) { 700 * GST_MSECOND, 1 };
  fake_clock_advance (GST_SECOND);
  pressure.duration = pressure.total = 700 * GST_MSECOND;
  check_message (&s, "tieredqueue-backpressure", compare_pressure, &pressure);
  s.known.pressed = FALSE;
  s.known.pressed_time = 700 * GST_MSECOND;
  check_now (&s, "success-rate,data-lost");
  end (&s);
}

GST_END_TEST;

/* Waits for room until the test has moved the clock beyond its patience. */
static gpointer
push_in_vain (gpointer data)
{
  Story *s = data;

  fail_unless_equals_int (push (s->h, &s->known), GST_FLOW_OK);
  g_atomic_int_set (&s->pushed, TRUE);
  return NULL;
}

GST_START_TEST (test_what_finds_no_room_in_time_is_told_as_timeout)
{
  Story s = { 0 };
  Dropped dropped = {.reason = "timeout",.count = 1 };
  GThread *thread;

  begin (&s);
  g_object_set (s.h->element, "put-timeout", GST_MSECOND, NULL);
  queue_up_to_pressure (&s);
  queue_up (&s, LIMIT - HIGH);
  dropped.first = dropped.last = (gint64) (s.known.in * GST_MSECOND);
  dropped.bytes = 100 + s.known.in % 7;
  thread = g_thread_new ("push", push_in_vain, &s);
  while (!g_atomic_int_get (&s.pushed))
    fake_clock_advance (GST_MSECOND);
  g_thread_join (thread);
  s.known.dropped[TIMEOUT] = 1;
  s.known.bytes_dropped = dropped.bytes;
  s.known.peak = LIMIT;
  fake_clock_advance (GST_SECOND);
  check_message (&s, "tieredqueue-dropped", compare_dropped, &dropped);
  check_qos (&s, dropped.last);
  check_now (&s, "success-rate,utilisation,data-lost");
  release_downstream (s.gate);
  end (&s);
}

GST_END_TEST;

/* Twenty of them, of which nothing comes out. */
static void
note_all_dropped (Story * s, guint reason)
{
  s->known.dropped[reason] = s->known.level;
  s->known.bytes_dropped = s->known.level_bytes;
  s->known.level = s->known.level_bytes = s->known.level_time = 0;
  s->known.pressed = FALSE;
  s->known.peak = HIGH;
}

GST_START_TEST (test_what_a_flush_takes_is_told_as_flush)
{
  Story s = { 0 };
  Dropped dropped = {.reason = "flush",.count = HIGH };

  begin (&s);
  queue_up_to_pressure (&s);
  dropped.first = 2 * GST_MSECOND;
  dropped.last = (HIGH + 1) * GST_MSECOND;
  dropped.bytes = s.known.level_bytes;
  fail_unless (gst_harness_push_event (s.h, gst_event_new_flush_start ()));
  fail_unless (gst_harness_push_event (s.h, gst_event_new_flush_stop (TRUE)));
  note_all_dropped (&s, FLUSH);
  s.known.times[s.known.n_times++] = (ExactTime) { 0, 1 };      /* in the queue */
  fake_clock_advance (GST_SECOND);
  check_message (&s, "tieredqueue-dropped", compare_dropped, &dropped);
  check_now (&s, "");
  end (&s);
}

GST_END_TEST;

GST_START_TEST (test_what_flush_on_eos_takes_is_told_as_eos)
{
  Story s = { 0 };
  Dropped dropped = {.reason = "eos",.count = HIGH };

  begin (&s);
  g_object_set (s.h->element, "flush-on-eos", TRUE, NULL);
  queue_up_to_pressure (&s);
  dropped.first = 2 * GST_MSECOND;
  dropped.last = (HIGH + 1) * GST_MSECOND;
  dropped.bytes = s.known.level_bytes;
  fail_unless (gst_harness_push_event (s.h, gst_event_new_eos ()));
  note_all_dropped (&s, END);
  fake_clock_advance (GST_SECOND);
  check_message (&s, "tieredqueue-dropped", compare_dropped, &dropped);
  check_now (&s, "");
  release_downstream (s.gate);
  end (&s);
}

GST_END_TEST;

/* The key unit does not fit, and so neither do the two that need it. */
GST_START_TEST (test_what_needs_a_dropped_buffer_is_told_as_gop)
{
  Story s = { 0 };
  Dropped full, gop;

  begin (&s);
  g_object_set (s.h->element, "leaky", 1, "drop-policy", 1, NULL);
  queue_up_to_pressure (&s);
  queue_up (&s, LIMIT - HIGH);
  full = drop (&s, FULL, "full", 1);
  s.known.deltas = TRUE;
  gop = drop (&s, GOP, "gop", 2);
  s.known.peak = LIMIT;
  fake_clock_advance (GST_SECOND);
  check_message (&s, "tieredqueue-dropped", compare_dropped, &full);
  check_message (&s, "tieredqueue-dropped", compare_dropped, &gop);
  check_qos (&s, gop.last);
  check_now (&s, "success-rate,utilisation,data-lost");
  release_downstream (s.gate);
  end (&s);
}

GST_END_TEST;

/* The last metrics message has what the stop has dropped. */
GST_START_TEST (test_the_message_at_the_stop_is_as_the_statistics)
{
  Story s = { 0 };
  GstMessage *message;

  begin (&s);
  queue_up_to_pressure (&s);
  fake_clock_advance (2 * GST_SECOND);
  gst_element_set_state (s.h->element, GST_STATE_READY);
  message = wait_message (s.bus, "tieredqueue-metrics");
  note_all_dropped (&s, FLUSH);
  /* The one whose time was being taken was dropped: it has come out too. */
  s.known.times[s.known.n_times++] = (ExactTime) { 2 * GST_SECOND, 1 };
  s.known.pressed_time = 2 * GST_SECOND;
  s.known.reasons = "";
  note_rates_since (&s.known, s.known.began, 0, 0);
  exact_check (gst_message_get_structure (message), "tieredqueue-metrics",
      compare_metrics, &s.known);
  gst_message_unref (message);
  end (&s);
}

GST_END_TEST;

static Suite *
metrics_exact_queue_drops_suite (void)
{
  Suite *s = suite_create ("metrics-exact-queue-drops");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_what_does_not_fit_is_told_as_full);
  tcase_add_test (tc, test_back_pressure_lasts_as_long_as_it_lasted);
  tcase_add_test (tc, test_what_finds_no_room_in_time_is_told_as_timeout);
  tcase_add_test (tc, test_what_a_flush_takes_is_told_as_flush);
  tcase_add_test (tc, test_what_flush_on_eos_takes_is_told_as_eos);
  tcase_add_test (tc, test_what_needs_a_dropped_buffer_is_told_as_gop);
  tcase_add_test (tc, test_the_message_at_the_stop_is_as_the_statistics);
  return s;
}

GST_CHECK_MAIN (metrics_exact_queue_drops);
