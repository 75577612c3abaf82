/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tieredqueue-sinkpad.h"

#include <gst/video/video-event.h>

#include "sc-clock.h"

#include "tieredqueue-discont.h"
#include "tieredqueue-evict.h"
#include "tieredqueue-fill.h"
#include "tieredqueue-put.h"
#include "tieredqueue-query.h"
#include "tieredqueue-srcpad.h"
#include "tieredqueue-wait.h"

GST_DEBUG_CATEGORY_EXTERN (tieredqueue_debug);
#define GST_CAT_DEFAULT tieredqueue_debug

#define LOAD(cell) atomic_load_explicit (&(cell), memory_order_relaxed)
#define STORE(cell, value) \
  atomic_store_explicit (&(cell), (value), memory_order_relaxed)

static GstFlowReturn
tell_no_memory (TieredQueuePads * self)
{
  GST_ELEMENT_ERROR (self->element, RESOURCE, NO_SPACE_LEFT,
      ("There is no memory for more than the %u items in the queue.",
          LOAD (self->channel->slots)),
      ("set a smaller max-size-buffers, or a limit in bytes or time that lets "
          "in fewer buffers"));
  return GST_FLOW_ERROR;
}

/* ---- data ---- */

/* The item is not let in, for a reason, or for want of memory.  They never leave
 * this file, and are none of those that downstream may say, its own
 * (GST_FLOW_CUSTOM_ERROR and the like) among them. */
#define FLOW_REFUSED ((GstFlowReturn) G_MAXINT)
#define FLOW_NO_MEMORY ((GstFlowReturn) G_MININT)

/* Makes room as `leaky` says.  OK when there is; FLOW_REFUSED, or the flow result
 * that forbids it. */
static GstFlowReturn
make_room (TieredQueuePads * self, TieredQueueDropReason * reason)
{
  TieredQueueChannel *channel = self->channel;
  guint64 since = 0;
  GstFlowReturn flow;

  while (tieredqueue_channel_is_filled (channel)) {
    tieredqueue_flow_emit (self, self->sinkpad, TIEREDQUEUE_SIGNAL_OVERRUN);
    /* The handler may have changed the limits. */
    flow = tieredqueue_channel_flow (channel);
    if (flow != GST_FLOW_OK)
      return flow;
    if (!tieredqueue_channel_is_filled (channel))
      return GST_FLOW_OK;

    switch (LOAD (channel->settings.leaky)) {
      case TIEREDQUEUE_LEAKY_UPSTREAM:
        *reason = TIEREDQUEUE_DROP_FULL;
        return FLOW_REFUSED;
      case TIEREDQUEUE_LEAKY_DOWNSTREAM:
        flow = tieredqueue_evict_for_room (channel) ? GST_FLOW_OK
            : FLOW_NO_MEMORY;
        tieredqueue_flow_news (self);
        return flow;
      default:
        *reason = TIEREDQUEUE_DROP_TIMEOUT;
        tieredqueue_sync_set_blocked (self->output.member, true);
        flow = tieredqueue_channel_wait_for_space (channel, &since);
        tieredqueue_sync_set_blocked (self->output.member, false);
        if (flow != GST_FLOW_OK)
          return flow == TIEREDQUEUE_FLOW_TIMEOUT ? FLOW_REFUSED : flow;
        if (!tieredqueue_channel_is_filled (channel))
          tieredqueue_flow_emit (self, self->sinkpad,
              TIEREDQUEUE_SIGNAL_RUNNING);
        break;
    }
  }
  return GST_FLOW_OK;
}

/* Whether @unit is worth nothing, as units it needs were dropped. */
static gboolean
is_broken_off (TieredQueueChannel * channel, TieredQueueUnit unit)
{
  return channel->gop.broken && unit == TIEREDQUEUE_UNIT_DELTA
      && tieredqueue_channel_drops_gops (channel);
}

