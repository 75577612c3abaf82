/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * GstSafecaptureMonitor:
 *
 * Looks at a whole pipeline: one snapshot tells of all elements of safecapture in
 * it, also of those inside bins and those added later, and of the levels of
 * `queue`, `queue2` and `multiqueue` beside them.
 *
 * Snapshots come at the interval as the signal
 * [signal@GstSafecapture.SafecaptureMonitor::snapshot], by a timer in the main
 * context that was the thread's default when the monitor was made; or whenever
 * they are asked for, from any thread. What is in one says the structure
 * `safecapture-snapshot` of the schema
 * ([func@GstSafecapture.safecapture_schema_get_field]).
 *
 * With [property@GstSafecapture.SafecaptureMonitor:metrics-location] each of these
 * snapshots is also a line of JSON in a file.
 *
 * A monitor does not keep its pipeline alive, and holds nothing up in it.
 */
#include "gstsafecapturemonitor.h"

#include "gstsafecapturemetricstap.h"
#include "gstsafecaptureschema.h"
#include "gstsafecapturesnapshot.h"

struct _GstSafecaptureMonitor
{
  GObject parent;

  GWeakRef pipeline;
  GMainContext *context;
  GMutex lock;
  GstClockTime interval;        /* under lock, as the next */
  GSource *timer;               /* (nullable) */

  GstSafecaptureMetricsTap tap;
};

enum
{
  PROP_PIPELINE = 1,
  PROP_INTERVAL,
  PROP_METRICS_LOCATION,        /* these in the order of their settings */
  PROP_METRICS_MAX_BYTES,
  PROP_METRICS_MAX_FILES,
};

static guint snapshot_signal;

G_DEFINE_FINAL_TYPE (GstSafecaptureMonitor, gst_safecapture_monitor,
    G_TYPE_OBJECT)

/* ---- the log ---- */

/* The pipeline speaks for the monitor, which has no bus. */
static void
post_log_trouble (GstSafecaptureMonitor * self, GstElement * pipeline)
{
  GstStructure *warning = gst_safecapture_metrics_tap_take_trouble
      (&self->tap, "safecapture-warning");

  if (warning == NULL)
    return;
  gst_structure_set (warning, "schema", G_TYPE_UINT,
      GST_SAFECAPTURE_SCHEMA_VERSION, NULL);
  gst_element_post_message (pipeline,
      gst_message_new_element (GST_OBJECT_CAST (pipeline), warning));
}

/**
 * gst_safecapture_monitor_log:
 * @self: a monitor
 * @source: (nullable): what it is of: its path becomes the field `source`
 * @structure: any structure: that of a message from the bus, say, or one of the
 *   application's own
 *
 * Appends a line to the file of
 * [property@GstSafecapture.SafecaptureMonitor:metrics-location], where there is
 * one. Waits for no disk. Any thread.
 */
void
gst_safecapture_monitor_log (GstSafecaptureMonitor * self,
    GstObject * source, const GstStructure * structure)
{
  g_return_if_fail (GST_IS_SAFECAPTURE_MONITOR (self));
  g_return_if_fail (source == NULL || GST_IS_OBJECT (source));
  g_return_if_fail (structure != NULL);

  gst_safecapture_metrics_tap_append (&self->tap, source, structure);
}

/* ---- the timer ---- */

static void
tell (GstSafecaptureMonitor * self, const GstStructure * snapshot)
{
  GstElement *pipeline = g_weak_ref_get (&self->pipeline);

  if (pipeline != NULL) {
    gst_safecapture_monitor_log (self, GST_OBJECT_CAST (pipeline), snapshot);
    post_log_trouble (self, pipeline);
    gst_object_unref (pipeline);
  }
  g_signal_emit (self, snapshot_signal, 0, snapshot);
}

