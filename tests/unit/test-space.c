/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The room of a recording, over a disk that is a number. */
#include "sc-check.h"
#include "sc-space.h"

#define KIB UINT64_C (1024)
#define MIB (1024 * KIB)

typedef struct
{
  ScFileOps ops;
  uint64_t size;                /* of the disk */
  uint64_t others;              /* taken by others */
  uint64_t allocated;           /* by the recording */
  bool cannot;                  /* allocate */
} Disk;

static int
disk_reserve (const ScFileOps * ops, int fd, uint64_t offset, uint64_t size)
{
  Disk *disk = (Disk *) ops;

  if (disk->cannot)
    return -EOPNOTSUPP;
  ck_assert_uint_eq (offset, disk->allocated);
  if (disk->others + offset + size > disk->size)
    return -ENOSPC;
  disk->allocated = offset + size;
  return 0;
}

static int64_t
disk_free (const ScFileOps * ops, int fd)
{
  const Disk *disk = (const Disk *) ops;

  return (int64_t) (disk->size - disk->others - disk->allocated);
}

static Disk
make_disk (uint64_t size)
{
  return (Disk) {
    .ops = {.reserve = disk_reserve,.free_space = disk_free},.size = size
  };
}

/* Writes up to @end in pieces; stops at the limit.  Returns the end it has. */
static uint64_t
fill (ScSpace * space, Disk * disk, uint64_t end, uint64_t piece)
{
  for (uint64_t at = piece; at <= end; at += piece) {
    sc_space_make_room (space, &disk->ops, 0, at);
    if (disk->cannot)
      disk->allocated = at;
    if (space->limit != SC_SPACE_UNKNOWN)
      return at;
  }
  return end;
}

START_TEST (test_until_the_limit_all_that_was_accepted_and_the_reserve_fit)
{
  const uint64_t piece = 256 * KIB, ahead = 2 * MIB, reserve = 3 * MIB;

  for (uint64_t size = 6 * MIB; size < 120 * MIB; size += 7 * MIB + 4096) {
    Disk disk = make_disk (size);
    ScSpace space;
    uint64_t end;

    sc_space_init (&space, &(ScSpaceConfig) {
        .reserve = reserve,.ahead = ahead}, &disk.ops, 0, 0);
    sc_space_make_room (&space, &disk.ops, 0, 0);
    end = space.limit != SC_SPACE_UNKNOWN ? 0 : fill (&space, &disk, size,
        piece);
    ck_assert (space.limit != SC_SPACE_UNKNOWN);
    ck_assert_uint_eq (space.room, disk.allocated);
    ck_assert_uint_eq (space.room, space.limit + reserve);
    if (end > 0)
      ck_assert_uint_ge (space.limit, end - piece + ahead);
    ck_assert_uint_ge (space.room + size / 4 + piece, size);
  }
}
END_TEST

START_TEST (test_without_reserve_and_limits_nothing_is_taken_and_none_is_set)
{
  Disk disk = make_disk (MIB);
  ScSpace space;

  sc_space_init (&space, &(ScSpaceConfig) {.ahead = MIB}, &disk.ops, 0, 0);
  (void) fill (&space, &disk, 4 * MIB, 64 * KIB);
  ck_assert_uint_eq (disk.allocated, 0);
  ck_assert (space.limit == SC_SPACE_UNKNOWN);
  ck_assert_uint_ne (sc_space_left (&space), SC_SPACE_UNKNOWN);
}
END_TEST

START_TEST (test_the_file_gets_no_larger_than_max_bytes_with_its_reserve)
{
  Disk disk = make_disk (1000 * MIB);
  ScSpace space;

  sc_space_init (&space, &(ScSpaceConfig) {
      .max_bytes = 10 * MIB,.reserve = MIB,.ahead = 2 * MIB}, &disk.ops, 0, 0);
  (void) fill (&space, &disk, 100 * MIB, 256 * KIB);
  ck_assert_uint_eq (space.limit, 9 * MIB);
  ck_assert_uint_eq (space.room, 10 * MIB);
}
END_TEST

START_TEST (test_min_free_is_left_to_others)
{
  for (int cannot = 0; cannot < 2; cannot++) {
    Disk disk = make_disk (50 * MIB);
    ScSpace space;

    disk.cannot = cannot;
    sc_space_init (&space, &(ScSpaceConfig) {
        .min_free = 20 * MIB,.reserve = MIB,.ahead = MIB}, &disk.ops, 0, 0);
    (void) fill (&space, &disk, 50 * MIB, 256 * KIB);
    ck_assert_uint_le (space.room, 30 * MIB);
    ck_assert_uint_ge (space.room, 25 * MIB);
    ck_assert_uint_eq (space.limit, space.room - MIB);
  }
}
END_TEST

