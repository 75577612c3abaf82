/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the pool needs of its allocator beyond the public functions. */
#ifndef GST_TIERED_ALLOCATOR_PRIVATE_H
#define GST_TIERED_ALLOCATOR_PRIVATE_H

#include "gsttieredallocator.h"
#include "gsttieredregion.h"

G_BEGIN_DECLS

/* A reference to the region of a started allocator, or NULL.  Any thread. */
GstTieredRegion *gst_tiered_allocator_get_region (GstTieredAllocator * self);

/* The tiers that the properties say, or FALSE with @error set. */
gboolean gst_tiered_allocator_get_tiers (GstTieredAllocator * self,
    ScTiers * tiers, GError ** error);

G_END_DECLS

#endif
