/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-container.h"

#include "sc-aiff.h"
#include "sc-flac.h"
#include "sc-matroska.h"
#include "sc-mp4.h"
#include "sc-mpegts.h"
#include "sc-ogg.h"
#include "sc-wav.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const ScContainer *const containers[] = {
  &sc_wav_container,
  &sc_aiff_container,
  &sc_flac_container,
  &sc_matroska_container,
  &sc_mp4_container,
  &sc_ogg_container,
  &sc_mpegts_container,
};

int
sc_container_plan (const ScContainerFile * file, ScContainerPlan * plan)
{
  uint8_t head[SC_CONTAINER_HEAD];
  ssize_t got = sc_file_read_all (file->ops, file->fd, head, sizeof (head), 0);

  memset (plan, 0, sizeof (*plan));
  plan->duration_ns = UINT64_MAX;
  if (got < 0)
    return (int) got;
  for (size_t i = 0; i < sizeof (containers) / sizeof (containers[0]); i++) {
    int ret;

    if (!containers[i]->probe (head, (size_t) got))
      continue;
    plan->name = containers[i]->name;
    plan->size = file->size;
    ret = containers[i]->repair (file, plan);
    plan->beyond_repair = ret == -EBADMSG;
    plan->needs_repair = plan->edit_count > 0 || plan->tail_size > 0
        || plan->size != file->size;
    return ret < 0 ? ret : 1;
  }
  return 0;
}

void
sc_container_plan_clear (ScContainerPlan * plan)
{
  free (plan->edits);
  plan->edits = NULL;
  free (plan->state);
  plan->state = NULL;
  plan->write_tail = NULL;
}

/* Makes room for one more edit: for 8, then always twice as many. */
static int
grow (ScContainerPlan * plan)
{
  unsigned count = plan->edit_count;
  ScContainerEdit *grown;

  if (count == SC_CONTAINER_EDITS)
    return -E2BIG;
  if (count != 0 && (count < 8 || (count & (count - 1)) != 0))
    return 0;
  grown = realloc (plan->edits, sizeof (*grown) * (count == 0 ? 8 : 2 * count));
  if (grown == NULL)
    return -ENOMEM;
  plan->edits = grown;
  return 0;
}

int
sc_container_edit (const ScContainerFile * file, ScContainerPlan * plan,
    uint64_t offset, const void *bytes, uint32_t size)
{
  uint8_t present[SC_CONTAINER_EDIT_BYTES];
  ScContainerEdit *edit;
  ssize_t got;
  int ret;

  if (size > sizeof (present))
    return -E2BIG;
  got = sc_file_read_all (file->ops, file->fd, present, size, offset);
  if (got < 0)
    return (int) got;
  if ((uint32_t) got == size && memcmp (present, bytes, size) == 0)
    return 0;
  ret = grow (plan);
  if (ret < 0)
    return ret;
  edit = &plan->edits[plan->edit_count++];
  edit->offset = offset;
  edit->size = size;
  memcpy (edit->bytes, bytes, size);
  return 0;
}

/* Keeps every second point. */
static void
thin_out (ScContainerPlan * plan)
{
  for (unsigned i = 0; 2 * i < SC_CONTAINER_POINTS; i++)
    plan->points[i] = plan->points[2 * i];
  plan->point_count = SC_CONTAINER_POINTS / 2;
  plan->point_stride *= 2;
}

void
sc_container_point (ScContainerPlan * plan, uint64_t offset, uint64_t time_ns)
{
  const ScContainerPoint *last = plan->point_count == 0 ? NULL
      : &plan->points[plan->point_count - 1];

  if (last != NULL && (offset < last->offset || time_ns < last->time_ns))
    return;
  if (plan->point_stride == 0)
    plan->point_stride = 1;
  if (plan->point_skip > 0) {
    plan->point_skip--;
    return;
  }
  if (plan->point_count == SC_CONTAINER_POINTS)
    thin_out (plan);
  plan->points[plan->point_count++] = (ScContainerPoint) {
    .offset = offset,.time_ns = time_ns
  };
  plan->point_skip = plan->point_stride - 1;
}

/* From the last point at or before the range to the first one behind it; the
 * end of the media counts as one.  Not known beyond that. */
static uint64_t
time_between_points (const ScContainerPlan * plan, uint64_t start,
    uint64_t end)
{
  uint64_t from, to = plan->duration_ns;
  unsigned i = 0;

  if (plan->point_count == 0 || plan->duration_ns == UINT64_MAX
      || end > plan->media_offset + plan->media_size)
    return UINT64_MAX;
  if (end <= plan->media_offset || end <= start)
    return 0;
  while (i + 1 < plan->point_count && plan->points[i + 1].offset <= start)
    i++;
  from = plan->points[i].time_ns;
  for (; i < plan->point_count; i++)
    if (plan->points[i].offset >= end) {
      to = plan->points[i].time_ns;
      break;
    }
  return to > from ? to - from : 0;
}

uint64_t
sc_container_time (uint64_t units, uint64_t per_second)
{
  uint64_t seconds;

  if (per_second == 0 || per_second > UINT32_MAX)
    return UINT64_MAX;
  seconds = units / per_second;
  if (seconds >= UINT64_MAX / 1000000000 - 1)
    return UINT64_MAX;
  return seconds * 1000000000 + units % per_second * 1000000000 / per_second;
}

uint64_t
sc_container_lost_time (const ScContainerPlan * plan, uint64_t start,
    uint64_t end)
{
  if (plan->bytes_per_second == 0)
    return time_between_points (plan, start, end);
  if (start < plan->media_offset)
    start = plan->media_offset;
  return end <= start ? 0 : sc_container_time (end - start,
      plan->bytes_per_second);
}
