/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Target: any bytes as a recording and its journal, to the journal's reader,
 * the examination and both ways of recovery, which must come to the same file.
 *
 * The input: a byte of options, the payload's size in two bytes
 * (little-endian), the payload, the journal.  The mutator sets the journal's
 * checksums right.
 */
#include "fuzz-checksums.h"
#include "fuzz-disk.h"
#include "fuzz.h"
#include "sc-byte-order.h"
#include "sc-recovery-apply.h"

#include <errno.h>
#include <string.h>

#define HEAD 3u
#define MAX_SIZE (192u << 10)

enum
{
  KEEP_UNVERIFIED = 1,
  FEW_RANGES = 2,
  PUBLISHED = 4,
  NO_JOURNAL = 8,
};

typedef struct
{
  uint8_t options;
  const uint8_t *payload, *journal;
  size_t payload_size, journal_size;
} Input;

static bool
split (Input * self, const uint8_t * data, size_t size)
{
  if (size < HEAD || size > MAX_SIZE)
    return false;
  self->options = data[0];
  self->payload = data + HEAD;
  self->payload_size = sc_get_le16 (data + 1);
  if (self->payload_size > size - HEAD)
    self->payload_size = size - HEAD;
  self->journal = self->payload + self->payload_size;
  self->journal_size = size - HEAD - self->payload_size;
  return true;
}

static void
check_report (const ScRecoveryReport * report, size_t payload_size,
    unsigned max_ranges)
{
  uint64_t before = 0;

  fuzz_check (report->payload_size == payload_size);
  fuzz_check (report->keep_size <= payload_size);
  fuzz_check (report->verified_bytes <= payload_size);
  fuzz_check (report->right_prefix <= payload_size);
  fuzz_check (report->unverified_tail <= payload_size);
  fuzz_check (report->range_count <= max_ranges);
  fuzz_check (report->range_count <= report->range_total);
  for (unsigned i = 0; i < report->range_count; i++) {
    fuzz_check (report->ranges[i].start >= before);
    fuzz_check (report->ranges[i].end > report->ranges[i].start);
    before = report->ranges[i].end;
  }
  if (report->verdict == SC_RECOVERY_WHOLE)
    fuzz_check (report->verified_bytes + report->hole_bytes
        + report->base_size + report->gaps.bytes >= payload_size);
}

/* The journal alone, to its end and once more. */
static void
read_journal (FuzzDisk * disk)
{
  static ScJournalReader reader;
  ScJournalRecord record;
  uint64_t records = 0;

  if (sc_journal_reader_open (&reader, &disk->ops, "take.sfj") < 0)
    return;
  while (sc_journal_reader_next (&reader, &record) == 1)
    fuzz_check (record.sequence == records++);
  fuzz_check (reader.stop != SC_JOURNAL_GOING);
  fuzz_check (reader.position <= reader.size);
  fuzz_check (reader.durable_offset <= INT64_MAX);
  fuzz_check (sc_journal_reader_rewind (&reader) == 0);
  while (sc_journal_reader_next (&reader, &record) == 1)
    records--;
  fuzz_check (records == 0);
  sc_journal_reader_close (&reader);
}

/* A file whose journal stays as evidence is not cut: it vouches for the end. */
static void
check_same (FuzzDisk * disk, bool journal_kept)
{
  const FuzzFile *copy = fuzz_disk_get (disk, "copy");
  const FuzzFile *final = fuzz_disk_get (disk, "take");
  size_t size;

  fuzz_check (copy != NULL && final != NULL);
  fuzz_check (copy->size == final->size || journal_kept);
  size = copy->size < final->size ? copy->size : final->size;
  fuzz_check (size == 0 || memcmp (copy->data, final->data, size) == 0);
}

static void
recover (FuzzDisk * disk, const ScRecoveryReport * report, const char *payload,
    const char *journal)
{
  ScRecoveryResult result;
  int copied = sc_recovery_copy (report, &disk->ops, payload, journal, "copy",
      0600, &result), ret;

  sc_container_plan_clear (&result.plan);
  fuzz_check (copied == 0 || copied == -EINVAL || copied == -ENOSPC);
  if (strcmp (payload, "take") == 0)
    return;
  ret = sc_recovery_in_place (report, &disk->ops, payload, journal, "take",
      &result);
  sc_container_plan_clear (&result.plan);
  fuzz_check (ret == 0 || ret == -EINVAL || ret == -ENOSPC);
  if (copied == 0 && ret == 0)
    check_same (disk, result.journal_kept);
}

int
LLVMFuzzerTestOneInput (const uint8_t * data, size_t size)
{
  ScRecoveryOptions options = { 0 };
  const char *payload, *journal;
  ScRecoveryReport report;
  FuzzDisk disk;
  Input input;
  int ret;

  if (!split (&input, data, size))
    return 0;
  payload = input.options & PUBLISHED ? "take" : "take.part";
  journal = input.options & NO_JOURNAL ? NULL : "take.sfj";
  options.keep_unverified = input.options & KEEP_UNVERIFIED;
  options.max_ranges = input.options & FEW_RANGES ? 2 : 100;
  fuzz_disk_init (&disk);
  fuzz_disk_put (&disk, payload, input.payload, input.payload_size);
  fuzz_disk_put (&disk, "take.sfj", input.journal, input.journal_size);
  read_journal (&disk);
  ret = sc_recovery_examine (&report, &disk.ops, payload, journal, &options);
  fuzz_check (ret == 0 || ret == -E2BIG);
  if (ret == 0) {
    check_report (&report, input.payload_size, options.max_ranges);
    recover (&disk, &report, payload, journal);
  }
  sc_recovery_report_clear (&report);
  fuzz_disk_clear (&disk);
  return 0;
}

size_t
LLVMFuzzerCustomMutator (uint8_t * data, size_t size, size_t max_size,
    unsigned seed)
{
  Input input;

  size = LLVMFuzzerMutate (data, size, max_size);
  if (seed % 8 != 0 && split (&input, data, size))
    fuzz_fix_journal (data + HEAD + input.payload_size, input.journal_size,
        input.payload, input.payload_size, seed % 8 > 2);
  return size;
}
