/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Chunks as IFF has them (Electronic Arts, 1985) and RIFF after it: a name of
 * four printable characters, a size of 32 bits, the body, padded to an even
 * number of bytes. */
#ifndef SC_CHUNKS_H
#define SC_CHUNKS_H

#include "sc-container.h"

/* More chunks than this in one place are taken for garbage. */
#define SC_CHUNKS_MAX 4096u

typedef uint32_t (*ScChunkSize) (const uint8_t * bytes);

/**
 * sc_chunks_follow:
 * @at: end of a chunk, before its padding, which its writer may have left out
 * @get_size: reads a size of the format's byte order
 *
 * Returns: 1 if whole chunks, or none, fill the file from there to its end (the
 * padding of the last may be missing), 0 if not, or -errno of a read
 */
int sc_chunks_follow (const ScContainerFile * file, uint64_t at,
    ScChunkSize get_size);

/* Uncompressed samples, or such as take the same room each. */
typedef struct
{
  unsigned channels;
  unsigned rate;                /* Hz */
  unsigned bits;
  bool is_float;
  uint64_t bytes_per_second;
} ScChunksSound;

/* Says in @plan what there is to hear and for how long, by its media's size. */
void sc_chunks_tell (ScContainerPlan * plan, const ScChunksSound * sound);

#endif
