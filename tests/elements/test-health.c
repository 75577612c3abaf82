/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Known loads and drops, and what the elements say of them. */
#include <gst/check/gstcheck.h>
#include <gst/safecapture/safecapture.h>

#include <glib/gstdio.h>

#define BUFFER_SIZE 10
#define PUSHED 100
#define LIMIT 8

typedef struct
{
  GstElement *queue;
  GstPad *in, *out;             /* ours */
  GstBus *bus;
  GMutex lock;                  /* held while the output stands still */
  GCond news;
  guint arrived;                /* under lock */
  gboolean blocked;             /* under lock */
} Fixture;

static Fixture f;

static GstFlowReturn
arrive (GstPad * pad, GstObject * parent, GstBuffer * buffer)
{
  g_mutex_lock (&f.lock);
  f.arrived++;
  g_cond_broadcast (&f.news);
  while (f.blocked)
    g_cond_wait (&f.news, &f.lock);
  g_mutex_unlock (&f.lock);
  gst_buffer_unref (buffer);
  return GST_FLOW_OK;
}

static void
setup (void)
{
  GstPad *pad;

  memset (&f, 0, sizeof (f));
  g_mutex_init (&f.lock);
  g_cond_init (&f.news);
  f.blocked = TRUE;
  f.queue = gst_element_factory_make ("tieredqueue", NULL);
  g_object_set (f.queue, "max-size-buffers", LIMIT, "max-size-bytes", 0,
      "max-size-time", (guint64) 0, "metrics-interval", 50 * GST_MSECOND, NULL);
  gst_util_set_object_arg (G_OBJECT (f.queue), "leaky", "upstream");
  f.bus = gst_bus_new ();
  gst_element_set_bus (f.queue, f.bus);
  f.in = gst_pad_new ("in", GST_PAD_SRC);
  f.out = gst_pad_new ("out", GST_PAD_SINK);
  gst_pad_set_chain_function (f.out, arrive);
  pad = gst_element_get_static_pad (f.queue, "sink");
  fail_unless_equals_int (gst_pad_link (f.in, pad), GST_PAD_LINK_OK);
  gst_object_unref (pad);
  pad = gst_element_get_static_pad (f.queue, "src");
  fail_unless_equals_int (gst_pad_link (pad, f.out), GST_PAD_LINK_OK);
  gst_object_unref (pad);
  gst_pad_set_active (f.in, TRUE);
  gst_pad_set_active (f.out, TRUE);
  gst_element_set_state (f.queue, GST_STATE_PLAYING);
}

static void
begin_stream (void)
{
  GstSegment segment;

  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_pad_push_event (f.in, gst_event_new_stream_start ("known"));
  gst_pad_push_event (f.in, gst_event_new_segment (&segment));
}

static void
unblock (void)
{
  g_mutex_lock (&f.lock);
  f.blocked = FALSE;
  g_cond_broadcast (&f.news);
  g_mutex_unlock (&f.lock);
}

static void
wait_for_arrivals (guint count)
{
  g_mutex_lock (&f.lock);
  while (f.arrived < count)
    g_cond_wait (&f.news, &f.lock);
  g_mutex_unlock (&f.lock);
}

static void
teardown (void)
{
  unblock ();
  gst_element_set_state (f.queue, GST_STATE_NULL);
  gst_pad_set_active (f.in, FALSE);
  gst_pad_set_active (f.out, FALSE);
  gst_element_set_bus (f.queue, NULL);
  gst_object_unref (f.bus);
  gst_object_unref (f.in);
  gst_object_unref (f.out);
  gst_object_unref (f.queue);
  g_mutex_clear (&f.lock);
  g_cond_clear (&f.news);
}

static void
push (guint count)
{
  for (guint i = 0; i < count; i++)
    fail_unless_equals_int (gst_pad_push (f.in, gst_buffer_new_allocate (NULL,
                BUFFER_SIZE, NULL)), GST_FLOW_OK);
}

/* One buffer is held up downstream, LIMIT are queued, the rest is gone. */
static void
overload (void)
{
  begin_stream ();
  push (1);
  wait_for_arrivals (1);
  push (PUSHED - 1);
}

static GstStructure *
stats_of (GstElement * element)
{
  GstStructure *stats;

  g_object_get (element, "stats", &stats, NULL);
  return stats;
}

