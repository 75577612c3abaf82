/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-recording.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Regions that somebody still uses. */
static int regions;
static pthread_mutex_t regions_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t regions_moved = PTHREAD_COND_INITIALIZER;

static void
count_region (int change)
{
  pthread_mutex_lock (&regions_lock);
  regions += change;
  pthread_cond_broadcast (&regions_moved);
  pthread_mutex_unlock (&regions_lock);
}

static void
release_region (void *region)
{
  free (region);
  count_region (-1);
}

static void
make_backups (ScRecording * self)
{
  for (int i = 0; i < 2; i++) {
    snprintf (self->backup[i], sizeof (self->backup[i]), "%s/backup-%d",
        self->folder, i + 1);
    if (mkdir (self->backup[i], 0700) == -1)
      abort ();
    self->backups[i] = self->backup[i];
  }
  self->config.backups = self->backups;
}

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
  make_backups (self);
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

static void
remove_folder (const char *path)
{
  DIR *folder = opendir (path);
  struct dirent *entry;
  char file[400];

  while (folder != NULL && (entry = readdir (folder)) != NULL) {
    snprintf (file, sizeof (file), "%s/%s", path, entry->d_name);
    if (strcmp (entry->d_name, ".") != 0 && strcmp (entry->d_name, "..") != 0
        && unlink (file) == -1)
      abort ();
  }
  if (folder != NULL)
    closedir (folder);
  if (rmdir (path) == -1)
    abort ();
}

void
sc_recording_wait_released (void)
{
  pthread_mutex_lock (&regions_lock);
  while (regions > 0)
    pthread_cond_wait (&regions_moved, &regions_lock);
  pthread_mutex_unlock (&regions_lock);
}

void
sc_recording_clear (ScRecording * self)
{
  sc_recording_wait_released ();
  sc_fault_ops_clear (&self->ops);
  for (int i = 0; i < 2; i++)
    remove_folder (self->backup[i]);
  remove_folder (self->folder);
}

int
sc_recording_open (ScRecording * self)
{
  size_t size = sc_recorder_region_size (&self->config);

  self->config.region = aligned_alloc (4096, size);
  self->config.release_region = release_region;
  if (self->config.region == NULL)
    abort ();
  count_region (1);
  return sc_recorder_open (&self->recorder, &self->config, &self->log,
      &self->fault);
}

static void
wait_until (ScRecording * self, bool (*is_so) (ScRecording *, uint64_t),
    uint64_t value)
{
  ScEventcount *progress = &self->recorder.progress;

  for (;;) {
    uint32_t key = sc_eventcount_prepare (progress);

    if (is_so (self, value))
      break;
    (void) sc_eventcount_wait (progress, key, SC_WAIT_FOREVER);
  }
  sc_eventcount_cancel (progress);
}

static bool
is_durable (ScRecording * self, uint64_t mark)
{
  return sc_recorder_durable (&self->recorder) >= mark;
}

static bool
has_failed (ScRecording * self, uint64_t unused)
{
  ScFault fault;

  return sc_recorder_fault (&self->recorder, &fault);
}

void
sc_recording_wait_mark (ScRecording * self, uint64_t mark)
{
  wait_until (self, is_durable, mark);
}

void
sc_recording_wait_error (ScRecording * self)
{
  wait_until (self, has_failed, 0);
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
