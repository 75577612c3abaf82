/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What is seen by looking at an allocator from time to time: the snapshots of
 * its history, and the limits, trends and advice that follow from them.
 */
#include "gsttieredallocator-private.h"

#include "sc-clock.h"
#include "sc-pool-advice.h"
#include "sc-pool-limits.h"

/* ---- snapshots ---- */

void
gst_tiered_allocator_begin_record_locked (GstTieredAllocator * self,
    gboolean metered)
{
  if (metered && self->record == NULL)
    self->record = g_new (GstTieredRecord, 1);
  else if (!metered)
    g_clear_pointer (&self->record, g_free);
  if (self->record != NULL) {
    sc_pool_history_init (&self->record->history, sc_clock_now ());
    self->record->acquire = (ScHistogramSnapshot) { 0 };
    self->record->release = (ScHistogramSnapshot) { 0 };
  }
  for (guint i = 0; i < SC_POOL_FIGURES; i++)
    self->figures.values[i] = SC_POOL_UNKNOWN;
  self->exceeded = 0;
  self->longest_hold = 0;
}

static void
fill_counts (ScPoolSnapshot * s, const ScArenaStats * f)
{
  for (guint i = 0; i < f->count; i++) {
    const ScTierStats *tier = &f->tiers[i];

    s->slots += tier->slots;
    s->in_use += tier->in_use;
    s->bytes += (guint64) tier->slots * tier->slot_size;
    s->bytes_in_use += (guint64) tier->in_use * tier->slot_size;
    s->acquired += tier->acquired;
    s->released += tier->released;
    s->borrows += tier->borrows;
  }
  for (guint i = 0; i < SC_CLASSES; i++) {
    s->failures += f->classes[i].failures;
    s->quota_refusals += f->classes[i].quota_refusals;
  }
  s->fragmented = f->fragmented;
  s->refused_releases = f->foreign + f->doubled;
  s->damaged = f->corrupted + f->overruns;
  s->requested_bytes = f->requested_bytes;
  s->capacity_bytes = f->capacity_bytes;
}

/* The latencies of all classes since @told, which it brings up to date. */
static void
read_interval (GstTieredRecord * record, const ScArenaMeter * meter,
    gboolean acquire, ScHistogramSnapshot * told)
{
  ScHistogramSnapshot *now = &record->now, *one = &record->one;

  *now = (ScHistogramSnapshot) { 0 };
  for (guint i = 0; i < SC_CLASSES; i++) {
    sc_histogram_read (acquire ? &meter->classes[i].acquire
        : &meter->classes[i].release, one);
    sc_histogram_merge (now, one);
  }
  sc_histogram_since (now, told, one);
  *told = *now;
}

static void
fill_latencies (ScPoolSnapshot * s, GstTieredRecord * record,
    const ScArenaMeter * meter)
{
  read_interval (record, meter, TRUE, &record->acquire);
  s->acquire_samples = record->one.count;
  s->acquire_mean_ns = sc_histogram_mean (&record->one);
  s->acquire_p99_ns = sc_histogram_quantile (&record->one, 0.99);
  read_interval (record, meter, FALSE, &record->release);
  s->release_samples = record->one.count;
  s->release_mean_ns = sc_histogram_mean (&record->one);
  s->release_p99_ns = sc_histogram_quantile (&record->one, 0.99);
}

typedef struct
{
  guint64 now, before, longest;
} Holds;

/* A slot that was out at the last snapshot already.  Since when one is out that
 * was not is known to within the interval only. */
static void
note_hold (const ScSlotOut * slot, gpointer data)
{
  Holds *holds = data;

  if (slot->since_ns < holds->before)
    holds->longest = MAX (holds->longest, holds->now - slot->since_ns);
}

/* For how many slots are out together the mean counts (J. D. C. Little, A proof
 * for the queuing formula L = lambda W, Operations Research 9, 1961); it is of
 * slots that have come home. */
static void
note_holds (GstTieredAllocator * self, ScArena * arena,
    const ScArenaStats * stats, guint64 now)
{
  gboolean has_last = sc_pool_history_count (&self->record->history) > 0;
  Holds holds = { now, has_last ? self->last.time_ns : 0, 0 };

  sc_arena_foreach_out (arena, note_hold, &holds);
  for (guint i = 0; i < stats->count; i++)
    if (stats->tiers[i].hold_samples > 0)
      holds.longest = MAX (holds.longest,
          stats->tiers[i].hold_ns / stats->tiers[i].hold_samples);
  self->longest_hold = MAX (self->longest_hold, holds.longest);
}

