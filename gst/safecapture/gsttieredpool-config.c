/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "gsttieredpool-config.h"

#include "gsttieredallocator-private.h"

gboolean
gst_tiered_pool_is_raw_video (GstCaps * caps, GstVideoInfo * info)
{
  GstCapsFeatures *features;

  if (caps == NULL || !gst_caps_is_fixed (caps)
      || !gst_structure_has_name (gst_caps_get_structure (caps, 0),
          "video/x-raw"))
    return FALSE;
  features = gst_caps_get_features (caps, 0);
  return (gst_caps_features_is_equal (features,
          GST_CAPS_FEATURES_MEMORY_SYSTEM_MEMORY)
      || gst_caps_features_contains (features,
          GST_CAPS_FEATURE_MEMORY_SYSTEM_MEMORY))
      && gst_video_info_from_caps (info, caps)
      && GST_VIDEO_INFO_SIZE (info) > 0
      && GST_VIDEO_INFO_SIZE (info) <= G_MAXUINT;
}

/* A configuration while it is looked through. */
typedef struct
{
  const GstTieredPoolTerms *terms;
  GstStructure *config;
  GstCaps *caps;
  guint size, min_buffers, max_buffers;
  GstAllocationParams params;
  GstTieredLayout *layout;
  gboolean changed;
} Correction;

const gchar **
gst_tiered_pool_config_options (void)
{
  static const gchar *options[] = { GST_BUFFER_POOL_OPTION_VIDEO_META,
    GST_BUFFER_POOL_OPTION_VIDEO_ALIGNMENT, NULL
  };

  return options;
}

static void
correct_allocator (Correction * self)
{
  GstAllocator *asked, *ours = GST_ALLOCATOR (self->terms->allocator);
  gsize mask = gst_tiered_allocator_get_alignment (self->terms->allocator) - 1;
  GstMemoryFlags zeroed = GST_MEMORY_FLAG_ZERO_PREFIXED
      | GST_MEMORY_FLAG_ZERO_PADDED;

  gst_buffer_pool_config_get_allocator (self->config, &asked, &self->params);
  self->changed |= asked != NULL && asked != ours;
  if ((self->params.align & ~mask) != 0) {
    self->params.align = mask;
    self->changed = TRUE;
  }
  /* A slot comes as its last holder left it. */
  if ((self->params.flags & zeroed) != 0) {
    self->params.flags &= ~zeroed;
    self->changed = TRUE;
  }
}

/* Brings all strides to one alignment, which slots must have too. */
static gboolean
align_video (Correction * self, GstVideoInfo * info,
    GstVideoAlignment * alignment)
{
  gsize mask = gst_tiered_allocator_get_alignment (self->terms->allocator) - 1;
  gsize wanted = self->params.align;

  gst_buffer_pool_config_get_video_alignment (self->config, alignment);
  for (guint i = 0; i < GST_VIDEO_MAX_PLANES; i++)
    wanted |= alignment->stride_align[i];
  if ((wanted & ~mask) != 0) {
    wanted = mask;
    self->changed = TRUE;
  }
  for (guint i = 0; i < GST_VIDEO_MAX_PLANES; i++)
    alignment->stride_align[i] = (guint) wanted;
  if (!gst_video_info_align (info, alignment))
    return FALSE;
  gst_buffer_pool_config_set_video_alignment (self->config, alignment);
  self->params.align = wanted;
  return TRUE;
}

static void
correct_video (Correction * self)
{
  GstVideoAlignment alignment;
  GstVideoInfo info;

  gst_video_alignment_reset (&alignment);
  if (!gst_tiered_pool_is_raw_video (self->caps, &info))
    return;
  if (self->size > 0 && self->size < GST_VIDEO_INFO_SIZE (&info))
    self->changed = TRUE;
  self->size = MAX (self->size, (guint) GST_VIDEO_INFO_SIZE (&info));
  if (!gst_buffer_pool_config_has_option (self->config,
          GST_BUFFER_POOL_OPTION_VIDEO_META))
    return;
  if (gst_buffer_pool_config_has_option (self->config,
          GST_BUFFER_POOL_OPTION_VIDEO_ALIGNMENT)
      && !align_video (self, &info, &alignment)) {
    self->changed = TRUE;
    return;
  }
  self->size = MAX (self->size, (guint) GST_VIDEO_INFO_SIZE (&info));
  gst_tiered_layout_set_video (self->layout, &info, &alignment);
}

