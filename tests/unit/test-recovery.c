/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-check.h"
#include "sc-crc32c.h"
#include "sc-journal-writer.h"
#include "sc-recovery-apply.h"
#include "sc-sim-disk.h"

#define PART "take.wav.part"
#define FINAL "take.wav"
#define JOURNAL "take.wav.sfj"
#define PLENTY 1000000

/* A recorder that breaks one rule is the negative control. */
typedef enum
{
  HONEST,
  MARKS_BEFORE_SYNC,            /* tells a mark without syncing the payload */
  REWRITES_BEFORE_JOURNAL,      /* writes in place before it syncs the record */
} Manners;

typedef struct
{
  Manners manners;
  const ScFileOps *ops;
  int fd;
  ScJournalWriter journal;
  uint8_t buffer[SC_JOURNAL_BUFFER_MIN];
  uint64_t end;
  uint64_t left_out;            /* bytes, in gaps */
  uint64_t told;                /* the last mark that was told to anyone */
  uint8_t model[SC_SIM_SIZE];   /* what the file should hold */
  uint8_t before[SC_SIM_SIZE];  /* and without the last operation */
} Recorder;

static const uint8_t wav_header[44] = "RIFF\0\0\0\0WAVEfmt \x10\0\0\0\1\0\1\0"
    "\x80\xbb\0\0\0\x77\1\0\2\0\x10\0data";

static ScSimDisk disk, image;
static Recorder recorder;
static ScRecoveryReport report;
static ScRecoveryResult result;

static int
start (Recorder * self, uint64_t base_size)
{
  ScJournalHeader header;

  memset (self, 0, sizeof (*self));
  self->ops = &disk.ops;
  self->end = base_size;
  self->fd = disk.ops.open (&disk.ops, PART, O_RDWR | O_CREAT, 0600);
  if (self->fd < 0)
    return self->fd;
  ck_assert_int_eq (sc_journal_header_init (&header, FINAL, base_size), 0);
  return sc_journal_writer_create (&self->journal, &disk.ops, JOURNAL, 0600,
      &header, self->buffer, sizeof (self->buffer));
}

static int
put_in_place (Recorder * self, const void *data, size_t size, uint64_t at)
{
  struct iovec iov = { (void *) data, size };

  return sc_file_write_all (self->ops, self->fd, &iov, 1, at);
}

static int
append (Recorder * self, const uint8_t * data, size_t size, uint64_t hole)
{
  uint64_t at = self->end + hole;
  int ret;

  memcpy (self->before, self->model, SC_SIM_SIZE);
  memcpy (self->model + at, data, size);
  ret = put_in_place (self, data, size, at);
  if (ret == 0)
    ret = sc_journal_writer_extent (&self->journal, at, size,
        sc_crc32c (0, data, size));
  if (ret == 0)
    self->end = at + size;
  return ret;
}

/* Zeros are all that stands for it. */
static int
leave_out (Recorder * self, size_t size)
{
  ScJournalGap gap = {.offset = self->end,.size = size,.buffers = 1 };
  int ret = self->ops->truncate (self->ops, self->fd, self->end + size);

  memcpy (self->before, self->model, SC_SIM_SIZE);
  if (ret == 0)
    ret = sc_journal_writer_gap (&self->journal, &gap);
  if (ret == 0) {
    self->end += size;
    self->left_out += size;
  }
  return ret;
}

static int
rewrite (Recorder * self, const uint8_t * data, size_t size, uint64_t at)
{
  int ret = 0;

  memcpy (self->before, self->model, SC_SIM_SIZE);
  memcpy (self->model + at, data, size);
  if (self->manners == REWRITES_BEFORE_JOURNAL)
    ret = put_in_place (self, data, size, at);
  if (ret == 0)
    ret = sc_journal_writer_overwrite (&self->journal, at, self->before + at,
        data, size);
  if (ret == 0)
    ret = sc_journal_writer_sync (&self->journal);
  return ret == 0 ? put_in_place (self, data, size, at) : ret;
}

static int
mark (Recorder * self)
{
  int ret = self->manners == MARKS_BEFORE_SYNC ? 0
      : self->ops->datasync (self->ops, self->fd);

  if (ret == 0)
    ret = sc_journal_writer_mark (&self->journal, self->end, 0);
  if (ret == 0)
    ret = sc_journal_writer_sync (&self->journal);
  if (ret == 0)
    self->told = self->end;
  return ret;
}

