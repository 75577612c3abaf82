/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-line-file.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

/* How much of the end of the file is looked at at once. */
#define PIECE 4096

void
sc_line_file_init (ScLineFile * self, const ScFileOps * ops,
    const char *path, const char *begins, uint64_t max_bytes,
    unsigned int max_files)
{
  *self = (ScLineFile) {
    .ops = ops,.path = path,.begins = begins,.max_bytes = max_bytes,
    .max_files = max_files,.fd = -1
  };
}

void
sc_line_file_close (ScLineFile * self)
{
  if (self->fd >= 0)
    (void) self->ops->close (self->ops, self->fd);
  self->fd = -1;
}

/* ---- what a crash has left ---- */

/* @start: (out): where the last line begins: behind the last newline */
static int
find_last_line (ScLineFile * self, uint64_t * start)
{
  char piece[PIECE];
  uint64_t end = self->size;

  while (end > 0) {
    size_t want = end < PIECE ? (size_t) end : PIECE;
    ssize_t got = sc_file_read_all (self->ops, self->fd, piece, want,
        end - want);
    const char *newline;

    if (got < 0)
      return (int) got;
    newline = memrchr (piece, '\n', (size_t) got);
    end -= want;
    if (newline != NULL) {
      *start = end + (uint64_t) (newline - piece) + 1;
      return 0;
    }
  }
  *start = 0;
  return 0;
}

static int
append (ScLineFile * self, const char *bytes, size_t size)
{
  struct iovec iov = {.iov_base = (void *) bytes,.iov_len = size };
  int ret = sc_file_write_all (self->ops, self->fd, &iov, 1, self->size);

  if (ret == 0)
    self->size += size;
  return ret;
}

/* A torn line may be shorter than what all begin with. */
static int
is_ours (ScLineFile * self, uint64_t start)
{
  char head[64];
  size_t size = strlen (self->begins);
  ssize_t got;

  if (size > sizeof (head))
    size = sizeof (head);
  if (size > self->size - start)
    size = (size_t) (self->size - start);
  got = sc_file_read_all (self->ops, self->fd, head, size, start);
  return got < 0 ? (int) got : (size_t) got == size
      && memcmp (head, self->begins, size) == 0;
}

static int
mend (ScLineFile * self)
{
  uint64_t start;
  int ret = find_last_line (self, &start), ours;

  if (ret < 0 || start == self->size)
    return ret;
  ours = is_ours (self, start);
  if (ours < 0)
    return ours;
  if (!ours)
    return append (self, "\n", 1);
  ret = self->ops->truncate (self->ops, self->fd, start);
  if (ret == 0)
    self->size = start;
  return ret;
}

static int
open_and_mend (ScLineFile * self)
{
  int64_t size;
  int ret;

  self->fd = self->ops->open (self->ops, self->path,
      O_RDWR | O_CREAT | O_APPEND | O_NOCTTY | O_NONBLOCK, 0666);
  if (self->fd < 0)
    return self->fd;
  /* Some file systems have no locks: better a log without one. */
  ret = self->ops->lock (self->ops, self->fd);
  if (ret == -EWOULDBLOCK)
    return ret;
  size = self->ops->size (self->ops, self->fd);
  if (size < 0)
    return (int) size;
  self->size = (uint64_t) size;
  return mend (self);
}

/* ---- rotation ---- */

static int
numbered (const ScLineFile * self, unsigned int number, char *path)
{
  int length = number == 0
      ? snprintf (path, SC_LINE_FILE_PATH, "%s", self->path)
      : snprintf (path, SC_LINE_FILE_PATH, "%s.%u", self->path, number);

  return length < SC_LINE_FILE_PATH ? 0 : -ENAMETOOLONG;
}

/* From the oldest on, so that a process that dies in between has lost none but
 * the one that was to go. */
static int
rename_all (ScLineFile * self)
{
  char from[SC_LINE_FILE_PATH], to[SC_LINE_FILE_PATH];

  for (unsigned int i = self->max_files; i > 0; i--) {
    int ret = numbered (self, i - 1, from);

    if (ret == 0)
      ret = numbered (self, i, to);
    if (ret == 0)
      ret = self->ops->rename (self->ops, from, to, true);
    /* There may be fewer yet. */
    if (ret < 0 && (ret != -ENOENT || i == 1))
      return ret;
  }
  return 0;
}

static int
rotate (ScLineFile * self)
{
  int ret;

  if (self->max_files == 0) {
    ret = self->ops->truncate (self->ops, self->fd, 0);
    if (ret == 0)
      self->size = 0;
    return ret;
  }
  sc_line_file_close (self);
  ret = rename_all (self);
  return ret < 0 ? ret : open_and_mend (self);
}

static int
write_lines (ScLineFile * self, const char *lines, size_t size)
{
  int ret = self->fd < 0 ? open_and_mend (self) : 0;

  if (ret == 0 && self->max_bytes > 0 && self->size > 0
      && self->size + size > self->max_bytes)
    ret = rotate (self);
  return ret < 0 ? ret : append (self, lines, size);
}

int
sc_line_file_write (ScLineFile * self, const char *lines, size_t size)
{
  int ret = write_lines (self, lines, size);

  /* What was written of them is mended when it is opened again. */
  if (ret < 0)
    sc_line_file_close (self);
  return ret;
}
