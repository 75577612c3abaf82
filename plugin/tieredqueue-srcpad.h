/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The source pad of a channel: the task that pushes what is queued, and what
 * downstream asks and tells.
 *
 * Contract
 *   The task is the channel's consumer.  It pauses itself when the flow result
 *   is no longer OK.
 */
#ifndef TIEREDQUEUE_SRCPAD_H
#define TIEREDQUEUE_SRCPAD_H

#include "tieredqueue-flow.h"

G_BEGIN_DECLS

/* @pad's element private is its TieredQueuePads. */
void tieredqueue_srcpad_setup (GstPad * pad);

/**
 * tieredqueue_srcpad_start_locked:
 *
 * Opens the channel and starts the task; not if it has been released.  With
 * `control` held.  GStreamer tells of a new task in the name of the pad's element
 * (STREAM_STATUS, by which applications set priorities): before the pad is in it,
 * only the channel is opened.
 */
gboolean tieredqueue_srcpad_start_locked (TieredQueuePads * self);

/* The pad, if it is active, has come into the element. */
void tieredqueue_srcpad_added (TieredQueuePads * self);

/**
 * tieredqueue_srcpad_lock_at_rest:
 *
 * Waits until the task is out of what it does, with the flow result FLUSHING.  A
 * start meanwhile ends the wait: the task may then be waiting for an item, for
 * as long as upstream waits for the caller.
 *
 * Returns: whether the source pad's stream lock is held now
 */
gboolean tieredqueue_srcpad_lock_at_rest (TieredQueuePads * self);

/* Whether the calling thread may be in the channel's task: it cannot be waited
 * for. */
gboolean tieredqueue_srcpad_is_own_task (TieredQueuePads * self);

G_END_DECLS

#endif
