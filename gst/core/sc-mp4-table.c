/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-mp4-table.h"

#include <stddef.h>

static int
put (ScMp4TableMaker * self, const uint32_t * words, unsigned count)
{
  uint8_t bytes[12];

  self->entries++;
  if (self->write == NULL)
    return 0;
  for (unsigned i = 0; i < count; i++)
    sc_mp4_put32 (bytes + 4 * i, words[i]);
  return self->write (self->user, bytes, 4 * count);
}

/* stts and ctts: so many samples with the same value. */
static int
end_run (ScMp4TableMaker * self)
{
  uint32_t words[2] = { self->count, self->value };
  int ret = self->count > 0 ? put (self, words, 2) : 0;

  self->count = 0;
  return ret;
}

static int
take_value (ScMp4TableMaker * self, uint32_t value, uint32_t count)
{
  int ret = 0;

  if (value != self->value || count > UINT32_MAX - self->count)
    ret = end_run (self);
  self->value = value;
  self->count += count;
  return ret;
}

static int
take_sync (ScMp4TableMaker * self, const ScMp4Run * run)
{
  int ret = 0;

  for (uint32_t i = 0; ret == 0 && run->sync && i < run->count; i++) {
    uint32_t number = (uint32_t) (self->sample + i + 1);

    ret = put (self, &number, 1);
  }
  return ret;
}

static int
end_chunk (ScMp4TableMaker * self)
{
  uint32_t words[3] = { (uint32_t) self->chunk, self->in_chunk, 1 };

  if (self->in_chunk == 0 || self->in_chunk == self->last_in_chunk)
    return 0;
  self->last_in_chunk = self->in_chunk;
  return put (self, words, 3);
}

static int
take_offset (ScMp4TableMaker * self, uint64_t offset)
{
  uint32_t words[2] = { (uint32_t) (offset >> 32), (uint32_t) offset };

  return put (self, words, 2);
}

/* A chunk begins where the source says so, where bytes are left out between
 * two samples, and where it would have too many. */
static int
take_chunk (ScMp4TableMaker * self, const ScMp4Run * run)
{
  int ret = 0;

  if (self->chunk == 0 || run->begins_chunk || run->offset != self->end
      || run->count > UINT32_MAX - self->in_chunk) {
    ret = self->kind == SC_MP4_STSC ? end_chunk (self)
        : take_offset (self, run->offset);
    self->chunk++;
    self->in_chunk = 0;
  }
  self->in_chunk += run->count;
  self->end = run->offset + (uint64_t) run->count * run->size;
  return ret;
}

static int
take_sizes (ScMp4TableMaker * self, const ScMp4Run * run)
{
  int ret = 0;

  for (uint32_t i = 0; ret == 0 && i < run->count; i++)
    ret = put (self, &run->size, 1);
  return ret;
}

int
sc_mp4_table_take (ScMp4TableMaker * self, const ScMp4Run * run)
{
  int ret = 0;

  switch (self->kind) {
    case SC_MP4_STTS:
      ret = take_value (self, run->delta, run->count);
      break;
    case SC_MP4_CTTS:
      ret = take_value (self, (uint32_t) run->shift, run->count);
      break;
    case SC_MP4_STSS:
      ret = take_sync (self, run);
      break;
    case SC_MP4_STSZ:
      ret = take_sizes (self, run);
      break;
    case SC_MP4_STSC:
    case SC_MP4_CO64:
      ret = take_chunk (self, run);
      break;
  }
  self->sample += run->count;
  return ret;
}

int
sc_mp4_table_end (ScMp4TableMaker * self)
{
  if (self->kind == SC_MP4_STTS || self->kind == SC_MP4_CTTS)
    return end_run (self);
  return self->kind == SC_MP4_STSC ? end_chunk (self) : 0;
}
