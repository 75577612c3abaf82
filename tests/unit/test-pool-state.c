/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-check.h"
#include "sc-pool-state.h"

/* The table of the header, written again by hand: Uninitialized, Initializing,
 * Ready, Active, Warning, Error, Shutting-down, Down, < the state before,
 * - refused. */
static const char letters[] = "UIRAWESD-<";

static const char *const expected[SC_POOL_STATES] = {
  [SC_POOL_UNINITIALIZED] = "I---------",
  [SC_POOL_INITIALIZING] = "-RE-------",
  [SC_POOL_READY] = "---AWRES--",
  [SC_POOL_ACTIVE] = "---AWAES--",
  [SC_POOL_WARNING] = "---WWAES--",
  [SC_POOL_ERROR] = "I--EEEES--",
  [SC_POOL_SHUTTING_DOWN] = "I--SSSSSD<",
  [SC_POOL_SHUTDOWN] = "I---------",
};

START_TEST (test_every_pair_of_state_and_event_goes_where_the_table_says)
{
  for (int s = 0; s < SC_POOL_STATES; s++) {
    for (int e = 0; e < SC_POOL_EVENTS; e++) {
      char letter = letters[sc_pool_state_next ((ScPoolState) s,
              (ScPoolEvent) e)];

      ck_assert_msg (letter == expected[s][e], "state %s, event %d: %c",
          sc_pool_state_name ((ScPoolState) s), e, letter);
    }
  }
}
END_TEST

START_TEST (test_every_change_has_a_reason)
{
  for (int s = 0; s < SC_POOL_STATES; s++)
    for (int t = 0; t < SC_POOL_STATES; t++)
      ck_assert_ptr_nonnull (sc_pool_state_reason ((ScPoolState) s,
              (ScPoolState) t));
  ck_assert_str_eq (sc_pool_state_reason (SC_POOL_SHUTTING_DOWN,
          SC_POOL_ACTIVE), "the cleanup failed and was rolled back");
  ck_assert_str_eq (sc_pool_state_reason (SC_POOL_INITIALIZING, SC_POOL_ERROR),
      "the memory could not be reserved");
}
END_TEST

static void
go_to (ScPoolStateLog * log, ScPoolState state)
{
  sc_pool_state_log_init (log);
  if (state == SC_POOL_UNINITIALIZED)
    return;
  sc_pool_state_log_apply (log, SC_POOL_START);
  if (state == SC_POOL_INITIALIZING)
    return;
  sc_pool_state_log_apply (log, SC_POOL_STARTED);
  if (state == SC_POOL_ACTIVE)
    sc_pool_state_log_apply (log, SC_POOL_USED);
  else if (state == SC_POOL_WARNING)
    sc_pool_state_log_apply (log, SC_POOL_EXCEEDED);
  else if (state == SC_POOL_ERROR)
    sc_pool_state_log_apply (log, SC_POOL_FAULT);
  else if (state >= SC_POOL_SHUTTING_DOWN)
    sc_pool_state_log_apply (log, SC_POOL_STOP);
  if (state == SC_POOL_SHUTDOWN)
    sc_pool_state_log_apply (log, SC_POOL_DRAINED);
}

START_TEST (test_a_rollback_leads_to_the_state_before_the_stop)
{
  static const ScPoolState stoppable[] = {
    SC_POOL_READY, SC_POOL_ACTIVE, SC_POOL_WARNING, SC_POOL_ERROR,
  };

  for (unsigned i = 0; i < sizeof stoppable / sizeof *stoppable; i++) {
    ScPoolStateLog log;

    go_to (&log, stoppable[i]);
    ck_assert_int_eq (sc_pool_state_log_current (&log), stoppable[i]);
    ck_assert (sc_pool_state_log_apply (&log, SC_POOL_STOP));
    /* What is seen meanwhile does not change where it goes back to. */
    ck_assert (!sc_pool_state_log_apply (&log, SC_POOL_EXCEEDED));
    ck_assert (!sc_pool_state_log_apply (&log, SC_POOL_STOP));
    ck_assert (sc_pool_state_log_apply (&log, SC_POOL_ROLLED_BACK));
    ck_assert_int_eq (sc_pool_state_log_current (&log), stoppable[i]);
    ck_assert (!sc_pool_state_log_apply (&log, SC_POOL_ROLLED_BACK));
  }
}
END_TEST

START_TEST (test_a_refused_event_changes_nothing)
{
  for (int s = 0; s < SC_POOL_STATES; s++) {
    for (int e = 0; e < SC_POOL_EVENTS; e++) {
      ScPoolStateLog log;
      uint64_t word;

      go_to (&log, (ScPoolState) s);
      ck_assert_int_eq (sc_pool_state_log_current (&log), s);
      word = log.word;
      if (expected[s][e] != '-')
        continue;
      ck_assert (!sc_pool_state_log_apply (&log, (ScPoolEvent) e));
      ck_assert (log.word == word);
    }
  }
}
END_TEST

START_TEST (test_each_reader_of_the_log_hears_every_change_in_order)
{
  ScPoolStateLog log;
  ScPoolState from, to;
  uint8_t first = 0, second;

  sc_pool_state_log_init (&log);
  second = sc_pool_state_log_place (&log);
  for (int round = 0; round < 100; round++) {
    static const ScPoolState way[] = {
      SC_POOL_INITIALIZING, SC_POOL_READY, SC_POOL_ACTIVE,
      SC_POOL_SHUTTING_DOWN, SC_POOL_SHUTDOWN,
    };
    uint8_t *readers[] = { &first, &second };

    sc_pool_state_log_apply (&log, SC_POOL_START);
    sc_pool_state_log_apply (&log, SC_POOL_STARTED);
    sc_pool_state_log_apply (&log, SC_POOL_USED);
    sc_pool_state_log_apply (&log, SC_POOL_STOP);
    sc_pool_state_log_apply (&log, SC_POOL_DRAINED);
    for (int r = 0; r < 2; r++) {
      for (int i = 0; i < 5; i++) {
        ck_assert (sc_pool_state_log_next (&log, readers[r], &from, &to));
        ck_assert_int_eq (to, way[i]);
        if (i > 0)
          ck_assert_int_eq (from, way[i - 1]);
      }
      ck_assert (!sc_pool_state_log_next (&log, readers[r], &from, &to));
    }
  }
}
END_TEST

START_TEST (test_a_slow_reader_of_the_log_still_ends_at_the_current_state)
{
  ScPoolStateLog log;
  ScPoolState from = SC_POOL_UNINITIALIZED, to = SC_POOL_UNINITIALIZED;
  uint8_t seen = 0;
  int changes = 0;

  go_to (&log, SC_POOL_READY);
  for (int round = 0; round < 50; round++) {
    sc_pool_state_log_apply (&log, SC_POOL_EXCEEDED);
    sc_pool_state_log_apply (&log, SC_POOL_KEPT);
  }
  while (sc_pool_state_log_next (&log, &seen, &from, &to))
    changes++;
  ck_assert_int_eq (changes, SC_POOL_LOG - 1);
  ck_assert (from == SC_POOL_WARNING && to == SC_POOL_ACTIVE);
}
END_TEST

SC_CHECK_MAIN ("pool-state",
    test_every_pair_of_state_and_event_goes_where_the_table_says,
    test_every_change_has_a_reason,
    test_a_rollback_leads_to_the_state_before_the_stop,
    test_a_refused_event_changes_nothing,
    test_each_reader_of_the_log_hears_every_change_in_order,
    test_a_slow_reader_of_the_log_still_ends_at_the_current_state)
