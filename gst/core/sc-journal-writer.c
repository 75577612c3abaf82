/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-journal-writer.h"

#include "sc-crc32c.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>

_Static_assert (SC_JOURNAL_BUFFER_MIN >= SC_JOURNAL_HEADER_MAX,
    "the smallest buffer holds the file's header");
_Static_assert (SC_JOURNAL_BUFFER_MIN >= SC_JOURNAL_FIXED_MAX,
    "the smallest buffer holds any fixed record");

static int64_t
now_ns (clockid_t clock)
{
  struct timespec t = { 0 };

  clock_gettime (clock, &t);    /* cannot fail for the two clocks used here */
  return (int64_t) t.tv_sec * 1000000000 + t.tv_nsec;
}

int
sc_journal_writer_create (ScJournalWriter * self, const ScFileOps * ops,
    const char *path, mode_t mode, const ScJournalHeader * header,
    uint8_t * buffer, size_t buffer_size)
{
  uint8_t encoded[SC_JOURNAL_HEADER_MAX];
  int ret;

  memset (self, 0, sizeof (*self));
  self->fd = -1;
  if (buffer_size < SC_JOURNAL_BUFFER_MIN)
    return -EINVAL;
  self->ops = ops;
  self->buffer = buffer;
  self->buffer_size = buffer_size;
  self->high_water = header->base_size;
  self->used = sc_journal_header_encode (header, encoded, &self->chain);
  memcpy (buffer, encoded, self->used);
  self->fd = ops->open (ops, path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW,
      mode);
  if (self->fd < 0) {
    ret = self->fd;
    self->fd = -1;
    return ret;
  }
  ret = sc_journal_writer_flush (self);
  if (ret < 0) {
    ops->close (ops, self->fd);
    ops->unlink (ops, path);
    self->fd = -1;
  }
  return ret;
}

int
sc_journal_writer_resume (ScJournalWriter * self, const ScFileOps * ops,
    const char *path, const ScJournalReader * reader, uint8_t * buffer,
    size_t buffer_size)
{
  int ret;

  memset (self, 0, sizeof (*self));
  self->fd = -1;
  if (buffer_size < SC_JOURNAL_BUFFER_MIN
      || reader->stop == SC_JOURNAL_GOING || reader->stop > SC_JOURNAL_RAGGED)
    return -EINVAL;
  self->ops = ops;
  self->buffer = buffer;
  self->buffer_size = buffer_size;
  self->offset = reader->position;
  self->sequence = reader->records;
  self->chain = reader->chain;
  self->closed = reader->closed;
  self->high_water = reader->high_water;
  self->durable_offset = reader->durable_offset;
  self->base = reader->base;
  self->totals = reader->totals;
  ret = ops->open (ops, path, O_WRONLY | O_NOFOLLOW, 0);
  if (ret < 0)
    return ret;
  self->fd = ret;
  ret = ops->truncate (ops, self->fd, self->offset);
  if (ret < 0) {
    ops->close (ops, self->fd);
    self->fd = -1;
  }
  return ret;
}

static int
check_open (const ScJournalWriter * self)
{
  if (self->error != 0)
    return self->error;
  return self->fd < 0 ? -EBADF : 0;
}

/* Encodes @record at the buffer's end, flushing it first where it is too full.
 * Nothing is taken on until commit(). */
static int
prepare (ScJournalWriter * self, ScJournalRecord * record, uint8_t ** at,
    size_t *size)
{
  uint8_t encoded[SC_JOURNAL_FIXED_MAX];
  int ret;

  record->sequence = self->sequence;
  *size = sc_journal_record_encode (record, encoded);
  if (self->buffer_size - self->used < *size) {
    ret = sc_journal_writer_flush (self);
    if (ret < 0)
      return ret;
  }
  *at = self->buffer + self->used;
  memcpy (*at, encoded, *size);
  return 0;
}

static void
commit (ScJournalWriter * self, uint32_t crc)
{
  self->chain = crc;
  self->sequence++;
}

/* Appends a record without data behind its fixed part. */
static int
append (ScJournalWriter * self, ScJournalRecord * record)
{
  uint8_t *at;
  size_t size;
  uint32_t crc;
  int ret = prepare (self, record, &at, &size);

  if (ret < 0)
    return ret;
  crc = sc_crc32c (self->chain, at + 4, size - 4);
  sc_journal_record_put_crc (at, crc);
  self->used += size;
  commit (self, crc);
  return 0;
}

