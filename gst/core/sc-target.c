/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-target.h"

#include "sc-clock.h"
#include "sc-crc32c.h"
#include "sc-recording-name.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>

/* Between two tries of a refused write, ns. */
#define RETRY_PAUSE 10000000
/* Room kept for the journal besides its share of the reserve. */
#define JOURNAL_AHEAD (UINT64_C (256) << 10)

const char *
sc_fault_name (ScFaultKind kind)
{
  static const char *const names[SC_FAULTS] = {
    [SC_FAULT_NONE] = "none",
    [SC_FAULT_OPEN] = "open",
    [SC_FAULT_LOCK] = "lock",
    [SC_FAULT_OPEN_JOURNAL] = "open-journal",
    [SC_FAULT_SYNC_FOLDER] = "sync-folder",
    [SC_FAULT_WRITE] = "write",
    [SC_FAULT_READ_BACK] = "read-back",
    [SC_FAULT_SYNC] = "sync",
    [SC_FAULT_JOURNAL] = "write-journal",
    [SC_FAULT_SYNC_JOURNAL] = "sync-journal",
    [SC_FAULT_TRUNCATE] = "truncate",
    [SC_FAULT_SIZE] = "size",
    [SC_FAULT_CLOSE] = "close",
    [SC_FAULT_PUBLISH] = "publish",
    [SC_FAULT_THREAD] = "thread",
    [SC_FAULT_MANIFEST] = "manifest",
    [SC_FAULT_SPACE] = "space",
    [SC_FAULT_VERIFY] = "verify",
  };

  return names[kind];
}

static int
failed (ScFault * fault, ScFaultKind kind, int error, uint64_t offset)
{
  fault->kind = kind;
  fault->error = error;
  fault->offset = offset;
  return error;
}

static uint64_t
high_water (ScTarget * self)
{
  return atomic_load_explicit (&self->high_water, memory_order_relaxed);
}

/* Durable first: what is appended stands on it, and the mark begins at its
 * end. */
static int
keep_content (ScTarget * self, ScFault * fault)
{
  const ScFileOps *ops = self->config.ops;
  int64_t size = ops->size (ops, self->fd);
  int ret = size > 0 && self->config.sync ? ops->datasync (ops, self->fd) : 0;

  if (size < 0)
    return failed (fault, SC_FAULT_SIZE, (int) size, 0);
  if (ret < 0)
    return failed (fault, SC_FAULT_SYNC, ret, 0);
  self->base_size = (uint64_t) size;
  atomic_store_explicit (&self->high_water, self->base_size,
      memory_order_relaxed);
  return 0;
}

static int
make_payload (ScTarget * self, ScFault * fault)
{
  const ScFileOps *ops = self->config.ops;
  int flags = O_RDWR | O_CREAT;
  int ret;

  /* No O_TRUNC: nothing is emptied before the lock is ours. */
  if (self->config.exclusive)
    flags |= O_EXCL | O_NOFOLLOW;
  ret = ops->open (ops, self->config.path, flags, self->config.permissions);
  if (ret < 0)
    return failed (fault, SC_FAULT_OPEN, ret, 0);
  self->fd = ret;
  /* Another error: a file system without locks. */
  if (ops->lock (ops, self->fd) == -EWOULDBLOCK)
    return failed (fault, SC_FAULT_LOCK, -EBUSY, 0);
  if (self->config.keep_content)
    return keep_content (self, fault);
  ret = self->config.exclusive ? 0 : ops->truncate (ops, self->fd, 0);
  return ret < 0 ? failed (fault, SC_FAULT_TRUNCATE, ret, 0) : 0;
}

/* The journal's first record, durable before a manifest names the part: one that
 * cannot be found later has been lost, then. */
static int
say_switch (ScTarget * self, ScFault * fault)
{
  const ScTargetConfig *config = &self->config;
  ScJournalSwitch part_switch = {
    .base = config->base,.part = config->part,
    .error = (uint32_t) -config->left.error,
    .operation = (uint16_t) config->left.kind
  };
  int ret = sc_journal_writer_switch (&self->journal, &part_switch);

  if (ret < 0)
    return failed (fault, SC_FAULT_JOURNAL, ret, 0);
  ret = sc_journal_writer_sync (&self->journal);
  return ret < 0 ? failed (fault, SC_FAULT_SYNC_JOURNAL, ret, 0) : 0;
}

