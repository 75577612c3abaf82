/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "safefilesink-recording.h"

#include "safefilesink-memory.h"
#include "safefilesink-printable.h"
#include "sc-recording-name.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

gint
safefilesink_recording_check_place (const gchar * location,
    const SafefilesinkSettings * settings)
{
  const ScFileOps *ops = safefilesink_storage_ops (&settings->storage);
  struct stat st;
  gint fd, error = 0;

  if (g_str_has_suffix (location, "/"))
    return -EISDIR;
  fd = ops->open (ops, location, O_PATH, 0);
  if (fd < 0)
    return fd == -ENOENT ? 0 : fd;
  if (fstat (fd, &st) == -1)
    error = -errno;
  (void) ops->close (ops, fd);  /* nothing can be written through it */
  if (error < 0)
    return error;
  if (S_ISDIR (st.st_mode))
    return -EISDIR;
  if (!S_ISREG (st.st_mode))
    return -ESPIPE;
  return settings->overwrite || safefilesink_compat_file_mode (&settings->compat)
      != SAFEFILESINK_FILE_TRUNCATE ? 0 : -EEXIST;
}

/* Manifests name places by absolute paths.  "a/../b" stays as it is: with a
 * symbolic link in it it is not "b". */
static gchar *
absolute (const gchar * path)
{
  gchar *here, *full;

  if (g_path_is_absolute (path))
    return g_strdup (path);
  here = g_get_current_dir ();
  full = g_strconcat (here, "/", path, NULL);
  g_free (here);
  return full;
}

static void
configure_backups (SafefilesinkRecording * self,
    const SafefilesinkSettings * settings, ScRecorderConfig * config)
{
  guint count = MIN (g_strv_length (settings->backup_locations),
      SC_PARTS_MAX - 1);

  self->backups = g_new0 (gchar *, count + 1);
  for (guint i = 0; i < count; i++) {
    gchar *backup = safefilesink_storage_locate (&settings->storage,
        settings->backup_locations[i]);

    self->backups[i] = absolute (backup);
    g_free (backup);
  }
  config->backups = (const char *const *) self->backups;
  config->backup_count = count;
}

static gpointer
allocate (gsize alignment, gsize size)
{
  return aligned_alloc (alignment, (size + alignment - 1) / alignment
      * alignment);
}

/* (transfer full) (nullable): what befell each target that failed, in words; NULL
 * where there is but one. */
static gchar *
describe_targets (ScRecorder * recorder)
{
  GString *text = g_string_new (NULL);
  ScTargetReport report;
  guint count = 0;

  for (guint i = 0; sc_recorder_target (recorder, i, &report); i++) {
    gchar *name = safefilesink_printable_name (report.path);

    count++;
    if (report.result == SC_PART_FAILED)
      g_string_append_printf (text, "%s\"%s\" (%s: %s)",
          text->len > 0 ? ", " : "", name, sc_fault_name (report.fault.kind),
          safefilesink_error_reason (&report.fault));
    g_free (name);
  }
  return g_string_free (text, count < 2);
}

SafefilesinkRecording *
safefilesink_recording_open (const gchar * location,
    const SafefilesinkSettings * settings, const ScFault * location_fault,
    ScRecorderStateLog * log, void (*notify) (void *), gpointer user_data,
    ScFault * fault, gchar ** targets)
{
  SafefilesinkRecording *self = allocate (_Alignof (SafefilesinkRecording),
      sizeof (*self));
  ScRecorderConfig config;
  gchar *place;

  *targets = NULL;
  *fault = (ScFault) {.kind = SC_FAULT_THREAD,.error = -ENOMEM };
  if (self == NULL)
    return NULL;
  memset (self, 0, sizeof (*self));
  self->refs = 1;
  safefilesink_watch_init (&self->watch);
  safefilesink_drop_init (&self->drop);
  self->drop.enabled = settings->on_full == SAFEFILESINK_ON_FULL_DROP;
  self->name = g_strdup (location);
  place = settings->backup_locations[0] != NULL ? absolute (location)
      : g_strdup (location);
  self->path = safefilesink_settings_in_place (settings) ? g_strdup (place)
      : g_strconcat (place, SC_PART_SUFFIX, NULL);
  if (settings->journal != SAFEFILESINK_JOURNAL_NONE)
    self->journal = g_strconcat (place, SC_JOURNAL_SUFFIX, NULL);

  safefilesink_settings_configure (settings, &config);
  configure_backups (self, settings, &config);
  config.target.path = self->path;
  config.target.publish_path = safefilesink_settings_in_place (settings) ? NULL
      : place;
  config.target.journal_path = self->journal;
  config.target_fault = *location_fault;
  config.notify = notify;
  config.user_data = user_data;
  config.region = safefilesink_memory_take (sc_recorder_region_size (&config));
  config.release_region = safefilesink_memory_give;
  if (config.region != NULL) {
    gint ret = sc_recorder_open (&self->recorder, &config, log, fault);

    if (ret < 0)
      *targets = describe_targets (&self->recorder);
    g_free (place);
    if (ret == 0)
      return self;
  } else {
    g_free (place);
  }
  safefilesink_recording_free (self);
  return NULL;
}

