/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A bounded lock-free FIFO of pointers: one producer, any number of claimers.
 *
 * Slots carry a sequence number, as in D. Vyukov's bounded queue, so a claimer
 * polls the slot and not the producer's index.  The head advances only by
 * compare-and-swap: whoever moves it from h to h + 1 owns item h.  So a third
 * thread can take items out beside the consumer: the producer itself to drop
 * the oldest, a flushing thread to empty it.  A claimer may read a slot that is
 * being overwritten; its compare-and-swap then fails and what it read is
 * thrown away.
 *
 *   index     ... h-1 | h   h+1  ...  t-1 |  t ...
 *   slots     claimed | published         | free
 *                       ^ head (CAS)        ^ tail (the producer's own)
 *
 * Each slot also holds the producer's running totals from before its item.  The
 * level is then the totals now less those in the slot at the head, with no
 * read-modify-write and exact for the producer.
 *
 * Growth: the producer may link a larger segment at any time; indices go on,
 * items stay in order.  Segments are given back only with the ring, so a claimer
 * that still reads an old one reads valid memory.
 *
 * Memory is the caller's.  Items are opaque and never dereferenced.
 */
#ifndef SC_RING_H
#define SC_RING_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SC_CACHE_LINE 64

/* What an item weighs, or what the ring holds. */
typedef struct
{
  uint32_t buffers;
  uint64_t bytes;
  int64_t time;                 /* ns; a level may be below zero */
} ScRingLevel;

typedef struct
{
  /* The low half of index + 1 once published.  32 bits are enough: it is only a
   * hint which the compare-and-swap on the 64-bit head confirms. */
  _Atomic uint32_t seq;
  /* The producer's totals before this item; buffers wrap, and are only ever
   * subtracted. */
  _Atomic uint32_t buffers;
  _Atomic uint64_t bytes;
  _Atomic int64_t time;
  _Atomic (void *) item;
} ScRingSlot;

_Static_assert (sizeof (void *) != 8 || sizeof (ScRingSlot) == 32,
    "two slots a cache line");

typedef struct ScRingSegment ScRingSegment;

struct ScRingSegment
{
  _Atomic uint64_t end;         /* first index that is in the next segment */
  _Atomic (ScRingSegment *) next;
  uint32_t mask;
  ScRingSlot *slots;
};

typedef struct
{
  /* Claimers' line. */
  _Alignas (SC_CACHE_LINE) _Atomic uint64_t head;

  /* The producer's line: only it writes here; readers of levels look. */
  _Alignas (SC_CACHE_LINE) _Atomic uint64_t tail;
  _Atomic uint32_t buffers;     /* totals of all items ever pushed */
  _Atomic uint64_t bytes;
  _Atomic int64_t time;         /* running time at the tail */
  ScRingSegment *tail_segment;
  uint64_t known_head;          /* a head read earlier: the real one is not less */

  /* Read-mostly line. */
  _Alignas (SC_CACHE_LINE) ScRingSegment *first;
} ScRing;

/* A claimer's own place in the chain of segments; each claiming role has one.
 * Starts as zero. */
typedef struct
{
  ScRingSegment *segment;
} ScRingCursor;

typedef struct
{
  uint64_t index;
  void *item;
  int64_t time;                 /* the producer's running time before it */
} ScRingItem;

/**
 * sc_ring_segment_size:
 * @slots: a power of two, 2 to 2^31
 *
 * Returns: bytes of memory that a segment of so many slots takes, to be aligned
 * to SC_CACHE_LINE; 0 if @slots is not valid
 */
size_t sc_ring_segment_size (uint32_t slots);

/**
 * sc_ring_init:
 * @memory: (not nullable): of sc_ring_segment_size() bytes; the caller's, and
 *   must outlive the ring
 *
 * Returns: 0, or -EINVAL for a bad size or alignment
 */
int sc_ring_init (ScRing * self, void *memory, uint32_t slots);

/**
 * sc_ring_link:
 *
 * Adds a segment: from here on items go there.  The producer only.
 *
 * Returns: 0, or -EINVAL as init
 */
int sc_ring_link (ScRing * self, void *memory, uint32_t slots);

/**
 * sc_ring_push:
 * @item: opaque
 * @weight: buffers and bytes of this item, and the running time after it
 *
 * The producer only.  O(1), no read-modify-write.
 *
 * Returns: 0, or -EAGAIN when every slot is taken (claim, wait or link)
 */
int sc_ring_push (ScRing * self, void *item, const ScRingLevel * weight);

/**
 * sc_ring_peek:
 *
 * Any thread.  The item must not be dereferenced: another may own it already.
 *
 * @out: (out): what sc_ring_claim() wants; of an empty ring only the index, that
 *   of the head: all items before it have been claimed
 *
 * Returns: whether there was an item
 */
bool sc_ring_peek (ScRing * self, ScRingCursor * cursor, ScRingItem * out);

/**
 * sc_ring_claim:
 * @seen: from sc_ring_peek()
 *
 * Any thread.
 *
 * Returns: whether the item is the caller's now; false when another was faster
 */
bool sc_ring_claim (ScRing * self, const ScRingItem * seen);

/**
 * sc_ring_pop:
 *
 * Peek and claim until one succeeds or the ring is empty.  Any thread;
 * lock-free: a failed claim means that another's has succeeded.
 */
bool sc_ring_pop (ScRing * self, ScRingCursor * cursor, ScRingItem * out);

/**
 * sc_ring_level:
 *
 * Any thread: a value that was true at some moment during the call.
 */
void sc_ring_level (ScRing * self, ScRingLevel * level);

/**
 * sc_ring_is_empty:
 *
 * Any thread.
 */
bool sc_ring_is_empty (ScRing * self, ScRingCursor * cursor);

/**
 * sc_ring_producer_level:
 *
 * The producer only: exact but for claims that happen meanwhile, which can only
 * lower it.
 */
void sc_ring_producer_level (ScRing * self, ScRingLevel * level);

/**
 * sc_ring_set_time:
 * @time: running time at the tail, ns
 *
 * Moves the time without an item, as a segment event on an empty queue does.
 * The producer only.
 */
void sc_ring_set_time (ScRing * self, int64_t time);

#endif
