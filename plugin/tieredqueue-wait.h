/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How the two sides of a channel wait for each other, in the order in which it is
 * tried:
 *
 *   nap    where buffers have passed fast (ScPace): a sleep of limited length,
 *          which the other side ends once a quarter of the queue has filled or
 *          become free, not with the first.  Both then work on lines of their
 *          own for a while, and a wake-up serves many buffers.
 *   spin   a bounded look around (ScSpin)
 *   sleep  until the first item or the first room
 *
 * A nap never outlasts its limit, so that nothing is held back for longer, whether
 * or not the other side goes on.  An event or a query ends it, as do the other side's
 * own wait and every change of the flow result.
 */
#ifndef TIEREDQUEUE_WAIT_H
#define TIEREDQUEUE_WAIT_H

#include "tieredqueue-channel.h"

G_BEGIN_DECLS

/**
 * tieredqueue_wait_notify_items:
 * @data: the item is a buffer or a list; an event lets nobody nap on
 *
 * The producer, after each item.
 */
static inline void
tieredqueue_wait_notify_items (TieredQueueChannel * self, gboolean data)
{
  if (G_UNLIKELY (sc_eventcount_has_waiter (&self->items))
      && (!data || tieredqueue_channel_next_index (self)
          >= atomic_load_explicit (&self->items_due, memory_order_relaxed)))
    sc_eventcount_wake (&self->items);
}

/**
 * tieredqueue_wait_notify_space:
 * @head: items that have gone out so far
 *
 * The consumer, after each item.
 */
static inline void
tieredqueue_wait_notify_space (TieredQueueChannel * self, guint64 head)
{
  if (G_UNLIKELY (sc_eventcount_has_waiter (&self->space))
      && head >= atomic_load_explicit (&self->space_due, memory_order_relaxed))
    sc_eventcount_wake (&self->space);
}

/* The wait for space was too long.  Never leaves the sink pad, and is nothing that
 * downstream may say. */
#define TIEREDQUEUE_FLOW_TIMEOUT ((GstFlowReturn) (G_MAXINT - 1))

/**
 * tieredqueue_channel_wait_for_space:
 * @since: (inout): 0 before the first wait for one item, which sets it: all its
 *   waits together take put-timeout at most
 *
 * Returns: GST_FLOW_OK when there is room or the channel leaks now,
 * TIEREDQUEUE_FLOW_TIMEOUT, or the flow
 * result that has ended the wait (it may be another by now)
 */
GstFlowReturn tieredqueue_channel_wait_for_space (TieredQueueChannel * self,
    guint64 * since);

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

G_END_DECLS

#endif
