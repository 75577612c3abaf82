/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-arena.h"

#include "sc-free-list.h"

#include <errno.h>
#include <time.h>

#define NS_PER_S 1000000000ull

/* What no sample, text or zero looks like; repeated over the guard. */
#define GUARD 0xFD5AFEC0DE5AFE1Dull

typedef struct
{
  /* Written by init only. */
  ScFreeList free;
  unsigned char *data;
  ScSlotHeader *headers;
  uint32_t slot_size;
  uint32_t stride;
  uint32_t slots;
  /* Written where a request does not get its own tier: rarely. */
  _Atomic uint64_t failures;
  _Atomic uint64_t borrows;
} Tier;

struct ScArena
{
  /* Written by init only. */
  ScSlotHeader *headers;
  uint32_t slots;
  uint32_t tier_count;
  uint32_t guard_words;
  atomic_bool closed;

  /* Read at every release: on a line that only waiters write. */
  _Alignas (64) ScEventcount freed;
  _Atomic uint64_t waits;
  _Atomic uint64_t timeouts;

  _Atomic uint64_t too_large;
  _Atomic uint64_t foreign;
  _Atomic uint64_t doubled;
  _Atomic uint64_t corrupted;
  _Atomic uint64_t overruns;

  Tier tiers[];
};

typedef struct
{
  uint64_t words, headers, data, end;
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
  EMBEDDED_CONTROL = (int) (sizeof (ScArena) + 3 * sizeof (Tier) + 63) & ~63,
  EMBEDDED_REST = EMBEDDED_CONTROL + 3 * (int) sizeof (ScFreeWord)
      + EMBEDDED_SLOTS * 16,
};

_Static_assert (EMBEDDED_PRIMARY == 16384, "primary");
_Static_assert (EMBEDDED_CONVERSION == 8192, "conversion");
_Static_assert (EMBEDDED_SCRATCH == 4096, "scratch");
_Static_assert (EMBEDDED_HEADERS <= 2048, "metadata");
_Static_assert (EMBEDDED_REST <= 1536, "control, free lists and guard words");
_Static_assert (EMBEDDED_DATA + 2048 + 1536 <= SC_ARENA_EMBEDDED_SIZE,
    "the embedded budget");

