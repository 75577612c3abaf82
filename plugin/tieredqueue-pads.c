/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tieredqueue-pads.h"

#include "tieredqueue-query.h"

GST_DEBUG_CATEGORY_EXTERN (tieredqueue_debug);
#define GST_CAT_DEFAULT tieredqueue_debug

#define LOAD(cell) atomic_load_explicit (&(cell), memory_order_relaxed)
#define STORE(cell, value) \
  atomic_store_explicit (&(cell), (value), memory_order_relaxed)

static void loop (gpointer user_data);

/* ---- flow ---- */

/* With `control` held, so that who found another flow result under it cannot
 * overwrite this one. */
static void
set_flow_locked (TieredQueuePads * self, GstFlowReturn flow)
{
  tieredqueue_channel_set_flow (self->channel, flow);
  sc_eventcount_notify (&self->query_done);
}

static void
set_flow (TieredQueuePads * self, GstFlowReturn flow)
{
  g_mutex_lock (&self->control);
  set_flow_locked (self, flow);
  g_mutex_unlock (&self->control);
}

/* The task's way: an OK becomes @flow; what another thread has set meanwhile
 * (FLUSHING) stays. */
static void
fail_flow (TieredQueuePads * self, GstFlowReturn flow)
{
  GstFlowReturn expected = GST_FLOW_OK;

  /* Release: as in tieredqueue_channel_set_flow. */
  if (atomic_compare_exchange_strong_explicit (&self->channel->flow,
          &expected, flow, memory_order_release, memory_order_relaxed)) {
    tieredqueue_channel_interrupt (self->channel);
    sc_eventcount_notify (&self->query_done);
  }
}

/* Opens the channel and starts the task.  With `control` held. */
static gboolean
start_locked (TieredQueuePads * self)
{
  STORE (self->eos_at, TIEREDQUEUE_NO_EOS);
  STORE (self->refused_at, 0);
  set_flow_locked (self, GST_FLOW_OK);
  return gst_pad_start_task (self->srcpad, loop, self, NULL);
}

static gboolean
has_eos (TieredQueuePads * self)
{
  return LOAD (self->eos_at) != TIEREDQUEUE_NO_EOS;
}

/* TRUE after downstream has said EOS, until a segment has been queued. */
static gboolean
is_refusing (TieredQueuePads * self)
{
  return LOAD (self->refused_at) == LOAD (self->segments) + 1;
}

static void
emit (TieredQueuePads * self, TieredQueueSignal signal)
{
  if (!LOAD (self->silent))
    self->emit (self->element, signal);
}

/* ---- emptying ---- */

