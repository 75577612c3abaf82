/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "../support/sc-recording.h"
#include "sc-check.h"
#include "sc-journal-reader.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FOREVER SC_WAIT_FOREVER

static ScRecorderState
state (ScRecording * r)
{
  return sc_recorder_state_log_current (&r->log);
}

/* Ends a recording, which must go well, and gives the counters it had. */
static void
finish_well (ScRecording * r, ScRecorderStats * stats)
{
  ck_assert_int_eq (sc_recorder_finish (&r->recorder, FOREVER), 0);
  ck_assert_int_eq (state (r), SC_RECORDER_PUBLISHED);
  sc_recorder_stats (&r->recorder, stats);
  ck_assert_int_eq (sc_recorder_close (&r->recorder, &r->fault), 0);
  ck_assert_int_eq (state (r), SC_RECORDER_INIT);
}

START_TEST (test_a_finished_recording_has_its_name_its_bytes_and_no_journal)
{
  ScRecording r;
  ScRecorderStats stats;

  sc_recording_init (&r);
  ck_assert_int_eq (sc_recording_open (&r), 0);
  ck_assert_int_eq (state (&r), SC_RECORDER_READY);
  ck_assert_int_eq (sc_recording_size (r.journal), 88);
  for (int i = 0; i < 50; i++)
    ck_assert_int_eq (sc_recording_write (&r, i * 10000u, 10000, 0), 0);
  ck_assert_int_eq (state (&r), SC_RECORDER_WRITING);
  finish_well (&r, &stats);
  ck_assert_uint_eq (stats.durable, 500000);
  ck_assert_uint_eq (stats.size, 500000);
  ck_assert_uint_eq (stats.accepted, 500000);
  ck_assert_uint_eq (stats.backlog, 0);
  ck_assert (sc_recording_holds (r.name, 0, 500000, 0));
  ck_assert_int_eq (sc_recording_size (r.name), 500000);
  ck_assert_int_eq (sc_recording_size (r.part), -1);
  ck_assert_int_eq (sc_recording_size (r.journal), -1);
  sc_recording_clear (&r);
}
END_TEST

START_TEST (test_a_kept_journal_stays_beside_the_file_whatever_the_policy)
{
  for (int policy = SC_SYNC_NONE; policy <= SC_SYNC_ON_REQUEST; policy++) {
    ScRecording r;
    ScRecorderStats stats;

    sc_recording_init (&r);
    r.config.policy = (ScSyncPolicy) policy;
    r.config.sync_bytes = 3000;
    r.config.target.keep_journal = true;
    ck_assert_int_eq (sc_recording_open (&r), 0);
    for (int i = 0; i < 10; i++)
      ck_assert_int_eq (sc_recording_write (&r, i * 1000u, 1000, 0), 0);
    finish_well (&r, &stats);
    ck_assert_uint_eq (stats.durable, 10000);
    ck_assert_int_gt (sc_recording_size (r.journal), 88);
    sc_recording_clear (&r);
  }
}
END_TEST

START_TEST (test_a_closed_recording_leaves_its_bytes_and_its_journal_for_recovery)
{
  ScRecording r;

  sc_recording_init (&r);
  ck_assert_int_eq (sc_recording_open (&r), 0);
  ck_assert_int_eq (sc_recording_write (&r, 0, 60000, 0), 0);
  ck_assert_int_eq (sc_recorder_close (&r.recorder, &r.fault), 0);
  ck_assert (sc_recording_holds (r.part, 0, 60000, 0));
  ck_assert_int_gt (sc_recording_size (r.journal), 88);
  ck_assert_int_eq (sc_recording_size (r.name), -1);
  ck_assert_uint_ge (r.ops.calls[SC_OP_DATASYNC], 2);
  sc_recording_clear (&r);
}
END_TEST

START_TEST (test_a_recording_without_a_byte_leaves_nothing_behind)
{
  ScRecording r;

  sc_recording_init (&r);
  ck_assert_int_eq (sc_recording_open (&r), 0);
  ck_assert_int_eq (sc_recorder_close (&r.recorder, &r.fault), 0);
  ck_assert_int_eq (sc_recording_size (r.part), -1);
  ck_assert_int_eq (sc_recording_size (r.journal), -1);
  sc_recording_clear (&r);
}
END_TEST

