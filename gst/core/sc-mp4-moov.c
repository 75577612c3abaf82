/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-mp4-moov.h"

#include <stdio.h>
#include <string.h>

#define TYPE SC_MP4_TYPE

/* A time at @at[version]. */
static int
take_time (ScFileWindow * window, const ScMp4Box * box, unsigned narrow_at,
    unsigned wide_at, ScMp4Time * time)
{
  uint8_t bytes[8];
  int ret = sc_mp4_read (window, box->body, bytes, 1);
  unsigned size;

  if (ret < 1)
    return ret;
  time->wide = bytes[0] == 1;
  time->at = box->body + (time->wide ? wide_at : narrow_at);
  size = time->wide ? 8 : 4;
  if (time->at + size > box->end)
    return 0;
  ret = sc_mp4_read (window, time->at, bytes, size);
  if (ret == 1)
    time->value = time->wide ? sc_mp4_get64 (bytes) : sc_mp4_get32 (bytes);
  return ret;
}

static int
take_number (ScFileWindow * window, const ScMp4Box * box, unsigned at,
    uint32_t * value)
{
  uint8_t bytes[4];
  int ret = box->body + at + 4 > box->end ? 0
      : sc_mp4_read (window, box->body + at, bytes, 4);

  if (ret == 1)
    *value = sc_mp4_get32 (bytes);
  return ret;
}

int
sc_mp4_moov_take_mvhd (ScFileWindow * window, const ScMp4Box * box,
    ScMp4Moov * moov)
{
  int ret = take_time (window, box, 16, 24, &moov->duration);

  moov->mvhd = *box;
  return ret < 1 ? ret : take_number (window, box,
      moov->duration.wide ? 20 : 12, &moov->timescale);
}

static int
take_mdhd (ScFileWindow * window, const ScMp4Box * box, ScMp4Track * track)
{
  int ret = take_time (window, box, 16, 24, &track->mdhd_duration);

  track->mdhd = *box;
  if (ret == 1)
    ret = take_number (window, box, track->mdhd_duration.wide ? 20 : 12,
        &track->timescale);
  return ret == 1 && track->timescale == 0 ? 0 : ret;
}

static int
take_tkhd (ScFileWindow * window, const ScMp4Box * box, ScMp4Track * track)
{
  int ret = take_time (window, box, 20, 28, &track->tkhd_duration);

  track->tkhd = *box;
  return ret < 1 ? ret : take_number (window, box,
      track->tkhd_duration.wide ? 20 : 12, &track->id);
}

/* The first sample entry. */
static int
take_stsd (ScFileWindow * window, const ScMp4Box * box, ScMp4Track * track)
{
  uint8_t bytes[36] = { 0 };
  uint64_t at = box->body + 8;
  size_t size = box->end - at < sizeof (bytes) ? (size_t) (box->end - at)
      : sizeof (bytes);
  int ret;

  track->stsd = *box;
  if (box->end < at + 16)
    return 0;
  ret = sc_mp4_read (window, at, bytes, size);
  track->format = sc_mp4_get32 (bytes + 4);
  if (track->handler == TYPE ('v', 'i', 'd', 'e')) {
    track->width = (uint16_t) (sc_mp4_get32 (bytes + 32) >> 16);
    track->height = (uint16_t) sc_mp4_get32 (bytes + 32);
  } else if (track->handler == TYPE ('s', 'o', 'u', 'n')) {
    track->channels = (uint16_t) (sc_mp4_get32 (bytes + 24) >> 16);
    track->rate = sc_mp4_get32 (bytes + 32) >> 16;
  }
  return ret;
}

/* A count at @count_at, and entries of so many bytes behind it. */
static int
take_table (ScFileWindow * window, const ScMp4Box * box, unsigned count_at,
    unsigned entry, ScMp4Table * table)
{
  int ret = take_number (window, box, count_at, &table->count);

  table->at = box->body + count_at + 4;
  if (ret == 1 && (uint64_t) table->count * entry > box->end - table->at)
    return 0;
  return ret;
}

static int
take_stsz (ScFileWindow * window, const ScMp4Box * box, ScMp4Track * track)
{
  int ret = take_number (window, box, 4, &track->size);

  return ret < 1 ? ret : take_table (window, box, 8, track->size != 0 ? 0 : 4,
      &track->stsz);
}

static int
take_stbl_child (ScFileWindow * window, const ScMp4Box * box,
    ScMp4Track * track)
{
  switch (box->type) {
    case TYPE ('s', 't', 's', 'd'):
      return take_stsd (window, box, track);
    case TYPE ('s', 't', 't', 's'):
      return take_table (window, box, 4, 8, &track->stts);
    case TYPE ('c', 't', 't', 's'):
      return take_table (window, box, 4, 8, &track->ctts);
    case TYPE ('s', 't', 's', 's'):
      track->has_stss = true;
      return take_table (window, box, 4, 4, &track->stss);
    case TYPE ('s', 't', 's', 'c'):
      return take_table (window, box, 4, 12, &track->stsc);
    case TYPE ('s', 't', 's', 'z'):
      return take_stsz (window, box, track);
    case TYPE ('s', 't', 'c', 'o'):
    case TYPE ('c', 'o', '6', '4'):
      track->wide_chunks = box->type == TYPE ('c', 'o', '6', '4');
      return take_table (window, box, 4, track->wide_chunks ? 8 : 4,
          &track->chunks);
    default:
      return 1;
  }
}

static int
take_stbl (ScFileWindow * window, const ScMp4Box * box, ScMp4Track * track)
{
  uint64_t at = box->body;
  ScMp4Box child;
  int ret;

  track->stbl = *box;
  while ((ret = sc_mp4_child (window, &at, box->end, &child)) == 1) {
    ret = take_stbl_child (window, &child, track);
    if (ret < 1)
      return ret;
  }
  if (ret < 0)
    return ret;
  return track->stsd.type != 0 && at == box->end;
}

