/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bufpoolsrc-caps.h"

#include <gst/audio/audio.h>
#include <gst/video/video.h>

#include "bufpoolsrc-aes5.h"

#define DEFAULT_RATE 48000
#define DEFAULT_CHANNELS 2

BufpoolsrcRoom
bufpoolsrc_room_of_query (GstQuery * query, gsize alignment)
{
  BufpoolsrcRoom room = { 0 };

  for (guint i = 0; i < gst_query_get_n_allocation_params (query); i++) {
    GstAllocationParams params;

    gst_query_parse_nth_allocation_param (query, i, NULL, &params);
    room.prefix = MAX (room.prefix, params.prefix);
    room.padding = MAX (room.padding, params.padding);
  }
  /* So that the data stays as aligned as the slot. */
  room.prefix = (room.prefix + alignment - 1) / alignment * alignment;
  return room;
}

GstCaps *
bufpoolsrc_caps_of_patterns (void)
{
  static GstStaticCaps caps = GST_STATIC_CAPS ("audio/x-raw, "
      "format = (string) { S16LE, S24LE, S32LE, F32LE }, "
      "layout = (string) interleaved, "
      "rate = (int) [ 1, MAX ], channels = (int) [ 1, 64 ]");

  return gst_static_caps_get (&caps);
}

/* Takes @caps; what is left of them with the rates of AES5, or all. */
static GstCaps *
prefer_aes5 (GstCaps * caps)
{
  GstCaps *wanted = gst_caps_new_empty_simple ("audio/x-raw"), *left;
  GValue rates = G_VALUE_INIT, rate = G_VALUE_INIT;

  g_value_init (&rates, GST_TYPE_LIST);
  g_value_init (&rate, G_TYPE_INT);
  for (guint i = 0; i < BUFPOOLSRC_AES5_RATES; i++) {
    g_value_set_int (&rate, (gint) bufpoolsrc_aes5_rates[i]);
    gst_value_list_append_value (&rates, &rate);
  }
  gst_caps_set_value (wanted, "rate", &rates);
  g_value_unset (&rate);
  g_value_unset (&rates);

  left = gst_caps_intersect_full (caps, wanted, GST_CAPS_INTERSECT_FIRST);
  gst_caps_unref (wanted);
  if (gst_caps_is_empty (left)) {
    gst_caps_unref (left);
    return caps;
  }
  gst_caps_unref (caps);
  return left;
}

GstCaps *
bufpoolsrc_caps_fixate (GstCaps * caps, gboolean aes5)
{
  GstStructure *structure;
  gint channels = 0;

  if (aes5)
    caps = prefer_aes5 (caps);
  caps = gst_caps_make_writable (gst_caps_truncate (caps));
  structure = gst_caps_get_structure (caps, 0);
  gst_structure_fixate_field_nearest_int (structure, "rate", DEFAULT_RATE);
  gst_structure_fixate_field_nearest_int (structure, "channels",
      DEFAULT_CHANNELS);
  /* Raw audio of more than two channels must say where they are. */
  if (gst_structure_get_int (structure, "channels", &channels)
      && channels > 2 && !gst_structure_has_field (structure, "channel-mask"))
    gst_structure_set (structure, "channel-mask", GST_TYPE_BITMASK,
        gst_audio_channel_get_fallback_mask (channels), NULL);
  return caps;
}

guint
bufpoolsrc_caps_rate (GstCaps * caps)
{
  GstStructure *structure = gst_caps_get_structure (caps, 0);
  gint rate = 0;

  if (!g_str_has_prefix (gst_structure_get_name (structure), "audio/")
      || !gst_structure_get_int (structure, "rate", &rate) || rate < 0)
    return 0;
  return (guint) rate;
}

gboolean
bufpoolsrc_caps_are_raw_audio (GstCaps * caps)
{
  return caps != NULL && !gst_caps_is_any (caps) && !gst_caps_is_empty (caps)
      && gst_structure_has_name (gst_caps_get_structure (caps, 0),
      "audio/x-raw");
}

gboolean
bufpoolsrc_caps_need_raw (GstCaps * caps)
{
  gboolean has_raw = FALSE;

  for (guint i = 0; i < gst_caps_get_size (caps); i++) {
    GstStructure *structure = gst_caps_get_structure (caps, i);

    /* rawaudioparse, rawvideoparse: they know the format themselves. */
    if (gst_structure_has_name (structure, "audio/x-unaligned-raw")
        || gst_structure_has_name (structure, "video/x-unaligned-raw"))
      return FALSE;
    has_raw |= gst_structure_has_name (structure, "audio/x-raw")
        || gst_structure_has_name (structure, "video/x-raw");
  }
  return has_raw;
}

gboolean
bufpoolsrc_caps_are_exact (GstCaps * caps)
{
  BufpoolsrcStream stream;
  GstVideoInfo info;

  if (!gst_caps_is_fixed (caps))
    return FALSE;
  if (bufpoolsrc_caps_are_raw_audio (caps))
    return bufpoolsrc_stream_init_audio (&stream, caps, 1);
  return !gst_structure_has_name (gst_caps_get_structure (caps, 0),
      "video/x-raw") || gst_video_info_from_caps (&info, caps);
}

void
bufpoolsrc_stream_init_bytes (BufpoolsrcStream * self, gsize size)
{
  *self = (BufpoolsrcStream) {
    .frame_bytes = 1,
    .buffer_bytes = size,
  };
}

static BufpoolsrcFormat
format_of (const GstAudioInfo * info)
{
  switch (GST_AUDIO_INFO_FORMAT (info)) {
    case GST_AUDIO_FORMAT_S24LE:
      return BUFPOOLSRC_S24LE;
    case GST_AUDIO_FORMAT_S32LE:
      return BUFPOOLSRC_S32LE;
    case GST_AUDIO_FORMAT_F32LE:
      return BUFPOOLSRC_F32LE;
    default:
      return BUFPOOLSRC_S16LE;
  }
}

gboolean
bufpoolsrc_stream_init_audio (BufpoolsrcStream * self, GstCaps * caps,
    guint samples)
{
  GstAudioInfo info;

  if (!gst_audio_info_from_caps (&info, caps)
      || GST_AUDIO_INFO_RATE (&info) <= 0
      || GST_AUDIO_INFO_LAYOUT (&info) != GST_AUDIO_LAYOUT_INTERLEAVED)
    return FALSE;
  *self = (BufpoolsrcStream) {
    .rate = (guint) GST_AUDIO_INFO_RATE (&info),
    .channels = (guint) GST_AUDIO_INFO_CHANNELS (&info),
    .sample_bits = (guint) GST_AUDIO_INFO_WIDTH (&info),
    .samples = samples,
    .frame_bytes = (gsize) GST_AUDIO_INFO_BPF (&info),
    .buffer_bytes = (gsize) samples * (gsize) GST_AUDIO_INFO_BPF (&info),
    .format = format_of (&info),
  };
  return TRUE;
}

GstClockTime
bufpoolsrc_stream_duration (const BufpoolsrcStream * self)
{
  return self->rate > 0 ? gst_util_uint64_scale (self->samples, GST_SECOND,
      self->rate) : 0;
}
