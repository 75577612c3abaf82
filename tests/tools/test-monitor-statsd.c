/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What statsd gets, and that nobody needs to be there. */
#include <gio/gio.h>
#include <gst/check/gstcheck.h>

#include "monitor-snapshots.h"
#include "monitor-statsd-text.h"
#include "monitor-statsd.h"

#define TIMEOUT_S 20

/* ---- the text ---- */

static GstStructure *
new_sink_snapshot (guint64 written, guint64 waited)
{
  GstStructure *snapshot = new_snapshot ();

  add_element (snapshot, "safefilesink", "s.1", "/p/s",
      gst_structure_new ("application/x-safefilesink-stats",
          "state", G_TYPE_STRING, "writing",
          "bytes-written", G_TYPE_UINT64, written,
          "wait-time", G_TYPE_UINT64, waited,
          "ring-size", G_TYPE_UINT64, G_GUINT64_CONSTANT (7),
          "write-latency-p99", G_TYPE_UINT64, G_GUINT64_CONSTANT (1250000),
          NULL));
  return snapshot;
}

/* All lines together.  Takes @snapshot. */
static gchar *
lines_of (MonitorStatsdText * text, GstStructure * snapshot)
{
  GPtrArray *datagrams = monitor_statsd_text_make (text, snapshot);
  GString *lines = g_string_new ("\n");

  for (guint i = 0; i < datagrams->len; i++) {
    const gchar *datagram = g_ptr_array_index (datagrams, i);

    fail_unless (strlen (datagram) <= MONITOR_STATSD_DATAGRAM);
    g_string_append_printf (lines, "%s\n", datagram);
  }
  g_ptr_array_unref (datagrams);
  gst_structure_free (snapshot);
  return g_string_free (lines, FALSE);
}

static void
expect (const gchar * lines, const gchar * line)
{
  gchar *whole = g_strconcat ("\n", line, "\n", NULL);

  fail_unless (strstr (lines, whole) != NULL, "no \"%s\" in%s", line, lines);
  g_free (whole);
}

GST_START_TEST (test_gauges_times_and_states_have_names_with_dots)
{
  MonitorStatsdText *text = monitor_statsd_text_new ();
  gchar *lines = lines_of (text, new_sink_snapshot (100, 0));

  expect (lines, "safecapture.healthy:1|g");
  expect (lines, "safecapture.safefilesink.s_1.ring_size:7|g");
  expect (lines, "safecapture.safefilesink.s_1.write_latency_p99:1.250000|ms");
  expect (lines, "safecapture.safefilesink.s_1.state.writing:1|g");
  expect (lines, "safecapture.safefilesink.s_1.state.error:0|g");
  expect (lines, "safecapture.health.s_1.health_reason.failed:0|g");
  g_free (lines);
  monitor_statsd_text_free (text);
}

GST_END_TEST;

GST_START_TEST (test_counters_are_what_came_since)
{
  MonitorStatsdText *text = monitor_statsd_text_new ();
  gchar *lines = lines_of (text, new_sink_snapshot (100, 0));

  expect (lines, "safecapture.safefilesink.s_1.written_bytes:100|c");
  fail_unless (strstr (lines, "wait_time") == NULL, "nothing is not sent");
  g_free (lines);
  lines = lines_of (text, new_sink_snapshot (150, 2000001));
  expect (lines, "safecapture.safefilesink.s_1.written_bytes:50|c");
  expect (lines, "safecapture.safefilesink.s_1.wait_time_ms:2.000001|c");
  g_free (lines);
  /* The element began anew. */
  lines = lines_of (text, new_sink_snapshot (30, 2000001));
  expect (lines, "safecapture.safefilesink.s_1.written_bytes:30|c");
  fail_unless (strstr (lines, "wait_time") == NULL);
  g_free (lines);
  monitor_statsd_text_free (text);
}

GST_END_TEST;

