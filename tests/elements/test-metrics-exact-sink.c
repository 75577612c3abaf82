/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Known writes, syncs and reads of a safefilesink, on a disk and with a clock of the
 * test's own: pwritev(), preadv() and fdatasync() stand before libc's and take as long
 * as the test says.  Every field of the statistics is what was done.
 */
#include "fake-clock.h"
#include "metrics-exact.h"
#include "sink-check.h"

#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define BUFFERS 200
#define MAX_TIMES (BUFFERS + 4)
#define RING (1024 * 1024)
#define MOST (64 * 1024 * 1024)
/* What is larger is payload, what is smaller the journal's. */
#define SMALLEST 1000

/* ---- the disk ---- */

/* How long the next of each takes, ns. */
static _Atomic guint64 write_time, sync_time;

ssize_t
pwritev (int fd, const struct iovec *iov, int count, off_t offset)
{
  gsize size = 0;

  for (int i = 0; i < count; i++)
    size += iov[i].iov_len;
  if (size >= SMALLEST)
    fake_clock_advance (write_time);
  return syscall (SYS_pwritev, fd, iov, count, offset, 0);
}

int
fdatasync (int fd)
{
  fake_clock_advance (sync_time);
  return (int) syscall (SYS_fdatasync, fd);
}

/* ---- what was done ---- */

typedef struct
{
  guint64 buffers, bytes, writes, syncs, overwrites, overwritten;
  guint64 size, durable, verified, journal;
  guint64 space, idle;
  gdouble rate;                 /* bytes a second, once it has been looked at */
  const gchar *state, *reasons;
  ExactTime write_times[MAX_TIMES], sync_times[MAX_TIMES];
  ExactTime verify_times[MAX_TIMES];
  guint n_verifies;
} Known;

static void
compare_times (Exact * e, const Known * known)
{
  exact_latency (e, "write-latency", known->write_times, known->writes);
  exact_buckets (e, "write-latency", known->write_times, known->writes);
  exact_latency (e, "sync-latency", known->sync_times, known->syncs);
  exact_buckets (e, "sync-latency", known->sync_times, known->syncs);
  exact_latency (e, "verify-latency", known->verify_times, known->n_verifies);
  exact_buckets (e, "verify-latency", known->verify_times, known->n_verifies);
}

static void
compare_sink (Exact * e, gconstpointer user_data)
{
  const Known *known = user_data;
  gdouble seconds = (gdouble) known->space / known->rate;

  exact_flag (e, "healthy", *known->reasons == '\0');
  exact_text (e, "health-reasons", known->reasons);
  exact_count (e, "idle-time", known->idle);
  exact_figure (e, "utilisation", 0.0);
  exact_count (e, "durable-lag", 0);
  exact_count (e, "ring-time-left", GST_CLOCK_TIME_NONE);
  exact_figure (e, "average-rate", -1.0);
  exact_count (e, "dropped", 0);
  exact_count (e, "rendered", known->buffers);
  exact_text (e, "state", known->state);
  exact_count (e, "bytes-accepted", known->bytes);
  exact_count (e, "bytes-written", known->bytes);
  exact_count (e, "file-size", known->size);
  exact_count (e, "durable-offset", known->durable);
  exact_count (e, "backlog-bytes", 0);
  exact_count (e, "ring-size", RING);
  exact_count (e, "writes", known->writes);
  exact_count (e, "syncs", known->syncs);
  exact_count (e, "overwrites", known->overwrites);
  exact_count (e, "overwritten-bytes", known->overwritten);
  exact_count (e, "journal-bytes", known->journal);
  exact_count (e, "switches", 0);
  exact_count (e, "space-left", known->space);
  if (known->rate == 0.0)
    exact_count (e, "time-left", GST_CLOCK_TIME_NONE);
  else
    exact_between (e, "time-left", (guint64) (seconds * 999999999.0),
        (guint64) (seconds * 1000000001.0));
  exact_count (e, "waits", 0);
  exact_count (e, "wait-time", 0);
  exact_count (e, "buffers-dropped", 0);
  exact_count (e, "bytes-dropped", 0);
  exact_count (e, "verified-bytes", known->verified);
  exact_count (e, "verify-mismatches", 0);
  exact_count (e, "verify-repairs", 0);
  exact_absent (e, "pool");
  compare_times (e, known);
}

