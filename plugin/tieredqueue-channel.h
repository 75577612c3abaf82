/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One channel of a tieredqueue: a lock-free ring between the streaming thread
 * of a sink pad (the producer) and the task of a source pad (the consumer), with
 * its limits, its levels, its waiting and its accounts.
 *
 * Contract
 *   reserve    no data flow: the ring's memory, before the pads are activated
 *   push, refuse, wait_for_space               the producer
 *   pop, wait_for_item                         the consumer, or who has waited
 *                                              for the consumer to stop
 *   set_flow, interrupt, level                 any thread
 *
 * Neither side ever takes a lock while data flows.  Every wait ends when the
 * flow result is no longer OK.
 */
#ifndef TIEREDQUEUE_CHANNEL_H
#define TIEREDQUEUE_CHANNEL_H

#include <gst/gst.h>
#include <stdatomic.h>

#include "sc-eventcount.h"
#include "sc-histogram.h"
#include "sc-pace.h"
#include "sc-spin.h"
#include "sc-watermark.h"

#include "tieredqueue-drops.h"
#include "tieredqueue-gop.h"
#include "tieredqueue-item.h"
#include "tieredqueue-rate.h"
#include "tieredqueue-settings.h"
#include "tieredqueue-timeline.h"

G_BEGIN_DECLS

typedef struct _TieredQueueChannel TieredQueueChannel;

struct _TieredQueueChannel
{
  TieredQueueSettings settings; /* any thread */
  _Atomic gboolean min_is_off;  /* after EOS, until flushed */

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
  _Atomic gboolean tail_is_data;
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

  /* One item at a time is timed: the producer fills the sample when it is free,
   * the consumer records and frees it. */
  _Alignas (SC_CACHE_LINE) _Atomic guint64 sample_index;
  guint64 sample_time;
  ScHistogram latency;          /* ns in the queue; the consumer writes */

  TieredQueueDrops drops;
  /* Whoever keeps the ring's memory to read the account. */
  TieredQueueRate rate;
  _Atomic gboolean live;        /* what the last LATENCY query has said */
};

typedef struct
{
  TieredQueueKind kind;
  gpointer object;              /* (transfer full) */
  guint64 index;                /* its place in all that was pushed */
  gint64 time;                  /* running time before it, ns */
  gboolean discont;             /* a buffer, and some were dropped before it */
} TieredQueueItem;

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
 * Any thread, one at a time.  Ends a wait that is over with it.
 */
void tieredqueue_channel_set (TieredQueueChannel * self,
    TieredQueueSetting which, const GValue * value);

gboolean tieredqueue_channel_is_filled (TieredQueueChannel * self);

/* The wait for space was too long.  Never leaves the sink pad. */
#define TIEREDQUEUE_FLOW_TIMEOUT GST_FLOW_CUSTOM_SUCCESS_1

/**
 * tieredqueue_channel_wait_for_space:
 * @since: (inout): 0 before the first wait for one item, which sets it: all its
 *   waits together take put-timeout at most
 *
 * Returns: GST_FLOW_OK when there is room, TIEREDQUEUE_FLOW_TIMEOUT, or the flow
 * result that has ended the wait (it may be another by now)
 */
GstFlowReturn tieredqueue_channel_wait_for_space (TieredQueueChannel * self,
    guint64 * since);

typedef enum
{
  TIEREDQUEUE_PUSHED,
  TIEREDQUEUE_PUSHED_HIGH,      /* and the high watermark was crossed */
  TIEREDQUEUE_PUSH_NO_MEMORY,   /* it is the caller's still */
} TieredQueuePush;

/**
 * tieredqueue_channel_push:
 * @object: (transfer full): an event or a query
 * @time: running time after it, ns
 *
 * The ring grows if it has no slot for it.  The producer.
 */
TieredQueuePush tieredqueue_channel_push (TieredQueueChannel * self,
    TieredQueueKind kind, gpointer object, gint64 time);

/**
 * tieredqueue_channel_push_data:
 * @object: (transfer full): a buffer or a list
 *
 * As push.  A stream header counts as in and in the level, but not towards the
 * limits.
 */
