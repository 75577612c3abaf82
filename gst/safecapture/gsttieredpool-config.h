/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The configuration of a #GstTieredPool: what an arena of fixed slots makes of
 * what a peer asks for, and the layout of a buffer that follows.
 *
 * Contract
 *   Options: GstBufferPoolOptionVideoMeta and, with it,
 *   GstBufferPoolOptionVideoAlignment, for raw video caps; for others they are
 *   passed over, as every pool does with an option it has no use for.
 *   No state but the number of the last layout: any thread.  Private to the
 *   library.
 */
#ifndef GST_TIERED_POOL_CONFIG_H
#define GST_TIERED_POOL_CONFIG_H

#include "gsttieredpool-layout.h"

#include "gsttieredallocator.h"

G_BEGIN_DECLS

/* Slots of every tier. */
#define GST_TIERED_POOL_ANY_TIER (-1)

/* What a pool was made for. */
typedef struct
{
  GstTieredAllocator *allocator;        /* borrowed */
  gint tier;                    /* or GST_TIERED_POOL_ANY_TIER */
  gboolean fallback;            /* never out of buffers */
} GstTieredPoolTerms;

/**
 * gst_tiered_pool_is_raw_video:
 * @caps: (nullable): caps
 * @info: (out): of the caps, if they are
 *
 * Returns: whether @caps are fixed, and of raw video in ordinary memory
 */
gboolean gst_tiered_pool_is_raw_video (GstCaps * caps, GstVideoInfo * info);

/**
 * gst_tiered_pool_config_options:
 *
 * Returns: (transfer none): as of GstBufferPoolClass.get_options()
 */
const gchar **gst_tiered_pool_config_options (void);

/**
 * gst_tiered_pool_config_correct:
 * @config: (inout): a pool's configuration; what cannot be had is rewritten
 * @layout: (out): of the pool's buffers
 *
 * Returns: whether nothing had to be rewritten; that the size grows by an
 * alignment which @config asks for does not count
 */
gboolean gst_tiered_pool_config_correct (const GstTieredPoolTerms * terms,
    GstStructure * config, GstTieredLayout * layout);

G_END_DECLS

#endif