GST_START_TEST (test_a_gauge_below_zero_is_set_not_lowered)
{
  MonitorStatsdText *text = monitor_statsd_text_new ();
  GstStructure *snapshot = new_snapshot ();
  gchar *lines;

  add_element (snapshot, "bufpoolsrc", "b", "/p/b",
      gst_structure_new ("application/x-bufpoolsrc-stats",
          "trend-utilisation-slope", G_TYPE_DOUBLE, -0.5, NULL));
  lines = lines_of (text, snapshot);
  expect (lines, "safecapture.bufpoolsrc.b.trend_utilisation_slope:0|g\n"
      "safecapture.bufpoolsrc.b.trend_utilisation_slope:-0.500000000|g");
  g_free (lines);
  monitor_statsd_text_free (text);
}

GST_END_TEST;

GST_START_TEST (test_no_datagram_is_longer_than_a_packet_and_no_line_is_cut)
{
  MonitorStatsdText *text = monitor_statsd_text_new ();
  GstStructure *snapshot = new_snapshot ();
  gchar *name = g_strnfill (MONITOR_STATSD_DATAGRAM, 'x'), *lines;
  gchar **each;

  for (guint i = 0; i < 40; i++) {
    gchar *element = g_strdup_printf ("sink:%u|c", i);

    add_element (snapshot, "safefilesink", element, element,
        gst_structure_new ("application/x-safefilesink-stats",
            "state", G_TYPE_STRING, "writing", NULL));
    g_free (element);
  }
  add_element (snapshot, "safefilesink", name, name,
      gst_structure_new ("application/x-safefilesink-stats",
          "state", G_TYPE_STRING, "writing", NULL));
  lines = lines_of (text, snapshot);
  each = g_strsplit (g_strstrip (lines), "\n", -1);
  for (guint i = 0; each[i] != NULL; i++)
    fail_unless (g_regex_match_simple
        ("^safecapture(\\.[A-Za-z0-9_]+)+:[0-9.]+\\|(g|c|ms)$", each[i], 0, 0),
        "%s", each[i]);
  /* 8 states and 10 reasons of each of 40, and the pipeline's own. */
  fail_unless_equals_int (g_strv_length (each), 40 * 18 + 5);
  g_strfreev (each);
  g_free (lines);
  g_free (name);
  monitor_statsd_text_free (text);
}

GST_END_TEST;

/* ---- the socket ---- */

static GSocket *
new_server (guint16 * port)
{
  GSocketAddress *any = g_inet_socket_address_new_from_string ("127.0.0.1", 0);
  GSocket *server = g_socket_new (G_SOCKET_FAMILY_IPV4,
      G_SOCKET_TYPE_DATAGRAM, G_SOCKET_PROTOCOL_UDP, NULL);
  GSocketAddress *local;

  fail_unless (g_socket_bind (server, any, FALSE, NULL));
  local = g_socket_get_local_address (server, NULL);
  *port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (local));
  g_socket_set_timeout (server, TIMEOUT_S);
  g_object_unref (local);
  g_object_unref (any);
  return server;
}

static MonitorStatsd *
new_client (guint16 port)
{
  gchar *address = g_strdup_printf ("127.0.0.1:%u", port);
  MonitorStatsd *client = monitor_statsd_new (address, NULL);

  fail_unless (client != NULL);
  g_free (address);
  return client;
}

static void
send_once (MonitorStatsd * client)
{
  GstStructure *snapshot = new_sink_snapshot (100, 0);

  monitor_statsd_send (client, snapshot);
  gst_structure_free (snapshot);
}

GST_START_TEST (test_a_server_gets_what_was_sent)
{
  gchar buffer[MONITOR_STATSD_DATAGRAM + 1];
  guint16 port;
  GSocket *server = new_server (&port);
  MonitorStatsd *client = new_client (port);
  gssize length;

  send_once (client);
  length = g_socket_receive (server, buffer, sizeof (buffer) - 1, NULL, NULL);
  fail_unless (length > 0);
  buffer[length] = '\0';
  fail_unless (g_str_has_prefix (buffer, "safecapture."));
  fail_unless (monitor_statsd_take_complaint (client) == NULL);
  monitor_statsd_free (client);
  g_object_unref (server);
}

