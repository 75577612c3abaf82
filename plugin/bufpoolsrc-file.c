/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bufpoolsrc-file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int
open_location (const char *location)
{
  int fd;

  /* Non-blocking, or opening a FIFO would wait for its writer, and nobody could
   * end that wait. */
  do
    fd = open (location, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  while (fd == -1 && errno == EINTR);
  return fd == -1 ? -errno : fd;
}

static int
check_readable (BufpoolsrcFile * self)
{
  struct stat status;
  int flags;

  if (fstat (self->fd, &status) == -1)
    return -errno;
  if (S_ISDIR (status.st_mode))
    return -EISDIR;
  flags = fcntl (self->fd, F_GETFL);
  if (flags == -1)
    return -errno;
  if ((flags & O_ACCMODE) == O_WRONLY)
    return -EBADF;
  self->device = S_ISCHR (status.st_mode);
  if (S_ISREG (status.st_mode))
    self->origin = lseek (self->fd, 0, SEEK_CUR);
  self->regular = S_ISREG (status.st_mode) && self->origin >= 0;
  return 0;
}

int
bufpoolsrc_file_open (BufpoolsrcFile * self, const char *location, int fd)
{
  int ret;

  *self = (BufpoolsrcFile) BUFPOOLSRC_FILE_INIT;
  if (location == NULL) {
    self->fd = fd;
  } else if (strcmp (location, "-") == 0) {
    self->fd = STDIN_FILENO;
  } else {
    ret = open_location (location);
    if (ret < 0)
      return ret;
    self->fd = ret;
    self->owned = true;
  }

  ret = check_readable (self);
  if (ret == 0 && pipe2 (self->wake, O_CLOEXEC | O_NONBLOCK) == -1)
    ret = -errno;
  if (ret < 0)
    bufpoolsrc_file_close (self);
  return ret;
}

static void
close_fd (int fd)
{
  /* Only read from or only ours: close has nothing to report. */
  if (fd != -1)
    (void) close (fd);
}

void
bufpoolsrc_file_close (BufpoolsrcFile * self)
{
  if (self->owned)
    close_fd (self->fd);
  close_fd (self->wake[0]);
  close_fd (self->wake[1]);
  *self = (BufpoolsrcFile) BUFPOOLSRC_FILE_INIT;
}

/* Waits until a read will not: 0, -ECANCELED or -errno. */
static int
wait_readable (BufpoolsrcFile * self)
{
  struct pollfd fds[2] = {
    {.fd = self->wake[0],.events = POLLIN},
    {.fd = self->fd,.events = POLLIN},
  };

  for (;;) {
    if (poll (fds, 2, -1) == -1) {
      if (errno == EINTR || errno == EAGAIN)
        continue;
      return -errno;
    }
    if (fds[0].revents != 0)
      return -ECANCELED;
    if (fds[1].revents & POLLNVAL)
      return -EBADF;
    self->hung_up = (fds[1].revents & (POLLHUP | POLLERR)) != 0;
    /* POLLHUP and POLLERR too: the read says what it is. */
    if (fds[1].revents != 0)
      return 0;
  }
}

int
bufpoolsrc_file_fill (BufpoolsrcFile * self, void *data, size_t size,
    size_t *filled)
{
  while (*filled < size) {
    int ret = wait_readable (self);
    ssize_t n;

    if (ret < 0)
      return ret;
    n = read (self->fd, (char *) data + *filled, size - *filled);
    /* Reading a terminal or serial line that was unplugged says no more than
     * the end of a file does. */
    if (n == 0)
      return self->device && self->hung_up ? -ENODEV : 0;
    /* EAGAIN: somebody else who shares the descriptor was faster. */
    if (n == -1 && errno != EINTR && errno != EAGAIN)
      return -errno;
    if (n > 0)
      *filled += (size_t) n;
  }
  return 1;
}

int
bufpoolsrc_file_seek (BufpoolsrcFile * self, uint64_t position)
{
  if (!self->regular)
    return -ESPIPE;
  if (position > (uint64_t) (INT64_MAX - self->origin))
    return -EOVERFLOW;
  return lseek (self->fd, self->origin + (off_t) position, SEEK_SET) == -1
      ? -errno : 0;
}

int
bufpoolsrc_file_size (const BufpoolsrcFile * self, uint64_t * size)
{
  struct stat status;

  if (!self->regular)
    return -ESPIPE;
  if (fstat (self->fd, &status) == -1)
    return -errno;
  /* It may have been cut off behind us. */
  *size = status.st_size > self->origin
      ? (uint64_t) (status.st_size - self->origin) : 0;
  return 0;
}

void
bufpoolsrc_file_interrupt (BufpoolsrcFile * self, bool interrupted)
{
  char bytes[16] = { 0 };
  ssize_t n;

  /* The pipe is non-blocking: a full one has what is wanted, an empty one too. */
  do
    n = interrupted ? write (self->wake[1], bytes, 1)
        : read (self->wake[0], bytes, sizeof (bytes));
  while ((n == -1 && errno == EINTR) || (!interrupted && n > 0));
}
