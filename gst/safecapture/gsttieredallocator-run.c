/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A run of an allocator: from its first start to its last stop. */
#include "gsttieredallocator-private.h"

#include "sc-clock.h"

GST_DEBUG_CATEGORY_EXTERN (gst_tiered_allocator_debug);
#define GST_CAT_DEFAULT gst_tiered_allocator_debug

static gboolean
is_metered_locked (GstTieredAllocator * self)
{
  return self->metering == GST_TIERED_METERING_ON
      || (self->metering == GST_TIERED_METERING_AUTO
      && self->profile != GST_TIERED_PROFILE_EMBEDDED);
}

static gboolean
check_settings_locked (GstTieredAllocator * self, ScTiers * tiers,
    GError ** error)
{
  guint quotas[SC_CLASSES];

  return gst_tiered_allocator_get_tiers_locked (self, tiers, error)
      && (self->bad_quotas == NULL
      || gst_tiered_quotas_parse (self->bad_quotas, quotas, error));
}

/* Makes ready a region that nobody else knows yet. */
static void
prepare_region_locked (GstTieredAllocator * self, GstTieredRegion * region,
    const ScTiers * tiers)
{
  g_clear_pointer (&self->meter, g_atomic_rc_box_release);
  if (is_metered_locked (self)) {
    self->meter = g_atomic_rc_box_new (ScArenaMeter);
    sc_arena_meter_init (self->meter);
  }
  gst_tiered_region_watch (region, self->meter, &self->regions);
  for (guint i = 0; i < SC_CLASSES; i++)
    (void) sc_arena_set_quota (region->arena, (ScClass) i, self->quotas[i]);
  /* What goes out before the first sample is as old as the arena. */
  sc_arena_tick (region->arena, sc_clock_now ());
  self->started_tiers = *tiers;
  atomic_store_explicit (&self->fallbacks, 0, memory_order_relaxed);
  self->region = region;
}

static gboolean
start_region_locked (GstTieredAllocator * self, GstTieredPrepare prepare,
    gpointer data, GError ** error)
{
  GstTieredRegion *region = NULL;
  ScTiers tiers;

  if (self->flushing != NULL) {
    g_set_error (error, GST_LIBRARY_ERROR, GST_LIBRARY_ERROR_INIT,
        "The allocator is being shut down. Start it when "
        "gst_tiered_allocator_shutdown() has returned.");
    return FALSE;
  }
  (void) sc_pool_state_log_apply (&self->state, SC_POOL_START);
  if (check_settings_locked (self, &tiers, error))
    region = gst_tiered_region_new (GST_ALLOCATOR (self), &tiers,
        self->lock_memory, error);
  if (region != NULL)
    prepare_region_locked (self, region, &tiers);
  if (region != NULL && prepare != NULL)
    prepare (region, data);
  (void) sc_pool_state_log_apply (&self->state,
      region != NULL ? SC_POOL_STARTED : SC_POOL_FAILED);
  return region != NULL;
}

gboolean
gst_tiered_allocator_start_prepared (GstTieredAllocator * self,
    GstTieredPrepare prepare, gpointer data, GError ** error)
{
  gint lock_error = 0;
  gboolean ret;

  /* So that no snapshot compares the new run with the old one's record. */
  g_mutex_lock (&self->watch_lock);
  GST_OBJECT_LOCK (self);
  ret = self->region != NULL;
  if (!ret && start_region_locked (self, prepare, data, error)) {
    gst_tiered_allocator_begin_record_locked (self, self->meter != NULL);
    lock_error = self->region->lock_error;
    ret = TRUE;
  }
  if (ret)
    self->starts++;
  GST_OBJECT_UNLOCK (self);
  g_mutex_unlock (&self->watch_lock);

  if (lock_error != 0)
    GST_WARNING_OBJECT (self, "cannot lock the arena in memory: %s",
        g_strerror (lock_error));
  return ret;
}

gboolean
gst_tiered_allocator_start (GstTieredAllocator * self, GError ** error)
{
  gboolean ret;

  g_return_val_if_fail (GST_IS_TIERED_ALLOCATOR (self), FALSE);

  ret = gst_tiered_allocator_start_prepared (self, NULL, NULL, error);
  gst_tiered_allocator_notify_state (self);
  return ret;
}

/* The last stop. */
static guint
close_region_locked (GstTieredAllocator * self, GstTieredRegion * region)
{
  guint outstanding = gst_tiered_region_close (region);

  sc_arena_read_stats (region->arena, &self->last_stats);
  g_clear_pointer (&self->last_outstanding, gst_structure_free);
  self->last_outstanding = gst_tiered_allocator_list_outstanding (region);
  (void) sc_pool_state_log_apply (&self->state, SC_POOL_STOP);
  if (outstanding == 0 && g_atomic_int_get (&self->regions) == 1)
    (void) sc_pool_state_log_apply (&self->state, SC_POOL_DRAINED);
  return outstanding;
}

guint
gst_tiered_allocator_stop_quietly (GstTieredAllocator * self)
{
  GstTieredRegion *region = NULL;
  guint outstanding = 0;

  GST_OBJECT_LOCK (self);
  if (self->starts > 0 && --self->starts == 0)
    region = self->region != NULL ? g_steal_pointer (&self->region)
        : g_steal_pointer (&self->flushing);
  if (region != NULL)
    outstanding = close_region_locked (self, region);
  GST_OBJECT_UNLOCK (self);

  if (region != NULL)
    gst_tiered_region_unref (region);
  if (outstanding > 0)
    GST_WARNING_OBJECT (self, "stopped with %u slots still out", outstanding);
  return outstanding;
}

guint
gst_tiered_allocator_stop (GstTieredAllocator * self)
{
  guint outstanding;

  g_return_val_if_fail (GST_IS_TIERED_ALLOCATOR (self), 0);

  outstanding = gst_tiered_allocator_stop_quietly (self);
  gst_tiered_allocator_observe (self);
  gst_tiered_allocator_notify_state (self);
  return outstanding;
}