static uint64_t
round_up (uint64_t value, uint64_t alignment)
{
  return (value + alignment - 1) & ~(alignment - 1);
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
  l.words = round_up (sizeof (ScArena) + tiers->count * sizeof (Tier),
      SC_ARENA_ALIGNMENT);
  l.headers = l.words + words * sizeof (ScFreeWord);
  l.data = l.headers + slots * sizeof (ScSlotHeader);
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

static uint64_t *
guard_of (const Tier * tier, uint32_t slot)
{
  return (uint64_t *) (void *) (tier->data + (size_t) slot * tier->stride
      + tier->slot_size);
}

static void
write_guard (const ScArena * self, const Tier * tier, uint32_t slot)
{
  uint64_t *guard = guard_of (tier, slot);

  for (uint32_t i = 0; i < self->guard_words; i++)
    guard[i] = GUARD;
}

static bool
guard_is_whole (const ScArena * self, const Tier * tier, uint32_t slot)
{
  const uint64_t *guard = guard_of (tier, slot);
  uint64_t difference = 0;

  for (uint32_t i = 0; i < self->guard_words; i++)
    difference |= guard[i] ^ GUARD;
  return difference == 0;
}

static void
init_slots (ScArena * self, Tier * tier)
{
  for (uint32_t i = 0; i < tier->slots; i++) {
    ScSlotHeader *header = &tier->headers[i];

    *header = (ScSlotHeader) {
      .magic = SC_SLOT_MAGIC,
      .buffer_id = (uint32_t) (header - self->headers),
      .capacity = tier->slot_size,
    };
    sc_slot_header_seal (header);
    write_guard (self, tier, i);
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
    .tier_count = tiers->count,
    .guard_words = tiers->alignment / sizeof (uint64_t),
  };
  ret = sc_eventcount_init (&self->freed);
  if (ret < 0)
    return ret;

  words = (ScFreeWord *) (void *) (base + l.words);
  data = base + l.data;
  for (uint32_t i = 0; i < tiers->count; i++) {
    Tier *tier = &self->tiers[i];
    uint32_t slot_size = sc_tiers_slot_size (tiers, i);

    *tier = (Tier) {
      .data = data,
      .headers = self->headers + self->slots,
      .slot_size = slot_size,
      .stride = slot_size + tiers->alignment,
      .slots = tiers->tiers[i].slots,
    };
    sc_free_list_init (&tier->free, words, tier->slots);
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
  sc_eventcount_clear (&self->freed);
}

static void
count (_Atomic uint64_t * counter)
{
  /* Relaxed: a figure for people, nothing is published through it. */
  atomic_fetch_add_explicit (counter, 1, memory_order_relaxed);
}

static void
hand_out (Tier * tier, uint32_t slot, size_t size, ScClass slot_class,
    ScSlot * out)
{
  ScSlotHeader *header = &tier->headers[slot];
  /* Relaxed, and no read-modify-write: only the slot's holder writes it. */
  uint64_t uses = atomic_load_explicit (&header->uses, memory_order_relaxed)
      + 1;

  atomic_store_explicit (&header->uses, uses, memory_order_relaxed);
  header->buffer_class = slot_class;
  header->flags = 0;
  header->sequence = 0;
  header->timestamp_ns = SC_TIME_NONE;
  header->duration_ns = SC_TIME_NONE;
  header->capture_ns = SC_TIME_NONE;
  header->sample_rate = 0;
  header->channels = 0;
  header->sample_bits = 0;
  header->samples = 0;
  header->data_size = (uint32_t) size;
  header->processing_count = 0;
  header->processing_start_ns = SC_TIME_NONE;
  sc_slot_header_seal (header);

  out->header = header;
  out->data = tier->data + (size_t) slot * tier->stride;
  out->ticket = uses;
}

/* The smallest tier that fits, or NULL. */
static Tier *
tier_for (ScArena * self, size_t size)
{
  for (uint32_t i = 0; i < self->tier_count; i++)
    if (size <= self->tiers[i].slot_size)
      return &self->tiers[i];
  return NULL;
}

static int
take (ScArena * self, Tier * tier, size_t size, ScClass slot_class,
    ScSlot * out)
{
  Tier *lender = tier + 1;
  uint32_t slot;
  int ret = sc_free_list_take (&tier->free, &slot);

  if (ret == 0) {
    hand_out (tier, slot, size, slot_class, out);
  } else if (ret == -EAGAIN && lender < self->tiers + self->tier_count) {
    ret = sc_free_list_take (&lender->free, &slot);
    if (ret == 0) {
      count (&tier->borrows);
      hand_out (lender, slot, size, slot_class, out);
    }
  }
  return ret;
}

int
sc_arena_acquire (ScArena * self, size_t size, ScClass slot_class,
    ScSlot * out)
{
  Tier *tier = tier_for (self, size);
  int ret;

  if (tier == NULL) {
    count (&self->too_large);
    return -EMSGSIZE;
  }
  ret = take (self, tier, size, slot_class, out);
  if (ret == -EAGAIN)
    count (&tier->failures);
  return ret;
}

static uint64_t
now_ns (void)
{
  struct timespec t;

  /* CLOCK_MONOTONIC cannot fail with a valid address. */
  (void) clock_gettime (CLOCK_MONOTONIC, &t);
  return (uint64_t) t.tv_sec * NS_PER_S + (uint64_t) t.tv_nsec;
}

static bool
is_flushing (const atomic_bool * flag)
{
  /* Acquire: pairs with the release in set_flushing, for what the flusher did
   * before.  That the store itself is not missed is the eventcount's part. */
  return flag != NULL && atomic_load_explicit (flag, memory_order_acquire);
}

/* Sleeps until a slot is free: the eventcount's prepare, check, wait. */
static int
wait_and_take (ScArena * self, Tier * tier, size_t size, ScClass slot_class,
    uint64_t timeout_ns, const atomic_bool * flushing, ScSlot * out)
{
  uint64_t start = now_ns (), elapsed = 0;

  for (;;) {
    uint32_t key = sc_eventcount_prepare (&self->freed);
    int ret = -ECANCELED;

    if (!is_flushing (flushing))
      ret = take (self, tier, size, slot_class, out);
    if (ret == -EAGAIN && elapsed >= timeout_ns)
      ret = -ETIMEDOUT;
    if (ret != -EAGAIN) {
      sc_eventcount_cancel (&self->freed);
      return ret;
    }
    /* Its result is not needed: the loop looks at the slots once more before it
     * looks at the clock. */
    (void) sc_eventcount_wait (&self->freed, key,
        timeout_ns == SC_WAIT_FOREVER ? timeout_ns : timeout_ns - elapsed);
    if (timeout_ns != SC_WAIT_FOREVER)
      elapsed = now_ns () - start;
  }
}

int
sc_arena_acquire_wait (ScArena * self, size_t size, ScClass slot_class,
    uint64_t timeout_ns, const atomic_bool * flushing, ScSlot * out)
{
  Tier *tier = tier_for (self, size);
  int ret;

  if (tier == NULL) {
    count (&self->too_large);
    return -EMSGSIZE;
  }
  if (is_flushing (flushing))
    return -ECANCELED;
  ret = take (self, tier, size, slot_class, out);
  if (ret != -EAGAIN)
    return ret;

  count (&self->waits);
  ret = wait_and_take (self, tier, size, slot_class, timeout_ns, flushing, out);
  if (ret == -ETIMEDOUT) {
    count (&self->timeouts);
    count (&tier->failures);
  }
  return ret;
}

void
sc_arena_set_flushing (ScArena * self, atomic_bool * flag, bool flushing)
{
  /* Release: pairs with is_flushing.  The notification's fence orders it
   * against the waiters' count, as for any change of the condition. */
  atomic_store_explicit (flag, flushing, memory_order_release);
  if (flushing)
    sc_eventcount_notify (&self->freed);
}

/* The tier that a header is of, or NULL if it is no header of this arena. */
static Tier *
tier_of (ScArena * self, const ScSlotHeader * header)
{
  uintptr_t offset = (uintptr_t) header - (uintptr_t) self->headers;
  uint32_t i = 0;

  if (offset >= (uintptr_t) self->slots * sizeof (ScSlotHeader)
      || offset % sizeof (ScSlotHeader) != 0)
    return NULL;
  while (header >= self->tiers[i].headers + self->tiers[i].slots)
    i++;
  return &self->tiers[i];
}

/* As sc_eventcount_notify(), without its fence where nobody waits: the slot
 * was given by a sequentially consistent operation, and so is this load.  With the
 * fence in prepare between the waiter's count and its look at the bits, either
 * we see the count or the waiter sees the slot (C11 7.17.3, paragraphs 9 to 11);
 * with a relaxed load here both could miss and the waiter sleep on. */
static void
wake_waiters (ScArena * self)
{
  if (atomic_load_explicit (&self->freed.waiters, memory_order_seq_cst) != 0)
    sc_eventcount_notify (&self->freed);
}

static bool
is_out (const Tier * tier, uint32_t index, const ScSlot * slot)
{
  /* Relaxed: the caller either holds the slot, and its uses are what it was
   * given, or has made a mistake, for which no order is promised. */
  return sc_free_list_is_out (&tier->free, index)
      && atomic_load_explicit (&slot->header->uses, memory_order_relaxed)
      == slot->ticket;
}

static bool
header_is_right (const ScArena * self, const Tier * tier,
    const ScSlotHeader * header)
{
  return sc_slot_header_is_intact (header)
      && header->buffer_id == (uint32_t) (header - self->headers)
      && header->capacity == tier->slot_size;
}

int
sc_arena_release (ScArena * self, const ScSlot * slot)
{
  Tier *tier = tier_of (self, slot->header);
  uint32_t index;
  bool overrun;
  int ret;

  if (tier == NULL) {
    count (&self->foreign);
    return -ENXIO;
  }
  index = (uint32_t) (slot->header - tier->headers);
  if (!is_out (tier, index, slot)) {
    count (&self->doubled);
    return -EALREADY;
  }
  if (!header_is_right (self, tier, slot->header)) {
    count (&self->corrupted);
    return -EBADMSG;
  }
  overrun = !guard_is_whole (self, tier, index);
  if (overrun) {
    count (&self->overruns);
    write_guard (self, tier, index);
  }

  ret = sc_free_list_give (&tier->free, index);
  if (ret == -EALREADY) {
    count (&self->doubled);
    return ret;
  }
  wake_waiters (self);
  return ret == 0 && overrun ? -EOVERFLOW : ret;
}

uint32_t
sc_arena_close (ScArena * self)
{
  /* Relaxed: only decides which of two closers does it. */
  bool again = atomic_exchange_explicit (&self->closed, true,
      memory_order_relaxed);
  uint32_t outstanding = 0;

  for (uint32_t i = 0; i < self->tier_count; i++) {
    ScFreeList *list = &self->tiers[i].free;

    outstanding += again ? sc_free_list_in_use (list)
        : sc_free_list_close (list);
  }
  sc_eventcount_notify (&self->freed);
  return outstanding;
}

uint32_t
sc_arena_slots (const ScArena * self)
{
  return self->slots;
}

ScSlot
sc_arena_slot (const ScArena * self, uint32_t id)
{
  const Tier *tier = self->tiers;
  uint32_t slot = id;

  for (; slot >= tier->slots; tier++)
    slot -= tier->slots;
  return (ScSlot) {
    .header = &self->headers[id],
    .data = tier->data + (size_t) slot * tier->stride,
  };
}

static uint64_t
read_count (const _Atomic uint64_t * counter)
{
  return atomic_load_explicit (counter, memory_order_relaxed);
}

static void
read_tier (const Tier * tier, ScTierStats * out)
{
  *out = (ScTierStats) {
    .slot_size = tier->slot_size,
    .slots = tier->slots,
    .in_use = sc_free_list_in_use (&tier->free),
    .peak = sc_free_list_peak (&tier->free),
    .failures = read_count (&tier->failures),
    .borrows = read_count (&tier->borrows),
  };
  /* A slot's uses are counted by its holder alone, which spares acquire a
   * counter that all threads would write. */
  for (uint32_t i = 0; i < tier->slots; i++)
    out->acquired += read_count (&tier->headers[i].uses);
  out->released = out->acquired > out->in_use
      ? out->acquired - out->in_use : 0;
}

void
sc_arena_read_stats (const ScArena * self, ScArenaStats * out)
{
  *out = (ScArenaStats) {
    .count = self->tier_count,
    .too_large = read_count (&self->too_large),
    .waits = read_count (&self->waits),
    .timeouts = read_count (&self->timeouts),
    .foreign = read_count (&self->foreign),
    .doubled = read_count (&self->doubled),
    .corrupted = read_count (&self->corrupted),
    .overruns = read_count (&self->overruns),
  };
  for (uint32_t i = 0; i < self->tier_count; i++)
    read_tier (&self->tiers[i], &out->tiers[i]);
}
