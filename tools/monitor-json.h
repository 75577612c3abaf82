/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What --json prints: one object a line, told apart by `type`.
 *   safecapture-snapshot     a snapshot
 *   <element>-<what>         a message of safecapture's elements, but no metrics,
 *                            which are in the snapshots; with `element` and `time`
 *   error, warning           of any element: `element`, `time`, `text`
 *   end                      the last one: `code`, the exit code, and `reasons`
 * `time` is that of the monotonic clock in ns, as in the snapshots.
 */
#ifndef MONITOR_JSON_H
#define MONITOR_JSON_H

#include <gst/gst.h>

/* Returns: (transfer full): the line, without its end */
gchar *monitor_json_snapshot (const GstStructure * snapshot);

/* Returns: (transfer full) (nullable): NULL for messages that are not told */
gchar *monitor_json_message (GstMessage * message, guint64 time);

gchar *monitor_json_end (gint code, const gchar * const *reasons);

#endif
