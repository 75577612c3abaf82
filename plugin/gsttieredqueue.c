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
 *
 * Pads on request carry several streams side by side, each in a channel of its own:
 * |[
 * gst-launch-1.0 -m tieredqueue name=q sink_0::channel=left sink_1::channel=right audiotestsrc num-buffers=100 ! audio/x-raw,channels=2 ! deinterleave name=d d.src_0 ! q.sink_0 d.src_1 ! q.sink_1 q.src_0 ! wavenc ! filesink location=left.wav q.src_1 ! wavenc ! filesink location=right.wav
 * ]|
 *
 * The signals are those of all channels, as they have no arguments; each is emitted by
 * a thread that carries the channel's data.  The pads emit those of their channel
 * alone, after the element: the sink pad `overrun` and the `running` after it, the
 * source pad the others.  The messages name their channel:
 * `tieredqueue-backpressure` tells of the same as `overrun`, before a queue is full.
 */
/*
 * Contract
 *   tieredqueue-request.c   pads on request and their release
 *   tieredqueue-channels.c  the list of channels: names, settings, sums
 *   tieredqueue-pads.c      the pads of a channel; what each does is in
 *                           tieredqueue-sinkpad.c and tieredqueue-srcpad.c
 *   tieredqueue-channel.c   the ring between them; what is done with it is in
 *                           tieredqueue-put.c, -take.c, -evict.c, -fill.c and
 *                           -wait.c
 *   tieredqueue-output.c    where a channel's output stands, and its turn;
 *                           tieredqueue-sync.c keeps the channels together
 *   tieredqueue-account.c   statistics
 *   tieredqueue-report.c    messages
 *   this file               properties, signals, state changes
 */
#include "gsttieredqueue.h"

#include <gst/safecapture/gstsafecapturereporter.h>

#include "tieredqueue-channels.h"
#include "tieredqueue-levels.h"
#include "tieredqueue-pad.h"
#include "tieredqueue-request.h"

GST_DEBUG_CATEGORY (tieredqueue_debug);
#define GST_CAT_DEFAULT tieredqueue_debug

#define LOAD(cell) atomic_load_explicit (&(cell), memory_order_relaxed)
#define STORE(cell, value) \
  atomic_store_explicit (&(cell), (value), memory_order_relaxed)

struct _GstTieredQueue
{
  GstElement parent;

  TieredQueueChannels channels;
  GstSafecaptureReporter *reporter;
  _Atomic gboolean stopping;    /* what was held back is to be posted now */
};

enum
{
  PROP_0,
  PROP_STATS,                   /* and those that follow: the reporter's */
  PROP_SYNC_CHANNELS = PROP_STATS + GST_SAFECAPTURE_REPORTER_N_PROPERTIES,
  PROP_MAX_INTERLEAVE,
  PROP_LEVELS,                  /* and those that follow */
  PROP_SETTINGS = PROP_LEVELS + TIEREDQUEUE_N_LEVELS,   /* and those */
};

#define IS_LEVEL(id) \
  ((id) >= PROP_LEVELS && (id) < PROP_LEVELS + TIEREDQUEUE_N_LEVELS)
#define IS_SETTING(id) \
  ((id) >= PROP_SETTINGS && (id) < PROP_SETTINGS + TIEREDQUEUE_N_SETTINGS)

static guint signals[TIEREDQUEUE_N_SIGNALS];

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE ("sink",
    GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);
static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE ("src",
    GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);
static GstStaticPadTemplate channel_sink_template =
GST_STATIC_PAD_TEMPLATE (TIEREDQUEUE_SINK_TEMPLATE, GST_PAD_SINK,
    GST_PAD_REQUEST, GST_STATIC_CAPS_ANY);
static GstStaticPadTemplate channel_src_template =
GST_STATIC_PAD_TEMPLATE (TIEREDQUEUE_SRC_TEMPLATE, GST_PAD_SRC,
    GST_PAD_REQUEST, GST_STATIC_CAPS_ANY);

static void gst_tiered_queue_child_proxy_init (gpointer iface,
    gpointer unused);

G_DEFINE_FINAL_TYPE_WITH_CODE (GstTieredQueue, gst_tiered_queue,
    GST_TYPE_ELEMENT,
    G_IMPLEMENT_INTERFACE (GST_TYPE_CHILD_PROXY,
        gst_tiered_queue_child_proxy_init)
    GST_DEBUG_CATEGORY_INIT (tieredqueue_debug, "tieredqueue", 0,
        "lock-free data queue"));
