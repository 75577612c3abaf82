/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tieredqueue-take.h"

#include "tieredqueue-fill.h"
#include "tieredqueue-query.h"
#include "tieredqueue-wait.h"

#define LOAD(cell) atomic_load_explicit (&(cell), memory_order_relaxed)
#define STORE(cell, value) \
  atomic_store_explicit (&(cell), (value), memory_order_relaxed)
/* For a cell with one writer: no read-modify-write is needed. */
#define ADD(cell, value) STORE ((cell), LOAD (cell) + (value))

static void
header_out (TieredQueueChannel * self, TieredQueueItem * item)
{
  guint buffers;
  gsize bytes;

  tieredqueue_weigh (item->kind, item->object, &buffers, &bytes);
  ADD (self->header_bytes_out, bytes);
  /* Release: pairs with the acquire in level. */
  atomic_store_explicit (&self->headers_out,
      LOAD (self->headers_out) + buffers, memory_order_release);
}

/* Works out what the gap before @item means for it.  FALSE if it needs what is
 * missing. */
static gboolean
is_whole (TieredQueueChannel * self, TieredQueueItem * item,
    TieredQueueUnit unit, gboolean gap)
{
  /* An event may come out between the gap and the buffer that must tell it. */
  self->head_needs_discont |= gap;
  self->head_needs_key |= gap;
  item->discont = FALSE;
  if (!tieredqueue_kind_is_data (item->kind)) {
    if (G_UNLIKELY (self->head_needs_key) && item->kind == TIEREDQUEUE_EVENT
        && GST_EVENT_TYPE (item->object) == GST_EVENT_STREAM_START)
      self->head_needs_key = FALSE;
    return TRUE;
  }
  if (G_UNLIKELY (self->head_needs_key)) {
    if (unit == TIEREDQUEUE_UNIT_DELTA && tieredqueue_channel_drops_gops (self))
      return FALSE;
    if (unit == TIEREDQUEUE_UNIT_KEY)
      self->head_needs_key = FALSE;
  }
  item->discont = self->head_needs_discont;
  self->head_needs_discont = FALSE;
  return TRUE;
}

/* Was kept aside when the input was switched off: goes too.  A query is an empty
 * shell by now. */
static void
drop_stale (TieredQueueChannel * self, TieredQueueItem * item)
{
  if (item->kind == TIEREDQUEUE_QUERY)
    tieredqueue_query_unref (item->object);
  else if (item->kind == TIEREDQUEUE_EVENT)
    gst_event_unref (item->object);
  else
    tieredqueue_channel_drop (self, TIEREDQUEUE_DROP_FLUSH, item->kind,
        item->object, item->time);
}

gboolean
tieredqueue_channel_unpack (TieredQueueChannel * self,
    const ScChannelItem * popped, TieredQueueItem * item, gboolean * news)
{
  TieredQueueUnit unit = tieredqueue_item_unit (popped->item);

  item->kind = tieredqueue_item_kind (popped->item);
  item->object = sc_item_pointer (popped->item);
  item->index = popped->index;
  /* Of a stream header that was kept aside it is not known, nor needed. */
  item->time = popped->time != INT64_MIN ? popped->time : 0;
  tieredqueue_wait_notify_space (self, popped->index + 1);
  tieredqueue_sample_end (&self->sample, popped->index);
  *news |= tieredqueue_fill_clear (self);
  if (G_UNLIKELY (unit == TIEREDQUEUE_UNIT_HEADER))
    header_out (self, item);
  if (G_UNLIKELY (popped->time == INT64_MIN
          && popped->index < LOAD (self->stale_before))) {
    drop_stale (self, item);
    return FALSE;
  }
  if (G_LIKELY (is_whole (self, item, unit, popped->skipped > 0)))
    return TRUE;
  self->head_needs_discont = TRUE;
  tieredqueue_channel_drop (self, TIEREDQUEUE_DROP_GOP, item->kind,
      item->object, item->time);
  *news = TRUE;
  return FALSE;
}

gboolean
tieredqueue_channel_pop (TieredQueueChannel * self, TieredQueueItem * item,
    gboolean * news)
{
  ScChannelItem out;

  while (sc_channel_ring_pop (&self->ring, &out))
    if (G_LIKELY (tieredqueue_channel_unpack (self, &out, item, news)))
      return TRUE;
  return FALSE;
}

gboolean
tieredqueue_channel_pop_next_buffer (TieredQueueChannel * self,
    TieredQueueItem * item, gboolean * news)
{
  const uintptr_t not_a_buffer = SC_ITEM_KEEP | TIEREDQUEUE_LIST;
  ScChannelItem out;

  return !tieredqueue_fill_is_below_threshold (self)
      && sc_channel_ring_pop_next (&self->ring, not_a_buffer, &out)
      && tieredqueue_channel_unpack (self, &out, item, news);
}

GArray *
tieredqueue_channel_pop_all (TieredQueueChannel * self)
{
  GArray *all = g_array_new (FALSE, FALSE, sizeof (ScChannelItem));
  ScChannelItem out;

  while (sc_channel_ring_pop (&self->ring, &out))
    g_array_append_val (all, out);
  return all;
}