/* Whether data may come in now: as make_room, or what to return. */
static GstFlowReturn
admit_data (TieredQueuePads * self, TieredQueueUnit unit,
    TieredQueueDropReason * reason)
{
  TieredQueueChannel *channel = self->channel;
  GstFlowReturn flow = tieredqueue_channel_flow (channel);

  if (G_UNLIKELY (flow != GST_FLOW_OK))
    return flow;
  if (G_UNLIKELY (tieredqueue_flow_has_eos (self)
          || tieredqueue_flow_is_refusing (self)))
    return GST_FLOW_EOS;
  if (G_UNLIKELY (unit == TIEREDQUEUE_UNIT_HEADER))
    return GST_FLOW_OK;         /* as an event */
  if (G_LIKELY (!is_broken_off (channel, unit)))
    flow = make_room (self, reason);
  /* Making room may have broken it off. */
  if (G_LIKELY (flow != GST_FLOW_OK || !is_broken_off (channel, unit)))
    return flow;
  *reason = TIEREDQUEUE_DROP_GOP;
  return FLOW_REFUSED;
}

/* Asks upstream for a key unit, so that the gap is short. */
static void
ask_for_key_unit (TieredQueuePads * self)
{
  TieredQueueGop *gop = &self->channel->gop;

  if (tieredqueue_gop_should_ask (gop, sc_clock_now ()))
    gst_pad_push_event (self->sinkpad,
        gst_video_event_new_upstream_force_key_unit (GST_CLOCK_TIME_NONE, TRUE,
            gop->requests));
}

static GstFlowReturn
refuse_data (TieredQueuePads * self, TieredQueueKind kind, gpointer object,
    TieredQueueDropReason reason)
{
  self->tail_needs_discont = TRUE;
  tieredqueue_channel_refuse (self->channel, kind, object, reason);
  tieredqueue_flow_news (self);
  if (reason == TIEREDQUEUE_DROP_GOP)
    ask_for_key_unit (self);
  return GST_FLOW_OK;
}

static TieredQueueUnit
unit_of (TieredQueueChannel * channel, TieredQueueKind kind, gpointer object)
{
  TieredQueueUnit unit = tieredqueue_unit_of (kind, object);

  if (G_UNLIKELY (unit == TIEREDQUEUE_UNIT_HEADER)
      && !(tieredqueue_channel_drops_gops (channel)
          && tieredqueue_channel_takes_header (channel)))
    return TIEREDQUEUE_UNIT_KEY;
  return unit;
}

/* Data flow may have ended since the buffer was let in, in an error or a release
 * from this very thread: then nobody takes it any more, and upstream may wait for
 * its memory.  Where nothing is linked, all is kept.
 *
 * Store buffer: we push, and then look at the flow result; the task sets that, and
 * then takes what is there.  The fences are in the notification of an item and in
 * tieredqueue_channel_interrupt(); without one of them each could miss the other's,
 * and the buffer would stay. */
static void
let_go_if_ended (TieredQueuePads * self)
{
  GstFlowReturn flow = tieredqueue_channel_flow (self->channel);

  if (G_LIKELY (flow == GST_FLOW_OK) || flow == GST_FLOW_NOT_LINKED
      || flow == GST_FLOW_EOS)
    return;
  tieredqueue_evict_all (self->channel, TIEREDQUEUE_DROP_FLUSH);
  tieredqueue_flow_news (self);
}

static GstFlowReturn
enqueue_data (TieredQueuePads * self, TieredQueueKind kind, gpointer object)
{
  TieredQueueUnit unit = unit_of (self->channel, kind, object);
  TieredQueueDropReason reason = TIEREDQUEUE_DROP_FULL;
  GstFlowReturn flow = admit_data (self, unit, &reason);
  TieredQueuePush pushed = TIEREDQUEUE_PUSH_NO_MEMORY;

  if (tieredqueue_sync_is_on (self->output.member->group))
    tieredqueue_sync_fed (self->output.member);
  if (G_UNLIKELY (flow == FLOW_REFUSED))
    return refuse_data (self, kind, object, reason);
  if (G_LIKELY (flow == GST_FLOW_OK)) {
    if (G_UNLIKELY (self->tail_needs_discont))
      object = tieredqueue_with_discont (kind, object);
    pushed = tieredqueue_channel_push_data (self->channel, kind, unit, object);
    if (G_UNLIKELY (pushed == TIEREDQUEUE_PUSH_NO_MEMORY))
      flow = FLOW_NO_MEMORY;
  }
  if (G_UNLIKELY (flow != GST_FLOW_OK)) {
    gst_mini_object_unref (object);
    return flow == FLOW_NO_MEMORY ? tell_no_memory (self) : flow;
  }
  if (G_UNLIKELY (self->tail_needs_discont))
    self->tail_needs_discont = FALSE;   /* else no line is written */
  if (pushed == TIEREDQUEUE_PUSHED_NEWS)
    tieredqueue_flow_news (self);
  let_go_if_ended (self);
  return GST_FLOW_OK;
}

