/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * safefilesink's settings of where a recording may be, how much room it may take,
 * how much is kept for its end, and whether it is read back.  The caller locks.
 */
#ifndef SAFEFILESINK_STORAGE_H
#define SAFEFILESINK_STORAGE_H

#include "sc-recorder.h"

#include <gst/gst.h>

G_BEGIN_DECLS

typedef enum
{
  SAFEFILESINK_VERIFY_NONE,
  SAFEFILESINK_VERIFY_ROLLING,
  SAFEFILESINK_VERIFY_CLOSE,
} SafefilesinkVerify;

/* Ids within the group, from 0. */
enum
{
  SAFEFILESINK_STORAGE_ROOT,
  SAFEFILESINK_STORAGE_RESERVE,
  SAFEFILESINK_STORAGE_MIN_FREE,
  SAFEFILESINK_STORAGE_MAX_BYTES,
  SAFEFILESINK_STORAGE_VERIFY,
  SAFEFILESINK_STORAGE_COUNT,
};

typedef struct
{
  gchar *root;                  /* (nullable) */
  guint64 reserve;              /* bytes, as the others */
  gboolean reserve_set;         /* asked for, so it must be had */
  guint64 min_free;
  guint64 max_bytes;
  SafefilesinkVerify verify;
} SafefilesinkStorage;

void safefilesink_storage_init (SafefilesinkStorage * self);

/* @self: not initialised before */
void safefilesink_storage_copy (SafefilesinkStorage * self,
    const SafefilesinkStorage * from);

void safefilesink_storage_clear (SafefilesinkStorage * self);

/* @first: property id of the group's first */
void safefilesink_storage_install (GObjectClass * klass, guint first);

void safefilesink_storage_set (SafefilesinkStorage * self, guint id,
    const GValue * value);
void safefilesink_storage_get (const SafefilesinkStorage * self, guint id,
    GValue * value);

/**
 * safefilesink_storage_resolve:
 * @location: as it was set
 * @full: (out) (nullable): where that is: relative to root, where there is one
 *
 * Looks whether its folder can be reached without leaving root.
 *
 * Returns: 0, also where the folder is not there; or why it must not be
 */
gint safefilesink_storage_resolve (const SafefilesinkStorage * self,
    const gchar * location, gchar ** full);

/* (transfer full): the same without a look; as it was set where it is outside,
 * which the file operations then refuse. */
gchar *safefilesink_storage_locate (const SafefilesinkStorage * self,
    const gchar * location);

/* (transfer none): the file operations, for the life of the process. */
const ScFileOps *safefilesink_storage_ops (const SafefilesinkStorage * self);

void safefilesink_storage_configure (const SafefilesinkStorage * self,
    ScRecorderConfig * config);

G_END_DECLS

#endif
