/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where figures go besides the screen: to Prometheus, to statsd. */
#ifndef MONITOR_EXPORT_H
#define MONITOR_EXPORT_H

#include <gio/gio.h>
#include <gst/gst.h>

typedef struct _MonitorExport MonitorExport;

/**
 * monitor_export_new:
 * @prometheus: (nullable): address and port to be asked at
 * @statsd: (nullable): host and port to send to
 * @interval: seconds between two snapshots
 *
 * Returns: (transfer full) (nullable): NULL with @error set: of the domain
 *   G_OPTION_ERROR if an address is none, of another one if it cannot be used
 */
MonitorExport *monitor_export_new (const gchar * prometheus,
    const gchar * statsd, gdouble interval, GError ** error);
void monitor_export_free (MonitorExport * self);

/* (transfer none) (nullable): where Prometheus finds them */
const gchar *monitor_export_get_uri (const MonitorExport * self);

/* A structure `safecapture-snapshot`.  Does not wait for anybody. */
void monitor_export_snapshot (MonitorExport * self,
    const GstStructure * snapshot);

/* Waits until Prometheus has asked for the last of them, at most @seconds, or
 * until @cancellable, which it cancels then; see monitor_http_linger(). */
void monitor_export_linger (MonitorExport * self, gdouble seconds,
    GCancellable * cancellable);

/* (transfer full) (nullable): a trouble that is to be told, each once */
gchar *monitor_export_take_complaint (MonitorExport * self);

#endif
