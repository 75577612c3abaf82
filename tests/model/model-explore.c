/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The search: all graphs of a scenario, each once.
 *
 * An execution grows by one event at a time, that of the first thread which
 * wants one.  A read may read from every write that is there, a write may take
 * every place among those that are there, or be what an earlier read has read;
 * of these ways one is followed at once, and of the others the graphs are kept
 * for later.
 */
#include "model-explore.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static McGraph **pending;
static size_t pending_count, pending_room;

static void
keep_for_later (McGraph * graph)
{
  if (pending_count == pending_room) {
    pending_room = pending_room != 0 ? 2 * pending_room : 256;
    pending = realloc (pending, pending_room * sizeof (*pending));
    if (pending == NULL)
      abort ();
  }
  pending[pending_count++] = graph;
}

static const char *
place_of (const McEvent * event)
{
  static char text[2][96];
  static unsigned turn;

  turn = !turn;
  if (event->site == NULL)
    snprintf (text[turn], sizeof (text[turn]), "thread %d", event->thread);
  else
    snprintf (text[turn], sizeof (text[turn]), "thread %d in %s:%d",
        event->thread, event->site->function, event->site->line);
  return text[turn];
}

void
mc_check_event (const McEvent * event)
{
  const McEvent *other;

  if (event->kind > MC_EVENT_WRITE)
    return;
  other = mc_graph_race (mc_graph, event);
  if (other != NULL)
    mc_record_failure ("data race: %s, %s", place_of (other),
        place_of (event));
  else if (event->kind == MC_EVENT_READ && event->rf == MC_INIT
      && mc_locations[event->location].uninitialised)
    mc_record_failure ("what is not initialised is read: %s",
        place_of (event));
}

void
mc_check_overwritten (void)
{
  const McEvent *read = mc_graph_overwritten (mc_graph);

  if (read != NULL)
    mc_record_failure ("overwritten beside the one who reads it: %s",
        place_of (read));
}

/* Whether the newest write that a plain read can see is @candidate: reading an
 * older one is a race or incoherent. */
static bool
is_candidate (const McEvent * read, McRef write)
{
  if (!read->plain)
    return true;
  return mc_is_in (&read->before, write);
}

/* Prepares @read to read from @source. */
static void
read_from (McGraph * graph, McEvent * read, McRef source)
{
  read->rf = source;
  if (read->compares)
    read->order = mc_value_of (graph, read) == read->value
        ? read->if_equal : read->if_not;
  mc_graph_prepare (graph, read);
}

static bool
extend_by_read (const McEvent * wanted)
{
  unsigned count = mc_graph->writes_of[wanted->location];
  bool followed = false;
  McEvent chosen = *wanted;

  /* From the newest: it is always allowed, but where fences forbid it. */
  for (unsigned i = count + 1; i > 0; i--) {
    McEvent read = *wanted;
    McGraph *other;

    read_from (mc_graph, &read,
        i == 1 ? MC_INIT : mc_graph->writes[wanted->location][i - 2]);
    if (!is_candidate (&read, read.rf)
        || !mc_graph_read_is_coherent (mc_graph, &read))
      continue;
    mc_graph_add (mc_graph, &read);
    if (mc_graph_fences_agree (mc_graph)) {
      if (followed) {
        other = mc_graph_copy (mc_graph);
        keep_for_later (other);
      } else {
        followed = true;
        chosen = read;
      }
    }
    mc_graph->events_of[wanted->thread]--;
    mc_graph->stamp--;
  }
  if (followed)
    mc_graph_add (mc_graph, &chosen);
  return followed;
}