/* Lets an item go; @srcpad keeps the sticky events that a flush leaves. */
static void
discard (TieredQueuePads * self, TieredQueueItem * item,
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

/* In the consumer's role: with the source pad's stream lock, which the task holds
 * as long as it runs. */
static void
flush_items (TieredQueuePads * self, gboolean keep_sticky)
{
  TieredQueueItem item;
  gboolean cleared = FALSE;

  while (tieredqueue_channel_pop (self->channel, &item, &cleared))
    discard (self, &item, TIEREDQUEUE_DROP_FLUSH, keep_sticky);
  self->channel->head_needs_discont = FALSE;
  if (cleared)
    self->news (self->element);
}

/* With neither side running: what no later item will bring along goes too, and
 * the input's times begin anew. */
static void
flush_all (TieredQueuePads * self, gboolean keep_sticky)
{
  TieredQueueItem item;

  flush_items (self, keep_sticky);
  while (tieredqueue_channel_pop_carried (self->channel, &item))
    discard (self, &item, TIEREDQUEUE_DROP_FLUSH, keep_sticky);
  STORE (self->channel->min_is_off, FALSE);
  tieredqueue_timeline_init (&self->channel->timeline);
  sc_ring_set_time (&self->channel->ring.ring, 0);
  self->tail_needs_discont = FALSE;
}

/* ---- the sink pad: data ---- */

static gboolean
mark_discont (GstBuffer ** buffer, guint index, gpointer user_data)
{
  *buffer = gst_buffer_make_writable (*buffer);
  GST_BUFFER_FLAG_SET (*buffer, GST_BUFFER_FLAG_DISCONT);
  return FALSE;                 /* the first of a list only */
}

static gpointer
with_discont (TieredQueueKind kind, gpointer object)
{
  if (kind == TIEREDQUEUE_LIST) {
    GstBufferList *list = gst_buffer_list_make_writable (object);

    gst_buffer_list_foreach (list, mark_discont, NULL);
    return list;
  } else {
    GstBuffer *buffer = object;

    mark_discont (&buffer, 0, NULL);
    return buffer;
  }
}

/* The item leaks upstream.  Never leaves this file. */
#define FLOW_LEAK GST_FLOW_CUSTOM_SUCCESS

/* Makes room as `leaky` says.  OK when there is; FLOW_LEAK, or the flow result
 * that forbids it. */
static GstFlowReturn
make_room (TieredQueuePads * self)
{
  TieredQueueChannel *channel = self->channel;
  GstFlowReturn flow;

  while (tieredqueue_channel_is_filled (channel)) {
    emit (self, TIEREDQUEUE_SIGNAL_OVERRUN);
    /* The handler may have changed the limits. */
    flow = tieredqueue_channel_flow (channel);
    if (flow != GST_FLOW_OK)
      return flow;
    if (!tieredqueue_channel_is_filled (channel))
      return GST_FLOW_OK;

    switch (LOAD (self->leaky)) {
      case TIEREDQUEUE_LEAKY_UPSTREAM:
        return FLOW_LEAK;
      case TIEREDQUEUE_LEAKY_DOWNSTREAM:
        tieredqueue_channel_leak (channel);
        self->news (self->element);
        return GST_FLOW_OK;
      default:
        flow = tieredqueue_channel_wait_for_space (channel);
        if (flow != GST_FLOW_OK)
          return flow;
        emit (self, TIEREDQUEUE_SIGNAL_RUNNING);
        break;
    }
  }
  return GST_FLOW_OK;
}

static GstFlowReturn
leak_upstream (TieredQueuePads * self, TieredQueueKind kind, gpointer object)
{
  self->tail_needs_discont = TRUE;
  tieredqueue_channel_refuse (self->channel, kind, object);
  self->news (self->element);
  return GST_FLOW_OK;
}

/* Whether data may come in now: OK, FLOW_LEAK, or what to return. */
static GstFlowReturn
admit_data (TieredQueuePads * self)
{
  GstFlowReturn flow = tieredqueue_channel_flow (self->channel);

  if (G_UNLIKELY (flow != GST_FLOW_OK))
    return flow;
  if (G_UNLIKELY (has_eos (self) || is_refusing (self)))
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
    return leak_upstream (self, kind, object);
  if (G_UNLIKELY (flow != GST_FLOW_OK)) {
    gst_mini_object_unref (object);
    return flow;
  }
  if (G_UNLIKELY (self->tail_needs_discont)) {
    object = with_discont (kind, object);
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
    self->news (self->element);
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

/* ---- the sink pad: events and queries ---- */

static gboolean
flush_start (TieredQueuePads * self, GstEvent * event)
{
  gboolean ret = gst_pad_push_event (self->srcpad, event);

  set_flow (self, GST_FLOW_FLUSHING);
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
    flush_all (self, TRUE);
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
    start_locked (self);
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

/* No data flows after EOS that could tell an error: EOS has to. */
static void
tell_error (TieredQueuePads * self, GstFlowReturn flow)
{
  if (flow == GST_FLOW_NOT_LINKED || flow < GST_FLOW_EOS)
    GST_ELEMENT_FLOW_ERROR (self->element, flow);
}

/* Lets EOS in if the flow result is still OK.  Under `control`, so that of this
 * thread and the task in end_run one sees what the other has set, and tells an
 * error. */
static GstFlowReturn
enqueue_eos (TieredQueuePads * self, GstEvent * event)
{
  TieredQueueChannel *channel = self->channel;
  GstFlowReturn flow;

  if (LOAD (self->flush_on_eos)) {
    tieredqueue_channel_drop_queued (channel, TIEREDQUEUE_DROP_EOS);
    self->news (self->element);
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
    tell_error (self, flow);
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
      start_locked (self);
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

  if (reopens && (has_eos (self) || flow == GST_FLOW_EOS)) {
    reopen (self);
    flow = tieredqueue_channel_flow (self->channel);
  }
  if (flow != GST_FLOW_OK) {
    /* A sticky event is taken all the same: data flow will tell the error. */
    if (!GST_EVENT_IS_STICKY (event))
      return flow;
    if (type == GST_EVENT_EOS) {
      tell_error (self, flow);
      return flow;
    }
  }
  return has_eos (self) ? GST_FLOW_EOS : GST_FLOW_OK;
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
    answered = self->propose (self->element, query, answered);
  return answered;
}

/* ---- the source pad: the task ---- */

static GstFlowReturn
push_data (TieredQueuePads * self, TieredQueueItem * item)
{
  TieredQueueChannel *channel = self->channel;
  guint buffers = 1;
  gsize bytes;
  gpointer object = item->object;

  if (G_UNLIKELY (item->discont))
    object = with_discont (item->kind, object);
  if (item->kind == TIEREDQUEUE_LIST) {
    buffers = gst_buffer_list_length (object);
    bytes = gst_buffer_list_calculate_size (object);
  } else {
    bytes = gst_buffer_get_size (object);
  }
  STORE (channel->buffers_out, LOAD (channel->buffers_out) + buffers);
  STORE (channel->bytes_out, LOAD (channel->bytes_out) + bytes);
  return item->kind == TIEREDQUEUE_LIST ? gst_pad_push_list (self->srcpad,
      object) : gst_pad_push (self->srcpad, object);
}

static gboolean
is_pushable_after_eos (TieredQueueItem * item)
{
  return item->kind == TIEREDQUEUE_EVENT
      && (GST_EVENT_TYPE (item->object) == GST_EVENT_EOS
      || GST_EVENT_TYPE (item->object) == GST_EVENT_SEGMENT
      || GST_EVENT_TYPE (item->object) == GST_EVENT_STREAM_START);
}

/* Downstream has said EOS: drops all up to what it can take again.  TRUE if that
 * was found; else the sink pad refuses data from here on. */
static gboolean
skip_refused (TieredQueuePads * self, TieredQueueItem * item)
{
  guint segments = LOAD (self->segments);       /* before draining */
  gboolean cleared;

  while (tieredqueue_channel_pop (self->channel, item, &cleared)) {
    if (is_pushable_after_eos (item))
      return TRUE;
    discard (self, item, TIEREDQUEUE_DROP_EOS, FALSE);
  }
  STORE (self->refused_at, segments + 1);
  return FALSE;
}

static GstFlowReturn
push_event (TieredQueuePads * self, TieredQueueItem * item)
{
  GstEventType type = GST_EVENT_TYPE (item->object);

  gst_pad_push_event (self->srcpad, item->object);
  if (type != GST_EVENT_EOS)
    return GST_FLOW_OK;
  self->eos_pushed = item->index;
  return GST_FLOW_EOS;
}

static void
push_query (TieredQueuePads * self, TieredQueueQuery * queued)
{
  GstQuery *query = tieredqueue_query_claim (queued);

  if (query != NULL) {
    tieredqueue_query_finish (queued, gst_pad_peer_query (self->srcpad, query));
    sc_eventcount_notify (&self->query_done);
  }
  tieredqueue_query_unref (queued);
}

/* Pushes one item, and what an EOS from downstream lets follow. */
static GstFlowReturn
push_one (TieredQueuePads * self)
{
  TieredQueueItem item;
  gboolean cleared;

  if (!tieredqueue_channel_pop (self->channel, &item, &cleared))
    return tieredqueue_channel_flow (self->channel);
  if (G_UNLIKELY (cleared))
    self->news (self->element);
  for (;;) {
    GstFlowReturn flow;

    if (item.kind == TIEREDQUEUE_EVENT)
      return push_event (self, &item);
    if (item.kind == TIEREDQUEUE_QUERY) {
      push_query (self, item.object);
      return GST_FLOW_OK;
    }
    flow = push_data (self, &item);
    if (flow != GST_FLOW_EOS
        || tieredqueue_channel_flow (self->channel) != GST_FLOW_OK)
      return flow;
    if (!skip_refused (self, &item))
      return GST_FLOW_OK;
  }
}

/* Ends the task's run with @flow, unless it goes on after all: an EOS that has
 * gone out while upstream has already begun a new stream behind it, which may
 * have had its own EOS. */
static void
end_run (TieredQueuePads * self, GstFlowReturn flow)
{
  gboolean eos;

  g_mutex_lock (&self->control);
  eos = has_eos (self);
  if (flow != GST_FLOW_OK && (flow != GST_FLOW_EOS
          || LOAD (self->eos_at) == self->eos_pushed))
    fail_flow (self, flow);
  flow = tieredqueue_channel_flow (self->channel);
  if (flow != GST_FLOW_OK)
    gst_pad_pause_task (self->srcpad);
  g_mutex_unlock (&self->control);

  GST_DEBUG_OBJECT (self->srcpad, "%s", gst_flow_get_name (flow));
  if (flow == GST_FLOW_FLUSHING)
    flush_items (self, TRUE);
  /* Upstream has sent EOS and will not push again to learn of the error. */
  if (eos && (flow == GST_FLOW_NOT_LINKED || flow < GST_FLOW_EOS)) {
    tell_error (self, flow);
    gst_pad_push_event (self->srcpad, gst_event_new_eos ());
  }
}

static gboolean
wait_for_item (TieredQueuePads * self)
{
  if (!tieredqueue_channel_is_empty (self->channel)
      || tieredqueue_channel_spin_for_item (self->channel))
    return tieredqueue_channel_flow (self->channel) == GST_FLOW_OK;
  emit (self, TIEREDQUEUE_SIGNAL_UNDERRUN);
  if (!tieredqueue_channel_wait_for_item (self->channel))
    return FALSE;
  emit (self, TIEREDQUEUE_SIGNAL_RUNNING);
  emit (self, TIEREDQUEUE_SIGNAL_PUSHING);
  return TRUE;
}

static void
loop (gpointer user_data)
{
  TieredQueuePads *self = user_data;
  GstFlowReturn flow = GST_FLOW_OK;

  if (wait_for_item (self))
    flow = push_one (self);
  if (G_UNLIKELY (flow != GST_FLOW_OK
          || tieredqueue_channel_flow (self->channel) != GST_FLOW_OK))
    end_run (self, flow);
}

/* ---- the source pad: events and queries ---- */

static gboolean
src_event (GstPad * pad, GstObject * parent, GstEvent * event)
{
  TieredQueuePads *self = gst_pad_get_element_private (pad);

  if (GST_EVENT_TYPE (event) != GST_EVENT_RECONFIGURE)
    return gst_pad_event_default (pad, parent, event);

  g_mutex_lock (&self->control);
  /* It was not linked: let us see whether it is now. */
  if (tieredqueue_channel_flow (self->channel) == GST_FLOW_NOT_LINKED) {
    set_flow_locked (self, GST_FLOW_OK);
    gst_pad_start_task (pad, loop, self, NULL);
  }
  g_mutex_unlock (&self->control);
  return gst_pad_push_event (self->sinkpad, event);
}

static void
adjust_position (TieredQueuePads * self, GstQuery * query)
{
  GstFormat format;
  gint64 position, queued;
  ScRingLevel level;

  gst_query_parse_position (query, &format, &position);
  g_mutex_lock (&self->control);
  tieredqueue_channel_level (self->channel, &level);
  g_mutex_unlock (&self->control);
  if (format == GST_FORMAT_BYTES)
    queued = (gint64) level.bytes;
  else if (format == GST_FORMAT_TIME)
    queued = level.time;
  else
    return;
  gst_query_set_position (query, format, MAX (position - queued, 0));
}

static void
adjust_latency (TieredQueuePads * self, GstQuery * query)
{
  guint64 max_time = LOAD (self->channel->max.time);
  GstClockTime min, max;
  gboolean live;

  gst_query_parse_latency (query, &live, &min, &max);
  /* What is queued delays by at most the limit in time; without one there is no
   * bound.  A leaky queue does not add up: it throws away instead. */
  if (max_time > 0 && LOAD (self->leaky) != TIEREDQUEUE_LEAKY_NO)
    max = MAX (max_time, max);
  else if (max_time > 0 && GST_CLOCK_TIME_IS_VALID (max))
    max += max_time;
  else
    max = GST_CLOCK_TIME_NONE;
  min += LOAD (self->channel->min.time);
  gst_query_set_latency (query, live, min, max);
}

static gboolean
src_query (GstPad * pad, GstObject * parent, GstQuery * query)
{
  TieredQueuePads *self = gst_pad_get_element_private (pad);

  if (GST_QUERY_TYPE (query) == GST_QUERY_SCHEDULING) {
    gst_query_add_scheduling_mode (query, GST_PAD_MODE_PUSH);
    return TRUE;
  }
  if (!gst_pad_query_default (pad, parent, query))
    return FALSE;
  if (GST_QUERY_TYPE (query) == GST_QUERY_POSITION)
    adjust_position (self, query);
  else if (GST_QUERY_TYPE (query) == GST_QUERY_LATENCY)
    adjust_latency (self, query);
  return TRUE;
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
    STORE (self->eos_at, TIEREDQUEUE_NO_EOS);
    STORE (self->refused_at, 0);
    set_flow (self, GST_FLOW_OK);
    return TRUE;
  }
  set_flow (self, GST_FLOW_FLUSHING);
  GST_PAD_STREAM_LOCK (pad);    /* the producer is out */
  if (gst_pad_is_active (self->srcpad)) {
    tieredqueue_channel_drop_queued (self->channel, TIEREDQUEUE_DROP_FLUSH);
  } else {                      /* and the task stopped, as in a state change */
    GST_PAD_STREAM_LOCK (self->srcpad);
    flush_all (self, FALSE);
    GST_PAD_STREAM_UNLOCK (self->srcpad);
  }
  GST_PAD_STREAM_UNLOCK (pad);
  return TRUE;
}

static gboolean
src_activate_mode (GstPad * pad, GstObject * parent, GstPadMode mode,
    gboolean active)
{
  TieredQueuePads *self = gst_pad_get_element_private (pad);
  gboolean ret;

  if (mode != GST_PAD_MODE_PUSH)
    return FALSE;
  if (active) {
    g_mutex_lock (&self->control);
    ret = start_locked (self);
    g_mutex_unlock (&self->control);
    return ret;
  }
  set_flow (self, GST_FLOW_FLUSHING);
  ret = gst_pad_stop_task (pad);
  GST_PAD_STREAM_LOCK (pad);
  flush_items (self, TRUE);
  GST_PAD_STREAM_UNLOCK (pad);
  return ret;
}

/* ---- making the pads ---- */

static GstPad *
make_pad (TieredQueuePads * self, const gchar * template, const gchar * name)
{
  GstPad *pad = gst_pad_new_from_template
      (gst_element_get_pad_template (self->element, template), name);

  gst_pad_set_element_private (pad, self);
  GST_PAD_SET_PROXY_CAPS (pad);
  return pad;
}

void
tieredqueue_pads_init (TieredQueuePads * self, GstElement * element,
    const gchar * sink_name, const gchar * src_name)
{
  self->element = element;
  self->channel = tieredqueue_channel_new ();
  STORE (self->eos_at, TIEREDQUEUE_NO_EOS);
  g_mutex_init (&self->control);
  if (sc_eventcount_init (&self->query_done) != 0)
    g_error ("tieredqueue: the system cannot make a mutex");

  self->sinkpad = make_pad (self, "sink", sink_name);
  gst_pad_set_chain_function (self->sinkpad, chain);
  gst_pad_set_chain_list_function (self->sinkpad, chain_list);
  gst_pad_set_event_full_function (self->sinkpad, sink_event);
  gst_pad_set_query_function (self->sinkpad, sink_query);
  gst_pad_set_activatemode_function (self->sinkpad, sink_activate_mode);

  self->srcpad = make_pad (self, "src", src_name);
  gst_pad_set_event_function (self->srcpad, src_event);
  gst_pad_set_query_function (self->srcpad, src_query);
  gst_pad_set_activatemode_function (self->srcpad, src_activate_mode);

  gst_element_add_pad (element, self->sinkpad);
  gst_element_add_pad (element, self->srcpad);
}

void
tieredqueue_pads_clear (TieredQueuePads * self)
{
  flush_all (self, FALSE);
  tieredqueue_channel_free (self->channel);
  sc_eventcount_clear (&self->query_done);
  g_mutex_clear (&self->control);
}
