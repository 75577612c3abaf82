/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Turns runs of samples into the entries of one table of an stbl.  Private to
 * the building of a movie box.
 */
#ifndef SC_MP4_TABLE_H
#define SC_MP4_TABLE_H

#include "sc-mp4-source.h"

typedef enum
{
  SC_MP4_STTS,
  SC_MP4_CTTS,
  SC_MP4_STSS,
  SC_MP4_STSC,
  SC_MP4_STSZ,
  SC_MP4_CO64,
} ScMp4TableKind;

typedef struct
{
  ScMp4TableKind kind;
  ScContainerWrite write;       /* NULL: entries are counted only */
  void *user;
  uint64_t entries;
  /* The entry that is being made, and what it is made from. */
  uint32_t count;
  uint32_t value;
  uint64_t sample;              /* samples so far */
  uint64_t chunk;               /* chunks so far */
  uint32_t in_chunk;            /* samples of the current one */
  uint32_t last_in_chunk;       /* as the last entry of stsc says */
  uint64_t end;                 /* behind the last sample's bytes */
} ScMp4TableMaker;

/* Both: 0, or -errno of @write. */
int sc_mp4_table_take (ScMp4TableMaker * self, const ScMp4Run * run);
int sc_mp4_table_end (ScMp4TableMaker * self);

#endif