/* Keeps all placements of @write in @graph but one, which is made. */
static bool
place_everywhere (McGraph * graph, const McEvent * write, McEvent * revisited)
{
  bool followed = false;
  unsigned chosen = 0;

  for (unsigned p = graph->writes_of[write->location] + 1; p > 0; p--) {
    McGraph *other;
    McEvent *read;
    bool fits = mc_graph_write_fits (graph, write, p - 1);

    if (!fits)
      continue;
    if (revisited == NULL && !followed) {
      /* Tried below, when the copies of the others are made. */
      other = mc_graph_copy (graph);
      mc_graph_place (other, write, p - 1);
      mc_graph_add (other, write);
      if (mc_graph_fences_agree (other)) {
        followed = true;
        chosen = p - 1;
      }
      free (other);
      continue;
    }
    other = mc_graph_copy (graph);
    mc_graph_place (other, write, p - 1);
    mc_graph_add (other, write);
    if (revisited != NULL) {
      uint32_t stamp = revisited->stamp;
      McEvent again = *revisited;

      other->events_of[again.thread] = again.index;
      read_from (other, &again, mc_ref (write));
      read = &other->events[again.thread][again.index];
      *read = again;
      read->stamp = stamp;
      other->events_of[again.thread] = (uint8_t) (again.index + 1);
      fits = mc_graph_read_is_coherent (other, read);
    }
    if (fits && mc_graph_fences_agree (other))
      keep_for_later (other);
    else
      free (other);
  }
  if (followed) {
    mc_graph_place (graph, write, chosen);
    mc_graph_add (graph, write);
  }
  return followed;
}

static void
revisit (const McEvent * write, McEvent * read)
{
  McGraph *other;
  McEvent *same;

  if (!mc_graph_may_revisit (mc_graph, read, write))
    return;
  other = mc_graph_copy (mc_graph);
  same = &other->events[read->thread][read->index];
  mc_graph_restrict (other, same, write);
  (void) place_everywhere (other, write, same);
  free (other);
}

static bool
extend_by_write (const McEvent * wanted)
{
  McEvent write = *wanted;

  mc_graph_prepare (mc_graph, &write);
  for (unsigned t = 0; t < MC_THREADS; t++) {
    for (unsigned i = 0; i < mc_graph->events_of[t]; i++) {
      McEvent *e = &mc_graph->events[t][i];

      if (e->kind == MC_EVENT_READ && e->location == write.location
          && !e->plain && !mc_is_in (&write.causes, mc_ref (e)))
        revisit (&write, e);
    }
  }
  return place_everywhere (mc_graph, &write, NULL);
}

static bool
extend (unsigned thread)
{
  const McEvent *wanted = &mc_threads[thread].wanted;
  McEvent event = *wanted;

  if (event.kind == MC_EVENT_READ) {
    if (!extend_by_read (wanted))
      return false;
  } else if (event.kind == MC_EVENT_WRITE) {
    if (!extend_by_write (wanted))
      return false;
  } else {
    mc_graph_prepare (mc_graph, &event);
    mc_graph_add (mc_graph, &event);
  }
  mc_check_event (&mc_graph->events[thread][mc_graph->events_of[thread] - 1]);
  if (event.kind == MC_EVENT_WRITE)
    mc_check_overwritten ();
  mc_threads[thread].state = MC_READY;
  return true;
}

/* Runs what is ready, until every thread wants an event, waits or has ended. */
static void
replay (void)
{
  bool moved = true;

  while (moved && mc_message[0] == '\0') {
    moved = false;
    for (unsigned t = 0; t < MC_THREADS; t++) {
      McThread *thread = &mc_threads[t];

      if (thread->state != MC_READY && (thread->state != MC_NEEDS_SOURCE
              || mc_threads[thread->source >> 8].replayed
              <= (thread->source & 0xff)))
        continue;
      mc_thread_run (t);
      moved = true;
    }
  }
}

/* Whether a thread that waits has seen the newest value: then nobody is left to
 * write the one it waits for. */
