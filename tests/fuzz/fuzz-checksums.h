/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sets checksums right after a mutation, as one that guards a parser would
 * otherwise keep a fuzzer out of it. */
#ifndef FUZZ_CHECKSUMS_H
#define FUZZ_CHECKSUMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The pages of Ogg, the frames of FLAC; other formats have none that matter. */
void fuzz_fix_container (uint8_t * data, size_t size);

/* The chain of a journal.  @payload: extents within it get its CRC, too, where
 * @extents. */
void fuzz_fix_journal (uint8_t * journal, size_t size, const uint8_t * payload,
    size_t payload_size, bool extents);

/* The last line of a manifest. */
void fuzz_fix_manifest (uint8_t * data, size_t size);

#endif
