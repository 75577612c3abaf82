/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a recorder does about failing targets beyond the sweep of test-failover.c:
 * the last target, the end, flushes, policies, slow disks. */
#include "../support/sc-recording.h"
#include "sc-check.h"
#include "sc-join.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FOREVER SC_WAIT_FOREVER
#define HANG_TIMEOUT UINT64_C (200000000)
#define MIB (1u << 20)

static ScJoinReport report;

/* The writer sleeps at the ring of this recording, or is about to. */
static struct
{
  pthread_mutex_t lock;
  pthread_cond_t moved;
  const ScEventcount *at;
  bool asleep;
} writer = {.lock = PTHREAD_MUTEX_INITIALIZER,.moved = PTHREAD_COND_INITIALIZER };

int __real_sc_eventcount_wait (ScEventcount * self, uint32_t key,
    uint64_t timeout_ns);
int __wrap_sc_eventcount_wait (ScEventcount * self, uint32_t key,
    uint64_t timeout_ns);

static void
note_sleep (const ScEventcount * at, bool asleep)
{
  pthread_mutex_lock (&writer.lock);
  if (at == writer.at) {
    writer.asleep = asleep;
    pthread_cond_broadcast (&writer.moved);
  }
  pthread_mutex_unlock (&writer.lock);
}

/* The linker puts this in the place of the real one. */
int
__wrap_sc_eventcount_wait (ScEventcount * self, uint32_t key,
    uint64_t timeout_ns)
{
  int ret;

  note_sleep (self, true);
  ret = __real_sc_eventcount_wait (self, key, timeout_ns);
  note_sleep (self, false);
  return ret;
}

/* Waits until the writer sleeps and has written so many bytes at least. */
static void
wait_for_writer (ScRecording * r, uint64_t bytes)
{
  pthread_mutex_lock (&writer.lock);
  while (!writer.asleep
      || atomic_load (&r->recorder.ring.written_bytes) < bytes)
    pthread_cond_wait (&writer.moved, &writer.lock);
  pthread_mutex_unlock (&writer.lock);
}

static void
open_with (ScRecording * r, unsigned backups, uint64_t timeout)
{
  sc_recording_init (r);
  pthread_mutex_lock (&writer.lock);
  writer.at = &r->recorder.ring.data_ready;
  writer.asleep = false;
  pthread_mutex_unlock (&writer.lock);
  r->config.backup_count = backups;
  r->config.write_timeout = timeout;
}

static ScTargetReport
target (ScRecording * r, unsigned index)
{
  ScTargetReport found;

  ck_assert (sc_recorder_target (&r->recorder, index, &found));
  return found;
}

static ScRecorderState
state (ScRecording * r)
{
  return sc_recorder_state_log_current (&r->log);
}

/* Joins to @out. */
static ScRecoveryVerdict
join (ScRecording * r, char out[PATH_MAX])
{
  char manifest[PATH_MAX];
  ScRecoveryResult result;
  ScRecoveryVerdict verdict;

  ck_assert (sc_recorder_manifest (&r->recorder, manifest));
  snprintf (out, PATH_MAX, "%s/joined", r->folder);
  ck_assert_int_eq (sc_join_examine (&report, &sc_file_ops_posix, manifest), 0);
  verdict = report.verdict;
  ck_assert_int_eq (sc_join_write (&report, &sc_file_ops_posix, out, 0600,
          &result), 0);
  sc_join_report_clear (&report);
  return verdict;
}

START_TEST (test_what_a_full_disk_took_is_synced_before_the_error_comes)
{
  ScRecording r;

  open_with (&r, 0, 0);
  ck_assert_int_eq (sc_recording_open (&r), 0);
  for (uint64_t i = 0; i < 5; i++) {
    ck_assert_int_eq (sc_recording_write (&r, i * 1000, 1000, 0), 0);
    wait_for_writer (&r, (i + 1) * 1000);
  }
  ck_assert_uint_eq (sc_recorder_durable (&r.recorder), 0);
  sc_fault_ops_fail (&r.ops, SC_OP_PWRITEV, 1, -ENOSPC, false);
  ck_assert_int_eq (sc_recording_write (&r, 5000, 1000, 0), 0);
  sc_recording_wait_error (&r);
  ck_assert_uint_eq (sc_recorder_durable (&r.recorder), 5000);
  ck_assert_int_eq (sc_recorder_close (&r.recorder, &r.fault), -ENOSPC);
  ck_assert_int_eq (r.fault.kind, SC_FAULT_WRITE);
  ck_assert_uint_eq (r.fault.offset, 5000);
  sc_recording_clear (&r);
}
END_TEST

