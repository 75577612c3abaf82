/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whoever asks is answered, and nobody can take more than his share. */
#include <gio/gio.h>
#include <gst/check/gstcheck.h>

#include "monitor-http.h"

#define TIMEOUT_S 20
#define MAX_AGE 3600

static MonitorHttp *
new_server (void)
{
  GError *error = NULL;
  MonitorHttp *server = monitor_http_new ("127.0.0.1:0", MAX_AGE, &error);

  fail_unless (server != NULL, "%s", error != NULL ? error->message : "");
  return server;
}

static void
publish (MonitorHttp * server, const gchar * text)
{
  GBytes *bytes = g_bytes_new (text, strlen (text));

  monitor_http_publish (server, "text/x-test", bytes);
  g_bytes_unref (bytes);
}

/* A client that waits no longer than TIMEOUT_S for anything. */
static GSocketConnection *
connect_to (MonitorHttp * server)
{
  GSocketClient *client = g_socket_client_new ();
  GError *error = NULL;
  GSocketConnection *connection;

  g_socket_client_set_timeout (client, TIMEOUT_S);
  connection = g_socket_client_connect_to_uri (client,
      monitor_http_get_uri (server), 80, NULL, &error);
  fail_unless (connection != NULL, "%s", error != NULL ? error->message : "");
  g_object_unref (client);
  return connection;
}

static void
say (GSocketConnection * connection, const gchar * text)
{
  (void) g_output_stream_write_all (g_io_stream_get_output_stream
      (G_IO_STREAM (connection)), text, strlen (text), NULL, NULL, NULL);
}

/* Until the server ends it. */
static gchar *
hear (GSocketConnection * connection)
{
  GInputStream *stream =
      g_io_stream_get_input_stream (G_IO_STREAM (connection));
  GString *heard = g_string_new (NULL);
  GError *error = NULL;
  gchar buffer[4096];
  gssize length;

  while ((length = g_input_stream_read (stream, buffer, sizeof (buffer), NULL,
              &error)) > 0)
    g_string_append_len (heard, buffer, length);
  fail_if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT),
      "it was not ended");
  g_clear_error (&error);
  return g_string_free (heard, FALSE);
}

static gchar *
ask (MonitorHttp * server, const gchar * request)
{
  GSocketConnection *connection = connect_to (server);
  gchar *answer;

  say (connection, request);
  answer = hear (connection);
  g_object_unref (connection);
  return answer;
}

static void
expect (MonitorHttp * server, const gchar * request, const gchar * status,
    const gchar * part)
{
  gchar *answer = ask (server, request);

  fail_unless (g_str_has_prefix (answer, "HTTP/1.")
      && strncmp (answer + 9, status, 3) == 0, "\"%s\" was answered \"%s\"",
      request, answer);
  fail_unless (strstr (answer, part) != NULL, "no \"%s\" in \"%s\"", part,
      answer);
  g_free (answer);
}

#define GET "GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n"
#define HEAD "HEAD /metrics HTTP/1.1\r\nHost: a\r\n\r\n"

GST_START_TEST (test_the_newest_figures_are_given)
{
  MonitorHttp *server = new_server ();

  expect (server, GET, "503", "no figures yet");
  publish (server, "first");
  expect (server, GET, "200", "\r\n\r\nfirst");
  expect (server, GET, "200", "Content-Type: text/x-test\r\n");
  publish (server, "second");
  expect (server, GET, "200", "\r\n\r\nsecond");
  expect (server, "GET /metrics HTTP/1.0\r\n\r\n", "200", "second");
  monitor_http_free (server);
}

GST_END_TEST;

GST_START_TEST (test_head_gives_the_length_and_no_text)
{
  MonitorHttp *server = new_server ();
  gchar *answer;

  publish (server, "twelve bytes");
  answer = ask (server, HEAD);
  fail_unless (strstr (answer, "Content-Length: 12\r\n") != NULL);
  fail_unless (g_str_has_suffix (answer, "\r\n\r\n"));
  g_free (answer);
  monitor_http_free (server);
}

GST_END_TEST;

GST_START_TEST (test_anything_else_is_refused)
{
  MonitorHttp *server = new_server ();

  publish (server, "figures");
  expect (server, "GET / HTTP/1.1\r\nHost: a\r\n\r\n", "404", "only /metrics");
  expect (server, "GET /metrics/ HTTP/1.1\r\nHost: a\r\n\r\n", "404", "");
  expect (server, "POST /metrics HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n"
      "\r\nabc", "405", "Allow: GET, HEAD\r\n");
  expect (server, "DELETE /metrics HTTP/1.1\r\nHost: a\r\n\r\n", "405", "");
  expect (server, "GET http HTTP/1.1\r\n\r\n", "400", "");
  expect (server, "garbage\r\n\r\n", "400", "");
  expect (server, "GET /metrics HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n",
      "501", "");
  monitor_http_free (server);
}

GST_END_TEST;

