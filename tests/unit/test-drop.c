/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Leaving out what memory has no room for.  The disk stands still while the
 * writes are held, so the ring fills up, and nothing here depends on time.
 */
#include "../support/sc-recording.h"
#include "sc-check.h"
#include "sc-recovery.h"

#include <errno.h>
#include <sched.h>
#include <string.h>

#define FOREVER SC_WAIT_FOREVER

enum { PIECE = 4000 };

static ScRecording r;
static uint64_t offered, dropped, runs;
static bool forgets;

int __real_sc_byte_ring_put_gap (ScByteRing * ring, const ScGap * gap,
    uint64_t timeout_ns);
int __wrap_sc_byte_ring_put_gap (ScByteRing * ring, const ScGap * gap,
    uint64_t timeout_ns);

/* The linker puts this in the place of the real one. */
int
__wrap_sc_byte_ring_put_gap (ScByteRing * ring, const ScGap * gap,
    uint64_t timeout_ns)
{
  return forgets ? 0 : __real_sc_byte_ring_put_gap (ring, gap, timeout_ns);
}

static void
init (void)
{
  sc_recording_init (&r);
  r.config.ring_size = 2 * SC_BYTE_RING_MIN;
  offered = dropped = runs = 0;
}

/* As a sink with on-full=drop does it.  Returns whether it was written. */
static bool
offer (uint64_t size)
{
  ScGap gap = {.offset = offered,.size = size,.buffers = 1,
    .first = offered,.last = offered + size
  };
  bool room = sc_recorder_has_room (&r.recorder, size, 1);

  if (room) {
    ck_assert_int_eq (sc_recording_write (&r, offered, size, 1), 0);
  } else {
    ck_assert_int_eq (sc_recorder_drop (&r.recorder, &gap, FOREVER), 0);
    dropped += size;
  }
  offered += size;
  return room;
}

/* Fills the ring while the disk stands still, and goes on. */
static void
fill_up (void)
{
  sc_fault_ops_hold (&r.ops, SC_OP_PWRITEV);
  while (offer (PIECE));
  runs++;
}

static void
go_on (void)
{
  sc_fault_ops_hold (&r.ops, -1);
  ck_assert_int_eq (sc_recorder_sync (&r.recorder, FOREVER), 0);
  /* Told before the memory is given back. */
  while (sc_byte_ring_level (&r.recorder.ring) > 0)
    sched_yield ();
}

static void
check_account (const ScRecoveryReport * report)
{
  ScRecorderStats stats;
  ScGap told;

  sc_recorder_stats (&r.recorder, &stats);
  sc_drops_read (&r.recorder.drops, &told);
  ck_assert_uint_eq (stats.accepted + told.size, offered);
  ck_assert_uint_eq (stats.written, stats.accepted);
  ck_assert_uint_eq (told.size, dropped);
  ck_assert_uint_eq (told.buffers, report->gaps.buffers);
  ck_assert_uint_eq (report->gaps.bytes, dropped);
  ck_assert_uint_eq (report->gaps.total, runs);
  ck_assert_uint_eq (report->verified_bytes, stats.accepted);
  ck_assert_int_eq (sc_recording_size (r.name), (int64_t) offered);
}

static int
examine (ScRecoveryReport * report)
{
  ck_assert_int_eq (sc_recovery_examine (report, &sc_file_ops_posix, r.name,
          r.journal, NULL), 0);
  return (int) report->verdict;
}

static void
finish (void)
{
  ck_assert_int_eq (sc_recorder_finish (&r.recorder, FOREVER), 0);
  ck_assert_int_eq (sc_recorder_close (&r.recorder, &r.fault), 0);
}

