/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-payload-view.h"

#include "sc-journal-format.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int
sc_payload_view_init (ScPayloadView * self, const ScFileOps * ops,
    int payload_fd, uint64_t payload_size, int journal_fd,
    size_t max_index_bytes)
{
  size_t max = max_index_bytes
      / (sizeof (ScPayloadOverwrite) + sizeof (ScPayloadOverwrite *));

  memset (self, 0, sizeof (*self));
  self->ops = ops;
  self->payload_fd = payload_fd;
  self->payload_size = payload_size;
  self->journal_fd = journal_fd;
  self->max = max < UINT32_MAX / 2 ? (uint32_t) max : UINT32_MAX / 2;
  self->window = malloc (SC_PAYLOAD_WINDOW);
  self->scratch = malloc (SC_JOURNAL_OVERWRITE_MAX);
  return self->window == NULL || self->scratch == NULL ? -ENOMEM : 0;
}

int
sc_payload_view_add (ScPayloadView * self, uint64_t offset, uint32_t size,
    uint64_t data_at)
{
  if (self->count == self->max)
    return -E2BIG;
  if (self->count == self->capacity) {
    uint32_t capacity = self->capacity == 0 ? 64 : 2 * self->capacity;
    ScPayloadOverwrite *grown;

    if (capacity > self->max)
      capacity = self->max;
    grown = realloc (self->overwrites, capacity * sizeof (*grown));
    if (grown == NULL)
      return -ENOMEM;
    self->overwrites = grown;
    self->capacity = capacity;
  }
  self->overwrites[self->count] = (ScPayloadOverwrite) {
    .offset = offset,.size = size,.data_at = data_at,.order = self->count
  };
  self->count++;
  return 0;
}

void
sc_payload_view_forget (ScPayloadView * self)
{
  self->count = 0;
}

static int
by_offset (const void *a, const void *b)
{
  const ScPayloadOverwrite *x = a, *y = b;

  return (x->offset > y->offset) - (x->offset < y->offset);
}

static int
newest_first (const void *a, const void *b)
{
  const ScPayloadOverwrite *x = *(const ScPayloadOverwrite * const *) a;
  const ScPayloadOverwrite *y = *(const ScPayloadOverwrite * const *) b;

  return (x->order < y->order) - (x->order > y->order);
}

int
sc_payload_view_seal (ScPayloadView * self)
{
  if (self->count == 0)
    return 0;
  qsort (self->overwrites, self->count, sizeof (self->overwrites[0]),
      by_offset);
  self->hits = malloc (self->count * sizeof (self->hits[0]));
  return self->hits == NULL ? -ENOMEM : 0;
}

/* The first overwrite at or behind @offset. */
static uint32_t
find (const ScPayloadView * self, uint64_t offset)
{
  uint32_t low = 0, high = self->count;

  while (low < high) {
    uint32_t middle = low + (high - low) / 2;

    if (self->overwrites[middle].offset < offset)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

/* Reads @size bytes of the journal.  0 or -errno. */
static int
read_journal (ScPayloadView * self, void *data, size_t size, uint64_t at)
{
  ssize_t got = sc_file_read_all (self->ops, self->journal_fd, data, size, at);

  if (got < 0)
    return (int) got;
  return (size_t) got == size ? 0 : -EIO;
}

/* Takes the part of one overwrite that lies in the window back. */
static int
undo (ScPayloadView * self, const ScPayloadOverwrite * overwrite)
{
  uint64_t end = overwrite->offset + overwrite->size;
  uint64_t window_end = self->window_at + self->window_size;
  uint64_t from = overwrite->offset > self->window_at ? overwrite->offset
      : self->window_at;
  size_t size = (size_t) ((end < window_end ? end : window_end) - from);
  uint64_t skipped = from - overwrite->offset;
  uint8_t *present = self->window + (from - self->window_at);
  int ret = read_journal (self, self->scratch, size,
      overwrite->data_at + overwrite->size + skipped);

  if (ret < 0)
    return ret;
  for (size_t i = 0; i < size; i++)
    self->redo_bytes += present[i] != self->scratch[i];
  return read_journal (self, present, size, overwrite->data_at + skipped);
}

static int
undo_all (ScPayloadView * self)
{
  uint64_t end = self->window_at + self->window_size;
  uint64_t first = self->window_at > SC_JOURNAL_OVERWRITE_MAX
      ? self->window_at - SC_JOURNAL_OVERWRITE_MAX : 0;
  uint32_t count = 0;

  for (uint32_t i = find (self, first); i < self->count
      && self->overwrites[i].offset < end; i++)
    if (self->overwrites[i].offset + self->overwrites[i].size
        > self->window_at)
      self->hits[count++] = &self->overwrites[i];
  if (count > 1)
    qsort (self->hits, count, sizeof (self->hits[0]), newest_first);
  for (uint32_t i = 0; i < count; i++) {
    int ret = undo (self, self->hits[i]);

    if (ret < 0)
      return ret;
  }
  return 0;
}

ssize_t
sc_payload_view_read (ScPayloadView * self, uint64_t at, uint64_t end,
    const uint8_t ** data)
{
  uint64_t left;

  if (at < self->window_at || at - self->window_at >= self->window_size) {
    uint64_t size = self->payload_size - at;
    ssize_t got = sc_file_read_all (self->ops, self->payload_fd, self->window,
        size < SC_PAYLOAD_WINDOW ? (size_t) size : SC_PAYLOAD_WINDOW, at);
    int ret;

    self->window_size = 0;
    if (got <= 0)
      return got < 0 ? got : -EIO;
    self->window_at = at;
    self->window_size = (size_t) got;
    ret = undo_all (self);
    if (ret < 0) {
      self->window_size = 0;
      return ret;
    }
  }
  *data = self->window + (at - self->window_at);
  left = self->window_size - (at - self->window_at);
  return (ssize_t) (left < end - at ? left : end - at);
}

void
sc_payload_view_clear (ScPayloadView * self)
{
  free (self->overwrites);
  free (self->hits);
  free (self->window);
  free (self->scratch);
  self->overwrites = NULL;
  self->hits = NULL;
  self->window = self->scratch = NULL;
}
