/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Marks data that follows a gap.
 */
#ifndef TIEREDQUEUE_DISCONT_H
#define TIEREDQUEUE_DISCONT_H

#include "tieredqueue-channel.h"

G_BEGIN_DECLS

/**
 * tieredqueue_with_discont:
 * @object: (transfer full): a buffer or, as @kind says, a list
 *
 * Returns: (transfer full): it, writable, with DISCONT on its first buffer
 */
gpointer tieredqueue_with_discont (TieredQueueKind kind, gpointer object);

G_END_DECLS

#endif
