/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* safefilesink by itself: what filesink does, and what it does better. */
#include "../support/folder-check.h"
#include "sc-recovery.h"

#include <gst/check/gstcheck.h>
#include <gst/check/gstharness.h>
#include <gst/base/gstbasesink.h>

#include <signal.h>
#include <string.h>
#include <sys/resource.h>

typedef struct
{
  GstHarness *h;
  GstElement *sink;
  GstBus *bus;
  gchar *folder;
  gchar *name, *part, *journal;
} Fixture;

static gchar *
in_folder (Fixture * f, const gchar * name)
{
  return g_build_filename (f->folder, name, NULL);
}

static void
setup_folder (Fixture * f)
{
  GError *error = NULL;

  memset (f, 0, sizeof (*f));
  f->folder = g_dir_make_tmp ("safefilesink-XXXXXX", &error);
  fail_unless (f->folder != NULL);
  f->name = in_folder (f, "take.raw");
  f->part = in_folder (f, "take.raw.part");
  f->journal = in_folder (f, "take.raw.sfj");
}

static void
make_sink (Fixture * f)
{
  f->sink = gst_element_factory_make ("safefilesink", NULL);
  fail_unless (f->sink != NULL);
  gst_object_ref_sink (f->sink);
  f->bus = gst_bus_new ();
  gst_element_set_bus (f->sink, f->bus);
  g_object_set (f->sink, "location", f->name, "async", FALSE,
      "sync-interval", GST_SECOND * 3600, NULL);
}

static void
setup (Fixture * f)
{
  setup_folder (f);
  make_sink (f);
}

/* Plays and connects; from here on buffers can be pushed. */
static void
play (Fixture * f)
{
  f->h = gst_harness_new_with_element (f->sink, "sink", NULL);
  gst_harness_set_src_caps_str (f->h, "application/x-raw-bytes");
}

static void
drop_sink (Fixture * f)
{
  gst_element_set_state (f->sink, GST_STATE_NULL);
  g_clear_pointer (&f->h, gst_harness_teardown);
  gst_element_set_bus (f->sink, NULL);
  gst_object_unref (f->bus);
  gst_object_unref (f->sink);
}

static void
teardown (Fixture * f)
{
  drop_sink (f);
  folder_check_remove (f->folder);
  g_free (f->name);
  g_free (f->part);
  g_free (f->journal);
  g_free (f->folder);
}

static GstBuffer *
buffer_of (gsize size, guint8 value)
{
  GstBuffer *buffer = gst_buffer_new_and_alloc (size);

  gst_buffer_memset (buffer, 0, value, size);
  return buffer;
}

static void
push (Fixture * f, gsize size, guint8 value)
{
  fail_unless_equals_int (gst_harness_push (f->h, buffer_of (size, value)),
      GST_FLOW_OK);
}

static void
seek (Fixture * f, guint64 offset)
{
  GstSegment segment;

  gst_segment_init (&segment, GST_FORMAT_BYTES);
  segment.start = offset;
  fail_unless (gst_harness_push_event (f->h, gst_event_new_segment (&segment)));
}

static void
end (Fixture * f)
{
  fail_unless (gst_harness_push_event (f->h, gst_event_new_eos ()));
}

static gint64
position (Fixture * f)
{
  GstPad *pad = gst_element_get_static_pad (f->sink, "sink");
  gint64 value = -1;

  fail_unless (gst_pad_query_position (pad, GST_FORMAT_BYTES, &value));
  gst_object_unref (pad);
  return value;
}

static guint64
durable (Fixture * f)
{
  guint64 value;

  g_object_get (f->sink, "durable-offset", &value, NULL);
  return value;
}

static gint
state (Fixture * f)
{
  gint value;

  g_object_get (f->sink, "state", &value, NULL);
  return value;
}

/* Each run of @runs is a length and a value, 0 ends them. */
static void
check_file (const gchar * path, ...)
{
  gchar *data;
  gsize size, at = 0;
  va_list runs;
  guint run;

  fail_unless (g_file_get_contents (path, &data, &size, NULL), "no %s", path);
  va_start (runs, path);
  while ((run = va_arg (runs, guint)) > 0) {
    guint value = va_arg (runs, guint);

    fail_unless (at + run <= size, "%s has %" G_GSIZE_FORMAT " bytes", path,
        size);
    for (guint i = 0; i < run; i++)
      fail_unless ((guint8) data[at + i] == value, "byte %" G_GSIZE_FORMAT,
          at + i);
    at += run;
  }
  va_end (runs);
  fail_unless_equals_uint64 (size, at);
  g_free (data);
}

static gboolean
there (const gchar * path)
{
  return g_file_test (path, G_FILE_TEST_EXISTS);
}

