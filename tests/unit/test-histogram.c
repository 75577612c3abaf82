/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-check.h"
#include "sc-histogram.h"

#include <pthread.h>

static int
compare (const void *a, const void *b)
{
  uint64_t x = *(const uint64_t *) a, y = *(const uint64_t *) b;

  return (x > y) - (x < y);
}

START_TEST (test_quantiles_are_within_one_in_32_of_the_exact_ones)
{
  enum { COUNT = 20000 };
  static const double quantiles[] = { 0.5, 0.95, 0.99, 0.999, 1.0 };
  static ScHistogram histogram;
  static ScHistogramSnapshot snapshot;
  static uint64_t values[COUNT];
  uint64_t seed = sc_random_seed ("histogram");

  sc_histogram_init (&histogram);
  for (int i = 0; i < COUNT; i++) {
    values[i] = sc_random (&seed) >> sc_random (&seed) % 64;
    sc_histogram_record (&histogram, values[i]);
  }
  qsort (values, COUNT, sizeof (values[0]), compare);
  sc_histogram_read (&histogram, &snapshot);
  ck_assert_uint_eq (snapshot.count, COUNT);
  ck_assert_uint_eq (snapshot.max, values[COUNT - 1]);
  for (size_t i = 0; i < sizeof (quantiles) / sizeof (quantiles[0]); i++) {
    uint64_t exact = values[(size_t) (quantiles[i] * COUNT + 0.5) - 1];
    uint64_t found = sc_histogram_quantile (&snapshot, quantiles[i]);

    ck_assert_uint_ge (found, exact);
    ck_assert_uint_le (found - exact, exact / 32);
  }
}
END_TEST

START_TEST (test_the_whole_64_bit_range_has_a_bucket)
{
  static ScHistogram histogram;
  static ScHistogramSnapshot snapshot;

  sc_histogram_init (&histogram);
  sc_histogram_record (&histogram, 0);
  sc_histogram_record (&histogram, UINT64_MAX);
  sc_histogram_read (&histogram, &snapshot);
  ck_assert_uint_eq (snapshot.buckets[0], 1);
  ck_assert_uint_eq (snapshot.buckets[SC_HISTOGRAM_BUCKETS - 1], 1);
  ck_assert_uint_eq (sc_histogram_quantile (&snapshot, 0.5), 0);
  ck_assert_uint_eq (sc_histogram_quantile (&snapshot, 1.0), UINT64_MAX);
}
END_TEST

START_TEST (test_an_empty_histogram_answers_zero)
{
  static ScHistogram histogram;
  static ScHistogramSnapshot snapshot;

  sc_histogram_init (&histogram);
  sc_histogram_read (&histogram, &snapshot);
  ck_assert_uint_eq (sc_histogram_quantile (&snapshot, 0.99), 0);
}
END_TEST

static ScHistogram shared;

static void *
record_many (void *unused)
{
  for (uint64_t i = 0; i < 200000; i++)
    sc_histogram_record (&shared, i % 1000);
  return NULL;
}

START_TEST (test_a_reader_beside_the_writer_sees_counts_only_grow)
{
  static ScHistogramSnapshot snapshot;
  pthread_t writer;
  uint64_t before = 0;

  sc_histogram_init (&shared);
  ck_assert_int_eq (pthread_create (&writer, NULL, record_many, NULL), 0);
  for (int i = 0; i < 200; i++) {
    sc_histogram_read (&shared, &snapshot);
    ck_assert_uint_ge (snapshot.count, before);
    before = snapshot.count;
  }
  ck_assert_int_eq (pthread_join (writer, NULL), 0);
  sc_histogram_read (&shared, &snapshot);
  ck_assert_uint_eq (snapshot.count, 200000);
}
END_TEST

