/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The page of Ogg and its checksum (RFC 3533, section 6). */
#ifndef SC_OGG_PAGE_H
#define SC_OGG_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SC_OGG_PAGE_HEAD 27u    /* without the table of segments */
#define SC_OGG_PAGE_MAX 65307u
#define SC_OGG_PAGE_BOS 2u      /* of the flags: first page of its stream */
#define SC_OGG_PAGE_EOS 4u      /* last page of its stream */
/* Where in a page these are; they make up one piece. */
#define SC_OGG_PAGE_FLAGS_AT 5u
#define SC_OGG_PAGE_CRC_AT 22u
#define SC_OGG_NO_GRANULE UINT64_MAX    /* no packet ends on the page */

typedef struct
{
  uint8_t flags;
  uint64_t granule;             /* position, or SC_OGG_NO_GRANULE */
  uint32_t serial;
  size_t size;                  /* of the whole page */
  size_t body_at;               /* of it */
} ScOggPage;

/**
 * sc_ogg_page_parse:
 * @bytes: any bytes
 *
 * Returns: 1 for a whole page with the right CRC; 0 if there is none; -1 if
 * there could be one that needs more than @size bytes; -2 for one that would be
 * whole but has a wrong CRC
 */
int sc_ogg_page_parse (const uint8_t * bytes, size_t size, ScOggPage * page);

/**
 * sc_ogg_page_crc:
 * @bytes: a whole page
 * @flags: to be taken in place of its own
 *
 * Returns: the CRC that the page must have
 */
uint32_t sc_ogg_page_crc (const uint8_t * bytes, size_t size, uint8_t flags);

#endif
