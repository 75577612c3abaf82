/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * CRC-32C (Castagnoli, reflected polynomial 0x82F63B78), the checksum of
 * iSCSI (RFC 3720, appendix B.4), ext4 and Btrfs.
 *
 * Uses the processor's own instruction where there is one (SSE 4.2, ARMv8
 * CRC) and a slicing-by-8 table elsewhere; every way gives the same value.
 * Pure functions: any thread, no errors.
 */
#ifndef SC_CRC32C_H
#define SC_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/**
 * sc_crc32c:
 * @crc: 0 to begin, or the value returned for the bytes before @data
 * @data: (array length=size): bytes, of any alignment; may be NULL if @size is 0
 * @size: bytes
 *
 * Returns: the CRC-32C of all bytes so far
 */
uint32_t sc_crc32c (uint32_t crc, const void *data, size_t size);

/**
 * sc_crc32c_combine:
 * @a: CRC-32C of a first run of bytes
 * @b: CRC-32C of the run that follows it
 * @b_size: bytes in the second run
 *
 * Takes O(log @b_size) steps: the multiplication by x^(8 * @b_size) modulo the
 * polynomial, as zlib's crc32_combine does for its own polynomial.
 *
 * Returns: the CRC-32C of both runs together
 */
uint32_t sc_crc32c_combine (uint32_t a, uint32_t b, uint64_t b_size);

/**
 * sc_crc32c_table:
 *
 * The portable way of sc_crc32c(), for machines without the instruction and for
 * the tests, which hold both ways against each other.
 */
uint32_t sc_crc32c_table (uint32_t crc, const void *data, size_t size);

#endif
