/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-arena-account.h"
#include "sc-clock.h"

#include <errno.h>

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
issue (ScSlotHeader * header, uint64_t issued)
{
  uint64_t last = sc_read_count (&header->issued);
  size_t size = (size_t) (issued & SC_ISSUED_SIZE);
  ScClass slot_class = sc_issued_class (issued);

  if (((last ^ issued) & SC_ISSUED_KEY) != 0) {
    write_header (header, size, slot_class);
    sc_slot_header_seal (header);
    header->issued_crc = header->crc;
  } else if ((last & SC_ISSUED_CLEAN) == 0) {
    write_header (header, size, slot_class);
    header->crc = header->issued_crc;
  }
  atomic_store_explicit (&header->issued, issued, memory_order_relaxed);
}

static SC_INLINE uint64_t
issued_for (size_t size, ScClass slot_class, uint64_t marks)
{
  return (uint32_t) size | (uint64_t) slot_class << SC_ISSUED_CLASS_SHIFT
      | marks;
}

/* Whether a header is right as it lies. */
static SC_INLINE bool
is_issued (const ScSlotHeader * header, uint64_t issued)
{
  /* Relaxed here and below, and no read-modify-write: only the slot's holder
   * writes these; who looks on gets a figure. */
  return sc_read_count (&header->issued) == (issued | SC_ISSUED_CLEAN);
}

/* All but what the header says of the data; @now: the coarse time. */
static SC_INLINE void
hand_out (ScArenaTier * tier, uint32_t slot, uint64_t now, ScSlot * out)
{
  ScSlotHeader *header = &tier->headers[slot];
  uint64_t uses = sc_read_count (&header->uses) + 1;

  atomic_store_explicit (&header->uses, uses, memory_order_relaxed);
  if (sc_read_count (&header->since_ns) != now)
    atomic_store_explicit (&header->since_ns, now, memory_order_relaxed);
  atomic_store_explicit (&header->held, uses, memory_order_relaxed);

  out->header = header;
  out->data = tier->data + (size_t) slot * tier->stride;
  out->ticket = uses;
}

/* The coarse time, as far as this thread knows it. */
static SC_INLINE uint64_t
time_of (const ScArena * self, const ScRecord * record)
{
  uint64_t ticked = sc_read_count (&self->now_ns);

  return record->now_ns > ticked ? record->now_ns : ticked;
}

/* From this thread's magazine, and leaves the record: false if neither it nor the
 * shared words have a slot. */
static SC_NOT_INLINE bool
take_entered (ScArena * self, ScArenaTier * tier, ScRecord * record,
    uint64_t issued, ScSlot * out)
{
  int32_t slot = sc_magazine_take (&record->magazines[tier->number], tier);

  if (SC_LIKELY (slot >= 0)) {
    if (!is_issued (&tier->headers[slot], issued))
      issue (&tier->headers[slot], issued);
    hand_out (tier, (uint32_t) slot, time_of (self, record), out);
    sc_account_acquired_by (self, record, tier->number,
        sc_issued_class (issued), (issued & SC_ISSUED_CHARGED) != 0);
  }
  sc_record_leave (record);
  return slot >= 0;
}

/* The same, but false if this thread may have no magazine now. */
static bool
take_fast (ScArena * self, ScArenaTier * tier, uint64_t issued, ScSlot * out)
{
  ScMagazines *magazines = self->magazines;
  ScRecord *record;

  if (tier->batch == 0)
    return false;
  record = sc_magazines_record (magazines);
  return record != NULL && sc_record_enter (record, magazines)
      && take_entered (self, tier, record, issued, out);
}

static uint64_t
issued_of (const ScRequest * request, bool charged)
{
  return issued_for (request->size, request->slot_class,
      (charged ? SC_ISSUED_CHARGED : 0)
      | (uint64_t) request->weight << SC_ISSUED_WEIGHT_SHIFT);
}

/* From the shared words of the tier, and of the next one if @borrow. */
static int
take_shared (ScArena * self, const ScRequest * request, bool charged,
    bool borrow, ScSlot * out)
{
  ScArenaTier *tier = request->tier;
  uint64_t issued;
  uint32_t slot;
  int ret = sc_free_list_take (&tier->free, &slot);

  if (ret == -EAGAIN && borrow && tier->number + 1 < self->tier_count) {
    tier++;
    ret = sc_free_list_take (&tier->free, &slot);
    if (ret == 0) {
      sc_count (&self->tier_accounts[request->tier->number].borrows, 1);
      sc_count (&self->class_accounts[request->slot_class].borrows, 1);
    }
  }
  if (ret < 0)
    return ret;
  issued = issued_of (request, charged);
  if (!is_issued (&tier->headers[slot], issued))
    issue (&tier->headers[slot], issued);
  hand_out (tier, slot, sc_read_count (&self->now_ns), out);
  sc_account_acquired (self, tier->number, request->slot_class, charged);
  return 0;
}

