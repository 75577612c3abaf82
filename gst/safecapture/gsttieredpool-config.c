/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "gsttieredpool-config.h"

gboolean
gst_tiered_pool_config_correct (GstTieredAllocator * allocator,
    GstStructure * config, gsize * size)
{
  guint wanted, min_buffers, max_buffers, slots;
  GstAllocationParams params, plain;
  GstAllocator *asked;
  gboolean changed;
  gsize max_size;
  GstCaps *caps;

  if (!gst_buffer_pool_config_get_params (config, &caps, &wanted, &min_buffers,
          &max_buffers)
      || !gst_buffer_pool_config_get_allocator (config, &asked, &params))
    return FALSE;

  max_size = gst_tiered_allocator_get_max_size (allocator);
  changed = wanted > max_size;
  *size = MIN (wanted, max_size);
  slots = gst_tiered_allocator_count_slots (allocator, *size);
  changed |= slots == 0 || min_buffers > slots || max_buffers != slots;
  gst_buffer_pool_config_set_params (config, caps, (guint) *size,
      MIN (min_buffers, slots), slots);

  gst_allocation_params_init (&plain);
  changed |= (asked != NULL && asked != GST_ALLOCATOR (allocator))
      || params.prefix > 0 || params.padding > 0;
  gst_buffer_pool_config_set_allocator (config, GST_ALLOCATOR (allocator),
      &plain);
  return !changed;
}
