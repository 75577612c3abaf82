/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What safecapture recover makes of recordings of GStreamer's own muxers, cut
 * short at many points: each must be well formed to its last byte, decode to
 * the end without an error or warning, and give exactly what was recorded up to
 * the last whole frame, page or packet.  What that is comes from the buffers
 * that left the muxer, not from the code under test.
 *
 * Negative control: the same check of the same bytes before the repair.
 */
#include "../support/factory-check.h"
#include "../support/folder-check.h"
#include "sc-byte-order.h"

#include <gst/check/gstcheck.h>

#include <glib/gstdio.h>
#include <string.h>
#include <sys/wait.h>

#define CUTS 24

typedef struct Recording Recording;

typedef struct
{
  const gchar *name;
  const gchar *elements;        /* that must be installed */
  /* up to the muxer, which is called mux */
  const gchar *record;
  const gchar *decode;          /* the first stream, behind filesrc */
  /* Units of what is decoded that the first @size bytes of the file hold */
  guint64 (*expected) (const Recording * recording, gsize size);
  /* Whether headers and ends are as the format wants them */
  gboolean (*well_formed) (const Recording * recording, const guint8 * data,
      gsize size);
  guint64 unit;                 /* bytes; 0: units are buffers, of video */
  /* Units more that may come: what a decoder makes of a part of one */
  guint64 slack;
  gboolean has_duration;        /* the parser must tell it exactly */
} Format;

typedef struct
{
  gboolean ended;               /* EOS, and no error or warning before */
  GByteArray *bytes;
  guint64 buffers;
  guint64 duration;             /* ns, as the parser tells at the end */
  guint64 time;                 /* of what came */
} Decoded;

/* One recording, as it lies on the disk after its pipeline was stopped. */
struct Recording
{
  const Format *format;
  gchar *part, *journal;
  guint8 *data;
  gsize size;
  GArray *ends;                 /* guint64: where buffers of the muxer ended */
  guint64 pushed;
  gboolean ended;               /* one of the streams has */
  GMutex lock;
  GCond moved;
};

static gchar *folder;

static void
setup (void)
{
  folder = g_dir_make_tmp ("recovered-files-XXXXXX", NULL);
  fail_unless (folder != NULL);
}

static void
teardown (void)
{
  folder_check_remove (folder);
  g_free (folder);
}

/* ---- recording ---- */

/* The end of a stream never reaches the muxer: as in a crash.  Nor do the
 * others come to theirs, as the muxer waits for this one. */
static GstPadProbeReturn
keep_end_back (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  Recording *self = user_data;

  if (GST_EVENT_TYPE (GST_PAD_PROBE_INFO_EVENT (info)) != GST_EVENT_EOS)
    return GST_PAD_PROBE_OK;
  g_mutex_lock (&self->lock);
  self->ended = TRUE;
  g_cond_signal (&self->moved);
  g_mutex_unlock (&self->lock);
  return GST_PAD_PROBE_DROP;
}

static gboolean
note_buffer (GstBuffer ** buffer, guint idx, gpointer user_data)
{
  Recording *self = user_data;

  self->pushed += gst_buffer_get_size (*buffer);
  g_array_append_val (self->ends, self->pushed);
  return TRUE;
}

static GstPadProbeReturn
note_end (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  GstBuffer *buffer;

  if (GST_PAD_PROBE_INFO_TYPE (info) & GST_PAD_PROBE_TYPE_BUFFER_LIST) {
    gst_buffer_list_foreach (GST_PAD_PROBE_INFO_BUFFER_LIST (info),
        note_buffer, user_data);
  } else {
    buffer = GST_PAD_PROBE_INFO_BUFFER (info);
    note_buffer (&buffer, 0, user_data);
  }
  return GST_PAD_PROBE_OK;
}

static gboolean
watch_input (GstElement * mux, GstPad * pad, gpointer user_data)
{
  Recording *self = user_data;

  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, keep_end_back,
      self, NULL);
  return TRUE;
}

static void
record (Recording * self, const Format * format)
{
  gchar *location = g_strdup_printf ("%s/take", folder);
  gchar *description = g_strdup_printf ("%s ! safefilesink location=%s",
      format->record, location);
  GError *error = NULL;
  GstElement *pipeline = gst_parse_launch (description, &error), *mux;
  GstPad *pad;

