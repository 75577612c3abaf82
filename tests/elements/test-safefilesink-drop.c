/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * on-full=drop behind real muxers, on a disk that stands still: the program's
 * own fdatasync() stands before libc's and waits while the gate is closed, so
 * nothing that is written gives its memory back.  What the muxer writes is kept
 * beside as filesink writes it: the file must be the same everywhere but in its
 * gaps.
 */
#include <gst/check/gstcheck.h>

#include "../support/factory-check.h"
#include "../support/media-check.h"
#include "sc-recovery.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define RING (512 * 1024)

static struct
{
  GMutex lock;
  GCond moved;
  gboolean closed;
} gate;

int
fdatasync (int fd)
{
  g_mutex_lock (&gate.lock);
  while (gate.closed)
    g_cond_wait (&gate.moved, &gate.lock);
  g_mutex_unlock (&gate.lock);
  return (int) syscall (SYS_fdatasync, fd);
}

static void
set_gate (gboolean closed)
{
  g_mutex_lock (&gate.lock);
  gate.closed = closed;
  g_cond_broadcast (&gate.moved);
  g_mutex_unlock (&gate.lock);
}

typedef struct
{
  gchar *folder, *plain, *safe, *journal;
  GstElement *pipeline, *sink;
  guint64 close_at, open_at;    /* bytes that came to the sink; 0: never */
  guint64 came, buffers;        /* so far; the streaming thread's */
  guint64 told, told_bytes, qos;        /* by messages */
  guint64 left_out;             /* buffers, until the disk went on */
  gboolean asks_health;         /* before it does */
} Fixture;

static guint64
stat_of (GstElement * sink, const gchar * field)
{
  GstStructure *stats;
  guint64 value;

  g_object_get (sink, "stats", &stats, NULL);
  fail_unless (gst_structure_get_uint64 (stats, field, &value), "%s", field);
  gst_structure_free (stats);
  return value;
}

/* The sink looks at its health about once a second. */
static void
wait_until_unhealthy (GstElement * sink)
{
  gboolean lost = FALSE;

  while (!lost) {
    GstStructure *stats;

    g_object_get (sink, "stats", &stats, NULL);
    lost = strstr (gst_structure_get_string (stats, "health-reasons"),
        "data-lost") != NULL;
    gst_structure_free (stats);
    g_thread_yield ();
  }
}

static void
come (Fixture * f, guint64 size)
{
  guint64 before = f->came;

  f->came += size;
  if (before < f->close_at && f->came >= f->close_at)
    set_gate (TRUE);
  if (f->came < f->open_at || f->open_at == 0)
    return;
  if (before < f->open_at) {
    f->left_out = stat_of (f->sink, "buffers-dropped");
    if (f->asks_health)
      wait_until_unhealthy (f->sink);
    set_gate (FALSE);
  }
  /* No more than the disk takes, of packets of 188 bytes, too. */
  while (stat_of (f->sink, "backlog-bytes") > RING / 16)
    g_thread_yield ();
}

static GstPadProbeReturn
look (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  Fixture *f = user_data;

  if (GST_PAD_PROBE_INFO_TYPE (info) & GST_PAD_PROBE_TYPE_BUFFER_LIST) {
    GstBufferList *list = GST_PAD_PROBE_INFO_BUFFER_LIST (info);

    f->buffers += gst_buffer_list_length (list);
    come (f, gst_buffer_list_calculate_size (list));
  } else {
    f->buffers++;
    come (f, gst_buffer_get_size (GST_PAD_PROBE_INFO_BUFFER (info)));
  }
  return GST_PAD_PROBE_OK;
}

static void
init (Fixture * f)
{
  memset (f, 0, sizeof (*f));
  f->folder = g_dir_make_tmp ("safefilesink-XXXXXX", NULL);
  f->plain = g_build_filename (f->folder, "plain", NULL);
  f->safe = g_build_filename (f->folder, "safe", NULL);
  f->journal = g_strconcat (f->safe, ".sfj", NULL);
}

