/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What was done to a tieredqueue in a harness, and what its statistics say of it:
 * one channel of LIMIT buffers, whose clock the test moves. */
#ifndef METRICS_EXACT_QUEUE_H
#define METRICS_EXACT_QUEUE_H

#include "fake-clock.h"
#include "metrics-exact.h"
#include "tieredqueue-check.h"

enum
{
  FULL, TIMEOUT, GOP, FLUSH, END, REASONS
};

#define MAX_TIMES 400

/* What was done. */
typedef struct
{
  guint64 began;                /* the clock at the start */
  guint64 in, bytes_in, out, bytes_out, items;
  guint64 level, level_bytes, level_time, peak;
  guint64 limit, slots;
  guint64 dropped[REASONS], bytes_dropped;
  gboolean pressed;
  guint64 presses, pressed_time;
  gdouble buffers_rate, bytes_rate;
  guint64 idle;
  const gchar *reasons;
  ExactTime times[MAX_TIMES];
  guint n_times;
  gboolean deltas;              /* what is pushed is a delta unit */
} Known;

static inline void
compare_flow (Exact * e, const Known * known)
{
  exact_count (e, "buffers-in", known->in);
  exact_count (e, "bytes-in", known->bytes_in);
  exact_count (e, "buffers-out", known->out);
  exact_count (e, "bytes-out", known->bytes_out);
  exact_count (e, "level-buffers", known->level);
  exact_count (e, "level-bytes", known->level_bytes);
  exact_count (e, "level-time", known->level_time);
  exact_count (e, "level-buffers-peak", known->peak);
  exact_count (e, "slots", known->slots);
  exact_count (e, "growths", 0);
  /* How often a side slept is the machine's; at most once for each item and side. */
  exact_between (e, "wakeups", 0, 2 * known->items);
  exact_figure (e, "wakeups-per-buffer", known->out == 0 ? 0.0
      : (gdouble) exact_peek (e, "wakeups") / (gdouble) known->out);
  exact_figure (e, "buffers-per-second", known->buffers_rate);
  exact_figure (e, "bytes-per-second", known->bytes_rate);
}

static inline void
compare_drops (Exact * e, const Known * known)
{
  guint64 lost = known->dropped[FULL] + known->dropped[TIMEOUT]
      + known->dropped[GOP];

  exact_count (e, "buffers-dropped-full", known->dropped[FULL]);
  exact_count (e, "buffers-dropped-timeout", known->dropped[TIMEOUT]);
  exact_count (e, "buffers-dropped-gop", known->dropped[GOP]);
  exact_count (e, "buffers-dropped-flush", known->dropped[FLUSH]);
  exact_count (e, "buffers-dropped-eos", known->dropped[END]);
  exact_count (e, "buffers-dropped", lost + known->dropped[FLUSH]
      + known->dropped[END]);
  exact_count (e, "bytes-dropped", known->bytes_dropped);
  exact_figure (e, "success-rate", known->in == 0 ? 1.0
      : (gdouble) (known->in - lost) / (gdouble) known->in);
}

static inline guint64
all_times (const Known * known)
{
  guint64 all = 0;

  for (guint i = 0; i < known->n_times; i++)
    all += known->times[i].weight;
  return all;
}

static inline void
compare_account (Exact * e, const Known * known)
{
  compare_flow (e, known);
  compare_drops (e, known);
  exact_figure (e, "utilisation", (gdouble) known->level / known->limit);
  exact_flag (e, "backpressure", known->pressed);
  exact_count (e, "backpressure-count", known->presses);
  exact_count (e, "backpressure-time", known->pressed_time);
  exact_count (e, "sync-waits", 0);
  exact_count (e, "sync-wait-time", 0);
  exact_count (e, "sync-lates", 0);
  exact_count (e, "latency-samples", all_times (known));
  exact_latency (e, "latency", known->times, known->n_times);
  exact_buckets (e, "latency", known->times, known->n_times);
  exact_absent (e, "pool");
}

