/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What metrics messages cost: one load that goes on, whose metrics are switched in
 * turn, so that all see the same machine.
 *
 *   bench-metrics [RUNS] [ROW...]
 *
 *   queue      a tieredqueue with 8 channels, 100,000 buffers a second in all
 *   recording  8 times bufpoolsrc ! tieredqueue ! safefilesink, each with 1,000
 *              buffers a second, to BENCH_DIR (default: the folder for temporary
 *              files)
 *
 * A run has a window of 2 s for each of
 *
 *   off      metrics-interval=0
 *   null     metrics-interval=1 s, post-metrics=false: nothing is posted either
 *   1 s      metrics-interval=1 s
 *   100 ms   metrics-interval=100 ms
 *
 * in an order that turns from run to run.  A thread reads the bus and looks at
 * `healthy` in each message.  Printed is processor time in percent of one core, medians
 * over RUNS: of the whole process; its difference to `off` of the same run, with the
 * quartiles of the differences (those of `null` are the noise); and of the only two
 * threads that metrics have, the library's reporter and the reader, by their own
 * clocks, which the noise of the load does not reach.
 *
 * BENCH_OTHERS=20: a run in which other processes used more than 20 % of the
 * processors is repeated, up to RUNS times in all.
 */
#include "bench-metrics.h"

#include <stdio.h>
#include <stdlib.h>

enum
{
  OFF, EMPTY, SLOW, FAST, CONTENDERS
};

static const struct
{
  const gchar *name;
  GstClockTime interval;
  gboolean post;
} contenders[CONTENDERS] = {
  [OFF] = {"off", 0, TRUE},
  [EMPTY] = {"null", GST_SECOND, FALSE},
  [SLOW] = {"1 s", GST_SECOND, TRUE},
  [FAST] = {"100 ms", 100 * GST_MSECOND, TRUE},
};

#define WINDOW (2 * G_USEC_PER_SEC)
/* The window begins between two messages: so each of them is wholly in one. */
#define LEAD (G_USEC_PER_SEC / 2)

/* Of one core, in percent; but messages and buffers a second. */
typedef struct
{
  gdouble process, reporter, reader;
  gdouble metrics, buffers;
} Figure;

static Figure figures[CONTENDERS][BENCH_MAX_RUNS];
static guint runs = 15;
static gdouble most_others = 1.0;

static gdouble
percent (guint64 cpu, guint64 wall)
{
  return 100.0 * (gdouble) cpu / (gdouble) wall;
}

static Figure
measure (BenchLoad * load, guint contender)
{
  BenchHeard before, after;
  guint64 reporter;
  BenchSpan span;
  gdouble seconds;

  bench_load_switch (load, contenders[contender].interval,
      contenders[contender].post);
  g_usleep (LEAD + 50 * 1000);
  before = bench_load_heard (load);
  reporter = bench_reporter_cpu ();
  bench_begin (&span);
  g_usleep (WINDOW);
  bench_end (&span);
  reporter = bench_reporter_cpu () - reporter;
  after = bench_load_heard (load);
  seconds = (gdouble) span.wall / GST_SECOND;
  return (Figure) {
    .process = percent (span.cpu, span.wall),
    .reporter = percent (reporter, span.wall),
    .reader = percent (after.cpu - before.cpu, span.wall),
    .metrics = (gdouble) (after.metrics - before.metrics) / seconds,
    .buffers = (gdouble) (after.buffers - before.buffers) / seconds,
  };
}

/* Returns what part of the processors others used meanwhile. */
static gdouble
run_once (BenchLoad * load, guint run)
{
  (void) bench_others ();
  for (guint i = 0; i < CONTENDERS; i++) {
    guint contender = (i + run) % CONTENDERS;

    figures[contender][run] = measure (load, contender);
  }
  return bench_others ();
}

