/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The account of what a recorder has left out: sums since its start, and where
 * and when in the stream it was, since somebody was told last.
 *
 * Threads: add: the streaming thread.  read: any.  begin: who has told of it.
 */
#ifndef SC_DROPS_H
#define SC_DROPS_H

#include "sc-gap.h"

#include <stdatomic.h>
#include <stdbool.h>

typedef struct
{
  _Atomic uint64_t buffers;
  _Atomic uint64_t bytes;
  _Atomic uint64_t offset;
  _Atomic uint64_t first;
  _Atomic uint64_t last;
  _Atomic bool begin;           /* set by begin, taken by the next add */
} ScDrops;

void sc_drops_init (ScDrops * self);

/* @dropped: one buffer, or some in a row */
void sc_drops_add (ScDrops * self, const ScGap * dropped);

/**
 * sc_drops_read:
 * @dropped: (out): bytes and buffers since the start; offset and first of the
 *     first one since begin, last of the last.  They are at least as new as the
 *     buffers.
 */
void sc_drops_read (const ScDrops * self, ScGap * dropped);

/* The next one is the first of those to be told next. */
void sc_drops_begin (ScDrops * self);

#endif