/* The target that the recording is at, or ended at. */
static gboolean
last_target (SafefilesinkRecording * self, ScTargetReport * report)
{
  ScTargetReport next;
  gboolean found = FALSE;

  for (guint i = 0; sc_recorder_target (&self->recorder, i, &next); i++)
    if (next.opened) {
      *report = next;
      found = TRUE;
    }
  return found;
}

gchar *
safefilesink_recording_place (SafefilesinkRecording * self)
{
  char manifest[PATH_MAX];
  ScTargetReport report;

  if (sc_recorder_manifest (&self->recorder, manifest))
    return g_strdup (manifest);
  return g_strdup (last_target (self, &report)
      && report.path[0] != '\0' && sc_recorder_switches (&self->recorder) > 0
      ? report.path : self->path);
}

gchar *
safefilesink_recording_published_name (SafefilesinkRecording * self)
{
  return sc_recorder_switches (&self->recorder) == 0 ? g_strdup (self->name)
      : safefilesink_recording_place (self);
}

void
safefilesink_recording_describe_fault (SafefilesinkRecording * self,
    const ScFault * fault, SafefilesinkError * error)
{
  gchar *targets = describe_targets (&self->recorder);
  gchar *place = safefilesink_recording_place (self);

  safefilesink_error_describe (fault, self->name, place,
      sc_recorder_durable (&self->recorder), targets, error);
  g_free (place);
  g_free (targets);
}

guint64
safefilesink_recording_origin (const SafefilesinkRecording * self,
    const SafefilesinkSettings * settings)
{
  return safefilesink_compat_file_mode (&settings->compat)
      == SAFEFILESINK_FILE_APPEND ? sc_recorder_start_size (&self->recorder) : 0;
}

gint
safefilesink_recording_close (SafefilesinkRecording * self, ScFault * fault)
{
  return sc_recorder_close (&self->recorder, fault);
}

SafefilesinkRecording *
safefilesink_recording_ref (SafefilesinkRecording * self)
{
  if (self != NULL)
    g_atomic_int_inc (&self->refs);
  return self;
}

void
safefilesink_recording_free (SafefilesinkRecording * self)
{
  if (self == NULL || !g_atomic_int_dec_and_test (&self->refs))
    return;
  g_free (self->name);
  g_free (self->path);
  g_free (self->journal);
  g_strfreev (self->backups);
  free (self);
}

guint64
safefilesink_recording_time (const GstSegment * segment, GstBuffer * buffer)
{
  GstClockTime end = GST_BUFFER_PTS (buffer), time;

  if (segment->format != GST_FORMAT_TIME || !GST_CLOCK_TIME_IS_VALID (end))
    return SC_BYTE_RING_NO_TIME;
  if (GST_BUFFER_DURATION_IS_VALID (buffer))
    end += GST_BUFFER_DURATION (buffer);
  time = gst_segment_to_running_time (segment, GST_FORMAT_TIME, end);
  return GST_CLOCK_TIME_IS_VALID (time) ? time : SC_BYTE_RING_NO_TIME;
}
