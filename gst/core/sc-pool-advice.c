/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-pool-advice.h"

#include <stdio.h>

#define ALIGNMENT 64u

static uint64_t
min (uint64_t a, uint64_t b)
{
  return a < b ? a : b;
}

static bool
is_used_up (const ScTierStats * tier)
{
  return tier->peak >= tier->slots;
}

/* At most so many were out at once. */
static uint64_t
most_out (const ScTierStats * tier)
{
  return min ((uint64_t) tier->peak + tier->peak_slack, tier->slots);
}

/* Refused requests that would have been out together. */
static uint64_t
refused_together (const ScTierStats * tier, uint64_t burst, bool * capped)
{
  uint64_t together = min (tier->failures,
      burst > tier->longest_run ? burst : tier->longest_run);
  uint64_t most = SC_POOL_ADVICE_GROWTH * (uint64_t) tier->slots;

  if (most < SC_POOL_ADVICE_GROWTH_LEAST)
    most = SC_POOL_ADVICE_GROWTH_LEAST;
  *capped |= together > most;
  return min (together, most);
}

static uint64_t
needed (const ScArenaStats * stats, uint32_t at, uint64_t burst, bool * capped)
{
  const ScTierStats *tier = &stats->tiers[at];
  uint64_t lender = at + 1 < stats->count ? most_out (tier + 1) : 0;

  return most_out (tier) + min (tier->borrows, lender)
      + refused_together (tier, burst, capped);
}

static uint64_t
with_margin (uint64_t slots)
{
  uint64_t margin = (slots * SC_POOL_ADVICE_MARGIN + 99) / 100;

  return slots + (margin > 0 ? margin : 1);
}

/* Into the tier of that size, which may be the one before: as text, sizes are
 * rounded up and must differ. */
static void
add_tier (ScPoolAdvice * self, uint32_t slot_size, uint64_t slots)
{
  uint32_t size = (slot_size + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
  ScTiers *tiers = &self->tiers;

  if (tiers->count > 0 && tiers->tiers[tiers->count - 1].size == size)
    slots += tiers->tiers[--tiers->count].slots;
  if (slots > SC_TIER_MAX_SLOTS) {
    slots = SC_TIER_MAX_SLOTS;
    self->capped = true;
  }
  tiers->tiers[tiers->count++] = (ScTier) { size, (uint32_t) slots };
}

void
sc_pool_advise (const ScArenaStats * stats, uint64_t burst,
    ScPoolAdvice * out)
{
  *out = (ScPoolAdvice) {
    .too_large = stats->too_large > 0,
    .tiers.alignment = ALIGNMENT,
  };
  for (uint32_t i = 0; i < stats->count; i++) {
    const ScTierStats *tier = &stats->tiers[i];
    uint64_t slots = min (needed (stats, i, burst, &out->capped), SC_TIER_MAX_SLOTS + 1ull);

    out->seen |= slots > 0;
    if (stats->waits > 0 && is_used_up (tier)) {
      out->waited = true;
      slots = slots > 2ull * tier->slots ? slots : 2ull * tier->slots;
    }
    add_tier (out, tier->slot_size, slots > 0 ? with_margin (slots) : 1);
  }
  for (uint32_t i = 0; i < out->tiers.count; i++)
    out->bytes += (uint64_t) out->tiers.tiers[i].size
        * out->tiers.tiers[i].slots;
}

void
sc_pool_advice_text (const ScPoolAdvice * self, char *text)
{
  char *end = text;

  *text = '\0';
  for (uint32_t i = 0; self->seen && i < self->tiers.count; i++)
    end += sprintf (end, "%s%ux%u", i > 0 ? "," : "",
        self->tiers.tiers[i].size, self->tiers.tiers[i].slots);
}
