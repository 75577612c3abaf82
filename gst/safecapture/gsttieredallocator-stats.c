/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The figures of an allocator as structures. */
#include "gsttieredallocator-private.h"

#include "gstsafecapturelatency.h"
#include "gstsafecaptureschema.h"

typedef struct
{
  guint64 slots, in_use, bytes, bytes_in_use;
  guint64 acquired, released, hits, failures, borrows, quota_refusals;
  guint64 hold_samples, hold_ns;
} Totals;

static Totals
total_of (const ScArenaStats * f)
{
  Totals t = { 0 };

  for (guint i = 0; i < f->count; i++) {
    const ScTierStats *tier = &f->tiers[i];

    t.slots += tier->slots;
    t.in_use += tier->in_use;
    t.bytes += (guint64) tier->slots * tier->slot_size;
    t.bytes_in_use += (guint64) tier->in_use * tier->slot_size;
    t.acquired += tier->acquired;
    t.released += tier->released;
    t.hits += tier->hits;
    t.borrows += tier->borrows;
    t.hold_samples += tier->hold_samples;
    t.hold_ns += tier->hold_ns;
  }
  /* By class: a refused quota and a request beyond every tier are no tier's. */
  for (guint i = 0; i < SC_CLASSES; i++) {
    t.failures += f->classes[i].failures;
    t.quota_refusals += f->classes[i].quota_refusals;
  }
  return t;
}

/* Counts of a snapshot are read while they grow. */
static gdouble
share (guint64 part, guint64 whole, gdouble of_nothing)
{
  if (whole == 0)
    return of_nothing;
  return part < whole ? (gdouble) part / (gdouble) whole : 1.0;
}

static gdouble
success_rate (guint64 acquired, guint64 failures)
{
  return share (acquired, acquired + failures, 1.0);
}

static guint64
mean (guint64 sum, guint64 count)
{
  return count > 0 ? sum / count : 0;
}

static void
add_latencies (GstStructure * structure, const ScLatencies * latencies,
    gboolean buckets)
{
  ScHistogramSnapshot snapshot;

  sc_histogram_read (&latencies->acquire, &snapshot);
  gst_safecapture_latency_tell (structure, "acquire-latency", &snapshot);
  if (buckets)
    gst_safecapture_latency_tell_buckets (structure, "acquire-latency",
        &snapshot);
  sc_histogram_read (&latencies->release, &snapshot);
  gst_safecapture_latency_tell (structure, "release-latency", &snapshot);
}

static GstStructure *
tier_structure (const ScTierStats * tier)
{
  return gst_structure_new ("tier",
      "slot-size", G_TYPE_UINT64, (guint64) tier->slot_size,
      "slots", G_TYPE_UINT64, (guint64) tier->slots,
      "in-use", G_TYPE_UINT64, (guint64) tier->in_use,
      "peak", G_TYPE_UINT64, (guint64) tier->peak,
      "peak-slack", G_TYPE_UINT64, (guint64) tier->peak_slack,
      "acquired", G_TYPE_UINT64, tier->acquired,
      "released", G_TYPE_UINT64, tier->released,
      "hits", G_TYPE_UINT64, tier->hits,
      "failures", G_TYPE_UINT64, tier->failures,
      "borrows", G_TYPE_UINT64, tier->borrows,
      "success-rate", G_TYPE_DOUBLE, success_rate (tier->hits + tier->borrows,
          tier->failures),
      "mean-hold-time", G_TYPE_UINT64, mean (tier->hold_ns,
          tier->hold_samples), NULL);
}

static GstStructure *
class_structure (const gchar * name, const ScClassStats * c)
{
  return gst_structure_new ("class",
      "name", G_TYPE_STRING, name,
      "quota", G_TYPE_UINT64, (guint64) c->quota,
      "in-use", G_TYPE_UINT64, (guint64) c->in_use,
      "peak", G_TYPE_UINT64, (guint64) c->peak,
      "acquired", G_TYPE_UINT64, c->acquired,
      "released", G_TYPE_UINT64, c->released,
      "failures", G_TYPE_UINT64, c->failures,
      "borrows", G_TYPE_UINT64, c->borrows,
      "quota-refusals", G_TYPE_UINT64, c->quota_refusals,
      "success-rate", G_TYPE_DOUBLE, success_rate (c->acquired, c->failures),
      "mean-hold-time", G_TYPE_UINT64, mean (c->hold_ns, c->hold_samples),
      NULL);
}

