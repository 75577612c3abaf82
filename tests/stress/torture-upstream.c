/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "torture.h"

#include "watchdog.h"

/* ---- events with an identity ---- */

/* @event: (transfer full).  With `streaming`; FALSE if it was refused. */
static gboolean
push_event (TortureLink * self, GstEvent * event, TortureKind kind,
    guint * id_out)
{
  guint id = torture_next_id (self);

  torture_set_event_id (torture_counted (event), id);
  self->ledger[id].kind = kind;
  if (!gst_pad_push_event (self->src, event)) {
    self->ledger[id].kind = TORTURE_NOTHING;
    return FALSE;
  }
  if (id_out != NULL)
    *id_out = id;
  return TRUE;
}

/* What the pad keeps is in effect, also if it was refused: the pad sends it again
 * when a flush is over. */
static gboolean
push_sticky (TortureLink * self, GstEvent * event, TortureKind kind,
    TortureSticky sticky)
{
  const GstEventType type = GST_EVENT_TYPE (event);
  gboolean pushed = push_event (self, event, kind, NULL);
  GstEvent *kept = gst_pad_get_sticky_event (self->src, type, 0);

  if (kept != NULL)
    self->current[sticky] = torture_event_id (kept);
  gst_clear_event (&kept);
  return pushed;
}

static gboolean
push_caps (TortureLink * self)
{
  GstCaps *caps = gst_caps_new_simple ("application/x-test", "n", G_TYPE_INT,
      g_atomic_int_get (&self->last_id), NULL);
  gboolean pushed = push_sticky (self, gst_event_new_caps (caps),
      TORTURE_STICKY, TORTURE_CAPS);

  gst_caps_unref (caps);
  return pushed;
}

static gboolean
push_segment (TortureLink * self, GstSegmentFlags flags)
{
  GstSegment segment;

  gst_segment_init (&segment, GST_FORMAT_TIME);
  segment.base = self->time;
  segment.flags = flags;
  /* Twice or half as fast, now and then. */
  segment.rate = self->number % 4 == 1 ? 2.0 : self->number % 4 == 2 ? 0.5 : 1.0;
  self->time = 0;
  return push_sticky (self, gst_event_new_segment (&segment), TORTURE_OPENS,
      TORTURE_SEGMENT);
}

gboolean
torture_push_new_stream (TortureLink * self)
{
  self->needs_stream = !(push_sticky (self,
          gst_event_new_stream_start ("torture"), TORTURE_OPENS,
          TORTURE_STREAM)
      && push_caps (self) && push_segment (self, GST_SEGMENT_FLAG_NONE));
  return !self->needs_stream;
}

static void
push_plain_event (TortureLink * self, GRand * random)
{
  GstEvent *event = g_rand_boolean (random)
      ? gst_event_new_gap (self->time, GST_MSECOND)
      : gst_event_new_custom (GST_EVENT_CUSTOM_DOWNSTREAM,
      gst_structure_new_empty ("numbered"));

  watchdog_at (self->upstream_watch, "pushing an event");
  (void) push_event (self, event, TORTURE_EVENT, &self->last_event);
}

/* ---- data ---- */

static GstBuffer *
new_buffer (TortureLink * self, GRand * random, guint number)
{
  GstBuffer *buffer = torture_counted (gst_buffer_new_allocate (NULL,
          g_rand_int_range (random, 1, TORTURE_BYTES_MOST), NULL));
  guint id = torture_next_id (self);
  TortureEntry *entry = &self->ledger[id];

  entry->kind = TORTURE_BUFFER;
  entry->number = number;
  for (guint i = 0; i < TORTURE_N_STICKY; i++)
    entry->in_effect[i] = self->current[i];
  GST_BUFFER_OFFSET (buffer) = id;
  if (g_rand_int_range (random, 0, 10) != 0) {
    GST_BUFFER_PTS (buffer) = self->time;
    GST_BUFFER_DURATION (buffer) = GST_MSECOND;
  }
  if (g_rand_int_range (random, 0, 4) != 0)
    GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_DELTA_UNIT);
  /* Now and then back, as pictures in decoding order without DTS. */
  self->time += g_rand_int_range (random, -3, 6) * GST_MSECOND;
  if (self->time > G_MAXINT64)
    self->time = 0;
  return buffer;
}

static void
count_in (TortureLink * self, guint buffers, gsize bytes)
{
  TortureFault fault = self->run->plan.fault;

  self->number += buffers;
  self->in.buffers += buffers;
  self->in.bytes += bytes;
  if (!self->fault_done && (fault == TORTURE_MISCOUNTS_IN
          || fault == TORTURE_MISCOUNTS_BYTES)) {
    self->fault_done = TRUE;
    self->in.buffers += fault == TORTURE_MISCOUNTS_IN;
    self->in.bytes += fault == TORTURE_MISCOUNTS_BYTES;
  }
}

