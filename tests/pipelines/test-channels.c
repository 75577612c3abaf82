/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Captures of many channels through one tieredqueue, each into a file.  Every
 * buffer is full of its number (bufpoolsrc pattern=counter), so what is missing in
 * a file is known without asking the queue, and its account is held against it.
 *
 * Time is a test clock's: ten seconds of capture take no longer than their work.
 * With SC_TEST_SECONDS it is the system's, and the captures with a stalling sink
 * last so long.
 */
#include "pipeline-check.h"

#include <glib/gstdio.h>
#include <gst/check/gsttestclock.h>
#include <stdio.h>
#include <stdlib.h>

#define MANY 32
#define EIGHT 8
#define MAX_CHANNELS MANY

/* 48,000 Hz: 20 ms a buffer. */
#define SAMPLES 960
#define STEP (20 * GST_MSECOND)
#define BYTES (SAMPLES * 2)

/* The first channel's sink takes nothing in the last 2 of every 10 seconds. */
#define STALL_EVERY (10 * GST_SECOND)
#define STALL_FOR (2 * GST_SECOND)
#define STALL_TEST_SECONDS 20

typedef enum
{
  PLAIN,
  LOSES_ONE,                    /* behind the queue: the control */
  TOGETHER,                     /* sync-channels */
} Variant;

typedef struct _Capture Capture;

typedef struct
{
  Capture *capture;
  guint number;
  gboolean stalls;
  guint64 received;             /* under the lock */
  guint64 next;                 /* the number after the last one received */
  guint64 unmarked;             /* gaps without DISCONT */
  guint64 told;                 /* as dropped, by messages */
} Sink;

struct _Capture
{
  gchar *folder;
  GstElement *pipeline;
  GstElement *queue;
  GstClock *clock;
  gboolean is_test_clock;
  guint n_channels;
  guint64 n_buffers;            /* of each */
  Sink sinks[MAX_CHANNELS];
  guint64 sync_waits;
  guint64 sync_lates;

  GMutex lock;
  GCond moved;                  /* the test clock, or a sink */
};

/* ---- the sinks ---- */

static gboolean
is_stall (GstClockTime time)
{
  return time % STALL_EVERY >= STALL_EVERY - STALL_FOR;
}

static GstClockTime
running_time (Capture * self)
{
  return gst_clock_get_time (self->clock)
      - gst_element_get_base_time (self->pipeline);
}

/* As a disk that does not answer: until the stall is over. */
static void
stall (Capture * self)
{
  g_mutex_lock (&self->lock);
  while (is_stall (running_time (self))) {
    if (self->is_test_clock)
      g_cond_wait (&self->moved, &self->lock);
    else
      g_cond_wait_until (&self->moved, &self->lock, g_get_monotonic_time ()
          + 10 * G_TIME_SPAN_MILLISECOND);
  }
  g_mutex_unlock (&self->lock);
}

static void
check_discont (Sink * self, GstBuffer * buffer)
{
  guint64 number;

  fail_unless_equals_int (gst_buffer_extract (buffer, 0, &number, 8), 8);
  number = GUINT64_FROM_LE (number);
  if (number != self->next && !GST_BUFFER_IS_DISCONT (buffer))
    self->unmarked++;
  self->next = number + 1;
}

static void
take (GstElement * element, GstBuffer * buffer, Sink * self)
{
  check_discont (self, buffer);
  g_mutex_lock (&self->capture->lock);
  self->received++;
  g_cond_broadcast (&self->capture->moved);
  g_mutex_unlock (&self->capture->lock);
  if (self->stalls)
    stall (self->capture);
}

static gchar *
path_of (Sink * self)
{
  return g_strdup_printf ("%s/%u.raw", self->capture->folder, self->number);
}

static gboolean
is_full_of (const gchar * block, guint64 number)
{
  for (gsize i = 0; i < BYTES; i += 8) {
    if (GST_READ_UINT64_LE (block + i) != number)
      return FALSE;
  }
  return TRUE;
}