static int
finish (Recorder * self)
{
  int ret = mark (self);

  if (ret == 0)
    ret = sc_journal_writer_close_record (&self->journal, 0);
  return ret == 0 ? sc_journal_writer_sync (&self->journal) : ret;
}

/* Records at random until the end or until the disk dies. */
static int
record (Recorder * self, Manners manners, uint64_t * seed)
{
  uint8_t data[4096];
  int ret = start (self, 0);

  self->manners = manners;
  if (ret == 0)
    ret = append (self, wav_header, sizeof (wav_header), 0);
  for (int i = 0; ret == 0 && i < 50; i++) {
    size_t size = 1 + sc_random (seed) % sizeof (data);
    uint64_t what = sc_random (seed) % 8;

    for (size_t b = 0; b < size; b++)
      data[b] = (uint8_t) sc_random (seed);
    if (what == 0)
      ret = mark (self);
    else if (what < 3 && self->end > sizeof (data) + 44)
      ret = rewrite (self, data, size,
          44 + sc_random (seed) % (self->end - size - 43));
    else if (what == 4)
      ret = leave_out (self, size);
    else
      ret = append (self, data, size, what == 3 ? sc_random (seed) % 700 : 0);
    if (ret == 0 && what % 2)
      ret = sc_journal_writer_flush (&self->journal);
  }
  return ret == 0 ? finish (self) : ret;
}

/* An undisturbed recording. */
static void
record_whole (uint64_t seed)
{
  sc_sim_disk_init (&disk, PLENTY, seed);
  ck_assert_int_eq (record (&recorder, HONEST, &seed), 0);
}

static ScRecoveryVerdict
examine (void)
{
  sc_recovery_report_clear (&report);
  ck_assert_int_eq (sc_recovery_examine (&report, &disk.ops, PART, JOURNAL,
          NULL), 0);
  return report.verdict;
}

/* Whether the file holds what was recorded below @end, the repaired sizes of
 * its header apart. */
static bool
holds (const char *path, const uint8_t * model, uint64_t end)
{
  int found = sc_sim_find (&disk, path);
  const ScSimFile *file = &disk.files[found < 0 ? 0 : found];

  if (found < 0 || file->cache_size < end)
    return false;
  for (uint64_t i = 0; i < end; i++)
    if (file->cache[i] != model[i] && !(i >= 4 && i < 8)
        && !(i >= 40 && i < 44))
      return false;
  return true;
}

static uint64_t
whole_frames (uint64_t size)
{
  return 44 + (size - 44) / 2 * 2;
}

/* Recovers after a crash; whether every byte that was told to be durable is
 * there and right. */
static bool
promise_holds (void)
{
  uint64_t told = recorder.told;

  if (examine () == SC_RECOVERY_UNVOUCHED)
    return told == 0;
  if (report.lost_below > 0 || report.durable_offset < told)
    return false;
  if (sc_recovery_in_place (&report, &disk.ops, PART, JOURNAL, FINAL, &result)
      != 0)
    return false;
  /* A partial frame of the sample behind the mark is cut. */
  told = told < 44 ? told : whole_frames (told);
  return holds (FINAL, recorder.model, told)
      || holds (FINAL, recorder.before, told);
}

START_TEST (test_a_closed_recording_is_whole)
{
  record_whole (sc_random_seed ("recovery-whole"));
  ck_assert_int_eq (examine (), SC_RECOVERY_WHOLE);
  ck_assert_uint_eq (report.lost_below + report.lost_above, 0);
  ck_assert_uint_eq (report.right_prefix, recorder.end);
  ck_assert_uint_eq (report.verified_bytes + report.hole_bytes
      + report.gaps.bytes, recorder.end);
  ck_assert_uint_eq (report.gaps.bytes, recorder.left_out);
  ck_assert_uint_eq (report.keep_size, recorder.end);
  ck_assert (!report.name_differs);
  sc_recovery_report_clear (&report);
}
END_TEST