/* Nothing was found, but others' magazines have not been looked into. */
static int
take_revoked (ScArena * self, const ScRequest * request, bool charged,
    ScSlot * out)
{
  int ret;

  sc_magazines_revoke (self->magazines);
  ret = take_shared (self, request, charged, true, out);
  sc_magazines_begin_calm (self->magazines);
  return ret;
}

static int
take_anywhere (ScArena * self, const ScRequest * request, bool charged,
    ScSlot * out)
{
  int ret;

  if (take_fast (self, request->tier, issued_of (request, charged), out))
    return 0;
  ret = take_shared (self, request, charged, self->magazines == NULL, out);
  if (self->magazines == NULL)
    return ret;
  if (ret == -EAGAIN)
    return take_revoked (self, request, charged, out);
  sc_magazines_count_calm (self->magazines);
  return ret;
}

/* What a sampled acquire has got: when exactly, and how well it fits. */
static void
note_sample (ScArena * self, const ScRequest * request, const ScSlot * slot)
{
  ScRecord *record = self->magazines != NULL
      ? sc_magazines_record (self->magazines) : NULL;
  uint64_t now = sc_clock_now ();

  if (record != NULL)
    record->now_ns = now;
  else
    sc_arena_tick (self, now);
  atomic_store_explicit (&slot->header->since_ns, now, memory_order_relaxed);
  sc_count (&self->requested_samples, 1);
  sc_count (&self->requested_bytes, request->size);
  sc_count (&self->capacity_bytes, slot->header->capacity);
}

