/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "backtraces.h"

#ifdef __linux__
#include <dirent.h>
#include <errno.h>
#include <execinfo.h>
#include <semaphore.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum
{
  FRAMES_MOST = 64,
  ANSWER_SECONDS = 2,           /* of a thread */
};

extern char **environ;

static struct
{
  int fd;
  sem_t written;
} request;

/* In the thread whose stack it is.  After backtraces_prepare() neither call
 * allocates, so that a thread that hangs in the allocator answers as well. */
static void
write_own (int number)
{
  void *frames[FRAMES_MOST];
  int before = errno;

  (void) number;
  backtrace_symbols_fd (frames, backtrace (frames, FRAMES_MOST), request.fd);
  sem_post (&request.written);
  errno = before;
}

void
backtraces_prepare (void)
{
  static bool prepared;
  struct sigaction action = {.sa_handler = write_own,.sa_flags = SA_RESTART };
  void *frame;

  if (prepared)
    return;
  prepared = true;
  /* The first call loads the unwinder, which allocates. */
  (void) backtrace (&frame, 1);
  sem_init (&request.written, 0, 0);
  sigaction (SIGRTMAX, &action, NULL);
}

static void
write_name (int fd, int thread)
{
  char path[64], name[32] = "?\n";
  FILE *file;

  snprintf (path, sizeof (path), "/proc/self/task/%d/comm", thread);
  file = fopen (path, "r");
  if (file != NULL) {
    if (fgets (name, sizeof (name), file) == NULL)
      name[0] = '\n';
    fclose (file);
  }
  dprintf (fd, "thread %d %s", thread, name);
}

static void
write_thread (int fd, int thread)
{
  struct timespec end;

  write_name (fd, thread);
  if (syscall (SYS_tgkill, getpid (), thread, SIGRTMAX) != 0)
    return;                     /* it has ended */
  clock_gettime (CLOCK_REALTIME, &end);
  end.tv_sec += ANSWER_SECONDS;
  while (sem_timedwait (&request.written, &end) != 0)
    if (errno != EINTR) {
      dprintf (fd, "  does not answer\n");
      return;
    }
}

static void
write_by_gdb (int fd)
{
  char pid[16];
  char *argv[] = { (char *) "gdb", (char *) "-p", pid, (char *) "-batch",
    (char *) "-ex", (char *) "thread apply all bt", NULL
  };
  posix_spawn_file_actions_t files;
  pid_t child;

  snprintf (pid, sizeof (pid), "%d", (int) getpid ());
  /* Where the kernel lets only parents look. */
  prctl (PR_SET_PTRACER, PR_SET_PTRACER_ANY);
  posix_spawn_file_actions_init (&files);
  posix_spawn_file_actions_adddup2 (&files, fd, STDOUT_FILENO);
  posix_spawn_file_actions_addopen (&files, STDERR_FILENO, "/dev/null", 1, 0);
  if (posix_spawnp (&child, argv[0], &files, NULL, argv, environ) == 0)
    while (waitpid (child, NULL, 0) < 0 && errno == EINTR);
  posix_spawn_file_actions_destroy (&files);
}

void
backtraces_write (int fd)
{
  DIR *threads = opendir ("/proc/self/task");
  struct dirent *entry;

  request.fd = fd;
  while (threads != NULL && (entry = readdir (threads)) != NULL)
    if (entry->d_name[0] != '.')
      write_thread (fd, atoi (entry->d_name));
  if (threads != NULL)
    closedir (threads);
  write_by_gdb (fd);
}

#else

void
backtraces_prepare (void)
{
}

void
backtraces_write (int fd)
{
  (void) fd;
}
#endif
