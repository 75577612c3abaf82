/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-ring.h"

#include <errno.h>

#include "sc-prefetch.h"

#define END_OPEN UINT64_MAX
/* So many slots ahead the producer fetches the line that it will write to: four lines,
 * and in a queue some us. */
#define SLOTS_AHEAD 8

static const size_t segment_header =
    (sizeof (ScRingSegment) + SC_CACHE_LINE - 1) / SC_CACHE_LINE *
    SC_CACHE_LINE;

static bool
slots_are_valid (uint32_t slots)
{
  return slots >= 2 && slots <= 1u << 31 && (slots & (slots - 1)) == 0;
}

size_t
sc_ring_segment_size (uint32_t slots)
{
  if (!slots_are_valid (slots))
    return 0;
  return segment_header + (size_t) slots * sizeof (ScRingSlot);
}

/* @base: the index of the segment's first item; no slot may look published. */
static ScRingSegment *
segment_init (void *memory, uint32_t slots, uint64_t base)
{
  ScRingSegment *segment = memory;

  if (memory == NULL || !slots_are_valid (slots)
      || (uintptr_t) memory % SC_CACHE_LINE != 0)
    return NULL;
  segment->mask = slots - 1;
  segment->slots = (ScRingSlot *) ((char *) memory + segment_header);
  atomic_init (&segment->end, END_OPEN);
  atomic_init (&segment->next, NULL);
  for (uint32_t i = 0; i < slots; i++) {
    ScRingSlot *slot = &segment->slots[(base + i) & segment->mask];

    /* index, where index + 1 would say published */
    atomic_init (&slot->seq, (uint32_t) (base + i));
    atomic_init (&slot->buffers, 0);
    atomic_init (&slot->bytes, 0);
    atomic_init (&slot->time, 0);
    atomic_init (&slot->item, NULL);
  }
  return segment;
}

int
sc_ring_init (ScRing * self, void *memory, uint32_t slots)
{
  ScRingSegment *segment = segment_init (memory, slots, 0);

  if (segment == NULL)
    return -EINVAL;
  atomic_init (&self->head, 0);
  atomic_init (&self->tail, 0);
  atomic_init (&self->buffers, 0);
  atomic_init (&self->bytes, 0);
  atomic_init (&self->time, 0);
  self->tail_segment = segment;
  self->known_head = 0;
  self->first = segment;
  return 0;
}

int
sc_ring_link (ScRing * self, void *memory, uint32_t slots)
{
  uint64_t tail = atomic_load_explicit (&self->tail, memory_order_relaxed);
  ScRingSegment *old = self->tail_segment;
  ScRingSegment *segment = segment_init (memory, slots, tail);

  if (segment == NULL)
    return -EINVAL;
  atomic_store_explicit (&old->next, segment, memory_order_relaxed);
  /* Release: pairs with the acquire load in segment_of, so that who sees the
   * end also sees the next segment and its slots. */
  atomic_store_explicit (&old->end, tail, memory_order_release);
  self->tail_segment = segment;
  return 0;
}

/* The segment that holds @index.  @index never falls for one claimer, so a
 * cursor only moves forward. */
static ScRingSegment *
segment_of (ScRing * self, ScRingCursor * cursor, uint64_t index)
{
  ScRingSegment *segment =
      cursor->segment != NULL ? cursor->segment : self->first;

  while (index >= atomic_load_explicit (&segment->end, memory_order_acquire))
    segment = atomic_load_explicit (&segment->next, memory_order_relaxed);
  cursor->segment = segment;
  return segment;
}

/* Whether the segment has a free slot at @tail: its items are the indices from
 * the larger of head and the segment's base, so the head alone bounds them. */
static bool
has_room (ScRing * self, uint64_t tail)
{
  if (tail - self->known_head <= self->tail_segment->mask)
    return true;
  /* Acquire: pairs with the release in sc_ring_claim.  The claimer's reads of
   * the slot happened before it moved the head, hence before we overwrite. */
  self->known_head = atomic_load_explicit (&self->head, memory_order_acquire);
  return tail - self->known_head <= self->tail_segment->mask;
}

int
sc_ring_push (ScRing * self, void *item, const ScRingLevel * weight)
{
  uint64_t tail = atomic_load_explicit (&self->tail, memory_order_relaxed);
  uint32_t buffers =
      atomic_load_explicit (&self->buffers, memory_order_relaxed);
  uint64_t bytes = atomic_load_explicit (&self->bytes, memory_order_relaxed);
  int64_t time = atomic_load_explicit (&self->time, memory_order_relaxed);
  ScRingSlot *slot;

  if (!has_room (self, tail))
    return -EAGAIN;
  slot = &self->tail_segment->slots[tail & self->tail_segment->mask];
  sc_prefetch_for_write (&self->tail_segment->slots[(tail + SLOTS_AHEAD)
          & self->tail_segment->mask]);

  /* Release, each: pairs with the acquire loads in sc_ring_level.  A level
   * reader that sees one of these new values must then also see the head that
   * allowed the overwriting, and so throw its reading away. */
  atomic_store_explicit (&slot->buffers, buffers, memory_order_release);
  atomic_store_explicit (&slot->bytes, bytes, memory_order_release);
  atomic_store_explicit (&slot->time, time, memory_order_release);
  atomic_store_explicit (&slot->item, item, memory_order_relaxed);

  /* Release, each: pairs with the acquire loads in read_tail_totals.  A level
   * reader that sees one of these also sees the head that made room for the item,
   * or it could count more items than the ring has slots. */
  atomic_store_explicit (&self->buffers, buffers + weight->buffers,
      memory_order_release);
  atomic_store_explicit (&self->bytes, bytes + weight->bytes,
      memory_order_release);
  atomic_store_explicit (&self->time, weight->time, memory_order_release);

  /* Release: pairs with the acquire in sc_ring_peek; publishes the slot and
   * what the item points to. */
  atomic_store_explicit (&slot->seq, (uint32_t) (tail + 1),
      memory_order_release);
  atomic_store_explicit (&self->tail, tail + 1, memory_order_relaxed);
  return 0;
}