START_TEST (test_what_does_not_fit_is_left_out_and_accounted_for_to_the_byte)
{
  ScRecoveryReport report;
  ScJournalGap gap;

  init ();
  ck_assert_int_eq (sc_recording_open (&r), 0);
  fill_up ();
  ck_assert (!offer (PIECE));
  ck_assert (!offer (2 * PIECE));
  go_on ();
  ck_assert (offer (PIECE));
  finish ();
  ck_assert_int_eq (examine (&report), SC_RECOVERY_WHOLE);
  check_account (&report);
  gap = report.gaps.gaps[0];
  ck_assert_uint_eq (gap.size, 4 * PIECE);
  ck_assert_uint_eq (gap.buffers, 3);
  ck_assert_uint_eq (gap.first_ns, gap.offset);
  ck_assert_uint_eq (gap.last_ns, gap.offset + gap.size);
  ck_assert (sc_recording_holds (r.name, 0, gap.offset, 1));
  ck_assert (sc_recording_holds (r.name, gap.offset + gap.size, PIECE, 1));
  ck_assert (!sc_recording_holds (r.name, gap.offset, 1000, 1));
  sc_recovery_report_clear (&report);
  sc_recording_clear (&r);
}
END_TEST

static void
as_configured (void (*configure) (ScRecorderConfig *))
{
  ScRecoveryReport report;

  init ();
  configure (&r.config);
  ck_assert_int_eq (sc_recording_open (&r), 0);
  for (int i = 0; i < 3; i++) {
    ck_assert (offer (777));
    fill_up ();
    go_on ();
  }
  ck_assert (offer (PIECE));
  finish ();
  ck_assert_int_eq (examine (&report), SC_RECOVERY_WHOLE);
  check_account (&report);
  sc_recovery_report_clear (&report);
  sc_recording_clear (&r);
}

static void
direct (ScRecorderConfig * config)
{
  config->target.direct = true;
}

static void
verified (ScRecorderConfig * config)
{
  config->verify = config->verify_close = true;
}

static void
unsynced (ScRecorderConfig * config)
{
  config->policy = SC_SYNC_NONE;
}

START_TEST (test_nor_does_it_matter_how_it_is_written)
{
  as_configured (direct);
  as_configured (verified);
  as_configured (unsynced);
}
END_TEST

/* The power goes while the disk stands still in its Nth sync and data are being
 * left out. */
static void
cut_in_sync (uint64_t nth)
{
  uint64_t random = nth, promised;
  ScRecoveryReport report;

  init ();
  r.ops.volatile_cache = true;
  ck_assert_int_eq (sc_recording_open (&r), 0);
  for (int i = 0; i < 10; i++)
    ck_assert (offer (PIECE));
  go_on ();
  sc_fault_ops_hang (&r.ops, SC_OP_DATASYNC, nth);
  while (offer (PIECE));
  sc_fault_ops_wait_held (&r.ops);
  ck_assert (!offer (PIECE));
  promised = sc_recorder_durable (&r.recorder);
  sc_fault_ops_stop (&r.ops);
  (void) sc_recorder_close (&r.recorder, &r.fault);
  sc_fault_ops_power_cut (&r.ops, &random);
  ck_assert_int_eq (sc_recovery_examine (&report, &sc_file_ops_posix, r.part,
          r.journal, NULL), 0);
  ck_assert_int_eq (report.verdict, SC_RECOVERY_REPAIRABLE);
  ck_assert_uint_ge (promised, 10 * PIECE);
  ck_assert_uint_ge (report.durable_offset, promised);
  ck_assert_uint_eq (report.lost_below, 0);
  ck_assert (sc_recording_holds (r.part, 0, promised, 1));
  sc_recovery_report_clear (&report);
  sc_recording_clear (&r);
}

START_TEST (test_a_power_cut_while_data_are_left_out_costs_nothing_promised)
{
  cut_in_sync (1);              /* of the payload */
  cut_in_sync (2);              /* of the journal */
}
END_TEST

START_TEST (test_each_run_has_one_record_and_one_at_the_end_counts_too)
{
  ScRecoveryReport report;

  init ();
  ck_assert_int_eq (sc_recording_open (&r), 0);
  for (int i = 0; i < 5; i++) {
    fill_up ();
    ck_assert (!offer (PIECE));
    if (i < 4) {
      go_on ();
      ck_assert (offer (100));
    }
  }
  sc_fault_ops_hold (&r.ops, -1);
  finish ();
  ck_assert_int_eq (examine (&report), SC_RECOVERY_WHOLE);
  check_account (&report);
  ck_assert_uint_eq (report.gaps.gaps[4].offset + report.gaps.gaps[4].size,
      offered);
  sc_recovery_report_clear (&report);
  sc_recording_clear (&r);
}
END_TEST

