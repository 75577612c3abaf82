/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tieredqueue-settings.h"

#include <stddef.h>

#define LOAD(cell) atomic_load_explicit (&(cell), memory_order_relaxed)
#define STORE(cell, value) \
  atomic_store_explicit (&(cell), (value), memory_order_relaxed)

#define RW (G_PARAM_READWRITE | GST_PARAM_MUTABLE_PLAYING \
    | G_PARAM_STATIC_STRINGS)

/* ---- the types ---- */

GType
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

GType
gst_tiered_queue_drop_policy_get_type (void)
{
  static const GEnumValue values[] = {
    {TIEREDQUEUE_DROP_POLICY_BUFFER, "Drop each buffer by itself", "buffer"},
    {TIEREDQUEUE_DROP_POLICY_GOP,
        "Drop the rest of a group of pictures with a buffer of it", "gop"},
    {0, NULL, NULL},
  };
  static gsize type = 0;

  if (g_once_init_enter (&type))
    g_once_init_leave (&type,
        g_enum_register_static ("GstTieredQueueDropPolicy", values));
  return type;
}

GType
gst_tiered_queue_stage_get_type (void)
{
  static const GEnumValue values[] = {
    {TIEREDQUEUE_STAGE_NONE, "Sets nothing", "none"},
    {TIEREDQUEUE_STAGE_CAPTURE, "1000 buffers: behind a live source",
        "capture"},
    {TIEREDQUEUE_STAGE_PROCESSING, "500 buffers: between filters and encoders",
        "processing"},
    {TIEREDQUEUE_STAGE_STORAGE, "250 buffers: before a file", "storage"},
    {0, NULL, NULL},
  };
  static gsize type = 0;

  if (g_once_init_enter (&type))
    g_once_init_leave (&type,
        g_enum_register_static ("GstTieredQueueStage", values));
  return type;
}

/* ---- the table ---- */

#define MAX_COUNT 1024

typedef enum
{
  KIND_UINT,
  KIND_COUNT,                   /* a guint from 1 to MAX_COUNT */
  KIND_UINT64,
  KIND_BOOLEAN,
  KIND_ENUM,
  KIND_FRACTION,
} Kind;

typedef struct
{
  const gchar *name;
  const gchar *nick;
  const gchar *blurb;
  Kind kind;
  GType (*type) (void);         /* of an enum */
  gsize cell;                   /* offset in TieredQueueSettings */
  gdouble initial;
  gboolean of_pad;              /* pads have it as well */
} Row;

#define CELL(name) offsetof (TieredQueueSettings, name)