GST_ELEMENT_REGISTER_DEFINE (tieredqueue, "tieredqueue", GST_RANK_NONE,
    GST_TYPE_TIERED_QUEUE);

/* ---- what the pads and the reporter call ---- */

static void
emit_signal (GstElement * element, GstPad * pad, TieredQueueSignal which)
{
  g_signal_emit (element, signals[which], 0);
  gst_tiered_queue_pad_emit (GST_TIERED_QUEUE_PAD (pad), which);
}

static void
notify_levels (GstElement * element, const ScRingLevel * changed)
{
  if (changed->buffers != 0)
    g_object_notify (G_OBJECT (element), "current-level-buffers");
  if (changed->bytes != 0)
    g_object_notify (G_OBJECT (element), "current-level-bytes");
  if (changed->time != 0)
    g_object_notify (G_OBJECT (element), "current-level-time");
}

static void
note_news (GstElement * element)
{
  gst_safecapture_reporter_kick (GST_TIERED_QUEUE (element)->reporter);
}

static void
post_refusal (GstTieredQueue * self, const gchar * channel,
    const gchar * reason)
{
  GST_WARNING_OBJECT (self, "channel refused: %s", reason);
  gst_safecapture_reporter_post_warning (self->reporter, "channel-refused",
      reason, "channel", G_TYPE_STRING, channel, NULL);
}

static void
rename_channel (GstElement * element, TieredQueuePads * pads,
    const gchar * name)
{
  GstTieredQueue *self = GST_TIERED_QUEUE (element);
  gchar *refusal = tieredqueue_channels_rename (&self->channels, pads, name);

  if (refusal != NULL)
    post_refusal (self, name, refusal);
  g_free (refusal);
}

static const TieredQueueHost host = {
  .emit = emit_signal,
  .notify_levels = notify_levels,
  .news = note_news,
  .rename = rename_channel,
};

static void
collect_stats (GstElement * element, GstStructure * stats)
{
  tieredqueue_channels_collect (&GST_TIERED_QUEUE (element)->channels, stats);
}

static void
post_news (GstElement * element)
{
  GstTieredQueue *self = GST_TIERED_QUEUE (element);
  GstClockTime again = tieredqueue_channels_post (&self->channels,
      self->reporter, LOAD (self->stopping));

  if (GST_CLOCK_TIME_IS_VALID (again))
    gst_safecapture_reporter_poll_after (self->reporter, again);
}

static const GstSafecaptureReporterClass reporter_class = {
  .prefix = "tieredqueue",
  .collect = collect_stats,
  .poll = post_news,
};

/* ---- pads ---- */

static GstPad *
gst_tiered_queue_request_new_pad (GstElement * element,
    GstPadTemplate * template, const gchar * name, const GstCaps * caps)
{
  GstTieredQueue *self = GST_TIERED_QUEUE (element);
  gchar *refusal = NULL;
  GstPad *pad = tieredqueue_request_pad (&self->channels, template, name,
      &refusal);

  if (pad == NULL)
    post_refusal (self, name, refusal);
  g_free (refusal);
  return pad;
}

static void
gst_tiered_queue_release_pad (GstElement * element, GstPad * pad)
{
  tieredqueue_request_release (&GST_TIERED_QUEUE (element)->channels, pad);
}

static GObject *
get_child_by_index (GstChildProxy * proxy, guint index)
{
  GObject *pad;

  GST_OBJECT_LOCK (proxy);
  pad = g_list_nth_data (GST_ELEMENT (proxy)->pads, index);
  if (pad != NULL)
    g_object_ref (pad);
  GST_OBJECT_UNLOCK (proxy);
  return pad;
}

static guint
get_children_count (GstChildProxy * proxy)
{
  guint count;

  GST_OBJECT_LOCK (proxy);
  count = GST_ELEMENT (proxy)->numpads;
  GST_OBJECT_UNLOCK (proxy);
  return count;
}

static void
gst_tiered_queue_child_proxy_init (gpointer iface, gpointer unused)
{
  GstChildProxyInterface *proxy = iface;

  proxy->get_child_by_index = get_child_by_index;
  proxy->get_children_count = get_children_count;
}

/* ---- states ---- */

static void
gst_tiered_queue_stop (GstTieredQueue * self)
{
  STORE (self->stopping, TRUE);
  gst_safecapture_reporter_stop (self->reporter);
}

