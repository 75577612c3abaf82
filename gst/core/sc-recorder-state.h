/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The states of a recording, and the one table of their transitions.
 *
 *            | opened data    emptied switched finish    verify    done
 *  ----------+---------------------------------------------------------------
 *  init      | ready  -       -       -        -         -         -
 *  ready     | -      writing ready   backup   flushing  -         -
 *  writing   | -      writing ready   backup   flushing  -         -
 *  backup    | -      backup  backup  backup   flushing  -         -
 *  flushing  | -      -       -       flushing flushing  verifying published
 *  verifying | -      -       -       flushing verifying verifying published
 *  published | -      -       -       -        published -         -
 *  error     | -      -       -       -        -         -         -
 *
 * and from each "failed" leads to error, "closed" to init.
 *
 *   init       no file
 *   ready      the file is open and empty
 *   writing    at least one byte was accepted
 *   backup     a target failed, and the recording goes on at the next one
 *   flushing   the end was announced; what is in memory goes to the file
 *   verifying  it is there, and read back before it gets its name
 *   published  the file is whole and has its name; or all of its parts are
 *   error      the first error that no target was left for stopped the writing
 *              for good
 *
 * A "-" is a transition that must not happen: it is refused and changes
 * nothing.
 */
#ifndef SC_RECORDER_STATE_H
#define SC_RECORDER_STATE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

typedef enum
{
  SC_RECORDER_INIT,
  SC_RECORDER_READY,
  SC_RECORDER_WRITING,
  SC_RECORDER_FLUSHING,
  SC_RECORDER_PUBLISHED,
  SC_RECORDER_ERROR,
  SC_RECORDER_BACKUP,
  SC_RECORDER_VERIFYING,
  SC_RECORDER_STATES,
  SC_RECORDER_REFUSED = SC_RECORDER_STATES,
} ScRecorderState;

typedef enum
{
  SC_RECORDER_OPENED,
  SC_RECORDER_DATA,
  SC_RECORDER_EMPTIED,
  SC_RECORDER_SWITCHED,
  SC_RECORDER_FINISH,
  SC_RECORDER_VERIFY,
  SC_RECORDER_DONE,
  SC_RECORDER_FAILED,
  SC_RECORDER_CLOSED,
  SC_RECORDER_EVENTS,
} ScRecorderEvent;

/**
 * sc_recorder_state_next:
 *
 * Returns: the state that follows, or SC_RECORDER_REFUSED
 */
ScRecorderState sc_recorder_state_next (ScRecorderState state,
    ScRecorderEvent event);

/**
 * sc_recorder_state_name:
 *
 * Returns: (transfer none): a stable lower-case name
 */
const char *sc_recorder_state_name (ScRecorderState state);

/**
 * sc_recorder_state_reason:
 *
 * Returns: (transfer none): why a recording goes from @from to @to, in a few
 * words for people
 */
const char *sc_recorder_state_reason (ScRecorderState from, ScRecorderState to);

/* The state that several threads move, with the last SC_RECORDER_LOG ones, so
 * that one thread can tell every change in order although others made them:
 * the number of changes in the top byte, then a nibble a state, newest lowest. */
typedef struct
{
  _Atomic uint64_t word;
} ScRecorderStateLog;

#define SC_RECORDER_LOG 14

void sc_recorder_state_log_init (ScRecorderStateLog * self);

/**
 * sc_recorder_state_log_apply:
 *
 * Any thread.
 *
 * Returns: whether the state changed; false also where the table refuses
 */
bool sc_recorder_state_log_apply (ScRecorderStateLog * self,
    ScRecorderEvent event);

ScRecorderState sc_recorder_state_log_current (const ScRecorderStateLog * self);

/**
 * sc_recorder_state_log_next:
 * @seen: (inout): the reader's place, 0 at first; it moves by one change
 *
 * For one reader.  Changes older than the log are skipped.
 *
 * Returns: whether there was a change that the reader had not seen
 */
bool sc_recorder_state_log_next (const ScRecorderStateLog * self,
    uint8_t * seen, ScRecorderState * from, ScRecorderState * to);

#endif
