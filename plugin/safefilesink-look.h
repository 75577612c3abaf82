/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The looks at the location before a file is opened there: is it one that can be
 * recorded to, and what did an earlier recording leave?  With backups they are
 * made by a thread of their own, which is left behind where the disk hangs.
 */
#ifndef SAFEFILESINK_LOOK_H
#define SAFEFILESINK_LOOK_H

#include "safefilesink-leftover.h"

G_BEGIN_DECLS

/**
 * safefilesink_look:
 * @leftovers: (out) (transfer full): as of safefilesink_leftover_clear_way(), if
 *     TRUE
 * @fault: (out): if TRUE, with a kind where the recording has to begin at a
 *     backup; if FALSE, why not, with no kind where that is posted already
 *
 * Clears the way, and posts an error where an unfinished recording must not be
 * moved.
 *
 * Returns: whether recording may begin
 */
gboolean safefilesink_look (GstElement * element, const gchar * location,
    const SafefilesinkSettings * settings, GPtrArray ** leftovers,
    ScFault * fault);

G_END_DECLS

#endif
