/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reads a recording journal (sc-journal-format.h) record by record, in bounded
 * memory: one window of 64 KiB, whatever the file claims.  No length, offset or
 * count is believed before the checksum chain holds and the record keeps the
 * rules of docs/journal-format.md; the first one that does not ends the reading
 * for good.  After a crash that is normal: the last record may be torn.
 *
 * One thread at a time.  The file may still be written to: the reader keeps to
 * the size that it had when it was opened.
 */
#ifndef SC_JOURNAL_READER_H
#define SC_JOURNAL_READER_H

#include "sc-file-ops.h"
#include "sc-journal-format.h"

#define SC_JOURNAL_WINDOW (64u << 10)

/* Why there is no further record. */
typedef enum
{
  SC_JOURNAL_GOING,             /* not stopped yet */
  SC_JOURNAL_END,               /* the file ends behind a whole record */
  SC_JOURNAL_TORN,              /* the last record was not written whole */
  /* Other bytes follow a bad record: a tail whose sectors reached the disk out
   * of order before a power cut, or damage; the two look alike. */
  SC_JOURNAL_RAGGED,
  /* Damage: later records show that the bad one had been synced. */
  SC_JOURNAL_CORRUPT,
  SC_JOURNAL_UNKNOWN,           /* a record that must be understood is not */
} ScJournalStop;

/* Read-only for callers. */
typedef struct
{
  const ScFileOps *ops;
  int fd;                       /* -1 when closed */
  ScJournalHeader header;
  uint64_t size;                /* of the file, when opened */
  uint64_t position;            /* behind the last good record */
  uint64_t records;             /* good ones so far */
  uint32_t chain;               /* crc of the last good record */
  ScJournalStop stop;
  uint64_t high_water;          /* as the records say so far */
  uint64_t durable_offset;
  uint32_t part;                /* of SWITCH; 0 without one */
  uint64_t base;                /* in the recording, of the payload's byte 0 */
  bool closed;                  /* the last word so far is CLOSE */
  ScJournalClose totals;        /* counts and bytes so far, as CLOSE has them */
  uint64_t gaps;                /* GAP records so far */
  uint64_t window_at;
  size_t window_size;
  uint8_t window[SC_JOURNAL_WINDOW];
} ScJournalReader;

/**
 * sc_journal_reader_open:
 * @path: opened for reading only
 *
 * Returns: 0, -errno of open and read, -EISDIR and the like; -EBADMSG: not a
 * journal or its header is damaged; -EPROTONOSUPPORT: another version;
 * -ENOTSUP: it uses a feature that this code does not know.  On an error
 * nothing stays open.
 */
int sc_journal_reader_open (ScJournalReader * self, const ScFileOps * ops,
    const char *path);

/**
 * sc_journal_reader_rewind:
 *
 * Begins again, behind the header, with the size that the file had when it was
 * opened.
 *
 * Returns: as sc_journal_reader_open(); the file stays open
 */
int sc_journal_reader_rewind (ScJournalReader * self);

/**
 * sc_journal_reader_next:
 * @record: (out): unknown compatible types come out too, without a body
 *
 * Returns: 1 for a record, 0 at the stop (see @self->stop), -errno where the
 * file cannot be read
 */
int sc_journal_reader_next (ScJournalReader * self, ScJournalRecord * record);

/**
 * sc_journal_reader_data_at:
 * @record: the OVERWRITE or REDO that next() gave last
 *
 * Returns: where in the journal its data begin: of an OVERWRITE the old bytes,
 * which the new ones follow
 */
uint64_t sc_journal_reader_data_at (const ScJournalReader * self,
    const ScJournalRecord * record);

/**
 * sc_journal_reader_close:
 *
 * Once more does nothing.
 */
void sc_journal_reader_close (ScJournalReader * self);

#endif