/* How many buffers are in the file, all of them whole and in order. */
static guint64
count_in_file (Sink * self)
{
  gchar *path = path_of (self);
  gint64 last = -1;
  gchar *content;
  gsize size;

  fail_unless (g_file_get_contents (path, &content, &size, NULL), "%s", path);
  fail_unless_equals_uint64 (size % BYTES, 0);
  for (gsize i = 0; i < size; i += BYTES) {
    gint64 number = (gint64) GST_READ_UINT64_LE (content + i);

    if (number <= last || !is_full_of (content + i, (guint64) number))
      fail ("%" G_GINT64_FORMAT " after %" G_GINT64_FORMAT, number, last);
    last = number;
  }
  g_free (content);
  g_free (path);
  return size / BYTES;
}

/* ---- the capture ---- */

static GstElement *
make_sink (Sink * self, gboolean is_live)
{
  gchar *path = path_of (self);
  GstElement *bin = gst_parse_bin_from_description
      ("identity name=tap signal-handoffs=true ! filesink name=file", TRUE, NULL);
  GstElement *tap = gst_bin_get_by_name (GST_BIN (bin), "tap");
  GstElement *file = gst_bin_get_by_name (GST_BIN (bin), "file");

  g_object_set (file, "location", path, "async", !is_live, NULL);
  g_signal_connect (tap, "handoff", G_CALLBACK (take), self);
  gst_object_unref (tap);
  gst_object_unref (file);
  g_free (path);
  return bin;
}

static void
add_channel (Capture * self, guint number, gboolean is_live)
{
  gchar *launch = g_strdup_printf ("bufpoolsrc pattern=counter "
      "samples-per-buffer=%d tiers=2048x300 is-live=%d num-buffers=%"
      G_GUINT64_FORMAT " ! capsfilter "
      "caps=audio/x-raw,format=S16LE,rate=48000,channels=1",
      SAMPLES, is_live, self->n_buffers);
  GstElement *source =
      gst_parse_bin_from_description (launch, TRUE, NULL);
  GstElement *sink;
  gchar *sink_name = g_strdup_printf ("sink_%u", number);
  gchar *src_name = g_strdup_printf ("src_%u", number);
  Sink *check = &self->sinks[number];

  fail_unless (source != NULL, "%s", launch);
  *check = (Sink) { .capture = self, .number = number };
  sink = make_sink (check, is_live);
  gst_bin_add_many (GST_BIN (self->pipeline), source, sink, NULL);
  fail_unless (gst_element_link_pads (source, "src", self->queue, sink_name));
  fail_unless (gst_element_link_pads (self->queue, src_name, sink, "sink"));
  g_free (sink_name);
  g_free (src_name);
  g_free (launch);
}

static void
make_capture (Capture * self, guint n_channels, guint64 n_buffers,
    gboolean is_live, const gchar * leaky)
{
  *self = (Capture) { .n_channels = n_channels, .n_buffers = n_buffers };
  g_mutex_init (&self->lock);
  g_cond_init (&self->moved);
  self->folder = g_dir_make_tmp ("safecapture-XXXXXX", NULL);
  fail_unless (self->folder != NULL);
  self->pipeline = gst_pipeline_new (NULL);
  self->queue = gst_element_factory_make ("tieredqueue", NULL);
  fail_unless (self->queue != NULL);
  gst_util_set_object_arg (G_OBJECT (self->queue), "leaky", leaky);
  gst_bin_add (GST_BIN (self->pipeline), self->queue);
  for (guint i = 0; i < n_channels; i++)
    add_channel (self, i, is_live);
  self->is_test_clock = is_live && g_getenv ("SC_TEST_SECONDS") == NULL;
  self->clock = self->is_test_clock ? gst_test_clock_new ()
      : gst_system_clock_obtain ();
  gst_pipeline_use_clock (GST_PIPELINE (self->pipeline), self->clock);
}

static void
clear_capture (Capture * self)
{
  fail_unless_equals_int (gst_element_set_state (self->pipeline,
          GST_STATE_NULL), GST_STATE_CHANGE_SUCCESS);
  gst_object_unref (self->pipeline);
  gst_object_unref (self->clock);
  for (guint i = 0; i < self->n_channels; i++) {
    gchar *path = path_of (&self->sinks[i]);

    g_unlink (path);
    g_free (path);
  }
  g_rmdir (self->folder);
  g_free (self->folder);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->moved);
}

