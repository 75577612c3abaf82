/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The movie box: where everything is that a repair needs of it.  Only what is
 * whole and free of contradiction is taken in.
 *
 * One thread.
 */
#ifndef SC_MP4_MOOV_H
#define SC_MP4_MOOV_H

#include "sc-mp4-box.h"

#define SC_MP4_TRACKS 32u

/* A table of a track: its entries lie in the file. */
typedef struct
{
  uint64_t at;                  /* of the first entry */
  uint32_t count;
} ScMp4Table;

/* A time in a header: version 0 has 32 bits, version 1 has 64. */
typedef struct
{
  uint64_t at;                  /* 0: none */
  bool wide;
  uint64_t value;
} ScMp4Time;

typedef struct
{
  uint32_t id;
  uint32_t handler;             /* 'vide', 'soun', ... */
  uint32_t format;              /* of its first sample entry: 'avc1', ... */
  uint32_t timescale;           /* ticks a second */
  uint16_t width, height;
  uint16_t channels;
  uint32_t rate;                /* Hz */
  ScMp4Time tkhd_duration;      /* in the movie's timescale */
  ScMp4Time mdhd_duration;
  /* type 0: none */
  ScMp4Box trak, tkhd, edts, mdia, mdhd, minf, stbl, stsd;
  ScMp4Table stts, ctts, stss, stsc, stsz, chunks;
  bool has_stss;                /* without one, all samples are sync samples */
  bool wide_chunks;             /* co64, not stco */
  uint32_t size;                /* of every sample; 0: as in stsz */
  /* of its trex */
  uint32_t default_duration, default_size, default_flags;
} ScMp4Track;

typedef struct
{
  ScMp4Box moov;                /* type 0: its parts stand alone */
  ScMp4Box mvhd;
  uint32_t timescale;
  ScMp4Time duration;
  ScMp4Box mvex;                /* type 0: none, it has no fragments */
  ScMp4Time fragment_duration;  /* of the mehd in it */
  unsigned track_count;
  ScMp4Track tracks[SC_MP4_TRACKS];
} ScMp4Moov;

/**
 * sc_mp4_moov_parse:
 * @moov: (out)
 * @box: a moov, or what was one, whole
 *
 * Returns: 1, 0 where something in it is missing or contradicts itself, or
 * -errno of a read
 */
int sc_mp4_moov_parse (ScFileWindow * window, const ScMp4Box * box,
    ScMp4Moov * moov);

/* The parts of it, with the same returns. */
int sc_mp4_moov_take_mvhd (ScFileWindow * window, const ScMp4Box * box,
    ScMp4Moov * moov);
int sc_mp4_moov_take_trak (ScFileWindow * window, const ScMp4Box * box,
    ScMp4Moov * moov);

/* Formats and sizes in words, for people. */
void sc_mp4_moov_describe (const ScMp4Moov * moov, char *detail, size_t size);

#endif
