/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-arena-sample.h"

SC_THREAD_LOCAL ScSampler sc_sampler = {.countdown = 1,.weight = 1 };

uint32_t
sc_sample_take (void)
{
  ScSampler *self = &sc_sampler;
  uint32_t weight = self->weight;

  /* A linear congruential generator (Knuth's MMIX has 64 bits; this one is from
   * Numerical Recipes): its upper bits are random enough for this. */
  self->random = self->random * 1664525u + 1013904223u;
  self->weight = 1 + (self->random >> 16) % (2 * SC_SAMPLE_MEAN - 1);
  self->countdown = self->weight;
  return weight;
}