/* With the watch lock. */
static void
add_snapshot (GstTieredAllocator * self, GstTieredRegion * region)
{
  guint64 now = sc_clock_now ();
  ScPoolSnapshot s = {.time_ns = now };
  GstTieredRecord *record = self->record;
  ScArenaStats stats;

  sc_arena_tick (region->arena, now);
  sc_arena_read_stats (region->arena, &stats);
  fill_counts (&s, &stats);
  if (region->meter != NULL)
    fill_latencies (&s, record, region->meter);
  note_holds (self, region->arena, &stats, now);

  sc_pool_figures (sc_pool_history_count (&record->history) > 0 ? &self->last
      : NULL, &s, &self->figures);
  self->exceeded = sc_pool_judge (&self->figures, self->exceeded);
  sc_pool_history_add (&record->history, &s);
  self->last = s;

  GST_OBJECT_LOCK (self);
  if (gst_tiered_allocator_note_locked (self, region, &stats))
    (void) sc_pool_state_log_apply (&self->state,
        self->exceeded != 0 ? SC_POOL_EXCEEDED : SC_POOL_KEPT);
  GST_OBJECT_UNLOCK (self);
}

gboolean
gst_tiered_allocator_take_snapshot (GstTieredAllocator * self)
{
  GstTieredRegion *region;
  gboolean taken = FALSE;

  g_return_val_if_fail (GST_IS_TIERED_ALLOCATOR (self), FALSE);

  g_mutex_lock (&self->watch_lock);
  region = gst_tiered_allocator_get_any_region (self);
  if (region != NULL && self->record != NULL) {
    add_snapshot (self, region);
    taken = TRUE;
  }
  g_mutex_unlock (&self->watch_lock);
  if (region != NULL)
    gst_tiered_region_unref (region);

  gst_tiered_allocator_observe (self);
  gst_tiered_allocator_notify_state (self);
  return taken;
}

/* ---- what follows from them ---- */

static GstStructure *
snapshot_structure (const ScPoolSnapshot * s, const ScPoolFigures * f)
{
  GstStructure *structure = gst_structure_new ("snapshot",
      "time", G_TYPE_UINT64, s->time_ns,
      "in-use", G_TYPE_UINT64, s->in_use,
      "acquired", G_TYPE_UINT64, s->acquired,
      "released", G_TYPE_UINT64, s->released,
      "failures", G_TYPE_UINT64, s->failures,
      "borrows", G_TYPE_UINT64, s->borrows, NULL);

  for (guint i = 0; i < SC_POOL_FIGURES; i++)
    if (f->values[i] >= 0.0)
      gst_structure_set (structure, sc_pool_figure_name (i), G_TYPE_DOUBLE,
          f->values[i], NULL);
  return structure;
}

GstStructure *
gst_tiered_allocator_get_history (GstTieredAllocator * self, guint last)
{
  GValue array = G_VALUE_INIT;
  ScPoolSnapshot older, s;
  GstStructure *history;
  guint64 count = 0, n;

  g_return_val_if_fail (GST_IS_TIERED_ALLOCATOR (self), NULL);

  g_value_init (&array, GST_TYPE_ARRAY);
  last = last == 0 || last > SC_POOL_HISTORY ? SC_POOL_HISTORY : last;
  g_mutex_lock (&self->watch_lock);
  if (self->record != NULL)
    count = sc_pool_history_count (&self->record->history);
  for (n = count > last ? count - last : 0; n < count; n++) {
    gboolean has_older = n > 0
        && sc_pool_history_read (&self->record->history, n - 1, &older);
    ScPoolFigures figures;

    if (!sc_pool_history_read (&self->record->history, n, &s))
      continue;
    /* The oldest of a full history: its interval is not known. */
    sc_pool_figures (has_older ? &older : n == 0 ? NULL : &s, &s, &figures);
    gst_tiered_append (&array, snapshot_structure (&s, &figures));
  }
  g_mutex_unlock (&self->watch_lock);

  history = gst_structure_new ("application/x-tieredallocator-history",
      "count", G_TYPE_UINT64, count, NULL);
  gst_structure_take_value (history, "snapshots", &array);
  return history;
}

static const gchar *
direction (const ScTrend * trend)
{
  static const gchar *const names[] = { "falling", "steady", "rising" };

  return names[sc_trend_direction (trend) + 1];
}

