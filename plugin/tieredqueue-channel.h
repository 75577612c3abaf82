/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One channel of a tieredqueue: a lock-free ring between the streaming thread
 * of a sink pad (the producer) and the task of a source pad (the consumer), with
 * its limits, its levels, its waiting and its accounts.
 *
 * Contract
 *   reserve                        no data flow: the ring's memory, before the
 *                                  pads are activated
 *   set, set_flow, interrupt       any thread
 *   tieredqueue-put, -evict        the producer
 *   tieredqueue-take               the consumer, or who has waited for the
 *                                  consumer to stop
 *   tieredqueue-fill               how full it is: both, and others
 *   tieredqueue-wait               both, each for the other
 *
 * Neither side ever takes a lock while data flows.  Every wait ends when the
 * flow result is no longer OK.
 */
#ifndef TIEREDQUEUE_CHANNEL_H
#define TIEREDQUEUE_CHANNEL_H

#include <gst/gst.h>
#include <stdatomic.h>

#include "sc-eventcount.h"
#include "sc-pace.h"
#include "sc-spin.h"
#include "sc-watermark.h"

#include "tieredqueue-drops.h"
#include "tieredqueue-gop.h"
#include "tieredqueue-item.h"
#include "tieredqueue-rate.h"
#include "tieredqueue-sample.h"
#include "tieredqueue-settings.h"
#include "tieredqueue-timeline.h"

G_BEGIN_DECLS

typedef struct _TieredQueueChannel TieredQueueChannel;

struct _TieredQueueChannel
{
  TieredQueueSettings settings; /* any thread */
  TieredQueueLimits min;        /* the thresholds that hold; after EOS 0, each
                                 * until it is set or all are flushed */

  /* GST_FLOW_OK while data flows.  Every other value ends every wait. */
  _Atomic GstFlowReturn flow;

  ScChannelRing ring;
  ScEventcount items;           /* the consumer waits here */
  ScEventcount space;           /* the producer waits here */
  ScWatermark watermark;
  GPtrArray *memory;            /* of the ring's segments; the producer adds */
  _Atomic guint slots;          /* of the newest segment */
  _Atomic guint growths;

  /* The producer's. */
  _Alignas (SC_CACHE_LINE) TieredQueueTimeline timeline;
  ScRingLevel known;            /* level when last worked out, plus all pushed
                                 * since: not below the real one, but for
                                 * what time_fell_at tells */
  guint64 time_fell_at;         /* index after the last item that moved the time
                                 * back: once it is out, the level rises */
  ScSpin space_spin;
  ScPace space_pace;
  _Atomic guint64 space_due;    /* a nap: wake it when so many have gone out */
  gboolean has_evicted;         /* and not looked at the watermark since */
  _Atomic gboolean tail_is_data;
  /* Written before items are kept aside, whose claim publishes it: of those, what
   * has a smaller index is not to come out any more. */
  _Atomic guint64 stale_before;
  _Atomic guint64 buffers_in;
  _Atomic guint64 bytes_in;
  _Atomic guint64 headers_in;   /* stream headers: in the ring without weight */
  _Atomic guint64 header_bytes_in;
  TieredQueueGop gop;
  _Atomic guint peak_buffers;   /* looked at with every timed item */

  /* The consumer's. */
  _Alignas (SC_CACHE_LINE) _Atomic guint64 buffers_out;
  _Atomic guint64 bytes_out;
  _Atomic guint64 headers_out;  /* out of the ring: pushed or dropped */
  _Atomic guint64 header_bytes_out;
  ScSpin item_spin;
  ScPace item_pace;
  _Atomic guint64 items_due;    /* a nap: wake it when so many have come in */
  gboolean head_needs_discont;  /* items were dropped, no buffer since */
  gboolean head_needs_key;      /* items were dropped, no key unit since */

  /* In turns. */
  _Alignas (SC_CACHE_LINE) TieredQueueSample sample;

