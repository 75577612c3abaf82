/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What safecapture recover makes of Matroska, WebM, MP4 and QuickTime of
 * GStreamer's own muxers, in each of their ways, killed or cut at many points:
 * each must be complete to the letter (container-check.h), play to its end
 * without an error or warning, say its true duration, be seekable where that is
 * promised, and give exactly the frames that went into the muxer, from the
 * first on, as many as the bytes hold.  The frames come from the muxer's sink
 * pads, not from the code under test.
 *
 * Negative control: the same bytes before the repair are not complete, and
 * without an index do not play.
 */
#include <gst/check/gstcheck.h>

#include <glib/gstdio.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "container-check.h"
#include "factory-check.h"
#include "media-check.h"

#define CUTS 12
#define KILLS 4
#define GOP (15 * GST_SECOND / 30)

#define H264 "videotestsrc num-buffers=75 pattern=ball ! " \
  "video/x-raw,width=160,height=120,framerate=30/1 ! x264enc threads=1 " \
  "key-int-max=15 "
#define LOW_LATENCY H264 "tune=zerolatency ! h264parse ! queue ! mux. "
#define REORDERED H264 "bframes=3 b-adapt=false ! h264parse ! queue ! mux. "
#define OPUS "audiotestsrc num-buffers=130 samplesperbuffer=960 ! " \
  "audio/x-raw,rate=48000,channels=1 ! opusenc ! queue ! mux. "

typedef struct
{
  const gchar *name;            /* of the recording, with its ending */
  const gchar *elements;        /* that must be installed */
  const gchar *source;
  const gchar *mux;             /* %s: the folder */
  const gchar *demuxer;
  const gchar *(*fault) (const guint8 * data, gsize size);
  gsize head;                   /* bytes in front of the first frame, at most */
  gsize slack;                  /* bytes at the end that may be without use */
  gsize buffered;               /* bytes that a kill takes more: of frames that
                                 * the muxer has noted in its memory only */
  gboolean unplayable;          /* before the repair */
  gboolean seekable;            /* after it, by promise */
  gboolean complete;            /* where it is stopped and not cut: nothing is
                                 * there that would have to be completed */
} Way;

static const Way ways[] = {
  {"take.mkv", "x264enc opusenc matroskamux", LOW_LATENCY OPUS, "matroskamux",
      "matroskademux", container_fault_matroska, 2000, 2500, 0, FALSE, TRUE},
  {"live.mkv", "x264enc opusenc matroskamux", LOW_LATENCY OPUS,
      "matroskamux streamable=true", "matroskademux",
      container_fault_matroska, 2000, 2500, 0, FALSE, FALSE, TRUE},
  {"take.webm", "vp8enc opusenc webmmux", "videotestsrc num-buffers=75 "
      "pattern=ball ! video/x-raw,width=160,height=120,framerate=30/1 ! vp8enc "
      "keyframe-max-dist=15 deadline=0 ! queue ! mux. " OPUS, "webmmux",
      "matroskademux", container_fault_matroska, 2000, 12000, 0, FALSE, TRUE},
  {"take.mp4", "x264enc opusenc mp4mux", REORDERED OPUS,
      "mp4mux moov-recovery-file=%s/take.mp4.mrf", "qtdemux",
      container_fault_mp4, 100, 20000, 60000, TRUE, TRUE},
  {"take.mov", "x264enc opusenc qtmux", REORDERED OPUS,
      "qtmux moov-recovery-file=%s/take.mov.mrf", "qtdemux",
      container_fault_mp4, 100, 20000, 60000, TRUE, TRUE},
  {"robust.mp4", "x264enc opusenc mp4mux", REORDERED OPUS, "mp4mux "
      "reserved-max-duration=4000000000 reserved-moov-update-period=200000000",
      "qtdemux", container_fault_mp4, 20000, 40000, 0, FALSE, TRUE},
  {"fragments.mp4", "x264enc opusenc mp4mux", LOW_LATENCY OPUS,
      "mp4mux fragment-duration=200", "qtdemux", container_fault_mp4, 2000,
      15000, 0, FALSE, TRUE, TRUE},
  {"live.mp4", "x264enc opusenc mp4mux", LOW_LATENCY OPUS,
      "mp4mux fragment-duration=200 streamable=true", "qtdemux",
      container_fault_mp4, 2000, 15000, 0, FALSE, TRUE, TRUE},
  {"fragments.mov", "x264enc opusenc qtmux", LOW_LATENCY OPUS,
      "qtmux fragment-duration=200", "qtdemux", container_fault_mp4, 2000,
      15000, 0, FALSE, TRUE, TRUE},
  {"first.mp4", "x264enc opusenc mp4mux", REORDERED OPUS, "mp4mux "
      "fragment-duration=200 fragment-mode=first-moov-then-finalise",
      "qtdemux", container_fault_mp4, 2000, 15000, 0, FALSE, TRUE, TRUE},
};

