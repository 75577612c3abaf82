/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A target's two files: made, given room, closed, published, or left. */
#include "sc-target-private.h"

#include "sc-recording-name.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

/* Room kept for the journal besides its share of the reserve. */
#define JOURNAL_AHEAD (UINT64_C (256) << 10)

/* Durable first: what is appended stands on it, and the mark begins at its
 * end. */
static int
keep_content (ScTarget * self, ScFault * fault)
{
  const ScFileOps *ops = self->config.ops;
  int64_t size = ops->size (ops, self->fd);
  int ret = size > 0 && self->config.sync ? ops->datasync (ops, self->fd) : 0;

  if (size < 0)
    return sc_fault_set (fault, SC_FAULT_SIZE, (int) size, 0);
  if (ret < 0)
    return sc_fault_set (fault, SC_FAULT_SYNC, ret, 0);
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
    return sc_fault_set (fault, SC_FAULT_OPEN, ret, 0);
  self->fd = ret;
  /* Another error: a file system without locks. */
  if (ops->lock (ops, self->fd) == -EWOULDBLOCK)
    return sc_fault_set (fault, SC_FAULT_LOCK, -EBUSY, 0);
  if (self->config.keep_content)
    return keep_content (self, fault);
  ret = self->config.exclusive ? 0 : ops->truncate (ops, self->fd, 0);
  return ret < 0 ? sc_fault_set (fault, SC_FAULT_TRUNCATE, ret, 0) : 0;
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
    return sc_fault_set (fault, SC_FAULT_JOURNAL, ret, 0);
  ret = sc_journal_writer_sync (&self->journal);
  return ret < 0 ? sc_fault_set (fault, SC_FAULT_SYNC_JOURNAL, ret, 0) : 0;
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
  if (config->publish_path == NULL && config->part == 0)
    header.compatible |= SC_JOURNAL_IN_PLACE;
  if (config->uuid != NULL)
    memcpy (header.uuid, config->uuid, sizeof (header.uuid));
  if (ret == 0)
    ret = sc_journal_writer_create (&self->journal, config->ops,
        config->journal_path, config->permissions, &header, buffer,
        SC_JOURNAL_BUFFER_DEFAULT);
  if (ret < 0)
    return sc_fault_set (fault, SC_FAULT_OPEN_JOURNAL, ret, 0);
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
    ret = sc_target_fail (self, fault, SC_FAULT_CLOSE, closed);
  if (self->fd >= 0) {
    if (sc_space_has_allocated (&self->space))
      give_room_back (ops, self->fd);
    closed = ops->close (ops, self->fd);
    self->fd = -1;
    if (closed < 0 && ret == 0)
      ret = sc_target_fail (self, fault, SC_FAULT_CLOSE, closed);
  }
  if (self->has_journal) {
    if (self->journal_room > 0 && self->journal.fd >= 0)
      give_room_back (ops, self->journal.fd);
    closed = sc_journal_writer_close (&self->journal);
    if (closed < 0 && ret == 0)
      ret = sc_target_fail (self, fault, SC_FAULT_CLOSE, closed);
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
  uint64_t needed = used + JOURNAL_AHEAD + self->space.config.reserve / 2;
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
  if (end < sc_target_end (self))
    end = sc_target_end (self);
  if (self->has_journal && self->space.allocates)
    make_journal_room (self, end);
  sc_space_make_room (&self->space, self->config.ops, self->fd, end);
}

/* The room for its end is part of what a target must have. */
static int
look_for_room (ScTarget * self, ScFault * fault)
{
  sc_space_init (&self->space, &self->config.space, self->config.ops, self->fd,
      sc_target_end (self));
  sc_target_make_room (self, sc_target_end (self));
  return self->space.limit <= sc_target_end (self)
      ? sc_target_fail (self, fault, SC_FAULT_SPACE, -ENOSPC) : 0;
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
  sc_target_count_journal (self);
  if (ret == 0)
    ret = look_for_room (self, fault);
  if (ret == 0 && config->sync) {
    ret = config->ops->sync_parent (config->ops, config->path);
    if (ret < 0)
      sc_fault_set (fault, SC_FAULT_SYNC_FOLDER, ret, 0);
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

/* The file must be as long as what was written: longer is cut (what a direct
 * write padded), shorter means that somebody else cut it. */
static int
settle_size (ScTarget * self, ScFault * fault)
{
  const ScFileOps *ops = self->config.ops;
  uint64_t end = sc_target_end (self);
  int64_t size = ops->size (ops, self->fd);
  int ret = 0;

  if (size < 0)
    return sc_fault_set (fault, SC_FAULT_SIZE, (int) size, end);
  if ((uint64_t) size < end)
    return sc_fault_set (fault, SC_FAULT_SIZE, -EIO, (uint64_t) size);
  if ((uint64_t) size > end)
    ret = ops->truncate (ops, self->fd, end);
  return ret < 0 ? sc_fault_set (fault, SC_FAULT_TRUNCATE, ret, end) : 0;
}

static int
close_journal_record (ScTarget * self, uint64_t running_time, ScFault * fault)
{
  int ret;

  pthread_mutex_lock (&self->journal_lock);
  ret = sc_journal_writer_close_record (&self->journal, running_time);
  if (ret < 0)
    sc_target_fail (self, fault, SC_FAULT_JOURNAL, ret);
  else
    ret = sc_target_flush_journal (self, fault);
  pthread_mutex_unlock (&self->journal_lock);
  return ret < 0 ? ret : sc_target_sync_journal (self, fault);
}

/* Whether the journal does, when the file is published. */
static bool
stays (const ScTarget * self)
{
  return self->config.keep_journal || self->has_gaps;
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
      return sc_target_fail (self, fault, SC_FAULT_PUBLISH, ret);
  }
  if (config->sync) {
    ret = ops->sync_parent (ops, config->path);
    if (ret < 0)
      return sc_target_fail (self, fault, SC_FAULT_SYNC_FOLDER, ret);
  }
  if (self->has_journal && !stays (self)) {
    ret = ops->unlink (ops, config->journal_path);
    if (ret == -ENOENT)
      ret = 0;
  }
  return ret < 0 ? sc_target_fail (self, fault, SC_FAULT_JOURNAL, ret) : 0;
}

int
sc_target_finish (ScTarget * self, uint64_t running_time, uint64_t * durable,
    ScFault * fault)
{
  int ret = settle_size (self, fault);

  *durable = 0;
  /* A journal that stays is there to check the file by: it needs its end. */
  if (self->has_journal && stays (self))
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
  return sc_target_end (self) == self->base_size
      && atomic_load_explicit (&self->overwrites, memory_order_relaxed) == 0;
}

int
sc_target_abandon (ScTarget * self, bool keep_empty, ScFault * fault)
{
  ScFault second;
  int ret = 0, closed;

  if (self->fd >= 0 && !keep_empty && is_untouched (self))
    remove_empty (self);
  /* Without a mark there is no promise, yet the journal may still vouch for
   * what a recovery finds. */
  if (self->has_journal && self->journal.fd >= 0 && self->journal.error == 0)
    ret = sc_target_flush_journal (self, fault);
  closed = close_files (self, ret == 0 ? fault : &second);
  pthread_mutex_destroy (&self->journal_sync_lock);
  pthread_mutex_destroy (&self->journal_lock);
  return ret != 0 ? ret : closed;
}
