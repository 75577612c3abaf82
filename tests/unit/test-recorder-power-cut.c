/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The promise against power cuts: a short recording with appends, header
 * rewrites, a straddling write, a hole and a gap is cut at every one of its file
 * operations.  What the write-back cache had not been told to sync is lost, or
 * reaches the disk by chance sector by sector.  Recovery then must find every
 * byte below the mark, as old as its last sync or newer, and no torn header.
 *
 * Not a real power cut: the device is taken to honour a flush and to write
 * sectors whole.
 */
#include "../support/sc-recording.h"
#include "sc-check.h"
#include "sc-join.h"
#include "sc-manifest-file.h"
#include "sc-recovery-apply.h"

#include <errno.h>
#include <string.h>

enum { HEADER = 3000, MAX_SIZE = 400000, SMALL_HEADER = 300, STEPS = 16 };

/* What each byte may be: any version from `synced` to `newest`; 0 where it had
 * been in a hole. */
typedef struct
{
  uint8_t synced[MAX_SIZE];
  uint8_t newest[MAX_SIZE];
  bool written[MAX_SIZE];
  bool synced_written[MAX_SIZE];
  uint64_t size;
} Model;

typedef struct
{
  ScRecording r;
  Model model;
  uint64_t accepted;            /* bytes */
  uint64_t promised;            /* bytes */
  size_t header;
  bool straddles;
} Run;

static Run run;

static int
write_step (uint64_t offset, size_t size, uint8_t version)
{
  memset (run.model.newest + offset, version, size);
  memset (run.model.written + offset, true, size);
  if (offset + size > run.model.size)
    run.model.size = offset + size;
  run.accepted += size;
  return sc_recording_write (&run.r, offset, size, version);
}

/* A hole, as the file has it. */
static int
leave_out_step (uint64_t size)
{
  ScGap gap = {.offset = run.model.size,.size = size,.buffers = 1 };

  run.model.size += size;
  return sc_recorder_drop (&run.r.recorder, &gap, SC_WAIT_FOREVER);
}

static void
note_synced (void)
{
  memcpy (run.model.synced, run.model.newest, sizeof (run.model.synced));
  memcpy (run.model.synced_written, run.model.written,
      sizeof (run.model.written));
}

static int
sync_step (void)
{
  int ret = sc_recorder_sync (&run.r.recorder, SC_WAIT_FOREVER);

  if (ret == 0)
    note_synced ();
  return ret;
}

/* So much that the ring's end parts the next header. */
static size_t
up_to_the_wrap (void)
{
  uint64_t ring = run.r.config.ring_size;

  return (size_t) (2 * ring - HEADER / 3 - run.accepted % ring) % ring;
}

/* The first sync behind the mark in the header's middle fails: the next part
 * begins there. */
static int
begin_within_the_header (void)
{
  int ret = write_step (0, run.header / 2, 0);

  if (ret == 0)
    ret = sync_step ();
  sc_fault_ops_fail (&run.r.ops, SC_OP_DATASYNC, 1, -EIO, false);
  return ret == 0 ? write_step (run.header / 2, run.header - run.header / 2, 0)
      : ret;
}

static int
do_step (int step, uint64_t * random)
{
  uint64_t size = run.model.size;

  switch (step) {
    case 0:
      return run.straddles ? begin_within_the_header ()
          : write_step (0, run.header, 0);
    case 3:
      return write_step (size, up_to_the_wrap (), 1);
    case 4:
    case 8:
    case 13:
      return write_step (0, run.header, (uint8_t) step);
    case 6:                    /* half below the highest byte, half above */
      return write_step (size - 700, 1500, 6);
    case 10:
      return write_step (size + 5000, 100, 10);
    case 11:                   /* into the hole */
      return write_step (size - 2000, 1000, 11);
    case 12:
    case 15:                   /* at the end too */
      return leave_out_step (6000);
    case 14:                   /* into the gap, and behind it */
      return write_step (size - 500, 1000, 14);
    default:
      return write_step (size, sc_random (random) % 30000 + 1, 1);
  }
}

