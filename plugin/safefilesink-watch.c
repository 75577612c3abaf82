/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "safefilesink-watch.h"

#include "safefilesink-messages.h"

#include "sc-clock.h"

/* Between two warnings of slow storage. */
#define SLOW_WARNING_INTERVAL (10 * GST_SECOND)

void
safefilesink_watch_init (SafefilesinkWatch * self)
{
  *self = (SafefilesinkWatch) { 0 };
  atomic_init (&self->time_left, GST_CLOCK_TIME_NONE);
}

gboolean
safefilesink_watch_end (SafefilesinkWatch * self)
{
  guint32 not = SAFEFILESINK_ENDING_NOT;

  return atomic_compare_exchange_strong_explicit (&self->ending, &not,
      SAFEFILESINK_ENDING_WANTED, memory_order_relaxed, memory_order_relaxed);
}

void
safefilesink_watch_restart (SafefilesinkWatch * self)
{
  atomic_store_explicit (&self->ending, SAFEFILESINK_ENDING_NOT,
      memory_order_relaxed);
}

gboolean
safefilesink_watch_is_ending (SafefilesinkWatch * self)
{
  return atomic_load_explicit (&self->ending, memory_order_relaxed)
      == SAFEFILESINK_ENDING_TOLD;
}

GstClockTime
safefilesink_watch_time_left (SafefilesinkWatch * self)
{
  return atomic_load_explicit (&self->time_left, memory_order_relaxed);
}

static void
look_at_targets (SafefilesinkWatch * self, GstSafecaptureReporter * reporter,
    ScRecorder * recorder, const gchar * location)
{
  safefilesink_post_switches (reporter, recorder, &self->targets);
  if (self->refused_told || !sc_recorder_direct_refused (recorder))
    return;
  self->refused_told = TRUE;
  safefilesink_post_direct_refused (reporter, location);
}

static void
look_at_storage (SafefilesinkWatch * self, GstSafecaptureReporter * reporter,
    const ScRecorderStats * stats, GstClockTime now)
{
  guint64 full;

  if (stats->mismatches != self->mismatches)
    safefilesink_post_mismatch (reporter, stats);
  self->mismatches = stats->mismatches;
  if (safefilesink_pace_falls_behind (&self->pace, stats, now, &full))
    safefilesink_post_falls_behind (reporter, stats, full);
  if (stats->waits == self->waits
      || (self->slow_warned != 0
          && now - self->slow_warned < SLOW_WARNING_INTERVAL))
    return;
  self->waits = stats->waits;
  self->slow_warned = now;
  safefilesink_post_slow_storage (reporter, stats);
}

static void
look_at_room (SafefilesinkWatch * self, GstSafecaptureReporter * reporter,
    const ScRecorderStats * stats, GstClockTime now)
{
  guint64 time = safefilesink_pace_time_left (&self->pace, stats, now);

  atomic_store_explicit (&self->time_left, time, memory_order_relaxed);
  if (safefilesink_pace_is_short (&self->pace, time))
    safefilesink_post_space_low (reporter, stats, time);
}

gboolean
safefilesink_watch_look (SafefilesinkWatch * self,
    GstSafecaptureReporter * reporter, ScRecorder * recorder,
    const gchar * location)
{
  guint32 wanted = SAFEFILESINK_ENDING_WANTED;
  GstClockTime now = sc_clock_now ();
  ScRecorderStats stats;

  sc_recorder_stats (recorder, &stats);
  look_at_targets (self, reporter, recorder, location);
  look_at_storage (self, reporter, &stats, now);
  look_at_room (self, reporter, &stats, now);
  if (!atomic_compare_exchange_strong_explicit (&self->ending, &wanted,
          SAFEFILESINK_ENDING_TOLD, memory_order_relaxed,
          memory_order_relaxed))
    return FALSE;
  safefilesink_post_ending (reporter, &stats);
  return TRUE;
}
