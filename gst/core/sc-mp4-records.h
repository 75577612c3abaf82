/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The moov-recovery-file of mp4mux and qtmux, as GStreamer 1.22 writes it
 * (documented in the comment at the head of its isomp4/atomsrecovery.c), all
 * numbers big endian:
 *
 *   2 bytes   version: 1
 *   boxes     what stands in front of the media, with its ftyp
 *   box       mvhd, without timescale and duration
 *   4 bytes   the movie's timescale
 *   4 bytes   number of tracks
 *   boxes     so many traks, with empty tables
 *   34 bytes  for each buffer of samples, in the order of the media: track id,
 *             count of samples, duration of each, size of each (4 bytes each),
 *             offset of their chunk from the media's first byte (8), whether it
 *             is a sync sample (1), whether a shift follows (1), the shift from
 *             decoding to presentation time, signed (8)
 *
 * The muxer buffers it in memory (4 KiB, the last 120 samples) and never syncs
 * it, so its end may be missing.
 */
#ifndef SC_MP4_RECORDS_H
#define SC_MP4_RECORDS_H

#include "sc-mp4-source.h"

typedef struct
{
  uint64_t prefix_size;         /* bytes that the recording begins with too */
  uint64_t records_at;
} ScMp4RecordsHeader;

/**
 * sc_mp4_records_parse:
 * @moov: (out): without a moov box, only its parts
 *
 * Returns: 1, 0 where it is no such file, or -errno
 */
int sc_mp4_records_parse (const ScContainerFile * file,
    ScMp4RecordsHeader * header, ScMp4Moov * moov);

/**
 * sc_mp4_records_measure:
 * @source: of the file, with its records_at, media_at and limit
 *
 * Sets its record_count: up to the first record that is torn, senseless, or
 * whose bytes are behind the limit.
 *
 * Returns: 0, or -errno
 */
int sc_mp4_records_measure (ScMp4Source * source);

#endif