  memset (self, 0, sizeof (*self));
  self->format = format;
  self->part = g_strconcat (location, ".part", NULL);
  self->journal = g_strconcat (location, ".sfj", NULL);
  self->ends = g_array_new (FALSE, FALSE, sizeof (guint64));
  fail_unless (error == NULL, "%s", error != NULL ? error->message : "");
  mux = gst_bin_get_by_name (GST_BIN (pipeline), "mux");
  gst_element_foreach_sink_pad (mux, watch_input, self);
  pad = gst_element_get_static_pad (mux, "src");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER
      | GST_PAD_PROBE_TYPE_BUFFER_LIST, note_end, self, NULL);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  g_mutex_lock (&self->lock);
  while (!self->ended)
    g_cond_wait (&self->moved, &self->lock);
  g_mutex_unlock (&self->lock);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (pad);
  gst_object_unref (mux);
  gst_object_unref (pipeline);
  fail_unless (g_file_get_contents (self->part, (gchar **) & self->data,
          &self->size, NULL));
  fail_unless (self->size > 10000);
  g_free (description);
  g_free (location);
}

static void
recording_clear (Recording * self)
{
  g_array_free (self->ends, TRUE);
  g_free (self->data);
  g_free (self->part);
  g_free (self->journal);
}

/* ---- decoding ---- */

static void
take_decoded (GstElement * sink, GstBuffer * buffer, GstPad * pad,
    gpointer user_data)
{
  Decoded *self = user_data;
  GstMapInfo map;

  fail_unless (gst_buffer_map (buffer, &map, GST_MAP_READ));
  g_byte_array_append (self->bytes, map.data, (guint) map.size);
  gst_buffer_unmap (buffer, &map);
  self->buffers++;
  if (GST_BUFFER_DURATION_IS_VALID (buffer))
    self->time += GST_BUFFER_DURATION (buffer);
}

static void
decode (Decoded * self, const Format * format, const gchar * path)
{
  gchar *description = g_strdup_printf ("filesrc location=%s ! %s ! "
      "fakesink name=sink sync=false signal-handoffs=true", path,
      format->decode);
  GstElement *pipeline = gst_parse_launch (description, NULL);
  GstElement *sink = gst_bin_get_by_name (GST_BIN (pipeline), "sink");
  GstBus *bus = gst_element_get_bus (pipeline);
  GstMessage *message;
  gint64 duration = -1;

  memset (self, 0, sizeof (*self));
  self->bytes = g_byte_array_new ();
  g_signal_connect (sink, "handoff", G_CALLBACK (take_decoded), self);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  message = gst_bus_timed_pop_filtered (bus, 30 * GST_SECOND,
      GST_MESSAGE_EOS | GST_MESSAGE_ERROR | GST_MESSAGE_WARNING);
  fail_unless (message != NULL);
  self->ended = GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS;
  if (gst_element_query_duration (sink, GST_FORMAT_TIME, &duration))
    self->duration = (guint64) duration;
  gst_message_unref (message);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (bus);
  gst_object_unref (sink);
  gst_object_unref (pipeline);
  g_free (description);
}

/* ---- the check ---- */

typedef enum
{
  GOOD,
  ILL_FORMED,
  NOT_DECODABLE,
  WRONG_COUNT,
  WRONG_CONTENT,
  WRONG_DURATION,
} Verdict;

/* @whole: what the uncut recording decodes to; @expected: units of it; @says:
 * print what is not right */
