/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The memory of a started allocator: the mapped arena, and for each slot a unit
 * of what GStreamer wants around it, made once: a GstMemory, and a GstBuffer
 * (the shell) with the slot's meta, in which the memory usually stays.
 *
 * A unit that is out has one or two holders: its memory, and its shell if it was
 * acquired as a buffer.  The last of them to come home gives the slot back; so a
 * share or a shallow copy of a buffer only delays the slot.
 *
 *   at home            holders 2, the memory usually in the shell
 *   acquire a buffer   shell with memory in it
 *   release            memory still in it and nobody else's: both are home at
 *                      once, and nothing but the slot's header is touched
 *                      else: the memory leaves the shell, the shell is home;
 *                      the memory's dispose brings the memory home
 *   allocate memory    holders 1
 *
 * Who keeps what alive
 *   A region is referenced by its allocator and each pool while they are started,
 *   by acquires that wait, and by its slots until it is closed and the last of
 *   them is home.  Nothing is referenced for a single buffer or memory: close
 *   counts what is out, and of the releases, which then learn that the arena is
 *   closed, the one that makes that zero drops the slots' reference.  From close
 *   to then the region references the allocator too, whose functions the
 *   memories need.
 *
 * Private to the library.
 */
#ifndef GST_TIERED_REGION_H
#define GST_TIERED_REGION_H

#include "gsttieredslotmeta.h"

#include "sc-arena.h"

G_BEGIN_DECLS

typedef struct _GstTieredRegion GstTieredRegion;
typedef struct _GstTieredUnit GstTieredUnit;

typedef struct
{
  GstMemory parent;
  guint8 *data;
  GstTieredUnit *unit;          /* NULL: a share of another one */
} GstTieredMemory;

/* What a release touches comes first, in two cache lines. */
struct _GstTieredUnit
{
  GstTieredMemory memory;
  GstBuffer *shell;
  gpointer meta_state;          /* of gst_buffer_iterate_meta() at our meta */
  GstTieredRegion *region;
  ScSlotHeader *header;
  gint holders;                 /* atomic, while out */
  gboolean apart;               /* the memory is not in the shell */
  gint lost;                    /* atomic: refused for good, counted as late */
  guint layout;                 /* which meta the shell carries, see the pool's */
};

G_STATIC_ASSERT (offsetof (GstTieredUnit, memory) == 0);

struct _GstTieredRegion
{
  ScArena *arena;
  GstTieredUnit *units;         /* by slot number */
  const ScSlotHeader *headers;  /* likewise */
  /* GStreamer's own dispose of buffers. */
  GstMiniObjectDisposeFunction chain_dispose;
  GstAllocator *allocator;      /* not referenced, see above */
  gint refs;                    /* atomic */
  gint entered;                 /* atomic: acquires between enter and leave */
  /* Out at close, less what has come home since or never will. */
  _Atomic gint64 late;
  gpointer mapping;
  gsize size;
  gsize alignment;              /* of each slot's data */
  ScArenaMeter *meter;          /* (nullable): an atomic reference counted box */
  gint *alive;                  /* (nullable): atomic; the regions that exist */
  atomic_bool draining;         /* ends waits for a slot without a pool */
  /* The errno of a refused mlock(), 0 if locked or not asked for. */
  gint lock_error;
};

/* Slots that are out and never come home: their headers were written over.  Any
 * thread. */
guint gst_tiered_region_count_lost (GstTieredRegion * self);

/* Maps and carves; NULL with @error set to what an element can post. */
GstTieredRegion *gst_tiered_region_new (GstAllocator * allocator,
    const ScTiers * tiers, gboolean lock_memory, GError ** error);

/* Before anybody else knows it: has latencies recorded in @meter, which it
 * references, and itself counted in @alive, which must outlast it. */
void gst_tiered_region_watch (GstTieredRegion * self, ScArenaMeter * meter,
    gint * alive);

GstTieredRegion *gst_tiered_region_ref (GstTieredRegion * self);
void gst_tiered_region_unref (GstTieredRegion * self);

/* Before the last reference of a user: ends acquires and waits, and leaves the
 * rest to the late releases.  Returns how many slots are out. */
guint gst_tiered_region_close (GstTieredRegion * self);

/* Around an acquire by who has not started the allocator, or waits: a reference,
 * and close does not return meanwhile.  Enter under the allocator's lock. */
GstTieredRegion *gst_tiered_region_enter (GstTieredRegion * self);
void gst_tiered_region_leave (GstTieredRegion * self);

/* Makes good what the last holder of an acquired unit's memory made of it, and
 * brings it back into its shell. */
void gst_tiered_region_mend (GstTieredUnit * unit, gsize size);

/* From the header's place, which is known before what it says. */
static inline GstTieredUnit *
gst_tiered_region_unit (GstTieredRegion * self, const ScSlot * slot)
{
  return &self->units[slot->header - self->headers];
}

/* The caller has acquired @slot.  Returns its unit: the shell has the memory in it,
 * set to @size.  No allocation. */
static inline GstTieredUnit *
gst_tiered_region_take_unit (GstTieredRegion * self, const ScSlot * slot,
    gsize size)
{
  GstTieredUnit *unit = gst_tiered_region_unit (self, slot);
  GstMemory *memory = &unit->memory.parent;

  if (G_UNLIKELY (unit->apart || memory->size != size || memory->offset != 0
          || GST_MINI_OBJECT_FLAGS (memory) != GST_MINI_OBJECT_FLAG_LOCKABLE))
    gst_tiered_region_mend (unit, size);
  return unit;
}

/* Makes a buffer that comes home as new, but for its memory. */
void gst_tiered_region_reset_buffer (GstBuffer * buffer);

/* The unit of a buffer, or NULL. */
GstTieredUnit *gst_tiered_region_unit_of (GstBuffer * buffer);

/* A buffer whose last reference is gone, and that is reset. */
void gst_tiered_region_buffer_home (GstTieredUnit * unit, GstBuffer * buffer);

/* The caller has acquired @slot.  Returns its memory, alone. */
GstMemory *gst_tiered_region_take_memory (GstTieredRegion * self,
    const ScSlot * slot, gsize offset, gsize size);

G_END_DECLS

#endif