START_TEST (test_what_was_left_out_is_neither_right_nor_lost)
{
  static uint8_t data[1000];
  uint8_t *file;

  sc_sim_disk_init (&disk, PLENTY, 1);
  ck_assert_int_eq (start (&recorder, 0), 0);
  ck_assert_int_eq (append (&recorder, data, 1000, 0), 0);
  ck_assert_int_eq (leave_out (&recorder, 3000), 0);
  ck_assert_int_eq (append (&recorder, data, 1000, 0), 0);
  ck_assert_int_eq (leave_out (&recorder, 500), 0);
  ck_assert_int_eq (finish (&recorder), 0);
  file = disk.files[recorder.fd].cache;
  ck_assert_int_eq (examine (), SC_RECOVERY_WHOLE);
  ck_assert_uint_eq (report.gaps.total, 2);
  ck_assert_uint_eq (report.gaps.buffers, 2);
  ck_assert_uint_eq (report.gaps.gaps[0].offset, 1000);
  ck_assert_uint_eq (report.gaps.gaps[1].size, 500);
  ck_assert_uint_eq (report.range_count, 2);
  ck_assert_int_eq (report.ranges[1].kind, SC_RANGE_GAP);
  ck_assert_uint_eq (report.right_prefix, 5500);
  file[2000] = 1;
  ck_assert_int_eq (examine (), SC_RECOVERY_LOSS);
  ck_assert_uint_eq (report.lost_below, 3000);
  file[2000] = 0;
  disk.files[recorder.fd].cache_size -= 10;
  ck_assert_int_eq (examine (), SC_RECOVERY_LOSS);
  ck_assert_uint_eq (report.lost_below, 10);
  sc_recovery_report_clear (&report);
}
END_TEST

START_TEST (test_every_changed_byte_is_found_or_made_right)
{
  uint64_t seed = sc_random_seed ("recovery-flips");
  unsigned lost = 0, redone = 0;

  record_whole (seed);
  memcpy (&image, &disk, sizeof (disk));
  for (int round = 0; round < 1000; round++) {
    uint64_t at = sc_random (&seed) % recorder.end;

    memcpy (&disk, &image, sizeof (disk));
    disk.files[recorder.fd].cache[at] ^= (uint8_t) (1 << sc_random (&seed) % 8);
    ck_assert_int_ne (examine (), SC_RECOVERY_WHOLE);
    if (report.verdict == SC_RECOVERY_LOSS) {
      lost++;
      ck_assert_uint_gt (report.lost_below, 0);
      ck_assert_uint_ge (report.range_count, 1);
      ck_assert_uint_le (report.right_prefix, at);
      continue;
    }
    redone++;
    ck_assert_uint_eq (report.redo_bytes, 1);
    ck_assert_int_eq (sc_recovery_copy (&report, &disk.ops, PART, JOURNAL,
            "out", 0600, &result), 0);
    ck_assert (holds ("out", recorder.model, whole_frames (recorder.end)));
  }
  ck_assert_uint_gt (lost, 100);
  ck_assert_uint_gt (redone, 20);
  sc_recovery_report_clear (&report);
}
END_TEST

/* Crashes recordings at random; how many broke the promise. */
static unsigned
crash_many (Manners manners, bool power, int rounds, uint64_t * seed)
{
  unsigned broken = 0;

  for (int round = 0; round < rounds; round++) {
    uint64_t this_seed = sc_random (seed);

    sc_sim_disk_init (&disk, 5 + (long) (sc_random (seed) % 250), this_seed);
    record (&recorder, manners, seed);
    sc_sim_crash (&disk, power, PLENTY);
    if (!promise_holds ())
      broken++;
  }
  sc_recovery_report_clear (&report);
  return broken;
}

START_TEST (test_no_byte_below_a_told_mark_is_lost_to_a_power_cut)
{
  uint64_t seed = sc_random_seed ("recovery-power");

  ck_assert_uint_eq (crash_many (HONEST, true, 1500, &seed), 0);
}
END_TEST

START_TEST (test_no_byte_below_a_told_mark_is_lost_to_a_kill)
{
  uint64_t seed = sc_random_seed ("recovery-kill");

  ck_assert_uint_eq (crash_many (HONEST, false, 500, &seed), 0);
}
END_TEST

START_TEST (test_a_recorder_that_breaks_a_rule_loses_bytes)
{
  uint64_t seed = sc_random_seed ("recovery-control");

  ck_assert_uint_gt (crash_many (MARKS_BEFORE_SYNC, true, 200, &seed), 20);
  ck_assert_uint_gt (crash_many (REWRITES_BEFORE_JOURNAL, true, 1000, &seed),
      0);
}
END_TEST

