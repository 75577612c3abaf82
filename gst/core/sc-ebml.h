/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * EBML (RFC 8794): reading element headers and numbers, and making a few.
 */
#ifndef SC_EBML_H
#define SC_EBML_H

#include "sc-file-window.h"

/* RFC 8794 and RFC 9559 */
enum
{
  SC_EBML_HEADER = 0x1A45DFA3,
  SC_EBML_DOC_TYPE = 0x4282,
  SC_EBML_VOID = 0xEC,
  SC_EBML_CRC32 = 0xBF,
};

#define SC_EBML_HEADER_MAX 12u  /* an id of 4 bytes, a size of 8 */

typedef struct
{
  uint64_t at;
  uint64_t body;
  uint64_t size;                /* of the body; UINT64_MAX: unknown */
  uint32_t id;                  /* with its length marker */
  uint8_t size_width;           /* of the size field, which ends at @body */
} ScEbml;

/**
 * sc_ebml_read:
 * @limit: the header must end below
 *
 * Returns: 1; 0 where no element's header stands; or -errno of a read.  The
 * body may reach behind @limit.
 */
int sc_ebml_read (ScFileWindow * window, uint64_t at, uint64_t limit,
    ScEbml * element);

/* Behind the body; UINT64_MAX where its size is unknown or absurd. */
uint64_t sc_ebml_end (const ScEbml * element);

/**
 * sc_ebml_uint:
 *
 * Returns: 1, 0 where the element is no unsigned integer of 1 to 8 bytes that
 * is whole, or -errno
 */
int sc_ebml_uint (ScFileWindow * window, const ScEbml * element,
    uint64_t * value);

/**
 * sc_ebml_vint:
 * @bytes: of a variable size integer
 * @value: (out): UINT64_MAX for the reserved "unknown"
 *
 * Returns: bytes that it takes, 1 to 8; 0 where it is none, or longer than
 * @size
 */
unsigned sc_ebml_vint (const uint8_t * bytes, size_t size, uint64_t * value);

/**
 * sc_ebml_put_size:
 * @width: 1 to 8
 *
 * Returns: false where the size does not fit
 */
bool sc_ebml_put_size (uint8_t * bytes, unsigned width, uint64_t size);

/* The lowest @width bytes of the value, big endian. */
void sc_ebml_put_uint (uint8_t * bytes, unsigned width, uint64_t value);

/* Bytes that the value takes, 1 to 8. */
unsigned sc_ebml_uint_width (uint64_t value);

/**
 * sc_ebml_put_void:
 * @bytes: (out): at least 9
 * @total: bytes that the Void element shall take with its header, at least 2
 *
 * Returns: bytes in its header
 */
unsigned sc_ebml_put_void (uint8_t * bytes, uint64_t total);

#endif
