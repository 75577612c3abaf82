/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-check.h"
#include "sc-pool-cleanup.h"

/* The table of the header, written again by hand: i f v c, X failed, - refused;
 * begin home late damaged freed rolled-back. */
static const char letters[] = "ifvcX-";

static const char *const expected[SC_POOL_CLEANUP_STATES] = {
  [SC_POOL_CLEANUP_IDLE] = "f-----",
  [SC_POOL_CLEANUP_FLUSHING_BUFFERS] = "-vXX--",
  [SC_POOL_CLEANUP_VERIFIED] = "----c-",
  [SC_POOL_CLEANUP_COMPLETED] = "f-----",
  [SC_POOL_CLEANUP_FAILED] = "-----i",
};

START_TEST (test_every_pair_of_state_and_event_goes_where_the_table_says)
{
  for (int s = 0; s < SC_POOL_CLEANUP_STATES; s++) {
    for (int e = 0; e < SC_POOL_CLEANUP_EVENTS; e++) {
      char letter = letters[sc_pool_cleanup_next ((ScPoolCleanupState) s,
              (ScPoolCleanupEvent) e)];

      ck_assert_msg (letter == expected[s][e], "state %s, event %d: %c",
          sc_pool_cleanup_name ((ScPoolCleanupState) s), e, letter);
    }
  }
}
END_TEST

START_TEST (test_sound_slots_that_are_all_home_end_the_flush)
{
  ScPoolCleanupFacts facts = { 0 };

  ck_assert_int_eq (sc_pool_cleanup_judge (&facts), SC_POOL_CLEANUP_HOME);
  facts.time_is_up = true;
  ck_assert_int_eq (sc_pool_cleanup_judge (&facts), SC_POOL_CLEANUP_HOME);
}
END_TEST

START_TEST (test_a_slot_or_a_user_that_is_left_is_waited_for_until_time_is_up)
{
  ScPoolCleanupFacts out = {.out = 1 }, used = {.other_users = 1 };

  ck_assert_int_eq (sc_pool_cleanup_judge (&out), SC_POOL_CLEANUP_NONE);
  ck_assert_int_eq (sc_pool_cleanup_judge (&used), SC_POOL_CLEANUP_NONE);
  out.time_is_up = used.time_is_up = true;
  ck_assert_int_eq (sc_pool_cleanup_judge (&out), SC_POOL_CLEANUP_LATE);
  ck_assert_int_eq (sc_pool_cleanup_judge (&used), SC_POOL_CLEANUP_LATE);
}
END_TEST

START_TEST (test_damage_is_judged_when_every_slot_is_home)
{
  ScPoolCleanupFacts headers = {.damaged_headers = 1 };
  ScPoolCleanupFacts guards = {.damaged_guards = 1 };

  ck_assert_int_eq (sc_pool_cleanup_judge (&headers), SC_POOL_CLEANUP_DAMAGED);
  ck_assert_int_eq (sc_pool_cleanup_judge (&guards), SC_POOL_CLEANUP_DAMAGED);
  headers.out = 1;
  ck_assert_int_eq (sc_pool_cleanup_judge (&headers), SC_POOL_CLEANUP_NONE);
}
END_TEST

SC_CHECK_MAIN ("pool-cleanup",
    test_every_pair_of_state_and_event_goes_where_the_table_says,
    test_sound_slots_that_are_all_home_end_the_flush,
    test_a_slot_or_a_user_that_is_left_is_waited_for_until_time_is_up,
    test_damage_is_judged_when_every_slot_is_home)