static void
fail_unless_error (Fixture * f, gint code, const gchar * word)
{
  GstMessage *message = gst_bus_timed_pop_filtered (f->bus, 20 * GST_SECOND,
      GST_MESSAGE_ERROR);
  GError *error;

  fail_unless (message != NULL);
  gst_message_parse_error (message, &error, NULL);
  fail_unless (g_error_matches (error, GST_RESOURCE_ERROR, code), "%s",
      error->message);
  fail_unless (strstr (error->message, word) != NULL, "%s", error->message);
  g_error_free (error);
  gst_message_unref (message);
}

/* Waits for an element message; @field (nullable) must have @value. */
static GstMessage *
next_element_message (Fixture * f, const gchar * name)
{
  GstMessage *message;

  while ((message = gst_bus_timed_pop_filtered (f->bus, 20 * GST_SECOND,
              GST_MESSAGE_ELEMENT)) != NULL) {
    if (gst_message_has_name (message, name))
      return message;
    gst_message_unref (message);
  }
  fail ("no %s message", name);
  return NULL;
}

static const gchar *
field (GstMessage * message, const gchar * name)
{
  return gst_structure_get_string (gst_message_get_structure (message), name);
}

static guint64
number (GstMessage * message, const gchar * name)
{
  guint64 value = G_MAXUINT64;

  fail_unless (gst_structure_get_uint64 (gst_message_get_structure (message),
          name, &value));
  return value;
}

GST_START_TEST (test_a_stream_is_a_part_file_until_eos_and_then_has_its_name)
{
  Fixture f;

  setup (&f);
  play (&f);
  fail_unless (there (f.part) && there (f.journal) && !there (f.name));
  push (&f, 100, 1);
  push (&f, 200, 2);
  fail_unless_equals_int64 (position (&f), 300);
  end (&f);
  fail_unless (!there (f.part) && !there (f.journal));
  check_file (f.name, 100, 1, 200, 2, 0);
  fail_unless_equals_uint64 (durable (&f), 300);
  teardown (&f);
}

GST_END_TEST;

GST_START_TEST (test_segments_in_bytes_seek_backwards_and_beyond_the_end)
{
  Fixture f;

  setup (&f);
  play (&f);
  push (&f, 1000, 1);
  seek (&f, 10);
  fail_unless_equals_int64 (position (&f), 10);
  push (&f, 20, 2);
  fail_unless_equals_int64 (position (&f), 30);
  seek (&f, 1100);
  push (&f, 10, 3);
  end (&f);
  check_file (f.name, 10, 1, 20, 2, 970, 1, 100, 0, 10, 3, 0);
  teardown (&f);
}

GST_END_TEST;

GST_START_TEST (test_lists_and_buffers_of_many_memories_are_written_in_order)
{
  Fixture f;
  GstBufferList *list;

  setup (&f);
  play (&f);
  list = gst_buffer_list_new ();
  for (guint i = 1; i <= 3; i++)
    gst_buffer_list_add (list, gst_buffer_append (buffer_of (10, i),
            buffer_of (5, 10 + i)));
  fail_unless_equals_int (gst_pad_push_list (f.h->srcpad, list), GST_FLOW_OK);
  push (&f, 0, 0);
  end (&f);
  check_file (f.name, 10, 1, 5, 11, 10, 2, 5, 12, 10, 3, 5, 13, 0);
  teardown (&f);
}

GST_END_TEST;

GST_START_TEST (test_sync_after_and_every_buffer_are_durable_when_push_returns)
{
  Fixture f;
  GstBuffer *buffer;
  GstBufferList *list;

  setup (&f);
  play (&f);
  push (&f, 100, 1);
  fail_unless_equals_uint64 (durable (&f), 0);
  buffer = buffer_of (50, 2);
  GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_SYNC_AFTER);
  fail_unless_equals_int (gst_harness_push (f.h, buffer), GST_FLOW_OK);
  fail_unless_equals_uint64 (durable (&f), 150);
  list = gst_buffer_list_new ();
  buffer = buffer_of (50, 3);
  GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_SYNC_AFTER);
  gst_buffer_list_add (list, buffer);
  gst_buffer_list_add (list, buffer_of (10, 4));
  fail_unless_equals_int (gst_pad_push_list (f.h->srcpad, list), GST_FLOW_OK);
  fail_unless_equals_uint64 (durable (&f), 210);
  teardown (&f);

  setup (&f);
  gst_util_set_object_arg (G_OBJECT (f.sink), "sync-policy", "every-buffer");
  play (&f);
  for (guint i = 1; i <= 5; i++) {
    push (&f, 100, i);
    fail_unless_equals_uint64 (durable (&f), 100 * i);
  }
  teardown (&f);
}

GST_END_TEST;

GST_START_TEST (test_a_flush_loses_nothing_unless_truncation_is_asked_for)
{
  for (guint truncate = 0; truncate < 2; truncate++) {
    Fixture f;

    setup (&f);
    if (truncate)
      gst_util_set_object_arg (G_OBJECT (f.sink), "flush-mode", "truncate");
    play (&f);
    push (&f, 80, 1);
    fail_unless (gst_harness_push_event (f.h, gst_event_new_flush_start ()));
    fail_unless (gst_harness_push_event (f.h, gst_event_new_flush_stop (TRUE)));
    fail_unless_equals_int64 (position (&f), truncate ? 0 : 80);
    seek (&f, truncate ? 0 : 80);
    push (&f, 4, 2);
    end (&f);
    if (truncate)
      check_file (f.name, 4, 2, 0);
    else
      check_file (f.name, 80, 1, 4, 2, 0);
    teardown (&f);
  }
}

