/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A stateless model checker for the lock-free core: it runs a small scenario of
 * two to four threads in every way that the C11 memory model allows, and says
 * which assertion of it fails, if any.
 *
 * How: docs/model-checking.md.  In short, an execution is a graph of events
 * with who reads from whom (rf) and the order of the writes to each location
 * (co). The checker lists all graphs that RC11 allows (O. Lahav, V. Vafeiadis,
 * J. Kang, C.-K. Hur and D. Dreyer, "Repairing sequential consistency in
 * C/C++11", 2017), each once, by the algorithm of M. Kokologiannakis, I.
 * Marmanis, V. Gladstein and V. Vafeiadis, "Truly stateless, optimal dynamic
 * partial order reduction" (2022).
 *
 * The core's own source is compiled against include/stdatomic.h, whose macros
 * call the functions here.  Threads are fibers of one thread.  Only atomics and
 * what goes through mc_plain_load() and mc_plain_store() are seen; all other
 * memory must belong to one thread or be published by atomics.
 */
#ifndef MC_MODEL_H
#define MC_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MC_THREADS = 4 };

/* In this order; acquire and release are not comparable. */
enum
{
  MC_NO_ORDER = -1,
  MC_RELAXED,
  MC_ACQUIRE,
  MC_RELEASE,
  MC_ACQ_REL,
  MC_SEQ_CST,
};

/* An operation in the source. */
typedef struct
{
  const char *file;
  const char *function;
  int line;
  const char *operation;
  int order, failure;           /* as written */
  uint32_t scenarios;           /* bit i: reached in scenario i */
} McSite;

/* Pointers to all of them are in a section of their own, in the order of the
 * source. */
#define MC_SITE(operation, order, failure) \
  static McSite mc_site = { __FILE__, __func__, __LINE__, operation, order, \
    failure, 0 }; \
  static McSite *mc_site_pointer \
  __attribute__ ((section ("mc_sites"), used)) = &mc_site

typedef enum
{
  MC_FETCH_ADD,
  MC_FETCH_SUB,
  MC_FETCH_OR,
  MC_FETCH_AND,
  MC_EXCHANGE,
} McModify;

/* What the macros of include/stdatomic.h call.  @size: 1, 4 or 8 bytes. */
void mc_initialise (volatile void *address, size_t size, uint64_t value);
uint64_t mc_load (McSite * site, const volatile void *address, size_t size);
void mc_store (McSite * site, volatile void *address, size_t size,
    uint64_t value);
uint64_t mc_modify (McSite * site, volatile void *address, size_t size,
    McModify how, uint64_t operand);
bool mc_compare_exchange (McSite * site, volatile void *address, size_t size,
    uint64_t * expected, uint64_t desired);
void mc_fence (McSite * site);

/* The two halves of an asymmetric fence (ISO C++ paper P1202): a light one, for
 * the compiler only, and a heavy one, membarrier(2).  A light and a heavy one
 * are ordered as two sequentially consistent fences are, two light ones are
 * not. */
void mc_light_fence (McSite * site);
void mc_heavy_fence (McSite * site);

/* For scenarios: memory that is no atomic, of 64 bits.  A data race on it is an
 * error. */
uint64_t mc_plain_load (const uint64_t * address);
void mc_plain_store (uint64_t * address, uint64_t value);

/* The caller's last load of an atomic has read what is its own now: an error if
 * it does not happen before the next write to there.  Hardware may carry out a
 * load after a later store (load buffering), which RC11 has no executions for;
 * this asks for the order that forbids it. */
void mc_own (const volatile void *address);

/* The thread goes no further unless what it has read last is another value: the
 * body of a loop that waits. */
void mc_wait (void);
/* A futex: returns when the location holds something else than @value. */
void mc_wait_while (const volatile void *address, size_t size,
    uint64_t value);

/* Of setup: reading it before it is written is an error. */
void mc_uninitialised (const void *memory, size_t size);
/* Of setup: each thread has its own copy, zero at first. */
void mc_thread_local (void *memory, size_t size);

void mc_fail (const char *format, ...)
    __attribute__ ((noreturn, format (printf, 1, 2)));

#define mc_assert(condition) do { \
  if (!(condition)) \
    mc_fail ("%s:%d: %s", __FILE__, __LINE__, #condition); \
} while (0)

typedef struct
{
  const char *name;
  /* Before and after the threads; atomics act on memory directly there. */
  void (*setup) (void);
  void (*finish) (void);
  void (*threads[MC_THREADS]) (void);
  bool is_long;                 /* only if SC_MODEL_LONG is set */
  /* A control: a protocol that is wrong, and part of what is found. */
  const char *finding;
} McScenario;

/* A weakened memory order. */
typedef struct
{
  const McSite *site;
  bool of_failure;              /* the order of a failed compare-and-swap */
  int order;                    /* MC_NO_ORDER: the operation is left out */
} McMutant;

typedef struct
{
  uint64_t executions;          /* that came to their end */
  uint64_t blocked;             /* that wait for a value another one reads */
  bool exhausted;               /* all were seen */
  bool failed;
  char message[256];
} McResult;

/* Runs a scenario in all ways, up to the first failure or @limit executions.
 * @scenario_bit: is set in each site that is reached. */
void mc_explore (const McScenario * scenario, const McMutant * mutant,
    uint64_t limit, uint32_t scenario_bit, bool verbose, McResult * result);

#endif
