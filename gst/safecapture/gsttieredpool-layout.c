/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "gsttieredpool-layout.h"

void
gst_tiered_layout_init (GstTieredLayout * self, gsize size)
{
  self->size = size;
  self->number = GST_TIERED_LAYOUT_PLAIN;
  gst_allocation_params_init (&self->params);
  gst_video_info_init (&self->info);
  gst_video_alignment_reset (&self->alignment);
}

void
gst_tiered_layout_set_video (GstTieredLayout * self,
    const GstVideoInfo * info, const GstVideoAlignment * alignment)
{
  static gint last_number = GST_TIERED_LAYOUT_PLAIN;

  self->info = *info;
  self->alignment = *alignment;
  self->number = (guint) g_atomic_int_add (&last_number, 1) + 1;
}

static gboolean
remove_video_meta (GstBuffer * buffer, GstMeta ** meta, gpointer user_data)
{
  if ((*meta)->info->api == GST_VIDEO_META_API_TYPE) {
    GST_META_FLAG_UNSET (*meta, GST_META_FLAG_LOCKED);
    *meta = NULL;
  }
  return TRUE;
}

static void
add_video_meta (const GstTieredLayout * self, GstBuffer * buffer)
{
  GstVideoInfo info = self->info;       /* the function takes no const */
  GstVideoMeta *meta = gst_buffer_add_video_meta_full (buffer,
      GST_VIDEO_FRAME_FLAG_NONE, GST_VIDEO_INFO_FORMAT (&info),
      GST_VIDEO_INFO_WIDTH (&info), GST_VIDEO_INFO_HEIGHT (&info),
      GST_VIDEO_INFO_N_PLANES (&info), info.offset, info.stride);

  (void) gst_video_meta_set_alignment (meta, self->alignment);
  GST_META_FLAG_SET (&meta->meta, GST_META_FLAG_POOLED
      | GST_META_FLAG_LOCKED);
}

void
gst_tiered_layout_dress (const GstTieredLayout * self, GstTieredUnit * unit)
{
  if (unit->layout != GST_TIERED_LAYOUT_PLAIN)
    gst_buffer_foreach_meta (unit->shell, remove_video_meta, NULL);
  if (self->number != GST_TIERED_LAYOUT_PLAIN)
    add_video_meta (self, unit->shell);
  unit->layout = self->number;
}

void
gst_tiered_layout_undress (GstTieredUnit * unit)
{
  gst_buffer_foreach_meta (unit->shell, remove_video_meta, NULL);
  unit->layout = GST_TIERED_LAYOUT_PLAIN;
}

void
gst_tiered_layout_dress_all (const GstTieredLayout * self,
    GstTieredRegion * region)
{
  gsize total = self->size + gst_tiered_layout_outside (self);

  if (self->number == GST_TIERED_LAYOUT_PLAIN)
    return;
  for (guint32 i = 0; i < sc_arena_slots (region->arena); i++)
    if (sc_arena_slot (region->arena, i).header->capacity >= total)
      gst_tiered_layout_dress (self, &region->units[i]);
}

GstBuffer *
gst_tiered_layout_system_buffer (const GstTieredLayout * self, gsize size)
{
  /* By name: the default allocator can be anything, a tiered one too. */
  GstAllocator *system = gst_allocator_find (GST_ALLOCATOR_SYSMEM);
  GstAllocationParams params = self->params;
  GstBuffer *buffer = gst_buffer_new_allocate (system, size, &params);

  gst_object_unref (system);
  if (buffer != NULL && self->number != GST_TIERED_LAYOUT_PLAIN)
    add_video_meta (self, buffer);
  return buffer;
}
