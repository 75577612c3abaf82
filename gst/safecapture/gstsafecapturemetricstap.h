/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the elements and the monitor have alike of a log of metrics: the properties
 * `metrics-location`, `metrics-max-bytes` and `metrics-max-files`, and the log that
 * they lead to.  Any thread.  Not installed.
 */
#ifndef GST_SAFECAPTURE_METRICS_TAP_H
#define GST_SAFECAPTURE_METRICS_TAP_H

#include "gstsafecapturemetricslog.h"

G_BEGIN_DECLS

typedef struct
{
  GMutex lock;
  gchar *location;              /* (nullable); under lock, as the next */
  guint64 max_bytes;
  guint max_files;
  GstSafecaptureMetricsLog *log;        /* (nullable) */
} GstSafecaptureMetricsTap;

/* How many properties it has. */
#define GST_SAFECAPTURE_METRICS_TAP_N_PROPERTIES 3

/**
 * gst_safecapture_metrics_tap_install_properties:
 * @first_id: of `metrics-location`; `metrics-max-bytes` and `metrics-max-files`
 *   take the two that follow
 */
void gst_safecapture_metrics_tap_install_properties (GObjectClass * klass,
    guint first_id);

void gst_safecapture_metrics_tap_init (GstSafecaptureMetricsTap * self);

/* @index: the property id less first_id.  What is set holds from the next
 * _open() on, or the first _append() if none is open. */
void gst_safecapture_metrics_tap_get (GstSafecaptureMetricsTap * self,
    guint index, GValue * value);
void gst_safecapture_metrics_tap_set (GstSafecaptureMetricsTap * self,
    guint index, const GValue * value);

/* Returns: whether there is a log now. */
gboolean gst_safecapture_metrics_tap_open (GstSafecaptureMetricsTap * self);

/* As gst_safecapture_metrics_log_append(); nothing where no log is wanted. */
void gst_safecapture_metrics_tap_append (GstSafecaptureMetricsTap * self,
    GstObject * source, const GstStructure * structure);

/* As gst_safecapture_metrics_log_take_trouble(). */
GstStructure *gst_safecapture_metrics_tap_take_trouble
    (GstSafecaptureMetricsTap * self, const gchar * name);

/* As gst_safecapture_metrics_log_flush(). */
void gst_safecapture_metrics_tap_flush (GstSafecaptureMetricsTap * self);

/* Flushes and closes.  One thread at a time. */
void gst_safecapture_metrics_tap_close (GstSafecaptureMetricsTap * self);

/* The end; closes. */
void gst_safecapture_metrics_tap_clear (GstSafecaptureMetricsTap * self);

G_END_DECLS

#endif
