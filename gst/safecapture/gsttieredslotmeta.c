/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "gsttieredslotmeta.h"

#include "sc-slot-header.h"

/* The public header is the core's, without its atomics. */
G_STATIC_ASSERT (sizeof (GstTieredSlotHeader) == sizeof (ScSlotHeader));
#define SAME_PLACE(public, core) \
  G_STATIC_ASSERT (G_STRUCT_OFFSET (GstTieredSlotHeader, public) \
      == G_STRUCT_OFFSET (ScSlotHeader, core))
SAME_PLACE (buffer_id, buffer_id);
SAME_PLACE (buffer_class, buffer_class);
SAME_PLACE (flags, flags);
SAME_PLACE (sequence, sequence);
SAME_PLACE (timestamp, timestamp_ns);
SAME_PLACE (duration, duration_ns);
SAME_PLACE (capture_time, capture_ns);
SAME_PLACE (sample_rate, sample_rate);
SAME_PLACE (channels, channels);
SAME_PLACE (sample_bits, sample_bits);
SAME_PLACE (samples, samples);
SAME_PLACE (data_size, data_size);
SAME_PLACE (capacity, capacity);
SAME_PLACE (processing_count, processing_count);
SAME_PLACE (processing_start, processing_start_ns);
SAME_PLACE (crc, crc);
SAME_PLACE (uses, uses);
G_STATIC_ASSERT (GST_TIERED_SLOT_MAGIC == SC_SLOT_MAGIC);
G_STATIC_ASSERT (GST_CLOCK_TIME_NONE == SC_TIME_NONE);

static ScSlotHeader *
core_header (GstTieredSlotMeta * self)
{
  return (ScSlotHeader *) self->header;
}

static gboolean
slot_meta_init (GstMeta * meta, gpointer params, GstBuffer * buffer)
{
  GstTieredSlotMeta *self = (GstTieredSlotMeta *) meta;

  self->unit = NULL;
  self->copy = (GstTieredSlotHeader) { 0 };
  self->header = &self->copy;
  return TRUE;
}

/* Copies of a buffer only: other transforms make other data, of which the
 * header says nothing. */
static gboolean
slot_meta_transform (GstBuffer * destination, GstMeta * meta,
    GstBuffer * buffer, GQuark type, gpointer data)
{
  GstTieredSlotMeta *self = (GstTieredSlotMeta *) meta, *copy;

  if (!GST_META_TRANSFORM_IS_COPY (type))
    return FALSE;
  /* Onto a buffer of the pool, which has a header of its own. */
  if (gst_buffer_get_tiered_slot_meta (destination) != NULL)
    return TRUE;
  copy = (GstTieredSlotMeta *) gst_buffer_add_meta (destination,
      GST_TIERED_SLOT_META_INFO, NULL);
  copy->copy = *self->header;
  return TRUE;
}

GType
gst_tiered_slot_meta_api_get_type (void)
{
  static GType type = 0;
  /* It describes the memory: not kept where only a part of that is. */
  static const gchar *tags[] = { GST_META_TAG_MEMORY_STR, NULL };

  if (g_once_init_enter (&type)) {
    GType registered = gst_meta_api_type_register ("GstTieredSlotMetaAPI",
        tags);

    g_once_init_leave (&type, registered);
  }
  return type;
}

const GstMetaInfo *
gst_tiered_slot_meta_get_info (void)
{
  static const GstMetaInfo *info = NULL;

  if (g_once_init_enter ((GstMetaInfo **) & info)) {
    const GstMetaInfo *registered = gst_meta_register
        (GST_TIERED_SLOT_META_API_TYPE, "GstTieredSlotMeta",
        sizeof (GstTieredSlotMeta), slot_meta_init, NULL, slot_meta_transform);

    g_once_init_leave ((GstMetaInfo **) & info, (GstMetaInfo *) registered);
  }
  return info;
}

GstTieredSlotMeta *
gst_buffer_get_tiered_slot_meta (GstBuffer * buffer)
{
  return (GstTieredSlotMeta *) gst_buffer_get_meta (buffer,
      GST_TIERED_SLOT_META_API_TYPE);
}

void
gst_tiered_slot_meta_update (GstTieredSlotMeta * self,
    const GstTieredSlotHeader * values)
{
  ScSlotHeader *header = core_header (self);

  header->flags = values->flags;
  header->sequence = values->sequence;
  header->timestamp_ns = values->timestamp;
  header->duration_ns = values->duration;
  header->capture_ns = values->capture_time;
  header->sample_rate = values->sample_rate;
  header->channels = values->channels;
  header->sample_bits = values->sample_bits;
  header->samples = values->samples;
  header->data_size = values->data_size;
  header->processing_count = values->processing_count;
  header->processing_start_ns = values->processing_start;
  sc_slot_header_seal (header);
}

void
gst_tiered_slot_meta_begin_processing (GstTieredSlotMeta * self,
    GstClockTime now)
{
  ScSlotHeader *header = core_header (self);

  header->processing_count++;
  header->processing_start_ns = now;
  sc_slot_header_seal (header);
}

gboolean
gst_tiered_slot_meta_is_intact (GstTieredSlotMeta * self)
{
  return sc_slot_header_is_intact (core_header (self));
}
