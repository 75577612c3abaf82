/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-file-window.h"

#define LEAP 512u               /* read after a leap: a few headers */

void
sc_file_window_init (ScFileWindow * self, const ScContainerFile * file)
{
  self->file = file;
  self->at = 0;
  self->size = 0;
}

static size_t
min_size (uint64_t a, uint64_t b)
{
  return (size_t) (a < b ? a : b);
}

ssize_t
sc_file_window_look (ScFileWindow * self, uint64_t at, size_t size,
    const uint8_t ** bytes)
{
  const ScContainerFile *file = self->file;
  bool near = at >= self->at && at - self->at <= self->size && self->size > 0;
  size_t skip = near ? (size_t) (at - self->at) : 0;
  ssize_t got;

  if (at >= file->size)
    return 0;
  size = min_size (size, file->size - at);
  if (!near || self->size - skip < size) {
    size_t want = near ? SC_FILE_WINDOW : size < LEAP ? LEAP : size;

    got = sc_file_read_all (file->ops, file->fd, self->bytes,
        min_size (want, file->size - at), at);
    self->at = at;
    self->size = got < 0 ? 0 : (size_t) got;
    if (got < 0)
      return got;
    skip = 0;
    size = min_size (size, self->size);
  }
  *bytes = self->bytes + skip;
  return (ssize_t) size;
}
