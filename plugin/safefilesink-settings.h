/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * safefilesink's settings: the properties that an application sets before the
 * file is opened, and what they mean to the recorder.  The caller locks.
 */
#ifndef SAFEFILESINK_SETTINGS_H
#define SAFEFILESINK_SETTINGS_H

#include "safefilesink-compat.h"
#include "safefilesink-enums.h"
#include "safefilesink-storage.h"
#include "sc-recorder.h"

G_BEGIN_DECLS

/* Property ids. */
enum
{
  SAFEFILESINK_SETTING_FIRST = 1,
  SAFEFILESINK_SETTING_SYNC_POLICY = SAFEFILESINK_SETTING_FIRST,
  SAFEFILESINK_SETTING_SYNC_INTERVAL,
  SAFEFILESINK_SETTING_SYNC_BYTES,
  SAFEFILESINK_SETTING_BUFFER_SIZE,
  SAFEFILESINK_SETTING_ATOMIC,
  SAFEFILESINK_SETTING_OVERWRITE,
  SAFEFILESINK_SETTING_JOURNAL,
  SAFEFILESINK_SETTING_RECOVER,
  SAFEFILESINK_SETTING_FILE_PERMISSIONS,
  SAFEFILESINK_SETTING_FLUSH_MODE,
  SAFEFILESINK_SETTING_PROPOSE_ALLOCATION,
  SAFEFILESINK_SETTING_BACKUP_LOCATIONS,
  SAFEFILESINK_SETTING_WRITE_TIMEOUT,
  SAFEFILESINK_SETTING_ON_FULL,
  SAFEFILESINK_SETTING_COMPAT,  /* and the others of that group */
  SAFEFILESINK_SETTING_STORAGE = SAFEFILESINK_SETTING_COMPAT
      + SAFEFILESINK_COMPAT_COUNT,
  SAFEFILESINK_SETTING_LAST = SAFEFILESINK_SETTING_STORAGE
      + SAFEFILESINK_STORAGE_COUNT - 1,
};

typedef struct
{
  SafefilesinkSyncPolicy sync_policy;
  guint64 sync_interval;        /* ns */
  guint64 sync_bytes;
  guint buffer_size;            /* bytes */
  gboolean atomic;
  gboolean overwrite;
  SafefilesinkJournal journal;
  SafefilesinkRecover recover;
  guint file_permissions;
  SafefilesinkFlushMode flush_mode;
  gboolean propose_allocation;
  gchar **backup_locations;     /* never NULL */
  guint64 write_timeout;        /* ns */
  SafefilesinkOnFull on_full;
  SafefilesinkCompat compat;
  SafefilesinkStorage storage;
} SafefilesinkSettings;

void safefilesink_settings_init (SafefilesinkSettings * self);

/* @self: not initialised before */
void safefilesink_settings_copy (SafefilesinkSettings * self,
    const SafefilesinkSettings * from);

void safefilesink_settings_clear (SafefilesinkSettings * self);

/* @location: id of that property, which is the element's own */
void safefilesink_settings_install (GObjectClass * klass, guint location);

/* @id: SAFEFILESINK_SETTING_FIRST to _LAST */
void safefilesink_settings_set (SafefilesinkSettings * self, guint id,
    const GValue * value);
void safefilesink_settings_get (const SafefilesinkSettings * self, guint id,
    GValue * value);

/**
 * safefilesink_settings_may_go_elsewhere:
 * @error: -errno of the location
 *
 * Returns: whether the recording may begin at a backup instead: not where the
 * location is taken, or wrong
 */
gboolean safefilesink_settings_may_go_elsewhere (const SafefilesinkSettings *
    self, gint error);

/* Whether the file has its name from the start. */
gboolean safefilesink_settings_in_place (const SafefilesinkSettings * self);

/* Whether each buffer is to be durable before the next one is taken. */
gboolean safefilesink_settings_sync_each (const SafefilesinkSettings * self);

/**
 * safefilesink_settings_configure:
 * @config: (out): all but names, backups, memory and notification
 */
void safefilesink_settings_configure (const SafefilesinkSettings * self,
    ScRecorderConfig * config);

G_END_DECLS

#endif
