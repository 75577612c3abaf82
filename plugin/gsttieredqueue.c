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
 *   tieredqueue-report.c   statistics and messages
 *   this file              properties, signals, state changes
 */
#include "gsttieredqueue.h"

#include <gst/safecapture/gstsafecapturereporter.h>
#include <gst/safecapture/gsttieredproposal.h>

#include "tieredqueue-pads.h"
#include "tieredqueue-report.h"

GST_DEBUG_CATEGORY (tieredqueue_debug);
#define GST_CAT_DEFAULT tieredqueue_debug

#define DEFAULT_MAX_SIZE_BUFFERS 200
#define DEFAULT_MAX_SIZE_BYTES (10 * 1024 * 1024)
#define DEFAULT_MAX_SIZE_TIME GST_SECOND
#define DEFAULT_HIGH_WATERMARK 0.9
#define DEFAULT_LOW_WATERMARK 0.7

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
  _Atomic gboolean proposes;
  _Atomic gboolean stopping;    /* what was held back is to be posted now */
};

enum
{
  PROP_0,
  PROP_CURRENT_LEVEL_BUFFERS,
  PROP_CURRENT_LEVEL_BYTES,
  PROP_CURRENT_LEVEL_TIME,
  PROP_MAX_SIZE_BUFFERS,
  PROP_MAX_SIZE_BYTES,
  PROP_MAX_SIZE_TIME,
  PROP_MIN_THRESHOLD_BUFFERS,
  PROP_MIN_THRESHOLD_BYTES,
  PROP_MIN_THRESHOLD_TIME,
  PROP_LEAKY,
  PROP_PUT_TIMEOUT,
  PROP_SILENT,
  PROP_FLUSH_ON_EOS,
  PROP_HIGH_WATERMARK,
  PROP_LOW_WATERMARK,
  PROP_PROPOSE_ALLOCATION,
  PROP_STATS,                   /* and the two that follow: the reporter's */
  PROP_POST_METRICS,
  PROP_METRICS_INTERVAL,
};

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

#define GST_TYPE_TIERED_QUEUE_LEAKY (gst_tiered_queue_leaky_get_type ())
static GType
gst_tiered_queue_leaky_get_type (void)
{
  static const GEnumValue values[] = {
    {TIEREDQUEUE_LEAKY_NO, "Not leaky: upstream waits", "no"},
    {TIEREDQUEUE_LEAKY_UPSTREAM, "Leaky on upstream (new buffers)",
        "upstream"},
    {TIEREDQUEUE_LEAKY_DOWNSTREAM, "Leaky on downstream (old buffers)",
        "downstream"},
    {0, NULL, NULL},
  };
  static gsize type = 0;

  if (g_once_init_enter (&type))
    g_once_init_leave (&type,
        g_enum_register_static ("GstTieredQueueLeaky", values));
  return type;
}

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
  TieredQueueChannel *channel = self->pads.channel;
  GstTieredHold hold = {
    .buffers = LOAD (channel->max.buffers),
    .bytes = LOAD (channel->max.bytes),
    .time = LOAD (channel->max.time),
  };

  if (!LOAD (self->proposes))
    return answered;
  return gst_tiered_proposal_answer (self->proposal, &hold, query) || answered;
}

