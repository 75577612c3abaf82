/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One recording with the names and the memory that its recorder borrows.  Its
 * counters and its error stay readable after close.
 */
#ifndef SAFEFILESINK_RECORDING_H
#define SAFEFILESINK_RECORDING_H

#include "safefilesink-settings.h"

G_BEGIN_DECLS

typedef struct
{
  gchar *name;                  /* as published */
  gchar *path;                  /* NAME.part, or NAME where written in place */
  gchar *journal;               /* (nullable) */
  ScRecorder recorder;
} SafefilesinkRecording;

/**
 * safefilesink_recording_check_place:
 *
 * Returns: 0, or why @location cannot be recorded to, whatever its folder
 * allows: -EISDIR, -ESPIPE (no regular file), -EEXIST where it must not be
 * replaced, or -errno of the look at it
 */
gint safefilesink_recording_check_place (const gchar * location,
    const SafefilesinkSettings * settings);

/**
 * safefilesink_recording_open:
 * @notify: as of ScRecorderConfig, with @user_data
 * @fault: (out): where NULL is returned
 *
 * Returns: (nullable): close and free it
 */
SafefilesinkRecording *safefilesink_recording_open (const gchar * location,
    const SafefilesinkSettings * settings, ScRecorderStateLog * log,
    void (*notify) (void *), gpointer user_data, ScFault * fault);

/**
 * safefilesink_recording_close:
 *
 * Returns: as sc_recorder_close()
 */
gint safefilesink_recording_close (SafefilesinkRecording * self,
    ScFault * fault);

/**
 * safefilesink_recording_time:
 * @segment: that @buffer is in
 *
 * Returns: what the recorder is told as the time of @buffer's bytes: the running
 * time at its end, ns; SC_BYTE_RING_NO_TIME if it has none
 */
guint64 safefilesink_recording_time (const GstSegment * segment,
    GstBuffer * buffer);

/* NULL is nothing.  Closed before. */
void safefilesink_recording_free (SafefilesinkRecording * self);

G_END_DECLS

#endif
