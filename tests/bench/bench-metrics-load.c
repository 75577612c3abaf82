/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bench-metrics.h"

#include <glib/gstdio.h>
#include <string.h>
#include <time.h>

#include "bench-queue.h"
#include "sc-clock.h"

#define CHANNELS BENCH_METRICS_CHANNELS
#define PERIOD (2 * GST_MSECOND)
#define BURST ((guint) (BENCH_METRICS_RATE / CHANNELS * PERIOD / GST_SECOND))

typedef struct
{
  BenchPads pads;
  GThread *thread;
  _Atomic gboolean *stop;
} Channel;

struct _BenchLoad
{
  GstElement *element;          /* the queue, or the pipeline */
  GPtrArray *ours;              /* elements of safecapture in it */
  GstBus *bus;
  GThread *reader;
  GMutex lock;
  BenchHeard heard;             /* under lock */
  Channel channels[CHANNELS];
  _Atomic gboolean stop;
  gchar *folder;                /* of the files; or NULL */
};

/* ---- the bus ---- */

/* As an application does that watches health. */
static void
hear (BenchLoad * self, GstMessage * message)
{
  const GstStructure *fields = gst_message_get_structure (message);
  gboolean healthy;

  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR)
    g_error ("the load ends with an error");
  if (fields == NULL || !gst_structure_get_boolean (fields, "healthy",
          &healthy))
    return;
  g_mutex_lock (&self->lock);
  self->heard.metrics++;
  self->heard.cpu = bench_thread_cpu ();
  g_mutex_unlock (&self->lock);
}

static gpointer
read_bus (gpointer data)
{
  BenchLoad *self = data;
  GstMessage *message;

  while ((message = gst_bus_timed_pop (self->bus, GST_CLOCK_TIME_NONE))
      != NULL) {
    gboolean last = GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS
        || gst_message_has_name (message, "bench-end");

    hear (self, message);
    gst_message_unref (message);
    if (last)
      break;
  }
  return NULL;
}

static guint64
buffers_of (GstElement * element)
{
  GstStructure *stats;
  guint64 buffers;

  g_object_get (element, "stats", &stats, NULL);
  if (!gst_structure_get_uint64 (stats, "buffers-out", &buffers))
    g_error ("no buffers-out");
  gst_structure_free (stats);
  return buffers;
}

BenchHeard
bench_load_heard (BenchLoad * self)
{
  BenchHeard heard;

  g_mutex_lock (&self->lock);
  heard = self->heard;
  g_mutex_unlock (&self->lock);
  heard.buffers = 0;
  for (guint i = 0; i < self->ours->len; i++) {
    GstElement *element = g_ptr_array_index (self->ours, i);

    if (g_str_has_prefix (G_OBJECT_TYPE_NAME (element), "GstTieredQueue"))
      heard.buffers += buffers_of (element);
  }
  return heard;
}

/* ---- what both loads share ---- */

static BenchLoad *
new_load (GstElement * element, GstBus * bus)
{
  BenchLoad *self = g_new0 (BenchLoad, 1);

  g_mutex_init (&self->lock);
  self->ours = g_ptr_array_new_with_free_func (gst_object_unref);
  self->element = element;
  self->bus = bus;
  self->reader = g_thread_new ("bus", read_bus, self);
  return self;
}

static void
play (BenchLoad * self)
{
  if (gst_element_set_state (self->element, GST_STATE_PLAYING)
      == GST_STATE_CHANGE_FAILURE)
    g_error ("the load does not start");
}

void
bench_load_switch (BenchLoad * self, GstClockTime interval, gboolean post)
{
  for (guint i = 0; i < self->ours->len; i++)
    g_object_set (g_ptr_array_index (self->ours, i), "post-metrics", post,
        "metrics-interval", interval, NULL);
}

/* ---- 8 channels ---- */

static GstFlowReturn
take (GstPad * pad, GstObject * parent, GstBuffer * buffer)
{
  gst_buffer_unref (buffer);
  return GST_FLOW_OK;
}

static gboolean
see_event (GstPad * pad, GstObject * parent, GstEvent * event)
{
  gst_event_unref (event);
  return TRUE;
}

static void
sleep_until (guint64 time)
{
  struct timespec t = {
    .tv_sec = (time_t) (time / SC_NS_PER_S),
    .tv_nsec = (long) (time % SC_NS_PER_S)
  };

  while (clock_nanosleep (CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) != 0);
}