/* Records until the end or the cut; the recorder is gone afterwards. */
static void
record (uint64_t * random)
{
  ScRecorderStats stats;
  int ret;

  memset (&run.model, 0, sizeof (run.model));
  run.accepted = 0;
  run.promised = 0;
  if (sc_recording_open (&run.r) < 0)
    return;
  ret = 0;
  for (int step = 0; ret == 0 && step < STEPS; step++) {
    ret = do_step (step, random);
    if (ret == 0 && step % 3 == 1)
      ret = sync_step ();
  }
  if (ret == 0)
    ret = sc_recorder_finish (&run.r.recorder, SC_WAIT_FOREVER);
  if (ret == 0)
    note_synced ();
  sc_recorder_stats (&run.r.recorder, &stats);
  run.promised = stats.durable;
  if (run.r.config.policy == SC_SYNC_NONE)      /* the negative control */
    run.promised = stats.size;
  (void) sc_recorder_close (&run.r.recorder, &run.r.fault);
}

static bool
check_bytes (const char *path)
{
  uint8_t *data = malloc (MAX_SIZE);
  FILE *file = fopen (path, "rb");
  bool right = data != NULL && file != NULL
      && fread (data, 1, MAX_SIZE, file) >= run.promised;
  bool whole = run.promised < run.header;

  for (uint64_t i = 0; right && i < run.promised; i++) {
    bool found = !run.model.synced_written[i] && data[i] == 0;

    for (unsigned int v = run.model.synced[i];
        !found && v <= run.model.newest[i]; v++)
      found = data[i] == sc_recording_byte (i, v);
    right = found;
  }
  /* The header is of one version, not torn between two. */
  for (unsigned int v = 0; right && !whole && v < STEPS; v++) {
    whole = true;
    for (uint64_t i = 0; whole && i < run.header; i++)
      whole = data[i] == sc_recording_byte (i, v);
  }
  if (file != NULL)
    fclose (file);
  free (data);
  return right && whole;
}

static bool
is_recoverable (ScRecoveryVerdict verdict, uint64_t durable)
{
  return durable >= run.promised && (verdict == SC_RECOVERY_WHOLE
      || verdict == SC_RECOVERY_REPAIRABLE);
}

/* The recording is in one file, which begins in @folder. */
static bool
recovered_holds (const char *folder)
{
  const ScFileOps *ops = &sc_file_ops_posix;
  char name[128], part[160], journal[160];
  ScRecoveryReport report;
  ScRecoveryResult result;
  bool held;

  snprintf (name, sizeof (name), "%s/take", folder);
  snprintf (part, sizeof (part), "%s.part", name);
  snprintf (journal, sizeof (journal), "%s.sfj", name);
  if (sc_recording_size (part) < 0)
    return check_bytes (name);
  if (run.r.config.target.journal_path == NULL)
    return check_bytes (part);
  held = sc_recovery_examine (&report, ops, part, journal, NULL) == 0
      && report.journal_error == 0 && report.lost_below == 0
      && is_recoverable (report.verdict, report.durable_offset);
  held = held && sc_recovery_in_place (&report, ops, part, journal, name,
      &result) == 0 && check_bytes (name);
  sc_recovery_report_clear (&report);
  return held;
}

/* The newest manifest there is, as somebody would who finds all three disks. */
static bool
find_manifest (char path[PATH_MAX])
{
  const char *const folders[] = { run.r.folder, run.r.backup[0],
    run.r.backup[1]
  };
  uint64_t newest = 0;

  for (int i = 0; i < 3; i++) {
    ScManifest manifest;
    char found[PATH_MAX];

    snprintf (found, sizeof (found), "%s/take.sfm", folders[i]);
    if (sc_manifest_file_read (&manifest, &sc_file_ops_posix, found) == 0
        && manifest.revision > newest) {
      newest = manifest.revision;
      strcpy (path, found);
    }
    sc_manifest_clear (&manifest);
  }
  return newest > 0;
}

