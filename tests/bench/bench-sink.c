/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * safefilesink against filesink, in one process and in turn, on one disk: medians
 * over RUNS and the ratios between them; latencies over all pushes of all runs.
 *
 *   bench-sink [RUNS] [ROW...]
 *
 * BENCH_DIR is the folder that is recorded to (default: the current one), and
 * BENCH_SLOW_DIR one on a disk that slow-disk.sh has throttled; without it the rows
 * slow-... are left out.  BENCH_OTHERS=20: a round in which other processes used
 * more than 20 % of the processors is repeated, for up to a minute a row.
 *
 *   large, small, tiny  as fast as it goes, buffers of 64 KiB, 4 KiB and 512 bytes:
 *                       filesink and an fsync, against the default sync-policy
 *   osync, osync-small  filesink o-sync=true against the default
 *   each, each-small,   the same against sync-policy=every-buffer
 *   each-tiny
 *   none                sync-policy=none against filesink alone
 *   bytes, direct       sync-policy=bytes, and direct, against filesink and an fsync
 *   no-journal          the default without a journal, likewise
 *   steady,             64 KiB and 4 KiB at 4 MB/s, which any disk takes: latency of
 *   steady-small        a push
 *   burst               48 MiB at once, three quarters of the ring: the same
 *   slow-...            the last three on the throttled disk
 *
 * BENCH_HOLD=2048: so many MiB are held meanwhile.  Where a host takes back what a
 * virtual machine has free (free page reporting), a page's first touch can cost ten
 * times the copy into it.  With the scattered free memory taken, the kernel hands
 * out for a file what the one before has just given back.
 *
 * A third contender, "none", copies each buffer into 64 MiB and does no more: what
 * it shows of latency is the machine's.
 */
#include "bench-sink.h"

#include <sys/mman.h>

enum
{
  NONE, PEER, OURS, CONTENDERS
};

typedef struct
{
  const gchar *name;
  const gchar *peer, *ours;
  gboolean fsync;               /* of the peer's file */
  gboolean slow;                /* on the throttled disk */
  BenchLoad load;
} Row;

#define MIB(bytes, size) ((bytes) * 1048576u / (size))
#define FILESINK "filesink"
#define SAFE "safefilesink"

static const Row rows[] = {
  {"large", FILESINK, SAFE, TRUE, FALSE, {65536, MIB (512, 65536), 0}},
  {"small", FILESINK, SAFE, TRUE, FALSE, {4096, MIB (64, 4096), 0}},
  {"tiny", FILESINK, SAFE, TRUE, FALSE, {512, MIB (16, 512), 0}},
  {"osync", FILESINK " o-sync=true", SAFE, FALSE, FALSE,
      {65536, MIB (32, 65536), 0}},
  {"osync-small", FILESINK " o-sync=true buffer-mode=unbuffered", SAFE, FALSE,
      FALSE, {4096, MIB (2, 4096), 0}},
  {"each", FILESINK " o-sync=true", SAFE " sync-policy=every-buffer", FALSE,
      FALSE, {65536, MIB (16, 65536), 0}},
  {"each-small", FILESINK " o-sync=true buffer-mode=unbuffered",
        SAFE " sync-policy=every-buffer", FALSE, FALSE,
      {4096, MIB (1, 4096), 0}},
  {"each-tiny", FILESINK " o-sync=true buffer-mode=unbuffered",
        SAFE " sync-policy=every-buffer", FALSE, FALSE, {512, 256, 0}},
  {"none", FILESINK, SAFE " sync-policy=none", FALSE, FALSE,
      {65536, MIB (512, 65536), 0}},
  {"bytes", FILESINK, SAFE " sync-policy=bytes", TRUE, FALSE,
      {65536, MIB (512, 65536), 0}},
  {"direct", FILESINK, SAFE " sync-policy=direct", TRUE, FALSE,
      {65536, MIB (512, 65536), 0}},
  {"no-journal", FILESINK, SAFE " journal=none", TRUE, FALSE,
      {65536, MIB (512, 65536), 0}},
  {"steady", FILESINK, SAFE, TRUE, FALSE, {65536, 96, 64}},
  {"steady-small", FILESINK, SAFE, TRUE, FALSE, {4096, 2000, 1000}},
  {"burst", FILESINK, SAFE, TRUE, FALSE, {65536, MIB (48, 65536), 0}},
  {"slow-steady", FILESINK, SAFE, TRUE, TRUE, {65536, 96, 64}},
  {"slow-small", FILESINK, SAFE, TRUE, TRUE, {4096, 2000, 1000}},
  {"slow-burst", FILESINK, SAFE, TRUE, TRUE, {65536, MIB (48, 65536), 0}},
};

typedef struct
{
  gdouble wall[BENCH_MAX_RUNS], cpu[BENCH_MAX_RUNS];
  gdouble speed[BENCH_MAX_RUNS], share[BENCH_MAX_RUNS]; /* of the peer's, by round */
  guint64 *latencies;           /* runs * count */
  gdouble waits[BENCH_MAX_RUNS];
} Series;

static guint runs = 7;
static Series series[CONTENDERS];
/* Rounds in which others used more of the processors do not count. */
static gdouble most_others = 1.0;

