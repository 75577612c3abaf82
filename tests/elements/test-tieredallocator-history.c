/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Snapshots, limits, trends and advice; and what bufpoolsrc makes of them. */
#include <gst/check/gstcheck.h>
#include <gst/check/gstharness.h>
#include <gst/safecapture/safecapture.h>

static GstTieredAllocator *
make_started (const gchar * tiers)
{
  GstTieredAllocator *allocator = gst_tiered_allocator_new ();

  g_object_set (allocator, "tiers", tiers, NULL);
  fail_unless (gst_tiered_allocator_start (allocator, NULL));
  return allocator;
}

static void
free_allocator (GstTieredAllocator * allocator)
{
  gst_tiered_allocator_stop (allocator);
  gst_object_unref (allocator);
}

static gboolean
acquire (GstTieredAllocator * allocator, gsize size, GstBuffer ** buffer)
{
  return gst_tiered_allocator_acquire (allocator, size,
      GST_TIERED_CLASS_PRIMARY, 0, buffer) == GST_FLOW_OK;
}

/* Acquires and releases @served times, with @refused refusals in between. */
static void
use (GstTieredAllocator * allocator, guint served, guint refused)
{
  GstBuffer *buffer, *more;

  for (guint i = 0; i < served; i++) {
    fail_unless (acquire (allocator, 64, &buffer));
    if (i == 0)
      for (guint k = 0; k < refused; k++)
        fail_if (acquire (allocator, 64, &more));
    gst_buffer_unref (buffer);
  }
}

static gdouble
trend (GstTieredAllocator * allocator, const gchar * figure,
    const gchar * field)
{
  GstStructure *trends = gst_tiered_allocator_get_trends (allocator, 0);
  const GValue *value = gst_structure_get_value (trends, figure);
  gdouble result = 0.0;

  fail_unless (value != NULL, "%s", figure);
  fail_unless (gst_structure_get_double (gst_value_get_structure (value),
          field, &result));
  gst_structure_free (trends);
  return result;
}

static gboolean
is_exceeded (GstTieredAllocator * allocator, const gchar * code,
    gboolean early)
{
  GstStructure *structure = gst_tiered_allocator_get_limits (allocator);
  const GValue *limits = gst_structure_get_value (structure, "limits");
  gboolean exceeded = FALSE;

  for (guint i = 0; i < gst_value_array_get_size (limits); i++) {
    const GstStructure *limit =
        gst_value_get_structure (gst_value_array_get_value (limits, i));
    gboolean is_early;

    gst_structure_get_boolean (limit, "early", &is_early);
    if (is_early == early && g_str_equal (gst_structure_get_string (limit,
                "code"), code))
      gst_structure_get_boolean (limit, "exceeded", &exceeded);
  }
  gst_structure_free (structure);
  return exceeded;
}

static void
fail_unless_state (GstTieredAllocator * allocator, GstTieredState expected)
{
  fail_unless_equals_int (gst_tiered_allocator_get_state (allocator),
      expected);
}

GST_START_TEST (test_the_history_keeps_snapshots_and_their_figures)
{
  GstTieredAllocator *allocator = make_started ("64x1");
  const GstStructure *snapshot;
  const GValue *snapshots;
  GstStructure *history;
  guint64 count;
  gdouble rate;

  for (guint i = 0; i < 1200; i++) {
    use (allocator, i == 1199 ? 3 : 4, i == 1199 ? 1 : 0);
    fail_unless (gst_tiered_allocator_take_snapshot (allocator));
  }
  history = gst_tiered_allocator_get_history (allocator, 0);
  fail_unless (gst_structure_get_uint64 (history, "count", &count));
  fail_unless_equals_uint64 (count, 1200);
  snapshots = gst_structure_get_value (history, "snapshots");
  fail_unless_equals_int (gst_value_array_get_size (snapshots), 1000);
  gst_structure_free (history);

  history = gst_tiered_allocator_get_history (allocator, 2);
  snapshots = gst_structure_get_value (history, "snapshots");
  fail_unless_equals_int (gst_value_array_get_size (snapshots), 2);
  for (guint i = 0; i < 2; i++) {
    snapshot = gst_value_get_structure (gst_value_array_get_value (snapshots,
            i));
    fail_unless (gst_structure_get_double (snapshot, "success-rate", &rate));
    fail_unless_equals_float (rate, i == 0 ? 1.0 : 0.75);
  }
  gst_structure_free (history);
  free_allocator (allocator);
}

