/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the bus is told of one recording while it runs: targets that it went on
 * at, a disk that is slow, wrong or nearly full.  Each is told when it is new,
 * not with every look.  The reporter's thread; other calls say which.
 */
#ifndef SAFEFILESINK_WATCH_H
#define SAFEFILESINK_WATCH_H

#include "safefilesink-pace.h"

#include <gst/safecapture/gstsafecapturereporter.h>

G_BEGIN_DECLS

/* The room: how far the end is that it brings. */
enum
{
  SAFEFILESINK_ENDING_NOT,
  SAFEFILESINK_ENDING_WANTED,   /* it is used up: the streaming thread saw it */
  SAFEFILESINK_ENDING_TOLD,     /* and the bus was told */
};

typedef struct
{
  guint targets;                /* that were told of */
  guint64 waits;                /* as last told */
  guint64 mismatches;
  GstClockTime slow_warned;
  gboolean refused_told;
  SafefilesinkPace pace;
  _Atomic guint64 time_left;    /* ns, until the room is used up; for all */
  _Atomic guint32 ending;       /* SAFEFILESINK_ENDING_NOT... */
} SafefilesinkWatch;

/* Before any thread looks. */
void safefilesink_watch_init (SafefilesinkWatch * self);

/**
 * safefilesink_watch_look:
 * @location: the recording's name
 *
 * Posts what is new.
 *
 * Returns: whether EOS is to be asked for, as the room is used up: TRUE once
 */
gboolean safefilesink_watch_look (SafefilesinkWatch * self,
    GstSafecaptureReporter * reporter, ScRecorder * recorder,
    const gchar * location);

/**
 * safefilesink_watch_end:
 *
 * The room is used up.  The streaming thread, which then kicks the reporter.
 *
 * Returns: whether that is new
 */
gboolean safefilesink_watch_end (SafefilesinkWatch * self);

/**
 * safefilesink_watch_restart:
 *
 * No end is wanted, or not any more: what comes next is looked at anew.  The
 * streaming thread, before it puts anything, or once it has stopped.
 */
void safefilesink_watch_restart (SafefilesinkWatch * self);

/* Whether EOS is to be asked for still.  Any thread. */
gboolean safefilesink_watch_is_ending (SafefilesinkWatch * self);

/* ns, as of the last look; GST_CLOCK_TIME_NONE: not known.  Any thread. */
GstClockTime safefilesink_watch_time_left (SafefilesinkWatch * self);

G_END_DECLS

#endif
