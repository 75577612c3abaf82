/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Snapshots as datagrams of the statsd protocol, without extensions of it:
 * names have what labels would tell.
 *
 *   safecapture.tieredqueue.NAME.channel.left.in_buffers:480|c
 *   safecapture.tieredqueue.NAME.channel.left.latency_p99:1.25|ms
 *   safecapture.safefilesink.NAME.state.writing:1|g
 *
 * Counters are what came since the snapshot before; times are in ms.  No socket
 * and no clock.
 */
#ifndef MONITOR_STATSD_TEXT_H
#define MONITOR_STATSD_TEXT_H

#include <gst/gst.h>

/* What fits into a packet of Ethernet, behind the headers of IPv6 and UDP. */
#define MONITOR_STATSD_DATAGRAM 1432

/* Remembers the counters. */
typedef struct _MonitorStatsdText MonitorStatsdText;

MonitorStatsdText *monitor_statsd_text_new (void);
void monitor_statsd_text_free (MonitorStatsdText * self);

/**
 * monitor_statsd_text_make:
 * @snapshot: a structure `safecapture-snapshot`
 *
 * Returns: (transfer full) (element-type utf8): the datagrams, of at most
 *   MONITOR_STATSD_DATAGRAM bytes.  A line that does not fit in is left out
 */
GPtrArray *monitor_statsd_text_make (MonitorStatsdText * self,
    const GstStructure * snapshot);

#endif
