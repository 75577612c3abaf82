/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-chunks.h"

#include <stdio.h>

/* Whether whole chunks fill the file from @at to its end. */
static int
fill (const ScContainerFile * file, uint64_t at, ScChunkSize get_size)
{
  for (unsigned i = 0; at < file->size && i < SC_CHUNKS_MAX; i++) {
    uint8_t head[8];
    ssize_t got = sc_file_read_all (file->ops, file->fd, head, 8, at);

    if (got < 0)
      return (int) got;
    if (got < 8)
      return 0;
    for (int c = 0; c < 4; c++)
      if (head[c] < 0x20 || head[c] > 0x7e)
        return 0;
    at += 8 + (uint64_t) get_size (head + 4);
    if (at < file->size)
      at += get_size (head + 4) & 1;
  }
  return at == file->size;
}

int
sc_chunks_follow (const ScContainerFile * file, uint64_t at,
    ScChunkSize get_size)
{
  int ret = fill (file, at, get_size);

  return ret == 0 && at & 1 ? fill (file, at + 1, get_size) : ret;
}

void
sc_chunks_tell (ScContainerPlan * plan, const ScChunksSound * sound)
{
  snprintf (plan->detail, sizeof (plan->detail),
      "%u channel%s, %u Hz, %u bits%s", sound->channels,
      sound->channels == 1 ? "" : "s", sound->rate, sound->bits,
      sound->is_float ? " float" : "");
  plan->bytes_per_second = sound->bytes_per_second;
  plan->duration_ns = sc_container_lost_time (plan, plan->media_offset,
      plan->media_offset + plan->media_size);
}
