/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The room that a recording has on its file system, and the room that is held
 * for its end: a muxer that is told to stop still writes its index.
 *
 *   payload  |####### written #######|....... ahead .......|.. reserve ..|
 *            0                    `end`                                `room`
 *
 * Before `end` moves, there is room for what the ring may hold beyond it, and
 * for the reserve: allocated behind the end of the file, without changing its
 * size (fallocate, KEEP_SIZE), so that nobody else can take it; where the file
 * system cannot do that, only looked up.  When no more can be had, the limit is
 * set: what lies below it fits, and the reserve after it.  As the ring never
 * holds more than `ahead`, it is never behind what was accepted already.
 *
 * A modest one takes nothing: the reserve, no more than a share of what is free
 * at the start, is only looked for, and the limit moves with every look, once a
 * second.  Somebody else may then be faster, and there is an error after all.
 *
 * Without a reserve and limits nothing is allocated and no limit ever set.
 * The writer thread's; sc_space_left() any thread.
 */
#ifndef SC_SPACE_H
#define SC_SPACE_H

#include "sc-file-ops.h"

#include <stdatomic.h>

#define SC_SPACE_UNKNOWN UINT64_MAX

typedef struct
{
  uint64_t reserve;             /* bytes for the end; 0: none */
  uint64_t min_free;            /* bytes that are left to others */
  uint64_t max_bytes;           /* of the payload, the reserve within; 0: any */
  uint64_t ahead;               /* bytes that may be accepted beyond `end` */
  bool modest;                  /* the reserve was not asked for */
} ScSpaceConfig;

typedef struct
{
  ScSpaceConfig config;
  uint64_t room;                /* payload bytes that have room */
  uint64_t limit;               /* payload bytes; SC_SPACE_UNKNOWN: none yet */
  uint64_t taken;               /* the end before: on the disk, as far as known */
  bool allocates;               /* wanted, and the file system can */
  uint64_t looked;              /* when the free space was looked at, ns */
  _Atomic uint64_t left;        /* bytes, when last looked; or unknown */
} ScSpace;

/* A modest reserve is at most one part in so many of what is free. */
#define SC_SPACE_MODEST_SHARE 16

/**
 * sc_space_init:
 * @fd: the payload
 * @end: that it has
 *
 * The process's limit of a file's size (RLIMIT_FSIZE) counts as max_bytes.
 */
void sc_space_init (ScSpace * self, const ScSpaceConfig * config,
    const ScFileOps * ops, int fd, uint64_t end);

/**
 * sc_space_make_room:
 * @fd: the payload
 * @end: that it is going to have
 *
 * Sets `room`, and `limit` where there is no more.
 */
void sc_space_make_room (ScSpace * self, const ScFileOps * ops, int fd,
    uint64_t end);

/**
 * sc_space_end_at:
 *
 * Something else has come to its end: sets the limit there.
 */
void sc_space_end_at (ScSpace * self, uint64_t end);

/**
 * sc_space_reset:
 *
 * The file was emptied.
 */
void sc_space_reset (ScSpace * self);

/* Whether blocks beyond the file's end have to be given back. */
bool sc_space_has_allocated (const ScSpace * self);

/* Bytes until the limit, as of the last look, at most a second old while data
 * are written; SC_SPACE_UNKNOWN. */
uint64_t sc_space_left (const ScSpace * self);

#endif
