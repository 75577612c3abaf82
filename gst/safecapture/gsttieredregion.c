/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "gsttieredregion.h"

#include "sc-give-way.h"

#include <errno.h>
#include <sys/mman.h>

static void
drained (GstTieredRegion * self)
{
  GstAllocator *allocator = self->allocator;

  gst_tiered_region_unref (self);
  gst_object_unref (allocator);
}

/* A slot has come home after close, or was refused and never will.  Before close
 * the count only goes down. */
static void
count_late (GstTieredRegion * self)
{
  /* Acquire and release: the last one frees what all have used. */
  if (atomic_fetch_sub_explicit (&self->late, 1, memory_order_acq_rel) == 1)
    drained (self);
}

guint
gst_tiered_region_close (GstTieredRegion * self)
{
  guint out = sc_arena_close (self->arena);

  /* They have been woken. */
  for (int turn = 0; g_atomic_int_get (&self->entered) > 0; turn++)
    sc_give_way (turn);
  sc_arena_settle (self->arena);

  gst_object_ref (self->allocator);
  if (atomic_fetch_add_explicit (&self->late, out, memory_order_acq_rel)
      == -(gint64) out)
    drained (self);
  return out;
}

GstTieredRegion *
gst_tiered_region_enter (GstTieredRegion * self)
{
  g_atomic_int_inc (&self->entered);
  return gst_tiered_region_ref (self);
}

void
gst_tiered_region_leave (GstTieredRegion * self)
{
  g_atomic_int_add (&self->entered, -1);
  gst_tiered_region_unref (self);
}

/* Every holder is home.  From the release on the unit is another's. */
static inline void
give_back (GstTieredUnit * unit)
{
  GstTieredRegion *region = unit->region;
  /* A refusal is counted by the arena and posted by who reads its figures; the
   * slot then stays out. */
  int ret = sc_arena_release_owned (region->arena, unit->header);

  /* A second release is none: the slot is counted for its first one. */
  if (G_UNLIKELY (ret == -ESHUTDOWN || (ret == -EBADMSG && !unit->lost))) {
    /* Before the count, with which the unit may be gone. */
    g_atomic_int_set (&unit->lost, ret == -EBADMSG);
    count_late (region);
  }
}

guint
gst_tiered_region_count_lost (GstTieredRegion * self)
{
  guint lost = 0;

  for (guint32 i = 0; i < sc_arena_slots (self->arena); i++)
    lost += g_atomic_int_get (&self->units[i].lost) != 0;
  return lost;
}

/* Has the arena refuse and count it. */
static void
refuse_second_release (GstTieredUnit * unit)
{
  const ScSlot stale = {.header = unit->header };

  (void) sc_arena_release (unit->region->arena, &stale);
}

static void
holder_home (GstTieredUnit * unit)
{
  if (!g_atomic_int_dec_and_test (&unit->holders))
    return;
  unit->holders = 2;
  give_back (unit);
}

/* The last reference to a slot's memory is gone, wherever that was: keeps the
 * memory and brings it home. */
