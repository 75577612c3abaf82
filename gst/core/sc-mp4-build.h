/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Makes a new movie box, from an old one (or what a moov-recovery-file has of
 * one) and the samples that are there, and appends it behind the last of them.
 *
 * The tables are written as they are read: memory does not grow with the
 * recording.  Each table is one pass over the source.
 */
#ifndef SC_MP4_BUILD_H
#define SC_MP4_BUILD_H

#include "sc-mp4-source.h"

/* Larger ones are taken for garbage: 24 hours with 60 frames and 48 audio
 * packets a second make 89 MB. */
#define SC_MP4_BUILD_MAX (UINT64_C (1) << 30)

/* Of one track, as it will be written. */
typedef struct
{
  uint64_t samples;
  uint64_t duration;            /* ticks */
  uint64_t shown_until;         /* ticks: when the last sample's time is over */
  uint64_t movie_duration;      /* of its edits, in the movie's timescale */
  uint64_t edit_duration;       /* of the last edit */
  ScMp4Time edit;               /* where that stands; at 0: nowhere */
  bool adds_edit;               /* one is made, to take the first shift off */
  int32_t first_shift;
  bool shifts, signed_shifts;   /* ctts: is there one, and which version */
  bool some_sync, all_sync;
  uint32_t size;                /* of every sample; 0: they differ */
  uint32_t stts, ctts, stss, stsc, chunks;      /* entries */
  uint64_t stbl_size, minf_size, mdia_size, trak_size;
} ScMp4BuildTrack;

typedef struct
{
  bool from_companion;
  ScMp4Moov moov;               /* the old one */
  ScMp4Source source;
  uint64_t media_end;           /* behind the last sample */
  uint64_t samples;
  uint64_t duration;            /* in the movie's timescale */
  uint64_t size;                /* of the box */
  ScMp4BuildTrack tracks[SC_MP4_TRACKS];
} ScMp4Build;

/**
 * sc_mp4_build_new:
 * @moov: is copied
 * @from_companion: its parts and samples are in @file's companion
 *
 * Returns: (nullable): free() it; NULL without memory.  The public part of its
 * source is to be set before it is measured.
 */
ScMp4Build *sc_mp4_build_new (const ScContainerFile * file,
    const ScMp4Moov * moov, bool from_companion);

/**
 * sc_mp4_build_measure:
 *
 * Counts samples and entries, and works out all sizes.
 *
 * Returns: 1; 0 where there is no sample, or too much of something; or -errno
 */
int sc_mp4_build_measure (ScMp4Build * self);

/**
 * sc_mp4_build_plan:
 * @self: (transfer full): measured
 *
 * Makes the box the tail of the plan, behind the last sample, and behind the
 * old box and its fragments too: they are still to be read, also after a crash.
 *
 * Returns: where the media data shall end
 */
uint64_t sc_mp4_build_plan (ScMp4Build * self, ScContainerPlan * plan);

#endif
