/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Where bufpoolsrc's stream stands, and what each buffer is stamped with.
 *
 * A position counts frames (a sample of each channel) of raw audio, or bytes of
 * anything else.  Times follow from positions, from an origin that moves only
 * when the rate changes or the application gives a time of its own: so they do
 * not drift.
 *
 * One thread at a time.
 */
#ifndef BUFPOOLSRC_TIMELINE_H
#define BUFPOOLSRC_TIMELINE_H

#include "bufpoolsrc-caps.h"

G_BEGIN_DECLS

typedef struct
{
  BufpoolsrcStream stream;
  guint64 sequence;             /* the next buffer's */
  guint64 position;
  guint64 origin_position;      /* the two belong together */
  GstClockTime origin_time;
  GstClockTime live_offset;     /* running time of the first buffer */
  gboolean discont;             /* something was left out */
} BufpoolsrcTimeline;

/* At the beginning of @stream. */
void bufpoolsrc_timeline_init (BufpoolsrcTimeline * self,
    const BufpoolsrcStream * stream);

/* Back to time 0; the buffers' numbers go on. */
void bufpoolsrc_timeline_restart (BufpoolsrcTimeline * self);

/* Goes on with other sizes, from the same time. */
void bufpoolsrc_timeline_change (BufpoolsrcTimeline * self,
    const BufpoolsrcStream * stream);

void bufpoolsrc_timeline_seek (BufpoolsrcTimeline * self, guint64 position);

/* The first position at or after @time; of raw audio only. */
guint64 bufpoolsrc_timeline_position_at (const BufpoolsrcTimeline * self,
    GstClockTime time);

/* Of raw audio only. */
GstClockTime bufpoolsrc_timeline_time_of (const BufpoolsrcTimeline * self,
    guint64 position);

/**
 * bufpoolsrc_timeline_stamp:
 * @buffer: the next one, writable
 * @size: its bytes, of whole frames
 * @with_time: whether times are counted: else @buffer has the one that it is to
 *   have, if any
 *
 * Sets times and offsets, the discontinuity and, if it has one, the slot header.
 * A time that @buffer has already is the origin from which they are counted on.
 */
void bufpoolsrc_timeline_stamp (BufpoolsrcTimeline * self,
    GstBuffer * buffer, gsize size, gboolean with_time);

/* Goes past @size bytes, pushed or left out. */
void bufpoolsrc_timeline_advance (BufpoolsrcTimeline * self, gsize size,
    gboolean left_out);

G_END_DECLS

#endif
