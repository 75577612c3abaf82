/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is said when a recording is over, on one screen.  Pure. */
#ifndef MONITOR_SUMMARY_H
#define MONITOR_SUMMARY_H

#include "monitor-facts.h"

/**
 * monitor_summary_lines:
 * @code: the exit code, and @reasons, as of monitor-outcome.h
 * @running: how long it was recorded, ns
 *
 * Returns: (transfer full): NULL-ended, without line ends
 */
gchar **monitor_summary_lines (const MonitorFacts * facts, gint code,
    const gchar * const *reasons, guint64 running);

#endif
