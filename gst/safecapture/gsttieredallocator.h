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

#include <gst/safecapture/gsttieredenums.h>

G_BEGIN_DECLS

/**
 * GST_TIERED_MEMORY_TYPE:
 *
 * The name of its memory's type, for gst_memory_is_type().
 */
#define GST_TIERED_MEMORY_TYPE "TieredMemory"

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
 * gst_tiered_allocator_get_outstanding() then names them.
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
 * @size: bytes; 0 for buffers of any sizes
 *
 * Tells how many buffers of a size can be out at once.
 *
 * Returns: the number of slots, free or not, of the tier for @size and the next
 * larger one, from which it borrows; for 0 of all slots
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
 * gst_tiered_allocator_set_quota:
 * @slot_class: what for
 * @slots: the most slots that buffers of the class may have at once; 0 for any
 *   number
 *
 * A request beyond the quota is answered as if no slot were free.  Holds at once,
 * for what is acquired from now on, and for later runs.  Any thread.
 */
GST_SAFECAPTURE_API
void gst_tiered_allocator_set_quota (GstTieredAllocator * self,
    GstTieredClass slot_class, guint slots);

/**
 * gst_tiered_allocator_get_stats:
 *
 * Takes a snapshot of the figures.
 *
 * Returns: (transfer full): a structure `application/x-tieredallocator-stats`
 * with the fields of gst_tiered_allocator_add_stats()
 */
GST_SAFECAPTURE_API
GstStructure *gst_tiered_allocator_get_stats (GstTieredAllocator * self);

/**
 * gst_tiered_allocator_add_stats:
 * @stats: (transfer none): gets the fields
 *
 * Adds the figures since the start, or of the last run if not started, which
 * docs/metrics.md lists: those of gst_tiered_allocator_add_totals(), and the
 * arrays `tiers` and `classes`.  Any thread but those that carry data.
 */
GST_SAFECAPTURE_API
void gst_tiered_allocator_add_stats (GstTieredAllocator * self,
    GstStructure * stats);

/**
 * gst_tiered_allocator_add_totals:
 * @stats: (transfer none): gets the fields
 *
 * As gst_tiered_allocator_add_stats(), without what is of single tiers and
 * classes.
 */
GST_SAFECAPTURE_API
void gst_tiered_allocator_add_totals (GstTieredAllocator * self,
    GstStructure * stats);

/**
 * gst_tiered_allocator_get_state:
 *
 * Tells what the allocator is at.
 *
 * Returns: what the allocator is at now
 */
GST_SAFECAPTURE_API
GstTieredState gst_tiered_allocator_get_state (GstTieredAllocator * self);

/**
 * gst_tiered_allocator_next_state_change:
 * @place: (inout): the reader's place, 0 at first
 * @old_state: (out) (optional): the state before
 * @new_state: (out) (optional): the state after
 * @reason: (out) (optional) (transfer none): why, in a few words for people
 *
 * Tells the changes of the state one by one, for readers who each keep a place of
 * their own.  The last 13 changes are kept.  Any thread but those that carry data.
 *
 * Returns: whether there was a change that the reader has not seen
 */
GST_SAFECAPTURE_API
gboolean gst_tiered_allocator_next_state_change (GstTieredAllocator * self,
    guint * place, GstTieredState * old_state, GstTieredState * new_state,
    const gchar ** reason);

/**
 * gst_tiered_allocator_take_snapshot:
 *
 * Adds a snapshot to the history, which holds 1,000, and judges the interval
 * since the last one by the limits.  An element with an allocator takes one at
 * every metrics-interval; call it about as often for one of your own.  Any thread
 * but those that carry data.
 *
 * Returns: %FALSE if the allocator is not started or #GstTieredAllocator:metering
 * is off
 */
GST_SAFECAPTURE_API
gboolean gst_tiered_allocator_take_snapshot (GstTieredAllocator * self);

/**
 * gst_tiered_allocator_get_history:
 * @last: how many of the newest snapshots; 0 for all
 *
 * Reads the history, which gst_tiered_allocator_take_snapshot() writes.
 *
 * Returns: (transfer full): a structure with `count` (#guint64, snapshots taken
 * since the start) and `snapshots`, an array of structures `snapshot`, the oldest
 * first: `time` (ns of the monotonic clock), `in-use`, `acquired`, `released`,
 * `failures`, `borrows` (#guint64), and the figures of the interval that it ends,
 * where the interval says anything about them: `success-rate`, `utilisation`,
 * `fragmentation`, `internal-fragmentation`, `acquire-latency`,
 * `acquire-latency-p99`, `release-latency`, `release-latency-p99` (#gdouble; ns)
 */
