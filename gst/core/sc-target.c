/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is written to a target, logged and synced. */
#include "sc-target-private.h"

#include "sc-clock.h"
#include "sc-crc32c.h"

#include <errno.h>
#include <string.h>
#include <time.h>

/* Between two tries of a refused write, ns. */
#define RETRY_PAUSE 10000000

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

void
sc_target_count_journal (ScTarget * self)
{
  atomic_store_explicit (&self->journal_bytes,
      self->journal.offset + self->journal.used, memory_order_relaxed);
}

int
sc_target_flush_journal (ScTarget * self, ScFault * fault)
{
  int ret = journal_pending (self);

  if (ret == 0)
    ret = sc_journal_writer_flush (&self->journal);
  sc_target_count_journal (self);
  return ret < 0 ? sc_target_fail (self, fault, SC_FAULT_JOURNAL, ret) : 0;
}

/* Both threads sync the journal.  A lost write-back is reported to only one of
 * them; the other must not take its own 0 for the truth, hence the outer lock
 * and the look at the error kept. */
int
sc_target_sync_journal (ScTarget * self, ScFault * fault)
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
  return ret < 0 ? sc_target_fail (self, fault, SC_FAULT_SYNC_JOURNAL, ret) : 0;
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
    return sc_fault_set (fault, SC_FAULT_WRITE, ret, offset);

  pthread_mutex_lock (&self->journal_lock);
  /* Under the lock together with the extent: a sync that reads the new end also
   * finds the extents below it. */
  atomic_store_explicit (&self->high_water, offset + size,
      memory_order_relaxed);
  /* With a journal that failed to sync the data are saved all the same. */
  if (self->has_journal && self->journal.error == 0) {
    ret = note_extent (self, offset, size, crc);
    if (ret < 0)
      sc_fault_set (fault, SC_FAULT_JOURNAL, ret, offset);
    else if (self->pending.size >= SC_TARGET_EXTENT_MAX
        || sc_clock_now () - self->pending_since >= SC_TARGET_EXTENT_AGE)
      ret = sc_target_flush_journal (self, fault);
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
    return sc_fault_set (fault, SC_FAULT_READ_BACK, (int) ret, offset);
  pthread_mutex_lock (&self->journal_lock);
  ret = journal_pending (self);
  if (ret == 0)
    ret = sc_journal_writer_overwrite (&self->journal, offset, old, bytes,
        size);
  sc_target_count_journal (self);
  pthread_mutex_unlock (&self->journal_lock);
  return ret < 0 ? sc_fault_set (fault, SC_FAULT_JOURNAL, (int) ret, offset)
      : 0;
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
      ret = sc_target_sync_journal (self, fault);
    if (ret < 0)
      return ret;
  }
  ret = write_payload (self, &none, iov, iov_count, offset);
  if (ret < 0)
    return sc_fault_set (fault, SC_FAULT_WRITE, ret, offset);
  atomic_fetch_add_explicit (&self->overwrites, 1, memory_order_relaxed);
  atomic_fetch_add_explicit (&self->overwritten_bytes, size,
      memory_order_relaxed);
  return 0;
}

/* With journal_lock. */
static int
log_gap (ScTarget * self, const ScGap * gap)
{
  const ScJournalGap logged = {
    .offset = gap->offset,.size = gap->size,.buffers = gap->buffers,
    .first_ns = gap->first,.last_ns = gap->last
  };
  int ret = journal_pending (self);

  if (ret == 0)
    ret = sc_journal_writer_gap (&self->journal, &logged);
  self->has_gaps |= ret == 0;
  sc_target_count_journal (self);
  return ret;
}

int
sc_target_leave_out (ScTarget * self, const ScGap * gap, ScFault * fault)
{
  uint64_t end = gap->offset + gap->size;
  int ret = self->config.ops->truncate (self->config.ops, self->fd, end);

  if (ret < 0)
    return sc_fault_set (fault, SC_FAULT_TRUNCATE, ret, gap->offset);
  pthread_mutex_lock (&self->journal_lock);
  /* As in append. */
  atomic_store_explicit (&self->high_water, end, memory_order_relaxed);
  if (self->has_journal && self->journal.error == 0)
    ret = log_gap (self, gap);
  pthread_mutex_unlock (&self->journal_lock);
  return ret < 0 ? sc_fault_set (fault, SC_FAULT_JOURNAL, ret, gap->offset) : 0;
}

int
sc_target_redo (ScTarget * self, const struct iovec *iov, int iov_count,
    uint64_t offset, ScFault * fault)
{
  uint8_t *bytes = self->config.memory;
  size_t done = 0, size;
  int ret;

  pthread_mutex_lock (&self->journal_lock);
  ret = journal_pending (self); /* some of it may be written over */
  while (ret == 0 && offset < self->journal.base && (size = gather (&iov,
              &iov_count, &done, bytes, SC_JOURNAL_OVERWRITE_MAX)) > 0) {
    ret = sc_journal_writer_redo (&self->journal, offset, bytes, size);
    offset += size;
  }
  sc_target_count_journal (self);
  pthread_mutex_unlock (&self->journal_lock);
  return ret < 0 ? sc_fault_set (fault, SC_FAULT_JOURNAL, ret, offset) : 0;
}

int
sc_target_sync (ScTarget * self, uint64_t running_time, uint64_t * durable,
    ScFault * fault)
{
  uint64_t end;
  int ret, logged;

  *durable = 0;
  pthread_mutex_lock (&self->journal_lock);
  end = sc_target_end (self);
  /* No extent straddles a mark: what follows it may be lost, and would take the
   * whole extent with it. */
  logged = self->has_journal && self->journal.error == 0
      ? journal_pending (self) : 0;
  pthread_mutex_unlock (&self->journal_lock);
  /* Whatever was written before `end` was read is covered by this sync. */
  ret = self->config.ops->datasync (self->config.ops, self->fd);
  if (ret < 0)
    return sc_fault_set (fault, SC_FAULT_SYNC, ret, end);
  if (logged < 0)
    return sc_fault_set (fault, SC_FAULT_JOURNAL, logged, end);
  if (!self->config.sync)
    return 0;
  if (self->has_journal) {
    pthread_mutex_lock (&self->journal_lock);
    ret = journal_pending (self);
    if (ret == 0)
      ret = sc_journal_writer_mark (&self->journal, end, running_time);
    if (ret < 0)
      sc_fault_set (fault, SC_FAULT_JOURNAL, ret, end);
    else
      ret = sc_target_flush_journal (self, fault);
    pthread_mutex_unlock (&self->journal_lock);
    if (ret == 0)
      ret = sc_target_sync_journal (self, fault);
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
      sc_fault_set (fault, SC_FAULT_JOURNAL, ret, 0);
    else
      ret = sc_target_flush_journal (self, fault);
    pthread_mutex_unlock (&self->journal_lock);
    if (ret == 0 && self->config.sync)
      ret = sc_target_sync_journal (self, fault);
    if (ret < 0)
      return ret;
  }
  ret = self->config.ops->truncate (self->config.ops, self->fd, 0);
  if (ret < 0)
    return sc_fault_set (fault, SC_FAULT_TRUNCATE, ret, 0);
  atomic_store_explicit (&self->high_water, 0, memory_order_relaxed);
  self->base_size = 0;
  self->has_gaps = false;
  sc_space_reset (&self->space);
  return 0;
}
