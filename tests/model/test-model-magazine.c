/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The pool's free list and its magazines: owners that take and give beside
 * those who revoke.  No slot is had twice, none is lost, and who has revoked
 * finds what is free.  See model-main.h.
 *
 * The sources are included: the test begins with records and words of its own.
 */
#include "model-main.h"

#include "sc-free-list.c"

#include "sc-give-way.h"
#include "sc-magazine.h"

#include <pthread.h>
#include <string.h>

/* Fewer records to look at; a wait of the model's; and no lock, as an execution
 * may be left while one is held. */
#undef SC_RECORDS
#define SC_RECORDS 2u
#define sc_give_way(turn) ((void) (turn), mc_wait ())
#define pthread_mutex_lock(lock) ((void) (lock))
#define pthread_mutex_unlock(lock) ((void) (lock))
#include "sc-magazine.c"

enum { SLOTS = 2 };

static _Alignas (64) char arena_memory[sizeof (ScArena) + sizeof (ScArenaTier)];
static ScArena *const arena = (void *) arena_memory;
static ScFreeWord word;
static ScMagazines magazines;
static ScSlotHeader headers[SLOTS];

static uint64_t contents[SLOTS];
static uint64_t reason;                 /* of a close */
static unsigned held[MC_THREADS];       /* sets of slots */
static unsigned closed_out;
static bool was_closed;
static _Atomic uint32_t given_after_close;

static void
begin (void)
{
  ScArenaTier *tier = &arena->tiers[0];

  memset (arena_memory, 0, sizeof (arena_memory));
  sc_free_list_init (&tier->free, &word, SLOTS);
  tier->headers = headers;
  tier->batch = SLOTS;
  arena->tier_count = 1;

  memset (&magazines, 0, sizeof (magazines));
  magazines.arena = arena;
  magazines.records[0].magazines[0].taking.base = SC_MAGAZINE_NO_BASE;
  magazines.records[0].magazines[0].returning.base = SC_MAGAZINE_NO_BASE;
  magazines.records[1] = magazines.records[0];
  registry = &magazines;

  memset (contents, 0, sizeof (contents));
  memset (held, 0, sizeof (held));
  closed_out = 0;
  reason = 0;
  was_closed = false;
  atomic_init (&given_after_close, 0);
  mc_thread_local (&last_give, sizeof (last_give));
  mc_thread_local (&thread_number, sizeof (thread_number));
  mc_thread_local (&thread_ended, sizeof (thread_ended));
}

/* A slot is the caller's, and what is in it. */
static void
have (unsigned thread, uint32_t slot)
{
  mc_assert (slot < SLOTS);
  mc_assert (mc_plain_load (&contents[slot]) == 0);
  mc_plain_store (&contents[slot], thread + 1);
  held[thread] |= 1u << slot;
}

static uint32_t
let_go (unsigned thread)
{
  uint32_t slot = (uint32_t) __builtin_ctz (held[thread]);

  mc_assert (mc_plain_load (&contents[slot]) == thread + 1);
  mc_plain_store (&contents[slot], 0);
  held[thread] &= ~(1u << slot);
  return slot;
}

static void
take_shared (unsigned thread)
{
  uint32_t slot;

  if (sc_free_list_take (&arena->tiers[0].free, &slot) == 0)
    have (thread, slot);
}

static void
give_shared (unsigned thread)
{
  if (held[thread] == 0)
    return;
  if (sc_free_list_give (&arena->tiers[0].free, let_go (thread)) != 0) {
    mc_assert (mc_plain_load (&reason) == 1);
    atomic_fetch_add_explicit (&given_after_close, 1, memory_order_relaxed);
  }
}

/* As the arena: through the record, or else the shared words. */
static void
take (unsigned thread)
{
  ScRecord *record = &magazines.records[thread];
  int32_t slot;

  if (!sc_record_enter (record, &magazines)) {
    take_shared (thread);
    return;
  }
  slot = sc_magazine_take (&record->magazines[0], &arena->tiers[0]);
  sc_record_leave (record);
  if (slot >= 0)
    have (thread, (uint32_t) slot);
}