static Verdict
check (const Recording * recording, const gchar * path,
    const Decoded * whole, guint64 expected, gboolean says)
{
  const Format *format = recording->format;
  Verdict verdict = GOOD;
  guint64 units;
  gchar *data;
  gsize size;
  Decoded got;

  fail_unless (g_file_get_contents (path, &data, &size, NULL));
  decode (&got, format, path);
  units = format->unit != 0 ? got.bytes->len / format->unit : got.buffers;
  if (!format->well_formed (recording, (const guint8 *) data, size))
    verdict = ILL_FORMED;
  else if (!got.ended)
    verdict = NOT_DECODABLE;
  else if (units < expected || units > expected + format->slack
      || (format->unit != 0 && got.bytes->len % format->unit != 0))
    verdict = WRONG_COUNT;
  else if (got.bytes->len > whole->bytes->len
      || (format->unit != 0 && memcmp (got.bytes->data, whole->bytes->data,
              got.bytes->len) != 0))
    verdict = WRONG_CONTENT;
  else if (format->has_duration && ABS ((gint64) (got.duration - got.time))
      > (gint64) got.buffers)   /* each is rounded */
    verdict = WRONG_DURATION;
  if (says && verdict != GOOD)
    g_print ("%" G_GUINT64_FORMAT " units expected, %" G_GUINT64_FORMAT
        " found, %" G_GUINT64_FORMAT " ns of %" G_GUINT64_FORMAT "\n", expected,
        units, got.time, got.duration);
  g_byte_array_unref (got.bytes);
  g_free (data);
  return verdict;
}

/* @out: NULL: in place */
static gint
recover (const gchar * part, const gchar * out, const gchar * option)
{
  const gchar *copy[] = { COMMAND, "recover", option, "-o", out, part, NULL };
  const gchar *in_place[] = { COMMAND, "recover", option, part, NULL };
  const gchar **argv = out != NULL ? copy : in_place;
  gchar *said = NULL;
  gint status;

  fail_unless (g_spawn_sync (NULL, (gchar **) argv, NULL, 0, NULL, NULL, &said,
          NULL, &status, NULL));
  fail_unless (WIFEXITED (status), "the command crashed: %s", said);
  g_free (said);
  return WEXITSTATUS (status);
}

/* A random place, or one beside the end of a buffer. */
static gsize
choose_cut (const Recording * self, GRand * random, guint number)
{
  gsize least = self->size / 5;
  gsize cut = (gsize) g_rand_int_range (random, (gint) least,
      (gint) self->size);

  if (number % 2 == 1) {
    guint i = (guint) g_rand_int_range (random, 0, (gint) self->ends->len);

    cut = g_array_index (self->ends, guint64, i) + number % 5 - 2;
  }
  return CLAMP (cut, least, self->size);
}

/* The whole recording, in the way that leaves nothing but it. */
static void
check_in_place (const Recording * self, const Decoded * whole)
{
  gchar *out = g_strdup_printf ("%s/take", folder);

  fail_unless_equals_int (recover (self->part, NULL, "--in-place"), 1);
  fail_unless_equals_int (check (self, out, whole,
          self->format->expected (self, self->size), TRUE), GOOD);
  fail_if (g_file_test (self->part, G_FILE_TEST_EXISTS));
  fail_if (g_file_test (self->journal, G_FILE_TEST_EXISTS));
  g_free (out);
}

static void
check_cut (const Recording * self, const Decoded * whole, gsize cut,
    guint number, guint * unrepaired)
{
  const Format *format = self->format;
  gchar *part = g_strdup_printf ("%s/cut.part", folder);
  gchar *journal = g_strdup_printf ("%s/cut.sfj", folder);
  gchar *out = g_strdup_printf ("%s/out", folder);
  guint64 expected = format->expected (self, cut);
  gchar *log = NULL;
  gsize log_size;
  Verdict verdict;
  gint code;

  fail_unless (g_file_set_contents (part, (gchar *) self->data, (gssize) cut,
          NULL));
  fail_unless (g_file_get_contents (self->journal, &log, &log_size, NULL));
  fail_unless (g_file_set_contents (journal, log, (gssize) log_size, NULL));
  code = recover (part, out, number % 3 == 0 ? "--without-journal"
      : "--keep-unverified");
  /* Below the mark bytes are lost: all was synced when the pipeline stopped. */
  fail_unless (code == 1 || (code == 2 && number % 3 != 0 && cut < self->size),
      "code %d", code);
  verdict = check (self, out, whole, expected, TRUE);
  fail_unless (verdict == GOOD, "%s cut at %" G_GSIZE_FORMAT ": verdict %d",
      format->name, cut, verdict);
  *unrepaired += check (self, part, whole, expected, FALSE) != GOOD;
  fail_unless_equals_int (g_remove (out), 0);
  g_free (log);
  g_free (out);
  g_free (journal);
  g_free (part);
}

