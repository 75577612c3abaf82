/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a logical stream of Ogg holds, from its first packet, and the time that
 * its granule positions mean: Vorbis, Opus (RFC 7845), FLAC, Speex, Theora,
 * VP8; Skeleton is known not to be media. */
#ifndef SC_OGG_CODEC_H
#define SC_OGG_CODEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct
{
  const char *name;             /* static; NULL: not known */
  bool is_skeleton;
  uint32_t channels;            /* of sound */
  uint32_t width, height;       /* of pictures */
  /* Units of time: samples or frames, @rate of them in @per seconds. */
  uint32_t rate;
  uint32_t per;
  uint32_t skip;                /* units at the beginning that are not played */
  unsigned shift;               /* granule: key frame above, rest below */
  bool rest_is_no_time;         /* what is below it is not counted */
} ScOggCodec;

/**
 * sc_ogg_codec_identify:
 * @packet: begin of a stream's first packet
 */
void sc_ogg_codec_identify (ScOggCodec * self, const uint8_t * packet,
    size_t size);

/**
 * sc_ogg_codec_time:
 *
 * Returns: the time in ns from the position 0 to @granule; UINT64_MAX where
 * that is not known
 */
uint64_t sc_ogg_codec_time (const ScOggCodec * self, uint64_t granule);

/**
 * sc_ogg_codec_describe:
 *
 * Writes "Vorbis 2 channels 48000 Hz" or "Theora 320x240".  Returns: as
 * snprintf()
 */
int sc_ogg_codec_describe (const ScOggCodec * self, char *out, size_t size);

#endif
