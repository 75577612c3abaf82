/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What is told of a recording, in a file: each snapshot and each message of
 * safecapture's elements as a line of JSON, as the elements' metrics-location does it.
 */
#ifndef MONITOR_LOG_H
#define MONITOR_LOG_H

#include <gst/safecapture/safecapture.h>

/**
 * monitor_log_check:
 *
 * Before the recording: makes the file, if it is not there.
 *
 * Returns: FALSE with @error set, where it cannot be written
 */
gboolean monitor_log_check (const gchar * path, GError ** error);

/* Any message of the bus: is logged if it is of safecapture's elements. */
void monitor_log_message (GstSafecaptureMonitor * monitor,
    GstMessage * message);

#endif
