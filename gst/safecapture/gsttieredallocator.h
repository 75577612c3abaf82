/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef GST_TIERED_ALLOCATOR_H
#define GST_TIERED_ALLOCATOR_H

/**
 * GstTieredAllocator:
 *
 * Memory of fixed sizes from one arena that is reserved once, when it is
 * started, and never grows.
 *
 * Usually used through a #GstTieredPool, of which several can share one
 * allocator.  gst_allocator_alloc() gives single memories: the smallest slot
 * that fits, or %NULL where none is free; it never waits.  With
 * #GstTieredAllocator:fallback it gives ordinary system memory instead of %NULL:
 * for an allocator that is proposed to elements which do not expect to run out.
 *
 * Shares of a memory (gst_memory_share(), gst_buffer_copy()) hold its slot until
 * they are gone.  Deep copies are made in system memory, not in slots.
 */

#include <gst/safecapture/gstsafecapture-prelude.h>

G_BEGIN_DECLS

/**
 * GST_TIERED_MEMORY_TYPE:
 *
 * The name of its memory's type, for gst_memory_is_type().
 */
#define GST_TIERED_MEMORY_TYPE "TieredMemory"

/**
 * GstTieredProfile:
 * @GST_TIERED_PROFILE_STANDARD: 4,096 bytes x 256, 65,536 x 64, 1,048,576 x 16
 * @GST_TIERED_PROFILE_EMBEDDED: 4,096 x 6, 2,048 x 2; the arena takes at most
 *   32,768 bytes, headers and free lists included
 * @GST_TIERED_PROFILE_CUSTOM: what #GstTieredAllocator:tiers says
 *
 * Which slot sizes an arena has, and how many slots of each.
 */
typedef enum
{
  GST_TIERED_PROFILE_STANDARD,
  GST_TIERED_PROFILE_EMBEDDED,
  GST_TIERED_PROFILE_CUSTOM,
} GstTieredProfile;

#define GST_TYPE_TIERED_PROFILE (gst_tiered_profile_get_type ())
GST_SAFECAPTURE_API
GType gst_tiered_profile_get_type (void);

/**
 * GstTieredClass:
 * @GST_TIERED_CLASS_PRIMARY: the stream's own buffers
 * @GST_TIERED_CLASS_CONVERSION: for converting formats
 * @GST_TIERED_CLASS_SCRATCH: short-lived working memory
 * @GST_TIERED_CLASS_INPUT: data on its way in
 * @GST_TIERED_CLASS_OUTPUT: data on its way out
 * @GST_TIERED_CLASS_METADATA: descriptions rather than data
 *
 * What a slot is wanted for. Every acquire is counted by it.
 */
typedef enum
{
  GST_TIERED_CLASS_PRIMARY,
  GST_TIERED_CLASS_CONVERSION,
  GST_TIERED_CLASS_SCRATCH,
  GST_TIERED_CLASS_INPUT,
  GST_TIERED_CLASS_OUTPUT,
  GST_TIERED_CLASS_METADATA,
} GstTieredClass;

#define GST_TYPE_TIERED_CLASS (gst_tiered_class_get_type ())
GST_SAFECAPTURE_API
GType gst_tiered_class_get_type (void);

#define GST_TYPE_TIERED_ALLOCATOR (gst_tiered_allocator_get_type ())
GST_SAFECAPTURE_API
G_DECLARE_FINAL_TYPE (GstTieredAllocator, gst_tiered_allocator, GST,
    TIERED_ALLOCATOR, GstAllocator)

/**
 * gst_tiered_allocator_new:
 *
 * Makes an allocator of profile standard, which is not started.
 *
 * Returns: (transfer full): the allocator
 */
GST_SAFECAPTURE_API
GstTieredAllocator *gst_tiered_allocator_new (void);

/**
 * gst_tiered_allocator_start:
 * @error: (nullable): why not, fit to be posted by an element
 *
 * Reserves the arena, unless it is started already: starts are counted, and each
 * needs a stop.  An active #GstTieredPool has started its allocator.
 *
 * Returns: whether memory can be had now
 */
GST_SAFECAPTURE_API
gboolean gst_tiered_allocator_start (GstTieredAllocator * self,
    GError ** error);

