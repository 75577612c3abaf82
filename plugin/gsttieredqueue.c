/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * SECTION:element-tieredqueue
 * @title: tieredqueue
 * @short_description: lock-free data queue that tells what it drops
 *
 * A drop-in for `queue`: the same properties, defaults, signals and rules.  What
 * differs: no lock is taken between the pads while data flows, no event is ever
 * lost when it leaks, and it says on the bus what it drops and when it is under
 * back-pressure.
 *
 * ## Example
 * |[
 * gst-launch-1.0 -m audiotestsrc num-buffers=1000 ! tieredqueue ! flacenc ! filesink location=test.flac
 * ]|
 */
/*
 * Contract
 *   tieredqueue-pads.c     the pads of a channel; what each does is in
 *                          tieredqueue-sinkpad.c and tieredqueue-srcpad.c
 *   tieredqueue-channel.c  the ring between them, limits and accounts
 *   tieredqueue-account.c  statistics
 *   tieredqueue-report.c   messages
 *   this file              properties, signals, state changes
 */
#include "gsttieredqueue.h"

#include <gst/safecapture/gstsafecapturereporter.h>
#include <gst/safecapture/gsttieredproposal.h>

#include "tieredqueue-account.h"
#include "tieredqueue-pads.h"
#include "tieredqueue-report.h"

GST_DEBUG_CATEGORY (tieredqueue_debug);
#define GST_CAT_DEFAULT tieredqueue_debug

#define LOAD(cell) atomic_load_explicit (&(cell), memory_order_relaxed)
#define STORE(cell, value) \
  atomic_store_explicit (&(cell), (value), memory_order_relaxed)

struct _GstTieredQueue
{
  GstElement parent;

  TieredQueuePads pads;
  GstSafecaptureReporter *reporter;
  TieredQueuePosted posted;     /* the reporter's thread */
  GstTieredProposal *proposal;
  _Atomic gboolean stopping;    /* what was held back is to be posted now */
};

enum
{
  PROP_0,
  PROP_CURRENT_LEVEL_BUFFERS,
  PROP_CURRENT_LEVEL_BYTES,
  PROP_CURRENT_LEVEL_TIME,
  PROP_STATS,                   /* and the two that follow: the reporter's */
  PROP_POST_METRICS,
  PROP_METRICS_INTERVAL,
  PROP_SETTINGS,                /* and those that follow: see the table of
                                 * tieredqueue-settings.c */
};

#define IS_SETTING(id) \
  ((id) >= PROP_SETTINGS && (id) < PROP_SETTINGS + TIEREDQUEUE_N_SETTINGS)

static guint signals[TIEREDQUEUE_N_SIGNALS];

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE ("sink",
    GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);
static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE ("src",
    GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);

G_DEFINE_FINAL_TYPE_WITH_CODE (GstTieredQueue, gst_tiered_queue,
    GST_TYPE_ELEMENT,
    GST_DEBUG_CATEGORY_INIT (tieredqueue_debug, "tieredqueue", 0,
        "lock-free data queue"));
GST_ELEMENT_REGISTER_DEFINE (tieredqueue, "tieredqueue", GST_RANK_NONE,
    GST_TYPE_TIERED_QUEUE);

/* ---- what the pads and the reporter call ---- */

static void
emit_signal (GstElement * element, TieredQueueSignal which)
{
  g_signal_emit (element, signals[which], 0);
}

static void
note_news (GstElement * element)
{
  gst_safecapture_reporter_kick (GST_TIERED_QUEUE (element)->reporter);
}

/* What the queue may hold is what upstream may want beyond its own. */
static gboolean
propose_allocation (GstElement * element, GstQuery * query, gboolean answered)
{
  GstTieredQueue *self = GST_TIERED_QUEUE (element);
  TieredQueueSettings *settings = &self->pads.channel->settings;
  GstTieredHold hold = {
    .buffers = LOAD (settings->max.buffers),
    .bytes = LOAD (settings->max.bytes),
    .time = LOAD (settings->max.time),
  };

  if (!LOAD (settings->propose_allocation))
    return answered;
  return gst_tiered_proposal_answer (self->proposal, &hold, query) || answered;
}

