/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * safecapture monitor: runs a line of gst-launch-1.0 and shows how the recording
 * does.  This file hands each snapshot and each message to the rooms that want
 * them.
 */
#include "monitor-events.h"
#include "monitor-export.h"
#include "monitor-facts.h"
#include "monitor-fields.h"
#include "monitor-format.h"
#include "monitor-json.h"
#include "monitor-log.h"
#include "monitor-options.h"
#include "monitor-output.h"
#include "monitor-report.h"
#include "monitor-run.h"
#include "monitor-stderr.h"
#include "monitor-summary.h"
#include "monitor-terminal.h"
#include "monitor-view.h"
#include "tool-text.h"
#include "tool.h"

#include <gst/safecapture/safecapture.h>
#include <glib-unix.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#define EVENTS_KEPT 200u
/* A stop that takes more seconds is told of. */
#define SLOW_STOP 1
/* The live view moves more often than anything is written down. */
#define LIVE_INTERVAL (250 * GST_MSECOND)

typedef struct
{
  MonitorOptions options;
  MonitorRun *run;
  MonitorView *view;
  MonitorEvents *events;
  MonitorFacts *facts;
  MonitorReport *report;        /* (nullable) */
  GstSafecaptureMonitor *live;  /* (nullable): while the live view is shown */
  MonitorExport *export;        /* (nullable) */
  guint stop_timer;             /* source id, or 0 */
  gboolean looked;              /* at the pipeline, once */
  MonitorPhase phase;
  gint64 began;                 /* us, monotonic: when it began to play; or 0 */
} Monitor;

/* ---- what is shown ---- */

static void
get_moment (const Monitor * self, MonitorMoment * moment)
{
  moment->phase = self->phase;
  moment->now = g_get_real_time ();
  moment->running = self->began == 0 ? 0
      : (guint64) (g_get_monotonic_time () - self->began) * 1000;
}

static void
draw (Monitor * self)
{
  MonitorMoment moment;
  MonitorScreen screen;
  gchar **lines;

  get_moment (self, &moment);
  monitor_terminal_get_screen (&screen);
  lines = monitor_view_draw (self->view, self->events, &moment, &screen);
  monitor_terminal_show (lines);
  g_strfreev (lines);
}

static gboolean
on_resize (gpointer user_data)
{
  draw (user_data);
  return G_SOURCE_CONTINUE;
}

static void
on_live_snapshot (GstSafecaptureMonitor * monitor,
    const GstStructure * snapshot, Monitor * self)
{
  monitor_view_look (self->view, snapshot);
  draw (self);
}

static void
print_line (const Monitor * self)
{
  MonitorMoment moment;
  gchar *line;

  get_moment (self, &moment);
  line = monitor_view_line (self->view, &moment);
  monitor_output_line (line);
  g_free (line);
}

static void
print_event (const Monitor * self, const MonitorEvent * event)
{
  static const gchar *const marks[] = {
    [MONITOR_EVENT_INFO] = "-",
    [MONITOR_EVENT_WARNING] = "!",
    [MONITOR_EVENT_ERROR] = "!!",
  };
  MonitorMoment moment;
  gchar *clock, *line;

  get_moment (self, &moment);
  clock = monitor_format_clock (moment.running);
  line = g_strdup_printf ("%s  %s %s", clock, marks[event->level],
      event->text);
  monitor_output_line (line);
  g_free (line);
  g_free (clock);
}

/* Takes @line. */
static void
print_json (gchar * line)
{
  if (line != NULL)
    monitor_output_line (line);
  g_free (line);
}

static gboolean
says_lines (const Monitor * self)
{
  return self->live == NULL && !self->options.json;
}

static void
show_event (Monitor * self, const MonitorEvent * event)
{
  if (says_lines (self))
    print_event (self, event);
}

static void
take_event (Monitor * self, const MonitorEvent * event)
{
  if (self->report != NULL)
    monitor_report_event (self->report, event, g_get_monotonic_time ());
  show_event (self, event);
}

static void
tell (Monitor * self, MonitorEventLevel level, const gchar * text)
{
  take_event (self, monitor_events_add (self->events, level, text,
          g_get_real_time ()));
  /* It is no element's message, and so not among the lines of JSON. */
  if (self->options.json)
    sc_text_complain ("monitor", "%s", text);
}

/* ---- what the run tells ---- */

static void
on_message (GstMessage * message, gpointer user_data)
{
  Monitor *self = user_data;
  const MonitorEvent *event = monitor_events_message (self->events, message,
      g_get_real_time ());

  monitor_log_message (monitor_run_get_monitor (self->run), message);
  monitor_facts_message (self->facts, message);
  if (self->report != NULL)
    monitor_report_message (self->report, message, g_get_monotonic_time ());
  if (event != NULL)
    take_event (self, event);
  if (self->options.json)
    print_json (monitor_json_message (message,
            (guint64) g_get_monotonic_time () * GST_USECOND));
}

