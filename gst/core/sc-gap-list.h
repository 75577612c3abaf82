/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What was left out of a recording (GAP records of its journal), for reports: a
 * list of bounded length, and sums over all of them.  One thread at a time.
 */
#ifndef SC_GAP_LIST_H
#define SC_GAP_LIST_H

#include "sc-journal-format.h"

typedef struct
{
  ScJournalGap *gaps;           /* in the file's order */
  unsigned count;               /* of those listed */
  uint64_t total;               /* also those that were not listed */
  uint64_t bytes;               /* of all, as the others */
  uint64_t buffers;
} ScGapList;

/**
 * sc_gap_list_add:
 * @self: all zeros at first
 * @max: so many are listed, more are counted only
 *
 * Returns: 0 or -ENOMEM
 */
int sc_gap_list_add (ScGapList * self, const ScJournalGap * gap, unsigned max);

/* Empties it and frees the list. */
void sc_gap_list_clear (ScGapList * self);

#endif
