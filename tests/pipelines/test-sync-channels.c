/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sync-channels in whole pipelines: eight sources that run as fast as they are
 * let, one sink that lags whenever it can be told that the others are far ahead.
 * The spread of what arrives is measured with every buffer.
 */
#include "pipeline-check.h"

#define CHANNELS 8
#define SAMPLES 960             /* of 48,000 Hz: 20 ms */
#define STEP (20 * GST_MSECOND)
#define BUFFERS 1500
#define LAG_EVERY 50

typedef enum
{
  LAGS,                         /* until the others are as far ahead as they may */
  RUNS_APART,                   /* until they are twice as far; the control */
  STALLS,                       /* once, until the others have ended */
} Behaviour;

typedef struct
{
  GstElement *pipeline;
  GstElement *queue;
  GstClockTime max_interleave;
  Behaviour behaviour;

  GMutex lock;
  GCond moved;
  guint64 received[CHANNELS];
  GstClockTimeDiff largest_spread;      /* of those that do not stall */
} Run;

typedef struct
{
  Run *run;
  guint number;
} Sink;

static Sink sinks[CHANNELS];

static GstClockTimeDiff
position (Run * self, guint channel)
{
  return (GstClockTimeDiff) (self->received[channel] * STEP);
}

static void
measure (Run * self)
{
  GstClockTimeDiff first = G_MAXINT64, last = 0;

  for (guint i = self->behaviour == STALLS; i < CHANNELS; i++) {
    if (self->received[i] == 0)
      return;
    first = MIN (first, position (self, i));
    last = MAX (last, position (self, i));
  }
  self->largest_spread = MAX (self->largest_spread, last - first);
}

/* Whether all others have come as far as the first sink waits for. */
static gboolean
others_are_far (Run * self)
{
  GstClockTimeDiff wanted;

  wanted = position (self, 0) + (GstClockTimeDiff) self->max_interleave;
  if (self->behaviour == LAGS)  /* the buffer in hand does not count yet */
    wanted -= STEP;
  else if (self->behaviour == RUNS_APART)
    wanted += self->max_interleave;
  for (guint i = 1; i < CHANNELS; i++) {
    if (self->received[i] < BUFFERS && (self->behaviour == STALLS
            || position (self, i) < wanted))
      return FALSE;
  }
  return TRUE;
}

static void
take (GstElement * element, GstBuffer * buffer, GstPad * pad, Sink * sink)
{
  Run *self = sink->run;
  guint64 count;

  g_mutex_lock (&self->lock);
  count = ++self->received[sink->number];
  measure (self);
  g_cond_broadcast (&self->moved);
  if (sink->number == 0 && (self->behaviour == STALLS ? count == LAG_EVERY
          : count % LAG_EVERY == 0)) {
    while (!others_are_far (self))
      g_cond_wait (&self->moved, &self->lock);
  }
  g_mutex_unlock (&self->lock);
}

static void
add_channel (Run * self, guint number, const gchar * source_launch)
{
  GstElement *source = gst_parse_bin_from_description (source_launch, TRUE,
      NULL);
  GstElement *sink = gst_element_factory_make ("fakesink", NULL);
  gchar *sink_name = g_strdup_printf ("sink_%u", number);
  gchar *src_name = g_strdup_printf ("src_%u", number);

  fail_unless (source != NULL, "%s", source_launch);
  g_object_set (sink, "async", FALSE, "sync", FALSE, "signal-handoffs", TRUE,
      NULL);
  if (number < CHANNELS) {
    sinks[number] = (Sink) { self, number };
    g_signal_connect (sink, "handoff", G_CALLBACK (take), &sinks[number]);
  }
  gst_bin_add_many (GST_BIN (self->pipeline), source, sink, NULL);
  fail_unless (gst_element_link_pads (source, "src", self->queue, sink_name));
  fail_unless (gst_element_link_pads (self->queue, src_name, sink, "sink"));
  g_free (sink_name);
  g_free (src_name);
}

static void
start (Run * self, GstClockTime max_interleave, Behaviour behaviour,
    gboolean has_dead_channel)
{
  gchar *launch = g_strdup_printf ("bufpoolsrc num-buffers=%d "
      "samples-per-buffer=%d tiers=2048x300 ! "
      "capsfilter caps=audio/x-raw,format=S16LE,rate=48000,channels=1", BUFFERS,
      SAMPLES);

  *self = (Run) { .max_interleave = max_interleave, .behaviour = behaviour };
  g_mutex_init (&self->lock);
  g_cond_init (&self->moved);
  self->pipeline = gst_pipeline_new (NULL);
  self->queue = gst_element_factory_make ("tieredqueue", NULL);
  gst_bin_add (GST_BIN (self->pipeline), self->queue);
  g_object_set (self->queue, "sync-channels", behaviour != RUNS_APART,
      "max-interleave", max_interleave, NULL);
  for (guint i = 0; i < CHANNELS; i++)
    add_channel (self, i, launch);
  if (has_dead_channel)
    add_channel (self, CHANNELS, "appsrc format=time caps=audio/x-raw");
  g_free (launch);
  gst_element_set_state (self->pipeline, GST_STATE_PLAYING);
}

