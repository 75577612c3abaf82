/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The static tiered pool against GstBufferPool, in one process and in turn, so
 * that all see the same machine: ns for an acquire and a release, medians over
 * RUNS, and how often GstBufferPool's time each of them is.
 *
 *   floor      one atomic read-modify-write
 *   free list  a take and a give of the shared bitmap
 *   arena      a slot of the core, checks and accounts included
 *   direct     a GstBuffer from gst_tiered_allocator_acquire()
 *   subclass   a GstBuffer from GstTieredPool through GstBufferPool's functions
 *   GstBufferPool, and malloc: gst_buffer_new_allocate()
 *
 *   1 thread   acquires and releases one by one
 *   2 threads  each does so, from the same pool
 *   A to B     acquired in one thread, passed through a ring, released in another
 *
 * Then what single acquires take with four threads on this machine's processors,
 * each holding up to HELD slots: the clock's own time (about 25 ns) included.
 *
 *   bench-pool [RUNS [PAIRS]]
 */
#include <gst/gst.h>
#include <gst/safecapture/safecapture.h>
#include <stdlib.h>

#include "bench.h"
#include "sc-arena.h"
#include "sc-clock.h"
#include "sc-free-list.h"
#include "sc-spin.h"

#define BUFFER_SIZE 4096
#define POOLED 256              /* slots of 4,096 bytes in profile standard */
#define RING 64
#define TAIL_THREADS 4
#define TAIL_ACQUIRES 300000
#define HELD 16

static guint runs = 9;
static guint64 pairs = 200000;

typedef struct
{
  gpointer pointer;
  guint64 number;
} Item;

static _Atomic guint64 counter;
static ScFreeList free_list;
static ScArena *arena;
static GstTieredAllocator *allocator;
static GstBufferPool *tiered_pool, *plain_pool;

/* What is measured: acquire_X and release_X, each to be inlined into loops of
 * its own. */
static inline Item
acquire_floor (void)
{
  return (Item) { NULL, atomic_fetch_add_explicit (&counter, 1,
        memory_order_seq_cst) };
}

static inline void
release_floor (Item item)
{
}

static inline Item
acquire_free_list (void)
{
  guint32 slot;

  if (sc_free_list_take (&free_list, &slot) != 0)
    g_error ("no slot");
  return (Item) { NULL, slot };
}

static inline void
release_free_list (Item item)
{
  (void) sc_free_list_give (&free_list, (guint32) item.number);
}

static inline Item
acquire_arena (void)
{
  ScSlot slot;

  if (sc_arena_acquire (arena, BUFFER_SIZE, SC_CLASS_PRIMARY, &slot) != 0)
    g_error ("no slot");
  return (Item) { slot.header, slot.ticket };
}

static inline void
release_arena (Item item)
{
  ScSlot slot = {.header = item.pointer,.ticket = item.number };

  if (sc_arena_release (arena, &slot) != 0)
    g_error ("a release was refused");
}

static inline Item
acquire_direct (void)
{
  GstBuffer *buffer = NULL;

  if (gst_tiered_allocator_acquire (allocator, BUFFER_SIZE,
          GST_TIERED_CLASS_PRIMARY, 0, &buffer) != GST_FLOW_OK)
    g_error ("no buffer");
  return (Item) { buffer, 0 };
}

static inline Item
acquire_from (GstBufferPool * pool)
{
  GstBuffer *buffer = NULL;

  if (gst_buffer_pool_acquire_buffer (pool, &buffer, NULL) != GST_FLOW_OK)
    g_error ("no buffer");
  return (Item) { buffer, 0 };
}

static inline Item
acquire_subclass (void)
{
  return acquire_from (tiered_pool);
}

static inline Item
acquire_plain (void)
{
  return acquire_from (plain_pool);
}

static inline Item
acquire_malloc (void)
{
  return (Item) { gst_buffer_new_allocate (NULL, BUFFER_SIZE, NULL), 0 };
}

static inline void
release_buffer (Item item)
{
  gst_buffer_unref (item.pointer);
}

/* One producer, one consumer: a cell says itself whose turn it is, so that one line
 * travels with each item. */
static struct
{
  _Alignas (64) Item item;
  _Atomic guint full;
} ring[RING];

/* Each its own. */
static _Alignas (64) guint64 tail;
static _Alignas (64) guint64 head;

/* The other one may have been preempted: by us, on a busy machine. */
static inline void
look_again (guint * looks)
{
  if (++*looks % 4096 == 0)
    g_thread_yield ();
  else
    sc_cpu_relax ();
}

static inline void
ring_push (Item item)
{
  guint at = tail++ % RING, looks = 0;

  while (atomic_load_explicit (&ring[at].full, memory_order_acquire))
    look_again (&looks);
  ring[at].item = item;
  atomic_store_explicit (&ring[at].full, 1, memory_order_release);
}

static inline Item
ring_pop (void)
{
  guint at = head++ % RING, looks = 0;
  Item item;

  while (!atomic_load_explicit (&ring[at].full, memory_order_acquire))
    look_again (&looks);
  item = ring[at].item;
  atomic_store_explicit (&ring[at].full, 0, memory_order_release);
  return item;
}

