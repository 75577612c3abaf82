/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The recording journal NAME.sfj, which stands beside NAME.part and says what
 * was written into it, with checksums, and how much of it was durable.  The
 * whole specification, with the rules of ordering, is docs/journal-format.md.
 *
 * All numbers are little-endian, all times nanoseconds, "crc" is CRC-32C.
 *
 * File header (at offset 0, 80 bytes and the name, padded with zeros to 8):
 *
 *    0   8  magic: 89 53 46 4A 0D 0A 1A 0A
 *    8   4  version (1); a reader refuses any other
 *   12   4  header size, a multiple of 8, 88 to 336
 *   16   4  compatible feature flags: an unknown one may be ignored; bit 0: the
 *           payload has its final name from the start
 *   20   4  incompatible feature flags: an unknown one must be refused
 *   24  16  salt, random
 *   40  16  UUID of the recording (RFC 9562 version 4)
 *   56   8  creation time, UTC, ns since 1970
 *   64   8  base size: bytes that the payload held before, not covered here
 *   72   2  bytes in the name, 1 to 255
 *   74   2  zero
 *   76   4  crc of the whole header, this field taken as zero
 *   80   -  the payload's final base name, without ".part"; not terminated
 *
 * Record (8-byte aligned, right behind each other):
 *
 *    0   4  crc of bytes 4 to the padded end, continued from the crc of the
 *           record before (of the header, for the first record)
 *    4   4  length in bytes, this header included, padding excluded
 *    8   2  type
 *   10   2  flags; bit 0: a reader that does not know the type must refuse
 *   12   4  zero
 *   16   8  sequence number, 0 for the first record, then one more each
 *   24   -  body; then zeros up to a multiple of 8
 *
 * A body may be longer than said here: a reader ignores what it does not know
 * at its end.  Bodies:
 *
 *   EXTENT (1): bytes appended at or behind the highest byte so far
 *    0   8  offset in the payload     8   8  size, at least 1
 *   16   4  crc of these bytes       20   4  zero
 *
 *   OVERWRITE (2): bytes written again, wholly below the highest byte so far
 *    0   8  offset in the payload     8   4  size, 1 to 65536
 *   12   4  crc of the old bytes     16   4  crc of the new bytes
 *   20   4  zero                     24   -  the old bytes, then the new bytes
 *
 *   SYNC (3): every payload byte below the mark was on stable storage
 *    0   8  durable offset (the mark) 8   8  monotonic time
 *   16   8  UTC, ns since 1970       24   8  running time, or all ones
 *
 *   CLOSE (4): the recording ended; no EXTENT, SYNC or CLOSE follows, but a
 *   repair may still overwrite
 *    0   8  final size                8   8  bytes appended
 *   16   8  bytes overwritten        24   8  EXTENT records
 *   32   8  OVERWRITE records        40   8  SYNC records
 *   48   8  UTC, ns since 1970       56   8  running time, or all ones
 *
 *   RESTART (5): the payload was emptied, and everything said before about its
 *   content is void (the base size too)
 *    0   8  UTC, ns since 1970
 *
 *   SWITCH (6): first record only: this payload is a later part of a recording
 *    0   8  base: offset in the recording of this payload's first byte
 *    8   4  part number, at least 1  12   4  errno of the part before, positive
 *   16   2  its operation           18   6  zero
 *   24   8  UTC, ns since 1970
 *
 *   REDO (7): bytes of the recording below the base, which another part holds;
 *   of a write that goes on above it those too, before their OVERWRITE
 *    0   8  offset in the recording   8   4  size, 1 to 65536
 *   12   4  crc of the bytes         16   -  the bytes
 *
 *   GAP (8): bytes of the stream that were left out; zeros stand for them
 *    0   8  offset in the payload     8   8  bytes, at least 1
 *   16   8  buffers                  24   8  running time of the first's begin
 *   32   8  running time of the last's end; all ones where it is not known
 *   40   8  UTC, ns since 1970, when data came through again
 */
