/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A ring of file writes for one producer (the streaming thread) and one
 * consumer (the writer thread), in one memory region that the caller owns.
 *
 * Each record says where in the file its bytes belong and carries their
 * CRC-32C; the payloads lie back to back in a region of their own, so that a
 * run of records goes to the file without being copied again.  Three positions
 * move one after the other, all counted in records since the start:
 *
 *   released <= written <= head
 *
 *   head       the producer has put the record
 *   written    the consumer has given it to the operating system
 *   released   its bytes are durable, so their memory may be used again
 *
 * Between written and released the bytes stay in memory: a failed sync is
 * answered by writing them again elsewhere (after it, the operating system may
 * have thrown its copy away).
 *
 * A gap, bytes that are missing, goes through it as two records without payload,
 * always taken together.
 *
 * Threads: put, put_gap: the producer.  peek, written: the consumer, one after another if
 * the one before has gone.  release: one
 * thread, any.  Levels: any thread.  No allocation, and no lock while the
 * producer finds room.
 */
#ifndef SC_BYTE_RING_H
#define SC_BYTE_RING_H

#include "sc-eventcount.h"
#include "sc-gap.h"

#include <stdalign.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

/* The most that one record holds: larger writes are split, so that the consumer
 * begins with a large one before all of it is here, and can keep to this size with
 * the operating system. */
#define SC_BYTE_RING_RECORD_MAX 65536u
/* Writes up to this size, and to a quarter of the ring, are one record: a muxer
 * that rewrites its header never has half of it written.  A quarter, as the
 * producer then waits only where more than half is unreleased. */
#define SC_BYTE_RING_WHOLE_MAX 65536u
/* One record descriptor for so many payload bytes; streams of smaller writes
 * fill the descriptors before the bytes. */
#define SC_BYTE_RING_RECORD_SHARE 512u
#define SC_BYTE_RING_MIN 65536u
#define SC_BYTE_RING_NO_TIME UINT64_MAX
#define SC_BYTE_RING_GAP_RECORDS 2u

typedef struct
{
  uint64_t offset;              /* in the file */
  uint64_t end;                 /* payload bytes put up to and with this one */
  uint64_t time;                /* running time in ns, or SC_BYTE_RING_NO_TIME */
  uint32_t size;                /* 0: half of a gap */
  uint32_t crc;                 /* CRC-32C of the payload */
} ScByteRecord;

typedef struct
{
  uint8_t *data;
  uint64_t data_size;
  ScByteRecord *records;
  uint64_t record_count;        /* a power of two */

  /* The producer's. */
  alignas (64) _Atomic uint64_t head;
  _Atomic uint64_t head_bytes;
  _Atomic uint64_t waits;       /* times it found no room */
  _Atomic uint64_t wait_time;   /* ns in all */

  /* The consumer's. */
  alignas (64) _Atomic uint64_t written;
  _Atomic uint64_t written_bytes;
  /* The consumer, where it sleeps, is woken once so many bytes have been put. */
  _Atomic uint64_t wake_at;

  /* The releasing thread's. */
  alignas (64) _Atomic uint64_t released;
  _Atomic uint64_t released_bytes;

  /* SC_BYTE_RING_INTERRUPTED | SC_BYTE_RING_BROKEN */
  alignas (64) _Atomic uint32_t stops;
  ScEventcount space;           /* the producer sleeps here */
  ScEventcount data_ready;      /* the consumer sleeps here */
} ScByteRing;

/* A run of records that lie side by side in the file. */
typedef struct
{
  uint64_t offset;              /* in the file */
  uint64_t size;                /* bytes; 0: this is a gap, alone */
  uint64_t records;
  uint64_t time;                /* the last one known, or SC_BYTE_RING_NO_TIME */
  uint32_t crc;                 /* of all bytes */
  int iov_count;                /* 2 where the run wraps in memory */
  struct iovec iov[2];
  ScGap gap;                    /* valid if size is 0 */
} ScByteRun;

/**
 * sc_byte_ring_region_size:
 * @data_size: payload bytes, at least SC_BYTE_RING_MIN
 *
 * Returns: the bytes that init needs for payload and descriptors
 */
size_t sc_byte_ring_region_size (uint64_t data_size);

/**
 * sc_byte_ring_init:
 * @region: sc_byte_ring_region_size() bytes, aligned to 8; the payloads start
 *   at its beginning, so that a page-aligned region suits direct I/O
 *
 * Returns: 0, -EINVAL if @data_size is too small, or -errno
 */
