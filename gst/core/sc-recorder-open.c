/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How a lane's writer thread opens its target: names, files, manifest. */
#include "sc-recorder-private.h"

#include "sc-manifest-file.h"
#include "sc-recording-name.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Whether a backup's location is a folder, or -errno. */
static int
is_folder (ScLane * lane)
{
  size_t length = strlen (lane->path);
  int fd;

  if (length == 0)
    return -ENOENT;
  if (lane->path[length - 1] == '/')
    return 1;
  fd = lane->ops.open (&lane->ops, lane->path, O_RDONLY | O_DIRECTORY, 0);
  if (fd < 0)
    return fd == -ENOENT || fd == -ENOTDIR ? 0 : fd;
  (void) lane->ops.close (&lane->ops, fd);
  return 1;
}

static int __attribute__ ((format (printf, 2, 3)))
name (char out[PATH_MAX], const char *format, ...)
{
  va_list args;
  int length;

  va_start (args, format);
  length = vsnprintf (out, PATH_MAX, format, args);
  va_end (args);
  return length < 0 || length >= PATH_MAX ? -ENAMETOOLONG : 0;
}

/* Of a backup: the file's name there, in lane->publish. */
static int
find_place (ScLane * lane)
{
  size_t length = strlen (lane->path);
  int folder = is_folder (lane);

  if (folder < 0)
    return folder;
  if (!folder)
    return name (lane->publish, "%s", lane->path);
  return name (lane->publish, lane->path[length - 1] == '/' ? "%s%s" : "%s/%s",
      lane->path, lane->block->name);
}

/* A first target that is not the recording's location: named as it would be
 * there. */
static int
name_first (ScRecorder * self, ScLane * lane)
{
  const ScTargetConfig *target = &self->config.target;
  int ret = name (lane->path, target->publish_path != NULL
      ? "%s" SC_PART_SUFFIX : "%s", lane->publish);

  if (ret == 0 && target->journal_path != NULL)
    ret = name (lane->journal, "%s" SC_JOURNAL_SUFFIX, lane->publish);
  if (target->publish_path == NULL)
    lane->publish[0] = '\0';
  return ret;
}

/* A later part: NAME.XXXXXXXX-K.part, so that parts of different recordings
 * never meet. */
static int
name_part (ScLane * lane)
{
  const uint8_t *uuid = lane->block->uuid;
  char stem[PATH_MAX];
  int ret = name (stem, "%s.%02x%02x%02x%02x-%u", lane->publish, uuid[0],
      uuid[1], uuid[2], uuid[3], lane->config.part);

  if (ret == 0)
    ret = name (lane->path, "%s" SC_PART_SUFFIX, stem);
  if (ret == 0)
    ret = name (lane->journal, "%s" SC_JOURNAL_SUFFIX, stem);
  lane->publish[0] = '\0';
  lane->config.exclusive = true;
  lane->config.keep_journal = true;
  return ret;
}

/* In an operation.  Looks at the disk only for a backup. */
static int
choose_names (ScRecorder * self, ScLane * lane)
{
  int ret = lane->index > 0 ? find_place (lane) : 0;

  if (ret == 0)
    ret = name (lane->manifest, "%s" SC_MANIFEST_SUFFIX,
        lane->publish[0] != '\0' ? lane->publish : lane->path);
  if (ret == 0 && lane->config.part > 0)
    ret = name_part (lane);
  else if (ret == 0 && lane->index > 0)
    ret = name_first (self, lane);
  lane->config.path = lane->path;
  lane->config.publish_path = lane->publish[0] != '\0' ? lane->publish : NULL;
  lane->config.journal_path = lane->journal[0] != '\0' ? lane->journal : NULL;
  return ret;
}

/* false where the lane was retired meanwhile */
static bool
open_target (ScRecorder * self, ScLane * lane, int *ret, ScFault * fault)
{
  lane->config.part = sc_recorder_parts (self);
  lane->config.base = lane->base;
  if (!sc_lane_begin (lane, SC_LANE_WRITER))
    return false;
  *ret = choose_names (self, lane);
  if (*ret < 0)
    *fault = (ScFault) {.kind = SC_FAULT_OPEN,.error = *ret };
  else
    *ret = sc_target_open (&lane->target, &lane->config, fault);
  /* Release: pairs with the acquire in has_target. */
  atomic_store_explicit (&lane->has_target, *ret == 0, memory_order_release);
  return sc_lane_end (lane, SC_LANE_WRITER);
}

static bool
write_manifest (ScRecorder * self, ScLane * lane, int *ret, ScFault * fault)
{
  uint64_t revision;
  int length = sc_recorder_compose_manifest (self, lane->copy, lane->text_max,
      &revision);

  *ret = length;
  if (length >= 0) {
    if (!sc_lane_begin (lane, SC_LANE_WRITER))
      return false;
    *ret = sc_manifest_file_write (&lane->ops, lane->manifest,
        lane->block->uuid, lane->copy, (size_t) length,
        lane->config.permissions);
    if (!sc_lane_end (lane, SC_LANE_WRITER))
      return false;
  }
  if (*ret < 0)
    *fault = (ScFault) {.kind = SC_FAULT_MANIFEST,.error = *ret };
  return true;
}

/* Before the first byte goes to the target. */
static void
tell_opened (ScRecorder * self, ScLane * lane)
{
  sc_recorder_apply (self, SC_RECORDER_OPENED); /* refused, but for the first */
  if (lane->index > 0) {
    /* Release: pairs with the acquire in sc_recorder_switches. */
    atomic_fetch_add_explicit (&self->switches, 1, memory_order_release);
    sc_recorder_apply (self, SC_RECORDER_SWITCHED);
    sc_recorder_notify (self);
  }
  sc_lane_say_opened (lane);
}

/* Content that was kept counts as recorded. */
static void
begin_behind (ScRecorder * self, const ScLane * lane)
{
  uint64_t size = lane->target.base_size;

  atomic_store_explicit (&self->start, size, memory_order_relaxed);
  atomic_store_explicit (&self->size, size, memory_order_relaxed);
  if (lane->config.sync)
    atomic_store_explicit (&self->durable, size, memory_order_release);
}

bool
sc_recorder_open_lane (ScRecorder * self, ScLane * lane)
{
  ScFault fault;
  int ret;

  if (!open_target (self, lane, &ret, &fault))
    return false;
  if (ret == 0) {
    if (lane->config.keep_content)
      begin_behind (self, lane);
    sc_recorder_note_room (self, lane);
    sc_recorder_note_journal (self, lane);
    sc_recorder_note_opened (self, lane);
    if (lane->config.part > 0 && !write_manifest (self, lane, &ret, &fault))
      return false;
    if (ret == 0 && lane->config.part > 0)
      sc_recorder_note_manifest (self, lane);
  }
  if (ret < 0)
    sc_lane_fail (lane, SC_LANE_WRITER, &fault);
  else
    tell_opened (self, lane);
  sc_eventcount_notify (&self->sync_wake);
  return ret == 0;
}
