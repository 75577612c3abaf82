/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "safefilesink-recording.h"

#include "sc-recording-name.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>

/* Suits direct I/O too. */
#define REGION_ALIGNMENT 4096

gint
safefilesink_recording_check_place (const gchar * location,
    const SafefilesinkSettings * settings)
{
  GStatBuf st;

  if (g_str_has_suffix (location, "/"))
    return -EISDIR;
  if (g_stat (location, &st) == -1)
    return errno == ENOENT ? 0 : -errno;
  if (S_ISDIR (st.st_mode))
    return -EISDIR;
  if (!S_ISREG (st.st_mode))
    return -ESPIPE;
  return settings->overwrite ? 0 : -EEXIST;
}

static gpointer
allocate (gsize alignment, gsize size)
{
  return aligned_alloc (alignment, (size + alignment - 1) / alignment
      * alignment);
}

SafefilesinkRecording *
safefilesink_recording_open (const gchar * location,
    const SafefilesinkSettings * settings, ScRecorderStateLog * log,
    void (*notify) (void *), gpointer user_data, ScFault * fault)
{
  SafefilesinkRecording *self = allocate (_Alignof (SafefilesinkRecording),
      sizeof (*self));
  ScRecorderConfig config;

  *fault = (ScFault) {.kind = SC_FAULT_THREAD,.error = -ENOMEM };
  if (self == NULL)
    return NULL;
  memset (self, 0, sizeof (*self));
  self->name = g_strdup (location);
  self->path = settings->atomic ? g_strconcat (location, SC_PART_SUFFIX, NULL)
      : g_strdup (location);
  if (settings->journal != SAFEFILESINK_JOURNAL_NONE)
    self->journal = g_strconcat (location, SC_JOURNAL_SUFFIX, NULL);

  safefilesink_settings_configure (settings, &config);
  config.target.ops = &sc_file_ops_posix;
  config.target.path = self->path;
  config.target.publish_path = settings->atomic ? self->name : NULL;
  config.target.journal_path = self->journal;
  config.notify = notify;
  config.user_data = user_data;
  config.region = allocate (REGION_ALIGNMENT,
      sc_recorder_region_size (&config));
  config.release_region = free;
  if (config.region != NULL
      && sc_recorder_open (&self->recorder, &config, log, fault) == 0)
    return self;
  safefilesink_recording_free (self);
  return NULL;
}

gint
safefilesink_recording_close (SafefilesinkRecording * self, ScFault * fault)
{
  return sc_recorder_close (&self->recorder, fault);
}

void
safefilesink_recording_free (SafefilesinkRecording * self)
{
  if (self == NULL)
    return;
  g_free (self->name);
  g_free (self->path);
  g_free (self->journal);
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
