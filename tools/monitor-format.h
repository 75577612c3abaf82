/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Figures as short as a screen wants them.  All return new strings. */
#ifndef MONITOR_FORMAT_H
#define MONITOR_FORMAT_H

#include <gst/gst.h>

/* "512 B", "12.3 MiB"; "?" for G_MAXUINT64 */
gchar *monitor_format_size (guint64 bytes);

/* "1.2 MB/s", of a rate in bytes a second */
gchar *monitor_format_rate (gdouble bytes_per_second);

/* A short time: "850 ns", "1.2 ms", "3.4 s", "2:05"; "?" for G_MAXUINT64 */
gchar *monitor_format_latency (guint64 ns);

/* A running time: "0:12:34" */
gchar *monitor_format_clock (guint64 ns);

/* A time that is left: "45 s", "3:20 min", "3:20 h", "4 days"; "?" likewise */
gchar *monitor_format_left (guint64 ns);

/* "950", "12.3 k", "4.5 M" */
gchar *monitor_format_count (guint64 count);

/* "42 %", of a fraction; at most "999 %" */
gchar *monitor_format_percent (gdouble fraction);

/* Whatever it is that @text holds, nothing in it can harm a terminal. */
gchar *monitor_format_safe (const gchar * text);

#endif