START_TEST (test_an_existing_file_is_replaced_only_where_asked_and_only_at_the_end)
{
  for (int replace = 0; replace < 2; replace++) {
    ScRecording r;
    ScRecorderStats stats;
    FILE *file;

    sc_recording_init (&r);
    r.config.target.replace = replace != 0;
    file = fopen (r.name, "w");
    ck_assert (file != NULL && fputs ("old", file) != EOF);
    ck_assert_int_eq (fclose (file), 0);
    ck_assert_int_eq (sc_recording_open (&r), 0);
    ck_assert_int_eq (sc_recording_write (&r, 0, 5000, 0), 0);
    ck_assert_int_eq (sc_recorder_sync (&r.recorder, FOREVER), 0);
    ck_assert_int_eq (sc_recording_size (r.name), 3);
    if (replace) {
      finish_well (&r, &stats);
      ck_assert (sc_recording_holds (r.name, 0, 5000, 0));
    } else {
      ck_assert_int_eq (sc_recorder_finish (&r.recorder, FOREVER), -EEXIST);
      /* All is durable all the same, under the name it had. */
      ck_assert_uint_eq (sc_recorder_durable (&r.recorder), 5000);
      ck_assert_int_eq (sc_recorder_close (&r.recorder, &r.fault), -EEXIST);
      ck_assert_int_eq (r.fault.kind, SC_FAULT_PUBLISH);
      ck_assert_int_eq (sc_recording_size (r.name), 3);
      ck_assert (sc_recording_holds (r.part, 0, 5000, 0));
    }
    sc_recording_clear (&r);
  }
}
END_TEST

START_TEST (test_overwrites_splits_and_holes_end_up_where_they_belong)
{
  ScRecording r;
  ScRecorderStats stats;

  sc_recording_init (&r);
  r.config.ring_size = 1 << 20;
  ck_assert_int_eq (sc_recording_open (&r), 0);
  ck_assert_int_eq (sc_recording_write (&r, 0, 200000, 0), 0);
  ck_assert_int_eq (sc_recording_write (&r, 10, 150000, 1), 0);
  ck_assert_int_eq (sc_recording_write (&r, 199000, 3000, 2), 0);
  ck_assert_int_eq (sc_recording_write (&r, 300000, 100, 3), 0);
  ck_assert_int_eq (sc_recording_write (&r, 250000, 10, 4), 0);
  finish_well (&r, &stats);
  ck_assert_uint_eq (stats.size, 300100);
  ck_assert_uint_eq (stats.overwritten_bytes, 150000 + 1000 + 10);
  /* The first one in pieces of up to 64 KiB. */
  ck_assert_uint_eq (stats.overwrites, 3 + 1 + 1);
  ck_assert (sc_recording_holds (r.name, 0, 10, 0));
  ck_assert (sc_recording_holds (r.name, 10, 150000, 1));
  ck_assert (sc_recording_holds (r.name, 150010, 199000 - 150010, 0));
  ck_assert (sc_recording_holds (r.name, 199000, 3000, 2));
  ck_assert (sc_recording_holds (r.name, 250000, 10, 4));
  ck_assert (sc_recording_holds (r.name, 300000, 100, 3));
  ck_assert_int_eq (sc_recording_size (r.name), 300100);
  sc_recording_clear (&r);
}
END_TEST

START_TEST (test_short_writes_are_carried_on)
{
  ScRecording r;
  ScRecorderStats stats;

  sc_recording_init (&r);
  r.ops.short_writes = true;
  ck_assert_int_eq (sc_recording_open (&r), 0);
  ck_assert_int_eq (sc_recording_write (&r, 0, 30000, 0), 0);
  ck_assert_int_eq (sc_recording_write (&r, 20000, 5000, 1), 0);
  finish_well (&r, &stats);
  ck_assert (sc_recording_holds (r.name, 0, 20000, 0));
  ck_assert (sc_recording_holds (r.name, 20000, 5000, 1));
  ck_assert (sc_recording_holds (r.name, 25000, 5000, 0));
  sc_recording_clear (&r);
}
END_TEST

START_TEST (test_an_asked_for_sync_moves_the_mark_over_all_that_was_accepted)
{
  ScRecording r;
  ScRecorderStats stats;

  sc_recording_init (&r);
  r.config.policy = SC_SYNC_ON_REQUEST;
  ck_assert_int_eq (sc_recording_open (&r), 0);
  ck_assert_int_eq (sc_recorder_sync (&r.recorder, FOREVER), 0);
  for (uint64_t i = 1; i <= 20; i++) {
    ck_assert_int_eq (sc_recording_write (&r, (i - 1) * 700, 700, 0), 0);
    ck_assert_int_eq (sc_recorder_sync (&r.recorder, FOREVER), 0);
    ck_assert_uint_eq (sc_recorder_durable (&r.recorder), i * 700);
  }
  sc_recorder_stats (&r.recorder, &stats);
  ck_assert_uint_eq (stats.syncs, 20);
  finish_well (&r, &stats);
  sc_recording_clear (&r);
}
END_TEST

