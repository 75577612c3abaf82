/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-container-companion.h"

#include "sc-recording-name.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>

static int
open_file (ScContainerFile * self, const ScFileOps * ops, const char *path,
    int flags)
{
  uint8_t byte;
  int64_t size;
  ssize_t got;

  *self = (ScContainerFile) { .ops = ops };
  self->fd = ops->open (ops, path, O_RDONLY | O_NONBLOCK | flags, 0);
  if (self->fd < 0) {
    int ret = self->fd;

    self->fd = -1;
    return ret;
  }
  size = ops->size (ops, self->fd);
  /* A pipe or a folder has no first byte at offset 0. */
  got = size < 0 ? (ssize_t) size : ops->pread (ops, self->fd, &byte, 1, 0);
  if (got < 0) {
    sc_container_companion_close (self);
    return got == -ESPIPE || got == -EISDIR ? -EINVAL : (int) got;
  }
  self->size = (uint64_t) size;
  return 0;
}

int
sc_container_companion_open (ScContainerFile * self, const ScFileOps * ops,
    const char *path)
{
  return open_file (self, ops, path, 0);
}

int
sc_container_companion_find (ScContainerFile * self, const ScFileOps * ops,
    const char *recording_path)
{
  char path[PATH_MAX];
  int ret = sc_recording_companion_path (recording_path, path, sizeof (path));

  if (ret < 0) {
    self->fd = -1;
    return ret;
  }
  return open_file (self, ops, path, O_NOFOLLOW);
}

void
sc_container_companion_close (ScContainerFile * self)
{
  if (self->fd >= 0)
    self->ops->close (self->ops, self->fd);
  self->fd = -1;
}
