/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-arena.h"
#include "sc-check.h"

#include <errno.h>
#include <string.h>

static const ScTiers small = {
  .alignment = 64,
  .count = 2,
  .tiers = {{64, 3}, {256, 2}},
};

static _Alignas (SC_ARENA_ALIGNMENT) unsigned char memory[65536];

static ScArena *
make (const ScTiers * tiers)
{
  ScArena *arena;

  memset (memory, 0xAA, sizeof (memory));
  ck_assert_int_eq (sc_arena_init (memory, sizeof (memory), tiers, &arena), 0);
  return arena;
}

static ScArenaStats
stats_of (const ScArena * arena)
{
  ScArenaStats stats;

  sc_arena_read_stats (arena, &stats);
  return stats;
}

START_TEST (test_the_smallest_tier_that_fits_is_taken)
{
  ScArena *arena = make (&small);
  ScSlot a, b, c;

  ck_assert_int_eq (sc_arena_acquire (arena, 0, SC_CLASS_INPUT, &a), 0);
  ck_assert_int_eq (sc_arena_acquire (arena, 64, SC_CLASS_OUTPUT, &b), 0);
  ck_assert_int_eq (sc_arena_acquire (arena, 65, SC_CLASS_SCRATCH, &c), 0);
  ck_assert_uint_eq (a.header->capacity, 64);
  ck_assert_uint_eq (b.header->capacity, 64);
  ck_assert_uint_eq (c.header->capacity, 256);
  ck_assert_uint_eq (c.header->data_size, 65);
  ck_assert_uint_eq (c.header->buffer_class, SC_CLASS_SCRATCH);
  ck_assert (sc_slot_header_is_intact (c.header));
  ck_assert (a.header->buffer_id != b.header->buffer_id);
  sc_arena_clear (arena);
}
END_TEST

START_TEST (test_an_empty_tier_borrows_from_the_next_and_then_is_exhausted)
{
  ScArena *arena = make (&small);
  ScSlot slots[6];
  ScArenaStats stats;

  for (int i = 0; i < 5; i++)
    ck_assert_int_eq (sc_arena_acquire (arena, 10, SC_CLASS_PRIMARY,
            &slots[i]), 0);
  ck_assert_uint_eq (slots[3].header->capacity, 256);
  ck_assert_int_eq (sc_arena_acquire (arena, 10, SC_CLASS_PRIMARY,
          &slots[5]), -EAGAIN);
  ck_assert_int_eq (sc_arena_acquire (arena, 100, SC_CLASS_PRIMARY,
          &slots[5]), -EAGAIN);
  ck_assert_int_eq (sc_arena_acquire (arena, 257, SC_CLASS_PRIMARY,
          &slots[5]), -EMSGSIZE);
  stats = stats_of (arena);
  ck_assert_uint_eq (stats.tiers[0].borrows, 2);
  ck_assert_uint_eq (stats.tiers[0].failures, 1);
  ck_assert_uint_eq (stats.tiers[1].failures, 1);
  ck_assert_uint_eq (stats.tiers[1].in_use, 2);
  ck_assert_uint_eq (stats.too_large, 1);
  ck_assert_int_eq (sc_arena_release (arena, &slots[4]), 0);
  ck_assert_int_eq (sc_arena_acquire (arena, 10, SC_CLASS_PRIMARY,
          &slots[5]), 0);
  ck_assert_ptr_eq (slots[5].data, slots[4].data);
  sc_arena_clear (arena);
}
END_TEST

START_TEST (test_small_requests_do_not_eat_the_tier_after_the_next)
{
  static const ScTiers three = {
    .alignment = 16,.count = 3,.tiers = {{16, 1}, {32, 1}, {64, 1}},
  };
  ScArena *arena = make (&three);
  ScSlot slot;

  ck_assert_int_eq (sc_arena_acquire (arena, 1, SC_CLASS_PRIMARY, &slot), 0);
  ck_assert_int_eq (sc_arena_acquire (arena, 1, SC_CLASS_PRIMARY, &slot), 0);
  ck_assert_int_eq (sc_arena_acquire (arena, 1, SC_CLASS_PRIMARY, &slot),
      -EAGAIN);
  ck_assert_int_eq (sc_arena_acquire (arena, 64, SC_CLASS_PRIMARY, &slot), 0);
  sc_arena_clear (arena);
}
END_TEST

