/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a channel can be set to: one table, from which the element and its pads
 * have their properties.  To add a setting: a cell below, its index, and a row
 * in the table.
 *
 * Contract
 *   The cells are read by the data threads at any time, each for itself.  One
 *   thread at a time sets, as some cells follow others.
 */
#ifndef TIEREDQUEUE_SETTINGS_H
#define TIEREDQUEUE_SETTINGS_H

#include <gst/gst.h>
#include <stdatomic.h>

G_BEGIN_DECLS

typedef enum
{
  TIEREDQUEUE_LEAKY_NO,
  TIEREDQUEUE_LEAKY_UPSTREAM,
  TIEREDQUEUE_LEAKY_DOWNSTREAM,
} TieredQueueLeaky;

/* What goes with a buffer that is dropped. */
typedef enum
{
  TIEREDQUEUE_DROP_POLICY_BUFFER,       /* nothing else */
  TIEREDQUEUE_DROP_POLICY_GOP,  /* the rest of its group of pictures */
} TieredQueueDropPolicy;

/* Where in a recording the queue stands: how many buffers it may hold. */
typedef enum
{
  TIEREDQUEUE_STAGE_NONE,
  TIEREDQUEUE_STAGE_CAPTURE,
  TIEREDQUEUE_STAGE_PROCESSING,
  TIEREDQUEUE_STAGE_STORAGE,
} TieredQueueStage;

/* 0 = no limit, or no threshold. */
typedef struct
{
  _Atomic guint buffers;
  _Atomic guint bytes;
  _Atomic guint64 time;         /* ns */
} TieredQueueLimits;

typedef struct
{
  _Atomic gint stage;
  TieredQueueLimits max;
  TieredQueueLimits min;
  _Atomic gint leaky;
  _Atomic guint64 put_timeout;  /* longest wait for space, ns; 0 = no end */
  _Atomic gint drop_policy;
  _Atomic gboolean silent;
  _Atomic gboolean notify_levels;
  _Atomic gboolean flush_on_eos;
  _Atomic guint batch;          /* most buffers in a push; 1 = one by one */
  _Atomic gboolean propose_allocation;
  /* Fractions of the fullest limit, low <= high. */
  _Atomic gdouble high_watermark;
  _Atomic gdouble low_watermark;
} TieredQueueSettings;

typedef enum
{
  TIEREDQUEUE_SETTING_STAGE,
  TIEREDQUEUE_SETTING_MAX_SIZE_BUFFERS,
  TIEREDQUEUE_SETTING_MAX_SIZE_BYTES,
  TIEREDQUEUE_SETTING_MAX_SIZE_TIME,
  TIEREDQUEUE_SETTING_MIN_THRESHOLD_BUFFERS,
  TIEREDQUEUE_SETTING_MIN_THRESHOLD_BYTES,
  TIEREDQUEUE_SETTING_MIN_THRESHOLD_TIME,
  TIEREDQUEUE_SETTING_LEAKY,
  TIEREDQUEUE_SETTING_PUT_TIMEOUT,
  TIEREDQUEUE_SETTING_DROP_POLICY,
  TIEREDQUEUE_SETTING_SILENT,
  TIEREDQUEUE_SETTING_NOTIFY_LEVELS,
  TIEREDQUEUE_SETTING_FLUSH_ON_EOS,
  TIEREDQUEUE_SETTING_BATCH,
  TIEREDQUEUE_SETTING_HIGH_WATERMARK,
  TIEREDQUEUE_SETTING_LOW_WATERMARK,
  TIEREDQUEUE_SETTING_PROPOSE_ALLOCATION,
  TIEREDQUEUE_N_SETTINGS
} TieredQueueSetting;

#define GST_TYPE_TIERED_QUEUE_LEAKY (gst_tiered_queue_leaky_get_type ())
GType gst_tiered_queue_leaky_get_type (void);

#define GST_TYPE_TIERED_QUEUE_DROP_POLICY \
    (gst_tiered_queue_drop_policy_get_type ())
GType gst_tiered_queue_drop_policy_get_type (void);

#define GST_TYPE_TIERED_QUEUE_STAGE (gst_tiered_queue_stage_get_type ())
GType gst_tiered_queue_stage_get_type (void);

/**
 * tieredqueue_settings_install:
 * @first_id: the property id of the first setting; the others follow
 * @of_pad: only those that a pad has; the ids of the others stay free
 */
void tieredqueue_settings_install (GObjectClass * klass, guint first_id,
    gboolean of_pad);

/* The defaults. */
void tieredqueue_settings_init (TieredQueueSettings * self);

void tieredqueue_settings_copy (TieredQueueSettings * self,
    TieredQueueSettings * from);

/**
 * tieredqueue_settings_set:
 *
 * Sets also what depends on it: `stage` the number of buffers, one watermark
 * the other where it would be out of order.
 */
void tieredqueue_settings_set (TieredQueueSettings * self,
    TieredQueueSetting which, const GValue * value);
void tieredqueue_settings_get (TieredQueueSettings * self,
    TieredQueueSetting which, GValue * value);

/**
 * tieredqueue_settings_notify:
 * @object: the element or a pad
 *
 * Emits `notify` of the setting and what depends on it, where @object has them.
 * Without a lock.
 */
void tieredqueue_settings_notify (GObject * object, TieredQueueSetting which);

/* The fields of statistics that tell its limits and watermarks. */
void tieredqueue_settings_tell (TieredQueueSettings * self,
    GstStructure * stats);

G_END_DECLS

#endif