static void
give (unsigned thread)
{
  ScRecord *record = &magazines.records[thread];

  if (held[thread] == 0)
    return;
  if (!sc_record_enter (record, &magazines)) {
    give_shared (thread);
    return;
  }
  sc_magazine_give (&record->magazines[0], &arena->tiers[0],
      let_go (thread));
  sc_record_leave (record);
}

/* One slot is thread 0's, the other in its magazine. */
static void
begin_with_magazine (void)
{
  begin ();
  take (0);
  mc_assert (held[0] == 1);
}

static void
begin_with_both (void)
{
  begin ();
  take (0);
  take (0);
  mc_assert (held[0] == 3);
}

static void
begin_with_one_each (void)
{
  begin ();
  take_shared (0);
  take_shared (1);
  mc_assert (held[0] == 1 && held[1] == 2);
}

/* What thread 0 has given is in its magazine. */
static void
begin_with_returned (void)
{
  begin_with_magazine ();
  give (0);
}

/* Every slot is held by one, in one magazine or in the words. */
static void
all_are_there (void)
{
  unsigned all = 0;
  uint64_t bits;

  for (unsigned t = 0; t < MC_THREADS; t++) {
    mc_assert ((all & held[t]) == 0);
    all |= held[t];
  }
  bits = atomic_load_explicit (&word.free, memory_order_relaxed);
  mc_assert ((all & bits) == 0);
  all |= (unsigned) bits;
  for (unsigned r = 0; r < SC_RECORDS; r++) {
    ScMagazine *m = &magazines.records[r].magazines[0];

    bits = atomic_load_explicit (&m->taking.bits, memory_order_relaxed)
        | atomic_load_explicit (&m->returning.bits, memory_order_relaxed);
    mc_assert ((all & bits) == 0);
    all |= (unsigned) bits;
  }
  mc_assert (all == (1u << SLOTS) - 1);
}

/* The same, and none is in a magazine: who revoked took all that was free. */
static void
all_are_held (void)
{
  all_are_there ();
  mc_assert ((held[0] | held[1] | held[2]) == (1u << SLOTS) - 1);
}

static void
owner_takes (void)
{
  take (0);
}

static void
owner_gives (void)
{
  give (0);
}

static void
owner_gives_and_takes (void)
{
  give (0);
  take (0);
}

static void
other_owner_takes_and_gives (void)
{
  take (1);
  give (1);
}

static void
revoke_and_take_all (void)
{
  sc_magazines_revoke (&magazines);
  take_shared (2);
  take_shared (2);
}

static void
revoke_take_and_restore (void)
{
  sc_magazines_revoke (&magazines);
  take_shared (2);
  sc_magazines_restore (&magazines);
}

static void
another_revokes (void)
{
  sc_magazines_revoke (&magazines);
  take_shared (1);
  sc_magazines_restore (&magazines);
}

static void
revoke_and_restore (void)
{
  sc_magazines_revoke (&magazines);
  sc_magazines_restore (&magazines);
}

static void
take_shared_of_1 (void)
{
  take_shared (1);
}

static void
take_and_give_shared_of_1 (void)
{
  take_shared (1);
  give_shared (1);
}

static void
take_and_give_shared_of_2 (void)
{
  take_shared (2);
  give_shared (2);
}

static void
give_shared_of_0 (void)
{
  give_shared (0);
}

static void
give_shared_of_1 (void)
{
  give_shared (1);
}

/* Thread 0 ends, and another one begins: with the same record. */
static void
end_of_thread (void)
{
  thread_number = 1;
  give_up_records (NULL);
}

static void
begin_to_end (void)
{
  begin_with_magazine ();
  atomic_init (&magazines.owners[0], 1);
  atomic_init (&magazines.owners[1], 7);
  held[3] = held[0];
  held[0] = 0;
}

static void
begin_of_thread (void)
{
  if (find_record (&magazines, 2) == NULL)
    return;
  mc_assert (magazines.records[0].magazines[0].taking.count <= SLOTS);
  take (0);
}

/* After a close nobody takes; a give after it knows of it, and sees what was
 * done before it; what was given before it is the closer's. */
static void
close_list (void)
{
  mc_plain_store (&reason, 1);
  closed_out = sc_free_list_close (&arena->tiers[0].free);
  was_closed = true;
  for (uint32_t i = 0; i < SLOTS && closed_out == 0; i++)
    mc_assert (mc_plain_load (&contents[i]) == 0);
}