static GstFlowReturn
push_buffer (TortureLink * self, GRand * random)
{
  GstBuffer *buffer = new_buffer (self, random, self->number + 1);
  GstBuffer *kept = g_rand_boolean (random) ? gst_buffer_ref (buffer) : NULL;
  gsize bytes = gst_buffer_get_size (buffer);
  GstFlowReturn flow;

  watchdog_at (self->upstream_watch, "pushing a buffer");
  flow = gst_pad_push (self->src, buffer);
  gst_clear_buffer (&kept);
  if (flow == GST_FLOW_OK)
    count_in (self, 1, bytes);
  return flow;
}

static GstFlowReturn
push_list (TortureLink * self, GRand * random)
{
  GstBufferList *list = gst_buffer_list_new ();
  guint n = (guint) g_rand_int_range (random, 1, TORTURE_LIST_MOST + 1);
  gsize bytes;
  GstFlowReturn flow;

  for (guint i = 0; i < n; i++)
    gst_buffer_list_add (list, new_buffer (self, random,
            self->number + i + 1));
  bytes = gst_buffer_list_calculate_size (list);
  watchdog_at (self->upstream_watch, "pushing a list");
  flow = gst_pad_push_list (self->src, list);
  if (flow == GST_FLOW_OK)
    count_in (self, n, bytes);
  return flow;
}

/* ---- flushes and seeks ---- */

static void
flush_begin (TortureLink * self, guint who)
{
  torture_disturb (self);
  watchdog_at (who, "FLUSH_START");
  g_atomic_int_set (&self->flush_floor, g_atomic_int_get (&self->last_id));
  gst_pad_push_event (self->src, gst_event_new_flush_start ());
  torture_recover (self);
}

/* With `streaming`. */
static void
flush_end (TortureLink * self, guint who)
{
  watchdog_at (who, "FLUSH_STOP");
  gst_pad_push_event (self->src, gst_event_new_flush_stop (TRUE));
  if (self->needs_stream)
    torture_push_new_stream (self);
  else
    push_segment (self, GST_SEGMENT_FLAG_NONE);
  torture_settle (self);
}

/* With `flushing`, which is let go. */
static void
flush_locked (TortureLink * self, guint who)
{
  flush_begin (self, who);
  watchdog_at (who, "waiting for upstream");
  g_mutex_lock (&self->streaming);
  flush_end (self, who);
  g_mutex_unlock (&self->streaming);
  g_mutex_unlock (&self->flushing);
  watchdog_at (who, NULL);
}

void
torture_flush (TortureLink * self, guint who)
{
  g_mutex_lock (&self->flushing);
  flush_locked (self, who);
}

/* Upstream itself, with `streaming`, unless another flush has begun anyway. */
static void
flush_streaming (TortureLink * self)
{
  if (!g_mutex_trylock (&self->flushing))
    return;
  flush_begin (self, self->upstream_watch);
  flush_end (self, self->upstream_watch);
  g_mutex_unlock (&self->flushing);
}

/* As a source does it: the flush in the thread that seeks, which may be the
 * queue's task. */
static gboolean
seek (TortureLink * self, GstEvent * event)
{
  GstSeekFlags flags;
  guint who;

  gst_event_parse_seek (event, NULL, NULL, &flags, NULL, NULL, NULL, NULL);
  if (!(flags & GST_SEEK_FLAG_FLUSH)) {
    if (!g_mutex_trylock (&self->streaming))
      return FALSE;
    if (!self->needs_stream)
      push_segment (self, (GstSegmentFlags) flags);
    g_mutex_unlock (&self->streaming);
    return TRUE;
  }
  /* Whoever flushes may wait for the very thread that seeks. */
  if (!g_mutex_trylock (&self->flushing))
    return FALSE;
  who = watchdog_enter ("seeks");
  flush_locked (self, who);
  watchdog_leave (who);
  return TRUE;
}

static gboolean
src_event (GstPad * pad, GstObject * parent, GstEvent * event)
{
  gboolean ret = TRUE;

  if (GST_EVENT_TYPE (event) == GST_EVENT_SEEK)
    ret = seek (gst_pad_get_element_private (pad), event);
  gst_event_unref (event);
  return ret;
}

/* Any caps.  In GStreamer's own answer (to 1.28 at least) another CAPS event may
 * replace, and free, those of the pad before they are referenced. */
