/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The checker itself: small programs whose executions under RC11 can be counted
 * by hand, and for each kind of error one program that has it and one that has
 * not.
 */
#include "model.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static _Atomic uint32_t x, y;
static uint64_t plain, got[4][2];
/* By what the threads have read: how often. */
static unsigned outcomes[16];

static void
reset (void)
{
  atomic_init (&x, 0);
  atomic_init (&y, 0);
  plain = 0;
  for (int t = 0; t < 4; t++)
    got[t][0] = got[t][1] = 0;
}

static void
count_outcome (void)
{
  outcomes[(got[0][0] | got[0][1] << 1 | got[1][0] << 1 | got[1][1] << 2
          | got[2][0] << 0 | got[2][1] << 1 | got[3][0] << 2 | got[3][1] << 3)
      & 15]++;
}

#define STORE(v, o) atomic_store_explicit (&v, 1, memory_order_##o)
#define LOAD(v, o) atomic_load_explicit (&v, memory_order_##o)

/* Store buffering. */
static void
sb_0 (void)
{
  STORE (x, release);
  got[0][0] = LOAD (y, acquire);
}

static void
sb_1 (void)
{
  STORE (y, release);
  got[1][0] = LOAD (x, acquire);
}

static void
sb_fence_0 (void)
{
  STORE (x, relaxed);
  atomic_thread_fence (memory_order_seq_cst);
  got[0][0] = LOAD (y, relaxed);
}

static void
sb_fence_1 (void)
{
  STORE (y, relaxed);
  atomic_thread_fence (memory_order_seq_cst);
  got[1][0] = LOAD (x, relaxed);
}

static void
sb_light_0 (void)
{
  STORE (x, relaxed);
  atomic_signal_fence (memory_order_seq_cst);
  got[0][0] = LOAD (y, relaxed);
}

static void
sb_light_1 (void)
{
  STORE (y, relaxed);
  atomic_signal_fence (memory_order_seq_cst);
  got[1][0] = LOAD (x, relaxed);
}

static void
sb_heavy_1 (void)
{
  MC_SITE ("membarrier", MC_SEQ_CST, MC_NO_ORDER);

  STORE (y, relaxed);
  mc_heavy_fence (&mc_site);
  got[1][0] = LOAD (x, relaxed);
}

/* Message passing. */
static void
mp_0 (void)
{
  STORE (x, relaxed);
  STORE (y, release);
}

static void
mp_1 (void)
{
  got[0][0] = LOAD (y, acquire);
  got[0][1] = LOAD (x, relaxed);
}

static void
mp_relaxed_1 (void)
{
  got[0][0] = LOAD (y, relaxed);
  got[0][1] = LOAD (x, relaxed);
}

static void
mp_fence_1 (void)
{
  got[0][0] = LOAD (y, relaxed);
  atomic_thread_fence (memory_order_acquire);
  got[0][1] = LOAD (x, relaxed);
}

/* Independent reads of independent writes. */
static void
iriw_0 (void)
{
  STORE (x, release);
}

static void
iriw_1 (void)
{
  STORE (y, release);
}

static void
iriw_2 (void)
{
  got[2][0] = LOAD (x, acquire);
  got[2][1] = LOAD (y, acquire);
}

static void
iriw_3 (void)
{
  got[3][0] = LOAD (y, acquire);
  got[3][1] = LOAD (x, acquire);
}

static void
iriw_fence_2 (void)
{
  got[2][0] = LOAD (x, relaxed);
  atomic_thread_fence (memory_order_seq_cst);
  got[2][1] = LOAD (y, relaxed);
}

static void
iriw_fence_3 (void)
{
  got[3][0] = LOAD (y, relaxed);
  atomic_thread_fence (memory_order_seq_cst);
  got[3][1] = LOAD (x, relaxed);
}

/* Load buffering. */
static void
lb_0 (void)
{
  got[0][0] = LOAD (x, relaxed);
  STORE (y, relaxed);
}

static void
lb_1 (void)
{
  got[1][0] = LOAD (y, relaxed);
  STORE (x, relaxed);
}

/* 2 + 2 writes. */
static void
writes_0 (void)
{
  atomic_store_explicit (&x, 1, memory_order_relaxed);
  atomic_store_explicit (&y, 2, memory_order_relaxed);
}

static void
writes_1 (void)
{
  atomic_store_explicit (&y, 1, memory_order_relaxed);
  atomic_store_explicit (&x, 2, memory_order_relaxed);
}

static void
increment (void)
{
  atomic_fetch_add_explicit (&x, 1, memory_order_relaxed);
}

static void
all_are_counted (void)
{
  mc_assert (LOAD (x, relaxed) == 3);
}

static void
increment_by_swap (void)
{
  uint32_t old = LOAD (x, relaxed);

  while (!atomic_compare_exchange_strong_explicit (&x, &old, old + 1,
          memory_order_relaxed, memory_order_relaxed))
    continue;
}

