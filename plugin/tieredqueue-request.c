/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tieredqueue-request.h"

#include "tieredqueue-pad.h"
#include "tieredqueue-pads.h"
#include "tieredqueue-srcpad.h"

/* A request waits for a state change for so long, and looks so often; us. */
#define STATE_GRACE (100 * G_TIME_SPAN_MILLISECOND)
#define LOOK_EVERY 200

/* ---- coming ---- */

static void
make_pads (TieredQueueChannels * channels, TieredQueuePads * pads,
    const gchar * sink_template, const gchar * src_template,
    const gchar * sink_name, const gchar * src_name)
{
  GstElement *element = channels->element;

  tieredqueue_pads_make (pads,
      gst_element_get_pad_template (element, sink_template),
      gst_element_get_pad_template (element, src_template), sink_name,
      src_name);
}

void
tieredqueue_request_always (TieredQueueChannels * channels)
{
  TieredQueuePads *pads = tieredqueue_channels_add (channels,
      TIEREDQUEUE_ALWAYS, NULL);

  make_pads (channels, pads, "sink", "src", "sink", "src");
  gst_element_add_pad (channels->element, pads->sinkpad);
  gst_element_add_pad (channels->element, pads->srcpad);
  tieredqueue_channels_make_known (channels, pads, GST_PAD_UNKNOWN);
  tieredqueue_pads_unref (pads);
}

/* @name is what GStreamer takes for one of the template's, as sink_07; anything, if
 * it was built without its checks. */
static gboolean
parse_number (const gchar * name, const gchar * template, gint * number)
{
  gsize length = strlen (template) - strlen ("%u");
  const gchar *digits = name + length;
  guint64 parsed;

  if (strncmp (name, template, length) != 0 || !g_ascii_isdigit (*digits)
      || (*digits == '0' && digits[1] != '\0')
      || !g_ascii_string_to_unsigned (digits, 10, 0, G_MAXINT, &parsed, NULL))
    return FALSE;
  *number = (gint) parsed;
  return TRUE;
}

/* An element that runs has active pads only. */
static gboolean
activate (TieredQueuePads * pads)
{
  return gst_pad_set_active (pads->srcpad, TRUE)
      && gst_pad_set_active (pads->sinkpad, TRUE);
}

static void
announce (TieredQueueChannels * channels, TieredQueuePads * pads)
{
  GstChildProxy *proxy = GST_CHILD_PROXY (channels->element);

  gst_child_proxy_child_added (proxy, G_OBJECT (pads->sinkpad),
      GST_PAD_NAME (pads->sinkpad));
  gst_child_proxy_child_added (proxy, G_OBJECT (pads->srcpad),
      GST_PAD_NAME (pads->srcpad));
}

/* Keeps the element's state, if it can be had soon: a change of it may be waiting
 * for this very thread. */
static gboolean
lock_state (GstElement * element)
{
  gint64 end = g_get_monotonic_time () + STATE_GRACE;

  while (!GST_STATE_TRYLOCK (element)) {
    if (g_get_monotonic_time () >= end)
      return FALSE;
    g_usleep (LOOK_EVERY);
  }
  return TRUE;
}

/* A start or a stop that has come between may have missed the pads, and adding
 * them may have activated them against a stop: they follow until it stands.
 * GStreamer lets a pad be activated again while it is being deactivated; the
 * deactivation then waits for the new task.  So no start may come between. */
static void
follow_state (TieredQueueChannels * channels, TieredQueuePads * pads)
{
  gboolean locked = lock_state (channels->element);
  gboolean running;

  do {
    running = tieredqueue_channels_is_running (channels);
    gst_pad_set_active (pads->srcpad, running);
    gst_pad_set_active (pads->sinkpad, running);
  } while (tieredqueue_channels_is_running (channels) != running);
  if (locked)
    GST_STATE_UNLOCK (channels->element);
}

/* FALSE if the pads cannot be activated. */
static gboolean
add_pads (TieredQueueChannels * channels, TieredQueuePads * pads)
{
  if (tieredqueue_channels_is_running (channels) && !activate (pads)) {
    tieredqueue_pads_stop (pads);
    gst_object_unref (gst_object_ref_sink (pads->srcpad));
    gst_object_unref (gst_object_ref_sink (pads->sinkpad));
    return FALSE;
  }
  /* Activates them if the element is on its way to PAUSED. */
  gst_element_add_pad (channels->element, pads->srcpad);
  tieredqueue_srcpad_added (pads);
  gst_element_add_pad (channels->element, pads->sinkpad);
  follow_state (channels, pads);
  return TRUE;
}

