/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "sc-clock.h"

static guint64
clock_of (clockid_t clock)
{
  struct timespec t;

  if (clock_gettime (clock, &t) != 0)
    g_error ("a clock is missing");
  return (guint64) t.tv_sec * SC_NS_PER_S + (guint64) t.tv_nsec;
}

static guint64
switches_of (int who)
{
  struct rusage usage;

  if (getrusage (who, &usage) != 0)
    g_error ("getrusage failed");
  return (guint64) usage.ru_nvcsw;
}

void
bench_begin (BenchSpan * span)
{
  span->switches = switches_of (RUSAGE_SELF);
  span->cpu = clock_of (CLOCK_PROCESS_CPUTIME_ID);
  span->wall = sc_clock_now ();
}

void
bench_end (BenchSpan * span)
{
  span->wall = sc_clock_now () - span->wall;
  span->cpu = clock_of (CLOCK_PROCESS_CPUTIME_ID) - span->cpu;
  span->switches = switches_of (RUSAGE_SELF) - span->switches;
}

guint64
bench_thread_cpu (void)
{
  return clock_of (CLOCK_THREAD_CPUTIME_ID);
}

guint64
bench_thread_switches (void)
{
  return switches_of (RUSAGE_THREAD);
}

static int
compare_doubles (const void *a, const void *b)
{
  gdouble x = *(const gdouble *) a, y = *(const gdouble *) b;

  return (x > y) - (x < y);
}

gdouble
bench_median (gdouble * values, guint count)
{
  qsort (values, count, sizeof (*values), compare_doubles);
  return values[count / 2];
}

static int
compare_integers (const void *a, const void *b)
{
  guint64 x = *(const guint64 *) a, y = *(const guint64 *) b;

  return (x > y) - (x < y);
}

guint64
bench_quantile (guint64 * values, guint count, gdouble quantile)
{
  qsort (values, count, sizeof (*values), compare_integers);
  return values[MIN ((guint) (quantile * count), count - 1)];
}

/* All processors' busy time since boot, ns; 0 where it cannot be had. */
static guint64
busy_time (void)
{
  guint64 user, nice, system, idle, wait, irq, softirq;
  FILE *file = fopen ("/proc/stat", "r");
  int fields = 0;

  if (file == NULL)
    return 0;
  fields = fscanf (file, "cpu %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT " %"
      G_GUINT64_FORMAT " %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT " %"
      G_GUINT64_FORMAT " %" G_GUINT64_FORMAT, &user, &nice, &system, &idle,
      &wait, &irq, &softirq);
  fclose (file);
  if (fields != 7)
    return 0;
  return (user + nice + system + irq + softirq) * SC_NS_PER_S
      / (guint64) sysconf (_SC_CLK_TCK);
}

gdouble
bench_others (void)
{
  static guint64 last_wall, last_busy, last_own;
  guint64 wall = sc_clock_now (), busy = busy_time ();
  guint64 own = clock_of (CLOCK_PROCESS_CPUTIME_ID);
  gdouble part = 0;

  if (busy == 0)
    return -1;
  if (last_wall != 0)
    part = ((gdouble) (busy - last_busy) - (gdouble) (own - last_own))
        / ((gdouble) (wall - last_wall) * g_get_num_processors ());
  last_wall = wall;
  last_busy = busy;
  last_own = own;
  return CLAMP (part, 0, 1);
}

gboolean
bench_selects (gint argc, gchar ** argv, const gchar * name)
{
  gboolean named = FALSE;

  for (gint i = 1; i < argc; i++) {
    if (g_ascii_isdigit (argv[i][0]))
      continue;                 /* a number of runs */
    if (strcmp (argv[i], name) == 0)
      return TRUE;
    named = TRUE;
  }
  return !named;
}
