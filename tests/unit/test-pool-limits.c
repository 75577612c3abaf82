/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-check.h"
#include "sc-pool-limits.h"

static ScPoolFigures
unknown (void)
{
  ScPoolFigures f;

  for (int i = 0; i < SC_POOL_FIGURES; i++)
    f.values[i] = SC_POOL_UNKNOWN;
  return f;
}

/* Figures on the marks themselves: each is kept. */
static ScPoolFigures
on_the_marks (void)
{
  ScPoolFigures f = unknown ();

  f.values[SC_POOL_SUCCESS_RATE] = 0.999;
  f.values[SC_POOL_FRAGMENTATION] = 0.05;
  f.values[SC_POOL_ACQUIRE_P99] = 100000;
  f.values[SC_POOL_RELEASE_P99] = 50000;
  f.values[SC_POOL_ACQUIRE_MEAN] = 75000;
  f.values[SC_POOL_UTILISATION] = 0.9;
  return f;
}

static uint32_t
judge_one (ScPoolFigure figure, double value, uint32_t before)
{
  ScPoolFigures f = on_the_marks ();

  f.values[figure] = value;
  return sc_pool_judge (&f, before);
}

START_TEST (test_what_is_on_the_mark_is_kept)
{
  ScPoolFigures f = on_the_marks ();

  ck_assert_uint_eq (sc_pool_judge (&f, 0), 0);
}
END_TEST

START_TEST (test_each_limit_is_found_alone)
{
  ck_assert_uint_eq (judge_one (SC_POOL_SUCCESS_RATE, 0.9989, 0),
      SC_POOL_LIMIT_BIT (SC_POOL_LIMIT_SUCCESS));
  ck_assert_uint_eq (judge_one (SC_POOL_SUCCESS_RATE, 0.9899, 0),
      SC_POOL_LIMIT_BIT (SC_POOL_LIMIT_SUCCESS)
      | SC_POOL_LIMIT_BIT (SC_POOL_WARN_SUCCESS));
  ck_assert_uint_eq (judge_one (SC_POOL_FRAGMENTATION, 0.051, 0),
      SC_POOL_LIMIT_BIT (SC_POOL_LIMIT_FRAGMENTATION));
  ck_assert_uint_eq (judge_one (SC_POOL_ACQUIRE_P99, 100001, 0),
      SC_POOL_LIMIT_BIT (SC_POOL_LIMIT_ACQUIRE));
  ck_assert_uint_eq (judge_one (SC_POOL_RELEASE_P99, 50001, 0),
      SC_POOL_LIMIT_BIT (SC_POOL_LIMIT_RELEASE));
  ck_assert_uint_eq (judge_one (SC_POOL_ACQUIRE_MEAN, 75001, 0),
      SC_POOL_LIMIT_BIT (SC_POOL_WARN_ACQUIRE));
  ck_assert_uint_eq (judge_one (SC_POOL_UTILISATION, 0.901, 0),
      SC_POOL_LIMIT_BIT (SC_POOL_WARN_UTILISATION));
}
END_TEST

START_TEST (test_an_exceeded_limit_is_kept_again_only_beyond_its_second_mark)
{
  for (int i = 0; i < SC_POOL_LIMITS; i++) {
    const ScPoolLimitInfo *info = sc_pool_limit_info ((ScPoolLimit) i);
    uint32_t bit = SC_POOL_LIMIT_BIT (i);
    double between = (info->limit + info->clear) / 2;

    ck_assert (info->at_least ? info->clear > info->limit
        : info->clear < info->limit);
    ck_assert_uint_eq (judge_one (info->figure, between, 0) & bit, 0);
    ck_assert_uint_eq (judge_one (info->figure, between, bit) & bit, bit);
    ck_assert_uint_eq (judge_one (info->figure, info->clear, bit) & bit, 0);
  }
}
END_TEST

START_TEST (test_an_interval_that_says_nothing_changes_nothing)
{
  ScPoolFigures f = unknown ();
  uint32_t all = SC_POOL_LIMIT_BIT (SC_POOL_LIMITS) - 1;

  ck_assert_uint_eq (sc_pool_judge (&f, 0), 0);
  ck_assert_uint_eq (sc_pool_judge (&f, all), all);
}
END_TEST

SC_CHECK_MAIN ("pool-limits",
    test_what_is_on_the_mark_is_kept,
    test_each_limit_is_found_alone,
    test_an_exceeded_limit_is_kept_again_only_beyond_its_second_mark,
    test_an_interval_that_says_nothing_changes_nothing)
