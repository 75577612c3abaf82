/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "torture.h"

#include <string.h>

#include "watchdog.h"

void
torture_attach (TortureLink * self, GstPad * queue_sink, GstPad * queue_src)
{
  g_mutex_lock (&self->linking);
  g_mutex_lock (&self->streaming);
  torture_reset_sink (self);
  torture_recover (self);
  torture_reset_accounts (self);
  torture_set_pads (self, queue_sink, queue_src);
  if (gst_pad_link (queue_src, self->sink) != GST_PAD_LINK_OK
      || gst_pad_link (self->src, queue_sink) != GST_PAD_LINK_OK)
    torture_report (self->run, "link %u: the pads do not link", self->index);
  self->leaves = FALSE;
  torture_push_new_stream (self);
  torture_settle (self);
  g_mutex_unlock (&self->streaming);
  g_mutex_unlock (&self->linking);
}

/* Both pads go, whichever is released. */
static void
release (TortureActor * self, GstPad * queue_sink, GstPad * queue_src)
{
  GstElement *queue = self->run->queue;
  gboolean by_sink = g_rand_boolean (self->random);

  watchdog_at (self->who, "releasing");
  gst_element_release_request_pad (queue, by_sink ? queue_sink : queue_src);
  if (GST_OBJECT_PARENT (queue_sink) != NULL
      || GST_OBJECT_PARENT (queue_src) != NULL)
    torture_report (self->run, "a pad of a released channel is there still");
}

static void
unlink_pads (GstPad * src, GstPad * sink)
{
  if (gst_pad_is_linked (src))
    gst_pad_unlink (src, sink);
}

void
torture_detach (TortureLink * self, TortureActor * actor)
{
  GstPad *queue_sink = self->queue_sink, *queue_src = self->queue_src;

  g_mutex_lock (&self->linking);
  g_mutex_lock (&self->streaming);
  self->leaves = TRUE;
  g_mutex_unlock (&self->streaming);
  torture_disturb (self);
  if (actor != NULL)
    release (actor, queue_sink, queue_src);
  unlink_pads (self->src, queue_sink);
  unlink_pads (queue_src, self->sink);
  g_mutex_lock (&self->streaming);
  /* A start in between has let them begin anew. */
  if (actor != NULL && !self->run->plan.restarts)
    torture_check_accounts (self);
  torture_set_pads (self, NULL, NULL);
  g_mutex_unlock (&self->streaming);
  g_mutex_unlock (&self->linking);
  gst_object_unref (queue_sink);
  gst_object_unref (queue_src);
}

gboolean
torture_has_requests (GstElement * queue)
{
  GstPadTemplate *template = gst_element_get_pad_template (queue, "sink_%u");

  return template != NULL
      && GST_PAD_TEMPLATE_PRESENCE (template) == GST_PAD_REQUEST;
}

/* The pad of the same channel with the other @direction, which was not asked
 * for. */
static GstPad *
other_pad (TortureActor * self, GstPad * pad, const gchar * direction)
{
  gchar *name = g_strconcat (direction, strchr (GST_PAD_NAME (pad), '_'),
      NULL);
  GstPad *other = gst_element_get_static_pad (self->run->queue, name);

  g_free (name);
  return other;
}

/* By a number of this actor's own, or by the queue's choice. */
static gboolean
request (TortureActor * self, GstPad ** queue_sink, GstPad ** queue_src)
{
  GstElement *queue = self->run->queue;
  gchar *name = g_strdup_printf ("%s_%u",
      g_rand_boolean (self->random) ? "sink" : "src",
      self->link->index * 10 + g_rand_int_range (self->random, 0, 3));
  gboolean chooses = g_rand_boolean (self->random);
  GstPad *pad;

  watchdog_at (self->who, "requesting");
  pad = gst_element_request_pad_simple (queue, chooses ? "sink_%u" : name);
  g_free (name);
  if (pad == NULL) {
    /* While the element stops it may. */
    if (!self->run->plan.restarts && !self->run->plan.stops_in_the_middle)
      torture_report (self->run, "a request was refused");
    return FALSE;
  }
  if (GST_PAD_IS_SINK (pad)) {
    *queue_sink = pad;
    *queue_src = other_pad (self, pad, "src");
  } else {
    *queue_src = pad;
    *queue_sink = other_pad (self, pad, "sink");
  }
  if (*queue_sink == NULL || *queue_src == NULL)
    torture_report (self->run, "a channel has one pad only");
  return *queue_sink != NULL && *queue_src != NULL;
}

void
torture_request_once (TortureActor * self)
{
  GstPad *queue_sink, *queue_src;

  if (request (self, &queue_sink, &queue_src)) {
    watchdog_at (self->who, "linking a channel");
    torture_attach (self->link, queue_sink, queue_src);
    watchdog_at (self->who, NULL);
    g_usleep ((gulong) g_rand_int_range (self->random, 0, 20000));
    torture_detach (self->link, self);
  }
  watchdog_at (self->who, NULL);
  g_usleep ((gulong) g_rand_int_range (self->random, 0, 1000));
}
