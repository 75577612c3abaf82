/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The checker against the definition: random programs of up to three threads,
 * whose executions are counted a second time by trying every choice of rf and
 * co and asking the axioms of RC11, written down as relations.  Both must come
 * to the same number, and to the same values read and left.
 *
 * The control: with a definition in which nothing is released they do not.
 *
 * SC_TEST_SEED repeats a run.
 */
#include "model.h"

#include "../unit/sc-check.h"

#include <string.h>

enum { THREADS = 3, PER_THREAD = 4, OPS = THREADS * PER_THREAD, LOCATIONS = 2,
  PROGRAMS = 3000, WRITES = 3, READS = 4
};

typedef enum { READ, WRITE, MODIFY, FENCE } Kind;

typedef struct
{
  Kind kind;
  unsigned thread, location;
  int order;
} Op;

/* The program; the writes that are there first are events too, at the end. */
static Op ops[OPS + LOCATIONS];
static unsigned op_count;
static McSite sites[OPS];

static uint32_t memory[LOCATIONS];
/* Of this execution: the op, plus 1, whose value an op has read. */
static unsigned got[OPS];
static uint64_t count, sum;

static void
add_outcome (const unsigned *read, const unsigned *left)
{
  uint64_t state = 1;

  for (unsigned i = 0; i < op_count; i++)
    state = sc_random (&state) ^ read[i];
  for (unsigned l = 0; l < LOCATIONS; l++)
    state = sc_random (&state) ^ left[l];
  sum += sc_random (&state);
}

/* ---- by the checker ---- */

static void
set_up (void)
{
  memset (memory, 0, sizeof (memory));
  memset (got, 0, sizeof (got));
}

static void
finish (void)
{
  count++;
  add_outcome (got, memory);
}

static void
run_op (unsigned i)
{
  uint32_t *address = &memory[ops[i].location];

  switch (ops[i].kind) {
    case READ:
      got[i] = (unsigned) mc_load (&sites[i], address, sizeof (*address));
      break;
    case WRITE:
      mc_store (&sites[i], address, sizeof (*address), i + 1);
      break;
    case MODIFY:
      got[i] = (unsigned) mc_modify (&sites[i], address, sizeof (*address),
          MC_EXCHANGE, i + 1);
      break;
    case FENCE:
      mc_fence (&sites[i]);
      break;
  }
}

static void
run_thread (unsigned thread)
{
  for (unsigned i = 0; i < op_count; i++)
    if (ops[i].thread == thread)
      run_op (i);
}

static void
run_0 (void)
{
  run_thread (0);
}

static void
run_1 (void)
{
  run_thread (1);
}

static void
run_2 (void)
{
  run_thread (2);
}

/* ---- by the definition ---- */

/* Bit j of row i: i is before j. */
typedef struct
{
  uint32_t row[OPS + LOCATIONS];
} Relation;

static unsigned event_count;
static unsigned rf[OPS];
/* Where a write stands in its location's order; 0: what was there first. */
static unsigned place[OPS + LOCATIONS];

static bool
reads (unsigned i)
{
  return ops[i].kind == READ || ops[i].kind == MODIFY;
}

static bool
writes (unsigned i)
{
  return ops[i].kind == WRITE || ops[i].kind == MODIFY;
}

static bool
is_acquire (int order)
{
  return order == MC_ACQUIRE || order == MC_ACQ_REL || order == MC_SEQ_CST;
}

/* The control: a definition that is wrong. */
static bool without_release;

static bool
is_release (int order)
{
  if (without_release)
    return false;
  return order == MC_RELEASE || order == MC_ACQ_REL || order == MC_SEQ_CST;
}

static bool
po (unsigned i, unsigned j)
{
  return i >= op_count ? j < op_count
      : j < op_count && i < j && ops[i].thread == ops[j].thread;
}

static void
put (Relation * r, unsigned i, unsigned j)
{
  r->row[i] |= (uint32_t) 1 << j;
}

static bool
holds (const Relation * r, unsigned i, unsigned j)
{
  return r->row[i] >> j & 1;
}

static void
close (Relation * r)
{
  for (unsigned via = 0; via < event_count; via++)
    for (unsigned i = 0; i < event_count; i++)
      if (holds (r, i, via))
        r->row[i] |= r->row[via];
}

