/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Makes the changes that a plan of sc-container.h asks for:
 *
 *   sc_container_journal (&file, &plan, &writer);     where there is a journal
 *   sc_container_write (&file, &plan, &writer);
 *   give the file plan.size, be that less (or, for padding, more) than it has
 *
 * A crash anywhere in between is recovered by replaying the journal's
 * OVERWRITE records and planning again.
 *
 * 130 KiB of memory while they run, allocated.  Any thread.
 */
#ifndef SC_CONTAINER_APPLY_H
#define SC_CONTAINER_APPLY_H

#include "sc-container.h"
#include "sc-journal-writer.h"

/**
 * sc_container_journal:
 * @file: the same that was planned, unchanged since
 *
 * Says in the journal what will be written over bytes that it vouches for, and
 * syncs it: what is torn by a crash is then neither taken for damage nor left
 * half done.
 *
 * Returns: 0, or -errno
 */
int sc_container_journal (const ScContainerFile * file,
    const ScContainerPlan * plan, ScJournalWriter * journal);

/**
 * sc_container_write:
 * @file: as above, and open for writing
 * @journal: (nullable): is told of the bytes appended, once they are synced
 *
 * Writes the tail, the cover, then the edits, and syncs the file.
 *
 * Returns: 0, or -errno
 */
int sc_container_write (const ScContainerFile * file,
    const ScContainerPlan * plan, ScJournalWriter * journal);

#endif