TieredQueuePush tieredqueue_channel_push_data (TieredQueueChannel * self,
    TieredQueueKind kind, TieredQueueUnit unit, gpointer object);

/* The index that the next item pushed will have.  The producer. */
static inline guint64
tieredqueue_channel_next_index (TieredQueueChannel * self)
{
  return atomic_load_explicit (&self->ring.ring.tail, memory_order_relaxed);
}

/**
 * tieredqueue_channel_refuse:
 * @object: (transfer full): a buffer or a list that is not let in
 *
 * Counts it as in and as dropped.  The producer.
 */
void tieredqueue_channel_refuse (TieredQueueChannel * self,
    TieredQueueKind kind, gpointer object, TieredQueueDropReason reason);

/* Whether a dropped buffer takes with it what needs it.  Any thread. */
static inline gboolean
tieredqueue_channel_drops_gops (TieredQueueChannel * self)
{
  return atomic_load_explicit (&self->settings.drop_policy,
      memory_order_relaxed) == TIEREDQUEUE_DROP_POLICY_GOP;
}

/**
 * tieredqueue_channel_takes_header:
 *
 * Whether one more stream header can go in beside the limits: there are not many
 * in the ring.  The producer.
 */
gboolean tieredqueue_channel_takes_header (TieredQueueChannel * self);

/* For eviction.  Whether there is data in the ring; the producer. */
gboolean tieredqueue_channel_has_data (TieredQueueChannel * self);

/* For eviction.  FALSE without memory; the producer. */
gboolean tieredqueue_channel_grow_carry (TieredQueueChannel * self);

/**
 * tieredqueue_channel_drop:
 * @object: (transfer full): a buffer or a list
 * @time: its running time, ns
 *
 * Counts it and lets it go.  Any thread.
 */
void tieredqueue_channel_drop (TieredQueueChannel * self,
    TieredQueueDropReason reason, TieredQueueKind kind, gpointer object,
    gint64 time);

/**
 * tieredqueue_channel_is_empty:
 *
 * The consumer: TRUE also below a min-threshold, as queue defines it.
 */
gboolean tieredqueue_channel_is_empty (TieredQueueChannel * self);

/**
 * tieredqueue_channel_spin_for_item:
 *
 * A nap or a short look around before it is called an underrun and slept on.
 *
 * Returns: TRUE when it is not empty any more
 */
gboolean tieredqueue_channel_spin_for_item (TieredQueueChannel * self);

/**
 * tieredqueue_channel_wait_for_item:
 *
 * Returns: TRUE when it is not empty, FALSE when the flow result is not OK
 */
gboolean tieredqueue_channel_wait_for_item (TieredQueueChannel * self);

/**
 * tieredqueue_channel_pop:
 *
 * The consumer.  Wakes the producer if it waits for space.  With drop-policy=gop
 * it drops delta units behind a gap.
 *
 * @news: (inout): set to TRUE if it has dropped some, or the level fell below the
 *   low watermark
 */
gboolean tieredqueue_channel_pop (TieredQueueChannel * self,
    TieredQueueItem * item, gboolean * news);

/**
 * tieredqueue_channel_pop_next_buffer:
 *
 * As tieredqueue_channel_pop(), but takes only a buffer, and only one that may be let
 * out now and before which nothing was dropped.
 */
gboolean tieredqueue_channel_pop_next_buffer (TieredQueueChannel * self,
    TieredQueueItem * item, gboolean * news);

/**
 * tieredqueue_channel_pop_carried:
 *
 * The consumer, while the producer stands still and the ring is empty.
 */
gboolean tieredqueue_channel_pop_carried (TieredQueueChannel * self,
    TieredQueueItem * item);

/**
 * tieredqueue_channel_level:
 *
 * Any thread that keeps the ring's memory from being reserved anew.  Stream
 * headers are in it.  The time is never negative.
 */
void tieredqueue_channel_level (TieredQueueChannel * self,
    ScRingLevel * level);

G_END_DECLS

#endif
