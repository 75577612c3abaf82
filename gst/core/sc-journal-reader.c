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
  self->durable_offset = self->base = 0;
  self->part = 0;
  self->closed = false;
  self->gaps = 0;
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

/* Continues @crc over the record of @padded bytes at @start.  0 or -errno. */
static int
checksum (ScJournalReader * self, uint64_t start, uint64_t padded,
    uint32_t * crc)
{
  uint64_t at = start + 4, end = start + padded;

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

/* Looks for something like a record at @at, to find the chain again behind
 * damage.  1 with its crc and type, 0, or -errno. */
static int
looks_like_record (ScJournalReader * self, uint64_t at,
    ScJournalRecord * record, uint32_t * crc)
{
  static const uint8_t zero[4];
  const uint8_t *data;
  ssize_t got;

  if (self->size - at < SC_JOURNAL_RECORD_HEADER)
    return 0;
  got = look (self, at, SC_JOURNAL_RECORD_HEADER, &data);
  if (got < (ssize_t) SC_JOURNAL_RECORD_HEADER)
    return got < 0 ? (int) got : -EIO;
  *crc = sc_journal_record_get_crc (data);
  return sc_journal_record_decode_header (record, data) == 0
      && sc_journal_padded (record->length) <= self->size - at
      && record->type >= SC_JOURNAL_EXTENT
      && record->type <= SC_JOURNAL_TYPE_LAST
      && memcmp (data + 12, zero, 4) == 0 && record->sequence > self->records
      && record->sequence - self->records
      <= (at - self->position) / SC_JOURNAL_RECORD_HEADER;
}

/* Follows the chain from @at as long as it holds, and counts SYNC records.  The
 * first record's own crc cannot be checked, as the one before it is not known;
 * it is taken as the anchor.  Returns where the chain ends, @at for none. */
static int
follow_chain (ScJournalReader * self, uint64_t * at, unsigned *syncs,
    uint64_t * budget)
{
  ScJournalRecord record;
  uint64_t next = *at;
  uint32_t anchor, stored, crc;
  int ret = looks_like_record (self, next, &record, &anchor);

  while (ret == 1 && *syncs < 2) {
    next += sc_journal_padded (record.length);
    ret = looks_like_record (self, next, &record, &stored);
    if (ret < 1)
      break;
    crc = anchor;
    ret = checksum (self, next, sc_journal_padded (record.length), &crc);
    *budget -= *budget < record.length ? *budget : record.length;
    if (ret < 0 || crc != stored)
      break;
    *syncs += record.type == SC_JOURNAL_SYNC;
    anchor = stored;
    *at = next;
    ret = *budget > 0;
  }
  return ret < 0 ? ret : 0;
}

/* Whether the bad record at the position was synced once: two good SYNC records
 * behind it show it, as the second is only written after the first one's sync.
 * Without them it may have been torn.  1, 0 or -errno. */
static int
was_synced (ScJournalReader * self)
{
  uint64_t budget = 4 * (self->size - self->position) + (16u << 20);
  unsigned syncs = 0;

  for (uint64_t at = self->position; at < self->size; at += 8) {
    int ret = follow_chain (self, &at, &syncs, &budget);

    if (ret < 0)
      return ret;
    if (syncs >= 2 || budget == 0)      /* 0: made to waste our time */
      return 1;
  }
  return 0;
}

/* Stops at a bad record that ends, or would end, at @end.  One that would end
 * behind the file is torn, unless it is its length that is damaged. */
static int
stop_at_damage (ScJournalReader * self, uint64_t end)
{
  bool beyond = end >= self->size;
  int ret = beyond ? 0 : only_zeros (self, end);

  if (ret < 0)
    return ret;
  self->stop = SC_JOURNAL_TORN;
  if (ret == 1)
    return 0;
  ret = was_synced (self);
  if (ret < 0)
    return ret;
  if (ret > 0)
    self->stop = SC_JOURNAL_CORRUPT;
  else if (!beyond)
    self->stop = SC_JOURNAL_RAGGED;
  return 0;
}

/* Whether the record keeps the rules, given those before it; if so its effect
 * on the state is taken over. */
static bool
follow (ScJournalReader * self, const ScJournalRecord * record)
{
  if (self->closed && (record->type == SC_JOURNAL_EXTENT
          || record->type == SC_JOURNAL_SYNC
          || record->type == SC_JOURNAL_CLOSE
          || record->type == SC_JOURNAL_REDO
          || record->type == SC_JOURNAL_GAP))
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
      self->high_water = self->durable_offset = self->base = self->gaps = 0;
      memset (&self->totals, 0, sizeof (self->totals));
      return true;
    case SC_JOURNAL_SWITCH:
      self->part = record->part_switch.part;
      self->base = record->part_switch.base;
      return record->sequence == 0;
    case SC_JOURNAL_REDO:
      return record->redo.offset < self->base && record->redo.size
          <= self->base + self->high_water - record->redo.offset;
    case SC_JOURNAL_GAP:
      if (record->gap.offset < self->high_water)
        return false;
      self->high_water = record->gap.offset + record->gap.size;
      self->gaps++;
      return true;
    default:
      return true;
  }
}

/* Takes on a record whose checksum is right, if its contents are too.  1, 0 at
 * the stop, or -errno. */
static int
accept_record (ScJournalReader * self, ScJournalRecord * record,
    uint64_t padded, uint32_t crc)
{
  const uint8_t *data;
  ssize_t got = look (self, self->position,
      padded < SC_JOURNAL_FIXED_MAX ? padded : SC_JOURNAL_FIXED_MAX, &data);
  int ret;

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
  crc = self->chain;
  ret = checksum (self, self->position, padded, &crc);
  if (ret < 0)
    return ret;
  if (crc != stored || record->sequence != self->records)
    return stop_at_damage (self, self->position + padded);
  return accept_record (self, record, padded, crc);
}

uint64_t
sc_journal_reader_data_at (const ScJournalReader * self,
    const ScJournalRecord * record)
{
  return self->position - sc_journal_padded (record->length)
      + SC_JOURNAL_RECORD_HEADER + (record->type == SC_JOURNAL_REDO
      ? SC_JOURNAL_REDO_HEADER : SC_JOURNAL_OVERWRITE_HEADER);
}

void
sc_journal_reader_close (ScJournalReader * self)
{
  if (self->fd >= 0)
    self->ops->close (self->ops, self->fd);
  self->fd = -1;
}
