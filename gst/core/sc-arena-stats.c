/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-magazine.h"

#include <errno.h>

typedef struct
{
  uint64_t acquired, released;
} Sum;

/* Released first, and of all: a slot that comes home meanwhile was acquired
 * before, maybe by another thread, which counts in another tally.  So what is
 * read never says that more came home than went out. */
static Sum
sum_of_tier (const ScArena * self, uint32_t tier)
{
  const ScCell *cells = self->tier_accounts[tier].cells;
  uint32_t records = self->tiers[tier].batch > 0 ? SC_RECORDS : 0;
  Sum sum = { 0, 0 };

  for (uint32_t c = 0; c < SC_CLASSES; c++)
    sum.released += atomic_load_explicit (&cells[c].released,
        memory_order_acquire);
  for (uint32_t r = 0; r < records; r++)
    sum.released += atomic_load_explicit (&self->magazines->records[r].
        tiers[tier].released, memory_order_acquire);
  for (uint32_t c = 0; c < SC_CLASSES; c++)
    sum.acquired += sc_read_count (&cells[c].acquired);
  for (uint32_t r = 0; r < records; r++)
    sum.acquired +=
        sc_read_count (&self->magazines->records[r].tiers[tier].acquired);
  return sum;
}

static Sum
sum_of_class (const ScArena * self, ScClass slot_class)
{
  uint32_t records = self->magazines != NULL ? SC_RECORDS : 0;
  Sum sum = { 0, 0 };

  for (uint32_t i = 0; i < self->tier_count; i++)
    sum.released += atomic_load_explicit (&self->tier_accounts[i].
        cells[slot_class].released, memory_order_acquire);
  for (uint32_t r = 0; r < records; r++)
    sum.released += atomic_load_explicit (&self->magazines->records[r].
        classes[slot_class].released, memory_order_acquire);
  for (uint32_t i = 0; i < self->tier_count; i++)
    sum.acquired +=
        sc_read_count (&self->tier_accounts[i].cells[slot_class].acquired);
  for (uint32_t r = 0; r < records; r++)
    sum.acquired +=
        sc_read_count (&self->magazines->records[r].classes[slot_class].acquired);
  return sum;
}

/* In the moment between a give and its count the slot may be another's: then
 * more seem out than there are. */
static uint32_t
in_use_of (Sum sum, uint32_t slots)
{
  uint64_t in_use = sum.acquired > sum.released
      ? sum.acquired - sum.released : 0;

  return in_use < slots ? (uint32_t) in_use : slots;
}

uint32_t
sc_arena_tier_in_use (const ScArena * self, uint32_t tier)
{
  return in_use_of (sum_of_tier (self, tier), self->tiers[tier].slots);
}

/* What the threads that have used the tier count for themselves at most. */
static uint32_t
slack_of (const ScArena * self, uint32_t tier)
{
  uint32_t batch = self->tiers[tier].batch, threads = 0;

  for (uint32_t r = 0; batch > 0 && r < SC_RECORDS; r++) {
    const ScTally *tally = &self->magazines->records[r].tiers[tier];

    if (sc_read_count (&tally->acquired) + sc_read_count (&tally->released) > 0)
      threads++;
  }
  return threads > 1 ? threads * (batch - 1) : 0;
}

static void
read_tier (const ScArena * self, uint32_t tier, ScTierStats * out)
{
  const ScTierAccount *account = &self->tier_accounts[tier];
  Sum sum = sum_of_tier (self, tier);

  *out = (ScTierStats) {
    .slot_size = self->tiers[tier].slot_size,
    .slots = self->tiers[tier].slots,
    .in_use = in_use_of (sum, self->tiers[tier].slots),
    .peak = atomic_load_explicit (&account->peak, memory_order_relaxed),
    .peak_slack = slack_of (self, tier),
    .acquired = sum.acquired,
    .released = sum.released,
    .hits = sum.acquired,
    .failures = sc_read_count (&account->failures),
    .longest_run = atomic_load_explicit (&account->longest_run,
        memory_order_relaxed),
    .borrows = sc_read_count (&account->borrows),
    .hold_samples = sc_read_count (&account->hold.samples),
    .hold_ns = sc_read_count (&account->hold.ns),
  };
  if (out->peak < out->in_use)
    out->peak = out->in_use;
}