static void
add_tiers (GstStructure * stats, const ScArenaStats * f,
    const ScArenaMeter * meter)
{
  GValue array = G_VALUE_INIT;

  g_value_init (&array, GST_TYPE_ARRAY);
  for (guint i = 0; i < f->count; i++) {
    GstStructure *tier = tier_structure (&f->tiers[i]);

    if (meter != NULL)
      add_latencies (tier, &meter->tiers[i], TRUE);
    gst_tiered_append (&array, tier);
  }
  gst_structure_take_value (stats, "tiers", &array);
}

static void
add_classes (GstStructure * stats, const ScArenaStats * f,
    const ScArenaMeter * meter)
{
  GValue array = G_VALUE_INIT;

  g_value_init (&array, GST_TYPE_ARRAY);
  for (guint i = 0; f->count > 0 && i < SC_CLASSES; i++) {
    GstStructure *c = class_structure (gst_tiered_class_nick (i),
        &f->classes[i]);

    /* Most classes are not used: the message is long enough. */
    if (meter != NULL && f->classes[i].acquired + f->classes[i].failures > 0)
      add_latencies (c, &meter->classes[i], FALSE);
    gst_tiered_append (&array, c);
  }
  gst_structure_take_value (stats, "classes", &array);
}

static void
add_totals (GstTieredAllocator * self, const ScArenaStats * f,
    GstStructure * stats)
{
  Totals t = total_of (f);

  gst_structure_set (stats, "slots", G_TYPE_UINT64, t.slots,
      "in-use", G_TYPE_UINT64, t.in_use,
      "acquired", G_TYPE_UINT64, t.acquired,
      "released", G_TYPE_UINT64, t.released,
      "hits", G_TYPE_UINT64, t.hits,
      "failures", G_TYPE_UINT64, t.failures,
      "borrows", G_TYPE_UINT64, t.borrows,
      "too-large", G_TYPE_UINT64, f->too_large,
      "quota-refusals", G_TYPE_UINT64, t.quota_refusals,
      "waits", G_TYPE_UINT64, f->waits, "timeouts", G_TYPE_UINT64, f->timeouts,
      "fallbacks", G_TYPE_UINT64, atomic_load_explicit (&self->fallbacks,
          memory_order_relaxed),
      "foreign-releases", G_TYPE_UINT64, f->foreign,
      "double-releases", G_TYPE_UINT64, f->doubled,
      "corrupted-headers", G_TYPE_UINT64, f->corrupted,
      "overruns", G_TYPE_UINT64, f->overruns,
      "success-rate", G_TYPE_DOUBLE, success_rate (t.acquired, t.failures),
      "utilisation", G_TYPE_DOUBLE, share (t.bytes_in_use, t.bytes, 0.0),
      "fragmentation", G_TYPE_DOUBLE, share (f->fragmented,
          t.acquired + t.failures, 0.0),
      "internal-fragmentation", G_TYPE_DOUBLE,
      1.0 - share (f->requested_bytes, f->capacity_bytes, 1.0),
      "mean-hold-time", G_TYPE_UINT64, mean (t.hold_ns, t.hold_samples),
      "state", G_TYPE_STRING,
      sc_pool_state_name (sc_pool_state_log_current (&self->state)), NULL);
}

void
gst_tiered_allocator_add_totals (GstTieredAllocator * self,
    GstStructure * stats)
{
  ScArenaStats figures;

  g_return_if_fail (GST_IS_TIERED_ALLOCATOR (self));
  g_return_if_fail (stats != NULL);

  gst_tiered_allocator_observe (self);
  gst_tiered_allocator_read_stats (self, &figures);
  add_totals (self, &figures, stats);
}

void
gst_tiered_allocator_add_stats (GstTieredAllocator * self,
    GstStructure * stats)
{
  ScArenaMeter *meter = NULL;
  ScArenaStats figures;

  g_return_if_fail (GST_IS_TIERED_ALLOCATOR (self));
  g_return_if_fail (stats != NULL);

  gst_tiered_allocator_observe (self);
  gst_tiered_allocator_read_stats (self, &figures);
  GST_OBJECT_LOCK (self);
  if (self->meter != NULL)
    meter = g_atomic_rc_box_acquire (self->meter);
  GST_OBJECT_UNLOCK (self);

  add_totals (self, &figures, stats);
  add_tiers (stats, &figures, meter);
  add_classes (stats, &figures, meter);
  g_clear_pointer (&meter, g_atomic_rc_box_release);
}

GstStructure *
gst_tiered_allocator_get_stats (GstTieredAllocator * self)
{
  GstStructure *stats;

  g_return_val_if_fail (GST_IS_TIERED_ALLOCATOR (self), NULL);

  stats = gst_structure_new ("application/x-tieredallocator-stats", "schema",
      G_TYPE_UINT, GST_SAFECAPTURE_SCHEMA_VERSION, NULL);
  gst_tiered_allocator_add_stats (self, stats);
  return stats;
}
