/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * bufpoolsrc's waiting for the clock.  GstBaseSrc makes a clock entry for every
 * buffer that it waits for; this one is made once and used again, so that a live
 * source allocates nothing while it runs.
 *
 * One thread waits, any thread interrupts.
 */
#ifndef BUFPOOLSRC_PACE_H
#define BUFPOOLSRC_PACE_H

#include <gst/gst.h>
#include <stdatomic.h>

G_BEGIN_DECLS

typedef struct
{
  GstElement *element;          /* whose clock and object lock */
  GstClockID entry;             /* under the object lock */
  GstClock *clock;              /* of the entry; the waiting thread's */
  atomic_bool interrupted;
} BufpoolsrcPace;

void bufpoolsrc_pace_init (BufpoolsrcPace * self, GstElement * element);

/* Frees the entry.  Nobody waits. */
void bufpoolsrc_pace_clear (BufpoolsrcPace * self);

/* The element's running time now, or GST_CLOCK_TIME_NONE without a clock. */
GstClockTime bufpoolsrc_pace_now (BufpoolsrcPace * self);

/**
 * bufpoolsrc_pace_wait:
 * @running_time: ns
 *
 * Waits until then.  Does not wait without a clock.
 *
 * Returns: FALSE if interrupted
 */
gboolean bufpoolsrc_pace_wait (BufpoolsrcPace * self,
    GstClockTime running_time);

/* TRUE ends a wait and every later one until FALSE.  Any thread. */
void bufpoolsrc_pace_interrupt (BufpoolsrcPace * self, gboolean interrupted);

G_END_DECLS

#endif