static const Row rows[TIEREDQUEUE_N_SETTINGS] = {
  [TIEREDQUEUE_SETTING_STAGE] = {"stage", "Stage",
        "Where in a recording the queue stands: sets max-size-buffers to 1000, "
        "500 or 250 (none: leaves it)",
      KIND_ENUM, gst_tiered_queue_stage_get_type, CELL (stage),
      TIEREDQUEUE_STAGE_NONE, TRUE},
  [TIEREDQUEUE_SETTING_MAX_SIZE_BUFFERS] = {"max-size-buffers",
        "Max. size (buffers)", "Most buffers in the queue (0 = no limit)",
      KIND_UINT, NULL, CELL (max.buffers), 200, TRUE},
  [TIEREDQUEUE_SETTING_MAX_SIZE_BYTES] = {"max-size-bytes",
        "Max. size (bytes)", "Most bytes in the queue (0 = no limit)",
      KIND_UINT, NULL, CELL (max.bytes), 10 * 1024 * 1024, TRUE},
  [TIEREDQUEUE_SETTING_MAX_SIZE_TIME] = {"max-size-time", "Max. size (ns)",
        "Most running time in the queue, in nanoseconds (0 = no limit)",
      KIND_UINT64, NULL, CELL (max.time), GST_SECOND, TRUE},
  [TIEREDQUEUE_SETTING_MIN_THRESHOLD_BUFFERS] = {"min-threshold-buffers",
        "Min. threshold (buffers)",
        "Buffers to wait for before any is let out (0 = none)",
      KIND_UINT, NULL, CELL (min.buffers), 0, FALSE},
  [TIEREDQUEUE_SETTING_MIN_THRESHOLD_BYTES] = {"min-threshold-bytes",
        "Min. threshold (bytes)",
        "Bytes to wait for before any buffer is let out (0 = none)",
      KIND_UINT, NULL, CELL (min.bytes), 0, FALSE},
  [TIEREDQUEUE_SETTING_MIN_THRESHOLD_TIME] = {"min-threshold-time",
        "Min. threshold (ns)",
        "Running time to wait for before any buffer is let out, in nanoseconds "
        "(0 = none)",
      KIND_UINT64, NULL, CELL (min.time), 0, FALSE},
  [TIEREDQUEUE_SETTING_LEAKY] = {"leaky", "Leaky",
        "Which buffers to drop when the queue is full, if any; events are "
        "never dropped",
      KIND_ENUM, gst_tiered_queue_leaky_get_type, CELL (leaky),
      TIEREDQUEUE_LEAKY_NO, TRUE},
  [TIEREDQUEUE_SETTING_PUT_TIMEOUT] = {"put-timeout", "Put timeout (ns)",
        "How long upstream waits for room at most, when not leaky, before the "
        "new buffer is dropped, in nanoseconds (0 = without end)",
      KIND_UINT64, NULL, CELL (put_timeout), 0, TRUE},
  [TIEREDQUEUE_SETTING_DROP_POLICY] = {"drop-policy", "Drop policy",
        "What goes with a buffer that is dropped because the queue is full",
      KIND_ENUM, gst_tiered_queue_drop_policy_get_type, CELL (drop_policy),
      TIEREDQUEUE_DROP_POLICY_BUFFER, TRUE},
  [TIEREDQUEUE_SETTING_SILENT] = {"silent", "Silent",
        "Don't emit queue signals; the element's are those of all channels, a "
        "pad's those of its own",
      KIND_BOOLEAN, NULL, CELL (silent), FALSE, FALSE},
  [TIEREDQUEUE_SETTING_NOTIFY_LEVELS] = {"notify-levels", "Notify levels",
        "Emit notify when a current-level changes, from the data threads",
      KIND_BOOLEAN, NULL, CELL (notify_levels), FALSE, FALSE},
  [TIEREDQUEUE_SETTING_FLUSH_ON_EOS] = {"flush-on-eos", "Flush on EOS",
        "Drop all buffers in the queue when EOS comes in",
      KIND_BOOLEAN, NULL, CELL (flush_on_eos), FALSE, FALSE},
  [TIEREDQUEUE_SETTING_BATCH] = {"batch", "Batch",
        "Push up to so many buffers that are in the queue already as one list, "
        "where downstream takes lists",
      KIND_COUNT, NULL, CELL (batch), 1, FALSE},
  [TIEREDQUEUE_SETTING_HIGH_WATERMARK] = {"high-watermark", "High watermark",
        "Back-pressure begins at this fraction of the fullest limit (pulls "
        "low-watermark down with it)",
      KIND_FRACTION, NULL, CELL (high_watermark), 0.9, TRUE},
  [TIEREDQUEUE_SETTING_LOW_WATERMARK] = {"low-watermark", "Low watermark",
        "Back-pressure ends below this fraction of the fullest limit (pushes "
        "high-watermark up with it)",
      KIND_FRACTION, NULL, CELL (low_watermark), 0.7, TRUE},
  [TIEREDQUEUE_SETTING_PROPOSE_ALLOCATION] = {"propose-allocation",
        "Propose allocation",
        "Offer static memory to the element upstream, when it is raw audio or "
        "video and nothing downstream has a pool; counts from its next "
        "negotiation on",
      KIND_BOOLEAN, NULL, CELL (propose_allocation), TRUE, FALSE},
};

static GParamSpec *
param_spec_of (const Row * row)
{
  switch (row->kind) {
    case KIND_UINT:
      return g_param_spec_uint (row->name, row->nick, row->blurb, 0,
          G_MAXUINT, (guint) row->initial, RW);
    case KIND_COUNT:
      return g_param_spec_uint (row->name, row->nick, row->blurb, 1,
          MAX_COUNT, (guint) row->initial, RW);
    case KIND_UINT64:
      return g_param_spec_uint64 (row->name, row->nick, row->blurb, 0,
          G_MAXUINT64, (guint64) row->initial, RW);
    case KIND_BOOLEAN:
      return g_param_spec_boolean (row->name, row->nick, row->blurb,
          row->initial != 0, RW);
    case KIND_ENUM:
      return g_param_spec_enum (row->name, row->nick, row->blurb,
          row->type (), (gint) row->initial, RW);
    default:
      return g_param_spec_double (row->name, row->nick, row->blurb, 0.0, 1.0,
          row->initial, RW);
  }
}

void
tieredqueue_settings_install (GObjectClass * klass, guint first_id,
    gboolean of_pad)
{
  for (guint i = 0; i < TIEREDQUEUE_N_SETTINGS; i++)
    if (rows[i].of_pad || !of_pad)
      g_object_class_install_property (klass, first_id + i,
          param_spec_of (&rows[i]));
}

/* ---- values ---- */

void
tieredqueue_settings_get (TieredQueueSettings * self,
    TieredQueueSetting which, GValue * value)
{
  gpointer cell = (guint8 *) self + rows[which].cell;

  switch (rows[which].kind) {
    case KIND_UINT:
    case KIND_COUNT:
      g_value_set_uint (value, LOAD (*(_Atomic guint *) cell));
      break;
    case KIND_UINT64:
      g_value_set_uint64 (value, LOAD (*(_Atomic guint64 *) cell));
      break;
    case KIND_BOOLEAN:
      g_value_set_boolean (value, LOAD (*(_Atomic gboolean *) cell));
      break;
    case KIND_ENUM:
      g_value_set_enum (value, LOAD (*(_Atomic gint *) cell));
      break;
    default:
      g_value_set_double (value, LOAD (*(_Atomic gdouble *) cell));
      break;
  }
}

