/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who holds what of an allocator. */
#include "gsttieredallocator-private.h"

#include "sc-clock.h"

/* Buffers that a report names; more are only counted. */
#define MAX_NAMED 64

typedef struct
{
  GValue buffers;               /* GST_TYPE_ARRAY */
  guint64 now, count, oldest;
} Outstanding;

static void
add_slot (const ScSlotOut * slot, gpointer data)
{
  Outstanding *out = data;
  guint64 held = out->now > slot->since_ns ? out->now - slot->since_ns : 0;

  out->oldest = MAX (out->oldest, held);
  if (out->count++ >= MAX_NAMED)
    return;
  gst_tiered_append (&out->buffers, gst_structure_new ("buffer",
          "buffer-id", G_TYPE_UINT64, (guint64) slot->id,
          "class", G_TYPE_STRING, gst_tiered_class_nick (slot->slot_class),
          "size", G_TYPE_UINT64, (guint64) slot->size,
          "held", G_TYPE_UINT64, held, NULL));
}

GstStructure *
gst_tiered_allocator_list_outstanding (GstTieredRegion * region)
{
  Outstanding out = {.buffers = G_VALUE_INIT,.now = sc_clock_now () };
  GstStructure *structure;

  g_value_init (&out.buffers, GST_TYPE_ARRAY);
  if (region != NULL)
    sc_arena_foreach_out (region->arena, add_slot, &out);
  structure = gst_structure_new ("application/x-tieredallocator-outstanding",
      "count", G_TYPE_UINT64, out.count,
      "oldest", G_TYPE_UINT64, out.oldest, NULL);
  gst_structure_take_value (structure, "buffers", &out.buffers);
  return structure;
}

GstStructure *
gst_tiered_allocator_get_outstanding (GstTieredAllocator * self)
{
  GstTieredRegion *region;
  GstStructure *structure = NULL;

  g_return_val_if_fail (GST_IS_TIERED_ALLOCATOR (self), NULL);

  region = gst_tiered_allocator_get_any_region (self);
  if (region == NULL) {
    GST_OBJECT_LOCK (self);
    if (self->last_outstanding != NULL)
      structure = gst_structure_copy (self->last_outstanding);
    GST_OBJECT_UNLOCK (self);
  }
  if (structure == NULL)
    structure = gst_tiered_allocator_list_outstanding (region);
  if (region != NULL)
    gst_tiered_region_unref (region);
  return structure;
}