static bool
has_cycle (const Relation * closed)
{
  for (unsigned i = 0; i < event_count; i++)
    if (holds (closed, i, i))
      return true;
  return false;
}

static Relation
compose (const Relation * a, const Relation * b)
{
  Relation result = { {0} };

  for (unsigned i = 0; i < event_count; i++)
    for (unsigned j = 0; j < event_count; j++)
      if (holds (a, i, j))
        result.row[i] |= b->row[j];
  return result;
}

/* What @read acquires by reading of the release sequence that has come to
 * @source. */
static void
synchronise (Relation * hb, unsigned source, unsigned read)
{
  for (unsigned a = 0; a < op_count; a++) {
    if (!(a == read || (ops[a].kind == FENCE && po (read, a)))
        || !is_acquire (ops[a].order))
      continue;
    for (unsigned r = 0; r < op_count; r++)
      if ((r == source || (ops[r].kind == FENCE && po (r, source)))
          && is_release (ops[r].order))
        put (hb, r, a);
  }
}

static bool
is_consistent (void)
{
  Relation hb = { {0} }, eco = { {0} }, porf = { {0} }, psc = { {0} };
  Relation through;

  for (unsigned i = 0; i < event_count; i++) {
    for (unsigned j = 0; j < op_count; j++) {
      bool same = i != j && ops[i].location == ops[j].location
          && ops[i].kind != FENCE && ops[j].kind != FENCE;

      if (po (i, j)) {
        put (&hb, i, j);
        put (&porf, i, j);
      }
      if (same && writes (i) && writes (j) && place[i] < place[j])
        put (&eco, i, j);
      if (same && i < op_count && reads (i) && writes (j)
          && place[rf[i]] < place[j])
        put (&eco, i, j);
    }
  }
  for (unsigned i = 0; i < op_count; i++) {
    if (!reads (i))
      continue;
    put (&eco, rf[i], i);
    put (&porf, rf[i], i);
    if (ops[i].kind == MODIFY && place[i] != place[rf[i]] + 1)
      return false;
    for (unsigned source = rf[i], steps = 0;
        source < op_count && steps < OPS; steps++) {
      synchronise (&hb, source, i);
      source = ops[source].kind == MODIFY ? rf[source] : OPS + LOCATIONS;
    }
  }
  close (&porf);
  close (&hb);
  close (&eco);
  if (has_cycle (&porf) || has_cycle (&hb) || has_cycle (&eco))
    return false;
  through = compose (&hb, &eco);
  if (has_cycle (&through))
    return false;

  through = compose (&through, &hb);
  for (unsigned i = 0; i < op_count; i++)
    for (unsigned j = 0; j < op_count; j++)
      if (ops[i].kind == FENCE && ops[i].order == MC_SEQ_CST
          && ops[j].kind == FENCE && ops[j].order == MC_SEQ_CST
          && (holds (&hb, i, j) || holds (&through, i, j)))
        put (&psc, i, j);
  close (&psc);
  return !has_cycle (&psc);
}

static void
judge (void)
{
  unsigned read[OPS] = { 0 }, left[LOCATIONS] = { 0 };
  unsigned last[LOCATIONS] = { 0 };

  if (!is_consistent ())
    return;
  count++;
  for (unsigned i = 0; i < op_count; i++) {
    if (reads (i))
      read[i] = rf[i] < op_count ? rf[i] + 1 : 0;
    if (writes (i) && place[i] > last[ops[i].location]) {
      last[ops[i].location] = place[i];
      left[ops[i].location] = i + 1;
    }
  }
  add_outcome (read, left);
}

static void
choose_sources (unsigned i)
{
  while (i < op_count && !reads (i))
    i++;
  if (i == op_count) {
    judge ();
    return;
  }
  for (rf[i] = 0; rf[i] < event_count; rf[i]++)
    if (rf[i] != i && writes (rf[i])
        && ops[rf[i]].location == ops[i].location)
      choose_sources (i + 1);
}

/* @used: the places taken, by location */
static void
choose_places (unsigned i, uint32_t * used)
{
  unsigned l, most = 0;

  while (i < op_count && !writes (i))
    i++;
  if (i == op_count) {
    choose_sources (0);
    return;
  }
  l = ops[i].location;
  for (unsigned j = 0; j < op_count; j++)
    most += writes (j) && ops[j].location == l;
  for (place[i] = 1; place[i] <= most; place[i]++) {
    unsigned mine = place[i];

    if (used[l] >> mine & 1)
      continue;
    used[l] |= (uint32_t) 1 << mine;
    choose_places (i + 1, used);
    used[l] &= ~((uint32_t) 1 << mine);
  }
}