/* Counts what the message tells; TRUE at the end. */
static gboolean
read_message (Capture * self, GstMessage * message)
{
  const GstStructure *structure = gst_message_get_structure (message);
  GError *error = NULL;
  guint64 count;
  guint number;

  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR) {
    gst_message_parse_error (message, &error, NULL);
    fail ("%s", error->message);
  }
  if (gst_message_has_name (message, "tieredqueue-dropped")) {
    fail_unless (gst_structure_get_uint64 (structure, "count", &count));
    fail_unless_equals_int (sscanf (gst_structure_get_string (structure,
                "channel"), "sink_%u", &number), 1);
    self->sinks[number].told += count;
  }
  return GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS;
}

static gboolean
read_messages (Capture * self, GstClockTime timeout)
{
  GstBus *bus = gst_element_get_bus (self->pipeline);
  GstMessage *message;
  gboolean ended = FALSE;

  while (!ended && (message = gst_bus_timed_pop_filtered (bus, timeout,
              GST_MESSAGE_ERROR | GST_MESSAGE_EOS | GST_MESSAGE_ELEMENT))) {
    ended = read_message (self, message);
    gst_message_unref (message);
  }
  gst_object_unref (bus);
  return ended;
}

static guint64
stat_of (const GstStructure * stats, const gchar * field)
{
  guint64 value = 0;

  fail_unless (gst_structure_get_uint64 (stats, field, &value), "%s", field);
  return value;
}

/* Whether the queue's account of one channel is what its file says. */
static gboolean
agrees (Sink * self, const GstStructure * stats)
{
  guint64 written = count_in_file (self);
  guint64 missing = self->capture->n_buffers - written;
  guint64 dropped = stat_of (stats, "buffers-dropped");

  g_print ("%s: %" G_GUINT64_FORMAT " written, %" G_GUINT64_FORMAT
      " missing, %" G_GUINT64_FORMAT " counted, %" G_GUINT64_FORMAT " told\n",
      gst_structure_get_string (stats, "channel"), written, missing,
      dropped, self->told);
  fail_unless_equals_uint64 (written, self->received);
  fail_unless_equals_uint64 (stat_of (stats, "buffers-in"),
      self->capture->n_buffers);
  fail_unless_equals_uint64 (stat_of (stats, "level-buffers"), 0);
  return missing == dropped && missing == self->told && self->unmarked == 0
      && written == stat_of (stats, "buffers-out");
}

/* After EOS: TRUE if every account agrees, and with @n_dropping channels that
 * have dropped anything. */
static gboolean
all_agree (Capture * self, guint * n_dropping)
{
  GstStructure *stats;
  const GValue *channels;
  gboolean agree = TRUE;

  g_object_get (self->queue, "stats", &stats, NULL);
  self->sync_waits = stat_of (stats, "sync-waits");
  self->sync_lates = stat_of (stats, "sync-lates");
  /* What has been held back of the messages comes at the stop. */
  gst_element_set_state (self->pipeline, GST_STATE_READY);
  read_messages (self, 0);

  *n_dropping = 0;
  channels = gst_structure_get_value (stats, "channels");
  for (guint i = 0; i < gst_value_array_get_size (channels); i++) {
    const GstStructure *channel =
        gst_value_get_structure (gst_value_array_get_value (channels, i));
    guint number;

    if (sscanf (gst_structure_get_string (channel, "channel"), "sink_%u",
            &number) != 1)
      continue;                 /* the pads that are always there */
    *n_dropping += stat_of (channel, "buffers-dropped") > 0;
    agree &= agrees (&self->sinks[number], channel);
  }
  gst_structure_free (stats);
  return agree;
}

/* ---- running it ---- */

static void
set_clock (Capture * self, GstClockTime time)
{
  g_mutex_lock (&self->lock);
  gst_test_clock_set_time (GST_TEST_CLOCK (self->clock), time);
  g_cond_broadcast (&self->moved);
  g_mutex_unlock (&self->lock);
}

/* When @n_pending sources wait: lets those go on whose time has come; how many wait
 * for a later one. */
