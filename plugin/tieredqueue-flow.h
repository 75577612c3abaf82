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
 *   as it pauses.  It is never held while pushing, posting or emitting, but for
 *   the STREAM_STATUS that GStreamer posts when a task starts.
 *   Counted references: a pad may outlive its channel's place in the element.
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
#include <gst/safecapture/gsttieredproposal.h>

#include "tieredqueue-account.h"
#include "tieredqueue-channel.h"
#include "tieredqueue-output.h"
#include "tieredqueue-report.h"
#include "tieredqueue-take.h"

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

/* What the element does for its channels. */
typedef struct
{
  /* Emits a signal of the element and of @pad, whose data thread calls without a
   * lock. */
  void (*emit) (GstElement * element, GstPad * pad, TieredQueueSignal signal);
  /* Which of the levels has changed: those of @changed that are not 0.  As
   * emit. */
  void (*notify_levels) (GstElement * element, const ScRingLevel * changed);
  /* There is something to report; from a data thread. */
  void (*news) (GstElement * element);
  /* Gives the channel another name, or says why not.  From no data thread. */
  void (*rename) (GstElement * element, TieredQueuePads * pads,
      const gchar * name);
} TieredQueueHost;

typedef enum
{
  TIEREDQUEUE_MAKING,           /* has a number and a name, but no pads yet */
  TIEREDQUEUE_LISTED,
  TIEREDQUEUE_LEAVING,          /* released; a thread may still be in it */
  TIEREDQUEUE_GONE,             /* at rest; its last messages are to be posted */
} TieredQueuePresence;

struct _TieredQueuePads
{
  gatomicrefcount references;
  GstElement *element;          /* valid while the pads are in it */
  const TieredQueueHost *host;
  TieredQueueChannel *channel;
  TieredQueueOutput output;
  GstTieredProposal *proposal;

  /* Each holds a reference of this.  The source pad lives as long as the sink
   * pad does, which has a reference of it; the sink pad is there for itself, and
   * for who finds it among the element's pads. */
  GstPad *sinkpad;
  GstPad *srcpad;

  /* Under the lock of the element's list of channels. */
  gint number;                  /* of sink_%u; below 0: none */
  TieredQueuePresence presence;
  gboolean handed_out[2];       /* by a request: [0] the sink pad, [1] the source */

  TieredQueuePosted posted;     /* the reporter's thread */

  GMutex control;
  gboolean released;            /* starts never again; under control */

  /* Held to read, to set and to reserve; also under control, never the other way.
   * Never with a call out: a handler of what GStreamer posts as a task starts,
   * under control, may read and set. */
  GMutex view;
  /* Under view. */
  gchar *name;                  /* written with the list's lock held as well */
  guint active_pads;            /* a bit each, by GstPadDirection */
  gboolean is_reserved;         /* for this run of the element */

  ScEventcount query_done;

  /* The index of the EOS that came in last: no more data until STREAM_START or
   * SEGMENT.  TIEREDQUEUE_NO_EOS while the stream goes on. */
  _Atomic guint64 eos_at;
  guint64 eos_pushed;           /* the task's: of the EOS it pushed last */
  guint flushes;                /* with the source pad's stream lock */
  /* Segments that have been queued; written by the producer after each. */
  _Atomic guint segments;
  /* 1 + `segments` as it was when downstream refused data with EOS: while the
   * two agree, the sink pad refuses too.  0 = never. */
  _Atomic guint refused_at;
  gboolean tail_needs_discont;  /* the producer's */
  /* Who lets go of what was queued, with the source pad's stream lock: what goes
   * with a buffer may call in.  Relaxed: a thread asks whether it is itself. */
  _Atomic (GThread *) emptier;
};

/**
 * tieredqueue_pads_new:
 * @name: the channel's
 * @settings: what it begins with
 * @group: with whom it is kept together
 *
 * Returns: (transfer full): a channel without pads, at rest
 */
TieredQueuePads *tieredqueue_pads_new (GstElement * element,
    const TieredQueueHost * host, gint number, const gchar * name,
    TieredQueueSettings * settings, TieredQueueSync * group);
TieredQueuePads *tieredqueue_pads_ref (TieredQueuePads * self);
void tieredqueue_pads_unref (TieredQueuePads * self);

/* Sets the channel, one thread at a time.  Returns whether that is news. */
gboolean tieredqueue_pads_set (TieredQueuePads * self, TieredQueueSetting which,
    const GValue * value);

