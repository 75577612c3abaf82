/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a failed file operation means to a user: which GstResourceError, what
 * happened, and what to do.  Codes as of filesink: no name NOT_FOUND, opening
 * OPEN_WRITE, a full disk NO_SPACE_LEFT, everything else while writing WRITE.
 * Pure.
 */
#ifndef SAFEFILESINK_ERRORS_H
#define SAFEFILESINK_ERRORS_H

#include "sc-target.h"

#include <gst/gst.h>

G_BEGIN_DECLS

typedef struct
{
  GstResourceError code;
  gchar *text;                  /* for users, with the remedy */
  gchar *debug;                 /* operation, offset, errno */
} SafefilesinkError;

/**
 * safefilesink_error_reason:
 *
 * Returns: (transfer none): the system's word for the error, or a better one
 */
const gchar *safefilesink_error_reason (const ScFault * fault);

/**
 * safefilesink_error_describe:
 * @fault: with a kind other than SC_FAULT_NONE
 * @location: the name the recording was to get
 * @path: where its bytes are: the file, or the manifest of its parts
 * @durable: bytes in @path that survive, whatever comes
 * @targets: (nullable): the targets that failed, each with its reason, where
 *     there were several
 * @error: (out): its strings are the caller's, to be freed
 */
void safefilesink_error_describe (const ScFault * fault,
    const gchar * location, const gchar * path, guint64 durable,
    const gchar * targets, SafefilesinkError * error);

G_END_DECLS

#endif
