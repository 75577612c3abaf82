/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The state of an allocator (sc-pool-state.h).
 *
 * Data threads only count.  That slots are used, that a header was written over,
 * that the last slot of a stopped run is home: whoever looks next finds it in
 * the counts and notes it in the state.
 */
#include "gsttieredallocator-private.h"

G_STATIC_ASSERT (GST_TIERED_STATE_UNINITIALIZED == (int) SC_POOL_UNINITIALIZED);
G_STATIC_ASSERT (GST_TIERED_STATE_SHUTDOWN == (int) SC_POOL_SHUTDOWN);
G_STATIC_ASSERT (GST_TIERED_STATE_SHUTDOWN + 1 == SC_POOL_STATES);

gboolean
gst_tiered_allocator_note_locked (GstTieredAllocator * self,
    const GstTieredRegion * region, const ScArenaStats * stats)
{
  guint64 acquired = 0;

  if (region != self->region && region != self->flushing)
    return FALSE;
  for (guint i = 0; i < stats->count; i++)
    acquired += stats->tiers[i].acquired;
  if (acquired > 0)
    (void) sc_pool_state_log_apply (&self->state, SC_POOL_USED);
  if (stats->corrupted > 0 || stats->overruns > 0)
    (void) sc_pool_state_log_apply (&self->state, SC_POOL_FAULT);
  return TRUE;
}

void
gst_tiered_allocator_observe (GstTieredAllocator * self)
{
  GstTieredRegion *region = gst_tiered_allocator_get_any_region (self);
  ScArenaStats stats;

  if (region == NULL) {
    if (g_atomic_int_get (&self->regions) == 0)
      (void) sc_pool_state_log_apply (&self->state, SC_POOL_DRAINED);
    return;
  }
  sc_arena_read_stats (region->arena, &stats);
  GST_OBJECT_LOCK (self);
  (void) gst_tiered_allocator_note_locked (self, region, &stats);
  GST_OBJECT_UNLOCK (self);
  gst_tiered_region_unref (region);
}

GstTieredState
gst_tiered_allocator_get_state (GstTieredAllocator * self)
{
  g_return_val_if_fail (GST_IS_TIERED_ALLOCATOR (self),
      GST_TIERED_STATE_UNINITIALIZED);

  gst_tiered_allocator_observe (self);
  return (GstTieredState) sc_pool_state_log_current (&self->state);
}

gboolean
gst_tiered_allocator_next_state_change (GstTieredAllocator * self,
    guint * place, GstTieredState * old_state, GstTieredState * new_state,
    const gchar ** reason)
{
  ScPoolState from, to;
  guint8 seen;

  g_return_val_if_fail (GST_IS_TIERED_ALLOCATOR (self), FALSE);
  g_return_val_if_fail (place != NULL, FALSE);

  gst_tiered_allocator_observe (self);
  seen = (guint8) *place;
  if (!sc_pool_state_log_next (&self->state, &seen, &from, &to))
    return FALSE;
  *place = seen;
  if (old_state != NULL)
    *old_state = (GstTieredState) from;
  if (new_state != NULL)
    *new_state = (GstTieredState) to;
  if (reason != NULL)
    *reason = sc_pool_state_reason (from, to);
  return TRUE;
}

void
gst_tiered_allocator_notify_state (GstTieredAllocator * self)
{
  guint place = sc_pool_state_log_place (&self->state);

  /* Relaxed: only decides which of two threads tells. */
  if (atomic_exchange_explicit (&self->notified, place, memory_order_relaxed)
      != place)
    g_object_notify (G_OBJECT (self), "state");
}
