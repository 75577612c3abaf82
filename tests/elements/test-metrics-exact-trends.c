/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What bufpoolsrc says of the time between its snapshots, from a load that is known for
 * each of them. */
#include "metrics-exact-app.h"

/* Latencies are means of a histogram. */
#define HISTOGRAM (1.0 / 64.0)

typedef struct
{
  gdouble time, value;          /* seconds from the first one */
} Point;

static gdouble
mean_of (const Point * points, guint n)
{
  gdouble sum = 0.0;

  for (guint i = 0; i < n; i++)
    sum += points[i].value;
  return sum / n;
}

/* Least squares. */
static gdouble
slope_of (const Point * points, guint n)
{
  gdouble time = 0.0, value = mean_of (points, n), xx = 0.0, xy = 0.0;

  for (guint i = 0; i < n; i++)
    time += points[i].time / n;
  for (guint i = 0; i < n; i++) {
    xx += (points[i].time - time) * (points[i].time - time);
    xy += (points[i].time - time) * (points[i].value - value);
  }
  return xy / xx;
}

typedef struct
{
  Known known;
  Point success[3], utilisation[3], latency[2];
} KnownTrends;

static void
compare_trends (Exact * e, gconstpointer user_data)
{
  const KnownTrends *known = user_data;

  compare_source (e, &known->known);
  exact_text (e, "advice", known->known.advice);
  exact_count (e, "trend-snapshots", 3);
  exact_count (e, "trend-span", 5 * GST_SECOND);
  exact_figure (e, "trend-success-rate-mean", mean_of (known->success, 3));
  exact_figure (e, "trend-success-rate-slope", slope_of (known->success, 3));
  exact_figure (e, "trend-utilisation-mean", mean_of (known->utilisation, 3));
  exact_figure (e, "trend-utilisation-slope",
      slope_of (known->utilisation, 3));
  exact_about (e, "acquire-latency-mean", known->latency[1].value, HISTOGRAM);
  exact_about (e, "trend-acquire-latency-mean", mean_of (known->latency, 2),
      HISTOGRAM);
  exact_about (e, "trend-acquire-latency-slope", slope_of (known->latency, 2),
      HISTOGRAM);
}

static void
wait_metrics (App * app)
{
  for (;;) {
    GstMessage *message = gst_bus_timed_pop_filtered (app->bus,
        GST_CLOCK_TIME_NONE, GST_MESSAGE_ELEMENT);
    gboolean found = gst_message_has_name (message, "bufpoolsrc-metrics");

    gst_message_unref (message);
    if (found)
      return;
  }
}

/* The clock goes on, and what makes the reporter look comes after all that the
 * snapshot is of: half a frame that is cut off. */
static void
let_snapshot_be_taken (App * app, GstClockTime after)
{
  fake_clock_advance (after);
  push (app, gst_buffer_new_and_alloc (FRAME + FRAME / 2));
  app->known.buffers++;
  app->known.bytes += FRAME;
  app->known.partial += FRAME / 2;
  app->known.foreign++;
  gst_buffer_unref (gst_harness_pull (app->h));
  wait_metrics (app);
}

GST_START_TEST (test_trends_are_those_of_the_intervals)
{
  KnownTrends t = {
    /* 1 of 1; 6 of 6; 1 of 2: the wait gets what it waits for, but one of 5,000
     * bytes is refused. */
    .success = {{0, 1.0}, {2, 1.0}, {5, 0.5}},
    .utilisation = {{0, 0.0}, {2, 1.0}, {5, 1.0}},
    .latency = {{0, 0.0}, {5, 250000.0}},
  };
  App app;
  GstBuffer *b[6], *none = NULL;
  GstStructure *stats;

  start (&app, "on-exhausted=wait metrics-interval=1000000000");
  pass_a_first_buffer (&app);
  let_snapshot_be_taken (&app, GST_SECOND);
  for (guint i = 0; i < 6; i++)
    b[i] = acquire (&app, i < 4 ? SMALL : LARGE, i < 4 ? 0 : 1, FALSE);
  let_snapshot_be_taken (&app, 2 * GST_SECOND);
  b[0] = acquire_after (&app, 250000, b[0], NULL);
  g_signal_emit_by_name (app.source, "acquire-buffer", (guint64) 5000, &none);
  fail_unless (none == NULL);
  app.known.pool.too_large = 1;
  app.known.pool.classes[0].failures = 1;
  let_snapshot_be_taken (&app, 3 * GST_SECOND - 250000);

  app.known.pool.state = "warning";
  app.known.reasons = "success-rate,acquire-latency,utilisation";
  app.known.advice = "1024x10,4096x5";
  t.known = app.known;
  stats = exact_stats (app.source);
  exact_check (stats, "bufpoolsrc-metrics", compare_trends, &t);
  gst_structure_free (stats);
  for (guint i = 0; i < 6; i++)
    release (&app, b[i], i < 4 ? 0 : 1);
  stop (&app);
}

GST_END_TEST;

static Suite *
metrics_exact_trends_suite (void)
{
  Suite *s = suite_create ("metrics-exact-trends");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_trends_are_those_of_the_intervals);
  return s;
}

GST_CHECK_MAIN (metrics_exact_trends);
