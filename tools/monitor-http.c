/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "monitor-http.h"

#include <libsoup/soup.h>

#include <sys/resource.h>

#define NICENESS 10
#define BACKLOG 128

struct _MonitorHttp
{
  gchar *uri;
  guint max_age;                /* s */
  GMutex lock;
  GBytes *text;                 /* (nullable); under lock, as the next four */
  const gchar *type;
  gint64 published;             /* us, monotonic */
  gboolean is_last;             /* it does not become old */
  gboolean is_given;            /* to somebody, whole */

  GThread *thread;
  GMainContext *context;
  GMainLoop *loop;
  /* The thread's. */
  GSocketService *service;
  SoupServer *server;
  GQueue connections;           /* of Connection, oldest first */
};

typedef struct
{
  MonitorHttp *http;
  GSocketConnection *stream;    /* not owned: libsoup does */
  GSource *deadline;
} Connection;

/* ---- answers ---- */

static GBytes *
take_text (MonitorHttp * self, const gchar ** type)
{
  gint64 oldest = g_get_monotonic_time () - self->max_age * G_USEC_PER_SEC;
  GBytes *text = NULL;

  g_mutex_lock (&self->lock);
  if (self->text != NULL && (self->is_last || self->published >= oldest))
    text = g_bytes_ref (self->text);
  *type = self->type;
  g_mutex_unlock (&self->lock);
  return text;
}

static void
answer_in_words (SoupServerMessage * message, guint status,
    const gchar * words)
{
  soup_server_message_set_status (message, status, NULL);
  soup_server_message_set_response (message, "text/plain; charset=utf-8",
      SOUP_MEMORY_COPY, words, strlen (words));
}

/* Only what has gone out is given, and only if it is still the newest. */
static void
note_given (SoupServerMessage * message, gpointer user_data)
{
  MonitorHttp *self = user_data;

  g_mutex_lock (&self->lock);
  if (g_object_get_data (G_OBJECT (message), "text") == self->text) {
    self->is_given = TRUE;
    /* Whoever lingers looks again. */
    g_main_context_wakeup (NULL);
  }
  g_mutex_unlock (&self->lock);
}

static void
answer_with (MonitorHttp * self, SoupServerMessage * message,
    const gchar * type, GBytes * text)
{
  SoupMessageHeaders *headers =
      soup_server_message_get_response_headers (message);

  soup_server_message_set_status (message, SOUP_STATUS_OK, NULL);
  soup_message_headers_set_content_type (headers, type, NULL);
  soup_message_headers_replace (headers, "Cache-Control", "no-store");
  if (soup_server_message_get_method (message) == SOUP_METHOD_HEAD) {
    soup_message_headers_set_content_length (headers,
        (goffset) g_bytes_get_size (text));
  } else {
    soup_message_body_append_bytes (soup_server_message_get_response_body
        (message), text);
    g_object_set_data_full (G_OBJECT (message), "text", g_bytes_ref (text),
        (GDestroyNotify) g_bytes_unref);
    g_signal_connect (message, "wrote-body", G_CALLBACK (note_given), self);
  }
}

static void
answer (SoupServer * server, SoupServerMessage * message, const char *path,
    GHashTable * query, gpointer user_data)
{
  MonitorHttp *self = user_data;
  const gchar *type;
  GBytes *text;

  if (!g_str_equal (path, "/metrics")) {
    answer_in_words (message, SOUP_STATUS_NOT_FOUND,
        "There is only /metrics here.\n");
    return;
  }
  text = take_text (self, &type);
  if (text != NULL)
    answer_with (self, message, type, text);
  else
    answer_in_words (message, SOUP_STATUS_SERVICE_UNAVAILABLE,
        "There are no figures yet, or none any more.\n");
  g_clear_pointer (&text, g_bytes_unref);
}

/* Before the body of the request is read: it is never kept. */
static void
look_at_headers (SoupServer * server, SoupServerMessage * message,
    const char *path, GHashTable * query, gpointer unused)
{
  const char *method = soup_server_message_get_method (message);
  SoupMessageHeaders *headers =
      soup_server_message_get_response_headers (message);

  soup_message_body_set_accumulate (soup_server_message_get_request_body
      (message), FALSE);
  soup_message_headers_replace (headers, "Connection", "close");
  if (method != SOUP_METHOD_GET && method != SOUP_METHOD_HEAD) {
    soup_message_headers_replace (headers, "Allow", "GET, HEAD");
    answer_in_words (message, SOUP_STATUS_METHOD_NOT_ALLOWED,
        "There is only GET and HEAD here.\n");
  }
}

