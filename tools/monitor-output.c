/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "monitor-output.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LAST_WAIT G_USEC_PER_SEC

static struct
{
  int fd;                       /* 0: not opened yet */
  GString *rest;                /* of a line of which a part is written */
} output;

/* Standard output is shared with other processes, which would not expect it to
 * refuse; a pipe or a terminal can be opened once more.  A file never refuses, and
 * has a place where it is written. */
static void
open_output (void)
{
  struct stat st;

  output.rest = g_string_new (NULL);
  output.fd = -1;
  if (fstat (STDOUT_FILENO, &st) == 0 && (S_ISFIFO (st.st_mode)
          || S_ISCHR (st.st_mode)))
    output.fd = open ("/proc/self/fd/1", O_WRONLY | O_NONBLOCK | O_NOCTTY
        | O_CLOEXEC);
  if (output.fd < 0)
    output.fd = STDOUT_FILENO;
}

static void
write_rest (void)
{
  while (output.rest->len > 0) {
    ssize_t written = write (output.fd, output.rest->str, output.rest->len);

    if (written < 0 && errno == EINTR)
      continue;
    if (written < 0 && errno != EAGAIN)
      g_string_truncate (output.rest, 0);       /* nobody reads any more */
    if (written <= 0)
      return;
    g_string_erase (output.rest, 0, written);
  }
}

void
monitor_output_line (const gchar * line)
{
  if (output.fd == 0)
    open_output ();
  write_rest ();
  if (output.rest->len > 0)
    return;
  g_string_append (output.rest, line);
  g_string_append_c (output.rest, '\n');
  write_rest ();
}

void
monitor_output_end (gchar ** lines)
{
  gint64 end = g_get_monotonic_time () + LAST_WAIT, now;
  gchar *all = lines != NULL ? g_strjoinv ("\n", lines) : g_strdup ("");

  if (output.fd == 0)
    open_output ();
  g_string_append_printf (output.rest, all[0] != '\0' ? "%s\n" : "%s", all);
  write_rest ();
  while (output.rest->len > 0 && (now = g_get_monotonic_time ()) < end) {
    struct pollfd poller = { output.fd, POLLOUT, 0 };

    (void) poll (&poller, 1, (int) ((end - now) / 1000) + 1);
    write_rest ();
  }
  g_free (all);
  g_string_free (output.rest, TRUE);
  if (output.fd != STDOUT_FILENO)
    close (output.fd);
  output.fd = 0;
}
