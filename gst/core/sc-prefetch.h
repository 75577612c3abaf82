/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Fetching a cache line before it is written, where another processor has written it
 * last: the write itself, and each read-modify-write after it, would wait for the line
 * to come over.
 *
 * Only a hint: any address will do, and nothing is read or written.
 */
#ifndef SC_PREFETCH_H
#define SC_PREFETCH_H

static inline void
sc_prefetch_for_write (const void *address)
{
#ifdef __x86_64__
  /* GCC makes a prefetch for reading of its builtin unless it may assume more than
   * the base instruction set; the line would then be fetched twice.  Processors
   * without this instruction take it for a no-op. */
  __asm__ volatile ("prefetchw %0"::"m" (*(const char *) address));
#else
  __builtin_prefetch (address, 1);
#endif
}

#endif
