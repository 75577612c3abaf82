/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The last SC_POOL_HISTORY snapshots of a pool, in fixed memory, what each
 * interval between two of them comes to in figures, and the figures' trends.
 *
 * Figures (each of an interval, except where it says now)
 *   success rate            acquired / (acquired + failures)
 *   utilisation             bytes of the slots in use / bytes of all slots, now
 *   fragmentation           requests refused although enough bytes were free in
 *                           other slots / (acquired + failures)
 *   internal fragmentation  share of the bytes of the slots handed out that was
 *                           not asked for (sampled)
 *   latencies               of acquires and releases, ns (sampled)
 *   A figure of which an interval saw nothing is SC_POOL_UNKNOWN.
 *
 * One writer, any number of readers, no lock.  Each entry is a sequence lock
 * whose sequence also says which snapshot it holds: a reader that was overtaken
 * by the writer notices and gets nothing, never a mixture (H.-J. Boehm, Can
 * seqlocks get along with programming language memory models?, MSPC 2012).
 */
#ifndef SC_POOL_HISTORY_H
#define SC_POOL_HISTORY_H

#include "sc-trend.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SC_POOL_HISTORY 1000u

/* See sc_pool_history_burst(). */
#define SC_POOL_BURST_CROWD 4

/* 64-bit words only, which is how it is stored. */
typedef struct
{
  uint64_t time_ns;             /* of the monotonic clock */
  uint64_t slots;
  uint64_t in_use;
  uint64_t bytes;               /* of all slots */
  uint64_t bytes_in_use;        /* of the slots in use */
  /* Counts since the start. */
  uint64_t acquired;
  uint64_t released;
  uint64_t failures;
  uint64_t borrows;
  uint64_t quota_refusals;
  uint64_t fragmented;
  uint64_t refused_releases;    /* foreign and double ones */
  uint64_t damaged;             /* headers and guard words found written over */
  uint64_t requested_bytes;     /* sampled: what was asked for ... */
  uint64_t capacity_bytes;      /* ... and what the slots held */
  /* Since the snapshot before, ns. */
  uint64_t acquire_samples;
  uint64_t acquire_mean_ns;
  uint64_t acquire_p99_ns;
  uint64_t release_samples;
  uint64_t release_mean_ns;
  uint64_t release_p99_ns;
} ScPoolSnapshot;

#define SC_POOL_SNAPSHOT_WORDS (sizeof (ScPoolSnapshot) / sizeof (uint64_t))

typedef enum
{
  SC_POOL_SUCCESS_RATE,
  SC_POOL_UTILISATION,
  SC_POOL_FRAGMENTATION,
  SC_POOL_INTERNAL_FRAGMENTATION,
  SC_POOL_ACQUIRE_MEAN,
  SC_POOL_ACQUIRE_P99,
  SC_POOL_RELEASE_MEAN,
  SC_POOL_RELEASE_P99,
  SC_POOL_FIGURES,
} ScPoolFigure;

/* No figure is negative. */
#define SC_POOL_UNKNOWN (-1.0)

typedef struct
{
  double values[SC_POOL_FIGURES];
} ScPoolFigures;

typedef struct
{
  uint32_t snapshots;           /* that they are of */
  uint64_t span_ns;             /* from the first of them to the last */
  ScTrend figures[SC_POOL_FIGURES];     /* x in seconds */
} ScPoolTrends;

typedef struct
{
  uint64_t begun_ns;            /* written by init only */
  _Atomic uint64_t count;       /* snapshots written */
  struct
  {
    /* 2n + 1 while snapshot n is being written, 2n + 2 when it stands. */
    _Atomic uint64_t sequence;
    _Atomic uint64_t words[SC_POOL_SNAPSHOT_WORDS];
  } entries[SC_POOL_HISTORY];
} ScPoolHistory;

/**
 * sc_pool_figure_name:
 *
 * Returns: (transfer none): a stable lower-case name, as `success-rate`
 */
const char *sc_pool_figure_name (ScPoolFigure figure);

/**
 * sc_pool_figures:
 * @older: (nullable): the snapshot before; %NULL for the time since the start
 *
 * What the interval that @newer ends comes to.
 */
void sc_pool_figures (const ScPoolSnapshot * older,
    const ScPoolSnapshot * newer, ScPoolFigures * out);

/**
 * sc_pool_history_init:
 * @begun_ns: when the first interval begins
 *
 * Empties it.  Before any other thread knows it.
 */
void sc_pool_history_init (ScPoolHistory * self, uint64_t begun_ns);

/**
 * sc_pool_history_add:
 *
 * The one writer.
 */
void sc_pool_history_add (ScPoolHistory * self,
    const ScPoolSnapshot * snapshot);

/**
 * sc_pool_history_count:
 *
 * Returns: the number of snapshots ever added
 */
uint64_t sc_pool_history_count (const ScPoolHistory * self);

/**
 * sc_pool_history_read:
 * @number: 0 for the first ever added
 *
 * Any thread, while the writer goes on.
 *
 * Returns: whether that snapshot is (still) there; if not, @out is undefined
 */
bool sc_pool_history_read (const ScPoolHistory * self, uint64_t number,
    ScPoolSnapshot * out);

/**
 * sc_pool_history_trends:
 * @last: of how many of the newest snapshots; 0 for all that there are
 *
 * Any thread, while the writer goes on.
 */
void sc_pool_history_trends (const ScPoolHistory * self, uint32_t last,
    ScPoolTrends * out);

/**
 * sc_pool_history_burst:
 * @span_ns: a time, say the longest that a slot is held
 *
 * The most requests that were refused within any stretch of that time.  Within
 * an interval they may have come SC_POOL_BURST_CROWD times as densely as if they
 * had been spread evenly; what was refused before the oldest snapshot of a
 * history that is full counts as one stretch.
 *
 * Returns: the number; UINT64_MAX without a snapshot, or if the writer overtook
 * the reading
 */
uint64_t sc_pool_history_burst (const ScPoolHistory * self,
    uint64_t span_ns);

#endif
