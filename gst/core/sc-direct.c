/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-direct.h"

#include <fcntl.h>
#include <string.h>

int
sc_direct_open (ScDirect * self, const ScFileOps * ops, const char *path,
    void *bounce, size_t bounce_size)
{
  *self = (ScDirect) {
    .fd = ops->open (ops, path, O_WRONLY | O_DIRECT | O_NOFOLLOW, 0),
    .bounce = bounce,
    .bounce_size = bounce_size
  };
  return self->fd < 0 ? self->fd : 0;
}

int
sc_direct_close (ScDirect * self, const ScFileOps * ops)
{
  int fd = self->fd;

  self->fd = -1;
  return fd >= 0 ? ops->close (ops, fd) : 0;
}

/* Copies up to @size bytes out of the parts; returns how many. */
static size_t
copy_out (const struct iovec *iov, int count, uint8_t * to, size_t size)
{
  size_t copied = 0;

  for (int i = 0; i < count && copied < size; i++) {
    size_t step = iov[i].iov_len < size - copied ? iov[i].iov_len
        : size - copied;

    memcpy (to + copied, iov[i].iov_base, step);
    copied += step;
  }
  return copied;
}

static size_t
whole_blocks (size_t size)
{
  return size / SC_DIRECT_BLOCK * SC_DIRECT_BLOCK;
}

/* The next piece: whole blocks where the file's offset begins one, else what is
 * left of a block. */
static struct iovec
next_piece (ScDirect * self, const struct iovec *iov, int count,
    uint64_t offset, bool * direct)
{
  size_t in_block = (size_t) (offset % SC_DIRECT_BLOCK), size;

  *direct = in_block == 0;
  if (in_block != 0) {
    size = SC_DIRECT_BLOCK - in_block;
    return (struct iovec) {
      iov->iov_base, iov->iov_len < size ? iov->iov_len : size};
  }
  if ((uintptr_t) iov->iov_base % SC_DIRECT_BLOCK == 0
      && iov->iov_len >= SC_DIRECT_BLOCK)
    return (struct iovec) {
      iov->iov_base, whole_blocks (iov->iov_len)};
  size = whole_blocks (copy_out (iov, count, self->bounce,
          self->bounce_size));
  if (size > 0)
    return (struct iovec) {
      self->bounce, size};
  *direct = false;
  return *iov;                  /* all that is left is less than a block */
}

int
sc_direct_write (ScDirect * self, const ScFileOps * ops, int fd,
    struct iovec **iov, int *iov_count, uint64_t offset, uint64_t * done)
{
  *done = 0;
  sc_file_advance (iov, iov_count, 0);
  while (*iov_count > 0 && self->fd >= 0) {
    bool direct;
    struct iovec piece = next_piece (self, *iov, *iov_count, offset + *done,
        &direct);
    ssize_t ret = ops->pwritev (ops, direct ? self->fd : fd, &piece, 1,
        offset + *done);

    if (ret == -EINVAL && direct) {
      (void) sc_direct_close (self, ops);
      break;
    }
    if (ret <= 0)
      return ret < 0 ? (int) ret : -EIO;
    *done += (uint64_t) ret;
    sc_file_advance (iov, iov_count, (size_t) ret);
  }
  if (*iov_count > 0) {
    uint64_t rest;
    int ret = sc_file_write_some (ops, fd, iov, iov_count, offset + *done,
        &rest);

    *done += rest;
    return ret;
  }
  return 0;
}
