/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tieredqueue-levels.h"

#define RO (G_PARAM_READABLE | G_PARAM_STATIC_STRINGS)

enum
{
  BUFFERS,
  BYTES,
  TIME,
};

void
tieredqueue_levels_install (GObjectClass * klass, guint first_id)
{
  g_object_class_install_property (klass, first_id + BUFFERS,
      g_param_spec_uint ("current-level-buffers", "Current level (buffers)",
          "Buffers in the queue now", 0, G_MAXUINT, 0, RO));
  g_object_class_install_property (klass, first_id + BYTES,
      g_param_spec_uint ("current-level-bytes", "Current level (bytes)",
          "Bytes in the queue now", 0, G_MAXUINT, 0, RO));
  g_object_class_install_property (klass, first_id + TIME,
      g_param_spec_uint64 ("current-level-time", "Current level (ns)",
          "Running time in the queue now, in nanoseconds", 0, G_MAXUINT64, 0,
          RO));
}

void
tieredqueue_levels_get (const ScRingLevel * level, guint which,
    GValue * value)
{
  if (which == BUFFERS)
    g_value_set_uint (value, (guint) level->buffers);
  else if (which == BYTES)
    g_value_set_uint (value, (guint) MIN (level->bytes, G_MAXUINT));
  else
    g_value_set_uint64 (value, (guint64) MAX (level->time, 0));
}