START_TEST (test_where_blocks_cannot_be_allocated_the_free_ones_are_counted)
{
  Disk disk = make_disk (20 * MIB);
  ScSpace space;

  disk.cannot = true;
  sc_space_init (&space, &(ScSpaceConfig) {
      .reserve = 2 * MIB,.ahead = MIB}, &disk.ops, 0, 0);
  (void) fill (&space, &disk, 30 * MIB, 256 * KIB);
  ck_assert (!sc_space_has_allocated (&space));
  ck_assert_uint_le (space.room, 20 * MIB);
  ck_assert_uint_eq (space.limit, space.room - 2 * MIB);
}
END_TEST

START_TEST (test_an_emptied_file_has_all_its_room_anew)
{
  Disk disk = make_disk (20 * MIB);
  ScSpace space;

  sc_space_init (&space, &(ScSpaceConfig) {
      .reserve = 2 * MIB,.ahead = MIB}, &disk.ops, 0, 0);
  (void) fill (&space, &disk, 30 * MIB, 256 * KIB);
  ck_assert (space.limit != SC_SPACE_UNKNOWN);
  sc_space_reset (&space);
  disk.allocated = 0;
  sc_space_make_room (&space, &disk.ops, 0, 0);
  ck_assert (space.limit == SC_SPACE_UNKNOWN);
}
END_TEST

START_TEST (test_a_modest_one_takes_nothing_and_leaves_room_for_its_end)
{
  for (uint64_t size = 64 * KIB; size < 2000 * MIB; size += size / 3) {
    Disk disk = make_disk (size);
    ScSpace space;
    uint64_t end;

    sc_space_init (&space, &(ScSpaceConfig) {
        .reserve = 4 * MIB,.ahead = 64 * MIB,.modest = true}, &disk.ops, 0, 0);
    sc_space_make_room (&space, &disk.ops, 0, 0);
    ck_assert_uint_gt (space.limit, size / 2);
    ck_assert_uint_eq (disk.allocated, 0);
    disk.cannot = true;
    end = fill (&space, &disk, size, 4 * KIB);
    ck_assert_uint_le (end, space.limit);
    ck_assert_uint_ge (space.limit, size - size / 8);
    ck_assert_uint_eq (space.room - space.limit, size / 16 < 4 * MIB
        ? size / 16 : 4 * MIB);
    ck_assert_uint_le (space.room + (space.room - space.limit), size);
  }
}
END_TEST

START_TEST (test_a_modest_limit_goes_where_others_make_room)
{
  Disk disk = make_disk (100 * MIB);
  ScSpace space;

  sc_space_init (&space, &(ScSpaceConfig) {
      .reserve = 4 * MIB,.ahead = MIB,.modest = true}, &disk.ops, 0, 0);
  disk.others = 95 * MIB;
  sc_space_make_room (&space, &disk.ops, 0, 0);
  ck_assert (space.limit != SC_SPACE_UNKNOWN);
  disk.others = 0;
  space.looked = 0;             /* a second passes */
  sc_space_make_room (&space, &disk.ops, 0, MIB);
  ck_assert (space.limit == SC_SPACE_UNKNOWN);
}
END_TEST

START_TEST (test_what_a_file_has_already_needs_no_room)
{
  Disk disk = make_disk (100 * MIB);
  ScSpace space;

  disk.allocated = 90 * MIB;
  sc_space_init (&space, &(ScSpaceConfig) {
      .reserve = MIB,.ahead = MIB}, &disk.ops, 0, 90 * MIB);
  sc_space_make_room (&space, &disk.ops, 0, 90 * MIB);
  ck_assert (space.limit == SC_SPACE_UNKNOWN);
  (void) fill (&space, &disk, 200 * MIB, MIB);
  ck_assert_uint_gt (space.limit, 95 * MIB);
  ck_assert_uint_le (space.room, 100 * MIB);
}
END_TEST

START_TEST (test_a_room_smaller_than_one_piece_is_room)
{
  Disk disk = make_disk (100 * MIB);
  ScSpace space;

  sc_space_init (&space, &(ScSpaceConfig) {
      .max_bytes = 60000,.reserve = 20000,.ahead = MIB}, &disk.ops, 0, 0);
  sc_space_make_room (&space, &disk.ops, 0, 0);
  ck_assert_uint_eq (space.room, 60000);
  ck_assert_uint_eq (space.limit, 40000);
}
END_TEST

SC_CHECK_MAIN ("space",
    test_a_modest_one_takes_nothing_and_leaves_room_for_its_end,
    test_a_modest_limit_goes_where_others_make_room,
    test_what_a_file_has_already_needs_no_room,
    test_a_room_smaller_than_one_piece_is_room,
    test_until_the_limit_all_that_was_accepted_and_the_reserve_fit,
    test_without_reserve_and_limits_nothing_is_taken_and_none_is_set,
    test_the_file_gets_no_larger_than_max_bytes_with_its_reserve,
    test_min_free_is_left_to_others,
    test_where_blocks_cannot_be_allocated_the_free_ones_are_counted,
    test_an_emptied_file_has_all_its_room_anew)
