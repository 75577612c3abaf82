/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tieredqueue-sinkpad.h"

#include "tieredqueue-discont.h"
#include "tieredqueue-query.h"
#include "tieredqueue-srcpad.h"

GST_DEBUG_CATEGORY_EXTERN (tieredqueue_debug);
#define GST_CAT_DEFAULT tieredqueue_debug

#define LOAD(cell) atomic_load_explicit (&(cell), memory_order_relaxed)
#define STORE(cell, value) \
  atomic_store_explicit (&(cell), (value), memory_order_relaxed)

/* ---- data ---- */

/* The item is not let in.  Never leaves this file. */
#define FLOW_LEAK GST_FLOW_CUSTOM_SUCCESS

/* Makes room as `leaky` says.  OK when there is; FLOW_LEAK,
 * TIEREDQUEUE_FLOW_TIMEOUT, or the flow result that forbids it. */
static GstFlowReturn
make_room (TieredQueuePads * self)
{
  TieredQueueChannel *channel = self->channel;
  guint64 since = 0;
  GstFlowReturn flow;

  while (tieredqueue_channel_is_filled (channel)) {
    tieredqueue_flow_emit (self, TIEREDQUEUE_SIGNAL_OVERRUN);
    /* The handler may have changed the limits. */
    flow = tieredqueue_channel_flow (channel);
    if (flow != GST_FLOW_OK)
      return flow;
    if (!tieredqueue_channel_is_filled (channel))
      return GST_FLOW_OK;

    switch (LOAD (channel->settings.leaky)) {
      case TIEREDQUEUE_LEAKY_UPSTREAM:
        return FLOW_LEAK;
      case TIEREDQUEUE_LEAKY_DOWNSTREAM:
        tieredqueue_channel_leak (channel);
        tieredqueue_flow_news (self);
        return GST_FLOW_OK;
      default:
        flow = tieredqueue_channel_wait_for_space (channel, &since);
        if (flow != GST_FLOW_OK)
          return flow;
        tieredqueue_flow_emit (self, TIEREDQUEUE_SIGNAL_RUNNING);
        break;
    }
  }
  return GST_FLOW_OK;
}

static GstFlowReturn
refuse_data (TieredQueuePads * self, TieredQueueKind kind, gpointer object,
    TieredQueueDropReason reason)
{
  self->tail_needs_discont = TRUE;
  tieredqueue_channel_refuse (self->channel, kind, object, reason);
  tieredqueue_flow_news (self);
  return GST_FLOW_OK;
}

/* Whether data may come in now: as make_room, or what to return. */
static GstFlowReturn
admit_data (TieredQueuePads * self)
{
  GstFlowReturn flow = tieredqueue_channel_flow (self->channel);

  if (G_UNLIKELY (flow != GST_FLOW_OK))
    return flow;
  if (G_UNLIKELY (tieredqueue_flow_has_eos (self)
          || tieredqueue_flow_is_refusing (self)))
    return GST_FLOW_EOS;
  return make_room (self);
}

static GstFlowReturn
enqueue_data (TieredQueuePads * self, TieredQueueKind kind, gpointer object)
{
  TieredQueueChannel *channel = self->channel;
  GstFlowReturn flow = admit_data (self);
  gboolean raised;

  if (G_UNLIKELY (flow == FLOW_LEAK))
    return refuse_data (self, kind, object, TIEREDQUEUE_DROP_FULL);
  if (G_UNLIKELY (flow == TIEREDQUEUE_FLOW_TIMEOUT))
    return refuse_data (self, kind, object, TIEREDQUEUE_DROP_TIMEOUT);
  if (G_UNLIKELY (flow != GST_FLOW_OK)) {
    gst_mini_object_unref (object);
    return flow;
  }
  if (G_UNLIKELY (self->tail_needs_discont)) {
    object = tieredqueue_with_discont (kind, object);
    self->tail_needs_discont = FALSE;
  }

  if (kind == TIEREDQUEUE_BUFFER)
    raised = tieredqueue_channel_push (channel, kind, object, 1,
        gst_buffer_get_size (object),
        tieredqueue_timeline_buffer (&channel->timeline, object));
  else
    raised = tieredqueue_channel_push (channel, kind, object,
        gst_buffer_list_length (object),
        gst_buffer_list_calculate_size (object),
        tieredqueue_timeline_list (&channel->timeline, object));
  if (raised)
    tieredqueue_flow_news (self);
  return GST_FLOW_OK;
}