static guint
process_due (Capture * self, guint n_pending)
{
  GstTestClock *clock = GST_TEST_CLOCK (self->clock);
  GstClockTime now = gst_clock_get_time (self->clock);
  guint waiting = 0;
  GList *ids;

  gst_test_clock_wait_for_multiple_pending_ids (clock, n_pending, &ids);
  for (GList * id = ids; id != NULL; id = id->next) {
    if (gst_clock_id_get_time (id->data) > now)
      waiting++;
    else
      gst_test_clock_process_id (clock, gst_clock_id_ref (id->data));
  }
  g_list_free_full (ids, gst_clock_id_unref);
  return waiting;
}

/* Whether the sinks that do not stall have got @count; if not, returns when one has
 * got something, or for the sake of the sources a little later. */
static gboolean
have_sinks_got (Capture * self, guint64 count)
{
  gint64 end = g_get_monotonic_time () + G_TIME_SPAN_MILLISECOND;
  gboolean all = TRUE;

  g_mutex_lock (&self->lock);
  for (guint i = 0; i < self->n_channels; i++)
    all &= self->sinks[i].stalls || self->sinks[i].received >= count;
  if (!all)
    g_cond_wait_until (&self->moved, &self->lock, end);
  g_mutex_unlock (&self->lock);
  return all;
}

/* Moves the clock whenever all sources wait for it and the sinks that do not stall
 * have got what there is: so they are in time however the threads are scheduled.
 * Without leaking, the source of the stalled channel waits for room instead. */
static void
run_test_clock (Capture * self, gboolean leaks)
{
  /* The first buffer of each source is at the time at which it begins. */
  gst_test_clock_wait_for_multiple_pending_ids (GST_TEST_CLOCK (self->clock),
      self->n_channels, NULL);
  /* Behind the last buffer nobody waits. */
  for (guint64 i = 1; i + 1 < self->n_buffers; i++) {
    guint n_waiting = self->n_channels - (is_stall (i * STEP) && !leaks);

    set_clock (self, i * STEP);
    while (process_due (self, n_waiting) < n_waiting
        || !have_sinks_got (self, i - 1));
  }
  /* Whoever is left may go on, and no sink stalls. */
  set_clock (self, 2 * self->n_buffers * STALL_EVERY);
  do {
    process_due (self, 0);
  } while (!read_messages (self, GST_MSECOND));
}

static guint64
stall_test_buffers (void)
{
  const gchar *seconds = g_getenv ("SC_TEST_SECONDS");

  return (seconds != NULL ? (guint64) atoi (seconds) : STALL_TEST_SECONDS)
      * GST_SECOND / STEP;
}

static GstPadProbeReturn
lose_one (GstPad * pad, GstPadProbeInfo * info, gpointer number)
{
  return ++*(guint *) number == 100 ? GST_PAD_PROBE_DROP : GST_PAD_PROBE_OK;
}

/* Eight live channels, of which the first's sink stalls. */
static gboolean
capture_with_a_stalling_sink (const gchar * leaky, Variant variant,
    guint * n_dropping)
{
  gboolean leaks = g_strcmp0 (leaky, "no") != 0, agree;
  guint number = 0;
  Capture capture;

  make_capture (&capture, EIGHT, stall_test_buffers (), TRUE, leaky);
  capture.sinks[0].stalls = TRUE;
  g_object_set (capture.queue, "sync-channels", variant == TOGETHER, NULL);
  if (variant == LOSES_ONE) {
    GstPad *pad = gst_element_get_static_pad (capture.queue, "src_0");

    gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, lose_one, &number, NULL);
    gst_object_unref (pad);
  }
  gst_element_set_state (capture.pipeline, GST_STATE_PLAYING);
  if (capture.is_test_clock)
    run_test_clock (&capture, leaks);
  else
    fail_unless (read_messages (&capture, GST_CLOCK_TIME_NONE));
  agree = all_agree (&capture, n_dropping);
  if (!leaks)
    fail_unless_equals_uint64 (capture.sinks[0].received, capture.n_buffers);
  /* The others wait for it in each stall, and then go on. */
  fail_unless_equals_int (capture.sync_waits > 0, variant == TOGETHER);
  fail_unless_equals_int (capture.sync_lates > 0, variant == TOGETHER);
  clear_capture (&capture);
  return agree;
}

