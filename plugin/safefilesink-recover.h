/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Recovery of unfinished recordings in a thread of its own, while the new
 * recording runs: reading back hours of media must not delay a capture.
 *
 * Posts safefilesink-recovered for each, or safefilesink-warning with the code
 * `recovery-failed`, or `unfinished-recording` for what is not recovered.  The
 * thread holds a reference on the element and outlives a stop; a process that
 * ends meanwhile leaves what the next start takes up again.
 */
#ifndef SAFEFILESINK_RECOVER_H
#define SAFEFILESINK_RECOVER_H

#include "sc-file-ops.h"

#include <gst/safecapture/gstsafecapturereporter.h>

G_BEGIN_DECLS

/**
 * safefilesink_recover_leftovers:
 * @reporter: of @element
 * @ops: for the life of the process
 * @leftovers: (element-type SafefilesinkLeftover) (transfer full)
 * @recover: FALSE: only says that they are there, as of parts in any case
 */
void safefilesink_recover_leftovers (GstElement * element,
    GstSafecaptureReporter * reporter, const ScFileOps * ops,
    GPtrArray * leftovers, gboolean recover);

G_END_DECLS

#endif
