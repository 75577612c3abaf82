/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-arena-account.h"
#include "sc-clock.h"

#include <errno.h>

/* Two words at a time, where the processor can. */
typedef uint64_t Word __attribute__((may_alias));
typedef uint64_t Pair __attribute__((vector_size (16), may_alias));

/* Two fields of 32 bits as they lie in a word. */
static SC_INLINE uint64_t
two (uint32_t first, uint32_t second)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  return first | (uint64_t) second << 32;
#else
  return (uint64_t) first << 32 | second;
#endif
}

/* What differs in a guard.  Without a loop where it is a cache line, as it is but
 * in the embedded profile. */
static SC_INLINE Pair
guard_difference (const ScArena * self, const ScArenaTier * tier,
    uint32_t slot)
{
  const Pair *g = (const Pair *) (const void *) sc_guard_of (tier, slot);
  const Pair right = { SC_GUARD, SC_GUARD };
  Pair difference = g[0] ^ right;

  if (SC_LIKELY (self->guard_words > 2))
    difference |= (g[1] ^ right) | (g[2] ^ right) | (g[3] ^ right);
  return difference;
}

/* The tier that a header is of, or NULL if it is no header of this arena. */
static SC_INLINE ScArenaTier *
tier_of (ScArena * self, const ScSlotHeader * header)
{
  uintptr_t offset = (uintptr_t) header - (uintptr_t) self->headers;
  ScArenaTier *tier = self->tiers;

  if (offset >= (uintptr_t) self->slots * sizeof (ScSlotHeader)
      || offset % sizeof (ScSlotHeader) != 0)
    return NULL;
  while (header >= tier->end)
    tier++;
  return tier;
}

/* What differs of all that is sealed from what hand-out has written: stronger than
 * a CRC, and faster.  Collected without a branch, fields that lie together at
 * once. */
static SC_INLINE Pair
header_difference (const ScArena * self, const ScArenaTier * tier,
    const ScSlotHeader * header, uint64_t issued)
{
  const ScSlotHeader *h = header;
  const Pair *p = (const Pair *) (const void *) header;
  const Word *w = (const Word *) (const void *) header;
  const Pair sequence_and_time = { 0, SC_TIME_NONE };
  const Pair times = { SC_TIME_NONE, SC_TIME_NONE };
  const uint64_t other
      = (w[0] ^ two (SC_SLOT_MAGIC, (uint32_t) (h - self->headers)))
      | (w[1] ^ two ((uint32_t) sc_issued_class (issued), 0))
      | w[6] | (w[7] ^ two (0, (uint32_t) issued))
      | (w[8] ^ two (tier->slot_size, 0)) | ~w[9] | (h->crc ^ h->issued_crc);
  const Pair others = { other, 0 };

  return (p[1] ^ sequence_and_time) | (p[2] ^ times) | others;
}

static SC_INLINE bool
is_none (Pair difference)
{
  return (difference[0] | difference[1]) == 0;
}

static bool
header_is_right (const ScArena * self, const ScArenaTier * tier,
    const ScSlotHeader * header)
{
  return sc_slot_header_is_intact (header)
      && header->buffer_id == (uint32_t) (header - self->headers)
      && header->capacity == tier->slot_size;
}

static void
note_hold (ScHold * hold, uint64_t ns)
{
  sc_count (&hold->samples, 1);
  sc_count (&hold->ns, ns);
}

static void
measure_hold (ScArena * self, uint32_t tier, const ScSlotHeader * header,
    ScClass slot_class, uint64_t now)
{
  uint64_t held = now - sc_read_count (&header->since_ns);

  note_hold (&self->tier_accounts[tier].hold, held);
  note_hold (&self->class_accounts[slot_class].hold, held);
}

/* A release on its way. */
typedef struct
{
  ScArenaTier *tier;
  ScSlotHeader *header;
  uint64_t issued;              /* as it was when the slot was out */
  uint64_t start;               /* of a sampled acquire's; else 0 */
} Release;

