/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-journal-reader.h"

#include "sc-crc32c.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

/* Points @data at the bytes from @at on: at least 1, at most @wanted.  The
 * caller keeps @at below the size.  -EIO where the file has shrunk. */
static ssize_t
look (ScJournalReader * self, uint64_t at, size_t wanted, const uint8_t ** data)
{
  uint64_t left;
  ssize_t ret;

  if (at < self->window_at || at - self->window_at >= self->window_size
      || wanted > self->window_size - (at - self->window_at)) {
    left = self->size - at;
    self->window_size = 0;
    ret = sc_file_read_all (self->ops, self->fd, self->window,
        left < SC_JOURNAL_WINDOW ? (size_t) left : SC_JOURNAL_WINDOW, at);
    if (ret <= 0)
      return ret < 0 ? ret : -EIO;
    self->window_at = at;
    self->window_size = (size_t) ret;
  }
  *data = self->window + (at - self->window_at);
  left = self->window_size - (at - self->window_at);
  return (ssize_t) (left < wanted ? left : wanted);
}

int
sc_journal_reader_rewind (ScJournalReader * self)
{
  const uint8_t *data;
  ssize_t ret = -EBADMSG;

  self->stop = SC_JOURNAL_GOING;
  self->position = self->records = 0;
  self->window_at = self->window_size = 0;
  self->durable_offset = 0;
  self->closed = false;
  memset (&self->totals, 0, sizeof (self->totals));
  if (self->size > 0)
    ret = look (self, 0, SC_JOURNAL_HEADER_MAX, &data);
  if (ret > 0)
    ret = sc_journal_header_decode (&self->header, data, (size_t) ret,
        &self->chain);
  if (ret < 0)
    return (int) ret;
  self->position = (uint64_t) ret;
  self->high_water = self->header.base_size;
  return 0;
}

int
sc_journal_reader_open (ScJournalReader * self, const ScFileOps * ops,
    const char *path)
{
  int fd = ops->open (ops, path, O_RDONLY | O_NONBLOCK, 0), ret;
  int64_t size;

  self->fd = -1;
  if (fd < 0)
    return fd;
  self->ops = ops;
  self->fd = fd;
  size = ops->size (ops, fd);
  self->size = size > 0 ? (uint64_t) size : 0;
  ret = size < 0 ? (int) size : sc_journal_reader_rewind (self);
  if (ret < 0)
    sc_journal_reader_close (self);
  return ret;
}

/* Whether only zeros follow from @at on, as a file system leaves them where it
 * had room reserved but no data written.  1, 0 or -errno. */
static int
only_zeros (ScJournalReader * self, uint64_t at)
{
  while (at < self->size) {
    const uint8_t *data;
    ssize_t ret = look (self, at, SC_JOURNAL_WINDOW, &data);

    if (ret < 0)
      return (int) ret;
    for (ssize_t i = 0; i < ret; i++)
      if (data[i] != 0)
        return 0;
    at += (uint64_t) ret;
  }
  return 1;
}

/* Stops at a bad record that ends, or would end, at @end. */
static int
stop_at_damage (ScJournalReader * self, uint64_t end)
{
  int zeros = end >= self->size ? 1 : only_zeros (self, end);

  if (zeros < 0)
    return zeros;
  self->stop = zeros ? SC_JOURNAL_TORN : SC_JOURNAL_CORRUPT;
  return 0;
}

/* The chain's crc over a record of @padded bytes.  0 or -errno. */
static int
checksum (ScJournalReader * self, uint64_t padded, uint32_t * crc)
{
  uint64_t at = self->position + 4, end = self->position + padded;

  *crc = self->chain;
  while (at < end) {
    const uint8_t *data;
    size_t wanted = end - at < SC_JOURNAL_WINDOW ? (size_t) (end - at)
        : SC_JOURNAL_WINDOW;
    ssize_t ret = look (self, at, wanted, &data);

    if (ret < 0)
      return (int) ret;
    *crc = sc_crc32c (*crc, data, (size_t) ret);
    at += (uint64_t) ret;
  }
  return 0;
}

