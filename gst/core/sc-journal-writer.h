/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Writes a recording journal (sc-journal-format.h).
 *
 * One appender at a time: the caller serialises every call with a lock of its
 * own.  Nothing is allocated; records collect in the caller's buffer until it
 * is full or flushed.  The caller keeps the order that the promise rests on:
 *
 *   append   write the payload, then _extent(), then _flush() (a SIGKILL from
 *            here on loses nothing that the journal could not vouch for)
 *   mark     fdatasync the payload, then _mark() with the offset that was
 *            written before that fdatasync began, then _sync(); only then tell
 *            anyone the new mark
 *   rewrite  _overwrite() with the old and the new bytes, then _sync(), and
 *            only then write the new bytes in place
 *   end      a last mark, then _close_record(), _sync(), _close(); publish the
 *            payload afterwards
 *   empty    _restart(), _sync(), then truncate the payload to 0
 *   part     of a recording that went on here after another target failed:
 *            _switch() before anything else; what is written again below its
 *            base goes to _redo() and counts after the next _sync()
 *   left out _gap(): the payload is as long as with the bytes, zeros in their
 *            place
 *
 * A write that straddles the highest byte so far is an overwrite and an extent.
 * A write beyond it leaves a hole, which is legal: its bytes count as zeros.
 * One into a hole is an overwrite whose old bytes are zeros.
 * The recorder holds the lock of NAME.part (ScFileOps lock()) while it records,
 * so that nobody recovers a file that is being written.
 * The journal's name is durable once the folder is synced (sync_parent()),
 * which must come before the first mark is told.
 *
 * Errors: -errno.  A failed write leaves the record out and what was buffered
 * in; the call may be made again (space may have been freed).  After a failed
 * _sync() the writer is dead, as no later sync can be believed: every call from
 * then on returns that error, only _close() remains.
 */
#ifndef SC_JOURNAL_WRITER_H
#define SC_JOURNAL_WRITER_H

#include "sc-file-ops.h"
#include "sc-journal-format.h"
#include "sc-journal-reader.h"

/* The smallest buffer; 16 KiB hold some 340 extents. */
#define SC_JOURNAL_BUFFER_MIN 512u
#define SC_JOURNAL_BUFFER_DEFAULT (16u << 10)

/* Read-only for callers. */
typedef struct
{
  const ScFileOps *ops;
  int fd;                       /* -1 when closed */
  int error;                    /* of a failed sync, for good; else 0 */
  uint8_t *buffer;
  size_t buffer_size;
  size_t used;
  uint64_t offset;              /* in the journal, of the buffer's start */
  uint64_t sequence;            /* of the next record */
  uint32_t chain;               /* crc of the last record */
  bool closed;                  /* the CLOSE record is in */
  uint64_t high_water;          /* end of the highest extent or gap */
  uint64_t durable_offset;      /* of the last SYNC record */
  uint64_t base;                /* of SWITCH; 0 without one */
  ScJournalClose totals;        /* so far */
} ScJournalWriter;

/**
 * sc_journal_writer_create:
 * @ops: must live until close
 * @path: NAME.sfj; must not exist (O_EXCL, links are not followed)
 * @mode: permissions of the new file, commonly 0600
 * @header: from sc_journal_header_init()
 * @buffer: (array length=buffer_size): the caller's, until close; at least
 *     SC_JOURNAL_BUFFER_MIN bytes
 *
 * Makes the file and writes its header (not synced: the first _sync() does so).
 * On an error after the file was made, it is unlinked again.
 *
 * Returns: 0, -EINVAL for a small buffer, -EEXIST, or any -errno of open and
 * write
 */
int sc_journal_writer_create (ScJournalWriter * self, const ScFileOps * ops,
    const char *path, mode_t mode, const ScJournalHeader * header,
    uint8_t * buffer, size_t buffer_size);

/**
 * sc_journal_writer_resume:
 * @path: the journal that @reader reads
 * @reader: has stopped at SC_JOURNAL_END, _TORN or _RAGGED
 *
 * Goes on behind the last good record; what follows it is cut off.
 *
 * Returns: 0, -EINVAL, or any -errno of open and truncate
 */
int sc_journal_writer_resume (ScJournalWriter * self, const ScFileOps * ops,
    const char *path, const ScJournalReader * reader, uint8_t * buffer,
    size_t buffer_size);

/**
 * sc_journal_writer_extent:
 * @offset: in the payload, at or above the end of the extent before
 * @size: bytes, at least 1
 * @crc: CRC-32C of these bytes
 *
 * Says that bytes were appended.  Buffered; writes only where the buffer is
 * full.
 *
 * Returns: 0, -EINVAL for one that reaches below the highest byte or follows a
 * CLOSE, or -errno of a write
 */
int sc_journal_writer_extent (ScJournalWriter * self, uint64_t offset,
    uint64_t size, uint32_t crc);