static bool
has_seen_newest (const McThread * thread)
{
  const McEvent *read = mc_event (mc_graph, thread->source);
  unsigned l = read->location, count = mc_graph->writes_of[l];

  if (count > 0
      && mc_event (mc_graph, mc_graph->writes[l][count - 1])->rmw
      && mc_event (mc_graph, mc_graph->writes[l][count - 1])->thread
      == read->thread)
    count--;                    /* a try to take what is taken */
  return mc_graph_position (mc_graph, l, read->rf) == count;
}

static void
end_execution (McResult * result)
{
  bool waits = false, in_vain = true;

  for (unsigned t = 0; t < MC_THREADS; t++) {
    if (mc_threads[t].state != MC_BLOCKED)
      continue;
    waits = true;
    in_vain = in_vain && has_seen_newest (&mc_threads[t]);
  }
  if (!waits) {
    result->executions++;
    mc_threads_finish ();
  } else if (in_vain) {
    mc_record_failure ("a thread waits for ever");
  } else {
    result->blocked++;
  }
}

static void
forget_what_is_owned (void)
{
  for (unsigned t = 0; t < MC_THREADS; t++)
    for (unsigned i = 0; i < mc_graph->events_of[t]; i++)
      mc_graph->events[t][i].owned = false;
}

/* Carries one execution to its end. */
static void
execute (McResult * result)
{
  mc_threads_restart ();
  forget_what_is_owned ();
  replay ();
  for (unsigned t = 0; t < MC_THREADS; t++)
    if (mc_graph->events_of[t] > 0)
      mc_check_event (&mc_graph->events[t][mc_graph->events_of[t] - 1]);
  while (mc_message[0] == '\0') {
    unsigned t = 0;

    while (t < MC_THREADS && mc_threads[t].state != MC_WANTS)
      t++;
    if (t == MC_THREADS) {
      end_execution (result);
      return;
    }
    if (!extend (t))
      return;
    replay ();
  }
}

void
mc_graph_print (McGraph * graph)
{
  static const char *const kinds[] = { "read", "write", "fence", "light fence",
    "heavy fence"
  };
  static const char *const orders[] = { "relaxed", "acquire", "release",
    "acq_rel", "seq_cst"
  };

  for (uint32_t stamp = 0; stamp < graph->stamp; stamp++) {
    for (unsigned t = 0; t < MC_THREADS; t++) {
      for (unsigned i = 0; i < graph->events_of[t]; i++) {
        const McEvent *e = &graph->events[t][i];

        if (e->stamp != stamp)
          continue;
        printf ("  %u.%-3u %-11s location %-3u", t, i, kinds[e->kind],
            e->location);
        if (e->kind == MC_EVENT_WRITE)
          printf (" := %-10" PRIu64, e->value);
        else if (e->kind == MC_EVENT_READ && e->rf == MC_INIT)
          printf (" of setup     ");
        else if (e->kind == MC_EVENT_READ)
          printf (" of %u.%-8u", e->rf >> 8, e->rf & 0xff);
        if (e->site != NULL)
          printf ("  %s:%d %s, %s", e->site->function, e->site->line,
              e->site->operation, orders[e->order]);
        printf ("\n");
      }
    }
  }
}

void
mc_explore (const McScenario * scenario, const McMutant * mutant,
    uint64_t limit, uint32_t scenario_bit, bool verbose, McResult * result)
{
  *result = (McResult) { 0 };
  mc_threads_begin (scenario, mutant, scenario_bit);
  keep_for_later (calloc (1, sizeof (McGraph)));
  while (pending_count > 0 && mc_message[0] == '\0'
      && result->executions + result->blocked < limit) {
    mc_graph = pending[--pending_count];
    execute (result);
    if (mc_message[0] != '\0' && verbose)
      mc_graph_print (mc_graph);
    free (mc_graph);
  }
  result->exhausted = pending_count == 0;
  result->failed = mc_message[0] != '\0';
  snprintf (result->message, sizeof (result->message), "%s", mc_message);
  while (pending_count > 0)
    free (pending[--pending_count]);
  free (pending);
  pending = NULL;
  pending_room = 0;
  mc_threads_end ();
}
