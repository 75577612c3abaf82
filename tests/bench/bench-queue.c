/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * tieredqueue against queue, in one process and in turn, so that both see the
 * same machine: medians over RUNS and the ratios between them.
 *
 *   bench-queue [RUNS] [ROW...]
 *
 *   shared  raw pads, one buffer pushed over and over: the queue alone
 *   pool    raw pads, each buffer from a GstBufferPool and back into it
 *   tiered  queue with GstBufferPool against tieredqueue with GstTieredPool
 *   direct  as tiered, with buffers of its allocator, which carry no pool
 *   fake    fakesrc ! x ! fakesink      two   with two in a row
 *   app     appsrc ! x ! appsink
 *   paced   raw pads, 1,000, 10,000 and 100,000 buffers a second
 *   batch   as tiered, with lists of up to 4, 16 and 64 (instead of "none":
 *           tieredqueue without)
 *   channels  1, 2, 8 and 32 at once, each with a thread that pushes
 *
 * Of shared, pool, tiered and direct there is a row with each thread pinned to a processor
 * of its own, and one (...-free) where the system places them.  Queues have
 * their defaults; metrics are on, and the bus is emptied.
 */
#include "bench-queue.h"

static guint runs = 9;

enum
{
  NONE, PEER, OURS, CONTENDERS
};

typedef struct
{
  gdouble wall[BENCH_MAX_RUNS], cpu[BENCH_MAX_RUNS];
  gdouble switches[BENCH_MAX_RUNS];
  gdouble p50[BENCH_MAX_RUNS], p99[BENCH_MAX_RUNS];
} Series;

static Series series[CONTENDERS];

static void
note (guint contender, guint run, BenchFigure figure)
{
  series[contender].wall[run] = figure.wall;
  series[contender].cpu[run] = figure.cpu;
  series[contender].switches[run] = figure.switches;
  series[contender].p50[run] = figure.p50;
  series[contender].p99[run] = figure.p99;
}

static BenchFigure
median_of (guint contender)
{
  BenchFigure figure = {
    .wall = bench_median (series[contender].wall, runs),
    .cpu = bench_median (series[contender].cpu, runs),
    .switches = bench_median (series[contender].switches, runs),
    .p50 = bench_median (series[contender].p50, runs),
    .p99 = bench_median (series[contender].p99, runs),
  };

  return figure;
}

static void
print_head (void)
{
  g_print ("%-12s %15s   %15s   %15s   %13s   %11s\n", "ns a buffer", "none",
      "queue", "tieredqueue", "tq of queue", "switches");
  g_print ("%-12s %7s %7s   %7s %7s   %7s %7s   %6s %6s   %5s %5s  %s\n", "",
      "wall", "cpu", "wall", "cpu", "wall", "cpu", "speed", "cpu", "q", "tq",
      "others");
}

static void
print_row (const gchar * title)
{
  BenchFigure f[CONTENDERS];

  for (guint i = 0; i < CONTENDERS; i++)
    f[i] = median_of (i);
  g_print ("%-12s %7.0f %7.0f   %7.0f %7.0f   %7.0f %7.0f   %6.2f %6.2f   "
      "%5.3f %5.3f  %.0f %%\n", title, f[NONE].wall, f[NONE].cpu, f[PEER].wall,
      f[PEER].cpu, f[OURS].wall, f[OURS].cpu, f[PEER].wall / f[OURS].wall,
      f[OURS].cpu / f[PEER].cpu, f[PEER].switches, f[OURS].switches,
      100 * bench_others ());
}

static void
run_raw (const gchar * title, BenchPool peer, BenchPool ours, gboolean pinned)
{
  const BenchContender contenders[CONTENDERS] = {
    [NONE] = {NULL, ours},
    [PEER] = {"queue", peer},
    [OURS] = {"tieredqueue", ours},
  };

  (void) bench_others ();
  for (guint run = 0; run < runs; run++)
    for (guint i = 0; i < CONTENDERS; i++)
      note (i, run, bench_raw (&contenders[i], pinned));
  print_row (title);
}

/* Here `none` is tieredqueue without batch, and queue has none. */
static void
run_batch (guint batch)
{
  const BenchContender contenders[CONTENDERS] = {
    [NONE] = {"tieredqueue", BENCH_POOL_TIERED},
    [PEER] = {"queue", BENCH_POOL_PLAIN},
    [OURS] = {"tieredqueue", BENCH_POOL_TIERED, batch},
  };
  gchar *title = g_strdup_printf ("batch %u", batch);

  (void) bench_others ();
  for (guint run = 0; run < runs; run++)
    for (guint i = 0; i < CONTENDERS; i++)
      note (i, run, bench_raw (&contenders[i], TRUE));
  print_row (title);
  g_free (title);
}

