/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Magazines (Bonwick and Adams, 2001): each thread keeps some free slots of an
 * arena's larger tiers to itself, so that most acquires and releases touch no
 * memory that another thread writes.  A magazine is a word's number and a set of
 * its bits: no list, nothing to relink, and a bit has no history.
 *
 *   take   the lowest bit of the taking set; that one empty: the returning set;
 *          that one too: a batch of a shared word, by one compare-and-swap
 *   give   into a set of the same word that is not full; else the returning set
 *          goes to its shared word by one fetch_or and begins anew
 *
 * A record is a thread's place in an arena: its magazines and its accounts.  It is
 * claimed at the first use and given up when the thread ends.  Threads beyond
 * SC_RECORDS use the shared words.
 *
 * Nothing is stranded
 *   Whoever finds nothing revokes all magazines: from then on everybody uses the
 *   shared words, and every bit is there.  Owners pay no read-modify-write and no
 *   fence for it (biased synchronisation):
 *
 *     owner                              who revokes
 *       busy = 1                           revoked += 1
 *       (compiler barrier)                 membarrier()
 *       if revoked == 0                    wait until every busy is 0
 *         take or give                     drain every record
 *       busy = 0
 *
 *   membarrier(2) runs a full barrier on every processor that runs one of our
 *   threads: after it an owner's busy is seen, or the owner sees revoked.  The
 *   wait is as long as an owner may be preempted between two lines.  Who waits for
 *   a slot keeps all revoked meanwhile, so that each release takes the shared way
 *   and looks for waiters.  After an exhaustion it stays so until
 *   SC_MAGAZINE_CALM shared operations have gone by without another one: a pool
 *   that is exhausted all the time pays no system call each time.
 *
 * Where the system has no membarrier, and in arenas without a tier of at least
 * SC_MAGAZINE_LEAST slots, there are no magazines.
 *
 * Private to the arena.
 */
#ifndef SC_MAGAZINE_H
#define SC_MAGAZINE_H

#include "sc-arena-private.h"
#include "sc-arena-sample.h"

#define SC_RECORDS 16u
/* A magazine set holds up to 1/16 of its tier's slots, and up to 32. */
#define SC_MAGAZINE_MOST 32u
#define SC_MAGAZINE_SHARE 16u
#define SC_MAGAZINE_LEAST (2u * SC_MAGAZINE_SHARE)
#define SC_MAGAZINE_CALM 1024u

typedef struct
{
  _Atomic uint64_t bits;
  uint32_t base;                /* the slot of the word's bit 0 */
  uint32_t count;
} ScMagazineSet;

/* The base of no word: no slot lies within 63 of it. */
#define SC_MAGAZINE_NO_BASE (UINT32_MAX / 2)

typedef struct
{
  ScMagazineSet taking, returning;
} ScMagazine;

/* A thread's account of a tier or a class. */
typedef struct
{
  _Atomic uint64_t acquired;
  _Atomic uint64_t released;
  /* Of acquired - released: what the shared account has been told; and above what
   * the peak must be looked at. */
  int64_t moved;
  int64_t check;
} ScTally;

/* Written by its owner alone, but for the bits while revoked. */
typedef struct
{
  _Alignas (64) _Atomic uint32_t busy;
  /* The time of the thread's last sampled acquire, ns. */
  uint64_t now_ns;
  ScTally classes[SC_CLASSES];
  ScTally tiers[SC_TIERS_MAX];
  ScMagazine magazines[SC_TIERS_MAX];
} ScRecord;

struct ScMagazines
{
  /* Of the arena: no other one has had it, as it may have had the address. */
  uint64_t serial;
  ScArena *arena;
  ScMagazines *next, *previous;
  /* Threads; 0: nobody's.  Claimed by compare-and-swap. */
  _Atomic uint64_t owners[SC_RECORDS];

  /* How many keep the magazines revoked, and whether all are drained. */
  _Alignas (64) _Atomic uint32_t revoked;
  /* Whether somebody is at it. */
  _Atomic uint32_t draining;

  /* Whether one of them is the calm after an exhaustion, and how long it is. */
  _Alignas (64) _Atomic uint32_t calming;
  _Atomic uint32_t calm;

  ScRecord records[SC_RECORDS];
};

/* The record that this thread has used last in arenas of such a serial. */
#define SC_RECORD_CACHE 4u
typedef struct
{
  uint64_t serial;
  ScRecord *record;
} ScCachedRecord;

extern SC_THREAD_LOCAL ScCachedRecord sc_record_cache[SC_RECORD_CACHE];

/* The batch of a tier: 0, none of its slots are ever in magazines. */
static inline uint32_t
sc_magazine_batch (uint32_t slots)
{
  if (slots < SC_MAGAZINE_LEAST)
    return 0;
  return slots / SC_MAGAZINE_SHARE < SC_MAGAZINE_MOST
      ? slots / SC_MAGAZINE_SHARE : SC_MAGAZINE_MOST;
}

