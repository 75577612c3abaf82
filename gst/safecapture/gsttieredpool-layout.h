/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a pool's buffers look like: sizes, and the GstVideoMeta if there is one.
 *
 * Contract
 *   The shell of a slot carries the meta from one acquire to the next, so that
 *   none is made while data flows.  It is changed only when the shell comes into
 *   the hands of a pool with another layout: after a new configuration, or where
 *   several pools share an arena.  The shell's unit remembers the number of the
 *   layout that it has.
 *
 * Private to the library.
 */
#ifndef GST_TIERED_POOL_LAYOUT_H
#define GST_TIERED_POOL_LAYOUT_H

#include <gst/video/video.h>

#include "gsttieredregion.h"

G_BEGIN_DECLS

/* Bare buffers. */
#define GST_TIERED_LAYOUT_PLAIN 0u

typedef struct
{
  gsize size;                   /* of a buffer for which nobody says one */
  GstAllocationParams params;   /* prefix and padding are beside the size */
  guint number;                 /* PLAIN, or of this video layout */
  GstVideoInfo info;            /* aligned */
  GstVideoAlignment alignment;
} GstTieredLayout;

void gst_tiered_layout_init (GstTieredLayout * self, gsize size);

/* Bytes of a slot beside the data. */
static inline gsize
gst_tiered_layout_outside (const GstTieredLayout * self)
{
  return self->params.prefix + self->params.padding;
}

/* Gives the layout a number of its own. */
void gst_tiered_layout_set_video (GstTieredLayout * self,
    const GstVideoInfo * info, const GstVideoAlignment * alignment);

/* The shell's meta, if it has another one; allocates. */
void gst_tiered_layout_dress (const GstTieredLayout * self,
    GstTieredUnit * unit);

/* Makes the shell a bare one. */
void gst_tiered_layout_undress (GstTieredUnit * unit);

/* Every unit of a region that nobody uses yet and that is large enough. */
void gst_tiered_layout_dress_all (const GstTieredLayout * self,
    GstTieredRegion * region);

/**
 * gst_tiered_layout_system_buffer:
 *
 * Returns: (transfer full) (nullable): a buffer like those from slots, in system
 * memory
 */
GstBuffer *gst_tiered_layout_system_buffer (const GstTieredLayout * self,
    gsize size);

G_END_DECLS

#endif
