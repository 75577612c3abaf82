/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The promise against SIGKILL: a recorder process is fed bytes that can be
 * worked out from their offset, is killed at a random point, and its file is
 * recovered with the command.  Every byte below the last durable mark that it
 * had posted must be there and right, and the WAV must decode to a prefix of
 * what was fed.
 */
#include <errno.h>
#include <glib/gstdio.h>
#include <gst/check/gstcheck.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define KILLS 100
/* wavenc writes WAVE_FORMAT_EXTENSIBLE with a fact chunk for 8 channels. */
#define WAV_HEADER 80
#define FEED_BYTES 32768
/* Bytes a second: 20 times as fast as the audio would come. */
#define FEED_RATE 16000000

/* ---- what is fed ---- */

static guint8
byte_at (guint64 offset)
{
  guint64 z = (offset / 8 + 1) * 0x9e3779b97f4a7c15ull;

  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
  z = (z ^ z >> 27) * 0x94d049bb133111ebull;
  return (guint8) (z >> offset % 8 * 8);
}

typedef struct
{
  GPid pid;
  gint in, out;
  GThread *feeder, *listener;
  guint64 stop_after;           /* bytes, then end of input */
  guint64 fed;                  /* atomic by the joins */
  gint64 mark;                  /* last durable mark; under lock */
  gboolean ended;               /* standard output closed */
  GMutex lock;
  GCond moved;
} Recorder;

static gpointer
feed (gpointer user_data)
{
  Recorder *self = user_data;
  gint64 begin = g_get_monotonic_time ();
  guint8 bytes[FEED_BYTES];

  while (self->fed < self->stop_after) {
    gint64 due = begin + (gint64) (self->fed * G_USEC_PER_SEC / FEED_RATE);
    gssize done;

    for (guint i = 0; i < FEED_BYTES; i++)
      bytes[i] = byte_at (self->fed + i);
    if (due > g_get_monotonic_time ())
      g_usleep ((gulong) (due - g_get_monotonic_time ()));      /* the pace */
    done = write (self->in, bytes, FEED_BYTES);
    if (done < 0)
      break;                    /* EPIPE: killed */
    self->fed += (guint64) done;
  }
  close (self->in);
  return NULL;
}

static gpointer
listen_to_marks (gpointer user_data)
{
  Recorder *self = user_data;
  FILE *marks = fdopen (self->out, "r");
  gchar line[32];

  while (fgets (line, sizeof (line), marks) != NULL
      && strchr (line, '\n') != NULL) {
    g_mutex_lock (&self->lock);
    self->mark = g_ascii_strtoll (line, NULL, 10);
    g_cond_broadcast (&self->moved);
    g_mutex_unlock (&self->lock);
  }
  fclose (marks);
  g_mutex_lock (&self->lock);
  self->ended = TRUE;
  g_cond_broadcast (&self->moved);
  g_mutex_unlock (&self->lock);
  return NULL;
}

static void
start_recorder (Recorder * self, const gchar * path, const gchar * settings,
    guint64 stop_after)
{
  gchar **extra = g_strsplit (settings, " ", -1);
  GPtrArray *argv = g_ptr_array_new ();
  GError *error = NULL;

  g_ptr_array_add (argv, (gpointer) RECORDER);
  g_ptr_array_add (argv, (gpointer) path);
  for (guint i = 0; extra[i] != NULL; i++)
    g_ptr_array_add (argv, extra[i]);
  g_ptr_array_add (argv, NULL);
  memset (self, 0, sizeof (*self));
  self->stop_after = stop_after;
  g_mutex_init (&self->lock);
  g_cond_init (&self->moved);
  fail_unless (g_spawn_async_with_pipes (NULL, (gchar **) argv->pdata, NULL,
          G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, &self->pid, &self->in,
          &self->out, NULL, &error), "%s", error ? error->message : "");
  self->feeder = g_thread_new ("feeder", feed, self);
  self->listener = g_thread_new ("listener", listen_to_marks, self);
  g_ptr_array_free (argv, TRUE);
  g_strfreev (extra);
}

/* Until a mark beyond the header, the end, or @patience us. */
static void
wait_for_mark (Recorder * self, gint64 patience)
{
  gint64 until = g_get_monotonic_time () + patience;

  g_mutex_lock (&self->lock);
  while (self->mark <= WAV_HEADER && !self->ended)
    if (!g_cond_wait_until (&self->moved, &self->lock, until))
      break;
  g_mutex_unlock (&self->lock);
}