GST_START_TEST (test_figures_that_are_too_old_are_not_given)
{
  MonitorHttp *server = monitor_http_new ("127.0.0.1:0", 0, NULL);

  publish (server, "old");
  expect (server, GET, "503", "none any more");
  monitor_http_free (server);
}

GST_END_TEST;

/* MONITOR_HTTP_LIFETIME is short here. */
static guint
count_sockets (void)
{
  GDir *folder = g_dir_open ("/proc/self/fd", 0, NULL);
  const gchar *name;
  guint count = 0;

  while ((name = g_dir_read_name (folder)) != NULL) {
    gchar *path = g_strconcat ("/proc/self/fd/", name, NULL);
    gchar *what = g_file_read_link (path, NULL);

    count += what != NULL && g_str_has_prefix (what, "socket:");
    g_free (what);
    g_free (path);
  }
  g_dir_close (folder);
  return count;
}

GST_START_TEST (test_one_who_is_slow_is_ended)
{
  MonitorHttp *server = new_server ();
  GSocketConnection *silent = connect_to (server), *slow = connect_to (server);

  say (slow, "GET /metrics HTTP/1.1\r\nHost:");
  g_free (hear (silent));
  g_free (hear (slow));
  g_object_unref (silent);
  g_object_unref (slow);
  publish (server, "figures");
  expect (server, GET, "200", "figures");
  monitor_http_free (server);
}

GST_END_TEST;

GST_START_TEST (test_one_who_does_not_read_is_ended)
{
  const guint others = count_sockets ();        /* plugins may have some */
  MonitorHttp *server = new_server ();
  gchar *much = g_strnfill (16 << 20, 'x');
  GSocketConnection *deaf = connect_to (server);
  gint64 until = g_get_monotonic_time () + TIMEOUT_S * G_USEC_PER_SEC;
  gchar *heard;

  publish (server, much);
  say (deaf, GET);
  /* Who comes later is answered: that one has been let in. */
  g_free (ask (server, HEAD));
  /* Its own and the one that listens stay. */
  while (count_sockets () > others + 2 && g_get_monotonic_time () < until)
    g_thread_yield ();
  fail_unless_equals_int (count_sockets (), others + 2);
  heard = hear (deaf);
  fail_unless (strlen (heard) < 16 << 20);
  g_object_unref (deaf);
  g_free (heard);
  g_free (much);
  monitor_http_free (server);
}

GST_END_TEST;

GST_START_TEST (test_one_too_many_ends_the_oldest)
{
  MonitorHttp *server = new_server ();
  GSocketConnection *all[MONITOR_HTTP_CONNECTIONS];
  GSocketConnection *oldest = connect_to (server);

  for (guint i = 0; i < MONITOR_HTTP_CONNECTIONS; i++)
    all[i] = connect_to (server);
  g_free (hear (oldest));
  publish (server, "figures");
  say (all[MONITOR_HTTP_CONNECTIONS - 1], GET);
  g_free (hear (all[MONITOR_HTTP_CONNECTIONS - 1]));
  for (guint i = 0; i < MONITOR_HTTP_CONNECTIONS; i++)
    g_object_unref (all[i]);
  g_object_unref (oldest);
  monitor_http_free (server);
}

GST_END_TEST;


GST_START_TEST (test_at_its_end_all_is_closed_whoever_is_there)
{
  const guint others = count_sockets ();

  for (guint round = 0; round < 4; round++) {
    MonitorHttp *server = new_server ();
    GSocketConnection *silent, *slow, *asking;

    publish (server, "figures");
    silent = connect_to (server);
    slow = connect_to (server);
    asking = connect_to (server);
    say (slow, "GET /met");
    say (asking, GET);
    monitor_http_free (server);
    g_object_unref (silent);
    g_object_unref (slow);
    g_object_unref (asking);
    fail_unless_equals_int (count_sockets (), others);
  }
}

GST_END_TEST;

GST_START_TEST (test_headers_without_end_are_not_kept)
{
  MonitorHttp *server = new_server ();
  GSocketConnection *connection = connect_to (server);
  GOutputStream *out = g_io_stream_get_output_stream (G_IO_STREAM (connection));
  gchar *much = g_strnfill (1 << 20, 'x');
  guint sent = 0;

  say (connection, "GET /metrics HTTP/1.1\r\nHost: a\r\nX: ");
  while (sent < 64 && g_output_stream_write_all (out, much, 1 << 20, NULL,
          NULL, NULL))
    sent++;
  fail_unless (sent < 64, "64 MiB of headers were taken");
  g_free (much);
  g_object_unref (connection);
  monitor_http_free (server);
}

GST_END_TEST;

static gpointer
ask_in_a_while (gpointer server)
{
  g_free (ask (server, HEAD));
  expect (server, GET, "200", "last");
  return NULL;
}

