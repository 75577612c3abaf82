/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-mp4-write.h"

#include "sc-mp4-table.h"

#include <errno.h>
#include <string.h>

#define TYPE SC_MP4_TYPE

/* Bytes that are written instead of those of the old box. */
typedef struct
{
  uint64_t at;
  unsigned size;
  uint8_t bytes[8];
} Patch;

typedef struct
{
  ScMp4Build *build;
  ScFileWindow *window;         /* on the old box */
  ScContainerWrite write;
  void *user;
} Out;

static Patch
patch_time (const ScMp4Time * time, uint64_t value)
{
  Patch patch = {.at = time->at,.size = time->wide ? 8 : 4 };

  if (time->wide)
    sc_mp4_put64 (patch.bytes, value);
  else
    sc_mp4_put32 (patch.bytes, value < UINT32_MAX ? (uint32_t) value
        : UINT32_MAX);
  return patch;
}

/* Copies [at, end) of the old box; @patches are in the order of their places,
 * whole in it. */
static int
copy (Out * self, uint64_t at, uint64_t end, const Patch * patches,
    unsigned count)
{
  const uint8_t *bytes;
  int ret = 0;

  while (ret == 0 && at < end) {
    uint64_t stop = count > 0 ? patches->at : end;
    ssize_t got;

    if (at == stop) {
      ret = self->write (self->user, patches->bytes, patches->size);
      at += patches->size;
      patches++;
      count--;
      continue;
    }
    got = sc_file_window_look (self->window, at, stop - at < SC_FILE_WINDOW
        ? (size_t) (stop - at) : SC_FILE_WINDOW, &bytes);
    if (got <= 0)
      return got < 0 ? (int) got : -ESTALE;
    ret = self->write (self->user, bytes, (size_t) got);
    at += (uint64_t) got;
  }
  return ret;
}

static int
put_header (Out * self, uint64_t size, uint32_t type)
{
  uint8_t bytes[8];

  sc_mp4_put32 (bytes, (uint32_t) size);
  sc_mp4_put32 (bytes + 4, type);
  return self->write (self->user, bytes, 8);
}

/* The header of a table: version and flags, then one or two numbers. */
static int
put_table_header (Out * self, uint64_t size, uint32_t type, uint32_t version,
    const uint32_t * numbers, unsigned count)
{
  uint8_t bytes[12];
  int ret = put_header (self, size, type);

  sc_mp4_put32 (bytes, version << 24);
  for (unsigned i = 0; i < count; i++)
    sc_mp4_put32 (bytes + 4 + 4 * i, numbers[i]);
  return ret == 0 ? self->write (self->user, bytes, 4 + 4 * count) : ret;
}

static int
put_entries (Out * self, const ScMp4Track * from, ScMp4TableKind kind)
{
  ScMp4TableMaker maker = {.kind = kind,.write = self->write,
    .user = self->user
  };
  ScMp4Run run;
  int ret, written = 0;

  sc_mp4_source_begin (&self->build->source, from);
  while (written == 0
      && (ret = sc_mp4_source_next (&self->build->source, &run)) != 0) {
    if (ret < 0)
      return ret;
    written = sc_mp4_table_take (&maker, &run);
  }
  return written == 0 ? sc_mp4_table_end (&maker) : written;
}

static int
put_table (Out * self, const ScMp4Track * from, ScMp4TableKind kind,
    uint32_t type, uint32_t version, uint32_t count, unsigned entry)
{
  int ret = put_table_header (self, 16 + (uint64_t) count * entry, type,
      version, &count, 1);

  return ret == 0 ? put_entries (self, from, kind) : ret;
}

static int
put_sizes (Out * self, const ScMp4Track * from, const ScMp4BuildTrack * track)
{
  uint32_t numbers[2] = { track->size, (uint32_t) track->samples };
  uint64_t entries = track->size == 0 ? track->samples : 0;
  int ret = put_table_header (self, 20 + 4 * entries, TYPE ('s', 't', 's', 'z'),
      0, numbers, 2);

  return ret == 0 && entries > 0 ? put_entries (self, from, SC_MP4_STSZ) : ret;
}

static int
put_stbl (Out * self, const ScMp4Track * from, const ScMp4BuildTrack * track)
{
  int ret = put_header (self, track->stbl_size, TYPE ('s', 't', 'b', 'l'));

  if (ret == 0)
    ret = copy (self, from->stsd.at, from->stsd.end, NULL, 0);
  if (ret == 0)
    ret = put_table (self, from, SC_MP4_STTS, TYPE ('s', 't', 't', 's'), 0,
        track->stts, 8);
  if (ret == 0 && track->shifts)
    ret = put_table (self, from, SC_MP4_CTTS, TYPE ('c', 't', 't', 's'),
        track->signed_shifts, track->ctts, 8);
  if (ret == 0 && track->some_sync && !track->all_sync)
    ret = put_table (self, from, SC_MP4_STSS, TYPE ('s', 't', 's', 's'), 0,
        track->stss, 4);
  if (ret == 0)
    ret = put_table (self, from, SC_MP4_STSC, TYPE ('s', 't', 's', 'c'), 0,
        track->stsc, 12);
  if (ret == 0)
    ret = put_sizes (self, from, track);
  return ret == 0 ? put_table (self, from, SC_MP4_CO64,
      TYPE ('c', 'o', '6', '4'), 0, track->chunks, 8) : ret;
}

static int
put_minf (Out * self, const ScMp4Track * from, const ScMp4BuildTrack * track)
{
  int ret = put_header (self, track->minf_size, TYPE ('m', 'i', 'n', 'f'));

  if (ret == 0)
    ret = copy (self, from->minf.body, from->stbl.at, NULL, 0);
  if (ret == 0)
    ret = put_stbl (self, from, track);
  return ret == 0 ? copy (self, from->stbl.end, from->minf.end, NULL, 0) : ret;
}

