/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Bytes of a stream that are left out in a row, on their way from the streaming
 * thread to the journal. */
#ifndef SC_GAP_H
#define SC_GAP_H

#include <stdint.h>

typedef struct
{
  uint64_t offset;              /* in the recording; zeros will stand there */
  uint64_t size;                /* bytes; 0: there is no gap */
  uint64_t buffers;
  /* Running times, ns, at which the first begins and the last ends;
   * SC_BYTE_RING_NO_TIME where they are not known. */
  uint64_t first;
  uint64_t last;
} ScGap;

#endif
