/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "safefilesink-settings.h"

#include <errno.h>

#define DEFAULT_SYNC_POLICY SAFEFILESINK_SYNC_INTERVAL
#define DEFAULT_SYNC_INTERVAL GST_SECOND
#define DEFAULT_SYNC_BYTES (16 * 1024 * 1024)
#define DEFAULT_BUFFER_SIZE (64 * 1024 * 1024)
#define DEFAULT_ATOMIC TRUE
#define DEFAULT_OVERWRITE TRUE
#define DEFAULT_JOURNAL SAFEFILESINK_JOURNAL_RECORDING
#define DEFAULT_RECOVER SAFEFILESINK_RECOVER_AUTO
#define DEFAULT_FILE_PERMISSIONS 0600
#define DEFAULT_FLUSH_MODE SAFEFILESINK_FLUSH_KEEP
#define DEFAULT_PROPOSE_ALLOCATION TRUE
#define DEFAULT_WRITE_TIMEOUT (5 * GST_SECOND)
#define DEFAULT_ON_FULL SAFEFILESINK_ON_FULL_BLOCK

void
safefilesink_settings_init (SafefilesinkSettings * self)
{
  *self = (SafefilesinkSettings) {
    .sync_policy = DEFAULT_SYNC_POLICY,
    .sync_interval = DEFAULT_SYNC_INTERVAL,
    .sync_bytes = DEFAULT_SYNC_BYTES,
    .buffer_size = DEFAULT_BUFFER_SIZE,
    .atomic = DEFAULT_ATOMIC,
    .overwrite = DEFAULT_OVERWRITE,
    .journal = DEFAULT_JOURNAL,
    .recover = DEFAULT_RECOVER,
    .file_permissions = DEFAULT_FILE_PERMISSIONS,
    .flush_mode = DEFAULT_FLUSH_MODE,
    .propose_allocation = DEFAULT_PROPOSE_ALLOCATION,
    .backup_locations = g_new0 (gchar *, 1),
    .write_timeout = DEFAULT_WRITE_TIMEOUT,
    .on_full = DEFAULT_ON_FULL,
  };
  safefilesink_compat_init (&self->compat);
  safefilesink_storage_init (&self->storage);
}

void
safefilesink_settings_copy (SafefilesinkSettings * self,
    const SafefilesinkSettings * from)
{
  *self = *from;
  self->backup_locations = g_strdupv (from->backup_locations);
  safefilesink_storage_copy (&self->storage, &from->storage);
}

void
safefilesink_settings_clear (SafefilesinkSettings * self)
{
  g_clear_pointer (&self->backup_locations, g_strfreev);
  safefilesink_storage_clear (&self->storage);
}

#define FLAGS (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS)

static void
install_sync_properties (GObjectClass * klass)
{
  g_object_class_install_property (klass, SAFEFILESINK_SETTING_SYNC_POLICY,
      g_param_spec_enum ("sync-policy", "Sync policy",
          "When the file is synced and durable-offset moves on; in all but "
          "none also when half of buffer-size waits, and at EOS",
          safefilesink_sync_policy_get_type (), DEFAULT_SYNC_POLICY, FLAGS));
  g_object_class_install_property (klass, SAFEFILESINK_SETTING_SYNC_INTERVAL,
      g_param_spec_uint64 ("sync-interval", "Sync interval",
          "sync-policy=interval: the longest a byte waits for its sync, in "
          "nanoseconds; a crash loses at most this much and one sync's time (0 "
          "= it begins when the one before has come back)",
          0, G_MAXINT64, DEFAULT_SYNC_INTERVAL, FLAGS));
  g_object_class_install_property (klass, SAFEFILESINK_SETTING_SYNC_BYTES,
      g_param_spec_uint64 ("sync-bytes", "Sync bytes",
          "sync-policy=bytes: sync after so many bytes", 1, G_MAXINT64,
          DEFAULT_SYNC_BYTES, FLAGS));
  g_object_class_install_property (klass, SAFEFILESINK_SETTING_BUFFER_SIZE,
      g_param_spec_uint ("buffer-size", "Buffer size",
          "Memory in bytes for data that is not durable yet; what becomes of the "
          "stream while it is full is said by on-full (65536 at least are taken)",
          0,
          G_MAXUINT, DEFAULT_BUFFER_SIZE, FLAGS));
  g_object_class_install_property (klass, SAFEFILESINK_SETTING_ON_FULL,
      g_param_spec_enum ("on-full", "On full",
          "What becomes of a buffer that buffer-size has no room for",
          safefilesink_on_full_get_type (), DEFAULT_ON_FULL, FLAGS));
}