START_TEST (test_what_holds_a_file_together_still_has_room)
{
  ScRecoveryReport report;
  int heads = 0;

  init ();
  ck_assert_int_eq (sc_recording_open (&r), 0);
  fill_up ();
  for (; offer (20); heads++)
    ck_assert (!offer (PIECE));
  ck_assert_int_gt (heads, 8);
  runs += (uint64_t) heads;
  sc_fault_ops_hold (&r.ops, -1);
  finish ();
  ck_assert_int_eq (examine (&report), SC_RECOVERY_WHOLE);
  check_account (&report);
  sc_recovery_report_clear (&report);
  sc_recording_clear (&r);
}
END_TEST

START_TEST (test_a_gap_is_written_over_like_any_bytes)
{
  ScRecoveryReport report;
  uint64_t gap;

  init ();
  ck_assert_int_eq (sc_recording_open (&r), 0);
  fill_up ();
  gap = offered - PIECE;
  ck_assert (!sc_recorder_is_append (&r.recorder, gap + 50));
  ck_assert_int_eq (sc_recorder_drop (&r.recorder, &(ScGap) {.offset =
              gap + 50,.size = 8,.buffers = 1}, FOREVER), -EINVAL);
  sc_fault_ops_hold (&r.ops, -1);
  ck_assert_int_eq (sc_recording_write (&r, gap + 50, 8, 2), 0);
  finish ();
  ck_assert_int_eq (examine (&report), SC_RECOVERY_WHOLE);
  ck_assert_uint_eq (report.gaps.total, 1);
  ck_assert (sc_recording_holds (r.name, gap + 50, 8, 2));
  sc_recovery_report_clear (&report);
  sc_recording_clear (&r);
}
END_TEST

START_TEST (test_a_write_larger_than_the_ring_waits)
{
  init ();
  ck_assert_int_eq (sc_recording_open (&r), 0);
  ck_assert (offer (r.config.ring_size + 1000));
  ck_assert_uint_eq (dropped, 0);
  finish ();
  ck_assert_int_eq (sc_recording_size (r.name), (int64_t) offered);
  ck_assert_int_eq (sc_recording_size (r.journal), -1);
  sc_recording_clear (&r);
}
END_TEST

START_TEST (test_a_recording_stopped_while_data_are_left_out_says_so)
{
  ScRecoveryReport report;

  init ();
  ck_assert_int_eq (sc_recording_open (&r), 0);
  fill_up ();
  sc_fault_ops_hold (&r.ops, -1);
  ck_assert_int_eq (sc_recorder_close (&r.recorder, &r.fault), 0);
  ck_assert_int_eq (sc_recovery_examine (&report, &sc_file_ops_posix, r.part,
          r.journal, NULL), 0);
  ck_assert_int_eq (report.verdict, SC_RECOVERY_REPAIRABLE);
  ck_assert_uint_eq (report.gaps.bytes, dropped);
  ck_assert_uint_eq (report.durable_offset, offered);
  sc_recovery_report_clear (&report);
  sc_recording_clear (&r);
}
END_TEST

/* The negative control. */
START_TEST (test_a_gap_that_is_forgotten_is_found_out)
{
  ScRecoveryReport report;

  init ();
  ck_assert_int_eq (sc_recording_open (&r), 0);
  fill_up ();
  forgets = true;
  go_on ();
  ck_assert (offer (PIECE));
  forgets = false;
  finish ();
  (void) sc_recovery_examine (&report, &sc_file_ops_posix, r.name, r.journal,
      NULL);
  ck_assert_uint_ne (report.gaps.bytes, dropped);
  sc_recovery_report_clear (&report);
  sc_recording_clear (&r);
}
END_TEST

SC_CHECK_MAIN ("drop",
    test_what_does_not_fit_is_left_out_and_accounted_for_to_the_byte,
    test_nor_does_it_matter_how_it_is_written,
    test_a_power_cut_while_data_are_left_out_costs_nothing_promised,
    test_each_run_has_one_record_and_one_at_the_end_counts_too,
    test_what_holds_a_file_together_still_has_room,
    test_a_gap_is_written_over_like_any_bytes,
    test_a_write_larger_than_the_ring_waits,
    test_a_recording_stopped_while_data_are_left_out_says_so,
    test_a_gap_that_is_forgotten_is_found_out)
