/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One place that a recording goes to: the payload file and the journal beside
 * it, kept in the order that the promise rests on (sc-journal-writer.h).
 *
 * Two threads work on a target: one writes (append, overwrite), one syncs.  The
 * journal lock keeps their records apart and is never held in an fdatasync, so
 * that writing goes on beside a slow sync.  Opening, restart, finish and abandon
 * are for one thread while the other is away.
 *
 * Every function returns 0 or -errno and then says in its ScFault which
 * operation failed and where.  After a failed sync none is tried again: a
 * repeated fdatasync would say 0 for bytes that are lost.  After a failed write
 * one last sync may still save what was written before.
 */
#ifndef SC_TARGET_H
#define SC_TARGET_H

#include "sc-direct.h"
#include "sc-fault.h"
#include "sc-file-ops.h"
#include "sc-gap.h"
#include "sc-journal-writer.h"
#include "sc-space.h"

#include <pthread.h>
#include <stdatomic.h>

/* One EXTENT record joins appended bytes up to this size, */
#define SC_TARGET_EXTENT_MAX (1024u * 1024)
/* and for no longer than this (ns), which is what a killed process may leave
 * in the file without a journal entry. */
#define SC_TARGET_EXTENT_AGE UINT64_C (100000000)

/* Memory that the caller lends: old and new bytes of an overwrite, journal
 * buffer, bytes read back. */
#define SC_VERIFY_BUFFER (256u << 10)
#define SC_VERIFY_BUFFER_AT \
    (2 * SC_JOURNAL_OVERWRITE_MAX + SC_JOURNAL_BUFFER_DEFAULT)
#define SC_TARGET_MEMORY (SC_VERIFY_BUFFER_AT + SC_VERIFY_BUFFER)

typedef struct
{
  const ScFileOps *ops;
  const char *path;             /* the payload while it is recorded */
  const char *publish_path;     /* (nullable): its name afterwards */
  const char *journal_path;     /* (nullable): no journal */
  bool exclusive;               /* the payload must not exist; else emptied, */
  bool keep_content;            /* or taken as it is, and gone on with */
  bool replace;                 /* publish over an existing file */
  bool keep_journal;            /* after publishing */
  bool sync;                    /* keep the promise; else sync only on request,
                                 * and at the end for a journal that stays */
  mode_t permissions;
  bool direct;                  /* appends past the page cache, where it can */
  uint64_t retry_time;          /* ns: how long a write is tried again that is
                                 * refused by -EACCES (network file systems) */
  void *memory;                 /* SC_TARGET_MEMORY bytes */
  ScSpaceConfig space;
  const uint8_t *uuid;          /* of the recording; NULL: makes one */
  /* A later part of a recording: its number, where in the recording it begins,
   * and why the part before was left.  All offsets below are then those of its
   * own payload.  It needs a journal. */
  unsigned part;
  uint64_t base;
  ScFault left;
} ScTargetConfig;

typedef struct
{
  ScTargetConfig config;
  int fd;
  uint64_t base_size;           /* of the content that was kept */
  bool has_journal;
  bool has_gaps;                /* and it says so, so it is kept; the writing
                                 * thread's, then that of the end */
  ScJournalWriter journal;      /* under journal_lock */
  pthread_mutex_t journal_lock;
  pthread_mutex_t journal_sync_lock;    /* outer; held in its fdatasync */
  ScDirect direct;              /* the writing thread's */
  ScSpace space;                /* the writing thread's */
  int read_fd;                  /* the syncing thread's, to verify; or -1 */
  bool reads_direct;
  uint64_t journal_room;        /* allocated for it, bytes */

  /* Appended, not yet in the journal; under journal_lock. */
  ScJournalExtent pending;
  uint64_t pending_since;

  _Atomic uint64_t high_water;  /* end of the highest byte written */
  _Atomic uint64_t journal_bytes;
  _Atomic uint64_t overwrites;
  _Atomic uint64_t overwritten_bytes;
} ScTarget;

