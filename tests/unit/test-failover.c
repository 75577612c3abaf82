/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A short recording with appends, header rewrites, a straddling write, a hole and a gap,
 * with two backups, in which each single file operation fails in turn: with an
 * error, and by not returning.  What reached only a write-back cache is thrown
 * away afterwards, on every target.  The recording must go on, and the joined
 * file hold exactly what was written.
 */
#include "../support/sc-recording.h"
#include "sc-check.h"
#include "sc-clock.h"
#include "sc-join.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define FOREVER SC_WAIT_FOREVER
#define HANG_TIMEOUT UINT64_C (500000000)

enum { HEADER = 3000, MAX_SIZE = 200000, STEPS = 14 };

/* The file as it should be: of each byte the version, or -1 in a hole. */
static struct
{
  int version[MAX_SIZE];
  uint64_t size;
  uint64_t left_out;            /* bytes, in gaps */
} model;

static bool does_not_replay;
static unsigned manifests_that_know;    /* of all that was left out */
static uint64_t longest;        /* ns from a hang to the next target */
static _Atomic uint64_t switched_at;

void __real_sc_byte_ring_rewind (ScByteRing * ring);
void __wrap_sc_byte_ring_rewind (ScByteRing * ring);

/* The linker puts this in the place of the real one. */
void
__wrap_sc_byte_ring_rewind (ScByteRing * ring)
{
  if (does_not_replay && sc_byte_ring_written_position (ring) > 0)
    sc_byte_ring_release (ring, sc_byte_ring_written_position (ring));
  else
    __real_sc_byte_ring_rewind (ring);
}

static int
write_step (ScRecording * r, uint64_t offset, size_t size, int version)
{
  ck_assert_uint_le (offset + size, MAX_SIZE);
  for (uint64_t i = offset; i < offset + size; i++)
    model.version[i] = version;
  if (offset + size > model.size)
    model.size = offset + size;
  return sc_recording_write (r, offset, size, (unsigned int) version);
}

/* A hole, as the file has it. */
static int
leave_out_step (ScRecording * r, uint64_t size)
{
  ScGap gap = {.offset = model.size,.size = size,.buffers = 1 };

  model.size += size;
  model.left_out += size;
  return sc_recorder_drop (&r->recorder, &gap, FOREVER);
}

static int
do_step (ScRecording * r, int step)
{
  uint64_t size = model.size;

  switch (step) {
    case 0:
      return write_step (r, 0, HEADER, 0);
    case 3:
    case 7:
    case 11:
      return write_step (r, 0, HEADER, step);
    case 5:                    /* half below the highest byte, half above */
      return write_step (r, size - 700, 1500, step);
    case 8:
      return write_step (r, size + 5000, 100, step);
    case 9:                    /* into the hole */
      return write_step (r, size - 2000, 1000, step);
    case 6:
    case 13:
      return leave_out_step (r, 4000);
    default:
      return write_step (r, size, 7000 + 100 * (size_t) step, step);
  }
}

/* Records all of it, as far as it goes. */
static int
record (ScRecording * r)
{
  int ret;

  model.size = model.left_out = 0;
  memset (model.version, -1, sizeof (model.version));
  ret = sc_recording_open (r);
  if (ret < 0)
    return ret;
  for (int step = 0; ret == 0 && step < STEPS; step++) {
    ret = do_step (r, step);
    if (ret == 0 && step % 4 == 1)
      ret = sc_recorder_sync (&r->recorder, FOREVER);
  }
  if (ret == 0)
    ret = sc_recorder_finish (&r->recorder, FOREVER);
  return ret;
}

static bool
holds_model (const char *path)
{
  FILE *file = fopen (path, "rb");
  bool holds = file != NULL;

  for (uint64_t i = 0; holds && i < model.size; i++)
    holds = fgetc (file) == (model.version[i] < 0 ? 0
        : sc_recording_byte (i, (unsigned int) model.version[i]));
  holds = holds && fgetc (file) == EOF;
  if (file != NULL)
    fclose (file);
  return holds;
}

