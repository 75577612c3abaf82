/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Plays a file from its beginning to its end, as fast as it goes, and says what
 * came out: for tests that hold a recovered file to be whole.
 */
#ifndef MEDIA_CHECK_H
#define MEDIA_CHECK_H

#include <gst/gst.h>

#define MEDIA_STREAMS 8

typedef struct
{
  guint32 crc;                  /* CRC-32C of the bytes */
  gsize size;
  gboolean key;                 /* no delta unit */
  GstClockTime time;            /* running time */
} MediaUnit;

typedef struct
{
  gchar *kind;                  /* "video", "audio": up to the slash */
  GArray *units;                /* of MediaUnit: its buffers */
  gboolean more;                /* the caller's: there can have been more */
  GstClockTime end;             /* the highest end of one, in running time */
} MediaStream;

typedef struct
{
  gchar *error;                 /* what went wrong, or NULL: it came to EOS */
  GstClockTime duration;        /* as the demuxer says; NONE: it does not */
  gboolean seekable;            /* as it says */
  guint stream_count;
  MediaStream streams[MEDIA_STREAMS];
  GMutex lock;
} MediaReport;

/**
 * media_check_play:
 * @demuxer: factory name of the demuxer (or parser) behind filesrc;
 *     "decodebin" decodes too
 * @start: seeks there first (key unit, flushing); 0 does not seek
 *
 * An element's warning counts as an error, as does a stream without a buffer.
 * Clear the report with media_report_clear().
 */
void media_check_play (const gchar * path, const gchar * demuxer,
    GstClockTime start, MediaReport * report);

/* The first stream of the kind, or NULL. */
const MediaStream *media_report_stream (const MediaReport * report,
    const gchar * kind);

/* The latest end of all streams. */
GstClockTime media_report_end (const MediaReport * report);

void media_stream_init (MediaStream * stream, const GstCaps * caps);

/* Takes note of a buffer. */
void media_stream_take (MediaStream * stream, const GstSegment * segment,
    GstBuffer * buffer);

void media_stream_clear (MediaStream * stream);

void media_report_clear (MediaReport * report);

#endif