START_TEST (test_the_mark_moves_by_itself_by_time_by_bytes_and_at_half_a_ring)
{
  static const struct
  {
    ScSyncPolicy policy;
    uint64_t interval, bytes, size;
  } cases[] = {
    {SC_SYNC_INTERVAL, 1000000, 0, 100},
    {SC_SYNC_BYTES, 0, 5000, 5000},
    {SC_SYNC_INTERVAL, UINT64_C (3600000000000), 0, SC_BYTE_RING_MIN / 2},
    {SC_SYNC_BYTES, 0, UINT64_C (1) << 40, SC_BYTE_RING_MIN / 2},
    {SC_SYNC_ON_REQUEST, 0, 0, SC_BYTE_RING_MIN / 2},
  };

  for (size_t i = 0; i < sizeof (cases) / sizeof (cases[0]); i++) {
    ScRecording r;
    ScRecorderStats stats;

    sc_recording_init (&r);
    r.config.policy = cases[i].policy;
    r.config.sync_interval = cases[i].interval;
    r.config.sync_bytes = cases[i].bytes;
    ck_assert_int_eq (sc_recording_open (&r), 0);
    for (uint64_t round = 1; round <= 5; round++) {
      ck_assert_int_eq (sc_recording_write (&r, (round - 1) * cases[i].size,
              cases[i].size, 0), 0);
      sc_recording_wait_mark (&r, round * cases[i].size);
    }
    finish_well (&r, &stats);
    sc_recording_clear (&r);
  }
}
END_TEST

START_TEST (test_the_policy_none_never_syncs_and_promises_nothing)
{
  ScRecording r;
  ScRecorderStats stats;

  sc_recording_init (&r);
  r.config.policy = SC_SYNC_NONE;
  ck_assert_int_eq (sc_recording_open (&r), 0);
  for (int i = 0; i < 100; i++)
    ck_assert_int_eq (sc_recording_write (&r, i * 5000u, 5000, 0), 0);
  ck_assert_int_eq (sc_recording_write (&r, 0, 5000, 1), 0);
  finish_well (&r, &stats);
  ck_assert_uint_eq (stats.durable, 0);
  ck_assert_uint_eq (stats.syncs, 0);
  ck_assert_uint_eq (r.ops.calls[SC_OP_DATASYNC], 0);
  ck_assert (sc_recording_holds (r.name, 0, 5000, 1));
  ck_assert (sc_recording_holds (r.name, 5000, 495000, 0));
  sc_recording_clear (&r);
}
END_TEST

START_TEST (test_an_asked_for_sync_is_made_even_in_the_policy_none)
{
  ScRecording r;
  ScRecorderStats stats;

  sc_recording_init (&r);
  r.config.policy = SC_SYNC_NONE;
  ck_assert_int_eq (sc_recording_open (&r), 0);
  ck_assert_int_eq (sc_recording_write (&r, 0, 5000, 0), 0);
  ck_assert_int_eq (sc_recorder_sync (&r.recorder, FOREVER), 0);
  ck_assert_uint_eq (r.ops.calls[SC_OP_DATASYNC], 1);
  finish_well (&r, &stats);
  sc_recording_clear (&r);
}
END_TEST

START_TEST (test_a_restart_empties_the_file_and_takes_the_mark_back)
{
  ScRecording r;
  ScRecorderStats stats;

  sc_recording_init (&r);
  ck_assert_int_eq (sc_recording_open (&r), 0);
  ck_assert_int_eq (sc_recording_write (&r, 0, 50000, 0), 0);
  ck_assert_int_eq (sc_recorder_restart (&r.recorder, FOREVER), 0);
  ck_assert_int_eq (state (&r), SC_RECORDER_READY);
  ck_assert_uint_eq (sc_recorder_durable (&r.recorder), 0);
  ck_assert_int_eq (sc_recording_size (r.part), 0);
  ck_assert_int_eq (sc_recording_write (&r, 0, 300, 1), 0);
  finish_well (&r, &stats);
  ck_assert_uint_eq (stats.size, 300);
  ck_assert (sc_recording_holds (r.name, 0, 300, 1));
  ck_assert_int_eq (sc_recording_size (r.name), 300);
  sc_recording_clear (&r);
}
END_TEST

