/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "monitor-options.h"

#include "monitor-log.h"
#include "monitor-report.h"

#define LONGEST 86400           /* s */

static gboolean
parse_seconds (const gchar * name, const gchar * value, gdouble least,
    gdouble * seconds, GError ** error)
{
  gchar *end;

  *seconds = g_ascii_strtod (value, &end);
  if (end != value && *end == '\0' && *seconds >= least
      && *seconds <= LONGEST)
    return TRUE;
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
      "%s is a number of seconds from %g to %d", name, least, LONGEST);
  return FALSE;
}

static gboolean
parse_interval (const gchar * name, const gchar * value, gpointer options,
    GError ** error)
{
  return parse_seconds ("--interval", value, 0.01,
      &((MonitorOptions *) options)->interval, error);
}

static gboolean
parse_linger (const gchar * name, const gchar * value, gpointer options,
    GError ** error)
{
  return parse_seconds ("--linger", value, 0,
      &((MonitorOptions *) options)->linger, error);
}

/* Before the recording, not after it. */
static gboolean
report_is_possible (const MonitorOptions * self, GError ** error)
{
  if (self->report == NULL || monitor_report_check (self->report, error))
    return TRUE;
  g_prefix_error (error, "the report cannot be written: ");
  return FALSE;
}

gboolean
monitor_options_parse (MonitorOptions * self, gint * argc, gchar *** argv,
    GError ** error)
{
  const GOptionEntry entries[] = {
    {"interval", 'i', 0, G_OPTION_ARG_CALLBACK, (gpointer) parse_interval,
        "Time between two looks (default: 1)", "SECONDS"},
    {"plain", 0, 0, G_OPTION_ARG_NONE, &self->plain,
        "Lines instead of the live view, also on a terminal", NULL},
    {"json", 0, 0, G_OPTION_ARG_NONE, &self->json,
          "Each snapshot and each message as a line of JSON; the summary goes to "
          "standard error", NULL},
    {"prometheus", 0, 0, G_OPTION_ARG_STRING, &self->prometheus,
          "Give the figures at http://ADDRESS:PORT/metrics, for Prometheus",
        "ADDRESS:PORT"},
    {"metrics-location", 0, 0, G_OPTION_ARG_FILENAME, &self->metrics_location,
        "Append each snapshot and each message to a file, as JSON", "FILE"},
    {"report", 0, 0, G_OPTION_ARG_FILENAME, &self->report,
        "Write a page with the plots of the run at the end", "FILE.html"},
    {"linger", 0, 0, G_OPTION_ARG_CALLBACK, (gpointer) parse_linger,
          "At the end wait at most so long until Prometheus has the last figures "
          "(default: 0)", "SECONDS"},
    {"statsd", 0, 0, G_OPTION_ARG_STRING, &self->statsd,
        "Send the figures to a statsd server", "HOST:PORT"},
    {G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_STRING_ARRAY, &self->words, NULL,
        NULL},
    {NULL}
  };
  GOptionContext *context = g_option_context_new ("PIPELINE");
  GOptionGroup *group = g_option_group_new ("monitor", "", "", self, NULL);
  gboolean parsed;

  self->interval = 1.0;
  g_option_group_add_entries (group, entries);
  g_option_context_set_main_group (context, group);
  g_option_context_set_summary (context,
      "Runs a pipeline, written as for gst-launch-1.0, and shows how the "
      "recording does.\nCtrl-C ends it with EOS and waits until the file is "
      "published; a second one\nstops at once.");
  g_option_context_set_description (context,
      "Exit codes: 0 whole, 1 played, but something was lost before the sink, "
      "or the\nfile is not finished or in parts, 2 an error, or loss below the "
      "durable mark,\n3 could not be built or started, 64 wrong usage.");
  /* What looks like an option behind the first word belongs to the pipeline. */
  g_option_context_set_strict_posix (context, TRUE);
  parsed = g_option_context_parse (context, argc, argv, error);
  g_option_context_free (context);
  if (parsed && self->words == NULL) {
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
        "a pipeline is wanted; see safecapture monitor --help");
    parsed = FALSE;
  }
  return parsed && report_is_possible (self, error)
      && (self->metrics_location == NULL
      || monitor_log_check (self->metrics_location, error));
}

void
monitor_options_clear (MonitorOptions * self)
{
  g_free (self->prometheus);
  g_free (self->statsd);
  g_free (self->metrics_location);
  g_free (self->report);
  g_strfreev (self->words);
}
