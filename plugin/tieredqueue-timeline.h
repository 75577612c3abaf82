/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Where the input of a channel stands in running time: what the time level is
 * the difference of.  Follows segments, gaps, buffers and buffer lists as queue
 * does: DTS or else PTS, plus the duration; an untimestamped buffer continues
 * from the one before.
 *
 * Owned by the streaming thread of the sink pad.
 */
#ifndef TIEREDQUEUE_TIMELINE_H
#define TIEREDQUEUE_TIMELINE_H

#include <gst/gst.h>

G_BEGIN_DECLS

typedef struct
{
  GstSegment segment;
  gint64 time;                  /* running time of the position, ns */
} TieredQueueTimeline;

void tieredqueue_timeline_init (TieredQueueTimeline * self);

/* Each returns the running time after it, in ns. */
gint64 tieredqueue_timeline_segment (TieredQueueTimeline * self,
    GstEvent * event);
gint64 tieredqueue_timeline_gap (TieredQueueTimeline * self, GstEvent * event);
gint64 tieredqueue_timeline_buffer (TieredQueueTimeline * self,
    GstBuffer * buffer);
gint64 tieredqueue_timeline_list (TieredQueueTimeline * self,
    GstBufferList * list);

G_END_DECLS

#endif
