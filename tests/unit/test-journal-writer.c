/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-check.h"
#include "sc-crc32c.h"
#include "sc-journal-writer.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* A table over the POSIX one that fails on request. */
typedef struct
{
  ScFileOps ops;                /* first: ops are cast to this */
  int fail_write;               /* the next writes' -errno, while not 0 */
  int fail_sync;                /* the next sync's -errno, once */
} FaultyOps;

static FaultyOps faulty;
static uint8_t buffer[SC_JOURNAL_BUFFER_MIN];
static char path[64];

static ssize_t
faulty_pwritev (const ScFileOps * self, int fd, const struct iovec *iov,
    int iov_count, uint64_t offset)
{
  if (faulty.fail_write != 0)
    return faulty.fail_write;
  return sc_file_ops_posix.pwritev (self, fd, iov, iov_count, offset);
}

static int
faulty_datasync (const ScFileOps * self, int fd)
{
  int ret = faulty.fail_sync;

  faulty.fail_sync = 0;
  return ret != 0 ? ret : sc_file_ops_posix.datasync (self, fd);
}

static void
create (ScJournalWriter * writer, uint64_t base_size)
{
  ScJournalHeader header;

  faulty = (FaultyOps) {.ops = sc_file_ops_posix };
  faulty.ops.pwritev = faulty_pwritev;
  faulty.ops.datasync = faulty_datasync;
  snprintf (path, sizeof (path), "journal-writer-%d.sfj", (int) getpid ());
  unlink (path);
  ck_assert_int_eq (sc_journal_header_init (&header, "take.wav", base_size), 0);
  ck_assert_int_eq (sc_journal_writer_create (writer, &faulty.ops, path, 0600,
          &header, buffer, sizeof (buffer)), 0);
}

static long
file_size (void)
{
  FILE *file = fopen (path, "rb");
  long size;

  ck_assert_ptr_nonnull (file);
  ck_assert_int_eq (fseek (file, 0, SEEK_END), 0);
  size = ftell (file);
  fclose (file);
  return size;
}

START_TEST (test_an_existing_journal_is_never_replaced)
{
  ScJournalWriter writer, second;
  ScJournalHeader header;

  create (&writer, 0);
  ck_assert_int_eq (sc_journal_header_init (&header, "take.wav", 0), 0);
  ck_assert_int_eq (sc_journal_writer_create (&second, &sc_file_ops_posix,
          path, 0600, &header, buffer, sizeof (buffer)), -EEXIST);
  ck_assert_int_eq (sc_journal_writer_close (&second), 0);
  ck_assert_int_eq (sc_journal_writer_close (&writer), 0);
  ck_assert_int_eq (file_size (), 88);
  unlink (path);
}
END_TEST

START_TEST (test_what_breaks_the_order_is_refused)
{
  ScJournalWriter writer;

  create (&writer, 10);
  ck_assert_int_eq (sc_journal_writer_extent (&writer, 9, 5, 0), -EINVAL);
  ck_assert_int_eq (sc_journal_writer_extent (&writer, 10, 0, 0), -EINVAL);
  ck_assert_int_eq (sc_journal_writer_extent (&writer, 10, UINT64_MAX, 0),
      -EINVAL);
  ck_assert_int_eq (sc_journal_writer_extent (&writer, 10, 5, 0), 0);
  ck_assert_int_eq (sc_journal_writer_overwrite (&writer, 12, "old", "new!", 4),
      -EINVAL);
  ck_assert_int_eq (sc_journal_writer_overwrite (&writer, 2, "old", "new", 3),
      0);
  ck_assert_int_eq (sc_journal_writer_mark (&writer, 16, SC_JOURNAL_NO_TIME),
      -EINVAL);
  ck_assert_int_eq (sc_journal_writer_mark (&writer, 14, 0), 0);
  ck_assert_int_eq (sc_journal_writer_mark (&writer, 13, 0), -EINVAL);
  ck_assert_int_eq (sc_journal_writer_close_record (&writer, 0), -EINVAL);
  ck_assert_int_eq (sc_journal_writer_mark (&writer, 15, 0), 0);
  ck_assert_int_eq (sc_journal_writer_close_record (&writer, 0), 0);
  ck_assert_int_eq (sc_journal_writer_extent (&writer, 15, 1, 0), -EINVAL);
  ck_assert_int_eq (sc_journal_writer_restart (&writer), 0);
  ck_assert_int_eq (sc_journal_writer_extent (&writer, 0, 1, 0), 0);
  ck_assert_int_eq (sc_journal_writer_close (&writer), 0);
  ck_assert_int_eq (sc_journal_writer_extent (&writer, 1, 1, 0), -EBADF);
  unlink (path);
}
END_TEST

