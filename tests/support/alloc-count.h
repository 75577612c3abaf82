/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Counts allocations, thread by thread: a shared library that stands before libc
 * in the program's list (or in LD_PRELOAD) and answers malloc, calloc, realloc,
 * memalign, aligned_alloc, posix_memalign, free and mmap before it passes them
 * on.  GLib's slices hide allocations from it unless G_SLICE=always-malloc.
 *
 * Glibc only: it passes on to the names that glibc keeps for interposers.
 */
#ifndef ALLOC_COUNT_H
#define ALLOC_COUNT_H

#include <stdint.h>

#define ALLOC_COUNT_THREADS 64

typedef struct
{
  char name[16];                /* the thread's, when it first allocated */
  uint64_t allocations;         /* malloc and its kin, successful realloc too */
  uint64_t frees;
  uint64_t maps;                /* mmap */
} AllocCount;

/* Zeroes the counts and begins.  Any thread; not twice at once. */
void alloc_count_start (void);

/* Ends. */
void alloc_count_stop (void);

/* The counts of thread number @index since start, 0 and up; 0 when there are no
 * more.  After stop. */
int alloc_count_get (unsigned index, AllocCount * out);

#endif