static void
collect_stats (GstElement * element, GstStructure * stats)
{
  GstTieredQueue *self = GST_TIERED_QUEUE (element);

  /* Keeps the ring's memory; no data thread takes it while data flows. */
  g_mutex_lock (&self->pads.control);
  tieredqueue_report_collect (self->pads.channel, stats);
  g_mutex_unlock (&self->pads.control);
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
            LOAD (self->pads.channel->max.buffers)),
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
  TieredQueueChannel *channel = self->pads.channel;

  switch (id) {
    case PROP_MAX_SIZE_BUFFERS:
      STORE (channel->max.buffers, g_value_get_uint (value));
      break;
    case PROP_MAX_SIZE_BYTES:
      STORE (channel->max.bytes, g_value_get_uint (value));
      break;
    case PROP_MAX_SIZE_TIME:
      STORE (channel->max.time, g_value_get_uint64 (value));
      break;
    case PROP_MIN_THRESHOLD_BUFFERS:
      STORE (channel->min.buffers, g_value_get_uint (value));
      break;
    case PROP_MIN_THRESHOLD_BYTES:
      STORE (channel->min.bytes, g_value_get_uint (value));
      break;
    case PROP_MIN_THRESHOLD_TIME:
      STORE (channel->min.time, g_value_get_uint64 (value));
      break;
    case PROP_LEAKY:
      STORE (self->pads.leaky, g_value_get_enum (value));
      break;
    case PROP_PUT_TIMEOUT:
      STORE (channel->put_timeout, g_value_get_uint64 (value));
      break;
    case PROP_SILENT:
      STORE (self->pads.silent, g_value_get_boolean (value));
      break;
    case PROP_FLUSH_ON_EOS:
      STORE (self->pads.flush_on_eos, g_value_get_boolean (value));
      break;
    case PROP_HIGH_WATERMARK:
      sc_watermark_set (&channel->watermark,
          MIN (LOAD (channel->watermark.low), g_value_get_double (value)),
          g_value_get_double (value));
      break;
    case PROP_LOW_WATERMARK:
      sc_watermark_set (&channel->watermark, g_value_get_double (value),
          MAX (LOAD (channel->watermark.high), g_value_get_double (value)));
      break;
    case PROP_PROPOSE_ALLOCATION:
      STORE (self->proposes, g_value_get_boolean (value));
      break;
    case PROP_POST_METRICS:
    case PROP_METRICS_INTERVAL:
      gst_safecapture_reporter_set_property (self->reporter, id - PROP_STATS,
          value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
      break;
  }
  /* A changed limit or threshold may end a wait. */
  tieredqueue_channel_interrupt (channel);
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
  TieredQueueChannel *channel = self->pads.channel;

  switch (id) {
    case PROP_CURRENT_LEVEL_BUFFERS:
    case PROP_CURRENT_LEVEL_BYTES:
    case PROP_CURRENT_LEVEL_TIME:
      get_level (self, id, value);
      break;
    case PROP_MAX_SIZE_BUFFERS:
      g_value_set_uint (value, LOAD (channel->max.buffers));
      break;
    case PROP_MAX_SIZE_BYTES:
      g_value_set_uint (value, LOAD (channel->max.bytes));
      break;
    case PROP_MAX_SIZE_TIME:
      g_value_set_uint64 (value, LOAD (channel->max.time));
      break;
    case PROP_MIN_THRESHOLD_BUFFERS:
      g_value_set_uint (value, LOAD (channel->min.buffers));
      break;
    case PROP_MIN_THRESHOLD_BYTES:
      g_value_set_uint (value, LOAD (channel->min.bytes));
      break;
    case PROP_MIN_THRESHOLD_TIME:
      g_value_set_uint64 (value, LOAD (channel->min.time));
      break;
    case PROP_LEAKY:
      g_value_set_enum (value, LOAD (self->pads.leaky));
      break;
    case PROP_PUT_TIMEOUT:
      g_value_set_uint64 (value, LOAD (channel->put_timeout));
      break;
    case PROP_SILENT:
      g_value_set_boolean (value, LOAD (self->pads.silent));
      break;
    case PROP_FLUSH_ON_EOS:
      g_value_set_boolean (value, LOAD (self->pads.flush_on_eos));
      break;
    case PROP_HIGH_WATERMARK:
      g_value_set_double (value, LOAD (channel->watermark.high));
      break;
    case PROP_LOW_WATERMARK:
      g_value_set_double (value, LOAD (channel->watermark.low));
      break;
    case PROP_PROPOSE_ALLOCATION:
      g_value_set_boolean (value, LOAD (self->proposes));
      break;
    case PROP_STATS:
    case PROP_POST_METRICS:
    case PROP_METRICS_INTERVAL:
      gst_safecapture_reporter_get_property (self->reporter, id - PROP_STATS,
          value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
      break;
  }
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
  TieredQueueChannel *channel;

  self->reporter = gst_safecapture_reporter_new (GST_ELEMENT (self),
      &reporter_class);
  self->proposal = gst_tiered_proposal_new ();
  STORE (self->proposes, TRUE);
  self->pads.emit = emit_signal;
  self->pads.propose = propose_allocation;
  self->pads.news = note_news;
  tieredqueue_pads_init (&self->pads, GST_ELEMENT (self), "sink", "src");
  channel = self->pads.channel;
  STORE (channel->max.buffers, DEFAULT_MAX_SIZE_BUFFERS);
  STORE (channel->max.bytes, DEFAULT_MAX_SIZE_BYTES);
  STORE (channel->max.time, DEFAULT_MAX_SIZE_TIME);
  STORE (self->pads.leaky, TIEREDQUEUE_LEAKY_NO);
}

#define RW (G_PARAM_READWRITE | GST_PARAM_MUTABLE_PLAYING \
    | G_PARAM_STATIC_STRINGS)
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