static void
check_apart (const ScArena * arena, size_t size, uint32_t alignment)
{
  for (uint32_t i = 0; i < sc_arena_slots (arena); i++) {
    ScSlot a = sc_arena_slot (arena, i);
    unsigned char *a_end = (unsigned char *) a.data + a.header->capacity;

    ck_assert_uint_eq (a.header->buffer_id, i);
    ck_assert_uint_eq ((uintptr_t) a.data % alignment, 0);
    ck_assert (a_end <= memory + size);
    ck_assert ((unsigned char *) (a.header + 1) <= (unsigned char *) a.data);
    for (uint32_t j = 0; j < i; j++) {
      ScSlot b = sc_arena_slot (arena, j);

      ck_assert ((unsigned char *) b.data + b.header->capacity
          <= (unsigned char *) a.data || a_end <= (unsigned char *) b.data);
    }
  }
}

START_TEST (test_slots_are_aligned_and_apart_and_inside_the_memory)
{
  static const ScTiers odd = {
    .alignment = 64,.count = 3,.tiers = {{16, 70}, {100, 5}, {1000, 3}},
  };

  check_apart (make (&small), sc_arena_size (&small), 64);
  check_apart (make (&odd), sc_arena_size (&odd), 64);
  check_apart (make (&sc_tiers_embedded), sc_arena_size (&sc_tiers_embedded),
      16);
}
END_TEST

START_TEST (test_the_embedded_profile_works_in_32768_static_bytes)
{
  ScArena *arena;
  ScSlot slots[8], more;

  ck_assert_uint_le (sc_arena_size (&sc_tiers_embedded), 32768);
  ck_assert_int_eq (sc_arena_init (memory, SC_ARENA_EMBEDDED_SIZE,
          &sc_tiers_embedded, &arena), 0);
  for (int i = 0; i < 6; i++) {
    ck_assert_int_eq (sc_arena_acquire (arena, 4096, SC_CLASS_PRIMARY,
            &slots[i]), 0);
    memset (slots[i].data, 0xFF, 4096);
  }
  for (int i = 6; i < 8; i++)
    ck_assert_int_eq (sc_arena_acquire (arena, 2048, SC_CLASS_SCRATCH,
            &slots[i]), 0);
  ck_assert_int_eq (sc_arena_acquire (arena, 1, SC_CLASS_PRIMARY, &more),
      -EAGAIN);
  for (int i = 0; i < 8; i++)
    ck_assert_int_eq (sc_arena_release (arena, &slots[i]), 0);
  sc_arena_clear (arena);
}
END_TEST

START_TEST (test_memory_too_small_or_unaligned_and_bad_tiers_are_refused)
{
  ScTiers bad = small;
  ScArena *arena;

  bad.tiers[0].slots = 0;
  ck_assert_uint_eq (sc_arena_size (&bad), 0);
  ck_assert_int_eq (sc_arena_init (memory, sizeof (memory), &bad, &arena),
      -EINVAL);
  ck_assert_int_eq (sc_arena_init (memory + 16, sizeof (memory) - 16, &small,
          &arena), -EINVAL);
  ck_assert_int_eq (sc_arena_init (memory, sc_arena_size (&small) - 1, &small,
          &arena), -ENOSPC);
  ck_assert_int_eq (sc_arena_init (memory, sc_arena_size (&small), &small,
          &arena), 0);
  sc_arena_clear (arena);
}
END_TEST

START_TEST (test_a_foreign_release_is_refused)
{
  ScArena *arena = make (&small);
  ScSlotHeader elsewhere = { 0 };
  ScSlot slot, foreign;

  ck_assert_int_eq (sc_arena_acquire (arena, 1, SC_CLASS_PRIMARY, &slot), 0);
  foreign = slot;
  foreign.header = &elsewhere;
  ck_assert_int_eq (sc_arena_release (arena, &foreign), -ENXIO);
  foreign.header = NULL;
  ck_assert_int_eq (sc_arena_release (arena, &foreign), -ENXIO);
  foreign.header = (ScSlotHeader *) (void *) ((char *) slot.header + 8);
  ck_assert_int_eq (sc_arena_release (arena, &foreign), -ENXIO);
  foreign.header = sc_arena_slot (arena, 0).header + sc_arena_slots (arena);
  ck_assert_int_eq (sc_arena_release (arena, &foreign), -ENXIO);
  ck_assert_uint_eq (stats_of (arena).foreign, 4);
  ck_assert_int_eq (sc_arena_release (arena, &slot), 0);
  sc_arena_clear (arena);
}
END_TEST

