/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-file-ops.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define RETRY_EINTR(result, call) \
  do { (result) = (call); } while ((result) == -1 && errno == EINTR)

static int
posix_open (const ScFileOps * self, const char *path, int flags, mode_t mode)
{
  int fd;

  RETRY_EINTR (fd, open (path, flags | O_CLOEXEC, mode));
  return fd == -1 ? -errno : fd;
}

static ssize_t
posix_pwritev (const ScFileOps * self, int fd, const struct iovec *iov,
    int iov_count, uint64_t offset)
{
  ssize_t ret;

  RETRY_EINTR (ret, pwritev (fd, iov, iov_count, (off_t) offset));
  return ret == -1 ? -errno : ret;
}

static ssize_t
posix_pread (const ScFileOps * self, int fd, void *data, size_t size,
    uint64_t offset)
{
  ssize_t ret;

  RETRY_EINTR (ret, pread (fd, data, size, (off_t) offset));
  return ret == -1 ? -errno : ret;
}

static int
posix_datasync (const ScFileOps * self, int fd)
{
  /* EINTR too: the kernel may have told of a lost write-back with it, and tells
   * it once. */
  return fdatasync (fd) == -1 ? -errno : 0;
}

static int
posix_truncate (const ScFileOps * self, int fd, uint64_t size)
{
  int ret;

  RETRY_EINTR (ret, ftruncate (fd, (off_t) size));
  return ret == -1 ? -errno : 0;
}

static int64_t
posix_size (const ScFileOps * self, int fd)
{
  struct stat st;

  return fstat (fd, &st) == -1 ? -errno : (int64_t) st.st_size;
}

static int
posix_close (const ScFileOps * self, int fd)
{
  return close (fd) == -1 && errno != EINTR ? -errno : 0;
}

int
sc_file_rename_at (int from_folder, const char *from, int to_folder,
    const char *to, bool replace)
{
  if (replace)
    return renameat (from_folder, from, to_folder, to) == -1 ? -errno : 0;
#ifdef RENAME_NOREPLACE
  if (renameat2 (from_folder, from, to_folder, to, RENAME_NOREPLACE) == 0)
    return 0;
  /* EINVAL, ENOSYS: the file system or the kernel does not know the flag. */
  if (errno != EINVAL && errno != ENOSYS)
    return -errno;
#endif
  /* link() refuses an existing name by itself, unlike a look before rename(). */
  if (linkat (from_folder, from, to_folder, to, 0) == -1)
    return -errno;
  return unlinkat (from_folder, from, 0) == -1 ? -errno : 0;
}

static int
posix_rename (const ScFileOps * self, const char *from, const char *to,
    bool replace)
{
  return sc_file_rename_at (AT_FDCWD, from, AT_FDCWD, to, replace);
}

static int
posix_unlink (const ScFileOps * self, const char *path)
{
  return unlink (path) == -1 ? -errno : 0;
}

static int
posix_sync_parent (const ScFileOps * self, const char *path)
{
  const char *slash = strrchr (path, '/');
  char *folder;
  int fd, ret = 0, closed;

  if (slash == NULL)
    folder = strdup (".");
  else
    folder = strndup (path, slash == path ? 1 : (size_t) (slash - path));
  if (folder == NULL)
    return -ENOMEM;
  fd = posix_open (self, folder, O_RDONLY | O_DIRECTORY, 0);
  free (folder);
  if (fd < 0)
    return fd;
  if (fsync (fd) == -1 && errno != EINVAL)      /* EINVAL: cannot be synced */
    ret = -errno;
  closed = posix_close (self, fd);
  return ret != 0 ? ret : closed;
}

static int
posix_lock (const ScFileOps * self, int fd)
{
  int ret;

  RETRY_EINTR (ret, flock (fd, LOCK_EX | LOCK_NB));
  return ret == -1 ? -errno : 0;
}

static int
posix_reserve (const ScFileOps * self, int fd, uint64_t offset, uint64_t size)
{
  int ret;

  RETRY_EINTR (ret, fallocate (fd, FALLOC_FL_KEEP_SIZE, (off_t) offset,
          (off_t) size));
  return ret == -1 ? -errno : 0;
}

static int64_t
posix_free_space (const ScFileOps * self, int fd)
{
  struct statvfs st;
  int ret;

  RETRY_EINTR (ret, fstatvfs (fd, &st));
  return ret == -1 ? -errno : (int64_t) st.f_bavail * (int64_t) st.f_frsize;
}

static int
posix_drop_cache (const ScFileOps * self, int fd, uint64_t offset,
    uint64_t size)
{
  return -posix_fadvise (fd, (off_t) offset, (off_t) size,
      POSIX_FADV_DONTNEED);
}

const ScFileOps sc_file_ops_posix = {
  .open = posix_open,
  .pwritev = posix_pwritev,
  .pread = posix_pread,
  .datasync = posix_datasync,
  .truncate = posix_truncate,
  .size = posix_size,
  .close = posix_close,
  .rename = posix_rename,
  .unlink = posix_unlink,
  .sync_parent = posix_sync_parent,
  .lock = posix_lock,
  .reserve = posix_reserve,
  .free_space = posix_free_space,
  .drop_cache = posix_drop_cache,
};

void
sc_file_advance (struct iovec **iov, int *iov_count, size_t done)
{
  while (*iov_count > 0 && done >= (*iov)->iov_len) {
    done -= (*iov)->iov_len;
    (*iov)++;
    (*iov_count)--;
  }
  if (*iov_count > 0) {
    (*iov)->iov_base = (char *) (*iov)->iov_base + done;
    (*iov)->iov_len -= done;
  }
}

int
sc_file_write_some (const ScFileOps * ops, int fd, struct iovec **iov,
    int *iov_count, uint64_t offset, uint64_t * done)
{
  *done = 0;
  sc_file_advance (iov, iov_count, 0);  /* leading empty parts */
  while (*iov_count > 0) {
    ssize_t ret = ops->pwritev (ops, fd, *iov,
        *iov_count < IOV_MAX ? *iov_count : IOV_MAX, offset + *done);

    if (ret < 0)
      return (int) ret;
    if (ret == 0)
      return -EIO;
    *done += (uint64_t) ret;
    sc_file_advance (iov, iov_count, (size_t) ret);
  }
  return 0;
}

int
sc_file_write_all (const ScFileOps * ops, int fd, struct iovec *iov,
    int iov_count, uint64_t offset)
{
  uint64_t done;

  return sc_file_write_some (ops, fd, &iov, &iov_count, offset, &done);
}

ssize_t
sc_file_read_all (const ScFileOps * ops, int fd, void *data, size_t size,
    uint64_t offset)
{
  size_t done = 0;

  while (done < size) {
    ssize_t ret = ops->pread (ops, fd, (char *) data + done, size - done,
        offset + done);

    if (ret < 0)
      return ret;
    if (ret == 0)
      break;
    done += (size_t) ret;
  }
  return (ssize_t) done;
}