GST_START_TEST (test_32_channels_are_captured_whole_and_in_order)
{
  Capture capture;
  guint n_dropping;

  make_capture (&capture, MANY, 1000, FALSE, "no");
  gst_element_set_state (capture.pipeline, GST_STATE_PLAYING);
  fail_unless (read_messages (&capture, GST_CLOCK_TIME_NONE));
  fail_unless (all_agree (&capture, &n_dropping));
  fail_unless_equals_int (n_dropping, 0);
  for (guint i = 0; i < MANY; i++)
    fail_unless_equals_uint64 (capture.sinks[i].received, 1000);
  clear_capture (&capture);
}

GST_END_TEST;

GST_START_TEST (test_32_live_channels_are_captured_whole_and_in_order)
{
  Capture capture;
  guint n_dropping;

  make_capture (&capture, MANY, 300, TRUE, "no");
  gst_element_set_state (capture.pipeline, GST_STATE_PLAYING);
  if (capture.is_test_clock)
    run_test_clock (&capture, TRUE);
  else
    fail_unless (read_messages (&capture, GST_CLOCK_TIME_NONE));
  fail_unless (all_agree (&capture, &n_dropping));
  fail_unless_equals_int (n_dropping, 0);
  clear_capture (&capture);
}

GST_END_TEST;

GST_START_TEST (test_a_stalling_sink_loses_nothing_without_leaking)
{
  guint n_dropping;

  fail_unless (capture_with_a_stalling_sink ("no", PLAIN, &n_dropping));
  fail_unless_equals_int (n_dropping, 0);
}

GST_END_TEST;

GST_START_TEST (test_every_new_buffer_lost_to_a_stalling_sink_is_counted)
{
  guint n_dropping;

  fail_unless (capture_with_a_stalling_sink ("upstream", PLAIN, &n_dropping));
  fail_unless_equals_int (n_dropping, 1);
}

GST_END_TEST;

GST_START_TEST (test_every_old_buffer_lost_to_a_stalling_sink_is_counted)
{
  guint n_dropping;

  fail_unless (capture_with_a_stalling_sink ("downstream", PLAIN,
          &n_dropping));
  fail_unless_equals_int (n_dropping, 1);
}

GST_END_TEST;

GST_START_TEST (test_channels_kept_together_lose_nothing_without_leaking)
{
  guint n_dropping;

  fail_unless (capture_with_a_stalling_sink ("no", TOGETHER, &n_dropping));
  fail_unless_equals_int (n_dropping, 0);
}

GST_END_TEST;

GST_START_TEST (test_channels_kept_together_lose_only_what_stalls)
{
  guint n_dropping;

  fail_unless (capture_with_a_stalling_sink ("downstream", TOGETHER,
          &n_dropping));
  fail_unless_equals_int (n_dropping, 1);
}

GST_END_TEST;

GST_START_TEST (test_control_a_buffer_that_is_not_counted_is_found)
{
  guint n_dropping;

  fail_if (capture_with_a_stalling_sink ("downstream", LOSES_ONE, &n_dropping));
}

GST_END_TEST;

static Suite *
channels_suite (void)
{
  Suite *suite = suite_create ("pipeline-channels");
  TCase *tcase = tcase_create ("channels");

  suite_add_tcase (suite, tcase);
  tcase_add_test (tcase, test_32_channels_are_captured_whole_and_in_order);
  tcase_add_test (tcase, test_32_live_channels_are_captured_whole_and_in_order);
  tcase_add_test (tcase, test_a_stalling_sink_loses_nothing_without_leaking);
  tcase_add_test (tcase,
      test_every_new_buffer_lost_to_a_stalling_sink_is_counted);
  tcase_add_test (tcase,
      test_every_old_buffer_lost_to_a_stalling_sink_is_counted);
  tcase_add_test (tcase,
      test_channels_kept_together_lose_nothing_without_leaking);
  tcase_add_test (tcase, test_channels_kept_together_lose_only_what_stalls);
  tcase_add_test (tcase, test_control_a_buffer_that_is_not_counted_is_found);
  return suite;
}

GST_CHECK_MAIN (channels);
