/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-recorder-state.h"

#include <stddef.h>

#define COUNT_SHIFT 56
#define NIBBLES_MASK ((UINT64_C (1) << COUNT_SHIFT) - 1)

/* What is not here is refused, but for what leads out of every state. */
static const struct
{
  uint8_t from, event, to;
} moves[] = {
  {SC_RECORDER_INIT, SC_RECORDER_OPENED, SC_RECORDER_READY},

  {SC_RECORDER_READY, SC_RECORDER_DATA, SC_RECORDER_WRITING},
  {SC_RECORDER_READY, SC_RECORDER_EMPTIED, SC_RECORDER_READY},
  {SC_RECORDER_READY, SC_RECORDER_SWITCHED, SC_RECORDER_BACKUP},
  {SC_RECORDER_READY, SC_RECORDER_FINISH, SC_RECORDER_FLUSHING},

  {SC_RECORDER_WRITING, SC_RECORDER_DATA, SC_RECORDER_WRITING},
  {SC_RECORDER_WRITING, SC_RECORDER_EMPTIED, SC_RECORDER_READY},
  {SC_RECORDER_WRITING, SC_RECORDER_SWITCHED, SC_RECORDER_BACKUP},
  {SC_RECORDER_WRITING, SC_RECORDER_FINISH, SC_RECORDER_FLUSHING},

  {SC_RECORDER_BACKUP, SC_RECORDER_DATA, SC_RECORDER_BACKUP},
  {SC_RECORDER_BACKUP, SC_RECORDER_EMPTIED, SC_RECORDER_BACKUP},
  {SC_RECORDER_BACKUP, SC_RECORDER_SWITCHED, SC_RECORDER_BACKUP},
  {SC_RECORDER_BACKUP, SC_RECORDER_FINISH, SC_RECORDER_FLUSHING},

  {SC_RECORDER_FLUSHING, SC_RECORDER_SWITCHED, SC_RECORDER_FLUSHING},
  {SC_RECORDER_FLUSHING, SC_RECORDER_FINISH, SC_RECORDER_FLUSHING},
  {SC_RECORDER_FLUSHING, SC_RECORDER_VERIFY, SC_RECORDER_VERIFYING},
  {SC_RECORDER_FLUSHING, SC_RECORDER_DONE, SC_RECORDER_PUBLISHED},

  {SC_RECORDER_VERIFYING, SC_RECORDER_SWITCHED, SC_RECORDER_FLUSHING},
  {SC_RECORDER_VERIFYING, SC_RECORDER_FINISH, SC_RECORDER_VERIFYING},
  {SC_RECORDER_VERIFYING, SC_RECORDER_VERIFY, SC_RECORDER_VERIFYING},
  {SC_RECORDER_VERIFYING, SC_RECORDER_DONE, SC_RECORDER_PUBLISHED},

  {SC_RECORDER_PUBLISHED, SC_RECORDER_FINISH, SC_RECORDER_PUBLISHED},
};

ScRecorderState
sc_recorder_state_next (ScRecorderState state, ScRecorderEvent event)
{
  if (event == SC_RECORDER_FAILED)
    return SC_RECORDER_ERROR;
  if (event == SC_RECORDER_CLOSED)
    return SC_RECORDER_INIT;
  for (size_t i = 0; i < sizeof (moves) / sizeof (moves[0]); i++)
    if (moves[i].from == state && moves[i].event == event)
      return (ScRecorderState) moves[i].to;
  return SC_RECORDER_REFUSED;
}

const char *
sc_recorder_state_name (ScRecorderState state)
{
  static const char *const names[SC_RECORDER_STATES] = {
    [SC_RECORDER_INIT] = "init",
    [SC_RECORDER_READY] = "ready",
    [SC_RECORDER_WRITING] = "writing",
    [SC_RECORDER_FLUSHING] = "flushing",
    [SC_RECORDER_PUBLISHED] = "published",
    [SC_RECORDER_ERROR] = "error",
    [SC_RECORDER_BACKUP] = "backup",
    [SC_RECORDER_VERIFYING] = "verifying",
  };

  return names[state];
}

const char *
sc_recorder_state_reason (ScRecorderState from, ScRecorderState to)
{
  static const char *const reasons[SC_RECORDER_STATES] = {
    [SC_RECORDER_INIT] = "the file was closed",
    [SC_RECORDER_READY] = "the file was opened",
    [SC_RECORDER_WRITING] = "the first bytes came",
    [SC_RECORDER_FLUSHING] = "the stream ended",
    [SC_RECORDER_PUBLISHED] = "the file is whole and has its name",
    [SC_RECORDER_ERROR] = "an operation on the file failed",
    [SC_RECORDER_BACKUP] = "the recording goes on at a backup location",
    [SC_RECORDER_VERIFYING] = "the file is read back",
  };

  if (to == SC_RECORDER_INIT
      && (from == SC_RECORDER_WRITING || from == SC_RECORDER_FLUSHING
          || from == SC_RECORDER_BACKUP || from == SC_RECORDER_VERIFYING))
    return "the file was closed before the stream ended";
  if (to == SC_RECORDER_READY && from != SC_RECORDER_INIT)
    return "a flush emptied the file";
  return reasons[to];
}

void
sc_recorder_state_log_init (ScRecorderStateLog * self)
{
  atomic_init (&self->word, SC_RECORDER_INIT);
}

static ScRecorderState
state_at (uint64_t word, unsigned int age)
{
  return (ScRecorderState) (word >> (4 * age) & 0xf);
}

bool
sc_recorder_state_log_apply (ScRecorderStateLog * self, ScRecorderEvent event)
{
  uint64_t old = atomic_load_explicit (&self->word, memory_order_relaxed);
  uint64_t changed;

  do {
    ScRecorderState state = state_at (old, 0);
    ScRecorderState next = sc_recorder_state_next (state, event);
    uint64_t count = (old >> COUNT_SHIFT) + 1;

    if (next == SC_RECORDER_REFUSED || next == state)
      return false;
    changed = count << COUNT_SHIFT | (old << 4 & NIBBLES_MASK) | next;
    /* Release: who reads the new state also sees what was done before it. */
  } while (!atomic_compare_exchange_weak_explicit (&self->word, &old, changed,
          memory_order_release, memory_order_relaxed));
  return true;
}

ScRecorderState
sc_recorder_state_log_current (const ScRecorderStateLog * self)
{
  /* Acquire: pairs with the release in apply. */
  return state_at (atomic_load_explicit (&self->word, memory_order_acquire), 0);
}

bool
sc_recorder_state_log_next (const ScRecorderStateLog * self, uint8_t * seen,
    ScRecorderState * from, ScRecorderState * to)
{
  uint64_t word = atomic_load_explicit (&self->word, memory_order_acquire);
  uint8_t behind = (uint8_t) ((uint8_t) (word >> COUNT_SHIFT) - *seen);

  if (behind == 0)
    return false;
  /* The log holds SC_RECORDER_LOG states, so one change fewer. */
  if (behind > SC_RECORDER_LOG - 1)
    behind = SC_RECORDER_LOG - 1;
  *to = state_at (word, behind - 1u);
  *from = state_at (word, behind);
  *seen = (uint8_t) ((uint8_t) (word >> COUNT_SHIFT) - behind + 1);
  return true;
}
