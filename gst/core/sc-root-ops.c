/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-root-ops.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* openat2() says EAGAIN where a rename races with its ".." or mount checks. */
#define RACE_TRIES 16

typedef struct Root Root;

struct Root
{
  ScFileOps ops;                /* first: the table is cast to the root */
  Root *next;
  size_t length;
  char path[PATH_MAX];
};

static pthread_mutex_t roots_lock = PTHREAD_MUTEX_INITIALIZER;
static Root *roots;
/* Set once where openat2() turns out to be missing. */
static _Atomic bool walk_only;

void
sc_root_ops_walk_only (bool walk)
{
  atomic_store_explicit (&walk_only, walk, memory_order_relaxed);
}

static bool
has_parent_step (const char *path)
{
  for (const char *at = path; (at = strstr (at, "..")) != NULL; at += 2)
    if ((at == path || at[-1] == '/') && (at[2] == '\0' || at[2] == '/'))
      return true;
  return false;
}

/* What of the path lies below the root, or NULL. */
static const char *
below (const Root * self, const char *path)
{
  const char *rest = path + self->length;

  if (strncmp (path, self->path, self->length) != 0 || *rest != '/'
      || has_parent_step (rest))
    return NULL;
  while (*rest == '/')
    rest++;
  return rest;
}

static int
open_in (int folder, const char *name, int flags, mode_t mode)
{
  int fd;

  do
    fd = openat (folder, name, flags | O_CLOEXEC | O_NOFOLLOW, mode);
  while (fd == -1 && errno == EINTR);
  return fd == -1 ? -errno : fd;
}

/* One folder after the other; takes @folder. */
static int
walk (int folder, const char *rest, int flags, mode_t mode)
{
  char name[NAME_MAX + 1];

  for (;;) {
    size_t length = strcspn (rest, "/");
    const char *next = rest + length;
    bool last;
    int fd;

    while (*next == '/')
      next++;
    last = *next == '\0';
    if (length > NAME_MAX) {
      (void) close (folder);
      return -ENAMETOOLONG;
    }
    memcpy (name, rest, length);
    name[length] = '\0';
    fd = last ? open_in (folder, name, flags, mode)
        : open_in (folder, name, O_PATH | O_DIRECTORY, 0);
    (void) close (folder);
    if (fd < 0 || last)
      return fd;
    folder = fd;
    rest = next;
  }
}

static int
open_beneath (int root, const char *rest, int flags, mode_t mode)
{
  struct open_how how = {
    .flags = (uint64_t) (flags | O_CLOEXEC),
    .mode = flags & O_CREAT ? mode : 0,
    .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS
  };
  long fd = -1;

  for (int i = 0; i < RACE_TRIES; i++) {
    fd = syscall (SYS_openat2, root, rest, &how, sizeof (how));
    if (fd != -1 || (errno != EAGAIN && errno != EINTR))
      break;
  }
  return fd == -1 ? -errno : (int) fd;
}

