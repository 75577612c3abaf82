/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Random runs of one queue between two raw pads, each thread doing whatever it
 * may do in its place:
 *
 *   upstream    buffers, lists, gaps, events, queries, EOS, new streams
 *   task        a downstream that is slow, refuses, and takes again
 *   flusher     FLUSH_START and FLUSH_STOP as a seeking source sends them
 *   tuner       properties, RECONFIGURE, statistics
 *   main        states: each run ends at rest or in the middle
 *
 * What must hold: all that comes out is in order; no event is missing unless a
 * flush or a refusal with EOS excuses it; a missing buffer is marked by DISCONT;
 * in = out + dropped + level; no buffer or event outlives its run; nobody hangs.
 * The controls are a downstream that loses a buffer and a queue that loses
 * events: the same checks must find both.
 *
 * SC_TEST_SEED repeats a run, as far as threads can be repeated; SC_TEST_SECONDS
 * sets how long it goes on.
 */
#include <gst/check/gstcheck.h>
#include <stdlib.h>

#define DEFAULT_SECONDS 10
/* A thread that does nothing for so long hangs, also under a sanitizer. */
#define HANG_SECONDS 30

enum
{
  UPSTREAM,
  TASK,
  FLUSHER,
  TUNER,
  MAIN,
  N_THREADS
};

static const gchar *const thread_names[N_THREADS] = {
  "upstream", "task", "flusher", "tuner", "main"
};

/* What the run has: chosen once for each. */
typedef struct
{
  gboolean flushes;
  gboolean refusals;
  gboolean tunes;
  gboolean stops_in_the_middle;
  gboolean plain;               /* buffers and events only */
  gboolean loses_one;           /* a control */
  gint leaky;
} Plan;

typedef struct
{
  Plan plan;
  guint32 seed;
  GstElement *queue;
  GstPad *src;                  /* upstream's */
  GstPad *sink;                 /* downstream's */

  /* As a source's: held while upstream does one thing. */
  GMutex streaming;
  GMutex flushing;              /* held from FLUSH_START to FLUSH_STOP */
  GCond wake;
  guint flush_count;            /* ended */
  gint flushes_begun;           /* atomic */
  gint stop;                    /* atomic */

  /* Upstream's. */
  guint64 order;                /* one count for buffers and events */
  guint buffers;                /* accepted */
  guint events;
  guint eos_sent;
  GstClockTime time;

  /* The task's; others read when it is at rest. */
  guint64 last_order;
  guint last_buffer;
  guint last_event;
  guint received;
  gint eos_received;            /* atomic */
  GRand *task_random;
  guint refuse_for;
  GstFlowReturn refuse_with;

  /* Events, or buffers without a mark, may be missing before the next: atomic. */
  gint event_gap_allowed;
  gint buffer_gap_allowed;

  gchar *error;                 /* the first; under error_lock */
  GMutex error_lock;
} Run;

/* Buffers and events that exist: atomic. */
static gint alive;

/* ---- the watchdog ---- */

static struct
{
  gint steps[N_THREADS];        /* atomic; 0 = does not run */
  const gchar *where[N_THREADS];
  gint over;
  GstElement *queue;
} watch;

static void
at (guint thread, const gchar * where)
{
  g_atomic_pointer_set (&watch.where[thread], (gpointer) where);
  g_atomic_int_inc (&watch.steps[thread]);
}

static void
done (guint thread)
{
  g_atomic_int_set (&watch.steps[thread], 0);
}

