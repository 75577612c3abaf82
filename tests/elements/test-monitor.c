/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One snapshot tells of a whole pipeline. */
#include <gst/check/gstcheck.h>
#include <gst/safecapture/safecapture.h>

#include <glib/gstdio.h>

static void
check_structure (const GstStructure * structure)
{
  gchar *problem = gst_safecapture_schema_check (structure);

  fail_unless (problem == NULL, "%s", problem);
}

static GstStructure *
snapshot_of (GstElement * pipeline)
{
  GstSafecaptureMonitor *monitor = gst_safecapture_monitor_new (pipeline);
  GstStructure *snapshot = gst_safecapture_monitor_get_snapshot (monitor);

  check_structure (snapshot);
  g_object_unref (monitor);
  return snapshot;
}

/* The entry of @array with that name, or NULL. */
static const GstStructure *
entry_of (const GstStructure * snapshot, const gchar * array,
    const gchar * name)
{
  const GValue *entries = gst_structure_get_value (snapshot, array);

  for (guint i = 0; i < gst_value_array_get_size (entries); i++) {
    const GstStructure *entry = gst_value_get_structure
        (gst_value_array_get_value (entries, i));

    if (g_str_equal (gst_structure_get_string (entry, "name"), name))
      return entry;
  }
  return NULL;
}

static guint
size_of (const GstStructure * snapshot, const gchar * array)
{
  return gst_value_array_get_size (gst_structure_get_value (snapshot, array));
}

static guint64
count_of (const GstStructure * structure, const gchar * field)
{
  guint64 value;

  fail_unless (gst_structure_get_uint64 (structure, field, &value), "%s",
      field);
  return value;
}

static gdouble
figure_of (const GstStructure * structure, const gchar * field)
{
  gdouble value;

  fail_unless (gst_structure_get_double (structure, field, &value), "%s",
      field);
  return value;
}

GST_START_TEST (test_a_snapshot_has_all_elements_also_in_bins_and_later_ones)
{
  GstElement *pipeline = gst_parse_launch ("bufpoolsrc name=a ! "
      "queue name=b ! bin.( queue2 name=c ! tieredqueue name=d ) ! "
      "multiqueue name=e ! fakesink", NULL);
  GstElement *later = gst_bin_new ("later");
  GstStructure *snapshot = snapshot_of (pipeline);
  gchar *path;

  fail_unless_equals_int (size_of (snapshot, "elements"), 2);
  fail_unless_equals_int (size_of (snapshot, "queues"), 3);
  fail_unless (entry_of (snapshot, "elements", "a") != NULL);
  fail_unless (entry_of (snapshot, "queues", "b") != NULL);
  fail_unless (entry_of (snapshot, "queues", "c") != NULL);
  fail_unless_equals_string (gst_structure_get_string (entry_of (snapshot,
              "queues", "sink_0"), "element"), "e");
  fail_unless_equals_string (gst_structure_get_string (entry_of (snapshot,
              "queues", "b"), "element"), "b");
  path = g_strdup (gst_structure_get_string (entry_of (snapshot, "elements",
              "d"), "path"));
  fail_unless (strstr (path, "/GstBin:") != NULL, "%s", path);
  g_free (path);
  gst_structure_free (snapshot);

  gst_bin_add (GST_BIN (later), gst_element_factory_make ("safefilesink",
          "f"));
  gst_bin_add (GST_BIN (pipeline), later);
  snapshot = snapshot_of (pipeline);
  fail_unless_equals_int (size_of (snapshot, "elements"), 3);
  fail_unless_equals_string (gst_structure_get_string (entry_of (snapshot,
              "elements", "f"), "factory"), "safefilesink");
  gst_structure_free (snapshot);
  gst_object_unref (pipeline);
}

GST_END_TEST;

