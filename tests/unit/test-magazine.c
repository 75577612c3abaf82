/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Magazines from outside, and with a look at where the free slots lie.  Where the
 * system has no membarrier there are none, and the claims about arenas hold all
 * the same; those about records are then not tested. */
#include "sc-arena-account.h"
#include "sc-check.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#ifdef __linux__
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#endif

enum
{
  SLOTS = 60,                   /* one word: a look at it is exact */
  THREADS = 6,
  HELD = 9,                     /* THREADS * HELD < SLOTS */
  ROUNDS = 20000,
};

static const ScTiers one_word = {
  .alignment = 64,.count = 1,.tiers = {{64, SLOTS}},
};

static const ScTiers three_words = {
  .alignment = 64,.count = 1,.tiers = {{64, 189}},
};

static _Alignas (SC_ARENA_ALIGNMENT) unsigned char memory[131072];
static ScArena *arena;

#define CLAIM(condition) \
  do { \
    if (!(condition)) \
      ck_abort_msg ("does not hold: %s", #condition); \
  } while (0)

static void
make (const ScTiers * tiers)
{
  ck_assert_int_eq (sc_arena_init (memory, sizeof (memory), tiers, &arena), 0);
}

static uint32_t
in_use (void)
{
  return sc_arena_tier_in_use (arena, 0);
}

/* Free slots that are not in the shared words. */
static uint32_t
in_magazines (void)
{
  return sc_free_list_in_use (&arena->tiers[0].free) - in_use ();
}

static ScSlot
acquire (void)
{
  ScSlot slot;

  CLAIM (sc_arena_acquire (arena, 1, SC_CLASS_PRIMARY, &slot) == 0);
  return slot;
}

/* A thread that has used the arena and lives on, its magazine filled. */
typedef struct
{
  pthread_t thread;
  pthread_barrier_t used, end;
  ScSlot release;               /* at the end, if it has a header */
  int result;
} Other;

static void *
use_and_wait (void *data)
{
  Other *self = data;
  ScSlot slot = acquire ();

  CLAIM (sc_arena_release (arena, &slot) == 0);
  pthread_barrier_wait (&self->used);
  pthread_barrier_wait (&self->end);
  if (self->release.header != NULL)
    self->result = sc_arena_release (arena, &self->release);
  return NULL;
}

static void
start_other (Other * other)
{
  *other = (Other) { 0 };
  ck_assert_int_eq (pthread_barrier_init (&other->used, NULL, 2), 0);
  ck_assert_int_eq (pthread_barrier_init (&other->end, NULL, 2), 0);
  ck_assert_int_eq (pthread_create (&other->thread, NULL, use_and_wait,
          other), 0);
  pthread_barrier_wait (&other->used);
}

static void
end_other (Other * other)
{
  pthread_barrier_wait (&other->end);
  ck_assert_int_eq (pthread_join (other->thread, NULL), 0);
  pthread_barrier_destroy (&other->used);
  pthread_barrier_destroy (&other->end);
}

START_TEST (test_what_lies_in_anothers_magazine_is_had_before_an_acquire_fails)
{
  ScSlot slots[SLOTS], more;
  Other other;

  make (&one_word);
  start_other (&other);
  if (arena->magazines != NULL)
    ck_assert_uint_gt (in_magazines (), 0);
  for (int i = 0; i < SLOTS; i++)
    slots[i] = acquire ();
  ck_assert_int_eq (sc_arena_acquire (arena, 1, SC_CLASS_PRIMARY, &more),
      -EAGAIN);
  ck_assert_uint_eq (in_magazines (), 0);
  for (int i = 0; i < SLOTS; i++)
    ck_assert_int_eq (sc_arena_release (arena, &slots[i]), 0);
  ck_assert_uint_eq (in_use (), 0);
  end_other (&other);
  sc_arena_clear (arena);
}
END_TEST

START_TEST (test_nothing_is_borrowed_while_a_magazine_has_a_slot)
{
  static const ScTiers two = {
    .alignment = 64,.count = 2,.tiers = {{64, SLOTS}, {128, 2}},
  };
  ScArenaStats stats;
  Other other;

  make (&two);
  start_other (&other);
  for (int i = 0; i < SLOTS; i++)
    ck_assert_uint_eq (acquire ().header->capacity, 64);
  ck_assert_uint_eq (acquire ().header->capacity, 128);
  sc_arena_read_stats (arena, &stats);
  ck_assert_uint_eq (stats.tiers[0].borrows, 1);
  ck_assert_uint_eq (stats.tiers[0].peak, SLOTS);
  end_other (&other);
  sc_arena_clear (arena);
}
END_TEST

static void *
wait_for_slot (void *data)
{
  int *result = data;
  ScSlot slot;

  *result = sc_arena_acquire_wait (arena, 1, SC_CLASS_PRIMARY,
      SC_WAIT_FOREVER, NULL, &slot);
  return NULL;
}

START_TEST (test_a_waiter_gets_what_would_have_gone_into_a_magazine)
{
  ScSlot slots[SLOTS];
  ScArenaStats stats;
  pthread_t waiter;
  int result = 1;
  Other other;

  make (&one_word);
  start_other (&other);
  for (int i = 0; i < SLOTS; i++)
    slots[i] = acquire ();
  ck_assert_int_eq (pthread_create (&waiter, NULL, wait_for_slot, &result), 0);
  do {
    sched_yield ();
    sc_arena_read_stats (arena, &stats);
  } while (stats.waits == 0);
  other.release = slots[7];
  end_other (&other);
  ck_assert_int_eq (other.result, 0);
  ck_assert_int_eq (pthread_join (waiter, NULL), 0);
  ck_assert_int_eq (result, 0);
  sc_arena_clear (arena);
}
END_TEST

START_TEST (test_close_counts_what_is_out_and_not_what_is_in_magazines)
{
  ScSlot slots[3], more;
  Other others[3];

  make (&three_words);
  for (int i = 0; i < 3; i++) {
    start_other (&others[i]);
    slots[i] = acquire ();
  }
  ck_assert_uint_eq (sc_arena_close (arena), 3);
  sc_arena_settle (arena);
  ck_assert_uint_eq (in_magazines (), 0);
  ck_assert_int_eq (sc_arena_acquire (arena, 1, SC_CLASS_PRIMARY, &more),
      -ESHUTDOWN);
  for (int i = 0; i < 3; i++) {
    ck_assert_int_eq (sc_arena_release (arena, &slots[i]), -ESHUTDOWN);
    end_other (&others[i]);
  }
  ck_assert_uint_eq (sc_arena_close (arena), 0);
  sc_arena_clear (arena);
}
END_TEST

START_TEST (test_a_dead_threads_record_and_slots_are_the_next_ones)
{
  make (&three_words);
  for (unsigned i = 0; i < 3 * SC_RECORDS; i++) {
    Other other;

    start_other (&other);
    if (arena->magazines != NULL)
      ck_assert_uint_gt (in_magazines (), 0);
    end_other (&other);
    ck_assert_uint_eq (in_magazines (), 0);
  }
  sc_arena_clear (arena);
}
END_TEST

START_TEST (test_threads_without_a_record_use_the_shared_words)
{
  Other others[SC_RECORDS];
  ScArenaStats stats;
  ScSlot slot;

  make (&three_words);
  for (unsigned i = 0; i < SC_RECORDS; i++)
    start_other (&others[i]);
  if (arena->magazines != NULL)
    ck_assert_ptr_null (sc_magazines_record (arena->magazines));
  slot = acquire ();
  ck_assert_uint_eq (in_use (), 1);
  ck_assert_int_eq (sc_arena_release (arena, &slot), 0);
  ck_assert_int_eq (sc_arena_release (arena, &slot), -EALREADY);
  sc_arena_read_stats (arena, &stats);
  ck_assert_uint_eq (stats.tiers[0].acquired, SC_RECORDS + 1);
  ck_assert_uint_eq (stats.classes[SC_CLASS_PRIMARY].released, SC_RECORDS + 1);
  for (unsigned i = 0; i < SC_RECORDS; i++)
    end_other (&others[i]);
  sc_arena_clear (arena);
}
END_TEST

START_TEST (test_magazines_come_back_after_a_calm_and_not_before)
{
  ScSlot slots[SLOTS], slot;

  make (&one_word);
  for (int i = 0; i < SLOTS; i++)
    slots[i] = acquire ();
  ck_assert_int_eq (sc_arena_acquire (arena, 1, SC_CLASS_PRIMARY, &slot),
      -EAGAIN);
  for (int i = 0; i < SLOTS; i++)
    ck_assert_int_eq (sc_arena_release (arena, &slots[i]), 0);
  ck_assert_uint_eq (in_magazines (), 0);
  for (unsigned i = 0; i < SC_MAGAZINE_CALM; i++) {
    slot = acquire ();
    ck_assert_int_eq (sc_arena_release (arena, &slot), 0);
  }
  if (arena->magazines != NULL)
    ck_assert_uint_gt (in_magazines (), 0);
  sc_arena_clear (arena);
}
END_TEST

START_TEST (test_a_slot_in_a_magazine_is_not_released_again)
{
  ScSlot slot, again;

  make (&three_words);
  slot = acquire ();
  ck_assert_int_eq (sc_arena_release (arena, &slot), 0);
  ck_assert_int_eq (sc_arena_release (arena, &slot), -EALREADY);
  ck_assert_int_eq (sc_arena_release_owned (arena, slot.header), -EALREADY);
  again = acquire ();
  ck_assert_ptr_eq (again.header, slot.header);
  ck_assert_int_eq (sc_arena_release (arena, &slot), -EALREADY);
  ck_assert_int_eq (sc_arena_release_owned (arena, again.header), 0);
  ck_assert_uint_eq (in_use (), 0);
  sc_arena_clear (arena);
}
END_TEST

/* Which thread holds a slot; 0: nobody. */
static _Atomic uint32_t owners[189];

typedef struct
{
  pthread_t thread;
  uint64_t seed;
  uint32_t id;
} Worker;

static void
let_go (Worker * self, ScSlot * slot)
{
  uint32_t *data = slot->data;

  CLAIM (*data == self->id);
  CLAIM (atomic_exchange_explicit (&owners[slot->header->buffer_id], 0,
          memory_order_relaxed) == self->id);
  CLAIM (sc_arena_release (arena, slot) == 0);
  slot->header = NULL;
}

/* Holds up to HELD: as there are more slots than all may hold, none may fail. */
static void *
hold_some (void *data)
{
  Worker *self = data;
  ScSlot held[HELD] = { {NULL} };

  for (int i = 0; i < ROUNDS; i++) {
    ScSlot *slot = &held[sc_random (&self->seed) % HELD];

    if (slot->header != NULL) {
      let_go (self, slot);
      continue;
    }
    CLAIM (sc_arena_acquire (arena, 1, (ScClass) (i % SC_CLASSES), slot) == 0);
    CLAIM (atomic_exchange_explicit (&owners[slot->header->buffer_id],
            self->id, memory_order_relaxed) == 0);
    /* Without atomics: a second holder is a race that TSan reports. */
    *(uint32_t *) slot->data = self->id;
  }
  for (int i = 0; i < HELD; i++)
    if (held[i].header != NULL)
      let_go (self, &held[i]);
  return NULL;
}

/* Takes all there is, again and again, so that magazines are revoked. */
static void *
exhaust (void *data)
{
  Worker *self = data;
  ScSlot slots[SLOTS];

  for (int i = 0; i < ROUNDS / 100; i++) {
    int count = 0;

    while (count < SLOTS - THREADS * HELD)
      slots[count++] = acquire ();
    while (count > 0)
      CLAIM (sc_arena_release (arena, &slots[--count]) == 0);
    if (sc_random (&self->seed) % 8 == 0) {
      sc_magazines_revoke (arena->magazines);
      sc_magazines_restore (arena->magazines);
    }
  }
  return NULL;
}

START_TEST (test_no_acquire_fails_while_a_slot_is_free_anywhere)
{
  uint64_t seed = sc_random_seed ("magazine");
  Worker workers[THREADS + 1];
  ScArenaStats stats;

  make (&one_word);
  for (uint32_t i = 0; i <= THREADS; i++) {
    workers[i].id = i + 1;
    workers[i].seed = sc_random (&seed);
    if (i == THREADS && arena->magazines == NULL)
      continue;
    ck_assert_int_eq (pthread_create (&workers[i].thread, NULL,
            i < THREADS ? hold_some : exhaust, &workers[i]), 0);
  }
  for (uint32_t i = 0; i <= THREADS; i++)
    if (i < THREADS || arena->magazines != NULL)
      ck_assert_int_eq (pthread_join (workers[i].thread, NULL), 0);
  sc_arena_read_stats (arena, &stats);
  ck_assert_uint_eq (stats.tiers[0].failures, 0);
  ck_assert_uint_eq (stats.tiers[0].in_use, 0);
  ck_assert_uint_eq (stats.tiers[0].acquired, stats.tiers[0].released);
  ck_assert_uint_le (stats.tiers[0].peak, SLOTS);
  for (int c = 0; c < SC_CLASSES; c++)
    ck_assert_uint_eq (stats.classes[c].acquired, stats.classes[c].released);
  ck_assert_uint_eq (sc_free_list_in_use (&arena->tiers[0].free), 0);
  ck_assert_uint_eq (sc_arena_close (arena), 0);
  sc_arena_clear (arena);
}
END_TEST

static void *
acquire_and_release_until_closed (void *data)
{
  ScSlot slot;
  int ret = 0;

  (void) data;
  while (ret == 0 && sc_arena_acquire (arena, 1, SC_CLASS_INPUT, &slot) == 0)
    ret = sc_arena_release (arena, &slot);
  CLAIM (ret == 0 || ret == -ESHUTDOWN);
  return ret == 0 ? NULL : arena;
}

START_TEST (test_close_meets_threads_at_their_magazines)
{
  for (int n = 0; n < 200; n++) {
    pthread_t threads[3];
    uint32_t out, late = 0;

    make (&three_words);
    for (int i = 0; i < 3; i++)
      ck_assert_int_eq (pthread_create (&threads[i], NULL,
              acquire_and_release_until_closed, NULL), 0);
    while (in_magazines () == 0 && arena->magazines != NULL)
      sched_yield ();
    out = sc_arena_close (arena);
    for (int i = 0; i < 3; i++) {
      void *was_late;

      ck_assert_int_eq (pthread_join (threads[i], &was_late), 0);
      late += was_late != NULL;
    }
    ck_assert_uint_eq (late, out);
    sc_arena_settle (arena);
    sc_arena_clear (arena);
    memset (memory, 0xAA, sizeof (memory));
  }
}
END_TEST

#ifdef __linux__
/* As a sandbox that is entered after the arena was made. */
static bool
forbid_membarrier (void)
{
  struct sock_filter filter[] = {
    BPF_STMT (BPF_LD | BPF_W | BPF_ABS, offsetof (struct seccomp_data, nr)),
    BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, SYS_membarrier, 0, 1),
    BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
    BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const struct sock_fprog program = {.len = 4,.filter = filter };

  return prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
      && prctl (PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

/* Of a process of its own: check forks for each test. */
START_TEST (test_every_slot_is_found_where_membarrier_is_forbidden_later)
{
  ScSlot slots[SLOTS];
  Other other;

  make (&one_word);
  start_other (&other);
  if (!forbid_membarrier ())
    return;                     /* not on this system */
  for (int i = 0; i < SLOTS; i++)
    slots[i] = acquire ();
  for (int i = 1; i < SLOTS; i++)
    ck_assert_int_eq (sc_arena_release (arena, &slots[i]), 0);
  ck_assert_uint_eq (sc_arena_close (arena), 1);
  sc_arena_settle (arena);
  ck_assert_int_eq (sc_arena_release (arena, &slots[0]), -ESHUTDOWN);
  end_other (&other);
  sc_arena_clear (arena);
}
END_TEST
#endif

SC_CHECK_MAIN ("magazine",
#ifdef __linux__
    test_every_slot_is_found_where_membarrier_is_forbidden_later,
#endif
    test_what_lies_in_anothers_magazine_is_had_before_an_acquire_fails,
    test_nothing_is_borrowed_while_a_magazine_has_a_slot,
    test_a_waiter_gets_what_would_have_gone_into_a_magazine,
    test_close_counts_what_is_out_and_not_what_is_in_magazines,
    test_a_dead_threads_record_and_slots_are_the_next_ones,
    test_threads_without_a_record_use_the_shared_words,
    test_magazines_come_back_after_a_calm_and_not_before,
    test_a_slot_in_a_magazine_is_not_released_again,
    test_no_acquire_fails_while_a_slot_is_free_anywhere,
    test_close_meets_threads_at_their_magazines)
