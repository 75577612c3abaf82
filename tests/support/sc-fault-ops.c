/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-fault-ops.h"

#include "../unit/sc-check.h"
#include "sc-clock.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define SECTOR 512u

static const ScFileOps *const real = &sc_file_ops_posix;

struct ScFaultWrite
{
  ScFaultWrite *next;
  bool truncate;
  uint64_t offset;              /* or the size to cut to */
  uint64_t size;
  uint8_t data[];
};

static ScFaultOps *
faulty (const ScFileOps * ops)
{
  return (ScFaultOps *) ops;
}

static void *
checked (void *memory)
{
  if (memory == NULL)
    abort ();
  return memory;
}

/* Counts the call and says whether it fails.  Takes the lock; leave() frees. */
static int
enter (ScFaultOps * self, ScOp op)
{
  uint64_t call, at;

  pthread_mutex_lock (&self->lock);
  at = ++self->total;
  call = ++self->calls[op];
  while ((self->held_op == (int) op || self->hang_at == at
          || (self->hang_nth == call && self->hang_op == op)) && !self->cut) {
    if (self->held_at == 0)
      self->held_at = sc_clock_now ();
    self->held++;
    pthread_cond_broadcast (&self->moved);
    pthread_cond_wait (&self->moved, &self->lock);
    self->held--;
  }
  if (self->cut_at != 0 && self->total >= self->cut_at)
    self->cut = true;
  if (self->cut)
    return -EIO;
  if (self->fail_at == at)
    return -EIO;
  if (self->fail_nth != 0 && self->fail_op == op
      && (call == self->fail_nth || (self->fail_on && call > self->fail_nth)))
    return self->fail_error;
  return 0;
}

static int
leave (ScFaultOps * self, int ret)
{
  pthread_mutex_unlock (&self->lock);
  return ret;
}

static ScFaultFile *
find (ScFaultOps * self, int fd)
{
  for (int i = 0; i < SC_FAULT_FILES; i++) {
    if (self->files[i].own_fd >= 0 && self->files[i].fd == fd)
      return &self->files[i];
  }
  abort ();
}

static void
note_name (ScFaultOps * self, const char *made, const char *moved_from,
    const char *restore)
{
  ScFaultName *name;
  char backup[4096];

  if (!self->volatile_cache)
    return;
  if (self->name_count == SC_FAULT_NAMES)
    abort ();
  name = &self->names[self->name_count];
  memset (name, 0, sizeof (*name));
  if (restore != NULL) {
    snprintf (backup, sizeof (backup), "%s.undo-%u", restore, self->name_count);
    if (link (restore, backup) == 0) {
      name->backup = checked (strdup (backup));
      name->restore = checked (strdup (restore));
    }
  }
  if (made != NULL)
    name->made = checked (strdup (made));
  if (moved_from != NULL)
    name->moved_from = checked (strdup (moved_from));
  self->name_count++;
}

/* @keep: the change is on the disk; else it is undone. */
static void
settle_name (ScFaultName * name, bool keep)
{
  if (!keep) {
    if (name->moved_from != NULL)
      (void) rename (name->made, name->moved_from);
    else if (name->made != NULL)
      (void) unlink (name->made);
    if (name->backup != NULL)
      (void) rename (name->backup, name->restore);
  } else if (name->backup != NULL) {
    (void) unlink (name->backup);
  }
  free (name->made);
  free (name->moved_from);
  free (name->backup);
  free (name->restore);
}

static void
settle_names (ScFaultOps * self, unsigned int kept)
{
  while (self->name_count > 0) {
    self->name_count--;
    settle_name (&self->names[self->name_count], self->name_count < kept);
  }
}

