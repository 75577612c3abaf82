/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How long bufpoolsrc's stream is, in bytes, frames (GST_FORMAT_DEFAULT) and
 * time, and what follows for queries and seeks.
 *
 * Of raw audio all three can be had, of other data bytes only.  A time goes to
 * the first frame at or after it, and a frame to the time of its beginning: there
 * and back is the same frame.
 *
 * No state: any thread.
 */
#ifndef BUFPOOLSRC_EXTENT_H
#define BUFPOOLSRC_EXTENT_H

#include "bufpoolsrc-caps.h"

G_BEGIN_DECLS

#define BUFPOOLSRC_SIZE_UNKNOWN G_MAXUINT64

typedef struct
{
  BufpoolsrcStream stream;
  guint64 bytes;                /* or BUFPOOLSRC_SIZE_UNKNOWN */
  GstFormat format;             /* of segments: time or bytes */
  gboolean seekable;
} BufpoolsrcExtent;

/* Whether @value, -1 for unknown, can be said in the format @to. */
gboolean bufpoolsrc_extent_convert (const BufpoolsrcExtent * self,
    GstFormat from, gint64 value, GstFormat to, gint64 * result);

/* -1 if it is not known. */
gint64 bufpoolsrc_extent_duration (const BufpoolsrcExtent * self,
    GstFormat format);

/**
 * bufpoolsrc_extent_query:
 * @answered: (out): whether there is an answer, if it is one of its queries
 *
 * CONVERT, DURATION, FORMATS, SEEKING and SCHEDULING.
 *
 * Returns: whether @query is one of these; else it is for the base class
 */
gboolean bufpoolsrc_extent_query (const BufpoolsrcExtent * self,
    GstQuery * query, gboolean * answered);

/* Whether the seek can be done: to be asked before anything is flushed. */
gboolean bufpoolsrc_extent_allows (const BufpoolsrcExtent * self,
    GstEvent * seek);

/* Sets @segment to what a seek in another format than its own asks for. */
gboolean bufpoolsrc_extent_prepare_seek (const BufpoolsrcExtent * self,
    GstEvent * seek, GstSegment * segment);

G_END_DECLS

#endif
