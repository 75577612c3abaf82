/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Latencies of an arena's acquires and releases, by class and by tier.
 *
 * Successful acquires and releases that did not wait are sampled, one in
 * SC_SAMPLE_MEAN on average, and each sample stands for as many; waits are all
 * measured, those that end without a slot too.  So counts are estimates, and quantiles right to
 * within the sample.
 *
 * Any number of threads record, with an atomic addition each; any thread reads
 * the histograms with sc_histogram_read().  The memory is the caller's, about
 * 210 KiB: too much for the embedded profile, which does without.
 */
#ifndef SC_ARENA_METER_H
#define SC_ARENA_METER_H

#include "sc-histogram.h"
#include "sc-slot-header.h"
#include "sc-tiers.h"

typedef struct
{
  ScHistogram acquire, release; /* ns */
} ScLatencies;

typedef struct
{
  ScLatencies classes[SC_CLASSES];
  /* Acquires by the tier asked for, releases by the slot's own. */
  ScLatencies tiers[SC_TIERS_MAX];
} ScArenaMeter;

/**
 * sc_arena_meter_init:
 *
 * Empties it.  Before any other thread knows it.
 */
void sc_arena_meter_init (ScArenaMeter * self);

/**
 * sc_arena_meter_acquired:
 * @weight: how many acquires this one stands for
 *
 * The arena's part.  Any thread.
 */
void sc_arena_meter_acquired (ScArenaMeter * self, uint32_t tier,
    ScClass slot_class, uint64_t latency_ns, uint32_t weight);

/**
 * sc_arena_meter_released:
 *
 * As sc_arena_meter_acquired().
 */
void sc_arena_meter_released (ScArenaMeter * self, uint32_t tier,
    ScClass slot_class, uint64_t latency_ns, uint32_t weight);

#endif
