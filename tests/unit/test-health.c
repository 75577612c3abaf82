/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-check.h"
#include "sc-health-watch.h"

#include <math.h>

#define SECOND UINT64_C (1000000000)

/* ---- every limit ---- */

/* What the rules are to be, in words of the requirements. */
static const struct
{
  ScHealthReason reason;
  const char *code;
  double well;                  /* at the limit: not yet beyond it */
  double bad;                   /* a little beyond it */
  double between;               /* not beyond, and not clear either */
  double clear;                 /* clear again */
} marks[] = {
  {SC_HEALTH_SUCCESS, "success-rate", 0.99, 0.9899, 0.9949, 0.995},
  {SC_HEALTH_ACQUIRE, "acquire-latency", 75000, 75001, 60001, 60000},
  {SC_HEALTH_UTILISATION, "utilisation", 0.9, 0.9001, 0.8501, 0.85},
  {SC_HEALTH_DURABLE_LAG, "durable-lag", 2.0, 2.001, 1.501, 1.5},
  {SC_HEALTH_RING_TIME, "falls-behind", 10.0, 9.99, 19.99, 20.0},
  {SC_HEALTH_SPACE_TIME, "space-low", 60.0, 59.99, 119.9, 120.0},
  {SC_HEALTH_IDLE, "input-stalled", 5.0, 5.001, 1.001, 1.0},
  {SC_HEALTH_LOST, "data-lost", 0.0, 1.0, 1.0, 0.0},
  {SC_HEALTH_BACKUP, "on-backup", 0.0, 1.0, 1.0, 0.0},
  {SC_HEALTH_FAILED, "failed", 0.0, 1.0, 1.0, 0.0},
};

#define MARKS (sizeof (marks) / sizeof (marks[0]))

static uint32_t
judge (ScHealthReason reason, double value, uint32_t before)
{
  ScHealthFigures figures;

  sc_health_figures_init (&figures);
  figures.values[reason] = value;
  return sc_health_judge (&figures, before);
}

START_TEST (test_each_reason_holds_beyond_its_limit_and_until_it_is_clear)
{
  ck_assert_uint_eq (MARKS, SC_HEALTH_REASONS);
  for (size_t i = 0; i < MARKS; i++) {
    ScHealthReason reason = marks[i].reason;
    uint32_t bit = SC_HEALTH_BIT (reason);

    ck_assert_str_eq (sc_health_rule (reason)->code, marks[i].code);
    ck_assert_uint_eq (judge (reason, marks[i].well, 0), 0);
    ck_assert_uint_eq (judge (reason, marks[i].bad, 0), bit);
    ck_assert_uint_eq (judge (reason, marks[i].between, bit), bit);
    ck_assert_uint_eq (judge (reason, marks[i].clear, bit), 0);
  }
}
END_TEST

START_TEST (test_what_is_between_the_marks_is_no_reason_by_itself)
{
  for (size_t i = 0; i < MARKS; i++)
    if (marks[i].between != marks[i].bad)
      ck_assert_uint_eq (judge (marks[i].reason, marks[i].between, 0), 0);
}
END_TEST

START_TEST (test_what_is_not_known_is_no_reason)
{
  for (int i = 0; i < SC_HEALTH_REASONS; i++) {
    ck_assert_uint_eq (judge (i, -1.0, 0), 0);
    ck_assert_uint_eq (judge (i, -1.0, SC_HEALTH_BIT (i)), 0);
  }
}
END_TEST

/* ---- warnings ---- */

static uint32_t
look (ScHealth * health, double utilisation, uint64_t now)
{
  ScHealthFigures figures;

  sc_health_figures_init (&figures);
  figures.values[SC_HEALTH_UTILISATION] = utilisation;
  return sc_health_look (health, &figures, now);
}