/* Until every sink has got everything. */
static void
finish (Run * self)
{
  g_mutex_lock (&self->lock);
  for (guint i = 0; i < CHANNELS; i++) {
    while (self->received[i] < BUFFERS)
      g_cond_wait (&self->moved, &self->lock);
  }
  g_mutex_unlock (&self->lock);
  g_print ("largest spread: %" G_GINT64_FORMAT " ns of %" G_GUINT64_FORMAT
      "\n", self->largest_spread, self->max_interleave);
}

static void
stop (Run * self)
{
  gst_element_set_state (self->pipeline, GST_STATE_NULL);
  gst_object_unref (self->pipeline);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->moved);
}

/* Of the channel's statistics. */
static guint64
stat_of (Run * self, guint channel, const gchar * field)
{
  gchar *name = g_strdup_printf ("sink_%u", channel);
  GstPad *pad = gst_element_get_static_pad (self->queue, name);
  GstStructure *stats;
  guint64 value = 0;

  g_object_get (pad, "stats", &stats, NULL);
  fail_unless (gst_structure_get_uint64 (stats, field, &value), "%s", field);
  gst_structure_free (stats);
  gst_object_unref (pad);
  g_free (name);
  return value;
}

GST_START_TEST (test_channels_stay_together_when_one_lags)
{
  Run run;

  start (&run, 5 * GST_SECOND, LAGS, FALSE);
  finish (&run);
  fail_unless (run.largest_spread <= (GstClockTimeDiff) (5 * GST_SECOND));
  fail_unless (run.largest_spread >= (GstClockTimeDiff) (5 * GST_SECOND
          - STEP));             /* or the sink has not lagged */
  stop (&run);
}

GST_END_TEST;

GST_START_TEST (test_control_without_it_they_run_apart)
{
  Run run;

  start (&run, 5 * GST_SECOND, RUNS_APART, FALSE);
  finish (&run);
  fail_unless (run.largest_spread > (GstClockTimeDiff) (5 * GST_SECOND));
  stop (&run);
}

GST_END_TEST;

GST_START_TEST (test_channels_stay_together_beside_a_dead_one)
{
  Run run;

  start (&run, 2 * GST_SECOND, LAGS, TRUE);
  finish (&run);
  fail_unless (run.largest_spread <= (GstClockTimeDiff) (2 * GST_SECOND));
  fail_unless_equals_uint64 (stat_of (&run, CHANNELS, "sync-lates"), 1);
  stop (&run);
}

GST_END_TEST;

/* For max-interleave, which does not end here. */
GST_START_TEST (test_control_a_dead_channel_is_waited_for)
{
  Run run;

  start (&run, 3600 * GST_SECOND, LAGS, TRUE);
  for (guint i = 0; i < CHANNELS; i++) {
    while (stat_of (&run, i, "sync-waits") == 0)
      g_thread_yield ();
  }
  for (guint i = 0; i < CHANNELS; i++)
    fail_unless_equals_uint64 (run.received[i], 0);
  stop (&run);
}

GST_END_TEST;

GST_START_TEST (test_channels_stay_together_beside_one_that_stalls)
{
  Run run;

  start (&run, 2 * GST_SECOND, STALLS, FALSE);
  finish (&run);
  fail_unless (run.largest_spread <= (GstClockTimeDiff) (2 * GST_SECOND));
  fail_unless (stat_of (&run, 0, "sync-lates") > 0);
  for (guint i = 0; i < CHANNELS; i++)
    fail_unless_equals_uint64 (stat_of (&run, i, "buffers-dropped"), 0);
  stop (&run);
}

GST_END_TEST;

static Suite *
sync_channels_suite (void)
{
  Suite *suite = suite_create ("pipeline-sync-channels");
  TCase *tcase = tcase_create ("sync-channels");

  suite_add_tcase (suite, tcase);
  tcase_add_test (tcase, test_channels_stay_together_when_one_lags);
  tcase_add_test (tcase, test_control_without_it_they_run_apart);
  tcase_add_test (tcase, test_channels_stay_together_beside_a_dead_one);
  tcase_add_test (tcase, test_control_a_dead_channel_is_waited_for);
  tcase_add_test (tcase, test_channels_stay_together_beside_one_that_stalls);
  return suite;
}

GST_CHECK_MAIN (sync_channels);
