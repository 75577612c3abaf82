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
 *   acquire a buffer   holders 2: shell with memory in it
 *   release            memory still in it and nobody else's: both are home at
 *                      once, and nothing but the slot's bit is touched
 *                      else: the memory leaves the shell, the shell is home;
 *                      the memory's dispose brings the memory home
 *   allocate memory    holders 1
 *
 * Who keeps what alive
 *   A region is referenced by its allocator and each pool while they are started,
 *   and by each memory that is out without the shell of an active pool.  Such a
 *   memory also references the allocator, which its functions need.  Everything
 *   lasts until the last of them is home, however long after stop that is.
 *   Buffers need no reference of their own: a GstBufferPool does not stop while
 *   any is out.
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

struct _GstTieredUnit
{
  GstTieredRegion *region;
  ScSlot slot;                  /* of the current acquire */
  GstTieredMemory memory;
  GstBuffer *shell;
  guint layout;                 /* of the shell: gsttieredpool-layout.h */
  gint holders;                 /* atomic, while out */
  gboolean referenced;          /* the unit's own references are taken */
};

struct _GstTieredRegion
{
  ScArena *arena;
  GstAllocator *allocator;      /* not referenced, see above */
  GstTieredUnit *units;         /* by slot number */
  gint refs;                    /* atomic */
  gpointer mapping;
  gsize size;
  gsize alignment;              /* of each slot's data */
  /* GStreamer's own dispose of buffers. */
  GstMiniObjectDisposeFunction chain_dispose;
  /* The errno of a refused mlock(), 0 if locked or not asked for. */
  gint lock_error;
};

/* Maps and carves; NULL with @error set to what an element can post. */
GstTieredRegion *gst_tiered_region_new (GstAllocator * allocator,
    const ScTiers * tiers, gboolean lock_memory, GError ** error);
GstTieredRegion *gst_tiered_region_ref (GstTieredRegion * self);
void gst_tiered_region_unref (GstTieredRegion * self);

/* The caller has acquired @slot.  Returns its shell with the memory in it and
 * set to @size.  No allocation. */
GstBuffer *gst_tiered_region_take_buffer (GstTieredRegion * self,
    const ScSlot * slot, gsize size);

/* As gst_tiered_region_take_buffer(), for a buffer of no pool: its dispose brings
 * it home. */
GstBuffer *gst_tiered_region_take_direct (GstTieredRegion * self,
    const ScSlot * slot, gsize size);

/* Makes a buffer that comes home as new, but for its memory. */
void gst_tiered_region_reset_buffer (GstBuffer * buffer);

/* What a pool has released; @buffer's flags and other metas are reset already. */
void gst_tiered_region_buffer_home (GstTieredUnit * unit, GstBuffer * buffer);

/* The caller has acquired @slot.  Returns its memory, alone. */
GstMemory *gst_tiered_region_take_memory (GstTieredRegion * self,
    const ScSlot * slot, gsize offset, gsize size);

G_END_DECLS

#endif
