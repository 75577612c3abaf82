/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * filesink's properties that choose how a file is opened and written, and what
 * they come to here.  The caller locks.
 */
#ifndef SAFEFILESINK_COMPAT_H
#define SAFEFILESINK_COMPAT_H

#include "sc-recorder.h"

#include <gst/gst.h>

G_BEGIN_DECLS

typedef enum
{
  SAFEFILESINK_FILE_TRUNCATE = 1,
  SAFEFILESINK_FILE_APPEND,
  SAFEFILESINK_FILE_OVERWRITE,
} SafefilesinkFileMode;

/* Ids within the group, from 0. */
enum
{
  SAFEFILESINK_COMPAT_APPEND,
  SAFEFILESINK_COMPAT_FILE_MODE,
  SAFEFILESINK_COMPAT_O_SYNC,
  SAFEFILESINK_COMPAT_BUFFER_MODE,
  SAFEFILESINK_COMPAT_TRANSIENT_TIMEOUT,
  SAFEFILESINK_COMPAT_COUNT,
};

typedef struct
{
  gboolean append;
  SafefilesinkFileMode file_mode;
  gboolean o_sync;
  gint buffer_mode;
  gint transient_timeout;       /* ms */
} SafefilesinkCompat;

void safefilesink_compat_init (SafefilesinkCompat * self);

/* @first: property id of the group's first */
void safefilesink_compat_install (GObjectClass * klass, guint first);

void safefilesink_compat_set (SafefilesinkCompat * self, guint id,
    const GValue * value);
void safefilesink_compat_get (const SafefilesinkCompat * self, guint id,
    GValue * value);

/**
 * safefilesink_compat_file_mode:
 *
 * Returns: of append and file-mode, the one that counts
 */
SafefilesinkFileMode safefilesink_compat_file_mode (const SafefilesinkCompat *
    self);

void safefilesink_compat_configure (const SafefilesinkCompat * self,
    ScRecorderConfig * config);

G_END_DECLS

#endif