static void
collect_stats (GstElement * element, GstStructure * stats)
{
  GstTieredQueue *self = GST_TIERED_QUEUE (element);
  TieredQueueAccount *account = g_new (TieredQueueAccount, 1);

  /* Keeps the ring's memory; no data thread takes it while data flows. */
  g_mutex_lock (&self->pads.control);
  tieredqueue_account_read (account, self->pads.channel);
  g_mutex_unlock (&self->pads.control);
  tieredqueue_account_tell (account, stats);
  g_free (account);
  gst_tiered_proposal_add_stats (self->proposal, stats);
}

static void
post_news (GstElement * element)
{
  GstTieredQueue *self = GST_TIERED_QUEUE (element);
  GstClockTime again = tieredqueue_report_post (self->pads.channel,
      GST_PAD_NAME (self->pads.sinkpad), self->reporter, &self->posted,
      LOAD (self->stopping));

  if (GST_CLOCK_TIME_IS_VALID (again))
    gst_safecapture_reporter_poll_after (self->reporter, again);
}

static const GstSafecaptureReporterClass reporter_class = {
  .prefix = "tieredqueue",
  .collect = collect_stats,
  .poll = post_news,
};

/* ---- states ---- */

static gboolean
gst_tiered_queue_start (GstTieredQueue * self)
{
  gboolean reserved = TRUE;

  /* A sink pad that somebody has activated already may have let items in: they
   * and the ring they are in stay. */
  if (!gst_pad_is_active (self->pads.sinkpad)) {
    g_mutex_lock (&self->pads.control);
    reserved = tieredqueue_channel_reserve (self->pads.channel);
    g_mutex_unlock (&self->pads.control);
  }
  if (!reserved) {
    GST_ELEMENT_ERROR (self, RESOURCE, NO_SPACE_LEFT,
        ("There is no memory for a queue of %u buffers.",
            LOAD (self->pads.channel->settings.max.buffers)),
        ("set a smaller max-size-buffers"));
    return FALSE;
  }
  self->posted = (TieredQueuePosted) { 0 };
  STORE (self->stopping, FALSE);
  gst_safecapture_reporter_start (self->reporter);
  return TRUE;
}

static GstStateChangeReturn
gst_tiered_queue_change_state (GstElement * element,
    GstStateChange transition)
{
  GstTieredQueue *self = GST_TIERED_QUEUE (element);
  GstStateChangeReturn ret;

  /* The ring must be there before the pads are activated. */
  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED
      && !gst_tiered_queue_start (self))
    return GST_STATE_CHANGE_FAILURE;

  ret = GST_ELEMENT_CLASS (gst_tiered_queue_parent_class)->change_state
      (element, transition);

  /* After the pads are inactive: what the stop has dropped is counted too. */
  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY
      || (transition == GST_STATE_CHANGE_READY_TO_PAUSED
          && ret == GST_STATE_CHANGE_FAILURE)) {
    STORE (self->stopping, TRUE);
    gst_safecapture_reporter_stop (self->reporter);
  }
  if (transition == GST_STATE_CHANGE_READY_TO_NULL)
    gst_tiered_proposal_stop (self->proposal);
  return ret;
}

/* ---- properties ---- */

