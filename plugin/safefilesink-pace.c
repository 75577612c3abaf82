/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "safefilesink-pace.h"

/* Weight of the latest second in the smoothed rate. */
#define WEIGHT 0.2
/* Between two looks at the backlog, which rises and falls with every sync. */
#define LOOK_INTERVAL (100 * GST_MSECOND)

static void
measure (SafefilesinkPace * self, const ScRecorderStats * stats, guint64 now)
{
  guint64 passed = now - self->measured;
  gdouble rate;

  if (self->measured != 0 && passed < GST_SECOND)
    return;
  if (self->measured != 0 && stats->accepted >= self->accepted) {
    rate = (gdouble) (stats->accepted - self->accepted) * GST_SECOND / passed;
    self->rate = self->rate == 0 ? rate
        : self->rate + WEIGHT * (rate - self->rate);
  }
  self->accepted = stats->accepted;
  self->measured = now;
}

guint64
safefilesink_pace_time_left (SafefilesinkPace * self,
    const ScRecorderStats * stats, guint64 now)
{
  gdouble seconds;

  measure (self, stats, now);
  if (stats->space_left == SC_SPACE_UNKNOWN || self->rate < 1)
    return GST_CLOCK_TIME_NONE;
  seconds = (gdouble) stats->space_left / self->rate;
  return seconds < 1e9 ? (guint64) (seconds * GST_SECOND)
      : GST_CLOCK_TIME_NONE;
}

gboolean
safefilesink_pace_is_short (SafefilesinkPace * self, guint64 time)
{
  gboolean is_short = time < SAFEFILESINK_PACE_SHORT && !self->warned;

  if (is_short)
    self->warned = TRUE;
  else if (time >= 2 * SAFEFILESINK_PACE_SHORT)
    self->warned = FALSE;
  return is_short;
}

gboolean
safefilesink_pace_falls_behind (SafefilesinkPace * self,
    const ScRecorderStats * stats, guint64 now, guint64 * time)
{
  guint64 before = self->backlog, passed = now - self->looked;
  gboolean first = self->looked == 0, rises;

  if (!first && passed < LOOK_INTERVAL)
    return FALSE;
  self->backlog = stats->backlog;
  self->looked = now;
  if (stats->backlog < stats->ring_size / 4)
    self->behind = FALSE;
  rises = !first && stats->backlog > before
      && stats->backlog > stats->ring_size / 2;
  if (!rises || self->behind)
    return FALSE;
  *time = (guint64) ((gdouble) (stats->ring_size - stats->backlog)
      / (gdouble) (stats->backlog - before) * passed);
  self->behind = *time < SAFEFILESINK_PACE_STALL;
  return self->behind;
}