static void
report_hang (guint thread)
{
  GstElement *queue = g_atomic_pointer_get (&watch.queue);

  g_printerr ("%s hangs\n", thread_names[thread]);
  for (guint i = 0; i < N_THREADS; i++)
    if (g_atomic_int_get (&watch.steps[i]) != 0)
      g_printerr ("  %-8s %s\n", thread_names[i],
          (const gchar *) g_atomic_pointer_get (&watch.where[i]));
  if (queue != NULL) {
    GstPad *src = gst_element_get_static_pad (queue, "src");
    gchar *text;
    GstStructure *stats;

    g_printerr ("  the source pad's task is %s, its last flow %s\n",
        gst_pad_get_task_state (src) == GST_TASK_STARTED ? "started" :
        "not started", gst_flow_get_name (gst_pad_get_last_flow_return (src)));
    /* Last: it may hang as well. */
    g_object_get (queue, "stats", &stats, NULL);
    text = gst_structure_to_string (stats);
    g_printerr ("  %s\n", text);
  }
  abort ();
}

static gpointer
watch_threads (gpointer unused)
{
  gint seen[N_THREADS] = { 0 };
  guint idle[N_THREADS] = { 0 };

  while (!g_atomic_int_get (&watch.over)) {
    g_usleep (G_USEC_PER_SEC / 10);
    for (guint i = 0; i < N_THREADS; i++) {
      gint steps = g_atomic_int_get (&watch.steps[i]);

      idle[i] = steps == 0 || steps != seen[i] ? 0 : idle[i] + 1;
      seen[i] = steps;
      if (idle[i] > HANG_SECONDS * 10)
        report_hang (i);
    }
  }
  return NULL;
}

/* ---- what is checked ---- */

static void report (Run * run, const gchar * format, ...) G_GNUC_PRINTF (2, 3);

static void
report (Run * run, const gchar * format, ...)
{
  va_list args;

  va_start (args, format);
  g_mutex_lock (&run->error_lock);
  if (run->error == NULL)
    run->error = g_strdup_vprintf (format, args);
  g_mutex_unlock (&run->error_lock);
  va_end (args);
}

static void
check_order (Run * run, guint64 order)
{
  if (order <= run->last_order)
    report (run, "%" G_GUINT64_FORMAT " came out after %" G_GUINT64_FORMAT,
        order, run->last_order);
  run->last_order = order;
}

static void
receive_buffer (Run * run, GstBuffer * buffer)
{
  guint number = (guint) GST_BUFFER_OFFSET_END (buffer);
  gboolean excused = g_atomic_int_compare_and_exchange
      (&run->buffer_gap_allowed, TRUE, FALSE);

  check_order (run, GST_BUFFER_OFFSET (buffer));
  if (number != run->last_buffer + 1 && !excused
      && !GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DISCONT))
    report (run, "buffer %u came after %u without a mark", number,
        run->last_buffer);
  run->last_buffer = number;
  run->received++;
}

static void
receive_event (Run * run, guint number)
{
  gboolean excused = g_atomic_int_compare_and_exchange
      (&run->event_gap_allowed, TRUE, FALSE);

  if (number <= run->last_event)
    report (run, "event %u came after %u", number, run->last_event);
  if (number != run->last_event + 1 && !excused)
    report (run, "no event came between %u and %u", run->last_event, number);
  run->last_event = number;
}

static void
allow_gaps (Run * run)
{
  g_atomic_int_set (&run->event_gap_allowed, TRUE);
  g_atomic_int_set (&run->buffer_gap_allowed, TRUE);
}

static gboolean
has_stats (Run * run)
{
  return g_object_class_find_property (G_OBJECT_GET_CLASS (run->queue),
      "stats") != NULL;
}

typedef struct
{
  guint64 in, out, dropped, level;
} Accounts;

static Accounts
read_accounts (Run * run)
{
  GstStructure *stats;
  Accounts a;

  g_object_get (run->queue, "stats", &stats, NULL);
  fail_unless (gst_structure_get (stats, "buffers-in", G_TYPE_UINT64, &a.in,
          "buffers-out", G_TYPE_UINT64, &a.out, "buffers-dropped",
          G_TYPE_UINT64, &a.dropped, "level-buffers", G_TYPE_UINT64, &a.level,
          NULL));
  gst_structure_free (stats);
  return a;
}

