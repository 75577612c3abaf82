/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What libraries print on standard error while the live view is shown: it would
 * spoil the picture, and be gone with it.  One a process, its main thread's.
 */
#ifndef MONITOR_STDERR_H
#define MONITOR_STDERR_H

#include <glib.h>

typedef void (*MonitorStderrLine) (const gchar * line, gpointer user_data);

/**
 * monitor_stderr_capture:
 * @line: called from the default main context with each line
 *
 * Does nothing if standard error is no terminal.  Whoever prints is never held up:
 * what is too much is lost.
 */
void monitor_stderr_capture (MonitorStderrLine line, gpointer user_data);

/* Standard error is what it was; what is left in between is told as lines.  With
 * @dying it is left there, and nothing is done that a signal handler may not do. */
void monitor_stderr_release (gboolean dying);

#endif