static inline void
compare_channel (Exact * e, gconstpointer user_data)
{
  const Known *known = user_data;

  exact_text (e, "channel", "sink");
  exact_count (e, "max-buffers", known->limit);
  exact_count (e, "max-bytes", 0);
  exact_count (e, "max-time", 0);
  exact_figure (e, "high-watermark", 0.8);
  exact_figure (e, "low-watermark", 0.25);
  compare_account (e, known);
}

static inline void
compare_metrics (Exact * e, gconstpointer user_data)
{
  const Known *known = user_data;

  exact_flag (e, "healthy", *known->reasons == '\0');
  exact_text (e, "health-reasons", known->reasons);
  exact_count (e, "idle-time", known->idle);
  exact_each (e, "channels", "channel", 1, compare_channel, known,
      sizeof (*known));
  compare_account (e, known);
}

static inline void
check_stats (GstHarness * h, const Known * known)
{
  GstStructure *stats = exact_stats (h->element);

  exact_check (stats, "tieredqueue-metrics", compare_metrics, known);
  gst_structure_free (stats);
  stats = exact_stats (src_pad (h));
  exact_check (stats, "tieredqueue-channel", compare_channel, known);
  gst_structure_free (stats);
}

/* ---- doing ---- */

#define LIMIT 20
/* A power of two for LIMIT buffers and 64 events. */
#define SLOTS 128

/* The metrics message comes at the stop only. */
static inline GstHarness *
start (Known * known)
{
  GstElement *queue = gst_element_factory_make ("tieredqueue", NULL);
  GstHarness *h;

  *known = (Known) {.limit = LIMIT,.slots = SLOTS,.reasons = "" };
  fake_clock_stop ();
  known->began = fake_clock_now ();
  g_object_set (queue, "max-size-buffers", LIMIT, "max-size-bytes", 0,
      "max-size-time", G_GUINT64_CONSTANT (0), "high-watermark", 0.8,
      "low-watermark", 0.25, "metrics-interval", (guint64) G_MAXINT64, NULL);
  h = gst_harness_new_with_element (gst_object_ref_sink (queue), "sink",
      "src");
  gst_harness_set_src_caps_str (h, "application/x-test");
  gst_object_unref (queue);
  known->items = 3;             /* events */
  return h;
}

/* 100 to 106 bytes and a millisecond. */
static inline GstBuffer *
nth_buffer (guint64 number)
{
  GstBuffer *buffer = gst_buffer_new_and_alloc (100 + number % 7);

  GST_BUFFER_PTS (buffer) = number * GST_MSECOND;
  GST_BUFFER_DURATION (buffer) = GST_MSECOND;
  return buffer;
}

static inline GstFlowReturn
push (GstHarness * h, Known * known)
{
  GstBuffer *buffer = nth_buffer (known->in);

  if (known->deltas)
    GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_DELTA_UNIT);
  known->in++;
  known->items++;
  known->bytes_in += gst_buffer_get_size (buffer);
  return gst_harness_push (h, buffer);
}

static inline void
pull (GstHarness * h, Known * known)
{
  GstBuffer *buffer = gst_harness_pull (h);

  known->out++;
  known->bytes_out += gst_buffer_get_size (buffer);
  gst_buffer_unref (buffer);
}

/* The task is held with a buffer in hand, which counts as gone out. */
static inline Held
hold_with_one (GstHarness * h, Known * known)
{
  Held gate = hold_downstream (h);

  fail_unless_equals_int (push (h, known), GST_FLOW_OK);
  wait_until_held (h);
  known->out++;
  known->bytes_out = known->bytes_in - known->bytes_dropped;
  return gate;
}

static inline void
note_rates_since (Known * known, guint64 time, guint64 out, guint64 bytes_out)
{
  gdouble seconds = (gdouble) (fake_clock_now () - time) / GST_SECOND;

  known->buffers_rate = (gdouble) (known->out - out) / seconds;
  known->bytes_rate = (gdouble) (known->bytes_out - bytes_out) / seconds;
}

#endif