/**
 * sc_target_open:
 * @config: the strings and the memory must live until finish or abandon
 *
 * Makes both files, locks the payload against a second recorder and syncs the
 * folder.  What it made is removed again on an error.  Content that is kept is
 * synced, and then counts as written; a write below its end is an overwrite.
 *
 * Returns: 0, -EEXIST, -EBUSY (another recorder writes it), or -errno
 */
int sc_target_open (ScTarget * self, const ScTargetConfig * config,
    ScFault * fault);

/**
 * sc_target_make_room:
 * @end: that the payload is going to have
 *
 * The writing thread, before it writes.  Sets space.limit where the room ends.
 */
void sc_target_make_room (ScTarget * self, uint64_t end);

/**
 * sc_target_append:
 * @offset: at or behind the highest byte so far
 * @crc: CRC-32C of the bytes
 *
 * The writing thread.  @iov is consumed.
 */
int sc_target_append (ScTarget * self, struct iovec *iov, int iov_count,
    uint64_t offset, uint64_t size, uint32_t crc, ScFault * fault);

/**
 * sc_target_overwrite:
 * @offset: the bytes lie wholly below the highest byte so far
 *
 * The writing thread.  Redo logging: old and new bytes are durable in the
 * journal before the first byte changes in place.  Up to
 * SC_JOURNAL_OVERWRITE_MAX bytes are one record, so that a crash leaves all of
 * them old or all of them new.  @iov is consumed.
 */
int sc_target_overwrite (ScTarget * self, struct iovec *iov, int iov_count,
    uint64_t offset, uint64_t size, ScFault * fault);

/**
 * sc_target_leave_out:
 * @gap: at or behind the highest byte so far; its offset is the payload's
 *
 * The writing thread.  Extends the payload by zeros instead of what was left out,
 * and has the journal say so.
 */
int sc_target_leave_out (ScTarget * self, const ScGap * gap, ScFault * fault);

/**
 * sc_target_redo:
 * @offset: in the recording, below the part's base; the bytes may go on up to the
 *     highest byte so far
 *
 * The writing thread.  Keeps bytes that belong into an earlier part in the
 * journal; they are durable after the next sync.  Those behind the base must be
 * overwritten next: up to SC_JOURNAL_OVERWRITE_MAX bytes are one record, so that
 * a crash leaves all of them old or all of them new.
 */
int sc_target_redo (ScTarget * self, const struct iovec *iov, int iov_count,
    uint64_t offset, ScFault * fault);

/**
 * sc_target_sync:
 * @running_time: of the last byte, or SC_JOURNAL_NO_TIME
 * @durable: (out): every byte below survives a power cut from now on
 *
 * The syncing thread.  In a target without the promise (config.sync false) it
 * syncs the payload, and @durable stays 0.
 */
int sc_target_sync (ScTarget * self, uint64_t running_time, uint64_t * durable,
    ScFault * fault);

/**
 * sc_target_restart:
 *
 * Empties the payload.
 */
int sc_target_restart (ScTarget * self, ScFault * fault);

/**
 * sc_target_finish:
 * @durable: (out): as of sync
 *
 * Ends the recording: everything synced, the journal closed, the payload given
 * its name.  On an error the files stay as they are for recovery; abandon must
 * follow.
 */
int sc_target_finish (ScTarget * self, uint64_t running_time,
    uint64_t * durable, ScFault * fault);

/**
 * sc_target_abandon:
 * @keep_empty: a manifest names the files
 *
 * Closes what is open and leaves the files for recovery.  Where nothing was
 * written the journal is removed, and with it an exclusive payload, unless
 * @keep_empty.  Also after finish.
 *
 * Returns: 0, or the -errno of the first close that failed
 */
int sc_target_abandon (ScTarget * self, bool keep_empty, ScFault * fault);

#endif