bool
sc_ring_peek (ScRing * self, ScRingCursor * cursor, ScRingItem * out)
{
  for (;;) {
    /* Acquire: pairs with the release in sc_ring_claim by another claimer, so
     * that what it published before claiming is seen after the index moved. */
    uint64_t head = atomic_load_explicit (&self->head, memory_order_acquire);
    ScRingSegment *segment = segment_of (self, cursor, head);
    ScRingSlot *slot = &segment->slots[head & segment->mask];

    out->index = head;
    if (atomic_load_explicit (&slot->seq, memory_order_acquire)
        == (uint32_t) (head + 1)) {
      out->item = atomic_load_explicit (&slot->item, memory_order_relaxed);
      out->time = atomic_load_explicit (&slot->time, memory_order_relaxed);
      return true;
    }
    /* Not published, unless another claimed the item and the slot has gone
     * around: then the head has moved. */
    if (atomic_load_explicit (&self->head, memory_order_relaxed) == head)
      return false;
  }
}

bool
sc_ring_claim (ScRing * self, const ScRingItem * seen)
{
  uint64_t expected = seen->index;

  /* Release: the reads of the slot come before it, see has_room; and what this
   * claimer did before comes before what the next one does.  No acquire: the head
   * has each value once, and the load in sc_ring_peek has acquired this one. */
  return atomic_compare_exchange_strong_explicit (&self->head, &expected,
      seen->index + 1, memory_order_release, memory_order_relaxed);
}

bool
sc_ring_pop (ScRing * self, ScRingCursor * cursor, ScRingItem * out)
{
  while (sc_ring_peek (self, cursor, out))
    if (sc_ring_claim (self, out))
      return true;
  return false;
}

bool
sc_ring_is_empty (ScRing * self, ScRingCursor * cursor)
{
  ScRingItem unused;

  return !sc_ring_peek (self, cursor, &unused);
}

/* The totals in the slot at @head, which must be published. */
static void
read_totals (ScRingSegment * segment, uint64_t head, ScRingLevel * out)
{
  ScRingSlot *slot = &segment->slots[head & segment->mask];

  /* Acquire, each: pairs with the release stores in sc_ring_push. */
  out->buffers = atomic_load_explicit (&slot->buffers, memory_order_acquire);
  out->bytes = atomic_load_explicit (&slot->bytes, memory_order_acquire);
  out->time = atomic_load_explicit (&slot->time, memory_order_acquire);
}

static void
read_tail_totals (ScRing * self, ScRingLevel * out)
{
  /* Acquire, each: pairs with the release stores in sc_ring_push, so that the look
   * at the head that follows in sc_ring_level tells whether it has moved since;
   * without it a level could mix two moments. */
  out->buffers = atomic_load_explicit (&self->buffers, memory_order_acquire);
  out->bytes = atomic_load_explicit (&self->bytes, memory_order_acquire);
  out->time = atomic_load_explicit (&self->time, memory_order_acquire);
}

static void
subtract (ScRingLevel * level, const ScRingLevel * at_head)
{
  level->buffers -= at_head->buffers;
  level->bytes -= at_head->bytes;
  level->time -= at_head->time;
}

void
sc_ring_level (ScRing * self, ScRingLevel * level)
{
  for (;;) {
    ScRingCursor cursor = { NULL };
    uint64_t head = atomic_load_explicit (&self->head, memory_order_acquire);
    ScRingSegment *segment = segment_of (self, &cursor, head);
    ScRingLevel at_head;
    bool published;

    published = atomic_load_explicit (&segment->slots[head & segment->mask].seq,
        memory_order_acquire) == (uint32_t) (head + 1);
    read_totals (segment, head, &at_head);
    read_tail_totals (self, level);
    if (atomic_load_explicit (&self->head, memory_order_relaxed) != head)
      continue;                 /* the slot may have been overwritten */
    if (published)
      subtract (level, &at_head);
    else
      *level = (ScRingLevel) { 0 };
    return;
  }
}

void
sc_ring_producer_level (ScRing * self, ScRingLevel * level)
{
  uint64_t tail = atomic_load_explicit (&self->tail, memory_order_relaxed);
  ScRingCursor cursor = { NULL };
  ScRingLevel at_head;

  self->known_head = atomic_load_explicit (&self->head, memory_order_acquire);
  if (self->known_head == tail) {
    *level = (ScRingLevel) { 0 };
    return;
  }
  /* Slots are written by this thread alone: nothing can be torn. */
  read_totals (segment_of (self, &cursor, self->known_head), self->known_head,
      &at_head);
  read_tail_totals (self, level);
  subtract (level, &at_head);
}

void
sc_ring_set_time (ScRing * self, int64_t time)
{
  /* Release: as that of the time in sc_ring_push. */
  atomic_store_explicit (&self->time, time, memory_order_release);
}