static void
export_snapshot (Monitor * self, const GstStructure * snapshot)
{
  gchar *complaint;

  monitor_export_snapshot (self->export, snapshot);
  complaint = monitor_export_take_complaint (self->export);
  if (complaint != NULL)
    tell (self, MONITOR_EVENT_WARNING, complaint);
  g_free (complaint);
}

/* Once: what there is to know of a pipeline without our elements. */
static void
tell_if_unwatched (Monitor * self, const GstStructure * snapshot)
{
  if (!self->looked && monitor_array_size (snapshot, "elements") == 0)
    tell (self, MONITOR_EVENT_WARNING, "no element of safecapture is in this "
        "pipeline: it is played, but nobody can tell whether anything is lost");
  self->looked = TRUE;
}

static void
on_snapshot (const GstStructure * snapshot, gpointer user_data)
{
  Monitor *self = user_data;

  tell_if_unwatched (self, snapshot);
  if (self->export != NULL)
    export_snapshot (self, snapshot);
  monitor_view_look (self->view, snapshot);
  monitor_facts_snapshot (self->facts, snapshot);
  if (self->report != NULL)
    monitor_report_snapshot (self->report, snapshot);
  if (self->options.json)
    print_json (monitor_json_snapshot (snapshot));
  else if (self->live == NULL)
    print_line (self);
}

static gboolean
tell_slow_stop (gpointer user_data)
{
  Monitor *self = user_data;

  self->stop_timer = 0;
  tell (self, MONITOR_EVENT_WARNING, "the pipeline takes long to stop; Ctrl-C "
      "again does not wait for it");
  return G_SOURCE_REMOVE;
}

static void
on_phase (MonitorPhase phase, gpointer user_data)
{
  Monitor *self = user_data;

  self->phase = phase;
  g_clear_handle_id (&self->stop_timer, g_source_remove);
  if (phase == MONITOR_STOPPING)
    self->stop_timer = g_timeout_add_seconds (SLOW_STOP, tell_slow_stop, self);
  if (phase == MONITOR_PLAYING)
    self->began = g_get_monotonic_time ();
  else if (phase == MONITOR_ENDING)
    tell (self, MONITOR_EVENT_INFO, "EOS is sent: what is on its way is "
        "written; Ctrl-C again stops at once");
  if (self->live != NULL)
    draw (self);
}

/* Threads that hang may be in the way of an exit(). */
static void
on_abandon (gpointer user_data)
{
  monitor_stderr_release (FALSE);
  monitor_terminal_close ();
  monitor_output_end (NULL);
  sc_text_complain ("monitor", "left while the pipeline was stopping: "
      "\"safecapture recover\" makes a file of what was recorded");
  _exit (SC_EXIT_LOSS);
}

/* ---- the live view ---- */

static void
on_stderr (const gchar * line, gpointer user_data)
{
  tell (user_data, MONITOR_EVENT_INFO, line);
}

static void
open_live (Monitor * self)
{
  self->live = gst_safecapture_monitor_new (monitor_run_get_pipeline
      (self->run));
  g_signal_connect (self->live, "snapshot", G_CALLBACK (on_live_snapshot),
      self);
  g_object_set (self->live, "interval", (guint64) LIVE_INTERVAL, NULL);
  monitor_terminal_open (on_resize, self);
  monitor_stderr_capture (on_stderr, self);
}

static void
close_live (Monitor * self)
{
  if (self->live == NULL)
    return;
  monitor_stderr_release (FALSE);
  monitor_terminal_close ();
  g_clear_object (&self->live);
}

/* ---- the end ---- */

/* Returns: the exit code: where the recording is whole, but not its report, that
 * says so. */
static gint
write_report (const Monitor * self, const MonitorReportEnd * end)
{
  GError *error = NULL;
  gchar *text;

  if (self->report == NULL || monitor_report_write (self->report,
          self->options.report, end, &error))
    return end->code;
  text = monitor_format_safe (error->message);
  sc_text_complain ("monitor", "the report was not written: %s", text);
  g_free (text);
  g_error_free (error);
  return MAX (end->code, SC_EXIT_REPAIRED);
}

static void
complain (const gchar * const *reasons)
{
  for (guint i = 0; reasons[i] != NULL; i++)
    sc_text_complain ("monitor", "%s", reasons[i]);
  sc_text_complain ("monitor", "the pipeline could not be started");
}

/* With --json standard output belongs to the lines of JSON. */
static void
sum_up (const Monitor * self, gint code, const gchar * const *reasons)
{
  MonitorMoment moment;
  gchar **summary;

  get_moment (self, &moment);
  summary = monitor_summary_lines (self->facts, code, reasons,
      moment.running);
  for (guint i = 0; self->options.json && summary[i] != NULL; i++)
    fprintf (stderr, "%s\n", summary[i]);
  monitor_output_end (self->options.json ? NULL : summary);
  g_strfreev (summary);
}

