/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "torture.h"

#include "watchdog.h"

GstEvent *
torture_new_seek (GRand * random)
{
  static const GstSeekFlags flags[] = {
    GST_SEEK_FLAG_FLUSH, GST_SEEK_FLAG_FLUSH | GST_SEEK_FLAG_SEGMENT,
    GST_SEEK_FLAG_SEGMENT, GST_SEEK_FLAG_NONE
  };

  return gst_event_new_seek (1.0, GST_FORMAT_TIME,
      flags[g_rand_int_range (random, 0, G_N_ELEMENTS (flags))],
      GST_SEEK_TYPE_SET, 0, GST_SEEK_TYPE_NONE, 0);
}

static gboolean
once (TortureLink * self, TortureFault fault, guint after)
{
  if (self->run->plan.fault != fault || self->fault_done
      || self->out.buffers < after)
    return FALSE;
  self->fault_done = TRUE;
  return TRUE;
}

/* EOS lets queued items go up to the next SEGMENT; an error and FLUSHING all of
 * them, and the channel stays shut until upstream flushes. */
static void
disturb_for (TortureLink * self, GstFlowReturn flow)
{
  if (flow == GST_FLOW_EOS)
    self->refused_with_eos = self->buffers_refused = TRUE;
  else if (flow != GST_FLOW_NOT_LINKED)
    torture_strand (self);
}

static GstFlowReturn
next_flow (TortureLink * self)
{
  static const GstFlowReturn refusals[] = {
    GST_FLOW_EOS, GST_FLOW_NOT_LINKED, GST_FLOW_ERROR, GST_FLOW_FLUSHING,
    GST_FLOW_NOT_NEGOTIATED
  };
  GRand *random = self->sink_random;

  if (g_atomic_int_get (&self->run->stop) || !self->run->plan.refusals)
    return GST_FLOW_OK;
  if (self->refuse_for == 0 && g_rand_int_range (random, 0, 100) == 0) {
    self->refuse_for = (guint) g_rand_int_range (random, 1, 10);
    self->refuse_with = refusals[g_rand_int_range (random, 0,
            G_N_ELEMENTS (refusals))];
  }
  if (self->refuse_for == 0)
    return GST_FLOW_OK;
  self->refuse_for--;
  disturb_for (self, self->refuse_with);
  return self->refuse_with;
}

static void
be_slow (TortureLink * self)
{
  GRand *random = self->sink_random;

  watchdog_at (self->sink_watch, "downstream");
  if (g_rand_int_range (random, 0, 20) == 0)
    g_usleep ((gulong) g_rand_int_range (random, 0, 500));
  else if (g_rand_int_range (random, 0, 4) == 0)
    g_thread_yield ();
}

/* From the streaming thread, as a demuxer does. */
static void
seek_now_and_then (TortureLink * self)
{
  if (self->run->plan.seeks
      && g_rand_int_range (self->sink_random, 0, 400) == 0) {
    watchdog_at (self->sink_watch, "seeking");
    gst_pad_push_event (self->sink, torture_new_seek (self->sink_random));
  }
}

static void
see (TortureLink * self, GstBuffer * buffer)
{
  if (once (self, TORTURE_LOSES_A_BUFFER, 100))
    return;
  if (once (self, TORTURE_LEAKS_A_BUFFER, 100))
    (void) gst_buffer_ref (buffer);
  if (once (self, TORTURE_SWAPS_BUFFERS, 100))
    self->seen_id = (guint) GST_BUFFER_OFFSET (buffer) + 1;
  if (once (self, TORTURE_MISCOUNTS_OUT, 100))
    self->out.buffers++;
  torture_see_buffer (self, buffer);
}

static GstFlowReturn
sink_chain (GstPad * pad, GstObject * parent, GstBuffer * buffer)
{
  TortureLink *self = gst_pad_get_element_private (pad);
  GstFlowReturn flow;

  be_slow (self);
  see (self, buffer);
  gst_buffer_unref (buffer);
  flow = next_flow (self);
  if (flow == GST_FLOW_OK)
    seek_now_and_then (self);
  watchdog_at (self->sink_watch, NULL);
  return flow;
}

static GstFlowReturn
sink_chain_list (GstPad * pad, GstObject * parent, GstBufferList * list)
{
  TortureLink *self = gst_pad_get_element_private (pad);

  be_slow (self);
  for (guint i = 0; i < gst_buffer_list_length (list); i++)
    see (self, gst_buffer_list_get (list, i));
  gst_buffer_list_unref (list);
  watchdog_at (self->sink_watch, NULL);
  return next_flow (self);
}

static gboolean
sink_event (GstPad * pad, GstObject * parent, GstEvent * event)
{
  TortureLink *self = gst_pad_get_element_private (pad);
  GstEventType type = GST_EVENT_TYPE (event);

  if (type == GST_EVENT_CUSTOM_DOWNSTREAM || type == GST_EVENT_GAP) {
    be_slow (self);
    watchdog_at (self->sink_watch, NULL);
  }
  torture_see_event (self, event);
  /* As if what comes next had been sent before the flush. */
  if (type == GST_EVENT_FLUSH_STOP
      && once (self, TORTURE_KEEPS_A_STALE_BUFFER, 0))
    self->floor = G_MAXINT;
  if (type == GST_EVENT_EOS)
    g_cond_broadcast (&self->wake);
  gst_event_unref (event);
  return TRUE;
}

static gboolean
sink_query (GstPad * pad, GstObject * parent, GstQuery * query)
{
  switch (GST_QUERY_TYPE (query)) {
    case GST_QUERY_DRAIN:
    case GST_QUERY_ALLOCATION:
      return TRUE;
    case GST_QUERY_CAPS:       /* any, also when it has some already */
      return FALSE;
    case GST_QUERY_ACCEPT_CAPS:
      gst_query_set_accept_caps_result (query, TRUE);
      return TRUE;
    default:
      return gst_pad_query_default (pad, parent, query);
  }
}

/* A control: an event that is lost on the way. */
static GstPadProbeReturn
lose_caps (GstPad * pad, GstPadProbeInfo * info, gpointer link)
{
  TortureLink *self = link;

  return GST_EVENT_TYPE (GST_PAD_PROBE_INFO_EVENT (info)) == GST_EVENT_CAPS
      && once (self, TORTURE_LOSES_CAPS, 100) ? GST_PAD_PROBE_DROP
      : GST_PAD_PROBE_OK;
}

void
torture_reset_sink (TortureLink * self)
{
  gst_pad_set_active (self->sink, FALSE);
  gst_pad_set_active (self->sink, TRUE);
  for (guint i = 0; i < TORTURE_N_STICKY; i++)
    self->effective[i] = 0;
}

void
torture_make_sink (TortureLink * self)
{
  self->sink = gst_pad_new (NULL, GST_PAD_SINK);
  gst_pad_set_element_private (self->sink, self);
  gst_pad_set_chain_function (self->sink, sink_chain);
  gst_pad_set_chain_list_function (self->sink, sink_chain_list);
  gst_pad_set_event_function (self->sink, sink_event);
  gst_pad_set_query_function (self->sink, sink_query);
  if (self->run->plan.fault == TORTURE_LOSES_CAPS)
    gst_pad_add_probe (self->sink, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM,
        lose_caps, self, NULL);
  gst_pad_set_active (self->sink, TRUE);
}
