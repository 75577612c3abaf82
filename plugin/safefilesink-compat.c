/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "safefilesink-compat.h"

#include "safefilesink-enums.h"

#define DEFAULT_FILE_MODE SAFEFILESINK_FILE_TRUNCATE
#define DEFAULT_BUFFER_MODE -1

#define FLAGS (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS)

void
safefilesink_compat_init (SafefilesinkCompat * self)
{
  *self = (SafefilesinkCompat) {
    .file_mode = DEFAULT_FILE_MODE,
    .buffer_mode = DEFAULT_BUFFER_MODE,
  };
}

void
safefilesink_compat_install (GObjectClass * klass, guint first)
{
  g_object_class_install_property (klass, first + SAFEFILESINK_COMPAT_APPEND,
      g_param_spec_boolean ("append", "Append",
          "Append to an already existing file, in place: as file-mode=append",
          FALSE, FLAGS));
  g_object_class_install_property (klass,
      first + SAFEFILESINK_COMPAT_FILE_MODE, g_param_spec_enum ("file-mode",
          "File mode", "What becomes of the content of an existing file",
          safefilesink_file_mode_get_type (), DEFAULT_FILE_MODE, FLAGS));
  g_object_class_install_property (klass, first + SAFEFILESINK_COMPAT_O_SYNC,
      g_param_spec_boolean ("o-sync", "Synchronous IO",
          "Each buffer is durable before the next one is taken: as "
          "sync-policy=every-buffer", FALSE, FLAGS));
  g_object_class_install_property (klass,
      first + SAFEFILESINK_COMPAT_BUFFER_MODE, g_param_spec_enum ("buffer-mode",
          "Buffering mode", "Taken for filesink's sake: nothing waits in a "
          "buffer for more to come, in any mode",
          safefilesink_buffer_mode_get_type (), DEFAULT_BUFFER_MODE, FLAGS));
  g_object_class_install_property (klass,
      first + SAFEFILESINK_COMPAT_TRANSIENT_TIMEOUT,
      g_param_spec_int ("max-transient-error-timeout",
          "Max Transient Error Timeout",
          "Try a write again up to this many ms that is refused by a transient "
          "error (EACCES)", 0, G_MAXINT, 0, FLAGS));
}

void
safefilesink_compat_set (SafefilesinkCompat * self, guint id,
    const GValue * value)
{
  switch (id) {
    case SAFEFILESINK_COMPAT_APPEND:
      self->append = g_value_get_boolean (value);
      break;
    case SAFEFILESINK_COMPAT_FILE_MODE:
      self->file_mode = g_value_get_enum (value);
      break;
    case SAFEFILESINK_COMPAT_O_SYNC:
      self->o_sync = g_value_get_boolean (value);
      break;
    case SAFEFILESINK_COMPAT_BUFFER_MODE:
      self->buffer_mode = g_value_get_enum (value);
      break;
    case SAFEFILESINK_COMPAT_TRANSIENT_TIMEOUT:
      self->transient_timeout = g_value_get_int (value);
      break;
    default:
      g_assert_not_reached ();
  }
}

void
safefilesink_compat_get (const SafefilesinkCompat * self, guint id,
    GValue * value)
{
  switch (id) {
    case SAFEFILESINK_COMPAT_APPEND:
      g_value_set_boolean (value, self->append);
      break;
    case SAFEFILESINK_COMPAT_FILE_MODE:
      g_value_set_enum (value, self->file_mode);
      break;
    case SAFEFILESINK_COMPAT_O_SYNC:
      g_value_set_boolean (value, self->o_sync);
      break;
    case SAFEFILESINK_COMPAT_BUFFER_MODE:
      g_value_set_enum (value, self->buffer_mode);
      break;
    case SAFEFILESINK_COMPAT_TRANSIENT_TIMEOUT:
      g_value_set_int (value, self->transient_timeout);
      break;
    default:
      g_assert_not_reached ();
  }
}

SafefilesinkFileMode
safefilesink_compat_file_mode (const SafefilesinkCompat * self)
{
  return self->append ? SAFEFILESINK_FILE_APPEND : self->file_mode;
}

void
safefilesink_compat_configure (const SafefilesinkCompat * self,
    ScRecorderConfig * config)
{
  if (self->o_sync)
    config->policy = SC_SYNC_ON_REQUEST;
  config->target.retry_time = (guint64) self->transient_timeout * GST_MSECOND;
  if (safefilesink_compat_file_mode (self) != SAFEFILESINK_FILE_TRUNCATE) {
    config->target.keep_content = true;
    config->target.exclusive = false;
  }
}
