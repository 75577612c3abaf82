/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * SIGKILL at every system call of a short recording, in each of six formats:
 * the recorder is a child whose threads are all stopped at each call (ptrace),
 * and at the Nth that concerns files the whole process dies.  After each kill
 * take_check() must find every promised byte, and the recovered file must play.
 *
 * A sample of the calls, drawn by a seed that is printed (SC_TEST_SEED), unless
 * SC_FAULTS_ALL is set.  With SC_FAULTS_ALL=calls also the calls that do not
 * concern files count.
 *
 * Negative control: filesink instead, whose writes count as promised: what the
 * muxers had not completed does not play.
 */
#include "take.h"

#include <gst/gst.h>

#include <errno.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define FRAMES 12
#define SAMPLE 10
#define CONTROLS 10
#define SKIPPED 77

static const gchar *const SINK = "safefilesink sync-policy=every-buffer "
    "journal=keep metrics-interval=1000000";

static TakeLog *taken, *reference;
static gchar *folder, *scratch;
static gboolean every_call;

/* ---- the child ---- */

static pid_t
start (const TakeWay * way, const gchar * sink, const gchar * path,
    gboolean claims_all)
{
  pid_t pid = fork ();

  if (pid == 0) {
    if (ptrace (PTRACE_TRACEME, 0, NULL, NULL) == -1)
      _exit (SKIPPED);
    raise (SIGSTOP);
    _exit (!take_record (way, FRAMES, sink, path, claims_all, taken));
  }
  return pid;
}

static gboolean
concerns_files (guint64 call)
{
  static const guint64 calls[] = {
    SYS_openat, SYS_close, SYS_read, SYS_write, SYS_pread64, SYS_pwrite64,
    SYS_preadv, SYS_pwritev, SYS_pwritev2, SYS_fsync, SYS_fdatasync,
    SYS_sync_file_range, SYS_ftruncate, SYS_fallocate, SYS_fcntl, SYS_flock,
    SYS_renameat, SYS_renameat2, SYS_linkat, SYS_unlinkat, SYS_mkdirat,
    SYS_fchmod, SYS_fstatfs, SYS_statx,
#ifdef SYS_open
    SYS_open, SYS_rename, SYS_unlink, SYS_link, SYS_mkdir,
#endif
#ifdef SYS_newfstatat
    SYS_newfstatat,
#endif
#ifdef SYS_fstat
    SYS_fstat,
#endif
#ifdef SYS_openat2
    SYS_openat2,
#endif
  };

  for (guint i = 0; i < G_N_ELEMENTS (calls); i++)
    if (calls[i] == call)
      return TRUE;
  return every_call;
}

static gboolean
is_entry_that_counts (pid_t thread)
{
  struct __ptrace_syscall_info info;

  return ptrace (PTRACE_GET_SYSCALL_INFO, thread, sizeof (info), &info) > 0
      && info.op == PTRACE_SYSCALL_INFO_ENTRY && taken->begun && !taken->ended
      && concerns_files (info.entry.nr);
}

/* The signal to pass on to a thread that stopped for @status. */
static gint
signal_of (gint status)
{
  gint signal = WSTOPSIG (status);

  return status >> 16 != 0 || signal == SIGSTOP || signal == SIGTRAP
      || signal == (SIGTRAP | 0x80) ? 0 : signal;
}

/**
 * run_until:
 * @nth: of the calls; the child is killed as it enters it.  0: never
 *
 * Returns: calls that were entered
 */
static guint
run_until (pid_t pid, guint nth)
{
  gint status;
  guint count = 0;
  pid_t thread;

  if (waitpid (pid, &status, 0) != pid || !WIFSTOPPED (status)) {
    g_print ("skipped: a process cannot be traced here\n");
    exit (SKIPPED);
  }
  ptrace (PTRACE_SETOPTIONS, pid, NULL, PTRACE_O_TRACESYSGOOD
      | PTRACE_O_TRACECLONE | PTRACE_O_EXITKILL);
  ptrace (PTRACE_SYSCALL, pid, NULL, NULL);
  while ((thread = waitpid (-1, &status, __WALL)) > 0) {
    if (!WIFSTOPPED (status))
      continue;
    if (WSTOPSIG (status) == (SIGTRAP | 0x80) && is_entry_that_counts (thread)
        && ++count == nth)
      kill (pid, SIGKILL);
    ptrace (PTRACE_SYSCALL, thread, NULL, signal_of (status));
  }
  return count;
}

