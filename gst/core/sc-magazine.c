/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-magazine.h"

#include "sc-give-way.h"

#include <errno.h>
#include <pthread.h>

#ifdef __linux__
#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

/* In revoked: every record is drained, and nobody can have filled one since. */
#define DRAINED ((uint32_t) 1 << 31)

/* For stores to be seen everywhere where no barrier can be had. */
#define SETTLE_NS 1000000

SC_THREAD_LOCAL ScCachedRecord sc_record_cache[SC_RECORD_CACHE];

/* This thread's number, from 1; and whether it has ended already, so that what
 * its other destructors release must not claim again. */
static SC_THREAD_LOCAL uint64_t thread_number;
static SC_THREAD_LOCAL bool thread_ended;

/* All arenas with magazines, for threads that end. */
static pthread_mutex_t registry_lock = PTHREAD_MUTEX_INITIALIZER;
static ScMagazines *registry;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t thread_key;
static bool supported;

#ifdef __linux__
static bool
register_membarrier (void)
{
  return syscall (SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0,
      0) == 0;
}

static bool
membarrier (void)
{
  return syscall (SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0) == 0;
}
#else
static bool
register_membarrier (void)
{
  return false;
}

static bool
membarrier (void)
{
  return false;
}
#endif

static uint64_t
my_number (void)
{
  static _Atomic uint64_t threads;

  if (thread_number == 0)
    thread_number = 1 + atomic_fetch_add_explicit (&threads, 1,
        memory_order_relaxed);
  return thread_number;
}

static void
drain_set (ScMagazineSet * set, ScFreeList * list)
{
  uint64_t bits = atomic_load_explicit (&set->bits, memory_order_relaxed);

  if (bits == 0)
    return;
  atomic_store_explicit (&set->bits, 0, memory_order_relaxed);
  sc_free_list_give_some (list,
      set->base / SC_FREE_LIST_SLOTS_PER_WORD, bits);
}

/* By its owner between enter and leave, or by the one who drains. */
static void
drain (ScMagazines * self, ScRecord * record)
{
  for (uint32_t i = 0; i < self->arena->tier_count; i++) {
    ScFreeList *list = &self->arena->tiers[i].free;

    drain_set (&record->magazines[i].taking, list);
    drain_set (&record->magazines[i].returning, list);
  }
}

/* A thread ends: its slots and its records are others'. */
static void
give_up_records (void *data)
{
  (void) data;
  thread_ended = true;
  for (uint32_t i = 0; i < SC_RECORD_CACHE; i++)
    sc_record_cache[i].serial = 0;

  pthread_mutex_lock (&registry_lock);
  for (ScMagazines * m = registry; m != NULL; m = m->next) {
    for (uint32_t i = 0; i < SC_RECORDS; i++) {
      if (atomic_load_explicit (&m->owners[i], memory_order_relaxed)
          != thread_number)
        continue;
      /* Revoked: who did that drains it, if there is anything left. */
      if (sc_record_enter (&m->records[i], m)) {
        drain (m, &m->records[i]);
        sc_record_leave (&m->records[i]);
      }
      /* Release: pairs with the claim of the next owner. */
      atomic_store_explicit (&m->owners[i], 0, memory_order_release);
    }
  }
  pthread_mutex_unlock (&registry_lock);
}

static void
init_once (void)
{
  supported = register_membarrier () && membarrier ()
      && pthread_key_create (&thread_key, give_up_records) == 0;
}

bool
sc_magazines_init (ScMagazines * self, ScArena * arena)
{
  static _Atomic uint64_t serials;

  pthread_once (&once, init_once);
  if (!supported)
    return false;

  *self = (ScMagazines) {
    .serial = 1 + atomic_fetch_add_explicit (&serials, 1,
        memory_order_relaxed),
    .arena = arena,
  };
  for (uint32_t i = 0; i < SC_RECORDS; i++) {
    for (uint32_t t = 0; t < SC_TIERS_MAX; t++) {
      self->records[i].magazines[t].taking.base = SC_MAGAZINE_NO_BASE;
      self->records[i].magazines[t].returning.base = SC_MAGAZINE_NO_BASE;
    }
  }
  pthread_mutex_lock (&registry_lock);
  self->next = registry;
  if (registry != NULL)
    registry->previous = self;
  registry = self;
  pthread_mutex_unlock (&registry_lock);
  return true;
}

void
sc_magazines_clear (ScMagazines * self)
{
  pthread_mutex_lock (&registry_lock);
  if (self->previous != NULL)
    self->previous->next = self->next;
  else
    registry = self->next;
  if (self->next != NULL)
    self->next->previous = self->previous;
  pthread_mutex_unlock (&registry_lock);
}

/* The record that is this thread's already, or one of nobody's. */
static ScRecord *
find_record (ScMagazines * self, uint64_t me)
{
  for (uint32_t i = 0; i < SC_RECORDS; i++)
    if (atomic_load_explicit (&self->owners[i], memory_order_relaxed) == me)
      return &self->records[i];
  for (uint32_t i = 0; i < SC_RECORDS; i++) {
    uint64_t nobody = 0;

    if (atomic_load_explicit (&self->owners[i], memory_order_relaxed) == 0
        && atomic_compare_exchange_strong_explicit (&self->owners[i], &nobody,
            me, memory_order_acquire, memory_order_relaxed))
      return &self->records[i];
  }
  return NULL;
}

ScRecord *
sc_magazines_claim (ScMagazines * self)
{
  ScCachedRecord *cached = &sc_record_cache[self->serial % SC_RECORD_CACHE];
  ScRecord *record;

  if (thread_ended || (thread_number == 0
          && pthread_setspecific (thread_key, &thread_number) != 0))
    return NULL;
  record = find_record (self, my_number ());
  if (record != NULL)
    *cached = (ScCachedRecord) { self->serial, record };
  return record;
}

