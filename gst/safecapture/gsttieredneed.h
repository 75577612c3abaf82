/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How many slots, and how large, a stream needs: from its caps, from what the
 * elements that propose an arena may hold, and from the size that is asked for.
 *
 *   raw video   one tier of the frame size, for as many frames as the elements
 *               may hold, and SLACK for those around them
 *   raw audio   caps do not say how long a buffer is, so the first one decides:
 *               a tier of its size, rounded up to a power of two and at least
 *               20 ms (the first of a decoder is often short), as many as the
 *               elements may hold and SLACK; and likewise one of four times
 *               that, in case longer ones follow
 *
 * An arena takes at most BUDGET, or MIN_SLOTS video frames if that is more, and
 * those never more than CEILING.  What does not fit in comes from system memory.
 *
 * Pure.  Not installed: exported for the tests.
 */
#ifndef GST_TIERED_NEED_H
#define GST_TIERED_NEED_H

#include <gst/video/video.h>

#include "gsttieredproposal.h"

#include "sc-tiers.h"

G_BEGIN_DECLS

#define GST_TIERED_NEED_SLACK 8u
#define GST_TIERED_NEED_MIN_SLOTS 4u
#define GST_TIERED_NEED_BUDGET (8u * 1024 * 1024)
#define GST_TIERED_NEED_CEILING (64u * 1024 * 1024)
/* Elements in a row whose holds are summed up; those beyond are not. */
#define GST_TIERED_NEED_MAX_HOLDS 8u

typedef struct
{
  gboolean is_video;
  gsize frame_size;             /* video: bytes */
  guint64 rate;                 /* bytes of data a second; 0 = not known */
  GstTieredHold holds[GST_TIERED_NEED_MAX_HOLDS];
  guint n_holds;
} GstTieredNeed;

/**
 * gst_tiered_need_from_caps:
 * @caps: (nullable): caps
 * @self: (out): the need, with nobody who holds anything
 *
 * Returns: whether @caps are fixed, and of raw audio or video in ordinary memory
 */
GST_SAFECAPTURE_API
gboolean gst_tiered_need_from_caps (GstCaps * caps, GstTieredNeed * self);

/* Another element between the source and the end of the stream. */
GST_SAFECAPTURE_API
void gst_tiered_need_add_hold (GstTieredNeed * self,
    const GstTieredHold * hold);

/**
 * gst_tiered_need_is_sane:
 *
 * Returns: whether an arena for it stays below the ceiling
 */
GST_SAFECAPTURE_API
gboolean gst_tiered_need_is_sane (const GstTieredNeed * self);

/**
 * gst_tiered_need_is_met:
 *
 * Returns: whether slots made for @self do for @other too, without being much
 * too large
 */
GST_SAFECAPTURE_API
gboolean gst_tiered_need_is_met (const GstTieredNeed * self,
    const GstTieredNeed * other);

/**
 * gst_tiered_need_choose:
 * @self: a #GstTieredNeed
 * @size: bytes of a buffer, as first asked for
 * @tiers: (out): valid tiers, whatever @size is; they are 64-byte aligned
 */
GST_SAFECAPTURE_API
void gst_tiered_need_choose (gconstpointer self, gsize size, ScTiers * tiers);

G_END_DECLS

#endif