typedef struct
{
  const Way *way;
  gchar *folder, *name, *part, *journal, *companion;
  MediaStream streams[2];       /* what went into the muxer */
  GstSegment segments[2];
  guint stream_count;
  gboolean recovers;            /* what an earlier recording left */
  gboolean ended;
  GMutex lock;
  GCond changed;
  guint8 *data;                 /* NAME.part, when all was over */
  gsize size;
} Recording;

/* ---- recording ---- */

/* The end of the stream does not reach the muxer: as in a crash. */
static void
take_event (Recording * self, GstEvent * event, guint stream,
    GstPadProbeReturn * ret)
{
  GstCaps *caps;

  if (GST_EVENT_TYPE (event) == GST_EVENT_SEGMENT)
    gst_event_copy_segment (event, &self->segments[stream]);
  if (GST_EVENT_TYPE (event) == GST_EVENT_CAPS
      && self->streams[stream].kind == NULL) {
    gst_event_parse_caps (event, &caps);
    media_stream_init (&self->streams[stream], caps);
  }
  if (GST_EVENT_TYPE (event) == GST_EVENT_EOS) {
    self->ended = TRUE;
    g_cond_signal (&self->changed);
    *ret = GST_PAD_PROBE_DROP;
  }
}

static GstPadProbeReturn
watch (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  Recording *self = user_data;
  guint stream = GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (pad),
          "stream"));
  GstPadProbeReturn ret = GST_PAD_PROBE_OK;

  g_mutex_lock (&self->lock);
  if (GST_PAD_PROBE_INFO_TYPE (info) & GST_PAD_PROBE_TYPE_BUFFER)
    media_stream_take (&self->streams[stream], &self->segments[stream],
        GST_PAD_PROBE_INFO_BUFFER (info));
  else
    take_event (self, GST_PAD_PROBE_INFO_EVENT (info), stream, &ret);
  g_mutex_unlock (&self->lock);
  return ret;
}

static gboolean
watch_pad (GstElement * mux, GstPad * pad, gpointer user_data)
{
  Recording *self = user_data;

  g_object_set_data (G_OBJECT (pad), "stream",
      GUINT_TO_POINTER (self->stream_count++));
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER
      | GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, watch, self, NULL);
  return TRUE;
}

static gchar *
describe (const Recording * self, const gchar * sink_properties)
{
  gchar *mux = g_strdup_printf (self->way->mux, self->folder);
  gchar *description = g_strdup_printf ("%s %s name=mux ! safefilesink "
      "location=%s %s", self->way->source, mux, self->name, sink_properties);

  g_free (mux);
  return description;
}

static void
wait_for_recovery (GstElement * pipeline)
{
  GstBus *bus = gst_element_get_bus (pipeline);
  GstMessage *message;
  gboolean recovered = FALSE;

  while (!recovered) {
    message = gst_bus_timed_pop_filtered (bus, 60 * GST_SECOND,
        GST_MESSAGE_ELEMENT);
    fail_unless (message != NULL);
    recovered = gst_message_has_name (message, "safefilesink-recovered");
    gst_message_unref (message);
  }
  gst_object_unref (bus);
}

