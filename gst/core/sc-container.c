/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-container.h"

#include "sc-wav.h"

#include <errno.h>
#include <string.h>

static const ScContainer *const containers[] = {
  &sc_wav_container,
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
    plan->needs_repair = plan->edit_count > 0 || plan->size != file->size;
    return ret < 0 ? ret : 1;
  }
  return 0;
}

int
sc_container_edit (const ScContainerFile * file, ScContainerPlan * plan,
    uint64_t offset, const void *bytes, uint32_t size)
{
  uint8_t present[SC_CONTAINER_EDIT_BYTES];
  ScContainerEdit *edit;
  ssize_t got;

  if (size > sizeof (present))
    return -E2BIG;
  got = sc_file_read_all (file->ops, file->fd, present, size, offset);
  if (got < 0)
    return (int) got;
  if ((uint32_t) got == size && memcmp (present, bytes, size) == 0)
    return 0;
  if (plan->edit_count == SC_CONTAINER_EDITS)
    return -E2BIG;
  edit = &plan->edits[plan->edit_count++];
  edit->offset = offset;
  edit->size = size;
  memcpy (edit->bytes, bytes, size);
  return 0;
}

uint64_t
sc_container_lost_time (const ScContainerPlan * plan, uint64_t start,
    uint64_t end)
{
  uint64_t bytes, seconds;

  if (plan->bytes_per_second == 0)
    return UINT64_MAX;
  if (start < plan->media_offset)
    start = plan->media_offset;
  if (end <= start)
    return 0;
  bytes = end - start;
  seconds = bytes / plan->bytes_per_second;
  if (seconds >= UINT64_MAX / 1000000000 - 1)
    return UINT64_MAX;
  /* The rest is below 2^32 bytes a second, so this does not overflow. */
  return seconds * 1000000000
      + bytes % plan->bytes_per_second * 1000000000 / plan->bytes_per_second;
}
