/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Writes past the page cache (O_DIRECT), for bytes of any place and size: whole
 * blocks go direct, from where they are in memory if they are aligned there and
 * through a bounce buffer else; what is left of a block at either end goes
 * through the page cache by a second descriptor, which Linux keeps coherent.
 * Either way the bytes are durable only after a sync of the file.
 */
#ifndef SC_DIRECT_H
#define SC_DIRECT_H

#include "sc-file-ops.h"

/* Suits every disk of 512 and 4,096 byte sectors. */
#define SC_DIRECT_BLOCK 4096u

typedef struct
{
  int fd;                       /* opened with O_DIRECT; -1: not in use */
  uint8_t *bounce;              /* aligned to a block, */
  size_t bounce_size;           /* and whole blocks */
} ScDirect;

/**
 * sc_direct_open:
 * @bounce: lent by the caller
 *
 * Opens the file, which exists, once more.
 *
 * Returns: 0, or -errno (-EINVAL: the file system does not do that); not in use
 * then
 */
int sc_direct_open (ScDirect * self, const ScFileOps * ops, const char *path,
    void *bounce, size_t bounce_size);

/**
 * sc_direct_write:
 * @fd: of the same file, through the page cache
 * @iov: (inout): what is left
 * @done: (out): bytes written, also on an error
 *
 * Where the file system refuses after all, it is not in use any more, and all
 * goes through @fd.
 *
 * Returns: as sc_file_write_all()
 */
int sc_direct_write (ScDirect * self, const ScFileOps * ops, int fd,
    struct iovec **iov, int *iov_count, uint64_t offset, uint64_t * done);

/* Returns: 0, or -errno */
int sc_direct_close (ScDirect * self, const ScFileOps * ops);

#endif
