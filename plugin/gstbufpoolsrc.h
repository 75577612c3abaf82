/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef GST_BUFPOOL_SRC_H
#define GST_BUFPOOL_SRC_H

#include <gst/base/gstpushsrc.h>

G_BEGIN_DECLS

#define GST_TYPE_BUFPOOL_SRC (gst_bufpool_src_get_type ())
G_DECLARE_FINAL_TYPE (GstBufpoolSrc, gst_bufpool_src, GST, BUFPOOL_SRC,
    GstPushSrc)

GST_ELEMENT_REGISTER_DECLARE (bufpoolsrc);

G_END_DECLS

#endif
