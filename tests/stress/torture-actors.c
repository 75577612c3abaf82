/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "torture.h"

#include "watchdog.h"

static TortureLink *
any_link (TortureActor * self)
{
  return self->run->links[g_rand_int_range (self->random, 0,
          (gint) self->run->n_links)];
}

static void
let_pass (TortureActor * self, gint most_us)
{
  watchdog_at (self->who, NULL);
  g_usleep ((gulong) g_rand_int_range (self->random, 0, most_us));
}

void
torture_flush_once (TortureActor * self)
{
  let_pass (self, 10000);
  torture_flush (any_link (self), self->who);
}

void
torture_seek_once (TortureActor * self)
{
  TortureLink *link = any_link (self);

  let_pass (self, 10000);
  watchdog_at (self->who, "seeking");
  gst_pad_push_event (link->sink, torture_new_seek (self->random));
}

static GstPadProbeReturn
keep_blocked (GstPad * pad, GstPadProbeInfo * info, gpointer unused)
{
  return GST_PAD_PROBE_OK;
}

void
torture_block_once (TortureActor * self)
{
  GstPad *pad = torture_ref_pad (any_link (self),
      g_rand_boolean (self->random) ? GST_PAD_SRC : GST_PAD_SINK);
  gulong probe;

  if (pad != NULL) {
    watchdog_at (self->who, "blocking");
    probe = gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BLOCK_DOWNSTREAM,
        keep_blocked, NULL, NULL);
    let_pass (self, 1000);
    watchdog_at (self->who, "letting go");
    gst_pad_remove_probe (pad, probe);
    gst_object_unref (pad);
  }
  let_pass (self, 5000);
}

/* What was pushed to no pad is excused. */
static void
relink (TortureActor * self, TortureLink * link)
{
  torture_disturb (link);
  watchdog_at (self->who, "unlinking");
  gst_pad_unlink (link->queue_src, link->sink);
  let_pass (self, 1000);
  watchdog_at (self->who, "linking");
  if (gst_pad_link (link->queue_src, link->sink) != GST_PAD_LINK_OK)
    torture_report (link->run, "link %u: it does not link again", link->index);
  watchdog_at (self->who, "waiting for upstream");
  g_mutex_lock (&link->streaming);
  torture_settle (link);
  g_mutex_unlock (&link->streaming);
}

/* Not in the middle of a flush: its end would not arrive. */
void
torture_relink_once (TortureActor * self)
{
  TortureLink *link = any_link (self);

  let_pass (self, 10000);
  watchdog_at (self->who, "waiting to unlink");
  g_mutex_lock (&link->flushing);
  g_mutex_lock (&link->linking);
  if (link->queue_src != NULL)
    relink (self, link);
  g_mutex_unlock (&link->linking);
  g_mutex_unlock (&link->flushing);
}

/* The queue is stopped and upstream at rest: the accounts are final, and begin
 * anew with the start. */
static void
turn_over (TortureLink * self)
{
  if (self->queue_sink == NULL || self->leaves)
    return;
  torture_check_accounts (self);
  torture_reset_accounts (self);
  torture_reset_sink (self);
  torture_recover (self);
}

void
torture_restart_once (TortureActor * self)
{
  Torture *run = self->run;
  GstState state = g_rand_boolean (self->random)
      ? GST_STATE_READY : GST_STATE_NULL;

  let_pass (self, 20000);
  for (guint i = 0; i < run->n_links; i++)
    torture_disturb (run->links[i]);
  watchdog_at (self->who, "stopping");
  gst_element_set_state (run->queue, state);
  watchdog_at (self->who, "waiting for upstream");
  for (guint i = 0; i < run->n_links; i++) {
    g_mutex_lock (&run->links[i]->streaming);
    turn_over (run->links[i]);
  }
  watchdog_at (self->who, "starting");
  gst_element_set_state (run->queue, GST_STATE_PLAYING);
  for (guint i = 0; i < run->n_links; i++) {
    if (run->links[i]->queue_sink != NULL)
      torture_push_new_stream (run->links[i]);
    torture_settle (run->links[i]);
    g_mutex_unlock (&run->links[i]->streaming);
  }
}
