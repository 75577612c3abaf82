/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Metrics in a file.  The log is here a second time, over file operations that can
 * be made to hang or to fail; the elements use the library's own.
 */
#include <gst/check/gstcheck.h>
#include <gst/safecapture/gstsafecapturemetricslog.h>
#include <gst/safecapture/safecapture.h>

#include <errno.h>
#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sc-file-ops.h"

/* What the copy of the log writes through: hooked_file_ops. */
#undef sc_file_ops_posix
extern const ScFileOps sc_file_ops_posix;

static struct
{
  GMutex lock;
  GCond moved;
  gboolean hangs;
  gboolean hanging;
  gint error;                   /* errno, or 0 */
} disk;

static ssize_t
hooked_pwritev (const ScFileOps * self, int fd, const struct iovec *iov,
    int iov_count, uint64_t offset)
{
  gint error;

  g_mutex_lock (&disk.lock);
  disk.hanging = TRUE;
  g_cond_broadcast (&disk.moved);
  while (disk.hangs)
    g_cond_wait (&disk.moved, &disk.lock);
  disk.hanging = FALSE;
  error = disk.error;
  g_mutex_unlock (&disk.lock);
  return error != 0 ? -error
      : sc_file_ops_posix.pwritev (self, fd, iov, iov_count, offset);
}

static int
hooked_open (const ScFileOps * self, const char *path, int flags, mode_t mode)
{
  return sc_file_ops_posix.open (self, path, flags, mode);
}

static ssize_t
hooked_pread (const ScFileOps * self, int fd, void *data, size_t size,
    uint64_t offset)
{
  return sc_file_ops_posix.pread (self, fd, data, size, offset);
}

static int
hooked_truncate (const ScFileOps * self, int fd, uint64_t size)
{
  return sc_file_ops_posix.truncate (self, fd, size);
}

static int64_t
hooked_size (const ScFileOps * self, int fd)
{
  return sc_file_ops_posix.size (self, fd);
}

static int
hooked_close (const ScFileOps * self, int fd)
{
  return sc_file_ops_posix.close (self, fd);
}

static int
hooked_rename (const ScFileOps * self, const char *from, const char *to,
    bool replace)
{
  return sc_file_ops_posix.rename (self, from, to, replace);
}

static int
hooked_lock (const ScFileOps * self, int fd)
{
  return sc_file_ops_posix.lock (self, fd);
}

const ScFileOps hooked_file_ops = {
  .open = hooked_open,
  .pwritev = hooked_pwritev,
  .pread = hooked_pread,
  .truncate = hooked_truncate,
  .size = hooked_size,
  .close = hooked_close,
  .rename = hooked_rename,
  .lock = hooked_lock,
};

static void
set_disk (gboolean hangs, gint error)
{
  g_mutex_lock (&disk.lock);
  disk.hangs = hangs;
  disk.error = error;
  g_cond_broadcast (&disk.moved);
  g_mutex_unlock (&disk.lock);
}

static void
wait_until_it_hangs (void)
{
  g_mutex_lock (&disk.lock);
  while (!disk.hanging)
    g_cond_wait (&disk.moved, &disk.lock);
  g_mutex_unlock (&disk.lock);
}

/* ---- what a log has ---- */

static gchar *folder, *path;

static void
setup (void)
{
  folder = g_dir_make_tmp ("metrics-log-XXXXXX", NULL);
  path = g_build_filename (folder, "metrics.jsonl", NULL);
  set_disk (FALSE, 0);
}

static void
teardown (void)
{
  GDir *dir = g_dir_open (folder, 0, NULL);
  const gchar *name;

  while ((name = g_dir_read_name (dir)) != NULL) {
    gchar *file = g_build_filename (folder, name, NULL);

    fail_unless_equals_int (g_remove (file), 0);
    g_free (file);
  }
  g_dir_close (dir);
  fail_unless_equals_int (g_rmdir (folder), 0);
  g_free (path);
  g_free (folder);
}

/* The lines that have an end, each of which must be an object with type and time. */
static GPtrArray *
read_lines (const gchar * file)
{
  GPtrArray *nodes = g_ptr_array_new_with_free_func ((GDestroyNotify)
      json_node_unref);
  gchar *text, **lines;

  fail_unless (g_file_get_contents (file, &text, NULL, NULL), "%s", file);
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL && lines[i + 1] != NULL; i++) {
    GError *error = NULL;
    JsonNode *node = json_from_string (lines[i], &error);

    fail_unless (node != NULL, "%s: line %u: %s: %s", file, i + 1,
        error != NULL ? error->message : "empty", lines[i]);
    fail_unless (json_object_has_member (json_node_get_object (node), "type"));
    fail_unless (json_object_has_member (json_node_get_object (node), "at"));
    g_ptr_array_add (nodes, node);
  }
  g_strfreev (lines);
  g_free (text);
  return nodes;
}