static GstFlowReturn
take_data (TieredQueuePads * self, TieredQueueKind kind, gpointer object)
{
  ScRingLevel before;
  gboolean watched = tieredqueue_flow_watch_levels (self, &before);
  GstFlowReturn flow = enqueue_data (self, kind, object);

  if (G_UNLIKELY (watched))
    tieredqueue_flow_notify_levels (self, &before);
  return flow;
}

static GstFlowReturn
chain (GstPad * pad, GstObject * parent, GstBuffer * buffer)
{
  return take_data (gst_pad_get_element_private (pad), TIEREDQUEUE_BUFFER,
      buffer);
}

static GstFlowReturn
chain_list (GstPad * pad, GstObject * parent, GstBufferList * list)
{
  return take_data (gst_pad_get_element_private (pad), TIEREDQUEUE_LIST,
      list);
}

/* ---- events and queries ---- */

static gboolean
flush_start (TieredQueuePads * self, GstEvent * event)
{
  gboolean ret = gst_pad_push_event (self->srcpad, event);

  tieredqueue_flow_set (self, GST_FLOW_FLUSHING);
  /* The task comes to rest: downstream flushes, and every wait has ended.  It
   * pauses itself; if this did, a stop and a start in between would be left with
   * a paused task, and with data that nobody takes. */
  if (tieredqueue_srcpad_lock_at_rest (self))
    GST_PAD_STREAM_UNLOCK (self->srcpad);
  return ret;
}

/* After FLUSH_START, with the task at rest or on its way there. */
static gboolean
flush_stopped (TieredQueuePads * self)
{
  GArray *popped = NULL;

  if (tieredqueue_channel_flow (self->channel) != GST_FLOW_FLUSHING
      || !tieredqueue_srcpad_lock_at_rest (self))
    return FALSE;
  g_mutex_lock (&self->control);
  if (tieredqueue_channel_flow (self->channel) == GST_FLOW_FLUSHING)
    popped = tieredqueue_flow_empty (self);
  self->flushes += popped != NULL;
  g_mutex_unlock (&self->control);
  if (popped != NULL)
    tieredqueue_flow_let_go (self, popped, TRUE);
  GST_PAD_STREAM_UNLOCK (self->srcpad);
  return popped != NULL;
}

