/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What failed while a recording was made: the operation, its error, where. */
#ifndef SC_FAULT_H
#define SC_FAULT_H

#include <stdint.h>

/* The operation that failed.  The numbers stand in journals (SWITCH): new ones
 * go to the end. */
typedef enum
{
  SC_FAULT_NONE,
  SC_FAULT_OPEN,
  SC_FAULT_LOCK,
  SC_FAULT_OPEN_JOURNAL,
  SC_FAULT_SYNC_FOLDER,
  SC_FAULT_WRITE,
  SC_FAULT_READ_BACK,
  SC_FAULT_SYNC,
  SC_FAULT_JOURNAL,
  SC_FAULT_SYNC_JOURNAL,
  SC_FAULT_TRUNCATE,
  SC_FAULT_SIZE,
  SC_FAULT_CLOSE,
  SC_FAULT_PUBLISH,
  SC_FAULT_THREAD,
  SC_FAULT_MANIFEST,
  SC_FAULT_SPACE,               /* a limit, not an operation */
  SC_FAULT_VERIFY,              /* what was read back is not what was written */
  SC_FAULTS,
} ScFaultKind;

typedef struct
{
  ScFaultKind kind;
  int error;                    /* -errno */
  uint64_t offset;              /* in the payload, where there is one */
} ScFault;

/**
 * sc_fault_name:
 *
 * Returns: (transfer none): a stable lower-case name of the operation
 */
const char *sc_fault_name (ScFaultKind kind);

/* Fills in the fault.  Returns: @error */
int sc_fault_set (ScFault * self, ScFaultKind kind, int error,
    uint64_t offset);

#endif
