/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The properties `current-level-buffers`, `-bytes` and `-time`, which the
 * element and its pads have.
 */
#ifndef TIEREDQUEUE_LEVELS_H
#define TIEREDQUEUE_LEVELS_H

#include <gst/gst.h>

#include "sc-ring.h"

G_BEGIN_DECLS

#define TIEREDQUEUE_N_LEVELS 3

/**
 * tieredqueue_levels_install:
 * @first_id: the property id of `current-level-buffers`; the others follow
 */
void tieredqueue_levels_install (GObjectClass * klass, guint first_id);

/**
 * tieredqueue_levels_get:
 * @which: the property id less first_id
 */
void tieredqueue_levels_get (const ScRingLevel * level, guint which,
    GValue * value);

G_END_DECLS

#endif
