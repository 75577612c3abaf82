/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What is needed to make a recording that was cut short play: a table of
 * container formats, each with a probe and a repair.
 *
 * A repair only plans: a few bytes to write in place and the size that the file
 * shall have.  The caller applies the plan, so that it can journal it first.
 * Every format must bear any bytes whatsoever: it reads in bounded memory and
 * ends after a bounded number of steps.
 *
 * A new format is a file of its own, sc-<format>.[ch], and a row in the table
 * of sc-container.c.
 */
#ifndef SC_CONTAINER_H
#define SC_CONTAINER_H

#include "sc-file-ops.h"

#define SC_CONTAINER_HEAD 64u
#define SC_CONTAINER_EDITS 8u
#define SC_CONTAINER_EDIT_BYTES 32u

/* An open file, only read from. */
typedef struct
{
  const ScFileOps *ops;
  int fd;
  uint64_t size;
} ScContainerFile;

typedef struct
{
  uint64_t offset;
  uint32_t size;
  uint8_t bytes[SC_CONTAINER_EDIT_BYTES];
} ScContainerEdit;

typedef struct
{
  const char *name;             /* of the format; static */
  char detail[80];              /* in words: channels, rate; plain ASCII */
  const char *note;             /* what a person should know, or NULL; static */
  bool needs_repair;            /* an edit, or a size other than the file's */
  uint64_t size;                /* that the file shall have */
  uint64_t media_offset;        /* where samples begin */
  uint64_t media_size;          /* bytes of samples, after the repair */
  uint64_t bytes_per_second;    /* of samples; 0 where it varies */
  uint64_t duration_ns;         /* after the repair; UINT64_MAX: not known */
  unsigned edit_count;
  ScContainerEdit edits[SC_CONTAINER_EDITS];
} ScContainerPlan;

typedef struct
{
  const char *name;
  /* @head: the file's first bytes, at most SC_CONTAINER_HEAD */
  bool (*probe) (const uint8_t * head, size_t size);
  /* Fills in @plan, which comes with name and size set and the rest zero.
   * 0; -EBADMSG: recognised, but beyond repair; or -errno of a read */
  int (*repair) (const ScContainerFile * file, ScContainerPlan * plan);
} ScContainer;

/**
 * sc_container_plan:
 *
 * Finds the format and what repairs the file.
 *
 * Returns: 1, 0 for a format that is not known, -EBADMSG for one that is but
 * lacks what a repair needs (@plan->name tells which), or -errno of a read
 */
int sc_container_plan (const ScContainerFile * file, ScContainerPlan * plan);

/**
 * sc_container_edit:
 *
 * For repairs: adds an edit, unless the file has these bytes there already.
 *
 * Returns: 0, -E2BIG where the plan is full, or -errno of a read
 */
int sc_container_edit (const ScContainerFile * file, ScContainerPlan * plan,
    uint64_t offset, const void *bytes, uint32_t size);

/**
 * sc_container_lost_time:
 * @start: first byte of a range of the file
 * @end: behind its last
 *
 * Returns: the running time in ns of the samples in the range; UINT64_MAX where
 * the format does not tell
 */
uint64_t sc_container_lost_time (const ScContainerPlan * plan, uint64_t start,
    uint64_t end);

#endif
