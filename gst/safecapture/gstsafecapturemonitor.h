/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One look at a whole pipeline: our elements, and the stock queues beside them. */
#ifndef GST_SAFECAPTURE_MONITOR_H
#define GST_SAFECAPTURE_MONITOR_H

#include <gst/safecapture/gstsafecapture-prelude.h>

G_BEGIN_DECLS

#define GST_TYPE_SAFECAPTURE_MONITOR (gst_safecapture_monitor_get_type ())
GST_SAFECAPTURE_API
G_DECLARE_FINAL_TYPE (GstSafecaptureMonitor, gst_safecapture_monitor, GST,
    SAFECAPTURE_MONITOR, GObject)

GST_SAFECAPTURE_API
GstSafecaptureMonitor *gst_safecapture_monitor_new (GstElement * pipeline);

GST_SAFECAPTURE_API
GstStructure *gst_safecapture_monitor_get_snapshot (GstSafecaptureMonitor *
    self);

GST_SAFECAPTURE_API
void gst_safecapture_monitor_log (GstSafecaptureMonitor * self,
    GstObject * source, const GstStructure * structure);

G_END_DECLS

#endif
