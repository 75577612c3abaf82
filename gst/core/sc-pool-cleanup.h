/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The cleanup of a pool: what a shutdown that wants every slot back goes
 * through, and the one table of its transitions.
 *
 *                    | begin    home      late    damaged  freed      rolled-back
 *   -----------------+-----------------------------------------------------------
 *   idle             | flushing -         -       -        -          -
 *   flushing-buffers | -        verified  failed  failed   -          -
 *   verified         | -        -         -       -        completed  -
 *   completed        | flushing -         -       -        -          -
 *   failed           | -        -         -       -        -          idle
 *
 *   idle              no cleanup goes on
 *   flushing-buffers  nobody gets a slot any more; waits for those that are out
 *   verified          every slot was home, and each of them was looked at: the
 *                     header has its magic, its CRC, its number and its capacity,
 *                     and the guard words behind the data are whole
 *   completed         the memory is given up
 *   failed            it is not: the pool goes on as before the cleanup, and the
 *                     slots that failed are named
 *
 *   begin        a shutdown was asked for
 *   home         every slot is home, sound, and no other user is left
 *   late         the time is up with slots out or other users left
 *   damaged      every slot is home, but one is not sound
 *   freed        the memory was given up
 *   rolled-back  requests are served again
 *
 * A "-" is a transition that must not happen: it is refused.
 */
#ifndef SC_POOL_CLEANUP_H
#define SC_POOL_CLEANUP_H

#include <stdbool.h>
#include <stdint.h>

typedef enum
{
  SC_POOL_CLEANUP_IDLE,
  SC_POOL_CLEANUP_FLUSHING_BUFFERS,
  SC_POOL_CLEANUP_VERIFIED,
  SC_POOL_CLEANUP_COMPLETED,
  SC_POOL_CLEANUP_FAILED,
  SC_POOL_CLEANUP_STATES,
  SC_POOL_CLEANUP_REFUSED = SC_POOL_CLEANUP_STATES,
} ScPoolCleanupState;

typedef enum
{
  SC_POOL_CLEANUP_BEGIN,
  SC_POOL_CLEANUP_HOME,
  SC_POOL_CLEANUP_LATE,
  SC_POOL_CLEANUP_DAMAGED,
  SC_POOL_CLEANUP_FREED,
  SC_POOL_CLEANUP_ROLLED_BACK,
  SC_POOL_CLEANUP_EVENTS,
  SC_POOL_CLEANUP_NONE = SC_POOL_CLEANUP_EVENTS,
} ScPoolCleanupEvent;

/* What was found by a look at the pool. */
typedef struct
{
  uint32_t out;                 /* slots that are out */
  uint32_t other_users;         /* who keep the pool started besides us */
  uint32_t damaged_headers;     /* of slots that are home */
  uint32_t damaged_guards;
  bool time_is_up;
} ScPoolCleanupFacts;

/**
 * sc_pool_cleanup_next:
 *
 * Returns: the state that follows, or SC_POOL_CLEANUP_REFUSED
 */
ScPoolCleanupState sc_pool_cleanup_next (ScPoolCleanupState state,
    ScPoolCleanupEvent event);

/**
 * sc_pool_cleanup_judge:
 *
 * For flushing-buffers and verified.  Time that is up does not matter once
 * every slot is home.
 *
 * Returns: the event that these facts are, SC_POOL_CLEANUP_NONE to wait on
 */
ScPoolCleanupEvent sc_pool_cleanup_judge (const ScPoolCleanupFacts * facts);

/**
 * sc_pool_cleanup_name:
 *
 * Returns: (transfer none): a stable lower-case name
 */
const char *sc_pool_cleanup_name (ScPoolCleanupState state);

#endif
