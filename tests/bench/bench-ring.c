/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The core's rings beside others', all in turn in one process: one producer
 * thread, one consumer thread, capacity BENCH_RING_CAPACITY.
 *
 *   stream   ns an item; a producer that finds the ring full waits until a quarter
 *            is free
 *   hammer   the same, but it tries again at once
 *   rtt      ns for an item to go to the other thread and one to come back,
 *            polled for without a pause; then as multiples of the floors, which
 *            are measured right before (they change by the minute on virtual
 *            machines): one cache line that goes to and fro, and two, one for
 *            each direction
 *
 * Both threads are pinned to processors of their own.  Medians over RUNS; of the
 * multiples the median of the runs' ratios.
 *
 *   bench-ring [RUNS]
 */
#include "bench-ring-kinds.h"

#include <pthread.h>
#include <sched.h>

#include "sc-clock.h"

#define STREAM_OPS 300000
#define SLOW_OPS 30000
#define TRIPS 10000
#define SLOW_TRIPS 500
#define MAX_KINDS 16
#define FLOORS 2                /* the first rows */

typedef struct
{
  gdouble stream[BENCH_MAX_RUNS], hammer[BENCH_MAX_RUNS];
  gdouble rtt[BENCH_MAX_RUNS];
  gdouble ratio[FLOORS][BENCH_MAX_RUNS];
} Figures;

static Figures figures[MAX_KINDS];
static guint runs = 21;

static void
pin (pthread_t thread, guint processor)
{
  cpu_set_t set;

  CPU_ZERO (&set);
  CPU_SET (processor, &set);
  (void) pthread_setaffinity_np (thread, sizeof (set), &set);
}

static gpointer
pinned (gpointer data)
{
  pin (pthread_self (), 1);
  return ((GThreadFunc) data) (NULL);
}

static gdouble
measure (const BenchRingKind * kind, GThreadFunc here, GThreadFunc there,
    guint64 ops)
{
  guint64 start;
  GThread *thread;

  if (kind->init != NULL)
    kind->init ();
  bench_ring_ops = ops;
  start = sc_clock_now ();
  thread = g_thread_new ("bench", pinned, (gpointer) there);
  here (NULL);
  g_thread_join (thread);
  return (gdouble) (sc_clock_now () - start) / (gdouble) ops;
}

static void
run_kind (guint k, guint run)
{
  const BenchRingKind *kind = &bench_ring_kinds[k];
  gboolean slow = k + 2 >= bench_ring_n_kinds;  /* those that sleep */
  gdouble floors[FLOORS];

  if (kind->produce != NULL) {
    guint64 ops = slow ? SLOW_OPS : STREAM_OPS;

    figures[k].stream[run] = measure (kind, kind->produce, kind->consume, ops);
    figures[k].hammer[run] = measure (kind, kind->hammer, kind->consume, ops);
  }
  for (guint f = 0; f < FLOORS; f++)
    floors[f] = measure (&bench_ring_kinds[f], bench_ring_kinds[f].ping,
        bench_ring_kinds[f].pong, TRIPS);
  figures[k].rtt[run] = measure (kind, kind->ping, kind->pong,
      slow ? SLOW_TRIPS : TRIPS);
  for (guint f = 0; f < FLOORS; f++)
    figures[k].ratio[f][run] = figures[k].rtt[run] / floors[f];
}

static void
print_kind (guint k)
{
  const BenchRingKind *kind = &bench_ring_kinds[k];
  gdouble rtt = bench_median (figures[k].rtt, runs);

  g_print ("%-20s ", kind->title);
  if (kind->produce == NULL)
    g_print ("%9s %9s", "", "");
  else
    g_print ("%9.1f %9.1f", bench_median (figures[k].stream, runs),
        bench_median (figures[k].hammer, runs));
  g_print (" %9.0f %9.2f %9.2f\n", rtt,
      bench_median (figures[k].ratio[0], runs),
      bench_median (figures[k].ratio[1], runs));
}

int
main (int argc, char **argv)
{
  if (argc > 1)
    runs = CLAMP ((guint) g_ascii_strtoull (argv[1], NULL, 10), 1,
        BENCH_MAX_RUNS);
  g_assert (bench_ring_n_kinds <= MAX_KINDS);
  if (g_get_num_processors () < 2)
    g_print ("one processor only: these figures mean little\n");
  (void) bench_others ();
  pin (pthread_self (), 0);
  for (guint run = 0; run < runs; run++)
    for (guint k = 0; k < bench_ring_n_kinds; k++)
      run_kind (k, run);

  g_print ("medians of %u runs; others used %.0f %% of the processors\n", runs,
      100 * bench_others ());
  g_print ("%-20s %9s %9s %9s %9s %9s\n", "ns", "stream", "hammer", "rtt",
      "/one line", "/two");
  for (guint k = 0; k < bench_ring_n_kinds; k++)
    print_kind (k);
#ifndef HAVE_CK
  g_print ("ck_ring SPSC: skipped, built without libck\n");
#endif
  return 0;
}
