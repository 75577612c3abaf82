/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The region of an allocator and what it counts, for whoever asks. */
#include "gsttieredallocator-private.h"

GstTieredRegion *
gst_tiered_allocator_enter_region (GstTieredAllocator * self)
{
  GstTieredRegion *region;

  GST_OBJECT_LOCK (self);
  region = self->region != NULL ? gst_tiered_region_enter (self->region)
      : NULL;
  GST_OBJECT_UNLOCK (self);
  return region;
}

GstTieredRegion *
gst_tiered_allocator_get_region (GstTieredAllocator * self)
{
  GstTieredRegion *region;

  GST_OBJECT_LOCK (self);
  region = self->region != NULL ? gst_tiered_region_ref (self->region) : NULL;
  GST_OBJECT_UNLOCK (self);
  return region;
}

GstTieredRegion *
gst_tiered_allocator_get_any_region (GstTieredAllocator * self)
{
  GstTieredRegion *region;

  GST_OBJECT_LOCK (self);
  region = self->region != NULL ? self->region : self->flushing;
  if (region != NULL)
    gst_tiered_region_ref (region);
  GST_OBJECT_UNLOCK (self);
  return region;
}

gsize
gst_tiered_allocator_get_reserved (GstTieredAllocator * self)
{
  gsize size;

  GST_OBJECT_LOCK (self);
  size = self->region != NULL ? self->region->size : 0;
  GST_OBJECT_UNLOCK (self);
  return size;
}

void
gst_tiered_allocator_count_fallback (GstTieredAllocator * self)
{
  atomic_fetch_add_explicit (&self->fallbacks, 1, memory_order_relaxed);
}

gint
gst_tiered_allocator_get_lock_error (GstTieredAllocator * self)
{
  gint lock_error;

  g_return_val_if_fail (GST_IS_TIERED_ALLOCATOR (self), 0);

  GST_OBJECT_LOCK (self);
  lock_error = self->region != NULL ? self->region->lock_error : 0;
  GST_OBJECT_UNLOCK (self);
  return lock_error;
}

void
gst_tiered_allocator_read_stats (GstTieredAllocator * self,
    ScArenaStats * stats)
{
  GstTieredRegion *region = gst_tiered_allocator_get_any_region (self);

  if (region != NULL) {
    sc_arena_read_stats (region->arena, stats);
    gst_tiered_region_unref (region);
    return;
  }
  GST_OBJECT_LOCK (self);
  *stats = self->last_stats;
  GST_OBJECT_UNLOCK (self);
}
