/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Repairs what sc_recovery_examine() found: replays the overwrites, cuts or
 * fills the file to the size that can be kept, and makes the container play.
 *
 * Either into a copy, which leaves both originals as they are, or in place:
 *
 *   1. take the file's lock, cut it to the size to keep, replay, sync
 *   2. journal the container's repair as OVERWRITE records, sync the journal,
 *      write the repair, sync, journal what it appended as an EXTENT
 *   3. rename NAME.part to NAME without replacing, sync the folder
 *   4. remove the journal, sync the folder (kept where there is loss below the
 *      mark: it is the evidence); then cut what no player
 *      shall see: a partial last frame, a torn cluster or fragment
 *
 * A crash anywhere in between is recovered by running it again.
 *
 * What the muxer wrote beside the recording for its recovery is found by the
 * rule of sc-container-companion.h.
 *
 * Allocates 400 KiB while it runs, and what a container's index takes, bounded
 * at a few MiB.  Any thread.
 */
#ifndef SC_RECOVERY_APPLY_H
#define SC_RECOVERY_APPLY_H

#include "sc-container.h"
#include "sc-recovery.h"

typedef struct
{
  uint64_t size;                /* of the recovered file */
  uint64_t replayed;            /* OVERWRITE records written again */
  bool journal_kept;            /* in place only */
  /* The container: 1 recognised, 0 not, -EBADMSG recognised but beyond repair
   * (the bytes are kept as they are). */
  int container;
  /* Valid if @container is 1, its name and note also if -EBADMSG; already
   * cleared. */
  ScContainerPlan plan;
} ScRecoveryResult;

/**
 * sc_recovery_copy:
 * @report: of the same two files; a verdict of SC_RECOVERY_UNVOUCHED is
 *     refused, unless the journal could not be opened: then only the container
 *     is repaired
 * @out_path: must not exist
 * @mode: permissions of the new file
 *
 * Returns: 0 once the new file and its folder are synced; -EINVAL for a verdict
 * that cannot be recovered, -EEXIST, or any -errno of a file operation, after
 * which @out_path is removed again
 */
int sc_recovery_copy (const ScRecoveryReport * report, const ScFileOps * ops,
    const char *payload_path, const char *journal_path, const char *out_path,
    mode_t mode, ScRecoveryResult * result);

/**
 * sc_recovery_in_place:
 * @report: of the same two files; refused as by sc_recovery_copy(), and also
 *     with a damaged journal, as bytes could be cut off that it vouched for, and a
 *     later part of a recording, whose journal has bytes of other parts
 * @part_path: becomes @final_path
 * @final_path: must not exist, in the same folder
 *
 * Returns: 0 once everything is synced; -EINVAL for a verdict that cannot be
 * recovered, -EEXIST, -EWOULDBLOCK (it is being recorded), -ESTALE (it has
 * changed since the report), or any -errno of a file operation
 */
int sc_recovery_in_place (const ScRecoveryReport * report,
    const ScFileOps * ops, const char *part_path, const char *journal_path,
    const char *final_path, ScRecoveryResult * result);

#endif