/* The journal's header says where what it vouches for begins. */
START_TEST (test_kept_content_is_durable_and_what_follows_stands_behind_it)
{
  ScRecording r;
  ScRecorderStats stats;
  ScJournalReader reader;
  FILE *file;

  sc_recording_init (&r);
  file = fopen (r.part, "w");
  ck_assert (file != NULL && fwrite ("old.", 1, 4, file) == 4
      && fclose (file) == 0);
  r.config.target.exclusive = false;
  r.config.target.keep_content = true;
  r.config.target.keep_journal = true;
  ck_assert_int_eq (sc_recording_open (&r), 0);
  ck_assert_uint_eq (sc_recorder_start_size (&r.recorder), 4);
  ck_assert_uint_eq (sc_recorder_durable (&r.recorder), 4);
  ck_assert_int_eq (sc_recording_write (&r, 4, 1000, 0), 0);
  finish_well (&r, &stats);
  ck_assert_uint_eq (stats.durable, 1004);
  ck_assert_uint_eq (stats.overwrites, 0);
  ck_assert_int_eq (sc_journal_reader_open (&reader, &sc_file_ops_posix,
          r.journal), 0);
  ck_assert_uint_eq (reader.header.base_size, 4);
  sc_journal_reader_close (&reader);
  sc_recording_clear (&r);
}
END_TEST

/* Refused once, then taken; without time to try again it is an error. */
START_TEST (test_a_write_refused_for_a_while_is_tried_again_as_long_as_asked)
{
  for (int patient = 0; patient < 2; patient++) {
    ScRecording r;
    ScRecorderStats stats;

    sc_recording_init (&r);
    r.config.target.journal_path = NULL;
    r.config.target.retry_time = patient ? UINT64_C (3600000000000) : 0;
    r.ops.fail_op = SC_OP_PWRITEV;
    r.ops.fail_nth = 1;
    r.ops.fail_error = -EACCES;
    ck_assert_int_eq (sc_recording_open (&r), 0);
    (void) sc_recording_write (&r, 0, 1000, 0);
    if (patient) {
      finish_well (&r, &stats);
      ck_assert (sc_recording_holds (r.name, 0, 1000, 0));
    } else {
      ck_assert_int_eq (sc_recorder_finish (&r.recorder, FOREVER), -EACCES);
      (void) sc_recorder_close (&r.recorder, &r.fault);
    }
    sc_recording_clear (&r);
  }
}
END_TEST

/* Runs of any size and place, rewritten ones between them, so that the ring and
 * the file's blocks are not aligned alike; @refused: by the file system. */
static void
record_directly (bool refused)
{
  ScRecording r;
  ScRecorderStats stats;
  uint64_t end = 0;

  sc_recording_init (&r);
  r.config.target.direct = true;
  if (refused)
    sc_fault_ops_fail (&r.ops, SC_OP_OPEN, 2, -EINVAL, false);
  ck_assert_int_eq (sc_recording_open (&r), 0);
  ck_assert (sc_recorder_direct_refused (&r.recorder) == refused);
  for (uint32_t i = 1; i < 200; i++) {
    uint32_t size = i * 977 % 20000 + (i % 7 == 0 ? 40960 : 1);

    ck_assert_int_eq (sc_recording_write (&r, end, size, 0), 0);
    end += size;
    if (i % 50 == 0)
      ck_assert_int_eq (sc_recording_write (&r, 100, 333, 0), 0);
  }
  finish_well (&r, &stats);
  ck_assert_int_eq (sc_recording_size (r.name), (int64_t) end);
  ck_assert (sc_recording_holds (r.name, 0, end, 0));
  sc_recording_clear (&r);
}

START_TEST (test_written_past_the_page_cache_every_byte_is_in_its_place)
{
  record_directly (false);
}
END_TEST

START_TEST (test_where_that_is_refused_it_is_said_and_written_as_usual)
{
  record_directly (true);
}
END_TEST

typedef enum
{
  VERIFY_NONE,
  VERIFY_ROLLING,
  VERIFY_CLOSE,
} Verify;

typedef struct
{
  ScFileOps ops;                /* first */
  ScFileOps *real;
  uint64_t bad_offset;          /* bytes written there are not kept, */
  int bad_writes;               /* so often */
} ForgetfulDisk;

static ssize_t
forgetful_pwritev (const ScFileOps * ops, int fd, const struct iovec *iov,
    int count, uint64_t offset)
{
  ForgetfulDisk *disk = (ForgetfulDisk *) ops;
  ssize_t ret = disk->real->pwritev (&sc_file_ops_posix, fd, iov, count,
      offset);

  /* Not the journal, which is shorter. */
  if (ret > 0 && offset <= disk->bad_offset
      && disk->bad_offset < offset + (uint64_t) ret && disk->bad_writes > 0) {
    disk->bad_writes--;
    ck_assert_int_eq (pwrite (fd, "?", 1, (off_t) disk->bad_offset), 1);
  }
  return ret;
}

