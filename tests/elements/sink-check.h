/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What tests of safefilesink share: a folder of their own, a sink that is fed by
 * a harness, and a look at files. */
#ifndef SINK_CHECK_H
#define SINK_CHECK_H

#include "../support/folder-check.h"

#include <gst/check/gstcheck.h>
#include <gst/check/gstharness.h>

#include <string.h>

typedef struct
{
  GstElement *sink;
  GstHarness *h;
  GstBus *bus;
  gchar *folder;
  gchar *name;                  /* the location */
} SinkCheck;

static inline gchar *
sink_check_path (const SinkCheck * c, const gchar * name)
{
  return g_build_filename (c->folder, name, NULL);
}

static inline void
sink_check_make_sink (SinkCheck * c)
{
  c->sink = gst_element_factory_make ("safefilesink", NULL);
  fail_unless (c->sink != NULL);
  gst_object_ref_sink (c->sink);
  c->bus = gst_bus_new ();
  gst_element_set_bus (c->sink, c->bus);
  g_object_set (c->sink, "location", c->name, "async", FALSE, NULL);
}

static inline void
sink_check_init (SinkCheck * c)
{
  memset (c, 0, sizeof (*c));
  c->folder = g_dir_make_tmp ("safefilesink-XXXXXX", NULL);
  fail_unless (c->folder != NULL);
  c->name = sink_check_path (c, "take.raw");
  sink_check_make_sink (c);
}

static inline void
sink_check_play (SinkCheck * c)
{
  c->h = gst_harness_new_with_element (c->sink, "sink", NULL);
  gst_harness_set_src_caps_str (c->h, "application/x-raw-bytes");
}

static inline GstFlowReturn
sink_check_push (SinkCheck * c, gsize size, guint8 value)
{
  GstBuffer *buffer = gst_buffer_new_and_alloc (size);

  gst_buffer_memset (buffer, 0, value, size);
  return gst_harness_push (c->h, buffer);
}

static inline void
sink_check_seek (SinkCheck * c, guint64 offset)
{
  GstSegment segment;

  gst_segment_init (&segment, GST_FORMAT_BYTES);
  segment.start = offset;
  fail_unless (gst_harness_push_event (c->h,
          gst_event_new_segment (&segment)));
}

static inline void
sink_check_drop_sink (SinkCheck * c)
{
  if (c->sink == NULL)
    return;
  gst_element_set_state (c->sink, GST_STATE_NULL);
  g_clear_pointer (&c->h, gst_harness_teardown);
  gst_element_set_bus (c->sink, NULL);
  gst_clear_object (&c->bus);
  gst_clear_object (&c->sink);
}

static inline void
sink_check_clear (SinkCheck * c)
{
  sink_check_drop_sink (c);
  folder_check_remove (c->folder);
  g_free (c->name);
  g_free (c->folder);
}

static inline void
sink_check_put_file (const gchar * path, const gchar * content)
{
  fail_unless (g_file_set_contents (path, content, -1, NULL));
}

/* The file holds exactly these bytes. */
static inline void
sink_check_file_is (const gchar * path, const gchar * content)
{
  gchar *data;
  gsize size;

  fail_unless (g_file_get_contents (path, &data, &size, NULL), "%s", path);
  fail_unless_equals_string (data, content);
  fail_unless_equals_int (size, strlen (content));
  g_free (data);
}

static inline gboolean
sink_check_exists (const SinkCheck * c, const gchar * name)
{
  gchar *path = sink_check_path (c, name);
  gboolean exists = g_file_test (path, G_FILE_TEST_EXISTS)
      || g_file_test (path, G_FILE_TEST_IS_SYMLINK);

  g_free (path);
  return exists;
}

/* (transfer full): waits for an error message; its text */
static inline gchar *
sink_check_error (SinkCheck * c, GQuark domain, gint code)
{
  GstMessage *message = gst_bus_timed_pop_filtered (c->bus,
      GST_CLOCK_TIME_NONE, GST_MESSAGE_ERROR);
  GError *error;
  gchar *text;

  gst_message_parse_error (message, &error, NULL);
  fail_unless (g_error_matches (error, domain, code), "%s", error->message);
  text = g_strdup (error->message);
  g_error_free (error);
  gst_message_unref (message);
  return text;
}

static inline guint64
sink_check_count (SinkCheck * c, const gchar * field)
{
  GstStructure *stats;
  guint64 value;

  g_object_get (c->sink, "stats", &stats, NULL);
  fail_unless (gst_structure_get_uint64 (stats, field, &value), "%s", field);
  gst_structure_free (stats);
  return value;
}

#endif
