/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "safefilesink-storage.h"

#define FLAGS (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS)

void
safefilesink_storage_init (SafefilesinkStorage * self)
{
  *self = (SafefilesinkStorage) { 0 };
}

void
safefilesink_storage_install (GObjectClass * klass, guint first)
{
  g_object_class_install_property (klass,
      first + SAFEFILESINK_STORAGE_RESERVE, g_param_spec_uint64 ("reserve",
          "Reserve", "Bytes kept free for the end: when the rest is used up, "
          "EOS is asked for, and the muxer completes the file in them (0 = a "
          "full disk is an error)", 0, G_MAXINT64, 0, FLAGS));
  g_object_class_install_property (klass,
      first + SAFEFILESINK_STORAGE_MIN_FREE, g_param_spec_uint64 ("min-free",
          "Minimum free", "Bytes of the file system that the recording leaves "
          "free, else EOS is asked for", 0, G_MAXINT64, 0, FLAGS));
  g_object_class_install_property (klass,
      first + SAFEFILESINK_STORAGE_MAX_BYTES, g_param_spec_uint64 ("max-bytes",
          "Maximum bytes", "Bytes that the file has at most, the reserve "
          "included; before, EOS is asked for (0 = any)", 0, G_MAXINT64, 0,
          FLAGS));
}

void
safefilesink_storage_set (SafefilesinkStorage * self, guint id,
    const GValue * value)
{
  switch (id) {
    case SAFEFILESINK_STORAGE_RESERVE:
      self->reserve = g_value_get_uint64 (value);
      break;
    case SAFEFILESINK_STORAGE_MIN_FREE:
      self->min_free = g_value_get_uint64 (value);
      break;
    case SAFEFILESINK_STORAGE_MAX_BYTES:
      self->max_bytes = g_value_get_uint64 (value);
      break;
    default:
      g_assert_not_reached ();
  }
}

void
safefilesink_storage_get (const SafefilesinkStorage * self, guint id,
    GValue * value)
{
  switch (id) {
    case SAFEFILESINK_STORAGE_RESERVE:
      g_value_set_uint64 (value, self->reserve);
      break;
    case SAFEFILESINK_STORAGE_MIN_FREE:
      g_value_set_uint64 (value, self->min_free);
      break;
    case SAFEFILESINK_STORAGE_MAX_BYTES:
      g_value_set_uint64 (value, self->max_bytes);
      break;
    default:
      g_assert_not_reached ();
  }
}

void
safefilesink_storage_configure (const SafefilesinkStorage * self,
    ScRecorderConfig * config)
{
  config->target.space = (ScSpaceConfig) {
    .reserve = self->reserve,
    .min_free = self->min_free,
    .max_bytes = self->max_bytes,
  };
}
