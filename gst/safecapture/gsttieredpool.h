/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef GST_TIERED_POOL_H
#define GST_TIERED_POOL_H

/**
 * GstTieredPool:
 *
 * A #GstBufferPool whose buffers come from the fixed slots of a
 * #GstTieredAllocator.
 *
 * Once it is active, acquire and release allocate nothing and take no lock, and
 * each acquire may ask for a size of its own: with
 * #GstBufferPoolAcquireParams.format %GST_FORMAT_BYTES, start 0 and stop the
 * size in bytes.  Without, a buffer has the configured size.
 *
 * ## As an ordinary pool
 *
 * gst_buffer_pool_set_config() rewrites what the arena cannot give, and
 * returns %FALSE: the size to at most the largest slot and at least a frame of
 * the caps, the counts to the slots that there are for that size, the
 * allocator to the pool's own, an alignment to that of the slots.  Read the
 * configuration back, validate it and set it again, as for any pool.
 * Options: GstBufferPoolOptionVideoMeta and GstBufferPoolOptionVideoAlignment.
 * %GST_BUFFER_POOL_ACQUIRE_FLAG_DONTWAIT gives %GST_FLOW_EOS when no slot is
 * free.
 *
 * ## For elements that do not expect a pool to run out
 *
 * A queue that holds more buffers than the pool has would let its source wait
 * for ever.  With #GstTieredPool:fallback such a source gets system memory,
 * which is counted: set it for every pool that is proposed to others, as
 * gst_tiered_pool_propose_allocation() does.
 *
 * ## Buffers
 *
 * Carry a #GstTieredSlotMeta.  A copy of one that shares its memory only
 * delays the slot's return; other metas are removed and sizes restored when a
 * buffer comes back.  Buffers that are out when the pool is deactivated stay
 * valid.
 *
 * Mind that an element downstream may keep buffers: filesink holds on to more
 * than 64 KiB of them before it writes, so that a pool of 16 buffers of 4 KiB
 * never gets one back.
 */

#include <gst/safecapture/gsttieredallocator.h>

G_BEGIN_DECLS

/**
 * GstTieredOnExhausted:
 * @GST_TIERED_ON_EXHAUSTED_WAIT: wait for a slot, at most
 *   #GstTieredPool:acquire-timeout; then %GST_TIERED_POOL_FLOW_EXHAUSTED
 * @GST_TIERED_ON_EXHAUSTED_DROP: %GST_TIERED_POOL_FLOW_DROPPED at once: the
 *   caller leaves out this buffer
 * @GST_TIERED_ON_EXHAUSTED_ERROR: %GST_TIERED_POOL_FLOW_EXHAUSTED at once
 *
 * What acquiring does when no slot is free.
 */
typedef enum
{
  GST_TIERED_ON_EXHAUSTED_WAIT,
  GST_TIERED_ON_EXHAUSTED_DROP,
  GST_TIERED_ON_EXHAUSTED_ERROR,
} GstTieredOnExhausted;

#define GST_TYPE_TIERED_ON_EXHAUSTED (gst_tiered_on_exhausted_get_type ())
GST_SAFECAPTURE_API
GType gst_tiered_on_exhausted_get_type (void);

/**
 * GST_TIERED_POOL_FLOW_EXHAUSTED:
 *
 * No slot was free, or became free in time.  An error to callers that do not
 * know the value.
 */
#define GST_TIERED_POOL_FLOW_EXHAUSTED GST_FLOW_CUSTOM_ERROR

/**
 * GST_TIERED_POOL_FLOW_DROPPED:
 *
 * No slot was free and #GstTieredPool:on-exhausted is drop.
 */
#define GST_TIERED_POOL_FLOW_DROPPED GST_FLOW_CUSTOM_SUCCESS

/**
 * GST_TIERED_POOL_ACQUIRE_FLAG_PROBE:
 *
 * With %GST_BUFFER_POOL_ACQUIRE_FLAG_DONTWAIT: that no slot is free is not counted
 * as a failure, because the caller means to wait for one next.
 */
#define GST_TIERED_POOL_ACQUIRE_FLAG_PROBE \
    ((GstBufferPoolAcquireFlags) GST_BUFFER_POOL_ACQUIRE_FLAG_LAST)

#define GST_TYPE_TIERED_POOL (gst_tiered_pool_get_type ())
GST_SAFECAPTURE_API
G_DECLARE_FINAL_TYPE (GstTieredPool, gst_tiered_pool, GST, TIERED_POOL,
    GstBufferPool)

/**
 * gst_tiered_pool_new:
 * @allocator: (nullable) (transfer none): where slots come from, shared with
 *   whoever else uses it; %NULL for one of the pool's own, of profile standard
 *
 * Makes a pool, to be configured and activated.
 *
 * Returns: (transfer full): the pool
 */
GST_SAFECAPTURE_API
GstBufferPool *gst_tiered_pool_new (GstTieredAllocator * allocator);

/**
 * gst_tiered_pool_new_for_tier:
 * @allocator: (transfer none): where slots come from, shared with whoever else
 *   uses it
 * @tier: 0 for the smallest slots
 *
 * A pool for peers that negotiate one size: buffers of that tier's slot size, as
 * many as it has.  It is configured already; a peer that configures it may ask
 * for less, down to what the tier below would hold.  When the tier is used up a
 * request borrows from the next larger one, as ever.
 *
 * Returns: (transfer full) (nullable): the pool; %NULL if there is no such tier
 */
GST_SAFECAPTURE_API
GstBufferPool *gst_tiered_pool_new_for_tier (GstTieredAllocator * allocator,
    guint tier);

/**
 * gst_tiered_pool_get_allocator:
 *
 * Gives access to the arena: its properties and statistics are the pool's.
 *
 * Returns: (transfer none): the pool's allocator
 */
GST_SAFECAPTURE_API
GstTieredAllocator *gst_tiered_pool_get_allocator (GstTieredPool * self);

/**
 * gst_tiered_pool_acquire:
 * @size: bytes; 0 for the configured size
 * @buffer: (out) (transfer full) (nullable): the buffer
 *
 * Acquires a buffer for @size bytes, as gst_buffer_pool_acquire_buffer() does for
 * the configured size.
 *
 * Returns: %GST_FLOW_OK; %GST_FLOW_FLUSHING; %GST_FLOW_ERROR if no slot is that
 * large; else what #GstTieredPool:on-exhausted says
 */
GST_SAFECAPTURE_API
GstFlowReturn gst_tiered_pool_acquire (GstTieredPool * self, gsize size,
    GstBuffer ** buffer);

/**
 * gst_tiered_pool_propose_allocation:
 * @allocator: (transfer none): where slots come from
 * @query: (transfer none): an ALLOCATION query, which must be writable
 *
 * Answers the query of an upstream element, if it wants a pool and nobody has
 * offered memory yet.  Raw video whose frames fit into a slot gets a pool over
 * @allocator with #GstTieredPool:fallback set.  Raw audio, whose buffers are of
 * sizes that caps do not say, gets @allocator itself, provided that its
 * #GstTieredAllocator:fallback is set; start it before data flows.
 *
 * Returns: whether something was added
 */
GST_SAFECAPTURE_API
gboolean gst_tiered_pool_propose_allocation (GstTieredAllocator * allocator,
    GstQuery * query);

G_END_DECLS

#endif
