/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The states of a pool's manager, and the one table of their transitions.
 *
 *                | start  started failed used   exceeded kept   fault  stop
 *   -------------+-----------------------------------------------------------
 *   uninitialized| init   -       -      -      -        -      -      -
 *   initializing | -      ready   error  -      -        -      -      -
 *   ready        | -      -       -      active warning  ready  error  s-down
 *   active       | -      -       -      active warning  active error  s-down
 *   warning      | -      -       -      warning warning active error  s-down
 *   error        | init   -       -      error  error    error  error  s-down
 *   shutting-down| init   -       -      s-down s-down   s-down s-down s-down
 *   shutdown     | init   -       -      -      -        -      -      -
 *
 *                | drained   rolled-back
 *   -------------+----------------------
 *   shutting-down| shutdown  the state before
 *   every other  | -         -
 *
 *   uninitialized  never started
 *   initializing   the memory is being reserved and carved
 *   ready          slots can be had, none has been yet
 *   active         slots are in use
 *   warning        the same, and a limit is exceeded (sc-pool-limits.h)
 *   error          the start failed; or memory that is the pool's was written
 *                  over: it serves on, but what it serves may be damaged
 *   shutting-down  stopped, with slots still out; their memory stays valid
 *   shutdown       every slot is home
 *
 *   start        somebody wants slots           started, failed  how it went
 *   used         a first slot was handed out    exceeded, kept   the limits
 *   fault        a header or a guard word was found written over
 *   stop         the last user has gone         drained   the last slot is home
 *   rolled-back  a cleanup failed: the pool is as before the stop
 *
 * A "-" is a transition that must not happen: it is refused and changes
 * nothing.  Only stop or a new start ends an error: damage does not heal.
 */
#ifndef SC_POOL_STATE_H
#define SC_POOL_STATE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

typedef enum
{
  SC_POOL_UNINITIALIZED,
  SC_POOL_INITIALIZING,
  SC_POOL_READY,
  SC_POOL_ACTIVE,
  SC_POOL_WARNING,
  SC_POOL_ERROR,
  SC_POOL_SHUTTING_DOWN,
  SC_POOL_SHUTDOWN,
  SC_POOL_STATES,
  SC_POOL_REFUSED = SC_POOL_STATES,
  SC_POOL_BACK,                 /* the state before the current one */
} ScPoolState;

typedef enum
{
  SC_POOL_START,
  SC_POOL_STARTED,
  SC_POOL_FAILED,
  SC_POOL_USED,
  SC_POOL_EXCEEDED,
  SC_POOL_KEPT,
  SC_POOL_FAULT,
  SC_POOL_STOP,
  SC_POOL_DRAINED,
  SC_POOL_ROLLED_BACK,
  SC_POOL_EVENTS,
} ScPoolEvent;

/**
 * sc_pool_state_next:
 *
 * Returns: the state that follows, SC_POOL_BACK or SC_POOL_REFUSED
 */
ScPoolState sc_pool_state_next (ScPoolState state, ScPoolEvent event);

/**
 * sc_pool_state_name:
 *
 * Returns: (transfer none): a stable lower-case name
 */
const char *sc_pool_state_name (ScPoolState state);

/**
 * sc_pool_state_reason:
 *
 * Returns: (transfer none): why a pool goes from @from to @to, in a few words
 * for people
 */
const char *sc_pool_state_reason (ScPoolState from, ScPoolState to);

/* The state that several threads move, with the last SC_POOL_LOG ones, so that
 * each of several readers can tell every change in order although others made
 * them: the number of changes in the top byte, then a nibble a state, newest
 * lowest. */
typedef struct
{
  _Atomic uint64_t word;
} ScPoolStateLog;

#define SC_POOL_LOG 14

void sc_pool_state_log_init (ScPoolStateLog * self);

/**
 * sc_pool_state_log_apply:
 *
 * Any thread.
 *
 * Returns: whether the state changed; false also where the table refuses
 */
bool sc_pool_state_log_apply (ScPoolStateLog * self, ScPoolEvent event);

ScPoolState sc_pool_state_log_current (const ScPoolStateLog * self);

/**
 * sc_pool_state_log_place:
 *
 * Returns: the place of a reader who wants to hear of what comes from now on
 */
uint8_t sc_pool_state_log_place (const ScPoolStateLog * self);

/**
 * sc_pool_state_log_next:
 * @seen: (inout): the reader's place, 0 at first; it moves by one change
 *
 * Changes older than the log are skipped.
 *
 * Returns: whether there was a change that the reader had not seen
 */
bool sc_pool_state_log_next (const ScPoolStateLog * self, uint8_t * seen,
    ScPoolState * from, ScPoolState * to);

#endif
