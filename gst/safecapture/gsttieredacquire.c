/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Buffers straight from the allocator. */
#include "gsttieredallocator-private.h"
#include "gsttieredpool-layout.h"

#include <errno.h>

G_STATIC_ASSERT (GST_TIERED_CLASS_PRIMARY == (int) SC_CLASS_PRIMARY);
G_STATIC_ASSERT (GST_TIERED_CLASS_METADATA == (int) SC_CLASS_METADATA);
G_STATIC_ASSERT (GST_TIERED_CLASS_METADATA + 1 == SC_CLASSES);
G_STATIC_ASSERT (GST_CLOCK_TIME_NONE == SC_WAIT_FOREVER);

GType
gst_tiered_class_get_type (void)
{
  static GType type = 0;
  static const GEnumValue values[] = {
    {GST_TIERED_CLASS_PRIMARY, "The stream's own buffers", "primary"},
    {GST_TIERED_CLASS_CONVERSION, "For converting formats", "conversion"},
    {GST_TIERED_CLASS_SCRATCH, "Short-lived working memory", "scratch"},
    {GST_TIERED_CLASS_INPUT, "Data on its way in", "input"},
    {GST_TIERED_CLASS_OUTPUT, "Data on its way out", "output"},
    {GST_TIERED_CLASS_METADATA, "Descriptions rather than data", "metadata"},
    {0, NULL, NULL},
  };

  if (g_once_init_enter (&type)) {
    GType registered = g_enum_register_static ("GstTieredClass", values);

    g_once_init_leave (&type, registered);
  }
  return type;
}

static GstFlowReturn
flow_of_failure (int failure)
{
  switch (failure) {
    case -EAGAIN:
    case -ETIMEDOUT:
      return GST_FLOW_CUSTOM_ERROR;
    case -ECANCELED:
    case -ESHUTDOWN:
      return GST_FLOW_FLUSHING;
    default:
      return GST_FLOW_ERROR;
  }
}

static inline GstBuffer *
take_buffer (GstTieredRegion * region, const ScSlot * slot, gsize size)
{
  GstTieredUnit *unit = gst_tiered_region_take_unit (region, slot, size);

  /* A pool over the same arena has left its meta on it. */
  if (G_UNLIKELY (unit->layout != GST_TIERED_LAYOUT_PLAIN))
    gst_tiered_layout_undress (unit);
  return unit->shell;
}

/* Waits with a reference to the region: the allocator may be stopped meanwhile,
 * by whom the wait is ended. */
static int
wait_for_slot (GstTieredAllocator * self, gsize size, ScClass slot_class,
    GstClockTime timeout, GstBuffer ** buffer)
{
  GstTieredRegion *region = gst_tiered_allocator_enter_region (self);
  ScSlot slot;
  int ret;

  if (region == NULL)
    return -ESHUTDOWN;
  ret = sc_arena_acquire_wait (region->arena, size, slot_class, timeout,
      &region->draining, &slot);
  if (ret == 0)
    *buffer = take_buffer (region, &slot, size);
  gst_tiered_region_leave (region);
  return ret;
}

GstFlowReturn
gst_tiered_allocator_acquire (GstTieredAllocator * self, gsize size,
    GstTieredClass slot_class, GstClockTime timeout, GstBuffer ** buffer)
{
  GstTieredRegion *region;
  ScSlot slot;
  int ret;

  g_return_val_if_fail (GST_IS_TIERED_ALLOCATOR (self), GST_FLOW_ERROR);
  g_return_val_if_fail (buffer != NULL, GST_FLOW_ERROR);

  *buffer = NULL;
  region = gst_tiered_allocator_peek_region (self);
  if (G_UNLIKELY (region == NULL))
    return GST_FLOW_FLUSHING;
  ret = timeout == 0
      ? sc_arena_acquire (region->arena, size, (ScClass) slot_class, &slot)
      : sc_arena_try_acquire (region->arena, size, (ScClass) slot_class, &slot);
  if (G_LIKELY (ret == 0)) {
    *buffer = take_buffer (region, &slot, size);
    return GST_FLOW_OK;
  }
  if (ret == -EAGAIN && timeout > 0)
    ret = wait_for_slot (self, size, (ScClass) slot_class, timeout, buffer);
  return ret == 0 ? GST_FLOW_OK : flow_of_failure (ret);
}
