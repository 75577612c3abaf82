/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What holds a file together: without it the media behind it cannot be read, as
 * opposed to media that are merely missing. */
#ifndef SC_STRUCTURE_H
#define SC_STRUCTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* So many bytes are enough. */
#define SC_STRUCTURE_BYTES 8u

/**
 * sc_structure_begins:
 * @bytes: the first of what a muxer hands over in one piece
 *
 * Whether they begin a box of MP4 that stands at the top level (ISO/IEC
 * 14496-12), an EBML header or a top-level element of Matroska (RFC 9559, 5.1),
 * or a chunk of RIFF or AIFF that holds or finds others.  By chance one of some
 * 100 million random words looks like one.
 */
bool sc_structure_begins (const uint8_t * bytes, size_t size);

#endif
