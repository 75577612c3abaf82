/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The life of a pipeline: built from the words of a command line, played, ended by
 * EOS, an error or a signal, stopped.
 *
 * The first SIGINT, SIGTERM or SIGHUP sends EOS to the sources and waits until all
 * is written; the second stops the pipeline as it is, and the third leaves the
 * process at once.  The pipeline's own calls run in other threads: the thread that
 * runs, whose default main context it is, never waits for an element.
 *
 * An error ends what is being recorded with EOS too, unless the sink itself failed:
 * what came before is published.  A recording is never paused because of a buffering
 * message or a request of an element, unlike in gst-launch-1.0.
 */
#ifndef MONITOR_RUN_H
#define MONITOR_RUN_H

#include "monitor-outcome.h"

#include <gst/safecapture/safecapture.h>

typedef enum
{
  MONITOR_STARTING,
  MONITOR_PLAYING,
  MONITOR_ENDING,               /* EOS was sent */
  MONITOR_STOPPING,
  MONITOR_STOPPED,
} MonitorPhase;

/* Called in the thread that runs. */
typedef struct
{
  /* Every message of the bus. */
  void (*message) (GstMessage * message, gpointer user_data);
  /* A structure `safecapture-snapshot`, at the interval and once at the end. */
  void (*snapshot) (const GstStructure * snapshot, gpointer user_data);
  void (*phase) (MonitorPhase phase, gpointer user_data);
  /* The third signal: ends the process. */
  void (*abandon) (gpointer user_data);
} MonitorHooks;

typedef struct _MonitorRun MonitorRun;

/**
 * monitor_run_new:
 * @words: as of gst-launch-1.0; a single one may be a whole line
 *
 * Returns: (transfer full) (nullable): NULL with @error set
 */
MonitorRun *monitor_run_new (gchar ** words, GError ** error);
void monitor_run_free (MonitorRun * self);

/* (transfer none): always a pipeline */
GstElement *monitor_run_get_pipeline (MonitorRun * self);

/* (transfer none): gives the snapshots, but for the first and the last one */
GstSafecaptureMonitor *monitor_run_get_monitor (MonitorRun * self);

/**
 * monitor_run_play:
 * @interval: ns between two snapshots
 *
 * Returns once the pipeline has stopped.
 */
void monitor_run_play (MonitorRun * self, GstClockTime interval,
    const MonitorHooks * hooks, gpointer user_data);

/* (transfer none) */
MonitorOutcome *monitor_run_get_outcome (MonitorRun * self);

#endif