START_TEST (test_the_last_target_is_given_all_data_even_if_its_sync_failed)
{
  ScRecording r;

  open_with (&r, 0, 0);
  ck_assert_int_eq (sc_recording_open (&r), 0);
  sc_fault_ops_hold (&r.ops, SC_OP_PWRITEV);
  ck_assert_int_eq (sc_recording_write (&r, 0, 1000, 0), 0);
  sc_fault_ops_wait_held (&r.ops);
  ck_assert_int_eq (sc_recording_write (&r, 1000, 50000, 0), 0);
  sc_fault_ops_fail (&r.ops, SC_OP_DATASYNC, 1, -EIO, false);
  sc_fault_ops_hold (&r.ops, -1);
  ck_assert_int_eq (sc_recorder_sync (&r.recorder, FOREVER), -EIO);
  ck_assert_int_eq (sc_recorder_close (&r.recorder, &r.fault), -EIO);
  ck_assert_uint_eq (sc_recorder_durable (&r.recorder), 0);
  ck_assert (sc_recording_holds (r.part, 0, 51000, 0));
  sc_recording_clear (&r);
}
END_TEST

static int
no_rename (const ScFileOps * ops, const char *from, const char *to,
    bool replace)
{
  return -EROFS;
}

/* Records until a sync fails: 1000 bytes are durable, 8 MiB were written since,
 * and 7 are in memory alone. */
static void
fail_a_sync (ScRecording * r)
{
  r->config.ring_size = 20 * MIB;
  r->config.write_timeout = UINT64_C (60000000000);
  r->ops.volatile_cache = true;
  ck_assert_int_eq (sc_recording_open (r), 0);
  ck_assert_int_eq (sc_recording_write (r, 0, 1000, 0), 0);
  ck_assert_int_eq (sc_recorder_sync (&r->recorder, FOREVER), 0);
  ck_assert_int_eq (sc_recording_write (r, 0, 100, 1), 0);
  wait_for_writer (r, 1100);
  sc_fault_ops_fail (&r->ops, SC_OP_DATASYNC, 1, -EIO, false);
  sc_fault_ops_hold (&r->ops, SC_OP_DATASYNC);
  for (uint64_t i = 0; i < 15; i++)
    ck_assert_int_eq (sc_recording_write (r, 1000 + i * MIB, MIB, 0), 0);
  sc_fault_ops_wait_held (&r->ops);
  wait_for_writer (r, 8 * MIB);
  sc_fault_ops_hold (&r->ops, -1);
  sc_recording_wait_error (r);
}

/* Also what the failed sync has dropped, as Linux does.  No backup, one that is
 * not there, and one that takes everything but its manifest. */
START_TEST (test_a_failed_sync_leaves_the_target_all_data_if_there_is_no_other)
{
  for (int way = 0; way < 3; way++) {
    ScRecording r;
    char path[PATH_MAX];

    open_with (&r, way > 0, 0);
    strcat (r.backup[0], "/");  /* a folder, though it be missing */
    if (way == 1)
      ck_assert_int_eq (rmdir (r.backup[0]), 0);
    if (way == 2)
      r.ops.ops.rename = no_rename;
    fail_a_sync (&r);
    ck_assert_int_lt (sc_recorder_close (&r.recorder, &r.fault), 0);
    ck_assert_uint_eq (sc_recorder_durable (&r.recorder), 1000);
    ck_assert_int_eq (target (&r, 0).fault.kind, SC_FAULT_SYNC);
    ck_assert_uint_eq (target (&r, 0).end, 1000 + 15 * MIB);
    ck_assert_uint_eq (sc_recorder_parts (&r.recorder), 1);
    ck_assert (!sc_recorder_manifest (&r.recorder, path));
    sc_fault_ops_settle (&r.ops);
    ck_assert (sc_recording_holds (r.part, 0, 100, 1));
    ck_assert (sc_recording_holds (r.part, 100, 900 + 15 * MIB, 0));
    /* Nothing is left at the backup: rmdir takes only an empty folder. */
    ck_assert_int_eq (rmdir (r.backup[0]), way == 1 ? -1 : 0);
    ck_assert_int_eq (mkdir (r.backup[0], 0700), 0);
    sc_recording_clear (&r);
  }
}
END_TEST

