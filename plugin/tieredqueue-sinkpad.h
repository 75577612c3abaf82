/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The sink pad of a channel: what comes in, by the rules of queue for data,
 * events, queries and flushes.
 *
 * Contract
 *   Data and serialised events come from one streaming thread, the channel's
 *   producer; flushes from any other.
 */
#ifndef TIEREDQUEUE_SINKPAD_H
#define TIEREDQUEUE_SINKPAD_H

#include "tieredqueue-flow.h"

G_BEGIN_DECLS

/* @pad's element private is its TieredQueuePads. */
void tieredqueue_sinkpad_setup (GstPad * pad);

G_END_DECLS

#endif
