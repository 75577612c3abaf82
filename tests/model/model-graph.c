/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model-graph.h"

#include <stdlib.h>
#include <string.h>

McGraph *
mc_graph_copy (const McGraph * graph)
{
  McGraph *copy = malloc (sizeof (*copy));

  if (copy == NULL)
    abort ();
  memcpy (copy, graph, offsetof (McGraph, writes));
  for (unsigned l = 0; l < MC_LOCATIONS; l++)
    memcpy (copy->writes[l], graph->writes[l],
        graph->writes_of[l] * sizeof (McRef));
  for (unsigned t = 0; t < MC_THREADS; t++)
    memcpy (copy->events[t], graph->events[t],
        graph->events_of[t] * sizeof (McEvent));
  return copy;
}

static void
join (McClock * into, const McClock * from)
{
  for (unsigned t = 0; t < MC_THREADS; t++)
    if (into->of[t] < from->of[t])
      into->of[t] = from->of[t];
}

static void
follow (McEvent * event, const McEvent * source)
{
  join (&event->causes, &source->causes);
  join (&event->read, &source->published);
  if (mc_is_acquire (event->order))
    join (&event->before, &source->published);
}

void
mc_graph_prepare (McGraph * graph, McEvent * event)
{
  static const McClock nothing;
  unsigned index = graph->events_of[event->thread];
  const McEvent *last
      = index > 0 ? &graph->events[event->thread][index - 1] : NULL;

  event->index = (uint8_t) index;
  event->before = last != NULL ? last->before : nothing;
  event->causes = last != NULL ? last->causes : nothing;
  event->read = last != NULL ? last->read : nothing;
  event->fenced = last != NULL ? last->fenced : nothing;
  event->published = nothing;
  event->before.of[event->thread] = event->causes.of[event->thread]
      = (uint8_t) (index + 1);

  if (event->kind == MC_EVENT_READ && event->rf != MC_INIT)
    follow (event, mc_event (graph, event->rf));
  if (event->kind == MC_EVENT_FENCE || event->kind == MC_EVENT_HEAVY_FENCE) {
    if (mc_is_acquire (event->order))
      join (&event->before, &event->read);
    if (mc_is_release (event->order))
      event->fenced = event->before;
  }
  if (event->kind == MC_EVENT_WRITE) {
    event->published
        = mc_is_release (event->order) ? event->before : event->fenced;
    /* A read-modify-write goes on with the release sequence. */
    if (event->rmw && event->rf != MC_INIT)
      join (&event->published, &mc_event (graph, event->rf)->published);
  }
  join (&event->read, &event->before);
}

void
mc_graph_add (McGraph * graph, const McEvent * event)
{
  McEvent *added = &graph->events[event->thread][event->index];

  *added = *event;
  added->stamp = graph->stamp++;
  graph->events_of[event->thread] = (uint8_t) (event->index + 1);
}

unsigned
mc_graph_position (const McGraph * graph, unsigned location, McRef write)
{
  unsigned i = 0;

  if (write == MC_INIT)
    return 0;
  while (graph->writes[location][i] != write)
    i++;
  return i + 1;
}

/* The earliest position that coherence leaves to @event: after what it and what
 * happens before it have written and read. */
static unsigned
floor_of (McGraph * graph, const McEvent * event)
{
  unsigned location = event->location, floor = 0;

  for (unsigned i = graph->writes_of[location]; i > 0 && floor == 0; i--)
    if (mc_is_in (&event->before, graph->writes[location][i - 1])
        && graph->writes[location][i - 1] != mc_ref (event))
      floor = i;
  for (unsigned t = 0; t < MC_THREADS; t++) {
    for (unsigned i = 0; i < event->before.of[t]; i++) {
      const McEvent *e = &graph->events[t][i];
      unsigned position;

      if ((t == event->thread && i == event->index)
          || e->kind != MC_EVENT_READ || e->location != location)
        continue;
      position = mc_graph_position (graph, location, e->rf);
      floor = position > floor ? position : floor;
    }
  }
  return floor;
}

bool
mc_graph_read_is_coherent (McGraph * graph, const McEvent * read)
{
  return mc_graph_position (graph, read->location, read->rf)
      >= floor_of (graph, read);
}

bool
mc_graph_write_fits (McGraph * graph, const McEvent * write,
    unsigned position)
{
  unsigned location = write->location;

  /* Nothing comes between a read-modify-write and what it has read. */
  if (position < graph->writes_of[location]
      && mc_event (graph, graph->writes[location][position])->rmw)
    return false;
  if (write->rmw
      && position != mc_graph_position (graph, location, write->rf))
    return false;
  return position >= floor_of (graph, write);
}