static bool
joined_holds (const char *manifest)
{
  static ScJoinReport report;
  const ScFileOps *ops = &sc_file_ops_posix;
  char out[128];
  ScRecoveryResult result;
  bool held;

  snprintf (out, sizeof (out), "%s/joined", run.r.folder);
  held = sc_join_examine (&report, ops, manifest) == 0
      && report.lost_below == 0
      && is_recoverable (report.verdict, report.durable_offset)
      && sc_join_write (&report, ops, out, 0600, &result) == 0
      && check_bytes (out);
  sc_join_report_clear (&report);
  return held;
}

/* Recovers what the cut left and says whether the promise held. */
static bool
promise_held (void)
{
  char manifest[PATH_MAX];
  ScTargetReport target;

  if (run.promised == 0)
    return true;
  if (find_manifest (manifest))
    return joined_holds (manifest);
  for (unsigned i = 0; i < 3; i++)
    if (sc_recorder_target (&run.r.recorder, i, &target) && target.opened)
      return recovered_holds (i == 0 ? run.r.folder : run.r.backup[i - 1]);
  return false;
}

typedef struct
{
  ScSyncPolicy policy;
  uint64_t interval;
  bool journal;
  bool chance;                  /* unsynced sectors reach the disk by chance */
  bool fails;                   /* one operation before fails: a switch */
  bool straddles;               /* a part begins in the middle of the header */
} Case;

/* Cuts at every operation in turn, or at @rounds random ones; returns how often
 * the promise was broken. */
static int
sweep (const Case * c, int rounds, uint64_t seed)
{
  uint64_t operations = 0;
  int broken = 0;

  for (int round = 0;; round++) {
    uint64_t random = seed + (uint64_t) round, script = 1;
    bool complete, held;

    sc_recording_init (&run.r);
    run.straddles = c->straddles;
    run.header = c->straddles ? SMALL_HEADER : HEADER;
    run.r.config.policy = c->policy;
    run.r.config.sync_interval = c->interval;
    if (!c->journal)
      run.r.config.target.journal_path = NULL;
    run.r.ops.volatile_cache = true;
    if (rounds == 0)
      run.r.ops.cut_at = (uint64_t) round + 1;
    else if (round > 0)
      run.r.ops.cut_at = sc_random (&random) % operations + 1;
    if (c->fails || c->straddles)
      run.r.config.backup_count = 2;
    if (c->fails) {
      run.r.ops.fail_at = round == 0 ? 4 : sc_random (&random) % operations + 1;
    }
    record (&script);
    complete = !run.r.ops.cut;
    if (complete && operations == 0)
      operations = run.r.ops.total;
    sc_fault_ops_power_cut (&run.r.ops, c->chance ? &random : NULL);
    held = promise_held ();
    if (!held)
      broken++;
    sc_recording_clear (&run.r);
    if (rounds == 0 ? complete : round == rounds)
      break;
  }
  return broken;
}

#define HOUR UINT64_C (3600000000000)

START_TEST (test_a_cut_at_every_operation_loses_nothing_below_the_mark)
{
  static const Case synced = { SC_SYNC_INTERVAL, HOUR, true, false };
  static const Case asked = { SC_SYNC_ON_REQUEST, 0, true, false };

  ck_assert_int_eq (sweep (&synced, 0, 0), 0);
  ck_assert_int_eq (sweep (&asked, 0, 0), 0);
}
END_TEST

START_TEST (test_nor_does_it_where_unsynced_sectors_reach_the_disk_by_chance)
{
  static const Case synced = { SC_SYNC_INTERVAL, HOUR, true, true };
  uint64_t seed = sc_random_seed ("power cut by chance");

  for (int i = 0; i < 4; i++)
    ck_assert_int_eq (sweep (&synced, 0, seed + (uint64_t) i * 10000), 0);
}
END_TEST

