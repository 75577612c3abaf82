/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the scenarios with rings share: two segments, and items that are numbers
 * with a word of memory each, which is its owner's. */
#ifndef MC_MODEL_RING_H
#define MC_MODEL_RING_H

#include "sc-ring.h"

enum { MC_SLOTS = 2, MC_ITEMS = 6 };

/* A ring of two slots begins here, so that the low half of the index wraps at
 * the second item. */
#define MC_BASE ((uint64_t) UINT32_MAX - 1)

extern uint64_t mc_payloads[MC_ITEMS];
extern _Alignas (SC_CACHE_LINE) char mc_segments[4][512];

/* Sets the ring up, as it is after @base items. */
void mc_ring_at (ScRing * ring, void *memory, uint64_t base);

/* Writes the item's memory and pushes it; it weighs 1 buffer and 2^n bytes, and
 * the time after it is mc_time_after(). */
int mc_push (ScRing * ring, unsigned n, uintptr_t tag);
int64_t mc_time_after (unsigned n);

/* The item is the caller's: reads its memory, and writes to it. */
unsigned mc_take (void *item);
/* The slot's contents were the caller's to read. */
void mc_own_slot (const ScRingCursor * cursor, const ScRingItem * item);

/* A level read beside others must be one that was: of the items from h to t,
 * the same h in each of its parts. */
void mc_assert_level (const ScRingLevel * level, unsigned pushed,
    unsigned most);

/* Of channel rings, in model-channel.c. */
void mc_channel_empty (void);
void mc_channel_event_first (void);
void mc_channel_event_second (void);
void mc_channel_events (void);
void mc_channel_only_events (void);
void mc_channel_push_one (void);
void mc_channel_push_one_wrong (void);
void mc_channel_push_two (void);
void mc_channel_push_three (void);
void mc_channel_evict (void);
void mc_channel_evict_two (void);
bool mc_channel_pop (void);
void mc_channel_pop_two (void);
void mc_channel_pop_three (void);
void mc_channel_pop_to_second (void);
bool mc_channel_is_empty (void);
bool mc_channel_ring_is_empty (void);
void mc_channel_finish (void);

#endif