START_TEST (test_snapshots_can_be_added_and_told_apart)
{
  static ScHistogram histogram;
  static ScHistogramSnapshot older, newer, between;

  sc_histogram_init (&histogram);
  for (int i = 0; i < 10; i++)
    sc_histogram_record (&histogram, 1000000);
  sc_histogram_read (&histogram, &older);
  for (int i = 0; i < 30; i++)
    sc_histogram_record (&histogram, 20);
  sc_histogram_read (&histogram, &newer);

  sc_histogram_since (&newer, &older, &between);
  ck_assert_uint_eq (between.count, 30);
  ck_assert_uint_eq (between.max, 20);
  ck_assert_uint_eq (sc_histogram_mean (&between), 20);
  ck_assert_uint_eq (sc_histogram_quantile (&between, 0.99), 20);
  sc_histogram_merge (&between, &older);
  ck_assert_mem_eq (&between, &newer, sizeof newer);
  ck_assert_uint_ge (sc_histogram_mean (&older), 1000000 - 1000000 / 32);
  ck_assert_uint_le (sc_histogram_mean (&older), 1000000 + 1000000 / 32);
  sc_histogram_since (&newer, &newer, &newer);
  ck_assert_uint_eq (newer.count + newer.max, 0);
  ck_assert_uint_eq (sc_histogram_mean (&newer), 0);
}
END_TEST

START_TEST (test_steps_count_what_is_below_their_bounds)
{
  enum { COUNT = 20000 };
  static ScHistogram histogram;
  static ScHistogramSnapshot snapshot;
  uint64_t steps[SC_HISTOGRAM_STEPS], below[SC_HISTOGRAM_STEPS] = { 0 };
  uint64_t seed = sc_random_seed ("histogram-steps");

  sc_histogram_init (&histogram);
  for (int i = 0; i < COUNT; i++) {
    /* Half of them next to a bound. */
    uint64_t value = i % 2 == 0 ? sc_random (&seed) >> sc_random (&seed) % 64
        : ((uint64_t) 1 << sc_random (&seed) % 40) - sc_random (&seed) % 2;

    sc_histogram_record (&histogram, value);
    for (unsigned s = 0; s < SC_HISTOGRAM_STEPS - 1; s++)
      below[s] += value < sc_histogram_step_bound (s);
  }
  below[SC_HISTOGRAM_STEPS - 1] = COUNT;
  sc_histogram_read (&histogram, &snapshot);
  sc_histogram_steps (&snapshot, steps);
  ck_assert_mem_eq (steps, below, sizeof steps);
}
END_TEST

START_TEST (test_the_steps_are_from_a_microsecond_to_a_minute)
{
  ck_assert_uint_eq (sc_histogram_step_bound (0), 1024);
  ck_assert_uint_eq (sc_histogram_step_bound (SC_HISTOGRAM_STEPS - 2),
      UINT64_C (68719476736));
  ck_assert_uint_eq (sc_histogram_step_bound (SC_HISTOGRAM_STEPS - 1),
      UINT64_MAX);
}
END_TEST

START_TEST (test_the_sum_is_within_one_in_64_of_the_exact_one)
{
  static ScHistogram histogram;
  static ScHistogramSnapshot snapshot;
  uint64_t seed = sc_random_seed ("histogram-sum");
  double exact = 0.0, before = 0.0;

  sc_histogram_init (&histogram);
  for (int i = 0; i < 2000; i++) {
    uint64_t value = sc_random (&seed) >> sc_random (&seed) % 64;

    exact += (double) value;
    sc_histogram_record (&histogram, value);
    sc_histogram_read (&histogram, &snapshot);
    ck_assert (sc_histogram_sum (&snapshot) >= before);
    before = sc_histogram_sum (&snapshot);
  }
  ck_assert (before >= exact - exact / 64.0);
  ck_assert (before <= exact + exact / 64.0);
}
END_TEST

SC_CHECK_MAIN ("histogram",
    test_quantiles_are_within_one_in_32_of_the_exact_ones,
    test_the_whole_64_bit_range_has_a_bucket,
    test_an_empty_histogram_answers_zero,
    test_snapshots_can_be_added_and_told_apart,
    test_steps_count_what_is_below_their_bounds,
    test_the_steps_are_from_a_microsecond_to_a_minute,
    test_the_sum_is_within_one_in_64_of_the_exact_one,
    test_a_reader_beside_the_writer_sees_counts_only_grow)