static int
fault_open (const ScFileOps * ops, const char *path, int flags, mode_t mode)
{
  ScFaultOps *self = faulty (ops);
  int ret = enter (self, SC_OP_OPEN);
  bool existed = access (path, F_OK) == 0;
  int i = 0;

  if (ret < 0)
    return leave (self, ret);
  ret = real->open (real, path, flags, mode);
  if (ret < 0)
    return leave (self, ret);
  if (!existed)
    note_name (self, path, NULL, NULL);
  while (i < SC_FAULT_FILES && self->files[i].own_fd >= 0)
    i++;
  if (i == SC_FAULT_FILES)
    abort ();
  self->files[i].fd = ret;
  self->files[i].own_fd = fcntl (ret, F_DUPFD_CLOEXEC, 0);
  self->files[i].size = (uint64_t) real->size (real, ret);
  self->files[i].first = self->files[i].last = NULL;
  return leave (self, ret);
}

static void
queue_write (ScFaultFile * file, bool truncate, uint64_t offset,
    const struct iovec *iov, int iov_count, size_t size)
{
  ScFaultWrite *write = checked (malloc (sizeof (*write) + size));
  size_t done = 0;

  write->next = NULL;
  write->truncate = truncate;
  write->offset = offset;
  write->size = size;
  for (int i = 0; i < iov_count && done < size; i++) {
    size_t step = iov[i].iov_len < size - done ? iov[i].iov_len : size - done;

    memcpy (write->data + done, iov[i].iov_base, step);
    done += step;
  }
  if (file->last != NULL)
    file->last->next = write;
  else
    file->first = write;
  file->last = write;
  if (truncate)
    file->size = offset;
  else if (offset + size > file->size)
    file->size = offset + size;
}

static ssize_t
fault_pwritev (const ScFileOps * ops, int fd, const struct iovec *iov,
    int iov_count, uint64_t offset)
{
  ScFaultOps *self = faulty (ops);
  ssize_t ret = enter (self, SC_OP_PWRITEV);
  struct iovec part;
  size_t size = 0;

  if (ret < 0)
    return leave (self, (int) ret);
  for (int i = 0; i < iov_count; i++)
    size += iov[i].iov_len;
  part = iov[0];
  if (self->short_writes && size > 1) {
    size = (size + 1) / 2 < part.iov_len ? (size + 1) / 2 : part.iov_len;
    part.iov_len = size;
    iov = &part;
    iov_count = 1;
  }
  if (self->volatile_cache) {
    queue_write (find (self, fd), false, offset, iov, iov_count, size);
    ret = (ssize_t) size;
  } else {
    ret = real->pwritev (real, fd, iov, iov_count, offset);
  }
  pthread_mutex_unlock (&self->lock);
  return ret;
}

static void
overlay (const ScFaultFile * file, uint8_t * data, size_t size, uint64_t offset)
{
  for (const ScFaultWrite * w = file->first; w != NULL; w = w->next) {
    uint64_t begin = w->offset > offset ? w->offset : offset;
    uint64_t end = w->truncate ? offset + size : w->offset + w->size;

    if (end > offset + size)
      end = offset + size;
    if (begin >= end)
      continue;
    if (w->truncate)
      memset (data + (begin - offset), 0, end - begin);
    else
      memcpy (data + (begin - offset), w->data + (begin - w->offset),
          end - begin);
  }
}

static ssize_t
fault_pread (const ScFileOps * ops, int fd, void *data, size_t size,
    uint64_t offset)
{
  ScFaultOps *self = faulty (ops);
  ssize_t ret = enter (self, SC_OP_PREAD);
  ScFaultFile *file;

  if (ret < 0)
    return leave (self, (int) ret);
  file = find (self, fd);
  if (self->volatile_cache) {
    if (offset >= file->size)
      return leave (self, 0);
    if (size > file->size - offset)
      size = (size_t) (file->size - offset);
    memset (data, 0, size);
    ret = sc_file_read_all (real, fd, data, size, offset);
    if (ret >= 0) {
      overlay (file, data, size, offset);
      ret = (ssize_t) size;
    }
  } else {
    ret = real->pread (real, fd, data, size, offset);
  }
  pthread_mutex_unlock (&self->lock);
  return ret;
}

