/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "safefilesink-storage.h"

#include "safefilesink-enums.h"
#include "sc-root-ops.h"

#include <errno.h>

#define DEFAULT_RESERVE (16 * 1024 * 1024)

#define FLAGS (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS)

void
safefilesink_storage_init (SafefilesinkStorage * self)
{
  *self = (SafefilesinkStorage) {.reserve = DEFAULT_RESERVE };
}

void
safefilesink_storage_copy (SafefilesinkStorage * self,
    const SafefilesinkStorage * from)
{
  *self = *from;
  self->root = g_strdup (from->root);
}

void
safefilesink_storage_clear (SafefilesinkStorage * self)
{
  g_clear_pointer (&self->root, g_free);
}

void
safefilesink_storage_install (GObjectClass * klass, guint first)
{
  g_object_class_install_property (klass, first + SAFEFILESINK_STORAGE_ROOT,
      g_param_spec_string ("root", "Root",
          "The folder that all files must be in, by no way through a symbolic "
          "link; relative locations are relative to it", NULL, FLAGS));
  g_object_class_install_property (klass,
      first + SAFEFILESINK_STORAGE_RESERVE, g_param_spec_uint64 ("reserve",
          "Reserve", "Bytes kept free for the end: when the rest is used up, "
          "EOS is asked for, and the muxer completes the file in them (0 = a "
          "full disk is an error; where it is not set they are only looked for, "
          "and fewer on a small disk)", 0, G_MAXINT64, DEFAULT_RESERVE, FLAGS));
  g_object_class_install_property (klass,
      first + SAFEFILESINK_STORAGE_MIN_FREE, g_param_spec_uint64 ("min-free",
          "Minimum free", "Bytes of the file system that the recording leaves "
          "free, else EOS is asked for", 0, G_MAXINT64, 0, FLAGS));
  g_object_class_install_property (klass,
      first + SAFEFILESINK_STORAGE_MAX_BYTES, g_param_spec_uint64 ("max-bytes",
          "Maximum bytes", "Bytes that the file has at most, the reserve "
          "included; before, EOS is asked for (0 = any)", 0, G_MAXINT64, 0,
          FLAGS));
  g_object_class_install_property (klass, first + SAFEFILESINK_STORAGE_VERIFY,
      g_param_spec_enum ("verify", "Verify",
          "Whether what was written is read back from the disk",
          safefilesink_verify_get_type (), SAFEFILESINK_VERIFY_NONE, FLAGS));
}

void
safefilesink_storage_set (SafefilesinkStorage * self, guint id,
    const GValue * value)
{
  switch (id) {
    case SAFEFILESINK_STORAGE_ROOT:
      g_free (self->root);
      self->root = g_value_dup_string (value);
      break;
    case SAFEFILESINK_STORAGE_RESERVE:
      self->reserve = g_value_get_uint64 (value);
      self->reserve_set = TRUE;
      break;
    case SAFEFILESINK_STORAGE_MIN_FREE:
      self->min_free = g_value_get_uint64 (value);
      break;
    case SAFEFILESINK_STORAGE_MAX_BYTES:
      self->max_bytes = g_value_get_uint64 (value);
      break;
    case SAFEFILESINK_STORAGE_VERIFY:
      self->verify = g_value_get_enum (value);
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
    case SAFEFILESINK_STORAGE_ROOT:
      g_value_set_string (value, self->root);
      break;
    case SAFEFILESINK_STORAGE_RESERVE:
      g_value_set_uint64 (value, self->reserve);
      break;
    case SAFEFILESINK_STORAGE_MIN_FREE:
      g_value_set_uint64 (value, self->min_free);
      break;
    case SAFEFILESINK_STORAGE_MAX_BYTES:
      g_value_set_uint64 (value, self->max_bytes);
      break;
    case SAFEFILESINK_STORAGE_VERIFY:
      g_value_set_enum (value, self->verify);
      break;
    default:
      g_assert_not_reached ();
  }
}

static gchar *
full_root (const SafefilesinkStorage * self)
{
  return self->root != NULL && self->root[0] != '\0'
      ? g_canonicalize_filename (self->root, NULL) : NULL;
}

const ScFileOps *
safefilesink_storage_ops (const SafefilesinkStorage * self)
{
  gchar *root = full_root (self);
  const ScFileOps *ops = root != NULL ? sc_root_ops_get (root)
      : &sc_file_ops_posix;

  g_free (root);
  return ops;
}

gint
safefilesink_storage_resolve (const SafefilesinkStorage * self,
    const gchar * location, gchar ** full)
{
  gchar *root = full_root (self), path[PATH_MAX];
  const ScFileOps *ops;
  gint ret;

  *full = NULL;
  if (root == NULL) {
    *full = g_strdup (location);
    return 0;
  }
  ret = sc_root_ops_join (root, location, path);
  if (ret == 0) {
    ops = sc_root_ops_get (root);
    ret = ops != NULL ? sc_root_ops_check (ops, path) : -ENOMEM;
  }
  if (ret == -ENOENT || ret == -EACCES)
    ret = 0;                    /* opening says it, or goes elsewhere */
  if (ret == 0)
    *full = g_strdup (path);
  g_free (root);
  return ret;
}

gchar *
safefilesink_storage_locate (const SafefilesinkStorage * self,
    const gchar * location)
{
  gchar *root = full_root (self), path[PATH_MAX];
  gboolean within = root != NULL
      && sc_root_ops_join (root, location, path) == 0;

  g_free (root);
  return g_strdup (within ? path : location);
}

void
safefilesink_storage_configure (const SafefilesinkStorage * self,
    ScRecorderConfig * config)
{
  config->verify = self->verify == SAFEFILESINK_VERIFY_ROLLING;
  config->verify_close = self->verify == SAFEFILESINK_VERIFY_CLOSE;
  config->target.ops = safefilesink_storage_ops (self);
  config->target.space = (ScSpaceConfig) {
    .reserve = self->reserve,
    .modest = !self->reserve_set,
    .min_free = self->min_free,
    .max_bytes = self->max_bytes,
  };
}