GST_START_TEST (test_a_channel_tells_its_own_limits_and_watermarks)
{
  GstElement *pipeline = gst_parse_launch ("tieredqueue name=q "
      "max-size-bytes=7 sink_0::max-size-buffers=9 sink_0::max-size-time=11 "
      "sink_0::low-watermark=0.25 sink_0::high-watermark=0.5 "
      "fakesrc ! q.sink_0 q.src_0 ! fakesink", NULL);
  GstStructure *snapshot = snapshot_of (pipeline);
  const GstStructure *stats = gst_value_get_structure (gst_structure_get_value
      (entry_of (snapshot, "elements", "q"), "stats"));
  const GstStructure *channel = gst_value_get_structure
      (gst_value_array_get_value (gst_structure_get_value (stats, "channels"),
          0));

  fail_unless_equals_uint64 (count_of (channel, "max-buffers"), 9);
  fail_unless_equals_uint64 (count_of (channel, "max-bytes"), 7);
  fail_unless_equals_uint64 (count_of (channel, "max-time"), 11);
  fail_unless (figure_of (channel, "low-watermark") == 0.25);
  fail_unless (figure_of (channel, "high-watermark") == 0.5);
  gst_structure_free (snapshot);
  gst_object_unref (pipeline);
}

GST_END_TEST;

static GstPadProbeReturn
hold (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  return GST_PAD_PROBE_OK;
}

static void
note_overrun (GstElement * queue, gpointer overrun)
{
  g_atomic_int_set ((gint *) overrun, 1);
}

/* A queue, and a tieredqueue behind it, that stand still full of known data. */
GST_START_TEST (test_levels_of_stock_queues_and_sums_are_what_was_put_in)
{
  GstElement *pipeline = gst_parse_launch ("fakesrc sizetype=fixed "
      "sizemax=100 ! queue name=q max-size-buffers=4 ! tieredqueue name=t "
      "max-size-buffers=8 ! fakesink name=sink", NULL);
  GstElement *queue = gst_bin_get_by_name (GST_BIN (pipeline), "q");
  GstElement *tiered = gst_bin_get_by_name (GST_BIN (pipeline), "t");
  GstPad *pad = gst_element_get_static_pad (tiered, "src");
  const GstStructure *entry;
  GstStructure *snapshot;
  gint full = 0;

  g_signal_connect (queue, "overrun", G_CALLBACK (note_overrun), &full);
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BLOCK
      | GST_PAD_PROBE_TYPE_BUFFER, hold, NULL, NULL);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  /* Full once: the tieredqueue may still have taken some.  So until it has not. */
  for (;;) {
    snapshot = snapshot_of (pipeline);
    entry = entry_of (snapshot, "queues", "q");
    if (g_atomic_int_get (&full) && count_of (entry, "level-buffers") == 4
        && count_of (gst_value_get_structure (gst_structure_get_value (entry_of
                    (snapshot, "elements", "t"), "stats")), "level-buffers")
        == 8)
      break;
    gst_structure_free (snapshot);
    g_thread_yield ();
  }
  fail_unless_equals_uint64 (count_of (entry, "level-bytes"), 400);
  fail_unless_equals_uint64 (count_of (entry, "max-buffers"), 4);
  fail_unless (figure_of (entry, "utilisation") == 1.0);
  fail_unless (figure_of (snapshot, "utilisation") == 1.0);
  fail_unless (figure_of (snapshot, "success-rate") == 1.0);
  fail_unless_equals_uint64 (count_of (snapshot, "buffers-lost"), 0);
  gst_structure_free (snapshot);
  gst_object_unref (pad);
  gst_object_unref (tiered);
  gst_object_unref (queue);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (pipeline);
}

GST_END_TEST;