/* The bytes of the largest slot that the pool draws from, and of the largest
 * that is too small for it. */
static gsize
slot_range (const GstTieredPoolTerms * terms, gsize * too_small)
{
  guint slot_size = 0, other = 0;

  *too_small = 0;
  if (terms->tier == GST_TIERED_POOL_ANY_TIER)
    return gst_tiered_allocator_get_max_size (terms->allocator);
  (void) gst_tiered_allocator_get_tier (terms->allocator,
      (guint) terms->tier, &slot_size, NULL);
  /* Two tiers can have slots of the same size. */
  for (guint i = 0; i < (guint) terms->tier; i++)
    if (gst_tiered_allocator_get_tier (terms->allocator, i, &other, NULL)
        && other < slot_size)
      *too_small = other;
  return slot_size;
}

/* Prefix and padding take their place in the slot. */
static void
correct_size (Correction * self)
{
  gsize outside = self->params.prefix + self->params.padding;
  gsize max_size, too_small;

  gst_tiered_allocator_demand (self->terms->allocator, self->size + outside);
  max_size = slot_range (self->terms, &too_small);
  if (outside < outside - self->params.prefix || outside >= max_size) {
    self->params.prefix = self->params.padding = outside = 0;
    self->changed = TRUE;
  }
  if (self->size > max_size - outside
      || (too_small > 0 && self->size + outside <= too_small)
      || (self->terms->tier != GST_TIERED_POOL_ANY_TIER && self->size == 0)) {
    self->size = (guint) (max_size - outside);
    self->changed = TRUE;
  }
}

static guint
count_slots (Correction * self)
{
  guint slots = 0;

  if (self->terms->tier == GST_TIERED_POOL_ANY_TIER)
    return gst_tiered_allocator_count_slots (self->terms->allocator,
        self->size + self->params.prefix + self->params.padding);
  (void) gst_tiered_allocator_get_tier (self->terms->allocator,
      (guint) self->terms->tier, NULL, &slots);
  return slots;
}

/* The count is that of the slots, whatever is asked for; a pool that falls back
 * to system memory can give any number besides. */
static void
correct_counts (Correction * self)
{
  guint slots = count_slots (self);
  guint max_buffers = slots;

  self->changed |= slots == 0;
  if (self->terms->fallback)
    max_buffers = MAX (slots, self->min_buffers);
  else if (self->min_buffers > slots) {
    self->min_buffers = slots;
    self->changed = TRUE;
  }
  self->changed |= self->max_buffers != max_buffers;
  self->max_buffers = max_buffers;
}

gboolean
gst_tiered_pool_config_correct (const GstTieredPoolTerms * terms,
    GstStructure * config, GstTieredLayout * layout)
{
  Correction self = {.terms = terms,.config = config,.layout = layout };

  gst_tiered_layout_init (layout, 0);
  if (!gst_buffer_pool_config_get_params (config, &self.caps, &self.size,
          &self.min_buffers, &self.max_buffers))
    return FALSE;

  correct_allocator (&self);
  correct_video (&self);
  correct_size (&self);
  correct_counts (&self);

  /* Into a slot that is too small no frame will come. */
  if (self.size < GST_VIDEO_INFO_SIZE (&layout->info))
    gst_tiered_layout_init (layout, self.size);
  layout->size = self.size;
  layout->params = self.params;
  gst_buffer_pool_config_set_params (config, self.caps, self.size,
      self.min_buffers, self.max_buffers);
  gst_buffer_pool_config_set_allocator (config,
      GST_ALLOCATOR (terms->allocator), &self.params);
  return !self.changed;
}