static gint
conclude (const Monitor * self)
{
  MonitorOutcome *outcome = monitor_run_get_outcome (self->run);
  const gchar *const *reasons = monitor_outcome_reasons (outcome);
  gint code = monitor_outcome_code (outcome);
  MonitorMoment moment;

  if (self->options.json)
    print_json (monitor_json_end (code, reasons));
  if (code == SC_EXIT_CANNOT_READ) {
    complain (reasons);
    monitor_output_end (NULL);
  } else {
    sum_up (self, code, reasons);
  }
  get_moment (self, &moment);
  return write_report (self, &(MonitorReportEnd) {
        self->facts, code, reasons, moment.running, g_get_monotonic_time ()
      });
}

static gboolean
on_signal (gpointer cancellable)
{
  g_cancellable_cancel (cancellable);
  return G_SOURCE_CONTINUE;
}

/* The recording has come to its end: a signal from now on ends but the wait for
 * Prometheus, and takes neither the report nor the exit code away.  They are
 * watched to the last: timeout(1) and some terminals send two. */
static void
watch_signals (GCancellable * leave)
{
  static const gint signals[] = { SIGINT, SIGTERM, SIGHUP };

  for (guint i = 0; i < G_N_ELEMENTS (signals); i++)
    g_unix_signal_add_full (G_PRIORITY_DEFAULT, signals[i], on_signal,
        g_object_ref (leave), g_object_unref);
}

/* Returns: the exit code */
static gint
conclude_and_linger (Monitor * self)
{
  GCancellable *leave = g_cancellable_new ();
  gint code;

  if (self->export != NULL && self->options.linger > 0)
    watch_signals (leave);
  code = conclude (self);
  if (self->export != NULL && self->options.linger > 0)
    monitor_export_linger (self->export, self->options.linger, leave);
  g_object_unref (leave);
  return code;
}

/* Whether figures go where they are asked for; if not, @code is set. */
static gboolean
start_export (Monitor * self, gint * code)
{
  const MonitorOptions *options = &self->options;
  GError *error = NULL;

  if (options->prometheus == NULL && options->statsd == NULL)
    return TRUE;
  self->export = monitor_export_new (options->prometheus, options->statsd,
      options->interval, &error);
  if (self->export != NULL)
    return TRUE;
  sc_text_complain ("monitor", "%s", error->message);
  *code = error->domain == G_OPTION_ERROR ? SC_EXIT_USAGE
      : SC_EXIT_CANNOT_READ;
  g_error_free (error);
  return FALSE;
}

static void
tell_uri (Monitor * self)
{
  const gchar *uri = self->export != NULL
      ? monitor_export_get_uri (self->export) : NULL;
  gchar *text = g_strdup_printf ("figures for Prometheus: %s", uri);

  if (uri != NULL)
    tell (self, MONITOR_EVENT_INFO, text);
  g_free (text);
}

static gint
run (Monitor * self)
{
  static const MonitorHooks hooks = {
    on_message, on_snapshot, on_phase, on_abandon
  };
  GError *error = NULL;
  gint code;

  if (!start_export (self, &code))
    return code;
  self->run = monitor_run_new (self->options.words, &error);
  if (self->run == NULL) {
    gchar *text = monitor_format_safe (error->message);

    sc_text_complain ("monitor", "the pipeline cannot be built: %s", text);
    g_free (text);
    g_error_free (error);
    g_clear_pointer (&self->export, monitor_export_free);
    return SC_EXIT_CANNOT_READ;
  }
  g_object_set (monitor_run_get_monitor (self->run), "metrics-location",
      self->options.metrics_location, NULL);
  self->view = monitor_view_new ();
  self->events = monitor_events_new (EVENTS_KEPT);
  self->facts = monitor_facts_new ();
  if (self->options.report != NULL)
    self->report = monitor_report_new (self->options.words,
        g_get_real_time (), g_get_monotonic_time ());
  if (!self->options.plain && !self->options.json
      && monitor_terminal_is_there ())
    open_live (self);
  tell_uri (self);
  monitor_run_play (self->run, (GstClockTime) (self->options.interval
          * GST_SECOND), &hooks, self);
  close_live (self);
  code = conclude_and_linger (self);
  g_clear_pointer (&self->export, monitor_export_free);
  g_clear_pointer (&self->report, monitor_report_free);
  monitor_facts_free (self->facts);
  monitor_events_free (self->events);
  monitor_view_free (self->view);
  monitor_run_free (self->run);
  return code;
}

int
main (int argc, char **argv)
{
  Monitor monitor = { 0 };
  GError *error = NULL;
  gint code = SC_EXIT_USAGE;

  setlocale (LC_ALL, "");
  /* Figures are for programs too: a point is a point. */
  setlocale (LC_NUMERIC, "C");
  g_set_prgname ("safecapture monitor");
  /* A reader of our lines who leaves must not end the recording, and a limit on
   * the size of files is to end it as a full disk does. */
  signal (SIGPIPE, SIG_IGN);
  signal (SIGXFSZ, SIG_IGN);
  if (monitor_options_parse (&monitor.options, &argc, &argv, &error)) {
    gst_init (NULL, NULL);
    code = run (&monitor);
  } else {
    sc_text_complain ("monitor", "%s", error->message);
    g_error_free (error);
  }
  monitor_options_clear (&monitor.options);
  return code;
}
