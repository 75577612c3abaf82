/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How many slots of each tier the use that was observed would have needed.
 *
 * The bound
 *   Of the requests for a tier, at most so many were out at once, or would have
 *   been with slots for all of them:
 *
 *     peak of the tier, with its slack (sc-arena.h)
 *     + min (its borrows, peak of the next tier)    served from there instead
 *     + min (its failures, the burst)               not served
 *
 *   Each term is a maximum of its own, so their sum is never less than what was
 *   needed at any one moment; it is more if they fell at different times, or if
 *   the peak holds slots that were lent to the tier below.  A run that is sized
 *   by it and sees the same requests again refuses none and borrows none.
 *   Advice from that run, which has no failures and no borrows, is exact.
 *
 * The burst
 *   How many requests were refused within the longest time that a slot is held:
 *   only those would have been out together.  sc_pool_history_burst() knows; a
 *   caller who does not says SC_POOL_BURST_UNKNOWN, and every failure counts.  It
 *   is at least the longest run of failures of the tier: those came at once.
 *
 *   Who is refused and asks again at once fails very often, which says little of
 *   what he needs.  So failures add a limited number (SC_POOL_ADVICE_GROWTH), and
 *   `capped` says that the next run should be asked again.
 *
 * Beyond the bound
 *   A quarter more, and at least one slot, is added as margin.  A tier that was
 *   never asked for keeps one slot, since its size is part of what the pool can
 *   do.  Requests that waited and were served are no failures; but how many
 *   slots would have spared the wait cannot be seen, so a tier that was used up
 *   while requests waited is doubled, and `waited` says so.  Requests beyond the
 *   largest slot leave no size behind: `too_large` says that there were any.
 *
 * Pure: any thread.
 */
#ifndef SC_POOL_ADVICE_H
#define SC_POOL_ADVICE_H

#include "sc-arena.h"
#include "sc-tiers.h"

/* Percent of what was needed. */
#define SC_POOL_ADVICE_MARGIN 25u

#define SC_POOL_BURST_UNKNOWN UINT64_MAX

/* What failures add at most: so many times the slots of their tier, but not less
 * than so many slots. */
#define SC_POOL_ADVICE_GROWTH 8u
#define SC_POOL_ADVICE_GROWTH_LEAST 256u

/* Of the longest text, with its end. */
#define SC_POOL_ADVICE_TEXT (SC_TIERS_MAX * sizeof ("1073741824x16128,"))

typedef struct
{
  bool seen;                    /* false: nothing was asked for, no advice */
  bool capped;                  /* a tier may need more than is advised */
  bool waited;                  /* a tier was doubled because requests waited */
  bool too_large;               /* requests were larger than any slot */
  ScTiers tiers;                /* 64-byte aligned; valid if seen */
  uint64_t bytes;               /* of their slots */
} ScPoolAdvice;

/**
 * sc_pool_advise:
 * @burst: see above
 */
void sc_pool_advise (const ScArenaStats * stats, uint64_t burst,
    ScPoolAdvice * out);

/**
 * sc_pool_advice_text:
 * @text: (out): SC_POOL_ADVICE_TEXT bytes
 *
 * Writes the tiers as sc_tiers_parse() reads them; nothing if nothing was seen.
 */
void sc_pool_advice_text (const ScPoolAdvice * self, char *text);

#endif
