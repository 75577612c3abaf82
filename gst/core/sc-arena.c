/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-arena-private.h"

#include "sc-arena-sample.h"
#include "sc-clock.h"

#include <errno.h>

/* What no sample, text or zero looks like; repeated over the guard. */
#define GUARD 0xFD5AFEC0DE5AFE1Dull

typedef struct
{
  uint64_t words, headers, accounts, data, end;
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
  l.data = round_up (l.accounts + SC_CLASSES * sizeof (ScClassAccount)
      + tiers->count * sizeof (ScTierAccount), SC_ARENA_ALIGNMENT);
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
guard_of (const ScArenaTier * tier, uint32_t slot)
{
  return (uint64_t *) (void *) (tier->data + (size_t) slot * tier->stride
      + tier->slot_size);
}

static void
write_guard (const ScArena * self, const ScArenaTier * tier, uint32_t slot)
{
  uint64_t *guard = guard_of (tier, slot);

  for (uint32_t i = 0; i < self->guard_words; i++)
    guard[i] = GUARD;
}

static bool
guard_is_whole (const ScArena * self, const ScArenaTier * tier, uint32_t slot)
{
  const uint64_t *guard = guard_of (tier, slot);
  uint64_t difference = 0;

  for (uint32_t i = 0; i < self->guard_words; i++)
    difference |= guard[i] ^ GUARD;
  return difference == 0;
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

  words = (ScFreeWord *) (void *) (base + l.words);
  data = base + l.data;
  for (uint32_t i = 0; i < tiers->count; i++) {
    ScArenaTier *tier = &self->tiers[i];
    uint32_t slot_size = sc_tiers_slot_size (tiers, i);

    *tier = (ScArenaTier) {
      .data = data,
      .headers = self->headers + self->slots,
      .slot_size = slot_size,
      .stride = slot_size + tiers->alignment,
      .slots = tiers->tiers[i].slots,
    };
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
  sc_eventcount_clear (&self->freed);
}

typedef struct
{
  ScArenaTier *tier;            /* the smallest that fits */
  size_t size;
  ScClass slot_class;
  uint32_t weight;              /* of the sample that it is; 0: none */
} Request;

/* Raises a peak to what is in use now. */
static void
note_peak (_Atomic uint32_t * peak, uint32_t in_use)
{
  uint32_t seen = atomic_load_explicit (peak, memory_order_relaxed);

  while (in_use > seen
      && !atomic_compare_exchange_weak_explicit (peak, &seen, in_use,
          memory_order_relaxed, memory_order_relaxed))
    continue;
}

static void
account_acquired (ScArena * self, uint32_t tier, ScClass slot_class,
    bool charged)
{
  ScTierAccount *account = &self->tier_accounts[tier];

  sc_count (&account->cells[slot_class].acquired, 1);
  note_peak (&account->peak, sc_arena_tier_in_use (self, tier));
  /* The account lags behind: beside a quota it would seem exceeded. */
  if (!charged)
    note_peak (&self->class_accounts[slot_class].peak,
        sc_arena_class_in_use (self, slot_class));
}

static void
write_header (ScSlotHeader * header, size_t size, ScClass slot_class)
{
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
}

/* Spares the CRC where the slot was last handed out for the same, and the whole
 * header where nobody has changed it since. */
static void
issue (ScSlotHeader * header, const Request * request, bool charged)
{
  uint64_t key = (uint32_t) request->size
      | (uint64_t) request->slot_class << SC_ISSUED_CLASS_SHIFT;
  /* Relaxed here and below, and no read-modify-write: only the slot's holder
   * writes these; who looks on gets a figure. */
  uint64_t last = sc_read_count (&header->issued);

  if ((last & SC_ISSUED_KEY) != key) {
    write_header (header, request->size, request->slot_class);
    sc_slot_header_seal (header);
    header->issued_crc = header->crc;
  } else if ((last & SC_ISSUED_CLEAN) == 0) {
    write_header (header, request->size, request->slot_class);
    header->crc = header->issued_crc;
  }
  atomic_store_explicit (&header->issued, key
      | (charged ? SC_ISSUED_CHARGED : 0)
      | (uint64_t) request->weight << SC_ISSUED_WEIGHT_SHIFT,
      memory_order_relaxed);
}

static uint64_t
hand_out (ScArena * self, ScArenaTier * tier, uint32_t slot,
    const Request * request, bool charged, ScSlot * out)
{
  ScSlotHeader *header = &tier->headers[slot];
  uint64_t uses = sc_read_count (&header->uses) + 1;

  issue (header, request, charged);
  atomic_store_explicit (&header->uses, uses, memory_order_relaxed);
  atomic_store_explicit (&header->since_ns, sc_read_count (&self->now_ns),
      memory_order_relaxed);
  atomic_store_explicit (&header->held, uses, memory_order_relaxed);

  out->header = header;
  out->data = tier->data + (size_t) slot * tier->stride;
  out->ticket = uses;
  return uses;
}

/* The smallest tier that fits, or NULL. */
static ScArenaTier *
tier_for (ScArena * self, size_t size)
{
  for (uint32_t i = 0; i < self->tier_count; i++)
    if (size <= self->tiers[i].slot_size)
      return &self->tiers[i];
  return NULL;
}

static uint32_t
number_of (const ScArena * self, const ScArenaTier * tier)
{
  return (uint32_t) (tier - self->tiers);
}

static int
take (ScArena * self, const Request * request, bool charged, ScSlot * out)
{
  ScArenaTier *tier = request->tier, *lender = tier + 1;
  uint32_t slot;
  int ret = sc_free_list_take (&tier->free, &slot);

  if (ret == -EAGAIN && lender < self->tiers + self->tier_count) {
    ret = sc_free_list_take (&lender->free, &slot);
    if (ret == 0) {
      sc_count (&self->tier_accounts[number_of (self, tier)].borrows, 1);
      sc_count (&self->class_accounts[request->slot_class].borrows, 1);
      tier = lender;
    }
  }
  if (ret == 0) {
    hand_out (self, tier, slot, request, charged, out);
    account_acquired (self, number_of (self, tier), request->slot_class,
        charged);
  }
  return ret;
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

/* Takes one of the class's quota.  An increment that is taken back would refuse
 * others meanwhile. */
static bool
charge (ScClassAccount * account, uint32_t quota)
{
  uint32_t charged = atomic_load_explicit (&account->charged,
      memory_order_relaxed);

  while (charged < quota)
    if (atomic_compare_exchange_weak_explicit (&account->charged, &charged,
            charged + 1, memory_order_relaxed, memory_order_relaxed))
      return true;
  return false;
}

static void
discharge (ScArena * self, ScClass slot_class)
{
  /* Sequentially consistent: as a give, it may be what a waiter waits for. */
  atomic_fetch_sub_explicit (&self->class_accounts[slot_class].charged, 1,
      memory_order_seq_cst);
}

/* -EDQUOT: the quota is used up, and nothing else was tried. */
static int
take_charged (ScArena * self, const Request * request, ScSlot * out)
{
  ScClassAccount *account = &self->class_accounts[request->slot_class];
  uint32_t quota = atomic_load_explicit (&account->quota,
      memory_order_relaxed);
  int ret;

  if (quota == 0)
    return take (self, request, false, out);
  if (!charge (account, quota))
    return -EDQUOT;
  ret = take (self, request, true, out);
  if (ret == 0)
    note_peak (&account->peak, atomic_load_explicit (&account->charged,
            memory_order_relaxed));
  if (ret < 0) {
    discharge (self, request->slot_class);
    wake_waiters (self);
  }
  return ret;
}

/* Whether the bytes asked for lie free in other tiers' slots. */
static bool
is_fragmented (const ScArena * self, size_t size)
{
  uint64_t bytes = 0;

  for (uint32_t i = 0; i < self->tier_count; i++)
    bytes += (uint64_t) (self->tiers[i].slots
        - sc_arena_tier_in_use (self, i)) * self->tiers[i].slot_size;
  return bytes >= size;
}

static void
account_failure (ScArena * self, const Request * request, int reason)
{
  ScClassAccount *account = &self->class_accounts[request->slot_class];

  sc_count (&account->failures, 1);
  if (reason == -EDQUOT) {
    sc_count (&account->refusals, 1);
    return;
  }
  sc_count (&self->tier_accounts[number_of (self, request->tier)].failures, 1);
  if (is_fragmented (self, request->size))
    sc_count (&self->fragmented, 1);
}

static int
make_request (ScArena * self, size_t size, ScClass slot_class, Request * out)
{
  if ((unsigned) slot_class >= SC_CLASSES)
    return -EINVAL;
  *out = (Request) {
    .tier = tier_for (self, size),
    .size = size,
    .slot_class = slot_class,
    .weight = sc_sample_due (),
  };
  if (out->tier != NULL)
    return 0;
  sc_count (&self->too_large, 1);
  sc_count (&self->class_accounts[slot_class].failures, 1);
  return -EMSGSIZE;
}

static void
measure_acquire (ScArena * self, const Request * request, uint64_t start,
    uint32_t weight)
{
  if (self->meter != NULL)
    sc_arena_meter_acquired (self->meter, number_of (self, request->tier),
        request->slot_class, sc_clock_now () - start, weight);
}

/* What a sampled acquire has got: when exactly, and how well it fits. */
static void
note_sample (ScArena * self, const Request * request, const ScSlot * slot)
{
  uint64_t now = sc_clock_now ();

  atomic_store_explicit (&self->now_ns, now, memory_order_relaxed);
  atomic_store_explicit (&slot->header->since_ns, now, memory_order_relaxed);
  sc_count (&self->requested_samples, 1);
  sc_count (&self->requested_bytes, request->size);
  sc_count (&self->capacity_bytes, slot->header->capacity);
}

static int
take_sampled (ScArena * self, const Request * request, ScSlot * out)
{
  uint64_t start;
  int ret;

  if (request->weight == 0)
    return take_charged (self, request, out);
  start = self->meter != NULL ? sc_clock_now () : 0;
  ret = take_charged (self, request, out);
  if (ret == 0) {
    measure_acquire (self, request, start, request->weight);
    note_sample (self, request, out);
  }
  return ret;
}

int
sc_arena_acquire (ScArena * self, size_t size, ScClass slot_class,
    ScSlot * out)
{
  Request request;
  int ret = make_request (self, size, slot_class, &request);

  if (ret < 0)
    return ret;
  ret = take_sampled (self, &request, out);
  if (ret == -EAGAIN || ret == -EDQUOT) {
    account_failure (self, &request, ret);
    return -EAGAIN;
  }
  return ret;
}

static bool
is_flushing (const atomic_bool * flag)
{
  /* Acquire: pairs with the release in set_flushing, for what the flusher did
   * before.  That the store itself is not missed is the eventcount's part. */
  return flag != NULL && atomic_load_explicit (flag, memory_order_acquire);
}

/* Sleeps until a slot is free: the eventcount's prepare, check, wait.  @reason:
 * (out): of the last failed try, where it timed out. */
static int
wait_and_take (ScArena * self, const Request * request, uint64_t timeout_ns,
    const atomic_bool * flushing, ScSlot * out, int *reason)
{
  uint64_t start = sc_clock_now (), elapsed = 0;

  for (;;) {
    uint32_t key = sc_eventcount_prepare (&self->freed);
    int ret = -ECANCELED;

    if (!is_flushing (flushing))
      ret = take_charged (self, request, out);
    if (ret == -EAGAIN || ret == -EDQUOT) {
      *reason = ret;
      ret = elapsed >= timeout_ns ? -ETIMEDOUT : -EAGAIN;
    }
    if (ret != -EAGAIN) {
      sc_eventcount_cancel (&self->freed);
      if (ret == 0 || ret == -ETIMEDOUT)
        measure_acquire (self, request, start, 1);
      return ret;
    }
    /* Its result is not needed: the loop looks at the slots once more before it
     * looks at the clock. */
    (void) sc_eventcount_wait (&self->freed, key,
        timeout_ns == SC_WAIT_FOREVER ? timeout_ns : timeout_ns - elapsed);
    if (timeout_ns != SC_WAIT_FOREVER)
      elapsed = sc_clock_now () - start;
  }
}

int
sc_arena_acquire_wait (ScArena * self, size_t size, ScClass slot_class,
    uint64_t timeout_ns, const atomic_bool * flushing, ScSlot * out)
{
  Request request;
  int reason = -EAGAIN, ret = make_request (self, size, slot_class, &request);

  if (ret < 0)
    return ret;
  if (is_flushing (flushing))
    return -ECANCELED;
  ret = take_sampled (self, &request, out);
  if (ret != -EAGAIN && ret != -EDQUOT)
    return ret;

  sc_count (&self->waits, 1);
  ret = wait_and_take (self, &request, timeout_ns, flushing, out, &reason);
  if (ret == -ETIMEDOUT) {
    sc_count (&self->timeouts, 1);
    account_failure (self, &request, reason);
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
static ScArenaTier *
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

/* Whether all that is sealed is as hand-out has written it: stronger than a CRC,
 * and faster. */
static bool
is_as_issued (const ScArena * self, const ScArenaTier * tier,
    const ScSlotHeader * header, uint64_t issued)
{
  const ScSlotHeader *h = header;
  uint64_t none = h->timestamp_ns & h->duration_ns & h->capture_ns
      & h->processing_start_ns;
  uint64_t zero = h->sequence | h->flags | h->sample_rate | h->channels
      | h->sample_bits | h->samples | h->processing_count;

  return none == SC_TIME_NONE && zero == 0 && h->magic == SC_SLOT_MAGIC
      && h->buffer_id == (uint32_t) (h - self->headers)
      && h->buffer_class == (uint32_t) sc_issued_class (issued)
      && h->data_size == (uint32_t) issued && h->capacity == tier->slot_size
      && h->crc == h->issued_crc;
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

/* Gives the slot back: from then on it is another's.  @issued: as it was. */
static int
take_home (ScArena * self, uint32_t tier, ScSlotHeader * header,
    uint64_t issued)
{
  ScArenaTier *t = &self->tiers[tier];
  ScClass slot_class = sc_issued_class (issued);
  int ret = sc_free_list_give (&t->free, (uint32_t) (header - t->headers));

  if (issued & SC_ISSUED_CHARGED)
    discharge (self, slot_class);
  wake_waiters (self);
  /* Release, and last: pairs with the acquire with which close looks whether
   * anybody is still in here. */
  atomic_fetch_add_explicit (&self->tier_accounts[tier].cells[slot_class]
      .released, 1, memory_order_release);
  return ret;
}

/* -EBADMSG, or the header is noted for the next hand-out. */
static int
check_header (ScArena * self, const ScArenaTier * tier, ScSlotHeader * header,
    uint64_t issued)
{
  bool clean = is_as_issued (self, tier, header, issued);

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
  if (guard_is_whole (self, tier, slot))
    return true;
  sc_count (&self->overruns, 1);
  write_guard (self, tier, slot);
  return false;
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

static int
release_checked (ScArena * self, ScArenaTier * tier, const ScSlot * slot,
    uint64_t issued, uint64_t now)
{
  ScSlotHeader *header = slot->header;
  uint32_t number = number_of (self, tier);
  bool whole;
  int ret;

  if (check_header (self, tier, header, issued) < 0) {
    atomic_store_explicit (&header->held, slot->ticket, memory_order_relaxed);
    return -EBADMSG;
  }
  whole = check_guard (self, tier, (uint32_t) (header - tier->headers));
  if (now != 0)
    measure_hold (self, number, header, sc_issued_class (issued), now);
  ret = take_home (self, number, header, issued);
  return ret == 0 && !whole ? -EOVERFLOW : ret;
}

int
sc_arena_release (ScArena * self, const ScSlot * slot)
{
  ScArenaTier *tier = tier_of (self, slot->header);
  uint64_t issued, now;
  uint32_t weight;
  int ret;

  if (tier == NULL) {
    sc_count (&self->foreign, 1);
    return -ENXIO;
  }
  if (!claim_release (slot)) {
    sc_count (&self->doubled, 1);
    return -EALREADY;
  }
  issued = sc_read_count (&slot->header->issued);
  weight = (uint32_t) (issued >> SC_ISSUED_WEIGHT_SHIFT);
  now = weight != 0 ? sc_clock_now () : 0;
  ret = release_checked (self, tier, slot, issued, now);
  if (weight != 0 && self->meter != NULL && ret != -EBADMSG)
    sc_arena_meter_released (self->meter, number_of (self, tier),
        sc_issued_class (issued), sc_clock_now () - now, weight);
  return ret;
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
  const ScArenaTier *tier = self->tiers;
  uint32_t slot = id;

  for (; slot >= tier->slots; tier++)
    slot -= tier->slots;
  return (ScSlot) {
    .header = &self->headers[id],
    .data = tier->data + (size_t) slot * tier->stride,
  };
}

int
sc_arena_check_home (const ScArena * self, uint32_t id)
{
  const ScSlotHeader *header = &self->headers[id];
  const ScArenaTier *tier = self->tiers;

  while (header >= tier->headers + tier->slots)
    tier++;
  if (sc_read_count (&header->held) != 0)
    return -EBUSY;
  if (!header_is_right (self, tier, header))
    return -EBADMSG;
  return guard_is_whole (self, tier, (uint32_t) (header - tier->headers)) ? 0
      : -EOVERFLOW;
}
