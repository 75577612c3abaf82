/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tieredqueue-pad.h"

#include "tieredqueue-levels.h"

#include <gst/safecapture/gstsafecaptureschema.h>

GST_DEBUG_CATEGORY_EXTERN (tieredqueue_debug);
#define GST_CAT_DEFAULT tieredqueue_debug

struct _GstTieredQueuePad
{
  GstPad parent;

  TieredQueuePads *pads;
  GstPad *partner;              /* the sink pad's: its source pad */
  /* What a push writes at the end of a pad (its last flow result) must not share
   * a cache line with what one writes at the beginning of the next pad in memory,
   * which is often our other one, and so another thread's: that cost 150 to 200 ns
   * a buffer.  Two lines, as some processors fetch them in pairs. */
  gchar apart[2 * SC_CACHE_LINE];
};

enum
{
  PROP_0,
  PROP_CHANNEL,
  PROP_STATS,
  PROP_LEVELS,                  /* and those that follow */
  PROP_SETTINGS = PROP_LEVELS + TIEREDQUEUE_N_LEVELS,   /* and those */
};

#define IS_LEVEL(id) \
  ((id) >= PROP_LEVELS && (id) < PROP_LEVELS + TIEREDQUEUE_N_LEVELS)

static guint signals[TIEREDQUEUE_N_SIGNALS];

G_DEFINE_FINAL_TYPE (GstTieredQueuePad, gst_tiered_queue_pad, GST_TYPE_PAD);

/* ---- what it is linked with inside ---- */

/* Returns: (transfer full) (nullable): the sink pad, if @element has it */
static GstPad *
find_sinkpad (GstTieredQueuePad * self, GstElement * element)
{
  GstPad *found = NULL;

  GST_OBJECT_LOCK (element);
  if (g_list_find (element->sinkpads, self->pads->sinkpad) != NULL)
    found = gst_object_ref (self->pads->sinkpad);
  GST_OBJECT_UNLOCK (element);
  return found;
}

/* Returns: (transfer full) (nullable): the channel's other pad */
static GstPad *
find_partner (GstTieredQueuePad * self, GstElement * element)
{
  if (self->partner != NULL)
    return gst_object_ref (self->partner);
  return element != NULL ? find_sinkpad (self, element) : NULL;
}

static GstIterator *
iterate_internal_links (GstPad * pad, GstObject * parent)
{
  GstPad *partner = find_partner (GST_TIERED_QUEUE_PAD (pad),
      (GstElement *) parent);
  GstIterator *iterator;
  GValue value = G_VALUE_INIT;

  if (partner == NULL)
    return NULL;
  g_value_init (&value, GST_TYPE_PAD);
  g_value_take_object (&value, partner);
  iterator = gst_iterator_new_single (GST_TYPE_PAD, &value);
  g_value_unset (&value);
  return iterator;
}

/* ---- properties ---- */

/* @element: (nullable): a pad may outlive it */
static void
rename_channel (GstTieredQueuePad * self, GstElement * element,
    const gchar * name)
{
  if (element == NULL)
    GST_WARNING_OBJECT (self, "released: it stays as it is");
  else
    self->pads->host->rename (element, self->pads, name);
}

/* @element: (nullable): who is to hear news */
static void
set_channel (GstTieredQueuePad * self, GstElement * element,
    TieredQueueSetting which, const GValue * value)
{
  if (tieredqueue_pads_set (self->pads, which, value) && element != NULL)
    tieredqueue_flow_news (self->pads);
  tieredqueue_settings_notify (G_OBJECT (self), which);
}

static void
gst_tiered_queue_pad_set_property (GObject * object, guint id,
    const GValue * value, GParamSpec * pspec)
{
  GstTieredQueuePad *self = GST_TIERED_QUEUE_PAD (object);
  GstElement *element = gst_pad_get_parent_element (GST_PAD (self));
  GstPad *partner = find_partner (self, element);

  if (id == PROP_CHANNEL)
    rename_channel (self, element, g_value_get_string (value));
  else
    set_channel (self, element, id - PROP_SETTINGS, value);
  /* The other pad shows it too. */
  if (partner != NULL && id == PROP_CHANNEL)
    g_object_notify (G_OBJECT (partner), "channel");
  else if (partner != NULL)
    tieredqueue_settings_notify (G_OBJECT (partner), id - PROP_SETTINGS);
  gst_clear_object (&partner);
  gst_clear_object (&element);
}

