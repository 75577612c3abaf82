/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-mp4-source.h"

#include <stddef.h>
#include <string.h>

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
  self->bytes = 0;
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

int
sc_mp4_source_next (ScMp4Source * self, ScMp4Run * run)
{
  uint32_t count;
  int ret;

  if (self->ended)
    return 0;
  ret = next (self, run);
  if (ret < 1) {
    self->ended = true;
    return ret;
  }
  count = run->count;
  ret = keep_below (self, run);
  self->bytes += (uint64_t) run->count * run->size;
  /* Samples that share their bytes are garbage, and could be without number. */
  if (ret == 1 && self->bytes > self->limit)
    ret = 0;
  /* Players count from the first sample on: none may be left out between. */
  self->ended = ret == 0 || run->count < count;
  return ret;
}
