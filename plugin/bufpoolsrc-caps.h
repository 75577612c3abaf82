/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What bufpoolsrc negotiates, and the sizes that follow from it. */
#ifndef BUFPOOLSRC_CAPS_H
#define BUFPOOLSRC_CAPS_H

#include <gst/gst.h>

#include "bufpoolsrc-pattern.h"

G_BEGIN_DECLS

typedef struct
{
  guint rate;                   /* Hz; 0 if not raw audio */
  guint channels;
  guint sample_bits;            /* of a stored sample */
  guint samples;                /* of each channel in a buffer */
  gsize frame_bytes;            /* of all channels at one time; 1 if not audio */
  gsize buffer_bytes;
  BufpoolsrcFormat format;      /* of mode=pattern */
} BufpoolsrcStream;

/* Room that downstream wants around the data of each buffer, in bytes. */
typedef struct
{
  gsize prefix;                 /* of whole alignments */
  gsize padding;
} BufpoolsrcRoom;

/* The most that an ALLOCATION query asks for; @alignment is that of slots. */
BufpoolsrcRoom bufpoolsrc_room_of_query (GstQuery * query, gsize alignment);

/* What mode=pattern can make. */
GstCaps *bufpoolsrc_caps_of_patterns (void);

/* Takes what is left of bufpoolsrc_caps_of_patterns(); fixes what matters: 48,000
 * Hz, 2 channels and a channel mask where one is due; with @aes5 a rate of AES5
 * if there is one.  The base class fixes the rest. */
GstCaps *bufpoolsrc_caps_fixate (GstCaps * caps, gboolean aes5);

/* The rate that audio caps, raw or not, state; 0 if they state none. */
guint bufpoolsrc_caps_rate (GstCaps * caps);

/* FALSE for NULL too. */
gboolean bufpoolsrc_caps_are_raw_audio (GstCaps * caps);

/* Whether any of them is raw audio or video, and none is for parsers of bytes
 * that are not cut to frames. */
gboolean bufpoolsrc_caps_need_raw (GstCaps * caps);

/* Whether they say all that reading the bytes needs. */
gboolean bufpoolsrc_caps_are_exact (GstCaps * caps);

/* Bytes of no declared kind, or of a kind that is not raw audio. */
void bufpoolsrc_stream_init_bytes (BufpoolsrcStream * self, gsize size);

/* FALSE if the caps are not complete, or not interleaved. */
gboolean bufpoolsrc_stream_init_audio (BufpoolsrcStream * self,
    GstCaps * caps, guint samples);

/* ns; 0 if not raw audio. */
GstClockTime bufpoolsrc_stream_duration (const BufpoolsrcStream * self);

G_END_DECLS

#endif
