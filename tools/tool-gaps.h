/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What was left out of a recording while it was made, in words: for every
 * command that reads a journal. */
#ifndef SC_TOOL_GAPS_H
#define SC_TOOL_GAPS_H

#include "sc-container.h"
#include "sc-gap-list.h"

/**
 * sc_gaps_print:
 * @base: where in the recording the payload begins that they are offsets in
 * @plan: (nullable): the container's, if it is known: it knows the running time
 *     of bytes whose buffers had none
 *
 * Prints nothing where nothing was left out.
 */
void sc_gaps_print (const ScGapList * gaps, uint64_t base,
    const ScContainerPlan * plan);

/**
 * sc_gaps_exit_code:
 * @code: of the verdict alone
 *
 * Returns: the exit code: of a file that is whole, but not all of the stream,
 * that of one that is not
 */
int sc_gaps_exit_code (const ScGapList * gaps, int code);

/* What a verdict has to add: "" where nothing was left out. */
const char *sc_gaps_verdict (const ScGapList * gaps);

#endif