START_TEST (test_a_double_release_is_refused)
{
  ScArena *arena = make (&small);
  ScSlot slot, other;

  ck_assert_int_eq (sc_arena_acquire (arena, 1, SC_CLASS_PRIMARY, &slot), 0);
  ck_assert_int_eq (sc_arena_release (arena, &slot), 0);
  ck_assert_int_eq (sc_arena_release (arena, &slot), -EALREADY);
  ck_assert_int_eq (sc_arena_acquire (arena, 1, SC_CLASS_PRIMARY, &other), 0);
  ck_assert_ptr_eq (other.header, slot.header);
  ck_assert_int_eq (sc_arena_release (arena, &slot), -EALREADY);
  ck_assert_uint_eq (stats_of (arena).doubled, 2);
  ck_assert_uint_eq (stats_of (arena).tiers[0].in_use, 1);
  ck_assert_int_eq (sc_arena_release (arena, &other), 0);
  sc_arena_clear (arena);
}
END_TEST

START_TEST (test_each_flipped_bit_of_a_header_is_found_at_release)
{
  ScArena *arena = make (&small);
  uint32_t found = 0;
  ScSlot slot;

  ck_assert_int_eq (sc_arena_acquire (arena, 1, SC_CLASS_PRIMARY, &slot), 0);
  for (unsigned bit = 0; bit < 8 * offsetof (ScSlotHeader, zero); bit++) {
    unsigned char *byte = (unsigned char *) slot.header + bit / 8;

    *byte ^= (unsigned char) (1u << bit % 8);
    ck_assert_int_eq (sc_arena_release (arena, &slot), -EBADMSG);
    *byte ^= (unsigned char) (1u << bit % 8);
    found++;
  }
  ck_assert_uint_eq (stats_of (arena).corrupted, found);
  ck_assert_uint_eq (stats_of (arena).tiers[0].in_use, 1);
  ck_assert_int_eq (sc_arena_release (arena, &slot), 0);
  sc_arena_clear (arena);
}
END_TEST

START_TEST (test_a_header_sealed_with_another_identity_is_refused)
{
  ScArena *arena = make (&small);
  ScSlot slot;

  ck_assert_int_eq (sc_arena_acquire (arena, 1, SC_CLASS_PRIMARY, &slot), 0);
  slot.header->buffer_id++;
  sc_slot_header_seal (slot.header);
  ck_assert_int_eq (sc_arena_release (arena, &slot), -EBADMSG);
  slot.header->buffer_id--;
  slot.header->capacity *= 2;
  sc_slot_header_seal (slot.header);
  ck_assert_int_eq (sc_arena_release (arena, &slot), -EBADMSG);
  slot.header->capacity /= 2;
  slot.header->sequence = 4711;
  ck_assert_int_eq (sc_arena_release (arena, &slot), -EBADMSG);
  sc_slot_header_seal (slot.header);
  ck_assert_int_eq (sc_arena_release (arena, &slot), 0);
  sc_arena_clear (arena);
}
END_TEST

START_TEST (test_a_byte_written_behind_the_data_is_reported_once)
{
  ScArena *arena = make (&small);
  ScSlot slot;

  for (unsigned at = 0; at < 64; at++) {
    ck_assert_int_eq (sc_arena_acquire (arena, 1, SC_CLASS_PRIMARY, &slot),
        0);
    ((unsigned char *) slot.data)[slot.header->capacity + at] ^= 1;
    ck_assert_int_eq (sc_arena_release (arena, &slot), -EOVERFLOW);
    ck_assert_int_eq (sc_arena_acquire (arena, 1, SC_CLASS_PRIMARY, &slot),
        0);
    memset (slot.data, 0x55, slot.header->capacity);
    ck_assert_int_eq (sc_arena_release (arena, &slot), 0);
  }
  ck_assert_uint_eq (stats_of (arena).overruns, 64);
  ck_assert_uint_eq (stats_of (arena).tiers[0].in_use, 0);
  sc_arena_clear (arena);
}
END_TEST

