/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The enumerations of #GstTieredAllocator. */
#ifndef GST_TIERED_ENUMS_H
#define GST_TIERED_ENUMS_H

#include <gst/safecapture/gstsafecapture-prelude.h>

G_BEGIN_DECLS

/**
 * GstTieredProfile:
 * @GST_TIERED_PROFILE_STANDARD: 4,096 bytes x 256, 65,536 x 64, 1,048,576 x 16
 * @GST_TIERED_PROFILE_EMBEDDED: 4,096 x 6, 2,048 x 2; the arena takes at most
 *   32,768 bytes, headers and free lists included
 * @GST_TIERED_PROFILE_CUSTOM: what #GstTieredAllocator:tiers says
 *
 * Which slot sizes an arena has, and how many slots of each.
 */
typedef enum
{
  GST_TIERED_PROFILE_STANDARD,
  GST_TIERED_PROFILE_EMBEDDED,
  GST_TIERED_PROFILE_CUSTOM,
} GstTieredProfile;

#define GST_TYPE_TIERED_PROFILE (gst_tiered_profile_get_type ())
GST_SAFECAPTURE_API
GType gst_tiered_profile_get_type (void);

/**
 * GstTieredClass:
 * @GST_TIERED_CLASS_PRIMARY: the stream's own buffers
 * @GST_TIERED_CLASS_CONVERSION: for converting formats
 * @GST_TIERED_CLASS_SCRATCH: short-lived working memory
 * @GST_TIERED_CLASS_INPUT: data on its way in
 * @GST_TIERED_CLASS_OUTPUT: data on its way out
 * @GST_TIERED_CLASS_METADATA: descriptions rather than data
 *
 * What a slot is wanted for. Every acquire is counted by it.
 */
typedef enum
{
  GST_TIERED_CLASS_PRIMARY,
  GST_TIERED_CLASS_CONVERSION,
  GST_TIERED_CLASS_SCRATCH,
  GST_TIERED_CLASS_INPUT,
  GST_TIERED_CLASS_OUTPUT,
  GST_TIERED_CLASS_METADATA,
} GstTieredClass;

#define GST_TYPE_TIERED_CLASS (gst_tiered_class_get_type ())
GST_SAFECAPTURE_API
GType gst_tiered_class_get_type (void);

/**
 * GstTieredMetering:
 * @GST_TIERED_METERING_AUTO: with every profile but embedded
 * @GST_TIERED_METERING_ON: latencies and the history are recorded
 * @GST_TIERED_METERING_OFF: counts only, in the arena's own memory
 *
 * What is recorded beyond counts.
 */
typedef enum
{
  GST_TIERED_METERING_AUTO,
  GST_TIERED_METERING_ON,
  GST_TIERED_METERING_OFF,
} GstTieredMetering;

#define GST_TYPE_TIERED_METERING (gst_tiered_metering_get_type ())
GST_SAFECAPTURE_API
GType gst_tiered_metering_get_type (void);

/**
 * GstTieredState:
 * @GST_TIERED_STATE_UNINITIALIZED: never started
 * @GST_TIERED_STATE_INITIALIZING: the memory is being reserved and carved
 * @GST_TIERED_STATE_READY: slots can be had, none has been yet
 * @GST_TIERED_STATE_ACTIVE: slots are in use
 * @GST_TIERED_STATE_WARNING: the same, and a limit is exceeded: see
 *   gst_tiered_allocator_get_limits()
 * @GST_TIERED_STATE_ERROR: the start failed; or a slot's header or guard words
 *   were written over.  It serves on, but what it serves may be damaged
 * @GST_TIERED_STATE_SHUTTING_DOWN: stopped, with slots still out, or a
 *   gst_tiered_allocator_shutdown() waits for them
 * @GST_TIERED_STATE_SHUTDOWN: stopped, and every slot is home
 *
 * What an allocator is at.
 */
typedef enum
{
  GST_TIERED_STATE_UNINITIALIZED,
  GST_TIERED_STATE_INITIALIZING,
  GST_TIERED_STATE_READY,
  GST_TIERED_STATE_ACTIVE,
  GST_TIERED_STATE_WARNING,
  GST_TIERED_STATE_ERROR,
  GST_TIERED_STATE_SHUTTING_DOWN,
  GST_TIERED_STATE_SHUTDOWN,
} GstTieredState;

#define GST_TYPE_TIERED_STATE (gst_tiered_state_get_type ())
GST_SAFECAPTURE_API
GType gst_tiered_state_get_type (void);

G_END_DECLS

#endif
