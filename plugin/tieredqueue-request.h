/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Pads on request: a request for either pad of a channel makes both, and the
 * release of either takes both out.
 *
 * Contract
 *   In any state and from any thread, also while data flows.  A release ends
 *   what waits in the channel; what is still queued is dropped and counted.  If
 *   a push downstream does not return, the pads leave the element all the same,
 *   and are stopped by another thread when it does.
 */
#ifndef TIEREDQUEUE_REQUEST_H
#define TIEREDQUEUE_REQUEST_H

#include "tieredqueue-channels.h"

G_BEGIN_DECLS

#define TIEREDQUEUE_SINK_TEMPLATE "sink_%u"
#define TIEREDQUEUE_SRC_TEMPLATE "src_%u"

/**
 * tieredqueue_request_always:
 *
 * Makes the pads `sink` and `src`.  In instance init.
 */
void tieredqueue_request_always (TieredQueueChannels * channels);

/**
 * tieredqueue_request_pad:
 * @name: (nullable): the pad's
 * @refusal: (out) (transfer full): why it returns NULL
 *
 * Returns: (transfer none) (nullable):
 */
GstPad *tieredqueue_request_pad (TieredQueueChannels * channels,
    GstPadTemplate * template, const gchar * name, gchar ** refusal);

void tieredqueue_request_release (TieredQueueChannels * channels,
    GstPad * pad);

G_END_DECLS

#endif
