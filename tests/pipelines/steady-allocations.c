/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * steady-allocations [--buffers N] [--expect-some] [--push] PIPELINE
 *
 * Runs the pipeline, whose last element is named "sink", and counts what each
 * thread allocates while N buffers (100,000) pass the sink's pad, after 20,000
 * that warm it up once the pipeline plays.  The reporter's thread, which posts metrics, is shown apart.
 *
 * With --push a thread acquires and pushes the buffers of the element named "src",
 * a bufpoolsrc with mode=app.
 *
 * Ends with 0 if nothing was allocated, or, with --expect-some (the negative
 * control), if something was; with 1 if not; with 2 if the pipeline fails.
 */
#include <gst/gst.h>
#include <stdio.h>
#include <stdlib.h>

#include "alloc-count.h"

#define WARM_UP 20000
#define REPORTER "sc-reporter"

static gint buffers = 100000;
static gboolean expect_some, pushing;
static gint64 passed;           /* the sink's thread */
static gint playing;            /* atomic */

static const GOptionEntry options[] = {
  {"buffers", 0, 0, G_OPTION_ARG_INT, &buffers, "Buffers to count over", "N"},
  {"expect-some", 0, 0, G_OPTION_ARG_NONE, &expect_some,
      "Succeed if something is allocated", NULL},
  {"push", 0, 0, G_OPTION_ARG_NONE, &pushing,
      "Push buffers into the element \"src\"", NULL},
  {NULL},
};

/* The sink's thread. */
static GstPadProbeReturn
count_buffers (GstPad * pad, GstPadProbeInfo * info, gpointer pipeline)
{
  if (!g_atomic_int_get (&playing))
    return GST_PAD_PROBE_OK;
  passed++;
  if (passed == WARM_UP)
    alloc_count_start ();
  if (passed == WARM_UP + buffers) {
    alloc_count_stop ();
    gst_element_post_message (pipeline, gst_message_new_application
        (GST_OBJECT (pipeline), gst_structure_new_empty ("counted")));
  }
  return GST_PAD_PROBE_OK;
}

/* Until the pipeline stops. */
static gpointer
push_buffers (gpointer source)
{
  GstFlowReturn ret = GST_FLOW_OK;

  while (ret == GST_FLOW_OK) {
    GstBuffer *buffer = NULL;

    g_signal_emit_by_name (source, "acquire-buffer", (guint64) 512, &buffer);
    if (buffer == NULL)
      break;
    g_signal_emit_by_name (source, "push-buffer", buffer, &ret);
    gst_buffer_unref (buffer);
  }
  gst_object_unref (source);
  return NULL;
}

static GThread *
start_pushing (GstElement * pipeline)
{
  GstElement *source = gst_bin_get_by_name (GST_BIN (pipeline), "src");

  /* From here on buffers can be had. */
  gst_element_set_state (pipeline, GST_STATE_PAUSED);
  return g_thread_new ("pusher", push_buffers, source);
}

static gboolean
run (GstElement * pipeline)
{
  GThread *pusher = pushing ? start_pushing (pipeline) : NULL;
  GstBus *bus = gst_element_get_bus (pipeline);
  gboolean counted = FALSE, going_on = TRUE;

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  while (going_on) {
    GstMessage *message = gst_bus_timed_pop (bus, 120 * GST_SECOND);
    GError *error = NULL;

    if (message == NULL)
      break;
    if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_STATE_CHANGED
        && GST_MESSAGE_SRC (message) == GST_OBJECT (pipeline)) {
      GstState state;

      gst_message_parse_state_changed (message, NULL, &state, NULL);
      g_atomic_int_set (&playing, state == GST_STATE_PLAYING);
    }
    counted = GST_MESSAGE_TYPE (message) == GST_MESSAGE_APPLICATION;
    going_on = !counted && GST_MESSAGE_TYPE (message) != GST_MESSAGE_ERROR
        && GST_MESSAGE_TYPE (message) != GST_MESSAGE_EOS;
    if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR) {
      gst_message_parse_error (message, &error, NULL);
      g_printerr ("%s\n", error->message);
      g_error_free (error);
    }
    gst_message_unref (message);
  }
  gst_element_set_state (pipeline, GST_STATE_NULL);
  if (pusher != NULL)
    g_thread_join (pusher);
  gst_object_unref (bus);
  return counted;
}

/* Prints the threads that allocated; returns the sum without the reporter's. */
static guint64
print_counts (void)
{
  guint64 sum = 0;
  AllocCount row;

  printf ("%d buffers after %d to warm up\n", buffers, WARM_UP);
  printf ("%-16s %12s %12s %8s\n", "thread", "allocations", "frees", "maps");
  for (guint i = 0; alloc_count_get (i, &row); i++) {
    printf ("%-16s %12" G_GUINT64_FORMAT " %12" G_GUINT64_FORMAT " %8"
        G_GUINT64_FORMAT "\n", row.name, row.allocations, row.frees, row.maps);
    if (!g_str_equal (row.name, REPORTER))
      sum += row.allocations + row.maps;
  }
  printf ("%-16s %12" G_GUINT64_FORMAT "\n", "without reporter", sum);
  return sum;
}

int
main (int argc, char **argv)
{
  GOptionContext *context = g_option_context_new ("PIPELINE");
  GstElement *pipeline, *sink;
  GError *error = NULL;
  gboolean counted;
  GstPad *pad;

  g_option_context_add_main_entries (context, options, NULL);
  g_option_context_add_group (context, gst_init_get_option_group ());
  if (!g_option_context_parse (context, &argc, &argv, &error) || argc != 2) {
    g_printerr ("%s\n", error != NULL ? error->message : "one PIPELINE");
    return 2;
  }
  g_option_context_free (context);
  pipeline = gst_parse_launch (argv[1], &error);
  if (error != NULL) {
    g_printerr ("%s\n", error->message);
    return 2;
  }
  sink = gst_bin_get_by_name (GST_BIN (pipeline), "sink");
  if (sink == NULL) {
    g_printerr ("no element is named \"sink\"\n");
    return 2;
  }
  pad = gst_element_get_static_pad (sink, "sink");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, count_buffers, pipeline,
      NULL);
  counted = run (pipeline);
  gst_object_unref (pad);
  gst_object_unref (sink);
  gst_object_unref (pipeline);
  if (!counted) {
    g_printerr ("the pipeline ended before all buffers were counted\n");
    return 2;
  }
  return (print_counts () > 0) == expect_some ? 0 : 1;
}