static gboolean
memory_dispose (GstMiniObject * object)
{
  GstTieredMemory *memory = (GstTieredMemory *) object;

  /* Nobody else has it: no need for an atomic. */
  object->refcount = 1;
  if (G_UNLIKELY (atomic_load_explicit (&memory->unit->header->held,
              memory_order_relaxed) == 0))
    refuse_second_release (memory->unit);
  else
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

/* @state: of gst_buffer_iterate_meta(), at our meta, which is the first */
static inline void
reset_buffer (GstBuffer * buffer, gpointer state)
{
  /* Looks first: what nobody has written to needs not leave another processor. */
  if (GST_BUFFER_FLAGS (buffer) != 0)
    GST_BUFFER_FLAGS (buffer) = 0;
  if ((GST_BUFFER_PTS (buffer) & GST_BUFFER_DTS (buffer)
          & GST_BUFFER_DURATION (buffer) & GST_BUFFER_OFFSET (buffer)
          & GST_BUFFER_OFFSET_END (buffer)) != GST_CLOCK_TIME_NONE) {
    GST_BUFFER_PTS (buffer) = GST_CLOCK_TIME_NONE;
    GST_BUFFER_DTS (buffer) = GST_CLOCK_TIME_NONE;
    GST_BUFFER_DURATION (buffer) = GST_CLOCK_TIME_NONE;
    GST_BUFFER_OFFSET (buffer) = GST_BUFFER_OFFSET_NONE;
    GST_BUFFER_OFFSET_END (buffer) = GST_BUFFER_OFFSET_NONE;
  }
  if (gst_buffer_iterate_meta (buffer, &state) != NULL)
    gst_buffer_foreach_meta (buffer, remove_foreign_meta, NULL);
}

void
gst_tiered_region_reset_buffer (GstBuffer * buffer)
{
  gpointer state = NULL;

  (void) gst_buffer_iterate_meta (buffer, &state);
  reset_buffer (buffer, state);
}

GstTieredUnit *
gst_tiered_region_unit_of (GstBuffer * buffer)
{
  gpointer state = NULL;
  GstMeta *meta = gst_buffer_iterate_meta (buffer, &state);

  /* Buffers of other origin may have a copy of the meta, which has no unit. */
  if (G_UNLIKELY (meta == NULL || meta->info != GST_TIERED_SLOT_META_INFO))
    return NULL;
  return ((GstTieredSlotMeta *) meta)->unit;
}

/* Whether only the shell has the memory. */
static inline gboolean
is_alone (const GstTieredUnit * unit)
{
  return GST_MINI_OBJECT_REFCOUNT_VALUE (&unit->memory.parent) == 1;
}

/* The memory is still somebody's, or has left the shell: each comes home for
 * itself. */
static void
take_apart (GstTieredUnit * unit, GstBuffer * buffer)
{
  /* Stays set on a shell that is home without its memory: see shell_dispose. */
  GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_TAG_MEMORY);
  /* The shell is home already, and only its memory is out. */
  if (G_UNLIKELY (unit->apart)) {
    refuse_second_release (unit);
    return;
  }
  /* Before the memory leaves: then it may come home in another thread. */
  unit->apart = TRUE;
  gst_buffer_remove_all_memory (buffer);
  holder_home (unit);
}

/* The unit of a shell.  By its memory, which its release must look at anyway, or
 * where that is another one by its meta. */
static inline GstTieredUnit *
unit_of_shell (GstBuffer * buffer, GstMemory * memory)
{
  if (G_LIKELY (memory != NULL
          && GST_MINI_OBJECT_CAST (memory)->dispose == memory_dispose)) {
    /* Its first part: without a look at the pointer to it. */
    GstTieredUnit *unit = (GstTieredUnit *) memory;

    if (G_LIKELY (unit->shell == buffer))
      return unit;
  }
  return gst_tiered_region_unit_of (buffer);
}

/* The last reference to a shell is gone: keeps it and brings it home.  GStreamer
 * does so itself for the buffers of a pool. */
static gboolean
shell_dispose (GstMiniObject * object)
{
  GstBuffer *buffer = (GstBuffer *) object;
  /* As GstBufferPool we trust the flag: it says that the memory in the buffer is
   * no longer the one that was put in. */
  gboolean changed = GST_BUFFER_FLAG_IS_SET (buffer,
      GST_BUFFER_FLAG_TAG_MEMORY);
  GstTieredUnit *unit = unit_of_shell (buffer,
      changed ? NULL : gst_buffer_peek_memory (buffer, 0));

  if (buffer->pool != NULL)
    return unit->region->chain_dispose (object);
  /* Nobody else has it: no need for an atomic. */
  object->refcount = 1;
  reset_buffer (buffer, unit->meta_state);
  if (G_LIKELY (!changed && is_alone (unit)))
    give_back (unit);
  else
    take_apart (unit, buffer);
  return FALSE;
}

