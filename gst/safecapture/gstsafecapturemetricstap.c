/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "gstsafecapturemetricstap.h"

#define DEFAULT_MAX_BYTES (16 * 1024 * 1024)
#define DEFAULT_MAX_FILES 4

enum
{
  INDEX_LOCATION,
  INDEX_MAX_BYTES,
  INDEX_MAX_FILES,
};

#define FLAGS (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS \
    | GST_PARAM_MUTABLE_READY)

void
gst_safecapture_metrics_tap_install_properties (GObjectClass * klass,
    guint first_id)
{
  g_object_class_install_property (klass, first_id + INDEX_LOCATION,
      g_param_spec_string ("metrics-location", "Metrics location",
          "File to append metrics and messages to, as lines of JSON", NULL,
          FLAGS));
  g_object_class_install_property (klass, first_id + INDEX_MAX_BYTES,
      g_param_spec_uint64 ("metrics-max-bytes", "Metrics max bytes",
          "Size at which the file of metrics is rotated (0 = never)", 0,
          G_MAXUINT64, DEFAULT_MAX_BYTES, FLAGS));
  g_object_class_install_property (klass, first_id + INDEX_MAX_FILES,
      g_param_spec_uint ("metrics-max-files", "Metrics max files",
          "How many rotated files of metrics are kept", 0, 1000,
          DEFAULT_MAX_FILES, FLAGS));
}

void
gst_safecapture_metrics_tap_init (GstSafecaptureMetricsTap * self)
{
  g_mutex_init (&self->lock);
  self->location = NULL;
  self->max_bytes = DEFAULT_MAX_BYTES;
  self->max_files = DEFAULT_MAX_FILES;
  self->log = NULL;
}

void
gst_safecapture_metrics_tap_get (GstSafecaptureMetricsTap * self,
    guint index, GValue * value)
{
  g_mutex_lock (&self->lock);
  if (index == INDEX_LOCATION)
    g_value_set_string (value, self->location);
  else if (index == INDEX_MAX_BYTES)
    g_value_set_uint64 (value, self->max_bytes);
  else
    g_value_set_uint (value, self->max_files);
  g_mutex_unlock (&self->lock);
}

void
gst_safecapture_metrics_tap_set (GstSafecaptureMetricsTap * self,
    guint index, const GValue * value)
{
  g_mutex_lock (&self->lock);
  if (index == INDEX_LOCATION) {
    g_free (self->location);
    self->location = g_value_dup_string (value);
  } else if (index == INDEX_MAX_BYTES) {
    self->max_bytes = g_value_get_uint64 (value);
  } else {
    self->max_files = g_value_get_uint (value);
  }
  g_mutex_unlock (&self->lock);
}

static GstSafecaptureMetricsLog *
open_locked (GstSafecaptureMetricsTap * self)
{
  return self->location != NULL && self->location[0] != '\0'
      ? gst_safecapture_metrics_log_open (self->location, self->max_bytes,
      self->max_files) : NULL;
}

gboolean
gst_safecapture_metrics_tap_open (GstSafecaptureMetricsTap * self)
{
  GstSafecaptureMetricsLog *log, *old;

  g_mutex_lock (&self->lock);
  old = self->log;
  self->log = log = open_locked (self);
  g_mutex_unlock (&self->lock);
  if (old != NULL)
    gst_safecapture_metrics_log_close (old);
  return log != NULL;
}

void
gst_safecapture_metrics_tap_append (GstSafecaptureMetricsTap * self,
    GstObject * source, const GstStructure * structure)
{
  g_mutex_lock (&self->lock);
  if (self->log == NULL)
    self->log = open_locked (self);
  if (self->log != NULL)
    gst_safecapture_metrics_log_append (self->log, source, structure);
  g_mutex_unlock (&self->lock);
}

GstStructure *
gst_safecapture_metrics_tap_take_trouble (GstSafecaptureMetricsTap * self,
    const gchar * name)
{
  GstStructure *warning = NULL;

  g_mutex_lock (&self->lock);
  if (self->log != NULL)
    warning = gst_safecapture_metrics_log_take_trouble (self->log, name);
  g_mutex_unlock (&self->lock);
  return warning;
}

void
gst_safecapture_metrics_tap_flush (GstSafecaptureMetricsTap * self)
{
  GstSafecaptureMetricsLog *log;

  g_mutex_lock (&self->lock);
  log = self->log;
  g_mutex_unlock (&self->lock);
  /* Only who calls _close() and _open() takes it away: not meanwhile. */
  if (log != NULL)
    gst_safecapture_metrics_log_flush (log);
}

void
gst_safecapture_metrics_tap_close (GstSafecaptureMetricsTap * self)
{
  GstSafecaptureMetricsLog *log;

  gst_safecapture_metrics_tap_flush (self);
  g_mutex_lock (&self->lock);
  log = self->log;
  self->log = NULL;
  g_mutex_unlock (&self->lock);
  if (log != NULL)
    gst_safecapture_metrics_log_close (log);
}

void
gst_safecapture_metrics_tap_clear (GstSafecaptureMetricsTap * self)
{
  gst_safecapture_metrics_tap_close (self);
  g_free (self->location);
  g_mutex_clear (&self->lock);
}
