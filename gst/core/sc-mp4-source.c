/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-mp4-source.h"

#include <stddef.h>
#include <string.h>

#define ROUNDING 2u             /* ticks that tfdt and durations may differ */

void
sc_mp4_source_init (ScMp4Source * self, const ScContainerFile * file,
    const ScMp4Moov * moov)
{
  memset (self, 0, offsetof (ScMp4Source, windows));
  self->moov = moov;
  for (unsigned i = 0; i < SC_MP4_WINDOWS; i++)
    sc_file_window_init (&self->windows[i], file);
}

void
sc_mp4_source_begin (ScMp4Source * self, const ScMp4Track * track)
{
  self->track = track;
  self->tables_done = false;
  self->ended = false;
  self->bytes = self->highest = 0;
  self->held.count = 0;
  self->time = 0;
  self->last_delta = 0;
  memset (&self->tables, 0, sizeof (self->tables));
  memset (&self->fragments, 0, sizeof (self->fragments));
  memset (&self->records, 0, sizeof (self->records));
  self->fragments.at = self->fragments_at;
}

static int
next (ScMp4Source * self, ScMp4Run * run)
{
  int ret;

  if (self->records_at != 0)
    return sc_mp4_records_next (self, run);
  if (!self->tables_done) {
    ret = sc_mp4_tables_next (self, run);
    if (ret != 0)
      return ret;
    self->tables_done = true;
  }
  return self->fragments_at != 0 ? sc_mp4_fragments_next (self, run) : 0;
}

/* Cuts what lies behind the limit: 0 where nothing is left. */
static int
keep_below (const ScMp4Source * self, ScMp4Run * run)
{
  uint64_t room;

  if (run->offset > self->limit || (run->size == 0 && run->count > 1))
    return 0;
  room = self->limit - run->offset;
  if (run->size != 0 && room / run->size < run->count)
    run->count = (uint32_t) (room / run->size);
  return run->count > 0;
}

/* The next run below the limit. */
static int
next_below (ScMp4Source * self, ScMp4Run * run)
{
  uint32_t count;
  uint64_t end;
  int ret;

  run->has_time = false;
  if (self->ended)
    return 0;
  ret = next (self, run);
  if (ret < 1) {
    self->ended = true;
    return ret;
  }
  count = run->count;
  ret = keep_below (self, run);
  end = run->offset + (uint64_t) run->count * run->size;
  if (ret == 1 && end > self->highest)
    self->highest = end;
  /* Samples that share their bytes are garbage, and could be without number.
   * The limit is no measure of it: it is lower once the file is repaired. */
  self->bytes += (uint64_t) run->count * run->size;
  if (ret == 1 && self->bytes > self->highest)
    ret = 0;
  /* Players count from the first sample on: none may be left out between. */
  self->ended = ret == 0 || run->count < count;
  return ret;
}

/* Makes the held run end when the next one begins; without one, a sample of no
 * duration takes as long as the one before. */
static void
correct_duration (ScMp4Source * self, const ScMp4Run * ahead)
{
  ScMp4Run *held = &self->held;
  uint64_t end = self->time + (uint64_t) held->count * held->delta;

  if (held->count != 1)
    return;
  if (ahead == NULL && held->delta == 0)
    held->delta = self->last_delta;
  if (ahead == NULL || !ahead->has_time || ahead->time < self->time
      || ahead->time - self->time > UINT32_MAX
      || (ahead->time + ROUNDING >= end && end + ROUNDING >= ahead->time))
    return;
  held->delta = (uint32_t) (ahead->time - self->time);
}

int
sc_mp4_source_next (ScMp4Source * self, ScMp4Run * run)
{
  ScMp4Run ahead;
  int ret;

  if (self->held.count == 0) {
    ret = next_below (self, &self->held);
    if (ret < 1) {
      self->held.count = 0;
      return ret;
    }
  }
  ret = next_below (self, &ahead);
  if (ret < 0)
    return ret;
  correct_duration (self, ret == 1 ? &ahead : NULL);
  *run = self->held;
  self->time += (uint64_t) run->count * run->delta;
  self->last_delta = run->delta;
  self->held = ahead;
  if (ret == 0)
    self->held.count = 0;
  return 1;
}