static void
init_unit (GstTieredRegion * self, GstTieredUnit * unit, guint32 id)
{
  ScSlot slot = sc_arena_slot (self->arena, id);
  GstMemory *memory = &unit->memory.parent;
  GstTieredSlotMeta *meta;

  unit->region = self;
  unit->header = slot.header;
  unit->holders = 2;
  unit->memory.data = slot.data;
  unit->memory.unit = unit;
  gst_memory_init (memory, 0, self->allocator, NULL, slot.header->capacity,
      self->alignment - 1, 0, slot.header->capacity);
  GST_MINI_OBJECT_CAST (memory)->dispose = memory_dispose;
  /* At home it has no reference to the allocator, which owns the region. */
  gst_object_unref (self->allocator);

  unit->shell = gst_buffer_new ();
  gst_buffer_append_memory (unit->shell, memory);
  GST_BUFFER_FLAGS (unit->shell) = 0;
  meta = (GstTieredSlotMeta *) gst_buffer_add_meta (unit->shell,
      GST_TIERED_SLOT_META_INFO, NULL);
  meta->header = (const GstTieredSlotHeader *) slot.header;
  meta->unit = unit;
  GST_META_FLAG_SET (&meta->meta, GST_META_FLAG_POOLED | GST_META_FLAG_LOCKED);
  (void) gst_buffer_iterate_meta (unit->shell, &unit->meta_state);
  self->chain_dispose = GST_MINI_OBJECT_CAST (unit->shell)->dispose;
  GST_MINI_OBJECT_CAST (unit->shell)->dispose = shell_dispose;
}

static void
clear_unit (GstTieredUnit * unit)
{
  GstMemory *memory = &unit->memory.parent;

  GST_MINI_OBJECT_CAST (memory)->dispose = NULL;
  gst_object_ref (unit->region->allocator);
  if (unit->apart)
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

  self->refs = 2;               /* the caller's and the slots' */
  self->allocator = allocator;
  if (!map_arena (self, tiers, error)) {
    g_free (self);
    return NULL;
  }
  if (lock_memory && mlock (self->mapping, self->size) != 0)
    self->lock_error = errno;

  self->headers = sc_arena_slot (self->arena, 0).header;
  self->units = g_new0 (GstTieredUnit, sc_arena_slots (self->arena));
  for (guint32 i = 0; i < sc_arena_slots (self->arena); i++)
    init_unit (self, &self->units[i], i);
  return self;
}

void
gst_tiered_region_watch (GstTieredRegion * self, ScArenaMeter * meter,
    gint * alive)
{
  if (meter != NULL)
    self->meter = g_atomic_rc_box_acquire (meter);
  sc_arena_set_meter (self->arena, meter);
  self->alive = alive;
  g_atomic_int_inc (alive);
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
  g_clear_pointer (&self->meter, g_atomic_rc_box_release);
  if (self->alive != NULL)
    (void) g_atomic_int_dec_and_test (self->alive);
  g_free (self);
}

void
gst_tiered_region_mend (GstTieredUnit * unit, gsize size)
{
  if (unit->apart) {
    gst_buffer_append_memory (unit->shell, &unit->memory.parent);
    GST_BUFFER_FLAG_UNSET (unit->shell, GST_BUFFER_FLAG_TAG_MEMORY);
    unit->apart = FALSE;
  }
  reset_memory (&unit->memory.parent, 0, size);
}

void
gst_tiered_region_buffer_home (GstTieredUnit * unit, GstBuffer * buffer)
{
  if (G_LIKELY (gst_buffer_n_memory (buffer) == 1
          && gst_buffer_peek_memory (buffer, 0) == &unit->memory.parent
          && is_alone (unit)))
    give_back (unit);
  else
    take_apart (unit, buffer);
}

GstMemory *
gst_tiered_region_take_memory (GstTieredRegion * self, const ScSlot * slot,
    gsize offset, gsize size)
{
  GstTieredUnit *unit = gst_tiered_region_unit (self, slot);
  GstMemory *memory = &unit->memory.parent;

  unit->holders = 1;
  if (!unit->apart) {
    gst_memory_ref (memory);
    gst_buffer_remove_all_memory (unit->shell);
    unit->apart = TRUE;
  }
  reset_memory (memory, offset, size);
  return memory;
}
