/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tieredqueue-pads.h"

#include "tieredqueue-pad.h"
#include "tieredqueue-sinkpad.h"
#include "tieredqueue-srcpad.h"

/* A push or a query that is under way has so long to return before the release
 * of a channel goes on without it, and how often that is looked at; us. */
#define GRACE (100 * G_TIME_SPAN_MILLISECOND)
#define LOOK_EVERY 200

void
tieredqueue_pads_make (TieredQueuePads * self,
    GstPadTemplate * sink_template, GstPadTemplate * src_template,
    const gchar * sink_name, const gchar * src_name)
{
  self->sinkpad = gst_tiered_queue_pad_new (self, sink_template, sink_name);
  tieredqueue_sinkpad_setup (self->sinkpad);
  self->srcpad = gst_tiered_queue_pad_new (self, src_template, src_name);
  tieredqueue_srcpad_setup (self->srcpad);
  gst_tiered_queue_pad_keep (GST_TIERED_QUEUE_PAD (self->sinkpad),
      self->srcpad);
}

static gboolean
is_left_until (GstPad * pad, gint64 end)
{
  GRecMutex *stream_lock = GST_PAD_GET_STREAM_LOCK (pad);

  while (!g_rec_mutex_trylock (stream_lock)) {
    if (g_get_monotonic_time () >= end)
      return FALSE;
    g_usleep (LOOK_EVERY);
  }
  g_rec_mutex_unlock (stream_lock);
  return TRUE;
}

gboolean
tieredqueue_pads_shut (TieredQueuePads * self)
{
  gint64 end = g_get_monotonic_time () + GRACE;

  g_mutex_lock (&self->control);
  self->released = TRUE;
  tieredqueue_flow_set_locked (self, GST_FLOW_FLUSHING);
  g_mutex_unlock (&self->control);
  return !tieredqueue_srcpad_is_own_task (self)
      && !tieredqueue_flow_is_emptying (self)
      && is_left_until (self->srcpad, end)
      && is_left_until (self->sinkpad, end);
}

static void
deactivate (GstPad * pad)
{
  /* It may have left the element. */
  GST_OBJECT_FLAG_UNSET (pad, GST_PAD_FLAG_NEED_PARENT);
  gst_pad_set_active (pad, FALSE);
}

void
tieredqueue_pads_stop (TieredQueuePads * self)
{
  deactivate (self->srcpad);
  deactivate (self->sinkpad);
  gst_tiered_proposal_stop (self->proposal);
}