static gdouble
median_of (guint contender, gsize field)
{
  gdouble values[BENCH_MAX_RUNS];

  for (guint run = 0; run < runs; run++)
    values[run] = G_STRUCT_MEMBER (gdouble, &figures[contender][run], field);
  return bench_median (values, runs);
}

#define MEDIAN(contender, field) \
  median_of ((contender), G_STRUCT_OFFSET (Figure, field))

static void
print_contender (guint contender)
{
  gdouble differences[BENCH_MAX_RUNS];

  for (guint run = 0; run < runs; run++)
    differences[run] = figures[contender][run].process
        - figures[OFF][run].process;
  (void) bench_median (differences, runs);      /* sorts them */
  g_print ("%-8s %8.0f %8.1f %8.2f", contenders[contender].name,
      MEDIAN (contender, buffers), MEDIAN (contender, metrics),
      MEDIAN (contender, process));
  if (contender == OFF)
    g_print (" %8s %17s", "", "");
  else
    g_print (" %+8.2f %+8.2f %+8.2f", differences[runs / 2],
        differences[runs / 4], differences[runs * 3 / 4]);
  g_print (" %9.3f %8.3f\n", MEDIAN (contender, reporter),
      MEDIAN (contender, reader));
}

static void
run_row (const gchar * name, BenchLoad * load)
{
  guint repeats = runs;
  gdouble others = 0.0, part;

  g_usleep (G_USEC_PER_SEC);    /* the load's start is not its rate */
  for (guint run = 0; run < runs; run++) {
    while ((part = run_once (load, run)) > most_others && repeats-- > 0);
    others += part / runs;
  }
  g_print ("%s: %% of a core; others %.0f %% of the machine\n", name,
      100 * others);
  g_print ("%-8s %8s %8s %8s %8s %8s %8s %9s %8s\n", "", "buffers", "metrics",
      "process", "- off", "quarter", "quarter", "reporter", "reader");
  for (guint i = 0; i < CONTENDERS; i++)
    print_contender (i);
  g_print ("\n");
  bench_load_free (load);
}

/* Its thread is named; the id of its clock is how Linux makes one of a thread's id
 * (include/linux/posix-timers.h, also what pthread_getcpuclockid() does). */
guint64
bench_reporter_cpu (void)
{
  static pid_t reporter;
  GDir *tasks = g_dir_open ("/proc/self/task", 0, NULL);
  const gchar *task;
  struct timespec t;

  while (reporter == 0 && (task = g_dir_read_name (tasks)) != NULL) {
    gchar *path = g_strdup_printf ("/proc/self/task/%s/comm", task);
    gchar *comm = NULL;

    if (g_file_get_contents (path, &comm, NULL, NULL)
        && g_str_has_prefix (comm, "sc-reporter"))
      reporter = (pid_t) atoi (task);
    g_free (comm);
    g_free (path);
  }
  g_dir_close (tasks);
  if (reporter == 0
      || clock_gettime ((clockid_t) (~(guint) reporter << 3 | 6), &t) != 0)
    return 0;
  return (guint64) t.tv_sec * GST_SECOND + (guint64) t.tv_nsec;
}

int
main (int argc, char **argv)
{
  const gchar *folder = g_getenv ("BENCH_DIR");

  gst_init (&argc, &argv);
  if (g_getenv ("BENCH_OTHERS") != NULL)
    most_others = g_ascii_strtod (g_getenv ("BENCH_OTHERS"), NULL) / 100;
  for (gint i = 1; i < argc; i++)
    if (g_ascii_isdigit (argv[i][0]))
      runs = CLAMP ((guint) g_ascii_strtoull (argv[i], NULL, 10), 1,
          BENCH_MAX_RUNS);
  g_print ("medians of %u runs, %s\n\n", runs, gst_version_string ());
  if (bench_selects (argc, argv, "queue"))
    run_row ("queue", bench_load_queue ());
  if (bench_selects (argc, argv, "recording"))
    run_row ("recording", bench_load_recording (folder != NULL ? folder
            : g_get_tmp_dir ()));
  return 0;
}