static const gchar *
text_of (GPtrArray * lines, guint i, const gchar * member)
{
  return json_object_get_string_member_with_default (json_node_get_object
      (g_ptr_array_index (lines, i)), member, NULL);
}

static gint64
number_of (GPtrArray * lines, guint i, const gchar * member)
{
  return json_object_get_int_member_with_default (json_node_get_object
      (g_ptr_array_index (lines, i)), member, -1);
}

static guint
count_type (GPtrArray * lines, const gchar * type)
{
  guint count = 0;

  for (guint i = 0; i < lines->len; i++)
    count += g_str_equal (text_of (lines, i, "type"), type);
  return count;
}

static void
append_numbers (GstSafecaptureMetricsLog * log, guint first, guint count)
{
  for (guint i = first; i < first + count; i++) {
    GstStructure *structure = gst_structure_new ("number", "n", G_TYPE_UINT, i,
        NULL);

    gst_safecapture_metrics_log_append (log, NULL, structure);
    gst_structure_free (structure);
  }
}

/* ---- the log alone ---- */

GST_START_TEST (test_all_who_name_one_file_share_one_log)
{
  gchar *roundabout = g_build_filename (folder, "..",
      strrchr (folder, '/') + 1, "metrics.jsonl", NULL);
  GstSafecaptureMetricsLog *one, *two;
  GPtrArray *lines;

  one = gst_safecapture_metrics_log_open (path, 0, 0);
  two = gst_safecapture_metrics_log_open (roundabout, 0, 0);
  fail_unless (one == two);
  append_numbers (one, 0, 100);
  gst_safecapture_metrics_log_close (one);
  append_numbers (two, 100, 100);
  gst_safecapture_metrics_log_flush (two);
  gst_safecapture_metrics_log_close (two);
  lines = read_lines (path);
  fail_unless_equals_int (lines->len, 200);
  for (guint i = 0; i < 200; i++)
    fail_unless_equals_int (number_of (lines, i, "n"), i);
  g_ptr_array_unref (lines);
  g_free (roundabout);
}

GST_END_TEST;

GST_START_TEST (test_a_disk_that_hangs_holds_nobody_up_and_is_told_once)
{
  GstSafecaptureMetricsLog *log = gst_safecapture_metrics_log_open (path, 0, 0);
  GstStructure *warning;
  GPtrArray *lines;
  gint error;

  set_disk (TRUE, 0);
  append_numbers (log, 0, 1);
  wait_until_it_hangs ();
  fail_unless (gst_safecapture_metrics_log_take_trouble (log, "w") == NULL);
  /* Many more than wait in the queue: this comes to its end. */
  append_numbers (log, 1, 2000);
  gst_safecapture_metrics_log_flush (log);
  warning = gst_safecapture_metrics_log_take_trouble (log, "a-warning");
  fail_unless (warning != NULL);
  fail_unless (gst_structure_has_name (warning, "a-warning"));
  fail_unless_equals_string (gst_structure_get_string (warning, "code"),
      "metrics-log");
  fail_unless (gst_structure_get_int (warning, "error", &error));
  fail_unless_equals_int (error, ETIMEDOUT);
  gst_structure_free (warning);
  fail_unless (gst_safecapture_metrics_log_take_trouble (log, "w") == NULL);

  set_disk (FALSE, 0);
  for (guint written = 0; written < 513; g_thread_yield ()) {
    lines = read_lines (path);
    written = lines->len;
    g_ptr_array_unref (lines);
  }
  append_numbers (log, 3000, 1);
  gst_safecapture_metrics_log_flush (log);
  gst_safecapture_metrics_log_close (log);
  lines = read_lines (path);
  fail_unless_equals_int (lines->len, 515);
  fail_unless_equals_int (number_of (lines, 512, "n"), 512);
  fail_unless_equals_string (text_of (lines, 513, "type"), "metrics-log-gap");
  fail_unless_equals_int (number_of (lines, 513, "lines"), 2000 - 512);
  fail_unless_equals_int (number_of (lines, 514, "n"), 3000);
  g_ptr_array_unref (lines);
}

GST_END_TEST;