START_TEST (test_nor_does_a_hang_in_that_hold_up_the_stop)
{
  ScRecording r;

  open_with (&r, 0, HANG_TIMEOUT);
  ck_assert_int_eq (sc_recording_open (&r), 0);
  ck_assert_int_eq (sc_recording_write (&r, 0, 1000, 0), 0);
  wait_for_writer (&r, 1000);
  sc_fault_ops_fail (&r.ops, SC_OP_DATASYNC, 1, -EIO, false);
  sc_fault_ops_hang (&r.ops, SC_OP_PWRITEV, 1);
  ck_assert_int_eq (sc_recorder_sync (&r.recorder, FOREVER), -EIO);
  ck_assert_int_eq (sc_recorder_close (&r.recorder, &r.fault), -EIO);
  ck_assert_uint_gt (sc_fault_ops_held_at (&r.ops), 0);
  sc_fault_ops_hold (&r.ops, -1);
  sc_recording_clear (&r);
}
END_TEST

START_TEST (test_a_hung_disk_without_a_backup_is_an_error_and_holds_up_no_stop)
{
  static const ScOp ops[] = { SC_OP_PWRITEV, SC_OP_DATASYNC, SC_OP_RENAME,
    SC_OP_CLOSE
  };

  for (int i = 0; i < 4; i++) {
    ScRecording r;
    int ret;

    open_with (&r, 0, HANG_TIMEOUT);
    ck_assert_int_eq (sc_recording_open (&r), 0);
    sc_fault_ops_hold (&r.ops, (int) ops[i]);
    ck_assert_int_eq (sc_recording_write (&r, 0, 1000, 0), 0);
    ret = sc_recorder_finish (&r.recorder, FOREVER);
    ck_assert_int_eq (ret, -ETIMEDOUT);
    ck_assert_int_eq (state (&r), SC_RECORDER_ERROR);
    ck_assert_int_eq (sc_recorder_close (&r.recorder, &r.fault), -ETIMEDOUT);
    ck_assert_int_eq (r.fault.kind, i == 0 ? SC_FAULT_WRITE : SC_FAULT_SYNC);
    sc_fault_ops_hold (&r.ops, -1);
    sc_recording_clear (&r);
  }
}
END_TEST

START_TEST (test_a_stop_leaves_a_hung_disk_behind)
{
  ScRecording r;

  open_with (&r, 0, HANG_TIMEOUT);
  ck_assert_int_eq (sc_recording_open (&r), 0);
  ck_assert_int_eq (sc_recording_write (&r, 0, 1000, 0), 0);
  sc_fault_ops_hold (&r.ops, SC_OP_DATASYNC);
  ck_assert_int_eq (sc_recorder_close (&r.recorder, &r.fault), -ETIMEDOUT);
  sc_fault_ops_hold (&r.ops, -1);
  sc_recording_clear (&r);
}
END_TEST