static int
take_mdia (ScFileWindow * window, const ScMp4Box * box, ScMp4Track * track)
{
  ScMp4Box child;
  int ret = sc_mp4_find (window, box->body, box->end,
      TYPE ('m', 'd', 'h', 'd'), &child);

  track->mdia = *box;
  if (ret == 1)
    ret = take_mdhd (window, &child, track);
  if (ret == 1)
    ret = sc_mp4_find (window, box->body, box->end, TYPE ('h', 'd', 'l', 'r'),
        &child);
  if (ret == 1)
    ret = take_number (window, &child, 8, &track->handler);
  if (ret == 1)
    ret = sc_mp4_find (window, box->body, box->end, TYPE ('m', 'i', 'n', 'f'),
        &track->minf);
  if (ret == 1)
    ret = sc_mp4_find (window, track->minf.body, track->minf.end,
        TYPE ('s', 't', 'b', 'l'), &child);
  return ret == 1 ? take_stbl (window, &child, track) : ret;
}

int
sc_mp4_moov_take_trak (ScFileWindow * window, const ScMp4Box * box,
    ScMp4Moov * moov)
{
  ScMp4Track track = {.trak = *box };
  uint64_t at = box->body;
  ScMp4Box child;
  int ret;

  if (moov->track_count == SC_MP4_TRACKS)
    return 0;
  while ((ret = sc_mp4_child (window, &at, box->end, &child)) == 1) {
    if (child.type == track.tkhd.type || child.type == track.mdia.type
        || child.type == track.edts.type)
      return 0;                 /* a second one */
    if (child.type == TYPE ('t', 'k', 'h', 'd'))
      ret = take_tkhd (window, &child, &track);
    else if (child.type == TYPE ('m', 'd', 'i', 'a'))
      ret = take_mdia (window, &child, &track);
    else if (child.type == TYPE ('e', 'd', 't', 's'))
      track.edts = child;
    if (ret < 1)
      return ret;
  }
  if (ret < 0)
    return ret;
  if (track.tkhd.type == 0 || track.mdia.type == 0 || at != box->end)
    return 0;
  moov->tracks[moov->track_count++] = track;
  return 1;
}

static int
take_trex (ScFileWindow * window, const ScMp4Box * box, ScMp4Moov * moov)
{
  uint32_t id;
  int ret = take_number (window, box, 4, &id);

  for (unsigned i = 0; ret == 1 && i < moov->track_count; i++) {
    ScMp4Track *track = &moov->tracks[i];

    if (track->id != id)
      continue;
    ret = take_number (window, box, 12, &track->default_duration);
    if (ret == 1)
      ret = take_number (window, box, 16, &track->default_size);
    if (ret == 1)
      ret = take_number (window, box, 20, &track->default_flags);
  }
  return ret;
}

static int
take_mvex (ScFileWindow * window, const ScMp4Box * box, ScMp4Moov * moov)
{
  uint64_t at = box->body;
  ScMp4Box child;
  int ret;

  moov->mvex = *box;
  while ((ret = sc_mp4_child (window, &at, box->end, &child)) == 1) {
    if (child.type == TYPE ('m', 'e', 'h', 'd'))
      ret = take_time (window, &child, 4, 4, &moov->fragment_duration);
    else if (child.type == TYPE ('t', 'r', 'e', 'x'))
      ret = take_trex (window, &child, moov);
    if (ret < 1)
      return ret;
  }
  return ret < 0 ? ret : 1;
}

int
sc_mp4_moov_parse (ScFileWindow * window, const ScMp4Box * box,
    ScMp4Moov * moov)
{
  uint64_t at = box->body;
  ScMp4Box child;
  int ret;

  memset (moov, 0, sizeof (*moov));
  moov->moov = *box;
  while ((ret = sc_mp4_child (window, &at, box->end, &child)) == 1) {
    if (child.type == moov->mvhd.type || child.type == moov->mvex.type)
      return 0;                 /* a second one */
    if (child.type == TYPE ('m', 'v', 'h', 'd'))
      ret = sc_mp4_moov_take_mvhd (window, &child, moov);
    else if (child.type == TYPE ('t', 'r', 'a', 'k'))
      ret = sc_mp4_moov_take_trak (window, &child, moov);
    else if (child.type == TYPE ('m', 'v', 'e', 'x'))
      ret = take_mvex (window, &child, moov);
    if (ret < 1)
      return ret;
  }
  if (ret < 0)
    return ret;
  return moov->mvhd.type != 0 && moov->track_count > 0
      && moov->timescale != 0 && at == box->end;
}

void
sc_mp4_moov_describe (const ScMp4Moov * moov, char *detail, size_t size)
{
  size_t used = 0;

  for (unsigned i = 0; i < moov->track_count && used < size; i++) {
    const ScMp4Track *track = &moov->tracks[i];
    char name[5] = { 0 };

    for (int c = 0; c < 4; c++) {
      uint8_t letter = (uint8_t) (track->format >> 8 * (3 - c));

      name[c] = letter >= 0x20 && letter < 0x7F ? (char) letter : '?';
    }
    used += (size_t) snprintf (detail + used, size - used, "%s%s",
        i == 0 ? "" : ", ", name);
    if (used < size && track->width != 0)
      used += (size_t) snprintf (detail + used, size - used, " %ux%u",
          track->width, track->height);
    else if (used < size && track->rate != 0)
      used += (size_t) snprintf (detail + used, size - used,
          " %u channel%s, %u Hz", track->channels,
          track->channels == 1 ? "" : "s", track->rate);
  }
}