static gboolean
emit_snapshot (gpointer user_data)
{
  GstSafecaptureMonitor *self = g_weak_ref_get (user_data);
  GstStructure *snapshot = self != NULL
      ? gst_safecapture_monitor_get_snapshot (self) : NULL;

  if (snapshot != NULL) {
    tell (self, snapshot);
    gst_structure_free (snapshot);
  }
  g_clear_object (&self);
  return G_SOURCE_CONTINUE;
}

static void
free_weak_ref (gpointer reference)
{
  g_weak_ref_clear (reference);
  g_free (reference);
}

static GSource *
make_timer (GstSafecaptureMonitor * self, GstClockTime interval)
{
  /* Rounded up: a timer of 0 ms would never rest. */
  GSource *timer = g_timeout_source_new ((guint) MIN ((interval
              + GST_MSECOND - 1) / GST_MSECOND, G_MAXUINT));
  /* The source may outlive the monitor by the callback it is in. */
  GWeakRef *reference = g_new0 (GWeakRef, 1);

  g_weak_ref_init (reference, self);
  g_source_set_callback (timer, emit_snapshot, reference, free_weak_ref);
  g_source_attach (timer, self->context);
  return timer;
}

static void
set_timer (GstSafecaptureMonitor * self, GstClockTime interval)
{
  GSource *timer = interval > 0 ? make_timer (self, interval) : NULL;
  GSource *old;

  g_mutex_lock (&self->lock);
  old = self->timer;
  self->timer = timer;
  self->interval = interval;
  g_mutex_unlock (&self->lock);
  if (old != NULL) {
    g_source_destroy (old);
    g_source_unref (old);
  }
}

/* ---- the object ---- */

