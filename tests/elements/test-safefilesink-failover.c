/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * safefilesink with backup locations behind real muxers.  A limit on the size of
 * files makes each target fail in the middle; what the muxer wrote, its late
 * headers included, must come out of the join byte for byte.
 */
#include <gst/check/gstcheck.h>

#include <errno.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "../support/factory-check.h"
#include "../support/folder-check.h"
#include "sc-join.h"
#include "sc-recorder.h"

/* With the smallest ring a target holds at least LIMIT - 65536 bytes: 368 kB
 * need two of them, and fit into three. */
#define LIMIT 170000

typedef struct
{
  gchar *folder;
  gchar *name;
  GByteArray *image;            /* what filesink would have written */
  guint64 position;
  gchar *manifest;              /* of -published */
  guint64 parts;
  guint switches;
  guint64 last_part, last_offset;
  gchar *reason;
} Fixture;

static void
setup (Fixture * f)
{
  static const gchar *const folders[] = { "a", "b", "c" };

  memset (f, 0, sizeof (*f));
  f->folder = g_dir_make_tmp ("safefilesink-XXXXXX", NULL);
  fail_unless (f->folder != NULL);
  for (guint i = 0; i < G_N_ELEMENTS (folders); i++) {
    gchar *path = g_build_filename (f->folder, folders[i], NULL);

    fail_unless_equals_int (g_mkdir (path, 0700), 0);
    g_free (path);
  }
  f->name = g_build_filename (f->folder, "a", "take", NULL);
  f->image = g_byte_array_new ();
}

static void
teardown (Fixture * f)
{
  folder_check_remove (f->folder);
  g_byte_array_unref (f->image);
  g_free (f->manifest);
  g_free (f->reason);
  g_free (f->name);
  g_free (f->folder);
}

static void
set_limit (rlim_t bytes)
{
  struct rlimit limit = { bytes, RLIM_INFINITY };

  fail_unless_equals_int (setrlimit (RLIMIT_FSIZE, &limit), 0);
}

/* Does to the image what filesink does to its file. */
static GstPadProbeReturn
keep_image (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  Fixture *f = user_data;
  GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER (info);
  GstMapInfo map;

  if (GST_PAD_PROBE_INFO_TYPE (info) & GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM) {
    GstEvent *event = GST_PAD_PROBE_INFO_EVENT (info);
    const GstSegment *segment;

    if (GST_EVENT_TYPE (event) == GST_EVENT_SEGMENT) {
      gst_event_parse_segment (event, &segment);
      if (segment->format == GST_FORMAT_BYTES)
        f->position = segment->start;
    }
    return GST_PAD_PROBE_OK;
  }
  fail_unless (gst_buffer_map (buffer, &map, GST_MAP_READ));
  if (f->position + map.size > f->image->len) {
    guint old = f->image->len;

    g_byte_array_set_size (f->image, (guint) (f->position + map.size));
    memset (f->image->data + old, 0, f->image->len - old);
  }
  memcpy (f->image->data + f->position, map.data, map.size);
  f->position += map.size;
  gst_buffer_unmap (buffer, &map);
  return GST_PAD_PROBE_OK;
}

static void
read_message (Fixture * f, GstMessage * message)
{
  const GstStructure *s = gst_message_get_structure (message);

  if (gst_structure_has_name (s, "safefilesink-switched")) {
    guint64 part, offset;

    f->switches++;
    fail_unless (gst_structure_get_uint64 (s, "part", &part));
    f->last_part = part;
    fail_unless (gst_structure_get_uint64 (s, "offset", &offset));
    fail_unless (offset >= f->last_offset);
    f->last_offset = offset;
    g_free (f->reason);
    f->reason = g_strdup (gst_structure_get_string (s, "reason"));
  } else if (gst_structure_has_name (s, "safefilesink-published")) {
    fail_unless (gst_structure_get_uint64 (s, "parts", &f->parts));
    f->manifest = g_strdup (gst_structure_get_string (s, "location"));
  }
}

/* An error may come before the messages of what led to it: it is the streaming
 * thread's, they are the reporter's, the last of them when the element stops.  At
 * NULL the bus throws away what it has. */
static void
read_the_rest (Fixture * f, GstElement * pipeline, GstBus * bus)
{
  GstMessage *message;

  gst_element_set_state (pipeline, GST_STATE_READY);
  while ((message = gst_bus_pop_filtered (bus, GST_MESSAGE_ELEMENT)) != NULL) {
    read_message (f, message);
    gst_message_unref (message);
  }
}