/* A full barrier on every processor that runs one of our threads. */
static void
barrier_everywhere (void)
{
  struct timespec pause = {.tv_nsec = SETTLE_NS };

  /* Registered by init; in a child after fork the registration may be gone. */
  if (membarrier () || (register_membarrier () && membarrier ()))
    return;
  /* Forbidden since, by a sandbox.  A store leaves its processor for the others
   * by itself, in far less than a microsecond; a thread that is preempted before
   * has had its barrier by that. */
  while (nanosleep (&pause, &pause) != 0 && errno == EINTR)
    continue;
}

static void
drain_all (ScMagazines * self)
{
  barrier_everywhere ();
  for (uint32_t i = 0; i < SC_RECORDS; i++) {
    ScRecord *record = &self->records[i];

    /* Acquire: pairs with sc_record_leave(). */
    for (int turn = 0; atomic_load_explicit (&record->busy,
            memory_order_acquire) != 0; turn++)
      sc_give_way (turn);
    drain (self, record);
  }
}

void
sc_magazines_revoke (ScMagazines * self)
{
  /* Sequentially consistent, before membarrier: see the header. */
  atomic_fetch_add_explicit (&self->revoked, 1, memory_order_seq_cst);
  /* Acquire: pairs with the release below, for the bits in their words. */
  for (int turn = 0; (atomic_load_explicit (&self->revoked,
              memory_order_acquire) & DRAINED) == 0; turn++) {
    /* One at a time: bits in another one's hands would be missed. */
    if (atomic_exchange_explicit (&self->draining, 1, memory_order_acquire)
        != 0) {
      sc_give_way (turn);
      continue;
    }
    if ((atomic_load_explicit (&self->revoked, memory_order_acquire)
            & DRAINED) == 0) {
      drain_all (self);
      atomic_fetch_or_explicit (&self->revoked, DRAINED,
          memory_order_release);
    }
    atomic_store_explicit (&self->draining, 0, memory_order_release);
  }
}

void
sc_magazines_restore (ScMagazines * self)
{
  uint32_t old = atomic_load_explicit (&self->revoked, memory_order_relaxed);
  uint32_t left;

  do {
    left = old - 1;
    if ((left & ~DRAINED) == 0)
      left = 0;
    /* Release: pairs with sc_record_enter(). */
  } while (!atomic_compare_exchange_weak_explicit (&self->revoked, &old, left,
          memory_order_release, memory_order_relaxed));
}

void
sc_magazines_begin_calm (ScMagazines * self)
{
  atomic_store_explicit (&self->calm, 0, memory_order_relaxed);
  if (atomic_exchange_explicit (&self->calming, 1, memory_order_relaxed) != 0)
    sc_magazines_restore (self);
}

void
sc_magazines_count_calm (ScMagazines * self)
{
  uint32_t calming = 1;

  if (atomic_load_explicit (&self->calming, memory_order_relaxed) == 0
      || atomic_fetch_add_explicit (&self->calm, 1, memory_order_relaxed)
      < SC_MAGAZINE_CALM)
    return;
  if (atomic_compare_exchange_strong_explicit (&self->calming, &calming, 0,
          memory_order_relaxed, memory_order_relaxed))
    sc_magazines_restore (self);
}

static void
fill (ScMagazineSet * set, uint32_t base, uint64_t bits, uint32_t count)
{
  set->base = base;
  set->count = count;
  atomic_store_explicit (&set->bits, bits, memory_order_relaxed);
}

static inline void
prefetch_for_writing (const void *address)
{
#if defined(__x86_64__)
  /* The builtin only fetches for reading, unless told of the processor; without
   * the instruction it is none. */
  __asm__ volatile ("prefetchw %0"::"m" (*(const char *) address));
#else
  __builtin_prefetch (address, 1);
#endif
}

/* What the next acquires will write, and other threads have written: all at once
 * they come in the time of one. */
static void
prefetch_headers (const ScArenaTier * tier, uint32_t base, uint64_t bits)
{
  for (; bits != 0; bits &= bits - 1)
    prefetch_for_writing (&tier->headers[base
            + (uint32_t) __builtin_ctzll (bits)].held);
}

/* Drained sets keep their count: it is set right where their bits are found
 * missing. */
bool
sc_magazine_load (ScMagazine * self, ScArenaTier * tier)
{
  uint64_t bits = atomic_load_explicit (&self->returning.bits,
      memory_order_relaxed);
  uint32_t base = self->returning.base, word;

  if (bits != 0) {
    fill (&self->returning, SC_MAGAZINE_NO_BASE, 0, 0);
  } else {
    bits = sc_free_list_take_some (&tier->free, tier->batch, &word);
    if (bits == 0) {
      self->taking.count = 0;
      return false;
    }
    base = word * SC_FREE_LIST_SLOTS_PER_WORD;
    prefetch_headers (tier, base, bits);
  }
  fill (&self->taking, base, bits, (uint32_t) __builtin_popcountll (bits));
  return true;
}

void
sc_magazine_unload (ScMagazine * self, ScArenaTier * tier, uint32_t slot)
{
  uint64_t bits = atomic_load_explicit (&self->returning.bits,
      memory_order_relaxed);
  uint32_t word = slot / SC_FREE_LIST_SLOTS_PER_WORD;
  uint32_t base = word * SC_FREE_LIST_SLOTS_PER_WORD;

  if (bits != 0)
    sc_free_list_give_some (&tier->free,
        self->returning.base / SC_FREE_LIST_SLOTS_PER_WORD, bits);
  fill (&self->returning, base, (uint64_t) 1 << (slot - base), 1);
}
