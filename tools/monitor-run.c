/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "monitor-run.h"

#include "monitor-fields.h"

#include <gst/safecapture/safecapture.h>
#include <glib-unix.h>
#include <signal.h>

/* Two signals so close together are one: timeout(1) and some terminals send them
 * to the process and to its group. */
#define SIGNAL_GAP (100 * G_TIME_SPAN_MILLISECOND)
/* An end after an error is waited for as long as anything still comes in, and then
 * so many seconds: an element that failed need not pass EOS on. */
#define ERROR_PATIENCE 5u

struct _MonitorRun
{
  GstElement *pipeline;
  GMainLoop *loop;
  GstSafecaptureMonitor *monitor;
  MonitorOutcome *outcome;
  const MonitorHooks *hooks;
  gpointer user_data;
  MonitorPhase phase;
  GMutex calls;                 /* held while the pipeline changes its state */
  gboolean stopped;             /* under calls: it is not to be played again */
  gint64 last_signal;           /* us, monotonic */
  guint patience_timer;         /* source id, or 0 */
  guint patience;               /* seconds left */
  guint64 progress;             /* bytes, when it was last looked at */
  GHashTable *failed;           /* names of elements that posted an error */
};

/* ---- building ---- */

MonitorRun *
monitor_run_new (gchar ** words, GError ** error)
{
  MonitorRun *self;
  GstElement *element = words[1] == NULL
      ? gst_parse_launch_full (words[0], NULL, GST_PARSE_FLAG_FATAL_ERRORS,
      error)
      : gst_parse_launchv_full ((const gchar **) words, NULL,
      GST_PARSE_FLAG_FATAL_ERRORS, error);

  if (element == NULL)
    return NULL;
  self = g_new0 (MonitorRun, 1);
  self->pipeline = element;
  if (!GST_IS_PIPELINE (element)) {
    self->pipeline = gst_pipeline_new (NULL);
    gst_bin_add (GST_BIN (self->pipeline), element);
  }
  gst_object_ref_sink (self->pipeline);
  self->loop = g_main_loop_new (NULL, FALSE);
  self->monitor = gst_safecapture_monitor_new (self->pipeline);
  self->outcome = monitor_outcome_new ();
  self->failed = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
      NULL);
  g_mutex_init (&self->calls);
  return self;
}

void
monitor_run_free (MonitorRun * self)
{
  g_object_unref (self->monitor);
  gst_object_unref (self->pipeline);
  g_main_loop_unref (self->loop);
  monitor_outcome_free (self->outcome);
  g_hash_table_unref (self->failed);
  g_mutex_clear (&self->calls);
  g_free (self);
}

GstElement *
monitor_run_get_pipeline (MonitorRun * self)
{
  return self->pipeline;
}

GstSafecaptureMonitor *
monitor_run_get_monitor (MonitorRun * self)
{
  return self->monitor;
}

MonitorOutcome *
monitor_run_get_outcome (MonitorRun * self)
{
  return self->outcome;
}

/* ---- what is told ---- */

static void
set_phase (MonitorRun * self, MonitorPhase phase)
{
  self->phase = phase;
  self->hooks->phase (phase, self->user_data);
}

static void
tell_snapshot (MonitorRun * self, const GstStructure * snapshot)
{
  if (monitor_count (snapshot, "bytes-written") > 0)
    monitor_outcome_played (self->outcome);
  monitor_outcome_snapshot (self->outcome, snapshot);
  self->hooks->snapshot (snapshot, self->user_data);
}

static void
on_snapshot (GstSafecaptureMonitor * monitor, const GstStructure * snapshot,
    MonitorRun * self)
{
  tell_snapshot (self, snapshot);
}

static void
look (MonitorRun * self)
{
  GstStructure *snapshot =
      gst_safecapture_monitor_get_snapshot (self->monitor);

  /* Where there is a log, it gets those of the signal only by itself. */
  gst_safecapture_monitor_log (self->monitor, GST_OBJECT (self->pipeline),
      snapshot);
  tell_snapshot (self, snapshot);
  gst_structure_free (snapshot);
}

static void
tell_message (MonitorRun * self, GstMessage * message)
{
  monitor_outcome_message (self->outcome, message);
  self->hooks->message (message, self->user_data);
}

