/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The samples of a track by the tables of its stbl (ISO/IEC 14496-12, 8.6 to
 * 8.7). */
#include "sc-mp4-source.h"

static uint32_t
min32 (uint32_t a, uint32_t b)
{
  return a < b ? a : b;
}

static int
entry (ScMp4Source * self, unsigned window, const ScMp4Table * table,
    uint32_t number, void *bytes, size_t size)
{
  if (number >= table->count)
    return 0;
  return sc_mp4_read (&self->windows[window], table->at
      + (uint64_t) number * size, bytes, size);
}

static int
next_time (ScMp4Source * self)
{
  ScMp4Tables *at = &self->tables;
  uint8_t bytes[8];
  int ret = 1;

  while (ret == 1 && at->stts_left == 0) {
    ret = entry (self, SC_MP4_WINDOW_STTS, &self->track->stts, at->stts++,
        bytes, 8);
    at->stts_left = sc_mp4_get32 (bytes);
    at->delta = sc_mp4_get32 (bytes + 4);
  }
  return ret;
}

/* Without a table, or behind its end, there is no shift. */
static int
next_shift (ScMp4Source * self)
{
  ScMp4Tables *at = &self->tables;
  uint8_t bytes[8];
  int ret = 1;

  while (ret == 1 && at->ctts_left == 0) {
    ret = entry (self, SC_MP4_WINDOW_CTTS, &self->track->ctts, at->ctts,
        bytes, 8);
    if (ret == 0) {
      at->ctts_left = UINT32_MAX;
      at->shift = 0;
      return 1;
    }
    at->ctts++;
    at->ctts_left = sc_mp4_get32 (bytes);
    at->shift = (int32_t) sc_mp4_get32 (bytes + 4);
  }
  return ret;
}

/* How many samples the chunk has. */
static int
samples_of_chunk (ScMp4Source * self)
{
  ScMp4Tables *at = &self->tables;
  const ScMp4Table *table = &self->track->stsc;
  uint8_t bytes[12];
  int ret;

  if (at->stsc > 0 && at->chunk < at->stsc_until)
    return 1;
  ret = entry (self, SC_MP4_WINDOW_STSC, table, at->stsc, bytes, 12);
  if (ret < 1)
    return ret;
  if (sc_mp4_get32 (bytes) != at->chunk)
    return 0;                   /* the first is for chunk 1, the next ascend */
  at->stsc++;
  at->per_chunk = sc_mp4_get32 (bytes + 4);
  at->stsc_until = UINT32_MAX;
  if (at->stsc < table->count) {
    ret = entry (self, SC_MP4_WINDOW_STSC, table, at->stsc, bytes, 12);
    at->stsc_until = sc_mp4_get32 (bytes);
  }
  return ret == 1 && at->stsc_until > at->chunk && at->per_chunk > 0;
}

static int
next_chunk (ScMp4Source * self)
{
  ScMp4Tables *at = &self->tables;
  size_t size = self->track->wide_chunks ? 8 : 4;
  uint8_t bytes[8];
  int ret;

  at->new_chunk = at->chunk_left == 0;
  if (!at->new_chunk)
    return 1;
  ret = entry (self, SC_MP4_WINDOW_CHUNKS, &self->track->chunks, at->chunk++,
      bytes, size);
  if (ret == 1)
    ret = samples_of_chunk (self);
  if (ret < 1)
    return ret;
  at->offset = size == 8 ? sc_mp4_get64 (bytes) : sc_mp4_get32 (bytes);
  at->chunk_left = at->per_chunk;
  return 1;
}

/* Whether the next sample is a sync sample. */
static int
next_sync (ScMp4Source * self, bool *sync)
{
  ScMp4Tables *at = &self->tables;
  uint8_t bytes[4];
  int ret = 1;

  *sync = true;
  if (!self->track->has_stss)
    return 1;
  while (ret == 1 && at->next_sync < at->sample + 1) {
    ret = entry (self, SC_MP4_WINDOW_STSS, &self->track->stss, at->stss, bytes,
        4);
    if (ret == 1) {
      at->stss++;
      at->next_sync = sc_mp4_get32 (bytes);
    } else if (ret == 0) {
      at->next_sync = UINT32_MAX;
      ret = 1;
    }
  }
  *sync = at->next_sync == at->sample + 1;
  return ret;
}

static int
next_size (ScMp4Source * self, uint32_t * size)
{
  uint8_t bytes[4];
  int ret;

  *size = self->track->size;
  if (*size != 0)
    return 1;
  ret = entry (self, SC_MP4_WINDOW_STSZ, &self->track->stsz,
      self->tables.sample, bytes, 4);
  if (ret == 1)
    *size = sc_mp4_get32 (bytes);
  return ret;
}

int
sc_mp4_tables_next (ScMp4Source * self, ScMp4Run * run)
{
  const ScMp4Track *track = self->track;
  ScMp4Tables *at = &self->tables;
  int ret = at->sample < track->stsz.count;

  if (ret == 1)
    ret = next_chunk (self);
  if (ret == 1)
    ret = next_time (self);
  if (ret == 1)
    ret = next_shift (self);
  if (ret == 1)
    ret = next_sync (self, &run->sync);
  if (ret == 1)
    ret = next_size (self, &run->size);
  if (ret < 1)
    return ret;
  run->count = 1;
  if (track->size != 0 && !track->has_stss)
    run->count = min32 (min32 (at->chunk_left, track->stsz.count - at->sample),
        min32 (at->stts_left, at->ctts_left));
  run->delta = at->delta;
  run->shift = at->shift;
  run->offset = at->offset;
  run->begins_chunk = at->new_chunk;
  at->sample += run->count;
  at->stts_left -= run->count;
  at->chunk_left -= run->count;
  if (at->ctts_left != UINT32_MAX)
    at->ctts_left -= run->count;
  at->offset += (uint64_t) run->count * run->size;
  return run->offset < UINT64_MAX / 4;
}