static int
root_open (const ScFileOps * ops, const char *path, int flags, mode_t mode)
{
  const Root *self = (const Root *) ops;
  const char *rest = below (self, path);
  int root, fd;

  if (rest == NULL)
    return -EXDEV;
  do
    root = open (self->length > 0 ? self->path : "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
  while (root == -1 && errno == EINTR);
  if (root == -1)
    return -errno;
  if (*rest == '\0')
    rest = ".";
  if (!atomic_load_explicit (&walk_only, memory_order_relaxed)) {
    fd = open_beneath (root, rest, flags, mode);
    if (fd != -ENOSYS && fd != -EPERM) {
      (void) close (root);
      return fd;
    }
    /* EPERM is what seccomp says of a call it does not know; a file that is not
     * to be opened says it again below. */
    if (fd == -ENOSYS)
      sc_root_ops_walk_only (true);
  }
  return walk (root, rest, flags, mode);
}

/* The folder that holds the path, and the name in it. */
static int
open_parent (const ScFileOps * ops, const char *path, int flags,
    const char **name)
{
  const Root *self = (const Root *) ops;
  const char *slash = strrchr (path, '/');
  char folder[PATH_MAX];

  if (slash == NULL || (size_t) (slash - path) < self->length)
    return -EXDEV;
  if ((size_t) (slash - path) >= sizeof (folder) - 1)
    return -ENAMETOOLONG;
  memcpy (folder, path, (size_t) (slash - path));
  folder[slash - path] = '/';   /* so that the root itself is below it */
  folder[slash - path + 1] = '\0';
  *name = slash + 1;
  if (strcmp (*name, "..") == 0)
    return -EXDEV;
  return root_open (ops, folder, flags | O_DIRECTORY, 0);
}

static int
root_rename (const ScFileOps * ops, const char *from, const char *to,
    bool replace)
{
  const char *old, *new;
  int source = open_parent (ops, from, O_PATH, &old), target, ret;

  if (source < 0)
    return source;
  target = open_parent (ops, to, O_PATH, &new);
  ret = target < 0 ? target
      : sc_file_rename_at (source, old, target, new, replace);
  if (target >= 0)
    (void) close (target);
  (void) close (source);
  return ret;
}

static int
root_unlink (const ScFileOps * ops, const char *path)
{
  const char *name;
  int folder = open_parent (ops, path, O_PATH, &name), ret;

  if (folder < 0)
    return folder;
  ret = unlinkat (folder, name, 0) == -1 ? -errno : 0;
  (void) close (folder);
  return ret;
}

static int
root_sync_parent (const ScFileOps * ops, const char *path)
{
  const char *name;
  int folder = open_parent (ops, path, O_RDONLY, &name), ret = 0;

  if (folder < 0)
    return folder;
  if (fsync (folder) == -1 && errno != EINVAL)  /* EINVAL: cannot be synced */
    ret = -errno;
  if (close (folder) == -1 && errno != EINTR && ret == 0)
    ret = -errno;
  return ret;
}

static Root *
make_root (const char *path, size_t length)
{
  Root *self = calloc (1, sizeof (*self));

  if (self == NULL)
    return NULL;
  self->ops = sc_file_ops_posix;
  self->ops.open = root_open;
  self->ops.rename = root_rename;
  self->ops.unlink = root_unlink;
  self->ops.sync_parent = root_sync_parent;
  self->length = length;
  memcpy (self->path, path, length);
  self->next = roots;
  roots = self;
  return self;
}

/* Without the slashes at its end. */
static size_t
length_of (const char *root)
{
  size_t length = strlen (root);

  while (length > 0 && root[length - 1] == '/')
    length--;
  return length;
}

const ScFileOps *
sc_root_ops_get (const char *root)
{
  size_t length = length_of (root);
  Root *self;

  if (length >= PATH_MAX)
    return NULL;
  pthread_mutex_lock (&roots_lock);
  for (self = roots; self != NULL; self = self->next)
    if (self->length == length && strncmp (self->path, root, length) == 0)
      break;
  if (self == NULL)
    self = make_root (root, length);
  pthread_mutex_unlock (&roots_lock);
  return self != NULL ? &self->ops : NULL;
}

int
sc_root_ops_join (const char *root, const char *path, char out[PATH_MAX])
{
  size_t length = length_of (root), size = strlen (path);

  if (has_parent_step (path))
    return -EXDEV;
  if (path[0] == '/') {
    if (strncmp (path, root, length) != 0 || path[length] != '/')
      return -EXDEV;
    path += length;
    size -= length;
    while (path[1] == '/') {
      path++;
      size--;
    }
  }
  if (length + 1 + size >= PATH_MAX)
    return -ENAMETOOLONG;
  memcpy (out, root, length);
  if (path[0] != '/')
    out[length++] = '/';
  memcpy (out + length, path, size + 1);
  return 0;
}

int
sc_root_ops_check (const ScFileOps * ops, const char *path)
{
  const char *name;
  int folder = open_parent (ops, path, O_PATH, &name);

  if (folder < 0)
    return folder;
  (void) close (folder);
  return 0;
}
