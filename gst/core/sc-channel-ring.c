/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-channel-ring.h"

int
sc_channel_ring_init (ScChannelRing * self, void *memory, uint32_t slots,
    void *carry_memory, uint32_t carry_slots)
{
  int ret = sc_ring_init (&self->ring, memory, slots);

  if (ret == 0)
    ret = sc_ring_init (&self->carry, carry_memory, carry_slots);
  self->evict_cursor = self->cursor = self->carry_cursor =
      (ScRingCursor) { 0 };
  self->expected = 0;
  return ret;
}

/* The entry's index travels in the time field of the carry ring's slot, which
 * holds the producer's time from before the item. */
static int
append_to_carry (ScChannelRing * self, const ScRingItem * seen)
{
  const ScRingLevel weightless = { 0 };

  sc_ring_set_time (&self->carry, (int64_t) seen->index);
  return sc_ring_push (&self->carry, seen->item, &weightless);
}

bool
sc_channel_ring_peek_oldest (ScChannelRing * self, ScRingItem * seen)
{
  return sc_ring_peek (&self->ring, &self->evict_cursor, seen);
}

ScEvictResult
sc_channel_ring_evict_seen (ScChannelRing * self, const ScRingItem * seen)
{
  bool keep = (sc_item_tag (seen->item) & SC_ITEM_KEEP) != 0;

  if (keep && append_to_carry (self, seen) != 0)
    return SC_EVICT_CARRY_FULL;
  /* The claim's release publishes the carry entry to whoever claims next. */
  if (!sc_ring_claim (&self->ring, seen))
    return SC_EVICT_LOST;
  return keep ? SC_EVICT_CARRIED : SC_EVICT_DROPPED;
}

/* The next carried item that belongs before index @before; it stays.  Passes over
 * those that the consumer has claimed itself: their eviction failed. */
static bool
peek_carried_before (ScChannelRing * self, uint64_t before, ScRingItem * entry)
{
  /* Most often nothing was evicted since the last item. */
  while (before != self->expected
      && sc_ring_peek (&self->carry, &self->carry_cursor, entry)) {
    uint64_t index = (uint64_t) entry->time;

    if (index >= before)
      return false;             /* not evicted, or not yet */
    if (index >= self->expected)
      return true;
    /* The consumer is the only claimer here: this cannot fail. */
    (void) sc_ring_claim (&self->carry, entry);
  }
  return false;
}

static bool
pop_carried_before (ScChannelRing * self, uint64_t before, ScChannelItem * out)
{
  ScRingItem entry;

  if (!peek_carried_before (self, before, &entry))
    return false;
  (void) sc_ring_claim (&self->carry, &entry);  /* as above */
  out->item = entry.item;
  out->index = (uint64_t) entry.time;
  out->time = INT64_MIN;
  out->skipped = out->index - self->expected;
  self->expected = out->index + 1;
  return true;
}

bool
sc_channel_ring_pop (ScChannelRing * self, ScChannelItem * out)
{
  ScRingItem head;

  while (sc_ring_peek (&self->ring, &self->cursor, &head)) {
    /* All before the head have been claimed, those by the producer after their
     * carry entries were appended: none that belongs here can be missing. */
    if (pop_carried_before (self, head.index, out))
      return true;
    if (!sc_ring_claim (&self->ring, &head))
      continue;                 /* evicted meanwhile */
    out->item = head.item;
    out->index = head.index;
    out->time = head.time;
    out->skipped = head.index - self->expected;
    self->expected = head.index + 1;
    return true;
  }
  return pop_carried_before (self, head.index, out);
}

bool
sc_channel_ring_pop_next (ScChannelRing * self, uintptr_t mask,
    ScChannelItem * out)
{
  ScRingItem head;

  /* The head being the expected one, nothing was evicted since, and so nothing
   * carried belongs before it.  A claim that fails was an eviction: a gap. */
  if (!sc_ring_peek (&self->ring, &self->cursor, &head)
      || head.index != self->expected
      || (sc_item_tag (head.item) & mask) != 0
      || !sc_ring_claim (&self->ring, &head))
    return false;
  out->item = head.item;
  out->index = head.index;
  out->time = head.time;
  out->skipped = 0;
  self->expected = head.index + 1;
  return true;
}

bool
sc_channel_ring_is_empty (ScChannelRing * self)
{
  ScRingItem head, entry;

  return !sc_ring_peek (&self->ring, &self->cursor, &head)
      && !peek_carried_before (self, head.index, &entry);
}
