/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef GST_TIERED_QUEUE_H
#define GST_TIERED_QUEUE_H

#include <gst/gst.h>

G_BEGIN_DECLS

#define GST_TYPE_TIERED_QUEUE (gst_tiered_queue_get_type ())
G_DECLARE_FINAL_TYPE (GstTieredQueue, gst_tiered_queue, GST, TIERED_QUEUE,
    GstElement)

GST_ELEMENT_REGISTER_DECLARE (tieredqueue);

G_END_DECLS

#endif
