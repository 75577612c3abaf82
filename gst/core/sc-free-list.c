/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-free-list.h"

#include "sc-arena-sample.h"

#include <errno.h>
#include <stddef.h>

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
thread_home (uint32_t words)
{
  static _Atomic uint32_t threads;
  static SC_THREAD_LOCAL uint32_t home;

  if (words == 1)
    return 0;
  /* Multiples of the golden ratio lie evenly apart, and scaling by a
   * multiplication costs less than a division. */
  if (home == 0)
    home = 2654435769u
        * (1 + atomic_fetch_add_explicit (&threads, 1, memory_order_relaxed));
  return (uint32_t) ((uint64_t) home * words >> 32);
}

static SC_THREAD_LOCAL uint64_t retries;

/* What this thread's last give left in which word: the first guess of the take that
 * often comes next, which need not wait for the word to be read.  A guess, from
 * another list at the same place too: the compare-and-swap tells. */
static SC_THREAD_LOCAL struct
{
  const ScFreeWord *word;
  uint64_t free;
} last_give;

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

/* A word without its lowest bits. */
static uint64_t
without_lowest (uint64_t bits, uint32_t most)
{
  for (; most > 0; most--)
    bits &= bits - 1;
  return bits;
}

/* Takes the lowest free slots of a word, up to @most.  Returns their bits, or 0
 * with what was last seen of the word.  A compare-and-swap rather than a
 * fetch_and: a slot that came back after close must not be taken, and between
 * our load and a fetch_and the word may have been closed and the slot come. */
static inline uint64_t
take_from_word (ScFreeWord * word, uint32_t most, uint64_t * seen)
{
  uint64_t bits = last_give.word == word ? last_give.free
      : atomic_load_explicit (&word->free, memory_order_relaxed);

  for (int i = 0; i < WORD_TRIES && bits != 0 && (bits & CLOSED) == 0; i++) {
    uint64_t left = without_lowest (bits, most), taken = bits & ~left;

    /* Acquire: pairs with the release in give, so that the last holder's reads
     * and writes of the slot are over before ours begin. */
    if (atomic_compare_exchange_strong_explicit (&word->free, &bits, left,
            memory_order_acquire, memory_order_relaxed)) {
      last_give.word = NULL;
      return taken;
    }
    retries++;
  }
  *seen = bits;
  return 0;
}

static inline uint64_t
take_some (ScFreeList * self, uint32_t most, uint32_t * word,
    uint64_t * seen_any)
{
  uint32_t home = thread_home (self->word_count);
  uint64_t seen = 0;

  for (int pass = 0; pass < PASSES; pass++) {
    uint32_t w = home;

    *seen_any = 0;
    for (uint32_t i = 0; i < self->word_count; i++) {
      uint64_t taken = take_from_word (&self->words[w], most, &seen);

      if (taken != 0) {
        *word = w;
        return taken;
      }
      *seen_any |= seen;
      w = w + 1 < self->word_count ? w + 1 : 0;
    }
    if (*seen_any == 0 || (*seen_any & CLOSED) != 0)
      break;
  }
  return 0;
}

int
sc_free_list_take (ScFreeList * self, uint32_t * slot)
{
  uint64_t seen, bit;
  uint32_t word;

  bit = take_some (self, 1, &word, &seen);
  if (bit == 0)
    return seen & CLOSED ? -ESHUTDOWN : -EAGAIN;
  *slot = word * PER_WORD + (uint32_t) __builtin_ctzll (bit);
  return 0;
}

uint64_t
sc_free_list_take_some (ScFreeList * self, uint32_t most, uint32_t * word)
{
  uint64_t seen;

  return take_some (self, most, word, &seen);
}

void
sc_free_list_give_some (ScFreeList * self, uint32_t word, uint64_t bits)
{
  /* Release: as in give. */
  atomic_fetch_add_explicit (&self->words[word].free, bits,
      memory_order_release);
}

int
sc_free_list_give (ScFreeList * self, uint32_t slot)
{
  ScFreeWord *word = &self->words[slot / PER_WORD];
  uint64_t bit = (uint64_t) 1 << slot % PER_WORD;
  /* Release: pairs with the acquire in take.  Sequentially consistent beyond
   * that for the caller's look at its waiters: see the header.  An addition sets
   * a bit that is not set, and unlike fetch_or it gives the old value in one
   * instruction on x86. */
  uint64_t old = atomic_fetch_add_explicit (&word->free, bit,
      memory_order_seq_cst);

  if (old & CLOSED)
    return -ESHUTDOWN;
  last_give.word = word;
  last_give.free = old | bit;
  return 0;
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
