/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the tests of tieredqueue's channels share. */
#ifndef TIEREDQUEUE_CHANNELS_CHECK_H
#define TIEREDQUEUE_CHANNELS_CHECK_H

#include <gst/check/gstcheck.h>
#include <gst/check/gstharness.h>

#define PATIENCE (20 * GST_SECOND)

static inline GstElement *
make_queue (void)
{
  return gst_object_ref_sink (gst_element_factory_make ("tieredqueue", "q"));
}

static inline GstBuffer *
buffer_of (gsize size)
{
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, size, NULL);

  GST_BUFFER_PTS (buffer) = 0;
  return buffer;
}

static inline GstHarness *
harness_of (GstElement * queue, guint number)
{
  gchar *sink = g_strdup_printf ("sink_%u", number);
  gchar *src = g_strdup_printf ("src_%u", number);
  GstHarness *h = gst_harness_new_with_element (queue, sink, src);

  gst_harness_set_src_caps_str (h, "application/x-test");
  g_free (sink);
  g_free (src);
  return h;
}

static inline GstPad *
request (GstElement * queue, const gchar * template, const gchar * name)
{
  return gst_element_request_pad (queue,
      gst_element_get_pad_template (queue, template), name, NULL);
}

static inline void
release (GstElement * queue, GstPad * pad)
{
  gst_element_release_request_pad (queue, pad);
  gst_object_unref (pad);
}

static inline gboolean
has_pad (GstElement * queue, const gchar * name)
{
  GstPad *pad = gst_element_get_static_pad (queue, name);

  if (pad != NULL)
    gst_object_unref (pad);
  return pad != NULL;
}

static inline GstStructure *
stats_of (gpointer object)
{
  GstStructure *stats;

  g_object_get (object, "stats", &stats, NULL);
  return stats;
}

static inline guint64
stat_of (gpointer object, const gchar * field)
{
  GstStructure *stats = stats_of (object);
  guint64 value = 0;

  fail_unless (gst_structure_get_uint64 (stats, field, &value),
      "no field %s", field);
  gst_structure_free (stats);
  return value;
}

/* The names in the array `channels`, one after the other. */
static inline gchar *
names_of_channels (GstElement * queue)
{
  GstStructure *stats = stats_of (queue);
  const GValue *channels = gst_structure_get_value (stats, "channels");
  GString *names = g_string_new (NULL);

  for (guint i = 0; i < gst_value_array_get_size (channels); i++)
    g_string_append_printf (names, "%s%s", i > 0 ? " " : "",
        gst_structure_get_string (gst_value_get_structure
            (gst_value_array_get_value (channels, i)), "channel"));
  gst_structure_free (stats);
  return g_string_free (names, FALSE);
}

static inline void
check_channels (GstElement * queue, const gchar * expected)
{
  gchar *names = names_of_channels (queue);

  fail_unless_equals_string (names, expected);
  g_free (names);
}

static inline GstBus *
bus_for (GstElement * queue)
{
  GstBus *bus = gst_bus_new ();

  gst_element_set_bus (queue, bus);
  return bus;
}

/* Messages hold the element, which holds the bus. */
static inline void
drop_bus (GstBus * bus)
{
  gst_bus_set_flushing (bus, TRUE);
  gst_object_unref (bus);
}

/* Waits for an element message. */
static inline GstMessage *
message_named (GstBus * bus, const gchar * name)
{
  GstMessage *message;

  while ((message = gst_bus_timed_pop_filtered (bus, PATIENCE,
              GST_MESSAGE_ELEMENT)) != NULL) {
    if (gst_message_has_name (message, name))
      return message;
    gst_message_unref (message);
  }
  fail ("no message %s", name);
  return NULL;
}

static inline void
check_refused (GstBus * bus, const gchar * about)
{
  GstMessage *message = message_named (bus, "tieredqueue-warning");
  const GstStructure *fields = gst_message_get_structure (message);

  fail_unless_equals_string (gst_structure_get_string (fields, "code"),
      "channel-refused");
  fail_unless (strstr (gst_structure_get_string (fields, "text"), about)
      != NULL, "%s", gst_structure_get_string (fields, "text"));
  gst_message_unref (message);
}

static inline guint
limit_of (gpointer object)
{
  guint limit;

  g_object_get (object, "max-size-buffers", &limit, NULL);
  return limit;
}

static inline void
play_to_the_end (GstElement * pipeline)
{
  GstBus *bus = gst_element_get_bus (pipeline);
  GstMessage *message;

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  message = gst_bus_timed_pop_filtered (bus, PATIENCE,
      GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  fail_unless (message != NULL, "no end");
  fail_unless (GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS);
  gst_message_unref (message);
  gst_object_unref (bus);
}

static inline GstElement *
parse (const gchar * description)
{
  GError *error = NULL;
  GstElement *pipeline = gst_parse_launch (description, &error);

  fail_unless (error == NULL, "%s", error != NULL ? error->message : "");
  return pipeline;
}

#endif