int
sc_journal_writer_extent (ScJournalWriter * self, uint64_t offset,
    uint64_t size, uint32_t crc)
{
  ScJournalRecord record = {.type = SC_JOURNAL_EXTENT };
  int ret = check_open (self);

  if (ret < 0)
    return ret;
  if (self->closed || size == 0 || offset < self->high_water
      || offset > INT64_MAX || size > INT64_MAX - offset)
    return -EINVAL;
  record.extent = (ScJournalExtent) {.offset = offset,.size = size,.crc = crc };
  ret = append (self, &record);
  if (ret < 0)
    return ret;
  self->high_water = offset + size;
  self->totals.appended_bytes += size;
  self->totals.extents++;
  return 0;
}

/* A record with data behind its fixed part, written out together with what is
 * buffered.  @data: @count parts of @size bytes each, at most 2 */
static int
append_with_data (ScJournalWriter * self, ScJournalRecord * record,
    const uint8_t * const *data, int count, uint32_t size)
{
  static const uint8_t zeros[8];
  struct iovec iov[4];
  uint8_t *at;
  size_t fixed, padding;
  uint32_t crc;
  int ret = prepare (self, record, &at, &fixed);

  if (ret < 0)
    return ret;
  padding = sc_journal_padded (record->length) - record->length;
  crc = sc_crc32c (self->chain, at + 4, fixed - 4);
  iov[0] = (struct iovec) { self->buffer, self->used + fixed };
  for (int i = 0; i < count; i++) {
    crc = sc_crc32c (crc, data[i], size);
    iov[i + 1] = (struct iovec) { (void *) data[i], size };
  }
  crc = sc_crc32c (crc, zeros, padding);
  iov[count + 1] = (struct iovec) { (void *) zeros, padding };
  sc_journal_record_put_crc (at, crc);
  ret = sc_file_write_all (self->ops, self->fd, iov, count + 2, self->offset);
  if (ret < 0)
    return ret;
  self->offset += self->used + record->length + padding;
  self->used = 0;
  commit (self, crc);
  return 0;
}

static int
overwrite_piece (ScJournalWriter * self, uint64_t offset,
    const uint8_t * old_bytes, const uint8_t * new_bytes, uint32_t size)
{
  const uint8_t *const data[2] = { old_bytes, new_bytes };
  ScJournalRecord record = {.type = SC_JOURNAL_OVERWRITE };

  record.overwrite = (ScJournalOverwrite) {
    .offset = offset,.size = size,
    .old_crc = sc_crc32c (0, old_bytes, size),
    .new_crc = sc_crc32c (0, new_bytes, size)
  };
  return append_with_data (self, &record, data, 2, size);
}

int
sc_journal_writer_overwrite (ScJournalWriter * self, uint64_t offset,
    const void *old_bytes, const void *new_bytes, size_t size)
{
  int ret = check_open (self);

  if (ret < 0)
    return ret;
  if (size == 0 || offset > self->high_water
      || size > self->high_water - offset)
    return -EINVAL;
  for (size_t done = 0, step; done < size; done += step) {
    step = size - done < SC_JOURNAL_OVERWRITE_MAX ? size - done
        : SC_JOURNAL_OVERWRITE_MAX;
    ret = overwrite_piece (self, offset + done,
        (const uint8_t *) old_bytes + done, (const uint8_t *) new_bytes + done,
        (uint32_t) step);
    if (ret < 0)
      return ret;
    self->totals.overwritten_bytes += step;
    self->totals.overwrites++;
  }
  return 0;
}

int
sc_journal_writer_switch (ScJournalWriter * self,
    const ScJournalSwitch * part_switch)
{
  ScJournalRecord record = {.type = SC_JOURNAL_SWITCH,
    .flags = SC_JOURNAL_RECORD_INCOMPATIBLE
  };
  int ret = check_open (self);

  if (ret < 0)
    return ret;
  if (self->sequence != 0 || part_switch->part == 0)
    return -EINVAL;
  record.part_switch = *part_switch;
  record.part_switch.wall_ns = now_ns (CLOCK_REALTIME);
  ret = append (self, &record);
  if (ret == 0)
    self->base = part_switch->base;
  return ret;
}

int
sc_journal_writer_redo (ScJournalWriter * self, uint64_t offset,
    const void *bytes, size_t size)
{
  int ret = check_open (self);

  if (ret < 0)
    return ret;
  if (self->closed || size == 0 || offset >= self->base
      || size > self->base + self->high_water - offset)
    return -EINVAL;
  for (size_t done = 0, step; ret == 0 && done < size
      && offset + done < self->base; done += step) {
    const uint8_t *piece = (const uint8_t *) bytes + done;
    ScJournalRecord record = {.type = SC_JOURNAL_REDO,
      .flags = SC_JOURNAL_RECORD_INCOMPATIBLE
    };

    step = size - done < SC_JOURNAL_OVERWRITE_MAX ? size - done
        : SC_JOURNAL_OVERWRITE_MAX;
    record.redo = (ScJournalRedo) {
      .offset = offset + done,.size = (uint32_t) step,
      .crc = sc_crc32c (0, piece, step)
    };
    ret = append_with_data (self, &record, &piece, 1, (uint32_t) step);
  }
  return ret;
}

