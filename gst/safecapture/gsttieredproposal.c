/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "gsttieredpool.h"

#include <gst/video/video.h>

/* What an upstream element is given for raw audio, whose buffer sizes the caps
 * do not say: more than any ordinary one has. */
#define PROPOSED_AUDIO_SIZE 65536

/* The buffer size to propose for caps, 0 for none. */
static gsize
proposed_size (GstTieredAllocator * allocator, GstCaps * caps)
{
  gsize max_size = gst_tiered_allocator_get_max_size (allocator);
  GstStructure *structure;
  GstVideoInfo info;

  if (caps == NULL || !gst_caps_is_fixed (caps))
    return 0;
  structure = gst_caps_get_structure (caps, 0);
  if (gst_structure_has_name (structure, "audio/x-raw"))
    return MIN (PROPOSED_AUDIO_SIZE, max_size);
  if (gst_structure_has_name (structure, "video/x-raw")
      && gst_video_info_from_caps (&info, caps)
      && GST_VIDEO_INFO_SIZE (&info) <= max_size)
    return GST_VIDEO_INFO_SIZE (&info);
  return 0;
}

gboolean
gst_tiered_pool_propose_allocation (GstTieredAllocator * allocator,
    GstQuery * query)
{
  GstBufferPool *pool;
  GstStructure *config;
  gboolean wanted;
  GstCaps *caps;
  guint slots;
  gsize size;

  g_return_val_if_fail (GST_IS_TIERED_ALLOCATOR (allocator), FALSE);
  g_return_val_if_fail (GST_IS_QUERY (query), FALSE);

  gst_query_parse_allocation (query, &caps, &wanted);
  size = proposed_size (allocator, caps);
  if (!wanted || size == 0 || gst_query_get_n_allocation_pools (query) > 0)
    return FALSE;

  slots = gst_tiered_allocator_count_slots (allocator, size);
  pool = gst_tiered_pool_new (allocator);
  config = gst_buffer_pool_get_config (pool);
  gst_buffer_pool_config_set_params (config, caps, (guint) size, 0, slots);
  if (gst_buffer_pool_set_config (pool, config))
    gst_query_add_allocation_pool (query, pool, (guint) size, 0, slots);
  gst_object_unref (pool);
  return gst_query_get_n_allocation_pools (query) > 0;
}