START_TEST (test_a_disk_that_answers_again_changes_nothing_any_more)
{
  ScRecording r;
  char out[PATH_MAX];
  uint64_t calls[SC_OPS];

  open_with (&r, 1, HANG_TIMEOUT);
  ck_assert_int_eq (sc_recording_open (&r), 0);
  ck_assert_int_eq (sc_recording_write (&r, 0, 5000, 0), 0);
  ck_assert_int_eq (sc_recorder_sync (&r.recorder, FOREVER), 0);
  /* In the middle of a rewritten header: it reads the old bytes back. */
  sc_fault_ops_hang (&r.ops, SC_OP_PREAD, 1);
  ck_assert_int_eq (sc_recording_write (&r, 0, 100, 1), 0);
  ck_assert_int_eq (sc_recorder_sync (&r.recorder, FOREVER), 0);
  ck_assert_int_eq (state (&r), SC_RECORDER_BACKUP);
  /* The memory of the ring is used again, and more than once. */
  for (uint64_t i = 0; i < 40; i++)
    ck_assert_int_eq (sc_recording_write (&r, 5000 + i * 5000, 5000, 2), 0);
  ck_assert_int_eq (sc_recorder_finish (&r.recorder, FOREVER), 0);
  ck_assert_int_eq (sc_recorder_close (&r.recorder, &r.fault), 0);
  memcpy (calls, r.ops.calls, sizeof (calls));
  sc_fault_ops_hold (&r.ops, -1);
  ck_assert_int_eq (join (&r, out), SC_RECOVERY_WHOLE);
  ck_assert (sc_recording_holds (out, 0, 100, 1));
  ck_assert (sc_recording_holds (out, 100, 4900, 0));
  ck_assert (sc_recording_holds (out, 5000, 200000, 2));
  ck_assert (sc_recording_holds (r.part, 0, 5000, 0));
  ck_assert_int_eq (sc_recording_size (r.part), 5000);
  sc_recording_wait_released ();
  for (int op = 0; op < SC_OPS; op++)
    if (op != SC_OP_CLOSE)
      ck_assert_uint_eq (r.ops.calls[op], calls[op]);
  ck_assert (sc_recording_holds (r.part, 0, 5000, 0));
  sc_recording_clear (&r);
}
END_TEST

START_TEST (test_when_all_targets_are_gone_each_one_says_why)
{
  ScRecording r;
  ScTargetReport first, second, third;

  open_with (&r, 2, 0);
  ck_assert_int_eq (rmdir (r.backup[0]), 0);
  ck_assert_int_eq (sc_recording_open (&r), 0);
  ck_assert_int_eq (sc_recording_write (&r, 0, 3000, 0), 0);
  ck_assert_int_eq (sc_recorder_sync (&r.recorder, FOREVER), 0);
  sc_fault_ops_fail (&r.ops, SC_OP_OPEN, 1, -EROFS, true);
  r.ops.fail_at = r.ops.total + 1;
  ck_assert_int_eq (sc_recording_write (&r, 3000, 3000, 0), 0);
  ck_assert_int_eq (sc_recorder_sync (&r.recorder, FOREVER), -EROFS);
  ck_assert_int_eq (sc_recorder_close (&r.recorder, &r.fault), -EROFS);
  first = target (&r, 0);
  second = target (&r, 1);
  third = target (&r, 2);
  ck_assert (first.opened && !second.opened && !third.opened);
  ck_assert_int_eq (first.result, SC_PART_FAILED);
  ck_assert_int_eq (second.result, SC_PART_FAILED);
  ck_assert_int_eq (third.result, SC_PART_FAILED);
  ck_assert_int_eq (first.fault.kind, SC_FAULT_WRITE);
  ck_assert_int_eq (first.fault.error, -EIO);
  ck_assert_int_eq (third.fault.kind, SC_FAULT_OPEN);
  ck_assert_int_eq (third.fault.error, -EROFS);
  ck_assert_uint_eq (first.end, 3000);
  ck_assert_int_eq (mkdir (r.backup[0], 0700), 0);
  sc_recording_clear (&r);
}
END_TEST

START_TEST (test_a_first_target_that_does_not_open_is_replaced_by_the_next)
{
  for (int atomic = 0; atomic < 2; atomic++) {
    ScRecording r;
    char wanted[128];

    open_with (&r, 2, 0);
    r.config.target.path = "/nonexistent/take.part";
    r.config.target.publish_path = atomic ? "/nonexistent/take" : NULL;
    r.config.target.journal_path = "/nonexistent/take.sfj";
    if (!atomic)
      r.config.target.path = "/nonexistent/take";
    ck_assert_int_eq (sc_recording_open (&r), 0);
    ck_assert_int_eq (state (&r), SC_RECORDER_BACKUP);
    ck_assert_int_eq (sc_recording_write (&r, 0, 3000, 0), 0);
    ck_assert_int_eq (sc_recorder_finish (&r.recorder, FOREVER), 0);
    ck_assert_int_eq (sc_recorder_close (&r.recorder, &r.fault), 0);
    snprintf (wanted, sizeof (wanted), "%s/take", r.backup[0]);
    ck_assert_str_eq (target (&r, 1).path, wanted);
    ck_assert (sc_recording_holds (wanted, 0, 3000, 0));
    ck_assert_int_eq (sc_recording_size (wanted), 3000);
    ck_assert_uint_eq (sc_recorder_switches (&r.recorder), 1);
    sc_recording_clear (&r);
  }
}
END_TEST