START_TEST (test_a_crash_during_recovery_is_recovered_by_running_it_again)
{
  uint64_t seed = sc_random_seed ("recovery-again");
  unsigned crashes = 0;

  for (int round = 0; round < 40; round++) {
    sc_sim_disk_init (&disk, 60 + (long) (sc_random (&seed) % 150),
        sc_random (&seed));
    record (&recorder, HONEST, &seed);
    sc_sim_crash (&disk, round % 2, PLENTY);
    memcpy (&image, &disk, sizeof (disk));
    if (examine () == SC_RECOVERY_UNVOUCHED)
      continue;
    for (long budget = 1;; budget++) {
      memcpy (&disk, &image, sizeof (disk));
      disk.budget = budget;
      if (examine () != SC_RECOVERY_UNVOUCHED && sc_recovery_in_place (&report,
              &disk.ops, PART, JOURNAL, FINAL, &result) == 0)
        break;
      crashes++;
      sc_sim_crash (&disk, true, PLENTY);
      if (sc_sim_find (&disk, PART) >= 0)
        ck_assert (promise_holds ());
      else
        ck_assert (holds (FINAL, recorder.model, whole_frames (recorder.told))
            || holds (FINAL, recorder.before, whole_frames (recorder.told)));
    }
  }
  ck_assert_uint_gt (crashes, 100);
  sc_recovery_report_clear (&report);
}
END_TEST

START_TEST (test_loss_is_counted_to_the_byte_on_each_side_of_the_mark)
{
  static uint8_t data[1000];
  uint8_t *file;

  sc_sim_disk_init (&disk, PLENTY, 1);
  ck_assert_int_eq (start (&recorder, 0), 0);
  for (int i = 0; i < 10; i++) {
    memset (data, i + 1, sizeof (data));
    ck_assert_int_eq (append (&recorder, data, 1000, 0), 0);
    if (i == 4)
      ck_assert_int_eq (mark (&recorder), 0);
  }
  ck_assert_int_eq (sc_journal_writer_flush (&recorder.journal), 0);
  file = disk.files[recorder.fd].cache;
  ck_assert_int_eq (examine (), SC_RECOVERY_REPAIRABLE);
  ck_assert_uint_eq (report.lost_below + report.lost_above, 0);
  ck_assert_uint_eq (report.keep_size, 10000);

  disk.files[recorder.fd].cache_size = 9500;
  file[6001] ^= 1;
  ck_assert_int_eq (examine (), SC_RECOVERY_REPAIRABLE);
  ck_assert_uint_eq (report.lost_above, 2000);
  ck_assert_uint_eq (report.right_prefix, 6000);
  ck_assert_uint_eq (report.keep_size, 9000);
  ck_assert_uint_eq (report.unverified_tail, 500);
  ck_assert_uint_eq (report.range_total, 3);
  ck_assert_int_eq (report.ranges[0].kind, SC_RANGE_DAMAGED);
  ck_assert_int_eq (report.ranges[1].kind, SC_RANGE_CUT);
  ck_assert_int_eq (report.ranges[2].kind, SC_RANGE_MISSING);

  file[2999] ^= 1;
  ck_assert_int_eq (examine (), SC_RECOVERY_LOSS);
  ck_assert_uint_eq (report.lost_below, 1000);
  ck_assert_uint_eq (report.lost_above, 2000);
  ck_assert_uint_eq (report.right_prefix, 2000);

  /* A byte below the mark is kept even where it cannot be checked. */
  disk.files[recorder.fd].cache_size = 4100;
  ck_assert_int_eq (examine (), SC_RECOVERY_LOSS);
  ck_assert_uint_eq (report.lost_below, 2000);
  ck_assert_uint_eq (report.keep_size, 4100);
  disk.files[recorder.fd].cache_size = 0;
  ck_assert_int_eq (examine (), SC_RECOVERY_LOSS);
  ck_assert_uint_eq (report.lost_below, 5000);
  ck_assert_int_eq (sc_recovery_copy (&report, &disk.ops, PART, JOURNAL, "out",
          0600, &result), -EINVAL);
  sc_recovery_report_clear (&report);
}
END_TEST

