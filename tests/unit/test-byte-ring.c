/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-byte-ring.h"
#include "sc-check.h"
#include "sc-crc32c.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>

#define SIZE SC_BYTE_RING_MIN

typedef struct
{
  ScByteRing ring;
  void *region;
} Fixture;

static void
setup (Fixture * f, uint64_t size)
{
  f->region = aligned_alloc (4096,
      (sc_byte_ring_region_size (size) + 4095) / 4096 * 4096);
  ck_assert_ptr_nonnull (f->region);
  ck_assert_int_eq (sc_byte_ring_init (&f->ring, f->region, size), 0);
}

static void
teardown (Fixture * f)
{
  sc_byte_ring_clear (&f->ring);
  free (f->region);
}

static uint8_t
byte_at (uint64_t offset)
{
  return (uint8_t) (offset * 2654435761u >> 13);
}

static void
fill (uint8_t * data, uint64_t offset, size_t size)
{
  for (size_t i = 0; i < size; i++)
    data[i] = byte_at (offset + i);
}

static int
put (Fixture * f, uint64_t offset, size_t size, size_t *taken)
{
  uint8_t *data = malloc (size);
  int ret;

  fill (data, offset, size);
  ret = sc_byte_ring_put (&f->ring, offset, SC_BYTE_RING_NO_TIME, data, size, 0,
      taken);
  free (data);
  return ret;
}

static void
check_run (const ScByteRun * run)
{
  uint64_t offset = run->offset;
  uint32_t crc = 0;
  int wrong = 0;                /* an assertion a byte would take too long */

  for (int i = 0; i < run->iov_count; i++) {
    const uint8_t *data = run->iov[i].iov_base;

    for (size_t k = 0; k < run->iov[i].iov_len; k++)
      wrong += data[k] != byte_at (offset + k);
    offset += run->iov[i].iov_len;
    crc = sc_crc32c (crc, data, run->iov[i].iov_len);
  }
  ck_assert_int_eq (wrong, 0);
  ck_assert_uint_eq (offset, run->offset + run->size);
  ck_assert_uint_eq (crc, run->crc);
}

START_TEST (test_writes_side_by_side_become_one_run_with_their_joint_checksum)
{
  Fixture f;
  ScByteRun run;
  size_t taken;

  setup (&f, SIZE);
  ck_assert (!sc_byte_ring_peek (&f.ring, SIZE, &run));
  ck_assert_int_eq (put (&f, 0, 1000, &taken), 0);
  ck_assert_int_eq (put (&f, 1000, 7, &taken), 0);
  ck_assert_int_eq (put (&f, 1007, 20000, &taken), 0);
  ck_assert (sc_byte_ring_peek (&f.ring, SIZE, &run));
  ck_assert_uint_eq (run.records, 3);
  ck_assert_uint_eq (run.size, 21007);
  ck_assert_int_eq (run.iov_count, 1);
  check_run (&run);
  teardown (&f);
}
END_TEST

START_TEST (test_a_jump_in_the_file_and_the_limit_end_a_run)
{
  Fixture f;
  ScByteRun run;
  size_t taken;

  setup (&f, SIZE);
  ck_assert_int_eq (put (&f, 0, 100, &taken), 0);
  ck_assert_int_eq (put (&f, 100, 100, &taken), 0);
  ck_assert_int_eq (put (&f, 40, 10, &taken), 0);
  ck_assert (sc_byte_ring_peek (&f.ring, 150, &run));
  ck_assert_uint_eq (run.size, 100);
  sc_byte_ring_written (&f.ring, run.records);
  ck_assert (sc_byte_ring_peek (&f.ring, 150, &run));
  ck_assert_uint_eq (run.offset, 100);
  ck_assert_uint_eq (run.size, 100);
  sc_byte_ring_written (&f.ring, run.records);
  ck_assert (sc_byte_ring_peek (&f.ring, 5, &run));
  ck_assert_uint_eq (run.offset, 40);
  ck_assert_uint_eq (run.size, 10);
  check_run (&run);
  sc_byte_ring_written (&f.ring, run.records);
  ck_assert (!sc_byte_ring_peek (&f.ring, 150, &run));
  teardown (&f);
}
END_TEST

START_TEST (test_memory_is_not_reused_before_it_is_released)
{
  Fixture f;
  ScByteRun run;
  size_t taken;

  setup (&f, SIZE);
  ck_assert_int_eq (put (&f, 0, SIZE, &taken), 0);
  ck_assert_uint_eq (sc_byte_ring_level (&f.ring), SIZE);
  ck_assert_int_eq (put (&f, SIZE, 1, &taken), -ETIMEDOUT);
  ck_assert_uint_eq (taken, 0);
  ck_assert (sc_byte_ring_peek (&f.ring, 2 * SIZE, &run));
  check_run (&run);
  sc_byte_ring_written (&f.ring, run.records);
  ck_assert (sc_byte_ring_half_unreleased (&f.ring));
  ck_assert_int_eq (put (&f, SIZE, 1, &taken), -ETIMEDOUT);
  sc_byte_ring_release (&f.ring, sc_byte_ring_written_position (&f.ring));
  ck_assert_uint_eq (sc_byte_ring_level (&f.ring), 0);
  ck_assert_int_eq (put (&f, SIZE, 1, &taken), 0);
  ck_assert_uint_eq (f.ring.waits, 2);
  teardown (&f);
}
END_TEST

