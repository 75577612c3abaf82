/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-free-list.h"

#include "sc-arena-sample.h"

#include <errno.h>

#define PER_WORD SC_FREE_LIST_SLOTS_PER_WORD
#define CLOSED ((uint64_t) 1 << PER_WORD)

/* Lost races on one word before take goes on to the next one. */
#define WORD_TRIES 8
/* Passes over the words, when slots were seen but lost to others. */
#define PASSES 2

/* Where this thread begins to look in every list, so that threads keep off each
 * other's words.  Fixed for the thread's life: a list is then used up from its
 * beginning on, which keeps the slots in use warm and the peaks exact. */
static uint32_t
thread_home (void)
{
  static _Atomic uint32_t threads;
  static SC_THREAD_LOCAL uint32_t home;

  if (home == 0)
    home = 1 + atomic_fetch_add_explicit (&threads, 1, memory_order_relaxed);
  return home - 1;
}

void
sc_free_list_init (ScFreeList * self, ScFreeWord * words, uint32_t slots)
{
  self->words = words;
  self->word_count = sc_free_list_words (slots);
  for (uint32_t i = 0; i < self->word_count; i++) {
    ScFreeWord *word = &words[i];

    word->slots = slots < PER_WORD ? slots : PER_WORD;
    slots -= word->slots;
    atomic_init (&word->free, ((uint64_t) 1 << word->slots) - 1);
    atomic_init (&word->idle, 0);
  }
}

static SC_THREAD_LOCAL uint64_t retries;

/* Takes the lowest free slot of a word.  Returns its number in the word, or -1
 * with what was last seen of the word.  A compare-and-swap rather than a
 * fetch_and: a slot that came back after close must not be taken, and between
 * our load and a fetch_and the word may have been closed and the slot come. */
static int
take_from_word (ScFreeWord * word, uint64_t * seen)
{
  uint64_t bits = atomic_load_explicit (&word->free, memory_order_relaxed);

  for (int i = 0; i < WORD_TRIES && bits != 0 && (bits & CLOSED) == 0; i++) {
    uint64_t left = bits & (bits - 1);

    /* Acquire: pairs with the release in give, so that the last holder's reads
     * and writes of the slot are over before ours begin. */
    if (atomic_compare_exchange_strong_explicit (&word->free, &bits, left,
            memory_order_acquire, memory_order_relaxed))
      return __builtin_ctzll (bits);
    retries++;
  }
  *seen = bits;
  return -1;
}

int
sc_free_list_take (ScFreeList * self, uint32_t * slot)
{
  uint32_t home = thread_home () % self->word_count;
  uint64_t seen = 0, seen_any = 0;

  for (int pass = 0; pass < PASSES; pass++) {
    uint32_t w = home;

    seen_any = 0;
    for (uint32_t i = 0; i < self->word_count; i++) {
      int bit = take_from_word (&self->words[w], &seen);

      if (bit >= 0) {
        *slot = w * PER_WORD + (uint32_t) bit;
        return 0;
      }
      seen_any |= seen;
      w = w + 1 < self->word_count ? w + 1 : 0;
    }
    if (seen_any == 0 || (seen_any & CLOSED) != 0)
      break;
  }
  return seen_any & CLOSED ? -ESHUTDOWN : -EAGAIN;
}

int
sc_free_list_give (ScFreeList * self, uint32_t slot)
{
  uint64_t bit = (uint64_t) 1 << slot % PER_WORD;
  /* Release: pairs with the acquire in take.  Sequentially consistent beyond
   * that for the caller's look at its waiters: see the header. */
  uint64_t old = atomic_fetch_or_explicit (&self->words[slot / PER_WORD].free,
      bit, memory_order_seq_cst);

  if (old & bit)
    return -EALREADY;
  return old & CLOSED ? -ESHUTDOWN : 0;
}

uint32_t
sc_free_list_close (ScFreeList * self)
{
  uint32_t out = 0;

  for (uint32_t i = 0; i < self->word_count; i++) {
    ScFreeWord *word = &self->words[i];
    /* Acquire and release, as takes and gives in one: nobody can take from the
     * word after it, and who gives to it after it sees CLOSED. */
    uint64_t old = atomic_exchange_explicit (&word->free, CLOSED,
        memory_order_acq_rel);

    atomic_store_explicit (&word->idle, old, memory_order_relaxed);
    out += word->slots - (uint32_t) __builtin_popcountll (old);
  }
  return out;
}

static uint64_t
home_bits (const ScFreeWord * word)
{
  /* Relaxed: who asks about a slot that it holds asks about its own bit; the
   * others get a figure. */
  return (atomic_load_explicit (&word->free, memory_order_relaxed)
      | atomic_load_explicit (&word->idle, memory_order_relaxed)) & ~CLOSED;
}

bool
sc_free_list_is_out (const ScFreeList * self, uint32_t slot)
{
  uint64_t bit = (uint64_t) 1 << slot % PER_WORD;

  return (home_bits (&self->words[slot / PER_WORD]) & bit) == 0;
}

uint32_t
sc_free_list_in_use (const ScFreeList * self)
{
  uint32_t out = 0;

  for (uint32_t i = 0; i < self->word_count; i++)
    out += self->words[i].slots
        - (uint32_t) __builtin_popcountll (home_bits (&self->words[i]));
  return out;
}

uint32_t
sc_free_list_most_tries (const ScFreeList * self)
{
  return self->word_count * WORD_TRIES * PASSES;
}

uint64_t
sc_free_list_retries (void)
{
  return retries;
}
