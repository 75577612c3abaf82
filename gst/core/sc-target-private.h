/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the files of the target share. */
#ifndef SC_TARGET_PRIVATE_H
#define SC_TARGET_PRIVATE_H

#include "sc-target.h"

/* Behind the highest byte written. */
static inline uint64_t
sc_target_end (const ScTarget * self)
{
  return atomic_load_explicit (&self->high_water, memory_order_relaxed);
}

/* Fills in a fault at the target's end.  Returns: @error */
static inline int
sc_target_fail (const ScTarget * self, ScFault * fault, ScFaultKind kind,
    int error)
{
  return sc_fault_set (fault, kind, error, sc_target_end (self));
}

/* journal_bytes is what the journal has now. */
void sc_target_count_journal (ScTarget * self);

/* With journal_lock: everything so far goes to the operating system.  Returns 0
 * or -errno, as the next one */
int sc_target_flush_journal (ScTarget * self, ScFault * fault);

/* Without journal_lock: what was flushed is synced. */
int sc_target_sync_journal (ScTarget * self, ScFault * fault);

#endif