/**
 * gst_tiered_allocator_stop:
 *
 * Undoes one start.  After the last one nothing can be had any more; memories
 * that are out stay valid, and the arena goes with the last of them.
 *
 * Returns: the number of slots that are out, after the last stop; else 0
 */
GST_SAFECAPTURE_API
guint gst_tiered_allocator_stop (GstTieredAllocator * self);

/**
 * gst_tiered_allocator_acquire:
 * @size: bytes
 * @slot_class: what for
 * @timeout: longest wait for a slot in ns; 0 does not wait,
 *   #GST_CLOCK_TIME_NONE waits until there is one or the allocator is stopped
 * @buffer: (out) (transfer full) (nullable): a buffer of @size bytes with a
 *   #GstTieredSlotMeta
 *
 * Gives a buffer without a pool, which is faster; it comes home when its last
 * reference is gone. Nothing is allocated or locked unless it has to wait.
 *
 * Whoever acquires must have started the allocator, and not stop it while an
 * acquire that does not wait is under way. Any thread.
 *
 * Returns: %GST_FLOW_OK; %GST_FLOW_FLUSHING if the allocator is not started or is
 * stopped meanwhile; %GST_FLOW_ERROR if no slot is that large;
 * %GST_FLOW_CUSTOM_ERROR if none was free in time or the class's quota is used up
 */
GST_SAFECAPTURE_API
GstFlowReturn gst_tiered_allocator_acquire (GstTieredAllocator * self,
    gsize size, GstTieredClass slot_class, GstClockTime timeout,
    GstBuffer ** buffer);

/**
 * gst_tiered_allocator_get_max_size:
 *
 * Tells the longest buffer that can be had.
 *
 * Returns: the bytes that fit into the largest slot; 0 if the properties are
 * not valid
 */
GST_SAFECAPTURE_API
gsize gst_tiered_allocator_get_max_size (GstTieredAllocator * self);

/**
 * gst_tiered_allocator_count_slots:
 * @size: bytes
 *
 * Tells how many buffers of a size can be out at once.
 *
 * Returns: the number of slots, free or not, into which @size bytes fit
 */
GST_SAFECAPTURE_API
guint gst_tiered_allocator_count_slots (GstTieredAllocator * self,
    gsize size);

/**
 * gst_tiered_allocator_get_tier:
 * @tier: 0 for the smallest slots
 * @slot_size: (out) (optional): bytes that fit into a slot of the tier
 * @slots: (out) (optional): its slots, free or not
 *
 * Tells what one tier is.
 *
 * Returns: whether there is such a tier
 */
GST_SAFECAPTURE_API
gboolean gst_tiered_allocator_get_tier (GstTieredAllocator * self, guint tier,
    guint * slot_size, guint * slots);

/**
 * gst_tiered_allocator_get_lock_error:
 *
 * Tells what has become of #GstTieredAllocator:lock-memory.
 *
 * Returns: once started with it: the errno with which the system refused to lock
 * the arena, 0 if it is locked
 */
GST_SAFECAPTURE_API
gint gst_tiered_allocator_get_lock_error (GstTieredAllocator * self);

/**
 * gst_tiered_allocator_get_stats:
 *
 * Takes a snapshot of the counts.
 *
 * Returns: (transfer full): a structure `application/x-tieredallocator-stats`
 * with the fields of gst_tiered_allocator_add_stats()
 */
GST_SAFECAPTURE_API
GstStructure *gst_tiered_allocator_get_stats (GstTieredAllocator * self);

/**
 * gst_tiered_allocator_add_stats:
 * @stats: (transfer none): gets the fields; each a #guint64, but for `tiers`
 *
 * Adds the counts since start, or of the last run if not started: `slots`,
 * `in-use`, `acquired`, `released`, `failures`, `borrows`, `too-large`, `waits`,
 * `timeouts`, `fallbacks`, `foreign-releases`, `double-releases`, `corrupted-headers`,
 * `overruns`, and `tiers`: an array of structures `tier` with `slot-size`,
 * `slots`, `in-use`, `peak`, `acquired`, `released`, `failures`, `borrows`.
 */
GST_SAFECAPTURE_API
void gst_tiered_allocator_add_stats (GstTieredAllocator * self,
    GstStructure * stats);

G_END_DECLS

#endif
