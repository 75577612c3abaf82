/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The claim: a run that is sized by the advice and sees the same requests again
 * refuses none and borrows none.  Shown on the arena itself, with random
 * workloads over tiers that are too small, much too small or unused.
 */
#include "sc-check.h"
#include "sc-pool-advice.h"

#include <errno.h>
#include <string.h>

#define STEPS 4000u
#define WORKLOADS 60u

/* What a workload asks for at each step, and how many steps it holds it. */
typedef struct
{
  size_t size;
  uint32_t hold;
} Request;

static Request requests[STEPS];

/* What is to be released at a step. */
typedef struct
{
  ScSlot slot;
  uint32_t next;                /* the next one of that step, or STEPS */
} Held;

static Held held[STEPS];
static uint32_t due[STEPS];     /* the first of a step, or STEPS */

static void
make_workload (uint64_t * random)
{
  uint32_t longest = 1 + (uint32_t) (sc_random (random) % 60);
  uint32_t sizes = 1 + (uint32_t) (sc_random (random) % 3);

  for (uint32_t i = 0; i < STEPS; i++) {
    size_t top = (size_t) 64 << 4 * (sc_random (random) % sizes);

    requests[i].size = 1 + (size_t) (sc_random (random) % top);
    requests[i].hold = 1 + (uint32_t) (sc_random (random) % longest);
    /* A burst now and then. */
    if (sc_random (random) % 500 == 0)
      longest = 1 + (uint32_t) (sc_random (random) % 60);
  }
}

static void
release_due (ScArena * arena, uint32_t step)
{
  for (uint32_t i = due[step]; i < STEPS; i = held[i].next)
    ck_assert_int_eq (sc_arena_release (arena, &held[i].slot), 0);
}

/* Runs the workload; a request that is refused is left out. */
static void
run (const ScTiers * tiers, ScArenaStats * stats)
{
  size_t size = sc_arena_size (tiers);
  void *memory = aligned_alloc (SC_ARENA_ALIGNMENT, (size + 63) & ~(size_t) 63);
  ScArena *arena;

  ck_assert_ptr_nonnull (memory);
  ck_assert_int_eq (sc_arena_init (memory, size, tiers, &arena), 0);
  for (uint32_t i = 0; i < STEPS; i++)
    due[i] = STEPS;
  for (uint32_t i = 0; i < STEPS; i++) {
    uint32_t end = i + requests[i].hold;
    int ret;

    release_due (arena, i);
    ret = sc_arena_acquire (arena, requests[i].size, SC_CLASS_PRIMARY,
        &held[i].slot);
    ck_assert (ret == 0 || ret == -EAGAIN);
    if (ret == 0 && end < STEPS) {
      held[i].next = due[end];
      due[end] = i;
    }
  }
  sc_arena_read_stats (arena, stats);
  sc_arena_clear (arena);
  free (memory);
}

static uint64_t
failures_of (const ScArenaStats * stats)
{
  uint64_t sum = 0;

  for (uint32_t i = 0; i < stats->count; i++)
    sum += stats->tiers[i].failures;
  return sum;
}

static uint64_t
borrows_of (const ScArenaStats * stats)
{
  uint64_t sum = 0;

  for (uint32_t i = 0; i < stats->count; i++)
    sum += stats->tiers[i].borrows;
  return sum;
}

START_TEST (test_a_run_sized_by_the_advice_refuses_none_and_borrows_none)
{
  uint64_t random = sc_random_seed ("advice");
  uint64_t refused = 0, borrowed = 0;

  for (uint32_t w = 0; w < WORKLOADS; w++) {
    char text[SC_POOL_ADVICE_TEXT];
    ScArenaStats first, second;
    ScPoolAdvice advice;
    ScTiers tiers = {.alignment = 64,.count = 3,.tiers = {
        {64, 1 + (uint32_t) (sc_random (&random) % 20)},
        {1024, 1 + (uint32_t) (sc_random (&random) % 20)},
        {16384, 1 + (uint32_t) (sc_random (&random) % 20)},
      }
    };

    make_workload (&random);
    run (&tiers, &first);
    refused += failures_of (&first);
    borrowed += borrows_of (&first);

    sc_pool_advise (&first, SC_POOL_BURST_UNKNOWN, &advice);
    ck_assert (advice.seen);
    sc_pool_advice_text (&advice, text);
    ck_assert_int_eq (sc_tiers_parse (text, &tiers, NULL), SC_TIERS_OK);
    run (&tiers, &second);
    ck_assert_uint_eq (failures_of (&second), 0);
    ck_assert_uint_eq (borrows_of (&second), 0);

    /* Advice from a run that lacked nothing is what it needed, and a margin; a
     * run with it is as good. */
    sc_pool_advise (&second, SC_POOL_BURST_UNKNOWN, &advice);
    for (uint32_t i = 0; i < 3; i++) {
      uint32_t peak = second.tiers[i].peak;

      ck_assert_uint_le (advice.tiers.tiers[i].slots, peak + peak / 4 + 1);
      ck_assert_uint_ge (advice.tiers.tiers[i].slots, peak > 0 ? peak : 1);
    }
    run (&advice.tiers, &second);
    ck_assert_uint_eq (failures_of (&second) + borrows_of (&second), 0);
  }
  /* The negative control: the first runs did lack slots. */
  ck_assert_uint_gt (refused, 0);
  ck_assert_uint_gt (borrowed, 0);
  printf ("%" PRIu64 " refused and %" PRIu64 " borrowed before the advice\n",
      refused, borrowed);
}
END_TEST