GST_START_TEST (test_what_a_full_disk_refused_is_counted_in_its_place)
{
  GstSafecaptureMetricsLog *log = gst_safecapture_metrics_log_open (path, 0, 0);
  GstStructure *warning;
  GPtrArray *lines;
  gint error;

  append_numbers (log, 0, 3);
  gst_safecapture_metrics_log_flush (log);
  set_disk (FALSE, ENOSPC);
  append_numbers (log, 3, 4);
  gst_safecapture_metrics_log_flush (log);
  warning = gst_safecapture_metrics_log_take_trouble (log, "a-warning");
  fail_unless (gst_structure_get_int (warning, "error", &error));
  fail_unless_equals_int (error, ENOSPC);
  gst_structure_free (warning);
  set_disk (FALSE, 0);
  append_numbers (log, 7, 1);
  gst_safecapture_metrics_log_flush (log);
  fail_unless (gst_safecapture_metrics_log_take_trouble (log, "w") == NULL);
  gst_safecapture_metrics_log_close (log);
  lines = read_lines (path);
  fail_unless_equals_int (lines->len, 5);
  fail_unless_equals_int (number_of (lines, 3, "lines"), 4);
  fail_unless_equals_int (number_of (lines, 4, "n"), 7);
  g_ptr_array_unref (lines);
}

GST_END_TEST;

/* ---- of elements ---- */

/* In whatever thread it is posted; the order is that of the bus. */
static GstBusSyncReply
collect (GstBus * bus, GstMessage * message, gpointer seen)
{
  const GstStructure *structure = gst_message_get_structure (message);

  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ELEMENT
      && gst_structure_has_field (structure, "schema")) {
    g_mutex_lock (&disk.lock);
    g_ptr_array_add (seen, gst_structure_copy (structure));
    g_mutex_unlock (&disk.lock);
  }
  return GST_BUS_PASS;
}