static GstStructure *
trend_structure (const gchar * name, const ScTrend * trend)
{
  return gst_structure_new (name,
      "count", G_TYPE_UINT64, (guint64) trend->count,
      "mean", G_TYPE_DOUBLE, trend->mean,
      "stddev", G_TYPE_DOUBLE, sc_trend_stddev (trend),
      "min", G_TYPE_DOUBLE, trend->min,
      "max", G_TYPE_DOUBLE, trend->max,
      "last", G_TYPE_DOUBLE, trend->last,
      "slope", G_TYPE_DOUBLE, sc_trend_slope (trend),
      "direction", G_TYPE_STRING, direction (trend), NULL);
}

GstStructure *
gst_tiered_allocator_get_trends (GstTieredAllocator * self, guint last)
{
  ScPoolTrends trends = { 0 };
  GstStructure *structure;

  g_return_val_if_fail (GST_IS_TIERED_ALLOCATOR (self), NULL);

  g_mutex_lock (&self->watch_lock);
  if (self->record != NULL)
    sc_pool_history_trends (&self->record->history, last, &trends);
  g_mutex_unlock (&self->watch_lock);

  structure = gst_structure_new ("application/x-tieredallocator-trends",
      "snapshots", G_TYPE_UINT64, (guint64) trends.snapshots,
      "span", G_TYPE_UINT64, trends.span_ns, NULL);
  for (guint i = 0; i < SC_POOL_FIGURES; i++) {
    GValue value = G_VALUE_INIT;

    if (trends.figures[i].count == 0)
      continue;
    g_value_init (&value, GST_TYPE_STRUCTURE);
    g_value_take_boxed (&value, trend_structure (sc_pool_figure_name (i),
            &trends.figures[i]));
    gst_structure_take_value (structure, sc_pool_figure_name (i), &value);
  }
  return structure;
}

GstStructure *
gst_tiered_allocator_get_limits (GstTieredAllocator * self)
{
  GValue array = G_VALUE_INIT;
  GstStructure *structure;
  ScPoolFigures figures;
  guint32 exceeded;

  g_return_val_if_fail (GST_IS_TIERED_ALLOCATOR (self), NULL);

  g_mutex_lock (&self->watch_lock);
  exceeded = self->exceeded;
  figures = self->figures;
  g_mutex_unlock (&self->watch_lock);

  g_value_init (&array, GST_TYPE_ARRAY);
  for (guint i = 0; i < SC_POOL_LIMITS; i++) {
    const ScPoolLimitInfo *info = sc_pool_limit_info (i);

    gst_tiered_append (&array, gst_structure_new ("limit",
            "code", G_TYPE_STRING, info->code,
            "early", G_TYPE_BOOLEAN, info->early,
            "limit", G_TYPE_DOUBLE, info->limit,
            "figure", G_TYPE_STRING, sc_pool_figure_name (info->figure),
            "value", G_TYPE_DOUBLE, figures.values[info->figure],
            "exceeded", G_TYPE_BOOLEAN,
            (exceeded & SC_POOL_LIMIT_BIT (i)) != 0, NULL));
  }
  structure = gst_structure_new_empty ("application/x-tieredallocator-limits");
  gst_structure_take_value (structure, "limits", &array);
  return structure;
}

/* Requests refused within a hold, those after the last snapshot included. */
static guint64
burst (GstTieredAllocator * self, const ScArenaStats * stats)
{
  guint64 most = SC_POOL_BURST_UNKNOWN, failures = 0;

  for (guint i = 0; i < SC_CLASSES; i++)
    failures += stats->classes[i].failures;
  g_mutex_lock (&self->watch_lock);
  if (self->record != NULL && self->longest_hold > 0)
    most = sc_pool_history_burst (&self->record->history, self->longest_hold);
  if (most != SC_POOL_BURST_UNKNOWN && failures > self->last.failures)
    most += failures - self->last.failures;
  g_mutex_unlock (&self->watch_lock);
  return most;
}

gchar *
gst_tiered_allocator_get_advice (GstTieredAllocator * self)
{
  gchar text[SC_POOL_ADVICE_TEXT];
  ScPoolAdvice advice;
  ScArenaStats stats;

  g_return_val_if_fail (GST_IS_TIERED_ALLOCATOR (self), NULL);

  gst_tiered_allocator_read_stats (self, &stats);
  sc_pool_advise (&stats, burst (self, &stats), &advice);
  if (!advice.seen)
    return NULL;
  sc_pool_advice_text (&advice, text);
  return g_strdup (text);
}
