/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef GST_SAFE_FILE_SINK_H
#define GST_SAFE_FILE_SINK_H

#include <gst/base/gstbasesink.h>

G_BEGIN_DECLS

#define GST_TYPE_SAFE_FILE_SINK (gst_safe_file_sink_get_type ())
G_DECLARE_FINAL_TYPE (GstSafeFileSink, gst_safe_file_sink, GST,
    SAFE_FILE_SINK, GstBaseSink)

GST_ELEMENT_REGISTER_DECLARE (safefilesink);

G_END_DECLS

#endif
