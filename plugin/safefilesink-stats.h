/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A recorder's counters as fields of `stats` and the metrics message. */
#ifndef SAFEFILESINK_STATS_H
#define SAFEFILESINK_STATS_H

#include "sc-recorder.h"

#include <gst/gst.h>

G_BEGIN_DECLS

/**
 * safefilesink_stats_collect:
 * @recorder: (nullable): NULL before the first start: all fields are 0
 *
 * Adds the fields that docs/safefilesink.md lists.  Any thread.
 */
void safefilesink_stats_collect (const ScRecorder * recorder,
    GstStructure * stats);

G_END_DECLS

#endif