static void
measure_release (ScArena * self, const Release * r)
{
  if (r->start != 0 && self->meter != NULL)
    sc_arena_meter_released (self->meter, r->tier->number,
        sc_issued_class (r->issued), sc_clock_now () - r->start,
        (uint32_t) (r->issued >> SC_ISSUED_WEIGHT_SHIFT));
}

static void
discharge (ScArena * self, const Release * r)
{
  /* Sequentially consistent: as a give, it may be what a waiter waits for. */
  if (r->issued & SC_ISSUED_CHARGED)
    atomic_fetch_sub_explicit (&self->class_accounts[sc_issued_class
            (r->issued)].charged, 1, memory_order_seq_cst);
}

/* Into this thread's magazine: false if it may have none now.  There is no waiter
 * to look for, as waiters keep the magazines revoked. */
static bool
give_fast (ScArena * self, const Release * r)
{
  ScMagazines *magazines = self->magazines;
  ScRecord *record;

  if (magazines == NULL || r->tier->batch == 0)
    return false;
  record = sc_magazines_record (magazines);
  if (record == NULL || !sc_record_enter (record, magazines))
    return false;
  sc_magazine_give (&record->magazines[r->tier->number], r->tier,
      (uint32_t) (r->header - r->tier->headers));
  sc_account_released_by (self, record, r->tier, sc_issued_class (r->issued));
  discharge (self, r);
  measure_release (self, r);
  sc_record_leave (record);
  return true;
}

/* From the give on the slot is another's. */
static int
give_shared (ScArena * self, const Release * r)
{
  int ret = sc_free_list_give (&r->tier->free,
      (uint32_t) (r->header - r->tier->headers));

  discharge (self, r);
  sc_arena_wake_waiters (self);
  if (self->magazines != NULL)
    sc_magazines_count_calm (self->magazines);
  measure_release (self, r);
  /* Release, and last: pairs with the acquire with which settle looks whether
   * anybody is still in here. */
  atomic_fetch_add_explicit (&self->tier_accounts[r->tier->number]
      .cells[sc_issued_class (r->issued)].released, 1, memory_order_release);
  return ret;
}

/* -EBADMSG, or the header is noted for the next hand-out. */
static int
check_header (ScArena * self, const ScArenaTier * tier, ScSlotHeader * header,
    uint64_t issued)
{
  bool clean = is_none (header_difference (self, tier, header, issued));

  if (!clean && !header_is_right (self, tier, header)) {
    sc_count (&self->corrupted, 1);
    return -EBADMSG;
  }
  atomic_store_explicit (&header->issued, (issued & SC_ISSUED_KEY)
      | (clean ? SC_ISSUED_CLEAN : 0), memory_order_relaxed);
  return 0;
}

static bool
check_guard (ScArena * self, const ScArenaTier * tier, uint32_t slot)
{
  if (is_none (guard_difference (self, tier, slot)))
    return true;
  sc_count (&self->overruns, 1);
  sc_arena_write_guard (self, tier, slot);
  return false;
}

/* The caller has the only right to give the slot back. */
static SC_NOT_INLINE int
release_claimed (ScArena * self, ScArenaTier * tier, ScSlotHeader * header,
    uint64_t ticket)
{
  Release r = {
    .tier = tier,
    .header = header,
    .issued = sc_read_count (&header->issued),
  };
  bool whole;
  int ret;

  if (r.issued >> SC_ISSUED_WEIGHT_SHIFT != 0)
    r.start = sc_clock_now ();
  if (check_header (self, tier, header, r.issued) < 0) {
    atomic_store_explicit (&header->held, ticket, memory_order_relaxed);
    return -EBADMSG;
  }
  whole = check_guard (self, tier, (uint32_t) (header - tier->headers));
  if (r.start != 0)
    measure_hold (self, tier->number, header, sc_issued_class (r.issued),
        r.start);
  ret = give_fast (self, &r) ? 0 : give_shared (self, &r);
  return ret == 0 && !whole ? -EOVERFLOW : ret;
}

