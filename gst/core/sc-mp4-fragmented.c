/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-mp4-file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define TYPE SC_MP4_TYPE

/* Of a track, in ticks. */
typedef struct
{
  bool begun;
  uint64_t start, end;
} Times;

typedef struct
{
  ScMp4File *mp4;
  ScMp4Source *source;          /* of one fragment at a time */
  uint64_t keep;                /* behind the last whole fragment */
  uint64_t media_at;            /* of the first one */
  uint64_t mfra_end;            /* of the muxer's own index; 0: none */
  unsigned leaps;
  Times times[SC_MP4_TRACKS];
} Fragmented;

/* Reads a fragment's samples of one track: where the last one's bytes end, and
 * its time, which stands at that of the fragment before. */
static int
take_track (Fragmented * self, unsigned number, uint64_t * data_end,
    Times * times)
{
  ScMp4Source *source = self->source;
  ScMp4Run run;
  int ret;

  sc_mp4_source_begin (source, &source->moov->tracks[number]);
  source->tables_done = true;
  while ((ret = sc_mp4_fragments_next (source, &run)) == 1) {
    uint64_t end = run.offset + (uint64_t) run.count * run.size;

    /* The walk would not end, or not soon, among samples of no size. */
    if (end < run.offset || (run.size == 0 && run.count > 1))
      return 0;
    if (end > *data_end)
      *data_end = end;
    if (run.has_time) {
      times->end = run.time;
      if (!times->begun)
        times->start = run.time;
    }
    times->begun = true;
    times->end += (uint64_t) run.count * run.delta;
  }
  return ret < 0 ? ret : 1;
}

static uint64_t
in_movie_time (const ScMp4Moov * moov, unsigned track, uint64_t ticks,
    uint32_t timescale)
{
  uint32_t from = moov->tracks[track].timescale;
  uint64_t whole = ticks / from;

  return whole > UINT64_MAX / 4 / timescale ? UINT64_MAX / 4
      : whole * timescale + (ticks % from * timescale + from / 2) / from;
}

static uint64_t
longest (const Fragmented * self, uint32_t timescale)
{
  const ScMp4Moov *moov = self->source->moov;
  uint64_t longest = 0;

  for (unsigned i = 0; i < moov->track_count; i++) {
    const Times *times = &self->times[i];
    uint64_t time = times->end > times->start ? in_movie_time (moov, i,
        times->end - times->start, timescale) : 0;

    if (time > longest)
      longest = time;
  }
  return longest;
}

/* A fragment counts if all of its samples' bytes are there.  1, 0, or -errno */
static int
take_moof (Fragmented * self, const ScMp4Box * moof, ScContainerPlan * plan)
{
  const ScMp4Moov *moov = self->source->moov;
  uint64_t data_end = 0, size = self->mp4->file->size;
  Times times[SC_MP4_TRACKS];
  int ret = 1;

  memcpy (times, self->times, sizeof (times));
  self->source->fragments_at = moof->at;
  self->source->fragments_end = moof->end;
  for (unsigned i = 0; ret == 1 && i < moov->track_count; i++)
    ret = take_track (self, i, &data_end, &times[i]);
  if (ret < 1 || data_end > size)
    return ret < 0 ? ret : 0;
  sc_container_point (plan, moof->at, longest (self, 1000000000));
  memcpy (self->times, times, sizeof (times));
  if (self->media_at == 0)
    self->media_at = moof->at;
  if (moof->end > self->keep)
    self->keep = moof->end;
  if (data_end > self->keep)
    self->keep = data_end;
  return 1;
}

/* Makes bytes without use a free box, where they lie between fragments. */
static int
edit_gap (const Fragmented * self, uint64_t at, uint64_t end,
    ScContainerPlan * plan)
{
  uint8_t header[16];
  bool wide = end - at > UINT32_MAX;

  if (end - at < 8)
    return 0;
  sc_mp4_put32 (header, wide ? 1 : (uint32_t) (end - at));
  sc_mp4_put32 (header + 4, TYPE ('f', 'r', 'e', 'e'));
  sc_mp4_put64 (header + 8, end - at);
  return sc_container_edit (self->mp4->file, plan, at, header, wide ? 16 : 8);
}

