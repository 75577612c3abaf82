/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The threads' side: each thread of a scenario is a fiber.  An operation that
 * the graph has already is replayed from there; one that it has not is left to
 * the search, which adds it and lets the thread go on.
 */
#include "model-explore.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

enum { STACK = 64 * 1024, LOCALS = 4, LOCAL_SIZE = 32, RANGES = 8 };

typedef struct
{
  ucontext_t context;
  char locals[LOCALS][LOCAL_SIZE];
} Fiber;

McGraph *mc_graph;
McThread mc_threads[MC_THREADS];
McLocation mc_locations[MC_LOCATIONS];
unsigned mc_location_count;
char mc_message[256];

static const McScenario *scenario;
static const McMutant *mutant;
static uint32_t scenario_bit;

static Fiber fibers[MC_THREADS];
static char *stacks;
static ucontext_t search;
/* The thread that runs, or -1: setup or finish. */
static int current = -1;
static jmp_buf outside;

static struct
{
  void *memory;
  size_t size;
} locals[LOCALS], ranges[RANGES];
static unsigned local_count, range_count;

/* Leaves the thread for the search. */
static void
leave (McThreadState state)
{
  mc_threads[current].state = state;
  swapcontext (&fibers[current].context, &search);
}

void
mc_record_failure (const char *format, ...)
{
  va_list arguments;

  if (mc_message[0] != '\0')
    return;
  va_start (arguments, format);
  vsnprintf (mc_message, sizeof (mc_message), format, arguments);
  va_end (arguments);
}

void
mc_fail (const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  if (mc_message[0] == '\0')
    vsnprintf (mc_message, sizeof (mc_message), format, arguments);
  va_end (arguments);
  if (current < 0)
    longjmp (outside, 1);
  for (;;)
    leave (MC_BLOCKED);
}

void
mc_uninitialised (const void *memory, size_t size)
{
  if (range_count == RANGES)
    abort ();
  ranges[range_count].memory = (void *) memory;
  ranges[range_count++].size = size;
}

void
mc_thread_local (void *memory, size_t size)
{
  if (local_count == LOCALS || size > LOCAL_SIZE)
    abort ();
  locals[local_count].memory = memory;
  locals[local_count++].size = size;
}

static unsigned
location_of (const volatile void *address, size_t size)
{
  McLocation *location;

  for (unsigned i = 0; i < mc_location_count; i++)
    if (mc_locations[i].address == address)
      return i;
  if (mc_location_count == MC_LOCATIONS)
    mc_fail ("too many locations");
  location = &mc_locations[mc_location_count];
  *location = (McLocation) { (volatile void *) address, size, 0, false };
  memcpy (&location->initial, (const void *) address, size);
  for (unsigned i = 0; i < range_count; i++)
    if ((const char *) address >= (char *) ranges[i].memory
        && (const char *) address < (char *) ranges[i].memory + ranges[i].size)
      location->uninitialised = true;
  return mc_location_count++;
}

/* The order of an operation in this run, or as written. */
static int
order_now (McSite * site, bool of_failure)
{
  site->scenarios |= scenario_bit;
  if (mutant != NULL && mutant->site == site
      && mutant->of_failure == of_failure)
    return mutant->order;
  return of_failure ? site->failure : site->order;
}

/* Carries an operation out: replays it, or has the search add it. */
static McEvent *
perform (McEvent * wanted)
{
  McThread *self = &mc_threads[current];

  wanted->thread = (uint8_t) current;
  for (;;) {
    McEvent *e = &mc_graph->events[current][self->replayed];

    if (self->replayed >= mc_graph->events_of[current]) {
      if (self->replayed == MC_THREAD_EVENTS)
        mc_fail ("too many operations in a thread");
      self->wanted = *wanted;
      leave (MC_WANTS);
      continue;
    }
    if (e->kind != wanted->kind || e->location != wanted->location
        || (e->kind == MC_EVENT_WRITE && e->value != wanted->value))
      mc_fail ("the scenario is not the same each time");
    if (e->kind == MC_EVENT_READ && e->rf != MC_INIT
        && mc_threads[e->rf >> 8].replayed <= (e->rf & 0xff)) {
      self->source = e->rf;
      leave (MC_NEEDS_SOURCE);
      continue;
    }
    self->replayed++;
    return e;
  }
}

