/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-matroska.h"

#include "sc-matroska-file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEAD_CHILDREN 64u       /* looked at for a cluster's first frame */

static bool
probe (const uint8_t * head, size_t size)
{
  if (size < 12 || memcmp (head, "\x1A\x45\xDF\xA3", 4) != 0)
    return false;
  for (size_t i = 4; i + 4 <= size; i++)
    if (memcmp (head + i, "webm", 4) == 0
        || (i + 8 <= size && memcmp (head + i, "matroska", 8) == 0))
      return true;
  return false;
}

static uint64_t
to_ns (const ScMatroska * self, int64_t ticks)
{
  if (ticks <= 0)
    return 0;
  return (uint64_t) ticks > UINT64_MAX / 2 / self->tick_ns ? UINT64_MAX / 2
      : (uint64_t) ticks * self->tick_ns;
}

/* Where the next Cluster with a Timestamp in front begins, from @at on.  1, 0
 * where there is none, or -errno. */
static int
find_cluster (ScMatroska * self, uint64_t at, uint64_t * found)
{
  const uint8_t *bytes, *hit;
  ScEbml cluster, child;
  ssize_t got;
  int ret;

  while ((got = sc_file_window_look (&self->window, at, SC_FILE_WINDOW,
              &bytes)) >= 4 && at < self->limit) {
    hit = memmem (bytes, (size_t) got, "\x1F\x43\xB6\x75", 4);
    if (hit == NULL) {
      at += (uint64_t) got - 3;
      continue;
    }
    at += (uint64_t) (hit - bytes);
    ret = sc_ebml_read (&self->window, at, self->limit, &cluster);
    if (ret == 1)
      ret = sc_ebml_read (&self->window, cluster.body, self->limit, &child);
    if (ret < 0)
      return ret;
    if (ret == 1 && child.id == SC_MATROSKA_TIMESTAMP && child.size >= 1
        && child.size <= 8) {
      *found = at;
      return 1;
    }
    at++;
  }
  return got < 0 ? (int) got : 0;
}

static int
edit_size (const ScContainerFile * file, ScContainerPlan * plan,
    const ScEbml * element, uint64_t end)
{
  uint8_t bytes[8];

  if (!sc_ebml_put_size (bytes, element->size_width, end - element->body))
    return 0;                   /* too narrow: what is there has to do */
  return sc_container_edit (file, plan, element->body - element->size_width,
      bytes, element->size_width);
}

/* Damage lies in front of something that is whole: it becomes a Void, and the
 * cluster that it cuts off gets its true size. */
static int
edit_gap (ScMatroska * self, uint64_t end, ScContainerPlan * plan)
{
  const ScContainerFile *file = self->window.file;
  uint64_t from = self->gap;
  uint8_t bytes[9];
  int ret = 0;

  self->gap = 0;
  if (from == 0 || end - from < 2)
    return 0;
  if (self->last_cluster_end == from && self->last_cluster.size != UINT64_MAX
      && sc_ebml_end (&self->last_cluster) != from)
    ret = edit_size (file, plan, &self->last_cluster, from);
  if (ret == 0)
    ret = sc_container_edit (file, plan, from, bytes, sc_ebml_put_void (bytes,
            end - from));
  return ret == -E2BIG ? 0 : ret;
}

/* Takes in what stands at the beginning of a cluster that is whole, or all of
 * one that is not. */
