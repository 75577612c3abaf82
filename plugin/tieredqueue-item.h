/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What travels in a channel: its kind, and what a buffer is to the buffers behind
 * it, both in the tag bits of the pointer.  So who must not dereference an item,
 * as it may be another's already, still knows what it is.
 *
 *   bit 0  never dropped to make room (SC_ITEM_KEEP)
 *   bit 1  a list among data, a query among the rest
 *   bit 2  data that is a delta unit or, with bit 0, a stream header
 */
#ifndef TIEREDQUEUE_ITEM_H
#define TIEREDQUEUE_ITEM_H

#include <gst/gst.h>

#include "sc-channel-ring.h"

G_BEGIN_DECLS

typedef enum
{
  TIEREDQUEUE_BUFFER = 0,
  TIEREDQUEUE_LIST = 2,
  TIEREDQUEUE_EVENT = SC_ITEM_KEEP,
  TIEREDQUEUE_QUERY = SC_ITEM_KEEP | 2,
} TieredQueueKind;

typedef enum
{
  TIEREDQUEUE_UNIT_KEY = 0,     /* needs no other; all that is not encoded */
  TIEREDQUEUE_UNIT_DELTA = 4,   /* needs all since the key unit before it */
  TIEREDQUEUE_UNIT_HEADER = SC_ITEM_KEEP | 4,   /* all behind it need it */
} TieredQueueUnit;

static inline gpointer
tieredqueue_item_tagged (TieredQueueKind kind, TieredQueueUnit unit,
    gpointer object)
{
  return (gpointer) ((guintptr) object | (guintptr) kind | (guintptr) unit);
}

static inline TieredQueueUnit
tieredqueue_item_unit (gconstpointer item)
{
  guintptr tag = sc_item_tag (item);

  /* Without bit 2, bit 0 says that it is not data. */
  return (tag & TIEREDQUEUE_UNIT_DELTA) != 0
      ? (TieredQueueUnit) (tag & TIEREDQUEUE_UNIT_HEADER)
      : TIEREDQUEUE_UNIT_KEY;
}

static inline TieredQueueKind
tieredqueue_item_kind (gconstpointer item)
{
  return (TieredQueueKind) (sc_item_tag (item) &
      ~(guintptr) tieredqueue_item_unit (item));
}

static inline gboolean
tieredqueue_kind_is_data (TieredQueueKind kind)
{
  return (kind & SC_ITEM_KEEP) == 0;
}

/**
 * tieredqueue_unit_of:
 * @object: a buffer or a list, which is judged by its first buffer
 *
 * A stream header is a buffer with the flag HEADER and no timestamp, as the
 * headers of Theora or Vorbis.  With a timestamp the flag says no more than that
 * a picture comes with its parameter sets.
 */
TieredQueueUnit tieredqueue_unit_of (TieredQueueKind kind, gpointer object);

/**
 * tieredqueue_weigh:
 * @object: a buffer or a list
 */
void tieredqueue_weigh (TieredQueueKind kind, gpointer object,
    guint * buffers, gsize * bytes);

/* DTS or else PTS, of a list its first buffer's; may be none. */
GstClockTime tieredqueue_timestamp (TieredQueueKind kind, gpointer object);

G_END_DECLS

#endif