GST_SAFECAPTURE_API
GstStructure *gst_tiered_allocator_get_history (GstTieredAllocator * self,
    guint last);

/**
 * gst_tiered_allocator_get_trends:
 * @last: over how many of the newest snapshots; 0 for all
 *
 * Tells where the figures of the history are heading.
 *
 * Returns: (transfer full): a structure with `snapshots` and `span` (#guint64, ns
 * from the first to the last), and for each figure of
 * gst_tiered_allocator_get_history() that was seen a structure of that name:
 * `count` (#guint64), `mean`, `stddev`, `min`, `max`, `last`, `slope` (#gdouble;
 * the slope per second, by least squares) and `direction` (`rising`, `steady` or
 * `falling`: whether the slope is more than the scatter explains)
 */
GST_SAFECAPTURE_API
GstStructure *gst_tiered_allocator_get_trends (GstTieredAllocator * self,
    guint last);

/**
 * gst_tiered_allocator_get_limits:
 *
 * Tells which limits are exceeded.
 *
 * Returns: (transfer full): a structure with `limits`, an array of structures
 * `limit`: `code` (what it is about), `figure` (its name), `early` (whether it is
 * a warning before the limit proper), `limit` and `value` (#gdouble; the value
 * is -1 if unknown) and `exceeded`, as of the last snapshot
 */
GST_SAFECAPTURE_API
GstStructure *gst_tiered_allocator_get_limits (GstTieredAllocator * self);

/**
 * gst_tiered_allocator_get_advice:
 *
 * How many slots of each size the use since the start, or of the last run, would
 * have needed, with a quarter more.  A run of the same requests with these tiers
 * refuses none and borrows none.
 *
 * Returns: (transfer full) (nullable): a text for #GstTieredAllocator:tiers;
 * %NULL if nothing was asked for yet
 */
GST_SAFECAPTURE_API
gchar *gst_tiered_allocator_get_advice (GstTieredAllocator * self);

/**
 * gst_tiered_allocator_get_outstanding:
 *
 * Tells who holds what.
 *
 * Returns: (transfer full): a structure of the slots that are out, or if not
 * started, of those that were at the last stop: `count`, `oldest` (#guint64; ns
 * held) and `buffers`, an array of up to 64 structures `buffer` with `buffer-id`,
 * `size`, `held` (#guint64; bytes asked for, ns) and `class` (string).  How long
 * is known to within the time between two snapshots
 */
GST_SAFECAPTURE_API
GstStructure *gst_tiered_allocator_get_outstanding (GstTieredAllocator *
    self);

/**
 * gst_tiered_allocator_shutdown:
 * @timeout: longest wait for the buffers in ns; #GST_CLOCK_TIME_NONE for ever
 * @report: (out) (optional) (transfer full) (nullable): what it came to: the
 *   fields of gst_tiered_allocator_get_outstanding(), and `cleanup` (string:
 *   `completed` or `failed`), `other-users`, `damaged-headers`, `damaged-guards`,
 *   `duration` (#guint64) and `damaged`, an array of structures `slot` with
 *   `buffer-id` (#guint64) and `fault` (string: `header` or `guard`)
 * @error: (nullable): why not
 *
 * A stop that wants everything back.  Nobody gets a slot from the allocator any
 * more; it waits until every buffer is home and every pool has been deactivated,
 * verifies the header and the guard words of each slot, and then undoes the last
 * start.  Where that cannot be, as for a slot whose header was written over and
 * which is out for good, it goes on as before: the state is what it was,
 * and the caller's start still needs its stop.
 *
 * Only the caller whose start it undoes; not while an acquire is under way that
 * does not wait.  Not a thread that carries data, which would wait for itself.
 *
 * Returns: whether it is shut down
 */
GST_SAFECAPTURE_API
gboolean gst_tiered_allocator_shutdown (GstTieredAllocator * self,
    GstClockTime timeout, GstStructure ** report, GError ** error);

G_END_DECLS

#endif