static GstFlowReturn
chain (GstPad * pad, GstObject * parent, GstBuffer * buffer)
{
  return enqueue_data (gst_pad_get_element_private (pad), TIEREDQUEUE_BUFFER,
      buffer);
}

static GstFlowReturn
chain_list (GstPad * pad, GstObject * parent, GstBufferList * list)
{
  return enqueue_data (gst_pad_get_element_private (pad), TIEREDQUEUE_LIST,
      list);
}

/* ---- events and queries ---- */

static gboolean
flush_start (TieredQueuePads * self, GstEvent * event)
{
  gboolean ret = gst_pad_push_event (self->srcpad, event);

  tieredqueue_flow_set (self, GST_FLOW_FLUSHING);
  /* Comes to rest: downstream flushes, and every wait has ended. */
  gst_pad_pause_task (self->srcpad);
  return ret;
}

/* After FLUSH_START, with the task at rest or on its way there. */
static gboolean
flush_stopped (TieredQueuePads * self)
{
  gboolean stopped;

  if (tieredqueue_channel_flow (self->channel) != GST_FLOW_FLUSHING)
    return FALSE;
  GST_PAD_STREAM_LOCK (self->srcpad);
  g_mutex_lock (&self->control);
  stopped = tieredqueue_channel_flow (self->channel) == GST_FLOW_FLUSHING;
  if (stopped)
    tieredqueue_flow_flush_all (self, TRUE);
  g_mutex_unlock (&self->control);
  GST_PAD_STREAM_UNLOCK (self->srcpad);
  return stopped;
}

static gboolean
flush_stop (TieredQueuePads * self, GstEvent * event)
{
  gboolean ret = gst_pad_push_event (self->srcpad, event);

  if (!flush_stopped (self))    /* no FLUSH_START: the task still runs */
    tieredqueue_channel_drop_queued (self->channel, TIEREDQUEUE_DROP_FLUSH);
  g_mutex_lock (&self->control);
  if (gst_pad_is_active (self->srcpad))
    tieredqueue_srcpad_start_locked (self);
  g_mutex_unlock (&self->control);
  return ret;
}

static gint64
time_after (TieredQueuePads * self, GstEvent * event)
{
  TieredQueueChannel *channel = self->channel;
  gint64 time = channel->timeline.time;
  ScRingCursor cursor = { NULL };

  if (GST_EVENT_TYPE (event) == GST_EVENT_GAP)
    return tieredqueue_timeline_gap (&channel->timeline, event);
  if (GST_EVENT_TYPE (event) != GST_EVENT_SEGMENT)
    return time;
  time = tieredqueue_timeline_segment (&channel->timeline, event);
  /* On an empty queue a segment applies to both ends at once: its jump is not a
   * level. */
  if (sc_ring_is_empty (&channel->ring.ring, &cursor))
    sc_ring_set_time (&channel->ring.ring, time);
  return time;
}

static void
enqueue_event (TieredQueuePads * self, GstEvent * event)
{
  GstEventType type = GST_EVENT_TYPE (event);

  tieredqueue_channel_push (self->channel, TIEREDQUEUE_EVENT, event, 0, 0,
      time_after (self, event));
  /* After the push: if the task drains the channel in between, it finds either
   * the segment or the old count. */
  if (type == GST_EVENT_SEGMENT)
    STORE (self->segments, LOAD (self->segments) + 1);
}

/* Lets EOS in if the flow result is still OK.  Under `control`, so that of this
 * thread and the task in end_run one sees what the other has set, and tells an
 * error. */
