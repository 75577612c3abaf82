/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the search (model-explore.c) and the threads' side (model-thread.c) know
 * of each other. */
#ifndef MC_MODEL_EXPLORE_H
#define MC_MODEL_EXPLORE_H

#include "model-graph.h"

typedef enum
{
  MC_ABSENT,
  MC_READY,                     /* can run */
  MC_NEEDS_SOURCE,              /* its read's source is not replayed yet */
  MC_WANTS,                     /* an event that is not in the graph */
  MC_BLOCKED,                   /* waits for another value */
  MC_DONE,
} McThreadState;

typedef struct
{
  McThreadState state;
  unsigned replayed;            /* events */
  McEvent wanted;
  McRef source;
} McThread;

typedef struct
{
  volatile void *address;
  size_t size;
  uint64_t initial;
  bool uninitialised;
} McLocation;

/* Of the execution that is under way. */
extern McGraph *mc_graph;
extern McThread mc_threads[MC_THREADS];
extern McLocation mc_locations[MC_LOCATIONS];
extern unsigned mc_location_count;

/* The search has failed, for this reason; empty: not yet. */
extern char mc_message[256];

/* For a scenario's run: forgets the locations, and whatever setup said. */
void mc_threads_begin (const McScenario * scenario, const McMutant * mutant,
    uint32_t scenario_bit);
void mc_threads_end (void);
/* For an execution: calls setup, and makes the threads ready. */
void mc_threads_restart (void);
/* Lets the thread run until it is not ready any more. */
void mc_thread_run (unsigned thread);
/* Writes what each location holds at last to memory, and calls finish. */
void mc_threads_finish (void);

void mc_record_failure (const char *format, ...)
    __attribute__ ((format (printf, 1, 2)));

/* What @read reads, of @graph. */
uint64_t mc_value_of (McGraph * graph, const McEvent * read);

/* Notes a failure if an event of the graph must not be. */
void mc_check_event (const McEvent * event);
void mc_check_overwritten (void);

#endif
