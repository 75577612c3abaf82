/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How items come into a channel, or not.  All of it is the producer's.
 */
#ifndef TIEREDQUEUE_PUT_H
#define TIEREDQUEUE_PUT_H

#include "tieredqueue-channel.h"

G_BEGIN_DECLS

typedef enum
{
  TIEREDQUEUE_PUSHED,
  TIEREDQUEUE_PUSHED_NEWS,      /* and a watermark was crossed */
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

/**
 * tieredqueue_channel_takes_header:
 *
 * Whether one more stream header can go in beside the limits: there are not many
 * in the ring.  The producer.
 */
gboolean tieredqueue_channel_takes_header (TieredQueueChannel * self);

/**
 * tieredqueue_channel_refuse:
 * @object: (transfer full): a buffer or a list that is not let in
 *
 * Counts it as in and as dropped, which is news.  The producer.
 */
void tieredqueue_channel_refuse (TieredQueueChannel * self,
    TieredQueueKind kind, gpointer object, TieredQueueDropReason reason);

G_END_DECLS

#endif
