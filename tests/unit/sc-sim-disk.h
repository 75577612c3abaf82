/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A disk in memory behind the file operation table that can lose power: what
 * was synced stays, of every sector written since then either the old or the
 * new content is found, and the file's end is anywhere between its old and its
 * new place.  The budget makes it die within any chosen operation.  Names are
 * durable at once. */
#ifndef SC_SIM_DISK_H
#define SC_SIM_DISK_H

#include "sc-check.h"
#include "sc-file-ops.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

enum
{
  SC_SIM_FILES = 4,
  SC_SIM_SIZE = 320 << 10,
  SC_SIM_SECTOR = 512
};

typedef struct
{
  char path[32];                /* empty: no such file */
  uint8_t cache[SC_SIM_SIZE];
  uint8_t durable[SC_SIM_SIZE];
  size_t cache_size;
  size_t durable_size;
} ScSimFile;

typedef struct
{
  ScFileOps ops;                /* first: ops are cast to this */
  ScSimFile files[SC_SIM_FILES];
  long budget;                  /* changing operations until it dies */
  uint64_t seed;
} ScSimDisk;

static inline ScSimDisk *
sc_sim (const ScFileOps * ops)
{
  return (ScSimDisk *) ops;
}

static inline int
sc_sim_find (ScSimDisk * self, const char *path)
{
  for (int i = 0; i < SC_SIM_FILES; i++)
    if (strcmp (self->files[i].path, path) == 0)
      return i;
  return -ENOENT;
}

/* Whether the power still holds; the operation that meets its end may be done
 * in part. */
static inline bool
sc_sim_alive (ScSimDisk * self)
{
  return self->budget > 0 && --self->budget > 0;
}

static inline int
sc_sim_open (const ScFileOps * ops, const char *path, int flags, mode_t mode)
{
  ScSimDisk *self = sc_sim (ops);
  int found = sc_sim_find (self, path);

  if (found >= 0)
    return flags & O_EXCL ? -EEXIST : found;
  if (!(flags & O_CREAT))
    return -ENOENT;
  found = sc_sim_find (self, "");
  if (found < 0 || !sc_sim_alive (self))
    return -EIO;
  memset (&self->files[found], 0, sizeof (self->files[found]));
  snprintf (self->files[found].path, sizeof (self->files[found].path), "%s",
      path);
  return found;
}

static inline ssize_t
sc_sim_pwritev (const ScFileOps * ops, int fd, const struct iovec *iov,
    int iov_count, uint64_t offset)
{
  ScSimDisk *self = sc_sim (ops);
  ScSimFile *file = &self->files[fd];
  bool dies = !sc_sim_alive (self);
  ssize_t done = 0;

  for (int i = 0; i < iov_count; i++) {
    size_t size = iov[i].iov_len;

    if (dies)
      size = size == 0 ? 0 : sc_random (&self->seed) % size;
    if (offset + size > SC_SIM_SIZE)
      return -ENOSPC;
    memcpy (file->cache + offset, iov[i].iov_base, size);
    offset += size;
    done += (ssize_t) size;
    if (size > 0 && offset > file->cache_size)
      file->cache_size = (size_t) offset;
    if (dies)
      break;
  }
  return dies ? -EIO : done;
}

static inline ssize_t
sc_sim_pread (const ScFileOps * ops, int fd, void *data, size_t size,
    uint64_t offset)
{
  ScSimFile *file = &sc_sim (ops)->files[fd];

  if (offset >= file->cache_size)
    return 0;
  if (size > file->cache_size - offset)
    size = file->cache_size - (size_t) offset;
  memcpy (data, file->cache + offset, size);
  return (ssize_t) size;
}

static inline int
sc_sim_datasync (const ScFileOps * ops, int fd)
{
  ScSimFile *file = &sc_sim (ops)->files[fd];

  if (!sc_sim_alive (sc_sim (ops)))
    return -EIO;
  memcpy (file->durable, file->cache, sizeof (file->durable));
  file->durable_size = file->cache_size;
  return 0;
}

static inline int
sc_sim_truncate (const ScFileOps * ops, int fd, uint64_t size)
{
  ScSimFile *file = &sc_sim (ops)->files[fd];

  if (!sc_sim_alive (sc_sim (ops)))
    return -EIO;
  if (size < file->cache_size)
    memset (file->cache + size, 0, file->cache_size - (size_t) size);
  file->cache_size = (size_t) size;
  return 0;
}

static inline int64_t
sc_sim_size (const ScFileOps * ops, int fd)
{
  return (int64_t) sc_sim (ops)->files[fd].cache_size;
}

static inline int
sc_sim_close (const ScFileOps * ops, int fd)
{
  return 0;
}

static inline int
sc_sim_rename (const ScFileOps * ops, const char *from, const char *to,
    bool replace)
{
  int found = sc_sim_find (sc_sim (ops), from);

  if (!sc_sim_alive (sc_sim (ops)))
    return -EIO;
  if (found < 0)
    return found;
  if (sc_sim_find (sc_sim (ops), to) >= 0)
    return -EEXIST;
  snprintf (sc_sim (ops)->files[found].path,
      sizeof (sc_sim (ops)->files[found].path), "%s", to);
  return 0;
}

static inline int
sc_sim_unlink (const ScFileOps * ops, const char *path)
{
  int found = sc_sim_find (sc_sim (ops), path);

  if (!sc_sim_alive (sc_sim (ops)))
    return -EIO;
  if (found < 0)
    return found;
  sc_sim (ops)->files[found].path[0] = '\0';
  return 0;
}

static inline int
sc_sim_sync_parent (const ScFileOps * ops, const char *path)
{
  return sc_sim_alive (sc_sim (ops)) ? 0 : -EIO;
}

static inline int
sc_sim_lock (const ScFileOps * ops, int fd)
{
  return 0;
}

static inline void
sc_sim_disk_init (ScSimDisk * self, long budget, uint64_t seed)
{
  memset (self, 0, sizeof (*self));
  self->ops = (ScFileOps) {
    .open = sc_sim_open,.pwritev = sc_sim_pwritev,.pread = sc_sim_pread,
    .datasync = sc_sim_datasync,.truncate = sc_sim_truncate,
    .size = sc_sim_size,.close = sc_sim_close,.rename = sc_sim_rename,
    .unlink = sc_sim_unlink,.sync_parent = sc_sim_sync_parent,
    .lock = sc_sim_lock
  };
  self->budget = budget;
  self->seed = seed;
}

static inline void
sc_sim_lose_power (ScSimDisk * self, ScSimFile * file)
{
  size_t low = file->durable_size < file->cache_size ? file->durable_size
      : file->cache_size;
  size_t high = file->durable_size + file->cache_size - low;

  for (size_t at = 0; at < SC_SIM_SIZE; at += SC_SIM_SECTOR)
    if (sc_random (&self->seed) % 2)
      memcpy (file->cache + at, file->durable + at, SC_SIM_SECTOR);
  file->cache_size = low + sc_random (&self->seed) % (high - low + 1);
  memset (file->cache + file->cache_size, 0, SC_SIM_SIZE - file->cache_size);
  memcpy (file->durable, file->cache, SC_SIM_SIZE);
  file->durable_size = file->cache_size;
}

/* Cuts the power and turns it on again, with this many operations to go; a mere
 * kill of the process loses nothing that was written. */
static inline void
sc_sim_crash (ScSimDisk * self, bool power, long budget)
{
  for (int i = 0; i < SC_SIM_FILES; i++)
    if (power && self->files[i].path[0] != '\0')
      sc_sim_lose_power (self, &self->files[i]);
  self->budget = budget;
}

#endif
