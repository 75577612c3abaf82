/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-ogg-page.h"

#include "sc-byte-order.h"

#include <string.h>

/* Polynomial 0x04C11DB7, not reflected, from 0: a nibble at a time. */
static uint32_t
crc_byte (uint32_t crc, uint8_t byte)
{
  static const uint32_t table[16] = {
    0x00000000, 0x04C11DB7, 0x09823B6E, 0x0D4326D9,
    0x130476DC, 0x17C56B6B, 0x1A864DB2, 0x1E475005,
    0x2608EDB8, 0x22C9F00F, 0x2F8AD6D6, 0x2B4BCB61,
    0x350C9B64, 0x31CD86D3, 0x3C8EA00A, 0x384FBDBD
  };

  crc = crc << 4 ^ table[crc >> 28 ^ byte >> 4];
  return crc << 4 ^ table[crc >> 28 ^ (byte & 0xF)];
}

uint32_t
sc_ogg_page_crc (const uint8_t * bytes, size_t size, uint8_t flags)
{
  uint32_t crc = 0;

  for (size_t i = 0; i < size; i++) {
    bool own = i >= SC_OGG_PAGE_CRC_AT && i < SC_OGG_PAGE_CRC_AT + 4;

    crc = crc_byte (crc, own ? 0 : i == SC_OGG_PAGE_FLAGS_AT ? flags
        : bytes[i]);
  }
  return crc;
}

int
sc_ogg_page_parse (const uint8_t * bytes, size_t size, ScOggPage * page)
{
  if (memcmp (bytes, "OggS", size < 5 ? size : 5) != 0) /* and version 0 */
    return 0;
  if (size < SC_OGG_PAGE_HEAD
      || size < SC_OGG_PAGE_HEAD + (size_t) bytes[SC_OGG_PAGE_HEAD - 1])
    return -1;
  page->flags = bytes[SC_OGG_PAGE_FLAGS_AT];
  page->granule = sc_get_le64 (bytes + 6);
  page->serial = sc_get_le32 (bytes + 14);
  page->body_at = SC_OGG_PAGE_HEAD + bytes[SC_OGG_PAGE_HEAD - 1];
  page->size = page->body_at;
  for (size_t i = SC_OGG_PAGE_HEAD; i < page->body_at; i++)
    page->size += bytes[i];
  if (size < page->size)
    return -1;
  return sc_ogg_page_crc (bytes, page->size, page->flags)
      == sc_get_le32 (bytes + SC_OGG_PAGE_CRC_AT) ? 1 : -2;
}