static void
clear (Fixture * f)
{
  (void) g_remove (f->plain);
  (void) g_remove (f->safe);
  (void) g_remove (f->journal);
  fail_unless_equals_int (g_rmdir (f->folder), 0);
  g_free (f->plain);
  g_free (f->safe);
  g_free (f->journal);
  g_free (f->folder);
}

static void
note_message (Fixture * f, GstMessage * message)
{
  const GstStructure *s = gst_message_get_structure (message);
  guint64 count, bytes;

  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_QOS
      && GST_MESSAGE_SRC (message) == GST_OBJECT_CAST (f->sink))
    gst_message_parse_qos_stats (message, NULL, NULL, &f->qos);
  if (!gst_message_has_name (message, "safefilesink-dropped"))
    return;
  fail_unless (gst_structure_get (s, "count", G_TYPE_UINT64, &count, "bytes",
          G_TYPE_UINT64, &bytes, NULL));
  f->told += count;
  f->told_bytes += bytes;
}

/* @source: with its muxer */
static void
record (Fixture * f, const gchar * source, const gchar * settings)
{
  gchar *description = g_strdup_printf ("%s ! tee name=t ! filesink "
      "async=false location=%s t. ! safefilesink async=false name=safe location=%s "
      "buffer-size=%u sync-interval=1000000 %s", source, f->plain, f->safe,
      RING, settings);
  GError *error = NULL;
  gboolean done = FALSE;
  GstPad *pad;
  GstBus *bus;

  f->pipeline = gst_parse_launch (description, &error);
  fail_unless (error == NULL, "%s", error != NULL ? error->message : "");
  f->sink = gst_bin_get_by_name (GST_BIN (f->pipeline), "safe");
  pad = gst_element_get_static_pad (f->sink, "sink");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER
      | GST_PAD_PROBE_TYPE_BUFFER_LIST, look, f, NULL);
  gst_object_unref (pad);
  bus = gst_element_get_bus (f->pipeline);
  gst_element_set_state (f->pipeline, GST_STATE_PLAYING);
  while (!done) {
    GstMessage *message = gst_bus_timed_pop (bus, GST_CLOCK_TIME_NONE);

    if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR) {
      gst_message_parse_error (message, &error, NULL);
      fail ("%s: %s", GST_MESSAGE_SRC_NAME (message), error->message);
    }
    note_message (f, message);
    done = GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS;
    gst_message_unref (message);
  }
  gst_object_unref (bus);
  g_free (description);
}

static void
stop (Fixture * f)
{
  gst_element_set_state (f->pipeline, GST_STATE_NULL);
  gst_clear_object (&f->sink);
  gst_clear_object (&f->pipeline);
}

static gboolean
is_in_gap (const ScGapList * gaps, guint64 at, guint * next)
{
  while (*next < gaps->count && gaps->gaps[*next].offset
      + gaps->gaps[*next].size <= at)
    (*next)++;
  return *next < gaps->count && gaps->gaps[*next].offset <= at;
}

/* Bytes that are not what the muxer wrote; those in a gap must be zeros, or
 * have been written since. */
static guint64
wrong_bytes (Fixture * f, const ScGapList * gaps)
{
  gchar *plain, *safe;
  gsize plain_size, safe_size;
  guint64 wrong = 0;
  guint next = 0;

  fail_unless (g_file_get_contents (f->plain, &plain, &plain_size, NULL));
  fail_unless (g_file_get_contents (f->safe, &safe, &safe_size, NULL));
  fail_unless_equals_uint64 (safe_size, plain_size);
  for (gsize i = 0; i < safe_size; i++)
    wrong += safe[i] != plain[i] && !(is_in_gap (gaps, i, &next)
        && safe[i] == 0);
  g_free (plain);
  g_free (safe);
  return wrong;
}

