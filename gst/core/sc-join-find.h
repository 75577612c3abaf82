/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Finding the files of a part. */
#ifndef SC_JOIN_FIND_H
#define SC_JOIN_FIND_H

#include "sc-join.h"

/**
 * sc_join_find:
 * @manifest_path: where the manifest was found
 * @number: of the part
 * @part: (out): found, path and journal
 *
 * A first part without any journal is taken at its word, where a file stands at
 * its path.
 *
 * Returns: 0, also where there is none, or -ENAMETOOLONG
 */
int sc_join_find (const ScManifest * manifest, const ScFileOps * ops,
    const char *manifest_path, unsigned number, ScJoinPart * part);

#endif
