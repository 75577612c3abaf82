/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * bufpoolsrc's making of buffers with mode=pattern and mode=file.
 *
 * One buffer: pace (live only), acquire, fill, stamp.  Each of these can wait,
 * and interrupt ends every wait; what a read had got by then is kept, and the
 * next create goes on from there.
 *
 * One data thread creates.  Start, stop, seek and what is negotiated come while
 * it does not; interrupt and end come at any time between start and stop.
 */
#ifndef BUFPOOLSRC_PRODUCER_H
#define BUFPOOLSRC_PRODUCER_H

#include "bufpoolsrc-file.h"
#include "bufpoolsrc-pace.h"
#include "bufpoolsrc-report.h"
#include "bufpoolsrc-settings.h"
#include "bufpoolsrc-timeline.h"

G_BEGIN_DECLS

typedef struct
{
  GstElement *element;
  BufpoolsrcReport *report;
  const BufpoolsrcSettings *settings;   /* of this run */
  BufpoolsrcPace pace;

  /* What queries read too is written under the object lock. */
  BufpoolsrcFile file;
  BufpoolsrcTimeline line;
  GstFormat format;             /* of segments */
  gboolean live;

  GstBufferPool *pool;          /* not referenced */
  BufpoolsrcRoom room;          /* around the data */
  gboolean do_timestamp;
  guint64 stop_position;        /* of the segment */
  BufpoolsrcSignal signal;
  guint8 *scratch;              /* where dropped data is read to */
  gboolean dropping;            /* the next buffer is to be dropped */
  atomic_bool ending;           /* what there is, then EOS */

  GstBuffer *partial;           /* of an interrupted read */
  gsize filled;                 /* bytes in it, or in scratch */
  int read_error;               /* errno, after what was read before it */
} BufpoolsrcProducer;

void bufpoolsrc_producer_init (BufpoolsrcProducer * self,
    GstElement * element, BufpoolsrcReport * report,
    const BufpoolsrcSettings * settings);

/* The file is open if there is one. */
void bufpoolsrc_producer_start (BufpoolsrcProducer * self,
    GstBufferPool * pool, const BufpoolsrcStream * stream, GstFormat format);

/* May be called again. */
void bufpoolsrc_producer_stop (BufpoolsrcProducer * self);

/* New caps, and after every negotiation. */
void bufpoolsrc_producer_set_stream (BufpoolsrcProducer * self,
    const BufpoolsrcStream * stream);
void bufpoolsrc_producer_set_room (BufpoolsrcProducer * self,
    const BufpoolsrcRoom * room);

/* The next buffer.  Allocates nothing. */
GstFlowReturn bufpoolsrc_producer_create (BufpoolsrcProducer * self,
    GstBuffer ** out);

/* In a regular file: to the segment's position, up to its stop. */
gboolean bufpoolsrc_producer_seek (BufpoolsrcProducer * self,
    GstSegment * segment);

/* TRUE ends a wait and every later one until FALSE. */
void bufpoolsrc_producer_interrupt (BufpoolsrcProducer * self,
    gboolean interrupted);

/* Ends every wait; what has been read is the last buffer, then EOS, until a seek
 * or resume, whatever becomes of the interruption. */
void bufpoolsrc_producer_end (BufpoolsrcProducer * self);
void bufpoolsrc_producer_resume (BufpoolsrcProducer * self);

G_END_DECLS

#endif
