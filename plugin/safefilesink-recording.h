/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One recording with the names and the memory that its recorder borrows.  Its
 * counters and its error stay readable after close.
 */
#ifndef SAFEFILESINK_RECORDING_H
#define SAFEFILESINK_RECORDING_H

#include "safefilesink-drop.h"
#include "safefilesink-errors.h"
#include "safefilesink-settings.h"
#include "safefilesink-watch.h"

G_BEGIN_DECLS

typedef struct
{
  gchar *name;                  /* as published */
  gchar *path;                  /* NAME.part, or NAME where written in place */
  gchar *journal;               /* (nullable) */
  gchar **backups;              /* absolute */
  SafefilesinkWatch watch;      /* what the bus was told */
  SafefilesinkDrop drop;
  gint refs;
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
 * @location_fault: with a kind where @location is known to be unusable
 * @notify: as of ScRecorderConfig, with @user_data
 * @fault: (out): where NULL is returned
 * @targets: (out) (nullable): where NULL is returned: what befell each target
 *     that failed, in words; NULL where there is but one
 *
 * Returns: (nullable): close and free it
 */
SafefilesinkRecording *safefilesink_recording_open (const gchar * location,
    const SafefilesinkSettings * settings, const ScFault * location_fault,
    ScRecorderStateLog * log, void (*notify) (void *), gpointer user_data,
    ScFault * fault, gchar ** targets);

/**
 * safefilesink_recording_place:
 *
 * Returns: (transfer full): where what was recorded is: the file in use, or the
 * manifest of a recording in parts
 */
gchar *safefilesink_recording_place (SafefilesinkRecording * self);

/**
 * safefilesink_recording_published_name:
 *
 * Returns: (transfer full): of an ended recording: the file, or the manifest
 */
gchar *safefilesink_recording_published_name (SafefilesinkRecording * self);

/**
 * safefilesink_recording_describe_fault:
 * @error: (out): as of safefilesink_error_describe()
 */
void safefilesink_recording_describe_fault (SafefilesinkRecording * self,
    const ScFault * fault, SafefilesinkError * error);

/**
 * safefilesink_recording_origin:
 * @settings: that it was opened with
 *
 * Returns: where in the file the stream's byte 0 belongs
 */
guint64 safefilesink_recording_origin (const SafefilesinkRecording * self,
    const SafefilesinkSettings * settings);

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

/* For threads that only read: the counters and reports outlive the sink's use.
 * NULL is nothing. */
SafefilesinkRecording *safefilesink_recording_ref (SafefilesinkRecording *
    self);

/* Takes a reference away.  NULL is nothing.  Closed before the last one. */
void safefilesink_recording_free (SafefilesinkRecording * self);

G_END_DECLS

#endif
