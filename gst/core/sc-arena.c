/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-magazine.h"

#include "sc-clock.h"
#include "sc-give-way.h"

#include <errno.h>

typedef struct
{
  uint64_t words, headers, accounts, magazines, data, end;
} Layout;

/* The embedded profile's budget, bytes: data, headers, and the rest. */
enum
{
  EMBEDDED_PRIMARY = 4 * 4096,
  EMBEDDED_CONVERSION = 2 * 4096,
  EMBEDDED_SCRATCH = 2 * 2048,
  EMBEDDED_DATA = EMBEDDED_PRIMARY + EMBEDDED_CONVERSION + EMBEDDED_SCRATCH,
  EMBEDDED_SLOTS = 4 + 2 + 2,
  EMBEDDED_HEADERS = EMBEDDED_SLOTS * (int) sizeof (ScSlotHeader),
  EMBEDDED_ACCOUNTS = (int) (SC_CLASSES * sizeof (ScClassAccount)
      + 3 * sizeof (ScTierAccount) + 63) & ~63,
  EMBEDDED_CONTROL = (int) (sizeof (ScArena) + 3 * sizeof (ScArenaTier) + 63)
      & ~63,
  EMBEDDED_REST = EMBEDDED_CONTROL + 3 * (int) sizeof (ScFreeWord)
      + EMBEDDED_SLOTS * 16,
};

_Static_assert (EMBEDDED_PRIMARY == 16384, "primary");
_Static_assert (EMBEDDED_CONVERSION == 8192, "conversion");
_Static_assert (EMBEDDED_SCRATCH == 4096, "scratch");
_Static_assert (EMBEDDED_HEADERS + EMBEDDED_ACCOUNTS <= 2048, "metadata");
_Static_assert (EMBEDDED_REST <= 1536, "control, free lists and guard words");
_Static_assert (EMBEDDED_DATA + 2048 + 1536 <= SC_ARENA_EMBEDDED_SIZE,
    "the embedded budget");

static uint64_t
round_up (uint64_t value, uint64_t alignment)
{
  return (value + alignment - 1) & ~(alignment - 1);
}

static bool
has_magazines (const ScTiers * tiers)
{
  for (uint32_t i = 0; i < tiers->count; i++)
    if (sc_magazine_batch (tiers->tiers[i].slots) > 0)
      return true;
  return false;
}

static Layout
lay_out (const ScTiers * tiers)
{
  uint64_t words = 0, slots = 0, data = 0;
  Layout l;

  for (uint32_t i = 0; i < tiers->count; i++) {
    uint64_t stride = sc_tiers_slot_size (tiers, i) + tiers->alignment;

    words += sc_free_list_words (tiers->tiers[i].slots);
    slots += tiers->tiers[i].slots;
    data += stride * tiers->tiers[i].slots;
  }
  l.words = round_up (sizeof (ScArena) + tiers->count * sizeof (ScArenaTier),
      SC_ARENA_ALIGNMENT);
  l.headers = l.words + words * sizeof (ScFreeWord);
  l.accounts = l.headers + slots * sizeof (ScSlotHeader);
  l.magazines = round_up (l.accounts + SC_CLASSES * sizeof (ScClassAccount)
      + tiers->count * sizeof (ScTierAccount), SC_ARENA_ALIGNMENT);
  l.data = l.magazines + (has_magazines (tiers) ? sizeof (ScMagazines) : 0);
  l.end = l.data + data;
  return l;
}

size_t
sc_arena_size (const ScTiers * tiers)
{
  uint64_t size;

  if (sc_tiers_validate (tiers) != SC_TIERS_OK)
    return 0;
  size = lay_out (tiers).end;
  return size <= SIZE_MAX / 2 ? (size_t) size : 0;
}

void
sc_arena_write_guard (const ScArena * self, const ScArenaTier * tier,
    uint32_t slot)
{
  uint64_t *guard = sc_guard_of (tier, slot);

  for (uint32_t i = 0; i < self->guard_words; i++)
    guard[i] = SC_GUARD;
}

static void
init_slots (ScArena * self, ScArenaTier * tier)
{
  for (uint32_t i = 0; i < tier->slots; i++) {
    ScSlotHeader *header = &tier->headers[i];

    *header = (ScSlotHeader) {
      .magic = SC_SLOT_MAGIC,
      .buffer_id = (uint32_t) (header - self->headers),
      .capacity = tier->slot_size,
      /* No key: handed out for no class yet. */
      .issued = SC_ISSUED_KEY,
    };
    sc_slot_header_seal (header);
    sc_arena_write_guard (self, tier, i);
  }
}