static int
make_journal (ScTarget * self, ScFault * fault)
{
  const ScTargetConfig *config = &self->config;
  const char *name = config->publish_path != NULL ? config->publish_path
      : config->path;
  uint8_t *buffer = (uint8_t *) config->memory + 2 * SC_JOURNAL_OVERWRITE_MAX;
  ScJournalHeader header;
  int ret;

  ret = sc_journal_header_init (&header, sc_recording_base_name (name),
      self->base_size);
  if (config->uuid != NULL)
    memcpy (header.uuid, config->uuid, sizeof (header.uuid));
  if (ret == 0)
    ret = sc_journal_writer_create (&self->journal, config->ops,
        config->journal_path, config->permissions, &header, buffer,
        SC_JOURNAL_BUFFER_DEFAULT);
  if (ret < 0)
    return failed (fault, SC_FAULT_OPEN_JOURNAL, ret, 0);
  self->has_journal = true;
  return config->part > 0 ? say_switch (self, fault) : 0;
}

/* Blocks behind the end of a file are nobody's.  Best effort. */
static void
give_room_back (const ScFileOps * ops, int fd)
{
  int64_t size = ops->size (ops, fd);

  if (size >= 0)
    (void) ops->truncate (ops, fd, (uint64_t) size);
}

/* Closes both descriptors; the first error is the one told. */
static int
close_files (ScTarget * self, ScFault * fault)
{
  const ScFileOps *ops = self->config.ops;
  int ret = 0, closed = sc_direct_close (&self->direct, ops);

  if (self->read_fd >= 0)
    (void) ops->close (ops, self->read_fd);     /* nothing was written */
  self->read_fd = -1;
  if (closed < 0)
    ret = failed (fault, SC_FAULT_CLOSE, closed, high_water (self));
  if (self->fd >= 0) {
    if (sc_space_has_allocated (&self->space))
      give_room_back (ops, self->fd);
    closed = ops->close (ops, self->fd);
    self->fd = -1;
    if (closed < 0 && ret == 0)
      ret = failed (fault, SC_FAULT_CLOSE, closed, high_water (self));
  }
  if (self->has_journal) {
    if (self->journal_room > 0 && self->journal.fd >= 0)
      give_room_back (ops, self->journal.fd);
    closed = sc_journal_writer_close (&self->journal);
    if (closed < 0 && ret == 0)
      ret = failed (fault, SC_FAULT_CLOSE, closed, high_water (self));
  }
  return ret;
}

/* Takes back what open made; its errors would only hide the first one. */
static void
remove_empty (ScTarget * self)
{
  const ScFileOps *ops = self->config.ops;

  if (self->config.exclusive)
    (void) ops->unlink (ops, self->config.path);
  if (self->has_journal)
    (void) ops->unlink (ops, self->config.journal_path);
}

/* The journal logs old bytes and new of what a muxer completes at the end: that
 * takes half the reserve once more.  Where it cannot be had any longer, the
 * recording must end. */
static void
make_journal_room (ScTarget * self, uint64_t end)
{
  uint64_t used = atomic_load_explicit (&self->journal_bytes,
      memory_order_relaxed);
  uint64_t needed = used + JOURNAL_AHEAD + self->config.space.reserve / 2;
  int ret;

  if (needed <= self->journal_room)
    return;
  ret = sc_file_reserve (self->config.ops, self->journal.fd, 0,
      needed + JOURNAL_AHEAD);
  if (ret == 0)
    self->journal_room = needed + JOURNAL_AHEAD;
  else if (ret == -ENOSPC || ret == -EDQUOT || ret == -EFBIG)
    sc_space_end_at (&self->space, end);
}

void
sc_target_make_room (ScTarget * self, uint64_t end)
{
  if (end < high_water (self))
    end = high_water (self);
  if (self->has_journal && self->config.space.reserve > 0)
    make_journal_room (self, end);
  sc_space_make_room (&self->space, self->config.ops, self->fd, end);
}

