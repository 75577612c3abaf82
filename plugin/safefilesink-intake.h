/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The way of the stream's bytes into a recording: where the next one belongs,
 * whether there is room for it, and the waits in between.  The streaming thread,
 * but for the position.
 */
#ifndef SAFEFILESINK_INTAKE_H
#define SAFEFILESINK_INTAKE_H

#include "safefilesink-recording.h"

#include <gst/base/gstbasesink.h>

G_BEGIN_DECLS

typedef struct
{
  GstBaseSink *sink;            /* the owner */
  GstSafecaptureReporter *reporter;     /* its */
  SafefilesinkRecording *recording;     /* the one that is open */
  guint64 origin;               /* in the file, of the stream's byte 0 */
  _Atomic guint64 position;     /* in the stream, of the next byte */
  gboolean asked;               /* a source was asked for EOS */
  guint64 stop;                 /* in the file: what was refused began here */
  gboolean cut;                 /* the end that was asked for did not fit */
} SafefilesinkIntake;

void safefilesink_intake_init (SafefilesinkIntake * self, GstBaseSink * sink,
    GstSafecaptureReporter * reporter);

/**
 * safefilesink_intake_begin:
 * @origin: in the file, of the stream's byte 0
 *
 * What comes belongs to @recording, and there from @origin on.
 */
void safefilesink_intake_begin (SafefilesinkIntake * self,
    SafefilesinkRecording * recording, guint64 origin);

/* The next byte belongs there, in the stream. */
void safefilesink_intake_seek (SafefilesinkIntake * self, guint64 position);

/* In the stream, of the next byte.  Any thread. */
guint64 safefilesink_intake_position (SafefilesinkIntake * self);

/**
 * safefilesink_intake_put:
 *
 * Returns: OK; EOS where the room ends; FLUSHING; or ERROR, which
 * safefilesink_intake_fault() tells, unless it was posted already
 */
GstFlowReturn safefilesink_intake_put (SafefilesinkIntake * self,
    GstBuffer * buffer);

/* The same of a list: with on-full=drop all of it that may be left out, or
 * nothing. */
GstFlowReturn safefilesink_intake_put_list (SafefilesinkIntake * self,
    GstBufferList * list);

/**
 * safefilesink_intake_sync:
 *
 * Waits, through pauses, until all so far is durable.
 *
 * Returns: OK, FLUSHING, or ERROR, which safefilesink_intake_fault() tells
 */
GstFlowReturn safefilesink_intake_sync (SafefilesinkIntake * self);

/* The same, until the recording is published: not where its end is missing. */
GstFlowReturn safefilesink_intake_finish (SafefilesinkIntake * self);

/**
 * safefilesink_intake_fault:
 * @fault: (out)
 *
 * Returns: whether there was an error, the recording's or that of an end that did
 * not fit
 */
gboolean safefilesink_intake_fault (SafefilesinkIntake * self,
    ScFault * fault);

G_END_DECLS

#endif