int
sc_arena_init (void *memory, size_t size, const ScTiers * tiers,
    ScArena ** out)
{
  unsigned char *base = memory;
  ScArena *self = memory;
  Layout l;
  ScFreeWord *words;
  unsigned char *data;
  int ret;

  if (sc_arena_size (tiers) == 0
      || (uintptr_t) memory % SC_ARENA_ALIGNMENT != 0)
    return -EINVAL;
  if (size < sc_arena_size (tiers))
    return -ENOSPC;

  l = lay_out (tiers);
  *self = (ScArena) {
    .headers = (ScSlotHeader *) (void *) (base + l.headers),
    .class_accounts = (ScClassAccount *) (void *) (base + l.accounts),
    .tier_count = tiers->count,
    .guard_words = tiers->alignment / sizeof (uint64_t),
  };
  ret = sc_eventcount_init (&self->freed);
  if (ret < 0)
    return ret;

  self->now_ns = sc_clock_now ();
  self->tier_accounts = (ScTierAccount *) (void *) (self->class_accounts
      + SC_CLASSES);
  for (uint32_t c = 0; c < SC_CLASSES; c++)
    self->class_accounts[c] = (ScClassAccount) { 0 };

  if (has_magazines (tiers)) {
    ScMagazines *magazines = (ScMagazines *) (void *) (base + l.magazines);

    if (sc_magazines_init (magazines, self))
      self->magazines = magazines;
  }

  words = (ScFreeWord *) (void *) (base + l.words);
  data = base + l.data;
  for (uint32_t i = 0; i < tiers->count; i++) {
    ScArenaTier *tier = &self->tiers[i];
    uint32_t slot_size = sc_tiers_slot_size (tiers, i);

    *tier = (ScArenaTier) {
      .data = data,
      .headers = self->headers + self->slots,
      .end = self->headers + self->slots + tiers->tiers[i].slots,
      .slot_size = slot_size,
      .stride = slot_size + tiers->alignment,
      .slots = tiers->tiers[i].slots,
      .number = i,
    };
    if (self->magazines != NULL)
      tier->batch = sc_magazine_batch (tier->slots);
    sc_free_list_init (&tier->free, words, tier->slots);
    self->tier_accounts[i] = (ScTierAccount) { 0 };
    init_slots (self, tier);
    self->slots += tier->slots;
    words += tier->free.word_count;
    data += (size_t) tier->stride * tier->slots;
  }
  *out = self;
  return 0;
}

void
sc_arena_clear (ScArena * self)
{
  if (self->magazines != NULL)
    sc_magazines_clear (self->magazines);
  sc_eventcount_clear (&self->freed);
}

uint32_t
sc_arena_close (ScArena * self)
{
  /* Relaxed: only decides which of two closers does it. */
  bool again = atomic_exchange_explicit (&self->closed, true,
      memory_order_relaxed);
  uint32_t outstanding = 0;

  /* For good: from here on every slot passes its shared word. */
  if (!again && self->magazines != NULL)
    sc_magazines_revoke (self->magazines);
  for (uint32_t i = 0; i < self->tier_count; i++) {
    ScFreeList *list = &self->tiers[i].free;

    outstanding += again ? sc_free_list_in_use (list)
        : sc_free_list_close (list);
  }
  sc_eventcount_notify (&self->freed);
  return outstanding;
}

/* A release counts last of all; a slot that is back and not counted is a release
 * that is still here. */
static bool
is_settled (const ScArena * self)
{
  for (uint32_t i = 0; i < self->tier_count; i++)
    if (sc_arena_tier_in_use (self, i)
        != sc_free_list_in_use (&self->tiers[i].free))
      return false;
  return true;
}

void
sc_arena_settle (ScArena * self)
{
  for (int turn = 0; !is_settled (self); turn++)
    sc_give_way (turn);
}

uint32_t
sc_arena_slots (const ScArena * self)
{
  return self->slots;
}

ScSlot
sc_arena_slot (const ScArena * self, uint32_t id)
{
  const ScArenaTier *tier = self->tiers;
  uint32_t slot = id;

  for (; slot >= tier->slots; tier++)
    slot -= tier->slots;
  return (ScSlot) {
    .header = &self->headers[id],
    .data = tier->data + (size_t) slot * tier->stride,
  };
}
