/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Where the output of a channel stands in running time, which it is kept together
 * by with the other channels (sync-channels).
 *
 * An item stands where it begins: a buffer at its DTS or else PTS, a list at the
 * last of its buffers that has one, a GAP at its timestamp, and at its end once it
 * is out.  Buffers without a time have no place, and nothing has in a segment that
 * is not in time or is played backwards.
 *
 * Owned by the source pad's task; what is held may be read by any thread.
 */
#ifndef TIEREDQUEUE_OUTPUT_H
#define TIEREDQUEUE_OUTPUT_H

#include "tieredqueue-sync.h"
#include "tieredqueue-take.h"

G_BEGIN_DECLS

typedef struct
{
  TieredQueueSyncMember *member;
  GstSegment segment;
  /* What has left the ring and waits for its turn. */
  _Atomic guint held_buffers;
  _Atomic gsize held_bytes;
} TieredQueueOutput;

typedef struct
{
  gboolean takes_part;
  gint64 begin;                 /* running times, ns */
  gint64 end;                   /* of a GAP its end, of a batch its last buffer;
                                 * else as begin */
} TieredQueueTurn;

/**
 * tieredqueue_output_init:
 *
 * Returns: FALSE: out of memory
 */
gboolean tieredqueue_output_init (TieredQueueOutput * self,
    TieredQueueSync * group);
void tieredqueue_output_clear (TieredQueueOutput * self);

/**
 * tieredqueue_output_wait:
 * @item: about to be pushed
 * @turn: (out): for tieredqueue_output_done(), which follows when the item is out
 *
 * Waits until the item may go out, or the channel takes no part any more.
 */
void tieredqueue_output_wait (TieredQueueOutput * self,
    const TieredQueueItem * item, TieredQueueTurn * turn);

/**
 * tieredqueue_output_joins:
 * @turn: (inout): that of the buffers before it
 *
 * Returns: whether @buffer may go out with them, without waiting itself
 */
gboolean tieredqueue_output_joins (TieredQueueOutput * self,
    GstBuffer * buffer, TieredQueueTurn * turn);

static inline void
tieredqueue_output_done (TieredQueueOutput * self, const TieredQueueTurn * turn)
{
  if (turn->takes_part)
    tieredqueue_sync_done (self->member, turn->end);
}

/* @event: the segment of the items that follow */
void tieredqueue_output_segment (TieredQueueOutput * self, GstEvent * event);

/* Adds what is held: it is in the queue still. */
void tieredqueue_output_add_level (TieredQueueOutput * self,
    ScRingLevel * level);

G_END_DECLS

#endif
