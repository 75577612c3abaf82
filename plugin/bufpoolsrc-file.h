/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * bufpoolsrc's reading of bytes from a regular file, a FIFO, a device node,
 * standard input or a descriptor of the application's.
 *
 * Before every read it polls the descriptor together with a pipe of its own, so
 * that one thread can end another's wait at once and a descriptor that is
 * shared with others need not be made non-blocking.
 *
 * Positions count from where the descriptor stood when it was opened, so that
 * what the application has read of a file before is no part of the stream.
 *
 * Plain C; one thread reads and seeks, any thread interrupts.
 */
#ifndef BUFPOOLSRC_FILE_H
#define BUFPOOLSRC_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

typedef struct
{
  int fd;                       /* -1 closed */
  bool owned;                   /* close it */
  bool regular;                 /* can be sought in, and has a size */
  bool device;                  /* a character device */
  bool hung_up;                 /* the last poll has said so */
  off_t origin;                 /* of a regular file: where it stood at open */
  int wake[2];                  /* has a byte while interrupted */
} BufpoolsrcFile;

#define BUFPOOLSRC_FILE_INIT { .fd = -1, .wake = { -1, -1 } }

/**
 * bufpoolsrc_file_open:
 * @location: a path, "-" for standard input, or NULL to use @fd
 * @fd: stays the caller's
 *
 * Does not wait for a FIFO's writer: the first read does.
 *
 * Returns: 0, or -errno (-EISDIR for a folder, -EBADF for a bad @fd)
 */
int bufpoolsrc_file_open (BufpoolsrcFile * self, const char *location,
    int fd);

/**
 * bufpoolsrc_file_close:
 *
 * May be called again, and after a failed open.
 */
void bufpoolsrc_file_close (BufpoolsrcFile * self);

/**
 * bufpoolsrc_file_fill:
 * @filled: (inout): bytes of @data that are there already
 *
 * Reads until @data is full.  Waits as long as the writer takes.
 *
 * Returns: 1 when it is full, 0 at the end of the data (with *@filled less than
 * @size), -ECANCELED when interrupted (call again to go on), or -errno; -ENODEV
 * where the data of a device ends because it is gone
 */
int bufpoolsrc_file_fill (BufpoolsrcFile * self, void *data, size_t size,
    size_t *filled);

/**
 * bufpoolsrc_file_seek:
 * @position: bytes; may be beyond the end, where nothing is read
 *
 * Returns: 0, -ESPIPE if it is not a regular file, or -errno
 */
int bufpoolsrc_file_seek (BufpoolsrcFile * self, uint64_t position);

/**
 * bufpoolsrc_file_size:
 * @size: (out): bytes there are now
 *
 * Returns: 0, -ESPIPE if it is not an open regular file, or -errno
 */
int bufpoolsrc_file_size (const BufpoolsrcFile * self, uint64_t * size);

/**
 * bufpoolsrc_file_interrupt:
 * @interrupted: true ends a fill and every later one until false.  Any thread,
 *   between open and close
 */
void bufpoolsrc_file_interrupt (BufpoolsrcFile * self, bool interrupted);

#endif
