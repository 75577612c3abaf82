/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-mp4-file.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#define TYPE SC_MP4_TYPE
#define COVERED_MAX (UINT64_C (1) << 30)
/* The largest movie box that is looked for at the end of the file. */
#define LAST_MAX (UINT64_C (256) << 20)
#define MAX_TRIES 256u          /* places that look like a movie box */

/* Whether a free box hides a movie box, right behind its header. */
static int
take_free (ScMp4File * self, const ScMp4Box * box)
{
  ScMp4Box moov;
  int ret = sc_mp4_box (&self->window, box->body, box->end, &moov);

  if (ret == 1 && moov.type == TYPE ('m', 'o', 'o', 'v')
      && moov.end <= box->end && self->hidden_count < SC_MP4_HIDDEN)
    self->hidden[self->hidden_count++] = (ScMp4Hidden) { moov, *box };
  return ret < 0 ? ret : 0;
}

static int
take_ftyp (ScMp4File * self, const ScMp4Box * box)
{
  uint8_t brand[4];
  int ret = sc_mp4_read (&self->window, box->body, brand, 4);

  self->quicktime = ret == 1 && memcmp (brand, "qt  ", 4) == 0;
  return ret < 0 ? ret : 0;
}

static void
take_mdat (ScMp4File * self, const ScMp4Box * box, const ScMp4Box * before)
{
  self->media_end = box->end < self->file->size ? box->end : self->file->size;
  if (self->mdat.type != 0)
    return;
  self->mdat = *box;
  self->mdat_has_room = before->type == TYPE ('f', 'r', 'e', 'e')
      && before->end == box->at && before->end - before->at == 8;
}

static int
take_box (ScMp4File * self, const ScMp4Box * box, const ScMp4Box * before)
{
  switch (box->type) {
    case TYPE ('f', 't', 'y', 'p'):
      return take_ftyp (self, box);
    case TYPE ('f', 'r', 'e', 'e'):
      return take_free (self, box);
    case TYPE ('m', 'o', 'o', 'v'):
      if (self->moov.type == 0) {
        self->moov = *box;
        self->before = *before;
      }
      if (self->moov_count < SC_MP4_MOOVS)
        self->moov_at[self->moov_count++] = box->at;
      return 0;
    case SC_MP4_HOOV:
      if (self->hoov.type == 0)
        self->hoov = *box;
      return 0;
    default:
      return 0;
  }
}

int
sc_mp4_file_walk (ScMp4File * self, const ScContainerFile * file)
{
  ScMp4Box box, before = { 0 };
  int ret = 1;

  memset (self, 0, offsetof (ScMp4File, window));
  self->file = file;
  sc_file_window_init (&self->window, file);
  while (ret == 1) {
    ret = sc_mp4_box (&self->window, self->end, file->size, &box);
    if (ret < 1)
      return ret;
    if (box.type == TYPE ('m', 'd', 'a', 't'))
      take_mdat (self, &box, &before);
    if (box.open || box.end > file->size)
      break;
    ret = take_box (self, &box, &before);
    if (ret < 0)
      return ret;
    before = box;
    self->end = box.end;
    ret = 1;
  }
  self->mdat_last = self->mdat.type != 0 && (self->mdat.open
      || self->mdat.end >= self->end);
  return 0;
}

/* Whether a movie box at @at is what it seems to be: it begins with its header
 * and has tracks. */
static int
is_moov (ScMp4File * self, uint64_t at, ScMp4Box * moov)
{
  ScMp4Box mvhd;
  int ret = sc_mp4_box (&self->window, at, self->file->size, moov);

  if (ret < 1 || moov->open || moov->end > self->file->size)
    return ret < 0 ? ret : 0;
  ret = sc_mp4_box (&self->window, moov->body, moov->end, &mvhd);
  return ret == 1 && (mvhd.type != TYPE ('m', 'v', 'h', 'd')
      || mvhd.end > moov->end) ? 0 : ret;
}

/* Whether whole boxes fill the file from @at to its end. */
static int
boxes_to_end (ScMp4File * self, uint64_t at)
{
  ScMp4Box box;
  int ret = 1;

  while (ret == 1 && at < self->file->size)
    ret = sc_mp4_child (&self->window, &at, self->file->size, &box);
  return ret;
}

static int
find_moov (ScMp4File * self, const char *letters, uint64_t at, uint64_t end,
    bool to_end, ScMp4Box * moov)
{
  int ret = 0;

  for (unsigned tries = 0; tries < MAX_TRIES; tries++) {
    ret = sc_mp4_find_letters (&self->window, letters, &at, end);
    if (ret < 1)
      return ret;
    if (at >= 4)
      ret = is_moov (self, at - 4, moov);
    else
      ret = 0;
    if (ret == 1 && to_end)
      ret = boxes_to_end (self, moov->end);
    if (ret != 0)
      return ret;
    at++;
  }
  return 0;
}

int
sc_mp4_file_find_last (ScMp4File * self, ScMp4Box * moov)
{
  uint64_t size = self->file->size, from = self->mdat.body;

  if (size > LAST_MAX && size - LAST_MAX > from)
    from = size - LAST_MAX;
  return find_moov (self, "moov", from, size, true, moov);
}

int
sc_mp4_file_find_covered (ScMp4File * self, ScMp4Box * moov)
{
  uint64_t from = self->mdat.body, end = self->file->size;

  if (end - from > COVERED_MAX)
    end = from + COVERED_MAX;
  return find_moov (self, "hoov", from, end, false, moov);
}

int
sc_mp4_file_edit_mdat (const ScMp4File * self, ScContainerPlan * plan,
    uint64_t end)
{
  const ScMp4Box *mdat = &self->mdat;
  uint8_t bytes[16];

  sc_mp4_put32 (bytes + 4, TYPE ('m', 'd', 'a', 't'));
  if (mdat->body - mdat->at == 16) {
    sc_mp4_put64 (bytes, end - mdat->at);
    return sc_container_edit (self->file, plan, mdat->at + 8, bytes, 8);
  }
  if (end - mdat->at <= UINT32_MAX) {
    sc_mp4_put32 (bytes, (uint32_t) (end - mdat->at));
    return sc_container_edit (self->file, plan, mdat->at, bytes, 8);
  }
  if (!self->mdat_has_room)
    return -EFBIG;
  sc_mp4_put32 (bytes, 1);
  sc_mp4_put64 (bytes + 8, end - (mdat->at - 8));
  return sc_container_edit (self->file, plan, mdat->at - 8, bytes, 16);
}

void
sc_mp4_file_cover (const ScMp4File * self, ScContainerPlan * plan)
{
  uint64_t gap = self->file->size > plan->size ? self->file->size - plan->size
      : 0;

  if (gap < 16)
    return;
  plan->cover.offset = plan->size;
  plan->cover.size = 16;
  sc_mp4_put32 (plan->cover.bytes, 1);
  sc_mp4_put32 (plan->cover.bytes + 4, TYPE ('f', 'r', 'e', 'e'));
  sc_mp4_put64 (plan->cover.bytes + 8, gap);
}