START_TEST (test_a_first_target_that_is_known_to_fail_is_not_tried)
{
  ScRecording r;
  char wanted[128];

  open_with (&r, 1, 0);
  r.config.target_fault = (ScFault) {.kind = SC_FAULT_OPEN,
    .error = -ETIMEDOUT
  };
  ck_assert_int_eq (sc_recording_open (&r), 0);
  ck_assert_int_eq (sc_recording_size (r.part), -1);
  ck_assert_int_eq (target (&r, 0).fault.error, -ETIMEDOUT);
  ck_assert (!target (&r, 0).opened);
  ck_assert_int_eq (sc_recording_write (&r, 0, 3000, 0), 0);
  ck_assert_int_eq (sc_recorder_finish (&r.recorder, FOREVER), 0);
  ck_assert_int_eq (sc_recorder_close (&r.recorder, &r.fault), 0);
  snprintf (wanted, sizeof (wanted), "%s/take", r.backup[0]);
  ck_assert (sc_recording_holds (wanted, 0, 3000, 0));
  sc_recording_clear (&r);
}
END_TEST

START_TEST (test_no_target_at_all_is_the_first_ones_error)
{
  ScRecording r;

  open_with (&r, 2, 0);
  sc_fault_ops_fail (&r.ops, SC_OP_OPEN, 1, -EACCES, true);
  ck_assert_int_eq (sc_recording_open (&r), -EACCES);
  ck_assert_int_eq (r.fault.kind, SC_FAULT_OPEN);
  ck_assert_int_eq (state (&r), SC_RECORDER_ERROR);
  ck_assert_int_eq (target (&r, 2).fault.error, -EACCES);
  sc_recording_clear (&r);
}
END_TEST

START_TEST (test_a_backup_may_be_a_file_and_a_manifest_stands_on_both_disks)
{
  ScRecording r;
  char file[128], here[128], there[160];

  open_with (&r, 1, 0);
  snprintf (file, sizeof (file), "%s/other.wav", r.backup[1]);
  snprintf (there, sizeof (there), "%s.sfm", file);
  snprintf (here, sizeof (here), "%s.sfm", r.name);
  r.backups[0] = file;
  ck_assert_int_eq (sc_recording_open (&r), 0);
  ck_assert_int_eq (sc_recording_write (&r, 0, 3000, 0), 0);
  sc_fault_ops_fail (&r.ops, SC_OP_DATASYNC, 1, -EIO, false);
  ck_assert_int_eq (sc_recorder_sync (&r.recorder, FOREVER), 0);
  ck_assert_int_eq (strncmp (target (&r, 1).path, file, strlen (file)), 0);
  ck_assert_int_eq (sc_recorder_finish (&r.recorder, FOREVER), 0);
  ck_assert_int_eq (sc_recorder_close (&r.recorder, &r.fault), 0);
  ck_assert_int_gt (sc_recording_size (here), 0);
  ck_assert_int_eq (sc_recording_size (here), sc_recording_size (there));
  sc_recording_clear (&r);
}
END_TEST

