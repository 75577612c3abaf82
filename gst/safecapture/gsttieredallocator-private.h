/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the pool needs of its allocator beyond the public functions. */
#ifndef GST_TIERED_ALLOCATOR_PRIVATE_H
#define GST_TIERED_ALLOCATOR_PRIVATE_H

#include "gsttieredallocator.h"
#include "gsttieredregion.h"

G_BEGIN_DECLS

/* A reference to the region of a started allocator, or NULL.  Any thread. */
GstTieredRegion *gst_tiered_allocator_get_region (GstTieredAllocator * self);

/* The same, entered: to be left, not unreferenced. */
GstTieredRegion *gst_tiered_allocator_enter_region (GstTieredAllocator * self);

/* The same without a reference: for who has started the allocator. */
GstTieredRegion *gst_tiered_allocator_peek_region (GstTieredAllocator * self);

/* What is done with a region before anybody can acquire from it. */
typedef void (*GstTieredPrepare) (GstTieredRegion * region, gpointer data);

/* gst_tiered_allocator_start(); @prepare is called if this start makes the
 * region. */
gboolean gst_tiered_allocator_start_prepared (GstTieredAllocator * self,
    GstTieredPrepare prepare, gpointer data, GError ** error);

/* What slots' data is aligned to; 64 if the properties are not valid. */
gsize gst_tiered_allocator_get_alignment (GstTieredAllocator * self);

/* Bytes of the arena, 0 if not started. */
gsize gst_tiered_allocator_get_reserved (GstTieredAllocator * self);

/* Somebody was given system memory instead of a slot. */
void gst_tiered_allocator_count_fallback (GstTieredAllocator * self);

/*
 * On demand: the tiers follow from the first size that is asked for, and no
 * arena is reserved before that.
 *
 *   begin ---> demand (size) by a pool that is configured: chooses the tiers,
 *              again and again as long as nothing is started
 *         ---> alloc (size): chooses, starts
 *   end   ---> what alloc has started is stopped; nothing is chosen any more
 */
typedef void (*GstTieredChoose) (gconstpointer data, gsize size,
    ScTiers * tiers);

/* @data: (transfer full): freed with g_free() */
void gst_tiered_allocator_begin_demand (GstTieredAllocator * self,
    GstTieredChoose choose, gpointer data);
/* Calls @change with the data and @user_data, if it is @choose that chooses and
 * nothing is started. */
gboolean gst_tiered_allocator_change_demand (GstTieredAllocator * self,
    GstTieredChoose choose, void (*change) (gpointer data, gpointer user_data),
    gpointer user_data);
void gst_tiered_allocator_demand (GstTieredAllocator * self, gsize size);
void gst_tiered_allocator_end_demand (GstTieredAllocator * self);

/* The tiers that the properties say, or FALSE with @error set. */
gboolean gst_tiered_allocator_get_tiers (GstTieredAllocator * self,
    ScTiers * tiers, GError ** error);

G_END_DECLS

#endif