static GstStructure *
make_stats (GstTieredQueuePad * self)
{
  TieredQueueAccount *account = g_new (TieredQueueAccount, 1);
  GstStructure *stats = gst_structure_new
      ("application/x-tieredqueue-channel-stats", "schema", G_TYPE_UINT,
      GST_SAFECAPTURE_SCHEMA_VERSION, NULL);
  gchar *name = tieredqueue_pads_dup_name (self->pads);

  tieredqueue_pads_read_account (self->pads, account);
  gst_structure_set (stats, "channel", G_TYPE_STRING, name, NULL);
  tieredqueue_settings_tell (&self->pads->channel->settings, stats);
  tieredqueue_account_tell (account, stats);
  gst_tiered_proposal_add_stats (self->pads->proposal, stats);
  g_free (name);
  g_free (account);
  return stats;
}

static void
gst_tiered_queue_pad_get_property (GObject * object, guint id, GValue * value,
    GParamSpec * pspec)
{
  GstTieredQueuePad *self = GST_TIERED_QUEUE_PAD (object);
  ScRingLevel level;

  if (id == PROP_CHANNEL) {
    g_value_take_string (value, tieredqueue_pads_dup_name (self->pads));
  } else if (id == PROP_STATS) {
    g_value_take_boxed (value, make_stats (self));
  } else if (IS_LEVEL (id)) {
    tieredqueue_pads_read_level (self->pads, &level);
    tieredqueue_levels_get (&level, id - PROP_LEVELS, value);
  } else {
    tieredqueue_settings_get (&self->pads->channel->settings,
        id - PROP_SETTINGS, value);
  }
}

/* ---- signals ---- */

void
gst_tiered_queue_pad_emit (GstTieredQueuePad * self, TieredQueueSignal which)
{
  g_signal_emit (self, signals[which], 0);
}

static void
install_signals (GObjectClass * klass)
{
  static const gchar *const names[] = {
    [TIEREDQUEUE_SIGNAL_UNDERRUN] = "underrun",
    [TIEREDQUEUE_SIGNAL_RUNNING] = "running",
    [TIEREDQUEUE_SIGNAL_OVERRUN] = "overrun",
    [TIEREDQUEUE_SIGNAL_PUSHING] = "pushing",
  };

  for (guint i = 0; i < TIEREDQUEUE_N_SIGNALS; i++)
    signals[i] = g_signal_new (names[i], G_TYPE_FROM_CLASS (klass),
        G_SIGNAL_RUN_FIRST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

/* ---- making it ---- */

GstPad *
gst_tiered_queue_pad_new (TieredQueuePads * pads, GstPadTemplate * template,
    const gchar * name)
{
  GstTieredQueuePad *self = g_object_new (GST_TYPE_TIERED_QUEUE_PAD, "name",
      name, "direction", GST_PAD_TEMPLATE_DIRECTION (template), "template",
      template, NULL);

  self->pads = tieredqueue_pads_ref (pads);
  gst_pad_set_element_private (GST_PAD (self), pads);
  gst_pad_set_iterate_internal_links_function (GST_PAD (self),
      iterate_internal_links);
  GST_PAD_SET_PROXY_CAPS (self);
  return GST_PAD (self);
}

void
gst_tiered_queue_pad_keep (GstTieredQueuePad * self, GstPad * partner)
{
  self->partner = gst_object_ref (partner);
}

TieredQueuePads *
gst_tiered_queue_pad_get_pads (GstTieredQueuePad * self)
{
  return self->pads;
}

static void
gst_tiered_queue_pad_finalize (GObject * object)
{
  GstTieredQueuePad *self = GST_TIERED_QUEUE_PAD (object);

  gst_clear_object (&self->partner);
  g_clear_pointer (&self->pads, tieredqueue_pads_unref);
  G_OBJECT_CLASS (gst_tiered_queue_pad_parent_class)->finalize (object);
}

static void
gst_tiered_queue_pad_init (GstTieredQueuePad * self)
{
}

static void
gst_tiered_queue_pad_class_init (GstTieredQueuePadClass * klass)
{
  GObjectClass *gobject_class = G_OBJECT_CLASS (klass);

  gobject_class->set_property = gst_tiered_queue_pad_set_property;
  gobject_class->get_property = gst_tiered_queue_pad_get_property;
  gobject_class->finalize = gst_tiered_queue_pad_finalize;

  install_signals (gobject_class);
  g_object_class_install_property (gobject_class, PROP_CHANNEL,
      g_param_spec_string ("channel", "Channel",
          "Name of the channel in messages and statistics: 1 to 64 of "
          "A-Z a-z 0-9 _ . - and no other channel's (default: the sink pad's)",
          NULL, G_PARAM_READWRITE | GST_PARAM_MUTABLE_PLAYING
          | G_PARAM_STATIC_STRINGS));
  g_object_class_install_property (gobject_class, PROP_STATS,
      g_param_spec_boxed ("stats", "Statistics",
          "Counters, levels and latencies of the channel", GST_TYPE_STRUCTURE,
          G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
  tieredqueue_levels_install (gobject_class, PROP_LEVELS);
  tieredqueue_settings_install (gobject_class, PROP_SETTINGS, TRUE);
}
