/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the two pads of one channel share: its flow result, where its stream
 * stands, and how it is emptied.
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
#ifndef TIEREDQUEUE_FLOW_H
#define TIEREDQUEUE_FLOW_H

#include <gst/gst.h>

#include "tieredqueue-channel.h"

G_BEGIN_DECLS

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

/* Any thread.  _locked: with `control` held, so that who found another flow
 * result under it cannot overwrite this one. */
void tieredqueue_flow_set (TieredQueuePads * self, GstFlowReturn flow);
void tieredqueue_flow_set_locked (TieredQueuePads * self, GstFlowReturn flow);

/**
 * tieredqueue_flow_fail:
 *
 * The task's way: an OK becomes @flow; what another thread has set meanwhile
 * (FLUSHING) stays.
 */
void tieredqueue_flow_fail (TieredQueuePads * self, GstFlowReturn flow);

/**
 * tieredqueue_flow_tell_error:
 *
 * Posts @flow if it is an error.  No data flows after EOS that could tell one:
 * EOS has to.
 */
void tieredqueue_flow_tell_error (TieredQueuePads * self, GstFlowReturn flow);

/* From a data thread, without a lock; not if `silent`. */
void tieredqueue_flow_emit (TieredQueuePads * self, TieredQueueSignal signal);

static inline gboolean
tieredqueue_flow_has_eos (TieredQueuePads * self)
{
  return atomic_load_explicit (&self->eos_at, memory_order_relaxed)
      != TIEREDQUEUE_NO_EOS;
}

/* TRUE after downstream has said EOS, until a segment has been queued. */
static inline gboolean
tieredqueue_flow_is_refusing (TieredQueuePads * self)
{
  return atomic_load_explicit (&self->refused_at, memory_order_relaxed)
      == atomic_load_explicit (&self->segments, memory_order_relaxed) + 1;
}

/**
 * tieredqueue_flow_discard:
 * @item: (transfer full): a buffer is counted as dropped for @reason, a query
 *   goes unanswered
 * @keep_sticky: whether the source pad keeps the sticky events that a flush
 *   leaves
 */
void tieredqueue_flow_discard (TieredQueuePads * self, TieredQueueItem * item,
    TieredQueueDropReason reason, gboolean keep_sticky);

/**
 * tieredqueue_flow_flush_items:
 *
 * In the consumer's role: with the source pad's stream lock, which the task
 * holds as long as it runs.
 */
void tieredqueue_flow_flush_items (TieredQueuePads * self,
    gboolean keep_sticky);

/**
 * tieredqueue_flow_flush_all:
 *
 * With neither side running: what no later item will bring along goes too, and
 * the input's times begin anew.
 */
void tieredqueue_flow_flush_all (TieredQueuePads * self, gboolean keep_sticky);

G_END_DECLS

#endif