#define LOOPS(name, acquire, release) \
static gpointer \
pair_##name (gpointer data) \
{ \
  for (guint64 i = 0; i < pairs; i++) \
    release (acquire ()); \
  return NULL; \
} \
\
static gpointer \
produce_##name (gpointer data) \
{ \
  for (guint64 i = 0; i < pairs; i++) \
    ring_push (acquire ()); \
  return NULL; \
} \
\
static gpointer \
consume_##name (gpointer data) \
{ \
  for (guint64 i = 0; i < pairs; i++) \
    release (ring_pop ()); \
  return NULL; \
}

LOOPS (floor, acquire_floor, release_floor)
LOOPS (free_list, acquire_free_list, release_free_list)
LOOPS (arena, acquire_arena, release_arena)
LOOPS (direct, acquire_direct, release_buffer)
LOOPS (subclass, acquire_subclass, release_buffer)
LOOPS (plain, acquire_plain, release_buffer)
LOOPS (malloc, acquire_malloc, release_buffer)

enum
{
  ONE, TWO, HAND_OVER, SCENARIOS,
};

typedef struct
{
  const gchar *title;
  GThreadFunc pair, produce, consume;
  gdouble ns[SCENARIOS][BENCH_MAX_RUNS];
} Row;

#define ROW(title, name) {title, pair_##name, produce_##name, consume_##name}

static Row rows[] = {
  ROW ("floor (RMW)", floor),
  ROW ("free list", free_list),
  ROW ("arena", arena),
  ROW ("direct", direct),
  ROW ("subclass", subclass),
  ROW ("GstBufferPool", plain),
  ROW ("malloc", malloc),
};

#define PEER 5                  /* GstBufferPool's row */

static gdouble
time_one (GThreadFunc here, GThreadFunc there)
{
  guint64 start = sc_clock_now ();
  GThread *thread = there != NULL ? g_thread_new ("bench", there, NULL) : NULL;

  here (NULL);
  if (thread != NULL)
    g_thread_join (thread);
  return (gdouble) (sc_clock_now () - start) / (gdouble) pairs;
}

static void
measure (Row * row, guint run)
{
  row->ns[ONE][run] = time_one (row->pair, NULL);
  row->ns[TWO][run] = time_one (row->pair, row->pair);
  row->ns[HAND_OVER][run] = time_one (row->consume, row->produce);
}

static void
print_rows (void)
{
  gdouble median[G_N_ELEMENTS (rows)][SCENARIOS];

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    for (guint s = 0; s < SCENARIOS; s++)
      median[i][s] = bench_median (rows[i].ns[s], runs);
  g_print ("%-14s %9s %9s %9s   %20s\n", "ns a pair", "1 thread", "2 threads",
      "A to B", "of GstBufferPool");
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    gdouble *m = median[i], *peer = median[PEER];

    g_print ("%-14s %9.1f %9.1f %9.1f   %6.1f %6.1f %6.1f\n", rows[i].title,
        m[ONE], m[TWO], m[HAND_OVER], peer[ONE] / m[ONE],
        peer[TWO] / m[TWO], peer[HAND_OVER] / m[HAND_OVER]);
  }
}

typedef struct
{
  ScHistogram latency;
  guint64 seed, failures, retries, most_retries;
} Tail;

static guint32
random_number (Tail * self)
{
  self->seed = self->seed * 6364136223846793005u + 1442695040888963407u;
  return (guint32) (self->seed >> 33);
}

static gpointer
hold_and_release (gpointer data)
{
  Tail *self = data;
  ScSlot held[HELD];
  gboolean holds[HELD] = { FALSE };

  for (guint i = 0; i < TAIL_ACQUIRES; i++) {
    guint k = random_number (self) % HELD;
    guint64 retries = sc_free_list_retries (), start;

    if (holds[k])
      (void) sc_arena_release (arena, &held[k]);
    start = sc_clock_now ();
    holds[k] = sc_arena_acquire (arena, BUFFER_SIZE, SC_CLASS_PRIMARY,
        &held[k]) == 0;
    sc_histogram_record (&self->latency, sc_clock_now () - start);
    self->failures += !holds[k];
    retries = sc_free_list_retries () - retries;
    self->retries += retries;
    self->most_retries = MAX (self->most_retries, retries);
  }
  for (guint k = 0; k < HELD; k++)
    if (holds[k])
      (void) sc_arena_release (arena, &held[k]);
  return NULL;
}