static void
gst_safecapture_monitor_set_property (GObject * object, guint id,
    const GValue * value, GParamSpec * pspec)
{
  GstSafecaptureMonitor *self = GST_SAFECAPTURE_MONITOR (object);

  switch (id) {
    case PROP_PIPELINE:
      g_weak_ref_set (&self->pipeline, g_value_get_object (value));
      break;
    case PROP_INTERVAL:
      set_timer (self, g_value_get_uint64 (value));
      break;
    case PROP_METRICS_LOCATION:
    case PROP_METRICS_MAX_BYTES:
    case PROP_METRICS_MAX_FILES:
      gst_safecapture_metrics_tap_set (&self->tap, id - PROP_METRICS_LOCATION,
          value);
      (void) gst_safecapture_metrics_tap_open (&self->tap);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
}

static void
gst_safecapture_monitor_get_property (GObject * object, guint id,
    GValue * value, GParamSpec * pspec)
{
  GstSafecaptureMonitor *self = GST_SAFECAPTURE_MONITOR (object);

  switch (id) {
    case PROP_PIPELINE:
      g_value_take_object (value, g_weak_ref_get (&self->pipeline));
      break;
    case PROP_INTERVAL:
      g_mutex_lock (&self->lock);
      g_value_set_uint64 (value, self->interval);
      g_mutex_unlock (&self->lock);
      break;
    case PROP_METRICS_LOCATION:
    case PROP_METRICS_MAX_BYTES:
    case PROP_METRICS_MAX_FILES:
      gst_safecapture_metrics_tap_get (&self->tap, id - PROP_METRICS_LOCATION,
          value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
}

static void
gst_safecapture_monitor_finalize (GObject * object)
{
  GstSafecaptureMonitor *self = GST_SAFECAPTURE_MONITOR (object);

  set_timer (self, 0);
  gst_safecapture_metrics_tap_clear (&self->tap);
  g_weak_ref_clear (&self->pipeline);
  g_main_context_unref (self->context);
  g_mutex_clear (&self->lock);
  G_OBJECT_CLASS (gst_safecapture_monitor_parent_class)->finalize (object);
}

static void
gst_safecapture_monitor_init (GstSafecaptureMonitor * self)
{
  g_mutex_init (&self->lock);
  g_weak_ref_init (&self->pipeline, NULL);
  self->context = g_main_context_ref_thread_default ();
  gst_safecapture_metrics_tap_init (&self->tap);
}

static void
gst_safecapture_monitor_class_init (GstSafecaptureMonitorClass * klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->set_property = gst_safecapture_monitor_set_property;
  object_class->get_property = gst_safecapture_monitor_get_property;
  object_class->finalize = gst_safecapture_monitor_finalize;

  /**
   * GstSafecaptureMonitor:pipeline:
   *
   * What is looked at: a pipeline, a bin or a single element. Not kept alive;
   * %NULL once it is gone.
   */
  g_object_class_install_property (object_class, PROP_PIPELINE,
      g_param_spec_object ("pipeline", "Pipeline", "What is looked at",
          GST_TYPE_ELEMENT, G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY
          | G_PARAM_STATIC_STRINGS));
  /**
   * GstSafecaptureMonitor:interval:
   *
   * Time between two snapshots in nanoseconds, to whole milliseconds; 0 for none
   * but those that are asked for.
   */
  g_object_class_install_property (object_class, PROP_INTERVAL,
      g_param_spec_uint64 ("interval", "Interval",
          "Time between two snapshots in nanoseconds (0 = none)", 0,
          G_MAXINT64, GST_SECOND, G_PARAM_READWRITE | G_PARAM_CONSTRUCT
          | G_PARAM_STATIC_STRINGS));
  /**
   * GstSafecaptureMonitor:metrics-location:
   *
   * A file that gets each snapshot that comes at the interval, and what
   * [method@GstSafecapture.SafecaptureMonitor.log] is given, as lines of JSON; %NULL
   * for none. It is appended to, and shared with elements that name the same.
   */
  /**
   * GstSafecaptureMonitor:metrics-max-bytes:
   *
   * Size at which that file becomes FILE.1, what was FILE.1 becomes FILE.2, and so
   * on; 0 for never.
   */
  /**
   * GstSafecaptureMonitor:metrics-max-files:
   *
   * How many such older files are kept.
   */
  gst_safecapture_metrics_tap_install_properties (object_class,
      PROP_METRICS_LOCATION);
  /**
   * GstSafecaptureMonitor::snapshot:
   * @self: the monitor
   * @snapshot: a structure `safecapture-snapshot`
   *
   * A snapshot of the pipeline, at every interval; none while it is gone.
   */
  snapshot_signal = g_signal_new ("snapshot", G_TYPE_FROM_CLASS (klass),
      G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
      GST_TYPE_STRUCTURE | G_SIGNAL_TYPE_STATIC_SCOPE);
}

/**
 * gst_safecapture_monitor_new:
 * @pipeline: a pipeline, a bin or a single element
 *
 * A monitor with an interval of one second.
 *
 * Returns: (transfer full): the monitor
 */
GstSafecaptureMonitor *
gst_safecapture_monitor_new (GstElement * pipeline)
{
  g_return_val_if_fail (GST_IS_ELEMENT (pipeline), NULL);

  return g_object_new (GST_TYPE_SAFECAPTURE_MONITOR, "pipeline", pipeline,
      NULL);
}

/**
 * gst_safecapture_monitor_get_snapshot:
 * @self: a monitor
 *
 * Looks at the pipeline now. Any thread, but not from within one of its elements.
 *
 * Returns: (transfer full) (nullable): a structure `safecapture-snapshot`, or
 *   %NULL if the pipeline is gone
 */
GstStructure *
gst_safecapture_monitor_get_snapshot (GstSafecaptureMonitor * self)
{
  GstStructure *snapshot = NULL;
  GstElement *pipeline;

  g_return_val_if_fail (GST_IS_SAFECAPTURE_MONITOR (self), NULL);

  pipeline = g_weak_ref_get (&self->pipeline);
  if (pipeline != NULL)
    snapshot = gst_safecapture_snapshot_new (pipeline);
  gst_clear_object (&pipeline);
  return snapshot;
}