GST_END_TEST;

GST_START_TEST (test_after_eos_a_flush_begins_a_new_recording_beside_the_old)
{
  Fixture f;

  setup (&f);
  play (&f);
  push (&f, 80, 1);
  end (&f);
  fail_unless (gst_harness_push_event (f.h, gst_event_new_flush_start ()));
  fail_unless (gst_harness_push_event (f.h, gst_event_new_flush_stop (TRUE)));
  seek (&f, 0);
  push (&f, 20, 2);
  check_file (f.name, 80, 1, 0);
  end (&f);
  check_file (f.name, 20, 2, 0);
  teardown (&f);
}

GST_END_TEST;

GST_START_TEST (test_after_eos_the_way_through_ready_begins_a_new_recording)
{
  Fixture f;

  setup (&f);
  play (&f);
  push (&f, 80, 1);
  end (&f);
  gst_element_set_state (f.sink, GST_STATE_READY);
  gst_element_set_state (f.sink, GST_STATE_PLAYING);
  fail_unless (there (f.part));
  gst_pad_set_active (f.h->srcpad, FALSE);
  gst_pad_set_active (f.h->srcpad, TRUE);
  fail_unless (gst_harness_push_event (f.h, gst_event_new_stream_start ("b")));
  seek (&f, 0);
  push (&f, 20, 2);
  end (&f);
  check_file (f.name, 20, 2, 0);
  teardown (&f);
}

GST_END_TEST;

GST_START_TEST (test_queries_and_the_uri_are_those_of_a_seekable_file)
{
  Fixture f;
  GstQuery *query;
  GstPad *pad;
  GstFormat format;
  gboolean seekable;
  gchar *uri, *expected;

  setup (&f);
  play (&f);
  pad = gst_element_get_static_pad (f.sink, "sink");
  expected = gst_filename_to_uri (f.name, NULL);
  query = gst_query_new_seeking (GST_FORMAT_BYTES);
  fail_unless (gst_pad_query (pad, query));
  gst_query_parse_seeking (query, &format, &seekable, NULL, NULL);
  fail_unless (format == GST_FORMAT_BYTES && seekable);
  gst_query_unref (query);
  query = gst_query_new_seeking (GST_FORMAT_TIME);
  fail_unless (gst_pad_query (pad, query));
  gst_query_parse_seeking (query, NULL, &seekable, NULL, NULL);
  fail_unless (!seekable);
  gst_query_unref (query);
  query = gst_query_new_uri ();
  fail_unless (gst_pad_query (pad, query));
  gst_query_parse_uri (query, &uri);
  fail_unless_equals_string (uri, expected);
  g_free (uri);
  gst_query_unref (query);
  query = gst_query_new_formats ();
  fail_unless (gst_pad_query (pad, query));
  gst_query_unref (query);
  fail_if (gst_pad_query_position (pad, GST_FORMAT_TIME, NULL));
  gst_object_unref (pad);
  g_free (expected);
  teardown (&f);
}

GST_END_TEST;

GST_START_TEST (test_only_absolute_uris_of_this_machine_are_taken)
{
  Fixture f;
  GstURIHandler *handler;
  gchar *location;

  setup (&f);
  handler = GST_URI_HANDLER (f.sink);
  fail_unless (gst_uri_handler_set_uri (handler, "file:///a%20b", NULL));
  g_object_get (f.sink, "location", &location, NULL);
  fail_unless_equals_string (location, "/a b");
  g_free (location);
  fail_unless (gst_uri_handler_set_uri (handler, "file://localhost/c", NULL));
  g_object_get (f.sink, "location", &location, NULL);
  fail_unless_equals_string (location, "/c");
  g_free (location);
  fail_if (gst_uri_handler_set_uri (handler, "file://./d", NULL));
  fail_if (gst_uri_handler_set_uri (handler, "file://elsewhere/d", NULL));
  fail_if (gst_uri_handler_set_uri (handler, "http://e/f", NULL));
  fail_unless (gst_uri_handler_set_uri (handler, "file://", NULL));
  g_object_get (f.sink, "location", &location, NULL);
  fail_unless (location == NULL);
  teardown (&f);
}

GST_END_TEST;

GST_START_TEST (test_the_location_cannot_change_while_the_file_is_open)
{
  Fixture f;
  gchar *location;

  setup (&f);
  play (&f);
  ASSERT_WARNING (g_object_set (f.sink, "location", "/elsewhere", NULL));
  g_object_get (f.sink, "location", &location, NULL);
  fail_unless_equals_string (location, f.name);
  g_free (location);
  teardown (&f);
}

