/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-manifest-file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int
sc_manifest_file_read (ScManifest * self, const ScFileOps * ops,
    const char *path)
{
  int fd = ops->open (ops, path, O_RDONLY | O_NONBLOCK, 0), ret;
  int64_t size;
  ssize_t got;
  char *text;

  memset (self, 0, sizeof (*self));
  if (fd < 0)
    return fd;
  size = ops->size (ops, fd);
  if (size < 0 || size > SC_MANIFEST_MAX) {
    ops->close (ops, fd);
    return size < 0 ? (int) size : -EBADMSG;
  }
  text = malloc ((size_t) size + 1);
  got = text == NULL ? -ENOMEM
      : sc_file_read_all (ops, fd, text, (size_t) size, 0);
  ops->close (ops, fd);
  ret = got < 0 ? (int) got : sc_manifest_parse (self, text, (size_t) got);
  free (text);
  return ret;
}

/* NAME.sfm -> NAME.XXXXXXXX.sfm */
static int
keep_other (const ScFileOps * ops, const char *path, const uint8_t uuid[16])
{
  size_t stem = strlen (path) - strlen (SC_MANIFEST_SUFFIX);
  char other[PATH_MAX];
  int length = snprintf (other, sizeof (other), "%.*s.%02x%02x%02x%02x%s",
      (int) stem, path, uuid[0], uuid[1], uuid[2], uuid[3],
      SC_MANIFEST_SUFFIX);

  if (length < 0 || (size_t) length >= sizeof (other))
    return -ENAMETOOLONG;
  return ops->rename (ops, path, other, true);
}

/* Makes way for the manifest where one of another recording stands.  What is no
 * manifest at all is replaced. */
static int
make_way (const ScFileOps * ops, const char *path, const uint8_t uuid[16])
{
  ScManifest present;
  int ret = sc_manifest_file_read (&present, ops, path);

  if (ret == 0 && memcmp (present.uuid, uuid, 16) != 0)
    ret = keep_other (ops, path, present.uuid);
  sc_manifest_clear (&present);
  return ret == -ENOENT || ret == -EBADMSG || ret == -EPROTONOSUPPORT ? 0 : ret;
}

static int
make_new (const ScFileOps * ops, const char *path, mode_t mode)
{
  const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW;
  int fd = ops->open (ops, path, flags, mode);

  if (fd != -EEXIST)
    return fd;
  (void) ops->unlink (ops, path);       /* of an earlier crash */
  return ops->open (ops, path, flags, mode);
}

int
sc_manifest_file_write (const ScFileOps * ops, const char *path,
    const uint8_t uuid[16], const char *text, size_t size, mode_t mode)
{
  struct iovec iov = { (void *) text, size };
  char temporary[PATH_MAX];
  int length = snprintf (temporary, sizeof (temporary), "%s.tmp", path);
  int fd, ret, closed;

  if (length < 0 || (size_t) length >= sizeof (temporary))
    return -ENAMETOOLONG;
  fd = make_new (ops, temporary, mode);
  if (fd < 0)
    return fd;
  ret = sc_file_write_all (ops, fd, &iov, 1, 0);
  if (ret == 0)
    ret = ops->datasync (ops, fd);
  closed = ops->close (ops, fd);
  if (ret == 0)
    ret = closed;
  if (ret == 0)
    ret = make_way (ops, path, uuid);
  if (ret == 0)
    ret = ops->rename (ops, temporary, path, true);
  if (ret == 0)
    ret = ops->sync_parent (ops, path);
  if (ret < 0)
    (void) ops->unlink (ops, temporary);
  return ret;
}