static void
gst_tiered_queue_set_property (GObject * object, guint id,
    const GValue * value, GParamSpec * pspec)
{
  GstTieredQueue *self = GST_TIERED_QUEUE (object);

  if (IS_SETTING (id)) {
    GST_OBJECT_LOCK (self);
    tieredqueue_channel_set (self->pads.channel, id - PROP_SETTINGS, value);
    GST_OBJECT_UNLOCK (self);
  } else if (id == PROP_POST_METRICS || id == PROP_METRICS_INTERVAL) {
    gst_safecapture_reporter_set_property (self->reporter, id - PROP_STATS,
        value);
  } else {
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
}

static void
get_level (GstTieredQueue * self, guint id, GValue * value)
{
  ScRingLevel level;

  g_mutex_lock (&self->pads.control);
  tieredqueue_channel_level (self->pads.channel, &level);
  g_mutex_unlock (&self->pads.control);
  if (id == PROP_CURRENT_LEVEL_BUFFERS)
    g_value_set_uint (value, level.buffers);
  else if (id == PROP_CURRENT_LEVEL_BYTES)
    g_value_set_uint (value, (guint) MIN (level.bytes, G_MAXUINT));
  else
    g_value_set_uint64 (value, (guint64) level.time);
}

static void
gst_tiered_queue_get_property (GObject * object, guint id, GValue * value,
    GParamSpec * pspec)
{
  GstTieredQueue *self = GST_TIERED_QUEUE (object);

  if (IS_SETTING (id))
    tieredqueue_settings_get (&self->pads.channel->settings,
        id - PROP_SETTINGS, value);
  else if (id <= PROP_CURRENT_LEVEL_TIME)
    get_level (self, id, value);
  else
    gst_safecapture_reporter_get_property (self->reporter, id - PROP_STATS,
        value);
}

/* ---- making it ---- */

static void
gst_tiered_queue_finalize (GObject * object)
{
  GstTieredQueue *self = GST_TIERED_QUEUE (object);

  tieredqueue_pads_clear (&self->pads);        /* kicks the reporter */
  gst_safecapture_reporter_free (self->reporter);
  gst_tiered_proposal_free (self->proposal);
  G_OBJECT_CLASS (gst_tiered_queue_parent_class)->finalize (object);
}

static void
gst_tiered_queue_init (GstTieredQueue * self)
{
  self->reporter = gst_safecapture_reporter_new (GST_ELEMENT (self),
      &reporter_class);
  self->proposal = gst_tiered_proposal_new ();
  self->pads.emit = emit_signal;
  self->pads.propose = propose_allocation;
  self->pads.news = note_news;
  tieredqueue_pads_init (&self->pads, GST_ELEMENT (self), "sink", "src");
}

#define RO (G_PARAM_READABLE | G_PARAM_STATIC_STRINGS)

static void
install_level_properties (GObjectClass * klass)
{
  g_object_class_install_property (klass, PROP_CURRENT_LEVEL_BUFFERS,
      g_param_spec_uint ("current-level-buffers", "Current level (buffers)",
          "Buffers in the queue now", 0, G_MAXUINT, 0, RO));
  g_object_class_install_property (klass, PROP_CURRENT_LEVEL_BYTES,
      g_param_spec_uint ("current-level-bytes", "Current level (bytes)",
          "Bytes in the queue now", 0, G_MAXUINT, 0, RO));
  g_object_class_install_property (klass, PROP_CURRENT_LEVEL_TIME,
      g_param_spec_uint64 ("current-level-time", "Current level (ns)",
          "Running time in the queue now, in nanoseconds", 0, G_MAXUINT64, 0,
          RO));
}

static guint
new_signal (GObjectClass * klass, const gchar * name)
{
  return g_signal_new (name, G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_FIRST, 0,
      NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
install_signals (GObjectClass * klass)
{
  /**
   * GstTieredQueue::underrun:
   *
   * The queue has run empty, or below its thresholds.  From the source pad's
   * task.
   */
  signals[TIEREDQUEUE_SIGNAL_UNDERRUN] = new_signal (klass, "underrun");
  /**
   * GstTieredQueue::running:
   *
   * There is enough in the queue, or room again after an overrun.
   */
  signals[TIEREDQUEUE_SIGNAL_RUNNING] = new_signal (klass, "running");
  /**
   * GstTieredQueue::overrun:
   *
   * The queue is full.  From the streaming thread; a handler may change the
   * limits.
   */
  signals[TIEREDQUEUE_SIGNAL_OVERRUN] = new_signal (klass, "overrun");
  /**
   * GstTieredQueue::pushing:
   *
   * After an underrun there is enough again to push.  From the source pad's
   * task.
   */
  signals[TIEREDQUEUE_SIGNAL_PUSHING] = new_signal (klass, "pushing");
}

static void
gst_tiered_queue_class_init (GstTieredQueueClass * klass)
{
  GObjectClass *gobject_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);

  gobject_class->set_property = gst_tiered_queue_set_property;
  gobject_class->get_property = gst_tiered_queue_get_property;
  gobject_class->finalize = gst_tiered_queue_finalize;
  element_class->change_state = gst_tiered_queue_change_state;

  install_signals (gobject_class);
  install_level_properties (gobject_class);
  tieredqueue_settings_install (gobject_class, PROP_SETTINGS, FALSE);
  gst_safecapture_reporter_install_properties (gobject_class, PROP_STATS);

  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_element_class_set_static_metadata (element_class,
      "Tiered queue", "Generic",
      "Lock-free data queue: a drop-in for queue that never loses an event and "
      "tells what it drops",
      "The safecapture developers");
  gst_type_mark_as_plugin_api (GST_TYPE_TIERED_QUEUE_LEAKY, 0);
  gst_type_mark_as_plugin_api (GST_TYPE_TIERED_QUEUE_STAGE, 0);
}
