/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-matroska-file.h"

#include <stddef.h>

enum
{
  POSITION = 0xA7,
  PREVIOUS_SIZE = 0xAB,
  SIMPLE_BLOCK = 0xA3,
  BLOCK_GROUP = 0xA0,
  BLOCK = 0xA1,
  BLOCK_DURATION = 0x9B,
  REFERENCE_BLOCK = 0xFB,
  SILENT_TRACKS = 0x5854,
  ENCRYPTED_BLOCK = 0xAF,
};

/* More than any clock counts in ticks; keeps sums far from overflow. */
#define MAX_TIME (INT64_C (1) << 60)

typedef struct
{
  ScMatroskaTrack *track;       /* NULL: none of ours */
  int64_t time;
  bool key;
} Block;

static bool
is_child (uint32_t id)
{
  switch (id) {
    case SC_MATROSKA_TIMESTAMP:
    case POSITION:
    case PREVIOUS_SIZE:
    case SIMPLE_BLOCK:
    case BLOCK_GROUP:
    case SILENT_TRACKS:
    case ENCRYPTED_BLOCK:
    case SC_EBML_VOID:
    case SC_EBML_CRC32:
      return true;
    default:
      return false;
  }
}

static ScMatroskaTrack *
find_track (ScMatroska * self, uint64_t number)
{
  for (unsigned i = 0; i < self->track_count; i++)
    if (self->tracks[i].number == number)
      return &self->tracks[i];
  return NULL;
}

/* The first bytes of a SimpleBlock or Block: track, relative time, flags. */
static int
read_block (ScMatroska * self, const ScEbml * element,
    const ScMatroskaCluster * cluster, Block * block)
{
  const uint8_t *bytes;
  uint64_t number;
  unsigned width;
  ssize_t got = sc_file_window_look (&self->window, element->body,
      element->size < 11 ? (size_t) element->size : 11, &bytes);

  block->track = NULL;
  if (got <= 0)
    return (int) got;
  width = sc_ebml_vint (bytes, (size_t) got, &number);
  if (width == 0 || got < (ssize_t) width + 3)
    return 0;
  block->track = find_track (self, number);
  block->time = cluster->time
      + (int16_t) (bytes[width] << 8 | bytes[width + 1]);
  block->key = bytes[width + 2] & 0x80;
  return 0;
}

static void
take_block (ScMatroska * self, const Block * block, int64_t duration,
    ScMatroskaCluster * cluster)
{
  ScMatroskaTrack *track = block->track;

  cluster->blocks++;
  if (track == NULL || !cluster->has_time)
    return;
  if (block->time > track->last) {
    track->previous = track->last;
    track->last = block->time;
  } else if (block->time > track->previous && block->time < track->last) {
    track->previous = block->time;
  }
  if (duration > 0 && block->time + duration > track->last_end)
    track->last_end = block->time + duration;
  if (self->first_time == INT64_MIN || block->time < self->first_time)
    self->first_time = block->time;
  if (track == &self->tracks[self->cue_track] && !cluster->has_cue) {
    cluster->has_cue = true;
    cluster->cue_key = block->key || track->type == SC_MATROSKA_AUDIO;
    cluster->cue_time = block->time;
  }
}

static int
take_group (ScMatroska * self, const ScEbml * group,
    ScMatroskaCluster * cluster)
{
  Block block = { NULL, 0, true };
  uint64_t at = group->body, duration = 0;
  bool has_block = false, refers = false;
  ScEbml child;
  int ret;

  while ((ret = sc_matroska_child (self, &at, sc_ebml_end (group),
              &child)) == 1) {
    if (child.id == BLOCK) {
      ret = read_block (self, &child, cluster, &block);
      has_block = true;
    } else if (child.id == BLOCK_DURATION)
      ret = sc_ebml_uint (&self->window, &child, &duration);
    else if (child.id == REFERENCE_BLOCK)
      refers = true;
    if (ret < 0)
      return ret;
  }
  block.key = !refers;
  if (ret == 0 && has_block)
    take_block (self, &block, duration < (uint64_t) MAX_TIME
        ? (int64_t) duration : 0, cluster);
  return ret;
}

static int
take_child (ScMatroska * self, const ScEbml * child,
    ScMatroskaCluster * cluster)
{
  uint64_t time;
  Block block;
  int ret;

  switch (child->id) {
    case SC_MATROSKA_TIMESTAMP:
      ret = sc_ebml_uint (&self->window, child, &time);
      if (ret == 1 && time < (uint64_t) MAX_TIME) {
        cluster->time = (int64_t) time;
        cluster->has_time = true;
      }
      return ret < 0 ? ret : 0;
    case SIMPLE_BLOCK:
      ret = read_block (self, child, cluster, &block);
      if (ret == 0)
        take_block (self, &block, 0, cluster);
      return ret;
    case BLOCK_GROUP:
      return take_group (self, child, cluster);
    default:
      return 0;
  }
}

int
sc_matroska_walk_cluster (ScMatroska * self, const ScEbml * cluster,
    uint64_t end, unsigned max_children, ScMatroskaCluster * result)
{
  uint64_t at = cluster->body;
  ScEbml child;
  int ret = 0;

  *result = (ScMatroskaCluster) { .end = at };
  for (unsigned i = 0; max_children == 0 || i < max_children; i++) {
    ret = sc_matroska_child (self, &at, end, &child);
    if (ret < 1 || !is_child (child.id))
      break;
    ret = take_child (self, &child, result);
    if (ret < 0)
      break;
    result->end = at;
    if (max_children != 0 && result->has_cue && result->has_time)
      break;
  }
  return ret < 0 ? ret : 0;
}