/* ---- the checks ---- */

static void
empty_folder (const gchar * path)
{
  GDir *dir = g_dir_open (path, 0, NULL);
  const gchar *name;

  while ((name = g_dir_read_name (dir)) != NULL) {
    gchar *file = g_build_filename (path, name, NULL);

    g_unlink (file);
    g_free (file);
  }
  g_dir_close (dir);
}

static gchar *
kill_at (const TakeWay * way, const gchar * sink, gboolean claims_all,
    guint nth, guint64 * promised)
{
  gchar *path = g_build_filename (folder, way->name, NULL), *wrong;

  empty_folder (folder);
  take_log_reset (taken);
  run_until (start (way, sink, path, claims_all), nth);
  wrong = take_check (way, taken, reference, path, scratch, COMMAND,
      G_MAXUINT64, promised);
  g_free (path);
  return wrong;
}

/* Records to the end, for the order of the muxer's writes.
 * Returns the calls. */
static guint
count_calls (const TakeWay * way, const gchar * sink, gboolean claims_all)
{
  gchar *path = g_build_filename (folder, way->name, NULL);
  guint count;

  empty_folder (folder);
  take_log_reset (taken);
  count = run_until (start (way, sink, path, claims_all), 0);
  if (!taken->ended)
    take_die ("%s: the recording did not come to its end", way->name);
  memcpy (reference, taken, sizeof (*taken));
  g_free (path);
  return count;
}

static guint
kill_everywhere (const TakeWay * way, GRand * random)
{
  guint calls = count_calls (way, SINK, FALSE), kills = 0, promises = 0;
  guint wrong = 0;
  guint64 promised;

  for (guint i = 1; i <= calls; i++) {
    gchar *saying;

    if (g_getenv ("SC_FAULTS_ALL") == NULL
        && (guint) g_rand_int_range (random, 0, (gint) calls) >= SAMPLE)
      continue;
    saying = kill_at (way, SINK, FALSE, i, &promised);
    kills++;
    promises += promised > 0;
    if (saying != NULL)
      g_print ("call %u of %u: %s\n", i, calls, saying);
    wrong += saying != NULL;
    g_free (saying);
  }
  g_print ("%s: killed at %u of %u calls, %u times behind a first promise: "
      "%u wrong\n", way->name, kills, calls, promises, wrong);
  return wrong;
}

/* Returns whether the check finds fault with filesink. */
static gboolean
control_fails (const TakeWay * way)
{
  guint calls = count_calls (way, "filesink", TRUE), wrong = 0, kills = 0;
  guint step = calls / CONTROLS + 1;
  guint64 promised;

  for (guint i = 1; i <= calls; i += step) {
    gchar *saying = kill_at (way, "filesink", TRUE, i, &promised);

    kills++;
    wrong += saying != NULL;
    g_free (saying);
  }
  g_print ("%s: control with filesink, killed at %u of %u calls: %u wrong\n",
      way->name, kills, calls, wrong);
  return wrong > 0;
}

int
main (int argc, char **argv)
{
  const gchar *given = g_getenv ("SC_TEST_SEED"), *all =
      g_getenv ("SC_FAULTS_ALL");
  guint32 seed = given != NULL ? (guint32) g_ascii_strtoull (given, NULL, 0)
      : g_random_int ();
  GRand *random = g_rand_new_with_seed (seed);
  guint wrong = 0, done = 0;

  gst_init (&argc, &argv);
  g_print ("kill-calls: SC_TEST_SEED=%u\n", seed);
  every_call = g_strcmp0 (all, "calls") == 0;
  taken = take_log_map (NULL);
  reference = take_log_map (NULL);
  folder = g_dir_make_tmp ("safecapture-kill-calls-XXXXXX", NULL);
  scratch = g_dir_make_tmp ("safecapture-kill-calls-XXXXXX", NULL);
  for (guint i = 0; i < TAKE_WAYS; i++) {
    if (argc > 1 && !g_str_equal (argv[1], take_ways[i].name))
      continue;
    if (!take_way_is_there (&take_ways[i]))
      continue;
    done++;
    wrong += kill_everywhere (&take_ways[i], random);
    wrong += !control_fails (&take_ways[i]);
  }
  empty_folder (folder);
  empty_folder (scratch);
  g_rmdir (folder);
  g_rmdir (scratch);
  g_free (folder);
  g_free (scratch);
  g_rand_free (random);
  return wrong > 0 ? 1 : done == 0 ? SKIPPED : 0;
}
