/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bench-queue.h"

#include <gst/app/app.h>

#define FAKE_BUFFERS 300000
#define APP_BUFFERS 100000

static void
wait_for_eos (GstElement * pipeline)
{
  GstBus *bus = gst_element_get_bus (pipeline);
  GstMessage *message = gst_bus_timed_pop_filtered (bus, GST_CLOCK_TIME_NONE,
      GST_MESSAGE_EOS | GST_MESSAGE_ERROR);

  if (GST_MESSAGE_TYPE (message) != GST_MESSAGE_EOS)
    g_error ("a pipeline failed");
  gst_message_unref (message);
  gst_object_unref (bus);
}

static GstElement *
launch (const gchar * source, const gchar * factory, guint elements,
    const gchar * sink)
{
  GString *text = g_string_new (source);
  GstElement *pipeline;

  for (guint i = 0; i < elements && factory != NULL; i++)
    g_string_append_printf (text, " ! %s", factory);
  g_string_append_printf (text, " ! %s", sink);
  pipeline = gst_parse_launch (text->str, NULL);
  if (pipeline == NULL)
    g_error ("no pipeline: %s", text->str);
  g_string_free (text, TRUE);
  return pipeline;
}

static BenchFigure
figure_of (const BenchSpan * span, guint buffers)
{
  BenchFigure figure = {
    .wall = (gdouble) span->wall / buffers,
    .cpu = (gdouble) span->cpu / buffers,
    .switches = (gdouble) span->switches / buffers,
  };

  return figure;
}

static void
stop (GstElement * pipeline)
{
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (pipeline);
}

BenchFigure
bench_fake (const gchar * factory, guint elements)
{
  gchar *source = g_strdup_printf ("fakesrc num-buffers=%u", FAKE_BUFFERS);
  GstElement *pipeline = launch (source, factory, elements, "fakesink");
  BenchSpan span;

  bench_begin (&span);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  wait_for_eos (pipeline);
  bench_end (&span);
  stop (pipeline);
  g_free (source);
  return figure_of (&span, FAKE_BUFFERS);
}

static GstFlowReturn
take_sample (GstAppSink * sink, gpointer data)
{
  gst_sample_unref (gst_app_sink_pull_sample (sink));
  return GST_FLOW_OK;
}

BenchFigure
bench_app (const gchar * factory)
{
  GstAppSinkCallbacks callbacks = {.new_sample = take_sample };
  GstElement *pipeline = launch ("appsrc name=source block=true", factory, 1,
      "appsink name=sink sync=false");
  GstElement *source = gst_bin_get_by_name (GST_BIN (pipeline), "source");
  GstElement *sink = gst_bin_get_by_name (GST_BIN (pipeline), "sink");
  GstBuffer *shared =
      gst_buffer_new_allocate (NULL, BENCH_BUFFER_SIZE, NULL);
  BenchSpan span;

  gst_app_sink_set_callbacks (GST_APP_SINK (sink), &callbacks, NULL, NULL);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  bench_begin (&span);
  for (guint i = 0; i < APP_BUFFERS; i++)
    if (gst_app_src_push_buffer (GST_APP_SRC (source), gst_buffer_ref (shared))
        != GST_FLOW_OK)
      g_error ("a push failed");
  gst_app_src_end_of_stream (GST_APP_SRC (source));
  wait_for_eos (pipeline);
  bench_end (&span);
  gst_object_unref (source);
  gst_object_unref (sink);
  gst_buffer_unref (shared);
  stop (pipeline);
  return figure_of (&span, APP_BUFFERS);
}