/* The disk damages one byte in so many writes.  Returns what finish said. */
static int
record_on_forgetful_disk (int bad_writes, Verify verify, bool * right,
    ScRecorderStats * stats, ScFault * fault)
{
  ScFileOps real = sc_file_ops_posix;
  ForgetfulDisk disk = {.ops = real,.real = &real,.bad_offset = 150000,
    .bad_writes = bad_writes
  };
  ScRecording r;
  int ret;

  disk.ops.pwritev = forgetful_pwritev;
  sc_recording_init (&r);
  r.config.verify = verify == VERIFY_ROLLING;
  r.config.verify_close = verify == VERIFY_CLOSE;
  r.config.target.ops = &disk.ops;
  ck_assert_int_eq (sc_recording_open (&r), 0);
  /* An error may come while it still goes on. */
  for (uint32_t i = 0; i < 50; i++)
    (void) sc_recording_write (&r, i * 10000, 10000, 0);
  (void) sc_recording_write (&r, 77, 333, 5);
  ret = sc_recorder_finish (&r.recorder, FOREVER);
  sc_recorder_stats (&r.recorder, stats);
  (void) sc_recorder_close (&r.recorder, fault);
  *right = sc_recording_holds (r.name, 410, 499590, 0)
      && sc_recording_holds (r.name, 77, 333, 5);
  sc_recording_clear (&r);
  return ret;
}

START_TEST (test_what_the_disk_did_not_keep_is_found_and_written_once_more)
{
  ScRecorderStats stats;
  ScFault fault;
  bool right;

  ck_assert_int_eq (record_on_forgetful_disk (0, VERIFY_ROLLING, &right, &stats,
          &fault), 0);
  ck_assert (right);
  ck_assert_uint_eq (stats.mismatches, 0);
  ck_assert_uint_ge (stats.verified_bytes, 490000);
  ck_assert_int_eq (record_on_forgetful_disk (1, VERIFY_ROLLING, &right, &stats,
          &fault), 0);
  ck_assert (right);
  ck_assert_uint_eq (stats.mismatches, 1);
  ck_assert_uint_eq (stats.repairs, 1);
  ck_assert_uint_eq (stats.wrong_offset, 150000);
}
END_TEST

START_TEST (test_a_disk_that_keeps_it_never_is_an_error_with_the_offset)
{
  ScRecorderStats stats;
  ScFault fault;
  bool right;

  ck_assert_int_eq (record_on_forgetful_disk (1000, VERIFY_ROLLING, &right,
          &stats, &fault), -EIO);
  ck_assert_int_eq (fault.kind, SC_FAULT_VERIFY);
  ck_assert_uint_eq (fault.offset, 150000);
}
END_TEST

START_TEST (test_verified_at_the_end_a_damaged_file_does_not_get_its_name)
{
  ScRecorderStats stats;
  ScFault fault;
  bool right;

  ck_assert_int_eq (record_on_forgetful_disk (0, VERIFY_CLOSE, &right, &stats,
          &fault), 0);
  ck_assert (right);
  ck_assert_uint_eq (stats.verified_bytes, 500000);
  ck_assert_int_eq (record_on_forgetful_disk (1, VERIFY_CLOSE, &right, &stats,
          &fault), -EIO);
  ck_assert (!right);           /* there is no such file */
  ck_assert_int_eq (fault.kind, SC_FAULT_VERIFY);
  ck_assert_uint_le (fault.offset, 150000);
}
END_TEST

START_TEST (test_not_verified_a_damaged_file_is_published)
{
  ScRecorderStats stats;
  ScFault fault;
  bool right;

  ck_assert_int_eq (record_on_forgetful_disk (1, VERIFY_NONE, &right, &stats,
          &fault), 0);
  ck_assert (!right);
}
END_TEST