static int
take (ScArena * self, const ScRequest * request, bool charged, ScSlot * out)
{
  int ret = take_anywhere (self, request, charged, out);

  if (ret == 0 && request->weight != 0)
    note_sample (self, request, out);
  return ret;
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
            charged + 1, memory_order_relaxed, memory_order_relaxed)) {
      (void) sc_account_note_peak (&account->peak, charged + 1, quota);
      return true;
    }
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
take_charged (ScArena * self, const ScRequest * request, ScSlot * out)
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
  if (ret < 0) {
    discharge (self, request->slot_class);
    sc_arena_wake_waiters (self);
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
account_failure (ScArena * self, const ScRequest * request, int reason)
{
  ScClassAccount *account = &self->class_accounts[request->slot_class];

  sc_count (&account->failures, 1);
  if (reason == -EDQUOT) {
    sc_count (&account->refusals, 1);
    return;
  }
  sc_account_failed (&self->tier_accounts[request->tier->number]);
  if (is_fragmented (self, request->size))
    sc_count (&self->fragmented, 1);
}

/* The smallest tier that fits, or NULL. */
static inline ScArenaTier *
tier_for (ScArena * self, size_t size)
{
  for (uint32_t i = 0; i < self->tier_count; i++)
    if (size <= self->tiers[i].slot_size)
      return &self->tiers[i];
  return NULL;
}

static int
make_request (ScArena * self, size_t size, ScClass slot_class, ScRequest * out)
{
  if ((unsigned) slot_class >= SC_CLASSES)
    return -EINVAL;
  *out = (ScRequest) {
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
measure_acquire (ScArena * self, const ScRequest * request, uint64_t start,
    uint32_t weight)
{
  if (self->meter != NULL)
    sc_arena_meter_acquired (self->meter, request->tier->number,
        request->slot_class, sc_clock_now () - start, weight);
}

static int
take_sampled (ScArena * self, const ScRequest * request, ScSlot * out)
{
  uint64_t start = sc_clock_now ();
  int ret = take_charged (self, request, out);

  if (ret == 0)
    measure_acquire (self, request, start, request->weight);
  return ret;
}

/* A try without a wait.  -EAGAIN or -EDQUOT: nothing is free. */
static inline int
try_once (ScArena * self, const ScRequest * request, ScSlot * out)
{
  if (__builtin_expect (request->weight != 0 && self->meter != NULL, 0))
    return take_sampled (self, request, out);
  return take_charged (self, request, out);
}

/* What most acquires are: a slot from the magazine, with no quota, not measured.
 * False: try the whole way.  Where there is no peak to look at and the header is
 * right as it lies it makes no call, and so saves no registers. */
static SC_INLINE bool
acquire_fast (ScArena * self, size_t size, ScClass slot_class, ScSlot * out)
{
  ScArenaTier *tier = self->tiers, *end = tier + self->tier_count;
  uint64_t issued = issued_for (size, slot_class, 0), bits;
  ScTally *of_tier, *of_class;
  ScMagazineSet *set;
  ScRecord *record;
  uint32_t slot;

  if (!SC_LIKELY ((unsigned) slot_class < SC_CLASSES
          && sc_sampler.countdown != 1
          && !atomic_load_explicit (&self->quotas, memory_order_relaxed)))
    return false;
  while (size > tier->slot_size)
    if (++tier == end)
      return false;
  if (tier->batch == 0)
    return false;
  record = sc_magazines_cached_record (self->magazines);
  if (record == NULL || !sc_record_enter (record, self->magazines))
    return false;

  of_tier = &record->tiers[tier->number];
  of_class = &record->classes[slot_class];
  set = &record->magazines[tier->number].taking;
  bits = atomic_load_explicit (&set->bits, memory_order_relaxed);
  if (!SC_LIKELY (bits != 0)) {
    sc_record_leave (record);
    return false;
  }
  sc_sampler.countdown--;
  slot = sc_magazine_lowest (set, bits);
  if (!SC_LIKELY (is_issued (&tier->headers[slot], issued)
          && !sc_tally_rises (of_tier) && !sc_tally_rises (of_class))) {
    /* There is a slot: true. */
    (void) take_entered (self, tier, record, issued, out);
    return true;
  }
  sc_magazine_remove (set, bits);
  hand_out (tier, slot, time_of (self, record), out);
  sc_tally_count (&of_tier->acquired);
  sc_tally_count (&of_class->acquired);
  sc_record_leave (record);
  return true;
}

static SC_NOT_INLINE int
acquire_whole_way (ScArena * self, size_t size, ScClass slot_class,
    ScSlot * out)
{
  ScRequest request;
  int ret = make_request (self, size, slot_class, &request);

  if (ret < 0)
    return ret;
  ret = try_once (self, &request, out);
  if (ret == -EAGAIN || ret == -EDQUOT) {
    account_failure (self, &request, ret);
    return -EAGAIN;
  }
  return ret;
}

int
sc_arena_acquire (ScArena * self, size_t size, ScClass slot_class,
    ScSlot * out)
{
  if (SC_LIKELY (acquire_fast (self, size, slot_class, out)))
    return 0;
  return acquire_whole_way (self, size, slot_class, out);
}

static SC_NOT_INLINE int
try_whole_way (ScArena * self, size_t size, ScClass slot_class, ScSlot * out)
{
  ScRequest request;
  int ret = make_request (self, size, slot_class, &request);

  if (ret == 0)
    ret = try_once (self, &request, out);
  return ret == -EDQUOT ? -EAGAIN : ret;
}

int
sc_arena_try_acquire (ScArena * self, size_t size, ScClass slot_class,
    ScSlot * out)
{
  if (SC_LIKELY (acquire_fast (self, size, slot_class, out)))
    return 0;
  return try_whole_way (self, size, slot_class, out);
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
wait_and_take (ScArena * self, const ScRequest * request, uint64_t timeout_ns,
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

static SC_NOT_INLINE int
acquire_or_wait (ScArena * self, size_t size, ScClass slot_class,
    uint64_t timeout_ns, const atomic_bool * flushing, ScSlot * out)
{
  ScRequest request;
  int reason = -EAGAIN, ret = make_request (self, size, slot_class, &request);

  if (ret < 0)
    return ret;
  ret = try_once (self, &request, out);
  if (ret != -EAGAIN && ret != -EDQUOT)
    return ret;

  sc_count (&self->waits, 1);
  /* Until the wait is over each release takes the shared way, where it looks for
   * waiters. */
  if (self->magazines != NULL)
    sc_magazines_revoke (self->magazines);
  ret = wait_and_take (self, &request, timeout_ns, flushing, out, &reason);
  if (self->magazines != NULL)
    sc_magazines_restore (self->magazines);
  if (ret == -ETIMEDOUT) {
    sc_count (&self->timeouts, 1);
    account_failure (self, &request, reason);
  }
  return ret;
}

int
sc_arena_acquire_wait (ScArena * self, size_t size, ScClass slot_class,
    uint64_t timeout_ns, const atomic_bool * flushing, ScSlot * out)
{
  if (is_flushing (flushing))
    return -ECANCELED;
  if (SC_LIKELY (acquire_fast (self, size, slot_class, out)))
    return 0;
  return acquire_or_wait (self, size, slot_class, timeout_ns, flushing, out);
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
