/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "torture.h"

#include "watchdog.h"

#define ACTORS_MOST 16

typedef struct
{
  TortureActor actor;
  void (*act) (TortureActor * self);
  GThread *thread;
} Role;

typedef struct
{
  GThread *upstreams[TORTURE_LINKS_MOST];
  Role roles[ACTORS_MOST];
  guint n_roles;
} Cast;

static gpointer
play (gpointer user_data)
{
  Role *self = user_data;

  while (!g_atomic_int_get (&self->actor.run->stop))
    self->act (&self->actor);
  return NULL;
}

static void
add_role (Cast * cast, Torture * run, const gchar * name,
    void (*act) (TortureActor * self), TortureLink * link)
{
  Role *role = &cast->roles[cast->n_roles++];

  role->act = act;
  role->actor.run = run;
  role->actor.link = link;
  role->actor.who = watchdog_enter (name);
  role->actor.random = g_rand_new_with_seed (run->seed + 100 + cast->n_roles);
  role->thread = g_thread_new (name, play, role);
}

static void
start (Cast * cast, Torture * run)
{
  const TorturePlan *plan = &run->plan;

  for (guint i = 0; i < run->n_links; i++)
    cast->upstreams[i] = g_thread_new ("upstream", torture_upstream,
        run->links[i]);
  if (plan->flushes)
    add_role (cast, run, "flusher", torture_flush_once, NULL);
  if (plan->seeks)
    add_role (cast, run, "seeker", torture_seek_once, NULL);
  if (plan->tunes)
    add_role (cast, run, "tuner", torture_tune_once, NULL);
  if (plan->blocks)
    add_role (cast, run, "blocker", torture_block_once, NULL);
  if (plan->relinks)
    add_role (cast, run, "relinker", torture_relink_once, NULL);
  if (plan->restarts)
    add_role (cast, run, "restarter", torture_restart_once, NULL);
  for (guint i = 1; i < run->n_links; i++)
    add_role (cast, run, "requester", torture_request_once, run->links[i]);
}

/* What ends a wait when nobody else does is the stop. */
static void
stop (Cast * cast, Torture * run, guint who)
{
  g_atomic_int_set (&run->stop, TRUE);
  if (run->plan.stops_in_the_middle) {
    watchdog_at (who, "stopping in the middle");
    torture_disturb (run->links[0]);
    gst_element_set_state (run->queue, GST_STATE_READY);
  }
  watchdog_at (who, "joining");
  for (guint i = 0; i < cast->n_roles; i++) {
    g_thread_join (cast->roles[i].thread);
    watchdog_leave (cast->roles[i].actor.who);
    g_rand_free (cast->roles[i].actor.random);
  }
  for (guint i = 0; i < run->n_links; i++)
    g_thread_join (cast->upstreams[i]);
}

/* Upstream has ended: lets all out that is still in. */
static void
come_to_rest (TortureLink * self, guint who)
{
  guint level;

  torture_untune (self->run);
  /* Recovers from any error. */
  torture_flush (self, who);
  do {
    GstEvent *eos = torture_counted (gst_event_new_eos ());
    guint id = torture_next_id (self);

    torture_set_event_id (eos, id);
    watchdog_at (who, "the last stream");
    torture_push_new_stream (self);
    gst_pad_push_event (self->src, eos);
    watchdog_at (who, "waiting for the last EOS");
    while ((guint) g_atomic_int_get (&self->eos_seen) != id)
      g_thread_yield ();
    g_object_get (self->run->queue, "current-level-buffers", &level, NULL);
  } while (level > 0);
}

static gboolean
has_property (GstElement * element, const gchar * name)
{
  return g_object_class_find_property (G_OBJECT_GET_CLASS (element), name)
      != NULL;
}

/* Handlers may ask, wherever they are called from. */
static void
look_at_level (GstElement * queue)
{
  guint level;

  g_object_get (queue, "current-level-buffers", &level, NULL);
}

static GstBusSyncReply
drop_message (GstBus * bus, GstMessage * message, gpointer queue)
{
  /* `queue` would wait for itself. */
  if (has_property (queue, "stats"))
    look_at_level (queue);
  gst_message_unref (message);
  return GST_BUS_DROP;
}

static void
prepare (Torture * run, GstBus * bus)
{
  GstElement *queue = run->queue;

  gst_bus_set_sync_handler (bus, drop_message, queue, NULL);
  gst_element_set_bus (queue, bus);
  g_object_set (queue, "leaky", run->plan.leaky, "max-size-buffers", 5, NULL);
  if (has_property (queue, "sync-channels"))
    g_object_set (queue, "sync-channels", run->plan.together, "max-interleave",
        (guint64) GST_MSECOND, NULL);
  if (has_property (queue, "metrics-interval"))
    g_object_set (queue, "metrics-interval", (guint64) GST_MSECOND, NULL);
  g_signal_connect (queue, "overrun", G_CALLBACK (look_at_level), NULL);
  run->n_links = 1;
  if (torture_has_requests (queue))
    run->n_links += run->plan.requests;
  for (guint i = 0; i < run->n_links; i++)
    run->links[i] = torture_link_new (run, i);
  torture_attach (run->links[0], gst_element_get_static_pad (queue, "sink"),
      gst_element_get_static_pad (queue, "src"));
}

static void
finish (Torture * run, GstBus * bus)
{
  gint outlive;

  gst_element_set_state (run->queue, GST_STATE_NULL);
  torture_detach (run->links[0], NULL);
  for (guint i = 0; i < run->n_links; i++)
    torture_link_free (run->links[i]);
  g_signal_handlers_disconnect_by_func (run->queue, look_at_level, NULL);
  gst_element_set_bus (run->queue, NULL);
  gst_object_unref (bus);
  outlive = torture_take_alive ();
  if (outlive != 0)
    torture_report (run, "%d buffers and events outlive the run", outlive);
}

gchar *
torture_run (GstElement * queue, guint32 seed, const TorturePlan * plan,
    guint ms)
{
  Torture run = {.plan = *plan,.seed = seed,.queue = queue };
  Cast cast = { {NULL} };
  GstBus *bus = gst_bus_new ();
  guint who = watchdog_enter ("main");

  watchdog_at (who, "starting");
  prepare (&run, bus);
  gst_element_set_state (queue, GST_STATE_PLAYING);
  start (&cast, &run);
  watchdog_at (who, NULL);
  g_usleep (ms * 1000);
  stop (&cast, &run, who);
  if (plan->stops_in_the_middle)
    gst_element_set_state (queue, GST_STATE_READY);
  else
    come_to_rest (run.links[0], who);
  watchdog_at (who, "ending");
  torture_check_accounts (run.links[0]);
  finish (&run, bus);
  watchdog_leave (who);
  return run.error;
}
