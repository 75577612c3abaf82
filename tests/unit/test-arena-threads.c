/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-arena.h"
#include "sc-check.h"

#include <errno.h>
#include <string.h>

/* Small enough for ThreadSanitizer on two processors. */
enum
{
  THREADS = 4,
  PAIRS = 40000,
  HELD = 6,
  CLOSES = 300,
  EXCHANGE = 8,
};

static const ScTiers tiers = {
  .alignment = 64,
  .count = 3,
  .tiers = {{64, 5}, {256, 70}, {1024, 3}},
};

static _Alignas (SC_ARENA_ALIGNMENT) unsigned char memory[262144];
static ScArena *arena;
/* For inner loops: ck_assert writes to a file even when it holds. */
#define CLAIM(condition) \
  do { \
    if (!(condition)) \
      ck_abort_msg ("does not hold: %s", #condition); \
  } while (0)

/* Which thread holds a slot; 0 nobody.  Exchanged, so that a slot handed out
 * twice is found by whoever comes second. */
static _Atomic uint32_t owners[100];

typedef struct
{
  pthread_t thread;
  uint32_t id;
  uint64_t seed;
  uint64_t acquired, released, refused, closed;
  ScSlot left[HELD];
  int left_count;
} Worker;

/* Slots on their way from the thread that took them to the one that gives them
 * back: a mutex, so that the exchange is above suspicion. */
static struct
{
  pthread_mutex_t lock;
  ScSlot slots[EXCHANGE];
  uint32_t stamps[EXCHANGE];
  int count;
} exchange = {.lock = PTHREAD_MUTEX_INITIALIZER };

static void
take_ownership (const ScSlot * slot, uint32_t id)
{
  uint32_t before = atomic_exchange_explicit
      (&owners[slot->header->buffer_id], id, memory_order_relaxed);

  if (before != 0)
    ck_abort_msg ("slot %u is %u's and was handed to %u",
        slot->header->buffer_id, before, id);
  /* Without atomics: a second holder is a race that TSan reports. */
  memset (slot->data, (int) id, slot->header->data_size);
}

static int
check_and_release (const ScSlot * slot, uint32_t stamp)
{
  const unsigned char *data = slot->data;

  for (uint32_t i = 0; i < slot->header->data_size; i++)
    CLAIM (data[i] == stamp);
  CLAIM (atomic_exchange_explicit (&owners[slot->header->buffer_id], 0,
          memory_order_relaxed) == stamp);
  return sc_arena_release (arena, slot);
}

/* Swaps a slot with one that another thread took. */
static void
pass_on (Worker * self, ScSlot * slot, uint32_t * stamp)
{
  pthread_mutex_lock (&exchange.lock);
  if (exchange.count < EXCHANGE) {
    exchange.slots[exchange.count] = *slot;
    exchange.stamps[exchange.count++] = *stamp;
    slot->header = NULL;
  } else {
    uint32_t i = sc_random (&self->seed) % EXCHANGE, other_stamp;
    ScSlot other = exchange.slots[i];

    other_stamp = exchange.stamps[i];
    exchange.slots[i] = *slot;
    exchange.stamps[i] = *stamp;
    *slot = other;
    *stamp = other_stamp;
  }
  pthread_mutex_unlock (&exchange.lock);
}

/* Mostly small: the threads shall meet, not queue for the three large slots. */
static size_t
random_size (Worker * self)
{
  uint64_t r = sc_random (&self->seed);

  return r >> 32 & 63 ? r % 257 : r % 1025;
}

static void *
work (void *data)
{
  Worker *self = data;

  for (int i = 0; i < PAIRS; i++) {
    uint32_t stamp = self->id;
    ScSlot slot;
    int ret = sc_arena_acquire_wait (arena, random_size (self),
        (ScClass) (sc_random (&self->seed) % SC_CLASSES), SC_WAIT_FOREVER,
        NULL, &slot);

    CLAIM (ret == 0);
    self->acquired++;
    take_ownership (&slot, self->id);
    /* The large slots are fewer than the exchange holds: they stay, or all
     * would wait for those lying there. */
    if (slot.header->capacity < 1024 && sc_random (&self->seed) % 4 == 0)
      pass_on (self, &slot, &stamp);
    if (slot.header != NULL) {
      CLAIM (check_and_release (&slot, stamp) == 0);
      self->released++;
    }
  }
  return NULL;
}

static void
run (Worker workers[THREADS], void *(*function) (void *), uint64_t seed)
{
  memset (workers, 0, THREADS * sizeof (Worker));
  for (uint32_t i = 0; i < THREADS; i++) {
    workers[i].id = i + 1;
    workers[i].seed = seed + i;
    ck_assert_int_eq (pthread_create (&workers[i].thread, NULL, function,
            &workers[i]), 0);
  }
}

START_TEST (test_no_slot_is_handed_out_twice_and_the_accounts_balance)
{
  Worker workers[THREADS];
  uint64_t acquired = 0, released = 0;
  ScArenaStats stats;

  ck_assert_int_eq (sc_arena_init (memory, sizeof (memory), &tiers, &arena),
      0);
  run (workers, work, sc_random_seed ("arena-threads"));
  for (int i = 0; i < THREADS; i++) {
    ck_assert_int_eq (pthread_join (workers[i].thread, NULL), 0);
    acquired += workers[i].acquired;
    released += workers[i].released;
  }
  ck_assert_uint_eq (acquired, (uint64_t) THREADS * PAIRS);
  ck_assert_uint_eq (acquired - released, (uint64_t) exchange.count);

  sc_arena_read_stats (arena, &stats);
  for (uint32_t i = 0; i < stats.count; i++) {
    acquired -= stats.tiers[i].acquired;
    released -= stats.tiers[i].released;
    ck_assert_uint_le (stats.tiers[i].peak, stats.tiers[i].slots);
    ck_assert_uint_eq (stats.tiers[i].failures, 0);
  }
  ck_assert_uint_eq (acquired, 0);
  ck_assert_uint_eq (released, 0);
  ck_assert_uint_eq (stats.timeouts + stats.foreign + stats.doubled
      + stats.corrupted + stats.overruns + stats.too_large, 0);
  for (int i = 0; i < exchange.count; i++)
    ck_assert_int_eq (check_and_release (&exchange.slots[i],
            exchange.stamps[i]), 0);
  ck_assert_uint_eq (sc_arena_close (arena), 0);
  sc_arena_clear (arena);
}
END_TEST

static void *
work_until_closed (void *data)
{
  Worker *self = data;

  for (;;) {
    ScSlot slot;
    int ret = sc_arena_acquire_wait (arena, sc_random (&self->seed) % 65,
        SC_CLASS_PRIMARY, SC_WAIT_FOREVER, NULL, &slot);

    if (ret == -ESHUTDOWN)
      return NULL;
    CLAIM (ret == 0);
    self->acquired++;
    take_ownership (&slot, self->id);
    if (self->left_count < HELD && sc_random (&self->seed) % 16 == 0) {
      self->left[self->left_count++] = slot;
      continue;
    }
    ret = check_and_release (&slot, self->id);
    CLAIM (ret == 0 || ret == -ESHUTDOWN);
    self->closed += ret == -ESHUTDOWN;
  }
}

START_TEST (test_close_and_late_releases_agree_on_every_slot)
{
  uint64_t seed = sc_random_seed ("arena-close");
  Worker workers[THREADS];

  for (int n = 0; n < CLOSES; n++) {
    uint64_t destroyed = 0;
    ScArenaStats stats;
    uint32_t outstanding;

    ck_assert_int_eq (sc_arena_init (memory, sizeof (memory), &tiers,
            &arena), 0);
    memset (owners, 0, sizeof (owners));
    run (workers, work_until_closed, sc_random (&seed));
    for (uint64_t looks = sc_random (&seed) % 200; looks > 0; looks--)
      sc_arena_read_stats (arena, &stats);
    outstanding = sc_arena_close (arena);
    for (int i = 0; i < THREADS; i++)
      ck_assert_int_eq (pthread_join (workers[i].thread, NULL), 0);
    for (int i = 0; i < THREADS; i++) {
      destroyed += workers[i].closed;
      for (int k = 0; k < workers[i].left_count; k++)
        destroyed += check_and_release (&workers[i].left[k], workers[i].id)
            == -ESHUTDOWN;
    }
    ck_assert_uint_eq (destroyed, outstanding);
    sc_arena_clear (arena);
  }
}
END_TEST

typedef struct
{
  ScSlot slot;
  int result;
} Releaser;

static void *
release_it (void *data)
{
  Releaser *self = data;

  self->result = sc_arena_release (arena, &self->slot);
  return NULL;
}

START_TEST (test_of_two_releases_at_once_one_is_refused)
{
  ck_assert_int_eq (sc_arena_init (memory, sizeof (memory), &tiers, &arena),
      0);
  for (int n = 0; n < 2000; n++) {
    Releaser a, b;
    pthread_t thread;

    ck_assert_int_eq (sc_arena_acquire (arena, 1, SC_CLASS_PRIMARY, &a.slot),
        0);
    b = a;
    ck_assert_int_eq (pthread_create (&thread, NULL, release_it, &b), 0);
    release_it (&a);
    ck_assert_int_eq (pthread_join (thread, NULL), 0);
    ck_assert_int_eq (a.result + b.result, -EALREADY);
  }
  sc_arena_clear (arena);
}
END_TEST

#define EACH 30u

static void *
hold_some (void *barrier)
{
  ScSlot slots[EACH];

  for (uint32_t i = 0; i < EACH; i++)
    CLAIM (sc_arena_acquire (arena, 200, SC_CLASS_PRIMARY, &slots[i]) == 0);
  (void) pthread_barrier_wait (barrier);
  for (uint32_t i = 0; i < EACH; i++)
    CLAIM (sc_arena_release (arena, &slots[i]) == 0);
  return NULL;
}

START_TEST (test_the_peak_of_several_threads_is_known_to_within_its_slack)
{
  static const ScTiers one = {.alignment = 64,.count = 1,.tiers = {{256, 160}} };
  pthread_barrier_t barrier;
  pthread_t threads[THREADS];
  ScArenaStats stats;

  ck_assert_int_eq (sc_arena_init (memory, sizeof (memory), &one, &arena), 0);
  ck_assert_int_eq (pthread_barrier_init (&barrier, NULL, 1), 0);
  hold_some (&barrier);
  sc_arena_read_stats (arena, &stats);
  ck_assert_uint_eq (stats.tiers[0].peak, EACH);
  ck_assert_uint_eq (stats.tiers[0].peak_slack, 0);
  ck_assert_int_eq (pthread_barrier_destroy (&barrier), 0);

  ck_assert_int_eq (pthread_barrier_init (&barrier, NULL, THREADS), 0);
  for (int i = 0; i < THREADS; i++)
    ck_assert_int_eq (pthread_create (&threads[i], NULL, hold_some, &barrier),
        0);
  for (int i = 0; i < THREADS; i++)
    ck_assert_int_eq (pthread_join (threads[i], NULL), 0);
  sc_arena_read_stats (arena, &stats);
  ck_assert_uint_ge (stats.tiers[0].peak + stats.tiers[0].peak_slack,
      THREADS * EACH);
  ck_assert_uint_le (stats.tiers[0].peak,
      THREADS * EACH + stats.tiers[0].peak_slack);
  ck_assert_int_eq (pthread_barrier_destroy (&barrier), 0);
  sc_arena_clear (arena);
}
END_TEST

SC_CHECK_MAIN ("arena-threads",
    test_no_slot_is_handed_out_twice_and_the_accounts_balance,
    test_close_and_late_releases_agree_on_every_slot,
    test_of_two_releases_at_once_one_is_refused,
    test_the_peak_of_several_threads_is_known_to_within_its_slack)
