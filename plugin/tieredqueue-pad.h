/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * GstTieredQueuePad: a pad with the properties of its channel.  Both pads of a
 * channel show and set the same.
 *
 * Contract
 *   Holds a reference of its TieredQueuePads, so that its properties can be
 *   read as long as somebody has the pad, also when the channel has been
 *   released or the element is gone.
 *   Has the element's signals, for its channel: the sink pad emits `overrun` and
 *   the `running` after it, the source pad `underrun`, `running` and `pushing`.
 */
#ifndef TIEREDQUEUE_PAD_H
#define TIEREDQUEUE_PAD_H

#include "tieredqueue-flow.h"

G_BEGIN_DECLS

#define GST_TYPE_TIERED_QUEUE_PAD (gst_tiered_queue_pad_get_type ())
G_DECLARE_FINAL_TYPE (GstTieredQueuePad, gst_tiered_queue_pad, GST,
    TIERED_QUEUE_PAD, GstPad)

/**
 * gst_tiered_queue_pad_new:
 *
 * Returns: (transfer floating): a pad of @pads without functions for data,
 * events and queries
 */
GstPad *gst_tiered_queue_pad_new (TieredQueuePads * pads,
    GstPadTemplate * template, const gchar * name);

/**
 * gst_tiered_queue_pad_keep:
 *
 * @self keeps @partner alive as long as it lives itself.  Before it is in an
 * element.
 */
void gst_tiered_queue_pad_keep (GstTieredQueuePad * self, GstPad * partner);

/* From the pad's data thread, without a lock. */
void gst_tiered_queue_pad_emit (GstTieredQueuePad * self,
    TieredQueueSignal which);

/* Returns: (transfer none): */
TieredQueuePads *gst_tiered_queue_pad_get_pads (GstTieredQueuePad * self);

G_END_DECLS

#endif