/* Until the first stream is over; the pipeline is then stopped. */
static void
run (Recording * self)
{
  gchar *description = describe (self, "");
  GError *error = NULL;
  GstElement *pipeline = gst_parse_launch (description, &error), *mux;

  fail_unless (error == NULL, "%s", error != NULL ? error->message : "");
  mux = gst_bin_get_by_name (GST_BIN (pipeline), "mux");
  gst_element_foreach_sink_pad (mux, watch_pad, self);
  fail_unless_equals_int (self->stream_count, 2);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  g_mutex_lock (&self->lock);
  while (!self->ended)
    g_cond_wait (&self->changed, &self->lock);
  g_mutex_unlock (&self->lock);
  if (self->recovers)
    wait_for_recovery (pipeline);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (mux);
  gst_object_unref (pipeline);
  g_free (description);
}

static void
record (Recording * self, const Way * way)
{
  memset (self, 0, sizeof (*self));
  self->way = way;
  self->folder = g_dir_make_tmp ("recovered-media-XXXXXX", NULL);
  self->name = g_build_filename (self->folder, way->name, NULL);
  self->part = g_strconcat (self->name, ".part", NULL);
  self->journal = g_strconcat (self->name, ".sfj", NULL);
  self->companion = g_strconcat (self->name, ".mrf", NULL);
  g_mutex_init (&self->lock);
  g_cond_init (&self->changed);
  run (self);
  fail_unless (g_file_get_contents (self->part, (gchar **) & self->data,
          &self->size, NULL));
}

static void
recording_clear (Recording * self)
{
  g_unlink (self->name);
  g_unlink (self->part);
  g_unlink (self->journal);
  g_unlink (self->companion);
  fail_unless_equals_int (g_rmdir (self->folder), 0);
  for (guint i = 0; i < 2; i++)
    media_stream_clear (&self->streams[i]);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->changed);
  g_free (self->folder);
  g_free (self->name);
  g_free (self->part);
  g_free (self->journal);
  g_free (self->companion);
  g_free (self->data);
}

/* ---- checking ---- */

static const MediaUnit *
unit_at (const MediaStream * stream, guint number)
{
  return &g_array_index (stream->units, MediaUnit, number);
}

/* Whether @stream is @truth from its unit @first on, with the same times up
 * to a constant (Matroska has milliseconds). */
static gboolean
same_units (const MediaStream * stream, const MediaStream * truth, guint first)
{
  GstClockTimeDiff shift = 0;
  gboolean shifted = FALSE;

  guint count = stream->units->len;

  if (first + count > truth->units->len) {
    if (!truth->more)
      return FALSE;
    count = truth->units->len - first;
  }
  for (guint i = 0; i < count; i++) {
    const MediaUnit *unit = unit_at (stream, i);
    const MediaUnit *original = unit_at (truth, first + i);
    GstClockTimeDiff now = GST_CLOCK_DIFF (original->time, unit->time);

    if (unit->crc != original->crc || unit->size != original->size
        || (g_str_equal (truth->kind, "video") && unit->key != original->key))
      return FALSE;
    if (!GST_CLOCK_TIME_IS_VALID (unit->time))
      continue;                 /* after a seek: in front of the segment */
    if (!shifted)
      shift = now;
    shifted = TRUE;
    if (ABS (now - shift) > 2 * GST_MSECOND)
      return FALSE;
  }
  return TRUE;
}

static const MediaStream *
truth_of (const Recording * self, const gchar * kind)
{
  return &self->streams[g_str_equal (self->streams[0].kind, kind) ? 0 : 1];
}

static gsize
media_bytes (const MediaReport * report)
{
  gsize sum = 0;

  for (guint i = 0; i < report->stream_count; i++)
    for (guint n = 0; n < report->streams[i].units->len; n++)
      sum += unit_at (&report->streams[i], n)->size;
  return sum;
}

static void
check_seek (const Recording * self, const MediaReport * whole)
{
  GstClockTime end = media_report_end (whole), target = end * 6 / 10;
  const MediaStream *stream, *full = media_report_stream (whole, "video");
  MediaReport report;
  guint first;

  media_check_play (self->name, self->way->demuxer, target, &report);
  fail_unless (report.error == NULL, "%s: %s", self->name, report.error);
  fail_unless (report.seekable);
  stream = media_report_stream (&report, "video");
  fail_unless (stream != NULL && stream->units->len < full->units->len);
  first = full->units->len - stream->units->len;
  fail_unless (same_units (stream, full, first));
  fail_unless (unit_at (stream, 0)->key);
  fail_unless (unit_at (full, first)->time <= target + 40 * GST_MSECOND
      && unit_at (full, first)->time + GOP + 140 * GST_MSECOND >= target,
      "%s: seeking to %" GST_TIME_FORMAT " went to %" GST_TIME_FORMAT,
      self->name, GST_TIME_ARGS (target),
      GST_TIME_ARGS (unit_at (full, first)->time));
  media_report_clear (&report);
}