START_TEST (test_after_a_failed_sync_the_writer_is_dead)
{
  ScJournalWriter writer;

  create (&writer, 0);
  ck_assert_int_eq (sc_journal_writer_extent (&writer, 0, 5, 0), 0);
  faulty.fail_sync = -EIO;
  ck_assert_int_eq (sc_journal_writer_sync (&writer), -EIO);
  ck_assert_int_eq (sc_journal_writer_sync (&writer), -EIO);
  ck_assert_int_eq (sc_journal_writer_extent (&writer, 5, 5, 0), -EIO);
  ck_assert_int_eq (sc_journal_writer_mark (&writer, 5, 0), -EIO);
  ck_assert_int_eq (sc_journal_writer_close (&writer), -EIO);
  ck_assert_int_eq (writer.fd, -1);
  unlink (path);
}
END_TEST

START_TEST (test_a_failed_write_can_be_made_again)
{
  ScJournalWriter writer;
  char bytes[4] = "abc";
  int taken = 0;

  create (&writer, 0);
  faulty.fail_write = -ENOSPC;
  while (sc_journal_writer_extent (&writer, (uint64_t) taken * 4, 4, 1) == 0)
    taken++;
  ck_assert_int_eq (taken, SC_JOURNAL_BUFFER_MIN / 48);
  ck_assert_int_eq (sc_journal_writer_overwrite (&writer, 0, bytes, bytes, 4),
      -ENOSPC);
  ck_assert_uint_eq (writer.sequence, (uint64_t) taken);
  faulty.fail_write = 0;
  ck_assert_int_eq (sc_journal_writer_overwrite (&writer, 0, bytes, bytes, 4),
      0);
  ck_assert_int_eq (sc_journal_writer_close (&writer), 0);
  ck_assert_int_eq (file_size (), 88 + taken * 48 + 48 + 8);
  unlink (path);
}
END_TEST

START_TEST (test_a_long_overwrite_is_split)
{
  enum { SIZE = 3 * SC_JOURNAL_OVERWRITE_MAX - 1 };
  static uint8_t old_bytes[SIZE], new_bytes[SIZE];
  ScJournalWriter writer;

  create (&writer, 0);
  ck_assert_int_eq (sc_journal_writer_extent (&writer, 0, SIZE,
          sc_crc32c (0, old_bytes, SIZE)), 0);
  ck_assert_int_eq (sc_journal_writer_overwrite (&writer, 0, old_bytes,
          new_bytes, SIZE), 0);
  ck_assert_uint_eq (writer.totals.overwrites, 3);
  ck_assert_uint_eq (writer.totals.overwritten_bytes, SIZE);
  ck_assert_uint_eq (writer.sequence, 4);
  ck_assert_int_eq (sc_journal_writer_close (&writer), 0);
  ck_assert_int_eq (file_size (), 88 + 48 + 3 * 48 + 6 * 65536);
  unlink (path);
}
END_TEST

