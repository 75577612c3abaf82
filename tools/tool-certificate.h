/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The certificate: what is there of a recording, what is lost, and where, in
 * words and exact figures, on standard output.
 */
#ifndef SC_TOOL_CERTIFICATE_H
#define SC_TOOL_CERTIFICATE_H

#include "sc-recovery-apply.h"

/**
 * sc_certificate_print:
 * @path: as the user named the file
 * @journal_path: (nullable): of its journal; NULL if none was looked at
 * @plan: (nullable): the container's, if it is known
 */
void sc_certificate_print (const char *path, const char *journal_path,
    const ScRecoveryReport * report, const ScContainerPlan * plan);

/**
 * sc_certificate_print_journal:
 *
 * The lines about the journal alone, of an examination or of a reading.
 */
void sc_certificate_print_journal (const char *journal_path,
    const ScJournalHeader * header, ScJournalStop stop, uint64_t stop_at,
    bool closed);

/**
 * sc_certificate_line:
 * @label: at most 16 characters
 *
 * Prints one aligned line.
 */
void sc_certificate_line (const char *label, const char *format, ...)
    __attribute__ ((format (printf, 2, 3)));

/**
 * sc_certificate_print_format:
 * @plan: (nullable)
 */
void sc_certificate_print_format (const ScContainerPlan * plan);

/**
 * sc_certificate_verdict:
 *
 * Returns: (transfer none): one sentence, without a full stop, for a verdict
 * that was only looked at
 */
const char *sc_certificate_verdict (const ScRecoveryReport * report);

/**
 * sc_certificate_plan:
 * @path: of a payload
 * @companion_path: (nullable): as in ScRecoveryOptions
 * @plan: (out)
 *
 * Returns: @plan, which may be beyond repair, or NULL where the container is
 * not known.  It is already cleared.
 */
const ScContainerPlan *sc_certificate_plan (const char *path,
    const char *companion_path, ScContainerPlan * plan);

#endif