static void
store (TieredQueueSettings * self, const Row * row, const GValue * value)
{
  gpointer cell = (guint8 *) self + row->cell;

  switch (row->kind) {
    case KIND_UINT:
    case KIND_COUNT:
      STORE (*(_Atomic guint *) cell, g_value_get_uint (value));
      break;
    case KIND_UINT64:
      STORE (*(_Atomic guint64 *) cell, g_value_get_uint64 (value));
      break;
    case KIND_BOOLEAN:
      STORE (*(_Atomic gboolean *) cell, g_value_get_boolean (value));
      break;
    case KIND_ENUM:
      STORE (*(_Atomic gint *) cell, g_value_get_enum (value));
      break;
    default:
      STORE (*(_Atomic gdouble *) cell, g_value_get_double (value));
      break;
  }
}

static void
follow_stage (TieredQueueSettings * self)
{
  static const guint buffers[] = {
    [TIEREDQUEUE_STAGE_CAPTURE] = 1000,
    [TIEREDQUEUE_STAGE_PROCESSING] = 500,
    [TIEREDQUEUE_STAGE_STORAGE] = 250,
  };
  gint stage = LOAD (self->stage);

  if (stage != TIEREDQUEUE_STAGE_NONE)
    STORE (self->max.buffers, buffers[stage]);
}

void
tieredqueue_settings_set (TieredQueueSettings * self,
    TieredQueueSetting which, const GValue * value)
{
  store (self, &rows[which], value);
  if (which == TIEREDQUEUE_SETTING_STAGE)
    follow_stage (self);
  else if (which == TIEREDQUEUE_SETTING_HIGH_WATERMARK)
    STORE (self->low_watermark,
        MIN (LOAD (self->low_watermark), LOAD (self->high_watermark)));
  else if (which == TIEREDQUEUE_SETTING_LOW_WATERMARK)
    STORE (self->high_watermark,
        MAX (LOAD (self->low_watermark), LOAD (self->high_watermark)));
}

/* Which other one a setting may change; itself if none. */
static TieredQueueSetting
changed_with (TieredQueueSetting which)
{
  switch (which) {
    case TIEREDQUEUE_SETTING_STAGE:
      return TIEREDQUEUE_SETTING_MAX_SIZE_BUFFERS;
    case TIEREDQUEUE_SETTING_HIGH_WATERMARK:
      return TIEREDQUEUE_SETTING_LOW_WATERMARK;
    case TIEREDQUEUE_SETTING_LOW_WATERMARK:
      return TIEREDQUEUE_SETTING_HIGH_WATERMARK;
    default:
      return which;
  }
}

void
tieredqueue_settings_notify (GObject * object, TieredQueueSetting which)
{
  TieredQueueSetting other = changed_with (which);

  if (GST_IS_PAD (object) && !rows[which].of_pad)
    return;
  g_object_notify (object, rows[which].name);
  if (other != which)
    g_object_notify (object, rows[other].name);
}

static void
init_value (GValue * value, const Row * row)
{
  static const GType types[] = {
    [KIND_UINT] = G_TYPE_UINT,
    [KIND_COUNT] = G_TYPE_UINT,
    [KIND_UINT64] = G_TYPE_UINT64,
    [KIND_BOOLEAN] = G_TYPE_BOOLEAN,
    [KIND_FRACTION] = G_TYPE_DOUBLE,
  };

  g_value_init (value, row->kind == KIND_ENUM ? row->type ()
      : types[row->kind]);
}

void
tieredqueue_settings_init (TieredQueueSettings * self)
{
  for (guint i = 0; i < TIEREDQUEUE_N_SETTINGS; i++) {
    GParamSpec *spec = g_param_spec_ref_sink (param_spec_of (&rows[i]));

    store (self, &rows[i], g_param_spec_get_default_value (spec));
    g_param_spec_unref (spec);
  }
}

void
tieredqueue_settings_copy (TieredQueueSettings * self,
    TieredQueueSettings * from)
{
  for (guint i = 0; i < TIEREDQUEUE_N_SETTINGS; i++) {
    GValue value = G_VALUE_INIT;

    init_value (&value, &rows[i]);
    tieredqueue_settings_get (from, i, &value);
    store (self, &rows[i], &value);
    g_value_unset (&value);
  }
}

void
tieredqueue_settings_tell (TieredQueueSettings * self, GstStructure * stats)
{
  gst_structure_set (stats,
      "max-buffers", G_TYPE_UINT64, (guint64) LOAD (self->max.buffers),
      "max-bytes", G_TYPE_UINT64, (guint64) LOAD (self->max.bytes),
      "max-time", G_TYPE_UINT64, (guint64) LOAD (self->max.time),
      "high-watermark", G_TYPE_DOUBLE, LOAD (self->high_watermark),
      "low-watermark", G_TYPE_DOUBLE, LOAD (self->low_watermark), NULL);
}
