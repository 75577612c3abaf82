/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the files of the recorder share: its threads, its error, its end. */
#ifndef SC_RECORDER_PRIVATE_H
#define SC_RECORDER_PRIVATE_H

#include "sc-recorder.h"

typedef enum
{
  SC_ENDING_NO,
  SC_ENDING_FINISH,             /* publish */
  SC_ENDING_CLOSE,              /* leave the files for recovery */
} ScRecorderEnding;

/* The bodies of the threads; @user_data is the recorder. */
void *sc_recorder_writer_thread (void *user_data);
void *sc_recorder_sync_thread (void *user_data);

/* Moves the state and tells the watcher if it changed.  Any thread. */
void sc_recorder_apply (ScRecorder * self, ScRecorderEvent event);

/* Keeps the error if it is the first, and stops everything that could write.
 * Any thread. */
void sc_recorder_fail (ScRecorder * self, const ScFault * fault);

static inline bool
sc_recorder_has_failed (const ScRecorder * self)
{
  /* Acquire: pairs with the release in fail, so that the fault is readable. */
  return atomic_load_explicit (&self->fault_claim, memory_order_acquire)
      == SC_FAULT_THERE;
}

static inline ScRecorderEnding
sc_recorder_ending (const ScRecorder * self)
{
  /* Acquire: pairs with the release that announces the end: the last put is
   * then visible. */
  return (ScRecorderEnding) atomic_load_explicit (&self->ending,
      memory_order_acquire);
}

static inline bool
sc_recorder_writer_is_done (const ScRecorder * self)
{
  /* Acquire: pairs with the release at the writer's end: its writes are made. */
  return atomic_load_explicit (&self->writer_done, memory_order_acquire);
}

#endif