START_TEST (test_after_close_outstanding_slots_are_their_holders)
{
  ScArena *arena = make (&small);
  ScSlot a, b, returned, more;

  ck_assert_int_eq (sc_arena_acquire (arena, 1, SC_CLASS_PRIMARY, &a), 0);
  ck_assert_int_eq (sc_arena_acquire (arena, 200, SC_CLASS_PRIMARY, &b), 0);
  ck_assert_int_eq (sc_arena_acquire (arena, 1, SC_CLASS_PRIMARY, &returned),
      0);
  ck_assert_int_eq (sc_arena_release (arena, &returned), 0);
  ck_assert_uint_eq (sc_arena_close (arena), 2);
  ck_assert_int_eq (sc_arena_acquire (arena, 1, SC_CLASS_PRIMARY, &more),
      -ESHUTDOWN);
  ck_assert_int_eq (sc_arena_acquire_wait (arena, 1, SC_CLASS_PRIMARY,
          SC_WAIT_FOREVER, NULL, &more), -ESHUTDOWN);
  ck_assert_int_eq (sc_arena_release (arena, &returned), -EALREADY);
  ck_assert_int_eq (sc_arena_release (arena, &a), -ESHUTDOWN);
  ck_assert_int_eq (sc_arena_release (arena, &a), -EALREADY);
  ck_assert_int_eq (sc_arena_acquire (arena, 1, SC_CLASS_PRIMARY, &more),
      -ESHUTDOWN);
  ck_assert_uint_eq (sc_arena_close (arena), 1);
  ck_assert_uint_eq (stats_of (arena).tiers[1].in_use, 1);
  ck_assert_int_eq (sc_arena_release (arena, &b), -ESHUTDOWN);
  ck_assert_uint_eq (sc_arena_close (arena), 0);
  sc_arena_clear (arena);
}
END_TEST

START_TEST (test_a_wait_ends_at_its_timeout_and_is_counted)
{
  ScArena *arena = make (&small);
  ScSlot slots[2], more;

  for (int i = 0; i < 2; i++)
    ck_assert_int_eq (sc_arena_acquire (arena, 200, SC_CLASS_PRIMARY,
            &slots[i]), 0);
  ck_assert_int_eq (sc_arena_acquire_wait (arena, 200, SC_CLASS_PRIMARY,
          1000000, NULL, &more), -ETIMEDOUT);
  ck_assert_int_eq (sc_arena_acquire_wait (arena, 200, SC_CLASS_PRIMARY,
          0, NULL, &more), -ETIMEDOUT);
  ck_assert_int_eq (sc_arena_acquire_wait (arena, 300, SC_CLASS_PRIMARY,
          0, NULL, &more), -EMSGSIZE);
  ck_assert_uint_eq (stats_of (arena).waits, 2);
  ck_assert_uint_eq (stats_of (arena).timeouts, 2);
  ck_assert_uint_eq (stats_of (arena).tiers[1].failures, 2);
  sc_arena_clear (arena);
}
END_TEST

typedef struct
{
  ScArena *arena;
  atomic_bool flushing;
  ScSlot slot;
  int result;
} Waiter;

static void *
wait_for_slot (void *data)
{
  Waiter *self = data;

  self->result = sc_arena_acquire_wait (self->arena, 200, SC_CLASS_PRIMARY,
      SC_WAIT_FOREVER, &self->flushing, &self->slot);
  return NULL;
}

/* Starts a waiter on an exhausted tier and returns once it is in its wait. */
static pthread_t
start_waiter (Waiter * waiter, ScSlot held[2])
{
  pthread_t thread;

  waiter->arena = make (&small);
  atomic_init (&waiter->flushing, false);
  for (int i = 0; i < 2; i++)
    ck_assert_int_eq (sc_arena_acquire (waiter->arena, 200, SC_CLASS_PRIMARY,
            &held[i]), 0);
  ck_assert_int_eq (pthread_create (&thread, NULL, wait_for_slot, waiter), 0);
  while (stats_of (waiter->arena).waits == 0)
    sched_yield ();
  return thread;
}

