/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the tests of tieredqueue share: a queue in a harness whose downstream can
 * be held, buffers with numbers, and looks at statistics and messages.
 */
#ifndef TIEREDQUEUE_CHECK_H
#define TIEREDQUEUE_CHECK_H

#include <gst/check/gstcheck.h>
#include <gst/check/gstharness.h>

/* For a random test: SC_TEST_SEED of the environment, or another each time.  Printed,
 * so that a failure can be repeated. */
static inline guint32
printed_seed (const gchar * test)
{
  const gchar *text = g_getenv ("SC_TEST_SEED");
  guint32 seed = text != NULL
      ? (guint32) g_ascii_strtoull (text, NULL, 10) : g_random_int ();

  g_print ("%s: SC_TEST_SEED=%u\n", test, seed);
  return seed;
}

typedef struct
{
  GstHarness *h;
  gulong probe;
} Held;

static inline GstPadProbeReturn
hold (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  return GST_PAD_PROBE_OK;      /* stays blocked */
}

static inline GstPad *
src_pad (GstHarness * h)
{
  GstPad *pad = gst_element_get_static_pad (h->element, "src");

  gst_object_unref (pad);       /* the element keeps it */
  return pad;
}

/* From here on the task stops at the first buffer or event it pushes. */
static inline Held
hold_downstream (GstHarness * h)
{
  Held held = { h, 0 };

  held.probe = gst_pad_add_probe (src_pad (h),
      GST_PAD_PROBE_TYPE_BLOCK | GST_PAD_PROBE_TYPE_DATA_DOWNSTREAM, hold,
      NULL, NULL);
  return held;
}

static inline void
release_downstream (Held held)
{
  gst_pad_remove_probe (src_pad (held.h), held.probe);
}

/* The task is held with what it would push: it takes nothing more. */
static inline void
wait_until_held (GstHarness * h)
{
  while (!gst_pad_is_blocking (src_pad (h)))
    g_thread_yield ();
}

static inline GstBuffer *
numbered (guint64 number)
{
  GstBuffer *buffer = gst_buffer_new_and_alloc (10);

  GST_BUFFER_OFFSET (buffer) = number;
  GST_BUFFER_PTS (buffer) = number * GST_MSECOND;
  GST_BUFFER_DURATION (buffer) = GST_MSECOND;
  return buffer;
}

/* One buffer has gone through, so that the events of the beginning have too:
 * what is held next is what the test pushes. */
static inline GstHarness *
new_harness (const gchar * factory, const gchar * first_property, ...)
{
  GstHarness *h = gst_harness_new (factory);
  va_list args;

  gst_harness_set_src_caps_str (h, "application/x-test");
  gst_harness_push (h, numbered (0));
  gst_buffer_unref (gst_harness_pull (h));
  va_start (args, first_property);
  g_object_set_valist (G_OBJECT (h->element), first_property, args);
  va_end (args);
  return h;
}

static inline guint64
stat_of (GstHarness * h, const gchar * field)
{
  GstStructure *stats;
  guint64 value = 0;

  g_object_get (h->element, "stats", &stats, NULL);
  fail_unless (gst_structure_get_uint64 (stats, field, &value),
      "no field %s", field);
  gst_structure_free (stats);
  return value;
}

static inline void
assert_accounts_balance (GstHarness * h)
{
  fail_unless_equals_uint64 (stat_of (h, "buffers-in"),
      stat_of (h, "buffers-out") + stat_of (h, "buffers-dropped")
      + stat_of (h, "level-buffers"));
}

/* The task has popped its first item and is held with it. */
static inline void
wait_until_level (GstHarness * h, guint level)
{
  guint now;

  do {
    g_object_get (h->element, "current-level-buffers", &now, NULL);
    g_thread_yield ();
  } while (now != level);
}

/* Takes messages off @bus up to an element message of that name. */
static inline GstMessage *
wait_message (GstBus * bus, const gchar * name)
{
  for (;;) {
    GstMessage *message = gst_bus_timed_pop_filtered (bus, 20 * GST_SECOND,
        GST_MESSAGE_ELEMENT);

    fail_unless (message != NULL, "no %s", name);
    if (gst_message_has_name (message, name))
      return message;
    gst_message_unref (message);
  }
}

#endif
