/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A monitor's snapshot of a pipeline is what was done to its elements, each of which is
 * fed by itself. */
#include "fake-clock.h"
#include "metrics-exact.h"
#include "sink-check.h"

#define LIMIT 4
#define DROPPED 5
#define MOST (64 * 1024 * 1024)

typedef struct
{
  SinkCheck sink;
  GstElement *pipeline;
  GstHarness *ours, *stock;
} Scene;

/* ---- what is known ---- */

static GstElement *
element_of (const Scene * scene, gboolean is_sink)
{
  return is_sink ? scene->sink.sink : scene->ours->element;
}

static void
compare_entry (Exact * e, const Scene * scene, gboolean is_sink)
{
  GstStructure *stats = exact_stats (element_of (scene, is_sink));

  exact_text (e, "name", is_sink ? "s" : "q");
  exact_text (e, "path", is_sink ? "/GstPipeline:p/GstSafeFileSink:s"
      : "/GstPipeline:p/GstTieredQueue:q");
  exact_text (e, "factory", is_sink ? "safefilesink" : "tieredqueue");
  exact_same (e, "stats", stats);
  gst_structure_free (stats);
}

typedef struct
{
  const Scene *scene;
  gboolean is_sink;
} Entry;

static void
compare_element (Exact * e, gconstpointer user_data)
{
  const Entry *entry = user_data;

  compare_entry (e, entry->scene, entry->is_sink);
}

/* Three behind the one that is held: of 10 bytes and 1 ms each, of five at most. */
static void
compare_queue (Exact * e, gconstpointer user_data)
{
  exact_text (e, "name", "w");
  exact_text (e, "path", "/GstPipeline:p/GstQueue:w");
  exact_text (e, "factory", "queue");
  exact_text (e, "element", "w");
  exact_count (e, "level-buffers", 3);
  exact_count (e, "level-bytes", 30);
  exact_count (e, "level-time", 3 * GST_MSECOND);
  exact_count (e, "max-buffers", 5);
  exact_count (e, "max-bytes", 1000);
  exact_count (e, "max-time", GST_SECOND);
  exact_figure (e, "utilisation", 3.0 / 5.0);
}

static void
compare_snapshot (Exact * e, gconstpointer user_data)
{
  const Scene *scene = user_data;
  /* The last one added comes first. */
  const Entry entries[] = { {scene, TRUE}, {scene, FALSE} };

  exact_count (e, "time", fake_clock_now () / 1000 * 1000);
  exact_text (e, "state", "NULL");
  exact_flag (e, "healthy", FALSE);
  exact_text (e, "health-reasons",
      "q:success-rate,q:utilisation,q:data-lost");
  exact_count (e, "buffers-lost", DROPPED);
  exact_count (e, "bytes-written", 2000);
  exact_count (e, "backlog-bytes", 0);
  exact_count (e, "durable-lag", 0);
  exact_count (e, "space-left", MOST);
  exact_count (e, "time-left", GST_CLOCK_TIME_NONE);
  exact_figure (e, "success-rate", 1.0 - DROPPED / (2.0 + LIMIT + DROPPED));
  exact_figure (e, "utilisation", 1.0);
  exact_each (e, "elements", "element", 2, compare_element, entries,
      sizeof (entries[0]));
  exact_each (e, "queues", "queue", 1, compare_queue, scene, 0);
}

/* ---- doing ---- */

static GstPadProbeReturn
stay (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  return GST_PAD_PROBE_OK;
}

static void
push (GstHarness * h, guint64 number)
{
  GstBuffer *buffer = gst_buffer_new_and_alloc (10);

  GST_BUFFER_PTS (buffer) = number * GST_MSECOND;
  GST_BUFFER_DURATION (buffer) = GST_MSECOND;
  fail_unless_equals_int (gst_harness_push (h, buffer), GST_FLOW_OK);
}

/* Its task has a buffer in hand, and the queue is empty behind it. */
static GstHarness *
new_gated (Scene * scene, const gchar * line)
{
  GstElement *element = gst_parse_launch (line, NULL);
  GstHarness *h;
  GstPad *pad;

  gst_bin_add (GST_BIN (scene->pipeline), element);
  h = gst_harness_new_with_element (element, "sink", "src");
  gst_harness_set_src_caps_str (h, "application/x-test");
  push (h, 0);
  gst_buffer_unref (gst_harness_pull (h));
  pad = gst_element_get_static_pad (element, "src");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BLOCK
      | GST_PAD_PROBE_TYPE_BUFFER, stay, NULL, NULL);
  push (h, 1);
  while (!gst_pad_is_blocking (pad))
    g_thread_yield ();
  gst_object_unref (pad);
  return h;
}

static void
add_sink (Scene * scene)
{
  sink_check_init (&scene->sink);
  g_object_set (scene->sink.sink, "name", "s", "buffer-size", 1048576,
      "reserve", (guint64) 0,
      "max-bytes", (guint64) MOST, "metrics-interval", (guint64) 0, NULL);
  gst_util_set_object_arg (G_OBJECT (scene->sink.sink), "sync-policy",
      "every-buffer");
  gst_bin_add (GST_BIN (scene->pipeline), scene->sink.sink);
  sink_check_play (&scene->sink);
  for (guint i = 0; i < 2; i++)
    fail_unless_equals_int (sink_check_push (&scene->sink, 1000, 1),
        GST_FLOW_OK);
  while (sink_check_count (&scene->sink, "backlog-bytes") > 0)
    g_thread_yield ();
}

GST_START_TEST (test_a_snapshot_is_what_was_done_to_each_element)
{
  Scene scene = {.pipeline = gst_pipeline_new ("p") };
  GstSafecaptureMonitor *monitor;
  GstStructure *snapshot;

  fake_clock_stop ();
  scene.ours = new_gated (&scene, "tieredqueue name=q leaky=upstream "
      "max-size-buffers=4 max-size-bytes=0 max-size-time=0 "
      "metrics-interval=0");
  scene.stock = new_gated (&scene, "queue name=w max-size-buffers=5 "
      "max-size-bytes=1000 max-size-time=1000000000");
  add_sink (&scene);
  for (guint i = 0; i < LIMIT + DROPPED; i++)
    push (scene.ours, 2 + i);
  for (guint i = 0; i < 3; i++)
    push (scene.stock, 2 + i);
  /* Enough for health to look again, and not for the sink to know its rate. */
  fake_clock_advance (950 * GST_MSECOND);
  monitor = gst_safecapture_monitor_new (scene.pipeline);
  snapshot = gst_safecapture_monitor_get_snapshot (monitor);
  exact_check (snapshot, "safecapture-snapshot", compare_snapshot, &scene);

  gst_structure_free (snapshot);
  g_object_unref (monitor);
  gst_harness_teardown (scene.ours);
  gst_harness_teardown (scene.stock);
  sink_check_clear (&scene.sink);
  gst_element_set_state (scene.pipeline, GST_STATE_NULL);
  gst_object_unref (scene.pipeline);
}

GST_END_TEST;

static Suite *
metrics_exact_monitor_suite (void)
{
  Suite *s = suite_create ("metrics-exact-monitor");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_a_snapshot_is_what_was_done_to_each_element);
  return s;
}

GST_CHECK_MAIN (metrics_exact_monitor);