static int
take_cluster (ScMatroska * self, const ScEbml * cluster,
    ScContainerPlan * plan, uint64_t * at)
{
  uint64_t end = sc_ebml_end (cluster);
  bool whole = end <= self->limit;
  ScMatroskaCluster seen;
  int ret = sc_matroska_walk_cluster (self, cluster, whole ? end : self->limit,
      whole ? HEAD_CHILDREN : 0, &seen);

  if (ret < 0)
    return ret;
  if (!whole)
    end = seen.end;
  *at = end;
  if (!whole && seen.blocks == 0) {
    if (self->gap == 0)
      self->gap = cluster->at;
    return 0;
  }
  ret = edit_gap (self, cluster->at, plan);
  if (ret < 0)
    return ret;
  self->end = self->void_end = end;
  self->previous_cluster = self->last_cluster;
  self->previous_cluster_end = self->last_cluster_end;
  self->last_cluster = *cluster;
  self->last_cluster_end = end;
  if (self->first_cluster == 0)
    self->first_cluster = cluster->at;
  if (!seen.has_time)
    return 0;
  if (self->first_time != INT64_MIN)
    sc_container_point (plan, cluster->at, to_ns (self, seen.time
            - self->first_time));
  if (seen.has_cue && seen.cue_key)
    sc_matroska_add_cue (self, &(ScMatroskaCue) { seen.cue_time,
            cluster->at - self->segment.body });
  return 0;
}

/* Whether an element of the Segment begins here, of which the id alone, or less,
 * need be there: Cues that a crash has cut. */
static int
top_begins (ScMatroska * self, uint64_t at)
{
  static const uint8_t cues[4] = { 0x1C, 0x53, 0xBB, 0x6B };
  size_t size = self->limit - at < 4 ? (size_t) (self->limit - at) : 4;
  const uint8_t *bytes;
  ScEbml next;
  ssize_t got;
  int ret = sc_ebml_read (&self->window, at, self->limit, &next);

  if (ret != 0)
    return ret == 1 ? sc_matroska_is_top (next.id) : ret;
  got = sc_file_window_look (&self->window, at, size, &bytes);
  return got < 0 ? (int) got : got == (ssize_t) size
      && memcmp (bytes, cues, size) == 0;
}

/* Whether this is an element of the Segment, whole: one that is known, or one
 * that such a one follows. */
static int
belongs (ScMatroska * self, const ScEbml * element)
{
  uint64_t end = sc_ebml_end (element);

  if (end > self->limit)
    return 0;
  return sc_matroska_is_top (element->id) || end == self->limit ? 1
      : top_begins (self, end);
}

/* Walks through the Segment.  Where nothing readable stands, it goes on at the
 * next cluster.  Sets @end behind the last whole thing. */
static int
walk (ScMatroska * self, ScContainerPlan * plan)
{
  uint64_t at = self->segment.body;
  ScEbml element;
  int ret;

  while (at < self->limit) {
    ret = sc_ebml_read (&self->window, at, self->limit, &element);
    if (ret == 1 && element.id == SC_MATROSKA_CLUSTER) {
      ret = take_cluster (self, &element, plan, &at);
      if (ret < 0)
        return ret;
      continue;
    }
    if (ret == 1)
      ret = belongs (self, &element);
    if (ret == 1) {
      ret = edit_gap (self, element.at, plan);
      if (ret == 0)
        ret = sc_matroska_take_top (self, &element);
      self->void_end = at = sc_ebml_end (&element);
      if (element.id != SC_EBML_VOID)
        self->end = at;
    } else if (ret >= 0) {
      if (self->gap == 0)
        self->gap = at;
      ret = find_cluster (self, at + 1, &at);
      if (ret == 0)
        return 0;
    }
    if (ret < 0)
      return ret;
  }
  return 0;
}

/* When the last block of all tracks ends, in ticks. */
static int64_t
last_time (const ScMatroska * self)
{
  int64_t last = INT64_MIN;

  for (unsigned i = 0; i < self->track_count; i++) {
    const ScMatroskaTrack *track = &self->tracks[i];
    int64_t end = track->last;

    if (end == INT64_MIN)
      continue;
    if (track->default_ns > 0 && track->default_ns < INT64_MAX / 2)
      end += (int64_t) ((track->default_ns + self->tick_ns / 2)
          / self->tick_ns);
    else if (track->previous != INT64_MIN)
      end += track->last - track->previous;
    if (track->last_end > end)
      end = track->last_end;
    if (end > last)
      last = end;
  }
  return last;
}

