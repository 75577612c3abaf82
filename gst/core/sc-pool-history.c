/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-pool-history.h"

#include <string.h>

#define NS_PER_S 1e9

_Static_assert (sizeof (ScPoolSnapshot) % sizeof (uint64_t) == 0, "words");

const char *
sc_pool_figure_name (ScPoolFigure figure)
{
  static const char *const names[SC_POOL_FIGURES] = {
    [SC_POOL_SUCCESS_RATE] = "success-rate",
    [SC_POOL_UTILISATION] = "utilisation",
    [SC_POOL_FRAGMENTATION] = "fragmentation",
    [SC_POOL_INTERNAL_FRAGMENTATION] = "internal-fragmentation",
    [SC_POOL_ACQUIRE_MEAN] = "acquire-latency",
    [SC_POOL_ACQUIRE_P99] = "acquire-latency-p99",
    [SC_POOL_RELEASE_MEAN] = "release-latency",
    [SC_POOL_RELEASE_P99] = "release-latency-p99",
  };

  return names[figure];
}

/* Counts of a snapshot are read while they grow, so one of two that belong
 * together may be a little ahead. */
static double
share (uint64_t part, uint64_t whole)
{
  if (whole == 0)
    return SC_POOL_UNKNOWN;
  return part < whole ? (double) part / (double) whole : 1.0;
}

static double
if_sampled (uint64_t samples, uint64_t value)
{
  return samples > 0 ? (double) value : SC_POOL_UNKNOWN;
}

static uint64_t
grown (uint64_t from, uint64_t to)
{
  return to > from ? to - from : 0;
}

void
sc_pool_figures (const ScPoolSnapshot * older, const ScPoolSnapshot * newer,
    ScPoolFigures * out)
{
  static const ScPoolSnapshot zero = { 0 };
  const ScPoolSnapshot *o = older != NULL ? older : &zero, *n = newer;
  uint64_t acquired = grown (o->acquired, n->acquired);
  uint64_t requests = acquired + grown (o->failures, n->failures);
  uint64_t held = grown (o->capacity_bytes, n->capacity_bytes);
  uint64_t asked = grown (o->requested_bytes, n->requested_bytes);
  double *v = out->values;

  v[SC_POOL_SUCCESS_RATE] = share (acquired, requests);
  v[SC_POOL_UTILISATION] = share (n->bytes_in_use, n->bytes);
  v[SC_POOL_FRAGMENTATION] = share (grown (o->fragmented, n->fragmented),
      requests);
  v[SC_POOL_INTERNAL_FRAGMENTATION] = share (grown (asked, held), held);
  v[SC_POOL_ACQUIRE_MEAN] = if_sampled (n->acquire_samples,
      n->acquire_mean_ns);
  v[SC_POOL_ACQUIRE_P99] = if_sampled (n->acquire_samples, n->acquire_p99_ns);
  v[SC_POOL_RELEASE_MEAN] = if_sampled (n->release_samples,
      n->release_mean_ns);
  v[SC_POOL_RELEASE_P99] = if_sampled (n->release_samples, n->release_p99_ns);
}

void
sc_pool_history_init (ScPoolHistory * self, uint64_t begun_ns)
{
  self->begun_ns = begun_ns;
  atomic_init (&self->count, 0);
  for (uint32_t i = 0; i < SC_POOL_HISTORY; i++) {
    atomic_init (&self->entries[i].sequence, 0);
    for (size_t w = 0; w < SC_POOL_SNAPSHOT_WORDS; w++)
      atomic_init (&self->entries[i].words[w], 0);
  }
}

void
sc_pool_history_add (ScPoolHistory * self, const ScPoolSnapshot * snapshot)
{
  uint64_t number = atomic_load_explicit (&self->count, memory_order_relaxed);
  uint64_t words[SC_POOL_SNAPSHOT_WORDS];
  uint32_t at = (uint32_t) (number % SC_POOL_HISTORY);

  memcpy (words, snapshot, sizeof words);
  atomic_store_explicit (&self->entries[at].sequence, 2 * number + 1,
      memory_order_relaxed);
  /* Release fence: pairs with the acquire fence in read.  Who reads one of the
   * new words also sees the odd sequence, and throws away what it has. */
  atomic_thread_fence (memory_order_release);
  for (size_t w = 0; w < SC_POOL_SNAPSHOT_WORDS; w++)
    atomic_store_explicit (&self->entries[at].words[w], words[w],
        memory_order_relaxed);
  /* Release: pairs with the first load in read, which then sees the words. */
  atomic_store_explicit (&self->entries[at].sequence, 2 * number + 2,
      memory_order_release);
  /* Release: a snapshot that is counted can be read. */
  atomic_store_explicit (&self->count, number + 1, memory_order_release);
}

