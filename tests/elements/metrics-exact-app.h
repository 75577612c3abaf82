/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A bufpoolsrc with mode=app whose every request is noted, and what its statistics
 * say: two tiers, four slots of 1 KiB and two of 4 KiB. */
#ifndef METRICS_EXACT_APP_H
#define METRICS_EXACT_APP_H

#include "fake-clock.h"
#include "metrics-exact-pool.h"

#include <gst/check/gstharness.h>
#include <string.h>
#include <unistd.h>

#define SMALL 1024
#define LARGE 4096
#define CAPS "audio/x-raw,format=S16LE,rate=48000,channels=2," \
    "layout=interleaved"
#define FRAME 4

typedef struct
{
  KnownPool pool;
  guint64 buffers, bytes;
  guint64 dropped, bytes_dropped, exhausted, waited, partial, foreign, queued;
  const gchar *reasons, *advice;
} Known;

static inline void
compare_source (Exact * e, gconstpointer user_data)
{
  const Known *known = user_data;

  exact_flag (e, "healthy", *known->reasons == '\0');
  exact_text (e, "health-reasons", known->reasons);
  exact_count (e, "idle-time", 0);
  exact_count (e, "buffers-out", known->buffers);
  exact_count (e, "bytes-out", known->bytes);
  exact_count (e, "samples-out", known->bytes / FRAME);
  exact_count (e, "buffers-dropped", known->dropped);
  exact_count (e, "bytes-dropped", known->bytes_dropped);
  exact_count (e, "exhausted", known->exhausted);
  exact_count (e, "wait-time", known->waited);
  exact_count (e, "partial-bytes", known->partial);
  exact_count (e, "foreign-buffers", known->foreign);
  exact_count (e, "queued-buffers", known->queued);
  exact_count (e, "sample-rate", 48000);
  exact_flag (e, "aes5", TRUE);
  compare_pool (e, &known->pool);
}

typedef struct
{
  GstHarness *h;
  GstElement *source;
  GstPad *pad;
  GstBus *bus;
  gulong gate;
  Known known;
} App;

/* ---- doing ---- */

static inline GstPadProbeReturn
stay (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  return GST_PAD_PROBE_OK;
}

static inline void
start (App * app, const gchar * settings)
{
  static const gchar *const classes[N_CLASSES] = {
    "primary", "conversion", "scratch", "input", "output", "metadata"
  };
  gchar *line = g_strdup_printf ("bufpoolsrc mode=app tiers=%ux4,%ux2 "
      "caps=\"" CAPS "\" %s ! identity", SMALL, LARGE,
      settings);

  fake_clock_stop ();
  *app = (App) {.h = gst_harness_new_parse (line)};
  app->source = gst_harness_find_element (app->h, "bufpoolsrc");
  app->pad = gst_element_get_static_pad (app->source, "src");
  app->bus = gst_bus_new ();
  gst_element_set_bus (app->source, app->bus);
  app->known.reasons = "";
  app->known.pool = (KnownPool) {
    .tiers = {{SMALL, 4}, {LARGE, 2}},
    .n_tiers = 2,
    .bytes = 4 * SMALL + 2 * LARGE,
    .state = "active",
  };
  for (guint i = 0; i < N_CLASSES; i++)
    app->known.pool.classes[i].name = classes[i];
  gst_harness_play (app->h);
  g_free (line);
}

static inline void
stop (App * app)
{
  gst_element_set_bus (app->source, NULL);
  gst_object_unref (app->bus);
  gst_object_unref (app->pad);
  gst_object_unref (app->source);
  gst_harness_teardown (app->h);
}

static inline void
note (ExactTime * times, guint * n, guint64 time)
{
  times[(*n)++] = (ExactTime) { time, 1 };
}

static inline void
note_acquire (App * app, guint tier, guint64 time)
{
  KnownPart *of_tier = &app->known.pool.tiers[tier];
  KnownPart *of_class = &app->known.pool.classes[0];

  note (of_tier->acquires, &of_tier->n_acquires, time);
  note (of_class->acquires, &of_class->n_acquires, time);
}

static inline GstBuffer *
acquire (App * app, guint64 size, guint tier, gboolean borrowed)
{
  KnownPart *of_tier = &app->known.pool.tiers[tier];
  KnownPart *of_class = &app->known.pool.classes[0];
  GstBuffer *buffer = NULL;

  g_signal_emit_by_name (app->source, "acquire-buffer", size, &buffer);
  fail_unless (buffer != NULL);
  of_tier->acquired++;
  of_tier->hits += !borrowed;
  of_tier->in_use++;
  of_tier->peak = MAX (of_tier->peak, of_tier->in_use);
  app->known.pool.tiers[0].borrows += borrowed;
  of_class->borrows += borrowed;
  of_class->acquired++;
  of_class->in_use++;
  of_class->peak = MAX (of_class->peak, of_class->in_use);
  app->known.pool.in_use_bytes += of_tier->slot_size;
  return buffer;
}