/* Goes on behind damage, at the next fragment that is whole.  1, 0 for none, or
 * -errno */
static int
leap (Fragmented * self, uint64_t * at, ScContainerPlan * plan)
{
  uint64_t size = self->mp4->file->size, from = *at;
  ScMp4Box moof;
  int ret = 0;

  while (self->leaps++ < SC_MP4_LEAPS) {
    ++*at;
    ret = sc_mp4_find_moof (&self->mp4->window, at, size);
    if (ret < 1)
      return ret;
    ret = sc_mp4_box (&self->mp4->window, *at, size, &moof);
    if (ret == 1 && (moof.open || moof.end > size))
      ret = 0;
    if (ret == 1)
      ret = take_moof (self, &moof, plan);
    if (ret < 0)
      return ret;
    if (ret == 1) {
      ret = edit_gap (self, from, *at, plan);
      *at = moof.end;
      return ret < 0 && ret != -E2BIG ? ret : 1;
    }
  }
  return 0;
}

static int
walk (Fragmented * self, ScContainerPlan * plan)
{
  uint64_t at = self->keep, size = self->mp4->file->size;
  ScMp4Box box;
  int ret = 1;

  while (ret == 1 && at < size) {
    ret = sc_mp4_box (&self->mp4->window, at, size, &box);
    if (ret == 1 && (box.open || box.end > size))
      ret = 0;
    if (ret == 1 && box.type == TYPE ('m', 'f', 'r', 'a'))
      self->mfra_end = box.end;
    if (ret == 1 && box.type == TYPE ('m', 'o', 'o', 'f'))
      ret = take_moof (self, &box, plan);
    else if (ret == 1 && box.at <= self->keep && box.end > self->keep
        && (self->media_at == 0 || box.type != TYPE ('m', 'd', 'a', 't')
            || box.at < self->keep))
      self->keep = box.end;     /* an index, what goes before a fragment, or
                                 * samples with something behind them */
    if (ret == 1)
      at = box.end;
    else if (ret == 0)
      ret = leap (self, &at, plan);
  }
  return ret < 0 ? ret : 0;
}

static int
edit_duration (const Fragmented * self, ScContainerPlan * plan)
{
  const ScMp4Moov *moov = self->source->moov;
  const ScMp4Time *time = &moov->fragment_duration;
  uint64_t value = longest (self, moov->timescale);
  uint8_t bytes[8];

  if (time->at == 0 || self->mfra_end == self->keep)
    return 0;                   /* nowhere to say it, or said by the muxer */
  if (time->wide)
    sc_mp4_put64 (bytes, value);
  else
    sc_mp4_put32 (bytes, value < UINT32_MAX ? (uint32_t) value : UINT32_MAX);
  return sc_container_edit (self->mp4->file, plan, time->at, bytes,
      time->wide ? 8 : 4);
}

static int
plan_with (Fragmented * self, const ScMp4Moov * moov, ScContainerPlan * plan)
{
  int ret;

  sc_mp4_source_init (self->source, self->mp4->file, moov);
  self->keep = moov->moov.end;
  ret = walk (self, plan);
  if (ret < 0)
    return ret;
  if (self->media_at == 0) {
    plan->note = "not one of its fragments is whole";
    return -EBADMSG;
  }
  plan->size = self->keep;
  plan->media_offset = self->media_at;
  plan->media_size = self->keep - self->media_at;
  plan->duration_ns = longest (self, 1000000000);
  sc_mp4_file_cover (self->mp4, plan);
  return edit_duration (self, plan);
}

int
sc_mp4_plan_fragments (ScMp4File * mp4, const ScMp4Moov * moov,
    ScContainerPlan * plan)
{
  Fragmented *self = calloc (1, sizeof (*self));
  int ret = -ENOMEM;

  if (self != NULL)
    self->source = malloc (sizeof (*self->source));
  if (self != NULL && self->source != NULL) {
    self->mp4 = mp4;
    ret = plan_with (self, moov, plan);
  }
  if (self != NULL)
    free (self->source);
  free (self);
  return ret;
}
