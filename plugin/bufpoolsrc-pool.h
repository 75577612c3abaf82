/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Start and stop of bufpoolsrc's pool. */
#ifndef BUFPOOLSRC_POOL_H
#define BUFPOOLSRC_POOL_H

#include <gst/safecapture/safecapture.h>

#include "bufpoolsrc-settings.h"

G_BEGIN_DECLS

/* (transfer full) (nullable): the active pool over @allocator, which it keeps
 * started; NULL when an error was posted. */
GstBufferPool *bufpoolsrc_pool_start (GstElement * element,
    GstTieredAllocator * allocator, const BufpoolsrcSettings * settings);

/* Ends waits.  Buffers that are out stay valid.  No pool: nothing. */
void bufpoolsrc_pool_stop (GstBufferPool ** pool);

G_END_DECLS

#endif
