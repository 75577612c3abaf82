/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The enumerations of safefilesink's properties. */
#ifndef SAFEFILESINK_ENUMS_H
#define SAFEFILESINK_ENUMS_H

#include <gst/gst.h>

G_BEGIN_DECLS

typedef enum
{
  SAFEFILESINK_SYNC_NONE,
  SAFEFILESINK_SYNC_INTERVAL,
  SAFEFILESINK_SYNC_BYTES,
  SAFEFILESINK_SYNC_EVERY_BUFFER,
  SAFEFILESINK_SYNC_DIRECT,
} SafefilesinkSyncPolicy;

typedef enum
{
  SAFEFILESINK_JOURNAL_NONE,
  SAFEFILESINK_JOURNAL_RECORDING,
  SAFEFILESINK_JOURNAL_KEEP,
} SafefilesinkJournal;

typedef enum
{
  SAFEFILESINK_RECOVER_NEVER,
  SAFEFILESINK_RECOVER_REPORT,
  SAFEFILESINK_RECOVER_AUTO,
} SafefilesinkRecover;

typedef enum
{
  SAFEFILESINK_FLUSH_KEEP,
  SAFEFILESINK_FLUSH_TRUNCATE,
} SafefilesinkFlushMode;

typedef enum
{
  SAFEFILESINK_ON_FULL_BLOCK,
  SAFEFILESINK_ON_FULL_DROP,
} SafefilesinkOnFull;

GType safefilesink_on_full_get_type (void);
GType safefilesink_sync_policy_get_type (void);
GType safefilesink_journal_get_type (void);
GType safefilesink_recover_get_type (void);
GType safefilesink_flush_mode_get_type (void);
GType safefilesink_verify_get_type (void);
GType safefilesink_file_mode_get_type (void);
GType safefilesink_buffer_mode_get_type (void);
/* ScRecorderState, for the property `state`. */
GType safefilesink_state_get_type (void);

G_END_DECLS

#endif
