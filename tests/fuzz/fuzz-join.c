/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Target: any bytes as a recording in two parts with their journals and a
 * manifest, to the join.  The parts stay as they are.
 *
 * The input: the sizes of the first payload, its journal, the second payload
 * and its journal in two bytes each (little-endian), these four, the manifest.
 * The mutator sets all their checksums right.
 */
#include "fuzz-checksums.h"
#include "fuzz-disk.h"
#include "fuzz.h"
#include "sc-byte-order.h"
#include "sc-join.h"

#include <errno.h>
#include <string.h>

enum { PARTS = 2, PIECES = 2 * PARTS + 1, HEAD = 2 * 2 * PARTS };

#define MAX_SIZE (64u << 10)

typedef struct
{
  size_t at;
  size_t size;
} Piece;

/* As they are called in the manifest of the corpus. */
static const char *const names[PIECES] = {
  "0.part", "0.sfj", "1.part", "1.sfj", "take.sfm"
};

static bool
split (Piece pieces[PIECES], const uint8_t * data, size_t size)
{
  size_t at = HEAD;

  if (size < HEAD || size > MAX_SIZE)
    return false;
  for (int i = 0; i < PIECES; i++) {
    size_t wanted = i + 1 < PIECES ? sc_get_le16 (data + 2 * i) : size;

    pieces[i] = (Piece) { at, wanted < size - at ? wanted : size - at };
    at += pieces[i].size;
  }
  return true;
}

static void
check_report (const ScJoinReport * report)
{
  fuzz_check (report->part_count <= SC_PARTS_MAX);
  for (unsigned i = 0; i < report->part_count; i++)
    fuzz_check (!report->parts[i].found
        || memchr (report->parts[i].path, '\0', PATH_MAX) != NULL);
  if (report->verdict == SC_RECOVERY_WHOLE)
    fuzz_check (report->lost_below == 0 && report->lost_above == 0);
}

static void
join (FuzzDisk * disk, const ScJoinReport * report)
{
  ScRecoveryResult result;
  int ret = sc_join_write (report, &disk->ops, "out", 0600, &result);
  const FuzzFile *out = fuzz_disk_get (disk, "out");

  fuzz_check (ret == 0 || ret == -EINVAL || ret == -ENOSPC);
  fuzz_check ((ret == 0) == (out != NULL));
  fuzz_check (ret < 0 || out->size == result.size);
}

int
LLVMFuzzerTestOneInput (const uint8_t * data, size_t size)
{
  static ScJoinReport report;
  Piece pieces[PIECES];
  FuzzDisk disk;

  if (!split (pieces, data, size))
    return 0;
  fuzz_disk_init (&disk);
  for (int i = 0; i < PIECES; i++)
    fuzz_disk_put (&disk, names[i], data + pieces[i].at, pieces[i].size);
  if (sc_join_examine (&report, &disk.ops, "take.sfm") == 0) {
    check_report (&report);
    join (&disk, &report);
  }
  sc_join_report_clear (&report);
  for (int i = 0; i < PIECES; i++) {
    const FuzzFile *file = fuzz_disk_get (&disk, names[i]);

    fuzz_check (file != NULL && file->size == pieces[i].size);
    fuzz_check (file->size == 0
        || memcmp (file->data, data + pieces[i].at, file->size) == 0);
  }
  fuzz_disk_clear (&disk);
  return 0;
}

size_t
LLVMFuzzerCustomMutator (uint8_t * data, size_t size, size_t max_size,
    unsigned seed)
{
  Piece pieces[PIECES];

  size = LLVMFuzzerMutate (data, size, max_size);
  if (seed % 8 == 0 || !split (pieces, data, size))
    return size;
  for (int i = 0; i < 2 * PARTS; i += 2)
    fuzz_fix_journal (data + pieces[i + 1].at, pieces[i + 1].size,
        data + pieces[i].at, pieces[i].size, seed % 8 > 2);
  fuzz_fix_manifest (data + pieces[PIECES - 1].at, pieces[PIECES - 1].size);
  return size;
}
