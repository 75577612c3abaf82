/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * steady-allocations-pool METHOD PROPERTY=VALUE
 *
 * An application takes 100,000 buffers of a pool, after 20,000 that warm it up,
 * and releases every other one itself, the others in a second thread.  What both
 * threads allocate meanwhile is counted.
 *
 *   METHOD   pool     gst_buffer_pool_acquire_buffer()
 *            size     gst_tiered_pool_acquire(), of changing sizes
 *            direct   gst_tiered_allocator_acquire(), of changing sizes
 *            memory   gst_allocator_alloc()
 *            heap     gst_buffer_new_allocate(): the negative control
 *   PROPERTY of the allocator
 *
 * Ends with 0 if nothing was allocated (heap: if something was), with 1 if not,
 * with 2 if a buffer could not be had.
 */
#include <gst/gst.h>
#include <gst/safecapture/safecapture.h>
#include <stdatomic.h>
#include <stdio.h>

#include "alloc-count.h"

#define WARM_UP 20000
#define COUNTED 100000
#define BOX 4                   /* fewer than any profile has slots */

typedef GstMiniObject *(*Acquire) (GstBufferPool * pool, guint64 n);

/* Fixed places through which the second thread gets its objects. */
static _Atomic (GstMiniObject *) box[BOX];
static gint releasing, over;     /* atomic */

static GstMiniObject *
acquire_from_pool (GstBufferPool * pool, guint64 n)
{
  GstBuffer *buffer = NULL;

  (void) gst_buffer_pool_acquire_buffer (pool, &buffer, NULL);
  return (GstMiniObject *) buffer;
}

static GstMiniObject *
acquire_a_size (GstBufferPool * pool, guint64 n)
{
  GstBuffer *buffer = NULL;

  (void) gst_tiered_pool_acquire (GST_TIERED_POOL (pool), n * 37 % 2048,
      &buffer);
  return (GstMiniObject *) buffer;
}

static GstMiniObject *
acquire_direct (GstBufferPool * pool, guint64 n)
{
  GstBuffer *buffer = NULL;

  (void) gst_tiered_allocator_acquire (gst_tiered_pool_get_allocator
      (GST_TIERED_POOL (pool)), n * 37 % 2048,
      (GstTieredClass) (n % 6), 0, &buffer);
  return (GstMiniObject *) buffer;
}

static GstMiniObject *
allocate_memory (GstBufferPool * pool, guint64 n)
{
  GstTieredAllocator *allocator = gst_tiered_pool_get_allocator
      (GST_TIERED_POOL (pool));

  return (GstMiniObject *) gst_allocator_alloc (GST_ALLOCATOR (allocator),
      n * 37 % 2048, NULL);
}

static GstMiniObject *
allocate_from_heap (GstBufferPool * pool, guint64 n)
{
  return (GstMiniObject *) gst_buffer_new_allocate (NULL, 1024, NULL);
}

static const struct
{
  const gchar *name;
  Acquire acquire;
} methods[] = {
  {"pool", acquire_from_pool},
  {"size", acquire_a_size},
  {"direct", acquire_direct},
  {"memory", allocate_memory},
  {"heap", allocate_from_heap},
};

static gpointer
release_all (gpointer data)
{
  g_atomic_int_set (&releasing, TRUE);
  while (!g_atomic_int_get (&over)) {
    for (guint i = 0; i < BOX; i++) {
      GstMiniObject *object = atomic_exchange (&box[i], NULL);

      if (object != NULL)
        gst_mini_object_unref (object);
    }
    g_thread_yield ();
  }
  return NULL;
}

static void
hand_over (GstMiniObject * object, guint64 n)
{
  object = atomic_exchange (&box[n / 2 % BOX], object);
  if (object != NULL)
    gst_mini_object_unref (object);
}

/* Returns whether every buffer could be had. */
static gboolean
run (GstBufferPool * pool, Acquire acquire)
{
  GThread *thread = g_thread_new ("releaser", release_all, NULL);
  gboolean had_all = TRUE;

  /* What a thread allocates to begin with is not the pool's. */
  while (!g_atomic_int_get (&releasing))
    g_thread_yield ();
  for (guint64 n = 0; n < WARM_UP + COUNTED && had_all; n++) {
    GstMiniObject *object = acquire (pool, n);

    if (n == WARM_UP)
      alloc_count_start ();
    had_all = object != NULL;
    if (had_all && n % 2)
      hand_over (object, n);
    else if (had_all)
      gst_mini_object_unref (object);
  }
  alloc_count_stop ();
  g_atomic_int_set (&over, TRUE);
  g_thread_join (thread);
  for (guint64 n = 0; n < 2 * BOX; n += 2)
    hand_over (NULL, n);
  return had_all;
}

static guint64
print_counts (void)
{
  guint64 sum = 0;
  AllocCount row;

  for (guint i = 0; alloc_count_get (i, &row); i++) {
    printf ("%s: %" G_GUINT64_FORMAT " allocations, %" G_GUINT64_FORMAT
        " frees, %" G_GUINT64_FORMAT " maps\n", row.name, row.allocations,
        row.frees, row.maps);
    sum += row.allocations + row.frees + row.maps;
  }
  printf ("in all: %" G_GUINT64_FORMAT "\n", sum);
  return sum;
}

static GstBufferPool *
make_pool (const gchar * setting)
{
  gchar **pair = g_strsplit (setting, "=", 2);
  GstTieredAllocator *allocator = gst_tiered_allocator_new ();
  GstBufferPool *pool = gst_tiered_pool_new (allocator);
  GstStructure *config = gst_buffer_pool_get_config (pool);

  gst_util_set_object_arg (G_OBJECT (allocator), pair[0], pair[1]);
  g_strfreev (pair);
  gst_buffer_pool_config_set_params (config, NULL, 1024, 0,
      gst_tiered_allocator_count_slots (allocator, 1024));
  if (!gst_buffer_pool_set_config (pool, config)
      || !gst_buffer_pool_set_active (pool, TRUE))
    g_error ("The pool cannot be used.");
  gst_object_unref (allocator);
  return pool;
}

int
main (int argc, char **argv)
{
  Acquire acquire = NULL;
  GstBufferPool *pool;
  gboolean had_all;

  gst_init (&argc, &argv);
  for (guint i = 0; argc == 3 && i < G_N_ELEMENTS (methods); i++)
    if (g_str_equal (methods[i].name, argv[1]))
      acquire = methods[i].acquire;
  if (acquire == NULL) {
    g_printerr ("Usage: steady-allocations-pool METHOD PROPERTY=VALUE\n");
    return 2;
  }
  pool = make_pool (argv[2]);
  had_all = run (pool, acquire);
  gst_buffer_pool_set_active (pool, FALSE);
  gst_object_unref (pool);
  if (!had_all) {
    g_printerr ("a buffer could not be had\n");
    return 2;
  }
  return (print_counts () > 0) == (acquire == allocate_from_heap) ? 0 : 1;
}
