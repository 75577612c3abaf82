/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The memory of recordings.  That of the last one is kept for the next one of the
 * same size while there is a sink in the process: where each file of a split
 * recording took 64 MiB anew, the stream stood still for 25 ms at each split.
 */
#ifndef SAFEFILESINK_MEMORY_H
#define SAFEFILESINK_MEMORY_H

#include <glib.h>

G_BEGIN_DECLS

/**
 * safefilesink_memory_hold:
 *
 * Something is kept from now on, until as many calls of
 * safefilesink_memory_let_go() as of this.
 */
void safefilesink_memory_hold (void);
void safefilesink_memory_let_go (void);

/**
 * safefilesink_memory_take:
 * @size: bytes
 *
 * Memory that is there, not only promised, and in huge pages where the system has
 * them; what is in it is not said.
 *
 * Returns: (nullable): aligned to a page; for safefilesink_memory_give()
 */
gpointer safefilesink_memory_take (gsize size);

/**
 * safefilesink_memory_give:
 *
 * Any thread, also after the last sink is gone.
 */
void safefilesink_memory_give (gpointer memory);

G_END_DECLS

#endif
