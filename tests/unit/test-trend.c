/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-check.h"
#include "sc-trend.h"

#include <math.h>

#define POINTS 1000

START_TEST (test_few_points_have_no_spread_and_no_direction)
{
  ScTrend t = SC_TREND_INIT;

  ck_assert (sc_trend_stddev (&t) == 0.0 && sc_trend_slope (&t) == 0.0);
  ck_assert_int_eq (sc_trend_direction (&t), 0);
  sc_trend_add (&t, 5.0, 7.0);
  ck_assert (t.mean == 7.0 && t.min == 7.0 && t.max == 7.0 && t.last == 7.0);
  ck_assert (sc_trend_stddev (&t) == 0.0 && sc_trend_slope (&t) == 0.0);
  sc_trend_add (&t, 5.0, 9.0);
  ck_assert (sc_trend_slope (&t) == 0.0);
  ck_assert_int_eq (sc_trend_direction (&t), 0);
}
END_TEST

START_TEST (test_a_line_has_its_own_slope)
{
  ScTrend up = SC_TREND_INIT, down = SC_TREND_INIT, flat = SC_TREND_INIT;

  for (int i = 0; i < POINTS; i++) {
    sc_trend_add (&up, i, 3.0 + 0.25 * i);
    sc_trend_add (&down, i, 1.0 - 1e-6 * i);
    sc_trend_add (&flat, i, 42.0);
  }
  ck_assert (fabs (sc_trend_slope (&up) - 0.25) < 1e-12);
  ck_assert (fabs (sc_trend_slope (&down) + 1e-6) < 1e-15);
  ck_assert (sc_trend_slope (&flat) == 0.0 && sc_trend_stddev (&flat) == 0.0);
  ck_assert_int_eq (sc_trend_direction (&up), 1);
  ck_assert_int_eq (sc_trend_direction (&down), -1);
  ck_assert_int_eq (sc_trend_direction (&flat), 0);
  ck_assert (up.min == 3.0 && up.max == up.last);
}
END_TEST

/* The textbook's two passes, in long double. */
static void
two_passes (const double *x, const double *y, double *stddev, double *slope)
{
  long double mx = 0, my = 0, xx = 0, yy = 0, xy = 0;

  for (int i = 0; i < POINTS; i++) {
    mx += (long double) x[i] / POINTS;
    my += (long double) y[i] / POINTS;
  }
  for (int i = 0; i < POINTS; i++) {
    xx += (x[i] - mx) * (x[i] - mx);
    yy += (y[i] - my) * (y[i] - my);
    xy += (x[i] - mx) * (y[i] - my);
  }
  *stddev = (double) sqrtl (yy / (POINTS - 1));
  *slope = (double) (xy / xx);
}

START_TEST (test_a_small_spread_of_large_values_is_not_lost)
{
  double x[POINTS], y[POINTS], stddev, slope, square = 0, sum = 0;
  ScTrend t = SC_TREND_INIT;

  for (int i = 0; i < POINTS; i++) {
    x[i] = i;
    y[i] = 1e9 + (i % 2 == 0 ? 0.001 : -0.001) + i * 1e-5;
    sc_trend_add (&t, x[i], y[i]);
    sum += y[i];
    square += y[i] * y[i];
  }
  two_passes (x, y, &stddev, &slope);
  ck_assert (fabs (sc_trend_stddev (&t) / stddev - 1.0) < 1e-4);
  ck_assert (fabs (sc_trend_slope (&t) / slope - 1.0) < 1e-4);
  /* The negative control: the sum of squares gets it wrong. */
  ck_assert (fabs (sqrt (fabs (square - sum * sum / POINTS) / (POINTS - 1))
          / stddev - 1.0) > 1e-2);
}
END_TEST

START_TEST (test_noise_is_steady_and_a_trend_in_noise_is_found)
{
  uint64_t state = sc_random_seed ("trend");
  double x[POINTS], y[POINTS], stddev, slope;
  ScTrend noise = SC_TREND_INIT, rising = SC_TREND_INIT;

  for (int i = 0; i < POINTS; i++) {
    double e = (double) (sc_random (&state) >> 11) / (1ull << 53) - 0.5;

    /* Every deviation comes with its mirror image at the same time: no slope. */
    sc_trend_add (&noise, i, e);
    sc_trend_add (&noise, i, -e);
    x[i] = i;
    y[i] = e + 0.01 * i;
    sc_trend_add (&rising, x[i], y[i]);
  }
  ck_assert_int_eq (sc_trend_direction (&noise), 0);
  ck_assert_int_eq (sc_trend_direction (&rising), 1);
  two_passes (x, y, &stddev, &slope);
  ck_assert (fabs (sc_trend_stddev (&rising) / stddev - 1.0) < 1e-9);
  ck_assert (fabs (sc_trend_slope (&rising) / slope - 1.0) < 1e-9);
}
END_TEST

SC_CHECK_MAIN ("trend",
    test_few_points_have_no_spread_and_no_direction,
    test_a_line_has_its_own_slope,
    test_a_small_spread_of_large_values_is_not_lost,
    test_noise_is_steady_and_a_trend_in_noise_is_found)
