/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a Matroska file holds, as far as its repair needs it.  Private to
 * sc-matroska*.c.  One thread.
 */
#ifndef SC_MATROSKA_FILE_H
#define SC_MATROSKA_FILE_H

#include "sc-ebml.h"

#define SC_MATROSKA_TRACKS 32u
#define SC_MATROSKA_SEEKS 16u
#define SC_MATROSKA_CUES 65536u

/* RFC 9559 */
enum
{
  SC_MATROSKA_SEGMENT = 0x18538067,
  SC_MATROSKA_SEEK_HEAD = 0x114D9B74,
  SC_MATROSKA_INFO = 0x1549A966,
  SC_MATROSKA_TRACKS_ID = 0x1654AE6B,
  SC_MATROSKA_CHAPTERS = 0x1043A770,
  SC_MATROSKA_CLUSTER = 0x1F43B675,
  SC_MATROSKA_CUES_ID = 0x1C53BB6B,
  SC_MATROSKA_ATTACHMENTS = 0x1941A469,
  SC_MATROSKA_TAGS = 0x1254C367,
  SC_MATROSKA_TIMESTAMP = 0xE7,
};

enum
{
  SC_MATROSKA_VIDEO = 1,
  SC_MATROSKA_AUDIO = 2,
};

typedef struct
{
  uint64_t number;
  uint64_t type;
  uint64_t default_ns;          /* of a frame; 0: not given */
  uint64_t width, height;       /* pixels */
  uint64_t channels;
  uint64_t rate;                /* Hz */
  char codec[24];
  /* The two highest times of its blocks, in ticks; INT64_MIN: none */
  int64_t last, previous;
  int64_t last_end;             /* by BlockDuration */
} ScMatroskaTrack;

/* An entry of the SeekHead. */
typedef struct
{
  uint64_t id;                  /* of what it points at */
  uint64_t at;                  /* of the entry itself */
  uint64_t total;               /* its bytes */
  uint64_t position_at;         /* of the number in it; 0: none */
  uint8_t width;                /* of that number */
  uint64_t position;            /* in the segment's body */
} ScMatroskaSeek;

typedef struct
{
  int64_t time;                 /* ticks */
  uint64_t position;            /* of the cluster, in the segment's body */
} ScMatroskaCue;

typedef struct
{
  ScFileWindow window;
  uint64_t limit;               /* nothing is read at or behind it */
  bool webm;
  ScEbml segment;
  uint64_t info_at, tracks_at, chapters_at, tags_at, cues_at;   /* 0: none */
  bool has_seek_head;
  unsigned seek_count;
  ScMatroskaSeek seeks[SC_MATROSKA_SEEKS];
  uint64_t tick_ns;             /* TimestampScale */
  uint64_t duration_at;         /* of the number; 0: none */
  uint8_t duration_width;       /* 4 or 8 */
  double duration;              /* ticks, as the file says */
  unsigned track_count;
  ScMatroskaTrack tracks[SC_MATROSKA_TRACKS];
  unsigned cue_track;           /* index of the one that the Cues are for */

  uint64_t first_cluster;       /* 0: none */
  int64_t first_time;           /* of a block, in ticks; INT64_MIN: none */
  ScEbml previous_cluster;      /* the one before the last; its end 0: none */
  uint64_t previous_cluster_end;
  ScEbml last_cluster;
  uint64_t last_cluster_end;    /* behind its last whole block */
  uint64_t end;                 /* behind the last whole element but a Void */
  uint64_t void_end;            /* behind Voids that follow it */

  uint64_t gap;                 /* where damage begins; 0: none is open */

  ScMatroskaCue *cues;          /* SC_MATROSKA_CUES of them */
  unsigned cue_count;
  unsigned cue_stride;          /* one of so many that could be */
  unsigned cue_skip;
} ScMatroska;

/* What one look into a cluster found. */
typedef struct
{
  uint64_t end;                 /* behind the last whole child */
  int64_t time;                 /* of the cluster, in ticks */
  uint64_t blocks;
  bool has_time;
  bool has_cue;                 /* a block of the cue track was seen */
  bool cue_key;                 /* the first such block was a key frame */
  int64_t cue_time;
} ScMatroskaCluster;

/* Whether this is an element of the Segment, or one that may stand anywhere. */
bool sc_matroska_is_top (uint32_t id);

/**
 * sc_matroska_child:
 * @at: (inout): moves on behind it
 * @end: of the parent
 *
 * Returns: 1, 0 where no whole child stands, or -errno
 */
int sc_matroska_child (ScMatroska * self, uint64_t * at, uint64_t end,
    ScEbml * child);

/**
 * sc_matroska_read_headers:
 *
 * Takes in the EBML header and where the Segment begins.
 *
 * Returns: 0, -EBADMSG, or -errno
 */
int sc_matroska_read_headers (ScMatroska * self);

/**
 * sc_matroska_take_top:
 * @element: a whole child of the Segment other than a Cluster
 *
 * Returns: 0, or -errno
 */
int sc_matroska_take_top (ScMatroska * self, const ScEbml * element);

/**
 * sc_matroska_walk_cluster:
 * @end: of the cluster, or of what may belong to it
 * @max_children: stop behind so many; 0: no limit
 *
 * Goes through the children up to the first that is not whole, or is none of a
 * cluster, and takes in the times of their blocks.
 *
 * Returns: 0, or -errno
 */
int sc_matroska_walk_cluster (ScMatroska * self, const ScEbml * cluster,
    uint64_t end, unsigned max_children, ScMatroskaCluster * result);

/* Takes note of one; keeps every second, fourth, ... where there are many. */
void sc_matroska_add_cue (ScMatroska * self, const ScMatroskaCue * cue);

/**
 * sc_matroska_plan_cues:
 *
 * Appends Cues behind the last whole element.
 *
 * Returns: 0, or -ENOMEM
 */
int sc_matroska_plan_cues (ScMatroska * self, ScContainerPlan * plan);

#endif
