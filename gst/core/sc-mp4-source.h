/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The samples of a track, one after the other, wherever they are written down:
 * in the tables of a movie box, in movie fragments behind it, or in a
 * moov-recovery-file.  Only those whose bytes lie below a limit.
 *
 * 130 KiB, no allocation.  One thread.
 */
#ifndef SC_MP4_SOURCE_H
#define SC_MP4_SOURCE_H

#include "sc-mp4-moov.h"

/* Samples alike, one behind the other. */
typedef struct
{
  uint32_t count;               /* at least 1 */
  uint32_t delta;               /* ticks to the next one */
  uint32_t size;                /* bytes of each */
  uint64_t offset;              /* of the first one's bytes */
  int32_t shift;                /* composition offset, ticks */
  bool sync;
  bool begins_chunk;
  bool has_time;                /* its fragment says when it begins: */
  uint64_t time;                /* ticks */
} ScMp4Run;

/* Where reading the tables of one track stands. */
typedef struct
{
  uint32_t sample;              /* number of the next one */
  uint32_t stts, ctts, stss, stsc, chunk;       /* entries taken so far */
  uint32_t stts_left, ctts_left, chunk_left;    /* samples */
  uint32_t delta;
  int32_t shift;
  uint32_t next_sync;           /* number from 1; 0: not read yet */
  uint32_t per_chunk, stsc_until;       /* chunks, exclusive, from 1 */
  uint64_t offset;
  bool new_chunk;
} ScMp4Tables;

/* Where reading the fragments stands. */
typedef struct
{
  uint64_t at;                  /* of the next top-level box */
  unsigned leaps;               /* over damage */
  ScMp4Box moof, traf, trun;    /* type 0: none is open */
  uint64_t traf_at, trun_at;    /* of the next one in its parent */
  uint64_t entry_at;
  uint32_t flags;               /* of the trun */
  uint32_t left;                /* entries in it */
  uint32_t first_flags;
  bool first;
  uint32_t duration, size, sample_flags;        /* the traf's defaults */
  uint64_t base, offset;
  bool has_time;                /* of the traf's first sample, not yet told */
  uint64_t time;
} ScMp4Fragments;

/* Where reading a moov-recovery-file stands. */
typedef struct
{
  uint64_t record;              /* number of the next one */
  uint64_t chunk;               /* as the last one said */
  uint64_t offset;              /* behind its bytes */
  bool has_chunk;
} ScMp4Records;

enum
{
  SC_MP4_WINDOW_STTS,
  SC_MP4_WINDOW_CTTS,
  SC_MP4_WINDOW_STSS,
  SC_MP4_WINDOW_STSC,
  SC_MP4_WINDOW_STSZ,
  SC_MP4_WINDOW_CHUNKS,
  SC_MP4_WINDOW_OTHER,
  SC_MP4_WINDOWS
};

typedef struct
{
  const ScMp4Moov *moov;
  uint64_t limit;               /* no byte of a sample at or behind it */
  uint64_t fragments_at;        /* 0: none are read */
  uint64_t fragments_end;
  uint64_t records_at;          /* in a companion; 0: the tables are read */
  uint64_t record_count;
  uint64_t media_at;            /* what the records' offsets count from */
  uint64_t moofs_end;           /* of all that were read, so far */
  /* Private: */
  const ScMp4Track *track;
  bool tables_done;
  bool ended;
  uint64_t bytes;               /* of samples so far */
  uint64_t highest;             /* where the last of them in the file end */
  ScMp4Run held;                /* the next run; count 0: none is read */
  uint64_t time;                /* ticks before it */
  uint32_t last_delta;          /* of the one before */
  ScMp4Tables tables;
  ScMp4Fragments fragments;
  ScMp4Records records;
  ScFileWindow windows[SC_MP4_WINDOWS];
} ScMp4Source;

/* All of what is not private is the caller's to set afterwards.  @file: that
 * the tables or records are in. */
void sc_mp4_source_init (ScMp4Source * self, const ScContainerFile * file,
    const ScMp4Moov * moov);

/* Begins with this track's first sample. */
void sc_mp4_source_begin (ScMp4Source * self, const ScMp4Track * track);

/**
 * sc_mp4_source_next:
 *
 * A fragment that says when it begins (tfdt) corrects the duration of the
 * sample before it: mp4mux leaves out that of the last sample of some
 * fragments.
 *
 * Returns: 1, 0 behind the last one (or the last one that can be believed), or
 * -errno of a read
 */
int sc_mp4_source_next (ScMp4Source * self, ScMp4Run * run);

/* Places of damage in one file that reading goes on behind. */
#define SC_MP4_LEAPS 1000u

/* The parts of it, with the same returns; sc_mp4_source_next() also minds the
 * limit. */
int sc_mp4_tables_next (ScMp4Source * self, ScMp4Run * run);
int sc_mp4_fragments_next (ScMp4Source * self, ScMp4Run * run);
int sc_mp4_records_next (ScMp4Source * self, ScMp4Run * run);

#endif