/* Rounds that others have disturbed are repeated for so long, us. */
#define PATIENCE (60 * G_USEC_PER_SEC)

static void
run_round (const Row * row, const gchar * folder, guint run)
{
  const BenchSink sinks[CONTENDERS] = {
    [NONE] = {NULL, FALSE},
    [PEER] = {row->peer, row->fsync},
    [OURS] = {row->ours, FALSE},
  };
  BenchRecord records[CONTENDERS];

  for (guint i = 0; i < CONTENDERS; i++) {
    /* Every other round the other way round: what the one before has left to the
     * disk is paid by each in turn. */
    guint who = run % 2 == 0 ? i : CONTENDERS - 1 - i;

    records[who] = bench_record (&sinks[who], &row->load, folder,
        series[who].latencies + (gsize) run * row->load.count);
    series[who].wall[run] = records[who].wall;
    series[who].cpu[run] = records[who].cpu;
    series[who].waits[run] = records[who].waits;
  }
  for (guint i = 0; i < CONTENDERS; i++) {
    series[i].speed[run] = records[PEER].wall / records[i].wall;
    series[i].share[run] = records[i].cpu / records[PEER].cpu;
  }
}

static void
hold_memory (gsize size)
{
  if (size > 0 && mmap (NULL, size, PROT_READ | PROT_WRITE,
          MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0) == MAP_FAILED)
    g_error ("there is not so much memory to hold");
}

/* Returns what part of the processors others used in the rounds that count. */
static gdouble
run_rounds (const Row * row, const gchar * folder)
{
  gint64 deadline = g_get_monotonic_time () + PATIENCE;
  gdouble others = 0.0, part;

  run_round (row, folder, 0);   /* a first one, which does not count */
  (void) bench_others ();
  for (guint run = 0; run < runs; run++) {
    do {
      run_round (row, folder, run);
      part = bench_others ();
    } while (part > most_others && g_get_monotonic_time () < deadline);
    others += part / runs;
  }
  return others;
}

static void
print_head (void)
{
  g_print ("%-12s %-13s %8s %8s %8s %7s %6s   %8s %8s %8s %8s  %5s %6s\n", "", "",
      "MB/s", "cpu us/M", "least", "speed", "cpu", "p50 us", "p99", "p99.9", "max",
      "waits", "others");
}

static void
print_series (const Row * row, guint who, gdouble others)
{
  static const gchar *const names[CONTENDERS] = {
    "none", "filesink", "safefilesink"
  };
  Series *s = &series[who];
  guint count = runs * row->load.count;
  gdouble bytes = (gdouble) row->load.size * row->load.count;
  guint64 *l = s->latencies;
  gdouble cpu = bench_median (s->cpu, runs), least = s->cpu[0];

  g_print ("%-12s %-13s %8.1f %8.1f %8.1f %7.2f %6.2f   %8.1f %8.1f %8.1f %8.1f"
      "  %5.0f %4.0f %%\n", row->name, names[who],
      bytes * 1000 / bench_median (s->wall, runs),
      cpu / 1000 / (bytes / 1048576), least / 1000 / (bytes / 1048576),
      bench_median (s->speed, runs), bench_median (s->share, runs),
      (gdouble) bench_quantile (l, count, 0.5) / 1000,
      (gdouble) bench_quantile (l, count, 0.99) / 1000,
      (gdouble) bench_quantile (l, count, 0.999) / 1000,
      (gdouble) bench_quantile (l, count, 1) / 1000,
      bench_median (s->waits, runs), 100 * others);
}

static void
run_row (const Row * row, const gchar * folder)
{
  gdouble others;

  for (guint i = 0; i < CONTENDERS; i++)
    series[i].latencies = g_new0 (guint64, (gsize) runs * row->load.count);
  others = run_rounds (row, folder);
  for (guint i = 0; i < CONTENDERS; i++)
    print_series (row, i, others);
  for (guint i = 0; i < CONTENDERS; i++)
    g_clear_pointer (&series[i].latencies, g_free);
}

int
main (int argc, char **argv)
{
  const gchar *folder = g_getenv ("BENCH_DIR");
  const gchar *slow = g_getenv ("BENCH_SLOW_DIR");

  gst_init (&argc, &argv);
  if (g_getenv ("BENCH_OTHERS") != NULL)
    most_others = g_ascii_strtod (g_getenv ("BENCH_OTHERS"), NULL) / 100;
  for (gint i = 1; i < argc; i++)
    if (g_ascii_isdigit (argv[i][0]))
      runs = CLAMP ((guint) g_ascii_strtoull (argv[i], NULL, 10), 1,
          BENCH_MAX_RUNS);
  if (g_getenv ("BENCH_HOLD") != NULL)
    hold_memory ((gsize) g_ascii_strtoull (g_getenv ("BENCH_HOLD"), NULL, 10)
        << 20);
  g_print ("medians of %u runs, %s\n\n", runs, gst_version_string ());
  print_head ();
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    if (!bench_selects (argc, argv, rows[i].name))
      continue;
    if (!rows[i].slow)
      run_row (&rows[i], folder != NULL ? folder : ".");
    else if (slow != NULL)
      run_row (&rows[i], slow);
  }
  return 0;
}
