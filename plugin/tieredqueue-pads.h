/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The pads of one channel: what comes in at the sink pad, the task of the source
 * pad, and the rules of queue for events, queries, flushes and flow results.
 *
 * Contract
 *   The sink pad's streaming thread is the channel's producer, the source pad's
 *   task its consumer.  While data flows neither takes a lock here (pads have
 *   their own).  `control` keeps those apart who change the flow result by what
 *   they found it to be: a flush, a stop, RECONFIGURE, a new stream, and the task
 *   as it pauses.  It is never held while pushing, posting or emitting.
 *
 * Flow result of the channel
 *   OK           data flows
 *   FLUSHING     flushing, or pads not active
 *   EOS          the source pad has sent EOS
 *   NOT_LINKED   the items stay; RECONFIGURE starts again
 *   errors       what downstream said; comes back from the sink pad
 */
#ifndef TIEREDQUEUE_PADS_H
#define TIEREDQUEUE_PADS_H

#include <gst/gst.h>

#include "tieredqueue-channel.h"

G_BEGIN_DECLS

typedef enum
{
  TIEREDQUEUE_LEAKY_NO,
  TIEREDQUEUE_LEAKY_UPSTREAM,
  TIEREDQUEUE_LEAKY_DOWNSTREAM,
} TieredQueueLeaky;

typedef enum
{
  TIEREDQUEUE_SIGNAL_UNDERRUN,
  TIEREDQUEUE_SIGNAL_RUNNING,
  TIEREDQUEUE_SIGNAL_OVERRUN,
  TIEREDQUEUE_SIGNAL_PUSHING,
  TIEREDQUEUE_N_SIGNALS
} TieredQueueSignal;

#define TIEREDQUEUE_NO_EOS G_MAXUINT64

typedef struct _TieredQueuePads TieredQueuePads;

struct _TieredQueuePads
{
  GstElement *element;
  GstPad *sinkpad;
  GstPad *srcpad;
  TieredQueueChannel *channel;

  /* The element's: emits a signal, from a data thread without a lock. */
  void (*emit) (GstElement * element, TieredQueueSignal signal);
  /* There is something to report; from a data thread. */
  void (*news) (GstElement * element);
  /* Adds to what downstream has answered to an ALLOCATION query, with @answered
   * if it has; TRUE if there is an answer now.  From the streaming thread. */
  gboolean (*propose) (GstElement * element, GstQuery * query,
      gboolean answered);

  /* Settings, any thread. */
  _Atomic gint leaky;
  _Atomic gboolean silent;
  _Atomic gboolean flush_on_eos;

  GMutex control;
  ScEventcount query_done;

  /* The index of the EOS that came in last: no more data until STREAM_START or
   * SEGMENT.  TIEREDQUEUE_NO_EOS while the stream goes on. */
  _Atomic guint64 eos_at;
  guint64 eos_pushed;           /* the task's: of the EOS it pushed last */
  /* Segments that have been queued; written by the producer after each. */
  _Atomic guint segments;
  /* 1 + `segments` as it was when downstream refused data with EOS: while the
   * two agree, the sink pad refuses too.  0 = never. */
  _Atomic guint refused_at;
  gboolean tail_needs_discont;  /* the producer's */
};

/**
 * tieredqueue_pads_init:
 *
 * Makes the pads from the element class's templates and adds them.
 */
void tieredqueue_pads_init (TieredQueuePads * self, GstElement * element,
    const gchar * sink_name, const gchar * src_name);
void tieredqueue_pads_clear (TieredQueuePads * self);

G_END_DECLS

#endif
