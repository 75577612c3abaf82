/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the files of the arena share: its layout and its accounts. */
#ifndef SC_ARENA_PRIVATE_H
#define SC_ARENA_PRIVATE_H

#include "sc-arena.h"
#include "sc-free-list.h"

/* ScSlotHeader.issued: what the slot was handed out for.  The key says what the
 * header then holds; CLEAN that it still did so when the slot came home, and is
 * right as it lies for a hand-out with the same key. */
#define SC_ISSUED_SIZE UINT32_MAX
#define SC_ISSUED_CLASS_SHIFT 32
#define SC_ISSUED_CLASS ((uint64_t) 0xFF << SC_ISSUED_CLASS_SHIFT)
#define SC_ISSUED_KEY (SC_ISSUED_SIZE | SC_ISSUED_CLASS)
#define SC_ISSUED_CLEAN ((uint64_t) 1 << 40)
#define SC_ISSUED_CHARGED ((uint64_t) 1 << 41)  /* against the class's quota */
/* Of the sample that the acquire was; 0: not measured. */
#define SC_ISSUED_WEIGHT_SHIFT 48

typedef struct
{
  _Atomic uint64_t acquired;
  /* The last that a release touches of the arena: see sc_arena_close(). */
  _Atomic uint64_t released;
} ScCell;

typedef struct
{
  _Atomic uint64_t samples;
  _Atomic uint64_t ns;
} ScHold;

typedef struct
{
  ScCell cells[SC_CLASSES];
  _Atomic uint64_t failures;
  _Atomic uint64_t borrows;
  ScHold hold;
  _Atomic uint32_t peak;
} ScTierAccount;

typedef struct
{
  _Atomic uint32_t quota;
  _Atomic uint32_t charged;     /* slots out that count against the quota */
  _Atomic uint32_t peak;
  _Atomic uint64_t failures;
  _Atomic uint64_t borrows;
  _Atomic uint64_t refusals;
  ScHold hold;
} ScClassAccount;

typedef struct
{
  /* Written by init only. */
  ScFreeList free;
  unsigned char *data;
  ScSlotHeader *headers;
  uint32_t slot_size;
  uint32_t stride;
  uint32_t slots;
} ScArenaTier;

struct ScArena
{
  /* Written by init only. */
  ScSlotHeader *headers;
  ScTierAccount *tier_accounts;
  ScClassAccount *class_accounts;
  ScArenaMeter *meter;
  uint32_t slots;
  uint32_t tier_count;
  uint32_t guard_words;
  atomic_bool closed;
  /* The arena's coarse clock, ns; written by ticks and sampled acquires. */
  _Atomic uint64_t now_ns;

  /* Read at every release: on a line that only waiters write. */
  _Alignas (64) ScEventcount freed;
  _Atomic uint64_t waits;
  _Atomic uint64_t timeouts;

  _Atomic uint64_t too_large;
  _Atomic uint64_t foreign;
  _Atomic uint64_t doubled;
  _Atomic uint64_t corrupted;
  _Atomic uint64_t overruns;
  _Atomic uint64_t fragmented;
  _Atomic uint64_t requested_samples;
  _Atomic uint64_t requested_bytes;
  _Atomic uint64_t capacity_bytes;

  ScArenaTier tiers[];
};

/* Figures for people: relaxed, nothing is published through them. */
static inline void
sc_count (_Atomic uint64_t * counter, uint64_t amount)
{
  atomic_fetch_add_explicit (counter, amount, memory_order_relaxed);
}

static inline uint64_t
sc_read_count (const _Atomic uint64_t * counter)
{
  return atomic_load_explicit (counter, memory_order_relaxed);
}

static inline ScClass
sc_issued_class (uint64_t issued)
{
  return (ScClass) ((issued & SC_ISSUED_CLASS) >> SC_ISSUED_CLASS_SHIFT);
}

/* Slots of a tier, or of a class, that are out by the accounts.  Never less than
 * none, and too many by at most the calls that are under way. */
uint32_t sc_arena_tier_in_use (const ScArena * self, uint32_t tier);
uint32_t sc_arena_class_in_use (const ScArena * self, ScClass slot_class);

#endif