/* The room for its end is part of what a target must have. */
static int
look_for_room (ScTarget * self, ScFault * fault)
{
  sc_space_init (&self->space, &self->config.space);
  sc_target_make_room (self, high_water (self));
  return self->space.limit <= high_water (self)
      ? failed (fault, SC_FAULT_SPACE, -ENOSPC, high_water (self)) : 0;
}

int
sc_target_open (ScTarget * self, const ScTargetConfig * config, ScFault * fault)
{
  ScFault ignored;
  int ret;

  memset (self, 0, sizeof (*self));
  self->config = *config;
  self->fd = self->direct.fd = self->read_fd = -1;
  pthread_mutex_init (&self->journal_lock, NULL);       /* cannot fail on Linux */
  pthread_mutex_init (&self->journal_sync_lock, NULL);
  ret = make_payload (self, fault);
  /* Refused, it is no error: all goes through the page cache then. */
  if (ret == 0 && config->direct)
    (void) sc_direct_open (&self->direct, config->ops, config->path,
        config->memory, 2 * SC_JOURNAL_OVERWRITE_MAX);
  if (ret == 0 && config->journal_path != NULL)
    ret = make_journal (self, fault);
  if (ret == 0)
    ret = look_for_room (self, fault);
  if (ret == 0 && config->sync) {
    ret = config->ops->sync_parent (config->ops, config->path);
    if (ret < 0)
      failed (fault, SC_FAULT_SYNC_FOLDER, ret, 0);
  }
  if (ret == 0)
    return 0;

  if (self->fd >= 0 && fault->kind != SC_FAULT_LOCK)
    remove_empty (self);
  (void) close_files (self, &ignored);
  pthread_mutex_destroy (&self->journal_sync_lock);
  pthread_mutex_destroy (&self->journal_lock);
  return ret;
}

/* With journal_lock. */
static int
journal_pending (ScTarget * self)
{
  int ret;

  if (self->pending.size == 0)
    return 0;
  ret = sc_journal_writer_extent (&self->journal, self->pending.offset,
      self->pending.size, self->pending.crc);
  if (ret == 0)
    self->pending.size = 0;
  return ret;
}

static void
count_journal (ScTarget * self)
{
  atomic_store_explicit (&self->journal_bytes,
      self->journal.offset + self->journal.used, memory_order_relaxed);
}

/* With journal_lock: everything so far goes to the operating system. */
static int
journal_flush (ScTarget * self, ScFault * fault)
{
  int ret = journal_pending (self);

  if (ret == 0)
    ret = sc_journal_writer_flush (&self->journal);
  count_journal (self);
  return ret < 0 ? failed (fault, SC_FAULT_JOURNAL, ret, high_water (self)) : 0;
}

/* Both threads sync the journal.  A lost write-back is reported to only one of
 * them; the other must not take its own 0 for the truth, hence the outer lock
 * and the look at the error kept. */
static int
journal_datasync (ScTarget * self, ScFault * fault)
{
  int ret;

  pthread_mutex_lock (&self->journal_sync_lock);
  pthread_mutex_lock (&self->journal_lock);
  ret = self->journal.error;
  pthread_mutex_unlock (&self->journal_lock);
  if (ret == 0) {
    ret = sc_journal_writer_datasync (&self->journal);
    pthread_mutex_lock (&self->journal_lock);
    sc_journal_writer_fail (&self->journal, ret);
    pthread_mutex_unlock (&self->journal_lock);
  }
  pthread_mutex_unlock (&self->journal_sync_lock);
  return ret < 0 ? failed (fault, SC_FAULT_SYNC_JOURNAL, ret,
      high_water (self)) : 0;
}