START_TEST (test_a_write_larger_than_the_ring_says_how_much_was_taken)
{
  Fixture f;
  ScByteRun run;
  size_t taken;

  setup (&f, SIZE);
  ck_assert_int_eq (put (&f, 0, 3 * SIZE, &taken), -ETIMEDOUT);
  ck_assert_uint_eq (taken, SIZE);
  ck_assert (sc_byte_ring_peek (&f.ring, SIZE, &run));
  ck_assert_uint_eq (run.size, SIZE);
  check_run (&run);
  teardown (&f);
}
END_TEST

START_TEST (test_a_write_up_to_a_quarter_of_the_ring_is_one_record)
{
  Fixture f;
  ScByteRun run;
  size_t taken;

  setup (&f, SIZE);
  ck_assert_int_eq (put (&f, 0, SIZE - 3000, &taken), 0);
  /* there is room for a part of it: more than a large write would wait for */
  ck_assert_int_eq (put (&f, SIZE, 5000, &taken), -ETIMEDOUT);
  ck_assert_uint_eq (taken, 0);
  ck_assert (sc_byte_ring_peek (&f.ring, SIZE, &run));
  sc_byte_ring_written (&f.ring, run.records);
  sc_byte_ring_release (&f.ring, sc_byte_ring_written_position (&f.ring));
  /* and at the ring's end it is parted in memory only */
  ck_assert_int_eq (put (&f, SIZE, 5000, &taken), 0);
  ck_assert (sc_byte_ring_peek (&f.ring, 1, &run));
  ck_assert_uint_eq (run.records, 1);
  ck_assert_uint_eq (run.size, 5000);
  ck_assert_int_eq (run.iov_count, 2);
  ck_assert_uint_eq (run.iov[0].iov_len, 3000);
  check_run (&run);
  teardown (&f);
}
END_TEST

START_TEST (test_tiny_writes_wait_when_the_descriptors_run_out)
{
  Fixture f;
  ScByteRun run;
  size_t taken;
  int puts = 0;

  setup (&f, SIZE);
  while (put (&f, (uint64_t) puts, 1, &taken) == 0)
    puts++;
  ck_assert_int_eq (puts, SIZE / SC_BYTE_RING_RECORD_SHARE);
  ck_assert (sc_byte_ring_peek (&f.ring, SIZE, &run));
  ck_assert_uint_eq (run.size, (uint64_t) puts);
  sc_byte_ring_written (&f.ring, run.records);
  ck_assert (sc_byte_ring_half_unreleased (&f.ring));
  sc_byte_ring_release (&f.ring, run.records);
  ck_assert_int_eq (put (&f, (uint64_t) puts, 1, &taken), 0);
  teardown (&f);
}
END_TEST

/* Whether a put of @size bytes wakes a consumer that has announced itself. */
static bool
put_wakes (Fixture * f, uint64_t offset, size_t size)
{
  uint64_t before = f->ring.data_ready.wakes;
  size_t taken;

  (void) sc_eventcount_prepare (&f->ring.data_ready);
  (void) put (f, offset, size, &taken);
  return f->ring.data_ready.wakes != before;
}

START_TEST (test_a_consumer_that_gathers_is_woken_by_enough_or_by_a_full_ring)
{
  Fixture f;
  ScByteRun run;

  setup (&f, SIZE);
  ck_assert (put_wakes (&f, 0, 10));    /* as it begins: by anything */
  sc_byte_ring_wake_at (&f.ring, 100);
  ck_assert_uint_eq (sc_byte_ring_pending (&f.ring), 10);
  ck_assert (!put_wakes (&f, 10, 89));
  ck_assert (put_wakes (&f, 99, 1));
  /* Counted from what is written. */
  ck_assert (sc_byte_ring_peek (&f.ring, SIZE, &run));
  sc_byte_ring_written (&f.ring, run.records);
  sc_byte_ring_wake_at (&f.ring, 100);
  ck_assert_uint_eq (sc_byte_ring_pending (&f.ring), 0);
  ck_assert (!put_wakes (&f, 100, 99));
  ck_assert (put_wakes (&f, 199, 2));
  /* More than there is room for never comes. */
  sc_byte_ring_wake_at (&f.ring, 2 * SIZE);
  ck_assert (!put_wakes (&f, 201, 1000));
  ck_assert (put_wakes (&f, 1201, SIZE));
  sc_byte_ring_wake_at (&f.ring, 0);
  ck_assert (put_wakes (&f, 0, SIZE));
  teardown (&f);
}
END_TEST

