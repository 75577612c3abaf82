/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Lines on standard output, whose reader can be slow, stand still or leave: it is
 * never waited for.  A line that it has no room for is left out as a whole.
 * One thread's.
 */
#ifndef MONITOR_OUTPUT_H
#define MONITOR_OUTPUT_H

#include <glib.h>

/* @line: without a line end */
void monitor_output_line (const gchar * line);

/**
 * monitor_output_end:
 * @lines: (nullable): the last ones, NULL-ended
 *
 * Gives the reader a last second for these and for what is on its way.
 */
void monitor_output_end (gchar ** lines);

#endif
