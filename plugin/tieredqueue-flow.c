/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tieredqueue-flow.h"

#include "tieredqueue-fill.h"
#include "tieredqueue-query.h"

#define LOAD(cell) atomic_load_explicit (&(cell), memory_order_relaxed)
#define STORE(cell, value) \
  atomic_store_explicit (&(cell), (value), memory_order_relaxed)

/* ---- life ---- */

TieredQueuePads *
tieredqueue_pads_new (GstElement * element, const TieredQueueHost * host,
    gint number, const gchar * name, TieredQueueSettings * settings,
    TieredQueueSync * group)
{
  TieredQueuePads *self = g_new0 (TieredQueuePads, 1);

  g_atomic_ref_count_init (&self->references);
  self->element = element;
  self->host = host;
  self->number = number;
  self->name = g_strdup (name);
  self->channel = tieredqueue_channel_new ();
  tieredqueue_channel_configure (self->channel, settings);
  if (!tieredqueue_output_init (&self->output, group))
    g_error ("tieredqueue: out of memory");
  self->proposal = gst_tiered_proposal_new ();
  STORE (self->eos_at, TIEREDQUEUE_NO_EOS);
  g_mutex_init (&self->control);
  g_mutex_init (&self->view);
  if (sc_eventcount_init (&self->query_done) != 0)
    g_error ("tieredqueue: the system cannot make a mutex");
  return self;
}

TieredQueuePads *
tieredqueue_pads_ref (TieredQueuePads * self)
{
  g_atomic_ref_count_inc (&self->references);
  return self;
}

void
tieredqueue_pads_unref (TieredQueuePads * self)
{
  if (!g_atomic_ref_count_dec (&self->references))
    return;
  self->element = NULL;         /* may be gone */
  tieredqueue_flow_let_go (self, tieredqueue_flow_empty (self), FALSE);
  tieredqueue_channel_free (self->channel);
  tieredqueue_output_clear (&self->output);
  gst_tiered_proposal_free (self->proposal);
  sc_eventcount_clear (&self->query_done);
  g_mutex_clear (&self->control);
  g_mutex_clear (&self->view);
  g_free (self->name);
  g_free (self);
}

gboolean
tieredqueue_pads_set (TieredQueuePads * self, TieredQueueSetting which,
    const GValue * value)
{
  gboolean news;

  g_mutex_lock (&self->view);
  news = tieredqueue_channel_set (self->channel, which, value);
  g_mutex_unlock (&self->view);
  return news;
}

gchar *
tieredqueue_pads_dup_name (TieredQueuePads * self)
{
  gchar *name;

  g_mutex_lock (&self->view);
  name = g_strdup (self->name);
  g_mutex_unlock (&self->view);
  return name;
}

void
tieredqueue_pads_read_account (TieredQueuePads * self,
    TieredQueueAccount * account)
{
  g_mutex_lock (&self->view);   /* keeps the ring's memory */
  tieredqueue_account_read (account, self->channel, &self->output);
  g_mutex_unlock (&self->view);
}

void
tieredqueue_pads_read_level (TieredQueuePads * self, ScRingLevel * level)
{
  g_mutex_lock (&self->view);
  tieredqueue_channel_level (self->channel, level);
  tieredqueue_output_add_level (&self->output, level);
  g_mutex_unlock (&self->view);
}

void
tieredqueue_flow_begin (TieredQueuePads * self)
{
  self->posted = (TieredQueuePosted) { 0 };
  g_mutex_lock (&self->view);
  /* A pad that somebody has activated already may have let items in: they and
   * the ring they are in stay. */
  if (self->active_pads == 0)
    self->is_reserved = FALSE;
  g_mutex_unlock (&self->view);
}

gboolean
tieredqueue_flow_open (TieredQueuePads * self, GstPadDirection direction)
{
  gboolean reserved = TRUE;

  g_mutex_lock (&self->view);
  if (!self->is_reserved) {
    reserved = tieredqueue_channel_reserve (self->channel);
    tieredqueue_sync_clear_account (self->output.member);
  }
  self->is_reserved = reserved;
  if (reserved)
    self->active_pads |= 1u << direction;
  g_mutex_unlock (&self->view);
  if (!reserved)
    GST_ELEMENT_ERROR (self->element, RESOURCE, NO_SPACE_LEFT,
        ("There is no memory for a queue of %u buffers.",
            LOAD (self->channel->settings.max.buffers)),
        ("set a smaller max-size-buffers"));
  return reserved;
}

