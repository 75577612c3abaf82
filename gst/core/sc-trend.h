/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Mean, spread and slope of a series that is seen one point at a time, in fixed
 * memory.
 *
 * Means, variance and covariance are updated by their differences from the mean
 * (B. P. Welford, Note on a method for calculating corrected sums of squares and
 * products, Technometrics 4 (3), 1962; D. Knuth, TAOCP 2, 4.2.2; the covariance as
 * in P. Pebay, Sandia report SAND2008-6212).  No sum of squares is ever taken, so
 * nothing cancels where the values are large and their spread is small.
 *
 * Pure: the caller's memory, one thread at a time.
 */
#ifndef SC_TREND_H
#define SC_TREND_H

#include <stdint.h>

typedef struct
{
  uint64_t count;
  double mean;                  /* of y */
  double min, max;              /* of y */
  double last;                  /* y of the newest point */
  double mean_x;
  double xx, yy, xy;            /* summed products of differences */
} ScTrend;

/* By convention an empty trend is all zero. */
#define SC_TREND_INIT { 0 }

/**
 * sc_trend_add:
 * @x: when, in any unit; y comes out per unit of it
 * @y: finite
 */
void sc_trend_add (ScTrend * self, double x, double y);

/**
 * sc_trend_stddev:
 *
 * Returns: the sample standard deviation of y (n - 1); 0 for fewer than two
 */
double sc_trend_stddev (const ScTrend * self);

/**
 * sc_trend_slope:
 *
 * Returns: the least-squares slope, y per unit of x; 0 where all x are the same
 */
double sc_trend_slope (const ScTrend * self);

/**
 * sc_trend_direction:
 *
 * Whether the slope is more than the scatter of the points alone explains:
 * larger than twice its standard error, with at least three points.
 *
 * Returns: 1 rising, -1 falling, 0 steady
 */
int sc_trend_direction (const ScTrend * self);

#endif