/* With journal_lock.  Joins the extent with the pending one where it follows. */
static int
note_extent (ScTarget * self, uint64_t offset, uint64_t size, uint32_t crc)
{
  ScJournalExtent *pending = &self->pending;
  int ret;

  if (pending->size > 0 && pending->offset + pending->size == offset
      && pending->size + size <= SC_TARGET_EXTENT_MAX) {
    pending->crc = sc_crc32c_combine (pending->crc, crc, size);
    pending->size += size;
    return 0;
  }
  ret = journal_pending (self);
  if (ret < 0)
    return ret;
  pending->offset = offset;
  pending->size = size;
  pending->crc = crc;
  self->pending_since = sc_clock_now ();
  return 0;
}

/* A write that is refused goes on where it stopped: @iov is what is left. */
static int
write_payload (ScTarget * self, ScDirect * direct, struct iovec *iov,
    int iov_count, uint64_t offset)
{
  const struct timespec pause = {.tv_nsec = RETRY_PAUSE };
  uint64_t began = sc_clock_now (), done;
  int ret;

  for (;;) {
    ret = sc_direct_write (direct, self->config.ops, self->fd, &iov,
        &iov_count, offset, &done);
    offset += done;
    if (ret != -EACCES || sc_clock_now () - began >= self->config.retry_time)
      return ret;
    (void) nanosleep (&pause, NULL);
  }
}

int
sc_target_append (ScTarget * self, struct iovec *iov, int iov_count,
    uint64_t offset, uint64_t size, uint32_t crc, ScFault * fault)
{
  int ret;

  ret = write_payload (self, &self->direct, iov, iov_count, offset);
  if (ret < 0)
    return failed (fault, SC_FAULT_WRITE, ret, offset);

  pthread_mutex_lock (&self->journal_lock);
  /* Under the lock together with the extent: a sync that reads the new end also
   * finds the extents below it. */
  atomic_store_explicit (&self->high_water, offset + size,
      memory_order_relaxed);
  /* With a journal that failed to sync the data are saved all the same. */
  if (self->has_journal && self->journal.error == 0) {
    ret = note_extent (self, offset, size, crc);
    if (ret < 0)
      failed (fault, SC_FAULT_JOURNAL, ret, offset);
    else if (self->pending.size >= SC_TARGET_EXTENT_MAX
        || sc_clock_now () - self->pending_since >= SC_TARGET_EXTENT_AGE)
      ret = journal_flush (self, fault);
  }
  pthread_mutex_unlock (&self->journal_lock);
  return ret;
}

/* Logs at most SC_JOURNAL_OVERWRITE_MAX bytes. */
static int
log_piece (ScTarget * self, const uint8_t * bytes, size_t size,
    uint64_t offset, ScFault * fault)
{
  uint8_t *old = self->config.memory;
  ssize_t ret = sc_file_read_all (self->config.ops, self->fd, old, size,
      offset);

  if (ret >= 0 && (size_t) ret < size)
    ret = -EIO;                 /* somebody else cut the file */
  if (ret < 0)
    return failed (fault, SC_FAULT_READ_BACK, (int) ret, offset);
  pthread_mutex_lock (&self->journal_lock);
  ret = journal_pending (self);
  if (ret == 0)
    ret = sc_journal_writer_overwrite (&self->journal, offset, old, bytes,
        size);
  count_journal (self);
  pthread_mutex_unlock (&self->journal_lock);
  return ret < 0 ? failed (fault, SC_FAULT_JOURNAL, (int) ret, offset) : 0;
}

/* Takes up to @size bytes off the vector's front, to @bytes. */
static size_t
gather (const struct iovec **iov, int *count, size_t *done, uint8_t * bytes,
    size_t size)
{
  size_t got = 0;

  while (*count > 0 && got < size) {
    size_t step = (*iov)->iov_len - *done < size - got
        ? (*iov)->iov_len - *done : size - got;

    memcpy (bytes + got, (const uint8_t *) (*iov)->iov_base + *done, step);
    got += step;
    *done += step;
    if (*done == (*iov)->iov_len) {
      (*iov)++;
      (*count)--;
      *done = 0;
    }
  }
  return got;
}

/* Where the ring's end parts the bytes in memory, they still are one record: of
 * two, a power cut may leave one. */