/**
 * tieredqueue_pads_dup_name:
 *
 * Returns: (transfer full): the channel's name.  Any thread
 */
gchar *tieredqueue_pads_dup_name (TieredQueuePads * self);

/**
 * tieredqueue_pads_read_account:
 * @account: (out)
 *
 * Any thread but those of data.
 */
void tieredqueue_pads_read_account (TieredQueuePads * self,
    TieredQueueAccount * account);
void tieredqueue_pads_read_level (TieredQueuePads * self,
    ScRingLevel * level);

/**
 * tieredqueue_flow_begin:
 *
 * The element is about to run: the first pad to be active reserves the ring and
 * the counts begin anew, unless one is active already.
 */
void tieredqueue_flow_begin (TieredQueuePads * self);

/**
 * tieredqueue_flow_open:
 *
 * The pad of @direction is to be active, and close: not any more.  Twice is as
 * once: two threads that activate a pad both come here.
 *
 * Returns: FALSE if the ring cannot be reserved, which is posted as an error
 */
gboolean tieredqueue_flow_open (TieredQueuePads * self,
    GstPadDirection direction);
void tieredqueue_flow_close (TieredQueuePads * self,
    GstPadDirection direction);

/* Any thread.  _locked: with `control` held, so that who found another flow
 * result under it cannot overwrite this one. */
void tieredqueue_flow_set (TieredQueuePads * self, GstFlowReturn flow);
void tieredqueue_flow_set_locked (TieredQueuePads * self, GstFlowReturn flow);

/**
 * tieredqueue_flow_fail:
 *
 * The task's way, with `control` held: an OK becomes @flow; what another thread
 * has set meanwhile (FLUSHING) stays.
 */
void tieredqueue_flow_fail (TieredQueuePads * self, GstFlowReturn flow);

/**
 * tieredqueue_flow_linked:
 *
 * Any thread, when the source pad has been linked or unlinked: only a channel
 * whose output goes somewhere is waited for by others.
 */
void tieredqueue_flow_linked (TieredQueuePads * self);

/**
 * tieredqueue_flow_tell_error:
 *
 * Posts @flow if it is an error.  No data flows after EOS that could tell one:
 * EOS has to.
 */
void tieredqueue_flow_tell_error (TieredQueuePads * self, GstFlowReturn flow);

/* From the data thread of @pad, without a lock; not if `silent`. */
void tieredqueue_flow_emit (TieredQueuePads * self, GstPad * pad,
    TieredQueueSignal signal);

/**
 * tieredqueue_flow_watch_levels:
 *
 * Reads the levels before something changes them.  FALSE, and nothing read,
 * unless `notify-levels`.
 */
gboolean tieredqueue_flow_watch_levels (TieredQueuePads * self,
    ScRingLevel * before);

/* Tells what has changed since.  From a data thread, without a lock. */
void tieredqueue_flow_notify_levels (TieredQueuePads * self,
    const ScRingLevel * before);

/* There is something to report.  Any thread. */
void tieredqueue_flow_news (TieredQueuePads * self);

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
 * tieredqueue_flow_reset_input:
 *
 * In the producer's role, when all that was queued is gone: the thresholds hold
 * again, and the input's times begin anew.
 */
void tieredqueue_flow_reset_input (TieredQueuePads * self);

/**
 * tieredqueue_flow_empty:
 *
 * With neither side running: takes all out, and resets the input.
 *
 * Returns: (transfer full): for tieredqueue_flow_let_go()
 */
GArray *tieredqueue_flow_empty (TieredQueuePads * self);

/* EOS may have lifted them; after a flush they hold again.  With or without
 * `control`, but not `view`. */
void tieredqueue_flow_restore_thresholds (TieredQueuePads * self);

/**
 * tieredqueue_flow_let_go:
 * @popped: (transfer full): from tieredqueue_channel_pop_all()
 *
 * Discards them.  In the consumer's role: with the source pad's stream lock, which
 * the task holds as long as it runs; and without `control`, as what goes with a
 * buffer may call in.
 */
void tieredqueue_flow_let_go (TieredQueuePads * self, GArray * popped,
    gboolean keep_sticky);

/* Whether the calling thread is in tieredqueue_flow_let_go(): the task, which needs
 * the stream lock to end, cannot be waited for. */
gboolean tieredqueue_flow_is_emptying (TieredQueuePads * self);

G_END_DECLS

#endif