static void
check_format (const Format * format)
{
  guint32 seed = g_getenv ("SC_TEST_SEED") != NULL
      ? (guint32) g_ascii_strtoull (g_getenv ("SC_TEST_SEED"), NULL, 0)
      : g_random_int ();
  guint unrepaired = 0;
  Recording recording;
  Decoded whole;
  GRand *random;

  if (!factory_check_have (format->elements))
    return;
  g_print ("%s: SC_TEST_SEED=%u\n", format->name, seed);
  random = g_rand_new_with_seed (seed);
  record (&recording, format);
  decode (&whole, format, recording.part);
  for (guint i = 0; i < CUTS; i++)
    check_cut (&recording, &whole, i == 0 ? recording.size
        : choose_cut (&recording, random, i), i, &unrepaired);
  check_in_place (&recording, &whole);
  g_print ("%s: %u cuts recovered; unrepaired %u of them fail the check\n",
      format->name, CUTS, unrepaired);
  fail_unless (unrepaired > CUTS / 2);
  g_byte_array_unref (whole.bytes);
  recording_clear (&recording);
  g_rand_free (random);
}

/* Whether a file of this size ends where a buffer of the muxer did. */
static gboolean
ends_with_buffer (const Recording * self, gsize size)
{
  for (guint i = 0; i < self->ends->len; i++)
    if (g_array_index (self->ends, guint64, i) == size)
      return TRUE;
  return FALSE;
}

/* ---- AIFF ---- */

#define AIFF_HEADER 54

static guint64
aiff_expected (const Recording * recording, gsize size)
{
  return (size - AIFF_HEADER) / 4;
}

static gboolean
aiff_well_formed (const Recording * recording, const guint8 * data,
    gsize size)
{
  return sc_get_be32 (data + 4) == size - 8
      && sc_get_be32 (data + 22) == (size - AIFF_HEADER) / 4
      && sc_get_be32 (data + 42) == size - AIFF_HEADER + 8
      && (size - AIFF_HEADER) % 4 == 0;
}

GST_START_TEST (test_aiff_plays_to_the_last_whole_frame)
{
  static const Format format = {
    .name = "AIFF",
    .elements = "aiffmux aiffparse",
    .record = "audiotestsrc num-buffers=100 wave=white-noise ! "
        "audio/x-raw,rate=48000,channels=2,format=S16BE ! aiffmux name=mux",
    .decode = "aiffparse",
    .expected = aiff_expected,
    .well_formed = aiff_well_formed,
    .unit = 4,
    .has_duration = TRUE,
  };

  check_format (&format);
}

GST_END_TEST;

/* ---- FLAC ---- */

#define FLAC_BLOCK 4608

static guint64
flac_expected (const Recording * recording, gsize size)
{
  guint64 begin = 0, samples = 0;

  for (guint i = 0; i < recording->ends->len; i++) {
    guint64 end = g_array_index (recording->ends, guint64, i);

    if (end <= size && recording->data[begin] == 0xFF)
      samples += FLAC_BLOCK;
    begin = end;
  }
  return samples;
}

static gboolean
flac_well_formed (const Recording * recording, const guint8 * data,
    gsize size)
{
  return ends_with_buffer (recording, size)
      && (sc_get_be64 (data + 18) & ((G_GUINT64_CONSTANT (1) << 36) -
          1)) == flac_expected (recording, size);
}

GST_START_TEST (test_flac_plays_to_the_last_whole_frame)
{
  static const Format format = {
    .name = "FLAC",
    .elements = "flacenc flacparse flacdec",
    .record = "audiotestsrc num-buffers=100 wave=pink-noise ! "
        "audio/x-raw,rate=48000,channels=2,format=S16LE ! flacenc name=mux",
    .decode = "flacparse ! flacdec",
    .expected = flac_expected,
    .well_formed = flac_well_formed,
    .unit = 4,
    .has_duration = TRUE,
  };

  check_format (&format);
}

GST_END_TEST;

/* ---- Ogg ---- */

/* Calls for each page of the first @size bytes; false where they are no pages,
 * or a last one is not whole. */