/* Claims the right to give the slot back, of which there is one an acquire: two
 * threads may try at once. */
static bool
claim_release (const ScSlot * slot)
{
  uint64_t held = slot->ticket;

  /* Relaxed: the slot itself is published by the free list. */
  return held != 0
      && atomic_compare_exchange_strong_explicit (&slot->header->held, &held,
      0, memory_order_relaxed, memory_order_relaxed);
}

/* What most releases are: of a slot with nothing wrong or to be measured, into a
 * magazine with room.  All that is known before anything is done: false, go the
 * whole way, with every check again.  No call, as in acquire_fast(). */
static SC_INLINE bool
release_fast (ScArena * self, ScArenaTier * tier, ScSlotHeader * header)
{
  uint64_t issued = sc_read_count (&header->issued);
  uint32_t slot = (uint32_t) (header - tier->headers);
  ScTally *of_tier, *of_class;
  ScMagazineSet *set;
  ScRecord *record;

  if (tier->batch == 0
      || (issued & ~(SC_ISSUED_KEY | SC_ISSUED_CLEAN)) != 0
      || !is_none (header_difference (self, tier, header, issued)
          | guard_difference (self, tier, slot)))
    return false;
  record = sc_magazines_cached_record (self->magazines);
  if (record == NULL || !sc_record_enter (record, self->magazines))
    return false;

  of_tier = &record->tiers[tier->number];
  of_class = &record->classes[sc_issued_class (issued)];
  set = sc_magazine_room (&record->magazines[tier->number], slot, tier->batch);
  if (!SC_LIKELY (set != NULL && !sc_tally_falls (of_tier, tier->batch)
          && !sc_tally_falls (of_class, SC_MAGAZINE_MOST))) {
    sc_record_leave (record);
    return false;
  }
  if ((issued & SC_ISSUED_CLEAN) == 0)
    atomic_store_explicit (&header->issued, issued | SC_ISSUED_CLEAN,
        memory_order_relaxed);
  sc_magazine_put (set, slot);
  sc_tally_count (&of_tier->released);
  sc_tally_count (&of_class->released);
  sc_record_leave (record);
  return true;
}

int
sc_arena_release (ScArena * self, const ScSlot * slot)
{
  ScArenaTier *tier = tier_of (self, slot->header);

  if (tier == NULL) {
    sc_count (&self->foreign, 1);
    return -ENXIO;
  }
  if (!claim_release (slot)) {
    sc_count (&self->doubled, 1);
    return -EALREADY;
  }
  if (SC_LIKELY (release_fast (self, tier, slot->header)))
    return 0;
  return release_claimed (self, tier, slot->header, slot->ticket);
}

int
sc_arena_release_owned (ScArena * self, ScSlotHeader * header)
{
  ScArenaTier *tier = tier_of (self, header);
  uint64_t ticket;

  if (tier == NULL) {
    sc_count (&self->foreign, 1);
    return -ENXIO;
  }
  ticket = sc_read_count (&header->held);
  if (ticket == 0) {
    sc_count (&self->doubled, 1);
    return -EALREADY;
  }
  atomic_store_explicit (&header->held, 0, memory_order_relaxed);
  if (SC_LIKELY (release_fast (self, tier, header)))
    return 0;
  return release_claimed (self, tier, header, ticket);
}

int
sc_arena_check_home (const ScArena * self, uint32_t id)
{
  const ScSlotHeader *header = &self->headers[id];
  const ScArenaTier *tier = self->tiers;

  while (header >= tier->end)
    tier++;
  if (sc_read_count (&header->held) != 0)
    return -EBUSY;
  if (!header_is_right (self, tier, header))
    return -EBADMSG;
  return is_none (guard_difference (self, tier,
          (uint32_t) (header - tier->headers))) ? 0 : -EOVERFLOW;
}