GST_START_TEST (test_two_recordings_are_summed_up)
{
  gchar *folder = g_dir_make_tmp ("monitor-XXXXXX", NULL);
  gchar *one = g_build_filename (folder, "one", NULL);
  gchar *two = g_build_filename (folder, "two", NULL);
  gchar *line = g_strdup_printf ("fakesrc num-buffers=10 sizetype=fixed "
      "sizemax=100 ! safefilesink location=%s fakesrc num-buffers=20 "
      "sizetype=fixed sizemax=100 ! safefilesink location=%s", one, two);
  GstElement *pipeline = gst_parse_launch (line, NULL);
  GstBus *bus = gst_element_get_bus (pipeline);
  GstStructure *snapshot;
  GstMessage *message;
  gboolean healthy;

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  message = gst_bus_timed_pop_filtered (bus, 20 * GST_SECOND,
      GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  fail_unless (message != NULL && GST_MESSAGE_TYPE (message)
      == GST_MESSAGE_EOS);
  gst_message_unref (message);
  snapshot = snapshot_of (pipeline);
  fail_unless_equals_uint64 (count_of (snapshot, "bytes-written"), 3000);
  fail_unless_equals_uint64 (count_of (snapshot, "backlog-bytes"), 0);
  fail_unless (gst_structure_get_boolean (snapshot, "healthy", &healthy));
  fail_unless (healthy, "%s", gst_structure_get_string (snapshot,
          "health-reasons"));
  fail_unless_equals_string (gst_structure_get_string (snapshot, "state"),
      "PLAYING");
  gst_structure_free (snapshot);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (bus);
  gst_object_unref (pipeline);
  fail_unless_equals_int (g_remove (one) + g_remove (two), 0);
  fail_unless_equals_int (g_rmdir (folder), 0);
  g_free (line);
  g_free (two);
  g_free (one);
  g_free (folder);
}

GST_END_TEST;

static void
quit (GstSafecaptureMonitor * monitor, const GstStructure * snapshot,
    gpointer loop)
{
  check_structure (snapshot);
  g_main_loop_quit (loop);
}

GST_START_TEST (test_snapshots_come_in_the_context_that_the_monitor_was_made_in)
{
  GMainContext *context = g_main_context_new ();
  GMainLoop *loop = g_main_loop_new (context, FALSE);
  GstElement *pipeline = gst_pipeline_new (NULL);
  GstSafecaptureMonitor *monitor;
  guint64 interval;

  g_main_context_push_thread_default (context);
  monitor = gst_safecapture_monitor_new (pipeline);
  g_main_context_pop_thread_default (context);
  g_object_get (monitor, "interval", &interval, NULL);
  fail_unless_equals_uint64 (interval, GST_SECOND);
  g_signal_connect (monitor, "snapshot", G_CALLBACK (quit), loop);
  g_object_set (monitor, "interval", GST_MSECOND, NULL);
  g_main_loop_run (loop);
  g_object_set (monitor, "interval", (guint64) 0, NULL);
  fail_if (g_main_context_iteration (context, FALSE));
  g_object_unref (monitor);
  gst_object_unref (pipeline);
  g_main_loop_unref (loop);
  g_main_context_unref (context);
}

GST_END_TEST;

GST_START_TEST (test_a_monitor_outlives_its_pipeline)
{
  GstElement *pipeline = gst_pipeline_new (NULL), *left;
  GstSafecaptureMonitor *monitor = gst_safecapture_monitor_new (pipeline);

  ASSERT_OBJECT_REFCOUNT (pipeline, "pipeline", 1);
  gst_object_unref (pipeline);
  fail_unless (gst_safecapture_monitor_get_snapshot (monitor) == NULL);
  g_object_get (monitor, "pipeline", &left, NULL);
  fail_unless (left == NULL);
  g_object_unref (monitor);
}

GST_END_TEST;

static Suite *
monitor_suite (void)
{
  Suite *suite = suite_create ("monitor");
  TCase *tcase = tcase_create ("monitor");

  suite_add_tcase (suite, tcase);
  tcase_add_test (tcase,
      test_a_snapshot_has_all_elements_also_in_bins_and_later_ones);
  tcase_add_test (tcase,
      test_a_channel_tells_its_own_limits_and_watermarks);
  tcase_add_test (tcase,
      test_levels_of_stock_queues_and_sums_are_what_was_put_in);
  tcase_add_test (tcase, test_two_recordings_are_summed_up);
  tcase_add_test (tcase,
      test_snapshots_come_in_the_context_that_the_monitor_was_made_in);
  tcase_add_test (tcase, test_a_monitor_outlives_its_pipeline);
  return suite;
}

GST_CHECK_MAIN (monitor);
