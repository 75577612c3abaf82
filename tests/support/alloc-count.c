/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Else mmap would be another name of mmap64 here, and both are wanted. */
#undef _FILE_OFFSET_BITS

#include "alloc-count.h"

#include <errno.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* glibc's own, kept for interposers. */
extern void *__libc_malloc (size_t size);
extern void *__libc_calloc (size_t count, size_t size);
extern void *__libc_realloc (void *data, size_t size);
extern void *__libc_memalign (size_t alignment, size_t size);
extern void __libc_free (void *data);

#define EXPORT __attribute__ ((visibility ("default")))

typedef struct
{
  char name[16];
  _Atomic uint64_t allocations, frees, maps;
} Row;

static Row rows[ALLOC_COUNT_THREADS];
static _Atomic unsigned used;
static _Atomic unsigned generation;
static atomic_bool counting;

/* In the static TLS block, as the library is loaded with the program: no
 * allocation on first use. */
static _Thread_local Row *row __attribute__ ((tls_model ("initial-exec")));
static _Thread_local unsigned row_generation
    __attribute__ ((tls_model ("initial-exec")));

/* The thread's row while counting, else NULL. */
static Row *
my_row (void)
{
  unsigned current, index;

  if (!atomic_load_explicit (&counting, memory_order_acquire))
    return NULL;
  current = atomic_load_explicit (&generation, memory_order_relaxed);
  if (row_generation != current) {
    row_generation = current;
    index = atomic_fetch_add_explicit (&used, 1, memory_order_relaxed);
    /* Threads beyond the table share its last row: counted, if not apart. */
    row = &rows[index < ALLOC_COUNT_THREADS ? index : ALLOC_COUNT_THREADS - 1];
    (void) prctl (PR_GET_NAME, row->name);
  }
  return row;
}

static void
count (_Atomic uint64_t * counter)
{
  atomic_fetch_add_explicit (counter, 1, memory_order_relaxed);
}

static void
count_allocation (void)
{
  Row *mine = my_row ();

  if (mine != NULL)
    count (&mine->allocations);
}

EXPORT void
alloc_count_start (void)
{
  memset (rows, 0, sizeof (rows));
  atomic_store_explicit (&used, 0, memory_order_relaxed);
  atomic_fetch_add_explicit (&generation, 1, memory_order_relaxed);
  /* Release: pairs with my_row, which must see the zeroed rows. */
  atomic_store_explicit (&counting, true, memory_order_release);
}

EXPORT void
alloc_count_stop (void)
{
  atomic_store_explicit (&counting, false, memory_order_release);
}

EXPORT int
alloc_count_get (unsigned index, AllocCount * out)
{
  if (index >= ALLOC_COUNT_THREADS
      || index >= atomic_load_explicit (&used, memory_order_relaxed))
    return 0;
  memcpy (out->name, rows[index].name, sizeof (out->name));
  out->allocations = rows[index].allocations;
  out->frees = rows[index].frees;
  out->maps = rows[index].maps;
  return 1;
}

EXPORT void *
malloc (size_t size)
{
  count_allocation ();
  return __libc_malloc (size);
}

EXPORT void *
calloc (size_t n, size_t size)
{
  count_allocation ();
  return __libc_calloc (n, size);
}

EXPORT void *
realloc (void *data, size_t size)
{
  count_allocation ();
  return __libc_realloc (data, size);
}

EXPORT void *
memalign (size_t alignment, size_t size)
{
  count_allocation ();
  return __libc_memalign (alignment, size);
}

EXPORT void *
aligned_alloc (size_t alignment, size_t size)
{
  count_allocation ();
  return __libc_memalign (alignment, size);
}

EXPORT int
posix_memalign (void **out, size_t alignment, size_t size)
{
  void *data;

  if (alignment < sizeof (void *) || (alignment & (alignment - 1)) != 0)
    return EINVAL;
  count_allocation ();
  data = __libc_memalign (alignment, size);
  if (data == NULL)
    return ENOMEM;
  *out = data;
  return 0;
}

EXPORT void
free (void *data)
{
  Row *mine = data != NULL ? my_row () : NULL;

  if (mine != NULL)
    count (&mine->frees);
  __libc_free (data);
}

static void *
map (void *address, size_t size, int protection, int flags, int fd,
    long long offset)
{
  Row *mine = my_row ();

  if (mine != NULL)
    count (&mine->maps);
  return (void *) syscall (SYS_mmap, address, size, protection, flags, fd,
      (long) offset);
}

EXPORT void *
mmap (void *address, size_t size, int protection, int flags, int fd,
    off_t offset)
{
  return map (address, size, protection, flags, fd, offset);
}

EXPORT void *
mmap64 (void *address, size_t size, int protection, int flags, int fd,
    off64_t offset)
{
  return map (address, size, protection, flags, fd, offset);
}
