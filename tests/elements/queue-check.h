/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the rules of queue share, which hold for queue and for tieredqueue.  Where
 * the two differ on purpose the difference is asserted.
 */
#ifndef QUEUE_CHECK_H
#define QUEUE_CHECK_H

#include <gst/check/gstcheck.h>
#include <gst/check/gstharness.h>

static const gchar *const factories[] = { "queue", "tieredqueue" };

/* Of the rule that is being looked at: a loop test runs once for each. */
#define FACTORY (factories[__i__])
#define IS_OURS (__i__ == 1)

/* ---- an element with a downstream that is held ---- */

static inline GstPadProbeReturn
stay_blocked (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  return GST_PAD_PROBE_OK;
}

static inline GstPad *
src_pad (GstHarness * h)
{
  GstPad *pad = gst_element_get_static_pad (h->element, "src");

  gst_object_unref (pad);       /* the element keeps it */
  return pad;
}

static inline gulong
hold (GstHarness * h)
{
  return gst_pad_add_probe (src_pad (h), GST_PAD_PROBE_TYPE_BLOCK
      | GST_PAD_PROBE_TYPE_DATA_DOWNSTREAM, stay_blocked, NULL, NULL);
}

static inline void
let_go (GstHarness * h, gulong probe)
{
  gst_pad_remove_probe (src_pad (h), probe);
}

static inline guint
level_of (GstHarness * h)
{
  guint level;

  g_object_get (h->element, "current-level-buffers", &level, NULL);
  return level;
}

static inline guint64
time_level (GstHarness * h)
{
  guint64 time;

  g_object_get (h->element, "current-level-time", &time, NULL);
  return time;
}

static inline GstBuffer *
buffer_at (GstClockTime pts, GstClockTime duration)
{
  GstBuffer *buffer = gst_buffer_new_and_alloc (10);

  GST_BUFFER_PTS (buffer) = pts;
  GST_BUFFER_DURATION (buffer) = duration;
  return buffer;
}

#define SECONDS(n) ((GstClockTime) ((n) * (gdouble) GST_SECOND))

/* Up and running: the first buffer has gone through. */
static inline GstHarness *
new_harness (const gchar * factory)
{
  GstHarness *h = gst_harness_new (factory);

  gst_harness_set_src_caps_str (h, "application/x-test");
  fail_unless_equals_int (gst_harness_push (h, buffer_at (0, 0)),
      GST_FLOW_OK);
  gst_buffer_unref (gst_harness_pull (h));
  return h;
}

/* The task is held with the buffer in hand; the queue is empty behind it. */
static inline gulong
hold_with_one (GstHarness * h)
{
  gulong probe = hold (h);

  gst_harness_push (h, buffer_at (0, 0));
  while (level_of (h) > 0)
    g_thread_yield ();
  return probe;
}

static inline gboolean
push_segment (GstHarness * h, gdouble rate, GstClockTime start,
    GstClockTime base, GstClockTime offset)
{
  GstSegment segment;

  gst_segment_init (&segment, GST_FORMAT_TIME);
  segment.rate = rate;
  segment.start = segment.position = start;
  segment.base = base;
  segment.offset = offset;
  return gst_harness_push_event (h, gst_event_new_segment (&segment));
}

static inline GstEvent *
custom_event (void)
{
  return gst_event_new_custom (GST_EVENT_CUSTOM_DOWNSTREAM,
      gst_structure_new_empty ("test"));
}

#endif
