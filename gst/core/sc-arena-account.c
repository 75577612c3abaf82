/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-arena-account.h"

static int64_t
rest_of_cell (const ScCell * cell)
{
  return (int64_t) (sc_read_count (&cell->acquired)
      - sc_read_count (&cell->released));
}

/* What the shared accounts know to be out. */
static int64_t
tier_out (const ScTierAccount * account)
{
  int64_t out = atomic_load_explicit (&account->moved, memory_order_relaxed);

  for (uint32_t c = 0; c < SC_CLASSES; c++)
    out += rest_of_cell (&account->cells[c]);
  return out;
}

static int64_t
class_out (const ScArena * self, ScClass slot_class)
{
  int64_t out = atomic_load_explicit (&self->class_accounts[slot_class].moved,
      memory_order_relaxed);

  for (uint32_t i = 0; i < self->tier_count; i++)
    out += rest_of_cell (&self->tier_accounts[i].cells[slot_class]);
  return out;
}

int64_t
sc_account_note_peak (_Atomic uint32_t * peak, int64_t out, uint32_t slots)
{
  uint32_t seen = atomic_load_explicit (peak, memory_order_relaxed);

  if (out > (int64_t) slots)
    out = slots;
  while (out > (int64_t) seen)
    if (atomic_compare_exchange_weak_explicit (peak, &seen, (uint32_t) out,
            memory_order_relaxed, memory_order_relaxed))
      return out;
  return seen;
}

void
sc_account_failed (ScTierAccount * account)
{
  uint32_t run = atomic_fetch_add_explicit (&account->failed_run, 1,
      memory_order_relaxed) + 1;

  sc_count (&account->failures, 1);
  (void) sc_account_note_peak (&account->longest_run, run, UINT32_MAX);
}

void
sc_account_acquired (ScArena * self, uint32_t tier, ScClass slot_class,
    bool charged)
{
  ScTierAccount *account = &self->tier_accounts[tier];

  if (atomic_load_explicit (&account->failed_run, memory_order_relaxed) != 0)
    atomic_store_explicit (&account->failed_run, 0, memory_order_relaxed);
  sc_count (&account->cells[slot_class].acquired, 1);
  (void) sc_account_note_peak (&account->peak, tier_out (account),
      self->tiers[tier].slots);
  if (!charged)
    (void) sc_account_note_peak (&self->class_accounts[slot_class].peak,
        class_out (self, slot_class), self->slots);
}

/* @out: by the shared accounts alone */
static void
look (ScTally * tally, _Atomic int32_t * moved, _Atomic uint32_t * peak,
    int64_t out, uint32_t slots, uint32_t batch)
{
  int64_t rest = sc_tally_out (tally) - tally->moved;
  int64_t top = sc_account_note_peak (peak, out + rest, slots);
  int64_t check = (int64_t) batch - 1;

  if (rest >= (int64_t) batch || rest <= -(int64_t) batch) {
    atomic_fetch_add_explicit (moved, (int32_t) rest, memory_order_relaxed);
    tally->moved += rest;
    out += rest;
    rest = 0;
  }
  /* The next look: when the peak is passed, or at a full batch. */
  if (top - out < check)
    check = top - out > rest ? top - out : rest;
  tally->check = tally->moved + check;
}

void
sc_account_look_at_tier (ScArena * self, ScTally * tally, uint32_t tier)
{
  ScTierAccount *account = &self->tier_accounts[tier];

  look (tally, &account->moved, &account->peak, tier_out (account),
      self->tiers[tier].slots, self->tiers[tier].batch);
}

void
sc_account_look_at_class (ScArena * self, ScTally * tally, ScClass slot_class)
{
  ScClassAccount *account = &self->class_accounts[slot_class];
  /* A quota's count knows the peak, and these accounts lag: beside a quota it
   * would seem exceeded. */
  _Atomic uint32_t beyond = self->slots;
  bool charged = atomic_load_explicit (&account->quota,
      memory_order_relaxed) != 0;

  look (tally, &account->moved, charged ? &beyond : &account->peak,
      class_out (self, slot_class), self->slots, SC_MAGAZINE_MOST);
}
