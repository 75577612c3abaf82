/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The samples of a track by movie fragments (ISO/IEC 14496-12, 8.8). */
#include "sc-mp4-source.h"

#define TYPE SC_MP4_TYPE

enum
{
  TFHD_BASE = 0x1,
  TFHD_DESCRIPTION = 0x2,
  TFHD_DURATION = 0x8,
  TFHD_SIZE = 0x10,
  TFHD_FLAGS = 0x20,
  TRUN_OFFSET = 0x1,
  TRUN_FIRST_FLAGS = 0x4,
  TRUN_DURATION = 0x100,
  TRUN_SIZE = 0x200,
  TRUN_FLAGS = 0x400,
  TRUN_SHIFT = 0x800,
  NOT_SYNC = 0x10000,
};

static ScFileWindow *
window_of (ScMp4Source * self)
{
  return &self->windows[SC_MP4_WINDOW_OTHER];
}

/* The next field of 4 bytes, where a flag says that it is there. */
static int
optional (ScMp4Source * self, const ScMp4Box * box, uint64_t * at,
    bool present, uint32_t * value)
{
  uint8_t bytes[4];
  int ret;

  if (!present)
    return 1;
  if (box->end - *at < 4)
    return 0;
  ret = sc_mp4_read (window_of (self), *at, bytes, 4);
  if (ret == 1)
    *value = sc_mp4_get32 (bytes);
  *at += 4;
  return ret;
}

/* 0 where it is another track's, or makes no sense. */
static int
take_tfhd (ScMp4Source * self, const ScMp4Box * tfhd)
{
  ScMp4Fragments *here = &self->fragments;
  uint64_t at = tfhd->body;
  uint32_t flags = 0, id = 0, unused;
  uint8_t bytes[8];
  int ret = optional (self, tfhd, &at, true, &flags);

  if (ret == 1)
    ret = optional (self, tfhd, &at, true, &id);
  if (ret < 1 || id != self->track->id)
    return ret < 0 ? ret : 0;
  here->base = here->moof.at;
  if (flags & TFHD_BASE) {
    if (tfhd->end - at < 8)
      return 0;
    ret = sc_mp4_read (window_of (self), at, bytes, 8);
    here->base = sc_mp4_get64 (bytes);
    at += 8;
  }
  here->duration = self->track->default_duration;
  here->size = self->track->default_size;
  here->sample_flags = self->track->default_flags;
  if (ret == 1)
    ret = optional (self, tfhd, &at, flags & TFHD_DESCRIPTION, &unused);
  if (ret == 1)
    ret = optional (self, tfhd, &at, flags & TFHD_DURATION, &here->duration);
  if (ret == 1)
    ret = optional (self, tfhd, &at, flags & TFHD_SIZE, &here->size);
  if (ret == 1)
    ret = optional (self, tfhd, &at, flags & TFHD_FLAGS, &here->sample_flags);
  here->offset = here->base;
  return ret;
}

/* When the traf begins, where it says so. */
static int
take_tfdt (ScMp4Source * self)
{
  ScMp4Fragments *here = &self->fragments;
  uint8_t bytes[12];
  ScMp4Box tfdt;
  int ret = sc_mp4_find (window_of (self), here->traf.body, here->traf.end,
      TYPE ('t', 'f', 'd', 't'), &tfdt);
  size_t size;

  here->has_time = false;
  if (ret < 1 || tfdt.end - tfdt.body < 8)
    return ret < 0 ? ret : 1;
  size = tfdt.end - tfdt.body < 12 ? 8 : 12;
  ret = sc_mp4_read (window_of (self), tfdt.body, bytes, size);
  if (ret == 1 && (bytes[0] != 1 || size == 12)) {
    here->has_time = true;
    here->time = bytes[0] == 1 ? sc_mp4_get64 (bytes + 4)
        : sc_mp4_get32 (bytes + 4);
  }
  return ret;
}

static int
take_trun (ScMp4Source * self)
{
  ScMp4Fragments *here = &self->fragments;
  uint64_t at = here->trun.body;
  uint32_t shift = 0;
  int ret = optional (self, &here->trun, &at, true, &here->flags);

  if (ret == 1)
    ret = optional (self, &here->trun, &at, true, &here->left);
  if (ret == 1)
    ret = optional (self, &here->trun, &at, here->flags & TRUN_OFFSET, &shift);
  if (here->flags & TRUN_OFFSET)
    here->offset = here->base + (uint64_t) (int64_t) (int32_t) shift;
  if (ret == 1)
    ret = optional (self, &here->trun, &at, here->flags & TRUN_FIRST_FLAGS,
        &here->first_flags);
  here->entry_at = at;
  here->first = true;
  return ret;
}

