/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-matroska-file.h"

#include <errno.h>
#include <stdlib.h>

#define CUES_HEADER 12u         /* an id of 4 bytes, a size of 8 */

enum
{
  CUE_POINT = 0xBB,
  CUE_TIME = 0xB3,
  CUE_TRACK_POSITIONS = 0xB7,
  CUE_TRACK = 0xF7,
  CUE_CLUSTER_POSITION = 0xF1,
};

/* The state of the tail. */
typedef struct
{
  uint64_t track;
  unsigned count;
  ScMatroskaCue cues[];
} Cues;

void
sc_matroska_add_cue (ScMatroska * self, const ScMatroskaCue * cue)
{
  if (self->cue_skip > 0) {
    self->cue_skip--;
    return;
  }
  if (self->cue_count == SC_MATROSKA_CUES) {
    for (unsigned i = 0; 2 * i < SC_MATROSKA_CUES; i++)
      self->cues[i] = self->cues[2 * i];
    self->cue_count /= 2;
    self->cue_stride *= 2;
  }
  self->cues[self->cue_count++] = *cue;
  self->cue_skip = self->cue_stride - 1;
}

static int
put_number (ScContainerWrite write, void *user, uint32_t id, uint64_t value)
{
  uint8_t bytes[10];
  unsigned width = sc_ebml_uint_width (value);

  bytes[0] = (uint8_t) id;
  sc_ebml_put_size (bytes + 1, 1, width);
  sc_ebml_put_uint (bytes + 2, width, value);
  return write (user, bytes, 2 + width);
}

/* Bytes that put_number() writes. */
static unsigned
number_size (uint64_t value)
{
  return 2 + sc_ebml_uint_width (value);
}

static unsigned
positions_size (const Cues * cues, const ScMatroskaCue * cue)
{
  return number_size (cues->track) + number_size (cue->position);
}

/* A CuePoint's body; with its header it takes two bytes more. */
static unsigned
point_size (const Cues * cues, const ScMatroskaCue * cue)
{
  return number_size ((uint64_t) cue->time) + 2 + positions_size (cues, cue);
}

static int
write_point (const Cues * cues, const ScMatroskaCue * cue,
    ScContainerWrite write, void *user)
{
  uint8_t head[2] = { CUE_POINT, (uint8_t) (0x80 | point_size (cues, cue)) };
  int ret = write (user, head, 2);

  if (ret == 0)
    ret = put_number (write, user, CUE_TIME, (uint64_t) cue->time);
  head[0] = CUE_TRACK_POSITIONS;
  head[1] = (uint8_t) (0x80 | positions_size (cues, cue));
  if (ret == 0)
    ret = write (user, head, 2);
  if (ret == 0)
    ret = put_number (write, user, CUE_TRACK, cues->track);
  return ret == 0 ? put_number (write, user, CUE_CLUSTER_POSITION,
      cue->position) : ret;
}

static int
write_cues (const ScContainerFile * file, const ScContainerPlan * plan,
    ScContainerWrite write, void *user)
{
  const Cues *cues = plan->state;
  uint8_t head[CUES_HEADER];
  int ret;

  sc_ebml_put_uint (head, 4, SC_MATROSKA_CUES_ID);
  sc_ebml_put_size (head + 4, 8, plan->tail_size - CUES_HEADER);
  ret = write (user, head, CUES_HEADER);
  for (unsigned i = 0; ret == 0 && i < cues->count; i++)
    ret = write_point (cues, &cues->cues[i], write, user);
  return ret;
}

int
sc_matroska_plan_cues (ScMatroska * self, ScContainerPlan * plan)
{
  Cues *cues = malloc (sizeof (*cues) + self->cue_count * sizeof (*self->cues));

  if (cues == NULL)
    return -ENOMEM;
  cues->track = self->tracks[self->cue_track].number;
  cues->count = 0;
  plan->tail_size = CUES_HEADER;
  for (unsigned i = 0; i < self->cue_count; i++) {
    if (self->cues[i].time < 0)
      continue;
    cues->cues[cues->count++] = self->cues[i];
    plan->tail_size += 2 + point_size (cues, &self->cues[i]);
  }
  plan->state = cues;
  plan->write_tail = write_cues;
  self->cues_at = self->end;
  plan->size = self->end + plan->tail_size;
  return 0;
}