/* Here `none` is empty. */
static void
run_channels (guint channels)
{
  gchar *title = g_strdup_printf ("%u channels", channels);

  (void) bench_others ();
  for (guint run = 0; run < runs; run++) {
    note (NONE, run, (BenchFigure) { 0 });
    note (PEER, run, bench_channels ("queue", channels));
    note (OURS, run, bench_channels ("tieredqueue", channels));
  }
  print_row (title);
  g_free (title);
}

static void
run_fake (const gchar * title, guint elements)
{
  (void) bench_others ();
  for (guint run = 0; run < runs; run++) {
    note (NONE, run, bench_fake (NULL, 0));
    note (PEER, run, bench_fake ("queue", elements));
    note (OURS, run, bench_fake ("tieredqueue", elements));
  }
  print_row (title);
}

static void
run_app (void)
{
  (void) bench_others ();
  for (guint run = 0; run < runs; run++) {
    note (NONE, run, bench_app (NULL));
    note (PEER, run, bench_app ("queue"));
    note (OURS, run, bench_app ("tieredqueue"));
  }
  print_row ("app");
}

static void
run_paced (guint rate)
{
  (void) bench_others ();
  for (guint run = 0; run < runs; run++) {
    note (PEER, run, bench_paced ("queue", rate));
    note (OURS, run, bench_paced ("tieredqueue", rate));
  }
  for (guint i = PEER; i <= OURS; i++) {
    BenchFigure f = median_of (i);

    g_print ("%6u/s %-12s %8.1f %8.1f   %8.2f   %8.3f", rate,
        i == PEER ? "queue" : "tieredqueue", f.p50 / 1000, f.p99 / 1000,
        f.cpu / 1000, f.switches);
    if (i == OURS)
      g_print ("   others %.0f %%", 100 * bench_others ());
    g_print ("\n");
  }
}

static void
run_rows (gint argc, gchar ** argv)
{
  static const struct
  {
    const gchar *name, *free;
    BenchPool peer, ours;
  } raw[] = {
    {"shared", "shared-free", BENCH_POOL_NONE, BENCH_POOL_NONE},
    {"pool", "pool-free", BENCH_POOL_PLAIN, BENCH_POOL_PLAIN},
    {"tiered", "tiered-free", BENCH_POOL_PLAIN, BENCH_POOL_TIERED},
    {"direct", "direct-free", BENCH_POOL_PLAIN, BENCH_POOL_DIRECT},
  };

  static const guint channels[] = { 1, 2, 8, 32 };

  print_head ();
  for (guint i = 0; i < G_N_ELEMENTS (raw); i++) {
    if (bench_selects (argc, argv, raw[i].name))
      run_raw (raw[i].name, raw[i].peer, raw[i].ours, TRUE);
    if (bench_selects (argc, argv, raw[i].free))
      run_raw (raw[i].free, raw[i].peer, raw[i].ours, FALSE);
  }
  if (bench_selects (argc, argv, "fake"))
    run_fake ("fake", 1);
  if (bench_selects (argc, argv, "two"))
    run_fake ("two", 2);
  if (bench_selects (argc, argv, "app"))
    run_app ();
  if (bench_selects (argc, argv, "batch"))
    for (guint batch = 4; batch <= 64; batch *= 4)
      run_batch (batch);
  if (bench_selects (argc, argv, "channels"))
    for (guint i = 0; i < G_N_ELEMENTS (channels); i++)
      run_channels (channels[i]);
}

int
main (int argc, char **argv)
{
  static const guint rates[] = { 1000, 10000, 100000 };

  gst_init (&argc, &argv);
  for (gint i = 1; i < argc; i++)
    if (g_ascii_isdigit (argv[i][0]))
      runs = CLAMP ((guint) g_ascii_strtoull (argv[i], NULL, 10), 1,
          BENCH_MAX_RUNS);
  g_print ("medians of %u runs, %s\n\n", runs, gst_version_string ());
  run_rows (argc, argv);
  if (bench_selects (argc, argv, "paced")) {
    g_print ("\n%-21s %8s %8s   %8s   %8s\n", "paced, us", "p50", "p99",
        "cpu", "switches");
    for (guint i = 0; i < G_N_ELEMENTS (rates); i++)
      run_paced (rates[i]);
  }
  return 0;
}