/* With nobody running but the task, which has nothing left to do. */
static void
check_accounts (Run * run)
{
  Accounts a = read_accounts (run);

  if (a.in != a.out + a.dropped + a.level)
    report (run, "in %" G_GUINT64_FORMAT ", out %" G_GUINT64_FORMAT
        ", dropped %" G_GUINT64_FORMAT ", level %" G_GUINT64_FORMAT, a.in,
        a.out, a.dropped, a.level);
  if (a.in != run->buffers)
    report (run, "in %" G_GUINT64_FORMAT ", upstream counts %u", a.in,
        run->buffers);
  /* A flush or a stop lets a push end before it arrives. */
  if (a.out < run->received || (a.out > run->received && !run->plan.flushes
          && !run->plan.refusals && !run->plan.stops_in_the_middle))
    report (run, "out %" G_GUINT64_FORMAT ", downstream counts %u", a.out,
        run->received);
}

/* ---- downstream ---- */

static GstFlowReturn
next_flow (Run * run)
{
  static const GstFlowReturn refusals[] = {
    GST_FLOW_EOS, GST_FLOW_NOT_LINKED, GST_FLOW_ERROR
  };

  if (g_atomic_int_get (&run->stop) || !run->plan.refusals)
    return GST_FLOW_OK;
  if (run->refuse_for == 0 && g_rand_int_range (run->task_random, 0, 100) == 0) {
    run->refuse_for = g_rand_int_range (run->task_random, 1, 10);
    run->refuse_with = refusals[g_rand_int_range (run->task_random, 0, 3)];
  }
  if (run->refuse_for == 0) {
    run->refuse_with = GST_FLOW_EOS;    /* nothing that EOS could follow */
    return GST_FLOW_OK;
  }
  run->refuse_for--;
  if (run->refuse_with == GST_FLOW_EOS)
    allow_gaps (run);           /* it drops up to the next stream */
  return run->refuse_with;
}

static void
be_slow (Run * run)
{
  at (TASK, "downstream");
  if (g_rand_int_range (run->task_random, 0, 20) == 0)
    g_usleep (g_rand_int_range (run->task_random, 0, 500));
  else if (g_rand_int_range (run->task_random, 0, 4) == 0)
    g_thread_yield ();
}

static GstFlowReturn
sink_chain (GstPad * pad, GstObject * parent, GstBuffer * buffer)
{
  Run *run = gst_pad_get_element_private (pad);

  be_slow (run);
  if (run->plan.loses_one && run->received >= 100)
    run->plan.loses_one = FALSE;
  else
    receive_buffer (run, buffer);
  gst_buffer_unref (buffer);
  done (TASK);
  return next_flow (run);
}

static GstFlowReturn
sink_chain_list (GstPad * pad, GstObject * parent, GstBufferList * list)
{
  Run *run = gst_pad_get_element_private (pad);

  be_slow (run);
  for (guint i = 0; i < gst_buffer_list_length (list); i++)
    receive_buffer (run, gst_buffer_list_get (list, i));
  gst_buffer_list_unref (list);
  done (TASK);
  return next_flow (run);
}

static gboolean
sink_event (GstPad * pad, GstObject * parent, GstEvent * event)
{
  Run *run = gst_pad_get_element_private (pad);

  switch (GST_EVENT_TYPE (event)) {
    case GST_EVENT_CUSTOM_DOWNSTREAM:
    case GST_EVENT_GAP:
      be_slow (run);
      receive_event (run, gst_event_get_seqnum (event));
      done (TASK);
      break;
    case GST_EVENT_EOS:
      /* With an error EOS is sent at once, before what is queued: a pad that
       * has it takes no more until the next stream. */
      if (run->refuse_with != GST_FLOW_EOS)
        allow_gaps (run);
      /* Not under `streaming`: upstream holds it while it waits for room. */
      g_atomic_int_inc (&run->eos_received);
      g_cond_broadcast (&run->wake);
      break;
    default:
      break;
  }
  gst_event_unref (event);
  return TRUE;
}

