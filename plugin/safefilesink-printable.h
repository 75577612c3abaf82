/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* File names in messages: whoever can choose a name must not be able to write
 * lines of his own into a log, or steer a terminal. */
#ifndef SAFEFILESINK_PRINTABLE_H
#define SAFEFILESINK_PRINTABLE_H

#include <glib.h>

G_BEGIN_DECLS

/**
 * safefilesink_printable_name:
 *
 * Returns: (transfer full): @path in UTF-8; bytes that are none, control
 * characters and those that turn the direction of text stand as \xNN, byte for
 * byte
 */
gchar *safefilesink_printable_name (const gchar * path);

G_END_DECLS

#endif
