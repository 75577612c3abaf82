/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tieredqueue-srcpad.h"

#include "tieredqueue-batch.h"
#include "tieredqueue-discont.h"
#include "tieredqueue-fill.h"
#include "tieredqueue-query.h"
#include "tieredqueue-wait.h"

GST_DEBUG_CATEGORY_EXTERN (tieredqueue_debug);
#define GST_CAT_DEFAULT tieredqueue_debug

/* How often the task is looked at while it is waited for, us. */
#define LOOK_EVERY 100

#define LOAD(cell) atomic_load_explicit (&(cell), memory_order_relaxed)
#define STORE(cell, value) \
  atomic_store_explicit (&(cell), (value), memory_order_relaxed)

/* Each run of the task's function costs GstTask a lock.  All that ends the task
 * changes the flow result first, so there is no need to return to it often. */
#define MAX_PUSHES 32

/* ---- the task ---- */

/* Whose task this thread has run last. */
static _Thread_local TieredQueuePads *running;

static GstFlowReturn
push_data (TieredQueuePads * self, TieredQueueItem * item)
{
  TieredQueueChannel *channel = self->channel;
  gpointer object = item->object;
  guint buffers;
  gsize bytes;

  if (G_UNLIKELY (item->discont))
    object = tieredqueue_with_discont (item->kind, object);
  tieredqueue_weigh (item->kind, object, &buffers, &bytes);
  STORE (channel->buffers_out, LOAD (channel->buffers_out) + buffers);
  STORE (channel->bytes_out, LOAD (channel->bytes_out) + bytes);
  return item->kind == TIEREDQUEUE_LIST ? gst_pad_push_list (self->srcpad,
      object) : gst_pad_push (self->srcpad, object);
}

/* FALSE: a flush or a stop has ended the wait, and @item is gone.  It may be over
 * by now: that is for end_run to see, which would take FLUSHING for
 * downstream's. */
static gboolean
wait_for_turn (TieredQueuePads * self, TieredQueueItem * item,
    TieredQueueTurn * turn)
{
  tieredqueue_output_wait (&self->output, item, turn);
  if (!turn->takes_part
      || tieredqueue_channel_flow (self->channel) == GST_FLOW_OK)
    return TRUE;
  tieredqueue_flow_discard (self, item, TIEREDQUEUE_DROP_FLUSH, TRUE);
  return FALSE;
}

/* A buffer with as many behind it as go out with it. */
static GstFlowReturn
push_batch (TieredQueuePads * self, TieredQueueItem * item,
    TieredQueueTurn * turn, TieredQueueItem * over)
{
  gboolean news = FALSE;

  tieredqueue_batch_gather (self, item, turn, over, &news);
  if (G_UNLIKELY (news))
    tieredqueue_flow_news (self);
  return push_data (self, item);
}

/* When it is its turn among the channels.  @over: (out) (nullable): what was popped
 * for a batch and has to wait, no object if there is nothing; NULL: no batch */
static GstFlowReturn
push_in_turn (TieredQueuePads * self, TieredQueueItem * item,
    TieredQueueItem * over)
{
  GstFlowReturn flow;
  TieredQueueTurn turn;

  if (!wait_for_turn (self, item, &turn))
    return GST_FLOW_OK;
  if (over != NULL && item->kind == TIEREDQUEUE_BUFFER)
    flow = push_batch (self, item, &turn, over);
  else
    flow = push_data (self, item);
  tieredqueue_output_done (&self->output, &turn);
  return flow;
}

static GstFlowReturn
push_data_items (TieredQueuePads * self, TieredQueueItem * item)
{
  TieredQueueItem over = { .object = NULL };
  const guint flushes = self->flushes;
  GstFlowReturn flow = push_in_turn (self, item, &over);

  if (G_LIKELY (over.object == NULL))
    return flow;
  /* A seek from downstream may have flushed in this very thread. */
  if (flow == GST_FLOW_OK && self->flushes == flushes)
    return push_in_turn (self, &over, NULL);
  self->channel->head_needs_key = TRUE;
  self->channel->head_needs_discont = TRUE;
  tieredqueue_flow_discard (self, &over, flow == GST_FLOW_EOS
      ? TIEREDQUEUE_DROP_EOS : TIEREDQUEUE_DROP_FLUSH, TRUE);
  return flow;
}

static gboolean
is_pushable_after_eos (TieredQueueItem * item)
{
  return item->kind == TIEREDQUEUE_EVENT
      && (GST_EVENT_TYPE (item->object) == GST_EVENT_EOS
      || GST_EVENT_TYPE (item->object) == GST_EVENT_SEGMENT
      || GST_EVENT_TYPE (item->object) == GST_EVENT_STREAM_START);
}

/* Downstream has said EOS: drops all up to what it can take again; what is sticky
 * stays on the source pad, since what follows may come under it.  TRUE if that was
 * found; else the sink pad refuses data from here on. */