static guint64
count_of (const GstStructure * stats, const gchar * field)
{
  guint64 value;

  fail_unless (gst_structure_get_uint64 (stats, field, &value), "%s", field);
  return value;
}

static gdouble
figure_of (const GstStructure * stats, const gchar * field)
{
  gdouble value;

  fail_unless (gst_structure_get_double (stats, field, &value), "%s", field);
  return value;
}

GST_START_TEST (test_a_known_load_with_known_drops_is_told_exactly)
{
  static const struct
  {
    const gchar *field;
    guint64 expected;
  } counts[] = {
    {"buffers-in", PUSHED}, {"bytes-in", PUSHED * BUFFER_SIZE},
    {"level-buffers", LIMIT}, {"level-bytes", LIMIT * BUFFER_SIZE},
    {"level-buffers-peak", LIMIT}, {"level-time", 0},
    {"buffers-dropped-full", PUSHED - 1 - LIMIT},
    {"buffers-dropped", PUSHED - 1 - LIMIT},
    {"bytes-dropped", (PUSHED - 1 - LIMIT) * BUFFER_SIZE},
    {"buffers-dropped-timeout", 0}, {"buffers-dropped-gop", 0},
    {"buffers-dropped-flush", 0}, {"buffers-dropped-eos", 0},
    {"backpressure-count", 1}, {"sync-waits", 0}, {"sync-wait-time", 0},
    {"sync-lates", 0},
  };
  GstStructure *stats;

  setup ();
  overload ();
  stats = stats_of (f.queue);
  for (guint i = 0; i < G_N_ELEMENTS (counts); i++)
    fail_unless (count_of (stats, counts[i].field) == counts[i].expected,
        "%s: %" G_GUINT64_FORMAT " instead of %" G_GUINT64_FORMAT,
        counts[i].field, count_of (stats, counts[i].field),
        counts[i].expected);
  fail_unless (figure_of (stats, "utilisation") == 1.0);
  fail_unless (figure_of (stats, "success-rate") == 1.0
      - (gdouble) (PUSHED - 1 - LIMIT) / PUSHED);
  gst_structure_free (stats);

  unblock ();
  wait_for_arrivals (1 + LIMIT);
  gst_element_set_state (f.queue, GST_STATE_READY);
  stats = stats_of (f.queue);
  fail_unless_equals_uint64 (count_of (stats, "buffers-out"), 1 + LIMIT);
  fail_unless_equals_uint64 (count_of (stats, "bytes-out"),
      (1 + LIMIT) * BUFFER_SIZE);
  fail_unless_equals_uint64 (count_of (stats, "level-buffers"), 0);
  fail_unless (figure_of (stats, "utilisation") == 0.0);
  gst_structure_free (stats);
  teardown ();
}

GST_END_TEST;

/* Waits for metrics with these reasons. */
static void
wait_for_reasons (const gchar * reasons)
{
  gboolean found = FALSE;

  while (!found) {
    GstMessage *message = gst_bus_timed_pop_filtered (f.bus, 20 * GST_SECOND,
        GST_MESSAGE_ELEMENT);
    const GstStructure *s;
    gboolean healthy = FALSE;

    fail_unless (message != NULL, "\"%s\" never came", reasons);
    s = gst_message_get_structure (message);
    found = gst_structure_has_name (s, "tieredqueue-metrics")
        && g_str_equal (gst_structure_get_string (s, "health-reasons"),
        reasons);
    if (found) {
      fail_unless (gst_structure_get_boolean (s, "healthy", &healthy));
      fail_unless_equals_int (healthy, *reasons == '\0');
    }
    gst_message_unref (message);
  }
}

static void
expect_warning (const gchar * code, gdouble limit)
{
  for (;;) {
    GstMessage *message = gst_bus_timed_pop_filtered (f.bus, 20 * GST_SECOND,
        GST_MESSAGE_ELEMENT);
    const GstStructure *s;
    gboolean found;

    fail_unless (message != NULL, "no warning %s", code);
    s = gst_message_get_structure (message);
    found = gst_structure_has_name (s, "tieredqueue-warning")
        && g_str_equal (gst_structure_get_string (s, "code"), code);
    if (found)
      fail_unless (figure_of (s, "limit") == limit);
    gst_message_unref (message);
    if (found)
      return;
  }
}

