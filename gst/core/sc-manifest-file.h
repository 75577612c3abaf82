/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The manifest as a file: written so that a crash leaves the old one or the new
 * one, and read back.  Any thread; calls may hang with the disk. */
#ifndef SC_MANIFEST_FILE_H
#define SC_MANIFEST_FILE_H

#include "sc-manifest.h"

/**
 * sc_manifest_file_write:
 * @path: NAME.sfm
 * @uuid: of the recording
 * @text: what sc_manifest_compose() made
 *
 * Writes @path.tmp, syncs, renames, syncs the folder.  The manifest of another
 * recording that has the name is kept as NAME.XXXXXXXX.sfm, with the first 8
 * digits of its UUID.
 *
 * Returns: 0, or -errno; then the old one stands
 */
int sc_manifest_file_write (const ScFileOps * ops, const char *path,
    const uint8_t uuid[16], const char *text, size_t size, mode_t mode);

/**
 * sc_manifest_file_read:
 * @self: (out): sc_manifest_clear() it, also after an error
 *
 * Returns: 0, the -errno of open and read, or as sc_manifest_parse()
 */
int sc_manifest_file_read (ScManifest * self, const ScFileOps * ops,
    const char *path);

#endif
