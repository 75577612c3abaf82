/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "monitor-terminal.h"

#include "monitor-stderr.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <langinfo.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

/* Alternate screen, no cursor, no wrapping at the last column. */
#define ENTER "\033[?1049h\033[?25l\033[?7l\033[H\033[2J"
/* A frame is shown as a whole, where the terminal knows how. */
#define BEGIN "\033[?2026h\033[H"
#define END "\033[?2026l"
#define LEAVE "\033[0m\033[?7h\033[?25h\033[?1049l"

/* Ends an escape sequence that was cut off. */
#define CANCEL "\030"
/* How long the end of the last frame is waited for, in ms. */
#define LAST_WAIT 200

static struct
{
  gboolean open;
  int fd;                       /* of its own, as standard output is shared */
  GString *rest;                /* of the frame that is going out */
  GString *next;                /* the newest one behind it, or empty */
  guint source;                 /* waits until the terminal takes more, or 0 */
  struct termios before;        /* the terminal's modes */
  gboolean has_modes;
  guint resize_source;
  void (*stop_before) (int);    /* what SIGTSTP did */
} terminal;

/* ---- what there is ---- */

gboolean
monitor_terminal_is_there (void)
{
  const gchar *kind = g_getenv ("TERM");

  /* In the background a change of the modes would stop the process. */
  return isatty (STDOUT_FILENO) && kind != NULL
      && !g_str_equal (kind, "dumb") && kind[0] != '\0'
      && tcgetpgrp (STDOUT_FILENO) == getpgrp ();
}

void
monitor_terminal_get_screen (MonitorScreen * screen)
{
  const gchar *no_colour = g_getenv ("NO_COLOR");
  struct winsize size;

  screen->columns = 80;
  screen->rows = 24;
  if (ioctl (STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0
      && size.ws_row > 0) {
    screen->columns = size.ws_col;
    screen->rows = size.ws_row;
  }
  screen->colour = no_colour == NULL || no_colour[0] == '\0';
  screen->utf8 = g_str_equal (nl_langinfo (CODESET), "UTF-8");
}

/* ---- the screen ---- */

/* Nothing is waited for: a terminal that is held (Ctrl-S, a slow line) holds up
 * nothing but its own picture.  Async-signal-safe.  Returns: how much it took */
static gsize
write_some (const gchar * text, gsize size)
{
  gsize done = 0;

  while (done < size) {
    ssize_t written = write (terminal.fd, text + done, size - done);

    if (written < 0 && errno == EINTR)
      continue;
    if (written <= 0)
      break;
    done += (gsize) written;
  }
  return done;
}

/* Returns: whether all is written */
static gboolean
write_frames (void)
{
  for (;;) {
    g_string_erase (terminal.rest, 0, write_some (terminal.rest->str,
            terminal.rest->len));
    if (terminal.rest->len > 0)
      return FALSE;
    if (terminal.next->len == 0)
      return TRUE;
    g_string_append_len (terminal.rest, terminal.next->str,
        terminal.next->len);
    g_string_truncate (terminal.next, 0);
  }
}

static gboolean
on_writable (gint fd, GIOCondition condition, gpointer user_data)
{
  if ((condition & (G_IO_ERR | G_IO_HUP | G_IO_NVAL)) == 0
      && !write_frames ())
    return G_SOURCE_CONTINUE;
  terminal.source = 0;
  return G_SOURCE_REMOVE;
}

void
monitor_terminal_show (gchar ** lines)
{
  guint count = g_strv_length (lines);
  GString *frame = terminal.next;
  MonitorScreen screen;

  if (!terminal.open)
    return;
  /* One that has not begun to go out is never shown. */
  g_string_assign (frame, BEGIN);
  /* Erased before it is written: behind its last column it would be that. */
  for (guint i = 0; i < count; i++)
    g_string_append_printf (frame, "%s\033[K%s", i > 0 ? "\r\n" : "",
        lines[i]);
  monitor_terminal_get_screen (&screen);
  if (count < screen.rows)
    g_string_append (frame, count > 0 ? "\r\n\033[J" : "\033[J");
  g_string_append (frame, END);
  if (terminal.source == 0 && !write_frames ())
    terminal.source = g_unix_fd_add (terminal.fd, G_IO_OUT, on_writable, NULL);
}

/* ---- giving it back ---- */

static void
restore (void)
{
  (void) write_some (CANCEL LEAVE, sizeof (CANCEL LEAVE) - 1);
  if (terminal.has_modes)
    (void) tcsetattr (STDOUT_FILENO, TCSANOW, &terminal.before);
}

/* Async-signal-safe, as all that it calls: write(), dup2() and tcsetattr(). */
static void
restore_and_die (int number)
{
  if (terminal.open)
    restore ();
  monitor_stderr_release (TRUE);
  /* SA_RESETHAND: now as if nobody had asked for it. */
  (void) raise (number);
}

void
monitor_terminal_close (void)
{
  if (!terminal.open)
    return;
  terminal.open = FALSE;
  g_clear_handle_id (&terminal.resize_source, g_source_remove);
  g_clear_handle_id (&terminal.source, g_source_remove);
  g_string_truncate (terminal.next, 0);
  if (!write_frames ()) {
    GPollFD poller = { terminal.fd, G_IO_OUT, 0 };

    (void) g_poll (&poller, 1, LAST_WAIT);
    (void) write_frames ();
  }
  g_string_free (terminal.rest, TRUE);
  g_string_free (terminal.next, TRUE);
  signal (SIGTSTP, terminal.stop_before);
  restore ();
  if (terminal.fd != STDOUT_FILENO)
    close (terminal.fd);
}

static void
catch_deadly_signals (void)
{
  static const int numbers[] = {
    SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGQUIT, SIGSEGV, SIGTRAP
  };
  struct sigaction action = {.sa_handler = restore_and_die,
    .sa_flags = SA_RESETHAND | SA_NODEFER
  };

  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    (void) sigaction (numbers[i], &action, NULL);
}

static void
hide_typing (void)
{
  struct termios modes;

  terminal.has_modes = tcgetattr (STDOUT_FILENO, &terminal.before) == 0;
  if (!terminal.has_modes)
    return;
  modes = terminal.before;
  modes.c_lflag &= ~(tcflag_t) ECHO;
  (void) tcsetattr (STDOUT_FILENO, TCSANOW, &modes);
}

void
monitor_terminal_open (GSourceFunc resized, gpointer user_data)
{
  static gboolean registered;

  terminal.fd = open ("/proc/self/fd/1", O_WRONLY | O_NONBLOCK | O_NOCTTY
      | O_CLOEXEC);
  if (terminal.fd < 0)
    terminal.fd = STDOUT_FILENO;
  terminal.rest = g_string_new (NULL);
  terminal.next = g_string_new (NULL);
  hide_typing ();
  /* A stopped process records nothing. */
  terminal.stop_before = signal (SIGTSTP, SIG_IGN);
  terminal.open = TRUE;
  (void) write_some (ENTER, sizeof (ENTER) - 1);
  catch_deadly_signals ();
  if (!registered)
    (void) atexit (monitor_terminal_close);
  registered = TRUE;
  terminal.resize_source = g_unix_signal_add (SIGWINCH, resized, user_data);
}
