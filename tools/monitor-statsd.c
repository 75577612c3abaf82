/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "monitor-statsd.h"

#include <gio/gio.h>

#include "monitor-statsd-text.h"

#define DEFAULT_PORT 8125
#define RETRY (10 * G_USEC_PER_SEC)

typedef enum
{
  TROUBLE_UNKNOWN,              /* the name cannot be looked up */
  TROUBLE_UNREACHABLE,          /* what is sent does not get there */
  TROUBLES,
} Trouble;

struct _MonitorStatsd
{
  gchar *name;                  /* as given */
  GSocketConnectable *address;
  GThread *thread;
  GCancellable *quitting;
  GMutex lock;
  GCond cond;
  GstStructure *pending;        /* (nullable); under lock, as the next two */
  gboolean quits;
  gchar *complaint;             /* (nullable) */
  /* The thread's. */
  MonitorStatsdText *text;
  GSocket *socket;              /* (nullable) */
  gint64 retry;                 /* us, monotonic */
  gboolean told[TROUBLES];
};

/* ---- troubles ---- */

static void
complain (MonitorStatsd * self, Trouble trouble, const GError * error)
{
  gchar *text;

  if (self->told[trouble])
    return;
  self->told[trouble] = TRUE;
  if (trouble == TROUBLE_UNKNOWN)
    text = g_strdup_printf ("statsd: no figures are sent, as %s is not known "
        "(%s); it is tried again every 10 s", self->name, error->message);
  else
    text = g_strdup_printf ("statsd: nobody takes the figures at %s (%s); they "
        "are sent all the same", self->name, error->message);
  g_mutex_lock (&self->lock);
  g_free (self->complaint);
  self->complaint = text;
  g_mutex_unlock (&self->lock);
}

/* ---- the socket ---- */

static GSocket *
connect_to (GSocketAddress * address, GError ** error)
{
  GSocket *socket = g_socket_new (g_socket_address_get_family (address),
      G_SOCKET_TYPE_DATAGRAM, G_SOCKET_PROTOCOL_UDP, error);

  if (socket == NULL)
    return NULL;
  g_socket_set_blocking (socket, FALSE);
  /* Without it nobody would tell that nobody listens. */
  if (!g_socket_connect (socket, address, NULL, error))
    g_clear_object (&socket);
  return socket;
}

static void
try_to_connect (MonitorStatsd * self)
{
  GError *error = NULL;
  GSocketAddressEnumerator *addresses;
  GSocketAddress *address;

  if (g_get_monotonic_time () < self->retry)
    return;
  addresses = g_socket_connectable_enumerate (self->address);
  address = g_socket_address_enumerator_next (addresses, self->quitting,
      &error);
  if (address != NULL)
    self->socket = connect_to (address, &error);
  if (error != NULL && !g_cancellable_is_cancelled (self->quitting))
    complain (self, address == NULL ? TROUBLE_UNKNOWN : TROUBLE_UNREACHABLE,
        error);
  self->retry = g_get_monotonic_time () + RETRY;
  g_clear_error (&error);
  g_clear_object (&address);
  g_object_unref (addresses);
}

/* A refusal is that of the datagram before; this one was not sent, and is
 * tried again. */
static void
send_datagram (MonitorStatsd * self, const gchar * datagram)
{
  GError *error = NULL;

  for (guint tries = 0; tries < 2; tries++) {
    if (g_socket_send (self->socket, datagram, strlen (datagram), NULL, &error)
        >= 0)
      break;
    if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
      complain (self, TROUBLE_UNREACHABLE, error);
    g_clear_error (&error);
  }
}

static void
send_snapshot (MonitorStatsd * self, const GstStructure * snapshot)
{
  GPtrArray *datagrams;

  if (self->socket == NULL)
    try_to_connect (self);
  if (self->socket == NULL)
    return;
  datagrams = monitor_statsd_text_make (self->text, snapshot);
  for (guint i = 0; i < datagrams->len; i++)
    send_datagram (self, g_ptr_array_index (datagrams, i));
  g_ptr_array_unref (datagrams);
}

/* ---- the thread ---- */

/* (transfer full) (nullable): NULL at the end */
static GstStructure *
wait_for_snapshot (MonitorStatsd * self)
{
  GstStructure *snapshot;

  g_mutex_lock (&self->lock);
  while (self->pending == NULL && !self->quits)
    g_cond_wait (&self->cond, &self->lock);
  snapshot = g_steal_pointer (&self->pending);
  g_mutex_unlock (&self->lock);
  return snapshot;
}

static gpointer
run (gpointer user_data)
{
  MonitorStatsd *self = user_data;
  GstStructure *snapshot;

  while ((snapshot = wait_for_snapshot (self)) != NULL) {
    send_snapshot (self, snapshot);
    gst_structure_free (snapshot);
  }
  return NULL;
}

/* ---- its life ---- */

static gboolean
is_address (GSocketConnectable * parsed)
{
  return parsed != NULL
      && g_network_address_get_port (G_NETWORK_ADDRESS (parsed)) != 0
      && g_network_address_get_hostname (G_NETWORK_ADDRESS (parsed))[0] != '\0';
}

MonitorStatsd *
monitor_statsd_new (const gchar * address, GError ** error)
{
  GSocketConnectable *parsed = g_network_address_parse (address, DEFAULT_PORT,
      NULL);
  MonitorStatsd *self;

  if (!is_address (parsed)) {
    g_clear_object (&parsed);
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
        "\"%s\" is no address of a statsd server: it takes a host and a port, "
        "such as localhost:8125 or [::1]:8125", address);
    return NULL;
  }
  self = g_new0 (MonitorStatsd, 1);
  self->name = g_strdup (address);
  self->address = parsed;
  self->quitting = g_cancellable_new ();
  self->text = monitor_statsd_text_new ();
  g_mutex_init (&self->lock);
  g_cond_init (&self->cond);
  self->thread = g_thread_new ("metrics-statsd", run, self);
  return self;
}

void
monitor_statsd_free (MonitorStatsd * self)
{
  g_mutex_lock (&self->lock);
  self->quits = TRUE;
  g_cond_signal (&self->cond);
  g_mutex_unlock (&self->lock);
  g_cancellable_cancel (self->quitting);
  g_thread_join (self->thread);
  g_clear_object (&self->socket);
  monitor_statsd_text_free (self->text);
  g_object_unref (self->quitting);
  g_object_unref (self->address);
  g_cond_clear (&self->cond);
  g_mutex_clear (&self->lock);
  g_free (self->complaint);
  g_free (self->name);
  g_free (self);
}

void
monitor_statsd_send (MonitorStatsd * self, const GstStructure * snapshot)
{
  GstStructure *old;

  g_mutex_lock (&self->lock);
  old = self->pending;
  self->pending = gst_structure_copy (snapshot);
  g_cond_signal (&self->cond);
  g_mutex_unlock (&self->lock);
  g_clear_pointer (&old, gst_structure_free);
}

gchar *
monitor_statsd_take_complaint (MonitorStatsd * self)
{
  gchar *complaint;

  g_mutex_lock (&self->lock);
  complaint = g_steal_pointer (&self->complaint);
  g_mutex_unlock (&self->lock);
  return complaint;
}
