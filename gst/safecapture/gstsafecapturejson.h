/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Snapshots, statistics and messages as lines of JSON. */
#ifndef GST_SAFECAPTURE_JSON_H
#define GST_SAFECAPTURE_JSON_H

#include <gst/safecapture/gstsafecapture-prelude.h>

G_BEGIN_DECLS

GST_SAFECAPTURE_API
gchar *gst_safecapture_structure_to_json (const GstStructure * structure);

G_END_DECLS

#endif
