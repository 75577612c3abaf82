/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Every file operation that a recording depends on, behind one table, so that a
 * test can make each of them fail, stall or lie in turn.
 *
 * All functions return -errno instead of setting errno; EINTR never comes out
 * (the POSIX table repeats the call; close() is not repeated, as Linux frees the
 * descriptor either way).
 */
#ifndef SC_FILE_OPS_H
#define SC_FILE_OPS_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

typedef struct ScFileOps ScFileOps;

struct ScFileOps
{
  /* openat(AT_FDCWD) with O_CLOEXEC added: a descriptor, or -errno */
  int (*open) (const ScFileOps * self, const char *path, int flags,
      mode_t mode);
  /* bytes written (may be fewer than asked for), or -errno */
  ssize_t (*pwritev) (const ScFileOps * self, int fd, const struct iovec * iov,
      int iov_count, uint64_t offset);
  /* bytes read, 0 at the end of the file, or -errno */
  ssize_t (*pread) (const ScFileOps * self, int fd, void *data, size_t size,
      uint64_t offset);
  /* fdatasync(): 0, or -errno.  After an error the descriptor is dead: Linux
   * reports a lost write-back once and then says 0 (Rebello et al., USENIX
   * ATC 2020). */
  int (*datasync) (const ScFileOps * self, int fd);
  int (*truncate) (const ScFileOps * self, int fd, uint64_t size);
  /* the file's size, or -errno */
  int64_t (*size) (const ScFileOps * self, int fd);
  int (*close) (const ScFileOps * self, int fd);
  /* rename(); -EEXIST instead of replacing @to, unless @replace */
  int (*rename) (const ScFileOps * self, const char *from, const char *to,
      bool replace);
  int (*unlink) (const ScFileOps * self, const char *path);
  /* fsync() of the folder that holds @path, which makes its name durable */
  int (*sync_parent) (const ScFileOps * self, const char *path);
  /* takes the file for this descriptor until it is closed: 0, -EWOULDBLOCK where
   * another open of it has it, or -errno (a file system without locks) */
  int (*lock) (const ScFileOps * self, int fd);
  /* (nullable): allocates blocks for the range, which may lie beyond the end of
   * the file, without changing its size: 0, -ENOSPC, -EOPNOTSUPP, or -errno */
  int (*reserve) (const ScFileOps * self, int fd, uint64_t offset,
      uint64_t size);
  /* (nullable): bytes of the file's file system that this user may still take,
   * or -errno */
  int64_t (*free_space) (const ScFileOps * self, int fd);
  /* (nullable): what is cached of the range, and clean, is read from the disk the
   * next time: 0 or -errno */
  int (*drop_cache) (const ScFileOps * self, int fd, uint64_t offset,
      uint64_t size);
};

/* The operating system's own.  Any thread. */
extern const ScFileOps sc_file_ops_posix;

/* As the operations; -EOPNOTSUPP where the table has none. */
static inline int
sc_file_reserve (const ScFileOps * ops, int fd, uint64_t offset, uint64_t size)
{
  return ops->reserve != NULL ? ops->reserve (ops, fd, offset, size)
      : -EOPNOTSUPP;
}

static inline int64_t
sc_file_free_space (const ScFileOps * ops, int fd)
{
  return ops->free_space != NULL ? ops->free_space (ops, fd) : -EOPNOTSUPP;
}

static inline int
sc_file_drop_cache (const ScFileOps * ops, int fd, uint64_t offset,
    uint64_t size)
{
  return ops->drop_cache != NULL ? ops->drop_cache (ops, fd, offset, size)
      : -EOPNOTSUPP;
}

/* As rename() of the table, of names in open folders. */
int sc_file_rename_at (int from_folder, const char *from, int to_folder,
    const char *to, bool replace);

/* Takes the first @done bytes off the vector, and empty parts. */
void sc_file_advance (struct iovec **iov, int *iov_count, size_t done);

/**
 * sc_file_write_all:
 * @iov: (inout): is consumed while short writes are carried on with
 *
 * Returns: 0 once every byte is written, or -errno (-EIO where the file takes
 * no byte and gives no error)
 */
int sc_file_write_all (const ScFileOps * ops, int fd, struct iovec *iov,
    int iov_count, uint64_t offset);

/**
 * sc_file_write_some:
 * @iov, @iov_count: (inout): what is left
 * @done: (out): bytes written, also on an error
 *
 * Returns: as sc_file_write_all()
 */
int sc_file_write_some (const ScFileOps * ops, int fd, struct iovec **iov,
    int *iov_count, uint64_t offset, uint64_t * done);

/**
 * sc_file_read_all:
 *
 * Returns: bytes read, fewer than @size only at the end of the file, or -errno
 */
ssize_t sc_file_read_all (const ScFileOps * ops, int fd, void *data,
    size_t size, uint64_t offset);

#endif
