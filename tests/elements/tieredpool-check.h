/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the tests of the pool share. */
#ifndef TIEREDPOOL_CHECK_H
#define TIEREDPOOL_CHECK_H

#include <gst/check/gstcheck.h>
#include <gst/safecapture/safecapture.h>

static inline GstTieredAllocator *
make_allocator (const gchar * tiers)
{
  GstTieredAllocator *allocator = gst_tiered_allocator_new ();

  g_object_set (allocator, "tiers", tiers, NULL);
  return allocator;
}

static inline GstTieredPool *
make_pool (const gchar * tiers, guint size)
{
  GstTieredAllocator *allocator = make_allocator (tiers);
  GstBufferPool *pool = gst_tiered_pool_new (allocator);
  GstStructure *config = gst_buffer_pool_get_config (pool);

  gst_buffer_pool_config_set_params (config, NULL, size, 0,
      gst_tiered_allocator_count_slots (allocator, size));
  fail_unless (gst_buffer_pool_set_config (pool, config));
  fail_unless (gst_buffer_pool_set_active (pool, TRUE));
  gst_object_unref (allocator);
  return GST_TIERED_POOL (pool);
}

static inline void
free_pool (GstTieredPool * pool)
{
  fail_unless (gst_buffer_pool_set_active (GST_BUFFER_POOL (pool), FALSE));
  gst_object_unref (pool);
}

static inline guint64
stat (GstTieredPool * pool, const gchar * field)
{
  GstStructure *stats = gst_structure_new_empty ("stats");
  guint64 value = G_MAXUINT64;

  gst_tiered_allocator_add_stats (gst_tiered_pool_get_allocator (pool), stats);
  fail_unless (gst_structure_get_uint64 (stats, field, &value), "%s", field);
  gst_structure_free (stats);
  return value;
}

static inline GstBuffer *
acquire (GstTieredPool * pool, gsize size)
{
  GstBuffer *buffer = NULL;

  fail_unless_equals_int (gst_tiered_pool_acquire (pool, size, &buffer),
      GST_FLOW_OK);
  fail_unless_equals_uint64 (gst_buffer_get_size (buffer), size);
  return buffer;
}

#endif
