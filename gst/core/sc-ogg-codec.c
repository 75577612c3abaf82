/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-ogg-codec.h"

#include "sc-byte-order.h"
#include "sc-container.h"

#include <stdio.h>
#include <string.h>

static void
parse_vorbis (ScOggCodec * self, const uint8_t * p)
{
  self->channels = p[11];
  self->rate = sc_get_le32 (p + 12);
}

static void
parse_opus (ScOggCodec * self, const uint8_t * p)
{
  self->channels = p[9];
  self->skip = sc_get_le16 (p + 10);
  self->rate = 48000;
}

static void
parse_flac (ScOggCodec * self, const uint8_t * p)
{
  self->rate = sc_get_be24 (p + 27) >> 4;
  self->channels = (p[29] >> 1 & 7) + 1u;
}

static void
parse_speex (ScOggCodec * self, const uint8_t * p)
{
  self->rate = sc_get_le32 (p + 36);
  self->channels = sc_get_le32 (p + 48);
}

static void
parse_theora (ScOggCodec * self, const uint8_t * p)
{
  self->width = sc_get_be24 (p + 14);
  self->height = sc_get_be24 (p + 17);
  self->rate = sc_get_be32 (p + 22);
  self->per = sc_get_be32 (p + 26);
  self->shift = (p[40] & 3u) << 3 | p[41] >> 5;
}

static void
parse_vp8 (ScOggCodec * self, const uint8_t * p)
{
  self->width = sc_get_be16 (p + 8);
  self->height = sc_get_be16 (p + 10);
  self->rate = sc_get_be32 (p + 18);
  self->per = sc_get_be32 (p + 22);
  self->shift = 32;
  self->rest_is_no_time = true;
}

static void
parse_skeleton (ScOggCodec * self, const uint8_t * p)
{
  self->is_skeleton = true;
}

static const struct
{
  const char *name;
  const char *magic;
  size_t magic_size;
  size_t size;                  /* bytes that the parser looks at */
  void (*parse) (ScOggCodec * self, const uint8_t * packet);
} codecs[] = {
  { "Vorbis", "\001vorbis", 7, 16, parse_vorbis },
  { "Opus", "OpusHead", 8, 16, parse_opus },
  { "FLAC", "\177FLAC", 5, 30, parse_flac },
  { "Speex", "Speex   ", 8, 52, parse_speex },
  { "Theora", "\200theora", 7, 42, parse_theora },
  { "VP8", "OVP80\001", 6, 26, parse_vp8 },
  { "Skeleton", "fishead", 8, 8, parse_skeleton },
};

void
sc_ogg_codec_identify (ScOggCodec * self, const uint8_t * packet, size_t size)
{
  memset (self, 0, sizeof (*self));
  self->per = 1;
  for (size_t i = 0; i < sizeof (codecs) / sizeof (codecs[0]); i++) {
    if (size < codecs[i].size
        || memcmp (packet, codecs[i].magic, codecs[i].magic_size) != 0)
      continue;
    self->name = codecs[i].name;
    codecs[i].parse (self, packet);
    return;
  }
}

uint64_t
sc_ogg_codec_time (const ScOggCodec * self, uint64_t granule)
{
  uint64_t units = granule >> self->shift;

  if (self->rate == 0 || self->per == 0 || granule > INT64_MAX)
    return UINT64_MAX;
  if (!self->rest_is_no_time)
    units += granule & ((UINT64_C (1) << self->shift) - 1);
  units = units > self->skip ? units - self->skip : 0;
  if (units > UINT64_MAX / self->per)
    return UINT64_MAX;
  return sc_container_time (units * self->per, self->rate);
}

int
sc_ogg_codec_describe (const ScOggCodec * self, char *out, size_t size)
{
  if (self->name == NULL)
    return snprintf (out, size, "a stream not known");
  if (self->is_skeleton)
    return snprintf (out, size, "%s", self->name);
  if (self->width != 0)
    return snprintf (out, size, "%s %ux%u", self->name, self->width,
        self->height);
  return snprintf (out, size, "%s %u channel%s %u Hz", self->name,
      self->channels, self->channels == 1 ? "" : "s", self->rate);
}