/* ---- connections ---- */

/* libsoup then reads the end of the stream, and lets go of it. */
static void
end_connection (gpointer data, gpointer unused)
{
  const Connection *connection = data;

  (void) g_socket_shutdown (g_socket_connection_get_socket
      (connection->stream), TRUE, TRUE, NULL);
}

static gboolean
on_deadline (gpointer connection)
{
  end_connection (connection, NULL);
  return G_SOURCE_CONTINUE;
}

static void
forget_connection (gpointer data, GObject * where_it_was)
{
  Connection *connection = data;

  g_queue_remove (&connection->http->connections, connection);
  g_source_destroy (connection->deadline);
  g_source_unref (connection->deadline);
  g_free (connection);
}

static void
keep_connection (MonitorHttp * self, GSocketConnection * stream)
{
  Connection *connection = g_new0 (Connection, 1);

  connection->http = self;
  connection->stream = stream;
  connection->deadline =
      g_timeout_source_new_seconds (MONITOR_HTTP_LIFETIME);
  g_source_set_callback (connection->deadline, on_deadline, connection, NULL);
  g_source_attach (connection->deadline, self->context);
  g_object_weak_ref (G_OBJECT (stream), forget_connection, connection);
  g_queue_push_tail (&self->connections, connection);
}

static gboolean
on_incoming (GSocketService * service, GSocketConnection * stream,
    GObject * source, gpointer user_data)
{
  MonitorHttp *self = user_data;
  GSocketAddress *local = g_socket_connection_get_local_address (stream, NULL);
  GSocketAddress *remote =
      g_socket_connection_get_remote_address (stream, NULL);

  if (self->connections.length >= MONITOR_HTTP_CONNECTIONS)
    end_connection (g_queue_peek_head (&self->connections), NULL);
  /* One that is gone already has no remote address. */
  if (local != NULL && remote != NULL) {
    keep_connection (self, stream);
    (void) soup_server_accept_iostream (self->server, G_IO_STREAM (stream),
        local, remote, NULL);
  }
  g_clear_object (&remote);
  g_clear_object (&local);
  return TRUE;
}

/* ---- the address ---- */

/* "1.2.3.4:80" and "[::1]:80".  A name could be several addresses, or another
 * one tomorrow. */
static GSocketAddress *
parse_address (const gchar * text, GError ** error)
{
  const gchar *colon = strrchr (text, ':');
  gsize length = colon != NULL ? (gsize) (colon - text) : 0;
  gboolean is_bracketed = length > 2 && text[0] == '['
      && text[length - 1] == ']';
  gchar *host = is_bracketed ? g_strndup (text + 1, length - 2)
      : g_strndup (text, length);
  GSocketAddress *address = NULL;
  guint64 port;

  /* Without its brackets ::1 would be at port 1. */
  if (colon != NULL && (is_bracketed || strchr (host, ':') == NULL)
      && g_ascii_string_to_unsigned (colon + 1, 10, 0, G_MAXUINT16, &port,
          NULL))
    address = g_inet_socket_address_new_from_string (host, (guint) port);
  if (address == NULL)
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
        "\"%s\" is no address to listen on: it takes an IP address and a port, "
        "such as 127.0.0.1:9464, [::1]:9464 or 0.0.0.0:9464 (every address)",
        text);
  g_free (host);
  return address;
}

static gchar *
uri_of (GSocketAddress * address)
{
  gchar *text = g_socket_connectable_to_string (G_SOCKET_CONNECTABLE (address));
  gchar *uri = g_strdup_printf ("http://%s/metrics", text);

  g_free (text);
  return uri;
}

static gboolean
listen_on (MonitorHttp * self, GSocketAddress * address, const gchar * text,
    GError ** error)
{
  GSocketAddress *real;

  g_socket_listener_set_backlog (G_SOCKET_LISTENER (self->service), BACKLOG);
  if (!g_socket_listener_add_address (G_SOCKET_LISTENER (self->service),
          address, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL, &real,
          error)) {
    if (g_error_matches (*error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE)) {
      g_clear_error (error);
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE,
          "%s is taken by another program: choose another port, or 0 for any "
          "that is free", text);
    } else {
      g_prefix_error (error, "%s cannot be listened on: ", text);
    }
    return FALSE;
  }
  self->uri = uri_of (real);
  g_object_unref (real);
  return TRUE;
}

/* ---- its life ---- */