/* @size: bytes of the recording that there were */
static void
check_recovered (const Recording * self, gsize size, gboolean decodes)
{
  const Way *way = self->way;
  const gchar *fault;
  MediaReport report;
  GstClockTime end;
  guint8 *data;
  gsize got;

  fail_unless (g_file_get_contents (self->name, (gchar **) & data, &got, NULL));
  fault = way->fault (data, got);
  fail_unless (fault == NULL, "%s of %" G_GSIZE_FORMAT " bytes: %s",
      self->name, size, fault);
  g_free (data);
  media_check_play (self->name, way->demuxer, 0, &report);
  fail_unless (report.error == NULL, "%s of %" G_GSIZE_FORMAT " bytes: %s",
      self->name, size, report.error);
  for (guint i = 0; i < report.stream_count; i++)
    fail_unless (same_units (&report.streams[i],
            truth_of (self, report.streams[i].kind), 0));
  fail_unless (media_bytes (&report) + way->head + way->slack
      >= (size * 85) / 100, "%s: only %" G_GSIZE_FORMAT " bytes of frames in %"
      G_GSIZE_FORMAT, self->name, media_bytes (&report), size);
  end = media_report_end (&report);
  fail_unless (ABS (GST_CLOCK_DIFF (report.duration, end))
      <= 80 * GST_MSECOND, "%s: says %" GST_TIME_FORMAT ", ends at %"
      GST_TIME_FORMAT, self->name, GST_TIME_ARGS (report.duration),
      GST_TIME_ARGS (end));
  if (way->seekable && end > 2 * GOP)
    check_seek (self, &report);
  media_report_clear (&report);
  if (!decodes)
    return;
  media_check_play (self->name, "decodebin", 0, &report);
  fail_unless (report.error == NULL, "%s: %s", self->name, report.error);
  media_report_clear (&report);
}

static gint
recover (const Recording * self, const gchar * option)
{
  const gchar *argv[] = { COMMAND, "recover", option, self->part, NULL };
  GError *error = NULL;
  gchar *output, *complaint;
  gint status;

  if (option == NULL) {
    argv[2] = self->part;
    argv[3] = NULL;
  }
  fail_unless (g_spawn_sync (NULL, (gchar **) argv, NULL,
          G_SPAWN_DEFAULT, NULL, NULL, &output, &complaint, &status, &error));
  fail_unless (WIFEXITED (status) && WEXITSTATUS (status) < 3, "%s%s", output,
      complaint);
  g_free (output);
  g_free (complaint);
  return WEXITSTATUS (status);
}

/* ---- claims ---- */

static void
put_back (const Recording * self, gsize size)
{
  g_unlink (self->name);
  fail_unless (g_file_set_contents (self->part, (const gchar *) self->data,
          (gssize) size, NULL));
}

/* Whether the first bytes of the recording are incomplete, as they should
 * be. */
static gboolean
check_control (const Recording * self, gsize size)
{
  MediaReport report;

  if (!self->way->unplayable)
    return self->way->fault (self->data, size) != NULL;
  media_check_play (self->part, self->way->demuxer, 0, &report);
  fail_unless (report.error != NULL);
  media_report_clear (&report);
  return self->way->fault (self->data, size) != NULL;
}

GST_START_TEST (test_a_recording_that_was_stopped_plays_once_recovered)
{
  const Way *way = &ways[__i__];
  Recording self;

  if (!factory_check_have (way->elements))
    return;
  record (&self, way);
  fail_unless (check_control (&self, self.size) || way->complete);
  fail_unless_equals_int (recover (&self, NULL), 1);
  check_recovered (&self, self.size, TRUE);
  put_back (&self, self.size);
  fail_unless_equals_int (recover (&self, "--in-place"), 1);
  check_recovered (&self, self.size, FALSE);
  recording_clear (&self);
}

