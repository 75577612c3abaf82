/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Sends figures to a statsd server, as UDP.  It has a thread of its own, as
 * looking up a name can take long.  Whether anybody listens makes no difference
 * to the recording.
 */
#ifndef MONITOR_STATSD_H
#define MONITOR_STATSD_H

#include <gst/gst.h>

typedef struct _MonitorStatsd MonitorStatsd;

/**
 * monitor_statsd_new:
 * @address: "HOST:PORT" or "HOST", which is at port 8125; "[::1]:8125"
 *
 * Looks nothing up yet.
 *
 * Returns: (transfer full) (nullable): NULL with @error of the domain
 *   G_OPTION_ERROR set where @address is none
 */
MonitorStatsd *monitor_statsd_new (const gchar * address, GError ** error);

/* Sends what is still to be sent, if that can be done at once. */
void monitor_statsd_free (MonitorStatsd * self);

/**
 * monitor_statsd_send:
 * @snapshot: a structure `safecapture-snapshot`
 *
 * Any thread; does not wait.  One that comes before the last was sent replaces
 * it: counters tell what came since the last that was sent.
 */
void monitor_statsd_send (MonitorStatsd * self, const GstStructure * snapshot);

/**
 * monitor_statsd_take_complaint:
 *
 * Any thread.
 *
 * Returns: (transfer full) (nullable): what is to be told of a trouble, for
 *   people, each kind of it once
 */
gchar *monitor_statsd_take_complaint (MonitorStatsd * self);

#endif
