/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-pool-state.h"

#define COUNT_SHIFT 56
#define NIBBLES_MASK ((UINT64_C (1) << COUNT_SHIFT) - 1)

/* Two letters a state, so that the table can be read as the header's. */
enum
{
  NO = SC_POOL_REFUSED,
  IN = SC_POOL_INITIALIZING,
  RE = SC_POOL_READY,
  AC = SC_POOL_ACTIVE,
  WA = SC_POOL_WARNING,
  ER = SC_POOL_ERROR,
  SD = SC_POOL_SHUTTING_DOWN,
  DO = SC_POOL_SHUTDOWN,
  BA = SC_POOL_BACK,
};

/* start started failed used exceeded kept fault stop drained rolled-back */
/* *INDENT-OFF* */
static const uint8_t table[SC_POOL_STATES][SC_POOL_EVENTS] = {
  [SC_POOL_UNINITIALIZED] = { IN, NO, NO, NO, NO, NO, NO, NO, NO, NO },
  [SC_POOL_INITIALIZING]  = { NO, RE, ER, NO, NO, NO, NO, NO, NO, NO },
  [SC_POOL_READY]         = { NO, NO, NO, AC, WA, RE, ER, SD, NO, NO },
  [SC_POOL_ACTIVE]        = { NO, NO, NO, AC, WA, AC, ER, SD, NO, NO },
  [SC_POOL_WARNING]       = { NO, NO, NO, WA, WA, AC, ER, SD, NO, NO },
  [SC_POOL_ERROR]         = { IN, NO, NO, ER, ER, ER, ER, SD, NO, NO },
  [SC_POOL_SHUTTING_DOWN] = { IN, NO, NO, SD, SD, SD, SD, SD, DO, BA },
  [SC_POOL_SHUTDOWN]      = { IN, NO, NO, NO, NO, NO, NO, NO, NO, NO },
};
/* *INDENT-ON* */

ScPoolState
sc_pool_state_next (ScPoolState state, ScPoolEvent event)
{
  return (ScPoolState) table[state][event];
}

const char *
sc_pool_state_name (ScPoolState state)
{
  static const char *const names[SC_POOL_STATES] = {
    [SC_POOL_UNINITIALIZED] = "uninitialized",
    [SC_POOL_INITIALIZING] = "initializing",
    [SC_POOL_READY] = "ready",
    [SC_POOL_ACTIVE] = "active",
    [SC_POOL_WARNING] = "warning",
    [SC_POOL_ERROR] = "error",
    [SC_POOL_SHUTTING_DOWN] = "shutting-down",
    [SC_POOL_SHUTDOWN] = "shutdown",
  };

  return names[state];
}

const char *
sc_pool_state_reason (ScPoolState from, ScPoolState to)
{
  static const char *const reasons[SC_POOL_STATES] = {
    [SC_POOL_UNINITIALIZED] = "it was never started",
    [SC_POOL_INITIALIZING] = "the memory is being reserved",
    [SC_POOL_READY] = "the memory is reserved and carved",
    [SC_POOL_ACTIVE] = "the first slot was handed out",
    [SC_POOL_WARNING] = "a limit is exceeded",
    [SC_POOL_ERROR] = "a header or a guard word was written over",
    [SC_POOL_SHUTTING_DOWN] = "the last user stopped it",
    [SC_POOL_SHUTDOWN] = "every slot is home",
  };

  if (from == SC_POOL_SHUTTING_DOWN && to != SC_POOL_SHUTDOWN
      && to != SC_POOL_INITIALIZING)
    return "the cleanup failed and was rolled back";
  if (from == SC_POOL_INITIALIZING && to == SC_POOL_ERROR)
    return "the memory could not be reserved";
  if (from == SC_POOL_WARNING && to == SC_POOL_ACTIVE)
    return "the limits are kept again";
  return reasons[to];
}

void
sc_pool_state_log_init (ScPoolStateLog * self)
{
  atomic_init (&self->word, SC_POOL_UNINITIALIZED);
}

static ScPoolState
state_at (uint64_t word, unsigned int age)
{
  return (ScPoolState) (word >> (4 * age) & 0xf);
}

bool
sc_pool_state_log_apply (ScPoolStateLog * self, ScPoolEvent event)
{
  uint64_t old = atomic_load_explicit (&self->word, memory_order_relaxed);
  uint64_t changed;

  do {
    ScPoolState state = state_at (old, 0);
    ScPoolState next = sc_pool_state_next (state, event);
    uint64_t count = (old >> COUNT_SHIFT) + 1;

    if (next == SC_POOL_BACK)
      next = state_at (old, 1);
    if (next == SC_POOL_REFUSED || next == state)
      return false;
    changed = count << COUNT_SHIFT | (old << 4 & NIBBLES_MASK) | next;
    /* Release: who reads the new state also sees what was done before it. */
  } while (!atomic_compare_exchange_weak_explicit (&self->word, &old, changed,
          memory_order_release, memory_order_relaxed));
  return true;
}

ScPoolState
sc_pool_state_log_current (const ScPoolStateLog * self)
{
  /* Acquire: pairs with the release in apply. */
  return state_at (atomic_load_explicit (&self->word, memory_order_acquire), 0);
}

uint8_t
sc_pool_state_log_place (const ScPoolStateLog * self)
{
  return (uint8_t) (atomic_load_explicit (&self->word, memory_order_acquire)
      >> COUNT_SHIFT);
}

bool
sc_pool_state_log_next (const ScPoolStateLog * self, uint8_t * seen,
    ScPoolState * from, ScPoolState * to)
{
  uint64_t word = atomic_load_explicit (&self->word, memory_order_acquire);
  uint8_t behind = (uint8_t) ((uint8_t) (word >> COUNT_SHIFT) - *seen);

  if (behind == 0)
    return false;
  /* The log holds SC_POOL_LOG states, so one change fewer. */
  if (behind > SC_POOL_LOG - 1)
    behind = SC_POOL_LOG - 1;
  *to = state_at (word, behind - 1u);
  *from = state_at (word, behind);
  *seen = (uint8_t) ((uint8_t) (word >> COUNT_SHIFT) - behind + 1);
  return true;
}