static void
describe (const ScMatroska * self, ScContainerPlan * plan)
{
  size_t used = 0;

  for (unsigned i = 0; i < self->track_count && used < sizeof (plan->detail);
      i++) {
    const ScMatroskaTrack *track = &self->tracks[i];
    char *next = plan->detail + used;
    size_t room = sizeof (plan->detail) - used;
    int got = snprintf (next, room, "%s%s", i == 0 ? "" : ", ", track->codec);

    used += (size_t) got;
    if (used >= sizeof (plan->detail))
      return;
    next = plan->detail + used;
    room = sizeof (plan->detail) - used;
    if (track->width > 0 && track->width < 1000000 && track->height < 1000000)
      got = snprintf (next, room, " %ux%u", (unsigned) track->width,
          (unsigned) track->height);
    else if (track->rate > 0)
      got = snprintf (next, room, " %u Hz", (unsigned) track->rate);
    else
      got = 0;
    used += (size_t) got;
  }
}

static const ScMatroskaSeek *
find_seek (const ScMatroska * self, uint32_t id)
{
  for (unsigned i = 0; i < self->seek_count; i++)
    if (self->seeks[i].id == id)
      return &self->seeks[i];
  return NULL;
}

static uint64_t
place_of (const ScMatroska * self, uint64_t id)
{
  switch (id) {
    case SC_MATROSKA_INFO:
      return self->info_at;
    case SC_MATROSKA_TRACKS_ID:
      return self->tracks_at;
    case SC_MATROSKA_CHAPTERS:
      return self->chapters_at;
    case SC_MATROSKA_TAGS:
      return self->tags_at;
    case SC_MATROSKA_CUES_ID:
      return self->cues_at;
    default:
      return 0;
  }
}

/* An entry of what is not there becomes a Void of the same size. */
static int
edit_seek (const ScContainerFile * file, ScContainerPlan * plan,
    const ScMatroska * self, const ScMatroskaSeek * seek)
{
  uint64_t place = place_of (self, seek->id);
  uint8_t bytes[9];

  if (place != 0 && sc_ebml_uint_width (place - self->segment.body)
      <= seek->width) {
    sc_ebml_put_uint (bytes, seek->width, place - self->segment.body);
    return sc_container_edit (file, plan, seek->position_at, bytes,
        seek->width);
  }
  return sc_container_edit (file, plan, seek->at, bytes,
      sc_ebml_put_void (bytes, seek->total));
}

static int
edit_duration (const ScContainerFile * file, ScContainerPlan * plan,
    const ScMatroska * self, int64_t ticks)
{
  double value = (double) ticks;
  float single = (float) value;
  uint8_t bytes[8];
  uint64_t bits = 0;
  uint32_t low;

  if (self->duration_at == 0)
    return 0;
  memcpy (&bits, &value, sizeof (bits));
  memcpy (&low, &single, sizeof (low));
  sc_ebml_put_uint (bytes, self->duration_width,
      self->duration_width == 8 ? bits : low);
  return sc_container_edit (file, plan, self->duration_at, bytes,
      self->duration_width);
}

/* What the muxer would have come back for. */
static int
complete (const ScContainerFile * file, ScContainerPlan * plan,
    ScMatroska * self, int64_t duration)
{
  int ret = 0;

  if (find_seek (self, SC_MATROSKA_CUES_ID) != NULL && self->cues_at == 0
      && self->cue_count > 0)
    ret = sc_matroska_plan_cues (self, plan);
  for (unsigned i = 0; ret == 0 && i < self->seek_count; i++)
    ret = edit_seek (file, plan, self, &self->seeks[i]);
  if (ret == 0 && duration > 0)
    ret = edit_duration (file, plan, self, duration);
  if (ret == 0)
    ret = edit_size (file, plan, &self->segment, plan->size);
  return ret;
}

