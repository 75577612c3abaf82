/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How fast a recording grows, and when its room will be used up, on the disk or
 * in memory.  One thread.
 */
#ifndef SAFEFILESINK_PACE_H
#define SAFEFILESINK_PACE_H

#include "sc-recorder.h"

#include <gst/gst.h>

G_BEGIN_DECLS

/* A warning is due where less time is left on the disk, */
#define SAFEFILESINK_PACE_SHORT (60 * GST_SECOND)

/* or in memory, more than half of which is in use. */
#define SAFEFILESINK_PACE_STALL (10 * GST_SECOND)

typedef struct
{
  guint64 accepted;             /* when last measured */
  guint64 measured;             /* time, ns; 0: never */
  gdouble rate;                 /* bytes a second, smoothed; 0: not known */
  gboolean warned;
  guint64 backlog;              /* when last looked at */
  guint64 looked;               /* time, ns; 0: never */
  gboolean behind;
} SafefilesinkPace;

/**
 * safefilesink_pace_time_left:
 * @now: ns
 *
 * Measures, too: at most once a second.
 *
 * Returns: ns until the room is used up at this rate; GST_CLOCK_TIME_NONE where
 * the room or the rate is not known
 */
guint64 safefilesink_pace_time_left (SafefilesinkPace * self,
    const ScRecorderStats * stats, guint64 now);

/**
 * safefilesink_pace_is_short:
 *
 * Returns: TRUE once, and again only after there was twice as much time
 */
gboolean safefilesink_pace_is_short (SafefilesinkPace * self, guint64 time);

/**
 * safefilesink_pace_falls_behind:
 * @now: ns
 * @time: (out): ns until the memory is full, where TRUE is returned
 *
 * Compares the backlog with that of the last call at least a tenth of a second
 * before.
 *
 * Returns: TRUE once, and again only after the backlog was below a quarter
 */
gboolean safefilesink_pace_falls_behind (SafefilesinkPace * self,
    const ScRecorderStats * stats, guint64 now, guint64 * time);

G_END_DECLS

#endif
