/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-trend.h"

#include <math.h>

void
sc_trend_add (ScTrend * self, double x, double y)
{
  double dx = x - self->mean_x, dy = y - self->mean;
  double n = (double) ++self->count;

  if (self->count == 1)
    self->min = self->max = y;
  self->min = y < self->min ? y : self->min;
  self->max = y > self->max ? y : self->max;
  self->last = y;
  self->mean_x += dx / n;
  self->mean += dy / n;
  /* One difference from the old mean, one from the new. */
  self->xx += dx * (x - self->mean_x);
  self->yy += dy * (y - self->mean);
  self->xy += dx * (y - self->mean);
}

double
sc_trend_stddev (const ScTrend * self)
{
  return self->count < 2 ? 0.0 : sqrt (self->yy / (double) (self->count - 1));
}

double
sc_trend_slope (const ScTrend * self)
{
  return self->xx > 0.0 ? self->xy / self->xx : 0.0;
}

int
sc_trend_direction (const ScTrend * self)
{
  double slope = sc_trend_slope (self), residual, error;

  if (self->count < 3 || self->xx <= 0.0)
    return 0;
  residual = self->yy - slope * self->xy;
  /* Points on a line leave a residual of rounding only, of either sign. */
  error = residual > 0.0
      ? sqrt (residual / (double) (self->count - 2) / self->xx) : 0.0;
  if (fabs (slope) <= 2.0 * error)
    return 0;
  return slope > 0.0 ? 1 : slope < 0.0 ? -1 : 0;
}