/* The next sample; where all that is left are alike, all of them. */
static int
take_entry (ScMp4Source * self, ScMp4Run * run)
{
  ScMp4Fragments *here = &self->fragments;
  const ScMp4Box *trun = &here->trun;
  uint64_t *at = &here->entry_at;
  uint32_t flags = here->sample_flags, shift = 0;
  int ret;

  *run = (ScMp4Run) { .count = 1,.delta = here->duration,.size = here->size };
  if (!(here->flags & (TRUN_DURATION | TRUN_SIZE | TRUN_FLAGS | TRUN_SHIFT))
      && !(here->first && here->flags & TRUN_FIRST_FLAGS))
    run->count = here->left;
  ret = optional (self, trun, at, here->flags & TRUN_DURATION, &run->delta);
  if (ret == 1)
    ret = optional (self, trun, at, here->flags & TRUN_SIZE, &run->size);
  if (ret == 1 && here->first && here->flags & TRUN_FIRST_FLAGS)
    flags = here->first_flags;
  if (ret == 1)
    ret = optional (self, trun, at, here->flags & TRUN_FLAGS, &flags);
  if (ret == 1)
    ret = optional (self, trun, at, here->flags & TRUN_SHIFT, &shift);
  run->shift = (int32_t) shift;
  run->sync = !(flags & NOT_SYNC);
  run->offset = here->offset;
  run->begins_chunk = here->first;
  run->has_time = here->has_time;
  run->time = here->time;
  here->has_time = false;
  here->offset += (uint64_t) run->count * run->size;
  here->first = false;
  here->left -= run->count;
  return ret == 1 && run->offset >= UINT64_MAX / 4 ? 0 : ret;
}

/* Opens the next trun of the open traf, or closes the traf.  Like the two
 * below: 1 where something was done, 0 where reading ends, or -errno. */
static int
next_trun (ScMp4Source * self)
{
  ScMp4Fragments *here = &self->fragments;
  int ret;

  while ((ret = sc_mp4_child (window_of (self), &here->trun_at,
              here->traf.end, &here->trun)) == 1)
    if (here->trun.type == TYPE ('t', 'r', 'u', 'n'))
      return take_trun (self);
  here->traf.type = 0;
  return ret < 0 ? ret : 1;
}

/* The next traf of the open moof that is this track's. */
static int
next_traf (ScMp4Source * self)
{
  ScMp4Fragments *here = &self->fragments;
  ScMp4Box tfhd;
  int ret;

  while ((ret = sc_mp4_child (window_of (self), &here->traf_at,
              here->moof.end, &here->traf)) == 1) {
    if (here->traf.type != TYPE ('t', 'r', 'a', 'f'))
      continue;
    ret = sc_mp4_find (window_of (self), here->traf.body, here->traf.end,
        TYPE ('t', 'f', 'h', 'd'), &tfhd);
    if (ret == 1)
      ret = take_tfhd (self, &tfhd);
    if (ret == 1)
      ret = take_tfdt (self);
    here->trun_at = here->traf.body;
    if (ret != 0)
      return ret;
  }
  here->traf.type = 0;
  here->moof.type = 0;
  return ret < 0 ? ret : 1;
}

/* The next box of the file, whatever it is. */
static int
next_box (ScMp4Source * self)
{
  ScMp4Fragments *here = &self->fragments;
  int ret = sc_mp4_box (window_of (self), here->at, self->fragments_end,
      &here->moof);

  if (ret < 1 || here->moof.end > self->fragments_end)
    return ret < 0 ? ret : 0;
  here->at = here->moof.end;
  return 1;
}

static int
next_moof (ScMp4Source * self)
{
  ScMp4Fragments *here = &self->fragments;
  int ret;

  while ((ret = next_box (self)) >= 0) {
    if (ret == 1 && here->moof.type == TYPE ('m', 'o', 'o', 'f')) {
      here->traf_at = here->moof.body;
      if (here->moof.end > self->moofs_end)
        self->moofs_end = here->moof.end;
      return 1;
    }
    if (ret == 0 && here->leaps++ < SC_MP4_LEAPS)
      ret = sc_mp4_find_moof (window_of (self), &here->at,
          self->fragments_end);
    if (ret < 1)
      break;
  }
  here->moof.type = 0;
  return ret;
}

int
sc_mp4_fragments_next (ScMp4Source * self, ScMp4Run * run)
{
  ScMp4Fragments *here = &self->fragments;
  int ret;

  while (here->left == 0) {
    if (here->traf.type != 0)
      ret = next_trun (self);
    else if (here->moof.type != 0)
      ret = next_traf (self);
    else
      ret = next_moof (self);
    if (ret < 1)
      return ret;
  }
  return take_entry (self, run);
}