/* Takes the memory, of sizeof (ScMagazines).  False: the system cannot. */
bool sc_magazines_init (ScMagazines * self, ScArena * arena);
void sc_magazines_clear (ScMagazines * self);

/* Finds or claims this thread's record; NULL: all are others'. */
ScRecord *sc_magazines_claim (ScMagazines * self);

/* Brings every slot to the shared words and keeps it so until restore. */
void sc_magazines_revoke (ScMagazines * self);
void sc_magazines_restore (ScMagazines * self);

/* An exhaustion: the caller's revoke becomes the calm's.  A shared operation that
 * was none. */
void sc_magazines_begin_calm (ScMagazines * self);
void sc_magazines_count_calm (ScMagazines * self);

/* The slow parts of take and give: see the list above. */
bool sc_magazine_load (ScMagazine * self, ScArenaTier * tier);
void sc_magazine_unload (ScMagazine * self, ScArenaTier * tier,
    uint32_t slot);

/* This thread's record if it has used it lately, else NULL. */
static inline ScRecord *
sc_magazines_cached_record (const ScMagazines * self)
{
  const ScCachedRecord *cached
      = &sc_record_cache[self->serial % SC_RECORD_CACHE];

  return __builtin_expect (cached->serial == self->serial, 1)
      ? cached->record : NULL;
}

static inline ScRecord *
sc_magazines_record (ScMagazines * self)
{
  ScRecord *record = sc_magazines_cached_record (self);

  return record != NULL ? record : sc_magazines_claim (self);
}

static inline void
sc_record_leave (ScRecord * self)
{
  /* Release: pairs with the acquire of who waits for it to drain us. */
  atomic_store_explicit (&self->busy, 0, memory_order_release);
}

/* Begins a fast operation; false: use the shared words. */
static inline bool
sc_record_enter (ScRecord * self, ScMagazines * magazines)
{
  atomic_store_explicit (&self->busy, 1, memory_order_relaxed);
  /* Store-buffer pair with sc_magazines_revoke(), whose membarrier is the fence
   * on both sides: here only the compiler must keep the order. */
  atomic_signal_fence (memory_order_seq_cst);
  /* Acquire: pairs with restore, so that we see our bits drained. */
  if (__builtin_expect (atomic_load_explicit (&magazines->revoked,
              memory_order_acquire) == 0, 1))
    return true;
  sc_record_leave (self);
  return false;
}

/* The lowest slot of a set's @bits, which are not 0. */
static inline uint32_t
sc_magazine_lowest (const ScMagazineSet * set, uint64_t bits)
{
  return set->base + (uint32_t) __builtin_ctzll (bits);
}

/* Removes it, between enter and leave. */
static inline void
sc_magazine_remove (ScMagazineSet * set, uint64_t bits)
{
  atomic_store_explicit (&set->bits, bits & (bits - 1), memory_order_relaxed);
  set->count--;
}

/* Between enter and leave.  Returns the slot, or -1: no slot in our magazine and
 * none in the shared words. */
static inline int32_t
sc_magazine_take (ScMagazine * self, ScArenaTier * tier)
{
  ScMagazineSet *set = &self->taking;
  uint64_t bits = atomic_load_explicit (&set->bits, memory_order_relaxed);
  uint32_t slot;

  if (__builtin_expect (bits == 0, 0)) {
    if (!sc_magazine_load (self, tier))
      return -1;
    bits = atomic_load_explicit (&set->bits, memory_order_relaxed);
  }
  slot = sc_magazine_lowest (set, bits);
  sc_magazine_remove (set, bits);
  return (int32_t) slot;
}

static inline bool
sc_magazine_set_has_room (const ScMagazineSet * self, uint32_t slot,
    uint32_t batch)
{
  return slot - self->base < SC_FREE_LIST_SLOTS_PER_WORD
      && self->count < batch;
}

/* The set that has room for a slot, or NULL. */
static inline ScMagazineSet *
sc_magazine_room (ScMagazine * self, uint32_t slot, uint32_t batch)
{
  ScMagazineSet *set = &self->taking;

  if (!sc_magazine_set_has_room (set, slot, batch))
    set = &self->returning;
  return sc_magazine_set_has_room (set, slot, batch) ? set : NULL;
}

/* Between enter and leave, into a set with room. */
static inline void
sc_magazine_put (ScMagazineSet * set, uint32_t slot)
{
  atomic_store_explicit (&set->bits, atomic_load_explicit (&set->bits,
          memory_order_relaxed) | (uint64_t) 1 << (slot - set->base),
      memory_order_relaxed);
  set->count++;
}

/* Between enter and leave. */
static inline void
sc_magazine_give (ScMagazine * self, ScArenaTier * tier, uint32_t slot)
{
  ScMagazineSet *set = sc_magazine_room (self, slot, tier->batch);

  if (set != NULL)
    sc_magazine_put (set, slot);
  else
    sc_magazine_unload (self, tier, slot);
}

#endif
