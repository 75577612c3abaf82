/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The channels of an element: their numbers and names, what all of them are set
 * to, and what they have done together.
 *
 * Contract
 *   The list has a lock that no data thread takes.  It is never held while
 *   posting, emitting or making pads; under it a channel's `view` may be
 *   taken, never the other way.
 *
 *   presence  event: add     make_known  begin_leave  end_leave  forget
 *   -                MAKING  -           -            -          -
 *   MAKING           -       LISTED      -            -          taken out
 *   LISTED           -       -           LEAVING      -          -
 *   LEAVING          -       -           refused      GONE       -
 *   GONE             -       -           refused      -          taken out
 *
 *   What a channel has counted is in the sums from its beginning to the stop of
 *   the element, also when it has been taken out.
 */
#ifndef TIEREDQUEUE_CHANNELS_H
#define TIEREDQUEUE_CHANNELS_H

#include "tieredqueue-flow.h"

G_BEGIN_DECLS

/* The number of the channel of the pads that are always there. */
#define TIEREDQUEUE_ALWAYS -1
/* Any free number. */
#define TIEREDQUEUE_ANY_NUMBER -2
#define TIEREDQUEUE_MAX_NAME 64
#define TIEREDQUEUE_DEFAULT_MAX_INTERLEAVE (500 * GST_MSECOND)

typedef struct
{
  GstElement *element;
  const TieredQueueHost *host;
  TieredQueueSync *group;       /* sync-channels: keeps them together */

  GMutex lock;
  /* Under lock. */
  GPtrArray *all;               /* of TieredQueuePads */
  TieredQueueSettings settings; /* what a channel begins with */
  GPtrArray *kept;              /* of GstPad: released, maybe just asked for */
  TieredQueueAccount *gone;     /* of those that have been taken out */
  gboolean running;             /* READY to PAUSED until PAUSED to READY */
} TieredQueueChannels;

void tieredqueue_channels_init (TieredQueueChannels * self,
    GstElement * element, const TieredQueueHost * host);
void tieredqueue_channels_clear (TieredQueueChannels * self);

/**
 * tieredqueue_channels_add:
 * @number: of its pads, TIEREDQUEUE_ALWAYS or TIEREDQUEUE_ANY_NUMBER for the
 *   lowest that is free
 * @refusal: (out) (transfer full): why it returns NULL
 *
 * Returns: (transfer full) (nullable): a channel named as its sink pad will be
 */
TieredQueuePads *tieredqueue_channels_add (TieredQueueChannels * self,
    gint number, gchar ** refusal);
/* It has its pads now; a request gets the one of direction @requested. */
void tieredqueue_channels_make_known (TieredQueueChannels * self,
    TieredQueuePads * pads, GstPadDirection requested);

/**
 * tieredqueue_channels_begin_leave:
 *
 * Returns: whether the caller is the one to take it out of use
 */
gboolean tieredqueue_channels_begin_leave (TieredQueueChannels * self,
    TieredQueuePads * pads);
/* Its pads have left the element: another channel may have their names. */
void tieredqueue_channels_free_number (TieredQueueChannels * self,
    TieredQueuePads * pads);
/* No thread is in it any more.  It stays until its last messages are posted. */
void tieredqueue_channels_end_leave (TieredQueueChannels * self,
    TieredQueuePads * pads);
/* Takes it out of the list and adds what it has counted to `gone`. */
void tieredqueue_channels_forget (TieredQueueChannels * self,
    TieredQueuePads * pads);

/**
 * tieredqueue_channels_hand_out:
 * @number: of the pad, or TIEREDQUEUE_ANY_NUMBER for the lowest of a channel
 *   whose pad is not linked either
 *
 * A pad that came with the request for its partner.
 *
 * Returns: (transfer none) (nullable): it, if no request has got it before
 */
GstPad *tieredqueue_channels_hand_out (TieredQueueChannels * self,
    GstPadDirection direction, gint number);

/**
 * tieredqueue_channels_rename:
 *
 * Returns: (transfer full) (nullable): why it keeps its name
 */
gchar *tieredqueue_channels_rename (TieredQueueChannels * self,
    TieredQueuePads * pads, const gchar * name);

/* All that are there and those that come. */
void tieredqueue_channels_set (TieredQueueChannels * self,
    TieredQueueSetting which, const GValue * value);
void tieredqueue_channels_get (TieredQueueChannels * self,
    TieredQueueSetting which, GValue * value);

/* Buffers and bytes: the sums; time: the largest. */
void tieredqueue_channels_level (TieredQueueChannels * self,
    ScRingLevel * level);

/**
 * tieredqueue_channels_collect:
 *
 * Sets the fields of all channels together in @stats, and `channels`.
 */
void tieredqueue_channels_collect (TieredQueueChannels * self,
    GstStructure * stats);

/**
 * tieredqueue_channels_post:
 *
 * The reporter's thread: posts what is new of each.
 *
 * Returns: as tieredqueue_report_post()
 */
GstClockTime tieredqueue_channels_post (TieredQueueChannels * self,
    GstSafecaptureReporter * reporter, gboolean final);

/* The element runs from here on; what has been counted begins anew. */
void tieredqueue_channels_start (TieredQueueChannels * self);
void tieredqueue_channels_stop (TieredQueueChannels * self);
gboolean tieredqueue_channels_is_running (TieredQueueChannels * self);

/* Lets go of the memory that was offered upstream. */
void tieredqueue_channels_stop_proposals (TieredQueueChannels * self);

G_END_DECLS

#endif