/* Runs it to its end; returns what our elements have posted. */
static GPtrArray *
run (const gchar * format, ...)
{
  GPtrArray *seen = g_ptr_array_new_with_free_func ((GDestroyNotify)
      gst_structure_free);
  GstElement *pipeline;
  GstMessage *message;
  va_list args;
  gchar *line;
  GstBus *bus;

  va_start (args, format);
  line = g_strdup_vprintf (format, args);
  va_end (args);
  pipeline = gst_parse_launch (line, NULL);
  bus = gst_element_get_bus (pipeline);
  gst_bus_set_sync_handler (bus, collect, seen, NULL);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  message = gst_bus_timed_pop_filtered (bus, 50 * GST_SECOND,
      GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  fail_unless (message != NULL
      && GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS, "%s", line);
  gst_message_unref (message);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (bus);
  gst_object_unref (pipeline);
  g_free (line);
  return seen;
}

static guint
count_named (GPtrArray * seen, const gchar * name)
{
  guint count = 0;

  for (guint i = 0; i < seen->len; i++)
    count += gst_structure_has_name (g_ptr_array_index (seen, i), name);
  return count;
}

#define RECORD "bufpoolsrc name=a num-buffers=200 metrics-location=%s " \
    "metrics-interval=2000000 ! tieredqueue name=b metrics-location=%s " \
    "metrics-interval=2000000 ! safefilesink name=c metrics-location=%s " \
    "metrics-interval=2000000 location=%s/take"

GST_START_TEST (test_every_message_of_each_element_is_a_line_of_the_file)
{
  GPtrArray *seen = run (RECORD, path, path, path, folder);
  GPtrArray *lines = read_lines (path);
  guint sources[3] = { 0 };

  /* Those of the pool's start come before the pipeline has a bus for them. */
  fail_unless (lines->len >= seen->len && seen->len >= 6);
  for (guint i = 0; i < seen->len; i++) {
    const gchar *name = gst_structure_get_name (g_ptr_array_index (seen, i));

    fail_unless (count_type (lines, name) >= count_named (seen, name), "%s",
        name);
  }
  for (guint i = 0; i < lines->len; i++) {
    const gchar *source = text_of (lines, i, "source");

    fail_unless (g_str_has_prefix (source, "/GstPipeline:"), "%s", source);
    sources[source[strlen (source) - 1] - 'a']++;
    fail_unless_equals_int (number_of (lines, i, "schema"), 1);
  }
  fail_unless (sources[0] > 0 && sources[1] > 0 && sources[2] > 0);
  fail_unless_equals_int (count_type (lines, "safefilesink-published"), 1);
  g_ptr_array_unref (lines);
  g_ptr_array_unref (seen);
}

GST_END_TEST;

GST_START_TEST (test_what_is_not_posted_is_written_all_the_same)
{
  GPtrArray *seen = run ("bufpoolsrc num-buffers=50 ! tieredqueue "
      "post-metrics=false metrics-location=%s ! fakesink", path);
  GPtrArray *lines = read_lines (path);

  fail_unless_equals_int (count_named (seen, "tieredqueue-metrics"), 0);
  fail_unless (count_type (lines, "tieredqueue-metrics") > 0);
  g_ptr_array_unref (lines);
  g_ptr_array_unref (seen);
  /* And without an interval what happens, but no metrics. */
  seen = run ("bufpoolsrc num-buffers=50 ! safefilesink metrics-interval=0 "
      "location=%s/take metrics-location=%s/other", folder, folder);
  g_ptr_array_unref (seen);
  g_free (path);
  path = g_build_filename (folder, "other", NULL);
  lines = read_lines (path);
  fail_unless_equals_int (count_type (lines, "safefilesink-metrics"), 0);
  fail_unless_equals_int (count_type (lines, "safefilesink-published"), 1);
  g_ptr_array_unref (lines);
}

GST_END_TEST;

GST_START_TEST (test_a_long_run_is_rotated_by_size)
{
  GStatBuf st;
  GPtrArray *seen = run ("bufpoolsrc num-buffers=1000 is-live=true "
      "blocksize=64 metrics-interval=500000 metrics-location=%s metrics-max-bytes=40000 "
      "metrics-max-files=2 ! fakesink", path);

  for (guint i = 0; i < 3; i++) {
    gchar *file = i == 0 ? g_strdup (path)
        : g_strdup_printf ("%s.%u", path, i);

    fail_unless_equals_int (g_stat (file, &st), 0);
    fail_unless (st.st_size > 0 && st.st_size <= 40000);
    g_ptr_array_unref (read_lines (file));
    g_free (file);
  }
  g_ptr_array_unref (seen);
}

GST_END_TEST;

GST_START_TEST (test_a_full_disk_is_told_once_and_the_recording_is_whole)
{
  GPtrArray *seen = run (RECORD, "/dev/full", "/dev/full", "/dev/full",
      folder);
  guint told = 0;

  for (guint i = 0; i < seen->len; i++) {
    const GstStructure *structure = g_ptr_array_index (seen, i);
    gint error;

    if (g_strcmp0 (gst_structure_get_string (structure, "code"),
            "metrics-log") != 0)
      continue;
    told++;
    fail_unless (gst_structure_get_int (structure, "error", &error)
        && error == ENOSPC);
    fail_unless_equals_string (gst_structure_get_string (structure,
            "location"), "/dev/full");
  }
  fail_unless_equals_int (told, 1);
  fail_unless_equals_int (count_named (seen, "safefilesink-published"), 1);
  g_ptr_array_unref (seen);
}

GST_END_TEST;

/* ---- a process that is killed ---- */

/* Returns: 0 while it runs */
static pid_t
waitpid_without_reaping (pid_t pid)
{
  siginfo_t info = {.si_pid = 0 };

  fail_unless_equals_int (waitid (P_PID, pid, &info,
          WEXITED | WNOHANG | WNOWAIT), 0);
  return info.si_pid;
}

/* Until the size of @file has changed so often: by lines and rotations of the
 * process @pid, which must not end by itself. */
static void
wait_for_lines (pid_t pid, const gchar * file, gint lines)
{
  goffset before = -1;
  GStatBuf st;

  while (lines > 0) {
    goffset size = g_stat (file, &st) == 0 ? st.st_size : -1;

    lines -= size != before;
    before = size;
    fail_unless_equals_int (waitpid_without_reaping (pid), 0);
    g_thread_yield ();
  }
}

/* A child that records until it is killed. */
static pid_t
record_for_ever (void)
{
  pid_t pid = fork ();
  GstElement *pipeline;
  gchar *line;

  fail_unless (pid >= 0);
  if (pid > 0)
    return pid;
  line = g_strdup_printf ("bufpoolsrc is-live=true metrics-interval=200000 "
      "metrics-location=%s metrics-max-bytes=100000 ! fakesink", path);
  pipeline = gst_parse_launch (line, NULL);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  for (;;)
    pause ();
}

GST_START_TEST (test_a_recording_killed_again_and_again_leaves_whole_lines)
{
  const gchar *given = g_getenv ("SC_TEST_SEED");
  guint32 seed = given != NULL ? (guint32) g_ascii_strtoull (given, NULL, 0)
      : g_random_int ();
  GRand *random = g_rand_new_with_seed (seed);

  g_print ("metrics-log: SC_TEST_SEED=%u\n", seed);
  for (guint turn = 0; turn < 6; turn++) {
    pid_t pid = record_for_ever ();
    gint status;

    wait_for_lines (pid, path, g_rand_int_range (random, 1, 100));
    kill (pid, SIGKILL);
    fail_unless_equals_int (waitpid (pid, &status, 0), pid);
    fail_unless (WIFSIGNALED (status));
    g_ptr_array_unref (read_lines (path));
  }
  g_rand_free (random);
}

GST_END_TEST;

/* ---- of a monitor ---- */

static void
quit_after_three (GstSafecaptureMonitor * monitor,
    const GstStructure * snapshot, gpointer loop)
{
  static guint count;

  if (++count == 3)
    g_main_loop_quit (loop);
}

GST_START_TEST (test_a_monitor_logs_its_snapshots_and_what_it_is_given)
{
  GMainLoop *loop = g_main_loop_new (NULL, FALSE);
  GstElement *pipeline = gst_parse_launch ("fakesrc ! tieredqueue ! fakesink",
      NULL);
  GstSafecaptureMonitor *monitor = gst_safecapture_monitor_new (pipeline);
  GstStructure *mine = gst_structure_new_empty ("take-two");
  GPtrArray *lines;

  g_object_set (monitor, "metrics-location", path, "interval", GST_MSECOND,
      NULL);
  gst_safecapture_monitor_log (monitor, NULL, mine);
  g_signal_connect (monitor, "snapshot", G_CALLBACK (quit_after_three), loop);
  g_main_loop_run (loop);
  g_object_unref (monitor);
  lines = read_lines (path);
  fail_unless_equals_int (lines->len, 4);
  fail_unless_equals_string (text_of (lines, 0, "type"), "take-two");
  fail_unless_equals_int (count_type (lines, "safecapture-snapshot"), 3);
  g_ptr_array_unref (lines);
  gst_structure_free (mine);
  gst_object_unref (pipeline);
  g_main_loop_unref (loop);
}

GST_END_TEST;

GST_START_TEST (test_the_pipeline_tells_that_a_monitor_cannot_write)
{
  GMainLoop *loop = g_main_loop_new (NULL, FALSE);
  GstElement *pipeline = gst_parse_launch ("fakesrc ! tieredqueue ! fakesink",
      NULL);
  GstSafecaptureMonitor *monitor = gst_safecapture_monitor_new (pipeline);
  GstBus *bus = gst_element_get_bus (pipeline);
  GstMessage *message;
  gchar *problem;

  g_object_set (monitor, "metrics-location", "/nowhere/at/all", "interval",
      GST_MSECOND, NULL);
  while ((message = gst_bus_pop_filtered (bus, GST_MESSAGE_ELEMENT)) == NULL)
    g_main_context_iteration (NULL, TRUE);
  fail_unless (gst_message_has_name (message, "safecapture-warning"));
  problem = gst_safecapture_schema_check (gst_message_get_structure (message));
  fail_unless (problem == NULL, "%s", problem);
  gst_message_unref (message);
  g_object_unref (monitor);
  gst_object_unref (bus);
  gst_object_unref (pipeline);
  g_main_loop_unref (loop);
}

GST_END_TEST;

static Suite *
metrics_log_suite (void)
{
  Suite *suite = suite_create ("metrics-log");
  TCase *tcase = tcase_create ("metrics-log");

  suite_add_tcase (suite, tcase);
  tcase_add_checked_fixture (tcase, setup, teardown);
  tcase_add_test (tcase, test_all_who_name_one_file_share_one_log);
  tcase_add_test (tcase,
      test_a_disk_that_hangs_holds_nobody_up_and_is_told_once);
  tcase_add_test (tcase,
      test_what_a_full_disk_refused_is_counted_in_its_place);
  tcase_add_test (tcase,
      test_every_message_of_each_element_is_a_line_of_the_file);
  tcase_add_test (tcase, test_what_is_not_posted_is_written_all_the_same);
  tcase_add_test (tcase, test_a_long_run_is_rotated_by_size);
  tcase_add_test (tcase,
      test_a_full_disk_is_told_once_and_the_recording_is_whole);
  tcase_add_test (tcase,
      test_a_recording_killed_again_and_again_leaves_whole_lines);
  tcase_add_test (tcase,
      test_a_monitor_logs_its_snapshots_and_what_it_is_given);
  tcase_add_test (tcase, test_the_pipeline_tells_that_a_monitor_cannot_write);
  return suite;
}

GST_CHECK_MAIN (metrics_log);
