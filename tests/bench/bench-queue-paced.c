/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bench-queue.h"

#include <sys/prctl.h>
#include <time.h>

#include "sc-clock.h"
#include "sc-spin.h"

#define SECONDS_OF_BUFFERS(rate) ((rate) >= 100000 ? (rate) / 2 : (rate))
/* From this rate on a sleep is longer than the time between buffers. */
#define SPINNING_RATE 100000

typedef struct
{
  guint64 *pushed;              /* when each buffer was, ns */
  guint64 *latency;
  guint count;
  guint64 cpu, switches;        /* of the thread that calls the sink */
  _Atomic gboolean eos;
} Sink;

static GstFlowReturn
take (GstPad * pad, GstObject * parent, GstBuffer * buffer)
{
  Sink *self = gst_pad_get_element_private (pad);

  self->latency[self->count] = sc_clock_now () - self->pushed[self->count];
  self->count++;
  gst_buffer_unref (buffer);
  return GST_FLOW_OK;
}

static gboolean
see_event (GstPad * pad, GstObject * parent, GstEvent * event)
{
  Sink *self = gst_pad_get_element_private (pad);

  if (GST_EVENT_TYPE (event) == GST_EVENT_SEGMENT) {
    self->cpu = bench_thread_cpu ();
    self->switches = bench_thread_switches ();
  } else if (GST_EVENT_TYPE (event) == GST_EVENT_EOS) {
    self->cpu = bench_thread_cpu () - self->cpu;
    self->switches = bench_thread_switches () - self->switches;
    self->eos = TRUE;
  }
  gst_event_unref (event);
  return TRUE;
}

static void
wait_until (guint64 time, gboolean spin)
{
  struct timespec t = {
    .tv_sec = (time_t) (time / SC_NS_PER_S),
    .tv_nsec = (long) (time % SC_NS_PER_S)
  };

  if (spin)
    while (sc_clock_now () < time)
      sc_cpu_relax ();
  else
    while (clock_nanosleep (CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) != 0);
}

/* Returns the processor time spent in pushes, ns. */
static guint64
push_all (GstPad * pad, Sink * sink, guint rate, guint buffers)
{
  GstBuffer *shared =
      gst_buffer_new_allocate (NULL, BENCH_BUFFER_SIZE, NULL);
  guint64 start = sc_clock_now (), pushing = 0, before;

  for (guint i = 0; i < buffers; i++) {
    wait_until (start + SC_NS_PER_S * i / rate, rate >= SPINNING_RATE);
    before = bench_thread_cpu ();
    sink->pushed[i] = sc_clock_now ();
    if (gst_pad_push (pad, gst_buffer_ref (shared)) != GST_FLOW_OK)
      g_error ("a push failed");
    pushing += bench_thread_cpu () - before;
  }
  gst_pad_push_event (pad, gst_event_new_eos ());
  gst_buffer_unref (shared);
  return pushing;
}

BenchFigure
bench_paced (const gchar * factory, guint rate)
{
  guint buffers = SECONDS_OF_BUFFERS (rate);
  Sink sink = { g_new0 (guint64, buffers), g_new0 (guint64, buffers) };
  GstElement *queue = bench_new_queue (factory);
  BenchFigure figure = { 0 };
  GstSegment segment;
  BenchPads pads;
  guint64 pushing;

  (void) prctl (PR_SET_TIMERSLACK, 1, 0, 0, 0);
  bench_open_pads (&pads, queue, "sink", "src", take, see_event, &sink);
  gst_element_set_state (queue, GST_STATE_PLAYING);
  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_pad_push_event (pads.src, gst_event_new_stream_start ("bench"));
  gst_pad_push_event (pads.src, gst_event_new_segment (&segment));
  pushing = push_all (pads.src, &sink, rate, buffers);
  while (!sink.eos)
    g_usleep (1000);

  figure.cpu = (gdouble) (sink.cpu + pushing) / buffers;
  figure.switches = (gdouble) sink.switches / buffers;
  figure.p50 = (gdouble) bench_quantile (sink.latency, buffers, 0.5);
  figure.p99 = (gdouble) bench_quantile (sink.latency, buffers, 0.99);
  bench_free_queue (queue);
  bench_close_pads (&pads);
  g_free (sink.pushed);
  g_free (sink.latency);
  return figure;
}