static void
install_file_properties (GObjectClass * klass)
{
  g_object_class_install_property (klass, SAFEFILESINK_SETTING_ATOMIC,
      g_param_spec_boolean ("atomic", "Atomic",
          "Write to NAME.part and give it its name at EOS, when it is whole and "
          "durable (FALSE: write to NAME itself)", DEFAULT_ATOMIC, FLAGS));
  g_object_class_install_property (klass, SAFEFILESINK_SETTING_OVERWRITE,
      g_param_spec_boolean ("overwrite", "Overwrite",
          "Replace an existing file: atomically at EOS, or with atomic=FALSE at "
          "the start (FALSE: an existing file is an error)",
          DEFAULT_OVERWRITE, FLAGS));
  g_object_class_install_property (klass, SAFEFILESINK_SETTING_JOURNAL,
      g_param_spec_enum ("journal", "Journal",
          "The journal NAME.sfj, which recovery and verification work by",
          safefilesink_journal_get_type (), DEFAULT_JOURNAL, FLAGS));
  g_object_class_install_property (klass, SAFEFILESINK_SETTING_RECOVER,
      g_param_spec_enum ("recover", "Recover",
          "What to do at start with an unfinished recording of the same "
          "location; it is never deleted or overwritten",
          safefilesink_recover_get_type (), DEFAULT_RECOVER, FLAGS));
  g_object_class_install_property (klass, SAFEFILESINK_SETTING_FILE_PERMISSIONS,
      g_param_spec_uint ("file-permissions", "File permissions",
          "Mode of a new file, less the umask: 0600 = 384, 0644 = 420", 0, 07777,
          DEFAULT_FILE_PERMISSIONS, FLAGS));
  g_object_class_install_property (klass, SAFEFILESINK_SETTING_FLUSH_MODE,
      g_param_spec_enum ("flush-mode", "Flush mode",
          "What a flush (a flushing seek upstream) does to the file",
          safefilesink_flush_mode_get_type (), DEFAULT_FLUSH_MODE,
          FLAGS | GST_PARAM_MUTABLE_PLAYING));
}

static void
install_failover_properties (GObjectClass * klass)
{
  g_object_class_install_property (klass,
      SAFEFILESINK_SETTING_BACKUP_LOCATIONS,
      gst_param_spec_array ("backup-locations", "Backup locations",
          "Where the recording goes on when location fails, in this order: "
          "folders (that exist, or end in /) or names of files",
          g_param_spec_string ("backup-location", "Backup location",
              "A folder or a file", NULL, FLAGS), FLAGS));
  g_object_class_install_property (klass, SAFEFILESINK_SETTING_WRITE_TIMEOUT,
      g_param_spec_uint64 ("write-timeout", "Write timeout",
          "A disk that leaves an operation unanswered for longer, in "
          "nanoseconds, counts as failed (0 = never)",
          0, G_MAXINT64, DEFAULT_WRITE_TIMEOUT, FLAGS));
}

static void
install_memory_properties (GObjectClass * klass)
{
  g_object_class_install_property (klass,
      SAFEFILESINK_SETTING_PROPOSE_ALLOCATION,
      g_param_spec_boolean ("propose-allocation", "Propose allocation",
          "Offer static memory to the element upstream, when it is raw audio or "
          "video; counts from its next negotiation on",
          DEFAULT_PROPOSE_ALLOCATION, FLAGS | GST_PARAM_MUTABLE_PLAYING));
}

