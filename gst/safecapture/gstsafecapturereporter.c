/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One thread a process serves every started reporter.  The list and the times
 * are under one mutex, which data threads never take: a kick is an exchange on
 * the reporter's own flag and an eventcount notification.
 */
#include "gstsafecapturereporter.h"

#include "gstsafecapturehealth.h"
#include "gstsafecapturemetricstap.h"
#include "gstsafecaptureschema.h"
#include "sc-eventcount.h"

#include <stdatomic.h>
#include <stdlib.h>

enum
{
  INDEX_STATS,
  INDEX_POST_METRICS,
  INDEX_METRICS_INTERVAL,
  INDEX_METRICS_LOG,            /* and those that follow */
};

G_STATIC_ASSERT (INDEX_METRICS_LOG + GST_SAFECAPTURE_METRICS_TAP_N_PROPERTIES
    == GST_SAFECAPTURE_REPORTER_N_PROPERTIES);

/* A kick is served at once, the next one not before so long after: a data thread
 * that has news with every buffer (it drops) then pays an exchange, and no
 * wake-up, for all but a few of its kicks. */
#define KICK_SPACING (5 * GST_MSECOND)

struct _GstSafecaptureReporter
{
  GstElement *element;
  const GstSafecaptureReporterClass *klass;

  /* Settings: any thread. */
  _Atomic gboolean post_metrics;
  _Atomic GstClockTime interval;

  GstSafecaptureMetricsTap tap;
  _Atomic gboolean logs;        /* from start to stop: whether it has a log */

  GstSafecaptureHealth health;

  /* Exchanged by kick, cleared by the thread before it polls. */
  _Atomic gboolean kicked;

  /* Under service.lock. */
  gboolean started;
  gboolean in_use;              /* the thread is in a callback of ours */
  GstClockTime due;             /* next metrics message */
  GstClockTime poll_due;        /* next poll that was asked for, or NONE */
  GstClockTime polled;          /* last time served; 0 = never */
};

static struct
{
  GMutex lock;
  GCond idle;                   /* a callback has ended */
  GPtrArray *reporters;         /* started ones; under lock */
  GThread *thread;              /* made once, lives as long as the process */
  /* Whose callback the thread is in; under lock.  NULL also once that reporter
   * has been freed by the callback. */
  GstSafecaptureReporter *serving;
  ScEventcount wake;
} service;

static GstClockTime
now (void)
{
  return (GstClockTime) g_get_monotonic_time () * GST_USECOND;
}

/* What every structure has that is told; and the tests' look at it. */
static void
complete (GstStructure * structure)
{
  gchar *problem = NULL;

  gst_structure_set (structure, "schema", G_TYPE_UINT,
      GST_SAFECAPTURE_SCHEMA_VERSION, NULL);
  if (g_getenv ("SAFECAPTURE_CHECK_SCHEMA") != NULL)
    problem = gst_safecapture_schema_check (structure);
  if (problem != NULL) {
    g_printerr ("Not as the schema says: %s\n", problem);
    abort ();
  }
}

static gchar *
message_name (GstSafecaptureReporter * self, const gchar * suffix)
{
  return g_strconcat (self->klass->prefix, "-", suffix, NULL);
}

/* @post: whether on the bus too; takes @structure */
static void
tell (GstSafecaptureReporter * self, GstStructure * structure, gboolean post)
{
  GstElement *element = self->element;

  complete (structure);
  gst_safecapture_metrics_tap_append (&self->tap, GST_OBJECT_CAST (element),
      structure);
  if (post)
    gst_element_post_message (element,
        gst_message_new_element (GST_OBJECT_CAST (element), structure));
  else
    gst_structure_free (structure);
}

static void
post_structure (GstSafecaptureReporter * self, GstStructure * structure)
{
  tell (self, structure, TRUE);
}

static void
post_log_trouble (GstSafecaptureReporter * self)
{
  gchar *name = message_name (self, "warning");
  GstStructure *warning =
      gst_safecapture_metrics_tap_take_trouble (&self->tap, name);

  if (warning != NULL)
    post_structure (self, warning);
  g_free (name);
}

/* @pending: (out): whether there is something to warn of */
static GstStructure *
collect (GstSafecaptureReporter * self, const gchar * name, gboolean last,
    gboolean * pending)
{
  GstStructure *stats = gst_structure_new_empty (name);

  self->klass->collect (self->element, stats);
  *pending = gst_safecapture_health_tell (&self->health, self->element,
      self->klass->prefix, stats, now (), last);
  return stats;
}