static gboolean
walk_pages (const guint8 * data, gsize size, GHashTable * last_pages)
{
  gsize at = 0;

  while (at + 27 <= size && memcmp (data + at, "OggS", 4) == 0) {
    gsize end = at + 27 + data[at + 26];

    if (end > size)
      return FALSE;
    for (guint i = 0; i < data[at + 26]; i++)
      end += data[at + 27 + i];
    if (end > size)
      return FALSE;
    g_hash_table_insert (last_pages,
        GUINT_TO_POINTER (sc_get_le32 (data + at + 14)),
        (gpointer) (data + at));
    at = end;
  }
  return at == size;
}

/* The last position of the stream whose first packet begins with @magic. */
static guint64
last_granule (const Recording * recording, gsize size, const gchar * magic)
{
  const guint8 *data = recording->data;
  guint64 granule = 0, begin = 0;
  guint32 serial = 0;

  for (guint i = 0; i < recording->ends->len; i++) {
    const guint8 *page = data + begin;

    begin = g_array_index (recording->ends, guint64, i);
    if (begin > size)
      break;
    if (page[5] & 2 && memcmp (page + 28, magic, strlen (magic)) == 0)
      serial = sc_get_le32 (page + 14);
    if (sc_get_le32 (page + 14) == serial
        && sc_get_le64 (page + 6) != G_MAXUINT64)
      granule = sc_get_le64 (page + 6);
  }
  return granule;
}

static gboolean
ogg_well_formed (const Recording * recording, const guint8 * data, gsize size)
{
  GHashTable *last = g_hash_table_new (NULL, NULL);
  gboolean good = walk_pages (data, size, last);
  GHashTableIter iter;
  gpointer page;

  g_hash_table_iter_init (&iter, last);
  while (g_hash_table_iter_next (&iter, NULL, &page))
    good = good && ((guint8 *) page)[5] & 4;
  g_hash_table_unref (last);
  return good && ends_with_buffer (recording, size);
}

static guint64
vorbis_expected (const Recording * recording, gsize size)
{
  return last_granule (recording, size, "\001vorbis");
}

GST_START_TEST (test_vorbis_plays_to_the_last_whole_page)
{
  static const Format format = {
    .name = "Vorbis in Ogg",
    .elements = "vorbisenc oggmux oggdemux vorbisdec",
    .record = "audiotestsrc num-buffers=300 wave=pink-noise ! "
        "audio/x-raw,rate=48000,channels=2 ! vorbisenc ! oggmux name=mux",
    .decode = "oggdemux ! vorbisdec",
    .expected = vorbis_expected,
    .well_formed = ogg_well_formed,
    .unit = 8,
    .has_duration = TRUE,
  };

  check_format (&format);
}

GST_END_TEST;

static guint64
opus_expected (const Recording * recording, gsize size)
{
  guint64 skip = sc_get_le16 (recording->data + 28 + 10);
  guint64 granule = last_granule (recording, size, "OpusHead");

  return granule > skip ? granule - skip : 0;
}

GST_START_TEST (test_opus_plays_to_the_last_whole_page)
{
  static const Format format = {
    .name = "Opus in Ogg",
    .elements = "opusenc oggmux oggdemux opusdec",
    .record = "audiotestsrc num-buffers=600 wave=pink-noise ! "
        "audio/x-raw,rate=48000,channels=2,format=S16LE ! opusenc ! "
        "oggmux name=mux",
    .decode = "oggdemux ! opusdec ! audio/x-raw,format=S16LE",
    .expected = opus_expected,
    .well_formed = ogg_well_formed,
    .unit = 4,
    .has_duration = TRUE,
  };

  check_format (&format);
}

GST_END_TEST;

/* Six bits for what follows a key frame: that of theoraenc's default. */
static guint64
theora_expected (const Recording * recording, gsize size)
{
  guint64 granule = last_granule (recording, size, "\200theora");

  return (granule >> 6) + (granule & 63);
}