GST_END_TEST;

GST_START_TEST (test_a_new_run_begins_a_new_history)
{
  GstTieredAllocator *allocator = make_started ("64x1");
  GstStructure *history;
  guint64 count;

  use (allocator, 100, 10);
  gst_tiered_allocator_take_snapshot (allocator);
  fail_unless (is_exceeded (allocator, "success-rate", FALSE));
  gst_tiered_allocator_stop (allocator);
  fail_if (gst_tiered_allocator_take_snapshot (allocator));
  /* The history can be read after the run. */
  fail_unless_equals_float (trend (allocator, "success-rate", "mean"),
      100.0 / 110);

  fail_unless (gst_tiered_allocator_start (allocator, NULL));
  fail_if (is_exceeded (allocator, "success-rate", FALSE));
  history = gst_tiered_allocator_get_history (allocator, 0);
  fail_unless (gst_structure_get_uint64 (history, "count", &count));
  fail_unless_equals_uint64 (count, 0);
  gst_structure_free (history);
  use (allocator, 100, 0);
  gst_tiered_allocator_take_snapshot (allocator);
  fail_unless_equals_float (trend (allocator, "success-rate", "mean"), 1.0);
  free_allocator (allocator);
}

GST_END_TEST;

GST_START_TEST (test_trends_show_where_a_figure_is_heading)
{
  GstTieredAllocator *allocator = make_started ("64x1");
  GstStructure *trends;
  const gchar *direction;

  for (guint i = 0; i < 20; i++) {
    use (allocator, 100, i * 5);
    gst_tiered_allocator_take_snapshot (allocator);
  }
  fail_unless (trend (allocator, "success-rate", "slope") < 0.0);
  fail_unless (trend (allocator, "success-rate", "stddev") > 0.0);
  fail_unless_equals_float (trend (allocator, "success-rate", "max"), 1.0);
  fail_unless_equals_float (trend (allocator, "utilisation", "slope"), 0.0);

  trends = gst_tiered_allocator_get_trends (allocator, 0);
  direction = gst_structure_get_string (gst_value_get_structure
      (gst_structure_get_value (trends, "success-rate")), "direction");
  fail_unless_equals_string (direction, "falling");
  direction = gst_structure_get_string (gst_value_get_structure
      (gst_structure_get_value (trends, "utilisation")), "direction");
  fail_unless_equals_string (direction, "steady");
  gst_structure_free (trends);
  free_allocator (allocator);
}

GST_END_TEST;