static TieredQueuePads *
new_channel (TieredQueueChannels * channels, gint number, gchar ** refusal)
{
  TieredQueuePads *pads = tieredqueue_channels_add (channels, number, refusal);
  gchar *sink_name, *src_name;
  gboolean added;

  if (pads == NULL)
    return NULL;
  sink_name = g_strdup_printf ("sink_%d", pads->number);
  src_name = g_strdup_printf ("src_%d", pads->number);
  make_pads (channels, pads, TIEREDQUEUE_SINK_TEMPLATE,
      TIEREDQUEUE_SRC_TEMPLATE, sink_name, src_name);
  added = add_pads (channels, pads);
  g_free (sink_name);
  g_free (src_name);
  if (!added) {
    tieredqueue_channels_forget (channels, pads);
    tieredqueue_pads_unref (pads);
    *refusal = g_strdup ("there is no memory for it");
    return NULL;
  }
  return pads;
}

GstPad *
tieredqueue_request_pad (TieredQueueChannels * channels,
    GstPadTemplate * template, const gchar * name, gchar ** refusal)
{
  GstPadDirection direction = GST_PAD_TEMPLATE_DIRECTION (template);
  gint number = TIEREDQUEUE_ANY_NUMBER;
  GstPad *pad = NULL;
  TieredQueuePads *pads;

  if (name != NULL && !g_str_has_suffix (name, "%u")
      && !parse_number (name, GST_PAD_TEMPLATE_NAME_TEMPLATE (template),
          &number)) {
    *refusal = g_strdup_printf ("%s is not %s with a number from 0 to %d", name,
        GST_PAD_TEMPLATE_NAME_TEMPLATE (template), G_MAXINT);
    return NULL;
  }
  if (number != TIEREDQUEUE_ANY_NUMBER || direction == GST_PAD_SRC)
    pad = tieredqueue_channels_hand_out (channels, direction, number);
  if (pad != NULL)
    return pad;
  if (GST_STATE (channels->element) > GST_STATE_READY
      && !tieredqueue_channels_is_running (channels)) {
    *refusal = g_strdup ("the element is being stopped");
    return NULL;
  }

  pads = new_channel (channels, number, refusal);
  if (pads == NULL)
    return NULL;
  tieredqueue_channels_make_known (channels, pads, direction);
  announce (channels, pads);
  pad = direction == GST_PAD_SRC ? pads->srcpad : pads->sinkpad;
  tieredqueue_pads_unref (pads);
  return pad;
}

/* ---- going ---- */

typedef struct
{
  TieredQueueChannels *channels;
  TieredQueuePads *pads;
  GstPad *sinkpad;              /* keeps the source pad too */
} Leaving;

static Leaving *
leaving_new (TieredQueueChannels * channels, TieredQueuePads * pads)
{
  Leaving *self = g_new (Leaving, 1);

  self->channels = channels;
  self->pads = tieredqueue_pads_ref (pads);
  self->sinkpad = gst_object_ref (pads->sinkpad);
  return self;
}

static void
leaving_free (gpointer user_data)
{
  Leaving *self = user_data;

  gst_object_unref (self->sinkpad);
  tieredqueue_pads_unref (self->pads);
  g_free (self);
}

static void
end_leaving (Leaving * self)
{
  tieredqueue_channels_end_leave (self->channels, self->pads);
  tieredqueue_flow_news (self->pads);   /* its last messages */
}

static void
stop_and_end (GstElement * element, gpointer user_data)
{
  Leaving *self = user_data;

  tieredqueue_pads_stop (self->pads);
  end_leaving (self);
}

static void
remove_pads (TieredQueueChannels * channels, TieredQueuePads * pads)
{
  GstElement *element = channels->element;

  gst_child_proxy_child_removed (GST_CHILD_PROXY (element),
      G_OBJECT (pads->srcpad), GST_PAD_NAME (pads->srcpad));
  gst_child_proxy_child_removed (GST_CHILD_PROXY (element),
      G_OBJECT (pads->sinkpad), GST_PAD_NAME (pads->sinkpad));
  gst_element_remove_pad (element, pads->srcpad);
  gst_element_remove_pad (element, pads->sinkpad);
  tieredqueue_channels_free_number (channels, pads);
}

void
tieredqueue_request_release (TieredQueueChannels * channels, GstPad * pad)
{
  TieredQueuePads *pads =
      gst_tiered_queue_pad_get_pads (GST_TIERED_QUEUE_PAD (pad));
  Leaving *leaving;

  if (!tieredqueue_channels_begin_leave (channels, pads))
    return;
  leaving = leaving_new (channels, pads);
  if (tieredqueue_pads_shut (pads)) {
    tieredqueue_pads_stop (pads);
    remove_pads (channels, pads);
    end_leaving (leaving);
    leaving_free (leaving);
  } else {
    remove_pads (channels, pads);
    gst_element_call_async (channels->element, stop_and_end, leaving,
        leaving_free);
  }
}