/* All is fed, or the recorder is dead. */
static void
wait_until_fed (Recorder * self)
{
  if (self->feeder != NULL)
    g_thread_join (g_steal_pointer (&self->feeder));
}

/* Returns the last mark that was posted. */
static guint64
kill_recorder (Recorder * self)
{
  int status;

  kill (self->pid, SIGKILL);
  fail_unless_equals_int (waitpid (self->pid, &status, 0), self->pid);
  wait_until_fed (self);
  g_thread_join (self->listener);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->moved);
  return (guint64) self->mark;
}

/* ---- the check ---- */

typedef enum
{
  PROMISE_KEPT,
  NOTHING_PROMISED,             /* no mark, or nothing that can be vouched for */
  BYTES_LOST,
  BYTES_WRONG,
  NOT_DECODABLE,
} Verdict;

static gint
run_recover (const gchar * part)
{
  const gchar *argv[] = { COMMAND, "recover", "--in-place", part, NULL };
  gchar *said = NULL;
  gint status;

  fail_unless (g_spawn_sync (NULL, (gchar **) argv, NULL,
          G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, &said, NULL, &status, NULL));
  fail_unless (WIFEXITED (status), "the command crashed: %s", said);
  g_free (said);
  return WEXITSTATUS (status);
}

typedef struct
{
  guint64 offset;
  gboolean right;
} Samples;

static void
check_samples (GstElement * sink, GstBuffer * buffer, GstPad * pad,
    Samples * samples)
{
  GstMapInfo map;

  fail_unless (gst_buffer_map (buffer, &map, GST_MAP_READ));
  for (gsize i = 0; i < map.size; i++)
    samples->right = samples->right
        && map.data[i] == byte_at (samples->offset + i);
  samples->offset += map.size;
  gst_buffer_unmap (buffer, &map);
}

