/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A channel: a ring in which the producer can drop the oldest items, but never
 * one that is marked to be kept (an event among buffers).
 *
 * A kept item that stands at the head when room is needed is carried: it goes
 * into a side ring with its index, and the consumer delivers it where it
 * belongs: before the first later item, and at once when there is none.
 *
 *   producer: append (index h, item) to the carry ring, THEN claim h.
 *   consumer: see c at the head; deliver the carried items with previous <
 *             index < c, one a call; when there is none, claim c.  When the
 *             ring is empty c is its head.
 *
 * The order is what matters.  Were the claim first, the consumer could see
 * h + 1 at the head and look into the carry ring before item h is in it, and the
 * event would come late or never.  If the producer's claim fails, the consumer
 * has taken item h itself: the carry entry has the index of an item it claimed,
 * and is passed over.  The item behind a carried one stays in the ring, and so
 * in its level, until it is delivered itself.
 *
 * Roles: one producer thread, one consumer role (it may move from thread to
 * thread when the old one has stopped and was waited for).
 */
#ifndef SC_CHANNEL_RING_H
#define SC_CHANNEL_RING_H

#include "sc-ring.h"

/* In the lowest bit of an item: never dropped.  Items are pointers of at least
 * 8-byte alignment; the two bits above are the caller's. */
#define SC_ITEM_KEEP ((uintptr_t) 1)
#define SC_ITEM_TAG_MASK ((uintptr_t) 7)

static inline void *
sc_item_pointer (const void *item)
{
  return (void *) ((uintptr_t) item & ~SC_ITEM_TAG_MASK);
}

static inline uintptr_t
sc_item_tag (const void *item)
{
  return (uintptr_t) item & SC_ITEM_TAG_MASK;
}

typedef struct
{
  ScRing ring;
  ScRing carry;
  /* The producer's, for evictions. */
  _Alignas (SC_CACHE_LINE) ScRingCursor evict_cursor;
  /* The consumer's. */
  _Alignas (SC_CACHE_LINE) ScRingCursor cursor;
  ScRingCursor carry_cursor;
  uint64_t expected;            /* the index after the last one delivered */
} ScChannelRing;

typedef struct
{
  void *item;
  uint64_t index;               /* its place in all that was ever pushed */
  int64_t time;                 /* producer's running time before it; of a
                                 * carried item: not known, INT64_MIN */
  uint64_t skipped;             /* items dropped right before this one */
} ScChannelItem;

typedef enum
{
  SC_EVICT_DROPPED,             /* the item is the caller's now */
  SC_EVICT_CARRIED,             /* a kept one: it will still be delivered */
  SC_EVICT_CARRY_FULL,          /* link a segment to the carry ring first */
  SC_EVICT_LOST,                /* another has taken it */
} ScEvictResult;

/**
 * sc_channel_ring_init:
 * @memory: for @slots, see sc_ring_init()
 * @carry_memory: for @carry_slots
 *
 * Returns: 0, or -EINVAL
 */
int sc_channel_ring_init (ScChannelRing * self, void *memory, uint32_t slots,
    void *carry_memory, uint32_t carry_slots);

/**
 * sc_channel_ring_peek_oldest:
 *
 * What eviction would take; not to be dereferenced, but its tag tells what it
 * is.  The producer only.
 */
bool sc_channel_ring_peek_oldest (ScChannelRing * self, ScRingItem * seen);

/**
 * sc_channel_ring_evict_seen:
 * @seen: from sc_channel_ring_peek_oldest()
 *
 * Takes that item out, and no other.  The producer only.
 */
ScEvictResult sc_channel_ring_evict_seen (ScChannelRing * self,
    const ScRingItem * seen);

/**
 * sc_channel_ring_pop:
 *
 * The consumer only.
 *
 * Returns: whether there was an item; it is the caller's then
 */
bool sc_channel_ring_pop (ScChannelRing * self, ScChannelItem * out);

/**
 * sc_channel_ring_pop_next:
 * @mask: tag bits that must be clear
 *
 * Takes an item only if it follows the last one without a gap and has none of the
 * tag bits: for a consumer that has something to finish before any other.  The
 * consumer only.
 *
 * Returns: whether there was one; it is the caller's then
 */
bool sc_channel_ring_pop_next (ScChannelRing * self, uintptr_t mask,
    ScChannelItem * out);

/**
 * sc_channel_ring_is_empty:
 *
 * The consumer only.
 *
 * Returns: whether sc_channel_ring_pop() would find nothing, carried items
 * included
 */
bool sc_channel_ring_is_empty (ScChannelRing * self);

#endif