START_TEST (test_an_interrupted_ring_still_takes_what_it_has_room_for)
{
  Fixture f;
  size_t taken;

  setup (&f, SIZE);
  sc_byte_ring_interrupt (&f.ring, true);
  ck_assert_int_eq (put (&f, 0, SIZE, &taken), 0);
  ck_assert_int_eq (put (&f, SIZE, 1, &taken), -ECANCELED);
  sc_byte_ring_interrupt (&f.ring, false);
  ck_assert_int_eq (put (&f, SIZE, 1, &taken), -ETIMEDOUT);
  sc_byte_ring_break (&f.ring);
  ck_assert_int_eq (put (&f, SIZE, 1, &taken), -EPIPE);
  teardown (&f);
}
END_TEST

static void *
put_one_more (void *user_data)
{
  Fixture *f = user_data;
  uint8_t byte = 0;
  size_t taken;

  return (void *) (intptr_t) sc_byte_ring_put (&f->ring, SIZE,
      SC_BYTE_RING_NO_TIME, &byte, 1, SC_WAIT_FOREVER, &taken);
}

static int
wait_ended_by (void (*end) (Fixture * f))
{
  Fixture f;
  pthread_t thread;
  size_t taken;
  void *ret;

  setup (&f, SIZE);
  ck_assert_int_eq (put (&f, 0, SIZE, &taken), 0);
  ck_assert_int_eq (pthread_create (&thread, NULL, put_one_more, &f), 0);
  while (atomic_load (&f.ring.waits) == 0)
    sched_yield ();
  end (&f);
  ck_assert_int_eq (pthread_join (thread, &ret), 0);
  teardown (&f);
  return (int) (intptr_t) ret;
}

static void
end_by_release (Fixture * f)
{
  ScByteRun run;

  ck_assert (sc_byte_ring_peek (&f->ring, SIZE, &run));
  sc_byte_ring_written (&f->ring, run.records);
  sc_byte_ring_release (&f->ring, run.records);
}

static void
end_by_interrupt (Fixture * f)
{
  sc_byte_ring_interrupt (&f->ring, true);
}

static void
end_by_break (Fixture * f)
{
  sc_byte_ring_break (&f->ring);
}

START_TEST (test_a_waiting_put_ends_on_release_on_interrupt_and_on_break)
{
  ck_assert_int_eq (wait_ended_by (end_by_release), 0);
  ck_assert_int_eq (wait_ended_by (end_by_interrupt), -ECANCELED);
  ck_assert_int_eq (wait_ended_by (end_by_break), -EPIPE);
}
END_TEST

enum { TOTAL = 8 * 1024 * 1024 };

static void *
produce (void *user_data)
{
  Fixture *f = user_data;
  uint64_t seed = 7, offset = 0;
  static uint8_t data[SIZE * 2];

  while (offset < TOTAL) {
    size_t size = sc_random (&seed) % (2 * SIZE) + 1, taken;

    if (sc_random (&seed) % 2 == 0)
      size = size % 700 + 1;
    if (size > TOTAL - offset)
      size = TOTAL - offset;
    fill (data, offset, size);
    if (sc_byte_ring_put (&f->ring, offset, offset, data, size,
            SC_WAIT_FOREVER, &taken) != 0)
      abort ();
    offset += size;
  }
  return NULL;
}

START_TEST (test_every_byte_passes_in_order_between_two_threads)
{
  Fixture f;
  pthread_t producer;
  uint64_t expected = 0, seed = sc_random_seed ("byte-ring");

  setup (&f, SIZE);
  ck_assert_int_eq (pthread_create (&producer, NULL, produce, &f), 0);
  while (expected < TOTAL) {
    uint32_t key = sc_eventcount_prepare (&f.ring.data_ready);
    ScByteRun run;

    if (!sc_byte_ring_peek (&f.ring, 30000, &run)) {
      /* Nothing to read: what was read must not stay held back for ever. */
      sc_byte_ring_release (&f.ring, sc_byte_ring_written_position (&f.ring));
      if (!sc_byte_ring_peek (&f.ring, 30000, &run)) {
        (void) sc_eventcount_wait (&f.ring.data_ready, key, SC_WAIT_FOREVER);
        continue;
      }
    }
    sc_eventcount_cancel (&f.ring.data_ready);
    ck_assert_uint_eq (run.offset, expected);
    check_run (&run);
    expected += run.size;
    sc_byte_ring_written (&f.ring, run.records);
    if (sc_random (&seed) % 3 == 0)
      sc_byte_ring_release (&f.ring, sc_byte_ring_written_position (&f.ring));
  }
  ck_assert_int_eq (pthread_join (producer, NULL), 0);
  teardown (&f);
}
END_TEST

SC_CHECK_MAIN ("byte-ring",
    test_writes_side_by_side_become_one_run_with_their_joint_checksum,
    test_a_jump_in_the_file_and_the_limit_end_a_run,
    test_memory_is_not_reused_before_it_is_released,
    test_a_write_larger_than_the_ring_says_how_much_was_taken,
    test_a_write_up_to_a_quarter_of_the_ring_is_one_record,
    test_tiny_writes_wait_when_the_descriptors_run_out,
    test_a_consumer_that_gathers_is_woken_by_enough_or_by_a_full_ring,
    test_an_interrupted_ring_still_takes_what_it_has_room_for,
    test_a_waiting_put_ends_on_release_on_interrupt_and_on_break,
    test_every_byte_passes_in_order_between_two_threads)
