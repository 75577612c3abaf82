/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "safefilesink-enums.h"

#include "safefilesink-compat.h"
#include "safefilesink-storage.h"
#include "sc-recorder-state.h"

#define DEFINE_ENUM_TYPE(function, name, ...) \
GType \
function (void) \
{ \
  static gsize type = 0; \
  static const GEnumValue values[] = { __VA_ARGS__, {0, NULL, NULL} }; \
\
  if (g_once_init_enter (&type)) { \
    GType made = g_enum_register_static (name, values); \
\
    gst_type_mark_as_plugin_api (made, 0); \
    g_once_init_leave (&type, made); \
  } \
  return type; \
}

/* *INDENT-OFF* */
DEFINE_ENUM_TYPE (safefilesink_sync_policy_get_type,
  "GstSafeFileSinkSyncPolicy",
  {SAFEFILESINK_SYNC_NONE,
    "Never sync: no promise, durable-offset stays 0", "none"},
  {SAFEFILESINK_SYNC_INTERVAL,
    "Sync what is older than sync-interval", "interval"},
  {SAFEFILESINK_SYNC_BYTES,
    "Sync after every sync-bytes", "bytes"},
  {SAFEFILESINK_SYNC_EVERY_BUFFER,
    "Each buffer is durable before the next one is taken", "every-buffer"},
  {SAFEFILESINK_SYNC_DIRECT,
    "As interval, and written past the page cache (O_DIRECT)", "direct"})

DEFINE_ENUM_TYPE (safefilesink_journal_get_type, "GstSafeFileSinkJournal",
  {SAFEFILESINK_JOURNAL_NONE,
    "No journal: a crash while a muxer rewrites a header may tear it, and "
    "recovery cannot check what it finds", "none"},
  {SAFEFILESINK_JOURNAL_RECORDING,
    "NAME.sfj while recording, removed once published", "recording"},
  {SAFEFILESINK_JOURNAL_KEEP,
    "NAME.sfj stays beside the published file, to check it by", "keep"})

DEFINE_ENUM_TYPE (safefilesink_recover_get_type, "GstSafeFileSinkRecover",
  {SAFEFILESINK_RECOVER_NEVER,
    "Refuse to start while an unfinished recording is in the way", "never"},
  {SAFEFILESINK_RECOVER_REPORT,
    "Move it aside and say so", "report"},
  {SAFEFILESINK_RECOVER_AUTO,
    "Move it aside and recover it while the new recording runs", "auto"})

DEFINE_ENUM_TYPE (safefilesink_flush_mode_get_type,
  "GstSafeFileSinkFlushMode",
  {SAFEFILESINK_FLUSH_KEEP, "A flush loses nothing", "keep"},
  {SAFEFILESINK_FLUSH_TRUNCATE,
    "A flush empties the file, as filesink does", "truncate"})

DEFINE_ENUM_TYPE (safefilesink_on_full_get_type, "GstSafeFileSinkOnFull",
  {SAFEFILESINK_ON_FULL_BLOCK, "The stream waits for room", "block"},
  {SAFEFILESINK_ON_FULL_DROP,
    "Buffers are left out, but no headers; zeros stand for them, and the journal "
    "and a message say so", "drop"})

DEFINE_ENUM_TYPE (safefilesink_verify_get_type, "GstSafeFileSinkVerify",
  {SAFEFILESINK_VERIFY_NONE, "Nothing is read back", "none"},
  {SAFEFILESINK_VERIFY_ROLLING,
    "What was synced is read back from the disk and compared, and written once "
    "more where it is wrong", "rolling"},
  {SAFEFILESINK_VERIFY_CLOSE,
    "The whole file is read back by its journal before it gets its name",
    "close"})

DEFINE_ENUM_TYPE (safefilesink_file_mode_get_type, "GstSafeFileSinkFileMode",
  {SAFEFILESINK_FILE_TRUNCATE,
    "Replace it: at EOS, or at the start with atomic=false", "truncate"},
  {SAFEFILESINK_FILE_APPEND,
    "Go on behind it, in place; offsets of the stream count from there",
    "append"},
  {SAFEFILESINK_FILE_OVERWRITE,
    "Write over it from its beginning, in place; what is not written over "
    "stays", "overwrite"})

DEFINE_ENUM_TYPE (safefilesink_buffer_mode_get_type,
  "GstSafeFileSinkBufferMode",
  {-1, "Default buffering", "default"},
  {0, "Fully buffered", "full"},
  {1, "Line buffered (deprecated, like full)", "line"},
  {2, "Unbuffered", "unbuffered"})

DEFINE_ENUM_TYPE (safefilesink_state_get_type, "GstSafeFileSinkState",
  {SC_RECORDER_INIT, "No file", "init"},
  {SC_RECORDER_READY, "The file is open and empty", "ready"},
  {SC_RECORDER_WRITING, "At least one byte came", "writing"},
  {SC_RECORDER_BACKUP, "A target failed, the recording goes on at a backup",
    "backup"},
  {SC_RECORDER_VERIFYING, "The file is read back before it gets its name",
    "verifying"},
  {SC_RECORDER_FLUSHING, "The stream has ended, the file is being completed",
    "flushing"},
  {SC_RECORDER_PUBLISHED, "The file is whole and has its name", "published"},
  {SC_RECORDER_ERROR, "An error has stopped the writing", "error"})
/* *INDENT-ON* */
