/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Sequentially consistent fences, as RC11 has them: a fence is before another
 * one if it happens before it, or if something after it comes before something
 * that is before the other one in the order of a location (eco).  This order
 * has no cycle.  (Sequentially consistent accesses are taken as acquire and
 * release ones, which allows more.)
 */
#include "model-graph.h"

#include <string.h>

enum { FENCES = 24, NOWHERE = 255 };

/* What of each location is behind or before a fence: the first or last write,
 * by its position, and the first or last write that was read. */
typedef struct
{
  const McEvent *fence;
  uint8_t first_write[MC_LOCATIONS], first_read[MC_LOCATIONS];
  /* One more than the position; 0: none. */
  uint8_t last_write[MC_LOCATIONS], last_read[MC_LOCATIONS];
} Reach;

static bool
is_ordered_fence (const McEvent * event)
{
  return (event->kind == MC_EVENT_FENCE && event->order == MC_SEQ_CST)
      || event->kind == MC_EVENT_LIGHT_FENCE
      || event->kind == MC_EVENT_HEAVY_FENCE;
}

static unsigned
find_fences (McGraph * graph, Reach * reaches, unsigned *locations)
{
  unsigned count = 0;

  *locations = 0;
  for (unsigned t = 0; t < MC_THREADS; t++) {
    for (unsigned i = 0; i < graph->events_of[t]; i++) {
      const McEvent *e = &graph->events[t][i];

      if (e->kind <= MC_EVENT_WRITE) {
        if (*locations <= e->location)
          *locations = e->location + 1u;
      } else if (is_ordered_fence (e) && count < FENCES) {
        reaches[count++].fence = e;
      }
    }
  }
  return count;
}

static void
look_from (McGraph * graph, Reach * reach, unsigned locations)
{
  memset (reach->first_write, NOWHERE, locations);
  memset (reach->first_read, NOWHERE, locations);
  memset (reach->last_write, 0, locations);
  memset (reach->last_read, 0, locations);
  for (unsigned t = 0; t < MC_THREADS; t++) {
    for (unsigned i = 0; i < graph->events_of[t]; i++) {
      const McEvent *e = &graph->events[t][i];
      bool is_read = e->kind == MC_EVENT_READ;
      uint8_t *first, *last, position;

      if (e->kind > MC_EVENT_WRITE)
        continue;
      first = is_read ? &reach->first_read[e->location]
          : &reach->first_write[e->location];
      last = is_read ? &reach->last_read[e->location]
          : &reach->last_write[e->location];
      position = (uint8_t) mc_graph_position (graph, e->location,
          is_read ? e->rf : mc_ref (e));
      if (mc_is_in (&e->before, mc_ref (reach->fence)) && position < *first)
        *first = position;
      if (mc_is_in (&reach->fence->before, mc_ref (e)) && position + 1 > *last)
        *last = (uint8_t) (position + 1);
    }
  }
}

static bool
comes_before (const Reach * a, const Reach * b, unsigned locations)
{
  if (a->fence->kind == MC_EVENT_LIGHT_FENCE
      && b->fence->kind == MC_EVENT_LIGHT_FENCE)
    return false;
  if (mc_is_in (&b->fence->before, mc_ref (a->fence)))
    return true;
  for (unsigned l = 0; l < locations; l++) {
    unsigned first = a->first_write[l] < a->first_read[l]
        ? a->first_write[l] : a->first_read[l];

    if (first + 1 < b->last_write[l] || first + 1 < b->last_read[l]
        || a->first_write[l] + 1u <= b->last_read[l])
      return true;
  }
  return false;
}

bool
mc_graph_fences_agree (McGraph * graph)
{
  static Reach reaches[FENCES];
  uint32_t after[FENCES] = { 0 };
  unsigned locations, count = find_fences (graph, reaches, &locations);

  if (count < 2)
    return true;
  for (unsigned i = 0; i < count; i++)
    look_from (graph, &reaches[i], locations);
  for (unsigned i = 0; i < count; i++)
    for (unsigned j = 0; j < count; j++)
      if (i != j && comes_before (&reaches[i], &reaches[j], locations))
        after[i] |= (uint32_t) 1 << j;
  for (unsigned via = 0; via < count; via++)
    for (unsigned i = 0; i < count; i++)
      if (after[i] & (uint32_t) 1 << via)
        after[i] |= after[via];
  for (unsigned i = 0; i < count; i++)
    if (after[i] & (uint32_t) 1 << i)
      return false;
  return true;
}