static int
log_overwrite (ScTarget * self, const struct iovec *iov, int iov_count,
    uint64_t offset, ScFault * fault)
{
  uint8_t *bytes = (uint8_t *) self->config.memory + SC_JOURNAL_OVERWRITE_MAX;
  size_t done = 0, size;
  int ret = 0;

  while (ret == 0 && (size = gather (&iov, &iov_count, &done, bytes,
              SC_JOURNAL_OVERWRITE_MAX)) > 0) {
    ret = log_piece (self, bytes, size, offset, fault);
    offset += size;
  }
  return ret;
}

int
sc_target_overwrite (ScTarget * self, struct iovec *iov, int iov_count,
    uint64_t offset, uint64_t size, ScFault * fault)
{
  ScDirect none = {.fd = -1 };
  int ret;

  if (self->has_journal) {
    ret = log_overwrite (self, iov, iov_count, offset, fault);
    if (ret == 0 && self->config.sync)
      ret = journal_datasync (self, fault);
    if (ret < 0)
      return ret;
  }
  ret = write_payload (self, &none, iov, iov_count, offset);
  if (ret < 0)
    return failed (fault, SC_FAULT_WRITE, ret, offset);
  atomic_fetch_add_explicit (&self->overwrites, 1, memory_order_relaxed);
  atomic_fetch_add_explicit (&self->overwritten_bytes, size,
      memory_order_relaxed);
  return 0;
}

int
sc_target_redo (ScTarget * self, const struct iovec *iov, int iov_count,
    uint64_t offset, ScFault * fault)
{
  uint8_t *bytes = self->config.memory;
  size_t done = 0, size;
  int ret = 0;

  pthread_mutex_lock (&self->journal_lock);
  while (ret == 0 && (size = gather (&iov, &iov_count, &done, bytes,
              SC_JOURNAL_OVERWRITE_MAX)) > 0) {
    ret = sc_journal_writer_redo (&self->journal, offset, bytes, size);
    offset += size;
  }
  count_journal (self);
  pthread_mutex_unlock (&self->journal_lock);
  return ret < 0 ? failed (fault, SC_FAULT_JOURNAL, ret, offset) : 0;
}

int
sc_target_sync (ScTarget * self, uint64_t running_time, uint64_t * durable,
    ScFault * fault)
{
  uint64_t end;
  int ret, logged;

  *durable = 0;
  pthread_mutex_lock (&self->journal_lock);
  end = high_water (self);
  /* No extent straddles a mark: what follows it may be lost, and would take the
   * whole extent with it. */
  logged = self->has_journal && self->journal.error == 0
      ? journal_pending (self) : 0;
  pthread_mutex_unlock (&self->journal_lock);
  /* Whatever was written before `end` was read is covered by this sync. */
  ret = self->config.ops->datasync (self->config.ops, self->fd);
  if (ret < 0)
    return failed (fault, SC_FAULT_SYNC, ret, end);
  if (logged < 0)
    return failed (fault, SC_FAULT_JOURNAL, logged, end);
  if (!self->config.sync)
    return 0;
  if (self->has_journal) {
    pthread_mutex_lock (&self->journal_lock);
    ret = journal_pending (self);
    if (ret == 0)
      ret = sc_journal_writer_mark (&self->journal, end, running_time);
    if (ret < 0)
      failed (fault, SC_FAULT_JOURNAL, ret, end);
    else
      ret = journal_flush (self, fault);
    pthread_mutex_unlock (&self->journal_lock);
    if (ret == 0)
      ret = journal_datasync (self, fault);
    if (ret < 0)
      return ret;
  }
  *durable = end;
  return 0;
}

int
sc_target_restart (ScTarget * self, ScFault * fault)
{
  int ret = 0;

  if (self->has_journal) {
    pthread_mutex_lock (&self->journal_lock);
    self->pending.size = 0;
    ret = sc_journal_writer_restart (&self->journal);
    if (ret < 0)
      failed (fault, SC_FAULT_JOURNAL, ret, 0);
    else
      ret = journal_flush (self, fault);
    pthread_mutex_unlock (&self->journal_lock);
    if (ret == 0 && self->config.sync)
      ret = journal_datasync (self, fault);
    if (ret < 0)
      return ret;
  }
  ret = self->config.ops->truncate (self->config.ops, self->fd, 0);
  if (ret < 0)
    return failed (fault, SC_FAULT_TRUNCATE, ret, 0);
  atomic_store_explicit (&self->high_water, 0, memory_order_relaxed);
  self->base_size = 0;
  sc_space_reset (&self->space);
  return 0;
}

