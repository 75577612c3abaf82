/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fuzz-disk.h"

#include "fuzz.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

static FuzzFile *
find (const ScFileOps * ops, const char *path)
{
  FuzzDisk *self = (FuzzDisk *) ops;

  for (int i = 0; i < FUZZ_DISK_FILES; i++)
    if (strcmp (self->files[i].path, path) == 0)
      return &self->files[i];
  return NULL;
}

static FuzzFile *
opened (const ScFileOps * ops, int fd)
{
  FuzzDisk *self = (FuzzDisk *) ops;

  fuzz_check (fd >= 0 && fd < FUZZ_DISK_FILES && self->files[fd].open > 0);
  return &self->files[fd];
}

static int
resize (FuzzFile * file, uint64_t size)
{
  uint8_t *data;

  if (size > FUZZ_DISK_MAX)
    return -ENOSPC;
  /* Of the exact size, so that no byte behind it goes unnoticed. */
  data = malloc (size > 0 ? (size_t) size : 1);
  fuzz_check (data != NULL);
  memset (data, 0, (size_t) size);
  if (file->size > 0)
    memcpy (data, file->data, file->size < size ? file->size : (size_t) size);
  free (file->data);
  file->data = data;
  file->size = (size_t) size;
  return 0;
}

static int
disk_open (const ScFileOps * ops, const char *path, int flags, mode_t mode)
{
  FuzzDisk *self = (FuzzDisk *) ops;
  FuzzFile *file = find (ops, path);

  if (file != NULL && flags & O_EXCL)
    return -EEXIST;
  if (file == NULL && !(flags & O_CREAT))
    return -ENOENT;
  if (file == NULL) {
    file = find (ops, "");
    fuzz_check (file != NULL);
    snprintf (file->path, sizeof (file->path), "%s", path);
    resize (file, 0);
  }
  file->open++;
  return (int) (file - self->files);
}

static int
disk_close (const ScFileOps * ops, int fd)
{
  opened (ops, fd)->open--;
  return 0;
}

static ssize_t
disk_pwritev (const ScFileOps * ops, int fd, const struct iovec *iov,
    int iov_count, uint64_t offset)
{
  FuzzFile *file = opened (ops, fd);
  ssize_t done = 0;

  for (int i = 0; i < iov_count; i++) {
    uint64_t end = offset + iov[i].iov_len;
    int ret = end > file->size || end < offset ? resize (file, end) : 0;

    if (ret < 0)
      return ret;
    memcpy (file->data + offset, iov[i].iov_base, iov[i].iov_len);
    offset = end;
    done += (ssize_t) iov[i].iov_len;
  }
  return done;
}

static ssize_t
disk_pread (const ScFileOps * ops, int fd, void *data, size_t size,
    uint64_t offset)
{
  const FuzzFile *file = opened (ops, fd);

  if (offset >= file->size)
    return 0;
  if (size > file->size - offset)
    size = file->size - (size_t) offset;
  memcpy (data, file->data + offset, size);
  return (ssize_t) size;
}

static int
disk_sync (const ScFileOps * ops, int fd)
{
  opened (ops, fd);
  return 0;
}

static int
disk_truncate (const ScFileOps * ops, int fd, uint64_t size)
{
  return resize (opened (ops, fd), size);
}

static int64_t
disk_size (const ScFileOps * ops, int fd)
{
  return (int64_t) opened (ops, fd)->size;
}

static void
drop (FuzzFile * file)
{
  free (file->data);
  memset (file, 0, sizeof (*file));
}

static int
disk_rename (const ScFileOps * ops, const char *from, const char *to,
    bool replace)
{
  FuzzFile *file = find (ops, from);

  if (file == NULL)
    return -ENOENT;
  if (find (ops, to) != NULL)
    return -EEXIST;
  snprintf (file->path, sizeof (file->path), "%s", to);
  return 0;
}

static int
disk_unlink (const ScFileOps * ops, const char *path)
{
  FuzzFile *file = find (ops, path);

  if (file == NULL)
    return -ENOENT;
  fuzz_check (file->open <= 1); /* its slot stays until then */
  if (file->open == 0)
    drop (file);
  else
    file->path[0] = '?';
  return 0;
}

static int
disk_sync_parent (const ScFileOps * ops, const char *path)
{
  return 0;
}

void
fuzz_disk_init (FuzzDisk * self)
{
  memset (self, 0, sizeof (*self));
  self->ops = (ScFileOps) {
    .open = disk_open,.pwritev = disk_pwritev,.pread = disk_pread,
    .datasync = disk_sync,.truncate = disk_truncate,.size = disk_size,
    .close = disk_close,.rename = disk_rename,.unlink = disk_unlink,
    .sync_parent = disk_sync_parent,.lock = disk_sync
  };
}

void
fuzz_disk_clear (FuzzDisk * self)
{
  for (int i = 0; i < FUZZ_DISK_FILES; i++) {
    fuzz_check (self->files[i].open == 0);
    drop (&self->files[i]);
  }
}

void
fuzz_disk_put (FuzzDisk * self, const char *path, const void *data,
    size_t size)
{
  int fd = disk_open (&self->ops, path, O_CREAT, 0600);

  fuzz_check (resize (&self->files[fd], size) == 0);
  if (size > 0)
    memcpy (self->files[fd].data, data, size);
  disk_close (&self->ops, fd);
}

const FuzzFile *
fuzz_disk_get (FuzzDisk * self, const char *path)
{
  return find (&self->ops, path);
}