START_TEST (test_one_warning_comes_while_a_reason_holds)
{
  ScHealth health = { 0 };
  uint32_t bit = SC_HEALTH_BIT (SC_HEALTH_UTILISATION);

  ck_assert_uint_eq (look (&health, 0.5, 1 * SECOND), 0);
  ck_assert_uint_eq (look (&health, 0.95, 2 * SECOND), bit);
  ck_assert_uint_eq (look (&health, 0.88, 3 * SECOND), 0);
  ck_assert_uint_eq (health.reasons, bit);
  ck_assert_uint_eq (look (&health, 0.99, 100 * SECOND), 0);
  ck_assert_uint_eq (look (&health, 0.5, 101 * SECOND), 0);
  ck_assert_uint_eq (health.reasons, 0);
  ck_assert_uint_eq (look (&health, 0.95, 102 * SECOND), bit);
}
END_TEST

START_TEST (test_warnings_of_a_reason_are_ten_seconds_apart_and_none_is_lost)
{
  ScHealth health = { 0 };
  uint32_t bit = SC_HEALTH_BIT (SC_HEALTH_UTILISATION);

  ck_assert_uint_eq (look (&health, 0.95, 20 * SECOND), bit);
  ck_assert_uint_eq (look (&health, 0.5, 21 * SECOND), 0);
  ck_assert_uint_eq (look (&health, 0.95, 22 * SECOND), 0);
  ck_assert_uint_eq (look (&health, 0.95, 30 * SECOND - 1), 0);
  ck_assert_uint_eq (look (&health, 0.95, 30 * SECOND), bit);
  ck_assert_uint_eq (look (&health, 0.95, 41 * SECOND), 0);
}
END_TEST

/* ---- figures ---- */

static ScHealthWatch watch;
static ScHealthInput input;

static void
begin (void)
{
  sc_health_watch_init (&watch, SECOND);
  sc_health_input_init (&input);
  input.runs = true;
}

static uint32_t
look_at (uint64_t now)
{
  return sc_health_watch_look (&watch, &input, now, false);
}

START_TEST (test_a_success_rate_is_that_since_the_look_before)
{
  begin ();
  input.attempts = 1000;
  input.failures = 20;
  ck_assert_uint_eq (look_at (2 * SECOND), SC_HEALTH_BIT (SC_HEALTH_SUCCESS));
  ck_assert (fabs (watch.figures.values[SC_HEALTH_SUCCESS] - 0.98) < 1e-9);
  input.attempts = 2000;
  look_at (3 * SECOND);
  ck_assert (watch.figures.values[SC_HEALTH_SUCCESS] == 1.0);
  ck_assert_uint_eq (watch.health.reasons, 0);
  look_at (4 * SECOND);
  ck_assert (watch.figures.values[SC_HEALTH_SUCCESS] < 0.0);
}
END_TEST

START_TEST (test_a_look_too_soon_changes_nothing_but_the_last_one_counts)
{
  begin ();
  input.attempts = input.failures = input.lost = 10;
  ck_assert_uint_eq (look_at (SECOND + SC_HEALTH_LOOK_INTERVAL - 1), 0);
  ck_assert_uint_eq (watch.health.reasons, 0);
  ck_assert_uint_eq (sc_health_watch_look (&watch, &input, SECOND + 1, true),
      SC_HEALTH_BIT (SC_HEALTH_SUCCESS) | SC_HEALTH_BIT (SC_HEALTH_LOST));
}
END_TEST

START_TEST (test_a_failure_is_seen_however_soon_the_look_comes)
{
  begin ();
  look_at (SECOND);
  input.fails = true;
  look_at (SECOND + 1);
  ck_assert_uint_eq (watch.health.reasons, SC_HEALTH_BIT (SC_HEALTH_FAILED));
}
END_TEST