/* What came is what was taken and what was left out, wherever it is asked. */
static void
check_account (Fixture * f, const ScRecoveryReport * report)
{
  guint64 bytes = stat_of (f->sink, "bytes-dropped");
  guint64 count = stat_of (f->sink, "buffers-dropped");

  fail_unless (bytes > 0);
  fail_unless_equals_uint64 (f->came, bytes + stat_of (f->sink,
          "bytes-accepted"));
  fail_unless_equals_uint64 (stat_of (f->sink, "bytes-written"),
      stat_of (f->sink, "bytes-accepted"));
  fail_unless_equals_uint64 (f->told, count);
  fail_unless_equals_uint64 (f->told_bytes, bytes);
  fail_unless_equals_uint64 (f->qos, count);
  fail_unless_equals_uint64 (report->gaps.buffers, count);
  fail_unless_equals_uint64 (report->gaps.bytes, bytes);
  fail_unless_equals_uint64 (stat_of (f->sink, "durable-offset"),
      report->payload_size);
}

/* Only a raw stream has times; the others are in bytes. */
static void
check_times (const ScGapList * gaps, gboolean raw)
{
  for (guint i = 0; i < gaps->count; i++) {
    const ScJournalGap *gap = &gaps->gaps[i];
    guint64 begin = gst_util_uint64_scale (gap->offset / 2, GST_SECOND, 48000);
    guint64 end = gst_util_uint64_scale ((gap->offset + gap->size) / 2,
        GST_SECOND, 48000);

    fail_unless (raw ? ABS (GST_CLOCK_DIFF (gap->first_ns, begin)) < 100
        && ABS (GST_CLOCK_DIFF (gap->last_ns, end)) < 100
        : gap->first_ns == SC_JOURNAL_NO_TIME
        && gap->last_ns == SC_JOURNAL_NO_TIME);
  }
}

static guint
count_units (const gchar * path, const gchar * demuxer)
{
  MediaReport report;
  guint units = 0;

  media_check_play (path, demuxer, 0, &report);
  fail_unless (report.error == NULL, "%s: %s", demuxer, report.error);
  for (guint i = 0; i < report.stream_count; i++)
    units += report.streams[i].units->len;
  media_report_clear (&report);
  return units;
}

/* @demuxer: (nullable); whether it finds every unit again, also those that are
 * zeros */
static void
check (const gchar * elements, const gchar * source, const gchar * demuxer,
    gboolean all_units)
{
  Fixture f;
  ScRecoveryReport report;

  if (!factory_check_have (elements))
    return;
  init (&f);
  f.close_at = 200 * 1024;
  f.open_at = f.close_at + 2 * RING;
  f.asks_health = demuxer == NULL;
  record (&f, source, "on-full=drop");
  fail_unless (f.left_out > 0);
  fail_unless_equals_uint64 (stat_of (f.sink, "buffers-dropped"), f.left_out);
  fail_unless_equals_int (sc_recovery_examine (&report, &sc_file_ops_posix,
          f.safe, f.journal, NULL), 0);
  fail_unless_equals_int (report.verdict, SC_RECOVERY_WHOLE);
  check_account (&f, &report);
  if (demuxer == NULL || strstr (source, "mpegtsmux") == NULL)
    check_times (&report.gaps, demuxer == NULL);
  stop (&f);
  fail_unless_equals_uint64 (wrong_bytes (&f, &report.gaps), 0);
  /* And data came through again. */
  fail_unless (report.gaps.gaps[0].offset
      + report.gaps.gaps[0].size < report.payload_size);
  if (demuxer != NULL) {
    guint units = count_units (f.safe, demuxer);
    guint expected = count_units (f.plain, demuxer);

    g_print ("%s: %u of %u units, %" G_GUINT64_FORMAT " gaps\n", demuxer,
        units, expected, (guint64) report.gaps.total);
    fail_unless (all_units ? units == expected
        : units < expected && units > expected / 4);
    (void) count_units (f.safe, "decodebin");
  }
  sc_recovery_report_clear (&report);
  clear (&f);
}

