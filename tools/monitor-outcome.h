/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What became of the recording: told every message and every snapshot, it knows
 * at the end whether it is whole, and if not, why.  Knows no pipeline.
 */
#ifndef MONITOR_OUTCOME_H
#define MONITOR_OUTCOME_H

#include <gst/gst.h>

typedef struct _MonitorOutcome MonitorOutcome;

MonitorOutcome *monitor_outcome_new (void);
void monitor_outcome_free (MonitorOutcome * self);

/* Any message of the pipeline's bus; those that tell nothing are passed over. */
void monitor_outcome_message (MonitorOutcome * self, GstMessage * message);

/* A structure `safecapture-snapshot`; the last one counts. */
void monitor_outcome_snapshot (MonitorOutcome * self,
    const GstStructure * snapshot);

/* The pipeline was played, or a sink has taken bytes. */
void monitor_outcome_played (MonitorOutcome * self);

/* It was stopped before its end. */
void monitor_outcome_quit (MonitorOutcome * self);

/**
 * monitor_outcome_code:
 *
 * Returns: the exit code (tool.h): SC_EXIT_WHOLE; SC_EXIT_REPAIRED if it was
 *   played to an end, but is not all that came in or not in one file; SC_EXIT_LOSS
 *   after an error or a loss below the durable mark; SC_EXIT_CANNOT_READ if it
 *   never started
 */
gint monitor_outcome_code (const MonitorOutcome * self);

/**
 * monitor_outcome_reasons:
 *
 * Returns: (transfer none): for people, a line each, the worst first; empty if
 *   it is whole.  Until the next call of any function
 */
const gchar *const *monitor_outcome_reasons (MonitorOutcome * self);

#endif
