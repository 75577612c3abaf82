/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Gives the newest figures to whoever asks for them over HTTP: GET and HEAD of
 * /metrics.
 *
 * It has a thread of its own, of low priority, and whatever comes from the
 * network costs the recording nothing but that: there are never more than
 * MONITOR_HTTP_CONNECTIONS at a time (a further one ends the oldest), each is
 * for one request and lasts MONITOR_HTTP_LIFETIME at most, and what is sent to
 * us is not kept.
 */
#ifndef MONITOR_HTTP_H
#define MONITOR_HTTP_H

#include <gio/gio.h>

#define MONITOR_HTTP_CONNECTIONS 32
#ifndef MONITOR_HTTP_LIFETIME
#define MONITOR_HTTP_LIFETIME 10        /* s */
#endif

typedef struct _MonitorHttp MonitorHttp;

/**
 * monitor_http_new:
 * @address: "127.0.0.1:9464", "[::1]:9464"; with port 0 the system chooses
 * @max_age: s; figures that are older are not given (503), so that one who
 *   watches sees that nothing comes any more
 *
 * Returns: (transfer full) (nullable): it listens already.  NULL with @error
 *   set: of the domain G_OPTION_ERROR where @address is none, of G_IO_ERROR
 *   where it cannot be listened on
 */
MonitorHttp *monitor_http_new (const gchar * address, guint max_age,
    GError ** error);
void monitor_http_free (MonitorHttp * self);

/* (transfer none): "http://127.0.0.1:9464/metrics", with the real port */
const gchar *monitor_http_get_uri (const MonitorHttp * self);

/**
 * monitor_http_publish:
 * @type: (transfer none): static, its Content-Type
 *
 * From now on @text is given.  Any thread.
 */
void monitor_http_publish (MonitorHttp * self, const gchar * type,
    GBytes * text);

/**
 * monitor_http_linger:
 * @cancellable: ends the wait; cancelled once @seconds are over
 *
 * Waits until the text published last has been given once, at most @seconds; it
 * does not become too old meanwhile.  For when nothing more is published.  The
 * default main context, which is this thread's, runs meanwhile.
 */
void monitor_http_linger (MonitorHttp * self, gdouble seconds,
    GCancellable * cancellable);

#endif
