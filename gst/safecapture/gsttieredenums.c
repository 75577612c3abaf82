/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The allocator's enumerations as types. */
#include "gsttieredenums.h"

GType
gst_tiered_profile_get_type (void)
{
  static GType type = 0;
  static const GEnumValue values[] = {
    {GST_TIERED_PROFILE_STANDARD,
        "4096 bytes x 256, 65536 x 64, 1048576 x 16 (21.3 MiB)", "standard"},
    {GST_TIERED_PROFILE_EMBEDDED,
        "4096 bytes x 6, 2048 x 2 (32768 bytes in all)", "embedded"},
    {GST_TIERED_PROFILE_CUSTOM, "As the tiers property says", "custom"},
    {0, NULL, NULL},
  };

  if (g_once_init_enter (&type)) {
    GType registered = g_enum_register_static ("GstTieredProfile", values);

    g_once_init_leave (&type, registered);
  }
  return type;
}

GType
gst_tiered_metering_get_type (void)
{
  static GType type = 0;
  static const GEnumValue values[] = {
    {GST_TIERED_METERING_AUTO, "With every profile but embedded", "auto"},
    {GST_TIERED_METERING_ON, "Latencies and history are recorded", "on"},
    {GST_TIERED_METERING_OFF, "Counts only, in the arena's own memory", "off"},
    {0, NULL, NULL},
  };

  if (g_once_init_enter (&type)) {
    GType registered = g_enum_register_static ("GstTieredMetering", values);

    g_once_init_leave (&type, registered);
  }
  return type;
}

GType
gst_tiered_state_get_type (void)
{
  static GType type = 0;
  static const GEnumValue values[] = {
    {GST_TIERED_STATE_UNINITIALIZED, "Never started", "uninitialized"},
    {GST_TIERED_STATE_INITIALIZING, "Reserving memory", "initializing"},
    {GST_TIERED_STATE_READY, "No slot was handed out yet", "ready"},
    {GST_TIERED_STATE_ACTIVE, "In use", "active"},
    {GST_TIERED_STATE_WARNING, "In use, a limit is exceeded", "warning"},
    {GST_TIERED_STATE_ERROR, "Failed to start, or memory was written over",
        "error"},
    {GST_TIERED_STATE_SHUTTING_DOWN, "Stopped, slots are still out",
        "shutting-down"},
    {GST_TIERED_STATE_SHUTDOWN, "Stopped, every slot is home", "shutdown"},
    {0, NULL, NULL},
  };

  if (g_once_init_enter (&type)) {
    GType registered = g_enum_register_static ("GstTieredState", values);

    g_once_init_leave (&type, registered);
  }
  return type;
}
