/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * File operations that stay below one folder: no path leads out of it, and none
 * through a symbolic link, also not through one that somebody puts there
 * meanwhile.  openat2() with RESOLVE_BENEATH and RESOLVE_NO_SYMLINKS decides;
 * where it is missing (Linux before 5.6, seccomp) the path is walked folder by
 * folder with O_NOFOLLOW.
 *
 * Paths are those of the table: the folder, a slash, and the rest, in which no
 * ".." is taken.  Any other is -EXDEV, a symbolic link -ELOOP or -ENOTDIR.  The
 * folder itself is trusted, and opened anew by every operation, so that nothing
 * holds up an unmount.
 */
#ifndef SC_ROOT_OPS_H
#define SC_ROOT_OPS_H

#include "sc-file-ops.h"

#include <limits.h>

/**
 * sc_root_ops_get:
 * @root: absolute
 *
 * Returns: (transfer none) (nullable): the table for this folder, for the life
 * of the process (a thread that hangs may still hold it); NULL without memory.
 * Any thread.
 */
const ScFileOps *sc_root_ops_get (const char *root);

/**
 * sc_root_ops_join:
 * @path: absolute, or relative to @root
 * @out: the path as the table takes it
 *
 * Returns: 0, -EXDEV (it is not below, or has a ".." in it), -ENAMETOOLONG
 */
int sc_root_ops_join (const char *root, const char *path, char out[PATH_MAX]);

/**
 * sc_root_ops_check:
 * @path: as of join
 *
 * Returns: 0 where the folder that holds it can be reached, or -errno
 */
int sc_root_ops_check (const ScFileOps * ops, const char *path);

/* For tests: as if there were no openat2(). */
void sc_root_ops_walk_only (bool walk);

#endif