void
mc_graph_place (McGraph * graph, const McEvent * write, unsigned position)
{
  unsigned count = graph->writes_of[write->location];
  McRef *writes = graph->writes[write->location];

  if (count == MC_WRITES)
    abort ();
  memmove (&writes[position + 1], &writes[position],
      (count - position) * sizeof (McRef));
  writes[position] = mc_ref (write);
  graph->writes_of[write->location] = (uint8_t) (count + 1);
}

const McEvent *
mc_graph_race (McGraph * graph, const McEvent * event)
{
  for (unsigned t = 0; t < MC_THREADS; t++) {
    for (unsigned i = event->before.of[t]; i < graph->events_of[t]; i++) {
      const McEvent *e = &graph->events[t][i];

      if (t != event->thread && e->kind <= MC_EVENT_WRITE
          && e->location == event->location && (e->plain || event->plain)
          && (e->kind == MC_EVENT_WRITE || event->kind == MC_EVENT_WRITE))
        return e;
    }
  }
  return NULL;
}

const McEvent *
mc_graph_overwritten (McGraph * graph)
{
  for (unsigned t = 0; t < MC_THREADS; t++) {
    for (unsigned i = 0; i < graph->events_of[t]; i++) {
      const McEvent *e = &graph->events[t][i];
      unsigned location = e->location;

      if (!e->owned)
        continue;
      for (unsigned p = mc_graph_position (graph, location, e->rf);
          p < graph->writes_of[location]; p++)
        if (!mc_is_in (&mc_event (graph, graph->writes[location][p])->before,
                mc_ref (e)))
          return e;
    }
  }
  return NULL;
}

/* IsMaximallyAdded of the paper: @event is a write that nobody reads yet, or
 * reads or is the newest write, in what was there when it was added and what
 * @write depends on.  Of all graphs from which a revisit leads to the same one,
 * only one is like that. */
static bool
is_maximal (McGraph * graph, const McEvent * event, const McEvent * write)
{
  McRef newest = event->kind == MC_EVENT_READ ? event->rf : mc_ref (event);

#define IS_PREVIOUS(e) ((e)->stamp <= event->stamp \
    || mc_is_in (&write->causes, mc_ref (e)))

  if (event->kind > MC_EVENT_WRITE)
    return true;
  if (event->kind == MC_EVENT_WRITE) {
    for (unsigned t = 0; t < MC_THREADS; t++) {
      for (unsigned i = 0; i < graph->events_of[t]; i++) {
        const McEvent *e = &graph->events[t][i];

        if (e->kind == MC_EVENT_READ && e->rf == newest
            && e->location == event->location && IS_PREVIOUS (e))
          return false;
      }
    }
  }
  if (newest != MC_INIT && !IS_PREVIOUS (mc_event (graph, newest)))
    return false;
  for (unsigned p = mc_graph_position (graph, event->location, newest);
      p < graph->writes_of[event->location]; p++)
    if (IS_PREVIOUS (mc_event (graph, graph->writes[event->location][p])))
      return false;
  return true;
#undef IS_PREVIOUS
}

static bool
is_deleted (const McEvent * event, const McEvent * read,
    const McEvent * write)
{
  return event->stamp > read->stamp
      && !mc_is_in (&write->causes, mc_ref (event));
}

bool
mc_graph_may_revisit (McGraph * graph, const McEvent * read,
    const McEvent * write)
{
  for (unsigned t = 0; t < MC_THREADS; t++) {
    for (unsigned i = 0; i < graph->events_of[t]; i++) {
      const McEvent *e = &graph->events[t][i];

      if ((e == read || is_deleted (e, read, write))
          && !is_maximal (graph, e, write))
        return false;
    }
  }
  return true;
}

void
mc_graph_restrict (McGraph * graph, const McEvent * read,
    const McEvent * write)
{
  for (unsigned l = 0; l < MC_LOCATIONS; l++) {
    unsigned kept = 0;

    for (unsigned i = 0; i < graph->writes_of[l]; i++)
      if (!is_deleted (mc_event (graph, graph->writes[l][i]), read, write))
        graph->writes[l][kept++] = graph->writes[l][i];
    graph->writes_of[l] = (uint8_t) kept;
  }
  /* What is deleted is the end of each thread. */
  for (unsigned t = 0; t < MC_THREADS; t++) {
    unsigned kept = 0;

    while (kept < graph->events_of[t]
        && !is_deleted (&graph->events[t][kept], read, write))
      kept++;
    graph->events_of[t] = (uint8_t) kept;
  }
}
