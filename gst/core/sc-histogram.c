/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-histogram.h"

#include <string.h>

/* Values below 32 have a bucket each; above, the octave picks a row of 32 and
 * the five bits behind the leading one pick the bucket in it. */
static unsigned
bucket_of (uint64_t value)
{
  unsigned octave;

  if (value < SC_HISTOGRAM_SUB)
    return (unsigned) value;
  octave = 63u - (unsigned) __builtin_clzll (value) - SC_HISTOGRAM_SUB_BITS;
  return (octave + 1) * SC_HISTOGRAM_SUB
      + (unsigned) (value >> octave & (SC_HISTOGRAM_SUB - 1));
}

static uint64_t
bucket_last_value (unsigned bucket)
{
  unsigned octave;

  if (bucket < SC_HISTOGRAM_SUB)
    return bucket;
  octave = bucket / SC_HISTOGRAM_SUB - 1;
  return (((uint64_t) SC_HISTOGRAM_SUB + bucket % SC_HISTOGRAM_SUB) << octave)
      + (((uint64_t) 1 << octave) - 1);
}

/* Behind those all are 0: readers stop there.  Latencies fill the first third. */
static unsigned
buckets_up_to (uint64_t max)
{
  return bucket_of (max) + 1;
}

void
sc_histogram_init (ScHistogram * self)
{
  for (unsigned i = 0; i < SC_HISTOGRAM_BUCKETS; i++)
    atomic_init (&self->buckets[i], 0);
  atomic_init (&self->max, 0);
}

/* Relaxed throughout: each cell is a count of its own, nothing else is
 * published through it, and with one writer a load and a store lose nothing. */
void
sc_histogram_record (ScHistogram * self, uint64_t value)
{
  _Atomic uint64_t *cell = &self->buckets[bucket_of (value)];

  atomic_store_explicit (cell,
      atomic_load_explicit (cell, memory_order_relaxed) + 1,
      memory_order_relaxed);
  if (value > atomic_load_explicit (&self->max, memory_order_relaxed))
    atomic_store_explicit (&self->max, value, memory_order_relaxed);
}

void
sc_histogram_add (ScHistogram * self, uint64_t value, uint32_t weight)
{
  uint64_t max = atomic_load_explicit (&self->max, memory_order_relaxed);

  atomic_fetch_add_explicit (&self->buckets[bucket_of (value)], weight,
      memory_order_relaxed);
  while (value > max
      && !atomic_compare_exchange_weak_explicit (&self->max, &max, value,
          memory_order_relaxed, memory_order_relaxed))
    continue;
}

/* A value whose bucket is counted and whose max is not seen yet is one that is
 * being recorded meanwhile. */
void
sc_histogram_read (const ScHistogram * self, ScHistogramSnapshot * out)
{
  unsigned used;

  out->max = atomic_load_explicit (&self->max, memory_order_relaxed);
  out->count = 0;
  used = buckets_up_to (out->max);
  for (unsigned i = 0; i < used; i++) {
    out->buckets[i] =
        atomic_load_explicit (&self->buckets[i], memory_order_relaxed);
    out->count += out->buckets[i];
  }
  memset (out->buckets + used, 0,
      (SC_HISTOGRAM_BUCKETS - used) * sizeof (out->buckets[0]));
}

uint64_t
sc_histogram_quantile (const ScHistogramSnapshot * self, double quantile)
{
  uint64_t rank, seen = 0;
  double exact = quantile * (double) self->count;

  if (self->count == 0)
    return 0;
  rank = (uint64_t) exact;
  if ((double) rank < exact || rank == 0)
    rank++;
  for (unsigned i = 0; i < SC_HISTOGRAM_BUCKETS; i++) {
    seen += self->buckets[i];
    if (seen >= rank) {
      uint64_t value = bucket_last_value (i);

      return value < self->max ? value : self->max;
    }
  }
  return self->max;
}

double
sc_histogram_sum (const ScHistogramSnapshot * self)
{
  unsigned used = buckets_up_to (self->max);
  double sum = 0.0;
  uint64_t first = 0;

  for (unsigned i = 0; i < used; i++) {
    uint64_t last = bucket_last_value (i);

    sum += (double) self->buckets[i]
        * ((double) first + (double) (last - first) / 2.0);
    first = last + 1;
  }
  return sum;
}

uint64_t
sc_histogram_mean (const ScHistogramSnapshot * self)
{
  return self->count > 0
      ? (uint64_t) (sc_histogram_sum (self) / (double) self->count) : 0;
}

uint64_t
sc_histogram_step_bound (unsigned step)
{
  return step < SC_HISTOGRAM_STEPS - 1
      ? (uint64_t) 1 << (SC_HISTOGRAM_FIRST_STEP + step) : UINT64_MAX;
}

void
sc_histogram_steps (const ScHistogramSnapshot * self,
    uint64_t steps[SC_HISTOGRAM_STEPS])
{
  uint64_t below = 0;
  unsigned bucket = 0;

  for (unsigned i = 0; i < SC_HISTOGRAM_STEPS - 1; i++) {
    while (bucket < bucket_of (sc_histogram_step_bound (i)))
      below += self->buckets[bucket++];
    steps[i] = below;
  }
  steps[SC_HISTOGRAM_STEPS - 1] = self->count;
}

void
sc_histogram_merge (ScHistogramSnapshot * self,
    const ScHistogramSnapshot * other)
{
  unsigned used = buckets_up_to (other->max);

  for (unsigned i = 0; i < used; i++)
    self->buckets[i] += other->buckets[i];
  self->count += other->count;
  if (other->max > self->max)
    self->max = other->max;
}

void
sc_histogram_since (const ScHistogramSnapshot * self,
    const ScHistogramSnapshot * older, ScHistogramSnapshot * out)
{
  uint64_t highest = 0;

  out->count = 0;
  for (unsigned i = 0; i < SC_HISTOGRAM_BUCKETS; i++) {
    out->buckets[i] = self->buckets[i] - older->buckets[i];
    out->count += out->buckets[i];
    if (out->buckets[i] > 0)
      highest = bucket_last_value (i);
  }
  out->max = highest < self->max ? highest : self->max;
}
