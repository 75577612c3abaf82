/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Buffers that are in the queue already, pushed as one list: downstream's pads take
 * their locks once for all of them.  The source pad's task.
 */
#ifndef TIEREDQUEUE_BATCH_H
#define TIEREDQUEUE_BATCH_H

#include "tieredqueue-pads.h"

G_BEGIN_DECLS

/**
 * tieredqueue_batch_gather:
 * @item: (inout): a buffer that was popped; becomes a list with those behind it,
 *   up to `batch` in all, if there are any and the pad downstream handles lists
 * @turn: (inout): when @item goes out; becomes that of the whole list
 * @over: (out): what was popped and may not go out in this turn; no object if there
 *   is nothing
 * @news: (inout): set when there is something to report
 *
 * The list is allocated: downstream may keep it for as long as it likes.
 */
void tieredqueue_batch_gather (TieredQueuePads * self, TieredQueueItem * item,
    TieredQueueTurn * turn, TieredQueueItem * over, gboolean * news);

G_END_DECLS

#endif
