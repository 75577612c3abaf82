/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The two pads of a channel, as they come into the element and leave it.
 */
#ifndef TIEREDQUEUE_PADS_H
#define TIEREDQUEUE_PADS_H

#include "tieredqueue-flow.h"

G_BEGIN_DECLS

/**
 * tieredqueue_pads_make:
 *
 * Makes the pads, which are in no element yet.
 *
 * @sinkpad: (out) (transfer floating)
 * @srcpad: (out) (transfer floating)
 */
void tieredqueue_pads_make (TieredQueuePads * self,
    GstPadTemplate * sink_template, GstPadTemplate * src_template,
    const gchar * sink_name, const gchar * src_name);

/**
 * tieredqueue_pads_shut:
 *
 * Begins to take the channel out of use, for good: ends its waits and starts
 * nothing any more.  Waits a little until no thread is in it.
 *
 * Returns: whether none is; else tieredqueue_pads_stop() may take long, as the
 * task may be in a push that does not return
 */
gboolean tieredqueue_pads_shut (TieredQueuePads * self);

/**
 * tieredqueue_pads_stop:
 *
 * Stops the pads, which may have left the element, when no thread is in them
 * any more; what is still queued is dropped.  Not from their own task.
 */
void tieredqueue_pads_stop (TieredQueuePads * self);

G_END_DECLS

#endif
