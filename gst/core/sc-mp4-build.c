/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-mp4-build.h"

#include "sc-mp4-table.h"
#include "sc-mp4-write.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define TYPE SC_MP4_TYPE
#define MAX_EDITS 8u            /* of one list; more are left as they are */

enum
{
  STTS,
  CTTS,
  STSC,
  CHUNKS,
  MAKERS
};

ScMp4Build *
sc_mp4_build_new (const ScContainerFile * file, const ScMp4Moov * moov,
    bool from_companion)
{
  ScMp4Build *self = malloc (sizeof (*self));

  if (self == NULL)
    return NULL;
  memset (self, 0, offsetof (ScMp4Build, source));
  memset (self->tracks, 0, sizeof (self->tracks));
  self->from_companion = from_companion;
  self->moov = *moov;
  self->media_end = self->samples = self->duration = self->size = 0;
  sc_mp4_source_init (&self->source, from_companion ? file->companion : file,
      &self->moov);
  return self;
}

/* Ticks of one timescale in another. */
static uint64_t
scale (uint64_t ticks, uint32_t from, uint32_t to)
{
  uint64_t whole = ticks / from;

  if (whole > UINT64_MAX / 4 / to)
    return UINT64_MAX / 4;
  return whole * to + (ticks % from * to + from / 2) / from;
}

static uint64_t
max64 (uint64_t a, uint64_t b)
{
  return a > b ? a : b;
}

static void
take_run (ScMp4Build * self, ScMp4BuildTrack * track, const ScMp4Run * run)
{
  uint64_t end = run->offset + (uint64_t) run->count * run->size;
  uint64_t shown_until;

  if (track->samples == 0) {
    track->first_shift = run->shift;
    track->size = run->size;
    track->all_sync = true;
  }
  if (run->size != track->size)
    track->size = 0;
  if (run->sync) {
    track->some_sync = true;
    track->stss += run->count;
  } else {
    track->all_sync = false;
  }
  track->shifts |= run->shift != 0;
  track->signed_shifts |= run->shift < 0;
  track->samples += run->count;
  track->duration += (uint64_t) run->count * run->delta;
  shown_until = track->duration + (uint64_t) (int64_t) run->shift;
  if (run->shift >= 0 || track->duration > (uint64_t) -(int64_t) run->shift)
    track->shown_until = max64 (track->shown_until, shown_until);
  self->media_end = max64 (self->media_end, end);
}

/* 1, 0 where there is too much, or -errno */
static int
count (ScMp4Build * self, const ScMp4Track * from, ScMp4BuildTrack * track)
{
  ScMp4TableMaker makers[MAKERS] = {
    {.kind = SC_MP4_STTS}, {.kind = SC_MP4_CTTS}, {.kind = SC_MP4_STSC},
    {.kind = SC_MP4_CO64}
  };
  ScMp4Run run;
  int ret;

  sc_mp4_source_begin (&self->source, from);
  while ((ret = sc_mp4_source_next (&self->source, &run)) == 1) {
    take_run (self, track, &run);
    if (track->samples > UINT32_MAX || track->duration > UINT64_MAX / 4)
      return 0;
    for (int i = 0; i < MAKERS; i++)
      sc_mp4_table_take (&makers[i], &run);
  }
  for (int i = 0; i < MAKERS; i++)
    sc_mp4_table_end (&makers[i]);
  track->stts = (uint32_t) makers[STTS].entries;
  track->ctts = (uint32_t) makers[CTTS].entries;
  track->stsc = (uint32_t) makers[STSC].entries;
  track->chunks = (uint32_t) makers[CHUNKS].entries;
  return ret < 0 ? ret : 1;
}

/* The last edit of the old list gets the duration that there is now; edits
 * before it (a wait for the first sample) stay. */
static int
measure_edits (ScMp4Build * self, const ScMp4Track * from,
    ScMp4BuildTrack * track)
{
  ScFileWindow *window = &self->source.windows[SC_MP4_WINDOW_OTHER];
  uint64_t before = 0, start, at;
  uint8_t bytes[20];
  ScMp4Box elst;
  uint32_t entries;
  bool wide;
  int ret = sc_mp4_find (window, from->edts.body, from->edts.end,
      TYPE ('e', 'l', 's', 't'), &elst);

  if (ret == 1)
    ret = sc_mp4_read (window, elst.body, bytes, 8);
  wide = bytes[0] == 1;
  entries = sc_mp4_get32 (bytes + 4);
  at = elst.body + 8;
  if (ret < 1 || entries == 0 || entries > MAX_EDITS
      || elst.end - at < (uint64_t) entries * (wide ? 20 : 12))
    return ret;
  for (; ret == 1 && entries > 0; entries--, at += wide ? 20 : 12) {
    ret = sc_mp4_read (window, at, bytes, wide ? 20 : 12);
    if (ret == 1 && entries > 1)
      before += wide ? sc_mp4_get64 (bytes) : sc_mp4_get32 (bytes);
  }
  start = wide ? sc_mp4_get64 (bytes + 8) : sc_mp4_get32 (bytes + 4);
  if (ret < 1 || start == (wide ? UINT64_MAX : UINT32_MAX))
    return ret;                 /* it ends with an empty one */
  track->edit.at = at - (wide ? 20 : 12);
  track->edit.wide = wide;
  track->edit_duration = scale (start < track->shown_until
      ? track->shown_until - start : 0, from->timescale,
      self->moov.timescale);
  track->movie_duration = before + track->edit_duration;
  return 1;
}