/* ---- both ---- */

static int
random_order (Kind kind, uint64_t * seed)
{
  static const int orders[][4] = {
    [READ] = {MC_RELAXED, MC_ACQUIRE, MC_ACQUIRE, MC_RELAXED},
    [WRITE] = {MC_RELAXED, MC_RELEASE, MC_RELEASE, MC_RELAXED},
    [MODIFY] = {MC_RELAXED, MC_ACQUIRE, MC_RELEASE, MC_ACQ_REL},
    [FENCE] = {MC_SEQ_CST, MC_ACQUIRE, MC_RELEASE, MC_SEQ_CST},
  };

  return orders[kind][sc_random (seed) % 4];
}

static void
add_op (Kind kind, unsigned thread, unsigned location, int order)
{
  ops[op_count] = (Op) { kind, thread, location, order };
  sites[op_count] = (McSite) {.operation = "random",.order = order,
    .failure = MC_NO_ORDER
  };
  op_count++;
}

static void
make_program (uint64_t * seed)
{
  unsigned left_writes[LOCATIONS] = { WRITES, WRITES }, left_reads = READS;
  const unsigned threads = 2 + sc_random (seed) % 2;

  op_count = 0;
  for (unsigned t = 0; t < threads; t++) {
    for (unsigned n = 1 + sc_random (seed) % PER_THREAD; n > 0; n--) {
      static const Kind kinds[] = { READ, WRITE, READ, WRITE, MODIFY, FENCE };
      Kind kind = kinds[sc_random (seed) % 6];
      unsigned l = sc_random (seed) % LOCATIONS;

      if (kind != FENCE && kind != WRITE) {
        if (left_reads == 0)
          continue;
        left_reads--;
      }
      if (kind == WRITE || kind == MODIFY) {
        if (left_writes[l] == 0)
          continue;
        left_writes[l]--;
      }
      add_op (kind, t, l, random_order (kind, seed));
    }
  }
  event_count = op_count;
  for (unsigned l = 0; l < LOCATIONS; l++) {
    ops[event_count] = (Op) { WRITE, THREADS, l, MC_RELAXED };
    place[event_count++] = 0;
  }
}

static void
print_program (void)
{
  static const char kinds[] = "RWMF";

  for (unsigned i = 0; i < op_count; i++)
    printf ("  thread %u: %c location %u order %d\n", ops[i].thread,
        kinds[ops[i].kind], ops[i].location, ops[i].order);
}

static bool
both_agree (uint64_t * executions)
{
  static const McScenario scenario = { "random", set_up, finish,
    {run_0, run_1, run_2}
  };
  uint64_t by_checker, sum_by_checker;
  uint32_t used[LOCATIONS] = { 0 };
  McResult result;

  count = sum = 0;
  mc_explore (&scenario, NULL, UINT64_MAX, 0, false, &result);
  by_checker = count;
  sum_by_checker = sum;
  count = sum = 0;
  choose_places (0, used);
  *executions += count;
  if (!result.failed && by_checker == count && sum_by_checker == sum)
    return true;
  if (without_release)
    return false;
  printf ("%" PRIu64 " executions by the checker, %" PRIu64
      " by the definition%s %s\n", by_checker, count,
      by_checker == count ? ", but not the same" : "", result.message);
  print_program ();
  return false;
}

/* Returns whether they agree on all. */
static bool
compare_programs (uint64_t seed)
{
  uint64_t executions = 0;

  for (int i = 0; i < PROGRAMS; i++) {
    make_program (&seed);
    if (!both_agree (&executions))
      return false;
  }
  printf ("%d programs, %" PRIu64 " executions\n", PROGRAMS, executions);
  return true;
}

int
main (void)
{
  uint64_t seed = sc_random_seed ("model-random");

  if (!compare_programs (seed))
    return EXIT_FAILURE;
  without_release = true;
  if (compare_programs (seed)) {
    printf ("a wrong definition is not told from the right one\n");
    return EXIT_FAILURE;
  }
  return EXIT_SUCCESS;
}