GST_START_TEST (test_an_exceeded_limit_is_a_warning_until_it_is_kept_again)
{
  GstTieredAllocator *allocator = make_started ("64x4");
  GstBuffer *held[4];

  for (guint i = 0; i < 3; i++)
    fail_unless (acquire (allocator, 64, &held[i]));
  gst_tiered_allocator_take_snapshot (allocator);
  fail_if (is_exceeded (allocator, "utilisation", TRUE));
  fail_unless (acquire (allocator, 64, &held[3]));
  gst_tiered_allocator_take_snapshot (allocator);
  fail_unless (is_exceeded (allocator, "utilisation", TRUE));
  fail_unless_state (allocator, GST_TIERED_STATE_WARNING);
  for (guint i = 0; i < 4; i++)
    gst_buffer_unref (held[i]);
  fail_unless_state (allocator, GST_TIERED_STATE_WARNING);
  gst_tiered_allocator_take_snapshot (allocator);
  fail_if (is_exceeded (allocator, "utilisation", TRUE));
  free_allocator (allocator);

  allocator = make_started ("64x1");
  use (allocator, 999, 1);
  gst_tiered_allocator_take_snapshot (allocator);
  fail_if (is_exceeded (allocator, "success-rate", FALSE));
  use (allocator, 995, 5);
  gst_tiered_allocator_take_snapshot (allocator);
  fail_unless (is_exceeded (allocator, "success-rate", FALSE));
  fail_if (is_exceeded (allocator, "success-rate", TRUE));
  use (allocator, 900, 100);
  gst_tiered_allocator_take_snapshot (allocator);
  fail_unless (is_exceeded (allocator, "success-rate", TRUE));
  use (allocator, 1000, 0);
  gst_tiered_allocator_take_snapshot (allocator);
  fail_if (is_exceeded (allocator, "success-rate", FALSE));
  fail_if (is_exceeded (allocator, "success-rate", TRUE));
  free_allocator (allocator);
}

GST_END_TEST;

/* Holds @count buffers of each of two sizes at once; returns the failures. */
static guint64
hold_many (GstTieredAllocator * allocator, guint count)
{
  GPtrArray *held = g_ptr_array_new_with_free_func ((GDestroyNotify)
      gst_buffer_unref);
  GstStructure *stats;
  guint64 failures, borrows;

  for (guint i = 0; i < 2 * count; i++) {
    GstBuffer *buffer;

    if (acquire (allocator, i % 2 == 0 ? 100 : 1000, &buffer))
      g_ptr_array_add (held, buffer);
  }
  g_ptr_array_unref (held);
  stats = gst_tiered_allocator_get_stats (allocator);
  fail_unless (gst_structure_get (stats, "failures", G_TYPE_UINT64, &failures,
          "borrows", G_TYPE_UINT64, &borrows, NULL));
  gst_structure_free (stats);
  return failures + borrows;
}

GST_START_TEST (test_the_advice_can_be_pasted_and_is_enough)
{
  GstTieredAllocator *allocator = make_started ("128x3,1024x5,65536x40");
  gchar *advice;

  fail_unless (gst_tiered_allocator_get_advice (allocator) == NULL);
  fail_unless (hold_many (allocator, 50) > 0);
  gst_tiered_allocator_stop (allocator);
  advice = gst_tiered_allocator_get_advice (allocator);
  fail_unless (advice != NULL);

  g_object_set (allocator, "tiers", advice, NULL);
  g_free (advice);
  fail_unless (gst_tiered_allocator_start (allocator, NULL));
  fail_unless_equals_uint64 (hold_many (allocator, 50), 0);
  /* From a run that lacked nothing it is the need and a quarter. */
  advice = gst_tiered_allocator_get_advice (allocator);
  fail_unless_equals_string (advice, "128x63,1024x63,65536x1");
  g_free (advice);
  free_allocator (allocator);
}

GST_END_TEST;

/* ---- bufpoolsrc ---- */

typedef struct
{
  GstHarness *harness;
  GstBus *bus;
} Source;

static Source
make_source (const gchar * properties)
{
  gchar *line = g_strconcat ("bufpoolsrc metrics-interval=5000000 ",
      properties, NULL);
  Source self;

  self.harness = gst_harness_new_parse (line);
  self.bus = gst_bus_new ();
  gst_element_set_bus (self.harness->element, self.bus);
  g_free (line);
  return self;
}

/* The next element message of that name, whose field @key (if not NULL) is
 * @value. */