GST_END_TEST;

GST_START_TEST (test_a_bad_location_is_a_clear_error_and_the_next_one_works)
{
  static const struct
  {
    const gchar *location;
    gint code;
    const gchar *word;
  } cases[] = {
    {NULL, GST_RESOURCE_ERROR_NOT_FOUND, "location"},
    {"", GST_RESOURCE_ERROR_NOT_FOUND, "location"},
    {"/i/do/not/exist", GST_RESOURCE_ERROR_OPEN_WRITE, "folder does not exist"},
    {"/tmp", GST_RESOURCE_ERROR_OPEN_WRITE, "is a folder"},
    {"/tmp/", GST_RESOURCE_ERROR_OPEN_WRITE, "is a folder"},
    {"/dev/null", GST_RESOURCE_ERROR_OPEN_WRITE, "not a regular file"},
    {"/dev/null/a", GST_RESOURCE_ERROR_OPEN_WRITE, "no folder"},
    {"/proc/safefilesink", GST_RESOURCE_ERROR_OPEN_WRITE, "/proc"},
  };
  Fixture f;

  setup (&f);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_object_set (f.sink, "location", cases[i].location, NULL);
    fail_unless_equals_int (gst_element_set_state (f.sink, GST_STATE_PLAYING),
        GST_STATE_CHANGE_FAILURE);
    fail_unless_error (&f, cases[i].code, cases[i].word);
    gst_element_set_state (f.sink, GST_STATE_NULL);
    gst_bus_set_flushing (f.bus, TRUE);
    gst_bus_set_flushing (f.bus, FALSE);
  }
  g_object_set (f.sink, "location", f.name, NULL);
  play (&f);
  push (&f, 10, 1);
  end (&f);
  check_file (f.name, 10, 1, 0);
  teardown (&f);
}

GST_END_TEST;

GST_START_TEST (test_an_existing_file_is_replaced_at_eos_or_refused)
{
  Fixture f;

  setup (&f);
  fail_unless (g_file_set_contents (f.name, "old", 3, NULL));
  play (&f);
  push (&f, 10, 1);
  check_file (f.name, 1, 'o', 1, 'l', 1, 'd', 0);
  end (&f);
  check_file (f.name, 10, 1, 0);
  drop_sink (&f);

  make_sink (&f);
  g_object_set (f.sink, "overwrite", FALSE, NULL);
  fail_unless_equals_int (gst_element_set_state (f.sink, GST_STATE_READY),
      GST_STATE_CHANGE_FAILURE);
  fail_unless_error (&f, GST_RESOURCE_ERROR_OPEN_WRITE, "overwrite=true");
  check_file (f.name, 10, 1, 0);
  teardown (&f);
}

GST_END_TEST;

GST_START_TEST (test_in_place_the_file_has_its_name_from_the_start)
{
  Fixture f;

  setup (&f);
  fail_unless (g_file_set_contents (f.name, "longer than the new one", -1,
          NULL));
  g_object_set (f.sink, "atomic", FALSE, NULL);
  play (&f);
  fail_unless (!there (f.part) && there (f.journal));
  push (&f, 10, 1);
  end (&f);
  check_file (f.name, 10, 1, 0);
  fail_unless (!there (f.journal));
  teardown (&f);
}

GST_END_TEST;

GST_START_TEST (test_a_second_recorder_of_the_same_file_is_refused)
{
  for (guint atomic = 0; atomic < 2; atomic++) {
    Fixture f;
    GstElement *other;

    setup (&f);
    g_object_set (f.sink, "atomic", atomic != 0, NULL);
    play (&f);
    push (&f, 10, 1);
    other = gst_element_factory_make ("safefilesink", NULL);
    gst_element_set_bus (other, f.bus);
    g_object_set (other, "location", f.name, "atomic", atomic != 0, NULL);
    fail_unless_equals_int (gst_element_set_state (other, GST_STATE_READY),
        GST_STATE_CHANGE_FAILURE);
    fail_unless_error (&f, GST_RESOURCE_ERROR_BUSY, "Another recorder");
    gst_element_set_state (other, GST_STATE_NULL);
    gst_object_unref (other);
    end (&f);
    check_file (f.name, 10, 1, 0);
    teardown (&f);
  }
}

GST_END_TEST;

GST_START_TEST (test_a_stop_without_eos_keeps_everything_and_says_so)
{
  Fixture f;
  GstMessage *message;

  setup (&f);
  play (&f);
  push (&f, 5000, 1);
  gst_element_set_state (f.sink, GST_STATE_READY);
  message = next_element_message (&f, "safefilesink-warning");
  fail_unless_equals_string (field (message, "code"), "stopped-without-eos");
  fail_unless_equals_string (field (message, "location"), f.part);
  fail_unless_equals_uint64 (number (message, "durable-offset"), 5000);
  gst_message_unref (message);
  gst_element_set_state (f.sink, GST_STATE_NULL);
  check_file (f.part, 5000, 1, 0);
  fail_unless (there (f.journal) && !there (f.name));
  teardown (&f);
}