/* Runs to EOS, or to an error, which is returned. */
static GError *
run (Fixture * f, const gchar * source, const gchar * properties)
{
  gchar *description = g_strdup_printf ("%s ! safefilesink name=safe "
      "location=%s sync-interval=2000000 buffer-size=65536 %s", source,
      f->name, properties);
  GError *error = NULL, *failed = NULL;
  GstElement *pipeline = gst_parse_launch (description, &error), *sink;
  GstBus *bus;
  GstPad *pad;

  fail_unless (error == NULL, "%s", error != NULL ? error->message : "");
  sink = gst_bin_get_by_name (GST_BIN (pipeline), "safe");
  pad = gst_element_get_static_pad (sink, "sink");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER
      | GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, keep_image, f, NULL);
  bus = gst_element_get_bus (pipeline);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  for (gboolean ended = FALSE; !ended;) {
    GstMessage *message = gst_bus_timed_pop_filtered (bus, 50 * GST_SECOND,
        GST_MESSAGE_EOS | GST_MESSAGE_ERROR | GST_MESSAGE_ELEMENT);

    fail_unless (message != NULL);
    ended = GST_MESSAGE_TYPE (message) != GST_MESSAGE_ELEMENT;
    if (!ended)
      read_message (f, message);
    else if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR)
      gst_message_parse_error (message, &failed, NULL);
    gst_message_unref (message);
  }
  read_the_rest (f, pipeline, bus);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (bus);
  gst_object_unref (pad);
  gst_object_unref (sink);
  gst_object_unref (pipeline);
  g_free (description);
  return failed;
}

static void
fail_unless_file_is (const gchar * path, const GByteArray * image)
{
  gchar *data;
  gsize size;

  fail_unless (g_file_get_contents (path, &data, &size, NULL), "no %s", path);
  fail_unless_equals_uint64 (size, image->len);
  fail_unless (memcmp (data, image->data, size) == 0);
  g_free (data);
}

static void
fail_unless_joins (Fixture * f)
{
  static ScJoinReport report;
  ScRecoveryResult result;
  gchar *out = g_build_filename (f->folder, "joined", NULL);

  fail_unless_equals_int (sc_join_examine (&report, &sc_file_ops_posix,
          f->manifest), 0);
  fail_unless_equals_int (report.verdict, SC_RECOVERY_WHOLE);
  fail_unless_equals_int (sc_join_write (&report, &sc_file_ops_posix, out,
          0600, &result), 0);
  sc_join_report_clear (&report);
  fail_unless_file_is (out, f->image);
  g_free (out);
}

#define FORMAT " num-buffers=90 samplesperbuffer=1024 ! " \
  "audio/x-raw,format=S16LE,channels=2,rate=48000 ! "
#define AUDIO "audiotestsrc wave=white-noise" FORMAT
/* The same at each run, and no two blocks alike. */
#define TONE "audiotestsrc wave=sine freq=437.13" FORMAT

GST_START_TEST (test_what_muxers_rewrite_late_is_right_after_the_join)
{
  static const gchar *const muxers[] = { "wavenc", "matroskamux", "avimux" };
  gchar *backups;

  for (guint i = 0; i < G_N_ELEMENTS (muxers); i++) {
    Fixture f;
    GError *error;
    gchar *source = g_strconcat (AUDIO, muxers[i], NULL);

    if (!factory_check_have (muxers[i])) {
      g_free (source);
      continue;
    }
    setup (&f);
    backups = g_strdup_printf ("reserve=0 backup-locations=\"<%s/b,%s/c/>\"",
        f.folder, f.folder);
    set_limit (LIMIT);
    error = run (&f, source, backups);
    set_limit (RLIM_INFINITY);
    fail_unless (error == NULL, "%s", error != NULL ? error->message : "");
    fail_unless (f.image->len > 2 * LIMIT);
    fail_unless_equals_int (f.switches, 2);
    fail_unless_equals_uint64 (f.last_part, 2);
    fail_unless_equals_string (f.reason, "write");
    fail_unless_equals_uint64 (f.parts, 3);
    fail_unless_joins (&f);
    g_free (backups);
    g_free (source);
    teardown (&f);
  }
}

GST_END_TEST;