static GstFlowReturn
enqueue_eos (TieredQueuePads * self, GstEvent * event)
{
  TieredQueueChannel *channel = self->channel;
  GstFlowReturn flow;

  if (LOAD (channel->settings.flush_on_eos)) {
    tieredqueue_channel_drop_queued (channel, TIEREDQUEUE_DROP_EOS);
    tieredqueue_flow_news (self);
  }
  g_mutex_lock (&self->control);
  flow = tieredqueue_channel_flow (channel);
  if (flow == GST_FLOW_OK) {
    /* All that is queued must come out now. */
    STORE (channel->min_is_off, TRUE);
    STORE (self->eos_at, tieredqueue_channel_next_index (channel));
    enqueue_event (self, event);
  }
  g_mutex_unlock (&self->control);
  if (flow != GST_FLOW_OK) {
    gst_event_unref (event);
    tieredqueue_flow_tell_error (self, flow);
  }
  return flow;
}

static gboolean
is_flushing (GstPad * pad)
{
  gboolean flushing;

  GST_OBJECT_LOCK (pad);
  flushing = GST_PAD_IS_FLUSHING (pad);
  GST_OBJECT_UNLOCK (pad);
  return flushing;
}

/* STREAM_START and SEGMENT open a channel again that has ended, in an error too;
 * but not against a flush or a stop that has begun meanwhile. */
static void
reopen (TieredQueuePads * self)
{
  g_mutex_lock (&self->control);
  if (!is_flushing (self->sinkpad)) {
    if (GST_PAD_MODE (self->srcpad) == GST_PAD_MODE_PUSH) {
      tieredqueue_srcpad_start_locked (self);
    } else {
      STORE (self->eos_at, TIEREDQUEUE_NO_EOS);
      STORE (self->refused_at, 0);
    }
  }
  g_mutex_unlock (&self->control);
}

/* Whether a serialised event can go in; else the flow to return. */
static GstFlowReturn
admit_event (TieredQueuePads * self, GstEvent * event)
{
  GstEventType type = GST_EVENT_TYPE (event);
  gboolean reopens =
      type == GST_EVENT_STREAM_START || type == GST_EVENT_SEGMENT;
  GstFlowReturn flow = tieredqueue_channel_flow (self->channel);

  if (reopens && (tieredqueue_flow_has_eos (self) || flow == GST_FLOW_EOS)) {
    reopen (self);
    flow = tieredqueue_channel_flow (self->channel);
  }
  if (flow != GST_FLOW_OK) {
    /* A sticky event is taken all the same: data flow will tell the error. */
    if (!GST_EVENT_IS_STICKY (event))
      return flow;
    if (type == GST_EVENT_EOS) {
      tieredqueue_flow_tell_error (self, flow);
      return flow;
    }
  }
  return tieredqueue_flow_has_eos (self) ? GST_FLOW_EOS : GST_FLOW_OK;
}

static GstFlowReturn
sink_event (GstPad * pad, GstObject * parent, GstEvent * event)
{
  TieredQueuePads *self = gst_pad_get_element_private (pad);
  GstFlowReturn flow;
  gboolean pushed;

  if (GST_EVENT_TYPE (event) == GST_EVENT_FLUSH_START) {
    pushed = flush_start (self, event);
  } else if (GST_EVENT_TYPE (event) == GST_EVENT_FLUSH_STOP) {
    pushed = flush_stop (self, event);
  } else if (GST_EVENT_IS_SERIALIZED (event)) {
    flow = admit_event (self, event);
    if (flow == GST_FLOW_OK && GST_EVENT_TYPE (event) == GST_EVENT_EOS) {
      flow = enqueue_eos (self, event);
    } else if (flow == GST_FLOW_OK) {
      enqueue_event (self, event);
    } else {
      GST_DEBUG_OBJECT (pad, "refusing %" GST_PTR_FORMAT ": %s", event,
          gst_flow_get_name (flow));
      gst_event_unref (event);
    }
    return flow;
  } else {
    pushed = gst_pad_push_event (self->srcpad, event);
  }
  return pushed ? GST_FLOW_OK : GST_FLOW_ERROR;
}