/**
 * sc_journal_writer_overwrite:
 * @offset: in the payload; @offset + @size is at most the highest byte
 * @old_bytes: (array length=size): what stands there now
 * @new_bytes: (array length=size): what shall stand there
 * @size: bytes, at least 1; split into records of 64 KiB
 *
 * Writes the records out at once, unbuffered and uncopied.  Must be followed by
 * sc_journal_writer_sync() before the write in place.  Where a write fails,
 * some of the records may be in: the new bytes in them are what recovery will
 * put there.
 *
 * Returns: 0, -EINVAL, or -errno of a write
 */
int sc_journal_writer_overwrite (ScJournalWriter * self, uint64_t offset,
    const void *old_bytes, const void *new_bytes, size_t size);

/**
 * sc_journal_writer_switch:
 * @part_switch: the time is filled in
 *
 * Says that this payload goes on with a recording where another part ends.  The
 * first record.
 *
 * Returns: 0, -EINVAL for a later record or part 0, or -errno of a write
 */
int sc_journal_writer_switch (ScJournalWriter * self,
    const ScJournalSwitch * part_switch);

/**
 * sc_journal_writer_redo:
 * @offset: in the recording, below the base of SWITCH; @offset + @size is at most
 *     the base and the highest byte behind it
 * @bytes: (array length=size): what stands there from now on
 * @size: at least 1; split into records of 64 KiB
 *
 * Writes the records out at once, unbuffered and uncopied.  The bytes from the
 * base on must be overwritten next; those of a record that would begin there are
 * left to that alone.
 *
 * Returns: 0, -EINVAL, or -errno of a write
 */
int sc_journal_writer_redo (ScJournalWriter * self, uint64_t offset,
    const void *bytes, size_t size);

/**
 * sc_journal_writer_gap:
 * @gap: at or behind the highest byte so far; the time is filled in
 *
 * Says that these bytes of the stream were left out.  The payload is to be
 * extended to its end first.
 *
 * Returns: 0, -EINVAL, or -errno of a write
 */
int sc_journal_writer_gap (ScJournalWriter * self, const ScJournalGap * gap);

/**
 * sc_journal_writer_mark:
 * @durable_offset: every payload byte below was written and then synced; at
 *     least the mark before, at most the highest byte
 * @running_time_ns: running time of the last sample below the mark, or
 *     SC_JOURNAL_NO_TIME
 *
 * Appends a SYNC record with the clocks' time.  Must be followed by
 * sc_journal_writer_sync() before the mark is told.
 *
 * Returns: 0, -EINVAL, or -errno of a write
 */
int sc_journal_writer_mark (ScJournalWriter * self, uint64_t durable_offset,
    uint64_t running_time_ns);

/**
 * sc_journal_writer_close_record:
 * @running_time_ns: of the whole recording, or SC_JOURNAL_NO_TIME
 *
 * Appends the CLOSE record with the totals.  The payload must be synced as a
 * whole and marked (-EINVAL where the last mark is below the highest byte).
 * Follow with sc_journal_writer_sync().
 *
 * Returns: 0, -EINVAL, or -errno of a write
 */
int sc_journal_writer_close_record (ScJournalWriter * self,
    uint64_t running_time_ns);

/**
 * sc_journal_writer_restart:
 *
 * Says that the payload is emptied and written from 0 on; also after a CLOSE.
 * Follow with sc_journal_writer_sync() before the payload is truncated.
 *
 * Returns: 0, or -errno of a write
 */
int sc_journal_writer_restart (ScJournalWriter * self);

/**
 * sc_journal_writer_flush:
 *
 * Hands everything buffered to the operating system: it then survives the
 * process, not yet the machine.
 *
 * Returns: 0, or -errno
 */
int sc_journal_writer_flush (ScJournalWriter * self);

/**
 * sc_journal_writer_sync:
 *
 * Flushes, then fdatasync(): everything appended so far survives the machine.
 * The only slow call; to sync without the caller's lock, flush under the lock,
 * then use sc_journal_writer_datasync().
 *
 * Returns: 0, or -errno (a failed fdatasync ends the writer)
 */
int sc_journal_writer_sync (ScJournalWriter * self);

/**
 * sc_journal_writer_datasync:
 *
 * The fdatasync() alone, of what was flushed before.  Reads nothing but the
 * table and the descriptor, so it may run beside an appender in another thread;
 * the caller then gives its result to sc_journal_writer_fail() under the lock.
 *
 * Returns: 0, or -errno
 */
int sc_journal_writer_datasync (const ScJournalWriter * self);

/**
 * sc_journal_writer_fail:
 * @error: -errno; 0 is ignored
 *
 * Ends the writer with this error, if it has none yet.
 */
void sc_journal_writer_fail (ScJournalWriter * self, int error);

/**
 * sc_journal_writer_close:
 *
 * Flushes unless dead, and closes the file, also after errors; nothing is
 * synced.  Once more does nothing.
 *
 * Returns: 0, or the first -errno of the writer, the flush and the close
 */
int sc_journal_writer_close (ScJournalWriter * self);

#endif