static gboolean
src_query (GstPad * pad, GstObject * parent, GstQuery * query)
{
  return GST_QUERY_TYPE (query) != GST_QUERY_CAPS
      && gst_pad_query_default (pad, parent, query);
}

/* ---- EOS and queries ---- */

/* Until it has come out, unless something has come between. */
static void
wait_for_eos (TortureLink * self, guint id, gint disturbed)
{
  watchdog_at (self->upstream_watch, "waiting for EOS to come out");
  while ((guint) g_atomic_int_get (&self->eos_seen) != id
      && g_atomic_int_get (&self->disturbed) == disturbed
      && !g_atomic_int_get (&self->run->stop))
    g_cond_wait_until (&self->wake, &self->streaming,
        g_get_monotonic_time () + 10 * G_TIME_SPAN_MILLISECOND);
}

static void
push_eos (TortureLink * self, GRand * random)
{
  gint disturbed = g_atomic_int_get (&self->disturbed);
  guint id;

  watchdog_at (self->upstream_watch, "pushing EOS");
  if (push_event (self, gst_event_new_eos (), TORTURE_OPENS, &id)
      && !torture_is_unsettled (self) && g_rand_boolean (random))
    wait_for_eos (self, id, disturbed);
  watchdog_at (self->upstream_watch, "pushing a new stream");
  (void) torture_push_new_stream (self);
}

/* What an answer of DRAIN says: all before it has come out. */
static void
ask (TortureLink * self, GRand * random)
{
  gint disturbed = g_atomic_int_get (&self->disturbed);
  gboolean drains = g_rand_boolean (random);
  GstQuery *query = drains ? gst_query_new_drain ()
      : gst_query_new_allocation (NULL, FALSE);

  watchdog_at (self->upstream_watch, "asking");
  if (gst_pad_peer_query (self->src, query) && drains
      && !torture_is_unsettled (self) && !self->run->plan.refusals
      && g_atomic_int_get (&self->disturbed) == disturbed
      && self->last_event > (guint) g_atomic_int_get (&self->excused_id)
      && self->seen_event != self->last_event)
    torture_report (self->run, "link %u: a query overtook event %u",
        self->index, self->last_event);
  gst_query_unref (query);
}

/* ---- the thread ---- */

static void
recover (TortureLink * self, GRand * random, GstFlowReturn flow)
{
  switch (flow) {
    case GST_FLOW_OK:
      break;
    case GST_FLOW_NOT_LINKED:
      watchdog_at (self->upstream_watch, "RECONFIGURE");
      gst_pad_push_event (self->sink, gst_event_new_reconfigure ());
      break;
    case GST_FLOW_EOS:
      if (g_rand_boolean (random)) {
        push_segment (self, GST_SEGMENT_FLAG_NONE);
        break;
      }
      /* fall through */
    default:
      flush_streaming (self);
      break;
  }
}

/* Something went wrong that no settling follows. */
static gboolean
is_stranded (TortureLink * self)
{
  return torture_is_unsettled (self)
      && g_atomic_int_get (&self->disturbances) == 0;
}

/* One thing, with `streaming`. */
static void
act (TortureLink * self, GRand * random)
{
  gint what = g_rand_int_range (random, 0, self->run->plan.plain ? 977 : 1000);

  if (is_stranded (self))
    flush_streaming (self);
  else if (what < 560)
    recover (self, random, push_buffer (self, random));
  else if (what < 700)
    recover (self, random, push_list (self, random));
  else if (what < 970)
    push_plain_event (self, random);
  else if (what < 977)
    (void) push_caps (self);
  else if (what < 983)
    (void) push_segment (self, GST_SEGMENT_FLAG_NONE);
  else if (what < 996)
    ask (self, random);
  else
    push_eos (self, random);
}

gpointer
torture_upstream (gpointer user_data)
{
  TortureLink *self = user_data;
  GRand *random = g_rand_new_with_seed (self->run->seed + self->index);

  while (!g_atomic_int_get (&self->run->stop) && !torture_is_full (self)) {
    gboolean is_attached;

    g_mutex_lock (&self->streaming);
    is_attached = self->queue_sink != NULL;
    if (is_attached)
      act (self, random);
    g_mutex_unlock (&self->streaming);
    watchdog_at (self->upstream_watch, NULL);
    if (!is_attached)
      g_usleep (100);
  }
  g_rand_free (random);
  return NULL;
}

void
torture_make_src (TortureLink * self)
{
  self->src = gst_pad_new (NULL, GST_PAD_SRC);
  gst_pad_set_element_private (self->src, self);
  gst_pad_set_event_function (self->src, src_event);
  gst_pad_set_query_function (self->src, src_query);
  gst_pad_set_active (self->src, TRUE);
}
