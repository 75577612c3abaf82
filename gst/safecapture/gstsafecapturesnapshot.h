/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a monitor tells of a pipeline.  Not installed: the monitor's own. */
#ifndef GST_SAFECAPTURE_SNAPSHOT_H
#define GST_SAFECAPTURE_SNAPSHOT_H

#include "gstsafecapture-prelude.h"

G_BEGIN_DECLS

/* Returns: (transfer full): a structure `safecapture-snapshot`.  Any thread. */
GstStructure *gst_safecapture_snapshot_new (GstElement * pipeline);

G_END_DECLS

#endif
