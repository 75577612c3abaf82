/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the files of the recorder share: its threads, its targets, its error, its
 * end. */
#ifndef SC_RECORDER_PRIVATE_H
#define SC_RECORDER_PRIVATE_H

#include "sc-recorder.h"

/* Unsynced bytes that the operating system may have in any case: any disk must
 * be able to sync them in write_timeout. */
#define SC_RECORDER_WINDOW_MIN (8u << 20)

typedef enum
{
  SC_ENDING_NO,
  SC_ENDING_FINISH,             /* publish */
  SC_ENDING_CLOSE,              /* leave the files for recovery */
} ScRecorderEnding;

/* The bodies of a lane's threads; @user_data is the lane. */
void *sc_recorder_writer_thread (void *user_data);
void *sc_recorder_sync_thread (void *user_data);
/* ScLane's save(): writes all that is in memory, as far as it goes.  The ring is
 * rewound. */
void sc_recorder_save (ScLane * lane, ScLaneThread who);
/* Writes the oldest records that are not written.  false: there are none, or
 * this lane writes no more. */
bool sc_recorder_write_more (ScRecorder * self, ScLane * lane,
    ScLaneThread who);
/* @user_data is the recorder. */
void *sc_recorder_supervisor_thread (void *user_data);

/* Moves the state and tells the watcher if it changed.  Any thread. */
void sc_recorder_apply (ScRecorder * self, ScRecorderEvent event);

/* Tells the watcher that something changed.  Any thread. */
void sc_recorder_notify (ScRecorder * self);

/* Keeps the error if it is the first, and stops everything that could write.
 * Any thread. */
void sc_recorder_fail (ScRecorder * self, const ScFault * fault);

/* The file was emptied, as asked for.  The writer thread. */
void sc_recorder_restarted (ScRecorder * self);

/* Gaps, in sc-recorder-drop.c: */

/* What was left out so far goes into the ring.  The streaming thread, or who
 * closes.  Returns as sc_recorder_write(). */
int sc_recorder_put_gap (ScRecorder * self, uint64_t timeout_ns);

/* Memory of the targets, in sc-recorder-region.c: */

/* Lays out the region; the lanes are ready to be started. */
int sc_recorder_make_lanes (ScRecorder * self);

/* Opening a lane, in sc-recorder-open.c: */

/* The writer thread's first deed.  Returns whether the target is open; else its
 * fault is told, or the lane retired. */
bool sc_recorder_open_lane (ScRecorder * self, ScLane * lane);

/* Tells how far the target's room goes.  The writer thread, outside of an
 * operation. */
void sc_recorder_note_room (ScRecorder * self, const ScLane * lane);

/* Tells the size of the journal; after what made it grow, either thread. */
void sc_recorder_note_journal (ScRecorder * self, const ScLane * lane);

/* What one round of verification came to. */
typedef struct
{
  uint64_t bytes, wrong, repaired, wrong_offset;
} ScVerified;

/* Reads back what lies in the ring between the released position and @to.  The
 * sync thread, outside of an operation.  false: this lane syncs no more */
bool sc_recorder_verify (ScRecorder * self, ScLane * lane, uint64_t to);

/* Reads the whole file back.  As verify. */
bool sc_recorder_verify_all (ScRecorder * self, ScLane * lane);

/* The table of targets, in sc-recorder-targets.c: */

void sc_recorder_note_tried (ScRecorder * self, const ScLane * lane);
/* Its files are made. */
void sc_recorder_note_opened (ScRecorder * self, const ScLane * lane);
/* Its manifest is written. */
void sc_recorder_note_manifest (ScRecorder * self, const ScLane * lane);
void sc_recorder_note_ended (ScRecorder * self, ScLane * lane,
    ScPartResult result, const ScFault * fault, uint64_t end);
/* Composes the manifest as things stand, under a new revision.  Returns its
 * length, or -ENAMETOOLONG. */
int sc_recorder_compose_manifest (ScRecorder * self, char *out, size_t size,
    uint64_t * revision);

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
sc_recorder_restart_pending (const ScRecorder * self)
{
  /* Acquire: pairs with the release in restart. */
  return atomic_load_explicit (&self->restarts_wanted, memory_order_acquire)
      != atomic_load_explicit (&self->restarts_done, memory_order_relaxed);
}

static inline uint64_t
sc_recorder_window (const ScRecorder * self)
{
  return atomic_load_explicit (&self->window, memory_order_relaxed);
}

#endif
