/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "monitor-export.h"

#include "monitor-http.h"
#include "monitor-openmetrics.h"
#include "monitor-statsd.h"

/* Figures that are older by so many snapshots, and by so many seconds, are not
 * those of now. */
#define STALE_SNAPSHOTS 3.0
#define STALE_SECONDS 10.0

struct _MonitorExport
{
  MonitorHttp *http;            /* (nullable) */
  MonitorStatsd *statsd;        /* (nullable) */
};

MonitorExport *
monitor_export_new (const gchar * prometheus, const gchar * statsd,
    gdouble interval, GError ** error)
{
  MonitorExport *self = g_new0 (MonitorExport, 1);
  guint max_age = (guint) MAX (STALE_SECONDS, interval * STALE_SNAPSHOTS);

  if (prometheus != NULL
      && (self->http = monitor_http_new (prometheus, max_age, error)) == NULL)
    goto refused;
  if (statsd != NULL
      && (self->statsd = monitor_statsd_new (statsd, error)) == NULL)
    goto refused;
  return self;

refused:
  monitor_export_free (self);
  return NULL;
}

void
monitor_export_free (MonitorExport * self)
{
  g_clear_pointer (&self->http, monitor_http_free);
  g_clear_pointer (&self->statsd, monitor_statsd_free);
  g_free (self);
}

const gchar *
monitor_export_get_uri (const MonitorExport * self)
{
  return self->http != NULL ? monitor_http_get_uri (self->http) : NULL;
}

void
monitor_export_snapshot (MonitorExport * self, const GstStructure * snapshot)
{
  if (self->http != NULL) {
    GBytes *text = monitor_openmetrics_text (snapshot);

    monitor_http_publish (self->http, MONITOR_OPENMETRICS_TYPE, text);
    g_bytes_unref (text);
  }
  if (self->statsd != NULL)
    monitor_statsd_send (self->statsd, snapshot);
}

void
monitor_export_linger (MonitorExport * self, gdouble seconds,
    GCancellable * cancellable)
{
  if (self->http != NULL)
    monitor_http_linger (self->http, seconds, cancellable);
}

gchar *
monitor_export_take_complaint (MonitorExport * self)
{
  return self->statsd != NULL
      ? monitor_statsd_take_complaint (self->statsd) : NULL;
}