START_TEST (test_a_wait_ends_with_a_release)
{
  Waiter waiter;
  ScSlot held[2];
  pthread_t thread = start_waiter (&waiter, held);

  ck_assert_int_eq (sc_arena_release (waiter.arena, &held[1]), 0);
  ck_assert_int_eq (pthread_join (thread, NULL), 0);
  ck_assert_int_eq (waiter.result, 0);
  ck_assert_ptr_eq (waiter.slot.data, held[1].data);
  sc_arena_clear (waiter.arena);
}
END_TEST

START_TEST (test_a_wait_ends_with_a_flush_and_stays_refused_until_it_stops)
{
  Waiter waiter;
  ScSlot held[2];
  pthread_t thread = start_waiter (&waiter, held);

  sc_arena_set_flushing (waiter.arena, &waiter.flushing, true);
  ck_assert_int_eq (pthread_join (thread, NULL), 0);
  ck_assert_int_eq (waiter.result, -ECANCELED);
  ck_assert_int_eq (sc_arena_release (waiter.arena, &held[0]), 0);
  wait_for_slot (&waiter);
  ck_assert_int_eq (waiter.result, -ECANCELED);
  sc_arena_set_flushing (waiter.arena, &waiter.flushing, false);
  wait_for_slot (&waiter);
  ck_assert_int_eq (waiter.result, 0);
  sc_arena_clear (waiter.arena);
}
END_TEST

START_TEST (test_a_wait_ends_with_close)
{
  Waiter waiter;
  ScSlot held[2];
  pthread_t thread = start_waiter (&waiter, held);

  ck_assert_uint_eq (sc_arena_close (waiter.arena), 2);
  ck_assert_int_eq (pthread_join (thread, NULL), 0);
  ck_assert_int_eq (waiter.result, -ESHUTDOWN);
  sc_arena_clear (waiter.arena);
}
END_TEST

START_TEST (test_the_peak_of_one_thread_is_exact_over_several_words)
{
  static const ScTiers many = {
    .alignment = 16,.count = 1,.tiers = {{16, 200}},
  };
  ScArena *arena = make (&many);
  ScSlot slots[150];

  for (int round = 0; round < 3; round++) {
    for (int i = 0; i < 150; i++)
      ck_assert_int_eq (sc_arena_acquire (arena, 1, SC_CLASS_PRIMARY,
              &slots[i]), 0);
    for (int i = 0; i < 150; i++)
      ck_assert_int_eq (sc_arena_release (arena, &slots[i]), 0);
  }
  ck_assert_uint_eq (stats_of (arena).tiers[0].peak, 150);
  ck_assert_uint_eq (stats_of (arena).tiers[0].acquired, 450);
  ck_assert_uint_eq (stats_of (arena).tiers[0].released, 450);
  sc_arena_clear (arena);
}
END_TEST

START_TEST (test_failures_in_turn_are_a_run_until_a_slot_is_had)
{
  static const ScTiers one = {.alignment = 64,.count = 1,.tiers = {{64, 1}} };
  static const int runs[] = { 3, 2 };
  ScArena *arena = make (&one);
  ScArenaStats stats;
  ScSlot slot, none;

  for (int r = 0; r < 2; r++) {
    ck_assert_int_eq (sc_arena_acquire (arena, 1, SC_CLASS_PRIMARY, &slot), 0);
    for (int i = 0; i < runs[r]; i++)
      ck_assert_int_eq (sc_arena_acquire (arena, 1, SC_CLASS_PRIMARY, &none),
          -EAGAIN);
    ck_assert_int_eq (sc_arena_release (arena, &slot), 0);
  }
  sc_arena_read_stats (arena, &stats);
  ck_assert_uint_eq (stats.tiers[0].failures, 5);
  ck_assert_uint_eq (stats.tiers[0].longest_run, 3);
  sc_arena_clear (arena);
}
END_TEST

