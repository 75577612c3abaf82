/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tieredqueue-pads.h"

#include "tieredqueue-sinkpad.h"
#include "tieredqueue-srcpad.h"

#define LOAD(cell) atomic_load_explicit (&(cell), memory_order_relaxed)
#define STORE(cell, value) \
  atomic_store_explicit (&(cell), (value), memory_order_relaxed)

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
    ret = tieredqueue_srcpad_start_locked (self);
    g_mutex_unlock (&self->control);
    return ret;
  }
  tieredqueue_flow_set (self, GST_FLOW_FLUSHING);
  ret = gst_pad_stop_task (pad);
  GST_PAD_STREAM_LOCK (pad);
  tieredqueue_flow_flush_items (self, TRUE);
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
  tieredqueue_sinkpad_setup (self->sinkpad);
  gst_pad_set_activatemode_function (self->sinkpad, sink_activate_mode);

  self->srcpad = make_pad (self, "src", src_name);
  tieredqueue_srcpad_setup (self->srcpad);
  gst_pad_set_activatemode_function (self->srcpad, src_activate_mode);

  gst_element_add_pad (element, self->sinkpad);
  gst_element_add_pad (element, self->srcpad);
}

void
tieredqueue_pads_clear (TieredQueuePads * self)
{
  tieredqueue_flow_flush_all (self, FALSE);
  tieredqueue_channel_free (self->channel);
  sc_eventcount_clear (&self->query_done);
  g_mutex_clear (&self->control);
}