START_TEST (test_a_flush_in_a_backup_voids_the_parts_before)
{
  for (int hangs = 0; hangs < 2; hangs++) {
    ScRecording r;
    char out[PATH_MAX];

    open_with (&r, 2, hangs ? HANG_TIMEOUT : 0);
    ck_assert_int_eq (sc_recording_open (&r), 0);
    ck_assert_int_eq (sc_recording_write (&r, 0, 30000, 0), 0);
    ck_assert_int_eq (sc_recorder_sync (&r.recorder, FOREVER), 0);
    sc_fault_ops_fail (&r.ops, SC_OP_DATASYNC, 1, -EIO, false);
    ck_assert_int_eq (sc_recording_write (&r, 0, 100, 1), 0);
    ck_assert_int_eq (sc_recording_write (&r, 30000, 500, 0), 0);
    ck_assert_int_eq (sc_recorder_sync (&r.recorder, FOREVER), 0);
    if (hangs)
      sc_fault_ops_hang (&r.ops, SC_OP_TRUNCATE, 1);
    ck_assert_int_eq (sc_recorder_restart (&r.recorder, FOREVER), 0);
    ck_assert_uint_eq (sc_recorder_switches (&r.recorder), hangs ? 2 : 1);
    ck_assert_uint_eq (sc_recorder_durable (&r.recorder), 0);
    ck_assert_int_eq (sc_recording_write (&r, 50, 5000, 2), 0);
    ck_assert_int_eq (sc_recorder_finish (&r.recorder, FOREVER), 0);
    ck_assert_int_eq (sc_recorder_close (&r.recorder, &r.fault), 0);
    ck_assert_int_eq (join (&r, out), SC_RECOVERY_WHOLE);
    ck_assert_int_eq (sc_recording_size (out), 5050);
    ck_assert (sc_recording_holds (out, 50, 5000, 2));
    sc_fault_ops_hold (&r.ops, -1);
    sc_recording_clear (&r);
  }
}
END_TEST

START_TEST (test_a_recording_stopped_in_a_backup_is_joined_as_far_as_it_came)
{
  ScRecording r;
  char out[PATH_MAX];

  open_with (&r, 1, 0);
  ck_assert_int_eq (sc_recording_open (&r), 0);
  ck_assert_int_eq (sc_recording_write (&r, 0, 30000, 0), 0);
  sc_fault_ops_fail (&r.ops, SC_OP_DATASYNC, 3, -EIO, false);
  ck_assert_int_eq (sc_recorder_sync (&r.recorder, FOREVER), 0);
  ck_assert_int_eq (sc_recording_write (&r, 30000, 10000, 0), 0);
  ck_assert_int_eq (sc_recorder_sync (&r.recorder, FOREVER), 0);
  ck_assert_int_eq (sc_recording_write (&r, 0, 44, 1), 0);
  ck_assert_int_eq (sc_recorder_close (&r.recorder, &r.fault), 0);
  ck_assert_int_eq (join (&r, out), SC_RECOVERY_REPAIRABLE);
  ck_assert_uint_eq (target (&r, 1).unsynced, 0);
  ck_assert_int_eq (sc_recording_size (out), 40000);
  ck_assert (sc_recording_holds (out, 0, 44, 1));
  ck_assert (sc_recording_holds (out, 44, 39956, 0));
  sc_recording_clear (&r);
}
END_TEST

START_TEST (test_without_syncs_a_backup_goes_on_where_the_file_ended)
{
  ScRecording r;
  char out[PATH_MAX];

  open_with (&r, 1, 0);
  r.config.policy = SC_SYNC_NONE;
  r.config.target.journal_path = NULL;
  ck_assert_int_eq (sc_recording_open (&r), 0);
  ck_assert_int_eq (sc_recording_write (&r, 0, 30000, 0), 0);
  wait_for_writer (&r, 30000);
  sc_fault_ops_fail (&r.ops, SC_OP_PWRITEV, 1, -ENOSPC, false);
  ck_assert_int_eq (sc_recording_write (&r, 30000, 20000, 0), 0);
  ck_assert_int_eq (sc_recording_write (&r, 0, 44, 1), 0);
  ck_assert_int_eq (sc_recorder_finish (&r.recorder, FOREVER), 0);
  ck_assert_int_eq (sc_recorder_close (&r.recorder, &r.fault), 0);
  ck_assert_uint_eq (target (&r, 1).base, 30000);
  ck_assert_uint_eq (target (&r, 0).unsynced, 0);
  ck_assert_uint_eq (target (&r, 1).unsynced, 30000);
  (void) join (&r, out);
  ck_assert_int_eq (sc_recording_size (out), 50000);
  ck_assert (sc_recording_holds (out, 0, 44, 1));
  ck_assert (sc_recording_holds (out, 44, 49956, 0));
  sc_recording_clear (&r);
}
END_TEST

