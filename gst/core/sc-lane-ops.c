/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-lane-ops.h"

#include "sc-clock.h"
#include "sc-lane.h"

#include <errno.h>

static ScLane *
lane_of (const ScFileOps * ops)
{
  return (ScLane *) ops;
}

/* Notes that an operation begins; false where none may. */
static bool
step (ScLane * self)
{
  pthread_t me = pthread_self ();

  if (sc_lane_is_retired (self))
    return false;
  for (int i = 0; i < SC_LANE_THREADS; i++)
    if (pthread_equal (self->seats[i].thread, me))
      atomic_store_explicit (&self->seats[i].since, sc_clock_now (),
          memory_order_relaxed);
  return true;
}

static int
lane_open (const ScFileOps * ops, const char *path, int flags, mode_t mode)
{
  ScLane *self = lane_of (ops);

  return step (self) ? self->real->open (self->real, path, flags, mode)
      : -ECANCELED;
}

static ssize_t
lane_pwritev (const ScFileOps * ops, int fd, const struct iovec *iov,
    int iov_count, uint64_t offset)
{
  ScLane *self = lane_of (ops);

  return step (self) ? self->real->pwritev (self->real, fd, iov, iov_count,
      offset) : -ECANCELED;
}

static ssize_t
lane_pread (const ScFileOps * ops, int fd, void *data, size_t size,
    uint64_t offset)
{
  ScLane *self = lane_of (ops);

  return step (self) ? self->real->pread (self->real, fd, data, size, offset)
      : -ECANCELED;
}

static int
lane_datasync (const ScFileOps * ops, int fd)
{
  ScLane *self = lane_of (ops);

  return step (self) ? self->real->datasync (self->real, fd) : -ECANCELED;
}

static int
lane_truncate (const ScFileOps * ops, int fd, uint64_t size)
{
  ScLane *self = lane_of (ops);

  return step (self) ? self->real->truncate (self->real, fd, size)
      : -ECANCELED;
}

static int64_t
lane_size (const ScFileOps * ops, int fd)
{
  ScLane *self = lane_of (ops);

  return step (self) ? self->real->size (self->real, fd) : -ECANCELED;
}

static int
lane_close (const ScFileOps * ops, int fd)
{
  ScLane *self = lane_of (ops);

  (void) step (self);
  return self->real->close (self->real, fd);
}

static int
lane_rename (const ScFileOps * ops, const char *from, const char *to,
    bool replace)
{
  ScLane *self = lane_of (ops);

  return step (self) ? self->real->rename (self->real, from, to, replace)
      : -ECANCELED;
}

static int
lane_unlink (const ScFileOps * ops, const char *path)
{
  ScLane *self = lane_of (ops);

  return step (self) ? self->real->unlink (self->real, path) : -ECANCELED;
}

static int
lane_sync_parent (const ScFileOps * ops, const char *path)
{
  ScLane *self = lane_of (ops);

  return step (self) ? self->real->sync_parent (self->real, path)
      : -ECANCELED;
}

static int
lane_lock (const ScFileOps * ops, int fd)
{
  ScLane *self = lane_of (ops);

  return step (self) ? self->real->lock (self->real, fd) : -ECANCELED;
}

static int
lane_reserve (const ScFileOps * ops, int fd, uint64_t offset, uint64_t size)
{
  ScLane *self = lane_of (ops);

  return step (self) ? sc_file_reserve (self->real, fd, offset, size)
      : -ECANCELED;
}

static int64_t
lane_free_space (const ScFileOps * ops, int fd)
{
  ScLane *self = lane_of (ops);

  return step (self) ? sc_file_free_space (self->real, fd) : -ECANCELED;
}

static int
lane_drop_cache (const ScFileOps * ops, int fd, uint64_t offset, uint64_t size)
{
  ScLane *self = lane_of (ops);

  return step (self) ? sc_file_drop_cache (self->real, fd, offset, size)
      : -ECANCELED;
}

const ScFileOps sc_lane_ops = {
  .open = lane_open,
  .pwritev = lane_pwritev,
  .pread = lane_pread,
  .datasync = lane_datasync,
  .truncate = lane_truncate,
  .size = lane_size,
  .close = lane_close,
  .rename = lane_rename,
  .unlink = lane_unlink,
  .sync_parent = lane_sync_parent,
  .lock = lane_lock,
  .reserve = lane_reserve,
  .free_space = lane_free_space,
  .drop_cache = lane_drop_cache,
};