GST_START_TEST (test_the_join_is_what_filesink_writes)
{
  Fixture f;
  gchar *plain, *description, *backups;
  GstElement *pipeline;
  GstMessage *message;
  GstBus *bus;

  setup (&f);
  plain = g_build_filename (f.folder, "plain", NULL);
  description = g_strdup_printf (TONE "wavenc ! filesink location=%s", plain);
  pipeline = gst_parse_launch (description, NULL);
  bus = gst_element_get_bus (pipeline);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  message = gst_bus_timed_pop_filtered (bus, 50 * GST_SECOND, GST_MESSAGE_EOS);
  fail_unless (message != NULL);
  gst_message_unref (message);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (bus);
  gst_object_unref (pipeline);

  backups = g_strdup_printf ("backup-locations=\"<%s/b,%s/c>\"", f.folder,
      f.folder);
  set_limit (LIMIT);
  fail_unless (run (&f, TONE "wavenc", backups) == NULL);
  set_limit (RLIM_INFINITY);
  fail_unless_file_is (plain, f.image);
  fail_unless_joins (&f);
  g_free (backups);
  g_free (description);
  g_free (plain);
  teardown (&f);
}

GST_END_TEST;

/* In the second round the recording replaces the file, and its journal goes. */
GST_START_TEST (test_the_kept_journal_stays_with_a_file_that_is_not_replaced)
{
  for (guint i = 0; i < 2; i++) {
    Fixture f;
    gchar *backups, *journal;

    setup (&f);
    fail_unless (run (&f, AUDIO "wavenc", "journal=keep") == NULL);
    backups = g_strdup_printf ("backup-locations=\"<%s/b,%s/c>\"", f.folder,
        f.folder);
    g_byte_array_set_size (f.image, 0);
    if (i == 0)
      set_limit (LIMIT);
    fail_unless (run (&f, AUDIO "wavenc", backups) == NULL);
    set_limit (RLIM_INFINITY);
    fail_unless_equals_int (f.switches, i == 0 ? 2 : 0);
    journal = g_strconcat (f.name, ".sfj.old", NULL);
    fail_unless_equals_int (g_file_test (journal, G_FILE_TEST_EXISTS), i == 0);
    g_free (journal);
    g_free (backups);
    teardown (&f);
  }
}

GST_END_TEST;

GST_START_TEST (test_the_error_names_every_target_and_why)
{
  Fixture f;
  GError *error;
  gchar *backups;

  setup (&f);
  backups = g_strdup_printf ("reserve=0 backup-locations=\"<%s/none/,%s/b>\"",
      f.folder, f.folder);
  set_limit (LIMIT);
  error = run (&f, AUDIO "wavenc", backups);
  set_limit (RLIM_INFINITY);
  fail_unless (error != NULL);
  fail_unless (strstr (error->message, "/a/take.part\" (write:") != NULL);
  fail_unless (strstr (error->message, "/none/\" (open:") != NULL, "%s",
      error->message);
  fail_unless (strstr (error->message, "/b/take.") != NULL);
  fail_unless (strstr (error->message, "/b/take.sfm -o FILE") != NULL);
  fail_unless_equals_int (f.switches, 1);
  g_error_free (error);
  g_free (backups);
  teardown (&f);
}

GST_END_TEST;

GST_START_TEST (test_a_location_that_cannot_be_opened_is_left_for_a_backup)
{
  Fixture f;
  gchar *backups, *wanted;
  GError *error;

  setup (&f);
  g_free (f.name);
  f.name = g_build_filename (f.folder, "none", "take", NULL);
  backups = g_strdup_printf ("backup-locations=\"<%s/b>\"", f.folder);
  wanted = g_build_filename (f.folder, "b", "take", NULL);
  error = run (&f, AUDIO "wavenc", backups);
  fail_unless (error == NULL);
  fail_unless_equals_string (f.manifest, wanted);
  fail_unless_equals_uint64 (f.parts, 1);
  fail_unless_equals_uint64 (f.last_part, 0);
  fail_unless_equals_string (f.reason, "open");
  fail_unless_file_is (wanted, f.image);
  g_free (wanted);
  g_free (backups);
  teardown (&f);
}

GST_END_TEST;

GST_START_TEST (test_the_next_recording_leaves_the_parts_joinable)
{
  Fixture f;
  gchar *backups, *manifest;
  GByteArray *image;

  setup (&f);
  backups = g_strdup_printf ("backup-locations=\"<%s/b,%s/c>\"", f.folder,
      f.folder);
  set_limit (LIMIT);
  fail_unless (run (&f, AUDIO "wavenc", backups) == NULL);
  set_limit (RLIM_INFINITY);
  manifest = g_steal_pointer (&f.manifest);
  image = f.image;

  /* It probes the failed target again, and finds the part in the way. */
  f.image = g_byte_array_new ();
  f.switches = 0;
  f.last_offset = 0;
  fail_unless (run (&f, AUDIO "wavenc", backups) == NULL);
  fail_unless_equals_int (f.switches, 0);
  fail_unless_equals_string (f.manifest, f.name);
  fail_unless_file_is (f.name, f.image);
  g_byte_array_unref (f.image);
  g_free (f.manifest);

  f.manifest = manifest;
  f.image = image;
  fail_unless_joins (&f);
  g_free (backups);
  teardown (&f);
}