/* Whether the record keeps the rules, given those before it; if so its effect
 * on the state is taken over. */
static bool
follow (ScJournalReader * self, const ScJournalRecord * record)
{
  if (self->closed && record->type >= SC_JOURNAL_EXTENT
      && record->type <= SC_JOURNAL_CLOSE)
    return false;
  switch (record->type) {
    case SC_JOURNAL_EXTENT:
      if (record->extent.offset < self->high_water)
        return false;
      self->high_water = record->extent.offset + record->extent.size;
      self->totals.appended_bytes += record->extent.size;
      self->totals.extents++;
      return true;
    case SC_JOURNAL_OVERWRITE:
      if (record->overwrite.offset > self->high_water
          || record->overwrite.size
          > self->high_water - record->overwrite.offset)
        return false;
      self->totals.overwritten_bytes += record->overwrite.size;
      self->totals.overwrites++;
      return true;
    case SC_JOURNAL_SYNC:
      if (record->sync.durable_offset < self->durable_offset
          || record->sync.durable_offset > self->high_water)
        return false;
      self->durable_offset = record->sync.durable_offset;
      self->totals.syncs++;
      return true;
    case SC_JOURNAL_CLOSE:
      self->closed = record->close.final_size == self->high_water;
      return self->closed;
    case SC_JOURNAL_RESTART:
      self->closed = false;
      self->high_water = self->durable_offset = 0;
      memset (&self->totals, 0, sizeof (self->totals));
      return true;
    default:
      return true;
  }
}

int
sc_journal_reader_next (ScJournalReader * self, ScJournalRecord * record)
{
  const uint8_t *data;
  uint64_t left = self->size - self->position, padded;
  uint32_t crc, stored;
  ssize_t got;
  int ret;

  if (self->stop != SC_JOURNAL_GOING)
    return 0;
  if (left < SC_JOURNAL_RECORD_HEADER) {
    self->stop = left == 0 ? SC_JOURNAL_END : SC_JOURNAL_TORN;
    return 0;
  }
  got = look (self, self->position, SC_JOURNAL_RECORD_HEADER, &data);
  if (got < (ssize_t) SC_JOURNAL_RECORD_HEADER)
    return got < 0 ? (int) got : -EIO;
  if (sc_journal_record_decode_header (record, data) < 0)
    return stop_at_damage (self, self->position);
  stored = sc_journal_record_get_crc (data);
  padded = sc_journal_padded (record->length);
  if (padded > left)
    return stop_at_damage (self, self->position + padded);
  ret = checksum (self, padded, &crc);
  if (ret < 0)
    return ret;
  if (crc != stored || record->sequence != self->records)
    return stop_at_damage (self, self->position + padded);
  got = look (self, self->position,
      padded < SC_JOURNAL_FIXED_MAX ? padded : SC_JOURNAL_FIXED_MAX, &data);
  if (got < (ssize_t) SC_JOURNAL_RECORD_HEADER)
    return got < 0 ? (int) got : -EIO;
  ret = sc_journal_record_decode_body (record, data + SC_JOURNAL_RECORD_HEADER,
      (size_t) got - SC_JOURNAL_RECORD_HEADER);
  if (ret < 0 || !follow (self, record)) {
    self->stop = ret == -ENOTSUP ? SC_JOURNAL_UNKNOWN : SC_JOURNAL_CORRUPT;
    return 0;
  }
  self->position += padded;
  self->records++;
  self->chain = crc;
  return 1;
}

uint64_t
sc_journal_reader_data_at (const ScJournalReader * self,
    const ScJournalRecord * record)
{
  return self->position - sc_journal_padded (record->length)
      + SC_JOURNAL_RECORD_HEADER + SC_JOURNAL_OVERWRITE_HEADER;
}

void
sc_journal_reader_close (ScJournalReader * self)
{
  if (self->fd >= 0)
    self->ops->close (self->ops, self->fd);
  self->fd = -1;
}