START_TEST (test_loss_below_the_mark_keeps_the_journal_as_evidence)
{
  record_whole (3);
  disk.files[recorder.fd].cache[50] ^= 1;
  disk.files[recorder.fd].cache[recorder.end - 1] ^= 1;
  ck_assert_int_eq (examine (), SC_RECOVERY_LOSS);
  ck_assert_int_eq (sc_recovery_in_place (&report, &disk.ops, PART, JOURNAL,
          FINAL, &result), 0);
  ck_assert (result.journal_kept);
  ck_assert_int_ge (sc_sim_find (&disk, JOURNAL), 0);
  sc_recovery_report_clear (&report);
}
END_TEST

START_TEST (test_a_journal_of_another_file_is_told)
{
  static uint8_t data[1000];

  sc_sim_disk_init (&disk, PLENTY, 1);
  ck_assert_int_eq (start (&recorder, 0), 0);
  for (int i = 0; i < 5; i++) {
    memset (data, i + 1, sizeof (data));
    ck_assert_int_eq (append (&recorder, data, sizeof (data), 0), 0);
  }
  ck_assert_int_eq (rewrite (&recorder, data, 20, 40), 0);
  ck_assert_int_eq (finish (&recorder), 0);
  ck_assert_int_eq (examine (), SC_RECOVERY_WHOLE);
  memset (disk.files[recorder.fd].cache, 99, 5000);
  ck_assert_int_eq (examine (), SC_RECOVERY_UNVOUCHED);
  ck_assert (report.foreign);
  ck_assert_int_eq (sc_recovery_in_place (&report, &disk.ops, PART, JOURNAL,
          FINAL, &result), -EINVAL);
  ck_assert_int_ge (sc_sim_find (&disk, PART), 0);
  sc_recovery_report_clear (&report);
}
END_TEST

START_TEST (test_without_a_journal_nothing_is_vouched_for)
{
  record_whole (6);
  ck_assert_int_eq (disk.ops.unlink (&disk.ops, JOURNAL), 0);
  ck_assert_int_eq (examine (), SC_RECOVERY_UNVOUCHED);
  ck_assert_int_eq (report.journal_error, -ENOENT);
  ck_assert_int_eq (sc_recovery_copy (&report, &disk.ops, PART, NULL, "out",
          0600, &result), 0);
  ck_assert_int_eq (result.container, 1);
  ck_assert (holds ("out", recorder.model, whole_frames (recorder.end)));
  sc_recovery_report_clear (&report);
}
END_TEST

START_TEST (test_a_damaged_journal_keeps_every_byte_and_refuses_in_place)
{
  int journal;

  record_whole (7);
  journal = sc_sim_find (&disk, JOURNAL);
  disk.files[journal].cache[disk.files[journal].cache_size / 2] ^= 1;
  ck_assert_int_eq (examine (), SC_RECOVERY_LOSS);
  ck_assert (report.journal_damaged);
  ck_assert_uint_eq (report.keep_size, recorder.end);
  ck_assert_int_eq (sc_recovery_in_place (&report, &disk.ops, PART, JOURNAL,
          FINAL, &result), -EINVAL);
  ck_assert_int_eq (sc_recovery_copy (&report, &disk.ops, PART, JOURNAL, "out",
          0600, &result), 0);
  sc_recovery_report_clear (&report);
}
END_TEST

START_TEST (test_nothing_is_replaced_and_a_changed_file_is_left_alone)
{
  record_whole (8);
  ck_assert_int_eq (examine (), SC_RECOVERY_WHOLE);
  ck_assert_int_eq (sc_recovery_copy (&report, &disk.ops, PART, JOURNAL, PART,
          0600, &result), -EEXIST);
  ck_assert_int_eq (sc_recovery_in_place (&report, &disk.ops, PART, JOURNAL,
          PART, &result), -EEXIST);
  disk.files[recorder.fd].cache_size++;
  ck_assert_int_eq (sc_recovery_in_place (&report, &disk.ops, PART, JOURNAL,
          FINAL, &result), -ESTALE);
  sc_recovery_report_clear (&report);
}
END_TEST

