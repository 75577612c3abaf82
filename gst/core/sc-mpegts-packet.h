/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One packet of an MPEG transport stream, and the two tables that say what is
 * in the stream (ISO/IEC 13818-1, 2.4). */
#ifndef SC_MPEGTS_PACKET_H
#define SC_MPEGTS_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SC_MPEGTS_PACKET 188u
#define SC_MPEGTS_SYNC 0x47u
#define SC_MPEGTS_CLOCK 27000000u       /* PCR ticks a second */
/* Where they begin anew. */
#define SC_MPEGTS_WRAP ((UINT64_C (1) << 33) * 300)
#define SC_MPEGTS_STREAMS 8u    /* of a program that are told */
#define SC_MPEGTS_NO_PID 0xFFFFu

typedef struct
{
  uint16_t pid;
  bool begins;                  /* a section or PES packet begins in it */
  bool has_pcr;
  uint64_t pcr;
  const uint8_t *payload;
  size_t payload_size;
} ScMpegtsPacket;

typedef struct
{
  uint16_t pmt_pid;             /* of the first program; SC_MPEGTS_NO_PID */
  uint16_t pcr_pid;             /* SC_MPEGTS_NO_PID until its PMT was seen */
  unsigned stream_count;
  uint8_t stream_types[SC_MPEGTS_STREAMS];
} ScMpegtsProgram;

/**
 * sc_mpegts_packet_parse:
 * @bytes: SC_MPEGTS_PACKET of them
 *
 * Returns: false for what is no packet
 */
bool sc_mpegts_packet_parse (const uint8_t * bytes, ScMpegtsPacket * packet);

void sc_mpegts_program_init (ScMpegtsProgram * self);

/**
 * sc_mpegts_program_take:
 *
 * Takes the next packet of the stream: PAT and PMT are read where they are
 * whole in one packet.
 */
void sc_mpegts_program_take (ScMpegtsProgram * self,
    const ScMpegtsPacket * packet);

/**
 * sc_mpegts_program_describe:
 *
 * Writes "H.264, AAC" for @out.
 */
void sc_mpegts_program_describe (const ScMpegtsProgram * self, char *out,
    size_t size);

#endif