static GstMessage *
wait_for (GstBus * bus, const gchar * name, const gchar * key,
    const gchar * value)
{
  for (;;) {
    GstMessage *message = gst_bus_timed_pop_filtered (bus, 20 * GST_SECOND,
        GST_MESSAGE_ELEMENT);
    const GstStructure *structure;

    fail_unless (message != NULL, "no %s %s", name, value);
    structure = gst_message_get_structure (message);
    if (gst_structure_has_name (structure, name) && (key == NULL
            || g_strcmp0 (gst_structure_get_string (structure, key), value)
            == 0))
      return message;
    gst_message_unref (message);
  }
}

static void
free_source (Source * self)
{
  /* Messages on the bus reference the source, which references the bus. */
  gst_bus_set_flushing (self->bus, TRUE);
  gst_harness_teardown (self->harness);
  gst_object_unref (self->bus);
}

GST_START_TEST (test_bufpoolsrc_tells_states_trends_and_advice)
{
  static const gchar *const way[] = { "initializing", "ready", "active" };
  Source source = make_source ("samples-per-buffer=16 tiers=64x8");
  const GstStructure *metrics;
  GstMessage *message;
  gdouble mean;

  gst_harness_play (source.harness);
  gst_buffer_unref (gst_harness_pull (source.harness));
  for (guint i = 0; i < G_N_ELEMENTS (way); i++)
    gst_message_unref (wait_for (source.bus, "bufpoolsrc-state", "new",
            way[i]));
  for (;;) {
    message = wait_for (source.bus, "bufpoolsrc-metrics", NULL, NULL);
    metrics = gst_message_get_structure (message);
    if (gst_structure_get_double (metrics, "trend-utilisation-mean", &mean))
      break;
    gst_message_unref (message);
  }
  fail_unless (mean >= 0.0 && mean <= 1.0);
  fail_unless (gst_structure_has_field (metrics, "trend-utilisation-slope"));
  fail_unless (gst_structure_has_field_typed (metrics, "advice",
          G_TYPE_STRING));
  gst_message_unref (message);
  free_source (&source);
}

GST_END_TEST;

GST_START_TEST (test_bufpoolsrc_warns_once_of_a_pool_that_is_used_up)
{
  Source source = make_source ("samples-per-buffer=16 tiers=64x4");
  const GstStructure *warning;
  guint64 waits = 0;
  GstMessage *message;
  guint warnings = 1;

  /* Nobody takes the buffers that the harness holds. */
  gst_harness_play (source.harness);
  message = wait_for (source.bus, "bufpoolsrc-warning", "code", "utilisation");
  warning = gst_message_get_structure (message);
  fail_unless_equals_string (gst_structure_get_string (warning, "figure"),
      "utilisation");
  fail_unless (gst_structure_has_field_typed (warning, "value",
          G_TYPE_DOUBLE));
  fail_unless (gst_structure_has_field_typed (warning, "limit",
          G_TYPE_DOUBLE));
  fail_unless (gst_structure_has_field_typed (warning, "advice",
          G_TYPE_STRING));
  gst_message_unref (message);

  /* Exceeded on and on, it is not told again. */
  for (guint i = 0; i < 10; i++) {
    message = wait_for (source.bus, "bufpoolsrc-metrics", NULL, NULL);
    gst_structure_get_uint64 (gst_message_get_structure (message), "waits",
        &waits);
    gst_message_unref (message);
  }
  while ((message = gst_bus_pop (source.bus)) != NULL) {
    if (gst_message_has_name (message, "bufpoolsrc-warning")
        && g_strcmp0 (gst_structure_get_string (gst_message_get_structure
                (message), "code"), "utilisation") == 0)
      warnings++;
    gst_message_unref (message);
  }
  fail_unless_equals_int (warnings, 1);
  fail_unless_equals_uint64 (waits, 1);
  free_source (&source);
}

GST_END_TEST;

typedef struct
{
  guint warnings;
  guint64 count;                /* that the last one told */
} Outstanding;