  TieredQueueDrops drops;
  /* Whoever keeps the ring's memory to read the account. */
  TieredQueueRate rate;
  _Atomic gboolean live;        /* what the last LATENCY query has said */
};

/**
 * tieredqueue_channel_new:
 *
 * Returns: (transfer full): with the default settings and its flow at FLUSHING;
 * free with tieredqueue_channel_free(), when it is empty
 */
TieredQueueChannel *tieredqueue_channel_new (void);
void tieredqueue_channel_free (TieredQueueChannel * self);

/**
 * tieredqueue_channel_reserve:
 *
 * Makes an empty ring for max-size-buffers and some events, and zeroes the
 * accounts.
 *
 * Returns: FALSE if the memory cannot be had
 */
gboolean tieredqueue_channel_reserve (TieredQueueChannel * self);

/**
 * tieredqueue_channel_set_flow:
 *
 * Sets the flow result and wakes both sides, so that they see it.
 */
void tieredqueue_channel_set_flow (TieredQueueChannel * self,
    GstFlowReturn flow);

static inline GstFlowReturn
tieredqueue_channel_flow (TieredQueueChannel * self)
{
  /* Acquire: pairs with the release in set_flow. */
  return atomic_load_explicit (&self->flow, memory_order_acquire);
}

/**
 * tieredqueue_channel_interrupt:
 *
 * Wakes both sides to look at limits that have changed.
 */
void tieredqueue_channel_interrupt (TieredQueueChannel * self);

/**
 * tieredqueue_channel_configure:
 *
 * Takes over all of @settings.  Before anybody else knows the channel.
 */
void tieredqueue_channel_configure (TieredQueueChannel * self,
    TieredQueueSettings * settings);

/**
 * tieredqueue_channel_set:
 *
 * Any thread, one at a time, that keeps the ring's memory from being reserved
 * anew.  Ends a wait that is over with it.
 *
 * Returns: whether it has ended back-pressure too, which is news
 */
gboolean tieredqueue_channel_set (TieredQueueChannel * self,
    TieredQueueSetting which, const GValue * value);

/**
 * tieredqueue_channel_lift_thresholds:
 *
 * What is queued must come out now.  The producer.
 */
void tieredqueue_channel_lift_thresholds (TieredQueueChannel * self);

/**
 * tieredqueue_channel_restore_thresholds:
 *
 * They hold again as they are set.  While nobody sets.
 */
void tieredqueue_channel_restore_thresholds (TieredQueueChannel * self);

/**
 * tieredqueue_channel_grow:
 * @ring: the ring or its carry ring
 *
 * Links a segment of twice the slots.  Only bursts of events and limits without
 * max-size-buffers come here; it is counted.  The producer.
 *
 * Returns: FALSE without memory
 */
gboolean tieredqueue_channel_grow (TieredQueueChannel * self, ScRing * ring);

/* The index that the next item pushed will have.  The producer. */
static inline guint64
tieredqueue_channel_next_index (TieredQueueChannel * self)
{
  return atomic_load_explicit (&self->ring.ring.tail, memory_order_relaxed);
}

/* Whether a dropped buffer takes with it what needs it.  Any thread. */
static inline gboolean
tieredqueue_channel_drops_gops (TieredQueueChannel * self)
{
  return atomic_load_explicit (&self->settings.drop_policy,
      memory_order_relaxed) == TIEREDQUEUE_DROP_POLICY_GOP;
}

/**
 * tieredqueue_channel_drop:
 * @object: (transfer full): a buffer or a list
 * @time: its place in the timeline, ns after the origin
 *
 * Counts it and lets it go.  Any thread.
 */
void tieredqueue_channel_drop (TieredQueueChannel * self,
    TieredQueueDropReason reason, TieredQueueKind kind, gpointer object,
    gint64 time);

G_END_DECLS

#endif