START_TEST (test_a_switch_comes_first_and_redo_begins_below_its_base)
{
  ScJournalSwitch part_switch = {.base = 100,.part = 1 }, none = { 0 };
  static uint8_t bytes[SC_JOURNAL_OVERWRITE_MAX + 1];
  ScJournalWriter writer;

  create (&writer, 0);
  ck_assert_int_eq (sc_journal_writer_redo (&writer, 0, "x", 1), -EINVAL);
  ck_assert_int_eq (sc_journal_writer_switch (&writer, &none), -EINVAL);
  ck_assert_int_eq (sc_journal_writer_switch (&writer, &part_switch), 0);
  ck_assert_int_eq (sc_journal_writer_switch (&writer, &part_switch), -EINVAL);
  ck_assert_int_eq (sc_journal_writer_redo (&writer, 99, "xy", 2), -EINVAL);
  ck_assert_int_eq (sc_journal_writer_redo (&writer, 98, "xy", 2), 0);
  ck_assert_int_eq (sc_journal_writer_extent (&writer, 0, 1, 0), 0);
  ck_assert_int_eq (sc_journal_writer_redo (&writer, 99, "xy", 2), 0);
  ck_assert_int_eq (sc_journal_writer_redo (&writer, 99, "xyz", 3), -EINVAL);
  ck_assert_int_eq (sc_journal_writer_redo (&writer, 100, "x", 1), -EINVAL);
  ck_assert_int_eq (sc_journal_writer_restart (&writer), 0);
  ck_assert_int_eq (sc_journal_writer_redo (&writer, 0, "x", 1), -EINVAL);
  ck_assert_int_eq (sc_journal_writer_close (&writer), 0);
  ck_assert_int_eq (file_size (), 88 + 56 + 48 + 48 + 48 + 32);
  unlink (path);

  part_switch.base = sizeof (bytes);
  create (&writer, 0);
  ck_assert_int_eq (sc_journal_writer_switch (&writer, &part_switch), 0);
  ck_assert_int_eq (sc_journal_writer_redo (&writer, 0, bytes, sizeof (bytes)),
      0);
  ck_assert_uint_eq (writer.sequence, 3);
  ck_assert_int_eq (sc_journal_writer_close (&writer), 0);
  unlink (path);
}
END_TEST

START_TEST (test_a_gap_makes_the_payload_as_long_as_what_was_left_out)
{
  ScJournalGap gap = {.offset = 10,.size = 90,.buffers = 2 }, below = gap;
  ScJournalWriter writer;

  create (&writer, 0);
  ck_assert_int_eq (sc_journal_writer_extent (&writer, 0, 10, 0), 0);
  below.offset = 9;
  ck_assert_int_eq (sc_journal_writer_gap (&writer, &below), -EINVAL);
  below = (ScJournalGap) {.offset = 10 };
  ck_assert_int_eq (sc_journal_writer_gap (&writer, &below), -EINVAL);
  ck_assert_int_eq (sc_journal_writer_gap (&writer, &gap), 0);
  ck_assert_uint_eq (writer.high_water, 100);
  ck_assert_int_eq (sc_journal_writer_extent (&writer, 99, 1, 0), -EINVAL);
  ck_assert_int_eq (sc_journal_writer_mark (&writer, 100, 0), 0);
  ck_assert_int_eq (sc_journal_writer_close_record (&writer, 0), 0);
  gap.offset = 100;
  ck_assert_int_eq (sc_journal_writer_gap (&writer, &gap), -EINVAL);
  ck_assert_int_eq (sc_journal_writer_close (&writer), 0);
  ck_assert_int_eq (file_size (), 88 + 48 + 72 + 56 + 88);
  unlink (path);
}
END_TEST

START_TEST (test_names_that_are_no_base_name_are_refused)
{
  ScJournalHeader header;
  char name[300];

  memset (name, 'n', sizeof (name));
  name[256] = '\0';
  ck_assert_int_eq (sc_journal_header_init (&header, "", 0), -EINVAL);
  ck_assert_int_eq (sc_journal_header_init (&header, "a/b", 0), -EINVAL);
  ck_assert_int_eq (sc_journal_header_init (&header, name, 0), -ENAMETOOLONG);
  name[255] = '\0';
  ck_assert_int_eq (sc_journal_header_init (&header, name, 0), 0);
}
END_TEST

SC_CHECK_MAIN ("journal-writer",
    test_an_existing_journal_is_never_replaced,
    test_what_breaks_the_order_is_refused,
    test_after_a_failed_sync_the_writer_is_dead,
    test_a_failed_write_can_be_made_again,
    test_a_long_overwrite_is_split,
    test_a_switch_comes_first_and_redo_begins_below_its_base,
    test_a_gap_makes_the_payload_as_long_as_what_was_left_out,
    test_names_that_are_no_base_name_are_refused)
