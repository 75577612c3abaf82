/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tieredqueue-put.h"

#include "tieredqueue-fill.h"
#include "tieredqueue-wait.h"

/* A stream has a few; more at once go the way of other buffers. */
#define MAX_HEADERS 64

#define LOAD(cell) atomic_load_explicit (&(cell), memory_order_relaxed)
#define STORE(cell, value) \
  atomic_store_explicit (&(cell), (value), memory_order_relaxed)
/* For a cell with one writer: no read-modify-write is needed. */
#define ADD(cell, value) STORE ((cell), LOAD (cell) + (value))

/* FALSE without memory: nothing has changed then. */
static gboolean
push_item (TieredQueueChannel * self, gpointer item, const ScRingLevel * weight)
{
  gint64 time_before = LOAD (self->ring.ring.time);
  gboolean was_data = LOAD (self->tail_is_data);

  /* Relaxed: the ring's release publishes it with the item. */
  STORE (self->tail_is_data, weight->buffers > 0);
  while (G_UNLIKELY (sc_ring_push (&self->ring.ring, item, weight) != 0)) {
    if (!tieredqueue_channel_grow (self, &self->ring.ring)) {
      STORE (self->tail_is_data, was_data);
      return FALSE;
    }
  }
  self->known.buffers += weight->buffers;
  self->known.bytes += weight->bytes;
  self->known.time += weight->time - time_before;
  if (G_UNLIKELY (weight->time < time_before))
    self->time_fell_at = tieredqueue_channel_next_index (self);
  return TRUE;
}

TieredQueuePush
tieredqueue_channel_push (TieredQueueChannel * self, TieredQueueKind kind,
    gpointer object, gint64 time)
{
  const ScRingLevel weight = { 0, 0, time };
  gpointer item =
      tieredqueue_item_tagged (kind, TIEREDQUEUE_UNIT_KEY, object);

  if (!push_item (self, item, &weight))
    return TIEREDQUEUE_PUSH_NO_MEMORY;
  tieredqueue_wait_notify_items (self, FALSE);
  return TIEREDQUEUE_PUSHED;
}

gboolean
tieredqueue_channel_takes_header (TieredQueueChannel * self)
{
  /* Relaxed: who sees an old count takes one fewer. */
  return LOAD (self->headers_in) - LOAD (self->headers_out) < MAX_HEADERS;
}

static void
count_in (TieredQueueChannel * self, TieredQueueUnit unit, guint64 buffers,
    guint64 bytes)
{
  ADD (self->buffers_in, buffers);
  ADD (self->bytes_in, bytes);
  if (G_UNLIKELY (unit == TIEREDQUEUE_UNIT_HEADER)) {
    ADD (self->headers_in, buffers);
    ADD (self->header_bytes_in, bytes);
  }
}

static gint64
time_after_data (TieredQueueChannel * self, TieredQueueKind kind,
    gpointer object)
{
  return kind == TIEREDQUEUE_BUFFER
      ? tieredqueue_timeline_buffer (&self->timeline, object)
      : tieredqueue_timeline_list (&self->timeline, object);
}

TieredQueuePush
tieredqueue_channel_push_data (TieredQueueChannel * self,
    TieredQueueKind kind, TieredQueueUnit unit, gpointer object)
{
  guint64 index = tieredqueue_channel_next_index (self);
  gboolean sampled = tieredqueue_sample_is_due (index);
  ScRingLevel weight = { 0, 0, time_after_data (self, kind, object) };
  guint buffers;
  gsize bytes;

  tieredqueue_weigh (kind, object, &buffers, &bytes);
  if (G_LIKELY (unit != TIEREDQUEUE_UNIT_HEADER)) {
    weight.buffers = buffers;
    weight.bytes = bytes;
  }
  count_in (self, unit, buffers, bytes);
  if (sampled)
    tieredqueue_sample_begin (&self->sample, index);
  if (!push_item (self, tieredqueue_item_tagged (kind, unit, object),
          &weight)) {
    count_in (self, unit, -(guint64) buffers, -(guint64) bytes);
    return TIEREDQUEUE_PUSH_NO_MEMORY;
  }
  tieredqueue_gop_let_in (&self->gop, unit, index);
  /* The known level is not below the real one: only above the peak is the
   * consumer's line worth fetching. */
  if (sampled && self->known.buffers > LOAD (self->peak_buffers))
    tieredqueue_fill_refresh (self);
  tieredqueue_wait_notify_items (self, TRUE);
  return tieredqueue_fill_raise (self) || tieredqueue_fill_settle (self)
      ? TIEREDQUEUE_PUSHED_NEWS : TIEREDQUEUE_PUSHED;
}

void
tieredqueue_channel_refuse (TieredQueueChannel * self, TieredQueueKind kind,
    gpointer object, TieredQueueDropReason reason)
{
  guint buffers;
  gsize bytes;

  tieredqueue_weigh (kind, object, &buffers, &bytes);
  count_in (self, TIEREDQUEUE_UNIT_KEY, buffers, bytes);
  tieredqueue_gop_refused (&self->gop);
  (void) tieredqueue_fill_settle (self);
  tieredqueue_drops_add (&self->drops, reason, buffers, bytes,
      tieredqueue_timeline_outside (&self->timeline,
          tieredqueue_timestamp (kind, object)));
  gst_mini_object_unref (object);
}
