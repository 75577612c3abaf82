/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the application's threads do with mode=app: they acquire buffers of the
 * pool, push them filled, and end the stream; the data thread takes them.
 *
 * Buffers are stamped when they are pushed, in the order of the pushes.  Nothing
 * that was pushed is lost without being counted: what a flush or the stop still
 * finds in the queue counts as dropped.
 *
 * Any thread, any number of them, at any time; take is for one data thread.
 */
#ifndef BUFPOOLSRC_INTAKE_H
#define BUFPOOLSRC_INTAKE_H

#include "bufpoolsrc-app.h"
#include "bufpoolsrc-pace.h"
#include "bufpoolsrc-report.h"
#include "bufpoolsrc-settings.h"
#include "bufpoolsrc-timeline.h"

G_BEGIN_DECLS

typedef struct
{
  GstElement *element;
  BufpoolsrcReport *report;
  BufpoolsrcPace *pace;         /* for the time only */
  BufpoolsrcApp queue;

  /* Under the object lock. */
  GstBufferPool *pool;          /* NULL closed */
  BufpoolsrcRoom room;          /* around the data */

  /* Under the queue's lock. */
  BufpoolsrcTimeline line;
  gboolean live, do_timestamp;

  /* From open to close, while which nobody writes them. */
  GstAllocator *allocator;
  GstTieredOnExhausted policy;
  GstClockTime timeout;
  gsize default_size;
} BufpoolsrcIntake;

void bufpoolsrc_intake_init (BufpoolsrcIntake * self, GstElement * element,
    BufpoolsrcReport * report, BufpoolsrcPace * pace);
void bufpoolsrc_intake_clear (BufpoolsrcIntake * self);

/* From the start on; @pool is active.  FALSE without memory. */
gboolean bufpoolsrc_intake_open (BufpoolsrcIntake * self,
    GstBufferPool * pool, const BufpoolsrcSettings * settings,
    const BufpoolsrcStream * stream);

/* Of buffers that are acquired from now on. */
void bufpoolsrc_intake_set_room (BufpoolsrcIntake * self,
    const BufpoolsrcRoom * room);

/* At the stop, before the pool's.  May be called again. */
void bufpoolsrc_intake_close (BufpoolsrcIntake * self);

/**
 * bufpoolsrc_intake_acquire:
 * @size: bytes; 0 for the usual size
 *
 * Returns: (transfer full) (nullable): a buffer; NULL: see
 * bufpoolsrc_intake_result()
 */
GstBuffer *bufpoolsrc_intake_acquire (BufpoolsrcIntake * self, guint64 size);

/* Why the calling thread's last acquire ended as it did. */
GstFlowReturn bufpoolsrc_intake_result (void);

/* @buffer stays the caller's. */
GstFlowReturn bufpoolsrc_intake_push (BufpoolsrcIntake * self,
    GstBuffer * buffer);

GstFlowReturn bufpoolsrc_intake_end (BufpoolsrcIntake * self);

/* Drops what is queued and begins anew. */
void bufpoolsrc_intake_flush (BufpoolsrcIntake * self);

/* The data thread.  Allocates nothing. */
GstFlowReturn bufpoolsrc_intake_take (BufpoolsrcIntake * self,
    GstBuffer ** buffer);

G_END_DECLS

#endif