static gboolean
flush_stop (TieredQueuePads * self, GstEvent * event)
{
  gboolean ret = gst_pad_push_event (self->srcpad, event);

  if (!flush_stopped (self)) {  /* no FLUSH_START: the task still runs */
    tieredqueue_evict_all (self->channel, TIEREDQUEUE_DROP_FLUSH);
    tieredqueue_flow_news (self);
  }
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

/* OK, or FLOW_NO_MEMORY, where @event stays the caller's. */
static GstFlowReturn
enqueue_event (TieredQueuePads * self, GstEvent * event)
{
  GstEventType type = GST_EVENT_TYPE (event);
  gint64 time = time_after (self, event);

  tieredqueue_sync_fed (self->output.member);
  if (tieredqueue_channel_push (self->channel, TIEREDQUEUE_EVENT, event, time)
      == TIEREDQUEUE_PUSH_NO_MEMORY)
    return FLOW_NO_MEMORY;
  /* After the push: if the task drains the channel in between, it finds either
   * the segment or the old count. */
  if (type == GST_EVENT_SEGMENT)
    STORE (self->segments, LOAD (self->segments) + 1);
  else if (type == GST_EVENT_STREAM_START)
    tieredqueue_gop_stream_start (&self->channel->gop);
  return GST_FLOW_OK;
}

/* Lets EOS in if the flow result is still OK.  Under `control`, so that of this
 * thread and the task in end_run one sees what the other has set, and tells an
 * error. */
static GstFlowReturn
enqueue_eos (TieredQueuePads * self, GstEvent * event)
{
  TieredQueueChannel *channel = self->channel;
  gboolean flush = LOAD (channel->settings.flush_on_eos);
  GstFlowReturn flow;

  if (flush) {
    tieredqueue_evict_all (channel, TIEREDQUEUE_DROP_EOS);
    tieredqueue_flow_news (self);
  }
  g_mutex_lock (&self->control);
  flow = tieredqueue_channel_flow (channel);
  if (flow == GST_FLOW_OK) {
    /* All that is queued must come out now; after a flush nothing is. */
    if (flush)
      tieredqueue_flow_restore_thresholds (self);
    else
      tieredqueue_channel_lift_thresholds (channel);
    STORE (self->eos_at, tieredqueue_channel_next_index (channel));
    flow = enqueue_event (self, event);
    if (flow != GST_FLOW_OK)
      STORE (self->eos_at, TIEREDQUEUE_NO_EOS);
  }
  g_mutex_unlock (&self->control);
  if (flow != GST_FLOW_OK && flow != FLOW_NO_MEMORY)
    tieredqueue_flow_tell_error (self, flow);
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

/* With `control` held: lets items in, and has them taken out. */
static void
open_locked (TieredQueuePads * self)
{
  if (GST_PAD_MODE (self->srcpad) == GST_PAD_MODE_PUSH) {
    tieredqueue_srcpad_start_locked (self);
  } else {
    STORE (self->eos_at, TIEREDQUEUE_NO_EOS);
    STORE (self->refused_at, 0);
  }
}

/* STREAM_START and SEGMENT open a channel again that has ended, in an error too;
 * but not against a flush or a stop that has begun meanwhile. */
static void
reopen (TieredQueuePads * self)
{
  g_mutex_lock (&self->control);
  if (!is_flushing (self->sinkpad))
    open_locked (self);
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
    if (flow == GST_FLOW_OK)
      flow = GST_EVENT_TYPE (event) == GST_EVENT_EOS
          ? enqueue_eos (self, event) : enqueue_event (self, event);
    if (flow != GST_FLOW_OK) {
      GST_DEBUG_OBJECT (pad, "refusing %" GST_PTR_FORMAT ": %s", event,
          gst_flow_get_name (flow));
      gst_event_unref (event);
    }
    return flow == FLOW_NO_MEMORY ? tell_no_memory (self) : flow;
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
  if (tieredqueue_channel_push (self->channel, TIEREDQUEUE_QUERY, queued,
          self->channel->timeline.time) == TIEREDQUEUE_PUSH_NO_MEMORY) {
    tieredqueue_query_unref (queued);   /* the ring's */
    tieredqueue_query_unref (queued);
    tell_no_memory (self);
    return FALSE;
  }
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
    if (!tieredqueue_flow_open (self, GST_PAD_SINK))
      return FALSE;
    tieredqueue_gop_init (&self->channel->gop);
    g_mutex_lock (&self->control);
    if (!self->released) {      /* else a start of the element was late */
      open_locked (self);
      tieredqueue_flow_set_locked (self, GST_FLOW_OK);
    }
    g_mutex_unlock (&self->control);
    return TRUE;
  }
  tieredqueue_flow_set (self, GST_FLOW_FLUSHING);
  GST_PAD_STREAM_LOCK (pad);    /* the producer is out */
  if (gst_pad_is_active (self->srcpad)) {
    STORE (self->channel->stale_before,
        tieredqueue_channel_next_index (self->channel));
    tieredqueue_evict_all (self->channel, TIEREDQUEUE_DROP_FLUSH);
    tieredqueue_flow_reset_input (self);
    tieredqueue_flow_news (self);
  } else {                      /* and the task stopped, as in a state change */
    GST_PAD_STREAM_LOCK (self->srcpad);
    tieredqueue_flow_let_go (self, tieredqueue_flow_empty (self), FALSE);
    GST_PAD_STREAM_UNLOCK (self->srcpad);
  }
  GST_PAD_STREAM_UNLOCK (pad);
  tieredqueue_flow_close (self, GST_PAD_SINK);
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