static uint64_t
body_size (const ScMp4Box * box)
{
  return box->end - box->body;
}

/* Boxes are written with headers of 8 bytes, whatever the old ones had. */
static uint64_t
instead_of (const ScMp4Box * parent, const ScMp4Box * child, uint64_t size)
{
  return 8 + body_size (parent) - (child->end - child->at) + size;
}

static void
measure_boxes (const ScMp4Track * from, ScMp4BuildTrack * track)
{
  uint64_t tables = 16 + 8 * (uint64_t) track->stts
      + 16 + 12 * (uint64_t) track->stsc + 20
      + (track->size == 0 ? 4 * track->samples : 0)
      + 16 + 8 * (uint64_t) track->chunks;

  if (track->shifts)
    tables += 16 + 8 * (uint64_t) track->ctts;
  if (track->some_sync && !track->all_sync)
    tables += 16 + 4 * (uint64_t) track->stss;
  track->stbl_size = 8 + (from->stsd.end - from->stsd.at) + tables;
  track->minf_size = instead_of (&from->minf, &from->stbl, track->stbl_size);
  track->mdia_size = instead_of (&from->mdia, &from->minf, track->minf_size);
  track->trak_size = instead_of (&from->trak, &from->mdia, track->mdia_size)
      + (track->adds_edit ? SC_MP4_EDTS_SIZE : 0);
}

static int
measure_track (ScMp4Build * self, unsigned number)
{
  const ScMp4Track *from = &self->moov.tracks[number];
  ScMp4BuildTrack *track = &self->tracks[number];
  int ret = count (self, from, track);

  if (ret < 1 || track->samples == 0)
    return ret;
  track->movie_duration = scale (track->shown_until, from->timescale,
      self->moov.timescale);
  if (from->edts.type != 0)
    ret = measure_edits (self, from, track);
  else if (track->first_shift > 0
      && (uint64_t) track->first_shift < track->shown_until) {
    track->adds_edit = true;
    track->edit_duration = track->movie_duration
        = scale (track->shown_until - (uint64_t) track->first_shift,
        from->timescale, self->moov.timescale);
  }
  if (ret < 0)
    return ret;
  measure_boxes (from, track);
  self->samples += track->samples;
  self->size += track->trak_size;
  self->duration = max64 (self->duration, track->movie_duration);
  return 1;
}

/* What of the old box is taken over as it is. */
static uint64_t
kept_size (const ScMp4Build * self)
{
  const ScMp4Moov *moov = &self->moov;
  uint64_t size = moov->moov.type == 0 ? moov->mvhd.end - moov->mvhd.at
      : body_size (&moov->moov) - (moov->mvex.end - moov->mvex.at);

  for (unsigned i = 0; moov->moov.type != 0 && i < moov->track_count; i++)
    size -= moov->tracks[i].trak.end - moov->tracks[i].trak.at;
  return size;
}

int
sc_mp4_build_measure (ScMp4Build * self)
{
  int ret = 1;

  self->media_end = self->samples = self->duration = 0;
  memset (self->tracks, 0, sizeof (self->tracks));
  self->size = 8 + kept_size (self);
  for (unsigned i = 0; ret == 1 && i < self->moov.track_count; i++)
    ret = measure_track (self, i);
  return ret == 1 && (self->samples == 0 || self->size > SC_MP4_BUILD_MAX)
      ? 0 : ret;
}

uint64_t
sc_mp4_build_plan (ScMp4Build * self, ScContainerPlan * plan)
{
  const ScMp4Box *old = &self->moov.moov;
  uint64_t at = max64 (max64 (self->media_end, old->end),
      self->source.moofs_end);

  plan->state = self;
  plan->write_tail = sc_mp4_build_write;
  plan->tail_size = self->size;
  plan->size = at + self->size;
  return old->at >= self->media_end ? old->at : at;
}
