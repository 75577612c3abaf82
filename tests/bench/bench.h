/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the benchmarks share: clocks, counts of switches, medians, and how much of
 * the machine others used meanwhile.
 */
#ifndef BENCH_H
#define BENCH_H

#include <glib.h>

G_BEGIN_DECLS

#define BENCH_MAX_RUNS 101

/* What passed between two moments. */
typedef struct
{
  guint64 wall;                 /* ns */
  guint64 cpu;                  /* ns, of all threads of the process */
  guint64 switches;             /* voluntary, of all threads of the process */
} BenchSpan;

/**
 * bench_begin:
 *
 * Notes the present moment in @span; bench_end() puts the differences to it.
 */
void bench_begin (BenchSpan * span);
void bench_end (BenchSpan * span);

/* CLOCK_THREAD_CPUTIME_ID and the voluntary switches of the calling thread. */
guint64 bench_thread_cpu (void);
guint64 bench_thread_switches (void);

/**
 * bench_median:
 * @values: (array length=count): not empty; comes back sorted
 */
gdouble bench_median (gdouble * values, guint count);

/**
 * bench_quantile:
 * @values: (array length=count): not empty; comes back sorted
 * @quantile: 0 to 1
 */
guint64 bench_quantile (guint64 * values, guint count, gdouble quantile);

/**
 * bench_others:
 *
 * Returns: the part of all processors' time that other processes have used since
 * the last call (or the start), 0 to 1; -1 where /proc/stat does not tell
 */
gdouble bench_others (void);

/**
 * bench_selects:
 *
 * Returns: whether a row of this name is to run: no row was named on the command
 * line, or this one
 */
gboolean bench_selects (gint argc, gchar ** argv, const gchar * name);

/* A look of a loop that waits for another thread, which may have been preempted:
 * by us, on a busy machine.  Without a pause, which would add its length to what
 * is measured. */
static inline void
bench_look_again (guint * looks)
{
  if (++*looks % 16384 == 0)
    g_thread_yield ();
}

G_END_DECLS

#endif