/* The recording as one file: joined if it is in parts. */
static bool
is_whole (ScRecording * r)
{
  static ScJoinReport report;
  char manifest[PATH_MAX], out[128];
  ScTargetReport target;
  ScRecoveryResult result;
  bool whole;

  if (!sc_recorder_manifest (&r->recorder, manifest)) {
    for (unsigned i = 0; sc_recorder_target (&r->recorder, i, &target); i++)
      if (target.result == SC_PART_CLOSED)
        return holds_model (target.path);
    return false;
  }
  snprintf (out, sizeof (out), "%s/joined", r->folder);
  whole = sc_join_examine (&report, &sc_file_ops_posix, manifest) == 0
      && report.verdict == SC_RECOVERY_WHOLE
      && report.gaps.bytes == model.left_out && report.gaps.total == 2
      && sc_join_write (&report, &sc_file_ops_posix, out, 0600, &result) == 0
      && holds_model (out);
  /* Not always: the last one may have been written elsewhere only. */
  manifests_that_know += report.manifest.dropped_bytes == model.left_out;
  sc_join_report_clear (&report);
  return whole;
}

/* Not judged here, only told: how soon a hang is left. */
static void
note_switch (void *user_data)
{
  const ScRecording *r = user_data;

  if (sc_recorder_switches (&r->recorder) > 0
      && atomic_load (&switched_at) == 0)
    atomic_store (&switched_at, sc_clock_now ());
}

static void
init (ScRecording * r, unsigned backups, uint64_t timeout)
{
  sc_recording_init (r);
  atomic_store (&switched_at, 0);
  r->config.notify = note_switch;
  r->config.user_data = r;
  r->ops.volatile_cache = true;
  r->config.backup_count = backups;
  r->config.write_timeout = timeout;
}

/* Closes what could be opened. */
static int
end (ScRecording * r)
{
  return atomic_load (&r->recorder.opened)
      ? sc_recorder_close (&r->recorder, &r->fault) : 0;
}

static void
clear (ScRecording * r)
{
  sc_fault_ops_hold (&r->ops, -1);
  sc_recording_clear (r);
}

/* How often a run without a fault calls each operation. */
static void
count_calls (uint64_t calls[SC_OPS])
{
  ScRecording r;

  init (&r, 2, 0);
  ck_assert_int_eq (record (&r), 0);
  ck_assert_int_eq (end (&r), 0);
  memcpy (calls, r.ops.calls, sizeof (r.ops.calls));
  sc_fault_ops_power_cut (&r.ops, NULL);
  ck_assert (is_whole (&r));
  ck_assert_uint_eq (sc_recorder_switches (&r.recorder), 0);
  clear (&r);
}

typedef enum { FAILS, HANGS } Manner;

/* One run with one fault.  Returns whether the result is whole. */
static bool
run_once (Manner manner, ScOp op, uint64_t nth, int error, unsigned *switches)
{
  uint64_t held_at;
  ScRecording r;
  bool whole;
  int ret;

  init (&r, 2, manner == HANGS ? HANG_TIMEOUT : 0);
  if (manner == HANGS)
    sc_fault_ops_hang (&r.ops, op, nth);
  else
    sc_fault_ops_fail (&r.ops, op, nth, error, false);
  ret = record (&r);
  held_at = sc_fault_ops_held_at (&r.ops);
  if (held_at != 0 && switched_at > held_at + longest)
    longest = switched_at - held_at;
  whole = end (&r) == 0 && ret == 0;
  *switches = sc_recorder_switches (&r.recorder);
  /* After a hang the power goes while the operation is still under way. */
  sc_fault_ops_power_cut (&r.ops, NULL);
  whole = whole && is_whole (&r);
  clear (&r);
  return whole;
}

/* Every call of every operation, once. */
static void
run_all (Manner manner, int error)
{
  uint64_t calls[SC_OPS];
  unsigned switches, switched = 0, runs = 0;

  count_calls (calls);
  longest = manifests_that_know = 0;
  for (int op = 0; op < SC_OPS; op++)
    for (uint64_t nth = 1; nth <= calls[op]; nth++) {
      ck_assert_msg (run_once (manner, (ScOp) op, nth, error, &switches),
          "operation %d, call %d of %d", op, (int) nth, (int) calls[op]);
      switched += switches;
      runs++;
    }
  printf ("failover: %u runs, %u switches", runs, switched);
  if (manner == HANGS)
    printf (", at most %.1f ms after the timeout",
        ((double) longest - HANG_TIMEOUT) / 1e6);
  printf ("\n");
  ck_assert_uint_gt (switched, runs / 2);
  ck_assert_uint_gt (manifests_that_know, runs / 2);
}

START_TEST (test_an_error_at_any_operation_costs_nothing)
{
  run_all (FAILS, -EIO);
}
END_TEST