GST_END_TEST;

static int syncs_of_folder;

static int
second_sync_fails (const ScFileOps * ops, const char *path)
{
  return ++syncs_of_folder == 2 ? -EIO
      : sc_file_ops_posix.sync_parent (&sc_file_ops_posix, path);
}

/* Complete, and under its name; but that the name lasts could not be made sure,
 * so that the recording ends at a backup. */
static void
record_and_fail_to_publish (Fixture * f)
{
  ScFileOps ops = sc_file_ops_posix;
  gchar *part = g_strconcat (f->name, ".part", NULL);
  gchar *journal = g_strconcat (f->name, ".sfj", NULL);
  gchar *backup = g_build_filename (f->folder, "b", NULL);
  const char *const backups[] = { backup };
  ScRecorderConfig config = {
    .target = {.ops = &ops,.path = part,.publish_path = f->name,
        .journal_path = journal,.exclusive = true,.permissions = 0600},
    .policy = SC_SYNC_ON_REQUEST,.ring_size = SC_BYTE_RING_MIN,
    .backups = backups,.backup_count = 1,.release_region = free
  };
  ScRecorderStateLog log;
  ScRecorder recorder;
  ScFault fault;
  size_t taken;

  for (guint i = 0; i < 3000; i++)
    g_byte_array_append (f->image, (const guint8 *) &i, 1);
  ops.sync_parent = second_sync_fails;
  syncs_of_folder = 0;
  config.region = aligned_alloc (4096, sc_recorder_region_size (&config));
  fail_unless (config.region != NULL);
  sc_recorder_state_log_init (&log);
  fail_unless_equals_int (sc_recorder_open (&recorder, &config, &log, &fault),
      0);
  fail_unless_equals_int (sc_recorder_write (&recorder, 0,
          SC_BYTE_RING_NO_TIME, f->image->data, f->image->len, SC_WAIT_FOREVER,
          &taken), 0);
  fail_unless_equals_int (sc_recorder_finish (&recorder, SC_WAIT_FOREVER), 0);
  fail_unless_equals_int (sc_recorder_switches (&recorder), 1);
  fail_unless_equals_int (sc_recorder_close (&recorder, &fault), 0);
  g_free (backup);
  g_free (journal);
  g_free (part);
}

GST_START_TEST (test_nor_does_it_replace_a_part_that_has_the_name)
{
  Fixture f;
  GByteArray *image;

  setup (&f);
  record_and_fail_to_publish (&f);
  fail_unless_file_is (f.name, f.image);
  image = f.image;

  f.image = g_byte_array_new ();
  fail_unless (run (&f, AUDIO "wavenc", "") == NULL);
  fail_unless_file_is (f.name, f.image);
  g_byte_array_unref (f.image);

  /* The manifest beside it was moved with it; the backup's still leads there. */
  f.image = image;
  g_free (f.manifest);
  f.manifest = g_build_filename (f.folder, "b", "take.sfm", NULL);
  fail_unless_joins (&f);
  teardown (&f);
}

GST_END_TEST;

static Suite *
safefilesink_failover_suite (void)
{
  Suite *suite = suite_create ("safefilesink-failover");
  TCase *tcase = tcase_create ("safefilesink-failover");

  suite_add_tcase (suite, tcase);
  tcase_add_test (tcase, test_what_muxers_rewrite_late_is_right_after_the_join);
  tcase_add_test (tcase, test_the_join_is_what_filesink_writes);
  tcase_add_test (tcase,
      test_the_kept_journal_stays_with_a_file_that_is_not_replaced);
  tcase_add_test (tcase, test_the_error_names_every_target_and_why);
  tcase_add_test (tcase,
      test_a_location_that_cannot_be_opened_is_left_for_a_backup);
  tcase_add_test (tcase, test_the_next_recording_leaves_the_parts_joinable);
  tcase_add_test (tcase, test_nor_does_it_replace_a_part_that_has_the_name);
  return suite;
}

GST_CHECK_MAIN (safefilesink_failover);
