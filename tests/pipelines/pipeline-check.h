/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the tests of pipelines share. */
#ifndef PIPELINE_CHECK_H
#define PIPELINE_CHECK_H

#include <gst/check/gstcheck.h>

/* FALSE, and said, if one of the names is of no element here. */
static inline gboolean
have_elements (const gchar * const *names)
{
  for (; *names != NULL; names++) {
    GstElementFactory *factory = gst_element_factory_find (*names);

    if (factory == NULL) {
      g_print ("skipped: no %s here\n", *names);
      return FALSE;
    }
    gst_object_unref (factory);
  }
  return TRUE;
}

static inline GstElement *
parse (const gchar * launch)
{
  GError *error = NULL;
  GstElement *pipeline = gst_parse_launch (launch, &error);

  fail_unless (error == NULL, "%s: %s", launch, error ? error->message : "");
  return pipeline;
}

static inline void
run_to_eos (GstElement * pipeline)
{
  GstBus *bus = gst_element_get_bus (pipeline);
  GstMessage *message;

  fail_unless (gst_element_set_state (pipeline, GST_STATE_PLAYING)
      != GST_STATE_CHANGE_FAILURE);
  message = gst_bus_timed_pop_filtered (bus, 60 * GST_SECOND,
      GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  fail_unless (message != NULL, "neither EOS nor an error");
  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR) {
    GError *error;
    gchar *debug;

    gst_message_parse_error (message, &error, &debug);
    fail ("%s (%s)", error->message, debug);
  }
  gst_message_unref (message);
  fail_unless_equals_int (gst_element_set_state (pipeline, GST_STATE_NULL),
      GST_STATE_CHANGE_SUCCESS);
  gst_object_unref (bus);
}

#endif