static gboolean
sink_query (GstPad * pad, GstObject * parent, GstQuery * query)
{
  return GST_QUERY_TYPE (query) == GST_QUERY_DRAIN;
}

/* ---- upstream ---- */

static void
note_gone (gpointer unused, GstMiniObject * where)
{
  g_atomic_int_add (&alive, -1);
}

static gpointer
counted (gpointer object)
{
  g_atomic_int_inc (&alive);
  gst_mini_object_weak_ref (object, note_gone, NULL);
  return object;
}

static GstBuffer *
new_buffer (Run * run, GRand * random, guint number)
{
  GstBuffer *buffer = counted (gst_buffer_new_allocate (NULL,
          g_rand_int_range (random, 1, 100), NULL));

  GST_BUFFER_OFFSET (buffer) = ++run->order;
  GST_BUFFER_OFFSET_END (buffer) = number;
  if (g_rand_int_range (random, 0, 10) != 0) {
    GST_BUFFER_PTS (buffer) = run->time;
    GST_BUFFER_DURATION (buffer) = GST_MSECOND;
  }
  /* Now and then back, as pictures in decoding order without DTS. */
  run->time += g_rand_int_range (random, -3, 6) * GST_MSECOND;
  if (run->time > G_MAXINT64)
    run->time = 0;
  return buffer;
}

static GstFlowReturn
push_buffers (Run * run, GRand * random)
{
  GstFlowReturn flow;
  guint n = 1;

  if (g_rand_int_range (random, 0, 5) != 0) {
    GstBuffer *buffer = new_buffer (run, random, run->buffers + 1);
    GstBuffer *kept = g_rand_boolean (random) ? gst_buffer_ref (buffer) : NULL;

    at (UPSTREAM, "pushing a buffer");
    flow = gst_pad_push (run->src, buffer);
    gst_clear_buffer (&kept);
  } else {
    GstBufferList *list = gst_buffer_list_new ();

    for (n = 0; n < (guint) g_rand_int_range (random, 1, 6); n++)
      gst_buffer_list_add (list, new_buffer (run, random,
              run->buffers + n + 1));
    at (UPSTREAM, "pushing a list");
    flow = gst_pad_push_list (run->src, list);
  }
  if (flow == GST_FLOW_OK)
    run->buffers += n;
  return flow;
}

static void
push_numbered_event (Run * run, GRand * random)
{
  GstEvent *event = counted (g_rand_boolean (random)
      ? gst_event_new_gap (run->time, GST_MSECOND)
      : gst_event_new_custom (GST_EVENT_CUSTOM_DOWNSTREAM,
          gst_structure_new_empty ("numbered")));

  gst_event_set_seqnum (event, run->events + 1);
  at (UPSTREAM, "pushing an event");
  if (gst_pad_push_event (run->src, event))
    run->events++;
}

static void
push_segment (Run * run)
{
  GstSegment segment;

  gst_segment_init (&segment, GST_FORMAT_TIME);
  segment.base = run->time;
  run->time = 0;
  gst_pad_push_event (run->src, gst_event_new_segment (&segment));
}

static void
push_new_stream (Run * run)
{
  at (UPSTREAM, "pushing a new stream");
  gst_pad_push_event (run->src, gst_event_new_stream_start ("torture"));
  gst_pad_push_event (run->src, gst_event_new_caps
      (gst_caps_new_simple ("application/x-test", "n", G_TYPE_INT,
              (gint) run->order, NULL)));
  push_segment (run);
}