int sc_byte_ring_init (ScByteRing * self, void *region, uint64_t data_size);

void sc_byte_ring_clear (ScByteRing * self);

/**
 * sc_byte_ring_put:
 * @offset: place in the file of the first byte
 * @time: running time of the bytes' end in ns, or SC_BYTE_RING_NO_TIME
 * @timeout_ns: how long to wait for room in all, or SC_WAIT_FOREVER
 * @taken: (out): bytes put, also on error: the caller goes on from there
 *
 * Copies the bytes once, computing their checksum meanwhile.  Up to
 * sc_byte_ring_whole() bytes are one record, put as a whole or not at all.
 *
 * Returns: 0 once all is put; -ETIMEDOUT, -ECANCELED (interrupted) or -EPIPE
 * (broken) where it would have had to wait or was broken
 */
int sc_byte_ring_put (ScByteRing * self, uint64_t offset, uint64_t time,
    const void *data, size_t size, uint64_t timeout_ns, size_t *taken);

/**
 * sc_byte_ring_put_gap:
 *
 * Puts word of bytes that are missing between what was put before and what comes
 * next.
 *
 * Returns: as sc_byte_ring_put()
 */
int sc_byte_ring_put_gap (ScByteRing * self, const ScGap * gap,
    uint64_t timeout_ns);

/**
 * sc_byte_ring_peek:
 * @limit: the most bytes to join; the first record comes in any case
 *
 * Looks at the oldest records not yet written, without taking them.
 *
 * Returns: whether there was one
 */
bool sc_byte_ring_peek (ScByteRing * self, uint64_t limit, ScByteRun * run);

/**
 * sc_byte_ring_look:
 * @position: of a record between released and head
 *
 * Looks at one record; of a gap only a size of 0 is said.  The releasing thread.
 */
void sc_byte_ring_look (const ScByteRing * self, uint64_t position,
    ScByteRun * run);

/**
 * sc_byte_run_cut:
 * @front: (out): the first @size bytes of the run, which it then has no more
 *
 * Returns: the parts of @front
 */
int sc_byte_run_cut (ScByteRun * run, uint64_t size, struct iovec front[2]);

/**
 * sc_byte_ring_wake_at:
 * @bytes: not yet written; 0: at the next record
 *
 * The consumer, before it prepares to wait for data_ready: how much is to be there
 * before put wakes it.  A producer that finds no room wakes it in any case.
 */
void sc_byte_ring_wake_at (ScByteRing * self, uint64_t bytes);

/**
 * sc_byte_ring_pending:
 *
 * The consumer.  Returns: bytes put and not yet written
 */
uint64_t sc_byte_ring_pending (const ScByteRing * self);

/**
 * sc_byte_ring_written:
 * @records: as peek said
 */
void sc_byte_ring_written (ScByteRing * self, uint64_t records);

/**
 * sc_byte_ring_release:
 * @position: the records before it are given back; at most the written position
 */
void sc_byte_ring_release (ScByteRing * self, uint64_t position);

/**
 * sc_byte_ring_rewind:
 *
 * All that is not released counts as not written again.  While there is no
 * consumer and nobody releases.
 */
void sc_byte_ring_rewind (ScByteRing * self);

/**
 * sc_byte_ring_interrupt:
 *
 * While interrupted, a put that finds no room returns at once.  Any thread.
 */
void sc_byte_ring_interrupt (ScByteRing * self, bool interrupted);

/**
 * sc_byte_ring_break:
 *
 * Every put fails from now on.  Any thread.
 */
void sc_byte_ring_break (ScByteRing * self);

/* The largest write that is one record in any case. */
uint64_t sc_byte_ring_whole (const ScByteRing * self);

/* Levels: any thread; a moment's value. */
uint64_t sc_byte_ring_head (const ScByteRing * self);
uint64_t sc_byte_ring_written_position (const ScByteRing * self);
uint64_t sc_byte_ring_released_position (const ScByteRing * self);
/* Bytes held: put and not yet released. */
uint64_t sc_byte_ring_level (const ScByteRing * self);
/* Bytes written and not yet released. */
uint64_t sc_byte_ring_unreleased (const ScByteRing * self);
/* Whether the written but not yet released part fills half of the ring. */
bool sc_byte_ring_half_unreleased (const ScByteRing * self);

#endif