/* A part of the mdia, with the duration in the mdhd that may lie in it. */
static int
copy_mdia (Out * self, const ScMp4Track * from, const ScMp4BuildTrack * track,
    uint64_t at, uint64_t end)
{
  Patch patch = patch_time (&from->mdhd_duration, track->duration);

  return copy (self, at, end, &patch, patch.at >= at && patch.at < end);
}

static int
put_mdia (Out * self, const ScMp4Track * from, const ScMp4BuildTrack * track)
{
  int ret = put_header (self, track->mdia_size, TYPE ('m', 'd', 'i', 'a'));

  if (ret == 0)
    ret = copy_mdia (self, from, track, from->mdia.body, from->minf.at);
  if (ret == 0)
    ret = put_minf (self, from, track);
  return ret == 0 ? copy_mdia (self, from, track, from->minf.end,
      from->mdia.end) : ret;
}

/* One edit, from the first presentation time on. */
static int
put_edts (Out * self, const ScMp4BuildTrack * track)
{
  uint8_t bytes[SC_MP4_EDTS_SIZE] = { 0 };

  sc_mp4_put32 (bytes, SC_MP4_EDTS_SIZE);
  sc_mp4_put32 (bytes + 4, TYPE ('e', 'd', 't', 's'));
  sc_mp4_put32 (bytes + 8, SC_MP4_EDTS_SIZE - 8);
  sc_mp4_put32 (bytes + 12, TYPE ('e', 'l', 's', 't'));
  bytes[16] = 1;                /* version: 64 bits */
  sc_mp4_put32 (bytes + 20, 1);
  sc_mp4_put64 (bytes + 24, track->edit_duration);
  sc_mp4_put64 (bytes + 32, (uint64_t) track->first_shift);
  bytes[41] = 1;                /* at rate 1.0 */
  return self->write (self->user, bytes, sizeof (bytes));
}

/* A part of the trak, with the durations in tkhd and edts that may lie in
 * it. */
static int
copy_trak (Out * self, const ScMp4Track * from, const ScMp4BuildTrack * track,
    uint64_t at, uint64_t end)
{
  Patch both[2] = { patch_time (&from->tkhd_duration, track->movie_duration),
    patch_time (&track->edit, track->edit_duration)
  };
  Patch inside[2];
  unsigned count = 0;

  if (both[1].at != 0 && both[1].at < both[0].at) {
    Patch first = both[1];

    both[1] = both[0];
    both[0] = first;
  }
  for (int i = 0; i < 2; i++)
    if (both[i].at >= at && both[i].at < end)
      inside[count++] = both[i];
  return copy (self, at, end, inside, count);
}

static int
put_trak (Out * self, const ScMp4Track * from, const ScMp4BuildTrack * track)
{
  int ret = put_header (self, track->trak_size, TYPE ('t', 'r', 'a', 'k'));

  if (ret == 0)
    ret = copy_trak (self, from, track, from->trak.body, from->mdia.at);
  if (ret == 0 && track->adds_edit)
    ret = put_edts (self, track);
  if (ret == 0)
    ret = put_mdia (self, from, track);
  return ret == 0 ? copy_trak (self, from, track, from->mdia.end,
      from->trak.end) : ret;
}

static int
put_mvhd (Out * self)
{
  const ScMp4Moov *moov = &self->build->moov;
  Patch patches[2] = { {0}, patch_time (&moov->duration,
        self->build->duration)
  };

  /* Just in front of the duration. */
  patches[0].at = moov->duration.at - 4;
  patches[0].size = 4;
  sc_mp4_put32 (patches[0].bytes, moov->timescale);
  return copy (self, moov->mvhd.at, moov->mvhd.end, patches, 2);
}

/* All that is neither header nor track nor about fragments: tags, say. */
static int
put_rest (Out * self)
{
  const ScMp4Moov *moov = &self->build->moov;
  uint64_t at = moov->moov.body;
  ScMp4Box child;
  int ret, written = 0;

  while (written == 0 && (ret = sc_mp4_child (self->window, &at,
              moov->moov.end, &child)) != 0) {
    if (ret < 0)
      return ret;
    if (child.type != TYPE ('m', 'v', 'h', 'd')
        && child.type != TYPE ('t', 'r', 'a', 'k')
        && child.type != TYPE ('m', 'v', 'e', 'x'))
      written = copy (self, child.at, child.end, NULL, 0);
  }
  return written;
}

int
sc_mp4_build_write (const ScContainerFile * file,
    const ScContainerPlan * plan, ScContainerWrite write, void *user)
{
  ScMp4Build *build = plan->state;
  const ScContainerFile *from = build->from_companion ? file->companion : file;
  Out self = {.build = build,.write = write,.user = user };
  int ret;

  for (unsigned i = 0; i < SC_MP4_WINDOWS; i++)
    sc_file_window_init (&build->source.windows[i], from);
  self.window = &build->source.windows[SC_MP4_WINDOW_OTHER];
  ret = put_header (&self, build->size, TYPE ('m', 'o', 'o', 'v'));
  if (ret == 0)
    ret = put_mvhd (&self);
  for (unsigned i = 0; ret == 0 && i < build->moov.track_count; i++)
    if (build->tracks[i].samples > 0)
      ret = put_trak (&self, &build->moov.tracks[i], &build->tracks[i]);
  if (ret == 0 && build->moov.moov.type != 0)
    ret = put_rest (&self);
  return ret;
}