static gpointer
push_all (gpointer data)
{
  Channel *self = data;
  GstBuffer *shared =
      gst_buffer_new_allocate (NULL, BENCH_BUFFER_SIZE, NULL);
  guint64 due = sc_clock_now ();
  GstSegment segment;

  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_pad_push_event (self->pads.src, gst_event_new_stream_start ("bench"));
  gst_pad_push_event (self->pads.src, gst_event_new_segment (&segment));
  while (!*self->stop) {
    for (guint i = 0; i < BURST; i++)
      if (gst_pad_push (self->pads.src, gst_buffer_ref (shared)) != GST_FLOW_OK)
        g_error ("a push failed");
    due += PERIOD;
    sleep_until (due);
  }
  gst_buffer_unref (shared);
  return NULL;
}

static void
open_channel (BenchLoad * self, Channel * channel)
{
  GstPad *sink = gst_element_request_pad_simple (self->element, "sink_%u");
  gchar *src_name;

  if (sink == NULL)
    g_error ("no channel");
  src_name = g_strdup_printf ("src_%s",
      GST_PAD_NAME (sink) + strlen ("sink_"));
  channel->stop = &self->stop;
  bench_open_pads (&channel->pads, self->element, GST_PAD_NAME (sink),
      src_name, take, see_event, channel);
  g_free (src_name);
  gst_object_unref (sink);
}

BenchLoad *
bench_load_queue (void)
{
  GstElement *queue = bench_new_queue ("tieredqueue");
  GstBus *bus = gst_bus_new ();
  BenchLoad *self = new_load (queue, bus);

  gst_element_set_bus (queue, bus);     /* instead of the one that drops */
  g_ptr_array_add (self->ours, gst_object_ref (queue));
  for (guint i = 0; i < CHANNELS; i++)
    open_channel (self, &self->channels[i]);
  play (self);
  for (guint i = 0; i < CHANNELS; i++)
    self->channels[i].thread = g_thread_new ("producer", push_all,
        &self->channels[i]);
  return self;
}

static void
close_channels (BenchLoad * self)
{
  self->stop = TRUE;
  for (guint i = 0; i < CHANNELS && self->channels[i].thread != NULL; i++)
    g_thread_join (self->channels[i].thread);
}

/* ---- 8 recordings ---- */

static void
add_if_ours (const GValue * item, gpointer data)
{
  GstElement *element = g_value_get_object (item);

  if (g_object_class_find_property (G_OBJECT_GET_CLASS (element),
          "metrics-interval") != NULL)
    g_ptr_array_add (((BenchLoad *) data)->ours, gst_object_ref (element));
}

BenchLoad *
bench_load_recording (const gchar * folder)
{
  GString *line = g_string_new (NULL);
  GError *error = NULL;
  GstElement *pipeline;
  GstIterator *all;
  BenchLoad *self;

  for (guint i = 0; i < CHANNELS; i++)
    g_string_append_printf (line, "bufpoolsrc is-live=true "
        "samples-per-buffer=48 ! tieredqueue ! safefilesink "
        "location=\"%s/bench-metrics-%u.raw\" ", folder, i);
  pipeline = gst_parse_launch (line->str, &error);
  if (error != NULL)
    g_error ("%s: %s", line->str, error->message);
  self = new_load (gst_object_ref_sink (pipeline),
      gst_element_get_bus (pipeline));
  self->folder = g_strdup (folder);
  all = gst_bin_iterate_elements (GST_BIN (pipeline));
  gst_iterator_foreach (all, add_if_ours, self);
  gst_iterator_free (all);
  play (self);
  g_string_free (line, TRUE);
  return self;
}

static void
remove_files (BenchLoad * self)
{
  for (guint i = 0; i < CHANNELS && self->folder != NULL; i++) {
    gchar *path = g_strdup_printf ("%s/bench-metrics-%u.raw", self->folder, i);

    (void) g_remove (path);
    g_free (path);
  }
}

/* ---- the end ---- */

void
bench_load_free (BenchLoad * self)
{
  close_channels (self);
  if (self->folder != NULL)     /* published, so that nothing else is left */
    gst_element_send_event (self->element, gst_event_new_eos ());
  else
    gst_bus_post (self->bus, gst_message_new_application (NULL,
            gst_structure_new_empty ("bench-end")));
  g_thread_join (self->reader);
  gst_bus_set_flushing (self->bus, TRUE);
  gst_element_set_state (self->element, GST_STATE_NULL);
  for (guint i = 0; i < CHANNELS && self->folder == NULL; i++)
    bench_close_pads (&self->channels[i].pads);
  remove_files (self);
  gst_element_set_bus (self->element, NULL);
  gst_object_unref (self->element);
  gst_object_unref (self->bus);
  g_ptr_array_unref (self->ours);
  g_mutex_clear (&self->lock);
  g_free (self->folder);
  g_free (self);
}