/* One write reaches the disk, or of each sector only what chance lets. */
static void
apply_write (const ScFaultFile * file, const ScFaultWrite * w, uint64_t * random)
{
  if (w->truncate) {
    if (ftruncate (file->own_fd, (off_t) w->offset) == -1)
      abort ();
    return;
  }
  for (uint64_t done = 0, step; done < w->size; done += step) {
    step = w->size - done;
    if (random != NULL && step > SECTOR - (w->offset + done) % SECTOR)
      step = SECTOR - (w->offset + done) % SECTOR;
    if (random != NULL && sc_random (random) % 2 == 0)
      continue;
    if (pwrite (file->own_fd, w->data + done, step,
            (off_t) (w->offset + done)) != (ssize_t) step)
      abort ();
  }
}

static void
drop_writes (ScFaultFile * file, bool apply, uint64_t * random)
{
  while (file->first != NULL) {
    ScFaultWrite *next = file->first->next;

    if (apply)
      apply_write (file, file->first, random);
    free (file->first);
    file->first = next;
  }
  file->last = NULL;
}

static int
fault_datasync (const ScFileOps * ops, int fd)
{
  ScFaultOps *self = faulty (ops);
  int ret = enter (self, SC_OP_DATASYNC);

  if (ret < 0) {
    /* As Linux does: what could not be written is dropped, and not told again.
     * After a power cut it may still have made it. */
    if (!self->cut)
      drop_writes (find (self, fd), false, NULL);
    return leave (self, ret);
  }
  drop_writes (find (self, fd), true, NULL);
  return leave (self, 0);
}

static int
fault_truncate (const ScFileOps * ops, int fd, uint64_t size)
{
  ScFaultOps *self = faulty (ops);
  int ret = enter (self, SC_OP_TRUNCATE);

  if (ret == 0 && self->volatile_cache)
    queue_write (find (self, fd), true, size, NULL, 0, 0);
  else if (ret == 0)
    ret = real->truncate (real, fd, size);
  return leave (self, ret);
}

static int64_t
fault_size (const ScFileOps * ops, int fd)
{
  ScFaultOps *self = faulty (ops);
  int64_t ret = enter (self, SC_OP_SIZE);

  if (ret == 0)
    ret = self->volatile_cache ? (int64_t) find (self, fd)->size
        : real->size (real, fd);
  pthread_mutex_unlock (&self->lock);
  return ret;
}

/* The descriptor goes in any case, as it does on Linux. */
static int
fault_close (const ScFileOps * ops, int fd)
{
  ScFaultOps *self = faulty (ops);
  int ret = enter (self, SC_OP_CLOSE);
  ScFaultFile *file = find (self, fd);
  int closed = real->close (real, fd);

  file->fd = -1;
  if (file->first == NULL) {
    close (file->own_fd);
    file->own_fd = -1;
  }
  return leave (self, ret < 0 ? ret : closed);
}

static int
fault_rename (const ScFileOps * ops, const char *from, const char *to,
    bool replace)
{
  ScFaultOps *self = faulty (ops);
  int ret = enter (self, SC_OP_RENAME);

  if (ret < 0)
    return leave (self, ret);
  if (!replace && access (to, F_OK) == 0)
    return leave (self, -EEXIST);
  note_name (self, to, from, to);
  return leave (self, real->rename (real, from, to, replace));
}

static int
fault_unlink (const ScFileOps * ops, const char *path)
{
  ScFaultOps *self = faulty (ops);
  int ret = enter (self, SC_OP_UNLINK);

  if (ret < 0)
    return leave (self, ret);
  note_name (self, NULL, NULL, path);
  return leave (self, real->unlink (real, path));
}

static int
fault_sync_parent (const ScFileOps * ops, const char *path)
{
  ScFaultOps *self = faulty (ops);
  int ret = enter (self, SC_OP_SYNC_PARENT);

  if (ret == 0)
    settle_names (self, self->name_count);
  return leave (self, ret);
}

