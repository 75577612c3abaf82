/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-check.h"
#include "sc-pool-history.h"

#include <math.h>
#include <pthread.h>
#include <string.h>

#define S UINT64_C (1000000000)

static ScPoolHistory history;

static void
add_at (uint64_t second, uint64_t acquired, uint64_t failures)
{
  ScPoolSnapshot s = {
    .time_ns = second * S,.slots = 4,.bytes = 400,.bytes_in_use = 100,
    .acquired = acquired,.failures = failures,
  };

  sc_pool_history_add (&history, &s);
}

static bool
is_about (double a, double b)
{
  return fabs (a - b) < 1e-9;
}

START_TEST (test_figures_are_those_of_the_interval)
{
  ScPoolSnapshot older = {.acquired = 100,.failures = 10,.fragmented = 5,
    .capacity_bytes = 1000,.requested_bytes = 1000,
  };
  ScPoolSnapshot newer = {.acquired = 190,.failures = 20,.fragmented = 9,
    .bytes = 1000,.bytes_in_use = 250,.capacity_bytes = 2000,
    .requested_bytes = 1600,.acquire_samples = 1,.acquire_mean_ns = 50,
    .acquire_p99_ns = 70,
  };
  ScPoolFigures f;

  sc_pool_figures (&older, &newer, &f);
  ck_assert (is_about (f.values[SC_POOL_SUCCESS_RATE], 0.9));
  ck_assert (is_about (f.values[SC_POOL_FRAGMENTATION], 0.04));
  ck_assert (is_about (f.values[SC_POOL_UTILISATION], 0.25));
  ck_assert (is_about (f.values[SC_POOL_INTERNAL_FRAGMENTATION], 0.4));
  ck_assert (is_about (f.values[SC_POOL_ACQUIRE_MEAN], 50));
  ck_assert (is_about (f.values[SC_POOL_ACQUIRE_P99], 70));
  sc_pool_figures (NULL, &newer, &f);
  ck_assert (is_about (f.values[SC_POOL_SUCCESS_RATE], 190.0 / 210));
}
END_TEST

START_TEST (test_a_figure_of_which_nothing_was_seen_is_unknown)
{
  ScPoolSnapshot same = {.acquired = 5,.failures = 5 };
  ScPoolFigures f;

  sc_pool_figures (&same, &same, &f);
  for (int i = 0; i < SC_POOL_FIGURES; i++)
    ck_assert (f.values[i] == SC_POOL_UNKNOWN);
}
END_TEST

START_TEST (test_figures_stay_shares_where_a_count_is_read_ahead_of_another)
{
  ScPoolSnapshot older = {.acquired = 10,.capacity_bytes = 10 };
  ScPoolSnapshot newer = {.acquired = 9,.failures = 1,.fragmented = 2,
    .bytes = 10,.bytes_in_use = 11,.requested_bytes = 30,.capacity_bytes = 20,
  };
  ScPoolFigures f;

  sc_pool_figures (&older, &newer, &f);
  for (int i = 0; i <= SC_POOL_INTERNAL_FRAGMENTATION; i++)
    ck_assert (f.values[i] >= 0.0 && f.values[i] <= 1.0);
}
END_TEST

START_TEST (test_the_ring_keeps_the_last_thousand)
{
  ScPoolSnapshot s;

  sc_pool_history_init (&history, 0);
  ck_assert (!sc_pool_history_read (&history, 0, &s));
  for (uint64_t i = 0; i < 2500; i++)
    add_at (i, i * 10, 0);
  ck_assert_uint_eq (sc_pool_history_count (&history), 2500);
  ck_assert (!sc_pool_history_read (&history, 2500, &s));
  ck_assert (!sc_pool_history_read (&history, 1499, &s));
  for (uint64_t i = 1500; i < 2500; i++) {
    ck_assert (sc_pool_history_read (&history, i, &s));
    ck_assert_uint_eq (s.acquired, i * 10);
    ck_assert_uint_eq (s.time_ns, i * S);
  }
}
END_TEST

START_TEST (test_trends_are_over_the_last_ones_asked_for)
{
  ScPoolTrends t;

  sc_pool_history_init (&history, 0);
  sc_pool_history_trends (&history, 0, &t);
  ck_assert_uint_eq (t.snapshots, 0);
  ck_assert_uint_eq (t.figures[SC_POOL_SUCCESS_RATE].count, 0);

  /* A success rate of 1, and then one that falls by 0.01 a second. */
  for (uint64_t i = 0; i < 50; i++)
    add_at (i, (i + 1) * 1000, 0);
  for (uint64_t i = 50, failed = 0, got = 50000; i < 100; i++) {
    failed += (i - 50) * 10;
    got += 1000 - (i - 50) * 10;
    add_at (i, got, failed);
  }
  sc_pool_history_trends (&history, 50, &t);
  ck_assert_uint_eq (t.snapshots, 50);
  ck_assert_uint_eq (t.span_ns, 49 * S);
  ck_assert (is_about (sc_trend_slope (&t.figures[SC_POOL_SUCCESS_RATE]),
          -0.01));
  ck_assert_int_eq (sc_trend_direction (&t.figures[SC_POOL_SUCCESS_RATE]), -1);
  ck_assert (is_about (t.figures[SC_POOL_UTILISATION].mean, 0.25));
  ck_assert (sc_trend_stddev (&t.figures[SC_POOL_UTILISATION]) == 0.0);
  ck_assert_uint_eq (t.figures[SC_POOL_ACQUIRE_MEAN].count, 0);

  sc_pool_history_trends (&history, 0, &t);
  ck_assert_uint_eq (t.snapshots, 100);
  ck_assert_uint_eq (t.figures[SC_POOL_SUCCESS_RATE].count, 100);
  ck_assert (t.figures[SC_POOL_SUCCESS_RATE].max == 1.0);
}
END_TEST

