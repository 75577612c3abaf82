/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-pool-cleanup.h"

/* Two letters a state, so that the table can be read as the header's. */
enum
{
  NO = SC_POOL_CLEANUP_REFUSED,
  ID = SC_POOL_CLEANUP_IDLE,
  FL = SC_POOL_CLEANUP_FLUSHING_BUFFERS,
  VE = SC_POOL_CLEANUP_VERIFIED,
  CO = SC_POOL_CLEANUP_COMPLETED,
  FA = SC_POOL_CLEANUP_FAILED,
};

/* begin home late damaged freed rolled-back */
/* *INDENT-OFF* */
static const uint8_t
    table[SC_POOL_CLEANUP_STATES][SC_POOL_CLEANUP_EVENTS] = {
  [SC_POOL_CLEANUP_IDLE]             = { FL, NO, NO, NO, NO, NO },
  [SC_POOL_CLEANUP_FLUSHING_BUFFERS] = { NO, VE, FA, FA, NO, NO },
  [SC_POOL_CLEANUP_VERIFIED]         = { NO, NO, NO, NO, CO, NO },
  [SC_POOL_CLEANUP_COMPLETED]        = { FL, NO, NO, NO, NO, NO },
  [SC_POOL_CLEANUP_FAILED]           = { NO, NO, NO, NO, NO, ID },
};
/* *INDENT-ON* */

ScPoolCleanupState
sc_pool_cleanup_next (ScPoolCleanupState state, ScPoolCleanupEvent event)
{
  return (ScPoolCleanupState) table[state][event];
}

ScPoolCleanupEvent
sc_pool_cleanup_judge (const ScPoolCleanupFacts * facts)
{
  if (facts->out > 0 || facts->other_users > 0)
    return facts->time_is_up ? SC_POOL_CLEANUP_LATE : SC_POOL_CLEANUP_NONE;
  if (facts->damaged_headers > 0 || facts->damaged_guards > 0)
    return SC_POOL_CLEANUP_DAMAGED;
  return SC_POOL_CLEANUP_HOME;
}

const char *
sc_pool_cleanup_name (ScPoolCleanupState state)
{
  static const char *const names[SC_POOL_CLEANUP_STATES] = {
    [SC_POOL_CLEANUP_IDLE] = "idle",
    [SC_POOL_CLEANUP_FLUSHING_BUFFERS] = "flushing-buffers",
    [SC_POOL_CLEANUP_VERIFIED] = "verified",
    [SC_POOL_CLEANUP_COMPLETED] = "completed",
    [SC_POOL_CLEANUP_FAILED] = "failed",
  };

  return names[state];
}