#ifndef SC_JOURNAL_FORMAT_H
#define SC_JOURNAL_FORMAT_H

#include <stddef.h>
#include <stdint.h>

#define SC_JOURNAL_MAGIC "\x89SFJ\r\n\x1a\n"
#define SC_JOURNAL_VERSION 1u
/* Feature flags that this code knows. */
#define SC_JOURNAL_IN_PLACE 1u  /* the name says nothing about the end */
#define SC_JOURNAL_COMPATIBLE_KNOWN SC_JOURNAL_IN_PLACE
#define SC_JOURNAL_INCOMPATIBLE_KNOWN 0u

#define SC_JOURNAL_NAME_MAX 255
#define SC_JOURNAL_HEADER_FIXED 80u
#define SC_JOURNAL_HEADER_MAX (SC_JOURNAL_HEADER_FIXED + 256u)

#define SC_JOURNAL_RECORD_HEADER 24u
/* A longer record is taken for damage. */
#define SC_JOURNAL_RECORD_MAX (1u << 20)
/* Bytes of one OVERWRITE or REDO record; longer writes take several. */
#define SC_JOURNAL_OVERWRITE_MAX (64u << 10)
#define SC_JOURNAL_OVERWRITE_HEADER 24u
#define SC_JOURNAL_REDO_HEADER 16u
/* The longest record with a body of fixed size: CLOSE. */
#define SC_JOURNAL_FIXED_MAX (SC_JOURNAL_RECORD_HEADER + 64u)

#define SC_JOURNAL_RECORD_INCOMPATIBLE 1u

#define SC_JOURNAL_NO_TIME UINT64_MAX

typedef enum
{
  SC_JOURNAL_EXTENT = 1,
  SC_JOURNAL_OVERWRITE = 2,
  SC_JOURNAL_SYNC = 3,
  SC_JOURNAL_CLOSE = 4,
  SC_JOURNAL_RESTART = 5,
  SC_JOURNAL_SWITCH = 6,
  SC_JOURNAL_REDO = 7,
  SC_JOURNAL_GAP = 8,
  SC_JOURNAL_TYPE_LAST = SC_JOURNAL_GAP,
} ScJournalType;

typedef struct
{
  uint32_t version;
  uint32_t compatible;
  uint32_t incompatible;
  uint8_t salt[16];
  uint8_t uuid[16];
  int64_t created_ns;
  uint64_t base_size;
  char name[SC_JOURNAL_NAME_MAX + 1];
} ScJournalHeader;

typedef struct
{
  uint64_t offset;
  uint64_t size;
  uint32_t crc;
} ScJournalExtent;

typedef struct
{
  uint64_t offset;
  uint32_t size;
  uint32_t old_crc;
  uint32_t new_crc;
} ScJournalOverwrite;

typedef struct
{
  uint64_t durable_offset;
  int64_t monotonic_ns;
  int64_t wall_ns;
  uint64_t running_time_ns;     /* or SC_JOURNAL_NO_TIME */
} ScJournalSync;

typedef struct
{
  uint64_t final_size;
  uint64_t appended_bytes;
  uint64_t overwritten_bytes;
  uint64_t extents;
  uint64_t overwrites;
  uint64_t syncs;
  int64_t wall_ns;
  uint64_t running_time_ns;     /* or SC_JOURNAL_NO_TIME */
} ScJournalClose;

typedef struct
{
  int64_t wall_ns;
} ScJournalRestart;

typedef struct
{
  uint64_t base;
  uint32_t part;
  uint32_t error;               /* errno, positive; 0: not known */
  uint16_t operation;           /* ScFaultKind; 0: not known */
  int64_t wall_ns;
} ScJournalSwitch;

typedef struct
{
  uint64_t offset;              /* in the recording */
  uint32_t size;
  uint32_t crc;
} ScJournalRedo;