START_TEST (test_a_burst_is_the_worst_stretch_of_that_time)
{
  uint64_t failures = 0;

  sc_pool_history_init (&history, 0);
  ck_assert (sc_pool_history_burst (&history, S) == UINT64_MAX);
  for (uint64_t i = 0; i < 100; i++) {
    /* One a second, and five in each of the seconds 50, 51 and 60. */
    failures += i == 50 || i == 51 || i == 60 ? 5 : 1;
    add_at (i, 1000, failures);
  }
  /* A stretch begins anywhere in an interval, so it touches one more. */
  ck_assert_uint_eq (sc_pool_history_burst (&history, S / 2), 10);
  /* Four times as dense as evenly spread. */
  ck_assert_uint_eq (sc_pool_history_burst (&history, S / 8), 3);
  ck_assert_uint_eq (sc_pool_history_burst (&history, S / 80), 1);
  ck_assert_uint_eq (sc_pool_history_burst (&history, S), 10);
  ck_assert_uint_eq (sc_pool_history_burst (&history, 2 * S), 11);
  ck_assert_uint_eq (sc_pool_history_burst (&history, 10 * S), 23);
  ck_assert_uint_eq (sc_pool_history_burst (&history, 1000 * S), failures);
}
END_TEST

START_TEST (test_what_was_refused_before_the_oldest_snapshot_counts_too)
{
  sc_pool_history_init (&history, 0);
  add_at (0, 0, 70);
  ck_assert_uint_eq (sc_pool_history_burst (&history, S), 70);
  for (uint64_t i = 1; i < 1500; i++)
    add_at (i, 0, 70);
  ck_assert_uint_eq (sc_pool_history_burst (&history, S), 70);
}
END_TEST

#define READS 20000u

static atomic_bool enough;

static void *
write_until_enough (void *unused)
{
  for (uint64_t i = 0; !atomic_load (&enough); i++) {
    uint64_t words[SC_POOL_SNAPSHOT_WORDS];
    ScPoolSnapshot s;

    for (size_t w = 0; w < SC_POOL_SNAPSHOT_WORDS; w++)
      words[w] = i;
    memcpy (&s, words, sizeof s);
    sc_pool_history_add (&history, &s);
  }
  return NULL;
}

/* Whether snapshot @number was there; fails if it was another. */
static bool
read_and_check (uint64_t number)
{
  uint64_t words[SC_POOL_SNAPSHOT_WORDS];
  ScPoolSnapshot s;

  if (!sc_pool_history_read (&history, number, &s))
    return false;
  memcpy (words, &s, sizeof words);
  for (size_t w = 0; w < SC_POOL_SNAPSHOT_WORDS; w++)
    ck_assert_uint_eq (words[w], number);
  return true;
}

START_TEST (test_a_reader_never_gets_a_mixture)
{
  uint64_t read = 0, overtaken = 0;
  pthread_t writer;

  sc_pool_history_init (&history, 0);
  ck_assert_int_eq (pthread_create (&writer, NULL, write_until_enough, NULL),
      0);
  while (read < READS) {
    uint64_t count = sc_pool_history_count (&history);

    if (count == 0)
      continue;
    read += read_and_check (count - 1);
    /* The oldest, which the writer is about to overwrite. */
    if (count > SC_POOL_HISTORY && !read_and_check (count - SC_POOL_HISTORY))
      overtaken++;
  }
  atomic_store (&enough, true);
  ck_assert_int_eq (pthread_join (writer, NULL), 0);
  printf ("%" PRIu64 " read, %" PRIu64 " overtaken\n", read, overtaken);
}
END_TEST

SC_CHECK_MAIN ("pool-history",
    test_figures_are_those_of_the_interval,
    test_a_figure_of_which_nothing_was_seen_is_unknown,
    test_figures_stay_shares_where_a_count_is_read_ahead_of_another,
    test_the_ring_keeps_the_last_thousand,
    test_trends_are_over_the_last_ones_asked_for,
    test_a_burst_is_the_worst_stretch_of_that_time,
    test_what_was_refused_before_the_oldest_snapshot_counts_too,
    test_a_reader_never_gets_a_mixture)
