/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bench-queue.h"

#include <gst/safecapture/safecapture.h>

#define BUFFERS 300000

typedef struct
{
  GMutex lock;
  GCond ended;
  gboolean eos;
  gboolean pinned;
} Sink;

static GstFlowReturn
take (GstPad * pad, GstObject * parent, GstBuffer * buffer)
{
  gst_buffer_unref (buffer);
  return GST_FLOW_OK;
}

static GstFlowReturn
take_list (GstPad * pad, GstObject * parent, GstBufferList * list)
{
  gst_buffer_list_unref (list);
  return GST_FLOW_OK;
}

static gboolean
see_event (GstPad * pad, GstObject * parent, GstEvent * event)
{
  Sink *self = gst_pad_get_element_private (pad);

  if (GST_EVENT_TYPE (event) == GST_EVENT_STREAM_START && self->pinned)
    bench_pin (1);              /* the queue's task */
  if (GST_EVENT_TYPE (event) == GST_EVENT_EOS) {
    g_mutex_lock (&self->lock);
    self->eos = TRUE;
    g_cond_signal (&self->ended);
    g_mutex_unlock (&self->lock);
  }
  gst_event_unref (event);
  return TRUE;
}

static GstBufferPool *
new_pool (BenchPool kind)
{
  GstBufferPool *pool;
  GstStructure *config;
  guint least = 300, most = 0;

  if (kind == BENCH_POOL_NONE)
    return NULL;
  if (kind == BENCH_POOL_TIERED || kind == BENCH_POOL_DIRECT) {
    pool = gst_tiered_pool_new (NULL);
    least = 0;
    most = gst_tiered_allocator_count_slots (gst_tiered_pool_get_allocator
        (GST_TIERED_POOL (pool)), BENCH_BUFFER_SIZE);
  } else {
    pool = gst_buffer_pool_new ();
  }
  config = gst_buffer_pool_get_config (pool);
  gst_buffer_pool_config_set_params (config, NULL, BENCH_BUFFER_SIZE, least,
      most);
  if (!gst_buffer_pool_set_config (pool, config)
      || !gst_buffer_pool_set_active (pool, TRUE))
    g_error ("a pool does not start");
  return pool;
}

/* What gives the buffers. */
typedef struct
{
  GstBuffer *shared;
  GstBufferPool *pool;          /* (nullable): else the shared one */
  GstTieredAllocator *direct;   /* (nullable): before the pool */
} Source;

static inline GstBuffer *
next_buffer (const Source * source)
{
  GstBuffer *buffer = NULL;
  GstFlowReturn flow;

  if (source->pool == NULL)
    return gst_buffer_ref (source->shared);
  if (source->direct == NULL)
    flow = gst_buffer_pool_acquire_buffer (source->pool, &buffer, NULL);
  else
    flow = gst_tiered_allocator_acquire (source->direct, BENCH_BUFFER_SIZE,
        GST_TIERED_CLASS_PRIMARY, GST_CLOCK_TIME_NONE, &buffer);
  if (flow != GST_FLOW_OK)
    g_error ("the pool gives no buffer");
  return buffer;
}

static void
push_all (GstPad * pad, BenchPool kind, GstBufferPool * pool)
{
  Source source = {
    .shared = gst_buffer_new_allocate (NULL, BENCH_BUFFER_SIZE, NULL),
    .pool = pool,
  };

  if (kind == BENCH_POOL_DIRECT)
    source.direct = gst_tiered_pool_get_allocator (GST_TIERED_POOL (pool));
  for (guint i = 0; i < BUFFERS; i++)
    if (gst_pad_push (pad, next_buffer (&source)) != GST_FLOW_OK)
      g_error ("a push failed");
  gst_pad_push_event (pad, gst_event_new_eos ());
  gst_buffer_unref (source.shared);
}

static void
wait_for_eos (Sink * self)
{
  g_mutex_lock (&self->lock);
  while (!self->eos)
    g_cond_wait (&self->ended, &self->lock);
  g_mutex_unlock (&self->lock);
}

typedef struct
{
  const BenchContender *contender;
  gboolean pinned;
  BenchFigure figure;
} Run;

/* A thread of its own, for its pinning to end with it. */
static gpointer
run_once (gpointer data)
{
  Run *run = data;
  GstElement *queue = bench_new_queue (run->contender->factory);
  GstBufferPool *pool = new_pool (run->contender->pool);
  Sink sink = {.pinned = run->pinned && queue != NULL };
  GstSegment segment;
  BenchPads pads;
  BenchSpan span;

  bench_open_pads (&pads, queue, "sink", "src", take, see_event, &sink);
  if (run->contender->batch > 1) {
    g_object_set (queue, "batch", run->contender->batch, NULL);
    gst_pad_set_chain_list_function (pads.sink, take_list);
  }
  if (queue != NULL)
    gst_element_set_state (queue, GST_STATE_PLAYING);
  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_pad_push_event (pads.src, gst_event_new_stream_start ("bench"));
  gst_pad_push_event (pads.src, gst_event_new_segment (&segment));

  if (run->pinned)
    bench_pin (0);
  bench_begin (&span);
  push_all (pads.src, run->contender->pool, pool);
  wait_for_eos (&sink);
  bench_end (&span);
  run->figure.wall = (gdouble) span.wall / BUFFERS;
  run->figure.cpu = (gdouble) span.cpu / BUFFERS;
  run->figure.switches = (gdouble) span.switches / BUFFERS;

  bench_free_queue (queue);
  bench_close_pads (&pads);
  if (pool != NULL) {
    gst_buffer_pool_set_active (pool, FALSE);
    gst_object_unref (pool);
  }
  return NULL;
}

BenchFigure
bench_raw (const BenchContender * contender, gboolean pinned)
{
  Run run = {.contender = contender,.pinned = pinned };

  g_thread_join (g_thread_new ("producer", run_once, &run));
  return run.figure;
}