/* ---- stopping ---- */

static gboolean
note_stopped (gpointer run)
{
  MonitorRun *self = run;
  GstBus *bus = gst_element_get_bus (self->pipeline);
  GstMessage *message;

  /* What the elements had to say at their stop. */
  while ((message = gst_bus_pop (bus)) != NULL) {
    tell_message (self, message);
    gst_message_unref (message);
  }
  gst_object_unref (bus);
  set_phase (self, MONITOR_STOPPED);
  g_main_loop_quit (self->loop);
  return G_SOURCE_REMOVE;
}

/* READY, not NULL: that would throw away what is still on the bus. */
static void
stop_pipeline (GstElement * pipeline, gpointer run)
{
  MonitorRun *self = run;

  g_mutex_lock (&self->calls);
  self->stopped = TRUE;
  gst_element_set_state (pipeline, GST_STATE_READY);
  g_mutex_unlock (&self->calls);
  g_idle_add (note_stopped, run);
}

static void
stop (MonitorRun * self)
{
  if (self->phase >= MONITOR_STOPPING)
    return;
  g_clear_handle_id (&self->patience_timer, g_source_remove);
  g_object_set (self->monitor, "interval", G_GUINT64_CONSTANT (0), NULL);
  look (self);
  set_phase (self, MONITOR_STOPPING);
  gst_element_call_async (self->pipeline, stop_pipeline, self, NULL);
}

/* ---- ending ---- */

/* Not before the pipeline has been started: it would be lost.  An element can hold
 * the event up; a stop is not to wait for that. */
static void
send_eos (GstElement * pipeline, gpointer run)
{
  MonitorRun *self = run;

  g_mutex_lock (&self->calls);
  g_mutex_unlock (&self->calls);
  gst_element_send_event (pipeline, gst_event_new_eos ());
}

static void
end (MonitorRun * self)
{
  set_phase (self, MONITOR_ENDING);
  gst_element_call_async (self->pipeline, send_eos, self, NULL);
}

/* Returns: how many sinks have something to bring to an end; @progress: bytes */
static guint
count_open_sinks (MonitorRun * self, guint64 * progress)
{
  GstStructure *snapshot =
      gst_safecapture_monitor_get_snapshot (self->monitor);
  static const gchar *const ended[] = { "init", "published", "error", NULL };
  guint open = 0;

  *progress = 0;
  for (guint i = 0; i < monitor_array_size (snapshot, "elements"); i++) {
    const GstStructure *entry = monitor_array_get (snapshot, "elements", i);
    const GstStructure *stats = monitor_inside (entry, "stats");

    if (!monitor_is (entry, "safefilesink"))
      continue;
    *progress += monitor_count (stats, "bytes-written")
        + monitor_count (stats, "durable-offset");
    if (!g_strv_contains (ended, monitor_word (stats, "state"))
        && !g_hash_table_contains (self->failed, monitor_word (entry, "name")))
      open++;
  }
  gst_structure_free (snapshot);
  return open;
}

static gboolean
wait_after_error (gpointer run)
{
  MonitorRun *self = run;
  guint64 progress;
  guint open = count_open_sinks (self, &progress);

  self->patience = progress != self->progress ? ERROR_PATIENCE
      : self->patience - 1;
  self->progress = progress;
  if (open > 0 && self->patience > 0)
    return G_SOURCE_CONTINUE;
  self->patience_timer = 0;
  stop (self);
  return G_SOURCE_REMOVE;
}

static void
end_after_error (MonitorRun * self, GstMessage * message)
{
  if (GST_MESSAGE_SRC (message) != NULL)
    g_hash_table_add (self->failed,
        gst_object_get_name (GST_MESSAGE_SRC (message)));
  if (self->phase >= MONITOR_STOPPING || self->patience_timer != 0)
    return;
  if (count_open_sinks (self, &self->progress) == 0
      || (self->phase == MONITOR_STARTING && self->progress == 0)) {
    stop (self);
    return;
  }
  self->patience = ERROR_PATIENCE;
  self->patience_timer = g_timeout_add_seconds (1, wait_after_error, self);
  if (self->phase < MONITOR_ENDING)
    end (self);
}