static inline void
acquire_nothing (App * app, guint64 size, guint tier)
{
  GstBuffer *buffer = NULL;

  g_signal_emit_by_name (app->source, "acquire-buffer", size, &buffer);
  fail_unless (buffer == NULL);
  app->known.pool.tiers[tier].failures++;
  app->known.pool.classes[0].failures++;
  /* The wait, of no time, is measured. */
  app->known.pool.waits++;
  app->known.pool.timeouts++;
  note_acquire (app, tier, 0);
  app->known.dropped++;
  app->known.bytes_dropped += size;
  app->known.exhausted++;
}

static inline void
release (App * app, GstBuffer * buffer, guint tier)
{
  gst_buffer_unref (buffer);
  app->known.pool.tiers[tier].released++;
  app->known.pool.tiers[tier].in_use--;
  app->known.pool.classes[0].released++;
  app->known.pool.classes[0].in_use--;
  app->known.pool.in_use_bytes -= app->known.pool.tiers[tier].slot_size;
}

static inline void
push (App * app, GstBuffer * buffer)
{
  GstFlowReturn ret = GST_FLOW_ERROR;

  g_signal_emit_by_name (app->source, "push-buffer", buffer, &ret);
  fail_unless_equals_int (ret, GST_FLOW_OK);
  gst_buffer_unref (buffer);
}

typedef struct
{
  GstElement *source;
  gint thread;                  /* its id, once it runs; atomic */
  GstBuffer *buffer;
} Waiter;

static inline gpointer
wait_for_buffer (gpointer data)
{
  Waiter *waiter = data;

  g_atomic_int_set (&waiter->thread, (gint) gettid ());
  g_signal_emit_by_name (waiter->source, "acquire-buffer", (guint64) 100,
      &waiter->buffer);
  return NULL;
}

static inline guint64
count_of (App * app, const gchar * field)
{
  GstStructure *stats = exact_stats (app->source);
  guint64 count = 0;

  fail_unless (gst_structure_get_uint64 (stats, field, &count));
  gst_structure_free (stats);
  return count;
}

/* Once it has been counted as one who waits it sleeps for nothing else. */
static inline void
wait_until_asleep (App * app, Waiter * waiter)
{
  gboolean asleep = FALSE;

  while (count_of (app, "waits") == app->known.pool.waits)
    g_thread_yield ();
  while (!asleep) {
    gchar *path = g_strdup_printf ("/proc/self/task/%d/stat",
        g_atomic_int_get (&waiter->thread));
    gchar *text = NULL;

    fail_unless (g_file_get_contents (path, &text, NULL, NULL));
    asleep = strstr (text, ") S ") != NULL;
    g_free (text);
    g_free (path);
  }
}

/* Another thread waits for @time for the slot of @given, which it then gets. */
static inline GstBuffer *
acquire_after (App * app, guint64 time, GstBuffer * given,
    void (*meanwhile) (App * app))
{
  Waiter waiter = {.source = app->source };
  GThread *thread = g_thread_new ("waiter", wait_for_buffer, &waiter);
  KnownPool *pool = &app->known.pool;

  wait_until_asleep (app, &waiter);
  if (meanwhile != NULL)
    meanwhile (app);
  fake_clock_advance (time);
  gst_buffer_unref (given);
  g_thread_join (thread);
  fail_unless (waiter.buffer != NULL);
  note_acquire (app, 0, time);
  pool->waits++;
  app->known.exhausted++;
  app->known.waited += time;
  pool->tiers[0].released++;
  pool->classes[0].released++;
  pool->tiers[0].acquired++;
  pool->tiers[0].hits++;
  pool->classes[0].acquired++;
  return waiter.buffer;
}

static inline void
shut_the_gate (App * app)
{
  app->gate = gst_pad_add_probe (app->pad, GST_PAD_PROBE_TYPE_BLOCK
      | GST_PAD_PROBE_TYPE_BUFFER, stay, NULL, NULL);
}

/* The first acquire of a thread is a sample, that of 500 bytes for 5 ms here; the next
 * one is the 172nd. */
static inline void
pass_a_first_buffer (App * app)
{
  KnownPool *pool = &app->known.pool;
  GstBuffer *buffer = acquire (app, 500, 0, FALSE);

  note_acquire (app, 0, 0);
  pool->asked = 500;
  pool->given = SMALL;
  push (app, buffer);
  buffer = gst_harness_pull (app->h);
  app->known.buffers++;
  app->known.bytes += 500;
  fake_clock_advance (5 * GST_MSECOND);
  release (app, buffer, 0);
  pool->tiers[0].hold = pool->classes[0].hold = 5 * GST_MSECOND;
  note (pool->tiers[0].releases, &pool->tiers[0].n_releases, 0);
  note (pool->classes[0].releases, &pool->classes[0].n_releases, 0);
}

#endif