START_TEST (test_each_failing_operation_is_named_and_stops_the_recording)
{
  static const struct
  {
    ScOp op;
    uint64_t nth;               /* after open */
    int error;
    ScFaultKind kind;
  } cases[] = {
    {SC_OP_PWRITEV, 1, -ENOSPC, SC_FAULT_WRITE},
    {SC_OP_DATASYNC, 1, -EIO, SC_FAULT_SYNC},
    {SC_OP_PWRITEV, 2, -EDQUOT, SC_FAULT_JOURNAL},
    {SC_OP_DATASYNC, 2, -EIO, SC_FAULT_SYNC_JOURNAL},
    {SC_OP_PREAD, 1, -EIO, SC_FAULT_READ_BACK},
    {SC_OP_SIZE, 1, -EIO, SC_FAULT_SIZE},
    {SC_OP_CLOSE, 1, -EIO, SC_FAULT_CLOSE},
    {SC_OP_RENAME, 1, -EACCES, SC_FAULT_PUBLISH},
    {SC_OP_SYNC_PARENT, 1, -EIO, SC_FAULT_SYNC_FOLDER},
  };

  for (size_t i = 0; i < sizeof (cases) / sizeof (cases[0]); i++) {
    ScRecording r;
    uint64_t durable;
    int ret;

    sc_recording_init (&r);
    ck_assert_int_eq (sc_recording_open (&r), 0);
    sc_fault_ops_fail (&r.ops, cases[i].op, cases[i].nth, cases[i].error,
        false);
    ret = sc_recording_write (&r, 0, 1000, 0);
    if (ret == 0)
      ret = sc_recorder_sync (&r.recorder, FOREVER);
    if (ret == 0)
      ret = sc_recording_write (&r, 0, 100, 1);
    if (ret == 0)
      ret = sc_recorder_finish (&r.recorder, FOREVER);
    ck_assert_msg (ret == cases[i].error, "case %zu: %d", i, ret);
    ck_assert_int_eq (state (&r), SC_RECORDER_ERROR);
    ck_assert (sc_recorder_fault (&r.recorder, &r.fault));
    ck_assert_msg (r.fault.kind == cases[i].kind, "case %zu: %s", i,
        sc_fault_name (r.fault.kind));
    /* It stays so, and the mark stays where it was. */
    durable = sc_recorder_durable (&r.recorder);
    ck_assert_int_lt (sc_recording_write (&r, 1000, 100, 0), 0);
    ck_assert_int_eq (sc_recorder_sync (&r.recorder, FOREVER), cases[i].error);
    ck_assert_uint_eq (sc_recorder_durable (&r.recorder), durable);
    ck_assert_int_eq (sc_recorder_close (&r.recorder, &r.fault),
        cases[i].error);
    sc_recording_clear (&r);
  }
}
END_TEST

static void *
open_it (void *user_data)
{
  ScRecording *r = user_data;

  return (void *) (intptr_t) sc_recording_open (r);
}

START_TEST (test_an_interruption_ends_no_opening)
{
  ScRecording r;
  pthread_t opener;
  void *ret;

  sc_recording_init (&r);
  sc_fault_ops_hold (&r.ops, SC_OP_OPEN);
  ck_assert_int_eq (pthread_create (&opener, NULL, open_it, &r), 0);
  sc_fault_ops_wait_held (&r.ops);
  sc_recorder_interrupt (&r.recorder, true);
  sc_fault_ops_hold (&r.ops, -1);
  ck_assert_int_eq (pthread_join (opener, &ret), 0);
  ck_assert_ptr_null (ret);
  sc_recorder_interrupt (&r.recorder, false);
  ck_assert_int_eq (sc_recording_write (&r, 0, 1000, 0), 0);
  ck_assert_int_eq (sc_recorder_finish (&r.recorder, FOREVER), 0);
  ck_assert_int_eq (sc_recorder_close (&r.recorder, &r.fault), 0);
  sc_recording_clear (&r);
}
END_TEST

START_TEST (test_after_a_failed_sync_none_is_tried_again_and_no_mark_is_told)
{
  ScRecording r;
  uint64_t syncs;

  sc_recording_init (&r);
  r.config.sync_interval = 1000000;
  ck_assert_int_eq (sc_recording_open (&r), 0);
  sc_fault_ops_fail (&r.ops, SC_OP_DATASYNC, 1, -EIO, false);
  ck_assert_int_eq (sc_recording_write (&r, 0, 1000, 0), 0);
  sc_recording_wait_error (&r);
  ck_assert_int_eq (state (&r), SC_RECORDER_ERROR);
  syncs = r.ops.calls[SC_OP_DATASYNC];
  ck_assert_int_eq (sc_recorder_sync (&r.recorder, FOREVER), -EIO);
  ck_assert_int_eq (sc_recorder_finish (&r.recorder, FOREVER), -EIO);
  ck_assert_uint_eq (sc_recorder_durable (&r.recorder), 0);
  ck_assert_int_eq (sc_recorder_close (&r.recorder, &r.fault), -EIO);
  ck_assert_uint_eq (r.ops.calls[SC_OP_DATASYNC], syncs);
  sc_recording_clear (&r);
}
END_TEST

