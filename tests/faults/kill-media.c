/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The recorder that test-recovered-media.c kills: runs the pipeline of its
 * argument.  Every durable mark of safefilesink is written to standard output,
 * a line each, when its message is posted.
 */
#include <gst/gst.h>
#include <stdio.h>
#include <unistd.h>

static GstBusSyncReply
tell_mark (GstBus * bus, GstMessage * message, gpointer user_data)
{
  guint64 mark;
  gchar line[32];
  gint length;

  if (!gst_message_has_name (message, "safefilesink-metrics")
      || !gst_structure_get_uint64 (gst_message_get_structure (message),
          "durable-offset", &mark))
    return GST_BUS_PASS;
  /* In one write: the reader never sees half a number. */
  length = snprintf (line, sizeof (line), "%" G_GUINT64_FORMAT "\n", mark);
  if (write (STDOUT_FILENO, line, (size_t) length) != length)
    _exit (3);
  return GST_BUS_PASS;
}

int
main (int argc, char **argv)
{
  GError *error = NULL;
  GstElement *pipeline;
  GstMessage *message;
  GstBus *bus;

  gst_init (&argc, &argv);
  if (argc < 2)
    return 64;
  pipeline = gst_parse_launch (argv[1], &error);
  if (error != NULL) {
    fprintf (stderr, "%s\n", error->message);
    return 1;
  }
  bus = gst_element_get_bus (pipeline);
  gst_bus_set_sync_handler (bus, tell_mark, NULL, NULL);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  message = gst_bus_timed_pop_filtered (bus, GST_CLOCK_TIME_NONE,
      GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  gst_message_unref (message);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (bus);
  gst_object_unref (pipeline);
  return 0;
}