static void
install_limit_properties (GObjectClass * klass)
{
  g_object_class_install_property (klass, PROP_MAX_SIZE_BUFFERS,
      g_param_spec_uint ("max-size-buffers", "Max. size (buffers)",
          "Most buffers in the queue (0 = no limit)", 0, G_MAXUINT,
          DEFAULT_MAX_SIZE_BUFFERS, RW));
  g_object_class_install_property (klass, PROP_MAX_SIZE_BYTES,
      g_param_spec_uint ("max-size-bytes", "Max. size (bytes)",
          "Most bytes in the queue (0 = no limit)", 0, G_MAXUINT,
          DEFAULT_MAX_SIZE_BYTES, RW));
  g_object_class_install_property (klass, PROP_MAX_SIZE_TIME,
      g_param_spec_uint64 ("max-size-time", "Max. size (ns)",
          "Most running time in the queue, in nanoseconds (0 = no limit)", 0,
          G_MAXUINT64, DEFAULT_MAX_SIZE_TIME, RW));
  g_object_class_install_property (klass, PROP_MIN_THRESHOLD_BUFFERS,
      g_param_spec_uint ("min-threshold-buffers", "Min. threshold (buffers)",
          "Buffers to wait for before any is let out (0 = none)", 0, G_MAXUINT,
          0, RW));
  g_object_class_install_property (klass, PROP_MIN_THRESHOLD_BYTES,
      g_param_spec_uint ("min-threshold-bytes", "Min. threshold (bytes)",
          "Bytes to wait for before any buffer is let out (0 = none)", 0,
          G_MAXUINT, 0, RW));
  g_object_class_install_property (klass, PROP_MIN_THRESHOLD_TIME,
      g_param_spec_uint64 ("min-threshold-time", "Min. threshold (ns)",
          "Running time to wait for before any buffer is let out, in "
          "nanoseconds (0 = none)", 0, G_MAXUINT64, 0, RW));
}

static void
install_behaviour_properties (GObjectClass * klass)
{
  g_object_class_install_property (klass, PROP_LEAKY,
      g_param_spec_enum ("leaky", "Leaky",
          "Which buffers to drop when the queue is full, if any; events are "
          "never dropped", GST_TYPE_TIERED_QUEUE_LEAKY, TIEREDQUEUE_LEAKY_NO,
          RW));
  g_object_class_install_property (klass, PROP_PUT_TIMEOUT,
      g_param_spec_uint64 ("put-timeout", "Put timeout (ns)",
          "How long upstream waits for room at most, when not leaky, before the "
          "new buffer is dropped, in nanoseconds (0 = without end)", 0,
          G_MAXUINT64, 0, RW));
  g_object_class_install_property (klass, PROP_SILENT,
      g_param_spec_boolean ("silent", "Silent",
          "Don't emit queue signals", FALSE, RW));
  g_object_class_install_property (klass, PROP_FLUSH_ON_EOS,
      g_param_spec_boolean ("flush-on-eos", "Flush on EOS",
          "Drop all buffers in the queue when EOS comes in", FALSE, RW));
  g_object_class_install_property (klass, PROP_HIGH_WATERMARK,
      g_param_spec_double ("high-watermark", "High watermark",
          "Back-pressure begins at this fraction of the fullest limit (pulls "
          "low-watermark down with it)", 0.0, 1.0, DEFAULT_HIGH_WATERMARK, RW));
  g_object_class_install_property (klass, PROP_LOW_WATERMARK,
      g_param_spec_double ("low-watermark", "Low watermark",
          "Back-pressure ends below this fraction of the fullest limit (pushes "
          "high-watermark up with it)", 0.0, 1.0, DEFAULT_LOW_WATERMARK, RW));
  g_object_class_install_property (klass, PROP_PROPOSE_ALLOCATION,
      g_param_spec_boolean ("propose-allocation", "Propose allocation",
          "Offer static memory to the element upstream, when it is raw audio or "
          "video and nothing downstream has a pool; counts from its next "
          "negotiation on", TRUE, RW));
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
  install_limit_properties (gobject_class);
  install_behaviour_properties (gobject_class);
  gst_safecapture_reporter_install_properties (gobject_class, PROP_STATS);

  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_element_class_set_static_metadata (element_class,
      "Tiered queue", "Generic",
      "Lock-free data queue: a drop-in for queue that never loses an event and "
      "tells what it drops",
      "The safecapture developers");
  gst_type_mark_as_plugin_api (GST_TYPE_TIERED_QUEUE_LEAKY, 0);
}
