/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "gsttieredregion.h"

#include <errno.h>
#include <sys/mman.h>

static GstTieredUnit *
unit_of (GstTieredRegion * self, const ScSlot * slot)
{
  return &self->units[slot->header->buffer_id];
}

static void
take_references (GstTieredUnit * unit)
{
  gst_tiered_region_ref (unit->region);
  gst_object_ref (unit->region->allocator);
  unit->referenced = TRUE;
}

/* Every holder is home.  From the release on the unit is another's. */
static void
give_back (GstTieredUnit * unit)
{
  GstTieredRegion *region = unit->region;
  GstAllocator *allocator = region->allocator;
  gboolean referenced = unit->referenced;
  ScSlot slot = unit->slot;

  unit->referenced = FALSE;
  /* A refusal is counted by the arena and posted by who reads its figures; the
   * slot then stays out.  -ESHUTDOWN: the unit goes with the region. */
  (void) sc_arena_release (region->arena, &slot);

  if (referenced) {
    gst_tiered_region_unref (region);
    gst_object_unref (allocator);
  }
}

static void
holder_home (GstTieredUnit * unit)
{
  if (g_atomic_int_dec_and_test (&unit->holders))
    give_back (unit);
}

/* The last reference to a slot's memory is gone, wherever that was: keeps the
 * memory and brings it home. */
static gboolean
memory_dispose (GstMiniObject * object)
{
  GstTieredMemory *memory = (GstTieredMemory *) object;

  gst_memory_ref (&memory->parent);
  holder_home (memory->unit);
  return FALSE;
}

/* Whatever its last holder made of it. */
static void
reset_memory (GstMemory * memory, gsize offset, gsize size)
{
  GST_MINI_OBJECT_FLAGS (memory) = GST_MINI_OBJECT_FLAG_LOCKABLE;
  memory->offset = offset;
  memory->size = size;
}

static gboolean
remove_foreign_meta (GstBuffer * buffer, GstMeta ** meta, gpointer data)
{
  if (!GST_META_FLAG_IS_SET (*meta, GST_META_FLAG_POOLED)) {
    GST_META_FLAG_UNSET (*meta, GST_META_FLAG_LOCKED);
    *meta = NULL;
  }
  return TRUE;
}

void
gst_tiered_region_reset_buffer (GstBuffer * buffer)
{
  gpointer state = NULL;

  GST_BUFFER_FLAGS (buffer) = 0;
  GST_BUFFER_PTS (buffer) = GST_CLOCK_TIME_NONE;
  GST_BUFFER_DTS (buffer) = GST_CLOCK_TIME_NONE;
  GST_BUFFER_DURATION (buffer) = GST_CLOCK_TIME_NONE;
  GST_BUFFER_OFFSET (buffer) = GST_BUFFER_OFFSET_NONE;
  GST_BUFFER_OFFSET_END (buffer) = GST_BUFFER_OFFSET_NONE;

  /* The first meta is ours; most buffers come back with no other. */
  (void) gst_buffer_iterate_meta (buffer, &state);
  if (gst_buffer_iterate_meta (buffer, &state) != NULL)
    gst_buffer_foreach_meta (buffer, remove_foreign_meta, NULL);
}

/* The last reference to a shell is gone: keeps it and brings it home.  GStreamer
 * does so itself for the buffers of a pool. */
static gboolean
shell_dispose (GstMiniObject * object)
{
  GstBuffer *buffer = (GstBuffer *) object;
  GstTieredSlotMeta *meta = gst_buffer_get_tiered_slot_meta (buffer);
  GstTieredUnit *unit = meta->unit;

  if (buffer->pool != NULL)
    return unit->region->chain_dispose (object);
  gst_buffer_ref (buffer);
  gst_tiered_region_reset_buffer (buffer);
  gst_tiered_region_buffer_home (unit, buffer);
  return FALSE;
}

static void
init_unit (GstTieredRegion * self, GstTieredUnit * unit, guint32 id)
{
  ScSlot slot = sc_arena_slot (self->arena, id);
  GstMemory *memory = &unit->memory.parent;
  GstTieredSlotMeta *meta;

  unit->region = self;
  unit->memory.data = slot.data;
  unit->memory.unit = unit;
  gst_memory_init (memory, 0, self->allocator, NULL, slot.header->capacity,
      self->alignment - 1, 0, slot.header->capacity);
  GST_MINI_OBJECT_CAST (memory)->dispose = memory_dispose;
  /* At home it has no reference to the allocator, which owns the region. */
  gst_object_unref (self->allocator);

  unit->shell = gst_buffer_new ();
  gst_buffer_append_memory (unit->shell, memory);
  meta = (GstTieredSlotMeta *) gst_buffer_add_meta (unit->shell,
      GST_TIERED_SLOT_META_INFO, NULL);
  meta->header = (const GstTieredSlotHeader *) slot.header;
  meta->unit = unit;
  GST_META_FLAG_SET (&meta->meta, GST_META_FLAG_POOLED | GST_META_FLAG_LOCKED);
  self->chain_dispose = GST_MINI_OBJECT_CAST (unit->shell)->dispose;
  GST_MINI_OBJECT_CAST (unit->shell)->dispose = shell_dispose;
}