uint64_t
mc_value_of (McGraph * graph, const McEvent * read)
{
  return read->rf == MC_INIT ? mc_locations[read->location].initial
      : mc_event (graph, read->rf)->value;
}

static uint64_t
value_of (const McEvent * read)
{
  return mc_value_of (mc_graph, read);
}

static uint64_t
without_rest (uint64_t value, size_t size)
{
  return size == 8 ? value : value & (((uint64_t) 1 << 8 * size) - 1);
}

static uint64_t
read_directly (const volatile void *address, size_t size)
{
  uint64_t value = 0;

  memcpy (&value, (const void *) address, size);
  return value;
}

static void
write_directly (volatile void *address, size_t size, uint64_t value)
{
  memcpy ((void *) address, &value, size);
}

static McEvent *
read_event (const McSite * site, const volatile void *address, size_t size,
    int order, bool plain)
{
  McEvent wanted = {.kind = MC_EVENT_READ,.site = site,.plain = plain,
    .order = (int8_t) order,.location = (uint8_t) location_of (address, size),
    .rf = MC_INIT
  };

  return perform (&wanted);
}

/* @of: the read half, or NULL. */
static void
write_event (const McSite * site, volatile void *address, size_t size,
    int order, bool plain, uint64_t value, const McEvent * of)
{
  McEvent wanted = {.kind = MC_EVENT_WRITE,.site = site,.plain = plain,
    .order = (int8_t) order,.location = (uint8_t) location_of (address, size),
    .rf = of != NULL ? of->rf : MC_INIT,.rmw = of != NULL,
    .value = without_rest (value, size)
  };

  perform (&wanted);
}

void
mc_initialise (volatile void *address, size_t size, uint64_t value)
{
  if (current < 0)
    write_directly (address, size, value);
  else
    write_event (NULL, address, size, MC_RELAXED, true, value, NULL);
}

uint64_t
mc_load (McSite * site, const volatile void *address, size_t size)
{
  if (current < 0)
    return read_directly (address, size);
  return value_of (read_event (site, address, size, order_now (site, false),
          false));
}

void
mc_store (McSite * site, volatile void *address, size_t size, uint64_t value)
{
  if (current < 0)
    write_directly (address, size, value);
  else
    write_event (site, address, size, order_now (site, false), false, value,
        NULL);
}

static uint64_t
modified (uint64_t old, McModify how, uint64_t operand)
{
  switch (how) {
    case MC_FETCH_ADD:
      return old + operand;
    case MC_FETCH_SUB:
      return old - operand;
    case MC_FETCH_OR:
      return old | operand;
    case MC_FETCH_AND:
      return old & operand;
    case MC_EXCHANGE:
    default:
      return operand;
  }
}

uint64_t
mc_modify (McSite * site, volatile void *address, size_t size, McModify how,
    uint64_t operand)
{
  const McEvent *read;
  uint64_t old;
  int order;

  if (current < 0) {
    old = read_directly (address, size);
    write_directly (address, size, modified (old, how, operand));
    return old;
  }
  order = order_now (site, false);
  read = read_event (site, address, size, order, false);
  old = value_of (read);
  write_event (site, address, size, order, false, modified (old, how, operand),
      read);
  return old;
}

bool
mc_compare_exchange (McSite * site, volatile void *address, size_t size,
    uint64_t * expected, uint64_t desired)
{
  McEvent *read = NULL, wanted = {.kind = MC_EVENT_READ,.site = site,
    .rf = MC_INIT,.compares = true,.value = without_rest (*expected, size)
  };
  uint64_t old;

  if (current < 0) {
    old = read_directly (address, size);
  } else {
    wanted.location = (uint8_t) location_of (address, size);
    wanted.if_equal = (int8_t) order_now (site, false);
    wanted.if_not = (int8_t) order_now (site, true);
    read = perform (&wanted);
    old = value_of (read);
  }
  *expected = old;
  if (old != wanted.value)
    return false;
  if (current < 0)
    write_directly (address, size, desired);
  else
    write_event (site, address, size, order_now (site, false), false, desired,
        read);
  return true;
}

static void
fence_event (McSite * site, McKind kind)
{
  McEvent wanted = {.kind = kind,.site = site };

  if (current < 0)
    return;
  wanted.order = (int8_t) order_now (site, false);
  if (wanted.order != MC_NO_ORDER)
    perform (&wanted);
}

void
mc_fence (McSite * site)
{
  fence_event (site, MC_EVENT_FENCE);
}

