/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The terminal on standard output: its size, its alternate screen, and giving it
 * back as it was however the process ends.  One a process, its main thread's.
 */
#ifndef MONITOR_TERMINAL_H
#define MONITOR_TERMINAL_H

#include "monitor-view.h"

/* Standard output is a terminal that a view can be drawn on. */
gboolean monitor_terminal_is_there (void);

/* Colour and characters as the environment wants them (NO_COLOR, TERM, the
 * locale), and the size now. */
void monitor_terminal_get_screen (MonitorScreen * screen);

/**
 * monitor_terminal_open:
 * @resized: called from the default main context when the size has changed
 *
 * Until monitor_terminal_close() the alternate screen is shown, without cursor and
 * echo.
 */
void monitor_terminal_open (GSourceFunc resized, gpointer user_data);
void monitor_terminal_close (void);

/* Replaces what is on the screen.  A terminal that takes nothing is not waited
 * for. */
void monitor_terminal_show (gchar ** lines);

#endif
