/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The frame header of FLAC and its two checksums (RFC 9639, section 9). */
#ifndef SC_FLAC_FRAME_H
#define SC_FLAC_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Sync and codes 4, number 7, block size 2, rate 2, CRC 1. */
#define SC_FLAC_FRAME_HEAD 16u

typedef struct
{
  bool variable;                /* the number counts samples, not frames */
  uint32_t block_size;          /* samples a channel, 1 to 65,536 */
  uint32_t rate;                /* 0: as STREAMINFO says */
  uint32_t channels;
  uint32_t bits;                /* 0: as STREAMINFO says */
  uint64_t number;
} ScFlacFrame;

/**
 * sc_flac_frame_parse:
 * @bytes: any bytes
 *
 * Returns: the header's length with its CRC-8, if that is right; 0 if there is
 * no header; -1 if there could be one that needs more than @size bytes (at most
 * SC_FLAC_FRAME_HEAD)
 */
int sc_flac_frame_parse (const uint8_t * bytes, size_t size,
    ScFlacFrame * frame);

/**
 * sc_flac_crc16:
 * @crc: 0, or what the bytes before gave
 *
 * Polynomial 0x8005, not reflected.  Over a whole frame with the CRC at its end
 * it is 0.
 */
uint16_t sc_flac_crc16 (uint16_t crc, uint8_t byte);

#endif