/* With `streaming` held, which is let go while it waits. */
static void
push_eos (Run * run, GRand * random)
{
  guint flushes = run->flush_count;
  gint sent;

  at (UPSTREAM, "pushing EOS");
  if (gst_pad_push_event (run->src, gst_event_new_eos ())) {
    sent = (gint) ++run->eos_sent;
    at (UPSTREAM, "waiting for EOS to come out");
    while (g_rand_boolean (random)
        && g_atomic_int_get (&run->eos_received) < sent
        && run->flush_count == flushes && !g_atomic_int_get (&run->stop))
      g_cond_wait_until (&run->wake, &run->streaming,
          g_get_monotonic_time () + 10 * G_TIME_SPAN_MILLISECOND);
  }
  push_new_stream (run);
}

static void
ask (Run * run)
{
  GstQuery *query = gst_query_new_drain ();

  at (UPSTREAM, "asking");
  if (gst_pad_peer_query (run->src, query)
      && !g_atomic_int_get (&run->event_gap_allowed)
      && (guint) g_atomic_int_get (&run->flushes_begun) == run->flush_count
      && run->last_event != run->events)
    report (run, "event %u was overtaken by a query", run->events);
  gst_query_unref (query);
}

static void
flush_start (Run * run, guint thread)
{
  at (thread, "FLUSH_START");
  g_atomic_int_inc (&run->flushes_begun);
  gst_pad_push_event (run->src, gst_event_new_flush_start ());
}

/* With `streaming` held. */
static void
flush_stop (Run * run, guint thread)
{
  allow_gaps (run);
  at (thread, "FLUSH_STOP");
  gst_pad_push_event (run->src, gst_event_new_flush_stop (TRUE));
  push_segment (run);
  run->flush_count++;
  g_cond_broadcast (&run->wake);
}

static void
flush (Run * run, guint thread)
{
  g_mutex_lock (&run->flushing);
  flush_start (run, thread);
  g_mutex_lock (&run->streaming);
  flush_stop (run, thread);
  g_mutex_unlock (&run->streaming);
  g_mutex_unlock (&run->flushing);
}

/* Upstream itself, unless another flush has begun anyway. */
static void
flush_streaming (Run * run)
{
  if (!g_mutex_trylock (&run->flushing))
    return;
  flush_start (run, UPSTREAM);
  flush_stop (run, UPSTREAM);
  g_mutex_unlock (&run->flushing);
}

static void
recover (Run * run, GRand * random, GstFlowReturn flow)
{
  switch (flow) {
    case GST_FLOW_EOS:
      if (g_rand_boolean (random)) {
        push_segment (run);
        break;
      }
      /* fall through */
    case GST_FLOW_ERROR:
      flush_streaming (run);
      break;
    case GST_FLOW_NOT_LINKED:
      at (UPSTREAM, "RECONFIGURE");
      gst_pad_push_event (run->sink, gst_event_new_reconfigure ());
      break;
    default:
      break;
  }
}

static gpointer
upstream (gpointer user_data)
{
  Run *run = user_data;
  GRand *random = g_rand_new_with_seed (run->seed + UPSTREAM);

  while (!g_atomic_int_get (&run->stop)) {
    gint what = g_rand_int_range (random, 0, run->plan.plain ? 970 : 1000);

    g_mutex_lock (&run->streaming);
    if (what < 700)
      recover (run, random, push_buffers (run, random));
    else if (what < 970)
      push_numbered_event (run, random);
    else if (what < 980)
      push_segment (run);
    else if (what < 995)
      ask (run);
    else
      push_eos (run, random);
    g_mutex_unlock (&run->streaming);
  }
  done (UPSTREAM);
  g_rand_free (random);
  return NULL;
}

/* ---- the others ---- */

static gpointer
flusher (gpointer user_data)
{
  Run *run = user_data;
  GRand *random = g_rand_new_with_seed (run->seed + FLUSHER);

  while (!g_atomic_int_get (&run->stop)) {
    at (FLUSHER, "between flushes");
    g_usleep (g_rand_int_range (random, 0, 10000));
    flush (run, FLUSHER);
  }
  done (FLUSHER);
  g_rand_free (random);
  return NULL;
}