GST_END_TEST;

static guint32
seed (void)
{
  const gchar *given = g_getenv ("SC_TEST_SEED");
  guint32 value = given != NULL ? (guint32) g_ascii_strtoull (given, NULL, 0)
      : g_random_int ();

  g_print ("recovered-media: SC_TEST_SEED=%u\n", value);
  return value;
}

/* With its journal, a recording cut short tells of bytes that are lost, and
 * headers are put right that were rewritten behind the cut. */
GST_START_TEST (test_a_recording_cut_anywhere_plays_once_recovered)
{
  const Way *way = &ways[__i__];
  GRand *random = g_rand_new_with_seed (seed ());
  guint incomplete = 0;
  Recording self;

  if (!factory_check_have (way->elements))
    return;
  record (&self, way);
  for (guint i = 0; i < CUTS; i++) {
    gsize size = (gsize) g_rand_int_range (random, (gint) (way->head
            + way->slack), (gint) self.size);

    put_back (&self, size);
    incomplete += check_control (&self, size);
    recover (&self, i % 2 ? "--without-journal" : NULL);
    check_recovered (&self, size, i % 4 == 0);
  }
  /* A cut between two elements is no fault in a format made for streaming. */
  fail_unless (incomplete >= CUTS / 2);
  recording_clear (&self);
  g_rand_free (random);
}

GST_END_TEST;

/* Whether the units are some of the truth's, in their order. */
static gboolean
some_units (const MediaStream * stream, const MediaStream * truth)
{
  guint next = 0;

  for (guint i = 0; i < stream->units->len; i++) {
    while (next < truth->units->len
        && unit_at (truth, next)->crc != unit_at (stream, i)->crc)
      next++;
    if (next++ == truth->units->len)
      return FALSE;
  }
  return TRUE;
}

/* Spoils a header in the middle, and the length behind it. */
static void
spoil (Recording * self, const gchar * header)
{
  for (gsize at = self->size / 2; at + 12 < self->size; at++)
    if (memcmp (self->data + at, header, 4) == 0) {
      memset (self->data + at, 0x05, 8);
      return;
    }
  fail ("nothing to spoil");
}

GST_START_TEST (test_damage_in_the_middle_costs_no_more_than_what_is_damaged)
{
  static const struct
  {
    guint way;
    const gchar *header;
  } cases[] = { {0, "\x1F\x43\xB6\x75"}, {1, "\x1F\x43\xB6\x75"},
    {6, "moof"}, {9, "moof"}
  };
  const Way *way = &ways[cases[__i__].way];
  MediaReport report;
  Recording self;
  const gchar *fault;
  gchar *data;
  gsize size;

  if (!factory_check_have (way->elements))
    return;
  record (&self, way);
  spoil (&self, cases[__i__].header);
  put_back (&self, self.size);
  recover (&self, "--without-journal");
  fail_unless (g_file_get_contents (self.name, &data, &size, NULL));
  fault = way->fault ((guint8 *) data, size);
  fail_unless (fault == NULL, "%s", fault);
  media_check_play (self.name, way->demuxer, 0, &report);
  fail_unless (report.error == NULL, "%s: %s", self.name, report.error);
  for (guint i = 0; i < report.stream_count; i++)
    fail_unless (some_units (&report.streams[i],
            truth_of (&self, report.streams[i].kind)));
  fail_unless (media_bytes (&report) >= self.size * 6 / 10,
      "%" G_GSIZE_FORMAT " of %" G_GSIZE_FORMAT, media_bytes (&report),
      self.size);
  media_report_clear (&report);
  g_free (data);
  recording_clear (&self);
}

GST_END_TEST;

/* Runs crash-recovery.c: its exit code. */
static gint
lose_power (const Recording * self, const gchar * manners)
{
  gchar *number = g_strdup_printf ("%u", seed ());
  const gchar *argv[] = { CRASH_RECOVERY, self->name, number, manners, NULL };
  gchar *output, *complaint;
  gint status;

  fail_unless (g_spawn_sync (NULL, (gchar **) argv, NULL, G_SPAWN_DEFAULT,
          NULL, NULL, &output, &complaint, &status, NULL));
  fail_unless (WIFEXITED (status) && WEXITSTATUS (status) < 3, "%s",
      complaint);
  /* There were places to lose it at. */
  fail_unless (g_ascii_strtoll (output, NULL, 10) > 5, "%s", output);
  g_free (output);
  g_free (complaint);
  g_free (number);
  return WEXITSTATUS (status);
}