START_TEST (test_nor_does_it_while_the_sync_thread_runs_on_its_own)
{
  static const Case free_running = { SC_SYNC_INTERVAL, 20000, true, true };

  ck_assert_int_eq (sweep (&free_running, 200,
          sc_random_seed ("power cut, free running")), 0);
}
END_TEST

START_TEST (test_nor_does_it_after_a_switch_to_a_backup)
{
  static const Case switched = { SC_SYNC_INTERVAL, HOUR, true, true, true };
  static const Case alone = { SC_SYNC_INTERVAL, 20000, true, true, true };
  uint64_t seed = sc_random_seed ("power cut after a switch");

  ck_assert_int_eq (sweep (&switched, 200, seed), 0);
  ck_assert_int_eq (sweep (&alone, 100, seed), 0);
}
END_TEST

START_TEST (test_nor_does_it_where_a_header_lies_in_two_parts)
{
  static const Case parted = { SC_SYNC_INTERVAL, HOUR, true, true, false, true };
  uint64_t seed = sc_random_seed ("power cut, header in two parts");

  for (int i = 0; i < 2; i++)
    ck_assert_int_eq (sweep (&parted, 0, seed + (uint64_t) i * 10000), 0);
}
END_TEST

/* Each operation in turn fails, or hangs, and there is no backup. */
static void
break_each (uint64_t timeout)
{
  uint64_t operations = 0, failed = 0;

  for (uint64_t at = 0; at <= operations; at++) {
    uint64_t script = 1;

    sc_recording_init (&run.r);
    run.header = HEADER;
    run.straddles = false;
    run.r.config.write_timeout = timeout;
    run.r.ops.volatile_cache = true;
    if (timeout == 0)
      run.r.ops.fail_at = at;
    else
      run.r.ops.hang_at = at;
    record (&script);
    if (at == 0)
      operations = run.r.ops.total;
    if (sc_recorder_fault (&run.r.recorder, &run.r.fault)) {
      failed++;
      ck_assert_int_eq (run.r.fault.error, timeout == 0 ? -EIO : -ETIMEDOUT);
    }
    sc_fault_ops_power_cut (&run.r.ops, NULL);
    /* What hung is gone with the power, and its lock. */
    sc_fault_ops_stop (&run.r.ops);
    sc_recording_wait_released ();
    ck_assert_msg (promise_held (), "operation %d", (int) at);
    sc_recording_clear (&run.r);
  }
  ck_assert_uint_gt (failed, operations / 2);
}

START_TEST (test_nor_where_an_operation_fails_and_there_is_no_backup)
{
  break_each (0);
}
END_TEST

START_TEST (test_nor_where_one_hangs_and_there_is_no_backup)
{
  break_each (UINT64_C (200000000));
}
END_TEST

START_TEST (test_control_without_syncs_the_same_check_finds_loss)
{
  static const Case none = { SC_SYNC_NONE, 0, true, false };

  ck_assert_int_gt (sweep (&none, 0, 0), 0);
}
END_TEST

START_TEST (test_control_without_the_journal_a_header_is_found_torn)
{
  static const Case bare = { SC_SYNC_INTERVAL, HOUR, false, true };
  uint64_t seed = sc_random_seed ("power cut without journal");
  int broken = 0;

  for (int i = 0; i < 4; i++)
    broken += sweep (&bare, 0, seed + (uint64_t) i * 10000);
  ck_assert_int_gt (broken, 0);
}
END_TEST

SC_CHECK_MAIN ("recorder-power-cut",
    test_a_cut_at_every_operation_loses_nothing_below_the_mark,
    test_nor_does_it_where_unsynced_sectors_reach_the_disk_by_chance,
    test_nor_does_it_while_the_sync_thread_runs_on_its_own,
    test_nor_does_it_after_a_switch_to_a_backup,
    test_nor_does_it_where_a_header_lies_in_two_parts,
    test_nor_where_an_operation_fails_and_there_is_no_backup,
    test_nor_where_one_hangs_and_there_is_no_backup,
    test_control_without_syncs_the_same_check_finds_loss,
    test_control_without_the_journal_a_header_is_found_torn)