static void
set_limits (Run * run, GRand * random)
{
  g_object_set (run->queue,
      "max-size-buffers", g_rand_int_range (random, 0, 20),
      "max-size-bytes", g_rand_int_range (random, 0, 3) * 1000,
      "max-size-time", (guint64) g_rand_int_range (random, 1, 50) * GST_MSECOND,
      "min-threshold-buffers", g_rand_int_range (random, 0, 6),
      "min-threshold-time",
      (guint64) g_rand_int_range (random, 0, 6) * GST_MSECOND, NULL);
}

static void
tune_once (Run * run, GRand * random)
{
  guint level;

  switch (g_rand_int_range (random, 0, 7)) {
    case 0:
      set_limits (run, random);
      break;
    case 1:
      g_object_set (run->queue, "silent", g_rand_boolean (random), NULL);
      break;
    case 2:
      g_object_set (run->queue, "flush-on-eos", g_rand_boolean (random), NULL);
      break;
    case 3:
      g_object_set (run->queue, "leaky", g_rand_int_range (random, 0, 3), NULL);
      break;
    case 4:
      gst_pad_push_event (run->sink, gst_event_new_reconfigure ());
      break;
    case 5:
      g_object_get (run->queue, "current-level-buffers", &level, NULL);
      break;
    default:
      g_object_set (run->queue, "high-watermark",
          g_rand_double_range (random, 0.0, 1.0), NULL);
      (void) read_accounts (run);
      break;
  }
}

static gpointer
tuner (gpointer user_data)
{
  Run *run = user_data;
  GRand *random = g_rand_new_with_seed (run->seed + TUNER);

  while (!g_atomic_int_get (&run->stop)) {
    at (TUNER, "tuning");
    tune_once (run, random);
    g_usleep (g_rand_int_range (random, 0, 300));
  }
  done (TUNER);
  g_rand_free (random);
  return NULL;
}

/* A handler may ask for the level, and may move the limits. */
static void
on_overrun (GstElement * queue, gpointer unused)
{
  guint level;

  g_object_get (queue, "current-level-buffers", &level, NULL);
}

static GstBusSyncReply
drop_message (GstBus * bus, GstMessage * message, gpointer unused)
{
  gst_message_unref (message);
  return GST_BUS_DROP;
}

/* ---- a run ---- */

static GstPad *
link_pad (Run * run, const gchar * name, GstPadDirection direction)
{
  GstPad *peer = gst_element_get_static_pad (run->queue, name);
  GstPad *pad = gst_pad_new (NULL, direction);

  gst_pad_set_element_private (pad, run);
  if (direction == GST_PAD_SINK) {
    gst_pad_set_chain_function (pad, sink_chain);
    gst_pad_set_chain_list_function (pad, sink_chain_list);
    gst_pad_set_event_function (pad, sink_event);
    gst_pad_set_query_function (pad, sink_query);
    fail_unless_equals_int (gst_pad_link (peer, pad), GST_PAD_LINK_OK);
  } else {
    fail_unless_equals_int (gst_pad_link (pad, peer), GST_PAD_LINK_OK);
  }
  gst_pad_set_active (pad, TRUE);
  gst_object_unref (peer);
  return pad;
}

static void
unlink_pad (GstPad * pad)
{
  GstPad *peer = gst_pad_get_peer (pad);

  gst_pad_set_active (pad, FALSE);
  if (GST_PAD_IS_SRC (pad))
    gst_pad_unlink (pad, peer);
  else
    gst_pad_unlink (peer, pad);
  gst_object_unref (peer);
  gst_object_unref (pad);
}