/* What follows the end that the file shall have, until it is cut. */
static void
cover (const ScContainerFile * file, ScContainerPlan * plan)
{
  if (plan->size >= file->size || file->size - plan->size < 2)
    return;
  plan->cover.offset = plan->size;
  plan->cover.size = sc_ebml_put_void (plan->cover.bytes,
      file->size - plan->size);
}

static int
plan_repair (const ScContainerFile * file, ScContainerPlan * plan,
    ScMatroska * self, int64_t duration)
{
  bool streamed = !self->has_seek_head
      && sc_ebml_end (&self->segment) == UINT64_MAX;
  bool cut = self->void_end != self->limit;
  int ret = 0;

  plan->size = !cut && streamed ? self->void_end : self->end;
  if (!cut && streamed)
    return 0;
  if (!cut && sc_ebml_end (&self->segment) <= file->size) {
    plan->size = file->size;    /* finished; what follows is not ours */
    return 0;
  }
  if (sc_ebml_end (&self->last_cluster) != self->last_cluster_end
      && (!streamed || sc_ebml_end (&self->last_cluster) != UINT64_MAX))
    ret = edit_size (file, plan, &self->last_cluster, self->last_cluster_end);
  if (ret == 0 && !streamed)
    ret = complete (file, plan, self, duration);
  cover (file, plan);
  return ret;
}

/* Looks at all blocks of the last two clusters: of others, only the first ones
 * were taken in.  One alone need not tell how long a frame is. */
static int
measure (ScMatroska * self, ScContainerPlan * plan, int64_t * duration)
{
  ScMatroskaCluster seen;
  int64_t last;
  int ret = self->previous_cluster_end == 0 ? 0
      : sc_matroska_walk_cluster (self, &self->previous_cluster,
      self->previous_cluster_end, 0, &seen);

  if (ret == 0)
    ret = sc_matroska_walk_cluster (self, &self->last_cluster,
        self->last_cluster_end, 0, &seen);
  if (ret < 0)
    return ret;
  last = last_time (self);
  *duration = last > self->first_time ? last - self->first_time : 0;
  if (last != INT64_MIN)
    plan->duration_ns = to_ns (self, *duration);
  plan->media_offset = self->first_cluster;
  plan->media_size = self->last_cluster_end - self->first_cluster;
  return 0;
}

static int
repair_with (const ScContainerFile * file, ScContainerPlan * plan,
    ScMatroska * self)
{
  int64_t duration = 0;
  int ret = sc_matroska_read_headers (self);

  if (ret == 0)
    plan->name = self->webm ? "WebM" : "Matroska";
  if (ret == 0)
    ret = walk (self, plan);
  if (ret < 0)
    return ret;
  if (self->first_cluster == 0 || self->track_count == 0) {
    plan->note = self->track_count == 0 ? "its tracks are not described"
        : "it holds not one whole frame";
    return -EBADMSG;
  }
  describe (self, plan);
  ret = measure (self, plan, &duration);
  return ret == 0 ? plan_repair (file, plan, self, duration) : ret;
}

static int
repair (const ScContainerFile * file, ScContainerPlan * plan)
{
  ScMatroska *self = calloc (1, sizeof (*self));
  int ret = -ENOMEM;

  if (self != NULL)
    self->cues = malloc (SC_MATROSKA_CUES * sizeof (*self->cues));
  if (self != NULL && self->cues != NULL) {
    sc_file_window_init (&self->window, file);
    self->limit = file->size;
    self->first_time = INT64_MIN;
    self->cue_stride = 1;
    ret = repair_with (file, plan, self);
  }
  if (self != NULL)
    free (self->cues);
  free (self);
  return ret;
}

const ScContainer sc_matroska_container = {
  .name = "Matroska",
  .probe = probe,
  .repair = repair,
};
