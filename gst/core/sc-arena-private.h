/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the files of the arena share: its layout and its accounts. */
#ifndef SC_ARENA_PRIVATE_H
#define SC_ARENA_PRIVATE_H

#include "sc-arena.h"
#include "sc-free-list.h"

/* ScSlotHeader.issued: what the slot was handed out for.  The key says what the
 * header then holds; CLEAN that it still did so when the slot last came home, and
 * is right as it lies for a hand-out with the same key. */
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

typedef struct ScMagazines ScMagazines;

/* Shared accounts: of who has no record (sc-magazine.h), and of what the records
 * have moved here, for the peaks. */
typedef struct
{
  ScCell cells[SC_CLASSES];
  _Atomic uint64_t failures;
  _Atomic uint64_t borrows;
  ScHold hold;
  _Atomic int32_t moved;
  _Atomic uint32_t peak;
  /* Failures since a slot was last had, and the most that there were. */
  _Atomic uint32_t failed_run;
  _Atomic uint32_t longest_run;
} ScTierAccount;

typedef struct
{
  _Atomic uint32_t quota;
  _Atomic uint32_t charged;     /* slots out that count against the quota */
  _Atomic int32_t moved;
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
  uint32_t batch;               /* of magazines; 0: it has none */
  uint32_t number;
  uint32_t padding;
  const ScSlotHeader *end;      /* of the headers */
} ScArenaTier;

_Static_assert (sizeof (void *) != 8 || sizeof (ScArenaTier) == 64, "shift");

struct ScArena
{
  /* Written by init only. */
  ScSlotHeader *headers;
  ScTierAccount *tier_accounts;
  ScClassAccount *class_accounts;
  ScArenaMeter *meter;
  ScMagazines *magazines;       /* NULL: none */
  uint32_t slots;
  uint32_t tier_count;
  uint32_t guard_words;
  atomic_bool closed;
  /* Whether any class may have a quota. */
  atomic_bool quotas;
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

/* Slots of a tier that are out.  Too many by at most the calls under way. */
uint32_t sc_arena_tier_in_use (const ScArena * self, uint32_t tier);

/* What a request is, and what it becomes. */
typedef struct
{
  ScArenaTier *tier;            /* the smallest that fits */
  size_t size;
  ScClass slot_class;
  uint32_t weight;              /* of the sample that it is; 0: none */
} ScRequest;

/* For the few functions that all data passes. */
#define SC_LIKELY(condition) __builtin_expect ((condition), 1)
#define SC_INLINE inline __attribute__((always_inline))
#define SC_NOT_INLINE __attribute__((noinline))

/* The guard words behind a slot's data. */
#define SC_GUARD 0xFD5AFEC0DE5AFE1Dull  /* no sample, text or zero */

static inline uint64_t *
sc_guard_of (const ScArenaTier * tier, uint32_t slot)
{
  return (uint64_t *) (void *) (tier->data + (size_t) slot * tier->stride
      + tier->slot_size);
}

void sc_arena_write_guard (const ScArena * self, const ScArenaTier * tier,
    uint32_t slot);

/* As sc_eventcount_notify(), without its fence where nobody waits: the slot
 * was given by a sequentially consistent operation, and so is this load.  With the
 * fence in prepare between the waiter's count and its look at the bits, either
 * we see the count or the waiter sees the slot (C11 7.17.3, paragraphs 9 to 11);
 * with a relaxed load here both could miss and the waiter sleep on. */
static inline void
sc_arena_wake_waiters (ScArena * self)
{
  if (atomic_load_explicit (&self->freed.waiters, memory_order_seq_cst) != 0)
    sc_eventcount_notify (&self->freed);
}

#endif