/* The file must be as long as what was written: longer is cut (what a direct
 * write padded), shorter means that somebody else cut it. */
static int
settle_size (ScTarget * self, ScFault * fault)
{
  const ScFileOps *ops = self->config.ops;
  uint64_t end = high_water (self);
  int64_t size = ops->size (ops, self->fd);
  int ret = 0;

  if (size < 0)
    return failed (fault, SC_FAULT_SIZE, (int) size, end);
  if ((uint64_t) size < end)
    return failed (fault, SC_FAULT_SIZE, -EIO, (uint64_t) size);
  if ((uint64_t) size > end)
    ret = ops->truncate (ops, self->fd, end);
  return ret < 0 ? failed (fault, SC_FAULT_TRUNCATE, ret, end) : 0;
}

static int
close_journal_record (ScTarget * self, uint64_t running_time, ScFault * fault)
{
  int ret;

  pthread_mutex_lock (&self->journal_lock);
  ret = sc_journal_writer_close_record (&self->journal, running_time);
  if (ret < 0)
    failed (fault, SC_FAULT_JOURNAL, ret, high_water (self));
  else
    ret = journal_flush (self, fault);
  pthread_mutex_unlock (&self->journal_lock);
  return ret < 0 ? ret : journal_datasync (self, fault);
}

static int
publish (ScTarget * self, ScFault * fault)
{
  const ScTargetConfig *config = &self->config;
  const ScFileOps *ops = config->ops;
  int ret = 0;

  if (config->publish_path != NULL) {
    ret = ops->rename (ops, config->path, config->publish_path,
        config->replace);
    if (ret < 0)
      return failed (fault, SC_FAULT_PUBLISH, ret, high_water (self));
  }
  if (config->sync) {
    ret = ops->sync_parent (ops, config->path);
    if (ret < 0)
      return failed (fault, SC_FAULT_SYNC_FOLDER, ret, high_water (self));
  }
  if (self->has_journal && !config->keep_journal) {
    ret = ops->unlink (ops, config->journal_path);
    if (ret == -ENOENT)
      ret = 0;
  }
  return ret < 0 ? failed (fault, SC_FAULT_JOURNAL, ret, high_water (self)) : 0;
}

int
sc_target_finish (ScTarget * self, uint64_t running_time, uint64_t * durable,
    ScFault * fault)
{
  int ret = settle_size (self, fault);

  *durable = 0;
  /* A journal that stays is there to check the file by: it needs its end. */
  if (self->has_journal && self->config.keep_journal)
    self->config.sync = true;
  if (ret == 0 && self->config.sync) {
    ret = sc_target_sync (self, running_time, durable, fault);
    if (ret == 0 && self->has_journal)
      ret = close_journal_record (self, running_time, fault);
  }
  if (ret == 0)
    ret = close_files (self, fault);
  return ret == 0 ? publish (self, fault) : ret;
}

static bool
is_untouched (ScTarget * self)
{
  return high_water (self) == self->base_size
      && atomic_load_explicit (&self->overwrites, memory_order_relaxed) == 0;
}

int
sc_target_abandon (ScTarget * self, ScFault * fault)
{
  ScFault second;
  int ret = 0, closed;

  if (self->fd >= 0 && self->config.part == 0 && is_untouched (self))
    remove_empty (self);
  /* Without a mark there is no promise, yet the journal may still vouch for
   * what a recovery finds. */
  if (self->has_journal && self->journal.fd >= 0 && self->journal.error == 0)
    ret = journal_flush (self, fault);
  closed = close_files (self, ret == 0 ? fault : &second);
  pthread_mutex_destroy (&self->journal_sync_lock);
  pthread_mutex_destroy (&self->journal_lock);
  return ret != 0 ? ret : closed;
}
