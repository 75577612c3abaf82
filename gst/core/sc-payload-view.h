/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A payload as it stood before anything was overwritten: the file's bytes with
 * the old bytes of every OVERWRITE record put back, newest first, in memory.
 * The CRCs of the extents are those of these bytes.
 *
 * Memory: 320 KiB, and 32 bytes for each OVERWRITE record, up to a limit.  This
 * is recovery, not a data path: it allocates.  One thread.
 */
#ifndef SC_PAYLOAD_VIEW_H
#define SC_PAYLOAD_VIEW_H

#include "sc-file-ops.h"

#define SC_PAYLOAD_WINDOW (256u << 10)

typedef struct
{
  uint64_t offset;              /* in the payload */
  uint64_t data_at;             /* in the journal: old bytes, then new ones */
  uint32_t size;
  uint32_t order;               /* in time */
} ScPayloadOverwrite;

/* Private; redo_bytes is read by callers. */
typedef struct
{
  const ScFileOps *ops;
  int payload_fd;
  int journal_fd;
  uint64_t payload_size;
  ScPayloadOverwrite *overwrites;
  const ScPayloadOverwrite **hits;
  uint32_t count;
  uint32_t capacity;
  uint32_t max;
  uint8_t *window;
  uint8_t *scratch;
  uint64_t window_at;
  size_t window_size;
  uint64_t redo_bytes;          /* bytes that do not stand as overwritten */
} ScPayloadView;

/**
 * sc_payload_view_init:
 * @max_index_bytes: memory that the OVERWRITE records may take
 *
 * Returns: 0 or -ENOMEM; clear it in both cases
 */
int sc_payload_view_init (ScPayloadView * self, const ScFileOps * ops,
    int payload_fd, uint64_t payload_size, int journal_fd,
    size_t max_index_bytes);

/**
 * sc_payload_view_add:
 *
 * Takes note of an OVERWRITE record, in the journal's order.
 *
 * Returns: 0, -ENOMEM, or -E2BIG above the limit
 */
int sc_payload_view_add (ScPayloadView * self, uint64_t offset, uint32_t size,
    uint64_t data_at);

/**
 * sc_payload_view_forget:
 *
 * Forgets all overwrites: the payload was emptied.
 */
void sc_payload_view_forget (ScPayloadView * self);

/**
 * sc_payload_view_seal:
 *
 * No overwrites are added from here on, and reading may begin.
 *
 * Returns: 0 or -ENOMEM
 */
int sc_payload_view_seal (ScPayloadView * self);

/**
 * sc_payload_view_read:
 * @at: below the payload's size, and never before a place already read
 * @end: where to stop
 * @data: (out) (transfer none): valid until the next read
 *
 * Returns: bytes at @data, at least 1 and at most @end - @at, or -errno
 */
ssize_t sc_payload_view_read (ScPayloadView * self, uint64_t at, uint64_t end,
    const uint8_t ** data);

void sc_payload_view_clear (ScPayloadView * self);

#endif