START_TEST (test_a_slow_disk_is_not_given_more_than_it_can_sync_in_time)
{
  ScRecording r;
  ScRecorderStats stats;

  open_with (&r, 0, UINT64_C (60000000000));
  r.config.ring_size = 40 * MIB;
  ck_assert_int_eq (sc_recording_open (&r), 0);
  sc_fault_ops_hold (&r.ops, SC_OP_DATASYNC);
  for (uint64_t i = 0; i < 30; i++)
    ck_assert_int_eq (sc_recording_write (&r, i * MIB, MIB, 0), 0);
  sc_fault_ops_wait_held (&r.ops);
  wait_for_writer (&r, 8 * MIB);
  sc_recorder_stats (&r.recorder, &stats);
  ck_assert_uint_le (stats.written, 9 * MIB);
  ck_assert_uint_eq (stats.waits, 0);
  sc_fault_ops_hold (&r.ops, -1);
  ck_assert_int_eq (sc_recorder_finish (&r.recorder, FOREVER), 0);
  ck_assert_int_eq (sc_recorder_close (&r.recorder, &r.fault), 0);
  ck_assert (sc_recording_holds (r.name, 0, 30 * MIB, 0));
  sc_recording_clear (&r);
}
END_TEST

/* Not an operation that failed: the first target had room for no more. */
START_TEST (test_where_the_room_ends_the_recording_goes_on_at_the_backup)
{
  ScRecording r;
  ScTargetReport first;
  char out[PATH_MAX];

  open_with (&r, 1, 0);
  r.config.target.space.max_bytes = 300000;
  ck_assert_int_eq (sc_recording_open (&r), 0);
  for (uint64_t i = 0; i < 50; i++)
    ck_assert_int_eq (sc_recording_write (&r, i * 10000, 10000, 0), 0);
  ck_assert_int_eq (sc_recorder_finish (&r.recorder, FOREVER), 0);
  first = target (&r, 0);
  ck_assert_int_eq (first.fault.kind, SC_FAULT_SPACE);
  ck_assert_int_eq (first.fault.error, -ENOSPC);
  ck_assert_int_eq (sc_recorder_close (&r.recorder, &r.fault), 0);
  ck_assert_int_le (sc_recording_size (first.path), 300000);
  ck_assert_int_eq (join (&r, out), SC_RECOVERY_WHOLE);
  ck_assert_int_eq (sc_recording_size (out), 500000);
  ck_assert (sc_recording_holds (out, 0, 500000, 0));
  sc_recording_clear (&r);
}
END_TEST

SC_CHECK_MAIN ("failover-corners",
    test_where_the_room_ends_the_recording_goes_on_at_the_backup,
    test_what_a_full_disk_took_is_synced_before_the_error_comes,
    test_the_last_target_is_given_all_data_even_if_its_sync_failed,
    test_a_failed_sync_leaves_the_target_all_data_if_there_is_no_other,
    test_nor_does_a_hang_in_that_hold_up_the_stop,
    test_a_hung_disk_without_a_backup_is_an_error_and_holds_up_no_stop,
    test_a_stop_leaves_a_hung_disk_behind,
    test_a_disk_that_answers_again_changes_nothing_any_more,
    test_when_all_targets_are_gone_each_one_says_why,
    test_a_first_target_that_does_not_open_is_replaced_by_the_next,
    test_a_first_target_that_is_known_to_fail_is_not_tried,
    test_no_target_at_all_is_the_first_ones_error,
    test_a_backup_may_be_a_file_and_a_manifest_stands_on_both_disks,
    test_a_flush_in_a_backup_voids_the_parts_before,
    test_a_recording_stopped_in_a_backup_is_joined_as_far_as_it_came,
    test_without_syncs_a_backup_goes_on_where_the_file_ended,
    test_a_slow_disk_is_not_given_more_than_it_can_sync_in_time)
