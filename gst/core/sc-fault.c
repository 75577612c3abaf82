/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-fault.h"

const char *
sc_fault_name (ScFaultKind kind)
{
  static const char *const names[SC_FAULTS] = {
    [SC_FAULT_NONE] = "none",
    [SC_FAULT_OPEN] = "open",
    [SC_FAULT_LOCK] = "lock",
    [SC_FAULT_OPEN_JOURNAL] = "open-journal",
    [SC_FAULT_SYNC_FOLDER] = "sync-folder",
    [SC_FAULT_WRITE] = "write",
    [SC_FAULT_READ_BACK] = "read-back",
    [SC_FAULT_SYNC] = "sync",
    [SC_FAULT_JOURNAL] = "write-journal",
    [SC_FAULT_SYNC_JOURNAL] = "sync-journal",
    [SC_FAULT_TRUNCATE] = "truncate",
    [SC_FAULT_SIZE] = "size",
    [SC_FAULT_CLOSE] = "close",
    [SC_FAULT_PUBLISH] = "publish",
    [SC_FAULT_THREAD] = "thread",
    [SC_FAULT_MANIFEST] = "manifest",
    [SC_FAULT_SPACE] = "space",
    [SC_FAULT_VERIFY] = "verify",
  };

  return names[kind];
}

int
sc_fault_set (ScFault * self, ScFaultKind kind, int error, uint64_t offset)
{
  self->kind = kind;
  self->error = error;
  self->offset = offset;
  return error;
}
