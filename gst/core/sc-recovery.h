/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Finds out what a crash, a power cut or a failing disk left of a recording:
 * holds the payload against its journal and reports, byte by byte, what is
 * right, what is lost, and on which side of the durable mark.  Only reads;
 * sc-recovery-apply.h does the repair.
 *
 *   ScRecoveryReport report;
 *   ret = sc_recovery_examine (&report, ops, part, journal, NULL);
 *   if (ret == 0)
 *     look at report.verdict;
 *   sc_recovery_report_clear (&report);
 *
 * Memory: some 600 KiB while it runs, 32 bytes for each OVERWRITE record up to
 * a limit, and the list of ranges; this is no data path.  Any thread.
 *
 * An extent counts as right if its bytes, with every later overwrite taken back
 * in memory, have the CRC that the journal gives.  Extents are all or nothing:
 * one wrong bit loses its whole extent.  The bytes between extents (holes) must
 * be zeros, and so must what was left out while it was recorded (gaps): that is
 * no loss of the file's, and is listed by itself.
 */
#ifndef SC_RECOVERY_H
#define SC_RECOVERY_H

#include "sc-file-ops.h"
#include "sc-gap-list.h"
#include "sc-journal-reader.h"

typedef enum
{
  /* Closed, and every byte is right: nothing to do. */
  SC_RECOVERY_WHOLE,
  /* Everything below the durable mark is right or can be made right. */
  SC_RECOVERY_REPAIRABLE,
  /* Bytes below the durable mark are lost, or cannot be shown not to be, as the
   * journal itself is damaged. */
  SC_RECOVERY_LOSS,
  /* Nothing can be vouched for: no journal, not this file's, or nothing of it
   * was on the disk. */
  SC_RECOVERY_UNVOUCHED,
} ScRecoveryVerdict;

typedef enum
{
  SC_RANGE_DAMAGED,             /* there, and not what was written */
  SC_RANGE_CUT,                 /* there, but its extent's end is missing */
  SC_RANGE_MISSING,             /* behind the end of the file */
  SC_RANGE_HOLE,                /* never written: zeros */
  SC_RANGE_UNCHECKED,           /* not in the journal */
  SC_RANGE_GAP,                 /* left out while recording: zeros */
} ScRangeKind;

typedef struct
{
  uint64_t start;
  uint64_t end;                 /* exclusive */
  ScRangeKind kind;
} ScRecoveryRange;

typedef struct
{
  /* for the index of overwrites; 0: 64 MiB (2 million records) */
  size_t max_index_bytes;
  /* ranges listed; more are counted only.  0: 1,024 */
  unsigned max_ranges;
  /* keep bytes at the end that the journal does not vouch for */
  bool keep_unverified;
  /* a file that the muxer wrote for the recovery (sc-container-companion.h), or
   * NULL for the one beside the recording */
  const char *companion_path;
} ScRecoveryOptions;

typedef struct
{
  ScRecoveryVerdict verdict;

  /* The journal.  With an error, all that is said about it is zero. */
  int journal_error;            /* 0, or -errno of opening it: -ENOENT, ... */
  ScJournalStop journal_stop;   /* why it ends */
  uint64_t journal_stop_at;     /* where, in bytes */
  uint64_t journal_size;
  bool journal_damaged;         /* not merely torn at its end */
  bool name_differs;            /* it names another file: renamed, or foreign */
  bool foreign;                 /* hardly an extent matches */
  bool published;               /* by its name, which it got at the end */
  ScJournalHeader header;

  /* What it says. */
  uint32_t part;                /* number of a later part; 0: it is none */
  uint64_t part_base;           /* where in the recording this payload begins */
  uint64_t base_size;           /* bytes from before the recording, unchecked */
  uint64_t recorded_size;       /* end of the highest extent */
  uint64_t durable_offset;      /* the last mark */
  bool has_mark;
  ScJournalSync mark;           /* the last SYNC record */
  bool closed;
  ScJournalClose totals;        /* counts; the CLOSE record's own if closed */

  /* What is there. */
  uint64_t payload_size;
  uint64_t verified_bytes;      /* in right extents */
  uint64_t verified_extents;
  uint64_t right_prefix;        /* up to the first byte that is not right */
  uint64_t hole_bytes;
  uint64_t redo_bytes;          /* overwritten bytes that are not in place */
  uint64_t lost_below;          /* of what was recorded, below the mark */
  uint64_t lost_above;          /* and above it */
  uint64_t unverified_tail;     /* bytes of the file above the last right one */
  /* The size that recovery gives the file: to the end of the last right extent,
   * and further where bytes below the mark follow, where the journal is
   * damaged, ragged or absent, or where asked to. */
  uint64_t keep_size;

  const char *companion_path;   /* as it was given, for the repair */

  ScGapList gaps;               /* what was left out while recording */

  ScRecoveryRange *ranges;      /* in the file's order */
  unsigned range_count;
  uint64_t range_total;         /* also those that were not listed */
} ScRecoveryReport;

/**
 * sc_recovery_examine:
 * @report: (out): clear it with sc_recovery_report_clear(), also after an error
 * @payload_path: NAME.part, or a published file
 * @journal_path: (nullable): its NAME.sfj; NULL to do without one
 * @options: (nullable): NULL for the defaults
 *
 * Reads both files once or twice as a whole.  A missing, unreadable or foreign
 * journal is no error of this function but a verdict.
 *
 * Returns: 0, or -errno where the payload cannot be read (-EISDIR, -EINVAL for
 * one that is no regular file), the journal fails while it is read, there is no
 * memory, or (-E2BIG) the index would exceed its limit
 */
int sc_recovery_examine (ScRecoveryReport * report, const ScFileOps * ops,
    const char *payload_path, const char *journal_path,
    const ScRecoveryOptions * options);

/**
 * sc_recovery_report_clear:
 *
 * Frees the lists.
 */
void sc_recovery_report_clear (ScRecoveryReport * report);

#endif
