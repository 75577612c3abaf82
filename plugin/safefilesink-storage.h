/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * safefilesink's settings of how much room a recording may take, and how much is
 * kept for its end.  The caller locks.
 */
#ifndef SAFEFILESINK_STORAGE_H
#define SAFEFILESINK_STORAGE_H

#include "sc-recorder.h"

#include <gst/gst.h>

G_BEGIN_DECLS

/* Ids within the group, from 0. */
enum
{
  SAFEFILESINK_STORAGE_RESERVE,
  SAFEFILESINK_STORAGE_MIN_FREE,
  SAFEFILESINK_STORAGE_MAX_BYTES,
  SAFEFILESINK_STORAGE_COUNT,
};

typedef struct
{
  guint64 reserve;              /* bytes, as the others */
  guint64 min_free;
  guint64 max_bytes;
} SafefilesinkStorage;

void safefilesink_storage_init (SafefilesinkStorage * self);

/* @first: property id of the group's first */
void safefilesink_storage_install (GObjectClass * klass, guint first);

void safefilesink_storage_set (SafefilesinkStorage * self, guint id,
    const GValue * value);
void safefilesink_storage_get (const SafefilesinkStorage * self, guint id,
    GValue * value);

void safefilesink_storage_configure (const SafefilesinkStorage * self,
    ScRecorderConfig * config);

G_END_DECLS

#endif
