/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A disk whose every write and flush is logged: a FUSE file system with one
 * file, "image", which a loop device is put over.
 *
 *   crash-disk FOLDER IMAGE LOG TAKE-LOG
 *
 * The image's bytes are in IMAGE.  LOG gets a record for each write (offset,
 * size, bytes) and each flush (size 0), TAKE-LOG's position counts them
 * (take.h): a promise that was made at that count must hold in every image that
 * has all flushes up to it.  Returns once it is mounted, and runs on behind that
 * until it is unmounted.
 */
#define FUSE_USE_VERSION 31
#include "take.h"

#include <errno.h>
#include <fcntl.h>
#include <fuse.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int image, journal;
static TakeLog *taken;

/* Complete before the answer goes out: the position never runs ahead. */
static int
log_record (guint64 offset, guint64 size, const char *bytes)
{
  guint64 head[2] = { offset, size };

  if (write (journal, head, sizeof (head)) != sizeof (head)
      || (size > 0 && write (journal, bytes, size) != (ssize_t) size))
    return -EIO;
  taken->position++;
  return 0;
}

static int
disk_getattr (const char *path, struct stat *st, struct fuse_file_info *info)
{
  if (strcmp (path, "/image") == 0)
    return fstat (image, st) == -1 ? -errno : 0;
  if (strcmp (path, "/") != 0)
    return -ENOENT;
  memset (st, 0, sizeof (*st));
  st->st_mode = S_IFDIR | 0700;
  st->st_nlink = 2;
  return 0;
}

static int
disk_open (const char *path, struct fuse_file_info *info)
{
  return strcmp (path, "/image") == 0 ? 0 : -ENOENT;
}

static int
disk_read (const char *path, char *bytes, size_t size, off_t offset,
    struct fuse_file_info *info)
{
  ssize_t done = pread (image, bytes, size, offset);

  return done == -1 ? -errno : (int) done;
}

static int
disk_write (const char *path, const char *bytes, size_t size, off_t offset,
    struct fuse_file_info *info)
{
  if (pwrite (image, bytes, size, offset) != (ssize_t) size)
    return -EIO;
  return log_record ((guint64) offset, size, bytes) < 0 ? -EIO : (int) size;
}

static int
disk_flush (const char *path, int only_data, struct fuse_file_info *info)
{
  return log_record (0, 0, NULL);
}

static const struct fuse_operations operations = {
  .getattr = disk_getattr,.open = disk_open,.read = disk_read,
  .write = disk_write,.fsync = disk_flush
};

int
main (int argc, char **argv)
{
  char *args[] = { argv[0], (char *) "-s", argv[1], NULL };

  if (argc != 5)
    return 64;
  image = open (argv[2], O_RDWR | O_CLOEXEC);
  journal = open (argv[3], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (image == -1 || journal == -1)
    return 1;
  taken = take_log_map (argv[4]);
  return fuse_main (3, args, &operations, NULL);
}
