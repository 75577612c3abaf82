/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Where the input of a channel stands in running time: what the time level is
 * the difference of.  Follows segments, gaps, buffers and buffer lists as queue
 * does: DTS or else PTS, plus the duration.  Where nothing has come out yet, and
 * what has no timestamp, is taken as queue takes it in the GStreamer that runs:
 *
 *   before 1.24  the level counts from the beginning of the segment; a buffer
 *                without a timestamp continues from the one before, and a segment
 *                moves the time
 *   since 1.24   the level counts from the first timestamp, so that a stream that
 *                begins at 25 s is not 25 s long at once; what has no timestamp
 *                (a segment, too) does not move the time
 *
 * Owned by the streaming thread of the sink pad; any thread may ask for a running
 * time.
 */
#ifndef TIEREDQUEUE_TIMELINE_H
#define TIEREDQUEUE_TIMELINE_H

#include <gst/gst.h>
#include <stdatomic.h>

G_BEGIN_DECLS

typedef enum
{
  TIEREDQUEUE_FROM_SEGMENT,     /* queue before 1.24 */
  TIEREDQUEUE_FROM_FIRST,       /* and since */
} TieredQueueTimelineRule;

typedef struct
{
  GstSegment segment;
  gint64 running_time;          /* of the position, ns */
  gint64 time;                  /* as levels count it, ns after the origin */
  _Atomic gint64 origin;        /* its running time, ns; 0 while there is none */
  TieredQueueTimelineRule rule;
  gboolean has_origin;
} TieredQueueTimeline;

/* By the rule of the GStreamer that runs. */
void tieredqueue_timeline_init (TieredQueueTimeline * self);
void tieredqueue_timeline_init_by (TieredQueueTimeline * self,
    TieredQueueTimelineRule rule);

/* Each returns the time after it, in ns after the origin. */
gint64 tieredqueue_timeline_segment (TieredQueueTimeline * self,
    GstEvent * event);
gint64 tieredqueue_timeline_gap (TieredQueueTimeline * self, GstEvent * event);
gint64 tieredqueue_timeline_buffer (TieredQueueTimeline * self,
    GstBuffer * buffer);
gint64 tieredqueue_timeline_list (TieredQueueTimeline * self,
    GstBufferList * list);

/* The running time of a buffer that does not go into the channel, and so does not
 * move the time.  @timestamp: may be none: where the channel's end is. */
gint64 tieredqueue_timeline_outside (TieredQueueTimeline * self,
    GstClockTime timestamp);

/* Of a @time that one of these has returned since the init. */
gint64 tieredqueue_timeline_running_time (TieredQueueTimeline * self,
    gint64 time);

G_END_DECLS

#endif