static void
two_are_counted (void)
{
  mc_assert (LOAD (x, relaxed) == 2);
}

/* Errors, and the same without. */
static void
publish (void)
{
  mc_plain_store (&plain, 7);
  STORE (x, release);
}

static void
publish_relaxed (void)
{
  mc_plain_store (&plain, 7);
  STORE (x, relaxed);
}

static void
take (void)
{
  if (LOAD (x, acquire))
    mc_assert (mc_plain_load (&plain) == 7);
}

static void
wait_for_x (void)
{
  mc_wait_while (&x, sizeof (x), 0);
}

static void
set_y (void)
{
  STORE (y, relaxed);
}

static void
own_and_hand_on (void)
{
  (void) LOAD (x, relaxed);
  mc_own (&x);
  STORE (y, release);
}

static void
own_and_hand_on_relaxed (void)
{
  (void) LOAD (x, relaxed);
  mc_own (&x);
  STORE (y, relaxed);
}

static void
overwrite (void)
{
  if (LOAD (y, acquire))
    STORE (x, relaxed);
}

static void
forget_y (void)
{
  reset ();
  mc_uninitialised ((void *) &y, sizeof (y));
}

static void
read_y (void)
{
  (void) LOAD (y, relaxed);
}

typedef struct
{
  McScenario scenario;
  unsigned executions;          /* 0: it must fail */
  const char *message;
  int forbidden;                /* outcome; -1: none */
} Litmus;

#define PROGRAM(name, ...) \
  { name, reset, count_outcome, { __VA_ARGS__ } }

static const Litmus programs[] = {
  {PROGRAM ("store buffering", sb_0, sb_1), 4, NULL, -1},
  {PROGRAM ("store buffering, fences", sb_fence_0, sb_fence_1), 3, NULL, 0},
  {PROGRAM ("store buffering, one fence", sb_fence_0, sb_1), 4, NULL, -1},
  {PROGRAM ("store buffering, two light fences", sb_light_0, sb_light_1), 4,
        NULL, -1},
  {PROGRAM ("store buffering, light and heavy", sb_light_0, sb_heavy_1), 3,
        NULL, 0},
  {PROGRAM ("message passing", mp_0, mp_1), 3, NULL, 1},
  {PROGRAM ("message passing, relaxed", mp_0, mp_relaxed_1), 4, NULL, -1},
  {PROGRAM ("message passing, fence", mp_0, mp_fence_1), 3, NULL, 1},
  {PROGRAM ("independent reads", iriw_0, iriw_1, iriw_2, iriw_3), 16, NULL,
        -1},
  {PROGRAM ("independent reads, fences", iriw_0, iriw_1, iriw_fence_2,
            iriw_fence_3), 15, NULL, 5},
  {PROGRAM ("load buffering", lb_0, lb_1), 3, NULL, 3},
  {PROGRAM ("2 + 2 writes", writes_0, writes_1), 4, NULL, -1},
  {{"three additions", reset, all_are_counted, {increment, increment,
              increment}}, 6, NULL, -1},
  {{"two loops of compare-and-swap", reset, two_are_counted,
          {increment_by_swap, increment_by_swap}}, 4, NULL, -1},
  {PROGRAM ("publication", publish, take), 2, NULL, -1},
  {PROGRAM ("publication, relaxed", publish_relaxed, take), 0, "data race", -1},
  {PROGRAM ("a wait", iriw_0, wait_for_x), 1, NULL, -1},
  {PROGRAM ("a wait for nothing", set_y, wait_for_x), 0, "waits for ever", -1},
  {PROGRAM ("handed on", own_and_hand_on, overwrite), 2, NULL, -1},
  {PROGRAM ("handed on, relaxed", own_and_hand_on_relaxed, overwrite), 0,
        "overwritten", -1},
  {{"not initialised", forget_y, NULL, {read_y, set_y}}, 0,
        "not initialised", -1},
};

static bool
holds (const Litmus * program)
{
  McResult result;

  for (unsigned i = 0; i < 16; i++)
    outcomes[i] = 0;
  mc_explore (&program->scenario, NULL, 1000, 1, false, &result);
  printf ("%s: %u executions%s%s\n", program->scenario.name,
      (unsigned) result.executions, result.failed ? ", " : "",
      result.message);
  if (program->message != NULL)
    return result.failed && strstr (result.message, program->message) != NULL;
  return !result.failed && result.exhausted
      && result.executions == program->executions
      && (program->forbidden < 0 || outcomes[program->forbidden] == 0);
}

int
main (void)
{
  int failures = 0;

  for (size_t i = 0; i < sizeof (programs) / sizeof (programs[0]); i++) {
    if (!holds (&programs[i])) {
      printf ("  NOT as expected (%u)\n", programs[i].executions);
      failures++;
    }
  }
  return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
