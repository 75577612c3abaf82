/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The slot header of a buffer from a #GstTieredPool: what the pool and the
 * element that filled the buffer say about its data.
 */
#ifndef GST_TIERED_SLOT_META_H
#define GST_TIERED_SLOT_META_H

#include <gst/safecapture/gstsafecapture-prelude.h>

G_BEGIN_DECLS

/**
 * GST_TIERED_SLOT_MAGIC:
 *
 * The first field of every header that is intact.
 */
#define GST_TIERED_SLOT_MAGIC ((guint32) 0xAE550001)

typedef struct _GstTieredSlotHeader GstTieredSlotHeader;
typedef struct _GstTieredSlotMeta GstTieredSlotMeta;

/**
 * GstTieredSlotHeader:
 * @magic: %GST_TIERED_SLOT_MAGIC
 * @buffer_id: the slot's number in its arena, from 0
 * @buffer_class: what the slot was acquired for: 0 primary, 1 conversion,
 *   2 scratch, 3 input, 4 output, 5 metadata
 * @flags: the application's own
 * @sequence: number of the buffer in its stream, from 0
 * @timestamp: presentation time in ns, or #GST_CLOCK_TIME_NONE
 * @duration: ns, or #GST_CLOCK_TIME_NONE
 * @capture_time: the capturing clock's time in ns, or #GST_CLOCK_TIME_NONE
 * @sample_rate: Hz; 0 if the data is not audio
 * @channels: audio channels
 * @sample_bits: bits that a sample takes up, padding included
 * @samples: samples in the buffer for each channel
 * @data_size: bytes in use
 * @capacity: bytes that fit into the slot
 * @processing_count: how often an element has worked on the data
 * @processing_start: when the last of them began in ns, or #GST_CLOCK_TIME_NONE
 * @crc: CRC-32C of the fields before it
 * @uses: how often the slot has been handed out
 *
 * What a slot's header says, see #GstTieredSlotMeta.
 */
struct _GstTieredSlotHeader
{
  guint32 magic;
  guint32 buffer_id;
  guint32 buffer_class;
  guint32 flags;
  guint64 sequence;
  guint64 timestamp;
  guint64 duration;
  guint64 capture_time;
  guint32 sample_rate;
  guint16 channels;
  guint16 sample_bits;
  guint32 samples;
  guint32 data_size;
  guint32 capacity;
  guint32 processing_count;
  guint64 processing_start;
  guint32 crc;
  /*< private >*/
  guint32 zero;
  /*< public >*/
  guint64 uses;
  /*< private >*/
  guint64 reserved[4];
};

/**
 * GstTieredSlotMeta:
 * @meta: parent
 * @header: (transfer none): the header; read only
 *
 * Shows the header of the slot that a buffer's data lies in.
 *
 * Reading is for whoever holds the buffer.  Fields are changed through
 * gst_tiered_slot_meta_update(), by whoever may write to the buffer: it renews
 * the checksum, without which the slot is not taken back.
 *
 * A copy of the buffer gets a copy of the header, as it was.
 */
struct _GstTieredSlotMeta
{
  GstMeta meta;
  const GstTieredSlotHeader *header;

  /*< private >*/
  gpointer unit;
  GstTieredSlotHeader copy;
};

/**
 * gst_tiered_slot_meta_api_get_type: (skip)
 *
 * Registers the meta's API type.
 *
 * Returns: the type
 */
GST_SAFECAPTURE_API
GType gst_tiered_slot_meta_api_get_type (void);
#define GST_TIERED_SLOT_META_API_TYPE (gst_tiered_slot_meta_api_get_type ())

/**
 * gst_tiered_slot_meta_get_info: (skip)
 *
 * Registers the meta.
 *
 * Returns: (transfer none): how it is copied and freed
 */
GST_SAFECAPTURE_API
const GstMetaInfo *gst_tiered_slot_meta_get_info (void);
#define GST_TIERED_SLOT_META_INFO (gst_tiered_slot_meta_get_info ())

/**
 * gst_buffer_get_tiered_slot_meta:
 * @buffer: a #GstBuffer
 *
 * Finds the slot meta of a buffer.
 *
 * Returns: (transfer none) (nullable): its slot meta, or %NULL if it does not
 * come from a tiered pool
 */
GST_SAFECAPTURE_API
GstTieredSlotMeta *gst_buffer_get_tiered_slot_meta (GstBuffer * buffer);

/**
 * gst_tiered_slot_meta_update:
 * @self: the meta of a buffer that the caller may write to
 * @values: (transfer none): the values to take over
 *
 * Takes over @flags, @sequence, @timestamp, @duration, @capture_time,
 * @sample_rate, @channels, @sample_bits, @samples, @data_size,
 * @processing_count and @processing_start, leaves what identifies the slot, and
 * renews the checksum.  Allocates nothing.
 */
GST_SAFECAPTURE_API
void gst_tiered_slot_meta_update (GstTieredSlotMeta * self,
    const GstTieredSlotHeader * values);

/**
 * gst_tiered_slot_meta_begin_processing:
 * @self: the meta of a buffer that the caller may write to
 * @now: the time in ns, of a clock that all who call this for the buffer share
 *
 * Notes that one more element begins to work on the data.
 */
GST_SAFECAPTURE_API
void gst_tiered_slot_meta_begin_processing (GstTieredSlotMeta * self,
    GstClockTime now);

/**
 * gst_tiered_slot_meta_is_intact:
 * @self: a slot meta
 *
 * Checks the header, as the pool does when it takes the slot back.
 *
 * Returns: whether the header's magic and checksum are right
 */
GST_SAFECAPTURE_API
gboolean gst_tiered_slot_meta_is_intact (GstTieredSlotMeta * self);

G_END_DECLS

#endif
