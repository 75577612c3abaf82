/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The pads of one channel: making them, and what their activation means.
 */
#ifndef TIEREDQUEUE_PADS_H
#define TIEREDQUEUE_PADS_H

#include "tieredqueue-flow.h"

G_BEGIN_DECLS

/**
 * tieredqueue_pads_init:
 *
 * Makes the pads from the element class's templates and adds them.
 */
void tieredqueue_pads_init (TieredQueuePads * self, GstElement * element,
    const gchar * sink_name, const gchar * src_name);
void tieredqueue_pads_clear (TieredQueuePads * self);

G_END_DECLS

#endif
