/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How items come out of a channel.  All of it is the consumer's.
 */
#ifndef TIEREDQUEUE_TAKE_H
#define TIEREDQUEUE_TAKE_H

#include "tieredqueue-channel.h"

G_BEGIN_DECLS

typedef struct
{
  TieredQueueKind kind;
  gpointer object;              /* (transfer full) */
  guint64 index;                /* its place in all that was pushed */
  gint64 time;                  /* in the timeline before it, ns */
  gboolean discont;             /* a buffer, and some were dropped before it */
} TieredQueueItem;

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
 * tieredqueue_channel_pop_all:
 *
 * The consumer.  Lets nothing go, and so calls nothing of others: it may be under a
 * lock.
 *
 * Returns: (transfer full): all that is in the channel, of ScChannelItem; each is
 * for tieredqueue_channel_unpack()
 */
GArray *tieredqueue_channel_pop_all (TieredQueueChannel * self);

/**
 * tieredqueue_channel_unpack:
 *
 * The second half of tieredqueue_channel_pop().
 *
 * Returns: FALSE if it was dropped
 */
gboolean tieredqueue_channel_unpack (TieredQueueChannel * self,
    const ScChannelItem * popped, TieredQueueItem * item, gboolean * news);

G_END_DECLS

#endif