/* What is in the folder beside the data. */
static guint64
size_of_journal (SinkCheck * c, const Known * known)
{
  GDir *dir = g_dir_open (c->folder, 0, NULL);
  const gchar *name;
  guint64 size = 0;

  while ((name = g_dir_read_name (dir)) != NULL) {
    gchar *path = sink_check_path (c, name);
    GStatBuf status;

    fail_unless_equals_int (g_stat (path, &status), 0);
    size += (guint64) status.st_size;
    g_free (path);
  }
  g_dir_close (dir);
  return size - known->size;
}

static void
check_now (SinkCheck * c, Known * known)
{
  GstStructure *stats = exact_stats (c->sink);

  exact_check (stats, "safefilesink-metrics", compare_sink, known);
  gst_structure_free (stats);
}

/* ---- doing ---- */

static void
start (SinkCheck * c, Known * known, const gchar * verify)
{
  fake_clock_stop ();
  *known = (Known) {.state = "writing",.reasons = "" };
  sink_check_init (c);
  gst_util_set_object_arg (G_OBJECT (c->sink), "sync-policy", "every-buffer");
  gst_util_set_object_arg (G_OBJECT (c->sink), "journal", "keep");
  gst_util_set_object_arg (G_OBJECT (c->sink), "verify", verify);
  g_object_set (c->sink, "buffer-size", RING, "reserve", (guint64) 0,
      "max-bytes", (guint64) MOST, "metrics-interval", (guint64) 0, NULL);
  sink_check_play (c);
}

/* A write of @write ns and a sync of @sync ns, for the data and for the journal. */
static void
record (SinkCheck * c, Known * known, gsize size, guint64 write, guint64 sync)
{
  write_time = write;
  sync_time = sync;
  fail_unless_equals_int (sink_check_push (c, size, 1), GST_FLOW_OK);
  /* The push returns with the mark, the memory is free a moment later. */
  while (sink_check_count (c, "backlog-bytes") > 0)
    g_thread_yield ();
  known->write_times[known->writes++] = (ExactTime) { write, 1 };
  known->sync_times[known->syncs++] = (ExactTime) { 2 * sync, 1 };
  known->buffers++;
  known->bytes += size;
}

static void
append (SinkCheck * c, Known * known, gsize size, guint64 write, guint64 sync)
{
  record (c, known, size, write, sync);
  known->size += size;
  known->durable = known->size;
}

/* ---- the tests ---- */

GST_START_TEST (test_before_the_first_buffer_all_is_zero)
{
  SinkCheck c;
  Known known;

  start (&c, &known, "none");
  known.state = "ready";
  known.journal = size_of_journal (&c, &known);
  known.space = MOST;
  check_now (&c, &known);
  sink_check_clear (&c);
}

GST_END_TEST;

GST_START_TEST (test_each_write_and_each_sync_is_counted_and_timed)
{
  const gchar *given = g_getenv ("SC_TEST_SEED");
  guint32 seed = given != NULL ? (guint32) g_ascii_strtoull (given, NULL, 10)
      : g_random_int ();
  GRand *random = g_rand_new_with_seed (seed);
  SinkCheck c;
  Known known;

  g_print ("metrics-exact-sink: SC_TEST_SEED=%u\n", seed);
  start (&c, &known, "none");
  for (guint i = 0; i < BUFFERS; i++) {
    if (i + 1 == BUFFERS)       /* the room is looked at once a second */
      fake_clock_advance (GST_SECOND);
    append (&c, &known, SMALLEST + i % 7,
        (guint64) (1000 << g_rand_int_range (random, 0, 14)) + i,
        (guint64) (1000 << g_rand_int_range (random, 0, 14)) + i);
  }
  known.journal = size_of_journal (&c, &known);
  known.space = MOST - known.size;
  check_now (&c, &known);
  fake_clock_advance (2 * GST_SECOND);
  known.idle = 2 * GST_SECOND;  /* since the look before */
  check_now (&c, &known);
  sink_check_clear (&c);
  g_rand_free (random);
}

GST_END_TEST;

/* Of 3,000 bytes in three writes the second is written once more: what it is to
 * become goes into the journal and is synced there, before.  The base class counts
 * from the segment. */
