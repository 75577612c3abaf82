/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * tieredqueue against queue, in one process and in turn, so that both see the
 * same machine: wall time and processor time a buffer, medians over RUNS and the
 * ratios between the medians.
 *
 *   shared  raw pads, one buffer pushed over and over: the queue alone
 *   pool    raw pads, each buffer from a GstBufferPool and back into it
 *   none    the same without a queue, as the floor
 *
 * The queue has its defaults but for max-size-time, which buffers without times
 * do not reach; metrics are on.
 */
#include <gst/gst.h>
#include <stdlib.h>
#include <sys/resource.h>

#define RUNS 7
#define BUFFERS 400000
#define BUFFER_SIZE 4096

static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE ("src",
    GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);
static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE ("sink",
    GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);

typedef struct
{
  gdouble wall, cpu;            /* ns a buffer */
} Figure;

static GMutex lock;
static GCond ended;
static gboolean eos;

static GstFlowReturn
take (GstPad * pad, GstObject * parent, GstBuffer * buffer)
{
  gst_buffer_unref (buffer);
  return GST_FLOW_OK;
}

static gboolean
see_event (GstPad * pad, GstObject * parent, GstEvent * event)
{
  if (GST_EVENT_TYPE (event) == GST_EVENT_EOS) {
    g_mutex_lock (&lock);
    eos = TRUE;
    g_cond_signal (&ended);
    g_mutex_unlock (&lock);
  }
  gst_event_unref (event);
  return TRUE;
}

static gint64
cpu_now (void)
{
  struct rusage usage;

  if (getrusage (RUSAGE_SELF, &usage) != 0)
    g_error ("getrusage failed");
  return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * G_USEC_PER_SEC
      + usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
}

static GstBufferPool *
new_pool (void)
{
  GstBufferPool *pool = gst_buffer_pool_new ();
  GstStructure *config = gst_buffer_pool_get_config (pool);

  gst_buffer_pool_config_set_params (config, NULL, BUFFER_SIZE, 300, 0);
  if (!gst_buffer_pool_set_config (pool, config)
      || !gst_buffer_pool_set_active (pool, TRUE))
    g_error ("the pool does not start");
  return pool;
}

static void
push_all (GstPad * pad, GstBufferPool * pool)
{
  GstBuffer *shared = gst_buffer_new_allocate (NULL, BUFFER_SIZE, NULL);

  for (guint i = 0; i < BUFFERS; i++) {
    GstBuffer *buffer = NULL;

    if (pool == NULL)
      buffer = gst_buffer_ref (shared);
    else if (gst_buffer_pool_acquire_buffer (pool, &buffer, NULL)
        != GST_FLOW_OK)
      g_error ("the pool gives no buffer");
    if (gst_pad_push (pad, buffer) != GST_FLOW_OK)
      g_error ("a push failed");
  }
  gst_pad_push_event (pad, gst_event_new_eos ());
  g_mutex_lock (&lock);
  while (!eos)
    g_cond_wait (&ended, &lock);
  g_mutex_unlock (&lock);
  gst_buffer_unref (shared);
}

static void
link_pads (GstPad * src, GstPad * sink, GstElement * queue)
{
  if (queue == NULL) {
    gst_pad_link (src, sink);
  } else {
    GstPad *in = gst_element_get_static_pad (queue, "sink");
    GstPad *out = gst_element_get_static_pad (queue, "src");

    gst_pad_link (src, in);
    gst_pad_link (out, sink);
    gst_object_unref (in);
    gst_object_unref (out);
  }
}

/* @factory: NULL for no queue at all */
static Figure
measure (const gchar * factory, gboolean pooled)
{
  GstElement *queue = factory != NULL
      ? gst_element_factory_make (factory, NULL) : NULL;
  GstPad *src = gst_pad_new_from_static_template (&src_template, "src");
  GstPad *sink = gst_pad_new_from_static_template (&sink_template, "sink");
  GstBufferPool *pool = pooled ? new_pool () : NULL;
  GstSegment segment;
  gint64 wall, cpu;
  Figure figure;

  if (factory != NULL && queue == NULL)
    g_error ("no element %s", factory);
  gst_pad_set_chain_function (sink, take);
  gst_pad_set_event_function (sink, see_event);
  link_pads (src, sink, queue);
  gst_pad_set_active (sink, TRUE);
  if (queue != NULL)
    gst_element_set_state (queue, GST_STATE_PLAYING);
  gst_pad_set_active (src, TRUE);
  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_pad_push_event (src, gst_event_new_stream_start ("bench"));
  gst_pad_push_event (src, gst_event_new_segment (&segment));

  eos = FALSE;
  wall = g_get_monotonic_time ();
  cpu = cpu_now ();
  push_all (src, pool);
  figure.wall = (gdouble) (g_get_monotonic_time () - wall) * 1000 / BUFFERS;
  figure.cpu = (gdouble) (cpu_now () - cpu) * 1000 / BUFFERS;

  if (queue != NULL) {
    gst_element_set_state (queue, GST_STATE_NULL);
    gst_object_unref (queue);
  }
  gst_pad_set_active (src, FALSE);
  gst_pad_set_active (sink, FALSE);
  gst_object_unref (src);
  gst_object_unref (sink);
  if (pool != NULL) {
    gst_buffer_pool_set_active (pool, FALSE);
    gst_object_unref (pool);
  }
  return figure;
}

static int
compare (const void *a, const void *b)
{
  gdouble x = *(const gdouble *) a, y = *(const gdouble *) b;

  return (x > y) - (x < y);
}

static gdouble
median (gdouble * values)
{
  qsort (values, RUNS, sizeof (*values), compare);
  return values[RUNS / 2];
}

static void
bench (const gchar * title, gboolean pooled)
{
  static const gchar *const factories[] = { NULL, "queue", "tieredqueue" };
  gdouble wall[3][RUNS], cpu[3][RUNS], w[3], c[3];

  for (guint run = 0; run < RUNS; run++) {
    for (guint i = 0; i < 3; i++) {
      Figure figure = measure (factories[i], pooled);

      wall[i][run] = figure.wall;
      cpu[i][run] = figure.cpu;
    }
  }
  for (guint i = 0; i < 3; i++) {
    w[i] = median (wall[i]);
    c[i] = median (cpu[i]);
  }
  g_print ("%-8s %8.0f %8.0f   %8.0f %8.0f   %8.0f %8.0f   %6.2f %6.2f\n",
      title, w[0], c[0], w[1], c[1], w[2], c[2], w[1] / w[2], c[2] / c[1]);
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_print ("ns a buffer, medians of %d runs of %d buffers; %s\n", RUNS, BUFFERS,
      gst_version_string ());
  g_print ("%-8s %17s   %17s   %17s   %13s\n", "", "none", "queue",
      "tieredqueue", "ratios");
  g_print ("%-8s %8s %8s   %8s %8s   %8s %8s   %6s %6s\n", "", "wall", "cpu",
      "wall", "cpu", "wall", "cpu", "speed", "cpu");
  bench ("shared", FALSE);
  bench ("pool", TRUE);
  return 0;
}