static gboolean
wait_for_answer (TieredQueuePads * self, TieredQueueQuery * query)
{
  gboolean answered = FALSE;

  while (!tieredqueue_query_is_done (query, &answered)) {
    uint32_t key = sc_eventcount_prepare (&self->query_done);

    if (tieredqueue_query_is_done (query, &answered)) {
      sc_eventcount_cancel (&self->query_done);
      break;
    }
    if (tieredqueue_channel_flow (self->channel) != GST_FLOW_OK
        && tieredqueue_query_cancel (query)) {
      sc_eventcount_cancel (&self->query_done);
      return FALSE;
    }
    (void) sc_eventcount_wait (&self->query_done, key, SC_WAIT_FOREVER);
  }
  return answered;
}

/* What the channel may hold is what upstream may want beyond its own. */
static gboolean
propose (TieredQueuePads * self, GstQuery * query, gboolean answered)
{
  TieredQueueSettings *settings = &self->channel->settings;
  GstTieredHold hold = {
    .buffers = LOAD (settings->max.buffers),
    .bytes = LOAD (settings->max.bytes),
    .time = LOAD (settings->max.time),
  };

  if (!LOAD (settings->propose_allocation))
    return answered;
  return gst_tiered_proposal_answer (self->proposal, &hold, query) || answered;
}

static gboolean
sink_query (GstPad * pad, GstObject * parent, GstQuery * query)
{
  TieredQueuePads *self = gst_pad_get_element_private (pad);
  TieredQueueQuery *queued;
  gboolean answered;

  if (!GST_QUERY_IS_SERIALIZED (query))
    return gst_pad_query_default (pad, parent, query);
  if (tieredqueue_channel_flow (self->channel) != GST_FLOW_OK)
    return FALSE;
  queued = tieredqueue_query_new (query);
  tieredqueue_channel_push (self->channel, TIEREDQUEUE_QUERY, queued, 0, 0,
      self->channel->timeline.time);
  answered = wait_for_answer (self, queued);
  tieredqueue_query_unref (queued);
  /* Not on the way out: who flushes or stops needs no memory. */
  if (GST_QUERY_TYPE (query) == GST_QUERY_ALLOCATION
      && tieredqueue_channel_flow (self->channel) == GST_FLOW_OK)
    answered = propose (self, query, answered);
  return answered;
}

/* ---- activation ---- */

static gboolean
sink_activate_mode (GstPad * pad, GstObject * parent, GstPadMode mode,
    gboolean active)
{
  TieredQueuePads *self = gst_pad_get_element_private (pad);

  if (mode != GST_PAD_MODE_PUSH)
    return FALSE;
  if (active) {
    if (!tieredqueue_flow_open (self))
      return FALSE;
    STORE (self->eos_at, TIEREDQUEUE_NO_EOS);
    STORE (self->refused_at, 0);
    tieredqueue_flow_set (self, GST_FLOW_OK);
    return TRUE;
  }
  tieredqueue_flow_set (self, GST_FLOW_FLUSHING);
  GST_PAD_STREAM_LOCK (pad);    /* the producer is out */
  if (gst_pad_is_active (self->srcpad)) {
    tieredqueue_channel_drop_queued (self->channel, TIEREDQUEUE_DROP_FLUSH);
  } else {                      /* and the task stopped, as in a state change */
    GST_PAD_STREAM_LOCK (self->srcpad);
    tieredqueue_flow_flush_all (self, FALSE);
    GST_PAD_STREAM_UNLOCK (self->srcpad);
  }
  GST_PAD_STREAM_UNLOCK (pad);
  tieredqueue_flow_close (self);
  return TRUE;
}

void
tieredqueue_sinkpad_setup (GstPad * pad)
{
  gst_pad_set_chain_function (pad, chain);
  gst_pad_set_chain_list_function (pad, chain_list);
  gst_pad_set_event_full_function (pad, sink_event);
  gst_pad_set_query_function (pad, sink_query);
  gst_pad_set_activatemode_function (pad, sink_activate_mode);
}
