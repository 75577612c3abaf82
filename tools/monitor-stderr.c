/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "monitor-stderr.h"

#include <fcntl.h>
#include <glib-unix.h>
#include <string.h>
#include <unistd.h>

/* Longer ones are cut into several. */
#define LONGEST_LINE 1024u

static struct
{
  gboolean captured;
  int before;                   /* standard error as it was */
  int read_end;
  guint source;
  GString *rest;                /* a line that has no end yet */
  MonitorStderrLine line;
  gpointer user_data;
} capture;

static void
take_lines (gboolean last)
{
  gchar *end;

  while ((end = memchr (capture.rest->str, '\n', capture.rest->len)) != NULL
      || capture.rest->len > LONGEST_LINE || (last && capture.rest->len > 0)) {
    gsize size = end != NULL ? (gsize) (end - capture.rest->str)
        : MIN (capture.rest->len, LONGEST_LINE);
    gchar *line = g_strndup (capture.rest->str, size);

    g_string_erase (capture.rest, 0, (gssize) MIN (size + (end != NULL),
            capture.rest->len));
    if (line[0] != '\0')
      capture.line (line, capture.user_data);
    g_free (line);
  }
}

static gboolean
read_some (void)
{
  gchar buffer[4096];
  ssize_t size = read (capture.read_end, buffer, sizeof (buffer));

  if (size > 0)
    g_string_append_len (capture.rest, buffer, size);
  return size > 0;
}

static gboolean
on_readable (gint fd, GIOCondition condition, gpointer user_data)
{
  if (read_some ())
    take_lines (FALSE);
  return G_SOURCE_CONTINUE;
}

void
monitor_stderr_capture (MonitorStderrLine line, gpointer user_data)
{
  int ends[2];

  if (capture.captured || !isatty (STDERR_FILENO)
      || pipe2 (ends, O_NONBLOCK | O_CLOEXEC) < 0)
    return;
  capture.before = fcntl (STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
  if (capture.before < 0 || dup2 (ends[1], STDERR_FILENO) < 0) {
    close (ends[0]);
    close (ends[1]);
    return;
  }
  close (ends[1]);
  capture.read_end = ends[0];
  capture.line = line;
  capture.user_data = user_data;
  capture.rest = g_string_new (NULL);
  capture.source = g_unix_fd_add (ends[0], G_IO_IN, on_readable, NULL);
  capture.captured = TRUE;
}

void
monitor_stderr_release (gboolean dying)
{
  if (!capture.captured)
    return;
  capture.captured = FALSE;
  (void) dup2 (capture.before, STDERR_FILENO);
  if (dying)
    return;
  g_clear_handle_id (&capture.source, g_source_remove);
  while (read_some ())
    take_lines (FALSE);
  take_lines (TRUE);
  g_string_free (capture.rest, TRUE);
  close (capture.read_end);
  close (capture.before);
}