static gboolean
skip_refused (TieredQueuePads * self, TieredQueueItem * item)
{
  guint segments = LOAD (self->segments);       /* before draining */
  gboolean news = FALSE, found;

  while ((found = tieredqueue_channel_pop (self->channel, item, &news))
      && !is_pushable_after_eos (item)) {
    self->channel->head_needs_key |= tieredqueue_kind_is_data (item->kind);
    tieredqueue_flow_discard (self, item, TIEREDQUEUE_DROP_EOS, TRUE);
  }
  if (news)
    tieredqueue_flow_news (self);
  if (found)
    return TRUE;
  STORE (self->refused_at, segments + 1);
  return FALSE;
}

static GstFlowReturn
push_event (TieredQueuePads * self, TieredQueueItem * item)
{
  GstEventType type = GST_EVENT_TYPE (item->object);
  TieredQueueTurn turn = { FALSE };

  if (type == GST_EVENT_GAP && !wait_for_turn (self, item, &turn))
    return GST_FLOW_OK;
  if (type == GST_EVENT_SEGMENT)
    tieredqueue_output_segment (&self->output, item->object);
  gst_pad_push_event (self->srcpad, item->object);
  tieredqueue_output_done (&self->output, &turn);
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
  gboolean news = FALSE;
  gboolean popped = tieredqueue_channel_pop (self->channel, &item, &news);

  if (G_UNLIKELY (news))
    tieredqueue_flow_news (self);
  if (G_UNLIKELY (!popped))
    return GST_FLOW_OK;
  for (;;) {
    GstFlowReturn flow;

    if (item.kind == TIEREDQUEUE_EVENT)
      return push_event (self, &item);
    if (item.kind == TIEREDQUEUE_QUERY) {
      push_query (self, item.object);
      return GST_FLOW_OK;
    }
    flow = push_data_items (self, &item);
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
  GArray *popped = NULL;
  gboolean eos;

  g_mutex_lock (&self->control);
  eos = tieredqueue_flow_has_eos (self);
  if (flow != GST_FLOW_OK && (flow != GST_FLOW_EOS
          || LOAD (self->eos_at) == self->eos_pushed))
    tieredqueue_flow_fail (self, flow);
  flow = tieredqueue_channel_flow (self->channel);
  if (flow != GST_FLOW_OK)
    gst_pad_pause_task (self->srcpad);
  /* Nobody will take what is queued, and upstream may wait for its memory: an
   * error lets it go at once, not only at the flush or the stop.  Taken under
   * the lock, or what a new stream brings would go too. */
  if (flow != GST_FLOW_OK && flow != GST_FLOW_NOT_LINKED
      && flow != GST_FLOW_EOS)
    popped = tieredqueue_channel_pop_all (self->channel);
  g_mutex_unlock (&self->control);
  if (popped != NULL)
    tieredqueue_flow_let_go (self, popped, TRUE);

  GST_DEBUG_OBJECT (self->srcpad, "%s", gst_flow_get_name (flow));
  /* Upstream has sent EOS and will not push again to learn of the error. */
  if (eos && (flow == GST_FLOW_NOT_LINKED || flow < GST_FLOW_EOS)) {
    tieredqueue_flow_tell_error (self, flow);
    gst_pad_push_event (self->srcpad, gst_event_new_eos ());
  }
}

static gboolean
wait_for_item (TieredQueuePads * self)
{
  gboolean has_item;

  if (!tieredqueue_fill_is_empty (self->channel)
      || tieredqueue_channel_spin_for_item (self->channel))
    return tieredqueue_channel_flow (self->channel) == GST_FLOW_OK;
  tieredqueue_flow_emit (self, self->srcpad, TIEREDQUEUE_SIGNAL_UNDERRUN);
  tieredqueue_sync_set_idle (self->output.member, true);
  has_item = tieredqueue_channel_wait_for_item (self->channel);
  tieredqueue_sync_set_idle (self->output.member, false);
  if (!has_item)
    return FALSE;
  tieredqueue_flow_emit (self, self->srcpad, TIEREDQUEUE_SIGNAL_RUNNING);
  tieredqueue_flow_emit (self, self->srcpad, TIEREDQUEUE_SIGNAL_PUSHING);
  return TRUE;
}

static void
loop (gpointer user_data)
{
  TieredQueuePads *self = user_data;
  GstFlowReturn flow = GST_FLOW_OK;

  running = self;
  for (guint i = 0; i < MAX_PUSHES && flow == GST_FLOW_OK; i++) {
    ScRingLevel before;
    gboolean watched;

    if (!wait_for_item (self))
      break;
    watched = tieredqueue_flow_watch_levels (self, &before);
    flow = push_one (self);
    if (G_UNLIKELY (watched))
      tieredqueue_flow_notify_levels (self, &before);
  }
  if (G_UNLIKELY (flow != GST_FLOW_OK
          || tieredqueue_channel_flow (self->channel) != GST_FLOW_OK))
    end_run (self, flow);
}

gboolean
tieredqueue_srcpad_lock_at_rest (TieredQueuePads * self)
{
  GRecMutex *stream_lock = GST_PAD_GET_STREAM_LOCK (self->srcpad);

  while (!g_rec_mutex_trylock (stream_lock)) {
    if (tieredqueue_channel_flow (self->channel) != GST_FLOW_FLUSHING)
      return FALSE;
    g_usleep (LOOK_EVERY);
  }
  return TRUE;
}

gboolean
tieredqueue_srcpad_is_own_task (TieredQueuePads * self)
{
  return running == self;
}

gboolean
tieredqueue_srcpad_start_locked (TieredQueuePads * self)
{
  if (self->released)
    return FALSE;
  STORE (self->eos_at, TIEREDQUEUE_NO_EOS);
  STORE (self->refused_at, 0);
  tieredqueue_flow_set_locked (self, GST_FLOW_OK);
  if (GST_OBJECT_PARENT (self->srcpad) == NULL)
    return TRUE;                /* tieredqueue_srcpad_added() does it */
  return gst_pad_start_task (self->srcpad, loop, self, NULL);
}

void
tieredqueue_srcpad_added (TieredQueuePads * self)
{
  g_mutex_lock (&self->control);
  if (GST_PAD_MODE (self->srcpad) == GST_PAD_MODE_PUSH)
    tieredqueue_srcpad_start_locked (self);
  g_mutex_unlock (&self->control);
}

/* ---- events and queries ---- */

/* It was not linked: lets us see whether it is now. */
static void
try_again (TieredQueuePads * self)
{
  g_mutex_lock (&self->control);
  if (tieredqueue_channel_flow (self->channel) == GST_FLOW_NOT_LINKED) {
    tieredqueue_flow_set_locked (self, GST_FLOW_OK);
    gst_pad_start_task (self->srcpad, loop, self, NULL);
  }
  g_mutex_unlock (&self->control);
}

static gboolean
src_event (GstPad * pad, GstObject * parent, GstEvent * event)
{
  if (GST_EVENT_TYPE (event) == GST_EVENT_RECONFIGURE)
    try_again (gst_pad_get_element_private (pad));
  return gst_pad_event_default (pad, parent, event);
}

static void
adjust_position (TieredQueuePads * self, GstQuery * query)
{
  GstFormat format;
  gint64 position, queued;
  ScRingLevel level;

  gst_query_parse_position (query, &format, &position);
  tieredqueue_pads_read_level (self, &level);
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
  TieredQueueSettings *settings = &self->channel->settings;
  guint64 max_time = LOAD (settings->max.time);
  GstClockTime min, max;
  gboolean live;

  gst_query_parse_latency (query, &live, &min, &max);
  STORE (self->channel->live, live);
  /* What is queued delays by at most the limit in time; without one there is no
   * bound.  A leaky queue does not add up: it throws away instead. */
  if (max_time > 0 && LOAD (settings->leaky) != TIEREDQUEUE_LEAKY_NO)
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
src_activate_mode (GstPad * pad, GstObject * parent, GstPadMode mode,
    gboolean active)
{
  TieredQueuePads *self = gst_pad_get_element_private (pad);
  gboolean ret;

  if (mode != GST_PAD_MODE_PUSH)
    return FALSE;
  if (active) {
    if (!tieredqueue_flow_open (self, GST_PAD_SRC))
      return FALSE;
    g_mutex_lock (&self->control);
    /* A start of the element that was late for a released one has not failed. */
    ret = self->released || tieredqueue_srcpad_start_locked (self);
    g_mutex_unlock (&self->control);
    return ret;
  }
  tieredqueue_flow_set (self, GST_FLOW_FLUSHING);
  ret = gst_pad_stop_task (pad);
  GST_PAD_STREAM_LOCK (pad);
  tieredqueue_flow_let_go (self, tieredqueue_channel_pop_all (self->channel),
      TRUE);
  GST_PAD_STREAM_UNLOCK (pad);
  tieredqueue_flow_close (self, GST_PAD_SRC);
  return ret;
}

static void
linked (GstPad * pad, GstPad * peer, gpointer user_data)
{
  tieredqueue_flow_linked (gst_pad_get_element_private (pad));
}

void
tieredqueue_srcpad_setup (GstPad * pad)
{
  g_signal_connect (pad, "linked", G_CALLBACK (linked), NULL);
  g_signal_connect (pad, "unlinked", G_CALLBACK (linked), NULL);
  gst_pad_set_event_function (pad, src_event);
  gst_pad_set_query_function (pad, src_query);
  gst_pad_set_activatemode_function (pad, src_activate_mode);
}