static gboolean
on_signal (gpointer run)
{
  MonitorRun *self = run;
  gint64 now = g_get_monotonic_time ();
  gboolean again = now - self->last_signal < SIGNAL_GAP;

  self->last_signal = now;
  if (again)
    return G_SOURCE_CONTINUE;
  if (self->phase < MONITOR_ENDING) {
    end (self);
  } else if (self->phase == MONITOR_ENDING) {
    monitor_outcome_quit (self->outcome);
    stop (self);
  } else {
    self->hooks->abandon (self->user_data);
  }
  return G_SOURCE_CONTINUE;
}

/* ---- playing ---- */

static void
note_state (MonitorRun * self, GstMessage * message)
{
  GstState state;

  gst_message_parse_state_changed (message, NULL, &state, NULL);
  if (state != GST_STATE_PLAYING
      || GST_MESSAGE_SRC (message) != GST_OBJECT (self->pipeline))
    return;
  monitor_outcome_played (self->outcome);
  if (self->phase == MONITOR_STARTING)
    set_phase (self, MONITOR_PLAYING);
}

static void
choose_clock_again (GstElement * pipeline, gpointer run)
{
  MonitorRun *self = run;

  g_mutex_lock (&self->calls);
  if (!self->stopped) {
    gst_element_set_state (pipeline, GST_STATE_PAUSED);
    gst_element_set_state (pipeline, GST_STATE_PLAYING);
  }
  g_mutex_unlock (&self->calls);
}

static gboolean
on_message (GstBus * bus, GstMessage * message, gpointer run)
{
  MonitorRun *self = run;

  tell_message (self, message);
  switch (GST_MESSAGE_TYPE (message)) {
    case GST_MESSAGE_EOS:
      stop (self);
      break;
    case GST_MESSAGE_ERROR:
      end_after_error (self, message);
      break;
    case GST_MESSAGE_STATE_CHANGED:
      note_state (self, message);
      break;
    case GST_MESSAGE_LATENCY:
      gst_bin_recalculate_latency (GST_BIN (self->pipeline));
      break;
    case GST_MESSAGE_CLOCK_LOST:
      if (self->phase == MONITOR_PLAYING)
        gst_element_call_async (self->pipeline, choose_clock_again, self,
            NULL);
      break;
    default:
      break;
  }
  return G_SOURCE_CONTINUE;
}

static gboolean
note_failure (gpointer run)
{
  stop (run);
  return G_SOURCE_REMOVE;
}

/* An error message says why, but need not be there. */
static void
start_pipeline (GstElement * pipeline, gpointer run)
{
  MonitorRun *self = run;

  g_mutex_lock (&self->calls);
  if (!self->stopped && gst_element_set_state (pipeline, GST_STATE_PLAYING)
      == GST_STATE_CHANGE_FAILURE)
    g_idle_add_full (G_PRIORITY_LOW, note_failure, run, NULL);
  g_mutex_unlock (&self->calls);
}

void
monitor_run_play (MonitorRun * self, GstClockTime interval,
    const MonitorHooks * hooks, gpointer user_data)
{
  static const gint signals[] = { SIGINT, SIGTERM, SIGHUP };
  guint sources[G_N_ELEMENTS (signals)];
  GstBus *bus = gst_element_get_bus (self->pipeline);

  self->hooks = hooks;
  self->user_data = user_data;
  gst_bus_add_watch (bus, on_message, self);
  for (guint i = 0; i < G_N_ELEMENTS (signals); i++)
    sources[i] = g_unix_signal_add (signals[i], on_signal, self);
  g_object_set (self->monitor, "interval", interval, NULL);
  g_signal_connect (self->monitor, "snapshot", G_CALLBACK (on_snapshot), self);
  set_phase (self, MONITOR_STARTING);
  look (self);
  gst_element_call_async (self->pipeline, start_pipeline, self, NULL);
  g_main_loop_run (self->loop);
  for (guint i = 0; i < G_N_ELEMENTS (signals); i++)
    g_source_remove (sources[i]);
  gst_bus_remove_watch (bus);
  gst_object_unref (bus);
  gst_element_set_state (self->pipeline, GST_STATE_NULL);
}