GST_END_TEST;

static void
leave_unfinished (Fixture * f, guint8 value)
{
  play (f);
  push (f, 5000, value);
  drop_sink (f);
  make_sink (f);
}

GST_START_TEST (test_recover_auto_makes_a_file_of_what_a_crash_left)
{
  Fixture f;
  GstMessage *message;
  gchar *one, *two;

  setup (&f);
  one = in_folder (&f, "take.recovered-1.raw");
  two = in_folder (&f, "take.recovered-2.raw");
  leave_unfinished (&f, 1);
  for (guint i = 0; i < 2; i++) {
    play (&f);
    message = next_element_message (&f, "safefilesink-recovered");
    fail_unless_equals_string (field (message, "location"), i == 0 ? one
        : two);
    fail_unless_equals_string (field (message, "verdict"), "repaired");
    fail_unless_equals_uint64 (number (message, "size"), 5000);
    fail_unless_equals_uint64 (number (message, "lost-below-mark"), 0);
    fail_unless_equals_string (field (message, "container"), "");
    fail_unless (strstr (field (message, "container-note"), "not known")
        != NULL);
    gst_message_unref (message);
    push (&f, 5000, 2);
    if (i == 0) {
      drop_sink (&f);
      make_sink (&f);
    }
  }
  end (&f);
  check_file (one, 5000, 1, 0);
  check_file (two, 5000, 2, 0);
  check_file (f.name, 5000, 2, 0);
  g_free (one);
  g_free (two);
  teardown (&f);
}

GST_END_TEST;

GST_START_TEST (test_recover_auto_says_why_a_container_cannot_be_repaired)
{
  static const gchar mp4[] = "\0\0\0\020ftypmp42\0\0\0\0\0\0\0\0mdat";
  Fixture f;
  GstMessage *message;
  gboolean repaired = TRUE;

  setup (&f);
  play (&f);
  fail_unless_equals_int (gst_harness_push (f.h, gst_buffer_new_memdup (mp4,
              sizeof (mp4) - 1)), GST_FLOW_OK);
  drop_sink (&f);
  make_sink (&f);
  play (&f);
  message = next_element_message (&f, "safefilesink-recovered");
  fail_unless (gst_structure_get_boolean (gst_message_get_structure (message),
          "container-repaired", &repaired) && !repaired);
  fail_unless_equals_string (field (message, "container"), "MP4");
  fail_unless (strstr (field (message, "container-note"),
          "moov-recovery-file") != NULL);
  gst_message_unref (message);
  teardown (&f);
}

GST_END_TEST;

/* What has its name from the start is not finished because of it; what got it
 * at the end is, and a journal without an end is damaged then. */
GST_START_TEST (test_a_file_in_place_that_was_cut_short_is_no_loss)
{
  for (guint i = 0; i < 2; i++) {
    ScRecoveryReport report;
    Fixture f;

    setup (&f);
    g_object_set (f.sink, "atomic", i == 1, NULL);
    leave_unfinished (&f, 1);
    if (i == 1)
      fail_unless_equals_int (rename (f.part, f.name), 0);
    fail_unless_equals_int (sc_recovery_examine (&report, &sc_file_ops_posix,
            f.name, f.journal, NULL), 0);
    fail_unless_equals_int (report.verdict, i == 0 ? SC_RECOVERY_REPAIRABLE
        : SC_RECOVERY_LOSS);
    fail_unless_equals_uint64 (report.verified_bytes, 5000);
    sc_recovery_report_clear (&report);
    teardown (&f);
  }
}

GST_END_TEST;

/* What was recovered as number 1 and 2 was removed, but not all beside it. */
GST_START_TEST (test_what_stayed_of_a_removed_file_is_in_no_recordings_way)
{
  static const gchar *const stayed[] = {
    "take.raw.mrf", "take.recovered-1.raw.sfj", "take.recovered-2.raw.mrf",
  };
  Fixture f;
  gchar *recovered, *companion;

  setup (&f);
  recovered = in_folder (&f, "take.recovered-3.raw");
  companion = in_folder (&f, "take.recovered-3.raw.mrf");
  leave_unfinished (&f, 1);
  for (guint i = 0; i < G_N_ELEMENTS (stayed); i++) {
    gchar *path = in_folder (&f, stayed[i]);

    fail_unless (g_file_set_contents (path, "old", 3, NULL));
    g_free (path);
  }
  play (&f);
  gst_message_unref (next_element_message (&f, "safefilesink-recovered"));
  push (&f, 10, 2);
  end (&f);
  check_file (recovered, 5000, 1, 0);
  fail_unless (g_file_test (companion, G_FILE_TEST_EXISTS));
  check_file (f.name, 10, 2, 0);
  g_free (companion);
  g_free (recovered);
  teardown (&f);
}

GST_END_TEST;

