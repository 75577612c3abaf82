/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The rooms of bench-queue: each measures one contender once, and main puts them
 * side by side.
 */
#ifndef BENCH_QUEUE_H
#define BENCH_QUEUE_H

#include <gst/gst.h>

#include "bench.h"

G_BEGIN_DECLS

/* Of every buffer. */
#define BENCH_BUFFER_SIZE 4096

typedef enum
{
  BENCH_POOL_NONE,              /* one buffer, pushed over and over */
  BENCH_POOL_PLAIN,             /* GstBufferPool */
  BENCH_POOL_TIERED,            /* GstTieredPool of profile standard */
  BENCH_POOL_DIRECT,            /* its allocator, without the pool around it */
} BenchPool;

typedef struct
{
  const gchar *factory;         /* NULL: pad to pad */
  BenchPool pool;
  guint batch;                  /* above 1: tieredqueue's property, and a sink that
                                 * handles lists */
} BenchContender;

/* A buffer. */
typedef struct
{
  gdouble wall, cpu;            /* ns */
  gdouble switches;             /* voluntary ones, of all threads */
  gdouble p50, p99;             /* ns from push to sink, where measured */
} BenchFigure;

/* A queue's ends in a bench of raw pads: a source pad to push into and a sink pad
 * with @chain and @event. */
typedef struct
{
  GstPad *src, *sink;
} BenchPads;

/**
 * bench_new_queue:
 *
 * Returns: (transfer full) (nullable): the element with a bus of its own, which
 * is emptied as an application does, so that posting metrics counts; NULL for no
 * factory
 */
GstElement *bench_new_queue (const gchar * factory);
void bench_free_queue (GstElement * queue);

/**
 * bench_open_pads:
 * @queue: (nullable): what stands between the pads
 */
void bench_open_pads (BenchPads * self, GstElement * queue,
    const gchar * sink_name, const gchar * src_name,
    GstPadChainFunction chain, GstPadEventFunction event, gpointer data);
void bench_close_pads (BenchPads * self);

/* Pins the calling thread, where there are two processors. */
void bench_pin (guint processor);

/**
 * bench_raw:
 * @pinned: both threads on processors of their own
 *
 * Buffers through raw pads, as fast as they go.
 */
BenchFigure bench_raw (const BenchContender * contender, gboolean pinned);

/**
 * bench_paced:
 * @rate: buffers a second
 *
 * One shared buffer through raw pads at a rate.
 */
BenchFigure bench_paced (const gchar * factory, guint rate);

/**
 * bench_channels:
 * @channels: how many at once, each with a thread that pushes
 *
 * As many elements of queue; one tieredqueue with as many channels on request.
 */
BenchFigure bench_channels (const gchar * factory, guint channels);

/**
 * bench_fake:
 * @elements: how many of @factory in a row
 *
 * fakesrc ! ... ! fakesink
 */
BenchFigure bench_fake (const gchar * factory, guint elements);

/**
 * bench_app:
 *
 * appsrc ! x ! appsink
 */
BenchFigure bench_app (const gchar * factory);

G_END_DECLS

#endif