GST_END_TEST;

/* Sends until there is one, which takes more than one datagram. */
static gchar *
complaint_of (MonitorStatsd * client)
{
  gint64 until = g_get_monotonic_time () + TIMEOUT_S * G_USEC_PER_SEC;
  gchar *complaint = NULL;

  while (complaint == NULL && g_get_monotonic_time () < until) {
    send_once (client);
    complaint = monitor_statsd_take_complaint (client);
    g_thread_yield ();
  }
  fail_unless (complaint != NULL);
  return complaint;
}

GST_START_TEST (test_that_nobody_listens_is_said_once)
{
  guint16 port;
  GSocket *server = new_server (&port);
  MonitorStatsd *client;
  gchar *complaint;

  g_object_unref (server);
  client = new_client (port);
  complaint = complaint_of (client);
  fail_unless (strstr (complaint, "nobody takes the figures") != NULL);
  for (guint i = 0; i < 100; i++)
    send_once (client);
  monitor_statsd_free (client);
  g_free (complaint);
}

GST_END_TEST;

GST_START_TEST (test_after_that_a_server_that_comes_gets_what_is_sent)
{
  guint16 port;
  GSocket *first = new_server (&port), *server;
  GSocketAddress *address;
  MonitorStatsd *client = new_client (port);
  gchar buffer[16];

  address = g_socket_get_local_address (first, NULL);
  g_object_unref (first);
  g_free (complaint_of (client));
  server = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_DATAGRAM,
      G_SOCKET_PROTOCOL_UDP, NULL);
  fail_unless (g_socket_bind (server, address, FALSE, NULL));
  g_socket_set_timeout (server, TIMEOUT_S);
  send_once (client);
  fail_unless (g_socket_receive (server, buffer, sizeof (buffer), NULL, NULL)
      > 0);
  fail_unless (monitor_statsd_take_complaint (client) == NULL);
  monitor_statsd_free (client);
  g_object_unref (server);
  g_object_unref (address);
}

GST_END_TEST;

GST_START_TEST (test_a_host_that_is_not_known_is_said_once)
{
  MonitorStatsd *client = monitor_statsd_new ("no-such-host.invalid", NULL);
  gchar *complaint = complaint_of (client);

  fail_unless (strstr (complaint, "no-such-host.invalid is not known")
      != NULL, "%s", complaint);
  send_once (client);
  monitor_statsd_free (client);
  g_free (complaint);
}

GST_END_TEST;

GST_START_TEST (test_what_is_no_address_is_refused)
{
  static const gchar *const addresses[] = {
    "", "host:99999", "host:0", "host:port", "[::1", "host:-1",
  };

  for (guint i = 0; i < G_N_ELEMENTS (addresses); i++) {
    GError *error = NULL;

    fail_unless (monitor_statsd_new (addresses[i], &error) == NULL, "%s",
        addresses[i]);
    fail_unless (error->domain == G_OPTION_ERROR);
    g_error_free (error);
  }
}

GST_END_TEST;

static Suite *
monitor_statsd_suite (void)
{
  Suite *suite = suite_create ("monitor-statsd");
  TCase *tcase = tcase_create ("monitor-statsd");

  suite_add_tcase (suite, tcase);
  tcase_add_test (tcase, test_gauges_times_and_states_have_names_with_dots);
  tcase_add_test (tcase, test_counters_are_what_came_since);
  tcase_add_test (tcase, test_a_gauge_below_zero_is_set_not_lowered);
  tcase_add_test (tcase,
      test_no_datagram_is_longer_than_a_packet_and_no_line_is_cut);
  tcase_add_test (tcase, test_a_server_gets_what_was_sent);
  tcase_add_test (tcase, test_that_nobody_listens_is_said_once);
  tcase_add_test (tcase,
      test_after_that_a_server_that_comes_gets_what_is_sent);
  tcase_add_test (tcase, test_a_host_that_is_not_known_is_said_once);
  tcase_add_test (tcase, test_what_is_no_address_is_refused);
  return suite;
}

GST_CHECK_MAIN (monitor_statsd);