START_TEST (test_input_is_stalled_after_five_seconds_of_running_without_any)
{
  begin ();
  input.came = 7;
  look_at (2 * SECOND);
  look_at (7 * SECOND);
  ck_assert_uint_eq (watch.idle, 5 * SECOND);
  ck_assert_uint_eq (watch.health.reasons, 0);
  ck_assert_uint_eq (look_at (8 * SECOND), SC_HEALTH_BIT (SC_HEALTH_IDLE));
  input.came = 8;
  look_at (9 * SECOND);
  ck_assert_uint_eq (watch.health.reasons, 0);
  input.runs = false;           /* paused, or at its end */
  look_at (30 * SECOND);
  ck_assert_uint_eq (watch.idle, 0);
}
END_TEST

START_TEST (test_the_lag_is_that_of_the_oldest_byte_seen_that_is_not_durable)
{
  begin ();
  input.runs = false;
  input.stores = true;
  input.sync_interval = SECOND;
  input.accepted = 100;
  look_at (10 * SECOND);
  ck_assert_uint_eq (watch.lag, 0);
  input.accepted = 200;
  look_at (11 * SECOND);
  ck_assert_uint_eq (watch.lag, SECOND);
  input.durable = 100;          /* what was there at 10 s */
  look_at (12 * SECOND);
  ck_assert_uint_eq (watch.lag, SECOND);
  ck_assert_uint_eq (look_at (14 * SECOND),
      SC_HEALTH_BIT (SC_HEALTH_DURABLE_LAG));
  ck_assert_uint_eq (watch.lag, 3 * SECOND);
  input.durable = 200;
  look_at (15 * SECOND);
  ck_assert_uint_eq (watch.lag, 0);
  ck_assert_uint_eq (watch.health.reasons, 0);
}
END_TEST

START_TEST (test_the_oldest_byte_is_kept_however_long_it_lasts)
{
  begin ();
  input.runs = false;
  input.stores = true;
  for (uint64_t i = 1; i <= 100; i++) {
    input.accepted = i;
    look_at ((i + 1) * SECOND);
    ck_assert_uint_eq (watch.lag, (i - 1) * SECOND);
  }
  input.accepted = input.durable = 0;   /* the next recording */
  look_at (200 * SECOND);
  ck_assert_uint_eq (watch.lag, 0);
}
END_TEST

START_TEST (test_the_time_until_the_memory_is_full_follows_its_growth)
{
  begin ();
  input.runs = false;
  input.stores = true;
  input.ring_size = 1000;
  input.accepted = 400;
  look_at (2 * SECOND);         /* under half: not yet */
  ck_assert (isinf (watch.figures.values[SC_HEALTH_RING_TIME]));
  input.accepted = 500;
  ck_assert_uint_eq (look_at (3 * SECOND),
      SC_HEALTH_BIT (SC_HEALTH_RING_TIME));
  ck_assert (fabs (watch.figures.values[SC_HEALTH_RING_TIME] - 5.0) < 1e-9);
  input.accepted = 600;
  input.durable = 100;          /* as much goes as comes */
  look_at (4 * SECOND);
  ck_assert (isinf (watch.figures.values[SC_HEALTH_RING_TIME]));
  ck_assert_uint_eq (watch.health.reasons, 0);
}
END_TEST

SC_CHECK_MAIN ("health",
    test_each_reason_holds_beyond_its_limit_and_until_it_is_clear,
    test_what_is_between_the_marks_is_no_reason_by_itself,
    test_what_is_not_known_is_no_reason,
    test_one_warning_comes_while_a_reason_holds,
    test_warnings_of_a_reason_are_ten_seconds_apart_and_none_is_lost,
    test_a_success_rate_is_that_since_the_look_before,
    test_a_look_too_soon_changes_nothing_but_the_last_one_counts,
    test_a_failure_is_seen_however_soon_the_look_comes,
    test_input_is_stalled_after_five_seconds_of_running_without_any,
    test_the_lag_is_that_of_the_oldest_byte_seen_that_is_not_durable,
    test_the_oldest_byte_is_kept_however_long_it_lasts,
    test_the_time_until_the_memory_is_full_follows_its_growth)
