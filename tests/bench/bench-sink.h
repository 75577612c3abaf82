/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The room of bench-sink: it has one sink record once, and main puts sinks side by
 * side.
 */
#ifndef BENCH_SINK_H
#define BENCH_SINK_H

#include <gst/gst.h>

#include "bench.h"

G_BEGIN_DECLS

typedef struct
{
  const gchar *element;         /* as in gst-launch; NULL: none, and a copy of each
                                 * buffer instead */
  gboolean fsync;               /* an fsync of the file follows EOS */
} BenchSink;

typedef struct
{
  gsize size;                   /* bytes of a buffer */
  guint count;                  /* buffers */
  guint rate;                   /* a second; 0: as fast as they go */
} BenchLoad;

typedef struct
{
  gdouble wall, cpu;            /* ns, from NULL through EOS to NULL */
  gdouble waits;                /* times that safefilesink found its ring full */
} BenchRecord;

/**
 * bench_record:
 * @folder: where the file is made, and removed again
 * @latencies: (array length=load->count) (out): of each push, ns
 *
 * Errors of the sink are fatal: there is nothing to compare then.
 */
BenchRecord bench_record (const BenchSink * sink, const BenchLoad * load,
    const gchar * folder, guint64 * latencies);

G_END_DECLS

#endif
