/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "gsttieredneed.h"

#include "gsttieredpool-config.h"

#include <gst/audio/audio.h>

/* The smallest slots that are worth their header. */
#define MIN_SLOT 256u
/* The smallest audio slots: 1 s / 50. */
#define SHORTEST_AUDIO 50u
#define MAX_SLOT (GST_TIERED_NEED_CEILING / GST_TIERED_NEED_MIN_SLOTS)

/* Of audio: so that each of two tiers has MIN_SLOTS within the budget. */
#define MAX_AUDIO_SLOT (GST_TIERED_NEED_BUDGET / 2 / GST_TIERED_NEED_MIN_SLOTS)

/* Slots made for frames so much larger are not used on. */
#define MUCH_LARGER 4u

static gboolean
read_video (GstTieredNeed * self, GstCaps * caps)
{
  GstVideoInfo info;

  if (!gst_tiered_pool_is_raw_video (caps, &info))
    return FALSE;
  self->is_video = TRUE;
  self->frame_size = GST_VIDEO_INFO_SIZE (&info);
  if (GST_VIDEO_INFO_FPS_N (&info) > 0)
    self->rate = gst_util_uint64_scale_ceil (self->frame_size,
        (guint64) GST_VIDEO_INFO_FPS_N (&info),
        (guint64) GST_VIDEO_INFO_FPS_D (&info));
  return TRUE;
}

static gboolean
read_audio (GstTieredNeed * self, GstCaps * caps)
{
  GstAudioInfo info;

  if (!gst_structure_has_name (gst_caps_get_structure (caps, 0), "audio/x-raw")
      || !gst_caps_features_is_equal (gst_caps_get_features (caps, 0),
          GST_CAPS_FEATURES_MEMORY_SYSTEM_MEMORY)
      || !gst_audio_info_from_caps (&info, caps))
    return FALSE;
  self->rate = (guint64) GST_AUDIO_INFO_RATE (&info)
      * (guint64) GST_AUDIO_INFO_BPF (&info);
  return TRUE;
}

gboolean
gst_tiered_need_from_caps (GstCaps * caps, GstTieredNeed * self)
{
  *self = (GstTieredNeed) { 0 };
  if (caps == NULL || !gst_caps_is_fixed (caps))
    return FALSE;
  return read_audio (self, caps) || read_video (self, caps);
}

void
gst_tiered_need_add_hold (GstTieredNeed * self, const GstTieredHold * hold)
{
  if (self->n_holds < GST_TIERED_NEED_MAX_HOLDS)
    self->holds[self->n_holds++] = *hold;
}

gboolean
gst_tiered_need_is_sane (const GstTieredNeed * self)
{
  return self->frame_size <= MAX_SLOT;
}

gboolean
gst_tiered_need_is_met (const GstTieredNeed * self,
    const GstTieredNeed * other)
{
  guint64 have = self->is_video ? self->frame_size : self->rate;
  guint64 want = other->is_video ? other->frame_size : other->rate;

  return self->is_video == other->is_video && want <= have
      && have / MUCH_LARGER <= want;
}

/* Buffers of @size that an element holds when it is full: up to the first limit,
 * and the one that goes beyond it. */
static guint64
held_by (const GstTieredNeed * self, const GstTieredHold * hold, gsize size)
{
  guint64 buffers = G_MAXUINT32;

  if (hold->buffers > 0)
    buffers = hold->buffers;
  if (hold->bytes > 0)
    buffers = MIN (buffers, hold->bytes / size + 1);
  if (hold->time > 0 && self->rate > 0)
    buffers = MIN (buffers, gst_util_uint64_scale_ceil (hold->time,
            self->rate, GST_SECOND) / size + 1);
  return buffers;
}

static guint64
held (const GstTieredNeed * self, gsize size)
{
  guint64 buffers = 0;

  for (guint i = 0; i < self->n_holds; i++)
    buffers += held_by (self, &self->holds[i], size);
  return buffers;
}

static void
add_tier (ScTiers * tiers, gsize size, guint64 slots, guint64 budget)
{
  slots = MIN (slots, MAX (budget / size, GST_TIERED_NEED_MIN_SLOTS));
  tiers->tiers[tiers->count++] = (ScTier) {
    (uint32_t) size, (uint32_t) MIN (slots, SC_TIER_MAX_SLOTS)
  };
}

static void
choose_audio (const GstTieredNeed * self, gsize size, ScTiers * tiers)
{
  gsize shortest = (gsize) MIN (self->rate / SHORTEST_AUDIO, MAX_AUDIO_SLOT);
  gsize slot = MIN_SLOT;

  size = MIN (size, MAX_AUDIO_SLOT);
  while (slot < MAX (size, shortest))
    slot *= 2;
  add_tier (tiers, slot, held (self, size) + GST_TIERED_NEED_SLACK,
      GST_TIERED_NEED_BUDGET / 2);
  if (slot <= MAX_AUDIO_SLOT / 4)
    add_tier (tiers, slot * 4, held (self, slot * 4) + GST_TIERED_NEED_SLACK,
        GST_TIERED_NEED_BUDGET / 2);
}

void
gst_tiered_need_choose (gconstpointer need, gsize size, ScTiers * tiers)
{
  const GstTieredNeed *self = need;

  *tiers = (ScTiers) {.alignment = sc_tiers_standard.alignment };
  size = CLAMP (MAX (size, self->frame_size), MIN_SLOT, MAX_SLOT);
  if (self->is_video)
    add_tier (tiers, size, held (self, size) + GST_TIERED_NEED_SLACK,
        GST_TIERED_NEED_BUDGET);
  else
    choose_audio (self, size, tiers);
}