START_TEST (test_what_open_made_is_removed_when_open_fails)
{
  static const struct
  {
    ScOp op;
    uint64_t nth;
    int error;
    ScFaultKind kind;
  } cases[] = {
    {SC_OP_OPEN, 1, -EACCES, SC_FAULT_OPEN},
    {SC_OP_OPEN, 2, -ENOSPC, SC_FAULT_OPEN_JOURNAL},
    {SC_OP_PWRITEV, 1, -ENOSPC, SC_FAULT_OPEN_JOURNAL},
    {SC_OP_SYNC_PARENT, 1, -EIO, SC_FAULT_SYNC_FOLDER},
  };

  for (size_t i = 0; i < sizeof (cases) / sizeof (cases[0]); i++) {
    ScRecording r;

    sc_recording_init (&r);
    sc_fault_ops_fail (&r.ops, cases[i].op, cases[i].nth, cases[i].error,
        false);
    ck_assert_int_eq (sc_recording_open (&r), cases[i].error);
    ck_assert_int_eq (r.fault.kind, cases[i].kind);
    ck_assert_int_eq (state (&r), SC_RECORDER_ERROR);
    ck_assert_int_eq (sc_recording_size (r.part), -1);
    ck_assert_int_eq (sc_recording_size (r.journal), -1);
    sc_recording_clear (&r);
  }
}
END_TEST

START_TEST (test_a_file_that_another_recorder_writes_is_left_alone)
{
  ScRecording r;
  ScTargetConfig second;
  ScTarget target;
  ScFault fault;
  ScRecorderStats stats;

  sc_recording_init (&r);
  ck_assert_int_eq (sc_recording_open (&r), 0);
  ck_assert_int_eq (sc_recording_write (&r, 0, 1000, 0), 0);
  second = r.config.target;
  second.memory = malloc (SC_TARGET_MEMORY);
  ck_assert_int_eq (sc_target_open (&target, &second, &fault), -EEXIST);
  second.exclusive = false;
  ck_assert_int_eq (sc_target_open (&target, &second, &fault), -EBUSY);
  ck_assert_int_eq (fault.kind, SC_FAULT_LOCK);
  free (second.memory);
  finish_well (&r, &stats);
  ck_assert (sc_recording_holds (r.name, 0, 1000, 0));
  sc_recording_clear (&r);
}
END_TEST

START_TEST (test_the_streaming_thread_goes_on_while_a_sync_hangs)
{
  ScRecording r;
  ScRecorderStats stats;

  sc_recording_init (&r);
  r.config.policy = SC_SYNC_BYTES;
  r.config.sync_bytes = 1000;
  ck_assert_int_eq (sc_recording_open (&r), 0);
  sc_fault_ops_hold (&r.ops, SC_OP_DATASYNC);
  ck_assert_int_eq (sc_recording_write (&r, 0, 1000, 0), 0);
  sc_fault_ops_wait_held (&r.ops);
  for (uint64_t i = 1; i < 60; i++)
    ck_assert_int_eq (sc_recording_write (&r, i * 1000, 1000, 0), 0);
  sc_recorder_stats (&r.recorder, &stats);
  ck_assert_uint_eq (stats.durable, 0);
  ck_assert_uint_eq (stats.backlog, 60000);
  ck_assert_uint_eq (stats.waits, 0);
  sc_fault_ops_hold (&r.ops, -1);
  finish_well (&r, &stats);
  ck_assert_uint_eq (stats.durable, 60000);
  sc_recording_clear (&r);
}
END_TEST

START_TEST (test_a_hung_disk_holds_up_no_wait_that_is_interrupted_or_timed)
{
  ScRecording r;
  ScRecorderStats stats;
  uint8_t data[1000] = { 0 };
  size_t taken;

  sc_recording_init (&r);
  ck_assert_int_eq (sc_recording_open (&r), 0);
  sc_fault_ops_hold (&r.ops, SC_OP_DATASYNC);
  ck_assert_int_eq (sc_recording_write (&r, 0, SC_BYTE_RING_MIN, 0), 0);
  ck_assert_int_eq (sc_recorder_sync (&r.recorder, 1000), -ETIMEDOUT);
  ck_assert_int_eq (sc_recorder_write (&r.recorder, SC_BYTE_RING_MIN,
          SC_BYTE_RING_NO_TIME, data, sizeof (data), 1000, &taken), -ETIMEDOUT);
  sc_recorder_interrupt (&r.recorder, true);
  ck_assert_int_eq (sc_recorder_sync (&r.recorder, FOREVER), -ECANCELED);
  ck_assert_int_eq (sc_recorder_write (&r.recorder, SC_BYTE_RING_MIN,
          SC_BYTE_RING_NO_TIME, data, sizeof (data), FOREVER, &taken),
      -ECANCELED);
  ck_assert_int_eq (sc_recorder_finish (&r.recorder, FOREVER), -ECANCELED);
  ck_assert_int_eq (state (&r), SC_RECORDER_FLUSHING);
  sc_recorder_interrupt (&r.recorder, false);
  sc_fault_ops_hold (&r.ops, -1);
  finish_well (&r, &stats);
  ck_assert_uint_eq (stats.durable, SC_BYTE_RING_MIN);
  sc_recording_clear (&r);
}
END_TEST