static GstStateChangeReturn
gst_tiered_queue_change_state (GstElement * element,
    GstStateChange transition)
{
  GstTieredQueue *self = GST_TIERED_QUEUE (element);
  GstStateChangeReturn ret;

  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED)
    tieredqueue_channels_start (&self->channels);
  else if (transition == GST_STATE_CHANGE_PAUSED_TO_READY)
    tieredqueue_channels_stop (&self->channels);

  ret = GST_ELEMENT_CLASS (gst_tiered_queue_parent_class)->change_state
      (element, transition);

  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED
      && ret != GST_STATE_CHANGE_FAILURE) {
    /* After the pads are active, which gives them their rings. */
    STORE (self->stopping, FALSE);
    gst_safecapture_reporter_start (self->reporter);
  } else if (transition == GST_STATE_CHANGE_READY_TO_PAUSED) {
    tieredqueue_channels_stop (&self->channels);
  } else if (transition == GST_STATE_CHANGE_PAUSED_TO_READY) {
    /* After the pads are inactive: what the stop has dropped is counted too. */
    gst_tiered_queue_stop (self);
  } else if (transition == GST_STATE_CHANGE_READY_TO_NULL) {
    tieredqueue_channels_stop_proposals (&self->channels);
  }
  return ret;
}

/* ---- properties ---- */

static void
set_together (GstTieredQueue * self, guint id, const GValue * value)
{
  TieredQueueSync *group = self->channels.group;

  GST_OBJECT_LOCK (self);       /* one at a time sets */
  if (id == PROP_SYNC_CHANNELS)
    tieredqueue_sync_set_on (group, g_value_get_boolean (value));
  else
    tieredqueue_sync_set_max (group, (gint64) g_value_get_uint64 (value));
  GST_OBJECT_UNLOCK (self);
}

/* The pads show what the element is set to. */
static void
notify_setting (GstTieredQueue * self, TieredQueueSetting which)
{
  GList *pads;

  GST_OBJECT_LOCK (self);
  pads = g_list_copy_deep (GST_ELEMENT (self)->pads,
      (GCopyFunc) (void (*)(void)) gst_object_ref, NULL);
  GST_OBJECT_UNLOCK (self);
  tieredqueue_settings_notify (G_OBJECT (self), which);
  for (GList * l = pads; l != NULL; l = l->next)
    tieredqueue_settings_notify (l->data, which);
  g_list_free_full (pads, gst_object_unref);
}