GST_START_TEST (test_what_is_written_over_is_counted_as_such)
{
  SinkCheck c;
  Known known;

  start (&c, &known, "none");
  for (guint i = 0; i < 3; i++)
    append (&c, &known, 1000, 20000, 30000);
  sink_check_seek (&c, 1000);
  record (&c, &known, 1000, 40000, 50000);
  known.write_times[3].time = 40000 + 50000 + 40000;
  known.buffers = 1;
  known.overwrites = 1;
  known.overwritten = 1000;
  known.journal = size_of_journal (&c, &known);
  known.space = MOST;
  check_now (&c, &known);
  sink_check_clear (&c);
}

GST_END_TEST;

/* What is read back takes no time, on this disk. */
GST_START_TEST (test_what_is_read_back_is_counted_as_verified)
{
  SinkCheck c;
  Known known;

  start (&c, &known, "rolling");
  for (guint i = 0; i < 5; i++) {
    append (&c, &known, 1000, 20000, 30000);
    known.verify_times[known.n_verifies++] = (ExactTime) { 0, 1 };
  }
  known.verified = known.size;
  known.journal = size_of_journal (&c, &known);
  known.space = MOST;
  check_now (&c, &known);
  sink_check_clear (&c);
}

GST_END_TEST;

static void
compare_published (Exact * e, gconstpointer user_data)
{
  const SinkCheck *c = user_data;

  exact_text (e, "location", c->name);
  exact_count (e, "size", 3000);
  exact_flag (e, "durable", TRUE);
  exact_count (e, "parts", 1);
}

static gpointer
push_eos (gpointer data)
{
  fail_unless (gst_harness_push_event (data, gst_event_new_eos ()));
  return NULL;
}

static gboolean
is_published (SinkCheck * c)
{
  GstStructure *stats = exact_stats (c->sink);
  gboolean published = g_str_equal (gst_structure_get_string (stats, "state"),
      "published");

  gst_structure_free (stats);
  return published;
}

static GstMessage *
wait_element_message (SinkCheck * c, const gchar * name)
{
  for (;;) {
    GstMessage *message = gst_bus_timed_pop_filtered (c->bus,
        GST_CLOCK_TIME_NONE, GST_MESSAGE_ELEMENT);

    if (gst_message_has_name (message, name))
      return message;
    gst_message_unref (message);
  }
}

/* The end has a sync of its own.  EOS then waits for the reporter to tell, whose looks
 * are 5 ms apart; two of them, at the start and at the end, say how fast data came. */
GST_START_TEST (test_what_is_published_is_told_as_it_is)
{
  SinkCheck c;
  Known known;
  GstMessage *message;
  GThread *thread;
  guint64 began;

  start (&c, &known, "none");
  gst_message_unref (wait_element_message (&c, "safefilesink-state"));
  began = fake_clock_now ();
  for (guint i = 0; i < 3; i++)
    append (&c, &known, 1000, 20000, 30000);
  sync_time = 0;
  thread = g_thread_new ("eos", push_eos, c.h);
  while (!is_published (&c))
    g_thread_yield ();
  fake_clock_advance (GST_SECOND);
  g_thread_join (thread);
  known.sync_times[known.syncs++] = (ExactTime) { 0, 1 };
  message = wait_element_message (&c, "safefilesink-published");
  exact_check (gst_message_get_structure (message), "safefilesink-published",
      compare_published, &c);
  gst_message_unref (message);
  known.state = "published";
  known.journal = size_of_journal (&c, &known);
  known.space = MOST;
  known.rate = 3000.0 * GST_SECOND / (gdouble) (fake_clock_now () - began);
  check_now (&c, &known);
  sink_check_clear (&c);
}

GST_END_TEST;

static Suite *
metrics_exact_sink_suite (void)
{
  Suite *s = suite_create ("metrics-exact-sink");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_before_the_first_buffer_all_is_zero);
  tcase_add_test (tc, test_what_is_written_over_is_counted_as_such);
  tcase_add_test (tc, test_what_is_read_back_is_counted_as_verified);
  tcase_add_test (tc, test_what_is_published_is_told_as_it_is);
  tcase_add_test (tc, test_each_write_and_each_sync_is_counted_and_timed);
  return s;
}

GST_CHECK_MAIN (metrics_exact_sink);