static int
fault_lock (const ScFileOps * ops, int fd)
{
  ScFaultOps *self = faulty (ops);
  int ret = enter (self, SC_OP_LOCK);

  return leave (self, ret < 0 ? ret : real->lock (real, fd));
}

void
sc_fault_ops_init (ScFaultOps * self)
{
  memset (self, 0, sizeof (*self));
  self->ops = (ScFileOps) {
    .open = fault_open,.pwritev = fault_pwritev,.pread = fault_pread,
    .datasync = fault_datasync,.truncate = fault_truncate,.size = fault_size,
    .close = fault_close,.rename = fault_rename,.unlink = fault_unlink,
    .sync_parent = fault_sync_parent,.lock = fault_lock,
  };
  pthread_mutex_init (&self->lock, NULL);
  pthread_cond_init (&self->moved, NULL);
  self->held_op = -1;
  for (int i = 0; i < SC_FAULT_FILES; i++)
    self->files[i].fd = self->files[i].own_fd = -1;
}

static void
close_all (ScFaultOps * self, bool apply, uint64_t * random)
{
  for (int i = 0; i < SC_FAULT_FILES; i++) {
    ScFaultFile *file = &self->files[i];

    if (file->own_fd < 0)
      continue;
    drop_writes (file, apply, random);
    if (file->fd < 0) {
      close (file->own_fd);
      file->own_fd = -1;
    }
  }
}

void
sc_fault_ops_clear (ScFaultOps * self)
{
  close_all (self, false, NULL);
  settle_names (self, self->name_count);
  pthread_cond_destroy (&self->moved);
  pthread_mutex_destroy (&self->lock);
}

void
sc_fault_ops_fail (ScFaultOps * self, ScOp op, uint64_t nth, int error, bool on)
{
  pthread_mutex_lock (&self->lock);
  self->fail_op = op;
  self->fail_nth = nth == 0 ? 0 : self->calls[op] + nth;
  self->fail_error = error;
  self->fail_on = on;
  pthread_mutex_unlock (&self->lock);
}

void
sc_fault_ops_hold (ScFaultOps * self, int op)
{
  pthread_mutex_lock (&self->lock);
  self->held_op = op;
  if (op < 0)
    self->hang_nth = self->hang_at = 0;
  pthread_cond_broadcast (&self->moved);
  pthread_mutex_unlock (&self->lock);
}

void
sc_fault_ops_hang (ScFaultOps * self, ScOp op, uint64_t nth)
{
  pthread_mutex_lock (&self->lock);
  self->hang_op = op;
  self->hang_nth = self->calls[op] + nth;
  pthread_mutex_unlock (&self->lock);
}

uint64_t
sc_fault_ops_held_at (ScFaultOps * self)
{
  uint64_t at;

  pthread_mutex_lock (&self->lock);
  at = self->held_at;
  pthread_mutex_unlock (&self->lock);
  return at;
}

void
sc_fault_ops_stop (ScFaultOps * self)
{
  pthread_mutex_lock (&self->lock);
  self->cut = true;
  pthread_cond_broadcast (&self->moved);
  pthread_mutex_unlock (&self->lock);
}

void
sc_fault_ops_wait_held (ScFaultOps * self)
{
  pthread_mutex_lock (&self->lock);
  while (self->held == 0)
    pthread_cond_wait (&self->moved, &self->lock);
  pthread_mutex_unlock (&self->lock);
}

void
sc_fault_ops_power_cut (ScFaultOps * self, uint64_t * random)
{
  unsigned int kept = 0;

  /* Threads that were left behind may still be in a held call. */
  pthread_mutex_lock (&self->lock);
  if (random != NULL && self->name_count > 0)
    kept = (unsigned int) (sc_random (random) % (self->name_count + 1));
  close_all (self, random != NULL, random);
  settle_names (self, kept);
  pthread_mutex_unlock (&self->lock);
}

void
sc_fault_ops_settle (ScFaultOps * self)
{
  close_all (self, true, NULL);
  settle_names (self, self->name_count);
}
