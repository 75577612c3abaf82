/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Makes one file again of a recording that is in parts (docs/journal-format.md),
 * because it had to go on at another place:
 *
 *   static ScJoinReport report;
 *   ret = sc_join_examine (&report, ops, "take.wav.sfm");
 *   if (ret == 0 && report.verdict != SC_RECOVERY_UNVOUCHED)
 *     ret = sc_join_write (&report, ops, "take.wav", 0600, &result);
 *   sc_join_report_clear (&report);
 *
 * A part is looked for at the path in the manifest, in that folder and in the
 * manifest's own, by the UUID and the number in its journal: disks may be
 * mounted elsewhere by now, and files renamed.  The parts stay as they are.
 *
 * This is no data path: it allocates.  The report is large: not for a stack.
 */
#ifndef SC_JOIN_H
#define SC_JOIN_H

#include "sc-manifest.h"
#include "sc-recovery-apply.h"

#include <limits.h>

typedef struct
{
  bool found;
  char path[PATH_MAX];          /* of the payload; as in the manifest if lost */
  char journal[PATH_MAX];       /* "": it has none */
  uint64_t base;                /* in the recording */
  uint64_t limit;               /* where the next part goes on, or the end */
  uint64_t lost;                /* bytes between them that are not right */
  ScRecoveryReport report;      /* valid if found */
} ScJoinPart;

typedef struct
{
  ScManifest manifest;
  unsigned part_count;
  ScJoinPart parts[SC_PARTS_MAX];
  ScRecoveryVerdict verdict;
  uint64_t size;                /* of the joined file, before any repair */
  uint64_t durable_offset;
  uint64_t lost_below;          /* bytes, below that mark */
  uint64_t lost_above;
  bool closed;                  /* the recording came to its end */
  ScGapList gaps;               /* what was left out, at offsets in the whole */
} ScJoinReport;

/**
 * sc_join_examine:
 * @report: (out): clear it, also after an error
 *
 * Finds the parts and holds each against its journal; only reads.  A part that
 * is not found is no error of this function but a loss.
 *
 * Returns: 0, -errno of reading the manifest or a part, -EBADMSG (no manifest),
 * -EPROTONOSUPPORT (another version)
 */
int sc_join_examine (ScJoinReport * report, const ScFileOps * ops,
    const char *manifest_path);

/**
 * sc_join_write:
 * @report: a verdict of SC_RECOVERY_UNVOUCHED is refused
 * @out_path: must not exist
 * @result: (out): `replayed` counts OVERWRITE and REDO records
 *
 * A recording that was not closed, or lost something, has its container
 * repaired; of a closed one each byte is as the muxer left it.
 *
 * Returns: 0 once the new file and its folder are synced, -EINVAL (unvouched),
 * -EEXIST, -EWOULDBLOCK (it is being recorded), or any -errno of a file
 * operation, after which @out_path is removed again
 */
int sc_join_write (const ScJoinReport * report, const ScFileOps * ops,
    const char *out_path, mode_t mode, ScRecoveryResult * result);

void sc_join_report_clear (ScJoinReport * report);

#endif
