/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the tests of bufpoolsrc share. */
#ifndef BUFPOOLSRC_CHECK_H
#define BUFPOOLSRC_CHECK_H

#include <gst/check/gstcheck.h>
#include <gst/check/gstharness.h>

#define S16_STEREO "audio/x-raw,format=S16LE,rate=48000,channels=2," \
    "layout=interleaved"

static inline guint64
stat_of (GstElement * element, const gchar * field)
{
  guint64 value = G_MAXUINT64;
  GstStructure *stats;

  g_object_get (element, "stats", &stats, NULL);
  fail_unless (gst_structure_get_uint64 (stats, field, &value), "%s", field);
  gst_structure_free (stats);
  return value;
}

/* A bin cannot end in bare caps: identity does. */
static inline GstHarness *
new_source (const gchar * line)
{
  gchar *whole = g_strconcat (line, " ! identity", NULL);
  GstHarness *h = gst_harness_new_parse (whole);

  g_free (whole);
  return h;
}

static inline GstHarness *
start_source (const gchar * line)
{
  GstHarness *h = new_source (line);

  gst_harness_play (h);
  return h;
}

/* Runs the line to an error, whose text @mentions something. */
static inline void
check_error (const gchar * line, GQuark domain, gint code,
    const gchar * mentions)
{
  GstElement *pipeline = gst_parse_launch (line, NULL);
  GstBus *bus = gst_element_get_bus (pipeline);
  GstMessage *message;
  gchar *debug, *text;
  GError *error;

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  message = gst_bus_timed_pop_filtered (bus, GST_CLOCK_TIME_NONE,
      GST_MESSAGE_ERROR | GST_MESSAGE_EOS);
  fail_unless (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR, "%s", line);
  gst_message_parse_error (message, &error, &debug);
  text = g_strconcat (error->message, " ", debug, NULL);
  fail_unless (g_error_matches (error, domain, code), "%s: %s", line, text);
  fail_unless (strstr (text, mentions) != NULL, "%s: %s", line, text);
  g_free (text);
  g_free (debug);
  g_error_free (error);
  gst_message_unref (message);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (bus);
  gst_object_unref (pipeline);
}

#endif