#define AUDIO "audiotestsrc wave=white-noise num-buffers=1200 " \
  "samplesperbuffer=1024 ! audio/x-raw,format=S16LE,channels=1,rate=48000"
#define VIDEO "videotestsrc pattern=snow num-buffers=120 ! " \
  "video/x-raw,format=I420,width=320,height=240,framerate=30/1 ! " \
  "x264enc key-int-max=15 bitrate=8000 speed-preset=ultrafast"

GST_START_TEST (test_raw_audio_is_silent_in_a_gap)
{
  check ("audiotestsrc", AUDIO, NULL, TRUE);
}

GST_END_TEST;

GST_START_TEST (test_wavenc_completes_its_header_for_all_of_it)
{
  check ("wavenc wavparse", AUDIO " ! wavenc", "decodebin", TRUE);
}

GST_END_TEST;

GST_START_TEST (test_matroskamux_finds_every_block_again)
{
  check ("x264enc matroskamux", VIDEO " ! matroskamux", "matroskademux", TRUE);
}

GST_END_TEST;

GST_START_TEST (test_mp4mux_finds_every_sample_again)
{
  check ("x264enc mp4mux", VIDEO " ! mp4mux", "qtdemux", TRUE);
  check ("x264enc mp4mux", VIDEO " ! mp4mux fragment-duration=500", "qtdemux",
      TRUE);
  /* The disk stands still for a second of it: the header is rewritten after. */
  check ("x264enc mp4mux", VIDEO " ! mp4mux reserved-max-duration=60000000000 "
      "reserved-moov-update-period=2000000000", "qtdemux", TRUE);
}

GST_END_TEST;

GST_START_TEST (test_mpegtsmux_goes_on_behind_a_gap)
{
  check ("x264enc mpegtsmux tsdemux", VIDEO " ! mpegtsmux", "tsdemux", FALSE);
}

GST_END_TEST;

/* The negative controls: a reader that is told of no gap finds the bytes wrong,
 * and block leaves nothing out. */
GST_START_TEST (test_what_is_left_out_is_found_without_the_journal)
{
  const ScGapList none = { 0 };
  Fixture f;

  init (&f);
  f.close_at = 200 * 1024;
  f.open_at = f.close_at + 2 * RING;
  record (&f, AUDIO, "on-full=drop");
  stop (&f);
  fail_unless (wrong_bytes (&f, &none) > 0);
  clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_by_default_the_stream_waits)
{
  const ScGapList none = { 0 };
  Fixture f;

  init (&f);
  record (&f, AUDIO, "");
  fail_unless_equals_uint64 (stat_of (f.sink, "buffers-dropped"), 0);
  fail_unless_equals_uint64 (stat_of (f.sink, "bytes-accepted"), f.came);
  fail_unless_equals_uint64 (f.told, 0);
  stop (&f);
  fail_unless_equals_uint64 (wrong_bytes (&f, &none), 0);
  fail_if (g_file_test (f.journal, G_FILE_TEST_EXISTS));
  clear (&f);
}

GST_END_TEST;

static Suite *
safefilesink_drop_suite (void)
{
  Suite *suite = suite_create ("safefilesink-drop");
  TCase *tcase = tcase_create ("safefilesink-drop");

  suite_add_tcase (suite, tcase);
  tcase_add_test (tcase, test_raw_audio_is_silent_in_a_gap);
  tcase_add_test (tcase, test_wavenc_completes_its_header_for_all_of_it);
  tcase_add_test (tcase, test_matroskamux_finds_every_block_again);
  tcase_add_test (tcase, test_mp4mux_finds_every_sample_again);
  tcase_add_test (tcase, test_mpegtsmux_goes_on_behind_a_gap);
  tcase_add_test (tcase, test_what_is_left_out_is_found_without_the_journal);
  tcase_add_test (tcase, test_by_default_the_stream_waits);
  return suite;
}

GST_CHECK_MAIN (safefilesink_drop);