START_TEST (test_bytes_from_before_an_appended_recording_stay_unchecked)
{
  static uint8_t data[100];
  int fd;

  sc_sim_disk_init (&disk, PLENTY, 1);
  fd = disk.ops.open (&disk.ops, PART, O_RDWR | O_CREAT, 0600);
  ck_assert_int_ge (fd, 0);
  disk.files[fd].cache_size = 500;
  ck_assert_int_eq (start (&recorder, 500), 0);
  memset (data, 7, sizeof (data));
  ck_assert_int_eq (append (&recorder, data, 100, 0), 0);
  ck_assert_int_eq (rewrite (&recorder, data, 10, 20), 0);
  ck_assert_int_eq (finish (&recorder), 0);
  ck_assert_int_eq (examine (), SC_RECOVERY_WHOLE);
  ck_assert_uint_eq (report.verified_bytes, 100);
  ck_assert_int_eq (report.ranges[0].kind, SC_RANGE_UNCHECKED);
  ck_assert_uint_eq (report.ranges[0].end, 500);
  disk.files[fd].cache[25] = 0;
  ck_assert_int_eq (examine (), SC_RECOVERY_REPAIRABLE);
  ck_assert_uint_eq (report.redo_bytes, 1);
  sc_recovery_report_clear (&report);
}
END_TEST

START_TEST (test_after_a_restart_only_what_follows_counts)
{
  static uint8_t data[300];

  sc_sim_disk_init (&disk, PLENTY, 1);
  ck_assert_int_eq (start (&recorder, 0), 0);
  ck_assert_int_eq (append (&recorder, data, 300, 0), 0);
  memset (data, 1, sizeof (data));
  ck_assert_int_eq (rewrite (&recorder, data, 100, 0), 0);
  ck_assert_int_eq (mark (&recorder), 0);
  ck_assert_int_eq (sc_journal_writer_restart (&recorder.journal), 0);
  ck_assert_int_eq (sc_journal_writer_sync (&recorder.journal), 0);
  ck_assert_int_eq (disk.ops.truncate (&disk.ops, recorder.fd, 0), 0);
  recorder.end = 0;
  memset (data, 2, sizeof (data));
  ck_assert_int_eq (append (&recorder, data, 200, 0), 0);
  ck_assert_int_eq (finish (&recorder), 0);
  ck_assert_int_eq (examine (), SC_RECOVERY_WHOLE);
  ck_assert_uint_eq (report.recorded_size, 200);
  ck_assert_int_eq (sc_recovery_copy (&report, &disk.ops, PART, JOURNAL, "out",
          0600, &result), 0);
  ck_assert_uint_eq (result.replayed, 0);
  sc_recovery_report_clear (&report);
}
END_TEST

START_TEST (test_the_limits_of_memory_hold)
{
  ScRecoveryOptions options = {.max_index_bytes = 40 };
  unsigned total;

  record_whole (9);
  ck_assert_int_eq (sc_recovery_examine (&report, &disk.ops, PART, JOURNAL,
          &options), -E2BIG);
  sc_recovery_report_clear (&report);
  for (uint64_t at = 0; at < recorder.end; at += 9000)
    disk.files[recorder.fd].cache[at] ^= 1;
  examine ();
  total = report.range_count;
  ck_assert_uint_gt (total, 2);
  sc_recovery_report_clear (&report);
  options = (ScRecoveryOptions) {.max_ranges = 2 };
  ck_assert_int_eq (sc_recovery_examine (&report, &disk.ops, PART, JOURNAL,
          &options), 0);
  ck_assert_uint_eq (report.range_count, 2);
  ck_assert_uint_ge (report.range_total, total);
  sc_recovery_report_clear (&report);
}
END_TEST

SC_CHECK_MAIN ("recovery",
    test_a_closed_recording_is_whole,
    test_what_was_left_out_is_neither_right_nor_lost,
    test_every_changed_byte_is_found_or_made_right,
    test_no_byte_below_a_told_mark_is_lost_to_a_power_cut,
    test_no_byte_below_a_told_mark_is_lost_to_a_kill,
    test_a_recorder_that_breaks_a_rule_loses_bytes,
    test_a_crash_during_recovery_is_recovered_by_running_it_again,
    test_loss_is_counted_to_the_byte_on_each_side_of_the_mark,
    test_loss_below_the_mark_keeps_the_journal_as_evidence,
    test_a_journal_of_another_file_is_told,
    test_without_a_journal_nothing_is_vouched_for,
    test_a_damaged_journal_keeps_every_byte_and_refuses_in_place,
    test_nothing_is_replaced_and_a_changed_file_is_left_alone,
    test_bytes_from_before_an_appended_recording_stay_unchecked,
    test_after_a_restart_only_what_follows_counts,
    test_the_limits_of_memory_hold)