/* The bus is flushed when the pipeline comes to NULL. */
static void
note_outstanding (GstBus * bus, GstMessage * message, gpointer data)
{
  const GstStructure *structure = gst_message_get_structure (message);
  Outstanding *self = data;

  if (!gst_message_has_name (message, "bufpoolsrc-warning")
      || g_strcmp0 (gst_structure_get_string (structure, "code"),
          "buffers-outstanding") != 0)
    return;
  self->warnings++;
  fail_unless (gst_structure_get_uint64 (structure, "count", &self->count));
  fail_unless (gst_structure_has_field_typed (structure, "oldest",
          G_TYPE_UINT64));
  fail_unless_equals_int (gst_value_array_get_size (gst_structure_get_value
          (structure, "buffers")), MIN (self->count, 64));
}

/* Takes @kept of 100 buffers out of the sink, which holds the others, and goes
 * to @end. */
static Outstanding
run_and_stop (guint kept, GstState end)
{
  GstElement *pipeline = gst_parse_launch ("bufpoolsrc num-buffers=100 ! "
      "appsink name=sink sync=false", NULL);
  GstElement *sink = gst_bin_get_by_name (GST_BIN (pipeline), "sink");
  GstBus *bus = gst_element_get_bus (pipeline);
  GPtrArray *samples = g_ptr_array_new_with_free_func ((GDestroyNotify)
      gst_sample_unref);
  Outstanding outstanding = { 0, 0 };

  gst_bus_enable_sync_message_emission (bus);
  g_signal_connect (bus, "sync-message::element",
      G_CALLBACK (note_outstanding), &outstanding);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  while (samples->len < kept) {
    GstSample *sample = NULL;

    g_signal_emit_by_name (sink, "pull-sample", &sample);
    fail_unless (sample != NULL);
    g_ptr_array_add (samples, sample);
  }
  gst_message_unref (gst_bus_timed_pop_filtered (bus, GST_CLOCK_TIME_NONE,
          GST_MESSAGE_ASYNC_DONE));
  gst_element_set_state (pipeline, end);
  g_ptr_array_unref (samples);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (bus);
  gst_object_unref (sink);
  gst_object_unref (pipeline);
  return outstanding;
}

GST_START_TEST (test_bufpoolsrc_names_what_an_application_keeps_and_nothing_else)
{
  Outstanding outstanding = run_and_stop (3, GST_STATE_NULL);

  fail_unless_equals_int (outstanding.warnings, 1);
  fail_unless_equals_uint64 (outstanding.count, 3);
  /* The negative control: what the sink holds comes back while it stops. */
  outstanding = run_and_stop (0, GST_STATE_NULL);
  fail_unless_equals_int (outstanding.warnings, 0);
  /* In READY the sink still holds it. */
  outstanding = run_and_stop (0, GST_STATE_READY);
  fail_unless_equals_int (outstanding.warnings, 1);
  fail_unless (outstanding.count > 0);
}

GST_END_TEST;

static Suite *
tieredallocator_history_suite (void)
{
  Suite *suite = suite_create ("tieredallocator-history");
  TCase *tcase = tcase_create ("tieredallocator-history");

  suite_add_tcase (suite, tcase);
  tcase_add_test (tcase, test_the_history_keeps_snapshots_and_their_figures);
  tcase_add_test (tcase, test_a_new_run_begins_a_new_history);
  tcase_add_test (tcase, test_trends_show_where_a_figure_is_heading);
  tcase_add_test (tcase,
      test_an_exceeded_limit_is_a_warning_until_it_is_kept_again);
  tcase_add_test (tcase, test_the_advice_can_be_pasted_and_is_enough);
  tcase_add_test (tcase, test_bufpoolsrc_tells_states_trends_and_advice);
  tcase_add_test (tcase, test_bufpoolsrc_warns_once_of_a_pool_that_is_used_up);
  tcase_add_test (tcase,
      test_bufpoolsrc_names_what_an_application_keeps_and_nothing_else);
  return suite;
}

GST_CHECK_MAIN (tieredallocator_history);