void
safefilesink_settings_install (GObjectClass * klass, guint location)
{
  g_object_class_install_property (klass, location,
      g_param_spec_string ("location", "File location",
          "File to write; NAME.part until EOS, with atomic=true", NULL,
          FLAGS));
  install_file_properties (klass);
  install_sync_properties (klass);
  install_failover_properties (klass);
  install_memory_properties (klass);
  safefilesink_compat_install (klass, SAFEFILESINK_SETTING_COMPAT);
  safefilesink_storage_install (klass, SAFEFILESINK_SETTING_STORAGE);
}

/* Empty strings and what is no string are left out. */
static void
set_backups (SafefilesinkSettings * self, const GValue * array)
{
  GPtrArray *locations = g_ptr_array_new ();

  for (guint i = 0; i < gst_value_array_get_size (array); i++) {
    const GValue *value = gst_value_array_get_value (array, i);
    const gchar *location = G_VALUE_HOLDS_STRING (value)
        ? g_value_get_string (value) : NULL;

    if (location != NULL && location[0] != '\0')
      g_ptr_array_add (locations, g_strdup (location));
  }
  if (locations->len >= SC_PARTS_MAX)
    g_warning ("backup-locations: only the first %u are used",
        SC_PARTS_MAX - 1);
  g_ptr_array_add (locations, NULL);
  g_strfreev (self->backup_locations);
  self->backup_locations = (gchar **) g_ptr_array_free (locations, FALSE);
}

static void
get_backups (const SafefilesinkSettings * self, GValue * array)
{
  for (guint i = 0; self->backup_locations[i] != NULL; i++) {
    GValue value = G_VALUE_INIT;

    g_value_init (&value, G_TYPE_STRING);
    g_value_set_string (&value, self->backup_locations[i]);
    gst_value_array_append_and_take_value (array, &value);
  }
}

void
safefilesink_settings_set (SafefilesinkSettings * self, guint id,
    const GValue * value)
{
  switch (id) {
    case SAFEFILESINK_SETTING_SYNC_POLICY:
      self->sync_policy = g_value_get_enum (value);
      break;
    case SAFEFILESINK_SETTING_SYNC_INTERVAL:
      self->sync_interval = g_value_get_uint64 (value);
      break;
    case SAFEFILESINK_SETTING_SYNC_BYTES:
      self->sync_bytes = g_value_get_uint64 (value);
      break;
    case SAFEFILESINK_SETTING_BUFFER_SIZE:
      self->buffer_size = g_value_get_uint (value);
      break;
    case SAFEFILESINK_SETTING_ATOMIC:
      self->atomic = g_value_get_boolean (value);
      break;
    case SAFEFILESINK_SETTING_OVERWRITE:
      self->overwrite = g_value_get_boolean (value);
      break;
    case SAFEFILESINK_SETTING_JOURNAL:
      self->journal = g_value_get_enum (value);
      break;
    case SAFEFILESINK_SETTING_RECOVER:
      self->recover = g_value_get_enum (value);
      break;
    case SAFEFILESINK_SETTING_FILE_PERMISSIONS:
      self->file_permissions = g_value_get_uint (value);
      break;
    case SAFEFILESINK_SETTING_FLUSH_MODE:
      self->flush_mode = g_value_get_enum (value);
      break;
    case SAFEFILESINK_SETTING_PROPOSE_ALLOCATION:
      self->propose_allocation = g_value_get_boolean (value);
      break;
    case SAFEFILESINK_SETTING_BACKUP_LOCATIONS:
      set_backups (self, value);
      break;
    case SAFEFILESINK_SETTING_WRITE_TIMEOUT:
      self->write_timeout = g_value_get_uint64 (value);
      break;
    case SAFEFILESINK_SETTING_ON_FULL:
      self->on_full = g_value_get_enum (value);
      break;
    default:
      if (id < SAFEFILESINK_SETTING_STORAGE)
        safefilesink_compat_set (&self->compat,
            id - SAFEFILESINK_SETTING_COMPAT, value);
      else
        safefilesink_storage_set (&self->storage,
            id - SAFEFILESINK_SETTING_STORAGE, value);
  }
}

