/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fuzz-checksums.h"

#include "sc-byte-order.h"
#include "sc-crc32c.h"
#include "sc-flac-frame.h"
#include "sc-journal-format.h"
#include "sc-ogg-page.h"

#include <stdio.h>
#include <string.h>

#define HEADER_CRC_AT 76

static void
fix_ogg (uint8_t * data, size_t size)
{
  for (size_t at = 0; at + SC_OGG_PAGE_HEAD <= size; at++) {
    ScOggPage page;

    if (sc_ogg_page_parse (data + at, size - at, &page) == -2)
      sc_put_le32 (data + at + SC_OGG_PAGE_CRC_AT, sc_ogg_page_crc (data + at,
              page.size, page.flags));
  }
}

/* Whatever begins as a frame does gets the CRC-8 that makes it one; and the two
 * bytes before it the CRC-16 that ends the one before. */
static void
fix_flac (uint8_t * data, size_t size)
{
  size_t before = 0;            /* where the last frame began */

  for (size_t at = 42; at + SC_FLAC_FRAME_HEAD <= size; at++) {
    ScFlacFrame frame;
    int head = 0;

    if (data[at] != 0xFF || (data[at + 1] & 0xFE) != 0xF8)
      continue;
    /* Try where the CRC would stand: the parser tells when it is right. */
    for (int end = 6; end <= 16 && head <= 0; end++) {
      uint8_t kept = data[at + (size_t) end - 1], crc = 0;

      for (int i = 0; i < end - 1; i++) {
        crc ^= data[at + (size_t) i];
        for (int bit = 0; bit < 8; bit++)
          crc = (uint8_t) (crc << 1 ^ (crc & 0x80 ? 0x07 : 0));
      }
      data[at + (size_t) end - 1] = crc;
      head = sc_flac_frame_parse (data + at, (size_t) end, &frame);
      if (head <= 0)
        data[at + (size_t) end - 1] = kept;
    }
    if (head > 0 && before > 0 && at > before + 18) {
      uint16_t crc = 0;

      for (size_t i = before; i < at - 2; i++)
        crc = sc_flac_crc16 (crc, data[i]);
      data[at - 2] = (uint8_t) (crc >> 8);
      data[at - 1] = (uint8_t) crc;
    }
    if (head > 0)
      before = at;
  }
}

void
fuzz_fix_container (uint8_t * data, size_t size)
{
  if (size >= 4 && memcmp (data, "OggS", 4) == 0)
    fix_ogg (data, size);
  if (size >= 4 && memcmp (data, "fLaC", 4) == 0)
    fix_flac (data, size);
}

static void
fix_body (uint8_t * record, size_t length, const uint8_t * payload,
    size_t payload_size)
{
  uint8_t *body = record + SC_JOURNAL_RECORD_HEADER;
  uint16_t type = sc_get_le16 (record + 8);
  uint64_t offset, size;

  if (length < SC_JOURNAL_RECORD_HEADER + 24)
    return;
  offset = sc_get_le64 (body);
  size = type == SC_JOURNAL_EXTENT ? sc_get_le64 (body + 8)
      : sc_get_le32 (body + 8);
  if (type == SC_JOURNAL_EXTENT && offset <= payload_size
      && size <= payload_size - offset)
    sc_put_le32 (body + 16, sc_crc32c (0, payload + offset, (size_t) size));
  if (type != SC_JOURNAL_OVERWRITE
      || size > (length - SC_JOURNAL_RECORD_HEADER - 24) / 2)
    return;
  sc_put_le32 (body + 12, sc_crc32c (0, body + 24, (size_t) size));
  sc_put_le32 (body + 16, sc_crc32c (0, body + 24 + size, (size_t) size));
}

void
fuzz_fix_journal (uint8_t * journal, size_t size, const uint8_t * payload,
    size_t payload_size, bool extents)
{
  uint64_t sequence = 0;
  uint32_t crc;
  size_t at;

  if (size < SC_JOURNAL_HEADER_FIXED + 8)
    return;
  at = sc_journal_padded (SC_JOURNAL_HEADER_FIXED + sc_get_le16 (journal + 72));
  if (at > size)
    return;
  memcpy (journal, SC_JOURNAL_MAGIC, 8);
  sc_put_le32 (journal + 8, SC_JOURNAL_VERSION);
  sc_put_le32 (journal + 12, (uint32_t) at);
  sc_put_le32 (journal + HEADER_CRC_AT, 0);
  crc = sc_crc32c (0, journal, at);
  sc_put_le32 (journal + HEADER_CRC_AT, crc);
  while (size - at >= SC_JOURNAL_RECORD_HEADER) {
    uint8_t *record = journal + at;
    size_t length = sc_get_le32 (record + 4);

    if (length < SC_JOURNAL_RECORD_HEADER
        || sc_journal_padded (length) > size - at)
      return;
    sc_put_le64 (record + 16, sequence++);
    if (extents)
      fix_body (record, length, payload, payload_size);
    length = sc_journal_padded (length);
    crc = sc_crc32c (crc, record + 4, length - 4);
    sc_put_le32 (record, crc);
    at += length;
  }
}

void
fuzz_fix_manifest (uint8_t * data, size_t size)
{
  enum { LAST_LINE = sizeof ("crc32c 01234567\n") - 1 };
  char line[LAST_LINE + 1];

  if (size < LAST_LINE)
    return;
  snprintf (line, sizeof (line), "crc32c %08x\n", sc_crc32c (0, data,
          size - LAST_LINE));
  memcpy (data + size - LAST_LINE, line, LAST_LINE);
}
