/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "safefilesink-memory.h"

#include <stdlib.h>
#include <sys/mman.h>

/* That of a huge page of x86-64, and a multiple of any page. */
#define ALIGNMENT ((gsize) 2 << 20)

static GMutex lock;
static guint holders;           /* under lock, as the next */
static GHashTable *sizes;       /* (nullable): of all that is out or kept */
static gpointer kept;           /* (nullable) */

static gsize
size_of (gpointer memory)
{
  return GPOINTER_TO_SIZE (g_hash_table_lookup (sizes, memory));
}

/* Under lock.  Returns: (nullable): to free without it */
static gpointer
forget (gpointer memory)
{
  if (memory != NULL)
    g_hash_table_remove (sizes, memory);
  if (sizes != NULL && g_hash_table_size (sizes) == 0)
    g_clear_pointer (&sizes, g_hash_table_unref);
  return memory;
}

void
safefilesink_memory_hold (void)
{
  g_mutex_lock (&lock);
  holders++;
  g_mutex_unlock (&lock);
}

void
safefilesink_memory_let_go (void)
{
  gpointer old = NULL;

  g_mutex_lock (&lock);
  if (--holders == 0)
    old = forget (g_steal_pointer (&kept));
  g_mutex_unlock (&lock);
  free (old);
}

/* (nullable): all of it there at once: else 16,384 page faults come with the first
 * 64 MiB, all of them the stream's. */
static gpointer
allocate (gsize size)
{
  gpointer memory = aligned_alloc (ALIGNMENT, (size + ALIGNMENT - 1)
      / ALIGNMENT * ALIGNMENT);

  if (memory == NULL)
    return NULL;
  size &= ~(gsize) 4095;
  /* Where they are not known it is only slower. */
#ifdef MADV_HUGEPAGE
  (void) madvise (memory, size, MADV_HUGEPAGE);
#endif
#ifdef MADV_POPULATE_WRITE
  (void) madvise (memory, size, MADV_POPULATE_WRITE);
#endif
  return memory;
}

gpointer
safefilesink_memory_take (gsize size)
{
  gpointer memory = NULL;

  g_mutex_lock (&lock);
  if (kept != NULL && size_of (kept) == size)
    memory = g_steal_pointer (&kept);
  g_mutex_unlock (&lock);
  if (memory != NULL)
    return memory;

  memory = allocate (size);
  if (memory == NULL)
    return NULL;
  g_mutex_lock (&lock);
  if (sizes == NULL)
    sizes = g_hash_table_new (NULL, NULL);
  g_hash_table_insert (sizes, memory, GSIZE_TO_POINTER (size));
  g_mutex_unlock (&lock);
  return memory;
}

void
safefilesink_memory_give (gpointer memory)
{
  gpointer old = memory;

  g_mutex_lock (&lock);
  if (holders > 0) {
    old = kept;
    kept = memory;
  }
  (void) forget (old);
  g_mutex_unlock (&lock);
  free (old);
}
