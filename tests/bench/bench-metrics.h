/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The rooms of bench-metrics: loads that go on while their metrics are switched, and
 * the processor time of the threads that only metrics need.
 */
#ifndef BENCH_METRICS_H
#define BENCH_METRICS_H

#include <gst/gst.h>

#include "bench.h"

G_BEGIN_DECLS

/* Of all channels together. */
#define BENCH_METRICS_CHANNELS 8
#define BENCH_METRICS_RATE 100000

typedef struct _BenchLoad BenchLoad;

/**
 * bench_load_queue:
 *
 * Starts a tieredqueue with 8 channels, each with a thread that pushes 25 buffers every
 * 2 ms: 100,000 buffers a second in all.
 *
 * Returns: (transfer full): end it with bench_load_free()
 */
BenchLoad *bench_load_queue (void);

/**
 * bench_load_recording:
 * @folder: where the files go, which are removed at the end
 *
 * Starts 8 times bufpoolsrc ! tieredqueue ! safefilesink, live, each with 1,000
 * buffers a second.
 */
BenchLoad *bench_load_recording (const gchar * folder);

void bench_load_free (BenchLoad * self);

/**
 * bench_load_switch:
 * @interval: `metrics-interval`, ns; 0 for none
 * @post: `post-metrics`
 *
 * Of all its elements of safecapture, while it goes on.
 */
void bench_load_switch (BenchLoad * self, GstClockTime interval,
    gboolean post);

/* What its bus has been read of so far, by a thread of its own, which looks at a
 * field of each message. */
typedef struct
{
  guint64 metrics;              /* messages */
  guint64 cpu;                  /* ns, of the thread that reads */
  guint64 buffers;              /* through the queues */
} BenchHeard;

BenchHeard bench_load_heard (BenchLoad * self);

/**
 * bench_reporter_cpu:
 *
 * Returns: the processor time of the library's reporter thread, ns; 0 before there
 * is one
 */
guint64 bench_reporter_cpu (void);

G_END_DECLS

#endif