static void
clear_unit (GstTieredUnit * unit)
{
  GstMemory *memory = &unit->memory.parent;

  GST_MINI_OBJECT_CAST (memory)->dispose = NULL;
  gst_object_ref (unit->region->allocator);
  if (gst_buffer_n_memory (unit->shell) == 0)
    gst_memory_unref (memory);
  GST_MINI_OBJECT_CAST (unit->shell)->dispose = NULL;
  gst_buffer_unref (unit->shell);
}

static gboolean
map_arena (GstTieredRegion * self, const ScTiers * tiers, GError ** error)
{
  int ret;

  self->alignment = tiers->alignment;
  self->size = sc_arena_size (tiers);
  if (self->size == 0) {
    g_set_error (error, GST_LIBRARY_ERROR, GST_LIBRARY_ERROR_SETTINGS,
        "The tiers are larger than memory can be addressed. Use fewer or "
        "smaller slots.");
    return FALSE;
  }
  /* Populated at once: no page fault in the data path. */
  self->mapping = mmap (NULL, self->size, PROT_READ | PROT_WRITE,
      MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
  ret = self->mapping == MAP_FAILED ? -errno
      : sc_arena_init (self->mapping, self->size, tiers, &self->arena);
  if (ret == 0)
    return TRUE;

  g_set_error (error, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_NO_SPACE_LEFT,
      "Cannot reserve %" G_GSIZE_FORMAT " bytes for the buffer pool: %s. Use "
      "fewer or smaller slots (profile, tiers).", self->size,
      g_strerror (-ret));
  if (self->mapping != MAP_FAILED)
    (void) munmap (self->mapping, self->size);
  return FALSE;
}

GstTieredRegion *
gst_tiered_region_new (GstAllocator * allocator, const ScTiers * tiers,
    gboolean lock_memory, GError ** error)
{
  GstTieredRegion *self = g_new0 (GstTieredRegion, 1);

  self->refs = 1;
  self->allocator = allocator;
  if (!map_arena (self, tiers, error)) {
    g_free (self);
    return NULL;
  }
  if (lock_memory && mlock (self->mapping, self->size) != 0)
    self->lock_error = errno;

  self->units = g_new0 (GstTieredUnit, sc_arena_slots (self->arena));
  for (guint32 i = 0; i < sc_arena_slots (self->arena); i++)
    init_unit (self, &self->units[i], i);
  return self;
}

GstTieredRegion *
gst_tiered_region_ref (GstTieredRegion * self)
{
  g_atomic_int_inc (&self->refs);
  return self;
}

void
gst_tiered_region_unref (GstTieredRegion * self)
{
  if (!g_atomic_int_dec_and_test (&self->refs))
    return;
  for (guint32 i = 0; i < sc_arena_slots (self->arena); i++)
    clear_unit (&self->units[i]);
  g_free (self->units);
  sc_arena_clear (self->arena);
  /* Fails for addresses that are not a mapping, which this one is. */
  (void) munmap (self->mapping, self->size);
  g_free (self);
}

GstBuffer *
gst_tiered_region_take_buffer (GstTieredRegion * self, const ScSlot * slot,
    gsize size)
{
  GstTieredUnit *unit = unit_of (self, slot);
  GstMemory *memory = &unit->memory.parent;

  unit->slot = *slot;
  reset_memory (memory, 0, size);
  if (G_UNLIKELY (gst_buffer_n_memory (unit->shell) == 0))
    gst_buffer_append_memory (unit->shell, memory);
  GST_BUFFER_FLAG_UNSET (unit->shell, GST_BUFFER_FLAG_TAG_MEMORY);
  /* Nobody else knows the unit yet: what hands the buffer on orders this. */
  unit->holders = 2;
  return unit->shell;
}

GstBuffer *
gst_tiered_region_take_direct (GstTieredRegion * self, const ScSlot * slot,
    gsize size)
{
  GstBuffer *buffer = gst_tiered_region_take_buffer (self, slot, size);

  take_references (unit_of (self, slot));
  return buffer;
}

static gboolean
is_as_taken (GstTieredUnit * unit, GstBuffer * buffer)
{
  return gst_buffer_n_memory (buffer) == 1
      && gst_buffer_peek_memory (buffer, 0) == &unit->memory.parent
      && GST_MINI_OBJECT_REFCOUNT_VALUE (&unit->memory.parent) == 1;
}

void
gst_tiered_region_buffer_home (GstTieredUnit * unit, GstBuffer * buffer)
{
  if (G_LIKELY (is_as_taken (unit, buffer))) {
    give_back (unit);
    return;
  }
  /* The pool may stop once we return, while the memory is still out: from here
   * on it needs references of its own. */
  if (!unit->referenced)
    take_references (unit);
  gst_buffer_remove_all_memory (buffer);
  holder_home (unit);
}

GstMemory *
gst_tiered_region_take_memory (GstTieredRegion * self, const ScSlot * slot,
    gsize offset, gsize size)
{
  GstTieredUnit *unit = unit_of (self, slot);
  GstMemory *memory = &unit->memory.parent;

  unit->slot = *slot;
  take_references (unit);
  unit->holders = 1;
  if (gst_buffer_n_memory (unit->shell) > 0) {
    gst_memory_ref (memory);
    gst_buffer_remove_all_memory (unit->shell);
  }
  reset_memory (memory, offset, size);
  return memory;
}
