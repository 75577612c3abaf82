/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the sink counts, as fields of `stats` and the metrics message. */
#ifndef SAFEFILESINK_STATS_H
#define SAFEFILESINK_STATS_H

#include "sc-recorder.h"

#include <gst/base/gstbasesink.h>

G_BEGIN_DECLS

/**
 * safefilesink_stats_collect:
 * @recorder: (nullable): NULL before the first start: nothing is counted then,
 *     and what is left of the room not known
 *
 * Adds the fields that docs/metrics.md lists.  Any thread.
 */
void safefilesink_stats_collect (const ScRecorder * recorder,
    ScRecorderState state, GstStructure * stats);

/**
 * safefilesink_stats_collect_base:
 *
 * Adds the fields of GstBaseSink:stats.
 */
void safefilesink_stats_collect_base (GstBaseSink * sink,
    GstStructure * stats);

G_END_DECLS

#endif