/* Upstream has ended: lets all out that is still in. */
static void
come_to_rest (Run * run)
{
  guint level;

  at (MAIN, "coming to rest");
  g_object_set (run->queue, "min-threshold-buffers", 0, "min-threshold-bytes",
      0, "min-threshold-time", (guint64) 0, NULL);
  /* A flush recovers from any error, an EOS marks the end. */
  if (run->plan.refusals || run->plan.flushes)
    flush (run, MAIN);
  do {
    guint sent = g_atomic_int_get (&run->eos_received);

    at (MAIN, "EOS");
    push_new_stream (run);
    gst_pad_push_event (run->src, gst_event_new_eos ());
    at (MAIN, "waiting for the last EOS");
    while ((guint) g_atomic_int_get (&run->eos_received) == sent)
      g_thread_yield ();
    g_object_get (run->queue, "current-level-buffers", &level, NULL);
  } while (level > 0);
}

static void
start_threads (Run * run, GThread ** threads)
{
  push_new_stream (run);
  threads[UPSTREAM] = g_thread_new ("upstream", upstream, run);
  if (run->plan.flushes)
    threads[FLUSHER] = g_thread_new ("flusher", flusher, run);
  if (run->plan.tunes)
    threads[TUNER] = g_thread_new ("tuner", tuner, run);
}

static void
stop_threads (Run * run, GThread ** threads)
{
  g_atomic_int_set (&run->stop, TRUE);
  g_cond_broadcast (&run->wake);
  /* What ends a wait when nobody else does. */
  if (run->plan.stops_in_the_middle) {
    at (MAIN, "stopping in the middle");
    gst_element_set_state (run->queue, GST_STATE_READY);
  }
  at (MAIN, "joining");
  for (guint i = 0; i < N_THREADS; i++)
    if (threads[i] != NULL)
      g_thread_join (threads[i]);
}

static GstElement *
new_queue (const gchar * factory)
{
  GstElement *queue = gst_element_factory_make (factory, NULL);

  g_signal_connect (queue, "overrun", G_CALLBACK (on_overrun), NULL);
  return queue;
}

/* Starts and stops @queue.  Returns what was wrong, or NULL. */
static gchar *
do_run (GstElement * queue, guint32 seed, const Plan * plan, guint ms)
{
  Run run = {.plan = *plan,.seed = seed,.queue = queue };
  GThread *threads[N_THREADS] = { NULL };
  GstBus *bus = gst_bus_new ();

  at (MAIN, "starting");
  run.refuse_with = GST_FLOW_EOS;
  run.task_random = g_rand_new_with_seed (seed + TASK);
  g_atomic_pointer_set (&watch.queue, has_stats (&run) ? run.queue : NULL);
  gst_bus_set_sync_handler (bus, drop_message, NULL, NULL);
  gst_element_set_bus (run.queue, bus);
  g_object_set (run.queue, "leaky", plan->leaky, "max-size-buffers", 5, NULL);
  if (has_stats (&run))
    g_object_set (run.queue, "metrics-interval", (guint64) GST_MSECOND, NULL);
  run.src = link_pad (&run, "sink", GST_PAD_SRC);
  run.sink = link_pad (&run, "src", GST_PAD_SINK);
  gst_element_set_state (run.queue, GST_STATE_PLAYING);

  start_threads (&run, threads);
  g_usleep (ms * 1000);
  stop_threads (&run, threads);
  if (!plan->stops_in_the_middle)
    come_to_rest (&run);
  else
    at (MAIN, "checking");
  if (has_stats (&run))
    check_accounts (&run);

  at (MAIN, "ending");
  gst_element_set_state (run.queue, GST_STATE_NULL);
  g_atomic_pointer_set (&watch.queue, NULL);
  unlink_pad (run.src);
  unlink_pad (run.sink);
  gst_element_set_bus (run.queue, NULL);
  gst_object_unref (bus);
  g_rand_free (run.task_random);
  if (g_atomic_int_get (&alive) != 0)
    report (&run, "%d buffers and events outlive the run", alive);
  g_atomic_int_set (&alive, 0);
  done (MAIN);
  return run.error;
}

/* ---- the tests ---- */

