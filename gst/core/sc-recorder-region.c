/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The recorder's memory: the ring, the lanes with what they need, and the head
 * that counts who still uses it, in one block. */
#include "sc-recorder-private.h"

#include "sc-recording-name.h"

#include <errno.h>
#include <string.h>

#define PAGE 4096u
/* What a part's name has beyond the location and the file's name. */
#define PART_NAME_EXTRA 64u

typedef struct
{
  size_t memory, lanes, texts, block, size;
  size_t text_max;
} Layout;

static size_t
padded (size_t size)
{
  return (size + PAGE - 1) / PAGE * PAGE;
}

static const char *
name_of (const ScTargetConfig * target)
{
  return sc_recording_base_name (target->publish_path != NULL
      ? target->publish_path : target->path);
}

static size_t
text_bound (const ScRecorderConfig * config)
{
  size_t name = strlen (name_of (&config->target));
  size_t strings = name + strlen (config->target.path);

  if (config->backup_count == 0)
    return 0;
  for (unsigned i = 0; i < config->backup_count; i++)
    strings += strlen (config->backups[i]) + name + PART_NAME_EXTRA;
  return sc_manifest_bound (strings, config->backup_count + 1);
}

static Layout
lay_out (const ScRecorderConfig * config)
{
  size_t count = config->backup_count + 1u;
  Layout layout = {.text_max = text_bound (config) };

  layout.memory = padded (sc_byte_ring_region_size (config->ring_size));
  layout.lanes = layout.memory + count * padded (SC_TARGET_MEMORY);
  layout.texts = layout.lanes + padded (count * sizeof (ScLane));
  layout.block = layout.texts + padded (3 * count * layout.text_max);
  layout.size = layout.block + padded (sizeof (ScLaneBlock));
  return layout;
}

size_t
sc_recorder_region_size (const ScRecorderConfig * config)
{
  return lay_out (config).size;
}

static int
copy_string (char to[PATH_MAX], const char *from)
{
  if (from == NULL)
    from = "";
  if (strlen (from) >= PATH_MAX)
    return -ENAMETOOLONG;
  strcpy (to, from);
  return 0;
}

static int
configure_lane (ScRecorder * self, ScLane * lane, unsigned index)
{
  const ScTargetConfig *target = &self->config.target;
  int ret;

  lane->recorder = self;
  lane->save = sc_recorder_save;
  lane->index = index;
  lane->last = index + 1 == self->lane_count;
  lane->config = *target;
  lane->config.ops = &lane->ops;
  lane->config.sync = self->config.policy != SC_SYNC_NONE;
  /* What is at a backup is not gone on with, and not emptied either. */
  lane->config.keep_content = target->keep_content && index == 0;
  lane->config.exclusive = target->exclusive
      || (target->keep_content && index > 0);
  lane->config.uuid = self->block->uuid;
  lane->config.space.ahead = self->config.ring_size;
  if (index > 0)
    return copy_string (lane->path, self->config.backups[index - 1]);
  ret = copy_string (lane->path, target->path);
  if (ret == 0)
    ret = copy_string (lane->publish, target->publish_path);
  if (ret == 0)
    ret = copy_string (lane->journal, target->journal_path);
  return ret;
}

int
sc_recorder_make_lanes (ScRecorder * self)
{
  const ScRecorderConfig *config = &self->config;
  Layout layout = lay_out (config);
  uint8_t *region = config->region;
  const char *name = name_of (&config->target);
  int ret;

  self->block = (ScLaneBlock *) (region + layout.block);
  *self->block = (ScLaneBlock) {
    .start = region,.release = config->release_region
  };
  atomic_init (&self->block->users, 1);
  self->lane_count = config->backup_count + 1;
  self->lanes = (ScLane *) (region + layout.lanes);
  if (self->lane_count > SC_PARTS_MAX)
    return -E2BIG;
  if (strlen (name) > SC_JOURNAL_NAME_MAX)
    return -ENAMETOOLONG;
  strcpy (self->block->name, name);
  ret = sc_journal_make_uuid (self->block->uuid);
  for (unsigned i = 0; ret == 0 && i < self->lane_count; i++) {
    ScLane *lane = &self->lanes[i];

    sc_lane_init (lane, config->target.ops, self->block,
        (char *) region + layout.texts + 3 * i * layout.text_max,
        layout.text_max);
    ret = configure_lane (self, lane, i);
    lane->config.memory = region + layout.memory
        + i * padded (SC_TARGET_MEMORY);
  }
  return ret;
}