GST_START_TEST (test_theora_with_vorbis_plays_to_the_last_whole_page)
{
  static const Format format = {
    .name = "Theora and Vorbis in Ogg",
    .elements = "theoraenc vorbisenc oggmux oggdemux theoradec",
    .record = "audiotestsrc num-buffers=150 wave=pink-noise ! "
        "audio/x-raw,rate=48000,channels=2 ! vorbisenc ! queue ! mux. "
        "videotestsrc num-buffers=90 pattern=snow ! "
        "video/x-raw,format=I420,width=160,height=120,framerate=30/1 ! "
        "theoraenc ! queue ! mux. oggmux name=mux",
    .decode = "oggdemux ! theoradec",
    .expected = theora_expected,
    .well_formed = ogg_well_formed,
    .unit = 160 * 120 * 3 / 2,
  };

  check_format (&format);
}

GST_END_TEST;

/* ---- MPEG-TS ---- */

/* Whole pictures: those whose last packet is in the first @size bytes.  Of the
 * last one of all it is not known, as m2ts keeps packets back for a clock. */
static guint64
count_video (const Recording * recording, gsize size, gsize packet)
{
  guint64 whole = 0;
  gsize end = 0;                /* of the picture before */

  for (gsize at = 0; at + packet <= recording->size; at += packet) {
    const guint8 *bytes = recording->data + at + packet - 188;
    guint16 head = sc_get_be16 (bytes + 1);

    if ((head & 0x1FFF) != 0x41)
      continue;
    if (head & 0x4000)
      whole += end > 0 && end <= size;
    end = at + packet;
  }
  return whole;
}

static guint64
ts_expected (const Recording * recording, gsize size)
{
  return count_video (recording, size, 188);
}

static guint64
m2ts_expected (const Recording * recording, gsize size)
{
  return count_video (recording, size, 192);
}

static gboolean
ts_well_formed (const Recording * recording, const guint8 * data, gsize size)
{
  return size % 188 == 0 && data[size - 188] == 0x47;
}

static gboolean
m2ts_well_formed (const Recording * recording, const guint8 * data,
    gsize size)
{
  return size % 192 == 0 && data[size - 188] == 0x47;
}

#define TS_RECORD(mux) "videotestsrc num-buffers=60 pattern=snow ! " \
    "video/x-raw,format=I420,width=160,height=120,framerate=30/1 ! " \
    "x264enc key-int-max=10 ! video/x-h264,profile=constrained-baseline ! " mux

GST_START_TEST (test_mpegts_plays_to_the_last_whole_packet)
{
  static const Format format = {
    .name = "MPEG-TS",
    .elements = "x264enc mpegtsmux tsdemux openh264dec",
    .record = TS_RECORD ("mpegtsmux name=mux"),
    .decode = "tsdemux ! h264parse ! openh264dec",
    .expected = ts_expected,
    .slack = 1,
    .well_formed = ts_well_formed,
  };

  check_format (&format);
}

GST_END_TEST;

GST_START_TEST (test_m2ts_plays_to_the_last_whole_packet)
{
  static const Format format = {
    .name = "m2ts",
    .elements = "x264enc mpegtsmux tsdemux openh264dec",
    .record = TS_RECORD ("mpegtsmux name=mux m2ts-mode=true"),
    .decode = "tsparse ! tsdemux ! h264parse ! openh264dec",
    .expected = m2ts_expected,
    .slack = 1,
    .well_formed = m2ts_well_formed,
  };

  check_format (&format);
}

GST_END_TEST;

static Suite *
recovered_files_suite (void)
{
  Suite *suite = suite_create ("recovered-files");
  TCase *tcase = tcase_create ("recovered-files");

  suite_add_tcase (suite, tcase);
  tcase_add_checked_fixture (tcase, setup, teardown);
  tcase_add_test (tcase, test_aiff_plays_to_the_last_whole_frame);
  tcase_add_test (tcase, test_flac_plays_to_the_last_whole_frame);
  tcase_add_test (tcase, test_vorbis_plays_to_the_last_whole_page);
  tcase_add_test (tcase, test_opus_plays_to_the_last_whole_page);
  tcase_add_test (tcase,
      test_theora_with_vorbis_plays_to_the_last_whole_page);
  tcase_add_test (tcase, test_mpegts_plays_to_the_last_whole_packet);
  tcase_add_test (tcase, test_m2ts_plays_to_the_last_whole_packet);
  return suite;
}

GST_CHECK_MAIN (recovered_files);
