/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The configuration of a #GstTieredPool: what an arena of fixed slots makes of
 * what a peer asks for.
 *
 * Contract
 *   Pure but for @config, which is rewritten: any thread.  Private to the
 *   library.
 */
#ifndef GST_TIERED_POOL_CONFIG_H
#define GST_TIERED_POOL_CONFIG_H

#include "gsttieredallocator.h"

G_BEGIN_DECLS

/**
 * gst_tiered_pool_config_correct:
 * @allocator: where the slots come from
 * @config: (inout): a pool's configuration; what cannot be had is rewritten
 * @size: (out): of a buffer for which nobody says a size, bytes
 *
 * Returns: whether nothing had to be rewritten
 */
gboolean gst_tiered_pool_config_correct (GstTieredAllocator * allocator,
    GstStructure * config, gsize * size);

G_END_DECLS

#endif