static void
post_metrics (GstSafecaptureReporter * self, gboolean last)
{
  gchar *name = message_name (self, "metrics");
  gboolean pending;

  tell (self, collect (self, name, last, &pending),
      atomic_load_explicit (&self->post_metrics, memory_order_relaxed));
  g_free (name);
}

static void
post_health_warnings (GstSafecaptureReporter * self)
{
  const ScHealthRule *rule;
  gdouble value;

  while ((rule = gst_safecapture_health_next_warning (&self->health, &value))
      != NULL)
    gst_safecapture_reporter_post_warning (self, rule->code,
        gst_safecapture_health_text (rule), "value", G_TYPE_DOUBLE, value,
        "limit", G_TYPE_DOUBLE, rule->limit, NULL);
}

static gboolean
metrics_wanted (GstSafecaptureReporter * self)
{
  return atomic_load_explicit (&self->interval, memory_order_relaxed) > 0
      && (atomic_load_explicit (&self->post_metrics, memory_order_relaxed)
      || atomic_load_explicit (&self->logs, memory_order_relaxed));
}

gboolean
gst_safecapture_reporter_wants_metrics (GstSafecaptureReporter * self)
{
  return metrics_wanted (self);
}

/* Polls, and posts the metrics if they are due.  Without the lock. */
static void
serve (GstSafecaptureReporter * self, gboolean metrics, gboolean last)
{
  /* Acquire: pairs with the release in kick, so that poll sees what the data
   * thread noted before it kicked.  Cleared before poll, so a kick during poll
   * is not lost. */
  atomic_exchange_explicit (&self->kicked, FALSE, memory_order_acquire);
  if (self->klass->poll != NULL)
    self->klass->poll (self->element);
  if (metrics)
    post_metrics (self, last);
  post_health_warnings (self);
  post_log_trouble (self);
}

/* When it is to be served next, or NONE. */
static GstClockTime
due_locked (GstSafecaptureReporter * self)
{
  GstClockTime due = self->poll_due;

  if (metrics_wanted (self))
    due = MIN (due, self->due);
  if (atomic_load_explicit (&self->kicked, memory_order_relaxed))
    due = MIN (due, self->polled + KICK_SPACING);
  return due;
}

/* Picks the reporter that is due first, so that none waits for ever behind one
 * that is kicked all the time; or says how long until one is due. */
static GstSafecaptureReporter *
next_locked (GstClockTime time, gboolean * metrics, GstClockTime * wait)
{
  GstSafecaptureReporter *first = NULL;
  GstClockTime first_due = GST_CLOCK_TIME_NONE, interval;

  for (guint i = 0; i < service.reporters->len; i++) {
    GstSafecaptureReporter *self = g_ptr_array_index (service.reporters, i);

    if (!self->in_use && due_locked (self) < first_due) {
      first = self;
      first_due = due_locked (self);
    }
  }
  if (first == NULL || first_due > time) {
    *wait = first == NULL ? SC_WAIT_FOREVER : first_due - time;
    return NULL;
  }
  first->polled = time;
  first->poll_due = GST_CLOCK_TIME_NONE;
  *metrics = metrics_wanted (first) && time >= first->due;
  if (*metrics) {
    interval = atomic_load_explicit (&first->interval, memory_order_relaxed);
    /* From the due time, so that the period does not drift; from now, when a
     * whole period was missed. */
    first->due = time < first->due + interval ? first->due + interval
        : time + interval;
  }
  return first;
}

/* With the lock held, which is let go meanwhile.  The element stays: a handler
 * of what is posted may stop it and let the last other reference go. */
static void
serve_locked (GstSafecaptureReporter * self, gboolean metrics)
{
  GstElement *element = gst_object_ref (self->element);

  self->in_use = TRUE;
  service.serving = self;
  g_mutex_unlock (&service.lock);
  serve (self, metrics, FALSE);
  gst_object_unref (element);   /* its finalize may free self */
  g_mutex_lock (&service.lock);
  if (service.serving == NULL)
    return;
  service.serving = NULL;
  self->in_use = FALSE;
  g_cond_broadcast (&service.idle);
}

static gpointer
service_thread (gpointer unused)
{
  for (;;) {
    GstSafecaptureReporter *self;
    gboolean metrics = FALSE;
    GstClockTime wait;
    uint32_t key = sc_eventcount_prepare (&service.wake);

    g_mutex_lock (&service.lock);
    self = next_locked (now (), &metrics, &wait);
    if (self != NULL) {
      sc_eventcount_cancel (&service.wake);
      serve_locked (self, metrics);
    }
    g_mutex_unlock (&service.lock);
    if (self == NULL)
      (void) sc_eventcount_wait (&service.wake, key, wait);
  }
  return NULL;
}