START_TEST (test_nothing_seen_gives_no_advice)
{
  ScArenaStats stats = {.count = 1,.tiers = {{.slot_size = 64,.slots = 9}} };
  char text[SC_POOL_ADVICE_TEXT];
  ScPoolAdvice advice;

  sc_pool_advise (&stats, SC_POOL_BURST_UNKNOWN, &advice);
  ck_assert (!advice.seen);
  sc_pool_advice_text (&advice, text);
  ck_assert_str_eq (text, "");
}
END_TEST

START_TEST (test_tiers_shrink_to_their_peak_and_unused_ones_to_one_slot)
{
  ScArenaStats stats = {.count = 3,.tiers = {
      {.slot_size = 64,.slots = 100,.peak = 8},
      {.slot_size = 128,.slots = 100},
      {.slot_size = 256,.slots = 100,.peak = 1},
    }
  };
  char text[SC_POOL_ADVICE_TEXT];
  ScPoolAdvice advice;

  sc_pool_advise (&stats, SC_POOL_BURST_UNKNOWN, &advice);
  sc_pool_advice_text (&advice, text);
  ck_assert_str_eq (text, "64x10,128x1,256x2");
  ck_assert_uint_eq (advice.bytes, 640 + 128 + 512);
}
END_TEST

START_TEST (test_the_advice_keeps_to_what_tiers_can_be)
{
  ScArenaStats stats = {.count = SC_TIERS_MAX };
  char text[SC_POOL_ADVICE_TEXT];
  ScPoolAdvice advice;
  ScTiers tiers;

  for (uint32_t i = 0; i < SC_TIERS_MAX; i++)
    stats.tiers[i] = (ScTierStats) {
      .slot_size = (1u << 30) - 64 * (SC_TIERS_MAX - 1 - i),
      .slots = SC_TIER_MAX_SLOTS,.peak = SC_TIER_MAX_SLOTS,
      .failures = UINT64_MAX / 2,
    };
  sc_pool_advise (&stats, SC_POOL_BURST_UNKNOWN, &advice);
  ck_assert (advice.capped);
  sc_pool_advice_text (&advice, text);
  ck_assert_uint_lt (strlen (text), sizeof text);
  ck_assert_int_eq (sc_tiers_parse (text, &tiers, NULL), SC_TIERS_OK);
  ck_assert_uint_eq (tiers.count, SC_TIERS_MAX);
}
END_TEST

START_TEST (test_tiers_of_one_size_become_one)
{
  /* As in the embedded profile, and two that are the same only rounded. */
  ScArenaStats stats = {.count = 4,.tiers = {
      {.slot_size = 16,.slots = 2,.peak = 2},
      {.slot_size = 48,.slots = 2,.peak = 1},
      {.slot_size = 4096,.slots = 4,.peak = 4,.borrows = 9},
      {.slot_size = 4096,.slots = 2,.peak = 2},
    }
  };
  char text[SC_POOL_ADVICE_TEXT];
  ScPoolAdvice advice;

  sc_pool_advise (&stats, SC_POOL_BURST_UNKNOWN, &advice);
  sc_pool_advice_text (&advice, text);
  /* 2 + 1, 1 + 1; 4 + 2 + 2, 2 + 1 */
  ck_assert_str_eq (text, "64x5,4096x11");
}
END_TEST

START_TEST (test_only_the_burst_of_the_failures_is_added)
{
  ScArenaStats stats = {.count = 1,.tiers = {
      {.slot_size = 64,.slots = 4,.peak = 4,.failures = 1000000},
    }
  };
  ScPoolAdvice advice;

  sc_pool_advise (&stats, 8, &advice);
  ck_assert_uint_eq (advice.tiers.tiers[0].slots, 4 + 8 + 3);
  ck_assert (!advice.capped);
  sc_pool_advise (&stats, SC_POOL_BURST_UNKNOWN, &advice);
  ck_assert (advice.capped);
}
END_TEST

START_TEST (test_failures_in_turn_are_a_burst_however_rare_they_are)
{
  ScArenaStats stats = {.count = 1,.tiers = {
      {.slot_size = 64,.slots = 4,.peak = 4,.failures = 110,
          .longest_run = 11},
    }
  };
  ScPoolAdvice advice;

  sc_pool_advise (&stats, 1, &advice);
  ck_assert_uint_eq (advice.tiers.tiers[0].slots, 4 + 11 + 4);
}
END_TEST

START_TEST (test_waits_double_what_was_used_up_and_large_requests_are_told)
{
  ScArenaStats stats = {.count = 2,.waits = 1,.too_large = 1,.tiers = {
      {.slot_size = 64,.slots = 8,.peak = 8},
      {.slot_size = 128,.slots = 8,.peak = 4},
    }
  };
  ScPoolAdvice advice;

  sc_pool_advise (&stats, SC_POOL_BURST_UNKNOWN, &advice);
  ck_assert (advice.waited && advice.too_large);
  ck_assert_uint_eq (advice.tiers.tiers[0].slots, 16 + 4);
  ck_assert_uint_eq (advice.tiers.tiers[1].slots, 4 + 1);
}
END_TEST

SC_CHECK_MAIN ("pool-advice",
    test_a_run_sized_by_the_advice_refuses_none_and_borrows_none,
    test_nothing_seen_gives_no_advice,
    test_tiers_shrink_to_their_peak_and_unused_ones_to_one_slot,
    test_the_advice_keeps_to_what_tiers_can_be,
    test_tiers_of_one_size_become_one,
    test_only_the_burst_of_the_failures_is_added,
    test_failures_in_turn_are_a_burst_however_rare_they_are,
    test_waits_double_what_was_used_up_and_large_requests_are_told)
