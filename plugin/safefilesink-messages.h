/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * safefilesink's own bus messages, field by field as docs/safefilesink.md says.
 * Never from the streaming thread and never under a lock.
 */
#ifndef SAFEFILESINK_MESSAGES_H
#define SAFEFILESINK_MESSAGES_H

#include "sc-recorder.h"

#include <gst/safecapture/gstsafecapturereporter.h>

G_BEGIN_DECLS

/* safefilesink-published */
void safefilesink_post_published (GstSafecaptureReporter * reporter,
    const gchar * location, const ScRecorderStats * stats);

/* safefilesink-warning, code `slow-storage` */
void safefilesink_post_slow_storage (GstSafecaptureReporter * reporter,
    const ScRecorderStats * stats);

/* safefilesink-warning, code `stopped-without-eos` */
void safefilesink_post_stopped (GstSafecaptureReporter * reporter,
    const gchar * path, const ScRecorderStats * stats);

/* safefilesink-warning, code `unfinished-recording`, one for each of @leftovers
 * (element-type SafefilesinkLeftover) */
void safefilesink_post_unfinished (GstSafecaptureReporter * reporter,
    GPtrArray * leftovers);

G_END_DECLS

#endif
