/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tieredqueue-flow.h"

#include "tieredqueue-query.h"

#define LOAD(cell) atomic_load_explicit (&(cell), memory_order_relaxed)
#define STORE(cell, value) \
  atomic_store_explicit (&(cell), (value), memory_order_relaxed)

/* ---- the flow result ---- */

void
tieredqueue_flow_set_locked (TieredQueuePads * self, GstFlowReturn flow)
{
  tieredqueue_channel_set_flow (self->channel, flow);
  sc_eventcount_notify (&self->query_done);
}

void
tieredqueue_flow_set (TieredQueuePads * self, GstFlowReturn flow)
{
  g_mutex_lock (&self->control);
  tieredqueue_flow_set_locked (self, flow);
  g_mutex_unlock (&self->control);
}

void
tieredqueue_flow_fail (TieredQueuePads * self, GstFlowReturn flow)
{
  GstFlowReturn expected = GST_FLOW_OK;

  /* Release: as in tieredqueue_channel_set_flow. */
  if (atomic_compare_exchange_strong_explicit (&self->channel->flow,
          &expected, flow, memory_order_release, memory_order_relaxed)) {
    tieredqueue_channel_interrupt (self->channel);
    sc_eventcount_notify (&self->query_done);
  }
}

void
tieredqueue_flow_emit (TieredQueuePads * self, TieredQueueSignal signal)
{
  if (!LOAD (self->channel->settings.silent))
    self->emit (self->element, signal);
}

void
tieredqueue_flow_tell_error (TieredQueuePads * self, GstFlowReturn flow)
{
  if (flow == GST_FLOW_NOT_LINKED || flow < GST_FLOW_EOS)
    GST_ELEMENT_FLOW_ERROR (self->element, flow);
}

/* ---- emptying ---- */

void
tieredqueue_flow_discard (TieredQueuePads * self, TieredQueueItem * item,
    TieredQueueDropReason reason, gboolean keep_sticky)
{
  switch (item->kind) {
    case TIEREDQUEUE_QUERY:
      if (tieredqueue_query_claim (item->object) != NULL)
        tieredqueue_query_finish (item->object, FALSE);
      sc_eventcount_notify (&self->query_done);
      tieredqueue_query_unref (item->object);
      break;
    case TIEREDQUEUE_EVENT:
      if (keep_sticky && GST_EVENT_IS_STICKY (item->object)
          && GST_EVENT_TYPE (item->object) != GST_EVENT_SEGMENT
          && GST_EVENT_TYPE (item->object) != GST_EVENT_EOS)
        gst_pad_store_sticky_event (self->srcpad, item->object);
      gst_event_unref (item->object);
      break;
    default:
      tieredqueue_channel_drop (self->channel, reason, item->kind,
          item->object, item->time);
      self->news (self->element);
      break;
  }
}

void
tieredqueue_flow_flush_items (TieredQueuePads * self, gboolean keep_sticky)
{
  TieredQueueItem item;
  gboolean cleared = FALSE;

  while (tieredqueue_channel_pop (self->channel, &item, &cleared))
    tieredqueue_flow_discard (self, &item, TIEREDQUEUE_DROP_FLUSH, keep_sticky);
  self->channel->head_needs_discont = FALSE;
  if (cleared)
    self->news (self->element);
}

void
tieredqueue_flow_flush_all (TieredQueuePads * self, gboolean keep_sticky)
{
  TieredQueueItem item;

  tieredqueue_flow_flush_items (self, keep_sticky);
  while (tieredqueue_channel_pop_carried (self->channel, &item))
    tieredqueue_flow_discard (self, &item, TIEREDQUEUE_DROP_FLUSH, keep_sticky);
  STORE (self->channel->min_is_off, FALSE);
  tieredqueue_timeline_init (&self->channel->timeline);
  sc_ring_set_time (&self->channel->ring.ring, 0);
  self->tail_needs_discont = FALSE;
}