typedef struct
{
  uint64_t offset;
  uint64_t size;
  uint64_t buffers;
  uint64_t first_ns;            /* running times, or SC_JOURNAL_NO_TIME */
  uint64_t last_ns;
  int64_t wall_ns;
} ScJournalGap;

/* A record's header and the fixed part of its body. */
typedef struct
{
  uint16_t type;                /* ScJournalType, or one not known */
  uint16_t flags;
  uint32_t length;
  uint64_t sequence;
  union
  {
    ScJournalExtent extent;
    ScJournalOverwrite overwrite;
    ScJournalSync sync;
    ScJournalClose close;
    ScJournalRestart restart;
    ScJournalSwitch part_switch;
    ScJournalRedo redo;
    ScJournalGap gap;
  };
} ScJournalRecord;

/* Bytes from one record to the next. */
static inline size_t
sc_journal_padded (size_t length)
{
  return (length + 7) & ~(size_t) 7;
}

/**
 * sc_journal_header_init:
 * @name: the payload's final base name, without ".part" and folder
 * @base_size: bytes that the payload holds already and this recording appends
 *     to; 0 for a new file
 *
 * Fills in a new header: salt and UUID from the kernel's random generator, the
 * time from the clock.
 *
 * Returns: 0, -EINVAL for an empty name or one with a slash, -ENAMETOOLONG, or
 * the generator's -errno
 */
int sc_journal_header_init (ScJournalHeader * self, const char *name,
    uint64_t base_size);

/**
 * sc_journal_make_uuid:
 *
 * A random UUID (RFC 9562 version 4) from the kernel's generator.
 *
 * Returns: 0, or the generator's -errno
 */
int sc_journal_make_uuid (uint8_t uuid[16]);

/**
 * sc_journal_header_encode:
 * @out: (out) (array fixed-size=336)
 * @crc: (out): the header's CRC, which the first record's chain begins with
 *
 * Returns: bytes used in @out
 */
size_t sc_journal_header_encode (const ScJournalHeader * self,
    uint8_t out[SC_JOURNAL_HEADER_MAX], uint32_t * crc);

/**
 * sc_journal_header_decode:
 * @data: the first bytes of a file
 * @size: bytes in @data; 336 or the whole file are always enough
 *
 * Returns: the header's size in bytes (a positive number), or -EBADMSG (not a
 * journal, or a damaged header), -EPROTONOSUPPORT (another version),
 * -ENOTSUP (an incompatible feature that this code does not know)
 */
int sc_journal_header_decode (ScJournalHeader * self, const uint8_t * data,
    size_t size, uint32_t * crc);

/**
 * sc_journal_record_encode:
 * @out: (out) (array fixed-size=88): header and fixed part of the body, padded,
 *     with the crc left zero
 *
 * Sets @self->length from the type; an OVERWRITE's length counts the old and
 * new bytes that follow, a REDO's its bytes.
 *
 * Returns: bytes used in @out
 */
size_t sc_journal_record_encode (ScJournalRecord * self,
    uint8_t out[SC_JOURNAL_FIXED_MAX]);

/* The crc field alone. */
void sc_journal_record_put_crc (uint8_t * out, uint32_t crc);
uint32_t sc_journal_record_get_crc (const uint8_t * data);

/**
 * sc_journal_record_decode_header:
 * @data: (array fixed-size=24)
 *
 * Returns: 0, or -EBADMSG where the length is none a record can have
 */
int sc_journal_record_decode_header (ScJournalRecord * self,
    const uint8_t data[SC_JOURNAL_RECORD_HEADER]);

/**
 * sc_journal_record_decode_body:
 * @body: the bytes behind the record header
 * @size: bytes at @body, at most 64 are looked at
 *
 * Fills in the fixed part of a known type's body.  The checksum must have been
 * checked before.
 *
 * Returns: 0, -EBADMSG where the body is too short or contradicts itself,
 * -ENOTSUP for an unknown type that must be refused
 */
int sc_journal_record_decode_body (ScJournalRecord * self,
    const uint8_t * body, size_t size);

#endif