static void
measure_tail (void)
{
  static Tail tails[TAIL_THREADS];
  static ScHistogramSnapshot sum, one;
  GThread *threads[TAIL_THREADS];
  guint64 failures = 0, retries = 0, most = 0;

  for (guint i = 0; i < TAIL_THREADS; i++) {
    sc_histogram_init (&tails[i].latency);
    tails[i].seed = i;
    threads[i] = g_thread_new ("tail", hold_and_release, &tails[i]);
  }
  for (guint i = 0; i < TAIL_THREADS; i++) {
    g_thread_join (threads[i]);
    sc_histogram_read (&tails[i].latency, &one);
    for (guint b = 0; b < SC_HISTOGRAM_BUCKETS; b++)
      sum.buckets[b] += one.buckets[b];
    sum.count += one.count;
    sum.max = MAX (sum.max, one.max);
    failures += tails[i].failures;
    retries += tails[i].retries;
    most = MAX (most, tails[i].most_retries);
  }
  g_print ("\n%u threads, %u processors, %" G_GUINT64_FORMAT " acquires of the "
      "arena, %" G_GUINT64_FORMAT " without a slot\n", TAIL_THREADS,
      g_get_num_processors (), sum.count, failures);
  g_print ("ns: p50 %" G_GUINT64_FORMAT ", p99 %" G_GUINT64_FORMAT ", p99.9 %"
      G_GUINT64_FORMAT ", p99.99 %" G_GUINT64_FORMAT ", max %"
      G_GUINT64_FORMAT "\n", sc_histogram_quantile (&sum, 0.5),
      sc_histogram_quantile (&sum, 0.99), sc_histogram_quantile (&sum, 0.999),
      sc_histogram_quantile (&sum, 0.9999), sum.max);
  g_print ("races lost on a word: %" G_GUINT64_FORMAT " in all, at most %"
      G_GUINT64_FORMAT " in one release and acquire; the code gives up after %u\n",
      retries, most, sc_free_list_most_tries (&free_list));
}

static void
measure_embedded (void)
{
  static _Alignas (SC_ARENA_ALIGNMENT) guint8 memory[SC_ARENA_EMBEDDED_SIZE];
  gdouble ns[BENCH_MAX_RUNS];
  guint64 start;
  ScSlot slot;

  if (sc_arena_init (memory, sizeof (memory), &sc_tiers_embedded, &arena) != 0)
    g_error ("the embedded arena does not start");
  for (guint run = 0; run < runs; run++) {
    start = sc_clock_now ();
    for (guint64 i = 0; i < pairs; i++) {
      if (sc_arena_acquire (arena, BUFFER_SIZE, SC_CLASS_PRIMARY, &slot) != 0
          || sc_arena_release (arena, &slot) != 0)
        g_error ("no slot");
    }
    ns[run] = (gdouble) (sc_clock_now () - start) / (gdouble) pairs;
  }
  g_print ("\nembedded profile, arena, 1 thread: %.1f ns a pair\n",
      bench_median (ns, runs));
  sc_arena_clear (arena);
}

static GstBufferPool *
start_pool (GstBufferPool * pool, guint least, guint most)
{
  GstStructure *config = gst_buffer_pool_get_config (pool);

  gst_buffer_pool_config_set_params (config, NULL, BUFFER_SIZE, least, most);
  if (!gst_buffer_pool_set_config (pool, config)
      || !gst_buffer_pool_set_active (pool, TRUE))
    g_error ("a pool does not start");
  return pool;
}

static void
start (void)
{
  static ScFreeWord words[POOLED / SC_FREE_LIST_SLOTS_PER_WORD + 1];
  gsize size = sc_arena_size (&sc_tiers_standard);

  sc_free_list_init (&free_list, words, POOLED);
  if (sc_arena_init (aligned_alloc (SC_ARENA_ALIGNMENT, size), size,
          &sc_tiers_standard, &arena) != 0)
    g_error ("the arena does not start");
  allocator = gst_tiered_allocator_new ();
  if (!gst_tiered_allocator_start (allocator, NULL))
    g_error ("the allocator does not start");
  tiered_pool = gst_tiered_pool_new (NULL);
  start_pool (tiered_pool, 0, gst_tiered_allocator_count_slots
      (gst_tiered_pool_get_allocator (GST_TIERED_POOL (tiered_pool)),
          BUFFER_SIZE));
  plain_pool = start_pool (gst_buffer_pool_new (), POOLED, 0);
}

static void
stop (void)
{
  gst_buffer_pool_set_active (plain_pool, FALSE);
  gst_object_unref (plain_pool);
  gst_buffer_pool_set_active (tiered_pool, FALSE);
  gst_object_unref (tiered_pool);
  if (gst_tiered_allocator_stop (allocator) != 0)
    g_error ("buffers are still out");
  gst_object_unref (allocator);
  if (sc_arena_close (arena) != 0)
    g_error ("slots are still out");
  sc_arena_clear (arena);
  free (arena);
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  if (argc > 1)
    runs = CLAMP ((guint) g_ascii_strtoull (argv[1], NULL, 10), 1, BENCH_MAX_RUNS);
  if (argc > 2)
    pairs = MAX (g_ascii_strtoull (argv[2], NULL, 10), 1);

  g_print ("medians of %u runs of %" G_GUINT64_FORMAT " pairs; %s\n", runs,
      pairs, gst_version_string ());
  start ();
  for (guint run = 0; run < runs; run++)
    for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
      measure (&rows[i], run);
  print_rows ();
  measure_tail ();
  stop ();
  measure_embedded ();
  return 0;
}
