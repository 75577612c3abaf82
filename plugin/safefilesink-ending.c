/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "safefilesink-ending.h"

/* Between two looks whether the pipeline plays, us. */
#define LOOK_EVERY 10000

/* (transfer full) (nullable): the element that feeds the sink pad, however many
 * bins lie between. */
static GstElement *
feeder_of (GstPad * sink_pad)
{
  GstPad *pad = gst_pad_get_peer (sink_pad);
  GstElement *element;

  while (pad != NULL && GST_IS_PROXY_PAD (pad)) {
    GstPad *next;

    if (GST_IS_GHOST_PAD (pad)) {       /* a bin's source pad: look inside */
      next = gst_ghost_pad_get_target (GST_GHOST_PAD (pad));
    } else {                    /* the inside of a bin's sink pad: look outside */
      GstProxyPad *outside =
          gst_proxy_pad_get_internal (GST_PROXY_PAD (pad));

      next = outside != NULL ? gst_pad_get_peer (GST_PAD (outside)) : NULL;
      g_clear_pointer (&outside, gst_object_unref);
    }
    gst_object_unref (pad);
    pad = next;
  }
  if (pad == NULL)
    return NULL;
  element = gst_pad_get_parent_element (pad);
  gst_object_unref (pad);
  return element;
}

static gboolean
collect_feeder (GstElement * element, GstPad * pad, gpointer user_data)
{
  GPtrArray *seen = user_data;
  GstElement *feeder = feeder_of (pad);

  if (feeder == NULL)
    return TRUE;
  if (g_ptr_array_find (seen, feeder, NULL))
    gst_object_unref (feeder);
  else
    g_ptr_array_add (seen, feeder);
  return TRUE;
}

/* (transfer full): all that the stream has gone through, the sink first. */
static GPtrArray *
upstream_of (GstElement * sink)
{
  GPtrArray *seen = g_ptr_array_new_with_free_func (gst_object_unref);

  g_ptr_array_add (seen, gst_object_ref (sink));
  for (guint i = 0; i < seen->len; i++)
    gst_element_foreach_sink_pad (g_ptr_array_index (seen, i), collect_feeder,
        seen);
  return seen;
}

static gboolean
is_source (GstElement * element)
{
  gboolean is;

  GST_OBJECT_LOCK (element);
  is = element->numsinkpads == 0;
  GST_OBJECT_UNLOCK (element);
  return is;
}

gboolean
safefilesink_ending_has_source (GstElement * sink)
{
  GPtrArray *elements = upstream_of (sink);
  gboolean found = FALSE;

  for (guint i = 0; i < elements->len; i++)
    found |= is_source (g_ptr_array_index (elements, i));
  g_ptr_array_unref (elements);
  return found;
}

static void
send_eos (GstElement * sink)
{
  GPtrArray *elements = upstream_of (sink);

  for (guint i = 0; i < elements->len; i++) {
    GstElement *element = g_ptr_array_index (elements, i);

    if (is_source (element))
      (void) gst_element_send_event (element, gst_event_new_eos ());
  }
  g_ptr_array_unref (elements);
}

static gboolean
is_stopping (GstElement * sink)
{
  gboolean is;

  GST_OBJECT_LOCK (sink);
  is = GST_STATE (sink) < GST_STATE_PAUSED
      || GST_STATE_TARGET (sink) < GST_STATE_PAUSED;
  GST_OBJECT_UNLOCK (sink);
  return is;
}

static gboolean
plays (GstElement * element)
{
  gboolean does;

  GST_OBJECT_LOCK (element);
  does = GST_STATE (element) == GST_STATE_PLAYING
      && GST_STATE_PENDING (element) == GST_STATE_VOID_PENDING;
  GST_OBJECT_UNLOCK (element);
  return does;
}

/* A source holds its own state lock while it waits for its streaming thread to come
 * back, and the stop of a pipeline begins at the sinks, where that thread then waits in
 * preroll: each would wait for the other.  So EOS is sent with the locks of the sink
 * and of every bin around it, each of which may be stopped by itself, and only while
 * all of them play: nothing changes their state then, and no thread is held in a sink.
 * Paused, it is sent when they play again.
 * @element: @sink, or a bin around it */
static gboolean
send_while_playing (GstElement * sink, GstElement * element)
{
  GstObject *parent;
  gboolean sent = FALSE;

  if (!GST_STATE_TRYLOCK (element))
    return FALSE;
  parent = gst_object_get_parent (GST_OBJECT (element));
  if (plays (element) && parent != NULL) {
    sent = send_while_playing (sink, GST_ELEMENT (parent));
  } else if (plays (element)) {
    send_eos (sink);
    sent = TRUE;
  }
  GST_STATE_UNLOCK (element);
  g_clear_pointer (&parent, gst_object_unref);
  return sent;
}

static void
ask_for_eos (GstElement * sink, gpointer user_data)
{
  SafefilesinkRecording *recording = user_data;

  while (safefilesink_watch_is_ending (&recording->watch)
      && !is_stopping (sink) && !send_while_playing (sink, sink))
    g_usleep (LOOK_EVERY);
}

static void
free_recording (gpointer recording)
{
  safefilesink_recording_free (recording);
}

void
safefilesink_ending_ask (GstElement * sink, SafefilesinkRecording * recording)
{
  gst_element_call_async (sink, ask_for_eos,
      safefilesink_recording_ref (recording), free_recording);
}