void
tieredqueue_flow_close (TieredQueuePads * self, GstPadDirection direction)
{
  g_mutex_lock (&self->view);
  self->active_pads &= ~(1u << direction);
  g_mutex_unlock (&self->view);
}

/* ---- the flow result ---- */

/* With `control` held: makes the channel one of those that keep together while
 * data can flow out of it.  Leaving ends the wait of its task. */
static void
update_membership (TieredQueuePads * self)
{
  if (tieredqueue_channel_flow (self->channel) == GST_FLOW_OK
      && gst_pad_is_linked (self->srcpad))
    tieredqueue_sync_join (self->output.member);
  else
    tieredqueue_sync_leave (self->output.member);
}

void
tieredqueue_flow_linked (TieredQueuePads * self)
{
  g_mutex_lock (&self->control);
  update_membership (self);
  g_mutex_unlock (&self->control);
}

void
tieredqueue_flow_set_locked (TieredQueuePads * self, GstFlowReturn flow)
{
  tieredqueue_channel_set_flow (self->channel, flow);
  update_membership (self);
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
    update_membership (self);
    sc_eventcount_notify (&self->query_done);
  }
}

void
tieredqueue_flow_emit (TieredQueuePads * self, GstPad * pad,
    TieredQueueSignal signal)
{
  if (!LOAD (self->channel->settings.silent))
    self->host->emit (self->element, pad, signal);
}

gboolean
tieredqueue_flow_watch_levels (TieredQueuePads * self, ScRingLevel * before)
{
  if (G_LIKELY (!LOAD (self->channel->settings.notify_levels)))
    return FALSE;
  tieredqueue_channel_level (self->channel, before);
  return TRUE;
}

void
tieredqueue_flow_notify_levels (TieredQueuePads * self,
    const ScRingLevel * before)
{
  ScRingLevel changed;

  tieredqueue_channel_level (self->channel, &changed);
  changed.buffers -= before->buffers;
  changed.bytes -= before->bytes;
  changed.time -= before->time;
  self->host->notify_levels (self->element, &changed);
}

void
tieredqueue_flow_news (TieredQueuePads * self)
{
  if (self->element != NULL)
    self->host->news (self->element);
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
      tieredqueue_flow_news (self);
      break;
  }
}

void
tieredqueue_flow_let_go (TieredQueuePads * self, GArray * popped,
    gboolean keep_sticky)
{
  GThread *before = LOAD (self->emptier);       /* itself, if it has called in */
  TieredQueueItem item;
  gboolean news = FALSE;

  STORE (self->emptier, g_thread_self ());
  for (guint i = 0; i < popped->len; i++)
    if (tieredqueue_channel_unpack (self->channel,
            &g_array_index (popped, ScChannelItem, i), &item, &news))
      tieredqueue_flow_discard (self, &item, TIEREDQUEUE_DROP_FLUSH,
          keep_sticky);
  STORE (self->emptier, before);
  g_array_unref (popped);
  self->channel->head_needs_discont = FALSE;
  self->channel->head_needs_key = FALSE;
  if (news)
    tieredqueue_flow_news (self);
}

gboolean
tieredqueue_flow_is_emptying (TieredQueuePads * self)
{
  return LOAD (self->emptier) == g_thread_self ();
}

void
tieredqueue_flow_restore_thresholds (TieredQueuePads * self)
{
  g_mutex_lock (&self->view);   /* nobody sets them */
  tieredqueue_channel_restore_thresholds (self->channel);
  g_mutex_unlock (&self->view);
}

void
tieredqueue_flow_reset_input (TieredQueuePads * self)
{
  tieredqueue_flow_restore_thresholds (self);
  tieredqueue_timeline_init (&self->channel->timeline);
  sc_ring_set_time (&self->channel->ring.ring, 0);
  tieredqueue_gop_flushed (&self->channel->gop);
  self->tail_needs_discont = FALSE;
}

GArray *
tieredqueue_flow_empty (TieredQueuePads * self)
{
  GArray *popped = tieredqueue_channel_pop_all (self->channel);

  tieredqueue_flow_reset_input (self);
  return popped;
}
