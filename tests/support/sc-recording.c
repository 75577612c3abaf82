/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-recording.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void
sc_recording_init (ScRecording * self)
{
  const char *base = getenv ("TMPDIR");
  ScRecorderConfig *config = &self->config;

  memset (self, 0, sizeof (*self));
  sc_fault_ops_init (&self->ops);
  sc_recorder_state_log_init (&self->log);
  snprintf (self->folder, sizeof (self->folder), "%.40s/sc-recording-XXXXXX",
      base != NULL ? base : "/tmp");
  if (mkdtemp (self->folder) == NULL)
    abort ();
  snprintf (self->name, sizeof (self->name), "%s/take", self->folder);
  snprintf (self->part, sizeof (self->part), "%s/take.part", self->folder);
  snprintf (self->journal, sizeof (self->journal), "%s/take.sfj", self->folder);
  config->target.ops = &self->ops.ops;
  config->target.path = self->part;
  config->target.publish_path = self->name;
  config->target.journal_path = self->journal;
  config->target.exclusive = true;
  config->target.permissions = 0600;
  config->policy = SC_SYNC_INTERVAL;
  config->sync_interval = UINT64_C (3600000000000);
  config->ring_size = SC_BYTE_RING_MIN;
}

void
sc_recording_clear (ScRecording * self)
{
  DIR *folder;
  struct dirent *entry;
  char path[400];

  sc_fault_ops_clear (&self->ops);
  folder = opendir (self->folder);
  while (folder != NULL && (entry = readdir (folder)) != NULL) {
    snprintf (path, sizeof (path), "%s/%s", self->folder, entry->d_name);
    if (entry->d_name[0] != '.' && unlink (path) == -1)
      abort ();
  }
  if (folder != NULL)
    closedir (folder);
  if (rmdir (self->folder) == -1)
    abort ();
}

int
sc_recording_open (ScRecording * self)
{
  size_t size = sc_recorder_region_size (&self->config);

  self->config.region = aligned_alloc (4096, size);
  self->config.release_region = free;
  if (self->config.region == NULL)
    abort ();
  return sc_recorder_open (&self->recorder, &self->config, &self->log,
      &self->fault);
}

uint8_t
sc_recording_byte (uint64_t offset, unsigned int version)
{
  return (uint8_t) ((offset + 1) * 2654435761u >> 11 ^ version * 151u);
}

int
sc_recording_write (ScRecording * self, uint64_t offset, size_t size,
    unsigned int version)
{
  uint8_t *data = malloc (size);
  size_t taken;
  int ret;

  if (data == NULL)
    abort ();
  for (size_t i = 0; i < size; i++)
    data[i] = sc_recording_byte (offset + i, version);
  ret = sc_recorder_write (&self->recorder, offset, SC_BYTE_RING_NO_TIME, data,
      size, SC_WAIT_FOREVER, &taken);
  free (data);
  return ret;
}

bool
sc_recording_holds (const char *path, uint64_t offset, size_t size,
    unsigned int version)
{
  uint8_t *data = malloc (size + 1);
  bool holds;
  int fd = open (path, O_RDONLY | O_CLOEXEC);

  if (fd == -1 || data == NULL) {
    free (data);
    return false;
  }
  holds = sc_file_read_all (&sc_file_ops_posix, fd, data, size, offset)
      == (ssize_t) size;
  for (size_t i = 0; holds && i < size; i++)
    holds = data[i] == sc_recording_byte (offset + i, version);
  close (fd);
  free (data);
  return holds;
}

int64_t
sc_recording_size (const char *path)
{
  struct stat st;

  return stat (path, &st) == -1 ? -1 : (int64_t) st.st_size;
}