GST_START_TEST (test_a_power_cut_during_recovery_changes_nothing)
{
  const Way *way = &ways[__i__];
  Recording self;

  if (!factory_check_have (way->elements))
    return;
  record (&self, way);
  fail_unless_equals_int (lose_power (&self, NULL), 0);
  if (!way->complete)
    fail_unless_equals_int (lose_power (&self, "careless"), 1);
  put_back (&self, self.size - 1500);
  fail_unless_equals_int (lose_power (&self, NULL), 0);
  recording_clear (&self);
}

GST_END_TEST;

static gsize
file_size (const gchar * path)
{
  GStatBuf st;

  fail_unless_equals_int (g_stat (path, &st), 0);
  return (gsize) st.st_size;
}

/* Kills a recorder of the same pipeline once so many bytes are durable: the
 * mark that it had told. */
static guint64
kill_recorder (const Recording * self, guint64 threshold)
{
  gchar *description = describe (self, "sync-interval=5000000 "
      "metrics-interval=2000000");
  const gchar *argv[] = { RECORDER, description, NULL };
  gchar line[32];
  guint64 mark = 0;
  FILE *marks;
  GPid pid;
  gint out;

  fail_unless (g_spawn_async_with_pipes (NULL, (gchar **) argv, NULL,
          G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, &pid, NULL, &out, NULL, NULL));
  marks = fdopen (out, "r");
  while (mark < threshold && fgets (line, sizeof (line), marks) != NULL)
    mark = g_ascii_strtoull (line, NULL, 10);
  kill (pid, SIGKILL);
  waitpid (pid, NULL, 0);
  fclose (marks);
  g_free (description);
  return mark;
}

/* The encoders make the same of the same pictures and sounds (x264enc with one
 * thread, vp8enc without a deadline), so one recording tells what is in
 * another. */
GST_START_TEST (test_a_recording_that_was_killed_plays_once_recovered)
{
  const Way *way = &ways[__i__];
  GRand *random = g_rand_new_with_seed (seed ());
  Recording self;

  if (!factory_check_have (way->elements))
    return;
  record (&self, way);
  /* Its recording stopped at the first stream's end, others may not. */
  self.streams[0].more = self.streams[1].more = TRUE;
  for (guint i = 0; i < KILLS; i++) {
    guint64 least = way->head + way->slack;
    guint64 mark;

    g_unlink (self.name);
    g_unlink (self.part);
    g_unlink (self.journal);
    g_unlink (self.companion);
    mark = kill_recorder (&self, least + g_rand_int_range (random, 1000,
            (gint) (self.size - least)));
    if (!g_file_test (self.part, G_FILE_TEST_EXISTS))
      continue;                 /* it was faster, and has published */
    recover (&self, i % 2 ? "--in-place" : NULL);
    if (way->buffered > 0 && file_size (self.companion) == 0)
      continue;                 /* the muxer had not yet written a byte of it */
    check_recovered (&self, way->buffered > mark ? 0 : mark - way->buffered,
        i == 0);
  }
  recording_clear (&self);
  g_rand_free (random);
}

GST_END_TEST;

/* mp4mux keeps the last 4 KiB of its moov-recovery-file in memory. */
GST_START_TEST (test_a_moov_recovery_file_may_lack_its_end)
{
  const Way *way = &ways[3];
  Recording self;
  gchar *records, *elsewhere, *option;
  gsize size;

  if (!factory_check_have (way->elements))
    return;
  record (&self, way);
  fail_unless (g_file_get_contents (self.companion, &records, &size, NULL));
  size = size / 4096 * 4096;
  g_unlink (self.companion);
  fail_unless_equals_int (recover (&self, NULL), 1);
  check_control (&self, self.size);
  g_unlink (self.name);
  /* By name, it may be called anything. */
  elsewhere = g_build_filename (self.folder, "records", NULL);
  fail_unless (g_file_set_contents (elsewhere, records, (gssize) size, NULL));
  option = g_strconcat ("--moov-recovery=", elsewhere, NULL);
  fail_unless_equals_int (recover (&self, option), 1);
  check_recovered (&self, self.size / 2, TRUE);
  g_unlink (elsewhere);
  g_free (elsewhere);
  g_free (option);
  g_free (records);
  recording_clear (&self);
}

