/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model-ring.h"

uint64_t mc_payloads[MC_ITEMS];
_Alignas (SC_CACHE_LINE) char mc_segments[4][512];

void
mc_ring_at (ScRing * ring, void *memory, uint64_t base)
{
  ScRingSlot *slots;

  mc_assert (sc_ring_segment_size (MC_SLOTS) <= sizeof (mc_segments[0]));
  mc_assert (sc_ring_init (ring, memory, MC_SLOTS) == 0);
  atomic_init (&ring->head, base);
  atomic_init (&ring->tail, base);
  ring->known_head = base;
  slots = ring->first->slots;
  for (uint64_t i = base; i < base + MC_SLOTS; i++)
    atomic_init (&slots[i % MC_SLOTS].seq, (uint32_t) i);
  for (unsigned n = 0; n < MC_ITEMS; n++)
    mc_payloads[n] = 0;
}

int64_t
mc_time_after (unsigned n)
{
  int64_t time = 1;

  while (n-- > 0)
    time *= 3;
  return time;
}

int
mc_push (ScRing * ring, unsigned n, uintptr_t tag)
{
  const ScRingLevel weight = { 1, (uint64_t) 1 << n, mc_time_after (n) };
  uintptr_t item = (uintptr_t) (n + 1) * 8 | tag;

  mc_plain_store (&mc_payloads[n], n + 1);
  return sc_ring_push (ring, (void *) item, &weight);
}

unsigned
mc_take (void *item)
{
  unsigned n = (unsigned) ((uintptr_t) item / 8 - 1);

  mc_assert (n < MC_ITEMS);
  mc_assert (mc_plain_load (&mc_payloads[n]) == n + 1);
  mc_plain_store (&mc_payloads[n], 0);
  return n;
}

void
mc_own_slot (const ScRingCursor * cursor, const ScRingItem * item)
{
  ScRingSlot *slot
      = &cursor->segment->slots[item->index & cursor->segment->mask];

  mc_own (&slot->item);
  mc_own (&slot->time);
}

static int64_t
total_time (unsigned n)
{
  return n > 0 ? mc_time_after (n - 1) : 0;
}

static bool
fits (const ScRingLevel * level, unsigned h, unsigned pushed, unsigned most)
{
  bool buffers = false, bytes = false, time = false;

  if (level->buffers == 0 && level->bytes == 0 && level->time == 0)
    return true;
  /* With the item at the head, which was seen. */
  for (unsigned t = h + 1; t <= pushed && t <= h + most; t++) {
    buffers = buffers || level->buffers == t - h;
    bytes = bytes
        || level->bytes == ((uint64_t) 1 << t) - ((uint64_t) 1 << h);
    time = time || level->time == total_time (t) - total_time (h);
  }
  return buffers && bytes && time;
}

void
mc_assert_level (const ScRingLevel * level, unsigned pushed, unsigned most)
{
  for (unsigned h = 0; h <= pushed; h++)
    if (fits (level, h, pushed, most))
      return;
  mc_fail ("a level of %u buffers, %u bytes, %d ns that never was",
      level->buffers, (unsigned) level->bytes, (int) level->time);
}
