/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * tieredqueue against queue, in one process and in turn, so that both see the
 * same machine: medians over RUNS and the ratios between them.
 *
 *   bench-queue [RUNS] [ROW...]
 *
 * With BENCH_OTHERS=20 in the environment a round in which other processes used more
 * than 20 % of the processors is repeated, for up to half a minute a row.
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

typedef struct
{
  BenchContender contenders[CONTENDERS];
  gboolean pinned;
} RawRow;

static Series series[CONTENDERS];
/* Rounds in which others used more of the processors do not count. */
static gdouble most_others = 1.0;

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
print_row (const gchar * title, gdouble others)
{
  BenchFigure f[CONTENDERS];

  for (guint i = 0; i < CONTENDERS; i++)
    f[i] = median_of (i);
  g_print ("%-12s %7.0f %7.0f   %7.0f %7.0f   %7.0f %7.0f   %6.2f %6.2f   "
      "%5.3f %5.3f  %.0f %%\n", title, f[NONE].wall, f[NONE].cpu, f[PEER].wall,
      f[PEER].cpu, f[OURS].wall, f[OURS].cpu, f[PEER].wall / f[OURS].wall,
      f[OURS].cpu / f[PEER].cpu, f[PEER].switches, f[OURS].switches,
      100 * others);
}

/* What one round measures of a contender; of one without this row, nothing. */
typedef BenchFigure (*Measure) (guint contender, gconstpointer data);

/* Rounds that others have disturbed are repeated for so long, us. */
#define PATIENCE (30 * G_USEC_PER_SEC)

/* Returns what part of the processors others used in the rounds that count. */
static gdouble
run_rounds (Measure measure, gconstpointer data)
{
  gint64 deadline = g_get_monotonic_time () + PATIENCE;
  gdouble others = 0.0, part;

  (void) bench_others ();
  for (guint run = 0; run < runs; run++) {
    do {
      for (guint i = 0; i < CONTENDERS; i++)
        note (i, run, measure (i, data));
      part = bench_others ();
    } while (part > most_others && g_get_monotonic_time () < deadline);
    others += part / runs;
  }
  return others;
}

static BenchFigure
measure_raw (guint contender, gconstpointer data)
{
  const RawRow *row = data;

  return bench_raw (&row->contenders[contender], row->pinned);
}

static void
run_raw (const gchar * title, BenchPool peer, BenchPool ours, gboolean pinned)
{
  const RawRow row = {
    .contenders = {
        [NONE] = {NULL, ours},
        [PEER] = {"queue", peer},
        [OURS] = {"tieredqueue", ours},
      },
    .pinned = pinned,
  };

  print_row (title, run_rounds (measure_raw, &row));
}

/* Here `none` is tieredqueue without batch, and queue has none. */
static void
run_batch (guint batch)
{
  const RawRow row = {
    .contenders = {
        [NONE] = {"tieredqueue", BENCH_POOL_TIERED},
        [PEER] = {"queue", BENCH_POOL_PLAIN},
        [OURS] = {"tieredqueue", BENCH_POOL_TIERED, batch},
      },
    .pinned = TRUE,
  };
  gchar *title = g_strdup_printf ("batch %u", batch);

  print_row (title, run_rounds (measure_raw, &row));
  g_free (title);
}

static const gchar *const factories[CONTENDERS] = {
  [PEER] = "queue",
  [OURS] = "tieredqueue",
};

/* Here `none` is empty. */
static BenchFigure
measure_channels (guint contender, gconstpointer channels)
{
  if (contender == NONE)
    return (BenchFigure) { 0 };
  return bench_channels (factories[contender], GPOINTER_TO_UINT (channels));
}

static void
run_channels (guint channels)
{
  gchar *title = g_strdup_printf ("%u channels", channels);

  print_row (title, run_rounds (measure_channels, GUINT_TO_POINTER (channels)));
  g_free (title);
}

static BenchFigure
measure_fake (guint contender, gconstpointer elements)
{
  return bench_fake (factories[contender], GPOINTER_TO_UINT (elements));
}

static BenchFigure
measure_app (guint contender, gconstpointer unused)
{
  return bench_app (factories[contender]);
}

static BenchFigure
measure_paced (guint contender, gconstpointer rate)
{
  if (contender == NONE)
    return (BenchFigure) { 0 };
  return bench_paced (factories[contender], GPOINTER_TO_UINT (rate));
}

static void
run_paced (guint rate)
{
  gdouble others = run_rounds (measure_paced, GUINT_TO_POINTER (rate));

  for (guint i = PEER; i <= OURS; i++) {
    BenchFigure f = median_of (i);

    g_print ("%6u/s %-12s %8.1f %8.1f   %8.2f   %8.3f", rate, factories[i],
        f.p50 / 1000, f.p99 / 1000, f.cpu / 1000, f.switches);
    if (i == OURS)
      g_print ("   others %.0f %%", 100 * others);
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
    print_row ("fake", run_rounds (measure_fake, GUINT_TO_POINTER (1)));
  if (bench_selects (argc, argv, "two"))
    print_row ("two", run_rounds (measure_fake, GUINT_TO_POINTER (2)));
  if (bench_selects (argc, argv, "app"))
    print_row ("app", run_rounds (measure_app, NULL));
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
  if (g_getenv ("BENCH_OTHERS") != NULL)
    most_others = g_ascii_strtod (g_getenv ("BENCH_OTHERS"), NULL) / 100;
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