GST_END_TEST;

/* The new recording's muxer empties the file that has the name. */
GST_START_TEST (test_the_next_start_recovers_with_the_moov_recovery_file)
{
  const Way *way = &ways[3];
  const gchar *endings[] = { "", ".mrf", ".part", ".sfj" };
  Recording self, next;
  gchar *recovered;

  if (!factory_check_have (way->elements))
    return;
  record (&self, way);
  next = self;
  next.stream_count = 0;
  next.ended = FALSE;
  next.recovers = TRUE;
  memset (next.streams, 0, sizeof (next.streams));
  g_mutex_init (&next.lock);
  g_cond_init (&next.changed);
  run (&next);
  recovered = g_build_filename (self.folder, "take.recovered-1.mp4", NULL);
  fail_unless (g_file_test (recovered, G_FILE_TEST_EXISTS));
  g_unlink (self.name);
  fail_unless_equals_int (g_rename (recovered, self.name), 0);
  check_recovered (&self, self.size, TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (endings); i++) {
    gchar *path = g_strconcat (recovered, endings[i], NULL);

    g_unlink (path);
    g_free (path);
  }
  media_stream_clear (&next.streams[0]);
  media_stream_clear (&next.streams[1]);
  g_mutex_clear (&next.lock);
  g_cond_clear (&next.changed);
  g_free (recovered);
  recording_clear (&self);
}

GST_END_TEST;

GST_START_TEST (test_a_moov_recovery_file_of_another_recording_is_refused)
{
  const Way *way = &ways[3];
  Recording self, other;
  gchar *records;
  gsize size;

  if (!factory_check_have (way->elements))
    return;
  record (&other, way);
  fail_unless (g_file_get_contents (other.companion, &records, &size, NULL));
  recording_clear (&other);
  record (&self, way);
  /* Another picture at the same place: the lengths of its units do not fit. */
  for (gsize at = 2; at + 34 <= size; at++)
    if (memcmp (records + at, "\0\0\0\1\0\0\0\1", 8) == 0)
      records[at + 15] ^= 0x11;
  fail_unless (g_file_set_contents (self.companion, records, (gssize) size,
          NULL));
  recover (&self, NULL);
  fail_unless (g_file_get_contents (self.name, &records, &size, NULL));
  fail_unless (size <= self.size && memcmp (records, self.data, size) == 0);
  recording_clear (&self);
}

GST_END_TEST;

static Suite *
recovered_media_suite (void)
{
  Suite *suite = suite_create ("recovered-media");
  TCase *tcase = tcase_create ("recovered-media");

  suite_add_tcase (suite, tcase);
  tcase_add_loop_test (tcase,
      test_a_recording_that_was_stopped_plays_once_recovered, 0,
      G_N_ELEMENTS (ways));
  tcase_add_loop_test (tcase,
      test_a_recording_that_was_killed_plays_once_recovered, 0,
      G_N_ELEMENTS (ways));
  tcase_add_loop_test (tcase,
      test_a_recording_cut_anywhere_plays_once_recovered, 0,
      G_N_ELEMENTS (ways));
  tcase_add_loop_test (tcase,
      test_a_power_cut_during_recovery_changes_nothing, 0,
      G_N_ELEMENTS (ways));
  tcase_add_loop_test (tcase,
      test_damage_in_the_middle_costs_no_more_than_what_is_damaged, 0, 4);
  tcase_add_test (tcase, test_a_moov_recovery_file_may_lack_its_end);
  tcase_add_test (tcase,
      test_the_next_start_recovers_with_the_moov_recovery_file);
  tcase_add_test (tcase,
      test_a_moov_recovery_file_of_another_recording_is_refused);
  return suite;
}

GST_CHECK_MAIN (recovered_media);