static void
service_init (void)
{
  static gsize once = 0;

  if (g_once_init_enter (&once)) {
    service.reporters = g_ptr_array_new ();
    if (sc_eventcount_init (&service.wake) != 0)
      g_error ("cannot make the reporter's eventcount");
    service.thread = g_thread_new ("sc-reporter", service_thread,
        NULL);
    g_once_init_leave (&once, 1);
  }
}

GstSafecaptureReporter *
gst_safecapture_reporter_new (GstElement * element,
    const GstSafecaptureReporterClass * klass)
{
  GstSafecaptureReporter *self = g_new0 (GstSafecaptureReporter, 1);

  self->element = element;
  self->klass = klass;
  atomic_init (&self->post_metrics, TRUE);
  atomic_init (&self->interval, GST_SAFECAPTURE_DEFAULT_METRICS_INTERVAL);
  atomic_init (&self->kicked, FALSE);
  gst_safecapture_metrics_tap_init (&self->tap);
  gst_safecapture_health_init (&self->health, now ());
  return self;
}

void
gst_safecapture_reporter_free (GstSafecaptureReporter * self)
{
  if (self == NULL)
    return;
  gst_safecapture_reporter_stop (self);
  g_mutex_lock (&service.lock);
  /* It may have been stopped in its own callback, which then goes on. */
  while (self->in_use && g_thread_self () != service.thread)
    g_cond_wait (&service.idle, &service.lock);
  if (service.serving == self)
    service.serving = NULL;
  g_mutex_unlock (&service.lock);
  gst_safecapture_metrics_tap_clear (&self->tap);
  gst_safecapture_health_clear (&self->health);
  g_free (self);
}

void
gst_safecapture_reporter_start (GstSafecaptureReporter * self)
{
  service_init ();
  atomic_store_explicit (&self->logs,
      gst_safecapture_metrics_tap_open (&self->tap), memory_order_relaxed);
  g_mutex_lock (&service.lock);
  if (!self->started) {
    self->started = TRUE;
    gst_safecapture_health_restart (&self->health, now ());
    self->due = now () + atomic_load_explicit (&self->interval,
        memory_order_relaxed);
    self->poll_due = GST_CLOCK_TIME_NONE;
    self->polled = 0;
    g_ptr_array_add (service.reporters, self);
  }
  g_mutex_unlock (&service.lock);
  sc_eventcount_notify (&service.wake);
}

void
gst_safecapture_reporter_stop (GstSafecaptureReporter * self)
{
  gboolean was_started;

  if (!self->started)           /* only the owner's state change writes it */
    return;
  g_mutex_lock (&service.lock);
  was_started = self->started;
  self->started = FALSE;
  g_ptr_array_remove_fast (service.reporters, self);
  while (self->in_use && g_thread_self () != service.thread)
    g_cond_wait (&service.idle, &service.lock);
  g_mutex_unlock (&service.lock);

  if (was_started)
    serve (self, metrics_wanted (self), TRUE);
  /* Some elements tell something after this, which opens it again. */
  gst_safecapture_metrics_tap_flush (&self->tap);
  post_log_trouble (self);
  gst_safecapture_metrics_tap_close (&self->tap);
  atomic_store_explicit (&self->logs, FALSE, memory_order_relaxed);
}

void
gst_safecapture_reporter_kick (GstSafecaptureReporter * self)
{
  /* Release: pairs with the acquire in serve. */
  if (!atomic_exchange_explicit (&self->kicked, TRUE, memory_order_release))
    sc_eventcount_notify (&service.wake);
}

void
gst_safecapture_reporter_poll_after (GstSafecaptureReporter * self,
    GstClockTime delay)
{
  g_mutex_lock (&service.lock);
  self->poll_due = now () + delay;
  g_mutex_unlock (&service.lock);
}

