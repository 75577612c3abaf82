/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Taking buffers out of a channel at the old end, by the producer, while the
 * consumer may take them too.
 *
 * Events, queries and stream headers stay: see sc-channel-ring.h.  With
 * drop-policy=gop eviction goes on, once it has begun, until a key unit is the
 * oldest.  If the consumer is faster in between it gets a delta unit behind the
 * gap; it sees the gap, and drops what needs what is missing itself.
 */
#ifndef TIEREDQUEUE_EVICT_H
#define TIEREDQUEUE_EVICT_H

#include "tieredqueue-channel.h"

G_BEGIN_DECLS

/**
 * tieredqueue_evict_for_room:
 *
 * Drops the oldest buffers until there is room.  The producer.
 *
 * Returns: FALSE if there is no memory to keep an event aside with; there may be
 * no room then
 */
gboolean tieredqueue_evict_for_room (TieredQueueChannel * self);

/**
 * tieredqueue_evict_all:
 *
 * Drops every buffer that is queued, as far as there is memory to keep the events
 * aside, which is news.  The producer.
 */
void tieredqueue_evict_all (TieredQueueChannel * self,
    TieredQueueDropReason reason);

G_END_DECLS

#endif
