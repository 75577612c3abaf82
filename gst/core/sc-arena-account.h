/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Who counts what is acquired and released: a thread with a record in its own
 * tallies, with loads and stores alone; who has none, and whoever had to use the
 * shared words, in the shared accounts.
 *
 * For the peaks the tallies are moved to the shared accounts when they have grown
 * by a batch.  So a peak is exact for one thread, and with several to within a
 * batch for each of them.
 *
 * Private to the arena.
 */
#ifndef SC_ARENA_ACCOUNT_H
#define SC_ARENA_ACCOUNT_H

#include "sc-magazine.h"

/* Raises a peak to what is out, of which there cannot be more than @slots; calls
 * under way may be counted twice.  Returns the peak. */
int64_t sc_account_note_peak (_Atomic uint32_t * peak, int64_t out,
    uint32_t slots);

/* A request for the tier that got nothing. */
void sc_account_failed (ScTierAccount * account);

/* @charged: against a quota, whose count says the peak better than the accounts,
 * which lag behind */
void sc_account_acquired (ScArena * self, uint32_t tier, ScClass slot_class,
    bool charged);

/* The slow part of the tallies: looks at the peak, and moves the tally. */
void sc_account_look_at_tier (ScArena * self, ScTally * tally, uint32_t tier);
void sc_account_look_at_class (ScArena * self, ScTally * tally,
    ScClass slot_class);

static inline int64_t
sc_tally_out (const ScTally * tally)
{
  return (int64_t) (sc_read_count (&tally->acquired)
      - sc_read_count (&tally->released));
}

/* Whether one more acquire calls for a look at the peak. */
static inline bool
sc_tally_rises (const ScTally * tally)
{
  return sc_tally_out (tally) >= tally->check;
}

/* Whether one more release completes a batch to be moved. */
static inline bool
sc_tally_falls (const ScTally * tally, uint32_t batch)
{
  return sc_tally_out (tally) <= tally->moved + 1 - (int64_t) batch;
}

/* By its owner alone: no read-modify-write. */
static inline void
sc_tally_count (_Atomic uint64_t * counter)
{
  atomic_store_explicit (counter, sc_read_count (counter) + 1,
      memory_order_relaxed);
}

static inline void
sc_account_acquired_by (ScArena * self, ScRecord * record, uint32_t tier,
    ScClass slot_class, bool charged)
{
  ScTally *t = &record->tiers[tier], *c = &record->classes[slot_class];
  bool tier_rises = sc_tally_rises (t), class_rises = sc_tally_rises (c);

  sc_tally_count (&t->acquired);
  sc_tally_count (&c->acquired);
  if (tier_rises)
    sc_account_look_at_tier (self, t, tier);
  if (class_rises && !charged)
    sc_account_look_at_class (self, c, slot_class);
}

static inline void
sc_account_released_by (ScArena * self, ScRecord * record,
    const ScArenaTier * tier, ScClass slot_class)
{
  ScTally *t = &record->tiers[tier->number];
  ScTally *c = &record->classes[slot_class];
  bool tier_falls = sc_tally_falls (t, tier->batch);
  bool class_falls = sc_tally_falls (c, SC_MAGAZINE_MOST);

  sc_tally_count (&t->released);
  sc_tally_count (&c->released);
  if (tier_falls)
    sc_account_look_at_tier (self, t, tier->number);
  if (class_falls)
    sc_account_look_at_class (self, c, slot_class);
}

#endif