static void
gst_tiered_queue_set_property (GObject * object, guint id,
    const GValue * value, GParamSpec * pspec)
{
  GstTieredQueue *self = GST_TIERED_QUEUE (object);

  if (IS_SETTING (id)) {
    tieredqueue_channels_set (&self->channels, id - PROP_SETTINGS, value);
    notify_setting (self, id - PROP_SETTINGS);
  } else if (id > PROP_STATS && id < PROP_SYNC_CHANNELS) {
    gst_safecapture_reporter_set_property (self->reporter, id - PROP_STATS,
        value);
  } else if (id == PROP_SYNC_CHANNELS || id == PROP_MAX_INTERLEAVE) {
    set_together (self, id, value);
  } else {
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
}

static void
gst_tiered_queue_get_property (GObject * object, guint id, GValue * value,
    GParamSpec * pspec)
{
  GstTieredQueue *self = GST_TIERED_QUEUE (object);
  ScRingLevel level;

  if (IS_SETTING (id)) {
    tieredqueue_channels_get (&self->channels, id - PROP_SETTINGS, value);
  } else if (IS_LEVEL (id)) {
    tieredqueue_channels_level (&self->channels, &level);
    tieredqueue_levels_get (&level, id - PROP_LEVELS, value);
  } else if (id == PROP_SYNC_CHANNELS) {
    g_value_set_boolean (value,
        tieredqueue_sync_is_on (self->channels.group));
  } else if (id == PROP_MAX_INTERLEAVE) {
    g_value_set_uint64 (value,
        (guint64) LOAD (self->channels.group->max_interleave));
  } else {
    gst_safecapture_reporter_get_property (self->reporter, id - PROP_STATS,
        value);
  }
}

/* ---- making it ---- */

static void
gst_tiered_queue_finalize (GObject * object)
{
  GstTieredQueue *self = GST_TIERED_QUEUE (object);

  gst_safecapture_reporter_free (self->reporter);
  tieredqueue_channels_clear (&self->channels);
  G_OBJECT_CLASS (gst_tiered_queue_parent_class)->finalize (object);
}

static void
gst_tiered_queue_init (GstTieredQueue * self)
{
  self->reporter = gst_safecapture_reporter_new (GST_ELEMENT (self),
      &reporter_class);
  tieredqueue_channels_init (&self->channels, GST_ELEMENT (self), &host);
  tieredqueue_request_always (&self->channels);
}

static void
install_together_properties (GObjectClass * klass)
{
  g_object_class_install_property (klass, PROP_SYNC_CHANNELS,
      g_param_spec_boolean ("sync-channels", "Sync channels",
          "Keep the outputs of all channels together by running time", FALSE,
          G_PARAM_READWRITE | GST_PARAM_MUTABLE_PLAYING |
          G_PARAM_STATIC_STRINGS));
  g_object_class_install_property (klass, PROP_MAX_INTERLEAVE,
      g_param_spec_uint64 ("max-interleave", "Max. interleave (ns)",
          "With sync-channels: how far, in running time, any channel may run "
          "ahead of the slowest, and how long one that stalls is waited for, in "
          "nanoseconds", 1, TIEREDQUEUE_SYNC_MAX_TIME,
          TIEREDQUEUE_DEFAULT_MAX_INTERLEAVE,
          G_PARAM_READWRITE | GST_PARAM_MUTABLE_PLAYING |
          G_PARAM_STATIC_STRINGS));
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
   * A channel has run empty, or below its thresholds.  From its source pad's task.
   */
  signals[TIEREDQUEUE_SIGNAL_UNDERRUN] = new_signal (klass, "underrun");
  /**
   * GstTieredQueue::running:
   *
   * There is enough in a channel after an underrun (from its source pad's task), or
   * room again after an overrun (from the streaming thread of its sink pad).
   */
  signals[TIEREDQUEUE_SIGNAL_RUNNING] = new_signal (klass, "running");
  /**
   * GstTieredQueue::overrun:
   *
   * A channel is full: one of its levels has reached its limit.  From the
   * streaming thread of its sink pad, which emits `overrun` too; a handler may
   * change the limits.
   */
  signals[TIEREDQUEUE_SIGNAL_OVERRUN] = new_signal (klass, "overrun");
  /**
   * GstTieredQueue::pushing:
   *
   * After an underrun there is enough again in a channel to push.  From its source
   * pad's task.
   */
  signals[TIEREDQUEUE_SIGNAL_PUSHING] = new_signal (klass, "pushing");
}

static void
add_pad_template (GstElementClass * klass, GstStaticPadTemplate * template)
{
  gst_element_class_add_static_pad_template_with_gtype (klass, template,
      GST_TYPE_TIERED_QUEUE_PAD);
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
  element_class->request_new_pad = gst_tiered_queue_request_new_pad;
  element_class->release_pad = gst_tiered_queue_release_pad;

  install_signals (gobject_class);
  install_together_properties (gobject_class);
  tieredqueue_levels_install (gobject_class, PROP_LEVELS);
  tieredqueue_settings_install (gobject_class, PROP_SETTINGS, FALSE);
  gst_safecapture_reporter_install_properties (gobject_class, PROP_STATS);

  /* Those on request first: to link without a pad's name GStreamer takes an
   * unlinked pad, else the first template.  The source pads' before the others: for
   * two elements with pads on request it takes the first of each that fit
   * together, and would first try to link from a sink pad. */
  add_pad_template (element_class, &channel_src_template);
  add_pad_template (element_class, &channel_sink_template);
  add_pad_template (element_class, &sink_template);
  add_pad_template (element_class, &src_template);
  gst_element_class_set_static_metadata (element_class,
      "Tiered queue", "Generic",
      "Lock-free data queue: a drop-in for queue that never loses an event and "
      "tells what it drops",
      "The safecapture developers");
  gst_type_mark_as_plugin_api (GST_TYPE_TIERED_QUEUE_LEAKY, 0);
  gst_type_mark_as_plugin_api (GST_TYPE_TIERED_QUEUE_DROP_POLICY, 0);
  gst_type_mark_as_plugin_api (GST_TYPE_TIERED_QUEUE_STAGE, 0);
  gst_type_mark_as_plugin_api (GST_TYPE_TIERED_QUEUE_PAD, 0);
}