static gboolean
decodes (const gchar * path)
{
  gchar *launch = g_strdup_printf ("filesrc location=\"%s\" ! wavparse ! "
      "fakesink name=sink signal-handoffs=true sync=false", path);
  GstElement *pipeline = gst_parse_launch (launch, NULL);
  GstElement *sink = gst_bin_get_by_name (GST_BIN (pipeline), "sink");
  GstBus *bus = gst_element_get_bus (pipeline);
  Samples samples = { 0, TRUE };
  GstMessage *message;
  gboolean ended;

  g_signal_connect (sink, "handoff", G_CALLBACK (check_samples), &samples);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  message = gst_bus_timed_pop_filtered (bus, 30 * GST_SECOND,
      GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  ended = message != NULL && GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS;
  gst_clear_message (&message);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (bus);
  gst_object_unref (sink);
  gst_object_unref (pipeline);
  g_free (launch);
  return ended && samples.right && samples.offset > 0;
}

/* @path: the final name; what there is beside it is recovered first. */
static Verdict
check_promise (const gchar * path, guint64 mark)
{
  gchar *part = g_strconcat (path, ".part", NULL);
  Verdict verdict = PROMISE_KEPT;
  gchar *contents = NULL;
  gsize size = 0;

  if (!g_file_test (path, G_FILE_TEST_EXISTS)) {
    gint code = run_recover (part);

    if (code == 3)
      verdict = NOTHING_PROMISED;
    else if (code != 0 && code != 1)
      verdict = BYTES_LOST;
  }
  g_free (part);
  if (verdict != PROMISE_KEPT)
    return verdict;
  if (mark <= WAV_HEADER)
    return NOTHING_PROMISED;
  if (!g_file_get_contents (path, &contents, &size, NULL) || size < mark)
    verdict = BYTES_LOST;
  for (guint64 i = WAV_HEADER; verdict == PROMISE_KEPT && i < mark; i++)
    if ((guint8) contents[i] != byte_at (i - WAV_HEADER))
      verdict = BYTES_WRONG;
  g_free (contents);
  if (verdict == PROMISE_KEPT && !decodes (path))
    verdict = NOT_DECODABLE;
  return verdict;
}

/* ---- the tests ---- */

static gchar *
new_folder (void)
{
  gchar *folder = g_dir_make_tmp ("safecapture-kill-XXXXXX", NULL);

  fail_unless (folder != NULL);
  return folder;
}

static void
remove_folder (gchar * folder)
{
  GDir *dir = g_dir_open (folder, 0, NULL);
  const gchar *name;

  while ((name = g_dir_read_name (dir)) != NULL) {
    gchar *path = g_build_filename (folder, name, NULL);

    g_unlink (path);
    g_free (path);
  }
  g_dir_close (dir);
  fail_unless_equals_int (g_rmdir (folder), 0);
  g_free (folder);
}

GST_START_TEST (test_no_byte_below_the_mark_is_lost_in_100_kills)
{
  guint32 seed = g_getenv ("SC_TEST_SEED") != NULL
      ? (guint32) g_ascii_strtoull (g_getenv ("SC_TEST_SEED"), NULL, 0)
      : g_random_int ();
  GRand *random = g_rand_new_with_seed (seed);
  guint64 promised = 0, fed = 0;
  guint at_the_end = 0;

  g_print ("SC_TEST_SEED=%u\n", seed);
  for (guint i = 0; i < KILLS; i++) {
    gchar *folder = new_folder ();
    gchar *path = g_build_filename (folder, "killed.wav", NULL);
    /* Every fourth is killed while it ends: header rewritten, published. */
    gboolean ending = i % 4 == 3;
    Recorder recorder;
    Verdict verdict;
    guint64 mark;

    start_recorder (&recorder, path, "sync-interval=15000000",
        ending ? 2 * 1000 * 1000 : G_MAXUINT64);
    wait_for_mark (&recorder, 30 * G_USEC_PER_SEC);
    if (ending)
      wait_until_fed (&recorder);
    /* The random point. */
    g_usleep ((gulong) g_rand_int_range (random, 0, ending ? 4000 : 150000));
    mark = kill_recorder (&recorder);
    at_the_end += g_file_test (path, G_FILE_TEST_EXISTS);
    verdict = check_promise (path, mark);
    fail_unless (verdict == PROMISE_KEPT,
        "kill %u (seed %u): verdict %d, mark %" G_GUINT64_FORMAT, i, seed,
        verdict, mark);
    promised += mark;
    fed += recorder.fed;
    g_free (path);
    remove_folder (folder);
  }
  g_print ("%u kills (%u after publishing): %" G_GUINT64_FORMAT " bytes fed, %"
      G_GUINT64_FORMAT " promised, none of them lost\n", KILLS, at_the_end, fed,
      promised);
  g_rand_free (random);
}

GST_END_TEST;

GST_START_TEST (test_without_sync_and_journal_the_same_check_finds_no_promise)
{
  gchar *folder = new_folder ();
  gchar *path = g_build_filename (folder, "killed.wav", NULL);
  Recorder recorder;
  guint64 mark;

  start_recorder (&recorder, path, "sync-policy=none journal=none",
      G_MAXUINT64);
  wait_for_mark (&recorder, G_USEC_PER_SEC);
  mark = kill_recorder (&recorder);
  fail_unless (recorder.fed > 0);
  fail_unless_equals_int (check_promise (path, mark), NOTHING_PROMISED);
  g_free (path);
  remove_folder (folder);
}

GST_END_TEST;

/* The check itself: it must see a lost tail and a single wrong byte. */
GST_START_TEST (test_the_check_sees_loss_and_a_single_wrong_byte)
{
  gchar *folder = new_folder ();
  gchar *path = g_build_filename (folder, "killed.wav", NULL);
  Recorder recorder;
  gchar *contents;
  gsize size;
  guint64 mark;

  start_recorder (&recorder, path, "sync-interval=15000000", G_MAXUINT64);
  wait_for_mark (&recorder, 30 * G_USEC_PER_SEC);
  mark = kill_recorder (&recorder);
  fail_unless_equals_int (check_promise (path, mark), PROMISE_KEPT);
  fail_unless (g_file_get_contents (path, &contents, &size, NULL));

  contents[WAV_HEADER + (mark - WAV_HEADER) / 2] ^= 1;
  fail_unless (g_file_set_contents (path, contents, (gssize) size, NULL));
  fail_unless_equals_int (check_promise (path, mark), BYTES_WRONG);
  fail_unless (g_file_set_contents (path, contents, (gssize) mark - 1, NULL));
  fail_unless_equals_int (check_promise (path, mark), BYTES_LOST);
  g_free (contents);
  g_free (path);
  remove_folder (folder);
}

GST_END_TEST;

static Suite *
kill_suite (void)
{
  Suite *suite = suite_create ("kill");
  TCase *tcase = tcase_create ("kill");

  signal (SIGPIPE, SIG_IGN);
  suite_add_tcase (suite, tcase);
  tcase_add_test (tcase,
      test_the_check_sees_loss_and_a_single_wrong_byte);
  tcase_add_test (tcase,
      test_without_sync_and_journal_the_same_check_finds_no_promise);
  tcase_add_test (tcase, test_no_byte_below_the_mark_is_lost_in_100_kills);
  return suite;
}

GST_CHECK_MAIN (kill);
