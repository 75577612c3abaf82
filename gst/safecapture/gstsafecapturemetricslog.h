/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Metrics in a file: what elements and monitors tell, as lines of JSON.
 *
 * Each file has one thread, however many write to it (all that name the same file
 * in this process share it), and a queue of 512 lines and 4 MiB before it.  Who
 * appends never waits for the disk: when the queue is full the line is counted and
 * left out, and a line `metrics-log-gap` stands where lines are missing.  The file
 * itself: sc-line-file.h.
 *
 * What goes wrong is told once: gst_safecapture_metrics_log_take_trouble().
 *
 * Not installed: the elements' and the monitor's own.
 */
#ifndef GST_SAFECAPTURE_METRICS_LOG_H
#define GST_SAFECAPTURE_METRICS_LOG_H

#include "gstsafecapture-prelude.h"

G_BEGIN_DECLS

typedef struct _GstSafecaptureMetricsLog GstSafecaptureMetricsLog;

/**
 * gst_safecapture_metrics_log_open:
 * @max_bytes: size at which the file is rotated; 0: never
 * @max_files: how many rotated ones are kept
 *
 * Touches no file: that is its thread's, with the first line.
 *
 * Returns: (transfer full): the log of that file, for
 *   gst_safecapture_metrics_log_close().  The limits are those of who opened it last.
 */
GstSafecaptureMetricsLog *gst_safecapture_metrics_log_open
    (const gchar * location, guint64 max_bytes, guint max_files);

/**
 * gst_safecapture_metrics_log_append:
 * @source: (nullable): what it is of: its path becomes `source`
 *
 * One line: gst_safecapture_structure_to_json() of @structure with the fields `at`
 * (UTC, with microseconds) and `source` put before its own.
 */
void gst_safecapture_metrics_log_append (GstSafecaptureMetricsLog * self,
    GstObject * source, const GstStructure * structure);

/**
 * gst_safecapture_metrics_log_take_trouble:
 * @name: of the structure: "safefilesink-warning", say
 *
 * Returns: (transfer full) (nullable): the warning `metrics-log`, or %NULL where
 *   all is well or it was told already; once a log
 */
GstStructure *gst_safecapture_metrics_log_take_trouble
    (GstSafecaptureMetricsLog * self, const gchar * name);

/**
 * gst_safecapture_metrics_log_flush:
 *
 * Waits until all lines are written, half a second at most.
 */
void gst_safecapture_metrics_log_flush (GstSafecaptureMetricsLog * self);

/* Does not wait: what is queued is written by the thread before it ends. */
void gst_safecapture_metrics_log_close (GstSafecaptureMetricsLog * self);

G_END_DECLS

#endif