static void
read_class (const ScArena * self, ScClass slot_class, ScClassStats * out)
{
  const ScClassAccount *account = &self->class_accounts[slot_class];
  Sum sum = sum_of_class (self, slot_class);

  *out = (ScClassStats) {
    .quota = atomic_load_explicit (&account->quota, memory_order_relaxed),
    .in_use = in_use_of (sum, self->slots),
    .peak = atomic_load_explicit (&account->peak, memory_order_relaxed),
    .acquired = sum.acquired,
    .released = sum.released,
    .failures = sc_read_count (&account->failures),
    .borrows = sc_read_count (&account->borrows),
    .quota_refusals = sc_read_count (&account->refusals),
    .hold_samples = sc_read_count (&account->hold.samples),
    .hold_ns = sc_read_count (&account->hold.ns),
  };
  if (out->quota == 0 && out->peak < out->in_use)
    out->peak = out->in_use;
}

void
sc_arena_read_stats (const ScArena * self, ScArenaStats * out)
{
  *out = (ScArenaStats) {
    .count = self->tier_count,
    .too_large = sc_read_count (&self->too_large),
    .waits = sc_read_count (&self->waits),
    .timeouts = sc_read_count (&self->timeouts),
    .foreign = sc_read_count (&self->foreign),
    .doubled = sc_read_count (&self->doubled),
    .corrupted = sc_read_count (&self->corrupted),
    .overruns = sc_read_count (&self->overruns),
    .fragmented = sc_read_count (&self->fragmented),
    .requested_samples = sc_read_count (&self->requested_samples),
    .requested_bytes = sc_read_count (&self->requested_bytes),
    .capacity_bytes = sc_read_count (&self->capacity_bytes),
  };
  for (uint32_t i = 0; i < self->tier_count; i++)
    read_tier (self, i, &out->tiers[i]);
  for (uint32_t c = 0; c < SC_CLASSES; c++)
    read_class (self, (ScClass) c, &out->classes[c]);
  /* What a tier lent was asked of the one before it. */
  for (uint32_t i = 1; i < self->tier_count; i++) {
    uint64_t lent = out->tiers[i - 1].borrows;

    out->tiers[i].hits -= lent < out->tiers[i].hits ? lent
        : out->tiers[i].hits;
  }
}

int
sc_arena_set_quota (ScArena * self, ScClass slot_class, uint32_t slots)
{
  if ((unsigned) slot_class >= SC_CLASSES)
    return -EINVAL;
  atomic_store_explicit (&self->class_accounts[slot_class].quota, slots,
      memory_order_relaxed);
  if (slots != 0)
    atomic_store_explicit (&self->quotas, true, memory_order_relaxed);
  /* A larger quota may be what somebody waits for. */
  sc_eventcount_notify (&self->freed);
  return 0;
}

void
sc_arena_set_meter (ScArena * self, ScArenaMeter * meter)
{
  self->meter = meter;
}

void
sc_arena_tick (ScArena * self, uint64_t now_ns)
{
  atomic_store_explicit (&self->now_ns, now_ns, memory_order_relaxed);
}

void
sc_arena_foreach_out (const ScArena * self, ScSlotOutFunc func, void *data)
{
  for (uint32_t i = 0; i < self->slots; i++) {
    const ScSlotHeader *header = &self->headers[i];
    uint64_t issued;

    if (sc_read_count (&header->held) == 0)
      continue;
    issued = sc_read_count (&header->issued);
    func (&(ScSlotOut) {
        .id = i,
        .slot_class = sc_issued_class (issued),
        .size = (uint32_t) (issued & SC_ISSUED_SIZE),
        .since_ns = sc_read_count (&header->since_ns),
        }, data);
  }
}
