/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The top level of an MP4 file: which boxes there are, and which movie box is
 * the one to go by.  Private to sc-mp4*.c.  One thread.
 */
#ifndef SC_MP4_FILE_H
#define SC_MP4_FILE_H

#include "sc-mp4-build.h"

/* What a movie box is called that another one replaces: by mp4mux, where it
 * completes fragments, and by the repair. */
#define SC_MP4_HOOV SC_MP4_TYPE ('h', 'o', 'o', 'v')
#define SC_MP4_HIDDEN 4u
#define SC_MP4_MOOVS 8u

/* A movie box in a free box: the one that mp4mux does not use at the moment. */
typedef struct
{
  ScMp4Box moov;
  ScMp4Box around;
} ScMp4Hidden;

typedef struct
{
  const ScContainerFile *file;
  bool quicktime;
  ScMp4Box before;              /* the box in front of the moov; type 0: none */
  ScMp4Box moov;                /* the first whole one; type 0: none */
  unsigned moov_count;          /* of all whole ones that readers would find */
  uint64_t moov_at[SC_MP4_MOOVS];
  ScMp4Box hoov;                /* likewise */
  ScMp4Box mdat;                /* the first one; type 0: none */
  bool mdat_has_room;           /* an empty free box is in front */
  bool mdat_last;               /* no box follows it */
  uint64_t media_end;           /* of the highest mdat, or of the file before */
  unsigned hidden_count;
  ScMp4Hidden hidden[SC_MP4_HIDDEN];
  uint64_t end;                 /* behind the last whole box */
  ScFileWindow window;
} ScMp4File;

/**
 * sc_mp4_file_walk:
 *
 * Returns: 0, or -errno of a read
 */
int sc_mp4_file_walk (ScMp4File * self, const ScContainerFile * file);

/**
 * sc_mp4_file_find_last:
 * @moov: (out)
 *
 * Looks for a movie box that ends with the file, inside of an mdat that was
 * never given its size: the muxer was about to.
 *
 * Returns: 1, 0, or -errno
 */
int sc_mp4_file_find_last (ScMp4File * self, ScMp4Box * moov);

/**
 * sc_mp4_file_find_covered:
 * @moov: (out)
 *
 * Looks for the movie box of the first fragments that mp4mux has covered by
 * its mdat while it completes the file, in the first GiB.
 *
 * Returns: 1, 0, or -errno
 */
int sc_mp4_file_find_covered (ScMp4File * self, ScMp4Box * moov);

/**
 * sc_mp4_file_edit_mdat:
 * @end: where the media data shall end
 *
 * Returns: 0, -EFBIG where the size has no room, or -errno
 */
int sc_mp4_file_edit_mdat (const ScMp4File * self, ScContainerPlan * plan,
    uint64_t end);

/**
 * sc_mp4_file_cover:
 *
 * Makes what follows the plan's size a free box, until it is cut off.
 */
void sc_mp4_file_cover (const ScMp4File * self, ScContainerPlan * plan);

/**
 * sc_mp4_plan_fragments:
 * @moov: with no samples of its own
 *
 * Plans for a fragmented file: cuts it behind the last whole fragment, and sets
 * the duration in its mehd.
 *
 * Returns: 0, -EBADMSG for no whole fragment, or -errno
 */
int sc_mp4_plan_fragments (ScMp4File * self, const ScMp4Moov * moov,
    ScContainerPlan * plan);

#endif