GST_START_TEST (test_a_queue_that_loses_is_not_healthy_until_it_keeps_up)
{
  setup ();
  wait_for_reasons ("");
  overload ();
  wait_for_reasons ("success-rate,utilisation,data-lost");
  expect_warning ("success-rate", 0.99);
  expect_warning ("utilisation", 0.9);
  unblock ();
  wait_for_arrivals (1 + LIMIT);
  wait_for_reasons ("");
  teardown ();
}

GST_END_TEST;

GST_START_TEST (test_a_queue_that_gets_nothing_says_that_its_input_is_stalled)
{
  setup ();
  unblock ();
  begin_stream ();
  push (1);
  wait_for_reasons ("input-stalled");
  expect_warning ("input-stalled", 5.0);
  push (1);
  wait_for_reasons ("");
  gst_pad_push_event (f.in, gst_event_new_eos ());
  teardown ();
}

GST_END_TEST;

GST_START_TEST (test_warnings_are_found_by_reads_without_metrics_too)
{
  setup ();
  g_object_set (f.queue, "post-metrics", FALSE, NULL);
  overload ();
  for (gboolean healthy = TRUE; healthy;) {
    GstStructure *stats = stats_of (f.queue);

    fail_unless (gst_structure_get_boolean (stats, "healthy", &healthy));
    gst_structure_free (stats);
    g_thread_yield ();
  }
  expect_warning ("success-rate", 0.99);
  teardown ();
}

GST_END_TEST;

GST_START_TEST (test_a_recording_of_known_size_is_told_exactly)
{
  gchar *folder = g_dir_make_tmp ("health-XXXXXX", NULL);
  gchar *take = g_build_filename (folder, "take", NULL);
  gchar *line = g_strdup_printf ("fakesrc num-buffers=50 sizetype=fixed "
      "sizemax=1000 ! safefilesink name=sink location=%s", take);
  GstElement *pipeline = gst_parse_launch (line, NULL);
  GstElement *sink = gst_bin_get_by_name (GST_BIN (pipeline), "sink");
  GstBus *bus = gst_element_get_bus (pipeline);
  GstMessage *message;
  GstStructure *stats;
  gboolean healthy;

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  message = gst_bus_timed_pop_filtered (bus, 20 * GST_SECOND,
      GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  fail_unless (message != NULL && GST_MESSAGE_TYPE (message)
      == GST_MESSAGE_EOS);
  gst_message_unref (message);
  stats = stats_of (sink);
  fail_unless_equals_uint64 (count_of (stats, "rendered"), 50);
  fail_unless_equals_uint64 (count_of (stats, "bytes-accepted"), 50000);
  fail_unless_equals_uint64 (count_of (stats, "bytes-written"), 50000);
  fail_unless_equals_uint64 (count_of (stats, "file-size"), 50000);
  fail_unless_equals_uint64 (count_of (stats, "durable-offset"), 50000);
  fail_unless_equals_uint64 (count_of (stats, "backlog-bytes"), 0);
  fail_unless_equals_uint64 (count_of (stats, "durable-lag"), 0);
  fail_unless_equals_uint64 (count_of (stats, "idle-time"), 0);
  fail_unless (figure_of (stats, "utilisation") == 0.0);
  fail_unless (gst_structure_get_boolean (stats, "healthy", &healthy));
  fail_unless (healthy);
  gst_structure_free (stats);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (bus);
  gst_object_unref (sink);
  gst_object_unref (pipeline);
  fail_unless_equals_int (g_remove (take), 0);
  fail_unless_equals_int (g_rmdir (folder), 0);
  g_free (line);
  g_free (take);
  g_free (folder);
}

GST_END_TEST;

static Suite *
health_suite (void)
{
  Suite *suite = suite_create ("health");
  TCase *tcase = tcase_create ("health");

  suite_add_tcase (suite, tcase);
  tcase_add_test (tcase, test_a_known_load_with_known_drops_is_told_exactly);
  tcase_add_test (tcase,
      test_a_queue_that_loses_is_not_healthy_until_it_keeps_up);
  tcase_add_test (tcase,
      test_a_queue_that_gets_nothing_says_that_its_input_is_stalled);
  tcase_add_test (tcase,
      test_warnings_are_found_by_reads_without_metrics_too);
  tcase_add_test (tcase, test_a_recording_of_known_size_is_told_exactly);
  return suite;
}

GST_CHECK_MAIN (health);