GST_START_TEST (test_it_lingers_until_the_last_figures_are_given)
{
  MonitorHttp *server = monitor_http_new ("127.0.0.1:0", 0, NULL);
  GThread *thread;
  gint64 began = g_get_monotonic_time ();
  GCancellable *end = g_cancellable_new ();

  publish (server, "first");
  publish (server, "last");
  /* Nobody asks. */
  monitor_http_linger (server, 0.1, end);
  fail_unless (g_get_monotonic_time () - began >= G_USEC_PER_SEC / 10);
  thread = g_thread_new ("asks", ask_in_a_while, server);
  g_cancellable_reset (end);
  monitor_http_linger (server, 10 * TIMEOUT_S, end);
  fail_if (g_cancellable_is_cancelled (end));
  monitor_http_free (server);
  fail_unless (g_get_monotonic_time () - began < TIMEOUT_S * G_USEC_PER_SEC);
  g_thread_join (thread);
  g_object_unref (end);
}

GST_END_TEST;

/* ---- addresses ---- */

GST_START_TEST (test_a_port_that_is_taken_is_said_in_words)
{
  MonitorHttp *server = new_server (), *second;
  const gchar *uri = monitor_http_get_uri (server);
  gchar *address = g_strndup (uri + strlen ("http://"), strlen (uri)
      - strlen ("http:///metrics"));
  GError *error = NULL;

  second = monitor_http_new (address, MAX_AGE, &error);
  fail_unless (second == NULL);
  fail_unless (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE));
  fail_unless (strstr (error->message, "is taken by another program") != NULL);
  g_error_free (error);
  monitor_http_free (server);
  /* Free again, at once. */
  second = monitor_http_new (address, MAX_AGE, NULL);
  fail_unless (second != NULL);
  monitor_http_free (second);
  g_free (address);
}

GST_END_TEST;

GST_START_TEST (test_what_is_no_address_is_refused)
{
  static const gchar *const addresses[] = {
    "", "9464", ":9464", "127.0.0.1", "127.0.0.1:", "127.0.0.1:99999",
    "127.0.0.1:-1", "127.0.0.1:80x", "::1:9464", "[::1]", "[::1]:", "[]:80",
    "localhost:9464", "[127.0.0.1]x:80",
  };

  for (guint i = 0; i < G_N_ELEMENTS (addresses); i++) {
    GError *error = NULL;

    fail_unless (monitor_http_new (addresses[i], MAX_AGE, &error) == NULL,
        "%s", addresses[i]);
    fail_unless (error->domain == G_OPTION_ERROR);
    fail_unless (strstr (error->message, "no address to listen on") != NULL);
    g_error_free (error);
  }
}

GST_END_TEST;

GST_START_TEST (test_an_address_of_another_machine_is_refused)
{
  GError *error = NULL;

  fail_unless (monitor_http_new ("192.0.2.1:0", MAX_AGE, &error) == NULL);
  fail_unless (error->domain == G_IO_ERROR);
  fail_unless (strstr (error->message, "192.0.2.1:0 cannot be listened on")
      != NULL, "%s", error->message);
  g_error_free (error);
}

GST_END_TEST;

GST_START_TEST (test_ipv6_is_in_brackets)
{
  GError *error = NULL;
  MonitorHttp *server = monitor_http_new ("[::1]:0", MAX_AGE, &error);

  /* There are machines without. */
  if (server != NULL) {
    fail_unless (g_str_has_prefix (monitor_http_get_uri (server),
            "http://[::1]:"));
    publish (server, "figures");
    expect (server, GET, "200", "figures");
    monitor_http_free (server);
  } else {
    fail_unless (error->domain == G_IO_ERROR, "%s", error->message);
    g_error_free (error);
  }
}

GST_END_TEST;

static Suite *
monitor_http_suite (void)
{
  Suite *suite = suite_create ("monitor-http");
  TCase *tcase = tcase_create ("monitor-http");

  suite_add_tcase (suite, tcase);
  tcase_add_test (tcase, test_the_newest_figures_are_given);
  tcase_add_test (tcase, test_head_gives_the_length_and_no_text);
  tcase_add_test (tcase, test_anything_else_is_refused);
  tcase_add_test (tcase, test_figures_that_are_too_old_are_not_given);
  tcase_add_test (tcase, test_one_who_is_slow_is_ended);
  tcase_add_test (tcase, test_one_who_does_not_read_is_ended);
  tcase_add_test (tcase, test_one_too_many_ends_the_oldest);
  tcase_add_test (tcase, test_at_its_end_all_is_closed_whoever_is_there);
  tcase_add_test (tcase, test_headers_without_end_are_not_kept);
  tcase_add_test (tcase, test_it_lingers_until_the_last_figures_are_given);
  tcase_add_test (tcase, test_a_port_that_is_taken_is_said_in_words);
  tcase_add_test (tcase, test_what_is_no_address_is_refused);
  tcase_add_test (tcase, test_an_address_of_another_machine_is_refused);
  tcase_add_test (tcase, test_ipv6_is_in_brackets);
  return suite;
}

GST_CHECK_MAIN (monitor_http);
