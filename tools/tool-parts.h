/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whether a file is one part of a recording that went on elsewhere. */
#ifndef SC_TOOL_PARTS_H
#define SC_TOOL_PARTS_H

#include "sc-recovery.h"

#include <limits.h>

/**
 * sc_parts_find_manifest:
 * @path: of the payload
 * @report: of it
 * @manifest: (out): beside it, "" where there is none: then it is known by its
 *     journal alone
 *
 * Returns: whether it is a part
 */
bool sc_parts_find_manifest (const char *path,
    const ScRecoveryReport * report, char manifest[PATH_MAX]);

#endif
