/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the producer knows of the groups of pictures that go through a channel: a
 * key unit and the delta units that need it and one another.  Once one of them is
 * missing, the rest is of no use.
 *
 *                     delta let in   the current group broken, or a flush
 *            +-----------+        +----------------------------+
 *            |           v        |                            v
 *            +---------- WHOLE ---+                          BROKEN
 *                         ^                                   |   |
 *                         +---- key let in, STREAM_START -----+   | delta: not let
 *                                                             ^---+ in, ask for a key
 *
 * Kept whatever drop-policy is, so that it can be switched at any time.  The
 * streaming thread of the sink pad.
 */
#ifndef TIEREDQUEUE_GOP_H
#define TIEREDQUEUE_GOP_H

#include "tieredqueue-item.h"

G_BEGIN_DECLS

/* A request for a key unit that nobody has answered is repeated after so long. */
#define TIEREDQUEUE_ASK_AGAIN_AFTER GST_SECOND

typedef struct
{
  gboolean begun;               /* a unit has come in since the start */
  gboolean broken;              /* delta units are worth nothing until a key */
  guint64 key_index;            /* of the last key unit let in, or 0 */
  gboolean asked;               /* since it is broken */
  guint64 asked_time;           /* monotonic, ns */
  guint requests;
} TieredQueueGop;

/* As at the start, where the first units are taken as they come. */
void tieredqueue_gop_init (TieredQueueGop * self);

/* A unit is being let in, with that index. */
static inline void
tieredqueue_gop_let_in (TieredQueueGop * self, TieredQueueUnit unit,
    guint64 index)
{
  self->begun = TRUE;
  if (unit == TIEREDQUEUE_UNIT_KEY) {
    self->key_index = index;
    self->broken = FALSE;
    self->asked = FALSE;
  }
}

/* A unit was not let in: what comes after it needs it. */
void tieredqueue_gop_refused (TieredQueueGop * self);

/* Queued units up to before @end were dropped.  That breaks the current group
 * only if they belonged to it. */
void tieredqueue_gop_evicted (TieredQueueGop * self, guint64 end);

/* All that was queued has gone. */
void tieredqueue_gop_flushed (TieredQueueGop * self);

/* What comes now needs nothing of what was before. */
void tieredqueue_gop_stream_start (TieredQueueGop * self);

/**
 * tieredqueue_gop_should_ask:
 * @now: monotonic, ns
 *
 * Returns: whether upstream is to be asked for a key unit now: once each time
 * that it is broken, and again after TIEREDQUEUE_ASK_AGAIN_AFTER.  Takes note
 * that it is.
 */
gboolean tieredqueue_gop_should_ask (TieredQueueGop * self, guint64 now);

G_END_DECLS

#endif
