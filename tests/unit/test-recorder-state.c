/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-check.h"
#include "sc-recorder-state.h"

#include <pthread.h>

/* The table of the header, written again by hand: i r w b f v p e, - refused. */
static const char *const expected[SC_RECORDER_STATES] = {
  [SC_RECORDER_INIT] = "r------ei",
  [SC_RECORDER_READY] = "-wrbf--ei",
  [SC_RECORDER_WRITING] = "-wrbf--ei",
  [SC_RECORDER_BACKUP] = "-bbbf--ei",
  [SC_RECORDER_FLUSHING] = "---ffvpei",
  [SC_RECORDER_VERIFYING] = "---fvvpei",
  [SC_RECORDER_PUBLISHED] = "----p--ei",
  [SC_RECORDER_ERROR] = "-------ei",
};

START_TEST (test_every_pair_of_state_and_event_goes_where_the_table_says)
{
  for (int s = 0; s < SC_RECORDER_STATES; s++) {
    for (int e = 0; e < SC_RECORDER_EVENTS; e++) {
      ScRecorderState next = sc_recorder_state_next ((ScRecorderState) s,
          (ScRecorderEvent) e);
      char letter = next == SC_RECORDER_REFUSED ? '-'
          : sc_recorder_state_name (next)[0];

      ck_assert_msg (letter == expected[s][e], "state %s, event %d: %c",
          sc_recorder_state_name ((ScRecorderState) s), e, letter);
    }
  }
}
END_TEST

START_TEST (test_every_change_has_a_reason)
{
  for (int s = 0; s < SC_RECORDER_STATES; s++) {
    for (int e = 0; e < SC_RECORDER_EVENTS; e++) {
      ScRecorderState next = sc_recorder_state_next ((ScRecorderState) s,
          (ScRecorderEvent) e);

      if (next != SC_RECORDER_REFUSED)
        ck_assert_ptr_nonnull (sc_recorder_state_reason ((ScRecorderState) s,
                next));
    }
  }
}
END_TEST

START_TEST (test_the_log_tells_every_change_once_and_in_order)
{
  ScRecorderStateLog log;
  ScRecorderState from, to;
  uint8_t seen = 0;

  sc_recorder_state_log_init (&log);
  ck_assert (!sc_recorder_state_log_next (&log, &seen, &from, &to));
  for (int round = 0; round < 200; round++) {
    ck_assert (sc_recorder_state_log_apply (&log, SC_RECORDER_OPENED));
    ck_assert (!sc_recorder_state_log_apply (&log, SC_RECORDER_OPENED));
    ck_assert (sc_recorder_state_log_apply (&log, SC_RECORDER_DATA));
    ck_assert (!sc_recorder_state_log_apply (&log, SC_RECORDER_DATA));
    ck_assert (sc_recorder_state_log_apply (&log, SC_RECORDER_CLOSED));
    ck_assert (sc_recorder_state_log_next (&log, &seen, &from, &to));
    ck_assert (from == SC_RECORDER_INIT && to == SC_RECORDER_READY);
    ck_assert (sc_recorder_state_log_next (&log, &seen, &from, &to));
    ck_assert (from == SC_RECORDER_READY && to == SC_RECORDER_WRITING);
    ck_assert (sc_recorder_state_log_next (&log, &seen, &from, &to));
    ck_assert (from == SC_RECORDER_WRITING && to == SC_RECORDER_INIT);
    ck_assert (!sc_recorder_state_log_next (&log, &seen, &from, &to));
  }
}
END_TEST

START_TEST (test_a_slow_reader_of_the_log_still_ends_at_the_current_state)
{
  ScRecorderStateLog log;
  ScRecorderState from = SC_RECORDER_INIT, to = SC_RECORDER_INIT;
  uint8_t seen = 0;
  int changes = 0;

  sc_recorder_state_log_init (&log);
  for (int round = 0; round < 50; round++) {
    sc_recorder_state_log_apply (&log, SC_RECORDER_OPENED);
    sc_recorder_state_log_apply (&log, SC_RECORDER_CLOSED);
  }
  sc_recorder_state_log_apply (&log, SC_RECORDER_OPENED);
  while (sc_recorder_state_log_next (&log, &seen, &from, &to))
    changes++;
  ck_assert_int_eq (changes, SC_RECORDER_LOG - 1);
  ck_assert (from == SC_RECORDER_INIT && to == SC_RECORDER_READY);
}
END_TEST

SC_CHECK_MAIN ("recorder-state",
    test_every_pair_of_state_and_event_goes_where_the_table_says,
    test_every_change_has_a_reason,
    test_the_log_tells_every_change_once_and_in_order,
    test_a_slow_reader_of_the_log_still_ends_at_the_current_state)
