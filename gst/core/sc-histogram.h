/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A latency histogram of fixed size over the full 64-bit range: log-linear
 * buckets, 32 to an octave, so a value is known to within 1/32 (3.1 %).  The
 * layout is that of HdrHistogram (Gil Tene) with 5 significant bits.
 *
 * One writer thread, any number of readers, no lock: the writer's relaxed load
 * and store need no read-modify-write (several writers: sc_histogram_add()).
 * Readers never reset it; they take a
 * snapshot and subtract an older one.
 */
#ifndef SC_HISTOGRAM_H
#define SC_HISTOGRAM_H

#include <stdatomic.h>
#include <stdint.h>

#define SC_HISTOGRAM_SUB_BITS 5
#define SC_HISTOGRAM_SUB (1u << SC_HISTOGRAM_SUB_BITS)
#define SC_HISTOGRAM_BUCKETS ((64 - SC_HISTOGRAM_SUB_BITS + 1) * SC_HISTOGRAM_SUB)

typedef struct
{
  _Atomic uint64_t buckets[SC_HISTOGRAM_BUCKETS];
  _Atomic uint64_t max;
} ScHistogram;

typedef struct
{
  uint64_t buckets[SC_HISTOGRAM_BUCKETS];
  uint64_t count;
  uint64_t max;
} ScHistogramSnapshot;

/**
 * sc_histogram_init:
 *
 * Empties it.  Before any other thread knows it.
 */
void sc_histogram_init (ScHistogram * self);

/**
 * sc_histogram_record:
 * @value: in any unit, commonly ns
 *
 * The one writer thread only.
 */
void sc_histogram_record (ScHistogram * self, uint64_t value);

/**
 * sc_histogram_add:
 * @weight: how many values this one stands for
 *
 * For histograms with several writers, which all must use it: atomic additions.
 */
void sc_histogram_add (ScHistogram * self, uint64_t value, uint32_t weight);

/**
 * sc_histogram_read:
 *
 * Any thread, while the writer goes on: a value being recorded meanwhile may or
 * may not be in the snapshot.
 */
void sc_histogram_read (const ScHistogram * self, ScHistogramSnapshot * out);

/**
 * sc_histogram_quantile:
 * @quantile: 0.0 to 1.0
 *
 * Returns: the upper bound of the bucket that holds the value of that rank
 * (nearest-rank), at most max; 0 if the snapshot is empty
 */
uint64_t sc_histogram_quantile (const ScHistogramSnapshot * self,
    double quantile);

/**
 * sc_histogram_sum:
 *
 * Returns: all values added up, each taken as the middle of its bucket: within
 * 1/64.  It never falls from one snapshot to a later one.
 */
double sc_histogram_sum (const ScHistogramSnapshot * self);

/**
 * sc_histogram_mean:
 *
 * Returns: the mean, each value taken as the middle of its bucket; 0 if empty
 */
uint64_t sc_histogram_mean (const ScHistogramSnapshot * self);

/* Steps: a coarser view, for those who plot.  With values in ns from 1.024 us to
 * 68.7 s. */
#define SC_HISTOGRAM_FIRST_STEP 10
#define SC_HISTOGRAM_STEPS 28

/**
 * sc_histogram_step_bound:
 * @step: 0 to SC_HISTOGRAM_STEPS - 1
 *
 * Returns: 2^(10 + @step); of the last step UINT64_MAX, which stands for no
 * bound
 */
uint64_t sc_histogram_step_bound (unsigned step);

/**
 * sc_histogram_steps:
 * @steps: (out): how many values are below the bound of each step; of the last
 *   one, how many there are
 *
 * Exact: the bounds are bounds of buckets.
 */
void sc_histogram_steps (const ScHistogramSnapshot * self,
    uint64_t steps[SC_HISTOGRAM_STEPS]);

/**
 * sc_histogram_merge:
 *
 * Adds the values of @other.
 */
void sc_histogram_merge (ScHistogramSnapshot * self,
    const ScHistogramSnapshot * other);

/**
 * sc_histogram_since:
 * @older: an earlier snapshot of the same histogram
 * @out: (out): what came in between; may be @older.  Its max is that of its
 *   highest bucket, at most the max of all
 */
void sc_histogram_since (const ScHistogramSnapshot * self,
    const ScHistogramSnapshot * older, ScHistogramSnapshot * out);

#endif
