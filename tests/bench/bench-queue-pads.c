/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bench-queue.h"

#include <pthread.h>
#include <sched.h>

static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE ("src",
    GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);
static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE ("sink",
    GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);

/* Pads whose hot ends do not share a cache line with those of another thread's, as
 * GstPads allocated one after the other may or may not: the figures would change
 * from run to run. */
typedef struct
{
  GstPad parent;
  gchar apart[128];
} BenchPad;

typedef GstPadClass BenchPadClass;

GType bench_pad_get_type (void);

G_DEFINE_TYPE (BenchPad, bench_pad, GST_TYPE_PAD);

static void
bench_pad_class_init (BenchPadClass * klass)
{
}

static void
bench_pad_init (BenchPad * self)
{
}

static GstPad *
new_pad (GstStaticPadTemplate * static_template)
{
  GstPadTemplate *template = gst_static_pad_template_get (static_template);
  GstPad *pad = g_object_new (bench_pad_get_type (), "name",
      static_template->name_template, "direction", static_template->direction,
      "template", template, NULL);

  gst_object_unref (template);
  return pad;
}

void
bench_pin (guint processor)
{
  cpu_set_t set;

  CPU_ZERO (&set);
  CPU_SET (processor, &set);
  (void) pthread_setaffinity_np (pthread_self (), sizeof (set), &set);
}

/* Takes every message, as an application's loop does. */
static GstBusSyncReply
take_message (GstBus * bus, GstMessage * message, gpointer data)
{
  gst_message_unref (message);
  return GST_BUS_DROP;
}

GstElement *
bench_new_queue (const gchar * factory)
{
  GstElement *queue;
  GstBus *bus;

  if (factory == NULL)
    return NULL;
  queue = gst_element_factory_make (factory, NULL);
  if (queue == NULL)
    g_error ("no element %s", factory);
  gst_object_ref_sink (queue);
  bus = gst_bus_new ();
  gst_bus_set_sync_handler (bus, take_message, NULL, NULL);
  gst_element_set_bus (queue, bus);
  gst_object_unref (bus);
  return queue;
}

void
bench_free_queue (GstElement * queue)
{
  if (queue == NULL)
    return;
  gst_element_set_state (queue, GST_STATE_NULL);
  gst_element_set_bus (queue, NULL);
  gst_object_unref (queue);
}

static void
link_with (GstPad * pad, GstElement * queue, const gchar * name)
{
  GstPad *other = gst_element_get_static_pad (queue, name);
  GstPadLinkReturn ret = GST_PAD_DIRECTION (pad) == GST_PAD_SRC
      ? gst_pad_link (pad, other) : gst_pad_link (other, pad);

  if (GST_PAD_LINK_FAILED (ret))
    g_error ("the pads do not link");
  gst_object_unref (other);
}

void
bench_open_pads (BenchPads * self, GstElement * queue,
    const gchar * sink_name, const gchar * src_name,
    GstPadChainFunction chain, GstPadEventFunction event, gpointer data)
{
  self->src = new_pad (&src_template);
  self->sink = new_pad (&sink_template);
  gst_pad_set_chain_function (self->sink, chain);
  gst_pad_set_event_function (self->sink, event);
  gst_pad_set_element_private (self->sink, data);
  if (queue == NULL) {
    if (GST_PAD_LINK_FAILED (gst_pad_link (self->src, self->sink)))
      g_error ("the pads do not link");
  } else {
    link_with (self->src, queue, sink_name);
    link_with (self->sink, queue, src_name);
  }
  gst_pad_set_active (self->sink, TRUE);
  gst_pad_set_active (self->src, TRUE);
}

void
bench_close_pads (BenchPads * self)
{
  gst_pad_set_active (self->src, FALSE);
  gst_pad_set_active (self->sink, FALSE);
  gst_object_unref (self->src);
  gst_object_unref (self->sink);
}
