/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-gap-list.h"

#include <errno.h>
#include <stdlib.h>

int
sc_gap_list_add (ScGapList * self, const ScJournalGap * gap, unsigned max)
{
  self->total++;
  self->bytes += gap->size;
  self->buffers += gap->buffers;
  if (self->count >= max)
    return 0;
  if ((self->count & (self->count - 1)) == 0) {
    size_t capacity = self->count == 0 ? 1 : 2 * (size_t) self->count;
    ScJournalGap *grown = realloc (self->gaps, capacity * sizeof (*grown));

    if (grown == NULL)
      return -ENOMEM;
    self->gaps = grown;
  }
  self->gaps[self->count++] = *gap;
  return 0;
}

void
sc_gap_list_clear (ScGapList * self)
{
  free (self->gaps);
  *self = (ScGapList) { 0 };
}
