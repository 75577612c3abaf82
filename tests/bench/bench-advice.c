/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the advice of an allocator is worth: threads acquire buffers of random
 * sizes and hold up to HELD of them each, first from tiers that are too small,
 * then from those that the run before advises, until two runs refuse nothing:
 * what the first of them advises is by what was really used.  Prints the tiers
 * and the success rate of each run.
 *
 *   bench-advice [SEED]
 */
#include <gst/gst.h>
#include <gst/safecapture/safecapture.h>

#define THREADS 4
#define HELD 24
#define ACQUIRES 200000
#define MOST_RUNS 5
#define SNAPSHOT_INTERVAL (10 * G_TIME_SPAN_MILLISECOND)
#define FIRST_TIERS "1024x8,16384x8,262144x4"

static GstTieredAllocator *allocator;
static guint32 seed;
static _Atomic guint running;

/* Most requests are small. */
static gsize
random_size (GRand * rand)
{
  static const gsize sizes[] = { 1024, 1024, 1024, 16384, 16384, 262144 };
  gsize largest = sizes[g_rand_int_range (rand, 0, G_N_ELEMENTS (sizes))];

  return (gsize) g_rand_int_range (rand, 1, (gint32) largest + 1);
}

static gpointer
use_buffers (gpointer data)
{
  GRand *rand = g_rand_new_with_seed (seed + GPOINTER_TO_UINT (data));
  GstBuffer *held[HELD] = { NULL };

  for (guint i = 0; i < ACQUIRES; i++) {
    GstBuffer **place = &held[g_rand_int_range (rand, 0, HELD)];

    gst_clear_buffer (place);
    (void) gst_tiered_allocator_acquire (allocator, random_size (rand),
        GST_TIERED_CLASS_PRIMARY, 0, place);
  }
  for (guint i = 0; i < HELD; i++)
    gst_clear_buffer (&held[i]);
  g_rand_free (rand);
  running--;
  return NULL;
}

static guint64
count_of (const GstStructure * stats, const gchar * name)
{
  guint64 value = 0;

  if (!gst_structure_get_uint64 (stats, name, &value))
    g_error ("no %s in the statistics", name);
  return value;
}

/* Returns the requests that were refused. */
static guint64
run_once (guint number)
{
  GThread *threads[THREADS];
  GstStructure *stats;
  guint64 failures;
  gdouble rate = 0;
  gchar *tiers;

  running = THREADS;
  for (guint i = 0; i < THREADS; i++)
    threads[i] = g_thread_new ("user", use_buffers, GUINT_TO_POINTER (i));
  while (running > 0) {
    (void) gst_tiered_allocator_take_snapshot (allocator);
    g_usleep (SNAPSHOT_INTERVAL);
  }
  for (guint i = 0; i < THREADS; i++)
    g_thread_join (threads[i]);
  (void) gst_tiered_allocator_take_snapshot (allocator);

  stats = gst_tiered_allocator_get_stats (allocator);
  failures = count_of (stats, "failures");
  (void) gst_structure_get_double (stats, "success-rate", &rate);
  g_object_get (allocator, "tiers", &tiers, NULL);
  g_print ("run %u  %s\n       acquired %" G_GUINT64_FORMAT ", refused %"
      G_GUINT64_FORMAT ", borrowed %" G_GUINT64_FORMAT
      ", success rate %.4f %%\n", number, tiers, count_of (stats, "acquired"),
      failures, count_of (stats, "borrows"), 100.0 * rate);
  g_free (tiers);
  gst_structure_free (stats);
  return failures;
}

int
main (int argc, char **argv)
{
  guint whole = 0;

  gst_init (&argc, &argv);
  seed = argc > 1 ? (guint32) g_ascii_strtoull (argv[1], NULL, 10)
      : g_random_int ();
  g_print ("seed %u; %u threads, each holding up to %u buffers\n", seed,
      THREADS, HELD);
  allocator = gst_tiered_allocator_new ();
  g_object_set (allocator, "tiers", FIRST_TIERS, NULL);
  for (guint i = 1; i <= MOST_RUNS && whole < 2; i++) {
    gchar *advice;

    if (!gst_tiered_allocator_start (allocator, NULL))
      g_error ("the allocator does not start");
    whole = run_once (i) == 0 ? whole + 1 : 0;
    advice = gst_tiered_allocator_get_advice (allocator);
    (void) gst_tiered_allocator_stop (allocator);
    g_object_set (allocator, "tiers", advice, NULL);
    g_free (advice);
  }
  gst_object_unref (allocator);
  return whole == 2 ? 0 : 1;
}
