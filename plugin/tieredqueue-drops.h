/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a channel has dropped, by reason: buffers, bytes, and the running times
 * between which they are missing.
 *
 * Contract
 *   add    any thread that drops: the producer, the consumer, who flushes
 *   read   any thread
 *   begin  the reporter, when it has posted what it read
 *   clear  while nobody drops
 */
#ifndef TIEREDQUEUE_DROPS_H
#define TIEREDQUEUE_DROPS_H

#include <gst/gst.h>
#include <stdatomic.h>

G_BEGIN_DECLS

typedef enum
{
  TIEREDQUEUE_DROP_FULL,        /* leaky, and no room */
  TIEREDQUEUE_DROP_TIMEOUT,     /* no room for as long as put-timeout */
  TIEREDQUEUE_DROP_GOP,         /* needs a buffer that was dropped */
  TIEREDQUEUE_DROP_FLUSH,       /* a flush, an error or a stop */
  TIEREDQUEUE_DROP_EOS,         /* flush-on-eos, or downstream has said EOS */
  TIEREDQUEUE_N_DROP_REASONS
} TieredQueueDropReason;

/* Of one reason. */
typedef struct
{
  _Atomic guint64 buffers;
  _Atomic guint64 bytes;
  _Atomic gint64 first;
  _Atomic gint64 last;
  /* Set by the reporter when it has posted, taken by the next drop. */
  _Atomic gboolean begin;
} TieredQueueDropAccount;

typedef struct
{
  TieredQueueDropAccount accounts[TIEREDQUEUE_N_DROP_REASONS];
} TieredQueueDrops;

/* What one account says; readers take differences of the counts. */
typedef struct
{
  guint64 buffers;
  guint64 bytes;
  /* Running times, ns; first is that of the first drop since begin. */
  gint64 first;
  gint64 last;
} TieredQueueDropped;

/**
 * tieredqueue_drop_reason_name:
 *
 * Returns: (transfer none): as messages and statistics call it
 */
const gchar *tieredqueue_drop_reason_name (TieredQueueDropReason reason);

void tieredqueue_drops_clear (TieredQueueDrops * self);

/**
 * tieredqueue_drops_add:
 * @time: running time at which what was dropped begins, ns
 */
void tieredqueue_drops_add (TieredQueueDrops * self,
    TieredQueueDropReason reason, guint buffers, guint64 bytes, gint64 time);

/**
 * tieredqueue_drops_read:
 *
 * @dropped: (out): the times and bytes are at least as new as the buffers
 */
void tieredqueue_drops_read (TieredQueueDrops * self,
    TieredQueueDropReason reason, TieredQueueDropped * dropped);

/**
 * tieredqueue_drops_begin:
 *
 * The next drop for @reason is the first of those to be told next.
 */
void tieredqueue_drops_begin (TieredQueueDrops * self,
    TieredQueueDropReason reason);

/* Whether it is a loss that downstream should hear of, and not what somebody has
 * asked for with a flush or an EOS. */
static inline gboolean
tieredqueue_drop_is_loss (TieredQueueDropReason reason)
{
  return reason == TIEREDQUEUE_DROP_FULL
      || reason == TIEREDQUEUE_DROP_TIMEOUT || reason == TIEREDQUEUE_DROP_GOP;
}

/* Buffers lost, all in all. */
guint64 tieredqueue_drops_lost (TieredQueueDrops * self);

G_END_DECLS

#endif
