/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-mp4-records.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define TYPE SC_MP4_TYPE
#define VERSION 1
#define RECORD 34u
#define MAX_PREFIX 4096u        /* of any file: some 40 bytes */

static int
parse_prefix (ScFileWindow * window, ScMp4RecordsHeader * header, uint64_t * at)
{
  ScMp4Box box;
  int ret;

  do
    ret = sc_mp4_child (window, at, window->file->size, &box);
  while (ret == 1 && box.type != TYPE ('f', 't', 'y', 'p')
      && *at < MAX_PREFIX);
  header->prefix_size = *at - 2;
  return ret == 1 && header->prefix_size > MAX_PREFIX ? 0 : ret;
}

static int
parse_movie (ScFileWindow * window, uint64_t * at, ScMp4Moov * moov,
    uint32_t * tracks)
{
  uint8_t bytes[8];
  ScMp4Box box;
  int ret = sc_mp4_child (window, at, window->file->size, &box);

  if (ret == 1)
    ret = box.type == TYPE ('m', 'v', 'h', 'd');
  if (ret == 1)
    ret = sc_mp4_moov_take_mvhd (window, &box, moov);
  if (ret == 1)
    ret = sc_mp4_read (window, *at, bytes, 8);
  if (ret < 1)
    return ret;
  *at += 8;
  moov->timescale = sc_mp4_get32 (bytes);
  *tracks = sc_mp4_get32 (bytes + 4);
  return moov->timescale != 0 && *tracks > 0 && *tracks <= SC_MP4_TRACKS;
}

static int
parse (ScFileWindow * window, ScMp4RecordsHeader * header, ScMp4Moov * moov)
{
  uint64_t at = 2;
  uint32_t tracks = 0;
  uint8_t version[2];
  ScMp4Box box;
  int ret = sc_mp4_read (window, 0, version, 2);

  if (ret == 1)
    ret = version[0] == 0 && version[1] == VERSION;
  if (ret == 1)
    ret = parse_prefix (window, header, &at);
  if (ret == 1)
    ret = parse_movie (window, &at, moov, &tracks);
  for (; ret == 1 && tracks > 0; tracks--) {
    ret = sc_mp4_child (window, &at, window->file->size, &box);
    if (ret == 1)
      ret = box.type == TYPE ('t', 'r', 'a', 'k')
          ? sc_mp4_moov_take_trak (window, &box, moov) : 0;
  }
  header->records_at = at;
  return ret;
}

int
sc_mp4_records_parse (const ScContainerFile * file,
    ScMp4RecordsHeader * header, ScMp4Moov * moov)
{
  ScFileWindow *window = malloc (sizeof (*window));
  int ret;

  if (window == NULL)
    return -ENOMEM;
  memset (moov, 0, sizeof (*moov));
  sc_file_window_init (window, file);
  ret = parse (window, header, moov);
  free (window);
  return ret;
}

typedef struct
{
  uint32_t track;
  uint32_t count, delta, size;
  uint64_t chunk;
  bool sync;
  int64_t shift;
} Record;

static int
read_record (ScMp4Source * self, uint64_t number, Record * record)
{
  uint8_t bytes[RECORD];
  int ret = sc_mp4_read (&self->windows[SC_MP4_WINDOW_OTHER], self->records_at
      + number * RECORD, bytes, RECORD);

  if (ret < 1)
    return ret;
  record->track = sc_mp4_get32 (bytes);
  record->count = sc_mp4_get32 (bytes + 4);
  record->delta = sc_mp4_get32 (bytes + 8);
  record->size = sc_mp4_get32 (bytes + 12);
  record->chunk = sc_mp4_get64 (bytes + 16);
  record->sync = bytes[24] != 0;
  record->shift = bytes[25] != 0 ? (int64_t) sc_mp4_get64 (bytes + 26) : 0;
  return 1;
}

static bool
is_track (const ScMp4Moov * moov, uint32_t id)
{
  for (unsigned i = 0; i < moov->track_count; i++)
    if (moov->tracks[i].id == id)
      return true;
  return false;
}

/* Buffers follow one another in the media without a gap, so the sum of their
 * sizes says where the next one begins. */
int
sc_mp4_records_measure (ScMp4Source * self)
{
  uint64_t at = self->media_at, number = 0;
  Record record;
  int ret;

  while ((ret = read_record (self, number, &record)) == 1) {
    uint64_t bytes = (uint64_t) record.count * record.size;

    if (!is_track (self->moov, record.track) || record.count == 0
        || record.shift < INT32_MIN || record.shift > INT32_MAX
        || record.chunk > at - self->media_at || at > self->limit
        || bytes > self->limit - at)
      break;
    at += bytes;
    number++;
  }
  self->record_count = number;
  return ret < 0 ? ret : 0;
}

int
sc_mp4_records_next (ScMp4Source * self, ScMp4Run * run)
{
  ScMp4Records *here = &self->records;
  Record record;
  int ret;

  do {
    if (here->record == self->record_count)
      return 0;
    ret = read_record (self, here->record++, &record);
    if (ret < 1)
      return ret;
  } while (record.track != self->track->id);
  run->begins_chunk = !here->has_chunk || record.chunk != here->chunk;
  if (run->begins_chunk)
    here->offset = self->media_at + record.chunk;
  here->has_chunk = true;
  here->chunk = record.chunk;
  run->count = record.count;
  run->delta = record.delta;
  run->size = record.size;
  run->shift = (int32_t) record.shift;
  run->sync = record.sync;
  run->offset = here->offset;
  here->offset += (uint64_t) run->count * run->size;
  return run->offset < UINT64_MAX / 4;
}