int
sc_journal_writer_gap (ScJournalWriter * self, const ScJournalGap * gap)
{
  ScJournalRecord record = {.type = SC_JOURNAL_GAP,
    .flags = SC_JOURNAL_RECORD_INCOMPATIBLE
  };
  int ret = check_open (self);

  if (ret < 0)
    return ret;
  if (self->closed || gap->size == 0 || gap->offset < self->high_water
      || gap->offset > INT64_MAX || gap->size > INT64_MAX - gap->offset)
    return -EINVAL;
  record.gap = *gap;
  record.gap.wall_ns = now_ns (CLOCK_REALTIME);
  ret = append (self, &record);
  if (ret == 0)
    self->high_water = gap->offset + gap->size;
  return ret;
}

int
sc_journal_writer_mark (ScJournalWriter * self, uint64_t durable_offset,
    uint64_t running_time_ns)
{
  ScJournalRecord record = {.type = SC_JOURNAL_SYNC };
  int ret = check_open (self);

  if (ret < 0)
    return ret;
  if (self->closed || durable_offset < self->durable_offset
      || durable_offset > self->high_water)
    return -EINVAL;
  record.sync = (ScJournalSync) {
    .durable_offset = durable_offset,
    .monotonic_ns = now_ns (CLOCK_MONOTONIC),
    .wall_ns = now_ns (CLOCK_REALTIME),
    .running_time_ns = running_time_ns
  };
  ret = append (self, &record);
  if (ret < 0)
    return ret;
  self->durable_offset = durable_offset;
  self->totals.syncs++;
  return 0;
}

int
sc_journal_writer_close_record (ScJournalWriter * self,
    uint64_t running_time_ns)
{
  ScJournalRecord record = {.type = SC_JOURNAL_CLOSE };
  int ret = check_open (self);

  if (ret < 0)
    return ret;
  if (self->closed || self->durable_offset != self->high_water)
    return -EINVAL;
  record.close = self->totals;
  record.close.final_size = self->high_water;
  record.close.wall_ns = now_ns (CLOCK_REALTIME);
  record.close.running_time_ns = running_time_ns;
  ret = append (self, &record);
  if (ret == 0)
    self->closed = true;
  return ret;
}

int
sc_journal_writer_restart (ScJournalWriter * self)
{
  ScJournalRecord record = {.type = SC_JOURNAL_RESTART,
    .flags = SC_JOURNAL_RECORD_INCOMPATIBLE
  };
  int ret = check_open (self);

  if (ret < 0)
    return ret;
  record.restart.wall_ns = now_ns (CLOCK_REALTIME);
  ret = append (self, &record);
  if (ret < 0)
    return ret;
  self->closed = false;
  self->high_water = self->durable_offset = self->base = 0;
  memset (&self->totals, 0, sizeof (self->totals));
  return 0;
}

int
sc_journal_writer_flush (ScJournalWriter * self)
{
  struct iovec iov = { self->buffer, self->used };
  int ret = check_open (self);

  if (ret < 0)
    return ret;
  ret = sc_file_write_all (self->ops, self->fd, &iov, 1, self->offset);
  if (ret < 0)
    return ret;
  self->offset += self->used;
  self->used = 0;
  return 0;
}

int
sc_journal_writer_datasync (const ScJournalWriter * self)
{
  return self->ops->datasync (self->ops, self->fd);
}

void
sc_journal_writer_fail (ScJournalWriter * self, int error)
{
  if (self->error == 0)
    self->error = error;
}

int
sc_journal_writer_sync (ScJournalWriter * self)
{
  int ret = sc_journal_writer_flush (self);

  if (ret < 0)
    return ret;
  ret = sc_journal_writer_datasync (self);
  sc_journal_writer_fail (self, ret);
  return ret;
}

int
sc_journal_writer_close (ScJournalWriter * self)
{
  int ret, closed;

  if (self->fd < 0)
    return self->error;
  ret = sc_journal_writer_flush (self);
  closed = self->ops->close (self->ops, self->fd);
  self->fd = -1;
  return ret != 0 ? ret : closed;
}