void
safefilesink_settings_get (const SafefilesinkSettings * self, guint id,
    GValue * value)
{
  switch (id) {
    case SAFEFILESINK_SETTING_SYNC_POLICY:
      g_value_set_enum (value, self->sync_policy);
      break;
    case SAFEFILESINK_SETTING_SYNC_INTERVAL:
      g_value_set_uint64 (value, self->sync_interval);
      break;
    case SAFEFILESINK_SETTING_SYNC_BYTES:
      g_value_set_uint64 (value, self->sync_bytes);
      break;
    case SAFEFILESINK_SETTING_BUFFER_SIZE:
      g_value_set_uint (value, self->buffer_size);
      break;
    case SAFEFILESINK_SETTING_ATOMIC:
      g_value_set_boolean (value, self->atomic);
      break;
    case SAFEFILESINK_SETTING_OVERWRITE:
      g_value_set_boolean (value, self->overwrite);
      break;
    case SAFEFILESINK_SETTING_JOURNAL:
      g_value_set_enum (value, self->journal);
      break;
    case SAFEFILESINK_SETTING_RECOVER:
      g_value_set_enum (value, self->recover);
      break;
    case SAFEFILESINK_SETTING_FILE_PERMISSIONS:
      g_value_set_uint (value, self->file_permissions);
      break;
    case SAFEFILESINK_SETTING_FLUSH_MODE:
      g_value_set_enum (value, self->flush_mode);
      break;
    case SAFEFILESINK_SETTING_PROPOSE_ALLOCATION:
      g_value_set_boolean (value, self->propose_allocation);
      break;
    case SAFEFILESINK_SETTING_BACKUP_LOCATIONS:
      get_backups (self, value);
      break;
    case SAFEFILESINK_SETTING_WRITE_TIMEOUT:
      g_value_set_uint64 (value, self->write_timeout);
      break;
    case SAFEFILESINK_SETTING_ON_FULL:
      g_value_set_enum (value, self->on_full);
      break;
    default:
      if (id < SAFEFILESINK_SETTING_STORAGE)
        safefilesink_compat_get (&self->compat,
            id - SAFEFILESINK_SETTING_COMPAT, value);
      else
        safefilesink_storage_get (&self->storage,
            id - SAFEFILESINK_SETTING_STORAGE, value);
  }
}

gboolean
safefilesink_settings_may_go_elsewhere (const SafefilesinkSettings * self,
    gint error)
{
  return self->backup_locations[0] != NULL && error != -EBUSY
      && error != -EEXIST && error != -EISDIR && error != -ESPIPE;
}

gboolean
safefilesink_settings_in_place (const SafefilesinkSettings * self)
{
  return !self->atomic || safefilesink_compat_file_mode (&self->compat)
      != SAFEFILESINK_FILE_TRUNCATE;
}

gboolean
safefilesink_settings_sync_each (const SafefilesinkSettings * self)
{
  return self->compat.o_sync
      || self->sync_policy == SAFEFILESINK_SYNC_EVERY_BUFFER;
}

void
safefilesink_settings_configure (const SafefilesinkSettings * self,
    ScRecorderConfig * config)
{
  static const ScSyncPolicy policies[] = {
    [SAFEFILESINK_SYNC_NONE] = SC_SYNC_NONE,
    [SAFEFILESINK_SYNC_INTERVAL] = SC_SYNC_INTERVAL,
    [SAFEFILESINK_SYNC_BYTES] = SC_SYNC_BYTES,
    [SAFEFILESINK_SYNC_EVERY_BUFFER] = SC_SYNC_ON_REQUEST,
    [SAFEFILESINK_SYNC_DIRECT] = SC_SYNC_INTERVAL,
  };

  *config = (ScRecorderConfig) {
    .policy = policies[self->sync_policy],
    .sync_interval = self->sync_interval,
    .sync_bytes = self->sync_bytes,
    .ring_size = MAX (self->buffer_size, SC_BYTE_RING_MIN),
    .write_timeout = self->write_timeout,
  };
  config->target.exclusive = self->atomic || !self->overwrite;
  config->target.replace = self->overwrite;
  config->target.keep_journal = self->journal == SAFEFILESINK_JOURNAL_KEEP;
  config->target.direct = self->sync_policy == SAFEFILESINK_SYNC_DIRECT;
  config->target.permissions = self->file_permissions;
  safefilesink_compat_configure (&self->compat, config);
  safefilesink_storage_configure (&self->storage, config);
}