static gpointer
run (gpointer user_data)
{
  MonitorHttp *self = user_data;

  /* Of this thread alone, as Linux has it.  If it is refused, so be it. */
  (void) setpriority (PRIO_PROCESS, 0, getpriority (PRIO_PROCESS, 0)
      + NICENESS);
  g_main_context_push_thread_default (self->context);
  g_main_loop_run (self->loop);
  g_main_context_pop_thread_default (self->context);
  return NULL;
}

static void
make_server (MonitorHttp * self)
{
  self->server = soup_server_new (NULL, NULL);
  soup_server_add_handler (self->server, NULL, answer, self, NULL);
  soup_server_add_early_handler (self->server, NULL, look_at_headers, NULL,
      NULL);
  self->service = g_socket_service_new ();
  g_signal_connect (self->service, "incoming", G_CALLBACK (on_incoming), self);
}

MonitorHttp *
monitor_http_new (const gchar * address, guint max_age, GError ** error)
{
  GError *problem = NULL;
  GSocketAddress *parsed = parse_address (address, error);
  MonitorHttp *self;
  gboolean listens;

  if (parsed == NULL)
    return NULL;
  self = g_new0 (MonitorHttp, 1);
  self->max_age = max_age;
  g_mutex_init (&self->lock);
  g_queue_init (&self->connections);
  self->context = g_main_context_new ();
  self->loop = g_main_loop_new (self->context, FALSE);
  /* What is made here is served there. */
  g_main_context_push_thread_default (self->context);
  make_server (self);
  listens = listen_on (self, parsed, address, &problem);
  g_main_context_pop_thread_default (self->context);
  g_object_unref (parsed);
  if (!listens) {
    g_propagate_error (error, problem);
    monitor_http_free (self);
    return NULL;
  }
  self->thread = g_thread_new ("metrics-http", run, self);
  return self;
}

static gboolean
quit (gpointer loop)
{
  g_main_loop_quit (loop);
  return G_SOURCE_REMOVE;
}

/* The loop may not run yet: asked within it, it ends once it does. */
static void
stop_thread (MonitorHttp * self)
{
  GSource *source = g_idle_source_new ();

  g_source_set_priority (source, G_PRIORITY_HIGH);
  g_source_set_callback (source, quit, self->loop, NULL);
  g_source_attach (source, self->context);
  g_source_unref (source);
  g_thread_join (self->thread);
}

static void
drop_connections (MonitorHttp * self)
{
  g_queue_foreach (&self->connections, end_connection, NULL);
  soup_server_disconnect (self->server);
  while (self->connections.length > 0)
    g_main_context_iteration (self->context, TRUE);
}

void
monitor_http_free (MonitorHttp * self)
{
  if (self->thread != NULL)
    stop_thread (self);
  g_main_context_push_thread_default (self->context);
  g_socket_service_stop (self->service);
  g_socket_listener_close (G_SOCKET_LISTENER (self->service));
  drop_connections (self);
  g_object_unref (self->service);
  g_object_unref (self->server);
  g_main_context_pop_thread_default (self->context);
  g_main_loop_unref (self->loop);
  g_main_context_unref (self->context);
  g_clear_pointer (&self->text, g_bytes_unref);
  g_mutex_clear (&self->lock);
  g_free (self->uri);
  g_free (self);
}

const gchar *
monitor_http_get_uri (const MonitorHttp * self)
{
  return self->uri;
}

void
monitor_http_publish (MonitorHttp * self, const gchar * type, GBytes * text)
{
  GBytes *old;

  g_mutex_lock (&self->lock);
  old = self->text;
  self->text = g_bytes_ref (text);
  self->type = type;
  self->published = g_get_monotonic_time ();
  self->is_given = FALSE;
  g_mutex_unlock (&self->lock);
  g_clear_pointer (&old, g_bytes_unref);
}

static gboolean
linger_is_over (MonitorHttp * self)
{
  gboolean is_given;

  g_mutex_lock (&self->lock);
  self->is_last = TRUE;
  is_given = self->is_given;
  g_mutex_unlock (&self->lock);
  return is_given;
}

static gboolean
cancel (gpointer cancellable)
{
  g_cancellable_cancel (cancellable);
  return G_SOURCE_CONTINUE;
}

void
monitor_http_linger (MonitorHttp * self, gdouble seconds,
    GCancellable * cancellable)
{
  guint timer = g_timeout_add ((guint) (seconds * 1000), cancel, cancellable);

  while (!linger_is_over (self) && !g_cancellable_is_cancelled (cancellable))
    (void) g_main_context_iteration (NULL, TRUE);
  g_source_remove (timer);
}
