/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bench-sink.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "sc-clock.h"

/* The buffers hold so much together: as a source does, it leaves them in the
 * second-level cache. */
#define SOURCE_BYTES (1u << 20)
/* What stands for the sink where there is none: as large as safefilesink's ring. */
#define COPY_BYTES (64u << 20)

typedef struct
{
  GstBuffer **buffers;
  guint count;
} Source;

static void
make_source (Source * self, gsize size)
{
  guint32 seed = 1;

  self->count = (guint) MAX (SOURCE_BYTES / size, 1);
  self->buffers = g_new (GstBuffer *, self->count);
  for (guint i = 0; i < self->count; i++) {
    GstMapInfo map;

    self->buffers[i] = gst_buffer_new_allocate (NULL, size, NULL);
    gst_buffer_map (self->buffers[i], &map, GST_MAP_WRITE);
    for (gsize j = 0; j < size; j++)
      map.data[j] = (guint8) ((seed = seed * 1664525 + 1013904223) >> 24);
    gst_buffer_unmap (self->buffers[i], &map);
  }
}

static void
free_source (Source * self)
{
  for (guint i = 0; i < self->count; i++)
    gst_buffer_unref (self->buffers[i]);
  g_free (self->buffers);
}

static void
wait_until (guint64 moment)
{
  guint64 now = sc_clock_now ();

  if (moment > now)
    g_usleep ((gulong) ((moment - now) / 1000));
}

/* What a push costs a machine like this one in any case. */
static GstFlowReturn
copy (GstBuffer * buffer)
{
  static guint8 *room;
  static gsize used;
  gsize size = gst_buffer_get_size (buffer);

  if (room == NULL) {
    room = g_malloc (COPY_BYTES);
    memset (room, 1, COPY_BYTES);
  }
  if (used + size > COPY_BYTES)
    used = 0;
  gst_buffer_extract (buffer, 0, room + used, size);
  used += size;
  gst_buffer_unref (buffer);
  return GST_FLOW_OK;
}

static void
push_all (GstPad * pad, const Source * source, const BenchLoad * load,
    guint64 * latencies)
{
  guint64 began = sc_clock_now ();

  for (guint i = 0; i < load->count; i++) {
    GstBuffer *buffer = gst_buffer_ref (source->buffers[i % source->count]);
    guint64 before;
    GstFlowReturn flow;

    if (load->rate > 0)
      wait_until (began + i * SC_NS_PER_S / load->rate);
    before = sc_clock_now ();
    flow = pad == NULL ? copy (buffer) : gst_pad_push (pad, buffer);
    latencies[i] = sc_clock_now () - before;
    if (flow != GST_FLOW_OK)
      g_error ("the sink does not take any more: %s", gst_flow_get_name (flow));
  }
}

static void
sync_file (const gchar * path)
{
  gint fd = g_open (path, O_RDONLY | O_CLOEXEC, 0);

  if (fd < 0 || fsync (fd) != 0)
    g_error ("%s cannot be synced", path);
  close (fd);
}

static gdouble
waits_of (GstElement * element)
{
  GstStructure *stats = NULL;
  guint64 waits = 0;

  if (g_object_class_find_property (G_OBJECT_GET_CLASS (element),
          "durable-offset") == NULL)
    return 0;
  g_object_get (element, "stats", &stats, NULL);
  if (!gst_structure_get_uint64 (stats, "waits", &waits))
    g_error ("the sink does not count its waits");
  gst_structure_free (stats);
  return (gdouble) waits;
}

static void
set_state (GstElement * element, GstState state)
{
  if (gst_element_set_state (element, state) == GST_STATE_CHANGE_FAILURE)
    g_error ("the sink cannot be started or stopped");
}

static GstPad *
start (GstElement * element)
{
  GstPad *pad = gst_pad_new ("src", GST_PAD_SRC);
  GstPad *peer = gst_element_get_static_pad (element, "sink");
  GstSegment segment;

  gst_segment_init (&segment, GST_FORMAT_BYTES);
  set_state (element, GST_STATE_PLAYING);
  gst_pad_set_active (pad, TRUE);
  if (gst_pad_link (pad, peer) != GST_PAD_LINK_OK)
    g_error ("the sink cannot be linked");
  gst_object_unref (peer);
  gst_pad_push_event (pad, gst_event_new_stream_start ("bench"));
  gst_pad_push_event (pad, gst_event_new_segment (&segment));
  return pad;
}

/* Returns how often the sink found no room. */
static gdouble
record (GstElement * element, const gchar * path, gboolean fsync_too,
    const Source * source, const BenchLoad * load, guint64 * latencies)
{
  GstPad *pad = start (element);
  gdouble waits;

  push_all (pad, source, load, latencies);
  if (!gst_pad_push_event (pad, gst_event_new_eos ()))
    g_error ("the sink does not take the end");
  if (fsync_too)
    sync_file (path);
  waits = waits_of (element);
  set_state (element, GST_STATE_NULL);
  gst_object_unref (pad);
  return waits;
}

static GstElement *
make_sink (const gchar * description, const gchar * path)
{
  GError *error = NULL;
  GstElement *element = gst_parse_launch (description, &error);

  if (element == NULL || error != NULL)
    g_error ("%s: %s", description, error->message);
  gst_object_ref_sink (element);
  g_object_set (element, "location", path, "async", FALSE, NULL);
  return element;
}

BenchRecord
bench_record (const BenchSink * sink, const BenchLoad * load,
    const gchar * folder, guint64 * latencies)
{
  gchar *path = g_build_filename (folder, "bench-sink.data", NULL);
  GstElement *element = NULL;
  BenchRecord result = { 0 };
  BenchSpan span;
  Source source;

  (void) g_unlink (path);
  make_source (&source, load->size);
  if (sink->element != NULL)
    element = make_sink (sink->element, path);
  bench_begin (&span);
  if (element == NULL)
    push_all (NULL, &source, load, latencies);
  else
    result.waits = record (element, path, sink->fsync, &source, load,
        latencies);
  bench_end (&span);
  result.wall = (gdouble) span.wall;
  result.cpu = (gdouble) span.cpu;
  g_clear_pointer (&element, gst_object_unref);
  free_source (&source);
  (void) g_unlink (path);
  g_free (path);
  return result;
}