START_TEST (test_a_full_disk_or_a_signal_at_any_operation_costs_nothing)
{
  run_all (FAILS, -ENOSPC);
  run_all (FAILS, -EINTR);
}
END_TEST

START_TEST (test_a_hang_in_any_operation_costs_nothing)
{
  run_all (HANGS, 0);
}
END_TEST

/* Two faults by chance: the second one may meet the backup, the opening of it, or
 * the last sync of the target that is left. */
START_TEST (test_nor_do_two_faults_with_two_backups)
{
  uint64_t seed = sc_random_seed ("two faults"), calls[SC_OPS], total = 0;
  unsigned twice = 0;

  count_calls (calls);
  for (int op = 0; op < SC_OPS; op++)
    total += calls[op];
  for (int round = 0; round < 60; round++) {
    bool hangs = round % 4 == 0;
    ScRecording r;

    init (&r, 2, hangs ? HANG_TIMEOUT : 0);
    r.ops.fail_at = sc_random (&seed) % total + 1;
    if (hangs)
      sc_fault_ops_hang (&r.ops, SC_OP_DATASYNC, sc_random (&seed) % 14 + 1);
    else
      sc_fault_ops_fail (&r.ops, sc_random (&seed) % 2 == 0 ? SC_OP_PWRITEV
          : SC_OP_DATASYNC, sc_random (&seed) % 20 + 1, -ENOSPC, false);
    ck_assert_int_eq (record (&r), 0);
    ck_assert_int_eq (end (&r), 0);
    twice += sc_recorder_switches (&r.recorder) == 2;
    sc_fault_ops_power_cut (&r.ops, NULL);
    ck_assert_msg (is_whole (&r), "round %d", round);
    clear (&r);
  }
  ck_assert_uint_gt (twice, 5);
}
END_TEST

START_TEST (test_short_writes_need_no_switch)
{
  ScRecording r;

  init (&r, 2, 0);
  r.ops.short_writes = true;
  ck_assert_int_eq (record (&r), 0);
  ck_assert_int_eq (end (&r), 0);
  ck_assert_uint_eq (sc_recorder_switches (&r.recorder), 0);
  ck_assert (is_whole (&r));
  clear (&r);
}
END_TEST

/* The negative control: without the replay bytes are missing. */
START_TEST (test_a_recorder_that_does_not_replay_is_found_out)
{
  uint64_t calls[SC_OPS];
  unsigned switches, lost = 0;

  count_calls (calls);
  does_not_replay = true;
  for (uint64_t nth = 1; nth <= calls[SC_OP_DATASYNC]; nth++)
    lost += !run_once (FAILS, SC_OP_DATASYNC, nth, -EIO, &switches);
  does_not_replay = false;
  printf ("failover: without a replay %u of %d runs lost bytes\n", lost,
      (int) calls[SC_OP_DATASYNC]);
  ck_assert_uint_gt (lost, 0);
}
END_TEST

static int (*honest_datasync) (const ScFileOps *, int);

static int
datasync_again (const ScFileOps * ops, int fd)
{
  int ret = honest_datasync (ops, fd);

  return ret < 0 ? honest_datasync (ops, fd) : ret;
}

/* The negative control: who believes the second fsync loses what the first one
 * could not write. */
START_TEST (test_a_retried_fsync_is_found_out)
{
  unsigned lost = 0;
  uint64_t calls[SC_OPS];

  count_calls (calls);
  for (uint64_t nth = 1; nth <= calls[SC_OP_DATASYNC]; nth++) {
    ScRecording r;
    bool whole;

    init (&r, 2, 0);
    honest_datasync = r.ops.ops.datasync;
    r.ops.ops.datasync = datasync_again;
    sc_fault_ops_fail (&r.ops, SC_OP_DATASYNC, nth, -EIO, false);
    whole = record (&r) == 0;
    whole = end (&r) == 0 && whole;
    sc_fault_ops_power_cut (&r.ops, NULL);
    lost += !whole || !is_whole (&r);
    clear (&r);
  }
  ck_assert_uint_gt (lost, 0);
}
END_TEST

SC_CHECK_MAIN ("failover",
    test_an_error_at_any_operation_costs_nothing,
    test_a_full_disk_or_a_signal_at_any_operation_costs_nothing,
    test_a_hang_in_any_operation_costs_nothing,
    test_nor_do_two_faults_with_two_backups,
    test_short_writes_need_no_switch,
    test_a_recorder_that_does_not_replay_is_found_out,
    test_a_retried_fsync_is_found_out)