GST_START_TEST (test_a_move_that_was_cut_in_half_goes_on)
{
  Fixture f;
  gchar *recovered, *moved;
  GstMessage *message;

  setup (&f);
  recovered = in_folder (&f, "take.recovered-1.raw");
  moved = in_folder (&f, "take.recovered-1.raw.sfj");
  leave_unfinished (&f, 1);
  fail_unless_equals_int (rename (f.journal, moved), 0);
  play (&f);
  message = next_element_message (&f, "safefilesink-recovered");
  fail_unless_equals_string (field (message, "location"), recovered);
  fail_unless_equals_string (field (message, "verdict"), "repaired");
  gst_message_unref (message);
  push (&f, 10, 2);
  end (&f);
  check_file (recovered, 5000, 1, 0);
  g_free (moved);
  g_free (recovered);
  teardown (&f);
}

GST_END_TEST;

/* @why: in its text */
static void
check_refused (Fixture * f, const gchar * why)
{
  gchar *moved = in_folder (f, "take.recovered-1.raw.part");
  GstMessage *message;

  play (f);
  message = next_element_message (f, "safefilesink-warning");
  fail_unless_equals_string (field (message, "code"), "recovery-failed");
  fail_unless_equals_string (field (message, "location"), moved);
  fail_unless (strstr (field (message, "text"), why) != NULL, "%s",
      field (message, "text"));
  gst_message_unref (message);
  push (f, 10, 2);
  end (f);
  check_file (f->name, 10, 2, 0);
  fail_unless (g_file_test (moved, G_FILE_TEST_EXISTS));
  g_free (moved);
}

