/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-arena-meter.h"

static void
init_latencies (ScLatencies * latencies, unsigned count)
{
  for (unsigned i = 0; i < count; i++) {
    sc_histogram_init (&latencies[i].acquire);
    sc_histogram_init (&latencies[i].release);
  }
}

void
sc_arena_meter_init (ScArenaMeter * self)
{
  init_latencies (self->classes, SC_CLASSES);
  init_latencies (self->tiers, SC_TIERS_MAX);
}

void
sc_arena_meter_acquired (ScArenaMeter * self, uint32_t tier,
    ScClass slot_class, uint64_t latency_ns, uint32_t weight)
{
  sc_histogram_add (&self->classes[slot_class].acquire, latency_ns, weight);
  sc_histogram_add (&self->tiers[tier].acquire, latency_ns, weight);
}

void
sc_arena_meter_released (ScArenaMeter * self, uint32_t tier,
    ScClass slot_class, uint64_t latency_ns, uint32_t weight)
{
  sc_histogram_add (&self->classes[slot_class].release, latency_ns, weight);
  sc_histogram_add (&self->tiers[tier].release, latency_ns, weight);
}