static guint32
first_seed (void)
{
  const gchar *text = g_getenv ("SC_TEST_SEED");
  guint32 seed = text != NULL
      ? (guint32) g_ascii_strtoull (text, NULL, 10) : g_random_int ();

  g_print ("tieredqueue-torture: SC_TEST_SEED=%u\n", seed);
  return seed;
}

static gint64
end_time (void)
{
  const gchar *text = g_getenv ("SC_TEST_SECONDS");
  gint64 seconds = text != NULL
      ? (gint64) g_ascii_strtoull (text, NULL, 10) : DEFAULT_SECONDS;

  return g_get_monotonic_time () + seconds * G_TIME_SPAN_SECOND;
}

static GThread *
start_watching (void)
{
  g_atomic_int_set (&watch.over, FALSE);
  return g_thread_new ("watchdog", watch_threads, NULL);
}

static void
stop_watching (GThread * watchdog)
{
  g_atomic_int_set (&watch.over, TRUE);
  g_thread_join (watchdog);
}

GST_START_TEST (test_whatever_the_threads_do_all_is_kept_in_order_and_counted)
{
  guint32 seed = first_seed ();
  gint64 end = end_time ();
  GThread *watchdog = start_watching ();
  GstElement *queue = new_queue ("tieredqueue");
  guint runs = 0;

  do {
    GRand *random = g_rand_new_with_seed (seed);
    Plan plan = {
      .flushes = g_rand_boolean (random),
      .refusals = g_rand_boolean (random),
      .tunes = g_rand_boolean (random),
      .stops_in_the_middle = g_rand_boolean (random),
      .leaky = g_rand_int_range (random, 0, 3),
    };
    gchar *error = do_run (queue, seed, &plan,
        g_rand_int_range (random, 5, 300));

    fail_unless (error == NULL, "seed %u (flushes %d, refusals %d, tunes %d, "
        "stops %d, leaky %d): %s", seed, plan.flushes, plan.refusals,
        plan.tunes, plan.stops_in_the_middle, plan.leaky, error);
    if (g_rand_boolean (random)) {      /* else it is started again */
      gst_object_unref (queue);
      queue = new_queue ("tieredqueue");
    }
    g_rand_free (random);
    seed++;
    runs++;
  } while (g_get_monotonic_time () < end);
  g_print ("%u runs\n", runs);
  gst_object_unref (queue);
  stop_watching (watchdog);
}

GST_END_TEST;

GST_START_TEST (test_a_downstream_that_loses_a_buffer_is_found)
{
  GThread *watchdog = start_watching ();
  Plan plan = {.plain = TRUE,.loses_one = TRUE };
  GstElement *queue = new_queue ("tieredqueue");
  gchar *error = do_run (queue, 1, &plan, 200);

  fail_unless (error != NULL);
  g_print ("found: %s\n", error);
  g_free (error);
  gst_object_unref (queue);
  stop_watching (watchdog);
}

GST_END_TEST;

GST_START_TEST (test_a_queue_that_loses_events_is_found)
{
  GThread *watchdog = start_watching ();
  Plan plan = {.plain = TRUE,.leaky = 2 };
  GstElement *queue = new_queue ("queue");
  gchar *error = do_run (queue, 1, &plan, 500);

  fail_unless (error != NULL);
  g_print ("found: %s\n", error);
  g_free (error);
  gst_object_unref (queue);
  stop_watching (watchdog);
}

GST_END_TEST;

static Suite *
tieredqueue_torture_suite (void)
{
  Suite *suite = suite_create ("tieredqueue-torture");
  TCase *tcase = tcase_create ("tieredqueue-torture");

  suite_add_tcase (suite, tcase);
  tcase_add_test (tcase,
      test_whatever_the_threads_do_all_is_kept_in_order_and_counted);
  tcase_add_test (tcase, test_a_downstream_that_loses_a_buffer_is_found);
  tcase_add_test (tcase, test_a_queue_that_loses_events_is_found);
  return suite;
}

GST_CHECK_MAIN (tieredqueue_torture);
