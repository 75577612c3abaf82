/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a #GstTieredAllocator does as a #GstAllocator: single memories, their
 * shares and copies. */
#include "gsttieredallocator-private.h"

#include <string.h>

GST_DEBUG_CATEGORY_EXTERN (gst_tiered_allocator_debug);
#define GST_CAT_DEFAULT gst_tiered_allocator_debug

static void
clear_outside (GstMemory * memory, gsize size, GstMemoryFlags flags)
{
  guint8 *data = ((GstTieredMemory *) memory)->data;

  if (flags & GST_MEMORY_FLAG_ZERO_PREFIXED)
    memset (data, 0, memory->offset);
  if (flags & GST_MEMORY_FLAG_ZERO_PADDED)
    memset (data + memory->offset + size, 0,
        memory->maxsize - memory->offset - size);
  GST_MINI_OBJECT_FLAGS (memory) |= flags
      & (GST_MEMORY_FLAG_ZERO_PREFIXED | GST_MEMORY_FLAG_ZERO_PADDED);
}

static GstMemory *
alloc_from_region (GstTieredRegion * region, gsize size,
    const GstAllocationParams * params)
{
  gsize total = size + params->prefix + params->padding;
  GstMemory *memory;
  ScSlot slot;

  /* Overflowed sums are not larger than their parts. */
  if (total < size || total - size < params->prefix
      || params->align >= region->alignment
      || sc_arena_acquire (region->arena, total, SC_CLASS_PRIMARY, &slot) < 0)
    return NULL;
  memory = gst_tiered_region_take_memory (region, &slot, params->prefix, size);
  clear_outside (memory, size, params->flags);
  return memory;
}

static GstMemory *
alloc_from_system (GstTieredAllocator * self, gsize size,
    GstAllocationParams * params)
{
  /* By name: the default allocator can be anything, this one too. */
  GstAllocator *system = gst_allocator_find (GST_ALLOCATOR_SYSMEM);
  GstMemory *memory = gst_allocator_alloc (system, size, params);

  gst_tiered_allocator_count_fallback (self);
  gst_object_unref (system);
  return memory;
}

static GstMemory *
tiered_allocator_alloc (GstAllocator * allocator, gsize size,
    GstAllocationParams * params)
{
  GstTieredAllocator *self = GST_TIERED_ALLOCATOR (allocator);
  gboolean fallback = atomic_load_explicit (&self->fallback,
      memory_order_relaxed);
  GstTieredRegion *region = gst_tiered_allocator_demand_region (self,
      size + params->prefix + params->padding);
  GstMemory *memory = NULL;

  if (region != NULL) {
    memory = alloc_from_region (region, size, params);
    gst_tiered_region_leave (region);
  } else if (!fallback) {
    GST_WARNING_OBJECT (allocator, "is not started");
  }
  if (G_UNLIKELY (memory == NULL)) {
    GST_DEBUG_OBJECT (allocator, "no slot for %" G_GSIZE_FORMAT " bytes, "
        "alignment %" G_GSIZE_FORMAT, size, params->align);
    if (fallback)
      memory = alloc_from_system (self, size, params);
  }
  return memory;
}

/* A share; a slot's own memory is a part of its unit. */
static void
tiered_allocator_free (GstAllocator * allocator, GstMemory * memory)
{
  GstTieredMemory *self = (GstTieredMemory *) memory;

  if (self->unit == NULL)
    g_free (self);
}

static gpointer
tiered_memory_map (GstMemory * memory, gsize maxsize, GstMapFlags flags)
{
  return ((GstTieredMemory *) memory)->data;
}

static void
tiered_memory_unmap (GstMemory * memory)
{
}

static GstMemory *
tiered_memory_share (GstMemory * memory, gssize offset, gssize size)
{
  GstMemory *parent = memory->parent != NULL ? memory->parent : memory;
  GstTieredMemory *share = g_new0 (GstTieredMemory, 1);

  if (size == -1)
    size = (gssize) memory->size - offset;
  share->data = ((GstTieredMemory *) memory)->data;
  gst_memory_init (&share->parent, GST_MINI_OBJECT_FLAGS (parent)
      | GST_MINI_OBJECT_FLAG_LOCK_READONLY, memory->allocator, parent,
      memory->maxsize, memory->align, memory->offset + (gsize) offset,
      (gsize) size);
  return &share->parent;
}

static GstMemory *
tiered_memory_copy (GstMemory * memory, gssize offset, gssize size)
{
  GstMapInfo from, to;
  GstMemory *copy;

  if (!gst_memory_map (memory, &from, GST_MAP_READ))
    return NULL;
  if (size == -1)
    size = from.size > (gsize) offset ? (gssize) from.size - offset : 0;
  copy = gst_allocator_alloc (NULL, (gsize) size, NULL);
  if (copy != NULL && gst_memory_map (copy, &to, GST_MAP_WRITE)) {
    memcpy (to.data, from.data + offset, (gsize) size);
    gst_memory_unmap (copy, &to);
  }
  gst_memory_unmap (memory, &from);
  return copy;
}

/* Whether two shares lie one behind the other in the same slot. */
static gboolean
tiered_memory_is_span (GstMemory * first, GstMemory * second, gsize * offset)
{
  GstTieredMemory *a = (GstTieredMemory *) first;
  GstTieredMemory *b = (GstTieredMemory *) second;

  if (offset != NULL)
    *offset = first->offset - first->parent->offset;
  return a->data == b->data && first->offset + first->size == second->offset;
}

void
gst_tiered_memory_install (GstAllocatorClass * klass)
{
  klass->alloc = tiered_allocator_alloc;
  klass->free = tiered_allocator_free;
}

void
gst_tiered_memory_init (GstAllocator * allocator)
{
  allocator->mem_map = tiered_memory_map;
  allocator->mem_unmap = tiered_memory_unmap;
  allocator->mem_share = tiered_memory_share;
  allocator->mem_copy = tiered_memory_copy;
  allocator->mem_is_span = tiered_memory_is_span;
}
