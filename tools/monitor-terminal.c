/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "monitor-terminal.h"

gboolean
monitor_terminal_is_there (void)
{
  return FALSE;
}

void
monitor_terminal_get_screen (MonitorScreen * screen)
{
  screen->columns = 80;
  screen->rows = 24;
}

void
monitor_terminal_open (GSourceFunc resized, gpointer user_data)
{
}

void
monitor_terminal_close (void)
{
}

void
monitor_terminal_show (gchar ** lines)
{
}
