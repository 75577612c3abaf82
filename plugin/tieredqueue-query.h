/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A serialised query on its way through a channel: it travels in the ring so
 * that it stays in order, while the streaming thread waits for its answer.
 *
 *              claim            finish
 *   PENDING ----------> CLAIMED ----------> DONE
 *      |
 *      | cancel (only from PENDING)
 *      v
 *   CANCELLED
 *
 * Once claimed, downstream is looking at the query: the waiter must stay until
 * it is done, or the query would be freed under it.  A cancelled one stays in
 * the ring as an empty shell.
 */
#ifndef TIEREDQUEUE_QUERY_H
#define TIEREDQUEUE_QUERY_H

#include <gst/gst.h>

G_BEGIN_DECLS

typedef struct _TieredQueueQuery TieredQueueQuery;

/**
 * tieredqueue_query_new:
 * @query: borrowed until done or cancelled
 *
 * Returns: (transfer full): with two references, the waiter's and the ring's
 */
TieredQueueQuery *tieredqueue_query_new (GstQuery * query);
void tieredqueue_query_unref (TieredQueueQuery * self);

/* The consumer.  Returns the query, or NULL if it was cancelled. */
GstQuery *tieredqueue_query_claim (TieredQueueQuery * self);
void tieredqueue_query_finish (TieredQueueQuery * self, gboolean answered);

/* The waiter.  cancel returns FALSE if it is claimed or done. */
gboolean tieredqueue_query_cancel (TieredQueueQuery * self);
gboolean tieredqueue_query_is_done (TieredQueueQuery * self,
    gboolean * answered);

G_END_DECLS

#endif
