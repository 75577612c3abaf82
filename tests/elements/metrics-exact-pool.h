/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What was asked of a pool, and what the statistics of its allocator say. */
#ifndef METRICS_EXACT_POOL_H
#define METRICS_EXACT_POOL_H

#include "metrics-exact.h"

#define N_CLASSES 6

/* Of a tier or a class. */
typedef struct
{
  guint64 slot_size, slots;     /* of a tier */
  const gchar *name;            /* of a class */
  guint64 quota, quota_refusals;
  guint64 in_use, peak, acquired, released, hits, failures, borrows;
  guint64 hold;                 /* mean, ns */
  ExactTime acquires[4], releases[4];
  guint n_acquires, n_releases;
} KnownPart;

typedef struct
{
  KnownPart tiers[2], classes[N_CLASSES];
  guint n_tiers;
  guint64 in_use_bytes, bytes;
  guint64 too_large, waits, timeouts, fallbacks;
  guint64 foreign, doubled, corrupted, overruns;
  guint64 fragmented;
  guint64 asked, given;         /* bytes, of the sampled acquires */
  const gchar *state;
} KnownPool;

static inline void
compare_part (Exact * e, const KnownPart * known, guint64 served)
{
  exact_count (e, "in-use", known->in_use);
  exact_count (e, "peak", known->peak);
  exact_count (e, "acquired", known->acquired);
  exact_count (e, "released", known->released);
  exact_count (e, "failures", known->failures);
  exact_count (e, "borrows", known->borrows);
  exact_count (e, "mean-hold-time", known->hold);
  exact_figure (e, "success-rate", served + known->failures == 0 ? 1.0
      : (gdouble) served / (gdouble) (served + known->failures));
}

static inline void
compare_tier (Exact * e, gconstpointer user_data)
{
  const KnownPart *known = user_data;

  compare_part (e, known, known->hits + known->borrows);
  exact_count (e, "slot-size", known->slot_size);
  exact_count (e, "slots", known->slots);
  exact_count (e, "peak-slack", 0);
  exact_count (e, "hits", known->hits);
  exact_latency (e, "acquire-latency", known->acquires, known->n_acquires);
  exact_buckets (e, "acquire-latency", known->acquires, known->n_acquires);
  exact_latency (e, "release-latency", known->releases, known->n_releases);
}

static inline void
compare_class (Exact * e, gconstpointer user_data)
{
  static const gchar *const suffixes[] = {
    "p50", "p95", "p99", "p999", "max"
  };
  const KnownPart *known = user_data;

  exact_text (e, "name", known->name);
  exact_count (e, "quota", known->quota);
  exact_count (e, "quota-refusals", known->quota_refusals);
  compare_part (e, known, known->acquired);
  if (known->acquired + known->failures > 0) {
    exact_latency (e, "acquire-latency", known->acquires, known->n_acquires);
    exact_latency (e, "release-latency", known->releases, known->n_releases);
    return;
  }
  for (guint i = 0; i < G_N_ELEMENTS (suffixes); i++) {
    gchar *acquire = g_strconcat ("acquire-latency-", suffixes[i], NULL);
    gchar *release = g_strconcat ("release-latency-", suffixes[i], NULL);

    exact_absent (e, acquire);
    exact_absent (e, release);
    g_free (acquire);
    g_free (release);
  }
}

static inline KnownPart
sum_of (const KnownPart * parts, guint n)
{
  KnownPart sum = { 0 };

  for (guint i = 0; i < n; i++) {
    sum.slots += parts[i].slots;
    sum.in_use += parts[i].in_use;
    sum.acquired += parts[i].acquired;
    sum.released += parts[i].released;
    sum.hits += parts[i].hits;
    sum.borrows += parts[i].borrows;
    sum.failures += parts[i].failures;
    sum.quota_refusals += parts[i].quota_refusals;
  }
  return sum;
}

static inline void
compare_refusals (Exact * e, const KnownPool * known)
{
  exact_count (e, "too-large", known->too_large);
  exact_count (e, "quota-refusals", sum_of (known->classes,
          N_CLASSES).quota_refusals);
  exact_count (e, "waits", known->waits);
  exact_count (e, "timeouts", known->timeouts);
  exact_count (e, "fallbacks", known->fallbacks);
  exact_count (e, "foreign-releases", known->foreign);
  exact_count (e, "double-releases", known->doubled);
  exact_count (e, "corrupted-headers", known->corrupted);
  exact_count (e, "overruns", known->overruns);
}

static inline void
compare_pool (Exact * e, const KnownPool * known)
{
  KnownPart sum = sum_of (known->tiers, known->n_tiers);
  guint64 failures = sum_of (known->classes, N_CLASSES).failures;
  gdouble requests = (gdouble) (sum.acquired + failures);

  compare_refusals (e, known);
  exact_count (e, "slots", sum.slots);
  exact_count (e, "in-use", sum.in_use);
  exact_count (e, "acquired", sum.acquired);
  exact_count (e, "released", sum.released);
  exact_count (e, "hits", sum.hits);
  exact_count (e, "failures", failures);
  exact_count (e, "borrows", sum.borrows);
  exact_figure (e, "success-rate", requests == 0.0 ? 1.0
      : (gdouble) sum.acquired / requests);
  exact_figure (e, "utilisation",
      (gdouble) known->in_use_bytes / (gdouble) known->bytes);
  exact_figure (e, "fragmentation", requests == 0.0 ? 0.0
      : (gdouble) known->fragmented / requests);
  exact_figure (e, "internal-fragmentation", known->given == 0 ? 0.0
      : 1.0 - (gdouble) known->asked / (gdouble) known->given);
  exact_count (e, "mean-hold-time", known->tiers[0].hold);
  exact_text (e, "state", known->state);
  exact_each (e, "tiers", "tier", known->n_tiers, compare_tier, known->tiers,
      sizeof (known->tiers[0]));
  exact_each (e, "classes", "class", N_CLASSES, compare_class, known->classes,
      sizeof (known->classes[0]));
}

#endif
