/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Execution graphs: the events of each thread in program order (po), for each
 * read the write that it reads from (rf), for each location the order of its
 * writes (co), and what follows from these: what happens before what.
 *
 * A graph only holds events whose causes (po and rf, together porf) it holds
 * too, and only grows by an event that is the last of its thread.  So an
 * event's clocks never change once it is there.
 */
#ifndef MC_MODEL_GRAPH_H
#define MC_MODEL_GRAPH_H

#include "model.h"

enum { MC_THREAD_EVENTS = 128, MC_LOCATIONS = 160, MC_WRITES = 32 };

/* An event: thread << 8 | index.  The write that setup left in a location has
 * no event. */
typedef uint16_t McRef;
#define MC_INIT ((McRef) 0xffff)

typedef enum
{
  MC_EVENT_READ,
  MC_EVENT_WRITE,
  MC_EVENT_FENCE,
  MC_EVENT_LIGHT_FENCE,
  MC_EVENT_HEAVY_FENCE,
} McKind;

/* By thread, how many of its events come before or are the event itself. */
typedef struct
{
  uint8_t of[MC_THREADS];
} McClock;

typedef struct
{
  uint64_t value;               /* of a write; of a compare: what it expects */
  const McSite *site;
  uint32_t stamp;               /* when it was added */
  McRef rf;                     /* of a read, or of the read half of a write */
  uint8_t kind, thread, index, location;
  int8_t order;
  bool compares;                /* the read half of a compare-and-swap */
  int8_t if_equal, if_not;      /* its orders */
  bool rmw;                     /* the write half of a read-modify-write */
  bool plain;
  bool owned;                   /* see mc_own() */
  McClock before;               /* happens-before */
  McClock causes;               /* po and rf */
  McClock published;            /* of a write: what an acquire of it gets */
  McClock read;                 /* what an acquire fence would get */
  McClock fenced;               /* what the last release fence publishes */
} McEvent;

typedef struct
{
  uint32_t stamp;
  uint8_t events_of[MC_THREADS];
  uint8_t writes_of[MC_LOCATIONS];
  McRef writes[MC_LOCATIONS][MC_WRITES];
  McEvent events[MC_THREADS][MC_THREAD_EVENTS];
} McGraph;

static inline bool
mc_is_acquire (int order)
{
  return order == MC_ACQUIRE || order >= MC_ACQ_REL;
}

static inline bool
mc_is_release (int order)
{
  return order >= MC_RELEASE;
}

static inline McRef
mc_ref (const McEvent * event)
{
  return (McRef) (event->thread << 8 | event->index);
}

static inline McEvent *
mc_event (McGraph * graph, McRef ref)
{
  return &graph->events[ref >> 8][ref & 0xff];
}

static inline bool
mc_is_in (const McClock * clock, McRef ref)
{
  return ref == MC_INIT || clock->of[ref >> 8] > (ref & 0xff);
}

/* Copies only what is used. */
McGraph *mc_graph_copy (const McGraph * graph);

/* Makes @event, which has its kind, thread, location, order, rmw, plain, site,
 * value and rf, the next of its thread: sets the rest.  It is not in the graph
 * before mc_graph_add(). */
void mc_graph_prepare (McGraph * graph, McEvent * event);
void mc_graph_add (McGraph * graph, const McEvent * event);

/* Where a write stands in its location's order: 0 is setup's. */
unsigned mc_graph_position (const McGraph * graph, unsigned location,
    McRef write);

/* Whether a prepared read may read from its rf. */
bool mc_graph_read_is_coherent (McGraph * graph, const McEvent * read);

/* Whether a prepared write may come right after @position. */
bool mc_graph_write_fits (McGraph * graph, const McEvent * write,
    unsigned position);
void mc_graph_place (McGraph * graph, const McEvent * write,
    unsigned position);

/* Whether the order of the sequentially consistent fences has no cycle. */
bool mc_graph_fences_agree (McGraph * graph);

/* What a prepared write or read races with, or NULL. */
const McEvent *mc_graph_race (McGraph * graph, const McEvent * event);
/* A read that is owned, and overwritten by what it does not happen before. */
const McEvent *mc_graph_overwritten (McGraph * graph);

/* Takes out all events that were added after @read and that @write, a prepared
 * one, does not depend on.  False: these events were not added in the way that
 * this graph is to be reached from. */
bool mc_graph_may_revisit (McGraph * graph, const McEvent * read,
    const McEvent * write);
void mc_graph_restrict (McGraph * graph, const McEvent * read,
    const McEvent * write);

void mc_graph_print (McGraph * graph);

#endif
