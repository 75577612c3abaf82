/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * safefilesink's own bus messages, field by field as docs/safefilesink.md says.
 * Never from the streaming thread and never under a lock.
 */
#ifndef SAFEFILESINK_MESSAGES_H
#define SAFEFILESINK_MESSAGES_H

#include "safefilesink-leftover.h"
#include "sc-recorder.h"

#include <gst/safecapture/gstsafecapturereporter.h>

G_BEGIN_DECLS

/* safefilesink-published */
void safefilesink_post_published (GstSafecaptureReporter * reporter,
    const gchar * location, ScRecorder * recorder);

/**
 * safefilesink_post_switches:
 * @told: (inout): targets that were looked at so far; 0 at first
 *
 * Posts safefilesink-switched for each target that the recording has gone on at
 * since.
 */
void safefilesink_post_switches (GstSafecaptureReporter * reporter,
    ScRecorder * recorder, guint * told);

/* safefilesink-warning, code `slow-storage` */
void safefilesink_post_slow_storage (GstSafecaptureReporter * reporter,
    const ScRecorderStats * stats);

/* safefilesink-warning, code `falls-behind`: the memory will be full in @time
 * (ns). */
void safefilesink_post_falls_behind (GstSafecaptureReporter * reporter,
    const ScRecorderStats * stats, guint64 time);

/* safefilesink-warning, code `verify-mismatch`: what was read back was wrong. */
void safefilesink_post_mismatch (GstSafecaptureReporter * reporter,
    const ScRecorderStats * stats);

/* safefilesink-warning, code `direct-refused`: O_DIRECT is not possible. */
void safefilesink_post_direct_refused (GstSafecaptureReporter * reporter,
    const gchar * location);

/* safefilesink-warning, code `space-used-up`: EOS is asked for. */
void safefilesink_post_ending (GstSafecaptureReporter * reporter,
    const ScRecorderStats * stats);

/* safefilesink-warning, code `space-low`: at most @time (ns) is left until
 * then. */
void safefilesink_post_space_low (GstSafecaptureReporter * reporter,
    const ScRecorderStats * stats, guint64 time);

/* safefilesink-warning, code `stopped-without-eos` */
void safefilesink_post_stopped (GstSafecaptureReporter * reporter,
    const gchar * path, const ScRecorderStats * stats);

/* safefilesink-warning, code `unfinished-recording` */
void safefilesink_post_unfinished (GstSafecaptureReporter * reporter,
    const SafefilesinkLeftover * leftover);

G_END_DECLS

#endif
