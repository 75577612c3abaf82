/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which of a number of slots are free: a bitmap of 64-bit words, each on a cache
 * line of its own, from which any thread takes and to which any thread gives.
 *
 * 63 bits of a word are slots (set: free), the top one says CLOSED.  Closing
 * exchanges each word for CLOSED, so a give knows from its own addition whether
 * the list was closed before: no slot falls between the two.
 *
 * Every call takes a bounded number of steps, in the number of words, and there
 * is no ABA problem: a bit says all that there is to know of a slot.
 */
#ifndef SC_FREE_LIST_H
#define SC_FREE_LIST_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define SC_FREE_LIST_SLOTS_PER_WORD 63u

typedef struct
{
  _Alignas (64) _Atomic uint64_t free;
  /* Slots that were free when the list was closed. */
  _Atomic uint64_t idle;
  uint32_t slots;
} ScFreeWord;

_Static_assert (sizeof (ScFreeWord) == 64, "a word has a line of its own");

typedef struct
{
  ScFreeWord *words;
  uint32_t word_count;
} ScFreeList;

/**
 * sc_free_list_words:
 *
 * Returns: the number of words that @slots slots take
 */
static inline uint32_t
sc_free_list_words (uint32_t slots)
{
  return (slots + SC_FREE_LIST_SLOTS_PER_WORD - 1)
      / SC_FREE_LIST_SLOTS_PER_WORD;
}

/**
 * sc_free_list_init:
 * @words: sc_free_list_words() of them; the caller's, as long as the list
 * @slots: at least 1; all free
 */
void sc_free_list_init (ScFreeList * self, ScFreeWord * words,
    uint32_t slots);

/**
 * sc_free_list_take:
 * @slot: (out): from 0
 *
 * What the last holder wrote before its give is seen after it.
 *
 * Returns: 0; -EAGAIN if none is free (or every one seen was lost to others in
 * the bounded tries); -ESHUTDOWN after close
 */
int sc_free_list_take (ScFreeList * self, uint32_t * slot);

/**
 * sc_free_list_give:
 * @slot: must be out; that nobody gives it twice is the caller's part
 *
 * A sequentially consistent operation: a load of that kind after it may look
 * for waiters without a fence.
 *
 * Returns: 0; -ESHUTDOWN after close: nobody takes it any more
 */
int sc_free_list_give (ScFreeList * self, uint32_t slot);

/**
 * sc_free_list_take_some:
 * @most: 1 to 63
 * @word: (out): whose bits
 *
 * Takes several slots of one word at once, the lowest.
 *
 * Returns: their bits, of which bit i is slot 63 * @word + i; 0 as -EAGAIN or
 * -ESHUTDOWN of take
 */
uint64_t sc_free_list_take_some (ScFreeList * self, uint32_t most,
    uint32_t * word);

/**
 * sc_free_list_give_some:
 *
 * Gives what take_some took, or any part of one word that is out.  Publishes as
 * give does, but is not for waiters.
 */
void sc_free_list_give_some (ScFreeList * self, uint32_t word, uint64_t bits);

/**
 * sc_free_list_close:
 *
 * No take succeeds from now on.  Once.
 *
 * Returns: the number of slots that are out
 */
uint32_t sc_free_list_close (ScFreeList * self);

/**
 * sc_free_list_in_use:
 *
 * Returns: the number of slots that are out, while others go on
 */
uint32_t sc_free_list_in_use (const ScFreeList * self);

/**
 * sc_free_list_most_tries:
 *
 * Returns: how often a take tries to get a slot before it gives up, at most
 */
uint32_t sc_free_list_most_tries (const ScFreeList * self);

/**
 * sc_free_list_retries:
 *
 * Returns: how often the calling thread has lost a race for a word, in any list
 */
uint64_t sc_free_list_retries (void);

#endif
