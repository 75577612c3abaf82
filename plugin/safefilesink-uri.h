/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* file:// URIs for safefilesink, read as filesink reads them. */
#ifndef SAFEFILESINK_URI_H
#define SAFEFILESINK_URI_H

#include <gst/gst.h>

G_BEGIN_DECLS

/**
 * safefilesink_location_from_uri:
 * @uri: file:///path, file://localhost/path, or "file://" alone for no location
 * @location: (out) (nullable): free with g_free()
 *
 * Returns: whether @uri is one of these; else @error is set
 */
gboolean safefilesink_location_from_uri (const gchar * uri, gchar ** location,
    GError ** error);

/* The members of @handler that are the same for every instance. */
void safefilesink_uri_init_handler (GstURIHandlerInterface * handler);

G_END_DECLS

#endif
