/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a channel tells when there is news: the messages
 * `tieredqueue-backpressure` and `tieredqueue-dropped`.
 *
 * Runs in the reporter's thread, never in a data thread.
 */
#ifndef TIEREDQUEUE_REPORT_H
#define TIEREDQUEUE_REPORT_H

#include <gst/gst.h>
#include <gst/safecapture/gstsafecapturereporter.h>

#include "tieredqueue-channel.h"

G_BEGIN_DECLS

/* What was posted last, of one channel.  The reporter thread's own. */
typedef struct
{
  gboolean active;
  guint64 triggers;
  TieredQueueDropped dropped[TIEREDQUEUE_N_DROP_REASONS];
  guint64 dropped_time;         /* monotonic, ns; 0 = never */
} TieredQueuePosted;

/* A dropped message at most so often. */
#define TIEREDQUEUE_DROPPED_INTERVAL GST_SECOND

/**
 * tieredqueue_report_post:
 * @name: the channel's
 * @posted: (inout)
 * @final: the last time: hold nothing back
 *
 * Posts what has changed since @posted.
 *
 * Returns: ns until it wants to be called again, as a message was held back;
 * GST_CLOCK_TIME_NONE otherwise
 */
GstClockTime tieredqueue_report_post (TieredQueueChannel * channel,
    const gchar * name, GstSafecaptureReporter * reporter,
    TieredQueuePosted * posted, gboolean final);

G_END_DECLS

#endif