/* In its first record, and in its third one. */
GST_START_TEST (test_recover_auto_leaves_a_damaged_journal_to_a_person)
{
  static const struct
  {
    gsize damaged;
    const gchar *why;
  } cases[] = {
    {88 + 30, "its journal vouches for nothing"},
    {88 + 48 + 56 + 30, "its journal is damaged"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    Fixture f;
    gchar *journal;
    gsize size;

    setup (&f);
    gst_util_set_object_arg (G_OBJECT (f.sink), "sync-policy", "every-buffer");
    play (&f);
    for (guint n = 0; n < 5; n++)
      push (&f, 1000, 1);
    drop_sink (&f);
    make_sink (&f);
    fail_unless (g_file_get_contents (f.journal, &journal, &size, NULL));
    journal[cases[i].damaged] ^= 1;
    fail_unless (g_file_set_contents (f.journal, journal, (gssize) size,
            NULL));
    g_free (journal);
    check_refused (&f, cases[i].why);
    teardown (&f);
  }
}

GST_END_TEST;

GST_START_TEST (test_recover_never_refuses_and_report_only_moves_aside)
{
  Fixture f;
  GstMessage *message;
  gchar *aside;

  setup (&f);
  aside = in_folder (&f, "take.recovered-1.raw.part");
  leave_unfinished (&f, 1);
  gst_util_set_object_arg (G_OBJECT (f.sink), "recover", "never");
  fail_unless_equals_int (gst_element_set_state (f.sink, GST_STATE_READY),
      GST_STATE_CHANGE_FAILURE);
  fail_unless_error (&f, GST_RESOURCE_ERROR_OPEN_WRITE, "in the way");
  check_file (f.part, 5000, 1, 0);
  gst_util_set_object_arg (G_OBJECT (f.sink), "recover", "report");
  play (&f);
  message = next_element_message (&f, "safefilesink-warning");
  fail_unless_equals_string (field (message, "code"), "unfinished-recording");
  fail_unless_equals_string (field (message, "location"), aside);
  gst_message_unref (message);
  push (&f, 10, 2);
  end (&f);
  check_file (aside, 5000, 1, 0);
  check_file (f.name, 10, 2, 0);
  g_free (aside);
  teardown (&f);
}

GST_END_TEST;

GST_START_TEST (test_an_unfinished_file_in_place_is_not_overwritten_either)
{
  Fixture f;
  gchar *recovered;

  setup (&f);
  recovered = in_folder (&f, "take.recovered-1.raw");
  g_object_set (f.sink, "atomic", FALSE, NULL);
  leave_unfinished (&f, 1);
  g_object_set (f.sink, "atomic", FALSE, NULL);
  play (&f);
  gst_message_unref (next_element_message (&f, "safefilesink-recovered"));
  push (&f, 10, 2);
  end (&f);
  check_file (recovered, 5000, 1, 0);
  check_file (f.name, 10, 2, 0);
  g_free (recovered);
  teardown (&f);
}

GST_END_TEST;

GST_START_TEST (test_a_kept_journal_stands_for_its_file_until_that_is_replaced)
{
  Fixture f;
  gchar *old;

  setup (&f);
  old = in_folder (&f, "take.raw.sfj.old");
  gst_util_set_object_arg (G_OBJECT (f.sink), "journal", "keep");
  play (&f);
  push (&f, 10, 1);
  end (&f);
  fail_unless (there (f.journal));
  drop_sink (&f);
  make_sink (&f);
  gst_util_set_object_arg (G_OBJECT (f.sink), "journal", "keep");
  play (&f);
  fail_unless (there (old));
  push (&f, 20, 2);
  end (&f);
  gst_element_set_state (f.sink, GST_STATE_NULL);
  fail_unless (there (f.journal) && !there (old));
  check_file (f.name, 20, 2, 0);
  g_free (old);
  teardown (&f);
}

GST_END_TEST;

GST_START_TEST (test_states_and_published_reach_the_bus_in_order_before_eos)
{
  static const gchar *const expected[] = {
    "ready", "writing", "flushing", "published",
  };
  Fixture f;
  guint states = 0;
  gboolean published = FALSE;
  GstMessage *message;

  setup (&f);
  play (&f);
  push (&f, 10, 1);
  end (&f);
  while ((message = gst_bus_timed_pop_filtered (f.bus, 20 * GST_SECOND,
              GST_MESSAGE_ELEMENT | GST_MESSAGE_EOS)) != NULL) {
    gboolean eos = GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS;

    if (!eos && gst_message_has_name (message, "safefilesink-state")) {
      fail_unless (states < G_N_ELEMENTS (expected));
      fail_unless_equals_string (field (message, "new"), expected[states]);
      states++;
    } else if (!eos && gst_message_has_name (message,
            "safefilesink-published")) {
      fail_unless_equals_string (field (message, "location"), f.name);
      fail_unless_equals_uint64 (number (message, "size"), 10);
      published = TRUE;
    }
    gst_message_unref (message);
    if (eos)
      break;
  }
  fail_unless_equals_int (states, G_N_ELEMENTS (expected));
  fail_unless (published);
  fail_unless_equals_int (state (&f), 4);
  teardown (&f);
}

GST_END_TEST;

GST_START_TEST (test_stats_and_metrics_have_the_same_fields_and_true_counts)
{
  Fixture f;
  GstStructure *stats;
  const GstStructure *metrics;
  GstMessage *message;
  guint64 value;

  setup (&f);
  g_object_set (f.sink, "metrics-interval", GST_MSECOND, NULL);
  play (&f);
  push (&f, 1000, 1);
  seek (&f, 0);
  push (&f, 10, 2);
  end (&f);
  g_object_get (f.sink, "stats", &stats, NULL);
  fail_unless (gst_structure_has_name (stats,
          "application/x-safefilesink-stats"));
  fail_unless (gst_structure_get_uint64 (stats, "bytes-accepted", &value));
  fail_unless_equals_uint64 (value, 1010);
  fail_unless (gst_structure_get_uint64 (stats, "file-size", &value));
  fail_unless_equals_uint64 (value, 1000);
  fail_unless (gst_structure_get_uint64 (stats, "overwritten-bytes", &value));
  fail_unless_equals_uint64 (value, 10);
  fail_unless (gst_structure_get_uint64 (stats, "backlog-bytes", &value));
  fail_unless_equals_uint64 (value, 0);
  fail_unless (gst_structure_get_uint64 (stats, "sync-latency-max", &value));
  fail_unless (value > 0);
  fail_unless (gst_structure_has_field (stats, "rendered"));
  message = next_element_message (&f, "safefilesink-metrics");
  metrics = gst_message_get_structure (message);
  fail_unless_equals_int (gst_structure_n_fields (metrics),
      gst_structure_n_fields (stats));
  for (gint i = 0; i < gst_structure_n_fields (stats); i++)
    fail_unless (gst_structure_has_field (metrics,
            gst_structure_nth_field_name (stats, i)));
  gst_message_unref (message);
  gst_structure_free (stats);
  teardown (&f);
}

GST_END_TEST;

GST_START_TEST (test_before_a_recording_stats_claim_nothing)
{
  Fixture f;
  GstStructure *stats;
  guint64 space;

  setup (&f);
  for (guint i = 0; i < 2; i++) {
    g_object_get (f.sink, "stats", &stats, NULL);
    fail_unless_equals_string (gst_structure_get_string (stats, "state"),
        i == 0 ? "init" : "error");
    fail_unless (gst_structure_get_uint64 (stats, "space-left", &space));
    fail_unless_equals_uint64 (space, G_MAXUINT64);
    gst_structure_free (stats);
    g_object_set (f.sink, "location", "/i/do/not/exist", NULL);
    fail_unless_equals_int (gst_element_set_state (f.sink, GST_STATE_PLAYING),
        GST_STATE_CHANGE_FAILURE);
  }
  teardown (&f);
}

GST_END_TEST;

GST_START_TEST (test_a_write_error_is_posted_without_another_buffer)
{
  Fixture f;
  struct rlimit limit = { 1000, RLIM_INFINITY };

  setup (&f);
  play (&f);
  signal (SIGXFSZ, SIG_DFL);    /* the threads do not take it */
  fail_unless_equals_int (setrlimit (RLIMIT_FSIZE, &limit), 0);
  push (&f, 5000, 1);
  fail_unless_error (&f, GST_RESOURCE_ERROR_WRITE, "ulimit");
  limit.rlim_cur = RLIM_INFINITY;
  fail_unless_equals_int (setrlimit (RLIMIT_FSIZE, &limit), 0);
  fail_unless_equals_int (gst_harness_push (f.h, buffer_of (10, 1)),
      GST_FLOW_ERROR);
  fail_unless_equals_int (state (&f), 5);
  /* Once only; and the way through READY begins anew. */
  gst_element_set_state (f.sink, GST_STATE_READY);
  fail_unless (gst_bus_pop_filtered (f.bus, GST_MESSAGE_ERROR) == NULL);
  fail_unless_equals_int (gst_element_set_state (f.sink, GST_STATE_PLAYING),
      GST_STATE_CHANGE_SUCCESS);
  fail_unless_equals_int (state (&f), 1);
  teardown (&f);
}

GST_END_TEST;

GST_START_TEST (test_the_policy_none_promises_nothing_and_says_so)
{
  Fixture f;
  GstMessage *message;
  gboolean safe;

  setup (&f);
  gst_util_set_object_arg (G_OBJECT (f.sink), "sync-policy", "none");
  play (&f);
  push (&f, 10, 1);
  end (&f);
  message = next_element_message (&f, "safefilesink-published");
  fail_unless (gst_structure_get_boolean (gst_message_get_structure (message),
          "durable", &safe) && !safe);
  gst_message_unref (message);
  fail_unless_equals_uint64 (durable (&f), 0);
  check_file (f.name, 10, 1, 0);
  teardown (&f);
}

GST_END_TEST;

static Suite *
safefilesink_suite (void)
{
  Suite *suite = suite_create ("safefilesink");
  TCase *tcase = tcase_create ("safefilesink");

  suite_add_tcase (suite, tcase);
  tcase_add_test (tcase,
      test_a_stream_is_a_part_file_until_eos_and_then_has_its_name);
  tcase_add_test (tcase,
      test_segments_in_bytes_seek_backwards_and_beyond_the_end);
  tcase_add_test (tcase,
      test_lists_and_buffers_of_many_memories_are_written_in_order);
  tcase_add_test (tcase,
      test_sync_after_and_every_buffer_are_durable_when_push_returns);
  tcase_add_test (tcase,
      test_a_flush_loses_nothing_unless_truncation_is_asked_for);
  tcase_add_test (tcase,
      test_after_eos_a_flush_begins_a_new_recording_beside_the_old);
  tcase_add_test (tcase,
      test_after_eos_the_way_through_ready_begins_a_new_recording);
  tcase_add_test (tcase,
      test_queries_and_the_uri_are_those_of_a_seekable_file);
  tcase_add_test (tcase, test_only_absolute_uris_of_this_machine_are_taken);
  tcase_add_test (tcase,
      test_the_location_cannot_change_while_the_file_is_open);
  tcase_add_test (tcase,
      test_a_bad_location_is_a_clear_error_and_the_next_one_works);
  tcase_add_test (tcase, test_an_existing_file_is_replaced_at_eos_or_refused);
  tcase_add_test (tcase, test_in_place_the_file_has_its_name_from_the_start);
  tcase_add_test (tcase, test_a_second_recorder_of_the_same_file_is_refused);
  tcase_add_test (tcase, test_a_stop_without_eos_keeps_everything_and_says_so);
  tcase_add_test (tcase, test_recover_auto_makes_a_file_of_what_a_crash_left);
  tcase_add_test (tcase,
      test_recover_auto_says_why_a_container_cannot_be_repaired);
  tcase_add_test (tcase, test_a_file_in_place_that_was_cut_short_is_no_loss);
  tcase_add_test (tcase,
      test_what_stayed_of_a_removed_file_is_in_no_recordings_way);
  tcase_add_test (tcase, test_a_move_that_was_cut_in_half_goes_on);
  tcase_add_test (tcase,
      test_recover_auto_leaves_a_damaged_journal_to_a_person);
  tcase_add_test (tcase,
      test_recover_never_refuses_and_report_only_moves_aside);
  tcase_add_test (tcase,
      test_an_unfinished_file_in_place_is_not_overwritten_either);
  tcase_add_test (tcase,
      test_a_kept_journal_stands_for_its_file_until_that_is_replaced);
  tcase_add_test (tcase,
      test_states_and_published_reach_the_bus_in_order_before_eos);
  tcase_add_test (tcase,
      test_stats_and_metrics_have_the_same_fields_and_true_counts);
  tcase_add_test (tcase, test_before_a_recording_stats_claim_nothing);
  tcase_add_test (tcase, test_a_write_error_is_posted_without_another_buffer);
  tcase_add_test (tcase, test_the_policy_none_promises_nothing_and_says_so);
  return suite;
}

GST_CHECK_MAIN (safefilesink);