START_TEST (test_without_a_journal_an_overwrite_goes_in_place_and_marks_still_move)
{
  ScRecording r;
  ScRecorderStats stats;

  sc_recording_init (&r);
  r.config.target.journal_path = NULL;
  ck_assert_int_eq (sc_recording_open (&r), 0);
  ck_assert_int_eq (sc_recording_write (&r, 0, 9000, 0), 0);
  ck_assert_int_eq (sc_recording_write (&r, 0, 44, 1), 0);
  ck_assert_int_eq (sc_recorder_sync (&r.recorder, FOREVER), 0);
  ck_assert_uint_eq (sc_recorder_durable (&r.recorder), 9000);
  finish_well (&r, &stats);
  ck_assert (sc_recording_holds (r.name, 0, 44, 1));
  ck_assert_int_eq (sc_recording_size (r.journal), -1);
  sc_recording_clear (&r);
}
END_TEST

START_TEST (test_a_file_cut_by_somebody_else_is_an_error_at_the_end)
{
  ScRecording r;

  sc_recording_init (&r);
  ck_assert_int_eq (sc_recording_open (&r), 0);
  ck_assert_int_eq (sc_recording_write (&r, 0, 9000, 0), 0);
  ck_assert_int_eq (sc_recorder_sync (&r.recorder, FOREVER), 0);
  ck_assert_int_eq (truncate (r.part, 100), 0);
  ck_assert_int_eq (sc_recorder_finish (&r.recorder, FOREVER), -EIO);
  ck_assert_int_eq (sc_recorder_close (&r.recorder, &r.fault), -EIO);
  ck_assert_int_eq (r.fault.kind, SC_FAULT_SIZE);
  ck_assert_uint_eq (r.fault.offset, 100);
  sc_recording_clear (&r);
}
END_TEST

START_TEST (test_the_file_has_the_permissions_asked_for)
{
  ScRecording r;
  struct stat st;
  ScRecorderStats stats;

  sc_recording_init (&r);
  r.config.target.permissions = 0640;
  umask (0);
  ck_assert_int_eq (sc_recording_open (&r), 0);
  ck_assert_int_eq (stat (r.part, &st), 0);
  ck_assert_uint_eq (st.st_mode & 07777, 0640);
  ck_assert_int_eq (stat (r.journal, &st), 0);
  ck_assert_uint_eq (st.st_mode & 07777, 0640);
  finish_well (&r, &stats);
  sc_recording_clear (&r);
}
END_TEST

SC_CHECK_MAIN ("recorder",
    test_a_finished_recording_has_its_name_its_bytes_and_no_journal,
    test_a_kept_journal_stays_beside_the_file_whatever_the_policy,
    test_a_closed_recording_leaves_its_bytes_and_its_journal_for_recovery,
    test_a_recording_without_a_byte_leaves_nothing_behind,
    test_an_existing_file_is_replaced_only_where_asked_and_only_at_the_end,
    test_overwrites_splits_and_holes_end_up_where_they_belong,
    test_short_writes_are_carried_on,
    test_an_asked_for_sync_moves_the_mark_over_all_that_was_accepted,
    test_the_mark_moves_by_itself_by_time_by_bytes_and_at_half_a_ring,
    test_the_policy_none_never_syncs_and_promises_nothing,
    test_an_asked_for_sync_is_made_even_in_the_policy_none,
    test_a_restart_empties_the_file_and_takes_the_mark_back,
    test_kept_content_is_durable_and_what_follows_stands_behind_it,
    test_a_write_refused_for_a_while_is_tried_again_as_long_as_asked,
    test_written_past_the_page_cache_every_byte_is_in_its_place,
    test_where_that_is_refused_it_is_said_and_written_as_usual,
    test_what_the_disk_did_not_keep_is_found_and_written_once_more,
    test_a_disk_that_keeps_it_never_is_an_error_with_the_offset,
    test_verified_at_the_end_a_damaged_file_does_not_get_its_name,
    test_not_verified_a_damaged_file_is_published,
    test_each_failing_operation_is_named_and_stops_the_recording,
    test_an_interruption_ends_no_opening,
    test_after_a_failed_sync_none_is_tried_again_and_no_mark_is_told,
    test_what_open_made_is_removed_when_open_fails,
    test_a_file_that_another_recorder_writes_is_left_alone,
    test_the_streaming_thread_goes_on_while_a_sync_hangs,
    test_a_hung_disk_holds_up_no_wait_that_is_interrupted_or_timed,
    test_without_a_journal_an_overwrite_goes_in_place_and_marks_still_move,
    test_a_file_cut_by_somebody_else_is_an_error_at_the_end,
    test_the_file_has_the_permissions_asked_for)