START_TEST (test_a_class_gets_no_more_than_its_quota)
{
  ScArena *arena = make (&small);
  ScSlot a, b, c;

  ck_assert_int_eq (sc_arena_set_quota (arena, (ScClass) SC_CLASSES, 1),
      -EINVAL);
  ck_assert_int_eq (sc_arena_set_quota (arena, SC_CLASS_SCRATCH, 1), 0);
  ck_assert_int_eq (sc_arena_acquire (arena, 1, SC_CLASS_SCRATCH, &a), 0);
  ck_assert_int_eq (sc_arena_acquire (arena, 1, SC_CLASS_SCRATCH, &b),
      -EAGAIN);
  ck_assert_int_eq (sc_arena_acquire (arena, 1, SC_CLASS_PRIMARY, &c), 0);
  ck_assert_uint_eq (stats_of (arena).classes[SC_CLASS_SCRATCH].in_use, 1);
  ck_assert_uint_eq (stats_of (arena).classes[SC_CLASS_SCRATCH].failures, 1);
  ck_assert_uint_eq (stats_of (arena).classes[SC_CLASS_SCRATCH].quota_refusals,
      1);
  ck_assert_uint_eq (stats_of (arena).tiers[0].failures, 0);
  ck_assert_int_eq (sc_arena_release (arena, &a), 0);
  ck_assert_int_eq (sc_arena_acquire (arena, 1, SC_CLASS_SCRATCH, &b), 0);
  ck_assert_uint_eq (stats_of (arena).classes[SC_CLASS_SCRATCH].peak, 1);
  sc_arena_clear (arena);
}
END_TEST

START_TEST (test_classes_and_tiers_count_what_was_theirs)
{
  ScArena *arena = make (&small);
  ScSlot slots[5];
  ScArenaStats stats;

  for (int i = 0; i < 4; i++)
    ck_assert_int_eq (sc_arena_acquire (arena, 10, SC_CLASS_INPUT, &slots[i]),
        0);
  ck_assert_int_eq (sc_arena_acquire (arena, 100, SC_CLASS_OUTPUT, &slots[4]),
      0);
  ck_assert_int_eq (sc_arena_acquire (arena, 100, SC_CLASS_OUTPUT, &slots[4]),
      -EAGAIN);
  ck_assert_int_eq (sc_arena_release (arena, &slots[3]), 0);
  stats = stats_of (arena);
  ck_assert_uint_eq (stats.tiers[0].hits, 3);
  ck_assert_uint_eq (stats.tiers[1].hits, 1);
  ck_assert_uint_eq (stats.tiers[1].acquired, 2);
  ck_assert_uint_eq (stats.tiers[1].released, 1);
  ck_assert_uint_eq (stats.classes[SC_CLASS_INPUT].acquired, 4);
  ck_assert_uint_eq (stats.classes[SC_CLASS_INPUT].released, 1);
  ck_assert_uint_eq (stats.classes[SC_CLASS_INPUT].borrows, 1);
  ck_assert_uint_eq (stats.classes[SC_CLASS_INPUT].peak, 4);
  ck_assert_uint_eq (stats.classes[SC_CLASS_OUTPUT].failures, 1);
  ck_assert_uint_eq (stats.classes[SC_CLASS_OUTPUT].in_use, 1);
  ck_assert_uint_eq (stats.fragmented, 0);
  ck_assert_int_eq (sc_arena_release (arena, &slots[0]), 0);
  ck_assert_int_eq (sc_arena_release (arena, &slots[1]), 0);
  ck_assert_int_eq (sc_arena_acquire (arena, 70, SC_CLASS_OUTPUT, &slots[0]),
      0);
  ck_assert_int_eq (sc_arena_acquire (arena, 70, SC_CLASS_OUTPUT, &slots[0]),
      -EAGAIN);
  ck_assert_uint_eq (stats_of (arena).fragmented, 1);
  sc_arena_clear (arena);
}
END_TEST

static void
note_out (const ScSlotOut * slot, void *data)
{
  ScSlotOut *out = data;

  ck_assert_uint_eq (out->size, 0);
  *out = *slot;
}

