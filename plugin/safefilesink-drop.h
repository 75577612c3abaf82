/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * on-full=drop: what may be left out where memory is full, and telling of it.
 *
 * Never left out, but waited with: the first bytes of the stream, buffers with
 * the flag HEADER, what is written below the end of the file, and what holds a
 * file together (sc-structure.h).
 */
#ifndef SAFEFILESINK_DROP_H
#define SAFEFILESINK_DROP_H

#include "sc-recorder.h"

#include <gst/base/gstbasesink.h>
#include <gst/safecapture/gstsafecapturereporter.h>

G_BEGIN_DECLS

typedef struct
{
  gboolean enabled;             /* on-full=drop; set before any thread looks */
  _Atomic guint64 taken;        /* buffers; the streaming thread's */

  /* The reporter's: what was told, and when. */
  guint64 buffers, bytes;
  GstClockTime time;
} SafefilesinkDrop;

void safefilesink_drop_init (SafefilesinkDrop * self);

/* The streaming thread, of each buffer that it has put. */
void safefilesink_drop_count_taken (SafefilesinkDrop * self);

/* Pieces of the buffer as the recorder takes them. */
guint64 safefilesink_drop_records (GstBuffer * buffer);

/**
 * safefilesink_drop_may:
 * @position: of @buffer in the stream
 * @offset: and in the file
 *
 * Returns: whether it may be left out.  The streaming thread.
 */
gboolean safefilesink_drop_may (const ScRecorder * recorder, guint64 position,
    guint64 offset, GstBuffer * buffer);

/**
 * safefilesink_drop_describe:
 * @segment: that @buffer is in
 * @offset: in the file
 */
void safefilesink_drop_describe (const GstSegment * segment,
    GstBuffer * buffer, guint64 offset, ScGap * gap);

/**
 * safefilesink_drop_tell:
 * @final: nothing follows: do not hold back
 *
 * Posts safefilesink-dropped and a QOS message if something is new, at most
 * once a second.  From within the reporter's poll, or while it is stopped.
 */
void safefilesink_drop_tell (SafefilesinkDrop * self,
    GstSafecaptureReporter * reporter, ScRecorder * recorder, gboolean final);

G_END_DECLS

#endif
