/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The queries about a file that is written, answered as filesink does.  Pure. */
#ifndef SAFEFILESINK_QUERY_H
#define SAFEFILESINK_QUERY_H

#include <gst/gst.h>

G_BEGIN_DECLS

/**
 * safefilesink_query_answer:
 * @position: of the next byte
 * @uri: (nullable): of the file
 * @answered: (out): what the query function returns, if it is handled
 *
 * Returns: whether the query is about the file; others are the base class's
 */
gboolean safefilesink_query_answer (GstQuery * query, guint64 position,
    const gchar * uri, gboolean * answered);

G_END_DECLS

#endif