void
mc_light_fence (McSite * site)
{
  fence_event (site, MC_EVENT_LIGHT_FENCE);
}

void
mc_heavy_fence (McSite * site)
{
  fence_event (site, MC_EVENT_HEAVY_FENCE);
}

uint64_t
mc_plain_load (const uint64_t * address)
{
  if (current < 0)
    return *address;
  return value_of (read_event (NULL, address, 8, MC_RELAXED, true));
}

void
mc_plain_store (uint64_t * address, uint64_t value)
{
  if (current < 0)
    *address = value;
  else
    write_event (NULL, address, 8, MC_RELAXED, true, value, NULL);
}

static McEvent *
last_read (void)
{
  for (unsigned i = mc_threads[current].replayed; i > 0; i--)
    if (mc_graph->events[current][i - 1].kind == MC_EVENT_READ)
      return &mc_graph->events[current][i - 1];
  mc_fail ("a wait without a look before");
}

void
mc_own (const volatile void *address)
{
  if (current < 0)
    return;
  for (unsigned i = mc_threads[current].replayed; i > 0; i--) {
    McEvent *e = &mc_graph->events[current][i - 1];

    if (e->kind == MC_EVENT_READ
        && mc_locations[e->location].address == address) {
      e->owned = true;
      mc_check_overwritten ();
      return;
    }
  }
}

void
mc_wait (void)
{
  if (current < 0)
    mc_fail ("a wait where nobody else runs");
  mc_threads[current].source = mc_ref (last_read ());
  for (;;)
    leave (MC_BLOCKED);
}

void
mc_wait_while (const volatile void *address, size_t size, uint64_t value)
{
  if (current < 0)
    mc_fail ("a wait where nobody else runs");
  if (value_of (read_event (NULL, address, size, MC_RELAXED, false))
      == without_rest (value, size))
    mc_wait ();
}

static void
swap_locals (Fiber * fiber)
{
  char other[LOCAL_SIZE];

  for (unsigned i = 0; i < local_count; i++) {
    memcpy (other, locals[i].memory, locals[i].size);
    memcpy (locals[i].memory, fiber->locals[i], locals[i].size);
    memcpy (fiber->locals[i], other, locals[i].size);
  }
}

void
mc_thread_run (unsigned thread)
{
  current = (int) thread;
  mc_threads[thread].state = MC_READY;
  swap_locals (&fibers[thread]);
  swapcontext (&search, &fibers[thread].context);
  swap_locals (&fibers[thread]);
  current = -1;
}

static void
thread_main (void)
{
  scenario->threads[current] ();
  for (;;)
    leave (MC_DONE);
}

/* Setup or finish, which mc_fail() leaves. */
static void
run_alone (void (*function) (void))
{
  if (function != NULL && setjmp (outside) == 0)
    function ();
}

void
mc_threads_restart (void)
{
  local_count = range_count = 0;
  run_alone (scenario->setup);
  for (unsigned t = 0; t < MC_THREADS; t++) {
    Fiber *fiber = &fibers[t];

    memset (&mc_threads[t], 0, sizeof (mc_threads[t]));
    memset (fiber->locals, 0, sizeof (fiber->locals));
    if (scenario->threads[t] == NULL)
      continue;
    mc_threads[t].state = MC_READY;
    if (getcontext (&fiber->context) != 0)
      abort ();
    fiber->context.uc_stack.ss_sp = stacks + t * STACK;
    fiber->context.uc_stack.ss_size = STACK;
    fiber->context.uc_link = NULL;
    makecontext (&fiber->context, thread_main, 0);
  }
}

void
mc_threads_finish (void)
{
  for (unsigned l = 0; l < mc_location_count; l++) {
    unsigned count = mc_graph->writes_of[l];

    if (count > 0)
      write_directly (mc_locations[l].address, mc_locations[l].size,
          mc_event (mc_graph, mc_graph->writes[l][count - 1])->value);
  }
  run_alone (scenario->finish);
}

void
mc_threads_begin (const McScenario * of, const McMutant * with, uint32_t bit)
{
  scenario = of;
  mutant = with;
  scenario_bit = bit;
  mc_location_count = 0;
  mc_message[0] = '\0';
  stacks = malloc (MC_THREADS * STACK);
  if (stacks == NULL)
    abort ();
}

void
mc_threads_end (void)
{
  free (stacks);
}
