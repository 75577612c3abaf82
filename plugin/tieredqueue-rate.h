/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How much goes through a channel in a second, worked out when somebody looks.
 *
 * The figure is of the time between two looks at least TIEREDQUEUE_RATE_SPAN
 * apart; a look in between gets the one that is there.  Until there is one it is
 * of the time since the start.  One thread at a time.
 */
#ifndef TIEREDQUEUE_RATE_H
#define TIEREDQUEUE_RATE_H

#include <gst/gst.h>

G_BEGIN_DECLS

/* A little less than the default metrics-interval, whose messages do not come
 * to the microsecond. */
#define TIEREDQUEUE_RATE_SPAN (900 * GST_MSECOND)

typedef struct
{
  guint64 time;                 /* of the look it counts from, monotonic ns */
  guint64 buffers;              /* that were out then */
  guint64 bytes;
  gboolean known;
  gdouble buffers_per_second;
  gdouble bytes_per_second;
} TieredQueueRate;

/* At the start, with nothing out. */
void tieredqueue_rate_init (TieredQueueRate * self, guint64 now);

/**
 * tieredqueue_rate_look:
 * @buffers: that have gone out since the start; never less than before
 */
void tieredqueue_rate_look (TieredQueueRate * self, guint64 now,
    guint64 buffers, guint64 bytes);

G_END_DECLS

#endif
