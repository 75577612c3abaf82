/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The recorder's table of its targets, and the manifest made of it. */
#include "sc-recorder-private.h"

#include <string.h>

void
sc_recorder_note_tried (ScRecorder * self, const ScLane * lane)
{
  ScTargetReport *report = &self->targets[lane->index];

  pthread_mutex_lock (&self->targets_lock);
  report->tried = true;
  report->base = report->end = lane->base;
  strcpy (report->path, lane->path);
  pthread_mutex_unlock (&self->targets_lock);
}

unsigned
sc_recorder_parts (ScRecorder * self)
{
  unsigned parts = 0;

  pthread_mutex_lock (&self->targets_lock);
  for (unsigned i = 0; i < self->lane_count; i++)
    parts += self->targets[i].opened;
  pthread_mutex_unlock (&self->targets_lock);
  return parts;
}

/* Under lock.  The part before, or NULL. */
static const ScTargetReport *
before (const ScRecorder * self, const ScTargetReport * report)
{
  while (report > self->targets)
    if ((--report)->opened)
      return report;
  return NULL;
}

void
sc_recorder_note_opened (ScRecorder * self, const ScLane * lane)
{
  ScTargetReport *report = &self->targets[lane->index];
  const ScTargetReport *left;

  pthread_mutex_lock (&self->targets_lock);
  left = before (self, report);
  if (left != NULL && self->config.policy == SC_SYNC_NONE
      && report->base > left->base)
    report->unsynced = report->base - left->base;
  report->opened = true;
  report->part = lane->config.part;
  strcpy (report->path, lane->path);
  pthread_mutex_unlock (&self->targets_lock);
}

void
sc_recorder_note_manifest (ScRecorder * self, const ScLane * lane)
{
  pthread_mutex_lock (&self->targets_lock);
  strcpy (self->manifest, lane->manifest);
  pthread_mutex_unlock (&self->targets_lock);
}

/* Where no data could go to is no part. */
void
sc_recorder_note_ended (ScRecorder * self, ScLane * lane,
    ScPartResult result, const ScFault * fault, uint64_t end)
{
  ScTargetReport *report = &self->targets[lane->index];
  bool opened = sc_lane_was_opened (lane);

  pthread_mutex_lock (&self->targets_lock);
  report->opened = opened;
  report->result = result;
  report->fault = *fault;
  report->base = lane->base;    /* a restart moves it */
  report->end = end;
  if (result == SC_PART_CLOSED && lane->config.publish_path != NULL)
    strcpy (report->path, lane->config.publish_path);
  pthread_mutex_unlock (&self->targets_lock);
}

int
sc_recorder_compose_manifest (ScRecorder * self, char *out, size_t size,
    uint64_t * revision)
{
  ScManifest manifest = {.name = self->block->name };
  ScGap dropped;
  int ret;

  sc_drops_read (&self->drops, &dropped);
  manifest.dropped_bytes = dropped.size;
  manifest.dropped_buffers = dropped.buffers;

  memcpy (manifest.uuid, self->block->uuid, sizeof (manifest.uuid));
  pthread_mutex_lock (&self->targets_lock);
  manifest.revision = *revision = ++self->revision;
  for (unsigned i = 0; i < self->lane_count; i++) {
    const ScTargetReport *report = &self->targets[i];
    ScManifestPart *part = &manifest.parts[manifest.part_count];

    if (!report->opened)
      continue;
    *part = (ScManifestPart) {
      .path = report->path,.base = report->base,.end = report->end,
      .result = report->result,.operation = report->fault.kind,
      .error = report->fault.error
    };
    manifest.state = report->result;
    if (manifest.part_count++ > 0)
      part[-1].end = report->base;
  }
  ret = sc_manifest_compose (&manifest, out, size);
  pthread_mutex_unlock (&self->targets_lock);
  return ret;
}

bool
sc_recorder_target (ScRecorder * self, unsigned index, ScTargetReport * report)
{
  bool tried = false;

  if (index >= SC_PARTS_MAX)
    return false;
  pthread_mutex_lock (&self->targets_lock);
  tried = self->targets[index].tried;
  if (tried)
    *report = self->targets[index];
  pthread_mutex_unlock (&self->targets_lock);
  return tried;
}

bool
sc_recorder_manifest (ScRecorder * self, char path[PATH_MAX])
{
  pthread_mutex_lock (&self->targets_lock);
  strcpy (path, self->manifest);
  pthread_mutex_unlock (&self->targets_lock);
  return path[0] != '\0';
}
