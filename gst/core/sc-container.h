/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What is needed to make a recording that was cut short play: a table of
 * container formats, each with a probe and a repair.
 *
 * A repair only plans: bytes to write in place, bytes to append (an index, say)
 * and the size that the file shall have.  The caller applies the plan
 * (sc-container-apply.h), so that it can journal it first.
 * Every format must bear any bytes whatsoever: it reads in bounded memory and
 * ends after a number of steps that is bounded by the file's size.
 * And it must bear its own work half done, as the journal leaves it after a
 * crash: planned again for a file in which some of the edits stand and nothing
 * is appended, or all of them and the appended bytes cut anywhere, the result is
 * the same file.  Only where it shall be shorter, what was covered and not cut
 * yet may stay, and count as part of it.  Of garbage it may be another file, but
 * one that needs nothing more.
 *
 * A new format is a file of its own, sc-<format>.[ch], and a row in the table
 * of sc-container.c.
 */
#ifndef SC_CONTAINER_H
#define SC_CONTAINER_H

#include "sc-file-ops.h"

/* MPEG-TS is only known by five of its packets. */
#define SC_CONTAINER_HEAD 960u
/* Edits of one plan.  An MP4 takes some ten for each of its tracks. */
#define SC_CONTAINER_EDITS 512u
#define SC_CONTAINER_EDIT_BYTES 32u
#define SC_CONTAINER_POINTS 64u

typedef struct ScContainerFile ScContainerFile;

/* An open file, only read from. */
struct ScContainerFile
{
  const ScFileOps *ops;
  int fd;
  uint64_t size;
  /* What the muxer wrote beside it (mp4mux: its moov-recovery-file), or NULL */
  const ScContainerFile *companion;
};

typedef struct
{
  uint64_t offset;
  uint32_t size;
  uint8_t bytes[SC_CONTAINER_EDIT_BYTES];
} ScContainerEdit;

/* Where in the file a running time begins. */
typedef struct
{
  uint64_t offset;
  uint64_t time_ns;
} ScContainerPoint;

/* Takes the next bytes of a tail: 0, or -errno, which ends it. */
typedef int (*ScContainerWrite) (void *user, const void *bytes, size_t size);

typedef struct ScContainerPlan ScContainerPlan;

struct ScContainerPlan
{
  const char *name;             /* of the format; static */
  char detail[80];              /* in words: channels, rate; plain ASCII */
  const char *note;             /* what a person should know, or NULL; static */
  bool beyond_repair;           /* then @note says why, where it can be told */
  /* an edit, a tail, or a size other than the file's */
  bool needs_repair;
  uint64_t size;                /* that the file shall have, with its tail */
  uint64_t media_offset;        /* where samples begin */
  uint64_t media_size;          /* bytes of samples, after the repair */
  uint64_t bytes_per_second;    /* of samples; 0 where it varies */
  uint64_t duration_ns;         /* after the repair; UINT64_MAX: not known */
  /* For sc_container_lost_time() where the rate varies: at most
   * SC_CONTAINER_POINTS, ascending, thinned out evenly */
  unsigned point_count;
  unsigned point_stride;        /* private */
  unsigned point_skip;          /* private */
  ScContainerPoint points[SC_CONTAINER_POINTS];
  unsigned edit_count;
  /* In the order in which they are made: what tells that a file is finished
   * comes last.  Freed by sc_container_plan_clear() */
  ScContainerEdit *edits;
  /* Where the file is longer than @size: bytes that make readers pass over what
   * follows, for a file that is not (or not yet) cut; size 0: none. */
  ScContainerEdit cover;
  /* The last bytes of @size, of which the file may hold others now. */
  uint64_t tail_size;
  int (*write_tail) (const ScContainerFile * file,
      const ScContainerPlan * plan, ScContainerWrite write, void *user);
  void *state;                  /* of @write_tail; freed with free() */
};

typedef struct
{
  const char *name;
  /* @head: the file's first bytes, at most SC_CONTAINER_HEAD */
  bool (*probe) (const uint8_t * head, size_t size);
  /* Fills in @plan, which comes with name and size set and the rest zero.
   * 0; -EBADMSG: recognised, but beyond repair (@note may say why); or -errno
   * of a read or of memory */
  int (*repair) (const ScContainerFile * file, ScContainerPlan * plan);
} ScContainer;

/**
 * sc_container_plan:
 * @plan: (out): clear it with sc_container_plan_clear() in every case
 *
 * Finds the format and what repairs the file.
 *
 * Returns: 1, 0 for a format that is not known, -EBADMSG for one that is but
 * lacks what a repair needs (@plan->name tells which), or -errno of a read
 */
int sc_container_plan (const ScContainerFile * file, ScContainerPlan * plan);

/**
 * sc_container_plan_clear:
 *
 * Frees the edits and the tail's state.  The plan can no longer be applied; the
 * rest of it stays readable.  Once more does nothing.
 */
void sc_container_plan_clear (ScContainerPlan * plan);

/**
 * sc_container_edit:
 *
 * For repairs: adds an edit, unless the file has these bytes there already.
 *
 * Returns: 0, -E2BIG where the plan is full, -ENOMEM, or -errno of a read
 */
int sc_container_edit (const ScContainerFile * file, ScContainerPlan * plan,
    uint64_t offset, const void *bytes, uint32_t size);

/**
 * sc_container_point:
 *
 * For repairs: says what running time begins at @offset, from the file's
 * beginning to its end.  Any number of times.  One that goes back in the file
 * or in time is left out.
 */
void sc_container_point (ScContainerPlan * plan, uint64_t offset,
    uint64_t time_ns);

/**
 * sc_container_time:
 * @units: samples, bytes, ticks
 * @per_second: below 2^32
 *
 * Returns: how long they last in ns, without overflow on the way; UINT64_MAX
 * where that is no number
 */
uint64_t sc_container_time (uint64_t units, uint64_t per_second);

/**
 * sc_container_lost_time:
 * @start: first byte of a range of the file
 * @end: behind its last
 *
 * Returns: the running time in ns of the samples in the range; where the rate
 * varies, of all between the nearest points around it; UINT64_MAX where the
 * format does not tell
 */
uint64_t sc_container_lost_time (const ScContainerPlan * plan, uint64_t start,
    uint64_t end);

#endif