uint64_t
sc_pool_history_count (const ScPoolHistory * self)
{
  return atomic_load_explicit (&self->count, memory_order_acquire);
}

bool
sc_pool_history_read (const ScPoolHistory * self, uint64_t number,
    ScPoolSnapshot * out)
{
  uint32_t at = (uint32_t) (number % SC_POOL_HISTORY);
  uint64_t words[SC_POOL_SNAPSHOT_WORDS];

  /* Acquire: pairs with the last store of the sequence in add. */
  if (atomic_load_explicit (&self->entries[at].sequence,
          memory_order_acquire) != 2 * number + 2)
    return false;
  for (size_t w = 0; w < SC_POOL_SNAPSHOT_WORDS; w++)
    words[w] = atomic_load_explicit (&self->entries[at].words[w],
        memory_order_relaxed);
  /* Acquire fence: pairs with the release fence in add. */
  atomic_thread_fence (memory_order_acquire);
  if (atomic_load_explicit (&self->entries[at].sequence,
          memory_order_relaxed) != 2 * number + 2)
    return false;
  memcpy (out, words, sizeof words);
  return true;
}

static void
add_interval (ScPoolTrends * trends, const ScPoolSnapshot * older,
    const ScPoolSnapshot * newer, double seconds)
{
  ScPoolFigures figures;

  sc_pool_figures (older, newer, &figures);
  for (int f = 0; f < SC_POOL_FIGURES; f++)
    if (figures.values[f] >= 0.0)
      sc_trend_add (&trends->figures[f], seconds, figures.values[f]);
}

void
sc_pool_history_trends (const ScPoolHistory * self, uint32_t last,
    ScPoolTrends * out)
{
  uint64_t count = sc_pool_history_count (self), number;
  ScPoolSnapshot older, newer;
  uint64_t first_ns = 0;
  bool have_older;

  *out = (ScPoolTrends) { 0 };
  if (last == 0 || last > SC_POOL_HISTORY)
    last = SC_POOL_HISTORY;
  number = count > last ? count - last : 0;
  /* The interval that the first one ends begins with the one before, or with
   * the start of the pool. */
  have_older = number > 0 && sc_pool_history_read (self, number - 1, &older);
  for (; number < count; number++) {
    if (!sc_pool_history_read (self, number, &newer)) {
      have_older = false;       /* the writer was here first */
      continue;
    }
    if (out->snapshots++ == 0)
      first_ns = newer.time_ns;
    out->span_ns = newer.time_ns - first_ns;
    if (have_older || number == 0)
      add_interval (out, have_older ? &older : NULL, &newer,
          (double) out->span_ns / NS_PER_S);
    older = newer;
    have_older = true;
  }
}

/* The first snapshot at or after @until, else the newest.  Moves @at there. */
static bool
snapshot_until (const ScPoolHistory * self, uint64_t count, uint64_t until,
    uint64_t * at, ScPoolSnapshot * s)
{
  for (;;) {
    if (!sc_pool_history_read (self, *at, s))
      return false;
    if (s->time_ns >= until || *at + 1 == count)
      return true;
    ++*at;
  }
}

/* Of @failures that fell within @whole_ns: how many within @span_ns. */
static uint64_t
within (uint64_t failures, uint64_t span_ns, uint64_t whole_ns)
{
  double share = whole_ns > 0
      ? (double) SC_POOL_BURST_CROWD * (double) span_ns / (double) whole_ns
      : 1.0;

  return share < 1.0 ? (uint64_t) ((double) failures * share) + 1 : failures;
}

uint64_t
sc_pool_history_burst (const ScPoolHistory * self, uint64_t span_ns)
{
  uint64_t count = sc_pool_history_count (self);
  uint64_t at = count > SC_POOL_HISTORY ? count - SC_POOL_HISTORY : 0;
  uint64_t end = at, most = 0;
  /* When the interval of the oldest one began is known of the first ever. */
  ScPoolSnapshot before = {.time_ns = self->begun_ns };
  bool known = at == 0;

  if (count == 0)
    return UINT64_MAX;
  /* A stretch that begins in the interval that snapshot @at ends. */
  for (; at < count; at++) {
    ScPoolSnapshot s, last;
    uint64_t failures;

    if (!sc_pool_history_read (self, at, &s)
        || !snapshot_until (self, count, s.time_ns + span_ns, &end, &last))
      return UINT64_MAX;        /* the writer was here first */
    failures = grown (before.failures, last.failures);
    if (known && failures > 0)
      failures = within (failures, span_ns, last.time_ns - before.time_ns);
    if (failures > most)
      most = failures;
    before = s;
    known = true;
  }
  return most;
}
