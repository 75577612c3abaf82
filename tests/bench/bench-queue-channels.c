/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bench-queue.h"

#define BUFFERS 300000          /* in all */
#define MAX_CHANNELS 32

typedef struct
{
  GstElement *queue;            /* its own, or the one of all */
  BenchPads pads;
  guint buffers;
  _Atomic gboolean eos;
} Channel;

static GstFlowReturn
take (GstPad * pad, GstObject * parent, GstBuffer * buffer)
{
  gst_buffer_unref (buffer);
  return GST_FLOW_OK;
}

static gboolean
see_event (GstPad * pad, GstObject * parent, GstEvent * event)
{
  Channel *self = gst_pad_get_element_private (pad);

  if (GST_EVENT_TYPE (event) == GST_EVENT_EOS)
    self->eos = TRUE;
  gst_event_unref (event);
  return TRUE;
}

static gpointer
push_all (gpointer data)
{
  Channel *self = data;
  GstBuffer *shared =
      gst_buffer_new_allocate (NULL, BENCH_BUFFER_SIZE, NULL);
  GstSegment segment;

  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_pad_push_event (self->pads.src, gst_event_new_stream_start ("bench"));
  gst_pad_push_event (self->pads.src, gst_event_new_segment (&segment));
  for (guint i = 0; i < self->buffers; i++)
    if (gst_pad_push (self->pads.src, gst_buffer_ref (shared)) != GST_FLOW_OK)
      g_error ("a push failed");
  gst_pad_push_event (self->pads.src, gst_event_new_eos ());
  while (!self->eos)
    g_usleep (100);
  gst_buffer_unref (shared);
  return NULL;
}

/* Request pads come with the channel's other pad. */
static void
open_request (Channel * self)
{
  GstPad *sink = gst_element_request_pad_simple (self->queue, "sink_%u");
  gchar *src_name;

  if (sink == NULL)
    g_error ("no channel");
  src_name = g_strdup_printf ("src_%s",
      GST_PAD_NAME (sink) + sizeof ("sink_") - 1);
  bench_open_pads (&self->pads, self->queue, GST_PAD_NAME (sink), src_name,
      take, see_event, self);
  g_free (src_name);
  gst_object_unref (sink);
}

BenchFigure
bench_channels (const gchar * factory, guint channels)
{
  gboolean one = g_str_equal (factory, "tieredqueue");
  static Channel all[MAX_CHANNELS];
  GThread *threads[MAX_CHANNELS];
  BenchFigure figure = { 0 };
  BenchSpan span;

  for (guint i = 0; i < channels; i++) {
    all[i] = (Channel) {.buffers = BUFFERS / channels };
    all[i].queue = one && i > 0 ? all[0].queue : bench_new_queue (factory);
    if (one)
      open_request (&all[i]);
    else
      bench_open_pads (&all[i].pads, all[i].queue, "sink", "src", take,
          see_event, &all[i]);
    gst_element_set_state (all[i].queue, GST_STATE_PLAYING);
  }
  bench_begin (&span);
  for (guint i = 0; i < channels; i++)
    threads[i] = g_thread_new ("producer", push_all, &all[i]);
  for (guint i = 0; i < channels; i++)
    g_thread_join (threads[i]);
  bench_end (&span);
  for (guint i = 0; i < channels; i++)
    gst_element_set_state (all[i].queue, GST_STATE_NULL);
  for (guint i = 0; i < channels; i++) {
    bench_close_pads (&all[i].pads);
    if (!one || i + 1 == channels)
      bench_free_queue (all[i].queue);
  }
  figure.wall = (gdouble) span.wall / (all[0].buffers * channels);
  figure.cpu = (gdouble) span.cpu / (all[0].buffers * channels);
  figure.switches = (gdouble) span.switches / (all[0].buffers * channels);
  return figure;
}