START_TEST (test_what_is_out_is_listed_with_class_size_and_time)
{
  ScArena *arena = make (&small);
  ScSlotOut out = { 0 };
  ScSlot a, b;

  ck_assert_int_eq (sc_arena_acquire (arena, 7, SC_CLASS_INPUT, &a), 0);
  sc_arena_tick (arena, UINT64_MAX / 2);
  ck_assert_int_eq (sc_arena_acquire (arena, 99, SC_CLASS_OUTPUT, &b), 0);
  ck_assert_int_eq (sc_arena_release (arena, &a), 0);
  sc_arena_foreach_out (arena, note_out, &out);
  ck_assert_uint_eq (out.id, b.header->buffer_id);
  ck_assert_int_eq (out.slot_class, SC_CLASS_OUTPUT);
  ck_assert_uint_eq (out.size, 99);
  ck_assert_uint_eq (out.since_ns, UINT64_MAX / 2);
  sc_arena_clear (arena);
}
END_TEST

static ScArenaMeter meter;

static uint64_t
samples_of (const ScHistogram * histogram)
{
  static ScHistogramSnapshot snapshot;

  sc_histogram_read (histogram, &snapshot);
  return snapshot.count;
}

START_TEST (test_samples_stand_for_all_acquires_and_waits_are_all_measured)
{
  ScArena *arena = make (&small);
  ScSlot slots[2];
  ScArenaStats stats;

  sc_arena_meter_init (&meter);
  sc_arena_set_meter (arena, &meter);
  for (int i = 0; i < 12800; i++) {
    ck_assert_int_eq (sc_arena_acquire (arena, 10, SC_CLASS_INPUT, &slots[0]),
        0);
    ck_assert_int_eq (sc_arena_release (arena, &slots[0]), 0);
  }
  stats = stats_of (arena);
  ck_assert_uint_ge (stats.requested_samples, 50);
  ck_assert_uint_le (stats.requested_samples, 200);
  ck_assert_uint_eq (stats.requested_bytes, 10 * stats.requested_samples);
  ck_assert_uint_eq (stats.capacity_bytes, 64 * stats.requested_samples);
  ck_assert_uint_eq (stats.tiers[0].hold_samples, stats.requested_samples);
  ck_assert_uint_eq (stats.classes[SC_CLASS_INPUT].hold_samples,
      stats.requested_samples);
  ck_assert_uint_le (12800 - 256, samples_of (&meter.tiers[0].acquire));
  ck_assert_uint_eq (samples_of (&meter.classes[SC_CLASS_INPUT].release),
      samples_of (&meter.tiers[0].acquire));

  for (int i = 0; i < 2; i++)
    ck_assert_int_eq (sc_arena_acquire (arena, 200, SC_CLASS_PRIMARY,
            &slots[i]), 0);
  for (int i = 0; i < 3; i++)
    ck_assert_int_eq (sc_arena_acquire_wait (arena, 200, SC_CLASS_OUTPUT, 1,
            NULL, &slots[0]), -ETIMEDOUT);
  ck_assert_uint_eq (samples_of (&meter.classes[SC_CLASS_OUTPUT].acquire), 3);
  sc_arena_clear (arena);
}
END_TEST

SC_CHECK_MAIN ("arena",
    test_the_smallest_tier_that_fits_is_taken,
    test_an_empty_tier_borrows_from_the_next_and_then_is_exhausted,
    test_small_requests_do_not_eat_the_tier_after_the_next,
    test_slots_are_aligned_and_apart_and_inside_the_memory,
    test_the_embedded_profile_works_in_32768_static_bytes,
    test_memory_too_small_or_unaligned_and_bad_tiers_are_refused,
    test_a_foreign_release_is_refused,
    test_a_double_release_is_refused,
    test_each_flipped_bit_of_a_header_is_found_at_release,
    test_a_header_sealed_with_another_identity_is_refused,
    test_a_byte_written_behind_the_data_is_reported_once,
    test_after_close_outstanding_slots_are_their_holders,
    test_a_wait_ends_at_its_timeout_and_is_counted,
    test_a_wait_ends_with_a_release,
    test_a_wait_ends_with_a_flush_and_stays_refused_until_it_stops,
    test_a_wait_ends_with_close,
    test_the_peak_of_one_thread_is_exact_over_several_words,
    test_failures_in_turn_are_a_run_until_a_slot_is_had,
    test_a_class_gets_no_more_than_its_quota,
    test_classes_and_tiers_count_what_was_theirs,
    test_what_is_out_is_listed_with_class_size_and_time,
    test_samples_stand_for_all_acquires_and_waits_are_all_measured)
