/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An allocator whose tiers follow from the first size that is asked for. */
#include "gsttieredallocator-private.h"

GST_DEBUG_CATEGORY_EXTERN (gst_tiered_allocator_debug);
#define GST_CAT_DEFAULT gst_tiered_allocator_debug

void
gst_tiered_allocator_begin_demand (GstTieredAllocator * self,
    GstTieredChoose choose, gpointer data)
{
  GST_OBJECT_LOCK (self);
  g_free (self->choose_data);
  self->choose = choose;
  self->choose_data = data;
  GST_OBJECT_UNLOCK (self);
}

gboolean
gst_tiered_allocator_change_demand (GstTieredAllocator * self,
    GstTieredChoose choose, void (*change) (gpointer data, gpointer user_data),
    gpointer user_data)
{
  gboolean changes;

  GST_OBJECT_LOCK (self);
  changes = self->choose == choose && self->starts == 0;
  if (changes)
    change (self->choose_data, user_data);
  GST_OBJECT_UNLOCK (self);
  return changes;
}

void
gst_tiered_allocator_demand (GstTieredAllocator * self, gsize size)
{
  GST_OBJECT_LOCK (self);
  if (self->choose != NULL && self->starts == 0)
    self->choose (self->choose_data, size, &self->chosen_tiers);
  GST_OBJECT_UNLOCK (self);
}

void
gst_tiered_allocator_end_demand (GstTieredAllocator * self)
{
  gboolean started;

  GST_OBJECT_LOCK (self);
  started = self->demand_started;
  self->demand_started = FALSE;
  self->choose = NULL;
  g_clear_pointer (&self->choose_data, g_free);
  GST_OBJECT_UNLOCK (self);
  if (started)
    (void) gst_tiered_allocator_stop_quietly (self);
}

/* One start for all requests, however many come at once. */
static void
start_on_demand (GstTieredAllocator * self, gsize size)
{
  gboolean surplus = FALSE;
  GError *error = NULL;

  gst_tiered_allocator_demand (self, size);
  if (!gst_tiered_allocator_start_prepared (self, NULL, NULL, &error)) {
    GST_WARNING_OBJECT (self, "%s", error->message);
    g_error_free (error);
    return;
  }
  GST_OBJECT_LOCK (self);
  surplus = self->demand_started || self->choose == NULL;
  self->demand_started |= !surplus;
  GST_OBJECT_UNLOCK (self);
  if (surplus)
    (void) gst_tiered_allocator_stop_quietly (self);
}

GstTieredRegion *
gst_tiered_allocator_demand_region (GstTieredAllocator * self, gsize size)
{
  GstTieredRegion *region = NULL;
  gboolean start;

  GST_OBJECT_LOCK (self);
  if (self->region != NULL)
    region = gst_tiered_region_enter (self->region);
  start = region == NULL && self->choose != NULL && self->flushing == NULL;
  GST_OBJECT_UNLOCK (self);

  if (!start)
    return region;
  start_on_demand (self, size);
  return gst_tiered_allocator_enter_region (self);
}
