/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which tiers an allocator has or will have, and what fits into them. */
#include "gsttieredallocator-private.h"

static gboolean
parse_tiers (const gchar * text, ScTiers * tiers, GError ** error)
{
  ScTiersFault fault;
  gsize offset = 0;

  if (text == NULL) {
    g_set_error (error, GST_LIBRARY_ERROR, GST_LIBRARY_ERROR_SETTINGS,
        "Profile custom needs the tiers property. Set for example "
        "tiers=\"4096x64,65536x16\".");
    return FALSE;
  }
  fault = sc_tiers_parse (text, tiers, &offset);
  if (fault == SC_TIERS_OK)
    return TRUE;
  g_set_error (error, GST_LIBRARY_ERROR, GST_LIBRARY_ERROR_SETTINGS,
      "The tiers \"%s\" cannot be used: at byte %" G_GSIZE_FORMAT " (\"%s\") "
      "%s.", text, offset, text + offset, sc_tiers_fault_text (fault));
  return FALSE;
}

gboolean
gst_tiered_allocator_get_tiers_locked (GstTieredAllocator * self,
    ScTiers * tiers, GError ** error)
{
  if (self->starts > 0) {
    *tiers = self->started_tiers;
    return TRUE;
  }
  if (self->chosen_tiers.count > 0) {
    *tiers = self->chosen_tiers;
    return TRUE;
  }
  switch (self->profile) {
    case GST_TIERED_PROFILE_EMBEDDED:
      *tiers = sc_tiers_embedded;
      return TRUE;
    case GST_TIERED_PROFILE_CUSTOM:
      return parse_tiers (self->tiers, tiers, error);
    default:
      *tiers = sc_tiers_standard;
      return TRUE;
  }
}

gboolean
gst_tiered_allocator_get_tiers (GstTieredAllocator * self, ScTiers * tiers,
    GError ** error)
{
  gboolean ret;

  GST_OBJECT_LOCK (self);
  ret = gst_tiered_allocator_get_tiers_locked (self, tiers, error);
  GST_OBJECT_UNLOCK (self);
  return ret;
}

gsize
gst_tiered_allocator_get_max_size (GstTieredAllocator * self)
{
  ScTiers tiers;

  g_return_val_if_fail (GST_IS_TIERED_ALLOCATOR (self), 0);

  if (!gst_tiered_allocator_get_tiers (self, &tiers, NULL))
    return 0;
  return sc_tiers_slot_size (&tiers, tiers.count - 1);
}

guint
gst_tiered_allocator_count_slots (GstTieredAllocator * self, gsize size)
{
  guint slots = 0, fitting = 0;
  ScTiers tiers;

  g_return_val_if_fail (GST_IS_TIERED_ALLOCATOR (self), 0);

  if (!gst_tiered_allocator_get_tiers (self, &tiers, NULL))
    return 0;
  for (guint i = 0; i < tiers.count; i++)
    /* A request borrows from the next tier, and no other. */
    if (size == 0 || (size <= sc_tiers_slot_size (&tiers, i)
            && fitting++ < 2))
      slots += tiers.tiers[i].slots;
  return slots;
}

gboolean
gst_tiered_allocator_get_tier (GstTieredAllocator * self, guint tier,
    guint * slot_size, guint * slots)
{
  ScTiers tiers;

  g_return_val_if_fail (GST_IS_TIERED_ALLOCATOR (self), FALSE);

  if (!gst_tiered_allocator_get_tiers (self, &tiers, NULL)
      || tier >= tiers.count)
    return FALSE;
  if (slot_size != NULL)
    *slot_size = sc_tiers_slot_size (&tiers, tier);
  if (slots != NULL)
    *slots = tiers.tiers[tier].slots;
  return TRUE;
}

gsize
gst_tiered_allocator_get_alignment (GstTieredAllocator * self)
{
  ScTiers tiers;

  return gst_tiered_allocator_get_tiers (self, &tiers, NULL)
      ? tiers.alignment : sc_tiers_standard.alignment;
}