static void
all_out_are_known (void)
{
  unsigned out = (unsigned) __builtin_popcount (held[0] | held[1] | held[2])
      + atomic_load_explicit (&given_after_close, memory_order_relaxed);

  mc_assert (was_closed && out == closed_out);
}

static const McScenario scenarios[] = {
  {"free list", begin, all_are_there,
        {take_and_give_shared_of_1, take_and_give_shared_of_2}},
  {"free list, closed", begin_with_both, all_out_are_known,
        {give_shared_of_0, take_and_give_shared_of_1, close_list}},
  {"free list, given back and closed", begin_with_one_each,
        all_out_are_known, {give_shared_of_0, give_shared_of_1, close_list}},
  {"take, revoke", begin_with_magazine, all_are_held,
        {owner_takes, NULL, revoke_and_take_all}},
  {"give, revoke", begin_with_both, NULL,
        {owner_gives, NULL, revoke_and_take_all}},
  {"take of what was returned, revoke", begin_with_returned, all_are_held,
        {owner_takes, NULL, revoke_and_take_all}},
  {"take, revoke, restore", begin_with_magazine, all_are_there,
        {owner_gives_and_takes, NULL, revoke_and_restore}},
  {"give, revoke, restore", begin_with_both, all_are_there,
        {owner_gives_and_takes, NULL, revoke_take_and_restore}},
  {"two owners, revoke", begin_with_magazine, all_are_there,
        {owner_gives, other_owner_takes_and_gives, revoke_take_and_restore}},
  {"two who revoke", begin_with_magazine, all_are_there,
        {owner_takes, another_revokes, revoke_take_and_restore}},
  {"revoke, shared take", begin_with_magazine, all_are_there,
        {owner_gives, take_shared_of_1, revoke_and_restore}},
  {"two who revoke, an owner who rests", begin_with_magazine, all_are_held,
        {NULL, revoke_and_restore, revoke_take_and_restore}},
  {"end of a thread", begin_to_end, all_are_there,
        {end_of_thread, begin_of_thread}},
};

static const McVerdict verdicts[] = {
  {"take_from_word", "compare_exchange", 1, "acquire to relaxed", NULL},
  {"sc_free_list_give_some", "fetch_add", 1, "release to relaxed", NULL},
  {"sc_free_list_give", "fetch_add", 1, "seq_cst to acquire", NULL},
  {"sc_free_list_give", "fetch_add", 1, "seq_cst to release", NULL},
  {"sc_free_list_close", "exchange", 1, "acq_rel to acquire", NULL},
  {"sc_free_list_close", "exchange", 1, "acq_rel to release", NULL},
  {"give_up_records", "store", 1, "release to relaxed", NULL},
  {"find_record", "compare_exchange", 1, "acquire to relaxed", NULL},
  {"drain_all", "load", 1, "acquire to relaxed", NULL},
  {"sc_magazines_revoke", "fetch_add", 1, "seq_cst to acquire",
      "membarrier after it is a full barrier"},
  {"sc_magazines_revoke", "fetch_add", 1, "seq_cst to release",
      "membarrier after it is a full barrier"},
  {"sc_magazines_revoke", "load", 1, "acquire to relaxed", NULL},
  {"sc_magazines_revoke", "exchange", 1, "acquire to relaxed",
      "membarrier after it is a full barrier"},
  {"sc_magazines_revoke", "load", 2, "acquire to relaxed",
      "nobody goes on before a load that acquires"},
  {"sc_magazines_revoke", "fetch_or", 1, "release to relaxed", NULL},
  {"sc_magazines_revoke", "store", 1, "release to relaxed", NULL},
  {"sc_magazines_restore", "compare_exchange", 1, "release to relaxed",
      "it goes on with the release sequence of DRAINED"},
  {"sc_record_leave", "store", 1, "release to relaxed", NULL},
  {"sc_record_enter", "signal_fence", 1, "seq_cst to none", NULL},
  {"sc_record_enter", "load", 1, "acquire to relaxed", NULL},
  {"membarrier", "membarrier", 1, "seq_cst to none", NULL},
};

MC_MAIN ("magazine",
    "sc-free-list.c sc-magazine.c sc-magazine.h model-system.c", scenarios,
    verdicts)