void
gst_safecapture_reporter_install_properties (GObjectClass * klass,
    guint first_id)
{
  g_object_class_install_property (klass, first_id + INDEX_STATS,
      g_param_spec_boxed ("stats", "Statistics",
          "Counters, levels and latencies since the start; the fields are those "
          "of the metrics message", GST_TYPE_STRUCTURE,
          G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
  g_object_class_install_property (klass, first_id + INDEX_POST_METRICS,
      g_param_spec_boolean ("post-metrics", "Post metrics",
          "Post a metrics message on the bus at every metrics-interval", TRUE,
          G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS
          | GST_PARAM_MUTABLE_PLAYING));
  g_object_class_install_property (klass, first_id + INDEX_METRICS_INTERVAL,
      g_param_spec_uint64 ("metrics-interval", "Metrics interval",
          "Time between two metrics messages in nanoseconds (0 = none)", 0,
          G_MAXINT64, GST_SAFECAPTURE_DEFAULT_METRICS_INTERVAL,
          G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS
          | GST_PARAM_MUTABLE_PLAYING));
  gst_safecapture_metrics_tap_install_properties (klass,
      first_id + INDEX_METRICS_LOG);
}

void
gst_safecapture_reporter_get_property (GstSafecaptureReporter * self,
    guint index, GValue * value)
{
  switch (index) {
    case INDEX_STATS:{
      gchar *name = g_strconcat ("application/x-", self->klass->prefix,
          "-stats", NULL);
      gboolean pending;
      GstStructure *stats = collect (self, name, FALSE, &pending);

      /* The reader is not to be held up by who hears the warning. */
      if (pending) {
        service_init ();
        gst_safecapture_reporter_kick (self);
      }
      complete (stats);
      g_value_take_boxed (value, stats);
      g_free (name);
      break;
    }
    case INDEX_POST_METRICS:
      g_value_set_boolean (value, atomic_load_explicit (&self->post_metrics,
              memory_order_relaxed));
      break;
    case INDEX_METRICS_INTERVAL:
      g_value_set_uint64 (value, atomic_load_explicit (&self->interval,
              memory_order_relaxed));
      break;
    default:
      gst_safecapture_metrics_tap_get (&self->tap, index - INDEX_METRICS_LOG,
          value);
  }
}

void
gst_safecapture_reporter_set_property (GstSafecaptureReporter * self,
    guint index, const GValue * value)
{
  if (index >= INDEX_METRICS_LOG) {
    gst_safecapture_metrics_tap_set (&self->tap, index - INDEX_METRICS_LOG,
        value);
    return;
  }
  if (index == INDEX_POST_METRICS) {
    atomic_store_explicit (&self->post_metrics, g_value_get_boolean (value),
        memory_order_relaxed);
  } else {
    g_return_if_fail (index == INDEX_METRICS_INTERVAL);
    atomic_store_explicit (&self->interval, g_value_get_uint64 (value),
        memory_order_relaxed);
  }

  /* A changed interval counts from now, and the thread may have to sleep
   * shorter than it does. */
  service_init ();
  g_mutex_lock (&service.lock);
  if (self->started)
    self->due = now () + atomic_load_explicit (&self->interval,
        memory_order_relaxed);
  g_mutex_unlock (&service.lock);
  sc_eventcount_notify (&service.wake);
}

void
gst_safecapture_reporter_post (GstSafecaptureReporter * self,
    const gchar * suffix, const gchar * first_field, ...)
{
  gchar *name = message_name (self, suffix);
  va_list args;

  va_start (args, first_field);
  post_structure (self, gst_structure_new_valist (name, first_field, args));
  va_end (args);
  g_free (name);
}

void
gst_safecapture_reporter_post_qos (GstSafecaptureReporter * self,
    gboolean live, GstClockTime running_time, guint64 processed,
    guint64 dropped)
{
  GstElement *element = self->element;
  GstMessage *message = gst_message_new_qos (GST_OBJECT_CAST (element), live,
      running_time, GST_CLOCK_TIME_NONE, GST_CLOCK_TIME_NONE,
      GST_CLOCK_TIME_NONE);

  gst_message_set_qos_stats (message, GST_FORMAT_BUFFERS, processed, dropped);
  gst_element_post_message (element, message);
}

void
gst_safecapture_reporter_post_state (GstSafecaptureReporter * self,
    const gchar * old_state, const gchar * new_state, const gchar * reason)
{
  gst_safecapture_reporter_post (self, "state",
      "old", G_TYPE_STRING, old_state, "new", G_TYPE_STRING, new_state,
      "reason", G_TYPE_STRING, reason, NULL);
}

void
gst_safecapture_reporter_post_warning (GstSafecaptureReporter * self,
    const gchar * code, const gchar * text, const gchar * first_field, ...)
{
  gchar *name = message_name (self, "warning");
  GstStructure *structure = gst_structure_new (name,
      "code", G_TYPE_STRING, code, "text", G_TYPE_STRING, text, NULL);
  va_list args;

  va_start (args, first_field);
  gst_structure_set_valist (structure, first_field, args);
  va_end (args);
  post_structure (self, structure);
  g_free (name);
}
